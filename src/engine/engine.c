/* The loop, and the intents that come in. Duties of a turn: whatever woke it, then the listeners' drawing. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/rates.h"
#include "model/sqlstate.h"

#include <assert.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS_LEAST 5             /* that the loop itself needs */
#define DESCRIPTORS_OWN   32            /* and all else that there is once */
#define DESCRIPTORS_EACH  (3 + SESSIONS_MAX)    /* a worker's pipe, its stderr, its session, and those that linger */
#define GOODBYE_US (50 * US_PER_MS)     /* for watchers to end by themselves */

/* Something of the screen's that the loop watches: a descriptor or a signal. */
struct hook {
    struct engine *engine;
    struct event *event;
    int fd;                 /* or the signal's number */
    bool is_signal;
    engine_call *fn;
    void *arg;
    struct hook *next;
};

struct engine_timer {
    struct engine *engine;
    struct event *event;
    engine_call *fn;
    void *arg;
};

static void log_event(int severity, const char *words)
{
    (void)severity;
    (void)words;            /* libevent's own log would go to the terminal */
}

static void *resize(void *old, size_t size)
{
    return mem_resize(old, size, 1);
}

static void child_died(evutil_socket_t signo, short what, void *arg)
{
    (void)signo;
    (void)what;
    pilots_reap(arg);
}

static void add_topics(struct engine *e)
{
    for (int i = 0; i < e->nprobes; i++) {
        const struct probe *p = e->probes[i];
        store_add_topic(e->store, &(struct topic){.name = p->name, .title = p->title, .help = p->help,
                                                  .grant = p->grant, .schema = p->schema,
                                                  .rates_schema = rates_schema(p->schema),
                                                  .derived_schema = p->derived_schema, .of = p->of, .past = p->past});
    }
}

/* The event library ends the process when it gets no descriptor for its signals. */
static bool descriptors_left(void)
{
    int taken[DESCRIPTORS_LEAST], n = 0;
    while (n < DESCRIPTORS_LEAST && (taken[n] = eventfd(0, EFD_CLOEXEC)) >= 0)
        n++;
    for (int i = 0; i < n; i++)
        close(taken[i]);
    return n == DESCRIPTORS_LEAST;
}

/* As many as all workers may need, if the hard limit lets us; what was usual long ago is enough for 200 of them. */
static void want_descriptors(struct engine *e)
{
    struct rlimit limit;
    rlim_t want = DESCRIPTORS_OWN + DESCRIPTORS_EACH * (rlim_t)e->npilots;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
        return;
    bool enough = limit.rlim_max >= want;
    limit.rlim_cur = enough ? want : limit.rlim_max;
    if ((setrlimit(RLIMIT_NOFILE, &limit) != 0 || !enough) && e->npilots > 1)
        engine_say(e, SEV_WARN, -1, "%d targets may need %llu descriptors, and %llu are allowed: some may not be reached. "
                                    "Raise the limit with ulimit -n.",
                   e->npilots, (unsigned long long)want, (unsigned long long)limit.rlim_cur);
}

struct engine *engine_new(const struct engine_setup *setup, struct err *err)
{
    struct engine *e = mem_new(sizeof(*e));
    event_set_log_callback(log_event);
    event_set_mem_functions(mem_new, resize, free);
    e->base = descriptors_left() ? event_base_new() : NULL;
    if (!e->base) {
        free(e);
        err_set(err, "The event loop cannot start: the kernel gave no descriptor. Raise the limit with ulimit -n.");
        return NULL;
    }
    e->store = store_new(setup->past_bytes);
    e->probes = setup->probes;
    while (e->probes[e->nprobes])
        e->nprobes++;
    assert(e->nprobes < 256);
    e->rules = setup->rules;
    e->watcher_fd = setup->watcher_fd;
    e->fetcher_fd = setup->fetcher_fd;
    e->hurry = setup->hurry;
    e->judge = setup->judge;
    e->no_password = setup->no_password;
    e->password = mem_secret(setup->password);
    e->clock = clock_boot_us;
    e->spawn = pilot_spawn;
    engine_tick(e);
    if (getrandom(&e->seed, sizeof(e->seed), GRND_NONBLOCK) != sizeof(e->seed))
        e->seed = (uint64_t)e->now_us;
    add_topics(e);
    e->npilots = setup->ntargets;
    e->pilots = mem_array((size_t)e->npilots, sizeof(*e->pilots));
    for (int i = 0; i < e->npilots; i++) {
        const struct engine_target *t = &setup->targets[i];
        pilot_init(&e->pilots[i], e, store_add_target(e->store, t->name, t->group, t->environment), t);
        if (t->app)
            store_set_application(e->store, e->pilots[i].target, t->application ? t->application : t->name);
    }
    shape_start(e);
    want_descriptors(e);
    judge_start(e);
    e->sigchld = evsignal_new(e->base, SIGCHLD, child_died, e);
    event_add(e->sigchld, NULL);
    return e;
}

