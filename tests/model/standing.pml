/*
 * Joining, revoking, KEY and carrying on, told a third time: as a model whose every history of a stated size is looked at.
 * Run by tests/model/explore. docs/protocol.md "Standing" has the words; standing.h tells them for drawn histories of 64 entries,
 * this file for all histories of a few entries, with a thief who does whatever a thief can.
 *
 * Who there is. Two honest machines: 0 has device A of the person ann, 1 has device B2 of the person ben. A thief has ben's unlocked
 * phone (device B) and two puppets of their own (G, H). The thief sees every entry at once, hands any of them to any machine
 * at any time or never, writes on any old past, forks, begins chains, carries statements of others again and signs with
 * any key they have. Honest machines write behind all they hold, let in by themselves under INVITEs that are not void, and take
 * entries one at a time in any order that has predecessors first.
 *
 *   -DSTORY=1   the phone is unlocked: REVOKE, again, wider and narrower, letting in again, guests, and guests of guests
 *   -DSTORY=2   the thief has ben's identity key too: the sheet, KEY, recovery
 *   -DSTORY=3   carrying on without G, by ann or by the thief: FOLLOW, LEAVE, admissions that do not carry over
 *   -DSIZE=n    entries written after those the story begins with; every way to write them is explored
 *   -DMISTAKE=n a rule broken on purpose (see "Mistakes" below), so that it is known that the assertions see
 *
 * Left out: content, words and time (void is the same for every entry), what a LEAVE or WITHDRAW that counts does then, lamport numbers (a device has one person), tokens used
 * twice, SECRET, cuts of several chains, more than one continuation, strays beyond its heads, how bytes travel. A continuation's
 * past arrives at once with its first entry. Keys are never guessed.
 *
 * What is asserted after every step, at the machine that changed (each has its place in the inline `check`):
 *   SAME      machines that hold the same entries say the same of all
 *   MEET      when neither honest machine can take anything from the other, they hold the same entries
 *   OWN       a statement counts only when a key of its own person made it; nobody else revokes, leaves, withdraws, follows, or
 *             changes a key in their name; and it counts only in the plan that it was made for
 *   LOST      while a REVOKE of B by ben is in force, nothing that B wrote beyond its cut has effect, and the thief's guests are
 *             void with it, whoever let them in without knowing
 *   STAYS     no entry of anybody else removes ann's device or ben's other one; what the sheet said only the sheet takes back
 *   REGAINED  when ben's KEY is held, nothing counts that the thief said or linked with the old key, and ben's device stands
 *   COME      in a continuation nobody stands who is not named or has not followed
 *   LET       nor without having been let in there
 */
#ifndef STORY
#define STORY 1
#endif
#ifndef SIZE
#define SIZE 3
#endif
#ifndef MISTAKE
#define MISTAKE 0
#endif
/*
 * Mistakes, with the story, the size and the assertion that must find them. tests/model/explore reads this table.
 *
 *    1 1 2 SAME      who stood once goes on standing: what arrived first decides
 *    2 1 2 MEET      a lost device's entries are not stored
 *    3 1 2 OWN       a statement counts whoever's key signed it
 *    4 1 2 LOST      an INVITE beyond a cut lets in
 *    5 1 2 LOST      an ADMIT beyond a cut lets in
 *    6 1 2 LOST      letting in again needs to know nothing
 *    7 1 2 STAYS     a REVOKE cuts whoever's device it names
 *    8 2 3 STAYS     what the sheet said an identity key takes back
 *    9 2 3 REGAINED  a replaced key's statements count
 *   10 2 4 REGAINED  a device that a KEY does not name goes on counting
 *   11 2 2 OWN       a KEY by an identity key counts
 *   12 3 2 COME      admissions carry over
 *   13 3 2 COME      whoever is let into a continuation stands at once
 *   14 3 3 OWN       a statement counts in every plan
 *   15 3 2 COME      who is not named comes by an old JOIN and their own FOLLOW
 */

#if STORY == 1
#define BASE 6
#elif STORY == 2
#define BASE 4
#else
#define BASE 7
#endif
#define MAX     (BASE + SIZE)
#define NONE    31
#define SHEET   30 /* a recovery key, in the place of an identity key's number: 0 the first, else the KEY that names it */
#define BIT(i)  (1 << (i))
#define HAS(s, i) ((((s) >> (i)) & 1) != 0)

/* Devices and whose they are. */
#define A  0
#define B  1
#define B2 2
#define G  3
#define H  4
#define DEVICES 5
#define ANN 0
#define BEN 1
#if STORY == 2
#define PERSON(d) ((d) == A -> ANN : ((d) == G -> 2 : BEN)) /* H is linked to ben, with the stolen key */
#else
#define PERSON(d) ((d) == A -> ANN : ((d) == G -> 2 : ((d) == H -> 3 : BEN)))
#endif
#define THIEFS(d) ((d) == B || (d) == G || (d) == H)

#define FIRST    1
#define INVITE   2
#define ADMIT    3
#define REVOKE   4
#define KEY      5
#define LEAVE    6
#define WITHDRAW 7
#define FOLLOW   8
#define SAYS(i)  (E[i].kind >= REVOKE)
#define ADMITS(i) (E[i].kind == FIRST || E[i].kind == ADMIT)

