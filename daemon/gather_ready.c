/* Hard checks as reasons of a page that is not ready. Must not: judge. */
#include "daemon/gather_ready.h"

#include <string.h>

#include "daemon/check_json.h"
#include "daemon/model.h"

enum cp_err cp_gathered_leave_open(struct cp_gathered *g, const struct cp_check_reason *reason)
{
    struct cp_buf text;
    if (g->passable == g->left_open_cap) {
        size_t cap = g->left_open_cap == 0 ? 16 : 2 * g->left_open_cap;
        struct cp_bytes *grown = cp_arena_take(&g->arena, cap, sizeof *grown);
        if (grown == NULL)
            return CP_ERR_NO_MEMORY;
        if (g->passable > 0)
            memcpy(grown, g->left_open, g->passable * sizeof *grown);
        g->left_open = grown;
        g->left_open_cap = cap;
    }
    cp_buf_init(&text, g->arena.mem, CP_TEXT_MAX);
    cp_reason_text(reason, &text);
    enum cp_err err = cp_buf_err(&text);
    if (err == CP_OK)
        g->left_open[g->passable++] = cp_arena_copy(&g->arena, cp_buf_bytes(&text));
    cp_buf_clear(&text);
    g->v.left_open = g->left_open;
    g->v.left_open_count = g->passable;
    return err == CP_OK && g->arena.failed ? CP_ERR_NO_MEMORY : err;
}

static enum cp_err take_reason(struct cp_gathered *g, const struct cp_check_reason *reason)
{
    if (cp_reason_is_wordings(reason->code))
        return CP_OK; /* gathering said it, with the field */
    if (cp_gathered_shows_more(g))
        cp_put_check_reason(&g->reasons, reason);
    if (!cp_reason_blocks(reason->code))
        return cp_gathered_leave_open(g, reason);
    g->wordings++;
    return CP_OK;
}

enum cp_err cp_gather_ready(struct cp_gathered *g, const struct cp_desk *d)
{
    struct cp_model_loaded l;
    struct cp_checked c;
    if (g->v.stage != CP_STAGE_AGREEMENT)
        return CP_OK;
    enum cp_err err = cp_model_load(&l, d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    cp_checked_init(&c, d->mem);
    err = cp_check_hard_failures(&c, &l.m);
    for (size_t i = 0; err == CP_OK && i < c.count; i++)
        for (size_t j = 0; err == CP_OK && j < c.rows[i].reasons_count; j++)
            err = take_reason(g, &c.reasons[c.rows[i].reasons_at + j]);
    cp_checked_clear(&c);
    cp_model_unload(&l);
    return err == CP_OK ? cp_buf_err(&g->reasons) : err;
}

void cp_gathered_reasons(const struct cp_gathered *g, struct cp_buf *out)
{
    size_t more = g->reasons_count - g->reasons_shown;
    cp_api_list(out, g->reasons_shown + (more > 0 ? 1 : 0));
    cp_buf_put_bytes(out, cp_buf_bytes(&g->reasons));
    if (more == 0)
        return;
    cp_api_object(out, 2);
    cp_api_key(out, "code");
    cp_api_cstr(out, "more_reasons");
    cp_api_key(out, "args");
    cp_api_list(out, 1);
    cp_api_int(out, (int64_t)more);
}
