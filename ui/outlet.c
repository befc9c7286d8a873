/* Bytes on their way to the terminal. */
#include "ui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* An open file description of our own, so that not blocking is nobody else's business. After su, the
 * terminal's own name may not be opened, /dev/tty may. */
void outlet_open(struct outlet *o, int tty)
{
    char name[128];
    *o = (struct outlet){.fd = -1, .own = true};
    if (ttyname_r(tty, name, sizeof(name)) == 0)
        o->fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (o->fd < 0)
        o->fd = open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (o->fd < 0) {
        o->fd = tty;
        o->own = false;
    }
}

void outlet_close(struct outlet *o)
{
    if (o->own && o->fd >= 0)
        close(o->fd);
    o->fd = -1;
    buf_free(&o->waiting);
}

void outlet_add(struct outlet *o, const void *bytes, size_t n)
{
    if (!o->broken)
        buf_add(&o->waiting, bytes, n);
}

/* A limit on the size of files holds for those in memory too. */
FILE *outlet_memory(struct err *err)
{
    enum { PICTURE = 1 << 20 };
    int fd = memfd_create("terminal", MFD_CLOEXEC);
    bool room = fd >= 0 && ftruncate(fd, PICTURE) == 0 && ftruncate(fd, 0) == 0;
    FILE *memory = room ? fdopen(fd, "w+") : NULL;
    if (memory)
        return memory;
    err_set(err, "The screen finds no room to be drawn in: %m. ulimit -f limits files, and ulimit -n their number.");
    if (fd >= 0)
        close(fd);
    return NULL;
}

bool outlet_collect(struct outlet *o, int fd)
{
    enum { KEEP = 65536 };      /* a larger file gives its memory back */
    char part[4096];
    off_t size = lseek(fd, 0, SEEK_CUR), at = 0;
    while (at < size) {
        size_t left = (size_t)(size - at);
        ssize_t n = pread(fd, part, left < sizeof(part) ? left : sizeof(part), at);
        if (n <= 0)
            break;
        outlet_add(o, part, (size_t)n);
        at += n;
    }
    return lseek(fd, 0, SEEK_SET) == 0 && at == size && (size <= KEEP || ftruncate(fd, 0) == 0);
}

/* A terminal that says it is ready takes at least this much without blocking. */
static size_t portion(const struct outlet *o)
{
    enum { CAREFUL = 128 };
    if (o->own || o->waiting.len < CAREFUL)
        return o->waiting.len;
    return CAREFUL;
}

static bool is_ready(const struct outlet *o)
{
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};
    return o->own || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
}

bool outlet_flush(struct outlet *o)
{
    while (o->waiting.len > 0 && is_ready(o)) {
        ssize_t n = write(o->fd, o->waiting.data, portion(o));
        if (n > 0) {
            o->total += (uint64_t)n;
            buf_drop(&o->waiting, (size_t)n);
        } else if (n < 0 && errno != EINTR) {
            o->broken = errno != EAGAIN && errno != EWOULDBLOCK;
            break;
        }
    }
    if (o->broken)
        buf_clear(&o->waiting);
    return o->waiting.len == 0;
}

void outlet_finish(struct outlet *o, int milliseconds)
{
    enum { STEP = 20 };
    for (int waited = 0; !outlet_flush(o) && waited < milliseconds; waited += STEP)
        poll(&(struct pollfd){.fd = o->fd, .events = POLLOUT}, 1, STEP);
}
