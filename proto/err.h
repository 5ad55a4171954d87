/*
 * Every way a call can fail: one list makes the enum, the stable code words that --json prints, and the class.
 * Owns: the list. Must not: hold sentences for people (client/words.h has those, by code word).
 *
 * Classes: PEER (bytes or rights of somebody else: drop, count, go on), NOW (may work later), LOCAL (this
 * disk, this home: stop writing), USE (what was asked makes no sense). Programmer mistakes are asserts.
 */
#ifndef CP_ERR_H
#define CP_ERR_H

#define CP_ERR_LIST(X)                                                                                  \
    X(OK, "ok", USE)                                                                                    \
    /* bytes */                                                                                         \
    X(TRUNCATED, "truncated", PEER)            /* ends before the value does */                         \
    X(TRAILING, "trailing_bytes", PEER)        /* bytes after the last value */                         \
    X(NOT_CANONICAL, "not_canonical", PEER)    /* a second way to write the same value */               \
    X(BAD_TYPE, "bad_type", PEER)              /* another type than the schema says */                  \
    X(BAD_TEXT, "bad_text", PEER)              /* not UTF-8, or holds NUL */                            \
    X(TOO_DEEP, "too_deep", PEER)                                                                       \
    X(TOO_BIG, "too_big", PEER)                /* beyond a limit of limits.h */                         \
    X(BAD_VALUE, "bad_value", PEER)            /* right type, value outside its range */                \
    /* entries (rule R1) */                                                                             \
    X(BAD_SIGNATURE, "bad_signature", PEER)                                                             \
    X(NO_SIGNATURE, "no_signature", PEER)      /* a run without its signature */                        \
    X(BAD_BODY, "bad_body", PEER)              /* body does not match header */                         \
    X(MISSING_PARENT, "missing_parent", PEER)                                                           \
    X(BAD_LAMPORT, "bad_lamport", PEER)                                                                 \
    X(BAD_SEQ, "bad_seq", PEER)                                                                         \
    X(BAD_PARENTS, "bad_parents", PEER)        /* order, doubles, class */                              \
    X(NOT_ADMITTED, "not_admitted", PEER)      /* its past holds no admission of its device */          \
    X(WORDS_MISSING, "words_missing", PEER)    /* left out without a WITHDRAW that we hold */           \
    X(WRONG_PLAN, "wrong_plan", PEER)                                                                   \
    X(NEWER_RULES, "newer_rules", PEER)                                                                 \
    X(NEWER_CONTENT, "newer_content", PEER)    /* a kind or field this program does not know */         \
    /* sessions */                                                                                      \
    X(BAD_MESSAGE, "bad_message", PEER)        /* not in this state of the session */                   \
    X(PEER_TOO_MUCH, "peer_too_much", PEER)    /* beyond what one session may ask */                    \
    X(NOT_A_MEMBER, "not_a_member", NOW)                                                                \
    X(UNPROVEN, "unproven", PEER)              /* the called side did not show that it is a member */   \
    X(UNREACHABLE, "unreachable", NOW)                                                                  \
    X(TIMED_OUT, "timed_out", NOW)                                                                      \
    X(INTERRUPTED, "interrupted", NOW)                                                                  \
    X(DIGEST_DIFFERS, "digest_differs", PEER)                                                           \
    X(BAD_PIECE, "bad_piece", PEER)            /* not the piece of the picture that was asked for */    \
    /* joining */                                                                                       \
    X(BAD_INVITATION, "bad_invitation", USE)                                                            \
    X(INVITATION_USED, "invitation_used", USE)                                                          \
    X(OTHER_PERSON, "other_person", USE)       /* this device's person is somebody else already */      \
    /* agreement */                                                                                     \
    X(NOT_READY, "not_ready", USE)             /* freeze refused, with reasons */                       \
    X(NOT_FOR_SIGNING, "not_for_signing", USE)                                                          \
    X(OTHER_PAGE, "other_page", USE)           /* the check words on the paper are of another page */      \
    X(NOT_GOOD, "not_good", USE)               /* verify: the honest answer is no */                    \
    /* home */                                                                                          \
    X(LOCKED, "locked", NOW)                                                                            \
    X(BUSY, "busy", NOW)                       /* a second daemon, or work under way */                 \
    X(WRONG_PASSPHRASE, "wrong_passphrase", USE)                                                        \
    X(PASSPHRASE_NEEDED, "passphrase_needed", NOW)                                                      \
    X(NO_PASSPHRASE, "no_passphrase", USE)     /* lock on a home that has none */                       \
    X(DAMAGED_KEY, "damaged_key", NOW)                                                                  \
    X(DAMAGED_PRIVATE, "damaged_private", NOW) /* what somebody keeps for themselves does not open */   \
    X(NEWER_HOME, "newer_home", NOW)                                                                    \
    X(NO_HOME, "no_home", USE)                                                                          \
    X(HOME_EXISTS, "home_exists", USE)                                                                  \
    X(NO_DAEMON, "no_daemon", NOW)                                                                      \
    X(DAMAGED_STORE, "damaged_store", NOW)                                                              \
    X(DISK_FULL, "disk_full", NOW)                                                                      \
    X(IO, "io_error", NOW)                                                                              \
    X(NO_MEMORY, "no_memory", NOW)                                                                      \
    /* what was asked */                                                                                \
    X(USAGE, "usage", USE)                                                                              \
    X(BAD_FIELD, "bad_field", USE)                                                                      \
    X(BAD_KIND, "bad_kind", USE)                                                                        \
    X(BAD_MEASURE, "bad_measure", USE)                                                                  \
    X(NOT_FOUND, "not_found", USE)                                                                      \
    X(AMBIGUOUS, "ambiguous", USE)             /* the beginning of an id fits several */                \
    X(NOT_YOURS, "not_yours", USE)             /* own register of somebody else */                      \
    X(NO_MANDATE, "no_mandate", USE)           /* a proxy without a mandate for it, or the person spoke */ \
    X(NOT_WITNESS, "not_witness", USE)         /* the recorder, the person, or who leads their action */ \
    X(NOT_AUTHOR, "not_author", USE)           /* somebody else's words */                              \
    X(FROZEN, "frozen", USE)                   /* pages and answers stay as they are */                 \
    X(NO_WORDS, "no_words", USE)               /* an entry that nobody said anything in */              \
    X(NO_PLAN, "no_plan", USE)                                                                          \
    X(WHICH_PLAN, "which_plan", USE)           /* several plans, none named */                          \
    X(WHICH_PERSON, "which_person", USE)                                                                \
    X(NO_SUGGESTION, "no_suggestion", USE)     /* the two wordings do not go together by themselves */  \
    X(REPORTED_LOST, "reported_lost", USE)     /* this device was: what it writes counts for nothing */ \
    X(THIS_DEVICE, "this_device", USE)         /* not about the device that is asked to do it */        \
    X(KEY_CHANGED, "key_changed", USE)         /* the person's identity key is another by now */        \
    X(KEY_UNHEARD, "key_unheard", USE)         /* it is another by now, and the plan has not heard: KEY is said in each */ \
    X(NEW_PERSON, "new_person", USE)           /* one whose key was changed comes into another plan as somebody new */ \
    X(BAD_SHEET, "bad_sheet", USE)             /* typed wrong, or somebody else's recovery sheet */     \
    X(NOT_YET, "not_yet", NOW)                 /* own admission not held yet: nothing is written */     \
    X(LEFT, "left", USE)                       /* its person left the plan: nothing is written in it */ \
    X(NOT_FOLLOWED, "not_followed", USE)       /* its person has not come along into this continuation */ \
    X(NO_CONTINUATION, "no_continuation", USE) /* a plan that carries on no other: nobody follows into it */ \
    X(NOT_NAMED, "not_named", USE)             /* a continuation that is not meant for this person */    \
    X(NOBODY, "nobody", USE)                   /* nobody else is in the plan to write a bundle for */   \
    X(NOT_FOR_US, "not_for_us", USE)           /* a bundle that no key of this machine opens */         \
    X(BAD_TICKET, "bad_ticket", USE)           /* no ticket, or one for another carrier */              \
    X(NO_CARRIER, "no_carrier", USE)           /* no carrier is known, or not that one */               \
    X(NO_TICKET, "no_ticket", NOW)             /* the carrier does not know a ticket of this plan */    \
    X(NO_ROOM, "no_room", NOW)                 /* the carrier has no room for this bundle */            \
    X(CARRIER_HOME, "carrier_home", USE)       /* a carrier's home, which has no plan and no person */  \
    X(NOT_A_CARRIER, "not_a_carrier", USE)     /* asked of a home that is none */                       \
    X(NO_NETWORK, "no_network", NOW)           /* on none, or on one that cannot be told from others yet */ \
    X(NOT_FINE, "not_fine", NOW)               /* on no network that somebody called fine */            \
    X(NO_PORT, "no_port", NOW)                 /* no port is open that others could call */             \
    X(NOBODY_THERE, "nobody_there", NOW)       /* an invitation in words whose device did not answer */ \
    X(WORDS_MANY, "words_many", NOW)           /* CP_FINDER_SPOKEN_MAX invitations in words are open */ \
    X(WORD_UNKNOWN, "word_unknown", USE)       /* not in the list */                                    \
    X(WORDS_COUNT, "words_count", USE)         /* other than twelve */                                  \
    X(WORDS_WRONG, "words_wrong", USE)         /* the twelfth does not fit the others */                \
    X(NO_ALT, "no_alt", USE)                   /* a picture without words for who cannot see it */      \
    X(BAD_PICTURE, "bad_picture", USE)         /* of no type that may be attached, or not whole */      \
    X(BIG_PICTURE, "big_picture", USE)         /* more than CP_ATTACHMENT_MAX */                        \
    X(PICTURES_FULL, "pictures_full", NOW)     /* this device keeps no more of this plan */             \
    X(NOT_WHOLE, "not_whole", NOW)             /* a picture of which pieces are missing here */         \
    X(FILE_THERE, "file_there", USE)           /* would be written over */                              \
    X(BAD_FILE, "bad_file", USE)                                                                        \
    X(DAMAGED_FILE, "damaged_file", USE)       /* not whole, or changed since it was written */         \
    X(NEWER_FILE, "newer_file", USE)           /* of a version that this program does not know */       \
    X(BAD_CSV, "bad_csv", USE)                                                                          \
    X(NOT_HERE, "not_here", USE)               /* a command a later version brings */                   \
    X(NO_BROWSER, "no_browser", NOW)           /* nothing here can print a page to PDF */               \
    X(NO_CHOICE, "no_choice", USE)             /* nothing stands against these words any more */        \
    X(HOME_MOVED, "home_moved", NOW)           /* moved or deleted while its daemon ran, which stops */ \
    X(PAGE_OLD_KEY, "page_old_key", USE)       /* a page that prints another key of the person than the one in force */\
    X(KEY_APART, "key_apart", USE)             /* the sheet was used on two devices apart: no key of the person is in force */\
    X(MANDATE_ENDED, "mandate_ended", USE)     /* the same words of this day were taken back */         \
    X(NO_ANSWER, "no_answer", USE)             /* none to take back */                                  \
    X(CARRIER_FULL, "carrier_full", NOW)       /* the carrier cannot write: its disk is full, or broken */\
    X(PORT_TAKEN, "port_taken", NOW)           /* another program has the port that was to be opened */ \
    X(WORDS_STAY, "words_stay", NOW)           /* a WITHDRAW was written, and its words are here all the same */ \
    X(MANY_BRANCHES, "many_branches", USE)     /* a lost device with more chains and branches than can be named */

enum cp_err_class { CP_CLASS_PEER, CP_CLASS_NOW, CP_CLASS_LOCAL, CP_CLASS_USE };

enum cp_err {
#define X(name, word, class) CP_ERR_##name,
    CP_ERR_LIST(X)
#undef X
        CP_ERR_COUNT
};

#define CP_OK CP_ERR_OK
#define CP_MUST_USE __attribute__((warn_unused_result))

/* The stable code word ("bad_field"); static storage. Never NULL. */
const char *cp_err_word(enum cp_err err);

/* The error whose word this is; CP_ERR_COUNT when none. */
enum cp_err cp_err_of_word(const char *word);

/* The class of an error. */
enum cp_err_class cp_err_class(enum cp_err err);

#endif
