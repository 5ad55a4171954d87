/*
 * Random histories for the differential: devices that let people in, report devices lost, change keys, leave, fork and
 * backdate, and that know only what reached them.
 * Owns: drawing them, every step from a seed. Must not: judge what comes of them (standing.h does).
 */
#ifndef CP_TESTS_MODEL_HISTORY_H
#define CP_TESTS_MODEL_HISTORY_H

#include "tests/model/standing.h"

/* What was drawn, so that a run can show that everything happened. */
#define HISTORY_COUNT_LIST(X)                                                                                   \
    X(INVITES, "invitations")                                                                                   \
    X(UNINVITES, "invitations withdrawn")                                                                       \
    X(NEW, "people let in")                                                                                     \
    X(FURTHER, "further devices")                                                                               \
    X(RECOVERIES, "recoveries with the sheet")                                                                  \
    X(AGAIN, "let in again with the same JOIN")                                                                 \
    X(TWICE, "tokens used by a second person")                                                                  \
    X(BAD_JOINS, "JOINs that do not verify")                                                                    \
    X(REVOKES, "REVOKEs by identity key")                                                                       \
    X(SHEET_REVOKES, "REVOKEs by recovery key")                                                                 \
    X(REVOKES_AGAIN, "REVOKEs in the place of others")                                                          \
    X(REVOKES_BAD, "REVOKEs by a wrong key, of a wrong device, or badly signed")                                \
    X(KEYS, "KEYs")                                                                                             \
    X(KEYS_BOTH, "KEYs that name two others")                                                                   \
    X(CARRIED, "statements carried a second time")                                                              \
    X(LEAVES, "LEAVEs")                                                                                         \
    X(CONTINUED, "plans carried on")                                                                            \
    X(OLD_JOINS, "JOINs of an earlier plan let in")                                                             \
    X(FOLLOWS, "FOLLOWs")                                                                                       \
    X(FOLLOWS_BAD, "FOLLOWs by a wrong key, from a wrong plan, or badly signed")                                \
    X(SECRETS, "secrets")                                                                                       \
    X(FORKS, "forks")                                                                                           \
    X(BACKDATED, "entries that cite an old past")                                                               \
    X(CHAINS, "new incarnations")                                                                               \
    X(WORDS, "content")
enum history_count {
#define X(name, text) HISTORY_##name,
    HISTORY_COUNT_LIST(X)
#undef X
        HISTORY_COUNTS
};
extern const char *const history_count_words[HISTORY_COUNTS];

/* counts: added to. content: also content entries. */
void history_draw(struct st_history *h, uint64_t seed, bool content, uint64_t counts[HISTORY_COUNTS]);
/* A random order of arrival of this set (which holds with an entry all of its past): every entry after its past. Gives the number written. */
int history_order(const struct st_history *h, st_set set, uint64_t *seed, int order[ST_ENTRIES]);
/* A statement is known by its text. */
bool history_same_statement(const struct st_statement *a, const struct st_statement *b);
/* Everything that may be held in this plan. */
st_set history_of(const struct st_history *h, int plan);
/* The history in words, for a failure. */
void history_tell(const struct st_history *h);

#endif
