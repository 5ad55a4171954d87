/*
 * Own entries: place in the own chain, parents, lamport; then signed by the keeper and taken in like any other.
 * Owns: which heads an entry cites. Must not: hold a key or decide what is said.
 *
 * Parents are heads that the entry would not otherwise have in its past, control first: small entries matter more
 * than a full list. A head is left out when prev, or a chosen content head, is known to have it in its past.
 */
#include <assert.h>

#include "daemon/store_internal.h"

struct head {
    uint64_t row, lamport, frontier;
    uint8_t id[CP_ID_LEN];
};

struct own {
    struct cp_store *s;
    struct cp_store_plan plan;
    struct cp_header header;
    struct head control[CP_PARENTS_MAX + 1], content[CP_PARENTS_MAX + 1];
    size_t control_count, content_count;
    const struct cp_continuation *from; /* a continuation's first entry: what it carries on */
    struct cp_rows seen; /* control frontier that prev and the chosen content heads bring */
};

/* At most one more than can be cited, highest (lamport, id) first. */
static enum cp_err read_heads(struct own *o, enum cp_class class, struct head *out, size_t *count)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_sql_open(o->s, CP_SQL_HEADS, &st, "iii", o->plan.num, (uint64_t)class,
                                  (uint64_t)(CP_PARENTS_MAX + 1));
    while (err == CP_OK && row) {
        err = cp_sql_step(o->s, st, &row);
        if (err != CP_OK || !row)
            break;
        struct head *h = &out[*count];
        if (*count > CP_PARENTS_MAX || !cp_col_fixed(st, 1, h->id, CP_ID_LEN)) {
            err = CP_ERR_DAMAGED_STORE;
            break;
        }
        h->row = cp_col_u64(st, 0);
        h->lamport = cp_col_u64(st, 2);
        h->frontier = cp_col_u64(st, 3);
        if (memcmp(h->id, o->header.prev, CP_ID_LEN) != 0)
            (*count)++;
    }
    if (row)
        cp_sql_done(st);
    if (*count > CP_PARENTS_MAX)
        *count = CP_PARENTS_MAX;
    return err;
}

/* Own chain: seq, prev, lamport so far. */
static enum cp_err find_place(struct own *o, const uint8_t *device, struct cp_known *prev, bool *has_prev)
{
    struct cp_header *h = &o->header;
    struct cp_store *s = o->s;
    sqlite3_stmt *st = NULL;
    bool found;
    *has_prev = false;
    memcpy(h->device, device, CP_KEY_LEN);
    memcpy(h->incarnation, s->home.incarnation, CP_INCARNATION_LEN);
    h->seq = 1;
    enum cp_err err = cp_sql_one(s, CP_SQL_CHAIN_FIND, &st, &found, "ibbii", o->plan.num, h->device,
                                 (size_t)CP_KEY_LEN, h->incarnation, (size_t)CP_INCARNATION_LEN, (uint64_t)h->class,
                                 (uint64_t)0);
    if (err != CP_OK || !found)
        return err;
    uint64_t chain = cp_col_u64(st, 0);
    cp_sql_done(st);
    err = cp_sql_one(s, CP_SQL_CHAIN_TIP, &st, &found, "i", chain);
    if (err != CP_OK || !found)
        return err;
    bool ok = cp_col_fixed(st, 0, h->prev, CP_ID_LEN);
    cp_sql_done(st);
    err = ok ? cp_known_by_id(s, o->plan.num, h->prev, prev, has_prev) : CP_ERR_DAMAGED_STORE;
    if (err == CP_OK && (!*has_prev || prev->seq >= CP_INT_MAX || prev->lamport >= CP_INT_MAX))
        err = CP_ERR_DAMAGED_STORE;
    if (err != CP_OK)
        return err;
    h->seq = prev->seq + 1;
    h->lamport = prev->lamport;
    return cp_frontier_members(s, prev->frontier, &o->seen);
}

static bool is_seen(const struct own *o, uint64_t row)
{
    for (size_t i = 0; i < o->seen.count; i++)
        if (o->seen.at[i] == row)
            return true;
    return false;
}

static void cite(struct own *o, const struct head *head)
{
    struct cp_header *h = &o->header;
    if (h->parents_count == CP_PARENTS_MAX)
        return;
    memcpy(h->parents[h->parents_count++], head->id, CP_ID_LEN);
    h->lamport = head->lamport > h->lamport ? head->lamport : h->lamport;
}

