/*
 * Commands about people: invite, invites, join, people (docs/api.md).
 * Owns: what these answer. Must not: judge a JOIN (meet_admit.c and every reader of the ADMIT do).
 */
#include "daemon/bundle.h"
#include "daemon/control.h"
#include "daemon/meet.h"
#include "daemon/net_reach.h"
#include "daemon/serve_devices.h"
#include "daemon/serve_spoken.h"
#include "daemon/view.h"
#include "proto/spoken.h"
#include "proto/utf8.h"

#define ROW_MAX 262144U

static void put_hex(struct cp_buf *out, const char *key, const uint8_t *id)
{
    cp_api_key(out, key);
    cp_api_hex(out, id, CP_ID_LEN);
}

static void put_bool(struct cp_buf *out, const char *key, bool value)
{
    cp_api_key(out, key);
    cp_api_bool(out, value);
}

/* ---- invite ---- */

/* *stale: a device was reported lost and whoever did it wrote no secret behind it, as far as we know. */
static enum cp_err newest_door(struct cp_node *node, const uint8_t *plan, uint8_t key[static CP_KEY_LEN],
                               bool *stale)
{
    uint8_t(*secrets)[CP_KEY_LEN] = NULL;
    uint8_t secret[CP_KEY_LEN];
    size_t count = 0;
    bool in_use = false;
    enum cp_err err = cp_store_secrets_known(node->store, plan, &secrets, &count, &in_use);
    if (err == CP_OK && count == 0)
        err = CP_ERR_NOT_YET; /* the plan's control entries are not all here */
    *stale = err == CP_OK && !in_use;
    if (err == CP_OK)
        cp_door_curve(secrets[0], key, secret);
    if (secrets != NULL)
        sodium_memzero(secrets, count * sizeof *secrets);
    sodium_memzero(secret, sizeof secret);
    cp_free(node->mem, secrets);
    return err;
}

static void put_invite(struct cp_request *r, const struct cp_invitation *inv, struct cp_bytes text)
{
    struct cp_buf out;
    char words[64];
    enum cp_err err = cp_invitation_words(inv, r->node->mem, words);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, inv->has_carry ? 4 : 2);
    cp_api_key(&out, "invite");
    cp_api_text(&out, text);
    put_hex(&out, "id", inv->invite);
    if (inv->has_carry) {
        cp_api_key(&out, "check_words");
        cp_api_cstr(&out, words);
        put_bool(&out, "no_passphrase", inv->carry.none);
    }
    if (out.ptr != NULL && cp_buf_err(&out) == CP_OK)
        cp_reply_done(r, cp_buf_bytes(&out), 0);
    else
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
    if (out.ptr != NULL)
        sodium_memzero(out.ptr, out.len);
    cp_buf_clear(&out);
}

enum cp_err cp_serve_make_invite(struct cp_request *r, struct cp_invitation *inv)
{
    struct cp_node *node = r->node;
    uint8_t sign_key[CP_KEY_LEN], curve_key[CP_KEY_LEN], box[CP_KEY_LEN];
    struct cp_buf frame;
    memcpy(inv->plan, r->plan, sizeof inv->plan);
    /* The key goes along without an address too: whoever is told the address later knows whom to expect there. */
    inv->has_server = true;
    cp_keeper_machine(node->keeper, inv->server_key, box);
    if (node->bound[0] != '\0')
        cp_net_reachable(node->bound, inv->address);
    bool stale = false;
    enum cp_err err = newest_door(node, r->plan, inv->door_key, &stale);
    if (err == CP_OK && stale)
        err = cp_serve_new_secret(r, inv->invite);
    if (err == CP_OK && stale)
        err = newest_door(node, r->plan, inv->door_key, &stale);
    if (err != CP_OK)
        return err;
    cp_buf_init(&frame, node->mem, CP_ENTRY_MAX);
    cp_token_public(inv->token, sign_key, curve_key);
    cp_invite_write(sign_key, curve_key,
                    inv->has_carry    ? inv->carry.person
                    : inv->has_person ? inv->person
                                      : NULL,
                    &frame);
    err = cp_buf_err(&frame);
    if (err == CP_OK)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), inv->invite);
    cp_buf_clear(&frame);
    return err;
}

