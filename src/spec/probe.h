/* A probe: a question on a timer, and the columns of its answer. Data, not code, but for three optional pure
 * functions. One row of probes/table.c and one file each. */
#ifndef SPEC_PROBE_H
#define SPEC_PROBE_H

#include "model/frame.h"
#include "model/store.h"
#include "model/target.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct lag_ring;        /* model/lag.h */
struct probe_plan;      /* spec/plan.h */

enum probe_need {
    NEED_STATEMENTS = 1 << 0    /* extension pg_stat_statements, preloaded; {statements} is its schema */
};

/* SQL for servers from version `from` (as server_version_num: 120000) on; the last row that fits wins.
 * by_extension: `from` counts in the extension's version instead (1.8 is 10800). */
struct probe_sql {
    int from;
    const char *sql;
};

/* What a probe's pure functions may look at. Everything is borrowed for the call. */
struct probe_context {
    const struct facts *facts;
    int64_t now_us;                     /* boot time */
    double interval_s;                  /* at which the probe is asked now */
    const struct frame *rates;          /* derive: the frame's counters per second; NULL: unknown */
    const struct lag_ring *positions;   /* this server's own WAL positions */
    const struct lag_ring *primary;     /* those of its primary, when that is watched too; NULL */
    double primary_interval_s;          /* at which that is sampled */
    const struct store *store;          /* for probe_frame */
    int target;
    bool one_look;                      /* there will be no second answer of anything, and no rates */
};

/* The newest good frame of another topic of the same target, what was derived from it if anything was; NULL: none. */
static inline const struct frame *probe_frame(const struct probe_context *c, const char *topic)
{
    int i = store_find_topic(c->store, topic);
    if (i < 0)
        return NULL;
    struct sight s = store_sight(c->store, c->target, i, c->now_us);
    return s.derived ? s.derived : s.good;
}

/* The same as it was answered. */
static inline const struct frame *probe_answer(const struct probe_context *c, const char *topic)
{
    int i = store_find_topic(c->store, topic);
    return i < 0 ? NULL : store_sight(c->store, c->target, i, c->now_us).good;
}

/* Its counters per second; NULL: unknown. */
static inline const struct frame *probe_rates(const struct probe_context *c, const char *topic)
{
    int i = store_find_topic(c->store, topic);
    return i < 0 ? NULL : store_sight(c->store, c->target, i, c->now_us).rates;
}

/* One number drawn out of each frame, kept in a ring for an hour: a sparkline. */
enum metric_fold { FOLD_SUM, FOLD_MAX, FOLD_MIN, FOLD_COUNT, FOLD_FIRST };

struct metric {
    const char *name;           /* snake_case, unique in the probe; NULL ends the table */
    enum unit unit;
    enum metric_fold fold;
    const char *column;         /* folded over the rows; NULL with FOLD_COUNT */
    bool rate;                  /* of the column's rate per second, not of its value */
    bool by_key;                /* one ring for each key instead of one for the frame */
    const char *where_column;   /* only rows whose text here equals where_text; NULL: all rows */
    const char *where_text;
    bool sparse;                /* rows without a value have none to add: the others' sum is whole all the same */
    const char *bound;          /* a row where this is true knows only that it is at least so much: no value, and the fold
                                 * is not known */
};

struct probe {
    const char *name;               /* snake_case, also in YAML, on the command line and in recordings */
    const char *title;              /* for people */
    const char *help;               /* what it asks and what that costs, in one or two sentences */
    const struct schema *schema;
    enum target_kind kind;
    unsigned needs;                 /* bits of probe_need */
    double interval_s;              /* when it is on the screen; 0: the target's interval */
    double background_s;            /* when it is not; 0: the target's */
    double share;                   /* of its interval that an answer may cost, for a dear one; 0: the usual */
    uint32_t max_rows;              /* 0: FRAME_ROWS_DEFAULT */
    unsigned past;                  /* good answers before the newest that rules look back at */
    bool simple;                    /* simple protocol and no preparing: PgBouncer's console */
    bool by_extension;
    bool background;                /* sampled even when no page shows it */
    bool dear;                      /* may cost a server in trouble too much: a circuit breaker stands before it */
    bool anywhere;                  /* a standby can answer it as well as its primary; only with `sql` */
    bool lag;                       /* tells the lag of a standby, by what the same probe says of its primary: columns
                                       kind, lag_s, lag_at_least and lag_state */
    const struct probe_sql *sql;    /* ends with a NULL sql */
    const struct metric *metrics;   /* NULL: none */
    const char *grant;              /* what a role needs to see all of it, as SQL with {role} and {statements}; NULL: nothing */
    /* The text of the one parameter ($1) that the SQL has; false: there is nothing to ask now. NULL: no parameter. */
    bool (*parameter)(const struct probe_context *c, struct buf *out);
    /* Makes a second frame, in derived_schema, from the newest frame and the one before (NULL at first). */
    const struct schema *derived_schema;
    struct frame *(*derive)(const struct frame *now, const struct frame *before, const struct probe_context *c);
    /* What stands for the answer when there is one look alone, as in a report; f is the newest frame, and has the
     * columns of `schema`. NULL: the answer itself. */
    struct frame *(*look)(const struct frame *f, const struct probe_context *c);
    /* For one that asks nothing itself: the probe whose answers it is made from, each time that one comes; and what makes
     * its own from a good one, in `schema`. NULL: it asks. */
    const char *of;
    struct frame *(*make)(const struct frame *f, const struct probe_context *c);
    const char *beside;             /* another probe that one look needs as well; NULL: none */
    const struct probe_plan *plan;  /* several questions that depend on what is there, instead of sql */
    const void *plan_data;          /* for plan->open */
};

#define FRAME_ROWS_DEFAULT 5000

#endif
