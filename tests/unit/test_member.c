/* Joining, invitations, control frames, and who stands. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/replica.h"

enum { ENTRIES_MAX = 16 };
struct someone {
    uint8_t key[3][CP_KEY_LEN]; /* device, identity, recovery */
    uint8_t secret[3][64];
};
struct log {
    struct cp_control_entry entries[ENTRIES_MAX];
    struct cp_buf frames[ENTRIES_MAX];
    size_t count;
    uint8_t plan[CP_ID_LEN];
};

static void someone_make(struct someone *p, unsigned n)
{
    for (unsigned i = 0; i < 3; i++) {
        uint8_t seed[32] = {(uint8_t)n, (uint8_t)(i + 1)};
        (void)crypto_sign_seed_keypair(p->key[i], p->secret[i], seed);
    }
}

static void sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *secret, uint8_t *sig)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cp_sign_input(tag, text, &b);
    (void)crypto_sign_detached(sig, NULL, b.ptr, b.len, secret);
    cp_buf_clear(&b);
}

/* A join array; token_secret NULL: a founder's. */
static void make_join_how(struct cp_buf *out, const struct someone *p, enum cp_join_how how, const uint8_t *device,
                          const uint8_t *device_secret, const uint8_t *plan, const uint8_t *invite,
                          const uint8_t *token_secret)
{
    uint8_t sigs[3][CP_SIG_LEN];
    struct cp_buf text;
    struct cp_join j = {.how = how, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Asha")};
    memcpy(j.plan, plan, CP_ID_LEN);
    memcpy(j.invite, invite, CP_ID_LEN);
    memcpy(j.device_key, device, CP_KEY_LEN);
    memcpy(j.identity_key, p->key[1], CP_KEY_LEN);
    memcpy(j.recovery_key, p->key[2], CP_KEY_LEN);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, &replica_mem, CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, device_secret, sigs[0]);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, p->secret[1], sigs[1]);
    j.device_sig = sigs[0];
    j.identity_sig = sigs[1];
    if (token_secret != NULL) {
        sign(CP_TAG_STATEMENT_TOKEN, j.text, token_secret, sigs[2]);
        j.token_sig = sigs[2];
    }
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

static void make_join(struct cp_buf *out, const struct someone *p, const uint8_t *plan, const uint8_t *invite,
                      const uint8_t *token_secret)
{
    make_join_how(out, p, CP_JOIN_NEW, p->key[0], p->secret[0], plan, invite, token_secret);
}

static size_t add(struct log *l, const uint8_t *author, struct cp_buf frame)
{
    size_t at = l->count++;
    l->frames[at] = frame;
    l->entries[at] = (struct cp_control_entry){.lamport = at + 1, .frame = cp_buf_bytes(&l->frames[at])};
    memcpy(l->entries[at].device, author, CP_KEY_LEN);
    memset(l->entries[at].id, (int)(at + 1), CP_ID_LEN);
    return at;
}

static void found(struct log *l, const struct someone *p)
{
    struct cp_buf join, frame;
    memset(l, 0, sizeof *l);
    memset(l->plan, 1, CP_ID_LEN); /* the id that add() gives the first */
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    make_join(&join, p, cp_zero_id, cp_zero_id, NULL);
    cp_first_write(cp_buf_bytes(&join), &frame);
    (void)add(l, p->key[0], frame);
    cp_buf_clear(&join);
}

static size_t invite(struct log *l, const struct someone *by, const struct someone *token)
{
    struct cp_buf frame;
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_invite_write(token->key[0], token->key[1], NULL, &frame);
    return add(l, by->key[0], frame);
}

