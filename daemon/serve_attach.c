/*
 * Pictures and scanned forms: attach, attachments, fetch, save-attachment. Owns: these handlers and the files that people name.
 * Must not: take a name for a file from a plan, or write over one that is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/new_file.h"
#include "daemon/serve_check.h"
#include "daemon/store_pieces.h"
#include "proto/picture.h"

#define MIB (UINT64_C(1024) * 1024)

/* ---- Files ---- */

/* The whole of a regular file of at most CP_ATTACHMENT_MAX bytes. BAD_FILE: errno says why. */
static enum cp_err read_file(const char *path, struct cp_buf *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return CP_ERR_BAD_FILE;
    enum cp_err err = CP_OK;
    errno = 0;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    if (errno != 0)
        err = CP_ERR_BAD_FILE;
    else if ((uint64_t)st.st_size > CP_ATTACHMENT_MAX)
        err = CP_ERR_BIG_PICTURE;
    size_t len = err == CP_OK ? (size_t)st.st_size : 0;
    uint8_t *to = len > 0 ? cp_buf_space(out, len) : NULL;
    if (to != NULL && cp_file_read_at(fd, 0, to, len) != CP_OK)
        err = CP_ERR_BAD_FILE;
    int why = errno;
    (void)close(fd);
    errno = why;
    return err == CP_OK ? cp_buf_err(out) : err;
}

/* The path that was named, and why the system would not (errno). */
static void refuse_file(struct cp_request *r)
{
    char path[CP_PATH_MAX + 1];
    const char *why = errno != 0 ? strerror(errno) : NULL;
    bool known = cp_request_path(r, "path", path);
    cp_reply_error(r, CP_ERR_BAD_FILE, known ? path : NULL, why);
}

/* ---- attach ---- */

/* What somebody may want to show a picture or a form of. */
static bool may_carry(const struct cp_target *t)
{
    return (t->kind != CP_RECORD_COUNT && t->kind != CP_RECORD_VIEW) || t->version ||
           t->entry_kind == CP_KIND_ANSWER || t->entry_kind == CP_KIND_RECEIPT;
}

struct attaching {
    struct cp_target about;
    enum cp_media media;
    struct cp_buf file, clean;
    unsigned left_out;
};

/* How full it is, in whole MiB. */
static void reply_full(struct cp_request *r)
{
    struct cp_pictures_room room;
    char said[2][24];
    enum cp_err err = cp_store_pictures_room(r->node->store, r->plan, &room);
    (void)snprintf(said[0], sizeof said[0], "%llu", (unsigned long long)((room.used + MIB / 2) / MIB));
    (void)snprintf(said[1], sizeof said[1], "%llu", (unsigned long long)room.setting.room_mib);
    cp_reply_error(r, err == CP_OK ? CP_ERR_PICTURES_FULL : err, said[0], said[1]);
}

static enum cp_err prepare(struct cp_request *r, struct attaching *a)
{
    char path[CP_PATH_MAX + 1];
    struct cp_pictures_room room;
    struct cp_bytes alt = cp_arg_said(r, "alt");
    if (alt.len == 0 || !cp_attachment_alt_ok(alt))
        return alt.len > CP_ALT_MAX ? CP_ERR_TOO_BIG : CP_ERR_NO_ALT;
    enum cp_err err = cp_target_find(r, cp_arg(r, "about"), &a->about);
    if (err == CP_OK && !may_carry(&a->about))
        err = CP_ERR_NOT_FOUND;
    if (err != CP_OK)
        return err;
    if (!cp_request_path(r, "path", path))
        return CP_ERR_BAD_FILE;
    err = read_file(path, &a->file);
    if (err != CP_OK)
        return err;
    a->media = cp_media_of(cp_buf_bytes(&a->file));
    if (a->media == CP_MEDIA_NONE)
        return CP_ERR_BAD_PICTURE;
    err = cp_picture_clean(a->media, cp_buf_bytes(&a->file), &a->clean, &a->left_out);
    if (err == CP_OK)
        err = cp_store_pictures_room(r->node->store, r->plan, &room);
    return err == CP_OK && a->clean.len > room.left ? CP_ERR_PICTURES_FULL : err;
}

