/* Gathering a version, and the edits that lead there: on real stores, with entries written straight into them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gather.h"
#include "daemon/serve_plan.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static struct cp_bytes str(const char *s)
{
    return cp_bytes_str(s);
}

static const struct cp_bytes none = {NULL, 0};

/* One plan on one store, two people in it. */
struct table {
    const char *folder;
    struct someone asha, ben;
    struct cp_node node;
    struct cp_store *store;
    uint8_t plan[CP_ID_LEN];
};

static void table_lay(struct table *t)
{
    memset(t, 0, sizeof *t);
    t->folder = folder_make();
    someone_make(&t->asha, 1);
    someone_make(&t->ben, 2);
    t->store = store_at(in_folder(t->folder, "plan.db"), 1, NULL);
    group_found(t->store, &t->asha, t->plan);
    group_add(t->store, &t->asha, t->plan, &t->ben, 1);
    t->node.mem = test_mem();
    t->node.store = t->store;
}

static void table_clear(struct table *t)
{
    cp_store_close(t->store);
    folder_remove(t->folder);
}

static void desk(struct cp_desk *d, struct table *t)
{
    cr_assert_eq(cp_desk_open(d, &t->node, t->plan), CP_OK);
}

static void item(struct table *t, enum cp_record kind, const char *text, uint8_t id[CP_ID_LEN])
{
    struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, kind, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, none, str(text));
    cr_assert_eq(group_write(t->store, &t->asha, t->plan, &d, id), CP_OK);
}

/* FIELD=VALUE on an item, as the command does it: links are by hex id and taken apart here. */
static enum cp_err edit(struct table *t, enum cp_record kind, const uint8_t *id, const char *field,
                        enum cp_edit_how how, const char *value, const uint8_t *link)
{
    struct cp_desk d;
    struct cp_shown s;
    struct cp_edits e;
    struct cp_draft draft;
    uint8_t entry[CP_ID_LEN];
    desk(&d, t);
    cr_assert_eq(cp_shown_load(&s, &d, kind, id, false), CP_OK);
    cp_edits_init(&e);
    cr_assert_eq(cp_edit_name(&e, str(field), kind, &e.list[0]), CP_OK);
    e.count = 1;
    e.list[0].how = how;
    if (link != NULL)
        memcpy(e.list[0].link, link, CP_ID_LEN);
    else if (value != NULL)
        e.list[0].text = str(value);
    enum cp_kind entry_kind = kind == CP_RECORD_PLAN ? CP_KIND_PLAN : CP_KIND_SET;
    cp_draft_init(&draft, test_mem(), entry_kind, 0, entry_kind == CP_KIND_PLAN ? NULL : id);
    enum cp_err err = cp_edits_apply(&e, &s, &draft);
    if (err == CP_OK)
        err = group_write(t->store, &t->asha, t->plan, &draft, entry);
    else
        cp_draft_clear(&draft);
    cp_shown_clear(&s);
    while (err == CP_OK && cp_edits_rest(&e)) {
        cr_assert_eq(cp_shown_load(&s, &d, kind, id, false), CP_OK);
        cp_draft_init(&draft, test_mem(), entry_kind, 0, entry_kind == CP_KIND_PLAN ? NULL : id);
        err = cp_edits_apply(&e, &s, &draft);
        cr_assert_eq(err, CP_OK);
        cr_assert_gt(draft.ops_count, 0, "each entry takes something away");
        err = group_write(t->store, &t->asha, t->plan, &draft, entry);
        cp_shown_clear(&s);
    }
    cp_desk_close(&d);
    return err;
}

static void set(struct table *t, enum cp_record kind, const uint8_t *id, const char *field, const char *value)
{
    cr_assert_eq(edit(t, kind, id, field, value == NULL ? CP_EDIT_CLEAR : CP_EDIT_SET, value, NULL), CP_OK);
}

static void link_to(struct table *t, enum cp_record kind, const uint8_t *id, const char *field,
                    enum cp_edit_how how, const uint8_t *to)
{
    cr_assert_eq(edit(t, kind, id, field, how, NULL, to), CP_OK);
}