/* In the place of the lowest head: a parent need not be a head, and a member of a large plan must not have to wait. */
static enum cp_err admission_itself(struct own *o, uint64_t row)
{
    struct cp_known known;
    sqlite3_stmt *st = NULL;
    struct head first = {.row = row};
    bool found;
    enum cp_err err = cp_sql_one(o->s, CP_SQL_ENTRY_ID, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    bool ok = cp_col_fixed(st, 0, first.id, CP_ID_LEN);
    cp_sql_done(st);
    err = ok ? cp_known_by_id(o->s, o->plan.num, first.id, &known, &found) : CP_ERR_DAMAGED_STORE;
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    first.lamport = known.lamport;
    first.frontier = known.frontier;
    memmove(&o->control[1], &o->control[0], (CP_PARENTS_MAX - 1) * sizeof first);
    o->control[0] = first;
    return CP_OK;
}

/*
 * A chain's first entry needs the author's admission in its past: the control head that has it goes to the front.
 * NOT_YET when no admission is held.
 */
static enum cp_err admission_first(struct own *o)
{
    struct cp_store *s = o->s;
    sqlite3_stmt *st = NULL;
    bool found = false, reaches = false;
    uint64_t mark = 0;
    enum cp_err err = cp_admission_mark(s, &o->plan, 0, o->header.device, &mark);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_ADMISSIONS, &st, &found, "i", mark);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_NOT_YET;
    uint64_t row = cp_col_u64(st, 0), lamport = cp_col_u64(st, 2);
    cp_sql_done(st);
    for (size_t i = 0; i < o->control_count && err == CP_OK; i++) {
        struct cp_rows from = {.at = &o->control[i].row, .count = 1};
        err = cp_graph_reaches(s, &from, row, lamport, &reaches);
        if (err == CP_OK && reaches) {
            struct head first = o->control[i];
            memmove(&o->control[1], &o->control[0], i * sizeof first);
            o->control[0] = first;
            return CP_OK;
        }
    }
    if (err != CP_OK || o->control_count < CP_PARENTS_MAX)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    return admission_itself(o, row); /* its head is not among those that fit */
}

static enum cp_err choose_parents(struct own *o, bool has_prev)
{
    struct cp_header *h = &o->header;
    size_t room = CP_PARENTS_MAX, needed = 0;
    enum cp_err err = read_heads(o, CP_CONTROL, o->control, &o->control_count);
    if (err == CP_OK && h->class == CP_CONTENT)
        err = read_heads(o, CP_CONTENT, o->content, &o->content_count);
    if (err == CP_OK && !has_prev)
        err = admission_first(o);
    for (size_t i = 0; i < o->control_count; i++)
        needed += is_seen(o, o->control[i].row) ? 0 : 1;
    room -= needed < room ? needed : room;
    if (o->content_count > room)
        o->content_count = room;
    for (size_t i = 0; i < o->content_count && err == CP_OK; i++) {
        err = cp_frontier_members(o->s, o->content[i].frontier, &o->seen);
        cite(o, &o->content[i]);
    }
    for (size_t i = 0; i < o->control_count && err == CP_OK; i++)
        if (!is_seen(o, o->control[i].row))
            cite(o, &o->control[i]);
    cp_id_sort(h->parents, h->parents_count);
    return err;
}

/* Header, id and signature; then in with it. */
static enum cp_err sign_and_store(struct own *o, const struct cp_signer *signer, const uint8_t *plan,
                                  struct cp_entry *e, uint8_t *id)
{
    struct cp_store *s = o->s;
    struct cp_buf header;
    struct cp_header again;
    uint8_t sig[CP_SIG_LEN], own_id[CP_ID_LEN];
    bool held = false;
    struct cp_intake in = {0};
    cp_buf_init(&header, &s->mem, CP_HEADER_MAX);
    cp_header_encode(&o->header, &header);
    enum cp_err err = cp_buf_err(&header);
    e->header = cp_buf_bytes(&header);
    if (err == CP_OK)
        err = cp_entry_check(e, &again);
    if (err == CP_OK)
        err = signer->sign(signer->ctx, o->header.device, plan, e->header, id, sig);
    if (err == CP_OK) {
        cp_entry_id(plan, e->header, own_id);
        err = memcmp(own_id, id, CP_ID_LEN) == 0 ? CP_OK : CP_ERR_BAD_SIGNATURE;
    }
    e->sig = CP_BYTES(sig, sizeof sig);
    if (err == CP_OK && plan == cp_zero_id)
        err = cp_store_plan_make(s, id, &o->plan);
    if (err == CP_OK && o->from != NULL)
        err = cp_store_learn_line(s, id, o->from);
    if (err == CP_OK && o->from != NULL)
        err = cp_store_take_over(s, id, o->from);
    if (err == CP_OK && o->from != NULL)
        err = cp_store_plan_by_id(s, id, &o->plan);
    if (err == CP_OK)
        err = cp_intake_begin(&in, s, &o->plan, 1);
    if (err == CP_OK)
        err = cp_intake_entry(&in, &o->header, e, id, &held);
    if (err == CP_OK && held)
        err = CP_ERR_DAMAGED_STORE; /* a seq that this chain has used */
    if (err == CP_OK)
        err = cp_intake_flush(&in);
    if (err == CP_OK)
        err = cp_void_settle(&in);
    if (err == CP_OK && in.again)
        err = cp_store_rebuild(s);
    if (in.members)
        cp_store_forget_members(s);
    cp_intake_clear(&in);
    cp_buf_clear(&header);
    if (err == CP_OK && o->header.seq == 1)
        err = cp_sql_run(s, CP_SQL_OWN_ADD, "b", o->header.device, (size_t)CP_KEY_LEN);
    if (err != CP_OK)
        return err;
    s->home.own_count++;
    return cp_store_home_write(s);
}

