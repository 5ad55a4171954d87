/* The corpus: people, then whatever they might write. */
#include "tests/portable/corpus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

static uint64_t below(struct corpus *c, uint64_t bound)
{
    return test_below(&c->seed, bound);
}

/* ---- Entries ---- */

static void sign(enum cp_tag tag, struct cp_bytes message, const uint8_t *secret, uint8_t *sig)
{
    struct cp_buf input;
    cp_buf_init(&input, test_mem(), CP_ENTRY_MAX);
    cp_sign_input(tag, message, &input);
    assert(cp_buf_err(&input) == CP_OK);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

/* Some of the last entries that this class may cite, sorted, without prev. */
static void add_parents(struct corpus *c, struct cp_header *h, uint64_t *greatest)
{
    uint64_t wanted = h->seq == 1 ? 1 : below(c, 4);
    for (uint64_t tries = 0; tries < 24 && h->parents_count < wanted && c->count > 0; tries++) {
        size_t back = (size_t)below(c, c->count < 40 ? c->count : 40);
        const struct corpus_entry *e = &c->entries[c->count - 1 - back];
        bool fits = (h->class == CP_CONTENT || e->header.class == CP_CONTROL) && memcmp(e->id, h->prev, CP_ID_LEN) != 0;
        for (size_t i = 0; i < h->parents_count; i++)
            fits = fits && memcmp(h->parents[i], e->id, CP_ID_LEN) != 0;
        if (!fits)
            continue;
        memcpy(h->parents[h->parents_count++], e->id, CP_ID_LEN);
        *greatest = e->header.lamport > *greatest ? e->header.lamport : *greatest;
    }
    qsort(h->parents, h->parents_count, CP_ID_LEN, by_bytes);
}

/* Puts frame and words, as they stand in c, into a new entry by this person. */
static void add_entry(struct corpus *c, size_t author, enum cp_class class, const uint8_t *target)
{
    struct corpus_person *p = &c->people[author];
    struct corpus_entry *e = &c->entries[c->count];
    struct cp_header *h = &e->header;
    struct cp_buf header;
    uint64_t greatest = 0;
    bool first = c->count == 0;
    memset(e, 0, sizeof *e);
    *h = (struct cp_header){.rules = CP_RULES_VERSION, .class = class, .seq = 1};
    memcpy(h->device, p->key[0], CP_KEY_LEN);
    memcpy(h->incarnation, p->incarnation, CP_INCARNATION_LEN);
    if (p->last[class] != 0) {
        const struct corpus_entry *prev = &c->entries[p->last[class] - 1];
        memcpy(h->prev, prev->id, CP_ID_LEN);
        h->seq = prev->header.seq + 1;
        greatest = prev->header.lamport;
    }
    add_parents(c, h, &greatest);
    h->lamport = greatest + 1;
    h->time_ms = 1700000000000 + below(c, 1000000000000);
    h->frame_len = (uint32_t)c->frame.len;
    h->words_len = (uint32_t)c->words.len;
    cp_body_hash(cp_buf_bytes(&c->frame), cp_buf_bytes(&c->words), h->body_hash);
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    cp_header_encode(h, &header);
    cp_entry_id(first ? cp_zero_id : c->plan, cp_buf_bytes(&header), e->id);
    sign(CP_TAG_ENTRY_SIG, CP_BYTES(e->id, CP_ID_LEN), p->secret[0], e->sig);
    uint8_t *block = malloc(header.len + c->frame.len + c->words.len + 1);
    assert(block != NULL && header.err == CP_OK);
    memcpy(block, header.ptr, header.len);
    memcpy(block + header.len, c->frame.ptr, c->frame.len);
    if (c->words.len != 0)
        memcpy(block + header.len + c->frame.len, c->words.ptr, c->words.len);
    e->entry.header = CP_BYTES(block, header.len);
    e->entry.frame = CP_BYTES(block + header.len, c->frame.len);
    e->entry.words = CP_BYTES(block + header.len + c->frame.len, c->words.len);
    e->entry.sig = CP_BYTES(e->sig, CP_SIG_LEN);
    e->author = author;
    e->is_void = class == CP_CONTENT && below(c, 12) == 0;
    e->withdrawn = class == CP_CONTENT && below(c, 20) == 0;
    if (target != NULL)
        memcpy(e->target, target, CP_ID_LEN);
    p->last[class] = ++c->count;
    cp_buf_clear(&header);
    cp_buf_reset(&c->frame);
    cp_buf_reset(&c->words);
}

/* ---- People ---- */

static void make_person(struct corpus *c, size_t i)
{
    struct corpus_person *p = &c->people[i];
    for (size_t k = 0; k < 3; k++) {
        uint8_t seed[32] = {(uint8_t)i, (uint8_t)(k + 1), 0x5e};
        (void)crypto_sign_seed_keypair(p->key[k], p->secret[k], seed);
    }
    cp_person_id(p->key[1], p->key[2], p->person);
    for (size_t k = 0; k < CP_INCARNATION_LEN; k++)
        p->incarnation[k] = (uint8_t)below(c, 256);
}

/* The JOIN of a person; token NULL: the founder's. */
static void put_join(struct corpus *c, size_t i, const uint8_t *invite, const uint8_t *token, struct cp_buf *out)
{
    struct corpus_person *p = &c->people[i];
    struct cp_join j = {.how = CP_JOIN_NEW, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Zo\xc3\xab")};
    uint8_t sigs[3][CP_SIG_LEN];
    struct cp_buf text;
    if (token != NULL) {
        memcpy(j.plan, c->plan, CP_ID_LEN);
        memcpy(j.invite, invite, CP_ID_LEN);
    }
    memcpy(j.person, p->person, CP_ID_LEN);
    memcpy(j.device_key, p->key[0], CP_KEY_LEN);
    memcpy(j.identity_key, p->key[1], CP_KEY_LEN);
    memcpy(j.recovery_key, p->key[2], CP_KEY_LEN);
    memset(j.curve_key, (int)i + 1, CP_KEY_LEN);
    memset(j.box_key, (int)i + 101, CP_KEY_LEN);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, p->secret[0], sigs[0]);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, p->secret[1], sigs[1]);
    j.device_sig = sigs[0];
    j.identity_sig = sigs[1];
    if (token != NULL) {
        sign(CP_TAG_STATEMENT_TOKEN, j.text, token, sigs[2]);
        j.token_sig = sigs[2];
    }
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

static void add_person(struct corpus *c)
{
    size_t i = c->people_in, by = i == 0 ? 0 : (size_t)below(c, i);
    uint8_t seed[32] = {(uint8_t)i, 0x70}, token[64], key[CP_KEY_LEN];
    struct cp_buf join;
    make_person(c, i);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    (void)crypto_sign_seed_keypair(key, token, seed);
    if (i == 0) {
        put_join(c, i, cp_zero_id, NULL, &join);
        cp_first_write(cp_buf_bytes(&join), &c->frame);
        add_entry(c, 0, CP_CONTROL, NULL);
        memcpy(c->plan, c->entries[0].id, CP_ID_LEN);
    } else {
        cp_invite_write(key, seed, below(c, 6) == 0 ? c->people[by].person : NULL, &c->frame);
        add_entry(c, by, CP_CONTROL, NULL);
        memcpy(c->invites[i], c->entries[c->count - 1].id, CP_ID_LEN);
        put_join(c, i, c->invites[i], token, &join);
        cp_admit_write(c->invites[i], cp_buf_bytes(&join), &c->frame);
        add_entry(c, by, CP_CONTROL, NULL);
    }
    cp_buf_clear(&join);
    c->people_in++;
}

static void add_control(struct corpus *c)
{
    static const uint8_t unknown[] = {0x93, 9, 0x90, 0xa1, 'x'};
    uint8_t secret[CP_KEY_LEN];
    size_t by = (size_t)below(c, c->people_in);
    uint64_t what = below(c, 3);
    if (what == 0 && c->people_in > 1) {
        cp_uninvite_write(c->invites[1 + below(c, c->people_in - 1)], &c->frame);
    } else if (what == 1) {
        for (size_t i = 0; i < sizeof secret; i++)
            secret[i] = (uint8_t)below(c, 256);
        cp_secret_write(secret, &c->frame);
    } else {
        cp_buf_put(&c->frame, unknown, sizeof unknown);
    }
    add_entry(c, by, CP_CONTROL, NULL);
}

/* ---- What is said ---- */

static const uint8_t *some_id(struct corpus *c)
{
    return c->entries[below(c, c->count)].id;
}

static struct cp_bytes some_text(struct corpus *c, const struct cp_field *f)
{
    static const char *const texts[] = {"open", "set aside", "dropped", "yes", "no", "2026-02-28", "2023-02-29", "P2W",
        "cy", "en", "m", "a", "hh", "everyone", "tea on Tuesdays", "caf\xc3\xa9 \xe2\x98\x95", "", "two\nlines",
        "\xe2\x80\xae" "turned", "pence", "minutes", "4", "dont_know", "lead", "home", "online", "always"};
    static char word[64];
    if (f->words != NULL && below(c, 4) != 0) { /* mostly one of its own */
        const char *at = f->words;
        size_t len = 0;
        for (uint64_t skip = below(c, 4); skip > 0 && strchr(at, '|') != NULL; skip--)
            at = strchr(at, '|') + 1;
        while (at[len] != '\0' && at[len] != '|' && len < sizeof word - 1)
            len++;
        memcpy(word, at, len);
        return CP_BYTES((const uint8_t *)word, len);
    }
    return cp_bytes_str(texts[below(c, sizeof texts / sizeof *texts)]);
}

static void put_op(struct corpus *c, const struct cp_field *f)
{
    struct cp_draft *d = &c->draft;
    uint64_t what = below(c, 10);
    if (f->list && what < 2) {
        uint16_t ref = cp_draft_name(d, some_id(c));
        cp_draft_remove(d, f->code, ref, (uint16_t)below(c, 4));
    } else if (f->type == CP_TYPE_COLUMN) {
        uint16_t ref = cp_draft_name(d, some_id(c));
        cp_draft_column(d, ref, what == 9 ? CP_BYTES(NULL, 0) : some_text(c, f));
    } else if (f->type == CP_TYPE_COST) {
        uint16_t ref = cp_draft_name(d, some_id(c));
        cp_draft_link_value(d, f->code, ref, (int64_t)below(c, 2000000000000));
    } else if (cp_field_is_link(f)) {
        uint16_t ref = cp_draft_name(d, f->type == CP_TYPE_PERSON ? c->people[below(c, c->people_in)].person : some_id(c));
        if (what == 9 && !f->list)
            cp_draft_nil(d, f->code, CP_BYTES(NULL, 0));
        else
            cp_draft_link(d, f->code, ref, f->list);
    } else if (cp_field_is_int(f)) {
        cp_draft_int(d, f->code, f->min + (int64_t)below(c, 400) - 2);
    } else if (f->list) {
        cp_draft_add_text(d, f->code, some_text(c, f));
    } else if (what == 9) {
        cp_draft_nil(d, f->code, CP_BYTES(NULL, 0));
    } else {
        struct cp_bytes lang = f->type == CP_TYPE_TEXT && what < 2 ? cp_bytes_str("cy") : CP_BYTES(NULL, 0);
        cp_draft_text(d, f->code, lang, some_text(c, f));
    }
}

static void put_ops(struct corpus *c, enum cp_record on)
{
    size_t count;
    const struct cp_field *fields = cp_fields(&count);
    uint64_t wanted = 1 + below(c, 4);
    if (below(c, 2) == 0 && cp_record_is_item(on))
        put_op(c, cp_field_by_code(below(c, 3) == 0 ? CP_FIELD_STATE : CP_FIELD_TEXT));
    for (uint64_t tries = 0; tries < 400 && wanted > 0; tries++) {
        const struct cp_field *f = &fields[below(c, count)];
        if (on != CP_RECORD_COUNT && (f->on >> on & 1U) == 0)
            continue;
        put_op(c, f);
        wanted--;
    }
}

/* The item that some earlier entry is or touches; the entry itself where there is none. */
static const uint8_t *some_item(struct corpus *c)
{
    for (int tries = 0; tries < 30; tries++) {
        size_t window = c->count < 600 ? c->count : 600;
        const struct corpus_entry *e = &c->entries[c->count - 1 - below(c, window)];
        if (memcmp(e->target, e->id, CP_ID_LEN) == 0)
            return e->id;
    }
    return some_id(c);
}

/* Names as replaced some of the last entries that touch the same. */
static void see(struct corpus *c, const uint8_t *target)
{
    size_t seen = 0;
    for (size_t back = 1; back < 700 && back < c->count && seen < 6; back++) {
        const struct corpus_entry *e = &c->entries[c->count - back];
        if (memcmp(e->target, target, CP_ID_LEN) != 0)
            continue;
        seen++;
        if (below(c, 3) != 0)
            cp_draft_replace(&c->draft, e->id);
    }
}

static void write_bare(struct corpus *c, uint64_t kind)
{
    uint8_t bytes[48];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)below(c, 256);
    if (kind == CP_KIND_COLUMN)
        cp_draft_value(&c->draft, cp_bytes_str("Success"), true);
    else
        cp_draft_value(&c->draft, CP_BYTES(bytes, 1 + below(c, sizeof bytes)), false);
}

