/*
 * What a picture says beside what it shows: where and when it was taken, with what, by whom, and how it looked before it was cut.
 * Owns: leaving that out of a PNG or JPEG before it is attached. Must not: decode a picture, or be used on anybody else's file.
 *
 * Only the frame of the file is walked (segments of a JPEG, chunks of a PNG); what is kept is kept byte for byte.
 */
#ifndef CP_PICTURE_H
#define CP_PICTURE_H

#include "proto/attachment.h"

#define CP_LEFT_OUT_PLACE 1U /* where it was taken */
#define CP_LEFT_OUT_OTHER 2U /* other things that are not to be seen in it */

/*
 * Appends the file without these. *left_out says what there was. Kept are which way up it is (JPEG alone: what shows a PNG
 * hardly ever looks for that), how colours are meant, and of how many dots an inch is made. PDF and TEXT are appended as they are: nobody can say what is in them.
 * Errors: BAD_PICTURE (not whole, or not what its first bytes say), NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_picture_clean(enum cp_media media, struct cp_bytes file, struct cp_buf *out,
                                         unsigned *left_out);

#endif
