/*
 * Members, invitations and plan secrets: read from the control entries, folded by proto/member.h.
 * Owns: the folded members of each plan, kept until control entries arrive or the store is locked.
 */
#include <sodium.h>

#include "daemon/store_internal.h"

struct cp_member_cache {
    struct cp_member_cache *next;
    uint64_t plan;
    unsigned depth;
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
    uint64_t row, lamport, seq, plan;
    unsigned depth;
    uint8_t id[CP_ID_LEN], prev[CP_ID_LEN];
    uint8_t device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN];
    struct cp_bytes frame; /* empty: damaged */
};
typedef enum cp_err control_visit(struct cp_store *s, void *ctx, const struct control_row *row);

static enum cp_err control_head(struct cp_store *s, uint64_t row, struct control_row *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_CONTROL_HEAD, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    *out = (struct control_row){.row = row, .seq = cp_col_u64(st, 3), .lamport = cp_col_u64(st, 4), .plan = cp_col_u64(st, 6),
                                .depth = (unsigned)(cp_col_u64(st, 7) & UINT32_MAX)};
    if (!cp_col_fixed(st, 0, out->id, CP_ID_LEN) || !cp_col_fixed(st, 1, out->device, CP_KEY_LEN) ||
        !cp_col_fixed(st, 2, out->incarnation, CP_INCARNATION_LEN) ||
        (out->seq > 1 && !cp_col_fixed(st, 5, out->prev, CP_ID_LEN)))
        err = CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    return err;
}

/* A damaged one says nothing until it is here again, but keeps its place in its chain. */
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
        if (err == CP_ERR_DAMAGED_STORE) {
            err = CP_OK;
            continue;
        }
        if (err == CP_OK)
            err = cp_open_row(s, rows.at[i], 0, id, &person, &row.frame, &words);
        if (err == CP_ERR_DAMAGED_STORE) {
            row.frame = CP_BYTES(NULL, 0);
            err = CP_OK;
        }
        if (err == CP_OK)
            err = visit(s, ctx, &row);
    }
    cp_rows_clear(s, &rows);
    return err;
}

/* ---- Members ---- */

struct gather {
    const struct cp_store_plan *plan;
    unsigned depth;              /* whose members: entries written before that plan are its past, later ones unheard of */
    struct cp_carried_past past; /* of a continuation's first entry */
    struct cp_buf *frames;
    struct cp_control_entry *entries;
    size_t *offsets;
    size_t count, entries_cap, offsets_cap;
};

/* Does this ADMIT count by rule R1? One whose INVITE is held but not in its own past admits nobody: its device must
 * not be let in, nor shown as one of us, while all it writes is refused. */
static enum cp_err admits(struct cp_store *s, const struct cp_store_plan *plan, const struct control_row *row,
                          const struct cp_control *admit, bool *counts)
{
    uint64_t mark = 0;
    *counts = false;
    enum cp_err err = cp_admission_mark(s, plan, row->depth, admit->join.device_key, &mark);
    return err == CP_OK ? cp_sql_has(s, CP_SQL_ADMISSION_HAS, counts, "ii", mark, row->row) : err;
}

/* Was its signature found good when it came? */
static enum cp_err is_said(struct cp_store *s, const struct control_row *row, bool *yes)
{
    return cp_sql_has(s, CP_SQL_SAID_HAS, yes, "iiii", row->plan, (uint64_t)CP_LIST_SAID, row->lamport, row->row);
}

/* *counts: it has a say in who is a member. It was judged when it came; doing it again for each of 1,000 devices
 * would make opening a plan slow. A SECRET has none, and is not to lie about in memory. */
static enum cp_err has_say(struct cp_store *s, const struct cp_store_plan *plan, const struct control_row *row,
                           bool *counts)
{
    struct cp_control control;
    uint64_t kind = cp_frame_kind(row->frame);
    *counts = kind == CP_KIND_FIRST || kind == CP_KIND_INVITE || kind == CP_KIND_LEAVE ||
              kind == CP_KIND_FOLLOW; /* a fold judges a LEAVE and a FOLLOW itself */
    if (kind == CP_KIND_REVOKE || kind == CP_KIND_KEY)
        return is_said(s, row, counts);
    if (kind != CP_KIND_ADMIT)
        return CP_OK;
    cp_control_read(row->frame, &control);
    return control.known ? admits(s, plan, row, &control, counts) : CP_OK;
}

