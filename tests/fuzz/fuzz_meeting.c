/*
 * Two real sessions that meet, and a line between them that does what the input says: loses, doubles, exchanges, cuts and
 * bends messages, lets time pass, hangs up, and has entries written meanwhile. What fuzz_session's made-up peer cannot say is
 * reached here: forks down to where they began, plans that are awaited, pieces that are asked for.
 * Whatever happens: no crash, bounded memory, every byte given back; "in sync" is said only where both hold the same, or, when
 * somebody writes meanwhile, all that either held at first; a line that does nothing wrong leaves both in sync.
 * Input: one byte that says what each holds, one of settings, then what befalls each message.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

enum {
    MEMORY_MAX = 48 * 1024 * 1024,
    MOVES_MAX = 600,
    STORIES = 5
};

/* What befalls a message; everything below LOST goes through as it is. */
enum {
    LOST = 0xa0,
    BENT = 0xb0,
    SHORT = 0xb8,
    EXCHANGED = 0xc0,
    DOUBLED = 0xd0,
    TIME = 0xe0,   /* passes, until somebody has waited too long */
    NEWS = 0xe8,   /* somebody writes */
    WISHES = 0xf0, /* somebody has room for pictures again */
    CLOSE = 0xf8
};

static const uint8_t *at, *end;
static bool disturbed, bent, wrote;

static uint8_t next(void)
{
    return at < end ? *at++ : 0;
}

/* ---- What they hold ---- */

/* Entries with signatures cost much; they are made once. */
struct story {
    struct replica side[2];
};
static struct story stories[STORIES];
static struct device people[3];

static void write_some(struct replica *r, size_t who, size_t count)
{
    for (size_t i = 0; i < count; i++)
        replica_write(r, &people[who], i % 3 == 2 ? CP_CONTROL : CP_CONTENT, i % 3 == 2 ? 0 : 7);
}

static void make_stories(void)
{
    struct replica base, other;
    for (unsigned i = 0; i < 3; i++)
        device_make(&people[i], i + 1);
    replica_init(&base, 1);
    replica_found(&base, &people[0]);
    write_some(&base, 1, 3);
    for (size_t i = 0; i < STORIES; i++)
        for (unsigned side = 0; side < 2; side++) {
            replica_init(&stories[i].side[side], side + 1);
            replica_copy(&stories[i].side[side], &base);
        }
    /* 0: the same. 1: each has something new. */
    write_some(&stories[1].side[0], 0, 4);
    write_some(&stories[1].side[1], 2, 4);
    /* 2: a forked chain, one branch on each side, a few entries long. */
    write_some(&stories[2].side[0], 1, 5);
    write_some(&stories[2].side[1], 1, 4);
    write_some(&stories[2].side[1], 2, 1);
    /* 3: both branches on one side and more of one; a third on the other, from further up. */
    replica_init(&other, 3);
    replica_copy(&other, &base);
    replica_copy(&stories[3].side[0], &stories[2].side[0]);
    replica_copy(&stories[3].side[0], &stories[2].side[1]);
    replica_copy(&stories[3].side[1], &stories[2].side[0]);
    write_some(&stories[3].side[1], 1, 2);
    write_some(&other, 1, 2);
    replica_copy(&stories[3].side[1], &other);
    /* 4: one has it all, and the other waits for the plan. */
    write_some(&stories[4].side[0], 2, 5);
    replica_clear(&stories[4].side[1]);
    stories[4].side[1].waits = true;
    replica_clear(&base);
    replica_clear(&other);
}

/* ---- The line ---- */

/* On its way to `to`: false when it does not arrive. */
static bool meddle(void *ctx, struct link *l, int to, struct link_message *m)
{
    (void)ctx;
    uint8_t what = next();
    struct link_side *side = &l->side[to];
    if (what < LOST || what >= TIME)
        return true;
    disturbed = true;
    if (what < BENT)
        return false;
    if (what < EXCHANGED) {
        size_t where = (size_t)next() << 8;
        where = m->len == 0 ? 0 : (where | next()) % m->len;
        bent = true;
        if (what >= SHORT)
            m->len = where;
        else if (m->len > 0)
            m->bytes[where] ^= (uint8_t)(1U << what % 8);
    } else if (what < DOUBLED && side->queue_from < side->queue_count) {
        struct link_message later = side->queue[side->queue_from];
        side->queue[side->queue_from] = *m;
        *m = later;
    } else if (what >= DOUBLED) {
        const struct cp_event e = {.type = CP_EVENT_MESSAGE, .now_ms = l->now_ms, .message = {m->bytes, m->len}};
        link_event(l, to, &e);
    }
    return true;
}

