/*
 * Reading a bundle file, one frame a piece of work. Owns: what is used of a damaged file (everything before the place) and
 * what its writer is believed to hold. Must not: judge entries; the store does, chunk by chunk.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/bundle.h"
#include "daemon/log.h"
#include "daemon/meet.h"
#include "daemon/notice.h"
#include "daemon/taken_back.h"
#include "daemon/work.h"
#include "proto/compact.h"

#define HEAD_MAX (CP_BUNDLE_HEAD_LEN + (size_t)CP_BUNDLE_SLOTS_MAX * CP_BUNDLE_SLOT_LEN)

/* The bundle being read. */
struct part {
    bool open, begun, ended;
    bool wrong;   /* something was refused, and what stands behind it is not read */
    bool damaged; /* it is not what its writer wrote: cut, bent, or no frames of a bundle */
    uint64_t at, size; /* in the file */
    struct cp_bundle_stream stream;
    struct cp_bundle_begin begin;
    bool ours; /* the plan is held or awaited */
    struct cp_heard heard;
    struct cp_hasher seen;
    bool has_seen;
    bool too_long; /* more tips than are kept: it is no mistake of the file's, and nothing is believed of it */
    uint8_t device[CP_KEY_LEN], sig[CP_SIG_LEN];
    struct cp_buf slots; /* all of them, where it is to be remembered that it was read */
    bool for_others;     /* it asks for pictures, or brings some that others asked for: it stays in a file of several */
    uint8_t unasked[CP_ID_LEN]; /* the attachment that was counted last */
    bool asked;          /* it is a request to be let in */
    uint8_t key[32], slot[CP_BUNDLE_SLOT_LEN]; /* what opened it, until its writer's word was judged */
};
struct reader {
    struct cp_work work; /* first: cast back */
    struct cp_node *node;
    struct cp_bundle_read_ask ask;
    int fd;
    uint64_t size, at; /* of the file */
    struct cp_buf in;  /* bytes of the file from `at` on */
    struct part part;
    struct cp_bundle_took took;
};

static void forget(struct part *p)
{
    cp_bundle_stream_end(&p->stream);
    cp_heard_clear(&p->heard);
    cp_buf_clear(&p->slots);
    sodium_memzero(p->key, sizeof p->key);
    p->open = false;
}

static void finish(struct reader *r, enum cp_err err)
{
    const struct cp_mem *mem = r->node->mem;
    const struct cp_bundle_took *t = &r->took;
    if (err == CP_OK && t->bundles == 0)
        err = CP_ERR_BAD_FILE;
    if (err == CP_OK && t->bundles == t->not_for_us + t->other_plans)
        err = t->not_for_us > 0 ? CP_ERR_NOT_FOR_US : CP_ERR_WRONG_PLAN;
    if (err == CP_OK && t->taken == 0 && t->known == 0 && t->pieces == 0 && t->admitted_count == 0 && t->first_bad != CP_OK)
        err = t->first_bad;
    forget(&r->part);
    cp_buf_clear(&r->in);
    if (r->fd >= 0)
        (void)close(r->fd);
    r->ask.done(r->ask.ctx, err, t);
    cp_free(mem, r);
}

/* ---- The file ---- */

