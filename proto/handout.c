/* Copies of a page (handout.h). Owns: the list and what receipts come to. Must not: load, or write receipts. */
#include "proto/handout.h"

#include <stdlib.h>
#include <string.h>

/* ---- Who must get a copy ---- */

struct copies {
    struct cp_model_copy *list;
    size_t count;
};

static void add(struct copies *c, const uint8_t *person, struct cp_bytes name, enum cp_copy_why why)
{
    struct cp_model_copy *copy = &c->list[c->count++];
    *copy = (struct cp_model_copy){.name = name, .why = (unsigned)why};
    memcpy(copy->person, person, CP_ID_LEN);
}

static bool names_someone(uint16_t field)
{
    return field == CP_FIELD_LEAD || field == CP_FIELD_HELPERS || field == CP_M_CONSULTED ||
           field == CP_M_INFORMED || field == CP_M_CHECKED_BY;
}

static bool asks_nothing(const struct cp_version_item *item)
{
    for (size_t i = 0; i < item->facts_count; i++)
        if (item->facts[i].field == CP_FIELD_STATE && cp_word_in("dropped|set aside", item->facts[i].value))
            return true;
    return item->kind != CP_RECORD_ACTION;
}

static void add_named(struct copies *c, const struct cp_version_item *item)
{
    uint8_t id[CP_ID_LEN];
    if (asks_nothing(item))
        return;
    for (size_t i = 0; i < item->facts_count; i++)
        if (names_someone(item->facts[i].field) && cp_hex_decode(item->facts[i].value, id, CP_ID_LEN))
            add(c, id, item->facts[i].also, CP_COPY_NAMED);
}

static int by_person(const void *a, const void *b)
{
    const struct cp_model_copy *x = a, *y = b;
    int order = memcmp(x->person, y->person, CP_ID_LEN);
    if (order == 0)
        order = (x->why < y->why) - (x->why > y->why); /* the lists of people first: they have the name */
    return order != 0 ? order : cp_bytes_cmp(x->name, y->name);
}

static size_t room_for(const struct cp_version *v)
{
    size_t count = v->must_answer_count + v->kept_informed_count + 1;
    for (size_t i = 0; i < v->items_count; i++)
        for (size_t j = 0; j < v->items[i].facts_count; j++)
            count += names_someone(v->items[i].facts[j].field) ? 1 : 0;
    return count;
}

/* Each person once, with every reason. */
static size_t join(struct cp_model_copy *list, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(list, count, sizeof *list, by_person);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && memcmp(list[kept - 1].person, list[i].person, CP_ID_LEN) == 0)
            list[kept - 1].why |= list[i].why;
        else
            list[kept++] = list[i];
    }
    return kept;
}

enum cp_err cp_copies_of(const struct cp_version *v, const struct cp_mem *mem, struct cp_model_copy **out,
                         size_t *count)
{
    struct copies c = {.list = cp_alloc_array(mem, room_for(v), sizeof *c.list)};
    *out = NULL;
    *count = 0;
    if (c.list == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < v->must_answer_count; i++)
        add(&c, v->must_answer[i].person, v->must_answer[i].name, CP_COPY_ANSWERS);
    for (size_t i = 0; i < v->kept_informed_count; i++)
        add(&c, v->kept_informed[i].person, v->kept_informed[i].name, CP_COPY_INFORMED);
    for (size_t i = 0; i < v->items_count; i++)
        add_named(&c, &v->items[i]);
    *count = join(c.list, c.count);
    *out = c.list;
    return CP_OK;
}

/* ---- How far one copy is ---- */

const char *cp_copied_word(enum cp_copied copied)
{
    switch (copied) {
    case CP_COPIED_NOT:
        return "to give";
    case CP_COPIED_COULD_NOT:
        return "could not";
    case CP_COPIED_SENT:
        return "sent";
    case CP_COPIED_GIVEN:
        return "given";
    case CP_COPIED_GOT:
        return "got";
    case CP_COPIED_EXPLAINED:
        return "explained";
    }
    return "to give";
}

static bool by_themselves(const struct cp_model_receipt *r)
{
    return cp_model_links(&r->r, CP_M_RECEIPT_TO, r->by);
}

