/* The probe `queues`: definitions and a catalogue become SQL, the answers become one frame with a row for
 * each (definition, queue). Pure; driven as spec/plan.h says.
 *
 * Order of a sample: the catalogue (when it is older than a minute, or the session is new); for each
 * definition that fits a schema its version, its expanded tables and its names; then one statement each that
 * counts. What no index serves is counted in every tenth sample, and slow_age_s says how old that is.
 * Finished rows are never read: every thirtieth sample asks the planner how many it believes there are. */
#ifndef PROBES_QUEUE_PLAN_H
#define PROBES_QUEUE_PLAN_H

#include "model/frame.h"
#include "spec/plan.h"
#include "spec/probe.h"
#include "spec/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of the frame, in order. States that a definition does not know are unknown; a known state without
 * rows is 0. A row with the queue "(all)" holds what cannot be told apart by queue: the counters of a table
 * that serves many, the estimates of finished rows, or the reason why nothing can be read. */
enum {
    QUEUE_DEFINITION,
    QUEUE_QUEUE,
    QUEUE_SCHEMA,
    QUEUE_TITLE,
    QUEUE_VERSION,
    QUEUE_STATES,                              /* STATE_COUNT_ columns, named as the states */
    QUEUE_OTHER = QUEUE_STATES + STATE_COUNT_, /* rows that the definition does not cover */
    QUEUE_OLDEST,                              /* age of the oldest ready row */
    QUEUE_RUNNING,                             /* age of the oldest running one; unknown for leases */
    QUEUE_STUCK,
    QUEUE_NEXT, /* until the first scheduled or retrying row is due */
    QUEUE_ENQUEUED,
    QUEUE_COMPLETED,
    QUEUE_DONE_RATE, /* of "(all)", where no counter tells */
    QUEUE_IN_RATE,   /* over the same minute */
    QUEUE_ESTIMATE,
    QUEUE_DEAD_TUPLES,
    QUEUE_CAPPED,
    QUEUE_ESTIMATED, /* of "(all)": finished states by the planner's estimate */
    QUEUE_SLOW_AGE,
    QUEUE_RESET,
    QUEUE_NOTE,
    QUEUE_WIDTH_
};

extern const struct schema queues_schema;

/* Answers on the way. */
extern const struct schema queue_depth_schema;   /* q, st, n, oldest, age, capped */
extern const struct schema queue_expand_schema;  /* name, queue, oid, usage, readable, hidden, estimate */
extern const struct schema queue_names_schema;   /* hash, name, is_dead */
extern const struct schema queue_version_schema; /* version */
extern const struct schema queue_explain_schema; /* QUERY PLAN */
extern const struct schema queue_locks_schema;   /* schema, name */
extern const struct schema queue_cached_schema;  /* queue, counter, value; a detail page's */
extern const struct schema queue_stuck_schema;   /* id, queue, kind, owner, since, age; a detail page's */

/* Queue names by their hashes, learned on one server and used on all: the tables and the names of a queue
 * system may be on different ones. One for the whole program; main makes and frees it. */
struct queue_names;
struct queue_names *queue_names_new(void);
void queue_names_free(struct queue_names *names);

/* What open() takes. Borrowed; outlives every state. */
struct queue_plan_data {
    struct queue_defs defs;
    struct queue_names *names;
};

extern const struct probe_plan queues_plan;

/* The probe's row. Unlike the others it cannot be const: its definitions are read at start. */
struct probe queues_probe(const struct queue_plan_data *data);

/* The rows that are stuck in one queue, as one question for a detail page; answer it to nobody. False: there
 * is no such queue, or its definition has no rule. The SQL is the caller's, who frees it. */
bool queue_plan_stuck(const void *state, const char *definition, const char *schema, const char *queue,
                      char **sql);

/* The counters that a queue system keeps by itself, as one question for a detail page, in
 * queue_cached_schema. False: it has none here. They may be stale: the system's own supervisor writes them.
 * The SQL is the caller's. */
bool queue_plan_cached(const void *state, const char *definition, const char *schema, char **sql);

#endif
