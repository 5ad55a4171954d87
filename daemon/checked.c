/* Keys checked in person: see checked.h. */
#include "daemon/checked.h"

#include <string.h>

/* Is it such a note, and of this key? */
static bool is_check(const struct cp_write *w, const char *key)
{
    const struct cp_frame *f = w->frame;
    if (w->is_void || w->withdrawn || f->kind != CP_KIND_NOTE || f->subkind != CP_NOTE_CHECKED)
        return false;
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == CP_FIELD_CHECKED_KEY && f->ops[i].how == CP_HOW_SET &&
            f->ops[i].value.type == CP_VALUE_TEXT)
            return cp_bytes_eq(f->ops[i].value.bytes, cp_bytes_str(key));
    return false;
}

static enum cp_err add(struct cp_checks *c, const uint8_t *by, uint64_t time_ms)
{
    size_t at = 0;
    void *list = c->list;
    while (at < c->count && memcmp(c->list[at].by, by, CP_ID_LEN) < 0)
        at++;
    if (at < c->count && memcmp(c->list[at].by, by, CP_ID_LEN) == 0) {
        c->list[at].time_ms = time_ms > c->list[at].time_ms ? time_ms : c->list[at].time_ms;
        return CP_OK;
    }
    enum cp_err err = cp_grow(c->mem, &list, &c->cap, c->count + 1, SIZE_MAX, sizeof *c->list);
    c->list = list;
    if (err != CP_OK)
        return err;
    memmove(&c->list[at + 1], &c->list[at], (c->count - at) * sizeof *c->list);
    memcpy(c->list[at].by, by, CP_ID_LEN);
    c->list[at].time_ms = time_ms;
    c->count++;
    return CP_OK;
}

enum cp_err cp_checks_load(struct cp_checks *c, const struct cp_desk *d,
                           const uint8_t person[static CP_ID_LEN], const uint8_t key[static CP_KEY_LEN])
{
    char hex[2 * CP_KEY_LEN + 1];
    struct cp_loaded l;
    *c = (struct cp_checks){.mem = d->mem};
    cp_hex_encode(key, CP_KEY_LEN, hex);
    enum cp_err err = cp_store_load_kinds(d->node->store, d->plan, person, cp_kind_bit(CP_KIND_NOTE), &l);
    if (err != CP_OK)
        return err;
    for (size_t i = 0, k = 0; i < l.writes_count && err == CP_OK; i++) {
        while (l.info[k].row != l.writes[i].row) /* those that cannot be read are no writes */
            k++;
        if (is_check(&l.writes[i], hex) && memcmp(l.writes[i].person, person, CP_ID_LEN) != 0)
            err = add(c, l.writes[i].person, l.info[k].time_ms);
    }
    cp_loaded_clear(&l);
    if (err != CP_OK)
        cp_checks_clear(c);
    return err;
}

const struct cp_check *cp_checks_by(const struct cp_checks *c, const uint8_t by[static CP_ID_LEN])
{
    for (size_t i = 0; i < c->count; i++)
        if (memcmp(c->list[i].by, by, CP_ID_LEN) == 0)
            return &c->list[i];
    return NULL;
}

void cp_checks_newest(struct cp_checks *c, size_t most)
{
    while (c->count > most) {
        size_t oldest = 0;
        for (size_t i = 1; i < c->count; i++)
            if (c->list[i].time_ms < c->list[oldest].time_ms)
                oldest = i;
        c->count--;
        memmove(&c->list[oldest], &c->list[oldest + 1], (c->count - oldest) * sizeof *c->list);
    }
}

void cp_checks_clear(struct cp_checks *c)
{
    cp_free(c->mem, c->list);
    *c = (struct cp_checks){.mem = c->mem};
}