static void add_content(struct corpus *c)
{
    static const uint8_t unknown[] = {0x93, 0xcd, 0x03, 0xe7, 0x90, 0xc0};
    static const uint64_t kinds[] = {CP_KIND_PLAN, CP_KIND_PERSON, CP_KIND_NOTE, CP_KIND_RECEIPT, CP_KIND_COLUMN,
                                     CP_KIND_PART, CP_KIND_VERSION, CP_KIND_ANSWER};
    uint64_t what = below(c, 100), kind = CP_KIND_SET, subkind = 0;
    size_t by = (size_t)below(c, c->people_in);
    uint8_t salt[CP_SALT_LEN], target[CP_ID_LEN] = {0};
    enum cp_record on = CP_RECORD_COUNT;
    if (what < 25)
        kind = CP_KIND_ITEM;
    else if (what >= 70)
        kind = what < 85 ? CP_KIND_VIEW : kinds[what % 8];
    for (size_t i = 0; i < sizeof salt; i++)
        salt[i] = (uint8_t)below(c, 256);
    if (kind == CP_KIND_ITEM)
        subkind = CP_RECORD_ITEM_FIRST + below(c, CP_RECORD_ITEM_LAST - CP_RECORD_ITEM_FIRST + 1);
    else if (kind == CP_KIND_VIEW || kind == CP_KIND_NOTE)
        subkind = 1 + below(c, 7);
    if (kind == CP_KIND_PLAN)
        memcpy(target, c->plan, CP_ID_LEN);
    else if (kind == CP_KIND_PERSON)
        memcpy(target, c->people[below(c, 5) == 0 ? below(c, c->people_in) : by].person, CP_ID_LEN);
    else if (cp_kind_has_target(kind))
        memcpy(target, some_item(c), CP_ID_LEN);
    cp_draft_init(&c->draft, test_mem(), kind, subkind, cp_kind_has_target(kind) ? target : NULL);
    if (kind == CP_KIND_ITEM)
        on = (enum cp_record)subkind;
    else if (kind == CP_KIND_PLAN || kind == CP_KIND_PERSON)
        on = kind == CP_KIND_PLAN ? CP_RECORD_PLAN : CP_RECORD_PERSON;
    else if (kind == CP_KIND_VIEW || kind == CP_KIND_NOTE || kind == CP_KIND_RECEIPT)
        on = kind == CP_KIND_VIEW ? CP_RECORD_VIEW : kind == CP_KIND_NOTE ? CP_RECORD_NOTE : CP_RECORD_RECEIPT;
    if (kind != CP_KIND_ITEM && memcmp(target, cp_zero_id, CP_ID_LEN) != 0)
        see(c, target);
    if (kind == CP_KIND_COLUMN || kind == CP_KIND_PART || kind == CP_KIND_ANSWER || kind == CP_KIND_VERSION)
        write_bare(c, kind);
    else
        put_ops(c, on);
    assert(cp_draft_write(&c->draft, salt, &c->frame, &c->words) == CP_OK);
    cp_draft_clear(&c->draft);
    if (what == 99) { /* made with a newer coplan */
        cp_buf_reset(&c->frame);
        cp_buf_put(&c->frame, unknown, sizeof unknown);
    }
    add_entry(c, by, CP_CONTENT, memcmp(target, cp_zero_id, CP_ID_LEN) != 0 ? target : NULL);
    if (kind == CP_KIND_ITEM && what != 99)
        memcpy(c->entries[c->count - 1].target, c->entries[c->count - 1].id, CP_ID_LEN);
}

