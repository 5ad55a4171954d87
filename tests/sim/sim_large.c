/*
 * A large town in peace: how many meetings, bytes and how much time it takes until all are equal.
 * Owns: who meets whom. Must not: judge a single step (that is what the stories of sim.c are for).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "daemon/store_internal.h"
#include "tests/sim/sim_internal.h"
#include "tests/support/heap.h"

enum {
    PAGES = 100,      /* of 100,000 entries a page takes a second: of more machines, about so many tell theirs */
    ROUNDS = 10,      /* of writing; after each, half as many meetings as there are machines */
    MEETINGS_EACH = 40 /* meetings of one machine after the last entry; random pairs need about ln n + some */
};

struct large {
    struct world *w;
    size_t entries; /* wanted in the end */
    bool in_line;
    clock_t begin;
    FILE *out;
};

static void tell(const struct large *l, const char *what)
{
    struct rusage use;
    size_t held = 0;
    for (size_t i = 0; i < l->w->machines_count; i++)
        held += l->w->machines[i].now.held.count;
    (void)getrusage(RUSAGE_SELF, &use);
    (void)fprintf(l->out, "%8.1f s  %-28s %zu entries, held %zu times, %llu meetings, %llu bytes, %ld MiB at most\n",
                  (double)(clock() - l->begin) / CLOCKS_PER_SEC, what, l->w->log.count, held,
                  (unsigned long long)l->w->result->counts[SIM_COUNT_MEETINGS],
                  (unsigned long long)l->w->result->counts[SIM_COUNT_BYTES], use.ru_maxrss / 1024);
    (void)fflush(l->out);
}

/* Room while a machine meets, which is given back afterwards: see write_back. */
static void give_room(struct world *w)
{
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++)
        if (sqlite3_exec(w->machines[i].store->db, "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000", NULL,
                         NULL, NULL) != SQLITE_OK)
            world_fail(w, "%s takes no more room", w->machines[i].name);
}

/* What the log says goes into the database: a thousand journals of a few MiB, and pages read, would fill the memory. */
static void write_back(struct world *w, const struct machine *m)
{
    int rc = sqlite3_wal_checkpoint_v2(m->store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc != SQLITE_OK)
        world_fail(w, "%s cannot write its log back: %d", m->name, rc);
    (void)sqlite3_db_release_memory(m->store->db);
}

static void meet(struct world *w, size_t a, size_t b)
{
    w->now_ms += 1000;
    w->step++;
    if (a == b || world_failed(w))
        return;
    (void)world_meet(w, a, b, NULL);
    write_back(w, &w->machines[a]);
    write_back(w, &w->machines[b]);
}

static void meet_two(struct world *w)
{
    size_t a = world_roll(w, w->machines_count), b = world_roll(w, w->machines_count);
    meet(w, a, b);
}

static void join_all(struct large *l)
{
    struct world *w = l->w;
    for (size_t i = 0; i < w->people_count && !world_failed(w); i++) {
        w->step++;
        world_join(w, i);
        if (!w->people[i].in)
            world_fail(w, "%s does not get in", w->people[i].name);
    }
}

static void write_all(struct large *l)
{
    struct world *w = l->w;
    size_t from = w->log.count;
    for (size_t round = 1; round <= ROUNDS && !world_failed(w); round++) {
        size_t until = l->entries <= from ? from : from + (l->entries - from) * round / ROUNDS;
        while (w->log.count < until && !world_failed(w)) {
            w->now_ms += 1000;
            w->step++;
            struct machine *m = &w->machines[world_roll(w, w->machines_count)];
            world_people_step(w, m);
            write_back(w, m);
        }
        for (size_t i = 0; i < w->machines_count / 2 && !world_failed(w); i++)
            meet_two(w);
    }
}

static bool all_equal(const struct world *w)
{
    for (size_t i = 0; i < w->machines_count; i++)
        if (w->machines[i].now.held.count != w->log.count)
            return false;
    return true;
}

/* Each hands on what it has to the next, and the last has it all; then it goes back. A machine's file is written in
 * few large meetings, which matters when the files do not fit into memory. */
