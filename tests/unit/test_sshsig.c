/* SSH signatures: the vector that ssh-keygen takes, a file that ssh-keygen made, and everything else refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/sshsig.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"

/* Made by OpenSSH 9.2: ssh-keygen -Y sign -n coplan-agreement-v1, over "hello\n". */
static const char made_by_ssh_keygen[] =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAghho2GLMGKpRGme0vUbrBoFqLCG\n"
    "MF18xqGW9kuelMsgEAAAATY29wbGFuLWFncmVlbWVudC12MQAAAAAAAAAGc2hhNTEyAAAA\n"
    "UwAAAAtzc2gtZWQyNTUxOQAAAEBGcLcYCck28Mif0mtq/H+haz8t2YyVhX8hCcU1eEGXL3\n"
    "x7ddRPEP38UsXe++xqOpdXYtWbKTMmP3mMfF1LIGUH\n"
    "-----END SSH SIGNATURE-----\n";
static const char its_key[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB";
static const char its_fingerprint[] = "SHA256:Rh43SJsIHVb4FN4TAkkSsiTM0f86qhFlrZOXXFNhlvk";

static struct cp_bytes load(const char *path, uint8_t *room, size_t len)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    size_t n = fread(room, 1, len, f);
    fclose(f);
    return CP_BYTES(room, n);
}

Test(sshsig, takes_what_ssh_keygen_makes)
{
    uint8_t key[CP_KEY_LEN], sig[CP_SIG_LEN], named[CP_KEY_LEN];
    struct cp_bytes message = cp_bytes_str("hello\n");
    cr_assert_eq(cp_sshsig_read(cp_bytes_str(made_by_ssh_keygen), key, sig), CP_OK);
    cr_assert(cp_sshsig_ok(message, key, sig));
    cr_assert_not(cp_sshsig_ok(cp_bytes_str("hello"), key, sig));
    cr_assert_not(cp_sshsig_ok(CP_BYTES(NULL, 0), key, sig));
    cr_assert_eq(cp_ssh_public_read(cp_bytes_str(its_key), named), CP_OK);
    cr_assert_arr_eq(key, named, CP_KEY_LEN);
}

Test(sshsig, writes_keys_and_fingerprints_as_ssh_keygen)
{
    uint8_t key[CP_KEY_LEN];
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), 1000);
    cr_assert_eq(cp_ssh_public_read(cp_bytes_str(its_key), key), CP_OK);
    cp_ssh_public(key, &out);
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str(its_key)));
    cp_buf_reset(&out);
    cp_ssh_fingerprint(key, &out);
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str(its_fingerprint)));
    cp_buf_clear(&out);
}

Test(sshsig, the_vector)
{
    static struct test_agreement t;
    uint8_t room[1024], key[CP_KEY_LEN], sig[CP_SIG_LEN];
    struct cp_buf text, out;
    test_agreement_init(&t);
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
    cp_buf_init(&out, test_mem(), 1000);
    cp_answer_write(&t.answer, &text);
    cp_sshsig_input(cp_buf_bytes(&text), &out);
    (void)crypto_sign_detached(sig, NULL, out.ptr, out.len, t.secret);
    cp_buf_reset(&out);
    cp_sshsig_armour(t.must[0].key, sig, &out);
    struct cp_bytes file = load("tests/vectors/answer.txt.sig", room, sizeof room);
    cr_assert(cp_bytes_eq(file, cp_buf_bytes(&out)));
    cr_assert_eq(cp_sshsig_read(file, key, sig), CP_OK);
    cr_assert(cp_sshsig_ok(cp_buf_bytes(&text), key, sig));
    cr_assert_arr_eq(key, t.must[0].key, CP_KEY_LEN);
    cp_buf_clear(&text);
    cp_buf_clear(&out);
}

Test(sshsig, every_cut_and_every_addition_is_refused)
{
    uint8_t key[CP_KEY_LEN], sig[CP_SIG_LEN];
    char longer[sizeof made_by_ssh_keygen + 2];
    size_t len = strlen(made_by_ssh_keygen);
    for (size_t n = 0; n < len; n++)
        cr_assert_eq(cp_sshsig_read(CP_BYTES((const uint8_t *)made_by_ssh_keygen, n), key, sig),
                     CP_ERR_NOT_GOOD);
    for (size_t at = 0; at <= len; at++) {
        memcpy(longer, made_by_ssh_keygen, at);
        longer[at] = '\n';
        memcpy(longer + at + 1, made_by_ssh_keygen + at, len - at);
        cr_assert_eq(cp_sshsig_read(CP_BYTES((const uint8_t *)longer, len + 1), key, sig), CP_ERR_NOT_GOOD);
    }
}

Test(sshsig, no_flipped_bit_gives_a_good_signature)
{
    uint8_t file[sizeof made_by_ssh_keygen], key[CP_KEY_LEN], sig[CP_SIG_LEN];
    size_t len = strlen(made_by_ssh_keygen);
    memcpy(file, made_by_ssh_keygen, sizeof file);
    for (size_t bit = 0; bit < len * 8; bit++) {
        file[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (cp_sshsig_read(CP_BYTES(file, len), key, sig) == CP_OK)
            cr_assert_not(cp_sshsig_ok(cp_bytes_str("hello\n"), key, sig), "bit %zu", bit);
        file[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(sshsig, keys_have_one_text)
{
    static const char *const others[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB asha",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLI=",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIYYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB",
        "ssh-ed25519 BAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTL-_",
        /* found by the fuzzer: libsodium 1.0.18 decodes these two bytes as if they were letters */
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBd\232\265ahlvZLnpTLIB",
        "ssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIIYaNhizBiqURpntL1G6waBaiwhjBdfMahlvZLnpTLIB",
    };
    uint8_t key[CP_KEY_LEN];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        cr_assert_eq(cp_ssh_public_read(cp_bytes_str(others[i]), key), CP_ERR_NOT_GOOD, "%s", others[i]);
}
