/*
 * What is held, as the session in proto/ asks for it, and the digest of it all. Must not: know sessions.
 */
#include <sodium.h>

#include "daemon/keeper.h"
#include "daemon/store_internal.h"

/* ---- Tips ---- */

/* Reads what `st` gives: rows as CP_SQL_TIPS lists them. */
static enum cp_err read_tips(struct cp_store *s, const struct cp_store_plan *p, enum cp_class class, sqlite3_stmt *st,
                             struct cp_tip **tips, size_t *count)
{
    void *array = NULL;
    size_t cap = 0;
    bool row = true;
    enum cp_err err = CP_OK;
    *count = 0;
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / sizeof(struct cp_tip), sizeof(struct cp_tip));
        if (err != CP_OK)
            break;
        struct cp_tip *t = (struct cp_tip *)array + (*count)++;
        *t = (struct cp_tip){.chain = cp_col_u64(st, 0), .seq = cp_col_u64(st, 4), .row = cp_col_u64(st, 6)};
        if (!cp_col_fixed(st, 1, t->device, CP_KEY_LEN) || !cp_col_fixed(st, 2, t->incarnation, CP_INCARNATION_LEN) ||
            !cp_col_fixed(st, 5, t->id, CP_ID_LEN))
            err = CP_ERR_DAMAGED_STORE;
        uint8_t origin[CP_ID_LEN];
        if (err == CP_OK)
            err = cp_line_at(s, p, (unsigned)(cp_col_u64(st, 7) & UINT32_MAX), origin);
        if (err == CP_OK)
            cp_chain_tag(origin, t->device, t->incarnation, class, t->chain_tag);
    }
    if (row)
        cp_sql_done(st);
    if (err != CP_OK) {
        cp_free(&s->mem, array);
        array = NULL;
        *count = 0;
    }
    *tips = array;
    return err;
}

static enum cp_err tips_of(struct cp_store *s, const struct cp_store_plan *p, enum cp_class class,
                           struct cp_tip **tips, size_t *count)
{
    sqlite3_stmt *st = NULL;
    *tips = NULL;
    *count = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_TIPS, &st, "ii", p->num, (uint64_t)class);
    return err == CP_OK ? read_tips(s, p, class, st, tips, count) : err;
}

enum cp_err cp_store_log_digest(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint64_t *entries,
                                uint8_t digest[static CP_ID_LEN])
{
    struct cp_store_plan p;
    struct cp_hasher h;
    sqlite3_stmt *st = NULL;
    bool found = false;
    *entries = 0;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_TALLY_GET, &st, &found, "i", p.num);
    if (err == CP_OK && found) {
        *entries = cp_col_u64(st, 0);
        cp_sql_done(st);
    }
    cp_hash_init(&h, CP_TAG_LOG_DIGEST, CP_ID_LEN);
    cp_hash_add(&h, plan, CP_ID_LEN);
    cp_hash_add_u64(&h, *entries);
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT && err == CP_OK; class++) {
        struct cp_tip *tips = NULL;
        size_t count = 0;
        err = tips_of(s, &p, (enum cp_class)class, &tips, &count);
        cp_hash_add_u64(&h, count);
        for (size_t i = 0; i < count; i++) {
            cp_hash_add(&h, tips[i].device, CP_KEY_LEN);
            cp_hash_add(&h, tips[i].incarnation, CP_INCARNATION_LEN);
            cp_hash_add_u64(&h, tips[i].seq);
            cp_hash_add(&h, tips[i].id, CP_ID_LEN);
        }
        cp_free(&s->mem, tips);
    }
    cp_hash_end(&h, digest, CP_ID_LEN);
    return err;
}

/* ---- What is whole ---- */

static enum cp_err first_row(struct cp_store *s, sqlite3_stmt *st, bool found, uint64_t *row)
{
    (void)s;
    *row = found && sqlite3_column_type(st, 0) != SQLITE_NULL ? cp_col_u64(st, 0) : 0;
    if (found)
        cp_sql_done(st);
    return CP_OK;
}

