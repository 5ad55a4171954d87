/* Copies of a page: who is on the list, which receipts count, in every order in which they may come. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/handout.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

/* ---- The list ---- */

static uint8_t ids[6][CP_ID_LEN];
static char hex[6][2 * CP_ID_LEN + 1];

static void make_ids(void)
{
    for (size_t i = 0; i < 6; i++) {
        memset(ids[i], (int)(i + 1), CP_ID_LEN);
        cp_hex_encode(ids[i], CP_ID_LEN, hex[i]);
    }
}

static struct cp_fact names(uint16_t field, size_t who, const char *name)
{
    return (struct cp_fact){.field = field, .value = cp_bytes_str(hex[who]), .also = cp_bytes_str(name)};
}

Test(handout, everyone_whom_the_page_names_once)
{
    make_ids();
    struct cp_fact does[] = {names(CP_FIELD_LEAD, 0, "Asha"), names(CP_FIELD_HELPERS, 1, "Bill"),
                             names(CP_M_CHECKED_BY, 4, "Eve, the caretaker"), names(CP_M_BY, 5, "Finn")};
    struct cp_fact dropped[] = {{.field = CP_FIELD_STATE, .value = cp_bytes_str("dropped")},
                                names(CP_FIELD_LEAD, 5, "Finn")};
    struct cp_fact broken[] = {{.field = CP_FIELD_LEAD, .value = cp_bytes_str("nobody")}};
    struct cp_version_item items[] = {
        {.kind = CP_RECORD_ACTION, .facts = does, .facts_count = 4},
        {.kind = CP_RECORD_ACTION, .facts = dropped, .facts_count = 2},
        {.kind = CP_RECORD_ACTION, .facts = broken, .facts_count = 1},
        {.kind = CP_RECORD_RISK, .facts = does, .facts_count = 4},
    };
    struct cp_version_person must[3] = {{.name = cp_bytes_str("Asha A")}, {.name = cp_bytes_str("Chen")}};
    struct cp_version_person kept[1] = {{.name = cp_bytes_str("Dina")}};
    struct cp_version v = {.items = items,
                           .items_count = 4,
                           .must_answer = must,
                           .must_answer_count = 2,
                           .kept_informed = kept,
                           .kept_informed_count = 1};
    static const unsigned whys[] = {CP_COPY_NAMED | CP_COPY_ANSWERS, CP_COPY_NAMED, CP_COPY_ANSWERS,
                                    CP_COPY_INFORMED, CP_COPY_NAMED};
    static const char *const called[] = {"Asha A", "Bill", "Chen", "Dina", "Eve, the caretaker"};
    struct cp_model_copy *list = NULL;
    size_t count = 0;
    memcpy(must[0].person, ids[0], CP_ID_LEN);
    memcpy(must[1].person, ids[2], CP_ID_LEN);
    memcpy(kept[0].person, ids[3], CP_ID_LEN);
    cr_assert_eq(cp_copies_of(&v, test_mem(), &list, &count), CP_OK);
    cr_assert_eq(count, 5, "the list has %zu", count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_arr_eq(list[i].person, ids[i], CP_ID_LEN);
        cr_assert_eq(list[i].why, whys[i]);
        cr_assert(cp_bytes_eq(list[i].name, cp_bytes_str(called[i])), "the name at %zu", i);
    }
    cp_free(test_mem(), list);
}

/* ---- Receipts ---- */

struct said {
    const char *by, *state, *format, *language, *how, *day;
};
static const struct said usual[] = {
    {"Bill", "given", "standard", NULL, NULL, "2031-04-05"},
    {"Asha", "sent", NULL, NULL, "post", "2031-04-02"},
    {"Bill", "got", "easy_read", NULL, "hand", "2031-04-06"},
    {"Bill", "got", "easy_read", "cy", NULL, NULL},
    {"Bill", "could_not", NULL, NULL, NULL, NULL},
};

