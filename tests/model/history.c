/* Drawing histories. See history.h. */
#include "tests/model/history.h"

#include <string.h>

#include "tests/support/heap.h"

struct drawing {
    struct st_history *h;
    uint64_t seed;
    uint64_t *counts;
    int plan; /* in which this step is made */
    st_set sees_in[ST_PLANS][ST_DEVICES], *sees; /* what reached each device's machine; of that plan */
    st_set control;
    int owner[ST_DEVICES]; /* person */
    int devices;
    int chains_in[ST_PLANS][ST_DEVICES][2], (*own_chain)[2]; /* in use: of control, of content; of that plan */
    bool continues;               /* is it carried on? */
    int peace;                    /* how many more days without trouble there are for one with it */
};

static int below(struct drawing *g, int bound)
{
    return (int)test_below(&g->seed, (uint64_t)(bound < 1 ? 1 : bound));
}

static bool one_in(struct drawing *g, int n)
{
    return below(g, n) == 0;
}

static bool has(st_set set, int i)
{
    return i >= 0 && (set >> i & 1) != 0;
}

/* One of the set, ST_NONE when it is empty. */
static int pick(struct drawing *g, st_set set)
{
    int count = 0, at = 0;
    for (st_set s = set; s != 0; s &= s - 1)
        count++;
    if (count == 0)
        return ST_NONE;
    for (int left = below(g, count); !has(set, at) || left-- > 0;)
        at++;
    return at;
}

static st_set of_kind(const struct drawing *g, st_set among, enum st_kind kind)
{
    st_set set = 0;
    for (int i = 0; i < g->h->count; i++)
        if (has(among, i) && g->h->entries[i].kind == kind)
            set |= ST_BIT(i);
    return set;
}

static void work_in(struct drawing *g, int plan)
{
    g->plan = plan;
    g->sees = g->sees_in[plan];
    g->own_chain = g->chains_in[plan];
}

static st_set in_plan(const struct drawing *g)
{
    st_set set = 0;
    for (int i = 0; i < g->h->count; i++)
        set |= g->h->entries[i].plan == g->plan ? ST_BIT(i) : 0;
    return set;
}

/* ---- Where an entry stands ---- */

static st_set whole(const struct drawing *g, int entry)
{
    return entry == ST_NONE ? 0 : g->h->entries[entry].past | ST_BIT(entry);
}

static bool holds_admission(const struct drawing *g, st_set set, int device)
{
    for (int i = 0; i < g->h->count; i++)
        if (has(set, i) && has(g->h->admits, i) && g->h->entries[i].plan == g->plan && g->h->joins[g->h->entries[i].join].device == device)
            return true;
    return false;
}

/* Has its incarnation a chain in this plan? */
static bool taken_here(const struct drawing *g, int chain)
{
    for (int c = 0; c < g->h->chains_count; c++)
        if (g->h->chain_plan[c] == g->plan && g->h->chain_incarnation[c] == g->h->chain_incarnation[chain])
            return true;
    return false;
}

static int new_chain(struct drawing *g, int device, bool words)
{
    int chain = g->h->chains_count;
    g->h->chain_device[chain] = device;
    g->h->chain_words[chain] = words;
    g->h->chain_plan[chain] = g->plan;
    g->h->chain_incarnation[chain] = chain;
    for (int c = 0; c < chain && !words; c++) /* one home goes on in every plan */
        if (g->h->chain_device[c] == device && !g->h->chain_words[c] && g->h->chain_plan[c] < g->plan && !taken_here(g, c) &&
            one_in(g, 2))
            g->h->chain_incarnation[chain] = g->h->chain_incarnation[c];
    int beside = g->own_chain[device][0];
    if (words && beside != ST_NONE) { /* one incarnation has a chain of each class */
        bool taken = false;
        for (int c = 0; c < chain; c++)
            taken = taken || (g->h->chain_words[c] && g->h->chain_plan[c] == g->plan && g->h->chain_incarnation[c] == beside);
        g->h->chain_incarnation[chain] = taken ? chain : beside;
    }
    g->h->chains_count++;
    g->own_chain[device][words ? 1 : 0] = chain;
    return chain;
}

