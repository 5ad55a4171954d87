/*
 * Reading: entries opened for those who show them. Owns: the arenas of struct cp_loaded. Must not: fold records.
 *
 * A visitor may call the store again: rows are gathered first, so that no statement is under way while it works.
 */
#include <assert.h>
#include <sodium.h>

#include "daemon/store_internal.h"

enum cp_err cp_rows_of(struct cp_store *s, sqlite3_stmt *st, struct cp_rows *rows)
{
    bool row = true;
    enum cp_err err = CP_OK;
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row)
            err = cp_rows_add(s, rows, cp_col_u64(st, 0));
    }
    if (row)
        cp_sql_done(st);
    return err;
}

enum cp_err cp_open_row(struct cp_store *s, uint64_t row, unsigned slot, uint8_t id[static CP_ID_LEN],
                        uint64_t *person, struct cp_bytes *frame, struct cp_bytes *words)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_BODY, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    struct cp_body body = {.erased = false};
    uint64_t chain_num = cp_col_u64(st, 4);
    *person = cp_col_u64(st, 2);
    err = cp_col_fixed(st, 0, id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
    if (err == CP_OK)
        err = cp_body_open(s, id, cp_col_u64(st, 3), cp_col_blob(st, 1), &s->body[slot], &body);
    cp_sql_done(st);
    *frame = body.frame;
    *words = body.words;
    if (*person == 0 && err == CP_OK) { /* NULL: the chain's */
        const struct cp_chain *chain = NULL;
        err = cp_chain_get(s, chain_num, &chain);
        *person = err == CP_OK ? chain->person : 0;
    }
    return err;
}

/* ---- One entry ---- */

void cp_stored_read(sqlite3_stmt *st, struct cp_stored *out)
{
    struct cp_bytes id = cp_col_blob(st, 1);
    *out = (struct cp_stored){.row = cp_col_u64(st, 0),
                              .chain = cp_col_u64(st, 2),
                              .author = cp_col_u64(st, 3),
                              .kind = cp_col_u64(st, 4),
                              .lamport = cp_col_u64(st, 5),
                              .time_ms = cp_col_u64(st, 6),
                              .seq = cp_col_u64(st, 7),
                              .words = cp_col_u64(st, 8),
                              .body = cp_col_blob(st, 9)};
    out->named = id.len == CP_ID_LEN;
    if (out->named)
        memcpy(out->id, id.ptr, CP_ID_LEN);
}

enum cp_err cp_stored_get(struct cp_store *s, uint64_t row, sqlite3_stmt **st, struct cp_stored *out)
{
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_STORED, st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    cp_stored_read(*st, out);
    out->is_void = cp_col_u64(*st, 10) != 0;
    return CP_OK;
}

/* Fills *info from a row, and the number of its plan; frame and words borrow from *plain. A damaged body gives empty
 * slices: wanted. An entry of a kind that is not among `kinds` stays closed: *info then says its kind alone. */
static enum cp_err info_of(struct cp_store *s, const struct cp_stored *e, uint32_t kinds,
                           struct cp_buf *plain, struct cp_entry_info *info, uint64_t *plan)
{
    const struct cp_chain *chain = NULL;
    struct cp_body body;
    enum cp_err err = cp_chain_get(s, e->chain, &chain);
    if (err != CP_OK)
        return err;
    *info = (struct cp_entry_info){.row = e->row,
                                   .kind = e->kind,
                                   .lamport = e->lamport,
                                   .time_ms = e->time_ms,
                                   .seq = e->seq,
                                   .class = chain->class,
                                   .depth = chain->depth,
                                   .is_void = e->is_void};
    *plan = chain->plan;
    if (!cp_kind_among(kinds, info->kind))
        return CP_OK;
    if (!e->named)
        return CP_ERR_DAMAGED_STORE;
    memcpy(info->id, e->id, CP_ID_LEN);
    memcpy(info->device, chain->device, CP_KEY_LEN);
    memcpy(info->incarnation, chain->incarnation, CP_INCARNATION_LEN);
    uint64_t person = e->author != 0 ? e->author : chain->person;
    err = cp_body_open(s, info->id, e->words, e->body, plain, &body);
    if (err == CP_OK) {
        info->frame = body.frame;
        info->words = body.words;
        info->withdrawn = body.erased;
    }
    return err == CP_OK || err == CP_ERR_DAMAGED_STORE ? cp_person_of(s, person, info->person) : err;
}

