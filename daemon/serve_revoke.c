/*
 * Devices that were lost, and people that fell out with them: revoke-device, admit (docs/api.md), and what `follow` does of it.
 * Owns: which device is meant, and what is said of what counts no more. Must not: decide what a REVOKE comes to
 * (proto/member.h), or sign (the keeper does).
 */
#include <string.h>

#include "daemon/control.h"
#include "daemon/serve_devices.h"
#include "daemon/view.h"

const char *cp_serve_device_state(const struct cp_member_device *d)
{
    return d->revoked  ? "reported lost"
           : d->left   ? "left"
           : d->waits  ? "to follow"
           : d->stands ? "in"
                       : "not in";
}

enum cp_err cp_serve_find_device(const struct cp_members *m, const uint8_t *person, struct cp_bytes typed,
                                 const struct cp_member_device **out)
{
    size_t met = 0;
    *out = NULL;
    for (int by_name = 0; by_name <= 1 && met == 0; by_name++)
        for (size_t i = 0; i < m->count; i++) {
            const struct cp_member_device *d = &m->devices[i];
            if (person != NULL && memcmp(d->person, person, CP_ID_LEN) != 0)
                continue;
            if (by_name == 0 ? !cp_id_begins(d->device_key, typed) : !cp_bytes_eq(d->device_name, typed))
                continue;
            *out = d;
            met++;
        }
    return met == 0 ? CP_ERR_NOT_FOUND : met > 1 ? CP_ERR_AMBIGUOUS : CP_OK;
}

/* ---- revoke-device ---- */

/* What was said of the device before and what this key may say anew: a narrower or wider cut takes its place. */
static size_t earlier_of(const struct cp_members *m, const uint8_t *device, const uint8_t *person,
                         uint8_t (*ids)[CP_ID_LEN], bool *by_sheet)
{
    size_t count = 0;
    *by_sheet = false;
    for (size_t i = 0; i < m->cuts_count; i++) {
        const struct cp_member_cut *c = &m->cuts[i];
        if (memcmp(c->device, device, CP_KEY_LEN) != 0 || memcmp(c->person, person, CP_ID_LEN) != 0)
            continue;
        *by_sheet = *by_sheet || c->by_recovery;
        if (!c->by_recovery && count < CP_EARLIER_MAX)
            memcpy(ids[count++], c->statement, CP_ID_LEN);
    }
    cp_id_sort(ids, count);
    return count;
}

struct lost {
    uint8_t device[CP_KEY_LEN];
    uint8_t earlier[CP_EARLIER_MAX][CP_ID_LEN];
    size_t earlier_count;
    bool again, by_sheet;
    uint64_t kept, beyond;
    uint8_t entry[CP_ID_LEN];
};

static enum cp_err judge_lost(struct cp_request *r, struct lost *l)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    const struct cp_member_device *d = NULL;
    const struct cp_members *m = NULL;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &m);
    if (err == CP_OK)
        err = cp_serve_find_device(m, NULL, cp_arg(r, "device"), &d);
    if (err == CP_ERR_AMBIGUOUS) /* a name that others gave their devices too */
        err = cp_serve_find_device(m, own->person, cp_arg(r, "device"), &d);
    if (err == CP_OK && memcmp(d->person, own->person, CP_ID_LEN) != 0)
        err = CP_ERR_NOT_YOURS;
    if (err == CP_OK && memcmp(d->device_key, own->device_key, CP_KEY_LEN) == 0)
        err = CP_ERR_THIS_DEVICE;
    if (err != CP_OK)
        return err;
    memcpy(l->device, d->device_key, CP_KEY_LEN);
    l->again = d->revoked;
    l->earlier_count = earlier_of(m, d->device_key, own->person, l->earlier, &l->by_sheet);
    return CP_OK;
}

/* Nothing said: all that has come from it up to now was its person's. `after`: up to that entry. `all`: nothing was. */
static enum cp_err make_cut(struct cp_request *r, struct lost *l, struct cp_buf *cut)
{
    struct cp_bytes typed = cp_arg(r, "after");
    uint8_t after[CP_ID_LEN];
    if (cp_api_member_true(&r->with, "all")) {
        if (typed.len > 0)
            return CP_ERR_USAGE;
        return cp_cut_write(NULL, 0, cut);
    }
    enum cp_err err = typed.len > 0 ? cp_node_find_entry(r->node, r->plan, typed, after) : CP_OK;
    return err == CP_OK ? cp_store_cut(r->node->store, r->plan, l->device, typed.len > 0 ? after : NULL, cut, NULL, NULL)
                        : err;
}