enum cp_copied cp_receipt_counts_as(const struct cp_model_receipt *r)
{
    struct cp_bytes state = cp_model_text(&r->r, CP_M_RECEIPT_STATE);
    if (cp_word_in("got", state))
        return by_themselves(r) || cp_model_says(&r->r, CP_M_HOW, "hand") ? CP_COPIED_GOT : CP_COPIED_GIVEN;
    if (cp_word_in("explained", state))
        return CP_COPIED_EXPLAINED;
    if (cp_word_in("given", state))
        return CP_COPIED_GIVEN;
    if (cp_word_in("sent", state))
        return CP_COPIED_SENT;
    return cp_word_in("could_not", state) ? CP_COPIED_COULD_NOT : CP_COPIED_NOT;
}

/* What the person asked for; nothing for somebody outside the plan. */
struct wish {
    struct cp_bytes format, language;
};

static bool fits(const struct cp_model_receipt *r, const struct wish *w)
{
    struct cp_bytes format = cp_model_text(&r->r, CP_M_FORMAT);
    struct cp_bytes language = cp_model_text(&r->r, CP_M_LANGUAGE);
    if (w->language.len > 0 && language.len > 0 && !cp_bytes_eq(language, w->language))
        return false;
    if (w->format.len == 0)
        return true;
    if (format.len == 0) /* not said: their own word means what they asked for; else it is the usual form */
        return by_themselves(r) || cp_word_in("standard", w->format);
    return cp_bytes_eq(format, w->format);
}

static struct cp_bytes day_of(const struct cp_model_receipt *r)
{
    struct cp_bytes day = cp_model_text(&r->r, CP_M_SENT_AT);
    return day.len > 0 ? day : cp_model_text(&r->r, CP_M_GIVEN_AT);
}

/* Is this one further than what stands? The form asked for comes first, then how far, then the first of them. */
static bool is_further(const struct cp_copy *at, enum cp_copied copied, bool in_form)
{
    if (in_form != at->in_form)
        return in_form;
    return copied > at->copied;
}

/* Receipts are sorted by version: the first that is about this one. */
static size_t first_about(const struct cp_model *m, const uint8_t *version)
{
    size_t low = 0, high = m->receipts_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(m->receipts[middle].version, version, CP_ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void cp_copy_find(struct cp_copy *out, const struct cp_model *m, const uint8_t version[static CP_ID_LEN],
                  const uint8_t person[static CP_ID_LEN])
{
    const struct cp_model_person *p = cp_model_person(m, person);
    struct wish w = {.format = CP_BYTES(NULL, 0)};
    *out = (struct cp_copy){.copied = CP_COPIED_NOT};
    if (p != NULL) {
        w.format = cp_model_settled(&p->r, CP_M_WANTS_FORMAT);
        w.language = cp_model_settled(&p->r, CP_M_WANTS_LANGUAGE);
    }
    for (size_t i = first_about(m, version); i < m->receipts_count; i++) {
        const struct cp_model_receipt *r = &m->receipts[i];
        if (memcmp(r->version, version, CP_ID_LEN) != 0)
            break;
        enum cp_copied copied = cp_receipt_counts_as(r);
        if (copied == CP_COPIED_NOT || !cp_model_links(&r->r, CP_M_RECEIPT_TO, person))
            continue;
        struct cp_bytes day = day_of(r);
        if (copied >= CP_COPIED_SENT && day.len > 0 &&
            (out->sent_on.len == 0 || cp_bytes_cmp(day, out->sent_on) < 0))
            out->sent_on = day;
        struct cp_bytes again = cp_model_text(&r->r, CP_M_TRY_AGAIN);
        if (copied == CP_COPIED_COULD_NOT && cp_bytes_cmp(again, out->try_again) > 0)
            out->try_again = again; /* of several the latest day */
        bool in_form = copied >= CP_COPIED_GIVEN && fits(r, &w);
        if (!is_further(out, copied, in_form))
            continue;
        out->copied = copied;
        out->in_form = in_form;
        out->receipt = r;
    }
    if (out->copied != CP_COPIED_COULD_NOT)
        out->try_again = CP_BYTES(NULL, 0);
}
