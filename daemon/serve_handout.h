/* Copies of pages, as the serve_handout and serve_look files share them. Private to daemon/. */
#ifndef CP_SERVE_HANDOUT_H
#define CP_SERVE_HANDOUT_H

#include "daemon/serve_check.h"

/* A page's row with its history, notes and receipts: what `show VERSION` answers. Answers the request. */
void cp_serve_show_version(struct cp_request *r, const uint8_t version[static CP_ID_LEN]);

/* A receipt's row (docs/commands.md, receipts) as an object. */
void cp_put_receipt(struct cp_looking *k, const struct cp_model_receipt *r, struct cp_buf *out);
/* serve_calendar.c: the days of a plan. */
void cp_serve_calendar(struct cp_request *r);
/* serve_evidence.c: what each point of the standard rests on. */
void cp_serve_evidence(struct cp_request *r);
/* serve_about.c: everything held about one person, for themselves. */
void cp_serve_about_me(struct cp_request *r);

#endif
