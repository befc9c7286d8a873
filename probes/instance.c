/* What of the server changes rarely and costs more to read: pg_settings is half a millisecond, so once a minute.
 * Documentation: "System Views", pg_settings. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"version", "version", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 10, 0, "Version of the server."},
    {"pending_restart", "need restart", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
     "Settings that were changed in a file and take effect only at the next restart."},
    {"settings_waiting", "which", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 30, 10, "Their names."},
    {"databases", "databases", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 20, "Databases that take connections."},
    {"frozen_age", "xid age", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 15,
     "Transactions since the oldest unfrozen one of any database."},
    {"multixact_age", "mxid age", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 25,
     "Multixacts since the oldest of any database."},
    {"checkpoint_age_s", "checkpoint", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 30, "Time since the last checkpoint began."},
    {"checksums", "checksums", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 9, 40, "Whether pages carry checksums."},
};

static const struct schema schema = {"instance", COUNT_OF(columns), columns};

static const struct probe_sql sql[] = {
    {120000, "SELECT current_setting('server_version') AS version, s.pending_restart, s.settings_waiting, d.databases,"
             " d.frozen_age, d.multixact_age, current_setting('data_checksums')::bool AS checksums,"
             " CASE WHEN has_function_privilege('pg_control_checkpoint()', 'execute')"
             " THEN (SELECT extract(epoch FROM clock_timestamp() - checkpoint_time)::float8"
             " FROM pg_control_checkpoint()) END AS checkpoint_age_s"
             " FROM (SELECT count(*) AS pending_restart, string_agg(name, ' ' ORDER BY name) AS settings_waiting"
             " FROM pg_settings WHERE pending_restart) s"
             " CROSS JOIN (SELECT count(*) FILTER (WHERE datallowconn) AS databases,"
             " max(age(datfrozenxid)) AS frozen_age, max(mxid_age(datminmxid)) AS multixact_age FROM pg_database) d"},
    {0, NULL},
};

const struct probe probe_instance = {
    .name = "instance",
    .title = "instance",
    .help = "Settings that wait for a restart, and the age of the oldest transaction of all databases, once a minute.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .interval_s = 60,
    .background_s = 60,
    .sql = sql,
    .background = true,
};
