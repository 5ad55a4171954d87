/*
 * Sentences of giving out and of the files that coplan writes: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_FILES_H
#define CP_CLIENT_WORDS_FILES_H

#define CP_SCREEN_WORDS_FILES(X)                                                                     \
    X(RECEIPTED, "Noted: {1}, {2}.")                                                                 \
    X(RECEIPTS, "Copies given out:")                                                                 \
    X(RECEIPT_LINE, "  {1}: {2}[, {3}][, {4}]")                                                      \
    X(RECEIPT_BY, "    written down by {1}[; given by {2}][; {3}][; try again {4}]")                 \
    X(NO_RECEIPTS,                                                                                   \
      "Nobody has been given a copy yet. Note it: coplan receipt VERSION --to PERSON --state given") \
    X(HAND_OUT_PAGE, "Copies of page {1} ({2}):")                                                    \
    X(HAND_OUT_LINE, "  {1}: {2}[, wants {3}][, in {4}]")                                            \
    X(HAND_OUT_OTHER_FORM, "    a copy is there, but not in the form asked for")                     \
    X(HAND_OUT_TRY_AGAIN, "    try again on {1}")

#endif
