/* Histories as bytes. See encode.h. */
#include "tests/model/encode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

/* ---- Keys ---- */

enum key_sort { SORT_DEVICE, SORT_IDENTITY, SORT_RECOVERY, SORT_CURVE, SORT_BOX, SORT_TOKEN, SORT_SECRET, SORTS };
enum { KEYS_OF_A_SORT = 64 };
static uint8_t keys[SORTS][KEYS_OF_A_SORT][CP_KEY_LEN], persons[ST_PERSONS][CP_ID_LEN], elsewhere[CP_ID_LEN];

static void make_keys(void)
{
    for (uint8_t s = 0; s < SORTS; s++)
        for (uint8_t i = 0; i < KEYS_OF_A_SORT; i++) {
            const uint8_t name[2] = {s, i};
            (void)crypto_generichash(keys[s][i], CP_KEY_LEN, name, sizeof name, NULL, 0);
        }
    for (int p = 0; p < ST_PERSONS; p++)
        cp_person_id(keys[SORT_IDENTITY][p], keys[SORT_RECOVERY][p], persons[p]);
    memset(elsewhere, 0xee, sizeof elsewhere);
}

const uint8_t *encode_device(int device)
{
    return keys[SORT_DEVICE][device];
}

const uint8_t *encode_identity(int key)
{
    return keys[SORT_IDENTITY][key];
}

const uint8_t *encode_person(int person)
{
    return persons[person];
}

void encode_secret(int entry, uint8_t out[CP_KEY_LEN])
{
    memcpy(out, keys[SORT_SECRET][entry], CP_KEY_LEN);
}

void encode_incarnation(const struct st_history *h, int chain, uint8_t out[CP_INCARNATION_LEN])
{
    memset(out, 0, CP_INCARNATION_LEN);
    out[0] = (uint8_t)(h->chain_incarnation[chain] * 5); /* another order than that of the numbers */
    out[1] = (uint8_t)h->chain_incarnation[chain];
    out[2] = 1;
}

/* ---- Signatures that need no curve ---- */

#if defined(__clang__)
__attribute__((no_sanitize("unsigned-integer-overflow", "unsigned-shift-base")))
#endif
static void stand_in(const uint8_t *text, size_t len, const uint8_t *key, uint8_t sig[CP_SIG_LEN])
{
    uint64_t v = 0x9e3779b97f4a7c15ULL ^ len, part;
    for (size_t i = 0; i < len; i += sizeof part) {
        part = 0;
        memcpy(&part, text + i, len - i < sizeof part ? len - i : sizeof part);
        v = (v ^ part) * 0xbf58476d1ce4e5b9ULL;
        v ^= v >> 29;
    }
    for (size_t i = 0; i < CP_SIG_LEN; i += sizeof v) {
        memcpy(&part, key + i % CP_KEY_LEN, sizeof part);
        v = (v ^ part) * 0x94d049bb133111ebULL;
        v ^= v >> 31;
        memcpy(sig + i, &v, sizeof v);
    }
}

void encode_sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *key, uint8_t sig[CP_SIG_LEN])
{
    static uint8_t input[64 + CP_ENTRY_MAX];
    size_t tag_len = strlen(cp_tag_text(tag)) + 1;
    memcpy(input, cp_tag_text(tag), tag_len);
    memcpy(input + tag_len, text.ptr, text.len);
    stand_in(input, tag_len + text.len, key, sig);
}

/* In the place of libsodium's, by the linker's --wrap. */
int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m, unsigned long long len,
                                       const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m, unsigned long long len,
                                       const unsigned char *key)
{
    uint8_t want[CP_SIG_LEN];
    stand_in(m, (size_t)len, key, want);
    return memcmp(sig, want, sizeof want) == 0 ? 0 : -1;
}

/* ---- Room ---- */

void encoded_init(struct encoded *e)
{
    memset(e, 0, sizeof *e);
    make_keys();
    for (int i = 0; i < ST_ENTRIES; i++)
        cp_buf_init(&e->frames[i], test_mem(), CP_ENTRY_MAX);
    for (int i = 0; i < ST_JOINS; i++)
        cp_buf_init(&e->joins[i], test_mem(), CP_ENTRY_MAX);
    for (int i = 0; i < ST_STATEMENTS; i++)
        cp_buf_init(&e->texts[i], test_mem(), CP_ENTRY_MAX);
    for (int i = 0; i < ST_CUTS; i++)
        cp_buf_init(&e->cuts[i], test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&e->fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&e->text, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&e->cut, test_mem(), CP_ENTRY_MAX);
}

