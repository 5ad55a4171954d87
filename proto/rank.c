/* The ranking of options (rank.h). Owns: means, medians, the order. Must not: use floating point. */
#include "proto/rank.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Exact numbers ---- */

struct cp_ratio cp_ratio_make(int64_t num, int64_t den)
{
    int64_t a = num, b = den;
    if (den <= 0)
        return (struct cp_ratio){0, 0};
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a == 0 ? (struct cp_ratio){0, 1} : (struct cp_ratio){num / a, den / a};
}

/* Compares whole parts, then the reciprocals of what is left over: no product, so no overflow. */
int cp_ratio_cmp(struct cp_ratio a, struct cp_ratio b)
{
    int sign = 1;
    if (a.den == 0 || b.den == 0)
        return (a.den != 0) - (b.den != 0);
    for (;;) {
        int64_t whole_a = a.num / a.den, whole_b = b.num / b.den;
        int64_t rest_a = a.num % a.den, rest_b = b.num % b.den;
        if (whole_a != whole_b)
            return whole_a < whole_b ? -sign : sign;
        if (rest_a == 0 || rest_b == 0)
            return sign * ((rest_a != 0) - (rest_b != 0));
        a = (struct cp_ratio){a.den, rest_a};
        b = (struct cp_ratio){b.den, rest_b};
        sign = -sign;
    }
}

struct cp_ratio cp_ratio_middle(struct cp_ratio a, struct cp_ratio b)
{
    if (a.den == 0 || b.den == 0)
        return a.den == 0 ? b : a;
    return cp_ratio_make(a.num * b.den + b.num * a.den, 2 * a.den * b.den);
}

void cp_ratio_text(struct cp_ratio r, char out[static 24])
{
    out[0] = '\0';
    if (r.den == 0)
        return;
    int64_t whole = r.num / r.den, rest = r.num % r.den;
    int64_t hundredths = (rest * 200 + r.den) / (2 * r.den);
    if (hundredths == 100) {
        whole++;
        hundredths = 0;
    }
    char text[48];
    (void)snprintf(text, sizeof text, "%lld.%02lld", (long long)whole, (long long)hundredths);
    text[23] = '\0'; /* 20 digits at most, and two after the point */
    memcpy(out, text, 24);
}

/* ---- Scores ---- */

struct weight {
    const struct cp_model_item *criterion;
    int64_t counts;
};
struct ranking {
    const struct cp_model *m;
    struct weight *weights;
    size_t weights_count;
    struct cp_ratio *means;   /* one for each person of the model */
    struct cp_ratio *sorting; /* the same many */
};

/* Of so many items each might be a criterion; few are. */
static size_t count_criteria(const struct cp_model *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->items_count; i++)
        count += m->items[i].r.kind == CP_RECORD_CRITERION ? 1 : 0;
    return count;
}

/* Twice as many as needed is never asked: a criterion counts 1 when nobody said. */
static void read_weights(struct ranking *t)
{
    for (size_t i = 0; i < t->m->items_count; i++) {
        const struct cp_model_item *item = &t->m->items[i];
        if (item->r.kind == CP_RECORD_CRITERION && !cp_model_state_in(item, "not used"))
            t->weights[t->weights_count++] = (struct weight){item, cp_model_number(&item->r, CP_M_COUNTS, 1)};
    }
}

static int64_t weight_of(const struct ranking *t, const uint8_t *criterion)
{
    for (size_t i = 0; criterion != NULL && i < t->weights_count; i++)
        if (memcmp(t->weights[i].criterion->r.id, criterion, CP_ID_LEN) == 0)
            return t->weights[i].counts;
    return 0;
}

static bool is_score(const struct ranking *t, const struct cp_model_view *v)
{
    return v->measure == CP_M_MEASURE_SCORE && !v->two && weight_of(t, v->criterion) > 0;
}

static bool is_dont_know(const struct cp_model_view *v)
{
    return cp_bytes_eq(v->value, cp_bytes_str("dont_know"));
}

