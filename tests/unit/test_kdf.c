/* Argon2: its measure, and what it leaves behind (daemon/kdf.c). What a home chooses for itself is in test_keeper.c. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper_internal.h"

/* docs/protocol-session.md, "Invitations in words", has the same. */
Test(kdf, words_are_stretched_by_the_same_measure_everywhere)
{
    const uint8_t secret[] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    uint8_t stretched[32];
    char hex[65];
    struct cp_kdf kdf;
    cr_assert_eq(unsetenv("COPLAN_TEST_KDF"), 0);
    cp_kdf_spoken(&kdf);
    cr_assert_eq(kdf.passes, 3);
    cr_assert_eq(kdf.memory, 64ULL * 1024 * 1024);
    cr_assert_eq(cp_kdf_run(&kdf, CP_BYTES(secret, sizeof secret), stretched), CP_OK);
    sodium_bin2hex(hex, sizeof hex, stretched, sizeof stretched);
    cr_assert_str_eq(hex, "8dad0e651382231d9147f2012e4c5e22831420db608fe0f4a69d9fa6fae2add9");
}

static const struct cp_kdf least = {.passes = crypto_pwhash_OPSLIMIT_MIN, .memory = crypto_pwhash_MEMLIMIT_MIN};

static void *derive(void *out)
{
    cr_assert_eq(cp_kdf_run(&least, cp_bytes_str("correct horse"), out), CP_OK);
    return NULL;
}

/* The daemon's thread for Argon2 waits for the next job with what lies on its stack; a lock cannot reach there. */
Test(kdf, argon2_leaves_nothing_of_its_result_on_the_stack)
{
    const size_t size = 1U << 20;
    uint8_t *out = calloc(1, 32), *stack = aligned_alloc(4096, size);
    pthread_attr_t attr;
    pthread_t thread;
    cr_assert(out != NULL && stack != NULL);
    cr_assert_geq(sodium_init(), 0);
    memset(stack, 0, size);
    cr_assert_eq(pthread_attr_init(&attr), 0);
    cr_assert_eq(pthread_attr_setstack(&attr, stack, size), 0);
    cr_assert_eq(pthread_create(&thread, &attr, derive, out), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i + 16 <= size; i++) /* half of it would do for nobody to be safe */
        cr_assert(memcmp(stack + i, out, 16) != 0 && memcmp(stack + i, out + 16, 16) != 0, "%zu from the top",
                  size - i);
    (void)pthread_attr_destroy(&attr);
    free(stack);
    free(out);
}
