/* The pages of PgBouncer's console, all alike: its pools, databases, statistics, clients, servers and lists.
 */
#include "base/format.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include <math.h>
#include <string.h>

static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

static double number(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known ? frame_number(f, row, column) : 0;
}

static bool is(const struct frame *f, uint32_t row, int column, const char *word)
{
    if (column < 0)
        return false;
    struct frame_text t = frame_text(f, row, column);
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

/* ---- pools: clients that wait for a server connection ---- */

static const char *const pool_names[] = {"maxwait_s", NULL};

static enum row_mark pool_mark(void *arg, const struct frame *f, uint32_t row)
{
    const struct page_context *context = arg;
    return page_mark(page_limit(context, LIMIT_POOL_WAIT), number(f, row, context->at[0]));
}

static const char *const pool_shown[] = {
    "database", "user", "cl_active", "cl_waiting", "maxwait_s", "sv_active", "sv_idle", "sv_used", "sv_login",
    "sv_tested", "pool_mode", NULL};
static const struct probe_page pool_page = {
    .topic = "bouncer_pools",
    .names = pool_names,
    .table = {.columns = pool_shown, .sort = "cl_waiting", .descending = true, .mark = pool_mark},
};

/* ---- databases ---- */

static const char *const database_names[] = {"paused", "disabled", "current_connections", "max_connections",
                                             NULL};
enum { PAUSED, DISABLED, CURRENT, MOST };

static enum row_mark database_mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    double most = number(f, row, at[MOST]), now = number(f, row, at[CURRENT]);
    enum row_mark used = page_mark(page_limit(arg, LIMIT_CONNECTIONS), most > 0 ? now / most : NAN);
    bool closed = number(f, row, at[PAUSED]) > 0 || number(f, row, at[DISABLED]) > 0;
    return closed && used == ROW_PLAIN ? ROW_WARN : used;
}

static const char *const database_shown[] = {
    "name",       "paused",        "disabled", "current_connections", "pool_size",         "max_connections",
    "database",   "host",          "port",     "reserve_pool",        "reserve_pool_size", "pool_mode",
    "force_user", "min_pool_size", NULL};
static const struct probe_page database_page = {
    .topic = "bouncer_databases",
    .names = database_names,
    .table = {.columns = database_shown,
              .sort = "current_connections",
              .descending = true,
              .mark = database_mark},
};

/* ---- statistics and lists ---- */

/* PgBouncer counts microseconds: as a plain rate they would read as so many waits a second. */
static void fill_waiting(void *arg, struct frame_builder *b, int column, const struct frame *f,
                         const struct frame *rates, uint32_t row)
{
    (void)arg;
    (void)f;
    frame_build_real(b, column, frame_named_number(rates, row, "total_wait_time") / 1e6);
}

