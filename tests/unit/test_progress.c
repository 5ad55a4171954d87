/* How far a long command is, as people read it (client/progress.h). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/progress.h"

static void says(int64_t done, int64_t of, bool counted, uint64_t left_ms, const char *wanted)
{
    struct cp_buf b;
    cp_buf_init(&b, &cp_client_mem, 1024);
    cp_progress_text(done, of, counted, left_ms, &b);
    cr_assert_eq(cp_buf_err(&b), CP_OK);
    cr_assert(b.len == strlen(wanted) && memcmp(b.ptr, wanted, b.len) == 0, "%.*s, not %s", (int)b.len,
              (const char *)b.ptr, wanted);
    cp_buf_clear(&b);
}

Test(progress, is_said_as_people_would)
{
    says(3120, 8000, true, 20000 - 1, "3,120 of 8,000; about 20 seconds");
    says(3120, 8000, true, UINT64_MAX, "3,120 of 8,000");
    says(7, 0, true, UINT64_MAX, "7");
    says(0, 1, true, 0, "0 of 1; about 5 seconds");
    says(999, 1000000, true, 54999, "999 of 1,000,000; about 55 seconds");
    says(1, 2, true, 55001, "1 of 2; about a minute");
    says(1, 2, true, 119000, "1 of 2; about 2 minutes");
    says(1, 2, true, 90U * 60000U, "1 of 2; about 90 minutes");
    says(1, 2, true, 5U * 3600000U, "1 of 2; about 5 hours");
    says(50, 200, false, 9000, "25 % done; about 10 seconds");
    says(300, 200, false, UINT64_MAX, "100 % done");
    says(-5, 10, true, UINT64_MAX, "0 of 10");
}

Test(progress, numbers_that_somebody_made_up_do_no_harm)
{
    says(INT64_MAX, INT64_MAX, false, UINT64_MAX, "100 % done");
    says(1, INT64_MAX, true, UINT64_MAX, "1 of 9,223,372,036,854,775,807");
    struct cp_progress p = {.any = true, .first_ms = 1000, .first_done = 0};
    cr_assert_eq(cp_progress_left_ms(&p, 1, INT64_MAX, 3000), UINT64_MAX);
    cr_assert_eq(cp_progress_left_ms(&p, 10, 5, 3000), UINT64_MAX);
    cr_assert_eq(cp_progress_left_ms(&p, 10, 20, 0), UINT64_MAX);
}

Test(progress, the_time_left_is_what_is_left_at_the_pace_so_far)
{
    struct cp_progress p = {.any = true, .first_ms = 1000, .first_done = 100};
    cr_assert_eq(cp_progress_left_ms(&p, 100, 500, 9000), UINT64_MAX, "nothing went yet");
    cr_assert_eq(cp_progress_left_ms(&p, 200, 500, 1500), UINT64_MAX, "too early to tell");
    cr_assert_eq(cp_progress_left_ms(&p, 200, 500, 3000), 6000);
    cr_assert_eq(cp_progress_left_ms(&p, 500, 500, 3000), UINT64_MAX, "nothing is left");
}

Test(progress, nothing_is_shown_where_nobody_looks)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    struct cp_cli cli = {.mem = &cp_client_mem, .err = file};
    struct cp_progress p = {.began_ms = 0};
    cp_progress_show(&p, &cli, 1, 2, true, 60000);
    cp_progress_clear(&p, &cli);
    fclose(file);
    cr_assert_eq(len, 0);
    free(text);
}
