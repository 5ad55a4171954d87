/*
 * What members do with a plan, by the daemon's own way from an edit to an entry.
 * Must not: know what goes wrong. Agreements are world_agree.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/private.h"
#include "daemon/serve_plan.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

static const struct cp_bytes none = {NULL, 0};

struct doing {
    struct world *w;
    struct machine *m;
    size_t person;
    struct cp_node *node;
    struct cp_desk desk;
    char text[64];
};

static struct cp_node *node_of(struct machine *m)
{
    static struct cp_node node;
    node.mem = test_mem();
    node.store = m->store;
    return &node;
}

/* Few different words, so that people sometimes write the same apart. */
static struct cp_bytes say(struct doing *d)
{
    static const char *const words[] = {"a quiet room",  "tea on Tuesdays", "walks",     "more light", "a bench",
                                        "longer hours", "no jargon",       "the garden", "music",      "a lift"};
    (void)snprintf(d->text, sizeof d->text, "%s %u", words[world_roll(d->w, sizeof words / sizeof *words)],
                   (unsigned)world_roll(d->w, 4));
    return cp_bytes_str(d->text);
}

/* An item that the machine holds; NULL when it holds none. */
static const struct ref_entry *pick_item(struct doing *d)
{
    const struct ref_log *log = &d->w->log;
    size_t start = log->records_count == 0 ? 0 : world_roll(d->w, log->records_count);
    for (size_t i = 0; i < log->records_count; i++) {
        size_t at = ref_find(log, log->records[(start + i) % log->records_count].id);
        if (at != REF_NONE && ref_set_has(&d->m->now.held, at) && log->entries[at].kind == CP_KIND_ITEM &&
            log->entries[at].readable)
            return &log->entries[at];
    }
    return NULL;
}

static const uint8_t *pick_person(struct doing *d)
{
    return d->w->people[world_roll(d->w, d->w->people_count)].who.person;
}

/* ---- Edits ---- */

struct field_try {
    const char *name;
    const char *values; /* one of "a|b|c"; NULL: free text */
    bool person, item;
};

static void pick_value(struct doing *d, struct cp_edit *e, const struct field_try *f)
{
    e->text = say(d);
    if (f->values != NULL) {
        const char *at = f->values;
        for (uint64_t skip = world_roll(d->w, 4); skip > 0 && strchr(at, '|') != NULL; skip--)
            at = strchr(at, '|') + 1;
        e->text = CP_BYTES((const uint8_t *)at, strcspn(at, "|"));
    }
    if (f->person)
        memcpy(e->link, pick_person(d), CP_ID_LEN);
    if (f->item) {
        const struct ref_entry *item = pick_item(d);
        if (item != NULL)
            memcpy(e->link, item->id, CP_ID_LEN);
    }
    e->number = (int64_t)world_roll(d->w, 300);
}

static void write_edits(struct doing *d, struct cp_edits *e, const struct cp_shown *s, uint64_t kind,
                        const uint8_t *target)
{
    static struct cp_draft draft;
    cp_draft_init(&draft, test_mem(), kind, 0, target);
    enum cp_err err = cp_edits_apply(e, s, &draft);
    if (err == CP_OK && draft.ops_count > 0) {
        struct cp_shown again;
        bool written = world_write(d->w, d->m, d->person, &draft);
        if (!written || !cp_edits_rest(e) || cp_shown_load(&again, &d->desk, s->kind, s->id, false) != CP_OK)
            return;
        write_edits(d, e, &again, kind, target == NULL ? NULL : again.id); /* a long list: each entry takes away what it has room for */
        cp_shown_clear(&again);
        return;
    }
    if (err != CP_OK && err != CP_ERR_BAD_FIELD)
        world_excuse(d->w, d->m, err, "making an edit");
    cp_draft_clear(&draft);
}

