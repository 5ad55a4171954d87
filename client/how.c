/* How an answer came about, in words (domain.md 5.6). Owns: the labels. Must not: leave one out to save room. */
#include "client/others.h"
#include "client/show.h"
#include "client/value.h"

static void put_names(json_t *people, struct cp_buf *out)
{
    json_t *person = NULL;
    size_t i = 0;

    json_array_foreach(people, i, person)
    {
        const char *name = cp_json_text(person, "name");

        cp_buf_put_str(out, i > 0 ? ", " : "");
        cp_buf_put_str(out, name[0] != '\0' ? name : cp_show_id(cp_json_text(person, "person")));
    }
    cp_buf_put_byte(out, 0);
}

static void say(enum cp_screen sentence, const char *one, const char *two, struct cp_buf *out)
{
    const char *const args[4] = {one, two, NULL, NULL};

    cp_buf_put_str(out, ", ");
    cp_words_fill(cp_words_screen(sentence), args, out);
}

bool cp_how_is_open(const json_t *answer)
{
    static const char tail[] = ", no passphrase";
    const char *method = cp_json_text(answer, "method");
    size_t len = strlen(method);

    return len >= sizeof tail - 1 && strcmp(method + len - (sizeof tail - 1), tail) == 0;
}

enum cp_screen cp_how_read(const json_t *answer)
{
    static const struct cp_words_pair said[] = {{"standard", CP_SAY_READ_STANDARD},
                                                {"easy-read", CP_SAY_READ_EASY},
                                                {"large", CP_SAY_READ_LARGE},
                                                {"aloud", CP_SAY_READ_ALOUD},
                                                {NULL, CP_SAY_COUNT}};

    return cp_words_pick(said, cp_json_text(answer, "read_as"));
}

static void put_read_as(const json_t *answer, struct cp_buf *out)
{
    enum cp_screen sentence = cp_how_read(answer);

    if (sentence != CP_SAY_COUNT)
        say(sentence, cp_json_text(answer, "read_language"), NULL, out);
}

/* It stands in the answer, so it is the word of whoever signed it. On paper or by a proxy that is not the person named. */
static void put_checked(const struct cp_mem *mem, const json_t *answer, struct cp_buf *out)
{
    json_t *checked = json_object_get(answer, "key_checked");
    const char *by = cp_json_text(json_object_get(answer, "by"), "name");
    struct cp_buf names;

    if (json_array_size(checked) == 0)
        return;
    cp_buf_init(&names, mem, CP_VERSION_TEXT_MAX);
    put_names(checked, &names);
    if (cp_buf_err(&names) == CP_OK)
        say(CP_SAY_KEY_CHECKED_BY, (const char *)names.ptr, by[0] != '\0' ? by : cp_json_text(answer, "name"),
            out);
    else
        out->err = cp_buf_err(&names);
    cp_buf_clear(&names);
}

void cp_how_label(const struct cp_mem *mem, const json_t *answer, struct cp_buf *out)
{
    const char *how = cp_json_text(answer, "how");
    const char *by = cp_json_text(json_object_get(answer, "by"), "name");
    const char *helper = cp_json_text(answer, "helped_by");
    const char *signed_as = cp_json_text(answer, "signed_as");
    struct cp_buf names;

    if (cp_json_true(answer, "apart"))
        say(CP_SAY_APART, NULL, NULL, out);
    if (signed_as[0] != '\0')
        say(CP_SAY_SIGNED_AS, signed_as, NULL, out);
    cp_buf_init(&names, mem, CP_VERSION_TEXT_MAX);
    put_names(json_object_get(answer, "witnesses"), &names);
    if (cp_buf_err(&names) != CP_OK)
        out->err = cp_buf_err(&names);
    else if (strcmp(how, "paper") == 0)
        say(CP_SAY_SEEN_BY, (const char *)names.ptr, by, out);
    if (strcmp(how, "proxy") == 0)
        say(CP_SAY_BY_FOR, by, cp_json_text(answer, "name"), out);
    if (strncmp(cp_json_text(answer, "method"), "shared device", 13) == 0)
        say(CP_SAY_ON_SHARED, NULL, NULL, out);
    if (cp_how_is_open(answer))
        say(CP_SAY_ON_OPEN_DEVICE, NULL, NULL, out);
    if (helper[0] != '\0')
        say(CP_SAY_HELP_FROM, helper, NULL, out);
    put_read_as(answer, out);
    put_checked(mem, answer, out);
    cp_buf_clear(&names);
}

