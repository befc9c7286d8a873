/* Replication as one server sees it: those it sends to, the one it receives from, its slots, and its own place in
 * the WAL. One frame, a row of one kind for each.
 *
 * Costs: pg_stat_replication joins pg_stat_activity; slots and receiver are a row each. Documentation: "The
 * Statistics Collector", pg_stat_replication, pg_stat_wal_receiver; "System Views", pg_replication_slots. Lag is
 * judged by model/lag.h: the popular formulas show a lag on an idle standby, and none on a frozen one. */
#include "base/attr.h"
#include "model/lag.h"
#include "probes/list.h"

#include <math.h>
#include <string.h>

enum {
    KIND, NAME, ID, USER, APPLICATION, CLIENT, STATE, SYNC_STATE, WAL_LSN, SENT_LSN, WRITE_LSN, FLUSH_LSN,
    REPLAY_LSN, WRITE_LAG, FLUSH_LAG, REPLAY_LAG, MESSAGE_AGE, REPLAY_AGE, PAUSED, BEHIND, LAG_S, LAG_AT_LEAST,
    CONFIDENCE, LAG_STATE, SLOT_TYPE, PLUGIN, DATABASE, ACTIVE, WAL_STATUS, RETAINED, SAFE_WAL, XMIN_AGE,
    INACTIVE_S, INVALIDATION, TIMELINE, SENDER, SLOT, COLUMNS
};

