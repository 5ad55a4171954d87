/* The form for people who answer on paper: what they mark, who was there, what the recorder types, and the slip that they
 * keep (domain 5.4, 5.6). Owns: the form. Must not: put the page's own words (html_plan.c, easyread.c), or judge answers. */
#include "client/html.h"

#include "client/language.h"
#include "client/show.h"
#include "client/value.h"

/* The four answers as people read them; the last box of the form is none, and says so. */
static const char *const answers[] = {"agree", "agree, with a worry", "stand aside", "no"};

/* ------------------------------------------------------------------------------------------- boxes and lines */

/* An empty box before words of ours. Whoever hears the page hears the words; the box is ink's. */
static void put_box(struct cp_html *h)
{
    cp_html_put(h, "<span class=\"box\" aria-hidden=\"true\"></span> ");
}

/* Room to write on, `lines` of them. */
static void put_lines(struct cp_html *h, unsigned lines)
{
    for (; lines > 0; lines--)
        cp_html_put(h, "<div class=\"line\" aria-hidden=\"true\"></div>\n");
}

/* "Your name: ______" */
static void put_entry(struct cp_html *h, enum cp_page_say say)
{
    cp_html_said(h, "<p class=\"entry\"><span>", say,
                 "</span><span class=\"fill\" aria-hidden=\"true\"></span></p>\n");
}

/* A command for whoever types, in letters that tell l from 1; what a person wrote in it is quoted for a shell. */
static void put_command(struct cp_html *h, const struct cp_buf *command)
{
    cp_html_put(h, "<p class=\"type\"><code dir=\"ltr\">");
    cp_html_bare(cp_buf_bytes(command), h->out);
    cp_html_put(h, "</code></p>\n");
}

static void put_words(struct cp_html *h, const char *before, const char *after)
{
    struct cp_buf words;

    cp_html_arg(h, &words);
    cp_buf_put_str(&words, "<b class=\"words-of-page\">");
    cp_buf_put_str(&words, h->source->check_words);
    cp_buf_put_str(&words, "</b>");
    cp_html_put(h, before);
    cp_html_say(h, CP_PAGE_SAY_FORM_CHECK, &words, NULL, NULL);
    cp_html_put(h, after);
}

/* ------------------------------------------------------------------------------------------- what came before */

/* The actions that they said they cannot do, of one row of what was asked. */
static void put_cannot(struct cp_html *h, json_t *row)
{
    json_t *action = NULL;
    struct cp_buf words;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "cannot"), i, action)
    {
        cp_html_arg(h, &words);
        cp_html_theirs(h, cp_json_bytes(action), NULL, &words);
        cp_html_put(h, "<p>");
        cp_html_say(h, CP_PAGE_SAY_FORM_ASKED_CANNOT, &words, NULL, NULL);
        cp_html_put(h, "</p>\n");
    }
}

/* "You asked: not on Mondays. This page: Tuesdays." */
static void put_asked(struct cp_html *h)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(json_object_get(h->source->agreement, "asked"), i, row)
    {
        json_t *said = json_object_get(row, "this_version");
        struct cp_buf words;

        if (h->options->person == NULL || strcmp(cp_json_text(row, "person"), h->options->person) != 0)
            continue;
        if (!any)
            cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_ASKED_HEAD, "</h3>\n");
        any = true;
        put_cannot(h, row);
        if (json_string_length(json_object_get(row, "asked")) > 0) {
            cp_html_arg(h, &words);
            cp_html_theirs(h, cp_json_bytes(json_object_get(row, "asked")), NULL, &words);
            cp_html_put(h, "<p>");
            cp_html_say(h, CP_PAGE_SAY_FORM_ASKED, &words, NULL, NULL);
            cp_html_put(h, "</p>\n");
        }
        cp_html_put(h, "<p>");
        if (json_string_length(said) > 0) {
            cp_html_arg(h, &words);
            cp_html_theirs(h, cp_json_bytes(said), NULL, &words);
            cp_html_say(h, CP_PAGE_SAY_FORM_THIS_VERSION, &words, NULL, NULL);
        } else {
            cp_html_say(h, CP_PAGE_SAY_FORM_STILL_OPEN, NULL, NULL, NULL);
        }
        cp_html_put(h, "</p>\n");
    }
    cp_html_put(h, any ? "</section>\n" : "");
}

