/* What the columns of the topic `queues` mean, for every page that shows them. */
#ifndef UI_VIEWS_QUEUES_H
#define UI_VIEWS_QUEUES_H

#include "model/store.h"
#include "ui/widgets/table.h"

/* The columns by number: page_find_names(queue_names, ...). */
enum queue_column {
    Q_READY, Q_RUNNING, Q_STUCK, Q_OLDEST, Q_IN, Q_OUT, Q_DONE_RATE, Q_CAPPED, Q_NOTE, Q_DRAINS, Q_DEFINITION, Q_SCHEMA
};
extern const char *const queue_names[];

enum row_mark queue_mark(const int *at, const struct store *s, int target, const struct frame *f, uint32_t row);

/* Seconds until a queue is empty when it goes on like that: what is ready by what goes out more than comes
 * in. INFINITY when it does not shrink, NaN when that is not known, or when it is empty already. in and out: per second. */
double queue_drains(double ready, double in, double out);

/* Rows per second into and out of all queues of an answer. False: of some that wait it is not known, and so not of
 * all. */
bool queue_flow(const int *at, const struct frame *f, const struct frame *rates, double *in, double *out);

#endif
