/*
 * Answers that somebody signs for somebody else, on one page: which count, and how they are told.
 * Owns: loading witnesses and mandates. Must not: decide (proto/answer_others.c does), or sign.
 */
#include <string.h>

#include "daemon/checked.h"
#include "daemon/serve_agree.h"
#include "proto/model.h"

/* ---- Mandates ---- */

struct loading {
    struct cp_mandates *m;
    const struct cp_desk *d;
    enum cp_err err;
};

static bool is_known(const struct cp_mandates *m, const uint8_t *id)
{
    for (size_t i = 0; i < m->count; i++)
        if (memcmp(m->rows[i].id, id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err room(struct cp_mandates *m)
{
    void *rows = m->rows, *ins = m->ins;
    enum cp_err err = cp_grow(m->mem, &rows, &m->cap, m->count + 1, SIZE_MAX, sizeof *m->rows);
    m->rows = rows;
    if (err == CP_OK)
        err = cp_grow(m->mem, &ins, &m->ins_cap, m->count + 1, SIZE_MAX, sizeof *m->ins);
    m->ins = ins;
    return err;
}

static bool read_mandate(void *ctx, const struct cp_entry_info *info)
{
    struct loading *l = ctx;
    struct cp_mandates *m = l->m;
    struct cp_bytes text;
    const uint8_t *sig = NULL;
    uint8_t id[CP_ID_LEN];
    if (info->frame.ptr == NULL || !cp_mandate_frame_read(info->frame, &text, &sig))
        return true;
    cp_answer_id(text, id);
    if (is_known(m, id))
        return true;
    l->err = room(m);
    if (l->err != CP_OK)
        return false;
    struct cp_mandate_row *row = &m->rows[m->count];
    *row = (struct cp_mandate_row){.read = {.mem = m->mem}};
    cp_buf_init(&row->text, m->mem, CP_ANSWER_TEXT_MAX);
    cp_buf_put_bytes(&row->text, text);
    l->err = cp_buf_err(&row->text);
    enum cp_err err =
        l->err == CP_OK ? cp_mandate_read(&row->read, m->mem, cp_buf_bytes(&row->text)) : l->err;
    if (err != CP_OK || !cp_sshsig_ok(cp_buf_bytes(&row->text), row->read.m.key, sig)) {
        cp_mandate_clear(&row->read);
        cp_buf_clear(&row->text);
        l->err = err == CP_ERR_NO_MEMORY ? err : l->err;
        return l->err == CP_OK;
    }
    bool counts = false;
    l->err = cp_desk_key_counts(l->d, row->read.m.person, row->read.m.key, cp_buf_bytes(&row->text), &counts,
                                &row->theirs);
    if (l->err != CP_OK || !counts) {
        cp_mandate_clear(&row->read);
        cp_buf_clear(&row->text);
        return l->err == CP_OK;
    }
    memcpy(row->id, id, CP_ID_LEN);
    memcpy(row->entry, info->id, CP_ID_LEN);
    memcpy(row->sig, sig, CP_SIG_LEN);
    m->count++;
    return true;
}

enum cp_err cp_mandates_load(struct cp_mandates *m, const struct cp_desk *d)
{
    struct loading l = {.m = m, .d = d};
    *m = (struct cp_mandates){.mem = d->mem};
    enum cp_err err = cp_store_each(d->node->store, d->plan, CP_KIND_MANDATE, false, read_mandate, &l);
    if (err == CP_OK)
        err = l.err;
    for (size_t i = 0; i < m->count; i++) { /* only now do the rows stay where they are */
        m->ins[i].m = &m->rows[i].read.m;
        memcpy(m->ins[i].id, m->rows[i].id, CP_ID_LEN);
        m->ins[i].theirs = m->rows[i].theirs;
    }
    if (err != CP_OK)
        cp_mandates_clear(m);
    return err;
}

void cp_mandates_clear(struct cp_mandates *m)
{
    if (m->mem == NULL)
        return;
    for (size_t i = 0; i < m->count; i++) {
        cp_mandate_clear(&m->rows[i].read);
        cp_buf_clear(&m->rows[i].text);
    }
    cp_free(m->mem, m->rows);
    cp_free(m->mem, m->ins);
    *m = (struct cp_mandates){.mem = NULL};
}

/* ---- Witnesses ---- */

static enum cp_err read_witness(struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p,
                                const struct cp_entry_info *info)
{
    struct cp_value values[2];
    struct cp_witness_row *row = &a->witnesses[a->witnesses_count];
    size_t count = 0;
    if (info->newer || info->kind != CP_KIND_ANSWER || info->words.ptr == NULL ||
        cp_words_values(info->words, values, 2, &count) != CP_OK || count != 2 ||
        values[0].type != CP_VALUE_TEXT || values[1].type != CP_VALUE_BYTES ||
        values[1].bytes.len != CP_SIG_LEN)
        return CP_OK;
    enum cp_err err = cp_witness_read(&row->read, a->mem, values[0].bytes);
    if (err != CP_OK)
        return err == CP_ERR_NO_MEMORY ? err : CP_OK;
    if (memcmp(row->read.w.version, p->id, CP_ID_LEN) != 0 ||
        !cp_sshsig_ok(values[0].bytes, row->read.w.key, values[1].bytes.ptr)) {
        cp_witness_clear(&row->read);
        return CP_OK;
    }
    bool counts = false;
    err = cp_desk_key_counts(d, row->read.w.witness, row->read.w.key, values[0].bytes, &counts, NULL);
    if (err != CP_OK || !counts) {
        cp_witness_clear(&row->read);
        return err;
    }
    row->text = values[0].bytes;
    row->sig = values[1].bytes.ptr;
    a->witness_ins[a->witnesses_count].w = &row->read.w;
    a->witnesses_count++;
    return CP_OK;
}

static enum cp_err read_witnesses(struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p)
{
    a->witnesses = cp_alloc_array(a->mem, a->loaded.count + 1, sizeof *a->witnesses);
    a->witness_ins = cp_alloc_array(a->mem, a->loaded.count + 1, sizeof *a->witness_ins);
    enum cp_err err = a->witnesses == NULL || a->witness_ins == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < a->loaded.count; i++)
        err = read_witness(a, d, p, &a->loaded.info[i]);
    return err;
}

/* ---- Which count ---- */

void cp_answered_others(const struct cp_answered *a, const struct cp_page *p, struct cp_others *out)
{
    *out = (struct cp_others){.v = &p->read.v,
                              .answers = a->ins,
                              .answers_count = a->count + a->pending_count,
                              .witnesses = a->witness_ins,
                              .witnesses_count = a->witnesses_count,
                              .mandates = a->mandates.ins,
                              .mandates_count = a->mandates.count};
}

static void swap(struct cp_answered *a, size_t i, size_t j)
{
    struct cp_answer_in in = a->ins[i];
    const struct cp_entry_info *info = a->infos[i];
    struct cp_value text = a->texts[i], sig = a->sigs[i];
    a->ins[i] = a->ins[j];
    a->infos[i] = a->infos[j];
    a->texts[i] = a->texts[j];
    a->sigs[i] = a->sigs[j];
    a->ins[j] = in;
    a->infos[j] = info;
    a->texts[j] = text;
    a->sigs[j] = sig;
}

/* Those that count keep their order and come first, then the pending ones; the rest have no effect. */
static void put_in_order(struct cp_answered *a, enum cp_said *said)
{
    size_t read = a->count, at = 0;
    for (unsigned turn = CP_SAID_COUNTS; turn <= CP_SAID_PENDING; turn++) {
        size_t first = at;
        for (size_t i = first; i < read; i++) {
            if (said[i] != (enum cp_said)turn)
                continue;
            for (size_t j = i; j > at; j--) { /* moved forward past those that wait, whose order stays */
                enum cp_said one = said[j];
                swap(a, j, j - 1);
                said[j] = said[j - 1];
                said[j - 1] = one;
            }
            at++;
        }
        if (turn == CP_SAID_COUNTS)
            a->count = at;
        else
            a->pending_count = at - a->count;
    }
}

enum cp_err cp_answered_settle(struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p)
{
    struct cp_others others;
    bool proxies = false, any = false;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < a->count; i++) {
        any = any || a->ins[i].a->how != CP_ANSWER_OWN;
        proxies = proxies || a->ins[i].a->how == CP_ANSWER_PROXY;
    }
    if (!any)
        return CP_OK;
    enum cp_said *said = cp_alloc_array(a->mem, a->count + 1, sizeof *said);
    if (said == NULL)
        return CP_ERR_NO_MEMORY;
    err = read_witnesses(a, d, p);
    if (err == CP_OK && proxies)
        err = cp_mandates_load(&a->mandates, d);
    if (err == CP_OK) {
        cp_answered_others(a, p, &others);
        for (size_t i = 0; i < a->count; i++) /* a page that is not reproduced prints nobody */
            said[i] = cp_page_counts(p) || a->ins[i].a->how == CP_ANSWER_OWN ? cp_others_judge(&others, i)
                                                                             : CP_SAID_VOID;
        put_in_order(a, said);
    }
    cp_free(a->mem, said);
    return err;
}

void cp_answered_clear_others(struct cp_answered *a)
{
    for (size_t i = 0; i < a->witnesses_count; i++)
        cp_witness_clear(&a->witnesses[i].read);
    cp_free(a->mem, a->witnesses);
    cp_free(a->mem, a->witness_ins);
    cp_mandates_clear(&a->mandates);
}

/* ---- As JSON ---- */

static const char *how_word(enum cp_answer_how how)
{
    switch (how) {
    case CP_ANSWER_OWN:
        return "own";
    case CP_ANSWER_PAPER:
        return "paper";
    case CP_ANSWER_PROXY:
        return "proxy";
    }
    return "";
}

static void put_person(const struct cp_desk *d, const uint8_t *person, struct cp_bytes name,
                       struct cp_buf *out)
{
    cp_api_object(out, 2);
    cp_api_key(out, "person");
    cp_api_hex(out, person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, name.len > 0 ? name : cp_desk_name(d, person));
}

/* The witness's first text for this answer; a second one by the same person says nothing new. */
static bool is_first(const struct cp_others *o, size_t at, size_t witness)
{
    if (!cp_others_witness(o, at, o->witnesses[witness].w))
        return false;
    for (size_t i = 0; i < witness; i++)
        if (memcmp(o->witnesses[i].w->witness, o->witnesses[witness].w->witness, CP_ID_LEN) == 0 &&
            cp_others_witness(o, at, o->witnesses[i].w))
            return false;
    return true;
}

/* Whoever signs can write what they like into their answer: told is what those who are named there noted themselves. */
static void put_checks(const struct cp_desk *d, const struct cp_answer *answer, struct cp_buf *out)
{
    struct cp_checks noted = {.mem = d->mem};
    enum cp_err err = CP_OK;
    size_t count = 0;
    if (answer->checks_count > 0)
        err =
            cp_checks_load(&noted, d, answer->how == CP_ANSWER_OWN ? answer->person : answer->by, answer->key);
    if (err != CP_OK && out->err == CP_OK)
        out->err = err;
    for (size_t i = 0; i < answer->checks_count; i++)
        count += cp_checks_by(&noted, answer->checks[i].by) != NULL ? 1U : 0U;
    cp_api_key(out, "key_checked");
    cp_api_list(out, count);
    for (size_t i = 0; i < answer->checks_count; i++) {
        const struct cp_check *c = cp_checks_by(&noted, answer->checks[i].by);
        char day[11];
        if (c == NULL)
            continue;
        cp_day_of(c->time_ms, day);
        cp_api_object(out, 3);
        cp_api_key(out, "person");
        cp_api_hex(out, c->by, CP_ID_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, cp_desk_name(d, c->by));
        cp_api_key(out, "date");
        cp_api_cstr(out, day);
    }
    cp_checks_clear(&noted);
}

static size_t count_first(const struct cp_others *o, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < o->witnesses_count; i++)
        count += is_first(o, at, i) ? 1 : 0;
    return count;
}