/* Fields of the table that this record has: one to three of them are written. */
static void edit_fields(struct doing *d, const struct field_try *tries, size_t count, enum cp_record on,
                        const uint8_t *id, uint64_t kind)
{
    static struct cp_edits e;
    struct cp_shown s;
    char texts[3][64];
    enum cp_err err = cp_shown_load(&s, &d->desk, on, id, false);
    if (err != CP_OK) {
        world_excuse(d->w, d->m, err, "reading a record");
        return;
    }
    cp_edits_init(&e);
    for (size_t n = 1 + world_roll(d->w, 3); n > 0; n--) {
        const struct field_try *f = &tries[world_roll(d->w, count)];
        struct cp_edit *edit = &e.list[e.count];
        if (cp_edit_name(&e, cp_bytes_str(f->name), on, edit) != CP_OK)
            continue;
        bool twice = false; /* one command names a field once */
        for (size_t i = 0; i < e.count; i++)
            twice = twice || (e.list[i].field == edit->field && cp_bytes_eq(e.list[i].lang, edit->lang));
        if (twice)
            continue;
        pick_value(d, edit, f);
        if (f->values == NULL) {
            memcpy(texts[e.count], d->text, sizeof d->text);
            edit->text = cp_bytes_str(texts[e.count]);
        }
        static const enum cp_edit_how list[] = {CP_EDIT_ADD, CP_EDIT_ADD, CP_EDIT_REMOVE, CP_EDIT_SET, CP_EDIT_CLEAR};
        if (edit->field->list)
            edit->how = list[world_roll(d->w, 5)];
        else
            edit->how = edit->field->code != CP_FIELD_TEXT && world_chance(d->w, 100) ? CP_EDIT_CLEAR : CP_EDIT_SET;
        if (edit->field->list)
            world_count(d->w, SIM_COUNT_LISTS);
        e.count++;
    }
    if (e.count > 0) {
        world_count(d->w, kind == CP_KIND_PERSON ? SIM_COUNT_OWN : SIM_COUNT_EDITS);
        write_edits(d, &e, &s, kind, kind == CP_KIND_PLAN ? NULL : id);
    }
    cp_shown_clear(&s);
}

static void edit_item(struct doing *d)
{
    static const struct field_try tries[] = {
        {"text", NULL, false, false},       {"text", NULL, false, false},    {"text.cy", NULL, false, false},
        {"plain", NULL, false, false},      {"why", NULL, false, false},     {"place", NULL, false, false},
        {"details", NULL, false, false},    {"lead", NULL, true, false},     {"helpers", NULL, true, false},
        {"for", NULL, false, true},         {"serves", NULL, false, true},   {"position", "a|b|c|d", false, false},
        {"environment", "home|workplace|online|countryside", false, false},  {"start", "2027-01-11|2027-02-01", false, false},
        {"by", NULL, true, false},          {"effect", NULL, false, false},  {"amount", NULL, false, false}};
    const struct ref_entry *item = pick_item(d);
    if (item == NULL)
        return;
    world_say(d->w, "%s edits an item on %s", d->w->people[d->person].name, d->m->name);
    edit_fields(d, tries, sizeof tries / sizeof *tries, (enum cp_record)item->subkind, item->id, CP_KIND_SET);
}

static void edit_plan(struct doing *d)
{
    static const struct field_try tries[] = {
        {"title", NULL, false, false},   {"purpose", NULL, false, false},          {"title.cy", NULL, false, false},
        {"languages", "en|cy|fr|pl", false, false}, {"kept_informed", NULL, true, false}, {"if_behind", NULL, false, false},
        {"comment_days", NULL, false, false},       {"perspectives_needed", "carer|council|professional", false, false}};
    world_say(d->w, "%s edits the plan itself on %s", d->w->people[d->person].name, d->m->name);
    edit_fields(d, tries, sizeof tries / sizeof *tries, CP_RECORD_PLAN, d->w->plan, CP_KIND_PLAN);
}

static void edit_self(struct doing *d)
{
    static const struct field_try tries[] = {{"name", NULL, false, false},
                                             {"interests", NULL, false, false},
                                             {"limits", NULL, false, false},
                                             {"wants_by", "hand|post|email", false, false},
                                             {"perspectives", "carer|council|local resident", false, false}};
    const struct person *p = &d->w->people[d->person];
    world_say(d->w, "%s edits their own page on %s", p->name, d->m->name);
    edit_fields(d, tries, sizeof tries / sizeof *tries, CP_RECORD_PERSON, p->who.person, CP_KIND_PERSON);
}

static void set_state(struct doing *d)
{
    static const struct field_try aside = {"state", "set aside", false, false}, open = {"state", "open", false, false};
    static const struct field_try closes = {"state", "set aside|gone|accepted|gone", false, false};
    const struct ref_entry *item = pick_item(d);
    bool puts = world_chance(d->w, 600);
    if (item == NULL)
        return;
    world_say(d->w, "%s %s an item on %s", d->w->people[d->person].name, puts ? "sets aside" : "brings back", d->m->name);
    world_count(d->w, SIM_COUNT_ASIDES);
    const struct field_try *off = item->subkind == CP_RECORD_RISK ? &closes : &aside;
    edit_fields(d, puts ? off : &open, 1, (enum cp_record)item->subkind, item->id, CP_KIND_SET);
}

