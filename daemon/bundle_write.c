/*
 * Writing a bundle file, one chunk a piece of work. Owns: for whom it is and what they need not be sent again.
 * Must not: trust what it remembers of others for more than leaving things out; a reader that lacks something says so.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "daemon/bundle.h"
#include "daemon/log.h"
#include "daemon/work.h"
#include "proto/compact.h"

#define OUT_MAX (4U * CP_BUNDLE_FRAME_MAX)

/* The part of one plan. */
struct part {
    uint8_t plan[CP_ID_LEN];
    uint64_t *rows[2];
    size_t rows_count[2], at[2];
    struct cp_bundle_stream stream;
    uint64_t begun; /* where the bundle begins in the file */
    uint64_t entries;
    struct cp_pictures pictures;
    bool open;
};
struct machines {
    struct cp_bundle_to *list;
    size_t count, cap;
};
struct writer {
    struct cp_work work; /* first: cast back */
    struct cp_node *node;
    struct cp_bundle_write ask;
    struct cp_bundle_plan *plans;
    size_t next;
    struct part part;
    struct cp_new_file file;
    struct cp_beside beside;
    uint64_t written; /* bytes handed to the file */
    struct cp_buf out;
    struct cp_bundle_written done;
    uint64_t total; /* entries of the plans so far */
    struct machines told; /* of the plans so far, each once by its CURVE key: for people */
    bool words_alone; /* with pictures it was too much for the disk */
};

/* ---- For whom ---- */

/* The machines of the standing devices of those it is for, each once, without our own. */
static enum cp_err find_machines(struct writer *w, const struct cp_bundle_plan *p, struct machines *out)
{
    const struct cp_members *members = NULL;
    uint8_t own[CP_KEY_LEN], own_box[CP_KEY_LEN];
    cp_keeper_machine(w->node->keeper, own, own_box);
    enum cp_err err = cp_store_members(w->node->store, p->plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        bool there = memcmp(d->curve_key, own, CP_KEY_LEN) == 0;
        if (!cp_member_is_in(d) || (p->one_person && memcmp(d->person, p->person, CP_ID_LEN) != 0))
            continue;
        for (size_t k = 0; k < out->count && !there; k++)
            there = memcmp(out->list[k].curve_key, d->curve_key, CP_KEY_LEN) == 0 &&
                    memcmp(out->list[k].box_key, d->box_key, CP_KEY_LEN) == 0;
        if (there)
            continue;
        void *array = out->list;
        err =
            cp_grow(w->node->mem, &array, &out->cap, out->count + 1, CP_BUNDLE_SLOTS_MAX, sizeof *out->list);
        if (err != CP_OK)
            break;
        out->list = array;
        memcpy(out->list[out->count].curve_key, d->curve_key, CP_KEY_LEN);
        memcpy(out->list[out->count++].box_key, d->box_key, CP_KEY_LEN);
    }
    return err;
}

/* ---- What they lack ---- */

/* Everything that one of them may lack, in order of arrival. */
static enum cp_err find_rows(struct writer *w, const struct machines *to, enum cp_class class,
                             struct cp_tip *tips, size_t count)
{
    const struct cp_replica *held = cp_store_replica(w->node->store);
    const struct cp_mem *mem = w->node->mem;
    size_t c = class == CP_CONTENT ? 1 : 0;
    uint64_t *after = cp_alloc_array(mem, count + 1, sizeof *after);
    struct cp_range *ranges = cp_alloc_array(mem, count + 1, sizeof *ranges);
    size_t ranges_count = 0;
    enum cp_err err = after == NULL || ranges == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    bool none = w->ask.offer != NULL && w->ask.offer->control_only && class == CP_CONTENT;
    for (size_t i = 0; err == CP_OK && i < count; i++)
        after[i] = w->ask.all ? 0 : tips[i].seq;
    if (err == CP_OK && !w->ask.all && !none && w->ask.offer != NULL)
        err = cp_offer_lower(w->node, w->ask.offer, w->part.plan, to->list, to->count, class, tips, count,
                             after);
    for (size_t k = 0; err == CP_OK && !w->ask.all && w->ask.offer == NULL && k < to->count; k++) {
        struct cp_heard heard;
        err = cp_heard_get(w->node, w->part.plan, to->list[k].curve_key, &heard);
        if (err == CP_OK || err == CP_ERR_NOT_FOUND)
            err = cp_heard_lower(held, w->part.plan, class, err == CP_OK ? &heard : NULL, tips, count, after);
        cp_heard_clear(&heard);
    }
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        if (after[i] < tips[i].seq && (ranges_count == 0 || ranges[ranges_count - 1].chain != tips[i].chain))
            ranges[ranges_count++] = (struct cp_range){.chain = tips[i].chain, .after = after[i]};
    }
    if (err == CP_OK)
        err = held->rows(held->ctx, w->part.plan, class, ranges, ranges_count, &w->part.rows[c],
                         &w->part.rows_count[c]);
    cp_free(mem, after);
    cp_free(mem, ranges);
    return err;
}

