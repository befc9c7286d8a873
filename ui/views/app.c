/* The page of an application's connection pools. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include "model/health.h"

static const char *const names[] = {"open", "in_use", "idle", "max_open", NULL};
enum { OPEN, IN_USE, IDLE, MAX_OPEN };

static double number(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known ? frame_number(f, row, column) : 0;
}

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    double in_use = number(f, row, at[IN_USE]), most = number(f, row, at[MAX_OPEN]);
    if (most > 0 && in_use >= most)
        return ROW_CRIT;
    enum health_verdict idle =
        health_pool_idle((uint32_t)number(f, row, at[OPEN]), (uint32_t)number(f, row, at[IDLE]));
    return idle == HEALTH_WARN ? ROW_WARN : ROW_PLAIN;
}

static const char *const shown[] = {"pool", "in_use", "max_open", "idle", "open", "wait_count", "wait_duration_s",
                                    "max_idle_closed", "max_idle_time_closed", "max_lifetime_closed", NULL};
static const struct probe_page page = {
    .topic = "app_pools",
    .names = names,
    .table = {.columns = shown, .sort = "wait_count", .descending = true, .mark = mark},
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"app_pools", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view app_pools_view = {
    .name = "app_pools",
    .title = "pools of the application",
    .help = "Connection pools of an application. ‼ has all its connections in use, ! keeps over 80 % of them idle. "
            "Waits are per second.",
    .digit = '2',
    .kind = VIEW_APP,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
