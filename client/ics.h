/*
 * The days of a plan as an iCalendar file (RFC 5545). Owns: the format: lines, folding, escapes, repeats.
 * Must not: talk to the daemon, or decide which days there are (the daemon's `calendar` says).
 *
 * The same days give the same bytes on every device: DTSTAMP is the latest time that was claimed for what it is about,
 * SEQUENCE counts what was written about it, so both follow from the entries held and only ever rise.
 * Nobody's name and no key health word is in it, unless the options say so: a calendar is read over shoulders.
 */
#ifndef CP_CLIENT_ICS_H
#define CP_CLIENT_ICS_H

#include <jansson.h>

#include "proto/bytes.h"

struct cp_ics_options {
    bool todo;         /* actions as VTODO; else all-day events, which every calendar shows */
    bool names;        /* with people's names */
    bool health_words; /* with texts that hold a key health word */
};
/* What has to be told beside it. */
struct cp_ics_said {
    size_t left_out; /* texts that were replaced by a general sentence */
    size_t apart;    /* days of which two wordings stand: the first is in it, with both in its description */
};

/*
 * Appends the calendar. days: rows of `calendar`; people: rows of `people`, whose names are kept out; items: rows of
 * `list`, for what was withdrawn and where two days stand; plan: the plan's own. Errors: NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_ics_write(json_t *days, json_t *people, json_t *items, json_t *plan,
                                     const struct cp_ics_options *options, struct cp_buf *out,
                                     struct cp_ics_said *said);

/* ---- Exposed for tests ---- */
/* One content line: NAME:VALUE with the value escaped as TEXT, folded, CRLF. */
void cp_ics_text(struct cp_buf *out, const char *name, struct cp_bytes value);
/*
 * The RRULE of an ISO 8601 duration from a day on, without "RRULE:". False where no rule says the same: parts of
 * different units, or nothing at all. The 31st of a month, and the 29th of February, are the last day of theirs. The
 * 29th and 30th are left out where February lacks them: what would say it (BYSETPOS) is read wrongly by many programs.
 */
bool cp_ics_rule(const char *start /* YYYY-MM-DD */, const char *every, char out[static 96]);

#endif
