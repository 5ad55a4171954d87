/*
 * The merge rules (design 4): from the entries that touch one record to what people see of it.
 * Owns: "current", two wordings, lists, positions, set aside, own registers. Pure: the same entries in any
 * order give the same result; no clock, no order of arrival. Must not: know where entries are kept.
 *
 * A *register* is (field, language or column) of one record. A write is *current* while no other non-void
 * write replaces it, directly or through a line of writes each replacing the next; void and withdrawn writes
 * count as links of such a line, void ones never as ends. A replacement that points to another register, or to
 * an entry that is not among those given, counts for nothing.
 */
#ifndef CP_RECORD_H
#define CP_RECORD_H

#include "proto/frame.h"

/* One content entry that touches the record. Borrowed throughout the fold's life. */
struct cp_write {
    const uint8_t *id;     /* CP_ID_LEN */
    uint64_t lamport;
    const uint8_t *person; /* CP_ID_LEN: whose device wrote it (member.h) */
    const uint8_t *speaks_for; /* a VIEW that names for_person: that person, where a mandate lets the writer; else NULL, and it
                                  is nobody's view */
    const struct cp_frame *frame;
    uint64_t row;          /* the caller's own number for it */
    bool is_void;
    bool withdrawn;        /* its words are gone for good: frame->words_here is false */
    uint64_t gone;         /* ops known to be replaced: not looked at. 0 when every write of the record is given;
                              ~left when only those with something left are (the store's partial loads) */
};

/* One value that stands: op `op` of writes[write]. */
struct cp_current {
    size_t write;
    size_t op;
};

struct cp_register {
    uint16_t field;
    struct cp_bytes lang;  /* empty when none */
    const uint8_t *column; /* COLUMN entry's id, NULL otherwise */
    bool list;
    /* Not a list: the current values, equal ones once, lowest (lamport, id) first; more than one = two
     * wordings. A cleared value (NIL) stands here too. Withdrawn ones only where nothing else is current.
     * A list: its elements, equal ones once, in (lamport, id, op) order of their first addition. */
    struct cp_current *values;
    size_t count;
    size_t cap;
};

struct cp_record_state {
    struct cp_register *registers; /* ordered by (field's place in the table, lang, column's first sight) */
    size_t count;
    size_t cap;
    bool set_aside;        /* hidden unless asked for */
    bool edited_apart;     /* set aside here and edited there: back on the list, marked */
    bool closed_apart;     /* "gone" or "accepted" here and edited there: that counts for nothing, marked */
    size_t wordings;       /* registers with more than one value */
    const struct cp_write *writes; /* as given */
    size_t writes_count;
    const struct cp_mem *mem;
};

/*
 * Folds the writes that touch one record (an item's ITEM entry among them: without it SETs show nothing), in any
 * order. Entries that cp_frame_read refused are left out by the caller, who counts them as newer.
 * Errors: NO_MEMORY. On failure *out is cleared. The result borrows `writes`.
 */
CP_MUST_USE enum cp_err cp_record_fold(struct cp_record_state *out, const struct cp_mem *mem,
                                       const struct cp_write *writes, size_t count);
void cp_record_clear(struct cp_record_state *s);

/* The register, or NULL when nobody wrote it. lang may be empty. */
const struct cp_register *cp_record_get(const struct cp_record_state *s, uint16_t field, struct cp_bytes lang);
/* The value of a current entry of a register. */
const struct cp_value *cp_record_value(const struct cp_record_state *s, const struct cp_current *at);
/* The referenced id of a link value (LINK, LINK_ADD, LINK_VALUE), NULL for others. */
const uint8_t *cp_record_link(const struct cp_record_state *s, const struct cp_current *at);
/* The first value's text, or `otherwise` when there is none or it was cleared. */
struct cp_bytes cp_record_text(const struct cp_record_state *s, uint16_t field, struct cp_bytes otherwise);
/*
 * The state as people read it: "set aside" exactly while the item is hidden; "gone" and "accepted" only while every
 * current write of its other fields (positions apart) was seen by such a write or saw one, and no other word stands
 * beside them: of two the careful one is read. "open" when nothing else holds. Static, or in the writes.
 */
struct cp_bytes cp_record_state_word(const struct cp_record_state *s);
/* Is this a word that closes an item, so that whoever writes it must name what it saw of the other fields? */
bool cp_state_word_closes(struct cp_bytes word);

/*
 * Which ops of each write are still current: bit i of left[w] for op i; removals have no bit. A write with left 0
 * need not be opened to show the record, save the ITEM entry, which says the kind. The store keeps this number beside each entry; tests compare it with the
 * incremental one. `writes` are all that touch the record, of any kind, each once; `left` holds count values.
 * Entries that are added only (notes, receipts, answers) have CP_LEFT_ALWAYS.
 */
#define CP_LEFT_ALWAYS (1ULL << 63)
CP_MUST_USE enum cp_err cp_record_left(const struct cp_mem *mem, const struct cp_write *writes, size_t count,
                                       uint64_t *left);
/* The same for an entry that nothing replaces. */
uint64_t cp_record_starts(const struct cp_frame *frame);
/*
 * The incremental step: entry `by` is being added to the record that `of` (with id of_id) touches; which bits does
 * it take from it? For VIEW and PERSON the caller asks only about entries of one and the same person.
 * Equal to the definition as long as no write of the record is void.
 */
uint64_t cp_record_takes(const struct cp_frame *by, const struct cp_frame *of, const uint8_t of_id[static CP_ID_LEN]);

/*
 * Views: own registers by (person, measure, criterion) on one target. `writes` are VIEW entries on one
 * target. Result: one row per register; more than one current value = asked, counted as not answered.
 * If any current write is by the person's own device, proxies' do not count. A withdrawn one has no row.
 */
struct cp_view_row {
    const uint8_t *person;
    uint64_t measure;
    const uint8_t *criterion; /* NULL when none */
    size_t first;             /* index into writes: the current one with the lowest (lamport, id) */
    bool by_proxy;            /* `first` was written by somebody whom `person` let */
    size_t current_count;     /* equal values counted once */
};
struct cp_views {
    struct cp_view_row *rows; /* ordered by (measure, criterion, person) */
    size_t count;
    size_t cap;
    const struct cp_mem *mem;
};
CP_MUST_USE enum cp_err cp_views_fold(struct cp_views *out, const struct cp_mem *mem, const struct cp_write *writes,
                                      size_t count);
void cp_views_clear(struct cp_views *v);
/* Whom a VIEW is said for by somebody else; NULL: it is the writer's own. */
const uint8_t *cp_view_for(const struct cp_frame *f);
/*
 * Is the register this person's to speak in? How much risk is all right is said by whom the risk is about or whom it
 * affects, each for themselves (domain 1, capability 9); anybody else's word about it is kept, and has no effect and is
 * never shown. `item` is what the view is about, folded. Of two wordings of "about", both may speak.
 */
bool cp_measure_is_own(uint64_t measure);
bool cp_view_is_theirs(const struct cp_record_state *item, const struct cp_view_row *row);

#endif
