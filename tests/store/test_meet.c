/* Meetings of whole homes in one process: real keepers, stores and sockets, port 0 only. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/home.h"
#include "daemon/meet.h"
#include "tests/support/heap.h"
#include "tests/support/hostile.h"

#define HOMES_MAX 6
static struct cp_node homes[HOMES_MAX];
static size_t homes_count;
static char folder[64];

static struct cp_node *home(const char *name)
{
    char sheet[CP_SHEET_MAX];
    uint8_t seal[32] = {0};
    struct cp_kdf kdf;
    struct cp_node *n = &homes[homes_count++];
    if (folder[0] == '\0') {
        cr_assert(sodium_init() >= 0);
        cr_assert_eq(setenv("COPLAN_TEST_KDF", "weak", 1), 0);
        (void)snprintf(folder, sizeof folder, "/tmp/coplan-meet.XXXXXX");
        cr_assert_not_null(mkdtemp(folder));
    }
    memset(n, 0, sizeof *n);
    n->mem = test_mem();
    (void)snprintf(n->home, sizeof n->home, "%s/%s", folder, name);
    cr_assert_eq(mkdir(n->home, 0700), 0);
    (void)snprintf(n->listen, sizeof n->listen, "127.0.0.1:0");
    cr_assert_eq(cp_meet_open(n), CP_OK);
    cp_kdf_choose(&kdf, true);
    cr_assert_eq(cp_home_make(n, cp_bytes_str(name), &kdf, seal, sheet), CP_OK);
    cr_assert_neq(n->bound[0], '\0');
    return n;
}

static void home_end(struct cp_node *n)
{
    static const char *const names[] = {"keys",        "plan.db",        "plan.db-wal",
                                        "plan.db-shm", "plan.db.marker", "marker"};
    char path[1100];
    if (n->net != NULL)
        cp_node_part(n);
    cp_meet_close(n);
    cp_home_close(n);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", n->home, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(n->home);
}

static void all_end(void)
{
    for (size_t i = 0; i < homes_count; i++)
        home_end(&homes[i]);
    homes_count = 0;
    (void)rmdir(folder);
    folder[0] = '\0';
}

static void turn(void)
{
    for (size_t i = 0; i < homes_count; i++) {
        if (homes[i].net == NULL)
            continue;
        cr_assert_eq(cp_net_wait(homes[i].net, NULL, 0, 1), CP_OK);
        cp_meet_tick(&homes[i], cp_node_monotonic_ms());
    }
}

static const uint8_t *device(const struct cp_node *n)
{
    return cp_keeper_person(n->keeper, 0)->device_key;
}

static void own_entry(struct cp_node *n, const uint8_t *plan, enum cp_class class, struct cp_buf *frame,
                      struct cp_bytes words, uint8_t *id)
{
    struct cp_signer signer = cp_node_signer(n);
    cr_assert_eq(cp_buf_err(frame), CP_OK);
    cr_assert_eq(cp_store_begin(n->store), CP_OK);
    cr_assert_eq(
        cp_store_append(n->store, &signer, plan, device(n), class, cp_buf_bytes(frame), words, 1000, id),
        CP_OK);
    cr_assert_eq(cp_store_commit(n->store), CP_OK);
    cp_buf_clear(frame);
    cp_node_news(n, plan);
}

static void plan_new(struct cp_node *n, uint8_t *plan)
{
    static const uint8_t seal[32] = {0};
    static uint64_t now_ms = 1000; /* a plan's id is made of what founds it: one founder's two differ by the time */
    struct cp_buf join, frame;
    uint8_t secret[CP_KEY_LEN], id[CP_ID_LEN];
    struct cp_signer signer = cp_node_signer(n);
    cp_buf_init(&join, n->mem, CP_JOIN_MAX);
    cp_buf_init(&frame, n->mem, CP_ENTRY_MAX);
    cr_assert_eq(
        cp_keeper_join(n->keeper, 0, seal, cp_zero_id, cp_zero_id, NULL, cp_bytes_str("Asha"), &join), CP_OK);
    cp_first_write(cp_buf_bytes(&join), &frame);
    cr_assert_eq(cp_store_begin(n->store), CP_OK);
    cr_assert_eq(cp_store_found(n->store, &signer, device(n), cp_buf_bytes(&frame), now_ms++, plan), CP_OK);
    cr_assert_eq(cp_store_commit(n->store), CP_OK);
    cp_buf_clear(&join);
    cp_buf_reset(&frame);
    randombytes_buf(secret, sizeof secret);
    cp_secret_write(secret, &frame);
    own_entry(n, plan, CP_CONTROL, &frame, CP_BYTES(NULL, 0), id);
}

