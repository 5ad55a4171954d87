/*
 * What one KEY says: see serve_recover.h.
 * Owns: which devices stay, what of the others was still their person's, and which statements stand.
 * Must not: use the recovery key itself (the keeper does), or decide what a KEY comes to (proto/member.h).
 */
#include "daemon/serve_recover.h"

#include <string.h>

#include "daemon/control.h"
#include "daemon/serve_agree.h"

struct one_cut {
    uint8_t device[CP_KEY_LEN];
    struct cp_buf bytes;
};
/* Something signed by an ended key that goes on counting, for people to look at. */
struct signed_one {
    uint8_t id[CP_ID_LEN], entry[CP_ID_LEN], device[CP_KEY_LEN]; /* the first entry that brought it, and what device wrote that */
    uint8_t version[CP_ID_LEN];                                  /* of an answer; else zeros */
    uint64_t time_ms;
    const char *what; /* as the row says it */
    enum cp_answer_word word;
    bool lost;   /* brought by nobody but a device of theirs that is reported lost */
    bool before; /* a KEY said so before: this one cannot say otherwise */
};
/* What one KEY will say. */
struct cp_saying {
    struct cp_request *r;
    uint8_t plan[CP_ID_LEN], entry[CP_ID_LEN]; /* where, and the entry that says it */
    const struct cp_members *members;          /* while it is judged */
    const struct cp_keeper_person *own;
    uint8_t after[CP_ID_LEN];
    bool has_after, all;
    uint8_t stay[CP_KEY_DEVICES_MAX][CP_KEY_LEN];
    size_t stay_count;
    struct one_cut cuts[CP_KEY_DEVICES_MAX];
    size_t cuts_count;
    struct cp_store_past *past; /* of `after`; else NULL */
    uint8_t earlier[CP_EARLIER_MAX][CP_ID_LEN];
    size_t earlier_count;
    uint8_t (*stand)[CP_ID_LEN];
    size_t stand_count, stand_cap, left_out;
    struct signed_one *shown;
    size_t shown_count, shown_cap;
    uint8_t (*refused)[CP_ID_LEN]; /* what a KEY with the key here ended in a plan that this one carries on */
    size_t refused_count, refused_cap;
    bool refusing; /* `members` are those of such a plan, and what does not count there is being looked for */
    enum cp_err err;
};

/* ---- Devices ---- */

static bool is_own(const struct cp_saying *s, const uint8_t *person)
{
    return memcmp(person, s->own->person, CP_ID_LEN) == 0;
}

/* "A,B": devices of the person, each by id or name. Not every plan has each of them: found gets those that this one has. */
static enum cp_err add_kept(struct cp_saying *s, bool found[static CP_KEY_DEVICES_MAX])
{
    struct cp_bytes typed = cp_arg(s->r, "keep");
    enum cp_err err = CP_OK;
    memcpy(s->stay[s->stay_count++], s->own->device_key, CP_KEY_LEN);
    for (size_t i = 0; typed.len > 0 && err == CP_OK; i++) {
        const struct cp_member_device *d = NULL;
        size_t len = 0;
        while (len < typed.len && typed.ptr[len] != ',')
            len++;
        if (i == CP_KEY_DEVICES_MAX || s->stay_count == CP_KEY_DEVICES_MAX)
            return CP_ERR_TOO_BIG;
        err = cp_serve_find_device(s->members, s->own->person, CP_BYTES(typed.ptr, len), &d);
        found[i] = found[i] || err == CP_OK;
        if (err == CP_OK)
            memcpy(s->stay[s->stay_count++], d->device_key, CP_KEY_LEN);
        err = err == CP_ERR_NOT_FOUND ? CP_OK : err;
        len += len < typed.len ? 1 : 0;
        typed = CP_BYTES(typed.ptr + len, typed.len - len);
    }
    s->stay_count = cp_id_sort_once(s->stay, s->stay_count);
    return err;
}

static bool stays(const struct cp_saying *s, const uint8_t *device)
{
    for (size_t i = 0; i < s->stay_count; i++)
        if (memcmp(s->stay[i], device, CP_KEY_LEN) == 0)
            return true;
    return false;
}

