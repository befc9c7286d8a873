/* The server as a whole: role, age, room for connections, and what all databases did together.
 *
 * Costs: one read of pg_stat_database and of the writer's counters; no scan, no lock. Documentation: "The
 * Statistics Collector", pg_stat_database, pg_stat_bgwriter, pg_stat_checkpointer (from 17 on). */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"database", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 10, 30, "Database that we are connected to."},
    {"standby", "standby", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 7, 5, "Whether the server is in recovery."},
    {"started", "started", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 60, "When the postmaster started."},
    {"uptime_s", "uptime", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 10, "Time since the postmaster started."},
    {"timeline", "timeline", TYPE_INT, ROLE_LABEL, UNIT_NONE, 8, 50,
     "Timeline written, or received last; it grows with each promotion."},
    {"wal_lsn", "wal at", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 55,
     "Position in the WAL: written by a primary; received or replayed, whichever is later, by a standby."},
    {"wal_position", "wal", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 20, "The same in bytes: its rate is WAL per second."},
    {"max_connections", "max", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 20, "Setting max_connections."},
    {"reserved", "reserved", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 25,
     "Connections that ordinary roles cannot have: superuser_reserved_connections and, from 16 on, "
     "reserved_connections."},
    {"backends", "backends", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 15, "Backends connected to any database."},
    {"xact_commit", "commits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 10, "Transactions committed, all databases."},
    {"xact_rollback", "rollbacks", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 15, "Transactions rolled back."},
    {"blks_hit", "hits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 40, "Blocks found in shared buffers."},
    {"blks_read", "reads", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 40, "Blocks that had to be read."},
    {"tup_returned", "scanned", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45, "Rows that scans returned."},
    {"tup_fetched", "fetched", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45, "Rows fetched through indexes."},
    {"tup_inserted", "inserts", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45, "Rows inserted."},
    {"tup_updated", "updates", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45, "Rows updated."},
    {"tup_deleted", "deletes", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45, "Rows deleted."},
    {"temp_files", "temp files", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 35, "Temporary files that queries made."},
    {"temp_bytes", "temp", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 30, "Bytes written to temporary files."},
    {"deadlocks", "deadlocks", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 25, "Deadlocks that the server broke."},
    {"conflicts", "conflicts", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 50,
     "Queries cancelled on a standby because recovery needed their rows or locks."},
    {"checksum_failures", "bad pages", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 28,
     "Pages whose checksum was wrong; unknown when checksums are off."},
    {"checkpoints_timed", "ckpt timed", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 50,
     "Checkpoints begun because checkpoint_timeout had passed."},
    {"checkpoints_requested", "ckpt asked", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 45,
     "Checkpoints begun for another reason, often because max_wal_size was reached."},
    {"archived", "archived", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 60, "WAL files archived."},
    {"archive_failed", "arch fails", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 55, "Attempts to archive that failed."},
    {"archived_age_s", "arch age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 52, "Time since a WAL file was archived."},
    {"archive_failed_age_s", "fail age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 53,
     "Time since archiving failed; younger than the one before means that it fails now."},
    {"sessions", "logins", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 47, "Sessions that began (from 14 on)."},
    {"sessions_abandoned", "abandoned", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 48,
     "Sessions whose client went away without a word (from 14 on)."},
    {"sessions_fatal", "fatal", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 48, "Sessions ended by a fatal error (from 14 on)."},
    {"sessions_killed", "killed", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 48, "Sessions ended by an operator (from 14 on)."},
    {"config_age_s", "reloaded", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 62, "Time since the configuration was read."},
    {"pending_restart", "need restart", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 27,
     "Settings that were changed in a file and take effect only at the next restart; looked at once a minute."},
    {"notify_queue", "notify", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 65, "How full the queue of NOTIFY is."},
    {"stats_reset", "stats since", TYPE_TIME, ROLE_EPOCH, UNIT_NONE, 0, 90, "Newest reset of a database's statistics."},
    {"writer_reset", "writer since", TYPE_TIME, ROLE_EPOCH, UNIT_NONE, 0, 90, "Newest reset of the writer's statistics."},
};

static const struct schema schema = {"server", COUNT_OF(columns), columns};

/* The reference position for either role: receive alone is NULL before streaming starts and can trail replay. */
#define SERVER_SQL(reserved, sessions, writer)                                                                \
    "SELECT current_database() AS database, r.standby, pg_postmaster_start_time() AS started,"                \
    " extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 AS uptime_s,"                \
    " CASE WHEN r.standby THEN (SELECT max(received_tli) FROM pg_stat_wal_receiver)"                          \
    " ELSE ('x' || left(pg_walfile_name(l.lsn), 8))::bit(32)::int END AS timeline,"                           \
    " extract(epoch FROM clock_timestamp() - pg_conf_load_time())::float8 AS config_age_s,"                   \
    " pg_notification_queue_usage() AS notify_queue,"                                                         \
    " l.lsn AS wal_lsn, pg_wal_lsn_diff(l.lsn, '0/0')::int8 AS wal_position,"                                 \
    " current_setting('max_connections')::int AS max_connections,"                                            \
    " current_setting('superuser_reserved_connections')::int" reserved " AS reserved,"                        \
    " d.*, w.*, a.archived_count AS archived, a.failed_count AS archive_failed,"                              \
    " extract(epoch FROM clock_timestamp() - a.last_archived_time)::float8 AS archived_age_s,"                \
    " extract(epoch FROM clock_timestamp() - a.last_failed_time)::float8 AS archive_failed_age_s"             \
    " FROM (SELECT pg_is_in_recovery() AS standby OFFSET 0) r"                                                \
    " CROSS JOIN LATERAL (SELECT CASE WHEN r.standby"                                                         \
    " THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"                                     \
    " ELSE pg_current_wal_lsn() END AS lsn OFFSET 0) l"                                                       \
    " CROSS JOIN (SELECT sum(numbackends)::int8 AS backends, sum(xact_commit)::int8 AS xact_commit,"          \
    " sum(xact_rollback)::int8 AS xact_rollback, sum(blks_hit)::int8 AS blks_hit,"                            \
    " sum(blks_read)::int8 AS blks_read, sum(tup_returned)::int8 AS tup_returned,"                            \
    " sum(tup_fetched)::int8 AS tup_fetched, sum(tup_inserted)::int8 AS tup_inserted,"                        \
    " sum(tup_updated)::int8 AS tup_updated, sum(tup_deleted)::int8 AS tup_deleted,"                          \
    " sum(temp_files)::int8 AS temp_files, sum(temp_bytes)::int8 AS temp_bytes,"                              \
    " sum(deadlocks)::int8 AS deadlocks, sum(conflicts)::int8 AS conflicts,"                                  \
    " sum(checksum_failures)::int8 AS checksum_failures, max(stats_reset) AS stats_reset" sessions            \
    " FROM pg_stat_database) d"                                                                               \
    " CROSS JOIN (" writer ") w CROSS JOIN pg_stat_archiver a"

#define BGWRITER                                                                                              \
    "SELECT checkpoints_timed, checkpoints_req AS checkpoints_requested, stats_reset AS writer_reset"         \
    " FROM pg_stat_bgwriter"
#define CHECKPOINTER                                                                                          \
    "SELECT num_timed AS checkpoints_timed, num_requested AS checkpoints_requested,"                          \
    " stats_reset AS writer_reset FROM pg_stat_checkpointer"
#define RESERVED_16 " + current_setting('reserved_connections')::int"
#define SESSIONS_14                                                                                           \
    ", sum(sessions)::int8 AS sessions, sum(sessions_abandoned)::int8 AS sessions_abandoned,"                 \
    " sum(sessions_fatal)::int8 AS sessions_fatal, sum(sessions_killed)::int8 AS sessions_killed"

static const struct probe_sql sql[] = {
    {120000, SERVER_SQL("", "", BGWRITER)},
    {140000, SERVER_SQL("", SESSIONS_14, BGWRITER)},
    {160000, SERVER_SQL(RESERVED_16, SESSIONS_14, BGWRITER)},
    {170000, SERVER_SQL(RESERVED_16, SESSIONS_14, CHECKPOINTER)},
    {0, NULL},
};

static const struct metric metrics[] = {
    {"commits", UNIT_COUNT, FOLD_SUM, "xact_commit", true},
    {"rollbacks", UNIT_COUNT, FOLD_SUM, "xact_rollback", true},
    {"reads", UNIT_COUNT, FOLD_SUM, "blks_read", true},
    {"hits", UNIT_COUNT, FOLD_SUM, "blks_hit", true},
    {"wal", UNIT_BYTES, FOLD_SUM, "wal_position", true},
    {"temp", UNIT_BYTES, FOLD_SUM, "temp_bytes", true},
    {"backends", UNIT_COUNT, FOLD_SUM, "backends", false},
    {NULL},
};

/* A standby that receives nothing at the moment is where it was: on the timeline that it received last. */
static void keep_timeline(struct frame_builder *b, const struct frame *now, uint32_t row, const struct frame *last)
{
    int column = schema_find(&schema, "timeline");
    if (!last || last->nrows <= row || last->epoch != now->epoch || frame_cell(now, row, column)->known)
        return;
    bool stood = now->server_role == SERVER_STANDBY && last->server_role == SERVER_STANDBY;
    if (stood && frame_cell(last, row, column)->known)
        frame_build_int(b, column, frame_cell(last, row, column)->i);
}

/* The same row with what the slower probe `instance` found. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    const struct frame *instance = probe_frame(c, "instance");
    int to = schema_find(&schema, "pending_restart");
    int from = instance ? schema_find(instance->schema, "pending_restart") : -1;
    (void)before;
    for (uint32_t row = 0; row < now->nrows; row++) {
        frame_build_copy(b, now, row);
        keep_timeline(b, now, row, probe_frame(c, "server"));
        if (from >= 0 && instance->nrows > 0 && frame_cell(instance, 0, from)->known)
            frame_build_int(b, to, frame_cell(instance, 0, from)->i);
    }
    return frame_seal_as(b, now, now->nfound);
}

const struct probe probe_server = {
    .name = "server",
    .title = "server",
    .help = "Role, age, WAL, room for connections and the counters of all databases together. One row; no scan, no "
            "lock.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .sql = sql,
    .metrics = metrics,
    .derived_schema = &schema,
    .derive = derive,
    .grant = "GRANT pg_monitor TO {role}",        /* the timeline that a standby receives */
    .background = true,
};
