/*
 * The benchmark: one table, each figure beside its limit, measured in the same run (docs: performance).
 *
 *   bench [--json FILE] [--quick] [--only PART]     PART: sync intake meet sizes
 *
 * Owns: what is measured and in which order. Medians of 3. Wall times of a busy machine move by half; the ratios
 * of one run, bytes and counts are what to trust. --quick divides sizes by ten, to try the benchmark itself.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/bench_meet.h"
#include "tests/support/bench_plain.h"
#include "tests/support/bench_place.h"
#include "tests/support/bench_real.h"
#include "tests/support/bench_tool.h"

#define RUNS 3

static size_t whole = 10000, smaller = 1000, larger = 100000;
static struct town_person people[TOWN_PEOPLE];
static uint8_t machines[2][CP_KEY_LEN];

/* ---- Stores in this process ---- */

/* Two machines, twenty people at each, the plan founded on the first. */
static void two_towns(struct town t[static 2])
{
    uint8_t where[TOWN_PEOPLE][CP_KEY_LEN];
    struct bench_meeting m;
    for (size_t i = 0; i < TOWN_PEOPLE; i++)
        memcpy(where[i], machines[i < TOWN_PEOPLE / 2 ? 0 : 1], CP_KEY_LEN);
    for (size_t i = 0; i < 2; i++) {
        place_forget(i == 0 ? "a.db" : "b.db");
        t[i] = (struct town){.people = people,
                             .first = i * TOWN_PEOPLE / 2,
                             .count = TOWN_PEOPLE / 2,
                             .dice = 88172645463325252U + i,
                             .time_ms = 1800000000000U};
        t[i].store = town_store(place_at(i == 0 ? "a.db" : "b.db"));
    }
    town_found(&t[0], (const uint8_t(*)[CP_KEY_LEN])where);
    memcpy(t[1].plan, t[0].plan, CP_ID_LEN);
    memcpy(t[1].founder, t[0].founder, CP_KEY_LEN);
    bench_must(cp_store_begin(t[1].store), "begin");
    bench_must(cp_store_await(t[1].store, t[1].plan, CP_BYTES((const uint8_t *)"join", 4),
                              CP_BYTES((const uint8_t *)"invitation", 10)),
               "await");
    bench_must(cp_store_commit(t[1].store), "commit");
    bench_meet(&t[1], machines[1], &t[0], machines[0], &m);
    if (!m.in_sync)
        bench_die("meeting", "the second machine did not come in");
}

/* One machine that holds `count` operations by all forty. */
static void one_town(struct town *t, const char *db, size_t count, uint64_t *body)
{
    uint8_t where[TOWN_PEOPLE][CP_KEY_LEN];
    for (size_t i = 0; i < TOWN_PEOPLE; i++)
        memcpy(where[i], machines[0], CP_KEY_LEN);
    place_forget(db);
    *t = (struct town){
        .people = people, .count = TOWN_PEOPLE, .dice = 88172645463325252U, .time_ms = 1800000000000U};
    t->store = town_store(place_at(db));
    town_found(t, (const uint8_t(*)[CP_KEY_LEN])where);
    *body = town_write(t, count, 1000);
    town_check(t);
}

/* ---- d: meetings ---- */

static void meet_row(const char *key, const char *what, double value, const char *unit, enum bench_aim aim,
                     double aimed)
{
    bench_add(&(struct bench_row){
        .key = key, .what = what, .value = value, .unit = unit, .aim = aim, .aim_value = aimed});
}

