/*
 * Every number that bounds something, each with its reason (docs/protocol.md, "Limits").
 * Owns: the constants. Must not: hold a limit of one device's own policy (those live in daemon/).
 *
 * Limits of one entry are part of rule R1 (an entry beyond them is refused by everyone). Limits of what an
 * entry says only make it have no effect. Sizes of a plan are what we promise to be fast at, never a reason
 * to refuse.
 */
#ifndef CP_LIMITS_H
#define CP_LIMITS_H

#define CP_RULES_VERSION 1U

/* Sizes fixed by the algorithms. */
#define CP_ID_LEN 32U          /* BLAKE2b-256: entries, plans, persons; SHA-256: versions */
#define CP_KEY_LEN 32U         /* Ed25519 and X25519 public keys */
#define CP_SIG_LEN 64U         /* Ed25519 */
#define CP_INCARNATION_LEN 8U  /* random; collisions only matter within one device key */
#define CP_SALT_LEN 16U        /* blinds the words of an entry against guessing */

/* One entry (rule R1). */
#define CP_ENTRY_MAX 65536U    /* header + frame + words: one entry never fills a chunk */
#define CP_DEPTH_MAX 8U        /* deepest schema uses 4; bounds every recursive reader */
#define CP_ITEMS_MAX 4096U     /* values in one frame, or in its words: bounds the work per byte */
#define CP_PARENTS_MAX 64U     /* 64 x 34 bytes; more heads than that stay heads */
#define CP_HEADER_MAX 2560U    /* 64 parents and every integer at its widest */
#define CP_INT_MAX 0x7fffffffffffffffULL /* integers fit int64 in every language and in SQLite */

/* What an entry says (beyond: kept, without effect). */
#define CP_TEXT_MAX 16384U     /* one text field, UTF-8 bytes */
#define CP_NAME_MAX 200U       /* a person's or device's shown name */
#define CP_OPS_MAX 63U         /* field writes in one entry: one bit each in a 64-bit set, one bit spare */
#define CP_REFS_MAX 1024U      /* references in one frame: 32 KiB of the entry's 64 */
#define CP_REPLACED_MAX 512U   /* that one of ours replaces or has seen; more stay as wordings until the next */
#define CP_LANG_MAX 35U        /* BCP 47's recommended buffer */
#define CP_PART_MAX 49152U     /* bytes of a large text in one PART: leaves room for header and frame */
#define CP_VERSION_TEXT_MAX (4U * 1024U * 1024U) /* a version's text: 4 MiB is about 1,500 printed pages */
#define CP_LINEAGE_MAX 32U      /* plans that a continuation goes back to: one each few years is a century */
#define CP_PEOPLE_MAX 1024U     /* people that a continuation is for: 35 KiB of its first entry */
#define CP_PARTS_MAX 86U       /* CP_VERSION_TEXT_MAX / CP_PART_MAX, rounded up */
#define CP_ANSWER_TEXT_MAX 49152U
#define CP_ATTACHMENT_MAX (5U * 1024U * 1024U) /* one picture or form: a photo of a phone, or a few scanned pages */
#define CP_PIECE_LEN 65536U     /* of it at a time: what a cut link costs at most, and 32 bytes of hash in the entry */
#define CP_PIECES_MAX 80U       /* CP_ATTACHMENT_MAX / CP_PIECE_LEN */
#define CP_ALT_MAX 4096U        /* what a picture shows, in words: a page of them at most */
#define CP_PICTURES_ROOM_MIB_MAX 1000000U /* that a device may be told to keep of one plan's: more than any disk it has */

/* The wire. */
#define CP_MESSAGE_MAX (1024U * 1024U)   /* ZMQ_MAXMSGSIZE: before it, nobody is known */
#define CP_CHUNK_MAX (512U * 1024U)      /* headers, frames, words, signatures, counted in full */
#define CP_CHUNK_ENTRIES_MAX 4096U
#define CP_CHUNKS_IN_FLIGHT 4U           /* hides one round trip at 100 Mbit/s; 2 MiB in memory */
#define CP_PIECES_IN_FLIGHT 4U           /* asked for at once: 256 KiB, so words that come in between do not wait long */
#define CP_TIPS_MAX 20000U               /* tips in one message: 20,000 x 28 bytes stay under a message */
#define CP_PLANS_PER_SESSION 64U
#define CP_SESSION_MESSAGES_MAX 1000000U /* a peer that never ends a session is cut, not followed */

/* The local API (client to daemon, one user's processes). */
#define CP_API_MESSAGE_MAX (8U * 1024U * 1024U) /* a version's text with its escapes, twice over */

#endif
