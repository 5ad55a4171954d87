/*
 * From argv to a command. Owns: the global options, the home's place, the order of things in one run.
 * Must not: know what a command does.
 */
#include "client/cli.h"

#include <locale.h>
#include <sodium.h>
#include <sys/stat.h>

#include "client/language.h"
#include "client/words.h"

#define CLIENT_VERSION "coplan 0.1"

static bool usage(struct cp_cli *cli, const char *what)
{
    cp_fail(cli, CP_ERR_USAGE, what, cp_words_screen(CP_SAY_USE_SEE_HELP));
    return false;
}

/* verify and the guide to a stage need no home: who checks a folder may have no HOME either. */
static bool needs_home(const struct cp_command *command, const struct cp_args *args)
{
    return strcmp(command->name, "verify") != 0 && (strcmp(command->name, "guide") != 0 || args->count == 0);
}

/* The place of the home, or "" where nothing says where it is. False: it is too long. */
static bool place_home(struct cp_cli *cli, const char *typed)
{
    const char *env = getenv("COPLAN_HOME");
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");
    int len = 0;

    if (typed == NULL && env != NULL && env[0] != '\0')
        typed = env;
    if (typed != NULL)
        len = snprintf(cli->home, sizeof cli->home, "%s", typed);
    else if (xdg != NULL && xdg[0] == '/')
        len = snprintf(cli->home, sizeof cli->home, "%s/coplan", xdg);
    else if (user != NULL && user[0] != '\0')
        len = snprintf(cli->home, sizeof cli->home, "%s/.local/share/coplan", user);
    else
        cli->home[0] = '\0';
    return (typed == NULL || len > 0) && (size_t)len < sizeof cli->home;
}

bool cp_cli_find_home(struct cp_cli *cli, const char *typed)
{
    if (!place_home(cli, typed))
        return usage(cli, "--home");
    return cli->home[0] != '\0' || usage(cli, cp_words_screen(CP_SAY_USE_NO_HOME_VARIABLE));
}

static bool home_holds(const struct cp_cli *cli, const char *name)
{
    char path[sizeof cli->home + 16];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", cli->home, name);
    return lstat(path, &st) == 0;
}

bool cp_cli_has_home(const struct cp_cli *cli)
{
    return home_holds(cli, "keys");
}

bool cp_cli_is_carrier(const struct cp_cli *cli)
{
    return !cp_cli_has_home(cli) && home_holds(cli, "carrier");
}

struct globals {
    const char *home;
    bool help;
    bool version;
};

/* Options before COMMAND. *next gets the place of COMMAND. */
static bool read_globals(struct cp_cli *cli, int argc, char **argv, struct globals *g, int *next)
{
    const struct {
        const char *name;
        const char **value;
        bool *flag;
    } known[] = {
        {"home", &g->home, NULL},
        {"plan", &cli->plan, NULL},
        {"as", &cli->as, NULL},
        {"json", NULL, &cli->json},
        {"passphrase-file", &cli->passphrase_file, NULL},
        {"no-start", NULL, &cli->no_start},
        {"help", NULL, &g->help},
        {"version", NULL, &g->version},
    };
    int i = 1;

    for (; i < argc && argv[i][0] == '-' && argv[i][1] == '-'; i++) {
        const char *name = argv[i] + 2;
        size_t len = strcspn(name, "=");
        size_t k = 0;

        while (k < sizeof known / sizeof known[0] &&
               (strlen(known[k].name) != len || memcmp(known[k].name, name, len) != 0))
            k++;
        if (k == sizeof known / sizeof known[0] || (known[k].flag != NULL && name[len] == '='))
            return usage(cli, argv[i]);
        if (known[k].flag != NULL) {
            *known[k].flag = true;
        } else if (name[len] == '=') {
            *known[k].value = name + len + 1;
        } else if (i + 1 < argc) {
            *known[k].value = argv[++i];
        } else {
            return usage(cli, argv[i]);
        }
    }
    *next = i;
    return true;
}

