/*
 * A plan as one HTML page, for the screen and for paper: the standard page, large print, Easy Read, and "Why do this?".
 * Owns: what a page is made from, and which page is asked for. Must not: know a command, or write files.
 *
 * A page is one whole file: no script, no network, no picture that is not in it. The same source and options give the
 * same bytes on every device: nothing in it tells the time or where it was made. People's words are always text,
 * isolated from what stands around them, whatever is in them. The sides that people belong to (perspectives) are on a
 * page only where somebody asked for them and the person lets them show.
 */
#ifndef CP_CLIENT_PAGE_H
#define CP_CLIENT_PAGE_H

#include "client/cli.h"
#include "client/planjson.h"

/* What a page is made from. Made by cp_page_fetch, or by hand (all borrowed then). */
struct cp_page_source {
    struct cp_planjson_parts parts; /* the draft's rows, or the same made from a frozen page's text */
    json_t *named;     /* rows {"id", "text"} that links name and the page does not have; may be NULL */
    json_t *others;    /* rows {"person", "name"} of people who are named but do not take part; may be NULL */
    json_t *who;       /* rows of `who`, for the sides of people who let them show; NULL: no sides */
    json_t *agreement; /* the answer of `agreement` about that page; NULL for the draft */
    json_t *clashes;   /* rows {"action", "text", "day"}: days of the page that `person` said they cannot; may be NULL */
    json_t *since;     /* form: rows of `changes` since the page this person answered before; NULL: there is none */
    char since_words[64]; /* form: the check words of that earlier page */
    char version[2 * CP_ID_LEN + 1]; /* "" for the draft */
    char check_words[64];            /* "" for the draft */
    bool comment;                    /* the frozen page is for comment, not for agreement */
};

enum cp_page_format {
    CP_PAGE_STANDARD,
    CP_PAGE_LARGE, /* the standard page in large print */
    CP_PAGE_EASY_READ,
    CP_PAGE_WHY /* what we gain, and what happens if we do nothing */
};

struct cp_page_options {
    enum cp_page_format format;
    /* Words in this language where there are any, else the first wording; NULL or "": every language there is. */
    const char *language;
    /* 64 hex digits: the page begins with what this person does. NULL: nobody's. */
    const char *person;
    bool mine_only; /* with person: their part, and no other actions */
    bool easy;      /* WHY: one idea a block, large, with pictures */
    bool sources;   /* WHY: with where it is known from (for professionals) */
    /* STANDARD, LARGE, EASY_READ of a page for agreement: without what others answered, and with the form for an answer
     * on paper at its end. With person it asks of their own part, else of every action. */
    bool form;
};

/*
 * Asks the daemon for the draft (version NULL) or for a frozen page by its typed id. False: reported; release either
 * way.
 */
bool cp_page_fetch(struct cp_cli *cli, const char *version, struct cp_page_source *out);
/* Puts the sides of those who let them show into a source that was fetched. False: reported. */
bool cp_page_fetch_sides(struct cp_cli *cli, struct cp_page_source *out);
/*
 * Puts what a form for this person (64 hex digits) says of the page that they answered before into a source that was
 * fetched with a page. False: reported.
 */
bool cp_page_fetch_since(struct cp_cli *cli, const char *person, struct cp_page_source *out);
void cp_page_release(struct cp_page_source *source);

/*
 * Appends the page. warnings (may be NULL) gets sentences about what is hard to read in an Easy Read page.
 * Errors: NO_MEMORY, TOO_BIG.
 */
CP_MUST_USE enum cp_err cp_page_render(const struct cp_page_source *source,
                                       const struct cp_page_options *options, struct cp_buf *out,
                                       json_t *warnings);

#endif
