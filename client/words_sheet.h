/*
 * Sentences of the recovery sheet as a page to print: a part of the catalogue of pages (words_page.h includes it).
 * Owns: these sentences alone.
 */
#ifndef CP_CLIENT_WORDS_SHEET_H
#define CP_CLIENT_WORDS_SHEET_H

/* clang-format off */
#define CP_PAGE_WORDS_SHEET(X) \
    X(SHEET_TITLE, "Recovery sheet") \
    X(SHEET_OF, "This sheet belongs to {1}.") \
    X(SHEET_WHAT, "You need it when you have lost your devices, or forgotten your passphrase. Nobody can make another one for you.") \
    X(SHEET_KEEP, "Keep this paper in a safe place, away from your devices. Show it to nobody: whoever has it can sign as you.") \
    X(SHEET_LETTERS, "Your letters") \
    X(SHEET_PICTURE, "The same letters as a picture for a camera") \
    X(SHEET_HOW, "When you need it") \
    X(SHEET_ASK, "Ask somebody of your group to let you in again. They type: {1}") \
    X(SHEET_TYPE, "On your new device you type: {1}") \
    X(SHEET_FORGIVES, "Small letters are fine, and so are spaces. If one letter is wrong, coplan knows which it has to be.") \
    X(SHEET_ALPHABET, "There is no I, L, O or U on this sheet. What looks like one of them is 1, 0 or V.")
/* clang-format on */

#endif