/* What the page says otherwise than the one that this person answered before; nothing where there was none. */
static void put_since(struct cp_html *h)
{
    json_t *row = NULL;
    struct cp_buf words;
    size_t i = 0;

    if (h->source->since == NULL)
        return;
    cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_SINCE_HEAD, "</h3>\n<p>");
    cp_html_arg(h, &words);
    cp_buf_put_str(&words, h->source->since_words);
    cp_html_say(h, CP_PAGE_SAY_FORM_SINCE, &words, NULL, NULL);
    cp_html_put(h, "</p>\n");
    if (json_array_size(h->source->since) == 0)
        cp_html_said(h, "<p>", CP_PAGE_SAY_FORM_SINCE_NOTHING, "</p>\n");
    else
        cp_html_put(h, "<ul>\n");
    json_array_foreach(h->source->since, i, row)
    {
        bool gone = strcmp(cp_json_text(row, "op"), "-") == 0;

        cp_html_arg(h, &words);
        cp_html_theirs(h, cp_json_bytes(json_object_get(row, "line")), CP_HTML_OURS, &words);
        cp_html_put(h, "<li>");
        cp_html_say(h, gone ? CP_PAGE_SAY_FORM_GONE : CP_PAGE_SAY_FORM_NEW, &words, NULL, NULL);
        cp_html_put(h, "</li>\n");
    }
    cp_html_put(h, json_array_size(h->source->since) > 0 ? "</ul>\n</section>\n" : "</section>\n");
}

/* ------------------------------------------------------------------------------------------- what is marked */

static void put_meaning(struct cp_html *h)
{
    cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_MEANS_HEAD, "</h3>\n<p");
    /* The sentence that the recorded answer holds word for word, so it is never another one here. */
    cp_html_put(h, strcmp(cp_language_tag(), CP_HTML_OURS) == 0 ? ">" : " lang=\"en\">");
    cp_html_line(cp_bytes_str(cp_words_screen(CP_SAY_MEANING)), h->out);
    cp_html_said(h, "</p>\n<p>", CP_PAGE_SAY_FORM_MEANS_INK, "</p>\n<p>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_MEANS_FREE, "</p>\n</section>\n");
}

static void put_answers(struct cp_html *h)
{
    cp_html_put(h, "<ul class=\"boxes\">\n");
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        cp_html_put(h, "<li>");
        put_box(h);
        cp_html_label(answers[i], h->out);
        cp_html_put(h, "</li>\n");
    }
    cp_html_put(h, "<li>");
    put_box(h);
    cp_html_said(h, "", CP_PAGE_SAY_FORM_MORE_TIME, "</li>\n</ul>\n");
}

static void put_plan(struct cp_html *h)
{
    cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_PLAN_HEAD, "</h3>\n<p>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_MARK_ONE, "</p>\n");
    put_answers(h);
    cp_html_said(h, "<p>", CP_PAGE_SAY_FORM_WHY, "</p>\n");
    put_lines(h, 2);
    cp_html_said(h, "<p>", CP_PAGE_SAY_FORM_HELP, "</p>\n");
    put_lines(h, 2);
    cp_html_put(h, "</section>\n");
}

/* Who leads and helps, where the form is nobody's own. */
static void put_doers(struct cp_html *h, json_t *row)
{
    static const struct {
        const char *field;
        enum cp_page_say say;
    } roles[] = {{"lead", CP_PAGE_SAY_FORM_LEADS}, {"helpers", CP_PAGE_SAY_FORM_HELPS}};

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        json_t *value = json_object_get(json_object_get(row, "fields"), roles[i].field);
        struct cp_buf names;

        if (json_string_length(value) == 0 && json_array_size(value) == 0)
            continue;
        cp_html_arg(h, &names);
        cp_html_value(h, cp_html_field(roles[i].field, CP_RECORD_ACTION), row, value, &names);
        cp_html_put(h, "<p>");
        cp_html_say(h, roles[i].say, &names, NULL, NULL);
        cp_html_put(h, "</p>\n");
    }
}

