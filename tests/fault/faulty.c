/* The library of faulty.h: stands in front of libc's calls, and lets some of them fail or lie. */
#include "tests/fault/faulty.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, which need no looking up: that would want memory. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static struct faulty *faulty;   /* NULL: this program is left alone */

static struct sigaction theirs[NSIG];   /* what the program itself would do with a signal that ends it */

/* libc may be where it happens, and this file, but somebody called them. */
static void find_culprit(void)
{
    void *frames[40];
    int n = backtrace(frames, 40);
    for (int i = 0; i < n; i++) {
        Dl_info is;
        const char *name = dladdr(frames[i], &is) ? strrchr(is.dli_fname, '/') : NULL;
        if (!name || strncmp(name, "/libc.so", 8) == 0 || strcmp(name, "/faulty.so") == 0)
            continue;
        strncpy(faulty->culprit, name + 1, sizeof(faulty->culprit) - 1);
        return;
    }
}

static void on_crash(int signo)
{
    if (!faulty->crashed)
        find_culprit();
    faulty->crashed = signo;
    if (theirs[signo].sa_handler != SIG_DFL)
        theirs[signo].sa_handler(signo);
    raise(signo);
}

static bool is_crash(int signo)
{
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGABRT || signo == SIGFPE || signo == SIGILL;
}

static bool is_meant(const char *who)
{
    size_t n = strcspn(who, "*");
    return strncmp(who, program_invocation_short_name, n) == 0 && (who[n] || !program_invocation_short_name[n]);
}

static __attribute__((constructor)) void begin(void)
{
    struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    void *frame;
    const char *path = getenv("FAULTY");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    struct faulty *f = fd >= 0 ? mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    if (f == MAP_FAILED || !is_meant(f->who))
        return;
    backtrace(&frame, 1);       /* the first wants memory */
    for (int signo = 1; signo < NSIG; signo++)
        if (is_crash(signo))
            sigaction(signo, &crash, NULL);
    faulty = f;
}

/* Ours stays, and theirs is called by it. */
int sigaction(int signo, const struct sigaction *restrict new, struct sigaction *restrict old)
{
    NEXT(sigaction);
    if (!faulty || !new || !is_crash(signo))
        return next(signo, new, old);
    if (old)
        *old = theirs[signo];
    theirs[signo] = *new;
    return 0;
}

/* True when this call is to fail. */
static bool fails(enum faulty_call call, int error)
{
    if (!faulty || faulty->call != (int)call)
        return false;
    int64_t n = ++faulty->calls, at = faulty->at;
    if (at == 0 || (faulty->on ? n < at : n != at))
        return false;
    faulty->failed++;
    errno = error;
    return true;
}

/* ---- memory ---- */

void *malloc(size_t size)
{
    return fails(FAULTY_ALLOCATE, ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails(FAULTY_ALLOCATE, ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails(FAULTY_ALLOCATE, ENOMEM) ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *p = fails(FAULTY_ALLOCATE, ENOMEM) ? NULL : __libc_memalign(alignment, size);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(FAULTY_ALLOCATE, ENOMEM) ? NULL : __libc_memalign(alignment, size);
}

/* ---- bytes ---- */

ssize_t write(int fd, const void *bytes, size_t n)
{
    NEXT(write);
    return fails(FAULTY_WRITE, EIO) ? -1 : next(fd, bytes, n);
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    NEXT(send);
    return fails(FAULTY_SEND, EPIPE) ? -1 : next(fd, bytes, n, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    NEXT(sendmsg);
    return fails(FAULTY_SEND, EPIPE) ? -1 : next(fd, message, flags);
}

/* ---- descriptors and processes ---- */

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    NEXT(open);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(path, flags, mode);
}

int pipe2(int ends[2], int flags)
{
    NEXT(pipe2);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(ends, flags);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
    NEXT(socketpair);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(domain, type, protocol, ends);
}

int socket(int domain, int type, int protocol)
{
    NEXT(socket);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(domain, type, protocol);
}

int memfd_create(const char *name, unsigned flags)
{
    NEXT(memfd_create);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(name, flags);
}

int eventfd(unsigned count, int flags)
{
    NEXT(eventfd);
    return fails(FAULTY_OPEN, EMFILE) ? -1 : next(count, flags);
}

pid_t fork(void)
{
    NEXT(fork);
    return fails(FAULTY_FORK, EAGAIN) ? -1 : next();
}

/* ---- clocks ---- */

static int64_t ahead_us(clockid_t id)
{
    if (!faulty)
        return 0;
    return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? faulty->wall_us
           : id == CLOCK_BOOTTIME                              ? faulty->boot_us
           : id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW || id == CLOCK_MONOTONIC_COARSE ? faulty->monotonic_us
                                                                                                : 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    NEXT(clock_gettime);
    int failed = next(id, t);
    int64_t us = ahead_us(id), nanoseconds = t->tv_nsec + us % 1000000 * 1000;
    t->tv_sec += us / 1000000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
    t->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
    return failed;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    *tv = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return 0;
}
