/*
 * The line to the daemon. Owns: the socket, the frames, and starting copland.
 * Must not: know what a command means.
 */
#include "client/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/passphrase.h"
#include "client/progress.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/socketpath.h"

#define START_WAIT_MS 20000 /* a cold start on a cheap device, with a store to look over */
#define STOP_WAIT_MS  60000 /* long enough to end what is being written */
#define POLL_MS       10

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* ------------------------------------------------------------------------------------------- the socket */

/* A connected descriptor, -1 when nobody answers there. */
static int open_socket(const struct cp_cli *cli)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[sizeof cli->home + 16];
    char path[CP_SOCKET_PATH_MAX];
    int folder_fd = -1;
    int fd = -1;

    if (!cp_socket_folder(cli->home, folder, sizeof folder))
        return -1;
    if (!cp_socket_address(cli->home, -1, path)) {
        folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0 || !cp_socket_address(cli->home, folder_fd, path))
            goto out;
    }
    memcpy(address.sun_path, path, sizeof address.sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
out:
    if (folder_fd >= 0)
        close(folder_fd);
    return fd;
}

static bool send_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, p, len, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t got = recv(fd, p, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        len -= (size_t)got;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------- one command */

struct exchange {
    struct cp_cli *cli;
    int fd;
    json_t *rows; /* NULL when rows are not asked for */
    json_t *done; /* the value that came last */
    json_t *error;
    int exit_status;
    bool unsent; /* it was written where this device sends nothing from */
    struct cp_progress progress;
};

static bool write_request(struct cp_cli *cli, const char *name, json_t *with, const char *passphrase,
                          struct cp_buf *out)
{
    cp_buf_put_u32be(out, 0);
    cp_api_object(out, 5);
    cp_api_key(out, "do");
    cp_api_cstr(out, name);
    cp_api_key(out, "plan");
    cp_api_cstr(out, cli->plan);
    cp_api_key(out, "person");
    cp_api_cstr(out, cli->as);
    cp_api_key(out, "passphrase");
    if (passphrase != NULL)
        cp_api_cstr(out, passphrase);
    else
        cp_api_null(out);
    cp_api_key(out, "with");
    if (!cp_value_put(out, with) || cp_buf_err(out) != CP_OK)
        return false;
    for (unsigned i = 0; i < 4; i++)
        out->ptr[i] = (uint8_t)((out->len - 4) >> (24 - 8 * i));
    return true;
}

static void show_progress(struct exchange *x, const json_t *progress)
{
    const char *what = cp_json_text(progress, "what");

    cp_progress_show(&x->progress, x->cli, cp_json_number(progress, "done"), cp_json_number(progress, "of"),
                     strcmp(what, "entries") == 0 || strcmp(what, "rows") == 0, now_ms());
}

/* Reads one frame as JSON; NULL when the line broke or the frame makes no sense. */
static json_t *read_answer(struct exchange *x)
{
    uint8_t head[4];
    uint8_t *bytes = NULL;
    json_t *answer = NULL;
    struct cp_api_value value;
    size_t len = 0;

    if (!receive_all(x->fd, head, sizeof head))
        return NULL;
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (len == 0 || len > CP_API_MESSAGE_MAX)
        return NULL;
    bytes = cp_alloc(x->cli->mem, len);
    if (bytes != NULL && receive_all(x->fd, bytes, len) && cp_api_read(CP_BYTES(bytes, len), &value) == CP_OK)
        answer = cp_value_json(&value);
    cp_free(x->cli->mem, bytes);
    return answer;
}

/* Takes answers until the last one. False: the line broke. */
static bool read_answers(struct exchange *x)
{
    for (;;) {
        json_t *answer = read_answer(x);
        json_t *part = NULL;

        if (answer == NULL)
            return false;
        if ((part = json_object_get(answer, "row")) != NULL) {
            if (x->rows != NULL)
                json_array_append(x->rows, part);
        } else if ((part = json_object_get(answer, "progress")) != NULL) {
            show_progress(x, part);
        } else {
            x->exit_status = (int)cp_json_number(answer, "exit");
            x->unsent = cp_json_true(answer, "unsent");
            x->error = json_incref(json_object_get(answer, "error"));
            x->done = json_incref(json_object_get(answer, "done"));
            json_decref(answer);
            return x->error != NULL || x->done != NULL;
        }
        json_decref(answer);
    }
}

/* Sends one command over x->fd and reads the answers. CP_OK: x->done or x->error is set. */
static enum cp_err exchange(struct exchange *x, const char *name, json_t *with, const char *passphrase)
{
    struct cp_buf request;
    enum cp_err err = CP_OK;

    x->progress = (struct cp_progress){.began_ms = now_ms()};
    cp_buf_init(&request, x->cli->mem, CP_API_MESSAGE_MAX + 4U);
    if (!write_request(x->cli, name, with, passphrase, &request))
        err = cp_buf_err(&request) != CP_OK ? cp_buf_err(&request) : CP_ERR_BAD_VALUE;
    /* A daemon that refuses early may close before it has read everything; its answer is there all the same. */
    else if ((void)send_all(x->fd, request.ptr, request.len), !read_answers(x))
        err = CP_ERR_INTERRUPTED;
    cp_progress_clear(&x->progress, x->cli);
    if (passphrase != NULL && request.ptr != NULL)
        explicit_bzero(request.ptr, request.cap);
    cp_buf_clear(&request);
    return err;
}

static void forget_answer(struct exchange *x)
{
    json_decref(x->done);
    json_decref(x->error);
    x->done = NULL;
    x->error = NULL;
    if (x->rows != NULL)
        json_array_clear(x->rows);
    close(x->fd);
    x->fd = -1;
}

static bool needs_passphrase(const struct exchange *x)
{
    return x->error != NULL &&
           strcmp(cp_json_text(x->error, "code"), cp_err_word(CP_ERR_PASSPHRASE_NEEDED)) == 0;
}

/* The whole of one command on an open line, asking for the passphrase when the daemon says so. */
static enum cp_err converse(struct exchange *x, const char *name, json_t *with, unsigned flags,
                            const char *given)
{
    char passphrase[CP_PASSPHRASE_SIZE];
    int have =
        (flags & CP_ASK_SEAL) != 0 ? cp_passphrase_get(x->cli, CP_PASSPHRASE_FILE_ONLY, passphrase) : 0;
    enum cp_err err = have < 0 ? CP_ERR_BAD_FILE : exchange(x, name, with, have > 0 ? passphrase : given);

    if (err == CP_OK && have == 0 && (flags & CP_ASK_SEAL) != 0 && needs_passphrase(x)) {
        have = cp_passphrase_get(x->cli, CP_PASSPHRASE_ASK, passphrase);
        if (have > 0) {
            forget_answer(x);
            x->fd = open_socket(x->cli);
            err = x->fd < 0 ? CP_ERR_NO_DAEMON : exchange(x, name, with, passphrase);
        }
    }
    cp_passphrase_wipe(passphrase);
    return err;
}

/* Several plans are here and none was named: they are, in the error's sentence. What cannot be asked is left out. */
static void name_plans(struct cp_cli *cli, json_t *error)
{
    struct exchange x = {.cli = cli, .fd = open_socket(cli)};
    json_t *with = json_object(), *plan = NULL;
    struct cp_buf list;
    size_t i = 0;

    cp_buf_init(&list, cli->mem, CP_API_MESSAGE_MAX);
    if (x.fd >= 0 && with != NULL && exchange(&x, "status", with, NULL) == CP_OK)
        json_array_foreach(json_object_get(x.done, "plans"), i, plan)
        {
            const char *const args[4] = {cp_show_id(cp_json_text(plan, "plan")), cp_show_title(plan), NULL,
                                         NULL};

            cp_buf_put_str(&list, i > 0 ? ", " : "");
            cp_words_fill(cp_words_screen(CP_SAY_PLAN_HERE), args, &list);
        }
    if (list.len > 0 && cp_buf_err(&list) == CP_OK)
        json_object_set_new(error, "args", json_pack("[s%]", (const char *)list.ptr, list.len));
    cp_buf_clear(&list);
    json_decref(with);
    json_decref(x.done);
    json_decref(x.error);
    if (x.fd >= 0)
        close(x.fd);
}

json_t *cp_ask(struct cp_cli *cli, const char *name, json_t *with, unsigned flags)
{
    return cp_ask_with(cli, name, with, flags, NULL);
}

json_t *cp_ask_with(struct cp_cli *cli, const char *name, json_t *with, unsigned flags,
                    const char *passphrase)
{
    struct exchange x = {.cli = cli, .fd = -1};
    json_t *answer = NULL;
    enum cp_err err = CP_OK;

    if (with == NULL) {
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        return NULL;
    }
    if ((flags & CP_ASK_NO_HOME) == 0 && !cp_cli_has_home(cli)) {
        if (cp_cli_is_carrier(cli))
            cp_fail(cli, CP_ERR_CARRIER_HOME, NULL, NULL);
        else
            cp_fail(cli, CP_ERR_NO_HOME, cli->home, NULL);
        goto out;
    }
    x.fd = open_socket(cli);
    if (x.fd < 0 && (flags & CP_ASK_NO_START) == 0) {
        if (!cp_daemon_start(cli))
            goto out;
        x.fd = open_socket(cli);
    }
    if (x.fd < 0) {
        if ((flags & CP_ASK_QUIET) == 0)
            cp_fail(cli, CP_ERR_NO_DAEMON, NULL, NULL);
        goto out;
    }
    x.rows = (flags & CP_ASK_ROWS) != 0 ? json_array() : NULL;
    err = converse(&x, name, with, flags, passphrase);
    if (err != CP_OK) {
        cp_fail(cli, err, NULL, NULL);
    } else if (x.error != NULL && (flags & CP_ASK_TRIED) != 0 && !cli->json && json_array_size(x.rows) > 0) {
        cli->status = x.exit_status;
        answer = json_incref(x.rows);
    } else if (x.error != NULL) {
        if (strcmp(cp_json_text(x.error, "code"), cp_err_word(CP_ERR_WHICH_PLAN)) == 0)
            name_plans(cli, x.error);
        cp_fail_json(cli, x.error, x.exit_status);
    } else {
        cli->status = x.exit_status;
        if (x.unsent)
            cp_show(cli->err, CP_SAY_UNSENT, NULL, NULL, NULL, NULL);
        answer = json_incref(x.rows != NULL ? x.rows : x.done);
    }
out:
    json_decref(with);
    json_decref(x.rows);
    json_decref(x.done);
    json_decref(x.error);
    if (x.fd >= 0)
        close(x.fd);
    return answer;
}

/* ------------------------------------------------------------------------------------------- starting */

/* In the child: becomes copland, first the one beside this program, then the one in the PATH. */
static void become_daemon(const struct cp_cli *cli, int errors)
{
    char path[4096 + 16];
    char own[4096];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    int null = open("/dev/null", O_RDWR);
    char *slash = NULL;

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(errors, STDERR_FILENO) < 0)
        _exit(127);
    if (len > 0) {
        own[len] = '\0';
        slash = strrchr(own, '/');
    }
    if (slash != NULL) {
        *slash = '\0';
        snprintf(path, sizeof path, "%s/copland", own);
        execl(path, "copland", "--home", cli->home, (char *)NULL);
    }
    execlp("copland", "copland", "--home", cli->home, (char *)NULL);
    _exit(127);
}

