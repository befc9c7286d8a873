/* What is known now: the newest frame of each (target, topic), an hour of series, the past within a byte
 * budget, and messages. The engine writes; everybody else reads and listens. A topic is what a probe answers.
 *
 * Pages read with store_sight, which never gives a value without its age and status. */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "model/breaker.h"
#include "model/frame.h"
#include "model/limit.h"
#include "model/target.h"
#include "model/verdict.h"

struct series;      /* model/series.h */
struct trace;       /* model/trace.h */
struct store;

struct topic {
    const char *name;
    const char *title;
    const char *help;
    const char *grant;                      /* what a role needs to see all of it; NULL: nothing */
    const struct schema *schema;
    const struct schema *rates_schema;      /* NULL: no counters */
    const struct schema *derived_schema;    /* NULL: nothing derived */
    const char *of;                         /* the topic that it is made from; NULL: it is asked itself */
    unsigned past;                          /* good answers before the newest that rules look back at */
};

/* What people are told of a rule, beside its findings. */
struct rule_info {
    const char *name;       /* snake_case */
    const char *help;       /* what it means when this is found */
    const char *advice;     /* what to do */
    const char *page;       /* that proves it; NULL: the overview */
};

struct store *store_new(size_t past_bytes);
void store_free(struct store *s);

/* Both return the new index. Names are unique; strings are copied for targets, borrowed for topics. */
int store_add_target(struct store *s, const char *name, const char *group, const char *environment);
int store_add_topic(struct store *s, const struct topic *topic);

int store_add_rule(struct store *s, const struct rule_info *rule);     /* its strings are borrowed */

int store_targets(const struct store *s);
int store_topics(const struct store *s);
const struct target *store_target(const struct store *s, int target);
const struct topic *store_topic(const struct store *s, int topic);
int store_find_target(const struct store *s, const char *name);     /* -1: no such */
int store_find_topic(const struct store *s, const char *name);

/* ---- reading ---- */

enum sight_state {
    SIGHT_NONE,         /* not asked for, or not answered yet */
    SIGHT_FRESH,        /* the newest answer was good and is not older than interval + deadline */
    SIGHT_STALE,        /* there was a good answer, and it is too old; the newest says why, if anything does */
    SIGHT_FAILING,      /* the newest answer was not good; `good` may hold an older one */
    SIGHT_STATE_COUNT_
};

/* The circuit breaker before a dear question. */
struct guard_state {
    bool guarded;           /* false: none stands before it */
    enum breaker_state state;
    unsigned failures;      /* in a row, whatever its state was meanwhile */
    unsigned trips;         /* how often it has opened since the start */
    int64_t since_us;       /* boot time of the last change of state */
    int64_t until_us;       /* BREAKER_OPEN: when it is tried again */
};

/* A change of its state. */
struct guard_step {
    int64_t at_us;              /* boot time */
    enum breaker_state from, to;
    char why[80];
};

enum { GUARD_STEPS = 8 };       /* of them are kept */

struct sight {
    enum sight_state state;
    const struct frame *good;       /* newest frame with status ok, NULL: none; always shown with its age */
    const struct frame *rates;      /* of good: same rows, counters per second; NULL: unknown */
    const struct frame *derived;    /* of good; NULL: none */
    const struct frame *newest;     /* newest answer, whatever its status; NULL: none */
    int64_t age_us;                 /* of good; -1 without one */
    int64_t waiting_us;             /* how long the question now under way has waited; -1: none is */
    int64_t interval_us;            /* at which it is asked now, slowed down or not */
    int64_t deadline_us;
    int64_t cost_us;                /* of an answer, on average; 0: unknown */
    bool slowed;                    /* it costs more than its share and runs less often than configured */
    unsigned skipped;               /* ticks that found the last question still under way, since the start */
    unsigned asked;                 /* answers of any status since the start */
    struct guard_state guard;
};

struct sight store_sight(const struct store *s, int target, int topic, int64_t now_us);
const char *sight_state_word(enum sight_state state);
/* back = 0 is the newest. NULL: there were not so many, or it is forgotten. */
const struct guard_step *store_guard_step(const struct store *s, int target, int topic, unsigned back);

/* Frames of the past, newest first: back = 0 is the newest good one. Of what nobody looks back at there are as many as
 * rates need, and of all together no more than the budget holds. What must not be forgotten is in the trace. */
