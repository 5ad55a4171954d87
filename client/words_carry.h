/*
 * Sentences of carriers: a part of the catalogue (words.h includes it). Owns: these sentences alone. Places are filled as
 * words.h says. A carrier proves nothing about what others hold, and no sentence here says otherwise.
 */
#ifndef CP_CLIENT_WORDS_CARRY_H
#define CP_CLIENT_WORDS_CARRY_H

/* clang-format off */
#define CP_SCREEN_WORDS_CARRY(X) \
    X(CARRY_HOME, "This carrier is at {1}#{2}\nGive that address to the people who want to use it. They give you a ticket: coplan carry add TICKET") \
    X(CARRY_ALONE, "This is the home of a carrier: it keeps sealed files for others, and has no plan of its own. Its address and its tickets:\n    coplan carry list") \
    X(CARRY_TICKET, "{1} files, {2} bytes of {3}: {4}") \
    X(CARRY_ADDED, "Whoever holds this ticket may now leave sealed files here. Nothing in them can be read here.") \
    X(CARRY_REMOVED, "The ticket is taken back, and {1} files are gone.") \
    X(CARRY_PLACE, "{1}  for plan {2}") \
    X(CARRY_GIVE, "Its keeper needs this ticket, and may show it to anybody: {1}") \
    X(CARRY_FORGOTTEN, "That carrier is used no more.") \
    X(CARRY_NONE, "We use no carrier. Ask the keeper of one for its address, then: coplan carry use ADDRESS") \
    X(CARRY_VISIT, "{1}, plan {2}:") \
    X(CARRY_FETCHED, "    Got {1} new entries. Put {2} there for the others.") \
    X(CARRY_REFUSED, "    {1} refused. If this comes again, meet the others or use a stick.") \
    X(CARRY_DAMAGED, "    {1} files were damaged or not whole. We said so there, and the others will put them again.") \
    X(CARRY_WITHHELD, "    {1} files that were left there are gone or were kept back. Do not rely on this carrier alone.") \
    X(CARRY_CHANGED, "    {1} files are not the ones that were there before. Do not rely on this carrier alone.") \
    X(CARRY_AGAIN, "    {1} old files were shown again as new ones. Do not rely on this carrier alone.") \
    X(CARRY_SET_BACK, "    The carrier has forgotten what it had. What is needed is put there again.") \
    X(CARRY_LOST, "    What we left there is gone. What is needed is put there again.") \
    X(CARRY_OLD, "    The carrier has only an old ticket of this plan. Give its keeper the new one: coplan carry list") \
    X(CARRY_NO_PROOF, "A carrier cannot show that all hold the same. Only a meeting can: coplan sync")
/* clang-format on */

#endif
