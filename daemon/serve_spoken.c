/*
 * Invitations in twelve words: invite with words, join with them (docs/api.md).
 * Owns: what becomes of such words until there is an invitation like any other. Must not: know packets (finder*.c, proto/spoken.h),
 * keep the words or their stretched secret, judge a JOIN.
 */
#include "daemon/serve_spoken.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "daemon/control.h"
#include "daemon/finder.h"
#include "daemon/loop.h"
#include "daemon/serve_devices.h"
#include "proto/utf8.h"

#define ROW_MAX 4096U

/* A request whose words are being stretched, or looked for. Guarded memory. */
struct speaking {
    struct cp_request *r;
    uint8_t secret[CP_SPOKEN_LEN];
    uint8_t token[CP_TOKEN_LEN];
    struct cp_finder_search search;
    void (*next)(struct speaking *s, const struct cp_spoken_keys *keys);
};

static void refuse(struct speaking *s, enum cp_err err)
{
    cp_reply_error(s->r, err, NULL, NULL);
    sodium_free(s);
}

/* Argon2 took a moment, looking takes longer: much may have happened to the home in it. */
static enum cp_err still_there(const struct cp_request *r)
{
    const struct cp_keeper *k = r->node->keeper;
    if (r->node->stopping || cp_request_gone(r))
        return CP_ERR_INTERRUPTED;
    if (k == NULL || r->person >= cp_keeper_count(k))
        return CP_ERR_NO_HOME;
    return cp_keeper_locked(k) ? CP_ERR_LOCKED : CP_OK;
}

static void stretched(struct cp_job *job, void *ctx)
{
    struct speaking *s = ctx;
    struct cp_spoken_keys keys;
    enum cp_err err = job->err == CP_OK ? still_there(s->r) : job->err;
    if (err != CP_OK) {
        refuse(s, err);
        return;
    }
    cp_spoken_derive(job->seal, &keys);
    s->next(s, &keys);
    sodium_memzero(&keys, sizeof keys);
}

/* `next` gets the keys, and s with them; or the request has its error. */
static void stretch(struct cp_request *r, const uint8_t secret[static CP_SPOKEN_LEN],
                    void (*next)(struct speaking *s, const struct cp_spoken_keys *keys))
{
    struct speaking *s = sodium_malloc(sizeof *s);
    struct cp_job *job = s == NULL ? NULL : cp_job_new(CP_BYTES(secret, CP_SPOKEN_LEN));
    if (job == NULL) {
        sodium_free(s);
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    memset(s, 0, sizeof *s);
    s->r = r;
    s->next = next;
    memcpy(s->secret, secret, CP_SPOKEN_LEN);
    cp_kdf_spoken(&job->kdf);
    job->done = stretched;
    job->ctx = s;
    cp_helper_submit(r->node->helper, job);
}

/* ---- invite ---- */

static void answer_invite(struct cp_request *r, const uint8_t *invite, const char *words)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "words");
    cp_api_cstr(&out, words);
    cp_api_key(&out, "id");
    cp_api_hex(&out, invite, CP_ID_LEN);
    cp_api_key(&out, "minutes");
    cp_api_int(&out, CP_FINDER_SPOKEN_MS / 60000U);
    cp_reply_buf(r, &out);
    if (out.ptr != NULL)
        sodium_memzero(out.ptr, out.len);
    cp_buf_clear(&out);
}

static void invite_stretched(struct speaking *s, const struct cp_spoken_keys *keys)
{
    struct cp_request *r = s->r;
    struct cp_finder *f = r->node->finder;
    struct cp_finder_spoken spoken;
    struct cp_invitation inv;
    char words[CP_SPOKEN_TEXT_LEN];
    memset(&inv, 0, sizeof inv);
    memcpy(inv.token, keys->token, sizeof inv.token);
    enum cp_err err = cp_finder_spoken_room(f, cp_finder_boot_ms());
    if (err == CP_OK)
        err = cp_serve_make_invite(r, &inv);
    if (err != CP_OK) {
        sodium_memzero(&inv, sizeof inv);
        refuse(s, err);
        return;
    }
    memcpy(spoken.plan, inv.plan, sizeof spoken.plan);
    memcpy(spoken.invite, inv.invite, sizeof spoken.invite);
    memcpy(spoken.door, inv.door_key, sizeof spoken.door);
    memcpy(spoken.slots, keys->slots, sizeof spoken.slots);
    spoken.end_ms = cp_finder_boot_ms() + CP_FINDER_SPOKEN_MS;
    cp_finder_spoken_open(f, &spoken);
    cp_spoken_write(s->secret, words);
    answer_invite(r, inv.invite, words);
    sodium_free(s);
    sodium_memzero(&spoken, sizeof spoken);
    sodium_memzero(&inv, sizeof inv);
    sodium_memzero(words, sizeof words);
}

void cp_serve_invite_words(struct cp_request *r)
{
    uint8_t secret[CP_SPOKEN_LEN];
    /* Somebody who comes back, or a further device, needs more than words can say. */
    if (cp_api_member_text(&r->with, "for", CP_BYTES(NULL, 0)).len > 0 ||
        cp_api_member_true(&r->with, "my_device")) {
        cp_reply_error(r, CP_ERR_USAGE, NULL, NULL);
        return;
    }
    randombytes_buf(secret, sizeof secret);
    stretch(r, secret, invite_stretched);
    sodium_memzero(secret, sizeof secret);
}

/* ---- join ---- */

