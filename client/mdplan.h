/*
 * A plan that stands in a page of Markdown, read through its headings.
 * Owns: what of a page is an action, and under what it stands. Must not: write Markdown (markdown.h), read files, or talk
 * to the daemon. No words are changed: text within a heading's part comes out byte for byte, save for the indent of its
 * list, blanks and blank lines at its ends, and CRLF.
 *
 * Headings are lines of 1 to 6 "#" and a blank, alone or behind the mark of a list ("- ### Plant trees"), outside fences
 * of code and the front matter ("---" lines at the top). Where a page has headings in lists, these are the actions, and
 * the heading before them is what they serve. Where it has none, the headings of the deepest level are the actions, and
 * the nearest shallower one before them is what they serve. What stands under a heading that no action stands under, and
 * what stands before the first heading, is left out and counted.
 */
#ifndef CP_CLIENT_MDPLAN_H
#define CP_CLIENT_MDPLAN_H

#include "proto/bytes.h"

#define CP_MDPLAN_BYTES_MAX    (16U * 1024U * 1024U) /* a long report is 1 MiB */
#define CP_MDPLAN_HEADINGS_MAX 20000U

enum cp_mdplan_fault {
    CP_MDPLAN_FINE,
    CP_MDPLAN_EMPTY, /* no heading at all */
    CP_MDPLAN_NOT_UTF8,
    CP_MDPLAN_CONTROL,   /* a zero byte or another control character */
    CP_MDPLAN_LONG_LINE, /* a heading longer than a field */
    CP_MDPLAN_LONG_TEXT, /* more under one heading than a field holds */
    CP_MDPLAN_MANY,
    CP_MDPLAN_NO_MEMORY
};

enum cp_mdplan_use {
    CP_MDPLAN_LEFT, /* no action stands under it: line and words are for the report */
    CP_MDPLAN_GROUP,
    CP_MDPLAN_ACTION
};
struct cp_mdplan_part {
    enum cp_mdplan_use use;
    size_t line;  /* of its heading, from 1; 0: what stands before the first heading */
    size_t level; /* 1 to 6 */
    bool in_list;
    size_t group;          /* ACTION: index of what it serves, or SIZE_MAX */
    struct cp_bytes title; /* points into text */
    struct cp_bytes body;
    size_t words; /* of the body */
};
struct cp_mdplan {
    const struct cp_mem *mem;
    struct cp_mdplan_part *parts; /* in the order of the page */
    size_t count, cap;
    uint8_t *text;
    size_t text_len;
};

/* Reads a whole page. On a fault *out is empty and *line (from 1) says where. Borrows nothing. */
CP_MUST_USE enum cp_mdplan_fault cp_mdplan_read(struct cp_mdplan *out, const struct cp_mem *mem,
                                                struct cp_bytes file, size_t *line);
void cp_mdplan_clear(struct cp_mdplan *plan);

#endif
