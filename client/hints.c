/* Where to look, and how it is typed. Owns: the two tables. Must not: print. */
#include "client/hints.h"
#include "client/file.h"
#include "client/language.h"

#include <string.h>
#include <strings.h>

#define LINE "\n"

static const struct {
    const char *command, *lines;
} examples[] = {
    {"init", "coplan init --name \"Asha\"" LINE "coplan init --name \"Asha\" --sheet sheet.html"},
    {"daemon start", "coplan daemon start" LINE "coplan daemon start --listen 0.0.0.0:4711"},
    {"daemon stop", "coplan daemon stop"},
    {"daemon status", "coplan daemon status"},
    {"unlock", "coplan unlock" LINE "coplan --as Asha unlock"},
    {"lock", "coplan lock"},
    {"status", "coplan status"},
    {"plan new", "coplan plan new \"A garden for everyone\""},
    {"plan list", "coplan plan list"},
    {"add", "coplan add need \"Somewhere quiet to sit\"" LINE
            "coplan add action \"Plant trees\" lead=Asha due=2031-09-30"},
    {"set", "coplan set 3f2a91 lead=Asha due=2031-09-30"},
    {"choose", "coplan choose 3f2a91 text --keep 1" LINE "coplan choose 3f2a91 text --write \"New words\""},
    {"rate", "coplan rate 3f2a91 importance 4"},
    {"note", "coplan note comment 3f2a91 \"I like this\"" LINE
             "coplan note progress 3f2a91 \"The trees are planted\" status=done rag=green"},
    {"withdraw-words", "coplan withdraw-words 3f2a91"},
    {"list", "coplan list" LINE "coplan list action"},
    {"show", "coplan show 3f2a91"},
    {"prompts", "coplan prompts 3f2a91"},
    {"wordings", "coplan wordings"},
    {"log", "coplan log" LINE "coplan log 3f2a91"},
    {"digest", "coplan digest"},
    {"invite", "coplan invite --out for-bill.txt" LINE "coplan invite --my-device" LINE
               "coplan invite --for Bill" LINE "coplan invite --words"},
    {"invites", "coplan invites"},
    {"uninvite", "coplan uninvite 3f2a91"},
    {"join",
     "coplan join for-bill.txt" LINE
     "coplan join acorn artist banana blossom bucket canal chocolate cupboard dinner echo feather badger" LINE
     "coplan join for-bill.txt --out /media/stick/bill.coplan"},
    {"people", "coplan people"},
    {"key", "coplan key me" LINE "coplan key Bill" LINE
            "coplan key Bill \"apple boat candle door egg fish goat hat\""},
    {"leave", "coplan leave"},
    {"rotate-secret", "coplan rotate-secret"},
    {"revoke-device", "coplan revoke-device 3f2a91" LINE "coplan revoke-device 3f2a91 --after 8b77c0"},
    {"recover", "coplan recover ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345-6789 invitation.txt"},
    {"admit", "coplan admit 3f2a91"},
    {"sync", "coplan sync 192.168.1.20:4711" LINE "coplan sync" LINE "coplan sync --stay"},
    {"peers", "coplan peers"},
    {"person add", "coplan person add --name \"Bill\""},
    {"person idle", "coplan person idle 10m"},
    {"home idle", "coplan home idle 10m"},
    {"passphrase", "coplan passphrase"},
    {"witness", "coplan witness 3f2a91"},
    {"mandate", "coplan mandate --to Bill --until 2031-12-31"},
    {"withdraw-mandate", "coplan withdraw-mandate 3f2a91"},
    {"mandates", "coplan mandates"},
    {"freeze", "coplan freeze --stage comment" LINE "coplan freeze --stage agreement"},
    {"text", "coplan text 3f2a91"},
    {"sign",
     "coplan sign 3f2a91 --agree --will all" LINE "coplan sign 3f2a91 --worry \"The street is dark\""},
    {"paper", "coplan paper 3f2a91 --for Bill --agree"},
    {"withdraw", "coplan withdraw 3f2a91"},
    {"agreement", "coplan agreement" LINE "coplan agreement --all"},
    {"changes", "coplan changes 3f2a91"},
    {"proof", "coplan proof 3f2a91 --out proof"},
    {"verify", "coplan verify proof"},
    {"import", "coplan import actions.csv"},
    {"export", "coplan export html --out plan.html"},
    {"check", "coplan check" LINE "coplan check P9 fairness"},
    {"rank", "coplan rank 3f2a91"},
    {"common-ground", "coplan common-ground"},
    {"match", "coplan match"},
    {"who", "coplan who"},
    {"balance", "coplan balance"},
    {"review", "coplan review"},
    {"hand-out", "coplan hand-out" LINE "coplan hand-out --who Bill --format easy-read"},
    {"receipt", "coplan receipt 3f2a91 --to Bill --state given"},
    {"receipts", "coplan receipts"},
    {"about-me", "coplan about-me"},
    {"learn", "coplan learn \"Ask before you move a meeting\""},
    {"need", "coplan need \"A quiet room\" --private"},
    {"private list", "coplan private list"},
    {"private remove", "coplan private remove 3f2a91"},
    {"talk", "coplan talk"},
    {"marks", "coplan marks --mine"},
    {"readings", "coplan readings"},
    {"strengths", "coplan strengths"},
    {"interests", "coplan interests"},
    {"guide", "coplan guide"},
    {"attach", "coplan attach 3f2a91 door.jpg --alt \"A green door\""},
    {"attachments", "coplan attachments"},
    {"fetch", "coplan fetch 3f2a91"},
    {"save", "coplan save 3f2a91 door.jpg"},
    {"continue", "coplan continue" LINE "coplan continue --without Bill"},
    {"follow", "coplan follow 3f2a91" LINE "coplan follow 3f2a91 --leave-old"},
    {"again", "coplan --plan 3f2a91 again --look" LINE "coplan --plan 3f2a91 again"},
    {"network fine", "coplan network fine" LINE "coplan network fine wlan0"},
    {"network not-fine", "coplan network not-fine"},
    {"network", "coplan network"},
    {"bundle write", "coplan bundle write /media/stick/ours.coplan"},
    {"bundle read", "coplan bundle read /media/stick/ours.coplan"},
    {"stick", "coplan stick /media/stick"},
    {"carry use",
     "coplan carry use 192.168.1.20:4711#9e2bc2db4ba185769c9571d8120c93e81496d500eea02d40db790df40a50381a"},
    {"carry visit", "coplan carry visit"},
    {"carry list", "coplan carry list"},
    {"carry forget", "coplan carry forget 192.168.1.20:4711"},
    {"carry add", "coplan carry add TICKET --room 256M"},
    {"carry remove", "coplan carry remove TICKET"},
    {"backup", "coplan backup /media/stick/asha.backup"},
    {"restore", "coplan restore /media/stick/asha.backup"},
};

