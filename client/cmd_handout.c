/* Giving pages out: receipt, receipts, hand-out. Owns: what is typed and shown. Must not: judge what counts. */
#include <strings.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/markdown.h"
#include "client/page.h"
#include "client/show.h"
#include "client/value.h"
#include "client/words_page.h"

/* ------------------------------------------------------------------------------------------- receipt */

/* "easy-read" as the field has it. Borrowed from `out`. */
static const char *as_word(const char *typed, char out[static 64])
{
    size_t i = 0;

    for (; typed[i] != '\0' && i < 63; i++)
        out[i] = typed[i];
    if (typed[i] != '\0') /* longer than any of our words: as it is */
        return typed;
    out[i] = '\0';
    if (strcmp(out, "easy-read") == 0 || strcmp(out, "large-print") == 0 || strcmp(out, "could-not") == 0)
        *strchr(out, '-') = '_';
    return out;
}

static void add_field(json_t *fields, const char *name, const char *value)
{
    if (value != NULL)
        json_array_append_new(fields, json_pack("{s:s,s:s,s:s}", "name", name, "op", "=", "value", value));
}

/* The fields of one receipt, as they are typed. */
static json_t *receipt_fields(const struct cp_args *args, const char *to, const char *state)
{
    static const char *const same[] = {"language", "part", "why", NULL};
    const char *format = cp_args_option(args, "format");
    const char *how = cp_args_option(args, "how");
    json_t *fields = json_array();
    char word[64];

    add_field(fields, "to", to);
    add_field(fields, "state", as_word(state, word));
    if (format != NULL)
        add_field(fields, "format", as_word(format, word));
    for (size_t i = 0; same[i] != NULL; i++)
        add_field(fields, same[i], cp_args_option(args, same[i]));
    add_field(fields, "how", cp_args_option(args, "in-their-hand") != NULL ? "hand" : how);
    add_field(fields, "given_by", cp_args_option(args, "given-by"));
    add_field(fields, "try_again", cp_args_option(args, "try-again"));
    add_field(fields, strcmp(state, "sent") == 0 ? "sent_at" : "given_at", cp_args_option(args, "on"));
    return fields;
}

static void show_receipted(struct cp_cli *cli, json_t *value)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(value, "receipts"), i, row)
        cp_show(cli->out, CP_SAY_RECEIPTED, cp_show_id(cp_json_text(row, "to")),
                cp_words_label(cp_json_text(row, "state")), NULL, NULL);
}

static int run_receipt(struct cp_cli *cli, const struct cp_args *args)
{
    const char *state = cp_args_option(args, "state");
    json_t *all = json_array();
    json_t *value = NULL;

    for (size_t i = 0; i < args->options_count && !cli->failed; i++) {
        if (strcmp(args->options[i].name, "to") != 0)
            continue;
        json_array_append_new(
            all, cp_ask(cli, "receipt",
                        json_pack("{s:s,s:o}", "version", args->words[0], "fields",
                                  receipt_fields(args, args->options[i].value, state != NULL ? state : "")),
                        0));
    }
    if (!cli->failed && json_array_size(all) == 0)
        cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_TO), cp_words_screen(CP_SAY_USE_RECEIPT));
    if (cli->failed) {
        json_decref(all);
        return cli->status;
    }
    value = json_copy(json_array_get(all, 0)); /* of several the first, and all of them beside it */
    json_object_set_new(value, "receipts", all);
    return cp_print(cli, value, show_receipted);
}

/* ------------------------------------------------------------------------------------------- receipts */

static const char *name_or_id(const json_t *row, const char *name_key, const char *id_key)
{
    const char *name = cp_json_text(row, name_key);

    return name[0] != '\0' ? name : cp_show_id(cp_json_text(row, id_key));
}

void cp_show_receipts(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *day = cp_json_text(row, "given_at");
        const char *giver = cp_json_text(row, "given_by_name");

        if (day[0] == '\0')
            day = cp_json_text(row, "sent_at");
        cp_show(cli->out, CP_SAY_RECEIPT_LINE, name_or_id(row, "to_name", "to"),
                cp_words_label(cp_json_text(row, "counts_as")), cp_words_label(cp_json_text(row, "format")),
                day);
        cp_show(cli->out, CP_SAY_RECEIPT_BY, name_or_id(row, "name", "by"), giver, cp_json_text(row, "why"),
                cp_json_text(row, "try_again"));
    }
}

static void show_receipts(struct cp_cli *cli, json_t *rows)
{
    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_RECEIPTS, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_RECEIPTS, NULL, NULL, NULL, NULL);
    cp_show_receipts(cli, rows);
}

static int run_receipts(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "receipts",
                           json_pack("{s:s}", "version", args->count > 0 ? args->words[0] : ""), CP_ASK_ROWS),
                    show_receipts);
}

/* ------------------------------------------------------------------------------------------- hand-out */