/* ---- The file ---- */

static enum cp_err flush(struct writer *w)
{
    enum cp_err err = cp_buf_err(&w->out);
    if (err == CP_OK)
        err = cp_new_file_put(&w->file, cp_buf_bytes(&w->out));
    w->written += w->out.len;
    cp_buf_reset(&w->out);
    return err;
}

static enum cp_err put_frame(struct writer *w, struct cp_buf *plain, bool last)
{
    enum cp_err err = cp_buf_err(plain);
    if (err == CP_OK)
        cp_bundle_seal(&w->part.stream, cp_buf_bytes(plain), last, &w->out);
    cp_buf_reset(plain);
    return err == CP_OK ? flush(w) : err;
}

/* The boxes and what stands for machines that are not there. A box key has one box, or two would be seen to be the same. */
static enum cp_err make_slots(struct writer *w, const struct machines *to, const uint8_t *seen,
                              const uint8_t *key, struct cp_buf *slots)
{
    size_t count = cp_bundle_slots(to->count);
    for (size_t i = 0; i < count; i++) {
        uint8_t slot[CP_BUNDLE_SLOT_LEN];
        bool boxed = i >= to->count;
        for (size_t k = 0; k < i && !boxed; k++)
            boxed = memcmp(to->list[k].box_key, to->list[i].box_key, CP_KEY_LEN) == 0;
        if (boxed || !cp_keeper_box_to(w->node->keeper, to->list[i].box_key, seen, key, slot))
            randombytes_buf(slot, sizeof slot);
        cp_buf_put(slots, slot, sizeof slot);
    }
    return cp_buf_err(slots);
}

static enum cp_err open_stream(struct writer *w, const struct machines *to, const uint8_t *seen)
{
    uint8_t key[32];
    struct cp_buf slots;
    cp_buf_init(&slots, w->node->mem, (size_t)CP_BUNDLE_SLOTS_MAX * CP_BUNDLE_SLOT_LEN);
    randombytes_buf(key, sizeof key);
    enum cp_err err = make_slots(w, to, seen, key, &slots);
    if (err == CP_OK && w->ask.remembered &&
        cp_beside_know(w->node, cp_buf_bytes(&slots), &w->plans[w->next - 1], w->ask.all) != CP_OK)
        cp_log(CP_LOG_WARN, "bundle", "what=not_remembered"); /* it stays when we write the next one: no harm */
    if (err == CP_OK) {
        cp_bundle_stream_begin(&w->part.stream, key, cp_buf_bytes(&slots));
        cp_bundle_head_write(cp_buf_bytes(&slots), 0, &w->out);
        err = flush(w);
    }
    sodium_memzero(key, sizeof key);
    cp_buf_clear(&slots);
    return err;
}

/* A device of this machine that is in the plan gives its word: on a shared machine one that is awake. */
static enum cp_err sign_seen(struct writer *w, const uint8_t *hash, struct cp_buf *plain)
{
    const struct cp_members *members = NULL;
    uint8_t sig[CP_SIG_LEN];
    enum cp_err err = cp_store_members(w->node->store, w->part.plan, &members);
    for (size_t i = 0; err == CP_OK && i < cp_keeper_count(w->node->keeper); i++) {
        const struct cp_keeper_person *p = cp_keeper_person(w->node->keeper, i);
        const struct cp_member_device *d = cp_members_find(members, p->device_key);
        if (d == NULL || !cp_member_is_in(d))
            continue;
        err = cp_keeper_seen(w->node->keeper, p->device_key, hash, sig);
        if (err == CP_ERR_LOCKED) {
            err = CP_OK;
            continue;
        }
        if (err == CP_OK) {
            cp_bundle_put_seen(p->device_key, sig, plain);
            err = put_frame(w, plain, false);
        }
        break;
    }
    return err;
}