/* The one by which a proxy gave this answer; NULL for others. */
static const struct cp_mandate_row *mandate_of(const struct cp_answered *a, size_t at)
{
    for (size_t i = 0; a->ins[at].a->how == CP_ANSWER_PROXY && i < a->mandates.count; i++)
        if (memcmp(a->mandates.rows[i].id, a->ins[at].a->mandate, CP_ID_LEN) == 0)
            return &a->mandates.rows[i];
    return NULL;
}

void cp_put_answer_others(const struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p,
                          size_t at, struct cp_buf *out)
{
    struct cp_others o;
    const struct cp_answer *answer = a->ins[at].a;
    cp_answered_others(a, p, &o);
    cp_api_key(out, "how");
    cp_api_cstr(out, how_word(answer->how));
    cp_api_key(out, "helped_by");
    cp_api_text(out, answer->helped_by);
    cp_api_key(out, "read_as");
    cp_api_cstr(out, cp_read_as_word(answer->read_as));
    cp_api_key(out, "read_language");
    cp_api_text(out, answer->read_lang);
    put_checks(d, answer, out);
    cp_api_key(out, "by");
    if (answer->how == CP_ANSWER_OWN)
        cp_api_null(out);
    else
        put_person(d, answer->by, cp_page_name(p, d, answer->by), out);
    cp_api_key(out, "witnesses");
    cp_api_list(out, count_first(&o, at));
    for (size_t i = 0; i < o.witnesses_count; i++)
        if (is_first(&o, at, i))
            put_person(d, o.witnesses[i].w->witness, cp_page_name(p, d, o.witnesses[i].w->witness), out);
    /* What was signed may say another name than the page: older programs took the name of the day. */
    struct cp_bytes printed = cp_page_name(p, d, answer->person);
    cp_api_key(out, "signed_as");
    cp_api_text(out, cp_bytes_eq(printed, answer->name) ? CP_BYTES(NULL, 0) : answer->name);
    const struct cp_mandate_row *mandate = mandate_of(a, at);
    cp_api_key(out, "limits");
    cp_api_text(out, mandate != NULL ? mandate->read.m.limits : CP_BYTES(NULL, 0));
}

