/* Proof folders with answers that somebody signed for somebody else: what is made is good, and nothing else is. */
#include <criterion/criterion.h>
#include <string.h>

#include "client/proof.h"
#include "client/value.h"
#include "tests/support/heap.h"
#include "tests/support/others.h"

/* The texts handed in: paper, two witnesses, the proxy's, the mandate; and one more that a test may add. */
enum {
    PAPER,
    FIRST,
    SECOND,
    PROXY,
    MANDATE,
    MORE,
    TEXTS
};

static struct test_others t;
static struct cp_buf version;
static struct cp_buf texts[TEXTS], armours[TEXTS];
static struct cp_proof_in in[TEXTS];
static struct cp_proof_files files;
static json_t *answers;
static json_t *why;

static void sign(size_t at, enum test_person by)
{
    cp_buf_reset(&armours[at]);
    test_others_sign(&t, by, cp_buf_bytes(&texts[at]), &armours[at]);
}

static void put_witness(size_t at, enum test_person by)
{
    struct cp_witness w = test_others_witness(&t, by);

    cp_buf_reset(&texts[at]);
    cp_witness_write(&w, &texts[at]);
    sign(at, by);
}

static void put_mandate(enum test_person by)
{
    cp_buf_reset(&texts[MANDATE]);
    cp_mandate_write(&t.mandate, &texts[MANDATE]);
    sign(MANDATE, by);
}

static void put_all(void)
{
    test_others_ids(&t);
    cp_buf_reset(&version);
    cp_version_write(&t.t.version, &version);
    cp_buf_reset(&texts[PAPER]);
    cp_answer_write(&t.paper, &texts[PAPER]);
    sign(PAPER, TEST_ASHA);
    put_witness(FIRST, TEST_CHEN);
    put_witness(SECOND, TEST_DINA);
    cp_buf_reset(&texts[PROXY]);
    cp_answer_write(&t.proxy, &texts[PROXY]);
    sign(PROXY, TEST_ASHA);
    put_mandate(TEST_BILL);
}

/* Builds from the first `count` texts. */
static enum cp_err build(const struct cp_mem *mem, size_t count)
{
    cp_proof_files_clear(&files);
    cp_proof_files_init(&files, mem);
    json_array_clear(answers);
    json_array_clear(why);
    for (size_t i = 0; i < count; i++)
        in[i] = (struct cp_proof_in){cp_buf_bytes(&texts[i]), cp_buf_bytes(&armours[i]), "somebody"};
    return cp_proof_build(mem, cp_buf_bytes(&version), in, count, &files, answers, why);
}

static enum cp_err verify(void)
{
    json_array_clear(answers);
    json_array_clear(why);
    return cp_proof_verify(test_mem(), &files, answers, why);
}

static void begin(void)
{
    test_others_group(&t);
    cp_buf_init(&version, test_mem(), CP_VERSION_TEXT_MAX);
    for (size_t i = 0; i < TEXTS; i++) {
        cp_buf_init(&texts[i], test_mem(), CP_ANSWER_TEXT_MAX);
        cp_buf_init(&armours[i], test_mem(), CP_PROOF_SIG_MAX);
    }
    cp_proof_files_init(&files, test_mem());
    answers = json_array();
    why = json_array();
    put_all();
}

static void end(void)
{
    cp_buf_clear(&version);
    for (size_t i = 0; i < TEXTS; i++) {
        cp_buf_clear(&texts[i]);
        cp_buf_clear(&armours[i]);
    }
    cp_proof_files_clear(&files);
    json_decref(answers);
    json_decref(why);
}

TestSuite(proof_others, .init = begin, .fini = end);

static void not_good(const char *what)
{
    cr_assert_eq(verify(), CP_ERR_NOT_GOOD, "%s", what);
    cr_assert_gt(json_array_size(why), 0);
}

static struct cp_buf *content(const char *path)
{
    struct cp_proof_file *file = cp_proof_files_find(&files, path);

    cr_assert_not_null(file, "%s", path);
    return &file->content;
}

Test(proof_others, what_is_made_is_good_and_says_how)
{
    struct cp_buf *readme = NULL;

    cr_assert_eq(build(test_mem(), MORE), CP_OK);
    cr_assert_eq(json_array_size(why), 0);
    cr_assert_eq(files.count, 13, "five texts with their signatures, and three");
    cr_assert_eq(verify(), CP_OK);
    cr_assert_eq(json_array_size(answers), 2);
    readme = content("README.txt");
    cp_buf_put_byte(readme, 0);
    cr_assert_not_null(
        strstr((const char *)readme->ptr,
               "The caretaker: I agree, signed on paper, seen by Chen, Dina; written down by Asha, "
               "with help from his sister\n"));
    cr_assert_not_null(strstr((const char *)readme->ptr, "Bill: I agree, by Asha for Bill\n"));
}

