/* A member's memory of a pile. See carried.h. */
#include "proto/carried.h"

#include <string.h>

enum {
    VERSION = 1,
    FIELDS = 6,
    ITEM_VALUES = 5,
    MACHINE_VALUES = 2
};

static const uint8_t nobody[CP_KEY_LEN];

void cp_carried_init(struct cp_carried *m, const struct cp_mem *mem)
{
    *m = (struct cp_carried){.mem = mem, .next = 1};
}

void cp_carried_clear(struct cp_carried *m)
{
    const struct cp_mem *mem = m->mem;
    if (mem == NULL)
        return;
    cp_free(mem, m->items);
    cp_free(mem, m->machines);
    cp_carried_init(m, mem);
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_KEY_LEN) == 0;
}

/* ---- Machines ---- */

static struct cp_carried_machine *machine_of(const struct cp_carried *m, const uint8_t *key)
{
    for (size_t i = 0; i < m->machines_count; i++)
        if (same(m->machines[i].key, key))
            return &m->machines[i];
    return NULL;
}

uint64_t cp_carried_latest(const struct cp_carried *m, const uint8_t machine[static CP_KEY_LEN])
{
    const struct cp_carried_machine *found = machine_of(m, machine);
    return found == NULL ? 0 : found->number;
}

static enum cp_err has_come(struct cp_carried *m, const uint8_t *key, uint64_t number)
{
    struct cp_carried_machine *found = machine_of(m, key);
    if (found == NULL) {
        void *rows = m->machines;
        enum cp_err err = cp_grow(m->mem, &rows, &m->machines_cap, m->machines_count + 1,
                                  CP_CARRIED_MACHINES_MAX, sizeof *m->machines);
        if (err != CP_OK)
            return err;
        m->machines = rows;
        found = &m->machines[m->machines_count++];
        memcpy(found->key, key, CP_KEY_LEN);
        found->number = 0;
    }
    if (found->number < number)
        found->number = number;
    return CP_OK;
}

/* ---- Items ---- */

static struct cp_carried_item *item_of(const struct cp_carried *m, uint64_t number)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->items[i].number == number)
            return &m->items[i];
    return NULL;
}

static const struct cp_carried_item *named(const struct cp_carried_item *items, size_t count,
                                           const uint8_t *name)
{
    for (size_t i = 0; i < count; i++)
        if (cp_carry_name_is(items[i].name, name))
            return &items[i];
    return NULL;
}

static enum cp_err add_item(struct cp_carried *m, const struct cp_carried_item *item)
{
    void *rows = m->items;
    enum cp_err err = cp_grow(m->mem, &rows, &m->cap, m->count + 1, CP_CARRIED_ITEMS_MAX, sizeof *m->items);
    if (err != CP_OK)
        return err;
    m->items = rows;
    size_t at = m->count++;
    for (; at > 0 && m->items[at - 1].number > item->number; at--)
        m->items[at] = m->items[at - 1];
    m->items[at] = *item;
    return CP_OK;
}

/* One row of a listing beside what was there before. */
static struct cp_carried_item take_row(const struct cp_carried *before, const struct cp_carried *now,
                                       const struct cp_carry_item *row, struct cp_carried_news *news)
{
    struct cp_carried_item item = {.number = row->number, .size = row->size};
    const struct cp_carried_item *old = item_of(before, row->number);
    memcpy(item.name, row->name, sizeof item.name);
    if (old != NULL && old->number >= before->next && !cp_carry_name_is(old->name, row->name))
        old = NULL; /* ours was on its way, and another came first */
    if (old != NULL && cp_carry_name_is(old->name, row->name)) {
        memcpy(item.writer, old->writer, sizeof item.writer);
        item.again = old->again;
        return item;
    }
    if (old != NULL)
        news->changed++;
    if (named(before->items, before->count, row->name) != NULL ||
        named(now->items, now->count, row->name) != NULL) {
        item.again = true;
        news->again++;
    }
    return item;
}

/* What we knew of, had not read, and do not find any more. Whoever has read a bundle of ours takes nothing away that we have
 * not read; before there was one, they need not have known of us. */
static uint64_t vanished(const struct cp_carried *before, const struct cp_carried *now)
{
    uint64_t count = 0;
    for (size_t i = 0; i < before->count; i++)
        if (before->items[i].number > before->read && before->items[i].number < before->next &&
            item_of(now, before->items[i].number) == NULL)
            count++;
    return count;
}