/* Makes `need` bytes from r->at on stand in r->in, or as many as there are. */
static enum cp_err fill(struct reader *r, size_t need)
{
    while (r->in.len < need) {
        size_t had = r->in.len, more = need - had < 65536 ? 65536 : need - had;
        uint8_t *to = cp_buf_space(&r->in, more);
        if (to == NULL)
            return cp_buf_err(&r->in);
        ssize_t n = pread(r->fd, to, more, (off_t)(r->at + had));
        r->in.len = had + (n > 0 ? (size_t)n : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return CP_ERR_IO;
        if (n == 0)
            return CP_OK;
    }
    return CP_OK;
}

static void go_to(struct reader *r, uint64_t at)
{
    if (at >= r->at && at - r->at <= r->in.len) {
        size_t gone = (size_t)(at - r->at);
        memmove(r->in.ptr, r->in.ptr + gone, r->in.len - gone);
        r->in.len -= gone;
    } else {
        cp_buf_reset(&r->in);
    }
    r->at = at;
}

static void bad(struct reader *r, enum cp_err err, uint64_t entries)
{
    r->took.refused += entries;
    if (r->took.first_bad == CP_OK)
        r->took.first_bad = err;
    r->part.wrong = true;
}

/* Not the same as refused: a whole file may hold what this machine may not, or cannot yet, take in. */
static void damaged(struct reader *r, enum cp_err err)
{
    bad(r, err, 0);
    r->part.damaged = true;
}

/* ---- Opening ---- */

static bool door_opens(struct reader *r, const uint8_t *slot, uint8_t *key)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    bool open = false;
    if (cp_store_plans(r->node->store, &rows, &count) != CP_OK)
        return false;
    for (size_t i = 0; i < count && !open; i++) {
        uint8_t(*secrets)[CP_KEY_LEN] = NULL;
        size_t secrets_count = 0;
        if (rows[i].awaited ||
            cp_store_secrets(r->node->store, rows[i].id, &secrets, &secrets_count) != CP_OK)
            continue;
        for (size_t k = 0; k < secrets_count && !open; k++)
            open = cp_door_box_open(secrets[k], slot, key);
        if (secrets != NULL)
            sodium_memzero(secrets, secrets_count * sizeof *secrets);
        cp_free(r->node->mem, secrets);
    }
    cp_free(r->node->mem, rows);
    return open;
}

static bool slot_opens(struct reader *r, const struct cp_bundle_head *head, size_t at, uint8_t key[static 32])
{
    const uint8_t *slot = head->slots.ptr + at * CP_BUNDLE_SLOT_LEN;
    if (!cp_keeper_box_open(r->node->keeper, slot, key))
        return false;
    memcpy(r->part.slot, slot, CP_BUNDLE_SLOT_LEN);
    r->node->slot_at = at;
    return true;
}

/*
 * Each try costs a multiplication on the curve, and a bundle for 200 has 256 slots. Whoever writes for the same people puts our box
 * at about the same place, so the search goes outwards from where the last one was.
 * A request to be let in has the fewest slots there are, the first of them for the door.
 */
static bool find_key(struct reader *r, const struct cp_bundle_head *head, uint8_t key[static 32])
{
    size_t from = r->node->slot_at < head->count ? r->node->slot_at : 0;
    for (size_t far = 0; far < head->count; far++)
        if ((from + far < head->count && slot_opens(r, head, from + far, key)) ||
            (far > 0 && far <= from && slot_opens(r, head, from - far, key)))
            return true;
    return head->count == CP_BUNDLE_SLOTS_MIN && door_opens(r, head->slots.ptr, key);
}

/* The next bundle of the file. *more false: there is none. */
static enum cp_err next_part(struct reader *r, bool *more)
{
    struct cp_bundle_head head;
    enum cp_err err = fill(r, HEAD_MAX);
    *more = err == CP_OK && r->in.len > 0;
    if (err == CP_OK && r->size == 0) { /* a copy that was cut off leaves such a file, or one of zeros */
        r->took.damaged++;
        damaged(r, CP_ERR_TRUNCATED);
    }
    if (!*more)
        return err;
    err = cp_bundle_head_read(cp_buf_bytes(&r->in), &head);
    if (err != CP_OK) {
        *more = false; /* where the next begins is not known either */
        if (r->took.bundles > 0 || err == CP_ERR_TRUNCATED || sodium_is_zero(r->in.ptr, r->in.len)) {
            r->took.damaged++;
            damaged(r, err);
        }
        return CP_OK;
    }
    r->took.bundles++;
    memset(&r->part, 0, sizeof r->part);
    cp_heard_init(&r->part.heard, r->node->mem);
    cp_buf_init(&r->part.slots, r->node->mem, HEAD_MAX);
    r->part.at = r->at;
    r->part.size = head.size;
    if (find_key(r, &head, r->part.key)) {
        cp_bundle_stream_begin(&r->part.stream, r->part.key, head.slots);
        if (r->ask.in_turn)
            cp_buf_put_bytes(&r->part.slots, head.slots);
        r->part.open = true;
        go_to(r, r->at + head.len);
    } else {
        r->took.not_for_us++;
        go_to(r, r->at + head.size);
    }
    return CP_OK;
}

