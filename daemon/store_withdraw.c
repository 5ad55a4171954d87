/*
 * Words withdrawn by their author (design 4): which ones, and erasing them.
 * Owns: the table of what WITHDRAWs name, whose they must be, and that no trace of the words stays on this disk that
 * SQLite lets us reach. Must not: read the layout of a statement (proto/statement.h).
 *
 * A WITHDRAW counts for an entry when it is signed by an identity key that an admission of the entry's person names,
 * or a KEY of theirs, in force or not, whatever plan that was signed for. Who an entry is by, and that admission, lie in the entry's own past: so the answer is the same
 * whichever of the two came first, and for everyone. It counts for good.
 *
 * Erased means: the row is written over in place, the same length, in the transaction that took the WITHDRAW in; then
 * the WAL is emptied. What file systems and flash keep of blocks given back is beyond us (docs/schema.md).
 */
#include "daemon/store_internal.h"

/* Opens a control entry; *known false: damaged or not readable, so that nothing can be said of it. */
static enum cp_err open_control(struct cp_store *s, uint64_t row, struct cp_control *out)
{
    struct cp_bytes frame, words;
    uint8_t id[CP_ID_LEN];
    uint64_t author;
    enum cp_err err = cp_open_row(s, row, 1, id, &author, &frame, &words);
    out->known = false;
    if (err == CP_OK)
        cp_control_read(frame, out);
    return err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
}

/* The row of a KEY of this person, by the recovery key `sheet`, that names the key; 0: none is held in this plan. Whatever plan it
 * was signed for: it is asked whose key this is, not whose key is in force here. */
static enum cp_err key_naming(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *person,
                              const uint8_t *sheet, const uint8_t *key, uint64_t *row)
{
    struct cp_rows rows = {0};
    sqlite3_stmt *st = NULL;
    *row = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_SAID_ROWS, &st, "ii", plan->num, (uint64_t)CP_LIST_SAID);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK && *row == 0; i++) {
        struct cp_control c;
        err = open_control(s, rows.at[i], &c);
        if (err == CP_OK && c.known && c.kind == CP_KIND_KEY && memcmp(c.key.statement.person, person, CP_ID_LEN) == 0 &&
            memcmp(c.key.statement.key, sheet, CP_KEY_LEN) == 0 && memcmp(c.key.key, key, CP_KEY_LEN) == 0)
            *row = rows.at[i];
    }
    cp_rows_clear(s, &rows);
    return err;
}

/* Where it is judged whose key it is. */
struct hearing {
    const struct cp_store_plan *plan;
    const struct cp_store_plan *also; /* a plan whose KEYs count as if they were said here too; NULL: none */
    uint64_t key;                     /* the row there of the KEY that it took; 0: none */
};

/* Did an admission of this person in this plan, or a KEY of theirs, ever name the key as their identity key? */
static enum cp_err is_persons_key(struct cp_store *s, struct hearing *h, uint64_t person, const uint8_t *key, bool *yes)
{
    struct cp_rows rows = {0};
    sqlite3_stmt *st = NULL;
    uint8_t id[CP_ID_LEN], sheet[CP_KEY_LEN];
    bool known = false;
    enum cp_err err = cp_sql_open(s, CP_SQL_ADMISSIONS_OF, &st, "ii", person, h->plan->num);
    *yes = false;
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK && !*yes; i++) {
        struct cp_control c;
        err = open_control(s, rows.at[i], &c);
        if (err != CP_OK || !c.known || (c.kind != CP_KIND_ADMIT && c.kind != CP_KIND_FIRST) || c.continues)
            continue; /* a continuation begins without a JOIN; damaged: another admission may say it, or this one when it is back */
        *yes = memcmp(c.join.identity_key, key, CP_KEY_LEN) == 0;
        if (c.join.how == CP_JOIN_NEW) {
            memcpy(id, c.join.person, CP_ID_LEN);
            memcpy(sheet, c.join.recovery_key, CP_KEY_LEN);
            known = true;
        }
    }
    cp_rows_clear(s, &rows);
    if (err != CP_OK || *yes || !known)
        return err;
    uint64_t here = 0;
    err = key_naming(s, h->plan, id, sheet, key, &here);
    if (err == CP_OK && here == 0 && h->also != NULL)
        err = key_naming(s, h->also, id, sheet, key, &h->key);
    *yes = err == CP_OK && (here != 0 || h->key != 0);
    return err;
}