bool cp_hint_example(const char *command, size_t n, bool said, char *out, size_t size)
{
    const char *line = "", *text = out;
    size_t len = 0;

    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        if (strcmp(examples[i].command, command) == 0)
            line = examples[i].lines;
    for (; n > 0 && line[0] != '\0'; n--) {
        line += strcspn(line, LINE);
        line += line[0] != '\0' ? 1 : 0;
    }
    len = strcspn(line, LINE);
    len = len < size ? len : size - 1;
    memcpy(out, line, len);
    out[len] = '\0';
    text = said && len > 0 ? cp_language_say("example", out) : out;
    if (text != out && strlen(text) < size)
        memcpy(out, text, strlen(text) + 1);
    return len > 0;
}

/* ------------------------------------------------------------------------------------------- where to look */

/* What the words behind a command name. */
static const struct cp_words_pair words[] = {
    {"sign", CP_SAY_HINT_PAGE},
    {"text", CP_SAY_HINT_PAGE},
    {"withdraw", CP_SAY_HINT_PAGE},
    {"agreement", CP_SAY_HINT_PAGE},
    {"changes", CP_SAY_HINT_PAGE},
    {"proof", CP_SAY_HINT_PAGE},
    {"paper", CP_SAY_HINT_PAGE},
    {"receipt", CP_SAY_HINT_PAGE},
    {"follow", CP_SAY_HINT_PLAN},
    {"network fine", CP_SAY_HINT_NETWORK},
    {"network not-fine", CP_SAY_HINT_NETWORK},
    {"revoke-device", CP_SAY_HINT_DEVICE},
    {"admit", CP_SAY_HINT_DEVICE},
    {"withdraw-words", CP_SAY_HINT_ENTRY},
    {"again", CP_SAY_HINT_ENTRY},
    {"uninvite", CP_SAY_HINT_INVITATION},
    {"key", CP_SAY_HINT_PERSON},
    {"fetch", CP_SAY_HINT_PICTURE},
    {"save", CP_SAY_HINT_PICTURE},
    {"continue", CP_SAY_HINT_PERSON},
    {"stick", CP_SAY_HINT_PLAN},
    {"bundle write", CP_SAY_HINT_PLAN},
    {NULL, CP_SAY_COUNT},
};