/* Forms that are a page of HTML; any other is given as text. */
static bool is_page(const char *format)
{
    return strcmp(format, "standard") == 0 || strcmp(format, "easy_read") == 0 ||
           strcmp(format, "large_print") == 0;
}

static void show_hand_out(struct cp_cli *cli, json_t *value)
{
    json_t *row = NULL;
    json_t *clash = NULL;
    size_t i = 0;
    size_t k = 0;

    json_array_foreach(json_object_get(value, "copies"), i, row)
    {
        const char *again = cp_json_text(row, "try_again");
        const char *state = cp_json_text(row, "state");

        if (i == 0)
            cp_show(cli->out, CP_SAY_HAND_OUT_PAGE, cp_show_id(cp_json_text(row, "version")),
                    cp_words_label(cp_json_text(row, "stage")), NULL, NULL);
        cp_show(cli->out, CP_SAY_HAND_OUT_LINE, name_or_id(row, "name", "person"), cp_words_label(state),
                cp_words_label(cp_json_text(row, "format")), cp_json_text(row, "language"));
        if (!cp_json_true(row, "in_form") && (strcmp(state, "given") == 0 || strcmp(state, "got") == 0))
            cp_show(cli->out, CP_SAY_HAND_OUT_OTHER_FORM, NULL, NULL, NULL, NULL);
        if (again[0] != '\0')
            cp_show(cli->out, CP_SAY_HAND_OUT_TRY_AGAIN, again, NULL, NULL, NULL);
        json_array_foreach(json_object_get(row, "clashes"), k, clash)
            cp_show(cli->out, CP_SAY_HAND_OUT_CLASH, cp_json_text(clash, "text"), cp_json_text(clash, "day"),
                    NULL, NULL);
    }
}

/* Whom --who names on the list: an id, a beginning of one, or a name that only one of them has. NULL: reported. */
static json_t *find_on_list(struct cp_cli *cli, json_t *rows, const char *typed)
{
    json_t *found = NULL;
    json_t *row = NULL;
    size_t len = strlen(typed);
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        if (strcmp(cp_json_text(row, "name"), typed) != 0 &&
            (len < 6 || strncasecmp(cp_json_text(row, "person"), typed, len) != 0))
            continue;
        if (found != NULL) {
            cp_fail(cli, CP_ERR_AMBIGUOUS, typed, NULL);
            return NULL;
        }
        found = row;
    }
    if (found == NULL)
        cp_fail(cli, CP_ERR_NOT_FOUND, typed, NULL);
    return found;
}

/* A copy on its way to one person. */
struct copy {
    json_t *row;        /* of the list */
    const char *format; /* as the field has it */
    bool mine;          /* their part alone */
    const char *path;
    char own_path[64];
};

/* To be read out or signed: the page, and behind it the days that they said they cannot. */
static void write_text(const struct cp_page_source *source, struct cp_buf *out)
{
    json_t *row = NULL;
    size_t i = 0;

    cp_markdown_page(&source->parts, out);
    json_array_foreach(source->clashes, i, row)
    {
        const char *const args[4] = {cp_json_text(row, "text"), cp_json_text(row, "day"), NULL, NULL};
        struct cp_buf said;

        cp_buf_init(&said, out->mem, SIZE_MAX / 2);
        cp_words_fill(cp_words_page(CP_PAGE_SAY_CLASH), args, &said);
        cp_buf_put_str(out, "\n");
        cp_markdown_text(cp_buf_bytes(&said), 0, out);
        cp_buf_put_str(out, "\n");
        if (out->err == CP_OK)
            out->err = said.err;
        cp_buf_clear(&said);
    }
}

/* The file as the person asked for it; what is for neither eye nor printer comes as text to read out or to sign. */
static bool write_copy(struct cp_cli *cli, const struct copy *c, struct cp_buf *out)
{
    struct cp_page_source source;
    struct cp_page_options options = {.language = cp_json_text(c->row, "language"), .mine_only = c->mine};
    enum cp_err err = CP_OK;
    bool got = cp_page_fetch(cli, cp_json_text(c->row, "version"), &source);

    source.clashes = json_object_get(c->row, "clashes");
    if (cp_json_true(c->row, "my_part"))
        options.person = cp_json_text(c->row, "person");
    if (strcmp(c->format, "easy_read") == 0)
        options.format = CP_PAGE_EASY_READ;
    else if (strcmp(c->format, "large_print") == 0)
        options.format = CP_PAGE_LARGE;
    if (got && is_page(c->format))
        err = cp_page_render(&source, &options, out, NULL);
    else if (got)
        write_text(&source, out);
    if (err == CP_OK)
        err = cp_buf_err(out);
    if (got && err != CP_OK)
        cp_fail(cli, err, NULL, NULL);
    cp_page_release(&source);
    return !cli->failed && cp_file_write(cli, c->path, cp_buf_bytes(out));
}

