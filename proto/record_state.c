/*
 * What a record's state comes to (record.h): set aside, gone or accepted, or back on the list because somebody changed
 * it apart from that. Owns: these two judgements and the word that people read.
 * Must not: depend on the order in which writes are given, on a clock, or on anything outside its arguments.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/record_cells.h"

/* The words that take an item off people's hands, by what they do to it. */
static const char *const aside_words = "set aside";
static const char *const closing_words = "gone|accepted";

bool cp_record_says(const struct cp_record_state *s, const struct cp_current *at, const char *words)
{
    const struct cp_value *v = cp_record_value(s, at);
    return v->type == CP_VALUE_TEXT && cp_word_in(words, v->bytes);
}

bool cp_state_word_closes(struct cp_bytes word)
{
    return cp_word_in(closing_words, word);
}

/* ---- Who met whom ---- */

static int by_pointed(const void *a, const void *b)
{
    return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, CP_ID_LEN);
}

/* Ids to look among, sorted: of the current writes that say one of the words, and of all that these name. */
struct sayers {
    const uint8_t **ids, **named;
    size_t ids_count, named_count;
};

static bool is_among(const uint8_t *const *ids, size_t count, const uint8_t *id)
{
    return count > 0 && bsearch(&id, ids, count, sizeof *ids, by_pointed) != NULL;
}

static enum cp_err find_sayers(const struct cp_record_state *s, const struct cp_register *state,
                               const char *words, struct sayers *out)
{
    size_t refs = 0;
    for (size_t i = 0; i < state->count; i++)
        refs += s->writes[state->values[i].write].frame->refs_count;
    out->ids = cp_alloc_array(s->mem, state->count, sizeof *out->ids);
    out->named = cp_alloc_array(s->mem, refs, sizeof *out->named);
    if (out->ids == NULL || out->named == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < state->count; i++) {
        const struct cp_write *w = &s->writes[state->values[i].write];
        if (!cp_record_says(s, &state->values[i], words))
            continue;
        out->ids[out->ids_count++] = w->id;
        for (size_t r = 0; r < w->frame->refs_count; r++)
            out->named[out->named_count++] = cp_frame_ref(w->frame, r);
    }
    if (out->ids_count > 1)
        qsort(out->ids, out->ids_count, sizeof *out->ids, by_pointed);
    if (out->named_count > 1)
        qsort(out->named, out->named_count, sizeof *out->named, by_pointed);
    return CP_OK;
}

/* Was the write seen by one of them, or did it see one? (design 4: "saw" is the reference list) */
static bool met_one(const struct sayers *a, const struct cp_write *w)
{
    if (is_among(a->ids, a->ids_count, w->id) || is_among(a->named, a->named_count, w->id))
        return true;
    for (size_t r = 0; r < w->frame->refs_count; r++)
        if (is_among(a->ids, a->ids_count, cp_frame_ref(w->frame, r)))
            return true;
    return false;
}

/*
 * Does some current write of the state say one of the words (*any), and has every current write of every other field
 * met one of these (*met)? Over all current values, before equal ones become one.
 */
static enum cp_err judge_words(const struct cp_record_state *s, const char *words, bool *any, bool *met)
{
    const struct cp_register *state = cp_record_get(s, CP_FIELD_STATE, CP_BYTES(NULL, 0));
    struct sayers a = {.ids_count = 0};
    enum cp_err err = state == NULL ? CP_OK : find_sayers(s, state, words, &a);
    *any = err == CP_OK && a.ids_count > 0;
    *met = true;
    for (size_t r = 0; *any && r < s->count; r++) {
        if (s->registers[r].field == CP_FIELD_STATE || s->registers[r].field == CP_FIELD_POSITION)
            continue;
        for (size_t i = 0; *met && i < s->registers[r].count; i++)
            *met = met_one(&a, &s->writes[s->registers[r].values[i].write]);
    }
    cp_free(s->mem, a.ids);
    cp_free(s->mem, a.named);
    return err;
}

enum cp_err cp_record_judge_state(struct cp_record_state *s)
{
    bool any, met;
    enum cp_err err = judge_words(s, aside_words, &any, &met);
    s->set_aside = err == CP_OK && any && met;
    s->edited_apart = err == CP_OK && any && !met;
    if (err == CP_OK)
        err = judge_words(s, closing_words, &any, &met);
    s->closed_apart = err == CP_OK && any && !met;
    return err;
}

/* ---- The word ---- */

struct cp_bytes cp_record_state_word(const struct cp_record_state *s)
{
    const struct cp_register *r = cp_record_get(s, CP_FIELD_STATE, CP_BYTES(NULL, 0));
    const struct cp_current *closing = NULL;
    if (s->set_aside)
        return cp_bytes_str(aside_words);
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        const struct cp_value *v = cp_record_value(s, &r->values[i]);
        if (v->type == CP_VALUE_NONE || cp_record_says(s, &r->values[i], aside_words))
            continue; /* cannot be read, or does not hold */
        if (!cp_record_says(s, &r->values[i], closing_words))
            return v->type == CP_VALUE_TEXT ? v->bytes
                                            : cp_bytes_str("open"); /* of two wordings the careful one */
        if (closing == NULL && !s->closed_apart)
            closing = &r->values[i];
    }
    return closing != NULL ? cp_record_value(s, closing)->bytes : cp_bytes_str("open");
}
