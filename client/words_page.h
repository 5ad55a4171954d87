/*
 * The sentences of the pages (page.h); words.h is the catalogue for all else.
 * Owns: the sentences. Must not: decide anything, or print. Places are filled as in words.h. What a person wrote stands
 * in a place and nowhere else, so that it can be kept apart from our words. No sentence holds < > & or a quote mark
 * that HTML or CSS would read.
 */
#ifndef CP_CLIENT_WORDS_PAGE_H
#define CP_CLIENT_WORDS_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/words.h"
#include "client/words_form.h"
#include "client/words_sheet.h"

extern const struct cp_words_table cp_words_page_table, cp_words_page_label_table, cp_words_month_table;

#define CP_PAGE_WORDS(X)                                                                               \
    X(NO_TITLE, "Our plan")                                                                            \
    /* what this page is */                                                                            \
    X(DRAFT, "This is a draft. It can still change. Nobody has agreed to these words yet.")            \
    X(DRAFT_SHORT, "Draft: it can still change")                                                       \
    X(FOR_COMMENT, "This page is for comment. Say what you think of it. It is not for signing.")       \
    X(FINAL, "This page does not change any more. People say what they think of exactly these words.") \
    X(CHECK_WORDS, "Check words: {1}")                                                                 \
    X(CHECK_WORDS_HELP,                                                                                \
      "Another copy with the same check words should say the same. To be sure, compare the id.")       \
    X(ID, "Id: {1}")                                                                                   \
    X(PAGE_OF, "Page {1} of {2}")                                                                      \
    X(NOT_A_CARE_PLAN, "This is not a care and support plan from a council.")                          \
    X(MADE_BY, "Made with coplan")                                                                     \
    /* headings */                                                                                     \
    X(IN_SHORT, "In short")                                                                            \
    X(YOUR_PART, "Your part: {1}")                                                                     \
    X(CLASH, "You said that you cannot on {2}: {1}. Talk to us, so that we find another day.")         \
    X(NO_PART, "No action names you.")                                                                 \
    X(ACTIONS, "What we will do")                                                                      \
    X(NO_ACTIONS, "There are no actions yet.")                                                         \
    X(WHO_AGREED, "Who agreed")                                                                        \
    X(WORRIES, "Worries and reasons")                                                                  \
    X(NO_WORRIES, "Nobody told of a worry.")                                                           \
    X(LEFT_OPEN, "What was left open")                                                                 \
    X(LEFT_OPEN_WHY, "Why the page was made all the same: {1}")                                        \
    X(REST, "What else we wrote down")                                                                 \
    X(ATTACHED, "Pictures and papers")                                                                 \
    X(ATTACHED_TO, "with: {1}")                                                                        \
    X(ATTACHED_KEPT, "They are kept with the plan, not on this page.")                                 \
    X(WHO_TAKES_PART, "Who takes part")                                                                \
    X(NO_DEVICE, "without a device")                                                                                 \
    X(LOOK_AGAIN, "When we look again")                                                                \
    /* the actions */                                                                                  \
    X(COLUMN_WHAT, "What")                                                                             \
    X(COLUMN_WHO, "Who")                                                                               \
    X(COLUMN_WHEN, "When")                                                                             \
    X(COLUMN_COST, "Money and time")                                                                   \
    X(COLUMN_MEASURE, "How we will know")                                                              \
    X(COLUMN_CHECK, "Who checks, how often")                                                           \
    X(ACTIONS_CAPTION, "{1} actions")                                                                  \
    X(ONE_ACTION, "1 action")                                                                          \
    X(NOBODY_YET, "no one yet")                                                                        \
    X(TWO_WORDINGS, "Two of us changed this ({1}). Not chosen yet:")                                   \
    X(WORDS_GONE, "words withdrawn by their author")                                                   \
    X(LABEL, "{1}: {2}")                                                                               \
    /* the agreement */                                                                                \
    X(RESULT, "It comes to: {1}")                                                                      \
    X(COLUMN_NAME, "Name")                                                                             \
    X(COLUMN_ANSWER, "What they say")                                                                  \
    X(COLUMN_PART, "Their part")                                                                       \
    X(COLUMN_HOW, "How they said it")                                                                  \
    X(ANSWERS_CAPTION, "Answers to this page")                                                         \
    X(NO_ANSWERS, "Nobody has answered yet.")                                                          \
    X(NOT_ASKED_LABEL, "{1} (not asked by this page)")                                                 \
    X(WAITING, "We wait for:")                                                                         \
    X(NOT_ASKED, "In the plan, but not asked by this page:")                                           \
    X(NAME_WHY, "{1}[ ({2})]")                                                                         \
    X(SAYS, "{1} says: {2}")                                                                           \
    X(WOULD_HELP, "What would help: {1}")                                                              \
    X(I_WILL, "{1} will do: {2}")                                                                      \
    X(I_WILL_IF, "{1} will do: {2}[, if {3}]")                                                         \
    X(I_CANNOT, "{1} cannot do: {2}")                                                                  \
    X(SIGNED, "electronic signature, {1}")                                                             \
    X(SIGNED_SHARED, "electronic signature, on a {1}")                                                 \
    X(SEEN_BY, "signed on paper, seen by {1}[; written down by {2}]")                                  \
    X(BY_FOR, "electronic signature by {1} for {2}")                                                   \
    X(KEY_CHECKED_BY, "{2} says that their key was seen on their own screen by {1}")                  \
    X(APART, "does not count: this person gave more than one answer, and has to say which one they mean") \
    X(LIMITS, "within these limits: {1}")                                                              \
    X(SIGNED_AS, "signed with another name: {1}")                                                      \
    X(HELP_FROM, "{1}, with help from {2}")                                                            \
    X(PENDING, "On paper, and not counted until two witnesses have signed:")                           \
    /* values */                                                                                       \
    X(MONEY, "£{1}")                                                                                   \
    X(HOURS, "{1} hours")                                                                              \
    X(ONE_HOUR, "1 hour")                                                                              \
    X(MINUTES, "{1} minutes")                                                                          \
    X(ONE_MINUTE, "1 minute")                                                                          \
    X(HOURS_MINUTES, "{1} {2}")                                                                        \
    X(DAY, "{1} {2} {3}")                                                                              \
    X(EVERY_DAY, "every day")                                                                          \
    X(EVERY_WEEK, "every week")                                                                        \
    X(EVERY_MONTH, "every month")                                                                      \
    X(EVERY_YEAR, "every year")                                                                        \
    X(EVERY_DAYS, "every {1} days")                                                                    \
    X(EVERY_WEEKS, "every {1} weeks")                                                                  \
    X(EVERY_MONTHS, "every {1} months")                                                                \
    X(EVERY_YEARS, "every {1} years")                                                                  \
    X(FROM_RESOURCE, "{1} from {2}")                                                                   \
    X(WITH_COUNT, "{1} of {2}")                                                                        \
    X(AND_STATE, "{1} ({2})")                                                                          \
    /* Easy Read */                                                                                    \
    X(EASY_ABOUT, "This is a plan. We made it together.")                                              \
    X(EASY_MORE, "You can ask someone to read it with you.")                                           \
    X(EASY_DRAFT, "It is not ready yet. It can still change.")                                         \
    X(EASY_FINAL, "The words on this page will not change.")                                           \
    X(EASY_COMMENT, "You can say what you think of it.")                                               \
    X(EASY_PLAIN, "Some things are said in plain words here. The whole page also has the other words. "     \
                  "Ask to see it, or to have it read to you.")                                         \
    X(EASY_STATE, "Where it stands: {1}")                                                              \
    X(EASY_ASKED, "{1}[ ({2})] is asked to answer.")                                                   \
    X(EASY_INFORMED, "{1}[ ({2})] is told what we do, and need not answer.")                           \
    X(EASY_LIMITS, "They may answer within these limits: {1}")                                         \
    X(EASY_PENDING, "{1} answered on paper. It does not count yet: two people who saw it must say so.") \
    X(EASY_WHY, "Why we do this")                                                                      \
    X(EASY_PAPER, "{1} answered on paper. {2} saw it.")                                                \
    X(EASY_FOR, "{1} answered for {2}.")                                                               \
    X(EASY_SHARED, "{1} answered on a shared device.")                                                 \
    X(EASY_UNGUARDED, "{1} has no passphrase, so somebody else with that device could have answered.")      \
    X(EASY_READ_STANDARD, "{1} read the standard page.")                                               \
    X(EASY_READ_EASY, "{1} read a page like this one.")                                                \
    X(EASY_READ_LARGE, "{1} read the page in large letters.")                                          \
    X(EASY_READ_ALOUD, "Somebody read the page to {1}.")                                               \
    X(EASY_APART, "This does not count. {1} gave more than one answer. Ask which one they mean.")      \
    X(EASY_SIGNED_AS, "{1} signed with another name: {2}")                                             \
    X(EASY_HELPED, "{1} had help from {2}.")                                                           \
    X(EASY_LEAD, "{1} makes sure it happens.")                                                         \
    X(EASY_NO_LEAD, "Nobody makes sure it happens yet.")                                               \
    X(EASY_HELP, "{1} helps.")                                                                         \
    X(EASY_ASK, "We ask {1} first.")                                                                   \
    X(EASY_TELL, "We tell {1}.")                                                                       \
    X(EASY_START, "It starts on {1}.")                                                                 \
    X(EASY_DUE, "It is done by {1}.")                                                                  \
    X(EASY_REPEATS, "It happens {1}.")                                                                 \
    X(EASY_COST, "It costs {1}.")                                                                      \
    X(EASY_USES, "It uses {1}.")                                                                       \
    X(EASY_TIME, "It takes {1}.")                                                                      \
    X(EASY_MEASURE, "How we will know:")                                                               \
    X(EASY_BASELINE, "Now it is: {1}")                                                                 \
    X(EASY_TARGET, "We want: {1}")                                                                     \
    X(EASY_CHECKED_BY, "{1} checks how it goes.")                                                      \
    X(EASY_CHECK_EVERY, "We check it {1}.")                                                            \
    X(EASY_FIRST_REVIEW, "We look at the plan again on {1}.")                                          \
    X(EASY_REVIEW_EVERY, "Then we look again {1}.")                                                    \
    X(EASY_REVIEWER, "{1} makes sure that we look again.")                                             \
    X(EASY_IF_BEHIND, "If we fall behind:")                                                            \
    X(EASY_BUDGET, "We have {1} to spend.")                                                            \
    X(EASY_TWO, "Two of us wrote different things here. We have not chosen yet.")                      \
    X(EASY_OPEN, "This was not ready: {1}")                                                            \
    X(EASY_WAITING, "We wait for {1}.")                                                                \
    X(EASY_NOT_ASKED, "{1} is in the plan, but this page did not ask them.")                           \
    X(EASY_RESULT, "All together: {1}.")                                                               \
    X(EASY_CHECK_WORDS, "These are the check words: {1}")                                              \
    X(EASY_CHECK_HELP, "Does your copy have other check words? Then it is another page.")              \
    /* Why do this? */                                                                                 \
    X(WHY_TITLE, "Why do this?")                                                                       \
    X(WHY_GAIN, "What we gain")                                                                        \
    X(WHY_NOTHING, "If we do nothing")                                                                 \
    X(WHY_NOT_SAID, "Nobody has written anything here yet.")                                           \
    X(WHY_KNOWN, "How we know: {1}")                                                                   \
    /* alternatives of pictures */                                                                     \
    X(PICTURE_PAGE, "Picture: a sheet of paper")                                                       \
    X(PICTURE_PEOPLE, "Picture: three people together")                                                \
    X(PICTURE_PERSON, "Picture: a person")                                                             \
    X(PICTURE_SUN, "Picture: the sun")                                                                 \
    X(PICTURE_RAIN, "Picture: a rain cloud")                                                           \
    X(PICTURE_HEART, "Picture: a heart")                                                               \
    X(PICTURE_TICK, "Picture: a tick in a box")                                                        \
    X(PICTURE_TALK, "Picture: a speech bubble")                                                        \
    X(PICTURE_DAY, "Picture: a calendar")                                                              \
    X(PICTURE_COIN, "Picture: a coin")                                                                 \
    X(PICTURE_CLOCK, "Picture: a clock")                                                               \
    X(PICTURE_RULER, "Picture: a ruler")                                                               \
    X(PICTURE_EYE, "Picture: an eye")                                                                  \
    X(PICTURE_AGAIN, "Picture: an arrow that goes round")                                              \
    X(PICTURE_PEN, "Picture: a pen")                                                                   \
    X(PICTURE_WARN, "Picture: a warning sign")                                                         \
    X(PICTURE_KEY, "Picture: a key")                                                                   \
    X(PICTURE_OWN, "Picture: {1}")                                                                     \
    /* what stderr says of an Easy Read page */                                                        \
    X(HARD_LONG, "A long sentence ({1} words, 15 is the most): {2}")                                   \
    X(HARD_WORDS, "Hard words: {1}. In: {2}")                                                          \
    X(HARD_AVOID, "{1}: perhaps say {2}. In: {3}")                                                     \
    X(HARD_NO_PLAIN, "No plain words yet: {1}")                                                        \
    X(HARD_NO_PICTURE_WORDS, "A picture without words for people who do not see it: {1}")              \
    X(HARD_FULL, "About {1} ideas fit on one sheet, and there are {2}.")                               \
    /* the form for an answer on paper */                                                              \
    CP_PAGE_WORDS_FORM(X)                                                                              \
    /* the recovery sheet */                                                                           \
    CP_PAGE_WORDS_SHEET(X)

enum cp_page_say {
#define X(name, text) CP_PAGE_SAY_##name,
    CP_PAGE_WORDS(X)
#undef X
    CP_PAGE_SAY_COUNT
};

/* In the language spoken; good until the end of the program, never NULL. */
const char *cp_words_page(enum cp_page_say id);
/* True when another language is spoken that has no such sentence, so that it is said in English. */
bool cp_words_page_is_english(enum cp_page_say id);
/* "April" for 4. NULL when there is none. */
const char *cp_words_month(int month);
/* The plain word of a field, kind or value on a page: "done by" for "due"; else the word with spaces for _. Into buf. */
const char *cp_words_page_label(const char *word, char *buf, size_t size);

#endif
