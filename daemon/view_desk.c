/* The columns and people of a plan, and what an id that somebody typed is. Owns: nothing lasting. */
#include <stdlib.h>
#include <string.h>

#include "daemon/view.h"
#include "proto/utf8.h"

static enum cp_err own_copy(const struct cp_mem *mem, struct cp_bytes b, void **own, struct cp_bytes *out)
{
    *own = cp_dup(mem, b);
    *out = CP_BYTES(*own, b.len);
    return *own == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

enum cp_err cp_desk_add_column(struct cp_desk *d, const uint8_t id[static CP_ID_LEN], struct cp_bytes name,
                               uint16_t field)
{
    void *array = d->columns;
    enum cp_err err =
        cp_grow(d->mem, &array, &d->columns_cap, d->columns_count + 1, SIZE_MAX, sizeof *d->columns);
    if (err != CP_OK)
        return err;
    d->columns = array;
    struct cp_column *c = &d->columns[d->columns_count];
    memcpy(c->id, id, CP_ID_LEN);
    c->field = field;
    err = own_copy(d->mem, name, &c->own, &c->name);
    d->columns_count += err == CP_OK ? 1 : 0;
    return err;
}

struct columns {
    struct cp_desk *desk;
    enum cp_err err;
};

static bool read_column(void *ctx, const struct cp_entry_info *info)
{
    struct columns *c = ctx;
    struct cp_frame f;
    struct cp_value name;
    size_t count = 0;
    if (info->newer || info->words.ptr == NULL || cp_frame_read(info->frame, info->words, &f) != CP_OK ||
        cp_words_values(info->words, &name, 1, &count) != CP_OK || count != 1 || name.type != CP_VALUE_TEXT ||
        name.bytes.len == 0 || name.bytes.len > CP_TEXT_MAX)
        return true;
    c->err = cp_desk_add_column(c->desk, info->id, name.bytes, (uint16_t)f.subkind);
    return c->err == CP_OK;
}

/* The person's key in force. Where two KEYs were made apart none is, and none is better than one that may be a thief's. */
static void copy_key(const struct cp_members *all, const struct cp_member_device *m, uint8_t out[static CP_KEY_LEN])
{
    const struct cp_member_key *k = cp_members_key(all, m->person, m->identity_key);
    if (k != NULL && k->in_force)
        memcpy(out, m->identity_key, CP_KEY_LEN);
}

static enum cp_err add_person(struct cp_desk *d, const struct cp_members *all, const struct cp_member_device *m)
{
    for (size_t i = 0; i < d->people_count; i++)
        if (memcmp(d->people[i].person, m->person, CP_ID_LEN) == 0) {
            d->people[i].stands = d->people[i].stands || cp_member_speaks(m);
            d->people[i].left = (d->people[i].left || m->left) && !d->people[i].stands;
            return CP_OK;
        }
    void *array = d->people;
    enum cp_err err =
        cp_grow(d->mem, &array, &d->people_cap, d->people_count + 1, SIZE_MAX, sizeof *d->people);
    if (err != CP_OK)
        return err;
    d->people = array;
    struct cp_named *p = &d->people[d->people_count++];
    *p = (struct cp_named){.stands = cp_member_speaks(m), .left = m->left && !cp_member_speaks(m)};
    memcpy(p->person, m->person, CP_ID_LEN);
    copy_key(all, m, p->key);
    return CP_OK;
}

struct someones {
    struct cp_desk *desk;
    enum cp_err err;
};

static bool add_someone(void *ctx, const struct cp_someone *who)
{
    struct someones *s = ctx;
    struct cp_desk *d = s->desk;
    void *array = d->people;
    s->err = cp_grow(d->mem, &array, &d->people_cap, d->people_count + 1, SIZE_MAX, sizeof *d->people);
    if (s->err != CP_OK)
        return false;
    d->people = array;
    struct cp_named *p = &d->people[d->people_count++];
    *p = (struct cp_named){.someone = true, .aside = who->aside};
    memcpy(p->person, who->id, CP_ID_LEN);
    s->err = own_copy(d->mem, who->name, &p->own, &p->name);
    return s->err == CP_OK;
}

static int by_person(const void *a, const void *b)
{
    return memcmp(((const struct cp_named *)a)->person, ((const struct cp_named *)b)->person, CP_ID_LEN);
}

static enum cp_err read_people(struct cp_desk *d)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(d->node->store, d->plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->count; i++)
        err = add_person(d, members, &members->devices[i]);
    struct someones s = {.desk = d};
    if (err == CP_OK)
        err = cp_node_someones(d->node, d->plan, add_someone, &s);
    err = err == CP_OK ? s.err : err;
    if (d->people_count > 0)
        qsort(d->people, d->people_count, sizeof *d->people, by_person);
    for (size_t i = 0; err == CP_OK && i < d->people_count; i++) {
        struct cp_buf name;
        if (d->people[i].someone)
            continue;
        cp_buf_init(&name, d->mem, CP_ENTRY_MAX);
        err = cp_node_name(d->node, d->plan, d->people[i].person, &name);
        if (err == CP_OK)
            err = cp_buf_err(&name);
        if (err == CP_OK)
            err = own_copy(d->mem, cp_buf_bytes(&name), &d->people[i].own, &d->people[i].name);
        cp_buf_clear(&name);
    }
    return err;
}