void encoded_clear(struct encoded *e)
{
    for (int i = 0; i < ST_ENTRIES; i++)
        cp_buf_clear(&e->frames[i]);
    for (int i = 0; i < ST_JOINS; i++)
        cp_buf_clear(&e->joins[i]);
    for (int i = 0; i < ST_STATEMENTS; i++)
        cp_buf_clear(&e->texts[i]);
    for (int i = 0; i < ST_CUTS; i++)
        cp_buf_clear(&e->cuts[i]);
    cp_buf_clear(&e->fields);
    cp_buf_clear(&e->text);
    cp_buf_clear(&e->cut);
}

void encode_begin(struct encoded *e)
{
    for (int i = 0; i < ST_ENTRIES; i++)
        cp_buf_reset(&e->frames[i]);
    for (int i = 0; i < ST_JOINS; i++)
        cp_buf_reset(&e->joins[i]);
    for (int i = 0; i < ST_STATEMENTS; i++)
        cp_buf_reset(&e->texts[i]);
}

/* ---- JOINs ---- */

/* The same JOIN is the same bytes whoever carries it. */
static struct cp_bytes join_bytes(struct encoded *e, const struct st_history *h, int at)
{
    const struct st_join *j = &h->joins[at];
    uint8_t sigs[3][CP_SIG_LEN];
    const char name[3] = {'j', (char)('A' + at), 0};
    struct cp_join out = {.how = (enum cp_join_how)j->how, .device_name = cp_bytes_str(name), .name = cp_bytes_str("Asha")};
    if (e->joins[at].len > 0)
        return cp_buf_bytes(&e->joins[at]);
    memcpy(out.plan, j->invite == ST_NONE ? cp_zero_id : e->plans[h->entries[j->invite].plan], CP_ID_LEN);
    memcpy(out.invite, j->invite == ST_NONE ? cp_zero_id : e->ids[j->invite], CP_ID_LEN);
    memcpy(out.person, persons[j->person], CP_ID_LEN);
    memcpy(out.identity_key, keys[SORT_IDENTITY][j->key], CP_KEY_LEN);
    memcpy(out.recovery_key, keys[SORT_RECOVERY][j->sheet], CP_KEY_LEN);
    memcpy(out.device_key, keys[SORT_DEVICE][j->device], CP_KEY_LEN);
    memcpy(out.curve_key, keys[SORT_CURVE][j->device], CP_KEY_LEN);
    memcpy(out.box_key, keys[SORT_BOX][j->device], CP_KEY_LEN);
    cp_buf_reset(&e->text);
    cp_join_text(&out, &e->text);
    out.text = cp_buf_bytes(&e->text);
    cp_statement_id(out.text, e->join_ids[at]);
    encode_sign(CP_TAG_STATEMENT_DEVICE, out.text, out.device_key, sigs[0]);
    out.device_sig = sigs[0];
    if (out.how == CP_JOIN_RECOVERY) {
        encode_sign(CP_TAG_STATEMENT_RECOVERY, out.text, out.recovery_key, sigs[1]);
        out.recovery_sig = sigs[1];
    } else {
        encode_sign(CP_TAG_STATEMENT_IDENTITY, out.text, out.identity_key, sigs[1]);
        out.identity_sig = sigs[1];
    }
    if (j->invite != ST_NONE) {
        encode_sign(CP_TAG_STATEMENT_TOKEN, out.text, keys[SORT_TOKEN][j->invite], sigs[2]);
        out.token_sig = sigs[2];
    }
    if (!j->good)
        sigs[at % (j->invite == ST_NONE ? 2 : 3)][at % 64] ^= 1;
    cp_join_write(&out, &e->joins[at]);
    return cp_buf_bytes(&e->joins[at]);
}

/* ---- Statements ---- */

