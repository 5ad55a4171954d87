/*
 * Where to look when something was not found, and the headings of the help: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_HINTS_H
#define CP_CLIENT_WORDS_HINTS_H

/* clang-format off */
#define CP_SCREEN_WORDS_HINTS(X) \
    X(EXAMPLE, "For example:") \
    X(USE_EXAMPLE, "For example: {1}") \
    X(USE_ONE_OF, "Say one of these: {1}") \
    X(HINT_PAGE, "I cannot find that page[: {1}]. See the pages and their ids: coplan agreement --all") \
    X(HINT_PLAN, "There is no such plan on this device[: {1}]. See the plans that are here: coplan plan list") \
    X(HINT_NETWORK, "This device is on no network called that[: {1}]. See the networks and their names: coplan network") \
    X(HINT_DEVICE, "I cannot find that device[: {1}]. See everybody's devices: coplan people") \
    X(HINT_ENTRY, "Nothing was written under that id[: {1}]. See what was written, and its ids: coplan log") \
    X(HINT_INVITATION, "I cannot find that invitation[: {1}]. See the invitations: coplan invites") \
    X(HINT_PICTURE, "I cannot find that picture or paper[: {1}]. See which there are, and their ids: coplan attachments") \
    X(HINT_PERSON, "There is nobody called that in this plan[: {1}]. See who takes part: coplan people") \
    X(HINT_WORDING, "There are no such words to keep[: {1}]. See the words that stand beside each other: coplan wordings") \
    X(HINT_PAGE_OR_ACTION, "I cannot find that page[: {1}], or an action that you named is not on it. See the pages and their ids: coplan agreement --all. See " \
        "what is on one: coplan text PAGE") \
    X(HINT_NOTE_KIND, "There is no kind of note called that[: {1}].[ The kinds are: {2}.] See: coplan note --help") \
    X(HINT_DAY, "That is not a day that fits here[: {1}]. Write it like this: YYYY-MM-DD") \
    X(HINT_SHORT_ID, "An id is at least its first six letters or digits.[ {2}]") \
    X(HINT_PROGRESS, "How far an action has come is not its state, but a note[: {1}]. Say it like this: coplan note progress ID \"what has happened\" " \
        "status=done (or to_do, doing, paused, stopped). A state says whether we still want it: {2}") \
    X(HINT_NO_VALUE, "Nothing stands there to choose from[: {1}]. See what there is: coplan show ID") \
    X(HINT_KEY_WORDS, "These are not the words of that key, as this device knows it. Nothing was noted. Look at their own screen again: they " \
        "type coplan key me. When other words stand there, somebody else may speak as them here: tell the others before anybody signs.") \
    X(HINT_KEY_OWN, "Nobody vouches for their own key. Sit beside somebody else of the plan: they type what coplan key me shows you.") \
    X(HINT_HERE, "Nobody called that uses this device[: {1}]. See who does: coplan status") \
    X(HINT_THEIR_DEVICE, "That device is somebody else's[: {1}]. Only they can report it lost: from another device of theirs, or with " \
        "their recovery sheet on a new one. You can help them back in: coplan invite --for PERSON") \
    X(HINT_INVITED_ELSEWHERE, "Somebody asks to be let in, but their invitation is not known on this device. Meet whoever invited " \
        "them (coplan sync) and read this file again, or give it to that person to read.") \
    X(HINT_OTHER_SHEET, "Your letters are right, but they are not the sheet of the person who uses this device. On a new device an " \
        "invitation has to come first. Ask somebody of your group to make one: coplan invite --for YOUR-NAME. Then type here: " \
        "coplan recover SHEET INVITATION") \
    X(HINT_NEW_PASSPHRASE, "A passphrase has to be chosen here, and I cannot ask you. Put it on the first line of a file (--passphrase-file " \
        "FILE before the command), or do without: --no-passphrase") \
    X(HINT_NO_INVITATION, "This is no invitation, and there is no file of that name. Look at the name again, or copy all of the invitation: it begins " \
        "with coplan-invite:") \
    X(HINT_KEY_APART, "This person used their recovery sheet on two devices that had not heard of each other, so no key of theirs counts. Nothing was " \
                      "noted. They have to use the sheet once more: coplan recover SHEET") \
    X(HINT_WITHDRAW_OLD_KEY, "You gave that answer with the key that you had before you used your recovery sheet, and your new key cannot take it back[: {1}]. " \
                             "Make a new page, and give the answer that you mean now: coplan freeze --stage agreement") \
    X(HINT_NO_BUNDLE, "This is no file that coplan bundle write or coplan join --out made. Nothing was taken from it.") \
    X(GROUP_HOME, "You and this device") \
    X(GROUP_PLAN, "Writing the plan") \
    X(GROUP_LOOK, "Looking at it") \
    X(GROUP_PEOPLE, "The others: letting in, meeting, losing a device, leaving") \
    X(GROUP_PERSON, "Several people on one device") \
    X(GROUP_OTHERS, "Answering for somebody else") \
    X(GROUP_AGREE, "Agreeing") \
    X(GROUP_FILE, "In and out") \
    X(GROUP_CHECK, "How it stands") \
    X(GROUP_HANDOUT, "Who has a copy") \
    X(GROUP_ABOUT, "About yourself") \
    X(GROUP_TALK, "Talking about it") \
    X(GROUP_ATTACH, "Pictures and papers") \
    X(GROUP_FOLLOW, "Carrying on in a new plan") \
    X(GROUP_NETWORK, "Finding each other on one network") \
    X(GROUP_BUNDLE, "Without a network: a stick") \
    X(GROUP_CARRY, "Carriers: a device that keeps sealed files for you") \
    X(GROUP_BACKUP, "In case this device breaks")
/* clang-format on */

#endif
