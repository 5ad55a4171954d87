/* What is hard to read: sentences of more than 15 words and words that are not common. Owns: that judgement, of English
 * alone. Must not: change a word, or stop anything: it only says so. */
#include "client/easyread.h"

#include <ctype.h>

#include "client/language.h"
#include "client/value.h"
#include "client/words.h"

/* Words of the trade and what to say instead (domain: words on screen). Sorted. */
static const struct cp_words_row avoid[] = {
    {"appraisal", "compare our ideas"},
    {"asset", "what we can use"},
    {"barrier", "what gets in the way"},
    {"baseline", "how it is now"},
    {"counterfactual", "if we do nothing"},
    {"criterion", "what makes an idea good"},
    {"facilitate", "help"},
    {"implement", "do"},
    {"kpi", "how we will know"},
    {"monitoring", "time to look again"},
    {"objective", "what matters most"},
    {"participant", "people who take part"},
    {"prioritise", "choose what matters most"},
    {"stakeholder", "people who take part"},
    {"strategic", "what matters most"},
    {"strategy", "plan"},
    {"utilise", "use"},
    {"veto", "I do not agree"},
};

const struct cp_words_table cp_words_easy_table = {
    "easy", "what to say instead of an English word of the trade", avoid, sizeof avoid / sizeof avoid[0]};

void cp_easy_warn(struct cp_html *h, enum cp_page_say say, const char *a, const char *b, const char *c)
{
    const char *const args[4] = {a, b, c, NULL};
    struct cp_buf text;

    if (h->warnings == NULL)
        return;
    cp_html_arg(h, &text);
    cp_words_fill(cp_words_page(say), args, &text);
    if (cp_buf_err(&text) == CP_OK)
        json_array_append_new(h->warnings, json_stringn((const char *)text.ptr, text.len));
    cp_buf_clear(&text);
}

/* ------------------------------------------------------------------------------------------- sentences */

static bool is_letter(uint8_t c)
{
    return c >= 0x80 || isalpha(c) || c == '\'';
}

/* True behind the last byte of a sentence. */
static bool ends_sentence(struct cp_bytes text, size_t at)
{
    if (text.ptr[at] == '\n')
        return true;
    return strchr(".!?", text.ptr[at]) != NULL && text.ptr[at] != '\0' &&
           (at + 1 == text.len || isspace(text.ptr[at + 1]));
}

size_t cp_easy_longest(struct cp_bytes text, struct cp_bytes *sentence)
{
    size_t longest = 0;
    size_t words = 0;
    size_t start = 0;
    bool in = false;

    *sentence = CP_BYTES(text.ptr, 0);
    for (size_t at = 0; at <= text.len; at++) {
        bool word = at < text.len && (is_letter(text.ptr[at]) || isdigit(text.ptr[at]));

        words += word && !in ? 1 : 0;
        in = word || (in && at < text.len && strchr("-.,:", text.ptr[at]) != NULL && text.ptr[at] != '\0' &&
                      at + 1 < text.len && isalnum(text.ptr[at + 1]));
        if (at < text.len && !ends_sentence(text, at))
            continue;
        if (words > longest) {
            longest = words;
            *sentence = CP_BYTES(text.ptr + start, at - start);
        }
        words = 0;
        in = false;
        start = at + 1 < text.len ? at + 1 : text.len;
    }
    return longest;
}

/* ------------------------------------------------------------------------------------------- words */

#define WORD_MAX 40U

