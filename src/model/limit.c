/* Defaults, as monitors publish them: pgmon (connections, lag), pganalyze (transactions). */
#include "model/limit.h"

#include <math.h>

const struct limit_row limit_rows[LIMIT_COUNT_] = {
    [LIMIT_CONNECTIONS] = {"connections", UNIT_FRACTION, {0.80, 0.95},
                           "Client sessions against what ordinary roles may have together."},
    [LIMIT_TRANSACTION_AGE] = {"transaction_age", UNIT_SECONDS, {300, 1800}, "Age of the oldest open transaction."},
    [LIMIT_SLOW_QUERY] = {"slow_query", UNIT_SECONDS, {1, NAN}, "A query that runs for longer is counted as slow."},
    [LIMIT_REPLICATION_LAG] = {"replication_lag", UNIT_SECONDS, {30, 300},
                               "How far a standby is behind; the limit of one that is a target holds for its sender's row of it "
                               "too."},
    [LIMIT_STUCK_TASKS] = {"stuck_tasks", UNIT_COUNT, {1, NAN},
                           "Tasks that run for longer than their queue's definition allows."},
    [LIMIT_QUEUE_DEPTH] = {"queue_depth", UNIT_COUNT, {10000, NAN}, "Tasks of one queue that wait to be taken."},
    [LIMIT_POOL_WAIT] = {"pool_wait", UNIT_SECONDS, {1, 10},
                         "How long a client of a pooler waits for a server connection."},
};
