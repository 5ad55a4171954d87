/* The operations of the store that fault sweeps go through. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_pieces.h"
#include "tests/sim/faults.h"
#include "tests/support/heap.h"

static void seeded(void *ctx, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)test_random(ctx);
}

enum cp_err fault_open(struct fault_try *t)
{
    char path[SIM_PATH_MAX];
    struct cp_store_options opt = {.mem = &t->heap.mem,
                                   .random = seeded,
                                   .random_ctx = &t->random,
                                   .vfs = sim_vfs_name(),
                                   .no_marker = true,
                                   .machine_id = ""};
    return cp_store_open(&t->store, sim_disk_path(t->disk, "db", path), &opt);
}

enum cp_err fault_unlock(struct fault_try *t)
{
    uint8_t key[32];
    memset(key, 1, sizeof key);
    return cp_store_unlock(t->store, key);
}

static enum cp_err ready(struct fault_try *t)
{
    enum cp_err err = fault_open(t);
    return err == CP_OK ? fault_unlock(t) : err;
}

/* ---- Own entries ---- */

static struct cp_bytes bytes_of(const struct fault_bytes *b)
{
    return CP_BYTES(b->at, b->len);
}

static enum cp_err append_frame(struct fault_try *t, enum cp_class class, struct cp_bytes frame,
                                struct cp_bytes words)
{
    const struct fault_world *w = t->world;
    enum cp_err err = cp_store_append(t->store, &w->a.signer, w->plan, w->a.device, class, frame, words,
                                      1700000100000 + t->n, t->tried[t->tried_count]);
    t->tried_count += err == CP_OK;
    return err;
}

static enum cp_err append_some(struct fault_try *t, enum cp_class class, size_t count)
{
    const struct fault_world *w = t->world;
    enum cp_err err = CP_OK;
    t->tried_count = 0;
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err = class == CP_CONTROL
                  ? append_frame(t, class, bytes_of(&w->invite), CP_BYTES(NULL, 0))
                  : append_frame(t, class, bytes_of(&w->item_frame), bytes_of(&w->item_words));
    return err;
}

static enum cp_err commit(struct fault_try *t)
{
    enum cp_err err = cp_store_commit(t->store);
    for (size_t i = 0; err == CP_OK && i < t->tried_count; i++)
        memcpy(t->acked[t->acked_count++], t->tried[i], CP_ID_LEN);
    return err;
}

enum cp_err fault_write(struct fault_try *t, enum cp_class class, size_t count)
{
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    err = append_some(t, class, count);
    if (err == CP_OK)
        return commit(t);
    cp_store_rollback(t->store);
    return err;
}

static enum cp_err write_control(struct fault_try *t)
{
    return fault_write(t, CP_CONTROL, 1);
}

static enum cp_err write_content(struct fault_try *t)
{
    return fault_write(t, CP_CONTENT, 1);
}

static enum cp_err write_batch(struct fault_try *t)
{
    return fault_write(t, CP_CONTENT, 3);
}

/* ---- Attachments ---- */

static const char letter[] = "what was attached";

/* The entry alone, in the transaction that is open. */
static enum cp_err append_attachment(struct fault_try *t)
{
    static const uint8_t salt[CP_SALT_LEN] = {9};
    struct cp_draft *d = malloc(sizeof *d);
    struct cp_buf frame, words;
    if (d == NULL)
        abort();
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cp_draft_init(d, test_mem(), CP_KIND_ATTACHMENT, 0, t->world->item);
    enum cp_err err = cp_attachment_draft(d, CP_MEDIA_TEXT, cp_bytes_str(letter), CP_BYTES(NULL, 0),
                                          cp_bytes_str("a letter"));
    if (err == CP_OK)
        err = cp_draft_write(d, salt, &frame, &words);
    t->tried_count = 0;
    if (err == CP_OK)
        err = append_frame(t, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words));
    cp_draft_clear(d);
    free(d);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    return err;
}