static void invite_with(struct cp_request *r, struct cp_invitation *inv)
{
    struct cp_buf text;
    cp_buf_init(&text, r->node->mem, ROW_MAX);
    randombytes_buf(inv->token, sizeof inv->token);
    enum cp_err err = cp_serve_make_invite(r, inv);
    if (err == CP_OK)
        err = cp_invitation_write(inv, &text);
    if (err == CP_OK)
        put_invite(r, inv, cp_buf_bytes(&text));
    else
        cp_reply_error(r, err, NULL, NULL);
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len);
    cp_buf_clear(&text);
}

/* For a further device of mine: my identity goes with it, sealed, so the passphrase was asked for. */
static void invite_device(struct cp_request *r)
{
    struct cp_invitation inv;
    memset(&inv, 0, sizeof inv);
    inv.has_carry = true;
    enum cp_err err = cp_node_key_counts(r);
    if (err == CP_OK)
        err = cp_keeper_carry(r->node->keeper, r->person, r->seal, &inv.carry);
    if (err == CP_OK)
        invite_with(r, &inv);
    else
        cp_reply_error(r, err, NULL, NULL);
    sodium_memzero(&inv, sizeof inv);
}

/* For somebody of the plan who lost their devices: only their sheet makes anything of it. */
static enum cp_err invited_back(struct cp_request *r, struct cp_invitation *inv)
{
    struct cp_bytes typed = cp_api_member_text(&r->with, "for", CP_BYTES(NULL, 0));
    const struct cp_members *members = NULL;
    if (typed.len == 0)
        return CP_OK;
    enum cp_err err = cp_node_find_person(r->node, r->plan, typed, inv->person);
    if (err == CP_OK)
        err = cp_store_members(r->node->store, r->plan, &members);
    inv->has_person = false;
    for (size_t i = 0; err == CP_OK && i < members->count; i++)
        inv->has_person = inv->has_person || memcmp(members->devices[i].person, inv->person, CP_ID_LEN) == 0;
    return err == CP_OK && !inv->has_person ? CP_ERR_NOT_FOUND
                                            : err; /* a person without a device has no sheet */
}

static void serve_invite(struct cp_request *r)
{
    struct cp_invitation inv;
    if (cp_api_member_true(&r->with, "words")) {
        cp_serve_invite_words(r);
        return;
    }
    if (cp_api_member_true(&r->with, "my_device")) {
        cp_request_seal(r, invite_device);
        return;
    }
    memset(&inv, 0, sizeof inv);
    enum cp_err err = invited_back(r, &inv);
    if (err == CP_OK)
        invite_with(r, &inv);
    else
        cp_reply_about(r, err, cp_api_member_text(&r->with, "for", CP_BYTES(NULL, 0)));
    sodium_memzero(&inv, sizeof inv);
}

/* ---- join ---- */

bool cp_serve_is_in(const struct cp_request *r)
{
    const struct cp_members *members = NULL;
    if (cp_store_members(r->node->store, r->plan, &members) != CP_OK)
        return false;
    const struct cp_member_device *d = cp_members_find(members, cp_request_device(r));
    return d != NULL && cp_member_is_in(d);
}

bool cp_serve_is_held(const struct cp_request *r)
{
    const struct cp_keeper *k = r->node->keeper;
    const struct cp_members *members = NULL;
    if (cp_store_members(r->node->store, r->plan, &members) != CP_OK)
        return false;
    for (size_t i = 0; i < cp_keeper_count(k); i++) {
        const struct cp_member_device *d = cp_members_find(members, cp_keeper_person(k, i)->device_key);
        if (d != NULL && cp_member_is_in(d))
            return true;
    }
    return false;
}

