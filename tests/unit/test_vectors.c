/*
 * Golden bytes: the worked examples of docs/protocol.md, computed again. A line `example NAME HEX...` in the page
 * must be what this program computes, and every name computed here must stand in the page.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "proto/member.h"
#include "proto/session.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"

struct key {
    uint8_t pk[CP_KEY_LEN], sk[64];
};

static struct key key_of(uint8_t byte)
{
    struct key k;
    uint8_t seed[32];
    memset(seed, byte, sizeof seed);
    cr_assert_eq(crypto_sign_seed_keypair(k.pk, k.sk, seed), 0);
    return k;
}

static void sign(enum cp_tag tag, struct cp_bytes message, const struct key *k, uint8_t sig[CP_SIG_LEN])
{
    struct cp_buf input;
    cp_buf_init(&input, test_mem(), SIZE_MAX);
    cp_sign_input(tag, message, &input);
    crypto_sign_detached(sig, NULL, input.ptr, input.len, k->sk);
    cp_buf_clear(&input);
}

static char *page; /* docs/protocol.md, read once */

static void read_page(void)
{
    FILE *f = fopen("docs/protocol.md", "rb");
    cr_assert_neq(f, NULL, "run from the top of the project");
    page = calloc(1, 1 << 20);
    cr_assert_gt(fread(page, 1, (1 << 20) - 1, f), 0U);
    (void)fclose(f);
}

/* The page must hold `    example NAME` and then HEX, broken into lines of 96 digits. */
static void expect(const char *name, struct cp_bytes bytes)
{
    struct cp_buf line;
    cp_buf_init(&line, test_mem(), SIZE_MAX);
    cp_buf_put_str(&line, "    example ");
    cp_buf_put_str(&line, name);
    for (size_t i = 0; i < bytes.len; i += 48) {
        cp_buf_put_str(&line, "\n        ");
        cp_buf_put_hex(&line, CP_BYTES(bytes.ptr + i, bytes.len - i < 48 ? bytes.len - i : 48));
    }
    cp_buf_put_str(&line, "\n");
    cp_buf_put_byte(&line, 0);
    cr_expect(strstr(page, (const char *)line.ptr) != NULL, "docs/protocol.md should say:\n%s", (const char *)line.ptr);
    cp_buf_clear(&line);
}

/* An entry around a frame and words; *h carries chain, parents and lamport. Fills id and sig. */
static void entry(const char *name, struct cp_header *h, const uint8_t *in, struct cp_buf *f, struct cp_buf *w,
                  const struct key *by, uint8_t id[CP_ID_LEN])
{
    struct cp_buf header;
    struct cp_header again;
    uint8_t sig[CP_SIG_LEN];
    char label[64];
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    h->frame_len = (uint32_t)f->len;
    h->words_len = (uint32_t)w->len;
    cp_body_hash(cp_buf_bytes(f), cp_buf_bytes(w), h->body_hash);
    cp_header_encode(h, &header);
    cp_entry_id(in, cp_buf_bytes(&header), id);
    sign(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), by, sig);
    struct cp_entry e = {.header = cp_buf_bytes(&header), .frame = cp_buf_bytes(f),
                         .words = w->len == 0 ? CP_BYTES((const uint8_t *)"", 0) : cp_buf_bytes(w),
                         .sig = CP_BYTES(sig, CP_SIG_LEN)};
    cr_expect_eq(cp_entry_check(&e, &again), CP_OK, "%s", name);
    cr_expect(cp_entry_sig_ok(id, sig, by->pk));
    (void)snprintf(label, sizeof label, "%s header", name);
    expect(label, e.header);
    (void)snprintf(label, sizeof label, "%s frame", name);
    expect(label, e.frame);
    if (w->len > 0) {
        (void)snprintf(label, sizeof label, "%s words", name);
        expect(label, e.words);
    }
    (void)snprintf(label, sizeof label, "%s id", name);
    expect(label, CP_BYTES(id, CP_ID_LEN));
    (void)snprintf(label, sizeof label, "%s signature", name);
    expect(label, e.sig);
    cp_buf_clear(&header);
    cp_buf_reset(f);
    cp_buf_reset(w);
}

