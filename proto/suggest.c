/* Suggestions for two wordings. Owns: words, the differences of two texts, and putting two edits into one text. */
#include "proto/suggest.h"

#include <string.h>

/* ---- Words ---- */

struct text {
    struct cp_bytes *parts; /* words and blanks in turn */
    size_t count;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(struct cp_bytes part)
{
    return !is_blank(part.ptr[0]);
}

static bool split(struct text *t, const struct cp_mem *mem, struct cp_bytes text)
{
    t->count = 0;
    t->parts = cp_alloc_array(mem, text.len + 1, sizeof *t->parts);
    if (t->parts == NULL)
        return false;
    for (size_t at = 0; at < text.len;) {
        size_t end = at + 1;
        while (end < text.len && is_blank(text.ptr[end]) == is_blank(text.ptr[at]))
            end++;
        t->parts[t->count++] = CP_BYTES(text.ptr + at, end - at);
        at = end;
    }
    return true;
}

/* ---- Differences ---- */

/* Parts [from, to) of the common text became parts [at, end) of a wording. */
struct edit {
    size_t from, to, at, end;
};
struct edits {
    struct edit list[CP_SUGGEST_EDITS_MAX];
    size_t count;
};

enum {
    REACH = CP_SUGGEST_EDITS_MAX
};

/*
 * Myers' greedy walk: far[d][k] is how far into `a` one gets on diagonal k with d parts taken out or put in. All rows
 * are kept, row d having 2d + 1 places, so that the way back can be read from them.
 */
struct walk {
    const struct cp_bytes *a, *b;
    size_t a_count, b_count;
    int32_t *rows;
};

static int32_t *row_of(const struct walk *w, int32_t d)
{
    return w->rows + (size_t)d * (size_t)d + (size_t)d; /* place of diagonal 0 */
}

/* Is a step down (a part put in) what leads to diagonal k of row d? Else one to the right (a part taken out). */
static bool came_down(const struct walk *w, int32_t d, int32_t k)
{
    const int32_t *before = row_of(w, d - 1);
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* How many parts the two differ by; -1 when more than REACH. */
static int32_t walk_out(const struct walk *w)
{
    int32_t a_count = (int32_t)w->a_count, b_count = (int32_t)w->b_count;
    for (int32_t d = 0; d <= REACH; d++)
        for (int32_t k = -d; k <= d; k += 2) {
            int32_t x = 0;
            if (d > 0)
                x = came_down(w, d, k) ? row_of(w, d - 1)[k + 1] : row_of(w, d - 1)[k - 1] + 1;
            while (x >= 0 && x < a_count && x - k >= 0 && x - k < b_count &&
                   cp_bytes_eq(w->a[x], w->b[x - k]))
                x++;
            row_of(w, d)[k] = x;
            if (x == a_count && x - k == b_count)
                return d;
        }
    return -1;
}

/* Reads the way back into edits, from the last to the first; `skip` parts stand before both. */
static void walk_back(const struct walk *w, int32_t d, size_t skip, struct edits *out)
{
    int32_t k = (int32_t)w->a_count - (int32_t)w->b_count;
    for (; d > 0; d--) {
        bool down = came_down(w, d, k);
        int32_t before = down ? k + 1 : k - 1;
        int32_t x0 = row_of(w, d - 1)[before];
        struct edit e = {.from = skip + (size_t)x0, .at = skip + (size_t)(x0 - before)};
        e.to = e.from + (down ? 0 : 1);
        e.end = e.at + (down ? 1 : 0);
        struct edit *next = out->count > 0 ? &out->list[out->count - 1] : NULL;
        if (next != NULL && next->from == e.to && next->at == e.end) {
            next->from = e.from;
            next->at = e.at;
        } else {
            out->list[out->count++] = e;
        }
        k = before;
    }
}

static bool only_blanks(const struct text *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (is_word(t->parts[i]))
            return false;
    return true;
}

/* Puts the edits in order, and joins those with nothing but blanks between: a blank alone separates no thoughts. */
static void tidy(struct edits *e, const struct text *base)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->count / 2; i++) {
        struct edit swap = e->list[i];
        e->list[i] = e->list[e->count - 1 - i];
        e->list[e->count - 1 - i] = swap;
    }
    for (size_t i = 0; i < e->count; i++) {
        if (kept > 0 && only_blanks(base, e->list[kept - 1].to, e->list[i].from)) {
            e->list[kept - 1].to = e->list[i].to;
            e->list[kept - 1].end = e->list[i].end;
        } else {
            e->list[kept++] = e->list[i];
        }
    }
    e->count = kept;
}

