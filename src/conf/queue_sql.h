/* SQL of a queue definition: its placeholders are found and checked once, at load. For queues.c alone. */
#ifndef CONF_QUEUE_SQL_H
#define CONF_QUEUE_SQL_H

#include "conf/options.h"
#include "conf/yaml.h"
#include "spec/queue.h"

/* Reads the text of node as SQL of def, whose variants, params and expand are read already. expanded: set to
 * true when it uses {t} or {q}; NULL where these may not stand. A fault is reported; out is then not given.
 */
void queue_sql_read(struct reader *r, struct arena *arena, const struct queue_def *def,
                    const struct node *node, bool *expanded, struct queue_sql *out);

/* "/^jobs_[0-9]+$/": the small part of regular expressions that POSIX and PostgreSQL read alike and that
 * cannot be slow: ^, plain characters, classes, . and + * ? {n} {n,m} after one of them, $. */
bool queue_pattern_ok(const char *pattern);

/* A value's type and its SQL literal. */
enum param_type queue_param_type(const struct node *node);
const char *queue_param_literal(struct arena *arena, enum param_type type, const char *value);

#endif
