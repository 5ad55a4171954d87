/*
 * Frozen pages and the answers to them, as the serve_agree files share them. Private to daemon/.
 * Owns: which stored version texts count. Must not: judge results (proto/answer.h) or lay out texts.
 */
#ifndef CP_SERVE_AGREE_H
#define CP_SERVE_AGREE_H

#include "daemon/gather.h"
#include "proto/answer_others.h"
#include "proto/stage.h"

/* ---- One version ---- */

struct cp_page {
    uint8_t id[CP_ID_LEN];
    struct cp_buf text;
    struct cp_version_read read; /* valid when reproduced */
    bool reproduced;             /* our parser and writer give the same bytes, and it is of this plan, or of one it goes back to */
    bool keys_named;             /* prints for nobody a key that the log never named as theirs */
    uint8_t by[CP_ID_LEN];       /* who froze it first, by (lamport, id) */
    uint64_t time_ms;
};
/* Joins the parts and checks them against the id. Errors: NOT_FOUND; WORDS_MISSING (no held entry has its
 * words whole). On failure *p is clear. */
CP_MUST_USE enum cp_err cp_page_open(struct cp_page *p, const struct cp_desk *d,
                                     const uint8_t id[static CP_ID_LEN]);
void cp_page_clear(struct cp_page *p);
static inline bool cp_page_counts(const struct cp_page *p)
{
    return p->reproduced && p->keys_named;
}
/* True when the page's text prints this person; *key gets what it prints. */
bool cp_page_key(const struct cp_page *p, const uint8_t person[static CP_ID_LEN], const uint8_t **key);
/* How the page's text names this person; where it does not, how the plan does today. Answers are signed and told under this name
 * alone, so that nobody's answer ever stands beside the name that is somebody else's on the page. May be empty: nobody known. */
struct cp_bytes cp_page_name(const struct cp_page *p, const struct cp_desk *d, const uint8_t person[static CP_ID_LEN]);

/* ---- All versions ---- */

struct cp_page_row {
    uint8_t id[CP_ID_LEN];
    uint8_t by[CP_ID_LEN];
    uint64_t time_ms, lamport; /* of the first entry */
    enum cp_stage stage;
    bool counts;     /* cp_page_counts */
    bool newest;     /* counts, and no other one that counts names it as a parent */
    bool same_words; /* as the text given to cp_pages_list */
};
struct cp_pages {
    struct cp_page_row *rows; /* by (lamport, id) of the first entry */
    size_t count;
    const struct cp_mem *mem;
};
/* text may be empty. Errors: those of the store. */
CP_MUST_USE enum cp_err cp_pages_list(struct cp_pages *p, const struct cp_desk *d, struct cp_bytes text);
void cp_pages_clear(struct cp_pages *p);

/* ---- Answers to one version ---- */

/* A witness's text, by its own key; borrowed from what was loaded. */
struct cp_witness_row {
    struct cp_witness_read read;
    struct cp_bytes text;
    const uint8_t *sig;
};
/* A mandate or the end of one, by its own key. */
struct cp_mandate_row {
    struct cp_mandate_read read;
    uint8_t id[CP_ID_LEN];    /* statement id */
    uint8_t entry[CP_ID_LEN]; /* the first that brought it */
    struct cp_buf text;
    uint8_t sig[CP_SIG_LEN];
    bool theirs;              /* as in cp_mandate_in */
};
struct cp_mandates {
    struct cp_mandate_row *rows; /* by (lamport, id) of the entry, each statement once */
    struct cp_mandate_in *ins;
    size_t count, cap, ins_cap;
    const struct cp_mem *mem;
};
/* Those that are signed by the key that they name, unless the log knows that this key does not count for them. */
CP_MUST_USE enum cp_err cp_mandates_load(struct cp_mandates *m, const struct cp_desk *d);
void cp_mandates_clear(struct cp_mandates *m);

/* Does a mandate let `proxy` say this at that time for that person? */
bool cp_desk_lets(const struct cp_desk *d, const struct cp_mandates *m, const uint8_t person[static CP_ID_LEN],
                  const uint8_t proxy[static CP_ID_LEN], uint64_t measure, uint64_t time_ms);

/* An answer whose key was replaced with the recovery sheet, and which that did not list: shown, and counts for nothing. */
struct cp_lost_answer {
    uint8_t person[CP_ID_LEN], id[CP_ID_LEN];
    enum cp_answer_word word;
};
struct cp_answered {
    struct cp_lost_answer *lost; /* room for as many as were loaded */
    size_t lost_count;
    struct cp_loaded loaded;
    struct cp_answer_read *reads;
    struct cp_ids met;        /* private: what ins[].met points into */
    struct cp_answer_in *ins; /* those that count; for cp_answer_judge */
    const struct cp_entry_info **infos;
    struct cp_value *texts, *sigs;
    size_t count, cap;
    size_t pending_count; /* behind `count` in the arrays: on paper, and not yet seen by two witnesses */
    size_t read_count;    /* of reads; in no order */
    struct cp_witness_row *witnesses;
    struct cp_witness_in *witness_ins;
    size_t witnesses_count;
    struct cp_mandates mandates; /* loaded where an answer is by a proxy */
    const struct cp_mem *mem;
};
/* Only answers that name this version and plan, are whole, and are signed by the key that the version prints
 * for the person (a supporter: that the log names). */
CP_MUST_USE enum cp_err cp_answered_load(struct cp_answered *a, const struct cp_desk *d,
                                         const struct cp_page *p);
void cp_answered_clear(struct cp_answered *a);
/* What cp_answered_load and _clear leave to serve_agree_others.c: answers by others sorted out, and cleared. */
CP_MUST_USE enum cp_err cp_answered_settle(struct cp_answered *a, const struct cp_desk *d,
                                           const struct cp_page *p);