static void founders_join(struct cp_buf *join, const struct key *phone)
{
    struct key identity = key_of(1), recovery = key_of(2);
    struct cp_join j = {.how = CP_JOIN_NEW, .device_name = cp_bytes_str("tablet"), .name = cp_bytes_str("Asha")};
    struct cp_buf text;
    uint8_t device_sig[CP_SIG_LEN], identity_sig[CP_SIG_LEN];
    memcpy(j.identity_key, identity.pk, CP_KEY_LEN);
    memcpy(j.recovery_key, recovery.pk, CP_KEY_LEN);
    memcpy(j.device_key, phone->pk, CP_KEY_LEN);
    memset(j.curve_key, 4, CP_KEY_LEN);
    memset(j.box_key, 5, CP_KEY_LEN);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, phone, device_sig);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, &identity, identity_sig);
    j.device_sig = device_sig;
    j.identity_sig = identity_sig;
    cp_join_write(&j, join);
    expect("person", CP_BYTES(j.person, CP_ID_LEN));
    expect("join", cp_buf_bytes(join));
    cr_expect(cp_join_ok(&j, cp_zero_id, cp_zero_id, NULL, true));
    cp_buf_clear(&text);
}

/* ---- The story: a founder's plan, an item, somebody who joins, a version and an answer to it ---- */

static struct key device, token_key;
static uint8_t item_words_hash[CP_ID_LEN];
static uint8_t plan[CP_ID_LEN], invite[CP_ID_LEN], salt[CP_SALT_LEN], curve_key[CP_KEY_LEN], token[CP_TOKEN_LEN];
static struct cp_header control, content;
static struct cp_buf frame, words;
static struct cp_draft d;

/* The next entry of the founder's control or content chain, its frame and words as they stand. */
static void next(const char *name, struct cp_header *h, const uint8_t *last, uint8_t id[CP_ID_LEN])
{
    h->seq++;
    h->lamport++;
    h->time_ms++;
    memcpy(h->prev, last, CP_ID_LEN);
    entry(name, h, plan, &frame, &words, &device, id);
}

static void write_draft(void)
{
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cp_draft_clear(&d);
}

static void found(void)
{
    struct cp_buf join;
    device = key_of(3);
    control = (struct cp_header){.rules = 1, .class = CP_CONTROL, .seq = 1, .lamport = 1, .time_ms = 1700000000000};
    memcpy(control.device, device.pk, CP_KEY_LEN);
    memset(control.incarnation, 6, CP_INCARNATION_LEN);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    founders_join(&join, &device);
    cp_first_write(cp_buf_bytes(&join), &frame);
    entry("first", &control, cp_zero_id, &frame, &words, &device, plan);
    cp_buf_clear(&join);

    uint8_t token_seed[32], curve_seed[32];
    memset(token, 8, sizeof token);
    cp_hash2(CP_TAG_TOKEN_SIGN, CP_BYTES(token, sizeof token), CP_BYTES(NULL, 0), token_seed, 32);
    cp_hash2(CP_TAG_TOKEN_CURVE, CP_BYTES(token, sizeof token), CP_BYTES(NULL, 0), curve_seed, 32);
    cr_assert_eq(crypto_sign_seed_keypair(token_key.pk, token_key.sk, token_seed), 0);
    cr_assert_eq(crypto_scalarmult_base(curve_key, curve_seed), 0);
    cp_invite_write(token_key.pk, curve_key, NULL, &frame);
    next("invite", &control, plan, invite);
}

