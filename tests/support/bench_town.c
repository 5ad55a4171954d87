/* The workload. See bench_town.h. */
#include "tests/support/bench_town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/bench_tool.h"

/* Codes of the table in proto/kinds.c that have no name in its header. */
enum {
    FIELD_DETAILS = 92,
    FIELD_DUE = 96,
    FIELD_COST_PENCE = 99
};
enum {
    STATE,
    COST,
    DUE,
    LEAD,
    TITLE,
    DESCRIPTION,
    RATING
};

uint32_t town_roll(struct town *t, uint32_t below)
{
    t->dice ^= t->dice << 13;
    t->dice ^= t->dice >> 7;
    t->dice ^= t->dice << 17;
    return (uint32_t)((t->dice >> 20) % below);
}

static const char *const vocabulary[] = {
    "garden", "walk",    "together", "evening",      "bench",  "quiet",  "school",  "children", "neighbours",
    "every",  "week",    "library",  "library room", "tea",    "plants", "street",  "council",  "money",
    "help",   "listen",  "people",   "feel",         "less",   "alone",  "support", "carer",    "family",
    "group",  "Tuesday", "river",    "bus",          "doctor", "talk",   "open",    "safe",     "light",
    "sign",   "cars",    "slow",     "and",          "the",    "with",   "for",     "a",        "to",
    "we",     "can",     "near",     "before",       "after",  "summer"};

/* Words of a length between two bounds. */
struct cp_bytes town_words(struct town *t, char *out, size_t least, size_t most)
{
    size_t want = least + town_roll(t, (uint32_t)(most - least)), at = 0;
    while (at < want) {
        const char *w = vocabulary[town_roll(t, sizeof vocabulary / sizeof *vocabulary)];
        size_t len = strlen(w);
        memcpy(out + at, w, len);
        at += len;
        out[at++] = ' ';
    }
    return CP_BYTES((const uint8_t *)out, want);
}

/* ---- People ---- */

size_t town_size = TOWN_PEOPLE;

void town_people(struct town_person *people)
{
    for (size_t i = 0; i < town_size; i++) {
        uint8_t unused[64];
        (void)crypto_sign_keypair(people[i].device, people[i].device_secret);
        (void)crypto_sign_keypair(people[i].identity, people[i].identity_secret);
        (void)crypto_sign_keypair(people[i].recovery, unused);
        cp_person_id(people[i].identity, people[i].recovery, people[i].person);
    }
}

static void sign_tagged(enum cp_tag tag, struct cp_bytes message, const uint8_t *secret, uint8_t *sig)
{
    struct cp_buf input;
    cp_buf_init(&input, &bench_mem, CP_ENTRY_MAX);
    cp_sign_input(tag, message, &input);
    bench_must(cp_buf_err(&input), "sign");
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
}

static enum cp_err sign_entry(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                              struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN])
{
    const struct town *t = ctx;
    if (t->keeper != NULL && memcmp(device, t->founder, CP_KEY_LEN) == 0)
        return cp_keeper_sign_entry(t->keeper, device, plan, header, id, sig);
    for (size_t i = 0; i < town_size; i++) {
        if (memcmp(t->people[i].device, device, CP_KEY_LEN) != 0)
            continue;
        cp_entry_id(plan, header, id);
        sign_tagged(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), t->people[i].device_secret, sig);
        return CP_OK;
    }
    return CP_ERR_NOT_FOUND;
}

static struct cp_signer signer(struct town *t)
{
    return (struct cp_signer){sign_entry, t};
}

