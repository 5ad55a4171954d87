/*
 * What proof.c, proof_others.c and proof_text.c share while a folder is made. Private to them.
 * Owns: the texts as read, and whose they are. Must not: be seen by anyone else.
 */
#ifndef CP_CLIENT_PROOF_INTERNAL_H
#define CP_CLIENT_PROOF_INTERNAL_H

#include "client/proof.h"
#include "client/words.h"
#include "proto/answer_others.h"

/* One answer. */
struct cp_proof_item {
    const struct cp_proof_in *in;
    struct cp_answer_read read;
    bool is_read;
    bool kept;
    uint8_t id[CP_ID_LEN];                /* statement id */
    const struct cp_proof_person *person; /* whose it is; NULL once it does not count */
    const struct cp_proof_person *signer; /* whose key signed: the same, a recorder or a proxy */
};

/* A witness's text or a mandate, well signed by the key that it names. */
struct cp_proof_other {
    const struct cp_proof_in *in;
    struct cp_witness_read witness;
    struct cp_mandate_read mandate;
    bool is_witness;
    uint8_t id[CP_ID_LEN]; /* statement id */
};

struct cp_proof_work {
    const struct cp_mem *mem;
    json_t *why;
    struct cp_version_read version;
    bool version_is_read;
    uint8_t id[CP_ID_LEN];
    struct cp_proof_person *people;
    size_t people_count;
    struct cp_proof_item *items;
    size_t items_count;
    struct cp_proof_other *others; /* sorted: mandates by id, then witnesses by person and id */
    size_t others_count;
    struct cp_witness_in *witnesses; /* into others[] */
    struct cp_mandate_in *mandates;
    size_t witnesses_count, mandates_count;
    struct cp_proof_line *lines;
    size_t lines_count;
};

/* Whom the page prints under this id, with this key (NULL: with any or none); NULL when nobody. */
const struct cp_proof_person *cp_proof_find(const struct cp_proof_work *w,
                                            const uint8_t person[static CP_ID_LEN], const uint8_t *key);
/* Is it signed, as ssh-keygen would find it, by this key? */
bool cp_proof_signed(const struct cp_proof_in *in, const uint8_t key[static CP_KEY_LEN]);
void cp_proof_say(const struct cp_mem *mem, json_t *why, enum cp_screen sentence, const char *about);
/* Adds path and path.sig. */
CP_MUST_USE enum cp_err cp_proof_put_signed(struct cp_proof_files *out, const char *path,
                                            const struct cp_proof_in *in);

/* Is it a witness's text or a mandate, by its first line? */
bool cp_proof_is_other(struct cp_bytes text);
/* Takes one in, or says why not. Errors: NO_MEMORY. w->others has room for it. */
CP_MUST_USE enum cp_err cp_proof_take_other(struct cp_proof_work *w, const struct cp_proof_in *in);
/* Leaves out the answers by others that do not count, once all texts are there. Errors: NO_MEMORY. */
CP_MUST_USE enum cp_err cp_proof_judge_others(struct cp_proof_work *w);
/* What belongs to the kept answers, which stand in in[] and row[] in the folder's order: their witnesses and mandates as
 * files, who signed for whom as w->lines and in the rows. */
CP_MUST_USE enum cp_err cp_proof_put_others(struct cp_proof_work *w, const struct cp_answer_in *in,
                                            char (*names)[CP_PROOF_NAME_MAX], size_t kept,
                                            struct cp_proof_files *out, json_t *rows);
void cp_proof_clear_others(struct cp_proof_work *w);

#endif
