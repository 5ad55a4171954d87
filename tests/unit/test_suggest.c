/*
 * Suggestions for two wordings: what comes together and what does not, the same from both sides, never a word of
 * nobody's, bounded on the worst texts, and the common text found in a history in any order.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/suggest.h"
#include "tests/support/heap.h"

static struct cp_bytes str(const char *s)
{
    return cp_bytes_str(s);
}

/* NULL: none expected. Both orders are tried. */
static void expect(const char *base, const char *a, const char *b, const char *wanted)
{
    for (int turn = 0; turn < 2; turn++) {
        struct cp_buf out;
        bool found = false;
        cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
        cr_assert_eq(
            cp_suggest(test_mem(), str(base), str(turn == 0 ? a : b), str(turn == 0 ? b : a), &out, &found),
            CP_OK);
        cr_assert_eq(found, wanted != NULL, "'%s' and '%s' from '%s'", a, b, base);
        if (wanted != NULL)
            cr_assert(cp_bytes_eq(cp_buf_bytes(&out), str(wanted)), "'%s' and '%s' from '%s': got '%.*s'", a,
                      b, base, (int)out.len, (const char *)out.ptr);
        cp_buf_clear(&out);
    }
}

Test(suggest, edits_apart_come_together)
{
    expect("Meet on Monday at ten", "Meet on Tuesday at ten", "Meet on Monday at eleven",
           "Meet on Tuesday at eleven");
    expect("Put benches in the park", "Put three benches in the park", "Put benches in the big park",
           "Put three benches in the big park");
    expect("Open the garden", "Open the garden daily", "Please open the garden",
           "Please open the garden daily");
    expect("Open the garden", "Open the garden daily", "Please Open the garden",
           "Please Open the garden daily");
    expect("one two three four", "one three four", "one two three", "one three");
    expect("one two three four five", "one three four five", "one two three four", "one three four");
    expect("a b\nc d", "a x\nc d", "a b\nc y", "a x\nc y");
}

Test(suggest, edits_that_meet_do_not)
{
    expect("red car", "blue car", "red bus", NULL);
    expect("plant trees", "plant oaks", "plant limes", NULL);
    expect("a b c", "a x b c", "a y b c", NULL);
    expect("a b c", "b c", "x b c", NULL);
    expect("", "Open", "Close", NULL);
    expect("a b c d", "d", "a x c d", NULL);
}

Test(suggest, identities)
{
    static const char *const texts[] = {
        "", "one", "one two", " one  two\n", "Cyfarfod ddydd Llun", "\xf0\x9f\x8c\xb1 \xe2\x80\xae"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
            expect(texts[i], texts[i], texts[j], texts[j]);
            expect(texts[i], texts[j], texts[j], texts[j]);
        }
    expect("a b c d", "a x c y", "a x c d", "a x c y"); /* what both did counts once */
}

/* ---- Random texts ---- */

static void random_text(uint64_t *seed, size_t words, char *out)
{
    static const char *const parts[] = {"a",         "b",       "c",        "the", "=1+1", "\xe2\x80\xae",
                                        "\xcc\x81x", "\x1b[2J", "\xc2\xa0", "''"};
    static const char *const blanks[] = {" ", " ", " ", "\n", "  ", "\t", "\r\n"};
    out[0] = '\0';
    for (size_t i = 0; i < words; i++) {
        strcat(out, parts[test_below(seed, 10)]);
        strcat(out, blanks[test_below(seed, 7)]);
    }
}

/* A copy with a few words changed, taken out or put in. */
static void edit_text(uint64_t *seed, const char *from, char *out)
{
    size_t at = 0;
    for (; *from != '\0'; from++) {
        bool start = *from != ' ' && *from != '\n' && *from != '\t' && *from != '\r';
        if (start && test_below(seed, 9) == 0) {
            size_t len = strcspn(from, " \n\t\r");
            if (test_below(seed, 2) == 0)
                at += (size_t)sprintf(out + at, "new%d", (int)test_below(seed, 3));
            from += len - 1;
            continue;
        }
        out[at++] = *from;
    }
    out[at] = '\0';
}

static bool has_word(const char *text, const char *word, size_t len)
{
    while (*text != '\0') {
        size_t n = strcspn(text, " \n\t\r");
        if (n == len && memcmp(text, word, len) == 0)
            return true;
        text += n;
        text += strspn(text, " \n\t\r");
    }
    return false;
}

