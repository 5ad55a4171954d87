/*
 * Taking one's own words back: withdraw-words. Owns: whose words may go, from which plans, and what is said when they may not.
 * Must not: erase (the store does, for whoever takes the WITHDRAW in), or sign (the keeper does).
 */
#include <string.h>

#include "daemon/serve_plan.h"
#include "daemon/taken_back.h"

/* Own words, of an entry that may lose them. *again: they are gone already. */
static enum cp_err judge(const struct cp_request *r, const uint8_t *id, bool *again)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, id, &l);
    if (err != CP_OK)
        return err;
    const struct cp_entry_info *info = &l.info[0];
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    *again = info->withdrawn;
    if (info->class == CP_CONTROL)
        err = CP_ERR_NO_WORDS;
    else if (!cp_withdraw_kind(info->kind))
        err = CP_ERR_FROZEN;
    else if (memcmp(info->person, own->person, CP_ID_LEN) != 0)
        err = CP_ERR_NOT_AUTHOR;
    else if (info->words.ptr != NULL && info->words.len == 0)
        err = CP_ERR_NO_WORDS;
    cp_loaded_clear(&l);
    return err;
}

/* A page's id is no entry, but people see it as one. */
static enum cp_err find(const struct cp_request *r, struct cp_bytes typed, uint8_t id[static CP_ID_LEN])
{
    uint8_t version[CP_ID_LEN];
    enum cp_err err = cp_node_find_entry(r->node, r->plan, typed, id);
    if (err == CP_ERR_NOT_FOUND && cp_node_find_version(r->node, r->plan, typed, version) == CP_OK)
        return CP_ERR_FROZEN;
    return err;
}

/* ---- The same words in other entries ---- */

/* Whoever keeps one of two wordings writes it again in their own name; only they can take that one back. */
static const struct cp_op *same_words(const struct cp_frame *of, const struct cp_frame *other)
{
    for (size_t i = 0; i < of->ops_count; i++) {
        const struct cp_op *a = &of->ops[i];
        const struct cp_field *f = cp_field_by_code(a->field);
        if (f == NULL || (f->type != CP_TYPE_TEXT && f->type != CP_TYPE_COLUMN && f->type != CP_TYPE_LINE) ||
            a->value.type != CP_VALUE_TEXT || a->value.bytes.len == 0)
            continue;
        for (size_t k = 0; k < other->ops_count; k++) {
            const struct cp_op *b = &other->ops[k];
            if (b->field == a->field && b->value.type == CP_VALUE_TEXT && cp_bytes_eq(b->value.bytes, a->value.bytes))
                return b;
        }
    }
    return NULL;
}

/* Appends a row for each entry of the same record that says the same in the same field. */
static size_t put_same(const struct cp_desk *d, const struct cp_shown *s, const uint8_t *id, struct cp_buf *out)
{
    const struct cp_write *of = NULL;
    size_t count = 0;
    for (size_t i = 0; i < s->writes_count; i++)
        of = memcmp(s->writes[i].id, id, CP_ID_LEN) == 0 ? &s->writes[i] : of;
    for (size_t i = 0; of != NULL && i < s->writes_count; i++) {
        const struct cp_write *w = &s->writes[i];
        const struct cp_op *op = w == of || w->is_void || w->withdrawn ? NULL : same_words(of->frame, w->frame);
        if (op == NULL)
            continue;
        count++;
        cp_api_object(out, 4);
        cp_api_key(out, "entry");
        cp_api_hex(out, w->id, CP_ID_LEN);
        cp_api_key(out, "by");
        cp_api_hex(out, w->person, CP_ID_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, cp_desk_name(d, w->person));
        cp_api_key(out, "field");
        cp_api_cstr(out, cp_field_by_code(op->field)->name);
    }
    return count;
}

