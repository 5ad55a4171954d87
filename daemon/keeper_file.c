/*
 * The key file: its bytes, and how they get to the disk and back.
 * Owns: telling damage from a newer version (a wrong passphrase is neither). Must not: open a sealed part.
 */
#include "daemon/keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "coplan keys";
enum {
    FILE_ITEMS = 1024,
    KDF_METHOD_MAX = 16
};

static void checksum(uint64_t version, struct cp_bytes body, uint8_t out[static 32])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_KEYFILE, 32);
    cp_hash_add_u64(&h, version);
    cp_hash_add(&h, body.ptr, body.len);
    cp_hash_end(&h, out, 32);
}

/* ---- Writing ---- */

static bool is_weak(const struct cp_kdf *kdf)
{
    return kdf->memory < CP_KDF_MEMORY_FLOOR || kdf->passes < CP_KDF_PASSES_FLOOR;
}

const char *cp_kdf_word(const struct cp_kdf *kdf)
{
    if (kdf->none)
        return "none";
    return is_weak(kdf) ? "weak" : "argon2id13";
}

static void put_person(struct cp_buf *out, const struct cp_keeper_slot *p, uint64_t version)
{
    cp_put_array(out, version == 1 ? 9 : 10);
    cp_put_fixed(out, p->pub.person, CP_ID_LEN);
    cp_put_fixed(out, p->pub.identity_key, CP_KEY_LEN);
    cp_put_fixed(out, p->pub.recovery_key, CP_KEY_LEN);
    cp_put_fixed(out, p->pub.device_key, CP_KEY_LEN);
    cp_put_array(out, 5);
    cp_put_cstr(out, cp_kdf_word(&p->pub.kdf));
    cp_put_fixed(out, p->pub.kdf.salt, sizeof p->pub.kdf.salt);
    cp_put_uint(out, p->pub.kdf.passes);
    cp_put_uint(out, p->pub.kdf.memory);
    if (p->pub.kdf.none)
        cp_put_fixed(out, p->plain_seal, sizeof p->plain_seal);
    else
        cp_put_nil(out);
    cp_put_bin(out, CP_BYTES(p->sealed_name, p->sealed_name_len));
    cp_put_bin(out, CP_BYTES(p->sealed_storage, CP_SEALED_KEY_LEN));
    cp_put_bin(out, CP_BYTES(p->sealed_identity, CP_SEALED_KEY_LEN));
    cp_put_bin(out, CP_BYTES(p->sealed_device, CP_SEALED_KEY_LEN));
    if (version > 1)
        cp_put_uint(out, p->own_device ? 1 : 0);
}

/* The oldest version that can say it: an older program still opens a home of one person. */
static uint64_t version_of(const struct cp_keeper *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->persons[i].own_device)
            return CP_KEYFILE_VERSION;
    return 1;
}

void cp_keyfile_encode(const struct cp_keeper *k, struct cp_buf *out)
{
    struct cp_buf body;
    uint8_t sum[32];
    uint64_t version = version_of(k);

    cp_buf_init(&body, cp_keeper_mem(), CP_KEYFILE_MAX);
    cp_put_array(&body, 2);
    cp_put_array(&body, 4);
    cp_put_fixed(&body, k->curve_key, CP_KEY_LEN);
    cp_put_fixed(&body, k->box_key, CP_KEY_LEN);
    cp_put_bin(&body, CP_BYTES(k->sealed_curve, CP_SEALED_KEY_LEN));
    cp_put_bin(&body, CP_BYTES(k->sealed_box, CP_SEALED_KEY_LEN));
    cp_put_array(&body, k->count);
    for (size_t i = 0; i < k->count; i++)
        put_person(&body, &k->persons[i], version);
    if (cp_buf_err(&body) != CP_OK)
        out->err = cp_buf_err(&body);
    checksum(version, cp_buf_bytes(&body), sum);
    cp_put_array(out, 4);
    cp_put_cstr(out, magic);
    cp_put_uint(out, version);
    cp_put_bin(out, cp_buf_bytes(&body));
    cp_put_fixed(out, sum, sizeof sum);
    if (body.ptr != NULL)
        sodium_memzero(body.ptr, body.len); /* a home without a passphrase has its seal key here */
    cp_buf_clear(&body);
}