/* Is this statement by the person that has the number? *key: one of theirs. */
static enum cp_err is_by(struct cp_store *s, struct hearing *h, const uint8_t *person_id, const uint8_t *key, uint64_t person,
                         bool *yes)
{
    uint8_t id[CP_ID_LEN];
    *yes = false;
    enum cp_err err = cp_person_of(s, person, id);
    if (err != CP_OK || memcmp(id, person_id, CP_ID_LEN) != 0)
        return err;
    return is_persons_key(s, h, person, key, yes);
}

enum cp_err cp_withdraw_first(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *id,
                              uint64_t person, uint64_t *row)
{
    struct hearing here = {.plan = plan};
    struct cp_rows rows = {0};
    sqlite3_stmt *st = NULL;
    bool yes = false;
    *row = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_WITHDRAWAL_GET, &st, "i", cp_mark(s, plan->id, id));
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK && !yes; i++) {
        struct cp_control control;
        uint8_t said[CP_ID_LEN], key[CP_KEY_LEN];
        err = open_control(s, rows.at[i], &control); /* its signature was judged when it came */
        if (err != CP_OK || !control.known || control.kind != CP_KIND_WITHDRAW)
            continue;
        memcpy(said, control.withdraw.statement.person, CP_ID_LEN);
        memcpy(key, control.withdraw.statement.key, CP_KEY_LEN);
        err = is_by(s, &here, said, key, person, &yes);
        *row = yes ? rows.at[i] : 0;
    }
    cp_rows_clear(s, &rows);
    return err;
}

enum cp_err cp_withdraw_counts(struct cp_intake *in, const uint8_t *id, uint64_t kind, uint64_t person,
                               bool *yes)
{
    uint64_t row = 0;
    *yes = false;
    if (!in->withdrawals || !cp_withdraw_kind(kind))
        return CP_OK;
    enum cp_err err = cp_withdraw_first(in->s, &in->plan, id, person, &row);
    *yes = row != 0;
    return err;
}

/* ---- Erasing ---- */

static enum cp_err write_over(struct cp_intake *in, uint64_t row, uint64_t state, struct cp_bytes body)
{
    in->s->erased = true;
    in->s->damage_seen++; /* what is whole before a damaged entry is asked anew: this needs its WITHDRAW */
    return cp_sql_run(in->s, CP_SQL_ENTRY_BODY_SET, "ibi", state, body.ptr, body.len, row);
}

/* A damaged body can no longer be told from its words: all of it goes, and what is not words is fetched again. */
static enum cp_err blank(struct cp_intake *in, const struct cp_known *held, size_t len)
{
    struct cp_buf zeros;
    cp_buf_init(&zeros, &in->s->mem, CP_ENTRY_MAX + 128);
    for (size_t i = 0; i < len; i++)
        cp_buf_put_byte(&zeros, 0);
    enum cp_err err = cp_buf_err(&zeros);
    in->s->damage_seen++;
    if (err == CP_OK)
        err = write_over(in, held->row, CP_WORDS_WANTED, cp_buf_bytes(&zeros));
    if (err == CP_OK && !held->wanted && !in->rebuild)
        err =
            cp_sql_run(in->s, CP_SQL_TALLY_ADD, "iiii", in->plan.num, (uint64_t)0, (uint64_t)0, (uint64_t)1);
    cp_buf_clear(&zeros);
    return err;
}

/* How long the sealed body is. */
static enum cp_err body_len(struct cp_store *s, uint64_t row, size_t *len)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_BODY, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    *len = cp_col_blob(st, 1).len;
    cp_sql_done(st);
    return CP_OK;
}

/* Words that nobody could read gave the entry no effect; without them its frame has one. */
static bool wakes(struct cp_store *s, struct cp_bytes frame, struct cp_bytes words)
{
    return cp_frame_read(frame, words, &s->frames[1]) != CP_OK &&
           cp_frame_read(frame, CP_BYTES(NULL, 0), &s->frames[1]) == CP_OK;
}

