/*
 * Sentences of carrying on in a new plan: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_FOLLOW_H
#define CP_CLIENT_WORDS_FOLLOW_H

/* clang-format off */
#define CP_SCREEN_WORDS_FOLLOW(X) \
    X(CONTINUED, "The plan is carried on in a new one: {1}. All that was written before is in it. The old plan stays as it is: {2}") \
    X(CONTINUED_NEXT, "Each of the others comes along by their own word, after meeting you or reading your stick file: coplan follow {1}") \
    X(TWO_PLANS_NOW, "Both plans are on this device now. Say each time which one you mean, for example: coplan --plan {1} list") \
    X(FOLLOWED, "You have come along into {1}.") \
    X(FOLLOWED_AGAIN, "You had come along into {1} before.") \
    X(FOLLOWED_LEFT_OLD, "The old plan is still here to read. Nothing of it is sent from here any more: {1}") \
    X(FOLLOWED_STAY, "You are still in the old plan too: {1}. To stop sending it from here: coplan follow {2} --leave-old") \
    X(FOLLOWED_WITHDRAWN, "Words that were taken back in the old plan since then are taken back here too: {1}") \
    X(WORDS_LATER_ELSEWHERE, "They are still in the plan {1}, which has them as well. They go from it as soon as somebody who is in that plan unlocks this device.") \
    X(FOLLOWED_LOST, "Devices of yours that you reported lost in the old plan are reported lost here too: {1}") \
    X(FOLLOWED_BEYOND, "You wrote {1} entries in the old plan that are not here. To write them again here: coplan --plan {2} again") \
    X(AGAIN_WRITTEN, "Written again here: {1}") \
    X(AGAIN_NOTHING, "There is nothing to write again.") \
    X(AGAIN_COULD, "{1} entries could be written again here. Leave out --look to do it.") \
    X(AGAIN_LEFT, "{1} were left out: they speak of something in the old plan that is not here yet. Write that again first: coplan again ENTRY") \
    X(HAVE_COME, "{1} of {2} have come") \
    X(CARRIES_ON, "      carries on {1}; {2} of {3} have come") \
    X(CARRIED_ON, "      carried on in {1}; {2} of {3} have come") \
    X(CARRY_YOU, "      you have not come along yet: coplan follow {1}") \
    X(CARRY_HUSHED, "      nothing of it is sent from here any more") \
    X(HAS_COME, "  has come      {1}") \
    X(NOT_COME, "  not yet       {1}") \
    X(PERSON_TO_FOLLOW, "has not come along yet")
/* clang-format on */

#endif