void cp_answered_clear_others(struct cp_answered *a);
/* What answers by others are judged by. Borrows. */
void cp_answered_others(const struct cp_answered *a, const struct cp_page *p, struct cp_others *out);
/* "how", "helped_by", "read_as", "read_language", "key_checked", "by", "witnesses", "signed_as", "limits" of answer number `at` (9 members), and "pending" (1 member). */
void cp_put_answer_others(const struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p,
                          size_t at, struct cp_buf *out);
void cp_put_pending(const struct cp_answered *a, const struct cp_desk *d, const struct cp_page *p,
                    struct cp_buf *out);
/* "witnesses" and "mandate" of an answer in a proof (2 members). */
void cp_put_proof_others(const struct cp_answered *a, const struct cp_page *p, size_t at, struct cp_buf *out);
/* Does what this key signed count, as far as the log knows the key as the person's? *counts. *theirs (may be NULL): it does know it. */
CP_MUST_USE enum cp_err cp_desk_key_counts(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN],
                                           const uint8_t key[static CP_KEY_LEN], struct cp_bytes text, bool *counts, bool *theirs);
/* Reads the answer in an entry, when whoever gave it (for somebody else: wrote it down or had the mandate) signed it by a key of theirs;
 * *counts: one that counts (it may have been reported lost). False: there is nothing to read, or nobody said so and it is not told as
 * theirs. True: cleared by cp_answer_clear. */
bool cp_desk_answer(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_answer_read *out, bool *counts);
/* True while no other answer of the same person here names it as replaced, and none before it is the same. */
bool cp_answered_stands(const struct cp_answered *a, size_t i);

/* ---- Who stops it ---- */

/* A risk in the page, and somebody whose it is and who said that it is not all right. */
struct cp_stop {
    uint8_t risk[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
};
struct cp_stops {
    struct cp_stop *list; /* in the order of the page, then of people's ids */
    size_t count, cap;
    const struct cp_mem *mem;
};
/* As things stand today: a no counts whenever it comes (domain 1, capability 9). Count 0: nobody. */
CP_MUST_USE enum cp_err cp_page_stops(struct cp_stops *out, const struct cp_page *p, const struct cp_desk *d);
void cp_stops_clear(struct cp_stops *s);
/* "stopped": [{id, person, name}] */
void cp_put_stops(const struct cp_stops *s, const struct cp_desk *d, struct cp_buf *out);

/* A page with what its answers come to, and whom a freeze would ask today. */
struct cp_judged {
    const struct cp_desk *d;
    const struct cp_page *p;
    struct cp_answered answers;
    struct cp_answer_out *outs; /* one for each who must answer */
    enum cp_result result;
    struct cp_stops stops;
    struct cp_gathered now;
};
/* Borrows d and p. On failure *j is clear. */
CP_MUST_USE enum cp_err cp_judge_page(struct cp_judged *j, const struct cp_desk *d, const struct cp_page *p);
/* The answers and what they come to alone: no `stops` (a risk may still stop it), and nothing of `now`. */
CP_MUST_USE enum cp_err cp_judge_answers(struct cp_judged *j, const struct cp_desk *d, const struct cp_page *p);
void cp_judged_clear(struct cp_judged *j);
/* Why the agreement waits for one who must answer: "no_answer" "old_key" (the page prints one that is not in force)
 * "paper_pending" "two_answers" "will_missing" "will_if" "stands_aside" "withdrawn"; NULL when it does not. */
const char *cp_judged_waits(const struct cp_judged *j, const struct cp_answer_out *row);
/* Took their answer back, or is not in the plan any more: what they lead needs someone (serve_agree_asked.c). */
bool cp_judged_gone(const struct cp_judged *j, const uint8_t *person);
/* Does the page ask this person? */
bool cp_judged_asked(const struct cp_judged *j, const uint8_t *person);

/* "person" and "name": as the page prints it, else as the plan knows them. */
void cp_put_answerer(const struct cp_desk *d, const uint8_t *person, struct cp_bytes printed,
                     struct cp_buf *out);
/*
 * What came of the pages before this one and beside it (docs/api.md): "round", "asked", "needs_someone", "beside".
 * A failure makes *out fail.
 */
void cp_put_asked(const struct cp_judged *j, struct cp_buf *out);
void cp_put_nothing_asked(struct cp_buf *out);

/* ---- Others ---- */

/*
 * How far the plan has come (proto/stage.h). today: YYYY-MM-DD, or empty for the day that this device's clock says; it
 * decides nothing but whether a review is due. Errors: those of the store, NO_MEMORY; BAD_VALUE when it is no day.
 */
CP_MUST_USE enum cp_err cp_plan_stage(const struct cp_desk *d, struct cp_bytes today,
                                      enum cp_plan_stage *stage);
/* Visits the lines that differ between the page and what a freeze would give now; parents' lines apart. */
typedef void cp_change_visit(void *ctx, char op, struct cp_bytes line, const uint8_t *item /* or NULL */);
CP_MUST_USE enum cp_err cp_page_changes(const struct cp_page *p, const struct cp_desk *d,
                                        cp_change_visit *visit, void *ctx);
/* The version a request names; "": the newest for agreement. Errors: NOT_FOUND, AMBIGUOUS, USAGE. */
CP_MUST_USE enum cp_err cp_request_page(const struct cp_request *r, const struct cp_desk *d,
                                        struct cp_page *p);

void cp_serve_freeze(struct cp_request *r);
void cp_serve_sign(struct cp_request *r);
void cp_serve_withdraw(struct cp_request *r);
void cp_serve_paper(struct cp_request *r);
void cp_serve_agreement(struct cp_request *r);
void cp_serve_proof(struct cp_request *r);

#endif
