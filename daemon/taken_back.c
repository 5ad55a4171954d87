/* Words taken back in one plan, and the other plans here that have them. See taken_back.h. */
#include "daemon/taken_back.h"

#include <string.h>

#include "daemon/log.h"
#include "daemon/meet.h"

_Static_assert(CP_PERSONS_MAX <= 32, "a bit for each in words_awake");

#define DUE_MAX 64U /* said in one turn of the loop: each is a transaction, and others wait for their answer */

/* A WITHDRAW of one plan that takes words of another. */
struct due {
    uint8_t to[CP_ID_LEN], from[CP_ID_LEN];
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
    bool more; /* there are others, for the next turn */
    enum cp_err err;
};

static bool is_open(const struct cp_node *node)
{
    return node->keeper != NULL && node->store != NULL && !cp_store_locked(node->store);
}

/* ---- What is to be said where ---- */

static enum cp_err note(struct look *k, const uint8_t *to, const uint8_t *from, struct cp_bytes frame)
{
    void *array = k->due;
    enum cp_err err = cp_grow(k->node->mem, &array, &k->due_cap, k->due_count + 1, SIZE_MAX / 256, sizeof *k->due);
    k->due = array;
    if (err != CP_OK)
        return err;
    struct due *d = &k->due[k->due_count++];
    memcpy(d->to, to, CP_ID_LEN);
    memcpy(d->from, from, CP_ID_LEN);
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
    k->more = k->due_count >= DUE_MAX;
    if (k->more)
        return false;
    for (size_t i = 0; i < k->count && k->err == CP_OK; i++) {
        const uint8_t *from = k->plans[k->from].id;
        uint8_t key[CP_ID_LEN];
        bool takes = false;
        if (i == k->from || k->plans[i].awaited || memcmp(k->roots[i], k->roots[k->from], CP_ID_LEN) != 0)
            continue;
        k->err = cp_store_withdraw_takes(k->node->store, k->plans[i].id, from, &c.withdraw, &takes, key);
        if (k->err == CP_OK && takes)
            k->err = note(k, k->plans[i].id, from, info->frame);
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
    for (size_t i = 0; i < k->count && err == CP_OK && !k->more; i++) {
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

/* What goes into the other plan at once: the KEY, where one is needed, and the WITHDRAW. */
struct saying {
    struct cp_node *node;
    const uint8_t *to;
    struct cp_buf key;
    struct cp_bytes frame;
};

static enum cp_err append(const struct saying *w, const uint8_t *device, struct cp_bytes frame, uint8_t *id)
{
    struct cp_signer signer = cp_node_signer(w->node);
    return cp_store_append(w->node->store, &signer, w->to, device, CP_CONTROL, frame, CP_BYTES(NULL, 0), cp_node_time_ms(), id);
}

static enum cp_err say_by(const struct saying *w, const uint8_t *device, uint8_t *by)
{
    uint8_t key[CP_ID_LEN];
    enum cp_err err = cp_store_begin(w->node->store);
    if (err != CP_OK)
        return err;
    if (w->key.len > 0)
        err = append(w, device, cp_buf_bytes(&w->key), key);
    if (err == CP_OK)
        err = append(w, device, w->frame, by);
    if (err == CP_OK)
        err = cp_store_commit(w->node->store);
    if (err != CP_OK)
        cp_store_rollback(w->node->store);
    return err;
}

/* NOT_YET: nobody of this machine who is awake was ever let in there. */
static enum cp_err say(const struct saying *w, uint8_t *by)
{
    enum cp_err err = CP_ERR_NOT_YET;
    for (size_t i = 0; i < cp_keeper_count(w->node->keeper) && err != CP_OK; i++)
        if (cp_keeper_awake(w->node->keeper, i))
            err = say_by(w, cp_keeper_person(w->node->keeper, i)->device_key, by);
    return err;
}

static enum cp_err copy_key(struct saying *w, const uint8_t *from, const uint8_t *entry)
{
    struct cp_loaded l;
    if (memcmp(entry, cp_zero_id, CP_ID_LEN) == 0)
        return CP_OK;
    enum cp_err err = cp_store_entry(w->node->store, from, entry, &l);
    if (err != CP_OK)
        return err;
    cp_buf_put_bytes(&w->key, l.info[0].frame);
    cp_loaded_clear(&l);
    return cp_buf_err(&w->key);
}

enum cp_err cp_taken_back_say(struct cp_node *node, const uint8_t to[static CP_ID_LEN], const uint8_t from[static CP_ID_LEN],
                              struct cp_bytes frame, uint8_t by[static CP_ID_LEN])
{
    struct saying w = {.node = node, .to = to, .frame = frame};
    struct cp_control c;
    uint8_t key[CP_ID_LEN];
    bool takes = false;
    cp_control_read(frame, &c);
    cp_buf_init(&w.key, node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_store_withdraw_takes(node->store, to, from, &c.withdraw, &takes, key);
    if (err == CP_OK && !takes)
        err = CP_ERR_WORDS_STAY;
    if (err == CP_OK)
        err = copy_key(&w, from, key);
    if (err == CP_OK)
        err = say(&w, by);
    cp_buf_clear(&w.key);
    if (err == CP_OK)
        cp_node_news(node, to);
    return err;
}

/* What became of it. */
struct outcome {
    const uint8_t *plan; /* whose are counted; NULL: it is all the same */
    size_t said, here;   /* in any plan; in this one */
    enum cp_err err;     /* why one could not be said in this one */
    bool more;
};

static void say_all(struct look *k, struct outcome *out)
{
    for (size_t i = 0; i < k->due_count; i++) {
        const struct due *d = &k->due[i];
        uint8_t by[CP_ID_LEN];
        bool here = out->plan != NULL && memcmp(d->to, out->plan, CP_ID_LEN) == 0;
        enum cp_err err = cp_taken_back_say(k->node, d->to, d->from, cp_buf_bytes(&d->frame), by);
        if (err == CP_ERR_WORDS_STAY)
            continue; /* another one that was said meanwhile took the same */
        out->said += err == CP_OK ? 1 : 0;
        out->here += err == CP_OK && here ? 1 : 0;
        out->err = err != CP_OK && here ? err : out->err;
        cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_WARN, "taken_back", "code=%s", cp_err_word(err));
    }
}

static void look(struct cp_node *node, struct outcome *out)
{
    struct look k = {.node = node};
    struct cp_plan_row *plans = NULL;
    uint8_t(*roots)[CP_ID_LEN] = NULL;
    enum cp_err err = cp_store_plans(node->store, &plans, &k.count);
    size_t before = out->said;
    if (err == CP_OK && k.count > 1) {
        roots = cp_alloc_array(node->mem, k.count, sizeof *roots);
        k.plans = plans;
        k.roots = (const uint8_t(*)[CP_ID_LEN])roots;
        err = roots == NULL ? CP_ERR_NO_MEMORY : find_due(&k, roots);
        say_all(&k, out); /* also where not everything could be looked at */
    }
    if (err != CP_OK) {
        out->err = err;
        cp_log(CP_LOG_WARN, "taken_back", "what=look code=%s", cp_err_word(err));
    }
    out->more = k.more && out->said > before; /* where nothing could be said, not at once again */
    for (size_t i = 0; i < k.due_count; i++)
        cp_buf_clear(&k.due[i].frame);
    cp_free(node->mem, k.due);
    cp_free(node->mem, roots);
    cp_free(node->mem, plans);
}

enum cp_err cp_taken_back_now(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], size_t *said)
{
    struct outcome out = {.plan = plan, .more = true};
    while (out.more && out.err == CP_OK)
        look(node, &out);
    *said = out.here;
    return out.err;
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
    struct outcome out = {.plan = NULL};
    look(node, &out);
    node->words_ms = out.more ? 0 : UINT64_MAX;
}
