/* pgvigil: finds the front end that was asked for and runs it. */
#include "cmd.h"

#include "base/compat.h"

#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* A frame of thousands of rows comes and goes every few seconds: it is mapped by itself and given back whole, or the
 * heap would hold several times its size for good. */
#define FRAME_BYTES (64 << 10)

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_MMAP_THRESHOLD, FRAME_BYTES);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});     /* there may be passwords in memory */
    prctl(PR_SET_DUMPABLE, !LIMITS_FIT);                /* a limit of 0 stops no core that goes to a pipe */
    for (int i = 0; argc > 1 && commands[i]; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    return commands[0]->run(argc, argv);
}
