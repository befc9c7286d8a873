/* Watchers as processes: started, killed, started anew with backoff. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/backoff.h"
#include "model/lag.h"
#include "model/sqlstate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CROWD       20              /* watchers, from which on nobody waits for their end */
#define WATCHER_NICE 5             /* when cores are short, the screen and the servers go first */

/* A further attempt takes nothing from what is known of the failure before it. */
static void set_link(struct pilot *p, enum link_state state, const char *sqlstate, const char *words)
{
    struct link link = store_target(p->engine->store, p->target)->link;
    bool again = state == LINK_CONNECTING && p->failures > 0;
    if (!again)
        link.lost = state == LINK_WAITING && link.state == LINK_UP;
    if (link.state != state)
        link.since_us = p->engine->now_us;
    link.state = state;
    link.next_us = p->retry_us;
    link.failures = p->failures;
    link.lingering = (unsigned)pilot_lingering(p);
    if (!again) {
        snprintf(link.sqlstate, sizeof(link.sqlstate), "%s", sqlstate ? sqlstate : "");
        snprintf(link.words, sizeof(link.words), "%s", words ? words : "");
    }
    store_set_link(p->engine->store, p->target, &link);
    engine_stir(p->engine);
}

/* ---- the process ---- */

/* Remembers a killed child until it can be waited for. */
static void mourn(struct engine *e, pid_t pid)
{
    e->dying = mem_resize(e->dying, (size_t)e->ndying + 1, sizeof(*e->dying));
    e->dying[e->ndying++] = pid;
}

/* What a library prints by itself is worth a message, one line at a time. */
static void hear_stderr(struct pilot *p)
{
    char line[512];
    if (p->err_fd < 0)
        return;
    ssize_t n = read(p->err_fd, line, sizeof(line) - 1);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        event_del(p->err_readable);
        return;
    }
    line[n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    engine_say(p->engine, SEV_WARN, p->target, "watcher: %s", line);
}

/* True: its session hangs on, as another one on the same server does. */
static bool drop_process(struct pilot *p)
{
    bool polite = p->engine->stopping && p->state == PILOT_UP && p->asking < 0;
    bool later = polite && p->pid > 0 && p->engine->npilots > CROWD;
    hear_stderr(p);             /* its last words may be why it ended */
    if (p->pid > 0 && !later) {
        if (!polite)
            kill(p->pid, SIGKILL);          /* an idle one ends by itself when its pipe closes */
        p->engine->stats.watchers_killed += !polite;
        mourn(p->engine, p->pid);
    }
    p->pid = 0;
    if (p->readable)
        event_free(p->readable);
    if (p->err_readable)
        event_free(p->err_readable);
    p->readable = p->err_readable = NULL;
    if (p->fd >= 0 && !later)
        close(p->fd);           /* of a crowd's when we are gone ourselves, so that they do not take the cores first */
    if (p->err_fd >= 0)
        close(p->err_fd);
    p->fd = p->err_fd = -1;
    wire_stream_free(&p->in);
    if (polite && p->session_fd >= 0) {
        close(p->session_fd);               /* shutting it down would cut off the goodbye */
        p->session_fd = -1;
    }
    p->asking = -1;
    p->learning = false;
    p->deadline_us = 0;
    return linger_begin(p);
}

void pilots_reap(struct engine *e)
{
    for (int i = 0; i < e->npilots; i++)
        if (e->pilots[i].pid > 0 && waitpid(e->pilots[i].pid, NULL, WNOHANG) != 0)
            e->pilots[i].pid = 0;           /* its pipe has hung up, which says the rest */
    for (int i = 0; i < e->ndying; i++)
        if (waitpid(e->dying[i], NULL, WNOHANG) != 0)
            e->dying[i--] = e->dying[--e->ndying];
}

void pilots_await(struct engine *e, int64_t patience_us)
{
    for (int64_t end = clock_boot_us() + patience_us; e->ndying > 0 && clock_boot_us() < end;) {
        pilots_reap(e);
        if (e->ndying > 0)
            usleep(500);
    }
    for (int i = 0; i < e->ndying; i++)
        kill(e->dying[i], SIGKILL);
    pilots_reap(e);
}

