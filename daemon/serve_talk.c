/*
 * What was said to each other: comments, talks and replies, each with the words that it answers or the line of a page that
 * it is about (domain P11, knowledge group B). And what people say of their interests. Must not: write.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_check.h"
#include "proto/page_line.h"

/* ---- Pages, opened once ---- */

struct talk_page {
    struct cp_page page;
    struct cp_page newest; /* of its stage, when that is another one */
    bool open, has_newest;
    uint8_t id[CP_ID_LEN];
};
struct talking {
    struct cp_looking k;
    const struct cp_model_note **notes; /* those told, by (lamport, id) */
    size_t *children;                   /* places in notes, by (about, place) */
    bool *is_answer;                    /* about another one that is told */
    size_t count;
    struct talk_page *pages;
    size_t pages_count;
    struct cp_pages listed;
};

static bool is_told(const struct cp_model_note *n)
{
    return n->kind == CP_M_NOTE_COMMENT || n->kind == CP_M_NOTE_REPLY || n->kind == CP_M_NOTE_NEGOTIATION;
}

static enum cp_err open_newest(struct talking *t, struct talk_page *p)
{
    const struct cp_page_row *newest = NULL;
    for (size_t i = 0; i < t->listed.count; i++) /* of several the last by (lamport, id) */
        if (t->listed.rows[i].newest && t->listed.rows[i].stage == p->page.read.v.stage)
            newest = &t->listed.rows[i];
    if (newest == NULL || memcmp(newest->id, p->id, CP_ID_LEN) == 0)
        return CP_OK;
    enum cp_err err = cp_page_open(&p->newest, &t->k.d, newest->id);
    p->has_newest = err == CP_OK;
    return err;
}

/* The page that a note is about; NULL when it is about none. */
static const struct talk_page *page_of(struct talking *t, const uint8_t *id)
{
    bool known = false;
    for (size_t i = 0; i < t->pages_count; i++)
        if (memcmp(t->pages[i].id, id, CP_ID_LEN) == 0)
            return t->pages[i].open ? &t->pages[i] : NULL;
    for (size_t i = 0; i < t->listed.count; i++)
        known = known || (t->listed.rows[i].counts && memcmp(t->listed.rows[i].id, id, CP_ID_LEN) == 0);
    if (!known || t->k.err != CP_OK)
        return NULL;
    struct talk_page *p = &t->pages[t->pages_count];
    *p = (struct talk_page){.open = false};
    memcpy(p->id, id, CP_ID_LEN);
    t->k.err = cp_page_open(&p->page, &t->k.d, id);
    if (t->k.err != CP_OK)
        return NULL;
    p->open = true;
    t->pages_count++;
    t->k.err = open_newest(t, p);
    return p;
}

/* ---- The line a comment is about ---- */

static void put_place(const struct cp_page_line *line, struct cp_buf *out)
{
    cp_put_number(out, "number", (int64_t)line->number);
    cp_put_said(out, "words", line->words);
}

static void put_now(const struct talk_page *p, const struct cp_page_line *line, struct cp_buf *out)
{
    struct cp_page_line now;
    cp_api_key(out, "now");
    if (!p->has_newest) {
        cp_api_null(out);
        return;
    }
    enum cp_page_line_now how =
        cp_page_line_find(cp_buf_bytes(&p->newest.text), cp_buf_bytes(&p->page.text), line, &now);
    cp_api_object(out, how == CP_LINE_GONE ? 2 : 4);
    cp_put_id(out, "version", p->newest.id);
    cp_put_said(out, "how", cp_bytes_str(cp_page_line_now_word(how)));
    if (how != CP_LINE_GONE)
        put_place(&now, out);
}

