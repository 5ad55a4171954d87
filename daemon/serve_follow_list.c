/*
 * Continuations in lists of plans, and whether one that is offered is for anybody here.
 * Owns: what is shown of who has come. Must not: write anything.
 */
#include "daemon/serve_follow.h"

#include <string.h>

bool cp_follow_for_us(void *ctx, const struct cp_continuation *from)
{
    const struct cp_node *node = ctx;
    for (size_t i = 0; node->keeper != NULL && i < cp_keeper_count(node->keeper); i++)
        if (cp_id_list_has(&from->people, cp_keeper_person(node->keeper, i)->person))
            return true;
    return false;
}

struct come {
    uint8_t old[CP_ID_LEN];
    bool continues, follows;
    size_t named, come;
};

static enum cp_err how_many(struct cp_node *node, const struct cp_plan_row *row, struct come *c)
{
    const struct cp_members *m = NULL;
    *c = (struct come){.follows = true};
    enum cp_err err = cp_store_origin(node->store, row->id, 1, c->old);
    c->continues = err == CP_OK;
    if (err != CP_OK || row->awaited || cp_store_locked(node->store))
        return err == CP_ERR_WRONG_PLAN ? CP_OK : err;
    err = cp_store_members(node->store, row->id, &m);
    for (size_t i = 0; err == CP_OK && i < m->named_count; i++) {
        c->named++;
        bool came = cp_members_came(m, &m->named[i]);
        c->come += came ? 1 : 0;
        for (size_t k = 0; k < cp_keeper_count(node->keeper); k++)
            if (memcmp(cp_keeper_person(node->keeper, k)->person, m->named[i].person, CP_ID_LEN) == 0)
                c->follows = c->follows && came;
    }
    return err;
}

static void put_number(struct cp_buf *out, const char *key, size_t n)
{
    cp_api_key(out, key);
    cp_api_int(out, (int64_t)n);
}

enum cp_err cp_follow_put(struct cp_node *node, const struct cp_plan_row *rows, size_t count, size_t at, struct cp_buf *out)
{
    struct come own, other;
    size_t carried = 0;
    bool hushed = false;
    enum cp_err err = how_many(node, &rows[at], &own);
    if (err == CP_OK && !cp_store_locked(node->store))
        err = cp_store_hushed(node->store, rows[at].id, &hushed);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        err = how_many(node, &rows[i], &other);
        carried += other.continues && memcmp(other.old, rows[at].id, CP_ID_LEN) == 0 ? 1 : 0;
    }
    cp_api_key(out, "continues");
    if (own.continues)
        cp_api_hex(out, own.old, CP_ID_LEN);
    else
        cp_api_null(out);
    put_number(out, "named", own.named);
    put_number(out, "come", own.come);
    cp_api_key(out, "follows");
    cp_api_bool(out, own.follows);
    cp_api_key(out, "carried_on");
    cp_api_list(out, err == CP_OK ? carried : 0);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        err = how_many(node, &rows[i], &other);
        if (err != CP_OK || !other.continues || memcmp(other.old, rows[at].id, CP_ID_LEN) != 0)
            continue;
        cp_api_object(out, 3);
        cp_api_key(out, "plan");
        cp_api_hex(out, rows[i].id, CP_ID_LEN);
        put_number(out, "named", other.named);
        put_number(out, "come", other.come);
    }
    cp_api_key(out, "left_old");
    cp_api_bool(out, hushed);
    return err;
}