/* Of a thing, the plan or a person; of anything else (a note, a view) there are no two of the same. */
static enum cp_err find_same(const struct cp_request *r, const uint8_t *id, struct cp_buf *out, size_t *count)
{
    struct cp_desk d;
    struct cp_loaded l;
    struct cp_shown s;
    struct cp_frame f;
    struct cp_target t = {.kind = CP_RECORD_COUNT};
    enum cp_err err = cp_store_entry(r->node->store, r->plan, id, &l);
    *count = 0;
    if (err != CP_OK)
        return err;
    bool known = cp_frame_read(l.info[0].frame, l.info[0].words, &f) == CP_OK;
    if (known && f.kind == CP_KIND_ITEM) {
        t.kind = (enum cp_record)f.subkind;
        memcpy(t.id, id, CP_ID_LEN);
    } else if (known && f.kind == CP_KIND_PLAN) {
        t.kind = CP_RECORD_PLAN;
        memcpy(t.id, r->plan, CP_ID_LEN);
    } else if (known && (f.kind == CP_KIND_SET || f.kind == CP_KIND_PERSON)) {
        memcpy(t.id, cp_frame_target(&f), CP_ID_LEN);
        t.kind = CP_RECORD_PERSON;
        if (f.kind == CP_KIND_SET)
            err = cp_item_kind(r->node, r->plan, t.id, &t.kind);
    }
    cp_loaded_clear(&l);
    if (err != CP_OK || t.kind == CP_RECORD_COUNT)
        return err == CP_ERR_NOT_FOUND ? CP_OK : err;
    err = cp_desk_open(&d, r->node, r->plan);
    if (err != CP_OK)
        return err;
    err = cp_shown_load(&s, &d, t.kind, t.id, true);
    if (err == CP_OK) {
        *count = put_same(&d, &s, id, out);
        err = cp_buf_err(out);
        cp_shown_clear(&s);
    }
    cp_desk_close(&d);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

/* ---- In every plan that has the entry ---- */

/* One other plan of this home that has the entry, and what became of it there. */
struct place {
    uint8_t plan[CP_ID_LEN];
    uint8_t by[CP_ID_LEN]; /* the WITHDRAW written there */
    enum cp_err err;
};

struct places {
    struct place *list;
    size_t count;
};

/* Does this plan have the entry, and its words or their place? A plan that cannot be looked at now is one of them: the
 * person is told that nothing was done there. */
static enum cp_err has_it(struct cp_store *s, const uint8_t *plan, const uint8_t *id, bool *yes)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(s, plan, id, &l);
    *yes = err != CP_ERR_NOT_FOUND;
    if (err != CP_OK)
        return err == CP_ERR_NOT_FOUND ? CP_OK : err;
    *yes = !l.info[0].withdrawn;
    cp_loaded_clear(&l);
    return CP_OK;
}

static enum cp_err find_places(const struct cp_request *r, const uint8_t *id, struct places *out)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    if (err == CP_OK)
        out->list = cp_alloc_array(r->node->mem, count + 1, sizeof *out->list);
    if (err == CP_OK && out->list == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        struct place *p = &out->list[out->count];
        bool yes = false;
        if (rows[i].awaited || memcmp(rows[i].id, r->plan, CP_ID_LEN) == 0)
            continue;
        memcpy(p->plan, rows[i].id, CP_ID_LEN);
        p->err = has_it(r->node->store, p->plan, id, &yes);
        out->count += yes ? 1 : 0;
    }
    cp_free(r->node->mem, rows);
    return err;
}

/* A WITHDRAW by a replaced key counts, and one by either of two made apart. One by a key that this plan never heard of does not; where it
 * was said here for the sake of another plan it would, but that is not in force here: the sheet once more sets both right. */
static enum cp_err key_heard(const struct cp_request *r)
{
    enum cp_err err = cp_node_key_counts(r);
    return err == CP_ERR_KEY_CHANGED || err == CP_ERR_KEY_APART ? CP_OK : err;
}

/* The same statement in the others: it counts in all of them, and goes nowhere by itself. What stops one stops no other. */
static void write_places(struct cp_request *r, struct cp_bytes frame, struct places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        struct place *p = &places->list[i];
        if (p->err == CP_OK)
            p->err = cp_taken_back_say(r->node, p->plan, r->plan, frame, p->by);
    }
}