/* The person's name in the plan, or in the request that waits: a name that is typed later changes neither. */
static void put_name(struct cp_request *r, bool in, struct cp_buf *out)
{
    struct cp_buf name, was;
    struct cp_join j;
    cp_buf_init(&name, r->node->mem, CP_JOIN_MAX);
    cp_buf_init(&was, r->node->mem, CP_TEXT_MAX);
    cp_api_key(out, "name");
    if (in && cp_node_name(r->node, r->plan, cp_keeper_person(r->node->keeper, r->person)->person, &name) == CP_OK)
        cp_api_text(out, cp_buf_bytes(&name));
    else if (!in && cp_store_awaited(r->node->store, r->plan, &name, &was) == CP_OK && cp_join_read(cp_buf_bytes(&name), &j) == CP_OK)
        cp_api_text(out, j.name);
    else
        cp_api_null(out);
    cp_buf_clear(&name);
    cp_buf_clear(&was);
}

static void join_answer(struct cp_request *r)
{
    struct cp_buf out;
    if (strcmp(r->name, "recover") == 0 && cp_serve_is_in(r)) {
        cp_serve_recovered(r); /* let in: now the new key is named */
        return;
    }
    struct cp_invitation inv;
    char words[64];
    struct cp_bytes text = cp_api_member_text(&r->with, "invitation", CP_BYTES(NULL, 0));
    bool linked = cp_invitation_read(text, &inv) == CP_OK && inv.has_carry &&
                  cp_invitation_words(&inv, r->node->mem, words) == CP_OK;
    sodium_memzero(&inv, sizeof inv);
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, linked ? 5 : 4);
    put_hex(&out, "plan", r->plan);
    put_hex(&out, "person", cp_keeper_person(r->node->keeper, r->person)->person);
    cp_api_key(&out, "state");
    cp_api_cstr(&out, cp_serve_is_in(r) ? "in" : "waiting");
    put_name(r, cp_serve_is_in(r), &out);
    if (linked) {
        cp_api_key(&out, "check_words");
        cp_api_cstr(&out, words);
    }
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* A JOIN that was refused for what it is will never be taken: it is not kept, nor the plan shown as waiting. */
static void forget_join(struct cp_request *r)
{
    struct cp_store *store = r->node->store;
    if (cp_store_begin(store) != CP_OK)
        return;
    if (cp_store_await(store, r->plan, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0)) != CP_OK ||
        cp_store_commit(store) != CP_OK)
        cp_store_rollback(store); /* kept then: asking again is harmless */
}

/* The JOIN is kept, so whoever is out of reach now is no reason to fail. UNPROVEN: another machine answers at
 * that address than the one that the invitation names. */
static void join_met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count)
{
    struct cp_request *r = ctx;
    (void)rows;
    (void)count;
    bool used = err == CP_ERR_INVITATION_USED;
    bool refused =
        used || err == CP_ERR_BAD_INVITATION || err == CP_ERR_BAD_SIGNATURE || err == CP_ERR_UNPROVEN;
    bool sheet = err == CP_ERR_BAD_SIGNATURE && strcmp(r->name, "recover") == 0;
    bool locked = cp_keeper_locked(r->node->keeper);
    if (!locked && refused && !cp_serve_is_in(r)) {
        /* UNPROVEN: another machine said it, the right one may still take the JOIN. But not of who is nobody any more. */
        if (cp_serve_became(r, false) || err != CP_ERR_UNPROVEN)
            forget_join(r);
        cp_reply_error(r, used ? err : sheet ? CP_ERR_BAD_SHEET : CP_ERR_BAD_INVITATION, NULL, NULL);
        return;
    }
    (void)cp_serve_became(r, true);
    if (locked)
        cp_reply_error(r, CP_ERR_LOCKED, NULL, NULL);
    else
        join_answer(r);
}

/* Before anybody was asked, or because somebody here did not let them in. */
static void join_failed(struct cp_request *r, enum cp_err err)
{
    if (cp_serve_became(r, false))
        forget_join(r);
    cp_reply_error(r, err, NULL, NULL);
}

