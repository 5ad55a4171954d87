/*
 * The dispatcher: which handler a command has, and what must be so before it runs.
 * Owns: resolving the home, the plan, the person and the passphrase of a request. Must not: know sockets.
 */
#include "daemon/control.h"

#include <stdio.h>
#include <string.h>

#include "daemon/home.h"
#include "daemon/loop.h"
#include "daemon/seat.h"

/* clang-format off */
static const struct cp_command *const tables[] = {
    cp_serve_home,
    cp_serve_plan,
    cp_serve_look,
    cp_serve_agree,
    cp_serve_people,
    cp_serve_devices,
    cp_serve_revoke,
    cp_serve_recover,
    cp_serve_persons,
    cp_serve_others,
    cp_serve_key,
    cp_serve_meet,
    cp_serve_sync,
    cp_serve_check,
    cp_serve_handout,
    cp_serve_private,
    cp_serve_bundle,
    cp_serve_follow,
    cp_serve_carry,
    cp_serve_network,
    cp_serve_backup,
    cp_serve_leave,
    cp_serve_invites,
    cp_serve_attach,
};
/* clang-format on */

static const struct cp_command *find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct cp_command *c = tables[i]; c->name != NULL; c++)
            if (strcmp(c->name, name) == 0)
                return c;
    return NULL;
}

/* What was typed, short enough for a sentence. */
static const char *short_text(struct cp_bytes typed, char out[static 80])
{
    size_t len = typed.len > 72 ? 72 : typed.len;
    if (len > 0)
        memcpy(out, typed.ptr, len);
    out[len] = '\0';
    while (!cp_utf8_ok(cp_bytes_str(out)) && out[0] != '\0')
        out[strlen(out) - 1] = '\0'; /* cut inside a letter */
    return out;
}

/* ---- The plan ---- */

/* The only plan held; one that is still awaited counts when there is no other. */
static enum cp_err only_plan(const struct cp_plan_row *rows, size_t count, const struct cp_plan_row **out)
{
    for (int awaited = 0; awaited < 2; awaited++) {
        size_t found = 0;
        for (size_t i = 0; i < count; i++)
            if (rows[i].awaited == (awaited == 1)) {
                *out = &rows[i];
                found++;
            }
        if (found > 0)
            return found == 1 ? CP_OK : CP_ERR_WHICH_PLAN;
    }
    return CP_ERR_NO_PLAN;
}

static enum cp_err named_plan(const struct cp_plan_row *rows, size_t count, struct cp_bytes typed,
                              const struct cp_plan_row **out)
{
    size_t found = 0;
    if (typed.len < 6)
        return CP_ERR_USAGE;
    for (size_t i = 0; i < count; i++)
        if (cp_id_begins(rows[i].id, typed)) {
            *out = &rows[i];
            found++;
        }
    return found == 1 ? CP_OK : found == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
}

static enum cp_err resolve_plan(struct cp_request *r)
{
    struct cp_plan_row *rows = NULL;
    const struct cp_plan_row *plan = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    if (err != CP_OK)
        return err;
    err = r->plan_arg.len == 0 ? only_plan(rows, count, &plan) : named_plan(rows, count, r->plan_arg, &plan);
    if (err == CP_OK)
        memcpy(r->plan, plan->id, CP_ID_LEN);
    cp_free(r->node->mem, rows);
    return err;
}

/* ---- The person ---- */

static enum cp_err resolve_person(struct cp_request *r)
{
    const struct cp_keeper *k = r->node->keeper;
    size_t by_id = 0, by_name = 0;
    if (r->person_arg.len == 0) {
        r->person = 0;
        return cp_keeper_count(k) == 1 ? CP_OK : CP_ERR_WHICH_PERSON;
    }
    for (size_t i = 0; i < cp_keeper_count(k); i++) /* an id goes before a name that looks like one */
        if (cp_id_begins(cp_keeper_person(k, i)->person, r->person_arg)) {
            r->person = i;
            by_id++;
        }
    if (by_id > 0)
        return by_id == 1 ? CP_OK : CP_ERR_AMBIGUOUS;
    for (size_t i = 0; i < cp_keeper_count(k); i++)
        if (cp_bytes_eq(cp_bytes_str(cp_keeper_person(k, i)->name), r->person_arg)) {
            r->person = i;
            by_name++;
        }
    return by_name == 1 ? CP_OK : by_name == 0 ? CP_ERR_NOT_FOUND : CP_ERR_WHICH_PERSON;
}

/* ---- The passphrase ---- */

/* A request that waits for the helper thread. */
struct sealing {
    struct cp_request *r;
    void (*next)(struct cp_request *r);
};

