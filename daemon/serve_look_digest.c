/*
 * coplan digest: equal on two machines exactly when they hold the same entries and show the same state.
 * Owns: the canonical rendering below. Must not: depend on order of arrival, clocks, or how the store keeps things.
 *
 * Hashed in this order, each part with its lengths, one record in memory at a time:
 *   the plan's fields; people by id: standing, key, name, fields; items by id: kind, set aside, edited or closed apart, fields;
 *   views by target: measure, criterion, person, value, whether two stand; columns, notes, receipts, versions with
 *   their parts, answers, each by (lamport, id).
 * A field is: code, language, column's name, number of values, and of each the entry it stands in and the value.
 */
#include <string.h>

#include "daemon/serve_look.h"

struct digesting {
    struct cp_hasher h;
    struct cp_desk d;
    struct cp_buf value;
    enum cp_err err;
};

static void add_fields(struct digesting *g, const struct cp_shown *s)
{
    cp_hash_add_u64(&g->h, s->fields_count);
    for (size_t i = 0; i < s->fields_count; i++) {
        const struct cp_shown_field *f = &s->fields[i];
        cp_hash_add_u64(&g->h, f->field->code);
        cp_hash_add_sized(&g->h, f->lang);
        cp_hash_add_sized(&g->h, f->column);
        cp_hash_add_u64(&g->h, f->count);
        for (size_t j = 0; j < f->count; j++) {
            cp_buf_reset(&g->value);
            cp_put_value(s, &f->values[j], &g->value);
            if (g->err == CP_OK)
                g->err = cp_buf_err(&g->value);
            cp_hash_add(&g->h, s->state.writes[f->values[j].write].id, CP_ID_LEN);
            cp_hash_add_sized(&g->h, cp_buf_bytes(&g->value));
        }
    }
}

static enum cp_err add_record(struct digesting *g, enum cp_record kind, const uint8_t *id)
{
    struct cp_shown s;
    enum cp_err err = cp_shown_load(&s, &g->d, kind, id, false);
    if (err != CP_OK)
        return err;
    cp_hash_add(&g->h, id, CP_ID_LEN);
    cp_hash_add_u64(&g->h, (uint64_t)kind);
    cp_hash_add_u64(&g->h, (s.state.set_aside ? 1U : 0U) | (s.state.edited_apart ? 2U : 0U) |
                               (s.state.closed_apart ? 4U : 0U));
    add_fields(g, &s);
    cp_shown_clear(&s);
    return g->err;
}

static enum cp_err add_people(struct digesting *g)
{
    enum cp_err err = CP_OK;
    cp_hash_add_u64(&g->h, g->d.people_count);
    for (size_t i = 0; err == CP_OK && i < g->d.people_count; i++) {
        const struct cp_named *p = &g->d.people[i];
        if (p->someone)
            continue; /* told with the items */
        cp_hash_add_u64(&g->h, p->stands ? 1 : 0);
        cp_hash_add(&g->h, p->key, CP_KEY_LEN);
        cp_hash_add_sized(&g->h, p->name);
        err = add_record(g, CP_RECORD_PERSON, p->person);
    }
    return err;
}

static enum cp_err add_items(struct digesting *g)
{
    struct cp_ids ids;
    cp_ids_init(&ids, g->d.mem);
    enum cp_err err = cp_ids_of_kind(&ids, g->d.node, g->d.plan, CP_KIND_ITEM);
    cp_ids_sort(&ids);
    cp_hash_add_u64(&g->h, ids.count);
    for (size_t i = 0; err == CP_OK && i < ids.count; i++)
        err = add_record(g, (enum cp_record)ids.numbers[i], ids.ids[i]);
    cp_ids_clear(&ids);
    return err;
}

static void add_view(void *ctx, struct cp_bytes row)
{
    struct digesting *g = ctx;
    cp_hash_add_sized(&g->h, row);
}

/* What is added only is shown as it was written. Words that are not here are said to be so. */
static bool add_entry(void *ctx, const struct cp_entry_info *info)
{
    struct digesting *g = ctx;
    cp_hash_add(&g->h, info->id, CP_ID_LEN);
    cp_hash_add_u64(&g->h, info->newer ? 1 : 0);
    cp_hash_add_u64(&g->h, info->words.ptr == NULL ? 0 : 1);
    cp_hash_add_sized(&g->h, info->frame);
    cp_hash_add_sized(&g->h, info->words);
    return true;
}

static enum cp_err add_added_only(struct digesting *g)
{
    static const enum cp_kind kinds[] = {CP_KIND_COLUMN, CP_KIND_NOTE,    CP_KIND_RECEIPT,
                                         CP_KIND_PART,   CP_KIND_VERSION, CP_KIND_ANSWER, CP_KIND_ATTACHMENT};
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        cp_hash_add_u64(&g->h, (uint64_t)kinds[i]);
        err = cp_store_each(g->d.node->store, g->d.plan, kinds[i], false, add_entry, g);
    }
    return err;
}

static enum cp_err state_digest(struct digesting *g, uint8_t out[static CP_ID_LEN])
{
    cp_hash_init(&g->h, CP_TAG_STATE_DIGEST, CP_ID_LEN);
    cp_hash_add(&g->h, g->d.plan, CP_ID_LEN);
    enum cp_err err = add_record(g, CP_RECORD_PLAN, g->d.plan);
    if (err == CP_OK)
        err = add_people(g);
    if (err == CP_OK)
        err = add_items(g);
    if (err == CP_OK)
        err = cp_all_views(&g->d, add_view, g);
    if (err == CP_OK)
        err = add_added_only(g);
    cp_hash_end(&g->h, out, CP_ID_LEN);
    return err;
}

void cp_serve_digest(struct cp_request *r)
{
    struct digesting g = {.err = CP_OK};
    struct cp_buf out;
    uint8_t log[CP_ID_LEN], state[CP_ID_LEN];
    uint64_t entries = 0;
    cp_buf_init(&g.value, r->node->mem, CP_API_MESSAGE_MAX);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&g.d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_store_log_digest(r->node->store, r->plan, &entries, log);
        if (err == CP_OK)
            err = state_digest(&g, state);
        cp_desk_close(&g.d);
    }
    if (err == CP_OK) {
        cp_api_object(&out, 3);
        cp_api_key(&out, "entries");
        cp_api_int(&out, (int64_t)entries);
        cp_api_key(&out, "log");
        cp_api_hex(&out, log, CP_ID_LEN);
        cp_api_key(&out, "state");
        cp_api_hex(&out, state, CP_ID_LEN);
        cp_reply_buf(r, &out);
    } else {
        cp_reply_error(r, err, NULL, NULL);
    }
    cp_buf_clear(&g.value);
    cp_buf_clear(&out);
}