enum cp_err cp_carried_listed(struct cp_carried *m, struct cp_carry_message *pile,
                              const uint8_t own[static CP_KEY_LEN], struct cp_carried_news *news)
{
    struct cp_carried now;
    uint64_t fresh = 0;
    enum cp_err err = CP_OK;
    memset(news, 0, sizeof *news);
    if (pile->type != CP_CARRY_PILE)
        return CP_ERR_BAD_MESSAGE;
    if (m->known && (memcmp(m->born, pile->born, sizeof m->born) != 0 || pile->number < m->next)) {
        cp_carried_clear(m);
        news->set_back = true;
    }
    cp_carried_init(&now, m->mem);
    for (size_t i = 0; err == CP_OK && i < pile->count; i++) {
        struct cp_carry_item row;
        cp_carry_next_item(pile, &row);
        struct cp_carried_item item = take_row(m, &now, &row, news);
        fresh += m->known && row.number >= m->next ? 1 : 0;
        err = add_item(&now, &item);
    }
    if (err != CP_OK) {
        cp_carried_clear(&now);
        return err;
    }
    if (cp_carried_latest(m, own) > 0)
        news->withheld = vanished(m, &now) + (pile->number - m->next) - fresh;
    cp_free(m->mem, m->items);
    m->items = now.items;
    m->count = now.count;
    m->cap = now.cap;
    m->next = pile->number;
    memcpy(m->born, pile->born, sizeof m->born);
    m->known = true;
    for (size_t i = 0; err == CP_OK && i < m->count; i++)
        if (same(m->items[i].writer, own)) /* the answer to its PUT may have been lost */
            err = has_come(m, own, m->items[i].number);
    return err;
}

const struct cp_carried_item *cp_carried_next(const struct cp_carried *m,
                                              const uint8_t own[static CP_KEY_LEN])
{
    for (size_t i = 0; i < m->count; i++)
        if (m->items[i].number > m->read && !m->items[i].again && !same(m->items[i].writer, own))
            return &m->items[i];
    return NULL;
}

enum cp_err cp_carried_was_read(struct cp_carried *m, uint64_t number, const uint8_t *writer)
{
    struct cp_carried_item *item = item_of(m, number);
    if (item != NULL && writer != NULL)
        memcpy(item->writer, writer, CP_KEY_LEN);
    if (m->read < number)
        m->read = number;
    return writer == NULL ? CP_OK : has_come(m, writer, number);
}

bool cp_carried_all_read(struct cp_carried *m, const uint8_t own[static CP_KEY_LEN])
{
    m->read = m->next - 1;
    struct cp_carried_machine *we = machine_of(m, own);
    const struct cp_carried_item *ours = we == NULL ? NULL : item_of(m, we->number);
    if (we == NULL || we->number == 0 || (ours != NULL && same(ours->writer, own)))
        return true;
    we->number = 0;
    return false;
}

enum cp_err cp_carried_is_put(struct cp_carried *m, const struct cp_carry_item *item,
                              const uint8_t own[static CP_KEY_LEN])
{
    struct cp_carried_item row = {.number = m->next, .size = item->size};
    memcpy(row.name, item->name, sizeof row.name);
    memcpy(row.writer, own, sizeof row.writer);
    if (m->count > 0 && m->items[m->count - 1].number >= m->next)
        m->count--; /* one that never arrived */
    return add_item(m, &row);
}

enum cp_err cp_carried_was_put(struct cp_carried *m, const struct cp_carry_item *item,
                               const uint8_t own[static CP_KEY_LEN])
{
    if (item->number != m->next)
        return CP_ERR_BAD_MESSAGE;
    enum cp_err err = cp_carried_is_put(m, item, own);
    if (err == CP_OK)
        err = has_come(m, own, item->number);
    if (err != CP_OK)
        return err;
    m->read = item->number; /* all below it was read before, or the carrier would not have taken it */
    m->next = item->number + 1;
    return CP_OK;
}

/* ---- What may go ---- */

bool cp_carried_passed(const struct cp_carried *m, uint64_t number, const uint8_t (*machines)[CP_KEY_LEN],
                       size_t count, const uint8_t own[static CP_KEY_LEN], const uint8_t *writer)
{
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        if (same(machines[i], own))
            continue;
        others++;
        if ((writer == NULL || !same(machines[i], writer)) && cp_carried_latest(m, machines[i]) <= number)
            return false;
    }
    return others > 0;
}

