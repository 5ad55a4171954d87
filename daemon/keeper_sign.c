/*
 * What the keeper signs: entries, JOINs, statements, answers. Each is laid out here from facts, never taken as bytes.
 * Owns: the use of signing keys. Must not: hand one out.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <string.h>

enum cp_err cp_keeper_identity(const struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                               uint8_t seed[static 32])
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    assert(person < k->count);
    const struct cp_keeper_slot *p = &k->persons[person];
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    if (!cp_part_open(p->pub.kdf.none ? p->plain_seal : seal, CP_PART_IDENTITY, p->pub.identity_key,
                      p->sealed_identity, CP_SEALED_KEY_LEN, seed))
        return CP_ERR_WRONG_PASSPHRASE;
    (void)crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    return memcmp(key, p->pub.identity_key, CP_KEY_LEN) == 0 ? CP_OK : CP_ERR_DAMAGED_KEY;
}

enum cp_err cp_keeper_sign_tagged(enum cp_tag tag, struct cp_bytes message,
                                  const uint8_t secret[static crypto_sign_SECRETKEYBYTES],
                                  uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf input;
    cp_buf_init(&input, cp_keeper_mem(), CP_ENTRY_MAX);
    cp_sign_input(tag, message, &input);
    enum cp_err err = cp_buf_err(&input);
    if (err == CP_OK)
        (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
    return err;
}

enum cp_err cp_keeper_sign_entry(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                                 const uint8_t plan[static CP_ID_LEN], struct cp_bytes header,
                                 uint8_t id[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN])
{
    struct cp_header h;
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    /* A header that names another device would be refused by everyone; it is not signed to begin with. */
    enum cp_err err = cp_header_decode(header, &h);
    if (err != CP_OK)
        return err;
    if (memcmp(h.device, device, CP_KEY_LEN) != 0)
        return CP_ERR_NOT_FOUND;
    for (size_t i = 0; i < k->count; i++) {
        if (memcmp(k->persons[i].pub.device_key, device, CP_KEY_LEN) != 0)
            continue;
        if (!k->open->awake[i])
            return CP_ERR_LOCKED;
        cp_entry_id(plan, header, id);
        return cp_keeper_sign_tagged(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), k->open->device[i], sig);
    }
    return CP_ERR_NOT_FOUND;
}

/* The key pair that a token's secret gives. */
static void token_pair(const uint8_t token[static CP_TOKEN_LEN], uint8_t key[static CP_KEY_LEN],
                       uint8_t secret[static crypto_sign_SECRETKEYBYTES])
{
    uint8_t seed[32];
    cp_hash2(CP_TAG_TOKEN_SIGN, CP_BYTES(token, CP_TOKEN_LEN), CP_BYTES(NULL, 0), seed, sizeof seed);
    (void)crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(seed, sizeof seed);
}

void cp_token_public(const uint8_t token[static CP_TOKEN_LEN], uint8_t sign_key[static CP_KEY_LEN],
                     uint8_t curve_key[static CP_KEY_LEN])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    token_pair(token, sign_key, secret);
    cp_token_curve(token, curve_key, secret);
    sodium_memzero(secret, sizeof secret);
}

struct join_sigs {
    uint8_t token[CP_SIG_LEN];
    uint8_t device[CP_SIG_LEN];
    uint8_t identity[CP_SIG_LEN];
};

/* The three signatures over the JOIN's text. seed: the opened identity; in its place the sheet's key, of a recovery. */
static enum cp_err sign_join(const struct cp_keeper *k, size_t person, const uint8_t seed[static 32],
                             const uint8_t *sheet_secret, const uint8_t *token, struct cp_bytes text,
                             struct join_sigs *sigs)
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(key, secret, seed);
    enum cp_err err =
        sheet_secret != NULL
            ? cp_keeper_sign_tagged(CP_TAG_STATEMENT_RECOVERY, text, sheet_secret, sigs->identity)
            : cp_keeper_sign_tagged(CP_TAG_STATEMENT_IDENTITY, text, secret, sigs->identity);
    if (err == CP_OK)
        err = cp_keeper_sign_tagged(CP_TAG_STATEMENT_DEVICE, text, k->open->device[person], sigs->device);
    if (err == CP_OK && token != NULL) {
        token_pair(token, key, secret);
        err = cp_keeper_sign_tagged(CP_TAG_STATEMENT_TOKEN, text, secret, sigs->token);
    }
    sodium_memzero(secret, sizeof secret);
    return err;
}

