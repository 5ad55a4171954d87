/* Notices. See notice.h. */
#include "daemon/notice.h"

#include "daemon/node.h"
#include "proto/mp.h"

#define NOTE "notice.restored"

enum cp_err cp_notice_get(struct cp_store *s, const struct cp_mem *mem, struct cp_notice *out)
{
    struct cp_buf note;
    struct cp_cursor c;
    *out = (struct cp_notice){.since_ms = 0};
    cp_buf_init(&note, mem, 64);
    enum cp_err err = cp_store_note_get(s, NOTE, &note);
    if (err == CP_OK && note.len == 0)
        err = CP_ERR_NOT_FOUND; /* put away */
    if (err == CP_OK) {
        cp_cursor_init(&c, cp_buf_bytes(&note), 4);
        (void)cp_get_array(&c, 3, 3);
        out->since_ms = cp_get_uint(&c, CP_INT_MAX);
        out->backup_ms = cp_get_uint(&c, CP_INT_MAX);
        out->back = cp_get_uint(&c, 1) == 1;
        err = cp_cursor_end(&c) == CP_OK ? CP_OK : CP_ERR_DAMAGED_STORE;
    }
    cp_buf_clear(&note);
    return err;
}

static enum cp_err set(struct cp_store *s, const struct cp_mem *mem, const struct cp_notice *n)
{
    struct cp_buf note;
    cp_buf_init(&note, mem, 64);
    cp_put_array(&note, 3);
    cp_put_uint(&note, n->since_ms);
    cp_put_uint(&note, n->backup_ms);
    cp_put_uint(&note, n->back ? 1 : 0);
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(s, NOTE, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

enum cp_err cp_notice_restored(struct cp_store *s, const struct cp_mem *mem, uint64_t backup_ms)
{
    struct cp_notice was;
    enum cp_err err = cp_notice_get(s, mem, &was);
    if (err == CP_OK && !was.back && backup_ms == 0)
        return CP_OK; /* said already; what the next meeting shows belongs to the same */
    if (err != CP_OK && err != CP_ERR_NOT_FOUND)
        return err;
    return set(s, mem, &(struct cp_notice){.since_ms = cp_node_time_ms(), .backup_ms = backup_ms});
}

enum cp_err cp_notice_back(struct cp_store *s, const struct cp_mem *mem)
{
    struct cp_notice n;
    enum cp_err err = cp_notice_get(s, mem, &n);
    if (err != CP_OK || n.back)
        return err == CP_ERR_NOT_FOUND ? CP_OK : err;
    n.back = true;
    return set(s, mem, &n);
}

enum cp_err cp_notice_forget(struct cp_store *s)
{
    return cp_store_note_set(s, NOTE, CP_BYTES(NULL, 0));
}