static int64_t digit_of(const struct cp_model_view *v)
{
    return v->value.len == 1 && v->value.ptr[0] >= '0' && v->value.ptr[0] <= '4' ? v->value.ptr[0] - '0' : 0;
}

/* The weighted mean of one person's scores of an option; *dont_know is added to. */
static struct cp_ratio mean_of(const struct ranking *t, const struct cp_model_view *views, size_t count,
                               const struct cp_model_person *p, size_t *dont_know)
{
    int64_t sum = 0, weights = 0;
    for (size_t i = 0; i < count; i++) {
        const struct cp_model_view *v = &views[i];
        if (!is_score(t, v) || memcmp(v->person, p->r.id, CP_ID_LEN) != 0)
            continue;
        if (is_dont_know(v)) {
            (*dont_know)++;
            continue;
        }
        int64_t weight = weight_of(t, v->criterion);
        sum += weight * digit_of(v);
        weights += weight;
    }
    return cp_ratio_make(sum, weights);
}

static int by_ratio(const void *a, const void *b)
{
    return cp_ratio_cmp(*(const struct cp_ratio *)a, *(const struct cp_ratio *)b);
}

static struct cp_ratio median(struct cp_ratio *list, size_t count)
{
    if (count == 0)
        return (struct cp_ratio){0, 0};
    qsort(list, count, sizeof *list, by_ratio);
    return count % 2 == 1 ? list[count / 2] : cp_ratio_middle(list[count / 2 - 1], list[count / 2]);
}

/* ---- One option ---- */

static void rank_group(const struct ranking *t, struct cp_rank_group *g, const size_t *dont_know)
{
    size_t count = 0;
    for (size_t i = 0; i < t->m->people_count; i++) {
        const struct cp_model_person *p = &t->m->people[i];
        if (!p->in || !cp_model_has_perspective(p, g->perspective))
            continue;
        g->size++;
        g->dont_know += dont_know[i];
        if (t->means[i].den != 0)
            t->sorting[count++] = t->means[i];
    }
    g->scored = count;
    g->median = median(t->sorting, count);
    g->shown = cp_model_perspective_shown(t->m, g->perspective);
}

static void take_lowest(struct cp_rank_row *row, const struct cp_rank_group *g)
{
    if (g->median.den == 0)
        return;
    int order = row->lowest.den == 0 ? -1 : cp_ratio_cmp(g->median, row->lowest);
    if (order < 0)
        row->lowest_shown = g->shown;
    else if (order == 0) /* a group that may be shown stands at the same place: no secret */
        row->lowest_shown = row->lowest_shown || g->shown;
    if (order < 0)
        row->lowest = g->median;
}

static void rank_option(const struct ranking *t, struct cp_rank_row *row, size_t *dont_know)
{
    const struct cp_model *m = t->m;
    size_t count = 0, views_count = 0;
    const struct cp_model_view *views = cp_model_views(m, row->option->r.id, &views_count);
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        dont_know[i] = 0;
        t->means[i] = (struct cp_ratio){0, 0};
        if (!p->in)
            continue;
        const struct cp_model_view *commitment =
            cp_model_view(m, row->option->r.id, CP_M_MEASURE_COMMITMENT, p->r.id);
        row->cannot += commitment != NULL && cp_bytes_eq(commitment->value, cp_bytes_str("cannot")) ? 1 : 0;
        t->means[i] = mean_of(t, views, views_count, p, &dont_know[i]);
        row->dont_know += dont_know[i];
        if (t->means[i].den != 0)
            t->sorting[count++] = t->means[i];
    }
    row->scored = count;
    row->overall = median(t->sorting, count);
    row->least = count == 0 ? row->overall : t->sorting[0];
    row->most = count == 0 ? row->overall : t->sorting[count - 1];
    for (size_t i = 0; i < m->perspectives_count; i++) {
        row->groups[i] = (struct cp_rank_group){.perspective = m->perspectives[i]};
        rank_group(t, &row->groups[i], dont_know);
        take_lowest(row, &row->groups[i]);
    }
    if (row->lowest.den == 0) {
        row->lowest = row->overall;
        row->lowest_shown = true;
    }
}

