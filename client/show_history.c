/*
 * Values of fields and what happened to them, in words. Owns: these lines. Must not: ask the daemon, or judge what counts.
 */
#include "client/show.h"
#include "client/value.h"

/* Ids are for machines: a person by name, anything else by the beginning of its id. */
void cp_show_field_value(struct cp_cli *cli, json_t *people, const char *name, json_t *value)
{
    const char *text = json_string_value(value);
    json_t *person = NULL;
    json_t *element = NULL;
    size_t i = 0;

    json_array_foreach(value, i, element)
    {
        fputs(i > 0 ? ", " : "", cli->out);
        cp_show_field_value(cli, people, name, element);
    }
    if (json_is_array(value))
        return;
    if (json_is_object(value)) {
        fprintf(cli->out, "%s: ", cp_show_id(cp_json_text(value, "id")));
        cp_show_value(cli->out, json_object_get(value, "amount"), 0);
        return;
    }
    json_array_foreach(people, i,
                       person) if (text != NULL && strcmp(cp_json_text(person, "person"), text) == 0)
    {
        cp_show_text(cli->out, cp_json_text(person, "name"), 6);
        return;
    }
    if (text != NULL && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
        fputs(cp_show_id(text), cli->out);
    else if (text != NULL)
        cp_show_text(cli->out, cp_words_of_field(name, text), 6);
    else if (json_is_null(value))
        cp_show_part(cli->out, CP_SAY_TAKEN_OUT, NULL, NULL, NULL, NULL);
    else
        cp_show_value(cli->out, value, 6);
}

void cp_show_wordings(struct cp_cli *cli, json_t *wordings, json_t *people, const char *id, const char *field)
{
    json_t *wording = NULL;
    size_t i = 0;

    json_array_foreach(wordings, i, wording)
    {
        const char *name = cp_json_text(wording, "name");

        fprintf(cli->out, "    %zu. ", i + 1);
        cp_show_field_value(cli, people, field, json_object_get(wording, "value"));
        fputs("   (", cli->out);
        cp_show_text(cli->out, name[0] != '\0' ? name : cp_show_id(cp_json_text(wording, "by")), 0);
        fputs(")\n", cli->out);
        if (id == NULL)
            continue;
        fputs("       ", cli->out);
        cp_show(cli->out, CP_SAY_HOW_TO_KEEP, cp_show_id(id), field, cp_show_id(cp_json_text(wording, "entry")),
                NULL);
    }
    if (id != NULL)
        cp_show(cli->out, CP_SAY_HOW_TO_CHOOSE, cp_show_id(id), field, NULL, NULL);
}

/* "set lead, due" out of {kind, subkind, fields} or a plain word. */
static void show_what(struct cp_cli *cli, json_t *what)
{
    json_t *field = NULL;
    size_t i = 0;

    if (!json_is_object(what)) {
        if (json_is_string(what))
            cp_show_text(cli->out, cp_words_value(json_string_value(what)), 4);
        else
            cp_show_value(cli->out, what, 4);
        return;
    }
    cp_show_text(cli->out, cp_words_done(cp_json_text(what, "kind")), 4);
    if (cp_json_text(what, "subkind")[0] != '\0') {
        fputs(" ", cli->out);
        cp_show_text(cli->out, cp_words_value(cp_json_text(what, "subkind")), 4);
    }
    json_array_foreach(json_object_get(what, "fields"), i, field)
    {
        fputs(i > 0 ? ", " : ": ", cli->out);
        cp_show_text(cli->out, cp_words_value(json_is_string(field) ? json_string_value(field) : ""), 4);
    }
}

/* What a person signed counts whoever wrote it down, also a device that has yet to come along. */
static bool counts_by_itself(const char *kind)
{
    return strcmp(kind, "withdraw") == 0 || strcmp(kind, "key") == 0;
}

static void show_entry(struct cp_cli *cli, json_t *row)
{
    const char *name = cp_json_text(row, "name");

    fprintf(cli->out, "  %s  ", cp_show_id(cp_json_text(row, "entry")));
    cp_show_text(cli->out, name[0] != '\0' ? name : cp_show_id(cp_json_text(row, "by")), 4);
    fputs("  ", cli->out);
    show_what(cli, json_object_get(row, "what"));
    if (cp_json_true(row, "void") && !counts_by_itself(cp_json_text(json_object_get(row, "what"), "kind")))
        fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_MADE_AFTER_LOST));
    if (json_is_true(json_object_get(row, "withdrawn"))) {
        fputs("  ", cli->out);
        fprintf(cli->out, "(%s)", cp_words_screen(CP_SAY_WORDS_GONE));
    }
    fputs("  ", cli->out);
    cp_show(cli->out, CP_SAY_SHOW_CLAIMED, cp_show_time(cp_json_number(row, "claimed_at")), NULL, NULL, NULL);
}

void cp_show_log(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
        show_entry(cli, row);
}

/* Does this value stand in the field now, alone, in a list or as one of two wordings? */
static bool stands(json_t *shown, const char *field, json_t *value)
{
    json_t *now = json_object_get(json_object_get(shown, "fields"), field);
    json_t *one = NULL;
    size_t i = 0;

    json_array_foreach(now, i, one)
        if (json_equal(one, value))
            return true;
    json_array_foreach(json_object_get(json_object_get(shown, "wordings"), field), i, one)
        if (json_equal(json_object_get(one, "value"), value))
            return true;
    return json_equal(now, value);
}

/* What happened, with the words that stood once and do not now: they can be read nowhere else. */
void cp_show_history(struct cp_cli *cli, json_t *shown, json_t *people)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(json_object_get(shown, "history")) > 0)
        cp_show(cli->out, CP_SAY_HISTORY, NULL, NULL, NULL, NULL);
    json_array_foreach(json_object_get(shown, "history"), i, row)
    {
        json_t *wrote = NULL;
        size_t n = 0;

        show_entry(cli, row);
        json_array_foreach(json_object_get(json_object_get(row, "what"), "values"), n, wrote)
        {
            const char *field = cp_json_text(wrote, "field");
            json_t *value = json_object_get(wrote, "value");

            if (strcmp(field, "position") == 0 || strcmp(field, "state") == 0 || stands(shown, field, value))
                continue;
            cp_show_part(cli->out, CP_SAY_FORMER, cp_words_value(field), NULL, NULL, NULL);
            cp_show_field_value(cli, people, field, value);
            fputs("\n", cli->out);
        }
    }
}
