/*
 * The tables behind kinds.h. Owns: the rows, and what a value of each type may be.
 * Must not: know merging or screens. The numbers are protocol: written once, never changed, never reused.
 */
#include "proto/kinds.h"

#include <assert.h>
#include <string.h>

#include "proto/rule.h"

/* ---- Sets of records ---- */

enum {
    ON_MATTERS =
        (1 << (CP_RECORD_ITEM_LAST + 1)) - (1 << CP_RECORD_ITEM_FIRST), /* items that are no person */
    ON_ITEMS = ON_MATTERS | 1 << CP_RECORD_SOMEONE,
    ON_PEOPLE = 1 << CP_RECORD_PERSON | 1 << CP_RECORD_SOMEONE,
    ON_BUT_RESOURCE = ON_MATTERS & ~(1 << CP_RECORD_RESOURCE),
    ON_GROUNDS = 1 << CP_RECORD_BENEFIT | 1 << CP_RECORD_INACTION | 1 << CP_RECORD_EVIDENCE,
    ON_HINDERS = 1 << CP_RECORD_OBSTACLE | 1 << CP_RECORD_RISK,
    ON_ABOUT_SOMEONE = 1 << CP_RECORD_NEED | 1 << CP_RECORD_STRENGTH | 1 << CP_RECORD_CONCERN | ON_HINDERS,
    ON_OFFERED = 1 << CP_RECORD_STRENGTH | 1 << CP_RECORD_RESOURCE,
    ON_PLANNED = 1 << CP_RECORD_OPTION | 1 << CP_RECORD_ACTION,
    ON_GIVEN = 1 << CP_RECORD_NOTE | 1 << CP_RECORD_RECEIPT
};
#define ON(record) (1 << CP_RECORD_##record)

/* Amounts end here so that a sum over a million records stays within int64. */
#define AMOUNT_MAX INT64_C(1000000000000)

#define WORDS_PERSPECTIVE \
    "uses services|carer|family or friend|professional|council|volunteer or community group|local resident"
#define WORDS_RULE   "everyone|everyone-but-aside(N)|each-perspective(K)"
#define WORDS_PLACE  "home|workplace|public_place|neighbourhood|countryside|online"
#define WORDS_FORMAT "standard|easy_read|large_print|audio|bsl|other"
#define WORDS_WAY    "hand|post|device|email"

/*
 * Every row, in the order in which versions and exports list them: what it says, whose it is, how it hangs
 * together, then what its kind adds. X(code, name, type, list, on, words, min, max). Two rows may share a name
 * where no record has both.
 */
