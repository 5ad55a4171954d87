/*
 * What is believed of another machine from a file (daemon/bundle_read.c, bundle_offer.c), and for whom a file is written: attacks by
 * a member who lets in a device of nobody's and says that it is on somebody else's machine. And what of a file that others wrote
 * stays in it (daemon/bundle_beside.c), and the pictures in it (daemon/bundle_pictures.c).
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/holds.h"
#include "daemon/store_pieces.h"
#include "daemon/work.h"
#include "proto/mp.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone asha, vera, puppet;
static struct cp_store *s;
static struct cp_keeper *ours, *veras, *liars; /* three machines */
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_node node;
static struct cp_meeting all;

static struct cp_keeper *machine(const char *name)
{
    static const uint8_t seal[32] = {0};
    struct cp_keeper *k = NULL;
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX];
    cp_kdf_choose(&kdf, true);
    cr_assert_eq(cp_keeper_create(&k, in_folder(folder, name), cp_bytes_str(name), &kdf, seal, sheet), CP_OK);
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    return k;
}

static void before(void)
{
    uint8_t unused[CP_KEY_LEN];
    folder = folder_make();
    ours = machine("ours");
    veras = machine("veras");
    liars = machine("liars");
    someone_make(&asha, 1);
    someone_make(&vera, 2);
    someone_make(&puppet, 3);
    cp_keeper_machine(ours, asha.curve, asha.box);
    cp_keeper_machine(veras, vera.curve, vera.box);
    memcpy(puppet.curve, vera.curve, CP_KEY_LEN); /* so its JOIN says, and nobody can tell */
    cp_keeper_machine(liars, unused, puppet.box);
    s = store_at(in_folder(folder, "s"), 1, NULL);
    group_found(s, &asha, plan);
    group_add(s, &asha, plan, &vera, 1);
    group_add(s, &asha, plan, &puppet, 2);
    group_item(s, &asha, plan, "a garden", item);
    node = (struct cp_node){.mem = test_mem(), .store = s, .keeper = ours, .meetings = &all};
    all = (struct cp_meeting){.node = &node};
    cp_meet_facts_load(&all);
}

static void after(void)
{
    cp_free(test_mem(), all.reports);
    cp_free(test_mem(), all.places);
    cp_keeper_free(ours);
    cp_keeper_free(veras);
    cp_keeper_free(liars);
    group_end(folder, s, NULL);
}

TestSuite(heard, .init = before, .fini = after);

/* ---- A file by hand ---- */

static void frame(struct cp_bundle_stream *stream, struct cp_buf *plain, bool last, struct cp_buf *out)
{
    cp_bundle_seal(stream, cp_buf_bytes(plain), last, out);
    cp_buf_reset(plain);
}

/* A file that says: "Vera's machine has all that is here". Entries: none. */
struct word {
    const struct someone *by; /* whose device signs it */
    struct cp_keeper *from;   /* whose machine makes the boxes; NULL: they are nobody's */
    const uint8_t *to;        /* the box key that they are made for; NULL: ours */
    const uint8_t *seen;      /* what the boxes were made for; NULL: what the file says */
    bool too_many;            /* made-up tips behind the true ones, more than anybody remembers */
    uint8_t life;             /* of the machine */
    const uint8_t *asks;      /* for this attachment; NULL: for none */
    uint64_t from_number;     /* and from this piece on */
    bool asks_again;          /* in a second frame */
    const uint8_t *brings;    /* the second piece of this attachment, behind all; NULL: none */
    struct cp_bytes piece;
};

/* One frame of branches that nobody here holds. */
static void put_branches(struct cp_hasher *h, struct cp_buf *plain, struct cp_bundle_stream *stream,
                         struct cp_buf *out)
{
    static struct cp_bundle_tip tips[CP_BUNDLE_TIPS_MAX];
    for (size_t i = 0; i < CP_BUNDLE_TIPS_MAX; i++) {
        tips[i] = (struct cp_bundle_tip){.seq = 1, .id = {(uint8_t)i, (uint8_t)(i >> 8)}};
        cp_seen_add(h, CP_CONTENT, &tips[i]);
    }
    cp_buf_reset(plain);
    cp_bundle_put_tips(CP_CONTENT, tips, CP_BUNDLE_TIPS_MAX, plain);
    if (stream != NULL)
        frame(stream, plain, false, out);
}