/* ---- What we hold ---- */

struct word {
    struct cp_tip *tips[2];
    struct cp_bundle_tip *said[2]; /* the same, as they are said */
    size_t count[2];
    struct cp_bundle_wish *wishes;
    size_t wishes_count;
    uint8_t hash[CP_ID_LEN]; /* that SEEN signs */
};

static void clear_word(struct writer *w, struct word *t)
{
    for (int c = 0; c < 2; c++) {
        cp_free(w->node->mem, t->tips[c]);
        cp_free(w->node->mem, t->said[c]);
    }
    cp_free(w->node->mem, t->wishes);
}

static enum cp_err make_word(struct writer *w, const struct cp_bundle_begin *b, struct word *out)
{
    const struct cp_replica *held = cp_store_replica(w->node->store);
    struct cp_hasher h;
    enum cp_err err = CP_OK;
    *out = (struct word){.count = {0}};
    cp_seen_begin(&h, b);
    for (int c = 0; c < 2 && err == CP_OK; c++) {
        enum cp_class class = c == 1 ? CP_CONTENT : CP_CONTROL;
        err = held->tips(held->ctx, w->part.plan, class, &out->tips[c], &out->count[c]);
        if (err == CP_OK)
            out->said[c] = cp_alloc_array(w->node->mem, out->count[c] + 1, sizeof *out->said[c]);
        if (err == CP_OK && out->said[c] == NULL)
            err = CP_ERR_NO_MEMORY;
        for (size_t i = 0; i < out->count[c] && err == CP_OK; i++) {
            struct cp_bundle_tip *tip = &out->said[c][i];
            tip->seq = out->tips[c][i].seq;
            memcpy(tip->id, out->tips[c][i].id, CP_ID_LEN);
            cp_seen_add(&h, class, tip);
        }
    }
    if (err == CP_OK && w->ask.offer == NULL)
        err = cp_pictures_wishes(w->node, w->part.plan, &out->wishes, &out->wishes_count);
    for (size_t i = 0; i < out->wishes_count; i++)
        cp_seen_add_wish(&h, &out->wishes[i]);
    cp_seen_end(&h, out->hash);
    return err;
}

static enum cp_err put_tips(struct writer *w, enum cp_class class, const struct cp_bundle_tip *tips,
                            size_t count, struct cp_buf *plain)
{
    enum cp_err err = CP_OK;
    for (size_t at = 0, n = 0; err == CP_OK && at < count; at += n) {
        n = count - at < CP_BUNDLE_TIPS_MAX ? count - at : CP_BUNDLE_TIPS_MAX;
        cp_bundle_put_tips(class, tips + at, n, plain);
        err = put_frame(w, plain, false);
    }
    return err;
}

/* More than is kept: the rest is not remembered as said, and so is said again. */
static enum cp_err keep_said(struct cp_heard *said, const struct cp_bundle_begin *b, const struct word *t)
{
    enum cp_err err = CP_OK;
    memcpy(said->incarnation, b->incarnation, CP_INCARNATION_LEN);
    said->claimed_ms = said->heard_ms = b->time_ms;
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < t->count[c] && err == CP_OK; i++) {
            struct cp_bundle_tip tip = {.seq = t->tips[c][i].seq};
            memcpy(tip.id, t->tips[c][i].id, CP_ID_LEN);
            err = cp_heard_add(said, c == 1 ? CP_CONTENT : CP_CONTROL, &tip);
        }
    return err == CP_ERR_TOO_BIG ? CP_OK : err;
}

/* A continuation says at once which plans it goes back to: whoever reads it must know that before anything else. */
static enum cp_err put_first(struct writer *w, struct cp_buf *plain)
{
    const struct cp_replica *held = cp_store_replica(w->node->store);
    struct cp_outgoing first;
    struct cp_control c;
    enum cp_err err = held->first(held->ctx, w->part.plan, &first);
    if (err != CP_OK)
        return err;
    cp_control_read(first.entry.frame, &c);
    if (!c.known || !c.continues)
        return CP_OK;
    if (first.entry.sig.len != CP_SIG_LEN)
        return CP_ERR_NO_SIGNATURE;
    cp_bundle_put_first(first.entry.header, first.entry.frame, first.entry.sig.ptr, plain);
    return put_frame(w, plain, false);
}

