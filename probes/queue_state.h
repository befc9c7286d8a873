/* What the planner remembers of one target. For queue_plan.c, queue_learn.c, queue_locks.c and queue_merge.c alone. */
#ifndef PROBES_QUEUE_STATE_H
#define PROBES_QUEUE_STATE_H

#include "probes/queue_flow.h"
#include "probes/queue_match.h"
#include "probes/queue_names.h"
#include "probes/queue_plan.h"
#include "probes/queue_sql.h"

/* The answers of one lane, a frame for each chunk; NULL where there is none. */
struct lane {
    const struct frame **frames;
    size_t n;
    bool complete;    /* every chunk answered well */
    int64_t taken_us; /* of the oldest of them */
    char *trouble;    /* why it is not complete; NULL: not yet asked */
};

/* A definition in a schema. */
struct match {
    const struct queue_def *def;
    char *schema;
    const struct queue_variant *variant;
    bool cached;    /* the queue's own counters are there */
    bool *optional; /* of each optional table: there and readable */
    int64_t main_oid;
    int64_t estimate; /* reltuples; -1: unknown */
    char *problem;    /* why none of it can be read; NULL: it can */
    char *remark;     /* what is left out; NULL: nothing */
    char *version;    /* NULL: not known or none */
    bool version_asked, names_asked, expand_asked;
    struct queue_expanded *tables;
    size_t ntables;
    struct lane fast, slow;
    int64_t *finished; /* of each of def->finished: rows by the planner; -1: unknown */
    struct queue_flow flow;
    char **seen;       /* queues that had rows once: later they have 0 */
    size_t nseen;
};

/* A schema that holds the names of a definition's queues. */
struct names_place {
    const struct queue_def *def;
    char *schema;
};

struct plan_state {
    const struct queue_plan_data *data;
    int64_t now_us;       /* of this sample */
    int64_t catalogue_us; /* when the catalogue was answered; INT64_MIN: never */
    bool stale;           /* ask the catalogue whatever its age */
    int64_t gone_us;      /* when a table, a column or a right was last found to be gone; 0: never */
    int64_t locked_us;    /* when a lock was last in our way; 0: never */
    const struct frame *locks; /* tables that are locked, of this sample; NULL: not asked */
    unsigned sample;
    bool slow_turn, finished_turn;
    enum frame_status status; /* of the sample as a whole; FRAME_OK unless it cannot go on */
    char *note;
    char sqlstate[6];
    struct frame_head head; /* gathered from the answers; note and sqlstate not used */
    bool any;               /* an answer has come */
    bool dropped;           /* there were more matches than are asked */

    struct match **matches;
    size_t nmatches;
    struct names_place *places;
    size_t nplaces;
    bool names_due;

    int step;          /* enum in queue_plan.c */
    size_t at, chunk;  /* where in the step */
    char *sql, *label; /* of the question that is out */
};

/* Columns of queue_depth_schema, in order. */
enum { DEPTH_Q, DEPTH_ST, DEPTH_N, DEPTH_OLDEST, DEPTH_AGE, DEPTH_CAPPED };

/* After one of many tables went away, they are looked up before each count; after a lock, the locks are. */
#define UNSETTLED_US   (300 * 1000000LL)
#define MATCHES_MAX    200
#define MATCHES_OF_ONE 50
#define EXPANDED_MAX   4096
#define SEEN_MAX       1000

/* The number of statements that a lane takes: at least one. */
size_t match_chunks(const struct match *m);
void match_seen(struct match *m, const char *queue);

void match_free(struct match *m);
void places_clear(struct plan_state *s);
void lane_clear(struct lane *lane);
void state_set(char **field, const char *text); /* copies text; NULL for none */

/* Answers. Those of a match that are not good leave it a trouble or a remark. */
void take_catalogue(struct plan_state *s, const struct frame *answer);
void take_expanded(struct match *m, const struct frame *answer);
void take_no_expansion(struct match *m, const struct frame *answer);
void take_version(struct match *m, const struct frame *answer);
void take_finished(struct match *m, size_t i, const struct frame *answer);
void take_depth(struct plan_state *s, struct match *m, struct lane *lane, const struct frame *answer);

/* queue_locks.c: tables that are locked. */
bool locks_ask(const struct plan_state *s, struct buf *sql, struct plan_question *q);   /* false: not this time */
void locks_take(struct plan_state *s, const struct frame *answer);
void locks_forget(struct plan_state *s);
bool locks_hold(struct plan_state *s, const struct match *m);   /* a table of it is */
void locks_refuse(struct lane *lane);                           /* and so it is not counted */

struct frame *queue_merge(struct plan_state *s);

#endif
