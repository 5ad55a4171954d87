/* iCalendar (ics.h). Owns: the format. Must not: talk to the daemon. */
#include "client/ics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/show.h"
#include "client/value.h"
#include "proto/sensitive.h"
#include "proto/utf8.h"

#define FOLD_AT 75U /* octets of one line, its end apart */

/* ------------------------------------------------------------------------------------------- lines */

/* Writes a line folded: a piece ends before 75 octets and never inside a character. */
static void put_folded(struct cp_bytes line, struct cp_buf *out)
{
    size_t room = FOLD_AT;

    while (line.len > room) {
        size_t len = cp_utf8_whole(line, room);

        cp_buf_put(out, line.ptr, len);
        cp_buf_put_str(out, "\r\n ");
        line.ptr += len;
        line.len -= len;
        room = FOLD_AT - 1; /* the space counts */
    }
    cp_buf_put_bytes(out, line);
    cp_buf_put_str(out, "\r\n");
}

static void put_line(struct cp_buf *out, const char *name, const char *value)
{
    struct cp_buf line;

    cp_buf_init(&line, out->mem, SIZE_MAX / 2);
    cp_buf_put_str(&line, name);
    cp_buf_put_byte(&line, ':');
    cp_buf_put_str(&line, value);
    if (cp_buf_err(&line) != CP_OK && out->err == CP_OK)
        out->err = cp_buf_err(&line);
    put_folded(cp_buf_bytes(&line), out);
    cp_buf_clear(&line);
}

void cp_ics_text(struct cp_buf *out, const char *name, struct cp_bytes value)
{
    struct cp_buf safe;
    struct cp_buf line;

    /* RFC 5545 has no way to write a control character, and what hides or turns text must be seen. */
    cp_buf_init(&safe, out->mem, SIZE_MAX / 2);
    cp_buf_init(&line, out->mem, SIZE_MAX / 2);
    cp_show_safe(value, 0, &safe);
    cp_buf_put_str(&line, name);
    cp_buf_put_byte(&line, ':');
    for (size_t i = 0; i < safe.len; i++) {
        uint8_t c = safe.ptr[i];

        if (c == '\\' || c == ';' || c == ',')
            cp_buf_put_byte(&line, '\\');
        if (c == '\n')
            cp_buf_put_str(&line, "\\n");
        else
            cp_buf_put_byte(&line, c);
    }
    if (out->err == CP_OK)
        out->err = cp_buf_err(&safe) != CP_OK ? cp_buf_err(&safe) : cp_buf_err(&line);
    put_folded(cp_buf_bytes(&line), out);
    cp_buf_clear(&line);
    cp_buf_clear(&safe);
}

/* ------------------------------------------------------------------------------------------- days */

/* "2031-04-01" as "20310401". */
static const char *plain_day(const char *day, char out[static 9])
{
    size_t n = 0;

    for (; *day != '\0' && n < 8; day++)
        if (*day != '-')
            out[n++] = *day;
    out[n] = '\0';
    return out;
}

static void put_day(struct cp_buf *out, const char *name, const char *day)
{
    char plain[9];
    char full[32];

    snprintf(full, sizeof full, "%s;VALUE=DATE", name);
    put_line(out, full, plain_day(day, plain));
}

/* When a device claimed to have written it; a clock that is years wrong stays a date that calendars can read. */
static void put_stamp(struct cp_buf *out, int64_t ms)
{
    static const time_t last = 253402300799; /* the end of 9999 */
    time_t seconds = ms < 0 ? 0 : ms / 1000 > last ? last : (time_t)(ms / 1000);
    char text[32] = "19700101T000000Z";
    struct tm when;

    if (gmtime_r(&seconds, &when) != NULL)
        strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &when);
    put_line(out, "DTSTAMP", text);
}

/* ------------------------------------------------------------------------------------------- repeats */

/* "P3M": a number and one unit. False for anything else. */
static bool one_unit(const char *every, long *count, char *unit)
{
    char extra = 0;

    return strlen(every) <= 6 && every[0] == 'P' && every[1] >= '0' && every[1] <= '9' &&
           sscanf(every + 1, "%4ld%c%c", count, unit, &extra) == 2 && *count > 0;
}

