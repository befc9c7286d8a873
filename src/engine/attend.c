/* Listening to a watcher. All it says is checked: a watcher that breaks the rules is killed as one that is late. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/lag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK     65536     /* bytes read at once */
#define GRACE_US  (250 * US_PER_MS)
#define WHERE_MAX 1023      /* bytes that are kept; a list of hosts may be long */

/* How long a phase may take before the watcher is killed. */
static const int64_t phase_us[WIRE_PHASE_COUNT_] = {
    [WIRE_RESOLVE] = 2 * US_PER_S,
    [WIRE_CONNECT] = 2 * US_PER_S,
    [WIRE_AUTHENTICATE] = 3 * US_PER_S,
    [WIRE_PREPARE] = 2 * US_PER_S,
};

static const char *const phase_words[WIRE_PHASE_COUNT_] = {
    [WIRE_RESOLVE] = "looking up the name",
    [WIRE_CONNECT] = "opening a connection",
    [WIRE_AUTHENTICATE] = "logging in",
    [WIRE_PREPARE] = "setting up the session",
};

static void set_connecting(struct pilot *p)
{
    struct link link = store_target(p->engine->store, p->target)->link;
    link.state = LINK_CONNECTING;
    if (p->failures == 0)
        snprintf(link.words, sizeof(link.words), "%s", phase_words[p->phase]);
    store_set_link(p->engine->store, p->target, &link);
}

static bool hear_phase(struct pilot *p, struct wire_body *b)
{
    enum wire_phase phase = (enum wire_phase)wire_uint_max(b, WIRE_PHASE_COUNT_ - 1);
    if (!wire_done(b) || p->state != PILOT_CONNECTING)
        return false;
    if (phase != p->phase || phase == WIRE_RESOLVE || (p->new_socket && p->sockets < ADDRESSES_MAX))
        p->deadline_us = p->engine->now_us + phase_us[phase];
    p->phase = phase;
    p->new_socket = false;
    if (!p->looking || phase != WIRE_RESOLVE)
        set_connecting(p);
    return true;
}

static bool hear_where(struct pilot *p, struct wire_body *b)
{
    char *fault = wire_string(b), *where = wire_string(b);
    bool ok = wire_done(b) && where;
    if (ok && strlen(where) > WHERE_MAX)
        where[WHERE_MAX] = '\0';
    if (ok) {
        struct link link = store_target(p->engine->store, p->target)->link;
        link.judged = true;
        link.senseless = fault != NULL;
        store_set_link(p->engine->store, p->target, &link);
        store_set_where(p->engine->store, p->target, where);
    }
    if (ok && p->engine->judge) {
        pilot_fail(p, NULL, fault ? fault : "nothing is wrong with its conninfo");
        p->retry_us = INT64_MAX;        /* that was all we wanted to know */
    }
    free(fault);
    free(where);
    return ok;
}

static bool hear_refusal(struct pilot *p, struct wire_body *b)
{
    char *sqlstate = wire_string(b), *words = wire_string(b);
    bool ok = wire_done(b) && words;
    if (ok)
        pilot_fail(p, sqlstate, words);
    free(sqlstate);
    free(words);
    return ok;
}

static bool hear_need(struct pilot *p, struct wire_body *b)
{
    char *sqlstate = wire_string(b), *words = wire_string(b);
    bool ok = wire_done(b) && p->state == PILOT_CONNECTING;
    free(sqlstate);
    if (ok && p->engine->no_password) {
        pilot_fail(p, "28P01", words ? words : "a password is needed");
    } else if (ok) {
        struct link link = store_target(p->engine->store, p->target)->link;
        p->state = PILOT_PASSWORD;
        p->deadline_us = 0;
        if (p->session_fd >= 0)
            close(p->session_fd);           /* libpq has closed it, and the server has said its last word */
        p->session_fd = -1;
        link.state = LINK_PASSWORD;
        link.since_us = p->engine->now_us;
        snprintf(link.words, sizeof(link.words), "%s", words ? words : "");
        store_set_link(p->engine->store, p->target, &link);
    }
    free(words);
    return ok;
}