enum cp_err cp_keeper_write_join(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                 enum cp_join_how how, const uint8_t plan[static CP_ID_LEN],
                                 const uint8_t invite[static CP_ID_LEN], const uint8_t *token,
                                 const uint8_t *sheet_secret, struct cp_bytes name, struct cp_buf *join)
{
    uint8_t seed[32];
    struct join_sigs sigs;
    struct cp_buf text;
    struct cp_join j = {.how = how,
                        .name = name,
                        .token_sig = token == NULL ? NULL : sigs.token,
                        .device_sig = sigs.device,
                        .identity_sig = sheet_secret == NULL ? sigs.identity : NULL,
                        .recovery_sig = sheet_secret != NULL ? sigs.identity : NULL};

    if (name.len == 0 || name.len > CP_NAME_MAX || !cp_utf8_ok(name))
        return CP_ERR_BAD_VALUE;
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    if (err != CP_OK)
        return err;
    const struct cp_keeper_person *p = &k->persons[person].pub;
    memcpy(j.plan, token == NULL ? cp_zero_id : plan, CP_ID_LEN);
    memcpy(j.invite, token == NULL ? cp_zero_id : invite, CP_ID_LEN);
    memcpy(j.person, p->person, CP_ID_LEN);
    memcpy(j.identity_key, p->identity_key, CP_KEY_LEN);
    memcpy(j.recovery_key, p->recovery_key, CP_KEY_LEN);
    memcpy(j.device_key, p->device_key, CP_KEY_LEN);
    memcpy(j.curve_key, k->curve_key, CP_KEY_LEN);
    memcpy(j.box_key, k->box_key, CP_KEY_LEN);
    cp_buf_init(&text, cp_keeper_mem(), CP_JOIN_MAX);
    if (how == CP_JOIN_NEW && cp_join_new_key(&j)) {
        err = CP_ERR_NEW_PERSON; /* a plan that never heard of the change could not know them */
        goto out;
    }
    cp_join_text(&j, &text);
    err = cp_buf_err(&text);
    if (err != CP_OK)
        goto out;
    err = sign_join(k, person, seed, sheet_secret, token, cp_buf_bytes(&text), &sigs);
    if (err != CP_OK)
        goto out;
    j.text = cp_buf_bytes(&text);
    cp_join_write(&j, join);
    err = cp_buf_err(join);
out:
    sodium_memzero(seed, sizeof seed);
    cp_buf_clear(&text);
    return err;
}

enum cp_err cp_keeper_join(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                           const uint8_t plan[static CP_ID_LEN], const uint8_t invite[static CP_ID_LEN],
                           const uint8_t *token, struct cp_bytes name, struct cp_buf *join)
{
    return cp_keeper_write_join(k, person, seal, CP_JOIN_NEW, plan, invite, token, NULL, name, join);
}

enum cp_err cp_keeper_join_device(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                  const uint8_t plan[static CP_ID_LEN], const uint8_t invite[static CP_ID_LEN],
                                  const uint8_t token[static CP_TOKEN_LEN], struct cp_bytes name, struct cp_buf *join)
{
    return cp_keeper_write_join(k, person, seal, CP_JOIN_DEVICE, plan, invite, token, NULL, name, join);
}

const char *cp_keeper_method(const struct cp_keeper *k, size_t person)
{
    bool none = k->persons[person].pub.kdf.none;
    if (k->count > 1)
        return none ? "shared device, no passphrase" : "shared device";
    return none ? "own device, no passphrase" : "own device";
}

/* Signs text[before..] in SSHSIG form with the opened identity. TOO_BIG. */
static enum cp_err sign_readable(const uint8_t seed[static 32], const struct cp_buf *text, size_t before,
                                 uint8_t sig[static CP_SIG_LEN])
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    struct cp_buf input;
    enum cp_err err = cp_buf_err(text);
    if (err == CP_OK && text->len - before > CP_ANSWER_TEXT_MAX)
        err = CP_ERR_TOO_BIG;
    if (err != CP_OK)
        return err;
    cp_buf_init(&input, cp_keeper_mem(), CP_ENTRY_MAX);
    cp_sshsig_input(CP_BYTES(text->ptr + before, text->len - before), &input);
    err = cp_buf_err(&input);
    if (err == CP_OK) {
        (void)crypto_sign_seed_keypair(key, secret, seed);
        (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
        sodium_memzero(secret, sizeof secret);
    }
    cp_buf_clear(&input);
    return err;
}

enum cp_err cp_keeper_answer(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                             struct cp_answer *answer, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    uint8_t seed[32];
    size_t before = text->len;
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    if (err != CP_OK)
        return err;
    const struct cp_keeper_person *p = &k->persons[person].pub;
    /* Whoever signs for somebody else says so: the keeper signs nobody's answer as their own but its person's. */
    memcpy(answer->how == CP_ANSWER_OWN ? answer->person : answer->by, p->person, CP_ID_LEN);
    memcpy(answer->key, p->identity_key, CP_KEY_LEN);
    if (answer->how == CP_ANSWER_OWN)
        answer->method = cp_bytes_str(cp_keeper_method(k, person));
    cp_answer_write(answer, text);
    err = sign_readable(seed, text, before, sig);
    sodium_memzero(seed, sizeof seed);
    return err;
}

