/*
 * From a frame to a request, and a request's answers. Owns: the request's life and the shape of answers
 * (proto/api.h). Must not: know what a command does.
 */
#include "daemon/control_internal.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/held.h"
#include "daemon/log.h"

enum {
    HEAD_MAX = 256,
    FLUSH_AT = 65536,
    RESERVE = 65536,
    NAME_LEN_MAX = 32,
    ARG_MAX = 4096
};

int cp_exit_of(enum cp_err err)
{
    if (err == CP_OK)
        return 0;
    if (err == CP_ERR_NOT_READY || err == CP_ERR_NOT_GOOD)
        return 1;
    enum cp_err_class class = cp_err_class(err);
    return class == CP_CLASS_NOW || class == CP_CLASS_LOCAL ? 3 : 2;
}

/* ---- Frames ---- */

/* One frame of three pieces. False: it did not fit, and nothing of it was written. */
static bool put_frame(struct cp_connection *c, struct cp_bytes head, struct cp_bytes value,
                      struct cp_bytes tail, size_t reserve)
{
    if (c->fd < 0)
        return true;
    size_t len = head.len + value.len + tail.len;
    if (len > CP_API_MESSAGE_MAX || c->out.len + HEAD_MAX + len + reserve > c->out.max)
        return false;
    cp_buf_put_u32be(&c->out, (uint32_t)len);
    cp_buf_put_bytes(&c->out, head);
    cp_buf_put_bytes(&c->out, value);
    cp_buf_put_bytes(&c->out, tail);
    return cp_buf_err(&c->out) == CP_OK;
}

static void put_texts(struct cp_buf *out, const char *a, const char *b)
{
    size_t n = a == NULL ? 0 : b == NULL ? 1 : 2;
    cp_api_list(out, n);
    if (n > 0)
        cp_api_cstr(out, a);
    if (n > 1)
        cp_api_cstr(out, b);
}

static void put_error(struct cp_connection *c, enum cp_err err, const char *a, const char *b,
                      struct cp_bytes reasons)
{
    struct cp_buf head, tail;
    cp_buf_init(&head, c->control->node->mem, 4 * (size_t)ARG_MAX);
    cp_buf_init(&tail, c->control->node->mem, HEAD_MAX);
    cp_api_object(&head, 2);
    cp_api_key(&head, "error");
    cp_api_object(&head, 3);
    cp_api_key(&head, "code");
    cp_api_cstr(&head, cp_err_word(err));
    cp_api_key(&head, "args");
    put_texts(&head, a, b);
    cp_api_key(&head, "reasons");
    if (reasons.len == 0)
        cp_api_list(&head, 0);
    cp_api_key(&tail, "exit");
    cp_api_int(&tail, cp_exit_of(err));
    if (cp_buf_err(&head) == CP_OK && cp_buf_err(&tail) == CP_OK)
        (void)put_frame(c, cp_buf_bytes(&head), reasons, cp_buf_bytes(&tail), 0);
    cp_buf_clear(&head);
    cp_buf_clear(&tail);
}

/* ---- Answers ---- */

bool cp_request_gone(const struct cp_request *r)
{
    return r->connection->fd < 0;
}

void cp_reply_row(struct cp_request *r, struct cp_bytes value)
{
    struct cp_connection *c = r->connection;
    struct cp_buf head;
    if (c->fd < 0 || c->overflow)
        return;
    cp_buf_init(&head, c->control->node->mem, HEAD_MAX);
    cp_api_object(&head, 1);
    cp_api_key(&head, "row");
    c->overflow =
        cp_buf_err(&head) != CP_OK || !put_frame(c, cp_buf_bytes(&head), value, CP_BYTES(NULL, 0), RESERVE);
    cp_buf_clear(&head);
    if (c->out.len - c->out_at > FLUSH_AT)
        cp_connection_flush(c);
}

