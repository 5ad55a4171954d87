/* Proof folders: what is made is good, and nothing else is. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/proof.h"
#include "client/value.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"

static struct test_agreement t;
static struct cp_buf version;
static struct cp_buf text;
static struct cp_buf armour;
static struct cp_proof_files files;
static json_t *answers;
static json_t *why;

/* Asha's answer as it stands in t.answer, with her signature. */
static void sign(void)
{
    struct cp_buf input;
    uint8_t sig[CP_SIG_LEN];

    cp_buf_reset(&text);
    cp_buf_reset(&armour);
    cp_buf_init(&input, test_mem(), 1 << 20);
    cp_answer_write(&t.answer, &text);
    cp_sshsig_input(cp_buf_bytes(&text), &input);
    crypto_sign_detached(sig, NULL, input.ptr, input.len, t.secret);
    cp_sshsig_armour(t.answer.key, sig, &armour);
    cr_assert_eq(cp_buf_err(&armour), CP_OK);
    cp_buf_clear(&input);
}

/* Writes the version anew and signs for it. */
static void write_all(void)
{
    cp_buf_reset(&version);
    cp_version_write(&t.version, &version);
    cr_assert_eq(cp_buf_err(&version), CP_OK);
    cp_version_id(cp_buf_bytes(&version), t.answer.version);
    sign();
}

static enum cp_err build(const struct cp_mem *mem)
{
    struct cp_proof_in in = {cp_buf_bytes(&text), cp_buf_bytes(&armour), "Asha"};

    cp_proof_files_clear(&files);
    cp_proof_files_init(&files, mem);
    json_array_clear(answers);
    json_array_clear(why);
    return cp_proof_build(mem, cp_buf_bytes(&version), &in, 1, &files, answers, why);
}

static void begin(void)
{
    test_agreement_init(&t);
    cp_buf_init(&version, test_mem(), CP_VERSION_TEXT_MAX);
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
    cp_buf_init(&armour, test_mem(), CP_PROOF_SIG_MAX);
    cp_proof_files_init(&files, test_mem());
    answers = json_array();
    why = json_array();
    write_all();
}

static void end(void)
{
    cp_buf_clear(&version);
    cp_buf_clear(&text);
    cp_buf_clear(&armour);
    cp_proof_files_clear(&files);
    json_decref(answers);
    json_decref(why);
}

TestSuite(proof, .init = begin, .fini = end);

static enum cp_err verify(void)
{
    json_array_clear(answers);
    json_array_clear(why);
    return cp_proof_verify(test_mem(), &files, answers, why);
}

static void not_good(const char *what)
{
    cr_assert_eq(verify(), CP_ERR_NOT_GOOD, "%s", what);
    cr_assert_gt(json_array_size(why), 0);
}

Test(proof, what_is_made_is_good)
{
    cr_assert_eq(build(test_mem()), CP_OK);
    cr_assert_eq(json_array_size(why), 0);
    cr_assert_eq(files.count, 5);
    cr_assert_eq(verify(), CP_OK);
    cr_assert_eq(json_array_size(answers), 1);
    cr_assert_str_eq(cp_json_text(json_array_get(answers, 0), "person"), t.asha_hex);
}

/* The page's name stands beside an answer, and another one inside it is told. */
Test(proof, an_answer_with_another_name_inside_is_marked)
{
    struct cp_proof_file *readme = NULL;

    cr_assert_eq(build(test_mem()), CP_OK);
    cr_assert_str_eq(cp_json_text(json_array_get(answers, 0), "signed_as"), "");
    t.answer.name = cp_bytes_str("Bill");
    sign();
    cr_assert_eq(build(test_mem()), CP_OK);
    cr_assert_str_eq(cp_json_text(json_array_get(answers, 0), "name"), "Asha");
    cr_assert_str_eq(cp_json_text(json_array_get(answers, 0), "signed_as"), "Bill");
    cr_assert_eq(verify(), CP_OK);
    readme = cp_proof_files_find(&files, "README.txt");
    cp_buf_put_byte(&readme->content, 0);
    cr_assert_not_null(strstr((const char *)readme->content.ptr, "signed with another name: Bill"));
}

Test(proof, one_changed_byte_is_not_good)
{
    cr_assert_eq(build(test_mem()), CP_OK);
    for (size_t i = 0; i < files.count; i++) {
        struct cp_buf *content = &files.list[i].content;

        for (size_t at = 0; at < content->len; at += at + 8 < content->len ? 7 : 1) {
            content->ptr[at] ^= (uint8_t)(1U << (at % 8));
            not_good(files.list[i].path);
            content->ptr[at] ^= (uint8_t)(1U << (at % 8));
        }
        content->len--;
        not_good("a byte less");
        content->len++;
        cp_buf_put_byte(content, '\n');
        not_good("a byte more");
        content->len--;
    }
    cr_assert_eq(verify(), CP_OK);
}

