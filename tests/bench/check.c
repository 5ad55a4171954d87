/*
 * What the standard's report and the exports cost on a big plan (docs/testing.md): real programs, one plan of 100,000
 * records of every sort, one person at the keyboard of 40.
 *
 *   check [--json FILE] [--quick] [--home FOLDER]
 *
 * --home: fills this folder and leaves it there, for a look with other tools.
 */
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/model.h"
#include "tests/support/bench_place.h"
#include "tests/support/bench_real.h"
#include "tests/support/bench_tool.h"
#include "tests/support/bench_town.h"

enum {
    RUNS = 3
};
static size_t whole = 100000;
static struct town_person people[TOWN_PEOPLE];

/* ---- A plan of everything ---- */

/* How many in a thousand entries are of what sort. */
static const struct share {
    enum cp_record kind;
    uint32_t parts;
} shares[] = {{CP_RECORD_PRIORITY, 2},  {CP_RECORD_BENEFIT, 4},   {CP_RECORD_INACTION, 4},
              {CP_RECORD_NEED, 5},      {CP_RECORD_STRENGTH, 8},  {CP_RECORD_CONCERN, 8},
              {CP_RECORD_VALUE, 2},     {CP_RECORD_EVIDENCE, 10}, {CP_RECORD_RESOURCE, 10},
              {CP_RECORD_OBSTACLE, 10}, {CP_RECORD_RISK, 2},      {CP_RECORD_OPTION, 20},
              {CP_RECORD_ACTION, 40}};
#define KINDS (CP_RECORD_ITEM_LAST + 1)

/* What there is so far, by kind of item. */
struct big {
    struct town t;
    uint8_t (*ids[KINDS])[CP_ID_LEN];
    uint8_t (*last[KINDS])[CP_ID_LEN]; /* the write of its text that stands */
    size_t count[KINDS], cap[KINDS];
    struct cp_draft d;
};

static const uint8_t *some(struct big *b, enum cp_record kind)
{
    return b->count[kind] == 0 ? NULL : b->ids[kind][town_roll(&b->t, (uint32_t)b->count[kind])];
}

static const uint8_t *anybody(struct big *b)
{
    return people[1 + town_roll(&b->t, TOWN_PEOPLE - 1)].person;
}

/* As the table of fields has it: an entry that says otherwise would be kept without being shown. */
static void link_to(struct big *b, uint16_t field, const uint8_t *id)
{
    if (id != NULL)
        cp_draft_link(&b->d, field, cp_draft_name(&b->d, id), cp_field_by_code(field)->list);
}

static void say(struct big *b, uint16_t field, const char *text)
{
    cp_draft_text(&b->d, field, CP_BYTES(NULL, 0), cp_bytes_str(text));
}

static void day(struct big *b, uint16_t field)
{
    char text[32];
    (void)snprintf(text, sizeof text, "2027-%02u-%02u", 1 + town_roll(&b->t, 12), 1 + town_roll(&b->t, 28));
    say(b, field, text);
}

