/* People and meeting: invite, join, people, sync, peers. */
#include <inttypes.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/key.h"
#include "client/qr.h"
#include "client/recover.h"
#include "client/show.h"
#include "client/spoken.h"
#include "client/value.h"
#include "proto/member.h"

/* ------------------------------------------------------------------------------------------- invite */

/* What two screens are compared by, when a further device is linked. */
static void show_link(struct cp_cli *cli, json_t *value)
{
    if (cp_json_text(value, "check_words")[0] == '\0')
        return;
    cp_show(cli->out, CP_SAY_LINK_WORDS, cp_json_text(value, "check_words"), NULL, NULL, NULL);
    if (cp_json_true(value, "no_passphrase"))
        cp_show(cli->out, CP_SAY_LINK_NO_PASSPHRASE, NULL, NULL, NULL, NULL);
}

/* Whom it asks back with their sheet, if anybody: they type another command. */
static bool is_back(const struct cp_cli *cli)
{
    return cp_args_option(cli->args, "for") != NULL;
}

/* One without an address: whoever has it cannot call here, and is told what else there is. */
static void show_no_port(struct cp_cli *cli, json_t *value)
{
    struct cp_invitation inv;

    if (cp_invitation_read(cp_json_bytes(json_object_get(value, "invite")), &inv) == CP_OK &&
        inv.address[0] == '\0')
        cp_show(cli->out, CP_SAY_INVITE_NO_PORT,
                is_back(cli) ? "recover SHEET INVITATION" : "join INVITATION", NULL, NULL, NULL);
    sodium_memzero(&inv, sizeof inv);
}

static void show_invite(struct cp_cli *cli, json_t *value)
{
    bool mine = cp_json_text(value, "check_words")[0] != '\0';

    cp_show(cli->out, mine ? CP_SAY_LINK_INVITATION : CP_SAY_INVITATION, NULL, NULL, NULL, NULL);
    fputs("\n", cli->out);
    cp_show_text(cli->out, cp_json_text(value, "invite"), 0);
    fputs("\n\n", cli->out);
    if (!mine)
        cp_show(cli->out, is_back(cli) ? CP_SAY_INVITE_RECOVER : CP_SAY_INVITATION_SHOW, "INVITATION", NULL,
                NULL, NULL);
    show_no_port(cli, value);
    show_link(cli, value);
}

static void show_invite_file(struct cp_cli *cli, const char *path, json_t *value)
{
    bool mine = cp_json_text(value, "check_words")[0] != '\0';

    cp_show(cli->out, mine ? CP_SAY_JOIN_LINK_FILE : CP_SAY_INVITATION_FILE, path, NULL, NULL, NULL);
    if (!mine)
        cp_show(cli->out, is_back(cli) ? CP_SAY_INVITE_RECOVER : CP_SAY_INVITATION_SHOW, path, NULL, NULL,
                NULL);
    show_no_port(cli, value);
    show_link(cli, value);
}

