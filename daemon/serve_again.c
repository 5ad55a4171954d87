/*
 * What was written in the old plan beyond the heads, written again in its continuation: again (docs/api.md).
 * Owns: which entries these are and how they are said anew. Must not: write anything that nobody asked for.
 *
 * An entry that is written again has the same frame and words, but that ids of entries which were written again are theirs
 * anew, and that its last reference names the old entry. By that it is known, here and everywhere, that it was written again, so twice
 * is once. What names something of the old plan that is not here is left: somebody must write that again first.
 */
#include "daemon/serve_follow.h"

#include <string.h>

#include "daemon/log.h"
#include "daemon/store_pieces.h"
#include "daemon/view.h"

struct pair {
    uint8_t old[CP_ID_LEN], new[CP_ID_LEN];
};
struct writing {
    struct cp_request *r;
    uint8_t old[CP_ID_LEN]; /* the plan before */
    struct pair *done;
    size_t done_count, done_cap;
    struct cp_ids rows;   /* entries of the old plan, in order of arrival, that might be written again */
    struct cp_ids asked;  /* typed: somebody else's words */
    size_t written, left;
    struct cp_buf answer; /* pairs written now */
    enum cp_err err;
};

static void writing_clear(struct writing *w)
{
    cp_free(w->r->node->mem, w->done);
    cp_ids_clear(&w->rows);
    cp_ids_clear(&w->asked);
    cp_buf_clear(&w->answer);
}

static const uint8_t *anew(const struct writing *w, const uint8_t *old)
{
    for (size_t i = 0; i < w->done_count; i++)
        if (memcmp(w->done[i].old, old, CP_ID_LEN) == 0)
            return w->done[i].new;
    return NULL;
}

static enum cp_err remember(struct writing *w, const uint8_t *old, const uint8_t *new)
{
    void *array = w->done;
    enum cp_err err = cp_grow(w->r->node->mem, &array, &w->done_cap, w->done_count + 1, SIZE_MAX / 64, sizeof *w->done);
    w->done = array;
    if (err != CP_OK)
        return err;
    memcpy(w->done[w->done_count].old, old, CP_ID_LEN);
    memcpy(w->done[w->done_count++].new, new, CP_ID_LEN);
    return CP_OK;
}

static bool holds(const struct writing *w, const uint8_t *plan, const uint8_t *id)
{
    struct cp_loaded l;
    if (cp_store_entry(w->r->node->store, plan, id, &l) != CP_OK)
        return false;
    cp_loaded_clear(&l);
    return true;
}

/* What people say: pages, their parts and answers stay where they were signed. */
static bool may_be_said_again(uint64_t kind)
{
    return kind == CP_KIND_PLAN || kind == CP_KIND_ITEM || kind == CP_KIND_SET || kind == CP_KIND_PERSON ||
           kind == CP_KIND_VIEW || kind == CP_KIND_NOTE || kind == CP_KIND_ATTACHMENT;
}

/* ---- What was written again before ---- */

/* Words taken back since cannot be compared: whose they were, the same person took them back. */
static bool says_it(const struct writing *w, const struct cp_entry_info *info, const struct cp_frame *f,
                    const struct cp_entry_info *old)
{
    struct cp_frame before;
    if (info->words.ptr == NULL)
        return info->withdrawn && info->kind == old->kind && memcmp(info->person, old->person, CP_ID_LEN) == 0;
    if (!cp_frame_says_again(old->frame, old->words, info->frame, info->words) ||
        cp_frame_read(old->frame, CP_BYTES(NULL, 0), &before) != CP_OK)
        return false;
    const uint8_t *target = cp_frame_target(f), *was = cp_frame_target(&before), *here = was == NULL ? NULL : anew(w, was);
    return target == NULL || was == NULL || memcmp(target, here != NULL ? here : was, CP_ID_LEN) == 0;
}

/* Anybody may name any entry last. Only what says the same of the same counts as that entry said again: else somebody could put
 * other words in its place, and what others have said of it would be written as said of those. */
static bool note_again(void *ctx, const struct cp_entry_info *info)
{
    struct writing *w = ctx;
    struct cp_loaded l;
    struct cp_frame f;
    if (info->depth > 0 || info->class != CP_CONTENT || info->newer || info->is_void || !may_be_said_again(info->kind) ||
        cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK || f.refs_count == 0)
        return true;
    const uint8_t *last = cp_frame_ref(&f, f.refs_count - 1);
    if (holds(w, w->r->plan, last) || cp_store_entry(w->r->node->store, w->old, last, &l) != CP_OK)
        return true;
    if (says_it(w, info, &f, &l.info[0]))
        w->err = remember(w, last, info->id);
    cp_loaded_clear(&l);
    return w->err == CP_OK;
}

