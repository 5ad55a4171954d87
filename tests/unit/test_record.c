/*
 * The merge rules against the definition of design 4, written here a second time as plainly as possible
 * (recursion over all pairs), on random small histories with void and withdrawn writes, in shuffled order.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/record.h"
#include "tests/support/heap.h"

enum { WRITES_MAX = 12, BLOCKS = 51 };

struct history {
    uint8_t ids[WRITES_MAX][CP_ID_LEN];
    uint8_t persons[2][CP_ID_LEN];
    struct cp_buf frames[WRITES_MAX], words[WRITES_MAX];
    struct cp_frame read[WRITES_MAX];
    struct cp_write writes[WRITES_MAX];
    size_t count;
    enum cp_record kind; /* an action or an obstacle */
};

static const char *const texts[] = {"one", "two", "three"};
static const char *const states[] = {"set aside", "open", "set aside", "gone", "accepted", "being worked on"};

/* One random entry on the record: sets, list additions, removals of what came before, set-asides. */
static void add_entry(struct history *h, uint64_t *seed)
{
    size_t i = h->count++;
    struct cp_draft d;
    uint16_t list = h->kind == CP_RECORD_ACTION ? CP_FIELD_HELPERS : BLOCKS;
    memset(h->ids[i], (int)(17 * i + 3), CP_ID_LEN);
    h->ids[i][0] = (uint8_t)test_below(seed, 256); /* arbitrary order of ids */
    if (i == 0)
        cp_draft_init(&d, test_mem(), CP_KIND_ITEM, h->kind, NULL);
    else
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, h->ids[0]);
    for (size_t j = 0; j < i; j++)
        if (test_below(seed, 3) == 0)
            cp_draft_replace(&d, h->ids[j]);
    if (i == 0 || test_below(seed, 2) == 0)
        cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(texts[test_below(seed, 3)]));
    if (test_below(seed, 3) == 0)
        cp_draft_text(&d, CP_FIELD_TEXT, cp_bytes_str("cy"), cp_bytes_str(texts[test_below(seed, 3)]));
    if (test_below(seed, 4) == 0)
        cp_draft_text(&d, CP_FIELD_STATE, CP_BYTES(NULL, 0),
                      cp_bytes_str(states[test_below(seed, i == 0 ? 2 : sizeof states / sizeof states[0])]));
    if (test_below(seed, 3) == 0)
        cp_draft_link(&d, list, cp_draft_name(&d, h->persons[test_below(seed, 2)]), true);
    for (size_t j = 0; j < i; j++)
        for (size_t op = 0; op < h->read[j].ops_count; op++)
            if (h->read[j].ops[op].how == CP_HOW_LINK_ADD && test_below(seed, 3) == 0)
                cp_draft_remove(&d, list, cp_draft_name(&d, h->ids[j]), (uint16_t)op);
    if (test_below(seed, 5) == 0)
        cp_draft_text(&d, CP_FIELD_POSITION, CP_BYTES(NULL, 0), cp_bytes_str(texts[test_below(seed, 3)]));
    static const uint8_t salt[CP_SALT_LEN] = {9};
    cp_buf_init(&h->frames[i], test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&h->words[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(&d, salt, &h->frames[i], &h->words[i]), CP_OK);
    cp_draft_clear(&d);
    bool withdrawn = h->words[i].len > 0 && test_below(seed, 8) == 0;
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&h->frames[i]),
                               withdrawn ? CP_BYTES(NULL, 0) : cp_buf_bytes(&h->words[i]), &h->read[i]),
                 CP_OK);
    if (withdrawn)
        h->read[i].words_here = false;
    h->writes[i] = (struct cp_write){.id = h->ids[i],
                                     .lamport = test_below(seed, 4),
                                     .person = h->persons[test_below(seed, 2)],
                                     .frame = &h->read[i],
                                     .row = i,
                                     .is_void = i > 0 && test_below(seed, 4) == 0,
                                     .withdrawn = withdrawn};
}

static void make_history(struct history *h, uint64_t *seed)
{
    memset(h, 0, sizeof *h);
    memset(h->persons[0], 0xaa, CP_ID_LEN);
    memset(h->persons[1], 0xbb, CP_ID_LEN);
    h->kind = test_below(seed, 2) == 0 ? CP_RECORD_ACTION : CP_RECORD_OBSTACLE;
    size_t count = 1 + test_below(seed, WRITES_MAX - 1);
    while (h->count < count)
        add_entry(h, seed);
}

