/* What blinds all who look. */
#include "model/blind.h"

#include <string.h>

#define RELOAD "; SELECT pg_reload_conf();"

const struct blind_row blind_rows[] = {
    {"track_activities", "off: nobody sees what sessions do", "ALTER SYSTEM SET track_activities = on" RELOAD, false, true,
     LEVEL_UNKNOWN, "track_activities", NULL},
    {"track_counts", "off: there are no statistics of tables, and autovacuum does not run",
     "ALTER SYSTEM SET track_counts = on" RELOAD, false, true, LEVEL_UNKNOWN, "track_counts", NULL},
    {"track_io_timing", "off: nobody knows how long reads and writes take", "ALTER SYSTEM SET track_io_timing = on" RELOAD,
     false, false, LEVEL_FINE, "track_io_timing", NULL},
    {"pg_stat_statements", "is not installed: it comes with PostgreSQL's contrib package", NULL, false, true, LEVEL_NOTE,
     "statements_installed", NULL},
    {"pg_stat_statements", "is not preloaded",
     "-- in postgresql.conf: shared_preload_libraries = 'pg_stat_statements', beside what stands there; from the next "
     "restart on", false, true, LEVEL_NOTE, "statements_preloaded", NULL},
    {"pg_stat_statements", "is not created in this database", "CREATE EXTENSION pg_stat_statements;", true, true, LEVEL_NOTE,
     "statements_created", NULL},
    {"compute_query_id", "off: pg_stat_statements counts nothing", "ALTER SYSTEM SET compute_query_id = auto" RELOAD, false,
     true, LEVEL_NOTE, "compute_query_id", "off"},
    {.name = NULL},
};

bool blind_is(const struct blind_row *row, const struct frame *f)
{
    if (!row->word)     /* what is not installed cannot be created */
        return frame_named_number(f, 0, row->column) == 0 &&
               (strcmp(row->column, "statements_created") != 0 || frame_named_number(f, 0, "statements_installed") != 0);
    return frame_says(f, 0, row->column, row->word);
}
