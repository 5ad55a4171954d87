/*
 * Every sentence that people read, in one place (domain.md 4.4: reading age 9 to 11, calm, says what to do).
 * Owns: the sentences and how their places are filled. Must not: decide anything, or print.
 *
 * A sentence has places {1} to {4}. What stands in square brackets is left out when a place inside it is
 * empty: "I do not know the field[ {1}]." Here stands the English; every function that hands out a sentence gives it in
 * the language spoken (language.h). A new table of sentences is a row of CP_SCREEN_WORDS_ALL, or of the list in
 * words.c; then it is in the catalogue for translators too (client/po).
 */
#ifndef CP_CLIENT_WORDS_H
#define CP_CLIENT_WORDS_H

#include "client/words_follow.h"
#include "client/words_files.h"
#include "client/words_hints.h"
#include "client/words_import.h"
#include "client/words_attach.h"
#include "client/words_carry.h"
#include "client/words_keep.h"
#include "client/words_meet.h"
#include "client/words_look.h"
#include "client/words_show.h"
#include "client/words_talk.h"
#include "client/words_usage.h"
#include "proto/bytes.h"

/* What went wrong, by code of proto/err.h: what it is, then what to do. */
#define CP_ERROR_WORDS(X)                                                                                    \
    X(OK, "All is well.")                                                                                    \
    X(TRUNCATED, "Something that should be longer ends too soon[ ({1})]. Ask for it again.")                 \
    X(TRAILING, "There is more here than there should be[ ({1})]. Ask for it again.")                        \
    X(NOT_CANONICAL, "This was not written the way coplan writes it[ ({1})]. Nothing was taken from it.")    \
    X(BAD_TYPE, "This is not the sort of thing that belongs here[ ({1})]. Nothing was taken from it.")       \
    X(BAD_TEXT, "These words cannot be read[: {1}]. Use plain text (UTF-8) and try again.")                  \
    X(TOO_DEEP, "This is packed more deeply than coplan can read[ ({1})]. Nothing was taken from it.")       \
    X(TOO_BIG, "This is too long[: {1}][ (the most is {2})]. Make it shorter and try again.")                \
    X(BAD_VALUE, "That is not a value that fits here[: {1}][ ({2})]. Check it and try again.")               \
    X(BAD_SIGNATURE, "A signature is wrong, so what it signs was not taken[ ({1})].")                        \
    X(NO_SIGNATURE, "A signature is missing, so what it should sign was not taken[ ({1})].")                 \
    X(BAD_BODY, "The words do not belong to their entry, so they were not taken[ ({1})].")                   \
    X(MISSING_PARENT, "Something that must come first is missing[ ({1})]. Meet again: coplan sync")          \
    X(BAD_LAMPORT, "An entry has a wrong number, so it was not taken[ ({1})].")                              \
    X(BAD_SEQ, "An entry is out of order, so it was not taken[ ({1})].")                                     \
    X(BAD_PARENTS, "An entry names the wrong entries before it, so it was not taken[ ({1})].")               \
    X(NOT_ADMITTED, "This comes from a device that nobody has let in[: {1}]. It was not taken.")             \
    X(WORDS_MISSING, "Words are missing that should be here[ ({1})]. Meet again: coplan sync")               \
    X(WRONG_PLAN, "This belongs to another plan[ ({1})]. It was not taken.")                                 \
    X(NEWER_RULES, "This plan was made with a newer coplan[ ({1})]. Get the newer coplan to open it.")       \
    X(NEWER_CONTENT, "Some of this was made with a newer coplan[ ({1})]. Get the newer coplan to see it.")   \
    X(BAD_MESSAGE,                                                                                           \
      "The other device said something that makes no sense here[ ({1})]. We stopped talking to it.")         \
    X(PEER_TOO_MUCH, "The other device asked for too much[ ({1})]. We stopped talking to it.")               \
    X(NOT_A_MEMBER, "The device there does not know this one, or is not in our plan, or something else answers there[ ({1})]. Look at the address, or let somebody whom both of you know " \
        "meet you both first. Or type the address with what stands behind its # on the other screen (coplan daemon status there): " \
        "coplan sync HOST:PORT#KEY\n" \
        "Or did you leave the plan, or report this device lost, on another device of yours? Then nobody lets this one in. If that was not you, " \
        "use your recovery sheet: coplan recover SHEET") \
    X(UNPROVEN,                                                                                              \
      "The device there could not show that it is in our plan[ ({1})]. Check the address and the key.")      \
    X(UNREACHABLE,                                                                                           \
      "Nobody answers[ at {1}]. Check that the other device is on, unlocked and listening, and "             \
      "that the address is right.")                                                                          \
    X(TIMED_OUT, "It took too long, so we stopped waiting[ ({1})]. What had arrived is kept. Try again.")    \
    X(INTERRUPTED, "It was cut off before the end[ ({1})]. What had arrived is kept. Try again.")            \
    X(DIGEST_DIFFERS,                                                                                        \
      "We and the other device do not hold the same things[ ({1})]. Meet again: coplan sync")                \
    X(BAD_PIECE, "The other device sent a wrong part of a picture[ ({1})]. It was not kept. Meet somebody else, or try again.") \
    X(BAD_INVITATION, "This invitation cannot be read[ ({1})]. Copy all of it, or ask for a new one.")       \
    X(INVITATION_USED, "This invitation was used before[ ({1})]. Ask for a new one.")                        \
    X(OTHER_PERSON, "The person of this device is somebody already, so it cannot become your further device. Make "   \
                    "room for yourself first: coplan person add --name NAME, then coplan --as NAME join INVITATION") \
    X(NOT_READY, "The page is not ready to be made final. To make it as it is, say why: --anyway WHY "       \
                 "(but first choose between two wordings, where there are two).")                            \
    X(NOT_FOR_SIGNING,                                                                                       \
      "This page is not for signing[: {1}]. Only a final page can be: coplan freeze --stage agreement")      \
    X(PAGE_OLD_KEY,                                                                                          \
      "This page prints the key that you had before you used your recovery sheet, so you cannot sign anything for it any more[: {1}]. " \
      "A new page takes its place: coplan freeze --stage agreement")                                         \
    X(NOT_GOOD, "Not good: the words or a signature were changed, or a file is missing[: {1}].")             \
    X(LOCKED, "This home, or your part of it, is locked. Open it first: coplan [--as {1} ]unlock")           \
    X(LEFT, "You left this plan, so nothing is written in it any more. To come back, ask somebody in it for a "   \
            "new invitation.")                                                                               \
    X(NOBODY, "There is nobody else to write for. Invite somebody first: coplan invite")                     \
    X(NO_NETWORK, "This device is on no network, or on one that it does not know well enough yet. Join the network, " \
                  "wait a moment, and look again: coplan network")                                           \
    X(NOT_FINE, "This device looks for others only on a network that you called fine, and is on none now. If you trust the people on " \
                "this network, type: coplan network fine")                                                     \
    X(NO_PORT, "Other devices cannot call this one: it listens for itself alone, or not at all. Let it open a port for them: coplan daemon " \
               "stop, then: coplan daemon start")                                                              \
    X(NOBODY_THERE, "Nobody with this invitation was found. Is the other device switched on, not locked, and on the same network? Was " \
                    "the invitation made less than an hour ago, and not used yet? Then try again, or ask for a new one.") \
    X(WORDS_MANY, "Four invitations in words are open already. Wait until somebody has come in, or take one back: coplan invites") \
    X(WORD_UNKNOWN, "An invitation has no such word[: {1}]. Look at the words again.")                       \
    X(WORDS_COUNT, "An invitation in words has twelve words, and these are more or fewer. Look at them again.") \
    X(WORDS_WRONG, "One of these words is wrong, or two have changed places. Which one, coplan cannot tell. Look at them again.") \
    X(NOT_FOR_US, "This file is for other people. Nothing was taken from it. If you wait to be let in: somebody in the plan has to read your request first, and then write a file.")                               \
    X(BUSY, "coplan is busy with this home already[ ({1})]. Wait a moment and try again.")                   \
    X(PORT_TAKEN, "Another program on this device uses that port already[: {1}]. Choose another number behind the last colon, or 0 for any " \
                  "that is free.")                                                                             \
    X(WRONG_PASSPHRASE, "That passphrase is not the right one. Nothing was changed. Try again.")             \
    X(PASSPHRASE_NEEDED,                                                                                     \
      "This needs your passphrase. Run it where I can ask you, or use --passphrase-file FILE.")              \
    X(NO_PASSPHRASE, "This home has no passphrase, so it cannot be locked.")                                 \
    X(DAMAGED_KEY,                                                                                           \
      "The key file of this home is damaged[ ({1})]. Nothing was changed. Put back a copy of it, or "        \
      "use your recovery sheet.")                                                                            \
    X(DAMAGED_PRIVATE,                                                                                       \
      "What you keep for yourself on this device is damaged. Nothing was changed. Put back a copy of the home.") \
    X(NEWER_HOME, "This home was made by a newer coplan[ ({1})]. Get the newer coplan to open it.")          \
    X(NO_HOME, "There is no coplan home[ in {1}] yet. Make one, then try again: coplan init --name YOUR-NAME")               \
    X(HOME_EXISTS, "There is a coplan home already[ in {1}]. Nothing was changed.")                          \
    X(HOME_MOVED, "The folder of this home was moved or deleted while coplan was at work in it, so coplan has stopped. Nothing was " \
                  "changed. Try again.")                                                                     \
    X(NO_DAEMON, "coplan is not running[ ({1})]. Start it: coplan daemon start")                             \
    X(DAMAGED_STORE,                                                                                         \
      "The stored plan is damaged[ ({1})]. Nothing more is written. Make a copy of the home's "              \
      "folder before you do anything else.")                                                                 \
    X(DISK_FULL, "The disk is full, so nothing was written[ ({1})]. Make some room and try again.")          \
    X(IO, "A file could not be read or written[: {1}][ ({2})].")                                             \
    X(NO_MEMORY, "There is not enough memory for this. Close something and try again.")                      \
    X(USAGE, "I do not understand this[: {1}].[ {2}]")                                                       \
    X(BAD_FIELD, "That does not fit[: {1}].[ What fits: {2}.] Fields are written FIELD=VALUE.")              \
    X(BAD_KIND,                                                                                              \
      "There is no kind of thing called that[: {1}].[ The kinds are: {2}.] See: coplan add --help")          \
    X(BAD_MEASURE, "It cannot be rated like that[: {1}].[ What fits: {2}.] See: coplan rate --help")         \
    X(NOT_FOUND, "I cannot find that[: {1}]. Look with: coplan list --all") \
    X(AMBIGUOUS, "More than one thing fits[: {1}]. Give more of its id.")                                    \
    X(NOT_YOURS, "Only the person it is about can say that[: {1}].")                                         \
    X(NO_MANDATE, "You have no mandate of theirs for this page today, or they have answered themselves[: {1}].")  \
    X(MANDATE_ENDED, "You took back a mandate with these same words today, and what is taken back stays so. Choose another last day " \
      "(--until) or other --limits, or give it again tomorrow.")                                             \
    X(MANY_BRANCHES, "This cannot all be named: what came from the lost device goes on in too many ways at once, as when somebody " \
      "uses many copies of it. Look for the last thing that was yours (coplan log) and say it with --after ENTRY. If nothing was " \
      "yours, say --all.")                                                                                   \
    X(NO_ANSWER, "There is no answer to take back on this page[: {1}]. See who answered: coplan agreement {1}") \
    X(NOT_WITNESS,                                                                                           \
      "You cannot be a witness here[: {1}]. A witness is in the page with a key of their own, is not the one who " \
      "wrote the answer down, and leads nothing that this person is asked to do.")                           \
    X(OTHER_PAGE,                                                                                            \
      "The check words on the paper are not those of this page, which are: {1}. Look at the paper again, and take " \
      "the page that it was printed from.")                                                                 \
    X(NOT_AUTHOR, "Those are somebody else's words[: {1}]. Only the person who wrote them can take them back.") \
    X(FROZEN, "The words of a page or of an answer are not erased[: {1}]. People may hold copies of them. To take your own answer "  \
              "to a page back: coplan withdraw PAGE (see the pages: coplan agreement --all)")                      \
    X(NO_WORDS, "There are no words in that[: {1}]. See what is what: coplan log")                           \
    X(NO_PLAN,                                                                                               \
      "There is no plan here yet[ ({1})]. Begin one: coplan plan new TITLE, or come in: coplan join INVITE") \
    X(WHICH_PLAN, "There are several plans here[: {1}]. Say which one you mean: coplan --plan ID COMMAND (see: coplan plan list)") \
    X(WHICH_PERSON, "Several people use this device. Say who you are: coplan --as PERSON COMMAND")           \
    X(NO_SUGGESTION, "There is no suggestion for that[: {1}]: both changes touch the same words. "           \
                     "Choose one of them, or write a third.")                                                \
    X(REPORTED_LOST, "This device was reported lost, so nothing it writes counts and nobody lets it in. If that is wrong, "  \
                     "use your recovery sheet: coplan recover SHEET")                                         \
    X(THIS_DEVICE, "That is the device you are using. Report it lost from another one of yours, or with your recovery sheet " \
                   "on a new one: coplan recover SHEET")                                                      \
    X(KEY_CHANGED, "Your key was changed with your recovery sheet, and this device still has the old one[ ({1})]. Link it again: " \
                   "coplan invite --my-device, on the device where you used the sheet. If you do not have that one any more, use the sheet on " \
                   "this one: coplan recover SHEET")                                                          \
    X(KEY_APART, "Your recovery sheet was used on two devices that had not heard of each other, so no key of yours counts[ ({1})]. Use the " \
                 "sheet once more, on the device that you keep: coplan recover SHEET")                        \
    X(KEY_UNHEARD, "Your key was changed with your recovery sheet, and this plan has not heard of that[ ({1})]. Use the sheet once " \
                   "more, and it hears: coplan recover SHEET")                                                 \
    X(WORDS_STAY, "Your words are still on this device[: {1}]. It is written down that you take them back, but this device cannot see any "  \
                  "more whose they are: something it holds is damaged. Meet the others (coplan sync), then take the words back once more.") \
    X(NEW_PERSON, "Your key was changed with your recovery sheet, and another plan has not heard of that: there you are "    \
                  "somebody new. Make room first: coplan person add --name NAME, then coplan --as NAME COMMAND") \
    X(BAD_SHEET, "These are not the letters of your recovery sheet[: {1}]. Look at it again: 8 groups of 4 letters and digits. " \
                 "On a new device give the invitation too: coplan recover SHEET INVITE-OR-FILE") \
    X(NOT_YET, "This device is not in the plan yet. Meet someone who is, then try again: coplan sync")       \
    X(BAD_TICKET, "This is not a ticket for this carrier[ ({1})]. Ask for one made with this carrier's address.")  \
    X(NO_CARRIER, "No carrier is known here[: {1}]. Ask its keeper for the address, then: coplan carry use ADDRESS") \
    X(NO_TICKET, "The carrier does not have the ticket of this plan, or has an old one[ ({1})]. See the ticket with coplan carry " \
                 "list and give it to the carrier's keeper: coplan carry add TICKET")                        \
    X(NO_ROOM, "The carrier has no room left for this plan[ ({1})]. Somebody may not have come by for long. Its keeper can give " \
               "more room: coplan carry add TICKET --room SIZE")                                             \
    X(CARRIER_FULL, "The carrier cannot keep anything now: its own disk is full or broken. Nothing is wrong with this device. Tell the " \
                    "carrier's keeper.")                                                                      \
    X(CARRIER_HOME, "This is the home of a carrier. It has no plan and no person. See: coplan carry list")    \
    X(NOT_A_CARRIER, "This home is not a carrier's. Start a carrier with: copland --carrier --home FOLDER --listen HOST:PORT") \
    X(NO_ALT, "Say in words what it shows, for people who cannot see it: --alt \"what it shows\"")           \
    X(BAD_PICTURE, "This cannot be attached[: {1}]. It has to be a whole picture (PNG or JPEG), a PDF, or plain words.") \
    X(BIG_PICTURE, "This is too big to attach[: {1}]. At most 5 MB go: make the picture smaller, or scan in grey.") \
    X(PICTURES_FULL, "There is no room left for that: the pictures of this plan take {1} of {2} MB on this device. For more " \
                     "room: coplan fetch --room MB")                                                         \
    X(NOT_WHOLE, "It is not all here yet[: {1}]. Get it first: coplan fetch ID, then coplan sync")           \
    X(FILE_THERE, "There is a file of that name already[: {1}]. Nothing was written. Give another name.")    \
    X(BAD_FILE, "This file or folder cannot be used[: {1}][ ({2})].")                                        \
    X(DAMAGED_FILE, "This file is damaged, or a part of it is missing[: {1}]. Nothing was changed. Use another " \
                    "copy of it.")                                                                           \
    X(NEWER_FILE, "This file was made by a newer coplan[: {1}]. Nothing was changed. Get the newer coplan "  \
                  "to open it.")                                                                             \
    X(BAD_CSV, "This table cannot be read[: {1}]. Nothing was taken from it.")                               \
    X(NO_BROWSER,                                                                                            \
      "A PDF is printed by a browser, and there is none here that could do it[ ({1} made none)]. Install "   \
      "one: apt-get install chromium. Or make the page with coplan export html, open it in any browser and " \
      "print it.")                                                                                           \
    X(NOT_FOLLOWED, "You have not come along into this plan yet, so nothing is written in it. Come along: coplan follow PLAN") \
    X(NO_CONTINUATION, "This plan carries on no other, so there is nothing to follow. coplan plan list shows which one does.") \
    X(NOT_NAMED, "That plan was carried on without you, or for others. You are still in the old plan.")             \
    X(NOT_HERE, "This coplan cannot do that yet[: {1}].")                                                    \
    X(NO_CHOICE, "There is nothing to choose here[: {1}]: no other words stand beside these. Perhaps somebody chose already. " \
                 "See the words that stand: coplan show ID. For other words: coplan set ID FIELD=VALUE")

