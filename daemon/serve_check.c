/* The standard's report: check. Owns: its rows and the group's table. Must not: judge (proto/check.h). */
#include "daemon/serve_check.h"

#include <string.h>

#include "daemon/check_json.h"

/* ---- Shared ---- */

bool cp_looking_begin(struct cp_looking *k, struct cp_request *r)
{
    struct cp_bytes on = cp_arg(r, "on");
    *k = (struct cp_looking){.r = r};
    cp_buf_init(&k->row, r->node->mem, CP_API_MESSAGE_MAX);
    k->err = cp_desk_open(&k->d, r->node, r->plan);
    if (k->err == CP_OK) {
        k->err = cp_model_load(&k->l, &k->d, on);
        k->open = k->err == CP_OK;
        if (!k->open)
            cp_desk_close(&k->d);
    }
    if (k->open)
        return true;
    if (k->err == CP_ERR_BAD_VALUE)
        cp_reply_about(r, k->err, on);
    else
        cp_reply_error(r, k->err, NULL, NULL);
    cp_buf_clear(&k->row);
    return false;
}

void cp_looking_send(struct cp_looking *k)
{
    if (k->err == CP_OK)
        k->err = cp_buf_err(&k->row);
    if (k->err == CP_OK)
        cp_reply_row(k->r, cp_buf_bytes(&k->row));
    cp_buf_reset(&k->row);
}

static void end_looking(struct cp_looking *k, bool value)
{
    if (value && k->err == CP_OK)
        k->err = cp_buf_err(&k->row);
    cp_model_unload(&k->l);
    cp_desk_close(&k->d);
    if (k->err == CP_OK)
        cp_reply_done(k->r, value ? cp_buf_bytes(&k->row) : CP_BYTES(NULL, 0), k->exit_status);
    else if (k->about.len > 0)
        cp_reply_about(k->r, k->err, k->about);
    else
        cp_reply_error(k->r, k->err, NULL, NULL);
    cp_buf_clear(&k->row);
}

void cp_looking_end(struct cp_looking *k)
{
    end_looking(k, false);
}

void cp_looking_value(struct cp_looking *k)
{
    end_looking(k, true);
}

void cp_put_id(struct cp_buf *out, const char *key, const uint8_t *id)
{
    cp_api_key(out, key);
    if (id == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, id, CP_ID_LEN);
}

void cp_put_said(struct cp_buf *out, const char *key, struct cp_bytes text)
{
    cp_api_key(out, key);
    cp_api_text(out, text);
}

void cp_put_number(struct cp_buf *out, const char *key, int64_t n)
{
    cp_api_key(out, key);
    cp_api_int(out, n);
}

void cp_put_truth(struct cp_buf *out, const char *key, bool b)
{
    cp_api_key(out, key);
    cp_api_bool(out, b);
}

void cp_put_item(struct cp_buf *out, const char *key, const struct cp_model_item *item)
{
    cp_put_id(out, key, item->r.id);
    cp_put_said(out, "text", cp_model_text(&item->r, CP_FIELD_TEXT));
}

const struct cp_model_item *cp_looking_item(struct cp_looking *k, const char *argument, enum cp_record kind)
{
    struct cp_target t;
    k->err = cp_target_find(k->r, cp_arg(k->r, argument), &t);
    if (k->err == CP_OK && t.kind != kind)
        k->err = CP_ERR_NOT_FOUND;
    const struct cp_model_item *item = k->err == CP_OK ? cp_model_item(&k->l.m, t.id) : NULL;
    if (k->err == CP_OK && item == NULL)
        k->err = CP_ERR_NOT_FOUND; /* set aside */
    if (k->err != CP_OK)
        k->about = cp_arg(k->r, argument);
    return item;
}

/* ---- check ---- */

/* What people call a record: an item's words, a person's name, else nothing. */
static struct cp_bytes called(const struct cp_model *m, const uint8_t *id)
{
    const struct cp_model_item *item = cp_model_item(m, id);
    return item != NULL ? cp_model_text(&item->r, CP_FIELD_TEXT) : cp_model_name(m, id);
}

/* What one row may hold of reasons, and of records: texts are long, and a message has an end. */
#define ROW_BYTES (CP_API_MESSAGE_MAX / 4U)
#define ROW_TEXT  (64U * 1024U) /* more than one record or reason takes */

/* A list whose length is known only when it is full. */
struct part {
    struct cp_buf bytes;
    size_t count;
};

static void part_begin(struct part *p, const struct cp_mem *mem)
{
    *p = (struct part){.count = 0};
    cp_buf_init(&p->bytes, mem, ROW_BYTES);
}

static bool part_full(const struct part *p)
{
    return p->bytes.err != CP_OK || p->bytes.len > ROW_BYTES - ROW_TEXT;
}

static void part_end(struct cp_looking *k, const char *key, struct part *p)
{
    cp_api_key(&k->row, key);
    cp_api_list(&k->row, p->count);
    cp_buf_put_bytes(&k->row, cp_buf_bytes(&p->bytes));
    if (k->err == CP_OK)
        k->err = cp_buf_err(&p->bytes);
    cp_buf_clear(&p->bytes);
}

