/* What a queue finishes per second, by its depth and what came in. Pure. */
#ifndef PROBES_QUEUE_FLOW_H
#define PROBES_QUEUE_FLOW_H

#include <stdint.h>

struct queue_level {
    int64_t time_us;
    int64_t enqueued; /* a counter of rows that came in */
    int64_t depth;    /* rows that are not finished */
    int64_t reset;    /* when this changes, the counter started anew */
};

enum { QUEUE_LEVELS = 32 };

/* The last minute, oldest first; start with {0}. */
struct queue_flow {
    struct queue_level levels[QUEUE_LEVELS];
    unsigned n;
};

/* Takes the newest level. Rows finished per second over the last minute; NaN: not known yet, or rows that were
 * finished have been put back. in: those that came in over the same time, NaN likewise. */
double queue_flow_done(struct queue_flow *f, const struct queue_level *now, double *in);

#endif
