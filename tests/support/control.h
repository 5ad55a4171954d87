/*
 * Control entries in a row, with real signatures and made-up ids, for tests of what they come to (proto/member.h).
 * Owns: their frames. Must not: judge them.
 *
 * An entry goes on with its author's chain and cites all that is there, or what the test says. The n-th has n in every byte of its id.
 */
#ifndef CP_TESTS_CONTROL_H
#define CP_TESTS_CONTROL_H

#include "tests/support/someone.h"

enum {
    CONTROL_MOST = 64
};
struct control_log {
    struct cp_control_entry entries[CONTROL_MOST];
    uint64_t past[CONTROL_MOST]; /* of the entry that came as number i: a bit for each that lies in it */
    struct cp_buf frames[CONTROL_MOST];
    size_t count;
    uint8_t plan
        [CP_ID_LEN]; /* for which JOINs and statements are made: 1 in every byte, until the test goes on */
    unsigned depth;  /* of what is added */
};
void control_clear(struct control_log *l);
/* For cp_members_fold, also when the test has put the entries in another order. */
struct cp_control_past control_past(struct control_log *l);

/* Each gives the place of the entry. The log has the frame from then on. */
size_t control_add(struct control_log *l, const struct someone *by, struct cp_buf frame);
/* seen: bits of the entries that the author knew; its own chain is always known. */
size_t control_add_seeing(struct control_log *l, const struct someone *by, struct cp_buf frame,
                          uint64_t seen);
/* Begins the log: all zeros before. */
size_t control_found(struct control_log *l, const struct someone *p);
/* An INVITE with token's device key; for NULL: for anybody new. */
size_t control_invite(struct control_log *l, const struct someone *by, const struct someone *token,
                      const struct someone *for_whom);
/* The ADMIT of a JOIN that is made for it: of who, how and whose device j says. */
size_t control_admit(struct control_log *l, const struct someone *by, size_t invited,
                     const struct someone *token, const struct joining *j);
/* The JOIN of entry `at` let in once more, under this INVITE (or first entry). */
size_t control_admit_again(struct control_log *l, const struct someone *by, size_t at,
                           const uint8_t invite[CP_ID_LEN]);

/* A cut ends at an entry of its device's chain; CONTROL_NOTHING: nothing is within. */
#define CONTROL_NOTHING SIZE_MAX
/* What a REVOKE says. */
struct revoking {
    const struct someone *of, *signer; /* signer NULL: of */
    enum cp_statement_by by;
    const struct someone *device;
    size_t at;              /* where the cut ends */
    const uint8_t *earlier; /* in whose place; NULL: none */
};
/* id: the statement's. */
size_t control_revoke(struct control_log *l, const struct someone *carrier, const struct revoking *r,
                      uint8_t id[CP_ID_LEN]);

enum {
    KEY_SAYS = 3
};
/* What a KEY says; NULL: nothing more. */
struct key_says {
    const struct someone *stay[KEY_SAYS], *cut[KEY_SAYS];
    size_t cut_at[KEY_SAYS];
    const uint8_t *stand, *earlier[KEY_SAYS - 1];
};
/* By of's sheet: their key is next's identity key from then on. */
size_t control_key(struct control_log *l, const struct someone *carrier, const struct someone *of,
                   const struct someone *next, const struct key_says *says, uint8_t id[CP_ID_LEN]);

#endif