/* The text a freeze would give, NUL-terminated; checked to be readable. The caller frees. */
static char *frozen(struct table *t, struct cp_gathered *g)
{
    struct cp_desk d;
    struct cp_buf text;
    struct cp_version_read read;
    desk(&d, t);
    cr_assert_eq(cp_gather(g, &d, CP_STAGE_AGREEMENT, false), CP_OK);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    g->v.left_open_why = g->passable > 0 ? str("we know") : none;
    cp_version_write(&g->v, &text);
    cr_assert_eq(cp_buf_err(&text), CP_OK);
    cr_assert_eq(cp_version_read(&read, test_mem(), cp_buf_bytes(&text)), CP_OK, "%.*s", (int)text.len,
                 (const char *)text.ptr);
    cp_version_clear(&read);
    char *copy = calloc(1, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    cp_buf_clear(&text);
    cp_desk_close(&d);
    return copy;
}

static bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

Test(gather, says_what_people_wrote_in_their_order)
{
    struct table t;
    struct cp_gathered g;
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN], third[CP_ID_LEN];
    table_lay(&t);
    item(&t, CP_RECORD_PRIORITY, "Quiet", first);
    item(&t, CP_RECORD_ACTION, "Find a room", second);
    item(&t, CP_RECORD_ACTION, "Ask the council", third);
    set(&t, CP_RECORD_PRIORITY, first, "text.cy", "Tawelwch");
    set(&t, CP_RECORD_PRIORITY, first, "hope", "calm");
    set(&t, CP_RECORD_PRIORITY, first, "hope", NULL);
    set(&t, CP_RECORD_ACTION, third, "position", "2");
    set(&t, CP_RECORD_ACTION, second, "position", "10");
    link_to(&t, CP_RECORD_ACTION, second, "serves", CP_EDIT_ADD, first);
    link_to(&t, CP_RECORD_ACTION, second, "lead", CP_EDIT_SET, t.ben.person);
    char *text = frozen(&t, &g);
    cr_assert(says(text, "  text: Quiet\n  text in cy: Tawelwch\n"));
    cr_assert_not(says(text, "hope"));
    cr_assert_not(says(text, "position"));
    cr_assert_lt(strstr(text, "Ask the council"), strstr(text, "text: Find a room"));
    cr_assert_gt(strstr(text, "text: Quiet"), strstr(text, "text: Find a room"), "no position comes last");
    cr_assert(says(text, " Quiet\n  lead: ") || says(text, " Quiet\n"));
    cr_assert_eq(g.v.must_answer_count, 2);
    cr_assert_eq(g.wordings + g.passable, 0);
    cp_gathered_clear(&g);
    free(text);
    table_clear(&t);
}

Test(gather, set_aside_is_left_out_and_comes_back_as_it_was)
{
    struct table t;
    struct cp_gathered g;
    uint8_t id[CP_ID_LEN];
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    char *before = frozen(&t, &g);
    cp_gathered_clear(&g);
    set(&t, CP_RECORD_ACTION, id, "state", "set aside");
    char *aside = frozen(&t, &g);
    cp_gathered_clear(&g);
    cr_assert_not(says(aside, "Find a room"));
    set(&t, CP_RECORD_ACTION, id, "text", "Find two rooms"); /* edited while set aside: stays aside */
    char *still = frozen(&t, &g);
    cp_gathered_clear(&g);
    cr_assert_str_eq(still, aside);
    set(&t, CP_RECORD_ACTION, id, "text", "Find a room");
    set(&t, CP_RECORD_ACTION, id, "state", "open");
    char *after = frozen(&t, &g);
    cp_gathered_clear(&g);
    cr_assert_str_eq(after, before);
    free(before);
    free(aside);
    free(still);
    free(after);
    table_clear(&t);
}

Test(gather, kept_informed_are_not_asked_and_doers_outside_are)
{
    struct table t;
    struct cp_gathered g;
    uint8_t id[CP_ID_LEN], stranger[CP_ID_LEN];
    memset(stranger, 0x77, sizeof stranger);
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_ADD, stranger);
    link_to(&t, CP_RECORD_PLAN, t.plan, "kept_informed", CP_EDIT_ADD, t.ben.person);
    char *text = frozen(&t, &g);
    cr_assert_eq(g.v.must_answer_count, 2);
    cr_assert_eq(g.v.kept_informed_count, 1);
    cr_assert(says(text, "  key: none\n"), "someone outside has no key");
    cr_assert_arr_eq(g.v.kept_informed[0].person, t.ben.person, CP_ID_LEN);
    cp_gathered_clear(&g);
    free(text);
    link_to(&t, CP_RECORD_ACTION, id, "lead", CP_EDIT_SET, t.ben.person); /* whoever leads is asked */
    text = frozen(&t, &g);
    cr_assert_eq(g.v.must_answer_count, 3);
    cr_assert_eq(g.v.kept_informed_count, 0);
    cp_gathered_clear(&g);
    free(text);
    link_to(&t, CP_RECORD_ACTION, id, "lead", CP_EDIT_CLEAR, t.ben.person);
    link_to(&t, CP_RECORD_PLAN, t.plan, "kept_informed", CP_EDIT_REMOVE, t.ben.person);
    set(&t, CP_RECORD_ACTION, id, "state", "dropped"); /* a dropped action asks nobody */
    text = frozen(&t, &g);
    cr_assert_eq(g.v.must_answer_count, 2);
    cr_assert_eq(g.v.kept_informed_count, 0);
    cp_gathered_clear(&g);
    free(text);
    table_clear(&t);
}