/* Everything else that is said. */
#define CP_SCREEN_WORDS(X)                                                                                         \
    /* overview */                                                                                                 \
    X(HELLO, "coplan: a group makes a plan together, agrees it, and carries it out. No server, no account.")       \
    X(NO_HOME_YET, "You have no home here yet. Begin with your name:\n    coplan init --name \"Your Name\"")       \
    X(NOT_RUNNING, "Your home is in {1}. coplan is not running. Start it:\n    coplan daemon start")               \
    X(IS_LOCKED, "Your home is in {1}. It is locked. Open it:\n    coplan unlock")                                 \
    X(NO_PLANS_YET, "You have no plan yet. Begin one, or come into one with an invitation:\n"                      \
                    "    coplan plan new \"What we want to make better\"\n    coplan join INVITATION")             \
    X(YOUR_PLANS, "Your plans:")                                                                                   \
    X(PLAN_LINE, "    {1}  {2}[  ({3})]")                                                                          \
    X(NEXT_STEPS, "What you can do next:\n" \
                  "    coplan add need \"What one of us needs\"    write something down\n" \
                  "    coplan list                               see what we wrote\n" \
                  "    coplan status                             see who has what, and what waits for you\n" \
                  "    coplan invite                             bring someone in\n" \
                  "    coplan sync                               meet the others in reach\n" \
                  "    coplan guide                              what to talk about at this stage\n" \
                  "    coplan freeze --stage agreement           make the final page\n" \
                  "    coplan --help                             everything else") \
    X(NEXT_WORDINGS, "Two of us changed the same thing in {1} place(s). See: coplan wordings")                     \
    /* yourself */                                                                                                 \
    X(MADE_HOME, "Your home is ready, {1}.") \
    X(SHEET, "Your recovery sheet. Write it down or print it, and keep it safe and away from this device.\n"       \
             "It is shown this once. With it you can get back in if you lose this device.\n\n{1}\n")               \
    X(NO_PASSPHRASE_HOME, "This home has no passphrase: whoever has this device can sign as you.")                 \
    X(RUNNING, "coplan is running (process {1}).")                                                                 \
    X(LISTENING, "Other devices can call it: coplan sync {1}") \
    X(NOT_LISTENING, "No port is open: it can call others, but they cannot call it. To open one: coplan daemon start --listen 0.0.0.0:4711") \
    X(NOT_RUNNING_NOW, "coplan is not running.")                                                                   \
    X(STOPPED, "coplan has stopped.")                                                                              \
    X(UNLOCKED_NOW, "Unlocked.")                                                                                   \
    X(LOCKED_NOW, "Locked. The keys are wiped from memory and the port is closed.")                                \
    X(STATUS_LOCKED, "This home is locked: only counts can be shown.")                                             \
    X(ON_PAPER, "Written down. Two people who saw it now sign as witnesses: coplan witness ANSWER")                 \
    X(WITNESSED, "You signed that you saw it: {1} marked \"{2}\"[ ({3})] on the page with the check words {4}.")     \
    X(WITNESS_WHAT, "You sign that you saw {1} mark \"{2}\" on the page with the check words: {3}")              \
    X(MANDATE_GIVEN, "Given: {1}. Take it back with coplan withdraw-mandate {1}")                                   \
    X(MANDATE_ENDED, "That mandate has ended. What was answered by it no longer counts.")                          \
    X(MANDATE_ROW, "{1}  {2} may answer for {3}, {4}")                                                             \
    X(MANDATE_PAGE, "      for this page alone: {1}")                                                              \
    X(MANDATE_BACK, "      It was taken back, so it gives nothing any more.")                                      \
    X(LIMITS_BEFORE, "{1} lets {2} answer within these limits: {3}")                                              \
    X(LIMITS, "      within these limits: {1}")                                                                    \
    X(ANSWERED_FOR, "Your answer for them is signed and kept. What they say themselves goes before it. You can take it back: " \
      "coplan withdraw {1} --for {2}")                                                                             \
    X(TAKEN_BACK_FOR, "The answer that you gave for them is taken back. The page stays as a record of what was said before.") \
    X(SEEN_BY, "signed on paper, seen by {1}[; written down by {2}]")                                              \
    X(BY_FOR, "by {1} for {2}")                                                                                    \
    X(READ_STANDARD, "read the standard page[, in {1}]")                                                           \
    X(READ_EASY, "read the Easy Read page[, in {1}]")                                                              \
    X(READ_LARGE, "read the page in large print[, in {1}]")                                                        \
    X(READ_ALOUD, "had the page read aloud[, in {1}]")                                                             \
    X(KEY_CHECKED_BY, "{2} says that their key was seen on their own screen by {1}")                               \
    X(APART, "does not count: this person gave more than one answer, and has to say which one they mean")          \
    X(SIGNED_AS, "signed with another name: {1}")                                                                  \
    X(HELP_FROM, "with help from {1}")                                                                             \
    X(ON_OPEN_DEVICE, "no passphrase")                                                                             \
    X(ON_SHARED, "on a shared device")                                                                             \
    X(PENDING_ROW, "  {1}: {2} on paper, not counted yet: {3} of 2 witnesses (coplan witness {4})")                \
    X(PERSON_ADDED, "Welcome. You are {1} on this device.")                                                        \
    X(SHARED_DEVICE,                                                                                               \
      "This device is shared now. Say who you are with --as: coplan --as NAME COMMAND. Whoever opens it can read " \
      "the plans on it; only you, with your passphrase, can write or sign as you.")                                \
    X(SESSION_NEVER, "Nobody's session ends by itself.")                                                           \
    X(SESSION_ENDS, "A person's session ends after {1} seconds without a command.")                                \
    X(STATUS_PERSON_OPEN, "  {1}: open[, ends in {2} seconds]")                                                    \
    X(STATUS_PERSON_CLOSED, "  {1}: closed. Open it: coplan --as {1} unlock")                                      \
    X(STATUS_NO_PASSPHRASE, "This home has no passphrase: whoever has this device can sign as you.")               \
    X(STATUS_WEAK,                                                                                                 \
      "The passphrase of this home is kept in the weak way that tests use. Do not use it for real.")               \
    X(STATUS_PLAN, "{1}  {2}\n    {3} entries")                                                                    \
    X(STATUS_WORDINGS, "    two wordings in {1} place(s): coplan wordings")                                        \
    X(STATUS_VOID, "    {1} entries have no effect")                                                               \
    X(STATUS_NEWER, "    {1} entries were made with a newer coplan")                                               \
    X(STATUS_WANTED, "    {1} entries are being fetched again")                                                    \
    X(STATUS_FORKS, "    {1} device(s) wrote two stories: someone restored or copied a home")                      \
    X(STATUS_MISSING, "    not everything has arrived yet: coplan sync")                                           \
    X(WAITS_ANSWER, "    {1}: a page waits for your answer (check words: {2}). Read it: coplan text {3}. Then answer: coplan sign {3} --agree, or --worry, --aside or --no with your reason") \
    X(WAITS_NEW_PAGE, "    {1}: the newest page (check words: {2}) prints the key that you had before you used your recovery sheet, so you cannot answer it. Make a new page: coplan freeze --stage agreement") \
    X(WAITS_NEW_PAGE_FOR, "    The newest page (check words: {2}) waits for {1}, who used their recovery sheet since then and cannot answer it. Make a new page: coplan freeze --stage agreement") \
    X(WAITS_TWO_ANSWERS, "    {1}: you gave more than one answer to this page, so none of them counts. Say again which you mean: coplan sign {3} --agree, or --worry, --aside or --no with your reason") \
    X(WAITS_BESIDE, "    Two pages wait that were made apart: neither takes the place of the other. See how they differ: coplan changes {1} {2}") \
    X(WAITS_WILL_IF, "    {1}: you will do your part if: {2}. When that has come, say so: coplan note met {3} \"it has come\"") \
    X(WAITS_WILL, "    {1}: say whether you will do what the page asks of you: coplan sign {3} --agree --will all, or --cannot ACTION") \
    X(WAITS_WITNESS, "    {1}: were you there when {2} marked the paper[ ({4})]? Then sign that you saw it: coplan witness {3}") \
    X(WAITS_SOMEONE, "    {1}: you help with \"{2}\", and whoever made sure it happens does not any more: coplan show {3}") \
    X(ASK_PASSPHRASE, "Your passphrase: ")                                                                         \
    X(ASK_PASSPHRASE_NEW, "Choose a passphrase (a few words you will remember): ")                                 \
    X(ASK_PASSPHRASE_AGAIN, "Once more, so that we know it is right: ")                                            \
    X(PASSPHRASES_DIFFER, "The two were not the same. Nothing was made. Try again.")                               \
    X(PASSPHRASE_EMPTY, "The passphrase is empty. For a home without one, say --no-passphrase.")                   \
    X(NO_PROGRAM, "the program copland was not found beside coplan or in the PATH")                                \
    /* plan */                                                                                                     \
    X(MADE_PLAN, "The plan has begun. Its id is {1}. What you can do next: coplan") \
    X(NO_PLANS, "No plan yet. Begin one: coplan plan new TITLE")                                                   \
    X(ADDED, "Written down. Its id is {1}.")                                                                       \
    X(CHANGED, "Changed.")                                                                                         \
    X(CHOSEN, "Chosen. These are the words now: ") \
    X(SETTLED, "Two wordings stood here, {1}. These words take their place:") \
    X(TAKEN_OUT, "(taken out)") \
    X(FORMER, "      not the words now, {1}: ") \
    X(RATED, "Your view is written down.")                                                                         \
    X(PRIVATE_KEPT, "Kept for you alone, on this device: {1}. It is in no plan and no one else gets it.")               \
    X(PRIVATE_GONE, "Thrown away. It was never anywhere else.")                                                         \
    X(NOTED, "Noted. Its id is {1}.")                                                                              \
    X(NOTHING_HERE, "Nothing here yet.")                                                                           \
    X(TWO_WORDINGS, "Two of us changed this. Which words shall we keep?")                                          \
    X(TWO_WORDINGS_SHORT, "two wordings")                                                                          \
    X(NO_WORDINGS, "Nothing to choose: nobody's words stand against anybody else's.")                              \
    X(HOW_TO_KEEP, "to keep it: coplan choose {1} {2} --keep {3}") \
    X(HOW_TO_CHOOSE, "    or new words: coplan choose {1} {2} --write \"new words\"") \
    X(SUGGESTION, "    a suggestion, both together: {1}\n"                                                         \
                  "    to take it: coplan choose {2} {3} --suggestion")                                            \
    X(BY, "    {1}. {2}   ({3})")                                                                                  \
    X(HISTORY, "What happened:")                                                                                   \
    X(NOTES, "Notes:")                                                                                             \
    X(VIEWS, "What people think:")                                                                                 \
    X(DIGEST,                                                                                                      \
      "{1} entries\nlog   {2}\nstate {3}\nTwo devices with the same three lines hold the same and show the same.") \
    /* people and meeting */                                                                                       \
    X(INVITATION, "Give this to one person, and only to that person. It works once:")                              \
    X(INVITATION_FILE, "The invitation is in {1}. Give it to one person. It works once.") \
    X(INVITATION_SHOW, "On their device they type: coplan init --name THEIR-NAME, then: coplan join {1}") \
    X(QR_TOO_LONG, "the invitation is too long for a picture")                                                     \
    X(JOINED, "You are in. The plan's id is {1}. To see what is in it: coplan list") \
    X(LINK_INVITATION, "An invitation for a further device of yours, and for nobody else. It works once:")          \
    X(LINK_WORDS, "Both screens must show the same four words: {1}")                                               \
    X(LINK_NO_PASSPHRASE, "You have no passphrase, so whoever sees this invitation can sign as you. Let nobody see " \
                          "it, and destroy it when your device is in.")                                            \
    X(LINK_PASSPHRASE, "Use the passphrase of your first device.")                                                 \
    X(JOIN_LINK_FILE, "The invitation for a further device of yours is in {1}. It works once. On that device you type: coplan init --name YOUR-NAME, then: coplan join {1}") \
    X(INVITE_NO_PORT, "This device has no open port, so theirs cannot call it yet. Either open one (coplan daemon start --listen 0.0.0.0:4711), or let them give you their request on a stick (they type: coplan {1} --out FILE).") \
    X(INVITES_NEXT, "To take one back: coplan uninvite ID") \
    X(NO_PEOPLE, "Nobody is known here yet, because this device still waits to be let in. See: coplan status") \
    X(KEY_MINE, "Your key in words: {1}") \
    X(KEY_MINE_NOT, "Until then there is nothing to compare: the others see another key, or none.") \
    X(KEY_THEIRS_APART, "{1} used their recovery sheet on two devices that had not heard of each other, so no key of theirs counts, and there is nothing to compare. They have to use the sheet once more: coplan recover SHEET") \
    X(KEY_SHOW, "Sit beside somebody who wants to be sure that it is you. They type: coplan key {1}") \
    X(KEY_THEIRS, "The key of {1} in words, as this device knows it: {2}") \
    X(KEY_COMPARE, "Sit beside {1} and look at their own screen. They type: coplan key me") \
    X(KEY_SAME, "When all eight words are the same, type them from their screen: coplan key {1} \"WORDS\"") \
    X(KEY_OTHER, "When they are not the same, somebody else may speak as {1} here. Tell the others before anybody signs.") \
    X(KEY_SEEN, "{1} saw it on {2}'s own screen ({3}).") \
    X(KEY_UNSEEN, "Nobody has compared it yet.") \
    X(KEY_NOTED, "Noted: you saw this key on {1}'s own screen.") \
    X(DEVICE_HERE, "{1}, this device") \
    X(SEVERAL_PLANS, "There are several plans on this device. Say each time which one you mean, for example: coplan --plan {1} list") \
    X(PLAN_HERE, "{1}[ ({2})]") \
    X(NO_TITLE_YET, "(we do not have its title yet)") \
    X(STATE_WAITING, "  You have asked to be let in, and wait. Meet somebody who is in: coplan sync. Or put your request on a stick: coplan join INVITATION --out FILE") \
    X(STATE_LEFT, "  You have left this plan. It is still here to read.") \
    X(STATE_LOST, "  This device was reported lost, so what it writes counts for nothing. If that is wrong: coplan recover SHEET") \
    X(STATE_NOT_IN, "  This device is not in this plan, so nothing can be written in it here.") \
    X(HOME_NEXT, "Next, begin a plan or come into one:\n    coplan plan new \"What we want to make better\"\n    coplan join INVITATION") \
    X(FROZEN_NEXT, "To answer it yourself: coplan sign {1} --agree. So that the others can: meet them (coplan sync), or hand them a file (coplan bundle write FILE)") \
    X(FROZEN_COMMENT_NEXT, "So that the others can read it and say what they think: meet them (coplan sync), or hand them a file (coplan bundle write FILE)") \
    X(KEY_OF, "For a device that does not know this one yet: coplan sync {1}#{2}") \
    X(PEERS_PLAN, "Plan {1}:") \
    X(PEER_AT, ", last met at {1}") \
    X(PEERS_STRANGERS, "Calls from devices that were not in our plans, or not yet, and were turned away: {1}") \
    X(PEER_LOST, "    It was reported lost: nothing is given to it.") \
    X(PEER_LOST_SHARED, "    It was reported lost. But {1} uses the same machine and is in the plan, so what is new still goes there.") \
    X(PEER_LEFT, "    Its person has left the plan.") \
    X(PEER_NOT_IN, "    It is not in this plan: nothing of it is given to it.") \
    X(PEER_TO_FOLLOW, "    Its person has not come along into this plan yet.") \
    X(LINKED, "This device is yours now, with the passphrase of your first device if that has one. Keep the "      \
              "recovery sheet of your first device; the one printed here is of no more use.")                      \
    X(DEVICE_IN, "in")                                                                                       \
    X(DEVICE_LOST, "reported lost")                                                                          \
    X(DEVICE_NOT_IN, "not in this plan") \
    X(DEVICE_REVOKED, "Device {1} is reported lost. Written on it and still counting: {2}. Counting no more: {3}. What is written on it from now on counts for nothing, and whoever knows does not let it in.") \
    X(DEVICE_SIGNS, "But what is signed with your passphrase still counts, from that device too: answering a page, leaving, taking your words back. If somebody may know your passphrase, use your recovery sheet: coplan recover SHEET") \
    X(DEVICE_SIGNS_OPEN, "But you have no passphrase, so whoever has that device can go on signing as you: answer a page, leave, take your words back. To stop that, use your recovery sheet: coplan recover SHEET") \
    X(DEVICE_BY_SHEET, "Your recovery sheet said something of this device too, and that stays as it is.")    \
    X(DEVICE_LOST_SHARED, "{1} uses the same machine and is in this plan, so what is new still goes there. If somebody took that machine, {1} has to report it lost too, on another device: coplan revoke-device DEVICE") \
    X(DEVICE_LOST_ELSEWHERE, "In plan {1} it is still a device of yours. If it is lost, say so there too: coplan --plan {1} revoke-device {2}") \
    X(DEVICE_REVOKED_NEXT, "Meet the others so that they know: coplan sync. If some of what counts was not yours any more, say what the last thing was that was yours (coplan log shows them): coplan revoke-device {1} --after ENTRY") \
    X(SHEET_FORGIVEN, "One letter of your sheet was typed wrong (group {1}, letter {2}); I knew which it had to be.") \
    X(RECOVER_WAITING, "You have asked to be let back into plan {1}. Once somebody has let you in, and you have met them or read their stick file, do the same again without the invitation: coplan recover SHEET") \
    X(RECOVERED, "Plan {1}: you are back, with a new key. Devices of yours that stay: {2}. Reported lost: {3}. Answers and other things you signed before that still count: {4}.") \
    X(RECOVER_LEFT_OUT, "{1} more were too many to name, and count no more. Say them again where they matter.") \
    X(SIGNED_LOST, "Plan {1}: this was signed in your name, came by a device that is reported lost now, and goes on counting:") \
    X(SIGNED_OTHERS, "Plan {1}: this was signed in your name too, and goes on counting:") \
    X(SIGNED_ANSWER, "    {1}, about page {2}: {3} (by device {4})") \
    X(SIGNED_OTHER, "    {1}: {2} (by device {3})") \
    X(SIGNED_BEFORE, "{1} of them stayed when you used the sheet before. Using it again does not take them away. If one is not yours, make a new page in the place of that one: coplan freeze --stage agreement") \
    X(RECOVER_ASK, "Was all of that yours? Once you have said so, it cannot be taken back. Type y if it was, anything else if not.") \
    X(RECOVER_NO, "Then your new key is not made known yet. Look for the last thing that was yours (coplan log) and type: coplan recover SHEET --after ENTRY. If nothing from a lost device was yours: coplan recover SHEET --all") \
    X(RECOVERED_COPY, "If somebody may have a copy or a backup of THIS device, with a passphrase that opens it, they still hold what this device writes with. Then ask for an invitation on a new device, and use the sheet there: coplan recover SHEET INVITE") \
    X(RECOVERED_NEXT, "Meet the others so that they know: coplan sync. Keep the same recovery sheet: it is still yours. A further device of yours gets the new key when you link it again: coplan invite --my-device") \
    X(LOST_KEY, "Made with a key that was reported lost, so it counts for nothing: {1}")                         \
    X(DEVICE_ADMITTED, "Device {1} is in.")                                                                  \
    X(DEVICE_NOT_ADMITTED, "You said yes to device {1}, but it is not in yet: something else still keeps it out.") \
    X(MADE_AFTER_LOST, "made after this device was reported lost")                                           \
    X(SECRET_NEW, "The plan has a new secret. The others get it when you meet them.")                              \
    X(WAITING, "You have asked to be let in, and that is kept here. You are in as soon as this device meets one of theirs. Ask them to open a port and to tell you its address (coplan daemon start --listen 0.0.0.0:4711), then: coplan sync HOST:PORT. Without a network, put your request on a stick: coplan join INVITATION --out FILE") \
    X(NOT_STANDING, "no longer in")                                                                                \
    X(WITHOUT_DEVICE, "without a device")                                                                          \
    X(KEPT_INFORMED, "kept informed")                                                                              \
    X(TOKEN_SHARED, "their invitation was used by two people: check who they are")                                 \
    X(DEVICE_LINE, "    device {1}[  ({2})][  last seen {3}]")                                                     \
    X(BUNDLE_WRITTEN, "Written: {1} entries for {2} other devices, {3} bytes.")                                    \
    X(BUNDLE_CARRY, "Anybody may carry it: only those it is for can open it.")                                     \
    X(BUNDLE_KEPT, "What was in that file for others is still there, behind yours. Parts: {1}.")                 \
    X(BUNDLE_TOOK, "Taken in: {1} new entries; {2} we had before.")                                                \
    X(BUNDLE_ADMITTED, "{1} is let in. Now write a file for them: coplan bundle write FILE") \
    X(BUNDLE_DAMAGED, "The file is damaged or cut short. All that could be read is kept. Ask for it again.")       \
    X(BUNDLE_MISSING, "Some of it builds on things we do not have. Write a file for them first, so that they see " \
                      "what we have, or ask them for all of it: coplan bundle write FILE --all")                   \
    X(BUNDLE_LET_IN, "{1} is let in. What they need goes onto the stick now.") \
    X(BUNDLE_REFUSED, "Not taken in: {1}[. {2}]")                                                                      \
    X(JOIN_FILE, "Your request is in {1}. Give that file to the one who invited you. They type: coplan bundle read FILE. Then they write a file for you, and you type: coplan bundle read FILE") \
    X(NOBODY, "Nobody was in reach. Both devices have to be on, open and running at the same time. On a network that you both call fine " \
        "they find each other (coplan network fine, on both). Or type the address that the other one shows: coplan sync HOST:PORT. " \
        "Without a network: coplan stick FOLDER")                                                                              \
    X(IN_SYNC, "{1}: both hold the same now. Sent {2}, got {3}.") \
    X(NOT_IN_SYNC, "{1}: not the same yet. Sent {2}, got {3}.[ Missing: {4}.] Meet again: coplan sync")            \
    X(NO_PEERS, "We have met no other device yet.")                                                                \
    X(PROGRESS, "{1} {2} of {3}") \
    X(PROGRESS_OPEN, "{1} {2}")                                                                                    \
    /* agreement */                                                                                                \
    X(FROZEN_NO_WHY, "Nothing was left open, so what you wrote behind --anyway is not on this page.") \
    X(FROZEN, "This page will not change any more. Its check words are: {2}\nIts id is {1}\n"                      \
              "Read it with: coplan text {1}")                                                                     \
    X(NAMES, "These pages cannot be unsaid: whoever has a copy will still have it. They have these words in them:")  \
    X(NAMES_ROW, "    \"{1}\"  ({2}, {3})")                                                                        \
    X(NAMES_MORE, "    and {1} more")                                                                              \
    X(NAMES_ASK, "Do you want these words in it? Type y for yes, anything else for no.")                           \
    X(NAMES_NO, "Then nothing was made. Change the words first: coplan set ID FIELD=VALUE")                        \
    X(REASONS, "Not ready because:")                                                                               \
    X(ANSWERED, "Your answer is signed and kept. You can take it back: coplan withdraw {1}")                       \
    /* word for word what the daemon puts into the answer: revision 1, en */                                       \
    X(MEANING,                                                                                                     \
      "Your name and answer stay on this page. People who have a copy will still have it. Help you get does not "  \
      "depend on signing.")                                                                                        \
    X(NEWER_PAGE, "This is an older page. There is a newer one (check words: {1}). Read it: coplan text {2}")      \
    X(SINCE, "Since this page was made, the plan has changed. You sign the page, without these changes:")          \
    X(WORDS_GONE, "words withdrawn by their author")                                                               \
    X(WORDS_TAKEN_BACK, "The words of {1} are erased here. On other devices they go when these meet. Final pages, " \
                        "files and paper that were made with them stay as they are.")                              \
    X(WORDS_STAND_ELSEWHERE, "The same words stand in {1} too, written by {2}, and stay there. Only {2} can take those back. Ask, or do it: " \
                             "coplan withdraw-words {1}")                                                              \
    X(WORDS_TAKEN_ELSEWHERE, "They are erased in the plan {1} too, which has them as well.")                        \
    X(WORDS_NOT_ELSEWHERE, "They are NOT erased in the plan {1}, which has them as well: {2} Do it again from there, with --plan {1}.") \
    X(TAKEN_BACK, "Your answer is taken back. The page stays as a record of what was said before.")                \
    X(RESULT, "Page {1} ({2}): {3}")                                                                               \
    X(WAITING_FOR, "We are waiting for: {1}")                                                                      \
    X(STOPPED_BY, "Stopped by the person it is about: {1}")                                                        \
    X(NOT_ASKED, "In the plan, but not asked by this page: {1}")                                                   \
    X(NO_VERSION, "There is no final page yet. Make one: coplan freeze --stage agreement")                         \
    X(ACTION_ANSWER, "      {1}: {2}[: {3}][ ({4})]")                                                              \
    X(SUPPORTS, "(supports it; was not asked by this page, and changes nothing of its result)")                    \
    X(WOULD_AGREE_IF, "      would agree if: {1}")                                                                 \
    X(SIDE, "  {1}: {2} agree, at least {3} must")                                                                 \
    X(ASKED, "  {1} asked: {2}\n      This page: {3}[: {4}]")                                                       \
    X(ASKED_CANNOT, "  {1} cannot do: {2}")                                                                        \
    X(ASKED_STATE, "      This page: {1}[: {2}]")                                                                  \
    X(NEEDS_SOMEONE, "  \"{1}\" needs someone[: {2} does not do it any more]")                                     \
    X(BESIDE, "  Another page stands beside it: {1} ({2}). See how they differ: coplan changes {3} {1}")           \
    X(NAME_WHY, "{1}[ ({2})]")                                                                                     \
    X(PAGE_ROW, "Page {1} ({2})[: {3}]")                                                                           \
    X(PAGE_MADE, "  Made by {1}, {2}")                                                                             \
    X(OTHER_PAGES, "There are other pages too. See all of them: coplan agreement --all")                           \
    X(USE_ALL_PAGES, "--all is for all pages, so no page is named beside it")                                      \
    X(NO_CHANGES, "Nothing has changed since that page was made.")                                                 \
    X(CHANGES_OF, "of {1}[, \"{2}\"]:") \
    X(CHANGES_ROW, "{1} {2}")                                                                                      \
    X(PROOF_MADE, "The proof is in {1}: {2} files. Check it yourself: coplan verify {1}")                          \
    X(GOOD, "Good. These words were signed by:")                                                                   \
    X(GOOD_NOBODY, "Good: the folder is whole. Nobody has signed these words yet.")                                \
    X(NOT_GOOD, "Not good.")                                                                                       \
    X(LEFT_OUT, "Left out of the proof: {1}")                                                                      \
    X(WHY_VERSION, "{1} does not read as a page, or was changed.")                                                 \
    X(WHY_COMMENT, "{1}: the page is for comment, so nobody can answer it.")                                       \
    X(WHY_ANSWER, "{1} does not read as an answer, or was changed.")                                               \
    X(WHY_OTHER_PAGE, "{1} is an answer to another page.")                                                         \
    X(WHY_STRANGER, "{1} is by someone, or with a key, that the page does not name.")                              \
    X(WHY_SIGNATURE, "{1}: the signature is not good.")                                                            \
    X(WHY_REPLACED, "{1} is there twice, or the same person has since answered anew.")                             \
    X(WHY_PENDING, "{1} is an answer on paper that fewer than two witnesses who may be have signed.")            \
    X(WHY_NOT_ALLOWED, "{1} is signed for somebody else, and nothing here lets them do that.")                   \
    X(WHY_MISSING, "{1} is missing.")                                                                              \
    X(WHY_EXTRA, "{1} does not belong here.")                                                                      \
    X(WHY_DIFFERS, "{1} is not what it should be.")                                                                \
    X(WHY_FOLDER, "{1} cannot be read as a plain file.")                                                           \
    /* files */                                                                                                    \
    X(WRITTEN, "Written to {1}.")                                                                                  \
    X(IMPORT_KEPT, "{1} rows were here before and keep the words and days that they have: the map does not change them. To change one: coplan set ID FIELD=VALUE") \
    X(IMPORTED, "Taken in: {1} new[, {2} known before][, {3} empty rows left out].")                               \
    X(IMPORT_LEFT, "Not taken in: {1}")                                                                            \
    X(EXPORT_CONTROL,                                                                                              \
      "Row {1}, {2}: holds a control character, and an import refuses that. Mend it with coplan set.")             \
    X(CSV_EMPTY, "it is empty")                                                                                    \
    X(CSV_NUL, "row {1}, column {2} holds a zero byte")                                                            \
    X(CSV_NOT_UTF8, "row {1}, column {2} holds bytes that are no text; save the file as UTF-8")                    \
    X(CSV_CONTROL, "row {1}, column {2} holds a control character")                                                \
    X(CSV_QUOTE, "row {1}, column {2} has a quote inside a cell that has no quotes round it")                      \
    X(CSV_AFTER_QUOTE, "row {1}, column {2} has something behind its closing quote")                               \
    X(CSV_OPEN_QUOTE, "the quote that opens in row {1}, column {2} never closes")                                  \
    X(CSV_RAGGED, "row {1} has {3} cells, but the first row has {4}")                                              \
    X(CSV_LONG_CELL, "row {1}, column {2} is too long for one field")                                              \
    X(CSV_LONG_ROW, "row {1} is too long for one thing written down")                                              \
    X(CSV_MANY_COLUMNS, "there are too many columns (the most is 60)")                                             \
    X(CSV_MANY_ROWS, "there are too many rows (the most is 200000)")                                               \
    X(CSV_LONG_FILE, "the file is too big")                                                                        \
    X(CSV_NO_TEXT, "no column is called text, action, title or what; the columns are: {1}")                        \
    X(CSV_NO_NAME, "column {2} has no name")                                                                       \
    X(CSV_SAME_NAME, "two columns are called {1}; give each a name of its own")                                    \
    X(CSV_LONG_NAME, "the name of column {2} is too long")                                                         \
    X(IMPORTING, "rows taken in:")                                                                                 \
    X(JSON_BROKEN, "it is no JSON (line {1})")                                                                     \
    X(JSON_OTHER, "it is no plan that coplan export json wrote ({1})")                                             \
    X(LEFT_FIELD, "{1}: {2} (this coplan has no such field there, or its value does not fit)")                     \
    X(LEFT_PERSON, "{1}: {2} (that person is not in this plan)")                                                   \
    X(LEFT_LINK, "{1}: {2} (what it points to is not in the file)")                                                \
    X(LEFT_WORDINGS, "{1}: {2} had two wordings; the first was taken")                                             \
    X(LEFT_EMPTY, "{1} has no words")                                                                              \
    X(LEFT_NOTE, "a note about {1}, which was not taken, or is too long")                                          \
    X(LEFT_VIEWS, "{1} views: each person says their own")                                                         \
    X(LEFT_PLAN, "the plan's own title and fields: this plan keeps its own")                                       \
    X(IMPORTED_JSON, "Taken in: {1} things, {2} notes.")

