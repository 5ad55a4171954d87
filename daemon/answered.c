/* The answers to a page, as stored. Owns: which of them count, and what their people noted as met. */
#include <string.h>

#include "daemon/serve_agree.h"

/* The key that must have signed: what the page prints; for a supporter what the log names. */
static bool key_fits(const struct cp_desk *d, const struct cp_page *p, const struct cp_answer *a)
{
    const uint8_t *key = NULL;
    if (!cp_page_key(p, a->person, &key)) {
        const struct cp_named *known = cp_desk_person(d, a->person);
        key = known == NULL ? NULL : known->key;
    }
    return key != NULL && !sodium_is_zero(key, CP_KEY_LEN) && memcmp(key, a->key, CP_KEY_LEN) == 0;
}

enum cp_err cp_desk_key_counts(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN],
                               const uint8_t key[static CP_KEY_LEN], struct cp_bytes text, bool *counts, bool *theirs)
{
    const struct cp_members *m = NULL;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_store_members(d->node->store, d->plan, &m);
    *counts = false;
    if (err != CP_OK)
        return err;
    cp_answer_id(text, id);
    bool known = cp_members_key(m, person, key) != NULL;
    *counts = !known || cp_members_says(m, person, key, id);
    if (theirs != NULL)
        *theirs = known;
    return CP_OK;
}

bool cp_desk_answer(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_answer_read *out, bool *counts)
{
    const struct cp_members *m = NULL;
    struct cp_value values[2];
    size_t count = 0;
    if (info->newer || info->kind != CP_KIND_ANSWER || info->words.ptr == NULL ||
        cp_words_values(info->words, values, 2, &count) != CP_OK || count != 2 || values[0].type != CP_VALUE_TEXT ||
        values[1].type != CP_VALUE_BYTES || values[1].bytes.len != CP_SIG_LEN ||
        cp_answer_read(out, d->mem, values[0].bytes) != CP_OK)
        return false;
    const struct cp_answer *a = &out->a;
    const uint8_t *giver = a->how == CP_ANSWER_OWN ? a->person : a->by;
    if (cp_store_members(d->node->store, d->plan, &m) == CP_OK && cp_members_key(m, giver, a->key) != NULL &&
        cp_sshsig_ok(values[0].bytes, a->key, values[1].bytes.ptr) &&
        cp_desk_key_counts(d, giver, a->key, values[0].bytes, counts, NULL) == CP_OK)
        return true;
    cp_answer_clear(out);
    return false;
}

static void note_lost(struct cp_answered *set, const struct cp_answer *a, struct cp_bytes text)
{
    struct cp_lost_answer lost = {.word = a->word};
    memcpy(lost.person, a->person, CP_ID_LEN);
    cp_answer_id(text, lost.id);
    for (size_t i = 0; i < set->lost_count; i++)
        if (memcmp(set->lost[i].id, lost.id, CP_ID_LEN) == 0)
            return;
    set->lost[set->lost_count++] = lost;
}

static enum cp_err read_answer(struct cp_answered *set, const struct cp_desk *d, const struct cp_page *p,
                               const struct cp_entry_info *info)
{
    struct cp_value values[2];
    struct cp_answer_read *read = &set->reads[set->count];
    size_t count = 0;
    if (info->newer || info->kind != CP_KIND_ANSWER || info->words.ptr == NULL ||
        cp_words_values(info->words, values, 2, &count) != CP_OK || count != 2 ||
        values[0].type != CP_VALUE_TEXT || values[1].type != CP_VALUE_BYTES ||
        values[1].bytes.len != CP_SIG_LEN)
        return CP_OK;
    enum cp_err err = cp_answer_read(read, d->mem, values[0].bytes);
    if (err != CP_OK)
        return err == CP_ERR_NO_MEMORY ? err : CP_OK;
    const struct cp_answer *a = &read->a;
    if (memcmp(a->version, p->id, CP_ID_LEN) != 0 || memcmp(a->plan, p->reproduced ? p->read.v.plan : d->plan, CP_ID_LEN) != 0 ||
        (a->how == CP_ANSWER_OWN && !key_fits(d, p, a)) ||
        !cp_sshsig_ok(values[0].bytes, a->key, values[1].bytes.ptr)) {
        cp_answer_clear(read);
        return CP_OK;
    }
    bool counts = false;
    err = cp_desk_key_counts(d, a->how == CP_ANSWER_OWN ? a->person : a->by, a->key, values[0].bytes, &counts, NULL);
    if (err != CP_OK || !counts) {
        if (err == CP_OK)
            note_lost(set, a, values[0].bytes);
        cp_answer_clear(read);
        return err;
    }
    set->ins[set->count].a = a;
    cp_answer_id(values[0].bytes, set->ins[set->count].id);
    set->infos[set->count] = info;
    set->texts[set->count] = values[0];
    set->sigs[set->count++] = values[1];
    return CP_OK;
}

