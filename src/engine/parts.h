/* What the engine's files share. Nobody outside of this room includes it. */
#ifndef ENGINE_PARTS_H
#define ENGINE_PARTS_H

#include "engine/engine.h"
#include "model/breaker.h"
#include "model/route.h"
#include "model/shape.h"
#include "model/sqlstate.h"
#include "spec/probe.h"
#include "wire/frames.h"
#include "wire/peer.h"

#include <event2/event.h>
#include <sys/types.h>

/* A session of ours that may still be open on the server although its watcher is gone: the socket tells. */
struct lingerer {
    int fd;                 /* -1: free */
    char peer[PEER_BYTES];  /* the server that it is on */
    struct event *event;
    size_t swallowed;       /* bytes read and thrown away */
    struct pilot *pilot;
};

#define SCHEMAS_MAX  256    /* that one watcher can be told */
#define LINGERERS_MAX (2 * SESSIONS_MAX)    /* the server that a name led to hangs, and the one it leads to now */

/* A question that a standby answers in the place of its primary. */
struct errand {
    struct pilot *of;       /* whose sample it is; NULL: there is none */
    int probe;
    bool sent;              /* it is the question under way */
    int64_t until_us;       /* boot time until which others may go before it */
};

/* Where a probe of one target stands. */
struct tick {
    int64_t due_us;         /* boot time of the next question */
    int64_t asked_us;       /* of the newest question */
    int64_t pace_us;        /* the longer one of the intervals before and after it; 0: it was never asked */
    int64_t interval_us;    /* the one after it, as it was planned */
    int64_t cost_us;        /* running mean */
    unsigned skipped;
    uint8_t doublings;      /* the interval is stretched by 2^doublings: it costs too much */
    bool quick;             /* the newest answer was cheap for the interval as it is wanted */
    int64_t restored_us;    /* boot time at which the stretching ended at one blow; 0: never */
    bool fatal;             /* the newest question ended its watcher, and it is a dear one */
    bool shown;             /* on the screen */
    bool off;               /* the user wants it never asked here */
    double interval_s;      /* that the user wants for it; 0: its own */
    void *plan;             /* state of a planned probe; NULL: not opened */
    bool planning;          /* its sample is under way: more questions follow */
    bool fresh;             /* the session is new: nothing that was learned holds */
    bool disabled;          /* denied or absent: due_us is far away on purpose */
    int64_t spent_us;       /* cost of the answers of this sample so far */
    struct breaker breaker; /* of a dear probe */
    struct breaker_ticket ticket;
    struct guard_state guard;   /* as the store knows it */
    unsigned conflicts;     /* answers in a row that were one: tried again soon */
    int64_t gone_us;        /* boot time at which what it needs was found to be gone; 0: never */
    bool refused;           /* that the breaker is open has been published */
    bool followed;          /* a standby is on the screen whose lag is counted from this */
    struct pilot *bearer;   /* the standby that answers this sample in our place; NULL: none */
    bool in_vain;           /* a standby was asked and did not answer: this sample is ours */
    bool fallback;          /* the sample under way is one that a standby should have answered */
};

enum pilot_state { PILOT_WAITING, PILOT_CONNECTING, PILOT_PASSWORD, PILOT_UP };

/* One target and its watcher. */
struct pilot {
    struct engine *engine;
    int target;             /* index in the store */
    bool app;               /* its worker is the fetcher */
    char *conninfo;         /* of an application: its URL */
    char *ca;               /* of an application; NULL: the system's */
    char *host, *port, *user;   /* given beside the conninfo, and stronger; NULL: not */
    char *password;         /* in locked memory until the server refuses it; NULL: none */
    double interval_s, background_s;

    enum pilot_state state;
    pid_t pid;              /* 0: no process */
    int fd;                 /* our end of the pipe; -1: none */
    struct event *readable;
    struct wire_stream in;
    int session_fd;         /* the session's socket, shared with the watcher; -1: none */
    struct lingerer lingerers[LINGERERS_MAX];
    int err_fd;             /* its stderr; -1: none */
    struct event *err_readable;

    struct event *alarm;    /* the one timer: deadline, next attempt, or next question */
    int64_t deadline_us;    /* of the connection phase or of the question under way; 0: none */
    int64_t tried_us;       /* boot time of the newest attempt */
    bool looking;           /* that one asks at first whether the name leads to another server */
    int64_t retry_us;       /* boot time of the next attempt; PILOT_WAITING */
    unsigned failures;      /* attempts in a row that failed, or came to nothing soon after */
    int64_t up_us;          /* boot time of the last connection; PILOT_UP */
    int64_t learn_us;       /* boot time at which the facts are asked for again; PILOT_UP */
    int64_t learned_us;     /* boot time of the facts */
    bool learning;          /* that question is under way */
    unsigned sockets;       /* of this attempt: libpq tries one address after the other */
    bool new_socket;        /* one has come that no phase has been heard of yet */
    char sqlstate[6];       /* of the last refusal, or of the last session's end */
    enum failure_phase sqlstate_phase;
    enum wire_phase phase;

