/* Exact sizes of the tables that are shown, once a minute. A size function waits behind any exclusive lock on the
 * table or an index of it, held or only waited for: those tables are left out and marked, and lock_timeout
 * covers the race. A standby has the same files, but for tables that are not logged: those are empty there.
 * Documentation: "System Administration Functions", database object size functions. */
#include "base/attr.h"
#include "base/buf.h"
#include "probes/list.h"
#include "probes/locked.h"

static const struct column columns[] = {
    {"relid", "oid", TYPE_INT, ROLE_KEY, UNIT_NONE, 8, 0, "OID of the table."},
    {"size_bytes", "size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 0, "pg_total_relation_size; unknown while it is locked, and on a standby when it is not logged."},
    {"locked", "locked", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 6, 0, "An exclusive lock on it or an index of it is held or waited for."},
};

static const struct schema schema = {"table_sizes", COUNT_OF(columns), columns};

/* $1: OIDs. */
static const struct probe_sql sql[] = {
    {0, "WITH " LOCKED_SQL ", wanted AS MATERIALIZED (SELECT c.oid, " IS_LOCKED_SQL("c") " AS locked,"
        " c.relpersistence = 'u' AND pg_is_in_recovery() AS absent"
        " FROM pg_class c WHERE c.oid = ANY ($1::oid[]))"
        " SELECT w.oid::int8 AS relid, w.locked,"
        " CASE WHEN NOT w.locked AND NOT w.absent THEN pg_total_relation_size(w.oid) END AS size_bytes FROM wanted w ORDER BY 1"},
    {0, NULL},
};

#define SIZES_MAX 60

static bool parameter(const struct probe_context *c, struct buf *out)
{
    const struct frame *tables = probe_frame(c, "tables");
    if (!tables || tables->nrows == 0)
        return false;
    buf_putc(out, '{');
    for (uint32_t row = 0; row < tables->nrows && row < SIZES_MAX; row++)
        buf_printf(out, "%s%lld", row ? "," : "", (long long)frame_cell(tables, row, 0)->i);
    buf_putc(out, '}');
    return true;
}

const struct probe probe_table_sizes = {
    .name = "table_sizes",
    .dear = true,
    .anywhere = true,
    .title = "exact table sizes",
    .help = "Exact sizes of up to 60 tables that are shown, once a minute; never of one that an exclusive lock is on.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .interval_s = 60,
    .background_s = 600,
    .max_rows = 500,
    .sql = sql,
    .parameter = parameter,
    .beside = "tables",
};
