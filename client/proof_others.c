/* Answers that somebody signed for somebody else, in a proof folder. Owns: which witnesses and mandates belong in it, and under
 * which names. Must not: touch a disk, or decide by rules of its own (proto/answer_others.h does). */
#include "client/proof_internal.h"

bool cp_proof_is_other(struct cp_bytes text)
{
    static const char *const first[] = {"coplan witness 1\n", "coplan mandate 1\n"};

    for (size_t i = 0; i < 2; i++)
        if (text.len >= strlen(first[i]) && memcmp(text.ptr, first[i], strlen(first[i])) == 0)
            return true;
    return false;
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_ID_LEN) == 0;
}

/* What is wrong with one, CP_SAY_COUNT when nothing is. */
static enum cp_screen look_at(const struct cp_proof_work *w, const struct cp_proof_other *other)
{
    const struct cp_witness *witness = &other->witness.w;
    const struct cp_mandate *mandate = &other->mandate.m;

    if (other->is_witness ? !same(witness->version, w->id) || !same(witness->plan, w->version.v.plan)
                          : !same(mandate->plan, w->version.v.plan))
        return CP_SAY_WHY_OTHER_PAGE;
    return cp_proof_signed(other->in, other->is_witness ? witness->key : mandate->key) ? CP_SAY_COUNT
                                                                                       : CP_SAY_WHY_SIGNATURE;
}

enum cp_err cp_proof_take_other(struct cp_proof_work *w, const struct cp_proof_in *in)
{
    struct cp_proof_other *other = &w->others[w->others_count];
    enum cp_screen wrong = CP_SAY_WHY_ANSWER;
    enum cp_err err = CP_ERR_TOO_BIG;

    *other = (struct cp_proof_other){.in = in};
    if (in->text.len <= CP_ANSWER_TEXT_MAX)
        err = cp_witness_read(&other->witness, w->mem, in->text);
    other->is_witness = err == CP_OK;
    if (err == CP_ERR_NOT_GOOD)
        err = cp_mandate_read(&other->mandate, w->mem, in->text);
    if (err == CP_ERR_NO_MEMORY)
        return err;
    if (err == CP_OK) {
        cp_answer_id(in->text, other->id);
        wrong = look_at(w, other);
    }
    if (wrong == CP_SAY_COUNT) {
        w->others_count++;
        return CP_OK;
    }
    cp_witness_clear(&other->witness);
    cp_mandate_clear(&other->mandate);
    cp_proof_say(w->mem, w->why, wrong, in->where);
    return CP_OK;
}

void cp_proof_clear_others(struct cp_proof_work *w)
{
    for (size_t i = 0; i < w->others_count; i++) {
        cp_witness_clear(&w->others[i].witness);
        cp_mandate_clear(&w->others[i].mandate);
    }
    cp_free(w->mem, w->others);
    cp_free(w->mem, w->witnesses);
    cp_free(w->mem, w->mandates);
    cp_free(w->mem, w->lines);
}

/* ------------------------------------------------------------------------------------------- judging */

static int by_sort_and_person(const void *a, const void *b)
{
    const struct cp_proof_other *left = a;
    const struct cp_proof_other *right = b;
    int order = 0;

    if (left->is_witness != right->is_witness)
        return left->is_witness ? 1 : -1;
    if (left->is_witness)
        order = memcmp(left->witness.w.witness, right->witness.w.witness, CP_ID_LEN);
    return order != 0 ? order : memcmp(left->id, right->id, CP_ID_LEN);
}

/* Sorts them, and lists them as the rules want them. */
static enum cp_err list_others(struct cp_proof_work *w)
{
    if (w->others_count > 1)
        qsort(w->others, w->others_count, sizeof *w->others, by_sort_and_person);
    w->witnesses = cp_alloc_array(w->mem, w->others_count + 1, sizeof *w->witnesses);
    w->mandates = cp_alloc_array(w->mem, w->others_count + 1, sizeof *w->mandates);
    if (w->witnesses == NULL || w->mandates == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < w->others_count; i++) {
        if (w->others[i].is_witness) {
            w->witnesses[w->witnesses_count++].w = &w->others[i].witness.w;
            continue;
        }
        w->mandates[w->mandates_count].m = &w->others[i].mandate.m;
        memcpy(w->mandates[w->mandates_count++].id, w->others[i].id, CP_ID_LEN);
    }
    return CP_OK;
}

static struct cp_others as_others(const struct cp_proof_work *w, const struct cp_answer_in *in, size_t count)
{
    return (struct cp_others){.v = &w->version.v,
                              .answers = in,
                              .answers_count = count,
                              .witnesses = w->witnesses,
                              .witnesses_count = w->witnesses_count,
                              .mandates = w->mandates,
                              .mandates_count = w->mandates_count};
}

enum cp_err cp_proof_judge_others(struct cp_proof_work *w)
{
    struct cp_answer_in *in = cp_alloc_array(w->mem, w->items_count + 1, sizeof *in);
    struct cp_others o;
    size_t count = 0;
    enum cp_err err = in != NULL ? list_others(w) : CP_ERR_NO_MEMORY;

    for (size_t i = 0; err == CP_OK && i < w->items_count; i++) {
        if (!w->items[i].kept)
            continue;
        in[count].a = &w->items[i].read.a;
        memcpy(in[count++].id, w->items[i].id, CP_ID_LEN);
    }
    o = as_others(w, in, count);
    for (size_t i = 0, at = 0; err == CP_OK && i < w->items_count; i++) {
        enum cp_said said = CP_SAID_COUNTS;

        if (!w->items[i].kept)
            continue;
        said = cp_others_judge(&o, at++);
        if (said == CP_SAID_COUNTS)
            continue;
        w->items[i].kept = false;
        w->items[i].person = NULL;
        cp_proof_say(w->mem, w->why, said == CP_SAID_PENDING ? CP_SAY_WHY_PENDING : CP_SAY_WHY_NOT_ALLOWED,
                     w->items[i].in->where);
    }
    cp_free(w->mem, in);
    return err;
}