static enum cp_err make_join(struct cp_request *r, const struct cp_invitation *inv, struct cp_bytes name,
                             struct cp_buf *join)
{
    struct cp_keeper *k = r->node->keeper;
    if (inv->has_person) {
        struct cp_sheet sheet;
        enum cp_err err = cp_keeper_sheet(cp_api_member_text(&r->with, "sheet", CP_BYTES(NULL, 0)), &sheet);
        if (err == CP_OK)
            err = cp_keeper_join_recovery(k, r->person, r->seal, &sheet, inv->plan, inv->invite, inv->token,
                                          name, join);
        sodium_memzero(&sheet, sizeof sheet);
        return err;
    }
    if (inv->has_carry)
        return cp_keeper_join_device(k, r->person, r->seal, inv->plan, inv->invite, inv->token, name, join);
    return cp_keeper_join(k, r->person, r->seal, inv->plan, inv->invite, inv->token, name, join);
}

/* Kept with what meeting needs; the identity that it carried is in the key file now. */
static enum cp_err await(struct cp_node *node, const struct cp_invitation *inv, struct cp_bytes join)
{
    struct cp_invitation kept = *inv;
    struct cp_buf text;
    kept.has_carry = false;
    sodium_memzero(&kept.carry, sizeof kept.carry);
    cp_buf_init(&text, node->mem, CP_TEXT_MAX);
    enum cp_err err = cp_invitation_write(&kept, &text);
    if (err == CP_OK)
        err = cp_store_begin(node->store);
    if (err == CP_OK) {
        err = cp_store_await(node->store, inv->plan, join, cp_buf_bytes(&text));
        if (err == CP_OK)
            err = cp_store_hush(node->store, inv->plan, false); /* whoever left may come back */
        if (err == CP_OK)
            err = cp_store_commit(node->store);
        if (err != CP_OK)
            cp_store_rollback(node->store);
    }
    sodium_memzero(&kept, sizeof kept);
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len);
    cp_buf_clear(&text);
    return err;
}

/* The JOIN made earlier for the same invitation and person, else a new one, stored before it is sent. */
static enum cp_err join_stored(struct cp_request *r, const struct cp_invitation *inv, struct cp_bytes name,
                               struct cp_buf *join)
{
    struct cp_node *node = r->node;
    struct cp_buf old;
    struct cp_join j;
    struct cp_invitation was;
    cp_buf_init(&old, node->mem, CP_TEXT_MAX);
    enum cp_err err = cp_store_awaited(node->store, inv->plan, join, &old);
    /* A letter mistyped in the token made a JOIN that nobody admits: it must not stand in for the right one. */
    bool same = err == CP_OK && cp_invitation_read(cp_buf_bytes(&old), &was) == CP_OK &&
                memcmp(was.token, inv->token, CP_TOKEN_LEN) == 0;
    sodium_memzero(&was, sizeof was);
    cp_buf_clear(&old);
    if (same && cp_join_read(cp_buf_bytes(join), &j) == CP_OK &&
        memcmp(j.invite, inv->invite, CP_ID_LEN) == 0 &&
        memcmp(j.device_key, cp_request_device(r), CP_KEY_LEN) == 0)
        return CP_OK;
    if (err != CP_OK && err != CP_ERR_NOT_FOUND)
        return err;
    cp_buf_reset(join);
    err = make_join(r, inv, name, join);
    if (err == CP_OK)
        err = cp_buf_err(join);
    return err == CP_OK ? await(node, inv, cp_buf_bytes(join)) : err;
}

static bool name_ok(struct cp_bytes name)
{
    if (name.len > CP_NAME_MAX || !cp_utf8_ok(name) || cp_utf8_blank(name))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < 0x20 || name.ptr[i] == 0x7f)
            return false;
    return true;
}

/* For a stick: the JOIN, boxed to the plan's door. Without one: only whether that can be written. */
static enum cp_err join_as_file(struct cp_request *r, const struct cp_invitation *inv, struct cp_bytes join)
{
    char path[CP_PATH_MAX + 1];
    if (!cp_request_path(r, "out", path))
        return CP_ERR_USAGE;
    if (join.len == 0)
        return cp_bundle_may_write_join(r->node, path);
    return cp_bundle_write_join(r->node, path, inv->plan, inv->door_key, join);
}

