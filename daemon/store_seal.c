/*
 * Sealing: the one pair of functions through which any frame, word, value or name reaches the disk and comes back,
 * and the keyed marks by which rows are found. Owns: the storage key in memory. Must not: know tables.
 *
 * XChaCha20-Poly1305 under the storage key, with name | column as associated data, so that nothing can be moved to
 * another row or column unnoticed. Nonces: a column that holds the same bytes whenever it has the same name (an
 * entry's body is fixed by its id) takes the nonce H(tag, name | column): the same nonce is then only ever used for
 * the same message, which is what a nonce must guarantee, and a rewritten row tells nothing. Columns whose value
 * changes under one name carry a random nonce in front.
 */
#include <assert.h>
#include <sodium.h>

#include "daemon/store_internal.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    AD = CP_ID_LEN + 1,
    KEY = 32
};
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY, "the storage key is used as it is");

enum cp_err cp_seal_unlock(struct cp_store *s, const uint8_t *key)
{
    assert(s->key == NULL);
    uint8_t *held = sodium_malloc(2 * (size_t)KEY);
    if (held == NULL)
        return CP_ERR_NO_MEMORY;
    struct cp_hasher h;
    memcpy(held, key, KEY);
    cp_hash_init_keyed(&h, CP_TAG_STORE_TARGET, KEY, key, KEY); /* marks have a key of their own */
    cp_hash_end(&h, held + KEY, KEY);
    sodium_memzero(&h, sizeof h);
    s->key = held;
    return CP_OK;
}

void cp_seal_lock(struct cp_store *s)
{
    sodium_free(s->key); /* wipes */
    s->key = NULL;
}

static void fill_ad(const uint8_t *name, enum cp_column column, uint8_t ad[static AD])
{
    memcpy(ad, name, CP_ID_LEN);
    ad[CP_ID_LEN] = (uint8_t)column;
}

static void fixed_nonce(const uint8_t ad[static AD], uint8_t nonce[static NONCE])
{
    cp_hash2(CP_TAG_STORE_NONCE, CP_BYTES(ad, AD), CP_BYTES(NULL, 0), nonce, NONCE);
}

enum cp_err cp_store_seal(struct cp_store *s, const uint8_t name[static CP_ID_LEN], enum cp_column column,
                          struct cp_bytes plain, struct cp_buf *out)
{
    uint8_t ad[AD], nonce[NONCE];
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    fill_ad(name, column, ad);
    if (column < CP_COLUMN_MUTABLE) {
        fixed_nonce(ad, nonce);
    } else {
        s->random(s->random_ctx, nonce, sizeof nonce);
        cp_buf_put(out, nonce, sizeof nonce);
    }
    uint8_t *space = cp_buf_space(out, plain.len + TAG);
    if (space == NULL)
        return cp_buf_err(out);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(space, NULL, plain.ptr, plain.len, ad, AD, NULL, nonce, s->key);
    return CP_OK;
}

enum cp_err cp_store_open_sealed(struct cp_store *s, const uint8_t name[static CP_ID_LEN], enum cp_column column,
                                 struct cp_bytes sealed, struct cp_buf *out)
{
    uint8_t ad[AD], nonce[NONCE];
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    fill_ad(name, column, ad);
    if (column < CP_COLUMN_MUTABLE) {
        fixed_nonce(ad, nonce);
    } else {
        if (sealed.len < NONCE)
            return CP_ERR_DAMAGED_STORE;
        memcpy(nonce, sealed.ptr, NONCE);
        sealed = CP_BYTES(sealed.ptr + NONCE, sealed.len - NONCE);
    }
    if (sealed.len < TAG)
        return CP_ERR_DAMAGED_STORE;
    if (sealed.len == TAG) { /* nothing inside; judged all the same */
        uint8_t none[1];
        return crypto_aead_xchacha20poly1305_ietf_decrypt(none, NULL, NULL, sealed.ptr, sealed.len, ad, AD, nonce,
                                                          s->key) == 0
                   ? CP_OK
                   : CP_ERR_DAMAGED_STORE;
    }
    uint8_t *space = cp_buf_space(out, sealed.len - TAG);
    if (space == NULL)
        return cp_buf_err(out);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(space, NULL, NULL, sealed.ptr, sealed.len, ad, AD, nonce, s->key) != 0)
        return CP_ERR_DAMAGED_STORE;
    return CP_OK;
}

/* ---- Marks ---- */

static const uint8_t *mark_key(const struct cp_store *s)
{
    assert(s->key != NULL);
    return s->key + KEY;
}

uint64_t cp_mark(const struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const uint8_t id[static CP_ID_LEN])
{
    struct cp_hasher h;
    uint8_t out[8];
    uint64_t mark = 0;
    cp_hash_init_keyed(&h, CP_TAG_STORE_TARGET, sizeof out, mark_key(s), KEY);
    cp_hash_add(&h, plan, CP_ID_LEN);
    cp_hash_add(&h, id, CP_ID_LEN);
    cp_hash_end(&h, out, sizeof out);
    for (size_t i = 0; i < sizeof out; i++)
        mark = mark << 8 | out[i];
    return mark;
}

void cp_mark_name(const struct cp_store *s, struct cp_bytes text, uint8_t out[static CP_ID_LEN])
{
    struct cp_hasher h;
    cp_hash_init_keyed(&h, CP_TAG_STORE_TARGET, CP_ID_LEN, mark_key(s), KEY);
    cp_hash_add_sized(&h, text);
    cp_hash_end(&h, out, CP_ID_LEN);
}

/* ---- Persons ---- */

