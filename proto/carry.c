/* Tickets and the messages of carriers. See carry.h. */
#include "proto/carry.h"

#include <assert.h>
#include <string.h>

#include "proto/typed.h"

#define PREFIX "coplan-ticket:"
enum {
    TICKET_VERSION = 1,
    TICKET_BYTES_MAX = 96,
    WORD_MAX = 40,
    ITEM_VALUES = 3
};

/* ---- Tickets ---- */

void cp_ticket_write(const struct cp_ticket *t, struct cp_buf *out)
{
    struct cp_buf raw;
    cp_buf_init(&raw, out->mem, TICKET_BYTES_MAX);
    cp_put_array(&raw, 3);
    cp_put_uint(&raw, TICKET_VERSION);
    cp_put_fixed(&raw, t->carrier, sizeof t->carrier);
    cp_put_fixed(&raw, t->key, sizeof t->key);
    if (cp_buf_err(&raw) == CP_OK)
        cp_typed_write(PREFIX, CP_TAG_TICKET_CHECK, cp_buf_bytes(&raw), out);
    else if (out->err == CP_OK)
        out->err = cp_buf_err(&raw);
    cp_buf_clear(&raw);
}

enum cp_err cp_ticket_read(struct cp_bytes text, struct cp_ticket *out)
{
    uint8_t raw[CP_TYPED_MAX + CP_TYPED_CHECK_LEN];
    struct cp_cursor c;
    size_t len = 0;
    memset(out, 0, sizeof *out);
    if (!cp_typed_read(PREFIX, CP_TAG_TICKET_CHECK, text, raw, &len))
        return CP_ERR_BAD_TICKET;
    cp_cursor_init(&c, CP_BYTES(raw, len), 8);
    (void)cp_get_array(&c, 3, 3);
    if (cp_get_uint(&c, CP_INT_MAX) != TICKET_VERSION)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    cp_get_fixed(&c, out->carrier, sizeof out->carrier);
    cp_get_fixed(&c, out->key, sizeof out->key);
    if (cp_cursor_end(&c) == CP_OK)
        return CP_OK;
    memset(out, 0, sizeof *out);
    return CP_ERR_BAD_TICKET;
}

/* ---- Names ---- */

void cp_carry_name_begin(struct cp_hasher *h)
{
    cp_hash_init(h, CP_TAG_CARRIED, CP_CARRY_NAME_LEN);
}

void cp_carry_name_add(struct cp_hasher *h, struct cp_bytes piece)
{
    cp_hash_add(h, piece.ptr, piece.len);
}

void cp_carry_name_end(struct cp_hasher *h, uint8_t out[static CP_CARRY_NAME_LEN])
{
    cp_hash_end(h, out, CP_CARRY_NAME_LEN);
}

bool cp_carry_name_is(const uint8_t a[static CP_CARRY_NAME_LEN], const uint8_t b[static CP_CARRY_NAME_LEN])
{
    return memcmp(a, b, CP_CARRY_NAME_LEN) == 0;
}

/* ---- Messages ---- */

static const size_t elements[CP_CARRY_TYPES] = {
    [CP_CARRY_LIST] = 3,   [CP_CARRY_GET] = 3,  [CP_CARRY_PUT] = 4,  [CP_CARRY_DATA] = 3,
    [CP_CARRY_DROP] = 2,   [CP_CARRY_PILE] = 5, [CP_CARRY_PART] = 4, [CP_CARRY_GO] = 2,
    [CP_CARRY_STORED] = 2, [CP_CARRY_DONE] = 1, [CP_CARRY_NO] = 2,
};

