/*
 * What the serve files share: one record loaded from the store and folded, and how it is told to the client.
 * Owns: the path from stored entries to fields with values, the columns and names of a plan, JSON rows.
 * Must not: write entries, or decide what is current (proto/record.h does).
 */
#ifndef CP_DAEMON_VIEW_H
#define CP_DAEMON_VIEW_H

#include "daemon/node.h"

/* ---- A plan at hand, for the length of one command ---- */

struct cp_column {
    uint8_t id[CP_ID_LEN]; /* the COLUMN entry */
    struct cp_bytes name;  /* in `own` */
    void *own;
    uint16_t field; /* the field it was imported into; 0: kept as csv:NAME */
};
struct cp_named {
    uint8_t person[CP_ID_LEN];
    uint8_t key[CP_KEY_LEN]; /* identity key in force; zero for someone without one, and where none is */
    struct cp_bytes name;    /* in `own` */
    void *own;
    bool stands;
    bool left;    /* and has not come back: does not stand */
    bool someone; /* an item that is a person without a key: `person` is the item's id */
    bool aside;   /* someone who was set aside: still named, no longer found by name */
};
struct cp_desk {
    struct cp_node *node;
    const uint8_t *plan; /* borrowed */
    const struct cp_mem *mem;
    struct cp_column *columns; /* by (lamport, id) */
    size_t columns_count, columns_cap;
    struct cp_named *people; /* everyone a held admission names, and everyone without a key, by id */
    size_t people_count, people_cap;
};
/* Errors: those of the store. On failure *d is clear. */
CP_MUST_USE enum cp_err cp_desk_open(struct cp_desk *d, struct cp_node *node,
                                     const uint8_t plan[static CP_ID_LEN]);
void cp_desk_close(struct cp_desk *d);
/* The first column of this name; with `field` other than UINT16_MAX only one imported into it. NULL when none. */
const struct cp_column *cp_desk_column(const struct cp_desk *d, struct cp_bytes name, uint16_t field);
CP_MUST_USE enum cp_err cp_desk_add_column(struct cp_desk *d, const uint8_t id[static CP_ID_LEN],
                                           struct cp_bytes name, uint16_t field);
/* Is this the plan, or one that it goes back to? */
bool cp_desk_is_plan(const struct cp_desk *d, const uint8_t id[static CP_ID_LEN]);
const struct cp_named *cp_desk_person(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN]);
/* The shown name; empty for someone the plan does not know. */
/* Is the entry to be told of in a history? A void one only to its own person (design 4). */
bool cp_desk_tells(const struct cp_desk *d, const struct cp_entry_info *info);
struct cp_bytes cp_desk_name(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN]);

/* ---- Ids ---- */

struct cp_ids {
    uint8_t (*ids)[CP_ID_LEN];
    uint64_t *numbers; /* one beside each: subkind of the entry, or what the collector says */
    size_t count, cap, numbers_cap;
    const struct cp_mem *mem;
};
void cp_ids_init(struct cp_ids *ids, const struct cp_mem *mem);
void cp_ids_clear(struct cp_ids *ids);
CP_MUST_USE enum cp_err cp_ids_add(struct cp_ids *ids, const uint8_t id[static CP_ID_LEN], uint64_t number);
bool cp_ids_have(const struct cp_ids *ids, const uint8_t id[static CP_ID_LEN]);
/* Sorts by id and keeps each id once (the first number stays with it). */
void cp_ids_sort(struct cp_ids *ids);
/* Entries of a kind in (lamport, id) order with their subkind. Newer entries are left out. */
CP_MUST_USE enum cp_err cp_ids_of_kind(struct cp_ids *ids, struct cp_node *node,
                                       const uint8_t plan[static CP_ID_LEN], enum cp_kind kind);
/* What entries of a kind are about (their target), each once, sorted. */
CP_MUST_USE enum cp_err cp_ids_of_targets(struct cp_ids *ids, struct cp_node *node,
                                          const uint8_t plan[static CP_ID_LEN], enum cp_kind kind);

/* ---- One record ---- */