static size_t admit(struct log *l, const struct someone *by, size_t invitation, const struct someone *who,
                    const struct someone *token)
{
    struct cp_buf join, frame;
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    make_join(&join, who, l->plan, l->entries[invitation].id, token->secret[0]);
    cp_admit_write(l->entries[invitation].id, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return add(l, by->key[0], frame);
}

static void log_clear(struct log *l)
{
    for (size_t i = 0; i < l->count; i++)
        cp_buf_clear(&l->frames[i]);
}

/* Founder 0 invites 1, 1 invites 2 and 3 by one token; 9 was never let in and invites 4. */
static void build(struct log *l, struct someone *p)
{
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    found(l, &p[0]);
    size_t one = invite(l, &p[0], &p[10]);
    (void)admit(l, &p[0], one, &p[1], &p[10]);
    size_t two = invite(l, &p[1], &p[11]);
    (void)admit(l, &p[0], two, &p[2], &p[11]);
    (void)admit(l, &p[1], two, &p[3], &p[11]);
    size_t stranger = invite(l, &p[9], &p[12]);
    (void)admit(l, &p[9], stranger, &p[4], &p[12]);
    (void)admit(l, &p[4], one, &p[5], &p[11]); /* signed by another token: no admission */
    (void)admit(l, &p[0], two, &p[2], &p[11]); /* again: the lower one stays */
}

Test(member, standing_spreads_from_the_first_entry_in_any_order)
{
    struct log l;
    struct someone p[16];
    build(&l, p);
    uint32_t seed = 7;
    for (int round = 0; round < 12; round++) {
        struct cp_members m;
        cp_members_init(&m, &replica_mem);
        for (size_t i = l.count; i > 1; i--) {
            seed = (seed % 65521U) * 75U + 74U;
            size_t k = seed % i;
            struct cp_control_entry swap = l.entries[k];
            l.entries[k] = l.entries[i - 1];
            l.entries[i - 1] = swap;
        }
        cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
        cr_assert_eq(m.count, 5);
        for (unsigned i = 0; i < 4; i++) {
            const struct cp_member_device *d = cp_members_find(&m, p[i].key[0]);
            cr_assert_not_null(d);
            cr_assert(d->stands);
            cr_assert_eq(d->token_shared, i >= 2);
        }
        cr_assert_eq(cp_members_find(&m, p[2].key[0])->lamport, 5, "the lower of two admissions");
        cr_assert(!cp_members_find(&m, p[4].key[0])->stands, "let in by nobody who stands");
        cr_assert_null(cp_members_find(&m, p[5].key[0]), "another token");
        cr_assert_null(cp_members_find(&m, p[9].key[0]));
        cp_members_clear(&m);
    }
    log_clear(&l);
}

Test(member, a_first_entry_is_good_only_for_its_author)
{
    struct log l;
    struct someone p[2];
    struct cp_members m;
    cp_members_init(&m, &replica_mem);
    someone_make(&p[0], 0);
    someone_make(&p[1], 1);
    found(&l, &p[0]);
    memcpy(l.entries[0].device, p[1].key[0], CP_KEY_LEN);
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 0);
    memcpy(l.entries[0].device, p[0].key[0], CP_KEY_LEN);
    l.entries[0].id[0] ^= 1; /* not this plan's first */
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 0);
    cp_members_clear(&m);
    log_clear(&l);
}

Test(member, a_join_verifies_whole_or_not_at_all)
{
    struct someone who, token;
    struct cp_buf b;
    struct cp_join j;
    const uint8_t plan[CP_ID_LEN] = {1}, inv[CP_ID_LEN] = {2};
    someone_make(&who, 1);
    someone_make(&token, 2);
    cp_buf_init(&b, &replica_mem, CP_JOIN_MAX);
    make_join(&b, &who, plan, inv, token.secret[0]);
    cr_assert_eq(cp_join_read(cp_buf_bytes(&b), &j), CP_OK);
    cr_assert(cp_join_ok(&j, plan, inv, token.key[0], false));
    cr_assert(!cp_join_ok(&j, inv, inv, token.key[0], false));
    cr_assert(!cp_join_ok(&j, plan, plan, token.key[0], false));
    cr_assert(!cp_join_ok(&j, plan, inv, who.key[0], false));
    cr_assert(!cp_join_ok(&j, plan, inv, NULL, true));
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_neq(cp_join_read(CP_BYTES(b.ptr, cut), &j), CP_OK);
    for (size_t bit = 0; bit < b.len * 8; bit += 5) {
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_assert(cp_join_read(cp_buf_bytes(&b), &j) != CP_OK || !cp_join_ok(&j, plan, inv, token.key[0], false));
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_clear(&b);
}

Test(member, invitations_survive_people_and_nothing_else)
{
    struct cp_invitation in = {.has_server = true, .address = "192.0.2.7:4711"}, out;
    struct cp_buf b, typed;
    cp_buf_init(&b, &replica_mem, 4096);
    cp_buf_init(&typed, &replica_mem, 8192);
    memset(in.token, 7, sizeof in.token);
    memset(in.door_key, 9, sizeof in.door_key);
    cr_assert_eq(cp_invitation_write(&in, &b), CP_OK);
    cp_buf_put_str(&typed, " \r\n");
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.ptr[i];
        cp_buf_put_byte(&typed, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
        if (i % 20 == 19)
            cp_buf_put_str(&typed, "\n ");
    }
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&typed), &out), CP_OK);
    cr_assert_eq(memcmp(&in, &out, sizeof in), 0);
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_eq(cp_invitation_read(CP_BYTES(b.ptr, cut), &out), CP_ERR_BAD_INVITATION);
    cp_buf_put_str(&b, "a");
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&b), &out), CP_ERR_BAD_INVITATION);
    cp_buf_clear(&b);
    cp_buf_clear(&typed);
}

