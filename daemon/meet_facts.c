/*
 * What this machine remembers of others, sealed in two notes of the store: where it met them and how far they
 * were in sync. Owns: the notes "meet.places" and "meet.reports". Must not: enter a plan; nothing of this is synced.
 *
 * meet.places = [[address, machine, time] ...]
 * meet.reports = [[plan, machine, time, in sync (0, 1), missing, entries, digest, time in sync, row, incarnation] ...]; older
 * ones end with the digest
 */
#include "daemon/bundle.h"
#include "daemon/log.h"
#include "daemon/meet.h"

#define NOTE_PLACES    "meet.places"
#define NOTE_REPORTS   "meet.reports"
#define NOTE_MAX       (4U * 1024U * 1024U)
#define NOTE_ITEMS_MAX (16U * CP_MEET_REPORTS_MAX)

/* A row for what is new: a free one, or the oldest's. */
static struct cp_meet_place *place_row(struct cp_meeting *all)
{
    const struct cp_mem *mem = all->node->mem;
    void *rows = all->places;
    if (all->places_count < CP_MEET_PLACES_MAX && cp_grow(mem, &rows, &all->places_cap, all->places_count + 1,
                                                          CP_MEET_PLACES_MAX, sizeof *all->places) == CP_OK) {
        all->places = rows;
        return &all->places[all->places_count++];
    }
    struct cp_meet_place *oldest = all->places_count > 0 ? &all->places[0] : NULL;
    for (size_t i = 1; i < all->places_count; i++)
        if (all->places[i].time_ms < oldest->time_ms)
            oldest = &all->places[i];
    return oldest;
}

static struct cp_meet_report *report_row(struct cp_meeting *all)
{
    const struct cp_mem *mem = all->node->mem;
    void *rows = all->reports;
    if (all->reports_count < CP_MEET_REPORTS_MAX &&
        cp_grow(mem, &rows, &all->reports_cap, all->reports_count + 1, CP_MEET_REPORTS_MAX,
                sizeof *all->reports) == CP_OK) {
        all->reports = rows;
        return &all->reports[all->reports_count++];
    }
    struct cp_meet_report *oldest = all->reports_count > 0 ? &all->reports[0] : NULL;
    for (size_t i = 1; i < all->reports_count; i++)
        if (all->reports[i].time_ms < oldest->time_ms)
            oldest = &all->reports[i];
    return oldest;
}

static void read_places(struct cp_meeting *all, struct cp_bytes note)
{
    struct cp_cursor c;
    cp_cursor_init(&c, note, NOTE_ITEMS_MAX);
    size_t count = cp_get_array(&c, 0, CP_MEET_PLACES_MAX);
    for (size_t i = 0; i < count && c.err == CP_OK; i++) {
        struct cp_meet_place p = {.time_ms = 0};
        (void)cp_get_array(&c, 3, 3);
        struct cp_bytes address = cp_get_str(&c, sizeof p.address - 1);
        cp_get_fixed(&c, p.machine, sizeof p.machine);
        p.time_ms = cp_get_uint(&c, CP_INT_MAX);
        if (address.len > 0)
            memcpy(p.address, address.ptr, address.len);
        struct cp_meet_place *row = c.err == CP_OK ? place_row(all) : NULL;
        if (row != NULL)
            *row = p;
    }
    if (cp_cursor_end(&c) != CP_OK)
        all->places_count = 0; /* ours, sealed, and not readable: it is only a memory, so begin anew */
}

static void read_reports(struct cp_meeting *all, struct cp_bytes note)
{
    struct cp_cursor c;
    cp_cursor_init(&c, note, NOTE_ITEMS_MAX);
    size_t count = cp_get_array(&c, 0, CP_MEET_REPORTS_MAX);
    for (size_t i = 0; i < count && c.err == CP_OK; i++) {
        struct cp_meet_report r = {.time_ms = 0};
        size_t members = cp_get_array(&c, 7, 10);
        cp_get_fixed(&c, r.plan, sizeof r.plan);
        cp_get_fixed(&c, r.machine, sizeof r.machine);
        r.time_ms = cp_get_uint(&c, CP_INT_MAX);
        r.in_sync = cp_get_uint(&c, 1) == 1;
        r.missing = cp_get_uint(&c, CP_INT_MAX);
        r.entries = cp_get_uint(&c, CP_INT_MAX);
        cp_get_fixed(&c, r.digest, sizeof r.digest);
        if (members == 10) {
            r.synced_ms = cp_get_uint(&c, CP_INT_MAX);
            r.synced_row = cp_get_uint(&c, CP_INT_MAX);
            cp_get_fixed(&c, r.incarnation, sizeof r.incarnation);
        } else if (members != 7) {
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
        }
        struct cp_meet_report *row = c.err == CP_OK ? report_row(all) : NULL;
        if (row != NULL)
            *row = r;
    }
    if (cp_cursor_end(&c) != CP_OK)
        all->reports_count = 0;
}