static enum cp_err gather_one(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct gather *g = ctx;
    void *entries = g->entries, *offsets = g->offsets;
    bool counts = false;
    if (row->depth < g->depth || (row->depth > 0 && g->past.bits != NULL && !cp_carried_past_has(&g->past, row->row)))
        return CP_OK;
    enum cp_err err = has_say(s, g->plan, row, &counts);
    if (err == CP_OK)
        err = cp_grow(&s->mem, &entries, &g->entries_cap, g->count + 1, SIZE_MAX / 1024, sizeof *g->entries);
    g->entries = entries;
    if (err == CP_OK)
        err = cp_grow(&s->mem, &offsets, &g->offsets_cap, g->count + 1, SIZE_MAX / 1024, sizeof *g->offsets);
    g->offsets = offsets;
    if (err != CP_OK)
        return err;
    struct cp_control_entry *e = &g->entries[g->count];
    *e = (struct cp_control_entry){.lamport = row->lamport, .seq = row->seq, .row = row->row, .judged = counts,
                                   .depth = row->depth - g->depth,
                                   .frame = CP_BYTES(NULL, counts ? row->frame.len : 0)};
    memcpy(e->id, row->id, CP_ID_LEN);
    memcpy(e->prev, row->prev, CP_ID_LEN);
    memcpy(e->device, row->device, CP_KEY_LEN);
    memcpy(e->incarnation, row->incarnation, CP_INCARNATION_LEN);
    g->offsets[g->count++] = g->frames->len;
    if (counts)
        cp_buf_put_bytes(g->frames, row->frame);
    return cp_buf_err(g->frames);
}

static enum cp_err lies_in_past(void *ctx, const struct cp_control_entry *older, const struct cp_control_entry *newer,
                                bool *yes)
{
    uint64_t at = newer->row;
    struct cp_rows from = {.at = &at, .count = 1};
    *yes = false;
    return older->row == newer->row ? CP_OK : cp_graph_reaches(ctx, &from, older->row, older->lamport, yes);
}

/* What of earlier plans lies in the past of the first entry; all of it while that is not here. */
static enum cp_err find_past(struct cp_store *s, struct gather *g)
{
    const struct cp_id_list first = {.first = g->plan->id, .count = 1};
    return g->plan->line > 0 && g->plan->first != 0 ? cp_carried_past(s, g->plan, &first, &g->past) : CP_OK;
}

static enum cp_err fold(struct cp_store *s, const struct cp_store_plan *plan, struct cp_member_cache *cache)
{
    struct gather g = {.plan = plan, .depth = cache->depth, .frames = &cache->frames};
    const struct cp_control_past past = {.lies = lies_in_past, .ctx = s};
    const uint8_t(*line)[CP_ID_LEN] = NULL;
    enum cp_err err = find_past(s, &g);
    if (err == CP_OK)
        err = each_control(s, plan->num, gather_one, &g);
    for (size_t i = 0; i < g.count && err == CP_OK; i++)
        g.entries[i].frame.ptr = g.entries[i].frame.len == 0 ? NULL : cache->frames.ptr + g.offsets[i];
    if (err == CP_OK)
        err = cp_line_of(s, plan, &line);
    if (err == CP_OK)
        err = cp_members_fold_line(&cache->members, g.entries, g.count, line + g.depth, plan->line + 1 - g.depth, &past);
    cp_carried_past_clear(s, &g.past);
    cp_free(&s->mem, g.entries);
    cp_free(&s->mem, g.offsets);
    return err;
}

enum cp_err cp_store_members_at(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                                const struct cp_members **out)
{
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    for (struct cp_member_cache *c = s->members; c != NULL; c = c->next)
        if (c->plan == plan->num && c->depth == depth) {
            *out = &c->members;
            return CP_OK;
        }
    struct cp_member_cache *cache = cp_alloc(&s->mem, sizeof *cache);
    if (cache == NULL)
        return CP_ERR_NO_MEMORY;
    cache->plan = plan->num;
    cache->depth = depth;
    cp_members_init(&cache->members, &s->mem);
    cp_buf_init(&cache->frames, &s->mem, SIZE_MAX / 2);
    enum cp_err err = fold(s, plan, cache);
    if (err != CP_OK) {
        free_cache(s, cache);
        return err;
    }
    cache->next = s->members;
    s->members = cache;
    *out = &cache->members;
    return CP_OK;
}

enum cp_err cp_store_members(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const struct cp_members **out)
{
    struct cp_store_plan p;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    return err == CP_OK ? cp_store_members_at(s, &p, 0, out) : err;
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
    bool is_void = false;
    cp_control_read(row->frame, &c);
    if (!c.known || c.kind != CP_KIND_INVITE || row->depth > 0) /* an earlier plan's let nobody into this one */
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
    err = cp_void_has(s, row->row, &is_void);
    r->stands = !is_void;
    return err;
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
        enum cp_err failed = cp_void_has(s, row->row, &counts);
        r->withdrawn = r->withdrawn || !counts; /* a void one takes nothing back */
        return failed;
    }
    if (r->used)
        return CP_OK;
    enum cp_err err = admits(s, v->plan, row, &c, &counts);
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
    struct cp_secret {
        uint8_t secret[CP_KEY_LEN];
        uint64_t row;
        bool late; /* its past holds every REVOKE and KEY that counts */
    } *at;
    size_t count, cap;
};

/* REVOKEs and KEYs that count, with the rows that carry them. */
struct said {
    const struct cp_members *members;
    struct said_one {
        uint8_t id[CP_ID_LEN];
        uint64_t row, lamport;
    } *at;
    size_t count, cap;
};