#define NEW      0
#define FURTHER  1
#define RECOVERY 2

typedef Entry {
    byte kind;
    byte dev;      /* its author */
    bit plan;      /* where it was written: 0 the plan, 1 its continuation */
    bit inc;       /* chain = (plan, device, incarnation) */
    byte seq, prev;
    short past;    /* whole */
    byte x;        /* ADMIT: INVITE (NONE: a JOIN of the plan before); statements: the entry that first held it */
    byte d;        /* ADMIT, FIRST: device; REVOKE: device; KEY: the one that it cuts; WITHDRAW: entry */
    byte how;      /* ADMIT: how; INVITE: 1 for a device of ben's, else 0; FIRST of a continuation: people */
    byte p, kp, k; /* statements: person; whose key signed, and which. ADMIT, FIRST: k, the identity key of the JOIN */
    byte tip;      /* REVOKE, KEY: the cut; NONE: nothing lies within */
    short earlier; /* REVOKE, KEY: statements in whose place it is made; LEAVE: admissions whose JOINs it ends */
    byte stay;     /* KEY: devices */
    short stand;   /* KEY: statements */
};
Entry E[MAX];
byte n;           /* entries written */
byte first2 = NONE; /* the continuation's first entry */
short held[2];    /* what each machine holds of the plan */
short held2[2];   /* and of the continuation */
byte stands[2], stands2[2];
short voids[2], voids2[2];
byte lost[2];
short counted[2], counted2[2];
byte followed;    /* persons who themselves signed a FOLLOW (what the assertions know and the rules do not) */
byte vouched;     /* devices that an honest person let in knowingly, or invited */
short honest;     /* entries written by honest machines */

byte me, d, z, y, t, v, kd; /* chosen in a step; 0 between steps */
bit pl, bad;
short past;

/* Names for what is asserted, which Spin then says; none is ever true. */
hidden byte SAME, MEET, OWN, LOST, STAYS, REGAINED, COME, LET;

/* Nothing of this outlives a step. */
hidden int S, carried, admitted, persons, keys, keynamed, says, over, cuts, out, comes, follows, stand, before, letting, mine, roots,
    rep, line, kept, nil, sethere, lost_here, differ;
hidden int by_cut[16];
hidden byte P, i, j, c, e, w, m, unnamed, a;
hidden byte kf, ke, ok, all, so; /* yes or no */

/* Is key k of person p in force (kf), or ended (ke), and by which KEYs (rep)? */
inline key_state(p_, k_)
{
    mine = 0; roots = 0; unnamed = 0; rep = 0;
    for (j : 0 .. n - 1) {
        if
        :: HAS(keys, j) && E[j].p == p_ ->
            mine = mine | BIT(j);
            if :: E[j].earlier == 0 -> roots = roots | BIT(j) :: else fi;
            if :: !HAS(keynamed, j) -> unnamed++ :: else fi;
            if :: k_ != 0 && HAS(E[j].earlier, k_) -> rep = rep | BIT(j) :: else fi
        :: else
        fi
    }
    if
    :: k_ == 0 -> ke = (mine != 0); kf = (mine == 0); rep = (roots != 0 -> roots : mine)
    :: else -> ke = HAS(mine, k_) && HAS(keynamed, k_); kf = HAS(mine, k_) && !ke && unnamed == 1
    fi
}

/* Statements: which are here, which KEYs count, which others. */
inline judge_statements()
{
    carried = 0; admitted = 0; persons = 0; keys = 0; keynamed = 0; says = 0; over = 0; cuts = 0;
    for (i : 0 .. n - 1) {
        if
        :: HAS(S, i) && SAYS(i) && (MISTAKE == 14 || E[E[i].x].plan == E[i].plan) -> carried = carried | BIT(E[i].x)
        :: HAS(S, i) && ADMITS(i) -> admitted = admitted | BIT(E[i].d); persons = persons | BIT(PERSON(E[i].d))
        :: else
        fi
    }
    for (i : 0 .. n - 1) {
        if
        :: HAS(carried, i) && E[i].kind == KEY && (MISTAKE == 3 || E[i].kp == E[i].p) && (MISTAKE == 11 || E[i].k == SHEET) &&
           HAS(persons, E[i].p) -> keys = keys | BIT(i)
        :: else
        fi
    }
    for (i : 0 .. n - 1) {
        for (j : 0 .. n - 1) {
            if
            :: HAS(keys, i) && HAS(keys, j) && E[i].p == E[j].p && HAS(E[j].earlier, i) -> keynamed = keynamed | BIT(i)
            :: else
            fi
        }
    }
    for (i : 0 .. n - 1) {
        if
        :: !HAS(carried, i) || !HAS(persons, E[i].p) || (E[i].kp != E[i].p && MISTAKE != 3) -> ok = false
        :: else ->
            if
            :: E[i].kind == KEY -> ok = HAS(keys, i)
            :: E[i].k == SHEET -> ok = (E[i].kind == REVOKE)
            :: E[i].kind == WITHDRAW -> ok = (E[i].k == 0 || HAS(keys, E[i].k))
            :: else ->
                key_state(E[i].p, E[i].k);
                all = ke;
                for (j : 0 .. n - 1) {
                    if :: HAS(rep, j) && !HAS(E[j].stand, i) && MISTAKE != 9 -> all = false :: else fi
                }
                ok = kf || all
            fi;
            if
            :: E[i].kind == REVOKE && (!HAS(admitted, E[i].d) || (PERSON(E[i].d) != E[i].p && MISTAKE != 7)) -> ok = false
            :: E[i].kind == WITHDRAW && PERSON(E[E[i].d].dev) != E[i].p -> ok = false
            :: else
            fi
        fi;
        if :: ok -> says = says | BIT(i) :: else fi
    }
}

