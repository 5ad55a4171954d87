/*
 * How everything grows: the same meeting, opening, edit and disk at 1,000 to 1,000,000 entries, and among 2 to 1,000
 * devices, with real daemons over loopback.
 *
 *   growth [--json FILE] [--most ENTRIES]     --most: 100,000 unless said; 1,000,000 takes minutes and 2 GB of disk
 *
 * Owns: that table. Must not: assert anything. Each size is made and measured once; what is short is the median of
 * several.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/bench_place.h"
#include "tests/support/bench_real.h"
#include "tests/support/bench_tool.h"
#include "tests/support/bench_town.h"

#define EDITS 9 /* of which the median is told */
#define NEW   10

static struct town_person people[TOWN_MOST];

/* ---- Homes ---- */

static void row(const char *size, const char *key, const char *what, double value, const char *unit)
{
    char whole[64];
    (void)snprintf(whole, sizeof whole, "%s_%s", size, key);
    bench_add(&(struct bench_row){.key = whole, .what = what, .value = value, .unit = unit});
}

/* ---- One size ---- */

/* Asha's home with `entries` by everybody; bill's is in the plan and has nothing of it yet. */
static void make(const char *size, size_t entries, char item[static 2 * CP_ID_LEN + 1])
{
    char args[4096], address[256], unused[256];
    uint8_t machine[CP_KEY_LEN], secret[CP_KEY_LEN];
    real_home(place_at("asha"), "Asha");
    real_home(place_at("bill"), "Bill");
    place_serve(place_at("asha"), 0, address);
    place_serve(place_at("bill"), 1, unused);
    json_decref(real_run(place_at("asha"), "plan new 'Town plan'"));
    json_t *invite = real_run(place_at("asha"), "invite");
    (void)snprintf(args, sizeof args, "join '%.4000s'", real_text(invite, "invite"));
    json_decref(invite);
    json_decref(real_run(place_at("bill"), args));
    place_stop(place_at("asha"), 0);
    place_stop(place_at("bill"), 1);
    struct town t = {
        .people = people, .first = 1, .count = town_size - 1, .dice = 362436069U, .time_ms = 1800000000000U};
    (void)crypto_box_keypair(machine, secret);
    town_enter_home(&t, place_at("asha"), machine);
    double begun = bench_wall_us();
    (void)town_write(&t, entries, 1000);
    row(size, "write", "written on one device, signed, 1,000 in a commit: each",
        (bench_wall_us() - begun) / (double)entries, "us");
    town_check(&t);
    cp_hex_encode(t.items[t.items_count / 2].id, CP_ID_LEN, item);
    town_leave_home(&t);
}

static void first_meeting(const char *size, const char *sync, size_t entries)
{
    double cpu = place_cpu_us(), begun = bench_wall_us();
    json_t *rows = real_run(place_at("bill"), sync);
    double took = bench_wall_us() - begun, received = real_number(rows, "received");
    cpu = place_cpu_us() - cpu;
    if (!json_is_true(json_object_get(json_array_get(rows, 0), "in_sync")) || received < (double)entries)
        bench_die("sync", "not all arrived");
    row(size, "sync", "an empty device takes all: from typing sync to its answer", took / 1e6, "s");
    row(size, "sync_cpu", "  CPU for each entry, both daemons", cpu / received, "us");
    row(size, "sync_bytes", "  payload for each entry, both ways",
        (real_number(rows, "bytes_in") + real_number(rows, "bytes_out")) / received, "bytes");
    row(size, "sync_giver", "  memory at most: who gave", bench_status(place_pid(0), "VmHWM") / 1024, "MiB");
    row(size, "sync_taker", "  memory at most: who took", bench_status(place_pid(1), "VmHWM") / 1024, "MiB");
    json_decref(rows);
}

