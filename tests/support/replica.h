/*
 * A replica in memory, with real entries and real keys, for tests and fuzzing of sessions and chunks.
 * Owns: its entries. Must not: be quick; every look-up walks all entries.
 *
 * Entries are kept in order of arrival; a row number is a place in that order, from 0. What replica_take refuses
 * is refused by rule R1 as far as it needs predecessors; the admission of a chain's first entry is not judged.
 */
#ifndef CP_TESTS_REPLICA_H
#define CP_TESTS_REPLICA_H

#include "tests/support/shelf.h"

extern const struct cp_mem replica_mem; /* malloc */
/* A counting allocator that fails from call number replica_fail_at on; 0: never. */
extern size_t replica_fail_at, replica_calls, replica_bytes, replica_bytes_most;

struct device {
    uint8_t key[CP_KEY_LEN];
    uint8_t secret[64];
    uint8_t incarnation[CP_INCARNATION_LEN];
};
/* A device whose keys follow from the number. */
void device_make(struct device *d, unsigned number);

struct replica_entry {
    uint8_t id[CP_ID_LEN];
    struct {
        enum cp_class class;
        uint64_t seq;
        uint64_t lamport;
        uint8_t prev[CP_ID_LEN];
    } head;
    bool cited;     /* another of its chain goes on from it: no tip */
    size_t chain;   /* index into chains */
    uint64_t gone_row; /* as in struct cp_outgoing; the words stay */
    uint8_t *bytes; /* header, frame, words, signature, one after the other */
    struct cp_entry entry;
};
struct replica_chain {
    uint8_t device[CP_KEY_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
    enum cp_class class;
    uint8_t tag[8];
};

struct replica {
    struct cp_replica iface;
    uint8_t key[CP_KEY_LEN]; /* the machine's CURVE key: any 32 bytes here */
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint8_t plan[CP_ID_LEN];
    bool held, waits;
    bool peer_out; /* the peer is no member (any more) */
    enum cp_err broken; /* not OK: whether a plan is awaited or the peer a member cannot be read */
    uint64_t wanted;
    uint8_t proof[16][CP_KEY_LEN];
    size_t proof_count;
    struct replica_entry *entries;
    size_t count, cap;
    struct replica_chain *chains;
    size_t chains_count, chains_cap;
    struct shelf *shelf; /* NULL: it knows no attachments. Set with replica_shelve */
    size_t chunks; /* replica_take calls that stored */
};

void replica_init(struct replica *r, unsigned number);
void replica_clear(struct replica *r);
/* Gives it attachments; borrowed. */
void replica_shelve(struct replica *r, struct shelf *shelf);
/* Founds a plan: the first entry, by `d`. */
void replica_found(struct replica *r, const struct device *d);
/* Founds one that carries on `of`, from the last control entry there; meant for one made-up person. */
void replica_continue(struct replica *r, const struct device *d, const struct replica *of);
/* Writes one entry of `d` with `words_len` bytes of words (content only: control has none); cites prev, the last
 * control entry held and, in content, the last content entry held. */
void replica_write(struct replica *r, const struct device *d, enum cp_class class, size_t words_len);
/* The same at a place of the chain where there may be entries already: a fork. seq 0: the next one. */
void replica_write_at(struct replica *r, const struct device *d, enum cp_class class, size_t words_len, uint64_t seq);
/* The same with this body. */
void replica_write_body(struct replica *r, const struct device *d, enum cp_class class, uint64_t seq,
                        struct cp_bytes frame, struct cp_bytes words);
/* Reads, judges and stores a chunk, all or nothing, as the store does. */
enum cp_err replica_take(struct replica *r, const uint8_t plan[CP_ID_LEN], struct cp_bytes payload, bool control_only,
                         size_t *fresh);
/* Forgets all but the first `count` entries. */
void replica_forget(struct replica *r, size_t count);
/* Copies every entry of `from`. */
void replica_copy(struct replica *r, const struct replica *from);
bool replica_has(const struct replica *r, const uint8_t id[CP_ID_LEN]);
/* True when both hold the same set of entries. */
bool replica_same(const struct replica *a, const struct replica *b);
/* True when every entry of b is in a. */
bool replica_includes(const struct replica *a, const struct replica *b);

/* ---- Two machines that meet ---- */
struct link_message {
    uint8_t *bytes;
    size_t len;
};
struct link_side {
    struct replica *replica;
    struct cp_session *session;
    struct link_message *queue; /* towards this side */
    size_t queue_from, queue_count, queue_cap;
    struct cp_report reports[256];
    size_t reports_count;
    bool ended;
    enum cp_err err;
    size_t joins; /* JOINs that the daemon was asked about */
    enum cp_err join_result;
    enum cp_err store_result; /* when not OK, every STORE fails with it */
};
struct link {
    struct link_side side[2]; /* 0: the caller */
    uint64_t now_ms;
    size_t messages; /* delivered in all */
    size_t bytes[2]; /* sent by each side */
    size_t bytes_before_chunk; /* both ways, other than chunks, until the first chunk */
    bool chunk_seen;
    /* Called for every message on its way; false drops it. May change the bytes. */
    bool (*meddle)(void *ctx, struct link *l, int to, struct link_message *m);
    void *meddle_ctx;
};
/* Starts both sessions. Configs' keys and incarnations are filled from the replicas. */
void link_start(struct link *l, struct replica *caller, struct replica *called, struct cp_session_config *caller_config,
                struct cp_session_config *called_config);
/* Delivers one message; false when there is none. */
bool link_step(struct link *l);
/* Delivers until nothing moves or `most` messages were delivered. */
void link_run(struct link *l, size_t most);
void link_event(struct link *l, int side, const struct cp_event *event);
void link_clear(struct link *l);
/* The whole of one ordinary meeting. Returns true when both ended well and in sync. */
bool link_meet(struct replica *caller, struct replica *called);

#endif