static void add(struct cp_node *n, const uint8_t *plan, const char *text)
{
    static const uint8_t salt[CP_SALT_LEN] = {7};
    static struct cp_draft d;
    struct cp_buf frame, words;
    uint8_t id[CP_ID_LEN];
    cp_buf_init(&frame, n->mem, CP_ENTRY_MAX);
    cp_buf_init(&words, n->mem, CP_ENTRY_MAX);
    cp_draft_init(&d, n->mem, CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cp_draft_clear(&d);
    own_entry(n, plan, CP_CONTENT, &frame, cp_buf_bytes(&words), id);
    cp_buf_clear(&words);
}

static void invite(struct cp_node *n, const uint8_t *plan, struct cp_invitation *inv)
{
    struct cp_buf frame;
    uint8_t sign_key[CP_KEY_LEN], curve_key[CP_KEY_LEN], box[CP_KEY_LEN];
    memset(inv, 0, sizeof *inv);
    memcpy(inv->plan, plan, CP_ID_LEN);
    randombytes_buf(inv->token, sizeof inv->token);
    inv->has_server = true;
    cp_keeper_machine(n->keeper, inv->server_key, box);
    (void)snprintf(inv->address, sizeof inv->address, "%s", n->bound);
    cp_token_public(inv->token, sign_key, curve_key);
    cp_buf_init(&frame, n->mem, CP_ENTRY_MAX);
    cp_invite_write(sign_key, curve_key, NULL, &frame);
    own_entry(n, plan, CP_CONTROL, &frame, CP_BYTES(NULL, 0), inv->invite);
}

struct outcome {
    bool done;
    enum cp_err err;
    size_t rows;
    bool in_sync;
    struct cp_report last;
    uint64_t bytes;
};
static void met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count)
{
    struct outcome *o = ctx;
    cr_assert_not(o->done, "told once");
    o->done = true;
    o->err = err;
    o->rows = count;
    o->in_sync = count > 0;
    for (size_t i = 0; i < count; i++) {
        o->in_sync = o->in_sync && rows[i].report.in_sync;
        o->last = rows[i].report;
        o->bytes += rows[i].bytes_in + rows[i].bytes_out;
    }
}

static void until_done(const struct outcome *o)
{
    uint64_t end = cp_node_monotonic_ms() + 10000;
    while (!o->done && cp_node_monotonic_ms() < end)
        turn();
    cr_assert(o->done, "the meeting came to no end");
}

static struct outcome meet(struct cp_node *from, const char *address, const uint8_t *key)
{
    struct outcome o = {.done = false};
    enum cp_err err = cp_node_meet(from, address, key, false, NULL, CP_BYTES(NULL, 0), met, &o);
    if (err != CP_OK)
        return (struct outcome){.done = true, .err = err};
    until_done(&o);
    return o;
}

static struct outcome join(struct cp_node *n, const struct cp_invitation *inv)
{
    static const uint8_t seal[32] = {0};
    struct outcome o = {.done = false};
    struct cp_buf array, text;
    cp_buf_init(&array, n->mem, CP_JOIN_MAX);
    cp_buf_init(&text, n->mem, CP_TEXT_MAX);
    cr_assert_eq(
        cp_keeper_join(n->keeper, 0, seal, inv->plan, inv->invite, inv->token, cp_bytes_str("Guest"), &array),
        CP_OK);
    cr_assert_eq(cp_invitation_write(inv, &text), CP_OK);
    cr_assert_eq(cp_store_begin(n->store), CP_OK);
    cr_assert_eq(cp_store_await(n->store, inv->plan, cp_buf_bytes(&array), cp_buf_bytes(&text)), CP_OK);
    cr_assert_eq(cp_store_commit(n->store), CP_OK);
    enum cp_err err = cp_node_meet(n, inv->address, NULL, false, inv, cp_buf_bytes(&array), met, &o);
    cp_buf_clear(&array);
    cp_buf_clear(&text);
    cr_assert_eq(err, CP_OK);
    until_done(&o);
    return o;
}

static bool is_in(struct cp_node *n, const uint8_t *plan, const struct cp_node *who)
{
    const struct cp_members *m = NULL;
    if (cp_store_members(n->store, plan, &m) != CP_OK)
        return false;
    const struct cp_member_device *d = cp_members_find(m, device(who));
    return d != NULL && d->stands;
}