/* The hash that SEEN signs, of what is said; the frames of it behind `out`. */
static void put_word(const struct word *how, const struct cp_bundle_begin *b, struct cp_bundle_stream *stream,
                     struct cp_buf *out, uint8_t hash[CP_ID_LEN])
{
    const struct cp_replica *held = cp_store_replica(s);
    struct cp_hasher h;
    struct cp_buf plain;
    cp_buf_init(&plain, test_mem(), CP_BUNDLE_FRAME_MAX);
    cp_bundle_put_begin(b, &plain);
    if (stream != NULL)
        frame(stream, &plain, false, out);
    cp_seen_begin(&h, b);
    for (int c = 0; c < 2; c++) {
        enum cp_class class = c == 1 ? CP_CONTENT : CP_CONTROL;
        struct cp_bundle_tip tip[4];
        struct cp_tip *tips = NULL;
        size_t count = 0;
        cr_assert_eq(held->tips(held->ctx, plan, class, &tips, &count), CP_OK);
        cr_assert(count > 0 && count <= 4);
        for (size_t i = 0; i < count; i++) {
            tip[i].seq = tips[i].seq;
            memcpy(tip[i].id, tips[i].id, CP_ID_LEN);
            cp_seen_add(&h, class, &tip[i]);
        }
        cp_buf_reset(&plain);
        cp_bundle_put_tips(class, tip, count, &plain);
        if (stream != NULL)
            frame(stream, &plain, false, out);
        cp_free(test_mem(), tips);
    }
    for (size_t i = 0; how->too_many && i <= CP_HEARD_TIPS_MAX / CP_BUNDLE_TIPS_MAX; i++)
        put_branches(&h, &plain, stream, out);
    for (int i = 0; how->asks != NULL && i < (how->asks_again ? 2 : 1); i++) {
        struct cp_bundle_wish wish = {.number = how->from_number};
        memcpy(wish.id, how->asks, CP_ID_LEN);
        cp_seen_add_wish(&h, &wish);
        cp_buf_reset(&plain);
        cp_bundle_put_wishes(&wish, 1, &plain);
        if (stream != NULL)
            frame(stream, &plain, false, out);
    }
    cp_seen_end(&h, hash);
    cp_buf_clear(&plain);
}

static void put_slots(const struct word *how, const uint8_t *hash, const uint8_t *key, struct cp_buf *slots)
{
    uint8_t slot[CP_BUNDLE_SLOT_LEN];
    for (size_t i = 0; i < CP_BUNDLE_SLOTS_MIN; i++) {
        randombytes_buf(slot, sizeof slot);
        if (i == 3 && how->from == NULL)
            cr_assert(cp_box_to(asha.box, key, slot));
        else if (i == 3)
            cr_assert(cp_keeper_box_to(how->from, how->to != NULL ? how->to : asha.box,
                                       how->seen != NULL ? how->seen : hash, key, slot));
        cp_buf_put(slots, slot, sizeof slot);
    }
}

