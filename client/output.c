/* The one way out: values and refusals, as JSON or in words. Owns: stdout's form. Must not: know a command. */
#include "client/cli.h"
#include "client/cmd_check.h"
#include "client/hints.h"
#include "client/show.h"
#include "client/value.h"
#include "client/words.h"

static void *resize(void *ctx, void *old, size_t len)
{
    (void)ctx;
    if (len == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, len);
}

const struct cp_mem cp_client_mem = {.resize = resize, .ctx = NULL};

int cp_client_exit_of(enum cp_err err)
{
    if (err == CP_OK)
        return 0;
    if (err == CP_ERR_NOT_READY || err == CP_ERR_NOT_GOOD)
        return 1;
    return cp_err_class(err) == CP_CLASS_NOW || cp_err_class(err) == CP_CLASS_LOCAL ? 3 : 2;
}

static void print_json(struct cp_cli *cli, const json_t *value)
{
    json_dumpf(value, cli->out, JSON_COMPACT | JSON_ENCODE_ANY);
    fputs("\n", cli->out);
}

int cp_print(struct cp_cli *cli, json_t *value, void (*human)(struct cp_cli *cli, json_t *value))
{
    if (value == NULL)
        return cli->failed ? cli->status : cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    if (cli->json)
        print_json(cli, value);
    else
        human(cli, value);
    json_decref(value);
    return cli->status;
}

/* Prints {"error": ..} or the sentences; shown is the message as it is for people. Takes the reference to reasons. */
static void report(struct cp_cli *cli, const char *code, const char *message, const char *shown, json_t *reasons)
{
    json_t *reason = NULL;
    size_t i = 0;

    if (cli->json) {
        json_t *error =
            json_pack("{s:{s:s,s:s,s:O?}}", "error", "code", code, "message", message, "reasons", reasons);

        if (error != NULL)
            print_json(cli, error);
        json_decref(error);
    } else {
        cp_show_lines(cli->err, shown, 0);
        fputs("\n", cli->err);
        if (json_array_size(reasons) > 0)
            cp_show(cli->err, CP_SAY_REASONS, NULL, NULL, NULL, NULL);
        json_array_foreach(reasons, i, reason)
        {
            fputs("  - ", cli->err);
            cp_show_value(cli->err, reason, 4);
            fputs("\n", cli->err);
        }
    }
    json_decref(reasons);
}

static int fail_with(struct cp_cli *cli, const char *code, const char *sentence,
                     const char *const args[static 4], json_t *reasons, int exit_status)
{
    struct cp_buf message, shown;

    if (cli->failed) {
        json_decref(reasons);
        return cli->status;
    }
    cp_buf_init(&message, cli->mem, SIZE_MAX / 2);
    cp_words_fill(sentence, args, &message);
    cp_buf_put_byte(&message, 0);
    cp_buf_init(&shown, cli->mem, SIZE_MAX / 2);
    cp_show_fill(sentence, args, &shown);
    cp_buf_put_byte(&shown, 0);
    cli->failed = true;
    cli->status = exit_status;
    report(cli, code, cp_buf_err(&message) == CP_OK ? (const char *)message.ptr : code,
           cp_buf_err(&shown) == CP_OK ? (const char *)shown.ptr : code, reasons);
    cp_buf_clear(&shown);
    cp_buf_clear(&message);
    return cli->status;
}

/* The sentence of a failure here: the code's own, or one that knows better where to look. */
static const char *sentence_of(const struct cp_cli *cli, enum cp_err err, const char *about)
{
    const char *better = cp_hint_sentence(cli, err, about);

    return better != NULL ? better : cp_words_error(err);
}

int cp_fail(struct cp_cli *cli, enum cp_err err, const char *arg1, const char *arg2)
{
    const char *const args[4] = {arg1, arg2, NULL, NULL};

    return fail_with(cli, cp_err_word(err), sentence_of(cli, err, arg1), args, json_array(),
                     cp_client_exit_of(err));
}

int cp_fail_words(struct cp_cli *cli, enum cp_err err, const char *sentence)
{
    const char *const args[4] = {sentence, NULL, NULL, NULL};

    return fail_with(cli, cp_err_word(err), "{1}", args, json_array(), cp_client_exit_of(err));
}

static void take_args(const json_t *error, const char *args[static 4])
{
    const json_t *list = json_object_get(error, "args");

    for (size_t i = 0; i < 4; i++)
        args[i] = json_string_value(json_array_get(list, i));
}

/* What was typed wrongly is shown with how it is typed rightly. */
static bool example_of(const struct cp_cli *cli, struct cp_buf *out)
{
    const char *args[4] = {NULL, NULL, NULL, NULL};
    char example[CP_HINT_MAX] = "";

    if (cli->command == NULL || !cp_hint_example(cli->command->name, 0, true, example, sizeof example))
        return false;
    args[0] = example;
    cp_words_fill(cp_words_screen(CP_SAY_USE_EXAMPLE), args, out);
    cp_buf_put_byte(out, 0);
    return cp_buf_err(out) == CP_OK;
}

int cp_fail_json(struct cp_cli *cli, const json_t *error, int exit_status)
{
    const char *code = cp_json_text(error, "code");
    enum cp_err err = cp_err_of_word(code);
    const char *args[4];
    json_t *reasons = json_array();
    json_t *reason = NULL;
    struct cp_buf example;
    size_t i = 0;
    int status = 0;

    json_array_foreach(json_object_get(error, "reasons"), i, reason)
        json_array_append_new(reasons, cp_check_sentence(cli->mem, reason));
    take_args(error, args);
    if (err < CP_ERR_COUNT)
        args[0] = cp_hint_typed(cli, args[0]);
    cp_buf_init(&example, cli->mem, 1024);
    if (err == CP_ERR_USAGE && args[1] == NULL && example_of(cli, &example))
        args[1] = (const char *)example.ptr;
    status = fail_with(cli, code, err < CP_ERR_COUNT ? sentence_of(cli, err, args[0]) : "{1}", args, reasons,
                       exit_status);
    cp_buf_clear(&example);
    return status;
}