static bool counts_among(const struct cp_members *m, const uint8_t *id)
{
    for (size_t i = 0; i < m->cuts_count; i++)
        if (memcmp(m->cuts[i].statement, id, CP_ID_LEN) == 0)
            return true;
    for (size_t i = 0; i < m->changes_count; i++)
        if (memcmp(m->changes[i].statement, id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err note_said(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct said *v = ctx;
    struct cp_control c;
    uint8_t id[CP_ID_LEN];
    void *array = v->at;
    uint64_t kind = cp_frame_kind(row->frame);
    if (kind != CP_KIND_REVOKE && kind != CP_KIND_KEY)
        return CP_OK;
    cp_control_read(row->frame, &c);
    if (!c.known)
        return CP_OK;
    cp_statement_id(kind == CP_KIND_KEY ? c.key.statement.text : c.revoke.statement.text, id);
    if (!counts_among(v->members, id))
        return CP_OK;
    enum cp_err err = cp_grow(&s->mem, &array, &v->cap, v->count + 1, SIZE_MAX / 256, sizeof *v->at);
    v->at = array;
    if (err != CP_OK)
        return err;
    v->at[v->count] = (struct said_one){.row = row->row, .lamport = row->lamport};
    memcpy(v->at[v->count++].id, id, CP_ID_LEN);
    return CP_OK;
}

/* Of each statement one of the entries that carry it must lie in the past. */
static enum cp_err knows_all(struct cp_store *s, const struct said *v, uint64_t row, bool *yes)
{
    struct cp_rows from = {.at = &row, .count = 1};
    enum cp_err err = CP_OK;
    *yes = true;
    for (size_t i = 0; i < v->count && err == CP_OK && *yes; i++) {
        bool known = false;
        for (size_t k = 0; k < v->count && err == CP_OK && !known; k++)
            if (memcmp(v->at[k].id, v->at[i].id, CP_ID_LEN) == 0)
                err = cp_graph_reaches(s, &from, v->at[k].row, v->at[k].lamport, &known);
        *yes = known;
    }
    return err;
}

static enum cp_err note_secret(struct cp_store *s, void *ctx, const struct control_row *row)
{
    struct secrets *v = ctx;
    struct cp_control c;
    void *array = v->at;
    bool is_void = false;
    if (cp_frame_kind(row->frame) != CP_KIND_SECRET || row->depth > 0) /* those before knew the earlier ones */
        return CP_OK;
    enum cp_err err = cp_void_has(s, row->row, &is_void);
    cp_control_read(row->frame, &c);
    if (err == CP_OK && c.known && !is_void)
        err = cp_grow(&s->mem, &array, &v->cap, v->count + 1, SIZE_MAX / 256, sizeof *v->at);
    v->at = array;
    if (err == CP_OK && c.known && !is_void) {
        v->at[v->count].row = row->row;
        memcpy(v->at[v->count++].secret, c.secret, CP_KEY_LEN);
    }
    sodium_memzero(&c, sizeof c);
    return err;
}

/* The late ones first; of each sort the highest first. */
static enum cp_err hand_out(struct cp_store *s, const struct secrets *v, uint8_t (**out)[CP_KEY_LEN], size_t *count)
{
    uint8_t(*list)[CP_KEY_LEN] = cp_alloc_array(&s->mem, v->count, CP_KEY_LEN);
    if (list == NULL)
        return CP_ERR_NO_MEMORY;
    for (int late = 1; late >= 0; late--)
        for (size_t i = v->count; i > 0; i--)
            if (v->at[i - 1].late == (late == 1))
                memcpy(list[(*count)++], v->at[i - 1].secret, CP_KEY_LEN);
    *out = list;
    return CP_OK;
}

enum cp_err cp_store_secrets_known(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                   uint8_t (**secrets)[CP_KEY_LEN], size_t *count, bool *in_use)
{
    struct cp_store_plan p;
    struct secrets v = {0};
    struct said said = {0};
    bool any = false;
    *secrets = NULL;
    *count = 0;
    *in_use = false;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = each_control(s, p.num, note_secret, &v);
    if (err == CP_OK)
        err = cp_void_any(s, p.num, &any);
    if (err == CP_OK && any)
        err = cp_store_members(s, plan, &said.members);
    if (err == CP_OK && any)
        err = each_control(s, p.num, note_said, &said);
    for (size_t i = 0; i < v.count && err == CP_OK; i++) {
        err = knows_all(s, &said, v.at[i].row, &v.at[i].late);
        *in_use = *in_use || v.at[i].late;
    }
    if (err == CP_OK)
        err = hand_out(s, &v, secrets, count);
    if (v.at != NULL)
        sodium_memzero(v.at, v.cap * sizeof *v.at);
    cp_free(&s->mem, v.at);
    cp_free(&s->mem, said.at);
    return err;
}

enum cp_err cp_store_secrets(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                             uint8_t (**secrets)[CP_KEY_LEN], size_t *count)
{
    bool in_use;
    return cp_store_secrets_known(s, plan, secrets, count, &in_use);
}