void cp_meet_facts_load(struct cp_meeting *all)
{
    struct cp_node *node = all->node;
    struct cp_buf note;
    if (all->facts_known || node->store == NULL || cp_store_locked(node->store))
        return;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    if (cp_store_note_get(node->store, NOTE_PLACES, &note) == CP_OK)
        read_places(all, cp_buf_bytes(&note));
    cp_buf_reset(&note);
    if (cp_store_note_get(node->store, NOTE_REPORTS, &note) == CP_OK)
        read_reports(all, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    all->facts_known = true;
    all->facts_changed = false;
}

void cp_meet_facts_save(struct cp_meeting *all)
{
    struct cp_node *node = all->node;
    struct cp_buf places, reports;
    if (!all->facts_changed || node->store == NULL || cp_store_locked(node->store))
        return;
    cp_buf_init(&places, node->mem, NOTE_MAX);
    cp_buf_init(&reports, node->mem, NOTE_MAX);
    cp_put_array(&places, all->places_count);
    for (size_t i = 0; i < all->places_count; i++) {
        cp_put_array(&places, 3);
        cp_put_cstr(&places, all->places[i].address);
        cp_put_fixed(&places, all->places[i].machine, CP_KEY_LEN);
        cp_put_uint(&places, all->places[i].time_ms);
    }
    cp_put_array(&reports, all->reports_count);
    for (size_t i = 0; i < all->reports_count; i++) {
        const struct cp_meet_report *r = &all->reports[i];
        cp_put_array(&reports, 10);
        cp_put_fixed(&reports, r->plan, CP_ID_LEN);
        cp_put_fixed(&reports, r->machine, CP_KEY_LEN);
        cp_put_uint(&reports, r->time_ms);
        cp_put_uint(&reports, r->in_sync ? 1 : 0);
        cp_put_uint(&reports, r->missing);
        cp_put_uint(&reports, r->entries);
        cp_put_fixed(&reports, r->digest, CP_ID_LEN);
        cp_put_uint(&reports, r->synced_ms);
        cp_put_uint(&reports, r->synced_row);
        cp_put_fixed(&reports, r->incarnation, CP_INCARNATION_LEN);
    }
    /* A memory that cannot be written now is tried again after the next meeting. */
    if (cp_buf_err(&places) == CP_OK && cp_buf_err(&reports) == CP_OK &&
        cp_store_note_set(node->store, NOTE_PLACES, cp_buf_bytes(&places)) == CP_OK &&
        cp_store_note_set(node->store, NOTE_REPORTS, cp_buf_bytes(&reports)) == CP_OK)
        all->facts_changed = false;
    cp_buf_clear(&places);
    cp_buf_clear(&reports);
}

void cp_meet_facts_forget(struct cp_meeting *all)
{
    if (all->places_cap > 0)
        sodium_memzero(all->places, all->places_cap * sizeof *all->places);
    if (all->reports_cap > 0)
        sodium_memzero(all->reports, all->reports_cap * sizeof *all->reports);
    cp_free(all->node->mem, all->places);
    cp_free(all->node->mem, all->reports);
    all->places = NULL;
    all->reports = NULL;
    all->places_count = all->places_cap = 0;
    all->reports_count = all->reports_cap = 0;
    all->facts_known = false;
    all->facts_changed = false;
}

void cp_meet_met(struct cp_meeting *all, const char *address, const uint8_t machine[static CP_KEY_LEN])
{
    cp_meet_facts_load(all);
    struct cp_meet_place *row = NULL;
    for (size_t i = 0; i < all->places_count; i++)
        if (strcmp(all->places[i].address, address) == 0)
            row = &all->places[i];
    if (row == NULL)
        row = place_row(all);
    if (row == NULL)
        return;
    (void)snprintf(row->address, sizeof row->address, "%s", address);
    memcpy(row->machine, machine, CP_KEY_LEN);
    row->time_ms = cp_node_time_ms();
    all->facts_changed = true;
}

void cp_meet_reported(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN],
                      const struct cp_report *report)
{
    struct cp_meet_report r = {
        .time_ms = cp_node_time_ms(), .in_sync = report->in_sync, .missing = report->missing};
    struct cp_meet_report *row = NULL;
    memcpy(r.machine, machine, sizeof r.machine);
    memcpy(r.plan, report->plan, sizeof r.plan);
    cp_meet_facts_load(all);
    memcpy(r.incarnation, report->incarnation, sizeof r.incarnation);
    /* What came in by another way while they compared was not compared. */
    if (report->more || cp_store_log_digest(all->node->store, r.plan, &r.entries, r.digest) != CP_OK)
        r.in_sync = false;
    if (r.in_sync && cp_store_last_row(all->node->store, &r.synced_row) == CP_OK)
        r.synced_ms = r.time_ms;
    for (size_t i = 0; i < all->reports_count; i++)
        if (memcmp(all->reports[i].machine, machine, CP_KEY_LEN) == 0 &&
            memcmp(all->reports[i].plan, r.plan, CP_ID_LEN) == 0)
            row = &all->reports[i];
    /* What it once held it holds, unless it was set back. */
    if (row != NULL && r.synced_row == 0 && memcmp(row->incarnation, r.incarnation, sizeof r.incarnation) == 0) {
        r.synced_ms = row->synced_ms;
        r.synced_row = row->synced_row;
    }
    if (cp_heard_met(all->node, r.plan, machine, r.incarnation, r.time_ms) != CP_OK)
        cp_log(CP_LOG_WARN, "meet", "what=life_not_kept"); /* the next meeting tries again */
    if (row == NULL)
        row = report_row(all);
    if (row == NULL)
        return;
    *row = r;
    all->facts_changed = true;
}

