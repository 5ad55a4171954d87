/* The languages that a plan needs: words that a page would not have in each of them (C2). Owns: this part of the point.
 * Must not: translate, or say what is good Welsh. */
#include "proto/check_internal.h"

static bool said_in(const struct cp_model_record *r, uint16_t field, struct cp_bytes lang)
{
    for (const struct cp_model_fact *f = cp_model_get(r, field); f != NULL; f = cp_model_next(r, f))
        if (cp_bytes_eq(f->lang, lang) && f->text.len > 0)
            return true;
    return false;
}

static bool said_at_all(const struct cp_model_record *r, uint16_t field)
{
    for (const struct cp_model_fact *f = cp_model_get(r, field); f != NULL; f = cp_model_next(r, f))
        if (f->text.len > 0)
            return true;
    return false;
}

/* The first language of the plan is the one that words without a language are in. */
static void field_in_all(struct cp_check *c, const struct cp_model_record *r, const uint8_t *record,
                         const struct cp_field *field, struct cp_bytes name)
{
    const struct cp_model_fact *lang = cp_model_get(&c->m->plan, CP_FIELD_LANGUAGES);
    for (bool first = true; lang != NULL; lang = cp_model_next(&c->m->plan, lang), first = false) {
        if (said_in(r, field->code, lang->text) || (first && said_in(r, field->code, CP_BYTES(NULL, 0))))
            continue;
        if (field->code == CP_FIELD_TEXT || field->code == CP_FIELD_TITLE)
            cp_say2(c, CP_CHECK_HARD, "no_language", record, cp_arg_text(name), cp_arg_text(lang->text));
        else
            cp_say3(c, CP_CHECK_HARD, "no_field_language", record, cp_arg_text(name),
                    cp_arg_word(field->name), cp_arg_text(lang->text));
    }
}

/* Every field that says something, once; the words of an item are asked for also where nobody wrote any. */
static void record_in_all(struct cp_check *c, const struct cp_model_record *r, const uint8_t *record,
                          struct cp_bytes name)
{
    size_t count = 0;
    const struct cp_field *fields = cp_fields(&count);
    for (size_t i = 0; i < count; i++)
        if ((fields[i].on & 1U << (unsigned)r->kind) != 0 && cp_field_is_words(&fields[i]) &&
            (fields[i].code == CP_FIELD_TEXT || said_at_all(r, fields[i].code)))
            field_in_all(c, r, record, &fields[i], name);
}

void cp_check_languages(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    if (cp_model_get(&m->plan, CP_FIELD_LANGUAGES) == NULL)
        return;
    record_in_all(c, &m->plan, NULL, cp_model_text(&m->plan, CP_FIELD_TITLE));
    for (size_t i = 0; i < m->items_count; i++)
        record_in_all(c, &m->items[i].r, m->items[i].r.id, cp_model_text(&m->items[i].r, CP_FIELD_TEXT));
}
