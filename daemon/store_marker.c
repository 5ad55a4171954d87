/*
 * The marker: a small file beside the database that a copy, a restored backup or a salvaged disk does not fit.
 * Owns: PATH.marker. Must not: be synced (it follows each commit of own entries, and a sync would double their
 * price) or be trusted for anything but to begin a new incarnation.
 *
 * It names the database file by inode and birth time, the machine, the incarnation, and how many own entries were
 * ever written. Lost or behind after a power cut it does no harm: behind is expected, lost begins a new chain.
 */
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/store_internal.h"

/* One length for ever: written in place by one call, so that it is the old text or the new one. */
enum { MARKER_LEN = 256 };

void cp_marker_machine_id(char *out, size_t out_len)
{
    int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, out, out_len - 1);
    size_t len = got < 0 ? 0 : (size_t)got;
    if (fd >= 0)
        (void)close(fd);
    while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == ' '))
        len--;
    out[len] = '\0';
}

/* glibc shows statx only to GNU sources; the kernel's own structure serves. */
static bool look_at(const char *path, struct statx *out)
{
    memset(out, 0, sizeof *out);
    return syscall(SYS_statx, AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, out) == 0;
}

/* The part that must be the same, and the count after it. False when the database file cannot be looked at. */
static bool describe(const struct cp_store *s, char fixed[static MARKER_LEN])
{
    struct statx x;
    char hex[2 * CP_INCARNATION_LEN + 1];
    if (!look_at(s->path, &x))
        return false;
    if ((x.stx_mask & STATX_BTIME) == 0) /* file systems without birth times: the others must do */
        memset(&x.stx_btime, 0, sizeof x.stx_btime);
    cp_hex_encode(s->home.incarnation, CP_INCARNATION_LEN, hex);
    (void)snprintf(fixed, MARKER_LEN, "coplan marker 1\ninode %llu\nborn %lld.%09u\nmachine %.64s\nincarnation %s\nown ",
                   (unsigned long long)x.stx_ino, (long long)x.stx_btime.tv_sec, x.stx_btime.tv_nsec, s->machine_id,
                   hex);
    return true;
}

static bool open_marker(struct cp_store *s, int flags)
{
    if (s->marker_fd < 0)
        s->marker_fd = open(s->marker_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    return s->marker_fd >= 0;
}

enum cp_marker_says cp_marker_compare(struct cp_store *s)
{
    char text[MARKER_LEN + 1], fixed[MARKER_LEN], *end = NULL;
    if (!open_marker(s, 0))
        return CP_MARKER_NONE;
    ssize_t got = pread(s->marker_fd, text, MARKER_LEN, 0);
    if (got != MARKER_LEN || !describe(s, fixed))
        return CP_MARKER_DIFFERS;
    text[MARKER_LEN] = '\0';
    size_t fixed_len = strlen(fixed);
    if (strncmp(text, fixed, fixed_len) != 0)
        return CP_MARKER_DIFFERS;
    unsigned long long own = strtoull(text + fixed_len, &end, 10);
    if (end == text + fixed_len || *end != '\n')
        return CP_MARKER_DIFFERS;
    return own > s->home.own_count ? CP_MARKER_DIFFERS : CP_MARKER_FITS;
}

void cp_marker_write(struct cp_store *s)
{
    char text[MARKER_LEN], own[32];
    if (s->marker_path == NULL || !open_marker(s, O_CREAT) || !describe(s, text))
        return; /* a missing marker only begins a new incarnation */
    size_t at = strlen(text);
    int len = snprintf(own, sizeof own, "%llu\n", (unsigned long long)s->home.own_count);
    if (len <= 0 || at + (size_t)len > MARKER_LEN)
        return;
    memset(text + at, ' ', MARKER_LEN - at);
    memcpy(text + at, own, (size_t)len);
    /* An empty marker tells of a copy, which only costs a new incarnation; half of one must not tell a lie. */
    if (pwrite(s->marker_fd, text, MARKER_LEN, 0) != MARKER_LEN && ftruncate(s->marker_fd, 0) != 0)
        cp_marker_close(s);
}

void cp_marker_close(struct cp_store *s)
{
    if (s->marker_fd >= 0)
        (void)close(s->marker_fd);
    s->marker_fd = -1;
}