/* A field as people see it: a register, or all registers of columns with one name. */
struct cp_shown_field {
    const struct cp_field *field;
    struct cp_bytes lang;
    struct cp_bytes column;    /* name, for csv:NAME */
    struct cp_current *values; /* owned; a list: its elements; else more than one = two wordings */
    size_t count;
};
struct cp_shown {
    enum cp_record kind;
    uint8_t id[CP_ID_LEN];
    struct cp_record_state state;
    struct cp_shown_field *fields; /* in the order of cp_fields(), then language, then column */
    size_t fields_count;
    struct cp_write *writes; /* the loaded ones that belong to the record's kind */
    size_t writes_count;
    struct cp_loaded loaded; /* all that touches the id: views and notes too */
    bool borrowed;           /* `loaded` is somebody else's */
    const struct cp_mem *mem;
};
/*
 * Loads and folds. kind says what the id is: PLAN (the plan's id), PERSON, or the item's kind.
 * history: with all that was ever written, not only what is current. On failure *s is clear.
 */
CP_MUST_USE enum cp_err cp_shown_load(struct cp_shown *s, const struct cp_desk *d, enum cp_record kind,
                                      const uint8_t id[static CP_ID_LEN], bool history);
/* As it stands, without the views and notes about it: those stay closed. */
CP_MUST_USE enum cp_err cp_shown_load_fields(struct cp_shown *s, const struct cp_desk *d, enum cp_record kind,
                                             const uint8_t id[static CP_ID_LEN]);
/*
 * An item from what is loaded already (cp_store_records); *l stays the caller's and must outlive *s.
 * Errors: NOT_FOUND: the id is no item; *s is unfolded then, and still holds *l.
 */
CP_MUST_USE enum cp_err cp_shown_fold(struct cp_shown *s, const struct cp_desk *d, const uint8_t id[static CP_ID_LEN],
                                      const struct cp_loaded *l);
void cp_shown_clear(struct cp_shown *s);
/* The field, or NULL. column: a name, for CP_FIELD_COLUMN. */
const struct cp_shown_field *cp_shown_field(const struct cp_shown *s, uint16_t field, struct cp_bytes lang,
                                            struct cp_bytes column);
/* True when all that stands was withdrawn by its author: there is nothing to show, and that is to be said. */
bool cp_shown_withdrawn(const struct cp_shown *s, const struct cp_shown_field *f);
/* True when the field has nothing to show: never written, cleared, withdrawn, an empty list. */
bool cp_shown_empty(const struct cp_shown *s, const struct cp_shown_field *f);
size_t cp_shown_wordings(const struct cp_shown *s);
/*
 * What both edits of a text with two wordings come to together (proto/suggest.h): appended to *out. *found false:
 * none, as for any other sort of field and for three wordings. Errors: those of cp_shown_load.
 */
CP_MUST_USE enum cp_err cp_shown_suggestion(const struct cp_desk *d, const struct cp_shown *s,
                                            const struct cp_shown_field *field, struct cp_buf *out,
                                            bool *found);
/* "open" when never written; "set aside" exactly while the item is hidden. */
struct cp_bytes cp_shown_state(const struct cp_shown *s);
/* -1, 0, 1: which of two items comes first, by position, then as given. */
int cp_position_cmp(struct cp_bytes a, struct cp_bytes b);

/* The ITEM entry among what touches an id; NULL: it is no item. */
const struct cp_write *cp_item_origin(const struct cp_loaded *l, const uint8_t id[static CP_ID_LEN]);
/* The kind of the item with this id. Errors: NOT_FOUND. */
CP_MUST_USE enum cp_err cp_item_kind(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t id[static CP_ID_LEN], enum cp_record *kind);
/* Unresolved fields of a plan: its own, its people's and of items that are not set aside. For `status` too. */
CP_MUST_USE enum cp_err cp_count_wordings(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                          size_t *count);

/* ---- JSON ---- */

/* "text.cy", "csv:NAME", "due". */
void cp_put_field_name(const struct cp_shown_field *f, struct cp_buf *out);
/* One value: text, int, hex of a link, {"id", "amount"} of a cost, null when cleared or not here. */
void cp_put_value(const struct cp_shown *s, const struct cp_current *at, struct cp_buf *out);
/* {id, kind, text, state, fields, wordings, edited_apart, closed_apart, withdrawn}: the members alone; returns their number. */
size_t cp_put_row_members(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out);
/* [{value, by, name, entry}], lowest (lamport, id) first. */
void cp_put_wordings(const struct cp_desk *d, const struct cp_shown *s, const struct cp_shown_field *f,
                     struct cp_buf *out);
