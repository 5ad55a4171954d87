/*
 * A proof folder: what is in it, byte for byte, and whether a folder is one.
 * Owns: the names of its files, allowed_signers, README.txt. Must not: talk to the daemon or read a home; the
 * same function makes a folder and says what a folder should have been.
 *
 *   version.txt              the page
 *   answers/NAME.txt         what one person said to it      (NAME-2.txt, ...: two said apart by one person)
 *   answers/NAME.txt.sig     the signature, as ssh-keygen writes it
 *   witnesses/NAME-by-NAME.txt[.sig]   of an answer on paper: what somebody who was there signed; NAME's answer, by NAME
 *   mandates/NAME.txt[.sig]  of an answer by a proxy: that NAME lets them                 (NAME-2.txt, ...: another one)
 *   allowed_signers          the keys that the page prints
 *   README.txt               how to check it by hand, and what "good" does not mean
 *
 * NAME is "p-" and the first 12 characters of the person id in base 32; more, for all, where two would be equal.
 * In allowed_signers that column is a list of patterns, so a name that somebody typed never stands there: shown
 * names stand in the comment behind the key, escaped.
 */
#ifndef CP_CLIENT_PROOF_H
#define CP_CLIENT_PROOF_H

#include <jansson.h>
#include <string.h>

#include "proto/answer.h"

#define CP_PROOF_NAME_MAX  64U   /* "p-" and 52 characters, and the NUL */
#define CP_PROOF_PATH_MAX  256U  /* also the longest name that is looked at in a folder somebody made */
#define CP_PROOF_FILES_MAX 8192U /* a thousand people on paper with two witnesses each, and room */
#define CP_PROOF_SIG_MAX   4096U

struct cp_proof_file {
    char path[CP_PROOF_PATH_MAX]; /* "answers/p-....txt" */
    struct cp_buf content;
};
struct cp_proof_files {
    const struct cp_mem *mem;
    struct cp_proof_file *list;
    size_t count;
    size_t cap;
};
void cp_proof_files_init(struct cp_proof_files *files, const struct cp_mem *mem);
void cp_proof_files_clear(struct cp_proof_files *files);
/* NULL: out of memory, more than CP_PROOF_FILES_MAX, or the path is too long. */
struct cp_proof_file *cp_proof_files_add(struct cp_proof_files *files, const char *path,
                                         struct cp_bytes content);
struct cp_proof_file *cp_proof_files_find(const struct cp_proof_files *files, const char *path);

/* One answer, witness's text or mandate with its signature, from wherever it comes; the text says which it is. Borrowed. */
struct cp_proof_in {
    struct cp_bytes text;
    struct cp_bytes armour;
    const char *where; /* for the reasons */
};

/*
 * Makes the folder that belongs to a page and answers to it. Answers that do not belong in it (not readable, to
 * another page, by a key that the page does not print, wrongly signed, replaced by a later one here, signed for somebody
 * else without what that needs) are left out, and why[] gets a sentence for each. answers[], empty before, gets {person,
 * name, signed_as, apart, answer, why, would_agree_if, actions, how, method, helped_by[, by, witnesses, limits]} for those in it, in order of person. Witnesses' texts and mandates
 * that belong to no answer in it are left out without a word.
 * Errors: NOT_GOOD (the page itself; why says so), NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_proof_build(const struct cp_mem *mem, struct cp_bytes version,
                                       const struct cp_proof_in *in, size_t count, struct cp_proof_files *out,
                                       json_t *answers, json_t *why);

/* Judges files as read from a folder: good exactly when they are what cp_proof_build makes of the page and the
 * answers among them, and no more. Errors: NOT_GOOD, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_proof_verify(const struct cp_mem *mem, const struct cp_proof_files *files,
                                        json_t *answers, json_t *why);

/* ---- Inside (proof_text.c) ---- */

struct cp_proof_person {
    const struct cp_version_person *person;
    char name[CP_PROOF_NAME_MAX];
};
static inline bool cp_proof_has_key(const struct cp_proof_person *p)
{
    static const uint8_t none[CP_KEY_LEN];

    return memcmp(p->person->key, none, sizeof none) != 0;
}
/* Everyone the page prints, by person id, each once. Freed by cp_free. Errors: NOT_GOOD (one person
 * with two keys), NO_MEMORY. */
CP_MUST_USE enum cp_err cp_proof_people(const struct cp_mem *mem, const struct cp_version *v,
                                        struct cp_proof_person **out, size_t *count);
void cp_proof_signers(const struct cp_proof_person *people, size_t count, struct cp_buf *out);
/* A file that somebody signed for somebody else, or to let them. */
struct cp_proof_line {
    char path[CP_PROOF_PATH_MAX];
    const struct cp_proof_person *signer;
};
/* What README.txt tells of. names[i]: the file's name of answers[i], without ending. */
struct cp_proof_page {
    const struct cp_version *v;
    const uint8_t *id;
    const json_t *answers; /* as cp_proof_build gives them */
    char (*names)[CP_PROOF_NAME_MAX];
    size_t answers_count;
    const struct cp_proof_line *lines;
    size_t lines_count;
    enum cp_result result;
};
void cp_proof_readme(const struct cp_proof_page *page, const struct cp_mem *mem, struct cp_buf *out);

#endif