static void fields_of(struct big *b, enum cp_record kind)
{
    char text[1024];
    if (kind == CP_RECORD_BENEFIT || kind == CP_RECORD_INACTION || kind == CP_RECORD_EVIDENCE)
        link_to(b, CP_M_ABOUT, some(b, CP_RECORD_PRIORITY));
    if (kind == CP_RECORD_OPTION)
        link_to(b, CP_M_FOR, some(b, CP_RECORD_PRIORITY));
    if (kind == CP_RECORD_OBSTACLE) {
        link_to(b, CP_M_BLOCKS, some(b, CP_RECORD_OPTION));
        say(b, CP_M_EFFECT, "It stops us");
        say(b, CP_M_TYPE, town_roll(&b->t, 2) == 0 ? "money" : "access");
    }
    if (kind == CP_RECORD_NEED)
        link_to(b, CP_M_ABOUT_PERSON, anybody(b));
    if (kind == CP_RECORD_RISK) {
        link_to(b, CP_M_ABOUT_PERSON, anybody(b));
        day(b, CP_M_REVIEW_ON);
    }
    if (kind == CP_RECORD_EVIDENCE) {
        say(b, CP_M_SOURCE, "A survey of this town");
        day(b, CP_M_CHECK_AGAIN_ON);
    }
    if (kind == CP_RECORD_PRIORITY || kind == CP_RECORD_BENEFIT || kind == CP_RECORD_INACTION)
        cp_draft_text(&b->d, CP_FIELD_PLAIN, CP_BYTES(NULL, 0), town_words(&b->t, text, 20, 60));
    if (kind == CP_RECORD_RESOURCE) {
        cp_draft_int(&b->d, CP_M_AMOUNT, 100 * (int64_t)town_roll(&b->t, 5000));
        say(b, CP_M_UNIT, town_roll(&b->t, 2) == 0 ? "pence" : "minutes");
    }
    if (kind == CP_RECORD_ACTION) {
        cp_draft_text(&b->d, CP_M_DETAILS, CP_BYTES(NULL, 0), town_words(&b->t, text, 200, 600));
        link_to(b, CP_FIELD_LEAD, anybody(b));
        link_to(b, CP_FIELD_HELPERS, anybody(b));
        link_to(b, CP_M_CHECKED_BY, anybody(b));
        link_to(b, CP_M_FROM, some(b, CP_RECORD_OPTION));
        link_to(b, CP_M_SERVES, some(b, CP_RECORD_PRIORITY));
        link_to(b, CP_M_TACKLES, some(b, CP_RECORD_OBSTACLE));
        day(b, CP_M_START);
        day(b, CP_M_DUE);
        cp_draft_int(&b->d, CP_M_COST_PENCE, town_roll(&b->t, 5000));
        cp_draft_int(&b->d, CP_M_EFFORT, town_roll(&b->t, 500));
        say(b, CP_M_MEASURE, "People say so");
        say(b, CP_M_CHECK_EVERY, "P1M");
        if (town_roll(&b->t, 8) == 0)
            say(b, CP_M_REPEATS, "monthly");
        if (town_roll(&b->t, 2) == 0)
            cp_draft_text(&b->d, CP_FIELD_PLAIN, CP_BYTES(NULL, 0), town_words(&b->t, text, 20, 60));
    }
}

static void new_item(struct big *b, enum cp_record kind, size_t author)
{
    char text[128];
    if (b->count[kind] == b->cap[kind]) {
        b->cap[kind] = b->cap[kind] ? 2 * b->cap[kind] : 64;
        b->ids[kind] = realloc(b->ids[kind], b->cap[kind] * CP_ID_LEN);
        b->last[kind] = realloc(b->last[kind], b->cap[kind] * CP_ID_LEN);
        if (b->ids[kind] == NULL || b->last[kind] == NULL)
            bench_die("items", "no memory");
    }
    cp_draft_init(&b->d, &bench_mem, CP_KIND_ITEM, kind, NULL);
    cp_draft_text(&b->d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), town_words(&b->t, text, 40, 80));
    fields_of(b, kind);
    size_t at = b->count[kind]++;
    (void)town_append(&b->t, &b->d, author, b->ids[kind][at]);
    memcpy(b->last[kind][at], b->ids[kind][at], CP_ID_LEN);
    cp_draft_clear(&b->d);
}

/* A text anew, or an idea chosen: what people do most. */
static void edit(struct big *b, size_t author)
{
    char text[128];
    enum cp_record kind = town_roll(&b->t, 3) == 0 ? CP_RECORD_OPTION : CP_RECORD_ACTION;
    if (town_roll(&b->t, 20) == 0)
        kind = CP_RECORD_PRIORITY;
    if (b->count[kind] == 0)
        return;
    size_t at = town_roll(&b->t, (uint32_t)b->count[kind]);
    cp_draft_init(&b->d, &bench_mem, CP_KIND_SET, 0, b->ids[kind][at]);
    cp_draft_replace(&b->d, b->last[kind][at]);
    cp_draft_text(&b->d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), town_words(&b->t, text, 40, 80));
    if (kind != CP_RECORD_ACTION)
        say(b, CP_FIELD_STATE, town_roll(&b->t, 2) == 0 ? "chosen" : "open");
    (void)town_append(&b->t, &b->d, author, b->last[kind][at]);
    cp_draft_clear(&b->d);
}