/* Nobody is told that words are erased which are not: what shows whose they are may be damaged here. */
static enum cp_err are_gone(const struct cp_request *r, const uint8_t *id)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, id, &l);
    if (err != CP_OK)
        return err;
    bool still = l.info[0].words.ptr != NULL;
    cp_loaded_clear(&l);
    return still ? CP_ERR_WORDS_STAY : CP_OK;
}

/* by NULL: the words are gone from this plan already. */
static enum cp_err withdraw(struct cp_request *r, const uint8_t id[static CP_ID_LEN], uint8_t *by,
                            struct places *places)
{
    struct cp_buf text, frame;
    uint8_t sig[CP_SIG_LEN], ids[1][CP_ID_LEN];
    memcpy(ids[0], id, CP_ID_LEN);
    cp_buf_init(&text, r->node->mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_keeper_withdraw(r->node->keeper, r->person, r->seal, r->plan,
                                         (const uint8_t(*)[CP_ID_LEN])ids, 1, &text, sig);
    if (err == CP_OK) {
        cp_statement_frame_write(CP_KIND_WITHDRAW, (const uint8_t(*)[CP_ID_LEN])ids, 1, cp_buf_bytes(&text),
                                 sig, &frame);
        err = cp_buf_err(&frame);
    }
    if (err == CP_OK && by != NULL)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), by);
    if (err == CP_OK)
        write_places(r, cp_buf_bytes(&frame), places);
    if (err == CP_OK && by != NULL)
        err = are_gone(r, id);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    return err;
}

static void put_places(struct cp_buf *out, const struct places *places)
{
    cp_api_key(out, "elsewhere");
    cp_api_list(out, places->count);
    for (size_t i = 0; i < places->count; i++) {
        const struct place *p = &places->list[i];
        cp_api_object(out, 3);
        cp_api_key(out, "plan");
        cp_api_hex(out, p->plan, CP_ID_LEN);
        cp_api_key(out, "statement");
        if (p->err == CP_OK)
            cp_api_hex(out, p->by, CP_ID_LEN);
        else
            cp_api_null(out);
        cp_api_key(out, "code");
        cp_api_cstr(out, cp_err_word(p->err));
    }
}

void cp_serve_withdraw_words(struct cp_request *r)
{
    const struct cp_mem *mem = r->node->mem; /* replying ends the request */
    struct cp_bytes typed = cp_arg(r, "entry");
    struct cp_buf out, same;
    uint8_t id[CP_ID_LEN], by[CP_ID_LEN];
    bool again = false;
    size_t same_count = 0;
    struct places places = {NULL, 0};
    cp_buf_init(&same, mem, CP_API_MESSAGE_MAX / 2);
    enum cp_err err = find(r, typed, id);
    if (err == CP_OK)
        err = judge(r, id, &again);
    if (err == CP_OK && !again)
        err = key_heard(r);
    if (err == CP_OK && !again) /* while they can still be compared */
        err = find_same(r, id, &same, &same_count);
    if (err == CP_OK)
        err = find_places(r, id, &places);
    if (err == CP_OK && (!again || places.count > 0))
        err = withdraw(r, id, again ? NULL : by, &places);
    if (err != CP_OK) {
        cp_free(mem, places.list);
        cp_buf_clear(&same);
        cp_reply_about(r, err, typed);
        return;
    }
    cp_buf_init(&out, mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 4);
    cp_api_key(&out, "same");
    cp_api_list(&out, same_count);
    cp_buf_put_bytes(&out, cp_buf_bytes(&same));
    cp_buf_clear(&same);
    cp_api_key(&out, "entry");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "statement");
    if (again)
        cp_api_null(&out);
    else
        cp_api_hex(&out, by, CP_ID_LEN);
    put_places(&out, &places);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
    cp_free(mem, places.list);
}
