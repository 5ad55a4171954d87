/* Tables: what is refused and where, what comes out as it went in, and which column becomes what. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/value.h"
#include "tests/support/heap.h"
#include "tests/support/pretend_plan.h"

#define ASHA  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BILL  "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BILL2 "20112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define MONEY "aa112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define AIM   "bb112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct cp_sheet_context context;
static struct cp_buf out;
static struct cp_buf expected;

static void begin(void)
{
    context.people = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "person", ASHA, "name", "Asha", "person",
                               BILL, "name", "Bill", "person", BILL2, "name", "Bill");
    context.items =
        json_pack("[{s:s,s:s},{s:s,s:s}]", "id", MONEY, "kind", "resource", "id", AIM, "kind", "priority");
    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&expected, test_mem(), SIZE_MAX / 2);
}

static void end(void)
{
    json_decref(context.people);
    json_decref(context.items);
    cp_buf_clear(&out);
    cp_buf_clear(&expected);
}

TestSuite(csv, .init = begin, .fini = end);

#define BYTES(s) CP_BYTES((const uint8_t *)(s), sizeof(s) - 1)

static struct cp_csv_place refused(struct cp_bytes file)
{
    struct cp_csv csv;
    struct cp_csv_place place;

    cr_assert_not(cp_csv_read(&csv, test_mem(), file, &place));
    cr_assert_null(csv.cells);
    cp_csv_clear(&csv);
    return place;
}

static void refused_at(struct cp_bytes file, enum cp_csv_fault fault, size_t row, size_t column)
{
    struct cp_csv_place place = refused(file);

    cr_assert_eq(place.fault, fault, "fault %d, not %d", (int)place.fault, (int)fault);
    cr_assert_eq(place.row, row, "row %zu, not %zu", place.row, row);
    cr_assert_eq(place.column, column, "column %zu, not %zu", place.column, column);
}

/* ---- Bad input ---- */

Test(csv, says_what_is_wrong_and_where)
{
    refused_at(BYTES(""), CP_CSV_EMPTY, 1, 1);
    refused_at(BYTES("\r\n\r\n"), CP_CSV_EMPTY, 1, 1);
    refused_at(BYTES("\xef\xbb\xbf"), CP_CSV_EMPTY, 1, 1);
    refused_at(BYTES("a,b\r\nx,y\0z\r\n"), CP_CSV_NUL, 2, 2);
    refused_at(BYTES("a,b\r\n\"\0\",y\r\n"), CP_CSV_NUL, 2, 1);
    refused_at(BYTES("a,b\r\nx,\xff\r\n"), CP_CSV_NOT_UTF8, 2, 2);
    refused_at(BYTES("a,b\r\n\xed\xa0\x80,y\r\n"), CP_CSV_NOT_UTF8, 2, 1);
    refused_at(BYTES("a,b\r\n\xc0\xaf,y\r\n"), CP_CSV_NOT_UTF8, 2, 1);
    refused_at(BYTES("a,b\r\nx,\xe2\x82"), CP_CSV_NOT_UTF8, 2, 2);
    refused_at(BYTES("a,b\r\nx,\x1b[2J\r\n"), CP_CSV_CONTROL, 2, 2);
    refused_at(BYTES("a,b\r\nx,\x7f\r\n"), CP_CSV_CONTROL, 2, 2);
    refused_at(BYTES("a,b\r\nx,\"\xc2\x85\"\r\n"), CP_CSV_CONTROL, 2, 2);
    refused_at(BYTES("a,b\r\nx,y\tz\r\n"), CP_CSV_CONTROL, 2, 2);
    refused_at(BYTES("a,b\r\nx,y\rz\r\n"), CP_CSV_CONTROL, 2, 2);
    refused_at(BYTES("a,b\r\nx,y\"z\r\n"), CP_CSV_QUOTE, 2, 2);
    refused_at(BYTES("a,b\r\n\"x\" ,y\r\n"), CP_CSV_AFTER_QUOTE, 2, 1);
    refused_at(BYTES("a,b\r\nx,\"y\r\nz,u\r\n"), CP_CSV_OPEN_QUOTE, 2, 2);
    refused_at(BYTES("a,b\r\nx\r\n"), CP_CSV_RAGGED, 2, 1);
    refused_at(BYTES("a,b\r\nx,y,z\r\n"), CP_CSV_RAGGED, 2, 3);
    refused_at(BYTES("a,b\r\n\r\nx,y\r\n"), CP_CSV_RAGGED, 2, 1);
}

