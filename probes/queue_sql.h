/* SQL from queue definitions: placeholders put in, and the statements that count. */
#ifndef PROBES_QUEUE_SQL_H
#define PROBES_QUEUE_SQL_H

#include "base/buf.h"
#include "spec/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the placeholders stand for. */
struct queue_place {
    const struct queue_def *def;
    const struct queue_variant *variant; /* NULL: none */
    const char *schema;
    const char *table, *queue; /* of an expanded source, else NULL */
};

/* A table that expand found. */
struct queue_expanded {
    char *table, *queue;
    int64_t oid;
};

void sql_identifier(struct buf *out, const char *name); /* always quoted */
void sql_literal(struct buf *out, const char *text);    /* right whatever standard_conforming_strings says */
void queue_sql_put(struct buf *out, const struct queue_sql *sql, const struct queue_place *place);

/* One statement that counts, see facts of the format: rows (q, st, n, oldest, age, capped). Pseudo-states
 * begin with '#': counters of the tables. */
struct queue_depth {
    const struct queue_def *def;
    const struct queue_variant *variant;
    const char *schema;
    const bool *optional;                /* for each of def->optional: it is there and can be read */
    bool slow;                           /* the sources that no index serves, instead of the others */
    const struct queue_expanded *tables; /* a chunk of them, NULL when the definition has no expand */
    size_t ntables;
    bool first;       /* the chunk that also asks what is not expanded */
    int64_t main_oid; /* of the first detected table; 0: unknown */
};

#define QUEUE_CHUNK      64   /* expanded tables in one statement */
#define QUEUE_GROUPS_MAX 1000 /* (queue, state) pairs of one answer */

#define QUEUE_COUNT_IN    "#in"
#define QUEUE_COUNT_OUT   "#out"
#define QUEUE_COUNT_DEAD  "#dead"
#define QUEUE_COUNT_RESET "#reset"

/* False: this definition asks nothing there, and out is left as it was. */
bool queue_depth_sql(struct buf *out, const struct queue_depth *depth);
/* The stuck rows themselves: id, queue, kind, owner, since, age; oldest first, at most 200. only: the queue,
 * NULL for all of the tables. False: no rule. */
bool queue_stuck_sql(struct buf *out, const char *only, const struct queue_depth *depth);
/* The system's own counters: queue, counter, value. The table's key is its first column under detect. */
void queue_cached_sql(struct buf *out, const struct queue_def *def, const char *schema);
/* EXPLAIN of one finished state; rows are never read. */
void queue_finished_sql(struct buf *out, const struct queue_depth *depth,
                        const struct queue_finished *finished);
/* The planner's rows in the JSON of EXPLAIN; -1: not there. */
int64_t queue_plan_rows(const char *json, size_t len);
/* It has a source that no index serves; its stuck rule is then slow too. */
bool queue_has_slow(const struct queue_def *def);
/* The table of a `needs` is there. */
bool queue_need_met(const struct queue_def *def, const bool *optional, const char *needs);

#endif
