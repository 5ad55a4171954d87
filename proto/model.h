/*
 * A plan as plain structs: what the checks, the ranking, the balance and the reviews look at.
 * Owns: the shape, its index, and looking things up in it. Must not: load anything, or know a clock: `today` is
 * handed in. The gatherer (daemon/model.c) fills it; everything it points to outlives it.
 *
 * Items that are set aside are not in it. The arrays may come in any order: cp_model_index puts each into an
 * order that its content alone decides, so results never depend on how records arrived.
 */
#ifndef CP_MODEL_H
#define CP_MODEL_H

#include "proto/answer.h"
#include "proto/kinds.h"

/* Fields that the rules read, by their codes; a test holds them against the table of kinds.c. */
#define CP_MODEL_FIELD_LIST(X)                                                                               \
    X(PURPOSE, 17, "purpose")                                                                                \
    X(PERSPECTIVES_NEEDED, 19, "perspectives_needed")                                                        \
    X(COMMENT_DAYS, 20, "comment_days") X(SEND_WITHIN_HOURS, 21, "send_within_hours") X(                     \
        REVIEW_EVERY, 22, "review_every") X(FIRST_REVIEW, 23, "first_review") X(REVIEWER, 24, "reviewer")    \
        X(BUDGET, 25, "budget_pence") X(IF_BEHIND, 26, "if_behind") X(UNSURE_ALLOWED, 28, "unsure_allowed")  \
            X(RESULTS_SHOWN, 29, "results_shown") X(PERSPECTIVES, 30, "perspectives") X(                     \
                WANTS_FORMAT, 32, "wants_format") X(WANTS_LANGUAGE, 33,                                      \
                                                    "wants_language") X(CONTACT_EVERY, 35, "contact_every")  \
                X(CANNOT_ON, 36, "cannot_on") X(BY, 43, "by") X(FOR, 48, "for") X(SERVES, 49, "serves") X(   \
                    TACKLES, 50,                                                                             \
                    "tackles") X(BLOCKS, 51,                                                                 \
                                 "blocks") X(USES, 52,                                                       \
                                             "uses") X(FROM, 53,                                             \
                                                       "from") X(ABOUT, 54, "about")                         \
                    X(TENSION, 56, "tension") X(EVIDENCE, 57, "evidence") X(HOPE, 58, "hope")                \
                        X(FROM_PERSPECTIVE, 59, "from_perspective") X(SOURCE, 62, "source") X(               \
                            LINK,                                                                            \
                            63,                                                                              \
                            "link") X(SOURCE_DATE, 64, "source_date") X(READ_ON, 65, "read_on")              \
                            X(CHECK_AGAIN_ON, 66,                                                            \
                              "check_again_on") X(CONTACT, 67, "contact")                                    \
                                X(OWNER, 68, "owner") X(AMOUNT, 69, "amount") X(UNIT, 70, "unit") X(         \
                                    TYPE,                                                                    \
                                    74,                                                                      \
                                    "type") X(ABOUT_PERSON, 75, "about_person")                              \
                                    X(ABOUT_GROUP, 76, "about_group") X(                                     \
                                        AFFECTS, 77,                                                         \
                                        "affects") X(EFFECT, 78,                                             \
                                                     "effect") X(GAIN, 79,                                   \
                                                                 "gain") X(HARM, 80, "harm")                 \
                                        X(EARLY_SIGNS, 82, "early_signs") X(                                 \
                                            IF_IT_HAPPENS, 83,                                               \
                                            "if_it_happens") X(OTHER_OPTIONS, 84, "other_options")           \
                                            X(REVIEW_ON, 87, "review_on") X(COUNTS, 88, "counts") X(         \
                                                PILOT, 90,                                                   \
                                                "pilot") X(DO_NOTHING, 91,                                   \
                                                           "do_nothing") X(DETAILS, 92, "details")           \
                                                X(CONSULTED, 93, "consulted") X(INFORMED, 94, "informed") X( \
                                                    START, 95,                                               \
                                                    "start") X(DUE, 96,                                      \
                                                               "due") X(REPEATS, 97, "repeats")              \
                                                    X(COSTS, 98, "costs") X(COST_PENCE, 99, "cost_pence") X( \
                                                        EFFORT,                                              \
                                                        100, "effort_minutes") X(MEASURE, 101, "measure")    \
                                                        X(CHECKED_BY, 105,                                   \
                                                          "checked_by") X(CHECK_EVERY, 106, "check_every")   \
                                                            X(STATUS, 110, "status") X(RAG, 111, "rag") X(   \
                                                                ON,                                          \
                                                                113, "on") X(TO, 114, "to")                  \
                                                                X(TO_PEOPLE, 115, "to_people") X(            \
                                                                    FORMAT,                                  \
                                                                    116, "format") X(OPTION, 118, "option")  \
                                                                    X(PRIORITY, 119,                         \
                                                                      "priority") X(HELD_ON, 126, "held_on") \
                                                                        X(DECISION, 130, "decision") X(      \
                                                                            SCOPE, 132,                      \
                                                                            "scope") X(GIVEN, 133, "given")  \
                                                                            X(FOR_PERSON, 134, "for_person") \
                                                                                X(RECEIPT_TO, 137, "to")     \
                                                                                    X(RECEIPT_STATE, 138,    \
                                                                                      "state")               \
                                                                                        X(SENT_AT, 141,      \
                                                                                          "sent_at")         \
                                                                                            X(GIVEN_AT, 143, \
                                                                                              "given_at")    \
    X(WANTS_BY, 34, "wants_by") X(LANGUAGE, 117, "language") X(HOW, 139, "how") X(PART, 140, "part")         \
    X(GIVEN_BY, 142, "given_by") X(TRY_AGAIN, 144, "try_again")

