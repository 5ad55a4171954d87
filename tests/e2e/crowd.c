/*
 * A crowd that means ill: members of a plan (each was let in by an invitation, as anybody is) who keep to no rule, all at
 * once, against one daemon. What each of them does is in the table of ways below.
 *
 *   crowd INVITATION...        the invitations all name the daemon to be harmed
 *
 * Lets everybody in, prints "in", begins with the first byte on stdin, prints "busy" when all have been at it for a while and
 * "long" when for long enough, and ends at the end of stdin. Prints then how often each way was tried and how often the daemon
 * ended it. Exits with 3 where somebody was not let in.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "daemon/keeper.h"
#include "daemon/memory.h"
#include "proto/session_internal.h"
#include "tests/support/hostile.h"

enum way {
    WAY_JUNK,     /* floods with noise, each message as large as it may be */
    WAY_STORM,    /* greets and is gone, again and again */
    WAY_MUTE,     /* asks for everything and reads none of it */
    WAY_AHEAD,    /* the same, but acknowledges what it never read, so that more is sent */
    WAY_GREEDY,   /* asks for everything, takes it, and asks again */
    WAY_TIPS,     /* claims to hold a million chains */
    WAY_CHUNKS,   /* sends entries that are none, and has the daemon keep them while it asks again */
    WAY_MANY,     /* holds many lines at once, each of them to stay */
    WAY_STRANGER, /* no member's key at all: begins to say something large, without end */
    WAY_ODD,      /* says all that may be said at the wrong time */
    WAY_COUNT
};
static const char *const way_words[WAY_COUNT] = {"junk", "storm",  "mute", "ahead",    "greedy",
                                                 "tips", "chunks", "many", "stranger", "odd"};
enum {
    LINES = 24,
    PIECE = 64 * 1024,
    TICK_MS = 2,
    LONG_MS = 15000,
    BUSY_MS = 2000,
    WORN_MS = 6000
};

struct line { /* one connection */
    void *socket;
    int fd; /* of a stranger */
    bool greeted, welcomed;
    uint64_t begun_ms, next_ms;
    uint64_t number; /* of the next ACK, TIPS or CHUNK */
    unsigned said;
};
struct foe {
    enum way way;
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
    struct line lines[LINES];
    size_t lines_count;
    uint64_t tried, ended;
};

static void *context;
static struct cp_invitation target;
static struct foe *foes;
static size_t foes_count;
static uint8_t *noise; /* CP_MESSAGE_MAX bytes */

static uint64_t now_ms(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "crowd: %s\n", what);
    exit(3);
}

/* ---- Being let in ---- */

static void *dial(const uint8_t *key, const uint8_t *secret, int read_ahead)
{
    char where[300];
    int zero = 0, never = -1, few = 4;
    void *s = zmq_socket(context, ZMQ_DEALER);
    if (s == NULL)
        return NULL;
    (void)zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof zero);
    (void)zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof never);
    (void)zmq_setsockopt(s, ZMQ_SNDHWM, &few, sizeof few);
    (void)zmq_setsockopt(s, ZMQ_RCVHWM, &read_ahead, sizeof read_ahead);
    (void)zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, target.server_key, CP_KEY_LEN);
    (void)zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key, CP_KEY_LEN);
    (void)zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret, CP_KEY_LEN);
    (void)snprintf(where, sizeof where, "tcp://%s", target.address);
    if (zmq_connect(s, where) == 0)
        return s;
    (void)zmq_close(s);
    return NULL;
}

static void sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *secret, uint8_t sig[static CP_SIG_LEN])
{
    struct cp_buf b;
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    cp_sign_input(tag, text, &b);
    (void)crypto_sign_detached(sig, NULL, b.ptr, b.len, secret);
    cp_buf_clear(&b);
}

