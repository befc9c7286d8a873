/* Statements: what the server spends its time on, by normalised query, over the last interval.
 *
 * Costs: pg_stat_statements(false) reads counters alone: 3 ms for 5,000 entries, and as much again when all their
 * rows are worth sending, where the texts' file of 21 MB would cost 60 ms and more. The texts of the few that are
 * shown are read by their own probe, once a minute. Columns depend on the extension's version, which survives an
 * upgrade of the server. Documentation: "pg_stat_statements". */
#include "base/attr.h"
#include "base/mem.h"
#include "probes/list.h"
#include "probes/statement_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    USER_ID, DB_ID, QUERY_ID, TOPLEVEL, USER, DATABASE, CALLS, EXEC, PLAN, ROWS, HIT, READ, DIRTIED, TEMP,
    READ_TIME, WAL, SINCE, COLUMNS
};

static const struct column columns[COLUMNS] = {
    [USER_ID] = {"user_id", "user id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Role's OID."},
    [DB_ID] = {"database_id", "db id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Database's OID."},
    [QUERY_ID] = {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 80, "Identifier of the normalised query."},
    [TOPLEVEL] = {"toplevel", "top", TYPE_BOOL, ROLE_KEY, UNIT_NONE, 5, 85, "Whether it ran by itself, not inside a function (extension 1.9 on)."},
    [USER] = {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 40, "Role that ran it."},
    [DATABASE] = {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 45, "Database where it ran."},
    [CALLS] = {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 10, "Executions."},
    [EXEC] = {"exec_s", "exec", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 5, "Time spent executing."},
    [PLAN] = {"plan_s", "plan", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 60, "Time spent planning, when pg_stat_statements.track_planning is on (1.8 on)."},
    [ROWS] = {"rows", "rows", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 20, "Rows returned or changed."},
    [HIT] = {"blks_hit", "hits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 50, "Shared blocks found in the cache."},
    [READ] = {"blks_read", "reads", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 30, "Shared blocks read."},
    [DIRTIED] = {"blks_dirtied", "dirtied", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 65, "Shared blocks dirtied."},
    [TEMP] = {"temp_blks", "temp", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 35, "Temporary blocks written."},
    [READ_TIME] = {"read_s", "read time", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 55, "Time spent reading blocks, when track_io_timing is on."},
    [WAL] = {"wal_bytes", "wal", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 32, "Bytes of WAL generated (1.8 on)."},
    [SINCE] = {"stats_since", "since", TYPE_TIME, ROLE_EPOCH, UNIT_NONE, 0, 95, "When the entry was made (1.11 on)."},
};

static const struct schema schema = {"statements", COLUMNS, columns};

/* Rows of roles that we may not see have no query id: they cannot be told apart, and are left out. So is what ran
 * once and was soon done: it has no rate, is most of a full table, and writing out a row costs as much as reading
 * it. Only a table that may hold more than fits into an answer is sorted, so that the cut takes the least. */
#define KEPT(exec)                                                                                            \
    "SELECT * FROM {statements}.pg_stat_statements(false) WHERE queryid IS NOT NULL AND (calls > 1 OR " exec  \
    " >= 100)"
#define MANY "coalesce(current_setting('pg_stat_statements.max', true)::int8, 0) > 10000"

#define STATEMENTS_SQL(top, exec, plan, read_time, wal, since)                                                \
    "SELECT s.userid::int8 AS user_id, s.dbid::int8 AS database_id, s.queryid AS query_id, " top              \
    " AS toplevel, pg_get_userbyid(s.userid) AS \"user\", d.datname AS database, s.calls, s." exec            \
    " / 1000 AS exec_s, " plan " / 1000 AS plan_s, s.rows, s.shared_blks_hit AS blks_hit, s.shared_blks_read" \
    " AS blks_read, s.shared_blks_dirtied AS blks_dirtied, s.temp_blks_written AS temp_blks, " read_time      \
    " / 1000 AS read_s, " wal " AS wal_bytes, " since " AS stats_since FROM (" KEPT(exec) " AND NOT " MANY    \
    " UNION ALL (" KEPT(exec) " AND " MANY " ORDER BY " exec " DESC)) s"                                      \
    " LEFT JOIN pg_database d ON d.oid = s.dbid"

static const struct probe_sql sql[] = {
    {10000, STATEMENTS_SQL("true", "total_time", "NULL::float8", "s.blk_read_time", "NULL::int8",
                           "NULL::timestamptz")},
    {10800, STATEMENTS_SQL("true", "total_exec_time", "s.total_plan_time", "s.blk_read_time",
                           "s.wal_bytes::int8", "NULL::timestamptz")},
    {10900, STATEMENTS_SQL("s.toplevel", "total_exec_time", "s.total_plan_time", "s.blk_read_time",
                           "s.wal_bytes::int8", "NULL::timestamptz")},
    {11100, STATEMENTS_SQL("s.toplevel", "total_exec_time", "s.total_plan_time", "s.shared_blk_read_time",
                           "s.wal_bytes::int8", "s.stats_since")},
    {0, NULL},
};

/* ---- what is shown: the busiest of the interval, with their shares ---- */

enum {
    D_USER_ID, D_DB_ID, D_QUERY_ID, D_TOPLEVEL, D_USER, D_DATABASE, D_CALLS, D_BUSY, D_MEAN, D_ROWS, D_HIT_RATIO,
    D_READ, D_TEMP, D_WAL, D_SHARE, D_QUERY, D_COLUMNS
};

static const struct column shown_columns[D_COLUMNS] = {
    [D_USER_ID] = {"user_id", "user id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Role's OID."},
    [D_DB_ID] = {"database_id", "db id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Database's OID."},
    [D_QUERY_ID] = {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 80, "Identifier of the normalised query."},
    [D_TOPLEVEL] = {"toplevel", "top", TYPE_BOOL, ROLE_KEY, UNIT_NONE, 5, 85, "Whether it ran by itself, not inside a function."},
    [D_USER] = {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 40, "Role that ran it."},
    [D_DATABASE] = {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 45, "Database where it ran."},
    [D_CALLS] = {"calls_per_s", "calls/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 10, "Executions a second in the last interval."},
    [D_BUSY] = {"busy", "busy", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 5, "Execution time a second: 100 % is one backend busy all the time."},
    [D_MEAN] = {"mean_s", "mean", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 8, "Mean execution time in the last interval."},
    [D_ROWS] = {"rows_per_s", "rows/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 20, "Rows returned or changed a second."},
    [D_HIT_RATIO] = {"hit_ratio", "hit", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 30, "Share of blocks that were in shared buffers; unknown when it touched none."},
    [D_READ] = {"read_blks_per_s", "reads/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 35, "Blocks read a second."},
    [D_TEMP] = {"temp_blks_per_s", "temp/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 36, "Temporary blocks written a second."},
    [D_WAL] = {"wal_bytes_per_s", "wal/s", TYPE_REAL, ROLE_GAUGE, UNIT_BYTES, 0, 38, "Bytes of WAL a second (extension 1.8 on)."},
    [D_SHARE] = {"share", "share", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 7, "Its share of the execution time of all statements in the interval."},
    [D_QUERY] = {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 3, "Normalised text, read once a minute for those that are shown."},
};

static const struct schema shown_schema = {"statements", D_COLUMNS, shown_columns};

#define SHOWN_MAX 200

struct busy {
    double s_per_s;
    uint32_t row;
};

static int by_time(const void *a, const void *b)
{
    double x = ((const struct busy *)a)->s_per_s, y = ((const struct busy *)b)->s_per_s;
    return (x < y) - (x > y);
}

static double rate_of(const struct frame *rates, uint32_t row, const char *name)
{
    int column = schema_find(rates->schema, name);
    return column < 0 ? NAN : frame_number(rates, row, column);
}

/* The row of the texts' frame with the same key, or -1. */
static int64_t text_row(const struct frame *texts, const struct frame *f, uint32_t row)
{
    for (uint32_t i = 0; texts && i < texts->nrows; i++)
        if (frame_cell(texts, i, 0)->i == frame_cell(f, row, USER_ID)->i &&
            frame_cell(texts, i, 1)->i == frame_cell(f, row, DB_ID)->i &&
            frame_cell(texts, i, 2)->i == frame_cell(f, row, QUERY_ID)->i)
            return i;
    return -1;
}

static void copy_labels(struct frame_builder *b, const struct frame *f, uint32_t row)
{
    for (int i = USER_ID; i <= QUERY_ID; i++)
        frame_build_int(b, i, frame_cell(f, row, i)->i);
    frame_build_int(b, D_TOPLEVEL, frame_cell(f, row, TOPLEVEL)->i);
    for (int i = 0; i < 2; i++)
        if (frame_cell(f, row, USER + i)->known)
            frame_build_text(b, D_USER + i, frame_text(f, row, USER + i).bytes, frame_text(f, row, USER + i).len);
}

static void add_shown(struct frame_builder *b, const struct frame *f, const struct frame *rates, const struct busy *s,
                      double total_s, const struct frame *texts)
{
    double calls = rate_of(rates, s->row, "calls"), hit = rate_of(rates, s->row, "blks_hit");
    double read = rate_of(rates, s->row, "blks_read");
    int64_t text = text_row(texts, f, s->row);
    frame_build_row(b);
    copy_labels(b, f, s->row);
    frame_build_real(b, D_CALLS, calls);
    frame_build_real(b, D_BUSY, s->s_per_s);
    frame_build_real(b, D_MEAN, calls > 0 ? s->s_per_s / calls : NAN);
    frame_build_real(b, D_ROWS, rate_of(rates, s->row, "rows"));
    frame_build_real(b, D_HIT_RATIO, hit + read > 0 ? hit / (hit + read) : NAN);
    frame_build_real(b, D_READ, read);
    frame_build_real(b, D_TEMP, rate_of(rates, s->row, "temp_blks"));
    frame_build_real(b, D_WAL, rate_of(rates, s->row, "wal_bytes"));
    frame_build_real(b, D_SHARE, total_s > 0 ? s->s_per_s / total_s : NAN);
    if (text >= 0 && frame_cell(texts, (uint32_t)text, 3)->known)
        frame_build_text(b, D_QUERY, frame_text(texts, (uint32_t)text, 3).bytes,
                         frame_text(texts, (uint32_t)text, 3).len);
}

/* Everything that ran in the interval, busiest first. Without an earlier frame there is no interval, and no row. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&shown_schema);
    struct busy *busy = mem_array(now->nrows, sizeof(*busy));
    const struct frame *texts = probe_frame(c, "statement_texts");
    uint32_t n = 0;
    double total = 0;
    for (uint32_t row = 0; before && c->rates && row < now->nrows; row++) {
        double s = rate_of(c->rates, row, "exec_s"), calls = rate_of(c->rates, row, "calls");
        if (!(s > 0 || calls > 0))
            continue;
        busy[n++] = (struct busy){s, row};
        total += s;
    }
    qsort(busy, n, sizeof(*busy), by_time);
    for (uint32_t i = 0; i < n && i < SHOWN_MAX; i++)
        add_shown(b, now, c->rates, &busy[i], total, texts);
    free(busy);
    return frame_seal_as(b, now, n);
}

static const struct metric metrics[] = {
    {"calls", UNIT_COUNT, FOLD_SUM, "calls", true},
    {"exec", UNIT_SECONDS, FOLD_SUM, "exec_s", true},
    {NULL},
};

const struct probe probe_statements = {
    .name = "statements",
    .dear = true,
    .title = "statements",
    .help = "The busiest normalised queries of the last interval, from pg_stat_statements without its texts: 3 to 8 ms "
            "for 5,000 entries, every 10 s. What ran only once, in less than 0.1 s, is left out; of more than 10,000 "
            "entries those are read that have taken the most time.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .needs = NEED_STATEMENTS,
    .by_extension = true,
    .interval_s = 10,
    .background_s = 60,
    .max_rows = 10000,
    .sql = sql,
    .metrics = metrics,
    .grant = "GRANT pg_read_all_stats TO {role}; GRANT USAGE ON SCHEMA {statements} TO {role}",
    .derived_schema = &shown_schema,
    .derive = derive,
    .look = statement_look,
    .beside = "statement_texts",
};
