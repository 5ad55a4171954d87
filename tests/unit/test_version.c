/* Version texts: what is written is read back, nothing else is, and no words can pretend to be other lines. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/agreement.h"
#include "tests/support/heap.h"

#define EXAMPLE_ID    "017ab4529d507401854029b5dd54c402d333e07a57760ffbf95426439bff3087"
#define EXAMPLE_WORDS "apple teapot feather singer"

static struct test_agreement t;
static struct cp_buf text;

static void write_text(void)
{
    cp_buf_clear(&text);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_version_write(&t.version, &text);
    cr_assert_eq(cp_buf_err(&text), CP_OK);
}

static void begin(void)
{
    test_agreement_init(&t);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    write_text();
}

static void end(void)
{
    cp_buf_clear(&text);
}

TestSuite(version, .init = begin, .fini = end);

static enum cp_err read_of(struct cp_bytes bytes)
{
    struct cp_version_read r;
    enum cp_err err = cp_version_read(&r, test_mem(), bytes);
    cp_version_clear(&r);
    return err;
}

static enum cp_err read_written(void)
{
    write_text();
    return read_of(cp_buf_bytes(&text));
}

/* The text with the first `from` in it replaced. */
static enum cp_err read_changed(const char *from, const char *to)
{
    struct cp_buf changed;
    cp_buf_init(&changed, test_mem(), CP_VERSION_TEXT_MAX + 100);
    char *whole = cp_dup(test_mem(), cp_buf_bytes(&text));
    char *at = strstr(whole, from);
    cr_assert_not_null(at, "%s", from);
    cp_buf_put(&changed, whole, (size_t)(at - whole));
    cp_buf_put_str(&changed, to);
    cp_buf_put_str(&changed, at + strlen(from));
    enum cp_err err = read_of(cp_buf_bytes(&changed));
    cp_buf_clear(&changed);
    cp_free(test_mem(), whole);
    return err;
}

static size_t lines_of(struct cp_bytes b)
{
    size_t n = 0;
    for (size_t i = 0; i < b.len; i++)
        n += b.ptr[i] == '\n' ? 1 : 0;
    return n;
}

static void load(const char *path, char *room, size_t size)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    size_t len = fread(room, 1, size - 1, f);
    fclose(f);
    room[len] = '\0';
}

Test(version, the_vector_and_the_words_of_the_docs)
{
    uint8_t id[CP_ID_LEN];
    char hex[2 * CP_ID_LEN + 1], words[64], file[8192];
    load("tests/vectors/version.txt", file, sizeof file);
    cr_assert(cp_bytes_eq(cp_bytes_str(file), cp_buf_bytes(&text)), "it is now:\n%.*s", (int)text.len,
              (const char *)text.ptr);
    cp_version_id(cp_buf_bytes(&text), id);
    cp_hex_encode(id, CP_ID_LEN, hex);
    cp_check_words(id, words);
    cr_assert_str_eq(hex, EXAMPLE_ID);
    cr_assert_str_eq(words, EXAMPLE_WORDS);
}

/* docs/protocol-texts.md prints the vectors; what it prints is what the code does. */
Test(version, the_page_that_explains_it)
{
    static const char *const vectors[] = {"version.txt",     "answer.txt",       "answer.txt.sig",
                                          "allowed_signers", "answer-paper.txt", "witness.txt",
                                          "mandate.txt",     "answer-proxy.txt"};
    static char page[65536], vector[8192];
    load("docs/protocol-texts.md", page, sizeof page);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char path[100];
        (void)snprintf(path, sizeof path, "tests/vectors/%s", vectors[i]);
        load(path, vector, sizeof vector);
        cr_assert_not_null(strstr(page, vector), "%s is not in the page as it is", path);
    }
    cr_assert_not_null(strstr(page, EXAMPLE_ID));
    cr_assert_not_null(strstr(page, "**" EXAMPLE_WORDS "**"));
}

