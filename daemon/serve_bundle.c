/*
 * Commands about bundles: bundle-write, bundle-read (docs/api.md).
 * Owns: what these answer. Must not: read or write a file itself (bundle_*.c do).
 */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/bundle.h"
#include "daemon/held.h"
#include "daemon/store_pieces.h"

#define ANSWER_MAX 65536U
#define NAME_LEN   23U /* 16 hex digits and ".coplan" */
#define NAMES_MAX  64U /* folders that we wrote to and still would tidy */

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    cp_reply_progress(ctx, done, of, "bundle");
}

/* ---- A folder on a stick that several machines use in turn ----
 * Each writes a file with a name drawn anew, since a lasting one would tell whoever carries the stick that the same
 * machine came by again, and takes away only what it wrote there itself (the note "bundle.names" remembers) and says again. */

static void new_name(char out[static NAME_LEN + 1])
{
    uint8_t drawn[8];
    char hex[2 * sizeof drawn + 1];
    randombytes_buf(drawn, sizeof drawn);
    cp_hex_encode(drawn, sizeof drawn, hex);
    (void)snprintf(out, NAME_LEN + 1, "%s.coplan", hex);
}

/* The names in the note, newest first; what cannot be read is only a memory. */
static size_t names_get(struct cp_node *node, char names[static NAMES_MAX][NAME_LEN + 1])
{
    struct cp_buf note;
    struct cp_cursor c;
    size_t kept = 0;
    cp_buf_init(&note, node->mem, CP_TEXT_MAX);
    enum cp_err err = cp_store_note_get(node->store, "bundle.names", &note);
    cp_cursor_init(&c, cp_buf_bytes(&note), NAMES_MAX + 1);
    size_t count = err == CP_OK ? cp_get_array(&c, 0, NAMES_MAX) : 0;
    for (size_t i = 0; i < count && c.err == CP_OK; i++) {
        struct cp_bytes was = cp_get_str(&c, NAME_LEN);
        if (c.err != CP_OK || was.len != NAME_LEN || memchr(was.ptr, '/', was.len) != NULL)
            continue;
        memcpy(names[kept], was.ptr, NAME_LEN);
        names[kept++][NAME_LEN] = '\0';
    }
    cp_buf_clear(&note);
    return kept;
}