static uint64_t epoch_of(const struct facts *f)
{
    uint64_t h = (f->system_id ^ f->database_oid) * 0x9e3779b97f4a7c15ULL ^ (uint64_t)f->started_us;
    return f->started_us || f->system_id ? h | 1 : 0;
}

static bool same_extensions(const struct facts *a, const struct facts *b)
{
    bool same = a->nextensions == b->nextensions;
    for (int i = 0; same && i < a->nextensions; i++) {
        const struct extension *x = &a->extensions[i], *y = &b->extensions[i];
        same = strcmp(x->name, y->name) == 0 && strcmp(x->schema, y->schema) == 0 && x->version == y->version &&
               x->oid == y->oid;
    }
    return same;
}

void pilot_take_role(struct pilot *p, enum server_role role)
{
    if (role == SERVER_UNKNOWN || role == p->role)
        return;
    bool turned = p->role != SERVER_UNKNOWN;
    p->role = role;
    if (!turned)
        return;
    routing_turned(p);
    engine_say(p->engine, SEV_WARN, p->target, "it is a %s now", role == SERVER_PRIMARY ? "primary" : "standby");
    p->learn_us = p->engine->now_us;    /* rights, extensions and questions may have changed with it */
}

/* The same session, looked at again. Who lost a right is refused what he was refused before. */
static void hear_facts_again(struct pilot *p, struct facts *now)
{
    const struct facts *before = &store_target(p->engine->store, p->target)->facts;
    bool less = (before->superuser && !now->superuser) || (before->monitor && !now->monitor);
    bool more = (now->superuser && !before->superuser) || (now->monitor && !before->monitor) ||
                now->standby != before->standby || !same_extensions(now, before);
    p->learning = false;
    p->deadline_us = 0;
    if (now->kind == TARGET_SERVER)
        pilot_take_role(p, now->standby ? SERVER_STANDBY : SERVER_PRIMARY);
    p->learned_us = p->engine->now_us;
    p->learn_us = p->learned_us + LEARN_US;
    store_set_facts(p->engine->store, p->target, now);
    if (more || less)
        schedule_learned(p, more);
}

/* A name stays, but what was measured of one server is not mixed with what is measured of another. */
static void start_over(struct pilot *p, const struct facts *now)
{
    engine_say(p->engine, SEV_WARN, p->target, "another server answers: at %s:%s", now->host ? now->host : "?",
               now->port ? now->port : "?");
    store_forget(p->engine->store, p->target);
    lag_ring_free(p->positions);
    p->positions = lag_ring_new(POSITIONS_KEPT);
    p->role = SERVER_UNKNOWN;
    p->replica = (struct replica){0};
    p->measured_us = 0;
}

static bool hear_facts(struct pilot *p, const struct wire_message *m)
{
    struct facts facts;
    if ((p->state != PILOT_CONNECTING && !p->learning) || !wire_get_facts(m, &facts))
        return false;
    if (p->learning) {
        hear_facts_again(p, &facts);
        return true;
    }
    struct link link = store_target(p->engine->store, p->target)->link;
    if (facts_another(&store_target(p->engine->store, p->target)->facts, &facts))
        start_over(p, &facts);
    p->epoch = epoch_of(&facts);
    if (p->epoch == 0)
        p->epoch = (uint64_t)p->engine->now_us | 1;     /* nothing to tell restarts by: each connection is one */
    p->state = PILOT_UP;
    p->up_us = p->engine->now_us;
    p->learned_us = p->up_us;
    p->learn_us = p->up_us + LEARN_US;
    p->deadline_us = 0;
    if (facts.kind == TARGET_SERVER)
        pilot_take_role(p, facts.standby ? SERVER_STANDBY : SERVER_PRIMARY);
    store_set_facts(p->engine->store, p->target, &facts);
    if (link.connects++ > 0)
        engine_say(p->engine, SEV_INFO, p->target, "connected again");
    link.state = LINK_UP;
    link.since_us = p->engine->now_us;
    link.failures = 0;
    link.lingering = (unsigned)pilot_lingering(p);
    link.sqlstate[0] = link.words[0] = '\0';
    store_set_link(p->engine->store, p->target, &link);
    schedule_start(p);
    return true;
}

