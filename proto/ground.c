/* Common ground (rank.h, domain P6). Owns: which options everyone can live with. Must not: outvote anybody. */
#include <stdlib.h>
#include <string.h>

#include "proto/rank.h"

void cp_ground_of(const struct cp_model *m, const struct cp_model_item *option, struct cp_ground_row *out)
{
    *out = (struct cp_ground_row){.option = option};
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        const struct cp_model_view *v = cp_model_view(m, option->r.id, CP_M_MEASURE_COMMITMENT, p->r.id);
        if (!p->in || (v == NULL && p->kept_informed))
            continue;
        if (v == NULL)
            out->missing++;
        else if (cp_bytes_eq(v->value, cp_bytes_str("lead")))
            out->lead++;
        else if (cp_bytes_eq(v->value, cp_bytes_str("help")))
            out->help++;
        else if (cp_bytes_eq(v->value, cp_bytes_str("fine")))
            out->fine++;
        else if (cp_bytes_eq(v->value, cp_bytes_str("unsure")))
            out->unsure++;
        else
            out->cannot++;
        if (v != NULL && out->first_cannot == NULL && cp_bytes_eq(v->value, cp_bytes_str("cannot")))
            out->first_cannot = v;
    }
    int64_t allowed = cp_model_number(&m->plan, CP_M_UNSURE_ALLOWED, 0);
    if (out->cannot == 1)
        out->ground = CP_GROUND_ONE_CANNOT;
    else if (out->cannot > 1 || (int64_t)out->unsure > allowed)
        out->ground = CP_GROUND_SPLIT;
    else
        out->ground = out->missing > 0 ? CP_GROUND_NOT_ENOUGH : CP_GROUND_COMMON;
}

static int by_ground(const void *a, const void *b)
{
    const struct cp_ground_row *x = a, *y = b;
    if (x->ground != y->ground)
        return x->ground < y->ground ? -1 : 1;
    return (x->option->place > y->option->place) - (x->option->place < y->option->place);
}

size_t cp_common_ground(const struct cp_model *m, const struct cp_model_item *priority,
                        struct cp_ground_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < m->items_count; i++) {
        const struct cp_model_item *item = &m->items[i];
        if (item->r.kind == CP_RECORD_OPTION && !cp_model_state_in(item, "combined") &&
            (priority == NULL || cp_model_links(&item->r, CP_M_FOR, priority->r.id)))
            cp_ground_of(m, item, &rows[count++]);
    }
    if (count > 1)
        qsort(rows, count, sizeof *rows, by_ground);
    return count;
}