enum cp_err cp_desk_open(struct cp_desk *d, struct cp_node *node, const uint8_t plan[static CP_ID_LEN])
{
    *d = (struct cp_desk){.node = node, .plan = plan, .mem = node->mem};
    struct columns c = {.desk = d};
    enum cp_err err = cp_store_each(node->store, plan, CP_KIND_COLUMN, false, read_column, &c);
    if (err == CP_OK)
        err = c.err;
    if (err == CP_OK)
        err = read_people(d);
    if (err != CP_OK)
        cp_desk_close(d);
    return err;
}

bool cp_desk_is_plan(const struct cp_desk *d, const uint8_t id[static CP_ID_LEN])
{
    uint8_t plan[CP_ID_LEN];
    for (unsigned depth = 0; cp_store_origin(d->node->store, d->plan, depth, plan) == CP_OK; depth++)
        if (memcmp(plan, id, CP_ID_LEN) == 0)
            return true;
    return false;
}

void cp_desk_close(struct cp_desk *d)
{
    for (size_t i = 0; i < d->columns_count; i++)
        cp_free(d->mem, d->columns[i].own);
    for (size_t i = 0; i < d->people_count; i++)
        cp_free(d->mem, d->people[i].own);
    cp_free(d->mem, d->columns);
    cp_free(d->mem, d->people);
    *d = (struct cp_desk){.mem = d->mem};
}

const struct cp_column *cp_desk_column(const struct cp_desk *d, struct cp_bytes name, uint16_t field)
{
    for (size_t i = 0; i < d->columns_count; i++)
        if (cp_bytes_eq(d->columns[i].name, name) && (field == UINT16_MAX || d->columns[i].field == field))
            return &d->columns[i];
    return NULL;
}

const struct cp_named *cp_desk_person(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN])
{
    struct cp_named key = {.stands = false};
    memcpy(key.person, person, CP_ID_LEN);
    return d->people_count == 0 ? NULL
                                : bsearch(&key, d->people, d->people_count, sizeof *d->people, by_person);
}

bool cp_desk_tells(const struct cp_desk *d, const struct cp_entry_info *info)
{
    const struct cp_keeper *k = d->node->keeper;
    bool told = !info->is_void;
    for (size_t i = 0; i < cp_keeper_count(k) && !told; i++)
        told = memcmp(cp_keeper_person(k, i)->person, info->person, CP_ID_LEN) == 0;
    return told;
}

struct cp_bytes cp_desk_name(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN])
{
    const struct cp_named *p = cp_desk_person(d, person);
    return p == NULL ? CP_BYTES(NULL, 0) : p->name;
}

/* ---- What was typed ---- */

struct cp_bytes cp_arg(const struct cp_request *r, const char *key)
{
    return cp_api_member_text(&r->with, key, CP_BYTES(NULL, 0));
}

