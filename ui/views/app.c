/* The page of an application's connection pools. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include "model/health.h"

static const char *const names[] = {"open", "in_use", "idle", "max_open", "wait_count", "wait_duration_s", NULL};
enum { OPEN, IN_USE, IDLE, MAX_OPEN, WAITS, WAITED };

static double number(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known ? frame_number(f, row, column) : 0;
}

/* As the rules app_pool and app_idle have it. */
static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    double waits = number(f, row, at[WAITS]), open = number(f, row, at[OPEN]);
    bool none = at[OPEN] >= 0 && health_judge(HEALTH_OPEN_CONNS, frame_number(f, row, at[OPEN])) == HEALTH_CRIT;
    enum health_verdict full =
        health_pool_exhausted((uint32_t)number(f, row, at[IN_USE]), (uint32_t)number(f, row, at[MAX_OPEN]), waits > 0);
    bool slow = waits > 0 && health_pool_wait(number(f, row, at[WAITED]) / waits * 1e3, 1) == HEALTH_WARN;
    bool idle = health_pool_idle((uint32_t)open, (uint32_t)number(f, row, at[IDLE])) == HEALTH_WARN;
    if (none || full == HEALTH_CRIT)
        return ROW_CRIT;
    return full == HEALTH_WARN || slow || idle ? ROW_WARN : ROW_PLAIN;
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
    .help = "Connection pools of an application. ‼ has no connection open, or all in use and somebody waits; ! has all in "
            "use, keeps over 80 % of them idle, or lets people wait for more than 500 ms on average. Waits are per second.",
    .digit = '2',
    .kind = VIEW_APP,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
