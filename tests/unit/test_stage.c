/* The plan's stage: every combination of what its records say, against the order of the stages. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/stage.h"

static enum cp_plan_stage of(struct cp_stage_facts f)
{
    return cp_plan_stage_of(&f);
}

Test(stage, words)
{
    cr_assert_str_eq(cp_plan_stage_word(CP_PLAN_GATHERING), "gathering");
    cr_assert_str_eq(cp_plan_stage_word(CP_PLAN_COMMENT), "out for comment");
    cr_assert_str_eq(cp_plan_stage_word(CP_PLAN_REVIEW_DUE), "review due");
    cr_assert_str_eq(cp_plan_stage_word(CP_PLAN_ENDED), "ended");
}

Test(stage, before_anything_was_agreed)
{
    cr_assert_eq(of((struct cp_stage_facts){.agreed = 0}), CP_PLAN_GATHERING);
    cr_assert_eq(of((struct cp_stage_facts){.ideas = true}), CP_PLAN_CHOOSING);
    cr_assert_eq(of((struct cp_stage_facts){.ideas = true, .actions = true}), CP_PLAN_PLANNING);
    cr_assert_eq(of((struct cp_stage_facts){.actions = true, .comment = true}), CP_PLAN_COMMENT);
    cr_assert_eq(of((struct cp_stage_facts){.comment = true, .signing = true}), CP_PLAN_SIGNING);
    cr_assert_eq(of((struct cp_stage_facts){.review_due = true, .decided_stop = true}), CP_PLAN_GATHERING,
                 "nothing to review yet");
}

Test(stage, once_something_was_agreed)
{
    cr_assert_eq(of((struct cp_stage_facts){.agreed = 1, .comment = true}), CP_PLAN_AGREED);
    cr_assert_eq(of((struct cp_stage_facts){.agreed = 1, .review_due = true}), CP_PLAN_REVIEW_DUE);
    cr_assert_eq(of((struct cp_stage_facts){.agreed = 1, .review_due = true, .all_finished = true}),
                 CP_PLAN_FINISHED);
    cr_assert_eq(of((struct cp_stage_facts){.agreed = 1, .all_finished = true, .decided_stop = true}),
                 CP_PLAN_ENDED);
}

/* Each way of changing what was agreed says so, whatever else is true, as long as nobody decided to stop. */
Test(stage, changing)
{
    const struct cp_stage_facts ways[] = {{.agreed = 2},
                                          {.agreed = 1, .signing = true},
                                          {.taken_back = true},
                                          {.agreed = 1, .taken_back = true},
                                          {.agreed_before = true, .signing = true},
                                          {.agreed = 1, .comment = true, .comment_later = true},
                                          {.agreed = 1, .decided_change = true}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        for (unsigned more = 0; more < 8; more++) {
            struct cp_stage_facts f = ways[i];
            f.review_due = (more & 1U) != 0;
            f.all_finished = (more & 2U) != 0;
            f.actions = (more & 4U) != 0;
            cr_assert_eq(of(f), CP_PLAN_CHANGING, "way %zu, and %u", i, more);
            f.decided_stop = true;
            cr_assert_eq(of(f), CP_PLAN_ENDED);
        }
}