static void view(struct big *b, size_t author)
{
    static const struct {
        enum cp_record on;
        enum cp_model_measure measure;
        unsigned values;
    } kinds[] = {
        {CP_RECORD_OPTION, CP_M_MEASURE_SCORE, 5},       {CP_RECORD_OPTION, CP_M_MEASURE_SCORE, 5},
        {CP_RECORD_OPTION, CP_M_MEASURE_COMMITMENT, 0},  {CP_RECORD_PRIORITY, CP_M_MEASURE_IMPORTANCE, 5},
        {CP_RECORD_ACTION, CP_M_MEASURE_FAIRNESS, 5},    {CP_RECORD_OBSTACLE, CP_M_MEASURE_IMPACT, 4},
        {CP_RECORD_OBSTACLE, CP_M_MEASURE_LIKELIHOOD, 4}};
    static const char *const commitments[] = {"lead", "help", "fine", "unsure", "cannot"};
    size_t k = town_roll(&b->t, sizeof kinds / sizeof *kinds);
    const uint8_t *on = some(b, kinds[k].on);
    uint8_t id[CP_ID_LEN];
    char value[4] = {(char)('0' + (kinds[k].values == 4) + (int)town_roll(&b->t, 4))};
    if (on == NULL)
        return;
    cp_draft_init(&b->d, &bench_mem, CP_KIND_VIEW, kinds[k].measure, on);
    if (kinds[k].measure == CP_M_MEASURE_SCORE)
        link_to(b, CP_FIELD_BY_CRITERION, some(b, CP_RECORD_CRITERION));
    say(b, CP_FIELD_VALUE, kinds[k].values == 0 ? commitments[town_roll(&b->t, 5)] : value);
    if (town_roll(&b->t, 4) == 0)
        say(b, CP_FIELD_WHY, "Because of the bus, and because it was so last year as well");
    (void)town_append(&b->t, &b->d, author, id);
    cp_draft_clear(&b->d);
}

static void note(struct big *b, size_t author)
{
    char text[512];
    uint8_t id[CP_ID_LEN];
    uint32_t what = town_roll(&b->t, 10);
    enum cp_model_note_kind kind = what < 5   ? CP_M_NOTE_PROGRESS
                                   : what < 8 ? CP_M_NOTE_COMMENT
                                   : what < 9 ? CP_M_NOTE_ACHIEVEMENT
                                              : CP_M_NOTE_CONSENT;
    const uint8_t *about = kind == CP_M_NOTE_CONSENT ? people[author].person : some(b, CP_RECORD_ACTION);
    if (about == NULL)
        return;
    cp_draft_init(&b->d, &bench_mem, CP_KIND_NOTE, kind, about);
    cp_draft_text(&b->d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), town_words(&b->t, text, 60, 300));
    if (kind == CP_M_NOTE_PROGRESS) {
        say(b, CP_M_STATUS, "doing");
        say(b, CP_M_RAG, town_roll(&b->t, 2) == 0 ? "green" : "amber");
    }
    if (kind == CP_M_NOTE_ACHIEVEMENT)
        link_to(b, CP_M_FOR_PERSON, anybody(b));
    if (kind == CP_M_NOTE_CONSENT) {
        say(b, CP_M_SCOPE, "perspective");
        say(b, CP_M_GIVEN, town_roll(&b->t, 2) == 0 ? "yes" : "no");
    }
    (void)town_append(&b->t, &b->d, author, id);
    cp_draft_clear(&b->d);
}