/* The records of a point that are told; with `actions`, only what the lines for each action need. */
static size_t told(const struct cp_check_row *row, bool actions)
{
    return actions && strcmp(row->criterion, "P9.1") != 0 ? 0 : row->records_count;
}

/* With `actions`, what the screen shows: of a point with sub-points its own reasons alone, and which record one is about
 * only where the lines for each action need it. */
static void put_reason(struct part *p, const struct cp_check_row *row, const struct cp_check_reason *reason, bool actions)
{
    struct cp_check_reason shown = *reason;
    if (actions && strcmp(reason->criterion, row->criterion) != 0)
        return;
    if (actions && strncmp(row->criterion, "P9.", 3) != 0)
        shown.record = NULL;
    cp_put_check_reason(&p->bytes, &shown);
    p->count++;
}

/* As much as fits from *reason and *record on, which are moved. */
static void send_part(struct cp_looking *k, const struct cp_checked *c, const struct cp_check_row *row, bool actions,
                      size_t *reason, size_t *record)
{
    struct part reasons, records, texts;
    part_begin(&reasons, k->r->node->mem);
    part_begin(&records, k->r->node->mem);
    part_begin(&texts, k->r->node->mem);
    for (; *reason < row->reasons_count && !part_full(&reasons); (*reason)++)
        put_reason(&reasons, row, &c->reasons[row->reasons_at + *reason], actions);
    for (; *record < told(row, actions) && !part_full(&records) && !part_full(&texts); (*record)++, records.count++) {
        cp_api_hex(&records.bytes, c->records[row->records_at + *record], CP_ID_LEN);
        if (!actions)
            continue;
        cp_api_text(&texts.bytes, called(&k->l.m, c->records[row->records_at + *record]));
        texts.count++;
    }
    cp_api_object(&k->row, actions ? 5 : 4);
    cp_api_key(&k->row, "criterion");
    cp_api_cstr(&k->row, row->criterion);
    cp_api_key(&k->row, "met");
    cp_api_cstr(&k->row, cp_met_word(row->met));
    part_end(k, "reasons", &reasons);
    part_end(k, "records", &records);
    if (actions)
        part_end(k, "texts", &texts);
    else
        cp_buf_clear(&texts.bytes);
    cp_looking_send(k);
}

/* A point with very much to say takes several rows that follow each other; the client makes one of them. */
static void send_row(struct cp_looking *k, const struct cp_checked *c, const struct cp_check_row *row, bool actions)
{
    size_t reason = 0, record = 0;
    do
        send_part(k, c, row, actions, &reason, &record);
    while (k->err == CP_OK && (reason < row->reasons_count || record < told(row, actions)));
}

/* The criteria asked for; all when none is named. A name that there is not is refused, not passed over. */
static bool run_asked(struct cp_looking *k, struct cp_checked *c, const struct cp_api_value *names)
{
    struct cp_api_iter it;
    struct cp_api_value name;
    struct cp_bytes key;
    if (names->type != CP_API_LIST || names->count == 0) {
        k->err = cp_check_all(c, &k->l.m);
        return true;
    }
    cp_api_iter_init(&it, names);
    while (k->err == CP_OK && cp_api_next(&it, &key, &name)) {
        const struct cp_criterion *criterion = name.type == CP_API_TEXT ? cp_criterion_find(name.text) : NULL;
        if (criterion == NULL) {
            cp_model_unload(&k->l);
            cp_desk_close(&k->d);
            cp_buf_clear(&k->row);
            cp_reply_about(k->r, CP_ERR_USAGE, name.text);
            return false;
        }
        k->err = cp_check_run(c, &k->l.m, criterion);
    }
    return true;
}

static void serve_check(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_checked c;
    struct cp_api_value names = {.type = CP_API_NULL};
    (void)cp_api_member(&r->with, "criteria", &names);
    bool actions = cp_bytes_eq(cp_arg(r, "records"), cp_bytes_str("actions"));
    if (!cp_looking_begin(&k, r))
        return;
    cp_checked_init(&c, r->node->mem);
    if (run_asked(&k, &c, &names)) {
        for (size_t i = 0; k.err == CP_OK && i < c.count; i++) {
            if (c.rows[i].met == CP_MET_NO)
                k.exit_status = 1;
            send_row(&k, &c, &c.rows[i], actions);
        }
        cp_checked_clear(&c);
        cp_looking_end(&k);
        return;
    }
    cp_checked_clear(&c);
}

const struct cp_command cp_serve_check[] = {
    {"check", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_check},
    {"rank", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_rank},
    {"common-ground", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_common_ground},
    {"match", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_match},
    {"who", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_who},
    {"balance", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_balance},
    {"review", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_review},
    {"prompts", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_prompts},
    {"by-perspective", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_by_perspective},
    {"marks", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_marks},
    {"readings", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_readings},
    {"strengths", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_strengths},
    {"talk", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_talk},
    {"interests", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_interests},
    {NULL, 0, NULL}};
