/*
 * Words that say more about a person than they may have agreed to (domain 5.9): people's names and key health words
 * in free text.
 * Owns: what is looked for, and how it is found. Must not: decide what is done about it: whoever asks does that.
 *
 * Nothing here proves that a text is harmless. It finds what a careful reader would want to be asked about.
 * English words only; the lists of other languages are for people who speak them.
 */
#ifndef CP_SENSITIVE_H
#define CP_SENSITIVE_H

#include "proto/bytes.h"

/*
 * The first key health word of the text at or after `from`, whole words, any case of ASCII letters. len 0: none.
 * The slice points into the text.
 */
struct cp_bytes cp_sensitive_health(struct cp_bytes text, size_t from);

/*
 * The first place at or after `from` where the text has this name or one of its parts of three letters or more
 * ("Asha Patel": Asha, Patel). A part that is a common word (the, and, Bill stays a name) is not looked for. len 0:
 * none.
 */
struct cp_bytes cp_sensitive_name(struct cp_bytes text, size_t from, struct cp_bytes name);

/*
 * The first place at or after `from` where the text has this word or phrase of somebody's own, whole, any case of ASCII
 * letters; a blank in it fits a hyphen too. len 0: none.
 */
struct cp_bytes cp_sensitive_word(struct cp_bytes text, size_t from, struct cp_bytes word);

#endif
