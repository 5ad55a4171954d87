/*
 * The fixed words of version texts, for the writer and the reader. Private to proto/version*.c.
 * Owns: the words; they are protocol. The layout is at the top of version.c.
 */
#ifndef CP_VERSION_TEXT_H
#define CP_VERSION_TEXT_H

#include "proto/bytes.h"

#define CP_VT_AGREEMENT     "coplan version 1, for agreement"
#define CP_VT_COMMENT       "coplan version 1, for comment"
#define CP_VT_PLAN          "plan"
#define CP_VT_INDENT        "  "
#define CP_VT_COLUMN        "column "
#define CP_VT_IN            " in "
#define CP_VT_OF            " of "
#define CP_VT_LEFT_OPEN     "left open"
#define CP_VT_REASON        "reason"
#define CP_VT_WHY           "why"
#define CP_VT_RULE          "rule "
#define CP_VT_MUST_ANSWER   "must answer"
#define CP_VT_KEPT_INFORMED "kept informed"
#define CP_VT_NAME          "name"
#define CP_VT_KEY           "key"
#define CP_VT_NONE          "none"
#define CP_VT_FINGERPRINT   "fingerprint"
#define CP_VT_PERSPECTIVE   "perspective"
#define CP_VT_PARENT        "parent"
#define CP_VT_END           "end"

/* Someone without a key (a doer outside): all zeros. */
bool cp_version_no_key(const uint8_t key[static CP_KEY_LEN]);

#endif