/* clang-format off */
#define FIELD_LIST(X)                                                                              \
    /* the plan */                                                                                 \
    X(7, "title", TEXT, false, ON(PLAN), NULL, 0, 0)                                               \
    X(17, "purpose", TEXT, false, ON(PLAN), NULL, 0, 0)                                            \
    X(18, "kind_of_place", OPEN, false, ON(PLAN), WORDS_PLACE, 0, 0)                               \
    X(10, "languages", LANG, true, ON(PLAN), NULL, 0, 0)                                           \
    X(19, "perspectives_needed", OPEN, true, ON(PLAN), WORDS_PERSPECTIVE, 0, 0)                    \
    X(8, "rule", WORD, false, ON(PLAN), WORDS_RULE, 0, 0) /* rule.h */                             \
    X(9, "kept_informed", PERSON, true, ON(PLAN), NULL, 0, 0)                                      \
    X(20, "comment_days", INT, false, ON(PLAN), NULL, 0, 366)                                      \
    X(21, "send_within_hours", INT, false, ON(PLAN), NULL, 1, 8784)                                \
    X(22, "review_every", DURATION, false, ON(PLAN), NULL, 0, 0)                                   \
    X(23, "first_review", DATE, false, ON(PLAN), NULL, 0, 0)                                       \
    X(24, "reviewer", PERSON, false, ON(PLAN), NULL, 0, 0)                                         \
    X(25, "budget_pence", PENCE, false, ON(PLAN), NULL, 0, AMOUNT_MAX)                             \
    X(26, "if_behind", TEXT, false, ON(PLAN), NULL, 0, 0)                                          \
    X(27, "criteria_order", ITEM, true, ON(PLAN), NULL, 0, 0)                                      \
    X(28, "unsure_allowed", INT, false, ON(PLAN), NULL, 0, 1000)                                   \
    X(29, "results_shown", WORD, false, ON(PLAN), "always|after_answering", 0, 0)                  \
    X(145, "private_words", LINE, true, ON(PLAN), NULL, 0, 0)                                      \
    /* a person; needs are private and never enter an entry, so they have no row */                \
    X(11, "name", LINE, false, ON(PERSON), NULL, 0, 0)                                             \
    X(30, "perspectives", OPEN, true, ON_PEOPLE, WORDS_PERSPECTIVE, 0, 0)                         \
    X(31, "duties", OPEN, true, ON(PERSON), "facilitator|note taker|reviewer", 0, 0)               \
    X(32, "wants_format", OPEN, false, ON_PEOPLE, WORDS_FORMAT, 0, 0)                             \
    X(33, "wants_language", LANG, false, ON_PEOPLE, NULL, 0, 0)                                   \
    X(34, "wants_by", OPEN, false, ON_PEOPLE, WORDS_WAY, 0, 0)                                    \
    X(35, "contact_every", DURATION, false, ON_PEOPLE, NULL, 0, 0)                                \
    X(36, "cannot_on", DATE, true, ON_PEOPLE, NULL, 0, 0)                                         \
    X(37, "interests", TEXT, false, ON_PEOPLE, NULL, 0, 0)                                        \
    X(38, "values", TEXT, false, ON(PERSON), NULL, 0, 0)                                           \
    X(39, "limits", TEXT, false, ON_PEOPLE, NULL, 0, 0)                                           \
    X(40, "acts_for", PERSON, true, ON(PERSON), NULL, 0, 0)                                        \
    /* every item, and what notes share with them */                                               \
    X(1, "text", TEXT, false, ON_ITEMS | ON(NOTE), NULL, 0, 0)                                     \
    X(2, "plain", TEXT, false, ON_ITEMS, NULL, 0, 0)                                               \
    X(41, "picture", LINE, false, ON_ITEMS, NULL, 0, 0)                                            \
    X(42, "picture_alt", TEXT, false, ON_ITEMS, NULL, 0, 0)                                        \
    X(3, "state", LINE, false, ON_ITEMS, NULL, 0, 0) /* its words: cp_record_states */             \
    X(15, "why", TEXT, false, ON_ITEMS | ON(VIEW) | ON_GIVEN, NULL, 0, 0)                          \
    X(4, "position", LINE, false, ON_ITEMS, NULL, 0, 0)                                            \
    X(43, "by", PERSON, false, ON_ITEMS, NULL, 0, 0)                                               \
    X(44, "helped_by", PERSON, true, ON(PERSON) | ON_ITEMS | ON(NOTE) | ON(VIEW), NULL, 0, 0)      \
    X(45, "place", TEXT, false, ON(PLAN) | ON_MATTERS, NULL, 0, 0)                                   \
    X(46, "environment", WORD, false, ON_MATTERS, WORDS_PLACE, 0, 0)                                 \
    X(47, "aspect", WORD, false, ON_MATTERS, "physical|social|cultural|aesthetic|practice", 0, 0)    \
    X(48, "for", ITEM, true, ON_MATTERS, NULL, 0, 0)                                                 \
    X(49, "serves", ITEM, true, ON_MATTERS, NULL, 0, 0)                                              \
    X(50, "tackles", ITEM, true, ON_MATTERS, NULL, 0, 0)                                             \
    X(51, "blocks", ITEM, true, ON_MATTERS, NULL, 0, 0)                                              \
    X(52, "uses", ITEM, true, ON_MATTERS, NULL, 0, 0)                                                \
    X(53, "from", ITEM, true, ON_BUT_RESOURCE, NULL, 0, 0)                                         \
    X(54, "about", ITEM, true, ON_MATTERS, NULL, 0, 0)                                               \
    X(55, "same_as", ITEM, true, ON_ITEMS, NULL, 0, 0)                                             \
    X(56, "tension", ITEM, true, ON_MATTERS, NULL, 0, 0)                                             \
    X(57, "evidence", ITEM, true, ON_MATTERS, NULL, 0, 0)                                            \
    /* what matters, and what it rests on */                                                       \
    X(58, "hope", TEXT, false, ON(PRIORITY), NULL, 0, 0)                                           \
    X(59, "from_perspective", OPEN, true, ON(PRIORITY), WORDS_PERSPECTIVE, 0, 0)                   \
    X(60, "strength_of_evidence", OPEN, false, ON_GROUNDS,                                         \
      "research|local_data|lived_experience|opinion", 0, 0)                                        \
    X(61, "type", OPEN, false, ON(EVIDENCE),                                                       \
      "law|policy|guidance|research|local data|lived experience", 0, 0)                            \
    X(62, "source", TEXT, false, ON_GROUNDS, NULL, 0, 0)                                           \
    X(63, "link", TEXT, false, ON_GROUNDS, NULL, 0, 0)                                             \
    X(64, "source_date", DATE, false, ON_GROUNDS, NULL, 0, 0)                                      \
    X(65, "read_on", DATE, false, ON(EVIDENCE), NULL, 0, 0)                                        \
    X(66, "check_again_on", DATE, false, ON(EVIDENCE), NULL, 0, 0)                                 \
    X(67, "contact", TEXT, false, ON(EVIDENCE), NULL, 0, 0)                                        \
    /* what we can use */                                                                          \
    X(68, "owner", PERSON, false, ON_OFFERED, NULL, 0, 0)                                          \
    X(69, "amount", INT, false, ON(RESOURCE), NULL, 0, AMOUNT_MAX)                                 \
    X(70, "unit", WORD, false, ON(RESOURCE), "pence|minutes|count", 0, 0)                          \
    X(71, "from", DATE, false, ON(RESOURCE), NULL, 0, 0)                                           \
    X(72, "to", DATE, false, ON(RESOURCE), NULL, 0, 0)                                             \
    X(73, "conditions", TEXT, false, ON_OFFERED, NULL, 0, 0)                                       \
    /* what gets in the way */                                                                     \
    X(74, "type", WORD, false, ON_HINDERS | ON_OFFERED, "money|time|rules|attitudes|access|place|skills|other", 0, 0) \
    X(75, "about_person", PERSON, false, ON_ABOUT_SOMEONE, NULL, 0, 0)                             \
    X(76, "about_group", LINE, false, ON_ABOUT_SOMEONE, NULL, 0, 0)                                \
    X(77, "affects", PERSON, true, ON_HINDERS, NULL, 0, 0)                                         \
    X(78, "effect", TEXT, false, ON_HINDERS, NULL, 0, 0)                                           \
    X(79, "gain", TEXT, false, ON_HINDERS, NULL, 0, 0)                                             \
    X(80, "harm", TEXT, false, ON_HINDERS, NULL, 0, 0)                                             \
    X(81, "strengths", TEXT, false, ON_HINDERS, NULL, 0, 0)                                        \
    X(82, "early_signs", TEXT, false, ON_HINDERS, NULL, 0, 0)                                      \
    X(83, "if_it_happens", TEXT, false, ON_HINDERS, NULL, 0, 0)                                    \
    X(84, "other_options", TEXT, false, ON_HINDERS, NULL, 0, 0)                                    \
    X(85, "way_round", TEXT, false, ON_HINDERS, NULL, 0, 0)                                        \
    X(86, "tried_before", TEXT, false, ON_HINDERS, NULL, 0, 0)                                     \
    X(87, "review_on", DATE, false, ON_HINDERS, NULL, 0, 0)                                        \
    /* what makes an idea good, and ideas */                                                       \
    X(88, "counts", INT, false, ON(CRITERION), NULL, 1, 3)                                         \
    X(89, "who_could", TEXT, false, ON(OPTION), NULL, 0, 0)                                        \
    X(90, "pilot", YESNO, false, ON(OPTION), NULL, 0, 0)                                           \
    X(91, "do_nothing", YESNO, false, ON(OPTION), NULL, 0, 0)                                      \
    /* what we will do (P9.1 to P9.4) */                                                           \
    X(92, "details", TEXT, false, ON(ACTION), NULL, 0, 0)                                          \
    X(12, "lead", PERSON, false, ON(ACTION), NULL, 0, 0)                                           \
    X(13, "helpers", PERSON, true, ON(ACTION), NULL, 0, 0)                                         \
    X(93, "consulted", PERSON, true, ON(ACTION), NULL, 0, 0)                                       \
    X(94, "informed", PERSON, true, ON(ACTION), NULL, 0, 0)                                        \
    X(95, "start", DATE, false, ON(ACTION), NULL, 0, 0)                                            \
    X(96, "due", DATE, false, ON(ACTION), NULL, 0, 0)                                              \
    X(97, "repeats", OPEN, false, ON(ACTION),                                                      \
      "daily|weekly|every two weeks|monthly|every three months|yearly", 0, 0)                      \
    X(98, "costs", COST, true, ON(ACTION), NULL, 0, AMOUNT_MAX)                                    \
    X(99, "cost_pence", PENCE, false, ON_PLANNED, NULL, 0, AMOUNT_MAX)                             \
    X(100, "effort_minutes", MINUTES, false, ON_PLANNED, NULL, 0, AMOUNT_MAX)                      \
    X(101, "measure", TEXT, false, ON(ACTION), NULL, 0, 0)                                         \
    X(102, "baseline", LINE, false, ON(ACTION), NULL, 0, 0)                                        \
    X(103, "target", LINE, false, ON(ACTION), NULL, 0, 0)                                          \
    X(104, "measure_unit", LINE, false, ON(ACTION), NULL, 0, 0)                                    \
    X(105, "checked_by", PERSON, false, ON(ACTION), NULL, 0, 0)                                    \
    X(106, "check_every", DURATION, false, ON(ACTION), NULL, 0, 0)                                 \
    X(107, "role_created", TEXT, false, ON(ACTION), NULL, 0, 0)                                    \
    /* views and notes; a view's words are its measure's, which the caller checks */               \
    X(14, "value", LINE, false, ON(VIEW) | ON(NOTE), NULL, 0, 0)                                   \
    X(16, "by_criterion", ITEM, false, ON(VIEW), NULL, 0, 0)                                       \
    X(108, "would_change_if", TEXT, false, ON(VIEW), NULL, 0, 0)                                   \
    X(109, "words", TEXT, false, ON(VIEW), NULL, 0, 0)                                             \
    X(110, "status", WORD, false, ON(NOTE), "to_do|doing|paused|done|stopped", 0, 0)               \
    X(111, "rag", WORD, false, ON(NOTE), "green|amber|red|unknown", 0, 0)                          \
    X(112, "unit", LINE, false, ON(NOTE), NULL, 0, 0)                                              \
    X(113, "on", DATE, false, ON(NOTE), NULL, 0, 0)                                                \
    X(114, "to", LINE, true, ON(NOTE), NULL, 0, 0) /* audiences */                                 \
    X(115, "to_people", PERSON, true, ON(NOTE), NULL, 0, 0)                                        \
    X(116, "format", OPEN, false, ON_GIVEN, WORDS_FORMAT, 0, 0)                                    \
    X(117, "language", LANG, false, ON_GIVEN, NULL, 0, 0)                                          \
    X(118, "option", ITEM, false, ON(NOTE), NULL, 0, 0)                                            \
    X(119, "priority", ITEM, false, ON(NOTE), NULL, 0, 0)                                          \
    X(120, "seen", VERSION, true, ON(NOTE), NULL, 0, 0) /* choice: the views counted */            \
    X(121, "about_item", ITEM, false, ON(NOTE), NULL, 0, 0) /* comment on a line of a version */   \
    X(122, "about_field", LINE, false, ON(NOTE), NULL, 0, 0)                                       \
    X(146, "about_line", INT, false, ON(NOTE), NULL, 1, CP_VERSION_TEXT_MAX)                       \
    X(147, "differently", YESNO, false, ON(NOTE), NULL, 0, 0) /* reply: "I see it differently" */  \
    X(148, "checked_key", LINE, false, ON(NOTE), NULL, 0, 0)                                       \
    X(123, "outcome", TEXT, false, ON(NOTE), NULL, 0, 0)                                           \
    X(124, "changed", YESNO, false, ON(NOTE), NULL, 0, 0)                                          \
    X(125, "version", VERSION, false, ON(NOTE), NULL, 0, 0)                                        \
    X(126, "held_on", DATE, false, ON(NOTE), NULL, 0, 0)                                           \
    X(127, "present", PERSON, true, ON(NOTE), NULL, 0, 0)                                          \
    X(128, "achieved", WORD, false, ON(NOTE), "yes|partly|not_yet|cannot", 0, 0)                   \
    X(129, "learned", TEXT, false, ON(NOTE), NULL, 0, 0)                                           \
    X(130, "decision", WORD, false, ON(NOTE), "carry_on|change|stop", 0, 0)                        \
    X(131, "next", TEXT, false, ON(NOTE), NULL, 0, 0)                                              \
    X(132, "scope", LINE, false, ON(NOTE), NULL, 0, 0)                                             \
    X(133, "given", YESNO, false, ON(NOTE), NULL, 0, 0) /* consent: no = taken back */             \
    X(134, "for_person", PERSON, false, ON(NOTE) | ON(VIEW), NULL, 0, 0)                                \
    X(135, "how_to_celebrate", TEXT, false, ON(NOTE), NULL, 0, 0)                                  \
    /* what is for me alone never enters an entry, so an entry cannot say "me" */                  \
    X(136, "visibility", WORD, false, ON(NOTE), "group", 0, 0)                                     \
    /* receipts */                                                                                 \
    X(137, "to", PERSON, false, ON(RECEIPT), NULL, 0, 0)                                           \
    X(138, "state", WORD, false, ON(RECEIPT), "sent|given|got|explained|could_not", 0, 0)          \
    X(139, "how", OPEN, false, ON(RECEIPT), WORDS_WAY, 0, 0)                                       \
    X(140, "part", WORD, false, ON(RECEIPT), "all|mine", 0, 0)                                     \
    X(141, "sent_at", DATE, false, ON(RECEIPT), NULL, 0, 0)                                        \
    X(142, "given_by", PERSON, false, ON(RECEIPT), NULL, 0, 0)                                     \
    X(143, "given_at", DATE, false, ON(RECEIPT), NULL, 0, 0)                                       \
    X(144, "try_again", DATE, false, ON(RECEIPT), NULL, 0, 0)                                      \
    /* kept with an item from an imported table */                                                 \
    X(5, "csv", COLUMN, false, ON_ITEMS, NULL, 0, 0)                                               \
    X(6, "import", LINE, false, ON_ITEMS, NULL, 0, 0)
