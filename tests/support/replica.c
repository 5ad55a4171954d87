/* A replica in memory. Owns: its entries. Must not: be quick. */
#include "tests/support/replica.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t replica_fail_at, replica_calls, replica_bytes, replica_bytes_most;

/* Each block carries its size in front, so that what is in use can be counted. */
union block {
    size_t len;
    max_align_t align;
};

static void *resize(void *ctx, void *old, size_t len)
{
    union block *was = old == NULL ? NULL : (union block *)old - 1;
    size_t was_len = was == NULL ? 0 : was->len;
    (void)ctx;
    if (len == 0) {
        replica_bytes -= was_len;
        free(was);
        return NULL;
    }
    if (replica_fail_at != 0 && ++replica_calls >= replica_fail_at)
        return NULL;
    union block *now = realloc(was, sizeof *now + len);
    if (now == NULL)
        return NULL;
    now->len = len;
    replica_bytes = replica_bytes - was_len + len;
    replica_bytes_most = replica_bytes > replica_bytes_most ? replica_bytes : replica_bytes_most;
    return now + 1;
}

const struct cp_mem replica_mem = {.resize = resize};

void device_make(struct device *d, unsigned number)
{
    uint8_t seed[32] = {0};
    memset(d, 0, sizeof *d);
    seed[0] = (uint8_t)(number & 255);
    seed[1] = (uint8_t)(number >> 8 & 255);
    (void)crypto_sign_seed_keypair(d->key, d->secret, seed);
    memset(d->incarnation, 0x5a, sizeof d->incarnation);
    d->incarnation[0] = (uint8_t)(number & 255);
}

/* ---- Look-ups ---- */

static struct replica_entry *find(const struct replica *r, const uint8_t *id)
{
    for (size_t i = r->count; i > 0; i--)
        if (memcmp(r->entries[i - 1].id, id, CP_ID_LEN) == 0)
            return &r->entries[i - 1];
    return NULL;
}

bool replica_has(const struct replica *r, const uint8_t id[CP_ID_LEN])
{
    return find(r, id) != NULL;
}

bool replica_includes(const struct replica *a, const struct replica *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (!replica_has(a, b->entries[i].id))
            return false;
    return true;
}

bool replica_same(const struct replica *a, const struct replica *b)
{
    return a->count == b->count && replica_includes(a, b);
}

