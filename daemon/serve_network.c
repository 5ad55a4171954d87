/*
 * Commands about networks: network, network-mark (docs/api.md).
 * Owns: what these answer. Must not: send anything; finder.c does, once a mark stands.
 */
#include <string.h>

#include "daemon/finder.h"
#include "daemon/view.h"

#define ROW_MAX 1024U

static void put_text(struct cp_buf *out, const char *key, const char *text)
{
    cp_api_key(out, key);
    cp_api_cstr(out, text);
}

static void put_bool(struct cp_buf *out, const char *key, bool value)
{
    cp_api_key(out, key);
    cp_api_bool(out, value);
}

/* How many other machines of our plans answered on it lately. */
static size_t found_on(const struct cp_finder *f, const struct cp_network *n)
{
    size_t count = 0;
    if (!n->fine)
        return 0;
    for (size_t i = 0; i < f->found_count; i++) {
        bool here = false;
        for (size_t a = 0; a < f->found[i].addresses; a++)
            here = here || cp_finder_in_range(n, f->found[i].address[a]);
        count += here ? 1U : 0U;
    }
    return count;
}

static void put_known(struct cp_buf *out, enum cp_network_known known)
{
    cp_api_key(out, "known_by");
    if (known == CP_NETWORK_BY_NOTHING)
        cp_api_null(out);
    else
        cp_api_cstr(out, known == CP_NETWORK_BY_ROUTER ? "router" : "addresses");
}

static void reply_network(struct cp_request *r, const char *label, bool here, bool fine,
                          enum cp_network_known known, size_t found)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 5);
    put_text(&out, "network", label);
    put_bool(&out, "here", here);
    put_bool(&out, "fine", fine);
    put_known(&out, known);
    cp_api_key(&out, "found");
    cp_api_int(&out, (int64_t)found);
    if (cp_buf_err(&out) == CP_OK)
        cp_reply_row(r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
}

/* Those that we are on, as the system and the marks tell now. */
static size_t networks_here(struct cp_node *node, const struct cp_network_mark *marks, size_t marks_count,
                            struct cp_network list[static CP_NETWORKS_MAX])
{
    size_t count = cp_network_scan(list);
    cp_finder_names(node->finder, list, count);
    cp_network_judge(marks, marks_count, list, count);
    return count;
}

static void serve_network(struct cp_request *r)
{
    struct cp_network list[CP_NETWORKS_MAX];
    struct cp_network_mark marks[CP_NETWORK_MARKS_MAX];
    size_t marks_count = cp_network_marks(r->node, marks);
    size_t count = networks_here(r->node, marks, marks_count, list);
    for (size_t i = 0; i < count; i++)
        reply_network(r, list[i].label, true, list[i].fine, list[i].known,
                      found_on(r->node->finder, &list[i]));
    for (size_t k = 0; k < marks_count; k++) {
        bool here = false;
        for (size_t i = 0; i < count; i++)
            here = here || (list[i].fine && memcmp(list[i].id, marks[k].id, sizeof marks[k].id) == 0);
        if (!here)
            reply_network(r, marks[k].label, false, true, CP_NETWORK_BY_NOTHING, 0);
    }
    cp_reply_done(r, CP_BYTES(NULL, 0), 0);
}

/* "wlan0", "192.168.1.0/24", or both as `network` shows them. */
static bool is_called(const char *label, struct cp_bytes typed)
{
    const char *space = strchr(label, ' ');
    size_t first = space == NULL ? strlen(label) : (size_t)(space - label);
    return typed.len == 0 || cp_bytes_eq(cp_bytes_str(label), typed) ||
           cp_bytes_eq(CP_BYTES((const uint8_t *)label, first), typed) ||
           (space != NULL && cp_bytes_eq(cp_bytes_str(space + 1), typed));
}

/* The one that is meant: of those here, and for taking a mark away also of those marked. */
static enum cp_err find_network(struct cp_request *r, struct cp_bytes typed, bool fine,
                                struct cp_network_mark *out, enum cp_network_known *known)
{
    struct cp_network list[CP_NETWORKS_MAX];
    struct cp_network_mark marks[CP_NETWORK_MARKS_MAX];
    size_t marks_count = cp_network_marks(r->node, marks), found = 0, nameless = 0;
    size_t count = networks_here(r->node, marks, marks_count, list);
    for (size_t i = 0; i < count; i++) {
        if (!is_called(list[i].label, typed) || (!fine && !list[i].fine))
            continue;
        nameless += list[i].known == CP_NETWORK_BY_NOTHING ? 1U : 0U;
        *known = list[i].known;
        memcpy(out->id, list[i].id, sizeof out->id);
        memcpy(out->label, list[i].label, sizeof out->label);
        found++;
    }
    for (size_t k = 0; !fine && found == 0 && k < marks_count; k++)
        if (typed.len > 0 && is_called(marks[k].label, typed)) {
            *out = marks[k];
            found++;
        }
    if (found > 1)
        return CP_ERR_AMBIGUOUS;
    if (found == 0)
        return typed.len == 0 && fine ? CP_ERR_NO_NETWORK : CP_ERR_NOT_FOUND;
    return nameless > 0 ? CP_ERR_NO_NETWORK : CP_OK;
}

static void serve_mark(struct cp_request *r)
{
    struct cp_bytes typed = cp_arg(r, "network");
    bool fine = cp_api_member_true(&r->with, "fine");
    struct cp_network_mark m;
    struct cp_buf out;
    enum cp_network_known known = CP_NETWORK_BY_NOTHING;
    enum cp_err err = find_network(r, typed, fine, &m, &known);
    if (err == CP_OK)
        err = cp_network_mark(r->node, m.id, m.label, fine);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    cp_finder_look(r->node);
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 3);
    put_text(&out, "network", m.label);
    put_bool(&out, "fine", fine);
    put_known(&out, known);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_network[] = {
    {"network", CP_NEED_UNLOCKED, serve_network},
    {"network-mark", CP_NEED_UNLOCKED, serve_mark},
    {NULL, 0, NULL},
};
