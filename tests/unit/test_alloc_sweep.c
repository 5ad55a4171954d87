/*
 * Every allocation of the core's main operations fails once, and from then on: NO_MEMORY, nothing kept, and never a
 * result that is not the right one. Sessions have a file of their own (test_alloc_session.c).
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/chunk.h"
#include "proto/member.h"
#include "proto/record.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"
#include "tests/support/replica.h"
#include "tests/support/shortage.h"

/* What the operation gave without a shortage; a later run must give the same. */
struct expected {
    struct cp_buf bytes;
    bool set;
};

static enum cp_err same_as(struct expected *e, struct cp_bytes got)
{
    if (!e->set) {
        cp_buf_init(&e->bytes, test_mem(), CP_VERSION_TEXT_MAX);
        cp_buf_put_bytes(&e->bytes, got);
        e->set = true;
    }
    return cp_bytes_eq(cp_buf_bytes(&e->bytes), got) ? CP_OK : CP_ERR_BAD_MESSAGE;
}

/* Once without a shortage, then all n. */
static void sweep(const char *name, shortage_act *act, void *ctx, uint64_t least)
{
    cr_assert_eq(act(test_mem(), ctx), CP_OK, "%s", name);
    uint64_t n = shortage_sweep(name, act, ctx);
    cr_assert_geq(n, least, "%s: %llu", name, (unsigned long long)n);
}

/* ---- Frames ---- */

static const uint8_t ids[8][CP_ID_LEN] = {{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}};

static enum cp_err write_draft(const struct cp_mem *mem, const uint8_t *target, const uint8_t *replaces,
                               const char *text, struct cp_buf *frame, struct cp_buf *words)
{
    static struct cp_draft d;
    cp_draft_init(&d, mem, target == NULL ? CP_KIND_ITEM : CP_KIND_SET, target == NULL ? CP_RECORD_ACTION : 0,
                  target);
    if (replaces != NULL)
        cp_draft_replace(&d, replaces);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    cp_draft_text(&d, CP_FIELD_TEXT, cp_bytes_str("cy"), cp_bytes_str("trwsio'r gât"));
    cp_draft_link(&d, CP_FIELD_HELPERS, cp_draft_name(&d, ids[7]), true);
    enum cp_err err = cp_draft_write(&d, ids[6], frame, words);
    cp_draft_clear(&d);
    return err;
}

static enum cp_err act_draft(const struct cp_mem *mem, void *ctx)
{
    struct cp_buf frame, words;
    cp_buf_init(&frame, mem, CP_ENTRY_MAX);
    cp_buf_init(&words, mem, CP_ENTRY_MAX);
    static char text[3000];
    memset(text, 'a', sizeof text - 1); /* grows the buffers more than once */
    enum cp_err err = write_draft(mem, ids[0], ids[1], text, &frame, &words);
    if (err == CP_OK)
        cp_buf_put_bytes(&frame, cp_buf_bytes(&words));
    if (err == CP_OK)
        err = cp_buf_err(&frame);
    if (err == CP_OK)
        err = same_as(ctx, cp_buf_bytes(&frame));
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    return err;
}

Test(alloc, a_draft)
{
    struct expected e = {.set = false};
    sweep("draft", act_draft, &e, 3);
    cp_buf_clear(&e.bytes);
}

/* ---- Records ---- */

enum {
    WRITES = 6
};
struct record {
    struct cp_buf frames[WRITES], words[WRITES];
    struct cp_frame read[WRITES];
    struct cp_write writes[WRITES];
};

/* An item, two wordings apart, one that replaces both, and two additions to a list. */
static void record_make(struct record *r)
{
    static const char *const texts[WRITES] = {"one", "two", "three", "four", "five", "six"};
    for (size_t i = 0; i < WRITES; i++) {
        cp_buf_init(&r->frames[i], test_mem(), CP_ENTRY_MAX);
        cp_buf_init(&r->words[i], test_mem(), CP_ENTRY_MAX);
        cr_assert_eq(write_draft(test_mem(), i == 0 ? NULL : ids[0], i == 0 ? NULL : ids[i / 2], texts[i],
                                 &r->frames[i], &r->words[i]),
                     CP_OK);
        cr_assert_eq(cp_frame_read(cp_buf_bytes(&r->frames[i]), cp_buf_bytes(&r->words[i]), &r->read[i]),
                     CP_OK);
        r->writes[i] =
            (struct cp_write){.id = ids[i], .lamport = i, .person = ids[7], .frame = &r->read[i], .row = i};
    }
}

