/*
 * What lies in a file already that we are about to write over. Owns: the note "bundle.heads": [3, head (16), plan, person, all (0, 1), ...], newest
 * first, of bundles that we wrote or read whole (person: zeros, where it is for everybody) and of requests that were dealt with (both: zeros). Must not:
 * open a bundle, or be needed for being right: what is not remembered stays in the file, and costs room there alone.
 *
 * One file that several machines write in turn would else hold the last one's bundle alone. Where two neighbours do not know
 * each other yet neither can read what the other wrote, and would take it away before those came by whom both know.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/bundle.h"
#include "proto/mp.h"

#define NOTE      "bundle.heads"
#define VERSION   3U
#define VALUES    4U /* of each */
#define HEADS_MAX 256U
#define HEAD_LEN  16U
#define NOTE_MAX  (HEADS_MAX * (HEAD_LEN + 2 * CP_ID_LEN + 8) + 8)
#define PIECE     (256U * 1024U)
#define LONGEST   (CP_BUNDLE_HEAD_LEN + (size_t)CP_BUNDLE_SLOTS_MAX * CP_BUNDLE_SLOT_LEN)
#define SHORTEST  (CP_BUNDLE_HEAD_LEN + (size_t)CP_BUNDLE_SLOTS_MIN * CP_BUNDLE_SLOT_LEN)

