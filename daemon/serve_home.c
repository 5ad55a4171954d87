/*
 * Commands about the home itself: init, unlock, lock, status, ping, listen, stop (docs/api.md).
 * Owns: what these do. Must not: touch what a plan says.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/control.h"
#include "daemon/home.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/notice.h"
#include "daemon/seat.h"
#include "daemon/holds.h"
#include "daemon/serve_devices.h"
#include "daemon/serve_follow.h"
#include "daemon/serve_running.h"
#include "daemon/view.h"
#include "daemon/serve_waiting.h"
#include "proto/utf8.h"

enum {
    ANSWER_MAX = 4096,
    STATUS_MAX = 4 * 1024 * 1024
};

static void finish(struct cp_request *r, struct cp_buf *value)
{
    enum cp_err err = cp_buf_err(value);
    struct cp_buf kept = *value;
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
    else
        cp_reply_done(r, cp_buf_bytes(value), 0);
    if (kept.ptr != NULL)
        sodium_memzero(kept.ptr, kept.len);
    cp_buf_clear(value);
}

static bool is_locked(const struct cp_node *node)
{
    return node->keeper == NULL || cp_keeper_locked(node->keeper);
}

/* ---- init ---- */

static void made(struct cp_job *job, void *ctx)
{
    struct cp_request *r = ctx;
    struct cp_buf out;
    char sheet[CP_SHEET_MAX];

    if (cp_request_gone(r)) {
        /* Nobody would see the sheet. */
        cp_reply_error(r, CP_ERR_INTERRUPTED, NULL, NULL);
        return;
    }
    struct cp_bytes name = cp_api_member_text(&r->with, "name", CP_BYTES(NULL, 0));
    enum cp_err err = job->err;
    if (err == CP_OK)
        err = cp_home_make(r->node, name, &job->kdf, job->seal, sheet);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    const struct cp_keeper_person *p = cp_keeper_person(r->node->keeper, 0);
    cp_log(CP_LOG_INFO, "home_made", "kdf=%s", cp_kdf_word(&p->kdf));
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "person");
    cp_api_hex(&out, p->person, CP_ID_LEN);
    cp_api_key(&out, "device");
    cp_api_hex(&out, p->device_key, CP_KEY_LEN);
    cp_api_key(&out, "recovery");
    cp_api_cstr(&out, sheet);
    sodium_memzero(sheet, sizeof sheet);
    finish(r, &out);
}

static void serve_init(struct cp_request *r)
{
    struct cp_bytes name = cp_api_member_text(&r->with, "name", CP_BYTES(NULL, 0));
    bool none = cp_api_member_true(&r->with, "no_passphrase");

    enum cp_err err = cp_home_open(r->node);
    if (err != CP_ERR_NO_HOME) {
        cp_reply_error(r, err == CP_OK ? CP_ERR_HOME_EXISTS : err, NULL, NULL);
        return;
    }
    if (name.len == 0 || name.len > CP_NAME_MAX) {
        cp_reply_error(r, CP_ERR_USAGE, "name", NULL);
        return;
    }
    bool ok = cp_utf8_ok(name) && !cp_utf8_blank(name);
    for (size_t i = 0; ok && i < name.len; i++)
        ok = name.ptr[i] >= 0x20 && name.ptr[i] != 0x7f;
    if (!ok) {
        cp_reply_error(r, CP_ERR_BAD_VALUE, "name", NULL);
        return;
    }
    cp_request_new_seal(r, none, made);
}

/* ---- unlock, lock ---- */

static void reply_locked(struct cp_request *r, bool locked)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "locked");
    cp_api_bool(&out, locked);
    finish(r, &out);
}

static void serve_unlock(struct cp_request *r)
{
    struct cp_node *node = r->node;
    bool was_locked = is_locked(node);
    enum cp_err err = cp_keeper_unlock(node->keeper, r->person, r->seal);
    if (err == CP_OK && was_locked)
        err = cp_node_unlocked(node);
    if (err == CP_OK)
        cp_seat_touch(node, r->person);
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
    else
        reply_locked(r, false);
}

