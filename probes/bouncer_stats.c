/* PgBouncer's traffic: SHOW STATS, read by column name. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"database", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0, "Database as PgBouncer names it."},
    {"total_xact_count", "tx", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 5, "Transactions."},
    {"total_query_count", "queries", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 6, "Queries."},
    {"total_received", "received", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 20, "Bytes from clients."},
    {"total_sent", "sent", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 21, "Bytes to clients."},
    {"total_xact_time", "tx time us", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 40,
     "Microseconds that clients were linked to a server in a transaction."},
    {"total_query_time", "query us", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 41,
     "Microseconds that servers were busy with queries."},
    {"total_wait_time", "wait us", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 10,
     "Microseconds that clients waited for a server."},
    {"avg_xact_time", "avg tx us", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 30,
     "Mean microseconds of a transaction in the last stats_period."},
    {"avg_query_time", "avg query us", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 31,
     "Mean microseconds of a query in the last stats_period."},
    {"avg_wait_time", "avg wait us", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 12,
     "Microseconds that clients waited, a second, in the last stats_period."},
};

static const struct schema schema = {"bouncer_stats", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SHOW STATS"}, {0, NULL}};

static const struct metric metrics[] = {
    {"queries", UNIT_COUNT, FOLD_SUM, "total_query_count", true},
    {"wait", UNIT_COUNT, FOLD_SUM, "total_wait_time", true},
    {NULL},
};

const struct probe probe_bouncer_stats = {
    .name = "bouncer_stats",
    .title = "PgBouncer statistics",
    .help = "Traffic of each database through the pooler (SHOW STATS); times are sums in microseconds.",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .metrics = metrics,
};