struct cp_bytes cp_arg_said(const struct cp_request *r, const char *key)
{
    return cp_utf8_said(cp_arg(r, key));
}

static enum cp_err judge_entry(const struct cp_request *r, struct cp_target *out)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, out->id, &l);
    if (err != CP_OK)
        return err;
    out->entry_kind = l.info[0].kind;
    bool plan = memcmp(out->id, r->plan, CP_ID_LEN) == 0; /* the plan's id is its first entry's */
    out->kind = plan ? CP_RECORD_PLAN : CP_RECORD_COUNT;
    if (l.writes_count == 1) {
        const struct cp_frame *f = l.writes[0].frame;
        if (f->kind == CP_KIND_ITEM)
            out->kind = (enum cp_record)f->subkind;
        if (f->kind == CP_KIND_NOTE)
            out->kind = CP_RECORD_NOTE;
        if (f->kind == CP_KIND_VIEW)
            out->kind = CP_RECORD_VIEW;
        if (f->kind == CP_KIND_VERSION && f->refs_count > 0) {
            memcpy(out->id, cp_frame_ref(f, 0), CP_ID_LEN);
            out->version = true;
        }
    }
    cp_loaded_clear(&l);
    return CP_OK;
}

enum cp_err cp_target_find(const struct cp_request *r, struct cp_bytes typed, struct cp_target *out)
{
    *out = (struct cp_target){.kind = CP_RECORD_COUNT};
    if (cp_bytes_eq(typed, cp_bytes_str("plan"))) {
        out->kind = CP_RECORD_PLAN;
        memcpy(out->id, r->plan, CP_ID_LEN);
        return CP_OK;
    }
    if (cp_bytes_eq(typed, cp_bytes_str("me"))) {
        out->kind = CP_RECORD_PERSON;
        memcpy(out->id, cp_keeper_person(r->node->keeper, r->person)->person, CP_ID_LEN);
        return CP_OK;
    }
    enum cp_err first = cp_node_find_entry(r->node, r->plan, typed, out->id);
    if (first == CP_OK)
        return judge_entry(r, out);
    if (first != CP_ERR_NOT_FOUND && first != CP_ERR_USAGE)
        return first;
    enum cp_err err = cp_node_find_person(r->node, r->plan, typed, out->id);
    if (err == CP_OK) {
        out->kind = CP_RECORD_PERSON;
        return CP_OK;
    }
    if (err != CP_ERR_NOT_FOUND && err != CP_ERR_USAGE)
        return err;
    err = cp_node_find_version(r->node, r->plan, typed, out->id);
    out->version = err == CP_OK;
    return err == CP_ERR_USAGE ? first : err;
}

/* ---- Own entries ---- */

enum cp_err cp_own_begin(struct cp_request *r)
{
    /* Of a plan that only begins now nothing is known, and who has not followed is told so by writing. */
    bool lost = cp_node_may_write(r) == CP_ERR_REPORTED_LOST;
    return lost ? CP_ERR_REPORTED_LOST : cp_store_begin(r->node->store);
}

enum cp_err cp_own_end(struct cp_request *r, enum cp_err err)
{
    if (err == CP_OK)
        err = cp_store_commit(r->node->store);
    if (err != CP_OK) {
        cp_store_rollback(r->node->store);
        return err;
    }
    r->wrote = true;
    cp_node_news(r->node, r->plan);
    return CP_OK;
}

enum cp_err cp_own_append(struct cp_request *r, const struct cp_draft *draft, uint8_t id[static CP_ID_LEN])
{
    struct cp_buf frame, words;
    uint8_t salt[CP_SALT_LEN];
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    cp_buf_init(&words, r->node->mem, CP_ENTRY_MAX);
    randombytes_buf(salt, sizeof salt);
    enum cp_err err = cp_draft_write(draft, salt, &frame, &words);
    if (err == CP_OK) {
        struct cp_signer signer = cp_node_signer(r->node);
        err = cp_store_append(r->node->store, &signer, r->plan, cp_request_device(r), CP_CONTENT,
                              cp_buf_bytes(&frame), cp_buf_bytes(&words), cp_node_time_ms(), id);
    }
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    return err;
}
