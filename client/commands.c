/* The table of commands and its help. Owns: finding a row. Must not: know what a row does. */
#include "client/cli.h"
#include "client/hints.h"
#include "client/language.h"
#include "client/words.h"

/* clang-format off */
/* The tables in the order of help, each under its heading; COUNT: it goes on under the one before. */
static const struct {
    const struct cp_command *rows;
    enum cp_screen heading;
} tables[] = {
    {cp_home_commands, CP_SAY_GROUP_HOME},
    {cp_plan_commands, CP_SAY_GROUP_PLAN},
    {cp_look_commands, CP_SAY_GROUP_LOOK},
    {cp_people_commands, CP_SAY_GROUP_PEOPLE},
    {cp_person_commands, CP_SAY_GROUP_PERSON},
    {cp_others_commands, CP_SAY_GROUP_OTHERS},
    {cp_agree_commands, CP_SAY_GROUP_AGREE},
    {cp_proof_commands, CP_SAY_COUNT},
    {cp_file_commands, CP_SAY_GROUP_FILE},
    {cp_export_commands, CP_SAY_COUNT},
    {cp_check_commands, CP_SAY_GROUP_CHECK},
    {cp_handout_commands, CP_SAY_GROUP_HANDOUT},
    {cp_about_commands, CP_SAY_GROUP_ABOUT},
    {cp_private_commands, CP_SAY_COUNT},
    {cp_talk_commands, CP_SAY_GROUP_TALK},
    {cp_attach_commands, CP_SAY_GROUP_ATTACH},
    {cp_follow_commands, CP_SAY_GROUP_FOLLOW},
    {cp_network_commands, CP_SAY_GROUP_NETWORK},
    {cp_bundle_commands, CP_SAY_GROUP_BUNDLE},
    {cp_carry_commands, CP_SAY_GROUP_CARRY},
    {cp_backup_commands, CP_SAY_GROUP_BACKUP},
};

/* Commands of the contract that a later version brings. */
static const char *const later[] = {
    "web",
};
/* clang-format on */

const struct cp_command *cp_command_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct cp_command *c = tables[t].rows; c->name != NULL; c++, i--)
            if (i == 0)
                return c;
    return NULL;
}

/* True when `name` is `first`, or "first second". */
static bool is_named(const char *name, const char *first, const char *second, size_t *used)
{
    size_t len = strlen(first);

    *used = 1;
    if (strcmp(name, first) == 0)
        return true;
    *used = 2;
    return second != NULL && strncmp(name, first, len) == 0 && name[len] == ' ' &&
           strcmp(name + len + 1, second) == 0;
}

const struct cp_command *cp_command_find(const char *first, const char *second, size_t *used)
{
    const struct cp_command *c = NULL;

    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++)
        if (strchr(first, ' ') == NULL && is_named(c->name, first, second, used))
            return c;
    return NULL;
}

bool cp_command_later(const char *first, const char *second)
{
    size_t used = 0;

    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        size_t len = strcspn(later[i], " ");

        if (is_named(later[i], first, second, &used) ||
            (strlen(first) == len && strncmp(later[i], first, len) == 0))
            return true;
    }
    return false;
}

/* Prints words so that no line is longer than a screen; what follows the first line stands in by `indent`. */
static void print_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column + len > 100) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        fwrite(text, 1, len, out);
        column += len;
        text += len;
        if (*text == ' ') {
            fputs(text[1] != '\0' ? " " : "", out);
            column++;
            text++;
        }
    }
    fputs("\n", out);
}

void cp_help_command(FILE *out, const struct cp_command *command)
{
    char line[CP_HINT_MAX];

    fprintf(out, "coplan %s ", command->name);
    print_wrapped(out, cp_language_say("usage", command->usage), strlen(command->name) + 8, 7);
    fputs("\n", out);
    print_wrapped(out, cp_language_say("help", command->help), 0, 0);
    for (size_t i = 0; cp_hint_example(command->name, i, true, line, sizeof line); i++)
        fprintf(out, "%s%s%s    %s\n", i == 0 ? "\n" : "", i == 0 ? cp_words_screen(CP_SAY_EXAMPLE) : "",
                i == 0 ? "\n" : "", line);
}

bool cp_help_first(FILE *out, const char *first)
{
    const struct cp_command *c = NULL;
    size_t len = strlen(first);
    bool any = false;

    for (size_t i = 0; (c = cp_command_at(i)) != NULL; i++) {
        if (strncmp(c->name, first, len) != 0 || c->name[len] != ' ')
            continue;
        fputs(any ? "\n" : "", out);
        cp_help_command(out, c);
        any = true;
    }
    return any;
}

void cp_help_all(FILE *out)
{
    /* Its brackets are those of usage, not of a sentence with places. */
    fprintf(out, "%s\n\n%s", cp_words_screen(CP_SAY_HELLO), cp_language_say("usage", CP_USAGE_OF_ALL));
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        if (tables[t].heading != CP_SAY_COUNT)
            fprintf(out, "\n%s\n", cp_words_screen(tables[t].heading));
        for (const struct cp_command *c = tables[t].rows; c->name != NULL; c++) {
            fprintf(out, "  %-17s ", c->name);
            print_wrapped(out, cp_language_say("help", c->help), 20, 20);
        }
    }
    fprintf(out, "\n%s\n", cp_words_screen(CP_SAY_SHOW_HELP_END));
}
