/* A plan in Easy Read. Owns: the order of the page and which sentence says which field. Must not: judge words
 * (easyread_check.c). */
#include "client/easyread.h"
#include "client/others.h"

#include "client/value.h"

/* A sentence with one value of a field in it; nothing where the field says nothing. */
static void say_value(struct cp_html *h, json_t *row, const char *key, enum cp_picture picture,
                      enum cp_page_say say)
{
    json_t *value = json_object_get(json_object_get(row, "fields"), key);
    struct cp_buf said;

    if (value == NULL || json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
        return;
    cp_html_arg(h, &said);
    cp_html_value(h, cp_html_field(key, cp_html_kind(row)), row, value, &said);
    cp_easy_say(h, picture, say, &said, NULL, NULL);
}

/* The same for each element of a list. */
static void say_each(struct cp_html *h, json_t *row, const char *key, enum cp_picture picture,
                     enum cp_page_say say)
{
    json_t *list = json_object_get(json_object_get(row, "fields"), key);
    json_t *value = NULL;
    struct cp_buf said;
    size_t i = 0;

    json_array_foreach(list, i, value)
    {
        cp_html_arg(h, &said);
        cp_html_value(h, cp_html_field(key, cp_html_kind(row)), row, value, &said);
        cp_easy_say(h, picture, say, &said, NULL, NULL);
    }
}

/* ------------------------------------------------------------------------------------------- an action */

/* What the sentences of an action say, so that it is not said again with its label. */
static const char *const action_but[] = {
    "text",    "plain",   "details",    "state",          "position", "lead",     "helpers", "consulted",
    "informed", "start",  "due",        "repeats",        "costs",    "cost_pence", "measure", "baseline",
    "target",  "checked_by", "check_every", "effort_minutes", "picture",  "picture_alt", NULL};

static void put_action(struct cp_html *h, json_t *row)
{
    json_t *fields = json_object_get(row, "fields");
    const char *lang = NULL;

    cp_html_put(h, "<section>\n");
    if (!cp_html_heading(h, fields, "text", "h3")) {
        cp_html_put(h, "<h3>");
        cp_html_words(h, row);
        cp_html_put(h, "</h3>\n");
    }
    cp_easy_item(h, row, CP_PICTURE_TICK);
    /* Plain words stand for the words and the details alike: they were written for that. */
    if (cp_html_first(h, fields, "plain", &lang)[0] == '\0')
        cp_easy_field(h, row, "details", CP_PICTURE_TICK, CP_PAGE_SAY_COUNT);
    say_value(h, row, "lead", CP_PICTURE_PERSON, CP_PAGE_SAY_EASY_LEAD);
    if (cp_json_text(fields, "lead")[0] == '\0')
        cp_easy_say(h, CP_PICTURE_PERSON, CP_PAGE_SAY_EASY_NO_LEAD, NULL, NULL, NULL);
    say_each(h, row, "helpers", CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_HELP);
    say_each(h, row, "consulted", CP_PICTURE_TALK, CP_PAGE_SAY_EASY_ASK);
    say_each(h, row, "informed", CP_PICTURE_TALK, CP_PAGE_SAY_EASY_TELL);
    say_value(h, row, "start", CP_PICTURE_DAY, CP_PAGE_SAY_EASY_START);
    say_value(h, row, "due", CP_PICTURE_DAY, CP_PAGE_SAY_EASY_DUE);
    say_value(h, row, "repeats", CP_PICTURE_AGAIN, CP_PAGE_SAY_EASY_REPEATS);
    say_value(h, row, "cost_pence", CP_PICTURE_COIN, CP_PAGE_SAY_EASY_COST);
    say_each(h, row, "costs", CP_PICTURE_COIN, CP_PAGE_SAY_EASY_USES);
    say_value(h, row, "effort_minutes", CP_PICTURE_CLOCK, CP_PAGE_SAY_EASY_TIME);
    cp_easy_field(h, row, "measure", CP_PICTURE_RULER, CP_PAGE_SAY_EASY_MEASURE);
    say_value(h, row, "baseline", CP_PICTURE_RULER, CP_PAGE_SAY_EASY_BASELINE);
    say_value(h, row, "target", CP_PICTURE_RULER, CP_PAGE_SAY_EASY_TARGET);
    say_value(h, row, "checked_by", CP_PICTURE_EYE, CP_PAGE_SAY_EASY_CHECKED_BY);
    say_value(h, row, "check_every", CP_PICTURE_EYE, CP_PAGE_SAY_EASY_CHECK_EVERY);
    cp_easy_fields(h, row, action_but);
    cp_easy_gone(h, row);
    cp_easy_wordings(h, row);
    cp_html_put(h, "</section>\n");
}

static bool has_part(json_t *row, const char *person)
{
    return cp_html_names(row, "lead", person) || cp_html_names(row, "helpers", person) ||
           cp_html_names(row, "checked_by", person) || cp_html_names(row, "consulted", person) ||
           cp_html_names(row, "informed", person);
}

/* The actions of one person, or with NULL of all. */
static void put_actions(struct cp_html *h, const char *person)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(h->source->parts.items, i, row)
    {
        if (!cp_html_stands(row, CP_RECORD_ACTION) || (person != NULL && !has_part(row, person)))
            continue;
        any = true;
        put_action(h, row);
    }
    json_array_foreach(person == NULL ? NULL : h->source->clashes, i, row)
    {
        struct cp_buf what, day;

        cp_html_arg(h, &what);
        cp_html_arg(h, &day);
        cp_html_theirs(h, cp_bytes_str(cp_json_text(row, "text")), NULL, &what);
        cp_html_day(h, cp_json_text(row, "day"), &day);
        cp_easy_say(h, CP_PICTURE_DAY, CP_PAGE_SAY_CLASH, &what, &day, NULL);
    }
    if (!any)
        cp_easy_say(h, CP_PICTURE_TICK, person != NULL ? CP_PAGE_SAY_NO_PART : CP_PAGE_SAY_NO_ACTIONS, NULL,
                    NULL, NULL);
}

