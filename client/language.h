/*
 * Which language the program speaks, and a sentence in it. Owns: finding and judging a catalogue (a .mo file, read by
 * gettext), and what becomes of a sentence that it does not have. Must not: know a sentence (words.h), or print.
 *
 * Not for threads: gettext reads the environment. Until cp_language_begin, and in English, every sentence is its own
 * and gettext is never asked, so the bytes do not depend on the machine.
 *
 * A catalogue is somebody's file. It is looked at whole before gettext maps it, since gettext believes every number in
 * it; one that is cut short or twisted is as if it were not there. A translation that does not fit its English
 * sentence (cp_language_fits) is passed over in favour of the English one.
 */
#ifndef CP_CLIENT_LANGUAGE_H
#define CP_CLIENT_LANGUAGE_H

#include "proto/bytes.h"

#define CP_LANGUAGE_DOMAIN "coplan"
/* Ours have some 150 KiB; a file of this size is not one of them. */
#define CP_LANGUAGE_FILE_MAX (4U << 20)
/* The longest sentence of ours has some 700 bytes; no language needs ten times as much. */
#define CP_LANGUAGE_SENTENCE_MAX 8192U

/*
 * Chooses as gettext does: LANGUAGE ("cy:en"), else LC_ALL, LC_MESSAGES or LANG; a place "C" means English whatever
 * LANGUAGE says. The catalogues lie in $COPLAN_LOCALE_DIR, in the folder locale beside the program, or in
 * ../share/locale: TAG/LC_MESSAGES/coplan.mo. A language that the machine has no locale for works too.
 */
void cp_language_begin(void);
/*
 * Speaks this language from now on ("cy", "cy-GB"), as a page for somebody wants it; NULL or "": that of
 * cp_language_begin again. One that there is no catalogue for is English.
 */
void cp_language_use(const char *tag);
/* The language spoken, as HTML names it: "en", "cy-GB". Good until the next begin or use. */
const char *cp_language_tag(void);

/*
 * The sentence of a context ("screen", "page") in the language spoken; `english` itself where there is none that fits.
 * Good until the end of the program.
 */
const char *cp_language_say(const char *context, const char *english);

/*
 * True when `other` can stand for `english`: UTF-8 without controls, not too long, the same places, each in square
 * brackets where and only where the English one is, brackets closed and not within each other, the same --options in
 * any order, and a line end at the end of both or neither. On a page (context "page" or "page label") also none of
 * < > & " \ .
 */
bool cp_language_fits(const char *context, const char *english, const char *other);

/* True when the bytes are a catalogue in which gettext can be let loose. */
bool cp_language_file_ok(struct cp_bytes file);

#endif