/* Two entries of shared words; gives their ids. */
static void plan_something(uint8_t item[CP_ID_LEN], uint8_t set[CP_ID_LEN])
{
    content = (struct cp_header){.rules = 1, .class = CP_CONTENT, .seq = 1, .lamport = 3, .time_ms = 1700000000002,
                                 .parents_count = 1};
    memcpy(content.device, device.pk, CP_KEY_LEN);
    memset(content.incarnation, 6, CP_INCARNATION_LEN);
    memcpy(content.parents[0], invite, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea on Tuesdays"));
    write_draft();
    cp_words_hash(cp_buf_bytes(&words), item_words_hash);
    entry("item", &content, plan, &frame, &words, &device, item);
    content.parents_count = 0;
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(&d, item);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea on Fridays"));
    cp_draft_link(&d, CP_FIELD_LEAD, cp_draft_name(&d, plan), false); /* any 32 bytes serve */
    write_draft();
    next("set", &content, item, set);
}

/* Bill joins by the token; the founder admits him, makes a new secret and takes the invitation back. */
static void let_in(uint8_t last[CP_ID_LEN])
{
    struct key identity = key_of(0x11), recovery = key_of(0x12), phone = key_of(0x13);
    struct cp_join j = {.how = CP_JOIN_NEW, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Bill")};
    struct cp_buf text, join;
    uint8_t sigs[3][CP_SIG_LEN], secret[CP_KEY_LEN], statement[CP_ID_LEN], admit[CP_ID_LEN], made[CP_ID_LEN];
    memcpy(j.plan, plan, CP_ID_LEN);
    memcpy(j.invite, invite, CP_ID_LEN);
    memcpy(j.identity_key, identity.pk, CP_KEY_LEN);
    memcpy(j.recovery_key, recovery.pk, CP_KEY_LEN);
    memcpy(j.device_key, phone.pk, CP_KEY_LEN);
    memset(j.curve_key, 0x14, CP_KEY_LEN);
    memset(j.box_key, 0x15, CP_KEY_LEN);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_TOKEN, j.text, &token_key, sigs[0]);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, &phone, sigs[1]);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, &identity, sigs[2]);
    j.token_sig = sigs[0];
    j.device_sig = sigs[1];
    j.identity_sig = sigs[2];
    cp_join_write(&j, &join);
    cr_expect(cp_join_ok(&j, plan, invite, token_key.pk, false));
    cp_hash2(CP_TAG_STATEMENT_ID, j.text, CP_BYTES(NULL, 0), statement, CP_ID_LEN);
    expect("join by token", cp_buf_bytes(&join));
    expect("join by token statement id", CP_BYTES(statement, CP_ID_LEN));
    cp_admit_write(invite, cp_buf_bytes(&join), &frame);
    next("admit", &control, invite, admit);
    memset(secret, 0x16, sizeof secret);
    cp_secret_write(secret, &frame);
    next("secret", &control, admit, made);
    cp_uninvite_write(invite, &frame);
    next("uninvite", &control, made, last);
    cp_buf_clear(&text);
    cp_buf_clear(&join);
}

/* The founder takes the words of the item back: its frame and their hash still give the body hash. */
static void take_back(const uint8_t *item, uint8_t last[CP_ID_LEN])
{
    struct key identity = key_of(1), recovery = key_of(2);
    uint8_t ids[1][CP_ID_LEN], sig[CP_SIG_LEN], id[CP_ID_LEN];
    struct cp_statement st = {.kind = CP_STATEMENT_WITHDRAW, .by = CP_BY_IDENTITY};
    struct cp_withdraw w;
    struct cp_buf fields, text;
    memcpy(ids[0], item, CP_ID_LEN);
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, 1, &fields), CP_OK);
    memcpy(st.plan, plan, CP_ID_LEN);
    cp_person_id(identity.pk, recovery.pk, st.person);
    memcpy(st.key, identity.pk, CP_KEY_LEN);
    st.fields = cp_buf_bytes(&fields);
    cp_statement_text(&st, &text);
    sign(CP_TAG_STATEMENT_IDENTITY, cp_buf_bytes(&text), &identity, sig);
    cr_expect_eq(cp_withdraw_read(cp_buf_bytes(&text), sig, &w), CP_OK);
    cr_expect(cp_statement_sig_ok(&w.statement));
    cp_statement_id(cp_buf_bytes(&text), id);
    expect("withdraw statement", cp_buf_bytes(&text));
    expect("withdraw statement id", CP_BYTES(id, CP_ID_LEN));
    expect("withdrawn words hash", CP_BYTES(item_words_hash, CP_ID_LEN));
    cp_statement_frame_write(CP_KIND_WITHDRAW, (const uint8_t(*)[CP_ID_LEN])ids, 1, cp_buf_bytes(&text), sig, &frame);
    uint8_t before[CP_ID_LEN];
    memcpy(before, last, CP_ID_LEN);
    next("withdraw", &control, before, last);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
}