static void write_join(const struct foe *f, const struct cp_invitation *inv, const char *name,
                       struct cp_buf *out)
{
    uint8_t secrets[4][crypto_sign_SECRETKEYBYTES], sigs[3][CP_SIG_LEN], key[CP_KEY_LEN], seed[32];
    struct cp_join j = {
        .how = CP_JOIN_NEW, .device_name = cp_bytes_str("tablet"), .name = cp_bytes_str(name)};
    struct cp_buf text;
    memcpy(j.plan, inv->plan, CP_ID_LEN);
    memcpy(j.invite, inv->invite, CP_ID_LEN);
    memcpy(j.curve_key, f->key, CP_KEY_LEN);
    memcpy(j.box_key, f->key, CP_KEY_LEN);
    (void)crypto_sign_keypair(j.device_key, secrets[0]);
    (void)crypto_sign_keypair(j.identity_key, secrets[1]);
    (void)crypto_sign_keypair(j.recovery_key, secrets[2]);
    cp_hash2(CP_TAG_TOKEN_SIGN, CP_BYTES(inv->token, CP_TOKEN_LEN), CP_BYTES(NULL, 0), seed, sizeof seed);
    (void)crypto_sign_seed_keypair(key, secrets[3], seed);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, cp_memory(), CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, secrets[0], sigs[0]);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, secrets[1], sigs[1]);
    sign(CP_TAG_STATEMENT_TOKEN, j.text, secrets[3], sigs[2]);
    j.device_sig = sigs[0];
    j.identity_sig = sigs[1];
    j.token_sig = sigs[2];
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

static void enter(struct foe *f, const char *typed, size_t number)
{
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
    struct cp_buf join, message;
    struct cp_wire answer;
    zmq_msg_t msg;
    int wait_ms = LONG_MS;
    char name[32];
    (void)snprintf(name, sizeof name, "Foe %zu", number);
    must(cp_invitation_read(cp_bytes_str(typed), &target) == CP_OK && target.has_server, "an invitation");
    f->way = (enum way)(number % WAY_COUNT);
    (void)crypto_box_keypair(f->key, f->secret);
    cp_buf_init(&join, cp_memory(), CP_JOIN_MAX);
    cp_buf_init(&message, cp_memory(), CP_MESSAGE_MAX);
    write_join(f, &target, name, &join);
    cp_wire_put_join(&message, cp_buf_bytes(&join));
    cp_token_curve(target.token, key, secret);
    void *s = dial(key, secret, 4);
    must(s != NULL && zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms) == 0, "a socket");
    must(zmq_send(s, message.ptr, message.len, 0) >= 0, "to send");
    must(zmq_msg_init(&msg) == 0 && zmq_msg_recv(&msg, s, 0) >= 0, "an answer at the door");
    must(cp_wire_read(CP_BYTES(zmq_msg_data(&msg), zmq_msg_size(&msg)), &answer) == CP_OK &&
             answer.type == CP_WIRE_JOINED && answer.word == CP_OK,
         "to be let in");
    (void)zmq_msg_close(&msg);
    (void)zmq_close(s);
    cp_buf_clear(&join);
    cp_buf_clear(&message);
}

/* ---- What all of them say ---- */

/* False: it did not go, now or for ever. */
static bool say(struct line *l, const struct cp_buf *b)
{
    return cp_buf_err(b) == CP_OK && zmq_send(l->socket, b->ptr, b->len, ZMQ_DONTWAIT) >= 0;
}

static void hello(struct foe *f, struct line *l, bool stay)
{
    uint8_t incarnation[CP_INCARNATION_LEN] = {7}, tag[CP_TAG_LEN];
    struct cp_wire_digests digests = {.wanted = false};
    struct cp_buf b;
    memset(digests.class, 0x55, sizeof digests.class); /* another than theirs */
    greet_plan_tag(target.plan, f->key, tag);
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    cp_wire_put_greeting(&b, CP_WIRE_HELLO, incarnation, (stay ? CP_WIRE_STAY : 0U) | CP_WIRE_COMPACT);
    cp_put_array(&b, 1);
    cp_wire_put_digests(&b, tag, &digests);
    l->greeted = say(l, &b);
    cp_buf_clear(&b);
}

/* Reads a message; false when there is none. */
static bool hear(struct line *l, zmq_msg_t *msg)
{
    if (zmq_msg_init(msg) != 0)
        return false;
    if (zmq_msg_recv(msg, l->socket, ZMQ_DONTWAIT) >= 0)
        return true;
    (void)zmq_msg_close(msg);
    return false;
}

