/*
 * What other people's files mean: map files line by line, cells of mapped columns, pages of Markdown. Bad input first;
 * nothing becomes a day, a sum or a person by guessing; words come out as they went in.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/mdplan.h"
#include "client/sheet.h"
#include "client/value.h"
#include "tests/support/heap.h"

static struct cp_bytes str(const char *s)
{
    return cp_bytes_str(s);
}

/* ---- Map files ---- */

static void bad_map(const char *file, enum cp_importmap_fault wanted, size_t wanted_line)
{
    static struct cp_importmap map;
    size_t line = 0;
    struct cp_bytes word;
    enum cp_importmap_fault fault = cp_importmap_read(&map, str(file), &line, &word);
    cr_assert_eq(fault, wanted, "'%s': %d", file, (int)fault);
    if (wanted_line > 0)
        cr_assert_eq(line, wanted_line, "'%s': line %zu", file, line);
}

Test(import, bad_maps_are_refused_by_line)
{
    bad_map("due When", CP_IMPORTMAP_NO_SIGN, 1);
    bad_map("# fine\n\ndue =", CP_IMPORTMAP_NO_SIGN, 3);
    bad_map("= When", CP_IMPORTMAP_NO_SIGN, 1);
    bad_map("due: Easter", CP_IMPORTMAP_NO_SIGN, 1);
    bad_map("due: = 2027-01-01", CP_IMPORTMAP_NO_SIGN, 1);
    bad_map("deu = When", CP_IMPORTMAP_FIELD, 1);
    bad_map("csv = When", CP_IMPORTMAP_FIELD, 1);
    bad_map("import = When", CP_IMPORTMAP_FIELD, 1);
    bad_map("position = When", CP_IMPORTMAP_FIELD, 1);
    bad_map("title = When", CP_IMPORTMAP_FIELD, 1);
    bad_map("due = A\ndue = B", CP_IMPORTMAP_TWICE, 2);
    bad_map("due = A\nstart = A", CP_IMPORTMAP_TWICE, 2);
    bad_map("due: x = 2027-01-01\ndue: X = 2027-01-02", CP_IMPORTMAP_TWICE, 2);
    bad_map("due: Easter = soon", CP_IMPORTMAP_VALUE, 1);
    bad_map("due: Easter = 2027-02-30", CP_IMPORTMAP_VALUE, 1);
    bad_map("rag: Ambr = Amber", CP_IMPORTMAP_VALUE, 1);
    bad_map("text: a = b", CP_IMPORTMAP_VALUE, 1);
    bad_map("days = american", CP_IMPORTMAP_VALUE, 1);
    bad_map("money = euros", CP_IMPORTMAP_VALUE, 1);
    bad_map("due = A\n\xff", CP_IMPORTMAP_NOT_TEXT, 2);
    bad_map("due = \x1b[2J", CP_IMPORTMAP_NOT_TEXT, 1);
    bad_map("", CP_IMPORTMAP_FINE, 0);
    bad_map("\xef\xbb\xbf# ours\r\ndue = A\r\n", CP_IMPORTMAP_FINE, 0);
}

Test(import, a_map_has_bounds)
{
    static struct cp_importmap map;
    static char file[64 * 1024];
    size_t at = 0, line = 0;
    struct cp_bytes word;
    for (size_t i = 0; i <= CP_IMPORTMAP_WORDS_MAX; i++)
        at += (size_t)sprintf(file + at, "due: words %zu = 2027-01-01\n", i);
    cr_assert_eq(cp_importmap_read(&map, str(file), &line, &word), CP_IMPORTMAP_MANY);
    cr_assert_eq(line, CP_IMPORTMAP_WORDS_MAX + 1);
    at = 0;
    for (size_t i = 0; i <= CP_IMPORTMAP_RULES_MAX; i++)
        at += (size_t)sprintf(file + at, "text.a%c%c = column %zu\n", (char)('a' + i / 26),
                              (char)('a' + i % 26), i);
    cr_assert_eq(cp_importmap_read(&map, str(file), &line, &word), CP_IMPORTMAP_MANY);
}

/* ---- Cells ---- */

static const char people[] =
    "[{\"person\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Asha\"},"
    "{\"person\":\"10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Bill\"},"
    "{\"person\":\"20112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Sam\"},"
    "{\"person\":\"30112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Sam\"}]";