static enum cp_err keep_all(struct cp_request *r, const struct attaching *a,
                            const uint8_t id[static CP_ID_LEN])
{
    enum cp_err err = cp_store_piece_wish(r->node->store, r->plan, id);
    size_t len = 0;
    for (uint64_t i = 0; err == CP_OK && (len = cp_piece_len(a->clean.len, i)) > 0; i++)
        err = cp_store_piece_keep(r->node->store, r->plan, id, i,
                                  CP_BYTES(a->clean.ptr + i * CP_PIECE_LEN, len));
    return err;
}

/* The entry and all its pieces, or nothing. */
static enum cp_err write_all(struct cp_request *r, const struct attaching *a, uint8_t id[static CP_ID_LEN])
{
    struct cp_draft draft;
    cp_draft_init(&draft, r->node->mem, CP_KIND_ATTACHMENT, 0, a->about.id);
    enum cp_err err =
        cp_attachment_draft(&draft, a->media, cp_buf_bytes(&a->clean), cp_arg(r, "lang"), cp_arg(r, "alt"));
    if (err == CP_OK)
        err = cp_node_may_write(r);
    if (err == CP_OK)
        err = cp_own_begin(r);
    if (err == CP_OK) {
        err = cp_own_append(r, &draft, id);
        if (err == CP_OK)
            err = keep_all(r, a, id);
        err = cp_own_end(r, err);
    }
    cp_draft_clear(&draft);
    return err;
}

static void reply_attached(struct cp_request *r, const struct attaching *a, const uint8_t *id)
{
    struct cp_buf out;
    unsigned place = a->left_out & CP_LEFT_OUT_PLACE, other = a->left_out & CP_LEFT_OUT_OTHER;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 6);
    cp_put_id(&out, "id", id);
    cp_put_id(&out, "about", a->about.id);
    cp_put_said(&out, "media", cp_bytes_str(cp_media_word(a->media)));
    cp_put_number(&out, "bytes", (int64_t)a->clean.len);
    cp_put_truth(&out, "unseen", a->media == CP_MEDIA_PDF);
    cp_api_key(&out, "left_out");
    cp_api_list(&out, (place != 0 ? 1U : 0U) + (other != 0 ? 1U : 0U));
    if (place != 0)
        cp_api_cstr(&out, "place");
    if (other != 0)
        cp_api_cstr(&out, "other");
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void refuse_attach(struct cp_request *r, enum cp_err err)
{
    if (err == CP_ERR_PICTURES_FULL)
        reply_full(r);
    else if (err == CP_ERR_BAD_FILE)
        refuse_file(r);
    else if (err == CP_ERR_BAD_VALUE)
        cp_reply_about(r, CP_ERR_BAD_FIELD, cp_bytes_str("lang"));
    else if (err == CP_ERR_NOT_FOUND || err == CP_ERR_AMBIGUOUS || err == CP_ERR_USAGE)
        cp_reply_about(r, err, cp_arg(r, "about"));
    else
        cp_reply_about(r, err, cp_arg(r, "path"));
}

static void serve_attach(struct cp_request *r)
{
    struct attaching a = {.left_out = 0};
    uint8_t id[CP_ID_LEN];
    errno = 0;
    cp_buf_init(&a.file, r->node->mem, CP_ATTACHMENT_MAX);
    cp_buf_init(&a.clean, r->node->mem, CP_ATTACHMENT_MAX + 64);
    enum cp_err err = prepare(r, &a);
    if (err == CP_OK)
        err = write_all(r, &a, id);
    if (err == CP_OK)
        reply_attached(r, &a, id);
    else
        refuse_attach(r, err);
    cp_buf_clear(&a.file);
    cp_buf_clear(&a.clean);
}

/* ---- attachments ---- */

struct listing {
    struct cp_request *r;
    struct cp_desk d;
    const uint8_t *about; /* NULL: all */
    struct cp_pictures_room room;
    struct cp_buf row;
    enum cp_err err;
};

/* Asked for one by one, or because this device gets every one. */
static const char *state_word(const struct cp_attachment *a, const struct cp_pieces_held *held, const struct cp_pictures_room *room)
{
    bool wished = held->wished || room->setting.all;
    if (held->whole)
        return "here";
    if (wished && cp_pieces_left(a->size, held) > room->left)
        return "no_room";
    return held->pieces > 0 ? "partly" : wished ? "wished" : "not_here";
}

