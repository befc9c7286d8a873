/* The engine's face: all that the screen and the front ends may ask of it. One thread, one loop. What is known
 * is in the store (model/store.h); here are the loop, and the intents that go in.
 *
 * Everything returns at once: nothing here waits for a server, a disk or a worker. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/err.h"
#include "model/store.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct probe;       /* spec/probe.h */
struct engine;

/* What the user says of one probe at one target. */
struct engine_choice {
    const char *probe;
    bool off;                       /* never asked there */
    double interval_s;              /* while it is on the screen; 0: its own */
};

struct engine_target {
    const char *name;               /* unique, a safe word */
    const char *conninfo;           /* keywords, URI or database name; "" for the environment's. Of an application: its URL */
    bool app;                       /* an application: the fetcher asks it, by HTTP */
    const char *ca;                 /* its certificates' file; NULL: the system's */
    const char *application;        /* application_name of that one's sessions; NULL: as its name */
    const char *host, *port, *user; /* stronger than what the conninfo says; NULL: not given */
    const char *group;              /* NULL: none */
    const char *environment;        /* NULL: none */
    double interval_s;              /* what is on the screen; 0: 2 s */
    double background_s;            /* the rest; 0: 10 s */
    const struct engine_choice *choices;    /* read during engine_new */
    int nchoices;
};

/* A budget for the past of n targets: mostly the answer before the newest of each, for rates. */
#define PAST_BYTES(n) ((2u << 20) + (size_t)(n) * (64u << 10))

struct engine_setup {
    const struct probe *const *probes;      /* ends with NULL; borrowed for the engine's life */
    const struct rule *const *rules;        /* ends with NULL; NULL: none; borrowed for the engine's life */
    const struct engine_target *targets;    /* copied */
    int ntargets;
    int watcher_fd;                         /* the watcher's program, opened for reading; borrowed */
    int fetcher_fd;                         /* the same of the fetcher; unused without applications */
    size_t past_bytes;                      /* budget for frames of the past */
    bool hurry;                             /* one look, all at once: questions are not spread */
    bool judge;                             /* connect to nothing: ask what is wrong with each conninfo, once */
    const char *password;                   /* for servers whose conninfo names none; NULL: none; copied */
    bool no_password;                       /* who wants a password that we do not have is refused by us */
};

struct engine *engine_new(const struct engine_setup *setup, struct err *err) MUST_CHECK;
void engine_free(struct engine *e);             /* ends every worker, by force after 50 ms */

struct store *engine_store(struct engine *e);
int64_t engine_now_us(const struct engine *e);  /* boot time, read once a turn */

/* ---- the loop ---- */

int engine_run(struct engine *e);               /* until engine_stop; returns its status */
void engine_stop(struct engine *e, int status);

typedef void engine_call(void *arg);
/* Called at the end of every turn in which something happened: the place to draw. */
void engine_each_turn(struct engine *e, engine_call *fn, void *arg);
/* fn when fd can be read or has hung up. false: the loop cannot watch this fd (a plain file). */
bool engine_watch_fd(struct engine *e, int fd, engine_call *fn, void *arg) MUST_CHECK;
void engine_unwatch_fd(struct engine *e, int fd);
void engine_on_signal(struct engine *e, int signo, engine_call *fn, void *arg);

struct engine_timer;
struct engine_timer *engine_timer_new(struct engine *e, engine_call *fn, void *arg);
void engine_timer_set(struct engine_timer *t, int64_t after_us);        /* once; again after it fired */
void engine_timer_stop(struct engine_timer *t);
void engine_timer_free(struct engine_timer *t);

/* ---- intents ---- */

/* What is on the screen: these topics of this target are sampled at the visible interval, all others at the
 * background one. Replaces what was said before for any target. ntopics 0: nothing is on the screen. */
void engine_show(struct engine *e, int target, const int *topics, int ntopics);
void engine_show_also(struct engine *e, int target, const int *topics, int ntopics);

void engine_pause(struct engine *e, bool paused);           /* no questions leave while paused */
bool engine_paused(const struct engine *e);
void engine_set_interval(struct engine *e, double seconds); /* visible interval of all targets, 0.1 to 3600 */
double engine_interval(const struct engine *e);
void engine_sample_now(struct engine *e, int target);       /* all that is shown, as soon as may be */
void engine_reconnect(struct engine *e, int target);        /* at once, without waiting for backoff or old sessions */
void engine_password(struct engine *e, int target, const char *secret);     /* copied to locked memory; NULL: gave up */

/* False: this target is of another kind, and the topic will never be answered there. */
bool engine_concerns(const struct engine *e, int target, int topic);

/* Judges now what is otherwise judged each second. */
void engine_judge(struct engine *e);

/* The engine's own troubles, for the report and the server's page. */
struct engine_stats {
    unsigned watchers_started, watchers_killed;
    unsigned questions, answers;
};
struct engine_stats engine_stats(const struct engine *e);

#endif