/* Another person of this machine is in: it admits here, and nobody need be met. NOT_FOUND: it has to be asked for. */
static enum cp_err join_here(struct cp_request *r, const struct cp_invitation *inv, struct cp_bytes name)
{
    struct cp_buf join;
    if (!cp_serve_is_held(r))
        return CP_ERR_NOT_FOUND;
    cp_buf_init(&join, r->node->mem, CP_JOIN_MAX);
    enum cp_err err = make_join(r, inv, name, &join);
    if (err == CP_OK)
        err = cp_meet_admit(r->node->meetings, inv->plan, cp_buf_bytes(&join));
    cp_buf_clear(&join);
    return err == CP_OK || err == CP_ERR_INVITATION_USED || err == CP_ERR_LOCKED ? err : CP_ERR_NOT_FOUND;
}

void cp_serve_join_with(struct cp_request *r, const struct cp_invitation *inv)
{
    struct cp_node *node = r->node;
    struct cp_buf join;
    struct cp_bytes name = cp_api_member_text(&r->with, "name", CP_BYTES(NULL, 0));
    struct cp_bytes out_path = cp_api_member_text(&r->with, "out", CP_BYTES(NULL, 0));
    if (name.len == 0)
        name = cp_bytes_str(cp_keeper_person(node->keeper, r->person)->name);
    cp_buf_init(&join, node->mem, CP_JOIN_MAX);
    memcpy(r->plan, inv->plan, sizeof r->plan);
    enum cp_err err = !name_ok(name) ? CP_ERR_USAGE : cp_serve_is_in(r) ? CP_OK : join_here(r, inv, name);
    if (err != CP_ERR_NOT_FOUND) {
        if (err == CP_OK) {
            (void)cp_serve_became(r, true);
            join_answer(r);
        } else
            join_failed(r, err);
        goto out;
    }
    /* What is refused has changed nothing: a JOIN that is kept is this device's word on its name, and a plan that waits. */
    err = out_path.len > 0 ? join_as_file(r, inv, CP_BYTES(NULL, 0)) : CP_OK;
    if (err == CP_OK)
        err = join_stored(r, inv, name, &join);
    if (err == CP_OK && out_path.len > 0)
        err = join_as_file(r, inv, cp_buf_bytes(&join));
    if (err != CP_OK) {
        join_failed(r, err);
        goto out;
    }
    if (out_path.len > 0 || !inv->has_server || inv->address[0] == '\0') {
        (void)cp_serve_became(r, true);
        join_answer(r);
        goto out;
    }
    err = cp_node_meet(node, inv->address, NULL, false, inv, cp_buf_bytes(&join), join_met, r);
    if (err != CP_OK)
        join_failed(r, err == CP_ERR_USAGE ? CP_ERR_BAD_INVITATION : err);
out:
    cp_buf_clear(&join);
}

static void serve_join(struct cp_request *r)
{
    struct cp_invitation inv;
    struct cp_bytes text = cp_api_member_text(&r->with, "invitation", CP_BYTES(NULL, 0));
    struct cp_bytes name = cp_api_member_text(&r->with, "name", CP_BYTES(NULL, 0));
    bool named = name.len == 0 || name_ok(name);
    if (named && cp_spoken_is(text)) {
        cp_serve_join_words(r, text);
        return;
    }
    enum cp_err err = named ? cp_invitation_read(text, &inv) : CP_ERR_USAGE;
    if (err == CP_OK && (inv.has_carry || inv.has_person))
        err = CP_ERR_BAD_INVITATION; /* `link` or `recover` takes it: it makes this device's person another */
    if (err == CP_OK)
        cp_serve_join_with(r, &inv);
    else
        cp_reply_error(r, err, NULL, NULL);
    sodium_memzero(&inv, sizeof inv);
}

/* ---- people ---- */

