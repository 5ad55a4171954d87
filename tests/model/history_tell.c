/* A history in words. See history.h. */
#include <stdio.h>

#include "tests/model/history.h"

static bool has(st_set set, int i)
{
    return i >= 0 && (set >> i & 1) != 0;
}

static void tell_set(const char *name, st_set set)
{
    printf(" %s", name);
    for (int i = 0; i < 64; i++)
        if (has(set, i))
            printf(" %d", i);
}

static void tell_cut(const struct st_cut *cut)
{
    printf(" [");
    for (int i = 0; i < cut->count; i++)
        printf(" chain %d seq %d tip %d", cut->tips[i].chain, cut->tips[i].seq, cut->tips[i].tip);
    printf(" ]");
}

static void tell_statement(const struct st_statement *s)
{
    static const char *const words[] = {"REVOKE", "KEY", "LEAVE", "FOLLOW"};
    printf(" %s person %d", words[s->says], s->person);
    printf(s->key == ST_NONE ? " by sheet %d%s" : " by key %d%s", s->key == ST_NONE ? s->sheet : s->key,
           s->plan != ST_NONE ? "" : " elsewhere");
    for (int i = 0; i < s->earlier_count; i++)
        printf(" for s%d", s->earlier[i]);
    if (s->says == ST_REVOKE) {
        printf(" device %d", s->device);
        tell_cut(&s->cut);
    } else if (s->says == ST_KEY) {
        printf(" new key %d", s->new_key);
        tell_set("stay", s->stay);
        for (int i = 0; i < s->cuts_count; i++) {
            printf(" cut %d", s->cut_devices[i]);
            tell_cut(&s->cuts[i]);
        }
        tell_set("stand", s->stand);
    } else {
        tell_set("joins", s->joins);
    }
}

void history_tell(const struct st_history *h)
{
    static const char *const words[] = {"FIRST", "INVITE", "UNINVITE", "ADMIT", "SAYS", "SECRET", "WORDS", "FROZEN"};
    static const char *const hows[] = {"new", "further", "recovery"};
    for (int i = 0; i < h->count; i++) {
        const struct st_entry *e = &h->entries[i];
        printf("%2d plan %d device %d chain %d seq %d lamport %d: %s", i, e->plan, e->device, e->chain, e->seq, e->lamport, words[e->kind]);
        if (e->for_person != ST_NONE)
            printf(" for person %d", e->for_person);
        if (e->invite != ST_NONE)
            printf(" invite %d", e->invite);
        if (e->join != ST_NONE) {
            const struct st_join *j = &h->joins[e->join];
            printf(" join %d: %s person %d key %d sheet %d device %d%s", e->join, hows[j->how], j->person, j->key, j->sheet,
                   j->device, j->good ? "" : " BAD");
        }
        if (e->statement != ST_NONE) {
            printf(" s%d%s", e->statement, e->good ? "" : " BAD");
            tell_statement(&h->statements[e->statement]);
        }
        if (e->people != 0)
            tell_set(" for people", e->people);
        tell_set("; past", e->past);
        printf("\n");
    }
}
