/*
 * What people sign about others' answers: witness, mandate, withdraw-mandate, mandates (docs/api.md).
 * Owns: what goes into these texts. Must not: sign (the keeper does), or judge (proto/answer_others.h).
 */
#include <stdio.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "proto/model.h"

#define SAW      "1 en I was there. I saw this person, and nobody else for them, mark this answer on paper."
#define SOFTWARE "coplan " COPLAN_VERSION

static void reply_id(struct cp_request *r, const char *key, const uint8_t *id)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, key);
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- witness ---- */

/* The version that the answer's entry is to. NOT_FOUND: no answer. */
static enum cp_err version_of(struct cp_request *r, const uint8_t *entry, uint8_t version[static CP_ID_LEN])
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, entry, &l);
    if (err != CP_OK)
        return err;
    bool is = l.writes_count == 1 && l.writes[0].frame->kind == CP_KIND_ANSWER;
    if (is)
        memcpy(version, cp_frame_target(l.writes[0].frame), CP_ID_LEN);
    cp_loaded_clear(&l);
    return is ? CP_OK : CP_ERR_NOT_FOUND;
}

static enum cp_err write_witness(struct cp_request *r, struct cp_witness *w, uint8_t id[static CP_ID_LEN])
{
    struct cp_buf text;
    struct cp_draft draft;
    uint8_t sig[CP_SIG_LEN];
    cp_buf_init(&text, r->node->mem, CP_ANSWER_TEXT_MAX);
    enum cp_err err = cp_keeper_witness(r->node->keeper, r->person, r->seal, w, &text, sig);
    if (err == CP_OK) {
        cp_draft_init(&draft, r->node->mem, CP_KIND_ANSWER, 0, w->version);
        cp_draft_value(&draft, cp_buf_bytes(&text), true);
        cp_draft_value(&draft, CP_BYTES(sig, sizeof sig), false);
        err = cp_node_write(r, &draft, id);
        cp_draft_clear(&draft);
    }
    cp_buf_clear(&text);
    return err;
}

/* What was witnessed, so that whoever signed can say it. */
static void put_witnessed(const struct cp_desk *d, const struct cp_page *p, const struct cp_answer *answer,
                          const uint8_t *id, struct cp_buf *out)
{
    char words[64];
    cp_check_words(p->id, words);
    cp_api_object(out, 7);
    cp_api_key(out, "witness");
    cp_api_hex(out, id, CP_ID_LEN);
    cp_put_answerer(d, answer->person, cp_page_name(p, d, answer->person), out);
    cp_api_key(out, "answer");
    cp_api_cstr(out, cp_answer_text_word(answer->word));
    cp_api_key(out, "why");
    cp_api_text(out, answer->why);
    cp_api_key(out, "version");
    cp_api_hex(out, p->id, CP_ID_LEN);
    cp_api_key(out, "check_words");
    cp_api_cstr(out, words);
}

static enum cp_err bear_witness(struct cp_request *r, const struct cp_desk *d, const struct cp_page *p,
                                const struct cp_answered *a, const uint8_t *entry, struct cp_buf *out)
{
    uint8_t id[CP_ID_LEN] = {0};
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    struct cp_witness w = {.saw = cp_bytes_str(SAW), .software = cp_bytes_str(SOFTWARE)};
    struct cp_others o;
    const uint8_t *key = NULL;
    char day[16];
    size_t at = 0, all = a->count + a->pending_count;
    while (at < all && memcmp(a->infos[at]->id, entry, CP_ID_LEN) != 0)
        at++;
    if (at == all || a->ins[at].a->how != CP_ANSWER_PAPER)
        return CP_ERR_NOT_FOUND;
    cp_answered_others(a, p, &o);
    if (!cp_others_may_witness(&o, at, own->person, own->identity_key)) {
        bool old_key = cp_page_key(p, own->person, &key) && cp_others_may_witness(&o, at, own->person, key);
        return old_key ? CP_ERR_PAGE_OLD_KEY : CP_ERR_NOT_WITNESS;
    }
    cp_day_of(cp_node_time_ms(), day);
    const struct cp_answer *answer = a->ins[at].a;
    memcpy(w.version, answer->version, CP_ID_LEN);
    memcpy(w.plan, answer->plan, CP_ID_LEN);
    memcpy(w.answer, a->ins[at].id, CP_ID_LEN);
    memcpy(w.person, answer->person, CP_ID_LEN);
    w.name = cp_page_name(p, d, answer->person);
    w.witness_name = cp_page_name(p, d, own->person);
    w.date = cp_bytes_str(day);
    enum cp_err err = write_witness(r, &w, id);
    if (err == CP_OK)
        put_witnessed(d, p, answer, id, out);
    return err;
}

