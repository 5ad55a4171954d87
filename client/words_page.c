/* The catalogue of the pages. Owns: the table. Must not: print. */
#include "client/words_page.h"

#include <assert.h>
#include <string.h>

#include "client/language.h"

static const struct cp_words_row says[] = {
#define X(name, text) [CP_PAGE_SAY_##name] = {#name, text},
    CP_PAGE_WORDS(X)
#undef X
};

static const struct cp_words_row months[] = {
    {"1", "January"},   {"2", "February"}, {"3", "March"},     {"4", "April"},
    {"5", "May"},       {"6", "June"},     {"7", "July"},      {"8", "August"},
    {"9", "September"}, {"10", "October"}, {"11", "November"}, {"12", "December"},
};

/* What words.h does not say, or says with a unit that a page puts behind the number. */
static const struct cp_words_row labels[] = {
    {"purpose", "what it is for"},
    {"kind_of_place", "kind of place"},
    {"languages", "languages"},
    {"perspectives_needed", "who must be heard"},
    {"rule", "when we call it agreed"},
    {"everyone", "everyone has said yes"},
    {"comment_days", "days for comment"},
    {"send_within_hours", "sent to everyone within (hours)"},
    {"if_behind", "if we fall behind"},
    {"reviewer", "who makes sure that we look again"},
    {"private_words", "words to be asked about before a page is made"},
    {"criteria_order", "what makes an idea good, in order"},
    {"repeats", "how often"},
    {"review_every", "how often we look again"},
    {"first_review", "when we first look again"},
    {"costs", "uses"},
    {"cost_pence", "costs"},
    {"effort_minutes", "takes"},
    {"budget_pence", "money we have"},
    {"baseline", "now"},
    {"target", "what we want"},
    {"measure_unit", "counted in"},
    {"role_created", "a role for someone"},
    {"details", "what exactly"},
    {"uses", "uses"},
    {"public_place", "public place"},
    {"lived_experience", "someone has lived it"},
    {"local_data", "numbers from here"},
    {"research", "research"},
    {"opinion", "somebody thinks so"},
    {"about_person", "about"},
    {"by", "said by"},
    {"helped_by", "with help from"},
    {"review_on", "look again on"},
    {"early_signs", "first signs"},
    {"way_round", "a way round it"},
    {"likelihood", "how likely"},
    {"for", "for"},
    {"blocks", "gets in the way of"},
    {"dropped", "dropped"},
    {"yes", "yes"},
};

#define TABLE(context, about, rows)                            \
    {                                                          \
        context, about, rows, sizeof(rows) / sizeof((rows)[0]) \
    }
const struct cp_words_table cp_words_page_table =
    TABLE("page", "what stands on a page; without < > & and straight double quotes", says);
const struct cp_words_table cp_words_page_label_table =
    TABLE("page label", "the plain word for a field or a value, on a page", labels);
const struct cp_words_table cp_words_month_table = TABLE("month", "as in 2 July 2031", months);

const char *cp_words_page(enum cp_page_say id)
{
    assert((unsigned)id < CP_PAGE_SAY_COUNT);
    return cp_language_say("page", says[id].text);
}

bool cp_words_page_is_english(enum cp_page_say id)
{
    return strcmp(cp_language_tag(), "en") != 0 && cp_words_page(id) == says[id].text;
}

const char *cp_words_month(int month)
{
    return month >= 1 && month <= 12 ? cp_language_say("month", months[month - 1].text) : NULL;
}

const char *cp_words_page_label(const char *word, char *buf, size_t size)
{
    const char *own = cp_words_find(&cp_words_page_label_table, word);
    const char *known = cp_words_label(word);
    size_t i = 0;

    if (own != NULL)
        return own;
    if (known != word)
        return known;
    for (i = 0; i + 1 < size && word[i] != '\0'; i++)
        buf[i] = word[i] == '_' ? ' ' : word[i];
    buf[i] = '\0';
    return buf;
}