static void measure_meetings(void)
{
    struct town t[2];
    struct bench_meeting m;
    bench_section("d. meetings: two machines, 20 people at each, bytes of payload both ways");
    two_towns(t);
    for (size_t done = 0; done < whole; done += 1000) {
        for (size_t i = 0; i < 2; i++) {
            (void)town_write(&t[i], (whole < 1000 ? whole : 1000) / 2, 500);
        }
        bench_meet(&t[0], machines[0], &t[1], machines[1], &m);
        town_share(&t[1], &t[0]);
        town_share(&t[0], &t[1]);
    }
    bench_meet(&t[1], machines[1], &t[0], machines[0], &m);
    bench_meet(&t[1], machines[1], &t[0], machines[0], &m);
    if (!m.in_sync || m.moved != 0)
        bench_die("meeting", "two machines with the same entries are not in sync");
    meet_row("equal_bytes", "two equal machines of 10,000 entries: bytes", (double)m.bytes, "bytes",
             BENCH_AT_MOST, 128);
    meet_row("equal_trips", "  round trips", (double)m.round_trips, "", BENCH_AT_MOST, 1);
    meet_row("equal_cpu", "  CPU, both ends", m.cpu_us, "us", BENCH_NO_AIM, 0);
    static const size_t news[] = {10, 100, 1000};
    static const char *const keys[][4] = {
        {"new_20_bytes", "new_20_control", "new_20_trips", "new_20_cpu"},
        {"new_200_bytes", "new_200_control", "new_200_trips", "new_200_cpu"},
        {"new_2000_bytes", "new_2000_control", "new_2000_trips", "new_2000_cpu"}};
    static const char *const whats[] = {"10 new on each side of 10,000: bytes",
                                        "200 new (100 on each side) of 10,000: bytes",
                                        "1,000 new on each side of 10,000: bytes"};
    for (size_t k = 0; k < 3; k++) {
        double bytes[RUNS], control[RUNS], trips[RUNS], cpu[RUNS];
        double each = 2 * (double)news[k];
        for (size_t r = 0; r < RUNS; r++) {
            for (size_t i = 0; i < 2; i++)
                (void)town_write(&t[i], news[k], 500);
            bench_meet(&t[r % 2], machines[r % 2], &t[1 - r % 2], machines[1 - r % 2], &m);
            if (!m.in_sync || m.moved != 2 * news[k])
                bench_die("meeting", "what was new did not arrive");
            bytes[r] = (double)m.bytes;
            control[r] = (double)(m.bytes - m.chunk_bytes);
            trips[r] = (double)m.round_trips;
            cpu[r] = m.cpu_us / each;
        }
        double total = bench_median(bytes, RUNS);
        meet_row(keys[k][0], whats[k], total, "bytes", k == 0 ? BENCH_AT_MOST : BENCH_NO_AIM, 4300);
        meet_row(keys[k][0], "  for each new operation", total / each, "bytes",
                 k == 2 ? BENCH_AT_MOST : BENCH_NO_AIM, 90);
        meet_row(keys[k][1], "  of all bytes, those beside the chunks", bench_median(control, RUNS), "bytes",
                 k == 1 ? BENCH_AT_MOST : BENCH_NO_AIM, 2048);
        meet_row(keys[k][2], "  round trips before the first chunk", bench_median(trips, RUNS), "",
                 k == 1 ? BENCH_AT_MOST : BENCH_NO_AIM, 1);
        meet_row(keys[k][3], "  CPU for each new operation, both ends, on disk", bench_median(cpu, RUNS),
                 "us", k == 2 ? BENCH_AT_MOST : BENCH_NO_AIM, 40);
    }
    town_clear(&t[0]);
    town_clear(&t[1]);
}

/* ---- a: taking in, without the network ---- */

static size_t slices_of(uint64_t chunk_bytes)
{
    return (size_t)(chunk_bytes / CP_CHUNK_MAX) + 1;
}

static void measure_intake(void)
{
    double rate[RUNS], plain[RUNS], cpu[RUNS], plain_cpu[RUNS], both[RUNS];
    bench_section("a. 10,000 entries taken in by an empty store, one process: proven, merged, durable");
    for (size_t r = 0; r < RUNS; r++) {
        struct town t[2];
        struct bench_meeting m;
        two_towns(t);
        (void)town_write(&t[0], whole, 1000);
        bench_meet(&t[1], machines[1], &t[0], machines[0], &m);
        if (!m.in_sync || m.moved != whole)
            bench_die("intake", "not all arrived");
        town_clear(&t[0]);
        town_clear(&t[1]);
        rate[r] = (double)whole / m.take_us * 1e6;
        cpu[r] = m.take_cpu_us / (double)whole;
        both[r] = m.cpu_us / (double)whole;
        plain[r] =
            (double)whole /
            plain_copy(place_at("b.db"), place_at("plain.db"), slices_of(m.full_bytes), &plain_cpu[r]) * 1e6;
        plain_cpu[r] /= (double)whole;
    }
    bench_add(&(struct bench_row){.key = "intake",
                                  .what = "chunks read, proven and stored",
                                  .value = bench_median(rate, RUNS),
                                  .unit = "entries/s",
                                  .limit_what = "SQLite inserting the same rows",
                                  .limit = bench_median(plain, RUNS),
                                  .compare_ratio = true,
                                  .aim = BENCH_AT_LEAST,
                                  .aim_value = 0.7});
    bench_add(&(struct bench_row){.key = "intake_cpu",
                                  .what = "  CPU for each entry",
                                  .value = bench_median(cpu, RUNS),
                                  .unit = "us",
                                  .limit_what = "SQLite alone",
                                  .limit = bench_median(plain_cpu, RUNS)});
    bench_add(&(struct bench_row){.key = "intake_both_cpu",
                                  .what = "  CPU for each entry, sending and session too",
                                  .value = bench_median(both, RUNS),
                                  .unit = "us"});
}