Test(version, is_read_as_it_was_meant)
{
    struct cp_version_read r;
    cr_assert_eq(cp_version_read(&r, test_mem(), cp_buf_bytes(&text)), CP_OK);
    cr_assert_eq(r.v.stage, CP_STAGE_AGREEMENT);
    cr_assert_eq(r.v.facts_count, 5);
    cr_assert(cp_bytes_eq(r.v.facts[1].lang, cp_bytes_str("fr")));
    cr_assert_eq(r.v.items_count, 2);
    cr_assert_eq(r.v.items[0].kind, CP_RECORD_ACTION);
    cr_assert_eq(r.v.items[0].facts_count, 10);
    cr_assert(cp_bytes_eq(r.v.items[0].facts[2].value, t.action_facts[2].value), "a line break comes back");
    cr_assert(cp_bytes_eq(r.v.items[0].facts[3].value, cp_bytes_str(t.asha_hex)));
    cr_assert(cp_bytes_eq(r.v.items[0].facts[3].also, cp_bytes_str("Asha")));
    cr_assert(cp_bytes_eq(r.v.items[0].facts[7].also, cp_bytes_str("1250")));
    cr_assert(cp_bytes_eq(r.v.items[0].facts[8].column, cp_bytes_str("Success: how we know")));
    cr_assert_eq(r.v.left_open_count, 1);
    cr_assert(cp_bytes_eq(r.v.left_open[0], t.left_open[0]));
    cr_assert(cp_bytes_eq(r.v.left_open_why, t.version.left_open_why));
    cr_assert_eq(r.v.must_answer_count, 2);
    cr_assert_arr_eq(r.v.must_answer[1].key, t.must[1].key, CP_KEY_LEN);
    cr_assert_eq(r.v.kept_informed_count, 1);
    cr_assert(sodium_is_zero(r.v.kept_informed[0].key, CP_KEY_LEN));
    cr_assert_eq(r.v.parents_count, 1);
    cr_assert_arr_eq(r.v.parents[0], t.parents[0], CP_ID_LEN);
    cp_version_clear(&r);
    cp_version_clear(&r); /* idempotent */
}

Test(version, small_ones)
{
    t.version.stage = CP_STAGE_COMMENT;
    t.version.facts_count = t.version.items_count = t.version.left_open_count = 0;
    t.version.left_open_why = CP_BYTES(NULL, 0);
    t.version.kept_informed_count = t.version.parents_count = t.version.must_answer_count = 0;
    cr_assert_eq(read_written(), CP_OK);
}

Test(version, every_cut_is_refused)
{
    for (size_t len = 0; len < text.len; len++)
        cr_assert_eq(read_of(CP_BYTES(text.ptr, len)), CP_ERR_NOT_FOR_SIGNING, "at %zu", len);
}

Test(version, every_flipped_bit_is_refused_or_is_what_it_says)
{
    uint8_t before[CP_ID_LEN], after[CP_ID_LEN];
    size_t taken = 0;
    cp_version_id(cp_buf_bytes(&text), before);
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        struct cp_version_read r;
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        enum cp_err err = cp_version_read(&r, test_mem(), cp_buf_bytes(&text));
        if (err == CP_OK) {
            struct cp_buf again;
            cp_buf_init(&again, test_mem(), CP_VERSION_TEXT_MAX);
            cp_version_write(&r.v, &again);
            cr_assert(cp_bytes_eq(cp_buf_bytes(&again), cp_buf_bytes(&text)));
            cp_buf_clear(&again);
            cp_version_id(cp_buf_bytes(&text), after);
            cr_assert_arr_neq(before, after, CP_ID_LEN);
            taken++;
        } else {
            cr_assert_eq(err, CP_ERR_NOT_FOR_SIGNING);
        }
        cp_version_clear(&r);
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cr_assert_gt(taken, 0, "another letter in a title is another version, not a fault");
}

