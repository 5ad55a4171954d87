/* SSH signatures and public keys as OpenSSH writes them. Owns: their bytes. Must not: hold a secret key. */
#include "proto/sshsig.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define KEY_TYPE   "ssh-ed25519"
#define HASH_NAME  "sha512"
#define FIRST_LINE "-----BEGIN SSH SIGNATURE-----\n"
#define LAST_LINE  "-----END SSH SIGNATURE-----\n"
#define STR_LEN(s) (sizeof(s) - 1)

enum {
    PUBLIC_LEN = 4 + STR_LEN(KEY_TYPE) + 4 + CP_KEY_LEN,
    PUBLIC_TEXT_LEN = (PUBLIC_LEN + 2) / 3 * 4,
    SIG_PART_LEN = 4 + STR_LEN(KEY_TYPE) + 4 + CP_SIG_LEN,
    INPUT_LEN =
        6 + 4 + STR_LEN(CP_SSHSIG_NAMESPACE) + 4 + 4 + STR_LEN(HASH_NAME) + 4 + crypto_hash_sha512_BYTES,
    BLOB_LEN = 6 + 4 + 4 + PUBLIC_LEN + 4 + STR_LEN(CP_SSHSIG_NAMESPACE) + 4 + 4 + STR_LEN(HASH_NAME) + 4 +
               SIG_PART_LEN,
    BLOB_TEXT_LEN = (BLOB_LEN + 2) / 3 * 4,
    COLUMNS = 70,
    LINES = (BLOB_TEXT_LEN + COLUMNS - 1) / COLUMNS,
    ARMOUR_LEN = STR_LEN(FIRST_LINE) + BLOB_TEXT_LEN + LINES + STR_LEN(LAST_LINE)
};
_Static_assert(PUBLIC_LEN % 3 == 0 && BLOB_LEN % 3 == 0, "no padding, so one text for each blob");

/* Everything here has one fixed length, so it is laid out in arrays on the stack. */
static uint8_t *put(uint8_t *at, const void *p, size_t len)
{
    memcpy(at, p, len);
    return at + len;
}

/* A string of RFC 4251: its length in four bytes, then its bytes. */
static uint8_t *put_string(uint8_t *at, const void *p, size_t len)
{
    const uint8_t be[4] = {0, 0, 0, (uint8_t)len};
    assert(len <= UINT8_MAX);
    return put(put(at, be, 4), p, len);
}

static void make_public(const uint8_t *key, uint8_t out[PUBLIC_LEN])
{
    uint8_t *at = put_string(out, KEY_TYPE, STR_LEN(KEY_TYPE));
    at = put_string(at, key, CP_KEY_LEN);
    assert(at == out + PUBLIC_LEN);
}

static void make_input(struct cp_bytes message, uint8_t out[INPUT_LEN])
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    static const uint8_t nothing[1];
    (void)crypto_hash_sha512(hash, message.len == 0 ? nothing : message.ptr, message.len);
    uint8_t *at = put(out, "SSHSIG", 6);
    at = put_string(at, CP_SSHSIG_NAMESPACE, STR_LEN(CP_SSHSIG_NAMESPACE));
    at = put_string(at, "", 0);
    at = put_string(at, HASH_NAME, STR_LEN(HASH_NAME));
    at = put_string(at, hash, sizeof hash);
    assert(at == out + INPUT_LEN);
}

static void make_blob(const uint8_t *key, const uint8_t *sig, uint8_t out[BLOB_LEN])
{
    static const uint8_t version[4] = {0, 0, 0, 1};
    uint8_t public_key[PUBLIC_LEN], part[SIG_PART_LEN];
    make_public(key, public_key);
    (void)put_string(put_string(part, KEY_TYPE, STR_LEN(KEY_TYPE)), sig, CP_SIG_LEN);
    uint8_t *at = put(put(out, "SSHSIG", 6), version, 4);
    at = put_string(at, public_key, sizeof public_key);
    at = put_string(at, CP_SSHSIG_NAMESPACE, STR_LEN(CP_SSHSIG_NAMESPACE));
    at = put_string(at, "", 0);
    at = put_string(at, HASH_NAME, STR_LEN(HASH_NAME));
    at = put_string(at, part, sizeof part);
    assert(at == out + BLOB_LEN);
}

static void make_armour(const uint8_t *key, const uint8_t *sig, uint8_t out[ARMOUR_LEN])
{
    uint8_t blob[BLOB_LEN];
    char text[BLOB_TEXT_LEN + 1];
    make_blob(key, sig, blob);
    (void)sodium_bin2base64(text, sizeof text, blob, sizeof blob, sodium_base64_VARIANT_ORIGINAL);
    uint8_t *at = put(out, FIRST_LINE, STR_LEN(FIRST_LINE));
    for (size_t i = 0; i < BLOB_TEXT_LEN; i += COLUMNS) {
        size_t len = BLOB_TEXT_LEN - i < COLUMNS ? BLOB_TEXT_LEN - i : COLUMNS;
        at = put(put(at, text + i, len), "\n", 1);
    }
    at = put(at, LAST_LINE, STR_LEN(LAST_LINE));
    assert(at == out + ARMOUR_LEN);
}

