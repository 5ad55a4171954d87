/* Tagged hashes and signatures. Owns: the tags as text. Must not: hold or see a secret signing key. */
#include "proto/hash.h"

#include <assert.h>
#include <string.h>

static const char *const tags[] = {
#define X(name, text) [CP_TAG_##name] = text,
    CP_TAG_LIST(X)
#undef X
};

const char *cp_tag_text(enum cp_tag tag)
{
    assert((unsigned)tag < CP_TAG_COUNT);
    return tags[tag];
}

/* BLAKE2b of libsodium makes 16 to 64 bytes; a shorter hash is the beginning of the 16-byte one. */
static size_t made_len(size_t out_len)
{
    assert(out_len >= 1 && out_len <= crypto_generichash_BYTES_MAX);
    return out_len < crypto_generichash_BYTES_MIN ? crypto_generichash_BYTES_MIN : out_len;
}

void cp_hash_init_keyed(struct cp_hasher *h, enum cp_tag tag, size_t out_len, const uint8_t *key, size_t key_len)
{
    int rc = crypto_generichash_init(&h->state, key, key_len, made_len(out_len));
    assert(rc == 0);
    (void)rc;
    cp_hash_add(h, cp_tag_text(tag), strlen(cp_tag_text(tag)) + 1);
}

void cp_hash_init(struct cp_hasher *h, enum cp_tag tag, size_t out_len)
{
    cp_hash_init_keyed(h, tag, out_len, NULL, 0);
}

void cp_hash_add(struct cp_hasher *h, const void *p, size_t len)
{
    if (len != 0)
        (void)crypto_generichash_update(&h->state, p, len);
}

void cp_hash_add_u64(struct cp_hasher *h, uint64_t v)
{
    uint8_t be[8];
    for (unsigned i = 0; i < 8; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i) & 0xff);
    cp_hash_add(h, be, sizeof be);
}

void cp_hash_add_sized(struct cp_hasher *h, struct cp_bytes b)
{
    cp_hash_add_u64(h, b.len);
    cp_hash_add(h, b.ptr, b.len);
}

void cp_hash_end(struct cp_hasher *h, uint8_t *out, size_t out_len)
{
    uint8_t made[crypto_generichash_BYTES_MAX];
    (void)crypto_generichash_final(&h->state, made, made_len(out_len));
    memcpy(out, made, out_len);
}

void cp_hash2(enum cp_tag tag, struct cp_bytes a, struct cp_bytes b, uint8_t *out, size_t out_len)
{
    struct cp_hasher h;
    cp_hash_init(&h, tag, out_len);
    cp_hash_add(&h, a.ptr, a.len);
    cp_hash_add(&h, b.ptr, b.len);
    cp_hash_end(&h, out, out_len);
}

void cp_sign_input(enum cp_tag tag, struct cp_bytes message, struct cp_buf *out)
{
    cp_buf_put(out, cp_tag_text(tag), strlen(cp_tag_text(tag)) + 1);
    cp_buf_put_bytes(out, message);
}

bool cp_sig_ok(enum cp_tag tag, struct cp_bytes message, const uint8_t sig[static CP_SIG_LEN],
               const uint8_t key[static CP_KEY_LEN])
{
    uint8_t input[64 + CP_ENTRY_MAX];
    size_t tag_len = strlen(cp_tag_text(tag)) + 1;
    if (message.len > CP_ENTRY_MAX)
        return false;
    memcpy(input, cp_tag_text(tag), tag_len);
    if (message.len != 0)
        memcpy(input + tag_len, message.ptr, message.len);
    return crypto_sign_verify_detached(sig, input, tag_len + message.len, key) == 0;
}
