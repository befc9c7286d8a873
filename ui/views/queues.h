/* What the columns of the topic `queues` mean, for every page that shows them. */
#ifndef UI_VIEWS_QUEUES_H
#define UI_VIEWS_QUEUES_H

#include "model/store.h"
#include "ui/widgets/table.h"

/* The columns by number: page_find_names(queue_names, ...). */
enum queue_column {
    Q_READY, Q_RUNNING, Q_STUCK, Q_OLDEST, Q_IN, Q_DONE_RATE, Q_CAPPED, Q_NOTE, Q_DRAINS, Q_DEFINITION, Q_SCHEMA,
    Q_DEAD, Q_IN_RATE
};
extern const char *const queue_names[];

enum row_mark queue_mark(const int *at, const struct store *s, int target, const struct frame *f, uint32_t row);

/* Seconds until a queue is empty when it goes on like that: what is ready by what goes out more than comes
 * in. INFINITY when it does not shrink, NaN when that is not known, or when it is empty already. in and out: per second. */
double queue_drains(double ready, double in, double out);

/* The same of a row; of the row "(all)" for what waits in queues of its system that have no flow of their own. */
double queue_row_drains(const int *at, const struct frame *f, const struct frame *rates, uint32_t row);

/* That of the row that is empty last, by row. What flows in one system empties no other. INFINITY: one never drains, and
 * half a minute's work waits in it; of several it is that with the most. NaN: of some that wait it is not known, or they
 * stay as they are with little in them. */
double queue_last_drains(const int *at, const struct frame *f, const struct frame *rates, uint32_t *row);

#endif
