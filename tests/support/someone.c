/* People with real keys and what they sign. See someone.h. */
#include "tests/support/someone.h"

#include <string.h>

#include "tests/support/heap.h"

void someone_pair(unsigned number, unsigned use, uint8_t key[CP_KEY_LEN], uint8_t secret[64])
{
    const uint8_t seed[32] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)use, 0x5a};
    (void)crypto_sign_seed_keypair(key, secret, seed);
}

void someone_signs(enum cp_tag tag, struct cp_bytes text, const uint8_t secret[64], uint8_t sig[CP_SIG_LEN])
{
    struct cp_buf input;
    cp_buf_init(&input, test_mem(), CP_MESSAGE_MAX);
    cp_sign_input(tag, text, &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
}

static enum cp_err sign_entry(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                              struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN])
{
    const struct someone *p = ctx;
    if (memcmp(device, p->device, CP_KEY_LEN) != 0)
        return CP_ERR_NOT_FOUND;
    cp_entry_id(plan, header, id);
    someone_signs(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), p->device_secret, sig);
    return CP_OK;
}

void someone_make(struct someone *p, unsigned number)
{
    uint8_t unused[64];
    memset(p, 0, sizeof *p);
    someone_pair(number, 1, p->device, p->device_secret);
    someone_pair(number, 2, p->identity, p->identity_secret);
    someone_pair(number, 3, p->recovery, p->recovery_secret);
    someone_pair(number, 4, p->curve, unused);
    cp_person_id(p->identity, p->recovery, p->person);
    p->signer = (struct cp_signer){sign_entry, p};
}

void someone_joins(const struct joining *from, struct cp_buf *join)
{
    const struct someone *device = from->device == NULL ? from->who : from->device;
    const struct someone *key = from->key == NULL ? from->who : from->key;
    struct cp_join j = {
        .how = from->how, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Somebody")};
    struct cp_buf text;
    uint8_t sigs[3][CP_SIG_LEN];
    memcpy(j.plan, from->plan == NULL ? cp_zero_id : from->plan, CP_ID_LEN);
    memcpy(j.invite, from->invite == NULL ? cp_zero_id : from->invite, CP_ID_LEN);
    memcpy(j.person, from->who->person, CP_ID_LEN);
    memcpy(j.identity_key, key->identity, CP_KEY_LEN);
    memcpy(j.recovery_key, from->who->recovery, CP_KEY_LEN);
    memcpy(j.device_key, device->device, CP_KEY_LEN);
    memcpy(j.curve_key, device->curve, CP_KEY_LEN);
    bool boxed = memcmp(device->box, cp_zero_id, CP_KEY_LEN) != 0;
    memcpy(j.box_key, boxed ? device->box : device->curve, CP_KEY_LEN);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    someone_signs(CP_TAG_STATEMENT_DEVICE, j.text, device->device_secret, sigs[0]);
    j.device_sig = sigs[0];
    if (from->by == CP_BY_RECOVERY) {
        someone_signs(CP_TAG_STATEMENT_RECOVERY, j.text, from->who->recovery_secret, sigs[1]);
        j.recovery_sig = sigs[1];
    } else {
        someone_signs(CP_TAG_STATEMENT_IDENTITY, j.text, key->identity_secret, sigs[1]);
        j.identity_sig = sigs[1];
    }
    if (from->token_secret != NULL) {
        someone_signs(CP_TAG_STATEMENT_TOKEN, j.text, from->token_secret, sigs[2]);
        j.token_sig = sigs[2];
    }
    cp_join_write(&j, join);
    cp_buf_clear(&text);
}

void someone_says(enum cp_statement_kind kind, const struct someone *of, const struct someone *signer,
                  enum cp_statement_by by, const uint8_t plan[CP_ID_LEN], const struct cp_buf *fields,
                  struct cp_buf *text, uint8_t sig[CP_SIG_LEN])
{
    bool sheet = by == CP_BY_RECOVERY;
    struct cp_statement st = {.kind = kind, .by = by, .fields = cp_buf_bytes(fields)};
    memcpy(st.plan, plan, CP_ID_LEN);
    memcpy(st.person, of->person, CP_ID_LEN);
    memcpy(st.key, sheet ? signer->recovery : signer->identity, CP_KEY_LEN);
    cp_statement_text(&st, text);
    someone_signs(cp_statement_tag(by), cp_buf_bytes(text),
                  sheet ? signer->recovery_secret : signer->identity_secret, sig);
}
