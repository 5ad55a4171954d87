/* Line difference. Owns: the search for the shortest edit, bounded. Must not: grow memory beyond the lines. */
#include "daemon/diff.h"

#include <stdlib.h>
#include <string.h>

/* A stretch that needs more edits than this is divided at the furthest point reached: 2,048 squared steps at most
 * for one division keep the longest text people can freeze under a few seconds on a cheap machine. */
#define EDITS_MAX 2048
#define LINES_MAX (1 << 30)

struct text {
    struct cp_bytes *lines;
    int *ids; /* equal lines have equal numbers */
    bool *changed;
    int count;
};
struct diff {
    struct text a, b;
    int *forward, *backward; /* furthest x on each diagonal, indexed from -(b) to a */
    int offset;
};

static enum cp_err split(const struct cp_mem *mem, struct cp_bytes bytes, struct text *t)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++)
        count += bytes.ptr[i] == '\n' ? 1 : 0;
    if (bytes.len > 0 && bytes.ptr[bytes.len - 1] != '\n')
        count++;
    if (count > LINES_MAX)
        return CP_ERR_TOO_BIG;
    t->lines = cp_alloc_array(mem, count + 1, sizeof *t->lines);
    t->ids = cp_alloc_array(mem, count + 1, sizeof *t->ids);
    t->changed = cp_alloc_array(mem, count + 1, sizeof *t->changed);
    if (t->lines == NULL || t->ids == NULL || t->changed == NULL)
        return CP_ERR_NO_MEMORY;
    size_t start = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *lf = memchr(bytes.ptr + start, '\n', bytes.len - start);
        size_t len = lf == NULL ? bytes.len - start : (size_t)(lf - bytes.ptr) - start;
        t->lines[i] = CP_BYTES(bytes.ptr + start, len);
        start += len + 1;
    }
    t->count = (int)count;
    return CP_OK;
}

/* ---- Numbers for lines ---- */

struct keyed {
    struct cp_bytes line;
    int *id;
};

static int by_line(const void *a, const void *b)
{
    return cp_bytes_cmp(((const struct keyed *)a)->line, ((const struct keyed *)b)->line);
}

static enum cp_err number_lines(const struct cp_mem *mem, struct diff *d)
{
    size_t all = (size_t)d->a.count + (size_t)d->b.count, n = 0;
    struct keyed *keyed = cp_alloc_array(mem, all + 1, sizeof *keyed);
    if (keyed == NULL)
        return CP_ERR_NO_MEMORY;
    for (int i = 0; i < d->a.count; i++)
        keyed[n++] = (struct keyed){d->a.lines[i], &d->a.ids[i]};
    for (int i = 0; i < d->b.count; i++)
        keyed[n++] = (struct keyed){d->b.lines[i], &d->b.ids[i]};
    qsort(keyed, n, sizeof *keyed, by_line);
    int next = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && by_line(&keyed[i - 1], &keyed[i]) != 0)
            next++;
        *keyed[i].id = next;
    }
    cp_free(mem, keyed);
    return CP_OK;
}

/* ---- The middle of the shortest edit ---- */

/* A stretch of each text: [a0, a1) and [b0, b1). */
struct box {
    int a0, a1, b0, b1;
};

static bool same(const struct diff *d, int x, int y)
{
    return d->a.ids[x] == d->b.ids[y];
}

/* One step of the forward search on diagonal k = x - y: the furthest x reached with one edit more. */
static int forward_step(struct diff *d, const struct box *box, int k)
{
    const int *v = d->forward + d->offset;
    int x = v[k - 1] >= v[k + 1] ? v[k - 1] + 1 : v[k + 1];
    while (x < box->a1 && x - k < box->b1 && same(d, x, x - k))
        x++;
    d->forward[d->offset + k] = x;
    return x;
}

static int backward_step(struct diff *d, const struct box *box, int k)
{
    const int *v = d->backward + d->offset;
    int x = v[k - 1] < v[k + 1] ? v[k - 1] : v[k + 1] - 1;
    while (x > box->a0 && x - k > box->b0 && same(d, x - 1, x - k - 1))
        x--;
    d->backward[d->offset + k] = x;
    return x;
}

/* The diagonals in reach: one more on each side, until the box's edge is met and the next ones are out of it. */
static void widen(int *v, int *low, int *high, int low_end, int high_end, int outside)
{
    if (*low > low_end)
        v[--*low - 1] = outside;
    else
        ++*low;
    if (*high < high_end)
        v[++*high + 1] = outside;
    else
        --*high;
}

/* Of the diagonals reached forwards, the point furthest on inside the box: a true place to divide. */
static void furthest(const struct diff *d, const struct box *box, int low, int high, int *at_x, int *at_y)
{
    int best = -1;
    for (int k = low; k <= high; k += 2) {
        int x = d->forward[d->offset + k];
        if (x > box->a1)
            x = box->a1;
        int y = x - k;
        if (y > box->b1) {
            y = box->b1;
            x = y + k;
        }
        if (x < box->a0 || y < box->b0 || x + y <= best)
            continue;
        best = x + y;
        *at_x = x;
        *at_y = y;
    }
}