Test(proof_others, one_changed_byte_is_not_good)
{
    cr_assert_eq(build(test_mem(), MORE), CP_OK);
    for (size_t i = 0; i < files.count; i++) {
        struct cp_buf *c = &files.list[i].content;

        for (size_t at = 0; at < c->len; at += at + 50 < c->len ? 41 : 1) {
            c->ptr[at] ^= (uint8_t)(1U << (at % 8));
            not_good(files.list[i].path);
            c->ptr[at] ^= (uint8_t)(1U << (at % 8));
        }
    }
    cr_assert_eq(verify(), CP_OK);
}

Test(proof_others, a_file_too_few_too_many_or_swapped_is_not_good)
{
    struct cp_proof_file kept;
    size_t found[2], count = 0;

    cr_assert_eq(build(test_mem(), MORE), CP_OK);
    for (size_t i = 0; i < files.count; i++) {
        char first = files.list[i].path[0];

        files.list[i].path[0] = 'X';
        not_good("renamed");
        files.list[i].path[0] = first;
        if (strncmp(files.list[i].path, "witnesses/", 10) == 0 && strstr(files.list[i].path, ".sig") == NULL)
            found[count++] = i;
    }
    cr_assert_eq(count, 2);
    cr_assert_not_null(cp_proof_files_add(&files, "witnesses/p-x.txt", cp_buf_bytes(&texts[FIRST])));
    not_good("the same witness twice");
    cp_buf_clear(&files.list[--files.count].content);
    cr_assert_not_null(cp_proof_files_add(&files, "mandates/p-x.txt", cp_buf_bytes(&texts[MANDATE])));
    cr_assert_not_null(cp_proof_files_add(&files, "mandates/p-x.txt.sig", cp_buf_bytes(&armours[MANDATE])));
    not_good("the same mandate twice");
    cp_buf_clear(&files.list[--files.count].content);
    cp_buf_clear(&files.list[--files.count].content);
    kept = files.list[found[0]];
    files.list[found[0]].content = files.list[found[1]].content;
    files.list[found[1]].content = kept.content;
    not_good("swapped");
    files.list[found[1]].content = files.list[found[0]].content;
    files.list[found[0]].content = kept.content;
    cr_assert_eq(verify(), CP_OK);
}

/* Without the answer to which something is wrong there is one answer less, and the folder is whole. */
static void left_out(size_t count, size_t reasons, const char *what)
{
    cr_assert_eq(build(test_mem(), count), CP_OK, "%s", what);
    cr_expect_eq(json_array_size(why), reasons, "%s: %zu", what, json_array_size(why));
    cr_expect_eq(json_array_size(answers), 1, "%s", what);
    cr_expect_eq(verify(), CP_OK, "%s", what);
}

Test(proof_others, witnesses_who_do_not_make_two)
{
    put_witness(SECOND, TEST_ASHA);
    left_out(MORE, 1, "who wrote it down");
    put_witness(SECOND, TEST_CHEN);
    left_out(MORE, 1, "one of them twice");
    put_witness(SECOND, TEST_DINA);
    sign(SECOND, TEST_ASHA);
    left_out(MORE, 2, "in somebody's name, with another key");
    t.paper_id[0] ^= 1;
    put_witness(SECOND, TEST_DINA);
    left_out(MORE, 1, "of another answer");
}

Test(proof_others, a_witness_who_may_not_be_one_in_a_folder)
{
    char path[CP_PROOF_PATH_MAX + 8];

    cr_assert_eq(build(test_mem(), MORE), CP_OK);
    put_witness(MORE, TEST_ASHA);
    cr_assert_not_null(cp_proof_files_add(&files, "witnesses/p-indugq2dinbu-by-p-eeqscijbeeqs.txt",
                                          cp_buf_bytes(&texts[MORE])));
    snprintf(path, sizeof path, "%s.sig", files.list[files.count - 1].path);
    cr_assert_not_null(cp_proof_files_add(&files, path, cp_buf_bytes(&armours[MORE])));
    not_good("beside two who may");
}

Test(proof_others, mandates_that_do_not_let)
{
    put_mandate(TEST_ASHA);
    left_out(MORE, 2, "signed by the proxy");
    memcpy(t.mandate.key, t.people[TEST_ASHA].key, CP_KEY_LEN);
    put_all();
    put_mandate(TEST_ASHA);
    left_out(MORE, 1, "given in Bill's name by the proxy's key");
    memcpy(t.mandate.key, t.people[TEST_BILL].key, CP_KEY_LEN);
    t.mandate.until = cp_bytes_str("2026-11-30");
    put_all();
    left_out(MORE, 1, "past");
    t.mandate.until = cp_bytes_str("2027-01-31");
    t.mandate.plan[0] ^= 1;
    put_all();
    left_out(MORE, 2, "of another plan");
    t.mandate.plan[0] ^= 1;
    put_all();
    left_out(MANDATE, 1, "not there");
}

Test(proof_others, memory_may_run_out_anywhere)
{
    struct test_heap heap;

    for (size_t i = 0;; i++) {
        enum cp_err err = CP_OK;

        test_heap_init(&heap, i);
        err = build(&heap.mem, MORE);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cp_proof_files_clear(&files);
    }
    cp_proof_files_clear(&files);
    cp_proof_files_init(&files, test_mem());
}