/* One statement by `by`, its text and the frame that carries it. */
static void said(const char *name, struct cp_statement *st, const struct key *by, struct cp_buf *fields, uint64_t kind,
                 const uint8_t (*refs)[CP_ID_LEN], size_t refs_count)
{
    struct cp_buf text, carried;
    struct key identity = key_of(1), recovery = key_of(2);
    uint8_t sig[CP_SIG_LEN];
    char label[64];
    cr_assert_eq(cp_buf_err(fields), CP_OK);
    cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&carried, test_mem(), CP_ENTRY_MAX);
    cp_person_id(identity.pk, recovery.pk, st->person);
    memcpy(st->key, by->pk, CP_KEY_LEN);
    st->fields = cp_buf_bytes(fields);
    cp_statement_text(st, &text);
    sign(cp_statement_tag(st->by), cp_buf_bytes(&text), by, sig);
    if (kind == CP_KIND_REVOKE)
        cr_assert_eq(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &carried), CP_OK);
    else if (kind == CP_KIND_KEY)
        cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &carried), CP_OK);
    else
        cp_statement_frame_write(kind, refs, refs_count, cp_buf_bytes(&text), sig, &carried);
    (void)snprintf(label, sizeof label, "%s statement", name);
    expect(label, cp_buf_bytes(&text));
    (void)snprintf(label, sizeof label, "%s frame", name);
    expect(label, cp_buf_bytes(&carried));
    cp_buf_clear(&text);
    cp_buf_clear(&carried);
    cp_buf_clear(fields);
}

/* LEAVE, REVOKE, KEY and FOLLOW, and the first frame of a continuation: ids and keys that they name are one repeated byte. */
static void statements(void)
{
    struct key identity = key_of(1), recovery = key_of(2);
    uint8_t ids[4][CP_ID_LEN], plans[1][CP_ID_LEN], cut_incarnation[CP_INCARNATION_LEN];
    const uint8_t(*list)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])ids;
    struct cp_buf fields, cut;
    for (size_t i = 0; i < 4; i++)
        memset(ids[i], (int)(0x21 + i), CP_ID_LEN);
    memcpy(plans[0], plan, CP_ID_LEN);
    memset(cut_incarnation, 6, sizeof cut_incarnation);
    const struct cp_cut_tip tip = {cut_incarnation, CP_CONTENT, 2, ids[1]};
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&cut, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_cut_write(&tip, 1, &cut), CP_OK);

    struct cp_statement st = {.kind = CP_STATEMENT_LEAVE, .by = CP_BY_IDENTITY};
    memcpy(st.plan, plan, CP_ID_LEN);
    cr_assert_eq(cp_leave_fields(list, 1, &fields), CP_OK);
    said("leave", &st, &identity, &fields, CP_KIND_LEAVE, list, 1);

    st = (struct cp_statement){.kind = CP_STATEMENT_REVOKE, .by = CP_BY_IDENTITY};
    memcpy(st.plan, plan, CP_ID_LEN);
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_revoke_fields(ids[2], list, 1, cp_buf_bytes(&cut), &fields), CP_OK);
    said("revoke", &st, &identity, &fields, CP_KIND_REVOKE, NULL, 0);

    st = (struct cp_statement){.kind = CP_STATEMENT_KEY, .by = CP_BY_RECOVERY};
    memcpy(st.plan, plan, CP_ID_LEN);
    const struct cp_device_cut lost = {ids[3], cp_buf_bytes(&cut)};
    const struct cp_key_lists lists = {.stay = list + 2, .stay_count = 1, .cuts = &lost, .cuts_count = 1,
                                       .stand = list, .stand_count = 1};
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_key_fields(ids[1], &lists, &fields), CP_OK);
    said("key", &st, &recovery, &fields, CP_KIND_KEY, NULL, 0);

    st = (struct cp_statement){.kind = CP_STATEMENT_FOLLOW, .by = CP_BY_IDENTITY};
    memcpy(st.plan, ids[0], CP_ID_LEN);
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_follow_fields(plan, &fields);
    said("follow", &st, &identity, &fields, CP_KIND_FOLLOW, list, 1);

    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_continue_write((const uint8_t(*)[CP_ID_LEN])plans, 1, list, 2, list + 2, 2, &fields), CP_OK);
    expect("continuation frame", cp_buf_bytes(&fields));
    cp_buf_clear(&fields);
    cp_buf_clear(&cut);
}

