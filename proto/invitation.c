/* Invitations as text. Owns: that text. Must not: know where it travels (QR, link, file, typed). */
#include <string.h>

#include "proto/member.h"
#include "proto/typed.h"
#include "proto/version.h"

#define PREFIX "coplan-invite:"
enum {
    ITEMS = 7, /* one more with a carry or a person */
    SORT_PLAIN = 1,
    SORT_CARRY = 2,
    SORT_PERSON = 3,
    CARRY_ITEMS = 8,
    BYTES_MAX = 764 /* beside the check bytes */
};

static void put_carry(const struct cp_carry *c, struct cp_buf *raw)
{
    cp_put_array(raw, CARRY_ITEMS);
    cp_put_fixed(raw, c->person, CP_ID_LEN);
    cp_put_fixed(raw, c->identity_key, CP_KEY_LEN);
    cp_put_fixed(raw, c->recovery_key, CP_KEY_LEN);
    cp_put_fixed(raw, c->salt, sizeof c->salt);
    cp_put_uint(raw, c->passes);
    cp_put_uint(raw, c->memory);
    if (c->none)
        cp_put_fixed(raw, c->seal, sizeof c->seal);
    else
        cp_put_nil(raw);
    cp_put_bin(raw, CP_BYTES(c->sealed, sizeof c->sealed));
}

static enum cp_err encode(const struct cp_invitation *inv, struct cp_buf *raw)
{
    cp_put_array(raw, inv->has_carry || inv->has_person ? ITEMS + 1 : ITEMS);
    cp_put_uint(raw, inv->has_carry ? SORT_CARRY : inv->has_person ? SORT_PERSON : SORT_PLAIN);
    cp_put_fixed(raw, inv->plan, CP_ID_LEN);
    cp_put_fixed(raw, inv->invite, CP_ID_LEN);
    cp_put_fixed(raw, inv->token, CP_TOKEN_LEN);
    if (inv->has_server)
        cp_put_fixed(raw, inv->server_key, CP_KEY_LEN);
    else
        cp_put_nil(raw);
    if (inv->address[0] != '\0')
        cp_put_cstr(raw, inv->address);
    else
        cp_put_nil(raw);
    cp_put_fixed(raw, inv->door_key, CP_KEY_LEN);
    if (inv->has_carry)
        put_carry(&inv->carry, raw);
    else if (inv->has_person)
        cp_put_fixed(raw, inv->person, CP_ID_LEN);
    return cp_buf_err(raw);
}

enum cp_err cp_invitation_write(const struct cp_invitation *inv, struct cp_buf *out)
{
    struct cp_buf raw;
    cp_buf_init(&raw, out->mem, BYTES_MAX);
    enum cp_err err = encode(inv, &raw);
    if (err == CP_OK) {
        cp_typed_write(PREFIX, CP_TAG_INVITATION_CHECK, cp_buf_bytes(&raw), out);
        err = cp_buf_err(out);
        sodium_memzero(raw.ptr, raw.len);
    }
    cp_buf_clear(&raw);
    return err;
}

enum cp_err cp_invitation_words(const struct cp_invitation *inv, const struct cp_mem *mem, char out[static 64])
{
    struct cp_buf raw;
    uint8_t id[CP_ID_LEN], check[CP_TYPED_CHECK_LEN];
    cp_buf_init(&raw, mem, BYTES_MAX);
    enum cp_err err = encode(inv, &raw);
    if (err == CP_OK) {
        cp_typed_check(CP_TAG_INVITATION_CHECK, cp_buf_bytes(&raw), check);
        cp_hash2(CP_TAG_INVITATION_CHECK, cp_buf_bytes(&raw), CP_BYTES(check, sizeof check), id, sizeof id);
        cp_check_words(id, out);
        sodium_memzero(raw.ptr, raw.len);
    }
    cp_buf_clear(&raw);
    return err;
}

/* Whose these keys are is not judged here: a person whose key was changed has another id than they make. */
static void get_carry(struct cp_cursor *c, struct cp_carry *out)
{
    (void)cp_get_array(c, CARRY_ITEMS, CARRY_ITEMS);
    cp_get_fixed(c, out->person, CP_ID_LEN);
    cp_get_fixed(c, out->identity_key, CP_KEY_LEN);
    cp_get_fixed(c, out->recovery_key, CP_KEY_LEN);
    cp_get_fixed(c, out->salt, sizeof out->salt);
    out->passes = cp_get_uint(c, CP_INT_MAX);
    out->memory = cp_get_uint(c, CP_INT_MAX);
    out->none = cp_cursor_peek(c) == CP_MP_BIN;
    if (out->none)
        cp_get_fixed(c, out->seal, sizeof out->seal);
    else
        cp_get_nil(c);
    struct cp_bytes sealed = cp_get_bin(c, sizeof out->sealed);
    if (c->err == CP_OK && sealed.len != sizeof out->sealed)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err == CP_OK)
        memcpy(out->sealed, sealed.ptr, sizeof out->sealed);
}

static enum cp_err parse(struct cp_bytes raw, struct cp_invitation *out)
{
    struct cp_cursor c;
    cp_cursor_init(&c, raw, ITEMS + CARRY_ITEMS + 2);
    size_t items = cp_get_array(&c, ITEMS, ITEMS + 1);
    uint64_t sort = cp_get_uint(&c, SORT_PERSON);
    out->has_carry = sort == SORT_CARRY;
    out->has_person = sort == SORT_PERSON;
    if (sort < SORT_PLAIN || (items == ITEMS) != (sort == SORT_PLAIN))
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    cp_get_fixed(&c, out->plan, CP_ID_LEN);
    cp_get_fixed(&c, out->invite, CP_ID_LEN);
    cp_get_fixed(&c, out->token, CP_TOKEN_LEN);
    out->has_server = cp_cursor_peek(&c) == CP_MP_BIN;
    if (out->has_server)
        cp_get_fixed(&c, out->server_key, CP_KEY_LEN);
    else
        cp_get_nil(&c);
    if (cp_cursor_peek(&c) == CP_MP_STR) {
        struct cp_bytes address = cp_get_str(&c, sizeof out->address - 1);
        if (address.len == 0)
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
        else
            memcpy(out->address, address.ptr, address.len);
    } else {
        cp_get_nil(&c);
    }
    cp_get_fixed(&c, out->door_key, CP_KEY_LEN);
    if (out->has_carry)
        get_carry(&c, &out->carry);
    if (out->has_person)
        cp_get_fixed(&c, out->person, CP_ID_LEN);
    return cp_cursor_end(&c);
}

enum cp_err cp_invitation_read(struct cp_bytes text, struct cp_invitation *out)
{
    uint8_t raw[CP_TYPED_MAX + CP_TYPED_CHECK_LEN];
    size_t len = 0;
    memset(out, 0, sizeof *out);
    bool ok = cp_typed_read(PREFIX, CP_TAG_INVITATION_CHECK, text, raw, &len) && len <= BYTES_MAX &&
              parse(CP_BYTES(raw, len), out) == CP_OK;
    sodium_memzero(raw, sizeof raw);
    if (!ok)
        sodium_memzero(out, sizeof *out);
    return ok ? CP_OK : CP_ERR_BAD_INVITATION;
}
