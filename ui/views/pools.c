/* The page of pools: who holds the server's connections, by database, role and application, and how near each
 * is to a limit that would stop it. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/widgets/spark.h"

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

/* The limits of database and role; the server's is every row's, and stands above them all. */
static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    struct limit limit = page_limit(arg, LIMIT_CONNECTIONS);
    double nearest = fmax(share(at, f, row, DATABASE, DATABASE_LIMIT), share(at, f, row, USER, USER_LIMIT));
    if (nearest >= limit.crit)
        return ROW_CRIT;
    return nearest >= limit.warn || number(f, row, at[WAITING]) > 0 ? ROW_WARN : ROW_PLAIN;
}

static void head(const struct page_context *context, const struct frame *f, struct canvas *c)
{
    if (f->nrows == 0)
        return;
    double used = number(f, 0, context->at[SERVER]), most = number(f, 0, context->at[SERVER_LIMIT]);
    double part = most > 0 ? used / most : 0;
    struct limit limit = page_limit(context, LIMIT_CONNECTIONS);
    enum role_name look = part >= limit.crit ? LOOK_CRIT : part >= limit.warn ? LOOK_WARN : LOOK_TEXT;
    const char *sign = part >= limit.crit ? "‼ " : part >= limit.warn ? "! " : "";
    int at = 1 + canvas_textf(c, 0, 1, -1, look, "%s%.0f of %.0f connections", sign, used, most);
    if (c->clip.columns - at > 16)
        bar_draw(c, 0, at + 2, c->clip.columns - at - 4 < 40 ? c->clip.columns - at - 4 : 40, used, most,
                 limit.warn, limit.crit);
}

static const char *const shown[] = {
    "application", "database", "user", "sessions", "active", "idle", "idle_in_transaction", "waiting",
    "oldest_xact_s", "oldest_active_s", "oldest_idle_s", "server_sessions", "server_limit", "database_limit",
    "user_limit", NULL};

static const struct probe_page page = {
    .topic = "pools",
    .names = names,
    .table = {.columns = shown, .sort = "sessions", .descending = true, .mark = mark},
    .head = head,
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
    .help = "Sessions by database, role and application, and all of them against the server's limit. ! is at "
            "80 % (unless configured otherwise) of the limit of the database or the role, or has sessions that "
            "wait for locks; ‼ is at 95 %.",
    .digit = '3',
    .kind = VIEW_SERVER,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
