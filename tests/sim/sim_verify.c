/*
 * Functions that the simulator's programs take instead of the real ones (the linker's --wrap): a signature that was
 * judged once is remembered, since a thousand stores judge the same ones; into the others a mistake can be planted.
 * Must not: change a verdict otherwise.
 */
#include <string.h>

#include "daemon/serve_plan.h"
#include "proto/balance.h"
#include "proto/check.h"
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

/* ---- Mistakes against the invariants of the domain ---- */

enum cp_err __real_cp_record_fold(struct cp_record_state *out, const struct cp_mem *mem, const struct cp_write *writes,
                                  size_t count);
enum cp_err __wrap_cp_record_fold(struct cp_record_state *out, const struct cp_mem *mem, const struct cp_write *writes,
                                  size_t count);
void __real_cp_version_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN]);
void __wrap_cp_version_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN]);
enum cp_result __real_cp_answer_judge(const struct cp_version *v, const struct cp_answer_in *answers, size_t count,
                                      struct cp_answer_out *outs);
enum cp_result __wrap_cp_answer_judge(const struct cp_version *v, const struct cp_answer_in *answers, size_t count,
                                      struct cp_answer_out *outs);
enum cp_err __real_cp_check_hard_failures(struct cp_checked *out, const struct cp_model *m);
enum cp_err __wrap_cp_check_hard_failures(struct cp_checked *out, const struct cp_model *m);
enum cp_err __real_cp_means(struct cp_means *out, const struct cp_mem *mem, const struct cp_model *m);
enum cp_err __wrap_cp_means(struct cp_means *out, const struct cp_mem *mem, const struct cp_model *m);

enum cp_err __real_cp_edits_apply(struct cp_edits *e, const struct cp_shown *s, struct cp_draft *draft);
enum cp_err __wrap_cp_edits_apply(struct cp_edits *e, const struct cp_shown *s, struct cp_draft *draft);

enum cp_err __wrap_cp_edits_apply(struct cp_edits *e, const struct cp_shown *s, struct cp_draft *draft)
{
    enum cp_err err = __real_cp_edits_apply(e, s, draft);
    if (err == CP_OK && world_planted == SIM_PLANT_TAKEN && e->count == 1 && e->list[0].field->code == CP_FIELD_STATE)
        cp_draft_text(draft, CP_FIELD_WHY, CP_BYTES(NULL, 0), cp_bytes_str("it was in the way"));
    return err;
}

enum cp_err __wrap_cp_record_fold(struct cp_record_state *out, const struct cp_mem *mem, const struct cp_write *writes,
                                  size_t count)
{
    for (size_t i = 0; world_planted == SIM_PLANT_FOREIGN && i < count; i++)
        if (writes[i].frame->kind == CP_KIND_PERSON) /* the array is what the caller loaded */
            ((struct cp_write *)(uintptr_t)writes)[i].person = cp_frame_target(writes[i].frame);
    return __real_cp_record_fold(out, mem, writes, count);
}

void __wrap_cp_version_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN])
{
    __real_cp_version_id(text, out);
    if (world_planted == SIM_PLANT_PAGE_ID)
        out[CP_ID_LEN - 1] ^= 1;
}

enum cp_result __wrap_cp_answer_judge(const struct cp_version *v, const struct cp_answer_in *answers, size_t count,
                                      struct cp_answer_out *outs)
{
    enum cp_result result = __real_cp_answer_judge(v, answers, count, outs);
    bool all = v->must_answer_count > 0;
    for (size_t i = 0; i < v->must_answer_count; i++)
        all = all && outs[i].standing == 1 && (outs[i].counts || outs[i].will_missing);
    return world_planted == SIM_PLANT_UNWILLING && result == CP_RESULT_NOT_YET && all ? CP_RESULT_AGREED : result;
}

enum cp_err __wrap_cp_check_hard_failures(struct cp_checked *out, const struct cp_model *m)
{
    return world_planted == SIM_PLANT_UNREADY ? CP_OK : __real_cp_check_hard_failures(out, m);
}

enum cp_err __wrap_cp_means(struct cp_means *out, const struct cp_mem *mem, const struct cp_model *m)
{
    enum cp_err err = __real_cp_means(out, mem, m);
    if (err != CP_OK || world_planted != SIM_PLANT_OVERSPENT)
        return err;
    out->pence_asked = out->minutes_asked = out->minutes_nobody = 0;
    out->budget_passed = false;
    for (size_t i = 0; i < out->people_count; i++)
        out->people[i].asked = 0;
    return CP_OK;
}