static void sealed(struct cp_job *job, void *ctx)
{
    struct sealing s = *(struct sealing *)ctx;
    struct cp_request *r = s.r;
    const struct cp_mem *mem = r->node->mem;
    cp_free(mem, ctx);
    enum cp_err err = job->err;
    if (err == CP_OK && (r->node->keeper == NULL || r->person >= cp_keeper_count(r->node->keeper)))
        err = CP_ERR_NO_HOME; /* another home was put in its place meanwhile */
    if (err == CP_OK)
        err = cp_keeper_check(r->node->keeper, r->person, job->seal);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    memcpy(r->seal, job->seal, sizeof r->seal);
    r->has_seal = true;
    s.next(r);
}

void cp_request_new_seal(struct cp_request *r, bool none, void (*done)(struct cp_job *job, void *ctx))
{
    struct cp_bytes passphrase = CP_BYTES(NULL, 0);
    if (!none && (!cp_request_passphrase(r, &passphrase) || passphrase.len == 0)) {
        cp_reply_error(r, CP_ERR_PASSPHRASE_NEEDED, NULL, NULL);
        return;
    }
    struct cp_job *job = cp_job_new(passphrase);
    if (job == NULL) {
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    job->choose = true;
    job->kdf.none = none;
    job->done = done;
    job->ctx = r;
    cp_helper_submit(r->node->helper, job);
}

void cp_request_seal(struct cp_request *r, void (*next)(struct cp_request *r))
{
    struct cp_bytes passphrase;
    const struct cp_kdf *kdf = &cp_keeper_person(r->node->keeper, r->person)->kdf;
    if (kdf->none) {
        r->has_seal = true;
        next(r);
        return;
    }
    if (!cp_request_passphrase(r, &passphrase)) {
        cp_reply_error(r, CP_ERR_PASSPHRASE_NEEDED, NULL, NULL);
        return;
    }
    struct sealing *s = cp_alloc(r->node->mem, sizeof *s);
    struct cp_job *job = s == NULL ? NULL : cp_job_new(passphrase);
    if (job == NULL) {
        cp_free(r->node->mem, s);
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    *s = (struct sealing){.r = r, .next = next};
    job->kdf = *kdf;
    job->done = sealed;
    job->ctx = s;
    cp_helper_submit(r->node->helper, job);
}

/* ---- Serving ---- */

/* Where several share the device the passphrase that was just said also begins the person's session. */
static enum cp_err wake(struct cp_request *r)
{
    enum cp_err err = cp_keeper_unlock(r->node->keeper, r->person, r->seal);
    if (err == CP_OK)
        cp_seat_touch(r->node, r->person);
    return err;
}

static void run_sealed(struct cp_request *r)
{
    const struct cp_command *c = find(r->name);
    /* A second has passed: somebody may have locked the home in it. */
    if (c == NULL)
        cp_reply_error(r, CP_ERR_NOT_HERE, NULL, NULL);
    else if ((c->needs & CP_NEED_UNLOCKED) != 0 && cp_keeper_locked(r->node->keeper))
        cp_reply_error(r, CP_ERR_LOCKED, NULL, NULL);
    else if (!cp_keeper_locked(r->node->keeper) && wake(r) != CP_OK)
        cp_reply_error(r, CP_ERR_DAMAGED_KEY, NULL, NULL);
    else
        c->serve(r);
}

void cp_control_dispatch(struct cp_request *r)
{
    char typed[80];
    const struct cp_command *c = find(r->name);
    if (c == NULL) {
        cp_reply_error(r, CP_ERR_NOT_HERE, r->name, NULL);
        return;
    }
    if ((c->needs & CP_NEED_NO_HOME) != 0) {
        c->serve(r);
        return;
    }
    enum cp_err err = cp_home_open(r->node);
    if (err == CP_OK && (c->needs & CP_NEED_UNLOCKED) != 0 && cp_keeper_locked(r->node->keeper))
        err = CP_ERR_LOCKED;
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    if ((c->needs & CP_NEED_UNLOCKED) != 0)
        cp_seat_used(r->node);
    bool named = (c->needs & (CP_NEED_PERSON | CP_NEED_SEAL)) != 0 || r->person_arg.len > 0;
    if (named)
        err = resolve_person(r);
    if (err == CP_OK && (c->needs & CP_NEED_UNLOCKED) != 0 && (c->needs & CP_NEED_SEAL) == 0)
        err = cp_seat_check(r, named);
    if (err != CP_OK) {
        cp_reply_error(r, err, short_text(r->person_arg, typed), NULL);
        return;
    }
    if ((c->needs & CP_NEED_PLAN) != 0 || ((c->needs & CP_MAY_PLAN) != 0 && r->plan_arg.len > 0)) {
        err = resolve_plan(r);
        if (err != CP_OK) {
            cp_reply_error(r, err, short_text(r->plan_arg, typed), NULL);
            return;
        }
    }
    err = (c->needs & CP_NEED_KEY) != 0 ? cp_node_key_counts(r) : CP_OK;
    if (err == CP_ERR_KEY_CHANGED || err == CP_ERR_KEY_UNHEARD || err == CP_ERR_KEY_APART) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    if ((c->needs & CP_NEED_SEAL) != 0)
        cp_request_seal(r, run_sealed);
    else
        c->serve(r);
}
