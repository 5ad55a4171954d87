/*
 * A small group for store tests: stores in a folder of their own, and the few steps that tests repeat (found, admit, write,
 * carry entries from one store to another).
 * Owns: the folder. Must not: reach behind daemon/store.h while a store is open.
 */
#ifndef CP_TESTS_GROUP_H
#define CP_TESTS_GROUP_H

#include "tests/support/someone.h"

/* A new empty folder; its path lives until folder_remove. */
const char *folder_make(void);
void folder_remove(const char *folder);
/* FOLDER/NAME in static storage of 64 turns. */
const char *in_folder(const char *folder, const char *name);

/* Opens and unlocks with a key made from `key`. Options may be NULL. */
struct cp_store *store_at(const char *path, unsigned key, const struct cp_store_options *options);

/* Does to the file of a closed store what a disk, or another program, may do to it. */
void store_spoil(const char *path, const char *sql);

/* Founds a plan; the JOIN is p's. */
void group_found(struct cp_store *s, struct someone *p, uint8_t plan[CP_ID_LEN]);
/* by writes an INVITE (token made from the number) and its id is given. */
void group_invite(struct cp_store *s, struct someone *by, const uint8_t *plan, unsigned token,
                  uint8_t invite[CP_ID_LEN]);
/* The JOIN array of `who` for an invitation, appended. */
void group_join(const struct someone *who, const uint8_t *plan, const uint8_t *invite, unsigned token,
                struct cp_buf *join);
/* by writes the ADMIT. */
void group_admit(struct cp_store *s, struct someone *by, const uint8_t *plan, const uint8_t *invite,
                 struct cp_bytes join, uint8_t id[CP_ID_LEN]);
/* INVITE and ADMIT at once. */
void group_add(struct cp_store *s, struct someone *by, const uint8_t *plan, const struct someone *who, unsigned token);

/* by carries a control frame, in a transaction of its own. */
void group_control(struct cp_store *s, struct someone *by, const uint8_t *plan, struct cp_bytes frame);
/* lost's device is reported lost by its person's key, and by carries it. keeps: what is held of it was theirs; else nothing was. */
void group_report(struct cp_store *s, struct someone *by, const uint8_t *plan, const struct someone *lost,
                  bool keeps);

/* What most suites begin with: a new folder, given back, with stores "s" and "t"; in s a plan that a founded and let b in,
 * and one item. t is empty; NULL: none. */
const char *group_begin(struct someone *a, struct someone *b, struct cp_store **s, struct cp_store **t, uint8_t plan[CP_ID_LEN],
                        const char *text, uint8_t item[CP_ID_LEN]);
void group_end(const char *folder, struct cp_store *s, struct cp_store *t);
/* a carries `old` on for both, from all that s holds of it. first: the first entry's frame, appended. */
void group_continue(struct cp_store *s, struct someone *a, const struct someone *b, const uint8_t *old, struct cp_buf *first,
                    uint8_t new[CP_ID_LEN]);

struct cp_holds;
struct cp_node;
/* What is known of what that machine has (daemon/holds.h, for whoever asks). */
struct cp_holds group_holds(struct cp_node *node, const uint8_t *plan, const uint8_t *machine);

/* One own entry from a draft, in a transaction of its own. The draft is cleared. */
enum cp_err group_write(struct cp_store *s, struct someone *by, const uint8_t *plan, struct cp_draft *d,
                        uint8_t id[CP_ID_LEN]);
void group_item(struct cp_store *s, struct someone *by, const uint8_t *plan, const char *text, uint8_t id[CP_ID_LEN]);
/* Sets the item's text; replaces one write unless NULL. */
void group_set(struct cp_store *s, struct someone *by, const uint8_t *plan, const uint8_t *item, const char *text,
               const uint8_t *replaces, uint8_t id[CP_ID_LEN]);

/* The control frame of a WITHDRAW that names these entries as said's, signed by `by`; a spoiled one fails to verify. Appended. */
void group_withdraw_frame(const uint8_t *plan, const struct someone *said, const struct someone *by,
                          const uint8_t (*ids)[CP_ID_LEN], size_t count, bool spoil, struct cp_buf *frame);

/* All rows of a plan (control before content) in order of arrival; the caller frees with cp_free(test_mem()). */
uint64_t *group_rows(struct cp_store *s, const uint8_t *plan, size_t *count);
/* One chunk's payload of these rows: all must fit. */
void group_pack(struct cp_store *s, const uint64_t *rows, size_t count, struct cp_buf *payload);
/* Reads a payload and puts it. */
enum cp_err group_take(struct cp_store *s, const uint8_t *plan, struct cp_bytes payload, struct cp_put_result *result);
/* Carries everything of a plan over, in chunks. Awaits the plan first when it is not held. */
void group_carry(struct cp_store *from, struct cp_store *to, const uint8_t *plan);
/* True when both hold the same entries by their digests. */
bool group_same(struct cp_store *a, struct cp_store *b, const uint8_t *plan);
/* Are an entry's words held in this plan? */
bool group_has_words(struct cp_store *s, const uint8_t *plan, const uint8_t *id);
/* True when the derived tables do not change by being made anew. */
bool group_rebuilds(struct cp_store *s);

#endif