/* One entry; of a thousand what `shares` says are items, the rest views, edits and notes. */
static void one(struct big *b)
{
    size_t author = 1 + town_roll(&b->t, TOWN_PEOPLE - 1);
    uint32_t what = town_roll(&b->t, 1000);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        if (what < shares[i].parts) {
            new_item(b, shares[i].kind, author);
            return;
        }
        what -= shares[i].parts;
    }
    if (what < 450)
        view(b, author);
    else if (what < 700)
        edit(b, author);
    else
        note(b, author);
}

static void say_who(struct big *b)
{
    static const char *const sides[] = {"uses services", "carer", "professional", "council"};
    uint8_t id[CP_ID_LEN];
    for (size_t i = 1; i < TOWN_PEOPLE; i++) {
        cp_draft_init(&b->d, &bench_mem, CP_KIND_PERSON, 0, people[i].person);
        cp_draft_add_text(&b->d, CP_M_PERSPECTIVES, cp_bytes_str(sides[i % 4]));
        (void)town_append(&b->t, &b->d, i, id);
        cp_draft_clear(&b->d);
    }
}

static void fill(const char *home)
{
    static struct big b;
    uint8_t machine[CP_KEY_LEN], secret[CP_KEY_LEN];
    (void)crypto_box_keypair(machine, secret);
    b.t = (struct town){.people = people,
                        .first = 1,
                        .count = TOWN_PEOPLE - 1,
                        .dice = 362436069U,
                        .time_ms = 1800000000000U};
    town_people(people);
    town_enter_home(&b.t, home, machine);
    bench_must(cp_store_begin(b.t.store), "begin");
    say_who(&b);
    for (size_t i = 0; i < 5; i++)
        new_item(&b, CP_RECORD_CRITERION, 1);
    for (size_t i = 0; i < 20; i++)
        for (size_t k = 0; k < sizeof shares / sizeof *shares; k++)
            new_item(&b, shares[k].kind, 1 + k);
    bench_must(cp_store_commit(b.t.store), "commit");
    for (size_t i = 0; i < whole;) {
        bench_must(cp_store_begin(b.t.store), "begin");
        for (size_t n = 0; n < 1000 && i < whole; n++, i++)
            one(&b);
        bench_must(cp_store_commit(b.t.store), "commit");
    }
    for (size_t k = 0; k < KINDS; k++) {
        free(b.ids[k]);
        free(b.last[k]);
    }
    town_leave_home(&b.t);
}

/* ---- Measuring ---- */

