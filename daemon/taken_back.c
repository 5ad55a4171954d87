/* Words taken back in one plan, and the other plans here that have them. See taken_back.h. */
#include "daemon/taken_back.h"

#include <string.h>

#include "daemon/log.h"
#include "daemon/meet.h"

_Static_assert(CP_PERSONS_MAX <= 32, "a bit for each in words_awake");

/* A WITHDRAW of one plan that takes words of another. */
struct due {
    uint8_t to[CP_ID_LEN];
    struct cp_buf frame;
};

struct look {
    struct cp_node *node;
    const struct cp_plan_row *plans;
    const uint8_t (*roots)[CP_ID_LEN]; /* the oldest plan of each one's line: only of one root can two have the same entry */
    size_t count;
    size_t from;
    struct due *due;
    size_t due_count, due_cap;
    enum cp_err err;
};

static bool is_open(const struct cp_node *node)
{
    return node->keeper != NULL && node->store != NULL && !cp_store_locked(node->store);
}

/* ---- What is to be said where ---- */

static enum cp_err note(struct look *k, const uint8_t *to, struct cp_bytes frame)
{
    void *array = k->due;
    enum cp_err err = cp_grow(k->node->mem, &array, &k->due_cap, k->due_count + 1, SIZE_MAX / 256, sizeof *k->due);
    k->due = array;
    if (err != CP_OK)
        return err;
    struct due *d = &k->due[k->due_count++];
    memcpy(d->to, to, CP_ID_LEN);
    cp_buf_init(&d->frame, k->node->mem, CP_ENTRY_MAX);
    cp_buf_put_bytes(&d->frame, frame);
    return cp_buf_err(&d->frame);
}

static bool visit_withdraw(void *ctx, const struct cp_entry_info *info)
{
    struct look *k = ctx;
    struct cp_control c;
    cp_control_read(info->frame, &c);
    if (!c.known || c.kind != CP_KIND_WITHDRAW)
        return true;
    for (size_t i = 0; i < k->count && k->err == CP_OK; i++) {
        bool takes = false;
        if (i == k->from || k->plans[i].awaited || memcmp(k->roots[i], k->roots[k->from], CP_ID_LEN) != 0)
            continue;
        k->err = cp_store_withdraw_takes(k->node->store, k->plans[i].id, &c.withdraw, &takes);
        if (k->err == CP_OK && takes)
            k->err = note(k, k->plans[i].id, info->frame);
    }
    return k->err == CP_OK;
}

static enum cp_err root_of(struct cp_store *s, const uint8_t *plan, uint8_t *root)
{
    enum cp_err err = CP_OK;
    for (unsigned depth = 0; depth <= CP_LINEAGE_MAX && err == CP_OK; depth++) {
        uint8_t origin[CP_ID_LEN];
        err = cp_store_origin(s, plan, depth, origin);
        if (err == CP_OK)
            memcpy(root, origin, CP_ID_LEN);
    }
    return err == CP_ERR_WRONG_PLAN ? CP_OK : err;
}

static enum cp_err find_due(struct look *k, uint8_t (*roots)[CP_ID_LEN])
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < k->count && err == CP_OK; i++)
        err = root_of(k->node->store, k->plans[i].id, roots[i]);
    for (size_t i = 0; i < k->count && err == CP_OK; i++) {
        bool alone = true;
        for (size_t n = 0; n < k->count; n++)
            alone = alone && (n == i || memcmp(roots[n], roots[i], CP_ID_LEN) != 0);
        if (alone || k->plans[i].awaited)
            continue;
        k->from = i;
        err = cp_store_each(k->node->store, k->plans[i].id, CP_KIND_WITHDRAW, false, visit_withdraw, k);
        err = err == CP_OK ? k->err : err;
    }
    return err;
}

/* ---- Saying it ---- */