/* Something at home: of the machine that the byte names. */
static void befall(struct link *l, uint8_t what)
{
    int side = what & 1;
    struct cp_event e = {.type = CP_EVENT_TICK};
    if (what < NEWS) {
        l->now_ms += 40000;
        disturbed = true;
    } else if (what < WISHES) {
        if (!l->side[side].replica->held)
            return;
        write_some(l->side[side].replica, (size_t)(what >> 1) % 3, 1);
        wrote = true;
        e.type = CP_EVENT_NEWS;
    } else if (what < CLOSE) {
        e.type = CP_EVENT_WISHES;
    } else {
        e.type = CP_EVENT_CLOSE;
        disturbed = true;
    }
    memcpy(e.plan, l->side[side].replica->plan, CP_ID_LEN);
    e.now_ms = l->now_ms;
    link_event(l, side, &e);
}

static bool holds_story(const struct replica *r, const struct story *s)
{
    return replica_includes(r, &s->side[0]) && replica_includes(r, &s->side[1]);
}

/* What was reported since, against what both hold. An entry written meanwhile may be under way; a bent message lies, which only
 * a member could make one do. */
static void judge(const struct link *l, const struct story *s, size_t seen[2])
{
    const struct replica *a = l->side[0].replica, *b = l->side[1].replica;
    for (int i = 0; i < 2; i++)
        for (; seen[i] < l->side[i].reports_count; seen[i]++) {
            const struct cp_report *r = &l->side[i].reports[seen[i]];
            if (!r->in_sync || r->more || bent)
                continue;
            if (!holds_story(a, s) || !holds_story(b, s) || (!wrote && !replica_same(a, b)))
                abort();
        }
    if (replica_bytes > MEMORY_MAX)
        abort();
}

static void run(struct link *l, const struct story *s)
{
    size_t seen[2] = {0, 0};
    for (size_t i = 0; i < MOVES_MAX; i++) {
        if (at < end && *at >= TIME)
            befall(l, next());
        else if (!link_step(l))
            break;
        judge(l, s, seen);
    }
    for (; at < end && *at >= TIME; judge(l, s, seen)) /* whoever stays waits for more */
        befall(l, next());
}

static void meet(uint8_t story, uint8_t settings)
{
    struct replica side[2];
    struct shelf shelf[2];
    struct link l = {.now_ms = 1000, .meddle = meddle};
    struct cp_session_config config[2] = {{.door = CP_DOOR_MEMBER}, {.door = CP_DOOR_MEMBER}};
    for (unsigned i = 0; i < 2; i++) {
        const struct replica *holds = &stories[story].side[i];
        replica_init(&side[i], i + 1);
        replica_copy(&side[i], &stories[story].side[i]);
        side[i].waits = holds->waits;
        memcpy(side[i].plan, stories[story].side[0].plan, CP_ID_LEN);
        side[i].wanted = (settings & 4U << i) != 0;
        config[i].stay = (settings & 16U << i) != 0;
        config[i].full_only = i == 1 && (settings & 64) != 0;
        shelf_init(&shelf[i]); /* each has a part of one picture; one has another, small, and the other wants it */
        struct shelf_row *r = shelf_add(&shelf[i], 1, 3 * (size_t)CP_PIECE_LEN, false, true);
        r->here[i] = r->here[2] = true;
        (void)shelf_add(&shelf[i], 2, 100, i == 0, i == 1);
        if ((settings & 2) != 0)
            replica_shelve(&side[i], &shelf[i]);
    }
    size_t caller = settings & 1;
    link_start(&l, &side[caller], &side[1 - caller], &config[caller], &config[1 - caller]);
    run(&l, &stories[story]);
    bool damaged = side[0].wanted + side[1].wanted > 0, stays = config[0].stay && config[1].stay;
    if (!disturbed && !wrote && !damaged && at == end) {
        for (int i = 0; i < 2; i++)
            if ((!stays && (!l.side[i].ended || l.side[i].err != CP_OK)) || l.side[i].reports_count == 0 ||
                !l.side[i].reports[l.side[i].reports_count - 1].in_sync)
                abort();
        if (!replica_same(&side[0], &side[1]))
            abort();
    }
    link_clear(&l);
    replica_clear(&side[0]);
    replica_clear(&side[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (people[0].key[0] == 0 && people[0].key[1] == 0)
        make_stories();
    size_t before = replica_bytes;
    at = data;
    end = data + size;
    disturbed = bent = wrote = false;
    uint8_t story = next() % STORIES, settings = next();
    meet(story, settings);
    if (replica_bytes != before)
        abort();
    return 0;
}