static void clear_history(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        cp_buf_clear(&h->frames[i]);
        cp_buf_clear(&h->words[i]);
    }
}

/* ---- The definition, once more ---- */

static bool plain_same(const struct cp_op *a, const struct cp_op *b)
{
    return a->field == b->field && a->how <= CP_HOW_SET_LANG && b->how <= CP_HOW_SET_LANG &&
           cp_bytes_eq(a->lang, b->lang);
}

/* Does write x name write w as replaced, both writing the register of op? */
static bool plain_replaces(const struct cp_write *x, const struct cp_write *w, const struct cp_op *op)
{
    bool named = false, writes = false;
    for (size_t i = 0; i < x->frame->replaced; i++)
        named = named || memcmp(cp_frame_replaced(x->frame, i), w->id, CP_ID_LEN) == 0;
    for (size_t i = 0; i < x->frame->ops_count; i++)
        writes = writes || plain_same(&x->frame->ops[i], op);
    return x != w && named && writes;
}

static bool plain_writes(const struct cp_write *w, const struct cp_op *op)
{
    for (size_t i = 0; i < w->frame->ops_count; i++)
        if (plain_same(&w->frame->ops[i], op))
            return true;
    return false;
}

/* A non-void write at the end of a line of replacing writes that begins at w. */
static bool plain_covered(const struct history *h, const struct cp_write *w, const struct cp_op *op)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct cp_write *x = &h->writes[i];
        if (plain_writes(w, op) && plain_replaces(x, w, op) && (!x->is_void || plain_covered(h, x, op)))
            return true;
    }
    return false;
}

static bool plain_removed(const struct history *h, const struct cp_write *w, size_t op_at)
{
    for (size_t i = 0; i < h->count; i++)
        for (size_t j = 0; j < h->read[i].ops_count; j++) {
            const struct cp_op *op = &h->read[i].ops[j];
            if (!h->writes[i].is_void && op->how == CP_HOW_REMOVE && op->removed_op == op_at &&
                memcmp(cp_frame_ref(&h->read[i], op->ref), w->id, CP_ID_LEN) == 0)
                return true;
        }
    return false;
}

static uint64_t plain_left(const struct history *h, const struct cp_write *w)
{
    uint64_t left = 0;
    for (size_t i = 0; i < w->frame->ops_count && !w->is_void; i++) {
        const struct cp_op *op = &w->frame->ops[i];
        bool stands = op->how == CP_HOW_LINK_ADD ? !plain_removed(h, w, i)
                                                 : op->how != CP_HOW_REMOVE && !plain_covered(h, w, op);
        left |= stands ? 1ULL << i : 0;
    }
    return left;
}

Test(record, current_is_what_the_definition_says)
{
    for (uint64_t run = 1; run <= 3000; run++) {
        uint64_t seed = run;
        struct history h;
        uint64_t left[WRITES_MAX];
        make_history(&h, &seed);
        cr_assert_eq(cp_record_left(test_mem(), h.writes, h.count, left), CP_OK);
        for (size_t i = 0; i < h.count; i++)
            cr_assert_eq(left[i], plain_left(&h, &h.writes[i]), "seed %d write %zu: %llx", (int)run, i,
                         (unsigned long long)left[i]);
        clear_history(&h);
    }
}

/* ---- Set aside, gone, accepted: the definition once more ---- */

struct plain_state {
    bool any, met; /* some current write says one of the words; every other field's has met one */
};

static bool plain_fits(const struct history *h, const struct cp_op *op)
{
    const struct cp_field *f = cp_field_by_code(op->field);
    return (f->on >> h->kind & 1U) != 0 &&
           (op->value.type != CP_VALUE_TEXT || cp_field_check_text(f, op->value.bytes, h->kind) == CP_OK);
}

static bool plain_says(const struct history *h, size_t i, const char *words)
{
    for (size_t op = 0; op < h->read[i].ops_count; op++)
        if ((plain_left(h, &h->writes[i]) >> op & 1) != 0 && h->read[i].ops[op].field == CP_FIELD_STATE &&
            plain_fits(h, &h->read[i].ops[op]) && h->read[i].ops[op].value.type == CP_VALUE_TEXT &&
            cp_word_in(words, h->read[i].ops[op].value.bytes))
            return true;
    return false;
}