/* Finds a point on a shortest path through the box (or a good one, when the shortest costs too much). */
static void middle(struct diff *d, const struct box *box, int *at_x, int *at_y)
{
    int low_end = box->a0 - box->b1, high_end = box->a1 - box->b0;
    int start = box->a0 - box->b0, end = box->a1 - box->b1;
    int flow = start, fhigh = start, blow = end, bhigh = end;
    bool odd = ((start - end) & 1) != 0;
    int *f = d->forward + d->offset, *b = d->backward + d->offset;
    f[start] = box->a0;
    b[end] = box->a1;
    for (int cost = 1;; cost++) {
        widen(f, &flow, &fhigh, low_end, high_end, -1);
        for (int k = fhigh; k >= flow; k -= 2) {
            int x = forward_step(d, box, k);
            if (odd && k >= blow && k <= bhigh && b[k] <= x) {
                *at_x = x;
                *at_y = x - k;
                return;
            }
        }
        widen(b, &blow, &bhigh, low_end, high_end, LINES_MAX + 1);
        for (int k = bhigh; k >= blow; k -= 2) {
            int x = backward_step(d, box, k);
            if (!odd && k >= flow && k <= fhigh && x <= f[k]) {
                *at_x = x;
                *at_y = x - k;
                return;
            }
        }
        if (cost >= EDITS_MAX) {
            furthest(d, box, flow, fhigh, at_x, at_y);
            return;
        }
    }
}

static void mark(struct text *t, int from, int to)
{
    for (int i = from; i < to; i++)
        t->changed[i] = true;
}

/* ---- Dividing, with a stack of our own: depth must not depend on what people write ---- */

struct stack {
    struct box *boxes;
    size_t count, cap;
    const struct cp_mem *mem;
};

static enum cp_err push(struct stack *s, struct box box)
{
    void *array = s->boxes;
    enum cp_err err = cp_grow(s->mem, &array, &s->cap, s->count + 1, SIZE_MAX, sizeof *s->boxes);
    if (err != CP_OK)
        return err;
    s->boxes = array;
    s->boxes[s->count++] = box;
    return CP_OK;
}

static enum cp_err compare(struct diff *d, const struct cp_mem *mem)
{
    struct stack s = {.mem = mem};
    enum cp_err err = push(&s, (struct box){0, d->a.count, 0, d->b.count});
    while (err == CP_OK && s.count > 0) {
        struct box box = s.boxes[--s.count];
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(d, box.a0, box.b0)) {
            box.a0++;
            box.b0++;
        }
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(d, box.a1 - 1, box.b1 - 1)) {
            box.a1--;
            box.b1--;
        }
        if (box.a0 == box.a1 || box.b0 == box.b1) {
            mark(&d->a, box.a0, box.a1);
            mark(&d->b, box.b0, box.b1);
            continue;
        }
        int x = box.a0, y = box.b0;
        middle(d, &box, &x, &y);
        if ((x == box.a0 && y == box.b0) || (x == box.a1 && y == box.b1)) { /* no progress would never end */
            mark(&d->a, box.a0, box.a1);
            mark(&d->b, box.b0, box.b1);
            continue;
        }
        err = push(&s, (struct box){x, box.a1, y, box.b1});
        if (err == CP_OK)
            err = push(&s, (struct box){box.a0, x, box.b0, y});
    }
    cp_free(mem, s.boxes);
    return err;
}

static void tell(const struct diff *d, cp_diff_visit *visit, void *ctx)
{
    int x = 0, y = 0;
    while (x < d->a.count || y < d->b.count) {
        while (x < d->a.count && d->a.changed[x]) {
            visit(ctx, '-', (size_t)x, d->a.lines[x]);
            x++;
        }
        while (y < d->b.count && d->b.changed[y]) {
            visit(ctx, '+', (size_t)y, d->b.lines[y]);
            y++;
        }
        x++; /* lines that both have go in step */
        y++;
    }
}

static void text_clear(const struct cp_mem *mem, struct text *t)
{
    cp_free(mem, t->lines);
    cp_free(mem, t->ids);
    cp_free(mem, t->changed);
}

enum cp_err cp_diff_lines(const struct cp_mem *mem, struct cp_bytes a, struct cp_bytes b,
                          cp_diff_visit *visit, void *ctx)
{
    struct diff d = {.offset = 0};
    size_t diagonals = 0;
    enum cp_err err = split(mem, a, &d.a);
    if (err == CP_OK)
        err = split(mem, b, &d.b);
    if (err == CP_OK)
        err = number_lines(mem, &d);
    if (err != CP_OK)
        goto out;
    diagonals = (size_t)d.a.count + (size_t)d.b.count + 3;
    d.offset = d.b.count + 1;
    d.forward = cp_alloc_array(mem, diagonals, sizeof *d.forward);
    d.backward = cp_alloc_array(mem, diagonals, sizeof *d.backward);
    err = d.forward == NULL || d.backward == NULL ? CP_ERR_NO_MEMORY : compare(&d, mem);
    if (err == CP_OK)
        tell(&d, visit, ctx);
out:
    cp_free(mem, d.forward);
    cp_free(mem, d.backward);
    text_clear(mem, &d.a);
    text_clear(mem, &d.b);
    return err;
}