Test(proof, a_file_too_few_or_too_many_is_not_good)
{
    static const char *const extra[] = {"answers/p-aaaaaaaaaaaa.txt", "x", "answers/x.sig", "answers/.txt",
                                        "README.TXT"};

    cr_assert_eq(build(test_mem()), CP_OK);
    for (size_t i = 0; i < files.count; i++) {
        char kept = files.list[i].path[0];

        files.list[i].path[0] = 'X';
        not_good("renamed");
        files.list[i].path[0] = kept;
    }
    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
        cr_assert_not_null(cp_proof_files_add(&files, extra[i], cp_bytes_str("me too\n")));
        not_good(extra[i]);
        cp_buf_clear(&files.list[--files.count].content);
    }
    /* The same answer under a second name. */
    cr_assert_not_null(cp_proof_files_add(&files, "answers/p-bbbbbbbbbbbb.txt", cp_buf_bytes(&text)));
    cr_assert_not_null(cp_proof_files_add(&files, "answers/p-bbbbbbbbbbbb.txt.sig", cp_buf_bytes(&armour)));
    not_good("twice");
}

/* Builds with an answer that does not belong, and finds it left out. */
static void left_out(const char *what)
{
    cr_assert_eq(build(test_mem()), CP_OK, "%s", what);
    cr_assert_eq(json_array_size(why), 1, "%s", what);
    cr_assert_eq(json_array_size(answers), 0, "%s", what);
    cr_assert_eq(verify(), CP_OK, "a folder without it is whole: %s", what);
}

Test(proof, answers_that_do_not_belong_are_left_out)
{
    t.answer.version[0] ^= 1;
    sign();
    left_out("another page");
    t.answer.version[0] ^= 1;
    t.answer.plan[0] ^= 1;
    sign();
    left_out("another plan");
    t.answer.plan[0] ^= 1;
    t.answer.person[0] ^= 1;
    sign();
    left_out("another person with her key");
    t.answer.person[0] ^= 1;
    memcpy(t.answer.key, t.must[1].key, CP_KEY_LEN);
    sign();
    left_out("her name with another key");
    memcpy(t.answer.key, t.must[0].key, CP_KEY_LEN);
    sign();
    armour.ptr[armour.len / 2] ^= 1;
    left_out("a changed signature");
    sign();
    cp_buf_reset(&armour);
    left_out("no signature");
    cp_buf_reset(&text);
    left_out("no words");
}

Test(proof, a_page_for_comment_has_no_answers)
{
    t.version.stage = CP_STAGE_COMMENT;
    write_all();
    left_out("for comment");
}

Test(proof, a_page_that_does_not_read_is_not_good)
{
    version.ptr[version.len - 2] ^= 1;
    cr_assert_eq(build(test_mem()), CP_ERR_NOT_GOOD);
    cp_proof_files_clear(&files);
    cp_proof_files_init(&files, test_mem());
    not_good("an empty folder");
}

Test(proof, names_do_not_collide_and_are_never_typed)
{
    struct cp_proof_person *people = NULL;
    size_t count = 0;
    struct cp_buf signers;

    cp_buf_init(&signers, test_mem(), 1 << 20);
    /* The first twelve characters stand for 60 bits. */
    memcpy(t.must[1].person, t.must[0].person, 16);
    memset(t.must[1].person + 16, 0xff, 16);
    t.must[0].name = cp_bytes_str("*");
    t.must[1].name = cp_bytes_str("Mal,p-aaaaaaaaaaaa\np-x namespaces=\"x\" ssh-ed25519 AAAA");
    cr_assert_eq(cp_proof_people(test_mem(), &t.version, &people, &count), CP_OK);
    cr_assert_geq(count, 2);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(strspn(people[i].name, "abcdefghijklmnopqrstuvwxyz234567-p"), strlen(people[i].name));
        cr_assert_gt(strlen(people[i].name), 14);
        for (size_t j = 0; j < i; j++)
            cr_assert_str_neq(people[i].name, people[j].name);
    }
    cp_proof_signers(people, count, &signers);
    cp_buf_put_byte(&signers, 0);
    cr_assert_null(strstr((const char *)signers.ptr, "\np-x "));
    cr_assert_null(strstr((const char *)signers.ptr, "\n*"));
    cp_free(test_mem(), people);
    cp_buf_clear(&signers);
    /* One person with two keys is no list of signers. */
    memcpy(t.must[1].person, t.must[0].person, CP_ID_LEN);
    cr_assert_eq(cp_proof_people(test_mem(), &t.version, &people, &count), CP_ERR_NOT_GOOD);
}

Test(proof, memory_may_run_out_anywhere)
{
    struct test_heap heap;

    for (size_t i = 0;; i++) {
        enum cp_err err = CP_OK;

        test_heap_init(&heap, i);
        err = build(&heap.mem);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cp_proof_files_clear(&files);
    }
    cp_proof_files_clear(&files);
    cp_proof_files_init(&files, test_mem());
}