enum cp_err cp_keeper_witness(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                              struct cp_witness *witness, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    uint8_t seed[32];
    size_t before = text->len;
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    if (err != CP_OK)
        return err;
    memcpy(witness->witness, k->persons[person].pub.person, CP_ID_LEN);
    memcpy(witness->key, k->persons[person].pub.identity_key, CP_KEY_LEN);
    cp_witness_write(witness, text);
    err = sign_readable(seed, text, before, sig);
    sodium_memzero(seed, sizeof seed);
    return err;
}

enum cp_err cp_keeper_mandate(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                              struct cp_mandate *mandate, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    uint8_t seed[32];
    size_t before = text->len;
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    if (err != CP_OK)
        return err;
    memcpy(mandate->person, k->persons[person].pub.person, CP_ID_LEN);
    memcpy(mandate->key, k->persons[person].pub.identity_key, CP_KEY_LEN);
    cp_mandate_write(mandate, text);
    err = sign_readable(seed, text, before, sig);
    sodium_memzero(seed, sizeof seed);
    return err;
}

/* Completes a statement of person i, whose kind, plan and fields are given, and signs it by the identity key. */
static enum cp_err sign_statement(const struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                  struct cp_statement *st, struct cp_buf *text,
                                  uint8_t sig[static CP_SIG_LEN])
{
    uint8_t seed[32], key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    size_t before = text->len;
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    if (err != CP_OK)
        return err;
    memcpy(st->person, k->persons[person].pub.person, CP_ID_LEN);
    memcpy(st->key, k->persons[person].pub.identity_key, CP_KEY_LEN);
    st->by = CP_BY_IDENTITY;
    cp_statement_text(st, text);
    err = cp_buf_err(text);
    if (err == CP_OK && text->len - before > CP_STATEMENT_MAX)
        err = CP_ERR_TOO_BIG;
    if (err == CP_OK) {
        (void)crypto_sign_seed_keypair(key, secret, seed);
        err = cp_keeper_sign_tagged(cp_statement_tag(st->by), CP_BYTES(text->ptr + before, text->len - before), secret,
                          sig);
        sodium_memzero(secret, sizeof secret);
    }
    sodium_memzero(seed, sizeof seed);
    return err;
}

enum cp_err cp_keeper_withdraw(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                               const uint8_t plan[static CP_ID_LEN], const uint8_t (*ids)[CP_ID_LEN],
                               size_t count, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf fields;
    struct cp_statement st = {.kind = CP_STATEMENT_WITHDRAW};
    cp_buf_init(&fields, cp_keeper_mem(), CP_STATEMENT_MAX);
    memcpy(st.plan, plan, CP_ID_LEN);
    enum cp_err err = cp_withdraw_fields(ids, count, &fields);
    st.fields = cp_buf_bytes(&fields);
    if (err == CP_OK)
        err = sign_statement(k, person, seal, &st, text, sig);
    cp_buf_clear(&fields);
    return err;
}

enum cp_err cp_keeper_revoke(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                             const uint8_t plan[static CP_ID_LEN], const uint8_t device[static CP_KEY_LEN],
                             const uint8_t (*earlier)[CP_ID_LEN], size_t earlier_count, struct cp_bytes cut,
                             struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf fields;
    struct cp_statement st = {.kind = CP_STATEMENT_REVOKE};
    cp_buf_init(&fields, cp_keeper_mem(), CP_STATEMENT_MAX);
    memcpy(st.plan, plan, CP_ID_LEN);
    enum cp_err err = cp_revoke_fields(device, earlier, earlier_count, cut, &fields);
    st.fields = cp_buf_bytes(&fields);
    if (err == CP_OK)
        err = sign_statement(k, person, seal, &st, text, sig);
    cp_buf_clear(&fields);
    return err;
}

enum cp_err cp_keeper_leave(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                            const uint8_t plan[static CP_ID_LEN], const uint8_t (*joins)[CP_ID_LEN], size_t count,
                            struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf fields;
    struct cp_statement st = {.kind = CP_STATEMENT_LEAVE};
    cp_buf_init(&fields, cp_keeper_mem(), CP_STATEMENT_MAX);
    memcpy(st.plan, plan, CP_ID_LEN);
    enum cp_err err = cp_leave_fields(joins, count, &fields);
    st.fields = cp_buf_bytes(&fields);
    if (err == CP_OK)
        err = sign_statement(k, person, seal, &st, text, sig);
    cp_buf_clear(&fields);
    return err;
}

enum cp_err cp_keeper_follow(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                             const uint8_t plan[static CP_ID_LEN], const uint8_t old[static CP_ID_LEN],
                             struct cp_buf *text, uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf fields;
    struct cp_statement st = {.kind = CP_STATEMENT_FOLLOW};
    cp_buf_init(&fields, cp_keeper_mem(), CP_STATEMENT_MAX);
    memcpy(st.plan, plan, CP_ID_LEN);
    cp_follow_fields(old, &fields);
    enum cp_err err = cp_buf_err(&fields);
    st.fields = cp_buf_bytes(&fields);
    if (err == CP_OK)
        err = sign_statement(k, person, seal, &st, text, sig);
    cp_buf_clear(&fields);
    return err;
}
