/* Names and health words in the text of a page to be. Owns: the search. Must not: refuse anything. */
#include "daemon/gather_names.h"

#include <stdlib.h>
#include <string.h>

#include "proto/sensitive.h"

struct found {
    size_t at, len;
};
struct finding {
    const struct cp_desk *d;
    struct cp_bytes *words; /* the plan's own, in its order */
    size_t words_count, words_cap;
    struct cp_shown plan; /* holds them */
    struct found *list;   /* of the text at hand */
    size_t count, cap;
    struct cp_buf rows;
    size_t shown, more;
};

static enum cp_err keep(struct finding *f, struct cp_bytes text, struct cp_bytes word)
{
    void *array = f->list;
    enum cp_err err = cp_grow(f->d->mem, &array, &f->cap, f->count + 1, SIZE_MAX, sizeof *f->list);
    f->list = array;
    if (err == CP_OK)
        f->list[f->count++] = (struct found){.at = (size_t)(word.ptr - text.ptr), .len = word.len};
    return err;
}

/* All places, one search after the other. */
static enum cp_err look_through(struct finding *f, struct cp_bytes text)
{
    enum cp_err err = CP_OK;
    struct cp_bytes hit;
    f->count = 0;
    for (size_t from = 0; err == CP_OK && (hit = cp_sensitive_health(text, from)).len > 0;
         from = (size_t)(hit.ptr - text.ptr) + hit.len)
        err = keep(f, text, hit);
    for (size_t i = 0; i < f->d->people_count; i++)
        for (size_t from = 0;
             err == CP_OK && (hit = cp_sensitive_name(text, from, f->d->people[i].name)).len > 0;
             from = (size_t)(hit.ptr - text.ptr) + hit.len)
            err = keep(f, text, hit);
    for (size_t i = 0; i < f->words_count; i++)
        for (size_t from = 0; err == CP_OK && (hit = cp_sensitive_word(text, from, f->words[i])).len > 0;
             from = (size_t)(hit.ptr - text.ptr) + hit.len)
            err = keep(f, text, hit);
    return err;
}

/* As they stand in the text; of two that begin together the longer first. */
static int by_place(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->len == y->len ? 0 : x->len > y->len ? -1 : 1;
}

static bool said_before(const struct finding *f, struct cp_bytes text, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (f->list[j].len == f->list[i].len &&
            memcmp(text.ptr + f->list[j].at, text.ptr + f->list[i].at, f->list[i].len) == 0)
            return true;
    return false;
}

static void put_row(struct finding *f, const uint8_t *id, const struct cp_fact *fact, struct cp_bytes word)
{
    struct cp_shown_field field = {.lang = CP_BYTES(NULL, 0)};
    if (f->shown == CP_NAMES_SHOWN) {
        f->more++;
        return;
    }
    f->shown++;
    cp_api_object(&f->rows, 3);
    cp_api_key(&f->rows, "id");
    cp_api_hex(&f->rows, id, CP_ID_LEN);
    cp_api_key(&f->rows, "field");
    if (fact == NULL) {
        cp_api_cstr(&f->rows, "anyway");
    } else {
        field = (struct cp_shown_field){
            .field = cp_field_by_code(fact->field), .lang = fact->lang, .column = fact->column};
        cp_put_field_name(&field, &f->rows);
    }
    cp_api_key(&f->rows, "word");
    cp_api_text(&f->rows, word);
}

/* fact NULL: the reason of freeze --anyway. */
static enum cp_err find_in(struct finding *f, const uint8_t *id, const struct cp_fact *fact,
                           struct cp_bytes text)
{
    size_t end = 0;
    enum cp_err err = look_through(f, text);
    if (f->count > 1)
        qsort(f->list, f->count, sizeof *f->list, by_place);
    for (size_t i = 0; err == CP_OK && i < f->count; i++) {
        const struct found *at = &f->list[i];
        if (at->at < end) /* a part of what was told */
            continue;
        end = at->at + at->len;
        if (!said_before(f, text, i))
            put_row(f, id, fact, CP_BYTES(text.ptr + at->at, at->len));
    }
    return err;
}

static enum cp_err find_in_facts(struct finding *f, const uint8_t *id, const struct cp_fact *facts,
                                 size_t count)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        const struct cp_field *field = cp_field_by_code(facts[i].field);
        bool free_text = field != NULL && (field->type == CP_TYPE_TEXT || field->type == CP_TYPE_LINE ||
                                           field->type == CP_TYPE_OPEN || field->type == CP_TYPE_COLUMN);
        if (free_text)
            err = find_in(f, id, &facts[i], facts[i].value);
    }
    return err;
}

static enum cp_err load_words(struct finding *f)
{
    enum cp_err err = cp_shown_load(&f->plan, f->d, CP_RECORD_PLAN, f->d->plan, false);
    if (err != CP_OK)
        return err;
    const struct cp_shown_field *own =
        cp_shown_field(&f->plan, CP_FIELD_PRIVATE_WORDS, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    for (size_t i = 0; err == CP_OK && own != NULL && i < own->count; i++) {
        const struct cp_value *v = cp_record_value(&f->plan.state, &own->values[i]);
        void *array = f->words;
        if (v->type != CP_VALUE_TEXT)
            continue;
        err = cp_grow(f->d->mem, &array, &f->words_cap, f->words_count + 1, SIZE_MAX, sizeof *f->words);
        f->words = array;
        if (err == CP_OK)
            f->words[f->words_count++] = v->bytes;
    }
    return err;
}

enum cp_err cp_gathered_names(const struct cp_gathered *g, const struct cp_desk *d, struct cp_buf *out)
{
    struct finding f = {.d = d};
    const struct cp_version *v = &g->v;
    cp_buf_init(&f.rows, d->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = load_words(&f);
    if (err == CP_OK)
        err = find_in_facts(&f, d->plan, v->facts, v->facts_count);
    for (size_t i = 0; err == CP_OK && i < v->items_count; i++)
        err = find_in_facts(&f, v->items[i].id, v->items[i].facts, v->items[i].facts_count);
    if (err == CP_OK)
        err = find_in(&f, d->plan, NULL, v->left_open_why);
    if (err == CP_OK)
        err = cp_buf_err(&f.rows);
    if (err == CP_OK) {
        cp_api_key(out, "names");
        cp_api_list(out, f.shown);
        cp_buf_put_bytes(out, cp_buf_bytes(&f.rows));
        cp_api_key(out, "more_names");
        cp_api_int(out, (int64_t)f.more);
    }
    cp_buf_clear(&f.rows);
    cp_free(d->mem, f.list);
    cp_free(d->mem, f.words);
    cp_shown_clear(&f.plan);
    return err;
}