/* Cuts in force, and what lies beyond them. */
inline judge_cuts()
{
    for (i : 0 .. n - 1) {
        for (j : 0 .. n - 1) {
            if
            :: HAS(says, i) && HAS(says, j) && E[j].kind == REVOKE && E[j].d == E[i].d && E[j].p == E[i].p && HAS(E[j].earlier, i) &&
               (E[j].k == SHEET || E[i].k != SHEET || MISTAKE == 8) -> over = over | BIT(i)
            :: else
            fi
        }
    }
    out = 0;
    lost_here = 0;
    for (e : 0 .. n - 1) { by_cut[e] = 0 }
    for (c : 0 .. n - 1) {
        if
        :: HAS(says, c) && !HAS(over, c) && (E[c].kind == REVOKE || (E[c].kind == KEY && E[c].d != NONE && HAS(admitted, E[c].d))) ->
            cuts = cuts | BIT(c);
            lost_here = lost_here | BIT(E[c].d);
            for (e : 0 .. n - 1) {
                if
                :: HAS(S, e) && E[e].dev == E[c].d ->
                    ok = false;
                    if
                    :: E[c].tip == NONE || E[e].plan != E[E[c].tip].plan || E[e].inc != E[E[c].tip].inc
                    :: else ->
                        if
                        :: HAS(S, E[c].tip) ->
                            w = E[c].tip;
                            do
                            :: w != NONE && w != e -> w = E[w].prev
                            :: else -> break
                            od;
                            ok = (w == e)
                        :: else -> ok = (E[e].seq <= E[E[c].tip].seq)
                        fi
                    fi;
                    if :: !ok -> out = out | BIT(e); by_cut[e] = by_cut[e] | BIT(c) :: else fi
                :: else
                fi
            }
        :: else
        fi
    }
    w = 0
}

/* Which admissions come by a key that counts, and who follows. */
inline judge_comes()
{
    comes = 0; follows = 0;
    for (e : 0 .. n - 1) {
        if
        :: HAS(S, e) && ADMITS(e) ->
            key_state(PERSON(E[e].d), E[e].k);
            all = ke;
            for (j : 0 .. n - 1) {
                if :: HAS(rep, j) && !HAS(E[j].stay, E[e].d) && E[j].d != E[e].d && MISTAKE != 10 -> all = false :: else fi
            }
            if :: kf || all || E[e].how == RECOVERY && E[e].kind == ADMIT -> comes = comes | BIT(e) :: else fi
        :: HAS(says, e) && E[e].kind == FOLLOW && E[e].plan == 1 && P == 1 &&
           (HAS(E[first2].how, E[e].p) || MISTAKE == 15) -> follows = follows | BIT(E[e].p)
        :: else
        fi
    }
}

/* Does the past of ADMIT e hold everything that keeps its INVITE from counting, and is there something? */
inline knowing()
{
    line = BIT(E[e].x); before = 0; kept = 0;
    do
    :: line != before ->
        before = line;
        for (i : 0 .. n - 1) {
            for (a : 0 .. n - 1) {
                if
                :: HAS(before, i) && HAS(S, a) && E[a].kind == ADMIT && E[a].x != NONE && E[a].d == E[i].dev ->
                    line = line | BIT(a) | BIT(E[a].x)
                :: else
                fi
            }
        }
    :: else -> break
    od;
    for (i : 0 .. n - 1) {
        if :: HAS(line, i) -> kept = kept | by_cut[i] :: else fi;
        for (a : 0 .. n - 1) {
            if
            :: HAS(line, i) && HAS(S, a) && ADMITS(a) && E[a].d == E[i].dev && !HAS(comes, a) ->
                for (j : 0 .. n - 1) {
                    if :: HAS(keys, j) && E[j].p == PERSON(E[a].d) -> kept = kept | BIT(j) :: else fi
                }
            :: else
            fi
        }
    }
    line = 0;
    for (i : 0 .. n - 1) {
        if :: HAS(E[e].past & S, i) && SAYS(i) -> line = line | BIT(E[i].x) :: else fi
    }
    ok = (kept != 0) && ((kept & line) == kept || MISTAKE == 6)
}

