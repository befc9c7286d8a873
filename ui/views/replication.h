/* What the columns of the topic `replication` mean, for every page that shows them. */
#ifndef UI_VIEWS_REPLICATION_H
#define UI_VIEWS_REPLICATION_H

#include "model/limit.h"
#include "ui/widgets/table.h"

/* The columns by number: page_find_names(replication_names, ...). */
enum replication_column {
    R_KIND, R_NAME, R_LAG, R_BEHIND, R_PAUSED, R_ACTIVE, R_WAL_STATUS, R_INVALID, R_RETAINED, R_SENDER, R_CONDITION
};
extern const char *const replication_names[];

/* "sender", "receiver", "slot" or "self". */
bool replication_is(const int *at, const struct frame *f, uint32_t row, const char *kind);
enum row_mark replication_mark(const int *at, struct limit lag, const struct frame *f, uint32_t row);

#endif
