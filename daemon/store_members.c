/*
 * Members, invitations and plan secrets: read from the control entries, folded by proto/member.h.
 * Owns: the folded members of each plan, kept until control entries arrive or the store is locked.
 */
#include <sodium.h>

#include "daemon/store_internal.h"

struct cp_member_cache {
    struct cp_member_cache *next;
    uint64_t plan;
    struct cp_members members;
    struct cp_buf frames; /* the members' names are borrowed from here */
};

static void free_cache(struct cp_store *s, struct cp_member_cache *cache)
{
    cp_members_clear(&cache->members);
    if (cache->frames.ptr != NULL)
        sodium_memzero(cache->frames.ptr, cache->frames.cap);
    cp_buf_clear(&cache->frames);
    cp_free(&s->mem, cache);
}

void cp_store_forget_members(struct cp_store *s)
{
    while (s->members != NULL) {
        struct cp_member_cache *first = s->members;
        s->members = first->next;
        free_cache(s, first);
    }
}

/* ---- Control entries, lowest (lamport, id) first ---- */

struct control_row {
    uint64_t row, lamport;
    uint8_t id[CP_ID_LEN];
    uint8_t device[CP_KEY_LEN];
    struct cp_bytes frame;
};
typedef enum cp_err control_visit(struct cp_store *s, void *ctx, const struct control_row *row);

static enum cp_err control_head(struct cp_store *s, uint64_t row, struct control_row *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_INFO, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    out->row = row;
    out->lamport = cp_col_u64(st, 5);
    if (!cp_col_fixed(st, 1, out->id, CP_ID_LEN) || !cp_col_fixed(st, 2, out->device, CP_KEY_LEN))
        err = CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    return err;
}

/* Visits what can be opened; a damaged one is left out until it is here again. */
static enum cp_err each_control(struct cp_store *s, uint64_t plan, control_visit *visit, void *ctx)
{
    struct cp_rows rows = {0};
    sqlite3_stmt *st = NULL;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_CONTROL, &st, "i", plan);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK; i++) {
        struct control_row row;
        struct cp_bytes words;
        uint8_t id[CP_ID_LEN];
        uint64_t person;
        err = control_head(s, rows.at[i], &row);
        if (err == CP_OK)
            err = cp_open_row(s, rows.at[i], 0, id, &person, &row.frame, &words);
        if (err == CP_ERR_DAMAGED_STORE)
            err = CP_OK;
        else if (err == CP_OK)
            err = visit(s, ctx, &row);
    }
    cp_rows_clear(s, &rows);
    return err;
}

/* ---- Members ---- */

struct gather {
    struct cp_buf *frames;
    struct cp_control_entry *entries;
    size_t *offsets;
    size_t count, entries_cap, offsets_cap;
};

/* Does this ADMIT count by rule R1? One whose INVITE is held but not in its own past admits nobody: its device must
 * not be let in, nor shown as one of us, while all it writes is refused. */
static enum cp_err admits(struct cp_store *s, const struct control_row *row, const struct cp_control *admit, bool *counts)
{
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_one(s, CP_SQL_ADMISSION_HAS, &st, counts, "ii",
                                 cp_mark(s, admit->join.plan, admit->join.device_key), row->row);
    if (err == CP_OK && *counts)
        cp_sql_done(st);
    return err;
}

static enum cp_err gather_one(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct gather *g = ctx;
    void *entries = g->entries, *offsets = g->offsets;
    struct cp_control control;
    bool counts = true;
    enum cp_err err = CP_OK;
    if (cp_frame_kind(row->frame) == CP_KIND_SECRET)
        return CP_OK; /* no say in who is a member, and not to lie about in memory */
    cp_control_read(row->frame, &control);
    if (control.known && control.kind == CP_KIND_ADMIT)
        err = admits(s, row, &control, &counts);
    if (err != CP_OK || !counts)
        return err;
    err = cp_grow(&s->mem, &entries, &g->entries_cap, g->count + 1, SIZE_MAX / 1024, sizeof *g->entries);
    g->entries = entries;
    if (err == CP_OK)
        err = cp_grow(&s->mem, &offsets, &g->offsets_cap, g->count + 1, SIZE_MAX / 1024, sizeof *g->offsets);
    g->offsets = offsets;
    if (err != CP_OK)
        return err;
    struct cp_control_entry *e = &g->entries[g->count];
    /* Both were judged when they came; doing it again for each of 1,000 devices would make opening a plan slow. */
    bool judged = control.known && (control.kind == CP_KIND_ADMIT || control.kind == CP_KIND_FIRST);
    *e = (struct cp_control_entry){
        .lamport = row->lamport, .frame = CP_BYTES(NULL, row->frame.len), .judged = judged};
    memcpy(e->id, row->id, CP_ID_LEN);
    memcpy(e->device, row->device, CP_KEY_LEN);
    g->offsets[g->count++] = g->frames->len;
    cp_buf_put_bytes(g->frames, row->frame);
    return cp_buf_err(g->frames);
}

static enum cp_err fold(struct cp_store *s, const struct cp_store_plan *plan, struct cp_member_cache *cache)
{
    struct gather g = {.frames = &cache->frames};
    enum cp_err err = each_control(s, plan->num, gather_one, &g);
    for (size_t i = 0; i < g.count && err == CP_OK; i++)
        g.entries[i].frame.ptr = cache->frames.ptr + g.offsets[i];
    if (err == CP_OK)
        err = cp_members_fold(&cache->members, g.entries, g.count, plan->id);
    cp_free(&s->mem, g.entries);
    cp_free(&s->mem, g.offsets);
    return err;
}

