/* What blinds all who look. */
#include "model/blind.h"

#include <string.h>

#define RELOAD "; SELECT pg_reload_conf();"

const struct blind_row blind_rows[] = {
    {"track_activities", "off: nobody sees what sessions do", "ALTER SYSTEM SET track_activities = on" RELOAD, true,
     LEVEL_UNKNOWN, "track_activities", NULL},
    {"track_counts", "off: there are no statistics of tables, and autovacuum does not run",
     "ALTER SYSTEM SET track_counts = on" RELOAD, true, LEVEL_UNKNOWN, "track_counts", NULL},
    {"track_io_timing", "off: nobody knows how long reads and writes take", "ALTER SYSTEM SET track_io_timing = on" RELOAD,
     false, LEVEL_FINE, "track_io_timing", NULL},
    {"pg_stat_statements", "is not installed: it comes with PostgreSQL's contrib package", NULL, true, LEVEL_NOTE,
     "statements_installed", NULL},
    {"pg_stat_statements", "is not preloaded",
     "-- in postgresql.conf: shared_preload_libraries = 'pg_stat_statements', beside what stands there; from the next "
     "restart on", true, LEVEL_NOTE, "statements_preloaded", NULL},
    {"pg_stat_statements", "is not created in this database", "CREATE EXTENSION pg_stat_statements;", true, LEVEL_NOTE,
     "statements_created", NULL},
    {"compute_query_id", "off: pg_stat_statements counts nothing", "ALTER SYSTEM SET compute_query_id = auto" RELOAD, true,
     LEVEL_NOTE, "compute_query_id", "off"},
    {.name = NULL},
};

static bool is_false(const struct frame *f, const char *name)
{
    int column = schema_find(f->schema, name);
    const struct cell *c = column < 0 ? NULL : frame_cell(f, 0, column);
    return c && c->known && c->i == 0;
}

bool blind_is(const struct blind_row *row, const struct frame *f)
{
    if (f->nrows == 0)
        return false;
    if (!row->word)     /* what is not installed cannot be created */
        return is_false(f, row->column) &&
               (strcmp(row->column, "statements_created") != 0 || !is_false(f, "statements_installed"));
    int column = schema_find(f->schema, row->column);
    struct frame_text t = column < 0 ? (struct frame_text){"", 0} : frame_text(f, 0, column);
    return t.len == strlen(row->word) && memcmp(t.bytes, row->word, t.len) == 0;
}