static bool plain_saw(const struct history *h, size_t a, size_t b)
{
    for (size_t r = 0; r < h->read[a].refs_count; r++)
        if (memcmp(cp_frame_ref(&h->read[a], r), h->ids[b], CP_ID_LEN) == 0)
            return true;
    return a == b;
}

static struct plain_state plain_state_of(const struct history *h, const char *words)
{
    struct plain_state s = {.met = true};
    for (size_t i = 0; i < h->count; i++)
        s.any = s.any || plain_says(h, i, words);
    for (size_t i = 0; i < h->count; i++)
        for (size_t op = 0; op < h->read[i].ops_count; op++) {
            uint16_t field = h->read[i].ops[op].field;
            bool met = (plain_left(h, &h->writes[i]) >> op & 1) == 0 || !plain_fits(h, &h->read[i].ops[op]) ||
                       field == CP_FIELD_STATE || field == CP_FIELD_POSITION;
            for (size_t j = 0; j < h->count && !met; j++)
                met = plain_says(h, j, words) && (plain_saw(h, i, j) || plain_saw(h, j, i));
            s.met = s.met && met;
        }
    return s;
}

Test(record, what_takes_an_item_off_the_list_is_what_the_definition_says)
{
    size_t closed = 0, apart = 0;
    for (uint64_t run = 1; run <= 3000; run++) {
        uint64_t seed = run;
        struct history h;
        struct cp_record_state s;
        make_history(&h, &seed);
        cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
        struct plain_state aside = plain_state_of(&h, "set aside"), closing = plain_state_of(&h, "gone|accepted");
        cr_assert_eq(s.set_aside, aside.any && aside.met, "seed %d", (int)run);
        cr_assert_eq(s.edited_apart, aside.any && !aside.met, "seed %d", (int)run);
        cr_assert_eq(s.closed_apart, closing.any && !closing.met, "seed %d", (int)run);
        struct cp_bytes word = cp_record_state_word(&s);
        if (cp_state_word_closes(word))
            cr_assert(closing.any && closing.met && !(aside.any && aside.met), "seed %d", (int)run);
        closed += cp_state_word_closes(word) ? 1 : 0;
        apart += s.closed_apart ? 1 : 0;
        cp_record_clear(&s);
        clear_history(&h);
    }
    cr_assert(closed > 50 && apart > 50, "%d closed, %d apart: too few to mean anything", (int)closed, (int)apart);
}

/* The state as text, so that two folds can be compared. */
static void describe(const struct cp_record_state *s, struct cp_buf *out)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct cp_register *r = &s->registers[i];
        if (r->count == 0)
            continue;
        cp_buf_put_dec(out, r->field);
        cp_buf_put_bytes(out, r->lang);
        for (size_t j = 0; j < r->count; j++) {
            const struct cp_value *v = cp_record_value(s, &r->values[j]);
            const uint8_t *link = cp_record_link(s, &r->values[j]);
            cp_buf_put_str(out, " ");
            cp_buf_put_hex(out, CP_BYTES(s->writes[r->values[j].write].id, CP_ID_LEN));
            cp_buf_put_dec(out, (uint64_t)v->type);
            cp_buf_put_bytes(out, v->bytes);
            cp_buf_put_hex(out, CP_BYTES(link, link == NULL ? 0 : 4));
        }
        cp_buf_put_str(out, "\n");
    }
    cp_buf_put_str(out, s->set_aside ? "aside" : s->edited_apart ? "apart" : "on");
    cp_buf_put_str(out, s->closed_apart ? " closed apart " : " ");
    cp_buf_put_bytes(out, cp_record_state_word(s));
    cp_buf_put_dec(out, s->wordings);
}

static void fold_text(const struct cp_write *writes, size_t count, struct cp_buf *out)
{
    struct cp_record_state s;
    cr_assert_eq(cp_record_fold(&s, test_mem(), writes, count), CP_OK);
    describe(&s, out);
    cp_buf_put_byte(out, 0);
    cp_record_clear(&s);
}