static void put_action(struct cp_html *h, json_t *row)
{
    static const enum cp_page_say wills[] = {CP_PAGE_SAY_FORM_WILL, CP_PAGE_SAY_FORM_WILL_IF,
                                             CP_PAGE_SAY_FORM_CANNOT};
    struct cp_buf id;

    cp_html_put(h, "<li class=\"part\">");
    cp_html_item(h, cp_json_text(row, "id"), h->out);
    cp_html_put(h, " <span class=\"label\">(");
    cp_html_arg(h, &id);
    cp_buf_put_str(&id, cp_show_id(cp_json_text(row, "id")));
    cp_html_say(h, CP_PAGE_SAY_FORM_ACTION_ID, &id, NULL, NULL);
    cp_html_put(h, ")</span>\n");
    if (h->options->person == NULL)
        put_doers(h, row);
    cp_html_put(h, "<ul class=\"boxes\">\n");
    for (size_t i = 0; i < sizeof wills / sizeof wills[0]; i++) {
        cp_html_put(h, wills[i] == CP_PAGE_SAY_FORM_WILL_IF ? "<li class=\"entry\"><span>" : "<li>");
        put_box(h);
        cp_html_say(h, wills[i], NULL, NULL, NULL);
        cp_html_put(h, wills[i] == CP_PAGE_SAY_FORM_WILL_IF
                           ? "</span><span class=\"fill\" aria-hidden=\"true\"></span></li>\n"
                           : "</li>\n");
    }
    cp_html_put(h, "</ul>\n</li>\n");
}

/* What a page asks of somebody is what they lead or help; the same as `--will all` means. */
static bool asks(json_t *row, const char *person)
{
    return cp_html_kind(row) == CP_RECORD_ACTION &&
           (person == NULL || cp_html_names(row, "lead", person) || cp_html_names(row, "helpers", person));
}

static void put_part(struct cp_html *h)
{
    const char *person = h->options->person;
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_PART_HEAD, "</h3>\n");
    json_array_foreach(h->source->parts.items, i, row)
    {
        if (!asks(row, person))
            continue;
        if (!any)
            cp_html_said(h, "<p>", person != NULL ? CP_PAGE_SAY_FORM_PART_OWN : CP_PAGE_SAY_FORM_PART_ANY,
                         "</p>\n<ul class=\"parts\">\n");
        any = true;
        put_action(h, row);
    }
    if (any)
        cp_html_put(h, "</ul>\n");
    else
        cp_html_said(h, "<p>", CP_PAGE_SAY_FORM_PART_NONE, "</p>\n");
    cp_html_put(h, "</section>\n");
}

/* ------------------------------------------------------------------------------------------- who was there */

static void put_witness(struct cp_html *h, const char *number)
{
    struct cp_buf words;

    cp_html_arg(h, &words);
    cp_buf_put_str(&words, number);
    cp_html_put(h, "<p class=\"entry\"><span>");
    cp_html_say(h, CP_PAGE_SAY_FORM_WITNESS, &words, NULL, NULL);
    cp_html_put(h, "</span><span class=\"fill\" aria-hidden=\"true\"></span></p>\n");
}