static enum cp_err attach(struct fault_try *t, bool with_piece)
{
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    err = append_attachment(t);
    if (err == CP_OK && with_piece)
        err = cp_store_piece_keep(t->store, t->world->plan, t->tried[0], 0, cp_bytes_str(letter));
    if (err == CP_OK)
        return commit(t);
    cp_store_rollback(t->store);
    return err;
}

static enum cp_err attach_whole(struct fault_try *t)
{
    return attach(t, true);
}

static enum cp_err ready_to_keep(struct fault_try *t)
{
    enum cp_err err = ready(t);
    return err == CP_OK ? attach(t, false) : err;
}

/* What is said to be kept is there to be read. */
static enum cp_err keep_piece(struct fault_try *t)
{
    struct cp_buf out;
    bool found = false;
    enum cp_err err = cp_store_piece_keep(t->store, t->world->plan, t->tried[0], 0, cp_bytes_str(letter));
    if (err != CP_OK)
        return err;
    cp_buf_init(&out, test_mem(), CP_PIECE_LEN);
    err = cp_store_piece_read(t->store, t->world->plan, t->tried[0], 0, &out, &found);
    if (err == CP_OK && (!found || !cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str(letter))))
        err = CP_ERR_BAD_MESSAGE;
    cp_buf_clear(&out);
    return err;
}

/* INVITE and ADMIT in one transaction, and a look at the members before it is committed. */
static enum cp_err admit(struct fault_try *t)
{
    const struct fault_world *w = t->world;
    const struct cp_members *members = NULL;
    struct cp_buf join, frame;
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_invite_write(w->token_key, w->token_key, NULL, &frame);
    t->tried_count = 0;
    err = append_frame(t, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0));
    if (err == CP_OK) {
        group_join(&w->c, w->plan, t->tried[0], FAULT_TOKEN, &join);
        cp_buf_reset(&frame);
        cp_admit_write(t->tried[0], cp_buf_bytes(&join), &frame);
        err = append_frame(t, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0));
    }
    if (err == CP_OK)
        err = cp_store_members(t->store, w->plan, &members);
    if (err == CP_OK && members->count != 3)
        err = CP_ERR_BAD_MESSAGE;
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    if (err == CP_OK)
        return commit(t);
    cp_store_rollback(t->store);
    return err;
}

static enum cp_err found(struct fault_try *t)
{
    const struct fault_world *w = t->world;
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    t->tried_count = 0;
    err = cp_store_found(t->store, &w->a.signer, w->a.device, bytes_of(&w->first), 1700000200000, t->founded);
    if (err == CP_OK)
        err = cp_store_commit(t->store);
    else
        cp_store_rollback(t->store);
    t->founded_acked = err == CP_OK;
    return err;
}

static enum cp_err ready_to_commit(struct fault_try *t)
{
    enum cp_err err = ready(t);
    if (err == CP_OK)
        err = cp_store_begin(t->store);
    return err == CP_OK ? append_some(t, CP_CONTENT, 2) : err;
}

static enum cp_err roll_back(struct fault_try *t)
{
    cp_store_rollback(t->store);
    return CP_OK;
}

static enum cp_err await(struct fault_try *t)
{
    static const uint8_t plan[CP_ID_LEN] = {0xaa};
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    err = cp_store_await(t->store, plan, cp_bytes_str("a request"), cp_bytes_str("an invitation"));
    if (err == CP_OK)
        return cp_store_commit(t->store);
    cp_store_rollback(t->store);
    return err;
}

/* ---- Others' entries ---- */

static enum cp_err put(struct fault_try *t, const struct fault_bytes *payload, struct cp_put_result *result)
{
    struct cp_chunk chunk;
    enum cp_err err = cp_chunk_read(&chunk, test_mem(), bytes_of(payload), t->world->plan);
    if (err != CP_OK)
        return err;
    err = cp_store_put(t->store, t->world->plan, &chunk, false, result);
    cp_chunk_clear(&chunk);
    return err;
}