int64_t pilot_wall_us(const struct pilot *p, int64_t boot_us)
{
    int64_t ahead_us = store_target(p->engine->store, p->target)->facts.clock_us;
    return ahead_us ? boot_us + ahead_us : clock_wall_us() - (p->engine->now_us - boot_us);
}

/* The watcher's stamps are believed only between the question and now. */
static void correct_times(struct pilot *p, struct frame *f)
{
    int64_t asked = p->sent_us, now = p->engine->now_us;
    if (f->taken_us < asked || f->taken_us > now)
        f->taken_us = asked;
    if (f->cost_us < 0 || f->cost_us > now - asked)
        f->cost_us = now - asked;
    f->wall_us = pilot_wall_us(p, f->taken_us);
    f->epoch = p->epoch;
}

static bool hear_frame(struct pilot *p, const struct wire_message *m)
{
    unsigned id;
    if (p->state != PILOT_UP || p->asking < 0 || !wire_get_frame_id(m, &id) || id != p->question)
        return false;
    struct frame *f = wire_get_frame(m, p->answer);
    if (!f)
        return false;
    int probe = p->asking;
    bool part = p->ticks[probe].planning;
    pilot_take_role(p, f->server_role);
    correct_times(p, f);
    p->engine->stats.answers++;
    p->deadline_us = 0;
    p->asking = -1;
    if (routing_answered(p, probe, f))
        return true;
    f->fallback = p->ticks[probe].fallback;
    schedule_answered(p, probe, f);
    if (part) {
        frame_unref(f);
        return true;
    }
    publish_frame(p, probe, f);
    routing_measured(p, probe);
    return true;
}

static bool obey(struct pilot *p, const struct wire_message *m)
{
    struct wire_body b = wire_body(m);
    switch (m->type) {
    case WIRE_PHASE:
        return hear_phase(p, &b);
    case WIRE_WHERE:
        return hear_where(p, &b);
    case WIRE_REFUSED:
        return hear_refusal(p, &b);
    case WIRE_NEED_PASSWORD:
        return hear_need(p, &b);
    case WIRE_FACTS:
        return hear_facts(p, m);
    case WIRE_FRAME:
        return hear_frame(p, m);
    default:
        return false;
    }
}

/* At most one descriptor rides along; more than that are closed. */
static void take_socket(struct pilot *p, struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (p->session_fd >= 0)
                close(p->session_fd);       /* libpq went on to another host or tried without encryption */
            p->session_fd = fd;
            p->new_socket = true;
            p->sockets++;
        }
    }
}

/* We may have been the late ones: stopped, suspended, or held up by a slow terminal. While a large answer is there
 * to be read it is read, deadline or not; a watcher that drips never fills a chunk. */
static void excuse(struct pilot *p, ssize_t n)
{
    int64_t soon = p->engine->now_us + GRACE_US;
    if (n == CHUNK && p->deadline_us && p->deadline_us < soon)
        p->deadline_us = soon;
}

static ssize_t receive(struct pilot *p)
{
    char bytes[CHUNK];
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec io = {bytes, sizeof(bytes)};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room,
                       .msg_controllen = sizeof(control.room)};
    ssize_t n = recvmsg(p->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n > 0) {
        take_socket(p, &m);
        wire_feed(&p->in, bytes, (size_t)n);
        excuse(p, n);
    }
    return n;
}

void pilot_hear(struct pilot *p)
{
    engine_tick(p->engine);
    engine_stir(p->engine);
    ssize_t n = receive(p);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    struct wire_message m;
    int fd = p->fd;
    while (p->fd == fd && wire_next(&p->in, &m))
        if (!obey(p, &m)) {
            pilot_end(p, "the watcher said something that makes no sense, and was ended");
            return;
        }
    if (p->fd != fd)
        return;             /* a refusal has ended it */
    if (p->in.broken)
        pilot_end(p, "the watcher's answer could not be read, and it was ended");
    else if (n <= 0)
        pilot_fail(p, NULL, "the watcher ended: see the messages");
    else
        schedule_next(p);
}