static double children_us(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

struct command {
    const char *key, *what, *args;
    int status; /* that it ends with */
    double aim; /* seconds; 0: none */
};

/* What runs: the program and its arguments, all of it ours; the output goes nowhere. */
static void one_command(const char *home, const struct command *c)
{
    double cpu[RUNS], wall[RUNS], daemon[RUNS];
    char line[PATH_MAX * 2 + 256], key[64];
    (void)snprintf(line, sizeof line, "'%s/coplan' --home '%s' %s </dev/null >/dev/null 2>&1",
                   place_programs(), home, c->args);
    for (size_t r = 0; r < RUNS; r++) {
        double begun = bench_wall_us(), ours = children_us(), theirs = place_cpu_us();
        int status = system(line); /* NOLINT(cert-env33-c) */
        if (!WIFEXITED(status) || WEXITSTATUS(status) != c->status)
            bench_die(c->args, "ended otherwise than it should");
        wall[r] = (bench_wall_us() - begun) / 1e6;
        daemon[r] = (place_cpu_us() - theirs) / 1e6;
        cpu[r] = daemon[r] + (children_us() - ours) / 1e6;
    }
    bench_add(&(struct bench_row){.key = c->key,
                                  .what = c->what,
                                  .value = bench_median(cpu, RUNS),
                                  .unit = "s of CPU, both",
                                  .limit_what = "from start to end, s",
                                  .limit = bench_median(wall, RUNS),
                                  .aim = c->aim > 0 ? BENCH_AT_MOST : BENCH_NO_AIM,
                                  .aim_value = c->aim});
    (void)snprintf(key, sizeof key, "%s_daemon", c->key);
    bench_add(&(struct bench_row){
        .key = "", .what = "  of it in the daemon", .value = bench_median(daemon, RUNS), .unit = "s of CPU"});
}

/* A plan of which nothing is shown would be measured as fast. */
static void look_at_plan(const char *home)
{
    json_t *status = real_run(home, "status");
    json_t *plan = json_array_get(json_object_get(status, "plans"), 0);
    json_t *actions = real_run(home, "list action");
    if (json_integer_value(json_object_get(plan, "newer")) != 0 ||
        (size_t)json_integer_value(json_object_get(plan, "entries")) < whole ||
        json_array_size(actions) * 40 < whole)
        bench_die(home, "is no plan of that size that this version shows");
    json_decref(actions);
    json_decref(status);
}

static void measure(const char *home)
{
    static const struct command commands[] = {
        {"check", "check, all points", "check --on 2027-06-01", 1, 1},
        {"check_json", "check --json", "--json check --on 2027-06-01", 1, 1},
        {"who", "who", "--json who", 0, 1},
        {"review", "review", "--json review --on 2027-06-01", 0, 1},
        {"balance", "balance", "--json balance", 0, 1},
        {"common_ground", "common-ground", "--json common-ground", 0, 1},
        {"match", "match", "--json match", 0, 3},
        {"list", "list", "--json list", 0, 0},
        {"wordings", "wordings", "--json wordings", 0, 0},
        {"status", "status", "--json status", 0, 0},
        {"digest", "digest", "--json digest", 0, 0},
        {"export_csv", "export csv", "export csv", 0, 3},
        {"export_json", "export json", "export json", 0, 3},
        {"export_md", "export md", "export md", 0, 3},
        {"export_html", "export html", "export html", 0, 3},
        {"export_large", "export html --audience large", "export html --audience large", 0, 3},
        {"export_for", "export html --for", "export html --for Asha --mine", 0, 3},
        {"export_easy_read", "export easy-read", "export easy-read", 0, 3},
        {"export_why", "export why --audience professional", "export why --audience professional", 0, 3},
        {"export_ics", "export ics", "export ics --todo", 0, 3},
        {"export_ics_names", "export ics, names and all", "export ics --with-names --with-health-words", 0,
         3},
        {"export_evidence", "export evidence", "export evidence --on 2027-06-01", 0, 3},
        {"export_evidence_html", "export evidence --html", "export evidence --html --on 2027-06-01", 0, 3}};
    bench_section("check and exports at 100,000 records");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        one_command(home, &commands[i]);
    bench_add(&(struct bench_row){.key = "check_rss",
                                  .what = "the daemon's memory at its highest",
                                  .value = bench_status(place_pid(0), "VmHWM") / 1024,
                                  .unit = "MiB"});
}

int main(int argc, char **argv)
{
    const char *json = NULL, *kept = NULL;
    char address[256];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            whole /= 10;
        } else if (i + 1 < argc && strcmp(argv[i], "--json") == 0) {
            json = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--home") == 0) {
            kept = argv[++i];
        } else {
            (void)fprintf(stderr, "check [--json FILE] [--quick] [--home FOLDER]\n");
            return 2;
        }
    }
    if (sodium_init() < 0)
        return 3;
    place_open("check");
    const char *home = kept != NULL ? kept : place_at("asha");
    if (access(home, F_OK) != 0) {
        real_home(home, "Asha");
        place_serve(home, 0, address);
        json_decref(real_run(home, "plan new 'A big plan'"));
        place_stop(home, 0);
        fill(home);
    }
    place_serve(home, 0, address);
    look_at_plan(home);
    measure(home);
    place_stop(home, 0);
    if (!bench_finish(json))
        bench_die(json, "cannot be written");
    return 0;
}
