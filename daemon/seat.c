/* Sessions of people who share a device. Owns: their ends. Must not: know what a command does. */
#include "daemon/seat.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"

#define NOTE      "session seconds"
#define NOTE_LOCK "lock seconds"

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

/* ---- The whole home ---- */

static bool has_passphrases(const struct cp_node *node)
{
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        if (cp_keeper_person(node->keeper, i)->kdf.none)
            return false;
    return true;
}

void cp_seat_used(struct cp_node *node)
{
    node->used_ms = cp_node_monotonic_ms();
}

static uint64_t lock_ms(const struct cp_node *node)
{
    return node->lock_seconds == 0 || !has_passphrases(node) ? UINT64_MAX : node->used_ms + node->lock_seconds * 1000;
}

uint64_t cp_seat_lock_seconds(const struct cp_node *node)
{
    return node->lock_seconds;
}

static enum cp_err keep(struct cp_node *node, const char *note, uint64_t seconds)
{
    char text[24];
    if (seconds > CP_SEAT_SECONDS_MAX)
        return CP_ERR_BAD_VALUE;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)seconds);
    return cp_store_note_set(node->store, note, cp_bytes_str(text));
}

/* What was kept, or `otherwise`. */
static uint64_t kept(struct cp_node *node, const char *key, uint64_t otherwise)
{
    struct cp_buf note;
    uint64_t seconds = 0;
    cp_buf_init(&note, node->mem, 64);
    bool found = cp_store_note_get(node->store, key, &note) == CP_OK;
    for (size_t i = 0; i < note.len; i++)
        seconds = seconds * 10 + (uint64_t)(note.ptr[i] - '0');
    cp_buf_clear(&note);
    return found && seconds <= CP_SEAT_SECONDS_MAX ? seconds : otherwise;
}

enum cp_err cp_seat_lock_set(struct cp_node *node, uint64_t seconds)
{
    enum cp_err err = seconds > 0 && !has_passphrases(node) ? CP_ERR_NO_PASSPHRASE : keep(node, NOTE_LOCK, seconds);
    if (err == CP_OK)
        node->lock_seconds = seconds;
    return err;
}

/* ---- Time ---- */

uint64_t cp_seat_deadline_ms(const struct cp_node *node)
{
    if (node->keeper == NULL || cp_keeper_locked(node->keeper))
        return UINT64_MAX;
    uint64_t first = lock_ms(node);
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        if (ends_by_itself(node, i) && end_ms(node, i) < first)
            first = end_ms(node, i);
    return first;
}

void cp_seat_tick(struct cp_node *node, uint64_t now_ms)
{
    if (node->keeper == NULL || cp_keeper_locked(node->keeper))
        return;
    if (node->work != NULL)
        cp_seat_used(node); /* a command is still at it */
    if (lock_ms(node) <= now_ms) {
        cp_log(CP_LOG_INFO, "idle", "what=home");
        cp_node_lock(node);
        return;
    }
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
    enum cp_err err = keep(node, NOTE, seconds);
    if (err == CP_OK)
        node->seat_seconds = seconds;
    return err;
}

void cp_seat_opened(struct cp_node *node)
{
    uint64_t now_ms = cp_node_monotonic_ms();
    node->seat_seconds = kept(node, NOTE, CP_SEAT_SECONDS_DEFAULT);
    node->lock_seconds = kept(node, NOTE_LOCK, 0);
    node->used_ms = now_ms;
    for (size_t i = 0; i < CP_PERSONS_MAX; i++)
        node->seat_ms[i] = now_ms;
}
