/* The handlers of the serve_look files. Private to them. Must not: write anything. */
#ifndef CP_SERVE_LOOK_H
#define CP_SERVE_LOOK_H

#include "daemon/gather.h"

void cp_serve_log(struct cp_request *r);
void cp_serve_digest(struct cp_request *r);
void cp_serve_columns(struct cp_request *r);
void cp_serve_notes(struct cp_request *r);
void cp_serve_views(struct cp_request *r);

#endif