/* Every other device of the person is named with a cut: what is not named would be wholly beyond. In the order of keys. */
static enum cp_err add_cuts(struct cp_saying *s)
{
    struct cp_store *store = s->r->node->store;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < s->members->count && err == CP_OK; i++) {
        const struct cp_member_device *d = &s->members->devices[i];
        if (!is_own(s, d->person) || stays(s, d->device_key))
            continue;
        if (s->cuts_count == CP_KEY_DEVICES_MAX)
            return CP_ERR_TOO_BIG;
        struct one_cut *c = &s->cuts[s->cuts_count++];
        memcpy(c->device, d->device_key, CP_KEY_LEN);
        cp_buf_init(&c->bytes, s->r->node->mem, CP_STATEMENT_MAX);
        err = s->all ? cp_cut_write(NULL, 0, &c->bytes)
                     : cp_store_cut(store, s->r->plan, d->device_key, s->has_after ? s->after : NULL,
                                    &c->bytes, NULL, NULL);
    }
    return err;
}

/* ---- Statements that stand ---- */

/*
 * Does what this entry brought still count as the person's? By a device that stays, or on the good side of the line. That is the
 * past of an entry itself: a chain may have branches, so its numbers tell nothing. The line is drawn through what others brought
 * too: whoever took the key may have had somebody else bring what they signed.
 */
static bool is_kept(const struct cp_saying *s, const struct cp_entry_info *info)
{
    if (stays(s, info->device))
        return true;
    return s->has_after ? cp_store_past_has(s->past, info->row) : !s->all;
}

/* By a key of theirs that this KEY replaces, and counting until now. */
static bool is_ended(const struct cp_saying *s, const uint8_t *key, const uint8_t *id)
{
    const struct cp_member_key *k = cp_members_key(s->members, s->own->person, key);
    return k != NULL && !k->replaced &&
           (!k->in_force || cp_members_says(s->members, s->own->person, key, id));
}

static bool has_id(const uint8_t (*ids)[CP_ID_LEN], size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* By a key of theirs that a KEY replaced before, and counting still: nothing said now changes that. */
static bool stood_before(const struct cp_saying *s, const uint8_t *key, const uint8_t *id)
{
    const struct cp_member_key *k = cp_members_key(s->members, s->own->person, key);
    return k != NULL && k->replaced && cp_members_says(s->members, s->own->person, key, id);
}

static void refuse(struct cp_saying *s, const uint8_t *key, const uint8_t *id)
{
    const struct cp_member_key *k = cp_members_key(s->members, s->own->person, key);
    void *array = s->refused;
    if (k == NULL || !k->replaced || cp_members_says(s->members, s->own->person, key, id) || s->err != CP_OK)
        return;
    s->err = cp_grow(s->r->node->mem, &array, &s->refused_cap, s->refused_count + 1, SIZE_MAX / 64, CP_ID_LEN);
    s->refused = array;
    if (s->err == CP_OK)
        memcpy(s->refused[s->refused_count++], id, CP_ID_LEN);
}

/* answer: NULL for what is none. */
static void show(struct cp_saying *s, const uint8_t *id, const struct cp_entry_info *info, const char *what,
                 const struct cp_answer *answer, bool before)
{
    void *array = s->shown;
    const struct cp_member_device *d = cp_members_find(s->members, info->device);
    bool lost = d != NULL && is_own(s, d->person) && !stays(s, info->device);
    for (size_t i = 0; i < s->shown_count; i++)
        if (memcmp(s->shown[i].id, id, CP_ID_LEN) == 0) {
            s->shown[i].lost = s->shown[i].lost && lost;
            return;
        }
    if (s->err == CP_OK)
        s->err = cp_grow(s->r->node->mem, &array, &s->shown_cap, s->shown_count + 1, SIZE_MAX / 64, sizeof *s->shown);
    s->shown = array;
    if (s->err != CP_OK)
        return;
    struct signed_one *one = &s->shown[s->shown_count++];
    *one = (struct signed_one){.time_ms = info->time_ms, .what = what, .lost = lost, .before = before};
    memcpy(one->id, id, CP_ID_LEN);
    memcpy(one->entry, info->id, CP_ID_LEN);
    memcpy(one->device, info->device, CP_KEY_LEN);
    if (answer != NULL) {
        one->word = answer->word;
        memcpy(one->version, answer->version, CP_ID_LEN);
    }
}

static void add_stand(struct cp_saying *s, const uint8_t *key, struct cp_bytes text,
                      const struct cp_entry_info *info, const char *what, const struct cp_answer *answer)
{
    uint8_t id[CP_ID_LEN];
    void *array = s->stand;
    cp_answer_id(text, id); /* of every statement, readable or not: the hash of its text */
    if (s->refusing) {
        refuse(s, key, id);
        return;
    }
    bool again = has_id((const uint8_t(*)[CP_ID_LEN])s->stand, s->stand_count, id), before = stood_before(s, key, id);
    if (again || before)
        show(s, id, info, what, answer, before);
    if (again || before || !is_ended(s, key, id) || !is_kept(s, info) || s->err != CP_OK ||
        has_id((const uint8_t(*)[CP_ID_LEN])s->refused, s->refused_count, id))
        return;
    if (s->stand_count == CP_KEY_STATEMENTS_MAX) {
        s->left_out++;
        return;
    }
    s->err =
        cp_grow(s->r->node->mem, &array, &s->stand_cap, s->stand_count + 1, CP_KEY_STATEMENTS_MAX, CP_ID_LEN);
    s->stand = array;
    if (s->err == CP_OK)
        memcpy(s->stand[s->stand_count++], id, CP_ID_LEN);
    show(s, id, info, what, answer, false);
}

static bool visit_answer(void *ctx, const struct cp_entry_info *info)
{
    struct cp_saying *s = ctx;
    struct cp_answer_read answer;
    struct cp_witness_read witness;
    struct cp_value values[2];
    size_t count = 0;
    if (info->newer || info->words.ptr == NULL || cp_words_values(info->words, values, 2, &count) != CP_OK ||
        count != 2 || values[0].type != CP_VALUE_TEXT || values[1].type != CP_VALUE_BYTES ||
        values[1].bytes.len != CP_SIG_LEN)
        return true;
    if (cp_answer_read(&answer, s->r->node->mem, values[0].bytes) == CP_OK) {
        const struct cp_answer *a = &answer.a;
        if (is_own(s, a->how == CP_ANSWER_OWN ? a->person : a->by) &&
            cp_sshsig_ok(values[0].bytes, a->key, values[1].bytes.ptr))
            add_stand(s, a->key, values[0].bytes, info, "answer", a);
        cp_answer_clear(&answer);
    } else if (cp_witness_read(&witness, s->r->node->mem, values[0].bytes) == CP_OK) {
        if (is_own(s, witness.w.witness) && cp_sshsig_ok(values[0].bytes, witness.w.key, values[1].bytes.ptr))
            add_stand(s, witness.w.key, values[0].bytes, info, "witness", NULL);
        cp_witness_clear(&witness);
    }
    return s->err == CP_OK;
}

/* [kind, references, text, signature] of a statement; a mandate's text is laid out otherwise. */
static bool read_frame(struct cp_bytes frame, struct cp_bytes *text, const uint8_t **sig)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 4, 4);
    (void)cp_get_uint(&c, UINT32_MAX);
    size_t refs = cp_get_array(&c, 0, CP_REFS_MAX);
    for (size_t i = 0; i < refs; i++)
        (void)cp_get_fixed_ref(&c, CP_ID_LEN);
    *text = cp_get_bin(&c, CP_ENTRY_MAX);
    *sig = cp_get_fixed_ref(&c, CP_SIG_LEN);
    return c.err == CP_OK;
}