Test(csv, every_beginning_of_a_table_is_read_or_refused)
{
    static const char whole[] = "a,\"b\"\"c\"\r\n\"x\r\ny\",z\r\n";
    struct cp_csv csv;
    struct cp_csv_place place;

    for (size_t len = 0; len < sizeof whole; len++) {
        /* A copy of its own, so that a byte read too far is seen. */
        uint8_t *copy = malloc(len + 1);

        memcpy(copy, whole, len);
        if (cp_csv_read(&csv, test_mem(), CP_BYTES(copy, len), &place))
            cp_csv_clear(&csv);
        else
            cr_assert_neq(place.fault, CP_CSV_FINE);
        free(copy);
    }
}

static void put_many(struct cp_buf *buf, const char *what, size_t times)
{
    for (size_t i = 0; i < times; i++)
        cp_buf_put_str(buf, what);
}

Test(csv, limits)
{
    struct cp_csv csv;
    struct cp_csv_place place;

    cp_buf_put_str(&out, "a\r\n");
    put_many(&out, "x", CP_TEXT_MAX);
    cr_assert(cp_csv_read(&csv, test_mem(), cp_buf_bytes(&out), &place));
    cp_csv_clear(&csv);
    put_many(&out, "x", 1);
    refused_at(cp_buf_bytes(&out), CP_CSV_LONG_CELL, 2, 1);
    cp_buf_reset(&out);
    put_many(&out, ",", CP_CSV_COLUMNS_MAX);
    refused_at(cp_buf_bytes(&out), CP_CSV_MANY_COLUMNS, 1, CP_CSV_COLUMNS_MAX + 1);
    cp_buf_reset(&out);
    cp_buf_put_str(&out, "a,b,c,d\r\n");
    for (size_t i = 0; i < 4; i++) {
        put_many(&out, "x", CP_TEXT_MAX);
        put_many(&out, ",", i < 3);
    }
    refused_at(cp_buf_bytes(&out), CP_CSV_LONG_ROW, 2, 4);
    cp_buf_reset(&out);
    put_many(&out, "\n", 100000);
    cp_buf_put_str(&out, "x");
    cr_assert(cp_csv_read(&csv, test_mem(), cp_buf_bytes(&out), &place));
    cr_assert_eq(csv.rows, 100001);
    cp_csv_clear(&csv);
}

Test(csv, memory_may_run_out_anywhere)
{
    struct test_heap heap;
    struct cp_csv csv;
    struct cp_csv_place place;

    for (size_t i = 0;; i++) {
        test_heap_init(&heap, i);
        if (cp_csv_read(&csv, &heap.mem, BYTES("a,b\r\n1,2\r\n"), &place)) {
            cp_csv_clear(&csv);
            break;
        }
        cr_assert_eq(place.fault, CP_CSV_NO_MEMORY);
    }
}

/* ---- Cells ---- */

static void cell_is(struct cp_bytes file, size_t row, size_t column, const char *text)
{
    struct cp_csv csv;
    struct cp_csv_place place;

    cr_assert(cp_csv_read(&csv, test_mem(), file, &place), "fault %d", (int)place.fault);
    cr_assert(cp_bytes_eq(cp_csv_cell(&csv, row, column), cp_bytes_str(text)), "not '%s'", text);
    cp_csv_clear(&csv);
}

Test(csv, reads_what_rfc_4180_says)
{
    cell_is(BYTES("a,b\nx,y"), 1, 1, "y");
    cell_is(BYTES("\xef\xbb\xbf"
                  "a,b\r\n"),
            0, 0, "a");
    cell_is(BYTES("a,\"b \"\"c\"\",\r\nd\"\r\n"), 0, 1, "b \"c\",\r\nd");
    cell_is(BYTES("a,b\r\n,\r\n"), 1, 1, "");
    cell_is(BYTES("a\r\n\"\"\r\nb\r\n\r\n\r\n"), 2, 0, "b");
}

/* A row of this one cell is written as this text. */
static void written_as(const char *cell, const char *text)
{
    struct cp_bytes one = cp_bytes_str(cell);

    cp_buf_reset(&out);
    cp_csv_put_row(&out, &one, 1);
    cp_buf_put_byte(&out, 0);
    cr_assert_str_eq((const char *)out.ptr, text);
}

