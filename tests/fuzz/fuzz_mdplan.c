/*
 * Pages of Markdown: any bytes in. What is read is whole: every word of the page stands in a heading, under one, or before
 * the first; actions serve headings that came before them; and no text is longer than the page.
 */
#include <stdlib.h>
#include <string.h>

#include "client/mdplan.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static size_t count_words(struct cp_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count +=
            strchr(" \t\r\n", text.ptr[i]) == NULL && (i == 0 || strchr(" \t\r\n", text.ptr[i - 1]) != NULL);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_mdplan plan;
    size_t line = 0;
    size_t words = 0;
    size_t marks = 0;

    if (cp_mdplan_read(&plan, test_mem(), CP_BYTES(data, size), &line) != CP_MDPLAN_FINE) {
        if (plan.parts != NULL || plan.text != NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < plan.count; i++) {
        const struct cp_mdplan_part *part = &plan.parts[i];

        words += count_words(part->title) + count_words(part->body);
        marks += i > 0 ? 3 : 0; /* the mark of the list, # before, # behind */
        if ((i > 0) != (part->title.len > 0) || !cp_utf8_ok(part->title) || !cp_utf8_ok(part->body))
            abort();
        if (part->use == CP_MDPLAN_ACTION && part->group != SIZE_MAX &&
            (part->group >= i || plan.parts[part->group].use != CP_MDPLAN_GROUP))
            abort();
    }
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        size -= 3;
    }
    if (words > count_words(CP_BYTES(data, size)) || words + marks < count_words(CP_BYTES(data, size)))
        abort();
    cp_mdplan_clear(&plan);
    return 0;
}