/* The same from the database; *plain as above. */
static enum cp_err info_at(struct cp_store *s, uint64_t row, uint32_t kinds, struct cp_buf *plain,
                           struct cp_entry_info *info, uint64_t *plan)
{
    sqlite3_stmt *st = NULL;
    struct cp_stored stored;
    enum cp_err err = cp_stored_get(s, row, &st, &stored);
    if (err == CP_OK)
        err = info_of(s, &stored, kinds, plain, info, plan);
    cp_sql_done(st);
    return err;
}

/* ---- Loaded entries ---- */

/* Blocks of memory that are wiped together; the first of the list is the one being filled. */
struct arena {
    struct cp_mem mem;   /* where the blocks come from */
    struct cp_mem lends; /* cp_loaded_mem */
    struct block {
        struct block *next;
        size_t len, used;
    } *first;
};
#define BLOCK_FIRST 1024U  /* most records are small */
#define BLOCK_MOST  65536U /* as much as one entry */
#define BLOCK_ALIGN 16U

static void *arena_take(struct arena *a, size_t len)
{
    size_t want = (len + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
    struct block *b = a->first;
    if (want < len)
        return NULL;
    if (b == NULL || b->len - b->used < want) {
        size_t size = b == NULL ? BLOCK_FIRST : b->len < BLOCK_MOST ? 2 * b->len : BLOCK_MOST;
        size = size < want ? want : size;
        b = size > SIZE_MAX - sizeof *b ? NULL : cp_alloc(&a->mem, sizeof *b + size);
        if (b == NULL)
            return NULL;
        *b = (struct block){.next = a->first, .len = size};
        a->first = b;
    }
    uint8_t *at = (uint8_t *)(b + 1) + b->used;
    b->used += want;
    return at;
}

/* Wipes everything; the newest block, which is the largest of those that grew, stays for what comes next. */
static void arena_reset(struct arena *a, bool keep)
{
    struct cp_mem mem = a->mem;
    struct block *kept = keep ? a->first : NULL;
    for (struct block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        sodium_memzero(b + 1, b->used);
        if (b != kept)
            cp_free(&mem, b);
    }
    if (kept != NULL)
        *kept = (struct block){.len = kept->len};
    a->first = kept;
}

/* In front of each piece that is lent, which may grow. */
struct piece {
    size_t len;
    size_t unused; /* keeps what follows aligned */
};
_Static_assert(sizeof(struct piece) == BLOCK_ALIGN, "a piece stays aligned");

static void *lend(void *ctx, void *old, size_t len)
{
    size_t had = old == NULL ? 0 : ((struct piece *)old - 1)->len;
    if (len <= had)
        return len == 0 ? NULL : old;
    struct piece *p = len > SIZE_MAX - sizeof *p ? NULL : arena_take(ctx, sizeof *p + len);
    if (p == NULL)
        return NULL;
    *p = (struct piece){.len = len};
    if (had > 0)
        memcpy(p + 1, old, had);
    return p + 1;
}

const struct cp_mem *cp_loaded_mem(const struct cp_loaded *l)
{
    return &((struct arena *)l->arena)->lends;
}

static enum cp_err arena_keep(struct arena *a, struct cp_bytes *bytes)
{
    if (bytes->ptr == NULL)
        return CP_OK;
    uint8_t *copy = arena_take(a, bytes->len + 1);
    if (copy == NULL)
        return CP_ERR_NO_MEMORY;
    if (bytes->len > 0)
        memcpy(copy, bytes->ptr, bytes->len);
    bytes->ptr = copy;
    return CP_OK;
}

void cp_loaded_clear(struct cp_loaded *l)
{
    struct arena *a = l->arena;
    if (a != NULL) {
        struct cp_mem mem = a->mem;
        arena_reset(a, false);
        cp_free(&mem, a);
    }
    *l = (struct cp_loaded){0};
}

/* Room for `max` entries, in the arena that *l has already or in a new one. */
static enum cp_err loaded_room(struct cp_store *s, struct cp_loaded *l, size_t max)
{
    struct arena *a = l->arena != NULL ? l->arena : cp_alloc(&s->mem, sizeof *a);
    if (a == NULL)
        return CP_ERR_NO_MEMORY;
    if (l->arena == NULL)
        *a = (struct arena){.mem = s->mem, .lends = {.resize = lend, .ctx = a}};
    arena_reset(a, true);
    *l = (struct cp_loaded){.arena = a};
    l->info = arena_take(a, max * sizeof *l->info);
    l->writes = arena_take(a, max * sizeof *l->writes);
    return l->info == NULL || l->writes == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

static enum cp_err keep_frame(struct cp_store *s, struct arena *a, const struct cp_entry_info *info,
                              const struct cp_frame **out)
{
    if (cp_frame_read(info->frame, info->words, &s->frames[0]) != CP_OK)
        return CP_ERR_NEWER_CONTENT;
    void *room = arena_take(a, cp_frame_size(&s->frames[0]));
    if (room == NULL)
        return CP_ERR_NO_MEMORY;
    *out = cp_frame_keep(&s->frames[0], room);
    return CP_OK;
}

static enum cp_err loaded_add(struct cp_store *s, struct cp_loaded *l, const struct cp_touched *t,
                              uint32_t kinds, bool partial, uint64_t *plan)
{
    struct arena *a = l->arena;
    struct cp_entry_info *info = &l->info[l->count];
    const struct cp_frame *frame = NULL;
    enum cp_err err = t->stored != NULL ? info_of(s, t->stored, kinds, &s->body[0], info, plan)
                                        : info_at(s, t->row, kinds, &s->body[0], info, plan);
    if (err == CP_OK && !cp_kind_among(kinds, info->kind))
        return CP_OK;
    if (err == CP_OK)
        err = arena_keep(a, &info->frame);
    if (err == CP_OK)
        err = arena_keep(a, &info->words);
    if (err != CP_OK)
        return err;
    l->count++;
    info->left = info->kind == CP_KIND_ITEM ? t->left & ~CP_LEFT_ALWAYS : t->left;
    if (info->class == CP_CONTROL || info->frame.ptr == NULL)
        return CP_OK;
    err = keep_frame(s, a, info, &frame);
    info->newer = err == CP_ERR_NEWER_CONTENT;
    if (err != CP_OK)
        return info->newer ? CP_OK : err;
    l->writes[l->writes_count++] = (struct cp_write){.id = info->id,
                                                     .lamport = info->lamport,
                                                     .person = info->person,
                                                     .frame = frame,
                                                     .row = info->row,
                                                     .withdrawn = info->withdrawn,
                                                     .is_void = info->is_void,
                                                     .gone = partial ? ~info->left : 0};
    return CP_OK;
}

enum cp_err cp_loaded_fill(struct cp_store *s, struct cp_loaded *l, const struct cp_touched *rows,
                           size_t count, uint32_t kinds, bool partial, uint64_t *plan)
{
    *plan = 0;
    enum cp_err err = loaded_room(s, l, count);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        if (!rows[i].closed)
            err = loaded_add(s, l, &rows[i], kinds, partial, plan);
    return err;
}

enum cp_err cp_loaded_of(struct cp_loaded *l, uint64_t kind, uint64_t kind2, const struct cp_write **writes,
                         size_t *count)
{
    struct cp_write *some = arena_take(l->arena, (l->writes_count + 1) * sizeof *some);
    *count = 0;
    *writes = some;
    if (some == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < l->writes_count; i++) {
        uint64_t k = l->writes[i].frame->kind;
        if (k == kind || k == kind2)
            some[(*count)++] = l->writes[i];
    }
    return CP_OK;
}

static enum cp_err load(struct cp_store *s, uint64_t mark, uint32_t kinds, bool history,
                        struct cp_loaded *out)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    uint64_t of = 0;
    void *rows = NULL;
    size_t count = 0, cap = 0;
    *out = (struct cp_loaded){0};
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_TARGET, &st, "ii", mark, (uint64_t)(history ? 1 : 0));
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row)
            err = cp_grow(&s->mem, &rows, &cap, count + 1, SIZE_MAX / sizeof(struct cp_touched),
                          sizeof(struct cp_touched));
        if (err == CP_OK && row)
            ((struct cp_touched *)rows)[count++] =
                (struct cp_touched){.row = cp_col_u64(st, 0),
                                    .left = cp_col_u64(st, 1),
                                    .closed = !cp_kind_among(kinds, cp_col_u64(st, 2))};
    }
    if (row)
        cp_sql_done(st);
    if (err == CP_OK)
        err = cp_loaded_fill(s, out, rows, count, kinds, !history, &of);
    cp_free(&s->mem, rows);
    if (err != CP_OK)
        cp_loaded_clear(out);
    return err;
}

