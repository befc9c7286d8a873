/* The connection pools of an application, as it tells of them itself: one GET of its URL, which the fetcher reads as
 * JSON or as Prometheus' text format. Documentation of Go, "database/sql", type DBStats. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"pool", "pool", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0, "What the application calls it: primary, replica-1, ..."},
    {"open", "open", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8, "Connections to the server, in use or idle."},
    {"in_use", "in use", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 2, "Connections that some part of the application holds."},
    {"idle", "idle", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 6, "Connections that can be used at once."},
    {"max_open", "max", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 4, "How many there may be; 0 is no limit."},
    {"wait_count", "waits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 3, "Times that somebody had to wait for a connection."},
    {"wait_duration_s", "waiting", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 5,
     "Time that was spent on waiting, when it was over; per second it is how many wait at once on average."},
    {"max_idle_closed", "idle closed", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 20,
     "Connections that were closed because too many were idle."},
    {"max_idle_time_closed", "too idle", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 30,
     "Connections that were closed because they were idle for too long."},
    {"max_lifetime_closed", "too old", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 31,
     "Connections that were closed because of their age."},
};

static const struct schema schema = {"app_pools", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "GET"}, {0, NULL}};

static const struct metric metrics[] = {
    {"in_use", UNIT_COUNT, FOLD_SUM, "in_use", false, true},
    {"waits", UNIT_COUNT, FOLD_SUM, "wait_count", true, true},
    {"idle", UNIT_COUNT, FOLD_SUM, "idle", false, true},
    {NULL},
};

const struct probe probe_app_pools = {
    .name = "app_pools",
    .title = "pools of an application",
    .help = "Connections of each pool of an application: in use, idle, and how long the application waits for one. "
            "One GET of its URL.",
    .schema = &schema,
    .kind = TARGET_APP,
    .share = 0.25,              /* the time is the network's and the application's, not a database's */
    .past = 60,                 /* how far a wait that has not ended is followed */
    .simple = true,
    .sql = sql,
    .metrics = metrics,
    .background = true,
};
