/* Hard checks as reasons of a page that is not ready. Must not: judge. */
#include "daemon/gather_ready.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/model.h"
#include "proto/rule.h"

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

/* ---- The rule each-perspective ---- */

static int by_text(const void *a, const void *b)
{
    return cp_bytes_cmp(*(const struct cp_bytes *)a, *(const struct cp_bytes *)b);
}

/* What somebody lets be shown of themselves; nothing of someone who did not say yes. */
static enum cp_err show_perspectives(struct cp_gathered *g, const struct cp_model *m,
                                     struct cp_version_person *asked)
{
    const struct cp_model_person *p = cp_model_person(m, asked->person);
    const struct cp_model_fact *f =
        p == NULL || !p->shows_perspective ? NULL : cp_model_get(&p->r, CP_M_PERSPECTIVES);
    size_t count = 0, kept = 0;
    for (const struct cp_model_fact *at = f; at != NULL; at = cp_model_next(&p->r, at))
        count++;
    struct cp_bytes *list = cp_arena_take(&g->arena, count, sizeof *list);
    if (list == NULL)
        return CP_ERR_NO_MEMORY;
    for (; f != NULL; f = cp_model_next(&p->r, f))
        if (f->text.len > 0)
            list[kept++] = cp_arena_copy(&g->arena, f->text);
    if (kept > 1)
        qsort(list, kept, sizeof *list, by_text);
    asked->perspectives = list;
    asked->perspectives_count = 0;
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || !cp_bytes_eq(list[asked->perspectives_count - 1], list[i]))
            list[asked->perspectives_count++] = list[i];
    return g->arena.failed ? CP_ERR_NO_MEMORY : CP_OK;
}

static enum cp_err judge_sides(struct cp_gathered *g, const struct cp_desk *d)
{
    struct cp_rule_side side;
    struct cp_answer_out *outs = cp_alloc_array(d->mem, g->v.must_answer_count + 1, sizeof *outs);
    enum cp_err err = outs == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    size_t i = 0;
    struct cp_check_reason reason = {.criterion = "rule", .weight = CP_CHECK_HARD, .code = "rule_short"};
    for (; err == CP_OK && cp_rule_side(&g->v, outs, i, &side); i++) {
        reason.args[0] = (struct cp_check_arg){.type = CP_ARG_TEXT, .text = side.perspective};
        reason.args[1] = (struct cp_check_arg){.type = CP_ARG_NUMBER, .number = (int64_t)side.have};
        reason.args[2] = (struct cp_check_arg){.type = CP_ARG_NUMBER, .number = (int64_t)side.needed};
        if (side.have < side.needed)
            err = take_reason(g, &reason);
    }
    cp_free(d->mem, outs);
    if (err == CP_OK && i == 0)
        err = take_reason(g, &(struct cp_check_reason){.criterion = "rule",
                                                       .weight = CP_CHECK_HARD,
                                                       .code = "rule_needs_perspectives"});
    return err;
}

/* ---- All ---- */

static enum cp_err gather_model(struct cp_gathered *g, const struct cp_desk *d, const struct cp_model *m,
                                bool by_side)
{
    struct cp_checked c;
    enum cp_err err = CP_OK;
    for (size_t i = 0; by_side && err == CP_OK && i < g->v.must_answer_count; i++)
        err = show_perspectives(g, m, &g->asked[i]);
    if (err != CP_OK)
        return err;
    bool final = g->v.stage == CP_STAGE_AGREEMENT;
    if (by_side && final)
        err = judge_sides(g, d);
    cp_checked_init(&c, d->mem);
    if (err == CP_OK)
        err = final ? cp_check_hard_failures(&c, m) : cp_check_languages_missing(&c, m);
    for (size_t i = 0; err == CP_OK && i < c.count; i++)
        for (size_t j = 0; err == CP_OK && j < c.rows[i].reasons_count; j++)
            err = take_reason(g, &c.reasons[c.rows[i].reasons_at + j]);
    cp_checked_clear(&c);
    return err;
}

enum cp_err cp_gather_ready(struct cp_gathered *g, const struct cp_desk *d)
{
    struct cp_model_loaded l;
    struct cp_rule rule = {.kind = CP_RULE_EVERYONE};
    bool by_side = cp_rule_read(g->v.rule, &rule) && rule.kind == CP_RULE_PERSPECTIVE;
    enum cp_err err = cp_model_load(&l, d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    err = gather_model(g, d, &l.m, by_side);
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
