/* Texts of witnesses and mandates, and which answers by others count (answer_others.h). */
#include "proto/answer_others.h"

#include <stddef.h>
#include <string.h>

#include "proto/flat_text.h"
#include "proto/mp.h"

static const uint8_t zero[CP_ID_LEN];

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_ID_LEN) == 0;
}

/* ---- Texts ---- */

#define AT_W(member) offsetof(struct cp_witness, member)
#define AT_M(member) offsetof(struct cp_mandate, member)

static const struct cp_flat_line witness_lines[] = {
    {"version ", CP_FLAT_ID, AT_W(version), false},
    {"plan ", CP_FLAT_ID, AT_W(plan), false},
    {"answer ", CP_FLAT_ID, AT_W(answer), false},
    {"person ", CP_FLAT_ID, AT_W(person), false},
    {"name ", CP_FLAT_TEXT, AT_W(name), false},
    {"witness ", CP_FLAT_ID, AT_W(witness), false},
    {"witness name ", CP_FLAT_TEXT, AT_W(witness_name), false},
    {"key ", CP_FLAT_KEY, AT_W(key), false},
    {"saw ", CP_FLAT_TEXT, AT_W(saw), false},
    {"says date ", CP_FLAT_DAY, AT_W(date), false},
    {"software ", CP_FLAT_TEXT, AT_W(software), false},
};
static const struct cp_flat witness_text = {"coplan witness 1", witness_lines,
                                            sizeof witness_lines / sizeof *witness_lines};

static const struct cp_flat_line mandate_lines[] = {
    {"plan ", CP_FLAT_ID, AT_M(plan), false},
    {"version ", CP_FLAT_ID, AT_M(version), true},
    {"person ", CP_FLAT_ID, AT_M(person), false},
    {"name ", CP_FLAT_TEXT, AT_M(name), false},
    {"key ", CP_FLAT_KEY, AT_M(key), false},
    {"proxy ", CP_FLAT_ID, AT_M(proxy), false},
    {"proxy name ", CP_FLAT_TEXT, AT_M(proxy_name), false},
    {"from ", CP_FLAT_DAY, AT_M(from), false},
    {"until ", CP_FLAT_DAY, AT_M(until), false},
    {"limits ", CP_FLAT_TEXT, AT_M(limits), true},
    {"accepted level ", CP_FLAT_YESNO, AT_M(accepted_level), false},
    {"withdraws ", CP_FLAT_ID, AT_M(withdraws), true},
    {"says date ", CP_FLAT_DAY, AT_M(date), false},
    {"software ", CP_FLAT_TEXT, AT_M(software), false},
};
static const struct cp_flat mandate_text = {"coplan mandate 1", mandate_lines,
                                            sizeof mandate_lines / sizeof *mandate_lines};

void cp_witness_write(const struct cp_witness *w, struct cp_buf *out)
{
    cp_flat_write(&witness_text, w, out);
}

enum cp_err cp_witness_read(struct cp_witness_read *out, const struct cp_mem *mem, struct cp_bytes text)
{
    *out = (struct cp_witness_read){.mem = mem};
    return cp_flat_read(&witness_text, &out->w, mem, text, &out->block);
}

void cp_witness_clear(struct cp_witness_read *r)
{
    if (r->mem != NULL)
        cp_free(r->mem, r->block);
    *r = (struct cp_witness_read){.mem = r->mem};
}

void cp_mandate_write(const struct cp_mandate *m, struct cp_buf *out)
{
    cp_flat_write(&mandate_text, m, out);
}

enum cp_err cp_mandate_read(struct cp_mandate_read *out, const struct cp_mem *mem, struct cp_bytes text)
{
    *out = (struct cp_mandate_read){.mem = mem};
    enum cp_err err = cp_flat_read(&mandate_text, &out->m, mem, text, &out->block);
    if (err == CP_OK && cp_bytes_cmp(out->m.from, out->m.until) > 0) {
        cp_mandate_clear(out);
        err = CP_ERR_NOT_GOOD;
    }
    return err;
}

void cp_mandate_clear(struct cp_mandate_read *r)
{
    if (r->mem != NULL)
        cp_free(r->mem, r->block);
    *r = (struct cp_mandate_read){.mem = r->mem};
}

bool cp_mandate_gives(const struct cp_mandate *m)
{
    return same(m->withdraws, zero);
}

