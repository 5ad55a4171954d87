/*
 * The tables of what can be said: entry kinds, record kinds, fields, measures (domain.md 4.2).
 * Owns: every code and name. Later work adds rows here rather than code elsewhere. A code is never reused.
 * Must not: hold rules of merging (record.h) or words for the screen (the client's catalogue).
 */
#ifndef CP_KINDS_H
#define CP_KINDS_H

#include "proto/entry.h"

/* ---- Entry kinds. Below 64: control. From 64: content. An unknown number keeps its class. ---- */
#define CP_KIND_LIST(X)                                                                       \
    X(FIRST, 1, "first")          /* the plan's first entry: the founder's JOIN, or a continuation */ \
    X(INVITE, 2, "invite")                                                                    \
    X(UNINVITE, 3, "uninvite")                                                                \
    X(ADMIT, 4, "admit")                                                                      \
    X(REVOKE, 5, "revoke")                                                                    \
    X(KEY, 6, "key")                                                                          \
    X(LEAVE, 7, "leave")                                                                      \
    X(MANDATE, 8, "mandate")                                                                  \
    X(WITHDRAW, 9, "withdraw")                                                                \
    X(FOLLOW, 10, "follow")                                                                   \
    X(SECRET, 11, "secret")                                                                   \
    X(PLAN, 64, "plan")           /* shared words: fields of the plan itself */               \
    X(ITEM, 65, "item")           /* shared words: a new item; its id is the entry's id */    \
    X(SET, 66, "set")             /* shared words: fields of an item */                       \
    X(PERSON, 67, "person")       /* own register: fields of the author's person */           \
    X(VIEW, 68, "view")           /* own register: (person, target, measure, criterion) */    \
    X(NOTE, 69, "note")           /* added only */                                            \
    X(RECEIPT, 70, "receipt")     /* added only */                                            \
    X(COLUMN, 71, "column")       /* added only: a column name of an imported table */        \
    X(PART, 72, "part")           /* frozen: a piece of a large text */                       \
    X(VERSION, 73, "version")     /* frozen */                                                \
    X(ANSWER, 74, "answer")       /* frozen, signed by an identity key */                     \
    X(ATTACHMENT, 75, "attachment") /* added only: names bytes that are no entry (attachment.h) */

enum cp_kind {
#define X(name, code, word) CP_KIND_##name = (code),
    CP_KIND_LIST(X)
#undef X
};

/* Sets of content kinds, one bit each. What is of control is in every set, and so is a kind that has no bit. */
#define CP_KINDS_ALL UINT32_MAX
static inline uint32_t cp_kind_bit(uint64_t kind)
{
    return kind >= 64 && kind < 96 ? UINT32_C(1) << (kind - 64) : 0;
}
static inline bool cp_kind_among(uint32_t kinds, uint64_t kind)
{
    uint32_t bit = cp_kind_bit(kind);
    return bit == 0 || (kinds & bit) != 0;
}
/* CP_CONTROL below 64, CP_CONTENT from 64 on. */
enum cp_class cp_kind_class(uint64_t kind);
/* The word of a known kind, NULL for an unknown one. */
const char *cp_kind_word(uint64_t kind);

/* ---- Record kinds: what a field may belong to. Items have one of 15 kinds. ---- */
#define CP_RECORD_LIST(X)                                                       \
    X(PLAN, 0, "plan", "")                                                      \
    X(PERSON, 1, "person", "")                                                  \
    X(PRIORITY, 2, "priority", "open|chosen|not now|set aside")                 \
    X(BENEFIT, 3, "benefit", "open|set aside")                                  \
    X(INACTION, 4, "inaction", "open|set aside")                                \
    X(NEED, 5, "need", "open|set aside")                                        \
    X(STRENGTH, 6, "strength", "open|taken back|set aside")                     \
    X(CONCERN, 7, "concern", "open|set aside")                                  \
    X(VALUE, 8, "value", "open|set aside")                                      \
    X(EVIDENCE, 9, "evidence", "open|set aside")                                \
    X(RESOURCE, 10, "resource", "open|taken back|set aside")                    \
    X(OBSTACLE, 11, "obstacle", "open|being worked on|gone|accepted|set aside") \
    X(RISK, 12, "risk", "open|being worked on|gone|accepted|set aside")         \
    X(CRITERION, 13, "criterion", "open|not used|set aside")                    \
    X(OPTION, 14, "option", "open|chosen|not chosen|combined|set aside")        \
    X(ACTION, 15, "action", "open|dropped|set aside")                           \
    X(NOTE, 16, "note", "")                                                     \
    X(RECEIPT, 17, "receipt", "")                                               \
    X(VIEW, 18, "view", "")                                                     \
    X(SOMEONE, 19, "someone",                                                   \
      "open|set aside") /* an item: a person without a key, named wherever a person is */