/* Names of the fields of which only withdrawn words stand, as a list. */
void cp_put_withdrawn(const struct cp_shown *s, struct cp_buf *out);
/* "fields" and "wordings" of a record, each as an object. */
void cp_put_fields(const struct cp_shown *s, struct cp_buf *out);
void cp_put_all_wordings(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out);
/* {entry, by, name, device, claimed_at, lamport, what: {kind, subkind, fields}, withdrawn} */
void cp_put_history(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_buf *out);
/* The same; `what` of an entry about the plan or a thing in it (not of one about a person, and not of a void one) has
 * "values" too: [{field, value}], all that it wrote. */
void cp_put_history_values(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_buf *out);
/* {id, kind, about, text, fields, by, name, claimed_at, withdrawn, for_a_member} of a NOTE entry. Whom an achievement is
 * for is told only after their own yes; else for_a_member says that somebody is meant. */
void cp_put_note(const struct cp_desk *d, const struct cp_entry_info *info, const struct cp_frame *f,
                 struct cp_buf *out);
/* Whether this person said yes, about this note, to being shown beside it. view_consent.c. Errors: those of the store. */
CP_MUST_USE enum cp_err cp_desk_consents(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN],
                                         const uint8_t about[static CP_ID_LEN], bool *out);
/* The field of a note that names somebody without their yes (an achievement's person); 0: none. view_consent.c. */
uint16_t cp_note_hides(const struct cp_desk *d, const struct cp_entry_info *info, const struct cp_frame *f);
/* The views of a target, those of proxies under the person they speak for (cp_views_fold). */
CP_MUST_USE enum cp_err cp_views_of(struct cp_views *out, const struct cp_desk *d, const struct cp_shown *s);
/* One {target, person, name, measure, value, criterion, why, two, entry, by} for each; by {person, name} is null but for a proxy's; for a folded target. */
typedef void cp_view_visit(void *ctx, struct cp_bytes row);
CP_MUST_USE enum cp_err cp_each_view(const struct cp_desk *d, const struct cp_shown *s, cp_view_visit *visit,
                                     void *ctx);

/* The same for everything that views are about, by target; one pass over the store. */
CP_MUST_USE enum cp_err cp_all_views(const struct cp_desk *d, cp_view_visit *visit, void *ctx);

/* ---- Requests ---- */

/* A text argument; empty when it is not there. */
struct cp_bytes cp_arg(const struct cp_request *r, const char *key);
/* Words that somebody said; empty when there are none, or blanks alone (cp_utf8_said). */
struct cp_bytes cp_arg_said(const struct cp_request *r, const char *key);
/* Answers an error with one argument of any length (cut at 200 bytes for the sentence). */
void cp_reply_about(struct cp_request *r, enum cp_err err, struct cp_bytes about);

/* What an id that somebody typed is. */
struct cp_target {
    enum cp_record
        kind; /* item kinds, PLAN, PERSON; NOTE, VIEW: such an entry; CP_RECORD_COUNT: something else */
    uint64_t entry_kind; /* the kind of the entry found; 0 for plan, person, version */
    bool version;        /* a version's id */
    uint8_t id[CP_ID_LEN];
};
/* "plan", "me", an item, a person, an entry, a version: whichever the beginning fits. NOT_FOUND, AMBIGUOUS, USAGE. */
CP_MUST_USE enum cp_err cp_target_find(const struct cp_request *r, struct cp_bytes typed,
                                       struct cp_target *out);

/* ---- Own entries ---- */

/* Begins a transaction; ends it for good or, on an error, undoes it. Returns the error that counts. Beginning: REPORTED_LOST. */
CP_MUST_USE enum cp_err cp_own_begin(struct cp_request *r);
CP_MUST_USE enum cp_err cp_own_end(struct cp_request *r, enum cp_err err);
/* Appends one own content entry inside it. */
CP_MUST_USE enum cp_err cp_own_append(struct cp_request *r, const struct cp_draft *draft,
                                      uint8_t id[static CP_ID_LEN]);

#endif
