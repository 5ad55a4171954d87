/*
 * A person's own devices: link; and the plan's secret: rotate-secret (docs/api.md).
 * Owns: when this device's person may become another, and that it is undone when nobody lets them in. Must not: open a key (the keeper does).
 */
#include "daemon/serve_devices.h"

#include <sodium.h>

#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/private.h"
#include "daemon/view.h"

/* ---- Becoming another ---- */

/* Does a JOIN of this device wait in the plan? *anew: it is for who the person was before they became anybody. */
static enum cp_err own_join(struct cp_request *r, const struct cp_plan_row *plan, bool *waits, bool *anew)
{
    struct cp_buf join, text;
    struct cp_join j;
    *waits = *anew = false;
    if (!plan->awaited)
        return CP_OK;
    cp_buf_init(&join, r->node->mem, CP_JOIN_MAX);
    cp_buf_init(&text, r->node->mem, CP_TEXT_MAX);
    enum cp_err err = cp_store_awaited(r->node->store, plan->id, &join, &text);
    if (err == CP_OK)
        err = cp_join_read(cp_buf_bytes(&join), &j);
    if (err == CP_OK) {
        *waits = memcmp(j.device_key, cp_request_device(r), CP_KEY_LEN) == 0;
        *anew = *waits && j.how == CP_JOIN_NEW;
    }
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len); /* the token */
    cp_buf_clear(&text);
    cp_buf_clear(&join);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

