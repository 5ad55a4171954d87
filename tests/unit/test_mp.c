/* The strict profile: for each of its rules, what is refused and what is taken; and one value, one encoding. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/mp.h"
#include "tests/support/heap.h"

struct vector {
    const char *hex;
    enum cp_err err;
};

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t len = strlen(hex) / 2;
    cr_assert(cp_hex_decode(cp_bytes_str(hex), out, len));
    return len;
}

static const struct vector vectors[] = {
    /* nothing, too little, too much */
    {"", CP_ERR_TRUNCATED}, {"92", CP_ERR_TRUNCATED}, {"9201", CP_ERR_TRUNCATED}, {"c403aabb", CP_ERR_TRUNCATED},
    {"cd01", CP_ERR_TRUNCATED}, {"a3", CP_ERR_TRUNCATED}, {"0101", CP_ERR_TRAILING}, {"9000", CP_ERR_TRAILING},
    {"c0c0", CP_ERR_TRAILING},
    /* integers at minimal width, unsigned when >= 0 */
    {"00", CP_OK}, {"7f", CP_OK}, {"cc80", CP_OK}, {"cd0100", CP_OK}, {"ce00010000", CP_OK},
    {"cf0000000100000000", CP_OK}, {"cfffffffffffffffff", CP_OK}, {"e0", CP_OK}, {"ff", CP_OK}, {"d0df", CP_OK},
    {"d080", CP_OK}, {"d1ff7f", CP_OK}, {"d2ffff7fff", CP_OK}, {"d3ffffffff7fffffff", CP_OK},
    {"d38000000000000000", CP_OK}, {"cc7f", CP_ERR_NOT_CANONICAL}, {"cd00ff", CP_ERR_NOT_CANONICAL},
    {"ce0000ffff", CP_ERR_NOT_CANONICAL}, {"cf00000000ffffffff", CP_ERR_NOT_CANONICAL},
    {"d001", CP_ERR_NOT_CANONICAL}, {"d0e0", CP_ERR_NOT_CANONICAL}, {"d1ff80", CP_ERR_NOT_CANONICAL},
    {"d2ffff8000", CP_ERR_NOT_CANONICAL}, {"d3ffffffff80000000", CP_ERR_NOT_CANONICAL},
    {"d30000000000000000", CP_ERR_NOT_CANONICAL}, {"d10100", CP_ERR_NOT_CANONICAL},
    /* text: minimal length form, UTF-8, no NUL, no surrogates, no overlong forms */
    {"a0", CP_OK}, {"a161", CP_OK}, {"a2c3a9", CP_OK}, {"a4f09f8cb1", CP_OK}, {"d90161", CP_ERR_NOT_CANONICAL},
    {"da000161", CP_ERR_NOT_CANONICAL}, {"a100", CP_ERR_BAD_TEXT}, {"a2c080", CP_ERR_BAD_TEXT},
    {"a3eda080", CP_ERR_BAD_TEXT}, {"a1ff", CP_ERR_BAD_TEXT}, {"a4f4908080", CP_ERR_BAD_TEXT},
    {"a3e08080", CP_ERR_BAD_TEXT}, {"a1c3", CP_ERR_BAD_TEXT},
    /* bytes: minimal length form */
    {"c400", CP_OK}, {"c401ff", CP_OK}, {"c50001ff", CP_ERR_NOT_CANONICAL}, {"c600000001ff", CP_ERR_NOT_CANONICAL},
    /* arrays: minimal form; a count never above the bytes left */
    {"90", CP_OK}, {"9101", CP_OK}, {"dc000101", CP_ERR_NOT_CANONICAL}, {"dcffff", CP_ERR_TRUNCATED},
    {"dc0010c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0", CP_OK},
    /* never in the profile */
    {"c1", CP_ERR_BAD_TYPE}, {"c2", CP_ERR_BAD_TYPE}, {"c3", CP_ERR_BAD_TYPE}, {"80", CP_ERR_BAD_TYPE},
    {"8101c0", CP_ERR_BAD_TYPE}, {"de000101c0", CP_ERR_BAD_TYPE}, {"ca00000000", CP_ERR_BAD_TYPE},
    {"cb0000000000000000", CP_ERR_BAD_TYPE}, {"d40000", CP_ERR_BAD_TYPE}, {"c70000", CP_ERR_BAD_TYPE},
    {"dd0fffffff", CP_ERR_BAD_TYPE}, {"ddffffffff", CP_ERR_BAD_TYPE}, {"db0000000161", CP_ERR_BAD_TYPE},
    /* depth */
    {"9191919191919191c0", CP_OK}, {"919191919191919191c0", CP_ERR_TOO_DEEP},
};

/* Bytes that were checked are passed over as a whole; a part of them, which nobody checked, is not gone beyond. */
static bool is_passed_over(const uint8_t *bytes, size_t len)
{
    struct cp_cursor c;
    cp_cursor_init(&c, CP_BYTES(bytes, len), SIZE_MAX);
    c.checked = true;
    bool whole = cp_get_any(&c, 0).len == len && cp_cursor_end(&c) == CP_OK;
    cp_cursor_init(&c, CP_BYTES(bytes, len - 1), SIZE_MAX);
    c.checked = true;
    (void)cp_get_any(&c, 0);
    return whole && c.err == CP_ERR_TRUNCATED;
}