static void free_hook(struct hook *h)
{
    event_free(h->event);
    free(h);
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    e->stopping = true;
    for (int i = 0; i < e->npilots; i++)
        pilot_free(&e->pilots[i]);
    e->npilots = 0;
    pilots_await(e, GOODBYE_US);
    free(e->pilots);
    free(e->dying);
    while (e->hooks) {
        struct hook *h = e->hooks;
        e->hooks = h->next;
        free_hook(h);
    }
    event_free(e->sigchld);
    judge_stop(e);
    shape_stop(e);
    for (int i = 0; i < store_topics(e->store); i++)
        schema_free((struct schema *)store_topic(e->store, i)->rates_schema);
    store_free(e->store);
    event_base_free(e->base);
    mem_forget(e->password);
    free(e);
}

struct store *engine_store(struct engine *e)
{
    return e->store;
}

int64_t engine_now_us(const struct engine *e)
{
    return e->now_us;
}

void engine_tick(struct engine *e)
{
    e->now_us = e->clock();
}

void engine_stir(struct engine *e)
{
    e->stirred = true;
}

double engine_random(struct engine *e)
{
    /* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" */
    e->seed ^= e->seed >> 12;
    e->seed ^= e->seed << 25;
    e->seed ^= e->seed >> 27;
    return (double)(e->seed * 0x2545f4914f6cdd1dULL >> 11) / 9007199254740992.0;
}

void engine_say(struct engine *e, enum severity severity, int target, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    store_say(e->store, clock_wall_us(), severity, target, text);
    engine_stir(e);
}

int engine_run(struct engine *e)
{
    for (int i = 0; i < e->npilots; i++)
        schedule_next(&e->pilots[i]);
    e->stirred = true;
    while (!e->stopping) {
        if (e->stirred && e->turn_end.fn) {
            e->stirred = false;
            e->turn_end.fn(e->turn_end.arg);
        }
        if (e->stopping)
            break;
        event_base_loop(e->base, EVLOOP_ONCE);
        engine_tick(e);
    }
    return e->status;
}

void engine_stop(struct engine *e, int status)
{
    e->status = status;
    e->stopping = true;
    event_base_loopbreak(e->base);
}

void engine_each_turn(struct engine *e, engine_call *fn, void *arg)
{
    e->turn_end.fn = fn;
    e->turn_end.arg = arg;
}

/* ---- hooks of the screen ---- */

static void hook_fires(evutil_socket_t fd, short what, void *arg)
{
    struct hook *h = arg;
    (void)fd;
    (void)what;
    engine_tick(h->engine);
    h->engine->stirred = true;
    h->fn(h->arg);
}

static struct hook *add_hook(struct engine *e, int fd, bool is_signal, engine_call *fn, void *arg)
{
    struct hook *h = mem_new(sizeof(*h));
    *h = (struct hook){.engine = e, .fd = fd, .is_signal = is_signal, .fn = fn, .arg = arg, .next = e->hooks};
    h->event = is_signal ? evsignal_new(e->base, fd, hook_fires, h)
                         : event_new(e->base, fd, EV_READ | EV_PERSIST, hook_fires, h);
    if (event_add(h->event, NULL) != 0) {
        free_hook(h);
        return NULL;
    }
    e->hooks = h;
    return h;
}

bool engine_watch_fd(struct engine *e, int fd, engine_call *fn, void *arg)
{
    return add_hook(e, fd, false, fn, arg) != NULL;
}

void engine_unwatch_fd(struct engine *e, int fd)
{
    for (struct hook **at = &e->hooks; *at; at = &(*at)->next)
        if (!(*at)->is_signal && (*at)->fd == fd) {
            struct hook *h = *at;
            *at = h->next;
            free_hook(h);
            return;
        }
}

void engine_on_signal(struct engine *e, int signo, engine_call *fn, void *arg)
{
    add_hook(e, signo, true, fn, arg);
}

static void timer_fires(evutil_socket_t fd, short what, void *arg)
{
    struct engine_timer *t = arg;
    (void)fd;
    (void)what;
    engine_tick(t->engine);
    t->engine->stirred = true;
    t->fn(t->arg);
}