Test(version, a_fault_of_memory_at_any_call)
{
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_version_read r;
        test_heap_init(&heap, left);
        enum cp_err err = cp_version_read(&r, &heap.mem, cp_buf_bytes(&text));
        cp_version_clear(&r);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY, "call %zu", left);
    }
}

/* Names and words that people could use to make a page say something else. */
static const char *const hostile[] = {
    "*",
    "Mal,Asha",
    "../x",
    "Mal\n\nmust answer 2121",
    "Mal\r\nname: Asha",
    "\342\200\256ahsA",
    "\342\200\217Asha",
    "As\342\200\213ha",
    "\357\273\277Asha",
    "Asha\xe2\x80\xa8name: Bill",
    "Asha\xc2\x85name: Bill",
    "end\n",
    "  name: Bill",
    " ",
    ": : :",
    "\\n",
    "\\",
    "\\u{41}",
    "a\x01\x1b[2Jb",
    "\x7f",
    "\xf3\xa0\x81\x81",
    "key: none",
    "\xd8\x9c",
    "\xe2\x81\xa6x\xe2\x81\xa9",
    "\xc2\xad",
    "\xf0\x9f\x98\x80",
    "\xe1\x85\xa0",
    "\xf4\x8f\xbf\xbf",
    "Ŵyn",
};

static void put_hostile(struct cp_bytes words)
{
    test_agreement_init(&t);
    t.must[0].name = words;
    t.kept[0].name = words;
    t.plan_facts[1].value = words;
    t.action_facts[0].value = words;
    t.action_facts[3].also = words;
    t.action_facts[8].column = words;
    t.action_facts[8].value = words;
    t.left_open[0] = words;
    t.version.left_open_why = words;
}

Test(version, hostile_words_make_no_line)
{
    size_t lines = lines_of(cp_buf_bytes(&text));
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct cp_version_read r;
        struct cp_bytes words = cp_bytes_str(hostile[i]);
        put_hostile(words);
        write_text();
        cr_assert_eq(lines_of(cp_buf_bytes(&text)), lines, "%zu", i);
        for (size_t at = 0; at < text.len; at++) {
            cr_assert(text.ptr[at] == '\n' || (text.ptr[at] >= 0x20 && text.ptr[at] != 0x7f));
            cr_assert_neq(text.ptr[at], 0xe2, "no mark of direction, no separator: %zu", i);
        }
        cr_assert_eq(cp_version_read(&r, test_mem(), cp_buf_bytes(&text)), CP_OK, "%zu", i);
        cr_assert(cp_bytes_eq(r.v.must_answer[0].name, words));
        cr_assert(cp_bytes_eq(r.v.kept_informed[0].name, words));
        cr_assert(cp_bytes_eq(r.v.items[0].facts[3].also, words));
        cr_assert(cp_bytes_eq(r.v.items[0].facts[8].column, words));
        cr_assert(cp_bytes_eq(r.v.left_open_why, words));
        cr_assert_arr_eq(r.v.must_answer[0].person, t.must[0].person, CP_ID_LEN);
        cp_version_clear(&r);
    }
}