static int by_tip(const void *a, const void *b)
{
    return cp_cut_order(a, b);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

static void put_cut(struct encoded *e, const struct st_history *h, const struct st_cut *cut, struct cp_buf *out)
{
    struct cp_cut_tip tips[ST_TIPS];
    uint8_t incarnations[ST_TIPS][CP_INCARNATION_LEN], unheld[ST_TIPS][CP_ID_LEN];
    for (int i = 0; i < cut->count; i++) {
        const struct st_tip *t = &cut->tips[i];
        encode_incarnation(h, t->chain, incarnations[i]);
        memset(unheld[i], 0xdd, CP_ID_LEN);
        unheld[i][0] = (uint8_t)t->chain;
        tips[i] = (struct cp_cut_tip){.incarnation = incarnations[i],
                                      .class = h->chain_words[t->chain] ? CP_CONTENT : CP_CONTROL,
                                      .seq = (uint64_t)t->seq,
                                      .tip = t->tip == ST_NONE ? unheld[i] : e->ids[t->tip]};
    }
    qsort(tips, (size_t)cut->count, sizeof *tips, by_tip);
    cp_buf_reset(out);
    if (cp_cut_write(tips, (size_t)cut->count, out) != CP_OK)
        abort();
}

static size_t put_ids(const uint8_t (*from)[CP_ID_LEN], st_set which, uint8_t (*out)[CP_ID_LEN])
{
    size_t count = 0;
    for (int i = 0; i < 64; i++)
        if ((which >> i & 1) != 0)
            memcpy(out[count++], from[i], CP_ID_LEN);
    qsort(out, count, CP_ID_LEN, by_bytes);
    return count;
}

static enum cp_err key_fields(struct encoded *e, const struct st_history *h, const struct st_statement *s, st_set earlier_set)
{
    static uint8_t earlier[64][CP_ID_LEN], stay[64][CP_ID_LEN], stand[64][CP_ID_LEN];
    struct cp_device_cut rows[ST_CUTS];
    int order[ST_CUTS];
    struct cp_key_lists lists = {.earlier = (const uint8_t(*)[CP_ID_LEN])earlier,
                                 .stay = (const uint8_t(*)[CP_KEY_LEN])stay,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])stand,
                                 .cuts = rows,
                                 .cuts_count = (size_t)s->cuts_count};
    lists.earlier_count = put_ids((const uint8_t(*)[CP_ID_LEN])e->statement_ids, earlier_set, earlier);
    lists.stay_count = put_ids((const uint8_t(*)[CP_ID_LEN])keys[SORT_DEVICE], s->stay, stay);
    lists.stand_count = put_ids((const uint8_t(*)[CP_ID_LEN])e->statement_ids, s->stand, stand);
    for (int i = 0; i < s->cuts_count; i++) { /* by device key */
        int at = i;
        for (; at > 0 && memcmp(keys[SORT_DEVICE][s->cut_devices[order[at - 1]]], keys[SORT_DEVICE][s->cut_devices[i]],
                                CP_KEY_LEN) > 0;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < s->cuts_count; i++) {
        put_cut(e, h, &s->cuts[order[i]], &e->cuts[i]);
        rows[i] = (struct cp_device_cut){keys[SORT_DEVICE][s->cut_devices[order[i]]], cp_buf_bytes(&e->cuts[i])};
    }
    return cp_key_fields(keys[SORT_IDENTITY][s->new_key], &lists, &e->fields);
}

static enum cp_err statement_fields(struct encoded *e, const struct st_history *h, const struct st_statement *s)
{
    static uint8_t ids[64][CP_ID_LEN];
    st_set earlier = 0;
    for (int i = 0; i < s->earlier_count; i++)
        earlier |= ST_BIT(s->earlier[i]);
    cp_buf_reset(&e->fields);
    if (s->says == ST_FOLLOW) {
        cp_follow_fields(e->plans[s->old], &e->fields);
        return CP_OK;
    }
    if (s->says == ST_KEY)
        return key_fields(e, h, s, earlier);
    if (s->says == ST_LEAVE) {
        for (int j = 0; j < h->joins_count; j++) /* a JOIN that nobody admitted yet has an id as well */
            if ((s->joins >> j & 1) != 0)
                (void)join_bytes(e, h, j);
        size_t joins = put_ids((const uint8_t(*)[CP_ID_LEN])e->join_ids, s->joins, ids);
        return cp_leave_fields((const uint8_t(*)[CP_ID_LEN])ids, joins, &e->fields);
    }
    size_t count = put_ids((const uint8_t(*)[CP_ID_LEN])e->statement_ids, earlier, ids);
    put_cut(e, h, &s->cut, &e->cut);
    return cp_revoke_fields(keys[SORT_DEVICE][s->device], (const uint8_t(*)[CP_ID_LEN])ids, count, cp_buf_bytes(&e->cut),
                            &e->fields);
}

