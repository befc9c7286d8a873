/* What /proc says about a process and its descendants. */
#include "tests/pty/proc.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct stat_line {
    char state;
    pid_t parent;
    uint64_t user, system, started;     /* clock ticks */
};

static size_t read_proc(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;
    if (f)
        fclose(f);
    out[n] = '\0';
    return n;
}

/* The name in parentheses may hold blanks and parentheses: fields are counted from the last ')'. */
static bool read_stat(pid_t pid, struct stat_line *out)
{
    char text[1024];
    if (!read_proc(pid, "stat", text, sizeof(text)))
        return false;
    char *rest = strrchr(text, ')');
    if (!rest || !rest[1])
        return false;
    int parent;
    unsigned long user, system;
    unsigned long long started;
    if (sscanf(rest + 2, "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %llu",
               &out->state, &parent, &user, &system, &started) != 5)
        return false;
    out->parent = parent;
    out->user = user;
    out->system = system;
    out->started = started;
    return true;
}

struct proc proc_of(pid_t pid)
{
    struct stat_line s;
    return (struct proc){.pid = pid, .started = read_stat(pid, &s) ? s.started : 0};
}

bool proc_alive(struct proc who)
{
    struct stat_line s;
    return who.started && read_stat(who.pid, &s) && s.started == who.started && s.state != 'Z' &&
           s.state != 'X';
}

char proc_state(pid_t pid)
{
    struct stat_line s;
    return read_stat(pid, &s) ? s.state : 0;
}

long proc_memory_kb(pid_t pid, const char *field)
{
    char text[8192], name[32];
    if (!read_proc(pid, "status", text, sizeof(text)))
        return -1;
    snprintf(name, sizeof(name), "\n%s:", field);
    const char *at = strstr(text, name);
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

double proc_cpu_ms(pid_t pid)
{
    struct stat_line s;
    if (!read_stat(pid, &s))
        return -1;
    return (double)(s.user + s.system) * 1000.0 / (double)sysconf(_SC_CLK_TCK);
}

double proc_run_ms(pid_t pid)
{
    char text[200];
    unsigned long long ns;
    if (!read_proc(pid, "schedstat", text, sizeof(text)) || sscanf(text, "%llu", &ns) != 1)
        return proc_cpu_ms(pid);
    return (double)ns / 1e6;
}

int proc_fds(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *d = opendir(path);
    if (!d)
        return -1;
    int n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;       /* "." and ".." */
}

bool proc_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return done;
}

bool proc_own_namespaces(int more, int id)
{
    char uids[60], gids[60];
    snprintf(uids, sizeof(uids), "%d %d 1", id, (int)getuid());
    snprintf(gids, sizeof(gids), "%d %d 1", id ? (int)getgid() : 0, (int)getgid());
    return unshare(CLONE_NEWUSER | more) == 0 && proc_write("/proc/self/setgroups", "deny") &&
           proc_write("/proc/self/uid_map", uids) && proc_write("/proc/self/gid_map", gids);
}

static bool looks;

void proc_will_look(bool will)
{
    looks = will && geteuid() != 0;
}

bool proc_let_look(void)
{
    return !looks || proc_own_namespaces(0, 0);
}

const char *proc_command(pid_t pid, char *out, size_t size)
{
    size_t n = read_proc(pid, "cmdline", out, size);
    for (size_t i = 0; i + 1 < n; i++)
        if (!out[i])
            out[i] = ' ';
    return out;
}

struct pair {
    pid_t pid, parent;
    uint64_t started;
};

/* Every process of the machine; the caller frees. */
static struct pair *all_processes(size_t *n)
{
    struct pair *all = NULL;
    size_t room = 0;
    *n = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d));) {
        struct stat_line s;
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid <= 0 || !read_stat(pid, &s))
            continue;
        if (*n == room) {
            room = room ? room * 2 : 256;
            all = mem_resize(all, room, sizeof(*all));
        }
        all[(*n)++] = (struct pair){pid, s.parent, s.started};
    }
    if (d)
        closedir(d);
    return all;
}

size_t proc_descendants(pid_t pid, struct proc *out, size_t max)
{
    size_t nall, n = 0;
    struct pair *all = all_processes(&nall);
    for (size_t done = 0; done <= n; done++) {
        pid_t parent = done ? out[done - 1].pid : pid;
        for (size_t i = 0; i < nall && n < max; i++)
            if (all[i].parent == parent)
                out[n++] = (struct proc){all[i].pid, all[i].started};
    }
    free(all);
    return n;
}

size_t proc_family(pid_t pid, struct proc *out, size_t max)
{
    out[0] = proc_of(pid);
    return 1 + proc_descendants(pid, out + 1, max - 1);
}

bool proc_file_has(const char *path, const char *word)
{
    char bytes[4096];
    struct buf all = {0};
    FILE *f = fopen(path, "re");
    for (size_t n; f && (n = fread(bytes, 1, sizeof(bytes), f)) > 0;)
        buf_add(&all, bytes, n);
    if (f)
        fclose(f);
    bool has = memmem(buf_text(&all), all.len, word, strlen(word)) != NULL;
    buf_free(&all);
    return has;
}

int proc_family_has(pid_t pid, const char *file, const char *word)
{
    struct proc family[16];
    size_t n = proc_family(pid, family, COUNT_OF(family));
    int has = 0;
    for (size_t i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/%s", (int)family[i].pid, file);
        has += proc_file_has(path, word);
    }
    return has;
}

bool proc_wait_gone(const struct proc *who, size_t n, int ms)
{
    for (int waited = 0;; waited += 5) {
        bool any = false;
        for (size_t i = 0; i < n; i++)
            any = any || proc_alive(who[i]);
        if (!any || waited >= ms)
            return !any;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}
