/*
 * Attachments on this machine: which of their pieces are here, which are wished for, how much room they may take.
 * Owns: those two tables. Must not: decide what an attachment says (proto/attachment.h), or meet anybody.
 *
 * A piece is sealed under a name that is made from the salt of the entry's words. When these words are erased, what a disk may
 * still have of a piece that was dropped can be opened by nobody, with the storage key neither.
 * Errors everywhere: those of store.h, and NOT_FOUND (no such ATTACHMENT in the plan, or void, withdrawn, being fetched again).
 */
#ifndef CP_STORE_PIECES_H
#define CP_STORE_PIECES_H

#include "daemon/store.h"
#include "proto/attachment.h"

/* Room for one plan on this machine, unless somebody says otherwise: some 100 photos of 2 MB. */
#define CP_PICTURES_ROOM_MIB 200U

struct cp_pieces_held {
    size_t pieces;  /* here */
    uint64_t bytes; /* of them */
    bool whole;
    bool wished; /* asked for by somebody here, or attached here */
};
/* How many bytes are not here of an attachment of `size`. */
uint64_t cp_pieces_left(size_t size, const struct cp_pieces_held *held);
/* Of an entry, known or not: none. */
CP_MUST_USE enum cp_err cp_store_pieces_held(struct cp_store *s, const uint8_t id[static CP_ID_LEN],
                                             struct cp_pieces_held *out);
/* Keeps one; harmless when it is here. In a transaction of its own if none is open. Errors: BAD_PIECE (it is another one),
 * PICTURES_FULL. */
CP_MUST_USE enum cp_err cp_store_piece_keep(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            const uint8_t id[static CP_ID_LEN], uint64_t number,
                                            struct cp_bytes bytes);
/* Appends one. *found false: not here. One that is damaged is dropped, and wanted again where it was wished for. */
CP_MUST_USE enum cp_err cp_store_piece_read(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            const uint8_t id[static CP_ID_LEN], uint64_t number,
                                            struct cp_buf *out, bool *found);
/* What this machine would do with a piece that lies before it, in a file. */
enum cp_piece_use {
    CP_PIECE_WANTED,
    CP_PIECE_HERE,
    CP_PIECE_UNASKED, /* nobody here asked for that attachment */
    CP_PIECE_NO_ROOM  /* for the whole of it */
};
CP_MUST_USE enum cp_err cp_store_piece_use(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                           const uint8_t id[static CP_ID_LEN], uint64_t number,
                                           enum cp_piece_use *out);
/* The attachments of a plan of which pieces are here, sorted by id; withdrawn and void ones may be among them. *ids is allocated
 * with the store's memory and freed by the caller. */
CP_MUST_USE enum cp_err cp_store_pieces_here(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                             uint8_t (**ids)[CP_ID_LEN], size_t *count);
/* Somebody here wants it. Kept as long as the entry has its words. */
CP_MUST_USE enum cp_err cp_store_piece_wish(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            const uint8_t id[static CP_ID_LEN]);
/*
 * What is here of one attachment, for another that names the same pieces (written again in a continuation). As many as there is room
 * for; what is missing is wished for where the first one was. In a transaction.
 */
CP_MUST_USE enum cp_err cp_store_pieces_copy(struct cp_store *s, const uint8_t from_plan[static CP_ID_LEN],
                                             const uint8_t from[static CP_ID_LEN],
                                             const uint8_t plan[static CP_ID_LEN],
                                             const uint8_t id[static CP_ID_LEN]);
/* Is there an attachment in any plan, here or not? For a word on the screen: false when that cannot be read. */
bool cp_store_pieces_any(struct cp_store *s);

/* What this machine does about a plan's attachments; never synced. */
struct cp_pictures_setting {
    bool all;          /* fetch every one without being asked */
    uint64_t room_mib; /* and keep no more than so much */
};
CP_MUST_USE enum cp_err cp_store_pictures_get(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                              struct cp_pictures_setting *out);
CP_MUST_USE enum cp_err cp_store_pictures_set(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                              const struct cp_pictures_setting *setting);
/* How full that is. */
struct cp_pictures_room {
    struct cp_pictures_setting setting;
    uint64_t used, left; /* bytes */
};
CP_MUST_USE enum cp_err cp_store_pictures_room(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                               struct cp_pictures_room *out);

/* Looks at up to `most` pieces from where it stopped; those that are not what they should be are dropped. */
CP_MUST_USE enum cp_err cp_store_pieces_scrub(struct cp_store *s, size_t most, size_t *damaged);

#endif
