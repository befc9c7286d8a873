/* What of the server blinds all who watch it: settings that switch its statistics off, and pg_stat_statements that is
 * not there.
 *
 * Costs: reads of pg_settings and of the folder of extensions, some milliseconds each five minutes. Documentation: "Run-time Statistics",
 * "pg_stat_statements". */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"database", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 10, 0, "Database that we are connected to."},
    {"track_activities", "activities", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 10, 5,
     "Setting track_activities: without it nobody sees what sessions do."},
    {"track_counts", "counts", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 8, 10,
     "Setting track_counts: without it there are no statistics of tables, and no autovacuum."},
    {"track_io_timing", "io timing", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 9, 15,
     "Setting track_io_timing: without it nobody knows how long reads and writes take."},
    {"track_activity_query_size", "query size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 20,
     "Setting track_activity_query_size: longer texts of queries are cut."},
    {"compute_query_id", "query id", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 25,
     "Setting compute_query_id (from 14 on): when off, pg_stat_statements counts nothing by itself."},
    {"statements_preloaded", "preloaded", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 9, 30,
     "Whether shared_preload_libraries has pg_stat_statements; unknown without pg_read_all_settings."},
    {"statements_installed", "installed", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 9, 35,
     "Whether the server has the files of pg_stat_statements."},
    {"statements_created", "created", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 8, 40,
     "Whether the extension pg_stat_statements is in this database."},
};

static const struct schema schema = {"eyesight", COUNT_OF(columns), columns};

#define IS_ON(name) "bool_or(setting = 'on') FILTER (WHERE name = '" name "') AS " name

static const struct probe_sql sql[] = {
    {120000, "SELECT current_database() AS database, s.*,"
             " EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements') AS statements_installed,"
             " EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS statements_created"
             " FROM (SELECT " IS_ON("track_activities") ", " IS_ON("track_counts") ", " IS_ON("track_io_timing") ","
             " max(setting::int8) FILTER (WHERE name = 'track_activity_query_size') AS track_activity_query_size,"
             " max(setting) FILTER (WHERE name = 'compute_query_id') AS compute_query_id,"
             " bool_or(setting ~ 'pg_stat_statements') FILTER (WHERE name = 'shared_preload_libraries')"
             " AS statements_preloaded FROM pg_settings) s"},
    {0, NULL},
};

const struct probe probe_eyesight = {
    .name = "eyesight",
    .title = "eyesight",
    .help = "Settings and extensions without which the server itself does not know what others ask. One read of "
            "pg_settings.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .interval_s = 60,
    .background_s = 300,
    .background = true,
    .sql = sql,
    .grant = "GRANT pg_monitor TO {role}",        /* what is preloaded */
};