static void put_all_actions(struct cp_html *h)
{
    const char *person = h->options->person;
    struct cp_buf name;

    if (person != NULL) {
        cp_html_arg(h, &name);
        cp_html_person(h, person, &name);
        cp_html_put(h, "<section>\n<h2>");
        cp_html_say(h, CP_PAGE_SAY_YOUR_PART, &name, NULL, NULL);
        cp_html_put(h, "</h2>\n");
        put_actions(h, person);
        cp_easy_risks_of(h, person);
        cp_html_put(h, "</section>\n");
    }
    if (person != NULL && h->options->mine_only)
        return;
    cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_ACTIONS, "</h2>\n");
    put_actions(h, NULL);
    cp_html_put(h, "</section>\n");
}

/* ------------------------------------------------------------------------------------------- the plan */

/* Plain words stand here and others on the page that is signed: whoever reads only this is told. */
static bool has_easier_words(struct cp_html *h)
{
    const char *lang = NULL;
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(h->source->version[0] != '\0' ? h->source->parts.items : NULL, i, row)
        if (cp_html_first(h, json_object_get(row, "fields"), "plain", &lang)[0] != '\0')
            return true;
    return false;
}

static void put_intro(struct cp_html *h)
{
    const struct cp_page_source *source = h->source;

    cp_html_put(h, "<header>\n");
    cp_html_main_heading(h);
    cp_html_put(h, "</header>\n<main>\n");
    cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_ABOUT, NULL, NULL, NULL);
    cp_easy_say(h, CP_PICTURE_TALK, CP_PAGE_SAY_EASY_MORE, NULL, NULL, NULL);
    cp_easy_say(h, CP_PICTURE_PAGE,
                source->version[0] == '\0' ? CP_PAGE_SAY_EASY_DRAFT
                : source->comment          ? CP_PAGE_SAY_EASY_COMMENT
                                           : CP_PAGE_SAY_EASY_FINAL,
                NULL, NULL, NULL);
    if (has_easier_words(h))
        cp_easy_say(h, CP_PICTURE_PAGE, CP_PAGE_SAY_EASY_PLAIN, NULL, NULL, NULL);
    cp_easy_field(h, source->parts.plan, "purpose", CP_PICTURE_HEART, CP_PAGE_SAY_COUNT);
    cp_easy_field(h, source->parts.plan, "place", CP_PICTURE_PAGE, CP_PAGE_SAY_COUNT);
}