/* What the value of an option names. */
static const struct cp_words_pair options[] = {
    {"for", CP_SAY_HINT_PERSON},  {"to", CP_SAY_HINT_PERSON},
    {"who", CP_SAY_HINT_PERSON},  {"without", CP_SAY_HINT_PERSON},
    {"keep", CP_SAY_HINT_DEVICE}, {"after", CP_SAY_HINT_ENTRY},
    {NULL, CP_SAY_COUNT},
};

static const char *sentence_of(enum cp_screen say)
{
    return say == CP_SAY_COUNT ? NULL : cp_words_screen(say);
}

static const char *of_options(const struct cp_args *args, const char *about)
{
    enum cp_screen say = CP_SAY_COUNT;

    for (size_t i = 0; args != NULL && say == CP_SAY_COUNT && i < args->options_count; i++)
        if (about == NULL || strcmp(args->options[i].value, about) == 0)
            say = cp_words_pick(options, args->options[i].name);
    return sentence_of(say);
}

static const char *of_words(const struct cp_cli *cli, const char *about)
{
    bool typed = about == NULL;

    for (size_t i = 0; cli->args != NULL && about != NULL && i < cli->args->count; i++)
        typed = typed || strcmp(cli->args->words[i], about) == 0;
    return typed ? sentence_of(cp_words_pick(words, cli->command->name)) : NULL;
}

/* Of `choose`: the words that were to be kept, or the field. */
static const char *of_choice(const struct cp_args *args, const char *about)
{
    const char *keep = args != NULL ? cp_args_option(args, "keep") : NULL;

    if (about != NULL && keep != NULL && strcmp(about, keep) == 0)
        return cp_words_screen(CP_SAY_HINT_WORDING);
    if (about != NULL && args != NULL && args->count > 1 && strcmp(about, args->words[1]) == 0)
        return cp_words_screen(CP_SAY_HINT_NO_VALUE);
    return NULL;
}

/* An answer that names actions: the daemon says of the page alone that something of it was not found. */
static bool wills_typed(const struct cp_args *args)
{
    return args != NULL && (cp_args_option(args, "will") != NULL || cp_args_option(args, "will-if") != NULL ||
                            cp_args_option(args, "cannot") != NULL);
}

static const char *not_found(const struct cp_cli *cli, const char *about)
{
    const char *say = NULL;

    if (strcmp(cli->command->name, "choose") == 0)
        return of_choice(cli->args, about);
    if (about != NULL && cli->as[0] != '\0' && strcmp(about, cli->as) == 0)
        return cp_words_screen(CP_SAY_HINT_HERE);
    if (about != NULL && cli->plan[0] != '\0' && strcmp(about, cli->plan) == 0)
        return cp_words_screen(CP_SAY_HINT_PLAN);
    if (wills_typed(cli->args) && cli->args->count > 0 && about != NULL && strcmp(about, cli->args->words[0]) == 0)
        return cp_words_screen(CP_SAY_HINT_PAGE_OR_ACTION);
    say = of_options(cli->args, about);
    return say != NULL ? say : of_words(cli, about);
}

/* Neither the beginning of an invitation nor a file: a name typed wrongly, or too few words of twelve. */
static const char *no_invitation(const struct cp_args *args)
{
    static const char begin[] = "coplan-invite:";
    const char *word = args != NULL && args->count > 0 ? args->words[0] : "";

    word += strspn(word, " \t\r\n");
    if (word[0] == '\0' || strncasecmp(word, begin, strcspn(begin, ":")) == 0 || cp_file_is(args->words[0]))
        return NULL;
    if (args->count > 1 || strpbrk(word, " \t\r\n") != NULL)
        return cp_words_error(CP_ERR_WORDS_COUNT);
    return cp_words_screen(CP_SAY_HINT_NO_INVITATION);
}

/* "state=done": how far an action has come is said in a note of progress. */
static bool is_progress(const char *typed)
{
    static const char *const said[] = {"done", "doing", "to_do", "to do", "paused", "stopped", "started", "finished"};

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        if ((strncmp(typed, "state=", 6) == 0 && strcasecmp(typed + 6, said[i]) == 0) ||
            (strncmp(typed, "status=", 7) == 0 && strcasecmp(typed + 7, said[i]) == 0))
            return true;
    return false;
}

