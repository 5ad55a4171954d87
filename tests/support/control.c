/* Control entries in a row. See control.h. */
#include "tests/support/control.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

void control_clear(struct control_log *l)
{
    for (size_t i = 0; i < l->count; i++)
        cp_buf_clear(&l->frames[i]);
    memset(l, 0, sizeof *l);
}

static enum cp_err lies(void *ctx, const struct cp_control_entry *older, const struct cp_control_entry *newer,
                        bool *yes)
{
    const struct control_log *l = ctx;
    *yes = (l->past[newer->row] >> older->row & 1) != 0;
    return CP_OK;
}

struct cp_control_past control_past(struct control_log *l)
{
    return (struct cp_control_past){.lies = lies, .ctx = l};
}

static void must(enum cp_err err)
{
    if (err != CP_OK) {
        (void)fprintf(stderr, "control: %s\n", cp_err_word(err));
        abort();
    }
}

static struct cp_buf frame_new(void)
{
    struct cp_buf b;
    cp_buf_init(&b, test_mem(), CP_ENTRY_MAX);
    return b;
}

/* ---- Entries ---- */

size_t control_add_seeing(struct control_log *l, const struct someone *by, struct cp_buf frame, uint64_t seen)
{
    assert(l->count < CONTROL_MOST);
    size_t at = l->count++;
    struct cp_control_entry *e = &l->entries[at];
    l->frames[at] = frame;
    *e = (struct cp_control_entry){
        .lamport = 1, .seq = 1, .row = at, .depth = l->depth, .frame = cp_buf_bytes(&l->frames[at])};
    memcpy(e->device, by->device, CP_KEY_LEN);
    memset(e->id, (int)(at + 1), CP_ID_LEN);
    for (size_t i = 0; i < at; i++)
        if (l->entries[i].depth == l->depth && memcmp(l->entries[i].device, by->device, CP_KEY_LEN) == 0) {
            seen |= 1ULL << i;
            e->seq = l->entries[i].seq + 1;
            memcpy(e->prev, l->entries[i].id, CP_ID_LEN);
        }
    for (size_t i = 0; i < at; i++)
        if ((seen >> i & 1) != 0) {
            l->past[at] |= l->past[i] | 1ULL << i;
            e->lamport = l->entries[i].lamport >= e->lamport ? l->entries[i].lamport + 1 : e->lamport;
        }
    return at;
}

size_t control_add(struct control_log *l, const struct someone *by, struct cp_buf frame)
{
    return control_add_seeing(l, by, frame, (1ULL << l->count) - 1);
}