/* By its number; else the first line of the field, or of the item, that the comment names. */
static bool find_line(const struct talk_page *p, const struct cp_model_note *n, struct cp_page_line *line)
{
    struct cp_bytes text = cp_buf_bytes(&p->page.text);
    int64_t number = cp_model_number(&n->r, CP_FIELD_ABOUT_LINE, 0);
    const uint8_t *item = cp_model_link(&n->r, CP_FIELD_ABOUT_ITEM);
    struct cp_bytes field = cp_model_text(&n->r, CP_FIELD_ABOUT_FIELD);
    if (number > 0)
        return cp_page_line_at(text, (uint64_t)number, line);
    return (item != NULL || field.len > 0) && cp_page_line_of(text, item, field, line);
}

static void put_line(struct talking *t, const struct cp_model_note *n, struct cp_buf *out)
{
    struct cp_page_line line;
    uint8_t item[CP_ID_LEN];
    const struct talk_page *p = n->kind == CP_M_NOTE_COMMENT ? page_of(t, n->about) : NULL;
    cp_api_key(out, "line");
    if (p == NULL || !find_line(p, n, &line)) {
        cp_api_null(out);
        return;
    }
    cp_api_object(out, 5);
    put_place(&line, out);
    cp_put_id(out, "item", cp_page_line_item(&line, item) ? item : NULL);
    cp_put_said(out, "field", line.label);
    put_now(p, &line, out);
}

/* ---- The words that a reply answers ---- */

static void put_quote_of(const uint8_t *by, struct cp_bytes name, struct cp_bytes text, struct cp_buf *out)
{
    cp_api_object(out, 3);
    cp_put_id(out, "by", by);
    cp_put_said(out, "name", name);
    cp_put_said(out, "text", text);
}

/* An answer to a page, in its own words. */
static bool put_answer_quote(struct talking *t, const uint8_t *id, struct cp_buf *out)
{
    struct cp_loaded l;
    struct cp_answer_read read;
    bool put = false, counts = false;
    if (cp_store_entry(t->k.d.node->store, t->k.d.plan, id, &l) != CP_OK)
        return false;
    if (cp_desk_answer(&t->k.d, &l.info[0], &read, &counts)) {
        const struct cp_answer *a = &read.a;
        const struct talk_page *p = page_of(t, a->version);
        struct cp_bytes name =
            p != NULL ? cp_page_name(&p->page, &t->k.d, a->person) : cp_desk_name(&t->k.d, a->person);
        if (counts)
            put_quote_of(a->person, name, a->why.len > 0 ? a->why : cp_bytes_str(cp_answer_text_word(a->word)), out);
        cp_answer_clear(&read);
        put = counts;
    }
    cp_loaded_clear(&l);
    return put;
}

static const struct cp_model_note *note_by_id(const struct talking *t, const uint8_t *id)
{
    for (size_t i = 0; i < t->count; i++)
        if (memcmp(t->notes[i]->r.id, id, CP_ID_LEN) == 0)
            return t->notes[i];
    return NULL;
}

/* Always the words as they stand; null when their author took them back. */
static void put_quote(struct talking *t, const struct cp_model_note *n, struct cp_buf *out)
{
    const struct cp_model *m = &t->k.l.m;
    const struct cp_model_item *item = cp_model_item(m, n->about);
    const struct cp_model_note *note = note_by_id(t, n->about);
    cp_api_key(out, "quotes");
    if (note != NULL) {
        put_quote_of(note->by, cp_model_name(m, note->by), cp_model_text(&note->r, CP_FIELD_TEXT), out);
        return;
    }
    if (item != NULL) {
        put_quote_of(item->author, cp_model_name(m, item->author), cp_model_text(&item->r, CP_FIELD_TEXT),
                     out);
        return;
    }
    for (size_t i = 0; i < m->views_count; i++)
        if (memcmp(m->views[i].entry, n->about, CP_ID_LEN) == 0) {
            const struct cp_model_view *v = &m->views[i];
            put_quote_of(v->person, cp_model_name(m, v->person), v->why.len > 0 ? v->why : v->value, out);
            return;
        }
    if (!put_answer_quote(t, n->about, out))
        cp_api_null(out);
}

/* ---- Rows ---- */

