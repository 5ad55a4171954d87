/* The helper thread: seals come back to the loop's thread, in order; what is not wanted any more is forgotten. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>

#include "daemon/loop.h"

enum {
    JOBS = 4
};

static struct cp_job *done_order[JOBS];
static size_t done_count;
static uint8_t seals[JOBS][32];

static void done(struct cp_job *job, void *ctx)
{
    cr_assert_eq(job->err, CP_OK);
    memcpy(seals[done_count], job->seal, 32);
    done_order[done_count++] = ctx;
}

static struct cp_job *job_of(const char *passphrase, const struct cp_kdf *kdf)
{
    struct cp_job *job = cp_job_new(cp_bytes_str(passphrase));
    cr_assert_not_null(job);
    job->kdf = *kdf;
    job->done = done;
    job->ctx = job;
    return job;
}

static void wait_for(struct cp_helper *h, size_t count)
{
    struct pollfd p = {.fd = cp_helper_fd(h), .events = POLLIN};
    while (done_count < count) {
        cr_assert_eq(poll(&p, 1, 20000), 1);
        cp_helper_collect(h);
    }
}

Test(loop_helper, seals_as_the_keeper_would_and_in_order)
{
    static const char *const passphrases[JOBS] = {"tea", "", "toast", "tea"};
    struct cp_helper *h = NULL;
    struct cp_kdf kdf;
    struct cp_job *jobs[JOBS];
    uint8_t expected[32];
    cr_assert_eq(setenv("COPLAN_TEST_KDF", "weak", 1), 0);
    cp_kdf_choose(&kdf, false);
    cr_assert_eq(cp_helper_new(&h), CP_OK);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = job_of(passphrases[i], &kdf);
        cp_helper_submit(h, jobs[i]);
    }
    wait_for(h, JOBS);
    for (size_t i = 0; i < JOBS; i++) {
        cr_assert_eq(done_order[i], jobs[i]);
        cr_assert_eq(cp_kdf_run(&kdf, cp_bytes_str(passphrases[i]), expected), CP_OK);
        cr_assert_arr_eq(seals[i], expected, 32);
    }
    cr_assert_arr_eq(seals[0], seals[3], 32);
    cr_assert_neq(memcmp(seals[0], seals[2], 32), 0);
    cp_helper_free(h);
}

Test(loop_helper, a_home_without_a_passphrase_needs_no_argon2)
{
    struct cp_helper *h = NULL;
    struct cp_kdf kdf = {.none = true};
    cr_assert_eq(cp_helper_new(&h), CP_OK);
    struct cp_job *job = job_of("", &kdf);
    job->choose = true;
    cp_helper_submit(h, job);
    wait_for(h, 1);
    cp_helper_free(h);
}

Test(loop_helper, ends_with_jobs_waiting_and_done_without_calling_anybody)
{
    struct cp_helper *h = NULL;
    struct cp_kdf kdf;
    cr_assert_eq(setenv("COPLAN_TEST_KDF", "weak", 1), 0);
    cp_kdf_choose(&kdf, false);
    cr_assert_eq(cp_helper_new(&h), CP_OK);
    for (size_t i = 0; i < JOBS; i++)
        cp_helper_submit(h, job_of("tea", &kdf));
    cp_helper_free(h);
    cr_assert_eq(done_count, 0);
    cp_helper_free(NULL);
}
