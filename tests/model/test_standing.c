/*
 * The differential: what cp_members_fold says of random histories against the reference (standing.h), in random orders of
 * arrival, after some of the entries and after all.
 *
 *   build/dev/tests/model/standing [COUNT [FROM]]      histories FROM to FROM + COUNT - 1; 2000 from 1
 *   build/dev/tests/model/standing 1 SEED tell         one of them in words
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/encode.h"
#include "tests/model/history.h"
#include "tests/support/heap.h"

static struct st_history h;
static struct encoded enc;
static struct st_state want;
static struct cp_members got;
static char wrong[256];
static uint64_t counts[HISTORY_COUNTS], entries_judged, folds, sum_void, sum_stand, sum_admitted;

static bool has(st_set set, int i)
{
    return i >= 0 && (set >> i & 1) != 0;
}

static int count_of(st_set set)
{
    int count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* Notes the first difference. */
static void same(bool ok, const char *what, int at, int also)
{
    if (!ok && wrong[0] == '\0')
        (void)snprintf(wrong, sizeof wrong, "plan %d of %d, %d entries: %s (%d, %d)", want.plan, h.plans_count,
                       count_of(want.held), what, at, also);
}

/* ---- To bytes ---- */

/* Ids are made up: the fold takes them as they are. */
static void encode_all(uint64_t seed)
{
    encode_begin(&enc);
    for (int i = 0; i < h.count; i++) {
        uint64_t state = seed * 64 + (uint64_t)i, order = (uint64_t)h.entries[i].order;
        for (size_t k = 0; k < CP_ID_LEN; k += 8) {
            uint64_t v = test_random(&state);
            memcpy(enc.ids[i] + k, &v, 8);
        }
        for (int k = 0; k < 8; k++) /* as they are ordered */
            enc.ids[i][k] = (uint8_t)(order >> (56 - 8 * k));
    }
    for (int p = 0; p < h.plans_count; p++)
        memcpy(enc.plans[p], enc.ids[h.first[p]], CP_ID_LEN);
    for (int i = 0; i < h.count; i++)
        encode_frame(&enc, &h, i);
}

/* As the store hands it over: what rule R1 does not take as an admission has no say. */
static struct cp_control_entry entry_of(int plan, int at, bool judged)
{
    const struct st_entry *e = &h.entries[at];
    struct cp_control_entry out = {.lamport = (uint64_t)e->lamport, .seq = (uint64_t)e->seq, .row = (uint64_t)at,
                                    .depth = (unsigned)(plan - e->plan)};
    bool admits = has(h.admits, at);
    memcpy(out.id, enc.ids[at], CP_ID_LEN);
    memcpy(out.device, encode_device(e->device), CP_KEY_LEN);
    encode_incarnation(&h, e->chain, out.incarnation);
    if (e->prev != ST_NONE)
        memcpy(out.prev, enc.ids[e->prev], CP_ID_LEN);
    if (e->kind != ST_ADMIT || admits)
        out.frame = cp_buf_bytes(&enc.frames[at]);
    out.judged = judged && (admits || (e->kind == ST_SAYS && e->good));
    return out;
}

static enum cp_err lies(void *ctx, const struct cp_control_entry *older, const struct cp_control_entry *newer, bool *yes)
{
    (void)ctx;
    *yes = has(h.entries[newer->row].past, (int)older->row);
    return CP_OK;
}

/* ---- Compared ---- */