Test(suggest, never_a_word_of_nobody)
{
    static char base[4096], a[8192], b[8192], text[16384];
    size_t found_some = 0;
    for (uint64_t round = 1; round <= 4000; round++) {
        uint64_t seed = round;
        struct cp_buf out, turned;
        bool found = false, again = false;
        random_text(&seed, test_below(&seed, 24), base);
        edit_text(&seed, base, a);
        edit_text(&seed, base, b);
        cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
        cp_buf_init(&turned, test_mem(), SIZE_MAX / 2);
        cr_assert_eq(cp_suggest(test_mem(), str(base), str(a), str(b), &out, &found), CP_OK);
        cr_assert_eq(cp_suggest(test_mem(), str(base), str(b), str(a), &turned, &again), CP_OK);
        cr_assert_eq(found, again, "round %d", (int)round);
        cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&turned)), "round %d", (int)round);
        found_some += found ? 1 : 0;
        memcpy(text, out.len > 0 ? (const char *)out.ptr : "", out.len);
        text[out.len] = '\0';
        for (const char *p = text + strspn(text, " \n\t\r"); *p != '\0';) {
            size_t n = strcspn(p, " \n\t\r");
            cr_assert(has_word(base, p, n) || has_word(a, p, n) || has_word(b, p, n), "round %d: '%.*s'",
                      (int)round, (int)n, p);
            p += n + strspn(p + n, " \n\t\r");
        }
        cp_buf_clear(&out);
        cp_buf_clear(&turned);
    }
    cr_assert_gt(found_some, 500, "some of them come together: %zu", found_some);
}

Test(suggest, the_longest_texts_are_bounded)
{
    static char base[CP_TEXT_MAX + 1], a[CP_TEXT_MAX + 1], b[CP_TEXT_MAX + 1];
    struct cp_buf out;
    bool found = true;
    uint64_t seed = 7;
    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    for (size_t i = 0; i < CP_TEXT_MAX; i++) {
        base[i] = i % 2 == 0 ? (char)('a' + test_below(&seed, 2)) : ' ';
        a[i] = i % 2 == 0 ? (char)('a' + test_below(&seed, 2)) : ' ';
        b[i] = base[i];
    }
    cr_assert_eq(cp_suggest(test_mem(), str(base), str(a), str(b), &out, &found), CP_OK);
    cr_assert_not(found, "too much was changed");
    /* A little changed at both ends of 16 KiB. */
    memcpy(a, base, sizeof a);
    a[2] = 'x';
    b[CP_TEXT_MAX - 2] = 'y';
    cr_assert_eq(cp_suggest(test_mem(), str(base), str(a), str(b), &out, &found), CP_OK);
    cr_assert(found);
    cr_assert_eq(out.ptr[2], 'x');
    cr_assert_eq(out.ptr[CP_TEXT_MAX - 2], 'y');
    cp_buf_clear(&out);
}

Test(suggest, longer_than_a_field_is_none)
{
    static char base[CP_TEXT_MAX + 1], a[CP_TEXT_MAX + 1], b[CP_TEXT_MAX + 1];
    struct cp_buf out;
    bool found = true;
    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    memset(base, 'm', CP_TEXT_MAX - 100);
    memset(a, 'm', CP_TEXT_MAX);
    memset(b, 'm', CP_TEXT_MAX);
    a[99] = ' '; /* 99 more in front, 99 more behind */
    b[CP_TEXT_MAX - 100] = ' ';
    cr_assert_eq(cp_suggest(test_mem(), str(base), str(a), str(b), &out, &found), CP_OK);
    cr_assert_not(found);
    cr_assert_eq(out.len, 0);
    cp_buf_clear(&out);
}

Test(suggest, out_of_memory_is_an_error)
{
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_buf out;
        bool found = false;
        test_heap_init(&heap, left);
        cp_buf_init(&out, &heap.mem, SIZE_MAX / 2);
        enum cp_err err =
            cp_suggest(&heap.mem, str("a b c d e"), str("x b c d e"), str("a b c d y"), &out, &found);
        if (err == CP_OK && cp_buf_err(&out) == CP_OK) {
            cr_assert(found);
            cr_assert_gt(left, 4);
            cp_buf_clear(&out);
            return;
        }
        cp_buf_clear(&out);
        cr_assert_lt(left, 1000);
    }
}

/* ---- The common text ---- */

