/* JOIN: its text, the array that carries it, and when it verifies. Owns: that layout. Must not: sign. */
#include <string.h>

#include "proto/member.h"

enum { JOIN_ITEMS = 12, JOIN_ARRAY_ITEMS = 5 };

void cp_person_id(const uint8_t identity_key[static CP_KEY_LEN], const uint8_t recovery_key[static CP_KEY_LEN],
                  uint8_t out[static CP_ID_LEN])
{
    cp_hash2(CP_TAG_PERSON, CP_BYTES(identity_key, CP_KEY_LEN), CP_BYTES(recovery_key, CP_KEY_LEN), out, CP_ID_LEN);
}

void cp_join_text(const struct cp_join *j, struct cp_buf *out)
{
    cp_put_array(out, JOIN_ITEMS);
    cp_put_uint(out, CP_STATEMENT_JOIN);
    cp_put_fixed(out, j->plan, CP_ID_LEN);
    cp_put_fixed(out, j->invite, CP_ID_LEN);
    cp_put_uint(out, j->how);
    cp_put_fixed(out, j->person, CP_ID_LEN);
    cp_put_fixed(out, j->identity_key, CP_KEY_LEN);
    cp_put_fixed(out, j->recovery_key, CP_KEY_LEN);
    cp_put_fixed(out, j->device_key, CP_KEY_LEN);
    cp_put_fixed(out, j->curve_key, CP_KEY_LEN);
    cp_put_fixed(out, j->box_key, CP_KEY_LEN);
    cp_put_str(out, j->device_name);
    cp_put_str(out, j->name);
}

static void put_sig(struct cp_buf *out, const uint8_t *sig)
{
    if (sig != NULL)
        cp_put_fixed(out, sig, CP_SIG_LEN);
    else
        cp_put_nil(out);
}

void cp_join_write(const struct cp_join *j, struct cp_buf *out)
{
    cp_put_array(out, JOIN_ARRAY_ITEMS);
    cp_put_bin(out, j->text);
    put_sig(out, j->token_sig);
    put_sig(out, j->device_sig);
    put_sig(out, j->identity_sig);
    put_sig(out, j->recovery_sig);
}

static const uint8_t *get_sig(struct cp_cursor *c)
{
    if (cp_cursor_peek(c) == CP_MP_NIL) {
        cp_get_nil(c);
        return NULL;
    }
    return cp_get_fixed_ref(c, CP_SIG_LEN);
}

static enum cp_err read_text(struct cp_bytes text, struct cp_join *out)
{
    struct cp_cursor c;
    cp_cursor_init(&c, text, JOIN_ITEMS + 1);
    (void)cp_get_array(&c, JOIN_ITEMS, JOIN_ITEMS);
    if (cp_get_uint(&c, CP_STATEMENT_JOIN) != CP_STATEMENT_JOIN)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    cp_get_fixed(&c, out->plan, CP_ID_LEN);
    cp_get_fixed(&c, out->invite, CP_ID_LEN);
    out->how = (enum cp_join_how)cp_get_uint(&c, CP_JOIN_RECOVERY);
    cp_get_fixed(&c, out->person, CP_ID_LEN);
    cp_get_fixed(&c, out->identity_key, CP_KEY_LEN);
    cp_get_fixed(&c, out->recovery_key, CP_KEY_LEN);
    cp_get_fixed(&c, out->device_key, CP_KEY_LEN);
    cp_get_fixed(&c, out->curve_key, CP_KEY_LEN);
    cp_get_fixed(&c, out->box_key, CP_KEY_LEN);
    out->device_name = cp_get_str(&c, CP_NAME_MAX);
    out->name = cp_get_str(&c, CP_NAME_MAX);
    if (out->name.len == 0)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    return cp_cursor_end(&c);
}

enum cp_err cp_join_read(struct cp_bytes bytes, struct cp_join *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    if (bytes.len > CP_JOIN_MAX)
        return CP_ERR_TOO_BIG;
    cp_cursor_init(&c, bytes, JOIN_ARRAY_ITEMS + 1);
    (void)cp_get_array(&c, JOIN_ARRAY_ITEMS, JOIN_ARRAY_ITEMS);
    out->text = cp_get_bin(&c, CP_JOIN_MAX);
    out->token_sig = get_sig(&c);
    out->device_sig = cp_get_fixed_ref(&c, CP_SIG_LEN);
    out->identity_sig = get_sig(&c);
    out->recovery_sig = get_sig(&c);
    enum cp_err err = cp_cursor_end(&c);
    return err != CP_OK ? err : read_text(out->text, out);
}

bool cp_join_new_key(const struct cp_join *j)
{
    uint8_t person[CP_ID_LEN];
    cp_person_id(j->identity_key, j->recovery_key, person);
    return memcmp(person, j->person, CP_ID_LEN) != 0;
}

bool cp_join_is_of(const struct cp_join *j, const struct cp_join *first)
{
    return first->how == CP_JOIN_NEW && memcmp(j->person, first->person, CP_ID_LEN) == 0 &&
           memcmp(j->recovery_key, first->recovery_key, CP_KEY_LEN) == 0;
}

/* Exactly the signatures that its sort of JOIN has: one more or less is another statement. */
static bool has_signatures(const struct cp_join *j, bool founder)
{
    bool recovery = j->how == CP_JOIN_RECOVERY;
    return j->device_sig != NULL && (j->identity_sig == NULL) == recovery && (j->recovery_sig != NULL) == recovery &&
           founder == (j->token_sig == NULL);
}

bool cp_join_ok(const struct cp_join *j, const uint8_t plan[static CP_ID_LEN],
                const uint8_t invite[static CP_ID_LEN], const uint8_t *token_key, bool founder)
{
    if ((j->how != CP_JOIN_NEW && founder) || !has_signatures(j, founder) || (!founder && token_key == NULL))
        return false;
    if (memcmp(j->plan, founder ? cp_zero_id : plan, CP_ID_LEN) != 0 ||
        memcmp(j->invite, founder ? cp_zero_id : invite, CP_ID_LEN) != 0)
        return false;
    if (j->how == CP_JOIN_NEW && cp_join_new_key(j))
        return false;
    return cp_sig_ok(CP_TAG_STATEMENT_DEVICE, j->text, j->device_sig, j->device_key) &&
           (j->how == CP_JOIN_RECOVERY
                ? cp_sig_ok(CP_TAG_STATEMENT_RECOVERY, j->text, j->recovery_sig, j->recovery_key)
                : cp_sig_ok(CP_TAG_STATEMENT_IDENTITY, j->text, j->identity_sig, j->identity_key)) &&
           (founder || cp_sig_ok(CP_TAG_STATEMENT_TOKEN, j->text, j->token_sig, token_key));
}

bool cp_join_under(const struct cp_join *j, const uint8_t plan[static CP_ID_LEN], const uint8_t invite[static CP_ID_LEN],
                   const uint8_t token_key[static CP_KEY_LEN], const uint8_t *invited_person)
{
    if ((j->how == CP_JOIN_NEW) != (invited_person == NULL))
        return false;
    if (invited_person != NULL && memcmp(invited_person, j->person, CP_ID_LEN) != 0)
        return false;
    return cp_join_ok(j, plan, invite, token_key, false);
}