Test(mp, each_rule_of_the_profile)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t bytes[64];
        size_t len = unhex(vectors[i].hex, bytes);
        enum cp_err err = cp_mp_check(CP_BYTES(bytes, len), CP_ITEMS_MAX);
        cr_expect_eq(err, vectors[i].err, "%s: %s, expected %s", vectors[i].hex, cp_err_word(err),
                     cp_err_word(vectors[i].err));
        cr_expect(err != CP_OK || is_passed_over(bytes, len), "%s", vectors[i].hex);
    }
}

Test(mp, integers_round_trip_at_every_edge)
{
    static const int64_t edges[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX,
                                    -1, -32, -33, -128, -129, -32768, -32769, -2147483648LL, -2147483649LL, INT64_MIN};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        struct cp_buf buf;
        struct cp_cursor c;
        cp_buf_init(&buf, test_mem(), 64);
        cp_put_int(&buf, edges[i]);
        cp_cursor_init(&c, cp_buf_bytes(&buf), 1);
        cr_expect_eq(cp_get_int(&c), edges[i]);
        cr_expect_eq(cp_cursor_end(&c), CP_OK);
        cp_buf_clear(&buf);
    }
}

Test(mp, too_many_values_are_refused_before_they_are_walked)
{
    struct cp_buf buf;
    cp_buf_init(&buf, test_mem(), CP_ENTRY_MAX);
    cp_put_array(&buf, CP_ITEMS_MAX);
    for (unsigned i = 0; i < CP_ITEMS_MAX; i++)
        cp_put_nil(&buf);
    cr_expect_eq(cp_mp_check(cp_buf_bytes(&buf), CP_ITEMS_MAX), CP_ERR_TOO_BIG);
    cr_expect_eq(cp_mp_check(cp_buf_bytes(&buf), CP_ITEMS_MAX + 1), CP_OK);
    cp_buf_clear(&buf);
}

/* Copies one value through the typed readers and writers. */
static void copy(struct cp_cursor *c, struct cp_buf *out)
{
    size_t count;
    switch (cp_cursor_peek(c)) {
    case CP_MP_NIL: cp_get_nil(c); cp_put_nil(out); break;
    case CP_MP_UINT: cp_put_uint(out, cp_get_uint(c, UINT64_MAX)); break;
    case CP_MP_NEG: cp_put_int(out, cp_get_int(c)); break;
    case CP_MP_STR: cp_put_str(out, cp_get_str(c, CP_ENTRY_MAX)); break;
    case CP_MP_BIN: cp_put_bin(out, cp_get_bin(c, CP_ENTRY_MAX)); break;
    case CP_MP_ARRAY:
        count = cp_get_array(c, 0, 0xffff);
        cp_put_array(out, count);
        for (size_t i = 0; i < count; i++)
            copy(c, out);
        break;
    case CP_MP_NONE: break;
    }
}

Test(mp, what_is_taken_is_written_again_to_the_same_bytes)
{
    uint64_t seed = 1;
    size_t taken = 0;
    for (int run = 0; run < 200000; run++) {
        uint8_t bytes[24];
        size_t len = 1 + test_below(&seed, sizeof bytes);
        static const uint8_t likely[] = {0x90, 0x91, 0x92, 0xa1, 0xc0, 0xc4, 0xcc, 0xcd, 0xd0, 0xd9, 0xdc, 0x00, 0x61};
        for (size_t i = 0; i < len; i++)
            bytes[i] = test_below(&seed, 3) == 0 ? (uint8_t)test_random(&seed) : likely[test_below(&seed, sizeof likely)];
        if (cp_mp_check(CP_BYTES(bytes, len), CP_ITEMS_MAX) != CP_OK)
            continue;
        struct cp_cursor c;
        struct cp_buf out;
        cp_buf_init(&out, test_mem(), CP_ENTRY_MAX);
        cp_cursor_init(&c, CP_BYTES(bytes, len), CP_ITEMS_MAX);
        copy(&c, &out);
        cr_assert(cp_bytes_eq(cp_buf_bytes(&out), CP_BYTES(bytes, len)));
        cr_assert(is_passed_over(bytes, len));
        cp_buf_clear(&out);
        taken++;
    }
    cr_assert_gt(taken, 1000); /* the oracle was really asked */
}

Test(mp, every_length_is_passed_over)
{
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 70000};
    static uint8_t big[70000];
    memset(big, 'a', sizeof big);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct cp_buf buf;
        cp_buf_init(&buf, test_mem(), SIZE_MAX);
        cp_put_array(&buf, 20);
        for (size_t k = 0; k < 18; k++)
            cp_put_int(&buf, k % 2 == 0 ? (int64_t)lengths[i] : -(int64_t)lengths[i]);
        cp_put_bin(&buf, CP_BYTES(big, lengths[i]));
        cp_put_str(&buf, CP_BYTES(big, lengths[i] < 65536 ? lengths[i] : 65535));
        cr_assert_eq(cp_mp_check(cp_buf_bytes(&buf), SIZE_MAX), CP_OK);
        cr_expect(is_passed_over(buf.ptr, buf.len), "%zu", lengths[i]);
        cp_buf_clear(&buf);
    }
}

Test(mp, a_text_too_long_for_the_profile_fails_the_buffer)
{
    static uint8_t big[70000];
    struct cp_buf buf;
    memset(big, 'a', sizeof big);
    cp_buf_init(&buf, test_mem(), SIZE_MAX);
    cp_put_str(&buf, CP_BYTES(big, sizeof big));
    cr_expect_eq(cp_buf_err(&buf), CP_ERR_TOO_BIG);
    cp_buf_clear(&buf);
}