/* ---- "I will if", noted as met by the person themselves ---- */

static bool promises_if(const struct cp_answer *a)
{
    for (size_t i = 0; i < a->actions_count; i++)
        if (a->actions[i].will == CP_WILL_IF)
            return true;
    return false;
}

/* A note of kind met about the answer: of one action (about_item), or of all. */
static enum cp_err read_met(struct cp_answered *set, struct cp_answer_in *in, const struct cp_write *w)
{
    const struct cp_frame *f = w->frame;
    bool of_one = false;
    enum cp_err err = CP_OK;
    /* Words taken back are gone, and what the note said came of the condition stays: nothing takes a note away. */
    if (w->is_void || f->kind != CP_KIND_NOTE || f->subkind != CP_NOTE_MET ||
        memcmp(w->person, in->a->person, CP_ID_LEN) != 0)
        return CP_OK;
    for (size_t i = 0; err == CP_OK && i < f->ops_count; i++) {
        if (f->ops[i].field != CP_FIELD_ABOUT_ITEM || f->ops[i].how != CP_HOW_LINK)
            continue;
        of_one = true;
        err = cp_ids_add(&set->met, cp_frame_ref(f, f->ops[i].ref), 0);
        in->met_count += err == CP_OK ? 1 : 0;
    }
    in->all_met = in->all_met || !of_one;
    return err;
}

static enum cp_err load_met(struct cp_answered *set, const struct cp_desk *d)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < set->count; i++) {
        struct cp_loaded l;
        if (!promises_if(set->ins[i].a))
            continue;
        err = cp_store_load(d->node->store, d->plan, set->infos[i]->id, true, &l);
        if (err != CP_OK)
            break;
        for (size_t k = 0; err == CP_OK && k < l.writes_count; k++)
            err = read_met(set, &set->ins[i], &l.writes[k]);
        cp_loaded_clear(&l);
    }
    for (size_t i = 0, at = 0; err == CP_OK && i < set->count; i++) { /* the list has its place only now */
        if (set->ins[i].met_count == 0)
            continue;
        set->ins[i].met = (const uint8_t(*)[CP_ID_LEN])set->met.ids + at;
        at += set->ins[i].met_count;
    }
    return err;
}

enum cp_err cp_answered_load(struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p)
{
    *a = (struct cp_answered){.mem = d->mem};
    cp_ids_init(&a->met, d->mem);
    enum cp_err err = cp_store_load(d->node->store, d->plan, p->id, true, &a->loaded);
    if (err != CP_OK) {
        a->mem = NULL;
        return err;
    }
    size_t n = a->loaded.count + 1;
    a->reads = cp_alloc_array(d->mem, n, sizeof *a->reads);
    a->ins = cp_alloc_array(d->mem, n, sizeof *a->ins);
    a->infos = cp_alloc_array(d->mem, n, sizeof *a->infos);
    a->texts = cp_alloc_array(d->mem, n, sizeof *a->texts);
    a->sigs = cp_alloc_array(d->mem, n, sizeof *a->sigs);
    a->lost = cp_alloc_array(d->mem, n, sizeof *a->lost);
    if (a->lost == NULL || a->reads == NULL || a->ins == NULL || a->infos == NULL || a->texts == NULL || a->sigs == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < a->loaded.count; i++)
        err = read_answer(a, d, p, &a->loaded.info[i]);
    a->read_count = a->count;
    if (err == CP_OK)
        err = cp_answered_settle(a, d, p);
    if (err == CP_OK)
        err = load_met(a, d);
    if (err != CP_OK)
        cp_answered_clear(a);
    return err;
}