static void record_clear(struct record *r)
{
    for (size_t i = 0; i < WRITES; i++) {
        cp_buf_clear(&r->frames[i]);
        cp_buf_clear(&r->words[i]);
    }
}

static enum cp_err act_fold(const struct cp_mem *mem, void *ctx)
{
    struct record *r = ctx;
    struct cp_record_state s;
    enum cp_err err = cp_record_fold(&s, mem, r->writes, WRITES);
    if (err != CP_OK)
        return s.registers == NULL && s.count == 0 ? err : CP_ERR_BAD_MESSAGE; /* cleared on failure */
    bool right =
        s.count == 3 && s.wordings > 0 && cp_record_get(&s, CP_FIELD_TEXT, CP_BYTES(NULL, 0))->count > 1;
    cp_record_clear(&s);
    return right ? CP_OK : CP_ERR_BAD_MESSAGE;
}

static enum cp_err act_left(const struct cp_mem *mem, void *ctx)
{
    struct record *r = ctx;
    uint64_t left[WRITES], right[WRITES];
    enum cp_err err = cp_record_left(mem, r->writes, WRITES, left);
    cr_assert_eq(cp_record_left(test_mem(), r->writes, WRITES, right), CP_OK);
    return err != CP_OK || memcmp(left, right, sizeof left) == 0 ? err : CP_ERR_BAD_MESSAGE;
}

Test(alloc, a_record)
{
    static struct record r;
    record_make(&r);
    sweep("record fold", act_fold, &r, 3);
    sweep("record left", act_left, &r, 2);
    record_clear(&r);
}

/* ---- Views ---- */

struct views {
    struct cp_buf frames[2], words[2];
    struct cp_frame read[2];
    struct cp_write writes[2];
};

static enum cp_err act_views(const struct cp_mem *mem, void *ctx)
{
    struct views *v = ctx;
    struct cp_views out;
    enum cp_err err = cp_views_fold(&out, mem, v->writes, 2);
    if (err != CP_OK)
        return err;
    bool right = out.count == 2;
    cp_views_clear(&out);
    return right ? CP_OK : CP_ERR_BAD_MESSAGE;
}

Test(alloc, views)
{
    static struct views v;
    static struct cp_draft d;
    for (size_t i = 0; i < 2; i++) {
        cp_buf_init(&v.frames[i], test_mem(), CP_ENTRY_MAX);
        cp_buf_init(&v.words[i], test_mem(), CP_ENTRY_MAX);
        cp_draft_init(&d, test_mem(), CP_KIND_VIEW, 1, ids[0]);
        cp_draft_text(&d, CP_FIELD_VALUE, CP_BYTES(NULL, 0), cp_bytes_str("3"));
        cr_assert_eq(cp_draft_write(&d, ids[6], &v.frames[i], &v.words[i]), CP_OK);
        cp_draft_clear(&d);
        cr_assert_eq(cp_frame_read(cp_buf_bytes(&v.frames[i]), cp_buf_bytes(&v.words[i]), &v.read[i]), CP_OK);
        v.writes[i] =
            (struct cp_write){.id = ids[1 + i], .lamport = i, .person = ids[3 + i], .frame = &v.read[i]};
    }
    sweep("views fold", act_views, &v, 2);
    for (size_t i = 0; i < 2; i++) {
        cp_buf_clear(&v.frames[i]);
        cp_buf_clear(&v.words[i]);
    }
}

/* ---- Chunks ---- */

struct chunks {
    struct replica r;
    uint64_t rows[16];
    size_t count;
    struct cp_buf payload;
};

static enum cp_err act_build(const struct cp_mem *mem, void *ctx)
{
    struct chunks *c = ctx;
    struct cp_buf payload;
    size_t taken = 0;
    cp_buf_init(&payload, mem, 2 * (size_t)CP_CHUNK_MAX);
    enum cp_err err = cp_chunk_build(&c->r.iface.source, mem, c->rows, c->count, &payload, &taken);
    if (err == CP_OK &&
        (taken != c->count ||
         (c->payload.len != 0 && !cp_bytes_eq(cp_buf_bytes(&payload), cp_buf_bytes(&c->payload)))))
        err = CP_ERR_BAD_MESSAGE;
    if (err == CP_OK && c->payload.len == 0)
        cp_buf_put_bytes(&c->payload, cp_buf_bytes(&payload));
    cp_buf_clear(&payload);
    return err;
}

