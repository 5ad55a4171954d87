/* Choosing together: rank, common-ground, match. Owns: their rows. Must not: rank (proto/rank.h does). */
#include <string.h>

#include "daemon/serve_check.h"
#include "proto/match.h"
#include "proto/rank.h"

static const uint8_t *own_id(const struct cp_request *r)
{
    return cp_keeper_person(r->node->keeper, r->person)->person;
}

/* The group may have agreed that nobody sees others' answers before giving their own (a rule of display). */
static bool answer_first(const struct cp_looking *k, const struct cp_model_item *option, uint64_t measure)
{
    size_t count = 0;
    const struct cp_model_view *views = cp_model_views(&k->l.m, option->r.id, &count);
    if (!cp_model_says(&k->l.m.plan, CP_M_RESULTS_SHOWN, "after_answering"))
        return false;
    for (size_t i = 0; i < count; i++)
        if (views[i].measure == measure && memcmp(views[i].person, own_id(k->r), CP_ID_LEN) == 0)
            return false;
    return true;
}

/* ---- rank ---- */

static void put_ratio(struct cp_buf *out, const char *key, struct cp_ratio ratio, bool shown)
{
    char text[24];
    cp_api_key(out, key);
    cp_ratio_text(ratio, text);
    if (shown && ratio.den != 0)
        cp_api_cstr(out, text);
    else
        cp_api_null(out);
}

static void put_group(struct cp_buf *out, const struct cp_rank_group *g)
{
    cp_api_object(out, 6);
    cp_put_said(out, "perspective", g->perspective);
    cp_put_truth(out, "hidden", !g->shown);
    cp_put_number(out, "people", g->shown ? (int64_t)g->size : 0);
    cp_put_number(out, "scored", g->shown ? (int64_t)g->scored : 0);
    cp_put_number(out, "dont_know", g->shown ? (int64_t)g->dont_know : 0);
    put_ratio(out, "median", g->median, g->shown);
}

/* Whom it is for first: people who use services and families, then the others. */
static bool speaks_first(const struct cp_rank_group *g)
{
    return cp_word_in("uses services|carer|family or friend", g->perspective);
}

static void put_groups(struct cp_buf *out, const struct cp_rank_row *row, size_t count)
{
    cp_api_key(out, "perspectives");
    cp_api_list(out, count);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if (speaks_first(&row->groups[i]) == (pass == 0))
                put_group(out, &row->groups[i]);
}

static void put_others(struct cp_buf *out, const struct cp_ranking *ranking, size_t at)
{
    cp_api_key(out, "other_weights");
    cp_api_list(out, ranking->others_count);
    for (size_t i = 0; i < ranking->others_count; i++) {
        cp_api_object(out, 4);
        cp_put_item(out, "criterion", ranking->others[i].criterion);
        cp_put_number(out, "counts", ranking->others[i].counts);
        cp_put_number(out, "place", (int64_t)ranking->others[i].places[at]);
    }
}

static void send_ranked(struct cp_looking *k, const struct cp_ranking *ranking, size_t at)
{
    const struct cp_rank_row *row = &ranking->rows[at];
    struct cp_buf *out = &k->row;
    bool spread = row->scored >= CP_PERSPECTIVE_MIN; /* of fewer it would say who */
    cp_api_object(out, 15);
    cp_put_item(out, "option", row->option);
    cp_put_said(out, "state", row->option->state);
    cp_put_number(out, "place", (int64_t)row->place);
    put_ratio(out, "lowest", row->lowest, row->lowest_shown);
    put_ratio(out, "overall", row->overall, true);
    put_ratio(out, "least", row->least, spread);
    put_ratio(out, "most", row->most, spread);
    cp_put_number(out, "scored", (int64_t)row->scored);
    cp_put_number(out, "dont_know", (int64_t)row->dont_know);
    cp_put_number(out, "cannot", (int64_t)row->cannot);
    cp_put_number(out, "late", (int64_t)row->late);
    put_groups(out, row, k->l.m.perspectives_count);
    put_others(out, ranking, at);
    cp_put_truth(out, "answer_first", false);
    cp_looking_send(k);
}

/* Ideas by their place in the plan, with nothing that would sway anybody. */
static void send_unranked(struct cp_looking *k, const struct cp_ranking *ranking)
{
    for (size_t place = 0; place < k->l.m.items_count; place++)
        for (size_t i = 0; i < ranking->count; i++) {
            if (ranking->rows[i].option->place != place)
                continue;
            cp_api_object(&k->row, 3);
            cp_put_item(&k->row, "option", ranking->rows[i].option);
            cp_put_truth(&k->row, "answer_first", true);
            cp_looking_send(k);
        }
}

void cp_serve_rank(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_ranking ranking;
    bool hidden = true;
    if (!cp_looking_begin(&k, r))
        return;
    const struct cp_model_item *priority = cp_looking_item(&k, "priority", CP_RECORD_PRIORITY);
    if (k.err == CP_OK)
        k.err = cp_rank(&ranking, r->node->mem, &k.l.m, priority);
    if (k.err == CP_OK) {
        for (size_t i = 0; i < ranking.count; i++)
            hidden = hidden && answer_first(&k, ranking.rows[i].option, CP_M_MEASURE_SCORE);
        if (hidden && ranking.count > 0)
            send_unranked(&k, &ranking);
        else
            for (size_t i = 0; i < ranking.count; i++)
                send_ranked(&k, &ranking, i);
        cp_ranking_clear(&ranking);
    }
    cp_looking_end(&k);
}

/* ---- common-ground ---- */