struct engine_timer *engine_timer_new(struct engine *e, engine_call *fn, void *arg)
{
    struct engine_timer *t = mem_new(sizeof(*t));
    *t = (struct engine_timer){e, event_new(e->base, -1, 0, timer_fires, t), fn, arg};
    return t;
}

void engine_timer_set(struct engine_timer *t, int64_t after_us)
{
    after_us = after_us < 0 ? 0 : after_us;
    struct timeval tv = {after_us / US_PER_S, after_us % US_PER_S};
    event_add(t->event, &tv);
}

void engine_timer_stop(struct engine_timer *t)
{
    event_del(t->event);
}

void engine_timer_free(struct engine_timer *t)
{
    if (!t)
        return;
    event_free(t->event);
    free(t);
}

/* ---- intents ---- */

void engine_show(struct engine *e, int target, const int *topics, int ntopics)
{
    for (int i = 0; i < e->npilots; i++) {
        struct pilot *p = &e->pilots[i];
        p->shown = p->target == target && ntopics > 0;
        for (int probe = 0; probe < e->nprobes; probe++) {
            bool shown = false;
            for (int k = 0; k < ntopics; k++)
                shown |= p->shown && topics[k] == probe;
            schedule_show(p, probe, shown);
        }
    }
    engine_show_also(e, target, NULL, 0);
}

void engine_show_also(struct engine *e, int target, const int *topics, int ntopics)
{
    for (int i = 0; i < e->npilots; i++) {
        struct pilot *p = &e->pilots[i];
        if (p->target == target && ntopics > 0)
            p->shown = true;
        for (int k = 0; p->target == target && k < ntopics; k++)
            schedule_show(p, topics[k], true);
        /* Who comes onto the screen while it waits out a long backoff is tried soon. */
        if (p->shown && p->state == PILOT_WAITING && p->retry_us > e->now_us + US_PER_S &&
            (!p->sqlstate[0] || sqlstate_retry(p->sqlstate, true, p->sqlstate_phase)->probe == PROBE_RETRY))
            p->retry_us = e->now_us + (int64_t)(engine_random(e) * US_PER_S);
        schedule_next(p);
    }
    routing_follow(e);
}

void engine_pause(struct engine *e, bool paused)
{
    e->paused = paused;
    for (int i = 0; i < e->npilots && !paused; i++)
        schedule_next(&e->pilots[i]);
    engine_stir(e);
}

bool engine_paused(const struct engine *e)
{
    return e->paused;
}

void engine_set_interval(struct engine *e, double seconds)
{
    e->interval_s = seconds < 0.1 ? 0.1 : seconds > 3600 ? 3600 : seconds;
    for (int i = 0; i < e->npilots; i++)
        schedule_retime(&e->pilots[i]);
    engine_stir(e);
}

double engine_interval(const struct engine *e)
{
    return e->interval_s > 0 ? e->interval_s : e->npilots ? e->pilots[0].interval_s : 2;
}

static struct pilot *pilot_of(struct engine *e, int target)
{
    for (int i = 0; i < e->npilots; i++)
        if (e->pilots[i].target == target)
            return &e->pilots[i];
    return NULL;
}

void engine_sample_now(struct engine *e, int target)
{
    struct pilot *p = pilot_of(e, target);
    if (p)
        schedule_now(p);
}

void engine_reconnect(struct engine *e, int target)
{
    struct pilot *p = pilot_of(e, target);
    if (!p)
        return;
    if (p->state != PILOT_WAITING)
        pilot_fail(p, NULL, "reconnecting, as you asked");
    if (pilot_lingering(p) >= SESSIONS_MAX) {
        engine_say(e, SEV_WARN, target, "two sessions of ours may still hang there, and a third is tried, as you asked");
        linger_free(p);
    }
    p->retry_us = e->now_us;
    schedule_next(p);
}

void engine_password(struct engine *e, int target, const char *secret)
{
    struct pilot *p = pilot_of(e, target);
    if (p)
        pilot_answer_password(p, secret);
}

bool engine_concerns(const struct engine *e, int target, int topic)
{
    const struct facts *f = &store_target(e->store, target)->facts;
    int asked = schedule_source(e, topic);
    for (int i = 0; i < e->npilots; i++)
        if (e->pilots[i].target == target && e->pilots[i].ticks[asked].off)
            return false;
    return !f->known || e->probes[topic]->kind == f->kind;
}

struct engine_stats engine_stats(const struct engine *e)
{
    return e->stats;
}
