/*
 * Answers: what one person says to one version, as a small readable text that they sign (design 7, domain 5.8),
 * and the result that follows from the answers present.
 * Owns: the text's layout and what answers come to. Must not: sign, or know who is on which device.
 *
 *   coplan answer 1
 *   version HEX64
 *   plan HEX64
 *   person HEX64
 *   name NAME                       (escaped as in version texts)
 *   key ssh-ed25519 AAAA...
 *   checked by HEX64 YYYY-MM-DD NAME  one line for each: who saw this key on its person's own screen, and the day they
 *                                   claimed; by id. What this machine knew of: the notes themselves are in the plan
 *   answer agree                    (or: agree, with a worry | stand aside | no | withdrawn)
 *   why TEXT                        (worry, stand aside, no)
 *   would agree if TEXT
 *   action HEX64 will               (or: will if TEXT | cannot)    one line for each action, sorted by id
 *   method own device               (or: shared device; each also ", no passphrase" | paper | proxy)
 *   helped by TEXT                  (who helped, in the person's words)
 *   read as easy-read, cy           (the form of the page that they read, and in which language, when they say so)
 *   recorded by HEX64               (paper: the person who wrote it down and signs this text)
 *   check words WORDS               (paper: those that stood on the form; the version's)
 *   proxy HEX64                     (proxy: who answers and signs in place of the person)
 *   mandate HEX64                   (proxy: the statement id of the mandate)
 *   seen HEX64                      one line for each entry: the heads this machine held, sorted
 *   replaces HEX64                  one line for each earlier answer of this person it saw (statement ids), sorted
 *   meaning 1 en SENTENCE           (revision, language, the exact sentence shown)
 *   says date YYYY-MM-DD
 *   software coplan VERSION
 *   end
 */
#ifndef CP_ANSWER_H
#define CP_ANSWER_H

#include "proto/sshsig.h"
#include "proto/version.h"

enum cp_answer_word {
    CP_ANSWER_AGREE,
    CP_ANSWER_WORRY,
    CP_ANSWER_ASIDE,
    CP_ANSWER_NO,
    CP_ANSWER_WITHDRAWN
};
/* The word in the text ("agree, with a worry"); static. */
const char *cp_answer_text_word(enum cp_answer_word word);

enum cp_will { CP_WILL, CP_WILL_IF, CP_WILL_CANNOT };
/* "will", "will if" or "cannot", in JSON; static. */
const char *cp_will_word(enum cp_will will);
struct cp_answer_action {
    uint8_t action[CP_ID_LEN];
    enum cp_will will;
    struct cp_bytes condition; /* WILL_IF */
};

#define CP_ANSWER_CHECKS_MAX 64
struct cp_answer_check {
    uint8_t by[CP_ID_LEN];
    struct cp_bytes date;
    struct cp_bytes name;
};

/* In which form they read the page, when they say so (domain 5.8, 5). */
enum cp_read_as { CP_READ_UNSAID, CP_READ_STANDARD, CP_READ_EASY, CP_READ_LARGE, CP_READ_ALOUD };
/* The word in the text ("easy-read"), "" for UNSAID; static. */
const char *cp_read_as_word(enum cp_read_as as);
/* Reads "easy-read" or, with the separator (", " in the text, ":" as people type it), "easy-read, cy". *lang borrows.
 * False: no such word, or no language tag. */
CP_MUST_USE bool cp_read_as_parse(struct cp_bytes said, const char *separator, enum cp_read_as *as, struct cp_bytes *lang);

/* Who signs: the person, or somebody else for them (answer_others.h judges these). */
enum cp_answer_how { CP_ANSWER_OWN, CP_ANSWER_PAPER, CP_ANSWER_PROXY };

