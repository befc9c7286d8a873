/* Which server a statement would go to: the states of replicas, and round robin over those that are in. */
#ifndef MODEL_ROUTE_H
#define MODEL_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

/* ---- one replica ---- */

enum replica_state {
    REPLICA_UNKNOWN,        /* not checked */
    REPLICA_PROBATION,      /* one good probe */
    REPLICA_IN,             /* the only one that takes reads */
    REPLICA_OUT_LAG,
    REPLICA_OUT_DOWN,
    REPLICA_OUT_ROLE,       /* promoted */
    REPLICA_STATE_COUNT_
};

enum replica_event {
    REPLICA_PROBE_OK,
    REPLICA_PROBE_FAIL,         /* any failure that has no event of its own */
    REPLICA_PROBE_TIMEOUT,
    REPLICA_CONN_LOST,
    REPLICA_REFUSED,
    REPLICA_ENDED,              /* 57P01, 57P02, 57P03: the server ends the session */
    REPLICA_SAMPLE_OLD,         /* the newest sample is older than 3 intervals */
    REPLICA_EVENT_COUNT_
};

/* Start with {0}. */
struct replica {
    enum replica_state state;
    uint8_t rule, run;          /* the rule that the last event met, and how often in a row */
};

/* in_recovery and lag_s (NaN: unknown, or the receiver is silent) matter for REPLICA_PROBE_OK alone.
 * What no rule names leaves the state as it is. Returns the state after. */
enum replica_state replica_tell(struct replica *r, enum replica_event event, bool in_recovery, double lag_s);
const char *replica_state_word(enum replica_state state);

/* ---- the router ---- */

enum {
    ROUTE_REPLICAS_MAX = 64,
    ROUTE_PRIMARY = -1,     /* for a read: no replica is in, so the primary bears it */
    ROUTE_NOHOST = -2       /* nobody can take it */
};

struct route {
    uint32_t nreplicas;     /* at most ROUTE_REPLICAS_MAX */
    uint32_t next;          /* where the next read begins to look */
    bool primary_up;
    bool in[ROUTE_REPLICAS_MAX];
};

void route_start(struct route *r, uint32_t nreplicas);      /* none is in, the primary is up */
/* The replica after the one picked last, of those that are in: nobody gets more when one leaves. Or
 * ROUTE_... */
int route_read(struct route *r);
int route_write(const struct route *r);

#endif
