/* coplan: the command line. Owns: the process. Everything else is in cli.c, which tests can call. */
#include <signal.h>

#include "client/cli.h"

int main(int argc, char **argv)
{
    /* A daemon that went away is told by the write that fails. */
    signal(SIGPIPE, SIG_IGN);
    return cp_cli_main(argc, argv, stdout, stderr);
}
