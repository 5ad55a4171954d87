/* Who agreed, and worries. Owns: how answers are shown. Must not: judge them: the result is the daemon's. */
#include "client/html.h"
#include "client/others.h"

#include "client/value.h"

json_t *cp_html_answers(const struct cp_html *h)
{
    json_t *all = json_array();
    json_t *sorted = NULL;

    json_array_extend(all, json_object_get(h->source->agreement, "answers"));
    json_array_extend(all, json_object_get(h->source->agreement, "apart"));
    sorted = cp_html_by_name(all);
    json_decref(all);
    return sorted;
}

static void name_arg(const struct cp_html *h, json_t *row, struct cp_buf *arg)
{
    cp_html_arg(h, arg);
    cp_html_theirs(h, cp_json_bytes(json_object_get(row, "name")), NULL, arg);
}

enum cp_page_say cp_html_will(const struct cp_html *h, json_t *answer, json_t *action, struct cp_buf *name,
                              struct cp_buf *what, struct cp_buf *when)
{
    const char *will = cp_json_text(action, "will");
    json_t *condition = json_object_get(action, "condition");

    name_arg(h, answer, name);
    cp_html_arg(h, what);
    cp_html_arg(h, when);
    cp_html_item(h, cp_json_text(action, "action"), what);
    if (json_string_length(condition) > 0)
        cp_html_theirs(h, cp_json_bytes(condition), NULL, when);
    return strcmp(will, "cannot") == 0    ? CP_PAGE_SAY_I_CANNOT
           : strcmp(will, "will if") == 0 ? CP_PAGE_SAY_I_WILL_IF
                                          : CP_PAGE_SAY_I_WILL;
}

/* "I will do: ..." for each action that the answer names. */
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

        cp_html_put(h, "<p>");
        cp_html_say(h, say, &name, &what, &when);
        cp_html_put(h, "</p>\n");
    }
}

/* A name, labelled where the page did not ask for the answer. */
static void put_name(struct cp_html *h, json_t *answer)
{
    struct cp_buf name;

    name_arg(h, answer, &name);
    if (json_is_false(json_object_get(answer, "asked"))) {
        cp_html_say(h, CP_PAGE_SAY_NOT_ASKED_LABEL, &name, NULL, NULL);
        return;
    }
    cp_buf_put_bytes(h->out, cp_buf_bytes(&name));
    cp_buf_clear(&name);
}

static void put_people(struct cp_html *h, json_t *people, struct cp_buf *out)
{
    json_t *person = NULL;
    size_t i = 0;

    json_array_foreach(people, i, person)
    {
        cp_buf_put_str(out, i > 0 ? ", " : "");
        cp_html_person(h, cp_json_text(person, "person"), out);
    }
}

/* How it was said. What somebody marked in ink is no electronic signature of theirs, and what a proxy signed is the proxy's;
 * of the others it is true that they are electronic signatures, and never more is claimed. */
static void put_method(struct cp_html *h, json_t *answer, struct cp_buf *out)
{
    const char *how = cp_json_text(answer, "how");
    struct cp_buf one;
    struct cp_buf two;

    cp_html_arg(h, &one);
    cp_html_arg(h, &two);
    if (strcmp(how, "paper") == 0) {
        put_people(h, json_object_get(answer, "witnesses"), &one);
        cp_html_person(h, cp_json_text(json_object_get(answer, "by"), "person"), &two);
        cp_html_say_into(out, CP_PAGE_SAY_SEEN_BY, &one, &two, NULL);
    } else if (strcmp(how, "proxy") == 0) {
        cp_html_person(h, cp_json_text(json_object_get(answer, "by"), "person"), &one);
        cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "name")), NULL, &two);
        cp_html_say_into(out, CP_PAGE_SAY_BY_FOR, &one, &two, NULL);
    } else {
        bool shared = strncmp(cp_json_text(answer, "method"), "shared device", 13) == 0;

        cp_html_theirs(h, cp_json_bytes(json_object_get(answer, "method")), "en", &one);
        cp_html_say_into(out, shared ? CP_PAGE_SAY_SIGNED_SHARED : CP_PAGE_SAY_SIGNED, &one, NULL, NULL);
        cp_buf_clear(&two);
    }
}

/* Within which limits, in the words of whoever let a proxy answer. */
static void put_limits(struct cp_html *h, json_t *answer)
{
    json_t *limits = json_object_get(answer, "limits");
    struct cp_buf said;

    if (json_string_length(limits) == 0)
        return;
    cp_html_arg(h, &said);
    cp_html_theirs(h, cp_json_bytes(limits), NULL, &said);
    cp_html_put(h, ", ");
    cp_html_say(h, CP_PAGE_SAY_LIMITS, &said, NULL, NULL);
}