struct cp_answer {
    uint8_t version[CP_ID_LEN];
    uint8_t plan[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    struct cp_bytes name;
    uint8_t key[CP_KEY_LEN];
    const struct cp_answer_check *checks; /* sorted by id; at most CP_ANSWER_CHECKS_MAX: of more, the newest */
    size_t checks_count;
    enum cp_answer_word word;
    struct cp_bytes why;
    struct cp_bytes would_agree_if;
    const struct cp_answer_action *actions; /* sorted by id */
    size_t actions_count;
    enum cp_answer_how how; /* what `method` says */
    struct cp_bytes method; /* written as it is for OWN; the others have a word of their own */
    struct cp_bytes helped_by;
    enum cp_read_as read_as;
    struct cp_bytes read_lang; /* empty: not said */
    uint8_t by[CP_ID_LEN];       /* paper: the recorder; proxy: the proxy; `key` is theirs */
    struct cp_bytes check_words; /* paper */
    uint8_t mandate[CP_ID_LEN];  /* proxy */
    const uint8_t (*seen)[CP_ID_LEN];     /* sorted; at most CP_PARENTS_MAX */
    size_t seen_count;
    const uint8_t (*replaces)[CP_ID_LEN]; /* sorted; at most CP_PARENTS_MAX */
    size_t replaces_count;
    struct cp_bytes meaning; /* "1 en Sentence." */
    struct cp_bytes date;
    struct cp_bytes software;
};

void cp_answer_write(const struct cp_answer *a, struct cp_buf *out);
/* Did they say "I cannot" to an action that they lead or help? */
bool cp_answer_cannot(const struct cp_answer *a);

struct cp_answer_read {
    struct cp_answer a;
    const struct cp_mem *mem;
    void *blocks[8]; /* private */
    size_t blocks_count;
};
/* Strict, as cp_version_read. Errors: NOT_GOOD, TOO_BIG, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_answer_read(struct cp_answer_read *out, const struct cp_mem *mem, struct cp_bytes text);
void cp_answer_clear(struct cp_answer_read *r);
/* A statement is known by the hash of its text. */
void cp_answer_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN]);

/* ---- Results: a pure function of a version and the answers present ---- */

enum cp_result { CP_RESULT_AGREED, CP_RESULT_WORRIES, CP_RESULT_NOT_YET, CP_RESULT_NOT_AGREED };
/* "agreed", "agreed, with worries", "not agreed yet", "not agreed". */
const char *cp_result_word(enum cp_result result);

/* One answer whose signature and text were checked: names this version and plan, signed by the key that the
 * version prints for the person (or, for a later supporter, the key the log names). */
struct cp_answer_in {
    const struct cp_answer *a;
    uint8_t id[CP_ID_LEN];
    bool all_met;                    /* the person noted that what they said "I will if" of has come */
    const uint8_t (*met)[CP_ID_LEN]; /* the same of these actions alone */
    size_t met_count;
};
struct cp_answer_out {
    const struct cp_version_person *person; /* who must answer */
    size_t standing;      /* how many answers stand for this person: 0 none, 1 answered, 2+ two apart: asked */
    size_t first;         /* index into answers of the one with the lowest id; valid when standing > 0 */
    bool counts;          /* answered, and says nothing that holds the agreement up */
    bool will_missing;    /* leads or helps an action without "will" to it */
    bool will_if;         /* will_missing, and nothing is but what they said "I will if" of */
    bool aside;           /* stands aside, and leads or helps nothing */
};
/* Has this answer "I will" to the action, or "I will if" and a note of the same person that it is met? */
bool cp_answer_will(const struct cp_answer_in *in, const uint8_t action[static CP_ID_LEN]);

/*
 * Judges by the version's rule (rule.h, domain 5.3). In each of them: a `no` from anyone required is not agreed; each
 * action's lead and helpers among them say will, or will-if that they have noted as met; somebody agrees. An answer is
 * replaced by one of the same person that names it in `replaces`. WITHDRAWN, two answers apart, none: not agreed
 * yet, and so is ASIDE where the rule does not allow it. outs has v->must_answer_count rows.
 *
 * Silence counts in none of them, so whoever lacks answers or notes never says "agreed" where those who have them say
 * anything else, as long as nobody changed their mind in what is missing. A property test holds it to that.
 */
enum cp_result cp_answer_judge(const struct cp_version *v, const struct cp_answer_in *answers, size_t count,
                               struct cp_answer_out *outs);

/* One perspective that the rule each-perspective asks for, and how many who have it agree. */
struct cp_rule_side {
    struct cp_bytes perspective; /* borrowed from the version */
    size_t needed, have, agree;  /* K; people asked who have it; of them those who agree */
};
/* The i-th that the version needs, by what cp_answer_judge put into outs; false when there are no more, and for
 * versions under another rule. */
bool cp_rule_side(const struct cp_version *v, const struct cp_answer_out *outs, size_t i, struct cp_rule_side *out);

#endif