enum cp_record {
#define X(name, code, word, states) CP_RECORD_##name = (code),
    CP_RECORD_LIST(X)
#undef X
        CP_RECORD_COUNT
};

/* Kinds of items: the first 14 stand together, those that came later stand where a code was free. */
#define CP_RECORD_ITEM_FIRST CP_RECORD_PRIORITY
#define CP_RECORD_ITEM_LAST CP_RECORD_ACTION
static inline bool cp_record_is_item(uint64_t record)
{
    return (record >= CP_RECORD_ITEM_FIRST && record <= CP_RECORD_ITEM_LAST) || record == CP_RECORD_SOMEONE;
}
#define CP_ON(record) (1U << CP_RECORD_##record)

/* The word of a record kind ("action"); NULL when out of range. */
const char *cp_record_word(uint64_t record);
/* The item kind of this word; CP_RECORD_COUNT when none. `item` counts as "action"'s neighbour: not a kind. */
enum cp_record cp_item_kind_of_word(struct cp_bytes word);
/* "open|chosen|..." of an item kind. */
const char *cp_record_states(enum cp_record record);

/* ---- Fields ---- */
enum cp_field_type {
    CP_TYPE_TEXT,     /* str, at most CP_TEXT_MAX; may have languages */
    CP_TYPE_WORD,     /* str, one of the words listed */
    CP_TYPE_OPEN,     /* str, one of the words listed or other own words */
    CP_TYPE_LINE,     /* str without line breaks, at most CP_NAME_MAX; no languages */
    CP_TYPE_DATE,     /* str YYYY-MM-DD, a real day */
    CP_TYPE_DURATION, /* str, ISO 8601 P[nY][nM][nW][nD] */
    CP_TYPE_LANG,     /* str, a BCP 47 tag in lower case */
    CP_TYPE_INT,      /* int in [min, max] */
    CP_TYPE_PENCE,    /* int >= 0: pence; typed and shown as pounds "12.50" or "12" by the client */
    CP_TYPE_MINUTES,  /* int >= 0: minutes */
    CP_TYPE_YESNO,    /* str yes|no */
    CP_TYPE_ITEM,     /* a link to an item */
    CP_TYPE_PERSON,   /* a link to a person */
    CP_TYPE_VERSION,  /* a link to a version or answer */
    CP_TYPE_COST,     /* a link to a resource with an int: how much of it, in the resource's own unit */
    CP_TYPE_COLUMN    /* str under the name of a COLUMN entry ("csv:NAME") */
};

struct cp_field {
    uint16_t code;
    const char *name;          /* as typed and shown in JSON */
    enum cp_field_type type;
    bool list;                 /* adding wins over removing */
    uint32_t on;               /* bit set of record kinds */
    const char *words;         /* for WORD and OPEN: "a|b|c"; NULL otherwise */
    int64_t min, max;          /* for INT */
};

/* Codes that code elsewhere names. The rest exist in the table of kinds.c alone. */
enum cp_field_code {
    CP_FIELD_TEXT = 1,
    CP_FIELD_PLAIN = 2,
    CP_FIELD_STATE = 3,
    CP_FIELD_POSITION = 4,
    CP_FIELD_COLUMN = 5,     /* csv:NAME */
    CP_FIELD_IMPORT = 6,     /* import id and row, so that an import can be resumed; hidden */
    CP_FIELD_TITLE = 7,      /* plan */
    CP_FIELD_RULE = 8,       /* plan */
    CP_FIELD_KEPT_INFORMED = 9, /* plan: list of persons */
    CP_FIELD_LANGUAGES = 10, /* plan */
    CP_FIELD_NAME = 11,      /* person: name shown */
    CP_FIELD_LEAD = 12,      /* action */
    CP_FIELD_HELPERS = 13,   /* action */
    CP_FIELD_VALUE = 14,     /* view, note */
    CP_FIELD_WHY = 15,       /* view, note */
    CP_FIELD_BY_CRITERION = 16, /* view */
    CP_FIELD_FOR_PERSON = 134,  /* view: whom it is said for; note */
    CP_FIELD_OTHERS_FIRST = 17, /* the table continues from here */
    CP_FIELD_PERSPECTIVES_NEEDED = 19, /* plan */
    CP_FIELD_ABOUT_PERSON = 75, /* need, strength, concern, obstacle, risk */
    CP_FIELD_AFFECTS = 77,      /* obstacle, risk: list of persons */
    CP_FIELD_DUTIES = 31,       /* person: list */
    CP_FIELD_LIMITS = 39,       /* person */
    CP_FIELD_BASELINE = 102,    /* action */
    CP_FIELD_TARGET = 103,      /* action */
    CP_FIELD_MEASURE_UNIT = 104, /* action */
    CP_FIELD_UNIT = 112,        /* note */
    CP_FIELD_INTERESTS = 37,    /* person */
    CP_FIELD_VALUES = 38,       /* person */
    CP_FIELD_ABOUT_ITEM = 121,  /* note */
    CP_FIELD_ABOUT_FIELD = 122, /* note */
    CP_FIELD_CHANGED = 124,     /* note */
    CP_FIELD_LEARNED = 129,     /* note: what a review taught the group */
    CP_FIELD_VERSION = 125,     /* note */
    CP_FIELD_PRIVATE_WORDS = 145, /* plan: asked about before a page is made, and said on none */
    CP_FIELD_ABOUT_LINE = 146,    /* note: the line of the page that a comment is about, from 1 */
    CP_FIELD_DIFFERENTLY = 147,   /* note: a reply that sees it differently */
    CP_FIELD_CHECKED_KEY = 148    /* note: the key that was seen, in hex */
};