void cp_mandate_frame(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_buf *out)
{
    cp_put_array(out, 4);
    cp_put_uint(out, CP_KIND_MANDATE);
    cp_put_array(out, 0);
    cp_put_str(out, text);
    cp_put_bin(out, CP_BYTES(sig, CP_SIG_LEN));
}

bool cp_mandate_frame_read(struct cp_bytes frame, struct cp_bytes *text, const uint8_t **sig)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 4, 4);
    bool kind = cp_get_uint(&c, UINT32_MAX) == CP_KIND_MANDATE;
    size_t refs = cp_get_array(&c, 0, CP_REFS_MAX);
    for (size_t i = 0; i < refs && c.err == CP_OK; i++)
        (void)cp_get_fixed_ref(&c, CP_ID_LEN);
    *text = cp_get_str(&c, CP_ANSWER_TEXT_MAX);
    *sig = cp_get_fixed_ref(&c, CP_SIG_LEN);
    return cp_cursor_end(&c) == CP_OK && kind;
}

/* ---- People of a version ---- */

static bool printed(const struct cp_version_person *people, size_t count, const uint8_t *person,
                    const uint8_t *key)
{
    for (size_t i = 0; i < count; i++)
        if (same(people[i].person, person))
            return key == NULL || (!same(people[i].key, zero) && same(people[i].key, key));
    return false;
}

/* Does the version print this person, with this key (NULL: with any or none)? */
static bool prints(const struct cp_version *v, const uint8_t *person, const uint8_t *key)
{
    return printed(v->must_answer, v->must_answer_count, person, key) ||
           printed(v->kept_informed, v->kept_informed_count, person, key);
}

static bool names(const struct cp_version_item *item, uint16_t field, const uint8_t *person)
{
    char hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(person, CP_ID_LEN, hex);
    for (size_t i = 0; i < item->facts_count; i++)
        if (item->facts[i].field == field && cp_bytes_eq(item->facts[i].value, cp_bytes_str(hex)))
            return true;
    return false;
}

/* Does one of them lead what the other is asked to do? Then their eyes are not free. */
static bool leads_for(const struct cp_version *v, const uint8_t *lead, const uint8_t *person)
{
    for (size_t i = 0; i < v->items_count; i++) {
        const struct cp_version_item *item = &v->items[i];
        if (item->kind == CP_RECORD_ACTION && names(item, CP_FIELD_LEAD, lead) &&
            (names(item, CP_FIELD_LEAD, person) || names(item, CP_FIELD_HELPERS, person)))
            return true;
    }
    return false;
}

/* ---- Paper ---- */

bool cp_others_may_witness(const struct cp_others *o, size_t at, const uint8_t person[static CP_ID_LEN],
                           const uint8_t key[static CP_KEY_LEN])
{
    const struct cp_answer *a = o->answers[at].a;
    return a->how == CP_ANSWER_PAPER && prints(o->v, person, key) && !same(person, a->by) &&
           !same(person, a->person) && !leads_for(o->v, person, a->person);
}

bool cp_others_witness(const struct cp_others *o, size_t at, const struct cp_witness *w)
{
    const struct cp_answer *a = o->answers[at].a;
    return same(w->version, a->version) && same(w->plan, a->plan) && same(w->answer, o->answers[at].id) &&
           same(w->person, a->person) && cp_others_may_witness(o, at, w->witness, w->key);
}

static size_t count_witnesses(const struct cp_others *o, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < o->witnesses_count; i++) {
        bool twice = false;
        if (!cp_others_witness(o, at, o->witnesses[i].w))
            continue;
        for (size_t j = 0; j < i && !twice; j++)
            twice = same(o->witnesses[j].w->witness, o->witnesses[i].w->witness) &&
                    cp_others_witness(o, at, o->witnesses[j].w);
        count += twice ? 0 : 1;
    }
    return count;
}

/* Does it name, as replaced, an answer that the person signed themself? Nobody else may take that away. */
static bool takes_own(const struct cp_others *o, const struct cp_answer *a)
{
    for (size_t i = 0; i < o->answers_count; i++) {
        const struct cp_answer_in *other = &o->answers[i];
        for (size_t k = 0; k < a->replaces_count; k++)
            if (other->a->how == CP_ANSWER_OWN && same(other->a->person, a->person) &&
                same(a->replaces[k], other->id))
                return true;
    }
    return false;
}