static enum cp_err write_revoke(struct cp_request *r, struct lost *l, struct cp_bytes cut)
{
    struct cp_buf text, frame;
    uint8_t sig[CP_SIG_LEN], secret[CP_ID_LEN];
    cp_buf_init(&text, r->node->mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err =
        cp_keeper_revoke(r->node->keeper, r->person, r->seal, r->plan, l->device,
                         (const uint8_t(*)[CP_ID_LEN])l->earlier, l->earlier_count, cut, &text, sig);
    if (err == CP_OK)
        err = cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame);
    if (err == CP_OK)
        err = cp_node_write_statement(r, cp_buf_bytes(&frame), l->entry);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    /* The doors whose keys the lost device has stay open for who was away; what is written from now on names another. */
    return err == CP_OK && cp_node_may_write(r) == CP_OK ? cp_serve_new_secret(r, secret) : err;
}

/* As revoke-device without more: what is held of it here was its person's. */
static enum cp_err report_lost(struct cp_request *r, const uint8_t *device)
{
    struct lost l = {.again = false};
    struct cp_buf cut;
    cp_buf_init(&cut, r->node->mem, CP_STATEMENT_MAX);
    memcpy(l.device, device, CP_KEY_LEN);
    enum cp_err err = cp_store_cut(r->node->store, r->plan, device, NULL, &cut, NULL, NULL);
    if (err == CP_OK)
        err = write_revoke(r, &l, cp_buf_bytes(&cut));
    cp_buf_clear(&cut);
    return err;
}

/* A device of ours that is let in here and was reported lost in the old plan. */
static enum cp_err find_lost(struct cp_request *r, const uint8_t *old, uint8_t device[static CP_KEY_LEN], bool *found)
{
    const uint8_t *own = cp_keeper_person(r->node->keeper, r->person)->person;
    const struct cp_members *m = NULL, *before = NULL;
    *found = false;
    enum cp_err err = cp_store_members(r->node->store, old, &before);
    if (err == CP_ERR_NO_PLAN)
        return CP_OK;
    if (err == CP_OK)
        err = cp_store_members(r->node->store, r->plan, &m);
    for (size_t i = 0; err == CP_OK && i < m->count && !*found; i++) {
        const struct cp_member_device *d = &m->devices[i];
        const struct cp_member_device *was = cp_members_find(before, d->device_key);
        *found = memcmp(d->person, own, CP_ID_LEN) == 0 && cp_member_may_stay(d) && was != NULL && was->revoked;
        if (*found)
            memcpy(device, d->device_key, CP_KEY_LEN);
    }
    return err;
}

/* Whoever went on may not have heard of it. Our own word that we have come would have such a device stand here. */
enum cp_err cp_serve_lost_since(struct cp_request *r, const uint8_t old[static CP_ID_LEN], size_t *count)
{
    uint8_t device[CP_KEY_LEN], last[CP_KEY_LEN] = {0};
    bool found = false;
    enum cp_err err = find_lost(r, old, device, &found);
    while (err == CP_OK && found && memcmp(device, last, CP_KEY_LEN) != 0) { /* twice: our key does not count here */
        memcpy(last, device, CP_KEY_LEN);
        err = report_lost(r, device);
        *count += err == CP_OK ? 1 : 0;
        if (err == CP_OK)
            err = find_lost(r, old, device, &found);
    }
    return err;
}

static bool is_other_there(const struct cp_member_device *of, const struct cp_member_device *d)
{
    return memcmp(d->curve_key, of->curve_key, CP_KEY_LEN) == 0 && memcmp(d->person, of->person, CP_ID_LEN) != 0 &&
           cp_member_is_in(d);
}

enum cp_err cp_serve_put_others(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                const uint8_t device[static CP_KEY_LEN], struct cp_buf *out)
{
    const struct cp_members *m = NULL;
    struct cp_buf name;
    size_t count = 0;
    enum cp_err err = cp_store_members(node->store, plan, &m);
    if (err != CP_OK)
        return err;
    const struct cp_member_device *of = cp_members_find(m, device);
    for (size_t i = 0; of != NULL && i < m->count; i++)
        count += is_other_there(of, &m->devices[i]) ? 1 : 0;
    cp_api_key(out, "others");
    cp_api_list(out, count);
    cp_buf_init(&name, node->mem, CP_ENTRY_MAX);
    for (size_t i = 0; of != NULL && err == CP_OK && i < m->count; i++) {
        if (!is_other_there(of, &m->devices[i]))
            continue;
        cp_buf_reset(&name);
        err = cp_node_name(node, plan, m->devices[i].person, &name);
        if (err == CP_OK)
            cp_api_text(out, cp_buf_bytes(&name));
    }
    cp_buf_clear(&name);
    return err;
}

/* "elsewhere": the other plans here where it still is in as a device of the same person: a REVOKE counts in one plan. */
static enum cp_err put_elsewhere(struct cp_request *r, const uint8_t *device, struct cp_buf *out)
{
    const uint8_t *own = cp_keeper_person(r->node->keeper, r->person)->person;
    struct cp_plan_row *rows = NULL;
    size_t count = 0, kept = 0;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        const struct cp_members *m = NULL;
        if (rows[i].entries == 0 || memcmp(rows[i].id, r->plan, CP_ID_LEN) == 0 ||
            cp_store_members(r->node->store, rows[i].id, &m) != CP_OK)
            continue;
        const struct cp_member_device *d = cp_members_find(m, device);
        if (d != NULL && memcmp(d->person, own, CP_ID_LEN) == 0 && cp_member_is_in(d))
            memmove(&rows[kept++], &rows[i], sizeof *rows);
    }
    cp_api_key(out, "elsewhere");
    cp_api_list(out, kept);
    for (size_t i = 0; i < kept; i++)
        cp_api_hex(out, rows[i].id, CP_ID_LEN);
    cp_free(r->node->mem, rows);
    return err;
}

