/* The rows of the topology page: clusters, and below each who receives from whom. */
#ifndef UI_VIEWS_TOPOLOGY_H
#define UI_VIEWS_TOPOLOGY_H

#include "model/frame.h"
#include "model/store.h"

enum topology_column {
    T_NAME, T_KIND, T_CLUSTER, T_ID, T_ROLE, T_TIMELINE, T_STATE, T_LAG, T_BEHIND, T_READS, T_SYNC, T_NOTE, T_TARGET, T_MARK,
    T_PARENT, T_OLD, T_COLUMNS
};

extern const struct schema topology_schema;

/* The caller's reference. T_TARGET is -1 in rows that are no target; T_PARENT is the row above it in the tree, or -1. */
struct frame *topology_rows_make(const struct store *store, int64_t now_us);

#endif