/* The join array of person i. token NULL: a founder. */
static void write_join(const struct town *t, size_t i, const uint8_t machine[CP_KEY_LEN],
                       const uint8_t *invite, const uint8_t *token, struct cp_buf *out)
{
    const struct town_person *p = &t->people[i];
    struct cp_join j = {.how = CP_JOIN_NEW};
    char name[32];
    uint8_t by_token[CP_SIG_LEN], by_device[CP_SIG_LEN], by_identity[CP_SIG_LEN];
    struct cp_buf text;
    if (invite != NULL) {
        memcpy(j.plan, t->plan, CP_ID_LEN);
        memcpy(j.invite, invite, CP_ID_LEN);
    }
    memcpy(j.person, p->person, CP_ID_LEN);
    memcpy(j.identity_key, p->identity, CP_KEY_LEN);
    memcpy(j.recovery_key, p->recovery, CP_KEY_LEN);
    memcpy(j.device_key, p->device, CP_KEY_LEN);
    memcpy(j.curve_key, machine, CP_KEY_LEN);
    memcpy(j.box_key, machine, CP_KEY_LEN);
    (void)snprintf(name, sizeof name, "Neighbour %zu", i);
    j.name = cp_bytes_str(name);
    j.device_name = cp_bytes_str("phone");
    cp_buf_init(&text, &bench_mem, CP_JOIN_MAX);
    cp_join_text(&j, &text);
    bench_must(cp_buf_err(&text), "join text");
    j.text = cp_buf_bytes(&text);
    sign_tagged(CP_TAG_STATEMENT_DEVICE, j.text, p->device_secret, by_device);
    sign_tagged(CP_TAG_STATEMENT_IDENTITY, j.text, p->identity_secret, by_identity);
    j.device_sig = by_device;
    j.identity_sig = by_identity;
    if (token != NULL) {
        uint8_t seed[32], key[CP_KEY_LEN], secret[64];
        cp_hash2(CP_TAG_TOKEN_SIGN, CP_BYTES(token, CP_TOKEN_LEN), CP_BYTES(NULL, 0), seed, sizeof seed);
        (void)crypto_sign_seed_keypair(key, secret, seed);
        sign_tagged(CP_TAG_STATEMENT_TOKEN, j.text, secret, by_token);
        j.token_sig = by_token;
    }
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

/* ---- The store ---- */

struct cp_store *town_store(const char *path)
{
    struct cp_store *s = NULL;
    struct cp_store_options opt = {.mem = &bench_mem, .machine_id = "bench"};
    static const uint8_t key[32] = {7};
    bench_must(cp_store_open(&s, path, &opt), "open a store");
    bench_must(cp_store_unlock(s, key), "unlock a store");
    return s;
}

static void control(struct town *t, const struct cp_buf *frame, uint8_t id[CP_ID_LEN])
{
    struct cp_signer by = signer(t);
    bench_must(cp_buf_err(frame), "control frame");
    bench_must(cp_store_append(t->store, &by, t->plan, t->founder, CP_CONTROL, cp_buf_bytes(frame),
                               CP_BYTES(NULL, 0), t->time_ms++, id),
               "append a control entry");
}

void town_admit(struct town *t, size_t from, const uint8_t (*machine)[CP_KEY_LEN])
{
    struct cp_buf frame, join;
    cp_buf_init(&frame, &bench_mem, CP_ENTRY_MAX);
    cp_buf_init(&join, &bench_mem, CP_ENTRY_MAX);
    bench_must(cp_store_begin(t->store), "begin");
    for (size_t i = from; i < town_size; i++) {
        uint8_t token[CP_TOKEN_LEN], key[CP_KEY_LEN], curve[CP_KEY_LEN], invite[CP_ID_LEN], id[CP_ID_LEN];
        randombytes_buf(token, sizeof token);
        cp_token_public(token, key, curve);
        cp_buf_reset(&frame);
        cp_invite_write(key, curve, NULL, &frame);
        control(t, &frame, invite);
        cp_buf_reset(&join);
        write_join(t, i, machine[i], invite, token, &join);
        cp_buf_reset(&frame);
        cp_admit_write(invite, cp_buf_bytes(&join), &frame);
        control(t, &frame, id);
    }
    bench_must(cp_store_commit(t->store), "commit");
    cp_buf_clear(&frame);
    cp_buf_clear(&join);
}

void town_found(struct town *t, const uint8_t (*machine)[CP_KEY_LEN])
{
    struct cp_buf frame, join;
    struct cp_signer by = signer(t);
    uint8_t secret[CP_KEY_LEN], id[CP_ID_LEN];
    cp_buf_init(&frame, &bench_mem, CP_ENTRY_MAX);
    cp_buf_init(&join, &bench_mem, CP_ENTRY_MAX);
    memcpy(t->founder, t->people[0].device, CP_KEY_LEN);
    write_join(t, 0, machine[0], NULL, NULL, &join);
    cp_first_write(cp_buf_bytes(&join), &frame);
    bench_must(cp_buf_err(&frame), "first frame");
    bench_must(cp_store_begin(t->store), "begin");
    bench_must(cp_store_found(t->store, &by, t->founder, cp_buf_bytes(&frame), t->time_ms++, t->plan),
               "found a plan");
    cp_buf_reset(&frame);
    randombytes_buf(secret, sizeof secret);
    cp_secret_write(secret, &frame);
    control(t, &frame, id);
    bench_must(cp_store_commit(t->store), "commit");
    cp_buf_clear(&frame);
    cp_buf_clear(&join);
    town_admit(t, 1, machine);
}

/* ---- Operations ---- */

static void replace(struct cp_draft *d, const uint8_t last[CP_ID_LEN])
{
    if (memcmp(last, cp_zero_id, CP_ID_LEN) != 0)
        cp_draft_replace(d, last);
}

uint64_t town_append(struct town *t, const struct cp_draft *d, size_t author, uint8_t id[CP_ID_LEN])
{
    struct cp_buf frame, said;
    struct cp_signer by = signer(t);
    uint8_t salt[CP_SALT_LEN];
    cp_buf_init(&frame, &bench_mem, CP_ENTRY_MAX);
    cp_buf_init(&said, &bench_mem, CP_ENTRY_MAX);
    randombytes_buf(salt, sizeof salt);
    bench_must(cp_draft_write(d, salt, &frame, &said), "write a draft");
    bench_must(cp_store_append(t->store, &by, t->plan, t->people[author].device, CP_CONTENT,
                               cp_buf_bytes(&frame), cp_buf_bytes(&said), t->time_ms++, id),
               "append an entry");
    uint64_t len = frame.len + said.len;
    cp_buf_clear(&frame);
    cp_buf_clear(&said);
    return len;
}

static uint64_t new_item(struct town *t, struct cp_draft *d, size_t author)
{
    char text[1024];
    if (t->items_count == t->items_cap) {
        t->items_cap = t->items_cap ? 2 * t->items_cap : 1024;
        t->items = realloc(t->items, t->items_cap * sizeof *t->items);
        if (t->items == NULL)
            bench_die("items", "no memory");
    }
    struct town_item *item = &t->items[t->items_count++];
    memset(item, 0, sizeof *item);
    cp_draft_init(d, &bench_mem, CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), town_words(t, text, 40, 80));
    cp_draft_text(d, FIELD_DETAILS, CP_BYTES(NULL, 0), town_words(t, text, 200, 600));
    uint64_t len = town_append(t, d, author, item->id);
    memcpy(item->last[TITLE], item->id, CP_ID_LEN);
    memcpy(item->last[DESCRIPTION], item->id, CP_ID_LEN);
    cp_draft_clear(d);
    return len;
}

