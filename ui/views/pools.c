/* The page of pools: who holds the server's connections, by database, role and application, and how near each is to
 * a limit that would stop it. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include <math.h>

static const char *const names[] = {"database_sessions", "database_limit", "user_sessions", "user_limit",
                                    "server_sessions", "server_limit", "waiting", NULL};
enum { DATABASE, DATABASE_LIMIT, USER, USER_LIMIT, SERVER, SERVER_LIMIT, WAITING };

static double number(const struct frame *f, uint32_t row, int column)
{
    return column < 0 ? NAN : frame_number(f, row, column);
}

static double share(const int *at, const struct frame *f, uint32_t row, int used, int limit)
{
    double most = number(f, row, at[limit]);
    return most > 0 ? number(f, row, at[used]) / most : 0;
}

/* 80 and 95 % of any limit, as pgmon publishes them. */
static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    double nearest = share(at, f, row, SERVER, SERVER_LIMIT);
    nearest = fmax(nearest, share(at, f, row, DATABASE, DATABASE_LIMIT));
    nearest = fmax(nearest, share(at, f, row, USER, USER_LIMIT));
    if (nearest >= 0.95)
        return ROW_CRIT;
    return nearest >= 0.8 || number(f, row, at[WAITING]) > 0 ? ROW_WARN : ROW_PLAIN;
}

static const char *const shown[] = {
    "application", "database", "user", "sessions", "active", "idle", "idle_in_transaction", "waiting",
    "oldest_xact_s", "oldest_active_s", "oldest_idle_s", "server_sessions", "server_limit", "database_limit",
    "user_limit", NULL};

static const struct probe_page page = {
    .topic = "pools",
    .names = names,
    .table = {.columns = shown, .sort = "sessions", .descending = true, .mark = mark},
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"pools", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view pools_view = {
    .name = "pools",
    .title = "pools",
    .help = "Sessions by database, role and application. ! is at 80 % of a limit of the server, the database or the "
            "role, or has sessions that wait for locks; ‼ is at 95 %.",
    .digit = '3',
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