static st_set of_chain(const struct drawing *g, st_set among, int chain)
{
    st_set set = 0;
    for (int i = 0; i < g->h->count; i++)
        if (has(among, i) && g->h->entries[i].chain == chain)
            set |= ST_BIT(i);
    return set;
}

static int last_of(const struct drawing *g, st_set set)
{
    int last = ST_NONE;
    for (int i = 0; i < g->h->count; i++)
        if (has(set, i) && (last == ST_NONE || g->h->entries[i].seq >= g->h->entries[last].seq))
            last = i;
    return last;
}

/* Usually behind the last of its own chain and all that reached it; a liar forks, or cites an old past. */
static bool place(struct drawing *g, struct st_entry *e)
{
    bool words = e->kind == ST_WORDS || e->kind == ST_FROZEN;
    st_set may = words ? ~UINT64_C(0) : g->control, seen = g->sees[e->device] & may;
    int chain = g->own_chain[e->device][words ? 1 : 0];
    if (chain == ST_NONE || (one_in(g, 25) && g->h->chains_count < ST_CHAINS)) {
        g->counts[HISTORY_CHAINS] += chain == ST_NONE ? 0 : 1;
        chain = new_chain(g, e->device, words);
    }
    st_set own = of_chain(g, seen, chain);
    e->chain = chain;
    e->prev = last_of(g, own);
    e->past = seen;
    if (e->kind == ST_FIRST)
        e->past = g->plan == 0 ? 0 : g->sees_in[g->plan - 1][e->device] & may;
    if (e->kind != ST_FIRST && one_in(g, 8)) { /* an old past, and perhaps an old place */
        st_set past = whole(g, pick(g, seen & g->control));
        int prev = one_in(g, 2) ? e->prev : pick(g, own);
        past = (past | whole(g, prev)) & may;
        if (g->plan > 0)
            past |= whole(g, g->h->first[g->plan]);
        if (holds_admission(g, past, e->device)) {
            g->counts[HISTORY_BACKDATED] += past != seen ? 1 : 0;
            g->counts[HISTORY_FORKS] += prev != e->prev ? 1 : 0;
            e->prev = prev;
            e->past = past;
        }
    }
    e->seq = e->prev == ST_NONE ? 1 : g->h->entries[e->prev].seq + 1;
    e->lamport = 1;
    for (int i = 0; i < g->h->count; i++)
        if (has(e->past, i) && g->h->entries[i].lamport >= e->lamport)
            e->lamport = g->h->entries[i].lamport + 1;
    return holds_admission(g, e->past, e->device) || e->kind == ST_FIRST;
}

static int add(struct drawing *g, struct st_entry e)
{
    struct st_history *h = g->h;
    if (h->count == ST_ENTRIES || !place(g, &e))
        return ST_NONE;
    e.plan = g->plan;
    e.order = (int)(test_random(&g->seed) >> 40) * ST_ENTRIES + h->count;
    h->entries[h->count] = e;
    g->sees[e.device] |= ST_BIT(h->count) | (e.kind == ST_FIRST ? e.past : 0);
    if (e.kind == ST_FIRST && e.plan > 0)
        h->entries[h->count].join = st_joined(h, h->count);
    h->admits |= st_admits(h, h->count) ? ST_BIT(h->count) : 0;
    if (e.kind != ST_WORDS && e.kind != ST_FROZEN)
        g->control |= ST_BIT(h->count);
    return h->count++;
}

static struct st_entry entry_by(int device, enum st_kind kind)
{
    return (struct st_entry){
        .kind = kind, .device = device, .invite = ST_NONE, .for_person = ST_NONE, .join = ST_NONE, .statement = ST_NONE};
}

/* ---- Joining ---- */

static int add_join(struct drawing *g, struct st_join j)
{
    struct st_history *h = g->h;
    if (h->joins_count == ST_JOINS)
        return ST_NONE;
    h->joins[h->joins_count] = j;
    return h->joins_count++;
}

