/* Sessions: who is connected, what each one does, for how long, and who waits for whom.
 *
 * Costs: pg_stat_activity once (documentation, "The Statistics Collector", pg_stat_activity); pg_blocking_pids
 * only for sessions that wait for a lock, because it takes the lock manager's partition locks; pg_locks for the same
 * reason only when one of them does, and then once (a subquery that depends on no row is run when it is first needed). */
#include "base/attr.h"
#include "base/mem.h"
#include "model/waits.h"
#include "probes/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PID, BACKEND_START, USER, DATABASE, APPLICATION, CLIENT, STATE, STATE_AGE, XACT_AGE, QUERY_AGE, WAIT,
    WAIT_AGE, BLOCKED_BY, BLOCKS, XMIN_AGE, BACKEND_TYPE, LEADER_PID, QUERY_ID, QUERY
};

static const struct column columns[] = {
    [PID] = {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 7, 0, "Process id of the backend."},
    [BACKEND_START] = {"backend_start", "started", TYPE_TIME, ROLE_KEY, UNIT_NONE, 0, 90,
                       "When the session began; with the pid it names the session for good."},
    [USER] = {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 20, "Role that logged in."},
    [DATABASE] = {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 40, "Database it is connected to."},
    [APPLICATION] = {"application", "application", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 30,
                     "application_name that the client gave."},
    [CLIENT] = {"client", "client", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 15, 70,
                "Address of the client; local for a Unix socket."},
    [STATE] = {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 11, 5,
               "active, idle, idle in transaction (aborted), or another word of the server's."},
    [STATE_AGE] = {"state_age_s", "in state", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 80,
                   "How long the session has been in its state."},
    [XACT_AGE] = {"xact_age_s", "tx age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 50,
                  "How long its transaction has been open."},
    [QUERY_AGE] = {"query_age_s", "query age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 60,
                   "Time since its newest query began."},
    [WAIT] = {"wait", "wait", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 18, 15,
              "What it waits for, as type:event; nothing means that it runs."},
    [WAIT_AGE] = {"wait_s", "waited", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 78,
                  "How long it has waited for the lock it wants (from 14 on)."},
    [BLOCKED_BY] = {"blocked_by", "blocked by", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 10,
                    "Processes that hold, or wait ahead for, the lock it wants; 0 is a prepared transaction."},
    [BLOCKS] = {"blocks", "blocks", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 6, 12,
                "How many sessions wait for this one, directly or behind another."},
    [XMIN_AGE] = {"xmin_age", "holds xids", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 65,
                  "How many transactions ago its snapshot or its own transaction began: vacuum cannot remove what "
                  "died since. On a standby that holds with hot_standby_feedback alone, for its primary."},
    [BACKEND_TYPE] = {"backend_type", "type", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 75,
                      "client backend, autovacuum worker, walsender and so on."},
    [LEADER_PID] = {"leader_pid", "leader", TYPE_INT, ROLE_LABEL, UNIT_NONE, 7, 85,
                    "Leader of the parallel group, when this is a parallel worker (from 13 on)."},
    [QUERY_ID] = {"query_id", "query id", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 88,
                  "Identifier of the normalised query, when compute_query_id is on (from 14 on)."},
    [QUERY] = {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 3,
               "Text of the newest query: the one that runs, or the last one that ran."},
};

static const struct schema schema = {"sessions", COUNT_OF(columns), columns};

/* Idle sessions' last queries are cut short: nobody reads 300 of them at 1 kB each. */
#define SESSIONS_SQL(waits, extra)                                                                                   \
    "SELECT a.pid, a.backend_start, a.usename AS \"user\", a.datname AS database,"                            \
    " a.application_name AS application,"                                                                     \
    " coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local' END) AS client, a.state,"       \
    " extract(epoch FROM c.t - a.state_change)::float8 AS state_age_s,"                                       \
    " extract(epoch FROM c.t - a.xact_start)::float8 AS xact_age_s,"                                          \
    " extract(epoch FROM c.t - a.query_start)::float8 AS query_age_s,"                                        \
    " a.wait_event_type || ':' || a.wait_event AS wait,"                                                      \
    " CASE WHEN a.wait_event_type = 'Lock' THEN array_to_string(pg_blocking_pids(a.pid), ' ') END"            \
    " AS blocked_by," waits                                                                                   \
    " greatest(age(a.backend_xid), age(a.backend_xmin)) AS xmin_age, a.backend_type" extra ","                \
    " left(nullif(a.query, '<insufficient privilege>'), CASE a.state WHEN 'idle' THEN 200 ELSE 4096 END)"     \
    " AS query"                                                                                               \
    " FROM pg_stat_activity a CROSS JOIN (SELECT clock_timestamp() AS t OFFSET 0) c"