static int run_invite(struct cp_cli *cli, const struct cp_args *args)
{
    const char *path = cp_args_option(args, "out");
    bool mine = cp_args_option(args, "my-device") != NULL;
    const char *whom = cp_args_option(args, "for");

    if (cp_args_option(args, "words") != NULL)
        return cp_invite_spoken(cli, args);
    /* Before there is an invitation that stands in no file. */
    if (path != NULL && !cp_file_can_write(cli, path))
        return cli->status;
    json_t *value =
        cp_ask(cli, "invite", json_pack("{s:b,s:s}", "my_device", mine, "for", whom != NULL ? whom : ""),
               mine ? CP_ASK_SEAL : 0);
    struct cp_buf content;

    if (value == NULL)
        return cli->status;
    cp_buf_init(&content, cli->mem, CP_INVITATION_FILE_MAX);
    cp_buf_put_str(&content, cp_json_text(value, "invite"));
    cp_buf_put_byte(&content, '\n');
    if (path == NULL || cp_file_write_secret(cli, path, cp_buf_bytes(&content))) {
        if (cp_args_option(args, "qr") != NULL &&
            !cp_qr_show(cli->json ? cli->err : cli->out, cp_json_text(value, "invite")))
            cp_show(cli->err, CP_SAY_QR_TOO_LONG, NULL, NULL, NULL, NULL);
        if (path != NULL && !cli->json) {
            show_invite_file(cli, path, value);
        } else
            cp_print(cli, json_incref(value), show_invite);
    } else { /* said why; what it exits with stays */
        int status = cli->status;

        json_decref(cp_ask(cli, "uninvite", json_pack("{s:s}", "invite", cp_json_text(value, "id")), 0));
        cli->status = status;
    }
    if (content.ptr != NULL)
        sodium_memzero(content.ptr, content.len);
    cp_buf_clear(&content);
    json_decref(value);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- join */

static void show_join(struct cp_cli *cli, json_t *value)
{
    bool in = strcmp(cp_json_text(value, "state"), "in") == 0;
    const char *file = cp_args_option(cli->args, "out"), *typed = cp_args_option(cli->args, "name");
    const char *name = cp_json_text(value, "name");

    if (!in && file != NULL)
        cp_show(cli->out, CP_SAY_JOIN_FILE, file, NULL, NULL, NULL);
    else
        cp_show(cli->out, in ? CP_SAY_JOINED : CP_SAY_WAITING, cp_show_id(cp_json_text(value, "plan")), NULL,
                NULL, NULL);
    if (typed != NULL && name[0] != '\0' && strcmp(typed, name) != 0)
        cp_show(cli->out, in ? CP_SAY_JOINED_NAMED : CP_SAY_JOIN_NAMED, name, typed, NULL, NULL);
    show_link(cli, value);
    if (cp_json_text(value, "check_words")[0] != '\0')
        cp_show(cli->out, CP_SAY_LINKED, NULL, NULL, NULL, NULL);
}

/* One that links a further device of mine, rather than letting in a new person? */
static bool is_linking(struct cp_bytes text)
{
    struct cp_invitation inv;
    bool linking = cp_invitation_read(text, &inv) == CP_OK && inv.has_carry;
    sodium_memzero(&inv, sizeof inv);
    return linking;
}

/* The text itself or the file that has it, without white space around. False: said what is wrong with it. */
bool cp_read_invitation(struct cp_cli *cli, const char *word, struct cp_buf *out)
{
    struct cp_buf text;
    size_t start = 0;
    bool ok = true;

    cp_buf_init(&text, cli->mem, CP_INVITATION_FILE_MAX);
    if (cp_file_is(word))
        ok = cp_file_read(cli, word, CP_INVITATION_FILE_MAX - 1, &text);
    else
        cp_buf_put_str(&text, word);
    while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    while (start < text.len && strchr(" \t\r\n", text.ptr[start]) != NULL)
        start++;
    if (ok && (cp_buf_err(&text) != CP_OK || start == text.len ||
               !cp_utf8_ok(CP_BYTES(text.ptr + start, text.len - start)))) {
        cp_fail(cli, CP_ERR_BAD_INVITATION, NULL, NULL);
        ok = false;
    }
    if (ok)
        cp_buf_put(out, text.ptr + start, text.len - start);
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len);
    cp_buf_clear(&text);
    return ok;
}

static int run_join(struct cp_cli *cli, const struct cp_args *args)
{
    const char *name = cp_args_option(args, "name");
    struct cp_buf text;
    char out[4096];

    if (!cp_file_path_out(cli, cp_args_option(args, "out"), out, sizeof out))
        return cli->status;
    cp_buf_init(&text, cli->mem, CP_INVITATION_FILE_MAX);
    if (args->count > 1 ? cp_args_rest(cli, args, 0, &text) : cp_read_invitation(cli, args->words[0], &text)) {
        bool linking = is_linking(cp_buf_bytes(&text));

        if (linking && !cli->json && cp_cli_has_home(cli))
            cp_show(cli->err, CP_SAY_LINK_PASSPHRASE, NULL, NULL, NULL, NULL);
        cp_print(cli,
                 cp_ask(cli, linking ? "link" : "join",
                        json_pack("{s:s%,s:s,s:s}", "invitation", (const char *)text.ptr, text.len, "name",
                                  name != NULL ? name : "", "out", out),
                        CP_ASK_SEAL),
                 show_join);
    }
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len);
    cp_buf_clear(&text);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- people */

static enum cp_screen device_state(json_t *device)
{
    static const struct {
        const char *state;
        enum cp_screen say;
    } states[] = {{"in", CP_SAY_DEVICE_IN},
                  {"reported lost", CP_SAY_DEVICE_LOST},
                  {"left", CP_SAY_PERSON_LEFT},
                  {"to follow", CP_SAY_PERSON_TO_FOLLOW}};

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(cp_json_text(device, "state"), states[i].state) == 0)
            return states[i].say;
    return CP_SAY_DEVICE_NOT_IN;
}