/* The smallest set. */
inline judge_standing()
{
    stand = 0; letting = 0;
    do
    :: sethere = letting;
        for (e : 0 .. n - 1) {
            if
            :: HAS(S, e) && ADMITS(e) && !HAS(letting, e) && HAS(comes, e) && (E[e].plan == P || MISTAKE == 12) ->
                if
                :: E[e].kind == FIRST -> ok = E[e].plan == 0 || HAS(follows, PERSON(E[e].d)) || MISTAKE == 13
                :: E[e].kind == ADMIT && HAS(out, e) && MISTAKE != 5 -> ok = false
                :: E[e].kind == ADMIT && (!HAS(out, e) || MISTAKE == 5) && E[e].x == NONE ->
                    ok = (HAS(stand, E[e].dev) || E[e].dev == E[first2].dev) && (HAS(follows, PERSON(E[e].d)) || MISTAKE == 13)
                :: else ->
                    ok = HAS(stand, E[e].dev);
                    if
                    :: ok && ((HAS(out, E[e].x) && MISTAKE != 4) || !HAS(stand, E[E[e].x].dev)) -> knowing()
                    :: else
                    fi
                fi;
                if :: ok -> letting = letting | BIT(e); stand = stand | BIT(E[e].d) :: else fi
            :: else
            fi
        }
        if :: letting == sethere -> break :: else fi
    od;
    nil = 0;
    for (e : 0 .. n - 1) {
        if
        :: HAS(S, e) && E[e].plan == P && (!HAS(stand, E[e].dev) || HAS(out, e)) -> nil = nil | BIT(e)
        :: else
        fi
    }
}

inline judge(set, pl)
{
    d_step { S = set; P = pl; judge_statements(); skip };
    d_step { judge_cuts(); skip };
    d_step { judge_comes(); skip };
    d_step { judge_standing(); skip }
}

/* ---- What must hold. me: the machine that changed. ---- */

#define SHEETS(r, old) (E[r].k == SHEET || E[old].k != SHEET)
#define BY_THIEF(i) (!HAS(honest, i) && i >= BASE)
/* Entry i is the tip or lies in its past. On its branch is less: what is asserted of the rest holds all the more. */
#define MAY_COUNT(i, tip_) (tip_ != NONE && (i == tip_ || HAS(E[tip_].past, i)))

inline check_own()
{
    for (i : 0 .. n - 1) {
        if
        :: HAS(says, i) ->
            assert((!(BY_THIEF(i) && E[i].p <= BEN && (STORY != 2 || E[i].kind == KEY))) || OWN);
            assert((!(P == 0 && E[i].plan == 1)) || OWN);
            if
            :: P == 1 && E[i].plan == 0 -> assert(((HAS(E[first2].past, i) || HAS(honest, i) || E[i].p > BEN)) || OWN);
                ok = false;
                for (j : 0 .. n - 1) {
                    if :: HAS(S, j) && SAYS(j) && E[j].x == i && E[j].plan == 0 -> ok = true :: else fi
                }
                assert((ok) || OWN)
            :: else
            fi
        :: else
        fi
    }
}

inline check_lost()
{
    for (c : 0 .. n - 1) {
        so = HAS(says, c) && HAS(honest, c) && E[c].kind == REVOKE && E[c].d == B;
        for (j : 0 .. n - 1) { /* another in its place */
            if :: HAS(says, j) && HAS(honest, j) && HAS(E[j].earlier, c) && SHEETS(j, c) -> so = false :: else fi
        }
        for (e : 0 .. n - 1) {
            if
            :: so && HAS(S, e) && E[e].dev == B && !MAY_COUNT(e, E[c].tip) -> assert((HAS(nil, e)) || LOST)
            :: else
            fi
        }
        for (a : G .. H) {
            ok = !so || HAS(vouched, a) || !HAS(stand, a);
            for (e : 0 .. n - 1) {
                if
                :: !ok && HAS(S, e) && E[e].kind == ADMIT && E[e].d == a ->
                    w = E[e].x;
                    line = 0; /* whoever stands may let in again, knowing */
                    for (i : 0 .. n - 1) {
                        if :: HAS(E[e].past, i) && SAYS(i) && E[i].x == c && E[e].dev != B -> line = 1 :: else fi
                    }
                    ok = (E[w].dev != B || line == 1 || MAY_COUNT(w, E[c].tip)) && (E[e].dev != B || MAY_COUNT(e, E[c].tip)) &&
                         ((E[w].dev != G && E[w].dev != H) || HAS(stand, E[w].dev)) &&
                         ((E[e].dev != G && E[e].dev != H) || HAS(stand, E[e].dev))
                :: else
                fi
            }
            assert((ok) || LOST)
        }
    }
}

inline check_stays()
{
    assert((HAS(stand, A) && !HAS(lost_here, A)) || STAYS);
#if STORY != 2
    assert((HAS(stand, B2) && !HAS(lost_here, B2)) || STAYS);
#endif
    for (i : 0 .. n - 1) {
        if
        :: HAS(S, i) && (E[i].dev == A || (E[i].dev == B2 && STORY != 2)) -> assert((!HAS(nil, i)) || STAYS)
        :: HAS(over, i) && HAS(honest, i) && E[i].k == SHEET ->
            ok = false;
            for (j : 0 .. n - 1) {
                if :: HAS(says & honest, j) && HAS(E[j].earlier, i) -> ok = true :: else fi
            }
            assert((ok) || STAYS)
        :: else
        fi
    }
}

inline check_regained()
{
    so = false;
    for (i : 0 .. n - 1) {
        if :: HAS(says & honest, i) && E[i].kind == KEY -> so = true :: else fi
    }
    for (i : 0 .. n - 1) {
        if
        :: so && HAS(says, i) -> assert((!(BY_THIEF(i) && E[i].p == BEN && E[i].kind != WITHDRAW)) || REGAINED)
        :: so && HAS(S & honest, i) && E[i].kind == ADMIT && E[i].d == B2 -> assert((HAS(stand, B2)) || REGAINED)
        :: else
        fi
    }
    assert((!(so && HAS(stand, H))) || REGAINED)
}