/* Runs copland, which returns when its daemon answers or cannot. said gets the beginning of what it printed.
 * The exit status, or -1. */
static int run_copland(struct cp_cli *cli, char *said, size_t size)
{
    int ends[2];
    int status = 0;
    size_t len = 0;
    pid_t child = -1;

    said[0] = '\0';
    fflush(cli->out);
    fflush(cli->err);
    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0)
        become_daemon(cli, ends[1]);
    close(ends[1]);
    while (child > 0 && len + 1 < size) {
        ssize_t got = read(ends[0], said + len, size - 1 - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    said[len] = '\0';
    close(ends[0]);
    if (child < 0)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "copland: CODE: words" as an error; CP_ERR_NO_DAEMON for anything else. *words gets what stands behind it. */
static enum cp_err read_refusal(char *said, const char **words)
{
    static const char begin[] = "copland: ";
    size_t len = 0;
    enum cp_err err = CP_ERR_NO_DAEMON;

    said[strcspn(said, "\n")] = '\0';
    *words = said;
    if (strncmp(said, begin, sizeof begin - 1) != 0)
        return err;
    said += sizeof begin - 1;
    len = strcspn(said, ":");
    *words = said[len] == ':' ? said + len + 1 + strspn(said + len + 1, " ") : "";
    said[len] = '\0';
    err = cp_err_of_word(said);
    return err < CP_ERR_COUNT ? err : CP_ERR_NO_DAEMON;
}

bool cp_daemon_start(struct cp_cli *cli)
{
    uint64_t until = now_ms() + START_WAIT_MS;
    char said[512];
    const char *words = "";
    enum cp_err err = CP_OK;
    int fd = open_socket(cli);
    int status = 0;

    if (fd < 0 && cli->no_start) {
        cp_fail(cli, CP_ERR_NO_DAEMON, NULL, NULL);
        return false;
    }
    if (fd < 0) {
        status = run_copland(cli, said, sizeof said);
        err = status == 0 ? CP_OK : read_refusal(said, &words);
    }
    /* Another one may have been quicker: ours found the home taken, and the other is about to answer. */
    while (fd < 0 && (err == CP_OK || err == CP_ERR_BUSY) && (fd = open_socket(cli)) < 0 && now_ms() < until)
        pause_ms(POLL_MS);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (status == 127)
        cp_fail(cli, CP_ERR_NO_DAEMON, cp_words_screen(CP_SAY_NO_PROGRAM), NULL);
    else
        cp_fail(cli, err == CP_OK ? CP_ERR_NO_DAEMON : err, words, NULL);
    return false;
}

/* It runs no more. One that ended and that nobody has fetched yet (a zombie) still takes signals. */
static bool has_ended(pid_t pid)
{
    char path[64];
    char stat[512] = "";
    FILE *f = NULL;
    const char *state = NULL;

    if (kill(pid, 0) != 0)
        return errno == ESRCH;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    f = fopen(path, "re");
    if (f == NULL)
        return errno == ENOENT;
    if (fgets(stat, sizeof stat, f) != NULL)
        state = strrchr(stat, ')'); /* the name before it may hold anything */
    fclose(f);
    return state != NULL && strncmp(state, ") Z", 3) == 0;
}

bool cp_daemon_wait_gone(struct cp_cli *cli, int64_t pid)
{
    uint64_t until = now_ms() + STOP_WAIT_MS;

    while (now_ms() < until) {
        int fd = open_socket(cli);
        bool answers = fd >= 0;

        if (answers)
            close(fd);
        if (!answers && (pid <= 1 || has_ended((pid_t)pid)))
            return true;
        pause_ms(POLL_MS);
    }
    return false;
}