Test(csv, formulas_do_not_run_and_come_back)
{
    static const char *const cells[] = {"=1+1", "+1",   "-1",   "@x",     "\tx",  "\rx",  "'=1", "''=1",
                                        "'",    "''",   "'x",   "x=1",    "",     "'\tx", "-",   "'''@",
                                        " =1",  "'' =", "a\tb", "\"=1\"", "=,\"", "'-,"};

    written_as("=1+1", "'=1+1\r\n");
    written_as("'=1+1", "''=1+1\r\n");
    written_as("it's", "it's\r\n");
    written_as("'x", "'x\r\n");
    written_as("", "\"\"\r\n");
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct cp_bytes row[2] = {cp_bytes_str(cells[i]), cp_bytes_str("end")};
        uint8_t first = 0;

        cp_buf_reset(&out);
        cp_csv_put_row(&out, row, 2);
        cell_is(cp_buf_bytes(&out), 0, 0, cells[i]);
        first = out.ptr[out.ptr[0] == '"' ? 1 : 0];
        cr_assert(cells[i][0] == '\0' || strchr("=+-@\t\r", first) == NULL, "%s can run", cells[i]);
    }
}

/* ---- Import and export ---- */

static void comes_back(struct cp_bytes file)
{
    cp_buf_reset(&out);
    cp_buf_reset(&expected);
    cr_assert(pretend_round_trip(file, &context, test_mem(), &out, &expected));
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), file), "%.*s", (int)out.len, (const char *)out.ptr);
}

Test(csv, what_is_imported_is_exported)
{
    comes_back(BYTES(
        "number,objective,action,due\r\n1.,Fewer,\"Ask, then\",2027-01-31\r\n2.,\"a\r\nb\",\"\"\"\",\r\n"));
    comes_back(BYTES("TITLE,due,title\r\na,soon,b\r\n"));
    comes_back(BYTES("text,due,coplan:due,coplan:coplan:due,csv:due\r\na,2027-01-01,2027-02-02,x,y\r\n"));
    comes_back(BYTES("text,plain.cy,plain.CY,text.cy\r\na,b,c,d\r\n"));
    comes_back(
        BYTES("text,lead,helpers,state,cost_pence\r\na,Asha,Asha; " BILL ",open,1250\r\nb,,,dropped,\r\n"));
    comes_back(BYTES("text,costs,serves\r\na," MONEY ":12," AIM "; " MONEY "\r\n"));
    comes_back(BYTES("what,position,import,csv,csv:,by\r\na,b,c,d,e,nobody\r\n"));
    comes_back(BYTES("what,x\r\n,y\r\n"));
    comes_back(BYTES("what\r\n'=1\r\n'+2\r\n"));
}

static json_t *columns_of(struct cp_bytes file, char **text_of_first)
{
    struct cp_csv csv;
    struct cp_csv_place place;
    json_t *columns = NULL;
    json_t *actions = NULL;

    cr_assert(cp_csv_read(&csv, test_mem(), file, &place));
    actions = pretend_import(&csv, &context, &columns);
    cr_assert_not_null(actions);
    if (text_of_first != NULL)
        *text_of_first = strdup(cp_json_text(json_array_get(actions, 0), "text"));
    json_decref(actions);
    cp_csv_clear(&csv);
    return columns;
}

/* The field that the second column becomes; NULL when it is kept as it is. */
static void becomes(struct cp_bytes file, const char *field)
{
    json_t *columns = columns_of(file, NULL);
    json_t *is = json_object_get(json_array_get(columns, 1), "field");

    if (field == NULL)
        cr_assert(json_is_null(is), "became %s", json_string_value(is));
    else
        cr_assert_str_eq(json_string_value(is), field);
    json_decref(columns);
}

Test(csv, columns_become_fields_only_where_every_cell_fits)
{
    becomes(BYTES("text,due\r\na,2027-01-31\r\nb,\r\n"), "due");
    becomes(BYTES("text,due\r\na,2027-02-30\r\n"), NULL);
    becomes(BYTES("text,due\r\na,2027-01-31\r\nb,soon\r\n"), NULL);
    becomes(BYTES("text,Due\r\na,2027-01-31\r\n"), NULL);
    becomes(BYTES("text,cost_pence\r\na,12\r\n"), "cost_pence");
    becomes(BYTES("text,cost_pence\r\na,012\r\n"), NULL);
    becomes(BYTES("text,cost_pence\r\na,12.50\r\n"), NULL);
    becomes(BYTES("text,lead\r\na,Asha\r\n"), "lead");
    becomes(BYTES("text,lead\r\na,Bill\r\n"), NULL);
    becomes(BYTES("text,lead\r\na," BILL "\r\n"), "lead");
    becomes(BYTES("text,lead\r\na," ASHA "\r\n"), NULL); /* an export would have written Asha */
    becomes(BYTES("text,lead\r\na,me\r\n"), NULL);
    becomes(BYTES("text,helpers\r\na,Asha; Asha\r\n"), NULL);
    becomes(BYTES("text,helpers\r\na,Asha;" BILL "\r\n"), NULL);
    becomes(BYTES("text,helpers\r\na,Asha; \r\n"), NULL);
    becomes(BYTES("text,costs\r\na," AIM ":12\r\n"), NULL); /* no resource */
    becomes(BYTES("text,costs\r\na," MONEY ":012\r\n"), NULL);
    becomes(BYTES("text,state\r\na,set aside\r\n"), NULL);
    becomes(BYTES("text,text\r\na,b\r\n"), NULL);
    becomes(BYTES("text,plain.cy\r\na,b\r\n"), "plain");
    becomes(BYTES("text,text.cy\r\na,b\r\n"), "text");
    becomes(BYTES("text,due.cy\r\na,\r\n"), NULL);
    becomes(BYTES("text,position\r\na,b\r\n"), NULL);
    becomes(BYTES("text,csv:x\r\na,b\r\n"), NULL);
}