enum cp_err cp_store_members(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const struct cp_members **out)
{
    struct cp_store_plan p;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err != CP_OK)
        return err;
    for (struct cp_member_cache *c = s->members; c != NULL; c = c->next)
        if (c->plan == p.num) {
            *out = &c->members;
            return CP_OK;
        }
    struct cp_member_cache *cache = cp_alloc(&s->mem, sizeof *cache);
    if (cache == NULL)
        return CP_ERR_NO_MEMORY;
    cache->plan = p.num;
    cp_members_init(&cache->members, &s->mem);
    cp_buf_init(&cache->frames, &s->mem, SIZE_MAX / 2);
    err = fold(s, &p, cache);
    if (err != CP_OK) {
        free_cache(s, cache);
        return err;
    }
    cache->next = s->members;
    s->members = cache;
    *out = &cache->members;
    return CP_OK;
}

/* ---- Invitations ---- */

struct invites {
    const struct cp_store_plan *plan;
    struct cp_invite_row *rows;
    size_t count, cap;
};

static struct cp_invite_row *find_invite(const struct invites *v, const uint8_t *id)
{
    for (size_t i = 0; i < v->count; i++)
        if (memcmp(v->rows[i].id, id, CP_ID_LEN) == 0)
            return &v->rows[i];
    return NULL;
}

/* First pass: the INVITEs. */
static enum cp_err note_invite(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct invites *v = ctx;
    struct cp_control c;
    void *array = v->rows;
    cp_control_read(row->frame, &c);
    if (!c.known || c.kind != CP_KIND_INVITE)
        return CP_OK;
    enum cp_err err = cp_grow(&s->mem, &array, &v->cap, v->count + 1, SIZE_MAX / sizeof *v->rows, sizeof *v->rows);
    v->rows = array;
    if (err != CP_OK)
        return err;
    struct cp_invite_row *r = &v->rows[v->count++];
    *r = (struct cp_invite_row){0};
    memcpy(r->plan, v->plan->id, CP_ID_LEN);
    memcpy(r->id, row->id, CP_ID_LEN);
    memcpy(r->token_key, c.token_key, CP_KEY_LEN);
    memcpy(r->token_curve_key, c.token_curve_key, CP_KEY_LEN);
    r->for_person = c.for_person;
    memcpy(r->person, c.person, CP_ID_LEN);
    return CP_OK;
}

/* Second pass: what became of them. Only an ADMIT that counts uses an invitation up. */
static enum cp_err note_use(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct invites *v = ctx;
    struct cp_control c;
    bool counts;
    cp_control_read(row->frame, &c);
    if (!c.known || (c.kind != CP_KIND_ADMIT && c.kind != CP_KIND_UNINVITE))
        return CP_OK;
    struct cp_invite_row *r = find_invite(v, c.invite);
    if (r == NULL)
        return CP_OK;
    if (c.kind == CP_KIND_UNINVITE) {
        r->withdrawn = true;
        return CP_OK;
    }
    if (r->used)
        return CP_OK;
    enum cp_err err = admits(s, row, &c, &counts);
    if (err != CP_OK || !counts)
        return err;
    r->used = true;
    memcpy(r->used_by, c.join.person, CP_ID_LEN);
    memcpy(r->used_device, c.join.device_key, CP_KEY_LEN);
    return CP_OK;
}

enum cp_err cp_store_invites(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_invite_row **rows,
                             size_t *count)
{
    struct cp_store_plan p;
    struct invites v = {.plan = &p};
    *rows = NULL;
    *count = 0;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = each_control(s, p.num, note_invite, &v);
    if (err == CP_OK)
        err = each_control(s, p.num, note_use, &v);
    if (err != CP_OK) {
        cp_free(&s->mem, v.rows);
        return err;
    }
    *rows = v.rows;
    *count = v.count;
    return CP_OK;
}

/* ---- Secrets ---- */

struct secrets {
    uint8_t (*at)[CP_KEY_LEN];
    size_t count, cap;
};

static enum cp_err note_secret(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct secrets *v = ctx;
    struct cp_control c;
    void *array = v->at;
    cp_control_read(row->frame, &c);
    if (!c.known || c.kind != CP_KIND_SECRET)
        return CP_OK;
    enum cp_err err = cp_grow(&s->mem, &array, &v->cap, v->count + 1, SIZE_MAX / CP_KEY_LEN, CP_KEY_LEN);
    v->at = array;
    if (err == CP_OK)
        memcpy(v->at[v->count++], c.secret, CP_KEY_LEN);
    sodium_memzero(&c, sizeof c);
    return err;
}

enum cp_err cp_store_secrets(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                             uint8_t (**secrets)[CP_KEY_LEN], size_t *count)
{
    struct cp_store_plan p;
    struct secrets v = {0};
    *secrets = NULL;
    *count = 0;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = each_control(s, p.num, note_secret, &v);
    if (err != CP_OK) {
        if (v.at != NULL)
            sodium_memzero(v.at, v.count * CP_KEY_LEN);
        cp_free(&s->mem, v.at);
        return err;
    }
    for (size_t i = 0; i < v.count / 2; i++) { /* the one in use first: the highest */
        uint8_t swap[CP_KEY_LEN];
        memcpy(swap, v.at[i], CP_KEY_LEN);
        memcpy(v.at[i], v.at[v.count - 1 - i], CP_KEY_LEN);
        memcpy(v.at[v.count - 1 - i], swap, CP_KEY_LEN);
        sodium_memzero(swap, sizeof swap);
    }
    *secrets = v.at;
    *count = v.count;
    return CP_OK;
}
