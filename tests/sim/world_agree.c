/*
 * Freezing a page and answering it, as the daemon does. Must not: judge (world_check.c does).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/gather_ready.h"
#include "daemon/serve_agree.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

#define ACTIONS_MAX 32U

struct agreeing {
    struct world *w;
    struct machine *m;
    size_t person;
    struct cp_desk d;
};

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

/* ---- Freezing ---- */

/* Parts, then the VERSION that names them, in one transaction. */
static void write_version(struct agreeing *a, enum cp_stage stage, struct cp_bytes text)
{
    static struct cp_draft d;
    uint8_t id[CP_ID_LEN];
    struct writing t;
    enum cp_err err = world_begin(a->w, a->m, &t);
    size_t parts = 0;
    if (err != CP_OK) {
        world_excuse(a->w, a->m, err, "beginning to freeze");
        return;
    }
    for (size_t at = 0; err == CP_OK && at < text.len; at += CP_PART_MAX, parts++) {
        size_t len = text.len - at < CP_PART_MAX ? text.len - at : CP_PART_MAX;
        cp_draft_init(&d, test_mem(), CP_KIND_PART, 0, NULL);
        cp_draft_value(&d, CP_BYTES(text.ptr + at, len), false);
        err = world_append_draft(a->w, a->m, a->person, &d, &t);
    }
    if (err == CP_OK) {
        cp_version_id(text, id);
        world_check_page_id(a->w, text, id);
        cp_draft_init(&d, test_mem(), CP_KIND_VERSION, (uint64_t)stage, NULL);
        (void)cp_draft_name(&d, id);
        for (size_t i = 0; i < parts; i++)
            (void)cp_draft_name(&d, a->w->log.entries[t.ids[i]].id);
        err = world_append_draft(a->w, a->m, a->person, &d, &t);
    }
    if (world_end(a->w, a->m, &t, err) == CP_OK) {
        world_count(a->w, SIM_COUNT_FREEZES);
        world_say(a->w, "%s freezes a page on %s", a->w->people[a->person].name, a->m->name);
    }
}

static bool find_parents(struct agreeing *a, struct cp_gathered *g, struct cp_bytes text)
{
    struct cp_pages pages;
    size_t count = 0;
    bool known = false;
    if (cp_pages_list(&pages, &a->d, text) != CP_OK)
        return false;
    uint8_t(*parents)[CP_ID_LEN] = cp_arena_take(&g->arena, pages.count + 1, CP_ID_LEN);
    for (size_t i = 0; i < pages.count; i++) {
        const struct cp_page_row *row = &pages.rows[i];
        if (!row->newest || row->stage != g->v.stage)
            continue;
        known = known || row->same_words;
        memcpy(parents[count++], row->id, CP_ID_LEN);
    }
    if (count > 1)
        qsort(parents, count, CP_ID_LEN, by_id);
    g->v.parents = (const uint8_t(*)[CP_ID_LEN])parents;
    g->v.parents_count = count;
    cp_pages_clear(&pages);
    return !known;
}

static void freeze(struct agreeing *a, enum cp_stage stage)
{
    struct cp_gathered g;
    struct cp_buf text;
    struct cp_version_read again;
    enum cp_err err = cp_gather(&g, &a->d, stage, false);
    if (err == CP_OK) {
        err = cp_gather_ready(&g, &a->d);
        if (err != CP_OK)
            cp_gathered_clear(&g);
    }
    if (err != CP_OK) {
        world_excuse(a->w, a->m, err, "gathering");
        return;
    }
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    if (g.wordings == 0) {
        g.v.left_open_why = g.passable > 0 ? cp_bytes_str("we begin anyway") : CP_BYTES(NULL, 0);
        cp_version_write(&g.v, &text);
        if (find_parents(a, &g, cp_buf_bytes(&text))) {
            cp_buf_reset(&text);
            cp_version_write(&g.v, &text);
            err = cp_version_read(&again, test_mem(), cp_buf_bytes(&text));
            if (err != CP_OK)
                world_fail(a->w, "%s would freeze a page that cannot be read back: %s", a->m->name, cp_err_word(err));
            else {
                world_check_frozen(a->w, a->m, &again.v);
                cp_version_clear(&again);
            }
            if (err == CP_OK)
                write_version(a, stage, cp_buf_bytes(&text));
        }
    }
    cp_buf_clear(&text);
    cp_gathered_clear(&g);
}

