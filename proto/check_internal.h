/* What the files of the checks share. Nobody else includes this. */
#ifndef CP_CHECK_INTERNAL_H
#define CP_CHECK_INTERNAL_H

#include "proto/balance.h"
#include "proto/check.h"
#include "proto/rank.h"

/* One criterion being looked at. */
struct cp_check {
    const struct cp_model *m;
    struct cp_checked *out;
    struct cp_check_row row;
};

/* Arguments of reasons. */
struct cp_check_arg cp_arg_text(struct cp_bytes text);
struct cp_check_arg cp_arg_item(const struct cp_model_item *item);
struct cp_check_arg cp_arg_name(const struct cp_check *c, const uint8_t *person);
struct cp_check_arg cp_arg_word(const char *word);
struct cp_check_arg cp_arg_number(int64_t number);
struct cp_check_arg cp_arg_pence(int64_t pence);
struct cp_check_arg cp_arg_minutes(int64_t minutes);

/* A reason; the row's `met` follows its weight. */
void cp_say(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record);
void cp_say1(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a);
void cp_say2(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a, struct cp_check_arg b);
void cp_say3(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a, struct cp_check_arg b, struct cp_check_arg d);
/* A record that shows it. */
void cp_shows(struct cp_check *c, const uint8_t *record);

/* Walks items of a kind: start with NULL. */
const struct cp_model_item *cp_next_of(const struct cp_check *c, enum cp_record kind,
                                       const struct cp_model_item *at);
/* Chosen priorities; actions that count. */
const struct cp_model_item *cp_next_chosen(const struct cp_check *c, const struct cp_model_item *at);
const struct cp_model_item *cp_next_action(const struct cp_check *c, const struct cp_model_item *at);
/* People who are asked. */
const struct cp_model_person *cp_next_asked(const struct cp_check *c, const struct cp_model_person *at);
bool cp_leads_or_helps(const struct cp_model_item *action, const uint8_t *person);
bool cp_is_obstacle_open(const struct cp_model_item *item);

/* Remarks on items of a kind that point to `about` by a field and look alike: a hint, nothing more (check_why.c). */
void cp_say_alike(struct cp_check *c, const uint8_t *about, uint16_t field, enum cp_record kind);

/* What is said of one action, by its point and among its marks (check_marks.c). */
void cp_say_taken_back(struct cp_check *c, const struct cp_model_item *action);   /* check_why.c */
void cp_say_date_clashes(struct cp_check *c, const struct cp_model_item *action); /* check_shared.c */
bool cp_risk_is_stopped(const struct cp_check *c, const struct cp_model_item *risk,
                        const uint8_t **person); /* check_risk.c: by whom first */

/* P1 to P5 (check_why.c) */
void cp_check_p1(struct cp_check *c);
void cp_check_p2(struct cp_check *c);
void cp_check_p3(struct cp_check *c);
void cp_check_p4_1(struct cp_check *c);
void cp_check_p4_2(struct cp_check *c);
void cp_check_p5(struct cp_check *c);
/* P6 to P8 (check_choose.c) */
void cp_check_p6(struct cp_check *c);
void cp_check_p7(struct cp_check *c);
void cp_check_p8_1(struct cp_check *c);
void cp_check_p8_2(struct cp_check *c);
void cp_check_p8_3(struct cp_check *c);
/* P9 (check_plan.c) */
void cp_check_p9_1(struct cp_check *c);
void cp_check_p9_2(struct cp_check *c);
void cp_check_p9_3(struct cp_check *c);
void cp_check_p9_4(struct cp_check *c);
void cp_check_p9_means(struct cp_check *c);
void cp_check_two_wordings(struct cp_check *c);
/* P10 to P13 (check_agree.c) */
void cp_check_p10(struct cp_check *c);
void cp_check_p11(struct cp_check *c);
void cp_check_p12(struct cp_check *c);
void cp_check_p13(struct cp_check *c);
/* Capabilities (check_shared.c) */
void cp_check_c1(struct cp_check *c);
void cp_check_c2(struct cp_check *c);
void cp_check_c3(struct cp_check *c);
void cp_check_c4(struct cp_check *c);
void cp_check_c5(struct cp_check *c);
void cp_check_c6(struct cp_check *c);
void cp_check_c7(struct cp_check *c);
void cp_check_c8(struct cp_check *c);
void cp_check_c9(struct cp_check *c);
void cp_check_c10(struct cp_check *c);
/* The languages that the plan needs: a part of C2 that a page for comment is asked as well (check_language.c) */
void cp_check_languages(struct cp_check *c);
/* Beside the points: what is seen on an action (check_marks.c) */
void cp_mark_action(struct cp_check *c, const struct cp_model_item *action);
/* Knowledge points (check_know.c) */
void cp_check_ka(struct cp_check *c);
void cp_check_kb(struct cp_check *c);
void cp_check_kc(struct cp_check *c);
void cp_check_kd(struct cp_check *c);
void cp_check_ke(struct cp_check *c);
void cp_check_kf(struct cp_check *c);
void cp_check_kg(struct cp_check *c);

#endif