Test(member, unknown_control_has_no_effect)
{
    static const uint8_t later[] = {0x93, 5, 0x90, 1}, longer[] = {0x94, 11, 0x90, 1, 2}, content[] = {0x92, 64, 0x90};
    struct cp_control c;
    cp_control_read(CP_BYTES(later, sizeof later), &c);
    cr_assert(!c.known);
    cp_control_read(CP_BYTES(longer, sizeof longer), &c);
    cr_assert(!c.known);
    cp_control_read(CP_BYTES(content, sizeof content), &c);
    cr_assert(!c.known);
}

/* Signed as it should be, and yet not what a JOIN may be. */
Test(member, a_well_signed_join_may_still_be_none)
{
    struct someone who, token;
    struct cp_buf text, b;
    uint8_t sigs[4][CP_SIG_LEN];
    const uint8_t plan[CP_ID_LEN] = {1}, inv[CP_ID_LEN] = {2};
    someone_make(&who, 1);
    someone_make(&token, 2);
    cp_buf_init(&text, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&b, &replica_mem, CP_JOIN_MAX);
    for (int wrong = 0; wrong < 6; wrong++) {
        struct cp_join j = {.how = CP_JOIN_NEW, .name = cp_bytes_str("Asha")};
        memcpy(j.plan, plan, CP_ID_LEN);
        memcpy(j.invite, inv, CP_ID_LEN);
        memcpy(j.device_key, who.key[0], CP_KEY_LEN);
        memcpy(j.identity_key, who.key[1], CP_KEY_LEN);
        memcpy(j.recovery_key, who.key[2], CP_KEY_LEN);
        cp_person_id(j.identity_key, j.recovery_key, j.person);
        if (wrong == 1)
            j.person[0] ^= 1; /* somebody else's id */
        if (wrong == 2)
            cp_person_id(j.recovery_key, j.identity_key, j.person);
        if (wrong == 3)
            j.how = CP_JOIN_RECOVERY; /* waits for KEY */
        cp_buf_reset(&text);
        cp_join_text(&j, &text);
        j.text = cp_buf_bytes(&text);
        sign(CP_TAG_STATEMENT_DEVICE, j.text, who.secret[0], sigs[0]);
        sign(CP_TAG_STATEMENT_IDENTITY, j.text, who.secret[1], sigs[1]);
        sign(CP_TAG_STATEMENT_TOKEN, j.text, token.secret[0], sigs[2]);
        sign(CP_TAG_STATEMENT_RECOVERY, j.text, who.secret[2], sigs[3]);
        j.device_sig = sigs[0];
        j.identity_sig = wrong == 5 ? NULL : sigs[1];
        j.token_sig = sigs[2];
        j.recovery_sig = wrong == 4 ? sigs[3] : NULL; /* one signature too many, a good one */
        cp_buf_reset(&b);
        cp_join_write(&j, &b);
        cr_assert_eq(cp_join_read(cp_buf_bytes(&b), &j), CP_OK);
        cr_expect_eq(cp_join_ok(&j, plan, inv, token.key[0], false), wrong == 0, "case %d", wrong);
    }
    cp_buf_clear(&text);
    cp_buf_clear(&b);
}

