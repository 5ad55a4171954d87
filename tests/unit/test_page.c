/* Pages without a daemon: what people wrote stays words, order comes from content alone, Easy Read says what is hard. */
#include <criterion/criterion.h>

#include "client/easyread.h"
#include "client/page.h"

#define ASHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BILL "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ITEM "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, 0, &error);

    cr_assert_not_null(value, "%s: %s", error.text, text);
    return value;
}

/* A source of these rows; released by the caller. */
static struct cp_page_source source_of(const char *fields, const char *people, const char *items)
{
    struct cp_page_source source = {.comment = false};

    source.parts.plan =
        json_pack("{s:s,s:s,s:o,s:{}}", "plan", ITEM, "title", "", "fields", parse(fields), "wordings");
    source.parts.people = parse(people);
    source.parts.items = parse(items);
    return source;
}

/* The page as a text; freed by the caller. */
static char *page_of(const struct cp_page_source *source, enum cp_page_format format, json_t *warnings)
{
    const struct cp_page_options options = {.format = format, .easy = format == CP_PAGE_WHY};
    struct cp_buf out;

    cp_buf_init(&out, &cp_client_mem, SIZE_MAX / 2);
    cr_assert_eq(cp_page_render(source, &options, &out, warnings), CP_OK);
    cp_buf_put_byte(&out, 0);
    cr_assert_eq(cp_buf_err(&out), CP_OK);
    return (char *)out.ptr;
}

static void free_page(char *page)
{
    cp_free(&cp_client_mem, page);
}

static void has(const char *page, const char *words, bool yes)
{
    cr_assert((strstr(page, words) != NULL) == yes, "%s: %s", yes ? "is missing" : "should not be there",
              words);
}

Test(page, our_sentences_hold_nothing_that_html_or_css_would_read)
{
    for (unsigned i = 0; i < CP_PAGE_SAY_COUNT; i++)
        cr_assert_null(strpbrk(cp_words_page((enum cp_page_say)i), "<>&\"\\\n"), "%s",
                       cp_words_page((enum cp_page_say)i));
}

Test(page, the_list_of_common_words_is_sorted)
{
    for (size_t i = 1; i < cp_easy_common_count; i++)
        cr_assert_lt(strcmp(cp_easy_common[i - 1], cp_easy_common[i]), 0, "%s", cp_easy_common[i]);
}

Test(page, hostile_words_stay_words_in_every_place)
{
    static const char words[] = "</style><script>\\\"'&amp;\\u202e\\u0001\\ufdd0\\ufffe\\r\\nnext";
    static const enum cp_page_format formats[] = {CP_PAGE_STANDARD, CP_PAGE_LARGE, CP_PAGE_EASY_READ,
                                                  CP_PAGE_WHY};
    char fields[256];
    char people[256];
    char items[2048];
    struct cp_page_source source;

    snprintf(fields, sizeof fields, "{\"title\": \"%s\", \"purpose\": \"%s\"}", words, words);
    snprintf(people, sizeof people, "[{\"person\": \"%s\", \"name\": \"%s\"}]", ASHA, words);
    snprintf(
        items, sizeof items,
        "[{\"id\": \"%s\", \"kind\": \"action\", \"text\": \"%s\", \"state\": \"open\", \"wordings\": {\"due\": "
        "[{\"value\": \"%s\"}, {\"value\": \"2031-02-03\"}]}, \"fields\": {\"text\": \"%s\", \"lead\": \"%s\", "
        "\"csv:%s\": \"%s\", \"repeats\": \"%s\", \"picture\": \"%s\", \"plain\": \"%s\"}},"
        "{\"id\": \"%s\", \"kind\": \"benefit\", \"text\": \"%s\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"%s\", \"picture\": \"%s\", \"picture_alt\": \"%s\"}}]",
        ITEM, words, words, words, ASHA, words, words, words, words, words, BILL, words, words, words, words);
    source = source_of(fields, people, items);
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        char *page = page_of(&source, formats[f], NULL);
        const char *style_end = strstr(page, "</style>");

        has(page, "<script", false);
        has(page, "&lt;/style&gt;&lt;script&gt;", true);
        cr_assert_null(strstr(style_end + 1, "</style>"), "only our own style ends");
        has(page, "\\u{202e}\\u{1}\\u{fdd0}\\u{fffe}", true);
        has(page, "\xe2\x80\xae", false);
        has(page, "\\u{d}", false);
        for (const char *c = page; *c != '\0'; c++)
            cr_assert((unsigned char)*c >= 0x20 || *c == '\n');
        free_page(page);
    }
    cp_page_release(&source);
}