/* Is this what was typed as a day? */
static bool is_day(const struct cp_args *args, const char *about)
{
    static const char *const days[] = {"from", "until", "on", "sent-on", "try-again"};

    for (size_t i = 0; args != NULL && about != NULL && i < sizeof days / sizeof days[0]; i++) {
        const char *value = cp_args_option(args, days[i]);

        if (value != NULL && strcmp(value, about) == 0)
            return true;
    }
    return false;
}

/* The beginning of an id that is shorter than any that is looked for. */
static bool short_id(const struct cp_args *args)
{
    for (size_t i = 0; args != NULL && i < args->count; i++) {
        size_t len = strlen(args->words[i]);

        if (len > 0 && len < 6 && strspn(args->words[i], "0123456789abcdefABCDEF") == len)
            return true;
    }
    return false;
}

const char *cp_hint_typed(const struct cp_cli *cli, const char *about)
{
    char name[32];
    size_t i = 0;

    for (; about != NULL && about[i] != '\0' && i < sizeof name - 1; i++)
        name[i] = about[i] == '_' ? '-' : about[i];
    name[i] = '\0';
    for (size_t k = 0; i > 0 && about[i] == '\0' && cli->args != NULL && k < cli->args->options_count; k++)
        if (strcmp(cli->args->options[k].name, name) == 0 && cli->args->options[k].value != NULL &&
            cli->args->options[k].value[0] != '\0')
            return cli->args->options[k].value;
    return about;
}

const char *cp_hint_sentence(const struct cp_cli *cli, enum cp_err err, const char *about)
{
    const char *command = cli->command != NULL ? cli->command->name : "";

    if (cli->command == NULL)
        return NULL;
    if (err == CP_ERR_NOT_FOUND)
        return not_found(cli, about);
    if (err == CP_ERR_PASSPHRASE_NEEDED &&
        (strcmp(command, "init") == 0 || strcmp(command, "person add") == 0))
        return cp_words_screen(CP_SAY_HINT_NEW_PASSPHRASE);
    if (err == CP_ERR_NOT_YOURS && strcmp(command, "revoke-device") == 0)
        return cp_words_screen(CP_SAY_HINT_THEIR_DEVICE);
    if (err == CP_ERR_BAD_INVITATION && strcmp(command, "bundle read") == 0)
        return cp_words_screen(CP_SAY_HINT_INVITED_ELSEWHERE);
    if (err == CP_ERR_MISSING_PARENT && strcmp(command, "bundle read") == 0)
        return cp_words_screen(CP_SAY_BUNDLE_MISSING);
    if (err == CP_ERR_BAD_INVITATION && strcmp(command, "join") == 0)
        return no_invitation(cli->args);
    if (err == CP_ERR_KEY_APART && strcmp(command, "key") == 0)
        return cp_words_screen(CP_SAY_HINT_KEY_APART);
    if (err == CP_ERR_PAGE_OLD_KEY && strcmp(command, "withdraw") == 0)
        return cp_words_screen(CP_SAY_HINT_WITHDRAW_OLD_KEY);
    if (err == CP_ERR_BAD_FIELD && strcmp(command, "key") == 0)
        return cp_words_screen(about != NULL && strcmp(about, "checked_key") == 0 ? CP_SAY_HINT_KEY_WORDS
                                                                                 : CP_SAY_HINT_KEY_OWN);
    if (err == CP_ERR_BAD_KIND && strcmp(command, "note") == 0)
        return cp_words_screen(CP_SAY_HINT_NOTE_KIND);
    if (err == CP_ERR_BAD_VALUE && is_day(cli->args, about))
        return cp_words_screen(CP_SAY_HINT_DAY);
    if (err == CP_ERR_USAGE && about == NULL && short_id(cli->args))
        return cp_words_screen(CP_SAY_HINT_SHORT_ID);
    if (err == CP_ERR_BAD_FIELD && about != NULL && is_progress(about))
        return cp_words_screen(CP_SAY_HINT_PROGRESS);
    if (err == CP_ERR_BAD_SHEET && about != NULL && strcmp(about, "whole") == 0)
        return cp_words_screen(CP_SAY_HINT_OTHER_SHEET);
    if (err == CP_ERR_BAD_FILE && about == NULL && strcmp(command, "bundle read") == 0)
        return cp_words_screen(CP_SAY_HINT_NO_BUNDLE);
    return NULL;
}