bool cp_ics_rule(const char *start, const char *every, char out[static 96])
{
    long count = 0;
    char unit = 0;
    const char *freq = NULL;
    const char *rest = "";
    int month = 0;
    int day = 0;

    if (!one_unit(every, &count, &unit) || sscanf(start, "%*4d-%2d-%2d", &month, &day) != 2)
        return false;
    if (unit == 'D') {
        freq = "DAILY";
    } else if (unit == 'W') {
        freq = "WEEKLY";
    } else if (unit == 'M') {
        freq = "MONTHLY";
        rest = day == 31 ? ";BYMONTHDAY=-1" : "";
    } else if (unit == 'Y') {
        freq = "YEARLY";
        rest = month == 2 && day == 29 ? ";BYMONTH=2;BYMONTHDAY=-1" : "";
    } else {
        return false;
    }
    if (count == 1)
        snprintf(out, 96, "FREQ=%s%s", freq, rest);
    else
        snprintf(out, 96, "FREQ=%s;INTERVAL=%ld%s", freq, count, rest);
    return true;
}

/* ------------------------------------------------------------------------------------------- what may be said */

struct writing {
    struct cp_buf *out;
    json_t *people;
    json_t *plan;
    json_t *items; /* id to row */
    const struct cp_ics_options *options;
    struct cp_ics_said *said;
};

static bool holds_name(const struct writing *w, struct cp_bytes text)
{
    json_t *person = NULL;
    size_t i = 0;

    json_array_foreach(w->people, i, person)
    {
        struct cp_bytes name = cp_json_bytes(json_object_get(person, "name"));

        if (cp_sensitive_name(text, 0, name).len > 0)
            return true;
    }
    return false;
}

/* False: a general sentence takes its place, and is counted. */
static bool may_say(struct writing *w, const char *text)
{
    struct cp_bytes bytes = cp_bytes_str(text);
    bool may = (w->options->health_words || cp_sensitive_health(bytes, 0).len == 0) &&
               (w->options->names || !holds_name(w, bytes));

    w->said->left_out += may ? 0 : 1;
    return may;
}

static void put_sentence(struct writing *w, const char *name, enum cp_screen sentence, const char *a,
                         const char *b)
{
    const char *const args[4] = {a, b, NULL, NULL};
    struct cp_buf text;

    cp_buf_init(&text, w->out->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    cp_ics_text(w->out, name, cp_buf_bytes(&text));
    cp_buf_clear(&text);
}

/* Whether the words of what this day is of were taken back. */
static bool is_gone(const struct writing *w, json_t *row)
{
    return cp_json_text(row, "text")[0] == '\0' &&
           cp_json_gone(json_object_get(w->items, cp_json_text(row, "id")), "text");
}

static void put_summary(struct writing *w, json_t *row)
{
    const char *gone = is_gone(w, row) ? cp_words_screen(CP_SAY_WORDS_GONE) : NULL;
    const char *what = cp_json_text(row, "what");
    const char *text = cp_json_text(row, "text");
    const char *id = cp_show_id(cp_json_text(row, "id"));
    bool say = text[0] != '\0' && may_say(w, text);

    if (strcmp(what, "review") == 0)
        put_sentence(w, "SUMMARY", CP_SAY_ICS_REVIEW, NULL, NULL);
    else if (strcmp(what, "look again") == 0)
        put_sentence(w, "SUMMARY", say || gone ? CP_SAY_ICS_LOOK_AGAIN : CP_SAY_ICS_LOOK_AGAIN_GENERAL,
                     say ? text : (gone ? gone : id), NULL);
    else if (strcmp(what, "check source") == 0)
        put_sentence(w, "SUMMARY", say || gone ? CP_SAY_ICS_SOURCE : CP_SAY_ICS_SOURCE_GENERAL,
                     say ? text : (gone ? gone : id), NULL);
    else if (say)
        cp_ics_text(w->out, "SUMMARY", cp_bytes_str(text));
    else
        put_sentence(w, "SUMMARY", CP_SAY_ICS_ACTION_GENERAL, gone ? gone : id, NULL);
}

/* The days, and how often, that stand beside each other where two of us wrote them apart: the calendar can only have the
 * first. False: there are none. */
static bool find_apart(const struct writing *w, json_t *row, struct cp_buf *out)
{
    static const struct {
        const char *what, *fields[3];
    } kinds[] = {{"action", {"start", "due", "repeats"}},
                 {"review", {"first_review", "review_every", NULL}},
                 {"look again", {"review_on", NULL, NULL}},
                 {"check source", {"check_again_on", NULL, NULL}}};
    const char *what = cp_json_text(row, "what");
    json_t *of = strcmp(what, "review") == 0 ? w->plan : json_object_get(w->items, cp_json_text(row, "id"));
    size_t count = 0;

    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t f = 0; f < 3 && strcmp(kinds[k].what, what) == 0 && kinds[k].fields[f] != NULL; f++) {
            json_t *wording = NULL;
            size_t i = 0;

            json_array_foreach(json_object_get(json_object_get(of, "wordings"), kinds[k].fields[f]), i, wording)
            {
                const char *value = cp_json_text(wording, "value");

                cp_buf_put_str(out, count++ > 0 ? ", " : "");
                cp_buf_put_str(out, value[0] != '\0' ? value : cp_words_screen(CP_SAY_TAKEN_OUT));
            }
        }
    cp_buf_put_byte(out, 0);
    return count > 0 && cp_buf_err(out) == CP_OK;
}