static enum cp_err put_fresh(struct fault_try *t)
{
    struct cp_put_result result;
    enum cp_err err = put(t, &t->world->fresh, &result);
    return err != CP_OK || (result.fresh == 1 && !result.own_unknown) ? err : CP_ERR_BAD_MESSAGE;
}

static enum cp_err put_known(struct fault_try *t)
{
    struct cp_put_result result;
    enum cp_err err = put(t, &t->world->known, &result);
    return err != CP_OK || (result.fresh == 0 && result.known == 3) ? err : CP_ERR_BAD_MESSAGE;
}

static enum cp_err put_forked(struct fault_try *t)
{
    struct cp_put_result result;
    enum cp_err err = put(t, &t->world->forked, &result);
    return err != CP_OK || result.fresh == 1 ? err : CP_ERR_BAD_MESSAGE;
}

/* Somebody takes back words that are held: they are erased with the same commit. */
static enum cp_err put_withdraw(struct fault_try *t)
{
    struct cp_put_result result;
    enum cp_err err = put(t, &t->world->taken_back, &result);
    return err != CP_OK || result.fresh == 1 ? err : CP_ERR_BAD_MESSAGE;
}

static enum cp_err withdraw(struct fault_try *t)
{
    const struct fault_world *w = t->world;
    uint8_t said[1][CP_ID_LEN];
    struct cp_buf frame;
    enum cp_err err = cp_store_begin(t->store);
    if (err != CP_OK)
        return err;
    memcpy(said[0], w->item, CP_ID_LEN);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(w->plan, &w->a, &w->a, (const uint8_t(*)[CP_ID_LEN])said, 1, false, &frame);
    t->tried_count = 0;
    t->own_taken_back = true;
    err = append_frame(t, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0));
    cp_buf_clear(&frame);
    if (err == CP_OK)
        return commit(t);
    cp_store_rollback(t->store);
    return err;
}

/* An own entry that is not held: from now on this home writes under another incarnation. */
static enum cp_err put_own(struct fault_try *t)
{
    struct cp_put_result result;
    uint8_t incarnation[CP_INCARNATION_LEN];
    enum cp_err err = put(t, &t->world->own, &result);
    cp_store_incarnation(t->store, incarnation, NULL);
    bool began = memcmp(incarnation, t->world->incarnation, sizeof incarnation) != 0;
    return err != CP_OK || (result.own_unknown && began) ? err : CP_ERR_BAD_MESSAGE;
}

/* Two control heads: the next own entry joins what both have behind them. */
static enum cp_err ready_to_join(struct fault_try *t)
{
    struct cp_put_result result;
    enum cp_err err = ready(t);
    if (err == CP_OK)
        err = write_control(t);
    if (err == CP_OK)
        err = put(t, &t->world->apart, &result);
    return err;
}

/* ---- Upkeep ---- */

static enum cp_err rebuild(struct fault_try *t)
{
    return cp_store_rebuild(t->store);
}

static enum cp_err scrub(struct fault_try *t)
{
    size_t damaged;
    return cp_store_scrub(t->store, 100, &damaged);
}

static enum cp_err ready_and_scrubbed(struct fault_try *t)
{
    enum cp_err err = ready(t);
    return err == CP_OK ? scrub(t) : err;
}

static enum cp_err set_note(struct fault_try *t)
{
    return cp_store_note_set(t->store, "a note", cp_bytes_str("what it says"));
}

static enum cp_err close_it(struct fault_try *t)
{
    cp_store_close(t->store);
    t->store = NULL;
    return CP_OK;
}

/* ---- Reading ---- */

struct reading {
    struct cp_hasher h;
    uint64_t visited;
};

static void add_loaded(struct reading *r, const struct cp_loaded *l)
{
    cp_hash_add_u64(&r->h, l->count);
    for (size_t i = 0; i < l->count; i++) {
        cp_hash_add(&r->h, l->info[i].id, CP_ID_LEN);
        cp_hash_add(&r->h, l->info[i].person, CP_ID_LEN);
        cp_hash_add_u64(&r->h, l->info[i].left);
        cp_hash_add_sized(&r->h, l->info[i].frame);
        cp_hash_add_sized(&r->h, l->info[i].words);
    }
}