static void admit(struct drawing *g, int by, int invite, int join)
{
    struct st_entry e = entry_by(by, ST_ADMIT);
    if (join == ST_NONE)
        return;
    e.invite = invite;
    e.join = join;
    int at = add(g, e);
    if (at == ST_NONE || !has(g->h->admits, at))
        return;
    int device = g->h->joins[join].device;
    g->sees[device] |= whole(g, at); /* a join returns when all of this is stored; this one may be slow */
}

/* One of the keys that the person has or had, the newest most often. */
static int key_of(struct drawing *g, int person)
{
    int found[ST_KEYS], count = 0;
    found[count++] = person;
    for (int i = 0; i < g->h->statements_count && count < ST_KEYS; i++)
        if (g->h->statements[i].says == ST_KEY && g->h->statements[i].person == person)
            found[count++] = g->h->statements[i].new_key;
    return one_in(g, 3) ? found[below(g, count)] : found[count - 1];
}

static int device_of(struct drawing *g, int person)
{
    if (g->devices < ST_DEVICES && !one_in(g, 12)) {
        g->owner[g->devices] = person;
        return g->devices++;
    }
    return below(g, g->devices); /* one that is known already, perhaps another person's */
}

static void invite(struct drawing *g, int by)
{
    struct st_entry e = entry_by(by, ST_INVITE);
    if (one_in(g, 2))
        e.for_person = one_in(g, 5) ? below(g, ST_PERSONS) : g->owner[by];
    if (add(g, e) != ST_NONE)
        g->counts[HISTORY_INVITES]++;
}

static bool used(const struct drawing *g, int invite, int person)
{
    for (int i = 0; i < g->h->count; i++)
        if (g->h->entries[i].kind == ST_ADMIT && g->h->entries[i].invite == invite &&
            g->h->joins[g->h->entries[i].join].person != person)
            return true;
    return false;
}

static void spoil(struct drawing *g, struct st_join *j)
{
    g->counts[HISTORY_BAD_JOINS]++;
    switch (below(g, 4)) {
    case 0:
        j->good = false;
        break;
    case 1:
        j->sheet = below(g, ST_PERSONS);
        break;
    case 2:
        j->key = below(g, g->h->keys_count);
        break;
    default:
        j->person = below(g, ST_PERSONS);
        break;
    }
}

static void let_in(struct drawing *g, int by)
{
    int at = pick(g, of_kind(g, g->sees[by] & in_plan(g), ST_INVITE));
    if (at == ST_NONE)
        return;
    int person = g->h->entries[at].for_person;
    struct st_join j = {.how = ST_NEW, .person = person, .invite = at, .good = true};
    if (person == ST_NONE) {
        j.person = below(g, ST_PERSONS);
        j.key = j.person;
        g->counts[used(g, at, j.person) ? HISTORY_TWICE : HISTORY_NEW]++;
    } else if (one_in(g, 3)) {
        j.how = ST_RECOVERY;
        j.key = below(g, g->h->keys_count); /* whatever it names */
        g->counts[HISTORY_RECOVERIES]++;
    } else {
        j.how = ST_FURTHER;
        j.key = key_of(g, person);
        g->counts[HISTORY_FURTHER]++;
    }
    j.sheet = j.person;
    j.device = device_of(g, j.person);
    if (one_in(g, 15))
        spoil(g, &j);
    admit(g, by, at, add_join(g, j));
}

static void let_in_again(struct drawing *g, int by)
{
    int at = pick(g, of_kind(g, g->sees[by], ST_ADMIT));
    if (at == ST_NONE)
        return;
    int other = one_in(g, 12) ? pick(g, of_kind(g, g->sees[by], ST_INVITE)) : ST_NONE; /* which its JOIN does not name */
    g->counts[other == ST_NONE ? HISTORY_AGAIN : HISTORY_BAD_JOINS]++;
    admit(g, by, other == ST_NONE ? g->h->entries[at].invite : other, g->h->entries[at].join);
}

/* ---- Statements ---- */