static enum cp_err load_of(struct cp_store *s, const uint8_t *plan, const uint8_t *target, uint32_t kinds,
                           bool history, struct cp_loaded *out)
{
    struct cp_store_plan p;
    *out = (struct cp_loaded){0};
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    return err == CP_OK ? load(s, cp_mark(s, plan, target), kinds, history, out) : err;
}

enum cp_err cp_store_load(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                          const uint8_t target[static CP_ID_LEN], bool history, struct cp_loaded *out)
{
    return load_of(s, plan, target, CP_KINDS_ALL, history, out);
}

enum cp_err cp_store_load_kinds(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const uint8_t target[static CP_ID_LEN], uint32_t kinds, struct cp_loaded *out)
{
    return load_of(s, plan, target, kinds, false, out);
}

enum cp_err cp_store_written(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                             const uint8_t target[static CP_ID_LEN], struct cp_written *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    *out = (struct cp_written){0};
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_sql_one(s, CP_SQL_TOUCH_WRITTEN, &st, &found, "i", cp_mark(s, plan, target));
    if (err == CP_OK && found) {
        *out = (struct cp_written){.count = cp_col_u64(st, 0), .claimed_ms = cp_col_u64(st, 1)};
        cp_sql_done(st);
    }
    return err;
}

enum cp_err cp_store_load_mark(struct cp_store *s, uint64_t mark, struct cp_loaded *out)
{
    return load(s, mark, CP_KINDS_ALL, true, out);
}

