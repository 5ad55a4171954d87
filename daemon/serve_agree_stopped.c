/* Who stops a page: people whose own risk it holds and who do not accept it. Must not: judge answers. */
#include <string.h>

#include "daemon/serve_agree.h"

static bool says_not_ok(const struct cp_write *w)
{
    for (size_t i = 0; i < w->frame->ops_count; i++)
        if (w->frame->ops[i].field == CP_FIELD_VALUE && w->frame->ops[i].value.type == CP_VALUE_TEXT)
            return cp_bytes_eq(w->frame->ops[i].value.bytes, cp_bytes_str("not_ok"));
    return false;
}

static enum cp_err add_stop(struct cp_stops *out, const struct cp_shown *s, const uint8_t *person)
{
    void *array = out->list;
    enum cp_err err = cp_grow(out->mem, &array, &out->cap, out->count + 1, SIZE_MAX, sizeof *out->list);
    if (err != CP_OK)
        return err;
    out->list = array;
    struct cp_stop *stop = &out->list[out->count++];
    memcpy(stop->risk, s->id, CP_ID_LEN);
    memcpy(stop->person, person, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err look_at_risk(struct cp_stops *out, const struct cp_desk *d, const uint8_t *id)
{
    struct cp_shown s;
    struct cp_views views;
    enum cp_err err = cp_shown_load(&s, d, CP_RECORD_RISK, id, false);
    if (err != CP_OK)
        return err;
    err = cp_views_of(&views, d, &s);
    bool standing = !cp_word_in("gone|set aside", cp_shown_state(&s));
    for (size_t i = 0; err == CP_OK && standing && i < views.count; i++) {
        const struct cp_view_row *row = &views.rows[i];
        if (cp_measure_is_own(row->measure) && row->current_count == 1 && cp_view_is_theirs(&s.state, row) &&
            says_not_ok(&s.loaded.writes[row->first]))
            err = add_stop(out, &s, row->person);
    }
    cp_views_clear(&views);
    cp_shown_clear(&s);
    return err;
}

enum cp_err cp_page_stops(struct cp_stops *out, const struct cp_page *p, const struct cp_desk *d)
{
    enum cp_err err = CP_OK;
    *out = (struct cp_stops){.mem = d->mem};
    for (size_t i = 0; err == CP_OK && cp_page_counts(p) && i < p->read.v.items_count; i++)
        if (p->read.v.items[i].kind == CP_RECORD_RISK)
            err = look_at_risk(out, d, p->read.v.items[i].id);
    if (err != CP_OK)
        cp_stops_clear(out);
    return err;
}

void cp_stops_clear(struct cp_stops *s)
{
    if (s->mem != NULL)
        cp_free(s->mem, s->list);
    *s = (struct cp_stops){.mem = s->mem};
}

void cp_put_stops(const struct cp_stops *s, const struct cp_desk *d, struct cp_buf *out)
{
    cp_api_key(out, "stopped");
    cp_api_list(out, s->count);
    for (size_t i = 0; i < s->count; i++) {
        cp_api_object(out, 3);
        cp_api_key(out, "id");
        cp_api_hex(out, s->list[i].risk, CP_ID_LEN);
        cp_api_key(out, "person");
        cp_api_hex(out, s->list[i].person, CP_ID_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, cp_desk_name(d, s->list[i].person));
    }
}
