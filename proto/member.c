/* Control frames. Owns: their layout. Must not: judge admission (member_fold.c) or JOINs (member_join.c). */
#include "proto/member.h"

#include <string.h>

/* refs of exactly `count` ids; out may be NULL when count is 0. */
static void get_refs(struct cp_cursor *c, size_t count, uint8_t *out)
{
    (void)cp_get_array(c, count, count);
    for (size_t i = 0; i < count; i++)
        cp_get_fixed(c, out + i * CP_ID_LEN, CP_ID_LEN);
}

static void get_join(struct cp_cursor *c, struct cp_join *join)
{
    struct cp_bytes bytes = cp_get_any(c, 1);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_join_read(bytes, join));
}

static void get_invite(struct cp_cursor *c, struct cp_control *out)
{
    cp_get_fixed(c, out->token_key, CP_KEY_LEN);
    cp_get_fixed(c, out->token_curve_key, CP_KEY_LEN);
    out->for_person = cp_cursor_peek(c) == CP_MP_BIN;
    if (out->for_person)
        cp_get_fixed(c, out->person, CP_ID_LEN);
    else
        cp_get_nil(c);
}

/* Ids in a row, each once: ascending, or only distinct. */
static void get_id_list(struct cp_cursor *c, size_t count, bool ascending, struct cp_id_list *out)
{
    *out = (struct cp_id_list){.count = count};
    for (size_t i = 0; i < count && c->err == CP_OK; i++) {
        const uint8_t *id = cp_get_fixed_ref(c, CP_ID_LEN);
        if (i == 0)
            out->first = id;
        else if (c->err == CP_OK && ascending && memcmp(cp_id_list_at(out, i - 1), id, CP_ID_LEN) >= 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        for (size_t k = 0; k < i && !ascending && c->err == CP_OK; k++)
            if (memcmp(cp_id_list_at(out, k), id, CP_ID_LEN) == 0)
                cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    }
}

/* The references are read again once it is known how many of them are plans. */
static void get_first(struct cp_cursor *c, struct cp_control *out)
{
    size_t refs = cp_get_array(c, 0, CP_REFS_MAX);
    struct cp_cursor from = *c;
    for (size_t i = 0; i < refs && c->err == CP_OK; i++)
        (void)cp_get_fixed_ref(c, CP_ID_LEN);
    out->continues = refs != 0;
    if (!out->continues) {
        get_join(c, &out->join);
        cp_get_nil(c);
        return;
    }
    cp_get_nil(c);
    (void)cp_get_array(c, 2, 2);
    size_t plans = (size_t)cp_get_uint(c, CP_LINEAGE_MAX);
    size_t people = cp_get_array(c, 1, CP_PEOPLE_MAX);
    get_id_list(c, people, true, &out->from.people);
    if (c->err == CP_OK && (plans == 0 || plans >= refs))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err != CP_OK)
        return;
    get_id_list(&from, plans, false, &out->from.plans);
    get_id_list(&from, refs - plans, true, &out->from.heads);
    cp_cursor_fail(c, from.err);
}

/* Skips the references, reads the statement, and tells where they began. */
static struct cp_bytes get_statement(struct cp_cursor *c, struct cp_cursor *refs, size_t *count, const uint8_t **sig)
{
    *count = cp_get_array(c, 0, CP_REFS_MAX);
    *refs = *c;
    for (size_t i = 0; i < *count && c->err == CP_OK; i++)
        (void)cp_get_fixed_ref(c, CP_ID_LEN);
    struct cp_bytes text = cp_get_bin(c, CP_STATEMENT_MAX);
    *sig = cp_get_fixed_ref(c, CP_SIG_LEN);
    return text;
}

/* The references are what the statement names, one by one: a frame that says something else has no effect. */
static void same_refs(struct cp_cursor *c, struct cp_cursor *refs, size_t refs_count, size_t count,
                      const uint8_t *(*named)(const void *statement, size_t i), const void *statement)
{
    if (c->err == CP_OK && refs_count != count)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; i < count && c->err == CP_OK; i++)
        if (memcmp(cp_get_fixed_ref(refs, CP_ID_LEN), named(statement, i), CP_ID_LEN) != 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static const uint8_t *withdrawn_entry(const void *w, size_t i)
{
    return cp_withdraw_entry(w, i);
}

static const uint8_t *left_join(const void *l, size_t i)
{
    return cp_leave_join(l, i);
}

static void get_withdraw(struct cp_cursor *c, struct cp_withdraw *out)
{
    struct cp_cursor refs;
    const uint8_t *sig;
    size_t count;
    struct cp_bytes text = get_statement(c, &refs, &count, &sig);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_withdraw_read(text, sig, out));
    same_refs(c, &refs, count, out->count, withdrawn_entry, out);
}

