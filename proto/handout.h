/*
 * Copies of a page: who must get one, and how far each copy has come (domain 5.7; P11, P13).
 * Owns: who is on the list, which receipts count for whom, and as what. Must not: load anything, write receipts.
 *
 * A receipt counts for the version it is about and for no other. Of several for one person the furthest counts,
 * so two people who both hand over a copy have given one copy. Anyone may say that a copy was sent, given,
 * explained, or could not be given; that it was got says only the person, or a giver who put it in their hand.
 * What else claims "got" counts as given. So every device comes to the same from the same receipts.
 */
#ifndef CP_HANDOUT_H
#define CP_HANDOUT_H

#include "proto/model.h"

/* ---- Who must get a copy ---- */

enum cp_copy_why {
    CP_COPY_NAMED =
        1, /* in an action that asks something of somebody: leads, helps, is asked, told, or checks */
    CP_COPY_ANSWERS = 2, /* must answer the page */
    CP_COPY_INFORMED = 4 /* kept informed */
};
/*
 * The list of a page, by person id, each once; free it with `mem`. Names are borrowed from the page.
 * Errors: NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_copies_of(const struct cp_version *v, const struct cp_mem *mem,
                                     struct cp_model_copy **out, size_t *count);

/* ---- How far one copy is ---- */

enum cp_copied {
    CP_COPIED_NOT,
    CP_COPIED_COULD_NOT,
    CP_COPIED_SENT,
    CP_COPIED_GIVEN,
    CP_COPIED_GOT,
    CP_COPIED_EXPLAINED
};
/* "to give", "could not", "sent", "given", "got", "explained". */
const char *cp_copied_word(enum cp_copied copied);
/* As what a receipt counts, whatever it claims. NOT: it says nothing that we know. */
enum cp_copied cp_receipt_counts_as(const struct cp_model_receipt *r);

struct cp_copy {
    enum cp_copied copied;
    bool
        in_form; /* a copy was given in the form and language that the person asked for, or they asked for none */
    const struct cp_model_receipt *receipt; /* the one that says so; NULL: none */
    struct cp_bytes
        sent_on; /* the first day on which one was sent or given; empty when no receipt names one */
    struct cp_bytes try_again; /* only while it could not be given */
};
/* m is indexed. A receipt in the form asked for counts before one in another. */
void cp_copy_find(struct cp_copy *out, const struct cp_model *m, const uint8_t version[static CP_ID_LEN],
                  const uint8_t person[static CP_ID_LEN]);

#endif
