/* The five questions about an action (prompts.h). Owns: what answers them. */
#include "proto/prompts.h"

#include <string.h>

const char *cp_prompt_word(enum cp_prompt prompt)
{
    static const char *const words[CP_PROMPT_COUNT] = {"clear", "tell", "can", "helps", "when"};
    return words[prompt];
}

/* ---- Words that say too little ---- */

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_word(struct cp_bytes text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.len; at++) {
        size_t same = 0;
        while (same < len && (text.ptr[at + same] | 0x20U) == (uint8_t)word[same])
            same++;
        if (same == len && (at == 0 || !is_letter(text.ptr[at - 1])) &&
            (at + len == text.len || !is_letter(text.ptr[at + len])))
            return true;
    }
    return false;
}

struct cp_bytes cp_vague_word(struct cp_bytes text)
{
    static const char *const vague[] = {"liaise", "explore", "ongoing", "consider"};
    for (size_t i = 0; i < sizeof vague / sizeof vague[0]; i++)
        if (has_word(text, vague[i]))
            return cp_bytes_str(vague[i]);
    return CP_BYTES(NULL, 0);
}

/* ---- The questions ---- */

static void say(struct cp_prompt_answer *a, const char *code, struct cp_bytes more)
{
    if (a->count < CP_PROMPT_REASONS_MAX)
        a->reasons[a->count++] = (struct cp_prompt_reason){.code = code, .more = more};
}

static void say_only(struct cp_prompt_answer *a, const char *code)
{
    say(a, code, CP_BYTES(NULL, 0));
}

static void clear(const struct cp_model_item *action, struct cp_prompt_answer *a)
{
    struct cp_bytes text = cp_model_text(&action->r, CP_FIELD_TEXT), vague = cp_vague_word(text);
    bool detailed = cp_model_text(&action->r, CP_M_DETAILS).len > 0;
    if (text.len == 0)
        say_only(a, "no_text");
    if (cp_model_two(&action->r, CP_FIELD_TEXT) || cp_model_two(&action->r, CP_M_DETAILS))
        say_only(a, "two_whats");
    if (!detailed)
        say_only(a, "no_details");
    if (!detailed && vague.len > 0)
        say(a, "vague", vague);
}

static void can(const struct cp_model *m, const struct cp_model_item *action, struct cp_prompt_answer *a)
{
    static const uint16_t spends[] = {CP_M_COSTS, CP_M_USES};
    if (cp_model_two(&action->r, CP_FIELD_LEAD))
        say_only(a, "two_leads");
    else if (cp_model_link(&action->r, CP_FIELD_LEAD) == NULL)
        say_only(a, "no_lead");
    for (size_t i = 0; i < sizeof spends / sizeof spends[0]; i++)
        for (const struct cp_model_fact *f = cp_model_get(&action->r, spends[i]); f != NULL;
             f = cp_model_next(&action->r, f)) {
            const struct cp_model_item *used = cp_model_item(m, f->link);
            if (used != NULL && cp_model_state_in(used, "taken back"))
                say(a, "taken_back_used", cp_model_text(&used->r, CP_FIELD_TEXT));
        }
}

/* It serves something that matters itself, or comes from an idea for it. */
static bool helps(const struct cp_model *m, const struct cp_model_item *action)
{
    const struct cp_model_fact *f = cp_model_get(&action->r, CP_M_SERVES);
    for (; f != NULL; f = cp_model_next(&action->r, f)) {
        const struct cp_model_item *item = cp_model_item(m, f->link);
        if (item != NULL && item->r.kind == CP_RECORD_PRIORITY)
            return true;
    }
    for (f = cp_model_get(&action->r, CP_M_FROM); f != NULL; f = cp_model_next(&action->r, f)) {
        const struct cp_model_item *option = cp_model_item(m, f->link);
        const struct cp_model_item *priority =
            option == NULL ? NULL : cp_model_item(m, cp_model_link(&option->r, CP_M_FOR));
        if (priority != NULL && priority->r.kind == CP_RECORD_PRIORITY)
            return true;
    }
    return false;
}

static void when(const struct cp_model_item *action, struct cp_prompt_answer *a)
{
    int64_t start = cp_day_number(cp_model_text(&action->r, CP_M_START));
    int64_t due = cp_day_number(cp_model_text(&action->r, CP_M_DUE));
    if (cp_model_two(&action->r, CP_M_START) || cp_model_two(&action->r, CP_M_DUE) ||
        cp_model_two(&action->r, CP_M_REPEATS))
        say_only(a, "two_dates");
    if (due == 0 && cp_model_text(&action->r, CP_M_REPEATS).len == 0)
        say_only(a, "no_due");
    else if (due != 0 && start != 0 && due < start)
        say_only(a, "due_before_start");
}

void cp_prompts_of(const struct cp_model *m, const struct cp_model_item *action,
                   struct cp_prompt_answer out[static CP_PROMPT_COUNT])
{
    memset(out, 0, CP_PROMPT_COUNT * sizeof out[0]);
    clear(action, &out[CP_PROMPT_CLEAR]);
    if (cp_model_text(&action->r, CP_M_MEASURE).len == 0)
        say_only(&out[CP_PROMPT_TELL], "no_measure");
    can(m, action, &out[CP_PROMPT_CAN]);
    if (!helps(m, action))
        say_only(&out[CP_PROMPT_HELPS], "helps_nothing");
    when(action, &out[CP_PROMPT_WHEN]);
}