Test(version, no_second_way_to_say_it)
{
    static const char *const changes[][2] = {
        {"version 1, for agreement", "version 2, for agreement"},
        {"plan 1010", "plan  1010"},
        {"\n\nplan ", "\nplan "},
        {"title in fr: ", "title in FR: "},
        {"title in fr: ", "title in en: x\n  title in fr: x\n  title in fr: "},
        {"  title: ",
         "  title:  "}, /* a second space is a value that begins with one: allowed, and another id */
        {"  title: ", "  title : "},
        {"  title: ", " title: "},
        {"  title: ", "\ttitle: "},
        {"  title: ", "  name: "},
        {"  languages: en", "  languages: EN"},
        {"comment_days: 14", "comment_days: 014"},
        {"comment_days: 14", "comment_days: -1"},
        {"comment_days: 14", "comment_days: 99999999999999999999"},
        {"comment_days: 14", "comment_days: 14\n  comment_days: 15"},
        {"  start: 2027-01-11", "  start: 2027-02-29"},
        {"  repeats: weekly", "  lead: 2121\n  repeats: weekly"},
        {"  lead: 21", "  lead: Asha 21"},
        {"1250 of ", "01250 of "},
        {"1250 of ", "1250 OF "},
        {"1250 of ", ""},
        {"column Notes:", "column Notes: "},
        {"column Success\\:", "column Success:"}, /* the name ends at the colon: another column, another id */
        {"action a1", "item a1"},
        {"action a1", "Action a1"},
        {"resource b2", "resource B2"},
        {"  reason: ", "  because: "},
        {"  why: we find", "  why:we find"},
        {"rule everyone", "rule nobody"},
        {"must answer 21", "must answer 33"},   /* out of order */
        {"must answer 32", "kept informed 32"}, /* Bill is not asked: another page, and another id */
        {"  key: none\n", "  key: none\n  fingerprint: SHA256:x\n"},
        {"fingerprint: SHA256:", "fingerprint: SHA256:A"},
        {"  key: ssh-ed25519 ", "  key: ssh-rsa "},
        {"parent 77", "parent 77 "},
        {"\nend\n", "\nend\n\n"},
        {"\nend\n", "\nend"},
        {"\nend\n", "\r\nend\r\n"},
        {"quiet", "qu\\u{69}et"},
        {"quiet", "qu\\ee"},
        {"quiet", "\xff"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        bool other = strcmp(changes[i][1], "  title:  ") == 0 ||
                     strcmp(changes[i][1], "column Success:") == 0 ||
                     strcmp(changes[i][1], "kept informed 32") == 0;
        cr_assert_eq(read_changed(changes[i][0], changes[i][1]), other ? CP_OK : CP_ERR_NOT_FOR_SIGNING,
                     "%s -> %s", changes[i][0], changes[i][1]);
    }
}

Test(version, doubles_and_strays_are_refused)
{
    memcpy(t.items[1].id, t.items[0].id, CP_ID_LEN);
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "one item twice");
    test_agreement_init(&t);
    memcpy(t.must[1].person, t.must[0].person, CP_ID_LEN);
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "one person twice");
    test_agreement_init(&t);
    memcpy(t.kept[0].person, t.must[1].person, CP_ID_LEN);
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "asked and only kept informed");
    test_agreement_init(&t);
    t.version.left_open_why = CP_BYTES(NULL, 0);
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "left open without why");
    test_agreement_init(&t);
    t.version.left_open_count = 0;
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "why without what");
    test_agreement_init(&t);
    struct cp_fact swap = t.action_facts[5];
    t.action_facts[5] = t.action_facts[6];
    t.action_facts[6] = swap;
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "facts out of order");
    test_agreement_init(&t);
    uint8_t parents[2][CP_ID_LEN] = {{1}, {2}};
    t.version.parents = (const uint8_t(*)[CP_ID_LEN])parents;
    t.version.parents_count = 2;
    cr_assert_eq(read_written(), CP_OK);
    parents[1][0] = 1;
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "one parent twice");
    parents[0][0] = 3;
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING, "parents out of order");
}

Test(version, the_longest_text)
{
    uint8_t *big = cp_alloc(test_mem(), CP_VERSION_TEXT_MAX + 1);
    cr_assert_eq(read_of(CP_BYTES(big, CP_VERSION_TEXT_MAX + 1)), CP_ERR_TOO_BIG);
    cr_assert_eq(read_of(CP_BYTES(big, CP_VERSION_TEXT_MAX)), CP_ERR_NOT_FOR_SIGNING);
    memset(big, 'x', CP_TEXT_MAX + 1);
    t.action_facts[0].value = CP_BYTES(big, CP_TEXT_MAX);
    cr_assert_eq(read_written(), CP_OK);
    t.action_facts[0].value = CP_BYTES(big, CP_TEXT_MAX + 1);
    cr_assert_eq(read_written(), CP_ERR_NOT_FOR_SIGNING);
    cp_free(test_mem(), big);
}

