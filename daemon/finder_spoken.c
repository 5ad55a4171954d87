/*
 * Invitations in words on the network: whose answers say where their plan is, and who looks for one. See finder.h.
 * All of it is kept in memory alone.
 */
#include <assert.h>
#include <string.h>

#include "daemon/finder.h"
#include "daemon/log.h"

bool cp_finder_is_on(const struct cp_finder *f)
{
    return f->links_count > 0;
}

/* ---- Open ones ---- */

/* Nobody came in by it, nobody took it back, and we are in the plan, as far as we know. */
static bool is_open(struct cp_finder *f, const struct cp_finder_spoken *spoken)
{
    struct cp_store *store = f->node->store;
    struct cp_invite_row *rows = NULL;
    size_t count = 0;
    bool open = false, hushed = true;
    if (cp_store_hushed(store, spoken->plan, &hushed) == CP_OK && !hushed &&
        cp_store_invites(store, spoken->plan, &rows, &count) == CP_OK)
        for (size_t i = 0; i < count; i++)
            if (memcmp(rows[i].id, spoken->invite, CP_ID_LEN) == 0)
                open = rows[i].stands && !rows[i].withdrawn && !rows[i].used;
    cp_free(f->node->mem, rows);
    return open;
}

void cp_finder_spoken_prune(struct cp_finder *f, uint64_t boot_ms)
{
    size_t kept = 0, before = f->spoken_count;
    bool news = before > 0 && f->spoken_as_of != f->node->meetings->controls;
    for (size_t i = 0; i < before; i++) {
        if (f->spoken[i].end_ms <= boot_ms || (news && !is_open(f, &f->spoken[i])))
            continue;
        if (kept != i)
            f->spoken[kept] = f->spoken[i];
        kept++;
    }
    sodium_memzero(&f->spoken[kept], (CP_FINDER_SPOKEN_MAX - kept) * sizeof f->spoken[0]);
    f->spoken_count = kept;
    f->spoken_as_of = f->node->meetings->controls;
    if (kept < before)
        cp_log(CP_LOG_INFO, "spoken_closed", "open=%zu", kept);
}

enum cp_err cp_finder_spoken_room(struct cp_finder *f, uint64_t boot_ms)
{
    cp_finder_spoken_prune(f, boot_ms);
    return !cp_finder_is_on(f)                       ? CP_ERR_NOT_FINE
           : cp_finder_port(f->node) == 0            ? CP_ERR_NO_PORT
           : f->spoken_count >= CP_FINDER_SPOKEN_MAX ? CP_ERR_WORDS_MANY
                                                     : CP_OK;
}

void cp_finder_spoken_open(struct cp_finder *f, const struct cp_finder_spoken *spoken)
{
    assert(f->spoken_count < CP_FINDER_SPOKEN_MAX);
    f->spoken[f->spoken_count++] = *spoken;
    cp_log(CP_LOG_INFO, "spoken_open", "open=%zu", f->spoken_count);
}

const struct cp_finder_spoken *cp_finder_spoken_turn(struct cp_finder *f, size_t gate)
{
    if (f->spoken_count == 0)
        return NULL;
    size_t turn = f->spoken_turn[gate]++ % (2U * f->spoken_count);
    return turn % 2U == 0 ? &f->spoken[turn / 2U] : NULL;
}

/* ---- Looking for one ---- */

void cp_finder_seek(struct cp_finder *f, struct cp_finder_search *search, uint64_t now_ms)
{
    search->end_ms = now_ms + CP_FINDER_SEEK_MS;
    search->next = f->searches;
    f->searches = search;
    for (size_t i = 0; i < f->links_count; i++)
        cp_beacon_pace_arrive(&f->links[i].pace, now_ms, randombytes_random());
}

void cp_finder_seek_pace(const struct cp_finder *f, struct cp_beacon_pace *pace, uint64_t now_ms)
{
    if (f->searches != NULL && pace->due_ms > now_ms + CP_FINDER_SEEK_ASK_MS)
        pace->due_ms = now_ms + CP_FINDER_SEEK_ASK_MS;
}

/* It is its owner's again before they hear of it. */
static void end_one(struct cp_finder *f, struct cp_finder_search *search, enum cp_err err,
                    const struct cp_spoken_place *place, const char *address)
{
    struct cp_finder_search **at = &f->searches;
    while (*at != search)
        at = &(*at)->next;
    *at = search->next;
    search->done(search->ctx, err, place, address);
}

void cp_finder_seek_heard(struct cp_finder *f, const uint8_t ask[static CP_BEACON_LEN],
                          const struct cp_beacon_packet *p)
{
    struct cp_spoken_place place;
    char address[256];
    for (struct cp_finder_search *s = f->searches, *next; s != NULL; s = next) {
        next = s->next;
        if (cp_spoken_found(ask, CP_BYTES(p->bytes, p->len), (const uint8_t(*)[CP_KEY_LEN])s->slots,
                            &place) &&
            cp_beacon_address(p, place.port, address, sizeof address))
            end_one(f, s, CP_OK, &place, address);
    }
}

void cp_finder_seek_tick(struct cp_finder *f, uint64_t now_ms)
{
    for (struct cp_finder_search *s = f->searches, *next; s != NULL; s = next) {
        next = s->next;
        if (s->end_ms <= now_ms)
            end_one(f, s, CP_ERR_NOBODY_THERE, NULL, NULL);
    }
}

uint64_t cp_finder_seek_ms(const struct cp_finder *f)
{
    uint64_t first = UINT64_MAX;
    for (const struct cp_finder_search *s = f->searches; s != NULL; s = s->next)
        first = s->end_ms < first ? s->end_ms : first;
    return first;
}

void cp_finder_spoken_wipe(struct cp_finder *f, enum cp_err err)
{
    sodium_memzero(f->spoken, sizeof f->spoken);
    f->spoken_count = 0;
    while (f->searches != NULL)
        end_one(f, f->searches, err, NULL, NULL);
}
