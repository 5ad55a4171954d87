/* How actions stand (progress.h). Owns: what follows from notes and a day. Must not: know a clock. */
#include "proto/progress.h"

#include <string.h>

const char *cp_rag_word(enum cp_rag rag)
{
    switch (rag) {
    case CP_RAG_GREEN:
        return "green";
    case CP_RAG_UNKNOWN:
        return "unknown";
    case CP_RAG_AMBER:
        return "amber";
    case CP_RAG_RED:
        return "red";
    }
    return "unknown";
}

static enum cp_rag rag_of(const struct cp_model_note *n)
{
    if (cp_model_says(&n->r, CP_M_RAG, "red"))
        return CP_RAG_RED;
    if (cp_model_says(&n->r, CP_M_RAG, "amber"))
        return CP_RAG_AMBER;
    return cp_model_says(&n->r, CP_M_RAG, "green") ? CP_RAG_GREEN : CP_RAG_UNKNOWN;
}

/* The more worrying status is the greater. */
static int status_worry(const struct cp_model_note *n)
{
    static const char *const order[] = {"done", "doing", "to_do", "stopped", "paused"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (cp_model_says(&n->r, CP_M_STATUS, order[i]))
            return (int)i;
    return 1;
}

static bool more_worrying(const struct cp_model_note *a, const struct cp_model_note *b)
{
    if (rag_of(a) != rag_of(b))
        return rag_of(a) > rag_of(b);
    if (status_worry(a) != status_worry(b))
        return status_worry(a) > status_worry(b);
    return memcmp(a->r.id, b->r.id, CP_ID_LEN) < 0;
}

/* Did a later progress note of the same action see this one? */
static bool passed(const struct cp_model_note *notes, size_t count, const struct cp_model_note *n)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; notes[i].kind == CP_M_NOTE_PROGRESS && j < notes[i].seen_count; j++)
            if (memcmp(notes[i].seen + j * CP_ID_LEN, n->r.id, CP_ID_LEN) == 0)
                return true;
    return false;
}

/* The day by which somebody should have looked; 0 when nothing says so. */
static int64_t check_day(const struct cp_progress *p, const struct cp_model_note *notes, size_t count)
{
    int64_t last = cp_day_number(cp_model_text(&p->action->r, CP_M_START));
    for (size_t i = 0; i < count; i++) {
        int64_t day = notes[i].kind == CP_M_NOTE_PROGRESS ? cp_day_number(notes[i].day) : 0;
        last = day > last ? day : last;
    }
    return cp_day_after(last, cp_model_text(&p->action->r, CP_M_CHECK_EVERY));
}

/*
 * The first day from today on that lies whole steps after `first`. Months are counted from the first day, so that the
 * 31st comes back after a shorter month.
 */
static int64_t next_day(int64_t first, struct cp_bytes step, int64_t today)
{
    int64_t after = cp_day_after(first, step), days = after - first;
    char text[32];
    if (first == 0 || step.len == 0 || after == 0 || days <= 0 || first >= today)
        return first != 0 && step.len > 0 && days > 0 ? first : 0;
    bool by_days = step.ptr[step.len - 1] == 'D' || step.ptr[step.len - 1] == 'W';
    int64_t months = by_days ? 0 : cp_bytes_eq(step, cp_bytes_str("P1Y")) ? 12 : step.ptr[1] - '0';
    if (by_days)
        return first + (today - first + days - 1) / days * days;
    /* At most 31 days a month: this many steps end before today, or on it; a few more reach it. */
    for (int64_t steps = (today - first) / (31 * months);; steps++) {
        snprintf(text, sizeof text, "P%lldM", (long long)(steps * months));
        int64_t day = steps == 0 ? first : cp_day_after(first, cp_bytes_str(text));
        if (day == 0 || day >= today)
            return day;
    }
}

/* From when: its start, else the day it was first due. After a day it is over. */
static int64_t next_of(const struct cp_progress *p, int64_t today)
{
    int64_t start = cp_day_number(cp_model_text(&p->action->r, CP_M_START));
    struct cp_bytes step = cp_day_repeat(cp_model_text(&p->action->r, CP_M_REPEATS));
    int64_t day = p->finished ? 0 : next_day(start != 0 ? start : p->due, step, today);
    return start != 0 && p->due != 0 && day > p->due ? 0 : day;
}

void cp_progress_of(const struct cp_model *m, const struct cp_model_item *action, struct cp_progress *out)
{
    size_t count = 0;
    const struct cp_model_note *notes = cp_model_notes(m, action->r.id, &count);
    int64_t today = cp_day_number(m->today);
    *out = (struct cp_progress){.action = action, .rag = CP_RAG_UNKNOWN, .status = cp_bytes_str("to_do")};
    for (size_t i = 0; i < count; i++) {
        if (notes[i].kind != CP_M_NOTE_PROGRESS || passed(notes, count, &notes[i]))
            continue;
        out->updates++;
        if (out->note == NULL || more_worrying(&notes[i], out->note))
            out->note = &notes[i];
    }
    if (out->note != NULL) {
        struct cp_bytes status = cp_model_text(&out->note->r, CP_M_STATUS);
        out->rag = rag_of(out->note);
        out->status = status.len > 0 ? status : cp_bytes_str("doing");
    }
    out->finished = cp_word_in("done|stopped", out->status);
    out->due = cp_day_number(cp_model_text(&action->r, CP_M_DUE));
    out->late = !out->finished && out->due != 0 && out->due < today;
    out->due_soon = !out->finished && out->due >= today && out->due <= today + CP_DUE_SOON_DAYS;
    out->stuck =
        !out->finished && (out->rag == CP_RAG_RED || cp_bytes_eq(out->status, cp_bytes_str("paused")));
    out->next = next_of(out, today);
    if (out->next != 0 && out->next <= today + CP_DUE_SOON_DAYS)
        out->due_soon = true;
    int64_t check = check_day(out, notes, count);
    out->check_late = !out->finished && check != 0 && check < today;
}

void cp_review_of(const struct cp_model *m, struct cp_review *out)
{
    struct cp_bytes every = cp_model_text(&m->plan, CP_M_REVIEW_EVERY);
    int64_t today = cp_day_number(m->today);
    *out = (struct cp_review){.last = NULL};
    for (size_t i = 0; i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        int64_t day = n->kind == CP_M_NOTE_REVIEW ? cp_day_number(n->day) : 0;
        if (day > out->last_day || (day != 0 && day == out->last_day && n->lamport > out->last->lamport)) {
            out->last = n;
            out->last_day = day;
        }
    }
    if (out->last != NULL)
        out->next_day = cp_day_after(out->last_day, every.len > 0 ? every : cp_bytes_str("P3M"));
    else
        out->next_day = cp_day_number(cp_model_text(&m->plan, CP_M_FIRST_REVIEW));
    out->overdue = out->next_day != 0 && out->next_day < today;
}
