/*
 * The strict profile against tests/vectors/profile.txt: for each rule what is taken and what is refused, with the right
 * word. What is taken is also written again, to the same bytes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/mp.h"
#include "tests/support/heap.h"

static struct cp_buf bytes; /* of the vector at hand */

static void set_up(void)
{
    cp_buf_init(&bytes, test_mem(), CP_API_MESSAGE_MAX);
}

static void tear_down(void)
{
    cp_buf_clear(&bytes);
}

TestSuite(profile, .init = set_up, .fini = tear_down);

/* "91*8 c0" : eight bytes 91 and one c0 */
static void read_bytes(char *text)
{
    cp_buf_reset(&bytes);
    for (char *at = strtok(text, " \n"); at != NULL; at = strtok(NULL, " \n")) {
        uint8_t some[64];
        char *star = strchr(at, '*');
        unsigned long times = star == NULL ? 1 : strtoul(star + 1, NULL, 10);
        size_t len = (star == NULL ? strlen(at) : (size_t)(star - at)) / 2;
        cr_assert_leq(len, sizeof some);
        cr_assert(cp_hex_decode(CP_BYTES((const uint8_t *)at, 2 * len), some, len), "%s", at);
        for (unsigned long i = 0; i < times; i++)
            cp_buf_put(&bytes, some, len);
    }
    cr_assert_eq(cp_buf_err(&bytes), CP_OK);
}

/* Copies one value through the typed readers and writers. */
static void copy(struct cp_cursor *c, struct cp_buf *out)
{
    size_t count;
    switch (cp_cursor_peek(c)) {
    case CP_MP_NIL:
        cp_get_nil(c);
        cp_put_nil(out);
        break;
    case CP_MP_UINT:
        cp_put_uint(out, cp_get_uint(c, UINT64_MAX));
        break;
    case CP_MP_NEG:
        cp_put_int(out, cp_get_int(c));
        break;
    case CP_MP_STR:
        cp_put_str(out, cp_get_str(c, CP_API_MESSAGE_MAX));
        break;
    case CP_MP_BIN:
        cp_put_bin(out, cp_get_bin(c, CP_API_MESSAGE_MAX));
        break;
    case CP_MP_ARRAY:
        count = cp_get_array(c, 0, UINT16_MAX);
        cp_put_array(out, count);
        for (size_t i = 0; i < count; i++)
            copy(c, out);
        break;
    case CP_MP_NONE:
        break;
    }
}

static void take(const char *line)
{
    struct cp_cursor c;
    struct cp_buf again;
    enum cp_err err = cp_mp_check(cp_buf_bytes(&bytes), CP_ITEMS_MAX);
    cr_expect_eq(err, CP_OK, "%s: %s", line, cp_err_word(err));
    cp_buf_init(&again, test_mem(), CP_API_MESSAGE_MAX);
    cp_cursor_init(&c, cp_buf_bytes(&bytes), CP_ITEMS_MAX);
    copy(&c, &again);
    cr_expect_eq(cp_cursor_end(&c), CP_OK, "%s", line);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&again), cp_buf_bytes(&bytes)), "%s is written differently", line);
    /* Cut anywhere it is no value, and one byte more is one too many. */
    for (size_t cut = 0; cut < bytes.len; cut += 1 + bytes.len / 50)
        cr_expect_neq(cp_mp_check(CP_BYTES(bytes.ptr, cut), CP_ITEMS_MAX), CP_OK, "%s cut at %zu", line, cut);
    cp_buf_put_byte(&bytes, 0xc0);
    cr_expect_eq(cp_mp_check(cp_buf_bytes(&bytes), CP_ITEMS_MAX), CP_ERR_TRAILING, "%s", line);
    cp_buf_clear(&again);
}

Test(profile, each_rule_takes_and_refuses)
{
    char line[256], shown[256], rule[256] = "";
    size_t rules = 0, taken = 0, refused = 0;
    FILE *f = fopen("tests/vectors/profile.txt", "r");
    cr_assert_neq(f, NULL, "run from the top of the project");
    for (bool more = true; more;) {
        more = fgets(line, sizeof line, f) != NULL;
        if (!more || strncmp(line, "rule ", 5) == 0) {
            cr_expect(rules == 0 || (taken >= 3 && refused >= 3), "%s: %zu taken, %zu refused", rule, taken, refused);
            (void)snprintf(rule, sizeof rule, "%s", line);
            rules += more ? 1 : 0;
            taken = refused = 0;
            continue;
        }
        (void)snprintf(shown, sizeof shown, "%s", line);
        shown[strcspn(shown, "\n")] = '\0';
        if (strncmp(line, "take ", 5) == 0) {
            read_bytes(line + 5);
            take(shown);
            taken++;
        } else if (strncmp(line, "refuse ", 7) == 0) {
            char word[32];
            cr_assert_eq(sscanf(line + 7, "%31s", word), 1, "%s", shown);
            read_bytes(line + 7 + strlen(word));
            enum cp_err err = cp_mp_check(cp_buf_bytes(&bytes), CP_ITEMS_MAX);
            cr_expect_str_eq(cp_err_word(err), word, "%s: %s", shown, cp_err_word(err));
            refused++;
        }
    }
    (void)fclose(f);
    cr_expect_geq(rules, 23);
}
