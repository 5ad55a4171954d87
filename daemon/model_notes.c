/* Notes, receipts, pages and answers as plain structs. Owns: their loading. Must not: judge, save by proto/answer.h. */
#include <string.h>

#include "daemon/asked.h"
#include "daemon/model.h"
#include "proto/handout.h"

/* ---- Notes and receipts ---- */

/* What is written once stays: each op is a fact. */
static enum cp_err fill_facts(struct cp_loading *g, const struct cp_write *w, struct cp_model_record *r)
{
    const struct cp_frame *f = w->frame;
    struct cp_arena *a = &g->l->arena;
    struct cp_model_fact *facts = cp_arena_take(a, f->ops_count, sizeof *facts);
    if (facts == NULL)
        return CP_ERR_NO_MEMORY;
    memcpy(r->id, w->id, CP_ID_LEN);
    r->kind = f->kind == CP_KIND_NOTE ? CP_RECORD_NOTE : CP_RECORD_RECEIPT;
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_op *op = &f->ops[i];
        struct cp_model_fact *fact = &facts[r->facts_count];
        if (op->how == CP_HOW_REMOVE || op->how == CP_HOW_COLUMN)
            continue;
        *fact = (struct cp_model_fact){.field = op->field, .number = op->value.number};
        fact->lang = cp_arena_copy(a, op->lang);
        if (op->how == CP_HOW_LINK || op->how == CP_HOW_LINK_ADD || op->how == CP_HOW_LINK_VALUE) {
            struct cp_bytes id = cp_arena_copy(a, CP_BYTES(cp_frame_ref(f, op->ref), CP_ID_LEN));
            fact->link = id.ptr;
        } else if (op->value.type == CP_VALUE_TEXT) {
            fact->text = cp_arena_copy(a, op->value.bytes);
        }
        r->facts_count++;
    }
    r->facts = facts;
    return a->failed ? CP_ERR_NO_MEMORY : CP_OK;
}

static struct cp_bytes day_of(struct cp_loading *g, const struct cp_model_record *r, uint64_t time_ms)
{
    struct cp_bytes day = cp_model_text(r, CP_M_HELD_ON);
    if (day.len == 0)
        day = cp_model_text(r, CP_M_ON);
    return day.len > 0 ? day : cp_loading_day(g, time_ms);
}

/* What it names beyond its target: progress and consent the notes before, a choice the views it counted. */
static enum cp_err fill_seen(struct cp_loading *g, const struct cp_frame *f, struct cp_model_note *n)
{
    uint8_t *seen = cp_arena_take(&g->l->arena, f->refs_count, CP_ID_LEN);
    if (seen == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 1; i < f->refs_count; i++)
        memcpy(seen + (i - 1) * CP_ID_LEN, cp_frame_ref(f, i), CP_ID_LEN);
    n->seen = seen;
    n->seen_count = f->refs_count > 0 ? f->refs_count - 1 : 0;
    return CP_OK;
}

static enum cp_err add_note(struct cp_loading *g, const struct cp_write *w, const uint8_t *about,
                            uint64_t time_ms)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_loading_room(g, &m->notes, &g->notes_cap, m->notes_count, sizeof *m->notes);
    if (err != CP_OK)
        return err;
    struct cp_model_note *n = &m->notes[m->notes_count++];
    *n = (struct cp_model_note){.kind = w->frame->subkind, .lamport = w->lamport};
    memcpy(n->about, about, CP_ID_LEN);
    memcpy(n->by, w->person, CP_ID_LEN);
    err = fill_facts(g, w, &n->r);
    if (err == CP_OK)
        err = fill_seen(g, w->frame, n);
    n->day = day_of(g, &n->r, time_ms);
    return err;
}

static enum cp_err add_receipt(struct cp_loading *g, const struct cp_write *w, const uint8_t *about,
                               uint64_t time_ms)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err =
        cp_loading_room(g, &m->receipts, &g->receipts_cap, m->receipts_count, sizeof *m->receipts);
    if (err != CP_OK)
        return err;
    struct cp_model_receipt *r = &m->receipts[m->receipts_count++];
    *r = (struct cp_model_receipt){.lamport = w->lamport, .claimed_ms = time_ms};
    memcpy(r->version, about, CP_ID_LEN);
    memcpy(r->by, w->person, CP_ID_LEN);
    return fill_facts(g, w, &r->r);
}

