/* Stored version texts: joined, checked, listed. Owns: which of them count. Must not: write to the log. */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_agree.h"

/* ---- The entries of versions ---- */

struct version_entry {
    uint8_t entry[CP_ID_LEN];
    uint8_t version[CP_ID_LEN];
    uint8_t by[CP_ID_LEN];
    uint64_t time_ms, lamport;
    uint8_t (*parts)[CP_ID_LEN];
    size_t parts_count;
};
struct version_entries {
    struct version_entry *list;
    size_t count, cap;
    const uint8_t *only; /* NULL: all versions */
    const struct cp_mem *mem;
    enum cp_err err;
};

static void entries_clear(struct version_entries *v)
{
    for (size_t i = 0; i < v->count; i++)
        cp_free(v->mem, v->list[i].parts);
    cp_free(v->mem, v->list);
}

static bool read_entry(void *ctx, const struct cp_entry_info *info)
{
    struct version_entries *v = ctx;
    struct cp_frame f;
    if (info->newer || cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK || f.refs_count < 2 ||
        f.refs_count - 1 > CP_PARTS_MAX)
        return true;
    if (v->only != NULL && memcmp(cp_frame_ref(&f, 0), v->only, CP_ID_LEN) != 0)
        return true;
    void *array = v->list;
    v->err = cp_grow(v->mem, &array, &v->cap, v->count + 1, SIZE_MAX, sizeof *v->list);
    if (v->err != CP_OK)
        return false;
    v->list = array;
    struct version_entry *e = &v->list[v->count];
    *e = (struct version_entry){
        .time_ms = info->time_ms, .lamport = info->lamport, .parts_count = f.refs_count - 1};
    memcpy(e->entry, info->id, CP_ID_LEN);
    memcpy(e->version, cp_frame_ref(&f, 0), CP_ID_LEN);
    memcpy(e->by, info->person, CP_ID_LEN);
    e->parts = cp_alloc_array(v->mem, e->parts_count, CP_ID_LEN);
    if (e->parts == NULL) {
        v->err = CP_ERR_NO_MEMORY;
        return false;
    }
    for (size_t i = 0; i < e->parts_count; i++)
        memcpy(e->parts[i], cp_frame_ref(&f, i + 1), CP_ID_LEN);
    v->count++;
    return true;
}

static enum cp_err entries_load(struct version_entries *v, const struct cp_desk *d, const uint8_t *only)
{
    *v = (struct version_entries){.only = only, .mem = d->mem};
    enum cp_err err = cp_store_each(d->node->store, d->plan, CP_KIND_VERSION, false, read_entry, v);
    return err == CP_OK ? v->err : err;
}

/* ---- One text ---- */

/* Appends one part. NOT_FOUND where it is no part, or its words are not here. */
static enum cp_err add_part(const struct cp_desk *d, const uint8_t *id, struct cp_buf *text)
{
    struct cp_loaded l;
    struct cp_value piece;
    size_t count = 0;
    enum cp_err err = cp_store_entry(d->node->store, d->plan, id, &l);
    if (err != CP_OK)
        return err;
    const struct cp_entry_info *info = &l.info[0];
    if (info->kind != CP_KIND_PART || info->words.ptr == NULL ||
        cp_words_values(info->words, &piece, 1, &count) != CP_OK || count != 1 ||
        piece.type != CP_VALUE_BYTES || piece.bytes.len > CP_PART_MAX)
        err = CP_ERR_NOT_FOUND;
    else
        cp_buf_put_bytes(text, piece.bytes);
    cp_loaded_clear(&l);
    return err == CP_OK ? cp_buf_err(text) : err;
}

/*
 * A VERSION whose parts are all here and are not the bytes that its id names will never be anything else. Joining 85
 * parts takes 50 ms, and a member can write thousands of such entries: so the verdict is remembered, by entry, as a
 * sealed note of this machine.
 */
#define BROKEN "broken page "
static void broken_key(const struct version_entry *e, char key[static sizeof BROKEN + 2 * CP_ID_LEN])
{
    memcpy(key, BROKEN, sizeof BROKEN);
    cp_hex_encode(e->entry, CP_ID_LEN, key + sizeof BROKEN - 1);
}

static bool known_broken(const struct cp_desk *d, const struct version_entry *e)
{
    char key[sizeof BROKEN + 2 * CP_ID_LEN];
    struct cp_buf nothing;
    broken_key(e, key);
    cp_buf_init(&nothing, d->mem, CP_NAME_MAX);
    bool known = cp_store_note_get(d->node->store, key, &nothing) == CP_OK;
    cp_buf_clear(&nothing);
    return known;
}