enum {
    MOST = 8
};
struct past {
    uint8_t ids[MOST][CP_ID_LEN];
    struct cp_buf frames[MOST], words[MOST];
    struct cp_frame read[MOST];
    struct cp_write writes[MOST];
    size_t count;
};

/* A write of `text` (NULL: clears) that replaces the writes whose numbers are in `replaces` ("01"). */
static void put(struct past *p, const char *text, const char *replaces)
{
    static const uint8_t salt[CP_SALT_LEN] = {1};
    size_t i = p->count++;
    struct cp_draft d;
    memset(p->ids[i], (int)(37 * i + 11), CP_ID_LEN);
    if (i == 0)
        cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    else
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, p->ids[0]);
    for (const char *r = replaces; *r != '\0'; r++)
        cp_draft_replace(&d, p->ids[*r - '0']);
    if (text != NULL)
        cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), str(text));
    else
        cp_draft_nil(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0));
    cp_buf_init(&p->frames[i], test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&p->words[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(&d, salt, &p->frames[i], &p->words[i]), CP_OK);
    cp_draft_clear(&d);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&p->frames[i]), cp_buf_bytes(&p->words[i]), &p->read[i]), CP_OK);
    p->writes[i] =
        (struct cp_write){.id = p->ids[i], .lamport = i + 1, .person = p->ids[0], .frame = &p->read[i]};
}

/* The suggestion for writes a and b, with the writes given in every rotation. */
static void expect_for(struct past *p, size_t a, size_t b, const char *wanted)
{
    for (size_t turn = 0; turn < p->count; turn++) {
        struct cp_write writes[MOST];
        struct cp_current x = {0, 0}, y = {0, 0};
        struct cp_buf out;
        bool found = false;
        for (size_t i = 0; i < p->count; i++) {
            writes[i] = p->writes[(i + turn) % p->count];
            x.write = (i + turn) % p->count == a ? i : x.write;
            y.write = (i + turn) % p->count == b ? i : y.write;
        }
        cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
        cr_assert_eq(cp_suggest_for(test_mem(), writes, p->count, &x, &y, &out, &found), CP_OK);
        cr_assert_eq(found, wanted != NULL);
        if (wanted != NULL)
            cr_assert(cp_bytes_eq(cp_buf_bytes(&out), str(wanted)), "got '%.*s'", (int)out.len,
                      (const char *)out.ptr);
        cp_buf_clear(&out);
    }
    for (size_t i = 0; i < p->count; i++) {
        cp_buf_clear(&p->frames[i]);
        cp_buf_clear(&p->words[i]);
    }
}

Test(suggest, the_common_text_is_what_both_replaced)
{
    struct past p = {.count = 0};
    put(&p, "a b c", "");
    put(&p, "x b c", "0");
    put(&p, "a b y", "0");
    expect_for(&p, 1, 2, "x b y");
    /* Several edits of one side since. */
    p = (struct past){.count = 0};
    put(&p, "a b c", "");
    put(&p, "old b c", "0");
    put(&p, "x b c", "1");
    put(&p, "a b y", "0");
    expect_for(&p, 2, 3, "x b y");
    /* The latest common one, not the first. */
    p = (struct past){.count = 0};
    put(&p, "quite other words", "");
    put(&p, "a b c", "0");
    put(&p, "x b c", "1");
    put(&p, "a b y", "10");
    expect_for(&p, 2, 3, "x b y");
}

Test(suggest, no_common_text_no_suggestion)
{
    struct past p = {.count = 0};
    put(&p, NULL, ""); /* nothing was said before */
    put(&p, "x b c", "0");
    put(&p, "a b y", "0");
    expect_for(&p, 1, 2, NULL);
    p = (struct past){.count = 0};
    put(&p, "a b c", "");
    put(&p, "x b c", "0");
    put(&p, "a b y", ""); /* saw nothing */
    expect_for(&p, 1, 2, NULL);
    /* Two common ones that say different things. */
    p = (struct past){.count = 0};
    put(&p, "a b c", "");
    put(&p, "a b d", "");
    put(&p, "x b c", "01");
    put(&p, "a b y", "01");
    expect_for(&p, 2, 3, NULL);
    /* Words that are gone. */
    p = (struct past){.count = 0};
    put(&p, "a b c", "");
    put(&p, "x b c", "0");
    put(&p, "a b y", "0");
    p.read[0].words_here = false;
    p.read[0].ops[0].value = (struct cp_value){.type = CP_VALUE_NONE};
    expect_for(&p, 1, 2, NULL);
}
