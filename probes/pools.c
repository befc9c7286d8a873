/* Pools as the server sees them: how many sessions each application holds, by database and role, and what it does
 * with them, against every limit that could stop it.
 *
 * Costs: pg_stat_activity once, folded on the server. Counts by state are unknown, not zero, where the role may
 * not see other roles' states. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"database", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 12, 10, "Database."},
    {"user", "user", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 12, 10, "Role."},
    {"application", "application", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 5, "application_name that the clients gave."},
    {"sessions", "sessions", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Client sessions."},
    {"active", "active", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 10, "Sessions that run a query now."},
    {"idle", "idle", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 20, "Sessions with nothing to do."},
    {"idle_in_transaction", "idle in tx", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 12,
     "Sessions that hold a transaction open and do nothing; aborted ones too."},
    {"waiting", "waiting", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8, "Active sessions that wait for a lock."},
    {"oldest_xact_s", "oldest tx", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 15, "Age of the oldest open transaction."},
    {"oldest_active_s", "oldest query", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 25, "Age of the oldest running query."},
    {"oldest_idle_s", "longest idle", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 40,
     "How long the session that has been idle for the longest has been so."},
    {"database_sessions", "in database", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 60, "All client sessions of the database."},
    {"database_limit", "db limit", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 50,
     "CONNECTION LIMIT of the database; unknown when there is none."},
    {"user_sessions", "of user", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 60, "All client sessions of the role."},
    {"user_limit", "user limit", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 50,
     "CONNECTION LIMIT of the role; unknown when there is none."},
    {"server_sessions", "in server", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 70, "All client sessions of the server."},
    {"server_limit", "max", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 55,
     "max_connections without the reserved ones: what ordinary roles can have together."},
};

static const struct schema schema = {"pools", COUNT_OF(columns), columns};

#define BY_STATE(condition) "CASE WHEN count(a.state) = count(*) THEN count(*) FILTER (WHERE " condition ") END"

#define POOLS_SQL(reserved)                                                                                   \
    "SELECT coalesce(p.datname, '') AS database, coalesce(p.usename, '') AS \"user\", p.application,"         \
    " p.sessions, p.active, p.idle, p.idle_in_transaction, p.waiting, p.oldest_xact_s, p.oldest_active_s,"    \
    " p.oldest_idle_s, sum(p.sessions) OVER (PARTITION BY p.datname)::int8 AS database_sessions,"             \
    " nullif(d.datconnlimit, -1) AS database_limit,"                                                          \
    " sum(p.sessions) OVER (PARTITION BY p.usename)::int8 AS user_sessions,"                                  \
    " nullif(r.rolconnlimit, -1) AS user_limit, sum(p.sessions) OVER ()::int8 AS server_sessions,"            \
    " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"       \
    reserved " AS server_limit"                                                                               \
    " FROM (SELECT a.datname, a.usename, coalesce(a.application_name, '') AS application,"                    \
    " count(*) AS sessions, " BY_STATE("a.state = 'active'") " AS active,"                                    \
    " " BY_STATE("a.state = 'idle'") " AS idle,"                                                              \
    " " BY_STATE("a.state LIKE 'idle in transaction%'") " AS idle_in_transaction,"                            \
    " " BY_STATE("a.state = 'active' AND a.wait_event_type = 'Lock'") " AS waiting,"                          \
    " max(extract(epoch FROM c.t - a.xact_start))::float8 AS oldest_xact_s,"                                  \
    " max(extract(epoch FROM c.t - a.query_start)) FILTER (WHERE a.state = 'active')::float8 AS"              \
    " oldest_active_s,"                                                                                       \
    " max(extract(epoch FROM c.t - a.state_change)) FILTER (WHERE a.state = 'idle')::float8 AS oldest_idle_s" \
    " FROM pg_stat_activity a CROSS JOIN (SELECT clock_timestamp() AS t OFFSET 0) c"                          \
    " WHERE (a.backend_type = 'client backend' OR (a.backend_type IS NULL AND a.datname IS NOT NULL"          \
    " AND a.usename IS NOT NULL)) GROUP BY 1, 2, 3) p"                                                        \
    " LEFT JOIN pg_database d ON d.datname = p.datname LEFT JOIN pg_roles r ON r.rolname = p.usename"

static const struct probe_sql sql[] = {
    {120000, POOLS_SQL("")},
    {160000, POOLS_SQL(" - current_setting('reserved_connections')::int")},
    {0, NULL},
};

static const struct metric metrics[] = {
    {"sessions", UNIT_COUNT, FOLD_SUM, "sessions", false, true},
    {"active", UNIT_COUNT, FOLD_SUM, "active", false, true},
    {NULL},
};

const struct probe probe_pools = {
    .name = "pools",
    .title = "pools",
    .help = "Sessions by database, role and application, and the limits above them. One read of pg_stat_activity, "
            "folded on the server.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .sql = sql,
    .metrics = metrics,
    .grant = "GRANT pg_monitor TO {role}",
};