Test(gather, two_wordings_are_never_passed)
{
    struct table t;
    struct cp_gathered g;
    struct cp_desk d;
    uint8_t id[CP_ID_LEN], e1[CP_ID_LEN], e2[CP_ID_LEN];
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    group_set(t.store, &t.asha, t.plan, id, "A big room", id, e1);
    group_set(t.store, &t.ben, t.plan, id, "A small room", id, e2);
    desk(&d, &t);
    cr_assert_eq(cp_gather(&g, &d, CP_STAGE_AGREEMENT, false), CP_OK);
    cr_assert_eq(g.wordings, 1);
    cr_assert_eq(g.passable, 0);
    cr_assert_eq(g.v.items[0].facts_count, 1);
    cp_gathered_clear(&g);
    cr_assert_eq(cp_gather(&g, &d, CP_STAGE_AGREEMENT, true), CP_OK);
    cr_assert_eq(g.v.items[0].facts_count, 2, "to show differences every wording counts");
    cp_gathered_clear(&g);
    cp_desk_close(&d);
    /* A choice replaces all of them, and nothing stands beside it. */
    set(&t, CP_RECORD_ACTION, id, "text", "A big room");
    desk(&d, &t);
    cr_assert_eq(cp_gather(&g, &d, CP_STAGE_AGREEMENT, false), CP_OK);
    cr_assert_eq(g.wordings, 0);
    cp_gathered_clear(&g);
    size_t count = 99;
    cr_assert_eq(cp_count_wordings(&t.node, t.plan, &count), CP_OK);
    cr_assert_eq(count, 0);
    cp_desk_close(&d);
    table_clear(&t);
}

/* The same words written apart stand once, and one edit replaces both writes. */
Test(gather, equal_words_apart_leave_nothing_behind)
{
    struct table t;
    uint8_t id[CP_ID_LEN], e1[CP_ID_LEN], e2[CP_ID_LEN];
    size_t count = 99;
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    group_set(t.store, &t.asha, t.plan, id, "A big room", id, e1);
    group_set(t.store, &t.ben, t.plan, id, "A big room", id, e2);
    set(&t, CP_RECORD_ACTION, id, "text", "A small room");
    cr_assert_eq(cp_count_wordings(&t.node, t.plan, &count), CP_OK);
    cr_assert_eq(count, 0);
    table_clear(&t);
}

/* What no version could be read back with stays out, and the group can still freeze. */
Test(gather, odd_values_do_not_keep_a_group_from_freezing)
{
    struct table t;
    struct cp_gathered g;
    struct cp_draft d;
    uint8_t id[CP_ID_LEN], e[CP_ID_LEN];
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, id);
    cp_draft_text(&d, CP_FIELD_STATE, none, str("not chosen")); /* a state of options */
    cp_draft_text(&d, 58, none, str("hope"));                   /* a field of priorities */
    cr_assert_eq(group_write(t.store, &t.ben, t.plan, &d, e), CP_OK);
    char *text = frozen(&t, &g);
    cr_assert_not(says(text, "hope"));
    cr_assert_not(says(text, "not chosen"));
    cr_assert(says(text, "Find a room"));
    cp_gathered_clear(&g);
    free(text);
    table_clear(&t);
}