Test(page, order_of_arrival_does_not_show)
{
    static const char fields[] = "{\"title\": \"The garden\"}";
    static const char one[] =
        "[{\"person\": \"" ASHA "\", \"name\": \"Asha\"}, {\"person\": \"" BILL "\", \"name\": \"Bill\"}]";
    static const char other[] =
        "[{\"person\": \"" BILL "\", \"name\": \"Bill\"}, {\"person\": \"" ASHA "\", \"name\": \"Asha\"}]";
    struct cp_page_source a = source_of(fields, one, "[]");
    struct cp_page_source b = source_of(fields, other, "[]");

    for (unsigned format = CP_PAGE_STANDARD; format <= CP_PAGE_WHY; format++) {
        char *left = page_of(&a, (enum cp_page_format)format, NULL);
        char *right = page_of(&b, (enum cp_page_format)format, NULL);

        cr_assert_str_eq(left, right);
        free_page(left);
        free_page(right);
    }
    cp_page_release(&a);
    cp_page_release(&b);
}

Test(page, words_in_the_plans_one_language_are_marked_and_ours_are_not)
{
    struct cp_page_source source = source_of("{\"title\": \"Yr ardd\", \"languages\": [\"cy\"]}", "[]", "[]");
    char *page = page_of(&source, CP_PAGE_STANDARD, NULL);

    has(page, "<html lang=\"en\">", true);
    has(page, "<h1 dir=\"auto\" lang=\"cy\">Yr ardd</h1>", true);
    free_page(page);
    cp_page_release(&source);
}

Test(page, plain_words_stand_for_the_others_in_easy_read)
{
    json_t *warnings = json_array();
    struct cp_page_source source = source_of(
        "{\"title\": \"T\"}", "[]",
        "[{\"id\": \"" ITEM
        "\", \"kind\": \"benefit\", \"text\": \"Enhanced\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Enhanced\", \"plain\": \"One idea.\\n\\nAnother idea.\"}}, {\"id\": \"" ASHA
        "\", \"kind\": \"inaction\", \"text\": \"We amalgamate\", \"state\": \"open\", \"wordings\": {}, \"fields\": "
        "{\"text\": \"We amalgamate\"}}]");
    char *page = page_of(&source, CP_PAGE_WHY, warnings);

    has(page, "Enhanced", false);
    has(page, "<p dir=\"auto\">One idea.</p>", true);
    has(page, "<p dir=\"auto\">Another idea.</p>", true);
    cr_assert_eq(json_array_size(warnings), 2);
    cr_assert_str_eq(json_string_value(json_array_get(warnings, 0)), "No plain words yet: We amalgamate");
    cr_assert_str_eq(json_string_value(json_array_get(warnings, 1)),
                     "Hard words: amalgamate. In: We amalgamate");
    free_page(page);
    cp_page_release(&source);
    json_decref(warnings);
}

/* Whoever reads only the Easy Read page, and marks it, signs the same words as everybody: none of them is missing. */
Test(page, easy_read_has_all_that_the_page_has)
{
    static const enum cp_page_format formats[] = {CP_PAGE_STANDARD, CP_PAGE_EASY_READ};
    static const char *const words[] = {
        "Back strain", "It may hurt Omar", "Lift with two", "Moneymoney",  "No key",   "I need quiet",
        "Strong arms", "A raised bed",     "eat together",  "Kindness",    "Kim",      "to try",
        "Who pays",    "Summer term",      "A trade",       "The council", "not this", "everyone has said yes",
        "a town square", "A day out", "The old idea"};
    struct cp_page_source source = source_of(
        "{\"title\": \"Grow\", \"rule\": \"everyone\", \"kind_of_place\": \"a town square\"}",
        "[{\"person\": \"" ASHA "\", \"name\": \"Omar\", \"kept_informed\": false}, {\"person\": \"" BILL
        "\", \"name\": \"Kim\", \"kept_informed\": true}]",
        "[{\"id\": \"" ITEM "\", \"kind\": \"action\", \"text\": \"Dig\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Dig\", \"lead\": \"" ASHA "\", \"csv:WHEN\": \"Summer term\", "
        "\"role_created\": \"A trade\"}},"
        "{\"id\": \"11\", \"kind\": \"risk\", \"text\": \"Back strain\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Back strain\", \"effect\": \"It may hurt Omar\", \"if_it_happens\": \"Lift with "
        "two\", \"affects\": [\"" ASHA "\"]}},"
        "{\"id\": \"12\", \"kind\": \"concern\", \"text\": \"Moneymoney\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Moneymoney\"}},"
        "{\"id\": \"13\", \"kind\": \"obstacle\", \"text\": \"No key\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"No key\"}},"
        "{\"id\": \"14\", \"kind\": \"need\", \"text\": \"I need quiet\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"I need quiet\"}},"
        "{\"id\": \"15\", \"kind\": \"strength\", \"text\": \"Strong arms\", \"state\": \"open\", \"wordings\": "
        "{}, \"fields\": {\"text\": \"Strong arms\"}},"
        "{\"id\": \"16\", \"kind\": \"option\", \"text\": \"A raised bed\", \"state\": \"not chosen\", "
        "\"wordings\": {}, \"fields\": {\"text\": \"A raised bed\"}},"
        "{\"id\": \"17\", \"kind\": \"priority\", \"text\": \"Food\", \"state\": \"chosen\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Food\", \"hope\": \"eat together\"}},"
        "{\"id\": \"18\", \"kind\": \"value\", \"text\": \"Kindness\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"Kindness\"}},"
        "{\"id\": \"19\", \"kind\": \"evidence\", \"text\": \"A count\", \"state\": \"open\", \"wordings\": {}, "
        "\"fields\": {\"text\": \"A count\", \"source\": \"The council\"}},"
        "{\"id\": \"20\", \"kind\": \"priority\", \"text\": \"A day out\", \"state\": \"not now\", "
        "\"wordings\": {}, \"fields\": {\"text\": \"A day out\"}},"
        "{\"id\": \"21\", \"kind\": \"action\", \"text\": \"The old idea\", \"state\": \"dropped\", "
        "\"wordings\": {}, \"fields\": {\"text\": \"The old idea\", \"why_not\": \"not this\"}}]");

    json_object_set_new(source.parts.plan, "left_open", parse("[\"Who pays\"]"));
    json_object_set_new(source.parts.plan, "left_open_why", json_string("to try"));
    memset(source.version, 'd', sizeof source.version - 1);
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        char *page = page_of(&source, formats[f], NULL);

        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            has(page, words[i], true);
        free_page(page);
    }
    cp_page_release(&source);
}

