/*
 * Carrying on in a new plan, and coming along: continue, follow (docs/api.md); again is serve_again.c's.
 * Owns: whom a continuation is for, and what is written when it begins. Must not: decide who is in (proto/member_follow.c),
 * or copy entries (the store does).
 */
#include "daemon/serve_follow.h"

#include <string.h>

#include "daemon/log.h"
#include "daemon/serve_devices.h"
#include "daemon/taken_back.h"
#include "daemon/view.h"

static bool has_id(const uint8_t (*ids)[CP_ID_LEN], size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* ---- What both answer ---- */

static enum cp_err put_people(struct cp_request *r, struct cp_buf *out)
{
    const struct cp_members *m = NULL;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &m);
    cp_api_key(out, "people");
    cp_api_list(out, err == CP_OK ? m->named_count : 0);
    for (size_t i = 0; err == CP_OK && i < m->named_count; i++) {
        struct cp_member_named named = m->named[i];
        bool came = cp_members_came(m, &named);
        struct cp_buf name;
        cp_buf_init(&name, r->node->mem, CP_TEXT_MAX);
        err = cp_node_name(r->node, r->plan, named.person, &name);
        cp_api_object(out, 3);
        cp_api_key(out, "person");
        cp_api_hex(out, named.person, CP_ID_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, cp_buf_bytes(&name));
        cp_api_key(out, "follows");
        cp_api_bool(out, came);
        cp_buf_clear(&name);
        if (err == CP_ERR_NOT_FOUND) /* the first entry names somebody of whom nothing is held */
            err = CP_OK;
        if (err == CP_OK)
            err = cp_store_members(r->node->store, r->plan, &m);
    }
    return err;
}

/* ---- continue ---- */

struct carrying {
    struct cp_request *r;
    const struct cp_members *members; /* of the old plan */
    uint8_t old[CP_ID_LEN];
    uint8_t (*people)[CP_ID_LEN];
    size_t people_count;
    uint8_t (*without)[CP_ID_LEN];
    size_t without_count;
    uint8_t (*heads)[CP_ID_LEN];
    size_t heads_count;
    uint8_t plans[CP_LINEAGE_MAX][CP_ID_LEN];
    size_t plans_count;
    struct cp_bytes about; /* who is not found; of the request */
    enum cp_err err;
};

static void carrying_clear(struct carrying *c)
{
    const struct cp_mem *mem = c->r->node->mem;
    cp_free(mem, c->people);
    cp_free(mem, c->without);
    cp_free(mem, c->heads);
    cp_free(mem, c);
}

static enum cp_err find_without(struct carrying *c)
{
    struct cp_request *r = c->r;
    const uint8_t *own = cp_keeper_person(r->node->keeper, r->person)->person;
    struct cp_api_value list = {.type = CP_API_NULL}, one;
    struct cp_bytes key;
    struct cp_api_iter it;
    if (!cp_api_member(&r->with, "without", &list) || list.type != CP_API_LIST)
        return CP_OK;
    c->without = cp_alloc_array(r->node->mem, list.count + 1, CP_ID_LEN);
    enum cp_err err = c->without == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    cp_api_iter_init(&it, &list);
    while (err == CP_OK && cp_api_next(&it, &key, &one)) {
        uint8_t *person = c->without[c->without_count];
        if (one.type != CP_API_TEXT)
            return CP_ERR_USAGE;
        c->about = one.text;
        err = cp_node_find_person(r->node, r->plan, one.text, person);
        if (err == CP_OK && memcmp(person, own, CP_ID_LEN) == 0)
            err = CP_ERR_USAGE; /* whoever carries on is part of it */
        if (err == CP_OK)
            c->without_count++;
    }
    if (err == CP_OK)
        c->about = CP_BYTES(NULL, 0);
    return err;
}

static bool is_left_out(const struct carrying *c, const uint8_t *person)
{
    return has_id((const uint8_t(*)[CP_ID_LEN])c->without, c->without_count, person);
}

