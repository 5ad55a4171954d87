/*
 * Sentences of pictures and scanned forms: a part of the catalogue (words.h includes it). Owns: these sentences alone. Places
 * are filled as words.h says. Which picture is meant is always said by its words, for whoever cannot see it.
 */
#ifndef CP_CLIENT_WORDS_ATTACH_H
#define CP_CLIENT_WORDS_ATTACH_H

/* clang-format off */
#define CP_SCREEN_WORDS_ATTACH(X) \
    X(ATTACHED, "Attached: {1}  {2}, {3} KB") \
    X(ATTACHED_WHO, "Everyone in the plan can get it, and keep it. To take it back: coplan withdraw-words {1}") \
    X(ATTACHED_PLACE, "We left out where the photo was taken, and what else it says that nobody sees in it.") \
    X(ATTACHED_OTHER, "We left out what it says that nobody sees in it, like when it was made and with what.") \
    X(ATTACHED_UNSEEN, "We cannot look inside a PDF. It may say who made it, and when. Look at it once more.") \
    X(ATTACHMENTS_NONE, "There are no pictures or papers[ with that] yet. Attach one: coplan attach ID FILE --alt \"what it shows\"") \
    X(ATTACHMENT_ROW, "{1}  {2}") \
    X(ATTACHMENT_ROW_LANG, "{1}  [{3}] {2}") \
    X(ATTACHMENT_GONE, "{1}  taken back by the person who attached it") \
    X(ATTACHMENT_WHAT, "    {1}, {2} KB, with {3}, from {4}") \
    X(ATTACHMENT_HERE, "    It is here. To have it as a file: coplan save {1} FILE") \
    X(ATTACHMENT_PARTLY, "    {1} of {2} parts are here. The rest comes when we meet somebody who has it: coplan sync") \
    X(ATTACHMENT_WISHED, "    Asked for. It comes when we meet somebody who has it (coplan sync), or by stick") \
    X(ATTACHMENT_AWAY, "    Not here yet. To get it: coplan fetch {1}") \
    X(ATTACHMENT_NO_ROOM, "    Not here: there is no room left for it. For more room: coplan fetch --room MB") \
    X(ATTACHMENTS_ROOM, "They take {1} of {2} MB on this device.") \
    X(ATTACHMENTS_ALL, "This device gets every picture of the plan.") \
    X(ATTACHMENTS_ASKED, "This device gets the pictures that you ask for. For all of them: coplan fetch --all") \
    X(ATTACHMENTS_STICK, "What you ask for comes when two devices meet, or by stick. A carrier takes no pictures.") \
    X(ATTACHMENT_FETCH, "Noted. It comes when we next meet somebody who has it (coplan sync), or by a stick that has it.") \
    X(ATTACHMENT_SAVED, "Saved: {1} ({2} bytes). Open it only if you trust the person it came from.") \
    X(ATTACHMENT_MEDIA_PNG, "picture (PNG)") \
    X(ATTACHMENT_MEDIA_JPEG, "picture (JPEG)") \
    X(ATTACHMENT_MEDIA_PDF, "paper (PDF)") \
    X(ATTACHMENT_MEDIA_TEXT, "plain words") \
    X(ATTACHMENTS_OF, "pictures and papers:") \
    X(SYNC_PIECES, "    Got {1} parts of pictures.") \
    X(BUNDLE_NO_PICTURES, "No pictures are on it. To put all that you have on it: --pictures") \
    X(BUNDLE_PIECES, "{1} parts of pictures are on it.") \
    X(BUNDLE_PICTURES_FULL, "There was no room on it for the pictures. All the words are on it.") \
    X(BUNDLE_GOT_PIECES, "Got {1} parts of pictures.") \
    X(BUNDLE_UNASKED, "Pictures on it that you did not ask for: {1}. To have one, ask for it (coplan attachments) and read the stick again.") \
    X(BUNDLE_OTHER_PLAN, "Files on it for a plan that is not on this device: {1}. Ask somebody in that plan to invite you.") \
    X(BUNDLE_UNREAD, "Files on it that this device may not read: {1}. Ask whoever wrote them to let others read them.") \
    X(BUNDLE_NO_ROOM, "Pictures on it that have no room here: {1}. For more room: coplan fetch --room MB") \
    X(PAGE_ATTACHED, "Picture or paper kept with the plan: {1}")
/* clang-format on */

#endif