Test(record, order_and_doubles_change_nothing)
{
    for (uint64_t run = 1; run <= 1000; run++) {
        uint64_t seed = run;
        struct history h;
        struct cp_buf first, again;
        struct cp_write shuffled[WRITES_MAX + 2];
        make_history(&h, &seed);
        cp_buf_init(&first, test_mem(), SIZE_MAX);
        cp_buf_init(&again, test_mem(), SIZE_MAX);
        fold_text(h.writes, h.count, &first);
        size_t count = 0;
        for (size_t i = 0; i < h.count; i++)
            shuffled[count++] = h.writes[i];
        shuffled[count++] = h.writes[test_below(&seed, h.count)]; /* delivered twice */
        for (size_t i = count; i > 1; i--) {
            size_t j = test_below(&seed, i);
            struct cp_write swap = shuffled[i - 1];
            shuffled[i - 1] = shuffled[j];
            shuffled[j] = swap;
        }
        fold_text(shuffled, count, &again);
        cr_assert_str_eq((const char *)first.ptr, (const char *)again.ptr, "seed %d", (int)run);
        cp_buf_clear(&first);
        cp_buf_clear(&again);
        clear_history(&h);
    }
}

/* Adding entries one by one and taking bits away equals the definition, in any order of arrival, without void. */
Test(record, the_incremental_step_equals_the_definition)
{
    for (uint64_t run = 1; run <= 1000; run++) {
        uint64_t seed = run, left[WRITES_MAX], stepped[WRITES_MAX];
        struct history h;
        size_t order[WRITES_MAX];
        make_history(&h, &seed);
        for (size_t i = 0; i < h.count; i++) {
            h.writes[i].is_void = false;
            order[i] = i;
        }
        for (size_t i = h.count; i > 1; i--) {
            size_t j = test_below(&seed, i), swap = order[i - 1];
            order[i - 1] = order[j];
            order[j] = swap;
        }
        for (size_t i = 0; i < h.count; i++) {
            size_t at = order[i];
            stepped[at] = cp_record_starts(&h.read[at]);
            for (size_t j = 0; j < i; j++) {
                size_t other = order[j];
                stepped[other] &= ~cp_record_takes(&h.read[at], &h.read[other], h.ids[other]);
                stepped[at] &= ~cp_record_takes(&h.read[other], &h.read[at], h.ids[at]);
            }
        }
        cr_assert_eq(cp_record_left(test_mem(), h.writes, h.count, left), CP_OK);
        for (size_t i = 0; i < h.count; i++)
            cr_assert_eq(left[i], stepped[i], "seed %d", (int)run);

        /* Only those with something left, told what is gone, show the same record. */
        struct cp_write some[WRITES_MAX];
        struct cp_buf all_text, some_text;
        size_t count = 0;
        for (size_t i = 0; i < h.count; i++)
            if (left[i] != 0 || i == 0) { /* the item itself always: it says what kind it is */
                some[count] = h.writes[i];
                some[count++].gone = ~left[i];
            }
        cp_buf_init(&all_text, test_mem(), SIZE_MAX);
        cp_buf_init(&some_text, test_mem(), SIZE_MAX);
        fold_text(h.writes, h.count, &all_text);
        fold_text(some, count, &some_text);
        cr_assert_str_eq((const char *)all_text.ptr, (const char *)some_text.ptr, "seed %d", (int)run);
        cp_buf_clear(&all_text);
        cp_buf_clear(&some_text);
        clear_history(&h);
    }
}

Test(record, out_of_memory_at_every_allocation_is_an_error_and_leaks_nothing)
{
    uint64_t seed = 5;
    struct history h;
    make_history(&h, &seed);
    for (size_t n = 0;; n++) {
        struct test_heap heap;
        struct cp_record_state s;
        test_heap_init(&heap, n);
        enum cp_err err = cp_record_fold(&s, &heap.mem, h.writes, h.count);
        if (err == CP_OK) {
            cp_record_clear(&s);
            break;
        }
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cr_assert_lt(n, 1000);
    }
    clear_history(&h);
}

/* ---- Small stories ---- */


static void put_frame(struct history *h, struct cp_draft *d, uint8_t name, uint64_t lamport, uint8_t person)
{
    static const uint8_t salt[CP_SALT_LEN] = {1};
    size_t i = h->count++;
    memset(h->ids[i], name, CP_ID_LEN);
    memset(h->persons[0], 0xaa, CP_ID_LEN);
    memset(h->persons[1], 0xbb, CP_ID_LEN);
    cp_buf_init(&h->frames[i], test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&h->words[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(d, salt, &h->frames[i], &h->words[i]), CP_OK);
    cp_draft_clear(d);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&h->frames[i]), cp_buf_bytes(&h->words[i]), &h->read[i]), CP_OK);
    h->writes[i] = (struct cp_write){
        .id = h->ids[i], .lamport = lamport, .person = h->persons[person], .frame = &h->read[i]};
}

