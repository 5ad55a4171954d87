/* Signing an answer. Owns: what goes into the text that the keeper signs. Must not: sign. */
#include <stdlib.h>
#include <string.h>

#include "daemon/checked.h"
#include "daemon/serve_agree.h"
#include "proto/model.h"
#include "proto/utf8.h"

/* Revision, language, and the exact sentence that is shown before signing (domain 5.9). */
#define MEANING                                                                                                      \
    "1 en Your name and answer stay on this page. People who have a copy will still have it. Help you get does not " \
    "depend on signing."

struct signing {
    struct cp_request *r;
    struct cp_desk d;
    struct cp_page p;
    struct cp_answered answers;
    struct cp_arena arena;
    struct cp_answer a;
    size_t differs; /* lines that a freeze now would say otherwise */
    char date[16];
    char words[64];
    struct cp_checks checks;
    uint8_t who[CP_ID_LEN]; /* whose answer it is */
    const char *bad;        /* the argument that was wrong */
};

static const uint8_t *own_id(const struct signing *s)
{
    return s->who;
}

static const struct cp_keeper_person *signer(const struct signing *s)
{
    return cp_keeper_person(s->r->node->keeper, s->r->person);
}

/* ---- Actions ---- */

static int by_action(const void *a, const void *b)
{
    return memcmp(((const struct cp_answer_action *)a)->action, ((const struct cp_answer_action *)b)->action,
                  CP_ID_LEN);
}

/* Does the person lead or help this action of the page? */
static bool is_doer(const struct cp_version_item *item, const uint8_t *person)
{
    char hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(person, CP_ID_LEN, hex);
    for (size_t i = 0; i < item->facts_count; i++) {
        const struct cp_fact *f = &item->facts[i];
        if ((f->field == CP_FIELD_LEAD || f->field == CP_FIELD_HELPERS) &&
            cp_bytes_eq(f->value, cp_bytes_str(hex)))
            return true;
    }
    return false;
}

struct wills {
    struct cp_answer_action *list;
    bool *named; /* said by id, so that "all" does not overrule it */
    size_t count;
};

static enum cp_err put_will(struct wills *w, const uint8_t *action, enum cp_will will,
                            struct cp_bytes condition, bool named)
{
    size_t at = 0;
    while (at < w->count && memcmp(w->list[at].action, action, CP_ID_LEN) != 0)
        at++;
    if (at < w->count && w->named[at] && named)
        return CP_ERR_USAGE; /* two things said of one action */
    if (at < w->count && w->named[at])
        return CP_OK;
    w->list[at] = (struct cp_answer_action){.will = will, .condition = condition};
    memcpy(w->list[at].action, action, CP_ID_LEN);
    w->named[at] = named;
    w->count += at == w->count ? 1 : 0;
    return CP_OK;
}

static enum cp_err read_will(const struct signing *s, const struct cp_api_value *one, struct wills *w)
{
    struct cp_bytes none = CP_BYTES(NULL, 0);
    struct cp_bytes typed = cp_api_member_text(one, "action", none),
                    word = cp_api_member_text(one, "will", none);
    struct cp_bytes condition = cp_utf8_said(cp_api_member_text(one, "condition", none));
    const struct cp_version *v = &s->p.read.v;
    const struct cp_version_item *found = NULL;
    bool all = cp_bytes_eq(typed, cp_bytes_str("all"));
    enum cp_will will = CP_WILL;
    if (cp_bytes_eq(word, cp_bytes_str("will_if")))
        will = CP_WILL_IF;
    else if (cp_bytes_eq(word, cp_bytes_str("cannot")))
        will = CP_WILL_CANNOT;
    else if (!cp_bytes_eq(word, cp_bytes_str("will")))
        return CP_ERR_USAGE;
    if (condition.len > CP_TEXT_MAX)
        return CP_ERR_TOO_BIG;
    if ((will == CP_WILL_IF) != (condition.len > 0))
        return CP_ERR_USAGE;
    for (size_t i = 0; i < v->items_count; i++) {
        if (v->items[i].kind != CP_RECORD_ACTION)
            continue;
        if (all && is_doer(&v->items[i], own_id(s))) {
            enum cp_err err = put_will(w, v->items[i].id, will, condition, false);
            if (err != CP_OK)
                return err;
        } else if (!all && cp_id_begins(v->items[i].id, typed)) {
            if (found != NULL)
                return CP_ERR_AMBIGUOUS;
            found = &v->items[i];
        }
    }
    if (all)
        return CP_OK; /* none of one's own is fine */
    return found == NULL ? CP_ERR_NOT_FOUND : put_will(w, found->id, will, condition, true);
}

