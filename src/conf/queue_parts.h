/* The parts of one queue definition, from YAML. For queues.c and queue_parts.c alone. */
#ifndef CONF_QUEUE_PARTS_H
#define CONF_QUEUE_PARTS_H

#include "conf/options.h"
#include "spec/queue.h"

struct loading {
    struct reader *r;
    struct arena *arena;
    struct queue_def *def; /* being filled in */
    bool actions;
    size_t tree_from, tree_to; /* the reader's errors that came before any definition was looked at */
};

void read_tables(struct loading *l, const struct node *map, const char *what, const struct queue_table **list,
                 size_t *n);
void read_functions(struct loading *l, const struct node *list);
void read_params(struct loading *l, const struct node *map);
void read_variants(struct loading *l, const struct node *map);
void read_names(struct loading *l, const struct node *map);
void read_sources(struct loading *l, const struct node *list);
void read_finished(struct loading *l, const struct node *list);
void read_rates(struct loading *l, const struct node *map);
void read_cached(struct loading *l, const struct node *map);
void read_stuck(struct loading *l, const struct node *list);
void read_actions(struct loading *l, const struct node *map);

/* One value as text; NULL, after a report, when it is none. */
const char *read_text(struct loading *l, const struct node *node);

/* Fields of a map with fixed keys. */
enum part_type {
    PART_TEXT,
    PART_SQL,
    PART_SQL_PLAIN /* {t} and {q} may not stand */,
    PART_BOOL,
    PART_CAP,
    PART_STATE,
    PART_SCAN,
    PART_LOGIN,
    PART_OTHER /* read by the caller */
};

struct part {
    const char *key; /* NULL ends the table */
    enum part_type type;
    size_t at;
    bool required;
};

/* Reads a map's fields into `out`; expanded: see queue_sql_read. False when it is no map. */
bool read_parts(struct loading *l, const struct node *map, const char *what, const struct part *parts,
                void *out, bool *expanded);
/* For an own optional table. */
bool table_known(const struct queue_table *list, size_t n, const char *name);

#endif
