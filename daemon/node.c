/*
 * What the commands share. Owns: the transaction of one own entry, names, unlocking. Must not: hold rules.
 */
#include "daemon/node.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "daemon/finder.h"
#include "daemon/home.h"
#include "daemon/log.h"
#include "daemon/notice.h"
#include "daemon/seat.h"
#include "daemon/work.h"
#include "proto/utf8.h"

enum {
    STACK_USED = 256 * 1024 /* deeper than anything here goes */
};

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t cp_node_time_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

uint64_t cp_node_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* ---- Writing ---- */

static enum cp_err sign(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                        struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN])
{
    struct cp_node *node = ctx;
    return cp_keeper_sign_entry(node->keeper, device, plan, header, id, sig);
}

struct cp_signer cp_node_signer(struct cp_node *node)
{
    return (struct cp_signer){.sign = sign, .ctx = node};
}

const uint8_t *cp_request_device(const struct cp_request *r)
{
    return cp_keeper_person(r->node->keeper, r->person)->device_key;
}

static enum cp_err write_entry(struct cp_request *r, enum cp_class class, struct cp_bytes frame,
                               struct cp_bytes words, uint8_t id[static CP_ID_LEN])
{
    struct cp_node *node = r->node;
    struct cp_signer signer = cp_node_signer(node);
    enum cp_err err = cp_store_begin(node->store);
    if (err != CP_OK)
        return err;
    err = cp_store_append(node->store, &signer, r->plan, cp_request_device(r), class, frame, words,
                          cp_node_time_ms(), id);
    if (err == CP_OK)
        err = cp_store_commit(node->store);
    if (err != CP_OK) {
        cp_store_rollback(node->store);
        cp_log(CP_LOG_WARN, "not_written", "do=%s code=%s", r->name, cp_err_word(err));
        return err;
    }
    r->wrote = true;
    cp_node_news(node, r->plan);
    return CP_OK;
}

enum cp_err cp_node_may_write(const struct cp_request *r)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &members);
    if (err != CP_OK)
        return err;
    const struct cp_member_device *d = cp_members_find(members, cp_request_device(r));
    return d == NULL ? CP_OK : d->revoked ? CP_ERR_REPORTED_LOST : d->waits ? CP_ERR_NOT_FOLLOWED : CP_OK;
}

enum cp_err cp_node_key_counts(const struct cp_request *r)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &members);
    if (err != CP_OK || cp_members_find(members, own->device_key) == NULL)
        return err;
    const struct cp_member_key *key = cp_members_key(members, own->person, own->identity_key);
    return key == NULL     ? CP_ERR_KEY_UNHEARD
           : key->in_force ? CP_OK
           : key->replaced ? CP_ERR_KEY_CHANGED
                           : CP_ERR_KEY_APART;
}

enum cp_err cp_node_write(struct cp_request *r, const struct cp_draft *draft, uint8_t id[static CP_ID_LEN])
{
    uint8_t salt[CP_SALT_LEN];
    struct cp_buf frame, words;
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    cp_buf_init(&words, r->node->mem, CP_ENTRY_MAX);
    randombytes_buf(salt, sizeof salt);
    enum cp_err err = cp_node_may_write(r);
    if (err == CP_OK)
        err = cp_draft_write(draft, salt, &frame, &words);
    if (err == CP_OK)
        err = write_entry(r, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words), id);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    return err;
}

enum cp_err cp_node_write_control(struct cp_request *r, struct cp_bytes frame, uint8_t id[static CP_ID_LEN])
{
    enum cp_err err = cp_node_may_write(r);
    return err == CP_OK ? write_entry(r, CP_CONTROL, frame, CP_BYTES(NULL, 0), id) : err;
}

enum cp_err cp_node_write_statement(struct cp_request *r, struct cp_bytes frame, uint8_t id[static CP_ID_LEN])
{
    return write_entry(r, CP_CONTROL, frame, CP_BYTES(NULL, 0), id);
}

void cp_node_news(struct cp_node *node, const uint8_t plan[static CP_ID_LEN])
{
    cp_meet_news(node, plan);
}

/* ---- Names ---- */