static enum cp_sheet_fault fault_of(struct cp_bytes file, size_t *column)
{
    struct cp_csv csv;
    struct cp_csv_place place;
    struct cp_sheet sheet;
    enum cp_sheet_fault fault = CP_SHEET_FINE;

    cr_assert(cp_csv_read(&csv, test_mem(), file, &place));
    fault = cp_sheet_map(&sheet, &csv, &context, column);
    cp_csv_clear(&csv);
    return fault;
}

Test(csv, tables_without_the_words_or_with_doubtful_names_are_refused)
{
    size_t column = 0;
    char *text = NULL;

    cr_assert_eq(fault_of(BYTES("who,when\r\na,b\r\n"), &column), CP_SHEET_NO_TEXT);
    cr_assert_eq(fault_of(BYTES("text,\r\na,b\r\n"), &column), CP_SHEET_NO_NAME);
    cr_assert_eq(column, 1);
    cr_assert_eq(fault_of(BYTES("text,x,x\r\na,b,c\r\n"), &column), CP_SHEET_SAME_NAME);
    cr_assert_eq(column, 2);
    json_decref(columns_of(BYTES("x,What,text\r\na,b,c\r\n"), &text));
    cr_assert_str_eq(text, "b");
    free(text);
}

Test(csv, fields_in_use_follow_the_imported_columns)
{
    json_t *columns =
        json_pack("[{s:s,s:n},{s:s,s:s}]", "name", "due", "field", "name", "what", "field", "text");
    json_t *actions = json_pack("[{s:s,s:{s:s,s:s,s:s,s:i,s:s,s:s}},{s:s,s:{}}]", "text", "a", "fields",
                                "csv:due", "soon", "due", "2027-01-31", "plain.cy", "c", "cost_pence", 5,
                                "csv:typed", "t", "position", "m", "text", "", "fields");
    json_t *control = json_array();

    cr_assert_not_null(actions);
    cr_assert_eq(cp_sheet_export(actions, columns, &context, test_mem(), &out, control), CP_OK);
    cp_buf_put_byte(&out, 0);
    cr_assert_str_eq((const char *)out.ptr,
                     "due,what,plain.cy,coplan:due,cost_pence,typed\r\nsoon,a,c,2027-01-31,5,t\r\n");
    json_decref(columns);
    json_decref(actions);
    json_decref(control);
}

Test(csv, cells_that_an_import_refuses_are_named)
{
    json_t *columns = json_array();
    json_t *actions = json_pack("[{s:s,s:{}}]", "text", "a\x1b[2J", "fields");
    json_t *control = json_array();

    cr_assert_eq(cp_sheet_export(actions, columns, &context, test_mem(), &out, control), CP_OK);
    cr_assert_eq(json_array_size(control), 1);
    cr_assert_eq(cp_json_number(json_array_get(control, 0), "row"), 2);
    json_decref(columns);
    json_decref(actions);
    json_decref(control);
}

/* ---- A real plan ---- */

Test(csv, a_real_action_plan_comes_back_byte_for_byte)
{
    const char *top = getenv("COPLAN_SRC");
    char path[4096];
    uint8_t *bytes = malloc(1 << 20);
    FILE *file = NULL;
    size_t len = 0;

    snprintf(path, sizeof path, "%s/../shared/samples/dfe-workload-wellbeing-action-plan.csv",
             top != NULL ? top : ".");
    file = fopen(path, "rb");
    if (file == NULL) {
        free(bytes);
        cr_skip_test("the sample is not here");
    }
    len = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    comes_back(CP_BYTES(bytes, len));
    free(bytes);
}