static enum cp_err read_actions(struct signing *s)
{
    struct cp_api_value list, one;
    struct cp_api_iter it;
    struct cp_bytes key;
    size_t most = s->p.read.v.items_count;
    struct wills w = {.list = cp_arena_take(&s->arena, most + 1, sizeof *w.list),
                      .named = cp_arena_take(&s->arena, most + 1, sizeof *w.named)};
    enum cp_err err = w.list == NULL || w.named == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    if (err != CP_OK || !cp_api_member(&s->r->with, "actions", &list) || list.type != CP_API_LIST)
        return err;
    s->bad = "actions";
    cp_api_iter_init(&it, &list);
    while (err == CP_OK && cp_api_next(&it, &key, &one))
        err = one.type == CP_API_OBJECT ? read_will(s, &one, &w) : CP_ERR_USAGE;
    if (w.count > 1)
        qsort(w.list, w.count, sizeof *w.list, by_action);
    s->a.actions = w.list;
    s->a.actions_count = w.count;
    return err;
}

/* ---- The rest of the text ---- */

static enum cp_err read_word(struct signing *s)
{
    static const struct {
        const char *typed;
        enum cp_answer_word word;
    } words[] = {{"agree", CP_ANSWER_AGREE},
                 {"worry", CP_ANSWER_WORRY},
                 {"aside", CP_ANSWER_ASIDE},
                 {"no", CP_ANSWER_NO}};
    struct cp_bytes typed = cp_arg(s->r, "answer");
    s->a.why = cp_arg_said(s->r, "why");
    s->a.would_agree_if = cp_arg_said(s->r, "would_agree_if");
    s->bad = "answer";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!cp_bytes_eq(typed, cp_bytes_str(words[i].typed)))
            continue;
        s->a.word = words[i].word;
        bool reasoned = s->a.word != CP_ANSWER_AGREE;
        s->bad = "why"; /* a reason is what the next page can be made better with */
        if (s->a.why.len > CP_TEXT_MAX || s->a.would_agree_if.len > CP_TEXT_MAX)
            return CP_ERR_TOO_BIG;
        if (reasoned != (s->a.why.len > 0) || (!reasoned && s->a.would_agree_if.len > 0))
            return CP_ERR_USAGE;
        return CP_OK;
    }
    return CP_ERR_USAGE;
}

/* The highest content heads this machine holds: the answer cannot be older than they are. */
static enum cp_err fill_seen(struct signing *s)
{
    uint8_t(*heads)[CP_ID_LEN] = NULL;
    size_t count = 0;
    struct cp_ids seen;
    cp_ids_init(&seen, s->d.mem);
    enum cp_err err = cp_store_heads(s->r->node->store, s->r->plan, CP_CONTENT, &heads, &count);
    for (size_t i = 0; err == CP_OK && i < count && i < CP_PARENTS_MAX; i++)
        err = cp_ids_add(&seen, heads[i], 0);
    cp_ids_sort(&seen);
    uint8_t(*kept)[CP_ID_LEN] = cp_arena_take(&s->arena, seen.count, CP_ID_LEN);
    if (err == CP_OK && kept == NULL)
        err = CP_ERR_NO_MEMORY;
    if (err == CP_OK && seen.count > 0)
        memcpy(kept, seen.ids, seen.count * CP_ID_LEN);
    s->a.seen = (const uint8_t(*)[CP_ID_LEN])kept;
    s->a.seen_count = err == CP_OK ? seen.count : 0;
    cp_ids_clear(&seen);
    cp_free(s->d.mem, heads);
    return err;
}