/* "I agree" of somebody who will not do their part is told with that. */
Test(page, easy_read_tells_what_people_say_of_their_own_part)
{
    struct cp_page_source source =
        source_of("{\"title\": \"T\"}", "[]",
                  "[{\"id\": \"" ITEM "\", \"kind\": \"action\", \"text\": \"Dig\", \"state\": \"open\", "
                  "\"wordings\": {}, \"fields\": {\"text\": \"Dig\"}}]");
    char *page = NULL;

    memset(source.version, 'd', sizeof source.version - 1);
    source.agreement =
        parse("{\"result\": \"not agreed yet\", \"answers\": [{\"person\": \"" ASHA
              "\", \"name\": \"Asha\", \"answer\": \"agree\", \"actions\": [{\"action\": \"" ITEM
              "\", \"will\": \"cannot\"}]}, {\"person\": \"" BILL
              "\", \"name\": \"Bill\", \"answer\": \"agree\", \"how\": \"proxy\", \"limits\": \"only small "
              "things\", \"actions\": [{\"action\": \"" ITEM
              "\", \"will\": \"will if\", \"condition\": \"a van comes\"}]}], \"pending\": [{\"name\": \"Chen\"}]}");
    page = page_of(&source, CP_PAGE_EASY_READ, NULL);
    has(page, "<bdi>Asha</bdi> cannot do: <bdi>Dig</bdi>", true);
    has(page, "<bdi>Bill</bdi> will do: <bdi>Dig</bdi>, if <bdi>a van comes</bdi>", true);
    has(page, "only small things", true);
    has(page, "<bdi>Chen</bdi> answered on paper. It does not count yet", true);
    free_page(page);
    cp_page_release(&source);
}

static size_t longest(const char *text)
{
    struct cp_bytes sentence;

    return cp_easy_longest(cp_bytes_str(text), &sentence);
}

Test(page, sentences_end_where_people_end_them)
{
    cr_assert_eq(longest(""), 0);
    cr_assert_eq(longest("..."), 0);
    cr_assert_eq(longest("We walk."), 2);
    cr_assert_eq(longest("We walk. You and I run! Do we?"), 4);
    cr_assert_eq(longest("We walk\nYou run"), 2);
    cr_assert_eq(longest("It costs 12.50 today"), 4);
    cr_assert_eq(longest("A well-known friend's house"), 4);
    cr_assert_eq(longest("\xc3\xa9t\xc3\xa9 ici"), 2);
}

static bool hard(const char *word)
{
    return cp_easy_is_hard(cp_bytes_str(word));
}

Test(page, hard_words_are_long_and_not_common)
{
    static const char *const easy[] = {"walk",   "gardens", "neighbours", "planting",
                                       "Sunday", "quickly", "together"};
    static const char *const not_easy[] = {"implementation", "multidisciplinary", "synergise",
                                           "counterfactual"};

    for (size_t i = 0; i < sizeof easy / sizeof easy[0]; i++)
        cr_assert_not(hard(easy[i]), "%s", easy[i]);
    for (size_t i = 0; i < sizeof not_easy / sizeof not_easy[0]; i++)
        cr_assert(hard(not_easy[i]), "%s", not_easy[i]);
    cr_assert(hard("a-word-that-is-far-too-long-to-stand-on-any-list-of-words"));
    cr_assert_str_eq(cp_easy_instead(cp_bytes_str("Stakeholders")), "people who take part");
    cr_assert_null(cp_easy_instead(cp_bytes_str("garden")));
}
