/*
 * The file that says what the columns of somebody else's table mean (`import --map`; docs/commands.md has the format).
 * Owns: its lines. Must not: read files, or look at a table (sheet.h does that).
 *
 *   # what follows is a remark
 *   due = When                       the column called "When" holds the field `due`; `text` and `rag` are fields here
 *   due: Summer term = 2027-07-20    in that field these words mean this value
 *   days = day/month/year            how days are written there; else only YYYY-MM-DD is a day
 *   money = pounds                   what a bare number of money is; else only £12 or 12.50 is money
 */
#ifndef CP_CLIENT_IMPORTMAP_H
#define CP_CLIENT_IMPORTMAP_H

#include "proto/kinds.h"

#define CP_IMPORTMAP_BYTES_MAX (256U * 1024U)
#define CP_IMPORTMAP_RULES_MAX 60U /* as many as a table may have columns */
#define CP_IMPORTMAP_WORDS_MAX 1000U

enum cp_importmap_days {
    CP_DAYS_ISO,
    CP_DAYS_DMY,
    CP_DAYS_MDY
};
enum cp_importmap_money {
    CP_MONEY_UNSAID,
    CP_MONEY_POUNDS,
    CP_MONEY_PENCE
};

/* What a column holds: a field of an action; or with field NULL the words (rag false) or how it goes (rag true). */
struct cp_importmap_rule {
    const struct cp_field *field;
    struct cp_bytes field_name; /* "due", "plain.cy", "text", "rag" */
    bool rag;
    struct cp_bytes column;
    size_t line;
};
struct cp_importmap_words {
    struct cp_bytes field_name;
    struct cp_bytes words;
    struct cp_bytes value;
};
struct cp_importmap {
    struct cp_importmap_rule rules[CP_IMPORTMAP_RULES_MAX];
    size_t rules_count;
    struct cp_importmap_words words[CP_IMPORTMAP_WORDS_MAX];
    size_t words_count;
    enum cp_importmap_days days;
    enum cp_importmap_money money;
};

enum cp_importmap_fault {
    CP_IMPORTMAP_FINE,
    CP_IMPORTMAP_NOT_TEXT, /* no UTF-8, or a control character */
    CP_IMPORTMAP_NO_SIGN,  /* neither FIELD = COLUMN nor FIELD: WORDS = VALUE */
    CP_IMPORTMAP_FIELD,    /* no such field */
    CP_IMPORTMAP_TWICE,    /* a field or a column that an earlier line gave away */
    CP_IMPORTMAP_VALUE,    /* a value that does not fit the field, or an unknown way to write days or money */
    CP_IMPORTMAP_MANY
};
/* Reads the lines. Everything borrows from `file`. On a fault *line (from 1) says where and *word what. */
enum cp_importmap_fault cp_importmap_read(struct cp_importmap *out, struct cp_bytes file, size_t *line,
                                          struct cp_bytes *word);

/* What these words mean in that field; false when no line says. Letters A to Z count as a to z. */
bool cp_importmap_means(const struct cp_importmap *map, struct cp_bytes field_name, struct cp_bytes words,
                        struct cp_bytes *value);

/* ---- Small things that readers of tables share ---- */
struct cp_bytes cp_trim(struct cp_bytes text);
/* Equal, where A to Z count as a to z. */
bool cp_same_word(struct cp_bytes a, struct cp_bytes b);
/* "green", "amber", "red", "unknown" for how people write them; NULL for anything else. */
const char *cp_rag_read(struct cp_bytes cell);

#endif