static void serve_witness(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct cp_answered a;
    uint8_t entry[CP_ID_LEN], version[CP_ID_LEN];
    struct cp_buf out;
    struct cp_bytes typed = cp_arg(r, "answer");
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_node_find_entry(r->node, r->plan, typed, entry);
    if (err == CP_OK)
        err = version_of(r, entry, version);
    if (err == CP_OK)
        err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_page_open(&p, &d, version);
        if (err == CP_OK) {
            err = cp_page_counts(&p) ? cp_answered_load(&a, &d, &p) : CP_ERR_NOT_FOR_SIGNING;
            if (err == CP_OK) {
                err = bear_witness(r, &d, &p, &a, entry, &out);
                cp_answered_clear(&a);
            }
            cp_page_clear(&p);
        }
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_about(r, err, typed);
    cp_buf_clear(&out);
}

/* ---- mandate ---- */

/* The same words of the same day are the same mandate, and one that was taken back gives nothing ever again. */
static enum cp_err was_ended(const struct cp_desk *d, const uint8_t *id, const struct cp_mandate *m)
{
    struct cp_mandates all = {.mem = NULL};
    enum cp_err err = cp_mandates_load(&all, d);
    if (err == CP_OK && cp_mandate_ended(all.ins, all.count, id, m))
        err = CP_ERR_MANDATE_ENDED;
    cp_mandates_clear(&all);
    return err;
}

static enum cp_err write_mandate(struct cp_request *r, const struct cp_desk *d, struct cp_mandate *m,
                                 uint8_t id[static CP_ID_LEN])
{
    struct cp_buf text, frame;
    struct cp_mandate_read again;
    uint8_t sig[CP_SIG_LEN], entry[CP_ID_LEN];
    cp_buf_init(&text, r->node->mem, CP_ANSWER_TEXT_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_keeper_mandate(r->node->keeper, r->person, r->seal, m, &text, sig);
    if (err == CP_OK) /* what nobody could read would be no mandate */
        err = cp_mandate_read(&again, r->node->mem, cp_buf_bytes(&text));
    if (err == CP_OK) {
        cp_answer_id(cp_buf_bytes(&text), id);
        err = was_ended(d, id, &again.m);
        cp_mandate_clear(&again);
    }
    if (err == CP_OK) {
        cp_mandate_frame(cp_buf_bytes(&text), sig, &frame);
        err = cp_buf_err(&frame);
        if (err == CP_OK)
            err = cp_node_write_control(r, cp_buf_bytes(&frame), entry);
    }
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    return err;
}

/* The arguments that were wrong, for the sentence. */
struct wrong {
    const char *what;
};

static enum cp_err fill_mandate(struct cp_request *r, const struct cp_desk *d, struct cp_mandate *m,
                                const char *day, struct wrong *wrong)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    const struct cp_field date = {.on = UINT32_MAX, .type = CP_TYPE_DATE};
    struct cp_bytes version = cp_arg(r, "version");
    memcpy(m->plan, r->plan, CP_ID_LEN);
    m->name = cp_desk_name(d, own->person);
    wrong->what = "to";
    enum cp_err err = cp_node_find_person(r->node, r->plan, cp_arg(r, "to"), m->proxy);
    const struct cp_named *proxy = err == CP_OK ? cp_desk_person(d, m->proxy) : NULL;
    if (err == CP_OK && (proxy == NULL || !proxy->stands || memcmp(m->proxy, own->person, CP_ID_LEN) == 0))
        err = CP_ERR_BAD_VALUE; /* a proxy has a key, and is somebody else */
    if (err == CP_OK && version.len > 0) {
        wrong->what = "version";
        err = cp_node_find_version(r->node, r->plan, version, m->version);
    }
    if (err != CP_OK)
        return err;
    m->proxy_name = proxy->name;
    m->from = cp_arg(r, "from").len > 0 ? cp_arg(r, "from") : cp_bytes_str(day);
    m->until = cp_arg(r, "until");
    m->limits = cp_arg_said(r, "limits");
    m->accepted_level = cp_bytes_str(cp_api_member_true(&r->with, "accepted_level") ? "yes" : "no");
    wrong->what = "from";
    if (cp_field_check_text(&date, m->from, CP_RECORD_COUNT) != CP_OK)
        return CP_ERR_BAD_VALUE;
    wrong->what = "until";
    if (cp_field_check_text(&date, m->until, CP_RECORD_COUNT) != CP_OK || cp_bytes_cmp(m->from, m->until) > 0)
        return CP_ERR_BAD_VALUE;
    wrong->what = "limits";
    return m->limits.len > CP_TEXT_MAX ? CP_ERR_TOO_BIG : CP_OK;
}