/* No command is called that; where it is the first word of some ("carry"), they are named. */
static void unknown(struct cp_cli *cli, const char *first)
{
    const struct cp_command *c = NULL;
    const char *args[4] = {NULL, NULL, NULL, NULL};
    struct cp_buf names, text;
    size_t len = strlen(first);

    cp_buf_init(&names, cli->mem, 4096);
    cp_buf_init(&text, cli->mem, 8192);
    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++) {
        if (strncmp(c->name, first, len) != 0 || c->name[len] != ' ')
            continue;
        cp_buf_put_str(&names, names.len > 0 ? ", coplan " : "coplan ");
        cp_buf_put_str(&names, c->name);
    }
    cp_buf_put_byte(&names, 0);
    args[0] = (const char *)names.ptr;
    cp_words_fill(cp_words_screen(CP_SAY_USE_ONE_OF), args, &text);
    cp_buf_put_byte(&text, 0);
    if (names.len > 1 && cp_buf_err(&names) == CP_OK && cp_buf_err(&text) == CP_OK)
        cp_fail(cli, CP_ERR_USAGE, first, (const char *)text.ptr);
    else
        usage(cli, first);
    cp_buf_clear(&text);
    cp_buf_clear(&names);
}

/* Help and the version are texts; with --json a text is one JSON string. */
enum about { ABOUT_VERSION, ABOUT_ALL, ABOUT_COMMAND, ABOUT_FIRST };

/* False: there is no such help. */
static bool put_about(FILE *out, enum about what, const struct cp_command *command, const char *first)
{
    if (what == ABOUT_FIRST)
        return cp_help_first(out, first);
    if (what == ABOUT_VERSION)
        fprintf(out, "%s\n", CLIENT_VERSION);
    else if (what == ABOUT_ALL)
        cp_help_all(out);
    else
        cp_help_command(out, command);
    return true;
}

static bool tell(struct cp_cli *cli, enum about what, const struct cp_command *command, const char *first)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = cli->json ? open_memstream(&text, &len) : cli->out;
    bool told = false;

    if (to == NULL) {
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        return true;
    }
    told = put_about(to, what, command, first);
    if (cli->json && fclose(to) == 0 && told)
        cp_print(cli, json_stringn(text, len), NULL);
    free(text);
    return told;
}

static int run_command(struct cp_cli *cli, const char *home, int argc, char **argv)
{
    struct cp_args args;
    size_t used = 0;
    const struct cp_command *command = cp_command_find(argv[0], argc > 1 ? argv[1] : NULL, &used);

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") != 0)
            continue;
        if (!tell(cli, command != NULL ? ABOUT_COMMAND : ABOUT_FIRST, command, argv[0]))
            break;
        return cli->status;
    }
    if (command == NULL) {
        if (cp_command_later(argv[0], argc > 1 ? argv[1] : NULL))
            return cp_fail(cli, CP_ERR_NOT_HERE, argv[0], NULL);
        unknown(cli, argv[0]);
        return cli->status;
    }
    cli->command = command;
    if (!cp_args_read(cli, command, argc - (int)used, argv + used, &args))
        return cli->status;
    cli->args = &args;
    if (needs_home(command, &args) ? cp_cli_find_home(cli, home) : place_home(cli, home) || usage(cli, "--home"))
        command->run(cli, &args);
    cli->args = NULL;
    cp_args_clear(cli->mem, &args);
    return cli->status;
}

int cp_cli_main(int argc, char **argv, FILE *out, FILE *err)
{
    struct cp_cli cli = {.mem = &cp_client_mem, .out = out, .err = err, .plan = "", .as = ""};
    struct globals g = {NULL, false, false};
    int next = 1;

    /* Only the clock's words follow the place: numbers and letters stay as they are. */
    setlocale(LC_TIME, "");
    cp_language_begin();
    if (sodium_init() < 0)
        return cp_fail(&cli, CP_ERR_NO_MEMORY, NULL, NULL);
    cli.program = argc > 0 ? argv[0] : "coplan";
    if (!read_globals(&cli, argc, argv, &g, &next))
        return cli.status;
    if (!cp_utf8_ok(cp_bytes_str(cli.plan)) || !cp_utf8_ok(cp_bytes_str(cli.as)))
        return cp_fail(&cli, CP_ERR_BAD_TEXT, NULL, NULL);
    if (g.version)
        (void)tell(&cli, ABOUT_VERSION, NULL, NULL);
    else if (g.help)
        (void)tell(&cli, ABOUT_ALL, NULL, NULL);
    else if (next < argc)
        run_command(&cli, g.home, argc - next, argv + next);
    else if (cp_cli_find_home(&cli, g.home))
        cp_overview(&cli);
    /* A full disk under stdout is a failure too, though the command itself has done what it does. */
    if (fflush(out) != 0 || ferror(out)) {
        cli.failed = false;
        cli.json = false;
        return cp_fail_words(&cli, CP_ERR_IO, cp_words_screen(CP_SAY_USE_OUTPUT_LOST));
    }
    return cli.status;
}
