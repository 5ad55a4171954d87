/*
 * Sentences of giving out and of the files that coplan writes: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_FILES_H
#define CP_CLIENT_WORDS_FILES_H

#define CP_SCREEN_WORDS_FILES(X)                                                                               \
    X(RECEIPTED, "Noted: {1}, {2}.")                                                                           \
    X(RECEIPTS, "Copies given out:")                                                                           \
    X(RECEIPT_LINE, "  {1}: {2}[, {3}][, {4}]")                                                                \
    X(RECEIPT_BY, "    written down by {1}[; given by {2}][; {3}][; try again {4}]")                           \
    X(NO_RECEIPTS,                                                                                             \
      "Nobody has been given a copy yet. Note it: coplan receipt VERSION --to PERSON --state given")           \
    X(HAND_OUT_PAGE, "Copies of page {1} ({2}):")                                                              \
    X(HAND_OUT_LINE, "  {1}: {2}[, wants {3}][, in {4}]")                                                      \
    X(HAND_OUT_OTHER_FORM, "    a copy is there, but not in the form asked for")                               \
    X(HAND_OUT_TRY_AGAIN, "    try again on {1}")                                                              \
    /* calendars */                                                                                            \
    X(ICS_REVIEW, "Time to look again at our plan")                                                            \
    X(ICS_LOOK_AGAIN, "Time to look again: {1}")                                                               \
    X(ICS_LOOK_AGAIN_GENERAL, "Our plan: time to look again ({1})")                                            \
    X(ICS_SOURCE, "Is this still right? {1}")                                                                  \
    X(ICS_SOURCE_GENERAL, "Our plan: is a source still right? ({1})")                                          \
    X(ICS_ACTION_GENERAL, "Our plan: something is to be done ({1})")                                           \
    X(ICS_MORE, "More: coplan show {1}[. With: {2}]")                                                          \
    X(ICS_LEFT_OUT,                                                                                            \
      "{1} texts hold a name or a word about health, so the calendar has a general sentence instead. To have " \
      "them in: --with-names, --with-health-words")

#endif
