/* Messages of the PostgreSQL protocol over a socket, and the ways to leave one. */
#include "tests/fault/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_AT (256 << 10)

void link_begin(struct link *l, char type)
{
    buf_putc(&l->out, type);
    l->start = l->out.len;
    link_int32(l, 0);
}

void link_int8(struct link *l, int value)
{
    buf_putc(&l->out, (char)value);
}

void link_int16(struct link *l, int value)
{
    uint16_t net = htons((uint16_t)value);
    buf_add(&l->out, &net, sizeof(net));
}

void link_int32(struct link *l, int64_t value)
{
    uint32_t net = htonl((uint32_t)value);
    buf_add(&l->out, &net, sizeof(net));
}

void link_bytes(struct link *l, const void *bytes, size_t n)
{
    buf_add(&l->out, bytes, n);
}

void link_string(struct link *l, const char *s)
{
    buf_add(&l->out, s, strlen(s) + 1);
}

void link_end(struct link *l)
{
    uint32_t net = htonl((uint32_t)(l->out.len - l->start));
    memcpy(l->out.data + l->start, &net, sizeof(net));
    if (l->out.len > FLUSH_AT)
        link_flush(l);
}

void link_raw(struct link *l, const void *bytes, size_t n)
{
    buf_add(&l->out, bytes, n);
}

static void write_all(struct link *l, const char *bytes, size_t n)
{
    while (n) {
        ssize_t wrote = send(l->fd, bytes, l->drip_ms ? 1 : n, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            _exit(0);
        bytes += wrote;
        n -= (size_t)wrote;
        if (l->drip_ms)
            nanosleep(
                &(struct timespec){.tv_sec = l->drip_ms / 1000, .tv_nsec = l->drip_ms % 1000 * 1000000L},
                NULL);
    }
}

void link_flush(struct link *l)
{
    write_all(l, l->out.data, l->out.len);
    buf_clear(&l->out);
}

void link_flush_part(struct link *l, size_t n)
{
    write_all(l, l->out.data, n < l->out.len ? n : l->out.len);
    buf_clear(&l->out);
}

static void read_exactly(struct link *l, void *out, size_t n)
{
    char *at = out;
    while (n) {
        ssize_t got = recv(l->fd, at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            _exit(0);
        at += got;
        n -= (size_t)got;
    }
}

char link_read(struct link *l, bool typed, struct buf *body)
{
    char type = 0;
    uint32_t net;
    if (typed)
        read_exactly(l, &type, 1);
    read_exactly(l, &net, sizeof(net));
    size_t n = ntohl(net);
    if (n < 4 || n > LINK_MESSAGE_MAX)
        link_close(l);
    buf_clear(body);
    char bytes[4096];
    for (n -= 4; n;) {
        size_t some = n < sizeof(bytes) ? n : sizeof(bytes);
        read_exactly(l, bytes, some);
        buf_add(body, bytes, some);
        n -= some;
    }
    return type;
}

/* Unread input would turn the FIN into an RST. */
NORETURN void link_close(struct link *l)
{
    char bytes[4096];
    shutdown(l->fd, SHUT_WR);
    while (recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    close(l->fd);
    _exit(0);
}

NORETURN void link_reset(struct link *l)
{
    struct linger now = {.l_onoff = 1};
    setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(l->fd);
    _exit(0);
}

NORETURN void link_hold(struct link *l)
{
    struct pollfd fd = {l->fd, POLLRDHUP, 0};
    while (poll(&fd, 1, -1) < 0 && errno == EINTR)
        ;
    _exit(0);
}