/* The items of two kinds under one heading; nothing at all where there are none. */
static void put_kinds(struct cp_html *h, enum cp_record kind, enum cp_picture picture, enum cp_record also,
                      enum cp_picture also_picture, enum cp_page_say head)
{
    const enum cp_record kinds[2] = {kind, also};
    const enum cp_picture pictures[2] = {picture, also_picture};
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    for (size_t k = 0; k < 2; k++)
        json_array_foreach(h->source->parts.items, i, row)
        {
            if (cp_html_kind(row) != kinds[k] || !cp_easy_is_shown(row) || (k == 1 && also == kind))
                continue;
            if (!any && head < CP_PAGE_SAY_COUNT) {
                cp_html_said(h, "<section>\n<h2>", head, "</h2>\n");
            } else if (!any) {
                cp_html_put(h, "<section>\n<h2>");
                cp_html_label(cp_record_word(kind), h->out);
                cp_html_put(h, "</h2>\n");
            }
            any = true;
            cp_easy_whole(h, row, pictures[k]);
        }
    cp_html_put(h, any ? "</section>\n" : "");
}

/* What was not ready when the page was made, and why it was made all the same. */
static void put_open(struct cp_html *h, json_t *plan)
{
    json_t *open = json_object_get(plan, "left_open");
    json_t *reason = NULL;
    struct cp_buf said;
    size_t i = 0;

    json_array_foreach(open, i, reason)
    {
        cp_html_arg(h, &said);
        cp_html_theirs(h, cp_json_bytes(reason), CP_HTML_OURS, &said); /* a line of the version's text */
        cp_easy_say(h, CP_PICTURE_WARN, CP_PAGE_SAY_EASY_OPEN, &said, NULL, NULL);
    }
    if (json_array_size(open) == 0)
        return;
    cp_html_arg(h, &said);
    cp_html_theirs(h, cp_json_bytes(json_object_get(plan, "left_open_why")), NULL, &said);
    cp_easy_say(h, CP_PICTURE_WARN, CP_PAGE_SAY_LEFT_OPEN_WHY, &said, NULL, NULL);
}

/* What the sentences about the plan say. */
static const char *const plan_but[] = {"title",        "position",    "private_words", "purpose",
                                       "place",        "first_review", "review_every", "reviewer",
                                       "if_behind",    "budget_pence", NULL};

static void put_review(struct cp_html *h)
{
    json_t *plan = h->source->parts.plan;

    cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_LOOK_AGAIN, "</h2>\n");
    say_value(h, plan, "first_review", CP_PICTURE_DAY, CP_PAGE_SAY_EASY_FIRST_REVIEW);
    say_value(h, plan, "review_every", CP_PICTURE_AGAIN, CP_PAGE_SAY_EASY_REVIEW_EVERY);
    say_value(h, plan, "reviewer", CP_PICTURE_PERSON, CP_PAGE_SAY_EASY_REVIEWER);
    cp_easy_field(h, plan, "if_behind", CP_PICTURE_WARN, CP_PAGE_SAY_EASY_IF_BEHIND);
    say_value(h, plan, "budget_pence", CP_PICTURE_COIN, CP_PAGE_SAY_EASY_BUDGET);
    put_open(h, plan);
    cp_easy_fields(h, plan, plan_but);
    cp_easy_gone(h, plan);
    cp_easy_wordings(h, plan);
    cp_html_put(h, "</section>\n");
}

/* ------------------------------------------------------------------------------------------- who agreed */

static void put_reason(struct cp_html *h, json_t *answer, const char *key, enum cp_picture picture,
                       enum cp_page_say say)
{
    json_t *words = json_object_get(answer, key);
    struct cp_buf said;
    struct cp_buf name;

