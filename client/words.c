/* The catalogue. Owns: the tables and the filling of places. Must not: print. */
#include "client/words.h"

#include <assert.h>

#include "client/easyread.h"
#include "client/guide.h"
#include "client/language.h"
#include "client/words_check.h"
#include "client/words_page.h"
#include "proto/kinds.h"

static const struct cp_words_row errors[] = {
#define X(name, text) [CP_ERR_##name] = {#name, text},
    CP_ERROR_WORDS(X)
#undef X
};
/* A new error without its sentence does not compile. */
_Static_assert(sizeof errors / sizeof errors[0] == CP_ERR_COUNT, "every error has a sentence");

static const struct cp_words_row screens[] = {
#define X(name, text) [CP_SAY_##name] = {#name, text},
    CP_SCREEN_WORDS_ALL(X)
#undef X
};

static const struct cp_words_row labels[] = {
    /* kinds */
    {"priority", "what matters most"},
    {"benefit", "what we gain"},
    {"inaction", "if we do nothing"},
    {"need", "what someone needs"},
    {"strength", "what we are good at"},
    {"resource", "what we can use"},
    {"concern", "what worries us"},
    {"value", "what we hold dear"},
    {"evidence", "what we know, and from where"},
    {"obstacle", "what gets in the way"},
    {"risk", "what could go wrong"},
    {"criterion", "what makes an idea good"},
    {"option", "our ideas"},
    {"action", "what we will do"},
    {"someone", "people without a device"},
    /* fields */
    {"lead", "who makes sure it happens"},
    {"helpers", "who helps"},
    {"consulted", "who we ask first"},
    {"informed", "who we tell"},
    {"measure", "how we will know"},
    {"checked_by", "who checks"},
    {"check_every", "how often we check"},
    {"start", "starts"},
    {"due", "done by"},
    {"serves", "helps with"},
    {"tackles", "deals with"},
    {"from", "comes from"},
    {"cost_pence", "costs (pence)"},
    {"effort_minutes", "takes (minutes)"},
    {"first_review", "time to look again, first on"},
    {"review_every", "time to look again, every"},
    {"kept_informed", "kept informed"},
    {"title", "title"},
    {"text", "the words of the action"},
    {"rag", "how it goes"},
    {"plain", "in plain words"},
    /* stages of a page */
    {"comment", "for comment"},
    {"agreement", "for agreement"},
    /* answers */
    {"agree", "I agree"},
    {"agree, with a worry", "I agree, but I have a worry"},
    {"stand aside", "I will not stop it, but I will not be part of it"},
    {"no", "I do not agree"},
    {"withdrawn", "I take my answer back"},
    {"will", "I will do this"},
    {"will if", "I will if"},
    {"cannot", "I cannot"},
    {"met", "it is met"},
    /* what came of what somebody asked */
    {"changed", "we changed it"},
    {"stays", "we talked and it stays, because"},
    {"open", "nobody has said yet"},
    /* why we wait for someone */
    {"no_answer", "has not answered"},
    {"old_key", "cannot answer this page, it has their key from before they used their recovery sheet: make a new page"},
    {"left", "has left the plan: give what they lead, if anything, to somebody else, then make a new page without them"},
    {"paper_pending", "answered on paper; two witnesses have not signed yet"},
    {"two_answers", "gave two answers apart; ask which one they mean"},
    {"will_missing", "has not said whether they will do their part"},
    {"cannot_do_it", "cannot do their part, or some of it: talk about it, and make a new page"},
    {"will_if", "will do their part when what they asked for has come"},
    {"stands_aside", "stands aside"},
    {"small group", "a small group"},
    /* copies */
    {"to give", "not given yet"},
    {"could_not", "could not be given"},
    {"could not", "could not be given"},
    {"easy_read", "easy read"},
    {"large_print", "large print"},
    /* red, amber, green */
    {"green", "going well"},
    {"amber", "some problems"},
    {"red", "stuck"},
    {"unknown", "we do not know"},
};

