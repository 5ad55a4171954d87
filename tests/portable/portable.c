/*
 * Everything that the core decides about one made corpus, as one hash for each part and one for all: built by another
 * compiler, for another width or byte order, it must print the same lines.
 *
 *   portable [SEED [ENTRIES]]      (1, 10000)
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/answer.h"
#include "proto/api.h"
#include "proto/wire.h"
#include "tests/portable/corpus.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"
#include "tests/support/replica.h"

static struct cp_hasher part, whole;

static void part_begin(void)
{
    cp_hash_init(&part, CP_TAG_LOG_DIGEST, CP_ID_LEN);
}

static void part_end(const char *name, size_t count)
{
    uint8_t hash[CP_ID_LEN];
    char hex[2 * CP_ID_LEN + 1];
    cp_hash_end(&part, hash, CP_ID_LEN);
    cp_hash_add(&whole, hash, CP_ID_LEN);
    cp_hex_encode(hash, CP_ID_LEN, hex);
    printf("%-10s %8lu  %s\n", name, (unsigned long)count, hex);
}

static void add(struct cp_bytes b)
{
    cp_hash_add_sized(&part, b);
}

static void add_u64(uint64_t v)
{
    cp_hash_add_u64(&part, v);
}

/* ---- Entries and frames ---- */

static void hash_entries(struct corpus *c)
{
    part_begin();
    for (size_t i = 0; i < c->count; i++) {
        const struct corpus_entry *e = &c->entries[i];
        struct cp_header h;
        add(e->entry.header);
        add(e->entry.frame);
        add(e->entry.words);
        add(e->entry.sig);
        add(CP_BYTES(e->id, CP_ID_LEN));
        enum cp_err err = cp_entry_check(&e->entry, &h);
        assert(err == CP_OK);
        add_u64(h.lamport);
        add_u64(h.seq);
        add_u64(h.parents_count);
    }
    part_end("entries", c->count);
}

static void hash_frame(const struct cp_frame *f)
{
    add_u64(f->kind);
    add_u64(f->subkind);
    add_u64(f->replaced);
    for (size_t i = 0; i < f->refs_count; i++)
        add(CP_BYTES(cp_frame_ref(f, i), CP_ID_LEN));
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_op *op = &f->ops[i];
        add_u64(op->field);
        add_u64(op->how);
        add_u64(op->ref);
        add_u64(op->removed_op);
        add(op->lang);
        add_u64(op->value.type);
        add(op->value.bytes);
        add_u64((uint64_t)op->value.number);
    }
}

static struct cp_bytes words_of(const struct corpus_entry *e)
{
    return e->withdrawn ? CP_BYTES(NULL, 0) : e->entry.words;
}

static void hash_frames(struct corpus *c)
{
    static struct cp_frame f;
    size_t good = 0;
    part_begin();
    for (size_t i = 0; i < c->count; i++) {
        const struct corpus_entry *e = &c->entries[i];
        enum cp_err err = cp_frame_read(e->entry.frame, words_of(e), &f);
        add_u64(err);
        if (err != CP_OK)
            continue;
        hash_frame(&f);
        good++;
    }
    assert(good > c->count / 3);
    part_end("frames", good);
}

/* ---- Folds ---- */

static int by_target(const void *a, const void *b)
{
    const struct corpus_entry *x = *(const struct corpus_entry *const *)a, *y = *(const struct corpus_entry *const *)b;
    int order = memcmp(x->target, y->target, CP_ID_LEN);
    return order != 0 ? order : memcmp(x->id, y->id, CP_ID_LEN);
}

