/* The days of a plan, for calendars: calendar. Owns: which days there are and how often each was written. Must not:
 * know a calendar's format (client/ics.h), or write anything. */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_handout.h"
#include "proto/progress.h"

/* How often a record was written or spoken of, and the latest day claimed: both follow from the entries held. */
struct written {
    uint8_t id[CP_ID_LEN];
    uint64_t writes;
    uint64_t claimed_ms;
};
struct counting {
    struct written *list; /* the plan and each item, sorted by id */
    size_t count;
    const uint8_t *plan;
};

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct written *)a)->id, ((const struct written *)b)->id, CP_ID_LEN);
}

static struct written *find(const struct counting *c, const uint8_t *id)
{
    struct written key;
    memcpy(key.id, id, CP_ID_LEN);
    return bsearch(&key, c->list, c->count, sizeof *c->list, by_id);
}

static bool count_entry(void *ctx, const struct cp_entry_info *info)
{
    const struct counting *c = ctx;
    const uint8_t *id = info->kind == CP_KIND_ITEM ? info->id : c->plan;
    struct cp_frame f;
    if (info->kind == CP_KIND_SET || info->kind == CP_KIND_NOTE) {
        if (info->newer || cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK)
            return true;
        id = cp_frame_target(&f);
    }
    struct written *w = id == NULL ? NULL : find(c, id);
    if (w != NULL) {
        w->writes++;
        w->claimed_ms = info->time_ms > w->claimed_ms ? info->time_ms : w->claimed_ms;
    }
    return true;
}

static enum cp_err count_writes(struct counting *c, const struct cp_looking *k)
{
    static const enum cp_kind kinds[] = {CP_KIND_PLAN, CP_KIND_ITEM, CP_KIND_SET, CP_KIND_NOTE};
    const struct cp_model *m = &k->l.m;
    *c = (struct counting){.plan = k->d.plan};
    c->list = cp_alloc_array(k->d.mem, m->items_count + 1, sizeof *c->list);
    if (c->list == NULL)
        return CP_ERR_NO_MEMORY;
    memset(c->list, 0, (m->items_count + 1) * sizeof *c->list);
    memcpy(c->list[c->count++].id, k->d.plan, CP_ID_LEN);
    for (size_t i = 0; i < m->items_count; i++)
        memcpy(c->list[c->count++].id, m->items[i].r.id, CP_ID_LEN);
    qsort(c->list, c->count, sizeof *c->list, by_id);
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < sizeof kinds / sizeof kinds[0]; i++)
        err = cp_store_each(k->d.node->store, k->d.plan, kinds[i], false, count_entry, c);
    return err;
}

/* ---- Rows ---- */

/* One day, or one that comes again. */
struct dated {
    const char *what;
    const uint8_t *id;
    struct cp_bytes text, start, due, every, status;
    const struct cp_model_item *item; /* whose people are named; NULL: nobody's */
};

static void put_people(const struct cp_looking *k, const struct cp_model_item *item, struct cp_buf *out)
{
    static const uint16_t fields[] = {CP_FIELD_LEAD, CP_FIELD_HELPERS};
    size_t count = 0;
    for (int turn = 0; turn < 2; turn++) {
        if (turn == 1) {
            cp_api_key(out, "people");
            cp_api_list(out, count);
        }
        for (size_t f = 0; item != NULL && f < sizeof fields / sizeof fields[0]; f++) {
            const struct cp_model_fact *fact = cp_model_get(&item->r, fields[f]);
            for (; fact != NULL; fact = cp_model_next(&item->r, fact)) {
                if (fact->link == NULL)
                    continue;
                count += turn == 0 ? 1 : 0;
                if (turn == 1)
                    cp_api_text(out, cp_model_name(&k->l.m, fact->link));
            }
        }
    }
}

static void send_dated(struct cp_looking *k, const struct counting *c, const struct dated *d)
{
    const struct written *w = find(c, d->id);
    struct cp_buf *out = &k->row;
    if (d->due.len == 0 && d->start.len == 0)
        return;
    cp_api_object(out, 10);
    cp_api_key(out, "what");
    cp_api_cstr(out, d->what);
    cp_put_id(out, "id", d->id);
    cp_put_said(out, "text", d->text);
    cp_put_said(out, "start", d->start);
    cp_put_said(out, "due", d->due);
    cp_put_said(out, "every", d->every);
    cp_put_said(out, "status", d->status);
    put_people(k, d->item, out);
    cp_put_number(out, "writes", w == NULL ? 0 : (int64_t)w->writes);
    cp_put_number(out, "claimed_at", w == NULL ? 0 : (int64_t)w->claimed_ms);
    cp_looking_send(k);
}

static void send_item(struct cp_looking *k, const struct counting *c, const struct cp_model_item *item)
{
    struct dated d = {.id = item->r.id, .text = cp_model_text(&item->r, CP_FIELD_TEXT)};
    struct cp_progress p;
    if (cp_model_is_action(item)) {
        cp_progress_of(&k->l.m, item, &p);
        d.what = "action";
        d.item = item;
        d.start = cp_model_text(&item->r, CP_M_START);
        d.due = cp_model_text(&item->r, CP_M_DUE);
        d.every = cp_day_repeat(cp_model_text(&item->r, CP_M_REPEATS));
        d.status = p.status;
        send_dated(k, c, &d);
    } else if (item->r.kind == CP_RECORD_OBSTACLE || item->r.kind == CP_RECORD_RISK) {
        d.what = "look again";
        d.due = cp_model_state_in(item, "gone") ? CP_BYTES(NULL, 0) : cp_model_text(&item->r, CP_M_REVIEW_ON);
        send_dated(k, c, &d);
    } else if (item->r.kind == CP_RECORD_EVIDENCE) {
        d.what = "check source";
        d.due = cp_model_text(&item->r, CP_M_CHECK_AGAIN_ON);
        send_dated(k, c, &d);
    }
}

/* When we look at the plan again, and how often from then on. */
static void send_review(struct cp_looking *k, const struct counting *c)
{
    const struct cp_model_record *plan = &k->l.m.plan;
    struct cp_review review;
    char day[11] = "";
    cp_review_of(&k->l.m, &review);
    if (review.next_day != 0)
        cp_day_text(review.next_day, day);
    struct dated d = {.what = "review", .id = k->d.plan, .due = cp_bytes_str(day)};
    d.every = cp_model_text(plan, CP_M_REVIEW_EVERY);
    if (d.every.len == 0)
        d.every = cp_bytes_str("P3M"); /* as the review itself is reckoned (domain 4.2) */
    send_dated(k, c, &d);
}

void cp_serve_calendar(struct cp_request *r)
{
    struct cp_looking k;
    struct counting c = {.list = NULL};
    if (!cp_looking_begin(&k, r))
        return;
    k.err = count_writes(&c, &k);
    if (k.err == CP_OK)
        send_review(&k, &c);
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++)
        send_item(&k, &c, &k.l.m.items[i]);
    cp_free(r->node->mem, c.list);
    cp_looking_end(&k);
}