static void bring(struct cp_node *host, struct cp_node *guest, const uint8_t *plan)
{
    struct cp_invitation inv;
    invite(host, plan, &inv);
    struct outcome o = join(guest, &inv);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert(is_in(guest, plan, guest));
    cr_assert(is_in(host, plan, guest));
}

static void same(struct cp_node *a, struct cp_node *b, const uint8_t *plan)
{
    uint8_t da[CP_ID_LEN], db[CP_ID_LEN];
    uint64_t na = 0, nb = 0;
    cr_assert_eq(cp_store_log_digest(a->store, plan, &na, da), CP_OK);
    cr_assert_eq(cp_store_log_digest(b->store, plan, &nb, db), CP_OK);
    cr_assert_eq(na, nb, "%llu and %llu entries", (unsigned long long)na, (unsigned long long)nb);
    cr_assert_arr_eq(da, db, CP_ID_LEN);
}

static void machine(const struct cp_node *n, uint8_t *key)
{
    uint8_t box[CP_KEY_LEN];
    cp_keeper_machine(n->keeper, key, box);
}

Test(meet, joining_brings_the_plan_and_meeting_merges)
{
    uint8_t plan[CP_ID_LEN], key[CP_KEY_LEN];
    struct cp_node *a = home("asha"), *b = home("bill");
    plan_new(a, plan);
    add(a, plan, "Talk to everyone");
    bring(a, b, plan);
    same(a, b, plan);
    add(a, plan, "Ask the school");
    add(b, plan, "Ask the shop");
    struct outcome o = meet(b, a->bound, NULL);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert_eq(o.rows, 1);
    cr_assert(o.in_sync);
    cr_assert_eq(o.last.sent, 1);
    cr_assert_eq(o.last.received, 1);
    same(a, b, plan);
    /* Equal machines: nothing to say, and little of it. */
    o = meet(b, a->bound, NULL);
    cr_assert(o.in_sync);
    cr_assert_eq(o.last.sent + o.last.received, 0);
    cr_assert_leq(o.bytes, 256, "%llu bytes", (unsigned long long)o.bytes);
    machine(a, key);
    const struct cp_meet_report *r = cp_meet_last(b->meetings, plan, key);
    cr_assert(r != NULL && r->in_sync);
    cr_assert_str_eq(cp_meet_place_of(b->meetings, key)->address, a->bound);
    /* The other way round: a never called b before. */
    o = meet(a, b->bound, NULL);
    cr_assert(o.in_sync, "%s", cp_err_word(o.err));
    all_end();
}

Test(meet, what_is_remembered_survives)
{
    uint8_t plan[CP_ID_LEN], key[CP_KEY_LEN];
    struct cp_node *a = home("asha"), *b = home("bill");
    plan_new(a, plan);
    bring(a, b, plan);
    machine(a, key);
    cp_node_part(b); /* as a lock does: forgotten in memory, read again from the store */
    cr_assert_eq(b->meetings->places_count, 0);
    cr_assert_not_null(cp_meet_place_of(b->meetings, key));
    cr_assert_not_null(cp_meet_last(b->meetings, plan, key));
    cr_assert_eq(cp_meet_missing(b, plan), 0);
    all_end();
}

Test(meet, strangers_and_wrong_ways)
{
    uint8_t plan[CP_ID_LEN], other[CP_ID_LEN], key[CP_KEY_LEN], wrong[CP_KEY_LEN];
    struct cp_node *a = home("asha"), *m = home("mal");
    plan_new(a, plan);
    machine(a, key);
    cr_assert_eq(meet(m, a->bound, NULL).err, CP_ERR_NOT_A_MEMBER, "no plan, nobody to expect there");
    plan_new(m, other);
    cr_assert_eq(meet(m, a->bound, NULL).err, CP_ERR_NOT_A_MEMBER);
    cr_assert_eq(meet(m, a->bound, key).err, CP_ERR_NOT_A_MEMBER);
    cr_assert_geq(cp_net_strangers(a->net), 1);
    randombytes_buf(wrong, sizeof wrong);
    cr_assert_eq(meet(m, a->bound, wrong).err, CP_ERR_UNPROVEN);
    machine(m, key);
    cr_assert_eq(meet(m, a->bound, key).err, CP_ERR_USAGE, "our own key");
    cr_assert_eq(meet(m, "no address", NULL).err, CP_ERR_USAGE);
    char gone[256];
    (void)snprintf(gone, sizeof gone, "%s", a->bound);
    machine(a, key);
    cp_net_unlisten(a->net);
    a->bound[0] = '\0';
    cr_assert_eq(meet(m, gone, key).err, CP_ERR_UNREACHABLE);
    all_end();
}

