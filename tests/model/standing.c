/* The words of docs/protocol.md "Standing", one after the other. See standing.h for what this file must not do. */
#include "tests/model/standing.h"

#include <string.h>

static bool has(st_set set, int i)
{
    return i >= 0 && (set >> i & 1) != 0;
}

/* Is a before b by (lamport, id)? */
static bool lower(const struct st_history *h, int a, int b)
{
    const struct st_entry *x = &h->entries[a], *y = &h->entries[b];
    return x->lamport != y->lamport ? x->lamport < y->lamport : x->order < y->order;
}

/* ---- Admissions (rule R1): from the entry's own past ---- */

/* A KEY that its person's sheet signed, for this plan. */
static bool is_key_of(const struct st_history *h, int entry, int person)
{
    const struct st_entry *e = &h->entries[entry];
    if (e->kind != ST_SAYS || !e->good)
        return false;
    const struct st_statement *s = &h->statements[e->statement];
    return s->says == ST_KEY && s->plan == e->plan && s->person == person && s->key == ST_NONE && s->sheet == person;
}

static bool is_first_admission(const struct st_history *h, int entry, int person)
{
    const struct st_entry *e = &h->entries[entry];
    return has(h->admits, entry) && h->joins[e->join].how == ST_NEW && h->joins[e->join].person == person;
}

int st_joined(const struct st_history *h, int first)
{
    const struct st_entry *e = &h->entries[first];
    int lowest = ST_NONE;
    for (int i = 0; i < h->count; i++)
        if (has(e->past, i) && has(h->admits, i) && h->entries[i].plan == e->plan - 1 &&
            h->joins[h->entries[i].join].device == e->device && (lowest == ST_NONE || lower(h, i, lowest)))
            lowest = i;
    return lowest == ST_NONE ? ST_NONE : h->entries[lowest].join;
}

/* An ADMIT of a JOIN that was made for an earlier plan, or of the first plan's founder's. */
static bool is_old(const struct st_history *h, int entry)
{
    const struct st_entry *e = &h->entries[entry];
    return e->kind == ST_ADMIT && h->entries[e->invite].plan < e->plan;
}

bool st_admits(const struct st_history *h, int entry)
{
    const struct st_entry *e = &h->entries[entry];
    if ((e->kind != ST_FIRST && e->kind != ST_ADMIT) || e->join == ST_NONE)
        return false;
    if (e->kind == ST_FIRST && e->plan > 0)
        return true;
    const struct st_join *j = &h->joins[e->join];
    if (!j->good)
        return false;
    if (e->kind == ST_FIRST)
        return j->device == e->device && j->invite == ST_NONE;
    if (is_old(h, entry) && e->invite == h->first[0]) /* in the place of an INVITE */
        return has(e->past, e->invite) && h->entries[e->invite].join == e->join;
    if (j->invite != e->invite || !has(e->past, e->invite) || h->entries[e->invite].kind != ST_INVITE)
        return false;
    int for_person = h->entries[e->invite].for_person;
    if (j->how == ST_NEW)
        return for_person == ST_NONE && j->key == j->person && j->sheet == j->person;
    if (for_person != j->person || j->sheet != j->person)
        return false;
    bool person_known = false, key_known = j->how == ST_RECOVERY || j->key == j->person;
    for (int i = 0; i < h->count; i++) {
        if (!has(e->past, i))
            continue;
        person_known = person_known || is_first_admission(h, i, j->person);
        key_known = key_known || (is_key_of(h, i, j->person) &&
                                  h->statements[h->entries[i].statement].new_key == j->key);
    }
    return person_known && key_known;
}

static void judge_admissions(const struct st_history *h, struct st_state *s)
{
    for (int d = 0; d < ST_DEVICES; d++)
        s->lowest[d] = ST_NONE;
    for (int i = 0; i < h->count; i++) {
        if (!has(s->held, i) || !has(h->admits, i))
            continue;
        int device = h->joins[h->entries[i].join].device;
        s->admissions |= ST_BIT(i);
        s->admitted |= ST_BIT(device);
        if (s->lowest[device] == ST_NONE || lower(h, i, s->lowest[device]))
            s->lowest[device] = i;
    }
    /* One token used by two people leaves both marked. */
    for (int i = 0; i < h->count; i++)
        for (int k = 0; has(s->admissions, i) && k < h->count; k++)
            if (has(s->admissions, k) && h->entries[i].kind == ST_ADMIT && !is_old(h, i) &&
                h->entries[k].kind == ST_ADMIT && !is_old(h, k) && h->entries[i].invite == h->entries[k].invite &&
                h->joins[h->entries[i].join].person != h->joins[h->entries[k].join].person)
                s->shared |= ST_BIT(h->joins[h->entries[i].join].device);
}