static const char *ground_word(enum cp_ground ground)
{
    switch (ground) {
    case CP_GROUND_COMMON:
        return "common ground";
    case CP_GROUND_ONE_CANNOT:
        return "one cannot";
    case CP_GROUND_SPLIT:
        return "split";
    case CP_GROUND_NOT_ENOUGH:
        return "not enough answers";
    }
    return "";
}

static void send_ground(struct cp_looking *k, const struct cp_ground_row *row)
{
    struct cp_buf *out = &k->row;
    const struct cp_model_view *cannot = row->ground == CP_GROUND_ONE_CANNOT ? row->first_cannot : NULL;
    if (answer_first(k, row->option, CP_M_MEASURE_COMMITMENT)) {
        cp_api_object(out, 3);
        cp_put_item(out, "option", row->option);
        cp_put_truth(out, "answer_first", true);
        cp_looking_send(k);
        return;
    }
    cp_api_object(out, 14);
    cp_put_item(out, "option", row->option);
    cp_api_key(out, "ground");
    cp_api_cstr(out, ground_word(row->ground));
    cp_put_number(out, "lead", (int64_t)row->lead);
    cp_put_number(out, "help", (int64_t)row->help);
    cp_put_number(out, "fine", (int64_t)row->fine);
    cp_put_number(out, "unsure", (int64_t)row->unsure);
    cp_put_number(out, "cannot", (int64_t)row->cannot);
    cp_put_number(out, "missing", (int64_t)row->missing);
    cp_put_id(out, "who_cannot", cannot == NULL ? NULL : cannot->person);
    cp_put_said(out, "name", cannot == NULL ? CP_BYTES(NULL, 0) : cp_model_name(&k->l.m, cannot->person));
    cp_put_said(out, "why", cannot == NULL ? CP_BYTES(NULL, 0) : cannot->why);
    cp_put_said(out, "would_change_if", cannot == NULL ? CP_BYTES(NULL, 0) : cannot->would_change_if);
    cp_put_truth(out, "answer_first", false);
    cp_looking_send(k);
}

void cp_serve_common_ground(struct cp_request *r)
{
    struct cp_looking k;
    const struct cp_model_item *priority = NULL;
    if (!cp_looking_begin(&k, r))
        return;
    if (cp_arg(r, "priority").len > 0)
        priority = cp_looking_item(&k, "priority", CP_RECORD_PRIORITY);
    if (k.err == CP_OK) {
        struct cp_ground_row *rows = cp_alloc_array(r->node->mem, k.l.m.items_count + 1, sizeof *rows);
        size_t count = rows == NULL ? 0 : cp_common_ground(&k.l.m, priority, rows);
        k.err = rows == NULL ? CP_ERR_NO_MEMORY : CP_OK;
        for (size_t i = 0; k.err == CP_OK && i < count; i++)
            send_ground(&k, &rows[i]);
        cp_free(r->node->mem, rows);
    }
    cp_looking_end(&k);
}

/* ---- match ---- */

static void send_match(struct cp_looking *k, const struct cp_model_item *obstacle)
{
    const struct cp_model *m = &k->l.m;
    size_t count = 0;
    for (size_t i = 0; i < m->items_count; i++)
        count += cp_match(obstacle, &m->items[i]) ? 1 : 0;
    cp_api_object(&k->row, 4);
    cp_put_item(&k->row, "obstacle", obstacle);
    cp_put_said(&k->row, "type", cp_model_text(&obstacle->r, CP_M_TYPE));
    cp_api_key(&k->row, "offers");
    cp_api_list(&k->row, count);
    for (size_t i = 0; i < m->items_count; i++) {
        const struct cp_model_item *offer = &m->items[i];
        if (!cp_match(obstacle, offer))
            continue;
        cp_api_object(&k->row, 5);
        cp_put_item(&k->row, "id", offer);
        cp_api_key(&k->row, "kind");
        cp_api_cstr(&k->row, cp_record_word(offer->r.kind));
        cp_put_id(&k->row, "owner", cp_model_owner(offer));
        cp_put_said(&k->row, "name", cp_model_name(m, cp_model_owner(offer)));
    }
    cp_looking_send(k);
}

void cp_serve_match(struct cp_request *r)
{
    struct cp_looking k;
    if (!cp_looking_begin(&k, r))
        return;
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++) {
        const struct cp_model_item *item = &k.l.m.items[i];
        if (item->r.kind == CP_RECORD_OBSTACLE && !cp_model_state_in(item, "gone|accepted|set aside"))
            send_match(&k, item);
    }
    cp_looking_end(&k);
}

/* ---- note choice ---- */

enum cp_err cp_choice_sees(const struct cp_desk *d, const uint8_t *about, struct cp_draft *draft)
{
    struct cp_model_loaded l;
    enum cp_err err = cp_model_load(&l, d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    const struct cp_model_item *option = cp_model_item(&l.m, about);
    const uint8_t *priority = about;
    if (option != NULL && option->r.kind == CP_RECORD_OPTION)
        priority = cp_model_link(&option->r, CP_M_FOR);
    for (size_t i = 0; priority != NULL && i < l.m.views_count; i++) {
        const struct cp_model_view *v = &l.m.views[i];
        const struct cp_model_item *on = cp_model_item(&l.m, v->target);
        /* Beyond the room of one entry the last ones are left out: they then count as late, which is said, not hidden. */
        if (v->measure == CP_M_MEASURE_SCORE && on != NULL && cp_model_links(&on->r, CP_M_FOR, priority) &&
            draft->refs_count < CP_REFS_MAX - 8)
            (void)cp_draft_name(draft, v->entry);
    }
    cp_model_unload(&l);
    return CP_OK;
}
