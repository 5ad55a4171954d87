/* Fields, states and perspectives of a plan as plain structs (model.h). Owns: reading alone. */
#include <string.h>

#include "proto/model.h"

const struct cp_model_fact *cp_model_get(const struct cp_model_record *r, uint16_t field)
{
    const struct cp_model_fact *other = NULL; /* said in another language alone: said */
    for (size_t i = 0; i < r->facts_count; i++) {
        const struct cp_model_fact *f = &r->facts[i];
        if (f->field != field)
            continue;
        if (f->lang.len == 0)
            return f;
        other = other == NULL ? f : other;
    }
    return other;
}

const struct cp_model_fact *cp_model_next(const struct cp_model_record *r, const struct cp_model_fact *at)
{
    for (const struct cp_model_fact *f = at + 1; f < r->facts + r->facts_count; f++)
        if (f->field == at->field)
            return f;
    return NULL;
}

struct cp_bytes cp_model_text(const struct cp_model_record *r, uint16_t field)
{
    const struct cp_model_fact *f = cp_model_get(r, field);
    return f == NULL ? CP_BYTES(NULL, 0) : f->text;
}

int64_t cp_model_number(const struct cp_model_record *r, uint16_t field, int64_t otherwise)
{
    const struct cp_model_fact *f = cp_model_get(r, field);
    return f == NULL ? otherwise : f->number;
}

const uint8_t *cp_model_link(const struct cp_model_record *r, uint16_t field)
{
    const struct cp_model_fact *f = cp_model_get(r, field);
    return f == NULL ? NULL : f->link;
}

bool cp_model_two(const struct cp_model_record *r, uint16_t field)
{
    for (size_t i = 0; i < r->facts_count; i++)
        if (r->facts[i].field == field && r->facts[i].two)
            return true;
    return false;
}

bool cp_model_links(const struct cp_model_record *r, uint16_t field, const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < r->facts_count; i++)
        if (r->facts[i].field == field && r->facts[i].link != NULL &&
            memcmp(r->facts[i].link, id, CP_ID_LEN) == 0)
            return true;
    return false;
}

bool cp_model_says(const struct cp_model_record *r, uint16_t field, const char *word)
{
    for (size_t i = 0; i < r->facts_count; i++)
        if (r->facts[i].field == field && cp_bytes_eq(r->facts[i].text, cp_bytes_str(word)))
            return true;
    return false;
}

bool cp_model_state_in(const struct cp_model_item *item, const char *words)
{
    return cp_word_in(words, item->state);
}

bool cp_model_is_action(const struct cp_model_item *item)
{
    return item->r.kind == CP_RECORD_ACTION && !cp_model_state_in(item, "dropped|set aside");
}

const uint8_t *cp_model_owner(const struct cp_model_item *item)
{
    const uint8_t *owner = cp_model_link(&item->r, CP_M_OWNER);
    if (owner == NULL)
        owner = cp_model_link(&item->r, CP_M_BY);
    return owner == NULL ? item->author : owner;
}

bool cp_model_asked(const struct cp_model_person *p)
{
    return p->in && !p->kept_informed;
}

bool cp_model_has_perspective(const struct cp_model_person *p, struct cp_bytes perspective)
{
    for (size_t i = 0; i < p->r.facts_count; i++)
        if (p->r.facts[i].field == CP_M_PERSPECTIVES && cp_bytes_eq(p->r.facts[i].text, perspective))
            return true;
    return false;
}

size_t cp_model_perspective_size(const struct cp_model *m, struct cp_bytes perspective)
{
    size_t count = 0;
    for (size_t i = 0; i < m->people_count; i++)
        count += m->people[i].in && cp_model_has_perspective(&m->people[i], perspective) ? 1 : 0;
    return count;
}

bool cp_model_perspective_needed(const struct cp_model *m, struct cp_bytes perspective)
{
    for (size_t i = 0; i < m->plan.facts_count; i++)
        if (m->plan.facts[i].field == CP_M_PERSPECTIVES_NEEDED &&
            cp_bytes_eq(m->plan.facts[i].text, perspective))
            return true;
    return false;
}

bool cp_model_perspective_shown(const struct cp_model *m, struct cp_bytes perspective)
{
    size_t count = 0;
    bool all = true;
    for (size_t i = 0; i < m->people_count; i++) {
        if (!m->people[i].in || !cp_model_has_perspective(&m->people[i], perspective))
            continue;
        count++;
        all = all && m->people[i].shows_perspective;
    }
    return count >= CP_PERSPECTIVE_MIN || (count > 0 && all);
}