static void put_description(struct writing *w, json_t *row)
{
    struct cp_buf names, apart, text;
    json_t *name = NULL;
    size_t i = 0;

    cp_buf_init(&apart, w->out->mem, SIZE_MAX / 2);
    cp_buf_init(&text, w->out->mem, SIZE_MAX / 2);
    cp_buf_init(&names, w->out->mem, SIZE_MAX / 2);
    if (w->options->names)
        json_array_foreach(json_object_get(row, "people"), i, name)
        {
            cp_buf_put_str(&names, i > 0 ? ", " : "");
            cp_buf_put_bytes(&names, cp_json_bytes(name));
        }
    cp_buf_put_byte(&names, 0);
    if (find_apart(w, row, &apart)) {
        const char *days = (const char *)apart.ptr;
        const char *const args[4] = {may_say(w, days) ? days : NULL, NULL, NULL, NULL};

        w->said->apart++;
        cp_words_fill(cp_words_screen(CP_SAY_ICS_APART), args, &text);
        cp_buf_put_byte(&text, '\n');
    }
    {
        const char *const args[4] = {cp_show_id(cp_json_text(row, "id")),
                                     cp_buf_err(&names) == CP_OK ? (const char *)names.ptr : "", NULL, NULL};

        cp_words_fill(cp_words_screen(CP_SAY_ICS_MORE), args, &text);
    }
    cp_ics_text(w->out, "DESCRIPTION", cp_buf_bytes(&text));
    cp_buf_clear(&text);
    cp_buf_clear(&apart);
    cp_buf_clear(&names);
}

/* ------------------------------------------------------------------------------------------- one day */

/* When it is, and how often. */
struct timing {
    const char *start; /* the first day */
    const char *due;   /* the last day, "" when there is none */
    char rule[128];    /* "" when it comes once */
};

/* False: no day to show. */
static bool find_timing(json_t *row, struct timing *t)
{
    const char *start = cp_json_text(row, "start");
    const char *due = cp_json_text(row, "due");
    const char *every = cp_json_text(row, "every");
    char rule[96];
    char day[9];

    *t = (struct timing){.start = due, .due = due};
    if (every[0] == '\0')
        return due[0] != '\0';
    if (start[0] != '\0' && (due[0] == '\0' || strcmp(start, due) <= 0))
        t->start = start;
    if (t->start[0] == '\0')
        return false;
    if (!cp_ics_rule(t->start, every, rule)) {
        t->start = due[0] != '\0' ? due : start;
        return true;
    }
    if (t->start == start && due[0] != '\0')
        snprintf(t->rule, sizeof t->rule, "%s;UNTIL=%s", rule, plain_day(due, day));
    else
        snprintf(t->rule, sizeof t->rule, "%s", rule);
    return true;
}

