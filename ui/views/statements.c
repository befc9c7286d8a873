/* The page of statements: what the server spent its time on in the last interval. */
#include "base/format.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

static const char *const names[] = {"mean_s", NULL};

/* A statement's mean is short: milliseconds say more than "0.0 s". */
static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode,
                 struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    char text[FORMAT_ROOM];
    if (column != at[0] || !frame_cell(f, row, column)->known)
        return false;
    buf_puts(out, format_latency(text, frame_number(f, row, column), mode));
    return true;
}

static const char *const shown[] = {
    "busy", "share", "calls_per_s", "mean_s", "rows_per_s", "hit_ratio", "read_blks_per_s", "temp_blks_per_s",
    "wal_bytes_per_s", "user", "database", "query", NULL};

static const struct probe_page page = {
    .topic = "statements",
    .names = names,
    .table = {.columns = shown, .sort = "busy", .descending = true, .cell = cell,
              .empty = "No rows yet: what ran shows with the next answer but one."},
    .whole = "query",
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"statements", "statement_texts", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view statements_view = {
    .name = "statements",
    .title = "statements",
    .help = "Normalised queries by the time that they took in the last interval. Busy is execution time a "
            "second: "
            "100 % is one backend busy all the time.",
    .digit = '6',
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
