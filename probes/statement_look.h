/* Statements without an interval: what they have cost since their counters began. */
#ifndef PROBES_STATEMENT_LOOK_H
#define PROBES_STATEMENT_LOOK_H

#include "spec/probe.h"

#define STATEMENT_LOOK_MAX 50       /* that one look shows, and the texts of which it asks for */

/* For probe.look: the dearest first, with their texts where those have come. */
struct frame *statement_look(const struct frame *f, const struct probe_context *c);
/* Rows of f, the dearest first; how many there are. rows has room for f->nrows of them. */
uint32_t statement_ranks(const struct frame *f, uint32_t *rows);

#endif
