/* Words and options of a command. Owns: splitting argv. Must not: know a command. */
#include "client/cli.h"
#include "client/hints.h"
#include "client/language.h"
#include "client/words.h"

static const struct cp_option *find_option(const struct cp_option *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++)
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static bool refuse(struct cp_cli *cli, const struct cp_command *command, const char *what)
{
    const char *args[4] = {NULL, NULL, NULL, NULL};
    char typed[1024], example[CP_HINT_MAX];
    struct cp_buf usage;

    snprintf(typed, sizeof typed, "%s%s%s", command->name, command->usage[0] != '\0' ? " " : "",
             cp_language_say("usage", command->usage));
    args[0] = typed;
    cp_buf_init(&usage, cli->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(CP_SAY_USE_SAY_IT), args, &usage);
    (void)cp_hint_example(command->name, 0, true, example, sizeof example);
    args[0] = example;
    cp_buf_put_str(&usage, ". ");
    cp_words_fill(cp_words_screen(CP_SAY_USE_EXAMPLE), args, &usage);
    cp_buf_put_byte(&usage, 0);
    cp_fail(cli, CP_ERR_USAGE, what, cp_buf_err(&usage) == CP_OK ? (const char *)usage.ptr : typed);
    cp_buf_clear(&usage);
    return false;
}

/* An option of them all, typed behind the command: said where it belongs. False: it is none of those. */
static bool refuse_global(struct cp_cli *cli, const struct cp_command *command, int argc, char **argv, int at)
{
    static const struct cp_option globals[] = {{"home", true},  {"plan", true},
                                               {"as", true},    {"passphrase-file", true},
                                               {"json", false}, {"no-start", false},
                                               {NULL, false}};
    const char *name = argv[at] + 2, *args[4] = {NULL, NULL, NULL, NULL};
    size_t len = strcspn(name, "=");
    const struct cp_option *option = find_option(globals, name, len);
    bool next = option != NULL && option->value && name[len] == '\0' && at + 1 < argc;
    struct cp_buf typed, said;

    if (option == NULL)
        return false;
    cp_buf_init(&typed, cli->mem, SIZE_MAX / 2);
    cp_buf_init(&said, cli->mem, SIZE_MAX / 2);
    cp_buf_put_str(&typed, argv[at]);
    cp_buf_put_str(&typed, next ? " " : "");
    cp_buf_put_str(&typed, next ? argv[at + 1] : "");
    cp_buf_put_byte(&typed, 0);
    args[0] = (const char *)typed.ptr;
    args[1] = command->name;
    cp_words_fill(cp_words_screen(CP_SAY_USE_BEFORE), args, &said);
    cp_buf_put_byte(&said, 0);
    cp_fail(cli, CP_ERR_USAGE, argv[at],
            cp_buf_err(&typed) == CP_OK && cp_buf_err(&said) == CP_OK ? (const char *)said.ptr : NULL);
    cp_buf_clear(&said);
    cp_buf_clear(&typed);
    return true;
}

/* Options that name somebody or something: nothing is nobody, and must not count as if the option were left out. */
static bool must_name(const char *option)
{
    static const char *const names[] = {"for", "to", "who", "without", "keep", "after", "out"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], option) == 0)
            return true;
    return false;
}

/* Options whose values their command collects; of every other only one would count, and the other words be lost. */
static bool may_stand_again(const struct cp_command *command, const char *option)
{
    static const struct {
        const char *command, *option;
    } rows[] = {{"sign", "will"},    {"sign", "will-if"},     {"sign", "cannot"},  {"paper", "will"}, {"paper", "will-if"},
                {"paper", "cannot"}, {"continue", "without"}, {"receipt", "to"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].command, command->name) == 0 && strcmp(rows[i].option, option) == 0)
            return true;
    return false;
}

/* One "--name", "--name value" or "--name=value" at argv[*i]. */
static bool take_option(struct cp_cli *cli, const struct cp_command *command, int argc, char **argv, int *i,
                        struct cp_args *out)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct cp_option *option = find_option(command->options, name, len);
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    char twice[64];

    if (option == NULL && refuse_global(cli, command, argc, argv, *i))
        return false;
    if (option == NULL || (!option->value && value != NULL))
        return refuse(cli, command, argv[*i]);
    if (option->value && value == NULL) {
        if (*i + 1 >= argc)
            return refuse(cli, command, argv[*i]);
        value = argv[++*i];
    }
    if (value != NULL && value[0] == '\0' && must_name(option->name))
        return refuse(cli, command, cp_words_screen(CP_SAY_USE_EMPTY));
    if (option->value && !may_stand_again(command, option->name) && cp_args_option(out, option->name) != NULL) {
        snprintf(twice, sizeof twice, "--%s", option->name);
        cp_fail(cli, CP_ERR_USAGE, twice, cp_words_screen(CP_SAY_USE_TWICE));
        return false;
    }
    out->options[out->options_count].name = option->name;
    out->options[out->options_count].value = value != NULL ? value : "";
    out->options_count++;
    return true;
}

bool cp_args_read(struct cp_cli *cli, const struct cp_command *command, int argc, char **argv,
                  struct cp_args *out)
{
    bool options_over = false;

    *out = (struct cp_args){0};
    if (argc < 0 || (size_t)argc > CP_ARGS_MAX) {
        cp_fail(cli, CP_ERR_TOO_BIG, command->name, NULL);
        return false;
    }
    out->words = cp_alloc_array(cli->mem, (size_t)argc + 1, sizeof *out->words);
    out->options = cp_alloc_array(cli->mem, (size_t)argc + 1, sizeof *out->options);
    if (out->words == NULL || out->options == NULL) {
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        goto fail;
    }
    for (int i = 0; i < argc; i++) {
        if (!cp_utf8_ok(cp_bytes_str(argv[i]))) {
            cp_fail(cli, CP_ERR_BAD_TEXT, NULL, NULL);
            goto fail;
        }
        if (options_over || argv[i][0] != '-' || argv[i][1] != '-') {
            out->words[out->count++] = argv[i];
        } else if (argv[i][2] == '\0') {
            options_over = true;
        } else if (!take_option(cli, command, argc, argv, &i, out)) {
            goto fail;
        }
    }
    if (out->count < command->words_min || out->count > command->words_max) {
        refuse(cli, command,
               out->count < command->words_min ? cp_words_screen(CP_SAY_USE_SOMETHING_MISSING)
                                               : out->words[command->words_max]);
        goto fail;
    }
    return true;
fail:
    cp_args_clear(cli->mem, out);
    return false;
}

void cp_args_clear(const struct cp_mem *mem, struct cp_args *args)
{
    cp_free(mem, args->words);
    cp_free(mem, args->options);
    *args = (struct cp_args){0};
}

const char *cp_args_option(const struct cp_args *args, const char *name)
{
    for (size_t i = args->options_count; i > 0; i--)
        if (strcmp(args->options[i - 1].name, name) == 0)
            return args->options[i - 1].value;
    return NULL;
}

bool cp_args_rest(struct cp_cli *cli, const struct cp_args *args, size_t from, struct cp_buf *out)
{
    for (size_t i = from; i < args->count; i++) {
        if (i > from)
            cp_buf_put_byte(out, ' ');
        cp_buf_put_str(out, args->words[i]);
    }
    if (cp_buf_err(out) == CP_OK)
        return true;
    cp_fail(cli, cp_buf_err(out), NULL, NULL);
    return false;
}