/* The name stands here as the page prints it; what was signed may say another. */
static void put_signed_as(struct cp_html *h, json_t *answer)
{
    json_t *name = json_object_get(answer, "signed_as");
    struct cp_buf said;

    if (json_string_length(name) == 0)
        return;
    cp_html_arg(h, &said);
    cp_html_theirs(h, cp_json_bytes(name), NULL, &said);
    cp_html_put(h, ", ");
    cp_html_say(h, CP_PAGE_SAY_SIGNED_AS, &said, NULL, NULL);
}

static void put_read_as(struct cp_html *h, json_t *answer)
{
    enum cp_screen sentence = cp_how_read(answer);
    const char *const args[4] = {cp_json_text(answer, "read_language"), NULL, NULL, NULL};
    struct cp_buf text;

    if (sentence == CP_SAY_COUNT)
        return;
    cp_html_arg(h, &text);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    cp_html_put(h, ", ");
    cp_html_line(cp_buf_bytes(&text), h->out);
    cp_buf_clear(&text);
}

static void put_checked(struct cp_html *h, json_t *answer)
{
    json_t *checked = json_object_get(answer, "key_checked");
    const char *by = cp_json_text(json_object_get(answer, "by"), "person");
    json_t *person = NULL;
    struct cp_buf names;
    struct cp_buf signer;
    size_t i = 0;

    if (json_array_size(checked) == 0)
        return;
    cp_html_arg(h, &names);
    cp_html_arg(h, &signer);
    cp_html_person(h, by[0] != '\0' ? by : cp_json_text(answer, "person"), &signer);
    json_array_foreach(checked, i, person)
    {
        cp_buf_put_str(&names, i > 0 ? ", " : "");
        cp_html_theirs(h, cp_json_bytes(json_object_get(person, "name")), NULL, &names);
    }
    cp_html_put(h, ", ");
    cp_html_say(h, CP_PAGE_SAY_KEY_CHECKED_BY, &names, &signer, NULL);
}

static void put_how(struct cp_html *h, json_t *answer)
{
    json_t *helper = json_object_get(answer, "helped_by");
    struct cp_buf method;
    struct cp_buf name;

    cp_html_arg(h, &method);
    put_method(h, answer, &method);
    if (json_string_length(helper) == 0) {
        cp_buf_put_bytes(h->out, cp_buf_bytes(&method));
        cp_buf_clear(&method);
    } else {
        cp_html_arg(h, &name);
        cp_html_theirs(h, cp_json_bytes(helper), NULL, &name);
        cp_html_say(h, CP_PAGE_SAY_HELP_FROM, &method, &name, NULL);
    }
    if (cp_json_true(answer, "apart"))
        cp_html_said(h, ", <strong>", CP_PAGE_SAY_APART, "</strong>");
    put_limits(h, answer);
    put_signed_as(h, answer);
    put_read_as(h, answer);
    put_checked(h, answer);
}

static bool is_own(const json_t *answer)
{
    const char *how = cp_json_text(answer, "how");

    return strcmp(how, "paper") != 0 && strcmp(how, "proxy") != 0;
}

static void put_answers(struct cp_html *h, json_t *answers)
{
    static const enum cp_page_say heads[] = {CP_PAGE_SAY_COLUMN_NAME, CP_PAGE_SAY_COLUMN_ANSWER,
                                             CP_PAGE_SAY_COLUMN_PART, CP_PAGE_SAY_COLUMN_HOW};
    json_t *answer = NULL;
    size_t i = 0;

    if (json_array_size(answers) == 0) {
        cp_html_said(h, "<p>", CP_PAGE_SAY_NO_ANSWERS, "</p>\n");
        return;
    }
    cp_html_said(h, "<table>\n<caption>", CP_PAGE_SAY_ANSWERS_CAPTION, "</caption>\n<thead>\n<tr>");
    for (i = 0; i < sizeof heads / sizeof heads[0]; i++)
        cp_html_said(h, "<th scope=\"col\">", heads[i], "</th>");
    cp_html_put(h, "</tr>\n</thead>\n<tbody>\n");
    json_array_foreach(answers, i, answer)
    {
        cp_html_said(h, "<tr>\n<th scope=\"row\" data-head=\"", heads[0], "\">");
        put_name(h, answer);
        cp_html_said(h, "</th>\n<td data-head=\"", heads[1], "\">");
        cp_html_label(cp_json_text(answer, "answer"), h->out);
        cp_html_said(h, "</td>\n<td data-head=\"", heads[2], "\">");
        put_part(h, answer);
        cp_html_said(h, "</td>\n<td data-head=\"", heads[3], "\">");
        put_how(h, answer);
        cp_html_put(h, "</td>\n</tr>\n");
    }
    cp_html_put(h, "</tbody>\n</table>\n");
}