/* ---- What might be ---- */

static bool note_beyond(void *ctx, const struct cp_entry_info *info)
{
    struct writing *w = ctx;
    const uint8_t *own = cp_keeper_person(w->r->node->keeper, w->r->person)->person;
    bool mine = memcmp(info->person, own, CP_ID_LEN) == 0;
    if (info->class != CP_CONTENT || info->newer || info->withdrawn || info->words.ptr == NULL ||
        !may_be_said_again(info->kind))
        return true;
    if (!cp_ids_have(&w->asked, info->id) && (w->asked.count > 0 || !mine || info->is_void))
        return true;
    if (anew(w, info->id) != NULL || holds(w, w->r->plan, info->id))
        return true;
    if (!mine && (info->kind == CP_KIND_VIEW || info->kind == CP_KIND_PERSON))
        w->err = CP_ERR_NOT_YOURS; /* what somebody thinks, or says of themselves, is nobody else's to say */
    else
        w->err = cp_ids_add(&w->rows, info->id, info->kind);
    return w->err == CP_OK;
}

/* ---- Writing ---- */

/* The id as it is said here; NULL: it names something of the old plan that is not here. */
static const uint8_t *said_here(const struct writing *w, const uint8_t *id)
{
    const uint8_t *new = anew(w, id);
    if (new != NULL || holds(w, w->r->plan, id) || !holds(w, w->old, id))
        return new != NULL ? new : id;
    return NULL;
}

/* The same frame with other ids, and the old entry named last. *left: it names what is not here. */
static enum cp_err write_frame(const struct writing *w, const struct cp_entry_info *info, struct cp_buf *out, bool *left)
{
    struct cp_cursor c;
    struct cp_frame f;
    enum cp_err err = cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f);
    if (err != CP_OK || f.refs_count == CP_REFS_MAX)
        return err != CP_OK ? err : CP_ERR_TOO_BIG;
    cp_cursor_init(&c, info->frame, CP_ITEMS_MAX);
    size_t values = cp_get_array(&c, 2, 0xffff);
    uint64_t kind = cp_get_uint(&c, UINT32_MAX);
    size_t refs = cp_get_array(&c, 0, CP_REFS_MAX), first = f.has_target ? 1 : 0;
    cp_put_array(out, values);
    cp_put_uint(out, kind);
    cp_put_array(out, refs + 1);
    for (size_t i = 0; i < refs && c.err == CP_OK; i++) {
        const uint8_t *id = cp_get_fixed_ref(&c, CP_ID_LEN), *here = said_here(w, id);
        bool replaced = i >= first && i < first + f.replaced; /* one that never came here replaces nothing here */
        *left = *left || (here == NULL && !replaced);
        cp_put_fixed(out, here != NULL ? here : id, CP_ID_LEN);
    }
    cp_put_fixed(out, info->id, CP_ID_LEN);
    cp_buf_put(out, c.at, cp_cursor_left(&c));
    return c.err != CP_OK ? c.err : cp_buf_err(out);
}

/* The same words under a salt of their own: whether two entries say the same is nobody's to find out by guessing. */
static enum cp_err write_words(const struct cp_entry_info *info, struct cp_buf *out)
{
    struct cp_cursor c;
    if (info->words.len == 0)
        return CP_OK;
    cp_buf_put_bytes(out, info->words);
    cp_cursor_init(&c, info->words, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 1, CP_ITEMS_MAX);
    const uint8_t *salt = cp_get_fixed_ref(&c, CP_SALT_LEN);
    if (c.err != CP_OK || cp_buf_err(out) != CP_OK)
        return c.err != CP_OK ? c.err : cp_buf_err(out);
    randombytes_buf(out->ptr + (salt - info->words.ptr), CP_SALT_LEN);
    return CP_OK;
}

static enum cp_err write_one(struct writing *w, const uint8_t *old)
{
    struct cp_request *r = w->r;
    struct cp_signer signer = cp_node_signer(r->node);
    struct cp_loaded l;
    struct cp_buf frame, words;
    uint8_t id[CP_ID_LEN];
    bool left = false;
    enum cp_err err = cp_store_entry(r->node->store, w->old, old, &l);
    if (err != CP_OK)
        return err;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    cp_buf_init(&words, r->node->mem, CP_ENTRY_MAX);
    err = write_frame(w, &l.info[0], &frame, &left);
    if (err == CP_OK)
        err = write_words(&l.info[0], &words);
    if (err == CP_OK && left)
        w->left++;
    if (err == CP_OK && !left)
        err = cp_store_append(r->node->store, &signer, r->plan, cp_request_device(r), CP_CONTENT, cp_buf_bytes(&frame),
                              cp_buf_bytes(&words), cp_node_time_ms(), id);
    if (err == CP_OK && !left && l.info[0].kind == CP_KIND_ATTACHMENT)
        err = cp_store_pieces_copy(r->node->store, w->old, old, r->plan, id);
    if (err == CP_OK && !left) {
        err = remember(w, old, id);
        w->written++;
        cp_api_object(&w->answer, 2);
        cp_api_key(&w->answer, "old");
        cp_api_hex(&w->answer, old, CP_ID_LEN);
        cp_api_key(&w->answer, "entry");
        cp_api_hex(&w->answer, id, CP_ID_LEN);
    }
    if (words.ptr != NULL)
        sodium_memzero(words.ptr, words.cap);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_loaded_clear(&l);
    return err;
}

