/* Views that somebody says for somebody else. Owns: finding out whether a mandate lets them. Must not: decide by rules of its own
 * (proto/answer_others.h, proto/views.c). */
#include <string.h>

#include "daemon/serve_agree.h"
#include "proto/model.h"

static uint64_t time_of(const struct cp_loaded *l, const struct cp_write *w)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->info[i].row == w->row)
            return l->info[i].time_ms;
    return 0;
}

bool cp_desk_lets(const struct cp_desk *d, const struct cp_mandates *m,
                  const uint8_t person[static CP_ID_LEN], const uint8_t proxy[static CP_ID_LEN],
                  uint64_t measure, uint64_t time_ms)
{
    char day[16];
    cp_day_of(time_ms, day);
    uint8_t plan[CP_ID_LEN];
    for (unsigned depth = 0; cp_store_origin(d->node->store, d->plan, depth, plan) == CP_OK; depth++)
        if (cp_mandates_let_speak(m->ins, m->count, plan, person, proxy, cp_bytes_str(day), cp_measure_is_own(measure)))
            return true;
    return false;
}

enum cp_err cp_views_of(struct cp_views *out, const struct cp_desk *d, const struct cp_shown *s)
{
    const struct cp_loaded *l = &s->loaded;
    struct cp_mandates mandates = {.mem = NULL};
    bool read = false;
    enum cp_err err = CP_OK;
    *out = (struct cp_views){.mem = s->mem};
    for (size_t i = 0; err == CP_OK && i < l->writes_count; i++) {
        struct cp_write *w = &l->writes[i];
        const uint8_t *person = w->frame->kind == CP_KIND_VIEW ? cp_view_for(w->frame) : NULL;
        w->speaks_for = NULL;
        if (person == NULL)
            continue;
        if (!read) /* hardly ever, so not with every item */
            err = cp_mandates_load(&mandates, d);
        read = true;
        if (err == CP_OK && cp_desk_lets(d, &mandates, person, w->person, w->frame->subkind, time_of(l, w)))
            w->speaks_for = person;
    }
    if (err == CP_OK)
        err = cp_views_fold(out, s->mem, l->writes, l->writes_count);
    cp_mandates_clear(&mandates);
    return err;
}