/* At a carrier everybody would have to fetch them, and it is a stranger's disk: they go by stick. */
static enum cp_err find_pictures(struct writer *w, const struct machines *to)
{
    struct cp_pictures *p = &w->part.pictures;
    enum cp_err err = w->ask.offer != NULL || w->words_alone
                          ? CP_OK
                          : cp_pictures_begin(p, w->node, w->part.plan, w->ask.pictures);
    for (size_t k = 0; err == CP_OK && p->count > 0 && k < to->count; k++) {
        struct cp_heard heard;
        err = cp_heard_get(w->node, w->part.plan, to->list[k].curve_key, &heard);
        if (err == CP_OK)
            cp_pictures_ask(p, &heard);
        err = err == CP_ERR_NOT_FOUND ? CP_OK : err;
        cp_heard_clear(&heard);
    }
    return err;
}

/* Head, BEGIN, TIPS, WISHES and SEEN of the next plan. */
static enum cp_err begin_part(struct writer *w, const struct machines *to)
{
    struct cp_bundle_begin b = {.time_ms = cp_node_time_ms(), .all = w->ask.all};
    struct word t;
    uint8_t own_box[CP_KEY_LEN];
    struct cp_buf plain;
    w->part.begun = w->written;
    memcpy(b.plan, w->part.plan, CP_ID_LEN);
    cp_keeper_machine(w->node->keeper, b.machine, own_box);
    cp_store_incarnation(w->node->store, b.incarnation, NULL);
    cp_buf_init(&plain, w->node->mem, CP_BUNDLE_FRAME_MAX);
    enum cp_err err = make_word(w, &b, &t);
    for (int c = 0; c < 2 && err == CP_OK; c++)
        err = find_rows(w, to, c == 1 ? CP_CONTENT : CP_CONTROL, t.tips[c], t.count[c]);
    if (err == CP_OK)
        err = open_stream(w, to, t.hash);
    if (err == CP_OK) {
        cp_bundle_put_begin(&b, &plain);
        err = put_frame(w, &plain, false);
    }
    if (err == CP_OK && w->ask.offer != NULL)
        err = keep_said(w->ask.offer->said, &b, &t);
    if (err == CP_OK)
        err = put_first(w, &plain);
    for (int c = 0; c < 2 && err == CP_OK; c++)
        err = put_tips(w, c == 1 ? CP_CONTENT : CP_CONTROL, t.said[c], t.count[c], &plain);
    if (err == CP_OK && w->ask.offer == NULL) {
        cp_bundle_put_wishes(t.wishes, t.wishes_count, &plain);
        err = put_frame(w, &plain, false);
    }
    if (err == CP_OK)
        err = sign_seen(w, t.hash, &plain);
    if (err == CP_OK)
        err = find_pictures(w, to);
    w->part.open = err == CP_OK;
    w->total += w->part.rows_count[0] + w->part.rows_count[1];
    cp_buf_clear(&plain);
    clear_word(w, &t);
    return err;
}

static enum cp_err put_chunk(struct writer *w, size_t c)
{
    const struct cp_replica *held = cp_store_replica(w->node->store);
    const struct cp_mem *mem = w->node->mem;
    enum cp_class class = c == 1 ? CP_CONTENT : CP_CONTROL;
    struct cp_buf full, small, plain;
    struct cp_entry_source from = held->source;
    uint8_t origin[CP_ID_LEN];
    unsigned depth = 0;
    size_t taken = 0;
    bool packed = false;
    from.depth = &depth;
    cp_buf_init(&full, mem, CP_MESSAGE_MAX);
    cp_buf_init(&small, mem, CP_MESSAGE_MAX);
    cp_buf_init(&plain, mem, CP_BUNDLE_FRAME_MAX);
    enum cp_err err = cp_chunk_build(&from, mem, w->part.rows[c] + w->part.at[c],
                                     w->part.rows_count[c] - w->part.at[c], &full, &taken);
    if (err == CP_OK)
        err = cp_store_origin(w->node->store, w->part.plan, depth, origin);
    if (err == CP_OK)
        err = cp_compact_pack(&cp_compact_alone, mem, origin, class, cp_buf_bytes(&full), &small, &packed);
    if (err == CP_OK) {
        cp_bundle_put_chunk(class, depth, packed ? CP_CHUNK_FORM_COMPACT : CP_CHUNK_FORM_FULL,
                            cp_buf_bytes(packed ? &small : &full), &plain);
        err = put_frame(w, &plain, false);
    }
    w->part.at[c] += taken;
    w->part.entries += taken;
    w->done.entries += taken;
    cp_buf_clear(&full);
    cp_buf_clear(&small);
    cp_buf_clear(&plain);
    return err;
}

