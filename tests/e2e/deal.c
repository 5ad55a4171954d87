/*
 * Deals the entries of some homes into another in an order of chance: one at a time, each as soon as what it rests on
 * is there, and no sooner. That is every order in which a network could ever bring them, and more: no meeting splits
 * them so fine. All of the homes' daemons are stopped, and their homes have no passphrase.
 *
 *   deal SEED TARGET SOURCE...
 *
 * TARGET is a home that is in the plan (a copy of one made early); the SOURCEs are the homes of everybody who wrote, since
 * only its author holds the signature of every entry. Prints how many entries were new to TARGET.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper.h"
#include "daemon/memory.h"
#include "daemon/store.h"

struct card {
    uint8_t id[CP_ID_LEN];
    struct cp_header header;
    struct cp_outgoing out;       /* its slices are copies that last as long as the program */
    uint8_t withdrawn[CP_ID_LEN]; /* the WITHDRAW by which its words went; zeros: none */
    bool dealt;
};
static struct card *cards;
static size_t cards_count, cards_cap;
static uint64_t chance;

static void must(enum cp_err err, const char *what)
{
    if (err == CP_OK)
        return;
    (void)fprintf(stderr, "deal: %s: %s\n", what, cp_err_word(err));
    exit(3);
}

static uint64_t draw(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

static struct card *find(const uint8_t *id)
{
    for (size_t i = 0; i < cards_count; i++)
        if (memcmp(cards[i].id, id, CP_ID_LEN) == 0)
            return &cards[i];
    return NULL;
}

static struct cp_bytes copy(struct cp_bytes b)
{
    uint8_t *kept = b.ptr == NULL ? NULL : malloc(b.len + 1);
    if (kept == NULL)
        return CP_BYTES(NULL, b.len);
    memcpy(kept, b.ptr, b.len);
    return CP_BYTES(kept, b.len);
}

static void drop(struct cp_bytes b)
{
    uint8_t *kept = NULL;
    memcpy(&kept, &b.ptr, sizeof kept); /* a copy of ours, lent out as const */
    free(kept);
}

static void card_clear(struct card *c)
{
    drop(c->out.entry.header);
    drop(c->out.entry.frame);
    drop(c->out.entry.words);
    drop(c->out.entry.words_hash);
    drop(c->out.entry.sig);
}

/* ---- Picking up ---- */

struct home {
    struct cp_keeper *k;
    struct cp_store *s;
    uint8_t plan[CP_ID_LEN];
};

static void home_open(struct home *h, const char *folder)
{
    char path[4096];
    struct cp_store_options options = {.mem = cp_memory()};
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    must(cp_keeper_open(&h->k, path), "keys");
    must(cp_keeper_unlock_plain(h->k), "unlock");
    (void)snprintf(path, sizeof path, "%s/plan.db", folder);
    must(cp_store_open(&h->s, path, &options), "store");
    must(cp_store_unlock(h->s, cp_keeper_storage_key(h->k)), "unlock");
    must(cp_store_plans(h->s, &plans, &count), "plans");
    must(count == 1 ? CP_OK : CP_ERR_NO_PLAN, "one plan");
    memcpy(h->plan, plans[0].id, CP_ID_LEN);
    cp_free(cp_memory(), plans);
}

static void home_close(struct home *h)
{
    cp_store_close(h->s);
    cp_keeper_lock(h->k);
    cp_keeper_free(h->k);
}

struct row {
    uint64_t row;
    uint8_t id[CP_ID_LEN];
};
struct rows {
    struct row *list;
    size_t count, cap;
};

static bool note_row(void *ctx, const struct cp_entry_info *info)
{
    struct rows *r = ctx;
    void *list = r->list;
    must(cp_grow(cp_memory(), &list, &r->cap, r->count + 1, SIZE_MAX, sizeof *r->list), "rows");
    r->list = list;
    r->list[r->count].row = info->row;
    memcpy(r->list[r->count++].id, info->id, CP_ID_LEN);
    return true;
}

static void pick_up(const struct home *h, const struct rows *rows, size_t at)
{
    const struct cp_replica *from = cp_store_replica(h->s);
    struct cp_outgoing out;
    must(from->source.entry(from->source.ctx, rows->list[at].row, &out), "entry");
    struct card *c = find(out.id);
    if (c == NULL) {
        void *list = cards;
        must(cp_grow(cp_memory(), &list, &cards_cap, cards_count + 1, SIZE_MAX, sizeof *cards), "cards");
        cards = list;
        c = &cards[cards_count++];
        *c = (struct card){.dealt = false};
    } else if (c->out.entry.sig.len == CP_SIG_LEN) {
        return;
    } else {
        card_clear(c);
    }
    memcpy(c->id, out.id, CP_ID_LEN);
    must(cp_header_decode(out.entry.header, &c->header), "header");
    c->out = out;
    c->out.gone_row = 0;
    c->out.entry.header = copy(out.entry.header);
    c->out.entry.frame = copy(out.entry.frame);
    c->out.entry.words = copy(out.entry.words);
    c->out.entry.words_hash = copy(out.entry.words_hash);
    c->out.entry.sig = copy(out.entry.sig);
    for (size_t i = 0; out.gone_row != 0 && i < rows->count; i++)
        if (rows->list[i].row == out.gone_row)
            memcpy(c->withdrawn, rows->list[i].id, CP_ID_LEN);
}

static void pick_up_all(const char *folder)
{
    struct home h;
    struct rows rows = {.count = 0};
    home_open(&h, folder);
    must(cp_store_each(h.s, h.plan, 0, true, note_row, &rows), "each");
    for (size_t i = 0; i < rows.count; i++)
        pick_up(&h, &rows, i);
    cp_free(cp_memory(), rows.list);
    home_close(&h);
}

/* ---- Dealing ---- */

static bool is_dealt(const uint8_t *id)
{
    const struct card *c = sodium_is_zero(id, CP_ID_LEN) ? NULL : find(id);
    return c == NULL || c->dealt;
}

static bool is_ready(const struct card *c)
{
    bool ready = !c->dealt && is_dealt(c->header.prev) && is_dealt(c->withdrawn);
    for (size_t i = 0; ready && i < c->header.parents_count; i++)
        ready = is_dealt(c->header.parents[i]);
    return ready;
}

static enum cp_err one_card(void *ctx, uint64_t row, struct cp_outgoing *out)
{
    (void)ctx;
    *out = cards[row].out;
    return CP_OK;
}

static size_t deal_one(const struct home *to, uint64_t at)
{
    struct cp_buf payload;
    struct cp_chunk chunk;
    struct cp_put_result result;
    struct cp_entry_source from = {.entry = one_card};
    size_t taken = 0;
    cp_buf_init(&payload, cp_memory(), SIZE_MAX / 2);
    must(cp_chunk_build(&from, cp_memory(), &at, 1, &payload, &taken),
         "build (is every author's home named?)");
    must(cp_chunk_read(&chunk, cp_memory(), cp_buf_bytes(&payload), to->plan), "read");
    must(cp_store_put(to->s, to->plan, &chunk, false, &result), "put");
    cards[at].dealt = true;
    cp_chunk_clear(&chunk);
    cp_buf_clear(&payload);
    return result.fresh;
}

/* The next one by chance among those that are ready; every third seed the newest of them, to take one chain to its end
 * before another begins. */
static size_t next_card(bool newest)
{
    size_t ready = 0, found = cards_count;
    for (size_t i = 0; i < cards_count; i++)
        if (is_ready(&cards[i])) {
            ready++;
            if (newest || draw() % ready == 0)
                found = i;
        }
    return found;
}

int main(int argc, char **argv)
{
    struct home to;
    size_t fresh = 0, at = 0;
    char *end = NULL;
    unsigned long seed = argc < 4 ? 0 : strtoul(argv[1], &end, 10);
    if (seed == 0 || end == NULL || *end != '\0' || sodium_init() < 0) {
        (void)fputs("deal SEED TARGET SOURCE...   SEED from 1\n", stderr);
        return 2;
    }
    chance = UINT64_C(0x9e3779b97f4a7c15) * seed;
    for (int i = 3; i < argc; i++)
        pick_up_all(argv[i]);
    home_open(&to, argv[2]);
    for (size_t dealt = 0; dealt < cards_count; dealt++) {
        at = next_card(seed % 3 == 0);
        must(at < cards_count ? CP_OK : CP_ERR_MISSING_PARENT, "an entry rests on one that no home has");
        fresh += deal_one(&to, at);
    }
    home_close(&to);
    for (size_t i = 0; i < cards_count; i++)
        card_clear(&cards[i]);
    cp_free(cp_memory(), cards);
    (void)printf("%zu\n", fresh);
    return 0;
}
