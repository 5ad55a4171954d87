/*
 * Sentences of the form for people who answer on paper: a part of the catalogue of pages (words_page.h includes it).
 * Owns: these sentences alone. Short ones, because the form also stands in an Easy Read page.
 */
#ifndef CP_CLIENT_WORDS_FORM_H
#define CP_CLIENT_WORDS_FORM_H

/* clang-format off */
#define CP_PAGE_WORDS_FORM(X) \
    X(FORM_TITLE, "Answer on paper:") \
    X(FORM_FOR, "This form is for {1}.") \
    X(FORM_HEAD, "Your answer") \
    X(FORM_CHECK, "Check words: {1}") \
    X(FORM_CHECK_HELP, "The same words stand at the foot of every sheet. If they do not, it is another page. Then do not mark it.") \
    X(FORM_ASKED_HEAD, "What you asked for") \
    X(FORM_ASKED, "You asked: {1}") \
    X(FORM_ASKED_CANNOT, "You said that you cannot do: {1}") \
    X(FORM_THIS_VERSION, "This page: {1}") \
    X(FORM_STILL_OPEN, "Nobody has said yet what came of it.") \
    X(FORM_SINCE_HEAD, "What changed since the page that you answered before") \
    X(FORM_SINCE, "That page had the check words: {1}") \
    X(FORM_SINCE_NOTHING, "Nothing that you would be asked about.") \
    X(FORM_GONE, "Gone: {1}") \
    X(FORM_NEW, "New: {1}") \
    X(FORM_MEANS_HEAD, "What your mark means") \
    X(FORM_MEANS_INK, "You sign in ink. Others write down what you marked. Two more people saw it.") \
    X(FORM_MEANS_FREE, "You can take your answer back. You can ask for more time. Nobody may rush you.") \
    X(FORM_PLAN_HEAD, "What do you say to this plan?") \
    X(FORM_MARK_ONE, "Mark one box.") \
    X(FORM_MORE_TIME, "I need more time or help (this is not an answer)") \
    X(FORM_WHY, "If it is not a plain yes: why?") \
    X(FORM_HELP, "What would help?") \
    X(FORM_PART_HEAD, "Your own part") \
    X(FORM_PART_OWN, "For each of these, mark one box.") \
    X(FORM_PART_ANY, "Mark only what you do yourself.") \
    X(FORM_PART_NONE, "No action asks you to do something.") \
    X(FORM_WILL, "I will do this") \
    X(FORM_WILL_IF, "I will, if:") \
    X(FORM_CANNOT, "I cannot do this") \
    X(FORM_LEADS, "Makes sure it happens: {1}") \
    X(FORM_HELPS, "Helps: {1}") \
    X(FORM_YOU_HEAD, "Your mark") \
    X(FORM_NAME, "Your name:") \
    X(FORM_MARK, "Your mark (your name, its first letters, or a cross):") \
    X(FORM_DAY, "Day:") \
    X(FORM_HELPED, "Who helped you, if somebody did:") \
    X(FORM_OTHERS_HEAD, "Who else was there") \
    X(FORM_OTHERS_RULE, "All of them are in the room, not on a screen. The witnesses are two members who do not write it down and do not lead what you are asked to do. Nobody who employs you or is paid to help you, where somebody else can.") \
    X(FORM_RECORDER, "Who writes it down:") \
    X(FORM_WITNESS, "Witness {1}:") \
    X(FORM_RECORD_HEAD, "For whoever writes it down") \
    X(FORM_RECORD, "Type what is marked, with the check words from this sheet:") \
    X(FORM_RECORD_PERSON, "whoever marked it") \
    X(FORM_WITNESSES_TYPE, "Then each witness, with the number that it shows:") \
    X(FORM_ACTION_ID, "number {1}") \
    X(FORM_CUT, "Cut here. The person keeps what is below.") \
    X(FORM_SLIP_HEAD, "Keep this slip") \
    X(FORM_SLIP_PLAN, "The plan: {1}") \
    X(FORM_SLIP_SAID, "What I marked:") \
    X(FORM_SLIP_SEEN, "Who wrote it down, and who saw it:") \
    X(FORM_SLIP_ASK, "Ask any member to show you what is recorded. They type: {1}") \
    X(FORM_SLIP_SAME, "It has to show these check words and what you marked. If it does not, say so.")
/* clang-format on */

#endif
