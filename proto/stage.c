/* How far a plan has come (stage.h). Must not: look at records. */
#include "proto/stage.h"

const char *cp_plan_stage_word(enum cp_plan_stage stage)
{
    static const char *const words[] = {
#define X(name, word) word,
        CP_PLAN_STAGE_LIST(X)
#undef X
    };
    return words[stage];
}

static enum cp_plan_stage before_agreement(const struct cp_stage_facts *f)
{
    if (f->signing)
        return CP_PLAN_SIGNING;
    if (f->comment)
        return CP_PLAN_COMMENT;
    if (f->actions)
        return CP_PLAN_PLANNING;
    return f->ideas ? CP_PLAN_CHOOSING : CP_PLAN_GATHERING;
}

enum cp_plan_stage cp_plan_stage_of(const struct cp_stage_facts *f)
{
    if (f->agreed == 0 && !f->taken_back && !f->agreed_before)
        return before_agreement(f);
    if (f->decided_stop)
        return CP_PLAN_ENDED;
    if (f->agreed != 1 || f->signing || f->taken_back || f->comment_later || f->decided_change)
        return CP_PLAN_CHANGING;
    if (f->all_finished)
        return CP_PLAN_FINISHED;
    return f->review_due ? CP_PLAN_REVIEW_DUE : CP_PLAN_AGREED;
}