static void show_device(struct cp_cli *cli, json_t *device)
{
    const char *const args[4] = {cp_words_screen(device_state(device)), NULL, NULL, NULL};
    struct cp_buf state;

    cp_buf_init(&state, cli->mem, 1024);
    cp_words_fill(cp_json_true(device, "here") ? cp_words_screen(CP_SAY_DEVICE_HERE) : "{1}", args, &state);
    cp_buf_put_byte(&state, 0);
    cp_show(cli->out, CP_SAY_DEVICE_LINE, cp_show_id(cp_json_text(device, "device")),
            cp_buf_err(&state) == CP_OK ? (const char *)state.ptr : args[0],
            cp_show_time(cp_json_number(device, "last_seen")), NULL);
    cp_buf_clear(&state);
}

/* Is one of their devices in that state? */
static bool has_device(json_t *row, enum cp_screen state)
{
    json_t *device = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "devices"), i, device) if (device_state(device) == state) return true;
    return false;
}

/* Why nobody by that name speaks here; COUNT: they do, or the line of their device says it. Whom a new plan was not carried on
 * for was never in it, so is not "no longer in". */
static enum cp_screen out_because(json_t *row)
{
    if (cp_json_true(row, "standing") || has_device(row, CP_SAY_PERSON_TO_FOLLOW))
        return CP_SAY_COUNT;
    return has_device(row, CP_SAY_DEVICE_LOST) ? CP_SAY_NOT_STANDING : CP_SAY_DEVICE_NOT_IN;
}

static void show_people(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    json_t *device = NULL;
    size_t i = 0;
    size_t j = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_PEOPLE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        fprintf(cli->out, "%s  ", cp_show_id(cp_json_text(row, "person")));
        cp_show_text(cli->out, cp_json_text(row, "name"), 14);
        if (cp_json_true(row, "someone"))
            fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_WITHOUT_DEVICE));
        else if (cp_json_true(row, "left"))
            fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_PERSON_LEFT));
        else if (out_because(row) != CP_SAY_COUNT)
            fprintf(cli->out, "  (%s)", cp_words_screen(out_because(row)));
        if (cp_json_true(row, "kept_informed"))
            fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_KEPT_INFORMED));
        if (cp_json_true(row, "token_shared"))
            fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_TOKEN_SHARED));
        fputs("\n", cli->out);
        json_array_foreach(json_object_get(row, "devices"), j, device) show_device(cli, device);
    }
}

static int run_people(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "people", json_object(), CP_ASK_ROWS), show_people);
}

/* ------------------------------------------------------------------------------------------- invites */

static void show_invites(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;
    bool open = false;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_INVITES, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        enum cp_screen state = cp_json_true(row, "withdrawn") ? CP_SAY_INVITE_WITHDRAWN
                               : cp_json_true(row, "used")    ? CP_SAY_INVITE_USED
                                                              : CP_SAY_INVITE_OPEN;

        cp_show(cli->out, state, cp_show_id(cp_json_text(row, "id")), NULL, NULL, NULL);
        open = open || state == CP_SAY_INVITE_OPEN;
    }
    if (open)
        cp_show(cli->out, CP_SAY_INVITES_NEXT, NULL, NULL, NULL, NULL);
}

static int run_invites(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "invites", json_object(), CP_ASK_ROWS), show_invites);
}

static void show_uninvited(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, cp_json_true(value, "used") ? CP_SAY_UNINVITED_USED : CP_SAY_UNINVITED, NULL, NULL,
            NULL, NULL);
}

static int run_uninvite(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "uninvite", json_pack("{s:s}", "invite", args->words[0]), 0),
                    show_uninvited);
}

/* ------------------------------------------------------------------------------------------- leave */

static void show_left(struct cp_cli *cli, json_t *value)
{
    struct cp_buf names;
    json_t *device = NULL;
    size_t i = 0;

    cp_show(cli->out, CP_SAY_YOU_LEFT, NULL, NULL, NULL, NULL);
    if (json_array_size(json_object_get(value, "devices")) == 0)
        return;
    cp_buf_init(&names, &cp_client_mem, SIZE_MAX / 2);
    json_array_foreach(json_object_get(value, "devices"), i, device)
    {
        cp_buf_put_str(&names, i > 0 ? ", " : "");
        cp_buf_put_str(&names, cp_show_id(json_string_value(device)));
    }
    cp_buf_put_byte(&names, 0);
    if (cp_buf_err(&names) == CP_OK)
        cp_show(cli->out, CP_SAY_LEFT_DEVICES, (const char *)names.ptr, NULL, NULL, NULL);
    cp_buf_clear(&names);
}