/* ---- Keys ---- */

static bool names(const struct st_statement *s, int earlier)
{
    for (int i = 0; i < s->earlier_count; i++)
        if (s->earlier[i] == earlier)
            return true;
    return false;
}

static bool is_persons_key(const struct st_history *h, const struct st_state *s, int statement, int person)
{
    return has(s->keys_said, statement) && h->statements[statement].person == person;
}

/* A KEY counts when it names this plan and is signed by the recovery key that its person's first admission names. */
static void judge_keys_said(const struct st_history *h, struct st_state *s)
{
    for (int i = 0; i < h->count; i++)
        for (int k = 0; has(s->held, i) && h->entries[i].kind == ST_SAYS && k < h->count; k++)
            if (has(s->admissions, k) &&
                is_first_admission(h, k, h->statements[h->entries[i].statement].person) &&
                is_key_of(h, i, h->statements[h->entries[i].statement].person))
                s->keys_said |= ST_BIT(h->entries[i].statement);
}

/* The KEYs that replaced this key: its name in another KEY by those that name that one in `earlier`; its name as the first
 * key by those that name none, or where only others are held, by those. */
static st_set replaced_by(const struct st_history *h, const struct st_state *s, int person, int key)
{
    st_set by = 0, none_named = 0, all = 0;
    for (int i = 0; i < h->statements_count; i++) {
        if (!is_persons_key(h, s, i, person))
            continue;
        all |= ST_BIT(i);
        none_named |= h->statements[i].earlier_count == 0 ? ST_BIT(i) : 0;
        for (int k = 0; k < h->statements_count; k++)
            if (is_persons_key(h, s, k, person) && h->statements[i].new_key == key && names(&h->statements[k], i))
                by |= ST_BIT(k);
    }
    if (key == person) /* its first */
        by |= none_named != 0 ? none_named : all;
    return by;
}

/* The key of the one KEY that no other names is in force; while there are two such, neither is; a key that was
 * replaced under one name is replaced. The first key where there is no KEY. */
static void judge_keys(const struct st_history *h, struct st_state *s)
{
    for (int p = 0; p < ST_PERSONS; p++) {
        int open = 0, in_force = p;
        for (int i = 0; i < h->statements_count; i++) {
            bool named = false;
            if (!is_persons_key(h, s, i, p))
                continue;
            for (int k = 0; k < h->statements_count; k++)
                named = named || (is_persons_key(h, s, k, p) && names(&h->statements[k], i));
            if (!named) {
                open++;
                in_force = h->statements[i].new_key;
            }
        }
        for (int key = 0; key < h->keys_count; key++)
            if (replaced_by(h, s, p, key) != 0)
                s->ended_keys[p] |= ST_BIT(key);
        s->in_force[p] = open > 1 || has(s->ended_keys[p], in_force) ? ST_NONE : in_force;
    }
}

static bool was_admitted(const struct st_history *h, const struct st_state *s, int person)
{
    for (int i = 0; i < h->count; i++)
        if (has(s->admissions, i) && is_first_admission(h, i, person))
            return true;
    return false;
}

bool st_says_counts(const struct st_history *h, const struct st_state *s, int person, int key, int statement)
{
    if (!was_admitted(h, s, person))
        return false;
    if (s->in_force[person] == key)
        return true;
    if (!has(s->ended_keys[person], key))
        return false;
    st_set by = replaced_by(h, s, person, key);
    for (int i = 0; i < h->statements_count; i++)
        if (has(by, i) && !has(h->statements[i].stand, statement))
            return false;
    return true;
}

/* By the key in force, or by a replaced one where every KEY that replaced it names the device, staying or with a cut. */
static bool comes_by_key(const struct st_history *h, const struct st_state *s, const struct st_join *j)
{
    if (j->how == ST_RECOVERY || s->in_force[j->person] == j->key)
        return true;
    if (!has(s->ended_keys[j->person], j->key))
        return false;
    st_set by = replaced_by(h, s, j->person, j->key);
    for (int i = 0; i < h->statements_count; i++) {
        bool named = has(h->statements[i].stay, j->device);
        for (int k = 0; k < h->statements[i].cuts_count; k++)
            named = named || h->statements[i].cut_devices[k] == j->device;
        if (has(by, i) && !named)
            return false;
    }
    return true;
}