enum cp_err cp_person_num(struct cp_store *s, const uint8_t id[static CP_ID_LEN], uint64_t *num)
{
    sqlite3_stmt *st = NULL;
    bool found;
    uint8_t name[CP_ID_LEN];
    uint64_t mark = cp_mark(s, cp_zero_id, id);
    enum cp_err err = cp_sql_one(s, CP_SQL_PERSON_BY_MARK, &st, &found, "i", mark);
    if (err != CP_OK)
        return err;
    if (found) {
        *num = cp_col_u64(st, 0);
        cp_sql_done(st);
        return CP_OK;
    }
    cp_mark_name(s, CP_BYTES((const uint8_t *)&mark, sizeof mark), name);
    cp_buf_reset(&s->sealed);
    err = cp_store_seal(s, name, CP_COLUMN_PERSON, CP_BYTES(id, CP_ID_LEN), &s->sealed);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_PERSON_ADD, "ib", mark, s->sealed.ptr, s->sealed.len);
    if (err == CP_OK)
        *num = (uint64_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

enum cp_err cp_person_of(struct cp_store *s, uint64_t num, uint8_t id[static CP_ID_LEN])
{
    size_t slot = num % CP_PERSON_CACHE;
    sqlite3_stmt *st = NULL;
    bool found;
    uint8_t name[CP_ID_LEN];
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    if (num != 0 && s->persons[slot].num == num) {
        memcpy(id, s->persons[slot].id, CP_ID_LEN);
        return CP_OK;
    }
    enum cp_err err = cp_sql_one(s, CP_SQL_PERSON_GET, &st, &found, "i", num);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    uint64_t mark = cp_col_u64(st, 0);
    cp_mark_name(s, CP_BYTES((const uint8_t *)&mark, sizeof mark), name);
    cp_buf_reset(&s->sealed);
    err = cp_store_open_sealed(s, name, CP_COLUMN_PERSON, cp_col_blob(st, 1), &s->sealed);
    cp_sql_done(st);
    if (err == CP_OK && s->sealed.len != CP_ID_LEN)
        err = CP_ERR_DAMAGED_STORE;
    if (err != CP_OK)
        return err;
    memcpy(id, s->sealed.ptr, CP_ID_LEN);
    memcpy(s->persons[slot].id, id, CP_ID_LEN);
    s->persons[slot].num = num;
    return CP_OK;
}

/* ---- Bodies ---- */

enum { WORDS_ROOM = CP_ID_LEN + 1 }; /* words take at least so much, so that their hash always fits in their place */

struct cp_body cp_body_of(const struct cp_header *h, const struct cp_entry *e, bool erased)
{
    struct cp_body b = {.frame = e->frame, .words = e->words, .erased = erased, .words_len = h->words_len};
    if (erased && e->words.ptr != NULL)
        cp_words_hash(e->words, b.words_hash);
    else if (erased)
        memcpy(b.words_hash, e->words_hash.ptr, CP_ID_LEN);
    if (erased)
        b.words = CP_BYTES(NULL, 0);
    return b;
}

enum cp_err cp_body_seal(struct cp_store *s, const uint8_t id[static CP_ID_LEN], const struct cp_body *body,
                         struct cp_buf *out)
{
    struct cp_buf plain;
    size_t words_len = body->erased ? body->words_len : body->words.len;
    size_t room = words_len == 0 || words_len > WORDS_ROOM ? words_len : WORDS_ROOM;
    cp_buf_init(&plain, &s->mem, CP_ENTRY_MAX + 64);
    cp_leb_put(&plain, body->frame.len);
    cp_leb_put(&plain, words_len);
    cp_buf_put_bytes(&plain, body->frame);
    size_t used = body->erased ? CP_ID_LEN : words_len;
    if (body->erased)
        cp_buf_put(&plain, body->words_hash, CP_ID_LEN);
    else
        cp_buf_put_bytes(&plain, body->words);
    for (room -= body->erased ? 1 : 0; used < room; used++) /* the byte goes to entry.words */
        cp_buf_put_byte(&plain, 0);
    enum cp_err err = cp_buf_err(&plain);
    if (err == CP_OK)
        err = cp_store_seal(s, id, body->erased ? CP_COLUMN_ERASED : CP_COLUMN_BODY, cp_buf_bytes(&plain), out);
    if (plain.ptr != NULL)
        sodium_memzero(plain.ptr, plain.cap);
    cp_buf_clear(&plain);
    return err;
}

enum cp_err cp_body_open(struct cp_store *s, const uint8_t id[static CP_ID_LEN], uint64_t state, struct cp_bytes sealed,
                         struct cp_buf *plain, struct cp_body *out)
{
    bool ok = true;
    *out = (struct cp_body){.erased = state == CP_WORDS_ERASED};
    cp_buf_reset(plain);
    enum cp_err err = cp_store_open_sealed(s, id, out->erased ? CP_COLUMN_ERASED : CP_COLUMN_BODY, sealed, plain);
    if (err != CP_OK)
        return err;
    struct cp_bytes rest = cp_buf_bytes(plain);
    uint64_t frame_len = cp_leb_get(&rest, &ok);
    uint64_t words_len = cp_leb_get(&rest, &ok);
    if (!ok || frame_len > rest.len || words_len > CP_ENTRY_MAX)
        return CP_ERR_DAMAGED_STORE;
    size_t left = rest.len - (size_t)frame_len;
    if (left < (out->erased ? CP_ID_LEN : words_len))
        return CP_ERR_DAMAGED_STORE;
    out->frame = CP_BYTES(rest.ptr, (size_t)frame_len);
    out->words_len = (size_t)words_len;
    if (out->erased)
        memcpy(out->words_hash, rest.ptr + frame_len, CP_ID_LEN);
    else
        out->words = CP_BYTES(rest.ptr + frame_len, (size_t)words_len);
    return CP_OK;
}