static enum cp_err kept_informed(struct cp_node *node, const uint8_t *plan, struct cp_ids *out)
{
    struct cp_loaded loaded;
    struct cp_record_state state;
    enum cp_err err = cp_store_load(node->store, plan, plan, false, &loaded);
    if (err != CP_OK)
        return err;
    err = cp_record_fold(&state, node->mem, loaded.writes, loaded.writes_count);
    if (err == CP_OK) {
        const struct cp_register *list = cp_record_get(&state, CP_FIELD_KEPT_INFORMED, CP_BYTES(NULL, 0));
        for (size_t i = 0; err == CP_OK && list != NULL && i < list->count; i++) {
            const uint8_t *person = cp_record_link(&state, &list->values[i]);
            if (person != NULL)
                err = cp_ids_add(out, person, 0);
        }
        cp_record_clear(&state);
    }
    cp_loaded_clear(&loaded);
    return err;
}

static void put_device(struct cp_request *r, const struct cp_member_device *d, struct cp_buf *out)
{
    const struct cp_meet_report *last = cp_meet_last(r->node->meetings, r->plan, d->curve_key);
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    cp_keeper_machine(r->node->keeper, own, box);
    cp_api_object(out, 6);
    put_hex(out, "device", d->device_key);
    cp_api_key(out, "name");
    cp_api_text(out, d->device_name);
    put_bool(out, "standing", cp_member_speaks(d));
    cp_api_key(out, "state");
    cp_api_cstr(out, cp_serve_device_state(d));
    put_bool(out, "here", memcmp(d->curve_key, own, CP_KEY_LEN) == 0);
    cp_api_key(out, "last_seen");
    if (last == NULL)
        cp_api_null(out);
    else
        cp_api_int(out, (int64_t)last->time_ms);
}

static enum cp_err people_row(struct cp_request *r, const struct cp_members *members,
                              const struct cp_named *who, const struct cp_ids *informed)
{
    struct cp_buf out;
    size_t devices = 0;
    bool stands = false, shared = false, left = false;
    for (size_t i = 0; i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        if (memcmp(d->person, who->person, CP_ID_LEN) != 0)
            continue;
        devices++;
        stands = stands || cp_member_speaks(d);
        left = left || d->left;
        shared = shared || d->token_shared;
    }
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 8);
    put_hex(&out, "person", who->person);
    cp_api_key(&out, "name");
    cp_api_text(&out, who->name);
    put_bool(&out, "standing", stands);
    put_bool(&out, "someone", who->someone);
    put_bool(&out, "kept_informed", cp_ids_have(informed, who->person));
    put_bool(&out, "token_shared", shared);
    put_bool(&out, "left", left && !stands);
    cp_api_key(&out, "devices");
    cp_api_list(&out, devices);
    for (size_t i = 0; i < members->count; i++)
        if (memcmp(members->devices[i].person, who->person, CP_ID_LEN) == 0)
            put_device(r, &members->devices[i], &out);
    enum cp_err err = cp_buf_err(&out);
    if (err == CP_OK)
        cp_reply_row(r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
    return err;
}

static void serve_people(struct cp_request *r)
{
    struct cp_node *node = r->node;
    const struct cp_members *members = NULL;
    struct cp_desk desk;
    struct cp_ids informed;
    enum cp_err err = cp_desk_open(&desk, node, r->plan);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_ids_init(&informed, node->mem);
    err = kept_informed(node, r->plan, &informed);
    if (err == CP_OK)
        err = cp_store_members(node->store, r->plan, &members);
    for (size_t i = 0; err == CP_OK && i < desk.people_count; i++)
        if (!desk.people[i].aside)
            err = people_row(r, members, &desk.people[i], &informed);
    cp_ids_clear(&informed);
    cp_desk_close(&desk);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

const struct cp_command cp_serve_people[] = {
    {"invite", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_invite},
    {"join", CP_NEED_UNLOCKED | CP_NEED_PERSON | CP_NEED_SEAL, serve_join},
    {"people", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_people},
    {NULL, 0, NULL},
};