/* Before the file is begun: what a process that is killed, or a stick that is pulled out, leaves of it goes the next time. */
static enum cp_err remember_name(struct cp_node *node, const char *name)
{
    char names[NAMES_MAX][NAME_LEN + 1];
    struct cp_buf note;
    size_t count = names_get(node, names);
    count = count < NAMES_MAX ? count : NAMES_MAX - 1;
    cp_buf_init(&note, node->mem, CP_TEXT_MAX);
    cp_put_array(&note, count + 1);
    cp_put_cstr(&note, name);
    for (size_t i = 0; i < count; i++)
        cp_put_cstr(&note, names[i]);
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, "bundle.names", cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

/* Removes from the folder of what was written our older files, and what was left of any. Most names lie elsewhere. */
static void settle_folder(struct cp_node *node, const struct cp_bundle_written *w, bool all)
{
    char names[NAMES_MAX][NAME_LEN + 1], folder[CP_PATH_MAX + 1], old[CP_PATH_MAX + 1];
    size_t count = names_get(node, names);
    const char *name = strrchr(w->path, '/') + 1;
    struct dirent *entry = NULL;
    memcpy(folder, w->path, (size_t)(name - w->path));
    memcpy(old, w->path, (size_t)(name - w->path));
    folder[name - w->path] = '\0';
    DIR *dir = opendir(folder);
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        for (size_t i = 0; i < count; i++) {
            const char *tail = entry->d_name + NAME_LEN;
            if (strncmp(entry->d_name, names[i], NAME_LEN) != 0 || strcmp(entry->d_name, name) == 0)
                continue;
            bool part = strncmp(tail, CP_NEW_FILE_PART, strlen(CP_NEW_FILE_PART)) == 0;
            memcpy(old + (name - w->path), names[i], NAME_LEN + 1); /* as long as the new name */
            if (part || (tail[0] == '\0' && cp_beside_said(node, old, w->for_plans, w->for_count, all)))
                (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    if (dir != NULL)
        (void)closedir(dir);
}

/* ---- bundle-write ---- */

static void written(void *ctx, enum cp_err err, const struct cp_bundle_written *w)
{
    struct cp_request *r = ctx;
    struct cp_buf out;
    if (err != CP_OK) {
        cp_reply_error(r, err, err == CP_ERR_DISK_FULL ? w->path : NULL, NULL); /* whose disk, people must know */
        return;
    }
    if (cp_api_member_true(&r->with, "folder"))
        settle_folder(r->node, w, cp_api_member_true(&r->with, "all"));
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 9);
    cp_api_key(&out, "path");
    cp_api_cstr(&out, w->path);
    cp_api_count(&out, "entries", w->entries);
    cp_api_count(&out, "bytes", w->bytes);
    cp_api_count(&out, "plans", w->plans);
    cp_api_count(&out, "machines", w->machines);
    cp_api_count(&out, "kept", w->kept);
    cp_api_count(&out, "pieces", w->pieces);
    cp_api_key(&out, "pictures");
    cp_api_bool(&out, cp_store_pieces_any(
                          r->node->store)); /* those that nobody asked for stay behind, and that is said */
    cp_api_key(&out, "no_room");
    cp_api_bool(&out, w->no_room);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* Who it is for, in this plan; *in false: they are not in it. */
static enum cp_err person_in(struct cp_request *r, struct cp_bytes typed, struct cp_bundle_plan *p, bool *in)
{
    enum cp_err err = cp_node_find_person(r->node, p->plan, typed, p->person);
    p->one_person = true;
    *in = err == CP_OK;
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

static enum cp_err choose_plans(struct cp_request *r, struct cp_bundle_plan **out, size_t *count)
{
    struct cp_bytes typed = cp_api_member_text(&r->with, "for", CP_BYTES(NULL, 0));
    struct cp_plan_row *rows = NULL;
    size_t rows_count = 0;
    bool left = false, awaits = false;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &rows_count);
    *count = 0;
    *out = cp_alloc_array(r->node->mem, rows_count + 1, sizeof **out);
    if (err == CP_OK && *out == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < rows_count; i++) {
        struct cp_bundle_plan p = {.one_person = false};
        bool in = true;
        bool hushed = false;
        err = cp_store_hushed(r->node->store, rows[i].id, &hushed);
        left = left || hushed;
        if (err != CP_OK || hushed)
            continue;
        awaits = awaits || rows[i].awaited;
        if (rows[i].awaited || (r->plan_arg.len > 0 && !cp_id_begins(rows[i].id, r->plan_arg)))
            continue;
        memcpy(p.plan, rows[i].id, CP_ID_LEN);
        if (typed.len > 0)
            err = person_in(r, typed, &p, &in);
        if (err == CP_OK && in)
            (*out)[(*count)++] = p;
    }
    if (err == CP_OK && *count == 0)
        err = left                                   ? CP_ERR_LEFT
              : typed.len > 0 || r->plan_arg.len > 0 ? CP_ERR_NOT_FOUND
              : awaits                               ? CP_ERR_NOT_YET
                                                     : CP_ERR_NO_PLAN;
    cp_free(r->node->mem, rows);
    return err;
}

static void serve_write(struct cp_request *r)
{
    char path[CP_PATH_MAX + 1];
    struct cp_bundle_plan *plans = NULL;
    size_t count = 0;
    if (!cp_request_path(r, "path", path)) {
        cp_reply_error(r, CP_ERR_USAGE, NULL, NULL);
        return;
    }
    if (cp_api_member_true(&r->with, "folder")) {
        size_t len = strlen(path);
        if (len + 1 + NAME_LEN > CP_PATH_MAX) {
            cp_reply_error(r, CP_ERR_TOO_BIG, path, NULL);
            return;
        }
        path[len] = '/';
        new_name(path + len + 1);
    }
    enum cp_err err = choose_plans(r, &plans, &count);
    if (err == CP_OK && cp_api_member_true(&r->with, "folder"))
        err = remember_name(r->node, strrchr(path, '/') + 1);
    const char *disk = err == CP_ERR_DISK_FULL ? cp_held_place(r->node) : path;
    if (err == CP_OK) {
        struct cp_bundle_write ask = {.path = path,
                                      .plans = plans,
                                      .plans_count = count,
                                      .done = written,
                                      .progress = progressed,
                                      .ctx = r,
                                      .all = cp_api_member_true(&r->with, "all"),
                                      .pictures = cp_api_member_true(&r->with, "pictures"),
                                      .in_turn = !cp_api_member_true(&r->with, "folder"),
                                      .remembered = true};
        errno = 0;
        err = cp_bundle_write_start(r->node, &ask);
    }
    cp_free(r->node->mem, plans);
    if (err == CP_ERR_BAD_FILE)
        cp_reply_error(r, err, path, strerror(errno));
    else if (err != CP_OK)
        cp_reply_error(r, err, err == CP_ERR_FILE_THERE ? path : err == CP_ERR_DISK_FULL ? disk : NULL, NULL);
}

/* ---- bundle-read ---- */

static void put_name(struct cp_node *node, const uint8_t *plan, const uint8_t *person, struct cp_buf *out)
{
    struct cp_buf name;
    cp_buf_init(&name, node->mem, CP_TEXT_MAX);
    if (cp_node_name(node, plan, person, &name) == CP_OK)
        cp_api_text(out, cp_buf_bytes(&name));
    else
        cp_api_cstr(out, "");
    cp_buf_clear(&name);
}

static void reply_took(struct cp_request *r, enum cp_err err, const struct cp_bundle_took *t, bool unread)
{
    struct cp_buf out;
    /* On a stick with many files those for others, and what is no bundle at all, are nobody's mistake. */
    bool forgive =
        cp_api_member_true(&r->with, "forgive") && err != CP_ERR_LOCKED && cp_err_class(err) != CP_CLASS_NOW;
    if (err != CP_OK && !forgive) {
        cp_reply_error(r, err, err == CP_ERR_DISK_FULL ? cp_held_place(r->node) : NULL, NULL); /* this device's, not the stick's */
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 14);
    cp_api_count(&out, "taken", t->taken);
    cp_api_count(&out, "known", t->known);
    cp_api_count(&out, "refused", t->refused);
    cp_api_count(&out, "bundles", t->bundles);
    cp_api_count(&out, "not_for_us", t->not_for_us);
    cp_api_count(&out, "damaged", t->damaged);
    cp_api_count(&out, "other_plans", t->other_plans);
    cp_api_count(&out, "pieces", t->pieces);
    cp_api_count(&out, "unasked", t->unasked);
    cp_api_count(&out, "no_room", t->no_room);
    cp_api_key(&out, "unread");
    cp_api_bool(&out, unread);
    cp_api_key(&out, "why");
    if (t->first_bad == CP_OK)
        cp_api_null(&out);
    else
        cp_api_text(&out, cp_bytes_str(cp_err_word(t->first_bad)));
    cp_api_key(&out, "admitted");
    cp_api_list(&out, t->admitted_count);
    for (size_t i = 0; i < t->admitted_count; i++)
        cp_api_hex(&out, t->admitted[i], CP_ID_LEN);
    cp_api_key(&out, "names"); /* of these, in the same order */
    cp_api_list(&out, t->admitted_count);
    for (size_t i = 0; i < t->admitted_count; i++)
        put_name(r->node, t->admitted_to[i], t->admitted[i], &out);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void took(void *ctx, enum cp_err err, const struct cp_bundle_took *t)
{
    reply_took(ctx, err, t, false);
}

static void serve_read(struct cp_request *r)
{
    char path[CP_PATH_MAX + 1];
    if (!cp_request_path(r, "path", path)) {
        cp_reply_error(r, CP_ERR_USAGE, NULL, NULL);
        return;
    }
    struct cp_bundle_read_ask ask = {.path = path,
                                     .done = took,
                                     .progress = progressed,
                                     .ctx = r,
                                     .in_turn = !cp_api_member_true(&r->with, "forgive")};
    errno = 0;
    enum cp_err err = cp_bundle_read_start(r->node, &ask);
    if (err == CP_ERR_BAD_FILE && cp_api_member_true(&r->with, "forgive")) {
        /* Somebody who uses the same folder took their older file away since it was listed. */
        const struct cp_bundle_took nothing = {.taken = 0};
        reply_took(r, err, &nothing, errno != ENOENT);
    } else if (err == CP_ERR_BAD_FILE)
        cp_reply_error(r, err, path, strerror(errno));
    else if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
}

const struct cp_command cp_serve_bundle[] = {
    {"bundle-write", CP_NEED_UNLOCKED, serve_write},
    {"bundle-read", CP_NEED_UNLOCKED, serve_read},
    {NULL, 0, NULL},
};