/* ---- a: the same with real daemons ---- */

/* Fills a real home with the town's work; its daemon is stopped. */
static void fill_home(const char *home, size_t count)
{
    struct town t = {.people = people,
                     .first = 1,
                     .count = TOWN_PEOPLE - 1,
                     .dice = 362436069U,
                     .time_ms = 1800000000000U};
    town_enter_home(&t, home, machines[1]);
    (void)town_write(&t, count, 1000);
    town_check(&t);
    town_leave_home(&t);
}

static void idle(long pid)
{
    double before = bench_pid_sleeps(pid);
    double cpu = bench_pid_cpu_us(pid);
    (void)nanosleep(&(struct timespec){.tv_sec = 5}, NULL);
    bench_add(&(struct bench_row){.key = "idle_rss",
                                  .what = "idle daemon with 10,000 entries, unlocked: resident",
                                  .value = bench_status(pid, "VmRSS") / 1024,
                                  .unit = "MiB",
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 12});
    bench_add(&(struct bench_row){.key = "idle_wakes",
                                  .what = "  wake-ups, all threads",
                                  .value = (bench_pid_sleeps(pid) - before) / 5,
                                  .unit = "a second",
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 1});
    bench_add(&(struct bench_row){.key = "idle_cpu",
                                  .what = "  CPU, all threads",
                                  .value = (bench_pid_cpu_us(pid) - cpu) / 5,
                                  .unit = "us a second"});
}

/* ROW of an array: whether it says in_sync. */
static bool in_sync(const json_t *rows)
{
    return json_is_true(json_object_get(json_array_get(rows, 0), "in_sync"));
}

static const char *guest(size_t i)
{
    char name[32];
    (void)snprintf(name, sizeof name, "bill%zu", i);
    return place_at(name);
}

/* Devices that are in a plan with nothing in it yet. */
static void guests_join(void)
{
    char args[4096], address[256];
    for (size_t i = 0; i < RUNS; i++) {
        char home[PATH_MAX];
        (void)snprintf(home, sizeof home, "%s", guest(i));
        real_home(home, "Bill");
        place_serve(home, 1, address);
        json_t *invite = real_run(place_at("asha"), "invite");
        (void)snprintf(args, sizeof args, "join '%.4000s'", real_text(invite, "invite"));
        json_decref(invite);
        json_decref(real_run(home, args));
        place_stop(home, 1);
    }
}

struct real_sync {
    double rate, cpu_us, plain, bytes, again_bytes, again_trips;
};

static void one_real_sync(const char *address, size_t run, struct real_sync *out)
{
    char home[PATH_MAX], db[PATH_MAX], args[512], unused[256];
    double plain_cpu = 0;
    (void)snprintf(home, sizeof home, "%s", guest(run));
    (void)snprintf(args, sizeof args, "sync %s", address);
    place_serve(home, 1, unused);
    double cpu = place_cpu_us();
    double begun = bench_wall_us();
    json_t *rows = real_run(home, args);
    double took = bench_wall_us() - begun;
    double received = real_number(rows, "received");
    if (!in_sync(rows) || received < (double)whole)
        bench_die("sync", "not all arrived");
    out->cpu_us = (place_cpu_us() - cpu) / received;
    out->rate = received / took * 1e6;
    out->bytes = (real_number(rows, "bytes_in") + real_number(rows, "bytes_out")) / received;
    json_decref(rows);
    rows = real_run(home, args);
    if (!in_sync(rows))
        bench_die("sync", "two real machines are not in sync");
    out->again_bytes = real_number(rows, "bytes_in") + real_number(rows, "bytes_out");
    out->again_trips = real_number(rows, "round_trips");
    json_decref(rows);
    place_stop(home, 1);
    (void)snprintf(db, sizeof db, "%.4000s/plan.db", home);
    size_t slices = slices_of((uint64_t)(out->bytes * received));
    out->plain = received / plain_copy(db, place_at("plain.db"), slices, &plain_cpu) * 1e6;
}

