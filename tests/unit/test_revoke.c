/* REVOKE and KEY: which count, what they cut, and who stands after them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/heap.h"

enum {
    ENTRIES = 64
};

struct someone {
    uint8_t device[CP_KEY_LEN], identity[CP_KEY_LEN], recovery[CP_KEY_LEN], person[CP_ID_LEN];
    uint8_t device_secret[64], identity_secret[64], recovery_secret[64];
};
/* A log with real chains: each entry cites all that its author's machine holds, or only what `sees` says. */
struct log {
    struct cp_control_entry entries[ENTRIES];
    uint64_t past[ENTRIES]; /* bit i: entry i lies in the past */
    struct cp_buf frames[ENTRIES];
    size_t count;
    uint8_t plan[CP_ID_LEN];
};
static struct log l;
static struct someone p[8];
static struct cp_members m;

static void make(struct someone *s, unsigned n)
{
    uint8_t seed[32] = {(uint8_t)n};
    (void)crypto_sign_seed_keypair(s->device, s->device_secret, seed);
    seed[1] = 1;
    (void)crypto_sign_seed_keypair(s->identity, s->identity_secret, seed);
    seed[1] = 2;
    (void)crypto_sign_seed_keypair(s->recovery, s->recovery_secret, seed);
    cp_person_id(s->identity, s->recovery, s->person);
}

static void sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *secret, uint8_t *sig)
{
    struct cp_buf b;
    cp_buf_init(&b, test_mem(), CP_MESSAGE_MAX);
    cp_sign_input(tag, text, &b);
    (void)crypto_sign_detached(sig, NULL, b.ptr, b.len, secret);
    cp_buf_clear(&b);
}

/* past: what the author saw (bits); its own chain is always seen. */
static size_t add_seeing(const struct someone *by, struct cp_buf frame, uint64_t past)
{
    size_t at = l.count++;
    struct cp_control_entry *e = &l.entries[at];
    cr_assert_lt(at, ENTRIES);
    l.frames[at] = frame;
    *e = (struct cp_control_entry){.lamport = 1, .seq = 1, .frame = cp_buf_bytes(&l.frames[at])};
    memcpy(e->device, by->device, CP_KEY_LEN);
    memset(e->id, (int)(at + 1), CP_ID_LEN);
    for (size_t i = 0; i < at; i++)
        if (memcmp(l.entries[i].device, by->device, CP_KEY_LEN) == 0) {
            past |= 1ULL << i;
            e->seq = l.entries[i].seq + 1;
            memcpy(e->prev, l.entries[i].id, CP_ID_LEN);
        }
    for (size_t i = 0; i < at; i++)
        if ((past >> i & 1) != 0) {
            l.past[at] |= l.past[i] | 1ULL << i;
            e->lamport = l.entries[i].lamport >= e->lamport ? l.entries[i].lamport + 1 : e->lamport;
        }
    return at;
}

static size_t add(const struct someone *by, struct cp_buf frame)
{
    return add_seeing(by, frame, (1ULL << l.count) - 1);
}

static enum cp_err lies(void *ctx, const struct cp_control_entry *older, const struct cp_control_entry *newer,
                        bool *yes)
{
    size_t a = older->id[0] - 1U, b = newer->id[0] - 1U;
    (void)ctx;
    *yes = (l.past[b] >> a & 1) != 0;
    return CP_OK;
}
static const struct cp_control_past past = {.lies = lies};

static struct cp_buf frame_new(void)
{
    struct cp_buf b;
    cp_buf_init(&b, test_mem(), CP_ENTRY_MAX);
    return b;
}