enum {
    ROOM = 8
};
struct copies {
    struct village t;
    struct cp_model_person *asha, *bill;
    struct cp_model_receipt receipts[ROOM];
    uint8_t version[CP_ID_LEN];
};

static void begin(struct copies *c, const char *format, const char *language)
{
    village_make(&c->t, "2031-05-01");
    c->asha = village_person(&c->t, "Asha", NULL);
    c->bill = village_person(&c->t, "Bill", NULL);
    if (format != NULL)
        village_text(&c->t, &c->asha->r, CP_M_WANTS_FORMAT, format);
    if (language != NULL)
        village_text(&c->t, &c->asha->r, CP_M_WANTS_LANGUAGE, language);
    memset(c->version, 9, CP_ID_LEN);
    c->t.m.receipts = c->receipts;
    c->t.m.receipts_count = 0;
}

/* A receipt for Asha. */
static struct cp_model_receipt *receipt(struct copies *c, const struct said *s)
{
    struct cp_model_receipt *r = &c->receipts[c->t.m.receipts_count++];
    struct cp_model_person *by = strcmp(s->by, "Asha") == 0 ? c->asha : c->bill;
    const struct {
        uint16_t field;
        const char *text;
    } texts[] = {{CP_M_RECEIPT_STATE, s->state},
                 {CP_M_FORMAT, s->format},
                 {CP_M_LANGUAGE, s->language},
                 {CP_M_HOW, s->how},
                 {CP_M_GIVEN_AT, s->day}};
    *r = (struct cp_model_receipt){.lamport = c->t.m.receipts_count};
    r->r.facts = calloc(VILLAGE_FACTS, sizeof *r->r.facts);
    r->r.id[0] = (uint8_t)c->t.m.receipts_count;
    memcpy(r->version, c->version, CP_ID_LEN);
    memcpy(r->by, by->r.id, CP_ID_LEN);
    village_link(&c->t, &r->r, CP_M_RECEIPT_TO, c->asha->r.id);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text != NULL)
            village_text(&c->t, &r->r, texts[i].field, texts[i].text);
    return r;
}

static struct cp_copy found(struct copies *c)
{
    struct cp_copy copy;
    cr_assert_eq(cp_model_index(&c->t.m, test_mem()), CP_OK);
    cp_copy_find(&copy, &c->t.m, c->version, c->asha->r.id);
    cp_model_clear(&c->t.m);
    return copy;
}

static void end(struct copies *c)
{
    for (size_t i = 0; i < c->t.m.receipts_count; i++)
        free((void *)(uintptr_t)c->receipts[i].r.facts);
    c->t.m.receipts = NULL;
    c->t.m.receipts_count = 0;
    village_clear(&c->t);
}

static void one(const struct said *s, const char *format, const char *language, enum cp_copied copied,
                bool in_form)
{
    struct copies c;
    begin(&c, format, language);
    receipt(&c, s);
    struct cp_copy copy = found(&c);
    cr_assert_eq(copy.copied, copied, "%s by %s counts as %s", s->state, s->by, cp_copied_word(copy.copied));
    cr_assert_eq(copy.in_form, in_form, "%s by %s, in the form asked for", s->state, s->by);
    end(&c);
}

