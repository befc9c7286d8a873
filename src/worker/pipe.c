/* What every worker does at its end of the pipe. */
#include "worker/pipe.h"

#include "base/compat.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void pipe_confine(size_t memory_bytes)
{
    const struct rlimit none = {0, 0}, memory = {memory_bytes, memory_bytes};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &none);
    if (LIMITS_FIT)
        setrlimit(RLIMIT_AS, &memory);
    signal(SIGPIPE, SIG_IGN);
    close_range(WORKER_FD + 1, ~0U, 0);     /* what a shell has left open in the console is none of ours */
    /* A parent that died before it could be watched is noticed by the first write. Its pid tells nothing: in a
     * container the parent may be process 1. */
}

static ssize_t send_some(const char *bytes, size_t n, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec io = {(char *)bytes, n};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof(control.room);
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    }
    return sendmsg(WORKER_FD, &m, MSG_NOSIGNAL);
}

void pipe_send(struct buf *b, int fd)
{
    size_t at = 0;
    while (at < b->len) {
        ssize_t n = send_some(b->data + at, b->len - at, at == 0 ? fd : -1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(0);
        at += (size_t)n;
    }
    buf_clear(b);
}

bool pipe_receive(struct wire_stream *s)
{
    char bytes[16384];
    ssize_t n;
    do
        n = read(WORKER_FD, bytes, sizeof(bytes));
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    wire_feed(s, bytes, (size_t)n);
    explicit_bzero(bytes, sizeof(bytes));
    if (s->broken)
        _exit(1);
    return true;
}
