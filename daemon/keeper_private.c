/* Sealing what a person keeps for themselves (private.h). Owns: the key's use. Must not: know what is in it. */
#include "daemon/keeper_internal.h"

#include <assert.h>

enum cp_err cp_keeper_seal_private(const struct cp_keeper *k, size_t person, struct cp_bytes plain,
                                   struct cp_buf *out)
{
    assert(person < k->count);
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    uint8_t *space = cp_buf_space(out, plain.len + CP_SEAL_EXTRA);
    if (space == NULL)
        return cp_buf_err(out);
    cp_part_seal(k->open->storage, CP_PART_PRIVATE, k->persons[person].pub.person, plain.ptr, plain.len,
                 space);
    return CP_OK;
}

enum cp_err cp_keeper_open_private(const struct cp_keeper *k, size_t person, struct cp_bytes sealed,
                                   struct cp_buf *out)
{
    assert(person < k->count);
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    if (sealed.len <= CP_SEAL_EXTRA)
        return CP_ERR_DAMAGED_PRIVATE;
    uint8_t *space = cp_buf_space(out, sealed.len - CP_SEAL_EXTRA);
    if (space == NULL)
        return cp_buf_err(out);
    return cp_part_open(k->open->storage, CP_PART_PRIVATE, k->persons[person].pub.person, sealed.ptr,
                        sealed.len, space)
               ? CP_OK
               : CP_ERR_DAMAGED_PRIVATE;
}