/* An invitation of a plan that somebody of this machine is in: they came in by it, or it was made here. *open: nobody took it back. */
static enum cp_err find_held(struct cp_request *r, const uint8_t *token, struct cp_invitation *inv, bool *open)
{
    struct cp_store *store = r->node->store;
    uint8_t sign_key[CP_KEY_LEN], curve_key[CP_KEY_LEN];
    struct cp_plan_row *plans = NULL;
    size_t plans_count = 0;
    bool found = false;
    cp_token_public(token, sign_key, curve_key);
    enum cp_err err = cp_store_plans(store, &plans, &plans_count);
    for (size_t i = 0; err == CP_OK && !found && i < plans_count; i++) {
        struct cp_invite_row *rows = NULL;
        size_t count = 0;
        memcpy(r->plan, plans[i].id, sizeof r->plan);
        if (plans[i].entries > 0 && cp_serve_is_held(r))
            err = cp_store_invites(store, plans[i].id, &rows, &count);
        for (size_t k = 0; err == CP_OK && k < count && !found; k++) {
            found = memcmp(rows[k].token_key, sign_key, CP_KEY_LEN) == 0;
            memcpy(inv->invite, rows[k].id, CP_ID_LEN);
            *open = rows[k].stands && !rows[k].withdrawn;
        }
        cp_free(r->node->mem, rows);
    }
    cp_free(r->node->mem, plans);
    memcpy(inv->plan, r->plan, CP_ID_LEN);
    memcpy(inv->token, token, CP_TOKEN_LEN);
    return err == CP_OK && !found ? CP_ERR_NOT_FOUND : err;
}

/* One that was found before and whose JOIN is still under way: its device is called where it was. */
static enum cp_err find_awaited(struct cp_request *r, const uint8_t *token, struct cp_invitation *inv)
{
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    bool found = false;
    enum cp_err err = cp_store_plans(r->node->store, &plans, &count);
    for (size_t i = 0; err == CP_OK && !found && i < count; i++) {
        struct cp_buf text, join;
        if (!plans[i].awaited)
            continue;
        cp_buf_init(&text, r->node->mem, CP_TEXT_MAX);
        cp_buf_init(&join, r->node->mem, CP_TEXT_MAX);
        found = cp_store_awaited(r->node->store, plans[i].id, &join, &text) == CP_OK &&
                cp_invitation_read(cp_buf_bytes(&text), inv) == CP_OK &&
                sodium_memcmp(inv->token, token, CP_TOKEN_LEN) == 0;
        if (text.ptr != NULL)
            sodium_memzero(text.ptr, text.len);
        cp_buf_clear(&text);
        cp_buf_clear(&join);
    }
    cp_free(r->node->mem, plans);
    return err == CP_OK && !found ? CP_ERR_NOBODY_THERE : err;
}

/* The end of the search. */
static void sought(void *ctx, enum cp_err err, const struct cp_spoken_place *place, const char *address)
{
    struct speaking *s = ctx;
    struct cp_invitation inv;
    memset(&inv, 0, sizeof inv);
    if (err == CP_OK || err == CP_ERR_NOBODY_THERE) {
        enum cp_err now = still_there(s->r);
        err = now != CP_OK ? now : err;
    }
    if (err == CP_OK) {
        memcpy(inv.plan, place->plan, sizeof inv.plan);
        memcpy(inv.invite, place->invite, sizeof inv.invite);
        memcpy(inv.token, s->token, sizeof inv.token);
        memcpy(inv.server_key, place->machine, sizeof inv.server_key);
        memcpy(inv.door_key, place->door, sizeof inv.door_key);
        inv.has_server = true;
        (void)snprintf(inv.address, sizeof inv.address, "%s", address);
    } else if (err == CP_ERR_NOBODY_THERE) {
        err = find_awaited(s->r, s->token, &inv);
    }
    if (err == CP_OK) {
        cp_serve_join_with(s->r, &inv);
        sodium_free(s);
    } else {
        refuse(s, err);
    }
    sodium_memzero(&inv, sizeof inv);
}

static void join_stretched(struct speaking *s, const struct cp_spoken_keys *keys)
{
    struct cp_finder *f = s->r->node->finder;
    struct cp_invitation inv;
    bool open = false;
    memset(&inv, 0, sizeof inv);
    enum cp_err err = find_held(s->r, keys->token, &inv, &open);
    if (err == CP_OK && !open && !cp_serve_is_in(s->r))
        err = CP_ERR_BAD_INVITATION; /* nobody else knows better, and there is nobody to wait for */
    if (err == CP_OK) {
        cp_serve_join_with(s->r, &inv);
        sodium_free(s);
    } else if (err != CP_ERR_NOT_FOUND || !cp_finder_is_on(f)) {
        refuse(s, err == CP_ERR_NOT_FOUND ? CP_ERR_NOT_FINE : err);
    } else {
        memcpy(s->token, keys->token, sizeof s->token);
        memcpy(s->search.slots, keys->slots, sizeof s->search.slots);
        s->search.done = sought;
        s->search.ctx = s;
        cp_finder_seek(f, &s->search, cp_node_monotonic_ms());
    }
    sodium_memzero(&inv, sizeof inv);
}

void cp_serve_join_words(struct cp_request *r, struct cp_bytes typed)
{
    uint8_t secret[CP_SPOKEN_LEN];
    char shown[80] = "";
    struct cp_bytes wrong;
    enum cp_err err = cp_spoken_read(typed, secret, &wrong);
    if (err == CP_OK) {
        stretch(r, secret, join_stretched);
    } else {
        cp_utf8_keep(wrong, shown, sizeof shown);
        cp_reply_error(r, err, shown, NULL);
    }
    sodium_memzero(secret, sizeof secret);
}
