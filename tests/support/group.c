/* A group of people and their stores, for tests. */
#include "tests/support/group.h"

#include <assert.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/holds.h"
#include "proto/statement.h"
#include "tests/support/heap.h"

enum {
    TOKEN = 9 /* what these keys are for */
};

static void must(enum cp_err err)
{
    if (err != CP_OK) {
        (void)fprintf(stderr, "group: %s\n", cp_err_word(err));
        abort();
    }
}

/* ---- Folders and stores ---- */

const char *folder_make(void)
{
    char *path = malloc(64);
    (void)snprintf(path, 64, "/tmp/coplan-test-XXXXXX");
    if (mkdtemp(path) == NULL)
        abort();
    return path;
}

void folder_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            (void)unlink(in_folder(folder, e->d_name));
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(folder);
    union {
        const char *c;
        char *m;
    } owned = {folder};
    free(owned.m);
}

const char *in_folder(const char *folder, const char *name)
{
    static char paths[64][256];
    static unsigned turn;
    char *path = paths[turn++ % 64];
    int len = snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof paths[0])
        abort();
    return path;
}

struct cp_store *store_at(const char *path, unsigned key, const struct cp_store_options *options)
{
    struct cp_store *s = NULL;
    uint8_t storage[32];
    memset(storage, (int)(key & 0xff), sizeof storage);
    must(cp_store_open(&s, path, options));
    must(cp_store_unlock(s, storage));
    return s;
}

void store_spoil(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        (void)fprintf(stderr, "group: %s\n", sqlite3_errmsg(db));
        abort();
    }
    must(sqlite3_close(db) == SQLITE_OK ? CP_OK : CP_ERR_BUSY);
}

/* ---- Writing ---- */

static enum cp_err append(struct cp_store *s, struct someone *by, const uint8_t *plan, enum cp_class class,
                          struct cp_bytes frame, struct cp_bytes words, uint8_t *id)
{
    static uint64_t time_ms = 1700000000000;
    must(cp_store_begin(s));
    enum cp_err err = cp_store_append(s, &by->signer, plan, by->device, class, frame, words, time_ms++, id);
    if (err == CP_OK)
        return cp_store_commit(s);
    cp_store_rollback(s);
    return err;
}

void group_found(struct cp_store *s, struct someone *p, uint8_t plan[CP_ID_LEN])
{
    struct cp_buf join, frame;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    someone_joins(&(struct joining){.who = p}, &join);
    cp_first_write(cp_buf_bytes(&join), &frame);
    must(cp_store_begin(s));
    must(cp_store_found(s, &p->signer, p->device, cp_buf_bytes(&frame), 1700000000000, plan));
    must(cp_store_commit(s));
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
}

void group_invite(struct cp_store *s, struct someone *by, const uint8_t *plan, unsigned token,
                  uint8_t invite[CP_ID_LEN])
{
    uint8_t key[CP_KEY_LEN], secret[64];
    struct cp_buf frame;
    someone_pair(token, TOKEN, key, secret);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_invite_write(key, key, NULL, &frame);
    must(append(s, by, plan, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), invite));
    cp_buf_clear(&frame);
}

void group_join(const struct someone *who, const uint8_t *plan, const uint8_t *invite, unsigned token,
                struct cp_buf *join)
{
    uint8_t key[CP_KEY_LEN], secret[64];
    someone_pair(token, TOKEN, key, secret);
    someone_joins(&(struct joining){.who = who, .plan = plan, .invite = invite, .token_secret = secret}, join);
}

void group_admit(struct cp_store *s, struct someone *by, const uint8_t *plan, const uint8_t *invite,
                 struct cp_bytes join, uint8_t id[CP_ID_LEN])
{
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_admit_write(invite, join, &frame);
    must(append(s, by, plan, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), id));
    cp_buf_clear(&frame);
}

void group_add(struct cp_store *s, struct someone *by, const uint8_t *plan, const struct someone *who, unsigned token)
{
    uint8_t invite[CP_ID_LEN], admit[CP_ID_LEN];
    struct cp_buf join;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    group_invite(s, by, plan, token, invite);
    group_join(who, plan, invite, token, &join);
    group_admit(s, by, plan, invite, cp_buf_bytes(&join), admit);
    cp_buf_clear(&join);
}

void group_control(struct cp_store *s, struct someone *by, const uint8_t *plan, struct cp_bytes frame)
{
    uint8_t id[CP_ID_LEN];
    must(append(s, by, plan, CP_CONTROL, frame, CP_BYTES(NULL, 0), id));
}