static int by_merit(const struct cp_rank_row *x, const struct cp_rank_row *y)
{
    int order = cp_ratio_cmp(y->lowest, x->lowest);
    if (order == 0)
        order = cp_ratio_cmp(y->overall, x->overall);
    if (order == 0)
        order = (x->cannot > y->cannot) - (x->cannot < y->cannot);
    return order;
}

static int by_rank(const void *a, const void *b)
{
    const struct cp_rank_row *x = a, *y = b;
    int order = by_merit(x, y);
    return order != 0 ? order : memcmp(x->option->r.id, y->option->r.id, CP_ID_LEN);
}

/* ---- The whole ---- */

static size_t options_of(const struct cp_model *m, const struct cp_model_item *priority,
                         struct cp_rank_row *rows)
{
    size_t count = 0, n = 0;
    const struct cp_model_back *backs = cp_model_backs(m, priority->r.id, &n);
    for (size_t i = 0; i < n; i++) {
        const struct cp_model_item *item = backs[i].item;
        if (backs[i].field != CP_M_FOR || item->r.kind != CP_RECORD_OPTION ||
            cp_model_state_in(item, "combined"))
            continue;
        if (rows != NULL)
            rows[count] = (struct cp_rank_row){.option = item, .groups = rows[count].groups};
        count++;
    }
    return count;
}

/* Ranks the rows under the weights as they are now. */
static void rank_rows(const struct ranking *t, struct cp_rank_row *rows, size_t count, size_t *dont_know)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct cp_rank_row){.option = rows[i].option, .groups = rows[i].groups};
        rank_option(t, &rows[i], dont_know);
    }
    if (count > 1)
        qsort(rows, count, sizeof *rows, by_rank);
    for (size_t i = 0; i < count; i++)
        rows[i].place = i > 0 && by_merit(&rows[i - 1], &rows[i]) == 0 ? rows[i - 1].place : i + 1;
}

const struct cp_model_note *cp_rank_choice(const struct cp_model *m, const struct cp_model_item *priority)
{
    const struct cp_model_note *found = NULL;
    for (size_t i = 0; i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        if (n->kind != CP_M_NOTE_CHOICE)
            continue;
        const struct cp_model_item *about = cp_model_item(m, n->about);
        bool is_it = memcmp(n->about, priority->r.id, CP_ID_LEN) == 0 ||
                     cp_model_links(&n->r, CP_M_PRIORITY, priority->r.id) ||
                     (about != NULL && about->r.kind == CP_RECORD_OPTION &&
                      cp_model_links(&about->r, CP_M_FOR, priority->r.id));
        if (is_it && (found == NULL || n->lamport > found->lamport ||
                      (n->lamport == found->lamport && memcmp(n->r.id, found->r.id, CP_ID_LEN) > 0)))
            found = n;
    }
    return found;
}

/* Scores that came in after the choice: those it does not name as seen. A choice that names none cannot tell. */
static void count_late(const struct ranking *t, struct cp_ranking *out)
{
    const struct cp_model_note *choice = out->choice;
    if (choice == NULL || choice->seen_count == 0)
        return;
    for (size_t i = 0; i < out->count; i++) {
        size_t count = 0;
        const struct cp_model_view *views = cp_model_views(t->m, out->rows[i].option->r.id, &count);
        for (size_t j = 0; j < count; j++) {
            bool seen = !is_score(t, &views[j]);
            for (size_t k = 0; k < choice->seen_count && !seen; k++)
                seen = memcmp(choice->seen + k * CP_ID_LEN, views[j].entry, CP_ID_LEN) == 0;
            out->rows[i].late += seen ? 0 : 1;
        }
        out->late += out->rows[i].late;
    }
}

static size_t count_others(const struct ranking *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->weights_count; i++) {
        const struct cp_model_record *r = &t->weights[i].criterion->r;
        const struct cp_model_fact *f = cp_model_get(r, CP_M_COUNTS);
        for (f = f == NULL ? NULL : cp_model_next(r, f); f != NULL; f = cp_model_next(r, f))
            count++;
    }
    return count;
}