static void compare_devices(void)
{
    same(got.count == (size_t)count_of(want.admitted), "number of devices", (int)got.count, count_of(want.admitted));
    for (int d = 0; d < ST_DEVICES; d++) {
        const struct cp_member_device *m = cp_members_find(&got, encode_device(d));
        same((m != NULL) == has(want.admitted, d), "is the device known", d, 0);
        if (m == NULL || want.lowest[d] == ST_NONE)
            continue;
        const struct st_join *j = &h.joins[h.entries[want.lowest[d]].join];
        int key = want.in_force[j->person] == ST_NONE ? j->key : want.in_force[j->person];
        same(memcmp(m->admission, enc.ids[want.lowest[d]], CP_ID_LEN) == 0, "its lowest admission", d, want.lowest[d]);
        same(memcmp(m->person, encode_person(j->person), CP_ID_LEN) == 0, "whose it is", d, j->person);
        same(memcmp(m->identity_key, encode_identity(key), CP_KEY_LEN) == 0, "its person's key", d, key);
        same(m->stands == has(want.stands, d), "does it stand", d, m->stands);
        same(m->waits == has(want.waits, d), "does it wait", d, m->waits);
        same(m->revoked == has(want.lost, d), "was it reported lost", d, m->revoked);
        same(m->left == has(want.left, d), "did its person leave", d, m->left);
        same(m->token_shared == has(want.shared, d), "did two come by its token", d, m->token_shared);
        same(cp_member_is_in(m) == has(want.in, d), "is it in", d, cp_member_is_in(m));
        same(cp_member_may_stay(m) == (has(want.stands | want.waits, d) && !has(want.lost, d)), "may it stay", d, 0);
    }
}

static bool was_admitted(int person)
{
    for (int i = 0; i < h.count; i++)
        if (has(want.admissions, i) && h.joins[h.entries[i].join].person == person)
            return true;
    return false;
}

static void compare_keys(uint64_t *seed)
{
    for (int p = 0; p < ST_PERSONS; p++) {
        if (!was_admitted(p))
            continue;
        for (int k = 0; k < h.keys_count; k++) {
            const struct cp_member_key *m = cp_members_key(&got, encode_person(p), encode_identity(k));
            bool in_force = want.in_force[p] == k, ended = has(want.ended_keys[p], k);
            same(m != NULL || !(in_force || ended), "is the key known", p, k);
            same(m == NULL || (m->in_force == in_force && m->replaced == ended), "how the key stands", p, k);
        }
    }
    for (int n = 0; n < 8 && h.statements_count > 0; n++) {
        int s = (int)test_below(seed, (uint64_t)h.statements_count), p = h.statements[s].person;
        int k = n % 2 == 0 && h.statements[s].key != ST_NONE ? h.statements[s].key
                                                              : (int)test_below(seed, (uint64_t)h.keys_count);
        same(cp_members_says(&got, encode_person(p), encode_identity(k), enc.statement_ids[s]) ==
                 st_says_counts(&h, &want, p, k, s),
             "does a statement by this key count", s, k);
    }
}

static void compare_cuts(void)
{
    size_t cuts = 0;
    for (int s = 0; s < h.statements_count; s++)
        for (int d = 0; d < ST_DEVICES; d++) {
            if (!st_in_force(&h, &want, s, d))
                continue;
            bool found = false;
            for (size_t i = 0; i < got.cuts_count && !found; i++)
                found = memcmp(got.cuts[i].statement, enc.statement_ids[s], CP_ID_LEN) == 0 &&
                        memcmp(got.cuts[i].device, encode_device(d), CP_KEY_LEN) == 0 &&
                        memcmp(got.cuts[i].person, encode_person(h.statements[s].person), CP_ID_LEN) == 0 &&
                        got.cuts[i].by_recovery == (h.statements[s].key == ST_NONE);
            same(found, "a cut in force", s, d);
            cuts++;
        }
    same(got.cuts_count == cuts, "number of cuts", (int)got.cuts_count, (int)cuts);
    same(got.changes_count == (size_t)count_of(want.keys_said), "number of KEYs", (int)got.changes_count, 0);
}

static void compare_joins(void)
{
    st_set joins = 0;
    for (int i = 0; i < h.count; i++)
        if (has(want.admissions, i))
            joins |= ST_BIT(h.entries[i].join);
    same(got.joins_count == (size_t)count_of(joins), "number of JOINs", (int)got.joins_count, count_of(joins));
    for (int j = 0; j < h.joins_count; j++)
        for (size_t i = 0; has(joins, j) && i < got.joins_count; i++)
            if (memcmp(got.joins[i].join, enc.join_ids[j], CP_ID_LEN) == 0)
                same(got.joins[i].ended == has(want.ended, j), "did a LEAVE end the JOIN", j, got.joins[i].ended);
}