Test(handout, as_what_one_receipt_counts)
{
    one(&(struct said){"Bill", "given", NULL, NULL, NULL, NULL}, NULL, NULL, CP_COPIED_GIVEN, true);
    one(&(struct said){"Bill", "given", "audio", NULL, NULL, NULL}, NULL, NULL, CP_COPIED_GIVEN, true);
    one(&(struct said){"Bill", "given", NULL, NULL, NULL, NULL}, "standard", NULL, CP_COPIED_GIVEN, true);
    one(&(struct said){"Bill", "given", NULL, NULL, NULL, NULL}, "audio", NULL, CP_COPIED_GIVEN, false);
    one(&(struct said){"Bill", "given", "audio", NULL, NULL, NULL}, "audio", NULL, CP_COPIED_GIVEN, true);
    one(&(struct said){"Bill", "given", "audio", "en", NULL, NULL}, "audio", "cy", CP_COPIED_GIVEN, false);
    one(&(struct said){"Bill", "given", "audio", "cy", NULL, NULL}, "audio", "cy", CP_COPIED_GIVEN, true);
    /* got: one's own word, or in their hand; else only that it was given */
    one(&(struct said){"Asha", "got", NULL, NULL, NULL, NULL}, "audio", NULL, CP_COPIED_GOT, true);
    one(&(struct said){"Bill", "got", "audio", NULL, NULL, NULL}, "audio", NULL, CP_COPIED_GIVEN, true);
    one(&(struct said){"Bill", "got", "audio", NULL, "hand", NULL}, "audio", NULL, CP_COPIED_GOT, true);
    one(&(struct said){"Bill", "explained", "audio", NULL, NULL, NULL}, "audio", NULL, CP_COPIED_EXPLAINED,
        true);
    one(&(struct said){"Bill", "sent", "audio", NULL, NULL, NULL}, "audio", NULL, CP_COPIED_SENT, false);
    one(&(struct said){"Bill", "could_not", NULL, NULL, NULL, NULL}, NULL, NULL, CP_COPIED_COULD_NOT, false);
    one(&(struct said){"Bill", "eaten", NULL, NULL, NULL, NULL}, NULL, NULL, CP_COPIED_NOT, false);
}

Test(handout, many_receipts_are_one_copy_in_any_order)
{
    for (size_t turn = 0; turn < 120; turn++) {
        size_t left[5] = {0, 1, 2, 3, 4};
        size_t code = turn;
        struct copies c;
        begin(&c, "easy_read", "en");
        for (size_t n = 5; n > 0; n--) {
            size_t at = code % n;
            receipt(&c, &usual[left[at]])->lamport = left[at] + 1;
            left[at] = left[n - 1];
            code /= n;
        }
        struct cp_copy copy = found(&c);
        cr_assert_eq(copy.copied, CP_COPIED_GOT);
        cr_assert(copy.in_form);
        cr_assert_eq(copy.receipt->lamport, 3);
        cr_assert(cp_bytes_eq(copy.sent_on, cp_bytes_str("2031-04-02")), "the first day");
        cr_assert_eq(copy.try_again.len, 0, "it is there: nothing to try again");
        end(&c);
    }
}

Test(handout, another_page_or_person_is_nothing)
{
    struct copies c;
    begin(&c, NULL, NULL);
    receipt(&c, &usual[0])->version[0] ^= 1;
    receipt(&c, &usual[0])->version[CP_ID_LEN - 1] ^= 1;
    cr_assert_eq(found(&c).copied, CP_COPIED_NOT);
    cr_assert_null(found(&c).receipt);
    receipt(&c, &usual[0]);
    cr_assert_eq(found(&c).copied, CP_COPIED_GIVEN);
    cr_assert_eq(cp_model_index(&c.t.m, test_mem()), CP_OK);
    struct cp_copy copy;
    cp_copy_find(&copy, &c.t.m, c.version, c.bill->r.id);
    cr_assert_eq(copy.copied, CP_COPIED_NOT, "Asha's copy is not Bill's");
    cp_model_clear(&c.t.m);
    end(&c);
}

Test(handout, what_could_not_be_given_is_tried_again_on_the_latest_day)
{
    struct copies c;
    begin(&c, NULL, NULL);
    village_text(&c.t, &receipt(&c, &usual[4])->r, CP_M_TRY_AGAIN, "2031-06-02");
    village_text(&c.t, &receipt(&c, &usual[4])->r, CP_M_TRY_AGAIN, "2031-06-01");
    struct cp_copy copy = found(&c);
    cr_assert_eq(copy.copied, CP_COPIED_COULD_NOT);
    cr_assert(cp_bytes_eq(copy.try_again, cp_bytes_str("2031-06-02")));
    end(&c);
}
