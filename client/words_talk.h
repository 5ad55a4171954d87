/*
 * Sentences of talking to each other, of the register of interests and round the guides: a part of the catalogue
 * (words.h includes it). Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_TALK_H
#define CP_CLIENT_WORDS_TALK_H

/* clang-format off */
#define CP_SCREEN_WORDS_TALK(X) \
    X(BESIDE_WHO, "{1}") \
    X(BESIDE_NEEDS, "    needs:") \
    X(BESIDE_NO_NEEDS, "    needs: nobody wrote any down") \
    X(BESIDE_STRENGTHS, "    is good at, and can bring:") \
    X(BESIDE_NO_STRENGTHS, "    is good at, and can bring: nobody wrote any down. What could it be?") \
    X(BESIDE_ONE, "      - {1}   ({2})") \
    X(TALK_SAID, "{1}, {2}: {3}") \
    X(TALK_DIFFERENTLY, "{1} sees it differently, because: {2}") \
    X(TALK_QUOTES, "To {1}, who said: {2}") \
    X(TALK_QUOTE_GONE, "To words that are not here any more") \
    X(TALK_LINE, "About line {1}: {2}") \
    X(TALK_SAME, "On the newest page these words are line {1}") \
    X(TALK_NOW, "On the newest page it says (line {1}): {2}") \
    X(TALK_GONE, "The newest page does not say this any more") \
    X(TALK_CHANGED, "We changed it") \
    X(TALK_STAYS, "It stays") \
    X(TALK_NOTHING, "Nobody has said anything about it yet.") \
    X(TEXT_LINE, "{1}  {2}") \
    X(INTERESTS_TITLE, "What we have an interest in") \
    X(INTERESTS_WHAT, "Each of us says in our own words what we gain or lose by this plan, and what we hold dear.") \
    X(INTERESTS_ONE, "{1}: {2}") \
    X(INTERESTS_VALUES, "{1} holds dear: {2}") \
    X(INTERESTS_NOTHING, "{1}: has said nothing yet") \
    X(GUIDE_TITLE, "A guide: {1}") \
    X(GUIDE_ASK, "Ask each other") \
    X(GUIDE_TYPE, "On the computer") \
    X(GUIDE_LOCKS, "This is a guide. You may do things in another order.") \
    X(HAND_OUT_CLASH, "      cannot on {2}: {1}") \
    X(MARK_HELPERS, "    who helps with it: {1}") \
    X(NO_MARKS, "There is nothing to see to.") \
    X(READINGS_HEAD, "{1}[: {2}][ (now {3})][ (we want {4})]") \
    X(READINGS_ONE, "  {1}  {2}[ {3}]  {4}") \
    X(READINGS_NONE, "  nobody has measured it yet") \
    X(WHO_DUTY, "  {1}") \
    X(WHO_LIMITS, "    what they cannot do or decide: {1}") \
    X(USE_GUIDE, "the stage: {1}")
/* clang-format on */

#endif
