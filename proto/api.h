/*
 * The local API: what the client and the daemon of one home say to each other over the Unix socket.
 * Owns: framing and the generic value. Must not: know the commands (daemon/serve*.c, client/).
 *
 * Stream of frames: u32 big-endian length, then one value of the strict profile (proto/mp.h), at most
 * CP_API_MESSAGE_MAX. Values are JSON-like and map one to one to JSON, which is how commands are described:
 *   object  ["{", key, value, key, value ...]     list  ["[", value ...]     text  str, or bin when it is longer
 *   than 65,535 bytes     number  int     true/false  ["T"] / ["F"]     null  nil
 * Depth CP_DEPTH_MAX. One connection carries one command:
 *   client: {"do": NAME, "plan": .., "person": .., "passphrase": .., "with": {arguments}}
 *   daemon: any number of {"row": VALUE} and {"progress": {"done": N, "of": N, "what": WORD}},
 *           then one {"done": VALUE or null, "exit": 0..3} or {"error": {"code", "args": [..], "reasons": [..]}, "exit": ..}
 * A list that could be long is sent as rows; the client makes the JSON array of them.
 */
#ifndef CP_API_H
#define CP_API_H

#include "proto/mp.h"

/* ---- Writing. The number of members must be right; tests read back what is written. ---- */
void cp_api_object(struct cp_buf *buf, size_t members); /* then member by member: key, value */
void cp_api_list(struct cp_buf *buf, size_t elements);
void cp_api_key(struct cp_buf *buf, const char *key);
void cp_api_text(struct cp_buf *buf, struct cp_bytes text);
void cp_api_cstr(struct cp_buf *buf, const char *text);
void cp_api_hex(struct cp_buf *buf, const uint8_t *p, size_t len);
void cp_api_int(struct cp_buf *buf, int64_t v);
void cp_api_count(struct cp_buf *buf, const char *key, uint64_t n); /* both; at most CP_INT_MAX is told */
void cp_api_bool(struct cp_buf *buf, bool v);
void cp_api_null(struct cp_buf *buf);

/* ---- Reading: a cursor over one checked value. ---- */
enum cp_api_type { CP_API_NULL, CP_API_BOOL, CP_API_INT, CP_API_TEXT, CP_API_LIST, CP_API_OBJECT };
struct cp_api_value {
    enum cp_api_type type;
    bool truth;
    int64_t number;
    struct cp_bytes text;    /* borrowed */
    size_t count;            /* LIST: elements, OBJECT: members */
    struct cp_bytes inside;  /* LIST, OBJECT: the encoded elements; borrowed */
};
/* Reads one value that fills `bytes`. Errors: those of the profile, BAD_VALUE (not of the shapes above). */
CP_MUST_USE enum cp_err cp_api_read(struct cp_bytes bytes, struct cp_api_value *out);
/* Element i of a list / value of a key of an object; false when there is none. O(i). */
bool cp_api_at(const struct cp_api_value *list, size_t i, struct cp_api_value *out);
bool cp_api_member(const struct cp_api_value *object, const char *key, struct cp_api_value *out);
/* i-th member of an object. */
bool cp_api_member_at(const struct cp_api_value *object, size_t i, struct cp_bytes *key, struct cp_api_value *out);
/* Text of a key, or `otherwise` when there is none. */
struct cp_bytes cp_api_member_text(const struct cp_api_value *object, const char *key, struct cp_bytes otherwise);
bool cp_api_member_true(const struct cp_api_value *object, const char *key);

/* Iterates a list or object's elements in order without the O(i) walk. */
struct cp_api_iter {
    struct cp_cursor c;
    size_t left;
    bool object;
};
void cp_api_iter_init(struct cp_api_iter *it, const struct cp_api_value *value);
bool cp_api_next(struct cp_api_iter *it, struct cp_bytes *key /* set for objects */, struct cp_api_value *out);

#endif
