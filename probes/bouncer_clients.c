/* PgBouncer's clients: SHOW CLIENTS, read by column name. */
#include "base/attr.h"
#include "probes/bouncer_connection.h"
#include "probes/list.h"

static const struct schema schema = {"bouncer_clients", COUNT_OF(bouncer_connection_columns),
                                     bouncer_connection_columns};
static const struct probe_sql sql[] = {{0, "SHOW CLIENTS"}, {0, NULL}};

const struct probe probe_bouncer_clients = {
    .name = "bouncer_clients",
    .title = "PgBouncer clients",
    .help = "Each client connection (SHOW CLIENTS).",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .background_s = 60,
    .derived_schema = &schema,
    .derive = bouncer_connection_waits,
};
