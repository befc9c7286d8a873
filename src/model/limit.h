/* The values at which a thing is worth a look. The table gives names, defaults and words; the configuration may
 * change the values; pages and rules ask the store for them. */
#ifndef MODEL_LIMIT_H
#define MODEL_LIMIT_H

#include "model/schema.h"

enum limit_name {
    LIMIT_CONNECTIONS,
    LIMIT_TRANSACTION_AGE,
    LIMIT_SLOW_QUERY,
    LIMIT_REPLICATION_LAG,
    LIMIT_STUCK_TASKS,
    LIMIT_QUEUE_DEPTH,
    LIMIT_POOL_WAIT,
    LIMIT_COUNT_
};

/* In base units; NaN: never. */
struct limit {
    double warn, crit;
};

struct limit_row {
    const char *name;       /* snake_case, in the configuration */
    enum unit unit;
    struct limit preset;
    const char *help;       /* one sentence, and where the values come from */
};

extern const struct limit_row limit_rows[LIMIT_COUNT_];

#endif
