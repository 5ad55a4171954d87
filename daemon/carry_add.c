/*
 * The second half of a call on a carrier: what may go, and what we add. See carry.h.
 * Owns: the bundle that goes out. Must not: add before everything new was read.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/carry_internal.h"
#include "daemon/home.h"

/* The machines of those who are in; ours among them. */
static enum cp_err find_machines(struct cp_carry_visit *v)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(v->node->store, v->row.place->plan, &members);
    v->machines_count = 0;
    for (size_t i = 0; err == CP_OK && i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        bool there = !cp_member_is_in(d);
        void *rows = v->machines;
        for (size_t k = 0; k < v->machines_count && !there; k++)
            there = memcmp(v->machines[k], d->curve_key, CP_KEY_LEN) == 0;
        if (there)
            continue;
        err = cp_grow(v->node->mem, &rows, &v->machines_cap, v->machines_count + 1, CP_BUNDLE_SLOTS_MAX,
                      sizeof *v->machines);
        if (err != CP_OK)
            break;
        v->machines = rows;
        memcpy(v->machines[v->machines_count++], d->curve_key, CP_KEY_LEN);
    }
    return err;
}

void cp_carry_drop_or_add(struct cp_carry_visit *v)
{
    uint64_t numbers[CP_CARRY_BUNDLES_MAX];
    struct cp_buf out;
    enum cp_err err = cp_carry_memory_set(v->node, v->pile, &v->there);
    if (err == CP_OK)
        err = find_machines(v);
    if (err != CP_OK) {
        cp_carry_end_place(v, err);
        return;
    }
    size_t count = cp_carried_droppable(&v->there, (const uint8_t(*)[CP_KEY_LEN])v->machines,
                                        v->machines_count, v->own, numbers);
    if (count == 0) {
        cp_carry_write_ours(v);
        return;
    }
    v->row.dropped += count;
    cp_buf_init(&out, v->node->mem, CP_MESSAGE_MAX);
    cp_carry_put_drop(numbers, count, &out);
    cp_carry_send(v, CP_CARRY_DROPPING, &out);
    cp_buf_clear(&out);
}

static void written(void *ctx, enum cp_err err, const struct cp_bundle_written *w);

void cp_carry_write_ours(struct cp_carry_visit *v)
{
    char path[1100];
    struct cp_bundle_plan plan = {.one_person = false};
    struct cp_bundle_write how = {.path = path,
                                  .plans = &plan,
                                  .plans_count = 1,
                                  .offer = &v->offer,
                                  .done = written,
                                  .progress = cp_carry_progressed,
                                  .ctx = v};
    cp_home_path(v->node, CP_CARRY_GOING, path, sizeof path);
    memcpy(plan.plan, v->row.place->plan, CP_ID_LEN);
    cp_heard_clear(&v->said);
    cp_heard_init(&v->said, v->node->mem);
    v->offer =
        (struct cp_bundle_offer){.carried = &v->there, .control_only = v->ticket > 0, .said = &v->said};
    memcpy(v->offer.pile, v->pile, CP_ID_LEN);
    v->phase = CP_CARRY_WRITING;
    v->deadline_ms = UINT64_MAX;
    enum cp_err err = cp_bundle_write_start(v->node, &how);
    if (err != CP_OK)
        cp_carry_end_place(v, err);
}

/*
 * Is there something to say? Entries that somebody lacks; or that we hold more than our latest bundle there tells, so that
 * the others need not send it; or that everybody has had that one and it is large.
 */
static bool has_to_say(struct cp_carry_visit *v)
{
    struct cp_heard last;
    uint64_t number = cp_carried_latest(&v->there, v->own);
    if (v->entries > 0)
        return true;
    if (v->ticket > 0)
        return false;
    if (number == 0 || v->tell)
        return true;
    bool known = cp_heard_get(v->node, v->pile, v->own, &last) == CP_OK && cp_heard_same(&last, &v->said);
    cp_heard_clear(&last);
    if (!known)
        return true;
    for (size_t i = 0; i < v->there.count; i++)
        if (v->there.items[i].number == number && v->there.items[i].size > v->item.size)
            return cp_carried_passed(&v->there, number, (const uint8_t(*)[CP_KEY_LEN])v->machines,
                                     v->machines_count, v->own, v->own);
    return false;
}

