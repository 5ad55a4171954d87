/* The sentences of the checks. Owns: the tables. Must not: print. */
#include "client/words_check.h"

#include <string.h>

struct sentence {
    const char *code;
    const char *text;
};

static const struct sentence reasons[] = {
    /* P1 to P5 */
    {"nothing_of", "nobody has written down yet: {1}"},
    {"not_presented",
     "nobody has been shown why we do this together. Note it: coplan note presented plan \"...\""},
    {"not_presented_to", "not shown yet to: {1}. Note it: coplan note presented plan \"...\" to+=\"{1}\""},
    {"perspective_silent", "nobody has spoken yet for: {1}"},
    {"person_silent", "{1} has not named anything yet"},
    {"taken_back_used", "\"{1}\" needs \"{2}\", and that was taken back"},
    {"blocks_nothing", "\"{1}\": say what it gets in the way of (blocks+=ID)"},
    {"no_effect", "\"{1}\": say what it does to us (effect=...)"},
    {"impact_not_rated", "\"{1}\": nobody has said how much it matters (coplan rate ID impact 1 to 5)"},
    {"nothing_chosen", "no priority is chosen yet (coplan set ID state=chosen)"},
    {"no_gain", "\"{1}\": nobody has said what we gain"},
    {"no_inaction", "\"{1}\": nobody has said what happens if we do nothing"},
    {"not_now_no_reason", "\"{1}\" is not for now: say why (why=...)"},
    {"few_options", "\"{1}\": {2} idea(s) so far, at least 2 are needed"},
    {"no_do_nothing",
     "\"{1}\": \"do nothing\" is not among the ideas, and nobody has said what it would lead to"},
    /* P6 to P8 */
    {"commitment_missing", "\"{1}\": {2} of us have not said yet how far they would go"},
    {"no_common_ground", "\"{1}\": there is no idea yet that everyone can live with"},
    {"criteria_count", "we have {1} thing(s) that make an idea good; agree on 3 to 6"},
    {"not_scored", "\"{1}\": nobody has scored it"},
    {"chosen_place", "\"{1}\" was chosen; it stands at place {2} of {3}"},
    {"nothing_picked", "\"{1}\": no idea is picked yet (coplan set ID state=chosen)"},
    {"picked_no_reason", "\"{1}\": an idea is picked; say why (coplan note choice ID \"because ...\")"},
    {"late_scores", "{1} scores came in after we chose for \"{2}\"; see: coplan rank"},
    {"perspective_no_views", "\"{1}\": nobody has said what they think of it for: {2}"},
    {"perspective_cannot", "\"{1}\": half or more could not live with it, of: {2}"},
    {"some_cannot", "\"{1}\": half or more of a small group could not live with it"},
    {"from_no_option", "\"{1}\": say which idea it comes from (from+=ID), or why we do it (why=...)"},
    {"option_not_chosen", "\"{1}\" comes from an idea that was not chosen[: \"{2}\"]. Say why (why=...)"},
    {"not_tackled", "\"{1}\" gets in the way (rated {2} of 5) and no action deals with it"},
    /* P9 */
    {"no_text", "an action has no words"},
    {"no_details", "\"{1}\": say what exactly (details=...)"},
    {"two_whats", "\"{1}\": two of us said what it is. Which words shall we keep?"},
    {"no_lead", "\"{1}\": no lead: who makes sure it happens?"},
    {"two_leads", "\"{1}\": two names for who makes sure it happens. Choose one: coplan wordings"},
    {"lead_left", "\"{1}\": who makes sure it happens is not in the plan any more[: {2}]"},
    {"no_due", "\"{1}\": no day: by when, or how often?"},
    {"no_start", "\"{1}\": no day when it starts"},
    {"two_dates", "\"{1}\": two of us gave a day. Choose one: coplan wordings"},
    {"due_before_start", "\"{1}\": due before start"},
    {"no_measure", "\"{1}\": how will we know?"},
    {"nobody_checks", "\"{1}\": nobody checks"},
    {"no_check_every", "\"{1}\": how often do we check?"},
    {"lead_checks", "\"{1}\": the same person makes sure it happens and checks; better are two"},
    {"no_first_review", "no day when we look again (coplan set plan first_review=YYYY-MM-DD)"},
    {"no_reviewer", "nobody is named who sees to it that we look again (coplan set plan reviewer=PERSON)"},
    {"no_if_behind", "nobody has said what we do if we fall behind (coplan set plan if_behind=...)"},
    {"money_short", "money: {1} needed, {2} offered ({3} short)"},
    {"money", "money: {1} needed, {2} offered"},
    {"budget_passed", "money: {1} needed, but the plan may cost {2}"},
    {"time_short", "{1}: {2} asked, {3} offered"},
    {"time", "{1}: {2} asked, {3} offered"},
    {"time_of_nobody", "{1} of work that nobody makes sure of"},
    {"resource_short", "\"{1}\": {2} is taken from it, but there is {3}"},
    {"takes_from", "\"{1}\" takes from \"{2}\""},
    {"two_wordings",
     "two of us changed this[: \"{1}\"] ({2}). Which words shall we keep? See: coplan wordings"},
    {"no_language", "\"{1}\" has no words in: {2}"},
    /* P10 to P13 */
    {"no_final_page", "there is no final page yet (coplan freeze --stage agreement)"},
    {"no_comment_page", "no page was made for comment yet (coplan freeze --stage comment)"},
    {"no_stands", "{1} does not agree; we talked, and it still stands"},
    {"no_not_talked", "{1} does not agree, and nobody has noted a talk about it"},
    {"worry_not_talked", "{1} has a worry, and nobody has noted a talk about it"},
    {"cannot_do", "{1} cannot do: \"{2}\""},
    {"will_if", "{1} will do it if something is met: \"{2}\""},
    {"waiting_for", "we are waiting for {1}"},
    {"not_sent", "not sent yet to {1}"},
    {"sent_late", "sent late to {1} ({2})"},
    {"no_reply", "no reply yet to {1}[: \"{2}\"]"},
    {"result", "the answers so far: {1}"},
    {"not_agreed", "the final page is not agreed yet"},
    {"not_given", "{1} has no copy yet[ in the form asked for: {2}]"},
    /* capabilities */
    {"no_perspectives_needed",
     "nobody has said who must be heard (coplan set plan perspectives_needed+=...)"},
    {"no_one_yet", "{1}: no one yet"},
    {"tension_open", "\"{1}\" is a tension that nobody has talked about yet"},
    {"no_wants", "{1} has not said yet how they want to take part (coplan set me wants_format=...)"},
    {"date_clash", "\"{1}\": {2} cannot on {3}"},
    {"no_consent", "{1} has not said whether others may see which side they speak from"},
    {"leads_nothing", "makes sure of nothing so far: {1}"},
    {"nobody_who_uses_services", "\"{1}\": nobody who uses services makes sure of it or helps"},
    {"unfair_to", "\"{1}\" was found unfair by: {2}"},
    {"unfair_to_some", "\"{1}\" was found unfair by some of us"},
    {"no_hope", "nobody has said what hope looks like (hope=...)"},
    {"no_hope_said", "\"{1}\": what would hope look like?"},
    {"needs_no_strengths",
     "a need is written down (\"{1}\"), but no strength of the same person or group[: {2}]"},
    {"goals_of_others", "{1} of {2} chosen priorities come from people who use services, carers or family"},
    {"rests_on_nothing", "\"{1}\": no evidence and nothing we hold dear is linked to it"},
    {"no_option_chosen", "no idea is chosen yet"},
    {"risk_lacks", "\"{1}\": not said yet: {2}"},
    {"risk_about_nobody", "\"{1}\": say who it is about (about_person= or about_group=)"},
    {"risk_not_asked", "\"{1}\": only {2} can say how much risk is all right, and has not yet"},
    {"risk_stopped", "\"{1}\": stopped by the person it is about[: {2}]"},
    {"risk_if_what", "\"{1}\": {2} said all right, if, but not if what"},
    {"no_learning", "nobody has noted what we learned"},
    /* knowledge points */
    {"no_source", "\"{1}\": say where it comes from (source=, link= or contact=)"},
    {"no_source_date", "\"{1}\": say from when it is (source_date= or read_on=)"},
    {"source_stale", "\"{1}\" was to be checked again on {2}"},
    {"never_contacted", "nobody has been in touch with {1} yet (agreed: every {2})"},
    {"contact_overdue", "it is time to be in touch with {1} (agreed: every {2})"},
    {"obstacle_no_type", "\"{1}\": say what sort it is (type=money, time, rules, ...)"},
    {"who_could_help", "\"{1}\": nothing offered fits yet. Who here could help with this?"},
    {"no_small_test", "no idea is a small test first (pilot=yes)"},
    {"guides_for_people", "people have to say whether the guides for each stage help them"},
    {"vague", "\"{1}\" says \"{2}\": what exactly will happen?"},
    {"two_updates", "\"{1}\": two updates that differ"},
    {"late", "\"{1}\" is late: done by {2}"},
    {"no_progress", "\"{1}\" has begun, and we do not know how it goes"},
    {"check_late", "\"{1}\": time to check how it goes"},
    {"review_overdue", "it is past the day when we wanted to look again"},
};