static void meet_in_line(struct large *l)
{
    struct world *w = l->w;
    size_t n = w->machines_count, *order = calloc(n, sizeof *order);
    if (order == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t other = world_roll(w, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    for (size_t i = 1; i < n; i++)
        meet(w, order[i - 1], order[i]);
    tell(l, "the last of the line has all");
    for (size_t i = n - 1; i > 0; i--)
        meet(w, order[i], order[i - 1]);
    free(order);
    if (!world_failed(w) && !all_equal(w))
        world_fail(w, "there and back again, and not all are equal");
}

static void meet_until_equal(struct large *l)
{
    struct world *w = l->w;
    size_t most = MEETINGS_EACH * w->machines_count;
    for (size_t i = 0; i < most && !all_equal(w) && !world_failed(w); i++)
        meet_two(w);
    if (!world_failed(w) && !all_equal(w))
        world_fail(w, "%zu meetings, and not all are equal", most);
}

/* Every log, and pages, against the first machine's; and two whole stores against the model. */
static void compare_all(struct large *l)
{
    struct world *w = l->w;
    uint8_t first[CP_ID_LEN], digest[CP_ID_LEN];
    struct cp_buf first_text, text;
    uint64_t entries = 0;
    size_t every = w->machines_count <= PAGES ? 1 : w->machines_count / PAGES;
    cp_buf_init(&first_text, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&text, test_mem(), SIZE_MAX / 2);
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++) {
        struct machine *m = &w->machines[i];
        cp_buf_reset(&text);
        if (cp_store_log_digest(m->store, w->plan, &entries, i == 0 ? first : digest) != CP_OK)
            world_fail(w, "%s cannot tell its digest", m->name);
        if (i % every == 0)
            world_tell(w, m, i == 0 ? &first_text : &text);
        if (entries != w->log.count)
            world_fail(w, "%s holds %llu of %zu entries", m->name, (unsigned long long)entries, w->log.count);
        else if (i > 0 && memcmp(first, digest, CP_ID_LEN) != 0)
            world_fail(w, "%s has another digest", m->name);
        else if (i > 0 && i % every == 0 && !cp_bytes_eq(cp_buf_bytes(&first_text), cp_buf_bytes(&text)))
            world_fail(w, "%s would freeze another page", m->name);
        if (i == 0 || i + 1 == w->machines_count)
            world_check_whole(w, m, true);
    }
    cp_buf_clear(&first_text);
    cp_buf_clear(&text);
}

static uint64_t bytes_on_disks(const struct world *w)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < w->machines_count; i++)
        sum += sim_disk_bytes(w->machines[i].disk);
    return sum;
}

bool sim_run_large(const struct sim_options *opt, size_t entries, const char *folder, bool in_line, FILE *out)
{
    static struct world w;
    static struct sim_result result;
    struct large l = {.w = &w, .entries = entries, .in_line = in_line, .begin = clock(), .out = out};
    struct sim_options calm = *opt;
    calm.calm = true;
    if (folder != NULL && !sim_disk_spill(folder)) {
        (void)fprintf(out, "no file can be made in %s\n", folder);
        return false;
    }
    sim_world_begin(&w, &calm, &result);
    w.large = w.calm = true;
    sim_throw_dice(&w, 1);
    if (!world_failed(&w))
        give_room(&w);
    join_all(&l);
    tell(&l, "all are in");
    write_all(&l);
    tell(&l, "all is written");
    uint64_t meetings = result.counts[SIM_COUNT_MEETINGS], bytes = result.counts[SIM_COUNT_BYTES];
    if (in_line)
        meet_in_line(&l);
    else
        meet_until_equal(&l);
    tell(&l, "all are equal");
    (void)fprintf(out, "%llu bytes on all disks\n", (unsigned long long)bytes_on_disks(&w));
    (void)fprintf(out, "from the last entry on: %llu meetings and %llu bytes, %.1f meetings of each machine\n",
                  (unsigned long long)(result.counts[SIM_COUNT_MEETINGS] - meetings),
                  (unsigned long long)(result.counts[SIM_COUNT_BYTES] - bytes),
                  2.0 * (double)(result.counts[SIM_COUNT_MEETINGS] - meetings) / (double)w.machines_count);
    compare_all(&l);
    tell(&l, "all logs and pages compared");
    sim_world_end(&w);
    (void)fprintf(out, "most memory of one session: %zu bytes\nseed %llu: %s\n", result.session_memory,
                  (unsigned long long)opt->seed, result.failed ? result.why : "nothing wrong");
    return !result.failed;
}