static void serve_lock(struct cp_request *r)
{
    struct cp_node *node = r->node;
    if (r->person_arg.len > 0 &&
        cp_keeper_count(node->keeper) > 1) { /* one person's session, not the machine */
        if (cp_keeper_person(node->keeper, r->person)->kdf.none) {
            cp_reply_error(r, CP_ERR_NO_PASSPHRASE, NULL, NULL);
            return;
        }
        cp_keeper_sleep(node->keeper, r->person);
        reply_locked(r, true);
        return;
    }
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        if (cp_keeper_person(node->keeper, i)->kdf.none) {
            cp_reply_error(r, CP_ERR_NO_PASSPHRASE, NULL, NULL);
            return;
        }
    if (!is_locked(node))
        cp_node_lock(node);
    reply_locked(r, true);
}

/* ---- status ---- */

/* Is all that stands for the title words that their author took back? */
static bool is_taken_back(const struct cp_record_state *state)
{
    const struct cp_register *title = cp_record_get(state, CP_FIELD_TITLE, CP_BYTES(NULL, 0));
    for (size_t i = 0; title != NULL && i < title->count; i++)
        if (cp_record_value(state, &title->values[i])->type != CP_VALUE_NONE)
            return false;
    return title != NULL && title->count > 0;
}

/* The plan's title, or null when it has none or nobody may read it. */
static enum cp_err put_title(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], bool *taken_back,
                             struct cp_buf *out)
{
    struct cp_loaded loaded;
    struct cp_record_state state;
    enum cp_err err = cp_store_load(node->store, plan, plan, false, &loaded);
    if (err != CP_OK)
        return err;
    err = cp_record_fold(&state, node->mem, loaded.writes, loaded.writes_count);
    if (err == CP_OK) {
        struct cp_bytes title = cp_record_text(&state, CP_FIELD_TITLE, CP_BYTES(NULL, 0));
        if (title.len == 0)
            cp_api_null(out);
        else
            cp_api_text(out, title);
        *taken_back = is_taken_back(&state);
        cp_record_clear(&state);
    }
    cp_loaded_clear(&loaded);
    return err;
}

static void put_count(struct cp_buf *out, const char *key, uint64_t n)
{
    cp_api_key(out, key);
    cp_api_int(out, n > CP_INT_MAX ? INT64_MAX : (int64_t)n);
}

/* How many of the other devices have all that is here; null while locked. */
static enum cp_err put_others(struct cp_node *node, const struct cp_plan_row *row, struct cp_buf *out)
{
    struct cp_holds_count n = {0};
    cp_api_key(out, "others");
    if (is_locked(node) || row->entries == 0) {
        cp_api_null(out);
        return CP_OK;
    }
    enum cp_err err = cp_holds_others(node, row->id, &n);
    cp_api_object(out, 3);
    put_count(out, "devices", n.devices);
    put_count(out, "everything", n.everything);
    put_count(out, "unheard", n.unheard);
    return err;
}

/* How this machine stands in the plan: as the one of its devices there that may do most. */
static enum cp_err put_state(struct cp_node *node, const struct cp_plan_row *row, struct cp_buf *out)
{
    static const char *const words[] = {"not in", "reported lost", "left", "to follow",
                                        "in"}; /* least first */
    const struct cp_members *members = NULL;
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    enum cp_err err = CP_OK;
    size_t best = 0;

    cp_api_key(out, "state");
    if (is_locked(node)) {
        cp_api_null(out);
        return CP_OK;
    }
    cp_keeper_machine(node->keeper, own, box);
    if (row->entries > 0)
        err = cp_store_members(node->store, row->id, &members);
    for (size_t i = 0; err == CP_OK && members != NULL && i < members->count; i++)
        for (size_t k = best + 1; k < sizeof words / sizeof words[0]; k++)
            if (memcmp(members->devices[i].curve_key, own, CP_KEY_LEN) == 0 &&
                strcmp(cp_serve_device_state(&members->devices[i]), words[k]) == 0)
                best = k;
    cp_api_cstr(out, best == 0 && row->awaited ? "waiting" : words[best]);
    return err;
}