const struct frame *store_past(const struct store *s, int target, int topic, unsigned back);
/* What is remembered of it, however many answers have come since. */
const struct trace *store_trace(const struct store *s, int target);
void store_remember_source(struct store *s, int target, int source);    /* it gets WAL as a standby; -1: whose is not known */
/* The newest good one that a rate up to taken_us may be counted from: a second older or more, as a server's processes
 * tell what they have counted once a second at most (PGSTAT_MIN_INTERVAL of its cumulative statistics). NULL: none. */
const struct frame *store_rate_base(const struct store *s, int target, int topic, int64_t taken_us);

/* key 0: the metric of the whole frame; else frame_key_hash of the row. NULL: nothing yet. */
const struct series *store_series(const struct store *s, int target, int topic, const char *metric, uint64_t key);

enum severity { SEV_INFO, SEV_WARN, SEV_CRIT, SEV_COUNT_ };

struct message {
    int64_t wall_us;
    enum severity severity;
    int target;             /* -1: of pgvigil itself */
    unsigned repeats;       /* the same words again within a minute: counted, not repeated */
    char *text;             /* hostile */
};

/* i = 0 is the newest. NULL past the end. */
const struct message *store_message(const struct store *s, unsigned i);
unsigned store_messages_total(const struct store *s);   /* since the start, for "something new" marks */

/* Limits, and which rules are judged, of one target; -1 sets those of all targets that have none of their own. */
struct limit store_limit(const struct store *s, int target, enum limit_name name);     /* the default until it is set */
void store_set_limit(struct store *s, int target, enum limit_name name, struct limit limit);
bool store_rule_is_off(const struct store *s, int target, int rule);
const char *store_runbook(const struct store *s, int target, int rule);     /* a link or a text of the user's; NULL: none */
void store_choose_rule(struct store *s, int target, int rule, bool off, const char *runbook);  /* the runbook is copied */

const struct rule_info *store_rule(const struct store *s, int rule);
int store_rules(const struct store *s);
const struct verdict *store_verdict(const struct store *s);

enum change { CHANGE_FRAME, CHANGE_LINK, CHANGE_MESSAGE, CHANGE_TIMING, CHANGE_VERDICT };

typedef void store_listener(void *arg, enum change change, int target, int topic);
/* Listeners are called in the order in which they were added. topic is -1 where it makes no sense. */
void store_listen(struct store *s, store_listener *fn, void *arg);
void store_unlisten(struct store *s, store_listener *fn, void *arg);

/* ---- writing: the engine ---- */

struct verdict *store_verdict_book(struct store *s);        /* to judge in; then: */
void store_judged(struct store *s, int target);             /* tells the listeners if anything has changed */

void store_set_link(struct store *s, int target, const struct link *link);
/* It is an application, known before anybody has reached it. */
void store_set_application(struct store *s, int target, const char *application);
void store_set_where(struct store *s, int target, const char *where);
void store_set_facts(struct store *s, int target, struct facts *facts);     /* takes what facts own */
/* Another server stands at its place: nothing of what was known or found of the one before is left, but its name. */
void store_forget(struct store *s, int target);
void store_set_replica(struct store *s, int target, enum replica_state state);
/* Takes the references. rates and derived may be NULL. */
void store_publish(struct store *s, int target, int topic, struct frame *f, struct frame *rates,
                   struct frame *derived);

struct timing {
    int64_t interval_us, deadline_us;
    int64_t asked_us;       /* boot time at which the question under way left; 0: none */
    int64_t cost_us;        /* of an answer, on average; 0: unknown */
    bool slowed;
    unsigned skipped;
};
void store_set_timing(struct store *s, int target, int topic, const struct timing *timing);
void store_set_guard(struct store *s, int target, int topic, const struct guard_state *guard);
void store_add_guard_step(struct store *s, int target, int topic, const struct guard_step *step);
/* Makes the series when it is not there. value NaN is a gap. At most 64 keys a metric: of more, those that were not
 * seen for two minutes go, and new ones are left out until then. */
void store_add_point(struct store *s, int target, int topic, const char *metric, uint64_t key, int64_t at_us,
                     double value);
/* ---- and the screen ---- */

void store_set_unwritten(struct store *s, int target, const struct unwritten *unwritten);
void store_say(struct store *s, int64_t wall_us, enum severity severity, int target, const char *text);

#endif