void cp_sshsig_input(struct cp_bytes message, struct cp_buf *out)
{
    uint8_t input[INPUT_LEN];
    make_input(message, input);
    cp_buf_put(out, input, sizeof input);
}

void cp_sshsig_armour(const uint8_t key[static CP_KEY_LEN], const uint8_t sig[static CP_SIG_LEN],
                      struct cp_buf *out)
{
    uint8_t armour[ARMOUR_LEN];
    make_armour(key, sig, armour);
    cp_buf_put(out, armour, sizeof armour);
}

/* Takes the key and the signature from where they must stand; writing them again shows the rest to be right. */
enum cp_err cp_sshsig_read(struct cp_bytes armour, uint8_t key[static CP_KEY_LEN],
                           uint8_t sig[static CP_SIG_LEN])
{
    char text[BLOB_TEXT_LEN];
    uint8_t blob[BLOB_LEN], again[ARMOUR_LEN];
    size_t len = 0, blob_len = 0;
    if (armour.len != ARMOUR_LEN)
        return CP_ERR_NOT_GOOD;
    for (size_t i = STR_LEN(FIRST_LINE); i < ARMOUR_LEN - STR_LEN(LAST_LINE); i++)
        if (armour.ptr[i] != '\n' && len < sizeof text)
            text[len++] = (char)armour.ptr[i];
    if (len != sizeof text || sodium_base642bin(blob, sizeof blob, text, len, NULL, &blob_len, NULL,
                                                sodium_base64_VARIANT_ORIGINAL) != 0)
        return CP_ERR_NOT_GOOD;
    if (blob_len != sizeof blob)
        return CP_ERR_NOT_GOOD;
    memcpy(key, blob + 6 + 4 + 4 + PUBLIC_LEN - CP_KEY_LEN, CP_KEY_LEN);
    memcpy(sig, blob + BLOB_LEN - CP_SIG_LEN, CP_SIG_LEN);
    make_armour(key, sig, again);
    return memcmp(again, armour.ptr, ARMOUR_LEN) == 0 ? CP_OK : CP_ERR_NOT_GOOD;
}

bool cp_sshsig_ok(struct cp_bytes message, const uint8_t key[static CP_KEY_LEN],
                  const uint8_t sig[static CP_SIG_LEN])
{
    uint8_t input[INPUT_LEN];
    make_input(message, input);
    return crypto_sign_verify_detached(sig, input, sizeof input, key) == 0;
}

void cp_ssh_public(const uint8_t key[static CP_KEY_LEN], struct cp_buf *out)
{
    uint8_t public_key[PUBLIC_LEN];
    char text[PUBLIC_TEXT_LEN + 1];
    make_public(key, public_key);
    (void)sodium_bin2base64(text, sizeof text, public_key, sizeof public_key, sodium_base64_VARIANT_ORIGINAL);
    cp_buf_put_str(out, KEY_TYPE " ");
    cp_buf_put(out, text, PUBLIC_TEXT_LEN);
}

/* libsodium's decoder takes some bytes that are no base 64 at all, so here too writing again is what judges. */
enum cp_err cp_ssh_public_read(struct cp_bytes text, uint8_t key[static CP_KEY_LEN])
{
    const size_t head = STR_LEN(KEY_TYPE " ");
    uint8_t public_key[PUBLIC_LEN];
    char base64[PUBLIC_TEXT_LEN], again[PUBLIC_TEXT_LEN + 1];
    size_t len = 0;
    if (text.len != head + PUBLIC_TEXT_LEN || memcmp(text.ptr, KEY_TYPE " ", head) != 0)
        return CP_ERR_NOT_GOOD;
    memcpy(base64, text.ptr + head, sizeof base64);
    if (sodium_base642bin(public_key, sizeof public_key, base64, sizeof base64, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != sizeof public_key)
        return CP_ERR_NOT_GOOD;
    memcpy(key, public_key + PUBLIC_LEN - CP_KEY_LEN, CP_KEY_LEN);
    make_public(key, public_key);
    (void)sodium_bin2base64(again, sizeof again, public_key, sizeof public_key,
                            sodium_base64_VARIANT_ORIGINAL);
    return memcmp(base64, again, sizeof base64) == 0 ? CP_OK : CP_ERR_NOT_GOOD;
}

void cp_ssh_fingerprint(const uint8_t key[static CP_KEY_LEN], struct cp_buf *out)
{
    uint8_t public_key[PUBLIC_LEN], hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    make_public(key, public_key);
    (void)crypto_hash_sha256(hash, public_key, sizeof public_key);
    (void)sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    cp_buf_put_str(out, "SHA256:");
    cp_buf_put_str(out, text);
}