Test(meet, invitations)
{
    uint8_t plan[CP_ID_LEN];
    struct cp_invitation inv, bad;
    struct cp_node *a = home("asha"), *b = home("bill"), *c = home("chen");
    plan_new(a, plan);
    invite(a, plan, &inv);
    bad = inv;
    bad.token[0] ^= 1;
    struct outcome o = join(b, &bad);
    cr_assert_eq(o.err, CP_ERR_BAD_INVITATION, "%s", cp_err_word(o.err));
    cr_assert_not(is_in(a, plan, b));
    bad = inv;
    bad.invite[0] ^= 1; /* the token opens the door, and the JOIN names another INVITE */
    o = join(b, &bad);
    cr_assert_neq(o.err, CP_OK);
    cr_assert_not(is_in(a, plan, b));
    cr_assert_eq(join(b, &inv).err, CP_OK);
    cr_assert(is_in(b, plan, b));
    uint64_t before = 0, after = 0;
    uint8_t digest[CP_ID_LEN];
    cr_assert_eq(cp_store_log_digest(a->store, plan, &before, digest), CP_OK);
    o = join(c, &inv);
    cr_assert_eq(o.err, CP_ERR_INVITATION_USED, "%s", cp_err_word(o.err));
    cr_assert_not(is_in(a, plan, c));
    cr_assert_eq(cp_store_log_digest(a->store, plan, &after, digest), CP_OK);
    cr_assert_eq(before, after);
    all_end();
}

Test(meet, two_admitted_apart)
{
    uint8_t plan[CP_ID_LEN], key[CP_KEY_LEN];
    struct cp_node *a = home("asha"), *b = home("bill"), *f = home("fay"), *g = home("gil");
    plan_new(a, plan);
    bring(a, b, plan);
    bring(a, f, plan);
    bring(b, g, plan);
    machine(g, key);
    cr_assert_eq(meet(f, g->bound, NULL).err, CP_ERR_NOT_A_MEMBER);
    struct outcome o = meet(f, g->bound, key);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert(o.in_sync);
    same(f, g, plan);
    cr_assert(is_in(g, plan, f) && is_in(f, plan, g));
    o = meet(g, f->bound, NULL);
    cr_assert(o.in_sync, "%s", cp_err_word(o.err));
    all_end();
}

/* Admitted elsewhere meanwhile: the called machine does not know the caller, whose own log names it. */
Test(meet, knocking_hands_over_the_admission)
{
    uint8_t plan[CP_ID_LEN];
    struct cp_node *a = home("asha"), *b = home("bill"), *c = home("chen");
    plan_new(a, plan);
    bring(a, b, plan);
    bring(a, c, plan); /* b has not heard of c; c has heard of b */
    add(b, plan, "Said at Bill's");
    struct outcome o = meet(c, b->bound, NULL);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert(o.in_sync);
    same(b, c, plan);
    all_end();
}

/* They share a plan, so nobody is refused; and in another one the called machine has not heard of the caller yet. */
Test(meet, a_plan_that_the_other_does_not_share_yet)
{
    uint8_t shared[CP_ID_LEN], plan[CP_ID_LEN];
    struct cp_node *a = home("asha"), *b = home("bill"), *c = home("chen");
    plan_new(a, shared);
    bring(a, b, shared);
    bring(a, c, shared);
    cr_assert(meet(c, b->bound, NULL).in_sync);
    plan_new(a, plan);
    bring(a, b, plan);
    bring(a, c, plan);
    add(c, plan, "Said at Chen's");
    struct outcome o = meet(c, b->bound, NULL);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert_eq(o.rows, 2);
    cr_assert(o.in_sync);
    same(b, c, plan);
    o = meet(b, c->bound, NULL);
    cr_assert_eq(o.rows, 2);
    cr_assert(o.in_sync);
    all_end();
}