/* A JOIN of `who` with the device of `device`, by identity (or, recovering, by the sheet). */
static void put_join(struct cp_buf *out, const struct someone *who, const struct someone *device,
                     enum cp_join_how how, const uint8_t *identity, const uint8_t *identity_secret,
                     const uint8_t *invite, const uint8_t *token_secret)
{
    uint8_t sigs[4][CP_SIG_LEN];
    struct cp_buf text;
    struct cp_join j = {.how = how, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Asha")};
    memcpy(j.plan, invite == NULL ? cp_zero_id : l.plan, CP_ID_LEN);
    memcpy(j.invite, invite == NULL ? cp_zero_id : invite, CP_ID_LEN);
    memcpy(j.device_key, device->device, CP_KEY_LEN);
    memcpy(j.identity_key, identity, CP_KEY_LEN);
    memcpy(j.recovery_key, who->recovery, CP_KEY_LEN);
    memcpy(j.person, who->person, CP_ID_LEN);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, device->device_secret, sigs[0]);
    j.device_sig = sigs[0];
    if (how == CP_JOIN_RECOVERY) {
        sign(CP_TAG_STATEMENT_RECOVERY, j.text, who->recovery_secret, sigs[1]);
        j.recovery_sig = sigs[1];
    } else {
        sign(CP_TAG_STATEMENT_IDENTITY, j.text, identity_secret, sigs[1]);
        j.identity_sig = sigs[1];
    }
    if (token_secret != NULL) {
        sign(CP_TAG_STATEMENT_TOKEN, j.text, token_secret, sigs[2]);
        j.token_sig = sigs[2];
    }
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

static void found(const struct someone *s)
{
    struct cp_buf join = frame_new(), frame = frame_new();
    memset(l.plan, 1, CP_ID_LEN);
    put_join(&join, s, s, CP_JOIN_NEW, s->identity, s->identity_secret, NULL, NULL);
    cp_first_write(cp_buf_bytes(&join), &frame);
    (void)add(s, frame);
    cp_buf_clear(&join);
}

static size_t invite(const struct someone *by, const struct someone *person)
{
    struct cp_buf frame = frame_new();
    cp_invite_write(p[7].device, p[7].identity, person == NULL ? NULL : person->person, &frame);
    return add(by, frame);
}

static size_t admit_how(const struct someone *by, size_t invited, const struct someone *who,
                        const struct someone *device, enum cp_join_how how, const struct someone *signer)
{
    struct cp_buf join = frame_new(), frame = frame_new();
    put_join(&join, who, device, how, signer->identity, signer->identity_secret, l.entries[invited].id,
             p[7].device_secret);
    cp_admit_write(l.entries[invited].id, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return add(by, frame);
}

/* A new person, or, where the device is another's, a further device. */
static size_t admit(const struct someone *by, size_t invited, const struct someone *who,
                    const struct someone *device)
{
    return admit_how(by, invited, who, device, who == device ? CP_JOIN_NEW : CP_JOIN_DEVICE, who);
}

/* The cut that ends at entry `at` of its device's chain; at NONE: nothing within. */
#define NOTHING SIZE_MAX
static void put_cut(struct cp_buf *out, size_t at)
{
    struct cp_cut_tip tip = {.class = CP_CONTROL};
    if (at != NOTHING) {
        tip.incarnation = l.entries[at].incarnation;
        tip.seq = l.entries[at].seq;
        tip.tip = l.entries[at].id;
    }
    cr_assert_eq(cp_cut_write(&tip, at == NOTHING ? 0 : 1, out), CP_OK);
}

static void put_statement(enum cp_statement_kind kind, const struct someone *of, const struct someone *signer,
                          enum cp_statement_by by, const struct cp_buf *fields, struct cp_buf *text,
                          uint8_t *sig)
{
    struct cp_statement st = {.kind = kind, .by = by, .fields = cp_buf_bytes(fields)};
    memcpy(st.plan, l.plan, CP_ID_LEN);
    memcpy(st.person, of->person, CP_ID_LEN);
    memcpy(st.key, by == CP_BY_RECOVERY ? signer->recovery : signer->identity, CP_KEY_LEN);
    cp_statement_text(&st, text);
    sign(cp_statement_tag(by), cp_buf_bytes(text),
         by == CP_BY_RECOVERY ? signer->recovery_secret : signer->identity_secret, sig);
}

static struct cp_buf revoke_frame(const struct someone *of, const struct someone *signer,
                                  enum cp_statement_by by, const uint8_t *device, size_t at,
                                  const uint8_t *earlier, uint8_t id[CP_ID_LEN])
{
    struct cp_buf cut = frame_new(), fields = frame_new(), text = frame_new(), frame = frame_new();
    uint8_t sig[CP_SIG_LEN], ids[1][CP_ID_LEN] = {{0}};
    if (earlier != NULL)
        memcpy(ids[0], earlier, CP_ID_LEN);
    put_cut(&cut, at);
    cr_assert_eq(cp_revoke_fields(device, (const uint8_t(*)[CP_ID_LEN])ids, earlier == NULL ? 0 : 1,
                                  cp_buf_bytes(&cut), &fields),
                 CP_OK);
    put_statement(CP_STATEMENT_REVOKE, of, signer, by, &fields, &text, sig);
    cr_assert_eq(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame), CP_OK);
    cp_statement_id(cp_buf_bytes(&text), id);
    cp_buf_clear(&cut);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    return frame;
}

static size_t revoke(const struct someone *carrier, const struct someone *of, enum cp_statement_by by,
                     const struct someone *device, size_t at, const uint8_t *earlier, uint8_t id[CP_ID_LEN])
{
    return add(carrier, revoke_frame(of, of, by, device->device, at, earlier, id));
}

struct key_says {
    const struct someone *stay[3], *cut[3];
    size_t cut_at[3];
    const uint8_t *stand, *earlier[2];
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

static size_t key_change(const struct someone *carrier, const struct someone *of, const struct someone *next,
                         const struct key_says *says, uint8_t id[CP_ID_LEN])
{
    struct cp_buf cuts[3], fields = frame_new(), text = frame_new(), frame = frame_new();
    struct cp_device_cut rows[3];
    uint8_t sig[CP_SIG_LEN], stay[3][CP_KEY_LEN], stand[1][CP_ID_LEN], earlier[2][CP_ID_LEN];
    struct cp_key_lists lists = {.stay = (const uint8_t(*)[CP_KEY_LEN])stay,
                                 .cuts = rows,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])stand,
                                 .earlier = (const uint8_t(*)[CP_ID_LEN])earlier};
    for (size_t i = 0; i < 3; i++) {
        cuts[i] = frame_new();
        if (says->stay[i] != NULL)
            memcpy(stay[lists.stay_count++], says->stay[i]->device, CP_KEY_LEN);
        if (says->cut[i] == NULL)
            continue;
        put_cut(&cuts[i], says->cut_at[i]);
        rows[lists.cuts_count++] = (struct cp_device_cut){says->cut[i]->device, cp_buf_bytes(&cuts[i])};
    }
    for (size_t i = 0; i < 2; i++)
        if (says->earlier[i] != NULL)
            memcpy(earlier[lists.earlier_count++], says->earlier[i], CP_ID_LEN);
    if (says->stand != NULL)
        memcpy(stand[lists.stand_count++], says->stand, CP_ID_LEN);
    if (lists.cuts_count > 1 && memcmp(rows[0].device, rows[1].device, CP_KEY_LEN) > 0) {
        struct cp_device_cut swap = rows[0];
        rows[0] = rows[1];
        rows[1] = swap;
    }
    qsort(stay, lists.stay_count, CP_KEY_LEN, by_bytes);
    qsort(earlier, lists.earlier_count, CP_ID_LEN, by_bytes);
    cr_assert_eq(cp_key_fields(next->identity, &lists, &fields), CP_OK);
    put_statement(CP_STATEMENT_KEY, of, of, CP_BY_RECOVERY, &fields, &text, sig);
    cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &frame), CP_OK);
    cp_statement_id(cp_buf_bytes(&text), id);
    for (size_t i = 0; i < 3; i++)
        cp_buf_clear(&cuts[i]);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    return add(carrier, frame);
}

