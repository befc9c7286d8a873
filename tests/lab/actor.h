/* An actor is one process of the workload: one session (or a few) with a name of its own that plays turn
 * after turn. A new one is a row of actors[] and a function. */
#ifndef TESTS_LAB_ACTOR_H
#define TESTS_LAB_ACTOR_H

#include "base/attr.h"
#include "tests/lab/options.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stage {
    const struct actor *actor;
    PGconn *conn;
    const char *dir;
    const char *primary_port;
    const char *pooler_port;
    double rate;            /* of the workload, 1 is usual */
    int number;             /* sessions to hold, seconds to block */
    long turn;              /* from 0, since the process began */
    uint64_t random;
    PGconn **held;          /* by act_hold_sessions */
};

struct actor {
    const char *name;       /* application_name too */
    const char *database;
    const char *user;
    bool pooled;            /* through PgBouncer */
    enum load least;        /* the smallest load that has it; LOAD_OFF: only when a command asks */
    double (*act)(struct stage *s);     /* one turn; returns the seconds until the next, < 0: no more */
};

#define ACTOR_SESSIONS "web-pool"
#define ACTOR_BLOCK    "deploy-now"

extern const struct actor actors[];
extern const size_t nactors;

/* argv: NAME DIR PRIMARY_PORT POOLER_PORT RATE_PERCENT NUMBER. The exit status. */
int actor_main(int argc, char **argv);

/* For actors. A statement that fails is reported to the log, and the connection is looked after between
 * turns. */
bool stage_run(struct stage *s, const char *format, ...) PRINTF_LIKE(2, 3);
bool stage_ask(struct stage *s, char *out, size_t size, const char *sql);      /* first cell; false: none */
PGconn *stage_connect(const struct stage *s, const char *user, const char *name);      /* may be a bad one */
long stage_pick(struct stage *s, long n);                                               /* 0..n-1 */
double stage_between(struct stage *s, double low, double high);
double stage_wave(const struct stage *s, double period);    /* 0.3..1.7, up and down by the clock */
void stage_pause(double seconds);

double act_web(struct stage *s);
double act_billing(struct stage *s);
double act_report(struct stage *s);
double act_cron(struct stage *s);
double act_forget(struct stage *s);
double act_hold_sessions(struct stage *s);
double act_deploy(struct stage *s);
double act_block_once(struct stage *s);
double act_task_producer(struct stage *s);
double act_task_worker(struct stage *s);
double act_gateway(struct stage *s);
double act_querator(struct stage *s);
double act_janitor(struct stage *s);
double act_task_janitor(struct stage *s);

#endif
