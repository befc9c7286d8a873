/* What the columns of the topic `replication` mean, for every page that shows them. */
#ifndef UI_VIEWS_REPLICATION_H
#define UI_VIEWS_REPLICATION_H

#include "model/store.h"
#include "ui/widgets/table.h"

/* The columns by number: page_find_names(replication_names, ...). */
enum replication_column {
    R_KIND, R_NAME, R_LAG, R_BEHIND, R_PAUSED, R_ACTIVE, R_WAL_STATUS, R_INVALID, R_RETAINED, R_SENDER, R_CONDITION, R_LEAST
};
extern const char *const replication_names[];

/* "sender", "receiver", "slot" or "self". */
bool replication_is(const int *at, const struct frame *f, uint32_t row, const char *kind);
/* Of a row of the target's answer; its lag by the limit of the one that lags. */
enum row_mark replication_mark(const int *at, const struct store *s, int target, const struct frame *f, uint32_t row,
                               int64_t now_us);
/* "41 s", "≥12 s": of a lag that may be larger. */
void replication_put_lag(struct buf *out, const int *at, const struct frame *f, uint32_t row, enum text_mode mode);

#endif
