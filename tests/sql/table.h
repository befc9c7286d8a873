/* Every probe that the program asks: the constant ones, and the one of queues with the definitions that ship. */
#ifndef TESTS_SQL_TABLE_H
#define TESTS_SQL_TABLE_H

#include "probes/queue_plan.h"
#include "spec/probe.h"

struct table {
    const struct probe **probes;    /* ends with NULL */
    struct probe queues;
    struct queue_plan_data data;
    struct queue_book *book;
    struct queue_names *names;
};

/* Definitions are read from $SRCDIR/probes/queues; a fault in them ends the program. */
struct table *table_new(void);
void table_free(struct table *t);

#endif