/* What keeps somebody of this home from speaking in the plan after they used their sheet: an error's word, or null. */
static enum cp_err put_key(struct cp_node *node, const struct cp_plan_row *row, struct cp_buf *out)
{
    enum cp_err said = CP_OK;
    cp_api_key(out, "key");
    for (size_t i = 0; said == CP_OK && !is_locked(node) && row->entries > 0 && i < cp_keeper_count(node->keeper); i++) {
        struct cp_request as = {.node = node, .person = i};
        memcpy(as.plan, row->id, CP_ID_LEN);
        said = cp_node_key_counts(&as);
    }
    bool by_sheet = said == CP_ERR_KEY_UNHEARD || said == CP_ERR_KEY_CHANGED || said == CP_ERR_KEY_APART;
    if (by_sheet)
        cp_api_cstr(out, cp_err_word(said));
    else
        cp_api_null(out);
    return by_sheet ? CP_OK : said;
}

static enum cp_err put_plan(struct cp_node *node, const struct cp_plan_row *rows, size_t count, size_t at,
                            struct cp_buf *out)
{
    const struct cp_plan_row *row = &rows[at];
    enum cp_err err = CP_OK;
    size_t wordings = 0;
    bool closed = is_locked(node), taken_back = false;

    cp_api_object(out, 15 + CP_FOLLOW_MEMBERS);
    cp_api_key(out, "plan");
    cp_api_hex(out, row->id, CP_ID_LEN);
    cp_api_key(out, "title");
    if (closed || row->awaited)
        cp_api_null(out);
    else
        err = put_title(node, row->id, &taken_back, out);
    if (err == CP_OK && !closed && !row->awaited)
        err = cp_count_wordings(node, row->id, &wordings);
    if (err != CP_OK)
        return err;
    cp_api_key(out, "title_withdrawn");
    cp_api_bool(out, taken_back);
    put_count(out, "entries", row->entries);
    cp_api_key(out, "wordings");
    if (closed) /* which field a write is to is sealed */
        cp_api_null(out);
    else
        cp_api_int(out, (int64_t)wordings);
    put_count(out, "void", row->void_count);
    put_count(out, "newer", row->newer);
    put_count(out, "wanted", row->wanted);
    put_count(out, "forks", row->forks);
    put_count(out, "missing", cp_meet_missing(node, row->id));
    cp_api_key(out, "awaited");
    cp_api_bool(out, row->awaited);
    err = put_state(node, row, out);
    if (err == CP_OK)
        err = put_key(node, row, out);
    if (err == CP_OK)
        err = put_others(node, row, out);
    if (err != CP_OK)
        return err;
    if (!closed && !row->awaited) {
        err = cp_put_waiting(node, row->id, out);
    } else {
        cp_api_key(out, "waiting"); /* null: nobody can tell yet */
        cp_api_null(out);
    }
    return err == CP_OK ? cp_follow_put(node, rows, count, at, out) : err;
}

static void put_persons(const struct cp_node *node, struct cp_buf *out)
{
    const struct cp_keeper *k = node->keeper;
    cp_api_key(out, "session_seconds"); /* null where nobody's session ends by itself */
    if (is_locked(node) || cp_keeper_count(k) < 2)
        cp_api_null(out);
    else
        cp_api_int(out, (int64_t)cp_seat_seconds(node));
    cp_api_key(out, "persons");
    cp_api_list(out, cp_keeper_count(k));
    for (size_t i = 0; i < cp_keeper_count(k); i++) {
        const struct cp_keeper_person *p = cp_keeper_person(k, i);
        int64_t left = cp_seat_left(node, i);
        cp_api_object(out, 5);
        cp_api_key(out, "person");
        cp_api_hex(out, p->person, CP_ID_LEN);
        cp_api_key(out, "name");
        if (is_locked(node))
            cp_api_null(out);
        else
            cp_api_cstr(out, p->name);
        cp_api_key(out, "passphrase");
        cp_api_cstr(out, cp_kdf_word(&p->kdf));
        cp_api_key(out, "open");
        cp_api_bool(out, left != 0);
        cp_api_key(out, "ends_in"); /* seconds */
        if (left <= 0)
            cp_api_null(out);
        else
            cp_api_int(out, left);
    }
}