static int run_leave(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    if (!cli->json)
        cp_show(cli->err, CP_SAY_LEAVE_FIRST, NULL, NULL, NULL, NULL);
    return cp_print(cli, cp_ask(cli, "leave", json_object(), CP_ASK_SEAL), show_left);
}

/* ------------------------------------------------------------------------------------------- secret */

static void show_rotated(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_SECRET_NEW, NULL, NULL, NULL, NULL);
}

static int run_rotate_secret(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "rotate-secret", json_object(), 0), show_rotated);
}

/* ------------------------------------------------------------------------------------------- lost devices */

static void show_revoked(struct cp_cli *cli, json_t *value)
{
    json_t *row = NULL;
    size_t i = 0;
    char kept[24], gone[24];

    (void)snprintf(kept, sizeof kept, "%" PRId64, cp_json_number(value, "kept"));
    (void)snprintf(gone, sizeof gone, "%" PRId64, cp_json_number(value, "void"));
    cp_show(cli->out, CP_SAY_DEVICE_REVOKED, cp_show_id(cp_json_text(value, "device")), kept, gone, NULL);
    if (cp_json_true(value, "by_sheet"))
        cp_show(cli->out, CP_SAY_DEVICE_BY_SHEET, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, cp_json_true(value, "passphrase") ? CP_SAY_DEVICE_SIGNS : CP_SAY_DEVICE_SIGNS_OPEN, NULL,
                NULL, NULL, NULL);
    json_array_foreach(json_object_get(value, "others"), i, row)
        cp_show(cli->out, CP_SAY_DEVICE_LOST_SHARED, json_string_value(row), NULL, NULL, NULL);
    json_array_foreach(json_object_get(value, "elsewhere"), i, row)
        cp_show(cli->out, CP_SAY_DEVICE_LOST_ELSEWHERE, cp_show_id(json_string_value(row)),
                cp_show_id(cp_json_text(value, "device")), NULL, NULL);
    cp_show(cli->out, CP_SAY_DEVICE_REVOKED_NEXT, cp_show_id(cp_json_text(value, "device")), NULL, NULL,
            NULL);
}

static int run_revoke_device(struct cp_cli *cli, const struct cp_args *args)
{
    const char *after = cp_args_option(args, "after");

    return cp_print(cli,
                    cp_ask(cli, "revoke-device",
                           json_pack("{s:s,s:s,s:b}", "device", args->words[0], "after",
                                     after != NULL ? after : "", "all", cp_args_option(args, "all") != NULL),
                           CP_ASK_SEAL),
                    show_revoked);
}

static void show_admitted(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, cp_json_true(value, "standing") ? CP_SAY_DEVICE_ADMITTED : CP_SAY_DEVICE_NOT_ADMITTED,
            cp_show_id(cp_json_text(value, "device")), NULL, NULL, NULL);
}

static int run_admit(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "admit", json_pack("{s:s}", "device", args->words[0]), 0),
                    show_admitted);
}

/* ------------------------------------------------------------------------------------------- meeting */

/* A number, a list's length, or a text as it is, for a sentence. */
static const char *count_text(json_t *value)
{
    if (json_is_integer(value))
        return json_integer_value(value) > 0 ? cp_show_number(json_integer_value(value)) : "";
    if (json_is_array(value))
        return json_array_size(value) > 0 ? cp_show_number((int64_t)json_array_size(value)) : "";
    return json_is_string(value) ? json_string_value(value) : "";
}

/* "Asha", or "Asha, plan 3f2a91" where this device holds several plans. */
static void put_whom(json_t *row, struct cp_buf *out)
{
    const char *name = cp_json_text(row, "name");
    bool several = cp_json_number(row, "plans_here") > 1;
    const char *const args[4] = {name[0] != '\0' ? name : cp_show_id(cp_json_text(row, "peer")),
                                 several ? cp_show_id(cp_json_text(row, "plan")) : NULL, NULL, NULL};

    cp_words_fill(cp_words_screen(CP_SAY_SYNC_WHOM), args, out);
    cp_buf_put_byte(out, 0);
}

