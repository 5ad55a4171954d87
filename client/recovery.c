/* The recovery sheet as a page: see recovery.h. */
#include "client/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <qrencode.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "client/html.h"
#include "client/language.h"
#include "client/show.h"
#include "client/value.h"

#define PAGE_MAX (256U * 1024U)
#define QUIET    4 /* modules of white around the picture, as readers want */

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

static void put_picture(struct cp_buf *out, const char *letters)
{
    char at[96];
    QRcode *code = QRcode_encodeString8bit(letters, 0, QR_ECLEVEL_Q);

    if (code == NULL) {
        out->err = cp_buf_err(out) != CP_OK ? cp_buf_err(out) : CP_ERR_NO_MEMORY;
        return;
    }
    (void)snprintf(at, sizeof at, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
                   code->width + 2 * QUIET, code->width + 2 * QUIET);
    put_said(out, at, CP_PAGE_SAY_SHEET_PICTURE, "\"><path d=\"");
    for (int i = 0; i < code->width * code->width; i++)
        if ((code->data[i] & 1) != 0) {
            (void)snprintf(at, sizeof at, "M%d %dh1v1h-1z", i % code->width + QUIET, i / code->width + QUIET);
            cp_buf_put_str(out, at);
        }
    cp_buf_put_str(out, "\"/></svg>\n");
    QRcode_free(code);
}

void cp_recovery_page(const char *name, const char *letters, const struct cp_mem *mem, struct cp_buf *out)
{
    struct cp_buf who;

    cp_buf_put_str(out, "<!DOCTYPE html>\n<html lang=\"");
    cp_buf_put_str(out, cp_language_tag());
    put_said(out,
             "\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
             CP_PAGE_SAY_SHEET_TITLE, "</title>\n<style>\n");
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
    put_picture(out, letters);
    put_said(out, "<h2>", CP_PAGE_SAY_SHEET_HOW, "</h2>\n<ol>\n");
    put_typed(out, CP_PAGE_SAY_SHEET_ASK, "coplan invite --for PERSON", mem);
    put_typed(out, CP_PAGE_SAY_SHEET_TYPE, "coplan recover SHEET INVITE-OR-FILE", mem);
    put_said(out, "</ol>\n<p>", CP_PAGE_SAY_SHEET_FORGIVES, "</p>\n</main>\n</body>\n</html>\n");
}

/* ------------------------------------------------------------------------------------------- the file */

bool cp_recovery_reserve(struct cp_cli *cli, const char *path)
{
    int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int why = errno;

    if (path != NULL && fd < 0) {
        cp_fail(cli, why == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_BAD_FILE, path, strerror(why));
        return false;
    }
    if (fd >= 0)
        (void)close(fd);
    return true;
}

/* Zero, or why not. */
static int fill(const char *path, struct cp_bytes page)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    int why = fd < 0 ? errno : 0;
    size_t at = 0;

    while (why == 0 && at < page.len) {
        ssize_t n = write(fd, page.ptr + at, page.len - at);

        if (n < 0 && errno != EINTR)
            why = errno;
        at += n > 0 ? (size_t)n : 0;
    }
    if (why == 0 && fsync(fd) != 0)
        why = errno;
    if (fd >= 0 && close(fd) != 0 && why == 0)
        why = errno;
    return why;
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
    why = cp_buf_err(&page) != CP_OK ? ENOMEM : fill(path, cp_buf_bytes(&page));
    if (page.ptr != NULL)
        sodium_memzero(page.ptr, page.cap);
    cp_buf_clear(&page);
    json_object_set_new(answer, "sheet", why == 0 ? json_string(path) : json_null());
    if (why == 0)
        return;
    (void)unlink(path); /* half a page is no sheet */
    cp_show(cli->err, CP_SAY_SHEET_NOT_WRITTEN, path, strerror(why), NULL, NULL);
}

void cp_recovery_show(struct cp_cli *cli, json_t *answer)
{
    const char *path = cp_json_text(answer, "sheet");

    if (path[0] != '\0')
        cp_show(cli->out, CP_SAY_SHEET_WRITTEN, path, NULL, NULL, NULL);
}