/* All of them; a new table has its place here. */
#define CP_SCREEN_WORDS_ALL(X) \
    CP_SCREEN_WORDS(X) \
    CP_SCREEN_WORDS_FILES(X) \
    CP_SCREEN_WORDS_IMPORT(X) \
    CP_SCREEN_WORDS_ATTACH(X) \
    CP_SCREEN_WORDS_CARRY(X) \
    CP_SCREEN_WORDS_HINTS(X)  \
    CP_SCREEN_WORDS_KEEP(X) \
    CP_SCREEN_WORDS_FOLLOW(X) \
    CP_SCREEN_WORDS_MEET(X) \
    CP_SCREEN_WORDS_LOOK(X) \
    CP_SCREEN_WORDS_SHOW(X) \
    CP_SCREEN_WORDS_TALK(X) \
    CP_SCREEN_WORDS_USAGE(X)

enum cp_screen {
#define X(name, text) CP_SAY_##name,
    CP_SCREEN_WORDS_ALL(X)
#undef X
        CP_SAY_COUNT
};

/* ---- Tables ---- */
struct cp_words_row {
    const char *id; /* the name or code by which the program finds it */
    const char *text;
};

/* What translators know as a context: the same English may be said otherwise in another. */
struct cp_words_table {
    const char *context;
    const char *about; /* for translators */
    const struct cp_words_row *rows;
    size_t count;
};