    struct tick *ticks;     /* one a probe */
    int asking;             /* index of the probe whose question is under way; -1: none */
    int culprit;            /* index of the dear probe whose question cost us the last connection; -1: none */
    unsigned question;      /* its id */
    int64_t sent_us;        /* boot time at which it left */
    const struct schema *answer;    /* schema of the answer under way */
    const struct schema *schemas[SCHEMAS_MAX];  /* that the watcher has been told, by number */
    int nschemas;
    uint64_t epoch;
    enum server_role role;          /* by the newest answer that tells it: facts are as old as the connection */
    bool shown;             /* anything of it is on the screen */
    struct lag_ring *positions;     /* its WAL, for the lag of those that follow it */
    struct replica replica;         /* whether it answers for its primary, when it is a standby */
    int64_t measured_us;            /* boot time at which its lag was last told, */
    int measured_by;                /* and the probe that told it */
    struct errand errand;
    int next_bearer;                /* a primary's: number of the pilot with which the next round begins */
};

struct engine {
    struct event_base *base;
    struct store *store;
    const struct probe *const *probes;
    int nprobes;
    const struct rule *const *rules;
    int nrules;
    struct event *judging;          /* once a second */
    struct cluster_shape shape;
    int64_t shaped_us;              /* boot time at which that was found */
    bool reshaped;                  /* something has changed since that it depends on */
    struct pilot *pilots;
    int npilots;
    int watcher_fd, fetcher_fd;
    bool paused;
    bool hurry;
    bool judge;
    bool no_password;
    char *password;                 /* in locked memory, for servers that name none; NULL: none */
    double interval_s;              /* set by the user for what is shown; 0: each target's own */
    int64_t now_us;
    int64_t door_us;                /* boot time from which on another attempt to connect may begin */
    int status;
    bool stopping;
    bool stirred;                   /* something happened in this turn */
    uint64_t seed;                  /* of the jitter */
    struct engine_stats stats;
    int64_t (*clock)(void);         /* clock_boot_us, or a test's */
    bool (*spawn)(struct pilot *p); /* pilot_spawn, or a test's */
    struct hook *hooks;             /* fds, signals */
    struct { engine_call *fn; void *arg; } turn_end;
    struct event *sigchld;
    pid_t *dying;                   /* killed, not waited for yet */
    int ndying;
};

#define ADDRESSES_MAX        16                 /* of one attempt that get their time each */
#define INTERVAL_MAX_US      (600 * US_PER_S)
#define DISABLED_US          (300 * US_PER_S)   /* before a question that cannot be answered is asked again */
#define LEARN_US             (60 * US_PER_S)    /* between two looks at rights, role and extensions */
#define STEADY_US            (10 * US_PER_S)    /* a connection that lived this long was none of the failures */
#define POSITIONS_KEPT       1800               /* of a server's WAL: an hour at 2 s */
#define QUESTION_DEADLINE_US (2 * US_PER_S)
#define STARTUP_GRACE_US     (5 * US_PER_S)     /* for a watcher to say its first word */
#define LOOK_AGAIN_US        (5 * US_PER_S)     /* between two looks whether a name leads elsewhere by now */

/* ---- supervise.c: processes ---- */
void pilot_init(struct pilot *p, struct engine *e, int target, const struct engine_target *spec);
void pilot_free(struct pilot *p);
void pilot_connect(struct pilot *p);                            /* now; with two sessions open, if it leads elsewhere */
/* Ends the watcher and plans the next attempt. */
void pilot_fail(struct pilot *p, const char *sqlstate, const char *words);
/* The same, for a watcher that is late or makes no sense: that is counted. */
void pilot_end(struct pilot *p, const char *words);
void pilot_send(struct pilot *p, struct buf *message);          /* clears it; a full pipe is a failure */
void pilot_answer_password(struct pilot *p, const char *secret);
bool pilot_spawn(struct pilot *p);                              /* false: no process could be had */
void pilot_attach(struct pilot *p, int fd);                     /* our end of the pipe; takes fd */
void pilots_reap(struct engine *e);
void pilots_await(struct engine *e, int64_t patience_us);      /* at the end: lets the polite ones go, kills the rest */
bool pilot_pooled(const struct pilot *p);                       /* a pooler is in between, or seems to be */

/* ---- linger.c: sessions that outlive their watcher ---- */
void linger_init(struct pilot *p);
/* Lets the session end by itself while we watch its socket. True: that makes two of ours on its server. */
bool linger_begin(struct pilot *p);
int pilot_lingering(const struct pilot *p);
int64_t linger_until_us(const struct pilot *p);     /* boot time before which they allow no attempt; INT64_MAX: until one ends */
char *linger_peers(const struct pilot *p);          /* for wire/peer.h; the caller frees */
void linger_free(struct pilot *p);                  /* waits for none of them any more */