/* The first row before `until` whose words were taken back by nothing that comes before `until`; 0: none. */
static enum cp_err first_unsaid(struct cp_store *s, const struct cp_store_plan *p, uint64_t until, uint64_t *row)
{
    struct cp_rows erased = {0};
    sqlite3_stmt *st = NULL;
    *row = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_ERASED_ROWS, &st, "ii", p->num, until);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &erased);
    for (size_t i = 0; i < erased.count && err == CP_OK && *row == 0; i++) {
        struct cp_bytes frame, words;
        uint8_t id[CP_ID_LEN];
        uint64_t person = 0, by = 0;
        err = cp_open_row(s, erased.at[i], 1, id, &person, &frame, &words);
        if (err == CP_OK)
            err = cp_withdraw_first(s, p, id, person, &by);
        err = err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
        if (by == 0 || by >= until)
            *row = erased.at[i];
    }
    cp_rows_clear(s, &erased);
    return err;
}

/*
 * Rows of a plan before *row are whole: none is damaged, each branch among them ends with a signature, and whose words were
 * taken back has the WITHDRAW among them too, without which nobody would take it. Everything that a whole one cites is
 * before it. CP_INT_MAX when nothing is wanted, which is nearly always.
 */
static enum cp_err whole_until(struct cp_store *s, const struct cp_store_plan *p, uint64_t *row)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    uint64_t wanted = 0, unproven = 0;
    *row = CP_INT_MAX;
    enum cp_err err = cp_sql_one(s, CP_SQL_TALLY_GET, &st, &found, "i", p->num);
    if (err == CP_OK && found) {
        wanted = cp_col_u64(st, 2);
        cp_sql_done(st);
    }
    if (err != CP_OK || wanted == 0)
        return err;
    if (s->whole.plan == p->num && s->whole.seen == s->damage_seen + 1) {
        *row = s->whole.row;
        return CP_OK;
    }
    err = cp_sql_one(s, CP_SQL_WANTED_FIRST, &st, &found, "i", p->num);
    if (err == CP_OK)
        err = first_row(s, st, found, row);
    /* A run comes in one chunk, whose rows lie together: a branch that is cut short begins not far before. */
    do {
        uint64_t from = *row > CP_CHUNK_ENTRIES_MAX ? *row - CP_CHUNK_ENTRIES_MAX : 0;
        unproven = 0;
        if (err == CP_OK)
            err = cp_sql_one(s, CP_SQL_UNPROVEN_FIRST, &st, &found, "iiii", p->num, *row, from, *row);
        if (err == CP_OK)
            err = first_row(s, st, found, &unproven);
        if (err == CP_OK && unproven == 0)
            err = first_unsaid(s, p, *row, &unproven);
        *row = unproven != 0 ? unproven : *row;
    } while (err == CP_OK && unproven != 0);
    if (err != CP_OK)
        return err;
    s->whole.plan = p->num;
    s->whole.seen = s->damage_seen + 1;
    s->whole.row = *row;
    return CP_OK;
}

/* ---- The look-ups ---- */

static enum cp_err replica_tips(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, struct cp_tip **tips,
                                size_t *count)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    uint64_t until = 0;
    *tips = NULL;
    *count = 0;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = whole_until(s, &p, &until);
    if (err != CP_OK || until == CP_INT_MAX)
        return err != CP_OK ? err : tips_of(s, &p, class, tips, count);
    err = cp_sql_open(s, CP_SQL_TIPS_BEFORE, &st, "iiiii", p.num, (uint64_t)class, until, until, until);
    return err == CP_OK ? read_tips(s, &p, class, st, tips, count) : err;
}

/* by: what is asked of one of the machine's devices. */
static enum cp_err find_member(struct cp_store *s, const uint8_t *plan, const uint8_t *peer,
                               bool (*by)(const struct cp_member_device *d), bool *yes)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(s, plan, &members);
    *yes = false;
    for (size_t i = 0; err == CP_OK && i < members->count && !*yes; i++)
        *yes = by(&members->devices[i]) && memcmp(members->devices[i].curve_key, peer, CP_KEY_LEN) == 0;
    return err;
}

/* Asked in the middle of an exchange too, when somebody's leaving has just come in with it. While a continuation's first entry
 * is not here the plan before it tells: what is held is that one's. */
static enum cp_err replica_is_member(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t peer[CP_KEY_LEN],
                                     bool *yes)
{
    struct cp_store_plan p = {.first = 0};
    uint8_t asked[CP_ID_LEN];
    *yes = false;
    enum cp_err err = cp_store_plan_by_id(ctx, plan, &p);
    if (err == CP_OK)
        err = cp_line_at(ctx, &p, p.first == 0 && p.line > 0 ? 1 : 0, asked);
    if (err == CP_OK)
        err = find_member(ctx, asked, peer, cp_member_may_stay, yes);
    return err == CP_ERR_NO_PLAN && p.first == 0 ? CP_OK : err;
}