static enum cp_err finish(struct own *o, const struct cp_signer *signer, const uint8_t *plan, struct cp_bytes frame,
                          struct cp_bytes words, uint64_t time_ms, uint8_t *id)
{
    struct cp_header *h = &o->header;
    struct cp_entry e = {.frame = frame, .words = words};
    if (frame.len + words.len > CP_ENTRY_MAX)
        return CP_ERR_TOO_BIG;
    h->rules = (uint32_t)o->plan.rules;
    h->lamport++;
    h->time_ms = time_ms > CP_INT_MAX ? CP_INT_MAX : time_ms;
    h->frame_len = (uint32_t)frame.len;
    h->words_len = (uint32_t)words.len;
    cp_body_hash(frame, words, h->body_hash);
    return sign_and_store(o, signer, plan, &e, id);
}

/* Whoever left writes nothing any more: it would reach nobody. Whoever has yet to follow says that first. */
static enum cp_err not_left(struct cp_store *s, const uint8_t *plan, const uint8_t *device, enum cp_class class)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(s, plan, &members);
    const struct cp_member_device *d = err == CP_OK ? cp_members_find(members, device) : NULL;
    return d != NULL && d->left ? CP_ERR_LEFT : d != NULL && d->waits && class == CP_CONTENT ? CP_ERR_NOT_FOLLOWED : err;
}

enum cp_err cp_store_append(struct cp_store *s, const struct cp_signer *signer, const uint8_t plan[static CP_ID_LEN],
                            const uint8_t device[static CP_KEY_LEN], enum cp_class class, struct cp_bytes frame,
                            struct cp_bytes words, uint64_t time_ms, uint8_t id[static CP_ID_LEN])
{
    struct own o = {.s = s, .header = {.class = class}};
    struct cp_known prev;
    bool has_prev = false;
    assert(s->in_transaction);
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &o.plan);
    if (err == CP_OK && o.plan.first == 0)
        err = CP_ERR_NOT_YET;
    if (err == CP_OK)
        err = not_left(s, plan, device, class);
    if (err == CP_OK)
        err = find_place(&o, device, &prev, &has_prev);
    if (err == CP_OK)
        err = choose_parents(&o, has_prev);
    if (err == CP_OK)
        err = finish(&o, signer, plan, frame, words, time_ms, id);
    cp_rows_clear(s, &o.seen);
    return err;
}

enum cp_err cp_store_found(struct cp_store *s, const struct cp_signer *signer, const uint8_t device[static CP_KEY_LEN],
                           struct cp_bytes frame, uint64_t time_ms, uint8_t plan[static CP_ID_LEN])
{
    struct own o = {.s = s, .header = {.class = CP_CONTROL, .seq = 1}, .plan = {.rules = CP_RULES_VERSION}};
    assert(s->in_transaction);
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    memcpy(o.header.device, device, CP_KEY_LEN);
    memcpy(o.header.incarnation, s->home.incarnation, CP_INCARNATION_LEN);
    return finish(&o, signer, cp_zero_id, frame, CP_BYTES(NULL, 0), time_ms, plan);
}

enum cp_err cp_store_continue(struct cp_store *s, const struct cp_signer *signer, const uint8_t device[static CP_KEY_LEN],
                              const uint8_t old[static CP_ID_LEN], struct cp_bytes frame, uint64_t time_ms,
                              uint8_t plan[static CP_ID_LEN])
{
    struct own o = {.s = s, .header = {.class = CP_CONTROL, .seq = 1}};
    struct cp_control c;
    assert(s->in_transaction);
    cp_control_read(frame, &c);
    if (s->key == NULL || !c.known || !c.continues)
        return s->key == NULL ? CP_ERR_LOCKED : CP_ERR_BAD_VALUE;
    memcpy(o.header.device, device, CP_KEY_LEN);
    memcpy(o.header.incarnation, s->home.incarnation, CP_INCARNATION_LEN);
    o.from = &c.from;
    enum cp_err err = cp_store_plan_by_id(s, old, &o.plan);
    if (err == CP_OK)
        err = read_heads(&o, CP_CONTROL, o.control, &o.control_count);
    if (err == CP_OK)
        err = admission_first(&o);
    for (size_t i = 0; i < o.control_count && err == CP_OK; i++)
        if (cp_id_list_has(&c.from.heads, o.control[i].id))
            cite(&o, &o.control[i]);
    cp_id_sort(o.header.parents, o.header.parents_count);
    if (err == CP_OK)
        err = finish(&o, signer, cp_zero_id, frame, CP_BYTES(NULL, 0), time_ms, plan);
    cp_rows_clear(s, &o.seen);
    return err;
}