/* All rows, in the fixed order in which versions and exports list them; *count is set. */
const struct cp_field *cp_fields(size_t *count);
/* By code; NULL when unknown ("made with a newer coplan"). */
const struct cp_field *cp_field_by_code(uint64_t code);
/* By the name typed, on this record kind (resource's `from` is a day, option's is a link). NULL when none.
 * `csv:NAME` gives the COLUMN row. A language suffix must be cut off before ("text.cy"). */
const struct cp_field *cp_field_by_name(struct cp_bytes name, enum cp_record on);

/*
 * Checks a value's text against the field: words, days, durations, ranges, lengths.
 * Links are not judged here. Errors: BAD_VALUE, TOO_BIG, BAD_TEXT.
 */
CP_MUST_USE enum cp_err cp_field_check_text(const struct cp_field *f, struct cp_bytes value, enum cp_record on);
CP_MUST_USE enum cp_err cp_field_check_int(const struct cp_field *f, int64_t value);
/* True for types whose value is an int in words (INT, PENCE, MINUTES, COST). */
bool cp_field_is_int(const struct cp_field *f);
/* True for types that are links (ITEM, PERSON, VERSION, COST). */
bool cp_field_is_link(const struct cp_field *f);
/*
 * True for words that people read: what has to be there in every language that the plan needs. Not so the name of a source
 * and its address, which are what they are in any language, and fields that can be said in no language (words of a list,
 * days, columns of an imported table).
 */
bool cp_field_is_words(const struct cp_field *f);
/* True when the word is one of "a|b|c". */
bool cp_word_in(const char *words, struct cp_bytes word);

/* ---- Measures of views ---- */
#define CP_MEASURE_LIST(X)                                              \
    X(IMPORTANCE, 1, "importance", "0|1|2|3|4|dont_know")               \
    X(SCORE, 2, "score", "0|1|2|3|4|dont_know")                         \
    X(FAIRNESS, 3, "fairness", "0|1|2|3|4|dont_know")                   \
    X(COMMITMENT, 4, "commitment", "lead|help|fine|unsure|cannot|dont_know") \
    X(LIKELIHOOD, 5, "likelihood", "1|2|3|4|5|dont_know")               \
    X(IMPACT, 6, "impact", "1|2|3|4|5|dont_know")                       \
    X(ACCEPTED_LEVEL, 7, "accepted_level", "ok|ok_if|not_ok|dont_know")

/* Code of a measure's word, 0 when none; word and values of a code, NULL when unknown. */
uint64_t cp_measure_of_word(struct cp_bytes word);
const char *cp_measure_word(uint64_t measure);
const char *cp_measure_values(uint64_t measure);

/* ---- Note kinds ---- */
#define CP_NOTE_LIST(X)                                                                          \
    X(COMMENT, 1, "comment") X(REPLY, 2, "reply") X(PRESENTED, 3, "presented")                   \
    X(CHOICE, 4, "choice") X(NEGOTIATION, 5, "negotiation") X(PROGRESS, 6, "progress")           \
    X(REVIEW, 7, "review") X(ACHIEVEMENT, 8, "achievement") X(LEARNING, 9, "learning")           \
    X(CONTACT, 10, "contact") X(CONSENT, 11, "consent") X(MEETING, 12, "meeting")                \
    X(MET, 13, "met") /* about an answer: what its person said "I will if" of has come */        \
    X(CHECKED, 14, "checked") /* about a person: their key was seen on their own screen */

enum {
    CP_NOTE_COMMENT = 1,
    CP_NOTE_REPLY = 2,
    CP_NOTE_NEGOTIATION = 5,
    CP_NOTE_MET = 13,
    CP_NOTE_CHECKED = 14
};
uint64_t cp_note_of_word(struct cp_bytes word); /* 0 when none */
const char *cp_note_word(uint64_t note);        /* NULL when unknown */

#endif
