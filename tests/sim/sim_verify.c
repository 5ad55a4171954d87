/*
 * Two functions that the simulator's programs take instead of the real ones (the linker's --wrap): a signature that was
 * judged once is remembered, since a thousand stores judge the same ones; and the check of predecessors, into
 * which a mistake can be planted. Must not: change a verdict otherwise.
 */
#include <string.h>

#include "tests/sim/sim.h"
#include "tests/sim/world.h"

int __real_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m, unsigned long long len,
                                       const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m, unsigned long long len,
                                       const unsigned char *key);
enum cp_err __real_cp_entry_check_preds(const struct cp_header *h, const struct cp_pred *preds, size_t count);
enum cp_err __wrap_cp_entry_check_preds(const struct cp_header *h, const struct cp_pred *preds, size_t count);

#define REMEMBERED 65536U

int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m, unsigned long long len,
                                       const unsigned char *key)
{
    static struct {
        unsigned char hash[16];
        int verdict;
        bool used;
    } table[REMEMBERED];
    crypto_generichash_state state;
    unsigned char hash[16];
    size_t at;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    (void)crypto_generichash_update(&state, sig, crypto_sign_BYTES);
    (void)crypto_generichash_update(&state, key, crypto_sign_PUBLICKEYBYTES);
    (void)crypto_generichash_update(&state, m, len);
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(&at, hash, sizeof at);
    at %= REMEMBERED;
    if (!table[at].used || memcmp(table[at].hash, hash, sizeof hash) != 0) {
        table[at].verdict = __real_crypto_sign_verify_detached(sig, m, len, key);
        table[at].used = true;
        memcpy(table[at].hash, hash, sizeof hash);
    }
    return table[at].verdict;
}

enum cp_err __wrap_cp_entry_check_preds(const struct cp_header *h, const struct cp_pred *preds, size_t count)
{
    enum cp_err err = __real_cp_entry_check_preds(h, preds, count);
    return err == CP_ERR_BAD_LAMPORT && world_planted == SIM_PLANT_LAMPORT ? CP_OK : err;
}
