/* The beacon keys of our plans: one in use for each, and the older ones that others may still have. See finder.h. */
#include "daemon/finder.h"

#define SECRETS_READ_MAX \
    16U /* of a plan, the newest: as many as a door proof shows (docs/protocol-session.md) */

static void key_add(struct cp_finder *f, uint8_t (**list)[CP_KEY_LEN], size_t *count, size_t *cap,
                    const uint8_t *secret)
{
    void *rows = *list;
    uint8_t key[CP_KEY_LEN];
    if (cp_grow(f->node->mem, &rows, cap, *count + 1, CP_BEACON_KEYS_MAX, CP_KEY_LEN) != CP_OK)
        return; /* that plan is not found by beacon */
    *list = rows;
    cp_beacon_key(secret, key);
    memcpy((*list)[(*count)++], key, CP_KEY_LEN);
    sodium_memzero(key, sizeof key);
}

static void keys_of_plan(struct cp_finder *f, const uint8_t *plan)
{
    struct cp_node *node = f->node;
    uint8_t(*secrets)[CP_KEY_LEN] = NULL;
    size_t count = 0;
    bool in_use = false, hushed = true;
    if (cp_store_hushed(node->store, plan, &hushed) != CP_OK || hushed)
        return;
    if (cp_store_secrets_known(node->store, plan, &secrets, &count, &in_use) == CP_OK) {
        /* An answer is only for who knows the secret in use: a device that was reported lost does not. */
        if (count > 0 && in_use)
            key_add(f, &f->own, &f->own_count, &f->own_cap, secrets[0]);
        for (size_t i = 0; i < count && i < SECRETS_READ_MAX; i++)
            key_add(f, &f->keys, &f->keys_count, &f->keys_cap, secrets[i]);
    }
    if (secrets != NULL)
        sodium_memzero(secrets, count * sizeof *secrets);
    cp_free(node->mem, secrets);
}

void cp_finder_keys(struct cp_finder *f)
{
    struct cp_node *node = f->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    if (f->keys_known && f->keys_as_of == node->meetings->controls)
        return;
    cp_finder_keys_wipe(f);
    if (node->store == NULL || cp_store_locked(node->store) ||
        cp_store_plans(node->store, &plans, &count) != CP_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (plans[i].entries > 0)
            keys_of_plan(f, plans[i].id);
    cp_free(node->mem, plans);
    f->keys_as_of = node->meetings->controls;
    f->keys_known = true;
}

void cp_finder_keys_wipe(struct cp_finder *f)
{
    if (f->keys_cap > 0)
        sodium_memzero(f->keys, f->keys_cap * sizeof *f->keys);
    if (f->own_cap > 0)
        sodium_memzero(f->own, f->own_cap * sizeof *f->own);
    cp_free(f->node->mem, f->keys);
    cp_free(f->node->mem, f->own);
    f->keys = f->own = NULL;
    f->keys_count = f->keys_cap = f->own_count = f->own_cap = 0;
    f->keys_known = false;
}
