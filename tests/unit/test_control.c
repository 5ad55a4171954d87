/* The control socket: framing with bad input first, slow and broken clients, answers that come later. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"
#include "proto/socketpath.h"
#include "tests/support/heap.h"

static struct cp_node node;
static struct cp_control_socket *control;
static struct cp_request *kept; /* by serve("keep") */
static unsigned served;
static uint64_t now_ms;

static void serve(struct cp_request *r)
{
    struct cp_buf out;
    struct cp_bytes passphrase;
    served++;
    cp_buf_init(&out, test_mem(), 1U << 20);
    if (strcmp(r->name, "keep") == 0) {
        kept = r;
        return;
    }
    if (strcmp(r->name, "fail") == 0) {
        cp_reply_error(r, CP_ERR_LOCKED, "one", "two");
        return;
    }
    if (strcmp(r->name, "rows") == 0) {
        for (int i = 0; i < 3; i++) {
            cp_buf_reset(&out);
            cp_api_int(&out, i);
            cp_reply_row(r, cp_buf_bytes(&out));
        }
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    } else if (strcmp(r->name, "flood") == 0) {
        static uint8_t big[200000];
        memset(big, 'x', sizeof big);
        cp_api_text(&out, CP_BYTES(big, sizeof big));
        int64_t n = 0;
        struct cp_api_value v;
        if (cp_api_member(&r->with, "rows", &v))
            n = v.number;
        for (int64_t i = 0; i < n; i++)
            cp_reply_row(r, cp_buf_bytes(&out));
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    } else {
        cp_api_object(&out, 2);
        cp_api_key(&out, "plan");
        cp_api_text(&out, r->plan_arg);
        cp_api_key(&out, "secret");
        if (cp_request_passphrase(r, &passphrase))
            cp_api_text(&out, passphrase);
        else
            cp_api_null(&out);
        cp_reply_done(r, cp_buf_bytes(&out), 0);
    }
    cp_buf_clear(&out);
}

static void begin_at(const char *home)
{
    served = 0;
    kept = NULL;
    now_ms = 1000;
    memset(&node, 0, sizeof node);
    node.mem = test_mem();
    cr_assert_lt(strlen(home), sizeof node.home);
    memcpy(node.home, home, strlen(home) + 1);
    cr_assert_eq(cp_control_new(&control, &node, serve), CP_OK);
}

static void setup(void)
{
    char home[] = "/tmp/coplan-control-XXXXXX";
    cr_assert_geq(sodium_init(), 0);
    cr_assert_not_null(mkdtemp(home));
    begin_at(home);
}

static void teardown(void)
{
    char path[1200];
    cp_control_free(control);
    (void)cp_socket_folder(node.home, path, sizeof path);
    (void)rmdir(path);
    (void)rmdir(node.home);
}

TestSuite(control, .init = setup, .fini = teardown);