/* NOT_FOUND where the parts do not give the bytes that the id names; what cannot be remembered is joined again. */
static enum cp_err join_parts(const struct cp_desk *d, const struct version_entry *e, struct cp_buf *text)
{
    uint8_t id[CP_ID_LEN] = {0};
    char key[sizeof BROKEN + 2 * CP_ID_LEN];
    cp_buf_reset(text);
    if (known_broken(d, e))
        return CP_ERR_NOT_FOUND;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < e->parts_count; i++)
        err = add_part(d, e->parts[i], text);
    if (err != CP_OK && err != CP_ERR_TOO_BIG)
        return err;
    if (err == CP_OK)
        cp_version_id(cp_buf_bytes(text), id);
    if (memcmp(id, e->version, CP_ID_LEN) == 0)
        return CP_OK;
    broken_key(e, key);
    (void)!cp_store_note_set(d->node->store, key, cp_bytes_str("1"));
    return CP_ERR_NOT_FOUND;
}

static bool key_named(const struct cp_members *m, const struct cp_version_person *p)
{
    if (sodium_is_zero(p->key, CP_KEY_LEN))
        return true; /* no key is printed, so nobody can answer in their place */
    return cp_members_key(m, p->person, p->key) != NULL; /* in force or not: pages last longer than keys */
}

static enum cp_err judge_page(struct cp_page *p, const struct cp_desk *d)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_version_read(&p->read, d->mem, cp_buf_bytes(&p->text));
    if (err == CP_ERR_NO_MEMORY)
        return err;
    const struct cp_version *v = &p->read.v;
    p->reproduced = err == CP_OK && cp_desk_is_plan(d, v->plan);
    if (!p->reproduced)
        return CP_OK;
    err = cp_store_members(d->node->store, d->plan, &members);
    if (err != CP_OK)
        return err;
    p->keys_named = true;
    for (size_t i = 0; i < v->must_answer_count; i++)
        p->keys_named = p->keys_named && key_named(members, &v->must_answer[i]);
    for (size_t i = 0; i < v->kept_informed_count; i++)
        p->keys_named = p->keys_named && key_named(members, &v->kept_informed[i]);
    return CP_OK;
}

/* The page of an entry; several entries may hold the same page, and one of them may be broken. */
static enum cp_err open_entry(struct cp_page *p, const struct cp_desk *d, const struct version_entry *e)
{
    *p = (struct cp_page){.time_ms = e->time_ms};
    cp_buf_init(&p->text, d->mem, CP_VERSION_TEXT_MAX);
    p->read.mem = d->mem;
    memcpy(p->id, e->version, CP_ID_LEN);
    memcpy(p->by, e->by, CP_ID_LEN);
    enum cp_err err = join_parts(d, e, &p->text);
    if (err == CP_OK)
        err = judge_page(p, d);
    if (err != CP_OK)
        cp_page_clear(p);
    return err;
}

enum cp_err cp_page_open(struct cp_page *p, const struct cp_desk *d, const uint8_t id[static CP_ID_LEN])
{
    struct version_entries entries;
    *p = (struct cp_page){.time_ms = 0};
    enum cp_err err = entries_load(&entries, d, id);
    if (err == CP_OK && entries.count == 0)
        err = CP_ERR_NOT_FOUND;
    else if (err == CP_OK)
        err = CP_ERR_WORDS_MISSING;
    for (size_t i = 0; err == CP_ERR_WORDS_MISSING && i < entries.count; i++) {
        enum cp_err opened = open_entry(p, d, &entries.list[i]);
        if (opened != CP_ERR_NOT_FOUND)
            err = opened;
    }
    entries_clear(&entries);
    return err;
}

void cp_page_clear(struct cp_page *p)
{
    if (p->read.mem != NULL) {
        cp_version_clear(&p->read);
        cp_buf_clear(&p->text);
    }
    *p = (struct cp_page){.time_ms = 0};
}

bool cp_page_key(const struct cp_page *p, const uint8_t person[static CP_ID_LEN], const uint8_t **key)
{
    const struct cp_version *v = &p->read.v;
    for (size_t i = 0; i < v->must_answer_count; i++)
        if (memcmp(v->must_answer[i].person, person, CP_ID_LEN) == 0) {
            *key = v->must_answer[i].key;
            return true;
        }
    return false;
}