static void draw_cut(struct drawing *g, int device, st_set seen, struct st_cut *cut)
{
    int how = below(g, 9);
    cut->count = 0;
    if (how == 0)
        return;
    for (int c = 0; c < g->h->chains_count && cut->count < ST_TIPS; c++) {
        if (g->h->chain_device[c] != device || g->h->chain_plan[c] != g->plan || one_in(g, 8))
            continue;
        st_set own = of_chain(g, how == 1 ? ~UINT64_C(0) : seen, c);
        int tip = how < 4 ? pick(g, own) : last_of(g, own);
        if (tip == ST_NONE)
            continue;
        struct st_tip *t = &cut->tips[cut->count++];
        *t = (struct st_tip){.chain = c, .seq = g->h->entries[tip].seq, .tip = tip};
        if (one_in(g, 12))
            t->tip = ST_NONE; /* on a branch that nobody has */
        if (one_in(g, 20))
            t->seq += below(g, 3);
        int other = pick(g, own);
        if (one_in(g, 8) && cut->count < ST_TIPS && other != tip) /* a second branch of the chain */
            cut->tips[cut->count++] = (struct st_tip){.chain = c, .seq = g->h->entries[other].seq, .tip = other};
    }
}

/* Statements of the person of these sorts that the device's machine knows (now and then: that anybody made). */
static void draw_earlier(struct drawing *g, int by, int person, bool revokes, int device, struct st_statement *s)
{
    for (int i = 0; i < g->h->statements_count && s->earlier_count < ST_EARLIER; i++) {
        const struct st_statement *o = &g->h->statements[i];
        bool fits = o->says == ST_KEY || (revokes && o->says == ST_REVOKE && o->device == device), known = one_in(g, 20);
        for (int e = 0; e < g->h->count; e++)
            known = known || (has(g->sees[by], e) && g->h->entries[e].kind == ST_SAYS && g->h->entries[e].statement == i);
        if (fits && known && (o->person == person || one_in(g, 6)) && !one_in(g, 4))
            s->earlier[s->earlier_count++] = i;
    }
}

static void say(struct drawing *g, int by, struct st_statement s, bool good)
{
    struct st_history *h = g->h;
    struct st_entry e = entry_by(by, ST_SAYS);
    if (h->statements_count == ST_STATEMENTS)
        return;
    for (int i = 0; i < h->statements_count && e.statement == ST_NONE; i++)
        if (history_same_statement(&h->statements[i], &s))
            e.statement = i;
    if (e.statement == ST_NONE) {
        h->statements[h->statements_count] = s;
        e.statement = h->statements_count++;
    }
    e.good = good;
    (void)add(g, e);
}

/* The report of a device: mostly by its person, mostly with their own key. */
static void revoke(struct drawing *g, int by)
{
    int device = one_in(g, 2) ? by : below(g, g->devices), person = g->owner[device];
    struct st_statement s = {.says = ST_REVOKE, .person = person, .sheet = person, .device = device, .plan = g->plan};
    bool bad = one_in(g, 8), good = true;
    s.key = one_in(g, 3) ? ST_NONE : key_of(g, person);
    if (bad) {
        int how = below(g, 4);
        good = how != 0;
        if (how == 1)
            s.person = below(g, ST_PERSONS);
        if (how == 2)
            s.plan = one_in(g, 2) || g->plan == 0 ? ST_NONE : g->plan - 1;
        if (how == 3 && s.key == ST_NONE)
            s.sheet = below(g, ST_PERSONS);
        else if (how == 3)
            s.key = below(g, g->h->keys_count);
    }
    draw_cut(g, device, g->sees[by], &s.cut);
    if (!one_in(g, 3))
        draw_earlier(g, by, s.person, true, device, &s);
    g->counts[bad ? HISTORY_REVOKES_BAD : s.key == ST_NONE ? HISTORY_SHEET_REVOKES : HISTORY_REVOKES]++;
    g->counts[HISTORY_REVOKES_AGAIN] += s.earlier_count > 0 ? 1 : 0;
    say(g, by, s, good);
}