/* Do we speak of this plan with that machine? */
static enum cp_err is_shared(struct cp_store *s, const uint8_t *plan, const uint8_t *peer, bool *yes)
{
    bool hushed = false;
    enum cp_err err = find_member(s, plan, peer, cp_member_is_in, yes);
    if (err == CP_OK && *yes)
        err = cp_store_hushed(s, plan, &hushed);
    *yes = *yes && !hushed;
    return err;
}

static enum cp_err replica_plans(void *ctx, const uint8_t peer[CP_KEY_LEN], uint8_t (**plans)[CP_ID_LEN],
                                 size_t *count)
{
    struct cp_store *s = ctx;
    struct cp_plan_row *rows = NULL;
    size_t rows_count = 0;
    *plans = NULL;
    *count = 0;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plans(s, &rows, &rows_count);
    if (err != CP_OK || rows_count == 0)
        return err;
    *plans = cp_alloc_array(&s->mem, rows_count, CP_ID_LEN);
    err = *plans == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < rows_count; i++) {
        bool yes = false;
        if (!rows[i].awaited)
            err = is_shared(s, rows[i].id, peer, &yes);
        if (err == CP_OK && yes)
            memcpy((*plans)[(*count)++], rows[i].id, CP_ID_LEN);
    }
    cp_free(&s->mem, rows);
    if (err != CP_OK) { /* a plan left out by mistake would pass for one that they do not share */
        cp_free(&s->mem, *plans);
        *plans = NULL;
        *count = 0;
    }
    return err;
}

static enum cp_err replica_awaits(void *ctx, const uint8_t plan[CP_ID_LEN], bool *yes)
{
    struct cp_store_plan p;
    enum cp_err err = cp_store_plan_by_id(ctx, plan, &p);
    *yes = err == CP_OK && p.first == 0;
    return err == CP_ERR_NO_PLAN ? CP_OK : err;
}

static enum cp_err replica_ids_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                                  uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    enum { MOST = 16 }; /* as many as the statement gives */
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    uint64_t until = 0;
    bool row = true;
    *count = 0;
    *ids = cp_alloc_array(&s->mem, MOST, CP_ID_LEN);
    if (*ids == NULL)
        return CP_ERR_NO_MEMORY;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = whole_until(s, &p, &until);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ENTRY_AT, &st, "iiii", chain, seq, p.num, until);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        if (*count < MOST && cp_col_fixed(st, 0, (*ids)[*count], CP_ID_LEN))
            (*count)++;
    }
    if (err != CP_OK) {
        cp_free(&s->mem, *ids);
        *ids = NULL;
        *count = 0;
    }
    return err;
}

/* Reads the row that `st` stands at. */
static enum cp_err read_place(sqlite3_stmt *st, struct cp_place *out)
{
    out->chain = cp_col_u64(st, 1);
    out->seq = cp_col_u64(st, 2);
    out->lamport = cp_col_u64(st, 3);
    return cp_col_fixed(st, 0, out->id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
}

/* Of another plan: not found. */
static enum cp_err read_chain(struct cp_store *s, const struct cp_store_plan *p, struct cp_place *out, bool *found)
{
    const struct cp_chain *chain = NULL;
    enum cp_err err = cp_chain_get(s, out->chain, &chain);
    if (err != CP_OK)
        return err;
    *found = chain->plan == p->num;
    memcpy(out->device, chain->device, CP_KEY_LEN);
    memcpy(out->incarnation, chain->incarnation, CP_INCARNATION_LEN);
    return CP_OK;
}

static enum cp_err replica_place_of(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN],
                                    struct cp_place *out, bool *found)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    *found = false;
    bool row = true;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_PLACE_OF, &st, "b", id, (size_t)CP_ID_LEN);
    while (err == CP_OK && !*found) { /* a row for each plan that holds it */
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            return err;
        err = read_place(st, out);
        if (err == CP_OK)
            err = read_chain(s, &p, out, found);
    }
    cp_sql_done(st);
    return err;
}

