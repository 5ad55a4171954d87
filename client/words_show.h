/*
 * Headings and small words round what commands show: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_SHOW_H
#define CP_CLIENT_WORDS_SHOW_H

/* clang-format off */
#define CP_SCREEN_WORDS_SHOW(X) \
    X(SHOW_HELP_END, "Help for one of them: coplan COMMAND --help\nIt ends with 0 when done, 1 when the honest answer is no, 2 when it was used wrongly,\n3 when it cannot be done now.") \
    X(SHOW_CHECK_WORDS, "  Check words: {1}") \
    X(SHOW_TIME, "{1} {2} {3}, {4}") \
    X(SHOW_TRUE, "yes") \
    X(SHOW_FALSE, "no") \
    X(SHOW_CLAIMED, "(says {1})") \
    X(SHOW_MET, "met") \
    X(SHOW_NOT_MET, "not yet") \
    X(SHOW_NEEDS_PEOPLE, "needs people") \
    X(SHOW_ACTION_OK, "ok") \
    X(SHOW_SYNCED, "  in sync when we met") \
    X(SHOW_PEER_REFUSED, "  refused: ") \
    X(SHOW_TOO_FEW, "too few people to show") \
    X(SHOW_MEDIAN, "{1}  ({2} of {3} people)") \
    X(SHOW_SCORE_FIRST, "(shown once you have scored)") \
    X(SHOW_RANK_LINE, "    lowest side {1}, all of us {2}, could not live with it: {3}, do not know: {4}") \
    X(SHOW_OTHER_WEIGHT, "    if \"{1}\" counts {2}: place {3}") \
    X(SHOW_LATE_SCORES, "    {1} scores came in after we chose") \
    X(SHOW_ANSWER_FIRST, "(shown once you have answered)") \
    X(SHOW_GROUND_ALL, "everyone can live with it") \
    X(SHOW_GROUND_ONE, "one of us cannot live with it") \
    X(SHOW_WOULD_CHANGE, "  would change if: {1}") \
    X(SHOW_MATCH_NONE, "    nothing yet: who here could help with this?") \
    X(SHOW_SIDE_NOBODY, "no one yet") \
    X(SHOW_SIDE_HIDDEN, "someone (too few to show)") \
    X(SHOW_SIDE_COUNT, "{1} people") \
    X(SHOW_SIDE_SHARES, ": {1} wrote something, {2} gave their view, {3} make sure of something") \
    X(SHOW_SIDE_NEEDED, "(must be heard)") \
    X(SHOW_LEFT, "(not in this plan)") \
    X(SHOW_CONTACT_DUE, "time to be in touch") \
    X(SHOW_AMOUNTS, "{1}: {2} asked, {3} offered") \
    X(SHOW_ALL_MONEY, "money") \
    X(SHOW_ALL_TIME, "time") \
    X(SHOW_LAST_LOOK, "We last looked: {1}") \
    X(SHOW_NO_LOOK, "We have not looked together yet.") \
    X(SHOW_NEXT_LOOK, "Time to look again: {1}") \
    X(SHOW_DAY_PAST, "(that day is past)") \
    X(SHOW_REVIEW_DUE, "  done by {1}") \
    X(SHOW_REVIEW_NEXT, "  next on {1}") \
    X(SHOW_TWO_UPDATES, "  two updates") \
    X(SHOW_A_MEMBER, "  a member") \
    X(SHOW_WHO_TAKES_PART, "who takes part") \
    X(ONLY_COMMENT, "What was made so far is for comment only. See all pages: coplan agreement --all")
/* clang-format on */

#endif