static uint64_t get_number(struct cp_cursor *c)
{
    uint64_t n = cp_get_uint(c, CP_INT_MAX);
    if (n == 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    return n;
}

static void get_version(struct cp_cursor *c)
{
    if (cp_get_uint(c, CP_INT_MAX) != CP_CARRY_VERSION)
        cp_cursor_fail(c, CP_ERR_NEWER_RULES);
}

static struct cp_bytes get_piece(struct cp_cursor *c)
{
    struct cp_bytes b = cp_get_bin(c, CP_CARRY_PART_MAX);
    if (b.len == 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE); /* it would be asked for without end */
    return b;
}

void cp_carry_next_item(struct cp_carry_message *m, struct cp_carry_item *out)
{
    out->number = get_number(&m->list);
    out->size = get_number(&m->list);
    cp_get_fixed(&m->list, out->name, sizeof out->name);
}

uint64_t cp_carry_next_number(struct cp_carry_message *m)
{
    return get_number(&m->list);
}

/* Walks the list once, so that what is taken from it later cannot fail; leaves m->list at its first value. */
static void get_list(struct cp_cursor *c, struct cp_carry_message *m, size_t values)
{
    uint64_t before = 0;
    size_t count = cp_get_array(c, 0, values * CP_CARRY_BUNDLES_MAX);
    if (count % values != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    m->count = count / values;
    m->list = *c;
    for (size_t i = 0; i < m->count && c->err == CP_OK; i++) {
        uint64_t number = get_number(c);
        if (number <= before || (m->type == CP_CARRY_PILE && number >= m->number))
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        before = number;
        if (values == ITEM_VALUES) {
            (void)get_number(c);
            (void)cp_get_fixed_ref(c, CP_CARRY_NAME_LEN);
        }
    }
}

static enum cp_err get_word(struct cp_cursor *c)
{
    char word[WORD_MAX + 1];
    struct cp_bytes text = cp_get_str(c, WORD_MAX);
    if (c->err != CP_OK)
        return CP_ERR_COUNT;
    memcpy(word, text.ptr, text.len);
    word[text.len] = '\0';
    return cp_err_of_word(word);
}

static void get_rest(struct cp_cursor *c, struct cp_carry_message *m)
{
    switch (m->type) {
    case CP_CARRY_LIST:
        get_version(c);
        m->number = cp_get_uint(c, CP_INT_MAX);
        break;
    case CP_CARRY_GET:
        m->number = get_number(c);
        m->offset = cp_get_uint(c, CP_CARRY_SIZE_MAX);
        break;
    case CP_CARRY_PUT:
        m->number = get_number(c);
        m->size = get_number(c);
        m->name = cp_get_fixed_ref(c, CP_CARRY_NAME_LEN);
        break;
    case CP_CARRY_DATA:
        m->offset = cp_get_uint(c, CP_CARRY_SIZE_MAX);
        m->bytes = get_piece(c);
        break;
    case CP_CARRY_DROP:
        get_list(c, m, 1);
        break;
    case CP_CARRY_PILE:
        get_version(c);
        m->born = cp_get_fixed_ref(c, CP_CARRY_BORN_LEN);
        m->number = get_number(c);
        get_list(c, m, ITEM_VALUES);
        break;
    case CP_CARRY_PART:
        m->number = get_number(c);
        m->offset = cp_get_uint(c, CP_CARRY_SIZE_MAX);
        m->bytes = get_piece(c);
        break;
    case CP_CARRY_GO:
        m->offset = cp_get_uint(c, CP_CARRY_SIZE_MAX);
        break;
    case CP_CARRY_STORED:
        m->number = get_number(c);
        break;
    case CP_CARRY_NO:
        m->word = get_word(c);
        break;
    case CP_CARRY_DONE:
    case CP_CARRY_TYPES:
        break;
    }
}

enum cp_err cp_carry_read(struct cp_bytes message, struct cp_carry_message *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    cp_cursor_init(&c, message, ITEM_VALUES * CP_CARRY_BUNDLES_MAX + 16);
    size_t count = cp_get_array(&c, 1, 8);
    uint64_t type = cp_get_uint(&c, CP_INT_MAX);
    if (c.err == CP_OK && type >= CP_CARRY_TYPES)
        return CP_ERR_BAD_MESSAGE;
    if (c.err == CP_OK && count != elements[type])
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    if (c.err != CP_OK)
        return c.err;
    out->type = (enum cp_carry_type)type;
    get_rest(&c, out);
    return cp_cursor_end(&c);
}

static void put_head(enum cp_carry_type type, struct cp_buf *out)
{
    cp_put_array(out, elements[type]);
    cp_put_uint(out, type);
}

void cp_carry_put(const struct cp_carry_message *m, struct cp_buf *out)
{
    put_head(m->type, out);
    switch (m->type) {
    case CP_CARRY_LIST:
        cp_put_uint(out, CP_CARRY_VERSION);
        cp_put_uint(out, m->number);
        break;
    case CP_CARRY_GET:
        cp_put_uint(out, m->number);
        cp_put_uint(out, m->offset);
        break;
    case CP_CARRY_PUT:
        cp_put_uint(out, m->number);
        cp_put_uint(out, m->size);
        cp_put_fixed(out, m->name, CP_CARRY_NAME_LEN);
        break;
    case CP_CARRY_PART:
        cp_put_uint(out, m->number);
        cp_put_uint(out, m->offset);
        cp_put_bin(out, m->bytes);
        break;
    case CP_CARRY_DATA:
        cp_put_uint(out, m->offset);
        cp_put_bin(out, m->bytes);
        break;
    case CP_CARRY_GO:
        cp_put_uint(out, m->offset);
        break;
    case CP_CARRY_STORED:
        cp_put_uint(out, m->number);
        break;
    case CP_CARRY_NO:
        cp_put_cstr(out, cp_err_word(m->word));
        break;
    case CP_CARRY_DONE:
        break;
    case CP_CARRY_DROP:
    case CP_CARRY_PILE:
    case CP_CARRY_TYPES:
        assert(false && "has a list: see below");
        break;
    }
}

void cp_carry_put_pile(const uint8_t born[static CP_CARRY_BORN_LEN], uint64_t next,
                       const struct cp_carry_item *items, size_t count, struct cp_buf *out)
{
    assert(count <= CP_CARRY_BUNDLES_MAX);
    put_head(CP_CARRY_PILE, out);
    cp_put_uint(out, CP_CARRY_VERSION);
    cp_put_fixed(out, born, CP_CARRY_BORN_LEN);
    cp_put_uint(out, next);
    cp_put_array(out, ITEM_VALUES * count);
    for (size_t i = 0; i < count; i++) {
        cp_put_uint(out, items[i].number);
        cp_put_uint(out, items[i].size);
        cp_put_fixed(out, items[i].name, CP_CARRY_NAME_LEN);
    }
}

void cp_carry_put_drop(const uint64_t *numbers, size_t count, struct cp_buf *out)
{
    assert(count <= CP_CARRY_BUNDLES_MAX);
    put_head(CP_CARRY_DROP, out);
    cp_put_array(out, count);
    for (size_t i = 0; i < count; i++)
        cp_put_uint(out, numbers[i]);
}