inline check_come()
{
    for (c : A .. H) {
        ok = false;
        for (e : 0 .. n - 1) {
            if :: HAS(S, e) && E[e].plan == 1 && ADMITS(e) && E[e].d == c -> ok = true :: else fi
        }
        assert((!HAS(stand, c) || ok) || LET);
        assert((!HAS(stand, c) || (HAS(followed, PERSON(c)) && HAS(E[first2].how, PERSON(c)))) || COME)
    }
}

#define TAKES(m_, e_) (!(MISTAKE == 2 && HAS(lost[m_], E[e_].dev)))

inline check_same()
{
    if
    :: held[0] == held[1] -> assert((stands[0] == stands[1] && voids[0] == voids[1] && lost[0] == lost[1] && counted[0] == counted[1]) || SAME)
    :: else
    fi;
    if
    :: held2[0] == held2[1] -> assert((stands2[0] == stands2[1] && voids2[0] == voids2[1] && counted2[0] == counted2[1]) || SAME)
    :: else
    fi;
    ok = (held[0] == held[1] && held2[0] == held2[1]);
    for (e : 0 .. n - 1) {
        for (m : 0 .. 1) {
            if
            :: E[e].plan == 0 && HAS(held[1 - m], e) && !HAS(held[m], e) && (E[e].past & held[m]) == E[e].past && TAKES(m, e) -> ok = true
            :: E[e].plan == 1 && HAS(held2[1 - m], e) && !HAS(held2[m], e) && (e == first2 || (E[e].past & held2[m]) == E[e].past) -> ok = true
            :: else
            fi
        }
    }
    assert((ok) || MEET)
}

/* In several steps, none of which can be interrupted: Spin has a limit for one. */
inline check()
{
    if
    :: pl == 0 ->
        judge(held[me], 0);
        d_step {
            stands[me] = stand | (MISTAKE == 1 -> stands[me] : 0);
            voids[me] = nil;
            lost[me] = lost_here;
            counted[me] = says
        };
        d_step { check_own(); skip };
#if STORY == 1
        d_step { check_lost(); skip };
#endif
#if STORY == 2
        d_step { check_regained(); skip };
#endif
        d_step { check_stays(); skip }
    :: else ->
        judge(held2[me], 1);
        d_step {
            stands2[me] = stand;
            voids2[me] = nil;
            counted2[me] = says
        };
        d_step { check_own(); skip };
        d_step { check_come(); skip }
    fi;
    d_step { check_same(); skip }
}

/* ---- What happens ---- */


/* The entry in the making: its place. Honest: behind all that the machine holds, and its own last. */
inline place_honest()
{
    past = (pl == 0 -> held[me] : held2[me]);
    y = NONE;
    for (i : 0 .. n - 1) {
        if :: HAS(past, i) && E[i].dev == d && E[i].plan == pl -> y = i :: else fi
    }
    put(0)
}

/*
 * Of two entries neither of which knows the other, the one that was written first is of no matter: only one order is
 * looked at, honest ones first. (Moved before the other, each finds what it found; a machine takes the other later.) Not
 * so where a thief's statement names whatever ben said by then.
 */
#define RANK(d_) ((d_) == A -> 0 : ((d_) == B2 -> 1 : (d_) + 2))
#define EARLY(past_, d_) (n > BASE && !HAS(past_, n - 1) && RANK(d_) < RANK(E[n - 1].dev) && \
                          !(STORY == 2 && SAYS(n - 1) && BY_THIEF(n - 1)))
#define EARLY_HONEST (pl == 0 && EARLY(held[me], d) || pl == 1 && EARLY(held2[me], d))

/* Any entry of which this is true; n: none. */
inline pick(var, cond)
{
    var = 0;
    do
    :: var < n -> var++
    :: var < n && (cond) -> break
    :: var >= n -> break
    od
}

inline put(inc_)
{
    E[n].dev = d; E[n].plan = pl; E[n].past = past; E[n].prev = y; E[n].inc = inc_;
    E[n].seq = 1;
    if :: y != NONE -> E[n].seq = E[y].seq + 1; E[n].inc = E[y].inc :: else fi
}

inline written()
{
    n++;
    i = 0; j = 0
}

inline honest_written()
{
    honest = honest | BIT(n);
    if
    :: pl == 0 -> held[me] = held[me] | BIT(n)
    :: else -> held2[me] = held2[me] | BIT(n)
    fi;
    written()
}

inline says_it(kind_, p_, kp_, k_)
{
    E[n].kind = kind_; E[n].x = n; E[n].p = p_; E[n].kp = kp_; E[n].k = k_; E[n].tip = NONE; E[n].d = NONE
}

/* Statements of ben's of this kind, or KEYs, that machine 1 holds. */
inline earlier_of(kind_)
{
    for (i : 0 .. n - 1) {
        if
        :: HAS(held[1], i) && (E[i].kind == kind_ || E[i].kind == KEY) && E[i].p == BEN && E[i].x == i && HAS(counted[1], i) ->
            E[n].earlier = E[n].earlier | BIT(i)
        :: else
        fi
    }
}