/* ---- One entry, and entries of a kind ---- */

/* What is left of one entry, from its touch row; 0 when it touches nothing. */
static enum cp_err left_of(struct cp_store *s, const struct cp_store_plan *p, const struct cp_write *w,
                           uint64_t *left)
{
    uint8_t target[CP_ID_LEN];
    sqlite3_stmt *st = NULL;
    bool found;
    *left = 0;
    bool touches = false;
    enum cp_err err = cp_target_of(s, p, w->frame, w->id, target, &touches);
    if (err != CP_OK || !touches)
        return err;
    err = cp_sql_one(s, CP_SQL_TOUCH_GET, &st, &found, "ii", cp_mark(s, p->id, target), w->row);
    if (err == CP_OK && found) {
        *left = cp_col_u64(st, 0) & ~(w->frame->kind == CP_KIND_ITEM ? CP_LEFT_ALWAYS : 0);
        cp_sql_done(st);
    }
    return err;
}

enum cp_err cp_store_entry(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                           const uint8_t id[static CP_ID_LEN], struct cp_loaded *out)
{
    struct cp_store_plan p;
    struct cp_known known;
    bool found = false;
    uint64_t of = 0;
    *out = (struct cp_loaded){0};
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_known_by_id(s, p.num, id, &known, &found);
    if (err == CP_OK && (!found || known.plan != p.num))
        err = CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        err = cp_loaded_fill(s, out, &(struct cp_touched){.row = known.row}, 1, CP_KINDS_ALL, false, &of);
    if (err == CP_OK && out->writes_count > 0)
        err = left_of(s, &p, &out->writes[0], &out->info[0].left);
    if (err != CP_OK)
        cp_loaded_clear(out);
    return err;
}

/* ---- Visiting ---- */

static bool is_listed(uint64_t kind)
{
    return kind != 0 && kind != CP_KIND_SET;
}

/* Is an item whose own entry is void kept alive by an edit of somebody's? */
static enum cp_err is_kept(struct cp_store *s, const uint8_t *plan, const uint8_t *item, bool *yes)
{
    return cp_sql_has(s, CP_SQL_TOUCH_KEPT, yes, "i", cp_mark(s, plan, item));
}