static st_set some_statements(struct drawing *g, int person)
{
    st_set set = 0;
    for (int i = 0; i < g->h->statements_count; i++)
        if (g->h->statements[i].person == person && one_in(g, 2))
            set |= ST_BIT(i);
    return set;
}

static void change_key(struct drawing *g, int by)
{
    int person = one_in(g, 3) ? below(g, ST_PERSONS) : g->owner[by];
    struct st_statement s = {.says = ST_KEY, .person = person, .key = ST_NONE, .sheet = person, .plan = one_in(g, 20) ? ST_NONE : g->plan};
    if (g->h->keys_count == ST_KEYS)
        return;
    s.new_key = one_in(g, 8) ? key_of(g, person) : g->h->keys_count++;
    if (one_in(g, 15))
        s.sheet = below(g, ST_PERSONS);
    if (!one_in(g, 4))
        draw_earlier(g, by, person, false, ST_NONE, &s);
    for (int d = 0; d < g->devices; d++) {
        if (g->owner[d] != person && !one_in(g, 10))
            continue;
        int how = below(g, 4);
        if (how == 0 && s.cuts_count < ST_CUTS) {
            s.cut_devices[s.cuts_count] = d;
            draw_cut(g, d, g->sees[by], &s.cuts[s.cuts_count++]);
        } else if (how < 3) {
            s.stay |= ST_BIT(d);
        }
    }
    s.stand = some_statements(g, person);
    g->counts[HISTORY_KEYS]++;
    g->counts[HISTORY_KEYS_BOTH] += s.earlier_count > 1 ? 1 : 0;
    say(g, by, s, !one_in(g, 20));
}

static void leave(struct drawing *g, int by)
{
    int person = one_in(g, 3) ? below(g, ST_PERSONS) : g->owner[by];
    struct st_statement s = {.says = ST_LEAVE, .person = person, .plan = one_in(g, 20) ? ST_NONE : g->plan};
    s.key = one_in(g, 10) ? below(g, g->h->keys_count) : key_of(g, person);
    for (int j = 0; j < g->h->joins_count; j++)
        if (g->h->joins[j].person == person && !one_in(g, 3))
            s.joins |= ST_BIT(j);
    if (s.joins == 0)
        return;
    g->counts[HISTORY_LEAVES]++;
    say(g, by, s, !one_in(g, 15));
}

static void carry_again(struct drawing *g, int by)
{
    int at = pick(g, of_kind(g, g->sees[by], ST_SAYS));
    struct st_entry e = entry_by(by, ST_SAYS);
    if (at == ST_NONE)
        return;
    e.statement = g->h->entries[at].statement;
    e.good = !one_in(g, 10);
    g->counts[HISTORY_CARRIED]++;
    (void)add(g, e);
}

/* ---- Carrying on ---- */

static void carry_on(struct drawing *g, int by)
{
    struct st_history *h = g->h;
    struct st_entry e = entry_by(by, ST_FIRST);
    work_in(g, h->plans_count - 1);
    if (h->plans_count == ST_PLANS || h->count == ST_ENTRIES || !holds_admission(g, g->sees[by] & g->control, by))
        return;
    for (int p = 0; p < ST_PERSONS; p++)
        if (!one_in(g, 4))
            e.people |= ST_BIT(p);
    if (e.people == 0)
        e.people = ST_BIT(g->owner[by]);
    work_in(g, h->plans_count++);
    h->first[g->plan] = h->count;
    (void)add(g, e);
    g->counts[HISTORY_CONTINUED]++;
}

/* A JOIN of a plan before, mostly as it stood there. */
static void let_in_old(struct drawing *g, int by)
{
    int at = pick(g, (of_kind(g, g->sees[by], ST_ADMIT) | ST_BIT(0)) & ~in_plan(g) & g->sees[by] & g->h->admits);
    if (at == ST_NONE)
        return;
    const struct st_entry *was = &g->h->entries[at];
    int invite = was->kind == ST_FIRST ? at : was->invite;
    if (one_in(g, 15))
        invite = pick(g, of_kind(g, g->sees[by], ST_INVITE));
    g->counts[HISTORY_OLD_JOINS]++;
    if (invite != ST_NONE)
        admit(g, by, invite, was->join);
}