static void put_tips(struct cp_buf *b, bool last, const struct cp_wire_tip *tips, size_t control,
                     size_t count)
{
    cp_put_array(b, 7);
    cp_put_uint(b, CP_WIRE_TIPS);
    cp_put_uint(b, 0);
    cp_put_uint(b, last ? 1 : 0);
    cp_wire_put_tips(b, tips, control);
    cp_wire_put_tips(b, tips + control, count - control);
}

/* Of every chain that the daemon showed we hold nothing: it has to send it all. */
static bool want_all(struct line *l)
{
    struct cp_wire m;
    zmq_msg_t msg;
    struct cp_wire_tip *tips = calloc(CP_TIPS_PER_MESSAGE, sizeof *tips);
    size_t count = 0, control = 0;
    bool good = tips != NULL && hear(l, &msg);
    if (!good) {
        free(tips);
        return false;
    }
    good = cp_wire_read(CP_BYTES(zmq_msg_data(&msg), zmq_msg_size(&msg)), &m) == CP_OK &&
           m.type == CP_WIRE_WELCOME;
    if (good) {
        (void)cp_wire_get_greeting(&m.rest, NULL);
        (void)cp_get_any(&m.rest, 2);
        (void)cp_get_array(&m.rest, 6, 6);
        (void)cp_get_uint(&m.rest, 0);
        (void)cp_get_uint(&m.rest, 1);
        for (int class = 0; class < 2; class ++) {
            struct cp_wire_tips in;
            struct cp_wire_tip tip;
            cp_wire_get_tips(&m.rest, &in);
            while (count < CP_TIPS_PER_MESSAGE && cp_wire_next_tip(&in, &tip))
                memcpy(tips[count++].tag, tip.tag, CP_TAG_LEN);
            control = class == 0 ? count : control;
        }
        good = m.rest.err == CP_OK;
    }
    (void)zmq_msg_close(&msg);
    struct cp_buf b;
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    put_tips(&b, true, tips, control, count);
    good = good && say(l, &b);
    cp_buf_reset(&b);
    cp_wire_put_plan(&b, CP_WIRE_READY, 0);
    good = good && say(l, &b);
    cp_buf_clear(&b);
    free(tips);
    l->welcomed = good;
    return good;
}

/* ---- What each does ---- */

static void claim_tips(struct line *l)
{
    static struct cp_wire_tip tips[CP_TIPS_PER_MESSAGE];
    struct cp_buf b;
    for (size_t i = 0; i < CP_TIPS_PER_MESSAGE; i++) {
        uint64_t n = l->number * CP_TIPS_PER_MESSAGE + i + 1;
        for (size_t k = 0; k < CP_TAG_LEN; k++)
            tips[i].tag[k] = (uint8_t)(n >> (56 - 8 * k));
        memset(tips[i].hash, 3, CP_TIP_HASH_LEN);
        tips[i].seq = 1;
    }
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    put_tips(&b, false, tips, 0, CP_TIPS_PER_MESSAGE);
    l->number += say(l, &b);
    cp_buf_clear(&b);
}

static void send_chunks(struct line *l)
{
    struct cp_wire_tip tip = {.seq = 1000000, .tag = {1}, .hash = {2}};
    struct cp_buf b;
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    if (l->number == 0)
        put_tips(&b, true, &tip, 0, 1);
    else /* the first cannot be rebuilt; those behind it wait for it */
        cp_wire_put_chunk(&b, 0, CP_CONTENT, 0, l->number, CP_CHUNK_FORM_COMPACT,
                          CP_BYTES(noise, CP_MESSAGE_MAX - 64));
    if (l->number <= CP_CHUNKS_IN_FLIGHT)
        l->number += say(l, &b);
    cp_buf_clear(&b);
}