static const char *todo_status(const char *status)
{
    if (strcmp(status, "doing") == 0 || strcmp(status, "paused") == 0)
        return "IN-PROCESS";
    if (strcmp(status, "done") == 0)
        return "COMPLETED";
    return strcmp(status, "stopped") == 0 ? "CANCELLED" : "NEEDS-ACTION";
}

static void put_times(struct cp_buf *out, json_t *row, const struct timing *t, bool todo)
{
    const char *start = cp_json_text(row, "start");

    if (!todo || t->rule[0] != '\0') {
        put_day(out, "DTSTART", t->start);
    } else {
        /* A to-do is due later than it starts, or has no start. */
        if (start[0] != '\0' && strcmp(start, t->due) < 0)
            put_day(out, "DTSTART", start);
        put_day(out, "DUE", t->start);
    }
    if (t->rule[0] != '\0')
        put_line(out, "RRULE", t->rule);
}

static void put_row(struct writing *w, json_t *row)
{
    const char *what = cp_json_text(row, "what");
    bool todo = w->options->todo && strcmp(what, "action") == 0;
    const char *status = cp_json_text(row, "status");
    struct cp_buf *out = w->out;
    struct timing t;
    char text[128];

    if (!find_timing(row, &t))
        return;
    put_line(out, "BEGIN", todo ? "VTODO" : "VEVENT");
    /* What it is about and which of its days: the same in every export, whatever is changed. */
    snprintf(text, sizeof text, "%.40s-%s@coplan", cp_json_text(row, "id"),
             strcmp(what, "action") == 0       ? "due"
             : strcmp(what, "review") == 0     ? "review"
             : strcmp(what, "look again") == 0 ? "again"
                                               : "source");
    put_line(out, "UID", text);
    put_stamp(out, cp_json_number(row, "claimed_at"));
    snprintf(text, sizeof text, "%" PRId64,
             cp_json_number(row, "writes") < INT32_MAX ? cp_json_number(row, "writes") : INT32_MAX);
    put_line(out, "SEQUENCE", text);
    put_times(out, row, &t, todo);
    put_summary(w, row);
    put_description(w, row);
    if (todo)
        put_line(out, "STATUS", todo_status(status));
    else if (strcmp(status, "stopped") == 0)
        put_line(out, "STATUS", "CANCELLED");
    if (!todo)
        put_line(out, "TRANSP", "TRANSPARENT");
    put_line(out, "CLASS", "PRIVATE");
    put_line(out, "END", todo ? "VTODO" : "VEVENT");
}

enum cp_err cp_ics_write(json_t *days, json_t *people, json_t *items, json_t *plan,
                         const struct cp_ics_options *options, struct cp_buf *out, struct cp_ics_said *said)
{
    struct writing w = {
        .out = out, .people = people, .plan = plan, .items = json_object(), .options = options, .said = said};
    const char *title = cp_json_text(plan, "title");
    json_t *row = NULL;
    size_t i = 0;

    *said = (struct cp_ics_said){0, 0};
    json_array_foreach(items, i, row) if (json_array_size(json_object_get(row, "withdrawn")) > 0 ||
                                          json_object_size(json_object_get(row, "wordings")) > 0)
        json_object_set(w.items, cp_json_text(row, "id"), row);
    put_line(out, "BEGIN", "VCALENDAR");
    put_line(out, "VERSION", "2.0");
    put_line(out, "PRODID", "-//coplan//coplan 1//EN");
    put_line(out, "CALSCALE", "GREGORIAN");
    if (title[0] != '\0' && may_say(&w, title))
        cp_ics_text(out, "X-WR-CALNAME", cp_bytes_str(title));
    json_array_foreach(days, i, row) put_row(&w, row);
    put_line(out, "END", "VCALENDAR");
    json_decref(w.items);
    return cp_buf_err(out);
}
