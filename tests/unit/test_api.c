/* The local API's values: written, read back, and refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/api.h"
#include "tests/support/replica.h"

static void sample(struct cp_buf *b)
{
    cp_api_object(b, 4);
    cp_api_key(b, "do");
    cp_api_cstr(b, "add");
    cp_api_key(b, "list");
    cp_api_list(b, 3);
    cp_api_int(b, -5);
    cp_api_bool(b, true);
    cp_api_null(b);
    cp_api_key(b, "yes");
    cp_api_bool(b, true);
    cp_api_key(b, "id");
    cp_api_hex(b, (const uint8_t *)"\x01\xff", 2);
}

Test(api, reads_back_what_is_written)
{
    struct cp_buf b;
    struct cp_api_value v, in, at;
    struct cp_bytes key;
    cp_buf_init(&b, &replica_mem, CP_API_MESSAGE_MAX);
    sample(&b);
    cr_assert_eq(cp_api_read(cp_buf_bytes(&b), &v), CP_OK);
    cr_assert(v.type == CP_API_OBJECT && v.count == 4);
    cr_assert(cp_bytes_eq(cp_api_member_text(&v, "do", cp_bytes_str("")), cp_bytes_str("add")));
    cr_assert(cp_bytes_eq(cp_api_member_text(&v, "id", cp_bytes_str("")), cp_bytes_str("01ff")));
    cr_assert(cp_bytes_eq(cp_api_member_text(&v, "none", cp_bytes_str("x")), cp_bytes_str("x")));
    cr_assert(cp_api_member_true(&v, "yes") && !cp_api_member_true(&v, "do"));
    cr_assert(cp_api_member(&v, "list", &in) && in.type == CP_API_LIST && in.count == 3);
    cr_assert(cp_api_at(&in, 0, &at) && at.type == CP_API_INT && at.number == -5);
    cr_assert(cp_api_at(&in, 2, &at) && at.type == CP_API_NULL);
    cr_assert(!cp_api_at(&in, 3, &at));
    cr_assert(cp_api_member_at(&v, 2, &key, &at) && cp_bytes_eq(key, cp_bytes_str("yes")));
    cp_buf_clear(&b);
}

Test(api, a_count_is_told_as_far_as_a_number_goes)
{
    static const uint64_t counts[] = {0, 7, CP_INT_MAX, (uint64_t)CP_INT_MAX + 1, UINT64_MAX};
    struct cp_buf b;
    struct cp_api_value v, at;
    cp_buf_init(&b, &replica_mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        cp_buf_reset(&b);
        cp_api_object(&b, 1);
        cp_api_count(&b, "n", counts[i]);
        cr_assert_eq(cp_api_read(cp_buf_bytes(&b), &v), CP_OK);
        cr_assert(cp_api_member(&v, "n", &at) && at.type == CP_API_INT);
        cr_expect_eq(at.number, i < 3 ? (int64_t)counts[i] : (int64_t)CP_INT_MAX, "%zu", i);
    }
    cp_buf_clear(&b);
}

Test(api, long_text_travels_and_short_text_has_one_form)
{
    static const size_t lengths[] = {0, 31, 65535, 65536, 200000};
    struct cp_buf b, text;
    struct cp_api_value v;
    cp_buf_init(&b, &replica_mem, CP_API_MESSAGE_MAX);
    cp_buf_init(&text, &replica_mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        cp_buf_reset(&b);
        cp_buf_reset(&text);
        uint8_t *p = cp_buf_space(&text, lengths[i]);
        if (lengths[i] != 0)
            memset(p, 'x', lengths[i]);
        cp_api_text(&b, cp_buf_bytes(&text));
        cr_assert_eq(cp_api_read(cp_buf_bytes(&b), &v), CP_OK);
        cr_assert(v.type == CP_API_TEXT && cp_bytes_eq(v.text, cp_buf_bytes(&text)));
    }
    cp_buf_reset(&b);
    cp_put_bin(&b, cp_bytes_str("short"));
    cr_assert_eq(cp_api_read(cp_buf_bytes(&b), &v), CP_ERR_NOT_CANONICAL);
    cp_buf_reset(&b);
    cp_api_text(&b, CP_BYTES((const uint8_t *)"\xff", 1));
    cr_assert_eq(cp_buf_err(&b), CP_ERR_BAD_TEXT);
    cp_buf_clear(&b);
    cp_buf_clear(&text);
}

Test(api, refuses_what_is_not_of_its_shapes)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {{"\x90", 1},                             /* an array without its word */
               {"\x91\xa1X", 3},                        /* an unknown word */
               {"\x92\xa1T\x01", 4},                    /* true with something in it */
               {"\x92\xa1{\x01", 4},                    /* a key without a value */
               {"\x93\xa1{\x01\x02", 5},                /* a key that is no text */
               {"\x95\xa1{\xa1k\x01\xa1k\x02", 9},      /* a key twice */
               {"\x91\x91\xa1T", 4},                    /* an array for a word */
               {"\x01\x01", 2}};                        /* two values */
    struct cp_api_value v;
    struct cp_buf b;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_neq(cp_api_read(CP_BYTES((const uint8_t *)bad[i].bytes, bad[i].len), &v), CP_OK, "case %zu", i);
    cp_buf_init(&b, &replica_mem, CP_API_MESSAGE_MAX);
    sample(&b);
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_neq(cp_api_read(CP_BYTES(b.ptr, cut), &v), CP_OK, "cut at %zu", cut);
    cp_buf_clear(&b);
}
