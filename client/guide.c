/* The guides (guide.h). Owns: their sentences and the small pages. Must not: talk to the daemon. */
#include "client/guide.h"

#include <stdlib.h>
#include <string.h>

#include "client/html.h"
#include "client/language.h"
#include "client/show.h"
#include "client/words.h"

/* Short sentences in common words (tests/unit/test_guide.c asks the check of Easy Read); what is typed is apart. */
static const struct cp_words_row guide[] = {
    {"gathering title", "Who we are, and what we know"},
    {"gathering ask", "Who is here? Who is missing? Ask them to come in."},
    {"gathering ask", "What matters to each of us? Say it in your own words."},
    {"gathering ask", "What are we good at? What can we use?"},
    {"gathering ask", "What worries us? What gets in the way?"},
    {"gathering ask", "What do we gain by doing this together? What happens if we do nothing?"},
    {"gathering ask", "How do we know? Is it a study, the law, or our own life?"},
    {"gathering ask", "Does anyone need time, help or another way to take part?"},
    {"gathering type", "coplan who"},
    {"gathering type", "coplan add priority \"...\" (or strength, resource, concern, obstacle, evidence)"},
    {"gathering type", "coplan check P1 P2 P3"},

    {"choosing title", "Different ideas, and which one to take"},
    {"choosing ask", "Are there two ideas or more for each thing that matters most?"},
    {"choosing ask", "Can one of them be a small test first? What if we do nothing?"},
    {"choosing ask", "How far would each of us go? Say it before you look at the others."},
    {"choosing ask", "What would change your mind?"},
    {"choosing ask", "What makes an idea good? Agree on three to six things. Then score."},
    {"choosing ask", "Who likes it least? Look at them first. Nobody is outvoted."},
    {"choosing ask", "Why do we take this one? Write it down."},
    {"choosing type", "coplan add option \"...\" for+=PRIORITY pilot=yes"},
    {"choosing type", "coplan rate OPTION commitment fine"},
    {"choosing type", "coplan common-ground, coplan rank PRIORITY"},

    {"planning title", "Who does what, and by when"},
    {"planning ask", "What will happen? Can we tell when it is done?"},
    {"planning ask", "Who makes sure it happens? One name. Who helps?"},
    {"planning ask", "When does it start? By when is it done?"},
    {"planning ask", "What does it cost in money and time? Where does that come from?"},
    {"planning ask", "Who checks how it goes, and how often? What if we fall behind?"},
    {"planning ask", "Who gains by it, and who might lose?"},
    {"planning ask", "What could go wrong? Only the person it is about says what is all right."},
    {"planning type", "coplan add action \"...\" lead=NAME due=YYYY-MM-DD"},
    {"planning type", "coplan prompts ACTION"},
    {"planning type", "coplan check P8 P9"},

    {"comment title", "Everyone reads it and says what they think"},
    {"comment ask", "Does each person have the page in the form they asked for?"},
    {"comment ask", "Who wants it read out? Who wants to talk about it first?"},
    {"comment ask", "Which line do you want to talk about? Say why."},
    {"comment ask", "Has each person had a reply? Say what changed, or why it stays."},
    {"comment type", "coplan freeze --stage comment"},
    {"comment type", "coplan text PAGE --numbers"},
    {"comment type", "coplan note comment PAGE \"...\" about_line=12"},
    {"comment type", "coplan talk PAGE, coplan check P11"},

    {"signing title", "Everyone answers for themselves"},
    {"signing ask", "Have you read it, or had it read to you?"},
    {"signing ask", "Do you agree? Is there a worry? Is there a part you cannot do?"},
    {"signing ask", "What would help? A no is a good reason to talk again."},
    {"signing ask", "Who needs more time? To say nothing is not a yes."},
    {"signing ask", "Who has no device? They answer on paper, and two people see it."},
    {"signing ask", "Does everyone know that no help depends on this?"},
    {"signing type", "coplan freeze --stage agreement"},
    {"signing type", "coplan sign PAGE --agree --will all (or --worry, --aside, --no)"},
    {"signing type", "coplan agreement, coplan check P10 P12"},

    {"agreed title", "Do it, and say how it goes"},
    {"agreed ask", "Does each person have a copy, and know their part?"},
    {"agreed ask", "How does it go? Going well, some problems, stuck, or we do not know?"},
    {"agreed ask", "What went well? How would that person like to hear it?"},
    {"agreed ask", "Who needs help with their part?"},
    {"agreed type", "coplan hand-out --who NAME"},
    {"agreed type", "coplan note progress ACTION \"...\" rag=green"},
    {"agreed type", "coplan note achievement ACTION \"...\""},
    {"agreed type", "coplan review"},

    {"review title", "Look again together"},
    {"review ask", "What went well since last time? Begin with that."},
    {"review ask", "What is stuck, late or due soon?"},
    {"review ask", "What is new in the way? What is gone?"},
    {"review ask", "Is everyone here whose life it is about?"},
    {"review ask", "What did we learn?"},
    {"review ask", "Do we carry on, change it, or stop?"},
    {"review type", "coplan review"},
    {"review type", "coplan note review plan \"...\" held_on=YYYY-MM-DD decision=carry_on"},
    {"review type", "coplan learn \"...\""},

    {"changing title", "Change what does not work"},
    {"changing ask", "Who asked for something? What came of it?"},
    {"changing ask", "Whose part needs someone new?"},
    {"changing ask", "Are there two pages side by side? What is the same in both?"},
    {"changing ask", "Which words shall we keep? Choose them together."},
    {"changing ask", "Until all agree on a new page, the old one counts."},
    {"changing type", "coplan agreement, coplan talk, coplan wordings"},
    {"changing type", "coplan note negotiation ANSWER \"...\" changed=yes"},
    {"changing type", "coplan freeze --stage agreement"},

    {"ended title", "What stays when the plan is over"},
    {"ended ask", "What did we do well? Thank everyone who had a part."},
    {"ended ask", "What is better now? How do we know?"},
    {"ended ask", "What did we learn? Who else should know?"},
    {"ended ask", "Is there a part that somebody carries on?"},
    {"ended type", "coplan review, coplan learn \"...\""},
    {"ended type", "coplan export evidence"},
};
const struct cp_words_table cp_words_guide_table = {
    "guide", "a page of questions for one stage of a plan; what begins with coplan is typed", guide,
    sizeof guide / sizeof guide[0]};

