/* The days of a plan, for calendars: calendar. Owns: which days there are and how often each was written. Must not:
 * know a calendar's format (client/ics.h), or write anything. */
#include "daemon/serve_handout.h"
#include "proto/progress.h"

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

static void send_dated(struct cp_looking *k, const struct dated *d)
{
    struct cp_written w;
    struct cp_buf *out = &k->row;
    if (k->err != CP_OK || (d->due.len == 0 && d->start.len == 0))
        return;
    k->err = cp_store_written(k->d.node->store, k->d.plan, d->id, &w);
    if (k->err != CP_OK)
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
    cp_put_number(out, "writes", (int64_t)w.count);
    cp_put_number(out, "claimed_at", (int64_t)w.claimed_ms);
    cp_looking_send(k);
}

static void send_item(struct cp_looking *k, const struct cp_model_item *item)
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
        send_dated(k, &d);
    } else if (item->r.kind == CP_RECORD_OBSTACLE || item->r.kind == CP_RECORD_RISK) {
        d.what = "look again";
        d.due = cp_model_state_in(item, "gone") ? CP_BYTES(NULL, 0) : cp_model_text(&item->r, CP_M_REVIEW_ON);
        send_dated(k, &d);
    } else if (item->r.kind == CP_RECORD_EVIDENCE) {
        d.what = "check source";
        d.due = cp_model_text(&item->r, CP_M_CHECK_AGAIN_ON);
        send_dated(k, &d);
    }
}

/* When we look at the plan again, and how often from then on. */
static void send_review(struct cp_looking *k)
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
    send_dated(k, &d);
}

void cp_serve_calendar(struct cp_request *r)
{
    struct cp_looking k;
    if (!cp_looking_begin(&k, r))
        return;
    send_review(&k);
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++)
        send_item(&k, &k.l.m.items[i]);
    cp_looking_end(&k);
}
