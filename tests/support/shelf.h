/*
 * Attachments of a replica in memory: made-up bytes in pieces, some here, some wished for. Owns: which are here.
 * Must not: be quick, or check what a session checks.
 */
#ifndef CP_TESTS_SHELF_H
#define CP_TESTS_SHELF_H

#include "proto/attachment.h"
#include "proto/session.h"

#define SHELF_MAX 4U

struct shelf_row {
    uint8_t id[CP_ID_LEN];
    size_t size;
    uint8_t seed;
    bool wished, hidden; /* hidden: not given */
    bool here[CP_PIECES_MAX];
};
struct shelf {
    struct cp_pieces iface;
    struct shelf_row rows[SHELF_MAX]; /* the place of a row is its `row` plus 1 */
    size_t count;
    size_t room;        /* pieces that may still be kept; then PICTURES_FULL */
    enum cp_err broken; /* of every look-up */
    size_t kept, given;
};

void shelf_init(struct shelf *s);
/* Adds one whose bytes follow from the seed; two shelves that add the same have the same. */
struct shelf_row *shelf_add(struct shelf *s, uint8_t seed, size_t size, bool here, bool wished);
/* The bytes of a piece, into `out`. */
struct cp_bytes shelf_piece(const struct shelf_row *r, uint64_t number, uint8_t out[static CP_PIECE_LEN]);
bool shelf_whole(const struct shelf_row *r);
/* What the daemon does with a PIECE action. */
enum cp_err shelf_keep(struct shelf *s, const struct cp_action *a);

#endif
