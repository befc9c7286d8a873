/* Starting and steering the hostile server from a test. */
#include "tests/fault/hostile.h"

#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 40

struct hostile {
    pid_t pid;
    int port;
    char log[64], conninfo[160];
};

static NORETURN void give_up(const char *what)
{
    fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
    exit(99);
}

static const char *program(void)
{
    static char path[4096];
    const char *given = getenv("HOSTILE_SERVER"), *build = getenv("BUILDDIR");
    snprintf(path, sizeof(path), "%s", given ? given : "");
    if (!given)
        snprintf(path, sizeof(path), "%s/tests/fault/hostile-server", build ? build : ".");
    return path;
}

static NORETURN void run_server(const char *const *args, const char *log, int out, pid_t parent)
{
    const char *argv[ARGS_MAX + 4] = {program(), "--log", log};
    for (size_t i = 0; args[i] && i < ARGS_MAX; i++)
        argv[3 + i] = args[i];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    dup2(out, STDOUT_FILENO);
    execv(argv[0], (char *const *)argv);
    fprintf(stderr, "hostile: cannot start %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* "port 40001" or "socket /tmp/x 5432" */
static void read_place(struct hostile *h, int in)
{
    char dir[108] = "127.0.0.1";
    FILE *f = fdopen(in, "r");
    if (!f || (fscanf(f, "port %d", &h->port) != 1 && fscanf(f, "socket %107s %d", dir, &h->port) != 2)) {
        fprintf(stderr, "hostile: the server did not say where it listens\n");
        exit(99);
    }
    fclose(f);
    snprintf(h->conninfo, sizeof(h->conninfo), "host=%s port=%d user=tester dbname=test sslmode=disable", dir,
             h->port);
}

struct hostile *hostile_start(const char *const *args)
{
    struct hostile *h = mem_new(sizeof(*h));
    int ends[2], fd;
    strcpy(h->log, "/tmp/hostile-log-XXXXXX");
    if ((fd = mkstemp(h->log)) < 0 || pipe(ends) < 0)
        give_up("cannot prepare");
    close(fd);
    pid_t parent = getpid();
    fflush(NULL);
    h->pid = fork();
    if (h->pid < 0)
        give_up("fork");
    if (h->pid == 0)
        run_server(args, h->log, ends[1], parent);
    close(ends[1]);
    read_place(h, ends[0]);
    return h;
}

struct hostile *hostile_mode(const char *mode)
{
    return hostile_start((const char *const[]){"--mode", mode, NULL});
}

void hostile_stop(struct hostile *h)
{
    if (!h)
        return;
    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    unlink(h->log);
    free(h);
}

const char *hostile_conninfo(const struct hostile *h)
{
    return h->conninfo;
}

int hostile_port(const struct hostile *h)
{
    return h->port;
}

pid_t hostile_pid(const struct hostile *h)
{
    return h->pid;
}

void hostile_sick(struct hostile *h)
{
    kill(h->pid, SIGUSR1);
}

void hostile_healthy(struct hostile *h)
{
    kill(h->pid, SIGUSR2);
}

size_t hostile_count(const struct hostile *h, const char *event)
{
    FILE *f = fopen(h->log, "re");
    size_t n = 0;
    char line[512], what[32];
    while (f && fgets(line, sizeof(line), f))
        n += sscanf(line, "%*d %*d %31s", what) == 1 && strcmp(what, event) == 0;
    if (f)
        fclose(f);
    return n;
}

double hostile_gap_ms(const struct hostile *h, const char *from, const char *to, size_t n)
{
    FILE *f = fopen(h->log, "re");
    long long at, since = -1;
    double gap = NAN;
    char line[512], what[32];
    while (f && isnan(gap) && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%lld %*d %31s", &at, what) != 2)
            continue;
        if (strcmp(what, from) == 0)
            since = at;
        else if (strcmp(what, to) == 0 && n-- == 0)
            gap = since >= 0 ? (double)(at - since) : NAN;
    }
    if (f)
        fclose(f);
    return gap;
}

const char *hostile_log(const struct hostile *h)
{
    return h->log;
}