/* False: no memory, or (*far) too different. */
static bool differ(const struct cp_mem *mem, const struct text *base, const struct text *to,
                   struct edits *out, bool *far)
{
    size_t head = 0, tail = 0, least = base->count < to->count ? base->count : to->count;
    while (head < least && cp_bytes_eq(base->parts[head], to->parts[head]))
        head++;
    while (tail < least - head &&
           cp_bytes_eq(base->parts[base->count - 1 - tail], to->parts[to->count - 1 - tail]))
        tail++;
    struct walk w = {.a = base->parts + head,
                     .b = to->parts + head,
                     .a_count = base->count - head - tail,
                     .b_count = to->count - head - tail};
    out->count = 0;
    *far = false;
    w.rows = cp_alloc_array(mem, (size_t)(REACH + 1) * (REACH + 1), sizeof *w.rows);
    if (w.rows == NULL)
        return false;
    int32_t d = walk_out(&w);
    *far = d < 0;
    if (!*far) {
        walk_back(&w, d, head, out);
        tidy(out, base);
    }
    cp_free(mem, w.rows);
    return !*far;
}

/* ---- Both edits in one text ---- */

struct side {
    struct text text;
    struct edits edits;
};

static bool same_edit(const struct side *a, const struct edit *x, const struct side *b, const struct edit *y)
{
    if (x->from != y->from || x->to != y->to || x->end - x->at != y->end - y->at)
        return false;
    for (size_t i = 0; i < x->end - x->at; i++)
        if (!cp_bytes_eq(a->text.parts[x->at + i], b->text.parts[y->at + i]))
            return false;
    return true;
}

static void put_parts(const struct text *t, size_t from, size_t to, struct cp_buf *out)
{
    for (size_t i = from; i < to; i++)
        cp_buf_put_bytes(out, t->parts[i]);
}

/* False: the edits meet. */
static bool put_both(const struct text *base, const struct side *a, const struct side *b, struct cp_buf *out)
{
    size_t i = 0, j = 0, at = 0;
    const struct side *last = NULL; /* whose the edit before was; NULL: both made it */
    while (i < a->edits.count || j < b->edits.count) {
        const struct edit *x = i < a->edits.count ? &a->edits.list[i] : NULL;
        const struct edit *y = j < b->edits.count ? &b->edits.list[j] : NULL;
        bool both = x != NULL && y != NULL && same_edit(a, x, b, y);
        bool first =
            both || y == NULL || (x != NULL && (x->from < y->from || (x->from == y->from && x->to < y->to)));
        const struct edit *e = first ? x : y;
        const struct side *by = first ? a : b;
        /* A change that both made has no other side: what lies beside it must keep its word's distance all the same. */
        if (at > e->from || (i + j > 0 && (both || last != by) && only_blanks(base, at, e->from)))
            return false;
        put_parts(base, at, e->from, out);
        put_parts(&by->text, e->at, e->end, out);
        at = e->to;
        i += first ? 1 : 0;
        j += both || !first ? 1 : 0;
        last = both ? NULL : by;
    }
    put_parts(base, at, base->count, out);
    return true;
}

enum cp_err cp_suggest(const struct cp_mem *mem, struct cp_bytes base, struct cp_bytes a, struct cp_bytes b,
                       struct cp_buf *out, bool *found)
{
    struct text common = {NULL, 0};
    struct side *sides = NULL;
    struct cp_buf merged;
    bool far_a = false, far_b = false;
    enum cp_err err = CP_OK;
    *found = false;
    if (base.len > CP_TEXT_MAX || a.len > CP_TEXT_MAX || b.len > CP_TEXT_MAX)
        return CP_OK;
    cp_buf_init(&merged, mem, CP_TEXT_MAX);
    sides = cp_alloc_array(mem, 2, sizeof *sides);
    if (sides == NULL || !split(&common, mem, base) || !split(&sides[0].text, mem, a) ||
        !split(&sides[1].text, mem, b)) {
        err = CP_ERR_NO_MEMORY;
        goto out;
    }
    if (!differ(mem, &common, &sides[0].text, &sides[0].edits, &far_a) ||
        !differ(mem, &common, &sides[1].text, &sides[1].edits, &far_b)) {
        err = far_a || far_b ? CP_OK : CP_ERR_NO_MEMORY;
        goto out;
    }
    if (!put_both(&common, &sides[0], &sides[1], &merged))
        goto out;
    err = cp_buf_err(&merged);
    if (err == CP_ERR_TOO_BIG) {
        err = CP_OK; /* longer than a field may be */
    } else if (err == CP_OK) {
        cp_buf_put_bytes(out, cp_buf_bytes(&merged));
        *found = true;
    }
out:
    if (sides != NULL) {
        cp_free(mem, sides[0].text.parts);
        cp_free(mem, sides[1].text.parts);
    }
    cp_free(mem, sides);
    cp_free(mem, common.parts);
    cp_buf_clear(&merged);
    return err;
}