static uint64_t comment(struct town *t, struct cp_draft *d, size_t author)
{
    char text[1024];
    uint8_t id[CP_ID_LEN];
    cp_draft_init(d, &bench_mem, CP_KIND_NOTE, cp_note_of_word(cp_bytes_str("comment")),
                  t->items[town_roll(t, (uint32_t)t->items_count)].id);
    cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), town_words(t, text, 60, 300));
    uint64_t len = town_append(t, d, author, id);
    cp_draft_clear(d);
    return len;
}

static uint64_t edit(struct town *t, struct cp_draft *d, size_t author, unsigned field)
{
    char text[1024];
    uint8_t id[CP_ID_LEN];
    struct town_item *item = &t->items[town_roll(t, (uint32_t)t->items_count)];
    struct cp_bytes none = CP_BYTES(NULL, 0);
    bool rating = field == RATING;
    cp_draft_init(d, &bench_mem, rating ? CP_KIND_VIEW : CP_KIND_SET,
                  rating ? cp_measure_of_word(cp_bytes_str("fairness")) : 0, item->id);
    if (!rating || item->rated_by == author)
        replace(d, item->last[field]);
    switch (field) {
    case STATE:
        cp_draft_text(d, CP_FIELD_STATE, none, cp_bytes_str(town_roll(t, 4) == 0 ? "dropped" : "open"));
        break;
    case COST:
        cp_draft_int(d, FIELD_COST_PENCE, 100 * (int64_t)town_roll(t, 5000));
        break;
    case DUE:
        (void)snprintf(text, sizeof text, "2027-%02u-%02u", 1 + town_roll(t, 12), 1 + town_roll(t, 28));
        cp_draft_text(d, FIELD_DUE, none, cp_bytes_str(text));
        break;
    case LEAD:
        cp_draft_link(d, CP_FIELD_LEAD, cp_draft_name(d, t->people[town_roll(t, (uint32_t)town_size)].person), false);
        break;
    case TITLE:
        cp_draft_text(d, CP_FIELD_TEXT, none, town_words(t, text, 40, 80));
        break;
    case DESCRIPTION:
        cp_draft_text(d, FIELD_DETAILS, none, town_words(t, text, 200, 600));
        break;
    default:
        (void)snprintf(text, sizeof text, "%u", town_roll(t, 5));
        cp_draft_text(d, CP_FIELD_VALUE, none, cp_bytes_str(text));
        break;
    }
    uint64_t len = town_append(t, d, author, id);
    memcpy(item->last[field], id, CP_ID_LEN);
    if (rating)
        item->rated_by = author;
    cp_draft_clear(d);
    return len;
}