static void put_said_of(struct listing *l, const struct cp_attachment *a, const struct cp_pieces_held *held)
{
    cp_put_said(&l->row, "state", cp_bytes_str(a == NULL ? "withdrawn" : state_word(a, held, &l->room)));
    cp_put_said(&l->row, "media", a == NULL ? CP_BYTES(NULL, 0) : cp_bytes_str(cp_media_word(a->media)));
    cp_put_number(&l->row, "bytes", a == NULL ? 0 : (int64_t)a->size);
    cp_put_number(&l->row, "pieces", a == NULL ? 0 : (int64_t)a->pieces);
    cp_put_number(&l->row, "here", a == NULL ? 0 : (int64_t)held->pieces);
    cp_put_said(&l->row, "lang", a == NULL ? CP_BYTES(NULL, 0) : a->lang);
    cp_put_said(&l->row, "alt", a == NULL ? CP_BYTES(NULL, 0) : a->alt);
}

static bool list_one(void *ctx, const struct cp_entry_info *info)
{
    struct listing *l = ctx;
    struct cp_attachment a;
    struct cp_frame f;
    struct cp_pieces_held held;
    if (info->newer || info->frame.ptr == NULL || cp_frame_read(info->frame, info->words, &f) != CP_OK)
        return true;
    bool said = info->words.ptr != NULL && cp_attachment_read(info->words, &a) == CP_OK;
    if ((!said && !info->withdrawn) ||
        (l->about != NULL && memcmp(cp_frame_target(&f), l->about, CP_ID_LEN) != 0))
        return true;
    l->err = cp_store_pieces_held(l->r->node->store, info->id, &held);
    if (l->err != CP_OK)
        return false;
    cp_buf_reset(&l->row);
    cp_api_object(&l->row, 12);
    cp_put_id(&l->row, "id", info->id);
    cp_put_id(&l->row, "about", cp_frame_target(&f));
    cp_put_id(&l->row, "by", info->person);
    cp_put_said(&l->row, "name", cp_desk_name(&l->d, info->person));
    cp_put_number(&l->row, "claimed_at", (int64_t)info->time_ms);
    put_said_of(l, said ? &a : NULL, &held);
    l->err = cp_buf_err(&l->row);
    if (l->err == CP_OK)
        cp_reply_row(l->r, cp_buf_bytes(&l->row));
    return l->err == CP_OK;
}

static void serve_attachments(struct cp_request *r)
{
    struct listing l = {.r = r};
    struct cp_target about;
    struct cp_bytes typed = cp_arg(r, "about");
    enum cp_err err = typed.len > 0 ? cp_target_find(r, typed, &about) : CP_OK;
    if (err == CP_OK)
        err = cp_store_pictures_room(r->node->store, r->plan, &l.room);
    if (err == CP_OK)
        err = cp_desk_open(&l.d, r->node, r->plan);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    l.about = typed.len > 0 ? about.id : NULL;
    cp_buf_init(&l.row, r->node->mem, CP_API_MESSAGE_MAX);
    err = cp_store_each(r->node->store, r->plan, CP_KIND_ATTACHMENT, false, list_one, &l);
    cp_desk_close(&l.d);
    cp_buf_clear(&l.row);
    if (err == CP_OK)
        err = l.err;
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_about(r, err, typed);
}

/* ---- One attachment ---- */

/* An ATTACHMENT that has its words; a copy of what it says without slices. */
struct found {
    uint8_t id[CP_ID_LEN];
    size_t size, pieces;
    struct cp_pieces_held held;
};

static enum cp_err find(struct cp_request *r, struct cp_bytes typed, struct found *out)
{
    struct cp_loaded l;
    struct cp_attachment a;
    enum cp_err err = cp_node_find_entry(r->node, r->plan, typed, out->id);
    if (err == CP_OK)
        err = cp_store_entry(r->node->store, r->plan, out->id, &l);
    if (err != CP_OK)
        return err;
    const struct cp_entry_info *info = &l.info[0];
    if (info->kind != CP_KIND_ATTACHMENT || info->is_void)
        err = CP_ERR_NOT_FOUND;
    else if (info->words.ptr == NULL)
        err = info->withdrawn ? CP_ERR_NO_WORDS : CP_ERR_NOT_WHOLE;
    else if (cp_attachment_read(info->words, &a) != CP_OK)
        err = CP_ERR_NEWER_CONTENT;
    if (err == CP_OK) {
        out->size = a.size;
        out->pieces = a.pieces;
        err = cp_store_pieces_held(r->node->store, out->id, &out->held);
    }
    cp_loaded_clear(&l);
    return err;
}