/* ---- Answering ---- */

static void sign_answer(struct agreeing *a, const struct cp_page *p, struct cp_answer *answer)
{
    static struct cp_draft d;
    const struct someone *who = &a->w->people[a->person].who;
    struct cp_buf text, input, armour;
    uint8_t sig[CP_SIG_LEN];
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
    cp_buf_init(&input, test_mem(), 512);
    cp_buf_init(&armour, test_mem(), 1024);
    cp_answer_write(answer, &text);
    cp_sshsig_input(cp_buf_bytes(&text), &input);
    if (world_planted == SIM_PLANT_LEANING) /* it also covers what somebody else wrote */
        cp_buf_put_bytes(&input, CP_BYTES(a->w->log.entries[0].id, CP_ID_LEN));
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, who->identity_secret);
    cp_draft_init(&d, test_mem(), CP_KIND_ANSWER, 0, p->id);
    cp_draft_value(&d, cp_buf_bytes(&text), true);
    cp_draft_value(&d, CP_BYTES(sig, sizeof sig), false);
    if (cp_buf_err(&text) == CP_OK && world_write(a->w, a->m, a->person, &d)) {
        world_count(a->w, answer->word == CP_ANSWER_WITHDRAWN ? SIM_COUNT_WITHDRAWN
                          : answer->word == CP_ANSWER_NO      ? SIM_COUNT_NOES
                                                              : SIM_COUNT_ANSWERS);
        world_say(a->w, "%s answers \"%s\" on %s", a->w->people[a->person].name, cp_answer_text_word(answer->word),
                  a->m->name);
    }
    cp_buf_clear(&text);
    cp_buf_clear(&input);
    cp_buf_clear(&armour);
}

/* What they say about each action that they lead or help, by the page; sorted, as its items may not be. */
static size_t say_will(struct agreeing *a, const struct cp_page *p, enum mood mood,
                       struct cp_answer_action *out)
{
    const struct cp_version *v = &p->read.v;
    const uint8_t *me = a->w->people[a->person].who.person;
    size_t count = 0;
    for (size_t i = 0; i < v->items_count && count < ACTIONS_MAX; i++) {
        bool mine = false;
        for (size_t j = 0; j < v->items[i].facts_count; j++) {
            const struct cp_fact *f = &v->items[i].facts[j];
            mine = mine || ((f->field == CP_FIELD_LEAD || f->field == CP_FIELD_HELPERS) && world_fact_names(f, me));
        }
        bool silent = mood != MOOD_WILLING && world_chance(a->w, mood == MOOD_SILENT ? 500 : 200);
        if (v->items[i].kind != CP_RECORD_ACTION || !mine || silent)
            continue;
        uint64_t what = mood == MOOD_MIXED ? world_roll(a->w, 6) : 0;
        out[count] = (struct cp_answer_action){.will = what < 4 ? CP_WILL : what == 4 ? CP_WILL_IF : CP_WILL_CANNOT};
        if (what == 4)
            out[count].condition = cp_bytes_str("the sun shines");
        memcpy(out[count++].action, v->items[i].id, CP_ID_LEN);
    }
    if (count > 1)
        qsort(out, count, sizeof *out, by_id);
    return count;
}

