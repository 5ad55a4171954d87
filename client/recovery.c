/* The recovery sheet as a page: see recovery.h. */
#include "client/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "client/file.h"
#include "client/html.h"
#include "client/qr.h"
#include "client/show.h"
#include "client/value.h"

#define PAGE_MAX (256U * 1024U)

static const char style[] =
    "ol.letters{list-style:none;display:flex;flex-wrap:wrap;gap:.4em 1.2em;padding:0;margin:.5em 0}\n"
    ".letters li{font:bold 1.6em \"Liberation Mono\",\"DejaVu Sans Mono\",monospace;letter-spacing:.12em}\n"
    ".letters span{font:.55em Arial,sans-serif;letter-spacing:0;margin-right:.5em;color:#4a4a4a}\n"
    "code{font-family:\"Liberation Mono\",\"DejaVu Sans Mono\",monospace}\n"
    "svg{width:45mm;height:45mm;display:block;margin:.5em 0}\n";

/* ------------------------------------------------------------------------------------------- the page */

static void put_said(struct cp_buf *out, const char *before, enum cp_page_say say, const char *after)
{
    cp_buf_put_str(out, before);
    cp_html_say_into(out, say, NULL, NULL, NULL);
    cp_buf_put_str(out, after);
}

/* A sentence with something typed in it. */
static void put_typed(struct cp_buf *out, enum cp_page_say say, const char *typed, const struct cp_mem *mem)
{
    struct cp_buf arg;

    cp_buf_init(&arg, mem, PAGE_MAX);
    cp_buf_put_str(&arg, "<code>");
    cp_html_line(cp_bytes_str(typed), &arg);
    cp_buf_put_str(&arg, "</code>");
    cp_buf_put_str(out, "<li>");
    cp_html_say_into(out, say, &arg, NULL, NULL);
    cp_buf_put_str(out, "</li>\n");
}

/* Each group with its number, as `recover` counts them. */
static void put_letters(struct cp_buf *out, const char *letters)
{
    char number[16];

    cp_buf_put_str(out, "<ol class=\"letters\">\n");
    for (int group = 1; *letters != '\0'; group++) {
        size_t len = strcspn(letters, "-");

        (void)snprintf(number, sizeof number, "%d", group);
        cp_buf_put_str(out, "<li><span>");
        cp_buf_put_str(out, number);
        cp_buf_put_str(out, "</span> ");
        cp_html_line(CP_BYTES((const uint8_t *)letters, len), out);
        cp_buf_put_str(out, "</li>\n");
        letters += len + (letters[len] == '-' ? 1 : 0);
    }
    cp_buf_put_str(out, "</ol>\n");
}

void cp_recovery_page(const char *name, const char *letters, const struct cp_mem *mem, struct cp_buf *out)
{
    struct cp_buf who;

    cp_html_preamble(out);
    put_said(out, "", CP_PAGE_SAY_SHEET_TITLE, "</title>\n<style>\n");
    cp_buf_put_str(out, cp_html_style_all);
    cp_buf_put_str(out, style);
    put_said(out, "</style>\n</head>\n<body>\n<main>\n<h1>", CP_PAGE_SAY_SHEET_TITLE, "</h1>\n<p>");
    cp_buf_init(&who, mem, PAGE_MAX);
    cp_buf_put_str(&who, "<bdi>");
    cp_html_line(cp_bytes_str(name), &who);
    cp_buf_put_str(&who, "</bdi>");
    cp_html_say_into(out, CP_PAGE_SAY_SHEET_OF, &who, NULL, NULL);
    put_said(out, "</p>\n<p>", CP_PAGE_SAY_SHEET_WHAT, "</p>\n<p><strong>");
    put_said(out, "", CP_PAGE_SAY_SHEET_KEEP, "</strong></p>\n<h2>");
    put_said(out, "", CP_PAGE_SAY_SHEET_LETTERS, "</h2>\n");
    put_letters(out, letters);
    put_said(out, "<p>", CP_PAGE_SAY_SHEET_ALPHABET, "</p>\n");
    cp_qr_svg(letters, cp_words_page(CP_PAGE_SAY_SHEET_PICTURE), out);
    put_said(out, "<h2>", CP_PAGE_SAY_SHEET_HOW, "</h2>\n<ol>\n");
    put_typed(out, CP_PAGE_SAY_SHEET_ASK, "coplan invite --for PERSON", mem);
    put_typed(out, CP_PAGE_SAY_SHEET_TYPE, "coplan recover SHEET INVITE-OR-FILE", mem);
    put_said(out, "</ol>\n<p>", CP_PAGE_SAY_SHEET_FORGIVES, "</p>\n</main>\n</body>\n</html>\n");
}

/* ------------------------------------------------------------------------------------------- the file */

bool cp_recovery_reserve(struct cp_cli *cli, const char *path)
{
    int fd = -1, why = 0;

    if (path != NULL && !cp_file_may_lie(cli, path))
        return false;
    fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    why = errno;
    if (path != NULL && fd < 0) {
        cp_fail(cli, why == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_BAD_FILE, path, strerror(why));
        return false;
    }
    if (fd >= 0)
        (void)close(fd);
    return true;
}

void cp_recovery_finish(struct cp_cli *cli, const char *path, const char *name, json_t *answer)
{
    struct cp_buf page;
    int why = 0;

    if (path != NULL && answer == NULL)
        (void)unlink(path);
    if (path == NULL || answer == NULL)
        return;
    cp_buf_init(&page, cli->mem, PAGE_MAX);
    cp_recovery_page(name, cp_json_text(answer, "recovery"), cli->mem, &page);
    why = cp_buf_err(&page) != CP_OK ? ENOMEM : cp_file_fill(path, cp_buf_bytes(&page));
    if (page.ptr != NULL)
        sodium_memzero(page.ptr, page.cap);
    cp_buf_clear(&page);
    json_object_set_new(answer, "sheet", why == 0 ? json_string(path) : json_null());
    if (why == 0)
        return;
    (void)unlink(path); /* half a page is no sheet */
    cp_show(cli->err, CP_SAY_SHEET_NOT_WRITTEN, path, strerror(why), NULL, NULL);
}

int cp_recovery_print(struct cp_cli *cli, json_t *answer, void (*human)(struct cp_cli *cli, json_t *value))
{
    bool lost = false;

    cp_print(cli, json_incref(answer), human);
    lost = answer != NULL && (fflush(cli->out) != 0 || ferror(cli->out));
    if (lost && cp_json_text(answer, "sheet")[0] == '\0')
        cp_show(cli->err, CP_SAY_SHEET_HERE, cp_json_text(answer, "recovery"), NULL, NULL, NULL);
    json_decref(answer);
    return cli->status;
}

void cp_recovery_show(struct cp_cli *cli, json_t *answer)
{
    const char *path = cp_json_text(answer, "sheet");

    if (path[0] != '\0')
        cp_show(cli->out, CP_SAY_SHEET_WRITTEN, path, NULL, NULL, NULL);
}
