/*
 * One run of coplan: what was typed, where the home is, and how answers and refusals are printed.
 * Owns: struct cp_cli, the command table's row, and the one way out for output and errors.
 * Must not: know a single command (cmd_*.c), sockets (connect.h) or a sentence (words.h).
 *
 * Not for threads. Nothing here exits; cp_cli_main returns the exit status of the contract:
 * 0 done, 1 the honest answer is no, 2 used wrongly or refused, 3 not now.
 */
#ifndef CP_CLIENT_CLI_H
#define CP_CLIENT_CLI_H

#include <jansson.h>
#include <stdio.h>

#include "proto/bytes.h"

struct cp_args;
struct cp_command;

struct cp_cli {
    const struct cp_mem *mem;
    FILE *out; /* stdout; tests hand in another */
    FILE *err;
    const char *program; /* argv[0]: copland is looked for beside it */
    char home[4096];
    const char *plan; /* as typed; "" when not */
    const char *as;
    const char *passphrase_file; /* NULL when not given */
    bool json;
    bool no_start;
    int status;  /* what the run will return */
    bool failed; /* an error was printed */
    const struct cp_command *command;
    const struct cp_args *args; /* what was typed behind it; NULL before that is known */
    const char *about; /* what the command is about, for its sentence; NULL or borrowed from argv */
};

/* ---- Commands ---- */

/* An option of a command. Values are found by name. */
struct cp_option {
    const char *name; /* "out", for --out; NULL ends the list */
    bool value;       /* takes one */
};

#define CP_ARGS_MAX 4096U

/* What was typed after the command's name. Borrowed from argv. */
struct cp_args {
    const char **words; /* not options */
    size_t count;
    struct {
        const char *name;
        const char *value;
    } * options; /* in order */
    size_t options_count;
};

struct cp_command {
    const char *name;                /* "add", "plan new" */
    const char *usage;               /* what stands behind the name */
    const char *help;                /* one line */
    const struct cp_option *options; /* NULL: none */
    size_t words_min, words_max;
    int (*run)(struct cp_cli *cli, const struct cp_args *args);
};

/* Every command, in the order of help; ends with {NULL}. Made of the tables of the cmd_*.c files. */
const struct cp_command *cp_command_at(size_t i);
/* The row of a name ("plan" and "new" also as two words); *used gets 1 or 2. NULL when there is none. */
const struct cp_command *cp_command_find(const char *first, const char *second, size_t *used);
/* True for a command of the contract that this version does not have. */
bool cp_command_later(const char *first, const char *second);

extern const struct cp_command cp_home_commands[];
extern const struct cp_command cp_plan_commands[];
extern const struct cp_command cp_look_commands[];
extern const struct cp_command cp_people_commands[];
extern const struct cp_command cp_person_commands[];
extern const struct cp_command cp_others_commands[];
extern const struct cp_command cp_agree_commands[];
extern const struct cp_command cp_proof_commands[];
extern const struct cp_command cp_file_commands[];
extern const struct cp_command cp_export_commands[];
extern const struct cp_command cp_check_commands[];
extern const struct cp_command cp_bundle_commands[];
extern const struct cp_command cp_carry_commands[];
extern const struct cp_command cp_network_commands[];
extern const struct cp_command cp_backup_commands[];
extern const struct cp_command cp_handout_commands[];
extern const struct cp_command cp_about_commands[];
extern const struct cp_command cp_private_commands[];
extern const struct cp_command cp_talk_commands[];
extern const struct cp_command cp_follow_commands[];
extern const struct cp_command cp_attach_commands[];

/* Splits words and options; of an option whose values are not collected two are refused, so that nobody's words are lost without
 * a sound. False: the error is reported (USAGE). The arrays are freed by cp_args_clear. */
bool cp_args_read(struct cp_cli *cli, const struct cp_command *command, int argc, char **argv,
                  struct cp_args *out);
void cp_args_clear(const struct cp_mem *mem, struct cp_args *args);
/* Value of an option ("" for one without a value), NULL when it was not given; the last one of those that may stand again. */
const char *cp_args_option(const struct cp_args *args, const char *name);
/* The words from number `from` on with a blank between, appended: words that people read off a screen need no quotes. False:
 * said why not. */
bool cp_args_rest(struct cp_cli *cli, const struct cp_args *args, size_t from, struct cp_buf *out);

int cp_cli_main(int argc, char **argv, FILE *out, FILE *err);
/* cli->home from --home, COPLAN_HOME or the XDG folder. False: reported. */
bool cp_cli_find_home(struct cp_cli *cli, const char *typed);
/* True when the home holds a key file. */
bool cp_cli_has_home(const struct cp_cli *cli);
/* True when it is the home of a carrier: that has no key file of persons, and no plan. */
bool cp_cli_is_carrier(const struct cp_cli *cli);

/* What `coplan` alone says. */
int cp_overview(struct cp_cli *cli);
/* How every command is typed, with the options of them all. */
#define CP_USAGE_OF_ALL                                                                                      \
    "    coplan [--home DIR] [--plan ID] [--as PERSON] [--json] [--passphrase-file FILE]\n"                  \
    "           [--no-start] COMMAND ...\n"

/* Help of one command, of all that begin with a word, or of everything. */
void cp_help_command(FILE *out, const struct cp_command *command);
bool cp_help_first(FILE *out, const char *first);
void cp_help_all(FILE *out);

/* ---- Output ---- */

/* Prints a value by --json, or hands it to `human`. Takes the reference. Returns cli->status. */
int cp_print(struct cp_cli *cli, json_t *value, void (*human)(struct cp_cli *cli, json_t *value));
/* Reports a failure once (the first counts) and sets the status that belongs to it; returns it. Arguments
 * may be NULL. */
int cp_fail(struct cp_cli *cli, enum cp_err err, const char *arg1, const char *arg2);
/* The same with a sentence of its own instead of the code's. */
int cp_fail_words(struct cp_cli *cli, enum cp_err err, const char *sentence);
/* As the daemon said it: {"code", "args", "reasons"}; exit is its word on the status. */
int cp_fail_json(struct cp_cli *cli, const json_t *error, int exit_status);
/* The exit status of an error. */
int cp_client_exit_of(enum cp_err err);

/* The allocator of this program: malloc. */
extern const struct cp_mem cp_client_mem;

#endif