/* One turn of the loop, without the network. */
static void turn(int timeout_ms)
{
    struct cp_wait_fd fds[CP_CONNECTIONS_MAX + 1];
    struct pollfd polls[CP_CONNECTIONS_MAX + 1];
    size_t n = cp_control_fds(control, fds, CP_CONNECTIONS_MAX + 1);
    for (size_t i = 0; i < n; i++)
        polls[i] =
            (struct pollfd){.fd = fds[i].fd, .events = (short)(POLLIN | (fds[i].want_write ? POLLOUT : 0))};
    cr_assert_geq(poll(polls, (nfds_t)n, timeout_ms), 0);
    for (size_t i = 0; i < n; i++) {
        fds[i].readable = (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
        fds[i].writable = (polls[i].revents & POLLOUT) != 0;
    }
    cp_control_ready(control, fds, n, now_ms);
}

static void settle(void)
{
    for (int i = 0; i < 6; i++)
        turn(0);
}

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[1200];
    cr_assert(cp_socket_folder(node.home, folder, sizeof folder));
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY);
    cr_assert(cp_socket_address(node.home, folder_fd, address.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    (void)close(folder_fd);
    settle();
    return fd;
}

static void put(int fd, const void *p, size_t len)
{
    cr_assert_eq(send(fd, p, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* {"do": name, "plan": "abc", "passphrase": .., "with": {"rows": n}} as a frame. */
static void request(struct cp_buf *out, const char *name, const char *passphrase, int64_t n)
{
    struct cp_buf v;
    cp_buf_init(&v, test_mem(), 65536);
    cp_buf_init(out, test_mem(), 65536);
    cp_api_object(&v, 4);
    cp_api_key(&v, "do");
    cp_api_cstr(&v, name);
    cp_api_key(&v, "plan");
    cp_api_cstr(&v, "abc");
    cp_api_key(&v, "passphrase");
    if (passphrase == NULL)
        cp_api_null(&v);
    else
        cp_api_cstr(&v, passphrase);
    cp_api_key(&v, "with");
    cp_api_object(&v, 1);
    cp_api_key(&v, "rows");
    cp_api_int(&v, n);
    cp_buf_put_u32be(out, (uint32_t)v.len);
    cp_buf_put_bytes(out, cp_buf_bytes(&v));
    cr_assert_eq(cp_buf_err(out), CP_OK);
    cp_buf_clear(&v);
}

static void ask(int fd, const char *name)
{
    struct cp_buf frame;
    request(&frame, name, NULL, 0);
    put(fd, frame.ptr, frame.len);
    cp_buf_clear(&frame);
    settle();
}

/* The next frame of the answer; false at the end. value borrows from buf. */
static bool answer(int fd, uint8_t *buf, size_t size, struct cp_api_value *value)
{
    uint8_t head[4];
    settle();
    if (recv(fd, head, 4, MSG_DONTWAIT) != 4)
        return false;
    size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    cr_assert_leq(len, size);
    for (size_t at = 0; at < len;) {
        ssize_t n = recv(fd, buf + at, len - at, MSG_DONTWAIT);
        if (n < 0)
            turn(0);
        else
            at += (size_t)n;
    }
    cr_assert_eq(cp_api_read(CP_BYTES(buf, len), value), CP_OK);
    return true;
}

static void expect_error(int fd, const char *code, int64_t status)
{
    uint8_t buf[4096];
    struct cp_api_value v, error, reasons, exit_status;
    cr_assert(answer(fd, buf, sizeof buf, &v), "an answer, %s expected", code);
    cr_assert(cp_api_member(&v, "error", &error));
    cr_assert(cp_bytes_eq(cp_api_member_text(&error, "code", CP_BYTES(NULL, 0)), cp_bytes_str(code)));
    cr_assert(cp_api_member(&error, "reasons", &reasons));
    cr_assert_eq(reasons.type, CP_API_LIST);
    cr_assert(cp_api_member(&v, "exit", &exit_status));
    cr_assert_eq(exit_status.number, status);
}

static void expect_closed(int fd)
{
    uint8_t byte = 0;
    settle();
    ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
    cr_assert(n == 0 || (n < 0 && errno == ECONNRESET));
}

static void expect_alive(void)
{
    uint8_t buf[4096];
    struct cp_api_value v, done;
    int fd = dial();
    ask(fd, "echo");
    cr_assert(answer(fd, buf, sizeof buf, &v));
    cr_assert(cp_api_member(&v, "done", &done));
    cr_assert(cp_bytes_eq(cp_api_member_text(&done, "plan", CP_BYTES(NULL, 0)), cp_bytes_str("abc")));
    expect_closed(fd);
    (void)close(fd);
}

/* ---- Bad input ---- */

Test(control, garbage_is_answered_and_closed)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *code;
    } rows[] = {
        {"\xff\xff\xff\xff", 4, "too_big"},
        {"\x00\x80\x00\x01", 4, "too_big"},
        {"\x00\x00\x00\x00", 4, "truncated"},
        {"\x00\x00\x00\x01\xc1", 5, "bad_type"},
        {"\x00\x00\x00\x01\x05", 5, "bad_value"},
        {"\x00\x00\x00\x01\x05\x05", 6, "trailing_bytes"},
        {"\x00\x00\x00\x02\xcc\x05", 6, "not_canonical"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int fd = dial();
        put(fd, rows[i].bytes, rows[i].len);
        expect_error(fd, rows[i].code, 2);
        expect_closed(fd);
        (void)close(fd);
    }
    cr_assert_eq(served, 0);
    expect_alive();
}

Test(control, cut_at_every_byte_never_serves)
{
    struct cp_buf frame;
    request(&frame, "echo", "secret words", 1);
    for (size_t n = 0; n < frame.len; n++) {
        int fd = dial();
        if (n > 0)
            put(fd, frame.ptr, n);
        settle();
        (void)close(fd);
        settle();
    }
    cp_buf_clear(&frame);
    cr_assert_eq(served, 0);
    expect_alive();
}

Test(control, names_and_passphrases_out_of_bounds_are_refused)
{
    static const char *const names[] = {"", "Echo", "echo ", "ec\nho", "abcdefghijabcdefghijabcdefghijabcd"};
    char *many = calloc(1, CP_PASSPHRASE_MAX + 2);
    struct cp_buf frame;
    cr_assert_not_null(many);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int fd = dial();
        ask(fd, names[i]);
        expect_error(fd, "bad_value", 2);
        (void)close(fd);
    }
    memset(many, 'p', CP_PASSPHRASE_MAX + 1);
    int fd = dial();
    request(&frame, "echo", many, 0);
    put(fd, frame.ptr, frame.len);
    expect_error(fd, "too_big", 2);
    (void)close(fd);
    cp_buf_clear(&frame);
    free(many);
    cr_assert_eq(served, 0);
}

Test(control, a_second_command_on_one_connection_ends_it)
{
    int fd = dial();
    ask(fd, "keep");
    cr_assert_not_null(kept);
    ask(fd, "echo");
    cr_assert(cp_request_gone(kept));
    cp_reply_done(kept, CP_BYTES(NULL, 0), 0);
    cr_assert_eq(served, 1);
    (void)close(fd);
    expect_alive();
}

Test(control, who_sends_slowly_is_served_who_stops_is_let_go)
{
    uint8_t buf[4096];
    struct cp_api_value v;
    struct cp_buf frame;
    int fd = dial(), idle = dial();
    request(&frame, "echo", NULL, 0);
    for (size_t i = 0; i < frame.len; i++) {
        put(fd, frame.ptr + i, 1);
        turn(0);
    }
    cp_buf_clear(&frame);
    cr_assert(answer(fd, buf, sizeof buf, &v));
    cr_assert_eq(cp_control_deadline_ms(control), now_ms + CP_CONTROL_READ_MS);
    now_ms += CP_CONTROL_READ_MS;
    cp_control_tick(control, now_ms);
    expect_closed(idle);
    cr_assert_eq(cp_control_deadline_ms(control), UINT64_MAX);
    (void)close(fd);
    (void)close(idle);
}

Test(control, more_clients_than_places_wait_their_turn)
{
    int fds[CP_CONNECTIONS_MAX + 4];
    for (size_t i = 0; i < CP_CONNECTIONS_MAX + 4; i++)
        fds[i] = dial();
    for (size_t i = 0; i < CP_CONNECTIONS_MAX; i++)
        (void)close(fds[i]);
    settle();
    for (size_t i = CP_CONNECTIONS_MAX; i < CP_CONNECTIONS_MAX + 4; i++) {
        uint8_t buf[4096];
        struct cp_api_value v;
        ask(fds[i], "echo");
        cr_assert(answer(fds[i], buf, sizeof buf, &v));
        (void)close(fds[i]);
    }
}

/* ---- Answers ---- */

Test(control, rows_errors_and_passphrases_arrive)
{
    uint8_t buf[4096];
    struct cp_api_value v, row, done;
    struct cp_buf frame;
    int fd = dial();
    ask(fd, "rows");
    for (int i = 0; i < 3; i++) {
        cr_assert(answer(fd, buf, sizeof buf, &v));
        cr_assert(cp_api_member(&v, "row", &row));
        cr_assert_eq(row.number, i);
    }
    cr_assert(answer(fd, buf, sizeof buf, &v));
    cr_assert(cp_api_member(&v, "done", &done));
    cr_assert_eq(done.type, CP_API_NULL);
    (void)close(fd);

    fd = dial();
    ask(fd, "fail");
    expect_error(fd, "locked", 3);
    (void)close(fd);

    fd = dial();
    request(&frame, "echo", "secret words", 0);
    put(fd, frame.ptr, frame.len);
    cp_buf_clear(&frame);
    cr_assert(answer(fd, buf, sizeof buf, &v));
    cr_assert(cp_api_member(&v, "done", &done));
    cr_assert(
        cp_bytes_eq(cp_api_member_text(&done, "secret", CP_BYTES(NULL, 0)), cp_bytes_str("secret words")));
    (void)close(fd);
}

Test(control, a_later_answer_reaches_who_waits_and_nobody_else)
{
    uint8_t buf[4096];
    struct cp_api_value v;
    int fd = dial();
    ask(fd, "keep");
    cr_assert_not(cp_request_gone(kept));
    cp_reply_progress(kept, 1, 2, "entries");
    cp_reply_done(kept, CP_BYTES(NULL, 0), 1);
    cr_assert(answer(fd, buf, sizeof buf, &v));
    cr_assert(answer(fd, buf, sizeof buf, &v));
    (void)close(fd);

    fd = dial();
    ask(fd, "keep");
    (void)close(fd);
    settle();
    cr_assert(cp_request_gone(kept));
    cp_reply_row(kept, CP_BYTES((const uint8_t *)"\x01", 1));
    cp_reply_progress(kept, 1, 2, "entries");
    cp_reply_error(kept, CP_ERR_TIMED_OUT, NULL, NULL);
    settle();
    expect_alive();
}

Test(control, who_closes_its_side_has_left)
{
    int fd = dial();
    ask(fd, "keep");
    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    settle();
    cr_assert(cp_request_gone(kept));
    cp_reply_done(kept, CP_BYTES(NULL, 0), 0);
    expect_closed(fd);
    (void)close(fd);
}

Test(control, who_does_not_read_costs_others_nothing)
{
    struct cp_buf frame;
    int fd = dial();
    request(&frame, "flood", NULL, 50);
    put(fd, frame.ptr, frame.len);
    cp_buf_clear(&frame);
    settle();
    cr_assert(cp_control_busy(control));
    expect_alive();
    now_ms += CP_CONTROL_WRITE_MS + 1;
    cp_control_tick(control, now_ms);
    cr_assert_not(cp_control_busy(control));
    (void)close(fd);
    expect_alive();
}

Test(control, unanswered_requests_are_freed_at_the_end)
{
    int fd = dial();
    ask(fd, "keep");
    cr_assert_not_null(kept);
    cp_control_free(control);
    control = NULL;
    (void)close(fd);
}

/* ---- The socket ---- */

/* What may stand for a file: a whole path, with room behind it for the name of a file that is being written. */
Test(control, a_path_is_whole_and_no_longer_than_one)
{
    static char longest[CP_PATH_MAX + 2], out[CP_PATH_MAX + 1];
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    const struct {
        struct cp_bytes typed;
        bool good;
    } rows[] = {{cp_bytes_str("/tmp/a b"), true},
                {cp_bytes_str("/"), true},
                {CP_BYTES((const uint8_t *)longest, CP_PATH_MAX), true},
                {cp_bytes_str(longest), false},
                {cp_bytes_str("tmp/a"), false},
                {cp_bytes_str("./a"), false},
                {cp_bytes_str(""), false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cp_request r = {.node = &node};
        struct cp_buf with;
        cp_buf_init(&with, test_mem(), 65536);
        cp_api_object(&with, 2);
        cp_api_key(&with, "path");
        cp_api_text(&with, rows[i].typed);
        cp_api_key(&with, "n");
        cp_api_int(&with, 7);
        cr_assert_eq(cp_api_read(cp_buf_bytes(&with), &r.with), CP_OK);
        cr_expect_eq(cp_request_path(&r, "path", out), rows[i].good, "row %zu", i);
        cr_expect(!rows[i].good || cp_bytes_eq(cp_bytes_str(out), rows[i].typed));
        cr_expect_not(cp_request_path(&r, "out", out), "not there");
        cr_expect_not(cp_request_path(&r, "n", out), "no text");
        cp_buf_clear(&with);
    }
}

Test(control, folder_and_stale_socket)
{
    char folder[1200];
    struct stat st;
    cr_assert(cp_socket_folder(node.home, folder, sizeof folder));
    cr_assert_eq(stat(folder, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0700);
    /* As after kill -9: the file is there and nobody behind it. The lock on the home has decided. */
    struct cp_control_socket *stale = control;
    cr_assert_eq(cp_control_new(&control, &node, serve), CP_OK);
    expect_alive();
    cp_control_free(control);
    control = stale;
}

Test(control, a_home_too_deep_for_a_socket_address_works)
{
    char deep[1600], path[1200];
    char ask_only[CP_SOCKET_PATH_MAX];
    size_t len = (size_t)snprintf(deep, sizeof deep, "%s", node.home);
    char top[sizeof node.home];
    (void)snprintf(top, sizeof top, "%s", node.home);
    cp_control_free(control);
    while (len < 400) {
        len += (size_t)snprintf(deep + len, sizeof deep - len, "/a-long-folder-name");
        cr_assert_eq(mkdir(deep, 0700), 0);
    }
    cr_assert_not(cp_socket_address(deep, -1, ask_only));
    begin_at(deep);
    expect_alive();
    cp_control_free(control);
    control = NULL;
    (void)snprintf(path, sizeof path, "rm -r '%s/a-long-folder-name'", top);
    cr_assert_eq(system(path), 0);
    (void)snprintf(node.home, sizeof node.home, "%s", top);
}

Test(control, exit_statuses)
{
    cr_assert_eq(cp_exit_of(CP_OK), 0);
    cr_assert_eq(cp_exit_of(CP_ERR_NOT_READY), 1);
    cr_assert_eq(cp_exit_of(CP_ERR_NOT_GOOD), 1);
    cr_assert_eq(cp_exit_of(CP_ERR_BAD_FIELD), 2);
    cr_assert_eq(cp_exit_of(CP_ERR_WRONG_PASSPHRASE), 2);
    cr_assert_eq(cp_exit_of(CP_ERR_LOCKED), 3);
    cr_assert_eq(cp_exit_of(CP_ERR_PASSPHRASE_NEEDED), 3);
    cr_assert_eq(cp_exit_of(CP_ERR_DISK_FULL), 3);
    cr_assert_eq(cp_exit_of(CP_ERR_NOT_A_MEMBER), 3);
}
