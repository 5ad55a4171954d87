/* A carrier's file: its key and its tickets. Owns: HOME/carrier. Must not: know piles. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/carrier.h"

enum {
    VERSION = 1,
    FIELDS = 5,
    TICKET_VALUES = 3,
    CHECK_LEN = 16,
    FILE_BYTES_MAX = 65536
};

void cp_carrier_facts_init(struct cp_carrier_facts *f, const struct cp_mem *mem)
{
    memset(f, 0, sizeof *f);
    f->mem = mem;
}

void cp_carrier_facts_clear(struct cp_carrier_facts *f)
{
    const struct cp_mem *mem = f->mem;
    cp_free(mem, f->tickets);
    sodium_memzero(f, sizeof *f);
    f->mem = mem;
}

enum cp_err cp_carrier_facts_write(const struct cp_carrier_facts *f, struct cp_buf *out)
{
    uint8_t check[CHECK_LEN];
    size_t before = out->len;
    cp_put_array(out, FIELDS);
    cp_put_uint(out, VERSION);
    cp_put_fixed(out, f->key, sizeof f->key);
    cp_put_fixed(out, f->secret, sizeof f->secret);
    cp_put_cstr(out, f->listen);
    cp_put_array(out, TICKET_VALUES * f->count);
    for (size_t i = 0; i < f->count; i++) {
        cp_put_fixed(out, f->tickets[i].key, CP_KEY_LEN);
        cp_put_fixed(out, f->tickets[i].born, CP_CARRY_BORN_LEN);
        cp_put_uint(out, f->tickets[i].room);
    }
    if (cp_buf_err(out) != CP_OK)
        return cp_buf_err(out);
    cp_hash2(CP_TAG_CARRIER_FILE, CP_BYTES(out->ptr + before, out->len - before), CP_BYTES(NULL, 0), check,
             sizeof check);
    cp_buf_put(out, check, sizeof check);
    return cp_buf_err(out);
}

static enum cp_err read_tickets(struct cp_cursor *c, struct cp_carrier_facts *f)
{
    size_t count = cp_get_array(c, 0, (size_t)TICKET_VALUES * CP_CARRIER_TICKETS_MAX);
    void *rows = NULL;
    enum cp_err err = CP_OK;
    if (count % TICKET_VALUES != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err == CP_OK)
        err = cp_grow(f->mem, &rows, &f->cap, count / TICKET_VALUES, CP_CARRIER_TICKETS_MAX,
                      sizeof *f->tickets);
    f->tickets = rows;
    for (size_t i = 0; err == CP_OK && i < count / TICKET_VALUES && c->err == CP_OK; i++) {
        struct cp_carrier_ticket *t = &f->tickets[f->count++];
        cp_get_fixed(c, t->key, sizeof t->key);
        cp_get_fixed(c, t->born, sizeof t->born);
        t->room = cp_get_uint(c, CP_CARRIER_ROOM_MAX);
        for (size_t k = 0; k < i; k++)
            if (memcmp(f->tickets[k].key, t->key, CP_KEY_LEN) == 0)
                cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    }
    return err;
}

enum cp_err cp_carrier_facts_read(struct cp_bytes bytes, struct cp_carrier_facts *f)
{
    uint8_t check[CHECK_LEN];
    struct cp_cursor c;
    enum cp_err err = CP_ERR_DAMAGED_KEY;
    if (bytes.len <= CHECK_LEN || bytes.len > FILE_BYTES_MAX)
        return err;
    bytes.len -= CHECK_LEN;
    cp_hash2(CP_TAG_CARRIER_FILE, bytes, CP_BYTES(NULL, 0), check, sizeof check);
    if (memcmp(check, bytes.ptr + bytes.len, sizeof check) != 0)
        return err;
    cp_cursor_init(&c, bytes, FIELDS + TICKET_VALUES * (size_t)CP_CARRIER_TICKETS_MAX + 4);
    (void)cp_get_array(&c, 1, 64); /* a later version may have more of them */
    uint64_t version = cp_get_uint(&c, CP_INT_MAX);
    if (c.err == CP_OK && version > VERSION)
        return CP_ERR_NEWER_HOME;
    cp_cursor_init(&c, bytes, FIELDS + TICKET_VALUES * (size_t)CP_CARRIER_TICKETS_MAX + 4);
    (void)cp_get_array(&c, FIELDS, FIELDS);
    if (cp_get_uint(&c, VERSION) != VERSION)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    cp_get_fixed(&c, f->key, sizeof f->key);
    cp_get_fixed(&c, f->secret, sizeof f->secret);
    struct cp_bytes listen = cp_get_str(&c, sizeof f->listen - 1);
    if (c.err == CP_OK && listen.len > 0)
        memcpy(f->listen, listen.ptr, listen.len);
    err = read_tickets(&c, f);
    if (err == CP_OK && cp_cursor_end(&c) != CP_OK)
        err = CP_ERR_DAMAGED_KEY;
    if (err != CP_OK)
        cp_carrier_facts_clear(f);
    return err;
}

static void path_of(const char *home, const char *name, char out[static 1200])
{
    (void)snprintf(out, 1200, "%s/%s", home, name);
}

bool cp_carrier_is(const char *home)
{
    char path[1200];
    struct stat st;
    path_of(home, "carrier", path);
    return lstat(path, &st) == 0;
}

enum cp_err cp_carrier_save(const char *home, const struct cp_carrier_facts *f)
{
    char path[1200];
    struct cp_buf out;
    path_of(home, "carrier", path);
    cp_buf_init(&out, f->mem, FILE_BYTES_MAX);
    enum cp_err err = cp_carrier_facts_write(f, &out);
    if (err == CP_OK)
        err = cp_new_file_whole(path, cp_buf_bytes(&out));
    if (out.ptr != NULL)
        sodium_memzero(out.ptr, out.len);
    cp_buf_clear(&out);
    return err == CP_ERR_BAD_FILE ? CP_ERR_IO : err;
}

static enum cp_err make(const char *home, struct cp_carrier_facts *f)
{
    char path[1200];
    struct stat st;
    static const char *const of_a_person[] = {"keys", "plan.db"};
    for (size_t i = 0; i < sizeof of_a_person / sizeof of_a_person[0]; i++) {
        path_of(home, of_a_person[i], path);
        if (lstat(path, &st) == 0)
            return CP_ERR_HOME_EXISTS;
    }
    crypto_box_keypair(f->key, f->secret);
    return cp_carrier_save(home, f);
}

enum cp_err cp_carrier_load(const char *home, struct cp_carrier_facts *f)
{
    char path[1200];
    struct cp_buf in;
    cp_new_file_sweep(home, "carrier"); /* it would hold the secret key */
    path_of(home, "carrier", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? make(home, f) : CP_ERR_IO;
    cp_buf_init(&in, f->mem, FILE_BYTES_MAX + 1);
    uint8_t *at = cp_buf_space(&in, FILE_BYTES_MAX + 1);
    ssize_t n = at == NULL ? -1 : read(fd, at, FILE_BYTES_MAX + 1);
    enum cp_err err = n < 0 ? CP_ERR_IO : cp_carrier_facts_read(CP_BYTES(in.ptr, (size_t)n), f);
    (void)close(fd);
    if (in.ptr != NULL)
        sodium_memzero(in.ptr, in.len);
    cp_buf_clear(&in);
    return err;
}
