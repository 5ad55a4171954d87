/* Copies of pages, as the serve_handout and serve_look files share them. Private to daemon/. */
#ifndef CP_SERVE_HANDOUT_H
#define CP_SERVE_HANDOUT_H

#include "daemon/serve_check.h"

/* A page's row with its history, notes and receipts: what `show VERSION` answers. Answers the request. */
void cp_serve_show_version(struct cp_request *r, const uint8_t version[static CP_ID_LEN]);

/* serve_calendar.c: the days of a plan. */
void cp_serve_calendar(struct cp_request *r);

#endif
