/* Sessions of people who share a device. Owns: their ends. Must not: know what a command does. */
#include "daemon/seat.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"

#define NOTE "session seconds"

static bool ends_by_itself(const struct cp_node *node, size_t person)
{
    return node->seat_seconds > 0 && cp_keeper_count(node->keeper) > 1 &&
           cp_keeper_awake(node->keeper, person) && !cp_keeper_person(node->keeper, person)->kdf.none;
}

static uint64_t end_ms(const struct cp_node *node, size_t person)
{
    return node->seat_ms[person] + node->seat_seconds * 1000;
}

void cp_seat_touch(struct cp_node *node, size_t person)
{
    node->seat_ms[person] = cp_node_monotonic_ms();
}

enum cp_err cp_seat_check(struct cp_request *r, bool named)
{
    struct cp_node *node = r->node;
    const struct cp_keeper *k = node->keeper;
    size_t awake = 0, last = 0;
    if (cp_keeper_count(k) < 2)
        return CP_OK;
    cp_seat_tick(node, cp_node_monotonic_ms()); /* the loop may be a moment late */
    if (named) {
        if (!cp_keeper_awake(k, r->person))
            return CP_ERR_LOCKED;
        cp_seat_touch(node, r->person);
        return CP_OK;
    }
    for (size_t i = 0; i < cp_keeper_count(k); i++)
        if (cp_keeper_awake(k, i)) {
            awake++;
            last = i;
        }
    if (awake == 1)
        cp_seat_touch(node, last); /* nobody else can be sitting there */
    return awake > 0 ? CP_OK : CP_ERR_LOCKED;
}

uint64_t cp_seat_deadline_ms(const struct cp_node *node)
{
    uint64_t first = UINT64_MAX;
    if (node->keeper == NULL || cp_keeper_locked(node->keeper))
        return first;
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        if (ends_by_itself(node, i) && end_ms(node, i) < first)
            first = end_ms(node, i);
    return first;
}

void cp_seat_tick(struct cp_node *node, uint64_t now_ms)
{
    if (node->keeper == NULL || cp_keeper_locked(node->keeper))
        return;
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        if (ends_by_itself(node, i) && end_ms(node, i) <= now_ms) {
            cp_keeper_sleep(node->keeper, i);
            cp_log(CP_LOG_INFO, "session_over", "person=%zu", i);
        }
}

int64_t cp_seat_left(const struct cp_node *node, size_t person)
{
    uint64_t now_ms = cp_node_monotonic_ms();
    if (cp_keeper_locked(node->keeper) || !cp_keeper_awake(node->keeper, person))
        return 0;
    if (!ends_by_itself(node, person))
        return -1;
    return end_ms(node, person) <= now_ms ? 0 : (int64_t)((end_ms(node, person) - now_ms + 999) / 1000);
}

uint64_t cp_seat_seconds(const struct cp_node *node)
{
    return node->seat_seconds;
}

enum cp_err cp_seat_set(struct cp_node *node, uint64_t seconds)
{
    char text[24];
    if (seconds > CP_SEAT_SECONDS_MAX)
        return CP_ERR_BAD_VALUE;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)seconds);
    enum cp_err err = cp_store_note_set(node->store, NOTE, cp_bytes_str(text));
    if (err == CP_OK)
        node->seat_seconds = seconds;
    return err;
}

void cp_seat_opened(struct cp_node *node)
{
    struct cp_buf note;
    uint64_t now_ms = cp_node_monotonic_ms(), seconds = 0;
    node->seat_seconds = CP_SEAT_SECONDS_DEFAULT;
    cp_buf_init(&note, node->mem, 64);
    if (cp_store_note_get(node->store, NOTE, &note) == CP_OK) {
        for (size_t i = 0; i < note.len; i++)
            seconds = seconds * 10 + (uint64_t)(note.ptr[i] - '0');
        node->seat_seconds = seconds <= CP_SEAT_SECONDS_MAX ? seconds : CP_SEAT_SECONDS_DEFAULT;
    }
    cp_buf_clear(&note);
    for (size_t i = 0; i < CP_PERSONS_MAX; i++)
        node->seat_ms[i] = now_ms;
}