static enum cp_said judge_paper(const struct cp_others *o, size_t at)
{
    const struct cp_answer *a = o->answers[at].a;
    char words[64];
    cp_check_words(a->version, words);
    if (same(a->by, a->person) || !prints(o->v, a->by, a->key) || !prints(o->v, a->person, NULL) ||
        !cp_bytes_eq(a->check_words, cp_bytes_str(words)) || takes_own(o, a))
        return CP_SAID_VOID;
    return count_witnesses(o, at) >= CP_WITNESSES_MIN ? CP_SAID_COUNTS : CP_SAID_PENDING;
}

/* ---- Proxy ---- */

bool cp_mandate_ended(const struct cp_mandate_in *mandates, size_t count, const uint8_t id[static CP_ID_LEN],
                      const struct cp_mandate *given)
{
    for (size_t i = 0; i < count; i++) {
        const struct cp_mandate *m = mandates[i].m;
        if (!cp_mandate_gives(m) && same(m->withdraws, id) && same(m->person, given->person) &&
            (mandates[i].theirs || same(m->key, given->key)))
            return true;
    }
    return false;
}

static bool lets(const struct cp_others *o, const struct cp_mandate_in *in, const uint8_t *person,
                 const uint8_t *proxy, const uint8_t *version, struct cp_bytes day)
{
    const struct cp_mandate *m = in->m;
    return cp_mandate_gives(m) && same(m->plan, o->v->plan) && same(m->person, person) &&
           same(m->proxy, proxy) && !same(person, proxy) && prints(o->v, person, m->key) &&
           (same(m->version, zero) || same(m->version, version)) && cp_bytes_cmp(m->from, day) <= 0 &&
           cp_bytes_cmp(day, m->until) <= 0 && !cp_mandate_ended(o->mandates, o->mandates_count, in->id, m);
}

static enum cp_said judge_proxy(const struct cp_others *o, size_t at)
{
    const struct cp_answer *a = o->answers[at].a;
    bool let = false;
    if (!prints(o->v, a->by, a->key) || takes_own(o, a))
        return CP_SAID_VOID;
    for (size_t i = 0; i < o->mandates_count && !let; i++)
        let = same(o->mandates[i].id, a->mandate) &&
              lets(o, &o->mandates[i], a->person, a->by, a->version, a->date);
    for (size_t i = 0; let && i < o->answers_count; i++) { /* what the person says themself overrides */
        const struct cp_answer *other = o->answers[i].a;
        if (!same(other->person, a->person))
            continue;
        let = other->how != CP_ANSWER_OWN &&
              !(other->how == CP_ANSWER_PAPER && judge_paper(o, i) == CP_SAID_COUNTS);
    }
    return let ? CP_SAID_COUNTS : CP_SAID_VOID;
}

const struct cp_mandate_in *cp_others_mandate(const struct cp_others *o,
                                              const uint8_t person[static CP_ID_LEN],
                                              const uint8_t proxy[static CP_ID_LEN],
                                              const uint8_t version[static CP_ID_LEN], struct cp_bytes day)
{
    const struct cp_mandate_in *found = NULL;
    for (size_t i = 0; i < o->mandates_count; i++)
        if (lets(o, &o->mandates[i], person, proxy, version, day) &&
            (found == NULL || memcmp(o->mandates[i].id, found->id, CP_ID_LEN) < 0))
            found = &o->mandates[i];
    return found;
}

enum cp_said cp_others_judge(const struct cp_others *o, size_t at)
{
    switch (o->answers[at].a->how) {
    case CP_ANSWER_OWN:
        return CP_SAID_COUNTS;
    case CP_ANSWER_PAPER:
        return judge_paper(o, at);
    case CP_ANSWER_PROXY:
        return judge_proxy(o, at);
    }
    return CP_SAID_VOID;
}

bool cp_mandates_let_speak(const struct cp_mandate_in *mandates, size_t count,
                           const uint8_t plan[static CP_ID_LEN], const uint8_t person[static CP_ID_LEN],
                           const uint8_t proxy[static CP_ID_LEN], struct cp_bytes day, bool level)
{
    for (size_t i = 0; i < count; i++) {
        const struct cp_mandate *m = mandates[i].m;
        if (cp_mandate_gives(m) && same(m->version, zero) && same(m->plan, plan) && same(m->person, person) &&
            mandates[i].theirs && same(m->proxy, proxy) && !same(person, proxy) &&
            cp_bytes_cmp(m->from, day) <= 0 && cp_bytes_cmp(day, m->until) <= 0 &&
            (!level || cp_bytes_eq(m->accepted_level, cp_bytes_str("yes"))) &&
            !cp_mandate_ended(mandates, count, mandates[i].id, m))
            return true;
    }
    return false;
}