static void later_meetings(const char *size, const char *sync)
{
    static const char *const who[2] = {"asha", "bill"};
    char args[64];
    json_t *rows = real_run(place_at("bill"), sync);
    row(size, "again", "the same two again", real_number(rows, "bytes_in") + real_number(rows, "bytes_out"),
        "bytes");
    row(size, "again_trips", "  round trips", real_number(rows, "round_trips"), "");
    json_decref(rows);
    for (int i = 0; i < NEW; i++)
        for (size_t k = 0; k < 2; k++) {
            (void)snprintf(args, sizeof args, "add need 'A lamp by the gate, number %d'", i);
            json_decref(real_run(place_at(who[k]), args));
        }
    double cpu = place_cpu_us();
    rows = real_run(place_at("bill"), sync);
    cpu = place_cpu_us() - cpu;
    if (!json_is_true(json_object_get(json_array_get(rows, 0), "in_sync")))
        bench_die("sync", "not in sync");
    row(size, "news", "10 new on each side: bytes both ways",
        real_number(rows, "bytes_in") + real_number(rows, "bytes_out"), "bytes");
    row(size, "news_cpu", "  CPU, both daemons", cpu / 1000, "ms");
    json_decref(rows);
}

/* The time from typing a command to its answer, the program's own start in it. */
static double typed_ms(const char *home, const char *args)
{
    double took[EDITS];
    for (size_t i = 0; i < EDITS; i++) {
        double begun = bench_wall_us();
        json_decref(real_run(place_at(home), args));
        took[i] = bench_wall_us() - begun;
    }
    return bench_median(took, EDITS) / 1000;
}

static void opened_again(const char *size, const char *item)
{
    char args[2 * CP_ID_LEN + 64], unused[256];
    place_stop(place_at("bill"), 1);
    place_serve(place_at("bill"), 1, unused);
    (void)snprintf(args, sizeof args, "show %s", item);
    double begun = bench_wall_us();
    json_decref(real_run(place_at("bill"), args));
    row(size, "open", "opened anew, to an item shown", (bench_wall_us() - begun) / 1000, "ms");
    row(size, "open_memory", "  memory then", bench_status(place_pid(1), "VmRSS") / 1024, "MiB");
    row(size, "show", "an item shown, from typing to its answer", typed_ms("bill", args), "ms");
    (void)snprintf(args, sizeof args, "set %s 'text=Changed'", item);
    row(size, "edit", "an edit, likewise: signed, durable", typed_ms("bill", args), "ms");
    row(size, "edit_memory", "  memory then", bench_status(place_pid(1), "VmRSS") / 1024, "MiB");
}

static void one(const char *size, const char *title, size_t entries, size_t devices)
{
    char item[2 * CP_ID_LEN + 1], address[256], unused[256], sync[300];
    struct stat st;
    town_size = devices;
    town_people(people);
    bench_section(title);
    make(size, entries, item);
    place_serve(place_at("asha"), 0, address);
    place_serve(place_at("bill"), 1, unused);
    (void)snprintf(sync, sizeof sync, "sync %s", address);
    first_meeting(size, sync, entries);
    later_meetings(size, sync);
    opened_again(size, item);
    place_stop(place_at("asha"), 0);
    place_stop(place_at("bill"), 1);
    if (stat(place_at("asha/plan.db"), &st) != 0)
        bench_die("plan.db", "is not there");
    row(size, "disk", "on disk, all tables and indexes, for each entry", (double)st.st_size / (double)entries,
        "bytes");
    place_forget("asha");
    place_forget("bill");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *key, *title;
        size_t entries, devices;
    } sizes[] = {{"1000", "1,000 entries by 40 devices", 1000, 40},
                 {"10000", "10,000 entries by 40 devices", 10000, 40},
                 {"100000", "100,000 entries by 40 devices", 100000, 40},
                 {"1000000", "1,000,000 entries by 40 devices", 1000000, 40},
                 {"2d", "10,000 entries by 2 devices", 10000, 2},
                 {"1000d", "10,000 entries by 1,000 devices", 10000, 1000}};
    const char *json = NULL;
    size_t most = 100000;
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && strcmp(argv[i], "--json") == 0) {
            json = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--most") == 0) {
            most = strtoul(argv[++i], NULL, 10);
        } else {
            (void)fprintf(stderr, "growth [--json FILE] [--most ENTRIES]\n");
            return 2;
        }
    }
    cp_store_one_thread();
    if (sodium_init() < 0)
        return 3;
    place_open("growth");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].entries <= most)
            one(sizes[i].key, sizes[i].title, sizes[i].entries, sizes[i].devices);
    if (!bench_finish(json))
        bench_die(json, "cannot be written");
    return 0;
}