void cp_reply_progress(struct cp_request *r, uint64_t done, uint64_t of, const char *what)
{
    struct cp_connection *c = r->connection;
    struct cp_buf head;
    if (c->fd < 0 || c->overflow || c->out.len - c->out_at > FLUSH_AT)
        return; /* somebody who does not read rows needs no progress */
    cp_buf_init(&head, c->control->node->mem, ARG_MAX);
    cp_api_object(&head, 1);
    cp_api_key(&head, "progress");
    cp_api_object(&head, 3);
    cp_api_key(&head, "done");
    cp_api_int(&head, done > CP_INT_MAX ? INT64_MAX : (int64_t)done);
    cp_api_key(&head, "of");
    cp_api_int(&head, of > CP_INT_MAX ? INT64_MAX : (int64_t)of);
    cp_api_key(&head, "what");
    cp_api_cstr(&head, what);
    if (cp_buf_err(&head) == CP_OK)
        (void)put_frame(c, cp_buf_bytes(&head), CP_BYTES(NULL, 0), CP_BYTES(NULL, 0), RESERVE);
    cp_buf_clear(&head);
    cp_connection_flush(c);
}

/* Did it write into a plan that this machine gives to nobody any more? Whoever wrote it might wait for an answer. */
static bool is_unsent(const struct cp_request *r)
{
    bool hushed = false;
    return r->wrote && r->node->store != NULL &&
           cp_store_hushed(r->node->store, r->plan, &hushed) == CP_OK && hushed;
}

void cp_reply_done(struct cp_request *r, struct cp_bytes value, int exit_status)
{
    struct cp_connection *c = r->connection;
    struct cp_buf head, tail;
    bool unsent = is_unsent(r);
    cp_buf_init(&head, c->control->node->mem, HEAD_MAX);
    cp_buf_init(&tail, c->control->node->mem, HEAD_MAX);
    cp_api_object(&head, unsent ? 3 : 2);
    cp_api_key(&head, "done");
    if (value.len == 0)
        cp_api_null(&head);
    cp_api_key(&tail, "exit");
    cp_api_int(&tail, exit_status);
    if (unsent) {
        cp_api_key(&tail, "unsent");
        cp_api_bool(&tail, true);
    }
    if (cp_buf_err(&head) != CP_OK || cp_buf_err(&tail) != CP_OK)
        put_error(c, CP_ERR_NO_MEMORY, NULL, NULL, CP_BYTES(NULL, 0));
    else if (c->overflow || !put_frame(c, cp_buf_bytes(&head), value, cp_buf_bytes(&tail), RESERVE))
        put_error(c, CP_ERR_TOO_BIG, NULL, NULL, CP_BYTES(NULL, 0));
    cp_buf_clear(&head);
    cp_buf_clear(&tail);
    cp_connection_answered(c);
}

void cp_reply_error(struct cp_request *r, enum cp_err err, const char *arg1, const char *arg2)
{
    struct cp_connection *c = r->connection;
    cp_log(cp_err_class(err) == CP_CLASS_USE ? CP_LOG_DEBUG : CP_LOG_INFO, "refused", "do=%s code=%s",
           r->name, cp_err_word(err));
    put_error(c, err, arg1, arg2, CP_BYTES(NULL, 0));
    cp_connection_answered(c);
}

void cp_reply_buf(struct cp_request *r, const struct cp_buf *value)
{
    enum cp_err err = cp_buf_err(value);
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
    else
        cp_reply_done(r, cp_buf_bytes(value), 0);
}

void cp_reply_refused(struct cp_request *r, enum cp_err err, struct cp_bytes reasons_list)
{
    struct cp_connection *c = r->connection;
    put_error(c, err, NULL, NULL, reasons_list);
    cp_connection_answered(c);
}

/* ---- Requests ---- */

bool cp_request_passphrase(const struct cp_request *r, struct cp_bytes *passphrase)
{
    *passphrase = r->connection->passphrase;
    return passphrase->ptr != NULL;
}

