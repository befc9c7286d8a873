/* How fast a queue finishes its rows where it keeps them: no counter tells that, but what came in less what the queue
 * grew by does. Over a minute, as the counter of inserts may be a second behind the rows that are counted. */
#include "probes/queue_flow.h"

#include <math.h>
#include <stddef.h>

#define SPAN_LEAST_US (10 * 1000000LL)
#define SPAN_US       (60 * 1000000LL)
#define BEHIND_ROWS   6 /* by which the two may disagree without a reason */

static void push(struct queue_flow *f, const struct queue_level *now)
{
    if (f->n == QUEUE_LEVELS) {
        for (unsigned i = 1; i < f->n; i++)
            f->levels[i - 1] = f->levels[i];
        f->n--;
    }
    f->levels[f->n++] = *now;
}

double queue_flow_done(struct queue_flow *f, const struct queue_level *now, double *in)
{
    *in = NAN;
    const struct queue_level *last = f->n ? &f->levels[f->n - 1] : NULL;
    if (last && (now->reset != last->reset || now->enqueued < last->enqueued || now->time_us <= last->time_us))
        f->n = 0;
    push(f, now);
    unsigned from = 0;
    while (from + 2 < f->n && now->time_us - f->levels[from].time_us > SPAN_US)
        from++;
    const struct queue_level *then = &f->levels[from];
    double span_s = (double)(now->time_us - then->time_us) / 1e6;
    if (now->time_us - then->time_us < SPAN_LEAST_US)
        return NAN;
    double came = (double)(now->enqueued - then->enqueued), done = came - (double)(now->depth - then->depth);
    if (done < -BEHIND_ROWS)
        return NAN; /* finished rows were put back */
    *in = came / span_s;
    return done < 0 ? 0 : done / span_s;
}