static void answer_page(struct agreeing *a, const struct cp_page *p, const struct cp_answered *answers, enum mood mood)
{
    struct cp_answer_action will[ACTIONS_MAX];
    static const enum cp_answer_word words[] = {CP_ANSWER_AGREE, CP_ANSWER_AGREE, CP_ANSWER_AGREE,
                                                CP_ANSWER_WORRY, CP_ANSWER_ASIDE, CP_ANSWER_NO};
    const struct someone *who = &a->w->people[a->person].who;
    uint8_t replaces[CP_PARENTS_MAX][CP_ID_LEN];
    struct cp_answer answer = {.name = cp_desk_name(&a->d, who->person),
                               .word = words[world_roll(a->w, mood == MOOD_MIXED ? 6 : 4)],
                               .method = cp_bytes_str("own device"),
                               .meaning = cp_bytes_str("1 en Yes."),
                               .date = cp_bytes_str("2027-01-01"),
                               .software = cp_bytes_str("coplan 0.1")};
    size_t count = 0;
    for (size_t i = 0; i < answers->count && count < CP_PARENTS_MAX; i++)
        if (memcmp(answers->ins[i].a->person, who->person, CP_ID_LEN) == 0 && cp_answered_stands(answers, i))
            memcpy(replaces[count++], answers->ins[i].id, CP_ID_LEN);
    if (count > 1)
        qsort(replaces, count, CP_ID_LEN, by_id);
    if (count > 0 && mood == MOOD_MIXED && world_chance(a->w, 400))
        answer.word = CP_ANSWER_WITHDRAWN;
    if (answer.word != CP_ANSWER_AGREE && answer.word != CP_ANSWER_WITHDRAWN)
        answer.why = cp_bytes_str("it comes too early");
    memcpy(answer.version, p->id, CP_ID_LEN);
    memcpy(answer.plan, a->w->plan, CP_ID_LEN);
    memcpy(answer.person, who->person, CP_ID_LEN);
    memcpy(answer.key, who->identity, CP_KEY_LEN);
    answer.replaces = (const uint8_t(*)[CP_ID_LEN])replaces;
    answer.replaces_count = count;
    answer.actions = will;
    answer.actions_count = answer.word == CP_ANSWER_WITHDRAWN ? 0 : say_will(a, p, mood, will);
    sign_answer(a, p, &answer);
}

static void answer_some(struct agreeing *a, enum mood mood)
{
    struct cp_pages pages;
    struct cp_page p;
    struct cp_answered answers;
    enum cp_err err = cp_pages_list(&pages, &a->d, CP_BYTES(NULL, 0));
    if (err != CP_OK || pages.count == 0) {
        world_excuse(a->w, a->m, err, "listing pages");
        if (err == CP_OK)
            cp_pages_clear(&pages);
        return;
    }
    bool newest = mood != MOOD_MIXED || world_chance(a->w, 700);
    struct cp_page_row row = pages.rows[newest ? pages.count - 1 : world_roll(a->w, pages.count)];
    cp_pages_clear(&pages);
    if (!row.counts || row.stage != CP_STAGE_AGREEMENT)
        return;
    err = cp_page_open(&p, &a->d, row.id);
    if (err == CP_OK) {
        err = cp_answered_load(&answers, &a->d, &p);
        if (err == CP_OK) {
            answer_page(a, &p, &answers, mood);
            cp_answered_clear(&answers);
        }
        cp_page_clear(&p);
    }
    world_excuse(a->w, a->m, err, "reading a page");
}

static bool sit_down(struct agreeing *a)
{
    static struct cp_node node;
    if (a->person == WORLD_NOBODY || !world_holds_plan(a->w, a->m))
        return false;
    node.mem = test_mem();
    node.store = a->m->store;
    enum cp_err err = cp_desk_open(&a->d, &node, a->w->plan);
    world_excuse(a->w, a->m, err, "reading the plan");
    return err == CP_OK;
}

void world_freeze(struct world *w, struct machine *m, enum cp_stage stage)
{
    struct agreeing a = {.w = w, .m = m, .person = world_writer(w, m)};
    if (!sit_down(&a))
        return;
    freeze(&a, stage);
    cp_desk_close(&a.d);
}

void world_answer(struct world *w, struct machine *m, size_t person, enum mood mood)
{
    struct agreeing a = {.w = w, .m = m, .person = person};
    if (!sit_down(&a))
        return;
    answer_some(&a, mood);
    cp_desk_close(&a.d);
}

void world_agree_step(struct world *w, struct machine *m)
{
    if (world_chance(w, 100))
        world_finish_plan(w, m);
    else if (world_chance(w, 350))
        world_freeze(w, m, world_chance(w, 800) ? CP_STAGE_AGREEMENT : CP_STAGE_COMMENT);
    else
        world_answer(w, m, world_writer(w, m), world_chance(w, 500) ? MOOD_WILLING : MOOD_MIXED);
}
