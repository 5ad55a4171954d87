/*
 * Sentences of keeping a home: backups, restored homes, leaving, passphrases: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_KEEP_H
#define CP_CLIENT_WORDS_KEEP_H

/* clang-format off */
#define CP_SCREEN_WORDS_KEEP(X) \
    X(BACKUP_WRITTEN, "Written: {1}, {2} bytes. It holds all of this home as it is now.") \
    X(BACKUP_SEALED, "It is sealed: it opens with the passphrase that anybody here has now. Keep it somewhere else than this device.") \
    X(BACKUP_OPEN, "Somebody here has no passphrase, so whoever finds this file can read it and sign as all of you. Keep it safe.") \
    X(SHEET_WRITTEN, "The same is in {1}, as a page to print. Print it now, then delete the file: whoever finds it can sign as you.") \
    X(SHEET_HERE, "This is done, but it could not be written where you wanted it. So your recovery sheet is here. Write it down and keep it safe. It is shown this once.\n\n{1}\n") \
    X(SHEET_NOT_WRITTEN, "The page could not be written to {1} ({2}). The letters are shown here: write them down.") \
    X(RESTORED, "Your home is back[, as it was on {1}]: {2} plan(s), {3} entries.") \
    X(RESTORED_NEXT, "What you wrote after that is with the others. It comes back when you meet: coplan unlock, then coplan sync. " \
        "A plan that you began or came into after that day is not here: ask somebody in it to invite you again.") \
    X(INVITE_RECOVER, "On their new device they type: coplan init --name THEIR-NAME, then: coplan recover SHEET {1}. SHEET is the " \
        "recovery sheet from before, not the one that init prints there.") \
    X(YOU_LEFT, "You have left this plan. What you wrote stays, and nobody asks you any more. The others hear of it at your next meeting: coplan sync, or coplan bundle write FILE. After a meeting nothing more is sent from here. By stick nobody can answer you, so your stick goes on carrying the plan.") \
    X(LEFT_DEVICES, "Your other devices in this plan do not hear of it by themselves, and go on writing what nobody gets. Type coplan leave there too: {1}") \
    X(LEAVE_FIRST, "What you wrote stays with everybody. What you do not want to leave there, take back before you leave, since afterwards you cannot: coplan about-me shows it, coplan withdraw-words ENTRY takes it back.") \
    X(PERSON_LEFT, "left the plan") \
    X(LOCKS_ITSELF, "This home locks itself after {1} seconds without a command. Meetings end then, too.") \
    X(LOCKS_NEVER, "This home does not lock itself.") \
    X(PASSPHRASE_CHANGED, "Your passphrase is changed, on this device. A backup made before still opens with the old one. So do your other devices, until you change it there.") \
    X(PASSPHRASE_GONE, "You have no passphrase any more. Whoever has this device can sign as you, and your answers say so.") \
    X(NO_INVITES, "There are no invitations.") \
    X(INVITE_OPEN, "{1}  open: one person can still come in by it") \
    X(INVITE_USED, "{1}  used") \
    X(INVITE_WITHDRAWN, "{1}  taken back") \
    X(UNINVITED, "Taken back. Nobody comes in by it any more, wherever this has been heard of: meet the others, or hand them a stick.") \
    X(UNINVITED_USED, "Taken back. Somebody came in by it before, and stays: coplan people") \
    X(RESTORED_NOTICE, "This home was put back to an earlier day, or copied[ (backup of {1})]. Nobody did anything wrong. What you wrote since then is with the others, and comes back when you meet: coplan sync. Is a plan not here? Ask somebody in it to invite you again. To put this note away: coplan status --seen") \
    X(RESTORED_BACK, "This home was put back to an earlier day, or copied[ (backup of {1})]. You have met somebody since, and what they hold of the plans here is here again. Is a plan not here? Ask somebody in it to invite you again. To put this note away: coplan status --seen")
/* clang-format on */

#endif