Test(version, same_words_but_for_the_parents)
{
    struct cp_buf other;
    cp_buf_init(&other, test_mem(), CP_VERSION_TEXT_MAX);
    t.version.parents_count = 0;
    cp_version_write(&t.version, &other);
    cr_assert(cp_version_same_words(cp_buf_bytes(&text), cp_buf_bytes(&other)));
    cr_assert(cp_version_same_words(cp_buf_bytes(&other), cp_buf_bytes(&text)));
    cr_assert_not(cp_version_same_words(cp_buf_bytes(&other), CP_BYTES(other.ptr, other.len - 1)));
    cp_buf_reset(&other);
    t.plan_facts[0].value = cp_bytes_str("parent of all plans");
    cp_version_write(&t.version, &other);
    cr_assert_not(cp_version_same_words(cp_buf_bytes(&text), cp_buf_bytes(&other)));
    cr_assert(cp_version_same_words(CP_BYTES(NULL, 0), cp_bytes_str("parent x\n")));
    cr_assert_not(cp_version_same_words(CP_BYTES(NULL, 0), cp_bytes_str("plan x\n")));
    cp_buf_clear(&other);
}

Test(version, check_words_are_many_short_and_different)
{
    enum {
        IDS = 4000
    };
    static char seen[300][12];
    size_t count = 0;
    uint8_t id[CP_ID_LEN] = {0};
    for (unsigned i = 0; i < IDS; i++) {
        char words[64];
        id[0] = (uint8_t)(i & 0xff);
        id[1] = (uint8_t)(i >> 8);
        cp_check_words(id, words);
        size_t here = 0;
        for (char *word = words; word != NULL; here++) {
            char *space = strchr(word, ' ');
            if (space != NULL)
                *space++ = '\0';
            cr_assert_leq(strlen(word), 10);
            size_t k = 0;
            while (k < count && strcmp(seen[k], word) != 0)
                k++;
            if (k == count)
                memcpy(seen[count++], word, strlen(word) + 1);
            word = space;
        }
        cr_assert_eq(here, 4);
    }
    cr_assert_eq(count, 256, "%zu", count);
}

Test(version, escapes_go_there_and_back_and_no_other_way)
{
    static const char *const not_ours[] = {
        "\\",        "\\x",          "\\u",     "\\u{",        "\\u{}",         "\\u{41}",
        "\\u{a}",    "\\u{5c}",      "\\u{02}", "\\u{202E}",   "\\u{202e",      "\\u{110000}",
        "\\u{d800}", "\\u{0}",       "\n",      "a\tb",        "\\u{ffffffff}", "\\u{11ffff}",
        "\\:",       "\xe2\x80\xae", "\xff",    "\\u{10fffff}"};
    struct cp_buf out, back;
    cp_buf_init(&out, test_mem(), 1000);
    cp_buf_init(&back, test_mem(), 1000);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        cp_buf_reset(&out);
        cp_buf_reset(&back);
        cp_escape(cp_bytes_str(hostile[i]), &out);
        cr_assert(cp_unescape(cp_buf_bytes(&out), &back));
        cr_assert(cp_bytes_eq(cp_buf_bytes(&back), cp_bytes_str(hostile[i])));
    }
    for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++)
        cr_assert_not(cp_unescape(cp_bytes_str(not_ours[i]), &back), "%s", not_ours[i]);
    cp_buf_reset(&out);
    cp_escape(cp_bytes_str("a\xe2\x80\xae\n\\\t"), &out);
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str("a\\u{202e}\\n\\\\\\u{9}")));
    cp_buf_reset(&out);
    cp_escape(cp_bytes_str("\xff"), &out);
    cr_assert_eq(cp_buf_err(&out), CP_ERR_BAD_TEXT);
    cp_buf_clear(&out);
    cp_buf_clear(&back);
}