/* Text of a key that may be missing or null; false when it is something else. */
static bool text_of(const struct cp_api_value *object, const char *key, size_t max, struct cp_bytes *out,
                    bool *given)
{
    static const uint8_t nothing[1] = {0};
    struct cp_api_value v;
    *out = CP_BYTES(nothing, 0);
    *given = false;
    if (!cp_api_member(object, key, &v) || v.type == CP_API_NULL)
        return true;
    if (v.type != CP_API_TEXT || v.text.len > max)
        return false;
    if (v.text.len > 0)
        *out = v.text;
    *given = true;
    return true;
}

static enum cp_err read_request(struct cp_connection *c, struct cp_bytes frame, struct cp_request *r,
                                char *name)
{
    static const struct cp_api_value no_arguments = {.type = CP_API_OBJECT};
    struct cp_api_value v, with;
    struct cp_bytes command, passphrase;
    bool given = false, with_passphrase = false;

    enum cp_err err = cp_api_read(frame, &v);
    if (err != CP_OK)
        return err;
    if (v.type != CP_API_OBJECT)
        return CP_ERR_BAD_VALUE;
    if (!text_of(&v, "do", NAME_LEN_MAX - 1, &command, &given) || command.len == 0)
        return CP_ERR_BAD_VALUE;
    for (size_t i = 0; i < command.len; i++)
        if ((command.ptr[i] < 'a' || command.ptr[i] > 'z') && command.ptr[i] != '-')
            return CP_ERR_BAD_VALUE;
    if (!text_of(&v, "plan", ARG_MAX, &r->plan_arg, &given) ||
        !text_of(&v, "person", ARG_MAX, &r->person_arg, &given))
        return CP_ERR_BAD_VALUE;
    if (!text_of(&v, "passphrase", CP_PASSPHRASE_MAX, &passphrase, &with_passphrase))
        return CP_ERR_TOO_BIG;
    if (with_passphrase)
        c->passphrase = passphrase;
    r->with = no_arguments;
    if (cp_api_member(&v, "with", &with) && with.type != CP_API_NULL) {
        if (with.type != CP_API_OBJECT)
            return CP_ERR_BAD_VALUE;
        r->with = with;
    }
    memcpy(name, command.ptr, command.len);
    name[command.len] = '\0';
    return CP_OK;
}

bool cp_request_path(const struct cp_request *r, const char *key, char out[static CP_PATH_MAX + 1])
{
    struct cp_bytes path = cp_api_member_text(&r->with, key, CP_BYTES(NULL, 0));
    if (path.len == 0 || path.len > CP_PATH_MAX || path.ptr[0] != '/' || memchr(path.ptr, 0, path.len) != NULL)
        return false;
    memcpy(out, path.ptr, path.len);
    out[path.len] = '\0';
    return true;
}

/* The request and its command's name, which log lines and answers use until the end. */
struct named_request {
    struct cp_request r; /* first: freed by its address */
    char name[NAME_LEN_MAX];
};

void cp_connection_request(struct cp_connection *c, struct cp_bytes frame)
{
    struct named_request *n = calloc(1, sizeof *n);
    enum cp_err err = n == NULL ? CP_ERR_NO_MEMORY : frame.ptr == NULL ? CP_ERR_TOO_BIG : CP_OK;
    if (err == CP_OK)
        err = read_request(c, frame, &n->r, n->name);
    if (err != CP_OK) {
        free(n);
        put_error(c, err, NULL, NULL, CP_BYTES(NULL, 0));
        c->state = CP_CONNECTION_ENDING;
        cp_connection_flush(c);
        return;
    }
    n->r.node = c->control->node;
    n->r.name = n->name;
    n->r.connection = c;
    c->request = &n->r;
    c->state = CP_CONNECTION_SERVING;
    if (cp_held_here(n->r.node)) {
        c->control->serve(&n->r);
        return;
    }
    n->r.node->stopping = true; /* nothing is done in a home that is no longer at its place */
    cp_reply_error(&n->r, CP_ERR_HOME_MOVED, NULL, NULL);
}
