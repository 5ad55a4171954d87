/* The catalogue. Owns: the tables and the filling of places. Must not: print. */
#include "client/words.h"

#include <assert.h>

#include "client/words_check.h"

static const char *const errors[] = {
#define X(name, text) [CP_ERR_##name] = (text),
    CP_ERROR_WORDS(X)
#undef X
};
/* A new error without its sentence does not compile. */
_Static_assert(sizeof errors / sizeof errors[0] == CP_ERR_COUNT, "every error has a sentence");

static const char *const screens[] = {
#define X(name, text) [CP_SAY_##name] = (text),
    CP_SCREEN_WORDS(X) CP_SCREEN_WORDS_FILES(X) CP_SCREEN_WORDS_IMPORT(X) CP_SCREEN_WORDS_LOOK(X)
#undef X
};

static const struct {
    const char *word;
    const char *label;
} labels[] = {
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
    {"paper_pending", "answered on paper; two witnesses have not signed yet"},
    {"two_answers", "gave two answers apart; ask which one they mean"},
    {"will_missing", "has not said whether they will do their part"},
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

const char *cp_words_error(enum cp_err err)
{
    assert((unsigned)err < CP_ERR_COUNT);
    return errors[err];
}

const char *cp_words_screen(enum cp_screen id)
{
    assert((unsigned)id < CP_SAY_COUNT);
    return screens[id];
}

/* Reasons of a freeze that was refused. */
static const struct {
    const char *code;
    const char *sentence;
} reasons[] = {
    {"newer", "{1} entries were made with a newer coplan, so their words may be missing here"},
    {"wanted", "the words of {1} entries are being fetched again"},
    {"two_wordings",
     "two of us changed this[: {2}][ of {1}]. Which words shall we keep? See: coplan wordings"},
    {"more_reasons", "and {1} more. See: coplan check"},
};

const char *cp_words_reason(const char *code)
{
    enum cp_err err = cp_err_of_word(code);

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return reasons[i].sentence;
    if (cp_words_check(code) != NULL)
        return cp_words_check(code);
    return err < CP_ERR_COUNT ? errors[err] : "{1}[ {2}][ {3}][ {4}]";
}

const char *cp_words_label(const char *word)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (strcmp(labels[i].word, word) == 0)
            return labels[i].label;
    return word;
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
        int place = place_at(p);

        if (place >= 0) {
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