/* Takes what comes and acknowledges it; blind: without reading. */
static void acknowledge(struct line *l, bool blind, uint64_t now)
{
    struct cp_wire m;
    zmq_msg_t msg;
    bool chunk = blind && now >= l->next_ms;
    bool over = false;
    if (!blind && hear(l, &msg)) {
        bool good = cp_wire_read(CP_BYTES(zmq_msg_data(&msg), zmq_msg_size(&msg)), &m) == CP_OK;
        chunk = good && m.type == CP_WIRE_CHUNK;
        over = good && m.type == CP_WIRE_SENT;
        (void)zmq_msg_close(&msg);
    }
    if (chunk) {
        struct cp_buf b;
        cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
        cp_wire_put_ack(&b, ++l->number);
        (void)say(l, &b);
        cp_buf_clear(&b);
        l->next_ms = now + 50;
    }
    if (over)
        l->begun_ms = 0; /* again */
}

static void say_odd(struct line *l)
{
    struct cp_buf b;
    cp_buf_init(&b, cp_memory(), CP_MESSAGE_MAX);
    switch (l->said++ % 6) {
    case 0:
        cp_wire_put_done(&b, 0, NULL, CP_INT_MAX, CP_INT_MAX);
        break;
    case 1:
        cp_wire_put_again(&b, 1);
        break;
    case 2:
        cp_wire_put_chain(&b, CP_WIRE_WANT, 0, CP_CONTENT, noise, 0);
        break;
    case 3:
        cp_wire_put_chain(&b, CP_WIRE_ASK, 0, CP_CONTENT, noise, CP_INT_MAX);
        break;
    case 4:
        cp_wire_put_plan(&b, CP_WIRE_SENT, 63);
        break;
    default:
        cp_buf_put(&b, noise, 100);
        break;
    }
    (void)say(l, &b);
    cp_buf_clear(&b);
}

static void drip(struct line *l)
{
    uint8_t start[64 + 9] = {0};
    if (l->said == 0) { /* a greeting, then the head of a command that is as long as may be */
        hostile_greeting("CURVE", start);
        start[64] = 0x06;
        start[64 + 1 + 5] = (CP_MESSAGE_MAX - 1) >> 16 & 0xff;
        start[64 + 1 + 6] = (CP_MESSAGE_MAX - 1) >> 8 & 0xff;
        start[64 + 1 + 7] = (CP_MESSAGE_MAX - 1) & 0xff;
        hostile_write(l->fd, start, sizeof start);
    } else if (l->said < CP_MESSAGE_MAX / PIECE) {
        hostile_write(l->fd, noise, PIECE);
    }
    l->said++;
}

static void act(struct foe *f, struct line *l, uint64_t now)
{
    zmq_msg_t msg;
    if (f->way == WAY_STRANGER) {
        drip(l);
        return;
    }
    if (f->way == WAY_JUNK) {
        for (int i = 0; i < 4 && zmq_send(l->socket, noise, CP_MESSAGE_MAX, ZMQ_DONTWAIT) >= 0; i++)
            l->greeted = true;
        return;
    }
    if (!l->greeted) {
        hello(f, l, f->way == WAY_MANY || f->way == WAY_MUTE);
        return;
    }
    switch (f->way) {
    case WAY_STORM:
        l->begun_ms = 0;
        break;
    case WAY_MUTE:
        if (!l->welcomed)
            (void)want_all(l);
        break;
    case WAY_AHEAD:
    case WAY_GREEDY:
        if (!l->welcomed && want_all(l))
            l->next_ms = now + 300;
        if (l->welcomed)
            acknowledge(l, f->way == WAY_AHEAD, now);
        break;
    case WAY_TIPS:
        claim_tips(l);
        break;
    case WAY_CHUNKS:
        send_chunks(l);
        break;
    case WAY_ODD:
        say_odd(l);
        break;
    case WAY_JUNK:
    case WAY_MANY:
    case WAY_STRANGER:
    case WAY_COUNT:
        if (hear(l, &msg))
            (void)zmq_msg_close(&msg);
        break;
    }
}

/* ---- Lines ---- */

static bool is_open(const struct line *l)
{
    return l->socket != NULL || l->fd >= 0;
}

static void line_close(struct line *l)
{
    if (l->socket != NULL)
        (void)zmq_close(l->socket);
    if (l->fd >= 0)
        (void)close(l->fd);
    *l = (struct line){.fd = -1};
}

