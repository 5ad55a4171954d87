/*
 * Five questions about one action (domain P9): is it clear? can we tell when it is done? can we do it? does it help with
 * what matters? by when? Owns: what answers each. Must not: hold sentences; reasons are codes of the checks.
 */
#ifndef CP_PROMPTS_H
#define CP_PROMPTS_H

#include "proto/model.h"

enum cp_prompt {
    CP_PROMPT_CLEAR,
    CP_PROMPT_TELL,
    CP_PROMPT_CAN,
    CP_PROMPT_HELPS,
    CP_PROMPT_WHEN,
    CP_PROMPT_COUNT
};
/* "clear", "tell", "can", "helps", "when". */
const char *cp_prompt_word(enum cp_prompt prompt);

#define CP_PROMPT_REASONS_MAX 4U
struct cp_prompt_reason {
    const char *code;     /* as in the checks */
    struct cp_bytes more; /* the vague word, or what was taken back; empty when none */
};
struct cp_prompt_answer {
    struct cp_prompt_reason reasons[CP_PROMPT_REASONS_MAX]; /* none: yes */
    size_t count;
};
void cp_prompts_of(const struct cp_model *m, const struct cp_model_item *action,
                   struct cp_prompt_answer out[static CP_PROMPT_COUNT]);

/* The first word in it that says too little ("liaise", "explore", "ongoing"), standing alone, in any case; empty when
 * none does. */
struct cp_bytes cp_vague_word(struct cp_bytes text);

#endif
