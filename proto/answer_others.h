/*
 * Answers that somebody signs for somebody else (domain 5.6): on paper with witnesses, and by a proxy with a mandate.
 * Owns: the texts of witnesses and mandates, and which such answers count. Pure.
 * Must not: check signatures (the caller did: each text by the key that it names), know a clock or the log.
 *
 *   coplan witness 1                        coplan mandate 1
 *   version HEX64                           plan HEX64
 *   plan HEX64                              version HEX64          (this page alone; else every page of the plan)
 *   answer HEX64                            person HEX64           (who gives it, and signs)
 *   person HEX64   (who answered)           name VALUE
 *   name VALUE                              key ssh-ed25519 ...
 *   witness HEX64  (who saw it, and signs)  proxy HEX64
 *   witness name VALUE                      proxy name VALUE
 *   key ssh-ed25519 ...                     from YYYY-MM-DD
 *   saw VALUE      (the sentence shown)     until YYYY-MM-DD
 *   says date YYYY-MM-DD                    limits VALUE           (in the person's own words)
 *   software VALUE                          accepted level yes     (or no: may the proxy set the level of risk?)
 *   end                                     withdraws HEX64        (an earlier mandate, which ends)
 *                                           says date, software, end
 *
 * A text that ends a mandate is by the same person: by the same key, or by another of theirs where the log says that it is one
 * (`theirs`). So whoever used their recovery sheet ends with the new key what the old one gave.
 *
 * Who signs for others must be printed in the version with the key that signs, so that anyone who has the page can
 * check it. Whoever is asked keeps the last word: an answer by their own key is never replaced by a paper or a proxy,
 * and takes the place of every proxy's.
 */
#ifndef CP_ANSWER_OTHERS_H
#define CP_ANSWER_OTHERS_H

#include "proto/answer.h"

#define CP_WITNESSES_MIN 2U /* domain 5.6 */

struct cp_witness {
    uint8_t version[CP_ID_LEN];
    uint8_t plan[CP_ID_LEN];
    uint8_t answer[CP_ID_LEN]; /* statement id of the paper answer */
    uint8_t person[CP_ID_LEN];
    struct cp_bytes name;
    uint8_t witness[CP_ID_LEN];
    struct cp_bytes witness_name;
    uint8_t key[CP_KEY_LEN];
    struct cp_bytes saw;
    struct cp_bytes date;
    struct cp_bytes software;
};
struct cp_witness_read {
    struct cp_witness w;
    const struct cp_mem *mem;
    void *block; /* private */
};
void cp_witness_write(const struct cp_witness *w, struct cp_buf *out);
/* Strict, as cp_answer_read. Errors: NOT_GOOD, TOO_BIG, NO_MEMORY; then *out is clear. */
CP_MUST_USE enum cp_err cp_witness_read(struct cp_witness_read *out, const struct cp_mem *mem,
                                        struct cp_bytes text);
void cp_witness_clear(struct cp_witness_read *r);

struct cp_mandate {
    uint8_t plan[CP_ID_LEN];
    uint8_t version[CP_ID_LEN]; /* zero: every page */
    uint8_t person[CP_ID_LEN];
    struct cp_bytes name;
    uint8_t key[CP_KEY_LEN];
    uint8_t proxy[CP_ID_LEN];
    struct cp_bytes proxy_name;
    struct cp_bytes from, until;
    struct cp_bytes limits;         /* may be empty */
    struct cp_bytes accepted_level; /* "yes" or "no" */
    uint8_t withdraws[CP_ID_LEN];   /* zero: it gives; else it ends that mandate and gives nothing */
    struct cp_bytes date;
    struct cp_bytes software;
};
struct cp_mandate_read {
    struct cp_mandate m;
    const struct cp_mem *mem;
    void *block; /* private */
};
void cp_mandate_write(const struct cp_mandate *m, struct cp_buf *out);
CP_MUST_USE enum cp_err cp_mandate_read(struct cp_mandate_read *out, const struct cp_mem *mem,
                                        struct cp_bytes text);
void cp_mandate_clear(struct cp_mandate_read *r);
bool cp_mandate_gives(const struct cp_mandate *m);

/* A MANDATE control frame: [8, [], text, signature]. Reading borrows; false: not of this layout. */
void cp_mandate_frame(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_buf *out);
bool cp_mandate_frame_read(struct cp_bytes frame, struct cp_bytes *text, const uint8_t **sig);

/* ---- Which count ---- */

enum cp_said {
    CP_SAID_COUNTS,  /* as any answer */
    CP_SAID_PENDING, /* on paper, and fewer than two witnesses have signed */
    CP_SAID_VOID     /* without effect */
};
struct cp_witness_in {
    const struct cp_witness *w;
};
struct cp_mandate_in {
    const struct cp_mandate *m;
    uint8_t id[CP_ID_LEN]; /* statement id */
    bool theirs;           /* the log names its key as the person's, and it counts by that; false where there is no log */
};
/* Everything there is to judge by, of one version. */
struct cp_others {
    const struct cp_version *v;
    const struct cp_answer_in *answers;
    size_t answers_count;
    const struct cp_witness_in *witnesses;
    size_t witnesses_count;
    const struct cp_mandate_in *mandates;
    size_t mandates_count;
};
/* Of answer number `at`. One by the person's own key counts. */
enum cp_said cp_others_judge(const struct cp_others *o, size_t at);
/* Does this witness's text count for answer number `at`? Each witness once: the caller counts persons. */
bool cp_others_witness(const struct cp_others *o, size_t at, const struct cp_witness *w);
/* May this person, with this key, be a witness of it? */
bool cp_others_may_witness(const struct cp_others *o, size_t at, const uint8_t person[static CP_ID_LEN],
                           const uint8_t key[static CP_KEY_LEN]);
/* The mandate that lets `proxy` answer this version for `person` on that day; NULL when none does. Of several the lowest id. */
const struct cp_mandate_in *cp_others_mandate(const struct cp_others *o,
                                              const uint8_t person[static CP_ID_LEN],
                                              const uint8_t proxy[static CP_ID_LEN],
                                              const uint8_t version[static CP_ID_LEN], struct cp_bytes day);

/* Was this mandate ended by its person? What ends one may stand anywhere among them. */
bool cp_mandate_ended(const struct cp_mandate_in *mandates, size_t count, const uint8_t id[static CP_ID_LEN],
                      const struct cp_mandate *given);

/*
 * Whom a view is said for (record.h): does a mandate for every page that is `theirs` let `proxy` speak for `person` on that day?
 * `level`: about how much risk is all right, which a mandate must say.
 */
bool cp_mandates_let_speak(const struct cp_mandate_in *mandates, size_t count, const uint8_t plan[static CP_ID_LEN],
                           const uint8_t person[static CP_ID_LEN], const uint8_t proxy[static CP_ID_LEN],
                           struct cp_bytes day, bool level);

#endif