/* The same where it waits to be let in: its host was out of reach, and is met by another plan. */
Test(meet, a_request_that_waits_is_delivered_beside_another_plan)
{
    static const uint8_t seal[32] = {0};
    uint8_t shared[CP_ID_LEN], plan[CP_ID_LEN];
    struct cp_invitation inv;
    struct cp_buf array, text;
    bool waits = false;
    struct cp_node *a = home("asha"), *b = home("bill");
    plan_new(a, shared);
    bring(a, b, shared);
    plan_new(a, plan);
    invite(a, plan, &inv);
    cp_buf_init(&array, b->mem, CP_JOIN_MAX);
    cp_buf_init(&text, b->mem, CP_TEXT_MAX);
    cr_assert_eq(cp_keeper_join(b->keeper, 0, seal, plan, inv.invite, inv.token, cp_bytes_str("Bill"), &array), CP_OK);
    cr_assert_eq(cp_invitation_write(&inv, &text), CP_OK);
    cr_assert_eq(cp_store_begin(b->store), CP_OK);
    cr_assert_eq(cp_store_await(b->store, plan, cp_buf_bytes(&array), cp_buf_bytes(&text)), CP_OK);
    cr_assert_eq(cp_store_commit(b->store), CP_OK);
    cp_buf_clear(&array);
    cp_buf_clear(&text);
    cr_assert_eq(cp_store_waits(b->store, plan, &waits), CP_OK);
    cr_assert(waits);
    struct outcome o = meet(b, a->bound, NULL);
    cr_assert_eq(o.err, CP_OK, "%s", cp_err_word(o.err));
    cr_assert_eq(o.rows, 2);
    cr_assert(o.in_sync);
    cr_assert(is_in(b, plan, b));
    cr_assert_eq(cp_store_waits(b->store, plan, &waits), CP_OK);
    cr_assert_not(waits);
    cr_assert_eq(cp_store_waits(b->store, shared, &waits), CP_OK);
    cr_assert_not(waits);
    all_end();
}

Test(meet, who_stays_hears_of_edits_at_once)
{
    uint8_t plan[CP_ID_LEN], da[CP_ID_LEN], db[CP_ID_LEN];
    uint64_t na = 0, nb = 0;
    struct outcome o = {.done = false};
    struct cp_node *a = home("asha"), *b = home("bill"), *c = home("chen");
    plan_new(a, plan);
    bring(a, b, plan);
    bring(a, c, plan);
    cr_assert_eq(cp_node_meet(b, a->bound, NULL, true, NULL, CP_BYTES(NULL, 0), met, &o), CP_OK);
    until_done(&o);
    cr_assert(o.in_sync, "%s", cp_err_word(o.err));
    cr_assert_eq(cp_meet_staying(b->meetings), 1);
    add(a, plan, "From Asha");
    add(b, plan, "From Bill");
    add(c, plan, "From Chen, whom Bill does not meet");
    o = meet(c, a->bound, NULL);
    cr_assert(o.in_sync);
    uint64_t end = cp_node_monotonic_ms() + 3000;
    do {
        turn();
        cr_assert_eq(cp_store_log_digest(a->store, plan, &na, da), CP_OK);
        cr_assert_eq(cp_store_log_digest(b->store, plan, &nb, db), CP_OK);
    } while (memcmp(da, db, CP_ID_LEN) != 0 && cp_node_monotonic_ms() < end);
    same(a, b, plan);
    cp_node_part(b);
    cr_assert_eq(cp_meet_staying(b->meetings), 0);
    end = cp_node_monotonic_ms() + 3000;
    while (a->meetings->list != NULL && cp_node_monotonic_ms() < end)
        turn();
    cr_assert_null(a->meetings->list, "the other side's session ended too");
    all_end();
}

/* A member whose program does not keep the rules: refused, counted, and everything stays as it was. */
Test(meet, nonsense_from_a_member)
{
    uint8_t plan[CP_ID_LEN], server[CP_KEY_LEN], key[CP_KEY_LEN], raw[4096];
    struct cp_node *a = home("asha"), *b = home("bill");
    plan_new(a, plan);
    bring(a, b, plan);
    machine(a, server);
    machine(b, key);
    for (size_t i = 0; i < 12; i += 4) {
        struct hostile *h =
            hostile_new(&(struct hostile_options){.address = a->bound,
                                                  .server_key = server,
                                                  .key = key,
                                                  .secret = cp_keeper_curve_secret(b->keeper)});
        randombytes_buf(raw, sizeof raw);
        cr_assert(hostile_send(h, raw, i == 0 ? 0 : (size_t)1 << i, false));
        uint64_t end = cp_node_monotonic_ms() + 3000;
        while (hostile_ends(h) == 0 && cp_node_monotonic_ms() < end)
            turn();
        cr_assert_gt(hostile_ends(h), 0, "the connection was ended");
        hostile_free(h);
    }
    cr_assert_gt(a->meetings->refused_count, 0);
    struct outcome o = meet(b, a->bound, NULL);
    cr_assert(o.in_sync, "%s", cp_err_word(o.err));
    all_end();
}