static bool visit_mandate(void *ctx, const struct cp_entry_info *info)
{
    struct cp_saying *s = ctx;
    struct cp_mandate_read mandate;
    struct cp_bytes text;
    const uint8_t *sig = NULL;
    if (info->frame.ptr == NULL || !cp_mandate_frame_read(info->frame, &text, &sig) ||
        cp_mandate_read(&mandate, s->r->node->mem, text) != CP_OK)
        return true;
    if (is_own(s, mandate.m.person) && cp_sshsig_ok(text, mandate.m.key, sig))
        add_stand(s, mandate.m.key, text, info, cp_mandate_gives(&mandate.m) ? "mandate" : "mandate_end", NULL);
    cp_mandate_clear(&mandate);
    return s->err == CP_OK;
}

/* REVOKEs of what is no device that stays: whoever took the key may have reported these lost. No LEAVE: the person is here,
 * and what it ended is named with a cut. */
static bool visit_statement(void *ctx, const struct cp_entry_info *info)
{
    struct cp_saying *s = ctx;
    struct cp_statement st;
    struct cp_revoke revoke;
    struct cp_bytes text;
    const uint8_t *sig = NULL;
    if (info->frame.ptr == NULL || !read_frame(info->frame, &text, &sig) || cp_statement_read(text, sig, &st) != CP_OK ||
        st.by != CP_BY_IDENTITY || !is_own(s, st.person) || !cp_statement_sig_ok(&st))
        return true;
    if (st.kind == CP_STATEMENT_REVOKE &&
        (cp_revoke_read(text, sig, &revoke) != CP_OK || stays(s, revoke.device)))
        return true;
    uint8_t id[CP_ID_LEN];
    cp_statement_id(text, id);
    add_stand(s, st.key, text, info, cp_kind_word(info->kind), NULL);
    return s->err == CP_OK;
}

