/* What has to be seen on actions, and whether they work: marks, readings. Owns: these rows. Must not: judge (proto/check_marks.c), or write. */
#include <stdlib.h>
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/serve_check.h"

/* Leads or helps it, and is a person of this home. */
static bool is_mine(const struct cp_looking *k, const struct cp_model_item *action)
{
    const struct cp_keeper *keeper = k->r->node->keeper;
    for (size_t i = 0; i < cp_keeper_count(keeper); i++) {
        const uint8_t *me = cp_keeper_person(keeper, i)->person;
        if (cp_model_links(&action->r, CP_FIELD_LEAD, me) || cp_model_links(&action->r, CP_FIELD_HELPERS, me))
            return true;
    }
    return false;
}

static void put_people(const struct cp_looking *k, const struct cp_model_item *action, uint16_t field,
                       struct cp_buf *out)
{
    size_t count = 0;
    const struct cp_model_fact *f = cp_model_get(&action->r, field);
    for (const struct cp_model_fact *at = f; at != NULL; at = cp_model_next(&action->r, at))
        count += at->link != NULL ? 1 : 0;
    cp_api_list(out, count);
    for (; f != NULL; f = cp_model_next(&action->r, f)) {
        if (f->link == NULL)
            continue;
        cp_api_object(out, 2);
        cp_put_id(out, "person", f->link);
        cp_put_said(out, "name", cp_model_name(&k->l.m, f->link));
    }
}

static void send_marks(struct cp_looking *k, const struct cp_model_item *action)
{
    struct cp_checked c;
    struct cp_buf *out = &k->row;
    cp_checked_init(&c, k->d.mem);
    k->err = cp_check_marks(&c, &k->l.m, action);
    if (k->err == CP_OK && c.reasons_count > 0) {
        cp_api_object(out, 5);
        cp_put_item(out, "id", action);
        cp_put_truth(out, "mine", is_mine(k, action));
        cp_api_key(out, "helpers");
        put_people(k, action, CP_FIELD_HELPERS, out);
        cp_api_key(out, "reasons");
        cp_api_list(out, c.reasons_count);
        for (size_t i = 0; i < c.reasons_count; i++)
            cp_put_check_reason(out, &c.reasons[i]);
        cp_looking_send(k);
    }
    cp_checked_clear(&c);
}

/* Marks are found by looking through the whole plan. Whoever asks for them beside something that is quick says how many
 * entries that may be; beyond, they are told so and may ask again. */
static bool is_beyond(struct cp_request *r)
{
    struct cp_api_value within;
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    uint64_t entries = 0;
    if (!cp_api_member(&r->with, "within", &within) || within.type != CP_API_INT || within.number <= 0 ||
        cp_store_plans(r->node->store, &rows, &count) != CP_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (memcmp(rows[i].id, r->plan, CP_ID_LEN) == 0)
            entries = rows[i].entries;
    cp_free(r->node->mem, rows);
    if (entries <= (uint64_t)within.number)
        return false;
    struct cp_buf row;
    cp_buf_init(&row, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&row, 1);
    cp_put_number(&row, "beyond", (int64_t)entries);
    if (cp_buf_err(&row) == CP_OK)
        cp_reply_row(r, cp_buf_bytes(&row));
    cp_buf_clear(&row);
    cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    return true;
}

void cp_serve_marks(struct cp_request *r)
{
    struct cp_looking k;
    if (is_beyond(r) || !cp_looking_begin(&k, r))
        return;
    const struct cp_model_item *one =
        cp_arg(r, "id").len == 0 ? NULL : cp_looking_item(&k, "id", CP_RECORD_ACTION);
    bool mine = cp_api_member_true(&r->with, "mine");
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++) {
        const struct cp_model_item *item = &k.l.m.items[i];
        if ((one == NULL || one == item) && item->r.kind == CP_RECORD_ACTION && (!mine || is_mine(&k, item)))
            send_marks(&k, item);
    }
    cp_looking_end(&k);
}

/* ---- readings: did it work? (capability 8) ---- */

static bool has_value(const struct cp_model_note *n)
{
    return n->kind == CP_M_NOTE_PROGRESS && cp_model_text(&n->r, CP_FIELD_VALUE).len > 0;
}

/* By day, then as they came into the plan: two of one day are both there. */
static int by_day(const void *a, const void *b)
{
    const struct cp_model_note *const *x = a, *const *y = b;
    int order = cp_bytes_cmp((*x)->day, (*y)->day);
    if (order == 0)
        order = ((*x)->lamport > (*y)->lamport) - ((*x)->lamport < (*y)->lamport);
    return order != 0 ? order : memcmp((*x)->r.id, (*y)->r.id, CP_ID_LEN);
}

static void put_reading(const struct cp_looking *k, const struct cp_model_note *n, struct cp_buf *out)
{
    cp_api_object(out, 6);
    cp_put_id(out, "id", n->r.id);
    cp_put_said(out, "on", n->day);
    cp_put_said(out, "value", cp_model_text(&n->r, CP_FIELD_VALUE));
    cp_put_said(out, "unit", cp_model_text(&n->r, CP_FIELD_UNIT));
    cp_put_id(out, "by", n->by);
    cp_put_said(out, "name", cp_model_name(&k->l.m, n->by));
}

static void send_readings(struct cp_looking *k, const struct cp_model_item *action)
{
    struct cp_buf *out = &k->row;
    size_t all = 0, count = 0;
    const struct cp_model_note *notes = cp_model_notes(&k->l.m, action->r.id, &all);
    const struct cp_model_note **list = cp_alloc_array(k->d.mem, all + 1, sizeof *list);
    if (list == NULL) {
        k->err = CP_ERR_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < all; i++)
        if (has_value(&notes[i]))
            list[count++] = &notes[i];
    if (count > 0)
        qsort(list, count, sizeof *list, by_day);
    if (count > 0 || cp_model_text(&action->r, CP_M_MEASURE).len > 0) {
        cp_api_object(out, 7);
        cp_put_item(out, "id", action);
        cp_put_said(out, "measure", cp_model_text(&action->r, CP_M_MEASURE));
        cp_put_said(out, "baseline", cp_model_text(&action->r, CP_FIELD_BASELINE));
        cp_put_said(out, "target", cp_model_text(&action->r, CP_FIELD_TARGET));
        cp_put_said(out, "unit", cp_model_text(&action->r, CP_FIELD_MEASURE_UNIT));
        cp_api_key(out, "readings");
        cp_api_list(out, count);
        for (size_t i = 0; i < count; i++)
            put_reading(k, list[i], out);
        cp_looking_send(k);
    }
    cp_free(k->d.mem, list);
}

void cp_serve_readings(struct cp_request *r)
{
    struct cp_looking k;
    if (!cp_looking_begin(&k, r))
        return;
    const struct cp_model_item *one =
        cp_arg(r, "id").len == 0 ? NULL : cp_looking_item(&k, "id", CP_RECORD_ACTION);
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++)
        if ((one == NULL || one == &k.l.m.items[i]) && k.l.m.items[i].r.kind == CP_RECORD_ACTION)
            send_readings(&k, &k.l.m.items[i]);
    cp_looking_end(&k);
}