static void hash_record(const struct cp_write *writes, size_t count)
{
    struct cp_record_state s;
    struct cp_views v;
    uint64_t *left = calloc(count, sizeof *left);
    assert(left != NULL && cp_record_left(test_mem(), writes, count, left) == CP_OK);
    for (size_t i = 0; i < count; i++)
        add_u64(left[i]);
    free(left);
    enum cp_err err = cp_record_fold(&s, test_mem(), writes, count);
    assert(err == CP_OK);
    add_u64((s.set_aside ? 1U : s.edited_apart ? 2U : 0U) + (s.closed_apart ? 4U : 0U));
    add_u64(s.wordings);
    for (size_t i = 0; i < s.count; i++) {
        const struct cp_register *r = &s.registers[i];
        add_u64(r->field);
        add(r->lang);
        add(CP_BYTES(r->column, r->column == NULL ? 0 : CP_ID_LEN));
        for (size_t k = 0; k < r->count; k++) {
            const struct cp_value *value = cp_record_value(&s, &r->values[k]);
            const uint8_t *link = cp_record_link(&s, &r->values[k]);
            add_u64(value->type);
            add(value->bytes);
            add_u64((uint64_t)value->number);
            add(CP_BYTES(link, link == NULL ? 0 : CP_ID_LEN));
        }
    }
    cp_record_clear(&s);
    err = cp_views_fold(&v, test_mem(), writes, count);
    assert(err == CP_OK);
    for (size_t i = 0; i < v.count; i++) {
        add(CP_BYTES(v.rows[i].person, CP_ID_LEN));
        add_u64(v.rows[i].measure);
        add_u64(v.rows[i].first);
        add_u64(v.rows[i].current_count);
    }
    cp_views_clear(&v);
}

static void hash_folds(struct corpus *c)
{
    struct corpus_entry **sorted = calloc(c->count, sizeof *sorted);
    struct cp_frame *frames = calloc(c->count, sizeof *frames);
    struct cp_write *writes = calloc(c->count, sizeof *writes);
    size_t count = 0, records = 0;
    assert(sorted != NULL && frames != NULL && writes != NULL);
    for (size_t i = 0; i < c->count; i++)
        if (memcmp(c->entries[i].target, cp_zero_id, CP_ID_LEN) != 0)
            sorted[count++] = &c->entries[i];
    qsort(sorted, count, sizeof *sorted, by_target);
    part_begin();
    for (size_t from = 0, to = 0; from < count; from = to) {
        size_t n = 0;
        for (; to < count && memcmp(sorted[to]->target, sorted[from]->target, CP_ID_LEN) == 0; to++) {
            const struct corpus_entry *e = sorted[to];
            if (cp_frame_read(e->entry.frame, words_of(e), &frames[n]) != CP_OK)
                continue;
            writes[n] = (struct cp_write){.id = e->id, .lamport = e->header.lamport, .frame = &frames[n],
                                          .person = c->people[e->author].person, .is_void = e->is_void,
                                          .withdrawn = e->withdrawn};
            n++;
        }
        if (n > 0)
            hash_record(writes, n);
        records++;
    }
    free(sorted);
    free(frames);
    free(writes);
    part_end("folds", records);
}

static void hash_members(struct corpus *c)
{
    struct cp_control_entry *entries = calloc(c->count, sizeof *entries);
    struct cp_members m;
    size_t count = 0;
    assert(entries != NULL);
    for (size_t i = 0; i < c->count; i++) {
        const struct corpus_entry *e = &c->entries[i];
        if (e->header.class != CP_CONTROL)
            continue;
        entries[count] = (struct cp_control_entry){.lamport = e->header.lamport, .frame = e->entry.frame};
        memcpy(entries[count].id, e->id, CP_ID_LEN);
        memcpy(entries[count++].device, e->header.device, CP_KEY_LEN);
    }
    cp_members_init(&m, test_mem());
    enum cp_err err = cp_members_fold(&m, entries, count, c->plan, NULL);
    assert(err == CP_OK && m.count == c->people_in);
    part_begin();
    for (size_t i = 0; i < m.count; i++) {
        add(CP_BYTES(m.devices[i].device_key, CP_KEY_LEN));
        add(CP_BYTES(m.devices[i].person, CP_ID_LEN));
        add(CP_BYTES(m.devices[i].admission, CP_ID_LEN));
        add(m.devices[i].name);
        add_u64(m.devices[i].stands ? 1 : 0);
        add_u64(m.devices[i].token_shared ? 1 : 0);
    }
    part_end("members", m.count);
    cp_members_clear(&m);
    free(entries);
}

/* ---- On the way ---- */