/* A language or a column that nobody could name must neither break the page nor leave wordings nobody can settle. */
Test(gather, odd_names_do_not_keep_a_group_from_freezing)
{
    struct table t;
    struct cp_gathered g;
    struct cp_draft d;
    struct cp_desk at;
    struct cp_shown shown;
    uint8_t id[CP_ID_LEN], e[CP_ID_LEN], column[CP_ID_LEN];
    static const char *const langs[] = {"cy: no\n  text", "EN", "x", "en--gb"};
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    for (size_t i = 0; i < sizeof langs / sizeof langs[0]; i++) {
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, id);
        cp_draft_text(&d, CP_FIELD_TEXT, str(langs[i]), str("forged"));
        cr_assert_eq(group_write(t.store, &t.ben, t.plan, &d, e), CP_OK);
    }
    for (unsigned i = 0; i < 2; i++) { /* under something that is no column, and under one without a name */
        for (unsigned k = 0; k < 2; k++) {
            memcpy(column, id, sizeof column);
            if (k == 1) {
                cp_draft_init(&d, test_mem(), CP_KIND_COLUMN, 0, NULL);
                cp_draft_value(&d, str(""), true);
                cr_assert_eq(group_write(t.store, &t.ben, t.plan, &d, column), CP_OK);
            }
            cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, id);
            cp_draft_column(&d, cp_draft_name(&d, column), str(i == 0 ? "one" : "two"));
            cr_assert_eq(group_write(t.store, &t.ben, t.plan, &d, e), CP_OK);
        }
    }
    char *text = frozen(&t, &g);
    cr_assert_eq(g.wordings, 0, "wordings that nobody could choose between");
    cr_assert_not(says(text, "forged"));
    cp_gathered_clear(&g);
    free(text);
    desk(&at, &t);
    cr_assert_eq(cp_shown_load(&shown, &at, CP_RECORD_ACTION, id, false), CP_OK);
    cr_assert_eq(cp_shown_wordings(&shown), 0);
    cp_shown_clear(&shown);
    cp_desk_close(&at);
    table_clear(&t);
}

Test(gather, newer_entries_may_be_passed_and_are_named)
{
    struct table t;
    struct cp_gathered g;
    struct cp_buf frame;
    uint8_t e[CP_ID_LEN];
    table_lay(&t);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_put_array(&frame, 2);
    cp_put_uint(&frame, 99);
    cp_put_array(&frame, 0);
    cr_assert_eq(cp_store_begin(t.store), CP_OK);
    cr_assert_eq(cp_store_append(t.store, &t.asha.signer, t.plan, t.asha.device, CP_CONTENT,
                                 cp_buf_bytes(&frame), none, 1, e),
                 CP_OK);
    cr_assert_eq(cp_store_commit(t.store), CP_OK);
    cp_buf_clear(&frame);
    char *text = frozen(&t, &g);
    cr_assert_eq(g.passable, 1);
    cr_assert(says(text, "left open\n  reason: 1 entries were made with a newer coplan\n  why: we know\n"));
    cp_gathered_clear(&g);
    free(text);
    table_clear(&t);
}

/* Two machines that hold the same entries, met in another order, freeze the same bytes. */
Test(gather, same_entries_give_the_same_bytes)
{
    struct table t, other;
    struct cp_gathered g;
    uint8_t id[CP_ID_LEN], column[CP_ID_LEN], e[CP_ID_LEN];
    struct cp_draft d;
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    cp_draft_init(&d, test_mem(), CP_KIND_COLUMN, 0, NULL);
    cp_draft_value(&d, str("Who pays?"), true);
    cr_assert_eq(group_write(t.store, &t.asha, t.plan, &d, column), CP_OK);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, id);
    cp_draft_column(&d, cp_draft_name(&d, column), str("the council"));
    cr_assert_eq(group_write(t.store, &t.ben, t.plan, &d, e), CP_OK);
    other = t;
    other.store = store_at(in_folder(t.folder, "other.db"), 2, NULL);
    other.node.store = other.store;
    group_carry(t.store, other.store, t.plan);
    char *a = frozen(&t, &g);
    cp_gathered_clear(&g);
    char *b = frozen(&other, &g);
    cp_gathered_clear(&g);
    cr_assert_str_eq(a, b);
    cr_assert(says(a, "  column Who pays?: the council\n"));
    free(a);
    free(b);
    cp_store_close(other.store);
    table_clear(&t);
}

