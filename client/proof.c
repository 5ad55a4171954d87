/* A proof folder in memory: made, and compared. Owns: what belongs in it. Must not: touch a disk. */
#include "client/proof_internal.h"

/* ------------------------------------------------------------------------------------------- files */

void cp_proof_files_init(struct cp_proof_files *files, const struct cp_mem *mem)
{
    *files = (struct cp_proof_files){.mem = mem};
}

void cp_proof_files_clear(struct cp_proof_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        cp_buf_clear(&files->list[i].content);
    cp_free(files->mem, files->list);
    *files = (struct cp_proof_files){.mem = files->mem};
}

struct cp_proof_file *cp_proof_files_add(struct cp_proof_files *files, const char *path,
                                         struct cp_bytes content)
{
    void *list = files->list;
    struct cp_proof_file *file = NULL;

    if (strlen(path) >= CP_PROOF_PATH_MAX || cp_grow(files->mem, &list, &files->cap, files->count + 1,
                                                     CP_PROOF_FILES_MAX, sizeof *files->list) != CP_OK)
        return NULL;
    files->list = list;
    file = &files->list[files->count++];
    memcpy(file->path, path, strlen(path) + 1);
    cp_buf_init(&file->content, files->mem, SIZE_MAX / 2);
    cp_buf_put_bytes(&file->content, content);
    return cp_buf_err(&file->content) == CP_OK ? file : NULL;
}

struct cp_proof_file *cp_proof_files_find(const struct cp_proof_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i].path, path) == 0)
            return &files->list[i];
    return NULL;
}

void cp_proof_say(const struct cp_mem *mem, json_t *why, enum cp_screen sentence, const char *about)
{
    const char *const args[4] = {cp_utf8_ok(cp_bytes_str(about)) ? about : "?", NULL, NULL, NULL};
    struct cp_buf text;

    cp_buf_init(&text, mem, 4096);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    if (cp_buf_err(&text) == CP_OK)
        json_array_append_new(why, json_stringn((const char *)text.ptr, text.len));
    cp_buf_clear(&text);
}

/* ------------------------------------------------------------------------------------------- making */

const struct cp_proof_person *cp_proof_find(const struct cp_proof_work *w,
                                            const uint8_t person[static CP_ID_LEN], const uint8_t *key)
{
    for (size_t i = 0; i < w->people_count; i++)
        if (memcmp(w->people[i].person->person, person, CP_ID_LEN) == 0 &&
            (key == NULL ||
             (cp_proof_has_key(&w->people[i]) && memcmp(w->people[i].person->key, key, CP_KEY_LEN) == 0)))
            return &w->people[i];
    return NULL;
}

bool cp_proof_signed(const struct cp_proof_in *in, const uint8_t key[static CP_KEY_LEN])
{
    uint8_t by[CP_KEY_LEN];
    uint8_t sig[CP_SIG_LEN];

    return cp_sshsig_read(in->armour, by, sig) == CP_OK && memcmp(by, key, CP_KEY_LEN) == 0 &&
           cp_sshsig_ok(in->text, key, sig);
}

/* What is wrong with one answer, CP_SAY_COUNT when nothing is. Whether somebody may sign for somebody else is asked later,
 * when everything has been read. */
static enum cp_screen judge(struct cp_proof_work *w, struct cp_proof_item *item)
{
    const struct cp_answer *a = &item->read.a;
    bool own = a->how == CP_ANSWER_OWN;

    if (memcmp(a->version, w->id, CP_ID_LEN) != 0 || memcmp(a->plan, w->version.v.plan, CP_ID_LEN) != 0)
        return CP_SAY_WHY_OTHER_PAGE;
    if (w->version.v.stage != CP_STAGE_AGREEMENT)
        return CP_SAY_WHY_COMMENT;
    item->person = cp_proof_find(w, a->person, own ? a->key : NULL);
    item->signer = cp_proof_find(w, own ? a->person : a->by, a->key);
    if (item->person == NULL || item->signer == NULL)
        return CP_SAY_WHY_STRANGER;
    return cp_proof_signed(item->in, a->key) ? CP_SAY_COUNT : CP_SAY_WHY_SIGNATURE;
}