#define WAITS_14                                                                                              \
    " CASE WHEN a.wait_event_type = 'Lock' THEN extract(epoch FROM c.t)::float8 -"                            \
    " ((SELECT jsonb_object_agg(pid, extract(epoch FROM waitstart)) FROM pg_locks WHERE NOT granted)"         \
    " ->> a.pid::text)::float8 END AS wait_s,"

static const struct probe_sql sql[] = {
    {120000, SESSIONS_SQL("", "")},
    {130000, SESSIONS_SQL("", ", a.leader_pid")},
    {140000, SESSIONS_SQL(WAITS_14, ", a.leader_pid, a.query_id")},
    {0, NULL},
};

static const struct metric metrics[] = {
    {"total", UNIT_COUNT, FOLD_COUNT, NULL, false, false, "backend_type", "client backend"},
    {"active", UNIT_COUNT, FOLD_COUNT, NULL, false, false, "state", "active"},
    {"blocked", UNIT_COUNT, FOLD_COUNT, "blocked_by", false, false, NULL, NULL},
    {"oldest_xact", UNIT_SECONDS, FOLD_MAX, "xact_age_s", false, false, "backend_type", "client backend"},
    {NULL},
};

/* ---- who waits for whom, counted from blocked_by ---- */

static void count_blocks(const struct frame *f, int64_t *blocks)
{
    struct waits w;
    bool prepared;
    waits_find(&w, f, PID, BLOCKED_BY);
    for (uint32_t row = 0; row < f->nrows; row++) {
        uint32_t n = frame_text(f, row, BLOCKED_BY).len > 0 ? waits_climb(&w, row, &prepared) : 0;
        for (uint32_t i = 0; i < n; i++)
            blocks[w.reached[i]]++;
    }
    waits_free(&w);
}

/* The same rows with `blocks` filled in. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    (void)before;
    (void)c;
    struct frame_builder *b = frame_build(&schema);
    int64_t *blocks = mem_array(now->nrows, sizeof(*blocks));
    count_blocks(now, blocks);
    for (uint32_t i = 0; i < now->nrows; i++) {
        frame_build_copy(b, now, i);
        if (frame_cell(now, i, BACKEND_TYPE)->known)
            frame_build_int(b, BLOCKS, blocks[i]);
    }
    free(blocks);
    return frame_seal_as(b, now, now->nfound);
}

/* ---- one look: those that work first, the oldest of each kind before the others ---- */

struct place {
    int kind;
    double age_s;
    uint32_t row;
};

static int by_kind(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->age_s != y->age_s)
        return x->age_s > y->age_s ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Active, in a transaction, idle, and what has no state: the server's own processes, and what is hidden from us. */
static struct place place_of(const struct frame *f, uint32_t row)
{
    struct frame_text state = frame_text(f, row, STATE);
    static const char active[] = "active", in_tx[] = "idle in";
    int kind = state.len == 0 ? 3
               : state.len == sizeof(active) - 1 && memcmp(state.bytes, active, state.len) == 0 ? 0
               : state.len >= sizeof(in_tx) - 1 && memcmp(state.bytes, in_tx, sizeof(in_tx) - 1) == 0 ? 1
                                                                                                     : 2;
    double age_s = frame_number(f, row, kind == 0 ? QUERY_AGE : kind == 1 ? XACT_AGE : STATE_AGE);
    return (struct place){kind, isnan(age_s) ? -1 : age_s, row};
}

static struct frame *look(const struct frame *f, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    struct place *places = mem_array(f->nrows, sizeof(*places));
    (void)c;
    for (uint32_t i = 0; i < f->nrows; i++)
        places[i] = place_of(f, i);
    qsort(places, f->nrows, sizeof(*places), by_kind);
    for (uint32_t i = 0; i < f->nrows; i++)
        frame_build_copy(b, f, places[i].row);
    free(places);
    return frame_seal_as(b, f, f->nfound);
}

const struct probe probe_sessions = {
    .name = "sessions",
    .title = "sessions",
    .help = "Every session, what it does, for how long, and whom it waits for. One read of pg_stat_activity; "
            "blockers only of those who wait for a lock.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .sql = sql,
    .metrics = metrics,
    .background = true,
    .grant = "GRANT pg_monitor TO {role}",
    .derived_schema = &schema,
    .derive = derive,
    .look = look,
};
