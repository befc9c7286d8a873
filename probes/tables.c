/* Tables: the ones that matter by size, dead rows, changes, scans or age, with what happens to them.
 *
 * Costs: statistics by function for the tables that the last full pass chose (table_ranks), so that it does not
 * matter how many there are; and one read of the lock table. No function here takes a lock on a table: sizes are
 * pages of pg_class, and exact ones come from table_sizes when no lock is in the way. Documentation: "The Statistics
 * Collector", statistics functions; "System Catalogs", pg_class. */
#include "base/attr.h"
#include "base/buf.h"
#include "probes/list.h"
#include "probes/locked.h"

#include <math.h>

enum {
    RELID, SCHEMA, TABLE, KIND, SIZE, SIZE_EXACT, EST_TABLE, EST_INDEXES, ROWS, LIVE, DEAD, DEAD_RATIO, CHANGED,
    INSERTED_SINCE, VACUUM_AGE, ANALYZE_AGE, FROZEN_AGE, SEQ_SCANS, SEQ_ROWS, IDX_SCANS, INSERTS, UPDATES, HOT,
    DELETES, BLKS_FETCHED, BLKS_HIT, LOCKED, COLUMNS
};

static const struct column columns[COLUMNS] = {
    [RELID] = {"relid", "oid", TYPE_INT, ROLE_KEY, UNIT_NONE, 8, 90, "OID of the table."},
    [SCHEMA] = {"schema", "schema", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 30, "Schema."},
    [TABLE] = {"table", "table", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 20, 0, "Name."},
    [KIND] = {"kind", "kind", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 9, 70, "table, partition, materialized (view)."},
    [SIZE] = {"size_bytes", "size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 3, "Table, TOAST and indexes together: exact where it could be had, else from the page counts of the last vacuum or analyze."},
    [SIZE_EXACT] = {"size_exact", "exact", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 5, 80, "Whether the size is exact, at most two minutes old."},
    [EST_TABLE] = {"table_bytes", "heap ~", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 45, "Pages of the table and its TOAST table by pg_class; unknown before the first vacuum or analyze."},
    [EST_INDEXES] = {"index_bytes", "indexes ~", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 46, "Pages of its indexes by pg_class."},
    [ROWS] = {"rows_estimate", "rows ~", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 40, "Rows by the planner's estimate; unknown before the first vacuum or analyze."},
    [LIVE] = {"live_rows", "live", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 25, "Live rows by the statistics."},
    [DEAD] = {"dead_rows", "dead", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8, "Dead rows by the statistics."},
    [DEAD_RATIO] = {"dead_ratio", "dead %", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 10, "Dead rows among all rows."},
    [CHANGED] = {"changed_rows", "changed", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 50, "Rows changed since the last analyze."},
    [INSERTED_SINCE] = {"inserted_rows", "ins since", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 65, "Rows inserted since the last vacuum (from 13 on)."},
    [VACUUM_AGE] = {"vacuum_age_s", "vacuumed", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 15, "Time since the last vacuum, by hand or automatic; unknown: never, or before the statistics began."},
    [ANALYZE_AGE] = {"analyze_age_s", "analyzed", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 35, "Time since the last analyze, by hand or automatic."},
    [FROZEN_AGE] = {"frozen_age", "xid age", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 42, "Transactions since its oldest unfrozen one: at autovacuum_freeze_max_age it is vacuumed by force."},
    [SEQ_SCANS] = {"seq_scans", "seq", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 20, "Sequential scans."},
    [SEQ_ROWS] = {"seq_rows", "seq rows", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 22, "Rows that sequential scans read."},
    [IDX_SCANS] = {"idx_scans", "idx", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 24, "Scans of its indexes."},
    [INSERTS] = {"inserts", "inserts", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 26, "Rows inserted."},
    [UPDATES] = {"updates", "updates", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 27, "Rows updated."},
    [HOT] = {"hot_updates", "hot", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 60, "Rows updated without new index entries."},
    [DELETES] = {"deletes", "deletes", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 28, "Rows deleted."},
    [BLKS_FETCHED] = {"blks_fetched", "blocks", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 75, "Blocks of the table asked for."},
    [BLKS_HIT] = {"blks_hit", "hits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 76, "Blocks of the table found in shared buffers."},
    [LOCKED] = {"locked", "locked", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 6, 18, "An exclusive lock on it is held or waited for: its exact size cannot be had now."},
};

static const struct schema schema = {"tables", COLUMNS, columns};

/* A standby counts scans, but no rows: its zeros are no counts. */
#define COUNTED(function) "CASE WHEN NOT r.standby THEN " function "(c.oid) END"

/* $1: OIDs of the tables to look at; empty: the 50 largest. */
#define TABLES_SQL(inserted_since)                                                                            \
    "WITH " LOCKED_SQL " SELECT c.oid::int8 AS relid, n.nspname AS schema, c.relname AS \"table\","           \
    " CASE WHEN c.relkind = 'm' THEN 'materialized' WHEN c.relispartition THEN 'partition' ELSE 'table' END"  \
    " AS kind, CASE WHEN c.relpages > 0 OR c.reltuples > 0"                                                   \
    " THEN (c.relpages::int8 + coalesce(t.relpages, 0)) * b.size END AS table_bytes,"                         \
    " coalesce(i.pages, 0) * b.size AS index_bytes,"                                                          \
    " CASE WHEN c.reltuples >= 0 AND (c.reltuples > 0 OR c.relpages > 0) THEN c.reltuples::int8 END"          \
    " AS rows_estimate, " COUNTED("pg_stat_get_live_tuples") " AS live_rows, "                                \
    COUNTED("pg_stat_get_dead_tuples") " AS dead_rows, "                                                      \
    COUNTED("pg_stat_get_mod_since_analyze") " AS changed_rows, "                                             \
    inserted_since " AS inserted_rows,"                                                                       \
    " extract(epoch FROM k.t - greatest(pg_stat_get_last_vacuum_time(c.oid),"                                 \
    " pg_stat_get_last_autovacuum_time(c.oid)))::float8 AS vacuum_age_s,"                                     \
    " extract(epoch FROM k.t - greatest(pg_stat_get_last_analyze_time(c.oid),"                                \
    " pg_stat_get_last_autoanalyze_time(c.oid)))::float8 AS analyze_age_s,"                                   \
    " CASE WHEN c.relfrozenxid <> '0'::xid THEN age(c.relfrozenxid) END AS frozen_age,"                       \
    " pg_stat_get_numscans(c.oid) AS seq_scans, pg_stat_get_tuples_returned(c.oid) AS seq_rows,"              \
    " i.scans AS idx_scans, " COUNTED("pg_stat_get_tuples_inserted") " AS inserts, "                          \
    COUNTED("pg_stat_get_tuples_updated") " AS updates, "                                                     \
    COUNTED("pg_stat_get_tuples_hot_updated") " AS hot_updates, "                                             \
    COUNTED("pg_stat_get_tuples_deleted") " AS deletes, pg_stat_get_blocks_fetched(c.oid) AS blks_fetched,"   \
    " pg_stat_get_blocks_hit(c.oid) AS blks_hit, " IS_LOCKED_SQL("c") " AS locked"                            \
    " FROM (SELECT unnest($1::oid[]) AS oid UNION ALL (SELECT g.oid FROM pg_class g"                          \
    " WHERE g.relkind IN ('r', 'm') AND cardinality($1::oid[]) = 0 AND g.relnamespace NOT IN"                 \
    " (SELECT u.oid FROM pg_namespace u WHERE u.nspname IN ('pg_catalog', 'information_schema'))"             \
    " ORDER BY g.relpages DESC LIMIT 50)) w"                                                                  \
    " JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace"                         \
    " LEFT JOIN pg_class t ON t.oid = c.reltoastrelid"                                                        \
    " LEFT JOIN LATERAL (SELECT sum(x.relpages)::int8 AS pages,"                                              \
    " sum(pg_stat_get_numscans(x.oid))::int8 AS scans FROM pg_index z JOIN pg_class x ON x.oid = z.indexrelid"\
    " WHERE z.indrelid = c.oid) i ON true"                                                                    \
    " CROSS JOIN (SELECT clock_timestamp() AS t OFFSET 0) k"                                                  \
    " CROSS JOIN (SELECT pg_is_in_recovery() AS standby OFFSET 0) r"                                          \
    " CROSS JOIN (SELECT current_setting('block_size')::int8 AS size OFFSET 0) b"

static const struct probe_sql sql[] = {
    {120000, TABLES_SQL("NULL::int8")},
    {130000, TABLES_SQL(COUNTED("pg_stat_get_ins_since_vacuum"))},
    {0, NULL},
};

static bool parameter(const struct probe_context *c, struct buf *out)
{
    const struct frame *ranks = probe_frame(c, "table_ranks");
    buf_putc(out, '{');
    for (uint32_t row = 0; ranks && row < ranks->nrows; row++)
        buf_printf(out, "%s%lld", row ? "," : "", (long long)frame_cell(ranks, row, 0)->i);
    buf_putc(out, '}');
    return true;
}

/* The row of a frame whose first column, sorted, holds this OID; -1: none. */
static int64_t find_relid(const struct frame *f, int64_t relid)
{
    int64_t low = 0, high = f ? (int64_t)f->nrows - 1 : -1;
    while (low <= high) {
        int64_t mid = (low + high) / 2, at = frame_cell(f, (uint32_t)mid, 0)->i;
        if (at == relid)
            return mid;
        if (at < relid)
            low = mid + 1;
        else
            high = mid - 1;
    }
    return -1;
}

#define EXACT_MAX_US (120 * 1000000LL)  /* an exact size older than this is called an estimate again */

static void put_size(struct frame_builder *b, const struct frame *f, uint32_t row, const struct frame *sizes)
{
    int64_t found = find_relid(sizes, frame_cell(f, row, RELID)->i);
    bool exact = found >= 0 && frame_cell(sizes, (uint32_t)found, 1)->known && sizes->epoch == f->epoch &&
                 f->taken_us - sizes->taken_us < EXACT_MAX_US;  /* another epoch's OIDs are other tables */
    bool counted = frame_cell(f, row, EST_TABLE)->known;
    int64_t estimate = frame_cell(f, row, EST_TABLE)->i + frame_cell(f, row, EST_INDEXES)->i;
    if (exact || counted)
        frame_build_int(b, SIZE, exact ? frame_cell(sizes, (uint32_t)found, 1)->i : estimate);
    frame_build_int(b, SIZE_EXACT, exact);
}

/* The same rows with sizes and shares filled in, and how many tables there are in all. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    const struct frame *sizes = probe_frame(c, "table_sizes"), *ranks = probe_frame(c, "table_ranks");
    (void)before;
    for (uint32_t row = 0; row < now->nrows; row++) {
        double live = frame_number(now, row, LIVE), dead = frame_number(now, row, DEAD);
        frame_build_copy(b, now, row);
        put_size(b, now, row, sizes);
        frame_build_real(b, DEAD_RATIO, live + dead > 0 ? dead / (live + dead) : NAN);
    }
    return frame_seal_as(b, now, ranks && ranks->nrows ? (uint32_t)frame_cell(ranks, 0, 1)->i : 0);
}

const struct probe probe_tables = {
    .name = "tables",
    .title = "tables",
    .help = "The tables that matter by size, dead rows, changes, scans or age. Statistics of these alone, no lock; "
            "which ones they are is found out once a minute.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .background_s = 60,
    .max_rows = 500,
    .sql = sql,
    .parameter = parameter,
    .beside = "table_ranks",
    .derived_schema = &schema,
    .derive = derive,
};