/* ---- Frames ---- */

static enum cp_err is_ours(struct reader *r, const uint8_t *plan, bool *ours)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    *ours = false;
    for (size_t i = 0; err == CP_OK && i < count; i++)
        *ours = *ours || memcmp(rows[i].id, plan, CP_ID_LEN) == 0;
    cp_free(r->node->mem, rows);
    return err;
}

static enum cp_err take_begin(struct reader *r, const struct cp_bundle_frame *f)
{
    struct part *p = &r->part;
    p->begin = f->begin;
    p->begun = true;
    memcpy(p->heard.incarnation, f->begin.incarnation, CP_INCARNATION_LEN);
    p->heard.claimed_ms = f->begin.time_ms;
    p->heard.heard_ms = cp_node_time_ms();
    cp_seen_begin(&p->seen, &f->begin);
    return is_ours(r, f->begin.plan, &p->ours);
}

static enum cp_err take_tips(struct reader *r, struct cp_bundle_frame *f)
{
    enum cp_err err = r->part.has_seen ? CP_ERR_BAD_VALUE : CP_OK;
    for (size_t i = 0; i < f->tips_count && err == CP_OK; i++) {
        struct cp_bundle_tip tip;
        cp_bundle_next_tip(f, &tip);
        cp_seen_add(&r->part.seen, f->class, &tip);
        err = r->part.too_long ? CP_OK : cp_heard_add(&r->part.heard, f->class, &tip);
        r->part.too_long = r->part.too_long || err == CP_ERR_TOO_BIG;
        err = err == CP_ERR_TOO_BIG ? CP_OK : err;
    }
    return err;
}

static enum cp_err take_wishes(struct reader *r, struct cp_bundle_frame *f)
{
    struct part *p = &r->part;
    enum cp_err err = p->has_seen ? CP_ERR_BAD_VALUE : cp_heard_wishes(&p->heard, f);
    for (size_t i = 0; err == CP_OK && i < p->heard.wishes_count; i++)
        cp_seen_add_wish(&p->seen, &p->heard.wishes[i]);
    p->for_others = p->for_others || p->heard.wishes_count > 0;
    return err;
}

/* A piece that nobody here asked for is none of ours; a wrong one is its writer's doing, since everything is sealed. */
static enum cp_err take_piece(struct reader *r, const struct cp_bundle_frame *f)
{
    struct part *p = &r->part;
    enum cp_piece_use use = CP_PIECE_HERE;
    enum cp_err err = cp_pictures_take(r->node, p->begin.plan, f, &use);
    if (err == CP_ERR_BAD_PIECE) {
        bad(r, err, 1);
        return CP_OK;
    }
    if (err == CP_ERR_PICTURES_FULL) {
        use = CP_PIECE_NO_ROOM;
        err = CP_OK;
    }
    if (err != CP_OK)
        return err;
    p->for_others = p->for_others || use == CP_PIECE_UNASKED || use == CP_PIECE_NO_ROOM;
    r->took.pieces += use == CP_PIECE_WANTED ? 1 : 0;
    if ((use == CP_PIECE_UNASKED || use == CP_PIECE_NO_ROOM) && memcmp(p->unasked, f->id, CP_ID_LEN) != 0) {
        memcpy(p->unasked, f->id, CP_ID_LEN); /* they come one attachment behind the other */
        r->took.unasked += use == CP_PIECE_UNASKED ? 1 : 0;
        r->took.no_room += use == CP_PIECE_NO_ROOM ? 1 : 0;
    }
    return CP_OK;
}