/* An INVITE under which a machine lets in by itself: not void here, not used here. */
inline may_use(how_)
{
    bad = !(E[z].kind == INVITE && E[z].how == how_ && HAS(held[0], z) && !HAS(voids[0], z));
    for (i : 0 .. n - 1) {
        if :: HAS(held[0], i) && E[i].kind == ADMIT && E[i].x == z -> bad = true :: else fi
    }
}

inline admit(z_, d_, how_)
{
    E[n].kind = ADMIT; E[n].x = z_; E[n].d = d_; E[n].how = how_; E[n].p = 0; E[n].tip = NONE
}

#if STORY == 1
inline ann_writes()
{
    me = 0; d = A;
    if
    :: pick(z, E[z].kind == INVITE && E[z].how == 0 && HAS(held[0], z) && !HAS(voids[0], z)); if :: kd = G :: kd = H fi
    :: pick(z, E[z].kind == ADMIT && HAS(held[0], z) && !HAS(stands[0], E[z].d)); kd = 9 /* again, knowingly: the same JOIN */
    fi;
    d_step {
        bad = (z >= n) || EARLY_HONEST;
        if :: !bad && kd != 9 -> may_use(0) :: else fi;
        if
        :: !bad -> place_honest();
            if
            :: kd == 9 -> admit(E[z].x, E[z].d, NEW); vouched = vouched | BIT(E[z].d)
            :: else -> admit(z, kd, NEW)
            fi;
            honest_written()
        :: else
        fi
    }
}

inline ben_writes()
{
    me = 1; d = B2; kd = REVOKE;
    if :: z = 0 :: z = 1 fi;
    pick(t, HAS(held[1], t) && E[t].dev == B); /* none: nothing lies within */
    skip;
    d_step {
        bad = EARLY_HONEST;
        if
        :: !bad ->
            place_honest();
            says_it(kd, BEN, BEN, 0);
            E[n].d = B;
            E[n].tip = (t >= n -> NONE : t);
            if :: z == 1 -> earlier_of(REVOKE) :: else fi;
            honest_written()
        :: else
        fi
    }
}

inline thief_says()
{
    if
    :: says_it(REVOKE, BEN, 2, 0); E[n].d = B2
    :: says_it(REVOKE, 2, 2, 0); E[n].d = A
    :: says_it(LEAVE, BEN, 2, 0); E[n].earlier = BIT(4)
    :: says_it(WITHDRAW, BEN, 2, 0); E[n].d = 5
    fi
}
#define THIEF_INVITES 0
#define THIEF_HOW     NEW
#endif

#if STORY == 2
inline ann_writes()
{
    me = 0; d = A;
    pick(z, E[z].kind == INVITE && E[z].how == 1 && HAS(held[0], z) && !HAS(voids[0], z));
    if :: kd = B2 :: kd = H fi;
    d_step {
        bad = (z >= n) || EARLY_HONEST;
        if
        :: bad
        :: kd == B2 && !bad -> may_use(1); bad = bad || E[z].dev != A /* ben's own invitation, not the thief's */
        :: kd == H && !bad -> may_use(1)
        fi;
        if
        :: !bad -> place_honest();
            admit(z, kd, (kd == B2 -> RECOVERY : FURTHER));
            honest_written()
        :: else
        fi
    }
}

inline ben_writes()
{
    me = 1; d = B2;
    if
    :: kd = REVOKE; if :: y = 0 :: y = SHEET fi
    :: kd = KEY; y = SHEET
    fi;
    pick(t, HAS(held[1], t) && E[t].dev == B);
    if :: z = 0 :: z = 1 fi;
    d_step {
        so = false;
        for (i : 0 .. n - 1) {
            if :: HAS(held[1], i) && E[i].kind == ADMIT && E[i].d == B2 -> so = true :: else fi
        }
        bad = !so || EARLY_HONEST;
        if
        :: !bad ->
            kept = y;
            for (i : 0 .. n - 1) { /* with the newest key that there is */
                if :: kept != SHEET && HAS(held[1], i) && E[i].kind == KEY && HAS(honest, i) -> kept = i :: else fi
            }
            place_honest();
            says_it(kd, BEN, BEN, kept);
            E[n].d = B;
            E[n].tip = (t >= n -> NONE : t);
            if :: z == 1 -> earlier_of(kd) :: else fi;
            if
            :: kd == KEY ->
                E[n].stay = BIT(B2);
                E[n].stand = held[1] & honest
            :: else
            fi;
            honest_written()
        :: else
        fi
    }
}

/* Now with ben's own identity key, but not with his sheet. */
inline thief_says()
{
    if
    :: says_it(REVOKE, BEN, BEN, 0); E[n].d = B2
    :: says_it(REVOKE, BEN, BEN, 0); E[n].d = B; E[n].tip = (y == NONE -> 2 : y); E[n].earlier = honest /* to undo what ben said */
    :: says_it(LEAVE, BEN, BEN, 0); E[n].earlier = BIT(2)
    :: says_it(KEY, BEN, BEN, 0); E[n].stay = BIT(B)
    :: says_it(KEY, BEN, 2, SHEET); E[n].stay = BIT(B)
    fi
}
#define THIEF_INVITES 1
#define THIEF_HOW     FURTHER
#endif

#if STORY == 3
#define THIEF_INVITES 0 /* not used */
#define THIEF_HOW     NEW
#define NAMED (BIT(ANN) | BIT(BEN))