static enum cp_err replica_place_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                                    struct cp_place *out, bool *found)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool more = false;
    *found = false;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_PLACE_AT, &st, found, "ii", chain, seq);
    if (err != CP_OK || !*found)
        return err;
    err = read_place(st, out);
    if (err != CP_OK) {
        cp_sql_done(st);
        return err;
    }
    err = cp_sql_step(s, st, &more);
    if (more)
        cp_sql_done(st);
    *found = err == CP_OK && !more; /* two entries at one place: a fork */
    return *found ? read_chain(s, &p, out, found) : err;
}

static enum cp_err replica_rows(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class,
                                const struct cp_range *ranges, size_t ranges_count, uint64_t **rows, size_t *count)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    struct cp_rows all = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    for (size_t i = 0; i < ranges_count && err == CP_OK; i++) {
        if (ranges[i].after >= CP_INT_MAX)
            continue;
        err = cp_sql_open(s, CP_SQL_ENTRY_AFTER, &st, "iiii", ranges[i].chain, ranges[i].after, p.num, (uint64_t)class);
        if (err == CP_OK)
            err = cp_rows_of(s, st, &all);
    }
    cp_rows_sort(&all);
    if (err != CP_OK)
        cp_rows_clear(s, &all);
    *rows = all.at;
    *count = all.count;
    return err;
}

static enum cp_err replica_entry(void *ctx, uint64_t row, struct cp_outgoing *out)
{
    bool own;
    enum cp_err err = cp_store_whole(ctx, row, out);
    /* Found damaged before the scrub came by: the next meeting fetches it instead of failing again. */
    if (err == CP_ERR_DAMAGED_STORE && cp_store_enter(ctx, &own) == CP_OK)
        err = cp_store_leave(ctx, own, cp_store_want(ctx, row)) == CP_OK ? CP_ERR_DAMAGED_STORE : CP_ERR_IO;
    return err;
}

static enum cp_err replica_wanted(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t *count)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool found = false;
    *count = 0;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_TALLY_GET, &st, &found, "i", p.num);
    if (err == CP_OK && found) {
        *count = cp_col_u64(st, 2);
        cp_sql_done(st);
    }
    return err;
}

static enum cp_err replica_first(void *ctx, const uint8_t plan[CP_ID_LEN], struct cp_outgoing *out)
{
    struct cp_store_plan p;
    enum cp_err err = cp_store_plan_by_id(ctx, plan, &p);
    if (err == CP_OK && p.first == 0)
        err = CP_ERR_NOT_FOUND;
    return err == CP_OK ? cp_store_whole(ctx, p.first, out) : err;
}

static enum cp_err replica_proof_keys(void *ctx, const uint8_t plan[CP_ID_LEN], uint8_t (**keys)[CP_KEY_LEN],
                                      size_t *count)
{
    enum { MOST = 16 };
    enum cp_err err = cp_store_secrets(ctx, plan, keys, count);
    for (size_t i = 0; err == CP_OK && i < *count; i++) {
        uint8_t key[CP_KEY_LEN];
        cp_door_proof_key((*keys)[i], key);
        memcpy((*keys)[i], key, CP_KEY_LEN);
        sodium_memzero(key, sizeof key);
    }
    *count = *count > MOST ? MOST : *count;
    return err;
}

static enum cp_err replica_offered(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t device[CP_KEY_LEN],
                                   struct cp_bytes frame, bool *take)
{
    return cp_store_offered(ctx, plan, device, frame, take);
}

static enum cp_err replica_origin(void *ctx, const uint8_t plan[CP_ID_LEN], unsigned depth, uint8_t out[CP_ID_LEN],
                                  bool *found)
{
    enum cp_err err = cp_store_origin(ctx, plan, depth, out);
    *found = err == CP_OK;
    return err == CP_ERR_WRONG_PLAN || err == CP_ERR_NO_PLAN ? CP_OK : err;
}

void cp_replica_init(struct cp_store *s)
{
    s->replica = (struct cp_replica){.ctx = s, .mem = &s->mem, .plans = replica_plans, .awaits = replica_awaits,
                                     .offered = replica_offered, .origin = replica_origin,
                                     .tips = replica_tips, .ids_at = replica_ids_at, .rows = replica_rows,
                                     .source = {.entry = replica_entry, .ctx = s},
                                     .place_of = replica_place_of, .place_at = replica_place_at, .wanted = replica_wanted,
                                     .first = replica_first, .is_member = replica_is_member,
                                     .proof_keys = replica_proof_keys, .pieces = &s->pieces};
}

const struct cp_replica *cp_store_replica(struct cp_store *s)
{
    return &s->replica;
}
