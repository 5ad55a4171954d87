/* coplan: the command line. Owns: the process. Everything else is in cli.c, which tests can call. */
#include "client/cli.h"

#include <fcntl.h>
#include <unistd.h>

/* Where one of the first three was closed, what we open next would take its place: a line to the daemon would be our stdout. They
 * are held for reading alone, so that writing there fails and is told. */
static void hold_closed(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv)
{
    hold_closed();
    return cp_cli_main(argc, argv, stdout, stderr);
}