static void line_open(struct foe *f, struct line *l, uint64_t now)
{
    *l = (struct line){.fd = -1, .begun_ms = now};
    if (f->way == WAY_STRANGER)
        l->fd = hostile_tcp(target.address);
    else
        l->socket = dial(f->key, f->secret, f->way == WAY_MUTE || f->way == WAY_AHEAD ? 1 : 32);
    f->tried += is_open(l);
}

/* A socket that does not reconnect has nowhere to send to once it was ended. */
static bool line_is_cut(const struct line *l, uint64_t now)
{
    int events = 0;
    size_t len = sizeof events;
    if (l->fd >= 0)
        return hostile_cut(l->fd);
    return l->greeted && now - l->begun_ms > 100 &&
           zmq_getsockopt(l->socket, ZMQ_EVENTS, &events, &len) == 0 && (events & ZMQ_POLLOUT) == 0;
}

static void foe_step(struct foe *f, uint64_t now)
{
    for (size_t i = 0; i < f->lines_count; i++) {
        struct line *l = &f->lines[i];
        if (!is_open(l)) {
            line_open(f, l, now);
            continue;
        }
        act(f, l, now);
        bool cut = line_is_cut(l, now);
        f->ended += cut;
        if (cut || l->begun_ms == 0 || now - l->begun_ms > LONG_MS)
            line_close(l);
    }
}

static bool more_to_come(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char some[64];
    return poll(&in, 1, TICK_MS) == 0 || read(STDIN_FILENO, some, sizeof some) > 0;
}

/* By what was done, since a loaded machine does less in the time; and in the end by the time. */
static bool is_time(uint64_t spent_ms, bool for_long)
{
    uint64_t ended = 0;
    for (size_t i = 0; i < foes_count; i++)
        ended += foes[i].ended;
    if (spent_ms >= (for_long ? 25000U : 15000U))
        return true;
    return for_long ? spent_ms >= WORN_MS && ended >= 250 : spent_ms >= BUSY_MS && ended >= 100;
}

int main(int argc, char **argv)
{
    if (argc < 2 || sodium_init() < 0) {
        (void)fputs("crowd INVITATION...\n", stderr);
        return 2;
    }
    foes_count = (size_t)argc - 1;
    foes = calloc(foes_count, sizeof *foes);
    noise = malloc(CP_MESSAGE_MAX);
    context = zmq_ctx_new();
    must(foes != NULL && noise != NULL && context != NULL, "memory");
    randombytes_buf_deterministic(noise, CP_MESSAGE_MAX, (const uint8_t[randombytes_SEEDBYTES]){9});
    for (size_t i = 0; i < foes_count; i++) {
        enter(&foes[i], argv[1 + i], i);
        foes[i].lines_count = foes[i].way == WAY_MANY ? LINES : foes[i].way == WAY_STRANGER ? 8 : 1;
        for (size_t k = 0; k < LINES; k++)
            foes[i].lines[k].fd = -1;
    }
    (void)puts("in");
    (void)fflush(stdout);
    char first = 0;
    if (read(STDIN_FILENO, &first, 1) != 1)
        return 0;
    uint64_t begun_ms = now_ms();
    unsigned said = 0;
    while (more_to_come()) {
        for (size_t i = 0; i < foes_count; i++)
            foe_step(&foes[i], now_ms());
        if (said < 2 && is_time(now_ms() - begun_ms, said == 1)) {
            (void)puts(said++ == 0 ? "busy" : "long");
            (void)fflush(stdout);
        }
    }
    for (int way = 0; way < WAY_COUNT; way++) {
        uint64_t tried = 0, ended = 0, open = 0;
        for (size_t i = 0; i < foes_count; i++) {
            tried += foes[i].way == (enum way)way ? foes[i].tried : 0;
            ended += foes[i].way == (enum way)way ? foes[i].ended : 0;
            for (size_t k = 0; k < foes[i].lines_count && foes[i].way == (enum way)way; k++)
                open += is_open(&foes[i].lines[k]);
        }
        (void)printf("%s: %llu lines, %llu cut, %llu open\n", way_words[way], (unsigned long long)tried,
                     (unsigned long long)ended, (unsigned long long)open);
    }
    (void)fflush(stdout);
    _exit(0); /* without waiting for what libzmq still has to say */
}