void group_report(struct cp_store *s, struct someone *by, const uint8_t *plan, const struct someone *lost,
                  bool keeps)
{
    struct cp_buf cut, fields, text, frame;
    struct cp_buf *const bufs[] = {&cut, &fields, &text, &frame};
    uint8_t sig[CP_SIG_LEN];
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    must(keeps ? cp_store_cut(s, plan, lost->device, NULL, &cut, NULL, NULL) : cp_cut_write(NULL, 0, &cut));
    must(cp_revoke_fields(lost->device, NULL, 0, cp_buf_bytes(&cut), &fields));
    someone_says(CP_STATEMENT_REVOKE, lost, lost, CP_BY_IDENTITY, plan, &fields, &text, sig);
    must(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame));
    group_control(s, by, plan, cp_buf_bytes(&frame));
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(bufs[i]);
}

const char *group_begin(struct someone *a, struct someone *b, struct cp_store **s, struct cp_store **t, uint8_t plan[CP_ID_LEN],
                        const char *text, uint8_t item[CP_ID_LEN])
{
    const char *folder = folder_make();
    someone_make(a, 1);
    someone_make(b, 2);
    *s = store_at(in_folder(folder, "s"), 1, NULL);
    if (t != NULL)
        *t = store_at(in_folder(folder, "t"), 2, NULL);
    group_found(*s, a, plan);
    group_add(*s, a, plan, b, 1);
    group_item(*s, a, plan, text, item);
    return folder;
}

void group_end(const char *folder, struct cp_store *s, struct cp_store *t)
{
    cp_store_close(s);
    cp_store_close(t);
    folder_remove(folder);
}

void group_continue(struct cp_store *s, struct someone *a, const struct someone *b, const uint8_t *old, struct cp_buf *first,
                    uint8_t new[CP_ID_LEN])
{
    uint8_t heads[8][CP_ID_LEN], people[2][CP_ID_LEN], plans[1][CP_ID_LEN];
    size_t count = 0;
    memcpy(plans[0], old, CP_ID_LEN);
    size_t named = memcmp(a->person, b->person, CP_ID_LEN) == 0 ? 1 : 2;
    memcpy(people[0], a->person, CP_ID_LEN);
    memcpy(people[1], b->person, CP_ID_LEN);
    cp_id_sort(people, 2);
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT; class++) {
        uint8_t(*ids)[CP_ID_LEN] = NULL;
        size_t n = 0;
        must(cp_store_heads(s, old, (enum cp_class)class, &ids, &n));
        for (size_t i = 0; i < n; i++)
            memcpy(heads[count++], ids[i], CP_ID_LEN);
        cp_free(test_mem(), ids);
    }
    cp_id_sort(heads, count);
    must(cp_continue_write((const uint8_t(*)[CP_ID_LEN])plans, 1, (const uint8_t(*)[CP_ID_LEN])heads, count,
                                   (const uint8_t(*)[CP_ID_LEN])people, named, first));
    must(cp_store_begin(s));
    must(cp_store_continue(s, &a->signer, a->device, old, cp_buf_bytes(first), 9, new));
    must(cp_store_commit(s));
}

struct cp_holds group_holds(struct cp_node *node, const uint8_t *plan, const uint8_t *machine)
{
    struct cp_holds_plan p;
    struct cp_holds seen;
    must(cp_holds_begin(&p, node, plan));
    must(cp_holds_of(&p, machine, &seen));
    cp_holds_finish(&p);
    return seen;
}

enum cp_err group_write(struct cp_store *s, struct someone *by, const uint8_t *plan, struct cp_draft *d,
                        uint8_t id[CP_ID_LEN])
{
    struct cp_buf frame, words;
    static uint8_t salt[CP_SALT_LEN];
    salt[0] = (uint8_t)(salt[0] + 1);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    enum cp_err err = cp_draft_write(d, salt, &frame, &words);
    if (err == CP_OK)
        err = append(s, by, plan, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words), id);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(d);
    return err;
}

void group_item(struct cp_store *s, struct someone *by, const uint8_t *plan, const char *text, uint8_t id[CP_ID_LEN])
{
    static struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    must(group_write(s, by, plan, &d, id));
}

void group_set(struct cp_store *s, struct someone *by, const uint8_t *plan, const uint8_t *item, const char *text,
               const uint8_t *replaces, uint8_t id[CP_ID_LEN])
{
    static struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    if (replaces != NULL)
        cp_draft_replace(&d, replaces);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    must(group_write(s, by, plan, &d, id));
}

/* ---- Carrying ---- */