/* ---- Cuts ---- */

/* Was its device admitted as one of that person's? */
static bool is_device_of(const struct st_history *h, const struct st_state *s, int device, int person)
{
    for (int i = 0; i < h->count; i++)
        if (has(s->admissions, i) && h->joins[h->entries[i].join].device == device &&
            h->joins[h->entries[i].join].person == person)
            return true;
    return false;
}

static void judge_revokes(const struct st_history *h, struct st_state *s)
{
    for (int i = 0; i < h->count; i++) {
        const struct st_entry *e = &h->entries[i];
        if (!has(s->held, i) || e->kind != ST_SAYS || !e->good)
            continue;
        const struct st_statement *r = &h->statements[e->statement];
        if (r->says != ST_REVOKE || r->plan != e->plan || !is_device_of(h, s, r->device, r->person))
            continue;
        bool counts = r->key == ST_NONE ? r->sheet == r->person && was_admitted(h, s, r->person)
                                        : st_says_counts(h, s, r->person, r->key, e->statement);
        if (counts)
            s->revokes |= ST_BIT(e->statement);
    }
}

/* Did one made in its place end what this statement says of this device? What the recovery key made, only it ends. */
static bool overtaken(const struct st_history *h, const struct st_state *s, int statement, int device)
{
    const struct st_statement *of = &h->statements[statement];
    for (int i = 0; i < h->statements_count; i++) {
        const struct st_statement *r = &h->statements[i];
        if (has(s->revokes, i) && r->device == device && r->person == of->person && names(r, statement) &&
            (r->key == ST_NONE || of->key != ST_NONE))
            return true;
    }
    return false;
}

bool st_in_force(const struct st_history *h, const struct st_state *s, int statement, int device)
{
    const struct st_statement *x = &h->statements[statement];
    if (has(s->revokes, statement))
        return x->device == device && !overtaken(h, s, statement, device);
    if (!has(s->keys_said, statement) || !is_device_of(h, s, device, x->person))
        return false;
    for (int k = 0; k < x->cuts_count; k++)
        if (x->cut_devices[k] == device)
            return !overtaken(h, s, statement, device);
    return false;
}

/* On the named tip's branch at or below it; while that tip is not held, by seq alone; a chain not named is beyond. */
static bool in_cut(const struct st_history *h, const struct st_state *s, const struct st_cut *cut, int entry)
{
    const struct st_entry *e = &h->entries[entry];
    for (int i = 0; i < cut->count; i++) {
        const struct st_tip *t = &cut->tips[i];
        if (t->chain != e->chain)
            continue;
        bool tip_held = has(s->held, t->tip) && h->entries[t->tip].chain == t->chain && h->entries[t->tip].seq == t->seq;
        if (!tip_held && e->seq <= t->seq)
            return true;
        for (int at = t->tip; tip_held && at != ST_NONE; at = h->entries[at].prev)
            if (at == entry)
                return true;
    }
    return false;
}

/* Is this statement's cut of the entry's device in force, and the entry beyond it? */
static bool cuts_off(const struct st_history *h, const struct st_state *s, int statement, int entry)
{
    const struct st_statement *x = &h->statements[statement];
    int device = h->entries[entry].device;
    if (!st_in_force(h, s, statement, device))
        return false;
    if (x->says == ST_REVOKE)
        return !in_cut(h, s, &x->cut, entry);
    for (int k = 0; k < x->cuts_count; k++)
        if (x->cut_devices[k] == device)
            return !in_cut(h, s, &x->cuts[k], entry);
    return false;
}

static void judge_cuts(const struct st_history *h, struct st_state *s)
{
    for (int i = 0; i < h->statements_count; i++)
        for (int e = 0; (has(s->revokes, i) || has(s->keys_said, i)) && e < h->count; e++)
            if (cuts_off(h, s, i, e))
                s->beyond[i] |= ST_BIT(e);
}

static bool within(const struct st_history *h, const struct st_state *s, int entry)
{
    for (int i = 0; i < h->statements_count; i++)
        if (has(s->beyond[i], entry))
            return false;
    return true;
}

/* ---- Standing ---- */