/* What asked for this device as somebody that it is to be no more: an answer to it would find another person here. */
static enum cp_err forget_joins(struct cp_request *r)
{
    struct cp_store *store = r->node->store;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(store, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        bool waits = false, anew = false;
        err = own_join(r, &plans[i], &waits, &anew);
        if (err != CP_OK || !waits)
            continue;
        err = cp_store_begin(store);
        if (err != CP_OK)
            break;
        err = cp_store_await(store, plans[i].id, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
        if (err == CP_OK)
            err = cp_store_commit(store);
        if (err != CP_OK)
            cp_store_rollback(store);
    }
    cp_free(r->node->mem, plans);
    return err;
}

enum cp_err cp_serve_becoming(struct cp_request *r)
{
    if (r->node->becoming != NULL && r->node->becoming != r)
        return CP_ERR_BUSY;
    r->node->becoming = r;
    return CP_OK;
}

/* First what waits is forgotten, then the file is written: whatever stops us between, the home is one person's whole. */
enum cp_err cp_serve_become_carried(struct cp_request *r, const struct cp_carry *carry, const uint8_t seal[static 32])
{
    struct cp_keeper *k = r->node->keeper;
    bool same = memcmp(cp_keeper_person(k, r->person)->person, carry->person, CP_ID_LEN) == 0;
    enum cp_err err = cp_keeper_may_adopt(k, r->person, carry, seal, r->seal);
    if (err == CP_OK && !same)
        err = forget_joins(r);
    return err == CP_OK ? cp_keeper_adopt(k, r->person, carry, seal, r->seal) : err;
}

enum cp_err cp_serve_become_back(struct cp_request *r, const uint8_t person[static CP_ID_LEN], const struct cp_sheet *sheet)
{
    enum cp_err err = cp_keeper_may_become(r->node->keeper, r->person, r->seal, person);
    if (err == CP_OK)
        err = forget_joins(r);
    return err == CP_OK ? cp_keeper_become(r->node->keeper, r->person, r->seal, person, sheet) : err;
}

bool cp_serve_became(struct cp_request *r, bool taken)
{
    struct cp_node *node = r->node;
    bool undone = false;
    if (node->becoming != r)
        return false;
    node->becoming = NULL;
    if (taken)
        cp_keeper_settle(node->keeper);
    else if (cp_keeper_undo(node->keeper, r->person, &undone) != CP_OK)
        cp_log(CP_LOG_WARN, "not_undone", "what=person"); /* the same sheet or link, or another, may be used again */
    return undone;
}

/* Is the request's person in no plan, waiting for none as themselves, and with nothing kept for themselves? Then nothing is
 * lost when this device becomes somebody else's. */
enum cp_err cp_serve_is_free(struct cp_request *r, bool *free)
{
    struct cp_node *node = r->node;
    struct cp_plan_row *plans = NULL;
    struct cp_private own;
    size_t count = 0;
    const uint8_t *device = cp_request_device(r);
    *free = true;
    enum cp_err err = cp_store_plans(node->store, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count && *free; i++) {
        const struct cp_members *members = NULL;
        if (plans[i].entries == 0) {
            bool waits = false, anew = false;
            err = own_join(r, &plans[i], &waits, &anew);
            *free = !anew;
            continue;
        }
        err = cp_store_members(node->store, plans[i].id, &members);
        *free = err == CP_OK && cp_members_find(members, device) == NULL;
    }
    cp_free(node->mem, plans);
    if (err != CP_OK || !*free)
        return err;
    err = cp_private_load(&own, node, r->person);
    if (err != CP_OK)
        return err;
    *free = own.count == 0;
    cp_private_clear(&own);
    return CP_OK;
}

static enum cp_err read_linking(const struct cp_request *r, struct cp_invitation *inv)
{
    enum cp_err err = cp_invitation_read(cp_api_member_text(&r->with, "invitation", CP_BYTES(NULL, 0)), inv);
    if (err == CP_OK && !inv->has_carry)
        err = CP_ERR_BAD_INVITATION;
    return err;
}

/* The person of the carry is the request's, or becomes it. carry_seal: what opens the carry. */
static void adopt_and_join(struct cp_request *r, const uint8_t *carry_seal)
{
    struct cp_invitation inv;
    enum cp_err err = read_linking(r, &inv);
    if (err == CP_OK && cp_keeper_locked(r->node->keeper))
        err = CP_ERR_LOCKED;
    if (err == CP_OK)
        err = cp_serve_becoming(r);
    if (err == CP_OK)
        err = cp_serve_become_carried(r, &inv.carry, carry_seal);
    if (err == CP_OK && carry_seal != r->seal)
        memcpy(r->seal, carry_seal, sizeof r->seal);
    if (err == CP_OK)
        cp_serve_join_with(r, &inv);
    else {
        (void)cp_serve_became(r, false);
        cp_reply_error(r, err == CP_ERR_AMBIGUOUS ? CP_ERR_WHICH_PERSON : err, NULL, NULL);
    }
    sodium_memzero(&inv, sizeof inv);
}

static void linked_plainly(struct cp_request *r)
{
    adopt_and_join(r, r->seal);
}

static void carry_opened(struct cp_job *job, void *ctx)
{
    struct cp_request *r = ctx;
    if (job->err == CP_OK) {
        r->has_seal = true;
        adopt_and_join(r, job->seal);
    } else {
        cp_reply_error(r, job->err, NULL, NULL);
    }
}

/* The passphrase is that of the person's other device; with it Argon2 opens what the invitation carries. */
static enum cp_err open_carry(struct cp_request *r, const struct cp_carry *carry)
{
    struct cp_bytes passphrase;
    struct cp_kdf kdf;
    enum cp_err err = cp_carry_kdf(carry, &kdf);
    if (err != CP_OK)
        return err;
    if (kdf.none) {
        cp_request_seal(r, linked_plainly);
        return CP_OK;
    }
    if (!cp_request_passphrase(r, &passphrase))
        return CP_ERR_PASSPHRASE_NEEDED;
    struct cp_job *job = cp_job_new(passphrase);
    if (job == NULL)
        return CP_ERR_NO_MEMORY;
    job->kdf = kdf;
    job->done = carry_opened;
    job->ctx = r;
    cp_helper_submit(r->node->helper, job);
    return CP_OK;
}

static void serve_link(struct cp_request *r)
{
    struct cp_invitation inv;
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    bool free = true;
    enum cp_err err = read_linking(r, &inv);
    bool same = err == CP_OK && memcmp(own->person, inv.carry.person, CP_ID_LEN) == 0;
    if (same && memcmp(own->identity_key, inv.carry.identity_key, CP_KEY_LEN) == 0) {
        cp_request_seal(r, linked_plainly); /* linked before: this time for another plan, or once more */
        goto out;
    }
    if (err == CP_OK && !same) /* same: my key was changed with the sheet on another device */
        err = cp_serve_is_free(r, &free);
    if (err == CP_OK && !free)
        err = CP_ERR_OTHER_PERSON;
    if (err == CP_OK)
        err = open_carry(r, &inv.carry);
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
out:
    sodium_memzero(&inv, sizeof inv);
}

/* ---- The plan's secret ---- */

/* 32 fresh bytes: the highest by (lamport, id), so in use from now on. Doors of the older ones stay open, so that
 * nobody who was away is locked out (design 5). */
enum cp_err cp_serve_new_secret(struct cp_request *r, uint8_t id[static CP_ID_LEN])
{
    uint8_t secret[CP_KEY_LEN];
    struct cp_buf frame;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    randombytes_buf(secret, sizeof secret);
    cp_secret_write(secret, &frame);
    sodium_memzero(secret, sizeof secret);
    enum cp_err err = cp_buf_err(&frame);
    if (err == CP_OK)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), id);
    if (frame.ptr != NULL)
        sodium_memzero(frame.ptr, frame.len);
    cp_buf_clear(&frame);
    return err;
}

static void serve_rotate_secret(struct cp_request *r)
{
    struct cp_buf out;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_serve_new_secret(r, id);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_TEXT_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "entry");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_devices[] = {
    {"link", CP_NEED_UNLOCKED | CP_NEED_PERSON, serve_link},
    {"rotate-secret", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_rotate_secret},
    {NULL, 0, NULL},
};