struct cp_bytes cp_page_name(const struct cp_page *p, const struct cp_desk *d, const uint8_t person[static CP_ID_LEN])
{
    const struct cp_version *v = &p->read.v;
    for (size_t i = 0; cp_page_counts(p) && i < v->must_answer_count; i++)
        if (memcmp(v->must_answer[i].person, person, CP_ID_LEN) == 0)
            return v->must_answer[i].name;
    for (size_t i = 0; cp_page_counts(p) && i < v->kept_informed_count; i++)
        if (memcmp(v->kept_informed[i].person, person, CP_ID_LEN) == 0)
            return v->kept_informed[i].name;
    return cp_desk_name(d, person);
}

/* ---- All of them ---- */

struct listing {
    struct cp_pages *pages;
    struct cp_ids parents; /* what pages that count name */
};

static bool listed(const struct cp_pages *p, const uint8_t *id)
{
    for (size_t i = 0; i < p->count; i++)
        if (memcmp(p->rows[i].id, id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err list_one(struct listing *l, const struct cp_desk *d, const struct version_entry *e,
                            struct cp_bytes text)
{
    struct cp_page page;
    if (listed(l->pages, e->version))
        return CP_OK;
    enum cp_err err = open_entry(&page, d, e);
    if (err == CP_ERR_NOT_FOUND)
        return CP_OK;
    if (err != CP_OK)
        return err;
    struct cp_page_row *row = &l->pages->rows[l->pages->count++];
    *row = (struct cp_page_row){.time_ms = page.time_ms,
                                .lamport = e->lamport,
                                .stage = CP_STAGE_COMMENT,
                                .counts = cp_page_counts(&page)};
    memcpy(row->id, page.id, CP_ID_LEN);
    memcpy(row->by, page.by, CP_ID_LEN);
    if (page.reproduced)
        row->stage = page.read.v.stage;
    row->same_words = row->counts && text.len > 0 && cp_version_same_words(cp_buf_bytes(&page.text), text);
    for (size_t i = 0; row->counts && err == CP_OK && i < page.read.v.parents_count; i++)
        err = cp_ids_add(&l->parents, page.read.v.parents[i], row->stage);
    cp_page_clear(&page);
    return err;
}

static bool is_parent(const struct cp_ids *parents, const struct cp_page_row *row)
{
    for (size_t i = 0; i < parents->count; i++)
        if (parents->numbers[i] == (uint64_t)row->stage && memcmp(parents->ids[i], row->id, CP_ID_LEN) == 0)
            return true;
    return false;
}

enum cp_err cp_pages_list(struct cp_pages *p, const struct cp_desk *d, struct cp_bytes text)
{
    struct version_entries entries;
    struct listing l = {.pages = p};
    *p = (struct cp_pages){.mem = d->mem};
    cp_ids_init(&l.parents, d->mem);
    enum cp_err err = entries_load(&entries, d, NULL);
    if (err == CP_OK) {
        p->rows = cp_alloc_array(d->mem, entries.count + 1, sizeof *p->rows);
        err = p->rows == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    }
    for (size_t i = 0; err == CP_OK && i < entries.count; i++)
        err = list_one(&l, d, &entries.list[i], text);
    for (size_t i = 0; err == CP_OK && i < p->count; i++)
        p->rows[i].newest = p->rows[i].counts && !is_parent(&l.parents, &p->rows[i]);
    entries_clear(&entries);
    cp_ids_clear(&l.parents);
    if (err != CP_OK)
        cp_pages_clear(p);
    return err;
}

void cp_pages_clear(struct cp_pages *p)
{
    if (p->mem != NULL)
        cp_free(p->mem, p->rows);
    *p = (struct cp_pages){.mem = p->mem};
}

/* ---- Which one is meant ---- */

enum cp_err cp_request_page(const struct cp_request *r, const struct cp_desk *d, struct cp_page *p)
{
    struct cp_bytes typed = cp_arg(r, "version");
    uint8_t id[CP_ID_LEN] = {0};
    *p = (struct cp_page){.time_ms = 0};
    if (typed.len > 0) {
        enum cp_err err = cp_node_find_version(r->node, r->plan, typed, id);
        return err == CP_OK ? cp_page_open(p, d, id) : err;
    }
    struct cp_pages pages;
    bool found = false;
    enum cp_err err = cp_pages_list(&pages, d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    for (size_t i = 0; i < pages.count; i++) /* of several the last by (lamport, id) */
        if (pages.rows[i].newest && pages.rows[i].stage == CP_STAGE_AGREEMENT) {
            memcpy(id, pages.rows[i].id, CP_ID_LEN);
            found = true;
        }
    cp_pages_clear(&pages);
    return found ? cp_page_open(p, d, id) : CP_ERR_NOT_FOUND;
}