static int by_place(const void *a, const void *b)
{
    const struct cp_meet_report *x = a, *y = b;
    return x->time_ms != y->time_ms ? (x->time_ms < y->time_ms ? -1 : 1) : (x->entries < y->entries ? -1 : 1);
}

void cp_meet_in_turn(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], uint8_t (*plans)[CP_ID_LEN],
                     size_t count)
{
    const struct cp_mem *mem = all->node->mem;
    struct cp_meet_report *order = cp_alloc_array(mem, count, sizeof *order);
    for (size_t i = 0; order != NULL && i < count; i++) {
        const struct cp_meet_report *last = cp_meet_last(all, plans[i], machine);
        order[i] = (struct cp_meet_report){.time_ms = last == NULL ? 0 : last->time_ms, .entries = i};
        memcpy(order[i].plan, plans[i], CP_ID_LEN);
    }
    if (order == NULL)
        return; /* the order stays: what has no place is said all the same */
    qsort(order, count, sizeof *order, by_place);
    for (size_t i = 0; i < count; i++)
        memcpy(plans[i], order[i].plan, CP_ID_LEN);
    cp_free(mem, order);
}

void cp_meet_count_refused(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], enum cp_err err)
{
    void *rows = all->refused;
    for (size_t i = 0; i < all->refused_count; i++) {
        if (all->refused[i].err == err && memcmp(all->refused[i].machine, machine, CP_KEY_LEN) == 0) {
            all->refused[i].count++;
            return;
        }
    }
    if (cp_grow(all->node->mem, &rows, &all->refused_cap, all->refused_count + 1, CP_MEET_REFUSED_MAX,
                sizeof *all->refused) != CP_OK)
        return;
    all->refused = rows;
    struct cp_meet_refused *row = &all->refused[all->refused_count++];
    memcpy(row->machine, machine, CP_KEY_LEN);
    row->err = err;
    row->count = 1;
}

bool cp_meet_still_in_sync(const struct cp_meet_report *last, uint64_t entries, const uint8_t digest[static CP_ID_LEN])
{
    return last != NULL && last->in_sync && last->entries == entries && memcmp(last->digest, digest, CP_ID_LEN) == 0;
}

const struct cp_meet_report *cp_meet_last(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                                          const uint8_t machine[static CP_KEY_LEN])
{
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->reports_count; i++)
        if (memcmp(all->reports[i].machine, machine, CP_KEY_LEN) == 0 &&
            memcmp(all->reports[i].plan, plan, CP_ID_LEN) == 0)
            return &all->reports[i];
    return NULL;
}

const struct cp_meet_place *cp_meet_place_of(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN])
{
    const struct cp_meet_place *newest = NULL;
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->places_count; i++)
        if (memcmp(all->places[i].machine, machine, CP_KEY_LEN) == 0 &&
            (newest == NULL || all->places[i].time_ms >= newest->time_ms))
            newest = &all->places[i];
    return newest;
}

const struct cp_meet_place *cp_meet_place_at(struct cp_meeting *all, const char *address)
{
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->places_count; i++)
        if (strcmp(all->places[i].address, address) == 0)
            return &all->places[i];
    return NULL;
}

uint64_t cp_meet_missing(struct cp_node *node, const uint8_t plan[static CP_ID_LEN])
{
    uint64_t most = 0;
    struct cp_meeting *all = node->meetings;
    if (all == NULL)
        return 0;
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->reports_count; i++)
        if (memcmp(all->reports[i].plan, plan, CP_ID_LEN) == 0 && all->reports[i].missing > most)
            most = all->reports[i].missing;
    return most;
}
