/* The compact form where nothing outside the chunk is known. See compact.h. */
#include "proto/compact.h"

static enum cp_err alone_find(void *ctx, const uint8_t id[CP_ID_LEN], struct cp_place *out, bool *found)
{
    (void)ctx;
    (void)id;
    (void)out;
    *found = false;
    return CP_OK;
}

static enum cp_err alone_at(void *ctx, uint64_t name, uint64_t seq, struct cp_place *out, bool *found)
{
    (void)ctx;
    (void)name;
    (void)seq;
    (void)out;
    *found = false;
    return CP_OK;
}

static uint64_t alone_held(void *ctx, uint64_t name)
{
    (void)ctx;
    (void)name;
    return 0;
}

static enum cp_err alone_brought(void *ctx, const struct cp_compact_row *row)
{
    (void)ctx;
    (void)row;
    return CP_OK;
}

const struct cp_compact_look cp_compact_alone = {
    .find = alone_find, .at = alone_at, .held = alone_held, .brought = alone_brought};