struct cp_beside_known {
    uint8_t head[HEAD_LEN];
    uint8_t plan[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    bool all;
};

/* What cannot be read is only a memory: begin anew. */
static size_t load(struct cp_node *node, struct cp_beside_known *list)
{
    struct cp_buf note;
    struct cp_cursor c;
    size_t count = 0;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    if (cp_store_note_get(node->store, NOTE, &note) == CP_OK) {
        cp_cursor_init(&c, cp_buf_bytes(&note), VALUES * (size_t)HEADS_MAX + 2);
        size_t values = cp_get_array(&c, 1, VALUES * (size_t)HEADS_MAX + 1);
        size_t heads = cp_get_uint(&c, UINT32_MAX) == VERSION ? values / VALUES : 0;
        for (; c.err == CP_OK && count < heads; count += c.err == CP_OK ? 1 : 0) {
            cp_get_fixed(&c, list[count].head, HEAD_LEN);
            cp_get_fixed(&c, list[count].plan, CP_ID_LEN);
            cp_get_fixed(&c, list[count].person, CP_ID_LEN);
            list[count].all = cp_get_uint(&c, 1) == 1;
        }
    }
    cp_buf_clear(&note);
    return count;
}

static void head_of(struct cp_bytes slots, uint8_t out[static HEAD_LEN])
{
    cp_hash2(CP_TAG_BUNDLE_HEAD, slots, CP_BYTES(NULL, 0), out, HEAD_LEN);
}

static void put_known(struct cp_buf *note, const struct cp_beside_known *k)
{
    cp_put_fixed(note, k->head, HEAD_LEN);
    cp_put_fixed(note, k->plan, CP_ID_LEN);
    cp_put_fixed(note, k->person, CP_ID_LEN);
    cp_put_uint(note, k->all ? 1 : 0);
}

enum cp_err cp_beside_know(struct cp_node *node, struct cp_bytes slots, const struct cp_bundle_plan *of, bool all)
{
    struct cp_beside_known *list = cp_alloc_array(node->mem, HEADS_MAX, sizeof *list);
    struct cp_beside_known first = {.all = all};
    struct cp_buf note;
    if (list == NULL)
        return CP_ERR_NO_MEMORY;
    head_of(slots, first.head);
    if (of != NULL)
        memcpy(first.plan, of->plan, CP_ID_LEN);
    if (of != NULL && of->one_person)
        memcpy(first.person, of->person, CP_ID_LEN);
    size_t count = load(node, list), kept = 1;
    for (size_t i = 0; i < count; i++)
        kept += memcmp(list[i].head, first.head, HEAD_LEN) != 0 && kept < HEADS_MAX ? 1 : 0;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    cp_put_array(&note, VALUES * kept + 1);
    cp_put_uint(&note, VERSION);
    put_known(&note, &first);
    for (size_t i = 0, put = 1; i < count && put < kept; i++) {
        if (memcmp(list[i].head, first.head, HEAD_LEN) == 0)
            continue;
        put_known(&note, &list[i]);
        put++;
    }
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, NOTE, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    cp_free(node->mem, list);
    return err;
}

/* A mistyped name must not cost anybody a photo, or the key file. *fd: -1 where nothing stands there. */
static enum cp_err open_old(const char *path, int *fd, uint64_t *size)
{
    struct stat about;
    struct cp_bundle_head head;
    uint8_t first[CP_BUNDLE_SIZE_AT];
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe must not stop the daemon */
    if (*fd < 0)
        return errno == ENOENT ? CP_OK : CP_ERR_BAD_FILE;
    ssize_t n = fstat(*fd, &about) == 0 && S_ISREG(about.st_mode) ? pread(*fd, first, sizeof first, 0) : -1;
    if (n >= 0) {
        *size = (uint64_t)about.st_size;
        if (cp_bundle_head_read(CP_BYTES(first, (size_t)n), &head) == CP_ERR_TRUNCATED)
            return CP_OK;
    }
    bool folder = n < 0 && S_ISDIR(about.st_mode);
    (void)close(*fd);
    *fd = -1;
    errno = folder ? EISDIR : 0;
    return folder ? CP_ERR_BAD_FILE : CP_ERR_FILE_THERE;
}

enum cp_err cp_beside_open(struct cp_beside *b, struct cp_node *node, const char *path, bool all)
{
    *b = (struct cp_beside){.fd = -1, .all = all, .mem = node->mem};
    enum cp_err err = open_old(path, &b->fd, &b->size);
    if (err != CP_OK || b->fd < 0)
        return err;
    b->known = cp_alloc_array(node->mem, HEADS_MAX, sizeof *b->known);
    if (b->known == NULL)
        return CP_ERR_NO_MEMORY;
    b->known_count = load(node, b->known);
    return CP_OK;
}

void cp_beside_close(struct cp_beside *b)
{
    if (b->fd >= 0)
        (void)close(b->fd);
    cp_free(b->mem, b->known);
    b->fd = -1;
    b->size = 0;
    b->known = NULL;
}

/* Of a plan that is written for everybody, or for the same person alone: then what is written says all that it said. What was to leave
 * nothing out is for somebody whose device was put back, and who lacks what all have heard that they hold: only the same says that. */
static bool says(const struct cp_beside *b, const struct cp_bundle_plan *p, const struct cp_beside_known *k)
{
    return memcmp(p->plan, k->plan, CP_ID_LEN) == 0 && (b->all || !k->all) &&
           (!p->one_person || memcmp(p->person, k->person, CP_ID_LEN) == 0);
}

static bool goes(const struct cp_beside *b, struct cp_bytes slots, const struct cp_bundle_plan *plans,
                 size_t count)
{
    uint8_t head[HEAD_LEN];
    bool gone = false;
    head_of(slots, head);
    for (size_t i = 0; i < b->known_count && !gone; i++) {
        const struct cp_beside_known *k = &b->known[i];
        if (memcmp(k->head, head, HEAD_LEN) != 0)
            continue;
        gone = memcmp(k->plan, cp_zero_id, CP_ID_LEN) == 0;
        for (size_t p = 0; p < count && !gone; p++)
            gone = says(b, &plans[p], k);
    }
    return gone;
}

/* The head of the bundle that begins here: most are short. What is no bundle, or has lost its head, is BAD_VALUE. */
static enum cp_err read_head(struct cp_beside *b, uint8_t *bytes, struct cp_bundle_head *head)
{
    uint64_t left = b->size - b->at;
    enum cp_err err = CP_ERR_TRUNCATED;
    for (size_t most = SHORTEST; err == CP_ERR_TRUNCATED && most <= LONGEST; most += LONGEST - SHORTEST) {
        size_t len = left < most ? (size_t)left : most;
        err = cp_file_read_at(b->fd, b->at, bytes, len);
        if (err != CP_OK)
            return err;
        err = cp_bundle_head_read(CP_BYTES(bytes, len), head);
    }
    return err == CP_OK ? CP_OK : CP_ERR_BAD_VALUE;
}

/* At a bundle's begin: does it stay? */
static enum cp_err look(struct cp_beside *b, const struct cp_bundle_plan *plans, size_t count)
{
    struct cp_bundle_head head;
    uint8_t *bytes = cp_alloc(b->mem, LONGEST);
    if (bytes == NULL)
        return CP_ERR_NO_MEMORY;
    enum cp_err err = read_head(b, bytes, &head);
    if (err == CP_ERR_BAD_VALUE) {
        b->at = b->size;
        err = CP_OK;
    } else if (err == CP_OK) {
        uint64_t left = b->size - b->at, whole = head.size < left ? head.size : left;
        bool gone = goes(b, head.slots, plans, count);
        b->at += gone ? whole : 0;
        b->left = gone ? 0 : whole;
        b->kept += gone ? 0 : 1;
    }
    cp_free(b->mem, bytes);
    return err;
}

enum cp_err cp_beside_step(struct cp_beside *b, const struct cp_bundle_plan *plans, size_t count,
                           struct cp_new_file *to, uint64_t *written, bool *more)
{
    *more = b->at < b->size;
    if (!*more)
        return CP_OK;
    if (b->left == 0)
        return look(b, plans, count);
    size_t len = b->left < PIECE ? (size_t)b->left : PIECE;
    uint8_t *bytes = cp_alloc(b->mem, len);
    enum cp_err err = bytes == NULL ? CP_ERR_NO_MEMORY : cp_file_read_at(b->fd, b->at, bytes, len);
    if (err == CP_OK)
        err = cp_new_file_put(to, CP_BYTES(bytes, len));
    if (err == CP_OK) {
        b->at += len;
        b->left -= len;
        *written += len;
    }
    cp_free(b->mem, bytes);
    return err;
}

bool cp_beside_said(struct cp_node *node, const char *path, const struct cp_bundle_plan *plans, size_t count, bool all)
{
    struct cp_beside b;
    enum cp_err err = cp_beside_open(&b, node, path, all);
    while (err == CP_OK && b.at < b.size && b.kept == 0)
        err = look(&b, plans, count);
    bool said = err == CP_OK && b.kept == 0;
    cp_beside_close(&b);
    return said;
}
