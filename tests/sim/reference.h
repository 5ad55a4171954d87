/*
 * The plain model that the simulator believes: every entry that was ever signed or accepted in a world, sets of them,
 * and what people should see of a set, told in text straight from the definition in docs/protocol.md "Merging".
 * Owns: its entries and its own reading of rule R1, "current", lists, set aside and views. Must not: call the store,
 * proto/record.h or proto/views; quickness comes last.
 */
#ifndef CP_TESTS_SIM_REFERENCE_H
#define CP_TESTS_SIM_REFERENCE_H

#include "proto/frame.h"
#include "proto/member.h"
#include "proto/version.h"

struct ref_op {
    uint16_t field;
    enum cp_how how;
    const uint8_t *ref; /* the id it names, or NULL */
    uint16_t removed_op;
    struct cp_bytes lang;
    struct cp_value value;
};

#define REF_NONE SIZE_MAX

struct ref_entry {
    uint8_t id[CP_ID_LEN], device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN], person[CP_ID_LEN];
    enum cp_class class;
    uint64_t seq, lamport, kind, subkind;
    size_t *preds; /* indices; prev first when seq > 1; REF_NONE for one that nobody ever held */
    size_t preds_count;
    const char *unfit; /* why no honest store may hold it; NULL: any may that holds its predecessors */
    uint8_t *bytes;    /* frame and words */
    struct cp_bytes frame, words;
    bool readable;     /* content that says something this version knows */
    bool bare;         /* its frame alone would, and its words make nonsense of it */
    const uint8_t (*refs)[CP_ID_LEN];
    size_t refs_count, replaced_from, replaced_count;
    struct ref_op *ops;
    size_t ops_count;
    const uint8_t *target; /* the record it touches, or NULL */
    size_t next;           /* the next that touches the same record, in order of learning; REF_NONE: none */
};

/* A WITHDRAW whose signature is good. */
struct ref_withdraw {
    size_t entry;
    uint8_t person[CP_ID_LEN], key[CP_KEY_LEN];
    uint8_t (*ids)[CP_ID_LEN];
    size_t count;
};

/* The first and last entry that touches a record. */
struct ref_record {
    uint8_t id[CP_ID_LEN];
    size_t first, last;
};

struct ref_log {
    uint8_t plan[CP_ID_LEN];
    struct ref_entry *entries;
    size_t count, cap;
    size_t *slots; /* by id: index + 1 */
    size_t slots_count;
    struct ref_record *records; /* in order of learning */
    size_t records_count, records_cap;
    size_t *record_slots;
    size_t record_slots_count;
    struct ref_withdraw *withdraws; /* in order of learning */
    size_t withdraws_count;
};
void ref_init(struct ref_log *log, const uint8_t plan[static CP_ID_LEN]);
void ref_clear(struct ref_log *log);
size_t ref_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN]);
/* Learns an entry (known ones once) and judges it; its index. The signature is the caller's business. */
size_t ref_learn(struct ref_log *log, const struct cp_entry *e);
/* The record's number in log->records, or REF_NONE. */
size_t ref_record_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN]);

/* ---- Sets of entries ---- */
struct ref_set {
    uint64_t *bits;
    size_t words;
    size_t count;
};
void ref_set_clear(struct ref_set *s);
bool ref_set_has(const struct ref_set *s, size_t at);
void ref_set_add(struct ref_set *s, size_t at);
void ref_set_remove(struct ref_set *s, size_t at);
void ref_set_copy(struct ref_set *to, const struct ref_set *from);
bool ref_set_includes(const struct ref_set *all, const struct ref_set *some);
/*
 * Are the entry's words gone for whoever holds this set? A WITHDRAW in it names the entry, says that it is by the
 * entry's person, and is signed by an identity key that an admission of that person names; the entry has words, and
 * is content of a kind that is not frozen.
 */
bool ref_withdrawn(const struct ref_log *log, const struct ref_set *held, size_t at);
/* Whether an admission of this device is among what is held: who lacks it writes nothing. */
bool ref_admitted(const struct ref_log *log, const struct ref_set *held, const uint8_t device[CP_KEY_LEN]);
/* Has the entry an effect for whoever holds this set? One whose words made nonsense of it has, once they are gone. */
bool ref_says(const struct ref_log *log, const struct ref_set *held, size_t at);
/* The statement that this entry carries, NULL when it carries none that counts. */
const struct ref_withdraw *ref_withdraw_of(const struct ref_log *log, size_t entry);
/* NULL when the set is one that an honest store may hold; else what is wrong. */
const char *ref_set_sound(const struct ref_log *log, const struct ref_set *s);

/* ---- What people should see ---- */
/* The record's text: one line for each register in byte order, then whether it is set aside. kind: PLAN, PERSON or
 * ITEM (an item's own kind is in its entry). */
void ref_show(const struct ref_log *log, const struct ref_set *held, uint64_t kind, const uint8_t id[static CP_ID_LEN],
              struct cp_buf *out);
/* The views on a target, one line each in byte order. */
void ref_show_views(const struct ref_log *log, const struct ref_set *held, const uint8_t id[static CP_ID_LEN],
                    struct cp_buf *out);

/* ---- Lines ---- */
struct ref_lines {
    char **list;
    size_t count, cap;
};
/* Takes what is in `line` (and resets it). */
void ref_lines_add(struct ref_lines *l, struct cp_buf *line);
/* Sorted, a line break after each; frees them. */
void ref_lines_end(struct ref_lines *l, struct cp_buf *out);
/* How a value and where it stands are told: "a1b2c3d4.0 text". */
void ref_put_value(const uint8_t id[static CP_ID_LEN], size_t op, const uint8_t *link, const struct cp_value *v,
                   struct cp_buf *out);

#endif