    if (json_string_length(words) == 0)
        return;
    cp_html_arg(h, &said);
    cp_html_arg(h, &name);
    cp_html_theirs(h, cp_json_bytes(words), NULL, &said);
    cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "name")), NULL, &name);
    if (say == CP_PAGE_SAY_SAYS) {
        cp_easy_say(h, picture, say, &name, &said, NULL);
        return;
    }
    cp_buf_clear(&name);
    cp_easy_say(h, picture, say, &said, NULL, NULL);
}

static void name_of(struct cp_html *h, const json_t *row, struct cp_buf *out)
{
    cp_html_arg(h, out);
    cp_html_theirs(h, cp_json_bytes(json_object_get(row, "name")), NULL, out);
}

/* Who signed, where it was not the person alone on a device of their own. */
static void put_how(struct cp_html *h, json_t *answer)
{
    const char *how = cp_json_text(answer, "how");
    const enum cp_screen read = cp_how_read(answer);
    json_t *witness = NULL;
    struct cp_buf name;
    struct cp_buf other;
    size_t i = 0;

    if (strcmp(how, "paper") == 0) {
        name_of(h, answer, &name);
        cp_html_arg(h, &other);
        json_array_foreach(json_object_get(answer, "witnesses"), i, witness)
        {
            cp_buf_put_str(&other, i > 0 ? ", " : "");
            cp_html_theirs(h, cp_json_bytes(json_object_get(witness, "name")), NULL, &other);
        }
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_PAPER, &name, &other, NULL);
    } else if (strcmp(how, "proxy") == 0) {
        name_of(h, json_object_get(answer, "by"), &name);
        name_of(h, answer, &other);
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_FOR, &name, &other, NULL);
    } else if (strncmp(cp_json_text(answer, "method"), "shared device", 13) == 0) {
        name_of(h, answer, &name);
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_SHARED, &name, NULL, NULL);
    }
    if (cp_how_is_open(answer)) {
        name_of(h, answer, &name);
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_UNGUARDED, &name, NULL, NULL);
    }
    if (json_string_length(json_object_get(answer, "helped_by")) > 0) {
        name_of(h, answer, &name);
        cp_html_arg(h, &other);
        cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "helped_by")), NULL, &other);
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_HELPED, &name, &other, NULL);
    }
    if (cp_json_true(answer, "apart")) {
        name_of(h, answer, &name);
        cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_APART, &name, NULL, NULL);
    }
    if (json_string_length(json_object_get(answer, "signed_as")) > 0) {
        name_of(h, answer, &name);
        cp_html_arg(h, &other);
        cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "signed_as")), NULL, &other);
        cp_easy_say(h, CP_PICTURE_PEN, CP_PAGE_SAY_EASY_SIGNED_AS, &name, &other, NULL);
    }
    if (read != CP_SAY_COUNT) {
        name_of(h, answer, &name);
        cp_easy_say(h, CP_PICTURE_PAGE,
                    read == CP_SAY_READ_ALOUD   ? CP_PAGE_SAY_EASY_READ_ALOUD
                    : read == CP_SAY_READ_EASY  ? CP_PAGE_SAY_EASY_READ_EASY
                    : read == CP_SAY_READ_LARGE ? CP_PAGE_SAY_EASY_READ_LARGE
                                                : CP_PAGE_SAY_EASY_READ_STANDARD,
                    &name, NULL, NULL);
    }
}

/* What somebody says of each action that they were asked to do: a yes to the page is not a yes to that. */
static void put_part(struct cp_html *h, json_t *answer)
{
    json_t *action = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(answer, "actions"), i, action)
    {
        struct cp_buf name;
        struct cp_buf what;
        struct cp_buf when;
        const enum cp_page_say say = cp_html_will(h, answer, action, &name, &what, &when);

        cp_easy_say(h, say == CP_PAGE_SAY_I_WILL ? CP_PICTURE_TICK : CP_PICTURE_WARN, say, &name, &what,
                    &when);
    }
}