static void measure_sync(void)
{
    char address[256];
    struct real_sync s[RUNS];
    double v[5][RUNS];
    bench_section("a. 10,000 entries synced to an empty device over loopback, real daemons");
    real_home(place_at("asha"), "Asha");
    place_serve(place_at("asha"), 0, address);
    json_decref(real_run(place_at("asha"), "plan new 'Town plan'"));
    guests_join();
    place_stop(place_at("asha"), 0);
    fill_home(place_at("asha"), whole);
    place_serve(place_at("asha"), 0, address);
    for (size_t r = 0; r < RUNS; r++) {
        one_real_sync(address, r, &s[r]);
        v[0][r] = s[r].rate;
        v[1][r] = s[r].plain;
        v[2][r] = s[r].cpu_us;
        v[3][r] = s[r].bytes;
        v[4][r] = s[r].again_bytes;
    }
    bench_add(&(struct bench_row){.key = "sync_rate",
                                  .what = "entries durable at the other, from typing sync to its answer",
                                  .value = bench_median(v[0], RUNS),
                                  .unit = "entries/s",
                                  .limit_what = "SQLite inserting the same rows",
                                  .limit = bench_median(v[1], RUNS)});
    bench_add(&(struct bench_row){.key = "sync_cpu",
                                  .what = "  CPU for each entry, both daemons",
                                  .value = bench_median(v[2], RUNS),
                                  .unit = "us"});
    bench_add(&(struct bench_row){.key = "sync_bytes",
                                  .what = "  payload for each entry, both ways",
                                  .value = bench_median(v[3], RUNS),
                                  .unit = "bytes"});
    bench_add(&(struct bench_row){.key = "sync_again_bytes",
                                  .what = "  the same two again: bytes",
                                  .value = bench_median(v[4], RUNS),
                                  .unit = "bytes",
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 128});
    bench_add(&(struct bench_row){.key = "sync_again_trips",
                                  .what = "  round trips",
                                  .value = s[0].again_trips,
                                  .unit = "",
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 1});
    place_stop(place_at("asha"), 0);
    bench_section("e. a daemon with nothing to do");
    place_serve(place_at("asha"), 0, address);
    idle(place_pid(0));
    place_stop(place_at("asha"), 0);
}

/* ---- b, c, e: one store at three sizes ---- */

/* Runs this program again to open a store in clean memory. */
static void open_alone(const char *db, const char *ids, double *us, double *cpu_us, double *kib)
{
    char command[3 * PATH_MAX];
    (void)snprintf(command, sizeof command, "'%s' --open '%s' %s", place_self(), db, ids);
    FILE *f = popen(command, "r");
    char line[128] = "";
    if (f == NULL || fgets(line, sizeof line, f) == NULL || pclose(f) != 0)
        bench_die("open", "the second program failed");
    char *rest = NULL;
    *us = strtod(line, &rest);
    *cpu_us = strtod(rest, &rest);
    *kib = strtod(rest, NULL);
}

/* --open: to the moment when an item of the plan can be shown and written. */
static int opened(const char *db, const char *plan_hex, const char *item_hex)
{
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
    struct cp_loaded loaded;
    const struct cp_members *members = NULL;
    if (!cp_hex_decode(cp_bytes_str(plan_hex), plan, sizeof plan) ||
        !cp_hex_decode(cp_bytes_str(item_hex), item, sizeof item))
        return 2;
    cp_store_one_thread();
    if (sodium_init() < 0)
        return 2;
    double base = bench_status(0, "VmRSS");
    double begun = bench_wall_us(), cpu = bench_cpu_us();
    struct cp_store *s = town_store(db);
    bench_must(cp_store_members(s, plan, &members), "members");
    bench_must(cp_store_load(s, plan, item, false, &loaded), "an item");
    double took = bench_wall_us() - begun;
    cpu = bench_cpu_us() - cpu;
    if (loaded.count == 0 || members->count != TOWN_PEOPLE)
        bench_die("open", "the plan is not there");
    (void)printf("%.1f %.1f %.1f\n", took, cpu, bench_status(0, "VmRSS") - base);
    cp_loaded_clear(&loaded);
    cp_store_close(s);
    return 0;
}

