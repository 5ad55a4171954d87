/* The command line without a daemon: what is understood, what is said, and what is safe to print. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/connect.h"
#include "client/hints.h"
#include "client/markdown.h"
#include "client/show.h"
#include "client/value.h"
#include "tests/support/heap.h"

/* ---- One run ---- */

struct run {
    int status;
    char *out;
    char *err;
    size_t out_len, err_len;
};

static char nowhere[] = "/tmp/coplan-unit-no-such-home";

/* coplan with these words, in a home that is not there. */
static struct run run(const char *first, ...)
{
    struct run r = {0};
    char *argv[32] = {(char *)(uintptr_t) "coplan", (char *)(uintptr_t) "--home", nowhere};
    int argc = 3;
    va_list words;
    FILE *out = open_memstream(&r.out, &r.out_len);
    FILE *err = open_memstream(&r.err, &r.err_len);

    va_start(words, first);
    for (const char *word = first; word != NULL; word = va_arg(words, const char *))
        argv[argc++] = (char *)(uintptr_t)word;
    va_end(words);
    r.status = cp_cli_main(argc, argv, out, err);
    fclose(out);
    fclose(err);
    return r;
}

static void end_run(struct run *r)
{
    free(r->out);
    free(r->err);
}

static void refused(struct run r, int status, const char *words)
{
    cr_assert_eq(r.status, status, "%d, not %d: %s", r.status, status, r.err);
    cr_assert_str_empty(r.out);
    cr_assert_not_null(strstr(r.err, words), "'%s' is not in: %s", words, r.err);
    end_run(&r);
}

Test(client, unknown_words_are_refused)
{
    refused(run("dance", NULL), 2, "dance");
    refused(run("plan", NULL), 2, "plan");
    refused(run("plan", "dance", NULL), 2, "plan");
    refused(run("plan new", "x", NULL), 2, "plan new");
    refused(run("list", "--loudly", NULL), 2, "--loudly");
    refused(run("list", "a", "b", NULL), 2, "coplan list");
    refused(run("set", "x", NULL), 2, "coplan set");
    refused(run("sign", "x", "--no", NULL), 2, "--no");
    refused(run("list", "--all=yes", NULL), 2, "--all=yes");
    refused(run("--loudly", "list", NULL), 2, "--loudly");
    refused(run("--plan", NULL), 2, "--plan");
    refused(run("set", "x", "text=\xff", NULL), 2, "text");
    refused(run("--plan", "\xff", "list", NULL), 2, "text");
}

Test(client, what_a_later_version_brings_says_so)
{
    refused(run("web", NULL), 2, "web");
}

Test(client, without_a_home_says_how_to_make_one)
{
    refused(run("list", NULL), 2, "coplan init");
    refused(run("--no-start", "sign", "x", "--agree", NULL), 2, "coplan init");
    cr_assert_neq(access(nowhere, F_OK), 0, "asking made a home");
}

Test(client, an_answer_is_one_and_has_its_reason)
{
    refused(run("sign", "x", NULL), 2, "--agree");
    refused(run("sign", "x", "--agree", "--no", "why", NULL), 2, "more than one");
    refused(run("sign", "x", "--worry", "", NULL), 2, "reason");
    refused(run("sign", "x", "--agree", "--will-if", "abc", NULL), 2, "abc");
    refused(run("sign", "x", "--agree", "--will-if", "=dry", NULL), 2, "=dry");
}

Test(client, fields_need_a_name_and_an_equals)
{
    refused(run("set", "x", "due", NULL), 2, "due");
    refused(run("set", "x", "=due", NULL), 2, "=due");
    refused(run("add", "action", "", NULL), 2, "empty");
    refused(run("choose", "x", "text", NULL), 2, "--keep");
    refused(run("choose", "x", "text", "--keep", "1", "--write", "y", NULL), 2, "--write");
}