static void serve_mandate(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_mandate m = {.software = cp_bytes_str(SOFTWARE)};
    struct wrong wrong = {NULL};
    uint8_t id[CP_ID_LEN] = {0};
    char day[16];
    cp_day_of(cp_node_time_ms(), day);
    m.date = cp_bytes_str(day);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = fill_mandate(r, &d, &m, day, &wrong);
        if (err == CP_OK) {
            wrong.what = NULL;
            err = write_mandate(r, &d, &m, id);
        }
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        reply_id(r, "mandate", id);
    else
        cp_reply_error(r, err, wrong.what, NULL);
}

static enum cp_err find_mandate(const struct cp_mandates *all, struct cp_bytes typed,
                                const struct cp_mandate_row **out)
{
    size_t count = 0;
    if (typed.len < 6)
        return CP_ERR_USAGE;
    for (size_t i = 0; i < all->count; i++)
        if (cp_mandate_gives(&all->rows[i].read.m) && cp_id_begins(all->rows[i].id, typed)) {
            *out = &all->rows[i];
            count++;
        }
    return count == 1 ? CP_OK : count == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
}

static enum cp_err withdraw(struct cp_request *r, const struct cp_desk *d, const struct cp_mandates *all,
                            uint8_t id[static CP_ID_LEN])
{
    const struct cp_mandate_row *row = NULL;
    char day[16];
    enum cp_err err = find_mandate(all, cp_arg(r, "mandate"), &row);
    if (err != CP_OK)
        return err;
    if (memcmp(row->read.m.person, cp_keeper_person(r->node->keeper, r->person)->person, CP_ID_LEN) != 0)
        return CP_ERR_NOT_YOURS;
    struct cp_mandate m = row->read.m;
    cp_day_of(cp_node_time_ms(), day);
    memcpy(m.withdraws, row->id, CP_ID_LEN);
    m.date = cp_bytes_str(day);
    m.software = cp_bytes_str(SOFTWARE);
    return write_mandate(r, d, &m, id);
}

static void serve_withdraw_mandate(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_mandates all = {.mem = NULL};
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_mandates_load(&all, &d);
        if (err == CP_OK)
            err = withdraw(r, &d, &all, id);
        cp_mandates_clear(&all);
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        reply_id(r, "withdrawn", id);
    else
        cp_reply_about(r, err, cp_arg(r, "mandate"));
}

/* ---- mandates ---- */

static void put_text(struct cp_buf *out, const char *key, struct cp_bytes text)
{
    cp_api_key(out, key);
    cp_api_text(out, text);
}

static void put_row(const struct cp_mandates *all, const struct cp_mandate_row *row, struct cp_buf *out)
{
    static const uint8_t zero[CP_ID_LEN];
    const struct cp_mandate *m = &row->read.m;
    cp_api_object(out, 11);
    cp_api_key(out, "mandate");
    cp_api_hex(out, row->id, CP_ID_LEN);
    cp_api_key(out, "person");
    cp_api_hex(out, m->person, CP_ID_LEN);
    put_text(out, "name", m->name);
    cp_api_key(out, "proxy");
    cp_api_hex(out, m->proxy, CP_ID_LEN);
    put_text(out, "proxy_name", m->proxy_name);
    cp_api_key(out, "version");
    if (memcmp(m->version, zero, CP_ID_LEN) == 0)
        cp_api_null(out);
    else
        cp_api_hex(out, m->version, CP_ID_LEN);
    put_text(out, "from", m->from);
    put_text(out, "until", m->until);
    put_text(out, "limits", m->limits);
    cp_api_key(out, "accepted_level");
    cp_api_bool(out, cp_bytes_eq(m->accepted_level, cp_bytes_str("yes")));
    cp_api_key(out, "withdrawn");
    cp_api_bool(out, cp_mandate_ended(all->ins, all->count, row->id, m));
}

static void serve_mandates(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_mandates all = {.mem = NULL};
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_mandates_load(&all, &d);
        for (size_t i = 0; err == CP_OK && i < all.count; i++) {
            if (!cp_mandate_gives(&all.rows[i].read.m) || !all.rows[i].theirs)
                continue; /* by a key that is nobody's here */
            cp_buf_reset(&out);
            put_row(&all, &all.rows[i], &out);
            err = cp_buf_err(&out);
            if (err == CP_OK)
                cp_reply_row(r, cp_buf_bytes(&out));
        }
        cp_mandates_clear(&all);
        cp_desk_close(&d);
    }
    cp_buf_clear(&out);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

const struct cp_command cp_serve_others[] = {
    {"witness", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, serve_witness},
    {"mandate", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, serve_mandate},
    {"withdraw-mandate", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY,
     serve_withdraw_mandate},
    {"mandates", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_mandates},
    {NULL, 0, NULL},
};