/* What the first entry of a continuation and an ADMIT of an old JOIN look like. */
inline continue_for(people_)
{
    E[n].kind = FIRST; E[n].how = people_; E[n].d = d; E[n].x = NONE; E[n].tip = NONE;
    first2 = n
}

inline ann_writes()
{
    me = 0; d = A;
    if
    :: kd = FIRST
    :: kd = FOLLOW
    :: kd = ADMIT; if :: t = B :: t = B2 fi
    fi;
    d_step {
        so = false;
        for (i : 0 .. n - 1) {
            if :: HAS(held2[0], i) && E[i].plan == 1 && ADMITS(i) && E[i].d == A -> so = true :: else fi
        }
        bad = (kd == FIRST -> first2 != NONE : !so) || (kd == FOLLOW && HAS(followed, ANN)) || (kd == ADMIT && HAS(lost[0], t)) ||
              (kd == FIRST -> EARLY(held[0], d) : EARLY(held2[0], d));
        if
        :: !bad && kd == FIRST ->
            y = NONE; pl = 1; past = held[0];
            put(0);
            continue_for(NAMED);
            held2[0] = held[0];
            honest_written()
        :: !bad && kd != FIRST ->
            pl = 1;
            place_honest();
            if
            :: kd == FOLLOW -> says_it(FOLLOW, ANN, ANN, 0); followed = followed | BIT(ANN)
            :: else -> admit(NONE, t, (t == B -> NEW : FURTHER))
            fi;
            honest_written()
        :: else
        fi
    }
}

inline ben_writes()
{
    me = 1; d = B2;
    if
    :: kd = REVOKE
    :: kd = LEAVE
    :: kd = FOLLOW; pl = 1
    :: kd = LEAVE; pl = 1
    fi;
    d_step {
        so = (pl == 0);
        for (i : 0 .. n - 1) {
            if :: HAS(held2[1], i) && E[i].plan == 1 && ADMITS(i) && E[i].d == B2 -> so = true :: else fi
        }
        bad = !so || (kd == FOLLOW && HAS(followed, BEN)) || EARLY_HONEST;
        if
        :: !bad ->
            place_honest();
            says_it(kd, BEN, BEN, 0);
            if
            :: kd == REVOKE -> E[n].d = B
            :: kd == LEAVE -> E[n].earlier = BIT(2) | BIT(4)
            :: else -> followed = followed | BIT(BEN)
            fi;
            honest_written()
        :: else
        fi
    }
}

inline thief_says()
{
    if
    :: says_it(FOLLOW, ANN, 2, 0)
    :: says_it(FOLLOW, BEN, 2, 0)
    :: says_it(FOLLOW, 2, 2, 0); if :: pl == 1 -> followed = followed | BIT(2) :: else fi
    :: says_it(LEAVE, BEN, 2, 0); E[n].earlier = BIT(4)
    fi
}
#endif

/*
 * The thief writes an entry when it is first handed to somebody: what no honest machine ever sees does nothing. Only B,
 * which alone is ever cut, forks and begins chains. An INVITE of theirs cites as little as it can: whoever uses it may cite more. An
 * ADMIT cites what its author's admission, its INVITE, the entry before it on any branch and any statement hold. What
 * they say or carry counts by its signature alone: one place is as good as another.
 */
inline thief_place()
{
    past = BIT(z) | E[z].past;
    if :: kd == ADMIT && STORY != 3 -> past = past | BIT(t) | E[t].past :: else fi;
    if
    :: y >= n -> y = NONE
    :: else -> past = past | BIT(y) | E[y].past
    fi;
    so = false;
    for (i : 0 .. n - 1) {
        if :: d != B && E[i].dev == d && E[i].plan == pl && (y == NONE || i > y) -> bad = true :: else fi; /* no forks */
        if :: HAS(past, i) && E[i].plan == pl && ADMITS(i) && E[i].d == d -> so = true :: else fi;
        if :: kd == FOLLOW && SAYS(i) && E[i].x == t && E[i].plan == pl -> bad = true :: else fi; /* once in each plan */
        if :: kd == LEAVE && STORY == 1 && BY_THIEF(i) && SAYS(i) && E[i].x == i -> bad = true :: else fi /* one that counts for nothing */
    }
    bad = bad || !so || (EARLY(past, d) && !(kd == FOLLOW && t == n - 1) && !(kd == LEAVE && STORY == 2)) || (MISTAKE == 2 && HAS(lost[me], d)) ||
          (kd == FIRST -> first2 != NONE : (past & (pl == 0 -> held[me] : held2[me])) != past)
}

