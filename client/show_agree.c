/* Who answered a page and what it comes to, in words. Must not: talk to the daemon. */
#include <inttypes.h>

#include "client/cmd_agree.h"
#include "client/others.h"
#include "client/value.h"

/* "Asha (has not answered)" */
static void put_name(const char *name, const char *why, struct cp_buf *out)
{
    const char *const args[4] = {name, cp_words_label(why), NULL, NULL};

    cp_words_fill(cp_words_screen(CP_SAY_NAME_WHY), args, out);
}

/* Names of people in a list whose elements are texts or {person, name}. */
static void show_names(struct cp_cli *cli, json_t *people, enum cp_screen sentence)
{
    struct cp_buf names;
    json_t *person = NULL;
    size_t i = 0;

    if (json_array_size(people) == 0)
        return;
    cp_buf_init(&names, cli->mem, SIZE_MAX / 2);
    json_array_foreach(people, i, person)
    {
        const char *name = cp_json_text(person, "name");

        if (name[0] == '\0')
            name = json_is_string(person) ? cp_show_id(json_string_value(person))
                                          : cp_show_id(cp_json_text(person, "person"));
        cp_buf_put_str(&names, i > 0 ? ", " : "");
        put_name(name, cp_json_text(person, "why"), &names);
    }
    cp_buf_put_byte(&names, 0);
    if (cp_buf_err(&names) == CP_OK)
        cp_show(cli->out, sentence, (const char *)names.ptr, NULL, NULL, NULL);
    cp_buf_clear(&names);
}

/* Under each-perspective: how many agree of each that is needed. */
static void show_sides(struct cp_cli *cli, json_t *sides)
{
    json_t *side = NULL;
    size_t i = 0;

    json_array_foreach(sides, i, side)
    {
        char agree[24];
        char needed[24];

        snprintf(agree, sizeof agree, "%" PRId64, cp_json_number(side, "agree"));
        snprintf(needed, sizeof needed, "%" PRId64, cp_json_number(side, "needed"));
        cp_show(cli->out, CP_SAY_SIDE, cp_json_text(side, "perspective"), agree, needed, NULL);
    }
}

void cp_show_asked(struct cp_cli *cli, json_t *asked)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(asked, i, row)
    {
        const char *state = cp_json_text(row, "state");
        json_t *cannot = json_object_get(row, "cannot");
        size_t k = 0;

        for (k = 0; k < json_array_size(cannot); k++)
            cp_show(cli->out, CP_SAY_ASKED_CANNOT, cp_json_text(row, "name"),
                    json_string_value(json_array_get(cannot, k)), NULL, NULL);
        if (k > 0 && cp_json_text(row, "asked")[0] == '\0') {
            cp_show(cli->out, CP_SAY_ASKED_STATE, cp_words_label(state), cp_json_text(row, "this_version"),
                    NULL, NULL);
            continue;
        }
        cp_show(cli->out, CP_SAY_ASKED, cp_json_text(row, "name"), cp_json_text(row, "asked"),
                cp_words_label(state), cp_json_text(row, "this_version"));
    }
}

/* Actions whose lead is gone, and pages that stand beside this one. */
static void show_needs(struct cp_cli *cli, json_t *value)
{
    json_t *row = NULL;
    json_t *helper = NULL;
    size_t i = 0;
    size_t k = 0;

    json_array_foreach(json_object_get(value, "needs_someone"), i, row)
    {
        cp_show(cli->out, CP_SAY_NEEDS_SOMEONE, cp_json_text(row, "text"), cp_json_text(row, "name"), NULL,
                NULL);
        json_array_foreach(json_object_get(row, "helpers"), k, helper)
            cp_show(cli->out, CP_SAY_MARK_HELPERS, cp_json_text(helper, "name"), NULL, NULL, NULL);
    }
    json_array_foreach(json_object_get(value, "beside"), i, row)
        cp_show(cli->out, CP_SAY_BESIDE, cp_show_id(cp_json_text(row, "version")),
                cp_json_text(row, "result"), cp_show_id(cp_json_text(value, "version")), NULL);
}

void cp_show_agreement(struct cp_cli *cli, json_t *value)
{
    json_t *answer = NULL;
    size_t i = 0;

    if (cp_json_text(value, "version")[0] == '\0') {
        cp_show(cli->out, CP_SAY_NO_VERSION, NULL, NULL, NULL, NULL);
        return;
    }
    cp_tell_apart(value);
    cp_show(cli->out, CP_SAY_RESULT, cp_show_id(cp_json_text(value, "version")),
            cp_words_label(cp_json_text(value, "stage")), cp_words_label(cp_json_text(value, "result")),
            NULL);
    cp_show(cli->out, CP_SAY_SHOW_CHECK_WORDS, cp_json_text(value, "check_words"), NULL, NULL, NULL);
    json_array_foreach(json_object_get(value, "answers"), i, answer) cp_show_answer(cli, answer);
    json_array_foreach(json_object_get(value, "apart"), i, answer) cp_show_answer(cli, answer);
    show_sides(cli, json_object_get(value, "perspectives"));
    cp_show_asked(cli, json_object_get(value, "asked"));
    show_needs(cli, value);
    show_names(cli, json_object_get(value, "stopped"), CP_SAY_STOPPED_BY);
    cp_show_pending(cli, json_object_get(value, "pending"));
    show_names(cli, json_object_get(value, "waiting_for"), CP_SAY_WAITING_FOR);
    show_names(cli, json_object_get(value, "not_asked"), CP_SAY_NOT_ASKED);
    show_names(cli, json_object_get(value, "lost_key"), CP_SAY_LOST_KEY);
}

void cp_show_pages(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_VERSION, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        const char *result = cp_json_text(row, "result");

        cp_show(cli->out, CP_SAY_PAGE_ROW, cp_show_id(cp_json_text(row, "version")),
                cp_words_label(cp_json_text(row, "stage")), result[0] != '\0' ? cp_words_label(result) : NULL, NULL);
        cp_show(cli->out, CP_SAY_PAGE_MADE, cp_json_text(row, "name"),
                cp_show_time(cp_json_number(row, "claimed_at")), NULL, NULL);
        cp_show(cli->out, CP_SAY_SHOW_CHECK_WORDS, cp_json_text(row, "check_words"), NULL, NULL, NULL);
    }
}