enum cp_err cp_withdraw_erase(struct cp_intake *in, const struct cp_known *held)
{
    struct cp_store *s = in->s;
    struct cp_bytes frame, words;
    uint8_t id[CP_ID_LEN] = {0};
    uint64_t person;
    size_t len = 0;
    enum cp_err err = cp_open_row(s, held->row, 1, id, &person, &frame, &words);
    if (err == CP_OK || err == CP_ERR_DAMAGED_STORE) { /* what it named goes with it; of most entries nothing */
        enum cp_err dropped = cp_pieces_drop(s, id);
        err = dropped != CP_OK ? dropped : err;
    }
    if (err == CP_ERR_DAMAGED_STORE || (err == CP_OK && held->wanted)) {
        err = body_len(s, held->row, &len);
        return err == CP_OK ? blank(in, held, len) : err;
    }
    if (err != CP_OK || words.ptr == NULL || words.len == 0)
        return err; /* erased before, or nothing was said */
    in->again = in->again || wakes(s, frame, words);
    struct cp_body body = {.frame = frame, .erased = true, .words_len = words.len};
    cp_words_hash(words, body.words_hash);
    cp_buf_reset(&s->sealed);
    err = cp_body_seal(s, id, &body, &s->sealed);
    return err == CP_OK ? write_over(in, held->row, CP_WORDS_ERASED, cp_buf_bytes(&s->sealed)) : err;
}

/* The kind that the row states: it was checked against the frame when the entry came. */
static enum cp_err kind_of(struct cp_store *s, uint64_t row, uint64_t *kind)
{
    sqlite3_stmt *st = NULL;
    struct cp_stored stored = {.kind = 0};
    enum cp_err err = cp_stored_get(s, row, &st, &stored);
    cp_sql_done(st);
    *kind = stored.kind;
    return err;
}

enum cp_err cp_withdraw_arrives(struct cp_intake *in, const struct cp_derive *d, const struct cp_withdraw *w)
{
    struct hearing here = {.plan = &in->plan};
    enum cp_err err = CP_OK;
    if (!cp_statement_sig_ok(&w->statement))
        return CP_OK;
    for (size_t i = 0; i < w->count && err == CP_OK; i++) {
        const uint8_t *id = cp_withdraw_entry(w, i);
        struct cp_known held = {.row = 0};
        uint64_t kind = 0;
        bool found = false, yes = false;
        err = cp_sql_run(in->s, CP_SQL_WITHDRAWAL_ADD, "ii", cp_mark(in->s, in->plan.id, id), d->known.row);
        in->withdrawals = true;
        if (err == CP_OK)
            err = cp_intake_known(in, id, &held, &found);
        if (err == CP_OK && found)
            err = kind_of(in->s, held.row, &kind);
        if (err == CP_OK && found && cp_withdraw_kind(kind))
            err = is_by(in->s, &here, w->statement.person, w->statement.key, held.person, &yes);
        if (err == CP_OK && yes)
            err = cp_withdraw_erase(in, &held);
    }
    return err;
}

/* Does the entry have words, here or wanted? */
static enum cp_err has_words(struct cp_store *s, const struct cp_known *held, bool *yes)
{
    struct cp_bytes frame, words = CP_BYTES(NULL, 0);
    uint8_t id[CP_ID_LEN];
    uint64_t author;
    *yes = true;
    if (held->wanted)
        return CP_OK;
    enum cp_err err = cp_open_row(s, held->row, 1, id, &author, &frame, &words);
    if (err == CP_OK)
        *yes = words.ptr != NULL && words.len > 0;
    return err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
}

/* Is the key of a statement its person's? Asked once for all entries that it names. */
struct theirs {
    bool asked, yes;
};

/*
 * Is it here with words, would this statement take them, and has none done so? What is cheap is asked first: anybody may write
 * thousands of statements that take nothing, and this is asked after every meeting.
 */
static enum cp_err may_go(struct cp_store *s, struct hearing *h, const struct cp_withdraw *w, const uint8_t *entry, struct theirs *key,
                          bool *yes)
{
    struct cp_known held = {.row = 0};
    struct cp_stored stored = {.kind = 0};
    sqlite3_stmt *st = NULL;
    uint8_t person[CP_ID_LEN];
    uint64_t said = 0;
    bool found = false;
    *yes = false;
    enum cp_err err = cp_known_by_id(s, h->plan->num, entry, &held, &found);
    if (err != CP_OK || !found)
        return err;
    err = cp_stored_get(s, held.row, &st, &stored);
    cp_sql_done(st);
    if (err != CP_OK || !cp_withdraw_kind(stored.kind) || stored.words == CP_WORDS_ERASED)
        return err;
    err = cp_person_of(s, held.person, person);
    if (err != CP_OK || memcmp(person, w->statement.person, CP_ID_LEN) != 0)
        return err;
    if (!key->asked)
        err = is_persons_key(s, h, held.person, w->statement.key, &key->yes);
    key->asked = true;
    if (err != CP_OK || !key->yes)
        return err;
    err = has_words(s, &held, yes);
    if (err == CP_OK && *yes)
        err = cp_withdraw_first(s, h->plan, entry, held.person, &said);
    *yes = err == CP_OK && *yes && said == 0;
    return err;
}

