/* Printing with a browser. Owns: the child process and its folder. Must not: make pages. */
#include "client/browser.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/file.h"

/* A town's plan prints in a few seconds; what takes a minute has hung. */
#define PRINT_SECONDS_MAX 60
#define PDF_BYTES_MAX     (256U * 1024U * 1024U)
#define PATH_ROOM         4096U

/* ------------------------------------------------------------------------------------------- which */

/* True when the program is in a folder of PATH. */
static bool is_in_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[PATH_ROOM];

    for (const char *at = path != NULL ? path : "/usr/bin:/bin"; *at != '\0';) {
        size_t len = strcspn(at, ":");
        struct stat st;

        if (len > 0 && len < PATH_ROOM / 2) {
            memcpy(file, at, len);
            snprintf(file + len, sizeof file - len, "/%s", name);
        }
        if (len > 0 && len < PATH_ROOM / 2 && stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
            access(file, X_OK) == 0)
            return true;
        at += len;
        at += *at == ':' ? 1 : 0;
    }
    return false;
}

const char *cp_browser_find(struct cp_cli *cli)
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome",
                                        "google-chrome-stable"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_in_path(names[i]))
            return names[i];
    cp_fail(cli, CP_ERR_NO_BROWSER, NULL, NULL);
    return NULL;
}

/* ------------------------------------------------------------------------------------------- its folder */

/* Removes a folder of our own with all that is in it; links are removed and not followed. */
static void remove_all(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry = NULL;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) != 0)
            remove_all(fd, entry->d_name);
    }
    if (folder != NULL)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
    (void)unlinkat(at, name, AT_REMOVEDIR);
}

/* A new folder that only we may read. False: reported. */
static bool make_folder(struct cp_cli *cli, char out[static PATH_ROOM])
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(out, PATH_ROOM - 64, "%s/coplan-print.XXXXXX",
                       base != NULL && base[0] == '/' ? base : "/tmp");

    if (len < 0 || len >= (int)PATH_ROOM - 64) {
        cp_fail(cli, CP_ERR_BAD_FILE, base, strerror(ENAMETOOLONG));
        return false;
    }
    if (mkdtemp(out) == NULL) {
        cp_fail(cli, errno == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_BAD_FILE, out, strerror(errno));
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------- the process */

/* In the child: becomes the browser. Nothing of ours stays open and nothing of the person's own browser is touched. */
static void become_browser(const char *name, const char *folder)
{
    char profile[PATH_ROOM + 32];
    char pdf[PATH_ROOM + 32];
    char page[PATH_ROOM + 32];
    int null = open("/dev/null", O_RDWR);
    const char *const args[] = {
        name, "--headless", profile, pdf, "--no-pdf-header-footer", "--disable-gpu",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-extensions", "--disable-default-apps", "--no-first-run", "--no-default-browser-check",
        "--disable-dev-shm-usage", "--disable-breakpad", "--host-resolver-rules=MAP * ~NOTFOUND",
        /* Its sandbox does not run as root. The page has no script and nothing to load. */
        geteuid() == 0 ? "--no-sandbox" : "--disable-translate", page, NULL};
    char *argv[sizeof args / sizeof args[0]];

    snprintf(profile, sizeof profile, "--user-data-dir=%s/profile", folder);
    snprintf(pdf, sizeof pdf, "--print-to-pdf=%s/out.pdf", folder);
    snprintf(page, sizeof page, "file://%s/page.html", folder);
    memcpy(argv, args, sizeof args);
    if (setpgid(0, 0) != 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0 || setenv("HOME", folder, 1) != 0 ||
        setenv("XDG_CONFIG_HOME", folder, 1) != 0 || setenv("XDG_CACHE_HOME", folder, 1) != 0)
        _exit(127);
    execvp(name, argv);
    _exit(127);
}

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the child and ends all that it began. True when it ended in time and well. */
static bool wait_for(pid_t child, bool *late)
{
    const struct timespec nap = {0, 20000000};
    int64_t end = now_ms() + (int64_t)PRINT_SECONDS_MAX * 1000;
    int status = 0;
    pid_t ended = 0;

    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && now_ms() < end)
        (void)nanosleep(&nap, NULL);
    *late = ended == 0;
    (void)kill(-child, SIGKILL);
    if (ended == 0)
        (void)waitpid(child, &status, 0);
    return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void run_browser(struct cp_cli *cli, const char *name, const char *folder)
{
    pid_t child = -1;
    bool late = false;

    fflush(cli->out);
    fflush(cli->err);
    child = fork();
    if (child == 0)
        become_browser(name, folder);
    if (child < 0)
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    else if (!wait_for(child, &late))
        cp_fail(cli, late ? CP_ERR_TIMED_OUT : CP_ERR_NO_BROWSER, name, NULL);
}

void cp_browser_print(struct cp_cli *cli, struct cp_bytes page, struct cp_buf *out)
{
    const char *name = cp_browser_find(cli);
    char folder[PATH_ROOM];
    char file[PATH_ROOM + 32];

    if (name == NULL || !make_folder(cli, folder))
        return;
    snprintf(file, sizeof file, "%s/page.html", folder);
    if (cp_file_write(cli, file, page))
        run_browser(cli, name, folder);
    snprintf(file, sizeof file, "%s/out.pdf", folder);
    if (!cli->failed && !cp_file_is(file))
        cp_fail(cli, CP_ERR_NO_BROWSER, name, NULL);
    if (!cli->failed)
        (void)cp_file_read(cli, file, PDF_BYTES_MAX, out);
    remove_all(AT_FDCWD, folder);
}
