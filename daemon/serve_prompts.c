/* Looking at one action and at who said what: prompts, by-perspective. Owns: their rows. Must not: judge. */
#include <string.h>

#include "daemon/serve_check.h"
#include "proto/balance.h"
#include "proto/prompts.h"

/* ---- prompts ---- */

static void send_prompt(struct cp_looking *k, const struct cp_model_item *action, enum cp_prompt prompt,
                        const struct cp_prompt_answer *answer)
{
    struct cp_buf *out = &k->row;
    cp_api_object(out, 3);
    cp_api_key(out, "prompt");
    cp_api_cstr(out, cp_prompt_word(prompt));
    cp_put_truth(out, "yes", answer->count == 0);
    cp_api_key(out, "reasons");
    cp_api_list(out, answer->count);
    for (size_t i = 0; i < answer->count; i++) {
        cp_api_object(out, 3);
        cp_api_key(out, "criterion"); /* its sentence is that of the checks */
        cp_api_cstr(out, "P9");
        cp_api_key(out, "code");
        cp_api_cstr(out, answer->reasons[i].code);
        cp_api_key(out, "args");
        cp_api_list(out, answer->reasons[i].more.len > 0 ? 2 : 1);
        cp_api_text(out, cp_model_text(&action->r, CP_FIELD_TEXT));
        if (answer->reasons[i].more.len > 0)
            cp_api_text(out, answer->reasons[i].more);
    }
    cp_looking_send(k);
}

void cp_serve_prompts(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_prompt_answer answers[CP_PROMPT_COUNT];
    if (!cp_looking_begin(&k, r))
        return;
    const struct cp_model_item *action = cp_looking_item(&k, "id", CP_RECORD_ACTION);
    if (action != NULL) {
        cp_prompts_of(&k.l.m, action, answers);
        for (int i = 0; i < CP_PROMPT_COUNT; i++)
            send_prompt(&k, action, (enum cp_prompt)i, &answers[i]);
    }
    cp_looking_end(&k);
}

/* ---- by-perspective ---- */

static const uint8_t *said_by(const struct cp_model_item *item)
{
    const uint8_t *by = cp_model_link(&item->r, CP_M_BY);
    return by == NULL ? item->author : by;
}

/* Is the item by somebody with this perspective? named: who said yes to being shown with it. */
static bool speaks_for(const struct cp_model *m, const struct cp_model_item *item,
                       struct cp_bytes perspective, bool named)
{
    const struct cp_model_person *p = cp_model_person(m, said_by(item));
    return p != NULL && cp_model_has_perspective(p, perspective) && (p->shows_perspective || !named);
}

static bool is_wanted(const struct cp_model_item *item, enum cp_record kind)
{
    return kind == CP_RECORD_COUNT || item->r.kind == kind;
}

/*
 * Anyone can look up who wrote an item, so listing it under a side would tell that side of its writer: only items of
 * people who said yes to that are listed; the others are counted, and of a small group not even that.
 */
static void send_perspective(struct cp_looking *k, const struct cp_balance_row *row, enum cp_record kind)
{
    const struct cp_model *m = &k->l.m;
    struct cp_buf *out = &k->row;
    int64_t all = 0;
    size_t named = 0;
    for (size_t i = 0; i < m->items_count; i++) {
        if (!is_wanted(&m->items[i], kind))
            continue;
        all += speaks_for(m, &m->items[i], row->perspective, false) ? 1 : 0;
        named += speaks_for(m, &m->items[i], row->perspective, true) ? 1 : 0;
    }
    bool hidden = row->somebody && !row->shown;
    cp_api_object(out, 6);
    cp_put_said(out, "perspective", row->perspective);
    cp_put_truth(out, "needed", row->needed);
    cp_put_truth(out, "somebody", row->somebody);
    cp_put_truth(out, "hidden", hidden);
    cp_put_number(out, "count", hidden ? (int64_t)named : all);
    cp_api_key(out, "items");
    cp_api_list(out, named);
    for (size_t i = 0; i < m->items_count; i++) {
        if (!is_wanted(&m->items[i], kind) || !speaks_for(m, &m->items[i], row->perspective, true))
            continue;
        cp_api_object(out, 3);
        cp_put_item(out, "id", &m->items[i]);
        cp_api_key(out, "kind");
        cp_api_cstr(out, cp_record_word(m->items[i].r.kind));
    }
    cp_looking_send(k);
}

void cp_serve_by_perspective(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_bytes word = cp_arg(r, "kind");
    enum cp_record kind = word.len == 0 ? CP_RECORD_COUNT : cp_item_kind_of_word(word);
    if (word.len > 0 && kind == CP_RECORD_COUNT) {
        cp_reply_about(r, CP_ERR_BAD_KIND, word);
        return;
    }
    if (!cp_looking_begin(&k, r))
        return;
    struct cp_balance_row *rows = cp_alloc_array(r->node->mem, k.l.m.perspectives_count + 1, sizeof *rows);
    size_t count = rows == NULL ? 0 : cp_balance(&k.l.m, rows);
    k.err = rows == NULL ? CP_ERR_NO_MEMORY : k.err;
    for (size_t i = 0; k.err == CP_OK && i < count; i++)
        send_perspective(&k, &rows[i], kind);
    cp_free(r->node->mem, rows);
    cp_looking_end(&k);
}
