/* The keeper: the key file with bad input first, locking, and that what it signs is what others verify. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/keeper_internal.h"
#include "tests/support/heap.h"

static char folder[64], path[80];

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/coplan-keeper-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    cr_assert_eq(setenv("COPLAN_TEST_KDF", "weak", 1), 0);
}

static void teardown(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

TestSuite(keeper, .init = setup, .fini = teardown);

static struct cp_bytes text(const char *s)
{
    return cp_bytes_str(s);
}

/* A home of one person; seal gets the key of the passphrase "tea and toast". */
static struct cp_keeper *make(bool none, uint8_t seal[static 32])
{
    struct cp_keeper *k = NULL;
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX];
    cp_kdf_choose(&kdf, none);
    memset(seal, 0, 32);
    if (!none)
        cr_assert_eq(cp_kdf_run(&kdf, text("tea and toast"), seal), CP_OK);
    cr_assert_eq(cp_keeper_create(&k, path, text("Asha Rahman"), &kdf, seal, sheet), CP_OK);
    cr_assert_eq(strlen(sheet), 39);
    return k;
}

static size_t slurp(uint8_t *out, size_t size)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    size_t n = fread(out, 1, size, f);
    fclose(f);
    return n;
}

static void spit(const uint8_t *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static enum cp_err reopen(struct cp_keeper **k)
{
    *k = NULL;
    return cp_keeper_open(k, path);
}

/* ---- Bad input ---- */

Test(keeper, every_flipped_bit_is_damage_and_never_a_wrong_passphrase)
{
    uint8_t seal[32], bytes[4096], changed[4096];
    cp_keeper_free(make(true, seal)); /* with its seal key in the file: nothing in it may go unnoticed */
    size_t len = slurp(bytes, sizeof bytes);
    struct cp_keeper *k = calloc(1, sizeof *k);
    cr_assert_not_null(k);
    for (size_t i = 0; i < len * 8; i++) {
        memcpy(changed, bytes, len);
        changed[i / 8] = (uint8_t)(changed[i / 8] ^ (1U << (i % 8)));
        cr_assert_eq(cp_keyfile_decode(CP_BYTES(changed, len), k), CP_ERR_DAMAGED_KEY, "bit %zu", i);
    }
    free(k);
}

Test(keeper, truncated_at_every_byte_or_longer_is_damage)
{
    uint8_t seal[32], bytes[4096];
    cp_keeper_free(make(false, seal));
    size_t len = slurp(bytes, sizeof bytes - 1);
    struct cp_keeper *k = calloc(1, sizeof *k);
    cr_assert_not_null(k);
    for (size_t n = 0; n < len; n++)
        cr_assert_eq(cp_keyfile_decode(CP_BYTES(bytes, n), k), CP_ERR_DAMAGED_KEY, "%zu bytes", n);
    bytes[len] = 0;
    cr_assert_eq(cp_keyfile_decode(CP_BYTES(bytes, len + 1), k), CP_ERR_DAMAGED_KEY);
    free(k);
    spit(bytes, 0);
    cr_assert_eq(reopen(&k), CP_ERR_DAMAGED_KEY);
    cr_assert_null(k);
    uint8_t *huge = calloc(1, CP_KEYFILE_MAX + 10);
    cr_assert_not_null(huge);
    spit(huge, CP_KEYFILE_MAX + 10);
    free(huge);
    cr_assert_eq(reopen(&k), CP_ERR_DAMAGED_KEY);
}

/* A file as a later version would write it: same outer array, a body that we cannot read. */
static void write_version(uint64_t version, struct cp_bytes body)
{
    struct cp_buf out;
    struct cp_hasher h;
    uint8_t sum[32];
    cp_hash_init(&h, CP_TAG_KEYFILE, 32);
    cp_hash_add_u64(&h, version);
    cp_hash_add(&h, body.ptr, body.len);
    cp_hash_end(&h, sum, 32);
    cp_buf_init(&out, test_mem(), CP_KEYFILE_MAX);
    cp_put_array(&out, 4);
    cp_put_cstr(&out, "coplan keys");
    cp_put_uint(&out, version);
    cp_put_bin(&out, body);
    cp_put_fixed(&out, sum, 32);
    cr_assert_eq(cp_buf_err(&out), CP_OK);
    spit(out.ptr, out.len);
    cp_buf_clear(&out);
}

Test(keeper, newer_home_is_said_so_and_left_alone)
{
    struct cp_keeper *k = NULL;
    write_version(3, text("whatever comes then"));
    cr_assert_eq(reopen(&k), CP_ERR_NEWER_HOME);
    cr_assert_null(k);
    write_version(1, text("whatever comes then"));
    cr_assert_eq(reopen(&k), CP_ERR_DAMAGED_KEY);
    write_version(0, text(""));
    cr_assert_eq(reopen(&k), CP_ERR_DAMAGED_KEY);
}

Test(keeper, a_file_that_asks_for_too_much_memory_is_no_key_file)
{
    uint8_t seal[32], bytes[4096];
    struct cp_buf out;
    struct cp_keeper *k = make(false, seal);
    const struct {
        uint64_t passes, memory;
        enum cp_err err;
    } rows[] = {
        {20, CP_KDF_MEMORY_MAX, CP_OK},
        {21, CP_KDF_MEMORY_FLOOR, CP_ERR_DAMAGED_KEY},
        {3, CP_KDF_MEMORY_MAX + 1, CP_ERR_DAMAGED_KEY},
        {0, CP_KDF_MEMORY_FLOOR, CP_ERR_DAMAGED_KEY},
        {3, 1, CP_ERR_DAMAGED_KEY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        k->persons[0].pub.kdf.passes = rows[i].passes;
        k->persons[0].pub.kdf.memory = rows[i].memory;
        cp_buf_init(&out, test_mem(), CP_KEYFILE_MAX);
        cp_keyfile_encode(k, &out);
        cr_assert_leq(out.len, sizeof bytes);
        memcpy(bytes, out.ptr, out.len);
        cr_assert_eq(cp_keyfile_decode(cp_buf_bytes(&out), k), rows[i].err, "row %zu", i);
        cp_buf_clear(&out);
        k->count = 1;
    }
    cp_keeper_free(k);
}

Test(keeper, missing_and_existing)
{
    uint8_t seal[32];
    char sheet[CP_SHEET_MAX];
    struct cp_kdf kdf;
    struct cp_keeper *k = NULL;
    cr_assert_eq(reopen(&k), CP_ERR_NO_HOME);
    cp_keeper_free(make(true, seal));
    cp_kdf_choose(&kdf, true);
    cr_assert_eq(cp_keeper_create(&k, path, text("Ben"), &kdf, seal, sheet), CP_ERR_HOME_EXISTS);
    cr_assert_null(k);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(cp_keeper_create(&k, path, text(""), &kdf, seal, sheet), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_keeper_create(&k, path, text("\xff"), &kdf, seal, sheet), CP_ERR_BAD_VALUE);
    char far[128];
    (void)snprintf(far, sizeof far, "%s/not/here", folder);
    cr_assert_eq(cp_keeper_create(&k, far, text("Ben"), &kdf, seal, sheet), CP_ERR_IO);
}

/* ---- Locking ---- */

Test(keeper, wrong_passphrase_opens_nothing)
{
    uint8_t seal[32], wrong[32];
    struct cp_keeper *k = make(false, seal);
    cr_assert(cp_keeper_locked(k));
    cr_assert_eq(cp_kdf_run(&cp_keeper_person(k, 0)->kdf, text("tea and coast"), wrong), CP_OK);
    cr_assert_eq(cp_keeper_unlock(k, 0, wrong), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_check(k, 0, wrong), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_ERR_WRONG_PASSPHRASE);
    cr_assert(cp_keeper_locked(k));
    cr_assert_null(cp_keeper_storage_key(k));
    cr_assert_null(cp_keeper_curve_secret(k));
    cr_assert_str_eq(cp_keeper_person(k, 0)->name, "");
    cp_keeper_free(k);
}

Test(keeper, round_trip_and_lock)
{
    uint8_t seal[32], key[32], box[32], storage[32], public[32];
    struct stat st;
    struct cp_keeper *k = make(false, seal);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    memcpy(storage, cp_keeper_storage_key(k), 32);
    cp_keeper_free(k);

    cr_assert_eq(reopen(&k), CP_OK);
    cr_assert(cp_keeper_locked(k));
    cr_assert_eq(cp_keeper_count(k), 1);
    cr_assert_str_eq(cp_kdf_word(&cp_keeper_person(k, 0)->kdf), "weak");
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    const uint8_t *borrowed = cp_keeper_storage_key(k);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK, "unlocking twice changes nothing");
    cr_assert_eq(cp_keeper_storage_key(k), borrowed);
    cr_assert_arr_eq(borrowed, storage, 32);
    cr_assert_str_eq(cp_keeper_person(k, 0)->name, "Asha Rahman");
    cp_keeper_machine(k, key, box);
    cr_assert_eq(crypto_scalarmult_base(public, cp_keeper_curve_secret(k)), 0);
    cr_assert_arr_eq(public, key, 32);
    cp_keeper_lock(k);
    cr_assert(cp_keeper_locked(k));
    cr_assert_null(cp_keeper_storage_key(k));
    cr_assert_str_eq(cp_keeper_person(k, 0)->name, "");
    cp_keeper_free(k);
}

Test(keeper, no_passphrase_is_labelled_and_opens_itself)
{
    uint8_t seal[32], wrong[32] = {9};
    struct cp_keeper *k = NULL;
    cp_keeper_free(make(true, seal));
    cr_assert_eq(reopen(&k), CP_OK);
    cr_assert(cp_keeper_person(k, 0)->kdf.none);
    cr_assert_str_eq(cp_kdf_word(&cp_keeper_person(k, 0)->kdf), "none");
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    cr_assert_str_eq(cp_keeper_person(k, 0)->name, "Asha Rahman");
    cr_assert_eq(cp_keeper_check(k, 0, wrong), CP_OK,
                 "what is given instead of a passphrase is not looked at");
    cp_keeper_free(k);
}

Test(keeper, names_and_secrets_are_not_in_the_file)
{
    uint8_t seal[32], bytes[4096];
    struct cp_keeper *k = make(false, seal);
    size_t len = slurp(bytes, sizeof bytes);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    for (size_t i = 0; i + 11 <= len; i++)
        cr_assert_neq(memcmp(bytes + i, "Asha Rahman", 11), 0);
    for (size_t i = 0; i + 32 <= len; i++) {
        cr_assert_neq(memcmp(bytes + i, seal, 32), 0);
        cr_assert_neq(memcmp(bytes + i, cp_keeper_storage_key(k), 32), 0);
        cr_assert_neq(memcmp(bytes + i, cp_keeper_curve_secret(k), 32), 0);
        cr_assert_neq(memcmp(bytes + i, k->open->device[0], 32), 0);
    }
    cp_keeper_free(k);
}

Test(keeper, a_sealed_part_opens_in_its_own_place_only)
{
    uint8_t key[32] = {1}, whose[32] = {2}, other[32] = {3}, plain[5] = "four", out[5],
            sealed[5 + CP_SEAL_EXTRA];
    cr_assert_geq(sodium_init(), 0);
    cp_part_seal(key, CP_PART_NAME, whose, plain, sizeof plain, sealed);
    cr_assert(cp_part_open(key, CP_PART_NAME, whose, sealed, sizeof sealed, out));
    cr_assert_arr_eq(out, plain, sizeof plain);
    cr_assert_not(cp_part_open(key, CP_PART_DEVICE, whose, sealed, sizeof sealed, out));
    cr_assert_not(cp_part_open(key, CP_PART_NAME, other, sealed, sizeof sealed, out));
    cr_assert_not(cp_part_open(other, CP_PART_NAME, whose, sealed, sizeof sealed, out));
    for (size_t n = 0; n < sizeof sealed; n++)
        cr_assert_not(cp_part_open(key, CP_PART_NAME, whose, sealed, n, out));
}

/* ---- Signing ---- */

static void header_by(const uint8_t *device, struct cp_buf *out)
{
    struct cp_header h = {.rules = 1, .class = CP_CONTENT, .seq = 1, .lamport = 1};
    memcpy(h.device, device, CP_KEY_LEN);
    cp_buf_init(out, test_mem(), CP_HEADER_MAX);
    cp_header_encode(&h, out);
}

Test(keeper, signs_entries_of_its_own_devices_only)
{
    uint8_t seal[32], id[32], expected[32], sig[64], stranger[32] = {7}, plan[32] = {8};
    struct cp_buf header, foreign;
    struct cp_keeper *k = make(false, seal);
    const uint8_t *device = cp_keeper_person(k, 0)->device_key;
    header_by(device, &header);
    header_by(stranger, &foreign);
    cr_assert_eq(cp_keeper_sign_entry(k, device, plan, cp_buf_bytes(&header), id, sig), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    cr_assert_eq(cp_keeper_sign_entry(k, stranger, plan, cp_buf_bytes(&foreign), id, sig), CP_ERR_NOT_FOUND);
    cr_assert_eq(cp_keeper_sign_entry(k, device, plan, cp_buf_bytes(&foreign), id, sig), CP_ERR_NOT_FOUND);
    cr_assert_neq(cp_keeper_sign_entry(k, device, plan, text("not a header"), id, sig), CP_OK);
    cr_assert_eq(cp_keeper_sign_entry(k, device, plan, cp_buf_bytes(&header), id, sig), CP_OK);
    cp_entry_id(plan, cp_buf_bytes(&header), expected);
    cr_assert_arr_eq(id, expected, 32);
    cr_assert(cp_entry_sig_ok(id, sig, device));
    cp_buf_clear(&header);
    cp_buf_clear(&foreign);
    cp_keeper_free(k);
}

Test(keeper, joins_verify_for_the_plan_and_token_they_are_for)
{
    uint8_t seal[32], wrong[32] = {1}, plan[32] = {2}, invite[32] = {3}, token[CP_TOKEN_LEN] = {4};
    uint8_t token_key[32], token_curve[32], other_key[32];
    struct cp_buf join, founder;
    struct cp_join j;
    struct cp_keeper *k = make(false, seal);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&founder, test_mem(), CP_JOIN_MAX);
    cp_token_public(token, token_key, token_curve);
    cr_assert_eq(cp_keeper_join(k, 0, seal, plan, invite, token, text("Asha"), &join), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    cr_assert_eq(cp_keeper_join(k, 0, wrong, plan, invite, token, text("Asha"), &join),
                 CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_join(k, 0, seal, plan, invite, token, text(""), &join), CP_ERR_BAD_VALUE);
    cr_assert_eq(join.len, 0);
    cr_assert_eq(cp_keeper_join(k, 0, seal, plan, invite, token, text("Asha"), &join), CP_OK);
    cr_assert_eq(cp_join_read(cp_buf_bytes(&join), &j), CP_OK);
    cr_assert(cp_join_ok(&j, plan, invite, token_key, false));
    cr_assert_not(cp_join_ok(&j, invite, invite, token_key, false));
    cr_assert_not(cp_join_ok(&j, plan, plan, token_key, false));
    memset(other_key, 5, sizeof other_key);
    cr_assert_not(cp_join_ok(&j, plan, invite, other_key, false));
    cr_assert_arr_eq(j.person, cp_keeper_person(k, 0)->person, 32);

    cr_assert_eq(cp_keeper_join(k, 0, seal, plan, invite, NULL, text("Asha"), &founder), CP_OK);
    cr_assert_eq(cp_join_read(cp_buf_bytes(&founder), &j), CP_OK);
    cr_assert(cp_join_ok(&j, cp_zero_id, cp_zero_id, NULL, true));
    cr_assert_null(j.token_sig);
    cp_buf_clear(&join);
    cp_buf_clear(&founder);
    cp_keeper_free(k);
}

Test(keeper, answers_verify_as_ssh_signatures)
{
    static const uint8_t seen[1][CP_ID_LEN] = {{6}};
    uint8_t seal[32], wrong[32] = {1}, sig[64];
    struct cp_buf out;
    struct cp_answer_read read;
    struct cp_answer a = {.name = text("Asha"),
                          .word = CP_ANSWER_AGREE,
                          .seen = seen,
                          .seen_count = 1,
                          .meaning = text("1 en I agree to these words."),
                          .date = text("2026-11-21"),
                          .software = text("coplan 0.1")};
    struct cp_keeper *k = make(true, seal);
    cp_buf_init(&out, test_mem(), 2 * CP_ANSWER_TEXT_MAX);
    cr_assert_eq(cp_keeper_answer(k, 0, wrong, &a, &out, sig), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    cr_assert_eq(cp_keeper_answer(k, 0, seal, &a, &out, sig), CP_OK);
    cr_assert(cp_sshsig_ok(cp_buf_bytes(&out), cp_keeper_person(k, 0)->identity_key, sig));
    cr_assert_eq(cp_answer_read(&read, test_mem(), cp_buf_bytes(&out)), CP_OK);
    cr_assert_arr_eq(read.a.person, cp_keeper_person(k, 0)->person, 32);
    cr_assert_arr_eq(read.a.key, cp_keeper_person(k, 0)->identity_key, 32);
    cr_assert(cp_bytes_eq(read.a.method, text("own device, no passphrase")));
    cp_answer_clear(&read);
    out.ptr[out.len - 2] ^= 1;
    cr_assert_not(cp_sshsig_ok(cp_buf_bytes(&out), cp_keeper_person(k, 0)->identity_key, sig));
    cp_buf_clear(&out);
    cp_keeper_free(k);
}

Test(keeper, withdrawing_words_takes_the_passphrase_and_verifies)
{
    static const uint8_t ids[2][CP_ID_LEN] = {{6}, {7}}, back[2][CP_ID_LEN] = {{7}, {6}};
    uint8_t seal[32], wrong[32] = {1}, sig[CP_SIG_LEN], plan[CP_ID_LEN] = {9};
    struct cp_buf out;
    struct cp_withdraw w;
    struct cp_keeper *k = make(false, seal);
    cp_buf_init(&out, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_keeper_withdraw(k, 0, seal, plan, ids, 2, &out, sig), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_unlock(k, 0, seal), CP_OK);
    cr_assert_neq(cp_keeper_withdraw(k, 0, wrong, plan, ids, 2, &out, sig), CP_OK);
    cr_assert_eq(cp_keeper_withdraw(k, 0, seal, plan, back, 2, &out, sig), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_keeper_withdraw(k, 0, seal, plan, ids, 0, &out, sig), CP_ERR_BAD_VALUE);
    cr_assert_eq(out.len, 0, "nothing is said of what is refused");
    cr_assert_eq(cp_keeper_withdraw(k, 0, seal, plan, ids, 2, &out, sig), CP_OK);
    cr_assert_eq(cp_withdraw_read(cp_buf_bytes(&out), sig, &w), CP_OK);
    cr_assert(cp_statement_sig_ok(&w.statement));
    cr_assert_eq(w.count, 2);
    cr_assert_arr_eq(cp_withdraw_entry(&w, 1), ids[1], CP_ID_LEN);
    cr_assert_arr_eq(w.statement.plan, plan, CP_ID_LEN);
    cr_assert_arr_eq(w.statement.person, cp_keeper_person(k, 0)->person, CP_ID_LEN);
    cr_assert_arr_eq(w.statement.key, cp_keeper_person(k, 0)->identity_key, CP_KEY_LEN);
    cp_buf_clear(&out);
    cp_keeper_free(k);
}

/* ---- The sheet ---- */

Test(keeper, sheet_gives_back_the_recovery_key_however_it_is_typed)
{
    uint8_t seal[32], seed[16], key[32], secret[64];
    char sheet[CP_SHEET_MAX], typed[CP_SHEET_MAX];
    struct cp_kdf kdf;
    struct cp_keeper *k = NULL;
    cp_kdf_choose(&kdf, true);
    memset(seal, 0, sizeof seal);
    cr_assert_eq(cp_keeper_create(&k, path, text("Asha"), &kdf, seal, sheet), CP_OK);
    cr_assert(cp_sheet_read(text(sheet), seed));
    cp_sheet_keys(seed, key, secret);
    cr_assert_arr_eq(key, cp_keeper_person(k, 0)->recovery_key, 32);
    for (size_t i = 0; i <= strlen(sheet); i++) {
        char c = sheet[i];
        typed[i] = c == '0' ? 'o' : c == '1' ? 'l' : c == '-' ? ' ' : (char)(c >= 'A' ? c + 32 : c);
    }
    cr_assert(cp_sheet_read(text(typed), seed));
    for (size_t i = 0; i < strlen(sheet); i++) {
        memcpy(typed, sheet, sizeof typed);
        if (typed[i] == '-')
            continue;
        typed[i] = typed[i] == '7' ? '8' : '7';
        cr_assert_not(cp_sheet_read(text(typed), seed), "a mistyped letter at %zu", i);
    }
    cr_assert_not(cp_sheet_read(text(""), seed));
    cr_assert_not(cp_sheet_read(CP_BYTES((const uint8_t *)sheet, 38), seed));
    cr_assert_not(cp_sheet_read(text("UUUU"), seed));
    cp_keeper_free(k);
}

Test(keeper, one_wrong_letter_of_a_sheet_is_forgiven)
{
    uint8_t seed[CP_SHEET_SEED_LEN] = {1, 2, 3, 250}, read[CP_SHEET_SEED_LEN];
    char sheet[CP_SHEET_MAX], typed[CP_SHEET_MAX];
    unsigned group, letter;
    cp_sheet_write(seed, sheet);
    cr_assert(cp_sheet_forgive(text(sheet), read, &group, &letter));
    cr_assert_eq(group, 0, "nothing was wrong");
    for (size_t i = 0, n = 0; sheet[i] != '\0'; i++) {
        if (sheet[i] == '-')
            continue;
        memcpy(typed, sheet, sizeof typed);
        typed[i] = i % 3 == 0 ? 'u' : sheet[i] == 'Z' ? '0' : 'Z'; /* none of ours, or another */
        memset(read, 0, sizeof read);
        cr_assert(cp_sheet_forgive(text(typed), read, &group, &letter), "letter %zu", n);
        cr_assert_arr_eq(read, seed, sizeof seed);
        cr_assert_eq(group, n / 4 + 1);
        cr_assert_eq(letter, n % 4 + 1);
        n++;
    }
    memcpy(typed, sheet, sizeof typed);
    typed[0] = sheet[0] == 'Z' ? '0' : 'Z';
    typed[6] = sheet[6] == 'Z' ? '0' : 'Z';
    cr_assert_not(cp_sheet_forgive(text(typed), read, &group, &letter), "two are too many");
    typed[0] = '\0';
    cr_assert_not(cp_sheet_forgive(text(typed), read, &group, &letter));
    cr_assert_not(cp_sheet_forgive(CP_BYTES((const uint8_t *)sheet, 38), read, &group, &letter),
                  "one is missing");
}

Test(keeper, derived_pairs_belong_together)
{
    uint8_t token[CP_TOKEN_LEN] = {1}, secret[32] = {2}, key[32], curve[32], out[32], public[32], proof[32];
    cp_token_public(token, key, curve);
    cp_token_curve(token, public, out);
    cr_assert_arr_eq(public, curve, 32);
    cr_assert_eq(crypto_scalarmult_base(public, out), 0);
    cr_assert_arr_eq(public, curve, 32);
    cp_door_curve(secret, key, out);
    cr_assert_eq(crypto_scalarmult_base(public, out), 0);
    cr_assert_arr_eq(public, key, 32);
    cp_door_proof_key(secret, proof);
    cr_assert_neq(memcmp(proof, out, 32), 0);
}

/* ---- A device that several share ---- */

/* "Bill" beside Asha; seal gets the key of his passphrase. */
static void add_bill(struct cp_keeper *k, uint8_t seal[static 32])
{
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX];
    cp_kdf_choose(&kdf, false);
    cr_assert_eq(cp_kdf_run(&kdf, text("a red kite"), seal), CP_OK);
    cr_assert_eq(cp_keeper_add(k, text("Bill"), &kdf, seal, sheet), CP_OK);
    cr_assert_eq(strlen(sheet), 39);
}

Test(keeper, a_further_person_is_woken_by_their_own_passphrase_alone)
{
    uint8_t asha[32], bill[32];
    char sheet[CP_SHEET_MAX];
    struct cp_keeper *k = make(false, asha);
    struct cp_kdf kdf = cp_keeper_person(k, 0)->kdf;
    cr_assert_eq(cp_keeper_add(k, text("Bill"), &kdf, asha, sheet), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_unlock(k, 0, asha), CP_OK);
    cr_assert_str_eq(cp_keeper_method(k, 0), "own device");
    cr_assert_eq(cp_keeper_add(k, text(""), &kdf, asha, sheet), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_keeper_add(k, text("\xff"), &kdf, asha, sheet), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_keeper_add(k, text("Asha Rahman"), &kdf, asha, sheet), CP_ERR_BAD_VALUE,
                 "the name is taken");
    add_bill(k, bill);
    cr_assert_eq(cp_keeper_count(k), 2);
    cr_assert(cp_keeper_awake(k, 0) && cp_keeper_awake(k, 1));
    cr_assert_str_eq(cp_keeper_method(k, 0), "shared device");
    cp_keeper_free(k);

    cr_assert_eq(cp_keeper_open(&k, path), CP_OK);
    cr_assert_eq(cp_keeper_count(k), 2);
    cr_assert_eq(cp_keeper_unlock(k, 1, asha), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_unlock(k, 0, asha), CP_OK); /* and Asha's key is guarded from now on */
    cr_assert(cp_keeper_awake(k, 0) && !cp_keeper_awake(k, 1));
    cr_assert_str_eq(cp_keeper_person(k, 1)->name, "Bill");
    cr_assert_eq(cp_keeper_unlock(k, 1, asha), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_not(cp_keeper_awake(k, 1));
    cp_keeper_free(k);

    cr_assert_eq(cp_keeper_open(&k, path), CP_OK);
    cr_assert_eq(cp_keeper_unlock(k, 1, bill), CP_OK);
    cr_assert(!cp_keeper_awake(k, 0) && cp_keeper_awake(k, 1));
    cr_assert_eq(cp_keeper_unlock(k, 0, asha), CP_OK);
    cr_assert(cp_keeper_awake(k, 0));
    cp_keeper_sleep(k, 0);
    cr_assert(!cp_keeper_awake(k, 0) && cp_keeper_awake(k, 1) && !cp_keeper_locked(k));
    cp_keeper_free(k);
}

Test(keeper, who_sleeps_signs_nothing)
{
    uint8_t asha[32], bill[32], id[CP_ID_LEN], sig[CP_SIG_LEN];
    struct cp_buf header;
    struct cp_keeper *k = make(false, asha);
    cr_assert_eq(cp_keeper_unlock(k, 0, asha), CP_OK);
    add_bill(k, bill);
    struct cp_header h = {
        .rules = CP_RULES_VERSION, .class = CP_CONTROL, .seq = 1, .lamport = 1, .frame_len = 1};
    memcpy(h.device, cp_keeper_person(k, 1)->device_key, CP_KEY_LEN);
    cp_buf_init(&header, test_mem(), CP_ENTRY_MAX);
    cp_header_encode(&h, &header);
    cr_assert_eq(cp_keeper_sign_entry(k, h.device, cp_zero_id, cp_buf_bytes(&header), id, sig), CP_OK);
    cp_keeper_sleep(k, 1);
    cr_assert_eq(cp_keeper_sign_entry(k, h.device, cp_zero_id, cp_buf_bytes(&header), id, sig),
                 CP_ERR_LOCKED);
    cp_buf_clear(&header);
    cp_keeper_free(k);
}

Test(keeper, a_full_device_takes_nobody_more)
{
    uint8_t seal[32];
    char sheet[CP_SHEET_MAX], name[8];
    struct cp_keeper *k = make(true, seal);
    struct cp_kdf kdf = {.none = true};
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    for (unsigned i = 1; i < CP_PERSONS_MAX; i++) {
        snprintf(name, sizeof name, "P%u", i);
        cr_assert_eq(cp_keeper_add(k, text(name), &kdf, seal, sheet), CP_OK);
    }
    cr_assert_eq(cp_keeper_add(k, text("one more"), &kdf, seal, sheet), CP_ERR_TOO_BIG);
    cp_keeper_free(k);
    cr_assert_eq(cp_keeper_open(&k, path), CP_OK);
    cr_assert_eq(cp_keeper_count(k), CP_PERSONS_MAX);
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    cr_assert(cp_keeper_awake(k, 7), "whoever has no passphrase is awake");
    cp_keeper_free(k);
}
