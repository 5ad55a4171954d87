/*
 * Coming back with the recovery sheet: recover (docs/api.md).
 * Owns: which plans hear of the new key, that all of it is judged before anything is changed, and who comes back here.
 * Must not: use the recovery key itself (the keeper does), or know what a KEY says (serve_recover_key.c).
 *
 * On a device that is the person's the KEY is written at once, in every plan it is in. On a new one the sheet first makes
 * a JOIN under an invitation that names the person; the KEY follows as soon as somebody let it in, at once over the
 * network, and by the same command once more where a stick carried the answer. Until then nothing but the key file knows the key.
 */
#include "daemon/serve_recover.h"

#include <string.h>

#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/serve_agree.h"

/* ---- All plans of this device ---- */

/* How the identity key here stands in the plans where this device is the person's. */
enum key_here {
    KEY_NO_PLAN,
    KEY_UNNAMED,
    KEY_NAMED
};

static enum cp_err key_in(struct cp_request *r, const uint8_t *plan, enum key_here *out)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    const struct cp_members *m = NULL;
    *out = KEY_NO_PLAN;
    enum cp_err err = cp_store_members(r->node->store, plan, &m);
    if (err != CP_OK)
        return err == CP_ERR_NOT_YET ? CP_OK : err;
    const struct cp_member_device *d = cp_members_find(m, own->device_key);
    if (d == NULL || memcmp(d->person, own->person, CP_ID_LEN) != 0)
        return CP_OK;
    const struct cp_member_key *k = cp_members_key(m, own->person, own->identity_key);
    *out = k == NULL ? KEY_UNNAMED : KEY_NAMED;
    return CP_OK;
}

/* What is said in each plan: all of it is judged before anything is changed. */
struct recovery {
    struct cp_request *r;
    struct cp_saying **plans;
    size_t count;
    bool found[CP_KEY_DEVICES_MAX]; /* the devices of --keep, in their order, that some plan has */
    bool asks;                      /* nothing was written: people look at what would go on counting first */
    size_t lacking;                 /* plans that do not have the entry of --after */
    bool renews;                    /* no plan waits to hear of the key that is here: a new one is made */
};

static void recovery_clear(struct recovery *y)
{
    for (size_t i = 0; i < y->count; i++)
        cp_saying_free(y->plans[i]);
    cp_free(y->r->node->mem, y->plans);
}

/* Moves the plans in which the key here stands so to the front: *kept. */
static enum cp_err keep_plans(struct cp_request *r, struct cp_plan_row *rows, size_t count, enum key_here want, size_t *kept)
{
    enum cp_err err = CP_OK;
    *kept = 0;
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        enum key_here here = KEY_NO_PLAN;
        if (rows[i].entries == 0 || (r->plan_arg.len > 0 && memcmp(rows[i].id, r->plan, CP_ID_LEN) != 0))
            continue;
        err = key_in(r, rows[i].id, &here);
        if (err == CP_OK && here == want)
            memmove(&rows[(*kept)++], &rows[i], sizeof *rows);
    }
    return err;
}

/* The plans that are to hear. A key that is here and named nowhere was made for this before, and its plans are not all told yet. */
static enum cp_err find_plans(struct recovery *y)
{
    struct cp_request *r = y->r;
    struct cp_plan_row *rows = NULL;
    size_t count = 0, kept = 0;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    if (err == CP_OK)
        err = keep_plans(r, rows, count, KEY_UNNAMED, &kept);
    y->renews = kept == 0;
    if (err == CP_OK && y->renews)
        err = keep_plans(r, rows, count, KEY_NAMED, &kept);
    if (err == CP_OK && kept == 0)
        err = CP_ERR_NO_PLAN;
    if (err == CP_OK)
        y->plans = cp_alloc_array(r->node->mem, kept, sizeof *y->plans);
    if (err == CP_OK && y->plans == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < kept && err == CP_OK; i++) {
        y->plans[y->count] = cp_saying_new(r, rows[i].id);
        if (y->plans[y->count] == NULL)
            err = CP_ERR_NO_MEMORY;
        else
            y->count++;
    }
    cp_free(r->node->mem, rows);
    return err;
}