static bool visit(void *ctx, const struct cp_entry_info *info)
{
    struct reading *r = ctx;
    r->visited++;
    cp_hash_add(&r->h, info->id, CP_ID_LEN);
    cp_hash_add_sized(&r->h, info->words);
    return true;
}

static enum cp_err read_records(struct fault_try *t, struct reading *r)
{
    const uint8_t *plan = t->world->plan, *item = t->world->item;
    struct cp_loaded l;
    enum cp_err err = cp_store_load(t->store, plan, item, true, &l);
    if (err == CP_OK) {
        add_loaded(r, &l);
        cp_loaded_clear(&l);
        err = cp_store_load(t->store, plan, item, false, &l);
    }
    if (err == CP_OK) {
        add_loaded(r, &l);
        cp_loaded_clear(&l);
        err = cp_store_entry(t->store, plan, item, &l);
    }
    if (err == CP_OK) {
        add_loaded(r, &l);
        cp_loaded_clear(&l);
        err = cp_store_each(t->store, plan, CP_KIND_ITEM, false, visit, r);
    }
    if (err == CP_OK)
        err = cp_store_each(t->store, plan, 0, true, visit, r);
    return err;
}

static enum cp_err read_plan(struct fault_try *t, struct reading *r)
{
    const uint8_t *plan = t->world->plan;
    const struct cp_members *members = NULL;
    struct cp_plan_row *plans = NULL;
    struct cp_invite_row *invites = NULL;
    uint8_t(*ids)[CP_ID_LEN] = NULL, (*secrets)[CP_KEY_LEN] = NULL, found_id[4][CP_ID_LEN];
    size_t count = 0;
    enum cp_err err = cp_store_members(t->store, plan, &members);
    cp_hash_add_u64(&r->h, err == CP_OK ? members->count : 0);
    if (err == CP_OK)
        err = cp_store_plans(t->store, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        cp_hash_add_u64(&r->h, plans[i].entries);
        cp_hash_add_u64(&r->h, plans[i].forks);
    }
    if (err == CP_OK)
        err = cp_store_invites(t->store, plan, &invites, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        cp_hash_add_u64(&r->h, invites[i].used);
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT && err == CP_OK; class ++) {
        err = cp_store_heads(t->store, plan, (enum cp_class) class, &ids, &count);
        for (size_t i = 0; err == CP_OK && i < count; i++)
            cp_hash_add(&r->h, ids[i], CP_ID_LEN);
        cp_free(&t->heap.mem, ids);
        ids = NULL;
    }
    if (err == CP_OK)
        err = cp_store_secrets(t->store, plan, &secrets, &count);
    cp_hash_add_u64(&r->h, count);
    if (err == CP_OK)
        err = cp_store_find(t->store, plan, cp_bytes_str(""), found_id, 4, &count);
    cp_hash_add_u64(&r->h, count);
    cp_free(&t->heap.mem, plans);
    cp_free(&t->heap.mem, invites);
    cp_free(&t->heap.mem, secrets);
    return err;
}

/* As a session looks. */
static enum cp_err read_replica(struct fault_try *t, struct reading *r)
{
    const struct cp_replica *replica = cp_store_replica(t->store);
    uint8_t(*plans)[CP_ID_LEN] = NULL, digest[CP_ID_LEN] = {0};
    struct cp_outgoing first;
    uint64_t entries;
    size_t count = 0;
    enum cp_err err = replica->plans(replica->ctx, t->world->b.curve, &plans, &count);
    cp_hash_add_u64(&r->h, count);
    cp_free(replica->mem, plans);
    if (err == CP_OK)
        err = replica->first(replica->ctx, t->world->plan, &first);
    if (err == CP_OK)
        cp_hash_add_sized(&r->h, first.entry.header);
    if (err == CP_OK)
        err = cp_store_log_digest(t->store, t->world->plan, &entries, digest);
    cp_hash_add(&r->h, digest, sizeof digest);
    if (err == CP_OK)
        err = cp_store_derived_digest(t->store, digest);
    cp_hash_add(&r->h, digest, sizeof digest);
    return err;
}

