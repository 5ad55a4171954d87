/* What waits for the people of this home. Owns: these rows. Must not: write, or judge by itself. */
#include "daemon/serve_waiting.h"

#include <string.h>

#include "daemon/keeper.h"
#include "daemon/serve_agree.h"

struct waiting {
    const struct cp_node *node;
    const struct cp_judged *j;
    struct cp_buf rows;
    size_t count;
};

static void put_text(struct cp_buf *out, const char *key, struct cp_bytes text)
{
    cp_api_key(out, key);
    cp_api_text(out, text);
}

/* answer: what was marked on the paper that waits for witnesses; else "". */
static void put_full_row(struct waiting *t, const char *what, const uint8_t *person, const uint8_t *id,
                         struct cp_bytes text, const char *answer)
{
    cp_api_object(&t->rows, 6);
    put_text(&t->rows, "answer", cp_bytes_str(answer));
    put_text(&t->rows, "what", cp_bytes_str(what));
    cp_put_answerer(t->j->d, person, cp_desk_name(t->j->d, person), &t->rows);
    cp_api_key(&t->rows, "id");
    cp_api_hex(&t->rows, id, CP_ID_LEN);
    put_text(&t->rows, "text", text);
    t->count++;
}

static void put_row(struct waiting *t, const char *what, const uint8_t *person, const uint8_t *id,
                    struct cp_bytes text)
{
    put_full_row(t, what, person, id, text, "");
}