/* Does the past of this entry hold the statement? */
static bool knows(const struct st_history *h, const struct st_state *s, int entry, int statement)
{
    for (int i = 0; i < h->count; i++)
        if (has(s->held, i) && has(h->entries[entry].past, i) && h->entries[i].kind == ST_SAYS &&
            h->entries[i].statement == statement && h->entries[i].good &&
            h->statements[statement].plan == h->entries[i].plan)
            return true;
    return false;
}

/* The INVITE, the admissions of its author with their INVITEs, and so on up the line. The first entry is nobody's guest. */
static st_set line_of(const struct st_history *h, const struct st_state *s, int invite)
{
    st_set line = ST_BIT(invite), before = 0;
    while (line != before) {
        before = line;
        for (int e = 0; e < h->count; e++)
            for (int a = 0; has(before, e) && a < h->count; a++)
                if (has(s->admissions, a) && h->entries[a].kind == ST_ADMIT && !is_old(h, a) &&
                    h->joins[h->entries[a].join].device == h->entries[e].device)
                    line |= ST_BIT(a) | ST_BIT(h->entries[a].invite);
    }
    return line;
}

/* Everything that keeps an INVITE from counting: the statements. */
static st_set kept_by(const struct st_history *h, const struct st_state *s, int invite)
{
    st_set line = line_of(h, s, invite), kept = 0;
    for (int e = 0; e < h->count; e++) {
        if (!has(line, e))
            continue;
        for (int i = 0; i < h->statements_count; i++)
            if (has(s->beyond[i], e))
                kept |= ST_BIT(i);
        for (int a = 0; a < h->count; a++) { /* whoever in that line comes by no key that counts */
            if (!has(s->admissions, a) || h->joins[h->entries[a].join].device != h->entries[e].device ||
                comes_by_key(h, s, &h->joins[h->entries[a].join]))
                continue;
            for (int i = 0; i < h->statements_count; i++)
                if (is_persons_key(h, s, i, h->joins[h->entries[a].join].person))
                    kept |= ST_BIT(i);
        }
    }
    return kept;
}

static bool admitted_knowing(const struct st_history *h, const struct st_state *s, int admit)
{
    st_set kept = kept_by(h, s, h->entries[admit].invite);
    for (int i = 0; i < h->statements_count; i++)
        if (has(kept, i) && !knows(h, s, admit, i))
            return false;
    return kept != 0;
}

/* Does this admission let its device in, given who stands? Those of earlier plans let nobody in. */
static bool lets_in(const struct st_history *h, const struct st_state *s, int a)
{
    const struct st_entry *e = &h->entries[a];
    if (e->plan != s->plan || !comes_by_key(h, s, &h->joins[e->join]))
        return false;
    int device = h->joins[e->join].device; /* in a continuation: as the person whose it is */
    if (s->plan > 0 && h->joins[e->join].person != h->joins[h->entries[s->lowest[device]].join].person)
        return false;
    if (e->kind == ST_FIRST)
        return true;
    if (is_old(h, a)) /* by whoever began the continuation, or by a device that stands */
        return within(h, s, a) && (has(s->stands, e->device) || h->entries[h->first[s->plan]].device == e->device);
    if (!within(h, s, a) || !has(s->stands, e->device))
        return false;
    return (within(h, s, e->invite) && has(s->stands, h->entries[e->invite].device)) || admitted_knowing(h, s, a);
}

/* Persons named in the continuation's first entry, by a FOLLOW that counts. */
static void judge_follows(const struct st_history *h, struct st_state *s)
{
    for (int i = 0; s->plan > 0 && i < h->count; i++) {
        const struct st_entry *e = &h->entries[i];
        if (!has(s->held, i) || e->kind != ST_SAYS || !e->good || e->plan != s->plan)
            continue;
        const struct st_statement *f = &h->statements[e->statement];
        if (f->says == ST_FOLLOW && f->plan == s->plan && f->old == s->plan - 1 && f->key != ST_NONE &&
            has(h->entries[h->first[s->plan]].people, f->person) &&
            st_says_counts(h, s, f->person, f->key, e->statement))
            s->follows |= ST_BIT(f->person);
    }
}

/* Whoever comes by what they were in an earlier plan stands when they follow. */
static bool has_come(const struct st_history *h, const struct st_state *s, int a)
{
    bool old = is_old(h, a) || (h->entries[a].kind == ST_FIRST && s->plan > 0);
    return !old || has(s->follows, h->joins[h->entries[a].join].person);
}