/* "given", in this form, by me, in the way they asked for. */
static json_t *note_copy(struct cp_cli *cli, const struct copy *c)
{
    const char *language = cp_json_text(c->row, "language");
    const char *way = cp_json_text(c->row, "way");
    json_t *fields = json_array();

    add_field(fields, "to", cp_json_text(c->row, "person"));
    add_field(fields, "state", "given");
    add_field(fields, "format", c->format);
    add_field(fields, "part", c->mine ? "mine" : "all");
    add_field(fields, "language", language[0] != '\0' ? language : NULL);
    add_field(fields, "how", way[0] != '\0' ? way : NULL);
    return cp_ask(cli, "receipt",
                  json_pack("{s:s,s:o}", "version", cp_json_text(c->row, "version"), "fields", fields), 0);
}

static void show_copy(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_WRITTEN, cp_json_text(value, "file"), NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_HAND_OUT_NOTED, cp_json_text(value, "name"),
            cp_words_label(cp_json_text(value, "format")), NULL, NULL);
}

static int hand_out_to(struct cp_cli *cli, const struct cp_args *args, json_t *row)
{
    const char *format = cp_args_option(args, "format");
    struct copy c = {.row = row, .mine = cp_args_option(args, "mine") != NULL};
    char word[64];
    struct cp_buf out;
    json_t *receipt = NULL;

    c.format = format != NULL ? as_word(format, word) : cp_json_text(row, "format");
    if (c.format[0] == '\0')
        c.format = "standard";
    if (c.mine && !cp_json_true(row, "my_part"))
        return cp_fail(cli, CP_ERR_USAGE, "--mine", cp_words_screen(CP_SAY_HAND_OUT_NO_PART));
    /* Never by a name that somebody typed: it may be a path. */
    snprintf(c.own_path, sizeof c.own_path, "hand-out-%.12s.%s", cp_json_text(row, "person"),
             is_page(c.format) ? "html" : "md");
    c.path = cp_args_option(args, "out");
    if (c.path == NULL)
        c.path = c.own_path;
    cp_buf_init(&out, cli->mem, SIZE_MAX / 2);
    if (write_copy(cli, &c, &out))
        receipt = note_copy(cli, &c);
    if (receipt != NULL)
        cp_print(cli,
                 json_pack("{s:s,s:I,s:O,s:O,s:O,s:s,s:O}", "file", c.path, "bytes", (json_int_t)out.len,
                           "version", json_object_get(row, "version"), "person",
                           json_object_get(row, "person"), "name", json_object_get(row, "name"), "format",
                           c.format, "receipt", json_object_get(receipt, "id")),
                 show_copy);
    json_decref(receipt);
    cp_buf_clear(&out);
    return cli->status;
}

static int run_hand_out(struct cp_cli *cli, const struct cp_args *args)
{
    const char *who = cp_args_option(args, "who");
    json_t *rows = NULL;
    json_t *row = NULL;

    if (who == NULL && args->options_count > 0)
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_WHO),
                       cp_words_screen(CP_SAY_USE_HAND_OUT));
    rows = cp_ask(cli, "hand-out", json_pack("{s:s}", "version", args->count > 0 ? args->words[0] : ""),
                  CP_ASK_ROWS);
    if (rows == NULL)
        return cli->status;
    if (who == NULL) {
        json_t *first = json_array_get(rows, 0);

        return cp_print(cli,
                        json_pack("{s:s,s:s,s:o}", "version", cp_json_text(first, "version"), "stage",
                                  cp_json_text(first, "stage"), "copies", rows),
                        show_hand_out);
    }
    row = find_on_list(cli, rows, who);
    if (row != NULL)
        hand_out_to(cli, args, row);
    json_decref(rows);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option receipt_options[] = {
    {"to", true},        {"state", true}, {"format", true},   {"language", true},       {"part", true},
    {"how", true},       {"why", true},   {"given-by", true}, {"in-their-hand", false}, {"on", true},
    {"try-again", true}, {NULL, false}};

static const struct cp_option hand_out_options[] = {
    {"who", true}, {"format", true}, {"mine", false}, {"out", true}, {NULL, false}};

const struct cp_command cp_handout_commands[] = {
    {"hand-out", "[VERSION] [--who PERSON [--format FORMAT] [--mine] [--out FILE]]",
     "Who must get a copy of the page, in which form, and who has one. With --who it makes that person's copy and "
     "notes that it was given.",
     hand_out_options, 0, 1, run_hand_out},
    {"receipt",
     "VERSION --to PERSON --state sent|given|got|explained|could-not [--format FORMAT] [--language LANGUAGE] "
     "[--part all|mine] [--how hand|post|device|email] [--in-their-hand] [--given-by PERSON] [--on YYYY-MM-DD] "
     "[--why TEXT] [--try-again YYYY-MM-DD]",
     "Note that somebody was sent or given a copy, or could not be. Only they say that they got it, or you, when you "
     "put it in their hand.",
     receipt_options, 1, 1, run_receipt},
    {"receipts", "[VERSION]", "Which copies were given out.", NULL, 0, 1, run_receipts},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