/* NOT_YET: nobody of this machine who is awake was ever let in there. */
static enum cp_err say(struct cp_node *node, const struct due *d)
{
    struct cp_signer signer = cp_node_signer(node);
    enum cp_err err = CP_ERR_NOT_YET;
    for (size_t i = 0; i < cp_keeper_count(node->keeper) && err != CP_OK; i++) {
        uint8_t id[CP_ID_LEN];
        if (!cp_keeper_awake(node->keeper, i))
            continue;
        err = cp_store_begin(node->store);
        if (err == CP_OK)
            err = cp_store_append(node->store, &signer, d->to, cp_keeper_person(node->keeper, i)->device_key, CP_CONTROL,
                                  cp_buf_bytes(&d->frame), CP_BYTES(NULL, 0), cp_node_time_ms(), id);
        if (err == CP_OK)
            err = cp_store_commit(node->store);
        if (err != CP_OK)
            cp_store_rollback(node->store);
    }
    return err;
}

static void say_all(struct look *k)
{
    for (size_t i = 0; i < k->due_count; i++) {
        struct cp_control c;
        bool takes = false;
        const struct due *d = &k->due[i];
        cp_control_read(cp_buf_bytes(&d->frame), &c);
        enum cp_err err = cp_store_withdraw_takes(k->node->store, d->to, &c.withdraw, &takes);
        if (err == CP_OK && !takes)
            continue; /* another one that was said meanwhile took the same */
        if (err == CP_OK)
            err = say(k->node, d);
        if (err == CP_OK)
            cp_node_news(k->node, d->to);
        cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_WARN, "taken_back", "code=%s", cp_err_word(err));
    }
}

static void look(struct cp_node *node)
{
    struct look k = {.node = node};
    struct cp_plan_row *plans = NULL;
    uint8_t(*roots)[CP_ID_LEN] = NULL;
    enum cp_err err = cp_store_plans(node->store, &plans, &k.count);
    if (err == CP_OK && k.count > 1) {
        roots = cp_alloc_array(node->mem, k.count, sizeof *roots);
        k.plans = plans;
        k.roots = (const uint8_t(*)[CP_ID_LEN])roots;
        err = roots == NULL ? CP_ERR_NO_MEMORY : find_due(&k, roots);
        say_all(&k); /* also where not everything could be looked at */
    }
    if (err != CP_OK)
        cp_log(CP_LOG_WARN, "taken_back", "what=look code=%s", cp_err_word(err));
    for (size_t i = 0; i < k.due_count; i++)
        cp_buf_clear(&k.due[i].frame);
    cp_free(node->mem, k.due);
    cp_free(node->mem, roots);
    cp_free(node->mem, plans);
}

/* ---- When ---- */

void cp_taken_back_came(struct cp_node *node)
{
    if (node->words_ms == UINT64_MAX)
        node->words_ms = cp_node_monotonic_ms() + CP_MEET_SETTLED_MS;
}

uint64_t cp_taken_back_deadline_ms(const struct cp_node *node)
{
    return is_open(node) && node->work == NULL ? node->words_ms : UINT64_MAX;
}

/* The same statement may be on its way here in the other plan. */
static bool is_meeting(const struct cp_node *node)
{
    for (const struct cp_meet *m = node->meetings == NULL ? NULL : node->meetings->list; m != NULL; m = m->next)
        if (!m->over && m->session != NULL)
            return true;
    return false;
}

void cp_taken_back_step(struct cp_node *node)
{
    uint32_t awake = 0;
    if (!is_open(node)) {
        node->words_awake = 0;
        return;
    }
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++)
        awake |= cp_keeper_awake(node->keeper, i) ? UINT32_C(1) << i : 0;
    if ((awake & ~node->words_awake) != 0)
        node->words_ms = 0;
    node->words_awake = awake;
    if (node->words_ms == UINT64_MAX || node->work != NULL ||
        (is_meeting(node) && cp_node_monotonic_ms() < node->words_ms))
        return;
    node->words_ms = UINT64_MAX;
    look(node);
}
