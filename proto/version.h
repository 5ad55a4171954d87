/*
 * Version texts: the frozen words that people sign (design 7, domain 5.2). docs/protocol-texts.md.
 * Owns: how a version is written and read, and its id. Must not: choose what belongs in it (the daemon
 * gathers; the order, the escapes and the facts' lines are decided here).
 *
 * A readable UTF-8 text, LF line ends, one fact a line, fixed order:
 *   coplan version 1, for agreement            (or: for comment)
 *   plan HEX64
 *   then the plan's fields, the items in their order with every language and plain words,
 *   "left open" lines (reasons and WHY of freeze --anyway),
 *   the rule, everyone who must answer (name, person id, key), everyone kept informed,
 *   parents HEX64 (sorted), and the last line "end".
 * A value never breaks its line: backslash, line breaks, controls, and bidirectional or invisible formatting
 * characters are escaped (\\ \n \u{202e}), so what is read is what is signed.
 */
#ifndef CP_VERSION_H
#define CP_VERSION_H

#include "proto/kinds.h"

enum cp_stage {
    CP_STAGE_COMMENT = 1,
    CP_STAGE_AGREEMENT = 2
};

/* One fact of the plan or of an item: a field's value as text (links as the target's id in hex, money as
 * pence, everything canonical). Lists give one fact per element. Borrowed. */
struct cp_fact {
    uint16_t field;
    struct cp_bytes lang;   /* empty when none */
    struct cp_bytes column; /* name of a csv column (field COLUMN) */
    struct cp_bytes value;
    struct cp_bytes
        also; /* for links: the name or text of the target, printed beside the id; for COST: amount */
};
struct cp_version_item {
    uint8_t id[CP_ID_LEN];
    enum cp_record kind;
    const struct cp_fact *facts; /* ordered as cp_fields() */
    size_t facts_count;
};
struct cp_version_person {
    uint8_t person[CP_ID_LEN];
    uint8_t key[CP_KEY_LEN]; /* identity key; all zeros for someone without a key (a doer outside) */
    struct cp_bytes name;
    const struct cp_bytes
        *perspectives; /* sorted; of who must answer, under a rule that needs them, as they allow */
    size_t perspectives_count;
};
struct cp_version {
    enum cp_stage stage;
    uint8_t plan[CP_ID_LEN];
    const struct cp_fact *facts;
    size_t facts_count;
    const struct cp_version_item *items;
    size_t items_count;
    const struct cp_bytes *left_open; /* reasons why it was not ready; empty when ready */
    size_t left_open_count;
    struct cp_bytes left_open_why;               /* empty when ready */
    struct cp_bytes rule;                        /* as in rule.h */
    const struct cp_version_person *must_answer; /* sorted by person id */
    size_t must_answer_count;
    const struct cp_version_person *kept_informed; /* sorted by person id */
    size_t kept_informed_count;
    const uint8_t (*parents)[CP_ID_LEN]; /* sorted */
    size_t parents_count;
};

/* Appends the text. Facts are written in the order given. */
void cp_version_write(const struct cp_version *v, struct cp_buf *out);

/* A version read back: owns its memory (one arena); slices point into it or into `text`. */
struct cp_version_read {
    struct cp_version v;
    const struct cp_mem *mem;
    void *blocks[16]; /* private */
    size_t blocks_count;
};
/*
 * Reads a text strictly and writes it again: OK only when the bytes are the same. Errors: NOT_FOR_SIGNING
 * (not reproduced byte for byte), TOO_BIG, NO_MEMORY. On failure *out is cleared. Borrows text.
 */
CP_MUST_USE enum cp_err cp_version_read(struct cp_version_read *out, const struct cp_mem *mem,
                                        struct cp_bytes text);
void cp_version_clear(struct cp_version_read *r);

/* The words of an item as the page prints them first; borrowed, empty where it has none or is not on the page. */
struct cp_bytes cp_version_words(const struct cp_version *v, const uint8_t item[static CP_ID_LEN]);

/* SHA-256 of exactly the text's bytes. */
void cp_version_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN]);
/* True when two texts differ in nothing but their parents lines. */
bool cp_version_same_words(struct cp_bytes a, struct cp_bytes b);
/* Four short check words of an id, space between; out needs 64 bytes. */
void cp_check_words(const uint8_t id[static CP_ID_LEN], char out[static 64]);
/*
 * Eight of them for an identity key, which two people compare side by side; out needs 128 bytes. Twice as many, because
 * somebody may try keys until the words fit: 64 bits are beyond that, 32 are not.
 */
void cp_key_words(const uint8_t key[static CP_KEY_LEN], char out[static 128]);
/* The word of the list that stands for a byte; static. And back, in any case: false when it is none of them. */
const char *cp_word_of(uint8_t byte);
CP_MUST_USE bool cp_word_byte(struct cp_bytes typed, uint8_t *byte);
/* A space, a tab or the end of a line: what stands between words that somebody typed or pasted. */
bool cp_is_blank(uint8_t c);
/* Are these the words as somebody read or typed them: in any case, with any blanks between? Nothing typed is not. */
bool cp_words_typed(struct cp_bytes typed, const char *words);

/* Escaping as in version and answer texts. Unescaping fails (false) on what escaping would not write. */
void cp_escape(struct cp_bytes value, struct cp_buf *out);
bool cp_unescape(struct cp_bytes line, struct cp_buf *out);

#endif
