/* What can be asked of a drawn history: what may be held, in which order it arrives, which statements are one. See history.h. */
#include "tests/model/history.h"
#include "tests/support/heap.h"

const char *const history_count_words[HISTORY_COUNTS] = {
#define X(name, text) text,
    HISTORY_COUNT_LIST(X)
#undef X
};

static bool has(st_set set, int i)
{
    return i >= 0 && (set >> i & 1) != 0;
}

/* The rows of a cut have no order. */
static bool same_cut(const struct st_cut *a, const struct st_cut *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++) {
        same = false;
        for (int k = 0; k < b->count && !same; k++)
            same = a->tips[i].chain == b->tips[k].chain && a->tips[i].seq == b->tips[k].seq && a->tips[i].tip == b->tips[k].tip;
    }
    return same;
}

bool history_same_statement(const struct st_statement *a, const struct st_statement *b)
{
    bool same = a->says == b->says && a->person == b->person && a->key == b->key &&
                (a->key != ST_NONE || a->sheet == b->sheet) && a->plan == b->plan && a->old == b->old && a->device == b->device &&
                a->earlier_count == b->earlier_count && a->new_key == b->new_key && a->stay == b->stay &&
                a->cuts_count == b->cuts_count && a->stand == b->stand && a->joins == b->joins && same_cut(&a->cut, &b->cut);
    for (int i = 0; same && i < a->earlier_count; i++)
        same = a->earlier[i] == b->earlier[i];
    for (int i = 0; same && i < a->cuts_count; i++)
        same = a->cut_devices[i] == b->cut_devices[i] && same_cut(&a->cuts[i], &b->cuts[i]);
    return same;
}

st_set history_of(const struct st_history *h, int plan)
{
    st_set set = h->entries[h->first[plan]].past;
    for (int i = 0; i < h->count; i++)
        set |= h->entries[i].plan == plan ? ST_BIT(i) : 0;
    return set;
}

int history_order(const struct st_history *h, st_set set, uint64_t *seed, int order[ST_ENTRIES])
{
    st_set given = 0;
    int n = 0;
    for (; given != set; n++) {
        int ready[ST_ENTRIES], count = 0;
        for (int i = 0; i < h->count; i++)
            if (has(set, i) && !has(given, i) && (h->entries[i].past & ~given) == 0)
                ready[count++] = i;
        order[n] = ready[test_below(seed, (uint64_t)count)];
        given |= ST_BIT(order[n]);
    }
    return n;
}
