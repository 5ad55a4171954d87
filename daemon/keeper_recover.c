/*
 * What the recovery sheet lets a person do: come back on a new home, and name a new identity key.
 * Owns: the use of the recovery key, for one call at a time. Must not: keep what was typed, or know a plan.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <string.h>

enum cp_err cp_keeper_sheet(struct cp_bytes typed, struct cp_sheet *out)
{
    memset(out, 0, sizeof *out);
    if (!cp_sheet_forgive(typed, out->seed, &out->group, &out->letter))
        return CP_ERR_BAD_SHEET;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    cp_sheet_keys(out->seed, out->key, secret);
    sodium_memzero(secret, sizeof secret);
    return CP_OK;
}

static void make_identity(struct cp_keeper_slot *p, const uint8_t *seal)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_keypair(p->pub.identity_key, secret); /* its first half is the seed */
    cp_part_seal(seal, CP_PART_IDENTITY, p->pub.identity_key, secret, 32, p->sealed_identity);
    sodium_memzero(secret, sizeof secret);
}

enum cp_err cp_keeper_may_become(const struct cp_keeper *k, size_t i, const uint8_t seal[static 32],
                                 const uint8_t person[static CP_ID_LEN])
{
    assert(i < k->count);
    enum cp_err err = k->open == NULL || !k->open->awake[i] ? CP_ERR_LOCKED : cp_keeper_check(k, i, seal);
    for (size_t n = 0; err == CP_OK && n < k->count; n++)
        if (n != i && memcmp(k->persons[n].pub.person, person, CP_ID_LEN) == 0)
            err = CP_ERR_AMBIGUOUS;
    return err;
}

enum cp_err cp_keeper_become(struct cp_keeper *k, size_t i, const uint8_t seal[static 32],
                             const uint8_t person[static CP_ID_LEN], const struct cp_sheet *sheet)
{
    enum cp_err err = cp_keeper_may_become(k, i, seal, person);
    if (err == CP_OK)
        err = cp_keeper_remember(k, i);
    if (err != CP_OK)
        return err;
    struct cp_keeper_slot *p = &k->persons[i];
    const uint8_t *key = p->pub.kdf.none ? p->plain_seal : seal;
    size_t name_len = strlen(p->name);
    memcpy(p->pub.person, person, CP_ID_LEN);
    memcpy(p->pub.recovery_key, sheet->key, CP_KEY_LEN);
    cp_part_seal(key, CP_PART_STORAGE, p->pub.person, k->open->storage, sizeof k->open->storage,
                 p->sealed_storage);
    cp_part_seal(k->open->storage, CP_PART_NAME, p->pub.person, (const uint8_t *)p->name, name_len,
                 p->sealed_name);
    p->sealed_name_len = name_len + CP_SEAL_EXTRA;
    make_identity(p, key); /* the one that is here may be somebody's, whose further device this was to be */
    return cp_keeper_changed(k);
}

enum cp_err cp_keeper_renew(struct cp_keeper *k, size_t i, const uint8_t seal[static 32])
{
    assert(i < k->count);
    struct cp_keeper_slot *p = &k->persons[i];
    enum cp_err err = k->open == NULL ? CP_ERR_LOCKED : cp_keeper_check(k, i, seal);
    if (err != CP_OK)
        return err;
    err = cp_keeper_remember(k, i);
    if (err != CP_OK)
        return err;
    make_identity(p, p->pub.kdf.none ? p->plain_seal : seal);
    return cp_keeper_changed(k);
}

enum cp_err cp_keeper_join_recovery(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                    const struct cp_sheet *sheet, const uint8_t plan[static CP_ID_LEN],
                                    const uint8_t invite[static CP_ID_LEN],
                                    const uint8_t token[static CP_TOKEN_LEN], struct cp_bytes name,
                                    struct cp_buf *join)
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    cp_sheet_keys(sheet->seed, key, secret);
    enum cp_err err =
        cp_keeper_write_join(k, person, seal, CP_JOIN_RECOVERY, plan, invite, token, secret, name, join);
    sodium_memzero(secret, sizeof secret);
    return err;
}

enum cp_err cp_keeper_key(struct cp_keeper *k, size_t person, const struct cp_sheet *sheet,
                          const uint8_t plan[static CP_ID_LEN], const struct cp_key_lists *lists,
                          struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    struct cp_buf fields;
    struct cp_statement st = {.kind = CP_STATEMENT_KEY, .by = CP_BY_RECOVERY};
    size_t before = text->len;
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    cp_buf_init(&fields, cp_keeper_mem(), CP_STATEMENT_MAX);
    memcpy(st.plan, plan, CP_ID_LEN);
    memcpy(st.person, k->persons[person].pub.person, CP_ID_LEN);
    memcpy(st.key, sheet->key, CP_KEY_LEN);
    enum cp_err err = cp_key_fields(k->persons[person].pub.identity_key, lists, &fields);
    st.fields = cp_buf_bytes(&fields);
    if (err == CP_OK) {
        cp_statement_text(&st, text);
        err = cp_buf_err(text);
    }
    if (err == CP_OK && text->len - before > CP_STATEMENT_MAX)
        err = CP_ERR_TOO_BIG;
    if (err == CP_OK) {
        cp_sheet_keys(sheet->seed, key, secret);
        err = cp_keeper_sign_tagged(CP_TAG_STATEMENT_RECOVERY,
                                    CP_BYTES(text->ptr + before, text->len - before), secret, sig);
        sodium_memzero(secret, sizeof secret);
    }
    cp_buf_clear(&fields);
    return err;
}
