/* Look-alikes and words that say too little: fixed answers, hostile text, bounds. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/alike.h"
#include "proto/prompts.h"
#include "tests/support/heap.h"

static unsigned alike(const char *a, const char *b)
{
    unsigned there = cp_alike(cp_bytes_str(a), cp_bytes_str(b)),
             back = cp_alike(cp_bytes_str(b), cp_bytes_str(a));
    cr_assert_eq(there, back, "'%s' and '%s': %u and %u", a, b, there, back);
    return there;
}

Test(alike, share_of_common_words)
{
    cr_assert_eq(alike("Ask the company", "ask THE company!"), 100);
    cr_assert_eq(alike("Ask the company", "Ask the company nicely"), 75);
    cr_assert_eq(alike("Ask the company", "Plant trees"), 0);
    cr_assert_eq(alike("Plant trees, trees, trees", "plant trees"), 100, "a word counts once");
    cr_assert_eq(alike("", ""), 0);
    cr_assert_eq(alike("a b c", "a b c"), 0, "too short to say anything");
    cr_assert_eq(alike("Cyfarfod \xc3\xa2 phobl", "cyfarfod \xc3\xa2 phobl"), 100);
    cr_assert_eq(alike("\xe2\x80\xae", "\xe2\x80\xae"), 100);
    cr_assert_eq(alike("\x1b[2J ;;; ==", "=1+1"), 0);
}

Test(alike, any_bytes_are_bounded)
{
    static uint8_t a[CP_TEXT_MAX], b[CP_TEXT_MAX];
    for (uint64_t seed = 1; seed <= 50; seed++) {
        uint64_t s = seed;
        for (size_t i = 0; i < sizeof a; i++) {
            a[i] = (uint8_t)test_below(&s, 256);
            b[i] = (uint8_t)test_below(&s, 256);
        }
        struct cp_bytes x = CP_BYTES(a, test_below(&s, sizeof a)), y = CP_BYTES(b, test_below(&s, sizeof b));
        cr_assert_leq(cp_alike(x, y), 100);
        cr_assert_eq(cp_alike(x, y), cp_alike(y, x));
    }
}

Test(prompts, vague_words_stand_alone)
{
    static const char *const texts[][2] = {{"Liaise with partners", "liaise"},
                                           {"this is ONGOING", "ongoing"},
                                           {"We explore.", "explore"},
                                           {"the explorer's room", ""},
                                           {"reconsider", ""},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert(cp_bytes_eq(cp_vague_word(cp_bytes_str(texts[i][0])), cp_bytes_str(texts[i][1])), "%s",
                  texts[i][0]);
}