static void send_note(struct talking *t, const struct cp_model_note *n, size_t depth)
{
    struct cp_buf *out = &t->k.row;
    cp_api_object(out, 13);
    cp_put_id(out, "id", n->r.id);
    cp_put_said(out, "kind", cp_bytes_str(cp_note_word(n->kind)));
    cp_put_number(out, "depth", (int64_t)depth);
    cp_put_id(out, "about", n->about);
    cp_put_id(out, "by", n->by);
    cp_put_said(out, "name", cp_model_name(&t->k.l.m, n->by));
    cp_put_said(out, "on", n->day);
    cp_put_said(out, "text", cp_model_text(&n->r, CP_FIELD_TEXT));
    cp_put_truth(out, "differently", cp_model_says(&n->r, CP_FIELD_DIFFERENTLY, "yes"));
    cp_put_said(out, "changed", cp_model_text(&n->r, CP_FIELD_CHANGED));
    cp_put_said(out, "why", cp_model_text(&n->r, CP_FIELD_WHY));
    put_quote(t, n, out);
    put_line(t, n, out);
    cp_looking_send(&t->k);
}

static size_t children_at(const struct talking *t, const uint8_t *about)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(t->notes[t->children[middle]]->about, about, CP_ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A note, and behind it all that answers it, however deep: ids are hashes, so nothing answers itself. */
static void send_thread(struct talking *t, size_t root, size_t *stack)
{
    size_t depth = 0;
    send_note(t, t->notes[root], 0);
    stack[0] = children_at(t, t->notes[root]->r.id);
    const uint8_t *parent = t->notes[root]->r.id;
    while (t->k.err == CP_OK) {
        size_t at = stack[depth];
        if (at < t->count && memcmp(t->notes[t->children[at]]->about, parent, CP_ID_LEN) == 0) {
            const struct cp_model_note *n = t->notes[t->children[at]];
            stack[depth++]++;
            send_note(t, n, depth);
            parent = n->r.id;
            stack[depth] = children_at(t, parent);
        } else if (depth == 0) {
            break;
        } else {
            /* back to whom the one before was an answer to */
            depth--;
            parent = t->notes[t->children[stack[depth] - 1]]->about;
        }
    }
}

/* ---- All ---- */

static int by_order(const void *a, const void *b)
{
    const struct cp_model_note *const *x = a, *const *y = b;
    if ((*x)->lamport != (*y)->lamport)
        return (*x)->lamport < (*y)->lamport ? -1 : 1;
    return memcmp((*x)->r.id, (*y)->r.id, CP_ID_LEN);
}

struct child {
    const struct cp_model_note *note;
    size_t place;
};

static int by_about(const void *a, const void *b)
{
    const struct child *x = a, *y = b;
    int order = memcmp(x->note->about, y->note->about, CP_ID_LEN);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static enum cp_err order_children(struct talking *t)
{
    struct child *list = cp_alloc_array(t->k.d.mem, t->count + 1, sizeof *list);
    if (list == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < t->count; i++)
        list[i] = (struct child){t->notes[i], i};
    if (t->count > 0)
        qsort(list, t->count, sizeof *list, by_about);
    for (size_t i = 0; i < t->count; i++)
        t->children[i] = list[i].place;
    for (size_t i = 0; i < t->count; i++)
        for (size_t at = children_at(t, t->notes[i]->r.id);
             at < t->count && memcmp(t->notes[t->children[at]]->about, t->notes[i]->r.id, CP_ID_LEN) == 0;
             at++)
            t->is_answer[t->children[at]] = true;
    cp_free(t->k.d.mem, list);
    return CP_OK;
}

static enum cp_err gather(struct talking *t)
{
    const struct cp_model *m = &t->k.l.m;
    const struct cp_mem *mem = t->k.d.mem;
    t->notes = cp_alloc_array(mem, m->notes_count + 1, sizeof *t->notes);
    t->children = cp_alloc_array(mem, m->notes_count + 1, sizeof *t->children);
    t->is_answer = cp_alloc_array(mem, m->notes_count + 1, sizeof *t->is_answer);
    if (t->notes == NULL || t->children == NULL || t->is_answer == NULL)
        return CP_ERR_NO_MEMORY;
    memset(t->is_answer, 0, (m->notes_count + 1) * sizeof *t->is_answer);
    for (size_t i = 0; i < m->notes_count; i++)
        if (is_told(&m->notes[i]))
            t->notes[t->count++] = &m->notes[i];
    if (t->count > 0)
        qsort(t->notes, t->count, sizeof *t->notes, by_order);
    enum cp_err err = order_children(t);
    if (err == CP_OK)
        err = cp_pages_list(&t->listed, &t->k.d, CP_BYTES(NULL, 0));
    if (err != CP_OK)
        return err;
    t->pages = cp_alloc_array(mem, t->listed.count + 1, sizeof *t->pages);
    return t->pages == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

static void talking_clear(struct talking *t)
{
    const struct cp_mem *mem = t->k.d.mem;
    for (size_t i = 0; i < t->pages_count; i++) {
        cp_page_clear(&t->pages[i].page);
        if (t->pages[i].has_newest)
            cp_page_clear(&t->pages[i].newest);
    }
    cp_free(mem, t->pages);
    cp_free(mem, t->notes);
    cp_free(mem, t->children);
    cp_free(mem, t->is_answer);
    cp_pages_clear(&t->listed);
}

void cp_serve_talk(struct cp_request *r)
{
    struct talking t = {.count = 0};
    struct cp_target about = {.version = false};
    struct cp_bytes typed = cp_arg(r, "id");
    enum cp_err err = typed.len == 0 ? CP_OK : cp_target_find(r, typed, &about);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    if (!cp_looking_begin(&t.k, r))
        return;
    t.k.err = gather(&t);
    size_t *stack = cp_alloc_array(t.k.d.mem, t.count + 2, sizeof *stack);
    if (stack == NULL)
        t.k.err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; t.k.err == CP_OK && i < t.count; i++) {
        const struct cp_model_note *n = t.notes[i];
        if (typed.len == 0 ? !t.is_answer[i]
                           : memcmp(n->r.id, about.id, CP_ID_LEN) == 0 ||
                                 (memcmp(n->about, about.id, CP_ID_LEN) == 0 && !t.is_answer[i]))
            send_thread(&t, i, stack);
    }
    cp_free(t.k.d.mem, stack);
    talking_clear(&t);
    cp_looking_end(&t.k);
}

/* ---- The register of interests (knowledge group B) ---- */

static void put_tongues(const struct cp_model_record *r, uint16_t field, struct cp_buf *out)
{
    size_t count = 0;
    for (const struct cp_model_fact *f = cp_model_get(r, field); f != NULL; f = cp_model_next(r, f))
        count += f->text.len > 0 ? 1 : 0;
    cp_api_list(out, count);
    for (const struct cp_model_fact *f = cp_model_get(r, field); f != NULL; f = cp_model_next(r, f)) {
        if (f->text.len == 0)
            continue;
        cp_api_object(out, 2);
        cp_put_said(out, "language", f->lang);
        cp_put_said(out, "text", f->text);
    }
}

/* Everyone who is in, or is named without a key: who declared nothing is on the page too, and it says so. */
void cp_serve_interests(struct cp_request *r)
{
    struct cp_looking k;
    if (!cp_looking_begin(&k, r))
        return;
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.people_count; i++) {
        const struct cp_model_person *p = &k.l.m.people[i];
        if (!p->in && !p->someone)
            continue;
        cp_api_object(&k.row, 5);
        cp_put_id(&k.row, "person", p->r.id);
        cp_put_said(&k.row, "name", p->name);
        cp_put_truth(&k.row, "someone", p->someone);
        cp_api_key(&k.row, "interests");
        put_tongues(&p->r, CP_FIELD_INTERESTS, &k.row);
        cp_api_key(&k.row, "values");
        put_tongues(&p->r, CP_FIELD_VALUES, &k.row);
        cp_looking_send(&k);
    }
    cp_looking_end(&k);
}