static enum cp_err judge_plan(struct recovery *y, struct cp_saying *s)
{
    bool lacks = false;
    enum cp_err err = cp_saying_judge(s, y->found, &lacks);
    y->lacking += lacks ? 1 : 0;
    return err;
}

/* Each device that stays must be one of somewhere. A line that is drawn by an entry of one plan says nothing of another, and
 * is not to be taken for "all that is here" there: then the plan must be said, each with its own. */
static enum cp_err judge_typed(const struct recovery *y)
{
    struct cp_bytes typed = cp_arg(y->r, "keep");
    size_t devices = typed.len > 0 ? 1 : 0;
    for (size_t i = 0; i + 1 < typed.len; i++)
        devices += typed.ptr[i] == ',' ? 1 : 0;
    for (size_t i = 0; i < devices; i++)
        if (!y->found[i])
            return CP_ERR_NOT_FOUND;
    return y->lacking == 0 ? CP_OK : y->lacking == y->count ? CP_ERR_NOT_FOUND : CP_ERR_WHICH_PLAN;
}

/* All KEYs in one transaction; what was made for them is taken back when it fails. */
static enum cp_err write_keys(struct recovery *y, const struct cp_sheet *sheet)
{
    struct cp_node *node = y->r->node;
    bool undone = false;
    enum cp_err err = y->renews ? cp_keeper_renew(node->keeper, y->r->person, y->r->seal) : CP_OK;
    if (err != CP_OK)
        return err;
    err = cp_store_begin(node->store);
    if (err == CP_OK) {
        for (size_t i = 0; i < y->count && err == CP_OK; i++)
            err = cp_saying_write(y->plans[i], sheet);
        if (err == CP_OK)
            err = cp_store_commit(node->store);
        if (err != CP_OK)
            cp_store_rollback(node->store);
    }
    if (err != CP_OK && y->renews && cp_keeper_undo(node->keeper, y->r->person, &undone) != CP_OK)
        cp_log(CP_LOG_WARN, "not_undone", "what=key"); /* the same sheet says it in its plans */
    cp_keeper_settle(node->keeper);
    for (size_t i = 0; i < y->count && err == CP_OK; i++)
        cp_node_news(node, cp_saying_plan(y->plans[i]));
    return err;
}

static enum cp_err recover_all(struct recovery *y, const struct cp_sheet *sheet, struct cp_buf *rows)
{
    struct cp_request *r = y->r;
    uint8_t secret[CP_ID_LEN];
    enum cp_err err = r->node->becoming == NULL ? find_plans(y) : CP_ERR_BUSY;
    for (size_t i = 0; i < y->count && err == CP_OK; i++)
        err = judge_plan(y, y->plans[i]);
    if (err == CP_OK)
        err = judge_typed(y);
    for (size_t i = 0; i < y->count && cp_api_member_true(&r->with, "ask"); i++)
        y->asks = y->asks || cp_saying_asks(y->plans[i]);
    if (err == CP_OK && !y->asks)
        err = write_keys(y, sheet);
    for (size_t i = 0; i < y->count && err == CP_OK; i++) {
        memcpy(r->plan, cp_saying_plan(y->plans[i]), CP_ID_LEN);
        if (!y->asks && cp_node_may_write(r) == CP_OK)
            err = cp_serve_new_secret(r, secret);
        cp_saying_put(y->plans[i], rows);
    }
    return err;
}