/* Options that are read only to say that they are not here yet. */
static bool is_of_a_later_version(const struct cp_command *c, const struct cp_option *o)
{
    return strcmp(o->name, "map") == 0 ||
           (strcmp(c->name, "join") == 0 && strcmp(o->name, "out") == 0);
}

Test(client, every_command_explains_itself)
{
    const struct cp_command *c = NULL;

    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++) {
        char first[32], example[64], typed[CP_HINT_MAX];
        size_t len = strcspn(c->name, " ");
        struct run r;

        cr_assert_lt(len, sizeof first);
        memcpy(first, c->name, len);
        first[len] = '\0';
        r = c->name[len] == ' ' ? run(first, c->name + len + 1, "--help", NULL) : run(first, "--help", NULL);
        cr_assert_eq(r.status, 0, "%s", c->name);
        cr_assert_str_empty(r.err);
        cr_assert_not_null(strstr(r.out, c->name));
        snprintf(example, sizeof example, " %s", c->name);
        cr_assert_not_null(strstr(r.out, "For example:"), "%s shows no example", c->name);
        for (size_t n = 0; cp_hint_example(c->name, n, false, typed, sizeof typed); n++)
            cr_assert(strncmp(typed, "coplan ", 7) == 0 && strstr(typed, example) != NULL,
                      "%s: another command's example: %s", c->name, typed);
        for (const struct cp_option *o = c->options; o != NULL && o->name != NULL; o++)
            cr_assert(strstr(c->usage, o->name) != NULL || is_of_a_later_version(c, o),
                      "%s does not explain --%s", c->name, o->name);
        end_run(&r);
    }
}

Test(client, the_page_of_commands_has_them_all)
{
    const char *top = getenv("COPLAN_SRC");
    const struct cp_command *c = NULL;
    char path[4096];
    char *page = calloc(1, 1 << 18);
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/docs/commands.md", top != NULL ? top : ".");
    file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_lt(fread(page, 1, (1 << 18) - 1, file), (1 << 18) - 1);
    fclose(file);
    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++) {
        char line[1024];

        snprintf(line, sizeof line, "    coplan %s%s%s\n", c->name, c->usage[0] != '\0' ? " " : "", c->usage);
        cr_assert_not_null(strstr(page, line), "docs/commands.md does not have: %s", line);
        cr_assert_not_null(strstr(page, c->help), "docs/commands.md does not say of %s: %s", c->name,
                           c->help);
    }
    free(page);
}

Test(client, a_failure_is_one_json_value)
{
    struct run r = run("--json", "list", NULL);
    json_t *value = json_loads(r.out, 0, NULL);
    json_t *error = json_object_get(value, "error");

    cr_assert_eq(r.status, 2);
    cr_assert_str_empty(r.err);
    cr_assert_str_eq(cp_json_text(error, "code"), "no_home");
    cr_assert_gt(strlen(cp_json_text(error, "message")), 10);
    cr_assert(json_is_array(json_object_get(error, "reasons")));
    json_decref(value);
    end_run(&r);
}

Test(client, alone_it_welcomes)
{
    struct run r = run(NULL);

    cr_assert_eq(r.status, 0);
    cr_assert_not_null(strstr(r.out, "coplan init"));
    end_run(&r);
}

Test(client, words_begin_with_one_dash_or_come_after_two)
{
    const struct cp_command *command = NULL;
    struct cp_cli cli = {.mem = test_mem(), .out = stdout, .err = stderr};
    struct cp_args args;
    char *argv[] = {(char *)(uintptr_t) "-5 degrees", (char *)(uintptr_t) "x", (char *)(uintptr_t) "--",
                    (char *)(uintptr_t) "--all"};
    size_t used = 0;

    command = cp_command_find("add", NULL, &used);
    cr_assert(cp_args_read(&cli, command, 4, argv, &args));
    cr_assert_eq(args.count, 3);
    cr_assert_str_eq(args.words[0], "-5 degrees");
    cr_assert_str_eq(args.words[2], "--all");
    cp_args_clear(cli.mem, &args);
}

