/* Texts as pictures for a camera: see qr.h. */
#include "client/qr.h"

#include <qrencode.h>

#include "client/html.h"

#define EDGE_SCREEN 2 /* squares of white around it; a terminal has its own edge beyond */
#define EDGE_PAGE   4 /* as ISO/IEC 18004 asks */

static bool is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
}

bool cp_qr_show(FILE *out, const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

    if (code == NULL)
        return false;
    for (int y = -EDGE_SCREEN; y < code->width + EDGE_SCREEN; y += 2) {
        for (int x = -EDGE_SCREEN; x < code->width + EDGE_SCREEN; x++) {
            bool top = is_dark(code, x, y);
            bool bottom = is_dark(code, x, y + 1);

            fputs(top ? (bottom ? " " : "\u2584") : (bottom ? "\u2580" : "\u2588"), out);
        }
        fputs("\n", out);
    }
    QRcode_free(code);
    return true;
}

void cp_qr_svg(const char *text, const char *label, struct cp_buf *out)
{
    char at[96];
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q);

    if (code == NULL) {
        out->err = cp_buf_err(out) != CP_OK ? cp_buf_err(out) : CP_ERR_TOO_BIG;
        return;
    }
    (void)snprintf(at, sizeof at, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
                   code->width + 2 * EDGE_PAGE, code->width + 2 * EDGE_PAGE);
    cp_buf_put_str(out, at);
    cp_html_line(cp_bytes_str(label), out);
    cp_buf_put_str(out, "\"><path d=\"");
    for (int i = 0; i < code->width * code->width; i++)
        if (is_dark(code, i % code->width, i / code->width)) {
            (void)snprintf(at, sizeof at, "M%d %dh1v1h-1z", i % code->width + EDGE_PAGE,
                           i / code->width + EDGE_PAGE);
            cp_buf_put_str(out, at);
        }
    cp_buf_put_str(out, "\"/></svg>\n");
    QRcode_free(code);
}
