/*
 * An invitation in twelve words: what can be read aloud across a table or down a telephone.
 * Owns: the words of its secret and back, what follows from the stretched secret, and the answer by which its plan is found
 * (docs/protocol-session.md, "Invitations in words"). Must not: stretch (daemon/kdf.c), hold a list of words of its own
 * (check_words.c has the only one), have a clock or a socket.
 *
 * Eleven words are 88 random bits. The twelfth is so that the words, as bytes w1 .. w12, fulfil w1 x^11 + ... + w11 x + w12 = 0
 * in GF(256) (x^8 + x^4 + x^3 + x^2 + 1): one wrong word is always noticed, and so are any two that changed places.
 */
#ifndef CP_SPOKEN_H
#define CP_SPOKEN_H

#include "proto/beacon.h"
#include "proto/err.h"
#include "proto/member.h"

#define CP_SPOKEN_LEN      11U  /* bytes of the secret */
#define CP_SPOKEN_WORDS    12U
#define CP_SPOKEN_TEXT_LEN 128U /* twelve words of nine letters at most, blanks, the end */
#define CP_SPOKEN_SALT_LEN 16U
#define CP_SPOKEN_SURE     6U /* words of the list in a text, from which on it is taken for such an invitation */

/* ---- Words ---- */
void cp_spoken_write(const uint8_t secret[static CP_SPOKEN_LEN], char out[static CP_SPOKEN_TEXT_LEN]);
/* Is it meant as twelve words, right or wrong? Any other text may be an invitation of another shape. */
CP_MUST_USE bool cp_spoken_is(struct cp_bytes typed);
/*
 * As typed: any case, any blanks. Errors: WORD_UNKNOWN (*wrong is that word, within `typed`), WORDS_COUNT, WORDS_WRONG (one of
 * them is another than it should be, or two changed places). On failure `secret` is zero.
 */
CP_MUST_USE enum cp_err cp_spoken_read(struct cp_bytes typed, uint8_t secret[static CP_SPOKEN_LEN],
                                       struct cp_bytes *wrong);

/* ---- What follows from them ---- */
/* The salt that they are stretched with: the same everywhere, since nothing else is known to both sides yet. */
void cp_spoken_salt(uint8_t salt[static CP_SPOKEN_SALT_LEN]);

struct cp_spoken_keys {
    uint8_t token[CP_TOKEN_LEN];
    uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN];
};
/* From the stretched secret. The caller wipes both. */
void cp_spoken_derive(const uint8_t stretched[static CP_KEY_LEN], struct cp_spoken_keys *out);

/* ---- Being found ---- */
struct cp_spoken_place {
    unsigned port; /* not 0 */
    uint8_t machine[CP_KEY_LEN];
    uint8_t plan[CP_ID_LEN];
    uint8_t invite[CP_ID_LEN];
    uint8_t door[CP_KEY_LEN];
};
/* `packet` as in cp_beacon_answer: random bytes when it comes. All four slots are taken. */
void cp_spoken_answer(const uint8_t ask[static CP_BEACON_LEN], const uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN],
                      const struct cp_spoken_place *place, uint8_t packet[static CP_BEACON_LEN]);
/* What an answer to that very ask says; false for all but one packet that has each of the four, once. */
CP_MUST_USE bool cp_spoken_found(const uint8_t ask[static CP_BEACON_LEN], struct cp_bytes packet,
                                 const uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN], struct cp_spoken_place *place);

#endif