uint64_t *group_rows(struct cp_store *s, const uint8_t *plan, size_t *count)
{
    const struct cp_replica *r = cp_store_replica(s);
    uint64_t *all = NULL;
    *count = 0;
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT; class++) {
        struct cp_tip *tips = NULL;
        size_t tips_count = 0, rows_count = 0, ranges_count = 0;
        uint64_t *rows = NULL;
        must(r->tips(r->ctx, plan, (enum cp_class)class, &tips, &tips_count));
        struct cp_range *ranges = malloc((tips_count + 1) * sizeof *ranges);
        for (size_t i = 0; i < tips_count; i++)
            if (ranges_count == 0 || ranges[ranges_count - 1].chain != tips[i].chain)
                ranges[ranges_count++] = (struct cp_range){tips[i].chain, 0};
        must(r->rows(r->ctx, plan, (enum cp_class)class, ranges, ranges_count, &rows, &rows_count));
        all = realloc(all, (*count + rows_count + 1) * sizeof *all);
        if (rows_count > 0)
            memcpy(all + *count, rows, rows_count * sizeof *all);
        *count += rows_count;
        cp_free(r->mem, rows);
        cp_free(r->mem, tips);
        free(ranges);
    }
    return all;
}

void group_pack(struct cp_store *s, const uint64_t *rows, size_t count, struct cp_buf *payload)
{
    size_t taken = 0;
    must(cp_chunk_build(&cp_store_replica(s)->source, test_mem(), rows, count, payload, &taken));
    assert(taken == count);
}

enum cp_err group_take(struct cp_store *s, const uint8_t *plan, struct cp_bytes payload, struct cp_put_result *result)
{
    struct cp_chunk chunk;
    struct cp_put_result unused;
    enum cp_err err = cp_chunk_read(&chunk, test_mem(), payload, plan);
    if (err != CP_OK)
        return err;
    err = cp_store_put(s, plan, &chunk, false, result == NULL ? &unused : result);
    cp_chunk_clear(&chunk);
    return err;
}

void group_carry(struct cp_store *from, struct cp_store *to, const uint8_t *plan)
{
    struct cp_buf payload;
    size_t count = 0, at = 0;
    uint64_t *rows = group_rows(from, plan, &count);
    bool awaited = false;
    must(cp_store_replica(to)->awaits(to, plan, &awaited));
    if (!awaited) {
        must(cp_store_begin(to));
        must(cp_store_await(to, plan, cp_bytes_str("join"), cp_bytes_str("invitation")));
        must(cp_store_commit(to));
    }
    cp_buf_init(&payload, test_mem(), CP_CHUNK_MAX * 2);
    while (at < count) {
        size_t taken = 0;
        cp_buf_reset(&payload);
        must(cp_chunk_build(&cp_store_replica(from)->source, test_mem(), rows + at, count - at, &payload, &taken));
        must(group_take(to, plan, cp_buf_bytes(&payload), NULL));
        at += taken;
    }
    cp_buf_clear(&payload);
    free(rows);
}

bool group_same(struct cp_store *a, struct cp_store *b, const uint8_t *plan)
{
    uint8_t da[CP_ID_LEN], db[CP_ID_LEN];
    uint64_t na = 0, nb = 0;
    must(cp_store_log_digest(a, plan, &na, da));
    must(cp_store_log_digest(b, plan, &nb, db));
    return na == nb && memcmp(da, db, CP_ID_LEN) == 0;
}

bool group_has_words(struct cp_store *s, const uint8_t *plan, const uint8_t *id)
{
    struct cp_loaded l;
    if (cp_store_entry(s, plan, id, &l) != CP_OK)
        return false;
    bool has = l.info[0].words.ptr != NULL;
    cp_loaded_clear(&l);
    return has;
}

bool group_rebuilds(struct cp_store *s)
{
    uint8_t before[CP_ID_LEN], after[CP_ID_LEN];
    must(cp_store_derived_digest(s, before));
    must(cp_store_rebuild(s));
    must(cp_store_derived_digest(s, after));
    return memcmp(before, after, CP_ID_LEN) == 0;
}

void group_withdraw_frame(const uint8_t *plan, const struct someone *said, const struct someone *by,
                          const uint8_t (*ids)[CP_ID_LEN], size_t count, bool spoil, struct cp_buf *frame)
{
    struct cp_buf fields, text;
    uint8_t sig[CP_SIG_LEN];
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
    if (cp_withdraw_fields(ids, count, &fields) != CP_OK)
        abort();
    someone_says(CP_STATEMENT_WITHDRAW, said, by, CP_BY_IDENTITY, plan, &fields, &text, sig);
    sig[9] ^= spoil ? 1 : 0;
    cp_statement_frame_write(CP_KIND_WITHDRAW, ids, count, cp_buf_bytes(&text), sig, frame);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
}
