/* Pages: what they are made from, and which is asked for. Owns: the requests. Must not: render (html*.c). */
#include "client/page_internal.h"

#include "client/attached.h"
#include "client/connect.h"
#include "client/html.h"
#include "client/language.h"
#include "client/others.h"
#include "client/value.h"
#include "proto/version.h"

/* ------------------------------------------------------------------------------------------- fetching */

static void fetch_draft(struct cp_cli *cli, struct cp_page_source *out)
{
    out->parts.plan = cp_ask(cli, "plan-show", json_object(), 0);
    if (!cli->failed)
        out->parts.people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    /* What was set aside is not on a page, but something on it may name it. */
    if (!cli->failed)
        out->parts.items = cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    if (!cli->failed)
        out->parts.attachments = cp_attachments_of(cli, "");
}

static void fetch_version(struct cp_cli *cli, const char *typed, struct cp_page_source *out)
{
    json_t *text = NULL;
    uint8_t id[CP_ID_LEN];
    const char *version = NULL;
    enum cp_err err = CP_OK;

    /* First which page it is, so that text and answers are of the same one. */
    out->agreement = cp_ask(cli, "agreement", json_pack("{s:s}", "version", typed), 0);
    if (cli->failed)
        return;
    cp_tell_apart(out->agreement);
    version = cp_json_text(out->agreement, "version");
    if (version[0] == '\0') { /* of no page at all there is nothing to be told */
        cp_fail(cli, CP_ERR_NOT_FOUND, cp_words_screen(CP_SAY_NO_VERSION), NULL);
        return;
    }
    if (!cp_hex_decode(cp_bytes_str(version), id, sizeof id)) {
        cp_fail(cli, CP_ERR_NOT_FOUND, typed, NULL);
        return;
    }
    text = cp_ask(cli, "text", json_pack("{s:s}", "version", version), 0);
    if (cli->failed)
        return;
    memcpy(out->version, version, sizeof out->version);
    cp_check_words(id, out->check_words);
    err = cp_page_of_version(out, cli->mem, cp_json_bytes(text));
    if (err != CP_OK)
        cp_fail(cli, err, version, NULL);
    json_decref(text);
}

bool cp_page_fetch(struct cp_cli *cli, const char *version, struct cp_page_source *out)
{
    *out = (struct cp_page_source){.comment = false};
    if (version == NULL)
        fetch_draft(cli, out);
    else
        fetch_version(cli, version, out);
    return !cli->failed;
}

bool cp_page_fetch_sides(struct cp_cli *cli, struct cp_page_source *out)
{
    out->who = cp_ask(cli, "who", json_pack("{s:b,s:s}", "overdue_contact", 0, "on", ""), CP_ASK_ROWS);
    return !cli->failed;
}

/* Whether somebody with this id answered the page, as rows of `agreement` tell it. */
static bool has_answered(json_t *agreement, const char *person)
{
    static const char *const lists[] = {"answers", "apart", "pending"};
    json_t *row = NULL;
    size_t i = 0;

    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        json_array_foreach(json_object_get(agreement, lists[l]), i,
                           row) if (strcmp(cp_json_text(row, "person"), person) == 0) return true;
    return false;
}

/* The page for agreement before this one that the person answered last, as a row of `versions`; NULL: none, or reported. */
static json_t *answered_before(struct cp_cli *cli, json_t *versions, const char *version, const char *person)
{
    bool before = false;

    for (size_t i = json_array_size(versions); i > 0 && !cli->failed; i--) {
        json_t *row = json_array_get(versions, i - 1);
        json_t *agreement = NULL;
        bool answered = false;

        if (strcmp(cp_json_text(row, "version"), version) == 0)
            before = true;
        else if (before && cp_json_true(row, "for_signing"))
            agreement =
                cp_ask(cli, "agreement", json_pack("{s:s}", "version", cp_json_text(row, "version")), 0);
        answered = agreement != NULL && has_answered(agreement, person);
        json_decref(agreement);
        if (answered)
            return row;
    }
    return NULL;
}

bool cp_page_fetch_since(struct cp_cli *cli, const char *person, struct cp_page_source *out)
{
    json_t *versions = cp_ask(cli, "versions", json_object(), CP_ASK_ROWS);
    json_t *row = versions != NULL ? answered_before(cli, versions, out->version, person) : NULL;

    if (row != NULL && !cli->failed) {
        snprintf(out->since_words, sizeof out->since_words, "%s", cp_json_text(row, "check_words"));
        out->since =
            cp_ask(cli, "changes",
                   json_pack("{s:s,s:s}", "version", cp_json_text(row, "version"), "other", out->version),
                   CP_ASK_ROWS);
    }
    json_decref(versions);
    return !cli->failed;
}

void cp_page_release(struct cp_page_source *source)
{
    json_decref(source->since);
    json_decref(source->parts.plan);
    json_decref(source->parts.people);
    json_decref(source->parts.items);
    json_decref(source->parts.attachments);
    json_decref(source->agreement);
    json_decref(source->named);
    json_decref(source->others);
    json_decref(source->who);
    *source = (struct cp_page_source){.comment = false};
}

/* ------------------------------------------------------------------------------------------- rendering */

enum cp_err cp_page_render(const struct cp_page_source *source, const struct cp_page_options *options,
                           struct cp_buf *out, json_t *warnings)
{
    struct cp_html h;
    enum cp_err err = CP_OK;

    cp_language_use(options->language);
    if (!cp_html_begin(&h, source, options, out, warnings))
        err = CP_ERR_NO_MEMORY;
    else if (options->format == CP_PAGE_WHY)
        cp_html_why(&h);
    else if (options->format == CP_PAGE_EASY_READ)
        cp_html_easy(&h);
    else
        cp_html_plan(&h);
    cp_html_end(&h);
    cp_language_use(NULL);
    return err != CP_OK ? err : cp_buf_err(out);
}