/* Whatever allocation fails, it is told, and nothing is left behind (the leak checker looks). */
Test(gather, every_failing_allocation_is_told)
{
    struct table t;
    uint8_t id[CP_ID_LEN];
    bool done = false;
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    link_to(&t, CP_RECORD_ACTION, id, "lead", CP_EDIT_SET, t.ben.person);
    for (size_t n = 0; n < 400 && !done; n++) {
        struct test_heap heap;
        struct cp_node node = t.node;
        struct cp_desk d;
        struct cp_gathered g;
        test_heap_init(&heap, n);
        node.mem = &heap.mem;
        enum cp_err err = cp_desk_open(&d, &node, t.plan);
        if (err == CP_OK) {
            err = cp_gather(&g, &d, CP_STAGE_AGREEMENT, false);
            if (err == CP_OK)
                cp_gathered_clear(&g);
            cp_desk_close(&d);
        }
        cr_assert(err == CP_OK || err == CP_ERR_NO_MEMORY, "%s", cp_err_word(err));
        done = err == CP_OK;
    }
    cr_assert(done);
    table_clear(&t);
}

/* ---- Edits ---- */

static size_t in_list(struct table *t, const uint8_t *id, const char *only)
{
    struct cp_desk d;
    struct cp_shown s;
    desk(&d, t);
    cr_assert_eq(cp_shown_load(&s, &d, CP_RECORD_PLAN, id, false), CP_OK);
    const struct cp_shown_field *f = cp_shown_field(&s, CP_FIELD_PERSPECTIVES_NEEDED, none, none);
    size_t count = f == NULL ? 0 : f->count;
    if (only != NULL && count == 1) {
        const struct cp_current *at = &f->values[0];
        cr_expect(cp_bytes_eq(s.state.writes[at->write].frame->ops[at->op].value.bytes, cp_bytes_str(only)));
    }
    cp_shown_clear(&s);
    cp_desk_close(&d);
    return count;
}

/* One entry takes 63 elements away at most: a longer list takes several, and nothing is refused or left behind. */
Test(edits, a_list_longer_than_one_entry_can_empty)
{
    struct table t;
    char name[32];
    table_lay(&t);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 2 * CP_OPS_MAX + 5; i++) {
            (void)snprintf(name, sizeof name, "side %u", round == 2 ? 7 : i); /* last: one element, added over and over */
            cr_assert_eq(edit(&t, CP_RECORD_PLAN, t.plan, "perspectives_needed", CP_EDIT_ADD, name, NULL), CP_OK);
        }
        cr_expect_eq(in_list(&t, t.plan, NULL), round == 2 ? 1 : 2 * CP_OPS_MAX + 5);
        enum cp_edit_how how[] = {CP_EDIT_CLEAR, CP_EDIT_SET, CP_EDIT_REMOVE};
        cr_assert_eq(edit(&t, CP_RECORD_PLAN, t.plan, "perspectives_needed", how[round], "side 7", NULL), CP_OK);
        cr_expect_eq(in_list(&t, t.plan, "side 7"), how[round] == CP_EDIT_SET ? 1 : 0);
        cr_assert_eq(edit(&t, CP_RECORD_PLAN, t.plan, "perspectives_needed", CP_EDIT_CLEAR, NULL, NULL), CP_OK);
    }
    table_clear(&t);
}

Test(edits, a_list_is_set_added_to_and_taken_from)
{
    struct table t;
    struct cp_desk d;
    struct cp_shown s;
    uint8_t id[CP_ID_LEN];
    table_lay(&t);
    item(&t, CP_RECORD_ACTION, "Find a room", id);
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_ADD, t.asha.person);
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_ADD, t.asha.person); /* twice: shown once */
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_ADD, t.ben.person);
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_REMOVE, t.asha.person); /* both additions go */
    desk(&d, &t);
    cr_assert_eq(cp_shown_load(&s, &d, CP_RECORD_ACTION, id, false), CP_OK);
    const struct cp_shown_field *f = cp_shown_field(&s, CP_FIELD_HELPERS, none, none);
    cr_assert(f != NULL && f->count == 1);
    cr_assert_arr_eq(cp_record_link(&s.state, &f->values[0]), t.ben.person, CP_ID_LEN);
    cp_shown_clear(&s);
    cr_assert_eq(edit(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_REMOVE, NULL, t.asha.person),
                 CP_ERR_BAD_FIELD);
    link_to(&t, CP_RECORD_ACTION, id, "helpers", CP_EDIT_SET, t.asha.person);
    cr_assert_eq(cp_shown_load(&s, &d, CP_RECORD_ACTION, id, false), CP_OK);
    f = cp_shown_field(&s, CP_FIELD_HELPERS, none, none);
    cr_assert(f != NULL && f->count == 1);
    cr_assert_arr_eq(cp_record_link(&s.state, &f->values[0]), t.asha.person, CP_ID_LEN);
    cp_shown_clear(&s);
    cp_desk_close(&d);
    table_clear(&t);
}

