/* What the serve_check files share. Private to them. Must not: write anything. */
#ifndef CP_SERVE_CHECK_H
#define CP_SERVE_CHECK_H

#include "daemon/model.h"

/* A command over the model: the desk and the model open, one row at a time. */
struct cp_looking {
    struct cp_request *r;
    struct cp_desk d;
    struct cp_model_loaded l;
    struct cp_buf row;
    enum cp_err err;
    struct cp_bytes about; /* what was typed that err is about; borrowed */
    bool open;
    int exit_status;
};
/* False: answered already. The argument `on` is the day to look at, when it is given. */
bool cp_looking_begin(struct cp_looking *k, struct cp_request *r);
/* Sends what is in row; a failure is kept. */
void cp_looking_send(struct cp_looking *k);
/* Answers and clears. */
void cp_looking_end(struct cp_looking *k);
/* The same with what is in row as the one value of the answer. */
void cp_looking_value(struct cp_looking *k);

/* A member each. */
void cp_put_id(struct cp_buf *out, const char *key, const uint8_t *id /* NULL: null */);
void cp_put_said(struct cp_buf *out, const char *key, struct cp_bytes text);
void cp_put_number(struct cp_buf *out, const char *key, int64_t n);
void cp_put_truth(struct cp_buf *out, const char *key, bool b);
/* Members "item"-like: KEY (the id) and "text". */
void cp_put_item(struct cp_buf *out, const char *key, const struct cp_model_item *item);

/* The priority or other item of a kind that an argument names; NULL: k->err is set. */
const struct cp_model_item *cp_looking_item(struct cp_looking *k, const char *argument, enum cp_record kind);

void cp_serve_rank(struct cp_request *r);
void cp_serve_common_ground(struct cp_request *r);
void cp_serve_match(struct cp_request *r);
void cp_serve_who(struct cp_request *r);
void cp_serve_balance(struct cp_request *r);
void cp_serve_review(struct cp_request *r);
void cp_serve_prompts(struct cp_request *r);
void cp_serve_by_perspective(struct cp_request *r);
void cp_serve_marks(struct cp_request *r);
void cp_serve_readings(struct cp_request *r);
void cp_serve_strengths(struct cp_request *r);
void cp_serve_talk(struct cp_request *r);
void cp_serve_interests(struct cp_request *r);

/* A choice names the scores it counted (domain P7), so that later ones can be told. For `note choice`. */
CP_MUST_USE enum cp_err cp_choice_sees(const struct cp_desk *d, const uint8_t *about, struct cp_draft *draft);

#endif