static enum cp_err store_chunk(struct reader *r, struct cp_bytes full, const uint8_t *origin, unsigned depth,
                               uint64_t *entries)
{
    struct cp_chunk chunk;
    struct cp_put_result result = {.fresh = 0};
    const uint8_t *plan = r->part.begin.plan;
    enum cp_err err = cp_chunk_read(&chunk, r->node->mem, full, origin);
    if (err != CP_OK)
        return err;
    chunk.depth = depth;
    *entries = chunk.count;
    err = cp_store_put(r->node->store, plan, &chunk, false, &result);
    cp_chunk_clear(&chunk);
    if (err == CP_OK && result.own_unknown)
        err = cp_notice_restored(r->node->store, r->node->mem, 0);
    r->took.taken += result.fresh;
    r->took.known += result.known;
    if (err == CP_OK && result.fresh > 0) {
        cp_meet_enter(r->node->meetings);
        cp_meet_news_from(r->node->meetings, plan, NULL, result.control);
        cp_meet_leave(r->node->meetings);
        cp_taken_back_came(r->node);
    }
    return err;
}

static enum cp_err take_chunk(struct reader *r, const struct cp_bundle_frame *f)
{
    struct cp_buf full;
    uint64_t entries = 1; /* of a chunk that cannot be read, at least one */
    uint8_t origin[CP_ID_LEN];
    enum cp_err err = f->form <= CP_CHUNK_FORM_COMPACT ? CP_OK : CP_ERR_NEWER_RULES;
    if (err == CP_OK)
        err = cp_store_origin(r->node->store, r->part.begin.plan, f->depth, origin);
    cp_buf_init(&full, r->node->mem, CP_MESSAGE_MAX);
    if (err == CP_OK && f->form == CP_CHUNK_FORM_COMPACT)
        err = cp_compact_unpack(&cp_compact_alone, r->node->mem, origin, f->class, f->bytes, &full);
    if (err == CP_OK)
        err = store_chunk(r, f->form == CP_CHUNK_FORM_COMPACT ? cp_buf_bytes(&full) : f->bytes, origin, f->depth,
                          &entries);
    cp_buf_clear(&full);
    if (err == CP_OK || cp_err_class(err) != CP_CLASS_PEER)
        return err;
    bad(r, err, entries);
    return CP_OK;
}

/* Once for each person: whoever asked twice has two requests in a file. */
static void note_admitted(struct reader *r, const uint8_t person[static CP_ID_LEN])
{
    struct cp_bundle_took *t = &r->took;
    for (size_t i = 0; i < t->admitted_count; i++)
        if (memcmp(t->admitted[i], person, CP_ID_LEN) == 0 && memcmp(t->admitted_to[i], r->part.begin.plan, CP_ID_LEN) == 0)
            return;
    if (t->admitted_count == CP_BUNDLE_ADMITTED_MAX)
        return;
    memcpy(t->admitted_to[t->admitted_count], r->part.begin.plan, CP_ID_LEN);
    memcpy(t->admitted[t->admitted_count++], person, CP_ID_LEN);
}

/* Refusals of the one who asks are told, not fatal: other bundles may stand behind. */
static enum cp_err take_join(struct reader *r, const struct cp_bundle_frame *f)
{
    struct cp_join j;
    enum cp_err err = cp_join_read(f->bytes, &j);
    if (err == CP_OK) {
        cp_meet_enter(r->node->meetings);
        err = cp_meet_admit(r->node->meetings, r->part.begin.plan, f->bytes);
        cp_meet_leave(r->node->meetings);
    }
    if (err == CP_OK)
        note_admitted(r, j.person);
    if (err == CP_OK || cp_err_class(err) == CP_CLASS_LOCAL || err == CP_ERR_DISK_FULL || err == CP_ERR_IO ||
        err == CP_ERR_LOCKED || err == CP_ERR_NO_MEMORY)
        return err;
    bad(r, err, 1);
    return CP_OK;
}