static void compare_named(int plan)
{
    st_set people = plan == 0 ? 0 : h.entries[h.first[plan]].people;
    same(got.named_count == (size_t)count_of(people), "number of people named", (int)got.named_count, count_of(people));
    for (int p = 0; p < ST_PERSONS; p++) {
        const struct cp_member_named *n = cp_members_named(&got, encode_person(p));
        same((n != NULL) == has(people, p), "is the person named", p, 0);
        same(n == NULL || n->follows == has(want.follows, p), "does the person follow", p, 0);
    }
}

static bool compare(int plan, const int *order, int count, uint64_t *seed)
{
    static struct cp_control_entry entries[ST_ENTRIES];
    const struct cp_control_past past = {.lies = lies};
    st_set held = 0;
    for (int i = 0; i < count; i++) {
        held |= ST_BIT(order[i]);
        entries[i] = entry_of(plan, order[i], test_below(seed, 8) != 0); /* mostly judged before, as by the store */
    }
    uint8_t plans[ST_PLANS][CP_ID_LEN];
    for (int p = 0; p <= plan; p++)
        memcpy(plans[plan - p], enc.plans[p], CP_ID_LEN);
    st_judge(&h, plan, held, &want);
    same(cp_members_fold_line(&got, entries, (size_t)count, (const uint8_t(*)[CP_ID_LEN])plans, (size_t)plan + 1, &past) == CP_OK, "the fold", count, 0);
    compare_devices();
    compare_keys(seed);
    compare_cuts();
    compare_joins();
    compare_named(plan);
    entries_judged += (uint64_t)count;
    folds++;
    sum_void += (uint64_t)count_of(want.void_entries);
    sum_stand += (uint64_t)count_of(want.stands);
    sum_admitted += (uint64_t)count_of(want.admitted);
    return wrong[0] == '\0';
}

/* Of a continuation nothing is asked before its first entry is there. */
static bool try_plan(int plan, uint64_t *dice)
{
    int order[ST_ENTRIES], least = 1;
    int count = history_order(&h, history_of(&h, plan), dice, order);
    while (order[least - 1] != h.first[plan])
        least++;
    if (!compare(plan, order, least + (int)test_below(dice, (uint64_t)(count - least + 1)), dice) ||
        !compare(plan, order, count, dice))
        return false;
    for (int i = count - 1; i > 0; i--) { /* and what a store reads in no order at all */
        int k = (int)test_below(dice, (uint64_t)i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    return compare(plan, order, count, dice);
}

static bool try_seed(uint64_t seed)
{
    uint64_t dice = seed ^ 0x5eed;
    history_draw(&h, seed, false, counts);
    encode_all(seed);
    for (int plan = 0; plan < h.plans_count; plan++)
        if (!try_plan(plan, &dice))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 && argv[1][0] != '-' ? strtoull(argv[1], NULL, 10) : 2000; /* -...: what Criterion's take */
    uint64_t from = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, failed = 0;
    encoded_init(&enc);
    cp_members_init(&got, test_mem());
    for (uint64_t seed = from; seed < from + count && failed < 5; seed++) {
        wrong[0] = '\0';
        bool good = try_seed(seed);
        if (argc > 3)
            history_tell(&h);
        if (!good) {
            printf("seed %llu: %s\n", (unsigned long long)seed, wrong);
            failed++;
        }
    }
    for (int i = 0; i < HISTORY_COUNTS; i++) {
        printf("%12llu  %s\n", (unsigned long long)counts[i], history_count_words[i]);
        if (count >= 1000 && counts[i] == 0 && i != HISTORY_WORDS && failed == 0) {
            printf("never happened: %s\n", history_count_words[i]);
            failed++;
        }
    }
    printf("%12llu  devices, of them standing %llu; entries %llu, void %llu\n", (unsigned long long)sum_admitted,
           (unsigned long long)sum_stand, (unsigned long long)entries_judged, (unsigned long long)sum_void);
    printf("%llu histories, %llu sets, %llu differences\n", (unsigned long long)count, (unsigned long long)folds,
           (unsigned long long)failed);
    cp_members_clear(&got);
    encoded_clear(&enc);
    return failed == 0 ? 0 : 1;
}
