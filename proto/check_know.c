/* The grouped knowledge points K1 to K36 (domain 1). Owns: these points, and what matches what (K-D). */
#include <stdlib.h>
#include <string.h>

#include "proto/check_internal.h"
#include "proto/match.h"
#include "proto/progress.h"
#include "proto/prompts.h"

/* ---- K-A: rules, evidence and what works ---- */

void cp_check_ka(struct cp_check *c)
{
    const struct cp_model_item *e = cp_next_of(c, CP_RECORD_EVIDENCE, NULL);
    int64_t today = cp_day_number(c->m->today);
    if (e == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("evidence"));
    for (; e != NULL; e = cp_next_of(c, CP_RECORD_EVIDENCE, e)) {
        struct cp_bytes again = cp_model_text(&e->r, CP_M_CHECK_AGAIN_ON);
        int64_t day = cp_day_number(again);
        cp_shows(c, e->r.id);
        if (cp_model_text(&e->r, CP_M_SOURCE).len == 0 && cp_model_text(&e->r, CP_M_LINK).len == 0 &&
            cp_model_text(&e->r, CP_M_CONTACT).len == 0)
            cp_say1(c, CP_CHECK_NO, "no_source", e->r.id, cp_arg_item(e));
        if (cp_model_text(&e->r, CP_M_READ_ON).len == 0 && cp_model_text(&e->r, CP_M_SOURCE_DATE).len == 0)
            cp_say1(c, CP_CHECK_NO, "no_source_date", e->r.id, cp_arg_item(e));
        if (day != 0 && day < today)
            cp_say2(c, CP_CHECK_NO, "source_stale", e->r.id, cp_arg_item(e), cp_arg_text(again));
    }
}

/* ---- K-B: values, tensions, challenge with respect ---- */

void cp_check_kb(struct cp_check *c)
{
    const struct cp_model_item *v = cp_next_of(c, CP_RECORD_VALUE, NULL);
    if (v == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("value"));
    for (; v != NULL; v = cp_next_of(c, CP_RECORD_VALUE, v))
        cp_shows(c, v->r.id);
}

/* ---- K-C: who, how often, who to ask ---- */

void cp_check_kc(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    int64_t today = cp_day_number(m->today);
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        int64_t last = 0, due = cp_contact_due(m, p, &last);
        if (due == 0)
            continue;
        cp_shows(c, p->r.id);
        if (due < today)
            cp_say2(c, CP_CHECK_NO, last == 0 ? "never_contacted" : "contact_overdue", p->r.id,
                    cp_arg_text(p->name), cp_arg_text(cp_model_text(&p->r, CP_M_CONTACT_EVERY)));
    }
}

int64_t cp_contact_due(const struct cp_model *m, const struct cp_model_person *p, int64_t *last)
{
    size_t count = 0;
    const struct cp_model_note *notes = cp_model_notes(m, p->r.id, &count);
    struct cp_bytes every = cp_model_text(&p->r, CP_M_CONTACT_EVERY);
    *last = 0;
    if ((!p->in && !p->someone) || every.len == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        int64_t day = notes[i].kind == CP_M_NOTE_CONTACT ? cp_day_number(notes[i].day) : 0;
        *last = day > *last ? day : *last;
    }
    return *last == 0 ? 1 : cp_day_after(*last, every); /* never: long past */
}

/* ---- K-D: what gets in the way, and what there is against it ---- */

/* The sort of thing an offer is: what it says, else what its unit says; a strength nobody sorted is a skill. */
static struct cp_bytes type_of(const struct cp_model_item *offer)
{
    struct cp_bytes type = cp_model_text(&offer->r, CP_M_TYPE);
    if (type.len > 0)
        return type;
    if (offer->r.kind == CP_RECORD_STRENGTH)
        return cp_bytes_str("skills");
    if (cp_model_says(&offer->r, CP_M_UNIT, "pence"))
        return cp_bytes_str("money");
    return cp_bytes_str(cp_model_says(&offer->r, CP_M_UNIT, "minutes") ? "time" : "other");
}

/* The same while it is offered; empty: it is not, or is none. */
static struct cp_bytes offered(const struct cp_model_item *offer)
{
    if (offer->r.kind != CP_RECORD_STRENGTH && offer->r.kind != CP_RECORD_RESOURCE)
        return CP_BYTES(NULL, 0);
    return cp_model_state_in(offer, "taken back|set aside") ? CP_BYTES(NULL, 0) : type_of(offer);
}

bool cp_match(const struct cp_model_item *obstacle, const struct cp_model_item *offer)
{
    struct cp_bytes type = cp_model_text(&obstacle->r, CP_M_TYPE);
    return type.len > 0 && cp_bytes_eq(type, offered(offer));
}

static int by_bytes(const void *a, const void *b)
{
    return cp_bytes_cmp(*(const struct cp_bytes *)a, *(const struct cp_bytes *)b);
}

