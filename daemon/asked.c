/* What came of what people asked for. Owns: the walk along the line of pages. Must not: write. */
#include "daemon/asked.h"

#include <string.h>

struct walk {
    struct cp_asks *out;
    const struct cp_desk *d;
    const struct cp_page *p;
    struct cp_ids line; /* pages, nearest first; numbers: 1 for those that p itself names */
};

static bool in_line(const struct cp_ids *line, const uint8_t *id, size_t before)
{
    for (size_t i = 0; i < before && i < line->count; i++)
        if (memcmp(line->ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err add_parents(struct cp_ids *line, const struct cp_version *v, uint64_t direct)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < v->parents_count; i++)
        if (!in_line(line, v->parents[i], line->count))
            err = cp_ids_add(line, v->parents[i], direct);
    return err;
}

/* ---- What an answer asks for ---- */

/* The words of each action that they cannot do. */
static void tell_cannots(struct cp_asks *out, const struct cp_answer *a, const struct cp_version *v, struct cp_model_ask *ask)
{
    if (!ask->cannot)
        return;
    ask->cannots = cp_arena_take(&out->arena, a->actions_count, sizeof *ask->cannots);
    for (size_t i = 0; ask->cannots != NULL && i < a->actions_count; i++)
        if (a->actions[i].will == CP_WILL_CANNOT)
            ask->cannots[ask->cannots_count++] =
                cp_arena_copy(&out->arena, cp_version_words(v, a->actions[i].action));
}

static bool asks(const struct cp_answer *a)
{
    return a->word == CP_ANSWER_NO || a->word == CP_ANSWER_ASIDE || a->word == CP_ANSWER_WORRY || cp_answer_cannot(a);
}

/* ---- What came of it ---- */

/* What a talk says: its words, whether something was changed, and by which page (NULL: none named). */
struct talk {
    struct cp_bytes text, changed;
    const uint8_t *page;
};

static void read_talk(const struct cp_frame *f, struct talk *out)
{
    *out = (struct talk){.page = NULL};
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_op *op = &f->ops[i];
        if (op->field == CP_FIELD_TEXT && op->value.type == CP_VALUE_TEXT)
            out->text = op->value.bytes;
        else if (op->field == CP_FIELD_CHANGED && op->value.type == CP_VALUE_TEXT)
            out->changed = op->value.bytes;
        else if (op->field == CP_FIELD_VERSION && op->how == CP_HOW_LINK)
            out->page = cp_frame_ref(f, op->ref);
    }
}

/* The last talk decides; writes come by (lamport, id). `at`: the place in the line of the page that was answered. */
static void settle(const struct walk *w, const struct cp_loaded *l, size_t at, struct cp_model_ask *ask)
{
    for (size_t i = 0; i < l->writes_count; i++) {
        const struct cp_write *write = &l->writes[i];
        struct talk talk;
        if (write->is_void || write->withdrawn || write->frame->kind != CP_KIND_NOTE ||
            (write->frame->subkind != CP_NOTE_NEGOTIATION && write->frame->subkind != CP_NOTE_REPLY))
            continue;
        read_talk(write->frame, &talk);
        if (talk.changed.len == 0 || (talk.page != NULL && memcmp(talk.page, w->p->id, CP_ID_LEN) != 0 &&
                                      !in_line(&w->line, talk.page, at)))
            continue;
        ask->state = cp_bytes_eq(talk.changed, cp_bytes_str("yes")) ? CP_ASKED_CHANGED : CP_ASKED_STAYS;
        ask->said = talk.text;
    }
}

/* Asked at a nearer page already. */
static bool asked_again(const struct cp_asks *asks, const struct cp_model_ask *ask)
{
    for (size_t i = 0; i < asks->count; i++)
        if (memcmp(asks->list[i].person, ask->person, CP_ID_LEN) == 0 &&
            memcmp(asks->list[i].version, ask->version, CP_ID_LEN) != 0)
            return true;
    return false;
}

