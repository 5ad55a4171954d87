/* Getting a passphrase. Owns: the terminal while it asks. Must not: keep what it was told. */
#include "client/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include "client/words.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* an editor's, before the first letter: nobody types it */

bool cp_passphrase_new(struct cp_cli *cli, char out[static CP_PASSPHRASE_SIZE])
{
    int got = cp_passphrase_get(cli, CP_PASSPHRASE_ASK_TWICE, out);

    if (got > 0 && out[0] == '\0')
        cp_fail_words(cli, CP_ERR_PASSPHRASE_NEEDED, cp_words_screen(CP_SAY_PASSPHRASE_EMPTY));
    else if (got == 0)
        cp_fail(cli, CP_ERR_PASSPHRASE_NEEDED, NULL, NULL);
    return !cli->failed;
}

void cp_passphrase_wipe(char passphrase[static CP_PASSPHRASE_SIZE])
{
    sodium_memzero(passphrase, CP_PASSPHRASE_SIZE);
}

bool cp_passphrase_can_ask(void)
{
    return isatty(STDIN_FILENO) != 0;
}

/* Reads the first line of fd, without its end. -1 on error, -2 when it is too long, -3 when a zero byte is in it. */
static int read_line(int fd, char out[static CP_PASSPHRASE_SIZE])
{
    size_t len = 0;

    for (;;) {
        ssize_t got = read(fd, out + len, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0 || out[len] == '\n')
            break;
        if (out[len] == '\0') /* it would end here, and what opens the home would be less than what was chosen */
            return -3;
        if (++len == CP_PASSPHRASE_SIZE - 1)
            return -2;
    }
    if (len > 0 && out[len - 1] == '\r')
        len--;
    out[len] = '\0';
    return 0;
}

static int from_file(struct cp_cli *cli, char out[static CP_PASSPHRASE_SIZE])
{
    int fd = open(cli->passphrase_file, O_RDONLY | O_CLOEXEC);
    int got = fd < 0 ? -1 : read_line(fd, out);

    if (got == 0 && strncmp(out, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        memmove(out, out + strlen(BYTE_ORDER_MARK), strlen(out) - strlen(BYTE_ORDER_MARK) + 1);
    if (got == -3)
        cp_fail(cli, CP_ERR_BAD_TEXT, cli->passphrase_file, NULL);
    else if (got != 0)
        cp_fail(cli, got == -2 ? CP_ERR_TOO_BIG : CP_ERR_BAD_FILE, cli->passphrase_file,
                got == -2 ? "1024" : strerror(errno));
    else if (!cp_utf8_ok(cp_bytes_str(out)))
        cp_fail(cli, CP_ERR_BAD_TEXT, cli->passphrase_file, NULL);
    if (fd >= 0)
        close(fd);
    return cli->failed ? -1 : 1;
}

/* Asks on the terminal without showing what is typed, and puts the terminal back whatever happens. */
static int ask_once(struct cp_cli *cli, enum cp_screen question, char out[static CP_PASSPHRASE_SIZE])
{
    struct termios before;
    struct termios silent;
    sigset_t block;
    sigset_t was;
    int got = 0;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return 0;
    fputs(cp_words_screen(question), cli->err);
    fflush(cli->err);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    /* Held back, so that an interrupt does not leave the terminal silent. */
    sigemptyset(&block);
    sigaddset(&block, SIGTSTP);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGHUP);
    sigprocmask(SIG_BLOCK, &block, &was);
    silent.c_lflag &= ~(tcflag_t)ISIG;
    silent.c_cc[VEOL] = 3; /* Ctrl-C ends the line */
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    got = read_line(STDIN_FILENO, out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    sigprocmask(SIG_SETMASK, &was, NULL);
    fputs("\n", cli->err);
    if (got != 0 || strchr(out, 3) != NULL || !cp_utf8_ok(cp_bytes_str(out))) {
        cp_fail(cli, got == -2 ? CP_ERR_TOO_BIG : CP_ERR_PASSPHRASE_NEEDED, got == -2 ? "passphrase" : NULL,
                NULL);
        return -1;
    }
    return 1;
}

int cp_passphrase_get(struct cp_cli *cli, enum cp_passphrase_ask ask, char out[static CP_PASSPHRASE_SIZE])
{
    char again[CP_PASSPHRASE_SIZE];
    int got = 0;

    out[0] = '\0';
    if (cli->passphrase_file != NULL)
        return from_file(cli, out);
    if (ask == CP_PASSPHRASE_FILE_ONLY || !cp_passphrase_can_ask())
        return 0;
    if (ask == CP_PASSPHRASE_ASK)
        return ask_once(cli, CP_SAY_ASK_PASSPHRASE, out);
    got = ask_once(cli, CP_SAY_ASK_PASSPHRASE_NEW, out);
    if (got == 1)
        got = ask_once(cli, CP_SAY_ASK_PASSPHRASE_AGAIN, again);
    if (got == 1 && strcmp(out, again) != 0) {
        cp_fail_words(cli, CP_ERR_WRONG_PASSPHRASE, cp_words_screen(CP_SAY_PASSPHRASES_DIFFER));
        got = -1;
    }
    sodium_memzero(again, sizeof again);
    return got;
}