/* The name in the person's own register. Others' writes to it are nobody's words about themselves: left out. */
static enum cp_err own_name(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                            const uint8_t person[static CP_ID_LEN], struct cp_buf *out)
{
    struct cp_loaded loaded;
    struct cp_record_state state;
    enum cp_err err = cp_store_load_kinds(node->store, plan, person, cp_kind_bit(CP_KIND_PERSON), &loaded);
    if (err != CP_OK)
        return err;
    size_t count = 0;
    for (size_t i = 0; i < loaded.writes_count; i++)
        if (loaded.writes[i].frame->kind == CP_KIND_PERSON &&
            memcmp(loaded.writes[i].person, person, CP_ID_LEN) == 0)
            loaded.writes[count++] = loaded.writes[i];
    err = cp_record_fold(&state, node->mem, loaded.writes, count);
    if (err == CP_OK) {
        /* A name in two wordings: the JOIN's is shown until its person chooses. Nobody else can, so their page must
         * not have to wait for it. */
        const struct cp_register *name = cp_record_get(&state, CP_FIELD_NAME, CP_BYTES(NULL, 0));
        struct cp_bytes shown = cp_record_text(&state, CP_FIELD_NAME, CP_BYTES(NULL, 0));
        if (name != NULL && name->count == 1 && !cp_utf8_blank(shown)) /* nobody goes without one */
            cp_buf_put_bytes(out, shown);
        cp_record_clear(&state);
        err = cp_buf_err(out);
    }
    cp_loaded_clear(&loaded);
    return err;
}

enum cp_err cp_node_name(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                         const uint8_t person[static CP_ID_LEN], struct cp_buf *out)
{
    const struct cp_members *members = NULL;
    const struct cp_member_device *first = NULL;
    size_t before = out->len;
    enum cp_err err = own_name(node, plan, person, out);
    if (err != CP_OK || out->len > before)
        return err;
    err = cp_store_members(node->store, plan, &members);
    if (err != CP_OK)
        return err;
    /* Of several devices' JOINs the one that was first let in, by (lamport, id). */
    for (size_t i = 0; i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        if (memcmp(d->person, person, CP_ID_LEN) != 0)
            continue;
        if (first == NULL || d->lamport < first->lamport ||
            (d->lamport == first->lamport && memcmp(d->admission, first->admission, CP_ID_LEN) < 0))
            first = d;
    }
    if (first == NULL)
        return CP_ERR_NOT_FOUND;
    cp_buf_put_bytes(out, first->name);
    return cp_buf_err(out);
}

/* ---- Locked and unlocked ---- */

/* The marker told, when the database was opened, that this home was set back or copied: said once, plainly. */
static void notice_copy(struct cp_node *node)
{
    uint8_t incarnation[CP_INCARNATION_LEN];
    bool fresh = false;
    cp_store_incarnation(node->store, incarnation, &fresh);
    if (!fresh || node->noticed)
        return;
    enum cp_err err = cp_notice_restored(node->store, node->mem, 0);
    cp_log(CP_LOG_INFO, "set_back", "code=%s", cp_err_word(err));
    node->noticed = err == CP_OK;
}

enum cp_err cp_node_unlocked(struct cp_node *node)
{
    assert(!cp_keeper_locked(node->keeper));
    enum cp_err err = cp_store_unlock(node->store, cp_keeper_storage_key(node->keeper));
    if (err != CP_OK) {
        cp_keeper_lock(node->keeper);
        return err;
    }
    cp_seat_opened(node);
    notice_copy(node);
    cp_log(CP_LOG_INFO, "unlocked", "persons=%zu", cp_keeper_count(node->keeper));
    /* A port that is taken is no reason to keep people from their plan; ping shows that none is open. */
    err = cp_home_listen(node);
    (void)err;
    cp_finder_look(node);
    return CP_OK;
}

void cp_node_lock(struct cp_node *node)
{
    cp_work_stop(node, CP_ERR_LOCKED);
    cp_finder_rest(node);
    cp_node_part(node);
    if (node->bound[0] != '\0')
        cp_net_unlisten(node->net);
    node->bound[0] = '\0';
    if (node->store != NULL)
        cp_store_lock(node->store);
    memset(node->wordings, 0, sizeof node->wordings);
    if (node->keeper != NULL)
        cp_keeper_lock(node->keeper);
    sodium_stackzero(STACK_USED); /* what functions that have returned left there: names and words were copied through it */
    cp_log(CP_LOG_INFO, "locked", "reason=asked");
}