static bool is_here(const struct waiting *t, const uint8_t *person)
{
    for (size_t i = 0; i < cp_keeper_count(t->node->keeper); i++)
        if (memcmp(cp_keeper_person(t->node->keeper, i)->person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* ---- Their own answer ---- */

/* What is asked for where somebody has not answered; NULL: nothing, here. Where they have no key in force, `key` of the plan says
 * what helps. */
static const char *asks_for(const struct waiting *t, const struct cp_version_person *asked)
{
    const struct cp_named *known = cp_desk_person(t->j->d, asked->person);
    bool none = known != NULL && sodium_is_zero(known->key, CP_KEY_LEN);
    return is_here(t, asked->person) && !none ? "answer" : NULL;
}

/* The first thing that they wait for with their part. */
static struct cp_bytes condition_of(const struct waiting *t, size_t row)
{
    const struct cp_answer_in *in = &t->j->answers.ins[t->j->outs[row].first];
    for (size_t i = 0; i < in->a->actions_count; i++)
        if (in->a->actions[i].will == CP_WILL_IF && !cp_answer_will(in, in->a->actions[i].action))
            return in->a->actions[i].condition;
    return CP_BYTES(NULL, 0);
}

static void put_answers(struct waiting *t)
{
    const struct cp_version *v = &t->j->p->read.v;
    char words[64];
    cp_check_words(t->j->p->id, words);
    for (size_t i = 0; i < v->must_answer_count; i++) {
        const uint8_t *person = v->must_answer[i].person;
        const char *why = cp_judged_waits(t->j, &t->j->outs[i]);
        if (why == NULL)
            continue;
        if (strcmp(why, "no_answer") == 0) {
            const char *what = asks_for(t, &v->must_answer[i]);
            if (what != NULL)
                put_row(t, what, person, t->j->p->id, cp_bytes_str(words));
        } else if (strcmp(why, "old_key") == 0) { /* anybody can make the next */
            put_row(t, is_here(t, person) ? "new_page" : "new_page_for", person, t->j->p->id, cp_bytes_str(words));
        } else if (is_here(t, person) && (strcmp(why, "two_answers") == 0 || strcmp(why, "will_missing") == 0)) {
            put_row(t, why, person, t->j->p->id, CP_BYTES(NULL, 0));
        } else if (is_here(t, person) && strcmp(why, "will_if") == 0) {
            put_row(t, why, person, t->j->answers.infos[t->j->outs[i].first]->id, condition_of(t, i));
        }
    }
}

/* ---- Somebody's answer on paper ---- */

static bool has_witnessed(const struct cp_others *o, size_t at, const uint8_t *person)
{
    for (size_t i = 0; i < o->witnesses_count; i++)
        if (memcmp(o->witnesses[i].w->witness, person, CP_ID_LEN) == 0 &&
            cp_others_witness(o, at, o->witnesses[i].w))
            return true;
    return false;
}

static void put_witnesses(struct waiting *t)
{
    const struct cp_answered *a = &t->j->answers;
    struct cp_others o;
    cp_answered_others(a, t->j->p, &o);
    for (size_t at = a->count; at < a->count + a->pending_count; at++)
        for (size_t i = 0; i < cp_keeper_count(t->node->keeper); i++) {
            const struct cp_keeper_person *own = cp_keeper_person(t->node->keeper, i);
            const struct cp_named *known = cp_desk_person(t->j->d, own->person);
            if (known != NULL && known->stands &&
                cp_others_may_witness(&o, at, own->person, own->identity_key) &&
                !has_witnessed(&o, at, own->person))
                put_full_row(t, "witness", own->person, a->infos[at]->id,
                             cp_page_name(t->j->p, t->j->d, a->ins[at].a->person),
                             cp_answer_text_word(a->ins[at].a->word));
        }
}

/* ---- What they help, and nobody leads any more ---- */

static bool lead_is_gone(const struct waiting *t, const struct cp_version_item *item)
{
    uint8_t person[CP_ID_LEN];
    for (size_t i = 0; i < item->facts_count; i++)
        if (item->facts[i].field == CP_FIELD_LEAD && cp_hex_decode(item->facts[i].value, person, CP_ID_LEN) &&
            cp_judged_gone(t->j, person))
            return true;
    return false;
}

static void put_needs(struct waiting *t)
{
    const struct cp_version *v = &t->j->p->read.v;
    uint8_t person[CP_ID_LEN];
    for (size_t i = 0; i < v->items_count; i++) {
        if (v->items[i].kind != CP_RECORD_ACTION || !lead_is_gone(t, &v->items[i]))
            continue;
        for (size_t f = 0; f < v->items[i].facts_count; f++)
            if (v->items[i].facts[f].field == CP_FIELD_HELPERS &&
                cp_hex_decode(v->items[i].facts[f].value, person, CP_ID_LEN) && is_here(t, person))
                put_row(t, "needs_someone", person, v->items[i].id, cp_version_words(v, v->items[i].id));
    }
}

/* ---- All pages ---- */

static enum cp_err put_page(struct waiting *t, const struct cp_desk *d, const uint8_t *id)
{
    struct cp_page p;
    struct cp_judged j;
    enum cp_err err = cp_page_open(&p, d, id);
    if (err == CP_ERR_WORDS_MISSING)
        return CP_OK; /* being fetched again, and status says so; a front page never fails for one page */
    if (err != CP_OK)
        return err;
    err = cp_judge_answers(&j, d, &p);
    if (err == CP_OK) {
        t->j = &j;
        put_answers(t);
        put_witnesses(t);
        put_needs(t);
        cp_judged_clear(&j);
    }
    cp_page_clear(&p);
    return err;
}

enum cp_err cp_put_waiting(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], struct cp_buf *out)
{
    struct cp_desk d;
    struct cp_pages pages;
    struct waiting t = {.node = node};
    enum cp_err err = cp_desk_open(&d, node, plan);
    if (err != CP_OK)
        return err;
    cp_buf_init(&t.rows, node->mem, CP_API_MESSAGE_MAX);
    err = cp_pages_list(&pages, &d, CP_BYTES(NULL, 0));
    for (size_t i = 0; err == CP_OK && i < pages.count; i++)
        if (pages.rows[i].newest && pages.rows[i].counts && pages.rows[i].stage == CP_STAGE_AGREEMENT)
            err = put_page(&t, &d, pages.rows[i].id);
    cp_pages_clear(&pages);
    cp_api_key(out, "waiting");
    cp_api_list(out, t.count);
    cp_buf_put_bytes(out, cp_buf_bytes(&t.rows));
    if (err == CP_OK)
        err = cp_buf_err(&t.rows);
    cp_buf_clear(&t.rows);
    cp_desk_close(&d);
    return err;
}