static bool replaces(const struct cp_answer *later, const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < later->replaces_count; i++)
        if (memcmp(later->replaces[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* Leaves out what another answer of the same person replaces, and the same answer twice. */
static void keep_standing(struct cp_proof_work *w)
{
    for (size_t i = 0; i < w->items_count; i++)
        for (size_t j = 0; w->items[i].kept && j < w->items_count; j++) {
            struct cp_proof_item *other = &w->items[j];
            bool twice = j < i && other->kept && memcmp(other->id, w->items[i].id, CP_ID_LEN) == 0;

            /* One that is itself replaced still replaces: it says that the person had gone on. */
            if (twice || (j != i && other->person != NULL && other->person == w->items[i].person &&
                          replaces(&other->read.a, w->items[i].id))) {
                w->items[i].kept = false;
                cp_proof_say(w->mem, w->why, CP_SAY_WHY_REPLACED, w->items[i].in->where);
            }
        }
}

static int by_person_and_id(const void *a, const void *b)
{
    const struct cp_proof_item *left = a;
    const struct cp_proof_item *right = b;
    int order = 0;

    if (left->kept != right->kept)
        return left->kept ? -1 : 1;
    if (!left->kept)
        return 0;
    order = memcmp(left->read.a.person, right->read.a.person, CP_ID_LEN);
    return order != 0 ? order : memcmp(left->id, right->id, CP_ID_LEN);
}

static enum cp_err read_item(struct cp_proof_work *w, const struct cp_proof_in *in)
{
    struct cp_proof_item *item = &w->items[w->items_count++];
    enum cp_err err = CP_ERR_TOO_BIG;
    enum cp_screen wrong = CP_SAY_WHY_ANSWER;

    item->in = in;
    if (in->text.len <= CP_ANSWER_TEXT_MAX)
        err = cp_answer_read(&item->read, w->mem, in->text);
    if (err == CP_ERR_NO_MEMORY)
        return err;
    item->is_read = err == CP_OK;
    if (item->is_read) {
        cp_answer_id(in->text, item->id);
        wrong = judge(w, item);
    }
    item->kept = wrong == CP_SAY_COUNT;
    if (!item->kept) {
        item->person = NULL;
        cp_proof_say(w->mem, w->why, wrong, in->where);
    }
    return CP_OK;
}

static enum cp_err read_items(struct cp_proof_work *w, const struct cp_proof_in *in, size_t count)
{
    enum cp_err err = CP_OK;

    w->items = cp_alloc_array(w->mem, count + 1, sizeof *w->items);
    w->others = cp_alloc_array(w->mem, count + 1, sizeof *w->others);
    if (w->items == NULL || w->others == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < count; i++)
        err = cp_proof_is_other(in[i].text) ? cp_proof_take_other(w, &in[i]) : read_item(w, &in[i]);
    if (err == CP_OK)
        err = cp_proof_judge_others(w);
    if (err != CP_OK)
        return err;
    keep_standing(w);
    /* By pointers that the sort moves along: nothing outside points into items. */
    qsort(w->items, w->items_count, sizeof *w->items, by_person_and_id);
    return CP_OK;
}

enum cp_err cp_proof_put_signed(struct cp_proof_files *out, const char *path, const struct cp_proof_in *in)
{
    char sig[CP_PROOF_PATH_MAX + 8];

    snprintf(sig, sizeof sig, "%s.sig", path);
    return cp_proof_files_add(out, path, in->text) != NULL && cp_proof_files_add(out, sig, in->armour) != NULL
               ? CP_OK
               : CP_ERR_NO_MEMORY;
}

static const char *how_word(enum cp_answer_how how)
{
    switch (how) {
    case CP_ANSWER_OWN:
        return "own";
    case CP_ANSWER_PAPER:
        return "paper";
    case CP_ANSWER_PROXY:
        return "proxy";
    }
    return "";
}

static json_t *checks_of(const struct cp_answer *a)
{
    json_t *rows = json_array();
    char hex[2 * CP_ID_LEN + 1];

    for (size_t i = 0; i < a->checks_count; i++) {
        const struct cp_answer_check *c = &a->checks[i];

        cp_hex_encode(c->by, CP_ID_LEN, hex);
        json_array_append_new(rows,
                              json_pack("{s:s,s:s%,s:s%}", "person", hex, "name", (const char *)c->name.ptr,
                                        c->name.len, "date", (const char *)c->date.ptr, c->date.len));
    }
    return rows;
}

/* What was said of each action. Whether a condition has come is noted in the plan and not in the folder. */
static json_t *actions_of(const struct cp_version *v, const struct cp_answer *a)
{
    json_t *rows = json_array();
    char hex[2 * CP_ID_LEN + 1];

    for (size_t i = 0; i < a->actions_count; i++) {
        struct cp_bytes condition = a->actions[i].condition;

        cp_hex_encode(a->actions[i].action, CP_ID_LEN, hex);
        struct cp_bytes text = cp_version_words(v, a->actions[i].action);

        json_array_append_new(rows, json_pack("{s:s,s:s%,s:s,s:s%}", "action", hex, "text",
                                              text.len > 0 ? (const char *)text.ptr : "", text.len, "will", cp_will_word(a->actions[i].will),
                                              "condition", condition.len > 0 ? (const char *)condition.ptr : "",
                                              condition.len));
    }
    return rows;
}

static void set_text(json_t *row, const char *key, struct cp_bytes text)
{
    json_object_set_new(row, key, json_stringn(text.len > 0 ? (const char *)text.ptr : "", text.len));
}

/* As the daemon's `agreement` tells one, so that both are labelled by the same words. */
static json_t *answer_row(const struct cp_version *v, const struct cp_proof_item *item, bool apart)
{
    const struct cp_answer *a = &item->read.a;
    struct cp_bytes shown = item->person->person->name;
    struct cp_bytes other = cp_bytes_eq(shown, a->name) ? CP_BYTES(NULL, 0) : a->name;
    json_t *row = NULL;
    char hex[2 * CP_ID_LEN + 1];

    cp_hex_encode(a->person, CP_ID_LEN, hex);
    row = json_pack("{s:s,s:s,s:s,s:b,s:s,s:o,s:o}", "person", hex, "answer", cp_answer_text_word(a->word), "how",
                    how_word(a->how), "apart", apart, "read_as", cp_read_as_word(a->read_as), "key_checked",
                    checks_of(a), "actions", actions_of(v, a));
    set_text(row, "name", shown);
    set_text(row, "signed_as", other);
    set_text(row, "method", a->method);
    set_text(row, "helped_by", a->helped_by);
    set_text(row, "read_language", a->read_lang);
    set_text(row, "why", a->why);
    set_text(row, "would_agree_if", a->would_agree_if);
    return row;
}

/* Names and adds the kept answers; in[] gets them for judging. */
static enum cp_err put_answers(struct cp_proof_work *w, struct cp_answer_in *in,
                               char (*names)[CP_PROOF_NAME_MAX], size_t *kept, struct cp_proof_files *out,
                               json_t *answers)
{
    size_t nth = 1;

    for (*kept = 0; *kept < w->items_count && w->items[*kept].kept; (*kept)++) {
        struct cp_proof_item *item = &w->items[*kept];
        char path[CP_PROOF_PATH_MAX];

        nth = *kept > 0 && w->items[*kept - 1].person == item->person ? nth + 1 : 1;
        if (nth == 1)
            memcpy(names[*kept], item->person->name, CP_PROOF_NAME_MAX);
        else
            snprintf(names[*kept], CP_PROOF_NAME_MAX, "%.55s-%zu", item->person->name, nth % 10000);
        in[*kept].a = &item->read.a;
        memcpy(in[*kept].id, item->id, CP_ID_LEN);
        snprintf(path, sizeof path, "answers/%s.txt", names[*kept]);
        if (cp_proof_put_signed(out, path, item->in) != CP_OK)
            return CP_ERR_NO_MEMORY;
        json_array_append_new(answers, answer_row(&w->version.v, item, nth > 1 || (*kept + 1 < w->items_count && item[1].kept &&
                                                                    item[1].person == item->person)));
    }
    return CP_OK;
}

static enum cp_err put_texts(struct cp_proof_work *w, const struct cp_answer_in *in,
                             char (*names)[CP_PROOF_NAME_MAX], size_t kept, const json_t *rows,
                             struct cp_proof_files *out)
{
    const struct cp_version *v = &w->version.v;
    struct cp_answer_out *outs = cp_alloc_array(w->mem, v->must_answer_count + 1, sizeof *outs);
    struct cp_proof_file *signers = cp_proof_files_add(out, "allowed_signers", CP_BYTES(NULL, 0));
    struct cp_proof_file *readme = NULL;
    enum cp_result result = CP_RESULT_NOT_YET;

    if (outs == NULL || signers == NULL) {
        cp_free(w->mem, outs);
        return CP_ERR_NO_MEMORY;
    }
    if (v->stage == CP_STAGE_AGREEMENT)
        result = cp_answer_judge(v, in, kept, outs);
    cp_free(w->mem, outs);
    cp_proof_signers(w->people, w->people_count, &signers->content);
    if (cp_buf_err(&signers->content) != CP_OK)
        return CP_ERR_NO_MEMORY;
    readme = cp_proof_files_add(out, "README.txt", CP_BYTES(NULL, 0));
    if (readme == NULL)
        return CP_ERR_NO_MEMORY;
    cp_proof_readme(
        &(const struct cp_proof_page){v, w->id, rows, names, kept, w->lines, w->lines_count, result}, w->mem,
        &readme->content);
    return cp_buf_err(&readme->content);
}

static enum cp_err read_version(struct cp_proof_work *w, struct cp_bytes version)
{
    enum cp_err err =
        version.len <= CP_VERSION_TEXT_MAX ? cp_version_read(&w->version, w->mem, version) : CP_ERR_TOO_BIG;

    w->version_is_read = err == CP_OK;
    if (err == CP_OK) {
        cp_version_id(version, w->id);
        err = cp_proof_people(w->mem, &w->version.v, &w->people, &w->people_count);
    }
    if (err == CP_OK || err == CP_ERR_NO_MEMORY)
        return err;
    cp_proof_say(w->mem, w->why, CP_SAY_WHY_VERSION, "version.txt");
    return CP_ERR_NOT_GOOD;
}

enum cp_err cp_proof_build(const struct cp_mem *mem, struct cp_bytes version, const struct cp_proof_in *in,
                           size_t count, struct cp_proof_files *out, json_t *answers, json_t *why)
{
    struct cp_proof_work w = {.mem = mem, .why = why};
    struct cp_answer_in *judged = NULL;
    char(*names)[CP_PROOF_NAME_MAX] = NULL;
    size_t kept = 0;
    enum cp_err err = read_version(&w, version);

    if (err == CP_OK)
        err = read_items(&w, in, count);
    if (err != CP_OK)
        goto out;
    judged = cp_alloc_array(mem, count + 1, sizeof *judged);
    names = cp_alloc_array(mem, count + 1, sizeof *names);
    if (judged == NULL || names == NULL || cp_proof_files_add(out, "version.txt", version) == NULL)
        err = CP_ERR_NO_MEMORY;
    if (err == CP_OK)
        err = put_answers(&w, judged, names, &kept, out, answers);
    if (err == CP_OK)
        err = cp_proof_put_others(&w, judged, names, kept, out, answers);
    if (err == CP_OK)
        err = put_texts(&w, judged, names, kept, answers, out);
out:
    for (size_t i = 0; i < w.items_count; i++)
        if (w.items[i].is_read)
            cp_answer_clear(&w.items[i].read);
    cp_proof_clear_others(&w);
    cp_free(mem, judged);
    cp_free(mem, names);
    cp_free(mem, w.items);
    cp_free(mem, w.people);
    if (w.version_is_read)
        cp_version_clear(&w.version);
    return err;
}

/* ------------------------------------------------------------------------------------------- comparing */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);

    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* The signed texts among the files, each with its signature (empty where that is missing). */
static struct cp_proof_in *find_signed(const struct cp_mem *mem, const struct cp_proof_files *files,
                                       size_t *count)
{
    struct cp_proof_in *in = cp_alloc_array(mem, files->count + 1, sizeof *in);

    *count = 0;
    for (size_t i = 0; in != NULL && i < files->count; i++) {
        const struct cp_proof_file *file = &files->list[i];
        const struct cp_proof_file *sig = NULL;
        char path[CP_PROOF_PATH_MAX + 8];

        if (strchr(file->path, '/') == NULL || !ends_with(file->path, ".txt"))
            continue;
        snprintf(path, sizeof path, "%s.sig", file->path);
        sig = cp_proof_files_find(files, path);
        in[*count].text = cp_buf_bytes(&file->content);
        in[*count].armour = sig != NULL ? cp_buf_bytes(&sig->content) : CP_BYTES(NULL, 0);
        in[(*count)++].where = file->path;
    }
    return in;
}

static void compare(const struct cp_mem *mem, const struct cp_proof_files *is,
                    const struct cp_proof_files *should, json_t *why)
{
    for (size_t i = 0; i < should->count; i++) {
        const struct cp_proof_file *file = cp_proof_files_find(is, should->list[i].path);

        if (file == NULL)
            cp_proof_say(mem, why, CP_SAY_WHY_MISSING, should->list[i].path);
        else if (!cp_bytes_eq(cp_buf_bytes(&file->content), cp_buf_bytes(&should->list[i].content)))
            cp_proof_say(mem, why, CP_SAY_WHY_DIFFERS, file->path);
    }
    for (size_t i = 0; i < is->count; i++)
        if (cp_proof_files_find(should, is->list[i].path) == NULL)
            cp_proof_say(mem, why, CP_SAY_WHY_EXTRA, is->list[i].path);
}

enum cp_err cp_proof_verify(const struct cp_mem *mem, const struct cp_proof_files *files, json_t *answers,
                            json_t *why)
{
    const struct cp_proof_file *version = cp_proof_files_find(files, "version.txt");
    struct cp_proof_files should;
    struct cp_proof_in *in = NULL;
    size_t count = 0;
    enum cp_err err = CP_OK;

    cp_proof_files_init(&should, mem);
    if (version == NULL) {
        cp_proof_say(mem, why, CP_SAY_WHY_MISSING, "version.txt");
        return CP_ERR_NOT_GOOD;
    }
    in = find_signed(mem, files, &count);
    err = in == NULL ? CP_ERR_NO_MEMORY
                     : cp_proof_build(mem, cp_buf_bytes(&version->content), in, count, &should, answers, why);
    if (err == CP_OK)
        compare(mem, files, &should, why);
    if (err == CP_OK && json_array_size(why) > 0)
        err = CP_ERR_NOT_GOOD;
    cp_proof_files_clear(&should);
    cp_free(mem, in);
    return err;
}