static void say(struct word how)
{
    struct cp_bundle_begin b = {.time_ms = 5};
    struct cp_bundle_stream stream;
    struct cp_buf slots, plain, out;
    uint8_t key[32], hash[CP_ID_LEN], sig[CP_SIG_LEN];
    uint64_t size = how.too_many || how.brings != NULL ? 4U * CP_BUNDLE_FRAME_MAX : CP_BUNDLE_SIZE_MIN;
    cp_buf_init(&slots, test_mem(), 65536);
    cp_buf_init(&plain, test_mem(), CP_BUNDLE_FRAME_MAX);
    cp_buf_init(&out, test_mem(), 4U * CP_BUNDLE_FRAME_MAX);
    memcpy(b.plan, plan, CP_ID_LEN);
    memcpy(b.machine, vera.curve, CP_KEY_LEN);
    memset(b.incarnation, how.life, sizeof b.incarnation);
    randombytes_buf(key, sizeof key);
    put_word(&how, &b, NULL, &out, hash);
    put_slots(&how, hash, key, &slots);
    cp_bundle_stream_begin(&stream, key, cp_buf_bytes(&slots));
    cp_bundle_head_write(cp_buf_bytes(&slots), size, &out);
    put_word(&how, &b, &stream, &out, hash);
    someone_signs(CP_TAG_SEEN_SIG, CP_BYTES(hash, sizeof hash), how.by->device_secret, sig);
    cp_bundle_put_seen(how.by->device, sig, &plain);
    frame(&stream, &plain, false, &out);
    if (how.brings != NULL) {
        cp_bundle_put_piece(how.brings, 1, how.piece, &plain);
        frame(&stream, &plain, false, &out);
    }
    cp_bundle_put_end(0, &plain);
    frame(&stream, &plain, true, &out);
    cr_assert(cp_buf_err(&out) == CP_OK && out.len <= size);
    while (out.len < size)
        cp_buf_put_byte(&out, 0); /* nobody reads on behind the last frame */
    int fd = open(in_folder(folder, "stick"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, out.ptr, out.len) == (ssize_t)out.len && close(fd) == 0);
    cp_buf_clear(&slots);
    cp_buf_clear(&plain);
    cp_buf_clear(&out);
}

/* ---- Reading and writing ---- */

struct ending {
    bool done;
    enum cp_err err;
    struct cp_bundle_took took;
    struct cp_bundle_written wrote;
};

static void was_read(void *ctx, enum cp_err err, const struct cp_bundle_took *t)
{
    struct ending *e = ctx;
    *e = (struct ending){.done = true, .err = err, .took = *t};
}

static void was_written(void *ctx, enum cp_err err, const struct cp_bundle_written *w)
{
    struct ending *e = ctx;
    *e = (struct ending){.done = true, .err = err, .wrote = *w};
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    (void)ctx;
    (void)done;
    (void)of;
}

static struct ending read_file(struct cp_node *by)
{
    struct ending end = {.done = false};
    struct cp_bundle_read_ask ask = {.path = in_folder(folder, "stick"),
                                     .done = was_read,
                                     .progress = progressed,
                                     .ctx = &end,
                                     .in_turn = true};
    cr_assert_eq(cp_bundle_read_start(by, &ask), CP_OK);
    while (!end.done)
        cp_work_step(by);
    return end;
}

static struct ending write_for(const struct someone *one)
{
    struct ending end = {.done = false};
    struct cp_bundle_plan what = {.one_person = one != NULL};
    struct cp_bundle_write ask = {.path = in_folder(folder, "stick"),
                                  .plans = &what,
                                  .plans_count = 1,
                                  .in_turn = true, .remembered = true,
                                  .done = was_written,
                                  .progress = progressed,
                                  .ctx = &end};
    memcpy(what.plan, plan, CP_ID_LEN);
    if (one != NULL)
        memcpy(what.person, one->person, CP_ID_LEN);
    cr_assert_eq(cp_bundle_write_start(&node, &ask), CP_OK);
    while (!end.done)
        cp_work_step(&node);
    return end;
}

static struct ending write_file(void)
{
    return write_for(NULL);
}

/* What is known of what Vera's machine has. */
static struct cp_holds holds(void)
{
    return group_holds(&node, plan, vera.curve);
}

