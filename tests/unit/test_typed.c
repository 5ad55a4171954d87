/* Texts that people type (proto/typed.h): everything that must be refused, and that what is written is read. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/typed.h"
#include "tests/support/replica.h"

static uint8_t raw[CP_TYPED_MAX], out[CP_TYPED_MAX + CP_TYPED_CHECK_LEN];
static const enum cp_tag tag = CP_TAG_TICKET_CHECK;

static struct cp_buf text_of(size_t len)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, 4096);
    for (size_t i = 0; i < len; i++)
        raw[i] = (uint8_t)(i * 7U + len);
    cp_typed_write("a-text:", tag, CP_BYTES(raw, len), &b);
    cr_assert_eq(cp_buf_err(&b), CP_OK);
    return b;
}

Test(typed, what_is_written_is_read_at_every_length)
{
    for (size_t len = 0; len <= CP_TYPED_MAX; len += len < 40 ? 1 : 123) {
        struct cp_buf b = text_of(len);
        size_t got = 0;
        cr_assert(cp_typed_read("a-text:", tag, cp_buf_bytes(&b), out, &got), "%zu", len);
        cr_expect_eq(got, len);
        cr_expect(len == 0 || memcmp(out, raw, len) == 0, "%zu", len);
        cp_buf_clear(&b);
    }
}

Test(typed, cut_longer_and_under_another_prefix_or_tag)
{
    struct cp_buf b = text_of(20);
    size_t got = 1;
    for (size_t n = 0; n < b.len; n++)
        cr_expect_not(cp_typed_read("a-text:", tag, CP_BYTES(b.ptr, n), out, &got), "%zu", n);
    cr_expect_eq(got, 0);
    cr_expect_not(cp_typed_read("a-text;", tag, cp_buf_bytes(&b), out, &got));
    cr_expect_not(cp_typed_read("a-text:", CP_TAG_INVITATION_CHECK, cp_buf_bytes(&b), out, &got),
                  "another sort");
    cp_buf_put_byte(&b, 'a');
    cr_expect_not(cp_typed_read("a-text:", tag, cp_buf_bytes(&b), out, &got), "a letter more");
    cp_buf_clear(&b);
}

Test(typed, a_letter_wrong_is_noticed_and_more_than_fits_is_refused)
{
    struct cp_buf b = text_of(CP_TYPED_MAX);
    size_t got = 0;
    for (size_t i = 0; i < b.len; i += 1 + i / 16) {
        uint8_t was = b.ptr[i];
        b.ptr[i] = was == 'b' ? 'c' : 'b';
        cr_expect_not(cp_typed_read("a-text:", tag, cp_buf_bytes(&b), out, &got), "letter %zu", i);
        b.ptr[i] = was;
    }
    cr_expect(cp_typed_read("a-text:", tag, cp_buf_bytes(&b), out, &got));
    for (size_t i = 0; i < 800; i++)
        cp_buf_put_byte(&b, 'a');
    cr_expect_not(cp_typed_read("a-text:", tag, cp_buf_bytes(&b), out, &got));
    cp_buf_clear(&b);
}