static void judge_standing(const struct st_history *h, struct st_state *s)
{
    for (st_set before = ~s->stands; before != s->stands;) {
        before = s->stands;
        for (int i = 0; i < h->count; i++) {
            int device = has(s->admissions, i) ? h->joins[h->entries[i].join].device : ST_NONE;
            if (device == ST_NONE || has(s->stands, device) || !lets_in(h, s, i))
                continue;
            if (has_come(h, s, i))
                s->stands |= ST_BIT(device);
            else if (has(h->entries[h->first[s->plan]].people, h->joins[h->entries[i].join].person))
                s->waits |= ST_BIT(device);
        }
    }
}

/* Whoever began a continuation came by every JOIN of theirs in the plan before. */
static bool is_ended(const struct st_history *h, const struct st_state *s, int a)
{
    const struct st_entry *e = &h->entries[a];
    if (e->kind != ST_FIRST || e->plan == 0)
        return has(s->ended, e->join);
    for (int i = 0; i < h->count; i++)
        if (has(s->admissions, i) && h->entries[i].plan == e->plan - 1 &&
            h->joins[h->entries[i].join].device == e->device && !is_ended(h, s, i))
            return false;
    return true;
}

/* A LEAVE ends the JOINs of its own person that it names. A device is left when one of its JOINs was ended and none is
 * left by which it would stand. */
static void judge_leaves(const struct st_history *h, struct st_state *s)
{
    for (int i = 0; i < h->count; i++) {
        const struct st_entry *e = &h->entries[i];
        if (!has(s->held, i) || e->kind != ST_SAYS || !e->good)
            continue;
        const struct st_statement *l = &h->statements[e->statement];
        if (l->says != ST_LEAVE || l->plan != e->plan || !st_says_counts(h, s, l->person, l->key, e->statement))
            continue;
        for (int j = 0; j < h->joins_count; j++)
            if (has(l->joins, j) && h->joins[j].person == l->person)
                s->ended |= ST_BIT(j);
    }
    st_set stays = 0;
    for (int i = 0; i < h->count; i++) {
        if (!has(s->admissions, i))
            continue;
        const struct st_join *j = &h->joins[h->entries[i].join];
        if (is_ended(h, s, i))
            s->left |= ST_BIT(j->device);
        else if (lets_in(h, s, i))
            stays |= ST_BIT(j->device);
    }
    s->left &= ~stays;
}

/* ---- What follows ---- */

static void judge_secret(const struct st_history *h, struct st_state *s)
{
    s->secret = ST_NONE;
    for (int i = 0; i < h->count; i++) {
        bool knows_all = true;
        if (!has(s->held, i) || h->entries[i].kind != ST_SECRET || has(s->void_entries, i))
            continue;
        for (int k = 0; k < h->statements_count; k++)
            if ((has(s->revokes, k) && !has(s->overtaken, k)) || has(s->keys_said, k))
                knows_all = knows_all && knows(h, s, i, k);
        if (knows_all && (s->secret == ST_NONE || lower(h, s->secret, i)))
            s->secret = i;
    }
}

void st_judge(const struct st_history *h, int plan, st_set held, struct st_state *s)
{
    memset(s, 0, sizeof *s);
    s->plan = plan;
    s->held = held;
    judge_admissions(h, s);
    judge_keys_said(h, s);
    judge_keys(h, s);
    judge_revokes(h, s);
    judge_cuts(h, s);
    judge_follows(h, s);
    judge_standing(h, s);
    s->waits &= ~s->stands;
    judge_leaves(h, s);
    for (int i = 0; i < h->statements_count; i++) {
        if (has(s->revokes, i) && overtaken(h, s, i, h->statements[i].device))
            s->overtaken |= ST_BIT(i);
        for (int d = 0; d < ST_DEVICES; d++)
            if (st_in_force(h, s, i, d))
                s->lost |= ST_BIT(d);
    }
    s->lost &= s->admitted;
    for (int i = 0; i < h->count; i++)
        if (has(held, i) && h->entries[i].plan == plan && h->entries[i].kind != ST_FROZEN &&
            (!has(s->stands, h->entries[i].device) || !within(h, s, i)))
            s->void_entries |= ST_BIT(i);
    s->in = (s->stands | s->waits) & ~s->lost & ~s->left;
    judge_secret(h, s);
}
