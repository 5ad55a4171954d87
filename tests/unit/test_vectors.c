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
static void entry(const char *name, struct cp_header *h, const uint8_t *plan, struct cp_buf *frame, struct cp_buf *words,
                  const struct key *device, uint8_t id[CP_ID_LEN])
{
    struct cp_buf header;
    struct cp_header again;
    uint8_t sig[CP_SIG_LEN];
    char label[64];
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    h->frame_len = (uint32_t)frame->len;
    h->words_len = (uint32_t)words->len;
    cp_body_hash(cp_buf_bytes(frame), cp_buf_bytes(words), h->body_hash);
    cp_header_encode(h, &header);
    cp_entry_id(plan, cp_buf_bytes(&header), id);
    sign(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), device, sig);
    struct cp_entry e = {.header = cp_buf_bytes(&header), .frame = cp_buf_bytes(frame),
                         .words = words->len == 0 ? CP_BYTES((const uint8_t *)"", 0) : cp_buf_bytes(words),
                         .sig = CP_BYTES(sig, CP_SIG_LEN)};
    cr_expect_eq(cp_entry_check(&e, &again), CP_OK, "%s", name);
    cr_expect(cp_entry_sig_ok(id, sig, device->pk));
    (void)snprintf(label, sizeof label, "%s header", name);
    expect(label, e.header);
    (void)snprintf(label, sizeof label, "%s frame", name);
    expect(label, e.frame);
    if (words->len > 0) {
        (void)snprintf(label, sizeof label, "%s words", name);
        expect(label, e.words);
    }
    (void)snprintf(label, sizeof label, "%s id", name);
    expect(label, CP_BYTES(id, CP_ID_LEN));
    (void)snprintf(label, sizeof label, "%s signature", name);
    expect(label, e.sig);
    cp_buf_clear(&header);
    cp_buf_reset(frame);
    cp_buf_reset(words);
}

static void founders_join(struct cp_buf *join, const struct key *device)
{
    struct key identity = key_of(1), recovery = key_of(2);
    struct cp_join j = {.how = CP_JOIN_NEW, .device_name = cp_bytes_str("tablet"), .name = cp_bytes_str("Asha")};
    struct cp_buf text;
    uint8_t device_sig[CP_SIG_LEN], identity_sig[CP_SIG_LEN];
    memcpy(j.identity_key, identity.pk, CP_KEY_LEN);
    memcpy(j.recovery_key, recovery.pk, CP_KEY_LEN);
    memcpy(j.device_key, device->pk, CP_KEY_LEN);
    memset(j.curve_key, 4, CP_KEY_LEN);
    memset(j.box_key, 5, CP_KEY_LEN);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, device, device_sig);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, &identity, identity_sig);
    j.device_sig = device_sig;
    j.identity_sig = identity_sig;
    cp_join_write(&j, join);
    expect("person", CP_BYTES(j.person, CP_ID_LEN));
    expect("join", cp_buf_bytes(join));
    cr_expect(cp_join_ok(&j, cp_zero_id, cp_zero_id, NULL, true));
    cp_buf_clear(&text);
}

Test(vectors, the_worked_examples_are_what_the_code_computes)
{
    struct key device = key_of(3);
    struct cp_buf join, frame, words;
    struct cp_draft d;
    uint8_t plan[CP_ID_LEN], invite[CP_ID_LEN], item[CP_ID_LEN], set[CP_ID_LEN], salt[CP_SALT_LEN];
    struct cp_header control = {.rules = 1, .class = CP_CONTROL, .seq = 1, .lamport = 1, .time_ms = 1700000000000};
    struct cp_header content = {.rules = 1, .class = CP_CONTENT, .seq = 1, .lamport = 3, .time_ms = 1700000000002};
    read_page();
    memset(salt, 7, sizeof salt);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    memcpy(control.device, device.pk, CP_KEY_LEN);
    memset(control.incarnation, 6, CP_INCARNATION_LEN);
    founders_join(&join, &device);
    cp_first_write(cp_buf_bytes(&join), &frame);
    entry("first", &control, cp_zero_id, &frame, &words, &device, plan);

    uint8_t token[CP_TOKEN_LEN], token_seed[32], curve_seed[32], curve_key[CP_KEY_LEN];
    struct key token_key;
    memset(token, 8, sizeof token);
    cp_hash2(CP_TAG_TOKEN_SIGN, CP_BYTES(token, sizeof token), CP_BYTES(NULL, 0), token_seed, 32);
    cp_hash2(CP_TAG_TOKEN_CURVE, CP_BYTES(token, sizeof token), CP_BYTES(NULL, 0), curve_seed, 32);
    cr_assert_eq(crypto_sign_seed_keypair(token_key.pk, token_key.sk, token_seed), 0);
    cr_assert_eq(crypto_scalarmult_base(curve_key, curve_seed), 0);
    cp_invite_write(token_key.pk, curve_key, NULL, &frame);
    control.seq = 2;
    control.lamport = 2;
    control.time_ms++;
    memcpy(control.prev, plan, CP_ID_LEN);
    entry("invite", &control, plan, &frame, &words, &device, invite);

    memcpy(content.device, device.pk, CP_KEY_LEN);
    memset(content.incarnation, 6, CP_INCARNATION_LEN);
    content.parents_count = 1;
    memcpy(content.parents[0], invite, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea on Tuesdays"));
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cp_draft_clear(&d);
    entry("item", &content, plan, &frame, &words, &device, item);

    content.seq = 2;
    content.lamport = 4;
    content.time_ms++;
    content.parents_count = 0;
    memcpy(content.prev, item, CP_ID_LEN);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(&d, item);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea on Fridays"));
    cp_draft_link(&d, CP_FIELD_LEAD, cp_draft_name(&d, plan), false); /* any 32 bytes serve */
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cp_draft_clear(&d);
    entry("set", &content, plan, &frame, &words, &device, set);
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    free(page);
}
