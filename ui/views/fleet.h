/* The rows of the fleet page: a line a server, and one a group when there are several. */
#ifndef UI_VIEWS_FLEET_H
#define UI_VIEWS_FLEET_H

#include "model/frame.h"
#include "model/store.h"

enum fleet_column {
    F_SERVER, F_HEADING, F_GROUP, F_LEVEL, F_RANK, F_ROLE, F_VERSION, F_TPS, F_PAST, F_CONN, F_USED, F_MOST, F_LAG,
    F_OLDEST, F_BLOCKED, F_QUEUES, F_WHY, F_TARGET, F_MARK, F_PARENT, F_OLD, F_PART, F_COLUMNS
};

extern const struct schema fleet_schema;

struct fleet_rows;      /* what is counted once an answer, and kept from one making to the next */

struct fleet_rows *fleet_rows_new(void);
void fleet_rows_free(struct fleet_rows *r);
/* The caller's reference. F_TARGET is -1 in a group's row; F_PARENT is the row of the group, or of the target that is
 * the same server, or -1. F_OLD and F_PART have a bit for each column that is stale, or is a part of the truth. */
struct frame *fleet_rows_make(struct fleet_rows *r, const struct store *store, int64_t now_us);

#endif