/* Of two values of one option only one would count, in what somebody signs too: only what is collected may stand again. */
Test(client, an_option_with_a_value_stands_once)
{
    static const char again[] = "|sign --will|sign --will-if|sign --cannot|paper --will|paper --will-if|paper --cannot|"
                                "continue --without|receipt --to|";
    const struct cp_command *c = NULL;

    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++)
        for (const struct cp_option *o = c->options; o != NULL && o->name != NULL; o++) {
            char row[96], typed[64], first[32] = "";
            size_t len = strcspn(c->name, " ");
            bool once = false;
            struct run r;

            if (!o->value)
                continue;
            snprintf(row, sizeof row, "|%s --%s|", c->name, o->name);
            snprintf(typed, sizeof typed, "--%s", o->name);
            cr_assert_lt(len, sizeof first);
            memcpy(first, c->name, len);
            r = c->name[len] == ' ' ? run(first, c->name + len + 1, typed, "1", typed, "2", NULL)
                                    : run(first, typed, "1", typed, "2", NULL);
            once = strstr(r.err, "stands there twice") != NULL && strstr(r.err, typed) != NULL && r.status == 2;
            cr_assert_eq(once, strstr(again, row) == NULL, "%s: %s", row, r.err);
            end_run(&r);
        }
}

/* ---- Sentences ---- */

static void filled(const char *sentence, const char *a, const char *b, const char *text)
{
    const char *const args[4] = {a, b, NULL, NULL};
    struct cp_buf buf;

    cp_buf_init(&buf, test_mem(), 4096);
    cp_words_fill(sentence, args, &buf);
    cp_buf_put_byte(&buf, 0);
    cr_assert_str_eq((const char *)buf.ptr, text);
    cp_buf_clear(&buf);
}

Test(client, places_are_filled_and_empty_ones_left_out)
{
    filled("a {1} b {2}", "x", "y", "a x b y");
    filled("a[ {1}].", NULL, NULL, "a.");
    filled("a[ {1}].", "", NULL, "a.");
    filled("a[ {1}][ ({2})].", "x", NULL, "a x.");
    /* What was filled in is not looked at again. */
    filled("{1}", "{2} [", "y", "{2} [");
}

Test(client, every_error_has_a_sentence)
{
    for (unsigned i = 0; i < CP_ERR_COUNT; i++) {
        const char *sentence = cp_words_error((enum cp_err)i);
        int depth = 0;

        cr_assert_gt(strlen(sentence), 10, "%s", cp_err_word((enum cp_err)i));
        for (const char *c = sentence; *c != '\0'; c++) {
            depth += *c == '[' ? 1 : *c == ']' ? -1 : 0;
            cr_assert(depth == 0 || depth == 1, "%s", sentence);
        }
        cr_assert_eq(depth, 0, "%s", sentence);
    }
    for (unsigned i = 0; i < CP_SAY_COUNT; i++)
        cr_assert_gt(strlen(cp_words_screen((enum cp_screen)i)), 1);
}

static void shown(const char *text, const char *as)
{
    struct cp_buf buf;

    cp_buf_init(&buf, test_mem(), 4096);
    cp_show_safe(cp_bytes_str(text), 2, &buf);
    cp_buf_put_byte(&buf, 0);
    cr_assert_str_eq((const char *)buf.ptr, as);
    cp_buf_clear(&buf);
}

Test(client, nobody_writes_over_our_screen)
{
    shown("plain \xc3\xa9", "plain \xc3\xa9");
    shown("\x1b[2J\a", "\\u{1b}[2J\\u{7}");
    shown("a\r\nb\tc", "a\\u{d}\n  b c");
    shown("Asha\xe2\x80\xae ahsA", "Asha\\u{202e} ahsA");
    shown("a\xe2\x80\x8b\xef\xbb\xbf", "a\\u{200b}\\u{feff}");
    shown("\xc2\x9b", "\\u{9b}");
    shown("\xff", "\\u{80}");
    shown("\xf3\xa0\x80\xa1", "\\u{e0021}");
}

