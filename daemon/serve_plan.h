/*
 * Edits as people type them: NAME, =, += or -=, VALUE. Private to the serve_plan files.
 * Owns: how a typed field becomes a write of the frame, and which writes it replaces. Must not: reply by itself
 * save through cp_edits_refuse, or write entries.
 */
#ifndef CP_SERVE_PLAN_H
#define CP_SERVE_PLAN_H

#include "daemon/view.h"

enum cp_edit_how {
    CP_EDIT_SET, /* the value; of a list: this element and no other */
    CP_EDIT_CLEAR,
    CP_EDIT_ADD,   /* lists */
    CP_EDIT_REMOVE /* lists */
};
struct cp_edit {
    const struct cp_field *field;
    enum cp_edit_how how;
    struct cp_bytes lang;
    struct cp_bytes column;       /* name of a csv column */
    uint8_t column_id[CP_ID_LEN]; /* its COLUMN entry */
    struct cp_bytes text;
    int64_t number;
    uint8_t link[CP_ID_LEN];
    bool unfinished; /* of a list: more is to be taken away than one entry has room for */
};
struct cp_edits {
    struct cp_edit list[CP_OPS_MAX];
    size_t count;
    char bad[256];       /* after a refusal: the field as typed */
    char expected[1024]; /* and what would have fitted */
    char key[2 * CP_KEY_LEN + 1]; /* of a note that somebody's key was seen */
};

void cp_edits_init(struct cp_edits *e);
/*
 * Reads a request's list of {"name", "op", "value"} for a record of this kind. A column that is not there yet is
 * written, so a transaction must be open. Borrows the request's bytes. Errors: BAD_FIELD (e->bad and e->expected
 * say why), AMBIGUOUS, TOO_BIG, those of the store.
 */
CP_MUST_USE enum cp_err cp_edits_read(struct cp_edits *e, struct cp_request *r, struct cp_desk *d,
                                      enum cp_record on, const struct cp_api_value *fields);
/* One of them. op: "=", "+=" or "-=". */
CP_MUST_USE enum cp_err cp_edits_typed(struct cp_edits *e, struct cp_request *r, struct cp_desk *d,
                                       enum cp_record on, struct cp_bytes name, struct cp_bytes op,
                                       struct cp_bytes value);
/* One field by code, as if it had been typed. Errors: BAD_FIELD, TOO_BIG. */
CP_MUST_USE enum cp_err cp_edits_text(struct cp_edits *e, uint16_t field, enum cp_record on,
                                      struct cp_bytes value);
/* Writes that value again which stands at `at`. Errors: NOT_FOUND when its words are not here. */
CP_MUST_USE enum cp_err cp_edits_keep(struct cp_edits *e, const struct cp_shown *s,
                                      const struct cp_shown_field *f, const struct cp_current *at);
/* Splits "text.cy" and "csv:NAME" and finds the field. Errors: BAD_FIELD. */
CP_MUST_USE enum cp_err cp_edit_name(struct cp_edits *e, struct cp_bytes typed, enum cp_record on,
                                     struct cp_edit *out);
/*
 * Puts the edits into a draft whose target was chosen. s: the record as it stands, NULL for something new; its
 * current writes of the registers concerned are replaced (a set-aside: everything current is seen).
 * Errors: NO_MEMORY, BAD_FIELD (taking away what is not in a list). The draft borrows from the edits.
 */
CP_MUST_USE enum cp_err cp_edits_apply(struct cp_edits *e, const struct cp_shown *s, struct cp_draft *draft);
/*
 * After the draft was written: whether something of a long list is still to be taken away. Then only those edits are
 * left in e, to be applied to the record as it stands now, until nothing is left: each entry takes away what it can.
 */
bool cp_edits_rest(struct cp_edits *e);
/* Answers the request with the error and what e says about it. */
void cp_edits_refuse(struct cp_request *r, const struct cp_edits *e, enum cp_err err);

/* The handlers of the other serve_plan files. */
void cp_serve_plan_new(struct cp_request *r);
void cp_serve_plan_list(struct cp_request *r);
void cp_serve_plan_show(struct cp_request *r);
void cp_serve_add_many(struct cp_request *r);
void cp_serve_rate(struct cp_request *r);
void cp_serve_note(struct cp_request *r);
void cp_serve_withdraw_words(struct cp_request *r); /* serve_withdraw.c */

#endif
