/* Sessions that outlive their watchers, so that there are never more than two of ours on a server.
 *
 * A killed watcher's backend may live on: frozen, or busy with our last question. So the watcher hands us a
 * duplicate of its session's socket. After its death we close the sending side, which tells the server, and
 * keep the other until the server has closed it too: only then is that session gone, and the kernel says so. */
#include "engine/parts.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWALLOW_MAX (4u << 20)      /* bytes that a dying session may still send */

void linger_init(struct pilot *p)
{
    for (int i = 0; i < LINGERERS_MAX; i++)
        p->lingerers[i].fd = -1;
}

int pilot_lingering(const struct pilot *p)
{
    int n = 0;
    for (int i = 0; i < LINGERERS_MAX; i++)
        n += p->lingerers[i].fd >= 0;
    return n;
}

int64_t linger_until_us(const struct pilot *p)
{
    int n = pilot_lingering(p);
    return n < SESSIONS_MAX ? 0 : n < LINGERERS_MAX ? p->tried_us + LOOK_AGAIN_US : INT64_MAX;
}

char *linger_peers(const struct pilot *p)
{
    struct buf peers = {0};
    for (int i = 0; i < LINGERERS_MAX; i++)
        if (p->lingerers[i].fd >= 0)
            buf_printf(&peers, "%s\n", p->lingerers[i].peer);
    return buf_take(&peers);
}

static void end_lingerer(struct lingerer *l)
{
    event_free(l->event);
    close(l->fd);
    l->fd = -1;
    l->event = NULL;
}

static void lingerer_speaks(evutil_socket_t fd, short what, void *arg)
{
    struct lingerer *l = arg;
    struct pilot *p = l->pilot;
    char bytes[16384];
    (void)what;
    ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    l->swallowed += n > 0 ? (size_t)n : 0;
    if (n > 0 && l->swallowed < SWALLOW_MAX)
        return;
    end_lingerer(l);
    engine_tick(p->engine);
    struct link link = store_target(p->engine->store, p->target)->link;
    link.lingering = (unsigned)pilot_lingering(p);
    store_set_link(p->engine->store, p->target, &link);
    schedule_next(p);
}

/* False: there is no place left, or it is no socket at all, and a watcher gone mad has sent it. */
static bool await_end(struct pilot *p, int fd)
{
    for (int i = 0; i < LINGERERS_MAX; i++) {
        struct lingerer *l = &p->lingerers[i];
        if (l->fd >= 0)
            continue;
        *l = (struct lingerer){.fd = fd, .pilot = p};
        peer_of(fd, l->peer);
        shutdown(fd, SHUT_WR);
        l->event = event_new(p->engine->base, fd, EV_READ | EV_PERSIST, lingerer_speaks, l);
        if (event_add(l->event, NULL) == 0)
            return true;
        end_lingerer(l);
        return false;
    }
    close(fd);
    return false;
}

bool linger_begin(struct pilot *p)
{
    char peer[PEER_BYTES];
    int fd = p->session_fd;
    p->session_fd = -1;
    if (fd < 0)
        return false;
    peer_of(fd, peer);
    if (!await_end(p, fd))
        return false;
    char *peers = linger_peers(p);
    bool crowded = peers_among(peers, peer) >= SESSIONS_MAX;
    free(peers);
    return crowded;
}

void linger_free(struct pilot *p)
{
    for (int i = 0; i < LINGERERS_MAX; i++)
        if (p->lingerers[i].fd >= 0)
            end_lingerer(&p->lingerers[i]);
}
