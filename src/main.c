/* pgvigil: finds the front end that was asked for and runs it. */
#include "cmd.h"

#include "base/compat.h"
#include "base/mem.h"

#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* A frame of thousands of rows comes and goes every few seconds: it is mapped by itself and given back whole, or the
 * heap would hold several times its size for good. */
#define FRAME_BYTES (64 << 10)

/* One that is closed would be the next file's, and words for it would go there. */
static void fill_standard(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* True when all that was printed has arrived. */
static bool printed(void)
{
    bool lost = ferror(stdout);
    return fflush(stdout) == 0 && !lost;
}

/* As head does when it has enough: no fault of anybody. */
static bool reader_left(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

static int run(const struct command *c, int argc, char **argv)
{
    int trouble = c->trouble ? c->trouble : EXIT_TROUBLE;
    mem_end_with(trouble);
    int status = c->run(argc, argv);
    if (printed())
        return status;
    if (reader_left())
        return 128 + SIGPIPE;
    return complain(trouble, "Not all could be written to standard output: is there room, and is it open?");
}

int main(int argc, char **argv)
{
    fill_standard();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    mallopt(M_MMAP_THRESHOLD, FRAME_BYTES);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});     /* there may be passwords in memory */
    prctl(PR_SET_DUMPABLE, !LIMITS_FIT);                /* a limit of 0 stops no core that goes to a pipe */
    static char help[] = "--help";
    if (argc == 2 && strcmp(argv[1], "help") == 0)      /* a database of that name is dbname=help */
        argv[1] = help;
    for (int i = 0; argc > 1 && commands[i]; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return run(commands[i], argc - 1, argv + 1);
    return run(commands[0], argc, argv);
}
