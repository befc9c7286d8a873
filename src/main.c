/* pgvigil: finds the front end that was asked for and runs it. */
#include "cmd.h"

#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});     /* there may be passwords in memory */
    for (int i = 0; argc > 1 && commands[i]; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    return commands[0]->run(argc, argv);
}
