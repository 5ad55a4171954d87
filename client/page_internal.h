/* What the files of page share. Must not: be read by others. */
#ifndef CP_CLIENT_PAGE_INTERNAL_H
#define CP_CLIENT_PAGE_INTERNAL_H

#include "client/page.h"

/* Fills parts (plan, people, items), named, others and comment from a frozen page's text. Errors: as cp_version_read. */
CP_MUST_USE enum cp_err cp_page_of_version(struct cp_page_source *out, const struct cp_mem *mem,
                                           struct cp_bytes text);

#endif