static bool tell_fields(struct doing *d, const struct ref_entry *item, struct cp_buf *out)
{
    struct cp_shown s;
    if (cp_shown_load(&s, &d->desk, (enum cp_record)item->subkind, item->id, false) != CP_OK)
        return false;
    for (size_t i = 0; i < s.fields_count; i++)
        for (size_t k = 0; s.fields[i].field->code != CP_FIELD_STATE && k < s.fields[i].count; k++)
            cp_put_value(&s, &s.fields[i].values[k], out);
    bool open = !cp_bytes_eq(cp_shown_state(&s), cp_bytes_str("set aside"));
    cp_shown_clear(&s);
    return open;
}

/* Invariant 2: what is set aside comes back as it was. */
static void aside_and_back(struct doing *d)
{
    static const struct field_try aside = {"state", "set aside", false, false}, open = {"state", "open", false, false};
    const struct ref_entry *item = pick_item(d);
    struct cp_buf before, after;
    size_t held = d->m->now.held.count;
    if (item == NULL || d->m->now.damaged.count > 0)
        return;
    enum cp_record kind = (enum cp_record)item->subkind;
    uint8_t id[CP_ID_LEN]; /* the log moves when it grows */
    memcpy(id, item->id, CP_ID_LEN);
    cp_buf_init(&before, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&after, test_mem(), SIZE_MAX / 2);
    if (tell_fields(d, item, &before)) {
        edit_fields(d, &aside, 1, kind, id, CP_KIND_SET);
        if (d->m->now.held.count == held + 1 && !world_off(d->m))
            edit_fields(d, &open, 1, kind, id, CP_KIND_SET);
        if (d->m->now.held.count == held + 2 && !world_off(d->m)) {
            bool back = tell_fields(d, &d->w->log.entries[ref_find(&d->w->log, id)], &after);
            world_count(d->w, SIM_COUNT_BACK);
            if (!back || !cp_bytes_eq(cp_buf_bytes(&before), cp_buf_bytes(&after)))
                world_fail(d->w, "invariant 2: on %s an item that was set aside does not come back as it was", d->m->name);
        }
    }
    cp_buf_clear(&before);
    cp_buf_clear(&after);
}

/* Something that is for nobody else: what a daemon would seal into the private file, and no entry. */
static void keep_private(struct doing *d)
{
    static struct cp_draft draft;
    struct cp_private p = {.mem = test_mem()};
    struct cp_buf file;
    char text[96];
    (void)snprintf(text, sizeof text, WORLD_PRIVATE " %u", (unsigned)world_roll(d->w, 1000));
    cp_buf_init(&file, test_mem(), CP_PRIVATE_FILE_MAX);
    if (cp_private_add(&p, CP_PRIVATE_LEARNING, d->w->now_ms, cp_bytes_str(text)) != CP_OK)
        world_fail(d->w, "cannot keep something private");
    cp_private_encode(&p, &file);
    world_count(d->w, SIM_COUNT_PRIVATE);
    if (world_planted == SIM_PLANT_LEAK) {
        cp_draft_init(&draft, test_mem(), CP_KIND_NOTE, 9, d->w->plan);
        cp_draft_text(&draft, CP_FIELD_TEXT, none, cp_bytes_str(text));
        (void)world_write(d->w, d->m, d->person, &draft);
    }
    cp_buf_clear(&file);
    cp_private_clear(&p);
}

/* Of two wordings one is kept, which replaces both. */
static void choose(struct doing *d)
{
    static struct cp_edits e;
    struct cp_shown s;
    for (unsigned tries = 0; tries < 6; tries++) {
        const struct ref_entry *item = pick_item(d);
        if (item == NULL || cp_shown_load(&s, &d->desk, (enum cp_record)item->subkind, item->id, false) != CP_OK)
            return;
        for (size_t i = 0; i < s.fields_count; i++) {
            const struct cp_shown_field *f = &s.fields[i];
            if (f->field->list || f->count < 2)
                continue;
            cp_edits_init(&e);
            if (cp_edits_keep(&e, &s, f, &f->values[world_roll(d->w, f->count)]) != CP_OK)
                continue;
            world_count(d->w, SIM_COUNT_CHOICES);
            world_say(d->w, "%s chooses between %zu wordings on %s", d->w->people[d->person].name, f->count, d->m->name);
            write_edits(d, &e, &s, CP_KIND_SET, item->id);
            cp_shown_clear(&s);
            return;
        }
        cp_shown_clear(&s);
    }
}

/* ---- New things ---- */