/* Where each option would stand if the other wording of a weight were chosen. */
static void rank_others(struct ranking *t, struct cp_ranking *out, struct cp_rank_row *again,
                        size_t *dont_know)
{
    for (size_t i = 0; i < t->weights_count; i++) {
        const struct cp_model_record *r = &t->weights[i].criterion->r;
        int64_t kept = t->weights[i].counts;
        const struct cp_model_fact *f = cp_model_get(r, CP_M_COUNTS);
        for (f = f == NULL ? NULL : cp_model_next(r, f); f != NULL; f = cp_model_next(r, f)) {
            struct cp_rank_other *o = &out->others[out->others_count++];
            o->criterion = t->weights[i].criterion;
            o->counts = t->weights[i].counts = f->number;
            rank_rows(t, again, out->count, dont_know);
            for (size_t a = 0; a < out->count; a++)
                for (size_t b = 0; b < out->count; b++)
                    if (out->rows[a].option == again[b].option)
                        o->places[a] = again[b].place;
        }
        t->weights[i].counts = kept;
    }
}

/* Memory that the result keeps; false when there is none. Rows twice: the second ones for other weights. */
static bool take_memory(struct ranking *t, struct cp_ranking *out, size_t others)
{
    size_t n = 2 * out->count, groups = t->m->perspectives_count;
    struct cp_rank_group *group = cp_alloc_array(out->mem, n * (groups + 1) + 1, sizeof *group);
    size_t *places = cp_alloc_array(out->mem, others * out->count + 1, sizeof *places);
    out->rows = cp_alloc_array(out->mem, n + 1, sizeof *out->rows);
    out->others = cp_alloc_array(out->mem, others + 1, sizeof *out->others);
    out->blocks[0] = group;
    out->blocks[1] = places;
    out->blocks[2] = out->rows;
    out->blocks[3] = out->others;
    if (group == NULL || places == NULL || out->rows == NULL || out->others == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        out->rows[i].groups = group + i * (groups + 1);
    for (size_t i = 0; i < others; i++)
        out->others[i].places = places + i * out->count;
    return true;
}

enum cp_err cp_rank(struct cp_ranking *out, const struct cp_mem *mem, const struct cp_model *m,
                    const struct cp_model_item *priority)
{
    struct ranking t = {.m = m};
    *out = (struct cp_ranking){.mem = mem};
    t.weights = cp_alloc_array(mem, count_criteria(m) + 1, sizeof *t.weights);
    t.means = cp_alloc_array(mem, m->people_count + 1, sizeof *t.means);
    t.sorting = cp_alloc_array(mem, m->people_count + 1, sizeof *t.sorting);
    size_t *dont_know = cp_alloc_array(mem, m->people_count + 1, sizeof *dont_know);
    bool enough = t.weights != NULL && t.means != NULL && t.sorting != NULL && dont_know != NULL;
    if (enough) {
        read_weights(&t);
        out->count = options_of(m, priority, NULL);
        enough = take_memory(&t, out, count_others(&t));
    }
    if (enough) {
        (void)options_of(m, priority, out->rows);
        (void)options_of(m, priority, out->rows + out->count);
        rank_rows(&t, out->rows, out->count, dont_know);
        rank_others(&t, out, out->rows + out->count, dont_know);
        out->choice = cp_rank_choice(m, priority);
        count_late(&t, out);
    }
    cp_free(mem, t.weights);
    cp_free(mem, t.means);
    cp_free(mem, t.sorting);
    cp_free(mem, dont_know);
    if (!enough)
        cp_ranking_clear(out);
    return enough ? CP_OK : CP_ERR_NO_MEMORY;
}

void cp_ranking_clear(struct cp_ranking *r)
{
    if (r->mem == NULL)
        return;
    for (size_t i = 0; i < sizeof r->blocks / sizeof r->blocks[0]; i++)
        cp_free(r->mem, r->blocks[i]);
    *r = (struct cp_ranking){.mem = NULL};
}
