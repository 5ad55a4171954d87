/* Which networks are fine: the note "networks", sealed in the store: [[id, label, time] ...]. See network.h. */
#include <string.h>

#include "daemon/network.h"

#define NOTE_NETWORKS "networks"
#define NOTE_MAX      16384U

/* The text of a note that we wrote, with its end. */
static void take_label(struct cp_bytes text, char out[static CP_NETWORK_LABEL_MAX])
{
    memset(out, 0, CP_NETWORK_LABEL_MAX);
    if (text.len > 0)
        memcpy(out, text.ptr, text.len < CP_NETWORK_LABEL_MAX ? text.len : CP_NETWORK_LABEL_MAX - 1);
}

size_t cp_network_marks(struct cp_node *node, struct cp_network_mark list[static CP_NETWORK_MARKS_MAX])
{
    struct cp_buf note;
    struct cp_cursor c;
    size_t count = 0;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    if (node->store != NULL && cp_store_note_get(node->store, NOTE_NETWORKS, &note) == CP_OK) {
        cp_cursor_init(&c, cp_buf_bytes(&note), 4U * CP_NETWORK_MARKS_MAX + 4U);
        count = cp_get_array(&c, 0, CP_NETWORK_MARKS_MAX);
        for (size_t i = 0; i < count && c.err == CP_OK; i++) {
            (void)cp_get_array(&c, 3, 3);
            cp_get_fixed(&c, list[i].id, sizeof list[i].id);
            take_label(cp_get_str(&c, CP_NETWORK_LABEL_MAX - 1U), list[i].label);
            list[i].time_ms = cp_get_uint(&c, CP_INT_MAX);
        }
        if (cp_cursor_end(&c) != CP_OK)
            count = 0; /* ours, sealed, and not readable: then nothing is fine */
    }
    cp_buf_clear(&note);
    return count;
}

static enum cp_err write_marks(struct cp_node *node, const struct cp_network_mark *list, size_t count)
{
    struct cp_buf note;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    cp_put_array(&note, count);
    for (size_t i = 0; i < count; i++) {
        cp_put_array(&note, 3);
        cp_put_fixed(&note, list[i].id, sizeof list[i].id);
        cp_put_cstr(&note, list[i].label);
        cp_put_uint(&note, list[i].time_ms);
    }
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, NOTE_NETWORKS, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

enum cp_err cp_network_mark(struct cp_node *node, const uint8_t id[static CP_NETWORK_ID_LEN],
                            const char *label, bool fine)
{
    struct cp_network_mark list[CP_NETWORK_MARKS_MAX + 1];
    size_t old = cp_network_marks(node, list), count = 0;
    for (size_t i = 0; i < old; i++)
        if (memcmp(list[i].id, id, CP_NETWORK_ID_LEN) != 0)
            list[count++] = list[i];
    if (fine) {
        struct cp_network_mark *m = &list[count++];
        memcpy(m->id, id, sizeof m->id);
        take_label(cp_bytes_str(label), m->label);
        m->time_ms = cp_node_time_ms();
    }
    size_t first = count > CP_NETWORK_MARKS_MAX ? 1 : 0; /* the oldest stands first */
    return write_marks(node, list + first, count - first);
}

void cp_network_judge(const struct cp_network_mark *marks, size_t marks_count, struct cp_network *list,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        list[i].fine = false;
        for (size_t k = 0; k < marks_count && list[i].known != CP_NETWORK_BY_NOTHING; k++)
            list[i].fine = list[i].fine || memcmp(marks[k].id, list[i].id, CP_NETWORK_ID_LEN) == 0;
    }
}
