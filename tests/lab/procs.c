/* Finding and ending processes by descent. A name or a process group could be somebody else's; a child
 * cannot. */
#include "tests/lab/procs.h"

#include "base/clock.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOFT_US    (700 * US_PER_MS) /* PostgreSQL's immediate shutdown takes 50 ms or so */
#define GIVE_UP_US (10 * US_PER_S)

struct proc {
    pid_t pid;
    pid_t parent;
    bool below;
};

static bool read_parent(const char *name, struct proc *p)
{
    char path[300], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    const char *after_name = strrchr(text, ')'); /* a program's name may hold anything */
    int parent;
    char state;
    if (after_name == NULL || sscanf(after_name, ") %c %d", &state, &parent) != 2)
        return false;
    *p = (struct proc){.pid = (pid_t)atoi(name), .parent = parent};
    return true;
}

static size_t read_all(struct proc **all)
{
    size_t n = 0, room = 256;
    *all = mem_array(room, sizeof **all);
    DIR *dir = opendir("/proc");
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9' || !read_parent(e->d_name, &(*all)[n]))
            continue;
        if (++n == room)
            *all = mem_resize(*all, room *= 2, sizeof **all);
    }
    if (dir != NULL)
        closedir(dir);
    return n;
}

size_t procs_below(pid_t root, pid_t **pids)
{
    struct proc *all;
    size_t n = read_all(&all), found = 0;
    *pids = mem_array(n + 1, sizeof **pids);
    for (size_t next = 0; next <= found; next++) {
        pid_t parent = next == 0 ? root : (*pids)[next - 1];
        for (size_t i = 0; i < n; i++) {
            if (all[i].parent == parent && !all[i].below) {
                all[i].below = true;
                (*pids)[found++] = all[i].pid;
            }
        }
    }
    free(all);
    return found;
}

void procs_signal(pid_t root, int sig)
{
    size_t before = 0;
    kill(root, sig);
    for (int round = 0; round < 10; round++) {
        pid_t *pids;
        size_t n = procs_below(root, &pids);
        for (size_t i = 0; i < n; i++)
            kill(pids[i], sig);
        free(pids);
        if (n == before)
            return;
        before = n;
    }
}

/* SIGQUIT is PostgreSQL's immediate shutdown, which a later SIGTERM does not weaken; PgBouncer hears only
 * SIGTERM. A stopped process takes them after SIGCONT. */
static void signal_below(bool hard)
{
    pid_t *pids;
    size_t n = procs_below(getpid(), &pids);
    for (size_t i = 0; i < n; i++) {
        kill(pids[i], hard ? SIGKILL : SIGQUIT);
        kill(pids[i], SIGTERM);
        kill(pids[i], SIGCONT);
    }
    free(pids);
}

void procs_end_all(void)
{
    int64_t start = clock_boot_us();
    for (int64_t spent = 0; spent < GIVE_UP_US; spent = clock_boot_us() - start) {
        pid_t pid;
        signal_below(spent > SOFT_US);
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
}