/* The first entry of a continuation, shown so that it is known which plans it goes back to: as an offer in a meeting. */
static enum cp_err take_first(struct reader *r, const struct cp_bundle_frame *f)
{
    struct part *p = &r->part;
    struct cp_header h;
    struct cp_control control;
    enum cp_err err = cp_first_check(p->begin.plan, f->header, f->bytes, f->sig, &h, &control);
    if (err != CP_OK) {
        bad(r, err, 1);
        return CP_OK;
    }
    bool take = p->ours;
    err = cp_store_offered(r->node->store, p->begin.plan, h.device, f->bytes, &take);
    p->ours = take;
    return err;
}

static enum cp_err take_frame(struct reader *r, struct cp_bytes plain)
{
    struct part *p = &r->part;
    struct cp_bundle_frame f;
    enum cp_err err = cp_bundle_read(plain, &f);
    if (err == CP_OK &&
        ((f.type == CP_BUNDLE_BEGIN) == p->begun || (p->ended != (f.type == CP_BUNDLE_PADDING))))
        err = CP_ERR_BAD_VALUE; /* not where such a frame belongs */
    if (err == CP_OK && f.type == CP_BUNDLE_TIPS)
        err = take_tips(r, &f);
    if (err == CP_OK && f.type == CP_BUNDLE_WISHES)
        err = take_wishes(r, &f);
    if (err == CP_ERR_NO_MEMORY)
        return err;
    if (err != CP_OK) {
        damaged(r, err);
        return CP_OK;
    }
    switch (f.type) {
    case CP_BUNDLE_BEGIN:
        return take_begin(r, &f);
    case CP_BUNDLE_SEEN:
        memcpy(p->device, f.device, CP_KEY_LEN);
        memcpy(p->sig, f.sig, CP_SIG_LEN);
        p->has_seen = true;
        return CP_OK;
    case CP_BUNDLE_CHUNK:
        return p->ours ? take_chunk(r, &f) : CP_OK;
    case CP_BUNDLE_JOIN:
        p->asked = true;
        return p->ours ? take_join(r, &f) : CP_OK;
    case CP_BUNDLE_FIRST:
        return take_first(r, &f);
    case CP_BUNDLE_END:
        p->ended = true;
        return CP_OK;
    case CP_BUNDLE_PIECE:
        return p->ours ? take_piece(r, &f) : CP_OK;
    case CP_BUNDLE_TIPS:
    case CP_BUNDLE_WISHES:
    case CP_BUNDLE_PADDING:
        return CP_OK;
    }
    return CP_OK;
}

/*
 * Its writer's word about what its machine holds counts when the machine itself gave it, which the slot proves, and a device
 * that is in there signed it. The signature alone is anybody's: a JOIN may name any machine.
 */
static enum cp_err believe(struct reader *r)
{
    struct part *p = &r->part;
    const struct cp_members *members = NULL;
    uint8_t hash[CP_ID_LEN], own[CP_KEY_LEN], own_box[CP_KEY_LEN];
    if (!p->has_seen || !p->ours || p->too_long)
        return CP_OK;
    cp_seen_end(&p->seen, hash);
    cp_keeper_machine(r->node->keeper, own, own_box);
    enum cp_err err = cp_store_members(r->node->store, p->begin.plan, &members);
    if (err != CP_OK)
        return err == CP_ERR_NO_PLAN || err == CP_ERR_NOT_FOUND ? CP_OK : err;
    const struct cp_member_device *d = cp_members_find(members, p->device);
    if (d == NULL || !cp_member_is_in(d) || memcmp(d->curve_key, p->begin.machine, CP_KEY_LEN) != 0 ||
        memcmp(d->curve_key, own, CP_KEY_LEN) == 0 ||
        !cp_sig_ok(CP_TAG_SEEN_SIG, CP_BYTES(hash, sizeof hash), p->sig, p->device) ||
        !cp_keeper_box_is_by(r->node->keeper, p->begin.machine, hash, p->key, p->slot))
        return CP_OK;
    err = cp_heard_set(r->node, p->begin.plan, p->begin.machine, &p->heard);
    if (err == CP_OK && r->ask.said != NULL)
        r->ask.said(r->ask.ctx, p->begin.plan, p->begin.machine, &p->heard);
    return err;
}