/* Who stands, as bits by person's number: device i of p. Every order of the entries must say the same. */
static unsigned standing(void)
{
    static uint32_t seed = 7;
    unsigned first = 0;
    for (int round = 0; round < 6; round++) {
        struct cp_control_entry shuffled[ENTRIES];
        unsigned bits = 0;
        memcpy(shuffled, l.entries, sizeof shuffled);
        for (size_t i = l.count; round > 0 && i > 1; i--) {
            seed = (uint32_t)((uint64_t)seed * 1103515245U + 12345U);
            size_t k = (seed >> 8) % i;
            struct cp_control_entry swap = shuffled[k];
            shuffled[k] = shuffled[i - 1];
            shuffled[i - 1] = swap;
        }
        cr_assert_eq(cp_members_fold(&m, shuffled, l.count, l.plan, &past), CP_OK);
        for (unsigned i = 0; i < 8; i++) {
            const struct cp_member_device *d = cp_members_find(&m, p[i].device);
            bits |= d != NULL && d->stands ? 1U << i : 0;
        }
        cr_assert(round == 0 || bits == first, "another order, another state");
        first = bits;
    }
    return first;
}

static bool revoked(const struct someone *s)
{
    const struct cp_member_device *d = cp_members_find(&m, s->device);
    return d != NULL && d->revoked;
}