/* What a cell under `field = C` and the further lines of the map comes to: "name op value; ..." and " !why". */
static void expect_cell(const char *field, const char *more, const char *cell, const char *wanted)
{
    static struct cp_importmap map;
    char file[512], got[1024] = "";
    size_t line = 0, at = 0, i = 0;
    struct cp_bytes word;
    struct cp_sheet_context context = {.people = json_loads(people, 0, NULL), .map = &map};
    json_t *fields = json_array();
    json_t *one = NULL;
    snprintf(file, sizeof file, "%s = C\n%s", field, more);
    cr_assert_eq(cp_importmap_read(&map, str(file), &line, &word), CP_IMPORTMAP_FINE, "%s", file);
    struct cp_sheet_column column = {.use = CP_SHEET_MAPPED,
                                     .name = str("C"),
                                     .field = map.rules[0].field,
                                     .field_name = map.rules[0].field_name};
    const char *why = cp_sheet_understand(&column, str(cell), &context, fields);
    json_array_foreach(fields, i, one)
    {
        bool id = strlen(cp_json_text(one, "value")) == 64;
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%s%s%.*s", i > 0 ? "; " : "",
                               cp_json_text(one, "name"), cp_json_text(one, "op"), id ? 2 : 100,
                               cp_json_text(one, "value"));
    }
    snprintf(got + at, sizeof got - at, "%s%s", why != NULL ? " !" : "", why != NULL ? why : "");
    cr_assert_str_eq(got, wanted, "%s: '%s'", field, cell);
    json_decref(fields);
    json_decref(context.people);
}

Test(import, days_are_not_guessed)
{
    expect_cell("due", "", "2027-04-30", "due=2027-04-30");
    expect_cell("due", "", " 2027-04-30 ", "due=2027-04-30");
    expect_cell("due", "", "Summer term", " !no_day");
    expect_cell("due", "", "Easter", " !no_day");
    expect_cell("due", "", "30/04/2027", " !no_day");
    expect_cell("due", "", "ongoing", " !no_day");
    expect_cell("due", "days = day/month/year", "30/4/2027", "due=2027-04-30");
    expect_cell("due", "days = month/day/year", "4.30.2027", "due=2027-04-30");
    expect_cell("due", "days = month/day/year", "30/4/2027", " !no_day");
    expect_cell("due", "days = day/month/year", "30/4/27", " !no_day");
    expect_cell("due", "days = day/month/year", "30/4/2027 or so", " !no_day");
    expect_cell("due", "days = day/month/year", "31/2/2027", " !no_day");
    expect_cell("due", "due: Summer term = 2027-07-20", "SUMMER TERM", "due=2027-07-20");
    expect_cell("due", "start: Summer term = 2027-07-20", "Summer term", " !no_day");
}

Test(import, sums_are_not_guessed)
{
    expect_cell("cost_pence", "",
                "\xc2\xa3"
                "1,250.00",
                "cost_pence=125000");
    expect_cell("cost_pence", "", "12.50", "cost_pence=1250");
    expect_cell("cost_pence", "",
                "\xc2\xa3"
                "80",
                "cost_pence=8000");
    expect_cell("cost_pence", "", "80", " !no_money");
    expect_cell("cost_pence", "money = pounds", "80", "cost_pence=8000");
    expect_cell("cost_pence", "money = pence", "80", "cost_pence=80");
    expect_cell("cost_pence", "money = pounds", "1,25", " !no_money");
    expect_cell("cost_pence", "money = pounds", "12.5", " !no_money");
    expect_cell("cost_pence", "money = pounds", "-5", " !no_money");
    expect_cell("cost_pence", "money = pounds", "999999999999999999999999", " !no_money");
    expect_cell("cost_pence", "money = pounds", "999,999,999,999,999,999.99", " !no_money");
    expect_cell("cost_pence", "money = pounds", "80 or 90", " !no_money");
    expect_cell("cost_pence", "cost_pence: free = 0", "Free", "cost_pence=0");
}

Test(import, leads_are_not_guessed)
{
    expect_cell("lead", "", "Asha", "lead=00");
    expect_cell("lead", "", "asha", " !nobody_called");
    expect_cell("lead", "", "Sam", " !nobody_called");
    expect_cell("lead", "lead: the chair = Asha", "The chair", "lead=00");
    expect_cell("lead", "", "Asha & Bill", "helpers+=00; helpers+=10 !several_leads");
    expect_cell("lead", "", "Asha and Bill, Asha", "helpers+=00; helpers+=10 !several_leads");
    expect_cell("lead", "", "Leadership team & Staff Wellbeing Committee", " !several_leads");
    expect_cell("lead", "", "Leadership team", " !nobody_called");
    expect_cell("lead", "", "&", " !nobody_called");
    expect_cell("helpers", "", "Asha/Bill", "helpers+=00; helpers+=10");
    expect_cell("helpers", "", "Asha/Chen", "helpers+=00 !nobody_called");
    expect_cell("checked_by", "", "Asha, Bill", " !several_people");
}

Test(import, words_of_a_list_in_any_case)
{
    expect_cell("repeats", "", "Weekly", "repeats=weekly");
    expect_cell("effort_minutes", "", "90", "effort_minutes=90");
    expect_cell("effort_minutes", "", "an hour", " !no_value");
    expect_cell("details", "", "  as it is\n", "details=  as it is\n");
    expect_cell("state", "", "Dropped", "state=dropped");
    expect_cell("state", "", "set aside", " !no_value");
}