/* Out of the way of the descriptors that the watcher begins with. */
static int beyond_pipe(int fd)
{
    return fd > 3 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 4);
}

/* What libpq reads of the environment is the user's to set. libcurl's part of it, such as proxies, is not for us. */
static char **environment_of(bool app, char **own)
{
    extern char **environ;
    int n = 0;
    for (char **e = environ; app && *e && n == 0; e++)
        if (strncmp(*e, "LANG=", 5) == 0)
            own[n++] = *e;
    own[n] = NULL;
    return app ? own : environ;
}

/* In the child, after fork: nothing but system calls. */
static NORETURN void become_watcher(bool app, int program, int pipe_fd, int err_fd)
{
    char *const argv[] = {(char *)(app ? "pgvigil-fetch" : "pgvigil-watch"), NULL};
    char *own[2];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    setpgid(0, 0);
    setpriority(PRIO_PROCESS, 0, WATCHER_NICE);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int keep = beyond_pipe(pipe_fd), err = beyond_pipe(err_fd), exec_fd = beyond_pipe(program);
    dup2(null, 0);
    dup2(null, 1);
    dup2(err, 2);
    dup2(keep, 3);
    fexecve(exec_fd, argv, environment_of(app, own));
    static const char words[] = "its program could not be run: are there descriptors and memory left?\n";
    _exit(write(2, words, sizeof(words) - 1) > 0 ? 127 : 126);
}

static void pipe_ready(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    pilot_hear(arg);
}

static void err_ready(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    hear_stderr(arg);
}

void pilot_attach(struct pilot *p, int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    p->fd = fd;
    p->readable = event_new(p->engine->base, fd, EV_READ | EV_PERSIST, pipe_ready, p);
    event_add(p->readable, NULL);
    p->engine->stats.watchers_started++;
}

