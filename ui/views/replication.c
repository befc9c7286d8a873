/* The page of replication: whom this server sends to, whom it receives from, and its slots. */
#include "ui/views/replication.h"

#include "base/format.h"
#include "model/shape.h"
#include "model/trace.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include <math.h>
#include <string.h>

const char *const replication_names[] = {
    [R_KIND] = "kind", [R_NAME] = "name", [R_LAG] = "lag_s", [R_BEHIND] = "lag_bytes", [R_PAUSED] = "paused",
    [R_ACTIVE] = "active", [R_WAL_STATUS] = "wal_status", [R_INVALID] = "invalidation_reason",
    [R_RETAINED] = "retained_bytes", [R_SENDER] = "sender",
    [R_CONDITION] = "lag_state", [R_LEAST] = "lag_at_least", NULL,
};

static bool is(const struct frame *f, uint32_t row, int column, const char *word)
{
    if (column < 0)
        return false;
    struct frame_text t = frame_text(f, row, column);
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

static bool known(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known;
}

static enum row_mark slot_mark(const int *at, const struct trace *t, const struct frame *f, uint32_t row)
{
    if (known(f, row, at[R_INVALID]) || is(f, row, at[R_WAL_STATUS], "lost"))
        return ROW_CRIT;
    if (is(f, row, at[R_WAL_STATUS], "unreserved"))
        return ROW_CRIT;
    bool idle = known(f, row, at[R_ACTIVE]) && frame_cell(f, row, at[R_ACTIVE])->i == 0;
    return idle && !trace_slot_is_spare(t, f, row) ? ROW_WARN : ROW_PLAIN;
}

bool replication_is(const int *at, const struct frame *f, uint32_t row, const char *kind)
{
    return is(f, row, at[R_KIND], kind);
}

static bool is_true(const struct frame *f, uint32_t row, int column)
{
    return known(f, row, column) && frame_cell(f, row, column)->i != 0;
}

enum row_mark replication_mark(const int *at, const struct store *s, int target, const struct frame *f, uint32_t row,
                               int64_t now_us)
{
    if (is(f, row, at[R_KIND], "slot"))
        return slot_mark(at, store_trace(s, target), f, row);
    struct cluster_shape shape = {0};
    struct limit lag = shape_lag_limit(s, &shape, target, f, row, now_us);
    cluster_shape_free(&shape);
    double lag_s = known(f, row, at[R_LAG]) ? frame_number(f, row, at[R_LAG]) : NAN;
    bool far = isnan(lag_s) && is_true(f, row, at[R_LEAST]) && !isnan(lag.warn);
    if (lag_s >= lag.crit)
        return ROW_CRIT;
    if (is(f, row, at[R_CONDITION], "disconnected") || is(f, row, at[R_CONDITION], "receiver_stale"))
        return ROW_WARN;
    return lag_s >= lag.warn || far || is_true(f, row, at[R_PAUSED]) ? ROW_WARN : ROW_PLAIN;
}

void replication_put_lag(struct buf *out, const int *at, const struct frame *f, uint32_t row, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    double lag = at[R_LAG] >= 0 ? frame_number(f, row, at[R_LAG]) : NAN;
    if (!isnan(lag) && is_true(f, row, at[R_LEAST]))
        buf_puts(out, "≥");
    buf_puts(out, format_duration(text, lag, mode));
}

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const struct page_context *context = arg;
    return replication_mark(context->at, context->store, context->target->id, f, row, context->now_us);
}

static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    const struct page_context *context = arg;
    bool lag = column == context->at[R_LAG] && known(f, row, column);
    if (lag)
        replication_put_lag(out, context->at, f, row, mode);
    return lag;
}

/* The server's own place in the WAL is for lags to be counted from, not a row to look at. */
static bool hide(void *arg, const struct frame *f, uint32_t row)
{
    return replication_is(((struct page_context *)arg)->at, f, row, "self");
}

static const char *const shown[] = {
    "name",      "kind",          "state",  "lag_s",          "lag_bytes",      "lag_confidence",
    "lag_state", "sync_state",    "active", "retained_bytes", "safe_wal_bytes", "wal_status",
    "xmin_age",  "message_age_s", "client", "slot",           "sender",         NULL};

static const struct probe_page page = {
    .topic = "replication",
    .names = replication_names,
    .table = {.columns = shown, .sort = "kind", .hide = hide, .mark = mark, .cell = cell,
              .text_least = 14,         /* a condition is read as a whole */
              .empty = "No rows: nobody replicates from or to this server, and it has no slots."},
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"replication", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view replication_view = {
    .name = "replication",
    .title = "replication",
    .help = "Standbys that this server sends to, the one it receives from, and slots. ! lags (30 s unless "
            "configured otherwise), is paused, or is a slot that nobody uses, but for one that a standby "
            "keeps for the day of its promotion; ‼ lags far (300 s), or is a slot whose WAL is lost or about to be.",
    .digit = '4',
    .kind = VIEW_SERVER,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