static void put_people(struct cp_html *h)
{
    cp_html_said(h, "<section>\n<h3>", CP_PAGE_SAY_FORM_YOU_HEAD, "</h3>\n");
    if (h->options->person == NULL)
        put_entry(h, CP_PAGE_SAY_FORM_NAME);
    put_entry(h, CP_PAGE_SAY_FORM_MARK);
    put_entry(h, CP_PAGE_SAY_FORM_DAY);
    put_entry(h, CP_PAGE_SAY_FORM_HELPED);
    cp_html_said(h, "</section>\n<section>\n<h3>", CP_PAGE_SAY_FORM_OTHERS_HEAD, "</h3>\n<p>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_OTHERS_RULE, "</p>\n");
    put_entry(h, CP_PAGE_SAY_FORM_RECORDER);
    put_witness(h, "1");
    put_witness(h, "2");
    cp_html_put(h, "</section>\n");
}

/* What is typed from the sheet alone. A person is named by id: a name may be anything, also a shell's. */
static void put_record(struct cp_html *h)
{
    const char *version = cp_show_id(h->source->version);
    struct cp_buf line;

    cp_html_said(h, "<section class=\"record\">\n<h3>", CP_PAGE_SAY_FORM_RECORD_HEAD, "</h3>\n<p>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_RECORD, "</p>\n");
    cp_html_arg(h, &line);
    cp_buf_put_str(&line, "coplan paper ");
    cp_buf_put_str(&line, version);
    cp_buf_put_str(&line, " --for ");
    cp_buf_put_str(&line, h->options->person != NULL ? cp_show_id(h->options->person) : "PERSON");
    cp_buf_put_str(&line, " --check-words \"");
    cp_buf_put_str(&line, h->source->check_words);
    cp_buf_put_str(&line, "\" --agree");
    put_command(h, &line);
    cp_buf_clear(&line);
    cp_html_said(h, "<p>", CP_PAGE_SAY_FORM_WITNESSES_TYPE, "</p>\n");
    cp_html_arg(h, &line);
    cp_buf_put_str(&line, "coplan witness ANSWER");
    put_command(h, &line);
    cp_buf_clear(&line);
    cp_html_put(h, "</section>\n");
}

/* ------------------------------------------------------------------------------------------- the slip */

static void put_slip(struct cp_html *h)
{
    const char *lang = NULL;
    const char *title = cp_html_title(h, &lang);
    struct cp_buf words;

    cp_html_said(h, "<section class=\"slip\">\n<p class=\"cut\">", CP_PAGE_SAY_FORM_CUT, "</p>\n<h3>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_SLIP_HEAD, "</h3>\n<p>");
    cp_html_arg(h, &words);
    cp_html_theirs(h, cp_bytes_str(title[0] != '\0' ? title : cp_words_page(CP_PAGE_SAY_NO_TITLE)), lang,
                   &words);
    cp_html_say(h, CP_PAGE_SAY_FORM_SLIP_PLAN, &words, NULL, NULL);
    put_words(h, "</p>\n<p>", "</p>\n");
    if (h->options->person != NULL) {
        cp_html_arg(h, &words);
        cp_html_person(h, h->options->person, &words);
        cp_html_put(h, "<p>");
        cp_html_say(h, CP_PAGE_SAY_FORM_FOR, &words, NULL, NULL);
        cp_html_put(h, "</p>\n");
    } else {
        put_entry(h, CP_PAGE_SAY_FORM_NAME);
    }
    put_entry(h, CP_PAGE_SAY_FORM_SLIP_SAID);
    put_entry(h, CP_PAGE_SAY_FORM_DAY);
    put_entry(h, CP_PAGE_SAY_FORM_SLIP_SEEN);
    cp_html_arg(h, &words);
    cp_buf_put_str(&words, "<code dir=\"ltr\">coplan agreement ");
    cp_buf_put_str(&words, cp_show_id(h->source->version));
    cp_buf_put_str(&words, "</code>");
    cp_html_put(h, "<p>");
    cp_html_say(h, CP_PAGE_SAY_FORM_SLIP_ASK, &words, NULL, NULL);
    cp_html_said(h, "</p>\n<p>", CP_PAGE_SAY_FORM_SLIP_SAME, "</p>\n</section>\n");
}

void cp_html_form(struct cp_html *h)
{
    struct cp_buf name;

    cp_html_said(h, "<section class=\"form\">\n<h2>", CP_PAGE_SAY_FORM_HEAD, "</h2>\n");
    if (h->options->person != NULL) {
        cp_html_arg(h, &name);
        cp_html_person(h, h->options->person, &name);
        cp_html_put(h, "<p>");
        cp_html_say(h, CP_PAGE_SAY_FORM_FOR, &name, NULL, NULL);
        cp_html_put(h, "</p>\n");
    }
    put_words(h, "<p>", "</p>\n<p>");
    cp_html_said(h, "", CP_PAGE_SAY_FORM_CHECK_HELP, "</p>\n");
    put_asked(h);
    put_since(h);
    put_meaning(h);
    put_plan(h);
    put_part(h);
    put_people(h);
    put_record(h);
    put_slip(h);
    cp_html_put(h, "</section>\n");
}
