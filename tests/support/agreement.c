#include "tests/support/agreement.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "tests/support/heap.h"

static uint16_t code(const char *name, enum cp_record on)
{
    const struct cp_field *f = cp_field_by_name(cp_bytes_str(name), on);
    assert(f != NULL);
    return f->code;
}

static struct cp_fact fact(const char *name, enum cp_record on, const char *lang, const char *value,
                           const char *also)
{
    return (struct cp_fact){.field = code(name, on),
                            .lang = cp_bytes_str(lang),
                            .value = cp_bytes_str(value),
                            .also = cp_bytes_str(also)};
}

static void set_ids(struct test_agreement *t)
{
    memset(t->version.plan, 0x10, CP_ID_LEN);
    memset(t->items[0].id, 0xa1, CP_ID_LEN);
    memset(t->items[1].id, 0xb2, CP_ID_LEN);
    memset(t->parents[0], 0x77, CP_ID_LEN);
    memset(t->seen[0], 0x55, CP_ID_LEN);
    memset(t->must[0].person, 0x21, CP_ID_LEN);
    memset(t->must[1].person, 0x32, CP_ID_LEN);
    memset(t->kept[0].person, 0x43, CP_ID_LEN);
    cp_hex_encode(t->items[0].id, CP_ID_LEN, t->action_hex);
    cp_hex_encode(t->items[1].id, CP_ID_LEN, t->resource_hex);
    cp_hex_encode(t->must[0].person, CP_ID_LEN, t->asha_hex);
    cp_hex_encode(t->must[1].person, CP_ID_LEN, t->bill_hex);
}

static void set_people(struct test_agreement *t)
{
    uint8_t seed[crypto_sign_SEEDBYTES] = {1}, other[64];
    (void)crypto_sign_seed_keypair(t->must[0].key, t->secret, seed);
    seed[0] = 2;
    (void)crypto_sign_seed_keypair(t->must[1].key, other, seed);
    t->must[0].name = cp_bytes_str("Asha");
    t->must[1].name = cp_bytes_str("Bill");
    t->kept[0].name = cp_bytes_str("The caretaker"); /* and no key */
}

static void set_facts(struct test_agreement *t)
{
    const enum cp_record plan = CP_RECORD_PLAN, action = CP_RECORD_ACTION, resource = CP_RECORD_RESOURCE;
    t->plan_facts[0] = fact("title", plan, "", "Better mornings at the library", "");
    t->plan_facts[1] = fact("title", plan, "fr", "De meilleurs matins à la bibliothèque", "");
    t->plan_facts[2] = fact("languages", plan, "", "en", "");
    t->plan_facts[3] = fact("languages", plan, "", "fr", "");
    t->plan_facts[4] = fact("comment_days", plan, "", "14", "");
    t->action_facts[0] = fact("text", action, "", "Open the quiet room at nine", "");
    t->action_facts[1] = fact("text", action, "fr", "Ouvrir la salle calme à neuf heures", "");
    t->action_facts[2] = fact("plain", action, "", "A quiet room.\nFrom nine o'clock.", "");
    t->action_facts[3] = fact("lead", action, "", t->asha_hex, "Asha");
    t->action_facts[4] = fact("helpers", action, "", t->bill_hex, "Bill");
    t->action_facts[5] = fact("start", action, "", "2027-01-11", "");
    t->action_facts[6] = fact("repeats", action, "", "weekly", "");
    t->action_facts[7] = fact("costs", action, "", t->resource_hex, "1250");
    t->action_facts[8] = (struct cp_fact){.field = CP_FIELD_COLUMN,
                                          .column = cp_bytes_str("Success: how we know"),
                                          .value = cp_bytes_str("Ten people come")};
    t->action_facts[9] = (struct cp_fact){
        .field = CP_FIELD_COLUMN, .column = cp_bytes_str("Notes"), .value = cp_bytes_str("")};
    t->resource_facts[0] = fact("text", resource, "", "The small grant", "");
    t->resource_facts[1] = fact("amount", resource, "", "20000", "");
    t->resource_facts[2] = fact("unit", resource, "", "pence", "");
    t->items[0].kind = action;
    t->items[0].facts = t->action_facts;
    t->items[0].facts_count = 10;
    t->items[1].kind = resource;
    t->items[1].facts = t->resource_facts;
    t->items[1].facts_count = 3;
}

static void set_answer(struct test_agreement *t)
{
    struct cp_buf text;
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_version_write(&t->version, &text);
    assert(cp_buf_err(&text) == CP_OK);
    memcpy(t->actions[0].action, t->items[0].id, CP_ID_LEN);
    t->actions[0].will = CP_WILL;
    t->answer = (struct cp_answer){
        .name = cp_bytes_str("Asha"),
        .word = CP_ANSWER_WORRY,
        .why = cp_bytes_str("Nine is early for some of us."),
        .would_agree_if = cp_bytes_str("we look again in March"),
        .actions = t->actions,
        .actions_count = 1,
        .method = cp_bytes_str("own device"),
        .seen_count = 1,
        .meaning = cp_bytes_str("1 en I have read this page, or had it read to me, and this is my answer."),
        .date = cp_bytes_str("2026-12-01"),
        .software = cp_bytes_str("coplan 0.1.0"),
    };
    void *seen = t->seen;
    t->answer.seen = seen;
    cp_version_id(cp_buf_bytes(&text), t->answer.version);
    memcpy(t->answer.plan, t->version.plan, CP_ID_LEN);
    memcpy(t->answer.person, t->must[0].person, CP_ID_LEN);
    memcpy(t->answer.key, t->must[0].key, CP_KEY_LEN);
    cp_buf_clear(&text);
}

void test_agreement_init(struct test_agreement *t)
{
    memset(t, 0, sizeof *t);
    set_ids(t);
    set_people(t);
    set_facts(t);
    void *parents = t->parents;
    t->left_open[0] = cp_bytes_str("nobody checks how it goes");
    t->version.stage = CP_STAGE_AGREEMENT;
    t->version.facts = t->plan_facts;
    t->version.facts_count = 5;
    t->version.items = t->items;
    t->version.items_count = 2;
    t->version.left_open = t->left_open;
    t->version.left_open_count = 1;
    t->version.left_open_why = cp_bytes_str("we find someone at the first meeting");
    t->version.rule = cp_bytes_str("everyone");
    t->version.must_answer = t->must;
    t->version.must_answer_count = 2;
    t->version.kept_informed = t->kept;
    t->version.kept_informed_count = 1;
    t->version.parents = parents;
    t->version.parents_count = 1;
    set_answer(t);
}
