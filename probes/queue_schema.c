/* The columns of the frame `queues`, and of the answers that lead to it. */
#include "probes/queue_plan.h"

#include "base/attr.h"

#define GAUGE(name, heading, unit, priority, help)                    \
    {                                                                 \
        name, heading, TYPE_REAL, ROLE_GAUGE, unit, 0, priority, help \
    }

static const struct column columns[] = {
    [QUEUE_DEFINITION] = {"definition", "system", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0,
                          "The queue definition that fits."},
    [QUEUE_QUEUE] = {"queue", "queue", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 0,
                     "The queue's name; (all) for what cannot be told apart by queue."},
    [QUEUE_SCHEMA] = {"schema", "schema", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 10, 7, "The schema of its tables."},
    [QUEUE_TITLE] = {"title", "title", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 9,
                     "What the definition describes."},
    [QUEUE_VERSION] = {"version", "version", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 9,
                       "Version of its tables, where they say it."},
    [QUEUE_STATES + STATE_READY] = {"ready", "ready", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0,
                                    "Rows that may be taken now."},
    [QUEUE_STATES + STATE_SCHEDULED] = {"scheduled", "sched", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
                                        "Rows that are not due yet."},
    [QUEUE_STATES + STATE_RETRYING] = {"retrying", "retry", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
                                       "Rows that are not due yet, after a failure."},
    [QUEUE_STATES +
        STATE_BLOCKED] = {"blocked", "blocked", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 4,
                          "Rows that are due, but held by a pause, a serial queue, a lock or a rate limit."},
    [QUEUE_STATES + STATE_WAITING] = {"waiting", "waiting", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
                                      "Rows that need input from outside."},
    [QUEUE_STATES + STATE_RUNNING] = {"running", "run", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1,
                                      "Rows that are claimed, leased or locked."},
    [QUEUE_STATES +
        STATE_STUCK] = {"stuck", "stuck", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1,
                        "Rows that run beyond the definition's rule; they are among the running ones."},
    [QUEUE_STATES + STATE_EXPIRED] = {"expired", "expired", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
                                      "Rows whose own deadline passed before anybody took them."},
    [QUEUE_STATES + STATE_EXHAUSTED] = {"exhausted", "exhausted", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 4,
                                        "Rows that look ready and can never be claimed."},
    [QUEUE_STATES + STATE_OVERDUE] = {"overdue", "overdue", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 6,
                                      "Schedule entries that nobody fires."},
    [QUEUE_STATES + STATE_FAILED] = {"failed", "failed", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1,
                                     "Rows that failed for good and are kept."},
    [QUEUE_STATES + STATE_DEAD] = {"dead", "dead", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1,
                                   "Rows in a queue that is another queue's dead letter queue."},
    [QUEUE_STATES + STATE_DONE] = {"done", "done", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
                                   "Finished rows that are kept."},
    [QUEUE_STATES + STATE_CANCELLED] = {"cancelled", "cancelled", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
                                        "Cancelled rows that are kept."},
    [QUEUE_STATES + STATE_FAILED_LOG] = {"failed_log", "failed log", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
                                         "Failures in a log table."},
    [QUEUE_OTHER] = {"other", "other", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 6,
                     "Rows that the definition does not cover."},
    [QUEUE_OLDEST] = GAUGE("oldest_s", "oldest", UNIT_SECONDS, 1, "Age of the oldest ready row."),
    [QUEUE_RUNNING] = GAUGE("running_s", "run for", UNIT_SECONDS, 5,
                            "Age of the oldest running row; unknown where only a lease's end is kept."),
    [QUEUE_STUCK] = GAUGE("stuck_s", "stuck for", UNIT_SECONDS, 2, "Age of the oldest stuck row."),
    [QUEUE_NEXT] =
        GAUGE("next_s", "next in", UNIT_SECONDS, 6, "Time until the first scheduled or retrying row is due."),
    [QUEUE_ENQUEUED] = {"enqueued", "in", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 2,
                        "Rows that came in; retries count again where they are new rows."},
    [QUEUE_COMPLETED] = {"completed", "out", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 2,
                         "Rows that were taken out; retries count again where they are new rows."},
    [QUEUE_DONE_RATE] = {"done_rate", "done/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 7,
                         "Rows finished per second over the last minute, where no counter tells: what came in less "
                         "what the queue grew by."},
    [QUEUE_IN_RATE] = {"in_rate", "in/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 7,
                       "Rows that came in per second over the same minute."},
    [QUEUE_ESTIMATE] = {"rows_estimate", "~rows", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
                        "Rows of the definition's first table by the last analysis, finished ones too."},
    [QUEUE_DEAD_TUPLES] = {"dead_tuples", "dead rows", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 7,
                           "Row versions in the queue's tables that wait for vacuum."},
    [QUEUE_CAPPED] = {"capped", "capped", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 8,
                      "Counting stopped at a limit: there are at least so many."},
    [QUEUE_ESTIMATED] = {"estimated", "estimated", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 8,
                         "Finished states in this row are the server's own estimate; nobody counted."},
    [QUEUE_SLOW_AGE] = GAUGE("slow_age_s", "slow age", UNIT_SECONDS, 9,
                             "How old those numbers are that are counted in every tenth sample only."),
    [QUEUE_RESET] = {"stats_reset", "reset", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 9,
                     "When the database's statistics were reset."},
    [QUEUE_NOTE] = {"note", "note", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 30, 1,
                    "Why something is not counted, and what to do."},
};
const struct schema queues_schema = {"queues", QUEUE_WIDTH_, columns};