/* Its size and name into v->item, and the file open for sending. */
static enum cp_err open_ours(struct cp_carry_visit *v)
{
    char path[1100];
    uint8_t bytes[16384];
    struct stat st;
    struct cp_hasher h;
    cp_home_path(v->node, CP_CARRY_GOING, path, sizeof path);
    v->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (v->fd < 0 || fstat(v->fd, &st) != 0 || st.st_size <= 0)
        return CP_ERR_IO;
    if ((uint64_t)st.st_size > CP_CARRY_SIZE_MAX)
        return CP_ERR_TOO_BIG;
    v->item = (struct cp_carry_item){.number = v->there.next, .size = (uint64_t)st.st_size};
    cp_carry_name_begin(&h);
    for (uint64_t at = 0; at < v->item.size;) {
        uint64_t left = v->item.size - at;
        size_t len = left < sizeof bytes ? (size_t)left : sizeof bytes;
        enum cp_err err = cp_file_read_at(v->fd, at, bytes, len);
        if (err != CP_OK)
            return err;
        cp_carry_name_add(&h, CP_BYTES(bytes, len));
        at += len;
    }
    cp_carry_name_end(&h, v->item.name);
    v->at = 0;
    return CP_OK;
}

static void send_put(struct cp_carry_visit *v)
{
    enum cp_err err = cp_carried_is_put(&v->there, &v->item, v->own);
    if (err == CP_OK)
        err = cp_carry_memory_set(v->node, v->pile, &v->there);
    if (err != CP_OK)
        cp_carry_end_place(v, err);
    else
        cp_carry_ask_for(
            v, CP_CARRY_PUTTING,
            (struct cp_carry_message){
                .type = CP_CARRY_PUT, .number = v->item.number, .size = v->item.size, .name = v->item.name});
}

static void written(void *ctx, enum cp_err err, const struct cp_bundle_written *w)
{
    struct cp_carry_visit *v = ctx;
    if (v->stopping != CP_OK) {
        err = v->stopping;
        v->stopping = CP_OK;
    }
    if (err == CP_ERR_NOBODY) { /* nobody else is in: nothing to add */
        cp_carry_end_ticket(v);
        return;
    }
    v->entries = w->entries;
    if (err == CP_OK)
        err = open_ours(v);
    if (err != CP_OK)
        cp_carry_end_place(v, err);
    else if (!has_to_say(v))
        cp_carry_end_ticket(v);
    else
        send_put(v);
}

void cp_carry_send_piece(struct cp_carry_visit *v, uint64_t offset)
{
    struct cp_buf piece;
    uint64_t left = v->item.size - v->at;
    size_t len = left < CP_CARRY_PART_MAX ? (size_t)left : CP_CARRY_PART_MAX;
    if (offset != v->at || len == 0) { /* what it has it does not get again */
        cp_carry_end_place(v, CP_ERR_BAD_MESSAGE);
        return;
    }
    cp_buf_init(&piece, v->node->mem, CP_CARRY_PART_MAX);
    uint8_t *to = cp_buf_space(&piece, len);
    enum cp_err err = cp_buf_err(&piece);
    if (err == CP_OK)
        err = cp_file_read_at(v->fd, offset, to, len);
    if (err != CP_OK) {
        cp_carry_end_place(v, err);
    } else {
        v->at += len;
        v->ask.progress(v->ask.ctx, v->at, v->item.size);
        cp_carry_ask_for(v, CP_CARRY_PUTTING,
                         (struct cp_carry_message){
                             .type = CP_CARRY_DATA, .offset = offset, .bytes = cp_buf_bytes(&piece)});
    }
    cp_buf_clear(&piece);
}

void cp_carry_was_put(struct cp_carry_visit *v, uint64_t number)
{
    v->item.number = number;
    enum cp_err err = cp_carried_was_put(&v->there, &v->item, v->own);
    if (err == CP_OK)
        err = cp_heard_set(v->node, v->pile, v->own, &v->said);
    if (err == CP_OK)
        err = cp_carry_memory_set(v->node, v->pile, &v->there);
    if (err != CP_OK) {
        cp_carry_end_place(v, err);
        return;
    }
    v->row.put++;
    v->row.put_entries += v->entries;
    v->row.put_bytes += v->item.size;
    cp_carry_end_ticket(v);
}