/* ---- attend.c: what the watcher says ---- */
void pilot_hear(struct pilot *p);
int64_t pilot_wall_us(const struct pilot *p, int64_t boot_us);      /* by the server's clock where it is known */
void pilot_take_role(struct pilot *p, enum server_role role);   /* what an answer says; it may be unknown */

/* ---- schedule.c ---- */
void schedule_start(struct pilot *p);           /* a connection has come up: spread the first questions */
void schedule_next(struct pilot *p);            /* asks if somebody is due, and sets the alarm */
void schedule_show(struct pilot *p, int probe, bool shown);
void schedule_lost(struct pilot *p);            /* the connection is gone: no sample is under way any more */
void schedule_free(struct pilot *p);
void schedule_retime(struct pilot *p);          /* intervals have changed */
void schedule_now(struct pilot *p);             /* all that is shown is due now */
int schedule_source(const struct engine *e, int probe);   /* what it is made from; one that asks is its own */
int64_t schedule_interval_us(const struct pilot *p, int probe);
int64_t schedule_wanted_us(const struct pilot *p, int probe);   /* the same, not stretched */
void schedule_follow(struct pilot *p, int probe, bool followed);
void schedule_wake(struct pilot *p);            /* looks for somebody to ask, in the next turn */
/* Asks `by` for a sample of p. False: there is nothing to ask yet. */
bool schedule_ask(struct pilot *p, struct pilot *by, int probe);
void schedule_tell(struct pilot *p, int probe);         /* its times, to the store */
void schedule_disable(struct pilot *p, int probe);      /* what is missing now is missing next tick too */

/* ---- answered.c ---- */
void schedule_answered(struct pilot *p, int probe, const struct frame *f);
void schedule_borne(struct pilot *p, struct pilot *by, int probe, const struct frame *f);   /* `by` has answered for p */
void schedule_mind_cost(struct pilot *p, struct pilot *by, int probe, int64_t cost_us);
void schedule_learned(struct pilot *p, bool more);  /* other facts; more: what was denied or absent may be there now */

/* ---- routing.c: what standbys answer for their primaries ---- */
bool routing_lends(struct pilot *p, int probe);  /* true: a standby answers this sample, or will soon be asked to */
bool routing_waits(const struct pilot *p);       /* an errand has not left yet */
bool routing_hurries(const struct pilot *p);     /* nor may it wait for others any longer */
void routing_ask(struct pilot *p);               /* asks it, or gives it back */
bool routing_answered(struct pilot *p, int probe, struct frame *f);     /* takes f, if it answers an errand */
void routing_measured(struct pilot *p, int probe);      /* an answer has been published */
void routing_failed(struct pilot *p, bool was_up, bool late, const char *sqlstate);
void routing_lost(struct pilot *p);              /* its connection is gone: so are its errand and those that bear for it */
void routing_turned(struct pilot *p);            /* its role is another one */
void routing_follow(struct engine *e);           /* who is shown, or who is whose primary, has changed */

/* ---- guard.c: breakers in front of dear probes ---- */
void guard_start(struct pilot *p, int probe);
bool guard_lets(struct pilot *p, int probe);    /* takes a ticket, which the next two report on */
bool guard_is_open(struct pilot *p, int probe); /* it would not let; takes no ticket */
void guard_answered(struct pilot *p, int probe, const struct frame *f);
void guard_lost(struct pilot *p, int probe);
void guard_reachable(struct pilot *p);          /* a connection has come up */

/* ---- publish.c ---- */
/* The watched primary of the same cluster; NULL: none. After a promotion that is the one that still answers. */
struct pilot *publish_primary(const struct pilot *p);
struct probe_context publish_context(const struct pilot *p, int probe);
void publish_frame(struct pilot *p, int probe, struct frame *f);        /* takes f */
/* What the rates of an answer are counted from. NULL: nothing, or it is so old that they would be of a time in which
 * nobody looked. */
const struct frame *publish_base(const struct pilot *p, int probe, int64_t taken_us);
/* A frame without rows for every probe of the target that has been answered before. */
void publish_lost(struct pilot *p, const char *sqlstate, const char *words);
void publish_timeout(struct pilot *p, int probe, const char *words);

/* ---- shape.c: who is primary, and who follows whom ---- */
void shape_start(struct engine *e);             /* after the targets are there */
void shape_stop(struct engine *e);
const struct cluster_shape *engine_shape(struct engine *e);     /* borrowed until the next call */

/* ---- judge.c: what is wrong ---- */
void judge_start(struct engine *e);             /* after the topics are there */
void judge_stop(struct engine *e);
void judge_answer(struct engine *e, int target, int topic);     /* a topic has been published */
void judge_time(struct engine *e);                              /* a second has gone by */

/* ---- engine.c ---- */
void engine_tick(struct engine *e);             /* reads the clock */
void engine_stir(struct engine *e);             /* a turn in which something happened: the screen is drawn */
void engine_say(struct engine *e, enum severity severity, int target, const char *format, ...) PRINTF_LIKE(4, 5);
double engine_random(struct engine *e);         /* 0 <= x < 1 */

#endif