static void before(void)
{
    memset(&l, 0, sizeof l);
    for (unsigned i = 0; i < 8; i++)
        make(&p[i], i + 1);
    cp_members_init(&m, test_mem());
    found(&p[0]);
}

static void after(void)
{
    for (size_t i = 0; i < l.count; i++)
        cp_buf_clear(&l.frames[i]);
    cp_members_clear(&m);
}

TestSuite(revoke, .init = before, .fini = after);

/* 0 founds and has the further device 1; 1 lets 2 in, 2 lets 3 in. Gives 1's entry before that. */
static size_t phone(void)
{
    size_t own = invite(&p[0], &p[0]);
    (void)admit(&p[0], own, &p[0], &p[1]);
    size_t mine = invite(&p[1], NULL);
    size_t two = invite(&p[1], NULL);
    (void)admit(&p[1], two, &p[2], &p[2]);
    size_t three = invite(&p[2], NULL);
    (void)admit(&p[2], three, &p[3], &p[3]);
    return mine;
}

Test(revoke, a_thief_and_their_guests_fall_and_the_owner_stays)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    cr_assert_eq(standing(), 0x0fU);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "the phone stands for what was its person's, and is reported lost");
    cr_assert(revoked(&p[1]) && !revoked(&p[0]));
    cr_assert(!cp_member_is_in(cp_members_find(&m, p[1].device)) &&
              cp_member_is_in(cp_members_find(&m, p[0].device)));
}

Test(revoke, within_the_cut_stays)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, id); /* its ADMIT of 2 */
    cr_assert_eq(standing(), 0x0fU);
}

Test(revoke, only_by_its_own_person)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[2], &p[2], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    (void)add(&p[2], revoke_frame(&p[0], &p[2], CP_BY_IDENTITY, p[1].device, mine, NULL, id));
    (void)add(&p[2], revoke_frame(&p[0], &p[2], CP_BY_RECOVERY, p[1].device, mine, NULL, id));
    cr_assert_eq(standing(), 0x0fU);
    cr_assert(!revoked(&p[1]));
    (void)revoke(&p[2], &p[0], CP_BY_RECOVERY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "whoever carries it");
}

Test(revoke, made_again_wider_and_narrower)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN], third[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, first);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, first, second);
    cr_assert_eq(standing(), 0x0fU, "wider: the guest was asked in by its person after all");
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], NOTHING, second, third);
    cr_assert_eq(standing(), 0x03U);
}

Test(revoke, of_two_made_apart_an_entry_must_lie_within_each)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, a);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, b);
    cr_assert_eq(standing(), 0x03U);
}

Test(revoke, what_the_sheet_said_only_the_sheet_takes_back)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_RECOVERY, &p[1], mine, NULL, a);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, a, b);
    cr_assert_eq(standing(), 0x03U);
    (void)revoke(&p[0], &p[0], CP_BY_RECOVERY, &p[1], 5, a, c);
    cr_assert_eq(standing(), 0x0fU);
}

Test(revoke, on_another_branch_is_beyond)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    struct cp_control_entry *one = &l.entries[invite(&p[1], NULL)]; /* beside `two`: from `mine` */
    struct cp_control_entry *fork = &l.entries[invite(&p[1], NULL)];
    one->seq = l.entries[mine].seq + 1;
    memcpy(one->prev, l.entries[mine].id, CP_ID_LEN);
    fork->seq = one->seq + 1;
    cr_assert_eq(fork->seq, l.entries[5].seq, "as high as the ADMIT on the other branch");
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], (size_t)(fork - l.entries), NULL, id);
    cr_assert_eq(standing(), 0x03U, "as low, but on the other branch");
    memset(fork->id, 99, CP_ID_LEN);
    cr_assert_eq(standing(), 0x0fU, "not held: by number alone");
}

