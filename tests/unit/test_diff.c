/* The line difference: true in every case, shortest in small ones, and bounded in long ones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/diff.h"
#include "tests/support/heap.h"

/* Collects rows as "-0:line\n". */
struct rows {
    char text[1 << 16];
    size_t len, count;
    bool *gone, *fresh; /* per line, when not NULL */
};

static void keep(void *ctx, char op, size_t number, struct cp_bytes line)
{
    struct rows *r = ctx;
    r->count++;
    if (op == '-' && r->gone != NULL)
        r->gone[number] = true;
    if (op == '+' && r->fresh != NULL)
        r->fresh[number] = true;
    if (r->len + line.len + 32 < sizeof r->text)
        r->len += (size_t)snprintf(r->text + r->len, sizeof r->text - r->len, "%c%zu:%.*s\n", op, number,
                                   (int)line.len, line.len == 0 ? "" : (const char *)line.ptr);
}

static struct rows *diff(const char *a, const char *b)
{
    static struct rows r;
    memset(&r, 0, sizeof r);
    cr_assert_eq(cp_diff_lines(test_mem(), cp_bytes_str(a), cp_bytes_str(b), keep, &r), CP_OK);
    return &r;
}

Test(diff, nothing_differs)
{
    cr_assert_eq(diff("", "")->count, 0);
    cr_assert_eq(diff("a\nb\n", "a\nb\n")->count, 0);
    cr_assert_eq(diff("\n", "\n")->count, 0);
}

Test(diff, one_line_changed_gone_and_new)
{
    cr_assert_str_eq(diff("a\nb\nc\n", "a\nX\nc\n")->text, "-1:b\n+1:X\n");
    cr_assert_str_eq(diff("a\nb\nc\n", "a\nc\n")->text, "-1:b\n");
    cr_assert_str_eq(diff("a\nc\n", "a\nb\nc\n")->text, "+1:b\n");
    cr_assert_str_eq(diff("", "a\n")->text, "+0:a\n");
    cr_assert_str_eq(diff("a\n", "")->text, "-0:a\n");
    cr_assert_str_eq(diff("a", "a\nb")->text, "+1:b\n");
}

Test(diff, classic_example_is_shortest)
{
    cr_assert_eq(diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n")->count, 5);
}

/* Longest common subsequence by the plain table: what the answer must be as short as. */
static size_t shortest(const char *a, size_t n, const char *b, size_t m)
{
    size_t table[32][32];
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0)
                table[i][j] = 0;
            else if (a[i - 1] == b[j - 1])
                table[i][j] = table[i - 1][j - 1] + 1;
            else
                table[i][j] = table[i - 1][j] > table[i][j - 1] ? table[i - 1][j] : table[i][j - 1];
        }
    return n + m - 2 * table[n][m];
}

static void as_lines(const char *letters, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = letters[i];
        out[2 * i + 1] = '\n';
    }
    out[2 * n] = '\0';
}

Test(diff, random_texts_are_told_truly_and_shortly)
{
    uint64_t state = 7;
    for (int round = 0; round < 3000; round++) {
        char a[32], b[32], ta[80], tb[80];
        bool gone[32] = {false}, fresh[32] = {false};
        size_t n = test_below(&state, 30), m = test_below(&state, 30), letters = 1 + test_below(&state, 6);
        for (size_t i = 0; i < n; i++)
            a[i] = (char)('a' + (int)test_below(&state, letters));
        for (size_t i = 0; i < m; i++)
            b[i] = (char)('a' + (int)test_below(&state, letters));
        as_lines(a, n, ta);
        as_lines(b, m, tb);
        static struct rows r;
        memset(&r, 0, sizeof r);
        r.gone = gone;
        r.fresh = fresh;
        cr_assert_eq(cp_diff_lines(test_mem(), cp_bytes_str(ta), cp_bytes_str(tb), keep, &r), CP_OK);
        cr_assert_eq(r.count, shortest(a, n, b, m), "round %d", round);
        size_t j = 0;
        for (size_t i = 0; i < n; i++) { /* what stays is the same on both sides, in order */
            if (gone[i])
                continue;
            while (j < m && fresh[j])
                j++;
            cr_assert(j < m && a[i] == b[j], "round %d", round);
            j++;
        }
        while (j < m && fresh[j])
            j++;
        cr_assert_eq(j, m, "round %d", round);
    }
}

/* Two texts with hardly a line in common: the search is cut, the answer is still true. */
Test(diff, long_and_different_ends_soon)
{
    enum {
        LINES = 12000
    };
    char *a = malloc(LINES * 16), *b = malloc(LINES * 16);
    bool *gone = calloc(LINES + 1, 1), *fresh = calloc(LINES + 1, 1);
    size_t la = 0, lb = 0;
    uint64_t state = 3;
    for (int i = 0; i < LINES; i++) {
        la += (size_t)sprintf(a + la, "%u\n", (unsigned)test_below(&state, 900));
        lb += (size_t)sprintf(b + lb, "%u\n", (unsigned)test_below(&state, 900));
    }
    static struct rows r;
    memset(&r, 0, sizeof r);
    r.gone = gone;
    r.fresh = fresh;
    cr_assert_eq(cp_diff_lines(test_mem(), CP_BYTES((uint8_t *)a, la), CP_BYTES((uint8_t *)b, lb), keep, &r),
                 CP_OK);
    size_t stay_a = 0, stay_b = 0;
    for (int i = 0; i < LINES; i++) {
        stay_a += gone[i] ? 0 : 1;
        stay_b += fresh[i] ? 0 : 1;
    }
    cr_assert_eq(stay_a, stay_b);
    cr_assert_gt(stay_a, 100);
    free(a);
    free(b);
    free(gone);
    free(fresh);
}

Test(diff, every_failing_allocation_is_told)
{
    for (size_t n = 0; n < 64; n++) {
        struct test_heap heap;
        static struct rows r;
        memset(&r, 0, sizeof r);
        test_heap_init(&heap, n);
        enum cp_err err =
            cp_diff_lines(&heap.mem, cp_bytes_str("a\nb\nc\nd\n"), cp_bytes_str("b\nd\nx\na\n"), keep, &r);
        if (err == CP_OK) {
            cr_assert_gt(n, 5);
            return;
        }
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cr_assert_eq(r.count, 0, "nothing is told before it is known");
    }
    cr_assert_fail("never succeeded");
}
