/*
 * Pieces of attachments, once the words are settled. Owns: what is asked for next, in which order it is answered, and that no
 * piece is kept but the one that was wanted. Must not: ask before every plan's exchange is over (words come before pictures), ask
 * a peer that does not know pieces, or believe that a peer has what it has not shown.
 *
 * Nothing here is remembered beyond the session: which pieces are here is what the store says, so a cut link goes on at the
 * first piece that is missing. At most CP_PIECES_IN_FLIGHT are asked for and not answered, on either side.
 */
#include <string.h>

#include "proto/session_internal.h"

/* ---- Greetings ---- */

unsigned fetch_flags(struct cp_session *s)
{
    bool wants = false;
    const struct cp_pieces *pieces = s->replica->pieces;
    if (pieces == NULL || s->config.door != CP_DOOR_MEMBER)
        return 0;
    if (pieces->any(pieces->ctx, &wants) != CP_OK)
        wants = false; /* fetching says the same again, and ends the session then */
    return CP_WIRE_PIECES | (wants ? CP_WIRE_WISHES : 0U);
}

void fetch_greeted(struct cp_session *s, unsigned flags)
{
    s->fetch.on =
        s->replica->pieces != NULL && s->config.door == CP_DOOR_MEMBER && (flags & CP_WIRE_PIECES) != 0;
    s->fetch.peer_wants = (flags & CP_WIRE_WISHES) != 0;
}

void fetch_again(struct cp_session *s)
{
    s->fetch.dry = false;
    s->fetch.plan = 0;
    s->fetch.from = (struct cp_piece_place){.number = 0};
}

/* ---- Asking ---- */

static bool is_shared(const struct plan *p)
{
    return p->held && p->state == PLAN_QUIET;
}

/* The next wanted piece of any plan that both hold; false: there is none (dry), or the session fails. */
static bool next_wanted(struct cp_session *s, struct fetch_asked *out)
{
    const struct cp_pieces *pieces = s->replica->pieces;
    struct fetch *f = &s->fetch;
    for (; f->plan < s->plans_count; f->plan++, f->from = (struct cp_piece_place){.number = 0}) {
        bool found = false;
        enum cp_err err = CP_OK;
        if (is_shared(&s->plans[f->plan]))
            err = pieces->next(pieces->ctx, s->plans[f->plan].id, &f->from, &out->want, &found);
        if (err != CP_OK) {
            session_fail(s, err);
            return false;
        }
        if (found) {
            out->plan = f->plan;
            f->from = out->want.place;
            f->from.number++;
            return true;
        }
    }
    f->dry = true;
    return false;
}

/* Already on its way? A look from the beginning meets those again. */
static bool is_asked(const struct fetch *f, const struct fetch_asked *a)
{
    for (size_t i = 0; i < f->asked_count; i++) {
        const struct fetch_asked *b = &f->asked[(f->asked_first + i) % CP_PIECES_IN_FLIGHT];
        if (a->plan == b->plan && a->want.place.row == b->want.place.row &&
            a->want.place.number == b->want.place.number)
            return true;
    }
    return false;
}

static void ask(struct cp_session *s)
{
    struct fetch *f = &s->fetch;
    while (!f->dry && f->asked_count + f->keeping < CP_PIECES_IN_FLIGHT && session_going(s)) {
        struct fetch_asked next;
        if (!session_room(s)) {
            s->more = true;
            return;
        }
        if (!next_wanted(s, &next) || is_asked(f, &next))
            continue;
        struct cp_buf *b = session_message(s);
        cp_wire_put_fetch(b, next.plan, next.want.id, next.want.place.number);
        f->asked[(f->asked_first + f->asked_count++) % CP_PIECES_IN_FLIGHT] = next;
        session_send(s, b);
    }
}

/* Of this attachment nothing more is asked for in this look. */
static void pass_over(struct fetch *f, const struct fetch_asked *a)
{
    if (f->plan == a->plan && f->from.lamport == a->want.place.lamport && f->from.row == a->want.place.row)
        f->from.number = CP_INT_MAX;
}