void cp_answered_clear(struct cp_answered *a)
{
    if (a->mem == NULL)
        return;
    for (size_t i = 0; i < a->read_count; i++)
        cp_answer_clear(&a->reads[i]);
    cp_answered_clear_others(a);
    cp_free(a->mem, a->reads);
    cp_free(a->mem, a->ins);
    cp_free(a->mem, a->infos);
    cp_free(a->mem, a->texts);
    cp_free(a->mem, a->sigs);
    cp_free(a->mem, a->lost);
    cp_ids_clear(&a->met);
    cp_loaded_clear(&a->loaded);
    *a = (struct cp_answered){.mem = NULL};
}

bool cp_answered_stands(const struct cp_answered *a, size_t i)
{
    for (size_t j = 0; j < a->count; j++) {
        const struct cp_answer *other = a->ins[j].a;
        if (j == i || memcmp(other->person, a->ins[i].a->person, CP_ID_LEN) != 0)
            continue;
        if (memcmp(a->ins[j].id, a->ins[i].id, CP_ID_LEN) == 0) {
            if (j < i)
                return false;
            continue;
        }
        for (size_t k = 0; k < other->replaces_count; k++)
            if (memcmp(other->replaces[k], a->ins[i].id, CP_ID_LEN) == 0)
                return false;
    }
    return true;
}

/* ---- Judged ---- */

void cp_judged_clear(struct cp_judged *j)
{
    cp_answered_clear(&j->answers);
    cp_free(j->d->mem, j->outs);
    cp_stops_clear(&j->stops);
    cp_gathered_clear(&j->now);
}

enum cp_err cp_judge_answers(struct cp_judged *j, const struct cp_desk *d, const struct cp_page *p)
{
    *j = (struct cp_judged){.d = d, .p = p, .result = CP_RESULT_NOT_YET};
    const struct cp_version *v = &p->read.v;
    enum cp_err err = cp_answered_load(&j->answers, d, p);
    if (err != CP_OK)
        return err;
    j->outs = cp_alloc_array(d->mem, v->must_answer_count + 1, sizeof *j->outs);
    if (j->outs == NULL) {
        cp_answered_clear(&j->answers);
        return CP_ERR_NO_MEMORY;
    }
    /* A page that has no effect has no result either: nobody was asked by it. */
    if (cp_page_counts(p))
        j->result = cp_answer_judge(v, j->answers.ins, j->answers.count, j->outs);
    return CP_OK;
}

enum cp_err cp_judge_page(struct cp_judged *j, const struct cp_desk *d, const struct cp_page *p)
{
    enum cp_err err = cp_judge_answers(j, d, p);
    if (err != CP_OK)
        return err;
    err = cp_page_stops(&j->stops, p, d);
    if (err == CP_OK && j->stops.count > 0)
        j->result = CP_RESULT_NOT_AGREED; /* whoever answered what: nobody agrees over their head */
    if (err == CP_OK)
        err = cp_gather(&j->now, d, CP_STAGE_AGREEMENT, false);
    if (err != CP_OK) {
        cp_stops_clear(&j->stops);
        cp_answered_clear(&j->answers);
        cp_free(d->mem, j->outs);
    }
    return err;
}

bool cp_judged_asked(const struct cp_judged *j, const uint8_t *person)
{
    const uint8_t *key = NULL;
    return cp_page_key(j->p, person, &key);
}