#define FILL_MEAN(name)                                                                                               \
    static void fill_##name(void *arg, struct frame_builder *b, int column, const struct frame *f,                    \
                            const struct frame *rates, uint32_t row)                                                  \
    {                                                                                                                 \
        (void)arg;                                                                                                    \
        (void)rates;                                                                                                  \
        frame_build_real(b, column, frame_named_number(f, row, #name) / 1e6);                                         \
    }

FILL_MEAN(avg_wait_time)
FILL_MEAN(avg_query_time)
FILL_MEAN(avg_xact_time)

static const struct sheet_extra stat_extras[] = {
    {{"waiting_s", "waiting", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 10,
      "Time that clients waited for a server; per second it is how many wait at once on average."}, fill_waiting},
    {{"avg_wait_s", "avg wait", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 12,
      "Time that clients waited, a second, in the last stats_period."}, fill_avg_wait_time},
    {{"avg_query_s", "avg query", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 31,
      "Mean time of a query in the last stats_period."}, fill_avg_query_time},
    {{"avg_xact_s", "avg tx", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 30,
      "Mean time of a transaction in the last stats_period."}, fill_avg_xact_time},
    {{NULL}, NULL},
};

static const char *const stat_shown[] = {
    "database", "total_xact_count", "total_query_count", "total_received", "total_sent", "waiting_s",
    "avg_wait_s", "avg_query_s", "avg_xact_s", NULL};
/* The means are short: microseconds say more than "0.0 s". */
static bool stat_cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    char text[FORMAT_ROOM];
    if ((column != at[0] && column != at[1] && column != at[2]) || !frame_cell(f, row, column)->known)
        return false;
    buf_puts(out, format_latency(text, frame_number(f, row, column), mode));
    return true;
}

static const char *const mean_names[] = {"avg_wait_s", "avg_query_s", "avg_xact_s", NULL};
static const struct probe_page stat_page = {
    .topic = "bouncer_stats",
    .names = mean_names,
    .table = {.columns = stat_shown, .sort = "total_query_count", .descending = true, .cell = stat_cell},
    .extras = stat_extras,
};

static const struct probe_page list_page = {.topic = "bouncer_lists"};

/* ---- the two kinds of connections ---- */

static const char *const socket_names[] = {"state", "wait", "wait_us", NULL};
enum { STATE, WAIT, WAIT_US };

static enum row_mark socket_mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    double wait = number(f, row, at[WAIT]) + number(f, row, at[WAIT_US]) / 1e6;
    return is(f, row, at[STATE], "waiting") ? page_mark(page_limit(arg, LIMIT_POOL_WAIT), wait) : ROW_PLAIN;
}

static const char *const socket_shown[] = {
    "user", "database", "state", "wait", "application_name", "addr", "port", "remote_pid", "request_time",
    "connect_time", "tls", NULL};
static const struct probe_page client_page = {
    .topic = "bouncer_clients",
    .names = socket_names,
    .table = {.columns = socket_shown, .sort = "wait", .descending = true, .mark = socket_mark},
};
static const struct probe_page server_page = {
    .topic = "bouncer_servers",
    .names = socket_names,
    .table = {.columns = socket_shown, .sort = "state", .mark = socket_mark},
};

/* ---- the views ---- */

#define BOUNCER_VIEW(number, id, page, topic, words, explained)                                                     \
    static struct view_state *open_##id(const struct view_scene *scene)                                       \
    {                                                                                                         \
        return probe_page_open(&page, scene);                                                                 \
    }                                                                                                         \
    static const char *const reads_##id[] = {topic, NULL};                                                    \
    const struct view id = {.name = topic, .title = words, .help = explained, .reads = reads_##id,            \
                            .digit = number, .kind = VIEW_POOLER,                                          \
                            .keys = keys, .open = open_##id, PROBE_PAGE_METHODS}

BOUNCER_VIEW('3', bouncer_pools_view, pool_page, "bouncer_pools", "pools of PgBouncer",
    "Clients and server connections of each pool. ! has a client that has waited for a second (unless configured "
    "otherwise), ‼ for ten.");
BOUNCER_VIEW('5', bouncer_databases_view, database_page, "bouncer_databases", "databases of PgBouncer",
    "Where each database leads, and how many connections it may have. ! is paused or disabled, or is at 80 % of its "
    "connections (unless configured otherwise), ‼ at 95 %.");
BOUNCER_VIEW('6', bouncer_stats_view, stat_page, "bouncer_stats", "statistics of PgBouncer",
             "Transactions, queries, bytes and waiting of each database, per second.");
BOUNCER_VIEW('2', bouncer_clients_view, client_page, "bouncer_clients", "clients of PgBouncer",
             "Connections of clients. ! has waited for a server connection for a second (unless configured otherwise), ‼ "
             "for ten.");
BOUNCER_VIEW('4', bouncer_servers_view, server_page, "bouncer_servers", "servers of PgBouncer",
             "Connections to servers, with the pid that each has there.");
BOUNCER_VIEW('7', bouncer_lists_view, list_page, "bouncer_lists", "lists of PgBouncer",
             "How many there are of each thing.");