/* ---- Reading ---- */

/* cp_get_fixed is for keys and signatures; a sealed key is a little longer. */
static void get_sealed(struct cp_cursor *c, uint8_t out[static CP_SEALED_KEY_LEN])
{
    struct cp_bytes b = cp_get_bin(c, CP_SEALED_KEY_LEN);
    if (c->err == CP_OK && b.len != CP_SEALED_KEY_LEN)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err == CP_OK)
        memcpy(out, b.ptr, CP_SEALED_KEY_LEN);
}

static void get_kdf(struct cp_cursor *c, struct cp_keeper_slot *p)
{
    struct cp_kdf *kdf = &p->pub.kdf;
    (void)cp_get_array(c, 5, 5);
    struct cp_bytes method = cp_get_str(c, KDF_METHOD_MAX);
    cp_get_fixed(c, kdf->salt, sizeof kdf->salt);
    kdf->passes = cp_get_uint(c, CP_KDF_PASSES_MAX);
    kdf->memory = cp_get_uint(c, CP_KDF_MEMORY_MAX);
    kdf->none = cp_bytes_eq(method, cp_bytes_str("none"));
    if (kdf->none)
        cp_get_fixed(c, p->plain_seal, sizeof p->plain_seal);
    else
        cp_get_nil(c);
    if (c->err != CP_OK)
        return;
    bool least = kdf->passes >= crypto_pwhash_OPSLIMIT_MIN && kdf->memory >= crypto_pwhash_MEMLIMIT_MIN;
    bool zero = kdf->passes == 0 && kdf->memory == 0;
    if (!cp_bytes_eq(method, cp_bytes_str(cp_kdf_word(kdf))) || (kdf->none ? !zero : !least))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static void get_person(struct cp_cursor *c, struct cp_keeper *k, size_t i, uint64_t version)
{
    struct cp_keeper_slot *p = &k->persons[i];
    (void)(version == 1 ? cp_get_array(c, 9, 9) : cp_get_array(c, 10, 10));
    cp_get_fixed(c, p->pub.person, CP_ID_LEN);
    cp_get_fixed(c, p->pub.identity_key, CP_KEY_LEN);
    cp_get_fixed(c, p->pub.recovery_key, CP_KEY_LEN);
    cp_get_fixed(c, p->pub.device_key, CP_KEY_LEN);
    get_kdf(c, p);
    struct cp_bytes name = cp_get_bin(c, sizeof p->sealed_name);
    if (c->err == CP_OK && name.len <= CP_SEAL_EXTRA)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err == CP_OK) {
        memcpy(p->sealed_name, name.ptr, name.len);
        p->sealed_name_len = name.len;
    }
    get_sealed(c, p->sealed_storage);
    get_sealed(c, p->sealed_identity);
    get_sealed(c, p->sealed_device);
    p->own_device = version > 1 && cp_get_uint(c, 1) == 1;
    for (size_t j = 0; j < i; j++)
        if (memcmp(k->persons[j].pub.person, p->pub.person, CP_ID_LEN) == 0 ||
            memcmp(k->persons[j].pub.device_key, p->pub.device_key, CP_KEY_LEN) == 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

enum cp_err cp_keyfile_decode(struct cp_bytes bytes, struct cp_keeper *k)
{
    struct cp_cursor c;
    uint8_t sum[32], stated[32];

    if (bytes.len > CP_KEYFILE_MAX || cp_mp_check(bytes, FILE_ITEMS) != CP_OK)
        return CP_ERR_DAMAGED_KEY;
    cp_cursor_init(&c, bytes, FILE_ITEMS);
    (void)cp_get_array(&c, 4, 4);
    struct cp_bytes word = cp_get_str(&c, sizeof magic);
    uint64_t version = cp_get_uint(&c, CP_INT_MAX);
    struct cp_bytes body = cp_get_bin(&c, CP_KEYFILE_MAX);
    cp_get_fixed(&c, stated, sizeof stated);
    if (cp_cursor_end(&c) != CP_OK || !cp_bytes_eq(word, cp_bytes_str(magic)))
        return CP_ERR_DAMAGED_KEY;
    checksum(version, body, sum);
    if (memcmp(sum, stated, sizeof sum) != 0)
        return CP_ERR_DAMAGED_KEY;
    if (version < 1 || version > CP_KEYFILE_VERSION)
        return version > CP_KEYFILE_VERSION ? CP_ERR_NEWER_HOME : CP_ERR_DAMAGED_KEY;

    cp_cursor_init(&c, body, FILE_ITEMS);
    (void)cp_get_array(&c, 2, 2);
    (void)cp_get_array(&c, 4, 4);
    cp_get_fixed(&c, k->curve_key, CP_KEY_LEN);
    cp_get_fixed(&c, k->box_key, CP_KEY_LEN);
    get_sealed(&c, k->sealed_curve);
    get_sealed(&c, k->sealed_box);
    k->count = cp_get_array(&c, 1, CP_PERSONS_MAX);
    for (size_t i = 0; i < k->count && c.err == CP_OK; i++)
        get_person(&c, k, i, version);
    if (cp_cursor_end(&c) == CP_OK)
        return CP_OK;
    k->count = 0;
    return CP_ERR_DAMAGED_KEY;
}

/* ---- Disk ---- */

static enum cp_err err_of_errno(int e)
{
    return e == ENOSPC || e == EDQUOT ? CP_ERR_DISK_FULL : CP_ERR_IO;
}

static enum cp_err write_all(int fd, struct cp_bytes bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of_errno(errno);
        at += (size_t)n;
    }
    return fsync(fd) == 0 ? CP_OK : err_of_errno(errno);
}

/* A rename is on the disk only when the folder is. */
static enum cp_err sync_folder(const char *path)
{
    char folder[sizeof((struct cp_keeper *)NULL)->path];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    memcpy(folder, path, len);
    folder[len] = '\0';
    int fd = open(slash == NULL ? "." : len == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_of_errno(errno);
    enum cp_err err = fsync(fd) == 0 ? CP_OK : err_of_errno(errno);
    (void)close(fd);
    return err;
}

enum cp_err cp_keyfile_save(const struct cp_keeper *k)
{
    char fresh[sizeof k->path + 4];
    struct cp_buf bytes;
    int fd = -1;

    cp_buf_init(&bytes, cp_keeper_mem(), CP_KEYFILE_MAX);
    cp_keyfile_encode(k, &bytes);
    enum cp_err err = cp_buf_err(&bytes);
    if (err != CP_OK)
        goto out;
    (void)snprintf(fresh, sizeof fresh, "%s.new", k->path);
    (void)unlink(fresh); /* what a crash left; never written through, it may be a link */
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        err = err_of_errno(errno);
        goto out;
    }
    err = write_all(fd, cp_buf_bytes(&bytes));
    if (close(fd) != 0 && err == CP_OK)
        err = err_of_errno(errno);
    if (err == CP_OK && rename(fresh, k->path) != 0)
        err = err_of_errno(errno);
    if (err != CP_OK)
        (void)unlink(fresh);
    else
        err = sync_folder(k->path);
out:
    if (bytes.ptr != NULL)
        sodium_memzero(bytes.ptr, bytes.len);
    cp_buf_clear(&bytes);
    return err;
}

enum cp_err cp_keyfile_load(struct cp_keeper *k)
{
    int fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? CP_ERR_NO_HOME : CP_ERR_IO;
    uint8_t *bytes = malloc(CP_KEYFILE_MAX + 1);
    enum cp_err err = bytes == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    size_t len = 0;
    while (err == CP_OK && len <= CP_KEYFILE_MAX) {
        ssize_t n = read(fd, bytes + len, CP_KEYFILE_MAX + 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            err = CP_ERR_IO;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (err == CP_OK)
        err = cp_keyfile_decode(CP_BYTES(bytes, len), k);
    if (bytes != NULL)
        sodium_memzero(bytes, CP_KEYFILE_MAX + 1);
    free(bytes);
    (void)close(fd);
    return err;
}