enum cp_err cp_store_withdraw_takes(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const uint8_t *from,
                                    const struct cp_withdraw *w, bool *yes, uint8_t key[static CP_ID_LEN])
{
    struct cp_store_plan p, said;
    struct hearing h = {.plan = &p, .also = from == NULL ? NULL : &said};
    struct theirs theirs = {.asked = false};
    *yes = false;
    memset(key, 0, CP_ID_LEN);
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK && from != NULL)
        err = cp_store_plan_by_id(s, from, &said);
    if (err != CP_OK || !cp_statement_sig_ok(&w->statement))
        return err;
    for (size_t i = 0; i < w->count && err == CP_OK && !*yes; i++)
        err = may_go(s, &h, w, cp_withdraw_entry(w, i), &theirs, yes);
    if (err == CP_OK && *yes && h.key != 0) {
        struct cp_bytes frame, words;
        uint64_t author;
        err = cp_open_row(s, h.key, 1, key, &author, &frame, &words);
    }
    *yes = err == CP_OK && *yes;
    return err;
}

enum cp_err cp_withdraw_key_came(struct cp_intake *in, const uint8_t person[static CP_ID_LEN])
{
    struct cp_store *s = in->s;
    struct cp_rows rows = {0};
    struct cp_buf copy; /* erasing uses the place that opened entries lie in */
    sqlite3_stmt *st = NULL;
    if (!in->withdrawals)
        return CP_OK;
    cp_buf_init(&copy, &s->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_KIND, &st, "ii", in->plan.num, (uint64_t)CP_KIND_WITHDRAW);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK; i++) {
        struct cp_derive d = {.known = {.row = rows.at[i]}};
        struct cp_control c;
        struct cp_bytes frame, words;
        uint8_t id[CP_ID_LEN];
        uint64_t author;
        err = cp_open_row(s, rows.at[i], 1, id, &author, &frame, &words);
        if (err != CP_OK) {
            err = err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
            continue;
        }
        cp_buf_reset(&copy);
        cp_buf_put_bytes(&copy, frame);
        err = cp_buf_err(&copy);
        if (err != CP_OK)
            break;
        cp_control_read(cp_buf_bytes(&copy), &c);
        if (c.known && c.kind == CP_KIND_WITHDRAW &&
            memcmp(c.withdraw.statement.person, person, CP_ID_LEN) == 0)
            err = cp_withdraw_arrives(in, &d, &c.withdraw);
    }
    cp_buf_clear(&copy);
    cp_rows_clear(s, &rows);
    return err;
}

/* True when SQLite says that all of the log is in the database. */
static bool written_back(struct cp_store *s, enum cp_sql how)
{
    sqlite3_stmt *st = NULL;
    bool row = false;
    if (cp_sql_one(s, how, &st, &row, "") != CP_OK || !row)
        return false;
    bool whole = cp_col_u64(st, 0) == 0;
    cp_sql_done(st);
    return whole;
}

static bool wal_is_empty(struct cp_store *s)
{
    sqlite3_file *wal = NULL;
    sqlite3_int64 len = 0;
    return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK &&
           wal != NULL &&
           (wal->pMethods == NULL || (wal->pMethods->xFileSize(wal, &len) == SQLITE_OK && len == 0));
}

/*
 * Blocks of a file that is cut off are given back one after the other: after a power cut a part of the old log may be
 * there again. SQLite would play that part back over a database that is further on, and what was acknowledged in the
 * rest would be lost (SQLite's ticket ff5be73dee is the same of a log that begins anew). So the log is first begun
 * anew by one small commit, whose header SQLite syncs before its pages: what is then cut off is either that whole
 * commit, which says what the database says, or nothing.
 */
void cp_withdraw_wipe(struct cp_store *s)
{
    if (!s->wipe_due || s->in_transaction)
        return;
    s->wipe_due =
        !wal_is_empty(s) && !(written_back(s, CP_SQL_WRITE_BACK) &&
                              cp_sql_run(s, CP_SQL_HOME_TOUCH, "") == CP_OK && written_back(s, CP_SQL_WIPE));
}
