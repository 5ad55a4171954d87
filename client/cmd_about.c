/* What there is about the plan and about me: export evidence, about-me. Owns: their requests. Must not: lay pages out. */
#include "client/cmd_check.h"
#include "client/connect.h"
#include "client/evidence.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- evidence */

void cp_export_evidence(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    const char *on = cp_args_option(args, "on");
    json_t *rows = cp_ask(cli, "evidence", json_pack("{s:s}", "on", on != NULL ? on : ""), CP_ASK_ROWS);
    enum cp_err err = CP_OK;

    if (rows == NULL)
        return;
    cp_check_add_why(cli, rows);
    err = cp_evidence_write(rows, cp_args_option(args, "html") != NULL, out);
    if (err != CP_OK)
        cp_fail(cli, err, NULL, NULL);
    json_decref(rows);
}

/* ------------------------------------------------------------------------------------------- about-me */

/* A section, its heading, and the line of one row with the members that fill its places. */
static const struct {
    const char *section;
    enum cp_screen title;
    enum cp_screen line;
    const char *members[4];
} sections[] = {
    {"device", CP_SAY_ABOUT_DEVICES, CP_SAY_ABOUT_DEVICE, {"device", "name", NULL, NULL}},
    {"view", CP_SAY_ABOUT_VIEWS, CP_SAY_ABOUT_VIEW, {"text", "measure", "value", "why"}},
    {"answer", CP_SAY_ABOUT_ANSWERS, CP_SAY_ABOUT_ANSWER, {"version", "answer", "why", NULL}},
    {"page", CP_SAY_ABOUT_PAGES, CP_SAY_ABOUT_PAGE, {"version", "stage", NULL, NULL}},
    {"mention", CP_SAY_ABOUT_MENTION, CP_SAY_ABOUT_PLACE, {"kind", "text", "field", NULL}},
    {"named in words", CP_SAY_ABOUT_WORDS, CP_SAY_ABOUT_PLACE, {"kind", "text", "field", NULL}},
    {"note about me", CP_SAY_ABOUT_NOTES, CP_SAY_ABOUT_PLACE, {"kind", "text", NULL, NULL}},
    {"kept for myself", CP_SAY_ABOUT_PRIVATE, CP_SAY_ABOUT_PLACE, {"kind", "text", NULL, NULL}},
};

/* Ids are for machines: their beginning is enough to ask further with. */
static const char *short_text(json_t *row, const char *member)
{
    const char *text = member != NULL ? cp_json_text(row, member) : "";

    if (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
        return cp_show_id(text);
    return cp_words_label(text);
}

static void show_section(struct cp_cli *cli, json_t *rows, size_t s)
{
    bool any = false;
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *const *members = sections[s].members;

        if (strcmp(cp_json_text(row, "section"), sections[s].section) != 0)
            continue;
        if (!any)
            cp_show(cli->out, sections[s].title, NULL, NULL, NULL, NULL);
        any = true;
        cp_show(cli->out, sections[s].line, short_text(row, members[0]), short_text(row, members[1]),
                short_text(row, members[2]), short_text(row, members[3]));
    }
}

/* What I say of myself, field by field. */
static void show_me(struct cp_cli *cli, json_t *row)
{
    const char *key = NULL;
    json_t *value = NULL;

    cp_show(cli->out, CP_SAY_ABOUT_ME, cp_json_text(row, "name"), cp_show_id(cp_json_text(row, "person")),
            NULL, NULL);
    json_object_foreach(json_object_get(row, "fields"), key, value)
    {
        fputs("  ", cli->out);
        cp_show_text(cli->out, cp_words_label(key), 2);
        fputs(": ", cli->out);
        cp_show_value(cli->out, value, 4);
        fputs("\n", cli->out);
    }
}

/* Rows with an object of their own. */
static void show_inner(struct cp_cli *cli, json_t *rows, const char *section, enum cp_screen title)
{
    json_t *found = json_array();
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *member = strcmp(section, "wrote") == 0 ? "entry" : section;

        if (strcmp(cp_json_text(row, "section"), section) == 0)
            json_array_append(found, json_object_get(row, member));
    }
    if (json_array_size(found) > 0)
        cp_show(cli->out, title, NULL, NULL, NULL, NULL);
    if (strcmp(section, "receipt") == 0)
        cp_show_receipts(cli, found);
    else
        cp_show_log(cli, found);
    json_decref(found);
}

static void show_about(struct cp_cli *cli, json_t *rows)
{
    show_me(cli, json_array_get(rows, 0));
    for (size_t s = 0; s < sizeof sections / sizeof sections[0]; s++)
        show_section(cli, rows, s);
    show_inner(cli, rows, "receipt", CP_SAY_ABOUT_COPIES);
    show_inner(cli, rows, "wrote", CP_SAY_ABOUT_WROTE);
}

/* What somebody keeps for themselves is in no plan, but it is held, and only here. */
static void add_private(struct cp_cli *cli, json_t *rows)
{
    json_t *kept = cp_ask(cli, "private-list", json_object(), CP_ASK_ROWS);
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(kept, i, row)
    {
        json_object_set_new(row, "section", json_string("kept for myself"));
        json_array_append(rows, row);
    }
    json_decref(kept);
}

static int run_about(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *rows = cp_ask(cli, "about-me", json_object(), CP_ASK_ROWS);

    (void)args;
    if (rows != NULL)
        add_private(cli, rows);
    if (cli->failed) { /* the half of it would look like all */
        json_decref(rows);
        return cli->status;
    }
    return cp_print(cli, rows, show_about);
}

/* ------------------------------------------------------------------------------------------- the table */

const struct cp_command cp_about_commands[] = {
    {"about-me", "", "Everything that this plan and this device hold about you: for you alone.", NULL, 0, 0,
     run_about},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