/* clang-format on */

static const struct cp_field fields[] = {
#define X(code, name, type, list, on, words, min, max) \
    {code, name, CP_TYPE_##type, list, on, words, min, max},
    FIELD_LIST(X)
#undef X
};

enum {
    FIELDS_COUNT = sizeof fields / sizeof fields[0]
};

/* Place in the table of each code, plus one; 0: no such code. A code written twice does not compile. */
enum {
#define X(code, name, type, list, on, words, min, max) PLACE_OF_##code,
    FIELD_LIST(X)
#undef X
};
static const uint8_t places[] = {
#define X(code, name, type, list, on, words, min, max) [code] = PLACE_OF_##code + 1,
    FIELD_LIST(X)
#undef X
};
_Static_assert(FIELDS_COUNT < UINT8_MAX, "places fit a byte");
_Static_assert(CP_RECORD_COUNT <= 31, "record sets fit int and uint32_t");

/* Names that people know from elsewhere. */
static const struct {
    const char *name;
    uint32_t on;
    uint16_t code;
} aliases[] = {
    {"title", ON(ACTION), CP_FIELD_TEXT}, {"name_shown", ON(PERSON), CP_FIELD_NAME},
    {"name", ON(SOMEONE), CP_FIELD_TEXT}, {"available_from", ON(RESOURCE), 71},
    {"available_to", ON(RESOURCE), 72},
};

/* ---- Words ---- */

static bool is_str(struct cp_bytes b, const char *s)
{
    return cp_bytes_eq(b, cp_bytes_str(s));
}

bool cp_word_in(const char *words, struct cp_bytes word)
{
    if (word.len == 0)
        return false;
    for (const char *at = words;; at++) {
        size_t len = strcspn(at, "|");
        if (len == word.len && memcmp(at, word.ptr, len) == 0)
            return true;
        at += len;
        if (*at == '\0')
            return false;
    }
}

enum cp_class cp_kind_class(uint64_t kind)
{
    return kind < 64 ? CP_CONTROL : CP_CONTENT;
}

const char *cp_kind_word(uint64_t kind)
{
    switch (kind) {
#define X(name, code, word) \
    case code:              \
        return word;
        CP_KIND_LIST(X)
#undef X
    default:
        return NULL;
    }
}

static const struct {
    const char *word;
    const char *states;
} records[] = {
#define X(name, code, word, states) [code] = {word, states},
    CP_RECORD_LIST(X)
#undef X
};

const char *cp_record_word(uint64_t record)
{
    return record < CP_RECORD_COUNT ? records[record].word : NULL;
}

enum cp_record cp_item_kind_of_word(struct cp_bytes word)
{
    for (unsigned i = 0; i < CP_RECORD_COUNT; i++)
        if (cp_record_is_item(i) && is_str(word, records[i].word))
            return (enum cp_record)i;
    return CP_RECORD_COUNT;
}

const char *cp_record_states(enum cp_record record)
{
    assert((unsigned)record < CP_RECORD_COUNT);
    return records[record].states;
}

static const struct {
    const char *word;
    const char *values;
} measures[] = {
#define X(name, code, word, values) [code] = {word, values},
    CP_MEASURE_LIST(X)
#undef X
};
enum {
    MEASURES_END = sizeof measures / sizeof measures[0]
};

uint64_t cp_measure_of_word(struct cp_bytes word)
{
    for (unsigned i = 1; i < MEASURES_END; i++)
        if (is_str(word, measures[i].word))
            return i;
    return 0;
}

const char *cp_measure_word(uint64_t measure)
{
    return measure < MEASURES_END ? measures[measure].word : NULL;
}

const char *cp_measure_values(uint64_t measure)
{
    return measure < MEASURES_END ? measures[measure].values : NULL;
}

static const char *const notes[] = {
#define X(name, code, word) [code] = word,
    CP_NOTE_LIST(X)
#undef X
};
enum {
    NOTES_END = sizeof notes / sizeof notes[0]
};

uint64_t cp_note_of_word(struct cp_bytes word)
{
    for (unsigned i = 1; i < NOTES_END; i++)
        if (is_str(word, notes[i]))
            return i;
    return 0;
}

const char *cp_note_word(uint64_t note)
{
    return note < NOTES_END ? notes[note] : NULL;
}

/* ---- Fields ---- */

const struct cp_field *cp_fields(size_t *count)
{
    *count = FIELDS_COUNT;
    return fields;
}

const struct cp_field *cp_field_by_code(uint64_t code)
{
    if (code >= sizeof places || places[code] == 0)
        return NULL;
    return &fields[places[code] - 1];
}

const struct cp_field *cp_field_by_name(struct cp_bytes name, enum cp_record on)
{
    if ((unsigned)on >= CP_RECORD_COUNT)
        return NULL;
    uint32_t bit = 1U << (unsigned)on;
    if (name.len > 4 && memcmp(name.ptr, "csv:", 4) == 0)
        return (ON_ITEMS & bit) != 0 ? cp_field_by_code(CP_FIELD_COLUMN) : NULL;
    for (size_t i = 0; i < FIELDS_COUNT; i++)
        if ((fields[i].on & bit) != 0 && fields[i].type != CP_TYPE_COLUMN && is_str(name, fields[i].name))
            return &fields[i];
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if ((aliases[i].on & bit) != 0 && is_str(name, aliases[i].name))
            return cp_field_by_code(aliases[i].code);
    return NULL;
}

bool cp_field_is_int(const struct cp_field *f)
{
    return f->type == CP_TYPE_INT || f->type == CP_TYPE_PENCE || f->type == CP_TYPE_MINUTES ||
           f->type == CP_TYPE_COST;
}

bool cp_field_is_link(const struct cp_field *f)
{
    return f->type == CP_TYPE_ITEM || f->type == CP_TYPE_PERSON || f->type == CP_TYPE_VERSION ||
           f->type == CP_TYPE_COST;
}

bool cp_field_is_words(const struct cp_field *f)
{
    enum {
        FIELD_SOURCE = 62,
        FIELD_LINK = 63
    };
    return f->type == CP_TYPE_TEXT && f->code != FIELD_SOURCE && f->code != FIELD_LINK;
}

/* ---- Values ---- */

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool date_ok(struct cp_bytes v)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (v.len != 10 || v.ptr[4] != '-' || v.ptr[7] != '-')
        return false;
    unsigned n[10];
    for (size_t i = 0; i < 10; i++) {
        if (i != 4 && i != 7 && !digit(v.ptr[i]))
            return false;
        n[i] = (unsigned)v.ptr[i] & 15U;
    }
    unsigned year = n[0] * 1000 + n[1] * 100 + n[2] * 10 + n[3];
    unsigned month = n[5] * 10 + n[6], day = n[8] * 10 + n[9];
    if (year == 0 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

/* P[nY][nM][nW][nD]: at least one part, each of one to four digits that do not begin with 0. */
static bool duration_ok(struct cp_bytes v)
{
    static const char units[] = "YMWD";
    size_t unit = 0, at = 1;
    if (v.len < 3 || v.ptr[0] != 'P')
        return false;
    while (at < v.len) {
        size_t start = at;
        while (at < v.len && digit(v.ptr[at]))
            at++;
        if (at == v.len || at == start || at - start > 4 || v.ptr[start] == '0')
            return false;
        while (unit < 4 && units[unit] != (char)v.ptr[at])
            unit++;
        if (unit == 4)
            return false;
        unit++;
        at++;
    }
    return true;
}

/* A language of two or three letters, then subtags of one to eight letters or digits. */
static bool lang_ok(struct cp_bytes v)
{
    size_t run = 0, subtag = 0;
    if (v.len > CP_LANG_MAX)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        uint8_t c = v.ptr[i];
        if (c == '-') {
            if (run < (subtag == 0 ? 2U : 1U))
                return false;
            subtag++;
            run = 0;
            continue;
        }
        bool letter = c >= 'a' && c <= 'z';
        run++;
        if ((!letter && (subtag == 0 || !digit(c))) || run > (subtag == 0 ? 3U : 8U))
            return false;
    }
    return run >= (subtag == 0 ? 2U : 1U);
}

/* Everything that Unicode breaks lines at: LF VT FF CR, NEL, U+2028, U+2029. v is well-formed UTF-8. */
static bool has_line_break(struct cp_bytes v)
{
    for (size_t i = 0; i < v.len; i++) {
        uint8_t c = v.ptr[i];
        if (c >= '\n' && c <= '\r')
            return true;
        if (c == 0xc2 && v.ptr[i + 1] == 0x85)
            return true;
        if (c == 0xe2 && v.ptr[i + 1] == 0x80 && (v.ptr[i + 2] == 0xa8 || v.ptr[i + 2] == 0xa9))
            return true;
    }
    return false;
}

static bool state_ok(struct cp_bytes v, enum cp_record on)
{
    if (on != CP_RECORD_COUNT)
        return cp_word_in(records[on].states, v);
    for (unsigned i = 0; i < CP_RECORD_COUNT; i++)
        if (cp_record_is_item(i) && cp_word_in(records[i].states, v))
            return true;
    return false;
}

enum cp_err cp_field_check_text(const struct cp_field *f, struct cp_bytes value, enum cp_record on)
{
    bool ok = false;
    struct cp_rule rule;
    if (on != CP_RECORD_COUNT && (f->on & 1U << (unsigned)on) == 0)
        return CP_ERR_BAD_VALUE;
    if (!cp_utf8_ok(value))
        return CP_ERR_BAD_TEXT;
    if (f->code == CP_FIELD_STATE)
        return state_ok(value, on) ? CP_OK : CP_ERR_BAD_VALUE;
    if (f->code == CP_FIELD_RULE)
        return cp_rule_read(value, &rule) ? CP_OK : CP_ERR_BAD_VALUE;
    switch (f->type) {
    case CP_TYPE_TEXT:
    case CP_TYPE_COLUMN:
        return value.len <= CP_TEXT_MAX ? CP_OK : CP_ERR_TOO_BIG;
    case CP_TYPE_LINE:
    case CP_TYPE_OPEN:
        if (value.len > CP_NAME_MAX)
            return CP_ERR_TOO_BIG;
        ok = !has_line_break(value) && (f->type == CP_TYPE_LINE || value.len > 0);
        break;
    case CP_TYPE_WORD:
        ok = cp_word_in(f->words, value);
        break;
    case CP_TYPE_YESNO:
        ok = cp_word_in("yes|no", value);
        break;
    case CP_TYPE_DATE:
        ok = date_ok(value);
        break;
    case CP_TYPE_DURATION:
        ok = duration_ok(value);
        break;
    case CP_TYPE_LANG:
        ok = lang_ok(value);
        break;
    case CP_TYPE_INT:
    case CP_TYPE_PENCE:
    case CP_TYPE_MINUTES:
    case CP_TYPE_ITEM:
    case CP_TYPE_PERSON:
    case CP_TYPE_VERSION:
    case CP_TYPE_COST:
        break; /* said as a number or a link, never as text */
    }
    return ok ? CP_OK : CP_ERR_BAD_VALUE;
}

enum cp_err cp_field_check_int(const struct cp_field *f, int64_t value)
{
    if (!cp_field_is_int(f) || value < f->min || value > f->max)
        return CP_ERR_BAD_VALUE;
    return CP_OK;
}