static void one_size(size_t count, const char *const key[static 5], const char *const what[static 4])
{
    struct town t;
    uint64_t body = 0;
    enum {
        EDITS = 200
    };
    static double took[EDITS];
    double us[RUNS], cpu[RUNS], kib[RUNS], bare[RUNS], plain[RUNS], edits[RUNS];
    char ids[4 * CP_ID_LEN + 2]; /* the plan's and an item's */
    one_town(&t, "size.db", count, &body);
    for (size_t r = 0; r < RUNS; r++) {
        for (size_t i = 0; i < EDITS; i++) {
            double begun = bench_wall_us();
            town_edit(&t);
            took[i] = bench_wall_us() - begun;
        }
        edits[r] = bench_median(took, EDITS);
        bare[r] = plain_commit_us(place_at("bare.db"), 600, EDITS);
    }
    bench_add(&(struct bench_row){.key = key[0],
                                  .what = what[0],
                                  .value = bench_median(edits, RUNS),
                                  .unit = "us",
                                  .limit_what = "one bare commit of 600 bytes",
                                  .limit = bench_median(bare, RUNS),
                                  .compare_ratio = true,
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 1.5});
    cp_hex_encode(t.plan, CP_ID_LEN, ids);
    ids[2 * CP_ID_LEN] = ' ';
    cp_hex_encode(t.items[t.items_count / 2].id, CP_ID_LEN, ids + 2 * CP_ID_LEN + 1);
    town_clear(&t);
    for (size_t r = 0; r < RUNS; r++) {
        plain[r] = plain_open_us(place_at("size.db"));
        open_alone(place_at("size.db"), ids, &us[r], &cpu[r], &kib[r]);
    }
    bench_add(&(struct bench_row){.key = key[1],
                                  .what = what[1],
                                  .value = bench_median(us, RUNS) / 1000,
                                  .unit = "ms",
                                  .limit_what = "SQLite: open, first row (ms)",
                                  .limit = bench_median(plain, RUNS) / 1000,
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 20});
    bench_add(&(struct bench_row){.key = key[4],
                                  .what = "  CPU that this takes",
                                  .value = bench_median(cpu, RUNS) / 1000,
                                  .unit = "ms"});
    bench_add(&(struct bench_row){.key = key[2],
                                  .what = what[2],
                                  .value = bench_median(kib, RUNS) / 1024,
                                  .unit = "MiB",
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 20});
    bench_add(&(struct bench_row){.key = key[3],
                                  .what = what[3],
                                  .value = (double)plain_bytes(place_at("size.db")) /
                                           (double)(count + RUNS * EDITS),
                                  .unit = "bytes/op",
                                  .limit_what = "frames and words alone (bytes/op)",
                                  .limit = (double)body / (double)count,
                                  .aim = BENCH_AT_MOST,
                                  .aim_value = 600});
}

static void measure_sizes(void)
{
    static const char *const keys[3][5] = {
        {"edit_1000", "open_1000", "memory_1000", "disk_1000", "open_cpu_1000"},
        {"edit_10000", "open_10000", "memory_10000", "disk_10000", "open_cpu_10000"},
        {"edit_100000", "open_100000", "memory_100000", "disk_100000", "open_cpu_100000"}};
    static const char *const whats[3][4] = {
        {"1,000 entries: one local durable signed edit", "  opening, to members known and an item read",
         "  memory that this takes", "  on disk, all tables and indexes"},
        {"10,000 entries: one local durable signed edit", "  opening, to members known and an item read",
         "  memory that this takes", "  on disk, all tables and indexes"},
        {"100,000 entries: one local durable signed edit", "  opening, to members known and an item read",
         "  memory that this takes", "  on disk, all tables and indexes"}};
    size_t sizes[3] = {smaller, whole, larger};
    bench_section("b, c, e. one machine at three sizes");
    for (size_t i = 0; i < 3; i++)
        one_size(sizes[i], keys[i], whats[i]);
}

int main(int argc, char **argv)
{
    const char *json = NULL, *only = NULL;
    if (argc == 5 && strcmp(argv[1], "--open") == 0)
        return opened(argv[2], argv[3], argv[4]);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            whole /= 10;
            smaller /= 10;
            larger /= 10;
        } else if (i + 1 < argc && strcmp(argv[i], "--json") == 0) {
            json = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--only") == 0) {
            only = argv[++i];
        } else {
            (void)fprintf(stderr, "bench [--json FILE] [--quick] [--only sync|intake|meet|sizes]\n");
            return 2;
        }
    }
    cp_store_one_thread();
    if (sodium_init() < 0)
        return 3;
    place_open("bench");
    town_people(people);
    for (size_t i = 0; i < 2; i++) {
        uint8_t secret[CP_KEY_LEN];
        (void)crypto_box_keypair(machines[i], secret);
    }
    (void)printf("medians of %d; x is value / limit of this run%s\n", RUNS,
                 whole < 10000 ? "; QUICK: sizes / 10" : "");
    if (only == NULL || strcmp(only, "sync") == 0)
        measure_sync();
    if (only == NULL || strcmp(only, "intake") == 0)
        measure_intake();
    if (only == NULL || strcmp(only, "meet") == 0)
        measure_meetings();
    if (only == NULL || strcmp(only, "sizes") == 0)
        measure_sizes();
    if (!bench_finish(json))
        bench_die(json, "cannot be written");
    return 0;
}
