/*
 * In how many places of a plan two wordings stand. Owns: counting them, and remembering the number while nothing is
 * written. Must not: decide what two wordings are (view.c).
 *
 * `status` says it first thing, and finding out means opening every record of the plan.
 */
#include <string.h>

#include "daemon/view.h"

struct counting {
    const struct cp_desk *d;
    size_t count;
    enum cp_err err;
};

static bool count_item(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l)
{
    struct counting *c = ctx;
    struct cp_shown s;
    enum cp_err err = cp_shown_fold(&s, c->d, target, l);
    if (err == CP_OK && !s.state.set_aside)
        c->count += cp_shown_wordings(&s);
    cp_shown_clear(&s);
    c->err = err == CP_ERR_NOT_FOUND ? CP_OK : err; /* the plan itself, a person: counted one by one */
    return c->err == CP_OK;
}

static enum cp_err count_one(struct counting *c, enum cp_record kind, const uint8_t *id)
{
    struct cp_shown s;
    enum cp_err err = cp_shown_load_fields(&s, c->d, kind, id);
    if (err != CP_OK)
        return err;
    c->count += cp_shown_wordings(&s);
    cp_shown_clear(&s);
    return CP_OK;
}

static enum cp_err count(struct cp_node *node, const uint8_t *plan, size_t *out)
{
    struct cp_desk d;
    struct counting c = {.d = &d};
    enum cp_err err = cp_desk_open(&d, node, plan);
    if (err != CP_OK)
        return err;
    err = count_one(&c, CP_RECORD_PLAN, plan);
    for (size_t i = 0; err == CP_OK && i < d.people_count; i++)
        if (!d.people[i].someone) /* counted with the items */
            err = count_one(&c, CP_RECORD_PERSON, d.people[i].person);
    if (err == CP_OK)
        err = cp_store_records(node->store, plan, 0, count_item, &c);
    cp_desk_close(&d);
    *out = c.count;
    return err == CP_OK ? c.err : err;
}

enum cp_err cp_count_wordings(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], size_t *out)
{
    uint64_t now = cp_store_changes(node->store);
    *out = 0;
    for (size_t i = 0; i < CP_WORDINGS_KNOWN; i++) {
        const struct cp_wordings_known *k = &node->wordings[i];
        if (k->known && k->changes == now && memcmp(k->plan, plan, CP_ID_LEN) == 0) {
            *out = k->count;
            return CP_OK;
        }
    }
    enum cp_err err = count(node, plan, out);
    if (err != CP_OK)
        return err;
    struct cp_wordings_known *k = &node->wordings[node->wordings_turn++ % CP_WORDINGS_KNOWN];
    *k = (struct cp_wordings_known){.known = true, .changes = now, .count = *out};
    memcpy(k->plan, plan, CP_ID_LEN);
    return CP_OK;
}
