/*
 * What machines say about agreements, told in text so that two can be compared, and judged where the truth of the
 * world is known: a page's id is the hash of its words, and an answer is by the key of the person it names.
 * Must not: know how results are reached.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

const struct person *world_person(const struct world *w, const uint8_t *person)
{
    for (size_t i = 0; i < w->people_count; i++)
        if (memcmp(w->people[i].who.person, person, CP_ID_LEN) == 0)
            return &w->people[i];
    return NULL;
}

/* The words of a page by the model alone: the PARTs that its VERSION entry names, one after the other. */
static void check_page_words(struct world *w, struct machine *m, const uint8_t *id)
{
    for (size_t i = 0; i < w->log.count; i++) {
        const struct ref_entry *e = &w->log.entries[i];
        crypto_hash_sha256_state state;
        uint8_t hash[CP_ID_LEN];
        bool whole = e->kind == CP_KIND_VERSION && e->readable && e->refs_count > 1 && ref_set_has(&m->now.held, i) &&
                     memcmp(e->refs[0], id, CP_ID_LEN) == 0;
        if (!whole)
            continue;
        (void)crypto_hash_sha256_init(&state);
        for (size_t p = 1; p < e->refs_count && whole; p++) {
            size_t at = ref_find(&w->log, e->refs[p]), count = 0;
            struct cp_value v;
            whole = at != REF_NONE && ref_set_has(&m->now.held, at) &&
                    cp_words_values(w->log.entries[at].words, &v, 1, &count) == CP_OK && count == 1;
            if (whole)
                (void)crypto_hash_sha256_update(&state, v.bytes.ptr, v.bytes.len);
        }
        (void)crypto_hash_sha256_final(&state, hash);
        if (whole && memcmp(hash, id, CP_ID_LEN) == 0)
            return;
    }
    world_fail(w, "%s shows a page whose words do not give its id", m->name);
}

static void tell_page(struct world *w, struct machine *m, const struct cp_desk *d, const struct cp_page_row *row,
                      struct cp_buf *out)
{
    struct cp_page p;
    struct cp_answered answers;
    if (cp_page_open(&p, d, row->id) != CP_OK)
        return;
    check_page_words(w, m, row->id);
    if (p.reproduced && cp_answered_load(&answers, d, &p) == CP_OK) {
        size_t asked = p.read.v.must_answer_count;
        struct cp_answer_out *outs = calloc(asked + 1, sizeof *outs);
        if (outs == NULL)
            abort();
        enum cp_result result = cp_answer_judge(&p.read.v, answers.ins, answers.count, outs);
        cp_buf_put_str(out, cp_result_word(result));
        if (result == CP_RESULT_AGREED || result == CP_RESULT_WORRIES)
            world_check_agreed(w, m, &p.read.v, row->id);
        for (size_t i = 0; i < asked; i++) {
            cp_buf_put_dec(out, outs[i].standing);
            cp_buf_put_byte(out, outs[i].counts ? '+' : '-');
        }
        for (size_t i = 0; i < answers.count; i++) {
            const struct cp_answer *a = answers.ins[i].a;
            if (!ref_ever_key(&w->log, &m->now.held, a->person, a->key) ||
                memcmp(a->version, row->id, CP_ID_LEN) != 0)
                world_fail(w, "%s counts an answer that is not by whom it names, or to another page", m->name);
            cp_buf_put_hex(out, CP_BYTES(answers.ins[i].id, CP_ID_LEN));
            cp_buf_put_str(out, cp_answer_text_word(a->word));
        }
        free(outs);
        cp_answered_clear(&answers);
    }
    cp_page_clear(&p);
}

void world_tell_agreements(struct world *w, struct machine *m, const struct cp_desk *d, struct cp_buf *out)
{
    struct cp_pages pages;
    enum cp_plan_stage stage = CP_PLAN_GATHERING;
    enum cp_err err = cp_plan_stage(d, cp_bytes_str("2031-01-01"), &stage);
    if (err == CP_OK)
        err = cp_pages_list(&pages, d, CP_BYTES(NULL, 0));
    world_excuse(w, m, err, "listing pages");
    if (err != CP_OK)
        return;
    cp_buf_put_str(out, cp_plan_stage_word(stage));
    for (size_t i = 0; i < pages.count && !world_failed(w); i++) {
        const struct cp_page_row *row = &pages.rows[i];
        cp_buf_put_byte(out, '\n');
        cp_buf_put_hex(out, CP_BYTES(row->id, CP_ID_LEN));
        cp_buf_put_hex(out, CP_BYTES(row->by, CP_ID_LEN));
        cp_buf_put_str(out, row->counts ? row->newest ? " newest " : " older " : " without effect ");
        if (row->counts)
            tell_page(w, m, d, row, out);
    }
    cp_pages_clear(&pages);
}