/* Reasons of a freeze that was refused. */
static const struct cp_words_row reasons[] = {
    {"newer", "{1} entries were made with a newer coplan, so their words may be missing here"},
    {"wanted", "the words of {1} entries are being fetched again"},
    {"two_wordings",
     "two of us changed this[: {2}][ of {1}]. Which words shall we keep? See: coplan wordings"},
    {"more_reasons", "and {1} more. See: coplan check"},
};

/* Words of the daemon's answers that no field has. Those of fields, kinds and their values are said under the context
 * "value" too, and translators get them from the core's own tables (tests/e2e/words.c). */
static const struct cp_words_row values[] = {
    {"done", "done"},
    {"stuck", "stuck"},
    {"late", "late"},
    {"due soon", "due soon"},
    {"time to check", "time to check"},
    {"in the way", "in the way"},
    {"no longer in the way", "no longer in the way"},
    {"achievements", "achievements"},
    {"common ground", "common ground"},
    {"not enough answers", "not enough answers"},
    {"gathering", "gathering"},
    {"choosing", "choosing"},
    {"planning", "planning"},
    {"out for comment", "out for comment"},
    {"signing", "signing"},
    {"waiting", "waiting"},
    {"agreed", "agreed"},
    {"agreed, with worries", "agreed, with worries"},
    {"not agreed yet", "not agreed yet"},
    {"not agreed", "not agreed"},
};

/* What somebody did, as the log tells it; by the core's word for the kind of entry (proto/kinds.h). */
static const struct cp_words_row done_words[] = {
    {"first", "began the plan"},
    {"invite", "wrote an invitation"},
    {"uninvite", "took an invitation back"},
    {"admit", "let somebody in"},
    {"revoke", "reported a device lost"},
    {"key", "wrote down that a recovery sheet was used"},
    {"leave", "left the plan"},
    {"mandate", "let somebody answer for them"},
    {"mandate_end", "ended that somebody answers for them"},
    {"withdraw", "wrote down that words were taken back"},
    {"follow", "came along into this plan"},
    {"secret", "made a new secret for the plan"},
    {"plan", "wrote about the plan"},
    {"item", "wrote down"},
    {"set", "changed"},
    {"person", "wrote about themselves"},
    {"view", "said what they think"},
    {"note", "noted"},
    {"receipt", "noted who has a copy"},
    {"column", "took in a column of a table"},
    {"part", "put down a piece of a page"},
    {"version", "made a final page"},
    {"answer", "answered a page"},
    {"witness", "saw somebody answer on paper"},
    {"attachment", "attached a picture or paper"},
    {"newer", "something that only a newer coplan knows"},
};

#define TABLE(context, about, rows)                            \
    {                                                          \
        context, about, rows, sizeof(rows) / sizeof((rows)[0]) \
    }

static const struct cp_words_table own[] = {
    TABLE("error", "what went wrong, and what to do", errors),
    TABLE("screen", "what commands say", screens),
    TABLE("label", "the plain word for a field, a kind or a value", labels),
    TABLE("reason", "why something was refused", reasons),
    TABLE("value", "a field, a kind, a value or a state, as people know it", values),
    TABLE("done", "what somebody did, in the log, behind their name", done_words),
};

static const struct cp_words_table *const others[] = {
    &cp_words_check_table,      &cp_words_short_table, &cp_words_criterion_table, &cp_words_page_table,
    &cp_words_page_label_table, &cp_words_month_table, &cp_words_easy_table,
    &cp_words_guide_table,
};

const struct cp_words_table *cp_words_table_at(size_t i)
{
    size_t count = sizeof own / sizeof own[0];

    if (i < count)
        return &own[i];
    return i - count < sizeof others / sizeof others[0] ? others[i - count] : NULL;
}

bool cp_words_is_fixed(const struct cp_words_table *table, const char *id)
{
    return table == &own[1] && strcmp(id, "MEANING") == 0;
}