void corpus_make(struct corpus *c, uint64_t seed, size_t max)
{
    *c = (struct corpus){.seed = seed, .max = max};
    cp_buf_init(&c->frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&c->words, test_mem(), CP_ENTRY_MAX);
    c->entries = calloc(max, sizeof *c->entries);
    assert(c->entries != NULL && max > 2 * CORPUS_PEOPLE);
    while (c->count < max) {
        uint64_t what = below(c, 60);
        if (c->people_in < 3 || (what == 0 && c->people_in < CORPUS_PEOPLE && c->count + 2 <= max))
            add_person(c);
        else if (what == 1)
            add_control(c);
        else
            add_content(c);
        if (what == 2 && c->count > 100) { /* a fork: this device goes on from an earlier place */
            struct corpus_person *p = &c->people[below(c, c->people_in)];
            size_t at = p->last[CP_CONTENT];
            for (size_t i = at; i > 1 && at != 0; i--)
                if (memcmp(c->entries[i - 2].id, c->entries[at - 1].header.prev, CP_ID_LEN) == 0)
                    p->last[CP_CONTENT] = i - 1;
        }
    }
}

void corpus_clear(struct corpus *c)
{
    for (size_t i = 0; i < c->count; i++)
        free((void *)(uintptr_t)c->entries[i].entry.header.ptr);
    free(c->entries);
    cp_buf_clear(&c->frame);
    cp_buf_clear(&c->words);
}

static enum cp_err outgoing(void *ctx, uint64_t row, struct cp_outgoing *out)
{
    struct corpus *c = ctx;
    const struct corpus_entry *e = &c->entries[row];
    out->entry = e->entry;
    memcpy(out->id, e->id, CP_ID_LEN);
    memcpy(out->prev, e->header.prev, CP_ID_LEN);
    return CP_OK;
}

struct cp_entry_source corpus_source(struct corpus *c)
{
    return (struct cp_entry_source){.entry = outgoing, .ctx = c};
}
