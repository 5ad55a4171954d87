/*
 * Sentences of finding each other on a network, of who has seen what, and of how far a command is: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_MEET_H
#define CP_CLIENT_WORDS_MEET_H

/* clang-format off */
#define CP_SCREEN_WORDS_MEET(X) \
    X(PORT_LOCKED, "This home is locked, so no port is open: nobody can call it, and it calls nobody. Open it: coplan unlock") \
    X(UNSENT, "This stays on this device: nothing of this plan is sent from here any more.") \
    X(SYNC_WHOM, "{1}[, plan {2}]") \
    X(SYNC_APART, "{1}: that device does not share this plan with you, so nothing went either way. It may not have heard yet that you " \
        "are in it. Meet somebody else of the plan, or give it a stick: coplan stick FOLDER") \
    X(SYNC_NO_PLACE, "{1}: you share more plans with that device than one meeting takes. This one had no place yet, and comes before the others next time: coplan sync") \
    X(SYNC_CUT, "It was cut off before the end. What had arrived is kept. Once more: coplan sync") \
    X(SYNC_LEFT, "No line is kept open any more.") \
    X(NO_NETWORKS, "This device is on no network now. To meet without one: coplan stick FOLDER") \
    X(NETWORK_FINE, "{1}  fine: your devices and those of the others find each other here[; {2} found]") \
    X(NETWORK_NOT, "{1}  nothing is sent here by itself. Are you among people you trust here? Then let your devices find each other, on each of them: coplan network fine {2}") \
    X(NETWORK_NAMELESS, "{1}  not known well enough yet: look again in a moment") \
    X(SPOKEN, "Say these twelve words to one person, and only to that person. They work once:") \
    X(SPOKEN_TYPE, "On their device they type: coplan init --name THEIR-NAME, then: coplan network fine, then: coplan join WORDS") \
    X(SPOKEN_STAY, "Stay on this network with them until they are in. Leave this device switched on, and do not lock it. After {1} minutes the words find nobody any more.") \
    X(NETWORK_AWAY, "{1}  fine, but you are somewhere else now") \
    X(NETWORK_MARKED, "Good. On {1} this device now looks for the others, and they find it. Others there can see that it looks, but not for whom.") \
    X(NETWORK_BY_ADDRESSES, "This network has no router to know it by. Another one with the same addresses would count as fine, too.") \
    X(NUMBER_GROUPS, "{1},{2}") \
    X(PROGRESS_COUNT, "{1}[ of {2}][; {3}]") \
    X(PROGRESS_PART, "{1} % done[; {2}]") \
    X(ABOUT_SECONDS, "about {1} seconds") \
    X(ABOUT_A_MINUTE, "about a minute") \
    X(ABOUT_MINUTES, "about {1} minutes") \
    X(ABOUT_HOURS, "about {1} hours") \
    X(SEEN_MET_ALL, "    {1} has all the words that are here. You met on {2}.") \
    X(SEEN_STICK_ALL, "    {1} has all the words that are here, as we heard by stick or at a carrier on {2}.") \
    X(SEEN_MET_EDIT, "    {1} has all the words up to your edit of {3}. You met on {2}. Later ones may not be there yet: {4}.") \
    X(SEEN_STICK_EDIT, "    {1} has all the words up to your edit of {3}, as we heard by stick or at a carrier on {2}. Later ones may not be there yet: {4}.") \
    X(SEEN_MET_SOME, "    {1} has not all that is here, as far as we know. You met on {2}. So many may not be there yet: {4}.") \
    X(SEEN_STICK_SOME, "    {1} has not all that is here, as we heard by stick or at a carrier on {2}. So many may not be there yet: {4}.") \
    X(SEEN_MORE, "    There is more there that is not here yet. Meet, or ask for a stick file.") \
    X(SEEN_NOT, "    We do not know yet what {1} has. Meet, or hand over a stick file.") \
    X(STATUS_OTHERS, "  {1} of {2} other devices have all the words that are here[; of {3} we know nothing yet].") \
    X(STATUS_OTHERS_NEXT, "  To bring them the rest: coplan sync, or coplan stick FOLDER") \
    X(JOIN_NAMED, "Your request says {1}, the name that was said first. When you are in, you can change it: coplan set me name=\"{2}\"") \
    X(JOINED_NAMED, "You are called {1} in this plan. To change that: coplan set me name=\"{2}\"") \
    X(NETWORK_UNMARKED, "Good. On {1} this device looks for nobody any more, and answers nobody who looks.")
/* clang-format on */

#endif