static enum cp_err act_read(const struct cp_mem *mem, void *ctx)
{
    const struct chunks *c = ctx;
    struct cp_chunk chunk;
    enum cp_err err = cp_chunk_read(&chunk, mem, cp_buf_bytes(&c->payload), c->r.plan);
    if (err != CP_OK)
        return chunk.entries == NULL && chunk.count == 0 ? err : CP_ERR_BAD_MESSAGE; /* clear on failure */
    bool right = chunk.count == c->count;
    cp_chunk_clear(&chunk);
    return right ? CP_OK : CP_ERR_BAD_MESSAGE;
}

Test(alloc, chunks)
{
    static struct chunks c;
    struct device d[2];
    replica_init(&c.r, 1);
    for (unsigned i = 0; i < 2; i++)
        device_make(&d[i], i + 1);
    replica_found(&c.r, &d[0]);
    for (unsigned i = 0; i < 9; i++)
        replica_write(&c.r, &d[i % 2], CP_CONTENT, 40 + 500 * i);
    for (; c.count < c.r.count; c.count++)
        c.rows[c.count] = c.count;
    cp_buf_init(&c.payload, test_mem(), 2 * (size_t)CP_CHUNK_MAX);
    sweep("chunk build", act_build, &c, 3);
    sweep("chunk read", act_read, &c, 3);
    cp_buf_clear(&c.payload);
    replica_clear(&c.r);
}

/* ---- Versions and answers ---- */

static enum cp_err act_version_write(const struct cp_mem *mem, void *ctx)
{
    static struct test_agreement t;
    struct cp_buf text;
    test_agreement_init(&t);
    cp_buf_init(&text, mem, CP_VERSION_TEXT_MAX);
    cp_version_write(&t.version, &text);
    enum cp_err err = cp_buf_err(&text);
    if (err == CP_OK)
        err = same_as(ctx, cp_buf_bytes(&text));
    cp_buf_clear(&text);
    return err;
}

static enum cp_err act_version_read(const struct cp_mem *mem, void *ctx)
{
    const struct expected *e = ctx;
    struct cp_version_read r;
    enum cp_err err = cp_version_read(&r, mem, cp_buf_bytes(&e->bytes));
    if (err != CP_OK)
        return err;
    bool right = r.v.items_count == 2 && r.v.must_answer_count == 2;
    cp_version_clear(&r);
    return right ? CP_OK : CP_ERR_BAD_MESSAGE;
}

static enum cp_err act_answer_write(const struct cp_mem *mem, void *ctx)
{
    static struct test_agreement t;
    struct cp_buf text;
    test_agreement_init(&t);
    cp_buf_init(&text, mem, CP_ANSWER_TEXT_MAX);
    cp_answer_write(&t.answer, &text);
    enum cp_err err = cp_buf_err(&text);
    if (err == CP_OK)
        err = same_as(ctx, cp_buf_bytes(&text));
    cp_buf_clear(&text);
    return err;
}

static enum cp_err act_answer_read(const struct cp_mem *mem, void *ctx)
{
    const struct expected *e = ctx;
    struct cp_answer_read r;
    enum cp_err err = cp_answer_read(&r, mem, cp_buf_bytes(&e->bytes));
    if (err != CP_OK)
        return err;
    bool right = r.a.actions_count == 1 && r.a.seen_count == 1;
    cp_answer_clear(&r);
    return right ? CP_OK : CP_ERR_BAD_MESSAGE;
}

Test(alloc, versions_and_answers)
{
    struct expected version = {.set = false}, answer = {.set = false};
    sweep("version write", act_version_write, &version, 2);
    sweep("version read", act_version_read, &version, 4);
    sweep("answer write", act_answer_write, &answer, 2);
    sweep("answer read", act_answer_read, &answer, 3);
    cp_buf_clear(&version.bytes);
    cp_buf_clear(&answer.bytes);
}