size_t control_found(struct control_log *l, const struct someone *p)
{
    struct cp_buf join = frame_new(), frame = frame_new();
    memset(l, 0, sizeof *l);
    memset(l->plan, 1, CP_ID_LEN); /* the id of the first */
    someone_joins(&(struct joining){.who = p}, &join);
    cp_first_write(cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return control_add(l, p, frame);
}

size_t control_invite(struct control_log *l, const struct someone *by, const struct someone *token,
                      const struct someone *for_whom)
{
    struct cp_buf frame = frame_new();
    cp_invite_write(token->device, token->curve, for_whom == NULL ? NULL : for_whom->person, &frame);
    return control_add(l, by, frame);
}

size_t control_admit(struct control_log *l, const struct someone *by, size_t invited,
                     const struct someone *token, const struct joining *j)
{
    struct cp_buf join = frame_new(), frame = frame_new();
    struct joining made = *j;
    made.plan = l->plan;
    made.invite = l->entries[invited].id;
    made.token_secret = token->device_secret;
    someone_joins(&made, &join);
    cp_admit_write(l->entries[invited].id, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return control_add(l, by, frame);
}

size_t control_admit_again(struct control_log *l, const struct someone *by, size_t at,
                           const uint8_t invite[CP_ID_LEN])
{
    struct cp_control c;
    struct cp_buf join = frame_new(), frame = frame_new();
    cp_control_read(l->entries[at].frame, &c);
    must(c.known ? CP_OK : CP_ERR_BAD_VALUE);
    cp_join_write(&c.join, &join);
    cp_admit_write(invite, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return control_add(l, by, frame);
}

/* ---- REVOKE and KEY ---- */

static void put_cut(const struct control_log *l, size_t at, struct cp_buf *out)
{
    struct cp_cut_tip tip = {.class = CP_CONTROL};
    if (at != CONTROL_NOTHING) {
        tip.incarnation = l->entries[at].incarnation;
        tip.seq = l->entries[at].seq;
        tip.tip = l->entries[at].id;
    }
    must(cp_cut_write(&tip, at == CONTROL_NOTHING ? 0 : 1, out));
}

size_t control_revoke(struct control_log *l, const struct someone *carrier, const struct revoking *r,
                      uint8_t id[CP_ID_LEN])
{
    struct cp_buf cut = frame_new(), fields = frame_new(), text = frame_new(), frame = frame_new();
    uint8_t sig[CP_SIG_LEN], ids[1][CP_ID_LEN] = {{0}};
    if (r->earlier != NULL)
        memcpy(ids[0], r->earlier, CP_ID_LEN);
    put_cut(l, r->at, &cut);
    must(cp_revoke_fields(r->device->device, (const uint8_t(*)[CP_ID_LEN])ids, r->earlier == NULL ? 0 : 1,
                          cp_buf_bytes(&cut), &fields));
    someone_says(CP_STATEMENT_REVOKE, r->of, r->signer == NULL ? r->of : r->signer, r->by, l->plan, &fields,
                 &text, sig);
    must(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame));
    cp_statement_id(cp_buf_bytes(&text), id);
    cp_buf_clear(&cut);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    return control_add(l, carrier, frame);
}

static int by_device(const void *a, const void *b)
{
    return memcmp(((const struct cp_device_cut *)a)->device, ((const struct cp_device_cut *)b)->device,
                  CP_KEY_LEN);
}

size_t control_key(struct control_log *l, const struct someone *carrier, const struct someone *of,
                   const struct someone *next, const struct key_says *says, uint8_t id[CP_ID_LEN])
{
    struct cp_buf cuts[KEY_SAYS], fields = frame_new(), text = frame_new(), frame = frame_new();
    struct cp_device_cut rows[KEY_SAYS];
    uint8_t sig[CP_SIG_LEN], stay[KEY_SAYS][CP_KEY_LEN], stand[1][CP_ID_LEN],
        earlier[KEY_SAYS - 1][CP_ID_LEN];
    struct cp_key_lists lists = {.stay = (const uint8_t(*)[CP_KEY_LEN])stay,
                                 .cuts = rows,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])stand,
                                 .earlier = (const uint8_t(*)[CP_ID_LEN])earlier};
    for (size_t i = 0; i < KEY_SAYS; i++) {
        cuts[i] = frame_new();
        if (says->stay[i] != NULL)
            memcpy(stay[lists.stay_count++], says->stay[i]->device, CP_KEY_LEN);
        if (says->cut[i] == NULL)
            continue;
        put_cut(l, says->cut_at[i], &cuts[i]);
        rows[lists.cuts_count++] = (struct cp_device_cut){says->cut[i]->device, cp_buf_bytes(&cuts[i])};
    }
    for (size_t i = 0; i + 1 < KEY_SAYS; i++)
        if (says->earlier[i] != NULL)
            memcpy(earlier[lists.earlier_count++], says->earlier[i], CP_ID_LEN);
    if (says->stand != NULL)
        memcpy(stand[lists.stand_count++], says->stand, CP_ID_LEN);
    qsort(rows, lists.cuts_count, sizeof rows[0], by_device);
    cp_id_sort(stay, lists.stay_count);
    cp_id_sort(earlier, lists.earlier_count);
    must(cp_key_fields(next->identity, &lists, &fields));
    someone_says(CP_STATEMENT_KEY, of, of, CP_BY_RECOVERY, l->plan, &fields, &text, sig);
    must(cp_key_frame_write(cp_buf_bytes(&text), sig, &frame));
    cp_statement_id(cp_buf_bytes(&text), id);
    for (size_t i = 0; i < KEY_SAYS; i++)
        cp_buf_clear(&cuts[i]);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    return control_add(l, carrier, frame);
}