enum cp_model_field {
#define X(name, code, word) CP_M_##name = (code),
    CP_MODEL_FIELD_LIST(X)
#undef X
};
enum cp_model_measure {
#define X(name, code, word, values) CP_M_MEASURE_##name = (code),
    CP_MEASURE_LIST(X)
#undef X
};
enum cp_model_note_kind {
#define X(name, code, word) CP_M_NOTE_##name = (code),
    CP_NOTE_LIST(X)
#undef X
};

/* One value that stands. A list has one for each element; a field with two wordings one for each wording. */
struct cp_model_fact {
    uint16_t field;
    bool two; /* one of several wordings: nobody has chosen yet */
    struct cp_bytes lang;
    struct cp_bytes text; /* texts, words, days, durations */
    int64_t number;       /* ints, amounts of costs */
    const uint8_t *link;  /* CP_ID_LEN, or NULL */
};

/* The plan, a person, an item, a note or a receipt, as far as fields go. */
struct cp_model_record {
    uint8_t id[CP_ID_LEN];
    enum cp_record kind;
    const struct cp_model_fact *facts;
    size_t facts_count;
};

struct cp_model_item {
    struct cp_model_record r;
    size_t place;          /* in the plan's order; distinct */
    struct cp_bytes state; /* "open" when never written */
    const uint8_t *author; /* who wrote it down; never NULL */
};
struct cp_model_person {
    struct cp_model_record r;
    struct cp_bytes name;
    bool in;                /* a device of theirs stands */
    bool left;    /* and has not come back */
    bool someone;           /* without a key: an item that is a person. May be named, cannot rate or write */
    bool kept_informed;     /* not asked to answer */
    bool shows_perspective; /* said yes to being shown with it, and has not taken that back (indexed) */
};
/* A view that counts: the register's first value. two: their devices differ, so it is not answered yet. */
struct cp_model_view {
    uint8_t entry[CP_ID_LEN];
    uint8_t target[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    uint64_t measure;
    const uint8_t *criterion; /* NULL when none */
    struct cp_bytes value;
    struct cp_bytes why;
    struct cp_bytes would_change_if;
    bool two;
};
struct cp_model_note {
    struct cp_model_record r;
    uint64_t kind;
    uint64_t lamport;
    uint8_t about[CP_ID_LEN];
    uint8_t by[CP_ID_LEN];
    struct cp_bytes day; /* YYYY-MM-DD: `on`, `held_on`, else what the device's clock claimed */
    const uint8_t *seen; /* seen_count ids: the notes or views it says it saw */
    size_t seen_count;
};
struct cp_model_receipt {
    struct cp_model_record r;
    uint64_t lamport;
    uint64_t claimed_ms; /* what the device's clock said; for display alone */
    uint8_t version[CP_ID_LEN];
    uint8_t by[CP_ID_LEN];
};
/* Someone who must get a copy of a version, and why (proto/handout.h). */
struct cp_model_copy {
    uint8_t person[CP_ID_LEN];
    struct cp_bytes name; /* as the page prints it */
    unsigned why;         /* enum cp_copy_why, together */
};
struct cp_model_version {
    uint8_t id[CP_ID_LEN];
    enum cp_stage stage;
    bool newest;           /* no other version of its stage names it as parent */
    size_t place;          /* among all, by (lamport, id) of the entries that first brought them */
    enum cp_result result; /* agreement versions */
    struct cp_bytes day;   /* what the device that froze it claimed */
    const struct cp_model_copy *copies; /* of the newest of each stage: by person id */
    size_t copies_count;
};
/* An answer that stands. */
struct cp_model_answer {
    uint8_t entry[CP_ID_LEN];
    uint8_t version[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    enum cp_answer_word word;
    const struct cp_answer_action *actions;
    size_t actions_count;
};
/* What came of what somebody asked for by an answer to an earlier page (P10). */
enum cp_asked {
    CP_ASKED_OPEN,    /* nobody has said */
    CP_ASKED_CHANGED, /* a talk about the answer says that something was changed */
    CP_ASKED_STAYS    /* a talk says why it stays */
};
const char *cp_asked_word(enum cp_asked state); /* "open", "changed", "stays" */
/*
 * A no, standing aside, a worry or an "I cannot" to a page before `page`. Those to a page that `page` names as parent are
 * all here; of older ones those that are still open, unless the same person asked again at a page between.
 */
struct cp_model_ask {
    uint8_t page[CP_ID_LEN];    /* the newest page of its line */
    uint8_t version[CP_ID_LEN]; /* the page that was answered */
    uint8_t entry[CP_ID_LEN];   /* the answer */
    uint8_t person[CP_ID_LEN];
    struct cp_bytes name;  /* as that page printed it */
    struct cp_bytes asked; /* what would help, else why */
    struct cp_bytes said;  /* the words of the talk; empty while open */
    enum cp_answer_word word;
    bool cannot; /* an action of theirs */
    struct cp_bytes *cannots; /* the words of these, as the page that was answered has them; may be NULL */
    size_t cannots_count;
    enum cp_asked state;
};
/* Someone whom a version asks and who has not answered in a way that counts. */
struct cp_model_waiting {
    uint8_t version[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
};

/* One link from an item, seen from what it points to. */
struct cp_model_back {
    const uint8_t *to;
    uint16_t field;
    const struct cp_model_item *item;
    int64_t number;
};

/* One id that a note says it saw. */
struct cp_model_saw {
    const uint8_t *id;
    const struct cp_model_note *by;
};

struct cp_model {
    struct cp_bytes today; /* YYYY-MM-DD */
    struct cp_model_record plan;
    struct cp_model_item *items;
    size_t items_count;
    struct cp_model_person *people; /* everyone the plan knows */
    size_t people_count;
    struct cp_model_view *views;
    size_t views_count;
    struct cp_model_note *notes;
    size_t notes_count;
    struct cp_model_receipt *receipts;
    size_t receipts_count;
    struct cp_model_version *versions;
    size_t versions_count;
    struct cp_model_answer *answers;
    size_t answers_count;
    struct cp_model_ask *asks; /* of the newest pages for agreement */
    size_t asks_count;
    uint8_t (*differs)[CP_ID_LEN]; /* actions of which agreed pages that stand side by side say different things */
    size_t differs_count;
    struct cp_model_waiting *waiting;
    size_t waiting_count;
    /* Private: the index. */
    const struct cp_mem *mem;
    const struct cp_model_item **by_id;
    struct cp_model_back *backs;
    size_t backs_count;
    const struct cp_model_note **consents; /* by person */
    size_t consents_count;
    struct cp_model_saw *saws; /* what consents have seen, by id */
    size_t saws_count;
    struct cp_bytes *perspectives; /* every one that is needed or that somebody has, sorted */
    size_t perspectives_count;
};

/* Sorts the arrays and builds the index. Errors: NO_MEMORY. clear frees the index alone. */
CP_MUST_USE enum cp_err cp_model_index(struct cp_model *m, const struct cp_mem *mem);
void cp_model_clear(struct cp_model *m);

/* ---- Fields ---- */
/* The first fact of a field; NULL when nothing stands. */
const struct cp_model_fact *cp_model_get(const struct cp_model_record *r, uint16_t field);
/* The next one of the same field after `at`; NULL at the end. */
const struct cp_model_fact *cp_model_next(const struct cp_model_record *r, const struct cp_model_fact *at);
struct cp_bytes cp_model_text(const struct cp_model_record *r, uint16_t field); /* empty when none */
int64_t cp_model_number(const struct cp_model_record *r, uint16_t field, int64_t otherwise);
const uint8_t *cp_model_link(const struct cp_model_record *r, uint16_t field); /* NULL when none */
bool cp_model_two(const struct cp_model_record *r, uint16_t field);
/* The text, and of two wordings neither: of a person's own words only they can say which they meant. */
struct cp_bytes cp_model_settled(const struct cp_model_record *r, uint16_t field);
bool cp_model_links(const struct cp_model_record *r, uint16_t field, const uint8_t id[static CP_ID_LEN]);
bool cp_model_says(const struct cp_model_record *r, uint16_t field, const char *word);

/* ---- Looking up ---- */
const struct cp_model_item *cp_model_item(const struct cp_model *m, const uint8_t *id /* or NULL */);
const struct cp_model_person *cp_model_person(const struct cp_model *m, const uint8_t *id /* or NULL */);
/* The name of a person, empty for someone the plan does not know. */
struct cp_bytes cp_model_name(const struct cp_model *m, const uint8_t *id);
/* Links that point to an id, all fields together; they follow each other, ordered by (field, place). */
const struct cp_model_back *cp_model_backs(const struct cp_model *m, const uint8_t id[static CP_ID_LEN],
                                           size_t *count);
/* Does an item of this kind point to the id by any of these fields (0 ends them)? */
bool cp_model_pointed(const struct cp_model *m, const uint8_t id[static CP_ID_LEN], enum cp_record kind,
                      const uint16_t *fields);
/* Views on one target, ordered by (measure, criterion, person). */
const struct cp_model_view *cp_model_views(const struct cp_model *m, const uint8_t target[static CP_ID_LEN],
                                           size_t *count);
/* The view of one person that is answered: neither "dont_know" nor two apart. NULL when none. */
const struct cp_model_view *cp_model_view(const struct cp_model *m, const uint8_t target[static CP_ID_LEN],
                                          uint64_t measure, const uint8_t person[static CP_ID_LEN]);
/* Notes about one id, ordered by (kind, lamport, id). */
const struct cp_model_note *cp_model_notes(const struct cp_model *m, const uint8_t about[static CP_ID_LEN],
                                           size_t *count);
/* The newest version of a stage; of several that stand beside each other the last by place, as everywhere else. NULL when none. */
const struct cp_model_version *cp_model_newest(const struct cp_model *m, enum cp_stage stage);
/* Is the word one of "a|b|c"? The state of an item. */
bool cp_model_state_in(const struct cp_model_item *item, const char *words);
/* Actions that are neither dropped nor anything else that asks nothing of anybody. */
bool cp_model_is_action(const struct cp_model_item *item);
/* Whose it is: `owner`, else `by`, else who wrote it down. */
const uint8_t *cp_model_owner(const struct cp_model_item *item);

/* ---- People and perspectives ---- */
/*
 * Did the person say yes to being shown, about one thing (NULL: any) and for one scope (NULL: any)? A no that no
 * later word of theirs has seen stands over every yes.
 */
bool cp_model_consents(const struct cp_model *m, const uint8_t *person, const uint8_t *about,
                       const char *scope);
/* Is everyone asked: in the plan and not only kept informed. */
bool cp_model_asked(const struct cp_model_person *p);
bool cp_model_has_perspective(const struct cp_model_person *p, struct cp_bytes perspective);
/* How many people who are in have it. */
size_t cp_model_perspective_size(const struct cp_model *m, struct cp_bytes perspective);
bool cp_model_perspective_needed(const struct cp_model *m, struct cp_bytes perspective);
/*
 * May something be said of this perspective as a group? From three people on; below only when each of them said
 * yes to being shown with it.
 */
#define CP_PERSPECTIVE_MIN 3U
bool cp_model_perspective_shown(const struct cp_model *m, struct cp_bytes perspective);

/* ---- Days: YYYY-MM-DD as a number of days, 0 for what is no day ---- */
int64_t cp_day_number(struct cp_bytes day);
void cp_day_text(int64_t number, char out[static 11]);
/* The day of a time in milliseconds since 1970, UTC. Beyond the year 9999 it is no clock's: the first day. */
void cp_day_of(uint64_t time_ms, char out[static 11]);
/* The day after an ISO 8601 duration ("P1M"); a month that is too short ends it. 0 when either is malformed. */
int64_t cp_day_after(int64_t number, struct cp_bytes duration);
/* "weekly", "monthly": as a duration; empty for own words. */
struct cp_bytes cp_day_repeat(struct cp_bytes repeats);

#endif