/* Everybody who is in, but those who are to be left out; these must have been in. */
static enum cp_err find_people(struct carrying *c)
{
    const struct cp_members *m = c->members;
    size_t left_out = 0;
    c->people = cp_alloc_array(c->r->node->mem, m->count + 1, CP_ID_LEN);
    if (c->people == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < m->count; i++)
        if (cp_member_speaks(&m->devices[i]))
            memcpy(c->people[c->people_count++], m->devices[i].person, CP_ID_LEN);
    c->people_count = cp_id_sort_once(c->people, c->people_count);
    for (size_t i = 0; i < c->without_count; i++)
        if (!has_id((const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, c->without[i]))
            return CP_ERR_NOT_FOUND;
    for (size_t i = 0; i < c->people_count; i++) {
        if (is_left_out(c, c->people[i]))
            left_out++;
        else if (left_out > 0)
            memcpy(c->people[i - left_out], c->people[i], CP_ID_LEN);
    }
    c->people_count -= left_out;
    return CP_OK;
}

static enum cp_err find_heads(struct carrying *c)
{
    struct cp_store *store = c->r->node->store;
    const struct cp_mem *mem = c->r->node->mem;
    uint8_t(*ids[2])[CP_ID_LEN] = {NULL, NULL};
    size_t count[2] = {0, 0};
    enum cp_err err = cp_store_heads(store, c->old, CP_CONTROL, &ids[0], &count[0]);
    if (err == CP_OK)
        err = cp_store_heads(store, c->old, CP_CONTENT, &ids[1], &count[1]);
    if (err == CP_OK)
        c->heads = cp_alloc_array(mem, count[0] + count[1] + 1, CP_ID_LEN);
    if (err == CP_OK && c->heads == NULL)
        err = CP_ERR_NO_MEMORY;
    for (int k = 0; k < 2 && err == CP_OK; k++)
        for (size_t i = 0; i < count[k]; i++)
            memcpy(c->heads[c->heads_count++], ids[k][i], CP_ID_LEN);
    c->heads_count = cp_id_sort_once(c->heads, c->heads_count);
    cp_free(mem, ids[0]);
    cp_free(mem, ids[1]);
    return err;
}

/* The old plan, the one that it carried on, and so on. */
static enum cp_err find_line(struct carrying *c)
{
    enum cp_err err = CP_OK;
    for (unsigned depth = 0; err == CP_OK; depth++) {
        uint8_t plan[CP_ID_LEN];
        err = cp_store_origin(c->r->node->store, c->old, depth, plan);
        if (err == CP_OK && depth == CP_LINEAGE_MAX)
            return CP_ERR_TOO_BIG;
        if (err == CP_OK)
            memcpy(c->plans[c->plans_count++], plan, CP_ID_LEN);
    }
    return err == CP_ERR_WRONG_PLAN ? CP_OK : err;
}

/* Secret, ADMIT and FOLLOW: control entries of the new plan, in the transaction that begins it. */
static enum cp_err append(struct cp_request *r, struct cp_buf *frame)
{
    struct cp_signer signer = cp_node_signer(r->node);
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_buf_err(frame);
    return err != CP_OK ? err
                        : cp_store_append(r->node->store, &signer, r->plan, cp_request_device(r), CP_CONTROL,
                                          cp_buf_bytes(frame), CP_BYTES(NULL, 0), cp_node_time_ms(), id);
}

static enum cp_err append_secret(struct cp_request *r)
{
    uint8_t secret[CP_KEY_LEN];
    struct cp_buf frame;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    randombytes_buf(secret, sizeof secret);
    cp_secret_write(secret, &frame);
    enum cp_err err = append(r, &frame);
    sodium_memzero(secret, sizeof secret);
    if (frame.ptr != NULL)
        sodium_memzero(frame.ptr, frame.len);
    cp_buf_clear(&frame);
    return err;
}

static enum cp_err sign_follow(struct cp_request *r, const uint8_t *old, struct cp_buf *frame)
{
    struct cp_buf text;
    uint8_t sig[CP_SIG_LEN], ids[1][CP_ID_LEN];
    cp_buf_init(&text, r->node->mem, CP_STATEMENT_MAX);
    memcpy(ids[0], r->plan, CP_ID_LEN);
    enum cp_err err = cp_keeper_follow(r->node->keeper, r->person, r->seal, r->plan, old, &text, sig);
    if (err == CP_OK)
        cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])ids, 1, cp_buf_bytes(&text), sig, frame);
    cp_buf_clear(&text);
    return err != CP_OK ? err : cp_buf_err(frame);
}