/* What the home says of itself once (notice.h); null while locked, when there is nothing to say. */
static enum cp_err put_notice(struct cp_node *node, struct cp_buf *out)
{
    struct cp_notice n;
    enum cp_err err = is_locked(node) ? CP_ERR_NOT_FOUND : cp_notice_get(node->store, node->mem, &n);
    cp_api_key(out, "restored");
    if (err != CP_OK) {
        cp_api_null(out);
        return err == CP_ERR_NOT_FOUND ? CP_OK : err;
    }
    cp_api_object(out, 3);
    put_count(out, "since", n.since_ms);
    cp_api_key(out, "backup_of");
    if (n.backup_ms == 0)
        cp_api_null(out);
    else
        cp_api_int(out, (int64_t)n.backup_ms);
    cp_api_key(out, "back");
    cp_api_bool(out, n.back);
    return CP_OK;
}

static void serve_status(struct cp_request *r)
{
    struct cp_node *node = r->node;
    struct cp_plan_row *rows = NULL;
    struct cp_buf out;
    size_t count = 0;

    enum cp_err err = cp_store_plans(node->store, &rows, &count);
    if (err == CP_OK && cp_api_member_true(&r->with, "seen") && !is_locked(node))
        err = cp_notice_forget(node->store);
    cp_buf_init(&out, node->mem, STATUS_MAX);
    cp_api_object(&out, 7);
    cp_api_key(&out,
               "lock_seconds"); /* null: it does not lock itself, or nobody can tell while it is locked */
    if (is_locked(node) || cp_seat_lock_seconds(node) == 0)
        cp_api_null(&out);
    else
        cp_api_int(&out, (int64_t)cp_seat_lock_seconds(node));
    cp_api_key(&out, "locked");
    cp_api_bool(&out, is_locked(node));
    put_persons(node, &out);
    cp_api_key(&out, "passphrase");
    cp_api_cstr(&out, cp_kdf_word(&cp_keeper_person(node->keeper, 0)->kdf));
    if (err == CP_OK)
        err = put_notice(node, &out);
    cp_api_key(&out, "plans");
    cp_api_list(&out, count);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err = put_plan(node, rows, count, i, &out);
    cp_free(node->mem, rows);
    if (err != CP_OK) {
        cp_buf_clear(&out);
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    finish(r, &out);
}

/* ---- ping, listen, stop ---- */

static void serve_ping(struct cp_request *r)
{
    struct cp_node *node = r->node;
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    struct cp_running is = {.trouble = cp_home_open(node)};
    if (is.trouble == CP_OK) {
        cp_keeper_machine(node->keeper, own, box);
        is.key = own;
        is.locked = is_locked(node);
    }
    cp_reply_running(r, &is);
}

static void serve_listen(struct cp_request *r)
{
    if (cp_take_listen(r, cp_home_listen))
        serve_ping(r);
}

const struct cp_command cp_serve_home[] = {
    {"init", CP_NEED_NO_HOME, serve_init},
    {"ping", CP_NEED_NO_HOME, serve_ping},
    {"listen", CP_NEED_NO_HOME, serve_listen},
    {"stop", CP_NEED_NO_HOME, cp_serve_stop},
    {"unlock", CP_NEED_SEAL, serve_unlock},
    {"lock", 0, serve_lock},
    {"status", 0, serve_status},
    {NULL, 0, NULL},
};