static void take_piece(struct cp_session *s, const struct cp_wire *m)
{
    struct fetch *f = &s->fetch;
    const struct fetch_asked *a = &f->asked[f->asked_first];
    uint8_t hash[CP_ID_LEN];
    if (f->asked_count == 0 || m->plan != a->plan || m->number != a->want.place.number ||
        memcmp(m->id, a->want.id, CP_ID_LEN) != 0) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    f->asked_first = (f->asked_first + 1) % CP_PIECES_IN_FLIGHT;
    f->asked_count--;
    if (m->none) {
        pass_over(f, a);
        return;
    }
    cp_piece_hash(m->number, m->bytes, hash);
    if (m->bytes.len != a->want.len || memcmp(hash, a->want.hash, CP_ID_LEN) != 0) {
        session_fail(s, CP_ERR_BAD_PIECE);
        return;
    }
    struct cp_buf *b = session_message(s); /* the message is the caller's, and gone after this step */
    cp_buf_put_bytes(b, m->bytes);
    if (cp_buf_err(b) != CP_OK) {
        session_fail(s, cp_buf_err(b));
        return;
    }
    struct cp_action *keep = session_action(s, CP_ACTION_PIECE);
    memcpy(keep->plan, s->plans[a->plan].id, CP_ID_LEN);
    memcpy(keep->id, a->want.id, CP_ID_LEN);
    keep->number = m->number;
    keep->bytes = cp_buf_bytes(b);
    f->keeping++;
}

void fetch_kept(struct cp_session *s, enum cp_err result)
{
    if (s->fetch.keeping > 0)
        s->fetch.keeping--;
    if (result == CP_OK)
        s->totals.pieces_in++;
    else if (result == CP_ERR_PICTURES_FULL)
        s->fetch.dry = true;
    else if (result != CP_ERR_NOT_FOUND)
        session_fail(s, result);
}

bool fetch_waits(const struct cp_session *s)
{
    return s->fetch.asked_count > 0;
}

/* ---- Answering ---- */

static void answer(struct cp_session *s)
{
    struct fetch *f = &s->fetch;
    const struct cp_pieces *pieces = s->replica->pieces;
    const struct fetch_owed *o = &f->owed[f->owed_first];
    struct plan *p = &s->plans[o->plan];
    struct cp_buf piece;
    bool found = false;
    if (p->held && !session_with_member(s, p))
        return;
    cp_buf_init(&piece, s->mem, CP_PIECE_LEN);
    enum cp_err err = p->held ? pieces->read(pieces->ctx, p->id, o->id, o->number, &piece, &found) : CP_OK;
    if (err == CP_OK) {
        struct cp_buf *b = session_message(s);
        cp_wire_put_piece(b, o->plan, o->id, o->number, found ? cp_buf_bytes(&piece) : CP_BYTES(NULL, 0));
        session_send(s, b);
        s->totals.pieces_out += found ? 1 : 0;
    } else {
        session_fail(s, err);
    }
    cp_buf_clear(&piece);
    f->owed_first = (f->owed_first + 1) % CP_PIECES_IN_FLIGHT;
    f->owed_count--;
}

static void take_fetch(struct cp_session *s, const struct cp_wire *m)
{
    struct fetch *f = &s->fetch;
    if (m->plan >= s->plans_count || f->owed_count == CP_PIECES_IN_FLIGHT) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    struct fetch_owed *o = &f->owed[(f->owed_first + f->owed_count++) % CP_PIECES_IN_FLIGHT];
    *o = (struct fetch_owed){.plan = (size_t)m->plan, .number = m->number};
    memcpy(o->id, m->id, CP_ID_LEN);
}

void fetch_take(struct cp_session *s, const struct cp_wire *m)
{
    struct fetch *f = &s->fetch;
    if (!f->on) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
    } else if (m->type == CP_WIRE_FETCH) {
        take_fetch(s, m);
    } else if (m->type == CP_WIRE_PIECE) {
        take_piece(s, m);
    } else if (f->enough_got || session_both_stay(s)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
    } else {
        f->enough_got = true;
    }
}

/* ---- The end ---- */

static bool idle(const struct fetch *f)
{
    return f->dry && f->asked_count == 0 && f->owed_count == 0 && f->keeping == 0;
}

static void say_enough(struct cp_session *s)
{
    struct cp_buf *b = session_message(s);
    cp_wire_put_enough(b);
    s->fetch.enough_sent = true;
    session_send(s, b);
}

void fetch_pump(struct cp_session *s)
{
    struct fetch *f = &s->fetch;
    if (!f->on)
        return;
    while (f->owed_count > 0 && session_going(s)) {
        if (!session_room(s)) {
            s->more = true;
            return;
        }
        answer(s);
    }
    if (!session_going(s) || !flow_all_settled(s))
        return;
    ask(s);
    if (session_going(s) && !s->config.caller && f->enough_got && !f->enough_sent && idle(f)) {
        if (session_room(s))
            say_enough(s);
        else
            s->more = true;
    }
}

/* A caller that has all it wanted asks whether the other has, unless the greetings already said so. */
bool fetch_over(struct cp_session *s)
{
    struct fetch *f = &s->fetch;
    if (!f->on)
        return true;
    if (!idle(f))
        return false;
    if (!f->enough_sent && (f->met || f->peer_wants)) {
        if (session_room(s))
            say_enough(s);
        else
            s->more = true;
        return false;
    }
    return !f->enough_sent || f->enough_got;
}
