/* Which queues a database holds: one catalogue question for all definitions, and the matching of its answer.
 */
#ifndef PROBES_QUEUE_MATCH_H
#define PROBES_QUEUE_MATCH_H

#include "base/buf.h"
#include "model/frame.h"
#include "spec/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of the catalogue's answer, in order. One row for each (table, pattern) and each function. */
enum {
    CATALOGUE_SCHEMA,
    CATALOGUE_NAME,
    CATALOGUE_PATTERN, /* -1: by exact name; else the pattern's number, counted over all definitions */
    CATALOGUE_KIND,    /* relkind; F for a function */
    CATALOGUE_OID,
    CATALOGUE_USAGE,    /* we have USAGE on the schema */
    CATALOGUE_READABLE, /* and SELECT on the table */
    CATALOGUE_HIDDEN,   /* row security applies to our role: what we see is not all there is */
    CATALOGUE_ESTIMATE, /* reltuples; -1: never counted */
    CATALOGUE_COLUMNS,  /* those that any definition names, one a line */
    CATALOGUE_ROLE,     /* our role, quoted for SQL */
    CATALOGUE_WIDTH_
};

extern const struct schema queue_catalogue_schema;

#define CATALOGUE_ROWS_MAX 20000

void queue_catalogue_sql(struct buf *out, const struct queue_defs *defs);

/* The catalogue's answer, sorted for look-ups. Borrows the frame. */
struct catalogue {
    const struct frame *frame;
    uint32_t *rows; /* by name, then schema, then pattern */
};

void catalogue_open(struct catalogue *c, const struct frame *frame);
void catalogue_close(struct catalogue *c);
/* The row of a table by its exact name; -1: not there. */
int64_t catalogue_table(const struct catalogue *c, const char *schema, const char *name);
bool catalogue_has_column(const struct catalogue *c, uint32_t row, const char *column);
bool catalogue_has_columns(const struct catalogue *c, uint32_t row, const struct queue_table *table);
bool catalogue_flag(const struct catalogue *c, uint32_t row, int column);

/* Every schema in which all of these tables and functions are, in order; at most `max`. The caller frees the
 * strings and the array. first_pattern: the number of the first pattern among the tables. */
char **catalogue_schemas(const struct catalogue *c, const struct queue_table *tables, size_t n,
                         int first_pattern, const struct queue_pair *functions, size_t nfunctions, size_t max,
                         size_t *found);

/* The number of a definition's first pattern: in detect, then in names. */
int queue_first_pattern(const struct queue_defs *defs, size_t def, bool names);

const struct queue_variant *queue_choose_variant(const struct catalogue *c, const struct queue_def *def,
                                                 const char *schema);

/* What keeps the rows of a definition's tables from us, as a sentence with the exact GRANT; false: nothing.
 */
bool queue_problem(const struct catalogue *c, const struct queue_table *tables, size_t n, const char *schema,
                   struct buf *why);
/* "no SELECT on public.tasks: GRANT SELECT ON public.tasks TO monitor"; usage: we have it already. role: of the server
 * that it is about: a standby takes no GRANT. */
void queue_grant(struct buf *out, const char *schema, const char *table, bool usage, const char *role_sql,
                 enum server_role role);

#endif
