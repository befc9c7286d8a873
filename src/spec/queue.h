/* A task queue kept in PostgreSQL: how to recognise it, count it, judge it and repair it. The loaded form of
 * one definition of probes/queues/NAME.yaml (format 1); conf/queues.h fills it in, probes/queue_plan.h turns
 * it into SQL. Everything in it is const for those who use it. */
#ifndef SPEC_QUEUE_H
#define SPEC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum queue_state {
    STATE_READY,      /* may be taken now */
    STATE_SCHEDULED,  /* not due yet */
    STATE_RETRYING,   /* not due yet, after a failure */
    STATE_BLOCKED,    /* due, but held by a pause, a serial queue, a lock, a rate limit */
    STATE_WAITING,    /* needs input from outside */
    STATE_RUNNING,    /* claimed, leased or locked */
    STATE_STUCK,      /* running beyond the definition's rule: a subset of running */
    STATE_EXPIRED,    /* its own deadline passed before anybody took it */
    STATE_EXHAUSTED,  /* looks ready, can never be claimed */
    STATE_OVERDUE,    /* a schedule entry that nobody fires */
    STATE_FAILED,     /* final failure, kept */
    STATE_DEAD,       /* ready rows of a queue that is another queue's dead letter queue */
    STATE_DONE,       /* finished, kept; estimated */
    STATE_CANCELLED,  /* estimated */
    STATE_FAILED_LOG, /* failures in a log table; estimated */
    STATE_COUNT_
};

#define QUEUE_STATE_WORDS                                                                                   \
    {                                                                                                       \
        "ready", "scheduled", "retrying", "blocked", "waiting", "running", "stuck", "expired", "exhausted", \
            "overdue", "failed", "dead", "done", "cancelled", "failed_log"                                  \
    }

/* SQL with its placeholders found. Substitution is one pass: what is put in is not searched again. */
enum piece_kind {
    PIECE_TEXT,       /* as it is */
    PIECE_SCHEMA,     /* {s}: the schema, quoted as an identifier */
    PIECE_SCHEMA_LIT, /* {s_lit}: the schema as a string literal */
    PIECE_TABLE,      /* {t}: schema.table of the expanded source, quoted */
    PIECE_QUEUE,      /* {q}: its queue name as a literal */
    PIECE_VARIANT,    /* {v.key}: text of the chosen variant; text is the key */
    PIECE_PARAM       /* {param}: its literal; text is the parameter's name */
};

struct queue_piece {
    enum piece_kind kind;
    const char *text;
};

struct queue_sql {
    const struct queue_piece *pieces;
    size_t n; /* 0: not given */
};

struct queue_table {
    const char *name; /* exact, mixed case counts; of a pattern without its slashes */
    bool pattern;     /* a regular expression: one table that matches is enough */
    const char *const *columns;
    size_t ncolumns;
};

struct queue_pair {
    const char *key, *value;
};

struct queue_variant {
    const char *name;
    const char *table, *column; /* chosen when that column exists; the last that exists wins */
    const struct queue_pair *values;
    size_t nvalues;
};

enum param_type { PARAM_INTERVAL, PARAM_INTEGER, PARAM_TEXT };

struct queue_param {
    const char *name;
    const char *value;   /* as the user wrote it */
    const char *literal; /* as SQL */
    enum param_type type;
};

struct queue_when {
    enum queue_state state;
    struct queue_sql when; /* not given: otherwise; then it is the last */
    struct queue_sql since;
};

struct queue_source {
    struct queue_sql from, queue, where;
    const char *needs; /* an optional table without which the source is dropped; or NULL */
    bool scan;         /* no index serves it: asked seldom */
    int64_t cap;       /* counted up to here */
    bool expanded;     /* uses {t} or {q}: asked for each expanded table */
    const struct queue_when *states;
    size_t nstates;
};

struct queue_finished {
    enum queue_state state;
    struct queue_sql from, where, at;
    const char *needs;
    bool at_indexed;
    bool expanded;
};

struct queue_stuck {
    struct queue_sql from, id, queue, kind, owner, since, where; /* kind, owner: null when not given */
    const char *needs;
    bool expanded;
};

enum rate_kind {
    RATE_NONE,
    RATE_INSERTED,
    RATE_DELETED,
    RATE_SEQUENCE,
    RATE_DEPTH /* of done alone: what came in less what the queue grew by */
};

struct queue_rate {
    enum rate_kind kind;
    const char *sequence; /* of RATE_SEQUENCE: name in the schema; <queue> is the expanded queue's name */
};

struct queue_action {
    const char *name; /* reset, revive, retry_failed, release, archive_poison, cleanup */
    const char *effect;
    struct queue_sql sql;
    const char *needs;
    bool as_login; /* with the operator's own role, not the table's owner's */
    bool expanded;
};

struct queue_def {
    const char *id, *title, *verified;
    const char *file; /* where it was read */
    unsigned line;
    const struct queue_table *detect, *optional;
    size_t ndetect, noptional;
    const struct queue_pair *functions; /* key: schema, value: name */
    size_t nfunctions;
    const struct queue_variant *variants;
    size_t nvariants;
    struct queue_sql version;
    bool rls;
    bool views; /* of its tables some are views or foreign tables, and are looked into */
    const char *tz; /* zone of its timestamp columns; NULL: UTC */
    const struct queue_param *params;
    size_t nparams;
    struct queue_sql expand;
    const struct queue_table *names_detect;
    size_t nnames_detect;
    struct queue_sql names;
    const struct queue_source *sources;
    size_t nsources;
    const struct queue_finished *finished;
    size_t nfinished;
    struct queue_rate enqueued, done;
    const char *cached_table; /* NULL: none */
    const char *const *cached_columns;
    size_t ncached;
    const struct queue_stuck *stuck;
    size_t nstuck;
    const char *native;
    const struct queue_action *actions; /* none unless they were asked for */
    size_t nactions;
};

struct queue_defs {
    const struct queue_def *const *list;
    size_t n;
};

#endif