bool pilot_spawn(struct pilot *p)
{
    int ends[2], err[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    if (pipe2(err, O_CLOEXEC | O_NONBLOCK) < 0) {
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    pid_t pid = fork();
    if (pid == 0)
        become_watcher(p->app, p->app ? p->engine->fetcher_fd : p->engine->watcher_fd, ends[1], err[1]);
    close(ends[1]);
    close(err[1]);
    if (pid < 0) {
        close(ends[0]);
        close(err[0]);
        return false;
    }
    p->pid = pid;
    p->err_fd = err[0];
    p->err_readable = event_new(p->engine->base, p->err_fd, EV_READ | EV_PERSIST, err_ready, p);
    event_add(p->err_readable, NULL);
    pilot_attach(p, ends[0]);
    return true;
}

void pilot_send(struct pilot *p, struct buf *message)
{
    ssize_t n = send(p->fd, message->data, message->len, MSG_NOSIGNAL);
    bool whole = n == (ssize_t)message->len;
    mem_wipe(message->data, message->room);
    buf_free(message);
    if (!whole)
        pilot_fail(p, NULL, "the watcher does not listen any more");
}

/* ---- attempts ---- */

static size_t length(const char *s)
{
    return s ? strlen(s) : 0;
}

static size_t start_size(const struct pilot *p)
{
    return 128 + LINGERERS_MAX * PEER_BYTES + length(p->conninfo) + length(p->ca) + length(p->host) + length(p->port) + length(p->user) +
           length(p->password) + length(p->engine->password);
}

static void put_start(const struct pilot *p, struct buf *out)
{
    wire_put_string(out, p->conninfo);
    if (p->app) {
        wire_put_string(out, p->ca);
        return;
    }
    wire_put_string(out, p->host);
    wire_put_string(out, p->port);
    wire_put_string(out, p->user);
    wire_put_string(out, p->password);
    wire_put_string(out, p->engine->password);
    char *peers = p->looking ? linger_peers(p) : NULL;
    wire_put_string(out, peers);
    free(peers);
}

void pilot_connect(struct pilot *p)
{
    if (p->state != PILOT_WAITING || linger_until_us(p) > p->engine->now_us || p->engine->stopping)
        return;
    p->tried_us = p->engine->now_us;
    p->looking = pilot_lingering(p) >= SESSIONS_MAX;
    if (!p->engine->spawn(p)) {
        pilot_fail(p, NULL, "no process could be started: is there memory, are there descriptors left?");
        return;
    }
    p->state = PILOT_CONNECTING;
    p->phase = WIRE_RESOLVE;
    p->deadline_us = p->engine->now_us + STARTUP_GRACE_US;
    p->nschemas = 0;
    p->sockets = 0;
    p->new_socket = false;
    if (!p->looking)
        set_link(p, LINK_CONNECTING, NULL, "starting");
    struct buf b = {0};
    buf_reserve(&b, start_size(p));         /* a buffer that moves would leave secrets behind */
    wire_open(&b);
    size_t mark = wire_begin(&b, p->engine->judge ? WIRE_JUDGE : WIRE_START);
    put_start(p, &b);
    wire_end(&b, mark);
    pilot_send(p, &b);
    if (p->state == PILOT_CONNECTING)
        schedule_next(p);
}

static void forget_password(struct pilot *p)
{
    mem_forget(p->password);
    p->password = NULL;
}

/* What is on the screen comes back within a second; some refusals have a rate of their own. */
static int64_t delay_us(struct pilot *p)
{
    unsigned attempt = p->failures > 0 ? p->failures - 1 : 0;
    const struct backoff *visible = attempt == 0 ? &backoff_visible_first : &backoff_visible;
    const struct backoff *b = p->shown ? visible : &backoff_background;
    int64_t pause_us = 0;
    if (p->sqlstate[0]) {
        const struct retry *retry = sqlstate_retry(p->sqlstate, true, p->sqlstate_phase);
        pause_us = retry->pause_s * US_PER_S;
        if (retry->probe == PROBE_STOP)
            b = &backoff_refused;       /* it will not get better by itself, and each attempt is a line in its log */
    }
    int64_t us = (int64_t)(backoff_ms(b, attempt, 0, engine_random(p->engine)) * 1000);
    return us > pause_us ? us : pause_us;
}

/* An attempt at the server on the screen that took two seconds to come to nothing has been wait enough: there is no
 * more than one a second all the same. */
static int64_t retry_at(struct pilot *p, bool was_up)
{
    int64_t now_us = p->engine->now_us, delay = delay_us(p), at = p->tried_us + delay;
    return was_up || !p->shown ? now_us + delay : at > now_us ? at : now_us;
}

/* Until the first answer nobody knows; a server that lets us in and then says nothing is rarer than a pooler. */
bool pilot_pooled(const struct pilot *p)
{
    const struct facts *f = &store_target(p->engine->store, p->target)->facts;
    return f->known ? f->pooled : p->phase == WIRE_PREPARE;
}

/* A pooler that is paused takes every session, and looks at none of them until it goes on. */
static const char *no_third(const struct pilot *p)
{
    if (pilot_pooled(p))
        return "is the pooler paused or full? Two sessions of ours wait in it, and there will be no third";
    return "the server does not answer; two sessions of ours have not ended there yet, and there will be no third";
}

/* A name leads where it led, or nowhere: that was no attempt, and is nothing new. */
static bool has_looked_in_vain(const struct pilot *p)
{
    return p->looking && p->state == PILOT_CONNECTING && p->phase == WIRE_RESOLVE;
}

static void look_again_later(struct pilot *p)
{
    drop_process(p);
    p->state = PILOT_WAITING;
    set_link(p, LINK_WAITING, NULL, no_third(p));
    schedule_next(p);
}

void pilot_fail(struct pilot *p, const char *sqlstate, const char *words)
{
    struct engine *e = p->engine;
    bool was_up = p->state == PILOT_UP;
    engine_tick(e);
    if (has_looked_in_vain(p)) {
        look_again_later(p);
        return;
    }
    bool was_steady = was_up && e->now_us - p->up_us >= STEADY_US;
    bool late = p->deadline_us && e->now_us >= p->deadline_us;
    snprintf(p->sqlstate, sizeof(p->sqlstate), "%s", sqlstate ? sqlstate : "");
    /* Who has let us in, and answers the first question so, refuses the question. */
    p->sqlstate_phase = was_up || p->phase == WIRE_PREPARE ? PHASE_QUERY : PHASE_CONNECT;
    if (p->asking >= 0)
        guard_lost(p, p->asking);
    bool crowded = drop_process(p);
    if (strcmp(p->sqlstate, "28P01") == 0)
        forget_password(p);
    p->failures = was_steady ? 1 : p->failures + 1;
    p->state = PILOT_WAITING;
    p->retry_us = retry_at(p, was_up);
    if (crowded)
        words = no_third(p);
    set_link(p, LINK_WAITING, sqlstate, words);
    engine_say(e, SEV_WARN, p->target, "%s%s", was_up ? "connection lost: " : "cannot connect: ", words);
    schedule_lost(p);
    publish_lost(p, sqlstate, words);
    routing_failed(p, was_up, late, p->sqlstate);
    schedule_next(p);
}

void pilot_end(struct pilot *p, const char *words)
{
    struct link link = store_target(p->engine->store, p->target)->link;
    bool asks = p->asking >= 0;
    if (p->state == PILOT_UP) {
        memmove(link.ended_us + 1, link.ended_us, sizeof(link.ended_us) - sizeof(link.ended_us[0]));
        link.ended_us[0] = p->engine->now_us;
        link.ended++;
        snprintf(link.ended_why, sizeof(link.ended_why), "%s%s%s", asks ? p->engine->probes[p->asking]->title : "",
                 asks ? ", " : "", words);
        store_set_link(p->engine->store, p->target, &link);
    }
    pilot_fail(p, NULL, words);
}

void pilot_answer_password(struct pilot *p, const char *secret)
{
    if (p->state != PILOT_PASSWORD)
        return;
    if (!secret) {
        pilot_fail(p, "28P01", "no password was given");
        return;
    }
    forget_password(p);
    p->password = mem_secret(secret);
    p->state = PILOT_CONNECTING;
    p->deadline_us = p->engine->now_us + STARTUP_GRACE_US;
    set_link(p, LINK_CONNECTING, NULL, "connecting with the password");
    struct buf b = {0};
    buf_reserve(&b, 128 + strlen(secret));
    size_t mark = wire_begin(&b, WIRE_PASSWORD);
    wire_put_string(&b, secret);
    wire_end(&b, mark);
    pilot_send(p, &b);
    if (p->state == PILOT_CONNECTING)
        schedule_next(p);
}

static void alarm_rings(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct pilot *p = arg;
    engine_tick(p->engine);
    schedule_next(p);
}

void pilot_init(struct pilot *p, struct engine *e, int target, const struct engine_target *spec)
{
    *p = (struct pilot){.engine = e, .target = target, .app = spec->app,
                        .conninfo = mem_string(spec->conninfo),
                        .ca = mem_string(spec->ca),
                        .host = mem_string(spec->host), .port = mem_string(spec->port),
                        .user = mem_string(spec->user), .fd = -1,
                        .err_fd = -1, .session_fd = -1, .asking = -1, .culprit = -1,
                        .interval_s = spec->interval_s > 0 ? spec->interval_s : 2,
                        .background_s = spec->background_s > 0 ? spec->background_s : 10};
    linger_init(p);
    p->ticks = mem_array((size_t)e->nprobes, sizeof(*p->ticks));
    for (int i = 0; i < spec->nchoices; i++)
        for (int probe = 0; probe < e->nprobes; probe++)
            if (strcmp(e->probes[probe]->name, spec->choices[i].probe) == 0) {
                p->ticks[probe].off = spec->choices[i].off;
                p->ticks[probe].interval_s = spec->choices[i].interval_s;
            }
    for (int probe = 0; probe < e->nprobes; probe++)
        guard_start(p, probe);
    p->alarm = event_new(e->base, -1, 0, alarm_rings, p);
    p->positions = lag_ring_new(POSITIONS_KEPT);
}

void pilot_free(struct pilot *p)
{
    drop_process(p);
    linger_free(p);
    event_free(p->alarm);
    forget_password(p);
    mem_wipe(p->conninfo, strlen(p->conninfo));
    free(p->conninfo);
    free(p->ca);
    free(p->host);
    free(p->port);
    free(p->user);
    schedule_free(p);
    lag_ring_free(p->positions);
}