/* ---- fetch ---- */

/* {all, room}: what this device does about the plan's pictures. */
static enum cp_err set_up(struct cp_request *r)
{
    struct cp_pictures_setting setting;
    struct cp_api_value all, room;
    bool has_all = cp_api_member(&r->with, "all", &all), has_room = cp_api_member(&r->with, "room", &room);
    enum cp_err err = cp_store_pictures_get(r->node->store, r->plan, &setting);
    if (err != CP_OK || (!has_all && !has_room))
        return err;
    if ((has_all && all.type != CP_API_BOOL) ||
        (has_room &&
         (room.type != CP_API_INT || room.number < 0 || room.number > (int64_t)CP_PICTURES_ROOM_MIB_MAX)))
        return CP_ERR_USAGE;
    if (has_all)
        setting.all = all.truth;
    if (has_room)
        setting.room_mib = (uint64_t)room.number;
    return cp_store_pictures_set(r->node->store, r->plan, &setting);
}

static void reply_fetch(struct cp_request *r, const struct cp_pictures_room *room, const struct found *one)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, one == NULL ? 3 : 6);
    cp_put_truth(&out, "all", room->setting.all);
    cp_put_number(&out, "room_mib", (int64_t)room->setting.room_mib);
    cp_put_number(&out, "used", (int64_t)room->used);
    if (one != NULL) {
        cp_put_id(&out, "id", one->id);
        cp_put_number(&out, "pieces", (int64_t)one->pieces);
        cp_put_number(&out, "here", (int64_t)one->held.pieces);
    }
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void serve_fetch(struct cp_request *r)
{
    struct cp_pictures_room room;
    struct cp_bytes typed = cp_arg(r, "id");
    struct found one;
    enum cp_err err = typed.len > 0 ? find(r, typed, &one) : CP_OK;
    if (err == CP_OK)
        err = set_up(r);
    if (err == CP_OK)
        err = cp_store_pictures_room(r->node->store, r->plan, &room);
    if (err == CP_OK && typed.len > 0 && !one.held.whole)
        err = cp_pieces_left(one.size, &one.held) > room.left
                  ? CP_ERR_PICTURES_FULL
                  : cp_store_piece_wish(r->node->store, r->plan, one.id);
    if (err == CP_ERR_PICTURES_FULL) {
        reply_full(r);
        return;
    }
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    cp_meet_wishes(r->node);
    reply_fetch(r, &room, typed.len > 0 ? &one : NULL);
}

/* ---- save-attachment ---- */

static enum cp_err gather(struct cp_request *r, const struct found *one, struct cp_buf *out)
{
    enum cp_err err = CP_OK;
    for (uint64_t i = 0; i < one->pieces && err == CP_OK; i++) {
        bool here = false;
        err = cp_store_piece_read(r->node->store, r->plan, one->id, i, out, &here);
        if (err == CP_OK && !here)
            err = CP_ERR_NOT_WHOLE;
    }
    return err;
}

static void serve_save(struct cp_request *r)
{
    struct found one;
    struct cp_bytes typed = cp_arg(r, "id");
    struct cp_buf file, out;
    char path[CP_PATH_MAX + 1];
    cp_buf_init(&file, r->node->mem, CP_ATTACHMENT_MAX);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = find(r, typed, &one);
    if (err == CP_OK)
        err = gather(r, &one, &file);
    errno = 0;
    if (err == CP_OK && !cp_request_path(r, "path", path))
        err = CP_ERR_BAD_FILE;
    else if (err == CP_OK)
        err = cp_new_file_whole_new(path, cp_buf_bytes(&file));
    if (err == CP_OK) {
        cp_api_object(&out, 3);
        cp_put_id(&out, "id", one.id);
        cp_put_said(&out, "path", cp_bytes_str(path));
        cp_put_number(&out, "bytes", (int64_t)file.len);
        cp_reply_buf(r, &out);
    } else if (err == CP_ERR_BAD_FILE) {
        refuse_file(r);
    } else {
        cp_reply_about(r, err, err == CP_ERR_FILE_THERE ? cp_arg(r, "path") : typed);
    }
    cp_buf_clear(&file);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_attach[] = {
    {"attach", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_attach},
    {"attachments", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_attachments},
    {"fetch", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_fetch},
    {"save-attachment", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_save},
    {NULL, 0, NULL},
};