Test(import, how_it_goes)
{
    static const char *const said[][2] = {
        {"Green", "green"},  {"AMBER ", "amber"},      {"r", "red"},
        {"Yellow", "amber"}, {"Unknown", "unknown"},   {"progress unknown", "unknown"},
        {"Ambr", NULL},      {"green or amber", NULL}, {"", NULL}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        const char *got = cp_rag_read(str(said[i][0]));
        cr_assert_eq(got == NULL, said[i][1] == NULL, "%s", said[i][0]);
        if (got != NULL)
            cr_assert_str_eq(got, said[i][1]);
    }
}

/* ---- Markdown ---- */

static void bad_page(struct cp_bytes file, enum cp_mdplan_fault wanted, size_t wanted_line)
{
    struct cp_mdplan plan;
    size_t line = 0;
    enum cp_mdplan_fault fault = cp_mdplan_read(&plan, test_mem(), file, &line);
    cr_assert_eq(fault, wanted);
    cr_assert_eq(line, wanted_line, "line %zu", line);
    cr_assert_null(plan.parts);
}

Test(import, bad_pages_are_refused_by_line)
{
    static char page[40000];
    bad_page(str(""), CP_MDPLAN_EMPTY, 1);
    bad_page(str("words\n\n    # code\n"), CP_MDPLAN_EMPTY, 1);
    bad_page(str("```\n# code\n```\n"), CP_MDPLAN_EMPTY, 1);
    bad_page(str("# a\nRen\xe9\n"), CP_MDPLAN_NOT_UTF8, 2);
    bad_page(CP_BYTES((const uint8_t *)"# a\nx\0y\n", 8), CP_MDPLAN_CONTROL, 2);
    bad_page(str("# a\n\n\x1b[2J\n"), CP_MDPLAN_CONTROL, 3);
    bad_page(str("\xff\xfe# a"), CP_MDPLAN_NOT_UTF8, 1);
    memset(page, 'x', sizeof page - 1);
    memcpy(page, "\n# ", 3);
    bad_page(str(page), CP_MDPLAN_LONG_LINE, 2);
    memcpy(page, "# a\n", 4);
    bad_page(str(page), CP_MDPLAN_LONG_TEXT, 1);
}

/* "use level title|body; ..." of every part. */
static void expect_page(const char *file, const char *wanted)
{
    struct cp_mdplan plan;
    size_t line = 0, at = 0;
    static char got[4096];
    cr_assert_eq(cp_mdplan_read(&plan, test_mem(), str(file), &line), CP_MDPLAN_FINE);
    got[0] = '\0';
    for (size_t i = 1; i < plan.count; i++) {
        const struct cp_mdplan_part *p = &plan.parts[i];
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%c%zu %.*s|%.*s", i > 1 ? "; " : "",
                               p->use == CP_MDPLAN_ACTION  ? 'A'
                               : p->use == CP_MDPLAN_GROUP ? 'G'
                                                           : '-',
                               p->level, (int)p->title.len, (const char *)p->title.ptr, (int)p->body.len,
                               p->body.len > 0 ? (const char *)p->body.ptr : "");
        if (p->use == CP_MDPLAN_ACTION && p->group != SIZE_MAX)
            at += (size_t)snprintf(got + at, sizeof got - at, " <%zu", p->group);
    }
    cr_assert_str_eq(got, wanted);
    cp_mdplan_clear(&plan);
}

Test(import, headings_in_lists_are_the_actions)
{
    expect_page("# P\n\n## T\n\nwhy\n\n- ### a\n\n    one\n\n    two\n\n* ### b\n## U\n1. ### c\r\n",
                "-1 P|; G2 T|why; A3 a|one\n\ntwo <2; A3 b| <2; G2 U|; A3 c| <5");
    expect_page("- # only\n", "A1 only|");
}

Test(import, else_the_deepest_headings_are)
{
    expect_page("# P\n## a\nx\n## b\n", "G1 P|; A2 a|x <1; A2 b| <1");
    expect_page("# a\n# b\n", "A1 a|; A1 b|");
    expect_page("# P\n## T\n### a\n# Q\nno actions\n", "-1 P|; G2 T|; A3 a| <2; -1 Q|no actions");
}

Test(import, what_is_no_heading)
{
    expect_page("# a\n#b\n#######  c\n    # d\n~~~\n# e\n```\n~~~ \n# f ##\n# g#\n#\n",
                "A1 a|#b\n#######  c\n    # d\n~~~\n# e\n```\n~~~; A1 f|; A1 g#|#");
    expect_page("---\n# title\n---\n# a\n", "A1 a|");
    expect_page("# a\n`code` ``` # not a fence ``` \n# b\n", "A1 a|`code` ``` # not a fence ```; A1 b|");
}

Test(import, a_page_without_memory_is_an_error)
{
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_mdplan plan;
        size_t line = 0;
        test_heap_init(&heap, left);
        enum cp_mdplan_fault fault = cp_mdplan_read(&plan, &heap.mem, str("# a\nx\n## b\n"), &line);
        if (fault == CP_MDPLAN_FINE) {
            cr_assert_gt(left, 1);
            cp_mdplan_clear(&plan);
            return;
        }
        cr_assert_eq(fault, CP_MDPLAN_NO_MEMORY);
    }
}