/* A person's own answer takes the place of any before it; one on paper or by a proxy only of its like. */
static bool takes(const struct signing *s, const struct cp_answer *earlier)
{
    return s->a.how == CP_ANSWER_OWN || s->a.how == earlier->how;
}

/* The person's earlier answers to this page that stand: the new one takes their place. */
static enum cp_err fill_replaces(struct signing *s)
{
    struct cp_ids ids;
    cp_ids_init(&ids, s->d.mem);
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < s->answers.count + s->answers.pending_count; i++)
        if (memcmp(s->answers.ins[i].a->person, own_id(s), CP_ID_LEN) == 0 && takes(s, s->answers.ins[i].a) &&
            cp_answered_stands(&s->answers, i))
            err = cp_ids_add(&ids, s->answers.ins[i].id, 0);
    cp_ids_sort(&ids);
    if (err == CP_OK && ids.count > CP_PARENTS_MAX)
        err = CP_ERR_TOO_BIG;
    uint8_t(*kept)[CP_ID_LEN] = cp_arena_take(&s->arena, ids.count, CP_ID_LEN);
    if (err == CP_OK && kept == NULL)
        err = CP_ERR_NO_MEMORY;
    if (err == CP_OK && ids.count > 0)
        memcpy(kept, ids.ids, ids.count * CP_ID_LEN);
    s->a.replaces = (const uint8_t(*)[CP_ID_LEN])kept;
    s->a.replaces_count = err == CP_OK ? ids.count : 0;
    cp_ids_clear(&ids);
    return err;
}

static enum cp_err fill_facts(struct signing *s)
{
    memcpy(s->a.version, s->p.id, CP_ID_LEN);
    memcpy(s->a.plan, s->p.reproduced ? s->p.read.v.plan : s->r->plan,
           CP_ID_LEN); /* an earlier page is of an earlier plan */
    memcpy(s->a.person, s->who, CP_ID_LEN);
    s->a.name = cp_page_name(&s->p, &s->d, own_id(s));
    if (s->a.name.len == 0 && s->a.how == CP_ANSWER_OWN)
        s->a.name = cp_bytes_str(signer(s)->name);
    cp_check_words(s->p.id, s->words);
    s->a.check_words = cp_bytes_str(s->words);
    s->a.helped_by = cp_arg_said(s->r, "helped_by");
    s->a.meaning = cp_bytes_str(MEANING);
    s->a.software = cp_bytes_str("coplan " COPLAN_VERSION);
    cp_day_of(cp_node_time_ms(), s->date);
    s->a.date = cp_bytes_str(s->date);
    enum cp_err err = fill_seen(s);
    return err == CP_OK ? fill_replaces(s) : err;
}

static void count_line(void *ctx, char op, struct cp_bytes line, const uint8_t *item)
{
    size_t *count = ctx;
    (void)op;
    (void)line;
    (void)item;
    ++*count;
}

/* Who has seen the key that signs this on its person's own screen. */
static enum cp_err fill_checks(struct signing *s)
{
    const struct cp_keeper_person *own = signer(s);
    enum cp_err err = cp_checks_load(&s->checks, &s->d, own->person, own->identity_key);
    if (err != CP_OK)
        return err;
    cp_checks_newest(&s->checks, CP_ANSWER_CHECKS_MAX);
    struct cp_answer_check *list = cp_arena_take(&s->arena, s->checks.count, sizeof *list);
    if (list == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < s->checks.count; i++) {
        const struct cp_check *c = &s->checks.list[i];
        char day[11];
        cp_day_of(c->time_ms, day);
        memcpy(list[i].by, c->by, CP_ID_LEN);
        list[i].date = cp_arena_copy(&s->arena, cp_bytes_str(day));
        list[i].name = cp_desk_name(&s->d, c->by);
    }
    s->a.checks = list;
    s->a.checks_count = s->checks.count;
    return s->arena.failed ? CP_ERR_NO_MEMORY : CP_OK;
}

/* ---- Signing and writing ---- */

