/* Capability 9: safety and positive risk taking. Owns: what stands of a risk. Must not: make one number of many. */
#include <string.h>

#include "proto/check_internal.h"

static void judge_accepted(struct cp_check *c, const struct cp_model_item *risk, const uint8_t *person)
{
    const struct cp_model_view *v = cp_model_view(c->m, risk->r.id, CP_M_MEASURE_ACCEPTED_LEVEL, person);
    if (v == NULL)
        cp_say2(c, CP_CHECK_PEOPLE, "risk_not_asked", risk->r.id, cp_arg_item(risk), cp_arg_name(c, person));
    else if (cp_bytes_eq(v->value, cp_bytes_str("not_ok")))
        cp_say2(c, CP_CHECK_HARD, "risk_stopped", risk->r.id, cp_arg_item(risk), cp_arg_name(c, person));
    else if (cp_bytes_eq(v->value, cp_bytes_str("ok_if")) && v->why.len == 0)
        cp_say2(c, CP_CHECK_NO, "risk_if_what", risk->r.id, cp_arg_item(risk), cp_arg_name(c, person));
}

bool cp_risk_is_stopped(const struct cp_check *c, const struct cp_model_item *risk, const uint8_t **person)
{
    for (size_t i = 0; i < c->m->people_count; i++) {
        const uint8_t *id = c->m->people[i].r.id;
        const struct cp_model_view *v = cp_model_view(c->m, risk->r.id, CP_M_MEASURE_ACCEPTED_LEVEL, id);
        if (v == NULL || !cp_bytes_eq(v->value, cp_bytes_str("not_ok")) ||
            (!cp_model_links(&risk->r, CP_M_ABOUT_PERSON, id) && !cp_model_links(&risk->r, CP_M_AFFECTS, id)))
            continue;
        *person = id;
        return true;
    }
    return false;
}

/* ---- How big people think it is ---- */

static int64_t digit_of(const struct cp_model_view *v)
{
    return v == NULL || v->value.len != 1 || v->value.ptr[0] < '1' || v->value.ptr[0] > '5'
               ? 0
               : v->value.ptr[0] - '0';
}

bool cp_risk_range(const struct cp_model *m, const struct cp_model_item *risk, int64_t *low, int64_t *high)
{
    bool any = false;
    for (size_t i = 0; i < m->people_count; i++) {
        const uint8_t *person = m->people[i].r.id;
        int64_t likely = digit_of(cp_model_view(m, risk->r.id, CP_M_MEASURE_LIKELIHOOD, person));
        int64_t number = likely * digit_of(cp_model_view(m, risk->r.id, CP_M_MEASURE_IMPACT, person));
        if (!m->people[i].in || number == 0)
            continue;
        *low = !any || number < *low ? number : *low;
        *high = !any || number > *high ? number : *high;
        any = true;
    }
    return any;
}

/* The bands of the five-by-five table (domain 4.2). */
const char *cp_risk_word(int64_t number)
{
    if (number >= 15)
        return "extreme";
    if (number >= 8)
        return "high";
    return number >= 4 ? "moderate" : "low";
}

static void say_range(struct cp_check *c, const struct cp_model_item *risk)
{
    int64_t low = 0, high = 0;
    if (!cp_risk_range(c->m, risk, &low, &high))
        return;
    const char *least = cp_risk_word(low), *most = cp_risk_word(high);
    if (least == most)
        cp_say2(c, CP_CHECK_REMARK, "risk_seen_as", risk->r.id, cp_arg_item(risk), cp_arg_word(least));
    else
        cp_say3(c, CP_CHECK_REMARK, "risk_range", risk->r.id, cp_arg_item(risk), cp_arg_word(least),
                cp_arg_word(most));
}

void cp_check_c9(struct cp_check *c)
{
    static const struct {
        uint16_t field;
        const char *word;
    } asked[] = {{CP_M_GAIN, "gain"},
                 {CP_M_HARM, "harm"},
                 {CP_M_EARLY_SIGNS, "early_signs"},
                 {CP_M_IF_IT_HAPPENS, "if_it_happens"},
                 {CP_M_OTHER_OPTIONS, "other_options"},
                 {CP_M_REVIEW_ON, "review_on"}};
    const struct cp_model_item *risk = NULL;
    while ((risk = cp_next_of(c, CP_RECORD_RISK, risk)) != NULL) {
        if (cp_model_state_in(risk, "gone"))
            continue;
        const uint8_t *about = cp_model_link(&risk->r, CP_M_ABOUT_PERSON);
        const struct cp_model_fact *f = cp_model_get(&risk->r, CP_M_AFFECTS);
        cp_shows(c, risk->r.id);
        say_range(c, risk);
        for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
            if (cp_model_text(&risk->r, asked[i].field).len == 0)
                cp_say2(c, CP_CHECK_NO, "risk_lacks", risk->r.id, cp_arg_item(risk),
                        cp_arg_word(asked[i].word));
        if (about == NULL && cp_model_text(&risk->r, CP_M_ABOUT_GROUP).len == 0)
            cp_say1(c, CP_CHECK_NO, "risk_about_nobody", risk->r.id, cp_arg_item(risk));
        if (about != NULL)
            judge_accepted(c, risk, about);
        for (; f != NULL; f = cp_model_next(&risk->r, f))
            if (f->link != NULL && (about == NULL || memcmp(f->link, about, CP_ID_LEN) != 0))
                judge_accepted(c, risk, f->link);
    }
}
