/* PgBouncer's server connections: SHOW SERVERS, read by column name. */
#include "base/attr.h"
#include "probes/bouncer_connection.h"
#include "probes/list.h"

static const struct schema schema = {"bouncer_servers", COUNT_OF(bouncer_connection_columns),
                                     bouncer_connection_columns};
static const struct probe_sql sql[] = {{0, "SHOW SERVERS"}, {0, NULL}};

const struct probe probe_bouncer_servers = {
    .name = "bouncer_servers",
    .title = "PgBouncer servers",
    .help = "Each server connection, with the backend at its end (SHOW SERVERS).",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .background_s = 60,
    .derived_schema = &schema,
    .derive = bouncer_connection_waits,
};