/* Every sort of thing that is offered, once each, sorted; they are few. NULL: no memory, which c->out then says. */
static struct cp_bytes *all_offered(struct cp_check *c, size_t *count)
{
    size_t offers = 0, kept = 0;
    for (size_t i = 0; i < c->m->items_count; i++)
        offers += offered(&c->m->items[i]).len > 0 ? 1 : 0;
    struct cp_bytes *types = cp_alloc_array(c->out->mem, offers + 1, sizeof *types);
    *count = 0;
    if (types == NULL) {
        c->out->err = c->out->err == CP_OK ? CP_ERR_NO_MEMORY : c->out->err;
        return NULL;
    }
    for (size_t i = 0; i < c->m->items_count; i++) {
        struct cp_bytes type = offered(&c->m->items[i]);
        if (type.len > 0)
            types[(*count)++] = type;
    }
    if (*count > 1)
        qsort(types, *count, sizeof *types, by_bytes);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || !cp_bytes_eq(types[kept - 1], types[i]))
            types[kept++] = types[i];
    *count = kept;
    return types;
}

void cp_check_kd(struct cp_check *c)
{
    size_t count = 0;
    struct cp_bytes *types = all_offered(c, &count);
    const struct cp_model_item *o = cp_next_of(c, CP_RECORD_OBSTACLE, NULL);
    if (o == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("obstacle"));
    for (; o != NULL && types != NULL; o = cp_next_of(c, CP_RECORD_OBSTACLE, o)) {
        struct cp_bytes type = cp_model_text(&o->r, CP_M_TYPE);
        if (!cp_is_obstacle_open(o))
            continue;
        cp_shows(c, o->r.id);
        if (type.len == 0) {
            cp_say1(c, CP_CHECK_NO, "obstacle_no_type", o->r.id, cp_arg_item(o));
            continue;
        }
        if (count == 0 || bsearch(&type, types, count, sizeof *types, by_bytes) == NULL)
            cp_say1(c, CP_CHECK_PEOPLE, "who_could_help", o->r.id, cp_arg_item(o));
    }
    cp_free(c->out->mem, types);
}

/* ---- K-E: supporting change ---- */

void cp_check_ke(struct cp_check *c)
{
    const struct cp_model_item *o = NULL;
    bool pilot = false;
    while ((o = cp_next_of(c, CP_RECORD_OPTION, o)) != NULL) {
        if (!cp_model_says(&o->r, CP_M_PILOT, "yes"))
            continue;
        pilot = true;
        cp_shows(c, o->r.id);
    }
    if (!pilot)
        cp_say(c, CP_CHECK_NO, "no_small_test", NULL);
    cp_say(c, CP_CHECK_PEOPLE, "guides_for_people", NULL);
}

/* ---- K-F: choosing and planning craft ---- */

void cp_check_kf(struct cp_check *c)
{
    const struct cp_model_item *a = cp_next_action(c, NULL);
    if (a == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("action"));
    for (; a != NULL; a = cp_next_action(c, a)) {
        cp_shows(c, a->r.id);
        if (cp_model_text(&a->r, CP_M_DETAILS).len > 0)
            continue; /* said in detail */
        struct cp_bytes vague = cp_vague_word(cp_model_text(&a->r, CP_FIELD_TEXT));
        if (vague.len > 0)
            cp_say2(c, CP_CHECK_NO, "vague", a->r.id, cp_arg_item(a), cp_arg_text(vague));
    }
    for (a = cp_next_action(c, NULL); a != NULL; a = cp_next_action(c, a))
        if (cp_model_get(&a->r, CP_M_DUE) == NULL && cp_model_get(&a->r, CP_M_REPEATS) == NULL)
            cp_say1(c, CP_CHECK_NO, "no_due", a->r.id, cp_arg_item(a));
}

/* ---- K-G: monitoring, progress, recognition ---- */

void cp_check_kg(struct cp_check *c)
{
    struct cp_review review;
    int64_t today = cp_day_number(c->m->today);
    const struct cp_model_item *a = cp_next_action(c, NULL);
    if (a == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("action"));
    for (; a != NULL; a = cp_next_action(c, a)) {
        struct cp_progress p;
        int64_t start = cp_day_number(cp_model_text(&a->r, CP_M_START));
        cp_progress_of(c->m, a, &p);
        if (p.note != NULL)
            cp_shows(c, p.note->r.id);
        if (p.updates > 1)
            cp_say1(c, CP_CHECK_NO, "two_updates", a->r.id, cp_arg_item(a));
        if (p.late)
            cp_say2(c, CP_CHECK_NO, "late", a->r.id, cp_arg_item(a),
                    cp_arg_text(cp_model_text(&a->r, CP_M_DUE)));
        if (p.updates == 0 && start != 0 && start < today)
            cp_say1(c, CP_CHECK_NO, "no_progress", a->r.id, cp_arg_item(a));
        else if (p.check_late)
            cp_say1(c, CP_CHECK_NO, "check_late", a->r.id, cp_arg_item(a));
    }
    cp_review_of(c->m, &review);
    if (review.overdue)
        cp_say(c, CP_CHECK_NO, "review_overdue", NULL);
    for (size_t i = 0; i < c->m->notes_count; i++)
        if (c->m->notes[i].kind == CP_M_NOTE_REVIEW || c->m->notes[i].kind == CP_M_NOTE_ACHIEVEMENT)
            cp_shows(c, c->m->notes[i].r.id);
}