#define TEXT_COLUMN(name)                                                                          \
    {                                                                                              \
        name, name, TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "See the format of queue definitions." \
    }
#define INT_COLUMN(name)                                                                           \
    {                                                                                              \
        name, name, TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "See the format of queue definitions." \
    }
#define BOOL_COLUMN(name)                                                                          \
    {                                                                                              \
        name, name, TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "See the format of queue definitions." \
    }
#define TIME_COLUMN(name)                                                                          \
    {                                                                                              \
        name, name, TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 0, "See the format of queue definitions." \
    }
#define AGE_COLUMN(name)                                                                              \
    {                                                                                                 \
        name, name, TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "See the format of queue definitions." \
    }

static const struct column depth_columns[] = {TEXT_COLUMN("q"),  TEXT_COLUMN("st"),
                                              INT_COLUMN("n"),   TIME_COLUMN("oldest"),
                                              AGE_COLUMN("age"), BOOL_COLUMN("capped")};
const struct schema queue_depth_schema = {"queue_depth", COUNT_OF(depth_columns), depth_columns};

static const struct column expand_columns[] = {
    TEXT_COLUMN("name"),     TEXT_COLUMN("queue"),  INT_COLUMN("oid"),      BOOL_COLUMN("usage"),
    BOOL_COLUMN("readable"), BOOL_COLUMN("hidden"), INT_COLUMN("estimate"), TEXT_COLUMN("role")};
const struct schema queue_expand_schema = {"queue_expand", COUNT_OF(expand_columns), expand_columns};

static const struct column names_columns[] = {TEXT_COLUMN("hash"), TEXT_COLUMN("name"),
                                              BOOL_COLUMN("is_dead")};
const struct schema queue_names_schema = {"queue_names", COUNT_OF(names_columns), names_columns};

static const struct column version_columns[] = {TEXT_COLUMN("version")};
const struct schema queue_version_schema = {"queue_version", COUNT_OF(version_columns), version_columns};

static const struct column explain_columns[] = {TEXT_COLUMN("QUERY PLAN")};
const struct schema queue_explain_schema = {"queue_explain", COUNT_OF(explain_columns), explain_columns};

static const struct column cached_columns[] = {
    {"queue", "queue", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "The queue."},
    {"counter", "counter", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "What the system calls it."},
    {"value", "value", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "What the system wrote, a number or a time."},
};
const struct schema queue_cached_schema = {"queue_cached", COUNT_OF(cached_columns), cached_columns};

static const struct column stuck_columns[] = {
    {"id", "id", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "The row's own identifier."},
    {"queue", "queue", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 1, "Its queue."},
    {"kind", "kind", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 2, "What kind of work it is."},
    {"owner", "owner", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 1, "Who took it."},
    {"since", "since", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 3, "Since when, by its own clock column."},
    {"age", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "How long that is."},
};
const struct schema queue_stuck_schema = {"queue_stuck", COUNT_OF(stuck_columns), stuck_columns};