enum cp_err cp_loading_notes(struct cp_loading *g, const uint8_t about[static CP_ID_LEN],
                             const struct cp_loaded *from)
{
    size_t at = 0;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < from->writes_count; i++) {
        const struct cp_write *w = &from->writes[i];
        while (at + 1 < from->count && from->info[at].row != w->row)
            at++; /* both stand in one order */
        if (w->is_void || w->withdrawn)
            continue;
        if (w->frame->kind == CP_KIND_NOTE)
            err = add_note(g, w, about, from->info[at].time_ms);
        else if (w->frame->kind == CP_KIND_RECEIPT)
            err = add_receipt(g, w, about, from->info[at].time_ms);
    }
    return err;
}

/* ---- Pages and answers ---- */

static enum cp_err add_answer(struct cp_loading *g, const uint8_t *version, const struct cp_answer *a,
                              const uint8_t *entry)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_loading_room(g, &m->answers, &g->answers_cap, m->answers_count, sizeof *m->answers);
    if (err != CP_OK)
        return err;
    struct cp_answer_action *actions = cp_arena_take(&g->l->arena, a->actions_count, sizeof *actions);
    if (actions == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < a->actions_count; i++) {
        actions[i] = a->actions[i];
        actions[i].condition = cp_arena_copy(&g->l->arena, a->actions[i].condition);
    }
    struct cp_model_answer *out = &m->answers[m->answers_count++];
    *out = (struct cp_model_answer){.word = a->word, .actions = actions, .actions_count = a->actions_count};
    memcpy(out->entry, entry, CP_ID_LEN);
    memcpy(out->version, version, CP_ID_LEN);
    memcpy(out->person, a->person, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err add_waiting(struct cp_loading *g, const uint8_t *version, const uint8_t *person)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_loading_room(g, &m->waiting, &g->waiting_cap, m->waiting_count, sizeof *m->waiting);
    if (err != CP_OK)
        return err;
    memcpy(m->waiting[m->waiting_count].version, version, CP_ID_LEN);
    memcpy(m->waiting[m->waiting_count++].person, person, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err judge_page(struct cp_loading *g, const struct cp_page *p, struct cp_model_version *v)
{
    struct cp_answered answers;
    const struct cp_version *text = &p->read.v;
    enum cp_err err = cp_answered_load(&answers, g->d, p);
    if (err != CP_OK)
        return err;
    struct cp_answer_out *outs = cp_alloc_array(g->d->mem, text->must_answer_count + 1, sizeof *outs);
    err = outs == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    if (err == CP_OK)
        v->result = cp_answer_judge(text, answers.ins, answers.count, outs);
    for (size_t i = 0; err == CP_OK && i < text->must_answer_count; i++)
        if (!outs[i].counts || outs[i].will_missing)
            err = add_waiting(g, p->id, text->must_answer[i].person);
    for (size_t i = 0; err == CP_OK && i < answers.count; i++)
        if (cp_answered_stands(&answers, i))
            err = add_answer(g, p->id, answers.ins[i].a, answers.infos[i]->id);
    cp_free(g->d->mem, outs);
    cp_answered_clear(&answers);
    return err;
}

/* Who must get a copy: what the page says, not the draft of today. */
static enum cp_err fill_copies(struct cp_loading *g, const struct cp_page *p, struct cp_model_version *v)
{
    struct cp_model_copy *list = NULL;
    enum cp_err err = cp_copies_of(&p->read.v, g->d->mem, &list, &v->copies_count);
    struct cp_model_copy *copies =
        err == CP_OK ? cp_arena_take(&g->l->arena, v->copies_count + 1, sizeof *copies) : NULL;
    if (err == CP_OK && copies == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < v->copies_count; i++) {
        copies[i] = list[i];
        copies[i].name = cp_arena_copy(&g->l->arena, list[i].name);
    }
    v->copies = copies;
    cp_free(g->d->mem, list);
    return err;
}

/* What was asked for at the pages before, and what came of it. */
static enum cp_err load_asks(struct cp_loading *g, const struct cp_page *p)
{
    struct cp_asks asks;
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_asks_load(&asks, g->d, p);
    for (size_t i = 0; err == CP_OK && i < asks.count; i++) {
        err = cp_loading_room(g, &m->asks, &g->asks_cap, m->asks_count, sizeof *m->asks);
        if (err != CP_OK)
            break;
        struct cp_model_ask *ask = &m->asks[m->asks_count++];
        *ask = asks.list[i];
        ask->name = cp_arena_copy(&g->l->arena, ask->name);
        ask->asked = cp_arena_copy(&g->l->arena, ask->asked);
        ask->said = cp_arena_copy(&g->l->arena, ask->said);
        ask->cannots = NULL; /* of the walk, which ends here */
        ask->cannots_count = 0;
    }
    cp_asks_clear(&asks);
    return err;
}

static enum cp_err load_page(struct cp_loading *g, const struct cp_page_row *row)
{
    struct cp_model *m = &g->l->m;
    size_t place = m->versions_count++; /* rows come in that order */
    struct cp_model_version *v = &m->versions[place];
    struct cp_page page;
    *v = (struct cp_model_version){
        .stage = row->stage, .newest = row->newest, .place = place, .result = CP_RESULT_NOT_YET};
    memcpy(v->id, row->id, CP_ID_LEN);
    v->day = cp_loading_day(g, row->time_ms);
    if (!row->newest)
        return CP_OK;
    enum cp_err err = cp_page_open(&page, g->d, row->id);
    if (err != CP_OK)
        return err;
    if (row->stage == CP_STAGE_AGREEMENT)
        err = judge_page(g, &page, v);
    if (err == CP_OK && row->stage == CP_STAGE_AGREEMENT)
        err = load_asks(g, &page);
    if (err == CP_OK)
        err = fill_copies(g, &page, v);
    cp_page_clear(&page);
    return err;
}

/* ---- Agreed pages side by side ---- */

static const struct cp_version_item *item_in(const struct cp_version *v, const uint8_t *id)
{
    for (size_t i = 0; i < v->items_count; i++)
        if (memcmp(v->items[i].id, id, CP_ID_LEN) == 0)
            return &v->items[i];
    return NULL;
}

static bool say_the_same(const struct cp_version_item *a, const struct cp_version_item *b)
{
    if (b == NULL || a->facts_count != b->facts_count)
        return false;
    for (size_t i = 0; i < a->facts_count; i++) {
        const struct cp_fact *x = &a->facts[i], *y = &b->facts[i];
        if (x->field != y->field || !cp_bytes_eq(x->lang, y->lang) || !cp_bytes_eq(x->column, y->column) ||
            !cp_bytes_eq(x->value, y->value) || !cp_bytes_eq(x->also, y->also))
            return false;
    }
    return true;
}

/* Actions common to both carry on; the others wait (domain 5.5). Each once for each page that differs. */
static enum cp_err add_differing(struct cp_loading *g, const struct cp_version *a, const struct cp_version *b)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < a->items_count; i++) {
        if (a->items[i].kind != CP_RECORD_ACTION || say_the_same(&a->items[i], item_in(b, a->items[i].id)))
            continue;
        bool known = false;
        for (size_t k = 0; k < m->differs_count; k++)
            known = known || memcmp(m->differs[k], a->items[i].id, CP_ID_LEN) == 0;
        if (!known)
            err = cp_loading_room(g, &m->differs, &g->differs_cap, m->differs_count, sizeof *m->differs);
        if (!known && err == CP_OK)
            memcpy(m->differs[m->differs_count++], a->items[i].id, CP_ID_LEN);
    }
    return err;
}