static bool join_ended(const struct cp_members *m, const struct cp_join *join)
{
    uint8_t id[CP_ID_LEN];
    cp_statement_id(join->text, id);
    for (size_t i = 0; i < m->joins_count; i++)
        if (memcmp(m->joins[i].person, join->person, CP_ID_LEN) == 0 && memcmp(m->joins[i].join, id, CP_ID_LEN) == 0)
            return m->joins[i].ended;
    return true;
}

/* The JOINs of those it is for, as they were let in; written down first, since writing moves what is read. */
struct admissions {
    struct carrying *c;
    struct cp_buf frames; /* one behind the other */
    size_t *ends;
    size_t count, cap;
};

static bool add_admission(void *ctx, const struct cp_entry_info *info)
{
    struct admissions *a = ctx;
    struct carrying *c = a->c;
    struct cp_control control;
    void *ends = a->ends;
    if (info->is_void || (info->kind != CP_KIND_ADMIT && info->kind != CP_KIND_FIRST))
        return true;
    cp_control_read(info->frame, &control);
    if (!control.known || control.continues)
        return true;
    const struct cp_member_device *d = cp_members_find(c->members, control.join.device_key);
    if (d == NULL || !cp_member_speaks(d) || memcmp(d->person, control.join.person, CP_ID_LEN) != 0 ||
        !has_id((const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, d->person) ||
        join_ended(c->members, &control.join))
        return true;
    struct cp_buf join;
    cp_buf_init(&join, c->r->node->mem, CP_JOIN_MAX);
    cp_join_write(&control.join, &join);
    c->err = cp_buf_err(&join);
    if (c->err == CP_OK)
        c->err = cp_grow(c->r->node->mem, &ends, &a->cap, a->count + 1, SIZE_MAX / 64, sizeof *a->ends);
    a->ends = ends;
    if (c->err == CP_OK) {
        cp_admit_write(info->kind == CP_KIND_FIRST ? info->id : control.invite, cp_buf_bytes(&join), &a->frames);
        a->ends[a->count++] = a->frames.len;
        c->err = cp_buf_err(&a->frames);
    }
    cp_buf_clear(&join);
    return c->err == CP_OK;
}

/* Is this ADMIT the same as one before? A device may have been let in twice by one JOIN. */
static bool is_again(const struct admissions *a, size_t i)
{
    size_t from = i == 0 ? 0 : a->ends[i - 1];
    struct cp_bytes frame = CP_BYTES(a->frames.ptr + from, a->ends[i] - from);
    for (size_t k = 0; k < i; k++) {
        size_t at = k == 0 ? 0 : a->ends[k - 1];
        if (cp_bytes_eq(CP_BYTES(a->frames.ptr + at, a->ends[k] - at), frame))
            return true;
    }
    return false;
}

static enum cp_err find_admissions(struct admissions *a)
{
    struct cp_store *store = a->c->r->node->store;
    enum cp_err err = cp_store_each(store, a->c->old, CP_KIND_FIRST, false, add_admission, a);
    if (err == CP_OK && a->c->err == CP_OK)
        err = cp_store_each(store, a->c->old, CP_KIND_ADMIT, false, add_admission, a);
    return err != CP_OK ? err : a->c->err;
}

static enum cp_err append_admissions(struct admissions *a)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < a->count && err == CP_OK; i++) {
        size_t from = i == 0 ? 0 : a->ends[i - 1];
        struct cp_buf frame;
        if (is_again(a, i))
            continue;
        cp_buf_init(&frame, a->c->r->node->mem, CP_ENTRY_MAX);
        cp_buf_put(&frame, a->frames.ptr + from, a->ends[i] - from);
        err = append(a->c->r, &frame);
        cp_buf_clear(&frame);
    }
    return err;
}

