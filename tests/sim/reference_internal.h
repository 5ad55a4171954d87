/*
 * What the parts of the model share. Must not: be included outside tests/sim/reference*.c.
 */
#ifndef CP_TESTS_SIM_REFERENCE_INTERNAL_H
#define CP_TESTS_SIM_REFERENCE_INTERNAL_H

#include "tests/sim/reference.h"

/* Grows or ends the program. */
void *ref_more(void *old, size_t len);
/* Rule R1 of one entry (reference_rule.c): NULL, or why no honest store may hold it. Says whose it is. */
const char *ref_judge(struct ref_log *log, struct ref_entry *e, const struct cp_header *h,
                      const struct cp_entry *raw);
/* Is it an admission? *earlier: by a JOIN of a plan before its own. */
bool ref_admits(const struct ref_log *log, const struct ref_entry *e, struct cp_control *c, bool *earlier);
/* a before b by (lamport, id). */
bool ref_before(const struct ref_entry *a, const struct ref_entry *b);

/* ---- Standing at one depth (reference_standing.c) ---- */
/* What holds in the plan at one depth of the line. */
struct ref_told {
    unsigned depth;
    struct ref_control **list; /* what is held and has a say, each statement as often as it is carried */
    size_t count;
    bool *key_said,
        *revokes; /* by place in the list: KEYs and REVOKEs that count, the first carrier of each */
    const uint8_t **devices; /* whose admission is in the list */
    size_t devices_count;
    bool *stands;
    bool any_cut;
};

struct ref_standing {
    struct ref_set asked; /* of these the control entries and named tips decide */
    struct ref_set heads; /* of a continuation: the past of its heads, when all are held */
    bool heads_known;
    struct ref_told *told; /* one for each depth */
    unsigned count;
};

struct ref_view { /* one depth, while it is worked out or asked */
    const struct ref_log *log;
    const struct ref_set *held;
    const struct ref_told *t;
};

/* Works one depth out. before: the past of the plan's first entry, for what was written in earlier plans. */
void ref_tell(const struct ref_log *log, const struct ref_set *held, const struct ref_set *before,
              unsigned depth, struct ref_told *t);
bool ref_view_key_says(const struct ref_view *v, const uint8_t *person, const uint8_t *key,
                       const uint8_t *statement);
/* What the statement at i, in force, says of the device. */
bool ref_view_cut_of(const struct ref_view *v, size_t i, const uint8_t *device, struct cp_cut *cut);
/* Is the device let in by this admission: does it stand, or (waits) would it if its person followed? */
bool ref_view_lets_in(const struct ref_view *v, const struct ref_control *r, bool waits);
bool ref_view_stands(const struct ref_view *v, const uint8_t *device);
bool ref_view_within(const struct ref_view *v, size_t at);
/* A statement with a good signature, made for the plan that its carrier was written in; NULL: none. */
const struct cp_statement *ref_view_says(const struct ref_view *v, const struct ref_control *r,
                                         enum cp_kind kind);
/* The JOIN that says who is let in; of a continuer the one of the plan before; NULL: none. */
const struct cp_join *ref_view_join_of(const struct ref_view *v, const struct ref_control *r);
const uint8_t *ref_view_device_of(const struct ref_view *v, const struct ref_control *r);
const uint8_t *ref_view_person_of(const struct ref_view *v, const struct ref_control *r);
/* `count` + 1 zeroed ones, or the program ends. */
void *ref_zeros(size_t count, size_t size);

#endif
