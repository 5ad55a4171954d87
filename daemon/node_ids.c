/*
 * What people type to name a thing: the beginning of an id, or a shown name.
 * Owns: finding the one thing meant. Must not: guess when it could be two.
 */
#include "daemon/node.h"

#include <string.h>

enum {
    TYPED_MIN = 6,
    FOUND_MAX = 2
};

/* Lower-case hex of at least 6 and at most 64 digits. */
static bool hex_of(struct cp_bytes typed, char out[static 2 * CP_ID_LEN + 1], size_t *len)
{
    if (typed.len < TYPED_MIN || typed.len > 2 * (size_t)CP_ID_LEN)
        return false;
    for (size_t i = 0; i < typed.len; i++) {
        uint8_t c = typed.ptr[i];
        if (c >= 'A' && c <= 'F')
            c = (uint8_t)(c - 'A' + 'a');
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
            return false;
        out[i] = (char)c;
    }
    out[typed.len] = '\0';
    *len = typed.len;
    return true;
}

bool cp_id_begins(const uint8_t id[static CP_ID_LEN], struct cp_bytes typed)
{
    char want[2 * CP_ID_LEN + 1], have[2 * CP_ID_LEN + 1];
    size_t len = 0;
    if (!hex_of(typed, want, &len))
        return false;
    cp_hex_encode(id, CP_ID_LEN, have);
    return memcmp(want, have, len) == 0;
}

enum cp_err cp_node_find_entry(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                               struct cp_bytes typed, uint8_t id[static CP_ID_LEN])
{
    char hex[2 * CP_ID_LEN + 1];
    uint8_t found[FOUND_MAX][CP_ID_LEN];
    size_t len = 0, count = 0;
    if (!hex_of(typed, hex, &len))
        return CP_ERR_USAGE;
    enum cp_err err =
        cp_store_find(node->store, plan, CP_BYTES((const uint8_t *)hex, len), found, FOUND_MAX, &count);
    if (err != CP_OK)
        return err;
    if (count != 1)
        return count == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
    memcpy(id, found[0], CP_ID_LEN);
    return CP_OK;
}

/* One candidate met: remembers the first and whether a different one came. */
struct only {
    uint8_t *id;
    size_t count;
};

static void met(struct only *only, const uint8_t *id)
{
    if (only->count > 0 && memcmp(only->id, id, CP_ID_LEN) == 0)
        return;
    if (only->count == 0)
        memcpy(only->id, id, CP_ID_LEN);
    only->count++;
}

static enum cp_err verdict(const struct only *only)
{
    return only->count == 1 ? CP_OK : only->count == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
}

/* ---- People ---- */

struct someones {
    struct cp_node *node;
    const uint8_t *plan;
    cp_someone_visit *visit;
    void *ctx;
    enum cp_err err;
};

static bool read_someone(void *ctx, const struct cp_entry_info *info)
{
    struct someones *s = ctx;
    struct cp_loaded loaded;
    struct cp_record_state state;
    const struct cp_write *writes = NULL;
    struct cp_someone who = {.aside = false};
    size_t count = 0;
    bool go_on = true;
    if (info->newer || info->frame.ptr == NULL)
        return true;
    memcpy(who.id, info->id, CP_ID_LEN);
    s->err = cp_store_load(s->node->store, s->plan, info->id, false, &loaded);
    if (s->err != CP_OK)
        return false;
    s->err = cp_loaded_of(&loaded, CP_KIND_ITEM, CP_KIND_SET, &writes, &count);
    if (s->err == CP_OK)
        s->err = cp_record_fold(&state, s->node->mem, writes, count);
    if (s->err == CP_OK) {
        who.name = cp_record_text(&state, CP_FIELD_TEXT, CP_BYTES(NULL, 0));
        who.aside = state.set_aside;
        go_on = s->visit(s->ctx, &who);
        cp_record_clear(&state);
    }
    cp_loaded_clear(&loaded);
    return go_on && s->err == CP_OK;
}

enum cp_err cp_node_someones(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                             cp_someone_visit *visit, void *ctx)
{
    struct someones s = {.node = node, .plan = plan, .visit = visit, .ctx = ctx};
    enum cp_err err = cp_store_each(node->store, plan, CP_LIST_SOMEONE, false, read_someone, &s);
    return err == CP_OK ? s.err : err;
}

struct person_search {
    struct cp_bytes typed;
    struct only by_id, by_name;
};

static bool match_someone(void *ctx, const struct cp_someone *who)
{
    struct person_search *s = ctx;
    if (cp_id_begins(who->id, s->typed))
        met(&s->by_id, who->id);
    if (!who->aside && cp_bytes_eq(who->name, s->typed))
        met(&s->by_name, who->id);
    return true;
}

enum cp_err cp_node_find_person(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                struct cp_bytes typed, uint8_t id[static CP_ID_LEN])
{
    const struct cp_members *members = NULL;
    struct cp_buf name;
    uint8_t named[CP_ID_LEN] = {0};
    struct person_search s = {.typed = typed, .by_id = {.id = id}, .by_name = {.id = named}};

    if (typed.len == 0)
        return CP_ERR_USAGE;
    enum cp_err err = cp_store_members(node->store, plan, &members);
    if (err != CP_OK)
        return err;
    for (size_t i = 0; i < members->count; i++)
        if (cp_id_begins(members->devices[i].person, typed))
            met(&s.by_id, members->devices[i].person);
    err = cp_node_someones(node, plan, match_someone, &s);
    if (err != CP_OK)
        return err;
    if (s.by_id.count > 0)
        return verdict(&s.by_id);
    err = cp_store_members(node->store, plan, &members); /* borrowed until the store was read */
    cp_buf_init(&name, node->mem, CP_TEXT_MAX);
    for (size_t i = 0; i < members->count && err == CP_OK; i++) {
        cp_buf_reset(&name);
        err = cp_node_name(node, plan, members->devices[i].person, &name);
        if (err == CP_OK && cp_bytes_eq(cp_buf_bytes(&name), typed))
            met(&s.by_name, members->devices[i].person);
    }
    cp_buf_clear(&name);
    memcpy(id, named, CP_ID_LEN);
    return err == CP_OK ? verdict(&s.by_name) : err;
}

/* ---- Versions ---- */

struct version_search {
    struct cp_bytes typed;
    struct only only;
};

/* A VERSION's frame begins [kind, [version id, parts...]]. */
static bool visit_version(void *ctx, const struct cp_entry_info *info)
{
    struct version_search *s = ctx;
    struct cp_cursor c;
    cp_cursor_init(&c, info->frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 2, 0xffff);
    (void)cp_get_uint(&c, UINT32_MAX);
    (void)cp_get_array(&c, 1, CP_REFS_MAX);
    const uint8_t *version = cp_get_fixed_ref(&c, CP_ID_LEN);
    if (c.err == CP_OK && cp_id_begins(version, s->typed))
        met(&s->only, version);
    return true;
}

enum cp_err cp_node_find_version(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                 struct cp_bytes typed, uint8_t id[static CP_ID_LEN])
{
    char hex[2 * CP_ID_LEN + 1];
    size_t len = 0;
    struct version_search search = {.typed = typed, .only = {.id = id}};
    if (!hex_of(typed, hex, &len))
        return CP_ERR_USAGE;
    enum cp_err err = cp_store_each(node->store, plan, CP_KIND_VERSION, false, visit_version, &search);
    return err == CP_OK ? verdict(&search.only) : err;
}