static const struct column columns[COLUMNS] = {
    [KIND] = {"kind", "kind", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 8, 5,
              "self, sender (one that we send to), receiver (the one we receive from) or slot."},
    [NAME] = {"name", "name", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 0,
              "application_name of the other end, name of the slot, or the server's own role."},
    [ID] = {"id", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 7, 30, "Process that sends, receives or uses the slot; 0 for none."},
    [USER] = {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 50, "Role that replicates."},
    [APPLICATION] = {"application", "application", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 70, "application_name of the other end."},
    [CLIENT] = {"client", "client", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 15, 35, "Address of the other end; local for a Unix socket."},
    [STATE] = {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 8, "startup, catchup, streaming, backup, stopping; of a receiver its status."},
    [SYNC_STATE] = {"sync_state", "sync", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 9, 12, "async, potential, sync or quorum."},
    [WAL_LSN] = {"wal_lsn", "wal at", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 60,
                 "Position of this server: written by a primary; received or replayed by a standby."},
    [SENT_LSN] = {"sent_lsn", "sent", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 75, "Last position sent, or received."},
    [WRITE_LSN] = {"write_lsn", "written", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 76, "Last position that the standby has written."},
    [FLUSH_LSN] = {"flush_lsn", "flushed", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 77, "Last position that the standby has flushed to disk."},
    [REPLAY_LSN] = {"replay_lsn", "replayed", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 40, "Last position that the standby has replayed."},
    [WRITE_LAG] = {"write_lag_s", "write lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 55, "Time from flushing here to written there; unknown when nothing was sent lately."},
    [FLUSH_LAG] = {"flush_lag_s", "flush lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 56, "Time from flushing here to flushed there; unknown when nothing was sent lately."},
    [REPLAY_LAG] = {"replay_lag_s", "replay lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 57, "Time from flushing here to replayed there, as the server reports it; unknown when nothing was sent lately."},
    [MESSAGE_AGE] = {"message_age_s", "heard", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 45, "Time since the other end was heard."},
    [REPLAY_AGE] = {"replay_age_s", "last tx", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 65, "Time since the last replayed transaction was committed on the primary; it grows on an idle primary, and is no lag."},
    [PAUSED] = {"paused", "paused", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 6, 20, "Replay is paused."},
    [BEHIND] = {"lag_bytes", "behind", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 6, "WAL that is not replayed yet."},
    [LAG_S] = {"lag_s", "lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 2, "How long ago the primary was where the standby is now."},
    [LAG_AT_LEAST] = {"lag_at_least", "or more", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 7, 62,
                      "The lag may be larger: our memory of the primary's positions does not reach back far enough, and no "
                      "server says more."},
    [CONFIDENCE] = {"lag_confidence", "sure", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 25, "exact, estimate, at least or unknown."},
    [LAG_STATE] = {"lag_state", "condition", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 15,
                   "streaming, paused, receiver_stale (silent for a while), disconnected or archive recovery."},
    [SLOT_TYPE] = {"slot_type", "type", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 22, "physical or logical."},
    [PLUGIN] = {"plugin", "plugin", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 58, "Output plugin of a logical slot."},
    [DATABASE] = {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 12, 48, "Database of a logical slot."},
    [ACTIVE] = {"active", "active", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 6, 10, "Whether the slot is in use."},
    [WAL_STATUS] = {"wal_status", "wal status", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 18, "reserved, extended, unreserved or lost: whether the slot's WAL is still there (from 13 on)."},
    [RETAINED] = {"retained_bytes", "retains", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 9, "WAL that the slot keeps from being removed."},
    [SAFE_WAL] = {"safe_wal_bytes", "safe for", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 28, "WAL that may still be written before the slot is lost; unknown when max_slot_wal_keep_size is not set (from 13 on)."},
    [XMIN_AGE] = {"xmin_age", "holds xids", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 32, "How many transactions ago its xmin or catalog_xmin is: vacuum cannot remove what died since."},
    [INACTIVE_S] = {"inactive_s", "inactive", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 38, "How long the slot has not been used (from 17 on)."},
    [INVALIDATION] = {"invalidation_reason", "invalid", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 42, "Why the slot is of no use any more (from 17 on)."},
    [TIMELINE] = {"timeline", "timeline", TYPE_INT, ROLE_LABEL, UNIT_NONE, 8, 52, "Timeline that a primary writes or a standby receives."},
    [SENDER] = {"sender", "from", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 18, 44, "host:port that a receiver receives from."},
    [SLOT] = {"slot", "slot", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 46, "Slot that the sender or receiver uses."},
};

static const struct schema schema = {"replication", COLUMNS, columns};

/* Rows of four kinds need the same columns in each branch; what a kind does not have is NULL. */
#define NULLS_SLOT                                                                                            \
    "NULL::text AS slot_type, NULL::text AS plugin, NULL::text AS database, NULL::bool AS active,"            \
    " NULL::text AS wal_status, NULL::int8 AS retained_bytes, NULL::int8 AS safe_wal_bytes,"                  \
    " NULL::int8 AS xmin_age, NULL::float8 AS inactive_s, NULL::text AS invalidation_reason"
#define SECONDS(interval) "extract(epoch FROM " interval ")::float8"

#define SELF                                                                                                  \
    "SELECT 'self' AS kind, CASE WHEN h.standby THEN 'standby' ELSE 'primary' END AS name, 0 AS id,"          \
    " NULL::text AS \"user\", NULL::text AS application, NULL::text AS client, NULL::text AS state,"          \
    " NULL::text AS sync_state, h.lsn AS wal_lsn, NULL::pg_lsn AS sent_lsn, NULL::pg_lsn AS write_lsn,"       \
    " NULL::pg_lsn AS flush_lsn, NULL::pg_lsn AS replay_lsn, NULL::float8 AS write_lag_s,"                    \
    " NULL::float8 AS flush_lag_s, NULL::float8 AS replay_lag_s, NULL::float8 AS message_age_s,"              \
    " NULL::float8 AS replay_age_s, NULL::bool AS paused, " NULLS_SLOT ","                                    \
    " CASE WHEN h.standby THEN (SELECT max(received_tli) FROM pg_stat_wal_receiver)"                          \
    " ELSE ('x' || left(pg_walfile_name(h.lsn), 8))::bit(32)::int END AS timeline,"                           \
    " NULL::text AS sender, NULL::text AS slot FROM here h"

#define SENDERS                                                                                               \
    "SELECT 'sender', coalesce(nullif(s.application_name, ''), host(s.client_addr), 'pid ' || s.pid), s.pid," \
    " s.usename::text, s.application_name, coalesce(host(s.client_addr),"                                     \
    " CASE WHEN s.client_port = -1 THEN 'local' END), s.state, s.sync_state, h.lsn, s.sent_lsn, s.write_lsn," \
    " s.flush_lsn, s.replay_lsn, " SECONDS("s.write_lag") ", " SECONDS("s.flush_lag") ", "                    \
    SECONDS("s.replay_lag") ", " SECONDS("clock_timestamp() - s.reply_time") ", NULL, NULL, " NULLS_SLOT ","  \
    " NULL, NULL, (SELECT slot_name::text FROM pg_replication_slots z WHERE z.active_pid = s.pid LIMIT 1)"    \
    " FROM pg_stat_replication s CROSS JOIN here h"

/* A plain role sees only the receiver's pid: its LSNs come from functions that everyone may call. */
#define RECEIVER(written, flushed)                                                                            \
    "SELECT 'receiver', coalesce(w.sender_host, 'no receiver'), coalesce(w.pid, 0), NULL, NULL, NULL,"        \
    " w.status, NULL, h.lsn, pg_last_wal_receive_lsn(), " written ", " flushed ","                            \
    " pg_last_wal_replay_lsn(), NULL, NULL, NULL, "                                                           \
    SECONDS("clock_timestamp() - w.last_msg_receipt_time") ", "                                               \
    SECONDS("clock_timestamp() - pg_last_xact_replay_timestamp()") ","                                        \
    " CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END, " NULLS_SLOT ", w.received_tli,"      \
    " w.sender_host || ':' || w.sender_port, w.slot_name"                                                     \
    " FROM here h LEFT JOIN pg_stat_wal_receiver w ON true WHERE h.standby"

#define SLOTS(status, safe, inactive, invalidation)                                                           \
    "SELECT 'slot', s.slot_name::text, coalesce(s.active_pid, 0), NULL, NULL, NULL, NULL, NULL, h.lsn, NULL," \
    " NULL, s.confirmed_flush_lsn, s.restart_lsn, NULL, NULL, NULL, NULL, NULL, NULL, s.slot_type,"           \
    " s.plugin::text, s.database::text, s.active, " status ","                                                \
    " greatest(pg_wal_lsn_diff(h.lsn, s.restart_lsn), 0)::int8, " safe ","                                    \
    " greatest(age(s.xmin), age(s.catalog_xmin)), " inactive ", " invalidation ", NULL, NULL, NULL"           \
    " FROM pg_replication_slots s CROSS JOIN here h"

#define REPLICATION_SQL(receiver, slots)                                                                      \
    "WITH here AS MATERIALIZED (SELECT r.standby, CASE WHEN r.standby"                                        \
    " THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END"       \
    " AS lsn FROM (SELECT pg_is_in_recovery() AS standby OFFSET 0) r) "                                       \
    SELF " UNION ALL " SENDERS " UNION ALL " receiver " UNION ALL " slots

static const struct probe_sql sql[] = {
    {120000, REPLICATION_SQL(RECEIVER("NULL", "w.received_lsn"), SLOTS("NULL", "NULL", "NULL", "NULL"))},
    {130000, REPLICATION_SQL(RECEIVER("w.written_lsn", "w.flushed_lsn"),
                             SLOTS("s.wal_status", "s.safe_wal_size", "NULL", "NULL"))},
    {170000, REPLICATION_SQL(RECEIVER("w.written_lsn", "w.flushed_lsn"),
                             SLOTS("s.wal_status", "s.safe_wal_size",
                                   SECONDS("clock_timestamp() - s.inactive_since"), "s.invalidation_reason"))},
    {0, NULL},
};

/* ---- lag ---- */

static bool is_kind(const struct frame *f, uint32_t row, const char *kind)
{
    struct frame_text t = frame_text(f, row, KIND);
    return t.len == strlen(kind) && memcmp(t.bytes, kind, t.len) == 0;
}

static struct lag_lsn lsn_of(const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    return (struct lag_lsn){c->known, (uint64_t)c->i};
}

/* A sender that carries a base backup follows nothing, and has no lag. */
static bool is_backup(const struct frame *f, uint32_t row)
{
    struct frame_text t = frame_text(f, row, STATE);
    return t.len == 6 && memcmp(t.bytes, "backup", 6) == 0;
}

/* A standby that this server sends to: its position against our own past. */
static struct lag_sample sender_sample(const struct frame *f, uint32_t row, const struct probe_context *c)
{
    return (struct lag_sample){
        .in_recovery = true, .receiver = true, .receive = lsn_of(f, row, FLUSH_LSN),
        .replay = lsn_of(f, row, REPLAY_LSN), .message_age_s = frame_number(f, row, MESSAGE_AGE),
        .replay_age_s = NAN, .replay_lag_s = frame_number(f, row, REPLAY_LAG),
        .silence_limit_s = lag_silence_limit_s(c->interval_s), .primary = c->positions,
        .primary_limit_s = 2 * c->interval_s, .now_us = f->taken_us};
}

/* We are the standby: our position against the primary's past, if it is watched too. */
static struct lag_sample receiver_sample(const struct frame *f, uint32_t row, const struct probe_context *c)
{
    return (struct lag_sample){
        .in_recovery = true, .receiver = frame_cell(f, row, ID)->i != 0, .paused = frame_cell(f, row, PAUSED)->i == 1,
        .receive = lsn_of(f, row, SENT_LSN), .replay = lsn_of(f, row, REPLAY_LSN),
        .message_age_s = frame_number(f, row, MESSAGE_AGE), .replay_age_s = frame_number(f, row, REPLAY_AGE),
        .replay_lag_s = NAN, .silence_limit_s = lag_silence_limit_s(c->interval_s), .primary = c->primary,
        .primary_limit_s = 2 * c->primary_interval_s, .now_us = f->taken_us};
}

static void put_word(struct frame_builder *b, int column, const char *word)
{
    frame_build_text(b, column, word, strlen(word));
}

static void put_lag(struct frame_builder *b, const struct lag *lag)
{
    if (lag->bytes_known)
        frame_build_int(b, BEHIND, (int64_t)lag->bytes);
    frame_build_real(b, LAG_S, lag->seconds);
    frame_build_int(b, LAG_AT_LEAST, lag->at_least);
    put_word(b, CONFIDENCE, lag_confidence_word(lag->confidence));
    put_word(b, LAG_STATE, lag_state_word(lag->state));
}

/* The same rows with the lag filled in. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    (void)before;
    for (uint32_t row = 0; row < now->nrows; row++) {
        bool sender = is_kind(now, row, "sender");
        frame_build_copy(b, now, row);
        if ((!sender && !is_kind(now, row, "receiver")) || is_backup(now, row))
            continue;
        struct lag_sample s = sender ? sender_sample(now, row, c) : receiver_sample(now, row, c);
        struct lag lag = lag_of(&s);
        put_lag(b, &lag);
    }
    return frame_seal_as(b, now, now->nfound);
}

static const struct metric metrics[] = {
    {"lag", UNIT_SECONDS, FOLD_MAX, "lag_s", false, true, .bound = "lag_at_least"},
    {"behind", UNIT_BYTES, FOLD_MAX, "lag_bytes", false, true},
    {"senders", UNIT_COUNT, FOLD_COUNT, NULL, false, false, "kind", "sender"},
    {"retained", UNIT_BYTES, FOLD_MAX, "retained_bytes", false, false, "kind", "slot"},
    {NULL},
};

const struct probe probe_replication = {
    .name = "replication",
    .title = "replication",
    .help = "Standbys that this server sends to, the server it receives from, and slots, with the lag of each. A row "
            "each; no lock.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .sql = sql,
    .metrics = metrics,
    .grant = "GRANT pg_monitor TO {role}",
    .derived_schema = &schema,
    .derive = derive,
    .background = true,
    .lag = true,
};