static enum cp_err write_all(struct writing *w)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < w->rows.count && err == CP_OK; i++)
        err = write_one(w, w->rows.ids[i]);
    return err;
}

/* ---- again ---- */

static enum cp_err look(struct writing *w)
{
    struct cp_store *store = w->r->node->store;
    enum cp_err err = cp_store_origin(store, w->r->plan, 1, w->old);
    if (err == CP_ERR_WRONG_PLAN)
        return CP_ERR_NO_CONTINUATION;
    if (err == CP_OK)
        err = cp_store_each(store, w->r->plan, 0, true, note_again, w);
    return err != CP_OK ? err : w->err;
}

static enum cp_err find_beyond(struct writing *w)
{
    enum cp_err err = cp_store_each(w->r->node->store, w->old, 0, true, note_beyond, w);
    return err == CP_ERR_NO_PLAN ? CP_OK : err != CP_OK ? err : w->err; /* no old plan here: nothing of it to say */
}

static enum cp_err find_asked(struct writing *w, struct cp_bytes *about)
{
    struct cp_api_value list = {.type = CP_API_NULL}, one;
    struct cp_bytes key;
    struct cp_api_iter it;
    enum cp_err err = CP_OK;
    if (!cp_api_member(&w->r->with, "entries", &list) || list.type != CP_API_LIST)
        return CP_OK;
    cp_api_iter_init(&it, &list);
    while (err == CP_OK && cp_api_next(&it, &key, &one)) {
        uint8_t id[CP_ID_LEN];
        if (one.type != CP_API_TEXT)
            return CP_ERR_USAGE;
        *about = one.text;
        err = cp_node_find_entry(w->r->node, w->old, one.text, id);
        if (err == CP_OK)
            err = cp_ids_add(&w->asked, id, 0);
    }
    return err;
}

static void writing_init(struct writing *w, struct cp_request *r)
{
    *w = (struct writing){.r = r};
    cp_ids_init(&w->rows, r->node->mem);
    cp_ids_init(&w->asked, r->node->mem);
    cp_buf_init(&w->answer, r->node->mem, CP_API_MESSAGE_MAX);
}

enum cp_err cp_again_count(struct cp_request *r, size_t *count)
{
    struct writing w;
    writing_init(&w, r);
    enum cp_err err = look(&w);
    if (err == CP_OK)
        err = find_beyond(&w);
    *count = w.rows.count;
    writing_clear(&w);
    return err;
}

void cp_serve_again(struct cp_request *r)
{
    struct writing w;
    struct cp_buf out;
    struct cp_bytes about = CP_BYTES(NULL, 0);
    bool dry = cp_api_member_true(&r->with, "look");
    writing_init(&w, r);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_node_may_write(r);
    if (err == CP_OK)
        err = look(&w);
    if (err == CP_OK)
        err = find_asked(&w, &about);
    if (err == CP_OK)
        err = find_beyond(&w);
    if (err == CP_OK && !dry && w.rows.count > 0) {
        err = cp_own_begin(r);
        if (err == CP_OK)
            err = cp_own_end(r, write_all(&w));
    }
    if (err == CP_OK) {
        cp_log(CP_LOG_INFO, "again", "could=%zu written=%zu left=%zu", w.rows.count, w.written, w.left);
        cp_api_object(&out, 4);
        cp_api_key(&out, "plan");
        cp_api_hex(&out, r->plan, CP_ID_LEN);
        cp_api_key(&out, "could");
        cp_api_int(&out, (int64_t)w.rows.count);
        cp_api_key(&out, "left");
        cp_api_int(&out, (int64_t)w.left);
        cp_api_key(&out, "written");
        cp_api_list(&out, w.written);
        cp_buf_put_bytes(&out, cp_buf_bytes(&w.answer));
        err = cp_buf_err(&out);
    }
    writing_clear(&w);
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else if (about.len > 0)
        cp_reply_about(r, err, about);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}