void cp_show_how(struct cp_cli *cli, const json_t *answer)
{
    struct cp_buf text;

    cp_buf_init(&text, cli->mem, CP_VERSION_TEXT_MAX);
    cp_how_label(cli->mem, answer, &text);
    cp_buf_put_byte(&text, 0);
    if (cp_buf_err(&text) == CP_OK)
        cp_show_text(cli->out, (const char *)text.ptr, 4);
    cp_buf_clear(&text);
}

/* ------------------------------------------------------------------------------------------- one answer */

/* What was said of one action: "I will if: Chen brings the map (it is met)". */
static void show_action(struct cp_cli *cli, const json_t *action)
{
    const char *met = cp_json_true(action, "met") ? cp_words_label("met") : "";

    const char *text = cp_json_text(action, "text");

    cp_show(cli->out, CP_SAY_ACTION_ANSWER, text[0] != '\0' ? text : cp_show_id(cp_json_text(action, "action")),
            cp_words_label(cp_json_text(action, "will")), cp_json_text(action, "condition"), met);
}

void cp_show_answer(struct cp_cli *cli, const json_t *answer)
{
    const char *name = cp_json_text(answer, "name");
    const char *why = cp_json_text(answer, "why");
    const char *if_what = cp_json_text(answer, "would_agree_if");
    const char *limits = cp_json_text(answer, "limits");
    json_t *action = NULL;
    size_t i = 0;

    fputs("  ", cli->out);
    cp_show_text(cli->out, name[0] != '\0' ? name : cp_show_id(cp_json_text(answer, "person")), 4);
    fputs(": ", cli->out);
    cp_show_text(cli->out, cp_words_label(cp_json_text(answer, "answer")), 4);
    if (why[0] != '\0') {
        fputs(", ", cli->out);
        cp_show_text(cli->out, why, 4);
    }
    cp_show_how(cli, answer);
    if (json_is_false(json_object_get(answer, "asked"))) {
        fputs(" ", cli->out);
        cp_show_text(cli->out, cp_words_screen(CP_SAY_SUPPORTS), 4);
    }
    fputs("\n", cli->out);
    if (limits[0] != '\0')
        cp_show(cli->out, CP_SAY_LIMITS, limits, NULL, NULL, NULL);
    if (if_what[0] != '\0')
        cp_show(cli->out, CP_SAY_WOULD_AGREE_IF, if_what, NULL, NULL, NULL);
    json_array_foreach(json_object_get(answer, "actions"), i, action) show_action(cli, action);
}

/* ------------------------------------------------------------------------------------------- two of one name */

/* The name as it is compared; "" where the row names nobody. */
static void compared(const json_t *row, char *out, size_t size)
{
    size_t len = 0;

    if (cp_json_text(row, "person")[0] != '\0')
        for (const char *at = cp_json_text(row, "name"); *at != '\0' && len < size - 1; at++)
            if (*at != ' ')
                out[len++] = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    out[len] = '\0';
}

/* seen: name to person; NULL once a second person has it. */
static void gather(json_t *value, json_t *seen)
{
    char name[CP_NAME_MAX + 1];
    const char *key = NULL;
    json_t *part = NULL;
    size_t i = 0;

    json_array_foreach(value, i, part) gather(part, seen);
    json_object_foreach(value, key, part) gather(part, seen);
    compared(value, name, sizeof name);
    if (name[0] == '\0')
        return;
    part = json_object_get(seen, name);
    if (part == NULL)
        json_object_set(seen, name, json_object_get(value, "person"));
    else if (!json_equal(part, json_object_get(value, "person")))
        json_object_set_new(seen, name, json_null());
}

static void mark(json_t *value, json_t *seen)
{
    char name[CP_NAME_MAX + 1];
    const char *key = NULL;
    json_t *part = NULL;
    size_t i = 0;

    json_array_foreach(value, i, part) mark(part, seen);
    json_object_foreach(value, key, part) mark(part, seen);
    compared(value, name, sizeof name);
    if (name[0] != '\0' && json_is_null(json_object_get(seen, name)))
        json_object_set_new(value, "name",
                            json_sprintf("%s (%s)", cp_json_text(value, "name"), cp_show_id(cp_json_text(value, "person"))));
}

void cp_tell_apart(json_t *value)
{
    json_t *seen = json_object();

    gather(value, seen);
    mark(value, seen);
    json_decref(seen);
}