static enum cp_err read_all(struct fault_try *t, uint8_t digest[static CP_ID_LEN])
{
    struct reading r = {.visited = 0};
    cp_hash_init(&r.h, CP_TAG_LOG_DIGEST, CP_ID_LEN);
    enum cp_err err = read_replica(t, &r); /* first: nothing is kept in memory yet */
    if (err == CP_OK)
        err = read_records(t, &r);
    if (err == CP_OK)
        err = read_plan(t, &r);
    cp_hash_end(&r.h, digest, CP_ID_LEN);
    return err;
}

static enum cp_err ready_to_read(struct fault_try *t)
{
    enum cp_err err = ready(t);
    if (err == CP_OK)
        err = read_all(t, t->seen);
    cp_store_close(t->store); /* read again from nothing that is in memory */
    t->store = NULL;
    return err == CP_OK ? ready(t) : err;
}

/* Right, or an error: never something else than before. */
static enum cp_err look(struct fault_try *t)
{
    uint8_t digest[CP_ID_LEN];
    enum cp_err err = read_all(t, digest);
    return err == CP_OK && memcmp(digest, t->seen, CP_ID_LEN) != 0 ? CP_ERR_BAD_MESSAGE : err;
}

#define DISK(name) offsetof(struct fault_world, name)
const struct fault_op fault_ops[] = {
    {"make", DISK(empty), NULL, fault_open, .again = true},
    {"open", DISK(cold), NULL, fault_open, .again = true},
    {"recover", DISK(hot), NULL, fault_open, .again = true},
    {"recover-long", DISK(wide), NULL, fault_open, .again = true},
    {"unlock-first", DISK(unkeyed), fault_open, fault_unlock, .again = true},
    {"unlock", DISK(hot), fault_open, fault_unlock, .again = true},
    {"found", DISK(hot), ready, found, .again = true},
    {"await", DISK(hot), ready, await, .again = true},
    {"append-control", DISK(cold), ready, write_control, .again = true},
    {"append", DISK(hot), ready, write_content, .again = true},
    {"append-joining", DISK(hot), ready_to_join, write_content, .again = true, .own_log = true},
    {"admit", DISK(hot), ready, admit, .again = true},
    {"append-batch", DISK(hot), ready, write_batch, .again = true},
    {"attach", DISK(hot), ready, attach_whole, .again = true},
    {"keep-piece", DISK(hot), ready_to_keep, keep_piece, .again = true, .own_log = true},
    {"commit", DISK(hot), ready_to_commit, commit, .again = false},
    {"rollback", DISK(hot), ready_to_commit, roll_back, .again = false},
    {"put-fresh", DISK(hot), ready, put_fresh, .again = true},
    {"put-known", DISK(cold), ready, put_known, .again = true},
    {"put-forked", DISK(hot), ready, put_forked, .again = true, .forks = true},
    {"put-own", DISK(hot), ready, put_own, .again = true},
    {"put-withdraw", DISK(hot), ready, put_withdraw, .again = true},
    {"withdraw", DISK(hot), ready, withdraw, .again = true},
    {"put-repair", DISK(damaged), ready_and_scrubbed, put_known, .again = true},
    {"rebuild", DISK(hot), ready, rebuild, .again = true},
    {"scrub", DISK(cold), ready, scrub, .again = true},
    {"scrub-damaged", DISK(damaged), ready, scrub, .again = true},
    {"note", DISK(hot), ready, set_note, .again = true},
    {"look", DISK(cold), ready_to_read, look, .again = true},
    {"write-back", DISK(wide), ready, write_content, .again = true},
    {"close", DISK(hot), ready, close_it, .again = false},
};
const size_t fault_ops_count = sizeof fault_ops / sizeof *fault_ops;
