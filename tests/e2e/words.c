/*
 * The catalogue as files for translators and tests. Owns: client/po/coplan.pot, the pseudo-language, and judging a
 * translation. Every sentence is asked of the program itself, so none that it can say is left out.
 *
 *   words pot            the template, on stdout
 *   words pseudo         the same with every sentence in marks and accents: ⟦Ýôûŕ þļåñ⟧
 *   words check TAG DIR  what does not fit in DIR/TAG/LC_MESSAGES/coplan.mo, or is no longer said; 1 when anything
 *                        does not fit
 */
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli.h"
#include "client/hints.h"
#include "client/language.h"
#include "client/words.h"
#include "proto/kinds.h"

struct sentence {
    const char *context, *about, *id, *text;
    size_t place;
};

static struct sentence *all;
static size_t count, cap;

static void add(const char *context, const char *about, const char *id, const char *text)
{
    if (text[0] == '\0')
        return;
    if (count == cap) {
        cap = cap == 0 ? 1024 : 2 * cap;
        all = realloc(all, cap * sizeof *all);
        if (all == NULL)
            exit(3);
    }
    all[count] = (struct sentence){context, about, id, text, count};
    count++;
}

/* "chosen|not now", "lived_experience": each word as people know it. Kept until the end of the program. */
static void add_words(const char *list)
{
    for (size_t len = 0; list != NULL && *list != '\0'; list += list[len] == '|' ? len + 1 : len) {
        char *word = NULL;

        len = strcspn(list, "|");
        word = strndup(list, len);
        if (word == NULL)
            exit(3);
        for (char *p = word; *p != '\0'; p++)
            *p = *p == '_' ? ' ' : *p;
        /* everyone-but-aside(N) is typed, and shown by a sentence of its own. */
        if (strchr(word, '(') == NULL && len > 1)
            add("value", "a field, a kind, a value or a state, as people know it", word, word);
        else
            free(word);
    }
}

/* The highest field code that is looked for; codes are given one after the other. */
#define CODE_MAX 4096U

static void add_core(void)
{
    for (uint64_t code = 1; code <= CODE_MAX; code++) {
        const struct cp_field *field = cp_field_by_code(code);

        if (field == NULL)
            continue;
        add_words(field->name);
        add_words(field->words);
    }
    for (uint64_t kind = 0; kind <= CODE_MAX; kind++) {
        add_words(cp_kind_word(kind));
        add_words(cp_note_word(kind));
    }
    for (unsigned record = 0; record < CP_RECORD_COUNT; record++) {
        add_words(cp_record_word(record));
        add_words(cp_record_states((enum cp_record)record));
    }
}

static void gather(void)
{
    const struct cp_words_table *table = NULL;
    const struct cp_command *command = NULL;
    char line[CP_HINT_MAX];

    for (size_t t = 0; (table = cp_words_table_at(t)) != NULL; t++)
        for (size_t i = 0; i < table->count; i++)
            if (!cp_words_is_fixed(table, table->rows[i].id))
                add(table->context, table->about, table->rows[i].id, table->rows[i].text);
    add_core();
    add_words("yes|no");
    add("usage", "how every command is typed", "coplan", CP_USAGE_OF_ALL);
    for (size_t i = 0; (command = cp_command_at(i)) != NULL; i++) {
        add("help", "what a command does", command->name, command->help);
        for (size_t n = 0; cp_hint_example(command->name, n, false, line, sizeof line); n++)
            add("example", "how somebody types the command; names and words in quotes may be others",
                command->name, strdup(line));
        add("usage", "what is typed behind the command; keep --options and [ ] | as they are", command->name,
            command->usage);
    }
}

