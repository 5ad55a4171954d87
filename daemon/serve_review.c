/* Who is here, what is asked of whom, how it goes: who, balance, review. Owns: their rows. Must not: judge. */
#include <string.h>

#include "daemon/serve_check.h"
#include "proto/balance.h"
#include "proto/match.h"
#include "proto/progress.h"

/* ---- who ---- */

static void put_perspectives(struct cp_buf *out, const struct cp_model_person *p)
{
    size_t count = 0;
    const struct cp_model_fact *first = p->shows_perspective ? cp_model_get(&p->r, CP_M_PERSPECTIVES) : NULL;
    for (const struct cp_model_fact *f = first; f != NULL; f = cp_model_next(&p->r, f))
        count++;
    cp_api_key(out, "perspectives");
    cp_api_list(out, count);
    for (const struct cp_model_fact *f = first; f != NULL; f = cp_model_next(&p->r, f))
        cp_api_text(out, f->text);
}

static void send_balance(struct cp_looking *k, const struct cp_balance_row *row)
{
    struct cp_buf *out = &k->row;
    cp_api_object(out, 9);
    cp_api_key(out, "what");
    cp_api_cstr(out, "perspective");
    cp_put_said(out, "perspective", row->perspective);
    cp_put_truth(out, "needed", row->needed);
    cp_put_truth(out, "somebody", row->somebody);
    cp_put_truth(out, "hidden", row->somebody && !row->shown);
    cp_put_number(out, "people", (int64_t)row->people);
    cp_put_number(out, "speak", (int64_t)row->speak);
    cp_put_number(out, "score", (int64_t)row->score);
    cp_put_number(out, "lead", (int64_t)row->lead);
    cp_looking_send(k);
}

static void send_all_balance(struct cp_looking *k)
{
    const struct cp_mem *mem = k->r->node->mem;
    struct cp_balance_row *rows = cp_alloc_array(mem, k->l.m.perspectives_count + 1, sizeof *rows);
    size_t count = rows == NULL ? 0 : cp_balance(&k->l.m, rows);
    k->err = rows == NULL ? CP_ERR_NO_MEMORY : k->err;
    for (size_t i = 0; k->err == CP_OK && i < count; i++)
        send_balance(k, &rows[i]);
    cp_free(mem, rows);
}

/* What somebody does for the group, in their own words (knowledge group C). */
static void put_duties(struct cp_buf *out, const struct cp_model_person *p)
{
    size_t count = 0;
    const struct cp_model_fact *f = cp_model_get(&p->r, CP_FIELD_DUTIES);
    for (const struct cp_model_fact *at = f; at != NULL; at = cp_model_next(&p->r, at))
        count++;
    cp_api_key(out, "duties");
    cp_api_list(out, count);
    for (; f != NULL; f = cp_model_next(&p->r, f))
        cp_api_text(out, f->text);
}

static void send_person(struct cp_looking *k, const struct cp_model_person *p, bool overdue_only)
{
    struct cp_buf *out = &k->row;
    int64_t last = 0, due = cp_contact_due(&k->l.m, p, &last), today = cp_day_number(k->l.m.today);
    char day[11] = "";
    bool overdue = due != 0 && due < today;
    if (overdue_only && !overdue)
        return;
    if (last != 0)
        cp_day_text(last, day);
    cp_api_object(out, 12);
    cp_api_key(out, "what");
    cp_api_cstr(out, "person");
    cp_put_id(out, "person", p->r.id);
    cp_put_said(out, "name", p->name);
    cp_put_truth(out, "in", p->in);
    cp_put_truth(out, "someone", p->someone);
    cp_put_truth(out, "kept_informed", p->kept_informed);
    put_perspectives(out, p);
    put_duties(out, p);
    cp_put_said(out, "limits", cp_model_text(&p->r, CP_FIELD_LIMITS));
    cp_put_said(out, "contact_every", cp_model_text(&p->r, CP_M_CONTACT_EVERY));
    cp_api_key(out, "last_contact");
    cp_api_cstr(out, day);
    cp_put_truth(out, "contact_overdue", overdue);
    cp_looking_send(k);
}

void cp_serve_who(struct cp_request *r)
{
    struct cp_looking k;
    bool overdue = cp_api_member_true(&r->with, "overdue_contact");
    if (!cp_looking_begin(&k, r))
        return;
    if (!overdue)
        send_all_balance(&k);
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.people_count; i++)
        send_person(&k, &k.l.m.people[i], overdue);
    cp_looking_end(&k);
}

/* ---- balance ---- */

static void send_means(struct cp_looking *k, const struct cp_means *means)
{
    struct cp_buf *out = &k->row;
    cp_api_object(out, 7);
    cp_api_key(out, "what");
    cp_api_cstr(out, "all");
    cp_put_number(out, "pence_asked", means->pence_asked);
    cp_put_number(out, "pence_offered", means->pence_offered);
    cp_api_key(out, "budget_pence");
    if (means->budget < 0)
        cp_api_null(out);
    else
        cp_api_int(out, means->budget);
    cp_put_number(out, "minutes_asked", means->minutes_asked);
    cp_put_number(out, "minutes_offered", means->minutes_offered);
    cp_put_number(out, "minutes_of_nobody", means->minutes_nobody);
    cp_looking_send(k);
    for (size_t i = 0; i < means->people_count; i++) {
        const struct cp_means_person *p = &means->people[i];
        if (p->asked == 0 && p->offered == 0)
            continue;
        cp_api_object(out, 5);
        cp_api_key(out, "what");
        cp_api_cstr(out, "person");
        cp_put_id(out, "person", p->person->r.id);
        cp_put_said(out, "name", p->person->name);
        cp_put_number(out, "minutes_asked", p->asked);
        cp_put_number(out, "minutes_offered", p->offered);
        cp_looking_send(k);
    }
}