Test(heard, nobody_says_what_somebody_elses_machine_holds)
{
    uint8_t other[CP_ID_LEN] = {9};
    const struct word lies[] = {
        {.by = &puppet},                /* a device of nobody's, said to be on that machine */
        {.by = &puppet, .from = liars}, /* whose boxes are another machine's */
        {.by = &puppet,
         .from = veras,
         .to = puppet.box},                            /* boxes that she made for somebody else do not open */
        {.by = &puppet, .from = veras, .seen = other}, /* boxes that she made for us, beside another word */
        {.by = &vera},                                 /* her device's word on a machine that is not hers */
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        say(lies[i]);
        cr_expect_eq(read_file(&node).err, lies[i].to != NULL ? CP_ERR_NOT_FOR_US : CP_OK, "%zu", i);
        cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "%zu", i);
    }
    struct ending end = write_file();
    cr_expect(end.err == CP_OK && end.wrote.entries == 6, "she is sent everything: %u",
              (unsigned)end.wrote.entries);
}

Test(heard, a_machines_own_word_is_believed)
{
    say((struct word){.by = &vera, .from = veras});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(holds().how, CP_HOLDS_STICK);
    struct ending end = write_file();
    cr_expect(end.err == CP_OK && end.wrote.entries == 0, "nothing is sent twice: %u",
              (unsigned)end.wrote.entries);
    cr_expect_eq(end.wrote.machines, 1, "a machine that is named twice is one");
}

/* A puppet that says too little, or nothing, makes nobody send more: it has no say about that machine. */
Test(heard, what_a_machine_said_is_not_taken_back_by_others)
{
    say((struct word){.by = &vera, .from = veras, .life = 1});
    cr_expect_eq(read_file(&node).err, CP_OK);
    say((struct word){.by = &puppet, .life = 2});
    cr_expect_eq(read_file(&node).err, CP_OK);
    struct cp_heard h;
    cr_assert_eq(cp_heard_get(&node, plan, vera.curve, &h), CP_OK);
    cr_expect_eq(h.incarnation[0], 1);
    cp_heard_clear(&h);
}

Test(heard, a_device_that_is_in_no_longer_says_nothing)
{
    group_report(s, &asha, plan, &vera, true);
    say((struct word){.by = &vera, .from = veras});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN);
}

/* Somebody may write any number of branches into a plan: its files are read all the same, and only save less. */
Test(heard, a_word_too_long_to_keep_is_no_damage)
{
    say((struct word){.by = &vera, .from = veras});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_assert_eq(holds().how, CP_HOLDS_STICK);
    say((struct word){.by = &vera, .from = veras, .life = 3, .too_many = true});
    struct ending end = read_file(&node);
    cr_expect(end.err == CP_OK && end.took.damaged == 0 && end.took.first_bad == CP_OK, "%s",
              cp_err_word(end.took.first_bad));
    struct cp_heard h;
    cr_assert_eq(cp_heard_get(&node, plan, vera.curve, &h), CP_OK);
    cr_expect_eq(h.incarnation[0], 0, "what was known stays");
    cp_heard_clear(&h);
}

/* As an earlier program kept it, whoever had said it. */
Test(heard, what_was_kept_without_proof_is_forgotten)
{
    char key[160], a[2 * CP_ID_LEN + 1], b[2 * CP_KEY_LEN + 1];
    uint8_t life[CP_INCARNATION_LEN] = {1};
    struct cp_buf note;
    struct cp_heard h;
    cp_hex_encode(plan, CP_ID_LEN, a);
    cp_hex_encode(vera.curve, CP_KEY_LEN, b);
    (void)snprintf(key, sizeof key, "heard/%s/%s", a, b);
    cp_buf_init(&note, test_mem(), 4096);
    cp_put_array(&note, 5);
    cp_put_fixed(&note, life, sizeof life);
    cp_put_uint(&note, 5);
    cp_put_uint(&note, 6);
    cp_put_array(&note, 0);
    cp_put_array(&note, 2);
    cp_put_uint(&note, 1);
    cp_put_fixed(&note, item, sizeof item);
    cr_assert_eq(cp_store_note_set(s, key, cp_buf_bytes(&note)), CP_OK);
    cp_buf_clear(&note);
    cr_expect_eq(cp_heard_get(&node, plan, vera.curve, &h), CP_ERR_NOT_FOUND);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN);
    say((struct word){.by = &vera, .from = veras});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(holds().how, CP_HOLDS_STICK, "and heard anew");
}