static enum cp_err begin_plan(struct carrying *c, struct admissions *a)
{
    struct cp_request *r = c->r;
    struct cp_signer signer = cp_node_signer(r->node);
    struct cp_buf first, follow;
    cp_buf_init(&first, r->node->mem, CP_ENTRY_MAX);
    cp_buf_init(&follow, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_continue_write((const uint8_t(*)[CP_ID_LEN])c->plans, c->plans_count,
                                        (const uint8_t(*)[CP_ID_LEN])c->heads, c->heads_count,
                                        (const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, &first);
    if (err == CP_OK)
        err = cp_store_continue(r->node->store, &signer, cp_request_device(r), c->old, cp_buf_bytes(&first),
                                cp_node_time_ms(), r->plan);
    if (err == CP_OK)
        err = append_secret(r);
    if (err == CP_OK)
        err = append_admissions(a);
    if (err == CP_OK)
        err = sign_follow(r, c->old, &follow);
    if (err == CP_OK)
        err = append(r, &follow);
    cp_buf_clear(&first);
    cp_buf_clear(&follow);
    return err;
}

static enum cp_err carry_on(struct carrying *c)
{
    struct cp_request *r = c->r;
    struct admissions a = {.c = c};
    cp_buf_init(&a.frames, r->node->mem, SIZE_MAX / 2);
    memcpy(c->old, r->plan, CP_ID_LEN);
    enum cp_err err = cp_node_may_write(r);
    if (err == CP_OK)
        err = find_without(c);
    if (err == CP_OK)
        err = cp_store_members(r->node->store, c->old, &c->members);
    const struct cp_member_device *own = err == CP_OK ? cp_members_find(c->members, cp_request_device(r)) : NULL;
    if (err == CP_OK && (own == NULL || !cp_member_speaks(own)))
        err = own != NULL && own->left ? CP_ERR_LEFT : CP_ERR_NOT_YET;
    if (err == CP_OK)
        err = find_people(c);
    if (err == CP_OK)
        err = find_heads(c);
    if (err == CP_OK)
        err = find_line(c);
    if (err == CP_OK)
        err = find_admissions(&a);
    if (err == CP_OK)
        err = cp_own_begin(r);
    if (err == CP_OK)
        err = cp_own_end(r, begin_plan(c, &a));
    cp_free(r->node->mem, a.ends);
    cp_buf_clear(&a.frames);
    return err;
}

static void serve_continue(struct cp_request *r)
{
    struct carrying *c = cp_alloc(r->node->mem, sizeof *c);
    struct cp_buf out;
    if (c == NULL) {
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    *c = (struct carrying){.r = r};
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = carry_on(c);
    if (err == CP_OK) {
        cp_log(CP_LOG_INFO, "continued", "people=%zu heads=%zu", c->people_count, c->heads_count);
        cp_api_object(&out, 3);
        cp_api_key(&out, "plan");
        cp_api_hex(&out, r->plan, CP_ID_LEN);
        cp_api_key(&out, "continues");
        cp_api_hex(&out, c->old, CP_ID_LEN);
        err = put_people(r, &out);
    }
    struct cp_bytes about = c->about;
    carrying_clear(c); /* before the answer: after it the request is gone */
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else if (about.len > 0)
        cp_reply_about(r, err, about);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}

/* ---- follow ---- */

static enum cp_err follow(struct cp_request *r, const uint8_t *old, bool *again, size_t *lost)
{
    const struct cp_members *m = NULL;
    struct cp_buf frame;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_store_members(r->node->store, r->plan, &m);
    if (err != CP_OK)
        return err;
    const struct cp_member_named *named =
        cp_members_named(m, cp_keeper_person(r->node->keeper, r->person)->person);
    const struct cp_member_device *d = cp_members_find(m, cp_request_device(r));
    if (named == NULL)
        return CP_ERR_NOT_NAMED;
    if (d == NULL || !cp_member_is_in(d))
        return d != NULL && d->revoked ? CP_ERR_REPORTED_LOST : d != NULL && d->left ? CP_ERR_LEFT : CP_ERR_NOT_YET;
    *again = named->follows;
    err = cp_serve_lost_since(r, old, lost);
    if (err != CP_OK || *again)
        return err;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    err = sign_follow(r, old, &frame);
    if (err == CP_OK)
        err = cp_node_write_statement(r, cp_buf_bytes(&frame), id);
    cp_buf_clear(&frame);
    return err == CP_OK && *lost > 0 ? cp_serve_new_secret(r, id) : err; /* one that was let in knows the others */
}

static enum cp_err leave_old(struct cp_request *r, const uint8_t *old)
{
    enum cp_err err = cp_store_hush(r->node->store, old, true);
    if (err == CP_OK)
        cp_node_news(r->node, r->plan); /* sessions that are open end their part in it */
    return err == CP_ERR_NO_PLAN ? CP_OK : err;
}

static enum cp_err come_along(struct cp_request *r, uint8_t *old, bool *again, size_t *withdrawn, size_t *lost)
{
    struct cp_continuation from;
    struct cp_buf frame;
    bool continues = false;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_store_continued_from(r->node->store, r->plan, &frame, &from, &continues);
    if (err == CP_OK && !continues) {
        uint8_t before[CP_ID_LEN];
        err = cp_store_origin(r->node->store, r->plan, 1, before) == CP_OK ? CP_ERR_NOT_YET : CP_ERR_NO_CONTINUATION;
    }
    if (err == CP_OK) {
        memcpy(old, cp_id_list_at(&from.plans, 0), CP_ID_LEN);
        err = follow(r, old, again, lost);
    }
    if (err == CP_OK) /* whose words were taken back after the heads: said here too, before anybody shows them again */
        err = cp_taken_back_now(r->node, r->plan, withdrawn);
    if (err == CP_OK && cp_api_member_true(&r->with, "leave_old"))
        err = leave_old(r, old);
    cp_buf_clear(&frame);
    return err;
}

static void serve_follow(struct cp_request *r)
{
    struct cp_buf out;
    uint8_t old[CP_ID_LEN] = {0};
    bool again = false, hushed = false;
    size_t withdrawn = 0, beyond = 0, lost = 0;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = come_along(r, old, &again, &withdrawn, &lost);
    if (err == CP_OK)
        err = cp_store_hushed(r->node->store, old, &hushed);
    if (err == CP_OK)
        err = cp_again_count(r, &beyond);
    if (err == CP_OK) {
        cp_log(CP_LOG_INFO, "followed", "again=%d left_old=%d withdrawn=%zu lost=%zu", again, hushed, withdrawn, lost);
        cp_api_object(&out, 8);
        cp_api_key(&out, "plan");
        cp_api_hex(&out, r->plan, CP_ID_LEN);
        cp_api_key(&out, "continues");
        cp_api_hex(&out, old, CP_ID_LEN);
        cp_api_key(&out, "again");
        cp_api_bool(&out, again);
        cp_api_key(&out, "left_old");
        cp_api_bool(&out, hushed);
        cp_api_key(&out, "withdrawn");
        cp_api_int(&out, (int64_t)withdrawn);
        cp_api_key(&out, "lost");
        cp_api_int(&out, (int64_t)lost);
        cp_api_key(&out, "beyond");
        cp_api_int(&out, (int64_t)beyond);
        err = put_people(r, &out);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_follow[] = {
    {"continue", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, serve_continue},
    {"follow", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, serve_follow},
    {"again", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_again},
    {NULL, 0, NULL},
};