/* The next piece. *more false: there is none. */
static enum cp_err put_piece(struct writer *w, bool *more)
{
    struct cp_buf bytes, plain;
    const uint8_t *id = NULL;
    uint64_t number = 0;
    cp_buf_init(&bytes, w->node->mem, CP_PIECE_LEN);
    cp_buf_init(&plain, w->node->mem, CP_BUNDLE_FRAME_MAX);
    enum cp_err err = cp_pictures_next(&w->part.pictures, &bytes, &id, &number, more);
    if (err == CP_OK && *more) {
        cp_bundle_put_piece(id, number, cp_buf_bytes(&bytes), &plain);
        err = put_frame(w, &plain, false);
        w->done.pieces++;
    }
    cp_buf_clear(&bytes);
    cp_buf_clear(&plain);
    return err;
}

static void free_part(struct writer *w)
{
    cp_pictures_end(&w->part.pictures);
    cp_free(w->node->mem, w->part.rows[0]);
    cp_free(w->node->mem, w->part.rows[1]);
    cp_bundle_stream_end(&w->part.stream);
    memset(&w->part, 0, sizeof w->part);
}

/* END, padding, and the size into the head. */
static enum cp_err end_part(struct writer *w)
{
    struct cp_buf plain;
    uint8_t size[8];
    cp_buf_init(&plain, w->node->mem, CP_BUNDLE_FRAME_MAX);
    cp_bundle_put_end(w->part.entries, &plain);
    uint64_t used = w->written - w->part.begun + plain.len + CP_BUNDLE_FRAME_EXTRA;
    uint64_t whole = cp_bundle_size(used), left = whole - used;
    enum cp_err err = put_frame(w, &plain, left == 0);
    while (err == CP_OK && left > 0) {
        size_t zeros = cp_bundle_padding(left);
        (void)cp_buf_space(&plain, zeros);
        left -= zeros + CP_BUNDLE_FRAME_EXTRA;
        err = put_frame(w, &plain, left == 0);
    }
    cp_bundle_put_size(whole, size);
    if (err == CP_OK)
        err = cp_new_file_put_at(&w->file, w->part.begun + CP_BUNDLE_SIZE_AT, CP_BYTES(size, sizeof size));
    cp_buf_clear(&plain);
    free_part(w);
    return err;
}

/* ---- The work ---- */

static void finish(struct writer *w, enum cp_err err)
{
    const struct cp_mem *mem = w->node->mem;
    cp_new_file_drop(&w->file);
    w->done.bytes = w->written;
    w->done.kept = w->beside.kept;
    w->done.for_plans = w->plans;
    w->done.for_count = w->ask.plans_count;
    cp_beside_close(&w->beside);
    w->done.path = w->file.path;
    free_part(w);
    cp_buf_clear(&w->out);
    cp_free(mem, w->told.list);
    w->ask.done(w->ask.ctx, err, &w->done);
    cp_free(mem, w->plans);
    cp_free(mem, w);
}

/* Words come before pictures: what had no room with them is begun anew without. */
static enum cp_err begin_again(struct writer *w)
{
    char path[sizeof w->file.path];
    memcpy(path, w->file.path, sizeof path);
    cp_new_file_drop(&w->file);
    cp_beside_close(&w->beside);
    free_part(w);
    cp_buf_reset(&w->out);
    w->words_alone = true;
    w->next = 0;
    w->written = w->total = 0;
    w->done = (struct cp_bundle_written){.no_room = true};
    enum cp_err err = w->ask.in_turn ? cp_beside_open(&w->beside, w->node, path, w->ask.all) : CP_OK;
    if (err == CP_OK)
        err = cp_new_file_open(&w->file, path);
    if (err == CP_OK)
        cp_new_file_for_all(&w->file);
    return err;
}