Test(heard, nobody_takes_somebodys_place_in_a_file)
{
    struct cp_store *t = store_at(in_folder(folder, "t"), 2, NULL);
    struct cp_node hers = {.mem = test_mem(), .store = t, .keeper = veras, .meetings = &all};
    struct ending end = write_file();
    cr_expect_eq(end.err, CP_OK);
    cr_expect_eq(read_file(&hers).took.not_for_us, 0, "whatever box key others name for her machine");
    hers.keeper = liars;
    cr_expect_eq(read_file(&hers).took.not_for_us, 0);
    cp_store_close(t);
}

/* Two JOINs may name one box key too; two equal boxes would be seen by whoever finds the stick. */
Test(heard, no_two_boxes_of_a_file_are_equal)
{
    struct cp_buf slots;
    struct someone other;
    someone_make(&other, 4);
    memcpy(other.box, vera.box, CP_KEY_LEN);
    group_add(s, &asha, plan, &other, 3);
    cr_expect_eq(write_file().err, CP_OK);
    cp_buf_init(&slots, test_mem(), 65536);
    uint8_t *at = cp_buf_space(&slots, (size_t)CP_BUNDLE_SLOTS_MIN * CP_BUNDLE_SLOT_LEN);
    int fd = open(in_folder(folder, "stick"), O_RDONLY);
    cr_assert(fd >= 0 && pread(fd, at, slots.len, CP_BUNDLE_HEAD_LEN) == (ssize_t)slots.len &&
              close(fd) == 0);
    for (size_t i = 0; i < CP_BUNDLE_SLOTS_MIN; i++)
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(memcmp(at + i * CP_BUNDLE_SLOT_LEN, at + k * CP_BUNDLE_SLOT_LEN, 32), 0);
    cp_buf_clear(&slots);
}

/* ---- A file that others write too ---- */

