/*
 * Why a page was not ready, in the words that stand in a version text ("left open", docs/protocol-texts.md).
 * Owns: these sentences, in English. Must not: be the words of the screen (the client's catalogue has those, and may
 * be in any language): the same plan must give the same bytes on every device.
 *
 * The sentences are part of what is hashed. Changing one makes another page of the same plan, so a change raises the
 * revision, and docs/protocol-texts.md lists both.
 */
#ifndef CP_REASON_TEXT_H
#define CP_REASON_TEXT_H

#include "proto/check.h"

#define CP_REASON_TEXT_REVISION 1U
/* Of a longer text only this much is said, and "..." behind it. Bytes. */
#define CP_REASON_TEXT_PART 120U

/* Appends the sentence of a reason: always one, also for a code that is not in the table. Reads code and args. */
void cp_reason_text(const struct cp_check_reason *reason, struct cp_buf *out);
/* Is there a sentence for it? Every hard reason has one; a test says so. */
bool cp_reason_text_known(const char *code);
/*
 * Reasons that freeze --anyway does not pass: two wordings (nobody signs words that nobody wrote), a risk that the
 * person it is about said no to (nobody else can answer that), and a rule by which the page could never be agreed.
 */
bool cp_reason_blocks(const char *code);
/* Reasons that only say again that a field has two wordings, which gathering says with the field's name. */
bool cp_reason_is_wordings(const char *code);

#endif
