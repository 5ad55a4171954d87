/* Ping, listen, stop. See serve_running.h. */
#include "daemon/serve_running.h"

#include <string.h>
#include <unistd.h>

#include "daemon/held.h"
#include "daemon/home.h"
#include "daemon/net_reach.h"

#define ANSWER_MAX 4096U

/* What others type to call this machine, and what they know it by before they have met it. */
static void put_reach(const struct cp_node *node, const uint8_t *key, struct cp_buf *out)
{
    char address[256];
    cp_api_key(out, "address");
    if (node->bound[0] == '\0') {
        cp_api_null(out);
    } else {
        cp_net_reachable(node->bound, address);
        cp_api_cstr(out, address);
    }
    cp_api_key(out, "key");
    if (key == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, key, CP_KEY_LEN);
}

void cp_reply_running(struct cp_request *r, const struct cp_running *is)
{
    const struct cp_node *node = r->node;
    struct cp_buf out;
    cp_buf_init(&out, node->mem, ANSWER_MAX);
    cp_api_object(&out, 9);
    cp_api_key(&out, "running");
    cp_api_bool(&out, true);
    cp_api_count(&out, "pid", (uint64_t)getpid());
    cp_api_key(&out, "listen");
    if (node->bound[0] == '\0')
        cp_api_null(&out);
    else
        cp_api_cstr(&out, node->bound);
    cp_api_key(&out, "locked");
    if (is->trouble == CP_OK)
        cp_api_bool(&out, is->locked);
    else
        cp_api_null(&out); /* there is nothing to lock, or it cannot be opened */
    cp_api_key(&out, "home");
    cp_api_cstr(&out, cp_held_place(node));
    put_reach(node, is->key, &out);
    cp_api_key(&out, "carrier");
    cp_api_bool(&out, is->carrier);
    cp_api_key(&out, "trouble"); /* no_home, damaged_key, newer_home ... */
    if (is->trouble == CP_OK)
        cp_api_null(&out);
    else
        cp_api_cstr(&out, cp_err_word(is->trouble));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* Opens the port; where that cannot be, the one that was asked for before is opened again. */
static enum cp_err move_port(struct cp_node *node, const char *endpoint,
                             enum cp_err (*open)(struct cp_node *node))
{
    char before[sizeof node->listen];
    memcpy(before, node->listen, sizeof before);
    memcpy(node->listen, endpoint, strlen(endpoint) + 1);
    enum cp_err err = open(node);
    if (err == CP_OK)
        return err;
    memcpy(node->listen, before, sizeof before);
    if (open(node) != CP_OK)
        node->listen[0] = '\0';
    return err;
}

bool cp_take_listen(struct cp_request *r, enum cp_err (*open)(struct cp_node *node))
{
    struct cp_node *node = r->node;
    char endpoint[sizeof node->listen];
    struct cp_bytes typed = cp_api_member_text(&r->with, "endpoint", CP_BYTES(NULL, 0));
    if (typed.len == 0 || typed.len >= sizeof endpoint || memchr(typed.ptr, '\0', typed.len) != NULL) {
        cp_reply_error(r, CP_ERR_USAGE, "endpoint", NULL);
        return false;
    }
    memcpy(endpoint, typed.ptr, typed.len);
    endpoint[typed.len] = '\0';
    enum cp_err err = cp_endpoint_ok(endpoint) ? CP_OK : CP_ERR_USAGE;
    if (err == CP_OK && !cp_home_listens(node, endpoint))
        err = move_port(node, endpoint, open);
    if (err != CP_OK)
        cp_reply_error(r, err, endpoint, NULL);
    return err == CP_OK;
}

void cp_serve_stop(struct cp_request *r)
{
    r->node->stopping = true;
    cp_reply_done(r, CP_BYTES(NULL, 0), 0);
}