const char *cp_words_find(const struct cp_words_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].id, id) == 0)
            return cp_language_say(table->context, table->rows[i].text);
    return NULL;
}

const char *cp_words_error(enum cp_err err)
{
    assert((unsigned)err < CP_ERR_COUNT);
    return cp_language_say("error", errors[err].text);
}

const char *cp_words_screen(enum cp_screen id)
{
    assert((unsigned)id < CP_SAY_COUNT);
    return id == CP_SAY_MEANING ? screens[id].text : cp_language_say("screen", screens[id].text);
}

enum cp_screen cp_words_pick(const struct cp_words_pair *list, const char *word)
{
    while (list->word != NULL && strcmp(list->word, word) != 0)
        list++;
    return list->say;
}

const char *cp_words_reason(const char *code)
{
    const char *found = cp_words_find(&own[3], code);
    enum cp_err err = cp_err_of_word(code);

    if (found == NULL)
        found = cp_words_check(code);
    if (found == NULL && err < CP_ERR_COUNT)
        found = cp_words_error(err);
    return found != NULL ? found : "{1}[ {2}][ {3}][ {4}]";
}

const char *cp_words_value(const char *word)
{
    char spaced[CP_NAME_MAX + 1];
    const char *said = NULL;
    size_t i = 0;

    for (; word[i] != '\0' && i < sizeof spaced - 1; i++)
        spaced[i] = word[i] == '_' ? ' ' : word[i];
    spaced[i] = '\0';
    said = word[i] == '\0' ? cp_language_say("value", spaced) : spaced;
    return said != spaced ? said : word;
}

const char *cp_words_of_field(const char *field, const char *value)
{
    bool listed = false;

    for (unsigned on = 0; on < CP_RECORD_COUNT; on++) {
        const struct cp_field *f = cp_field_by_name(cp_bytes_str(field), (enum cp_record)on);

        if (f == NULL)
            continue;
        if (f->type != CP_TYPE_WORD && f->type != CP_TYPE_OPEN && f->type != CP_TYPE_YESNO)
            return value; /* free text on some record: nobody's words are said otherwise */
        listed = listed || f->type == CP_TYPE_YESNO ||
                 (f->words != NULL && cp_word_in(f->words, cp_bytes_str(value)));
    }
    return listed ? cp_words_value(value) : value;
}

const char *cp_words_label(const char *word)
{
    const char *found = cp_words_find(&own[2], word);

    return found != NULL ? found : cp_words_value(word);
}

const char *cp_words_done(const char *kind)
{
    const char *found = cp_words_find(&own[5], kind);

    return found != NULL ? found : cp_words_value(kind);
}

/* The place that begins at p ("{3}"), from 0; -1 when none does. */
static int place_at(const char *p)
{
    return p[0] == '{' && p[1] >= '1' && p[1] <= '4' && p[2] == '}' ? p[1] - '1' : -1;
}

/* True when a place in the brackets that open at p is empty. */
static bool bracket_is_empty(const char *p, const char *const args[static 4])
{
    for (; *p != '\0' && *p != ']'; p++) {
        int place = place_at(p);

        if (place >= 0 && (args[place] == NULL || args[place][0] == '\0'))
            return true;
    }
    return false;
}

void cp_words_fill(const char *sentence, const char *const args[static 4], struct cp_buf *out)
{
    for (const char *p = sentence; *p != '\0'; p++) {
        size_t plain = strcspn(p, "{[]");
        int place = -1;

        cp_buf_put(out, p, plain);
        p += plain;
        place = place_at(p);
        if (*p == '\0') {
            break;
        } else if (place >= 0) {
            if (args[place] != NULL)
                cp_buf_put_str(out, args[place]);
            p += 2;
        } else if (*p == '[' && bracket_is_empty(p, args)) {
            p += strcspn(p, "]");
            assert(*p == ']');
        } else if (*p != '[' && *p != ']') {
            cp_buf_put_byte(out, (uint8_t)*p);
        }
    }
}
