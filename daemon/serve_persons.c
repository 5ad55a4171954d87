/*
 * People who share this device: person-add, person-idle (docs/api.md).
 * Owns: what these answer. Must not: make keys (the keeper does).
 */
#include <string.h>

#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/seat.h"
#include "daemon/view.h"
#include "proto/utf8.h"

enum {
    ANSWER_MAX = 4096
};

static void wipe(struct cp_buf *out)
{
    if (out->ptr != NULL)
        sodium_memzero(out->ptr, out->len);
    cp_buf_clear(out);
}

static void made(struct cp_job *job, void *ctx)
{
    struct cp_request *r = ctx;
    struct cp_keeper *k = r->node->keeper;
    struct cp_buf out;
    char sheet[CP_SHEET_MAX];
    enum cp_err err = cp_request_gone(r) ? CP_ERR_INTERRUPTED : job->err; /* nobody would see the sheet */
    if (err == CP_OK && (k == NULL || cp_keeper_locked(k)))
        err = CP_ERR_LOCKED;
    if (err == CP_OK)
        err = cp_keeper_add(k, cp_arg(r, "name"), &job->kdf, job->seal, sheet);
    if (err != CP_OK) {
        cp_reply_error(r, err, "name", NULL);
        return;
    }
    const struct cp_keeper_person *p = cp_keeper_person(k, cp_keeper_count(k) - 1);
    cp_log(CP_LOG_INFO, "person_added", "kdf=%s", cp_kdf_word(&p->kdf));
    for (size_t i = 0; i < cp_keeper_count(k); i++)
        cp_seat_touch(r->node, i); /* sessions end from now on; the one before had none that ended */
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "person");
    cp_api_hex(&out, p->person, CP_ID_LEN);
    cp_api_key(&out, "device");
    cp_api_hex(&out, p->device_key, CP_KEY_LEN);
    cp_api_key(&out, "recovery");
    cp_api_cstr(&out, sheet);
    sodium_memzero(sheet, sizeof sheet);
    err = cp_buf_err(&out);
    if (err == CP_OK)
        cp_reply_done(r, cp_buf_bytes(&out), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
    wipe(&out);
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

static void serve_add(struct cp_request *r)
{
    struct cp_bytes name = cp_arg(r, "name");
    bool none = cp_api_member_true(&r->with, "no_passphrase");
    enum cp_err err = CP_OK;
    if (!name_ok(name))
        err = name.len == 0 ? CP_ERR_USAGE : CP_ERR_BAD_VALUE;
    for (size_t i = 0; err == CP_OK && i < cp_keeper_count(r->node->keeper); i++)
        if (cp_bytes_eq(cp_bytes_str(cp_keeper_person(r->node->keeper, i)->name), name))
            err = CP_ERR_AMBIGUOUS;
    if (err == CP_OK && cp_keeper_count(r->node->keeper) >= CP_PERSONS_MAX)
        err = CP_ERR_TOO_BIG;
    if (err != CP_OK) {
        cp_reply_error(r, err, "name", err == CP_ERR_TOO_BIG ? "32" : NULL);
        return;
    }
    cp_request_new_seal(r, none, made);
}

static void serve_idle(struct cp_request *r)
{
    struct cp_api_value seconds = {.type = CP_API_NULL};
    struct cp_buf out;
    enum cp_err err = CP_OK;
    if (!cp_api_member(&r->with, "seconds", &seconds) || seconds.type != CP_API_INT || seconds.number < 0)
        err = CP_ERR_USAGE;
    if (err == CP_OK)
        err = cp_seat_set(r->node, (uint64_t)seconds.number);
    if (err != CP_OK) {
        cp_reply_error(r, err, "seconds", "0 .. 86400");
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "session_seconds");
    cp_api_int(&out, (int64_t)cp_seat_seconds(r->node));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- home-idle ---- */

static void serve_home_idle(struct cp_request *r)
{
    struct cp_api_value seconds = {.type = CP_API_NULL};
    struct cp_buf out;
    enum cp_err err = CP_OK;
    if (!cp_api_member(&r->with, "seconds", &seconds) || seconds.type != CP_API_INT || seconds.number < 0)
        err = CP_ERR_USAGE;
    if (err == CP_OK)
        err = cp_seat_lock_set(r->node, (uint64_t)seconds.number);
    if (err != CP_OK) {
        cp_reply_error(r, err, err == CP_ERR_NO_PASSPHRASE ? NULL : "seconds",
                       err == CP_ERR_NO_PASSPHRASE ? NULL : "0 .. 86400");
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "lock_seconds");
    cp_api_int(&out, (int64_t)cp_seat_lock_seconds(r->node));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- passphrase ---- */

static void resealed(struct cp_job *job, void *ctx)
{
    struct cp_request *r = ctx;
    struct cp_keeper *k = r->node->keeper;
    struct cp_buf out;
    enum cp_err err = job->err;
    if (err == CP_OK && (k == NULL || cp_keeper_locked(k) || r->person >= cp_keeper_count(k)))
        err = CP_ERR_LOCKED;
    if (err == CP_OK)
        err = cp_keeper_reseal(k, r->person, r->seal, &job->kdf, job->seal);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    const struct cp_keeper_person *p = cp_keeper_person(k, r->person);
    cp_log(CP_LOG_INFO, "passphrase_changed", "kdf=%s", cp_kdf_word(&p->kdf));
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 2);
    cp_api_key(&out, "person");
    cp_api_hex(&out, p->person, CP_ID_LEN);
    cp_api_key(&out, "passphrase");
    cp_api_cstr(&out, cp_kdf_word(&p->kdf));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* The old passphrase was asked for and is right (SEAL). */
static void serve_passphrase(struct cp_request *r)
{
    struct cp_bytes fresh = cp_arg(r, "new");
    bool none = cp_api_member_true(&r->with, "none");
    if (!none && (fresh.len == 0 || fresh.len > CP_PASSPHRASE_MAX)) {
        cp_reply_error(r, fresh.len == 0 ? CP_ERR_PASSPHRASE_NEEDED : CP_ERR_TOO_BIG, NULL, NULL);
        return;
    }
    struct cp_job *job = cp_job_new(none ? CP_BYTES(NULL, 0) : fresh);
    if (job == NULL) {
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    job->choose = true;
    job->kdf.none = none;
    job->done = resealed;
    job->ctx = r;
    cp_helper_submit(r->node->helper, job);
}

const struct cp_command cp_serve_persons[] = {
    {"person-add", CP_NEED_UNLOCKED, serve_add},
    {"person-idle", CP_NEED_UNLOCKED, serve_idle},
    {"home-idle", CP_NEED_UNLOCKED, serve_home_idle},
    {"passphrase", CP_NEED_UNLOCKED | CP_NEED_PERSON | CP_NEED_SEAL, serve_passphrase},
    {NULL, 0, NULL},
};