Test(edits, names_are_judged)
{
    struct cp_edits e;
    struct cp_edit out;
    cp_edits_init(&e);
    cr_assert_eq(cp_edit_name(&e, str("text.cy"), CP_RECORD_ACTION, &out), CP_OK);
    cr_assert(cp_bytes_eq(out.lang, str("cy")));
    cr_assert_eq(cp_edit_name(&e, str("csv:Who. pays"), CP_RECORD_ACTION, &out), CP_OK);
    cr_assert(cp_bytes_eq(out.column, str("Who. pays")) && out.lang.len == 0);
    const char *bad[] = {"",     "nonsense", "text.", "text.CY",    "text.x y",    "due.cy",
                         "csv:", "import",   ".cy",   "helpers.cy", "title.cy.cy", "text\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(cp_edit_name(&e, str(bad[i]), CP_RECORD_ACTION, &out), CP_ERR_BAD_FIELD, "%s", bad[i]);
}

Test(edits, values_are_judged_by_type)
{
    static const struct {
        const char *field, *value;
        enum cp_err err;
        int64_t number;
    } cases[] = {
        {"cost_pence", "12.50", CP_OK, 1250},
        {"cost_pence", "1250", CP_OK, 1250},
        {"cost_pence",
         "\xc2\xa3"
         "12",
         CP_OK, 1200},
        {"cost_pence", "12.5", CP_ERR_BAD_FIELD, 0},
        {"cost_pence", "-1", CP_ERR_BAD_FIELD, 0},
        {"cost_pence", "1e3", CP_ERR_BAD_FIELD, 0},
        {"cost_pence", "99999999999999999999", CP_ERR_BAD_FIELD, 0},
        {"cost_pence", ".", CP_ERR_BAD_FIELD, 0},
        {"cost_pence", "1.234", CP_ERR_BAD_FIELD, 0},
        {"effort_minutes", "90", CP_OK, 90},
        {"effort_minutes", "9.0", CP_ERR_BAD_FIELD, 0},
        {"due", "2028-02-29", CP_OK, 0},
        {"due", "2027-02-29", CP_ERR_BAD_FIELD, 0},
        {"check_every", "P1M", CP_OK, 0},
        {"check_every", "monthly", CP_ERR_BAD_FIELD, 0},
        {"state", "dropped", CP_OK, 0},
        {"state", "chosen", CP_ERR_BAD_FIELD, 0},
        {"text", "\xff", CP_ERR_BAD_FIELD, 0},
    };
    struct cp_request r = {.name = "set"};
    struct cp_desk d = {.mem = test_mem()};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static struct cp_edits e;
        cp_edits_init(&e);
        enum cp_err err =
            cp_edits_typed(&e, &r, &d, CP_RECORD_ACTION, str(cases[i].field), str("="), str(cases[i].value));
        cr_assert_eq(err, cases[i].err, "%s=%s", cases[i].field, cases[i].value);
        if (err == CP_OK)
            cr_assert_eq(e.list[0].number, cases[i].number, "%s=%s", cases[i].field, cases[i].value);
        else
            cr_assert_neq(e.expected[0], '\0', "%s says what fits", cases[i].field);
    }
    static struct cp_edits e;
    static char big[CP_TEXT_MAX + 2];
    memset(big, 'x', sizeof big - 1);
    cp_edits_init(&e);
    cr_assert_eq(cp_edits_typed(&e, &r, &d, CP_RECORD_ACTION, str("text"), str("="), str(big)),
                 CP_ERR_TOO_BIG);
    cr_assert_eq(cp_edits_typed(&e, &r, &d, CP_RECORD_ACTION, str("due"), str("+="), str("2027-01-01")),
                 CP_ERR_BAD_FIELD);
    cr_assert_eq(cp_edits_typed(&e, &r, &d, CP_RECORD_ACTION, str("due"), str("=="), str("2027-01-01")),
                 CP_ERR_USAGE);
}

Test(edits, positions_have_an_order)
{
    const char *sorted[] = {"1", "2", "2b", "10", "a", "b"};
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++) {
            int want = (i > j) - (i < j);
            cr_assert_eq(cp_position_cmp(str(sorted[i]), str(sorted[j])), want, "%s %s", sorted[i],
                         sorted[j]);
        }
    cr_assert_gt(cp_position_cmp(none, str("9")), 0);
    cr_assert_eq(cp_position_cmp(none, none), 0);
}