/* The tables one after the other, NULL behind the last. */
const struct cp_words_table *cp_words_table_at(size_t i);
/* True for a sentence that stands in a signed text word for word, in English by design ("meaning 1 en"): it is never
 * said otherwise, so that people see what the text says they saw. */
bool cp_words_is_fixed(const struct cp_words_table *table, const char *id);
/* The sentence of an id in the language spoken; NULL when the table has none. */
const char *cp_words_find(const struct cp_words_table *table, const char *id);


/* The sentence with its places, in the language spoken; good until the end of the program, never NULL. */
const char *cp_words_error(enum cp_err err);
const char *cp_words_screen(enum cp_screen id);
/* Which sentence goes with a word of the daemon's; the list ends with a word that is NULL. CP_SAY_COUNT: none. */
struct cp_words_pair {
    const char *word;
    enum cp_screen say;
};
enum cp_screen cp_words_pick(const struct cp_words_pair *list, const char *word);
/* The sentence of a reason why something was refused, by its code; "{1} {2} {3} {4}" for one not known here. */
const char *cp_words_reason(const char *code);

/* Appends a sentence with its places filled. args holds 4 texts; NULL counts as empty. */
void cp_words_fill(const char *sentence, const char *const args[static 4], struct cp_buf *out);

/* A value of a field, as it is typed, for people: a word of the field's own list in the language spoken; what somebody
 * wrote, and everything in English, as it is. */
const char *cp_words_of_field(const char *field, const char *value);
/* A word of the core's tables ("lived_experience") in another language; the word itself in English and where there is
 * none. */
const char *cp_words_value(const char *word);
/* The plain word for a field, kind, stage, answer or standing ("who makes sure it happens"); the word itself when
 * there is none. */
const char *cp_words_label(const char *word);
/* What an entry of this kind ("item") did, for the log; the word itself for a kind that is not known. */
const char *cp_words_done(const char *kind);

#endif