/* Puts bytes behind the file. */
static void add_to_file(const uint8_t *bytes, size_t len)
{
    int fd = open(in_folder(folder, "stick"), O_WRONLY | O_APPEND);
    cr_assert(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
}

static uint64_t file_size(uint8_t *head, size_t len)
{
    int fd = open(in_folder(folder, "stick"), O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);
    cr_assert(fd >= 0 && size >= 0 && pread(fd, head, len, 0) == (ssize_t)len && close(fd) == 0);
    return (uint64_t)size;
}

Test(heard, what_others_wrote_stays_until_it_was_read_whole)
{
    const struct word hers = {.by = &vera, .from = veras};
    say(hers);
    cr_expect_eq(write_file().wrote.kept, 1, "it was not read");
    struct ending end = write_file();
    cr_expect(end.wrote.kept == 1 && end.wrote.bytes == 2 * (uint64_t)CP_BUNDLE_SIZE_MIN,
              "ours goes, hers stays");
    end = read_file(&node);
    cr_expect(end.err == CP_OK && end.took.bundles == 2 && end.took.not_for_us == 1);
    cr_expect_eq(write_for(&puppet).wrote.kept, 2, "for one person is not for all");
    cr_expect(write_for(&vera).wrote.kept == 3 && write_for(&vera).wrote.kept == 3, "nor for another, but for the same");
    cr_expect_eq(write_file().wrote.kept, 0, "what is written says what all of these said");
    say((struct word){.by = &vera, .from = veras, .to = puppet.box});
    cr_expect_eq(read_file(&node).err, CP_ERR_NOT_FOR_US);
    cr_expect_eq(write_file().wrote.kept, 1, "what cannot be read stays");
}

Test(heard, of_what_stays_nothing_is_changed_and_what_is_no_bundle_goes)
{
    uint8_t head[2000], garbage[700];
    memset(garbage, 'c', sizeof garbage);
    say((struct word){.by = &vera, .from = veras});
    (void)file_size(head, sizeof head);
    cr_assert_eq(truncate(in_folder(folder, "stick"), 900), 0);
    cr_expect_eq(read_file(&node).took.damaged, 1);
    cr_expect_eq(write_file().wrote.kept, 1, "what was not read to its end");
    say((struct word){.by = &vera, .from = veras});
    (void)file_size(head, sizeof head);
    cr_assert_eq(truncate(in_folder(folder, "stick"), 2000), 0);
    struct ending end = write_file();
    cr_expect(end.err == CP_OK && end.wrote.kept == 1 && end.wrote.bytes == CP_BUNDLE_SIZE_MIN + 2000,
              "torn");
    uint8_t both[CP_BUNDLE_SIZE_MIN + 2000];
    cr_assert_eq(file_size(both, sizeof both), sizeof both);
    cr_expect_eq(memcmp(both + CP_BUNDLE_SIZE_MIN, head, sizeof head), 0, "byte by byte, behind ours");
    cr_assert_eq(truncate(in_folder(folder, "stick"), CP_BUNDLE_SIZE_MIN), 0);
    add_to_file(garbage, sizeof garbage);
    end = write_file();
    cr_expect(end.err == CP_OK && end.wrote.kept == 0 && end.wrote.bytes == CP_BUNDLE_SIZE_MIN);
    cr_assert_eq(truncate(in_folder(folder, "stick"), CP_BUNDLE_SIZE_MIN), 0);
    add_to_file(both, 20); /* a head that is cut off within itself */
    cr_expect_eq(write_file().wrote.kept, 0);
    cr_assert_eq(truncate(in_folder(folder, "stick"), 0), 0);
    cr_expect_eq(write_file().wrote.kept, 0, "an empty file");
}

/* A long head, of hundreds of machines, is told from a short one. */
Test(heard, a_bundle_for_many_machines_stays_too)
{
    struct cp_buf slots, out;
    cp_buf_init(&slots, test_mem(), 65536);
    cp_buf_init(&out, test_mem(), 65536);
    randombytes_buf(cp_buf_space(&slots, (size_t)256 * CP_BUNDLE_SLOT_LEN), (size_t)256 * CP_BUNDLE_SLOT_LEN);
    cp_bundle_head_write(cp_buf_bytes(&slots), 32768, &out);
    randombytes_buf(cp_buf_space(&out, 32768 - out.len), 32768 - out.len);
    say((struct word){.by = &vera, .from = veras});
    add_to_file(out.ptr, 32768);
    struct ending end = write_file();
    cr_expect(end.err == CP_OK && end.wrote.kept == 2 && end.wrote.bytes == 2 * CP_BUNDLE_SIZE_MIN + 32768);
    cp_buf_clear(&slots);
    cp_buf_clear(&out);
}

/* ---- Pictures and papers ---- */

static uint8_t picture[CP_PIECE_LEN + 77], large[17 * CP_PIECE_LEN]; /* of more than a MiB */

static struct cp_bytes piece_of(uint64_t number)
{
    return CP_BYTES(picture + number * CP_PIECE_LEN, cp_piece_len(sizeof picture, number));
}

static void attach_bytes(uint8_t id[CP_ID_LEN], struct cp_bytes bytes)
{
    struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_ATTACHMENT, 0, item);
    cr_assert_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, bytes, CP_BYTES(NULL, 0), cp_bytes_str("a garden")),
                 CP_OK);
    cr_assert_eq(group_write(s, &asha, plan, &d, id), CP_OK);
}

/* An attachment of two pieces, of which the first `here` are on our machine. */
static void attach(uint8_t id[CP_ID_LEN], uint64_t here)
{
    memset(picture, 'p', sizeof picture);
    attach_bytes(id, CP_BYTES(picture, sizeof picture));
    for (uint64_t i = 0; i < here; i++)
        cr_assert_eq(cp_store_piece_keep(s, plan, id, i, piece_of(i)), CP_OK);
}