static int by_text(const void *a, const void *b)
{
    const struct sentence *left = a;
    const struct sentence *right = b;
    int order = strcmp(left->context, right->context);

    if (order == 0)
        order = strcmp(left->text, right->text);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static int by_place(const void *a, const void *b)
{
    const struct sentence *left = a;
    const struct sentence *right = b;

    return (left->place > right->place) - (left->place < right->place);
}

/* As a string of C, one line of the file for each line of the text. */
static void put_string(const char *key, const char *text)
{
    const char *end = strchr(text, '\n');

    printf("%s %s", key, end != NULL && end[1] != '\0' ? "\"\"\n\"" : "\"");
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            printf("\\n%s", text[1] != '\0' ? "\"\n\"" : "");
        else if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    printf("\"\n");
}

/* Letters in accents, so that an English one that was not asked of the catalogue stands out. */
static void accent(const char *text, char *out)
{
    static const char plain[] = "aeioucnyAEIOUCNY";
    static const char *const marked[] = {"á", "é", "í", "ó", "ú", "ç", "ñ", "ý",
                                         "Á", "É", "Í", "Ó", "Ú", "Ç", "Ñ", "Ý"};

    while (*text != '\0') {
        const char *found = strchr(plain, *text);
        size_t option =
            text[0] == '-' && text[1] == '-' ? 2 + strspn(text + 2, "abcdefghijklmnopqrstuvwxyz-") : 0;

        if (option > 2) {
            memcpy(out, text, option);
            out += option;
            text += option;
        } else if (found != NULL) {
            const char *with = marked[found - plain];

            memcpy(out, with, strlen(with));
            out += strlen(with);
            text++;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
}

static void put_pseudo(const char *text)
{
    static char accented[3 * CP_LANGUAGE_SENTENCE_MAX];
    static char whole[3 * CP_LANGUAGE_SENTENCE_MAX + 16];
    size_t len = 0;
    size_t before = 0;
    size_t after = 0;

    accent(text, accented);
    len = strlen(accented);
    before = strspn(accented, " \n");
    while (after < len - before && strchr(" \n", accented[len - after - 1]) != NULL)
        after++;
    memcpy(whole, accented, before);
    memcpy(whole + before, "⟦", 3);
    memcpy(whole + before + 3, accented + before, len - before - after);
    memcpy(whole + 3 + len - after, "⟧", 3);
    memcpy(whole + 6 + len - after, accented + len - after, after + 1);
    put_string("msgstr", whole);
}

static void write_po(bool pseudo)
{
    /* The same English twice in one context is one entry with two names. */
    qsort(all, count, sizeof *all, by_text);
    for (size_t i = count; i > 1; i--)
        if (strcmp(all[i - 1].context, all[i - 2].context) == 0 &&
            strcmp(all[i - 1].text, all[i - 2].text) == 0)
            all[i - 1].text = "";
    qsort(all, count, sizeof *all, by_place);
    printf(
        "# Every sentence of coplan. Made by client/po/update; do not edit it.\n"
        "# Words in {1} to {4} are filled in. What stands in [ ] is left out when a place in it is empty.\n"
        "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: coplan\\n\"\n\"MIME-Version: 1.0\\n\"\n"
        "\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n");
    for (size_t i = 0; i < count; i++) {
        if (all[i].text[0] == '\0')
            continue;
        printf("\n#. %s\n#: %s\n", all[i].about, all[i].id[0] == '-' ? "-" : all[i].id);
        put_string("msgctxt", all[i].context);
        put_string("msgid", all[i].text);
        if (pseudo)
            put_pseudo(all[i].text);
        else
            printf("msgstr \"\"\n");
    }
}

/* Each sentence as gettext gives it, before the program judges it. */
static int check(const char *tag, const char *folder)
{
    size_t said = 0;
    size_t wrong = 0;

    if (setenv("COPLAN_LOCALE_DIR", folder, 1) != 0 || setenv("LC_ALL", "C.UTF-8", 1) != 0 ||
        setenv("LANGUAGE", tag, 1) != 0)
        return 3;
    cp_language_begin();
    if (strcmp(cp_language_tag(), "en") == 0) {
        printf("%s: no catalogue, or one that is empty or damaged\n", tag);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        char key[CP_LANGUAGE_SENTENCE_MAX];
        const char *got = NULL;

        snprintf(key, sizeof key, "%s\004%s", all[i].context, all[i].text);
        got = dgettext(CP_LANGUAGE_DOMAIN, key);
        if (got == key)
            continue;
        said++;
        if (cp_language_fits(all[i].context, all[i].text, got))
            continue;
        wrong++;
        printf("does not fit, so it is said in English:\n  %s\n  %s\n", all[i].text, got);
    }
    printf("%s: %zu of %zu sentences, %zu do not fit\n", cp_language_tag(), said, count, wrong);
    return wrong == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int status = 2;

    gather();
    if (argc == 2 && strcmp(argv[1], "pot") == 0) {
        write_po(false);
        status = 0;
    } else if (argc == 2 && strcmp(argv[1], "pseudo") == 0) {
        write_po(true);
        status = 0;
    } else if (argc == 4 && strcmp(argv[1], "check") == 0) {
        status = check(argv[2], argv[3]);
    } else {
        fprintf(stderr, "words pot | pseudo | check TAG DIR\n");
    }
    free(all);
    return status;
}