Test(revoke, a_device_that_a_key_does_not_name_is_wholly_beyond)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    const struct key_says says = {.stay = {&p[0]}};
    (void)key_change(&p[0], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x01U, "and whom it let in with it");
    cr_assert(!revoked(&p[1]), "nothing was drawn through it: it comes by no key that counts");
}

Test(revoke, while_the_tip_is_not_held_the_number_counts)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    struct cp_control_entry away =
        l.entries[5]; /* the ADMIT of 2 by the phone, and what a machine knows of it */
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, id);
    cr_assert_eq(standing(), 0x0fU);
    memset(l.entries[5].id, 98, CP_ID_LEN);
    cr_assert_eq(standing(), 0x0fU, "another entry at that place: by number");
    l.entries[5] = away;
}

Test(revoke, admitted_again_with_the_same_join_by_who_knows)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    struct cp_buf again = frame_new();
    struct cp_control c;
    cp_control_read(l.entries[5].frame, &c);
    struct cp_buf join = frame_new();
    cp_join_write(&c.join, &join);
    cp_admit_write(l.entries[4].id, cp_buf_bytes(&join), &again);
    size_t late = add(&p[0], again);
    size_t cut = revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "let in again, but without knowing");
    struct cp_buf knowing = frame_new();
    cp_admit_write(l.entries[4].id, cp_buf_bytes(&join), &knowing);
    (void)add(&p[0], knowing);
    cr_assert_eq(standing(), 0x0fU, "and so is the guest's guest");
    cr_assert(late < cut);
    cp_buf_clear(&join);
}

Test(revoke, a_guests_guest_is_let_in_without_the_guest)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    struct cp_control c;
    struct cp_buf join = frame_new(), again = frame_new();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cp_control_read(l.entries[7].frame, &c);
    cp_join_write(&c.join, &join);
    cp_admit_write(l.entries[6].id, cp_buf_bytes(&join), &again);
    (void)add(&p[0], again);
    cr_assert_eq(standing(), 0x0bU);
    cp_buf_clear(&join);
}

/* ---- KEY ---- */

Test(revoke, a_key_ends_what_it_does_not_name)
{
    uint8_t revoked_by[CP_ID_LEN], id[CP_ID_LEN];
    size_t mine = phone();
    (void)mine;
    /* the thief of phone and passphrase reports the owner's first device lost, and links one of their own */
    (void)revoke(&p[1], &p[0], CP_BY_IDENTITY, &p[0], 0, NULL, revoked_by);
    size_t own = invite(&p[1], &p[0]);
    (void)admit(&p[1], own, &p[0], &p[4]);
    cr_assert_eq(standing() & 0x10U, 0U,
                 "the line led through an entry that the thief cut off: they fell themselves");
    const struct key_says says = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)key_change(&p[2], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x03U);
    cr_assert(!revoked(&p[0]), "what the old key said counts only where it is listed");
    cr_assert(revoked(&p[1]));
    const struct cp_member_key *k = cp_members_key(&m, p[0].person, p[5].identity);
    cr_assert(k != NULL && k->in_force && !k->replaced);
    k = cp_members_key(&m, p[0].person, p[0].identity);
    cr_assert(k != NULL && !k->in_force && k->replaced);
    cr_assert_eq(memcmp(cp_members_find(&m, p[0].device)->identity_key, p[5].identity, CP_KEY_LEN), 0);
    cr_assert(!cp_members_says(&m, p[0].person, p[0].identity, revoked_by));
    cr_assert(cp_members_says(&m, p[0].person, p[5].identity, revoked_by));
    cr_assert(!cp_members_says(&m, p[2].person, p[5].identity, revoked_by));
}

Test(revoke, a_key_keeps_what_it_lists)
{
    uint8_t revoke_id[CP_ID_LEN], id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, revoke_id);
    const struct key_says says = {.stay = {&p[0], &p[1]}, .stand = revoke_id};
    (void)key_change(&p[0], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x03U);
    cr_assert(revoked(&p[1]));
}