/* ------------------------------------------------------------------------------------------- small pages */

/* Fits one side of A4 at a size that is easy to read. */
static const char style[] =
    "@page{size:A4;margin:18mm}body{font:16pt/1.45 Arial,Helvetica,sans-serif;max-width:40em;"
    "margin:1em auto;padding:0 1em;overflow-wrap:anywhere;color:#111;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin:1em 0 .3em}ul{margin:0;padding-left:1.2em}"
    "li{margin:.25em 0}@media print{body{margin:0;padding:0;max-width:none}}";

static void put_text(struct cp_small *p, const char *text)
{
    if (p->html)
        cp_html_line(cp_bytes_str(text), p->out);
    else
        cp_show_safe(cp_bytes_str(text), 2, p->out);
}

static void end_list(struct cp_small *p)
{
    if (p->in_list && p->html)
        cp_buf_put_str(p->out, "</ul>\n");
    p->in_list = false;
}

static void element(struct cp_small *p, const char *before, const char *text, const char *after)
{
    cp_buf_put_str(p->out, p->html ? before : "");
    put_text(p, text);
    cp_buf_put_str(p->out, p->html ? after : "");
    cp_buf_put_str(p->out, "\n");
}

void cp_small_begin(struct cp_small *p, bool html, struct cp_buf *out, const char *title)
{
    *p = (struct cp_small){.out = out, .html = html};
    if (html) {
        cp_buf_put_str(out, "<!doctype html>\n<html lang=\"");
        cp_buf_put_str(out, cp_language_tag());
        cp_buf_put_str(out,
                       "\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
        put_text(p, title);
        cp_buf_put_str(out, "</title>\n<style>");
        cp_buf_put_str(out, style);
        cp_buf_put_str(out, "</style>\n</head>\n<body>\n<main>\n");
    }
    element(p, "<h1 dir=\"auto\">", title, "</h1>");
}

void cp_small_heading(struct cp_small *p, const char *text)
{
    end_list(p);
    cp_buf_put_str(p->out, p->html ? "" : "\n");
    element(p, "<h2>", text, "</h2>");
}

void cp_small_paragraph(struct cp_small *p, const char *text)
{
    end_list(p);
    cp_buf_put_str(p->out, p->html ? "" : "\n");
    element(p, "<p dir=\"auto\">", text, "</p>");
}

void cp_small_item(struct cp_small *p, const char *text)
{
    if (!p->in_list && p->html)
        cp_buf_put_str(p->out, "<ul>\n");
    p->in_list = true;
    cp_buf_put_str(p->out, p->html ? "" : "- ");
    element(p, "<li dir=\"auto\">", text, "</li>");
}

void cp_small_end(struct cp_small *p)
{
    end_list(p);
    cp_buf_put_str(p->out, p->html ? "</main>\n</body>\n</html>\n" : "");
}

char *cp_small_say(enum cp_screen id, const char *a, const char *b)
{
    const char *const args[4] = {a, b, NULL, NULL};
    struct cp_buf text;
    char *said = NULL;

    cp_buf_init(&text, &cp_client_mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(id), args, &text);
    cp_buf_put_byte(&text, 0);
    if (cp_buf_err(&text) == CP_OK)
        said = strdup((const char *)text.ptr);
    cp_buf_clear(&text);
    return said;
}

/* ------------------------------------------------------------------------------------------- guides */

const char *cp_guide_of_stage(const char *stage)
{
    static const struct cp_words_row names[] = {{"out for comment", "comment"},
                                                {"review due", "review"},
                                                {"finished", "ended"},
                                                {"waiting", "gathering"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(stage, names[i].id) == 0)
            return names[i].text;
    return cp_word_in(CP_GUIDE_STAGES, cp_bytes_str(stage)) ? stage : NULL;
}

/* Is the row of this stage and this part? */
static bool is_part(const struct cp_words_row *row, const char *stage, const char *part)
{
    size_t len = strlen(stage);

    return strncmp(row->id, stage, len) == 0 && row->id[len] == ' ' && strcmp(row->id + len + 1, part) == 0;
}

static void put_part(struct cp_small *p, const char *stage, const char *part)
{
    for (size_t i = 0; i < cp_words_guide_table.count; i++)
        if (is_part(&guide[i], stage, part))
            cp_small_item(p, cp_language_say("guide", guide[i].text));
}

bool cp_guide_write(const char *stage, bool html, struct cp_buf *out)
{
    struct cp_small p;

    if (!cp_word_in(CP_GUIDE_STAGES, cp_bytes_str(stage)))
        return false;
    for (size_t i = 0; i < cp_words_guide_table.count; i++)
        if (is_part(&guide[i], stage, "title")) {
            char *title = cp_small_say(CP_SAY_GUIDE_TITLE, cp_language_say("guide", guide[i].text), NULL);

            cp_small_begin(&p, html, out, title == NULL ? "" : title);
            free(title);
        }
    cp_small_heading(&p, cp_words_screen(CP_SAY_GUIDE_ASK));
    put_part(&p, stage, "ask");
    cp_small_heading(&p, cp_words_screen(CP_SAY_GUIDE_TYPE));
    put_part(&p, stage, "type");
    cp_small_paragraph(&p, cp_words_screen(CP_SAY_GUIDE_LOCKS));
    cp_small_end(&p);
    return true;
}
