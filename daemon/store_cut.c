/*
 * The cut of a device that is reported lost: which entries of it were still its person's, as people say it.
 * Owns: turning "all that is here" or "up to this entry" into tips. Must not: sign it, or say what a cut means.
 */
#include "daemon/store_internal.h"

struct tips {
    struct cp_cut_tip rows[CP_CUT_TIPS_MAX];
    uint8_t ids[CP_CUT_TIPS_MAX][CP_ID_LEN], incarnations[CP_CUT_TIPS_MAX][CP_INCARNATION_LEN];
    size_t count;
};

static int by_row(const void *a, const void *b)
{
    return cp_cut_order(a, b);
}

/* ---- The past of an entry ---- */

struct cp_store_past {
    struct cp_store *s;
    struct cp_carried_past rows;
};

bool cp_store_past_has(const struct cp_store_past *past, uint64_t row)
{
    return cp_carried_past_has(&past->rows, row);
}

void cp_store_past_free(struct cp_store_past *past)
{
    if (past == NULL)
        return;
    struct cp_store *s = past->s;
    cp_carried_past_clear(s, &past->rows);
    cp_free(&s->mem, past);
}

enum cp_err cp_store_past_of(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const uint8_t entry[static CP_ID_LEN],
                             struct cp_store_past **out)
{
    struct cp_store_plan p;
    const struct cp_id_list of = {entry, 1};
    *out = NULL;
    struct cp_store_past *past = cp_alloc(&s->mem, sizeof *past);
    if (past == NULL)
        return CP_ERR_NO_MEMORY;
    past->s = s;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_carried_past(s, &p, &of, &past->rows);
    if (err == CP_OK && !past->rows.whole)
        err = CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        *out = past;
    else
        cp_store_past_free(past);
    return err;
}

/* ---- The tips ---- */

/* NULL: all counts as past. */
static bool has(const struct cp_store_past *past, uint64_t row)
{
    return past == NULL || cp_store_past_has(past, row);
}

/* An entry of the device: a tip of the cut unless a later one of its branch is within too. */
struct held {
    uint64_t row, prev, seq;
    bool within, continued;
};

static enum cp_err add_tip(struct cp_store *s, struct tips *t, const uint8_t *incarnation,
                           enum cp_class class, const struct held *h)
{
    sqlite3_stmt *st = NULL;
    bool found;
    if (t->count == CP_CUT_TIPS_MAX)
        return CP_ERR_MANY_BRANCHES;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_ID, &st, &found, "i", h->row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    memcpy(t->incarnations[t->count], incarnation, CP_INCARNATION_LEN);
    bool ok = cp_col_fixed(st, 0, t->ids[t->count], CP_ID_LEN);
    cp_sql_done(st);
    t->rows[t->count] = (struct cp_cut_tip){t->incarnations[t->count], class, h->seq, t->ids[t->count]};
    t->count++;
    return ok ? CP_OK : CP_ERR_DAMAGED_STORE;
}

static enum cp_err read_chain(struct cp_store *s, uint64_t chain, const struct cp_store_past *past, struct held **out,
                              size_t *count)
{
    sqlite3_stmt *st = NULL;
    void *array = NULL;
    size_t cap = 0;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_CHAIN_ROWS, &st, "i", chain);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / 64, sizeof(struct held));
        if (err != CP_OK)
            break;
        struct held *h = (struct held *)array + (*count)++;
        *h = (struct held){.row = cp_col_u64(st, 0), .seq = cp_col_u64(st, 1), .prev = cp_col_u64(st, 2)};
        h->within = has(past, h->row);
    }
    if (row)
        cp_sql_done(st);
    *out = array;
    return err;
}

/* Rows ascend, and an entry's prev stands before it. */
static void mark_continued(struct held *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t from = 0, to = i;
        while (from < to) {
            size_t mid = from + (to - from) / 2;
            if (list[mid].row < list[i].prev)
                from = mid + 1;
            else
                to = mid;
        }
        if (list[i].within && from < i && list[from].row == list[i].prev)
            list[from].continued = true;
    }
}