/* A device that is in several plans is one. */
static enum cp_err count_machines(struct writer *w, const struct machines *to)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < to->count && err == CP_OK; i++) {
        struct machines *told = &w->told;
        void *array = told->list;
        bool there = false;
        for (size_t k = 0; k < told->count && !there; k++)
            there = memcmp(told->list[k].curve_key, to->list[i].curve_key, CP_KEY_LEN) == 0;
        if (there)
            continue;
        err = cp_grow(w->node->mem, &array, &told->cap, told->count + 1, SIZE_MAX / sizeof *told->list, sizeof *told->list);
        told->list = array;
        if (err == CP_OK)
            told->list[told->count++] = to->list[i];
    }
    w->done.machines = w->told.count;
    return err;
}

/* The next plan that somebody else is in. */
static enum cp_err next_part(struct writer *w)
{
    struct machines to = {.list = NULL};
    const struct cp_bundle_plan *p = &w->plans[w->next++];
    memcpy(w->part.plan, p->plan, CP_ID_LEN);
    enum cp_err err = find_machines(w, p, &to);
    if (err == CP_OK && to.count > 0) {
        err = begin_part(w, &to);
        w->done.plans++;
        err = err == CP_OK ? count_machines(w, &to) : err;
    }
    cp_free(w->node->mem, to.list);
    return err;
}

static bool step(struct cp_work *work)
{
    struct writer *w = (struct writer *)(void *)work;
    enum cp_err err = CP_OK;
    bool more = true, piece = false;
    if (w->part.open && w->part.at[0] < w->part.rows_count[0])
        err = put_chunk(w, 0);
    else if (w->part.open && w->part.at[1] < w->part.rows_count[1])
        err = put_chunk(w, 1);
    else if (w->part.open) {
        err = put_piece(w, &piece);
        if (err == CP_OK && !piece)
            err = end_part(w);
    }
    else if (w->next < w->ask.plans_count)
        err = next_part(w);
    else if (w->done.machines > 0)
        err = cp_beside_step(&w->beside, w->plans, w->ask.plans_count, &w->file, &w->written, &more);
    else
        more = false;
    if (err == CP_OK && !more)
        err = w->done.machines == 0 ? CP_ERR_NOBODY : cp_new_file_end(&w->file);
    if (err == CP_ERR_DISK_FULL && w->done.pieces > 0) {
        err = begin_again(w);
        more = true;
    }
    if (err != CP_OK || !more) {
        finish(w, err);
        return false;
    }
    w->ask.progress(w->ask.ctx, w->done.entries, w->total);
    return true;
}

static void stop(struct cp_work *work, enum cp_err why)
{
    finish((struct writer *)(void *)work, why);
}

enum cp_err cp_bundle_write_start(struct cp_node *node, const struct cp_bundle_write *ask)
{
    const struct cp_mem *mem = node->mem;
    struct writer *w = cp_alloc(mem, sizeof *w);
    if (w == NULL)
        return CP_ERR_NO_MEMORY;
    *w = (struct writer){.work = {.step = step, .stop = stop}, .node = node, .ask = *ask, .beside = {.fd = -1}};
    w->plans = cp_dup(mem, CP_BYTES((const uint8_t *)ask->plans, ask->plans_count * sizeof *ask->plans));
    w->ask.path = NULL; /* the file has it */
    w->ask.plans = NULL;
    cp_buf_init(&w->out, mem, OUT_MAX);
    enum cp_err err = w->plans == NULL ? CP_ERR_NO_MEMORY : node->work != NULL ? CP_ERR_BUSY : CP_OK;
    if (err == CP_OK && ask->in_turn)
        err = cp_beside_open(&w->beside, node, ask->path, ask->all);
    if (err == CP_OK)
        err = cp_new_file_open(&w->file, ask->path);
    if (err == CP_OK) {
        cp_new_file_for_all(&w->file);
        err = cp_work_start(node, &w->work);
    }
    if (err != CP_OK) {
        int why = errno;
        cp_beside_close(&w->beside);
        errno = why;
        cp_free(mem, w->plans);
        cp_free(mem, w);
    }
    return err;
}