static enum cp_err get_plans(void *ctx, const uint8_t peer[CP_KEY_LEN], uint8_t (**plans)[CP_ID_LEN], size_t *count)
{
    const struct replica *r = ctx;
    (void)peer;
    *plans = cp_alloc_array(&replica_mem, 1, sizeof **plans);
    *count = r->held && !r->peer_out ? 1 : 0;
    if (*plans == NULL)
        return CP_ERR_NO_MEMORY;
    memcpy((*plans)[0], r->plan, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err get_awaits(void *ctx, const uint8_t plan[CP_ID_LEN], bool *yes)
{
    const struct replica *r = ctx;
    *yes = r->waits && !r->held && memcmp(plan, r->plan, CP_ID_LEN) == 0;
    return r->broken;
}

static int by_chain(const void *a, const void *b)
{
    const struct cp_tip *x = a, *y = b;
    int order = memcmp(x->device, y->device, CP_KEY_LEN);
    if (order == 0)
        order = memcmp(x->incarnation, y->incarnation, CP_INCARNATION_LEN);
    if (order != 0)
        return order;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return memcmp(x->id, y->id, CP_ID_LEN);
}

static void put_tip(const struct replica *r, const struct replica_entry *e, struct cp_tip *t)
{
    const struct replica_chain *c = &r->chains[e->chain];
    *t = (struct cp_tip){.chain = e->chain, .seq = e->head.seq, .row = (uint64_t)(e - r->entries)};
    memcpy(t->chain_tag, c->tag, sizeof t->chain_tag);
    memcpy(t->device, c->device, CP_KEY_LEN);
    memcpy(t->incarnation, c->incarnation, CP_INCARNATION_LEN);
    memcpy(t->id, e->id, CP_ID_LEN);
}

static enum cp_err get_tips(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, struct cp_tip **tips,
                            size_t *count)
{
    const struct replica *r = ctx;
    assert(r->held && memcmp(plan, r->plan, CP_ID_LEN) == 0);
    *count = 0;
    *tips = cp_alloc_array(&replica_mem, r->count, sizeof **tips);
    if (*tips == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < r->count; i++)
        if (r->entries[i].head.class == class && !r->entries[i].cited)
            put_tip(r, &r->entries[i], &(*tips)[(*count)++]);
    if (*count > 1)
        qsort(*tips, *count, sizeof **tips, by_chain);
    return CP_OK;
}

static enum cp_err get_ids_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                              uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    const struct replica *r = ctx;
    (void)plan;
    *count = 0;
    *ids = cp_alloc_array(&replica_mem, 16, sizeof **ids);
    if (*ids == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < r->count && *count < 16; i++)
        if (r->entries[i].chain == chain && r->entries[i].head.seq == seq)
            memcpy((*ids)[(*count)++], r->entries[i].id, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err get_rows(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class,
                            const struct cp_range *ranges, size_t ranges_count, uint64_t **rows, size_t *count)
{
    const struct replica *r = ctx;
    (void)plan;
    *count = 0;
    *rows = cp_alloc_array(&replica_mem, r->count, sizeof **rows);
    if (*rows == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < r->count; i++) {
        bool in = false;
        for (size_t k = 0; k < ranges_count && !in; k++)
            in = ranges[k].chain == r->entries[i].chain && r->entries[i].head.seq > ranges[k].after;
        if (in && r->entries[i].head.class == class)
            (*rows)[(*count)++] = i;
    }
    return CP_OK;
}

static void put_place(const struct replica *r, const struct replica_entry *e, struct cp_place *out)
{
    const struct replica_chain *c = &r->chains[e->chain];
    *out = (struct cp_place){.chain = e->chain, .seq = e->head.seq, .lamport = e->head.lamport};
    memcpy(out->id, e->id, CP_ID_LEN);
    memcpy(out->device, c->device, CP_KEY_LEN);
    memcpy(out->incarnation, c->incarnation, CP_INCARNATION_LEN);
}

static enum cp_err get_place_of(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN],
                                struct cp_place *out, bool *found)
{
    const struct replica *r = ctx;
    const struct replica_entry *e = find(r, id);
    (void)plan;
    *found = e != NULL;
    if (e != NULL)
        put_place(r, e, out);
    return CP_OK;
}

static enum cp_err get_place_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                                struct cp_place *out, bool *found)
{
    const struct replica *r = ctx;
    size_t count = 0;
    (void)plan;
    for (size_t i = 0; i < r->count; i++) {
        if (r->entries[i].chain != chain || r->entries[i].head.seq != seq)
            continue;
        put_place(r, &r->entries[i], out);
        count++;
    }
    *found = count == 1;
    return CP_OK;
}

static enum cp_err get_entry(void *ctx, uint64_t row, struct cp_outgoing *out)
{
    const struct replica *r = ctx;
    assert(row < r->count);
    out->entry = r->entries[row].entry;
    out->gone_row = r->entries[row].gone_row;
    memcpy(out->id, r->entries[row].id, CP_ID_LEN);
    memcpy(out->prev, r->entries[row].head.prev, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err get_wanted(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t *count)
{
    const struct replica *r = ctx;
    (void)plan;
    *count = r->wanted;
    return CP_OK;
}

static enum cp_err get_first(void *ctx, const uint8_t plan[CP_ID_LEN], struct cp_outgoing *out)
{
    (void)plan;
    return get_entry(ctx, 0, out);
}

static enum cp_err get_member(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t peer[CP_KEY_LEN], bool *yes)
{
    const struct replica *r = ctx;
    (void)peer;
    *yes = r->held && !r->peer_out && memcmp(plan, r->plan, CP_ID_LEN) == 0;
    return r->broken;
}

static enum cp_err get_proof_keys(void *ctx, const uint8_t plan[CP_ID_LEN], uint8_t (**keys)[CP_KEY_LEN],
                                  size_t *count)
{
    const struct replica *r = ctx;
    (void)plan;
    *keys = cp_alloc_array(&replica_mem, 16, sizeof **keys);
    *count = r->proof_count;
    if (*keys == NULL)
        return CP_ERR_NO_MEMORY;
    memcpy(*keys, r->proof, sizeof r->proof);
    return CP_OK;
}

void replica_init(struct replica *r, unsigned number)
{
    memset(r, 0, sizeof *r);
    r->iface = (struct cp_replica){.ctx = r,
                                   .mem = &replica_mem,
                                   .plans = get_plans,
                                   .awaits = get_awaits,
                                   .tips = get_tips,
                                   .ids_at = get_ids_at,
                                   .rows = get_rows,
                                   .source = {.entry = get_entry, .ctx = r},
                                   .place_of = get_place_of,
                                   .place_at = get_place_at,
                                   .wanted = get_wanted,
                                   .first = get_first,
                                   .is_member = get_member,
                                   .proof_keys = get_proof_keys};
    memset(r->key, 0x11, sizeof r->key);
    r->key[0] = (uint8_t)(number & 255);
    memset(r->incarnation, 0x22, sizeof r->incarnation);
    r->incarnation[0] = (uint8_t)(number & 255);
}

void replica_shelve(struct replica *r, struct shelf *shelf)
{
    r->shelf = shelf;
    r->iface.pieces = &shelf->iface;
}

void replica_clear(struct replica *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->entries[i].bytes);
    free(r->entries);
    free(r->chains);
    r->entries = NULL;
    r->chains = NULL;
    r->count = r->cap = r->chains_count = r->chains_cap = 0;
    r->held = false;
}

/* ---- Writing ---- */

static void *more(void *list, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return list;
    *cap = *cap == 0 ? 16 : *cap * 2;
    void *grown = realloc(list, *cap * size);
    if (grown == NULL)
        abort();
    return grown;
}

static size_t chain_of(struct replica *r, const struct cp_header *h)
{
    for (size_t i = 0; i < r->chains_count; i++)
        if (r->chains[i].class == h->class && memcmp(r->chains[i].device, h->device, CP_KEY_LEN) == 0 &&
            memcmp(r->chains[i].incarnation, h->incarnation, CP_INCARNATION_LEN) == 0)
            return i;
    r->chains = more(r->chains, &r->chains_cap, r->chains_count, sizeof *r->chains);
    struct replica_chain *c = &r->chains[r->chains_count];
    c->class = h->class;
    memcpy(c->device, h->device, CP_KEY_LEN);
    memcpy(c->incarnation, h->incarnation, CP_INCARNATION_LEN);
    cp_chain_tag(r->plan, h->device, h->incarnation, h->class, c->tag);
    return r->chains_count++;
}

static void keep(struct replica *r, const struct cp_entry *from, const struct cp_header *h, const uint8_t *id)
{
    r->entries = more(r->entries, &r->cap, r->count, sizeof *r->entries);
    struct replica_entry *e = &r->entries[r->count];
    memset(e, 0, sizeof *e);
    memcpy(e->id, id, CP_ID_LEN);
    e->head.class = h->class;
    e->head.seq = h->seq;
    e->head.lamport = h->lamport;
    memcpy(e->head.prev, h->prev, CP_ID_LEN);
    e->chain = chain_of(r, h);
    e->bytes = malloc(from->header.len + from->frame.len + from->words.len + CP_SIG_LEN);
    if (e->bytes == NULL)
        abort();
    memcpy(e->bytes, from->header.ptr, from->header.len);
    memcpy(e->bytes + from->header.len, from->frame.ptr, from->frame.len);
    uint8_t *words = e->bytes + from->header.len + from->frame.len;
    if (from->words.len != 0)
        memcpy(words, from->words.ptr, from->words.len);
    e->entry.header = CP_BYTES(e->bytes, from->header.len);
    e->entry.frame = CP_BYTES(e->bytes + from->header.len, from->frame.len);
    e->entry.words = CP_BYTES(words, from->words.len);
    if (from->sig.len == CP_SIG_LEN) {
        memcpy(words + from->words.len, from->sig.ptr, CP_SIG_LEN);
        e->entry.sig = CP_BYTES(words + from->words.len, CP_SIG_LEN);
    }
    struct replica_entry *prev = h->seq > 1 ? find(r, h->prev) : NULL;
    if (prev != NULL)
        prev->cited = true;
    r->count++;
}

static void sign_and_keep(struct replica *r, const struct device *d, struct cp_header *h, struct cp_bytes frame,
                          struct cp_bytes words, const uint8_t *plan)
{
    struct cp_buf header, input;
    uint8_t id[CP_ID_LEN], sig[CP_SIG_LEN];
    memcpy(h->device, d->key, CP_KEY_LEN);
    memcpy(h->incarnation, d->incarnation, CP_INCARNATION_LEN);
    h->rules = CP_RULES_VERSION;
    h->frame_len = (uint32_t)frame.len;
    h->words_len = (uint32_t)words.len;
    cp_body_hash(frame, words, h->body_hash);
    cp_buf_init(&header, &replica_mem, CP_HEADER_MAX);
    cp_header_encode(h, &header);
    cp_entry_id(plan, cp_buf_bytes(&header), id);
    cp_buf_init(&input, &replica_mem, 256);
    cp_sign_input(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, d->secret);
    if (!r->held)
        memcpy(r->plan, id, CP_ID_LEN);
    r->held = true;
    const struct cp_entry e = {.header = cp_buf_bytes(&header), .frame = frame, .words = words,
                               .sig = CP_BYTES(sig, CP_SIG_LEN)};
    keep(r, &e, h, id);
    cp_buf_clear(&header);
    cp_buf_clear(&input);
}

static void put_frame(struct cp_buf *b, enum cp_class class, bool first)
{
    cp_put_array(b, 3);
    cp_put_uint(b, first ? 1 : class == CP_CONTROL ? 7 : 69);
    cp_put_array(b, 0);
    cp_put_nil(b);
}

void replica_found(struct replica *r, const struct device *d)
{
    struct cp_buf frame;
    struct cp_header h = {.class = CP_CONTROL, .seq = 1, .lamport = 1};
    cp_buf_init(&frame, &replica_mem, 256);
    put_frame(&frame, CP_CONTROL, true);
    sign_and_keep(r, d, &h, cp_buf_bytes(&frame), CP_BYTES((const uint8_t *)"", 0), cp_zero_id);
    cp_buf_clear(&frame);
}

static void add_parent(struct cp_header *h, const struct replica_entry *e)
{
    if (memcmp(e->id, h->prev, CP_ID_LEN) == 0)
        return;
    size_t at = h->parents_count++;
    while (at > 0 && memcmp(h->parents[at - 1], e->id, CP_ID_LEN) > 0) {
        memcpy(h->parents[at], h->parents[at - 1], CP_ID_LEN);
        at--;
    }
    memcpy(h->parents[at], e->id, CP_ID_LEN);
    if (e->head.lamport >= h->lamport)
        h->lamport = e->head.lamport + 1;
}

void replica_continue(struct replica *r, const struct device *d, const struct replica *of)
{
    const struct replica_entry *head = NULL;
    struct cp_buf frame;
    struct cp_header h = {.class = CP_CONTROL, .seq = 1, .lamport = 1};
    uint8_t heads[1][CP_ID_LEN], people[1][CP_ID_LEN] = {{7}};
    for (size_t i = 0; i < of->count; i++)
        if (of->entries[i].head.class == CP_CONTROL)
            head = &of->entries[i];
    if (head == NULL)
        abort();
    memcpy(heads[0], head->id, CP_ID_LEN);
    cp_buf_init(&frame, &replica_mem, 256);
    if (cp_continue_write(&of->plan, 1, (const uint8_t(*)[CP_ID_LEN])heads, 1, (const uint8_t(*)[CP_ID_LEN])people, 1,
                          &frame) != CP_OK)
        abort();
    add_parent(&h, head);
    sign_and_keep(r, d, &h, cp_buf_bytes(&frame), CP_BYTES((const uint8_t *)"", 0), cp_zero_id);
    cp_buf_clear(&frame);
}

void replica_write_body(struct replica *r, const struct device *d, enum cp_class class, uint64_t seq,
                        struct cp_bytes frame, struct cp_bytes words)
{
    static uint64_t salt;
    struct cp_header h = {.class = class, .seq = 1, .lamport = 1, .time_ms = ++salt};
    const struct replica_entry *prev = NULL, *control = NULL, *content = NULL;
    memcpy(h.device, d->key, CP_KEY_LEN);
    memcpy(h.incarnation, d->incarnation, CP_INCARNATION_LEN);
    size_t chain = chain_of(r, &h);
    for (size_t i = 0; i < r->count; i++) {
        const struct replica_entry *e = &r->entries[i];
        if (e->chain == chain && (seq == 0 ? prev == NULL || e->head.seq > prev->head.seq : e->head.seq == seq - 1))
            prev = e;
        if (e->head.class == CP_CONTROL)
            control = e;
        else
            content = e;
    }
    if (prev != NULL) {
        h.seq = prev->head.seq + 1;
        memcpy(h.prev, prev->id, CP_ID_LEN);
        h.lamport = prev->head.lamport + 1;
    }
    add_parent(&h, control);
    if (class == CP_CONTENT && content != NULL)
        add_parent(&h, content);
    sign_and_keep(r, d, &h, frame, words, r->plan);
}

void replica_write_at(struct replica *r, const struct device *d, enum cp_class class, size_t words_len, uint64_t seq)
{
    struct cp_buf frame;
    if (class == CP_CONTROL)
        words_len = 0; /* a control entry has no words: rule R1 refuses it otherwise */
    cp_buf_init(&frame, &replica_mem, 256);
    put_frame(&frame, class, false);
    uint8_t *words = calloc(1, words_len + 1);
    if (words == NULL)
        abort();
    replica_write_body(r, d, class, seq, cp_buf_bytes(&frame), CP_BYTES(words, words_len));
    free(words);
    cp_buf_clear(&frame);
}

void replica_write(struct replica *r, const struct device *d, enum cp_class class, size_t words_len)
{
    replica_write_at(r, d, class, words_len, 0);
}

/* ---- Taking in ---- */

/* R1 with predecessors: they are held, or earlier in this chunk. */
static enum cp_err judge(const struct replica *r, const struct cp_header *h)
{
    struct cp_pred preds[CP_PARENTS_MAX + 1];
    size_t count = 0;
    for (size_t i = h->seq > 1 ? 0 : 1; i <= h->parents_count; i++) {
        const uint8_t *id = i == 0 ? h->prev : h->parents[i - 1];
        const struct replica_entry *e = find(r, id);
        if (e == NULL)
            return CP_ERR_MISSING_PARENT;
        const struct replica_chain *c = &r->chains[e->chain];
        preds[count++] = (struct cp_pred){.id = e->id,
                                          .class = e->head.class,
                                          .lamport = e->head.lamport,
                                          .same_chain = c->class == h->class &&
                                                        memcmp(c->device, h->device, CP_KEY_LEN) == 0 &&
                                                        memcmp(c->incarnation, h->incarnation, CP_INCARNATION_LEN) == 0,
                                          .seq = e->head.seq};
    }
    return cp_entry_check_preds(h, preds, count);
}

enum cp_err replica_take(struct replica *r, const uint8_t plan[CP_ID_LEN], struct cp_bytes payload, bool control_only,
                         size_t *fresh)
{
    struct cp_chunk c;
    size_t before = r->count;
    *fresh = 0;
    if (memcmp(plan, r->plan, CP_ID_LEN) != 0 || (!r->held && !r->waits))
        return CP_ERR_WRONG_PLAN;
    enum cp_err err = cp_chunk_read(&c, &replica_mem, payload, plan);
    for (size_t i = 0; i < c.count && err == CP_OK; i++) {
        if (replica_has(r, c.ids[i]))
            continue;
        bool is_first = memcmp(c.ids[i], plan, CP_ID_LEN) == 0;
        if (control_only && c.headers[i].class != CP_CONTROL)
            err = CP_ERR_BAD_MESSAGE;
        else if (c.entries[i].words.ptr == NULL)
            err = CP_ERR_WORDS_MISSING;
        else if (!is_first && c.headers[i].parents_count == 0 && c.headers[i].seq == 1)
            err = CP_ERR_NOT_ADMITTED; /* its past is empty */
        else
            err = judge(r, &c.headers[i]);
        if (err != CP_OK)
            break;
        keep(r, &c.entries[i], &c.headers[i], c.ids[i]);
        ++*fresh;
    }
    cp_chunk_clear(&c);
    if (err != CP_OK) {
        replica_forget(r, before);
        return err;
    }
    r->held = r->held || r->count != 0;
    r->chunks++;
    return CP_OK;
}

void replica_forget(struct replica *r, size_t count)
{
    while (r->count > count)
        free(r->entries[--r->count].bytes);
    for (size_t i = 0; i < r->count; i++)
        r->entries[i].cited = false;
    for (size_t i = 0; i < r->count; i++) {
        struct replica_entry *prev = r->entries[i].head.seq > 1 ? find(r, r->entries[i].head.prev) : NULL;
        if (prev != NULL)
            prev->cited = true;
    }
}

void replica_copy(struct replica *r, const struct replica *from)
{
    struct cp_header h;
    memcpy(r->plan, from->plan, CP_ID_LEN);
    r->held = from->held;
    for (size_t i = 0; i < from->count; i++) {
        if (replica_has(r, from->entries[i].id) || cp_header_decode(from->entries[i].entry.header, &h) != CP_OK)
            continue;
        keep(r, &from->entries[i].entry, &h, from->entries[i].id);
    }
}