static void hash_chunks(struct corpus *c)
{
    struct cp_entry_source from = corpus_source(c);
    struct cp_buf payload;
    uint64_t *rows = calloc(c->count, sizeof *rows);
    size_t at = 0, chunks = 0;
    assert(rows != NULL);
    for (size_t i = 0; i < c->count; i++)
        rows[i] = i;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    part_begin();
    for (; at < c->count; chunks++) {
        struct cp_chunk chunk;
        size_t taken = 0;
        cp_buf_reset(&payload);
        enum cp_err err = cp_chunk_build(&from, test_mem(), rows + at, c->count - at, &payload, &taken);
        assert(err == CP_OK);
        err = cp_chunk_read(&chunk, test_mem(), cp_buf_bytes(&payload), c->plan);
        assert(err == CP_OK && chunk.count == taken && memcmp(chunk.ids[0], c->entries[at].id, CP_ID_LEN) == 0);
        add(cp_buf_bytes(&payload));
        at += taken;
        cp_chunk_clear(&chunk);
    }
    cp_buf_clear(&payload);
    free(rows);
    part_end("chunks", chunks);
}

static void hash_tips(struct corpus *c)
{
    struct cp_tip tips[CORPUS_CHAINS];
    uint8_t digest[16];
    size_t count = 0;
    for (size_t i = 0; i < c->people_in; i++)
        for (int class = 0; class < 2; class++) {
            size_t last = c->people[i].last[class];
            if (last == 0)
                continue;
            struct cp_tip *t = &tips[count++];
            *t = (struct cp_tip){.chain = i, .seq = c->entries[last - 1].header.seq};
            memcpy(t->id, c->entries[last - 1].id, CP_ID_LEN);
            cp_chain_tag(c->plan, c->people[i].key[0], c->people[i].incarnation, (enum cp_class)class, t->chain_tag);
        }
    part_begin();
    for (size_t i = 0; i < c->people_in; i++) {
        cp_tips_digest(c->plan, c->people[i].key[0], tips, count, digest);
        add(CP_BYTES(digest, sizeof digest));
    }
    part_end("tips", count);
}

static bool listen(void *ctx, struct link *l, int to, struct link_message *m)
{
    size_t *heard = ctx;
    (void)l;
    add_u64((uint64_t)to);
    add(CP_BYTES(m->bytes, m->len));
    (*heard)++;
    return true;
}

