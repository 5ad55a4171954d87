/* Lines of a page: any bytes in, and every line that has a number is found again in the same text. */
#include <stdlib.h>

#include "proto/page_line.h"
#include "tests/support/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes text = CP_BYTES(data, size);
    struct cp_page_line line, out;
    uint8_t item[CP_ID_LEN];
    for (uint64_t number = 0; number < 64; number++) {
        if (!cp_page_line_at(text, number, &line))
            continue;
        if (cp_page_line_find(text, text, &line, &out) != CP_LINE_SAME || out.number > line.number)
            abort();
        if (cp_page_line_item(&line, item) &&
            (!cp_page_line_of(text, item, line.label, &out) || out.number > line.number))
            abort();
    }
    return 0;
}