/* A value in a sentence: what follows its line breaks begins deep in and with a mark, and is no row of ours. */
Test(client, what_people_wrote_makes_no_row_of_ours)
{
    static const char value[] = "x\n  Carol: I agree\n\ty\n";
    const char *const args[4] = {value, "{1}", "", NULL};
    struct cp_buf buf;

    cp_buf_init(&buf, test_mem(), 4096);
    cp_show_fill("  {1}: {2}[ ({3})]\n  ours", args, &buf);
    cp_buf_put_byte(&buf, 0);
    cr_assert_str_eq((const char *)buf.ptr,
                     "  x\n        |   Carol: I agree\n        |  y\n        | : {1}\n  ours");
    cp_buf_reset(&buf);
    cp_show_put_value(value, 9, &buf);
    cp_buf_put_byte(&buf, 0);
    cr_assert_str_eq((const char *)buf.ptr, "x\n         |   Carol: I agree\n         |  y\n         | ");
    cp_buf_clear(&buf);
}

/* ---- Values ---- */

Test(client, values_go_and_come_back)
{
    static const char text[] =
        "{\"do\":\"x\",\"with\":{\"a\":[1,-2,true,false,null,\"\xc3\xa9\"],\"b\":{},\"c\":[]}}";
    json_t *json = json_loads(text, 0, NULL);
    json_t *again = NULL;
    struct cp_api_value value;
    struct cp_buf buf;
    char *dump = NULL;

    cp_buf_init(&buf, test_mem(), 1 << 20);
    cr_assert(cp_value_put(&buf, json));
    cr_assert_eq(cp_buf_err(&buf), CP_OK);
    cr_assert_eq(cp_api_read(cp_buf_bytes(&buf), &value), CP_OK);
    again = cp_value_json(&value);
    dump = json_dumps(again, JSON_COMPACT);
    cr_assert_str_eq(dump, text);
    free(dump);
    json_decref(again);
    json_decref(json);
    json = json_pack("{s:f}", "a", 1.5);
    cr_assert_not(cp_value_put(&buf, json));
    json_decref(json);
    json = json_loads("[[[[[[[[[1]]]]]]]]]", 0, NULL);
    cr_assert_not(cp_value_put(&buf, json));
    json_decref(json);
    cp_buf_clear(&buf);
}

/* ---- Markdown ---- */

static void marked(const char *text, const char *as)
{
    struct cp_buf buf;

    cp_buf_init(&buf, test_mem(), 4096);
    cp_markdown_text(cp_bytes_str(text), 2, &buf);
    cp_buf_put_byte(&buf, 0);
    cr_assert_str_eq((const char *)buf.ptr, as);
    cp_buf_clear(&buf);
}

Test(client, words_stay_words_in_markdown)
{
    marked("plain", "plain");
    marked("# not a heading", "\\# not a heading");
    marked("- not a list", "\\- not a list");
    marked("1. not a number", "1\\. not a number");
    marked("1.5 hours", "1\\.5 hours");
    marked("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>");
    marked("[a](http://x)", "\\[a\\](http://x)");
    marked("*a* _b_ `c` a & b", "\\*a\\* \\_b\\_ \\`c\\` a \\& b");
    marked("a\nb", "a\\\n  b");
    marked("a\n\nb", "a\\\n  &nbsp;\\\n  b");
    marked("    code", "&nbsp;&nbsp;&nbsp;&nbsp;code");
    marked("a\n===", "a\\\n  \\===");
}

Test(client, whoever_ended_is_gone_though_nobody_fetched_them, .timeout = 20)
{
    struct cp_cli cli = {.mem = test_mem()};
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(0);
    snprintf(cli.home, sizeof cli.home, "%s", nowhere);
    cr_assert(cp_daemon_wait_gone(&cli, child));
    cr_assert_eq(kill(child, 0), 0, "there for kill until it is fetched");
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert(cp_daemon_wait_gone(&cli, child));
}