/* In small letters; false for what is too long to be on a list. */
static bool lower(struct cp_bytes word, char out[static WORD_MAX])
{
    if (word.len >= WORD_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        out[i] = (char)tolower(word.ptr[i]);
    out[word.len] = '\0';
    return true;
}

static int by_word(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

static bool is_common(const char *word)
{
    return strlen(word) < 7 ||
           bsearch(word, cp_easy_common, cp_easy_common_count, sizeof cp_easy_common[0], by_word) != NULL;
}

/* The word, or the word it is a form of: gardens, planted, planting, stopped, happily. */
static bool is_form_of_common(char *word)
{
    static const char *const ends[] = {"s", "es", "ed", "d", "ing", "ly", "er", "ers", "'s", "ness", "ful"};
    size_t len = strlen(word);

    if (is_common(word))
        return true;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);
        char stem[WORD_MAX];

        if (len < end + 3 || strcmp(word + len - end, ends[i]) != 0)
            continue;
        memcpy(stem, word, len - end);
        stem[len - end] = '\0';
        /* A stem is common by the list, or by being short: six letters and an ending are no hard word. */
        if (is_common(stem))
            return true;
    }
    return false;
}

bool cp_easy_is_hard(struct cp_bytes word)
{
    char small[WORD_MAX];

    if (!lower(word, small))
        return true;
    return !is_form_of_common(small);
}

const char *cp_easy_instead(struct cp_bytes word)
{
    char small[WORD_MAX];

    if (!lower(word, small))
        return NULL;
    for (size_t i = 0; i < sizeof avoid / sizeof avoid[0]; i++) {
        size_t len = strlen(avoid[i].id);

        if (strncmp(small, avoid[i].id, len) == 0 &&
            (small[len] == '\0' || strcmp(small + len, "s") == 0 || strcmp(small + len, "d") == 0))
            return cp_language_say("easy", avoid[i].text);
    }
    return NULL;
}

/* The hard words of a text, each once, with ", " between. */
static void list_hard(struct cp_html *h, const char *text, const char *about, struct cp_buf *out)
{
    json_t *seen = json_object();

    for (const char *end = text; *text != '\0'; text = end) {
        const char *instead = NULL;
        char word[WORD_MAX];
        size_t len = 0;

        text += strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        for (end = text; is_letter((uint8_t)*end); end++)
            continue;
        len = (size_t)(end - text);
        if (len == 0 || len >= WORD_MAX)
            continue;
        memcpy(word, text, len);
        word[len] = '\0';
        if (json_object_get(seen, word) != NULL)
            continue;
        json_object_set_new(seen, word, json_true());
        instead = cp_easy_instead(CP_BYTES((const uint8_t *)word, len));
        if (instead != NULL) {
            cp_easy_warn(h, CP_PAGE_SAY_HARD_AVOID, word, instead, about);
        } else if (!isupper((unsigned char)word[0]) &&
                   cp_easy_is_hard(CP_BYTES((const uint8_t *)word, len))) {
            /* A word with a capital is mostly a name. */
            cp_buf_put_str(out, out->len > 0 ? ", " : "");
            cp_buf_put_str(out, word);
        }
    }
    json_decref(seen);
}

void cp_easy_check(struct cp_html *h, const char *text, const char *about)
{
    struct cp_bytes sentence;
    struct cp_buf words;
    char number[24];
    size_t longest = 0;

    if (h->warnings == NULL)
        return;
    longest = cp_easy_longest(cp_bytes_str(text), &sentence);
    cp_html_arg(h, &words);
    if (longest > CP_EASY_WORDS_MAX) {
        snprintf(number, sizeof number, "%zu", longest);
        cp_buf_put_bytes(&words, sentence);
        cp_buf_put_byte(&words, 0);
        if (cp_buf_err(&words) == CP_OK)
            cp_easy_warn(h, CP_PAGE_SAY_HARD_LONG, number, (const char *)words.ptr, NULL);
        cp_buf_reset(&words);
    }
    list_hard(h, text, about, &words);
    if (words.len > 0) {
        cp_buf_put_byte(&words, 0);
        if (cp_buf_err(&words) == CP_OK)
            cp_easy_warn(h, CP_PAGE_SAY_HARD_WORDS, (const char *)words.ptr, about, NULL);
    }
    cp_buf_clear(&words);
}