static enum cp_err visit_statements(struct cp_saying *s, const uint8_t *plan)
{
    static const struct {
        uint64_t kind;
        cp_store_visit *visit;
    } sorts[] = {{CP_KIND_MANDATE, visit_mandate}, /* first: where there is no room for all, no end of one gets lost */
                 {CP_KIND_ANSWER, visit_answer},
                 {CP_KIND_REVOKE, visit_statement},
                 {CP_KIND_FOLLOW, visit_statement}};
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0] && err == CP_OK; i++) {
        err = cp_store_each(s->r->node->store, plan, sorts[i].kind, false, sorts[i].visit, s);
        err = err == CP_OK ? s->err : err;
    }
    return err;
}

/* The key here was named in a plan that this one carries on, after that was done, so this plan has not heard. What it ended there
 * with a line that people drew is not to come back here by being said again without one. */
static enum cp_err add_refused(struct cp_saying *s)
{
    const struct cp_members *here = s->members;
    uint8_t plan[CP_ID_LEN];
    enum cp_err err = CP_OK;
    for (unsigned depth = 1; err == CP_OK; depth++) {
        err = cp_store_origin(s->r->node->store, s->plan, depth, plan);
        enum cp_err held = err == CP_OK ? cp_store_members(s->r->node->store, plan, &s->members) : CP_ERR_NO_PLAN;
        if (held != CP_OK || cp_members_key(s->members, s->own->person, s->own->identity_key) == NULL)
            continue; /* that plan is not here, or did not hear either */
        s->refusing = true;
        err = visit_statements(s, plan);
        s->refusing = false;
    }
    s->members = here;
    return err == CP_ERR_WRONG_PLAN ? CP_OK : err;
}

static enum cp_err add_statements(struct cp_saying *s)
{
    enum cp_err err = add_refused(s);
    if (err == CP_OK)
        err = visit_statements(s, s->plan);
    s->stand_count = cp_id_sort_once(s->stand, s->stand_count);
    return err;
}

/* ---- One plan ---- */

/* The KEYs that nothing was made in the place of: this one takes their place, so that one line goes on. */
static void add_earlier(struct cp_saying *s)
{
    for (size_t i = 0; i < s->members->keys_count; i++) {
        const struct cp_member_key *k = &s->members->keys[i];
        if (is_own(s, k->person) && !k->replaced && memcmp(k->named_by, cp_zero_id, CP_ID_LEN) != 0 &&
            s->earlier_count < CP_EARLIER_MAX)
            memcpy(s->earlier[s->earlier_count++], k->named_by, CP_ID_LEN);
    }
    s->earlier_count = cp_id_sort_once(s->earlier, s->earlier_count);
}

enum cp_err cp_saying_write(struct cp_saying *s, const struct cp_sheet *sheet)
{
    struct cp_node *node = s->r->node;
    struct cp_signer signer = cp_node_signer(node);
    struct cp_device_cut cuts[CP_KEY_DEVICES_MAX];
    struct cp_buf text, frame;
    uint8_t sig[CP_SIG_LEN];
    struct cp_key_lists lists = {.earlier = (const uint8_t(*)[CP_ID_LEN])s->earlier,
                                 .earlier_count = s->earlier_count,
                                 .stay = (const uint8_t(*)[CP_KEY_LEN])s->stay,
                                 .stay_count = s->stay_count,
                                 .cuts = cuts,
                                 .cuts_count = s->cuts_count,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])s->stand,
                                 .stand_count = s->stand_count};
    for (size_t i = 0; i < s->cuts_count; i++)
        cuts[i] = (struct cp_device_cut){s->cuts[i].device, cp_buf_bytes(&s->cuts[i].bytes)};
    cp_buf_init(&text, s->r->node->mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, s->r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_keeper_key(node->keeper, s->r->person, sheet, s->plan, &lists, &text, sig);
    if (err == CP_OK)
        err = cp_key_frame_write(cp_buf_bytes(&text), sig, &frame);
    if (err == CP_ERR_TOO_BIG) /* by the cuts: all else that it can say has room */
        err = CP_ERR_MANY_BRANCHES;
    if (err == CP_OK)
        err = cp_store_append(node->store, &signer, s->plan, cp_request_device(s->r), CP_CONTROL, cp_buf_bytes(&frame),
                              CP_BYTES(NULL, 0), cp_node_time_ms(), s->entry);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    return err;
}