Test(record, two_wordings_and_one_choice)
{
    struct history h = {.count = 0};
    struct cp_draft d;
    uint8_t item[CP_ID_LEN], left[CP_ID_LEN], right[CP_ID_LEN];
    memset(item, 1, CP_ID_LEN);
    memset(left, 2, CP_ID_LEN);
    memset(right, 3, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("walk"));
    put_frame(&h, &d, 1, 1, 0);
    for (uint8_t who = 0; who < 2; who++) {
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
        cp_draft_replace(&d, item);
        cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(who == 0 ? "walk on Monday" : "walk on Friday"));
        put_frame(&h, &d, (uint8_t)(2 + who), 2, who);
    }
    struct cp_record_state s;
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert_eq(s.wordings, 1);
    cr_assert_eq(cp_record_get(&s, CP_FIELD_TEXT, CP_BYTES(NULL, 0))->count, 2);
    cp_record_clear(&s);

    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(&d, left);
    cp_draft_replace(&d, right);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("walk on Friday"));
    put_frame(&h, &d, 4, 3, 0);
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert_eq(s.wordings, 0);
    cr_assert(cp_bytes_eq(cp_record_text(&s, CP_FIELD_TEXT, CP_BYTES(NULL, 0)), cp_bytes_str("walk on Friday")));
    cp_record_clear(&s);
    clear_history(&h);
}

Test(record, set_aside_and_edited_apart_is_back_on_the_list)
{
    struct history h = {.count = 0};
    struct cp_draft d;
    uint8_t item[CP_ID_LEN], aside[CP_ID_LEN];
    memset(item, 1, CP_ID_LEN);
    memset(aside, 2, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("walk"));
    put_frame(&h, &d, 1, 1, 0);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(&d, item); /* seen, since it writes `state` alone */
    cp_draft_text(&d, CP_FIELD_STATE, CP_BYTES(NULL, 0), cp_bytes_str("set aside"));
    put_frame(&h, &d, 2, 2, 0);
    struct cp_record_state s;
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert(s.set_aside && !s.edited_apart);
    cp_record_clear(&s);

    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item); /* apart: it did not see the set-aside */
    cp_draft_replace(&d, item);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("walk slowly"));
    put_frame(&h, &d, 3, 2, 1);
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert(!s.set_aside && s.edited_apart);
    cp_record_clear(&s);

    h.count = 2; /* instead: an edit that saw it leaves it aside */
    cp_buf_clear(&h.frames[2]);
    cp_buf_clear(&h.words[2]);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(&d, item);
    cp_draft_replace(&d, aside);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("walk slowly"));
    put_frame(&h, &d, 3, 3, 1);
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert(s.set_aside);
    cp_record_clear(&s);
    clear_history(&h);
}

Test(record, a_persons_fields_are_written_by_that_person_alone)
{
    struct history h = {.count = 0};
    struct cp_draft d;
    uint8_t asha[CP_ID_LEN];
    memset(asha, 0xaa, CP_ID_LEN);
    for (uint8_t who = 0; who < 2; who++) {
        cp_draft_init(&d, test_mem(), CP_KIND_PERSON, 0, asha);
        cp_draft_text(&d, CP_FIELD_NAME, CP_BYTES(NULL, 0), cp_bytes_str(who == 0 ? "Asha" : "Mal"));
        put_frame(&h, &d, (uint8_t)(1 + who), 1U + who, who);
    }
    struct cp_record_state s;
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_assert_eq(cp_record_get(&s, CP_FIELD_NAME, CP_BYTES(NULL, 0))->count, 1);
    cr_assert(cp_bytes_eq(cp_record_text(&s, CP_FIELD_NAME, CP_BYTES(NULL, 0)), cp_bytes_str("Asha")));
    cp_record_clear(&s);
    clear_history(&h);
}

