/* coplan: the command line. Owns: the process. Everything else is in cli.c, which tests can call. */
#include "client/cli.h"

int main(int argc, char **argv)
{
    return cp_cli_main(argc, argv, stdout, stderr);
}