static void put_answer(struct cp_html *h, json_t *answer)
{
    struct cp_buf name;
    struct cp_buf said;

    cp_html_arg(h, &name);
    cp_html_arg(h, &said);
    cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "name")), NULL, &name);
    cp_buf_put_str(&said, "<b>");
    cp_html_label(cp_json_text(answer, "answer"), &said);
    cp_buf_put_str(&said, "</b>");
    cp_easy_say(h, CP_PICTURE_PEN, CP_PAGE_SAY_SAYS, &name, &said, NULL);
    if (json_is_false(json_object_get(answer, "asked"))) {
        name_of(h, answer, &name);
        cp_easy_say(h, CP_PICTURE_PERSON, CP_PAGE_SAY_EASY_NOT_ASKED, &name, NULL, NULL);
    }
    put_part(h, answer);
    put_how(h, answer);
    put_reason(h, answer, "limits", CP_PICTURE_PAGE, CP_PAGE_SAY_EASY_LIMITS);
    put_reason(h, answer, "why", CP_PICTURE_TALK, CP_PAGE_SAY_SAYS);
    put_reason(h, answer, "would_agree_if", CP_PICTURE_SUN, CP_PAGE_SAY_WOULD_HELP);
}

static void put_names(struct cp_html *h, const char *key, enum cp_page_say say)
{
    json_t *rows = cp_html_by_name(json_object_get(h->source->agreement, key));
    json_t *row = NULL;
    struct cp_buf name;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        cp_html_arg(h, &name);
        cp_html_theirs(h, cp_json_bytes(json_object_get(row, "name")), NULL, &name);
        cp_easy_say(h, CP_PICTURE_PERSON, say, &name, NULL, NULL);
    }
    json_decref(rows);
}

static void put_agreement(struct cp_html *h)
{
    json_t *answers = NULL;
    json_t *answer = NULL;
    struct cp_buf said;
    size_t i = 0;

    if (h->source->agreement == NULL || h->source->comment)
        return;
    answers = cp_html_answers(h);
    cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_WHO_AGREED, "</h2>\n");
    cp_html_arg(h, &said);
    cp_html_label(cp_json_text(h->source->agreement, "result"), &said);
    cp_easy_say(h, CP_PICTURE_PEOPLE, CP_PAGE_SAY_EASY_RESULT, &said, NULL, NULL);
    json_array_foreach(answers, i, answer) put_answer(h, answer);
    put_names(h, "pending", CP_PAGE_SAY_EASY_PENDING);
    put_names(h, "waiting_for", CP_PAGE_SAY_EASY_WAITING);
    put_names(h, "not_asked", CP_PAGE_SAY_EASY_NOT_ASKED);
    cp_html_put(h, "</section>\n");
    json_decref(answers);
}

static void put_check_words(struct cp_html *h)
{
    struct cp_buf words;

    if (h->source->version[0] == '\0')
        return;
    cp_html_arg(h, &words);
    cp_buf_put_str(&words, "<b>");
    cp_buf_put_str(&words, h->source->check_words);
    cp_buf_put_str(&words, "</b>");
    cp_easy_say(h, CP_PICTURE_KEY, CP_PAGE_SAY_EASY_CHECK_WORDS, &words, NULL, NULL);
    cp_easy_say(h, CP_PICTURE_KEY, CP_PAGE_SAY_EASY_CHECK_HELP, NULL, NULL, NULL);
}

void cp_html_easy(struct cp_html *h)
{
    cp_html_head(h, "easy", h->options->form ? CP_PAGE_SAY_FORM_TITLE : CP_PAGE_SAY_COUNT);
    put_intro(h);
    put_kinds(h, CP_RECORD_BENEFIT, CP_PICTURE_SUN, CP_RECORD_INACTION, CP_PICTURE_RAIN,
              CP_PAGE_SAY_EASY_WHY);
    put_kinds(h, CP_RECORD_PRIORITY, CP_PICTURE_HEART, CP_RECORD_PRIORITY, CP_PICTURE_HEART,
              CP_PAGE_SAY_COUNT);
    put_all_actions(h);
    put_review(h);
    if (!h->options->form)
        put_agreement(h);
    cp_easy_rest(h);
    cp_easy_people(h);
    put_check_words(h);
    if (h->options->form)
        cp_html_form(h);
    cp_html_put(h, "</main>\n");
    cp_html_foot(h);
}
