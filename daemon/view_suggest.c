/* A suggestion for a field with two wordings, from all that was ever written to it. Must not: choose. */
#include "daemon/view.h"
#include "proto/suggest.h"

enum cp_err cp_shown_suggestion(const struct cp_desk *d, const struct cp_shown *s,
                                const struct cp_shown_field *field, struct cp_buf *out, bool *found)
{
    struct cp_shown whole;
    *found = false;
    if (field->count != 2 || field->field->list ||
        (field->field->type != CP_TYPE_TEXT && field->field->type != CP_TYPE_COLUMN))
        return CP_OK;
    enum cp_err err = cp_shown_load(&whole, d, s->kind, s->id, true);
    if (err != CP_OK)
        return err;
    const struct cp_shown_field *f = cp_shown_field(&whole, field->field->code, field->lang, field->column);
    if (f != NULL && f->count == 2)
        err = cp_suggest_for(d->mem, whole.writes, whole.writes_count, &f->values[0], &f->values[1], out,
                             found);
    cp_shown_clear(&whole);
    return err;
}
