/* The key of a person in words, and noting that it was seen. See key.h. */
#include "client/key.h"

#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

/* How a person is named in a command: what a shell would take apart, or coplan for something else, goes by its id. */
static const char *typed_as(json_t *key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *name = cp_json_text(key, "name");

    return name[0] != '\0' && name[strspn(name, plain)] == '\0' && strcmp(name, "me") != 0
               ? name
               : cp_show_id(cp_json_text(key, "person"));
}

/* Their recovery sheet was used, and the key that is here is not, or not yet, the one that others see. */
static void show_not_now(struct cp_cli *cli, json_t *key)
{
    const char *const none[4] = {NULL, NULL, NULL, NULL};
    struct cp_buf why;

    if (!cp_json_true(key, "me")) {
        cp_show(cli->out, CP_SAY_KEY_THEIRS_APART, cp_json_text(key, "name"), NULL, NULL, NULL);
        return;
    }
    cp_buf_init(&why, cli->mem, 4096);
    cp_words_fill(cp_words_error(cp_err_of_word(cp_json_text(key, "not_now"))), none, &why);
    cp_buf_put_byte(&why, 0);
    if (cp_buf_err(&why) == CP_OK)
        fprintf(cli->out, "%s\n", (const char *)why.ptr);
    cp_buf_clear(&why);
    cp_show(cli->out, CP_SAY_KEY_MINE_NOT, NULL, NULL, NULL, NULL);
}

static void show_key(struct cp_cli *cli, json_t *key)
{
    const char *name = cp_json_text(key, "name"), *worth = cp_json_text(key, "not_now");
    json_t *seen = NULL;
    size_t i = 0;

    if (worth[0] != '\0') { /* words that are on no other screen would only frighten */
        show_not_now(cli, key);
        return;
    }
    if (cp_json_true(key, "me")) {
        cp_show(cli->out, CP_SAY_KEY_MINE, cp_json_text(key, "words"), NULL, NULL, NULL);
        cp_show(cli->out, CP_SAY_KEY_SHOW, typed_as(key), NULL, NULL, NULL);
    } else {
        cp_show(cli->out, CP_SAY_KEY_THEIRS, name, cp_json_text(key, "words"), NULL, NULL);
        cp_show(cli->out, CP_SAY_KEY_COMPARE, name, NULL, NULL, NULL);
        cp_show(cli->out, CP_SAY_KEY_SAME, typed_as(key), NULL, NULL, NULL);
        cp_show(cli->out, CP_SAY_KEY_OTHER, name, NULL, NULL, NULL);
    }
    json_array_foreach(json_object_get(key, "checked"), i, seen)
        cp_show(cli->out, CP_SAY_KEY_SEEN, cp_json_text(seen, "name"), name,
                cp_show_time(cp_json_number(seen, "claimed_at")), NULL);
    if (json_array_size(json_object_get(key, "checked")) == 0)
        cp_show(cli->out, CP_SAY_KEY_UNSEEN, NULL, NULL, NULL, NULL);
}

static void show_key_noted(struct cp_cli *cli, json_t *noted)
{
    cp_show(cli->out, CP_SAY_KEY_NOTED, cp_json_text(noted, "name"), NULL, NULL, NULL);
}

/* Whoever reads words off a screen may leave out the quotes. */
static json_t *ask_note(struct cp_cli *cli, const struct cp_args *args, json_t *key)
{
    struct cp_buf typed;
    json_t *noted = NULL;

    cp_buf_init(&typed, cli->mem, CP_TEXT_MAX);
    if (cp_args_rest(cli, args, 1, &typed))
        noted = cp_ask(cli, "note",
                       json_pack("{s:s,s:s,s:s,s:[{s:s,s:s,s:s%}]}", "kind", "checked", "about",
                                 cp_json_text(key, "person"), "text", "", "fields", "name", "checked_key", "op",
                                 "=", "value", (const char *)typed.ptr, typed.len),
                       0);
    cp_buf_clear(&typed);
    return noted;
}

int cp_run_key(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *key = cp_ask(cli, "key", json_pack("{s:s}", "person", args->words[0]), 0);
    json_t *noted = NULL;

    if (key == NULL || args->count == 1)
        return cp_print(cli, key, show_key);
    noted = ask_note(cli, args, key);
    if (noted != NULL)
        json_object_set(noted, "name", json_object_get(key, "name"));
    json_decref(key);
    return cp_print(cli, noted, show_key_noted);
}