static enum cp_err end_part(struct reader *r)
{
    struct part *p = &r->part;
    if (p->damaged || (!p->wrong && !p->ended))
        r->took.damaged++;
    if (p->begun && !p->ours)
        r->took.other_plans++;
    enum cp_err err = believe(r);
    bool whole = p->begun && p->ours && p->ended && !p->wrong && !p->for_others && p->slots.len > 0;
    struct cp_bundle_plan of = {.one_person = false};
    memcpy(of.plan, p->begin.plan, CP_ID_LEN);
    if (err == CP_OK && whole &&
        cp_beside_know(r->node, cp_buf_bytes(&p->slots), p->asked ? NULL : &of, !p->asked && p->begin.all) != CP_OK)
        cp_log(CP_LOG_WARN, "bundle", "what=not_remembered"); /* it stays in its file: no harm */
    forget(p);
    go_to(r, p->at + p->size);
    return err;
}

/* One frame of the open bundle. */
static enum cp_err next_frame(struct reader *r)
{
    struct part *p = &r->part;
    struct cp_buf plain;
    size_t used = 0;
    if (p->stream.ended || p->wrong)
        return end_part(r);
    cp_buf_init(&plain, r->node->mem, CP_BUNDLE_FRAME_MAX);
    enum cp_err err = fill(r, CP_BUNDLE_FRAME_MAX);
    if (err == CP_OK) {
        enum cp_err opened = cp_bundle_open(&p->stream, cp_buf_bytes(&r->in), &plain, &used);
        if (opened == CP_ERR_NO_MEMORY)
            err = opened;
        else if (opened != CP_OK)
            damaged(r, opened);
        else
            err = take_frame(r, cp_buf_bytes(&plain));
        if (opened == CP_OK)
            go_to(r, r->at + used);
    }
    cp_buf_clear(&plain);
    return err;
}

/* ---- The work ---- */

static bool step(struct cp_work *work)
{
    struct reader *r = (struct reader *)(void *)work;
    bool more = true;
    enum cp_err err = r->part.open ? next_frame(r) : next_part(r, &more);
    if (err != CP_OK || !more) {
        finish(r, err);
        return false;
    }
    r->ask.progress(r->ask.ctx, r->at, r->size);
    return true;
}

static void stop(struct cp_work *work, enum cp_err why)
{
    finish((struct reader *)(void *)work, why);
}

enum cp_err cp_bundle_read_start(struct cp_node *node, const struct cp_bundle_read_ask *ask)
{
    struct stat about;
    struct reader *r = cp_alloc(node->mem, sizeof *r);
    if (r == NULL)
        return CP_ERR_NO_MEMORY;
    *r = (struct reader){.work = {.step = step, .stop = stop}, .node = node, .ask = *ask, .fd = -1};
    r->ask.path = NULL;
    cp_buf_init(&r->in, node->mem, 2 * (size_t)CP_BUNDLE_FRAME_MAX);
    enum cp_err err = node->work != NULL ? CP_ERR_BUSY : CP_OK;
    if (err == CP_OK) {
        /* NONBLOCK: a pipe put in the place of a file must not stop the daemon */
        r->fd = open(ask->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (r->fd < 0 || fstat(r->fd, &about) != 0)
            err = CP_ERR_BAD_FILE;
        else if (!S_ISREG(about.st_mode)) {
            errno = S_ISDIR(about.st_mode) ? EISDIR : EINVAL;
            err = CP_ERR_BAD_FILE;
        } else
            r->size = (uint64_t)about.st_size;
    }
    if (err == CP_OK)
        err = cp_work_start(node, &r->work);
    if (err != CP_OK) {
        int why = errno;
        if (r->fd >= 0)
            (void)close(r->fd);
        cp_free(node->mem, r);
        errno = why;
    }
    return err;
}