/* *lacks: the plan has no such entry. */
static enum cp_err read_after(struct cp_saying *s, bool *lacks)
{
    struct cp_bytes typed = cp_arg(s->r, "after");
    s->all = cp_api_member_true(&s->r->with, "all");
    *lacks = false;
    if (typed.len == 0)
        return CP_OK;
    if (s->all)
        return CP_ERR_USAGE;
    enum cp_err err = cp_node_find_entry(s->r->node, s->r->plan, typed, s->after);
    s->has_after = err == CP_OK;
    *lacks = err == CP_ERR_NOT_FOUND;
    if (s->has_after)
        err = cp_store_past_of(s->r->node->store, s->r->plan, s->after, &s->past);
    return *lacks ? CP_OK : err;
}

void cp_saying_free(struct cp_saying *s)
{
    const struct cp_mem *mem = s->r->node->mem;
    for (size_t i = 0; i < s->cuts_count; i++)
        cp_buf_clear(&s->cuts[i].bytes);
    cp_store_past_free(s->past);
    cp_free(mem, s->stand);
    cp_free(mem, s->shown);
    cp_free(mem, s->refused);
    cp_free(mem, s);
}

static void put_signed(const struct cp_saying *s, struct cp_buf *rows)
{
    cp_api_key(rows, "signed");
    cp_api_list(rows, s->shown_count);
    for (size_t i = 0; i < s->shown_count; i++) {
        const struct signed_one *one = &s->shown[i];
        bool answer = memcmp(one->version, cp_zero_id, CP_ID_LEN) != 0;
        cp_api_object(rows, 8);
        cp_api_key(rows, "entry");
        cp_api_hex(rows, one->entry, CP_ID_LEN);
        cp_api_key(rows, "kind");
        cp_api_cstr(rows, one->what);
        cp_api_key(rows, "version");
        if (answer)
            cp_api_hex(rows, one->version, CP_ID_LEN);
        else
            cp_api_null(rows);
        cp_api_key(rows, "answer");
        if (answer)
            cp_api_cstr(rows, cp_answer_text_word(one->word));
        else
            cp_api_null(rows);
        cp_api_key(rows, "claimed_at");
        cp_api_int(rows, (int64_t)one->time_ms);
        cp_api_key(rows, "device");
        cp_api_hex(rows, one->device, CP_KEY_LEN);
        cp_api_key(rows, "lost");
        cp_api_bool(rows, one->lost);
        cp_api_key(rows, "before");
        cp_api_bool(rows, one->before);
    }
}

bool cp_saying_asks(const struct cp_saying *s)
{
    bool asks = false;
    for (size_t i = 0; i < s->shown_count && !s->has_after && !s->all; i++)
        asks = asks || (s->shown[i].lost && !s->shown[i].before);
    return asks;
}

void cp_saying_put(const struct cp_saying *s, struct cp_buf *rows)
{
    cp_api_object(rows, 7);
    cp_api_key(rows, "plan");
    cp_api_hex(rows, s->plan, CP_ID_LEN);
    cp_api_key(rows, "entry");
    if (memcmp(s->entry, cp_zero_id, CP_ID_LEN) == 0)
        cp_api_null(rows);
    else
        cp_api_hex(rows, s->entry, CP_ID_LEN);
    cp_api_key(rows, "stay");
    cp_api_int(rows, (int64_t)s->stay_count);
    cp_api_key(rows, "lost");
    cp_api_int(rows, (int64_t)s->cuts_count);
    cp_api_key(rows, "statements");
    cp_api_int(rows, (int64_t)s->stand_count);
    cp_api_key(rows, "left_out");
    cp_api_int(rows, (int64_t)s->left_out);
    put_signed(s, rows);
}

struct cp_saying *cp_saying_new(struct cp_request *r, const uint8_t plan[static CP_ID_LEN])
{
    struct cp_saying *s = cp_alloc(r->node->mem, sizeof *s);
    if (s == NULL)
        return NULL;
    s->r = r;
    s->own = cp_keeper_person(r->node->keeper, r->person);
    memcpy(s->plan, plan, CP_ID_LEN);
    return s;
}

const uint8_t *cp_saying_plan(const struct cp_saying *s)
{
    return s->plan;
}

enum cp_err cp_saying_judge(struct cp_saying *s, bool found[static CP_KEY_DEVICES_MAX], bool *lacks)
{
    struct cp_request *r = s->r;
    *lacks = false;
    memcpy(r->plan, s->plan, CP_ID_LEN);
    enum cp_err err = cp_store_members(r->node->store, s->plan, &s->members);
    if (err == CP_OK)
        err = read_after(s, lacks);
    if (err == CP_OK)
        err = add_kept(s, found);
    if (err == CP_OK)
        err = add_cuts(s);
    if (err == CP_OK)
        err = add_statements(s);
    if (err == CP_OK)
        add_earlier(s);
    s->members = NULL; /* lent */
    return err;
}
