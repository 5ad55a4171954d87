/* What is believed of a catalogue: a file that is whole, and a translation that fits. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/language.h"
#include "client/words.h"

Test(language, places_options_and_ends_have_to_fit)
{
    static const struct {
        const char *context, *english, *other;
        bool fits;
    } cases[] = {
        {"screen", "You are {1}.", "{1} wyt ti.", true},
        {"screen", "You are {1}.", "Wyt ti.", false},
        {"screen", "You are {1}.", "{1} {2}", false},
        {"screen", "You are {1}.", "", false},
        {"screen", "No[: {1}].", "[{1}: ]Na.", true},
        {"screen", "No[: {1}].", "Na: {1}.", false},
        {"screen", "No[: {1}].", "Na[: {1}.", false},
        {"screen", "No[: {1}].", "Na[: [{1}]].", false},
        {"screen", "No[: {1}].", "Na]: {1}[.", false},
        {"screen", "Say --agree or --no.", "--no, --agree", true},
        {"screen", "Say --agree.", "--cytuno", false},
        {"screen", "Say --agree.", "--agree --no", false},
        {"screen", "One\n", "Un\n", true},
        {"screen", "One\n", "Un", false},
        {"screen", "One", "Un\n", false},
        {"screen", "One", "U\033[2Jn", false},
        {"screen", "One", "U\xc2\x9bn", false},
        {"screen", "One", "U\xffn", false},
        {"screen", "One", "<b>Un</b>", true},
        {"page", "One", "<b>Un</b>", false},
        {"page", "One", "Un \"", false},
        {"page label", "One", "Un &", false},
        {"usage", "[--out FILE [--all]]", "[--out FFEIL [--all]]", true},
        {"usage", "[--out FILE]", "[FFEIL]", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(cp_language_fits(cases[i].context, cases[i].english, cases[i].other), cases[i].fits,
                     "%s", cases[i].other);
}

Test(language, a_sentence_as_long_as_a_book_does_not_fit)
{
    size_t len = (size_t)1 << 20;
    char *book = malloc(len + 1);

    cr_assert_not_null(book);
    memset(book, 'x', len);
    book[len] = '\0';
    cr_assert_not(cp_language_fits("screen", "One", book));
    book[CP_LANGUAGE_SENTENCE_MAX - 1] = '\0';
    cr_assert(cp_language_fits("screen", "One", book));
    free(book);
}

/* Every sentence fits itself, or no translation of it ever could. */
Test(language, our_own_sentences_fit)
{
    const struct cp_words_table *table = NULL;

    for (size_t t = 0; (table = cp_words_table_at(t)) != NULL; t++)
        for (size_t i = 0; i < table->count; i++)
            cr_assert(cp_language_fits(table->context, table->rows[i].text, table->rows[i].text), "%s %s",
                      table->context, table->rows[i].id);
}

static void put32(uint8_t *at, uint32_t number)
{
    for (size_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

enum {
    FILE_LEN = 97,
    ORIGINALS = 28,
    TRANSLATIONS = 44,
    HASH = 60,
    STRINGS = 80
};

/* "" and "a", with a hash table of five slots. */
static void make_file(uint8_t file[static FILE_LEN])
{
    static const char strings[] = "\0a\0Content\0b";
    static const uint32_t head[] = {0x950412de, 0, 2, ORIGINALS, TRANSLATIONS, 5, HASH};
    static const uint32_t rows[] = {0, STRINGS, 1, STRINGS + 1, 7, STRINGS + 3, 1, STRINGS + 11,
                                    0, 1,       0, 2,           0};

    memset(file, 0, FILE_LEN);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        put32(file + 4 * i, head[i]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put32(file + ORIGINALS + 4 * i, rows[i]);
    memcpy(file + STRINGS, strings, sizeof strings);
}

Test(language, a_file_that_is_cut_or_twisted_is_no_catalogue)
{
    static const struct {
        size_t at;
        uint32_t number;
    } twists[] = {
        {0, 0},
        {4, 1},
        {8, 0},
        {8, 1},
        {8, 0xffffffff},
        {12, 0xfffffffc},
        {12, 29},
        {16, 96},
        {16, 0},
        {20, 4},
        {20, 0xfffffffb},
        {24, 0xffffffff},
        {24, 80},
        {ORIGINALS, 1},
        {ORIGINALS, 0xffffffff},
        {ORIGINALS + 4, 0xffffffff},
        {ORIGINALS + 8, 0x7fffffff},
        {TRANSLATIONS, 8},
        {TRANSLATIONS + 12, FILE_LEN},
        {ORIGINALS + 12, STRINGS}, /* the same twice: not in order */
        {HASH + 4, 3},
        {HASH, 0xffffffff},
    };
    uint8_t file[FILE_LEN];
    uint8_t *copy = NULL;

    make_file(file);
    cr_assert(cp_language_file_ok(CP_BYTES(file, FILE_LEN)));
    /* On the heap, so that a look beyond the end is seen. The strings end some bytes before the file does. */
    for (size_t len = 0; len < STRINGS + 13; len++) {
        copy = malloc(len + 1);
        cr_assert_not_null(copy);
        memcpy(copy, file, len);
        cr_assert_not(cp_language_file_ok(CP_BYTES(copy, len)), "%zu bytes", len);
        free(copy);
    }
    for (size_t i = 0; i < sizeof twists / sizeof twists[0]; i++) {
        make_file(file);
        put32(file + twists[i].at, twists[i].number);
        cr_assert_not(cp_language_file_ok(CP_BYTES(file, FILE_LEN)), "%u at %zu", twists[i].number,
                      twists[i].at);
    }
    make_file(file);
    for (size_t i = 0; i < 5; i++) /* no empty slot: the walk would never end */
        put32(file + HASH + 4 * i, 1);
    cr_assert_not(cp_language_file_ok(CP_BYTES(file, FILE_LEN)));
}