/* Two machines that wrote apart, forks among it: every message that passes between them. */
static void hash_sessions(uint64_t seed)
{
    size_t heard = 0;
    part_begin();
    for (unsigned round = 0; round < 6; round++) {
        struct replica a, b;
        struct device d[4];
        struct link l = {.now_ms = 5, .meddle = listen, .meddle_ctx = &heard};
        struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
        replica_init(&a, 1);
        replica_init(&b, 2);
        for (unsigned i = 0; i < 4; i++)
            device_make(&d[i], i + 1);
        replica_found(&a, &d[0]);
        for (unsigned i = 0; i < 60; i++)
            replica_write(&a, &d[i % 4], i % 9 == 0 ? CP_CONTROL : CP_CONTENT, (size_t)test_below(&seed, 900));
        replica_copy(&b, &a);
        for (unsigned i = 0; i < 20 * round; i++) {
            struct replica *r = i % 2 == 0 ? &a : &b;
            size_t who = (size_t)test_below(&seed, 4), len = (size_t)test_below(&seed, 9000);
            replica_write(r, &d[who], len % 11 == 0 ? CP_CONTROL : CP_CONTENT, len);
        }
        link_start(&l, &a, &b, &ca, &cb);
        link_run(&l, SIZE_MAX);
        assert(l.side[0].reports[0].in_sync && l.side[1].reports[0].in_sync && replica_same(&a, &b));
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
    part_end("sessions", heard);
}

/* ---- What is signed by people ---- */

static void hash_texts(uint64_t seed)
{
    static struct test_agreement t;
    struct cp_buf text, more;
    size_t good = 0;
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_buf_init(&more, test_mem(), CP_VERSION_TEXT_MAX);
    test_agreement_init(&t);
    part_begin();
    for (unsigned round = 0; round < 600; round++) {
        struct cp_version_read v;
        struct cp_answer_read a;
        uint8_t id[CP_ID_LEN], key[CP_KEY_LEN], sig[CP_SIG_LEN];
        char words[64];
        cp_buf_reset(&text);
        if (round % 2 == 0)
            cp_version_write(&t.version, &text);
        else
            cp_answer_write(&t.answer, &text);
        if (round > 3) /* the first as they are, then each with one byte changed */
            text.ptr[test_below(&seed, text.len)] ^= (uint8_t)(1U << round % 8);
        cp_version_id(cp_buf_bytes(&text), id);
        cp_check_words(id, words);
        add(CP_BYTES(id, CP_ID_LEN));
        add(cp_bytes_str(words));
        enum cp_err err = round % 2 == 0 ? cp_version_read(&v, test_mem(), cp_buf_bytes(&text))
                                         : cp_answer_read(&a, test_mem(), cp_buf_bytes(&text));
        add_u64(err);
        good += err == CP_OK ? 1 : 0;
        if (round % 2 == 0)
            cp_version_clear(&v);
        else
            cp_answer_clear(&a);
        cp_buf_reset(&more);
        cp_sshsig_input(cp_buf_bytes(&text), &more);
        (void)crypto_sign_detached(sig, NULL, more.ptr, more.len, t.secret);
        cp_sshsig_armour(t.answer.key, sig, &more);
        cp_ssh_public(t.answer.key, &more);
        cp_ssh_fingerprint(t.answer.key, &more);
        cp_escape(cp_buf_bytes(&text), &more);
        add(cp_buf_bytes(&more));
        add_u64(cp_sshsig_read(cp_buf_bytes(&more), key, sig));
    }
    cp_buf_clear(&text);
    cp_buf_clear(&more);
    part_end("texts", good);
}

/* ---- Verdicts on bytes that nobody wrote ---- */

static void judge_all(struct cp_bytes bytes)
{
    static struct cp_frame f;
    struct cp_header h;
    struct cp_control c;
    struct cp_wire m;
    struct cp_join j;
    struct cp_api_value v;
    struct cp_invitation inv;
    add_u64(cp_mp_check(bytes, CP_ITEMS_MAX));
    add_u64(cp_header_decode(bytes, &h));
    add_u64(cp_frame_read(bytes, CP_BYTES(NULL, 0), &f));
    add_u64(cp_wire_read(bytes, &m));
    add_u64(cp_join_read(bytes, &j));
    add_u64(cp_api_read(bytes, &v));
    add_u64(cp_invitation_read(bytes, &inv));
    cp_control_read(bytes, &c);
    add_u64(c.known ? 1 : 0);
}

static void hash_verdicts(struct corpus *c, uint64_t seed)
{
    uint8_t bytes[512] = {0};
    size_t rounds = 3 * c->count;
    part_begin();
    for (size_t i = 0; i < rounds; i++) {
        const struct corpus_entry *e = &c->entries[i % c->count];
        struct cp_bytes from = i % 3 == 0 ? e->entry.header : i % 3 == 1 ? e->entry.frame : e->entry.words;
        size_t len = from.len < sizeof bytes ? from.len : sizeof bytes;
        if (len == 0)
            continue;
        memcpy(bytes, from.ptr, len);
        for (uint64_t n = test_below(&seed, 3); n > 0; n--) {
            size_t at = (size_t)test_below(&seed, len);
            bytes[at] = (uint8_t)test_below(&seed, 256);
        }
        len -= (size_t)(test_below(&seed, 4) == 0 ? test_below(&seed, len) : 0);
        judge_all(CP_BYTES(bytes, len));
    }
    for (size_t i = 0; i < rounds; i++) { /* and from nothing */
        size_t len = (size_t)test_below(&seed, 24);
        for (size_t k = 0; k < len; k++)
            bytes[k] = (uint8_t)test_below(&seed, 256);
        bytes[0] |= i % 2 == 0 ? 0x90 : 0;
        judge_all(CP_BYTES(bytes, len));
    }
    part_end("verdicts", 2 * rounds);
}

int main(int argc, char **argv)
{
    static struct corpus c;
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    size_t entries = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 10000;
    if (sodium_init() < 0 || entries < 100)
        return 2;
    cp_hash_init(&whole, CP_TAG_STATE_DIGEST, CP_ID_LEN);
    corpus_make(&c, seed, entries);
    hash_entries(&c);
    hash_frames(&c);
    hash_folds(&c);
    hash_members(&c);
    hash_chunks(&c);
    hash_tips(&c);
    hash_sessions(seed);
    hash_texts(seed);
    hash_verdicts(&c, seed);
    corpus_clear(&c);
    part = whole;
    part_end("all", entries);
    return 0;
}