static void get_leave(struct cp_cursor *c, struct cp_leave *out)
{
    struct cp_cursor refs;
    const uint8_t *sig;
    size_t count;
    struct cp_bytes text = get_statement(c, &refs, &count, &sig);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_leave_read(text, sig, out));
    same_refs(c, &refs, count, out->count, left_join, out);
}

/* Names the plan that it is made for, and nothing else. */
static void get_follow(struct cp_cursor *c, struct cp_follow *out)
{
    struct cp_cursor refs;
    const uint8_t *sig;
    size_t count;
    struct cp_bytes text = get_statement(c, &refs, &count, &sig);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_follow_read(text, sig, out));
    if (c->err == CP_OK &&
        (count != 1 || memcmp(cp_get_fixed_ref(&refs, CP_ID_LEN), out->statement.plan, CP_ID_LEN) != 0))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static void get_revoke(struct cp_cursor *c, struct cp_revoke *out)
{
    struct cp_cursor refs;
    const uint8_t *sig;
    size_t count;
    struct cp_bytes text = get_statement(c, &refs, &count, &sig);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_revoke_read(text, sig, out));
    if (c->err == CP_OK && !cp_revoke_refs_ok(out, &refs, count))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static void get_key(struct cp_cursor *c, struct cp_key_change *out)
{
    struct cp_cursor refs;
    const uint8_t *sig;
    size_t count;
    struct cp_bytes text = get_statement(c, &refs, &count, &sig);
    if (c->err == CP_OK)
        cp_cursor_fail(c, cp_key_read(text, sig, out));
    if (c->err == CP_OK && !cp_key_refs_ok(out, &refs, count))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

/* Values of the array after the kind; false for kinds that have no layout here yet. */
static bool get_rest(struct cp_cursor *c, uint64_t kind, size_t count, struct cp_control *out)
{
    if (kind == CP_KIND_FIRST && count == 4) {
        get_first(c, out);
    } else if (kind == CP_KIND_INVITE && count == 5) {
        get_refs(c, 0, NULL);
        get_invite(c, out);
    } else if (kind == CP_KIND_UNINVITE && count == 2) {
        get_refs(c, 1, out->invite);
    } else if (kind == CP_KIND_ADMIT && count == 3) {
        get_refs(c, 1, out->invite);
        get_join(c, &out->join);
    } else if (kind == CP_KIND_REVOKE && count == 4) {
        get_revoke(c, &out->revoke);
    } else if (kind == CP_KIND_KEY && count == 4) {
        get_key(c, &out->key);
    } else if (kind == CP_KIND_LEAVE && count == 4) {
        get_leave(c, &out->leave);
    } else if (kind == CP_KIND_WITHDRAW && count == 4) {
        get_withdraw(c, &out->withdraw);
    } else if (kind == CP_KIND_FOLLOW && count == 4) {
        get_follow(c, &out->follow);
    } else if (kind == CP_KIND_SECRET && count == 3) {
        get_refs(c, 0, NULL);
        cp_get_fixed(c, out->secret, CP_KEY_LEN);
    } else {
        return false;
    }
    return true;
}

void cp_control_read(struct cp_bytes frame, struct cp_control *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    size_t count = cp_get_array(&c, 2, 0xffff);
    uint64_t kind = cp_get_uint(&c, UINT32_MAX);
    if (c.err != CP_OK || cp_kind_word(kind) == NULL || cp_kind_class(kind) != CP_CONTROL)
        return;
    out->kind = (enum cp_kind)kind;
    out->known = get_rest(&c, kind, count, out) && cp_cursor_end(&c) == CP_OK;
}

enum cp_err cp_first_check(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header,
                           struct cp_bytes frame, const uint8_t sig[static CP_SIG_LEN], struct cp_header *h,
                           struct cp_control *control)
{
    struct cp_entry e = {.header = header, .frame = frame, .words = CP_BYTES((const uint8_t *)"", 0)};
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_entry_check(&e, h);
    if (err != CP_OK)
        return err;
    cp_entry_id(cp_zero_id, header, id);
    cp_control_read(frame, control);
    control->continues = control->known && control->kind == CP_KIND_FIRST && control->continues;
    if (memcmp(id, plan, CP_ID_LEN) != 0 || h->seq != 1 || (h->parents_count != 0) != control->continues ||
        h->class != CP_CONTROL)
        return CP_ERR_WRONG_PLAN;
    return cp_entry_sig_ok(id, sig, h->device) ? CP_OK : CP_ERR_BAD_SIGNATURE;
}

static void put_head(struct cp_buf *out, size_t count, enum cp_kind kind, const uint8_t *ref)
{
    cp_put_array(out, count);
    cp_put_uint(out, kind);
    cp_put_array(out, ref != NULL ? 1 : 0);
    if (ref != NULL)
        cp_put_fixed(out, ref, CP_ID_LEN);
}

void cp_first_write(struct cp_bytes join, struct cp_buf *out)
{
    put_head(out, 4, CP_KIND_FIRST, NULL);
    cp_buf_put_bytes(out, join);
    cp_put_nil(out);
}

static bool distinct(const uint8_t (*ids)[CP_ID_LEN], size_t count, bool ascending)
{
    for (size_t i = 1; i < count; i++) {
        if (ascending && memcmp(ids[i - 1], ids[i], CP_ID_LEN) >= 0)
            return false;
        for (size_t k = 0; k < i && !ascending; k++)
            if (memcmp(ids[k], ids[i], CP_ID_LEN) == 0)
                return false;
    }
    return true;
}

static void put_ids(const uint8_t (*ids)[CP_ID_LEN], size_t count, struct cp_buf *out)
{
    for (size_t i = 0; i < count; i++)
        cp_put_fixed(out, ids[i], CP_ID_LEN);
}

enum cp_err cp_continue_write(const uint8_t (*plans)[CP_ID_LEN], size_t plans_count, const uint8_t (*heads)[CP_ID_LEN],
                              size_t heads_count, const uint8_t (*people)[CP_ID_LEN], size_t people_count,
                              struct cp_buf *out)
{
    if (plans_count == 0 || heads_count == 0 || people_count == 0 || !distinct(plans, plans_count, false) ||
        !distinct(heads, heads_count, true) || !distinct(people, people_count, true))
        return CP_ERR_BAD_VALUE;
    if (plans_count > CP_LINEAGE_MAX || plans_count + heads_count > CP_REFS_MAX || people_count > CP_PEOPLE_MAX)
        return CP_ERR_TOO_BIG;
    cp_put_array(out, 4);
    cp_put_uint(out, CP_KIND_FIRST);
    cp_put_array(out, plans_count + heads_count);
    put_ids(plans, plans_count, out);
    put_ids(heads, heads_count, out);
    cp_put_nil(out);
    cp_put_array(out, 2);
    cp_put_uint(out, plans_count);
    cp_put_array(out, people_count);
    put_ids(people, people_count, out);
    return cp_buf_err(out);
}

void cp_invite_write(const uint8_t token_key[static CP_KEY_LEN], const uint8_t token_curve_key[static CP_KEY_LEN],
                     const uint8_t *person, struct cp_buf *out)
{
    put_head(out, 5, CP_KIND_INVITE, NULL);
    cp_put_fixed(out, token_key, CP_KEY_LEN);
    cp_put_fixed(out, token_curve_key, CP_KEY_LEN);
    if (person != NULL)
        cp_put_fixed(out, person, CP_ID_LEN);
    else
        cp_put_nil(out);
}

void cp_uninvite_write(const uint8_t invite[static CP_ID_LEN], struct cp_buf *out)
{
    put_head(out, 2, CP_KIND_UNINVITE, invite);
}

void cp_admit_write(const uint8_t invite[static CP_ID_LEN], struct cp_bytes join, struct cp_buf *out)
{
    put_head(out, 3, CP_KIND_ADMIT, invite);
    cp_buf_put_bytes(out, join);
}

void cp_secret_write(const uint8_t secret[static CP_KEY_LEN], struct cp_buf *out)
{
    put_head(out, 3, CP_KIND_SECRET, NULL);
    cp_put_fixed(out, secret, CP_KEY_LEN);
}