/* 1 stands. 9 was never let in: what it admits under 1's invitation, and what 1 admits under its, stands not. */
Test(member, both_the_admit_and_its_invite_must_be_by_one_who_stands)
{
    struct log l;
    struct someone p[16];
    struct cp_members m;
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    found(&l, &p[0]);
    size_t good = invite(&l, &p[0], &p[10]), bad = invite(&l, &p[9], &p[11]);
    (void)admit(&l, &p[9], good, &p[1], &p[10]);
    (void)admit(&l, &p[0], bad, &p[2], &p[11]);
    cp_members_init(&m, &replica_mem);
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 3);
    cr_expect(cp_members_find(&m, p[0].key[0])->stands);
    cr_expect(!cp_members_find(&m, p[1].key[0])->stands, "admitted by a stranger");
    cr_expect(!cp_members_find(&m, p[2].key[0])->stands, "invited by a stranger");
    size_t again = invite(&l, &p[0], &p[12]);
    (void)admit(&l, &p[0], again, &p[9], &p[12]); /* the stranger comes in, and with it what it did */
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 4);
    for (size_t i = 0; i < m.count; i++)
        cr_expect(m.devices[i].stands);
    cp_members_clear(&m);
    log_clear(&l);
}

Test(member, a_token_used_by_two_marks_both)
{
    struct log l;
    struct someone p[16];
    struct cp_members m;
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    found(&l, &p[0]);
    size_t shared = invite(&l, &p[0], &p[10]), once = invite(&l, &p[0], &p[11]);
    for (unsigned i = 1; i <= 3; i++)
        (void)admit(&l, &p[0], i == 3 ? once : shared, &p[i], &p[i == 3 ? 11 : 10]);
    (void)admit(&l, &p[0], once, &p[3], &p[11]); /* the same person twice is one */
    cp_members_init(&m, &replica_mem);
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    for (unsigned i = 0; i <= 3; i++)
        cr_expect_eq(cp_members_find(&m, p[i].key[0])->token_shared, i == 1 || i == 2, "%u", i);
    cp_members_clear(&m);
    log_clear(&l);
}

/* `with`'s device as a further one of `who`, under an INVITE for `person` (NULL: for anybody). */
static const struct cp_member_device *link(struct log *l, struct cp_members *m, const struct someone *who,
                                           const struct someone *with, const uint8_t *person, enum cp_join_how how)
{
    struct someone token;
    struct cp_buf frame, join;
    someone_make(&token, 40);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_invite_write(token.key[0], token.key[1], person, &frame);
    size_t at = add(l, l->entries[0].device, frame);
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    make_join_how(&join, who, how, with->key[0], with->secret[0], l->plan, l->entries[at].id, token.secret[0]);
    cp_admit_write(l->entries[at].id, cp_buf_bytes(&join), &frame);
    (void)add(l, l->entries[0].device, frame);
    cp_buf_clear(&join);
    cr_assert_eq(cp_members_fold(m, l->entries, l->count, l->plan, NULL), CP_OK);
    return cp_members_find(m, with->key[0]);
}

Test(member, a_further_device_comes_under_an_invite_for_its_person_and_no_other)
{
    struct log l;
    struct someone p[4];
    struct cp_members m;
    uint8_t asha[CP_ID_LEN], bill[CP_ID_LEN];
    for (unsigned i = 0; i < 4; i++)
        someone_make(&p[i], i);
    cp_person_id(p[0].key[1], p[0].key[2], asha);
    cp_person_id(p[1].key[1], p[1].key[2], bill);
    cp_members_init(&m, &replica_mem);
    found(&l, &p[0]);
    cr_assert_null(link(&l, &m, &p[0], &p[2], NULL, CP_JOIN_DEVICE), "an invitation for anybody");
    cr_assert_null(link(&l, &m, &p[0], &p[2], bill, CP_JOIN_DEVICE), "an invitation for another person");
    cr_assert_null(link(&l, &m, &p[0], &p[2], asha, CP_JOIN_NEW), "a new person by an invitation for a device");
    cr_assert_null(link(&l, &m, &p[0], &p[2], asha, CP_JOIN_RECOVERY), "recovery waits for KEY");
    cr_assert_null(link(&l, &m, &p[1], &p[2], bill, CP_JOIN_DEVICE), "of somebody whom nobody let in");
    const struct cp_member_device *d = link(&l, &m, &p[0], &p[2], asha, CP_JOIN_DEVICE);
    cr_assert_not_null(d);
    cr_assert(d->stands);
    cr_assert_arr_eq(d->person, asha, CP_ID_LEN);
    cr_assert_eq(m.count, 2);
    cp_members_clear(&m);
    log_clear(&l);
}