static struct cp_bytes statement_text(struct encoded *e, const struct st_history *h, int at)
{
    static const enum cp_statement_kind kinds[] = {CP_STATEMENT_REVOKE, CP_STATEMENT_KEY, CP_STATEMENT_LEAVE,
                                                    CP_STATEMENT_FOLLOW};
    const struct st_statement *s = &h->statements[at];
    struct cp_statement st = {.kind = kinds[s->says], .by = s->key == ST_NONE ? CP_BY_RECOVERY : CP_BY_IDENTITY};
    if (e->texts[at].len > 0)
        return cp_buf_bytes(&e->texts[at]);
    if (statement_fields(e, h, s) != CP_OK)
        abort();
    memcpy(st.plan, s->plan == ST_NONE ? elsewhere : e->plans[s->plan], CP_ID_LEN);
    memcpy(st.person, persons[s->person], CP_ID_LEN);
    memcpy(st.key, s->key == ST_NONE ? keys[SORT_RECOVERY][s->sheet] : keys[SORT_IDENTITY][s->key], CP_KEY_LEN);
    st.fields = cp_buf_bytes(&e->fields);
    cp_statement_text(&st, &e->texts[at]);
    cp_statement_id(cp_buf_bytes(&e->texts[at]), e->statement_ids[at]);
    return cp_buf_bytes(&e->texts[at]);
}

static void put_says(struct encoded *e, const struct st_history *h, const struct st_entry *from, struct cp_buf *out)
{
    const struct st_statement *s = &h->statements[from->statement];
    static uint8_t ids[64][CP_ID_LEN];
    uint8_t sig[CP_SIG_LEN];
    enum cp_err err = CP_OK;
    struct cp_bytes text = statement_text(e, h, from->statement);
    encode_sign(cp_statement_tag(s->key == ST_NONE ? CP_BY_RECOVERY : CP_BY_IDENTITY), text,
                s->key == ST_NONE ? keys[SORT_RECOVERY][s->sheet] : keys[SORT_IDENTITY][s->key], sig);
    if (!from->good)
        sig[5] ^= 4;
    if (s->says == ST_REVOKE)
        err = cp_revoke_frame_write(text, sig, out);
    else if (s->says == ST_KEY)
        err = cp_key_frame_write(text, sig, out);
    else if (s->says == ST_FOLLOW)
        cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])e->plans[s->plan], 1, text, sig, out);
    else
        cp_statement_frame_write(CP_KIND_LEAVE, (const uint8_t(*)[CP_ID_LEN])ids,
                                 put_ids((const uint8_t(*)[CP_ID_LEN])e->join_ids, s->joins, ids), text, sig, out);
    if (err != CP_OK)
        abort();
}

/* ---- Frames ---- */

static void put_first(const struct encoded *e, const struct st_history *h, const struct st_entry *from, struct cp_buf *out)
{
    static uint8_t plans[ST_PLANS][CP_ID_LEN], heads[64][CP_ID_LEN], people[64][CP_ID_LEN];
    st_set tips = from->past;
    for (int p = 0; p < from->plan; p++) /* newest first */
        memcpy(plans[from->plan - 1 - p], e->plans[p], CP_ID_LEN);
    for (int i = 0; i < h->count; i++)
        if ((from->past >> i & 1) != 0)
            tips &= ~h->entries[i].past;
    size_t heads_count = put_ids((const uint8_t(*)[CP_ID_LEN])e->ids, tips, heads);
    size_t people_count = put_ids((const uint8_t(*)[CP_ID_LEN])persons, from->people, people);
    if (cp_continue_write((const uint8_t(*)[CP_ID_LEN])plans, (size_t)from->plan, (const uint8_t(*)[CP_ID_LEN])heads,
                          heads_count, (const uint8_t(*)[CP_ID_LEN])people, people_count, out) != CP_OK)
        abort();
}


void encode_frame(struct encoded *e, const struct st_history *h, int at)
{
    const struct st_entry *from = &h->entries[at];
    struct cp_buf *out = &e->frames[at];
    uint8_t secret[CP_KEY_LEN];
    switch (from->kind) {
    case ST_FIRST:
        if (from->plan > 0)
            put_first(e, h, from, out);
        else
            cp_first_write(join_bytes(e, h, from->join), out);
        break;
    case ST_INVITE:
        cp_invite_write(keys[SORT_TOKEN][at], keys[SORT_CURVE][at],
                        from->for_person == ST_NONE ? NULL : persons[from->for_person], out);
        break;
    case ST_UNINVITE:
        cp_uninvite_write(e->ids[from->invite], out);
        break;
    case ST_ADMIT:
        cp_admit_write(e->ids[from->invite], join_bytes(e, h, from->join), out);
        break;
    case ST_SAYS:
        put_says(e, h, from, out);
        break;
    case ST_SECRET:
        encode_secret(at, secret);
        cp_secret_write(secret, out);
        break;
    case ST_WORDS:
    case ST_FROZEN:
        break;
    }
    if (cp_buf_err(out) != CP_OK)
        abort();
}
