/*
 * Sentences of looking at the plan in other ways: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_LOOK_H
#define CP_CLIENT_WORDS_LOOK_H

#define CP_SCREEN_WORDS_LOOK(X)                                                               \
    X(MARKS_BEYOND, "  This plan is large. To look through all of it for what has to be seen to on this action: coplan marks {1}") \
    X(NOTHING_STALE, "No source is past the day to look at it again.")                        \
    X(STALE, "{1}  {2}: to be looked at again since {3}[ ({4})]")                             \
    X(CHANGED_APART, "changed by somebody else while it was taken off: look again")           \
    X(NO_PERSPECTIVES, "Nobody has said yet which sides we need to hear, or speaks for one.") \
    X(PERSPECTIVE, "{1}:")                                                                    \
    X(NO_ONE_YET, "    no one yet")                                                           \
    X(PERSPECTIVE_ITEM, "    {1}  {2}: {3}")                                                  \
    X(PERSPECTIVE_MORE, "    and {1} by people who have not said yes to being shown here")    \
    X(PERSPECTIVE_SMALL, "    somebody is here; too few of them said yes to being shown")     \
    X(ASK_CLEAR, "Is it clear what we will do? {1}")                                          \
    X(ASK_TELL, "Can we tell when it is done? {1}")                                           \
    X(ASK_CAN, "Can we do it? {1}")                                                           \
    X(ASK_HELPS, "Does it help with what matters to us? {1}")                                 \
    X(ASK_WHEN, "By when? {1}")                                                               \
    X(YES, "Yes.")                                                                            \
    X(NOT_YET, "Not yet.")                                                                    \
    X(WHY, "    {1}")

#endif