void cp_put_pending(const struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p,
                    struct cp_buf *out)
{
    cp_api_key(out, "pending");
    cp_api_list(out, a->pending_count);
    for (size_t i = a->count; i < a->count + a->pending_count; i++) {
        const struct cp_answer *answer = a->ins[i].a;
        cp_api_object(out, 14);
        cp_put_answerer(d, answer->person, cp_page_name(p, d, answer->person), out);
        cp_api_key(out, "answer");
        cp_api_cstr(out, cp_answer_text_word(answer->word));
        cp_put_answer_others(a, d, p, i, out);
        cp_api_key(out, "needed");
        cp_api_int(out, CP_WITNESSES_MIN);
        cp_api_key(out, "id");
        cp_api_hex(out, a->infos[i]->id, CP_ID_LEN);
    }
}

static void put_signed(struct cp_bytes text, const uint8_t *key, const uint8_t *sig, struct cp_buf *out)
{
    cp_api_object(out, 3);
    cp_api_key(out, "text");
    cp_api_text(out, text);
    cp_api_key(out, "key");
    cp_api_hex(out, key, CP_KEY_LEN);
    cp_api_key(out, "sig");
    cp_api_hex(out, sig, CP_SIG_LEN);
}

void cp_put_proof_others(const struct cp_answered *a, const struct cp_page *p, size_t at, struct cp_buf *out)
{
    struct cp_others o;
    const struct cp_mandate_row *mandate = mandate_of(a, at);
    cp_answered_others(a, p, &o);
    cp_api_key(out, "witnesses");
    cp_api_list(out, count_first(&o, at));
    for (size_t i = 0; i < a->witnesses_count; i++)
        if (is_first(&o, at, i))
            put_signed(a->witnesses[i].text, a->witnesses[i].read.w.key, a->witnesses[i].sig, out);
    cp_api_key(out, "mandate");
    if (mandate == NULL)
        cp_api_null(out);
    else
        put_signed(cp_buf_bytes(&mandate->text), mandate->read.m.key, mandate->sig, out);
}