size_t cp_carried_droppable(const struct cp_carried *m, const uint8_t (*machines)[CP_KEY_LEN], size_t count,
                            const uint8_t own[static CP_KEY_LEN], uint64_t *numbers)
{
    size_t found = 0;
    for (size_t i = 0; i < m->count && found < CP_CARRY_BUNDLES_MAX; i++) {
        const struct cp_carried_item *item = &m->items[i];
        bool known = !same(item->writer, nobody), in = same(item->writer, own);
        for (size_t k = 0; k < count; k++)
            in = in || same(machines[k], item->writer);
        if (item->number > m->read || (known && in && cp_carried_latest(m, item->writer) <= item->number))
            continue;
        if (cp_carried_passed(m, item->number, machines, count, own, known ? item->writer : NULL))
            numbers[found++] = item->number;
    }
    return found;
}

/* ---- As kept ---- */

void cp_carried_write(const struct cp_carried *m, struct cp_buf *out)
{
    cp_put_array(out, FIELDS);
    cp_put_uint(out, VERSION);
    cp_put_fixed(out, m->born, sizeof m->born);
    cp_put_uint(out, m->next);
    cp_put_uint(out, m->read);
    cp_put_array(out, ITEM_VALUES * m->count);
    for (size_t i = 0; i < m->count; i++) {
        cp_put_uint(out, m->items[i].number);
        cp_put_uint(out, m->items[i].size);
        cp_put_fixed(out, m->items[i].name, CP_CARRY_NAME_LEN);
        cp_put_fixed(out, m->items[i].writer, CP_KEY_LEN);
        cp_put_uint(out, m->items[i].again ? 1 : 0);
    }
    cp_put_array(out, MACHINE_VALUES * m->machines_count);
    for (size_t i = 0; i < m->machines_count; i++) {
        cp_put_fixed(out, m->machines[i].key, CP_KEY_LEN);
        cp_put_uint(out, m->machines[i].number);
    }
}

static enum cp_err read_items(struct cp_cursor *c, struct cp_carried *m)
{
    enum cp_err err = CP_OK;
    uint64_t before = 0;
    size_t values = cp_get_array(c, 0, (size_t)ITEM_VALUES * CP_CARRIED_ITEMS_MAX);
    if (values % ITEM_VALUES != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; err == CP_OK && c->err == CP_OK && i < values / ITEM_VALUES; i++) {
        struct cp_carried_item item = {.number = cp_get_uint(c, CP_INT_MAX)};
        item.size = cp_get_uint(c, CP_INT_MAX);
        cp_get_fixed(c, item.name, sizeof item.name);
        cp_get_fixed(c, item.writer, sizeof item.writer);
        item.again = cp_get_uint(c, 1) == 1;
        if (item.number <= before || item.number > m->next) /* the next one: on its way when we last knew */
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        before = item.number;
        err = add_item(m, &item);
    }
    return err;
}

static enum cp_err read_machines(struct cp_cursor *c, struct cp_carried *m)
{
    enum cp_err err = CP_OK;
    size_t values = cp_get_array(c, 0, (size_t)MACHINE_VALUES * CP_CARRIED_MACHINES_MAX);
    if (values % MACHINE_VALUES != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; err == CP_OK && c->err == CP_OK && i < values / MACHINE_VALUES; i++) {
        uint8_t key[CP_KEY_LEN];
        cp_get_fixed(c, key, sizeof key);
        uint64_t number = cp_get_uint(c, CP_INT_MAX);
        if (machine_of(m, key) != NULL || number >= m->next)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        err = has_come(m, key, number);
    }
    return err;
}

enum cp_err cp_carried_read(struct cp_bytes bytes, struct cp_carried *m)
{
    struct cp_cursor c;
    cp_carried_clear(m);
    cp_cursor_init(&c, bytes,
                   (size_t)ITEM_VALUES * CP_CARRIED_ITEMS_MAX +
                       (size_t)MACHINE_VALUES * CP_CARRIED_MACHINES_MAX + 16);
    (void)cp_get_array(&c, FIELDS, FIELDS);
    if (cp_get_uint(&c, VERSION) != VERSION)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    cp_get_fixed(&c, m->born, sizeof m->born);
    m->next = cp_get_uint(&c, CP_INT_MAX);
    m->read = cp_get_uint(&c, CP_INT_MAX);
    if (m->next == 0 || m->read >= m->next)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    m->known = true;
    enum cp_err err = read_items(&c, m);
    if (err == CP_OK)
        err = read_machines(&c, m);
    if (err == CP_OK)
        err = cp_cursor_end(&c);
    if (err != CP_OK)
        cp_carried_clear(m);
    return err;
}
