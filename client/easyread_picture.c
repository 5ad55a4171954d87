/* Our drawings, black lines that print well. Owns: the drawings. Must not: know where they stand. */
#include "client/easyread.h"

/* Inside a box of 48 by 48; the style sheet draws the lines. */
static const char *const shapes[] = {
    [CP_PICTURE_PAGE] = "<path d=\"M11 4h19l8 8v32H11zM30 4v8h8M17 20h15M17 27h15M17 34h10\"/>",
    [CP_PICTURE_PEOPLE] =
        "<circle cx=\"24\" cy=\"13\" r=\"6\"/><circle cx=\"9\" cy=\"19\" r=\"5\"/>"
        "<circle cx=\"39\" cy=\"19\" r=\"5\"/><path d=\"M14 44V32a10 10 0 0 1 20 0v12zM3 44v-9a7 7 0 "
        "0 1 9-6M45 44v-9a7 7 0 0 0-9-6\"/>",
    [CP_PICTURE_PERSON] = "<circle cx=\"24\" cy=\"13\" r=\"8\"/><path d=\"M9 44V38a15 13 0 0 1 30 0v6z\"/>",
    [CP_PICTURE_SUN] =
        "<circle cx=\"24\" cy=\"24\" r=\"9\"/><path d=\"M24 3v6M24 39v6M3 24h6M39 24h6M9 9l4 4M35 35l4 "
        "4M39 9l-4 4M13 35l-4 4\"/>",
    [CP_PICTURE_RAIN] =
        "<path d=\"M14 29a8 8 0 0 1 1-16 11 11 0 0 1 20 3 7 7 0 0 1 0 13zM15 34l-3 8M25 34l-3 8M35 "
        "34l-3 8\"/>",
    [CP_PICTURE_HEART] =
        "<path d=\"M24 42C8 30 4 23 4 16a10 10 0 0 1 20-3 10 10 0 0 1 20 3c0 7-4 14-20 26z\"/>",
    [CP_PICTURE_TICK] = "<path d=\"M6 8h34v34H6zM14 24l8 9L44 6\"/>",
    [CP_PICTURE_TALK] = "<path d=\"M5 7h38v26H22l-10 9v-9H5zM13 16h22M13 24h16\"/>",
    [CP_PICTURE_DAY] =
        "<path d=\"M5 9h38v34H5zM5 18h38M14 4v9M34 4v9M13 26h5M22 26h5M31 26h5M13 34h5M22 34h5\"/>",
    [CP_PICTURE_COIN] =
        "<circle cx=\"24\" cy=\"24\" r=\"19\"/><path d=\"M30 16a7 6 0 0 0-11 5c0 7 2 7-2 13h15M15 "
        "25h12\"/>",
    [CP_PICTURE_CLOCK] = "<circle cx=\"24\" cy=\"24\" r=\"19\"/><path d=\"M24 12v12l8 6\"/>",
    [CP_PICTURE_RULER] = "<path d=\"M4 16h40v16H4zM11 16v7M18 16v10M25 16v7M32 16v10M39 16v7\"/>",
    [CP_PICTURE_EYE] =
        "<path d=\"M3 24c10-16 32-16 42 0-10 16-32 16-42 0z\"/><circle cx=\"24\" cy=\"24\" r=\"6\"/>",
    [CP_PICTURE_AGAIN] = "<path d=\"M40 24a16 16 0 1 1-5-12M36 3v10H26\"/>",
    [CP_PICTURE_PEN] = "<path d=\"M6 42l3-11L34 6l8 8-25 25zM29 11l8 8M6 42h36\"/>",
    [CP_PICTURE_WARN] = "<path d=\"M24 5L45 42H3zM24 18v12M24 34v3\"/>",
    [CP_PICTURE_KEY] = "<circle cx=\"14\" cy=\"24\" r=\"9\"/><path d=\"M23 24h22v8M37 24v6\"/>",
};
static const enum cp_page_say says[] = {
#define X(name) [CP_PICTURE_##name] = CP_PAGE_SAY_PICTURE_##name,
    CP_PICTURES(X)
#undef X
};
_Static_assert(sizeof shapes / sizeof shapes[0] == CP_PICTURE_COUNT, "every picture is drawn");

void cp_easy_drawing(enum cp_picture picture, struct cp_buf *out)
{
    cp_buf_put_str(out, "<svg viewBox=\"0 0 48 48\" role=\"img\" aria-label=\"");
    cp_html_say_into(out, says[picture], NULL, NULL, NULL);
    cp_buf_put_str(out, "\">");
    cp_buf_put_str(out, shapes[picture]);
    cp_buf_put_str(out, "</svg>");
}