void cp_serve_balance(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_means means;
    if (!cp_looking_begin(&k, r))
        return;
    send_all_balance(&k);
    if (k.err == CP_OK)
        k.err = cp_means(&means, r->node->mem, &k.l.m);
    if (k.err == CP_OK) {
        send_means(&k, &means);
        cp_means_clear(&means);
    }
    cp_looking_end(&k);
}

/* ---- review ---- */

static void send_action(struct cp_looking *k, const char *section, const struct cp_progress *p)
{
    struct cp_buf *out = &k->row;
    char next[11] = "";
    if (p->next != 0)
        cp_day_text(p->next, next);
    cp_api_object(out, 9);
    cp_api_key(out, "section");
    cp_api_cstr(out, section);
    cp_api_key(out, "next");
    cp_api_cstr(out, next);
    cp_put_item(out, "id", p->action);
    cp_put_said(out, "status", p->status);
    cp_api_key(out, "rag");
    cp_api_cstr(out, cp_rag_word(p->rag));
    cp_put_said(out, "due", cp_model_text(&p->action->r, CP_M_DUE));
    cp_put_said(out, "note", p->note == NULL ? CP_BYTES(NULL, 0) : cp_model_text(&p->note->r, CP_FIELD_TEXT));
    cp_put_number(out, "updates", (int64_t)p->updates);
    cp_looking_send(k);
}

enum part {
    DONE,
    STUCK,
    LATE,
    SOON,
    CHECK
};

static bool belongs(const struct cp_progress *p, enum part part, int64_t since)
{
    switch (part) {
    case DONE:
        return p->finished && p->note != NULL && cp_day_number(p->note->day) >= since;
    case STUCK:
        return p->stuck;
    case LATE:
        return p->late && !p->stuck;
    case SOON:
        return p->due_soon && !p->stuck;
    case CHECK:
        return p->check_late && !p->stuck && !p->late && !p->due_soon;
    }
    return false;
}

static void send_part(struct cp_looking *k, const char *section, enum part part, int64_t since)
{
    for (size_t i = 0; k->err == CP_OK && i < k->l.m.items_count; i++) {
        struct cp_progress p;
        if (!cp_model_is_action(&k->l.m.items[i]))
            continue;
        cp_progress_of(&k->l.m, &k->l.m.items[i], &p);
        if (belongs(&p, part, since))
            send_action(k, section, &p);
    }
}

/* Somebody's name beside an achievement only when they said yes to it. */
static struct cp_bytes shown_name(const struct cp_model *m, const struct cp_model_note *n)
{
    const uint8_t *who = cp_model_link(&n->r, CP_M_FOR_PERSON);
    return who != NULL && cp_model_consents(m, who, n->r.id, NULL) ? cp_model_name(m, who)
                                                                   : CP_BYTES(NULL, 0);
}

static void send_achievements(struct cp_looking *k, int64_t since)
{
    const struct cp_model *m = &k->l.m;
    for (size_t i = 0; k->err == CP_OK && i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        if (n->kind != CP_M_NOTE_ACHIEVEMENT || cp_day_number(n->day) < since)
            continue;
        cp_api_object(&k->row, 6);
        cp_api_key(&k->row, "section");
        cp_api_cstr(&k->row, "achievements");
        cp_put_id(&k->row, "id", n->r.id);
        cp_put_said(&k->row, "text", cp_model_text(&n->r, CP_FIELD_TEXT));
        cp_put_said(&k->row, "on", n->day);
        cp_put_truth(&k->row, "for_somebody", cp_model_link(&n->r, CP_M_FOR_PERSON) != NULL);
        cp_put_said(&k->row, "name", shown_name(m, n));
        cp_looking_send(k);
    }
}

static void send_obstacles(struct cp_looking *k, const char *section, bool gone)
{
    for (size_t i = 0; k->err == CP_OK && i < k->l.m.items_count; i++) {
        const struct cp_model_item *o = &k->l.m.items[i];
        if (o->r.kind != CP_RECORD_OBSTACLE || cp_model_state_in(o, "gone") != gone)
            continue;
        cp_api_object(&k->row, 4);
        cp_api_key(&k->row, "section");
        cp_api_cstr(&k->row, section);
        cp_put_item(&k->row, "id", o);
        cp_put_said(&k->row, "state", o->state);
        cp_looking_send(k);
    }
}

static void send_when(struct cp_looking *k, const struct cp_review *review)
{
    char last[11] = "", next[11] = "";
    if (review->last_day != 0)
        cp_day_text(review->last_day, last);
    if (review->next_day != 0)
        cp_day_text(review->next_day, next);
    cp_api_object(&k->row, 4);
    cp_api_key(&k->row, "section");
    cp_api_cstr(&k->row, "when");
    cp_api_key(&k->row, "last");
    cp_api_cstr(&k->row, last);
    cp_api_key(&k->row, "next");
    cp_api_cstr(&k->row, next);
    cp_put_truth(&k->row, "overdue", review->overdue);
    cp_looking_send(k);
}

void cp_serve_review(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_review review;
    if (!cp_looking_begin(&k, r))
        return;
    cp_review_of(&k.l.m, &review);
    send_part(&k, "done", DONE, review.last_day);
    send_achievements(&k, review.last_day);
    send_part(&k, "stuck", STUCK, 0);
    send_part(&k, "late", LATE, 0);
    send_part(&k, "due soon", SOON, 0);
    send_part(&k, "time to check", CHECK, 0);
    send_obstacles(&k, "in the way", false);
    send_obstacles(&k, "no longer in the way", true);
    send_when(&k, &review);
    cp_looking_end(&k);
}