static enum cp_err keep(struct cp_asks *out, const struct cp_mem *mem, const struct cp_model_ask *ask)
{
    void *array = out->list;
    enum cp_err err = cp_grow(mem, &array, &out->cap, out->count + 1, SIZE_MAX, sizeof *out->list);
    if (err != CP_OK)
        return err;
    out->list = array;
    struct cp_model_ask *kept = &out->list[out->count++];
    *kept = *ask;
    kept->name = cp_arena_copy(&out->arena, ask->name);
    kept->asked = cp_arena_copy(&out->arena, ask->asked);
    kept->said = cp_arena_copy(&out->arena, ask->said);
    return out->arena.failed ? CP_ERR_NO_MEMORY : CP_OK;
}

static enum cp_err take_answer(struct walk *w, const struct cp_answered *set, size_t i, size_t at,
                               const struct cp_page *page)
{
    struct cp_loaded l;
    const struct cp_answer *a = set->ins[i].a;
    struct cp_model_ask ask = {.name = cp_page_name(page, w->d, a->person),
                               .asked = a->would_agree_if.len > 0 ? a->would_agree_if : a->why,
                               .word = a->word,
                               .cannot = cp_answer_cannot(a)};
    tell_cannots(w->out, a, &page->read.v, &ask);
    memcpy(ask.page, w->p->id, CP_ID_LEN);
    memcpy(ask.version, w->line.ids[at], CP_ID_LEN);
    memcpy(ask.entry, set->infos[i]->id, CP_ID_LEN);
    memcpy(ask.person, a->person, CP_ID_LEN);
    enum cp_err err = cp_store_load(w->d->node->store, w->d->plan, ask.entry, true, &l);
    if (err != CP_OK)
        return err;
    settle(w, &l, at, &ask);
    if (w->line.numbers[at] != 0 || (ask.state == CP_ASKED_OPEN && !asked_again(w->out, &ask)))
        err = keep(w->out, w->d->mem, &ask);
    cp_loaded_clear(&l);
    return err;
}

/* ---- The line ---- */

static enum cp_err take_page(struct walk *w, size_t at)
{
    struct cp_page before;
    struct cp_answered set;
    enum cp_err err = cp_page_open(&before, w->d, w->line.ids[at]);
    if (err == CP_ERR_NOT_FOUND || err == CP_ERR_WORDS_MISSING)
        return CP_OK; /* not here yet */
    if (err != CP_OK)
        return err;
    w->out->rounds++;
    if (cp_page_counts(&before))
        err = add_parents(&w->line, &before.read.v, 0);
    if (err == CP_OK)
        err = cp_answered_load(&set, w->d, &before);
    if (err == CP_OK) {
        for (size_t i = 0; err == CP_OK && i < set.count; i++)
            if (cp_answered_stands(&set, i) && asks(set.ins[i].a))
                err = take_answer(w, &set, i, at, &before);
        cp_answered_clear(&set);
    }
    cp_page_clear(&before);
    return err;
}

enum cp_err cp_asks_load(struct cp_asks *out, const struct cp_desk *d, const struct cp_page *p)
{
    struct walk w = {.out = out, .d = d, .p = p};
    *out = (struct cp_asks){.rounds = 1};
    cp_arena_init(&out->arena, d->mem);
    cp_ids_init(&w.line, d->mem);
    enum cp_err err = add_parents(&w.line, &p->read.v, 1);
    for (size_t i = 0; err == CP_OK && i < w.line.count; i++)
        err = take_page(&w, i);
    cp_ids_clear(&w.line);
    if (err != CP_OK)
        cp_asks_clear(out);
    return err;
}

void cp_asks_clear(struct cp_asks *a)
{
    const struct cp_mem *mem = a->arena.mem;
    if (mem != NULL)
        cp_free(mem, a->list);
    cp_arena_clear(&a->arena);
    *a = (struct cp_asks){.rounds = 0};
}