static void serve_revoke(struct cp_request *r)
{
    struct lost l = {.again = false};
    struct cp_buf cut, out;
    cp_buf_init(&cut, r->node->mem, CP_STATEMENT_MAX);
    const char *about = "device";
    enum cp_err err = judge_lost(r, &l);
    if (err == CP_OK) {
        about = "after";
        err = make_cut(r, &l, &cut);
    }
    if (err == CP_OK)
        err = write_revoke(r, &l, cp_buf_bytes(&cut));
    if (err == CP_OK) /* what the sheet said stays beside it, so only now */
        err = cp_store_counting(r->node->store, r->plan, l.device, &l.kept, &l.beyond);
    cp_buf_clear(&cut);
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, about));
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 9);
    cp_api_key(&out, "passphrase"); /* does one stand between whoever has that device and this person's signature? */
    cp_api_bool(&out, !cp_keeper_person(r->node->keeper, r->person)->kdf.none);
    cp_api_key(&out, "device");
    cp_api_hex(&out, l.device, CP_KEY_LEN);
    cp_api_key(&out, "entry");
    cp_api_hex(&out, l.entry, CP_ID_LEN);
    cp_api_key(&out, "kept");
    cp_api_int(&out, (int64_t)l.kept);
    cp_api_key(&out, "void");
    cp_api_int(&out, (int64_t)l.beyond);
    cp_api_key(&out, "again");
    cp_api_bool(&out, l.again);
    cp_api_key(&out, "by_sheet");
    cp_api_bool(&out, l.by_sheet);
    err = cp_serve_put_others(r->node, r->plan, l.device, &out);
    if (err == CP_OK)
        err = put_elsewhere(r, l.device, &out);
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}

/* ---- admit ---- */

/* The JOIN of the lowest admission of a device, in its array, and its INVITE. */
static enum cp_err join_of(struct cp_request *r, const struct cp_member_device *d, struct cp_buf *join,
                           uint8_t invite[static CP_ID_LEN])
{
    struct cp_loaded l;
    struct cp_control c;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, d->admission, &l);
    if (err != CP_OK)
        return err;
    cp_control_read(l.info[0].frame, &c);
    if (!c.known || c.kind != CP_KIND_ADMIT)
        err = CP_ERR_NOT_FOUND;
    else {
        memcpy(invite, c.invite, CP_ID_LEN);
        cp_join_write(&c.join, join);
        err = cp_buf_err(join);
    }
    cp_loaded_clear(&l);
    return err;
}

static enum cp_err admit_again(struct cp_request *r, const struct cp_member_device *d,
                               uint8_t id[static CP_ID_LEN])
{
    struct cp_buf join, frame;
    uint8_t invite[CP_ID_LEN];
    cp_buf_init(&join, r->node->mem, CP_JOIN_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = join_of(r, d, &join, invite);
    if (err == CP_OK) {
        cp_admit_write(invite, cp_buf_bytes(&join), &frame);
        err = cp_buf_err(&frame);
    }
    if (err == CP_OK)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), id);
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    return err;
}

/* Whom somebody let in who should not have been there to do it: a member lets them in again, knowing that. */
static void serve_admit(struct cp_request *r)
{
    const struct cp_members *m = NULL;
    const struct cp_member_device *d = NULL;
    struct cp_buf out;
    uint8_t id[CP_ID_LEN], device[CP_KEY_LEN];
    bool done = false, stands = false;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &m);
    if (err == CP_OK)
        err = cp_serve_find_device(m, NULL, cp_arg(r, "device"), &d);
    if (err == CP_OK && d->revoked)
        err = CP_ERR_NOT_YOURS; /* only its person takes that back */
    if (err == CP_OK) {
        memcpy(device, d->device_key, CP_KEY_LEN);
        done = d->stands;
        stands = done;
        if (!done)
            err = admit_again(r, d, id);
    }
    if (err == CP_OK && !done && cp_store_members(r->node->store, r->plan, &m) == CP_OK) {
        d = cp_members_find(m, device);
        stands = d != NULL && d->stands;
    }
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, "device"));
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_TEXT_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "device");
    cp_api_hex(&out, device, CP_KEY_LEN);
    cp_api_key(&out, "entry");
    if (done)
        cp_api_null(&out);
    else
        cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "standing");
    cp_api_bool(&out, stands);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_revoke[] = {
    {"revoke-device", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY,
     serve_revoke},
    {"admit", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_admit},
    {NULL, 0, NULL},
};