static enum cp_err visit_rows(struct cp_store *s, const struct cp_rows *rows, struct cp_buf *plain,
                              const uint8_t *said_of /* NULL: void ones too */, cp_store_visit *visit,
                              void *ctx, bool *go_on)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < rows->count && err == CP_OK && *go_on; i++) {
        struct cp_entry_info info;
        bool shown = true;
        uint64_t of = 0;
        err = info_at(s, rows->at[i], CP_KINDS_ALL, plain, &info, &of);
        if (err == CP_OK && info.is_void && info.class == CP_CONTENT && said_of != NULL) {
            shown = info.kind == CP_KIND_ITEM;
            if (shown)
                err = is_kept(s, said_of, info.id, &shown);
        }
        if (err != CP_OK)
            break;
        if (!shown)
            continue;
        info.newer = info.class == CP_CONTENT && info.frame.ptr != NULL &&
                     cp_frame_read(info.frame, info.words, &s->frames[0]) != CP_OK;
        *go_on = visit(ctx, &info);
        if (s->key == NULL && *go_on)
            err = CP_ERR_LOCKED; /* the visitor locked the store */
    }
    return err;
}

enum cp_err cp_store_each(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint64_t kind,
                          bool by_arrival, cp_store_visit *visit, void *ctx)
{
    struct cp_store_plan p;
    struct cp_rows rows = {0};
    struct cp_buf plain;
    sqlite3_stmt *st = NULL;
    bool go_on = true;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    cp_buf_init(&plain, &s->mem, CP_ENTRY_MAX + 16);
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    uint64_t after = 0;
    do { /* by arrival: page after page; else all rows at once, 8 bytes each */
        rows.count = 0;
        if (err == CP_OK && by_arrival)
            err = cp_sql_open(s, CP_SQL_ROWS_ARRIVAL, &st, "iiii", p.num, kind, kind, after);
        else if (err == CP_OK && is_listed(kind))
            err = cp_sql_open(s, CP_SQL_ROWS_KIND, &st, "ii", p.num, kind);
        else if (err == CP_OK)
            err = cp_sql_open(s, CP_SQL_ROWS_ALL, &st, "iii", p.num, kind, kind);
        if (err == CP_OK)
            err = cp_rows_of(s, st, &rows);
        after = rows.count > 0 ? rows.at[rows.count - 1] : after;
        if (err == CP_OK)
            err = visit_rows(s, &rows, &plain, kind != 0 && !by_arrival ? plan : NULL, visit, ctx, &go_on);
    } while (err == CP_OK && go_on && by_arrival && rows.count > 0);
    if (plain.ptr != NULL)
        sodium_memzero(plain.ptr, plain.cap);
    cp_buf_clear(&plain);
    cp_rows_clear(s, &rows);
    return err;
}

/* ---- Finding ---- */

static unsigned digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16U;
}

enum cp_err cp_store_find(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_bytes hex,
                          uint8_t (*ids)[CP_ID_LEN], size_t max, size_t *count)
{
    uint8_t low[CP_ID_LEN] = {0}, high[CP_ID_LEN];
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool row = true;
    *count = 0;
    memset(high, 0xff, sizeof high);
    if (hex.len > 2 * CP_ID_LEN)
        return CP_OK;
    for (size_t i = 0; i < hex.len; i++) {
        unsigned d = digit(hex.ptr[i]), shift = i % 2 == 0 ? 4 : 0;
        if (d > 15)
            return CP_OK; /* no id begins so */
        low[i / 2] = (uint8_t)(low[i / 2] | d << shift);
        high[i / 2] = (uint8_t)((high[i / 2] & ~(0xfU << shift)) | d << shift);
    }
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ENTRY_RANGE, &st, "bb", low, sizeof low, high, sizeof high);
    while (err == CP_OK && row && *count < max) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        if (cp_col_u64(st, 1) == p.num && cp_col_fixed(st, 0, ids[*count], CP_ID_LEN))
            (*count)++;
    }
    if (err == CP_OK && row && st != NULL)
        cp_sql_done(st);
    return err;
}

enum cp_err cp_store_heads(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], enum cp_class class,
                           uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool row = true;
    size_t cap = 0;
    void *array = NULL;
    *ids = NULL;
    *count = 0;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_HEADS, &st, "iii", p.num, (uint64_t) class, (uint64_t)CP_INT_MAX);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / CP_ID_LEN, CP_ID_LEN);
        *ids = array;
        if (err == CP_OK && !cp_col_fixed(st, 1, (*ids)[(*count)++], CP_ID_LEN))
            err = CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    if (err != CP_OK) {
        cp_free(&s->mem, array);
        *ids = NULL;
        *count = 0;
    }
    return err;
}