Test(heard, what_a_machine_asks_for_is_put_in)
{
    uint8_t id[CP_ID_LEN], other[CP_ID_LEN] = {4};
    attach(id, 2);
    cr_expect_eq(write_file().wrote.pieces, 0, "nobody asked");
    say((struct word){.by = &vera, .from = veras, .asks = id});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(write_file().wrote.pieces, 2);
    say((struct word){.by = &vera, .from = veras});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(write_file().wrote.pieces, 2,
                 "at a carrier nothing is said of it, which takes nothing back");
    cr_expect_eq(write_for(&asha).err, CP_ERR_NOBODY);
    say((struct word){.by = &vera, .from = veras, .asks = id, .from_number = 1});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(write_file().wrote.pieces, 1, "from the first missing one on");
    say((struct word){.by = &vera, .from = veras, .asks = other});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(write_file().wrote.pieces, 0, "what is asked for now, and nobody has");
}

Test(heard, nobody_asks_in_somebody_elses_name)
{
    uint8_t id[CP_ID_LEN];
    attach(id, 2);
    say((struct word){.by = &puppet, .from = liars, .asks = id});
    cr_expect_eq(read_file(&node).err, CP_OK);
    cr_expect_eq(write_file().wrote.pieces, 0);
    say((struct word){.by = &vera, .from = veras, .asks = id, .asks_again = true});
    struct ending end = read_file(&node);
    cr_expect(end.took.damaged == 1 && end.took.first_bad == CP_ERR_BAD_VALUE, "no writer asks twice");
    cr_expect_eq(write_file().wrote.pieces, 0);
}

Test(heard, a_piece_is_kept_when_it_was_asked_for_and_is_the_right_one)
{
    uint8_t id[CP_ID_LEN];
    struct cp_pieces_held held;
    attach(id, 1);
    const struct word brings = {.by = &vera, .from = veras, .brings = id, .piece = piece_of(1)};
    const struct cp_pictures_setting some = {.all = true, .room_mib = 1};
    say(brings);
    struct ending end = read_file(&node);
    cr_expect(end.err == CP_OK && end.took.pieces == 0 && end.took.unasked == 1 && end.took.damaged == 0);
    cr_expect_eq(write_file().wrote.kept, 1, "somebody else may have asked for it");
    cr_assert_eq(cp_store_pictures_set(s, plan, &some), CP_OK);
    struct word wrong = brings;
    wrong.piece = piece_of(0);
    say(wrong);
    end = read_file(&node);
    cr_expect(end.took.pieces == 0 && end.took.refused == 1 && end.took.first_bad == CP_ERR_BAD_PIECE);
    cr_assert_eq(cp_store_pieces_held(s, id, &held), CP_OK);
    cr_expect_eq(held.pieces, 1);
    say(brings);
    end = read_file(&node);
    cr_expect(end.err == CP_OK && end.took.pieces == 1 && end.took.no_room == 0);
    cr_assert_eq(cp_store_pieces_held(s, id, &held), CP_OK);
    cr_expect(held.whole);
    cr_expect_eq(write_file().wrote.kept, 0, "all of it is here");
    cr_expect_eq(read_file(&node).took.pieces, 0);
}

/* Of a picture that cannot be had whole nobody is helped by a part, and it would take the room of another. */
Test(heard, what_does_not_fit_whole_is_not_begun)
{
    const struct cp_pictures_setting some = {.all = true, .room_mib = 1};
    uint8_t id[CP_ID_LEN];
    memset(large, 'l', sizeof large);
    attach_bytes(id, CP_BYTES(large, sizeof large));
    cr_assert_eq(cp_store_pictures_set(s, plan, &some), CP_OK);
    say((struct word){
        .by = &vera, .from = veras, .brings = id, .piece = CP_BYTES(large + CP_PIECE_LEN, CP_PIECE_LEN)});
    struct ending end = read_file(&node);
    cr_expect(end.err == CP_OK && end.took.pieces == 0 && end.took.no_room == 1);
}