static void add_item(struct doing *d)
{
    static struct cp_draft draft;
    static const enum cp_record kinds[] = {CP_RECORD_ACTION, CP_RECORD_ACTION, CP_RECORD_OPTION,   CP_RECORD_PRIORITY,
                                           CP_RECORD_RISK,   CP_RECORD_NEED,   CP_RECORD_RESOURCE, CP_RECORD_CRITERION};
    cp_draft_init(&draft, test_mem(), CP_KIND_ITEM, kinds[world_roll(d->w, sizeof kinds / sizeof *kinds)], NULL);
    cp_draft_text(&draft, CP_FIELD_TEXT, none, say(d));
    if (world_chance(d->w, 300))
        cp_draft_text(&draft, CP_FIELD_PLAIN, none, cp_bytes_str("in plain words"));
    world_say(d->w, "%s adds an item on %s", d->w->people[d->person].name, d->m->name);
    (void)world_write(d->w, d->m, d->person, &draft);
}

static void rate(struct doing *d)
{
    static struct cp_draft draft;
    static const char *const values[] = {"0", "1", "2", "3", "4", "dont_know"};
    const struct ref_entry *item = pick_item(d);
    struct cp_loaded l;
    uint64_t measure = 1 + world_roll(d->w, 3); /* importance, score, fairness */
    if (item == NULL)
        return;
    enum cp_err err = cp_store_load(d->m->store, d->w->plan, item->id, false, &l);
    if (err != CP_OK) {
        world_excuse(d->w, d->m, err, "reading views");
        return;
    }
    cp_draft_init(&draft, test_mem(), CP_KIND_VIEW, measure, item->id);
    for (size_t i = 0; i < l.writes_count; i++) {
        const struct cp_write *v = &l.writes[i];
        if (v->frame->kind == CP_KIND_VIEW && v->frame->subkind == measure &&
            memcmp(v->person, d->w->people[d->person].who.person, CP_ID_LEN) == 0)
            cp_draft_replace(&draft, v->id);
    }
    cp_draft_text(&draft, CP_FIELD_VALUE, none, cp_bytes_str(values[world_roll(d->w, 6)]));
    cp_loaded_clear(&l);
    world_count(d->w, SIM_COUNT_VIEWS);
    world_say(d->w, "%s rates an item on %s", d->w->people[d->person].name, d->m->name);
    (void)world_write(d->w, d->m, d->person, &draft);
}

static void note(struct doing *d)
{
    static struct cp_draft draft;
    const struct ref_entry *item = pick_item(d);
    cp_draft_init(&draft, test_mem(), CP_KIND_NOTE, 1 + world_roll(d->w, 12), item == NULL ? d->w->plan : item->id);
    if (world_chance(d->w, d->w->weather.long_notes)) { /* meetings of several chunks */
        static uint8_t page[CP_TEXT_MAX];
        memset(page, 'a' + (int)world_roll(d->w, 26), sizeof page);
        for (unsigned i = 0; i < 3; i++)
            cp_draft_text(&draft, i == 0 ? CP_FIELD_TEXT : CP_FIELD_WHY, none, CP_BYTES(page, sizeof page));
        world_count(d->w, SIM_COUNT_LONG);
    } else {
        cp_draft_text(&draft, CP_FIELD_TEXT, none, say(d));
    }
    world_count(d->w, SIM_COUNT_NOTES);
    world_say(d->w, "%s writes a note on %s", d->w->people[d->person].name, d->m->name);
    (void)world_write(d->w, d->m, d->person, &draft);
}

/* A column of an imported table, and a value under it. */
static void column(struct doing *d)
{
    static struct cp_draft draft;
    static struct cp_edits e;
    static const char *const names[] = {"Owner", "Cost", "When"};
    const char *name = names[world_roll(d->w, 3)];
    const struct cp_column *c = cp_desk_column(&d->desk, cp_bytes_str(name), UINT16_MAX);
    const struct ref_entry *item = pick_item(d);
    struct cp_shown s;
    if (item == NULL)
        return;
    if (c == NULL || world_chance(d->w, 100)) {
        cp_draft_init(&draft, test_mem(), CP_KIND_COLUMN, 0, NULL);
        cp_draft_value(&draft, cp_bytes_str(name), true);
        (void)world_write(d->w, d->m, d->person, &draft);
        return;
    }
    if (cp_shown_load(&s, &d->desk, (enum cp_record)item->subkind, item->id, false) != CP_OK)
        return;
    cp_edits_init(&e);
    e.list[0] = (struct cp_edit){.field = cp_field_by_code(CP_FIELD_COLUMN), .how = CP_EDIT_SET,
                                 .column = cp_bytes_str(name), .text = say(d)};
    memcpy(e.list[0].column_id, c->id, CP_ID_LEN);
    e.count = 1;
    world_count(d->w, SIM_COUNT_EDITS);
    world_say(d->w, "%s fills in a column on %s", d->w->people[d->person].name, d->m->name);
    write_edits(d, &e, &s, CP_KIND_SET, item->id);
    cp_shown_clear(&s);
}