Test(record, a_field_of_another_kind_counts_for_nothing)
{
    struct history h = {.count = 0};
    struct cp_draft d;
    uint8_t item[CP_ID_LEN], someone[CP_ID_LEN] = {0xaa};
    memset(item, 1, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_NEED, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("company"));
    put_frame(&h, &d, 1, 1, 0);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_link(&d, CP_FIELD_LEAD, cp_draft_name(&d, someone), false); /* only actions have one */
    cp_draft_text(&d, CP_FIELD_STATE, CP_BYTES(NULL, 0), cp_bytes_str("taken back")); /* no need is ever that */
    put_frame(&h, &d, 2, 2, 1);
    struct cp_record_state s;
    cr_assert_eq(cp_record_fold(&s, test_mem(), h.writes, h.count), CP_OK);
    cr_expect_eq(cp_record_get(&s, CP_FIELD_LEAD, CP_BYTES(NULL, 0)), NULL);
    cr_expect_eq(cp_record_get(&s, CP_FIELD_STATE, CP_BYTES(NULL, 0)), NULL);
    cp_record_clear(&s);
    clear_history(&h);
}

static void put_view(struct history *h, const uint8_t *item, const char *value, const uint8_t *replaces, uint8_t name,
                     uint8_t person)
{
    struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_VIEW, 1, item);
    if (replaces != NULL)
        cp_draft_replace(&d, replaces);
    cp_draft_text(&d, CP_FIELD_VALUE, CP_BYTES(NULL, 0), cp_bytes_str(value));
    put_frame(h, &d, name, name, person);
}

Test(record, two_devices_of_one_person_apart_are_asked)
{
    struct history h = {.count = 0};
    uint8_t item[CP_ID_LEN] = {1}, first[CP_ID_LEN];
    struct cp_views v;
    memset(first, 5, CP_ID_LEN);
    put_view(&h, item, "3", NULL, 5, 0);
    put_view(&h, item, "1", NULL, 6, 1);   /* somebody else's */
    put_view(&h, item, "2", first, 7, 0);  /* replaces the first */
    put_view(&h, item, "4", first, 8, 0);  /* so does this one, apart */
    put_view(&h, item, "0", first, 9, 1);  /* another person replaces nothing of theirs */
    cr_assert_eq(cp_views_fold(&v, test_mem(), h.writes, h.count), CP_OK);
    cr_assert_eq(v.count, 2);
    cr_assert_eq(v.rows[0].current_count, 2);
    cr_assert_eq(v.rows[0].first, 2);
    cr_assert_eq(v.rows[1].current_count, 2);
    cp_views_clear(&v);
    clear_history(&h);
}

/* Somebody writes one field under 48,000 languages. Comparing each with each took minutes, on every machine and at
 * every look at the plan. */
Test(record, a_flood_of_registers_is_no_standstill, .timeout = 60)
{
    enum { WRITES = 800, LANGS = 60 };
    static struct cp_frame read[WRITES + 1];
    static struct cp_write writes[WRITES + 1];
    static uint8_t ids[WRITES + 1][CP_ID_LEN];
    static struct cp_buf frames[WRITES + 1], words[WRITES + 1];
    static char langs[LANGS][CP_LANG_MAX + 1];
    static const uint8_t salt[CP_SALT_LEN] = {9}, person[CP_ID_LEN] = {1};
    struct cp_record_state s;
    for (size_t i = 0; i <= WRITES; i++) {
        struct cp_draft d;
        ids[i][0] = (uint8_t)(i & 255);
        ids[i][1] = (uint8_t)(i >> 8);
        if (i == 0)
            cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
        else
            cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, ids[0]);
        for (size_t k = 0; k < LANGS; k++) {
            snprintf(langs[k], sizeof langs[k], "en-%zu-%zu", i, k);
            cp_draft_text(&d, CP_FIELD_TEXT, cp_bytes_str(langs[k]), cp_bytes_str("x"));
        }
        cp_buf_init(&frames[i], test_mem(), CP_ENTRY_MAX);
        cp_buf_init(&words[i], test_mem(), CP_ENTRY_MAX);
        cr_assert_eq(cp_draft_write(&d, salt, &frames[i], &words[i]), CP_OK);
        cp_draft_clear(&d);
        cr_assert_eq(cp_frame_read(cp_buf_bytes(&frames[i]), cp_buf_bytes(&words[i]), &read[i]), CP_OK);
        writes[i] = (struct cp_write){.id = ids[i], .lamport = WRITES - i, .person = person, .frame = &read[i], .row = i};
    }
    cr_assert_eq(cp_record_fold(&s, test_mem(), writes, WRITES + 1), CP_OK);
    cr_assert_eq(s.count, (size_t)LANGS * (WRITES + 1));
    cp_record_clear(&s);
    for (size_t i = 0; i <= WRITES; i++) {
        cp_buf_clear(&frames[i]);
        cp_buf_clear(&words[i]);
    }
}