static bool is_agreed(const struct cp_model_version *v)
{
    return v->newest && v->stage == CP_STAGE_AGREEMENT &&
           (v->result == CP_RESULT_AGREED || v->result == CP_RESULT_WORRIES);
}

/* Every agreed page is held against the first of them, both ways. */
static enum cp_err load_differing(struct cp_loading *g)
{
    const struct cp_model *m = &g->l->m;
    const struct cp_model_version *first = NULL;
    struct cp_page a, b;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < m->versions_count; i++) {
        const struct cp_model_version *v = &m->versions[i];
        if (!is_agreed(v))
            continue;
        if (first == NULL) {
            first = v;
            continue;
        }
        err = cp_page_open(&a, g->d, first->id);
        if (err != CP_OK)
            break;
        err = cp_page_open(&b, g->d, v->id);
        if (err == CP_OK) {
            err = add_differing(g, &a.read.v, &b.read.v);
            if (err == CP_OK)
                err = add_differing(g, &b.read.v, &a.read.v);
            cp_page_clear(&b);
        }
        cp_page_clear(&a);
    }
    return err;
}

enum cp_err cp_loading_pages(struct cp_loading *g)
{
    struct cp_pages pages;
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_pages_list(&pages, g->d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    m->versions = cp_alloc_array(g->d->mem, pages.count + 1, sizeof *m->versions);
    err = m->versions == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < pages.count; i++)
        if (pages.rows[i].counts)
            err = load_page(g, &pages.rows[i]);
    cp_pages_clear(&pages);
    return err == CP_OK ? load_differing(g) : err;
}