Test(revoke, of_two_keys_made_apart_neither_counts_until_a_third)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    (void)phone();
    const struct key_says both = {.stay = {&p[0], &p[1]}};
    const struct key_says one = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)key_change(&p[0], &p[0], &p[5], &both, a);
    cr_assert_eq(standing(), 0x0fU);
    (void)key_change(&p[0], &p[0], &p[6], &one, b);
    cr_assert_eq(standing(), 0x03U, "what either ends is ended");
    cr_assert(!cp_members_key(&m, p[0].person, p[5].identity)->in_force);
    cr_assert(!cp_members_key(&m, p[0].person, p[6].identity)->in_force);
    cr_assert(!cp_members_says(&m, p[0].person, p[5].identity, a));
    const struct key_says third = {.stay = {&p[0], &p[1]}, .earlier = {a, b}};
    (void)key_change(&p[0], &p[0], &p[4], &third, c);
    cr_assert_eq(standing(), 0x03U, "and stays ended");
    cr_assert(cp_members_key(&m, p[0].person, p[4].identity)->in_force);
    cr_assert(cp_members_key(&m, p[0].person, p[5].identity)->replaced);
}

/* Found by tests/model/standing: whatever other KEYs there were had to list the statement as well. */
Test(revoke, a_key_named_twice_is_ended_by_who_replaced_it_alone)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    (void)phone();
    const struct key_says one = {.stay = {&p[0]}}, two = {.stay = {&p[1]}}; /* the same new key, made apart */
    (void)key_change(&p[0], &p[0], &p[5], &one, a);
    (void)key_change(&p[0], &p[0], &p[5], &two, b);
    const struct key_says third = {.stay = {&p[0]}, .stand = a, .earlier = {b}};
    (void)key_change(&p[0], &p[0], &p[6], &third, c);
    (void)standing();
    cr_assert(cp_members_says(&m, p[0].person, p[5].identity, a), "the one that replaced it lists it");
}

Test(revoke, a_key_by_another_sheet_is_none)
{
    uint8_t id[CP_ID_LEN];
    const struct key_says says = {.stay = {NULL}};
    struct someone liar = p[0];
    (void)phone();
    memcpy(liar.recovery, p[2].recovery, CP_KEY_LEN);
    memcpy(liar.recovery_secret, p[2].recovery_secret, sizeof liar.recovery_secret);
    (void)key_change(&p[2], &liar, &p[5], &says, id);
    cr_assert_eq(standing(), 0x0fU);
    cr_assert_null(cp_members_key(&m, p[0].person, p[5].identity));
}

Test(revoke, a_lost_home_comes_back_with_the_sheet)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    size_t asked = invite(&p[2], &p[0]);
    (void)admit_how(&p[2], asked, &p[0], &p[4], CP_JOIN_RECOVERY, &p[5]);
    cr_assert_eq(standing(), 0x1fU);
    cr_assert_arr_eq(cp_members_find(&m, p[4].device)->identity_key, p[0].identity, CP_KEY_LEN);
    const struct key_says says = {.stay = {&p[4]}, .cut = {&p[0], &p[1]}, .cut_at = {2, 5}};
    (void)key_change(&p[4], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x1fU, "within the cuts all stands; the lost devices are reported lost");
    cr_assert(revoked(&p[0]) && revoked(&p[1]) && !revoked(&p[4]));
    size_t more = invite(&p[4], &p[0]);
    struct someone now = p[0];
    memcpy(now.identity, p[5].identity, CP_KEY_LEN);
    memcpy(now.identity_secret, p[5].identity_secret, 64);
    (void)admit_how(&p[4], more, &p[0], &p[6], CP_JOIN_DEVICE, &now);
    cr_assert_eq(standing(), 0x5fU, "a further device by the new key");
}

Test(revoke, an_allocation_that_fails_leaves_nothing)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    const struct key_says says = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)key_change(&p[0], &p[0], &p[5], &says, id);
    enum cp_err err = CP_ERR_NO_MEMORY;
    for (size_t left = 0; err != CP_OK && left < 200; left++) {
        struct test_heap heap;
        struct cp_members short_of;
        test_heap_init(&heap, left);
        cp_members_init(&short_of, &heap.mem);
        err = cp_members_fold(&short_of, l.entries, l.count, l.plan, &past);
        cr_assert(err == CP_OK ||
                  (err == CP_ERR_NO_MEMORY && short_of.count == 0 && short_of.cuts_count == 0));
        cr_assert(err != CP_OK || short_of.cuts_count == 1);
        cp_members_clear(&short_of);
    }
    cr_assert_eq(err, CP_OK);
}