/* Names under a sentence, with a reason where the row has one. */
static void put_names(struct cp_html *h, enum cp_page_say say, json_t *rows)
{
    json_t *sorted = cp_html_by_name(rows);
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(sorted) > 0) {
        cp_html_said(h, "<p>", say, "</p>\n<ul>\n");
        json_array_foreach(sorted, i, row)
        {
            const char *why = cp_json_text(row, "why");
            struct cp_buf name;
            struct cp_buf reason;

            name_arg(h, row, &name);
            cp_html_arg(h, &reason);
            if (cp_json_true(row, "kept_informed"))
                why = "kept_informed";
            if (why[0] != '\0')
                cp_html_label(why, &reason);
            cp_html_put(h, "<li>");
            cp_html_say(h, CP_PAGE_SAY_NAME_WHY, &name, &reason, NULL);
            cp_html_put(h, "</li>\n");
        }
        cp_html_put(h, "</ul>\n");
    }
    json_decref(sorted);
}

/* Each reason in the words of whoever gave it, and what would help. */
static void put_worries(struct cp_html *h, json_t *answers)
{
    json_t *answer = NULL;
    bool any = false;
    size_t i = 0;

    cp_html_said(h, "<section class=\"worries\">\n<h2>", CP_PAGE_SAY_WORRIES, "</h2>\n");
    json_array_foreach(answers, i, answer)
    {
        json_t *why = json_object_get(answer, "why");
        json_t *help = json_object_get(answer, "would_agree_if");
        struct cp_buf name;
        struct cp_buf words;

        if (json_string_length(why) == 0 && json_string_length(help) == 0)
            continue;
        any = true;
        name_arg(h, answer, &name);
        cp_html_arg(h, &words);
        cp_html_label(cp_json_text(answer, "answer"), &words);
        cp_html_put(h, "<div class=\"worry\">\n<h3>");
        cp_html_say(h, CP_PAGE_SAY_SAYS, &name, &words, NULL);
        cp_html_put(h, "</h3>\n");
        if (!is_own(answer) || cp_json_true(answer, "apart")) { /* words that somebody else signed are told as that wherever they stand */
            cp_html_put(h, "<p>");
            put_how(h, answer);
            cp_html_put(h, "</p>\n");
        }
        if (json_string_length(why) > 0) {
            cp_html_put(h, "<p>");
            cp_html_theirs(h, cp_json_bytes(why), NULL, h->out);
            cp_html_put(h, "</p>\n");
        }
        if (json_string_length(help) > 0) {
            cp_html_arg(h, &words);
            cp_html_theirs(h, cp_json_bytes(help), NULL, &words);
            cp_html_put(h, "<p>");
            cp_html_say(h, CP_PAGE_SAY_WOULD_HELP, &words, NULL, NULL);
            cp_html_put(h, "</p>\n");
        }
        cp_html_put(h, "</div>\n");
    }
    if (!any)
        cp_html_said(h, "<p>", CP_PAGE_SAY_NO_WORRIES, "</p>\n");
    cp_html_put(h, "</section>\n");
}

void cp_html_agreement(struct cp_html *h)
{
    const struct cp_page_source *source = h->source;
    struct cp_buf result;
    json_t *answers = NULL;

    if (source->agreement == NULL || source->comment)
        return;
    answers = cp_html_answers(h);
    cp_html_said(h, "<section class=\"agreement\">\n<h2>", CP_PAGE_SAY_WHO_AGREED, "</h2>\n<p>");
    cp_html_arg(h, &result);
    cp_html_label(cp_json_text(source->agreement, "result"), &result);
    cp_html_say(h, CP_PAGE_SAY_RESULT, &result, NULL, NULL);
    cp_html_put(h, "</p>\n");
    put_answers(h, answers);
    put_names(h, CP_PAGE_SAY_PENDING, json_object_get(source->agreement, "pending"));
    put_names(h, CP_PAGE_SAY_WAITING, json_object_get(source->agreement, "waiting_for"));
    put_names(h, CP_PAGE_SAY_NOT_ASKED, json_object_get(source->agreement, "not_asked"));
    cp_html_put(h, "</section>\n");
    put_worries(h, answers);
    json_decref(answers);
}