/* Control entries that people make now and then. */
static void control(struct doing *d)
{
    struct cp_buf frame;
    uint8_t secret[CP_KEY_LEN], id[CP_ID_LEN];
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    world_random(d->w, secret, sizeof secret);
    size_t some = world_roll(d->w, d->w->log.count);
    while (some > 0 && d->w->log.entries[some].kind != CP_KIND_INVITE)
        some--;
    if (some > 0 && ref_set_has(&d->m->now.held, some) && world_chance(d->w, 300))
        cp_uninvite_write(d->w->log.entries[some].id, &frame);
    else if (world_chance(d->w, d->w->large ? 10 : 500))
        cp_secret_write(secret, &frame);
    else
        cp_invite_write(secret, secret, NULL, &frame);
    if (world_write_control(d->w, d->m, d->person, cp_buf_bytes(&frame), id))
        world_count(d->w, SIM_COUNT_CONTROL);
    cp_buf_clear(&frame);
}

/* A program that is newer than ours says something: kept by all, without effect. */
static void say_newer(struct doing *d)
{
    struct cp_buf frame, words;
    struct writing t;
    uint8_t salt[CP_SALT_LEN];
    bool control = world_chance(d->w, 300);
    const struct ref_entry *item = pick_item(d);
    world_random(d->w, salt, sizeof salt);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cp_put_array(&frame, 3);
    cp_put_uint(&frame, control ? 40 : 99);
    cp_put_array(&frame, item == NULL || control ? 0 : 1);
    if (item != NULL && !control)
        cp_put_fixed(&frame, item->id, CP_ID_LEN);
    cp_put_str(&frame, cp_bytes_str("a later thought"));
    if (!control) {
        cp_put_array(&words, 2);
        cp_put_fixed(&words, salt, sizeof salt);
        cp_put_str(&words, say(d));
    }
    enum cp_err err = world_begin(d->w, d->m, &t);
    if (err == CP_OK)
        err = world_end(d->w, d->m, &t, world_append(d->w, d->m, d->person, control ? CP_CONTROL : CP_CONTENT,
                                                     cp_buf_bytes(&frame), cp_buf_bytes(&words), &t));
    else
        world_excuse(d->w, d->m, err, "beginning to write");
    if (err == CP_OK) {
        world_count(d->w, SIM_COUNT_NEWER);
        world_say(d->w, "%s writes with a newer program on %s", d->w->people[d->person].name, d->m->name);
    }
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

void world_people_step(struct world *w, struct machine *m)
{
    static void (*const acts[])(struct doing *) = {add_item, edit_item, edit_item, edit_item, edit_item, edit_plan,
                                                   edit_self, set_state, set_state, choose,    choose,    rate,
                                                   rate,      note,      column,    edit_item, aside_and_back,
                                                   keep_private};
    struct doing d = {.w = w, .m = m, .person = world_writer(w, m), .node = node_of(m)};
    if (d.person == WORLD_NOBODY || !world_holds_plan(w, m))
        return;
    if (world_chance(w, 20)) {
        control(&d);
        return;
    }
    if (world_chance(w, w->weather.long_notes / 4)) {
        note(&d);
        return;
    }
    if (world_chance(w, w->weather.takes_back)) {
        world_take_back(w, m, d.person);
        return;
    }
    if (w->weather.attaches > 0 && world_chance(w, w->weather.attaches)) {
        const struct ref_entry *item = pick_item(&d);
        if (item != NULL)
            world_attach(w, m, d.person, item->id);
        return;
    }
    if (world_chance(w, w->weather.newer)) {
        say_newer(&d);
        return;
    }
    void (*act)(struct doing *) = acts[world_roll(w, sizeof acts / sizeof *acts)];
    enum cp_err err = CP_OK;
    if (w->large && act == column && !world_chance(w, 50))
        act = edit_item; /* a town agrees on few columns */
    if (w->large && act != column) /* what these do needs nobody's name */
        d.desk = (struct cp_desk){.node = d.node, .plan = w->plan, .mem = d.node->mem};
    else
        err = cp_desk_open(&d.desk, d.node, w->plan);
    if (err != CP_OK) {
        world_excuse(w, m, err, "reading the plan");
        return;
    }
    bool empty = pick_item(&d) == NULL;
    (empty ? add_item : act)(&d);
    cp_desk_close(&d.desk);
}
