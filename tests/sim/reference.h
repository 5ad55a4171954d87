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

/* Entries by their places in the log. */
struct ref_set {
    uint64_t *bits;
    size_t words;
    size_t count;
};

struct ref_op {
    uint16_t field;
    enum cp_how how;
    const uint8_t *ref; /* the id it names, or NULL */
    uint16_t removed_op;
    struct cp_bytes lang;
    struct cp_value value;
};

#define REF_NONE SIZE_MAX
#define REF_STANDINGS 12U
struct ref_standing;

struct ref_entry {
    uint8_t id[CP_ID_LEN], device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN], person[CP_ID_LEN];
    enum cp_class class;
    unsigned depth; /* written in this plan (0), or in which of those that it goes back to */
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
    size_t control;        /* its place in log->controls; REF_NONE: content */
    size_t next;           /* the next that touches the same record, in order of learning; REF_NONE: none */
};

/* A WITHDRAW whose signature is good. */
struct ref_withdraw {
    size_t entry;
    uint8_t person[CP_ID_LEN], key[CP_KEY_LEN];
    uint8_t (*ids)[CP_ID_LEN];
    size_t count;
};

/* A control entry, read: what it says, and what about it does not depend on anything that comes later. */
struct ref_control {
    size_t entry;
    struct cp_control c;
    bool admits;           /* an admission by rule R1 */
    bool earlier;          /* whose JOIN is one of a plan before its own */
    bool signed_well;      /* a statement whose signature is good */
    uint8_t id[CP_ID_LEN]; /* of the statement, or of the JOIN */
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
    uint8_t (*line)[CP_ID_LEN]; /* this plan, the one that it carries on, and so on */
    unsigned line_count;
    size_t first;               /* this plan's first entry; REF_NONE: not learned yet */
    struct ref_control *controls; /* in order of learning */
    size_t controls_count, controls_cap;
    struct ref_standing *standings[REF_STANDINGS]; /* of sets that were asked about last */
    size_t standings_next;
    struct ref_set decides; /* entries on which it depends who stands; made when the log had so many: */
    size_t decides_count;
};
void ref_init(struct ref_log *log, const uint8_t plan[static CP_ID_LEN]);
/* A plan that carries on the one of `old`: its line. */
void ref_init_from(struct ref_log *log, const uint8_t plan[static CP_ID_LEN], const struct ref_log *old);
/* An entry of `old` as one of a continuation of that plan: its place here. Its predecessors are here. */
size_t ref_adopt(struct ref_log *log, const struct ref_log *old, size_t at);
void ref_clear(struct ref_log *log);
size_t ref_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN]);
/* Learns an entry (known ones once) and judges it; its index. The signature is the caller's business. */
size_t ref_learn(struct ref_log *log, const struct cp_entry *e, unsigned depth);
/* The entry's whole past, itself left out, is added to `out`. */
void ref_past(const struct ref_log *log, size_t at, struct ref_set *out);
/* The record's number in log->records, or REF_NONE. */
size_t ref_record_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN]);

/* ---- Sets of entries ---- */
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

/* ---- Who stands (reference_standing.c), by docs/protocol.md "Standing" and "Carrying on" ---- */
/* One device as whoever holds the set sees it in this plan. */
struct ref_device {
    bool admitted, stands, lost, left, waits;
    uint8_t person[CP_ID_LEN];
};
struct ref_device ref_device(const struct ref_log *log, const struct ref_set *held, const uint8_t key[CP_KEY_LEN]);
/* May the machine of this device be met? */
bool ref_is_in(const struct ref_device *d);
/* Has the entry no effect for whoever holds this set? */
bool ref_void(const struct ref_log *log, const struct ref_set *held, size_t at);
/* Does a statement or answer with this id count, signed by this identity key? */
bool ref_key_says(const struct ref_log *log, const struct ref_set *held, const uint8_t person[CP_ID_LEN],
                  const uint8_t key[CP_KEY_LEN], const uint8_t statement[CP_ID_LEN]);
/* Was this ever an identity key of the person: named by an admission, or by a KEY of theirs? */
bool ref_ever_key(const struct ref_log *log, const struct ref_set *held, const uint8_t person[CP_ID_LEN],
                  const uint8_t key[CP_KEY_LEN]);
/* What was worked out is forgotten: the log learned something. */
void ref_standings_forget(struct ref_log *log);

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