static enum cp_err write_answer(struct signing *s, uint8_t id[static CP_ID_LEN])
{
    struct cp_buf text;
    struct cp_draft draft;
    struct cp_answer_read again;
    uint8_t sig[CP_SIG_LEN];
    cp_buf_init(&text, s->d.mem, CP_ANSWER_TEXT_MAX);
    enum cp_err err = cp_keeper_answer(s->r->node->keeper, s->r->person, s->r->seal, &s->a, &text, sig);
    if (err == CP_OK) /* what nobody could read would be no answer */
        err = cp_answer_read(&again, s->d.mem, cp_buf_bytes(&text));
    if (err == CP_OK) {
        cp_answer_clear(&again);
        cp_draft_init(&draft, s->d.mem, CP_KIND_ANSWER, 0, s->p.id);
        cp_draft_value(&draft, cp_buf_bytes(&text), true);
        cp_draft_value(&draft, CP_BYTES(sig, sizeof sig), false);
        err = cp_node_write(s->r, &draft, id);
        cp_draft_clear(&draft);
    }
    cp_buf_clear(&text);
    return err;
}

/* Whoever signs for somebody else is printed with their key, so that anyone with the page can check it. */
static enum cp_err check_for(struct signing *s)
{
    struct cp_others others;
    const uint8_t *key = NULL;
    struct cp_bytes date = s->a.date;
    s->bad = "for";
    if (memcmp(signer(s)->person, s->who, CP_ID_LEN) == 0)
        return CP_ERR_USAGE;
    if (!cp_page_key(&s->p, s->who, &key))
        return CP_ERR_NOT_FOUND; /* the page does not ask them */
    if (s->a.how == CP_ANSWER_PAPER)
        return CP_OK;
    for (size_t i = 0; i < s->answers.count; i++)
        if (s->answers.ins[i].a->how == CP_ANSWER_OWN &&
            memcmp(s->answers.ins[i].a->person, s->who, CP_ID_LEN) == 0)
            return CP_ERR_NO_MANDATE; /* they have spoken themselves */
    cp_answered_others(&s->answers, &s->p, &others);
    const struct cp_mandate_in *mandate =
        cp_others_mandate(&others, s->who, signer(s)->person, s->p.id, date);
    if (mandate == NULL)
        return CP_ERR_NO_MANDATE;
    memcpy(s->a.mandate, mandate->id, CP_ID_LEN);
    return CP_OK;
}

/* A key that the page does not print for this person cannot answer it, since they used their sheet after it was made;
 * supporters use the one the log names. */
static enum cp_err check_key(const struct signing *s)
{
    const struct cp_keeper_person *own = signer(s);
    const uint8_t *key = NULL;
    if (!cp_page_key(&s->p, own->person, &key))
        return s->a.how == CP_ANSWER_OWN ? CP_OK : CP_ERR_NOT_FOR_SIGNING;
    return memcmp(key, own->identity_key, CP_KEY_LEN) == 0 ? CP_OK : CP_ERR_PAGE_OLD_KEY;
}

static bool has_answer_to_take_back(const struct signing *s)
{
    for (size_t i = 0; i < s->answers.count; i++)
        if (memcmp(s->answers.ins[i].a->person, own_id(s), CP_ID_LEN) == 0 &&
            takes(s, s->answers.ins[i].a) && s->answers.ins[i].a->word != CP_ANSWER_WITHDRAWN &&
            cp_answered_stands(&s->answers, i))
            return true;
    return false;
}

