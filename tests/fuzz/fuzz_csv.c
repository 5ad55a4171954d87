/*
 * Tables: any bytes in. What is refused has a place; what is read is written so that it is read as the same cells;
 * and what is imported is exported as the table that came in.
 */
#include <stdlib.h>

#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"
#include "tests/support/pretend_plan.h"

static json_t *people(void)
{
    static const char rows[] =
        "[{\"person\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Asha\"},"
        "{\"person\":\"10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Bill\"},"
        "{\"person\":\"20112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Bill\"}]";

    return json_loads(rows, 0, NULL);
}

static json_t *items(void)
{
    static const char rows[] =
        "[{\"id\":\"aa112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"kind\":\"resource\"},"
        "{\"id\":\"bb112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"kind\":\"priority\"}]";

    return json_loads(rows, 0, NULL);
}

static void same_cells(const struct cp_csv *csv)
{
    struct cp_buf out;
    struct cp_csv again;
    struct cp_csv_place place;

    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    for (size_t row = 0; row < csv->rows; row++)
        cp_csv_put_row(&out, &csv->cells[row * csv->columns], csv->columns);
    if (!cp_csv_read(&again, test_mem(), cp_buf_bytes(&out), &place) || again.rows != csv->rows ||
        again.columns != csv->columns)
        abort();
    for (size_t i = 0; i < csv->rows * csv->columns; i++)
        if (!cp_bytes_eq(again.cells[i], csv->cells[i]))
            abort();
    cp_csv_clear(&again);
    cp_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes file = CP_BYTES(data, size);
    struct cp_sheet_context context = {.people = people(), .items = items()};
    struct cp_csv csv;
    struct cp_csv_place place;
    struct cp_buf out;
    struct cp_buf expected;

    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&expected, test_mem(), SIZE_MAX / 2);
    if (cp_csv_read(&csv, test_mem(), file, &place)) {
        same_cells(&csv);
        cp_csv_clear(&csv);
        if (pretend_round_trip(file, &context, test_mem(), &out, &expected) &&
            !cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&expected)))
            abort();
    } else if (place.fault == CP_CSV_FINE) {
        abort();
    }
    cp_buf_clear(&out);
    cp_buf_clear(&expected);
    json_decref(context.people);
    json_decref(context.items);
    return 0;
}