static enum cp_err add_chain(struct cp_store *s, struct tips *t, uint64_t chain, const uint8_t *incarnation,
                             enum cp_class class, const struct cp_store_past *past, uint64_t *kept, uint64_t *beyond)
{
    struct held *list = NULL;
    size_t count = 0;
    enum cp_err err = read_chain(s, chain, past, &list, &count);
    if (err == CP_OK)
        mark_continued(list, count);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        *kept += list[i].within ? 1 : 0;
        *beyond += list[i].within ? 0 : 1;
        if (list[i].within && !list[i].continued)
            err = add_tip(s, t, incarnation, class, &list[i]);
    }
    cp_free(&s->mem, list);
    return err;
}

struct own_chain {
    uint64_t num;
    enum cp_class class;
    uint8_t incarnation[CP_INCARNATION_LEN];
};

static enum cp_err chains_of(struct cp_store *s, uint64_t plan, const uint8_t *device, struct own_chain **out,
                             size_t *count)
{
    sqlite3_stmt *st = NULL;
    uint8_t key[CP_KEY_LEN];
    void *array = NULL;
    size_t cap = 0;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_CHAINS_OF, &st, "i", plan);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        if (!cp_col_fixed(st, 1, key, CP_KEY_LEN) || memcmp(key, device, CP_KEY_LEN) != 0)
            continue;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / 64, sizeof(struct own_chain));
        if (err != CP_OK)
            break;
        struct own_chain *c = (struct own_chain *)array + (*count)++;
        *c = (struct own_chain){.num = cp_col_u64(st, 0),
                                .class = cp_col_u64(st, 3) == CP_CONTROL ? CP_CONTROL : CP_CONTENT};
        if (!cp_col_fixed(st, 2, c->incarnation, CP_INCARNATION_LEN))
            err = CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    *out = array;
    return err;
}

enum cp_err cp_store_cut(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                         const uint8_t device[static CP_KEY_LEN], const uint8_t *after, struct cp_buf *cut,
                         uint64_t *kept, uint64_t *beyond)
{
    struct cp_store_plan p;
    struct cp_store_past *past = NULL;
    struct own_chain *chains = NULL;
    struct tips *t = cp_alloc(&s->mem, sizeof *t);
    uint64_t within = 0, outside = 0;
    size_t count = 0;
    enum cp_err err = t == NULL        ? CP_ERR_NO_MEMORY
                      : s->key == NULL ? CP_ERR_LOCKED
                                       : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK && after != NULL)
        err = cp_store_past_of(s, plan, after, &past);
    if (err == CP_OK)
        err = chains_of(s, p.num, device, &chains, &count);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err =
            add_chain(s, t, chains[i].num, chains[i].incarnation, chains[i].class, past, &within, &outside);
    if (err == CP_OK && t->count > 1)
        qsort(t->rows, t->count, sizeof *t->rows, by_row);
    if (err == CP_OK)
        err = cp_cut_write(t->rows, t->count, cut);
    if (kept != NULL)
        *kept = within;
    if (beyond != NULL)
        *beyond = outside;
    cp_store_past_free(past);
    cp_free(&s->mem, chains);
    cp_free(&s->mem, t);
    return err;
}

static enum cp_err count_chain(struct cp_store *s, uint64_t chain, uint64_t *counting, uint64_t *without)
{
    struct held *list = NULL;
    size_t count = 0;
    enum cp_err err = read_chain(s, chain, NULL, &list, &count);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        bool is_void = false;
        err = cp_sql_has(s, CP_SQL_VOID_HAS, &is_void, "i", list[i].row);
        *counting += is_void ? 0 : 1;
        *without += is_void ? 1 : 0;
    }
    cp_free(&s->mem, list);
    return err;
}

enum cp_err cp_store_counting(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                              const uint8_t device[static CP_KEY_LEN], uint64_t *counting, uint64_t *without)
{
    struct cp_store_plan p;
    struct own_chain *chains = NULL;
    size_t count = 0;
    *counting = *without = 0;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = chains_of(s, p.num, device, &chains, &count);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err = count_chain(s, chains[i].num, counting, without);
    cp_free(&s->mem, chains);
    return err;
}