uint64_t town_write(struct town *t, size_t count, size_t batch)
{
    struct cp_draft *d = malloc(sizeof *d);
    uint64_t bytes = 0;
    if (d == NULL)
        bench_die("draft", "no memory");
    for (size_t i = 0; i < count; i++) {
        size_t author = t->first + town_roll(t, (uint32_t)t->count);
        uint32_t what = town_roll(t, 100);
        if (i % batch == 0)
            bench_must(cp_store_begin(t->store), "begin");
        if (t->items_count < 20 || what < 10)
            bytes += new_item(t, d, author);
        else if (what < 30)
            bytes += comment(t, d, author);
        else
            bytes += edit(t, d, author, town_roll(t, TOWN_FIELDS));
        if (i % batch == batch - 1 || i + 1 == count)
            bench_must(cp_store_commit(t->store), "commit");
    }
    free(d);
    return bytes;
}

void town_edit(struct town *t)
{
    static struct cp_draft d; /* large; one thread */
    bench_must(cp_store_begin(t->store), "begin");
    (void)edit(t, &d, t->first, DUE);
    bench_must(cp_store_commit(t->store), "commit");
}

void town_check(struct town *t)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    bench_must(cp_store_plans(t->store, &rows, &count), "plans");
    for (size_t i = 0; i < count; i++)
        if (rows[i].newer > 0)
            bench_die("workload", "entries without effect: the workload does not fit the tables of kinds");
    cp_free(&bench_mem, rows);
}

void town_share(struct town *to, const struct town *from)
{
    free(to->items);
    to->items = malloc((from->items_count + 1) * sizeof *to->items);
    if (to->items == NULL)
        bench_die("items", "no memory");
    memcpy(to->items, from->items, from->items_count * sizeof *to->items);
    to->items_count = from->items_count;
    to->items_cap = from->items_count + 1;
}

void town_clear(struct town *t)
{
    cp_store_close(t->store);
    free(t->items);
    t->store = NULL;
    t->items = NULL;
    t->items_count = t->items_cap = 0;
}

/* ---- A real home ---- */

void town_enter_home(struct town *t, const char *home, const uint8_t machine[CP_KEY_LEN])
{
    char path[4096];
    static uint8_t where[TOWN_MOST][CP_KEY_LEN], box[CP_KEY_LEN];
    struct cp_plan_row *plans = NULL;
    size_t plans_count = 0;
    struct cp_store_options opt = {.mem = &bench_mem};
    (void)snprintf(path, sizeof path, "%s/keys", home);
    bench_must(cp_keeper_open(&t->keeper, path), "open the keys of a home");
    bench_must(cp_keeper_unlock_plain(t->keeper), "unlock the keys of a home");
    (void)snprintf(path, sizeof path, "%s/plan.db", home);
    bench_must(cp_store_open(&t->store, path, &opt), "open the store of a home");
    bench_must(cp_store_unlock(t->store, cp_keeper_storage_key(t->keeper)), "unlock the store of a home");
    bench_must(cp_store_plans(t->store, &plans, &plans_count), "plans");
    if (plans_count != 1)
        bench_die(home, "holds no plan");
    memcpy(t->plan, plans[0].id, CP_ID_LEN);
    cp_free(&bench_mem, plans);
    memcpy(t->founder, cp_keeper_person(t->keeper, 0)->device_key, CP_KEY_LEN);
    cp_keeper_machine(t->keeper, where[0], box);
    for (size_t i = 1; i < town_size; i++)
        memcpy(where[i], machine, CP_KEY_LEN);
    town_admit(t, 1, (const uint8_t(*)[CP_KEY_LEN])where);
}

void town_leave_home(struct town *t)
{
    cp_keeper_lock(t->keeper);
    cp_keeper_free(t->keeper);
    t->keeper = NULL;
    town_clear(t);
}
