/*
 * Coming back with the recovery sheet: recover. See recover.h.
 * Owns: what is shown of what goes on counting, and that it is asked about. Must not: judge any of it.
 */
#include "client/recover.h"

#include <inttypes.h>
#include <sodium.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/passphrase.h"
#include "client/show.h"
#include "client/value.h"

/* "3.2": group 3, letter 2. */
static void show_forgiven(struct cp_cli *cli, const char *place)
{
    char group[8] = "", letter[8] = "";

    if (sscanf(place, "%7[0-9].%7[0-9]", group, letter) == 2)
        cp_show(cli->out, CP_SAY_SHEET_FORGIVEN, group, letter, NULL, NULL);
}

static void show_signed_one(FILE *out, json_t *one)
{
    const char *answer = cp_json_text(one, "answer"), *when = cp_show_time(cp_json_number(one, "claimed_at"));
    const char *device = cp_show_id(cp_json_text(one, "device"));

    if (answer[0] != '\0')
        cp_show(out, CP_SAY_SIGNED_ANSWER, when, cp_show_id(cp_json_text(one, "version")), cp_words_label(answer), device);
    else
        cp_show(out, CP_SAY_SIGNED_OTHER, when, cp_words_done(cp_json_text(one, "kind")), device, NULL);
}

/* What goes on counting of what an ended key signed: what came by a lost device first, since it need not be theirs. */
static void show_signed(FILE *out, json_t *plan)
{
    static const enum cp_screen heads[] = {CP_SAY_SIGNED_LOST, CP_SAY_SIGNED_OTHERS};
    json_t *signed_rows = json_object_get(plan, "signed"), *one = NULL;
    int64_t before = 0;
    size_t i = 0;

    for (int part = 0; part < 2; part++) {
        bool first = true;

        json_array_foreach(signed_rows, i, one)
        {
            if (cp_json_true(one, "lost") != (part == 0))
                continue;
            if (first)
                cp_show(out, heads[part], cp_show_id(cp_json_text(plan, "plan")), NULL, NULL, NULL);
            first = false;
            show_signed_one(out, one);
            before += cp_json_true(one, "before") ? 1 : 0;
        }
    }
    if (before > 0)
        cp_show(out, CP_SAY_SIGNED_BEFORE, cp_show_number(before), NULL, NULL, NULL);
}

static void show_recovered(struct cp_cli *cli, json_t *value)
{
    json_t *plan = NULL;
    size_t i = 0;

    show_forgiven(cli, cp_json_text(value, "forgiven"));
    if (strcmp(cp_json_text(value, "state"), "in") != 0) {
        cp_show(cli->out, CP_SAY_RECOVER_WAITING, cp_show_id(cp_json_text(value, "plan")), NULL, NULL, NULL);
        return;
    }
    json_array_foreach(json_object_get(value, "plans"), i, plan)
    {
        char stay[24], lost[24], said[24];

        (void)snprintf(stay, sizeof stay, "%" PRId64, cp_json_number(plan, "stay"));
        (void)snprintf(lost, sizeof lost, "%" PRId64, cp_json_number(plan, "lost"));
        (void)snprintf(said, sizeof said, "%zu", json_array_size(json_object_get(plan, "signed")));
        cp_show(cli->out, CP_SAY_RECOVERED, cp_show_id(cp_json_text(plan, "plan")), stay, lost, said);
        if (cp_json_number(plan, "left_out") > 0)
            cp_show(cli->out, CP_SAY_RECOVER_LEFT_OUT, cp_show_number(cp_json_number(plan, "left_out")), NULL,
                    NULL, NULL);
        show_signed(cli->out, plan);
    }
    cp_show(cli->out, CP_SAY_RECOVERED_NEXT, NULL, NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_RECOVERED_COPY, NULL, NULL, NULL, NULL);
}

/* ask: nothing is said where something would go on counting that need not be theirs, so that they are asked. */
static json_t *ask_recover(struct cp_cli *cli, const struct cp_args *args, struct cp_bytes invitation, const char *out, bool ask)
{
    const char *name = cp_args_option(args, "name");
    const char *keep = cp_args_option(args, "keep");
    const char *after = cp_args_option(args, "after");

    return cp_ask(cli, "recover",
                  json_pack("{s:s,s:s%,s:s,s:s,s:s,s:s,s:b,s:b}", "sheet", args->words[0], "invitation",
                            invitation.len > 0 ? (const char *)invitation.ptr : "", invitation.len, "name",
                            name != NULL ? name : "", "out", out, "keep", keep != NULL ? keep : "", "after",
                            after != NULL ? after : "", "all", cp_args_option(args, "all") != NULL, "ask", ask),
                  CP_ASK_SEAL);
}

static bool say_yes(struct cp_cli *cli, json_t *value)
{
    json_t *plan = NULL;
    char line[16] = "";
    size_t i = 0;

    json_array_foreach(json_object_get(value, "plans"), i, plan)
        show_signed(cli->err, plan);
    cp_show(cli->err, CP_SAY_RECOVER_ASK, NULL, NULL, NULL, NULL);
    if (fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
        return true;
    cp_show(cli->err, CP_SAY_RECOVER_NO, NULL, NULL, NULL, NULL);
    cli->status = 1;
    return false;
}

int cp_run_recover(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *value = NULL;
    struct cp_buf text;
    char out[4096];

    if (!cp_file_path_out(cli, cp_args_option(args, "out"), out, sizeof out))
        return cli->status;
    cp_buf_init(&text, cli->mem, CP_INVITATION_FILE_MAX);
    if (args->count > 1 && !cp_read_invitation(cli, args->words[1], &text))
        goto out;
    value = ask_recover(cli, args, cp_buf_bytes(&text), out, !cli->json && cp_passphrase_can_ask());
    if (value != NULL && cp_json_true(value, "asks")) { /* by now this device is in: no invitation */
        bool yes = say_yes(cli, value);

        json_decref(value);
        if (!yes)
            goto out;
        value = ask_recover(cli, args, CP_BYTES(NULL, 0), out, false);
    }
    cp_print(cli, value, show_recovered);
out:
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.len);
    cp_buf_clear(&text);
    return cli->status;
}
