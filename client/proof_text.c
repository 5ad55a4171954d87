/* The texts of a proof folder. Owns: NAMEs, allowed_signers, README.txt. Must not: judge. */
#include "client/proof.h"

#include <assert.h>

#include "client/language.h"
#include "client/others.h"
#include "client/value.h"
#include "client/words.h"

static int by_person(const void *a, const void *b)
{
    const struct cp_proof_person *left = a;
    const struct cp_proof_person *right = b;

    return memcmp(left->person->person, right->person->person, CP_ID_LEN);
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
        people[(*count)++].person = &v->must_answer[i];
    for (size_t i = 0; err == CP_OK && i < v->kept_informed_count; i++)
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
        if (!cp_proof_has_key(&people[i]))
            continue;
        cp_buf_put_str(out, people[i].name);
        cp_buf_put_str(out, " namespaces=\"" CP_SSHSIG_NAMESPACE "\" ");
        cp_ssh_public(people[i].person->key, out);
        /* What stands behind the key is a comment to ssh-keygen; escaped, so that it ends with its line. */
        cp_buf_put_str(out, " shown as: ");
        cp_escape(people[i].person->name, out);
        cp_buf_put_str(out, "\n");
    }
}

static void put_answers(const struct cp_proof_page *page, const struct cp_mem *mem, struct cp_buf *out)
{
    struct cp_buf how;

    cp_buf_init(&how, mem, CP_VERSION_TEXT_MAX);
    for (size_t i = 0; i < page->answers_count; i++) {
        const json_t *row = json_array_get(page->answers, i);

        cp_buf_put_str(out, "  ");
        cp_buf_put_str(out, page->names[i]);
        cp_buf_put_str(out, "  ");
        cp_escape(cp_json_bytes(json_object_get(row, "name")), out);
        cp_buf_put_str(out, ": ");
        cp_buf_put_str(out, cp_words_label(cp_json_text(row, "answer")));
        cp_buf_reset(&how);
        cp_how_label(mem, row, &how);
        if (cp_buf_err(&how) != CP_OK)
            out->err = cp_buf_err(&how);
        cp_escape(cp_buf_bytes(&how), out);
        cp_buf_put_str(out, "\n");
    }
    cp_buf_clear(&how);
    if (page->answers_count == 0)
        cp_buf_put_str(out, "  nobody yet\n");
}

/* Nobody need guess whose key belongs to which file. */
static void put_lines(const struct cp_proof_page *page, struct cp_buf *out)
{
    if (page->lines_count == 0)
        return;
    cp_buf_put_str(
        out,
        "   These files are signed by somebody for somebody else, or let somebody do that. For every FILE\n"
        "   here, and the NAME that stands behind it:\n\n");
    for (size_t i = 0; i < page->lines_count; i++) {
        cp_buf_put_str(out, "  ");
        cp_buf_put_str(out, page->lines[i].path);
        cp_buf_put_str(out, "  signed by ");
        cp_buf_put_str(out, page->lines[i].signer->name);
        cp_buf_put_str(out, "\n");
    }
    cp_buf_put_str(
        out,
        "\n       ssh-keygen -Y verify -f allowed_signers -I NAME -n " CP_SSHSIG_NAMESPACE " \\\n"
        "           -s FILE.sig < FILE\n\n"
        "   An answer on paper was marked in ink. Whoever wrote it down signed it here, and so did at least two\n"
        "   who were there; each of their files in the folder witnesses names the answer. An answer by somebody\n"
        "   else for a person names a file in the folder mandates, where that person lets them, for how long.\n"
        "   Only coplan verify looks at who may be a witness, and at the days.\n\n");
}

static void put_limits(const struct cp_proof_page *page, struct cp_buf *out)
{
    cp_buf_put_str(
        out,
        "What good does not mean\n-----------------------\n\n"
        "It does not show whose hand held a key. Only meeting the person shows that.\n"
        "It does not show that these are all the answers: a later one, also one that takes an answer back,\n"
        "may be elsewhere. Ask the person, or someone in the group.\n"
        "It does not show that this is the newest page of the plan.\n"
        "It does not show when somebody answered: the date in an answer is what a device said.\n"
        "It does not show that anyone was free to say no. Ask them.\n");
    if (page->lines_count > 0)
        cp_buf_put_str(
            out,
            "It does not show the ink: an answer on paper rests on the word of those who signed that they saw it.\n"
            "It does not show that a mandate was not taken back since. Ask the person.\n");
}

void cp_proof_readme(const struct cp_proof_page *page, const struct cp_mem *mem, struct cp_buf *out)
{
    char words[64];

    cp_check_words(page->id, words);
    cp_buf_put_str(
        out, "Check it yourself\n=================\n\n"
             "version.txt is a page that a group wrote. The folder answers has what people said to it,\n"
             "each signed with a key: their own, or of whoever signed for them, as it says beside it.\n"
             "You need nothing from us to check this.\n\n"
             "The page's id:  ");
    cp_buf_put_hex(out, CP_BYTES(page->id, CP_ID_LEN));
    cp_buf_put_str(out, "\nIts check words: ");
    cp_buf_put_str(out, words);
    cp_buf_put_str(out, "\n\nWho said what:\n");
    /* The same bytes whoever makes or checks it: English by design. */
    cp_language_use("en");
    put_answers(page, mem, out);
    cp_language_use(NULL);
    if (page->v->stage == CP_STAGE_AGREEMENT) {
        cp_buf_put_str(out, "By the answers in this folder it comes to: ");
        cp_buf_put_str(out, cp_result_word(page->result));
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
        "2. Each person signed their answer. For every NAME above whose file is not in the list further down:\n\n"
        "       ssh-keygen -Y verify -f allowed_signers -I NAME -n " CP_SSHSIG_NAMESPACE " \\\n"
        "           -s answers/NAME.txt.sig < answers/NAME.txt\n\n"
        "   It says Good. (For NAME-2 keep -I NAME without the -2.)\n\n");
    put_lines(page, out);
    cp_buf_put_str(
        out,
        "3. Each answer is to this page: its second line names the id above.\n\n"
        "4. The keys are right: those in allowed_signers also stand in version.txt, which everyone signed.\n"
        "   Ask each person to show you theirs, once.\n\n"
        "Or all at once, and every file byte by byte:\n\n"
        "       coplan verify .\n\n");
    put_limits(page, out);
}