static void show_sync(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;
    bool cut = false;

    if (cp_args_option(cli->args, "leave") != NULL)
        cp_show(cli->out, CP_SAY_SYNC_LEFT, NULL, NULL, NULL, NULL);
    else if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOBODY, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        const char *missing = count_text(json_object_get(row, "missing"));
        cut = cut || cp_json_true(row, "cut");
        const char *sent = cp_show_number(cp_json_number(row, "sent"));
        const char *got = cp_show_number(cp_json_number(row, "received"));
        struct cp_buf whom;

        cp_buf_init(&whom, cli->mem, CP_TEXT_MAX);
        put_whom(row, &whom);
        if (cp_buf_err(&whom) == CP_OK)
            cp_show(cli->out,
                    cp_json_true(row, "apart")     ? CP_SAY_SYNC_APART
                    : cp_json_true(row, "no_place") ? CP_SAY_SYNC_NO_PLACE
                    : cp_json_true(row, "in_sync") ? CP_SAY_IN_SYNC
                                                   : CP_SAY_NOT_IN_SYNC,
                    (const char *)whom.ptr, sent, got, missing);
        cp_buf_clear(&whom);
    }
    if (cut)
        cp_show(cli->out, CP_SAY_SYNC_CUT, NULL, NULL, NULL, NULL);
}

static int run_sync(struct cp_cli *cli, const struct cp_args *args)
{
    const char *where = args->count > 0 ? args->words[0] : "";
    size_t len = strcspn(where, "#");
    json_t *with = json_pack(
        "{s:s%,s:s,s:b,s:b}", "address", where, len, "key", where[len] == '#' ? where + len + 1 : "", "stay",
        cp_args_option(args, "stay") != NULL, "leave", cp_args_option(args, "leave") != NULL);

    return cp_print(cli, cp_ask(cli, "sync", with, CP_ASK_ROWS), show_sync);
}

static int run_peers(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "peers", json_object(), CP_ASK_ROWS), cp_show_peers);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option invite_options[] = {{"my-device", false}, {"for", true}, {"words", false},
                                                  {"out", true},        {"qr", false}, {NULL, false}};
static const struct cp_option recover_options[] = {{"keep", true}, {"after", true}, {"all", false},
                                                   {"name", true}, {"out", true},   {NULL, false}};
static const struct cp_option join_options[] = {{"name", true}, {"out", true}, {NULL, false}};
static const struct cp_option revoke_options[] = {{"after", true}, {"all", false}, {NULL, false}};
static const struct cp_option sync_options[] = {{"stay", false}, {"leave", false}, {NULL, false}};

const struct cp_command cp_people_commands[] = {
    {"invite", "[--my-device | --for PERSON | --words] [--out FILE] [--qr]",
     "An invitation for one person, for a further device of your own, or for somebody who lost theirs; it works once.",
     invite_options, 0, 0, run_invite},
    {"invites", "", "The invitations of this plan, and what became of them.", NULL, 0, 0, run_invites},
    {"uninvite", "ID", "Take an invitation back: nobody comes in by it any more.", NULL, 1, 1, run_uninvite},
    {"join", "INVITE-OR-FILE [--name NAME] [--out FILE]",
     "Come into a plan with an invitation; --out writes your request into a file for a stick, where nobody can be called.",
     join_options, 1, CP_SPOKEN_TYPED_MAX, run_join},
    {"people", "", "Who takes part, and with which devices.", NULL, 0, 0, run_people},
    {"key", "PERSON [WORDS]",
     "Sit side by side: is PERSON's key the same here and on their own screen? WORDS, from their screen, note that it is.",
     NULL, 1, CP_KEY_TYPED_MAX, cp_run_key},
    {"leave", "", "Leave the plan: what you wrote stays, and nobody asks you any more.", NULL, 0, 0,
     run_leave},
    {"rotate-secret", "",
     "A new secret for this plan, from now on: for when somebody may have got hold of the old one.", NULL, 0,
     0, run_rotate_secret},
    {"revoke-device", "DEVICE [--after ENTRY | --all]",
     "Report a device of yours lost: what is written on it from now on counts for nothing.", revoke_options, 1,
     1, run_revoke_device},
    {"recover",
     "SHEET [INVITE-OR-FILE] [--keep DEVICE,...] [--after ENTRY | --all] [--name NAME] [--out FILE]",
     "Come back with your recovery sheet: a new key, and what was lost counts no more.", recover_options, 1,
     2, cp_run_recover},
    {"admit", "DEVICE", "Let a device in again whom a lost device had let in.", NULL, 1, 1, run_admit},
    {"sync", "[HOST:PORT[#KEY]] [--stay | --leave]",
     "Meet all devices in reach, or the one at an address; --stay keeps the line open until --leave or lock.",
     sync_options, 0, 1, run_sync},
    {"peers", "", "The other devices: what each of them has, and when you met.", NULL, 0, 0, run_peers},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