static enum cp_err answer(struct signing *s, bool withdraw, uint8_t id[static CP_ID_LEN])
{
    if (!cp_page_counts(&s->p) || s->p.read.v.stage != CP_STAGE_AGREEMENT)
        return CP_ERR_NOT_FOR_SIGNING;
    enum cp_err err = check_key(s);
    if (err == CP_OK)
        err = fill_facts(s);
    struct cp_bytes sheet = cp_arg(s->r, "check_words"); /* nobody has to type them */
    if (err == CP_OK && sheet.len > 0 && !cp_words_typed(sheet, s->words))
        err = CP_ERR_OTHER_PAGE;
    if (err == CP_OK && s->a.how != CP_ANSWER_OWN)
        err = check_for(s);
    struct cp_bytes read_as = cp_arg(s->r, "read_as");
    if (err == CP_OK)
        err = fill_checks(s);
    if (err == CP_OK && read_as.len > 0 && !cp_read_as_parse(read_as, ":", &s->a.read_as, &s->a.read_lang)) {
        s->bad = "read_as";
        err = CP_ERR_BAD_VALUE;
    }
    if (err == CP_OK && s->a.helped_by.len > CP_NAME_MAX) {
        s->bad = "helped_by";
        err = CP_ERR_TOO_BIG;
    }
    if (err != CP_OK)
        return err;
    s->bad = NULL;
    s->a.word = CP_ANSWER_WITHDRAWN;
    if (withdraw && !has_answer_to_take_back(s))
        return CP_ERR_NO_ANSWER;
    if (!withdraw) {
        err = read_word(s);
        if (err == CP_OK)
            err = read_actions(s);
        if (err == CP_OK)
            err = cp_page_changes(&s->p, &s->d, count_line, &s->differs);
    }
    return err == CP_OK ? write_answer(s, id) : err;
}

static enum cp_err open_and_answer(struct signing *s, bool withdraw, uint8_t id[static CP_ID_LEN])
{
    enum cp_err err = cp_desk_open(&s->d, s->r->node, s->r->plan);
    if (err != CP_OK)
        return err;
    cp_arena_init(&s->arena, s->d.mem);
    struct cp_bytes whom = cp_arg(s->r, "for");
    memcpy(s->who, signer(s)->person, CP_ID_LEN);
    if (whom.len > 0) {
        s->bad = "for";
        err = cp_node_find_person(s->r->node, s->r->plan, whom, s->who);
    }
    if (err == CP_OK) {
        s->bad = NULL;
        err = cp_request_page(s->r, &s->d, &s->p);
    }
    if (err == CP_OK) {
        err = cp_answered_load(&s->answers, &s->d, &s->p);
        if (err == CP_OK && s->a.how == CP_ANSWER_PROXY && s->answers.mandates.mem == NULL)
            err = cp_mandates_load(&s->answers.mandates, &s->d);
        if (err == CP_OK) {
            err = answer(s, withdraw, id);
            cp_checks_clear(&s->checks);
            cp_answered_clear(&s->answers);
        }
        cp_page_clear(&s->p);
    }
    cp_arena_clear(&s->arena);
    cp_desk_close(&s->d);
    return err;
}

static void serve(struct cp_request *r, bool withdraw, enum cp_answer_how how)
{
    struct signing s = {.r = r, .a = {.how = how}};
    struct cp_buf out;
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_err err = cp_arg(r, "version").len == 0 ? CP_ERR_USAGE : open_and_answer(&s, withdraw, id);
    if (err == CP_ERR_OTHER_PAGE) {
        cp_reply_error(r, err, s.words, NULL);
        return;
    }
    if (err == CP_ERR_USAGE || (err != CP_OK && s.bad != NULL && strcmp(s.bad, "for") == 0) ||
        (err == CP_ERR_TOO_BIG && s.bad != NULL)) {
        cp_reply_error(r, err, s.bad == NULL ? "version" : s.bad, NULL);
        return;
    }
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, "version"));
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "answer");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "differs");
    cp_api_int(&out, (int64_t)s.differs);
    cp_api_key(&out, "meaning");
    cp_api_cstr(&out, MEANING);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

void cp_serve_sign(struct cp_request *r)
{
    serve(r, false, cp_arg(r, "for").len > 0 ? CP_ANSWER_PROXY : CP_ANSWER_OWN);
}

/* What somebody marked in ink, written down by somebody else. Two witnesses make it count. */
void cp_serve_paper(struct cp_request *r)
{
    if (cp_arg(r, "for").len == 0)
        cp_reply_error(r, CP_ERR_USAGE, "for", NULL);
    else
        serve(r, false, CP_ANSWER_PAPER);
}

void cp_serve_withdraw(struct cp_request *r)
{
    serve(r, true, cp_arg(r, "for").len > 0 ? CP_ANSWER_PROXY : CP_ANSWER_OWN);
}