void cp_serve_recovered(struct cp_request *r)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    struct cp_sheet sheet;
    struct cp_buf rows, out;
    struct recovery y = {.r = r};
    char forgiven[64] = "";
    cp_buf_init(&rows, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_keeper_sheet(cp_arg(r, "sheet"), &sheet);
    bool whole = err == CP_OK; /* these are the letters of some sheet */
    if (err == CP_OK && memcmp(sheet.key, own->recovery_key, CP_KEY_LEN) != 0)
        err = CP_ERR_BAD_SHEET;
    if (err == CP_OK && sheet.group > 0)
        (void)snprintf(forgiven, sizeof forgiven, "%u.%u", sheet.group, sheet.letter);
    if (err == CP_OK)
        err = recover_all(&y, &sheet, &rows);
    size_t done = y.count;
    recovery_clear(&y);
    sodium_memzero(&sheet, sizeof sheet);
    if (err != CP_OK) {
        cp_buf_clear(&rows);
        if (err == CP_ERR_NOT_FOUND)
            cp_reply_about(r, err, cp_arg(r, y.lacking > 0 ? "after" : "keep"));
        else
            cp_reply_error(r, err, err == CP_ERR_BAD_SHEET && whole ? "whole" : NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 6);
    cp_api_key(&out, "asks");
    cp_api_bool(&out, y.asks);
    cp_api_key(&out, "person");
    cp_api_hex(&out, own->person, CP_ID_LEN);
    cp_api_key(&out, "device");
    cp_api_hex(&out, own->device_key, CP_KEY_LEN);
    cp_api_key(&out, "state");
    cp_api_cstr(&out, "in");
    cp_api_key(&out, "forgiven");
    cp_api_cstr(&out, forgiven);
    cp_api_key(&out, "plans");
    cp_api_list(&out, done);
    cp_buf_put_bytes(&out, cp_buf_bytes(&rows));
    cp_buf_clear(&rows);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- On a new home ---- */

/* The person of the invitation is the request's, or becomes it: only while that one is nobody anywhere. */
static enum cp_err become(struct cp_request *r, const struct cp_invitation *inv, const struct cp_sheet *sheet)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    bool free = true, same = memcmp(own->person, inv->person, CP_ID_LEN) == 0;
    enum cp_err err = cp_serve_becoming(r);
    if (err != CP_OK || (same && memcmp(own->recovery_key, sheet->key, CP_KEY_LEN) == 0))
        return err;
    err = cp_serve_is_free(r, &free); /* same: it waits, and perhaps by another sheet than theirs */
    if (err == CP_OK && !free)
        err = same ? CP_ERR_BAD_SHEET : CP_ERR_OTHER_PERSON;
    return err == CP_OK ? cp_serve_become_back(r, inv->person, sheet) : err;
}

static void serve_recover(struct cp_request *r)
{
    struct cp_bytes text = cp_arg(r, "invitation");
    struct cp_invitation inv;
    struct cp_sheet sheet;
    enum cp_err err = cp_keeper_sheet(cp_arg(r, "sheet"), &sheet);
    memset(&inv, 0, sizeof inv);
    if (err == CP_OK && text.len == 0) {
        sodium_memzero(&sheet, sizeof sheet);
        cp_serve_recovered(r);
        return;
    }
    if (err == CP_OK)
        err = cp_invitation_read(text, &inv);
    if (err == CP_OK && !inv.has_person)
        err = CP_ERR_BAD_INVITATION;
    if (err == CP_OK)
        err = become(r, &inv, &sheet);
    sodium_memzero(&sheet, sizeof sheet);
    if (err == CP_OK)
        cp_serve_join_with(r, &inv);
    else {
        (void)cp_serve_became(r, false);
        cp_reply_error(r, err == CP_ERR_AMBIGUOUS ? CP_ERR_WHICH_PERSON : err, NULL, NULL);
    }
    sodium_memzero(&inv, sizeof inv);
}

const struct cp_command cp_serve_recover[] = {
    {"recover", CP_NEED_UNLOCKED | CP_NEED_PERSON | CP_NEED_SEAL | CP_MAY_PLAN, serve_recover},
    {NULL, 0, NULL},
};