static void follow(struct drawing *g, int by)
{
    int person = one_in(g, 4) ? below(g, ST_PERSONS) : g->owner[by];
    struct st_statement s = {.says = ST_FOLLOW, .person = person, .key = key_of(g, person), .plan = g->plan, .old = g->plan - 1};
    bool bad = one_in(g, 8), good = true;
    if (bad) {
        int how = below(g, 4);
        good = how != 0;
        if (how == 1)
            s.plan = g->plan - 1;
        if (how == 2)
            s.old = g->plan > 1 ? g->plan - 2 : g->plan;
        if (how == 3)
            s.key = below(g, g->h->keys_count);
    }
    g->counts[bad ? HISTORY_FOLLOWS_BAD : HISTORY_FOLLOWS]++;
    say(g, by, s, good);
}

/* ---- A history ---- */

static void meet(struct drawing *g)
{
    int a = below(g, g->devices), b = below(g, g->devices);
    st_set both = g->sees[a] | g->sees[b];
    if (g->sees[a] == 0 || g->sees[b] == 0)
        return;
    g->sees[a] = both;
    g->sees[b] = both;
}

static void step(struct drawing *g, bool content)
{
    work_in(g, one_in(g, 3) ? below(g, g->h->plans_count) : g->h->plans_count - 1);
    int by = below(g, g->devices), what = below(g, 100);
    struct st_entry e = entry_by(by, ST_SECRET);
    if (g->sees[by] == 0)
        return;
    if (g->continues && one_in(g, 20)) {
        carry_on(g, by);
        return;
    }
    if (g->plan > 0 && one_in(g, 3)) {
        if (one_in(g, 2))
            let_in_old(g, by);
        else
            follow(g, by);
        return;
    }
    if (what >= 48 && what < 84 && !one_in(g, g->peace))
        what = below(g, 48);
    if (what < 22) {
        invite(g, by);
    } else if (what < 48) {
        let_in(g, by);
    } else if (what < 56) {
        let_in_again(g, by);
    } else if (what < 70) {
        revoke(g, by);
    } else if (what < 78) {
        change_key(g, by);
    } else if (what < 81) {
        leave(g, by);
    } else if (what < 84) {
        carry_again(g, by);
    } else if (what < 87) {
        e.kind = ST_UNINVITE;
        e.invite = pick(g, of_kind(g, g->sees[by], ST_INVITE));
        if (e.invite != ST_NONE && add(g, e) != ST_NONE)
            g->counts[HISTORY_UNINVITES]++;
    } else if (what < 92 || !content) {
        g->counts[HISTORY_SECRETS] += add(g, e) != ST_NONE ? 1 : 0;
    } else {
        e.kind = one_in(g, 8) ? ST_FROZEN : ST_WORDS;
        g->counts[HISTORY_WORDS] += add(g, e) != ST_NONE ? 1 : 0;
    }
}

void history_draw(struct st_history *h, uint64_t seed, bool content, uint64_t counts[HISTORY_COUNTS])
{
    struct drawing g = {.h = h, .seed = test_random(&seed), .counts = counts};
    struct st_entry first = entry_by(0, ST_FIRST);
    memset(h, 0, sizeof *h);
    h->keys_count = ST_PERSONS;
    for (int p = 0; p < ST_PLANS; p++)
        for (int d = 0; d < ST_DEVICES; d++)
            g.chains_in[p][d][0] = g.chains_in[p][d][1] = ST_NONE;
    work_in(&g, 0);
    h->plans_count = 1;
    g.continues = one_in(&g, 2);
    g.devices = 1;
    first.join = add_join(&g, (struct st_join){.how = ST_NEW, .invite = ST_NONE, .good = true});
    (void)add(&g, first);
    int steps = 20 + below(&g, 60), meetings = 1 + below(&g, 4);
    g.peace = 1 + below(&g, 5);
    for (int i = 0; i < steps; i++) {
        step(&g, content);
        for (int k = 0; k < meetings && !one_in(&g, 3); k++)
            meet(&g);
    }
}