/* What a secret and the keys of machines come to, and what an invitation says outside the plan. */
static void derive(const uint8_t *control_tip, const uint8_t *content_tip)
{
    uint8_t secret[CP_KEY_LEN], seed[32], out[CP_KEY_LEN], curve[CP_KEY_LEN];
    struct cp_tip tip[2] = {{.seq = control.seq}, {.seq = content.seq}};
    struct cp_buf text;
    memset(secret, 0x16, sizeof secret);
    memset(curve, 4, sizeof curve);
    cp_hash2(CP_TAG_DOOR_CURVE, CP_BYTES(secret, sizeof secret), CP_BYTES(NULL, 0), seed, sizeof seed);
    cr_assert_eq(crypto_scalarmult_base(out, seed), 0);
    expect("door key", CP_BYTES(out, CP_KEY_LEN));
    struct cp_invitation inv = {.has_server = true, .address = "192.0.2.7:4711"};
    memcpy(inv.plan, plan, CP_ID_LEN);
    memcpy(inv.invite, invite, CP_ID_LEN);
    memcpy(inv.token, token, sizeof token);
    memcpy(inv.server_key, curve, CP_KEY_LEN);
    memcpy(inv.door_key, out, CP_KEY_LEN);
    cp_buf_init(&text, test_mem(), 2048);
    cr_assert_eq(cp_invitation_write(&inv, &text), CP_OK);
    expect("invitation text", cp_buf_bytes(&text));
    cp_buf_clear(&text);
    cp_hash2(CP_TAG_DOOR_PROOF_KEY, CP_BYTES(secret, sizeof secret), CP_BYTES(NULL, 0), out, CP_KEY_LEN);
    expect("door proof key", CP_BYTES(out, CP_KEY_LEN));
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(plan, CP_ID_LEN), CP_BYTES(curve, CP_KEY_LEN), out, 8);
    expect("plan tag", CP_BYTES(out, 8));
    for (int class = 0; class < 2; class++) {
        cp_chain_tag(plan, device.pk, control.incarnation, (enum cp_class)class, tip[class].chain_tag);
        memcpy(tip[class].id, class == 0 ? control_tip : content_tip, CP_ID_LEN);
        expect(class == 0 ? "control chain tag" : "content chain tag", CP_BYTES(tip[class].chain_tag, 8));
        cp_tips_digest(plan, curve, &tip[class], 1, out);
        expect(class == 0 ? "control tips digest" : "content tips digest", CP_BYTES(out, 16));
    }
}

/* The version and the answer are those of tests/vectors; the version's text stands in one PART. */
static void agree(const uint8_t *before, uint8_t last[CP_ID_LEN])
{
    static struct test_agreement t;
    struct cp_buf text, input;
    uint8_t part[CP_ID_LEN], version[CP_ID_LEN], sig[CP_SIG_LEN];
    test_agreement_init(&t);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_buf_init(&input, test_mem(), CP_VERSION_TEXT_MAX);
    cp_draft_init(&d, test_mem(), CP_KIND_PART, 0, NULL);
    cp_draft_value(&d, cp_bytes_str("coplan version 1, for agreement\n"), false); /* a piece serves */
    write_draft();
    next("part", &content, before, part);
    cp_draft_init(&d, test_mem(), CP_KIND_VERSION, CP_STAGE_AGREEMENT, NULL);
    (void)cp_draft_name(&d, t.answer.version);
    (void)cp_draft_name(&d, part);
    write_draft();
    next("version", &content, part, version);
    cp_answer_write(&t.answer, &text);
    cp_sshsig_input(cp_buf_bytes(&text), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, t.secret);
    cr_expect(cp_sshsig_ok(cp_buf_bytes(&text), t.answer.key, sig));
    cp_draft_init(&d, test_mem(), CP_KIND_ANSWER, 0, t.answer.version);
    cp_draft_value(&d, cp_buf_bytes(&text), true);
    cp_draft_value(&d, CP_BYTES(sig, sizeof sig), false);
    write_draft();
    next("answer", &content, version, last);
    cp_buf_clear(&text);
    cp_buf_clear(&input);
}

Test(vectors, the_worked_examples_are_what_the_code_computes)
{
    uint8_t control_tip[CP_ID_LEN], item[CP_ID_LEN], set[CP_ID_LEN], content_tip[CP_ID_LEN];
    read_page();
    memset(salt, 7, sizeof salt);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    found();
    plan_something(item, set);
    let_in(control_tip);
    agree(set, content_tip);
    derive(control_tip, content_tip);
    take_back(item, control_tip);
    statements();
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    free(page);
}