inline thief_writes()
{
    if :: d = B :: d = G :: d = H fi;
    if :: me = 0 :: me = 1 fi;
#if STORY == 3
    if
    :: first2 == NONE -> kd = FIRST; if :: t = 3 :: t = 7 fi /* for whom */
    :: first2 != NONE -> kd = ADMIT; pl = 1; if :: t = A :: t = B :: t = B2 :: t = G fi
    :: kd = LEAVE; if :: pl = 0 :: first2 != NONE -> pl = 1 fi
    :: n > BASE -> kd = FOLLOW; if :: pl = 0 :: first2 != NONE -> pl = 1 fi; pick(t, SAYS(t) && E[t].x == t)
    fi;
#else
    if
    :: kd = INVITE
    :: kd = ADMIT; pick(t, E[t].kind == INVITE && E[t].how == THIEF_INVITES)
    :: kd = LEAVE                                    /* says something */
    :: n > BASE -> kd = FOLLOW; pick(t, SAYS(t) && E[t].x == t) /* carries something */
    fi;
#endif
    if :: t >= n && kd != FIRST -> bad = true :: else fi;
    if
    :: !bad -> pick(z, E[z].plan == pl && (ADMITS(z) && E[z].d == d || kd == ADMIT && SAYS(z)))
    :: else -> z = n
    fi;
    if
    :: z >= n -> bad = true
    :: z < n && (kd == INVITE || kd == ADMIT) ->
        pick(y, E[y].dev == d && E[y].plan == pl);
        if :: v = 0 :: d == B && y >= n -> v = 1 fi
    :: z < n && kd != INVITE && kd != ADMIT -> d_step { /* behind its first admission: a chain of its own, or its last */
            y = n;
            v = (d == B -> 1 : 0);
            for (i : 0 .. n - 1) {
                if :: i < z && E[i].plan == pl && ADMITS(i) && E[i].d == d -> bad = true :: else fi;
                if :: d != B && E[i].dev == d && E[i].plan == pl -> y = i :: else fi
            }
            i = 0
        }
    fi;
    if
    :: bad
    :: !bad -> d_step { thief_place(); skip }
    fi;
    if
    :: bad
    :: !bad ->
        if
        :: kd == INVITE -> d_step { put(v); E[n].kind = INVITE; E[n].how = THIEF_INVITES }
#if STORY == 3
        :: kd == ADMIT -> d_step { put(v); admit(NONE, t, (t == B2 -> FURTHER : NEW)) }
        :: kd == FIRST -> d_step { pl = 1; y = NONE; put(0); continue_for(t); held2[me] = past }
#else
        :: kd == ADMIT && STORY == 1 -> put(v); admit(t, G, NEW)
        :: kd == ADMIT -> put(v); admit(t, H, THIEF_HOW)
#endif
        :: kd == LEAVE -> put(v); thief_says()
        :: kd == FOLLOW -> d_step { put(v); E[n].kind = E[t].kind; E[n].x = t; E[n].d = NONE; E[n].tip = NONE }
        fi;
        d_step {
            if
            :: pl == 0 -> held[me] = held[me] | BIT(n)
            :: else -> held2[me] = held2[me] | BIT(n)
            fi;
            written()
        }
    fi
}

/* One entry comes to one machine, from the other or from the thief. */
inline arrives()
{
    if :: me = 0 :: me = 1 fi;
    pick(z, (E[z].plan == 0 && !HAS(held[me], z)) || (E[z].plan == 1 && !HAS(held2[me], z)));
    skip;
    d_step {
        bad = (z >= n);
        pl = (bad -> 0 : E[z].plan);
        if
        :: bad
        :: !bad && pl == 0 ->
            bad = (E[z].past & held[me]) != E[z].past || !TAKES(me, z);
            if :: !bad -> held[me] = held[me] | BIT(z) :: else fi
        :: !bad && pl == 1 ->
            bad = (z != first2 && (E[z].past & held2[me]) != E[z].past);
            if
            :: !bad && z == first2 -> held2[me] = E[z].past | BIT(z)
            :: !bad && z != first2 -> held2[me] = held2[me] | BIT(z)
            :: else
            fi
        fi
    }
}

inline base_entry(kind_, dev_, x_, d_, how_)
{
    E[n].kind = kind_; E[n].dev = dev_; E[n].x = x_; E[n].d = d_; E[n].how = how_; E[n].tip = NONE;
    E[n].past = BIT(n) - 1;
    E[n].prev = NONE;
    E[n].seq = 1;
    for (i : 0 .. n) {
        if :: i < n && E[i].dev == dev_ -> E[n].prev = i; E[n].seq = E[i].seq + 1 :: else fi
    }
    n++
}

active proctype world()
{
    d_step {
        base_entry(FIRST, A, NONE, A, 0);
        base_entry(INVITE, A, NONE, NONE, 0);
        base_entry(ADMIT, A, 1, B, NEW);
        base_entry(INVITE, A, NONE, NONE, 1);
#if STORY != 2
        base_entry(ADMIT, A, 3, B2, FURTHER);
        base_entry(INVITE, B, NONE, NONE, 0); /* by ben, before the phone was lost */
#endif
#if STORY == 3
        base_entry(ADMIT, A, 5, G, NEW);
#endif
        honest = BIT(n) - 1;
        held[0] = honest
    };
    atomic { check(); held[1] = honest; me = 1; check(); me = 0 };
end:
    do
    :: atomic {
        n < MAX || held[0] != BIT(n) - 1 || held[1] != BIT(n) - 1;
        if
        :: n < MAX -> ann_writes()
        :: n < MAX -> ben_writes()
        :: n < MAX -> thief_writes()
        :: n > BASE -> arrives()
        fi;
        if :: !bad -> check() :: else fi;
        d_step {
            me = 0; d = 0; z = 0; y = 0; t = 0; v = 0; kd = 0; pl = 0; bad = false; past = 0
        }
    }
    od
}