/* ------------------------------------------------------------------------------------------- making */

static void add_line(struct cp_proof_work *w, const char *path, const struct cp_proof_person *signer)
{
    struct cp_proof_line *line = &w->lines[w->lines_count++];

    snprintf(line->path, sizeof line->path, "%s", path);
    line->signer = signer;
}

static json_t *person_row(const uint8_t person[static CP_ID_LEN], struct cp_bytes name)
{
    char hex[2 * CP_ID_LEN + 1];

    cp_hex_encode(person, CP_ID_LEN, hex);
    return json_pack("{s:s,s:s%}", "person", hex, "name", name.len > 0 ? (const char *)name.ptr : "",
                     name.len);
}

/* The witnesses who count for answer `at`, each once: of two texts by one of them the one with the lower id. */
static enum cp_err put_witnesses(struct cp_proof_work *w, const struct cp_others *o, size_t at,
                                 const char *name, struct cp_proof_files *out, json_t *row)
{
    json_t *list = json_array();
    const uint8_t *last = NULL;
    enum cp_err err = CP_OK;
    char path[CP_PROOF_PATH_MAX];

    for (size_t i = 0; err == CP_OK && i < w->others_count; i++) {
        const struct cp_witness *witness = &w->others[i].witness.w;
        const struct cp_proof_person *signer = NULL;

        if (!w->others[i].is_witness || !cp_others_witness(o, at, witness) ||
            (last != NULL && same(last, witness->witness)))
            continue;
        last = witness->witness;
        signer = cp_proof_find(w, witness->witness, witness->key);
        if (signer == NULL)
            continue; /* not printed: the rules have said no already */
        snprintf(path, sizeof path, "witnesses/%s-by-%s.txt", name, signer->name);
        err = cp_proof_put_signed(out, path, w->others[i].in);
        add_line(w, path, signer);
        json_array_append_new(list, person_row(witness->witness, signer->person->name));
    }
    json_object_set_new(row, "witnesses", list);
    return err;
}

static bool is_put(const struct cp_answer_in *in, size_t before, const uint8_t mandate[static CP_ID_LEN])
{
    for (size_t i = 0; i < before; i++)
        if (in[i].a->how == CP_ANSWER_PROXY && same(in[i].a->mandate, mandate))
            return true;
    return false;
}

/* The mandate that answer `at` names; a further one of the same person gets a number. */
static enum cp_err put_mandate(struct cp_proof_work *w, const struct cp_answer_in *in, size_t at,
                               struct cp_proof_files *out)
{
    const struct cp_answer *a = in[at].a;
    const struct cp_proof_person *giver = NULL;
    char path[CP_PROOF_PATH_MAX];
    size_t nth = 1;
    size_t i = 0;
    enum cp_err err = CP_OK;

    while (i < w->others_count && (w->others[i].is_witness || !same(w->others[i].id, a->mandate)))
        i++;
    if (i == w->others_count || is_put(in, at, a->mandate))
        return CP_OK;
    for (size_t k = 0; k < at; k++)
        nth += in[k].a->how == CP_ANSWER_PROXY && same(in[k].a->person, a->person) &&
                       !is_put(in, k, in[k].a->mandate)
                   ? 1
                   : 0;
    giver = cp_proof_find(w, a->person, w->others[i].mandate.m.key);
    if (giver == NULL)
        return CP_OK;
    if (nth == 1)
        snprintf(path, sizeof path, "mandates/%s.txt", giver->name);
    else
        snprintf(path, sizeof path, "mandates/%s-%zu.txt", giver->name, nth % 10000);
    err = cp_proof_put_signed(out, path, w->others[i].in);
    add_line(w, path, giver);
    return err;
}

/* What whoever gave the mandate said of its limits. */
static void put_limits(const struct cp_proof_work *w, const struct cp_answer *a, json_t *row)
{
    for (size_t i = 0; a->how == CP_ANSWER_PROXY && i < w->others_count; i++) {
        struct cp_bytes limits = w->others[i].mandate.m.limits;

        if (!w->others[i].is_witness && same(w->others[i].id, a->mandate) && limits.len > 0)
            json_object_set_new(row, "limits", json_stringn((const char *)limits.ptr, limits.len));
    }
}

enum cp_err cp_proof_put_others(struct cp_proof_work *w, const struct cp_answer_in *in,
                                char (*names)[CP_PROOF_NAME_MAX], size_t kept, struct cp_proof_files *out,
                                json_t *rows)
{
    struct cp_others o = as_others(w, in, kept);
    enum cp_err err = CP_OK;

    /* A witness stands under one answer, a mandate under one person. */
    w->lines = cp_alloc_array(w->mem, kept + w->others_count + 1, sizeof *w->lines);
    if (w->lines == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < kept; i++) {
        const struct cp_answer *a = in[i].a;
        const struct cp_proof_person *signer = cp_proof_find(w, a->by, a->key);
        json_t *row = json_array_get(rows, i);
        char path[CP_PROOF_PATH_MAX];

        if (a->how == CP_ANSWER_OWN || signer == NULL)
            continue;
        snprintf(path, sizeof path, "answers/%s.txt", names[i]);
        add_line(w, path, signer);
        json_object_set_new(row, "by", person_row(a->by, signer->person->name));
        put_limits(w, a, row);
        err = a->how == CP_ANSWER_PAPER ? put_witnesses(w, &o, i, names[i], out, row)
                                        : put_mandate(w, in, i, out);
    }
    return err;
}