static const struct sentence criteria[] = {
    {"P1", "why we do this together"},
    {"P2", "everyone says what matters to them"},
    {"P3", "what gets in the way"},
    {"P4", "weighing what matters most"},
    {"P4.1", "what we gain"},
    {"P4.2", "if we do nothing"},
    {"P5", "different ideas for each"},
    {"P6", "what everyone can live with"},
    {"P7", "compare our ideas"},
    {"P8", "what we will do is balanced"},
    {"P8.1", "fair to every side"},
    {"P8.2", "comes from what we chose"},
    {"P8.3", "deals with what gets in the way"},
    {"P9", "within our means, and clear"},
    {"P9.1", "what exactly"},
    {"P9.2", "who makes sure it happens"},
    {"P9.3", "when"},
    {"P9.4", "how we will know, and when we look again"},
    {"P10", "when someone does not agree"},
    {"P11", "written down and sent for comment"},
    {"P12", "everyone has answered the final page"},
    {"P13", "everyone who does something has a copy"},
    {"C1", "working together"},
    {"C2", "people take part in their own way"},
    {"C3", "people know and decide what is shown of them"},
    {"C4", "fairness"},
    {"C5", "hope and recovery"},
    {"C6", "needs and strengths side by side"},
    {"C7", "goals of the people it is for"},
    {"C8", "it rests on something"},
    {"C9", "risks that people choose themselves"},
    {"C10", "what we learn"},
    {"K-A", "what we know, and from where"},
    {"K-B", "what we hold dear"},
    {"K-C", "keeping in touch"},
    {"K-D", "what gets in the way, and who could help"},
    {"K-E", "small steps first"},
    {"K-F", "clear actions"},
    {"K-G", "how it goes"},
    {"wordings", "two wordings, and languages"},
};

const char *cp_words_check(const char *code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return reasons[i].text;
    return NULL;
}

const char *cp_words_criterion(const char *name)
{
    for (size_t i = 0; i < sizeof criteria / sizeof criteria[0]; i++)
        if (strcmp(criteria[i].code, name) == 0)
            return criteria[i].text;
    return "";
}
