/* The texts of a proof folder. Owns: NAMEs, allowed_signers, README.txt. Must not: judge. */
#include "client/proof.h"

#include <assert.h>

#include "client/words.h"

static int by_person(const void *a, const void *b)
{
    const struct cp_proof_person *left = a;
    const struct cp_proof_person *right = b;

    return memcmp(left->person->person, right->person->person, CP_ID_LEN);
}

static bool has_key(const struct cp_version_person *p)
{
    static const uint8_t none[CP_KEY_LEN];

    return memcmp(p->key, none, sizeof none) != 0;
}

static void write_names(struct cp_proof_person *people, size_t count, size_t len)
{
    char whole[CP_PROOF_NAME_MAX];

    assert(cp_base32_len(CP_ID_LEN) + 3 <= sizeof whole && len <= cp_base32_len(CP_ID_LEN));
    for (size_t i = 0; i < count; i++) {
        cp_base32_encode(people[i].person->person, CP_ID_LEN, whole);
        whole[len] = '\0';
        memcpy(people[i].name, "p-", 2);
        memcpy(people[i].name + 2, whole, len + 1);
    }
}

/* Sorted by person, equal beginnings stand side by side. */
static bool names_differ(const struct cp_proof_person *people, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(people[i - 1].name, people[i].name) == 0)
            return false;
    return true;
}

static enum cp_err keep_each_once(struct cp_proof_person *people, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        const struct cp_version_person *p = people[i].person;

        if (kept == 0 || memcmp(people[kept - 1].person->person, p->person, CP_ID_LEN) != 0)
            people[kept++] = people[i];
        else if (memcmp(people[kept - 1].person->key, p->key, CP_KEY_LEN) != 0)
            return CP_ERR_NOT_GOOD;
    }
    *count = kept;
    return CP_OK;
}

enum cp_err cp_proof_people(const struct cp_mem *mem, const struct cp_version *v,
                            struct cp_proof_person **out, size_t *count)
{
    struct cp_proof_person *people =
        cp_alloc_array(mem, v->must_answer_count + v->kept_informed_count + 1, sizeof *people);
    enum cp_err err = people != NULL ? CP_OK : CP_ERR_NO_MEMORY;

    *out = NULL;
    *count = 0;
    for (size_t i = 0; err == CP_OK && i < v->must_answer_count; i++)
        if (has_key(&v->must_answer[i]))
            people[(*count)++].person = &v->must_answer[i];
    for (size_t i = 0; err == CP_OK && i < v->kept_informed_count; i++)
        if (has_key(&v->kept_informed[i]))
            people[(*count)++].person = &v->kept_informed[i];
    if (err == CP_OK) {
        qsort(people, *count, sizeof *people, by_person);
        err = keep_each_once(people, count);
    }
    if (err != CP_OK) {
        cp_free(mem, people);
        return err;
    }
    for (size_t len = 12; len <= cp_base32_len(CP_ID_LEN); len++) {
        write_names(people, *count, len);
        if (names_differ(people, *count))
            break;
    }
    *out = people;
    return CP_OK;
}

void cp_proof_signers(const struct cp_proof_person *people, size_t count, struct cp_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        cp_buf_put_str(out, people[i].name);
        cp_buf_put_str(out, " namespaces=\"" CP_SSHSIG_NAMESPACE "\" ");
        cp_ssh_public(people[i].person->key, out);
        /* What stands behind the key is a comment to ssh-keygen; escaped, so that it ends with its line. */
        cp_buf_put_str(out, " shown as: ");
        cp_escape(people[i].person->name, out);
        cp_buf_put_str(out, "\n");
    }
}

static const struct cp_proof_person *find_person(const struct cp_proof_person *people, size_t count,
                                                 const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(people[i].person->person, id, CP_ID_LEN) == 0)
            return &people[i];
    return NULL;
}

static void put_answers(const struct cp_proof_person *people, size_t count,
                        const struct cp_answer_in *answers, char (*names)[CP_PROOF_NAME_MAX],
                        size_t answers_count, struct cp_buf *out)
{
    for (size_t i = 0; i < answers_count; i++) {
        const struct cp_proof_person *p = find_person(people, count, answers[i].a->person);

        assert(p != NULL);
        cp_buf_put_str(out, "  ");
        cp_buf_put_str(out, names[i]);
        cp_buf_put_str(out, "  ");
        cp_escape(p->person->name, out);
        cp_buf_put_str(out, ": ");
        cp_buf_put_str(out, cp_words_label(cp_answer_text_word(answers[i].a->word)));
        cp_buf_put_str(out, "\n");
    }
    if (answers_count == 0)
        cp_buf_put_str(out, "  nobody yet\n");
}

void cp_proof_readme(const struct cp_version *v, const uint8_t id[static CP_ID_LEN],
                     const struct cp_proof_person *people, size_t count, const struct cp_answer_in *answers,
                     char (*names)[CP_PROOF_NAME_MAX], size_t answers_count, enum cp_result result,
                     struct cp_buf *out)
{
    char words[64];

    cp_check_words(id, words);
    cp_buf_put_str(
        out, "Check it yourself\n=================\n\n"
             "version.txt is a page that a group wrote. The folder answers has what people said to it,\n"
             "each signed with that person's own key. You need nothing from us to check this.\n\n"
             "The page's id:  ");
    cp_buf_put_hex(out, CP_BYTES(id, CP_ID_LEN));
    cp_buf_put_str(out, "\nIts check words: ");
    cp_buf_put_str(out, words);
    cp_buf_put_str(out, "\n\nWho said what:\n");
    put_answers(people, count, answers, names, answers_count, out);
    if (v->stage == CP_STAGE_AGREEMENT) {
        cp_buf_put_str(out, "By the answers in this folder it comes to: ");
        cp_buf_put_str(out, cp_result_word(result));
        cp_buf_put_str(out, "\n");
    } else {
        cp_buf_put_str(out, "The page is for comment, so nobody can sign it.\n");
    }
    cp_buf_put_str(
        out,
        "\nWith tools that every Linux and Mac has, in this folder:\n\n"
        "1. The words are the words that were signed:\n\n"
        "       sha256sum version.txt\n\n"
        "   It prints the id above (on a Mac: shasum -a 256 version.txt).\n\n"
        "2. Each person signed their answer. For every NAME above:\n\n"
        "       ssh-keygen -Y verify -f allowed_signers -I NAME -n " CP_SSHSIG_NAMESPACE " \\\n"
        "           -s answers/NAME.txt.sig < answers/NAME.txt\n\n"
        "   It says Good. (For NAME-2 keep -I NAME without the -2.)\n\n"
        "3. Each answer is to this page: its second line names the id above.\n\n"
        "4. The keys are right: those in allowed_signers also stand in version.txt, which everyone signed.\n"
        "   Ask each person to show you theirs, once.\n\n"
        "Or all at once, and every file byte by byte:\n\n"
        "       coplan verify .\n\n"
        "What good does not mean\n-----------------------\n\n"
        "It does not show whose hand held a key. Only meeting the person shows that.\n"
        "It does not show that these are all the answers: a later one, also one that takes an answer back,\n"
        "may be elsewhere. Ask the person, or someone in the group.\n"
        "It does not show that this is the newest page of the plan.\n"
        "It does not show when somebody answered: the date in an answer is what a device said.\n"
        "It does not show that anyone was free to say no. Ask them.\n");
}
