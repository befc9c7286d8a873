/* PgBouncer's databases and their limits: SHOW DATABASES, read by column name. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"name", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0, "Name that clients ask for."},
    {"host", "host", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 16, 20,
     "Host it connects to; unknown means a Unix socket."},
    {"port", "port", TYPE_INT, ROLE_LABEL, UNIT_NONE, 6, 25, "Port it connects to."},
    {"database", "real name", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 15,
     "Name of the database on that server."},
    {"force_user", "as user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 40,
     "Role that is used whatever the client says."},
    {"pool_size", "pool size", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 10,
     "Most server connections of one pool."},
    {"min_pool_size", "min size", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 45,
     "Server connections that are kept open (from 1.17 on)."},
    {"reserve_pool", "reserve", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 30,
     "More server connections that waiting clients may have (before 1.24)."},
    {"reserve_pool_size", "reserve size", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 31,
     "More server connections that waiting clients may have (from 1.24 on)."},
    {"pool_mode", "mode", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 11, 35,
     "Pool mode of this database; unknown means the default."},
    {"max_connections", "max", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 12,
     "Most server connections to this database; 0 is no limit."},
    {"current_connections", "now", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
     "Server connections to this database now."},
    {"paused", "paused", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 6, 5, "PAUSE was given: clients wait."},
    {"disabled", "disabled", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 8, 6,
     "DISABLE was given: new clients are refused."},
};

static const struct schema schema = {"bouncer_databases", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SHOW DATABASES"}, {0, NULL}};

const struct probe probe_bouncer_databases = {
    .name = "bouncer_databases",
    .title = "PgBouncer databases",
    .help = "Databases as PgBouncer knows them, with their limits (SHOW DATABASES).",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .background_s = 30,
    .background = true,        /* in front of which servers it stands */
};
