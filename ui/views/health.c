/* The page of health: every value that says how a target is, with its verdict, the rule and what it was made of. */
#include "ui/views/health.h"

#include "base/format.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/made_page.h"

#include <math.h>
#include <stdio.h>

static const char *const glyphs[LEVEL_COUNT_] = {"·", " ", "?", "!", "‼"};

static struct frame *make(struct made_context *c)
{
    return health_rows_make(c->store, c->target, c->now_us);
}

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    static const enum row_mark marks[LEVEL_COUNT_] = {ROW_FINE, ROW_PLAIN, ROW_UNKNOWN, ROW_WARN, ROW_CRIT};
    (void)arg;
    return frame_cell(f, row, H_OLD)->i ? ROW_STALE : marks[frame_cell(f, row, H_RANK)->i];
}

/* What nothing judges has no rule, and room for what it is made of where that column has none. */
static bool put_from(const struct made_context *c, const struct frame *f, uint32_t row, enum text_mode mode,
                     struct buf *out)
{
    struct frame_text t = frame_text(f, row, H_FROM);
    if (frame_cell(f, row, H_RULE)->known || t.len == 0 || table_columns_left_out(c->table) == 0)
        return false;
    text_safe(out, t.bytes, t.len, mode);
    return true;
}

static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    static char *(*const forms[FORM_COUNT_])(char *, double, enum text_mode) = {
        [FORM_LATENCY] = format_latency, [FORM_DURATION] = format_duration, [FORM_PERCENT] = format_percent,
        [FORM_RATE] = format_rate, [FORM_COUNT] = format_count, [FORM_INTERVALS] = format_count};
    char text[FORMAT_ROOM];
    if (column == H_RULE)
        return put_from(arg, f, row, mode, out);
    if (column != H_NOW || !frame_cell(f, row, column)->known)
        return false;
    int64_t form = frame_cell(f, row, H_FORM)->i;
    buf_puts(out, forms[form](text, frame_number(f, row, column), mode));
    buf_puts(out, form == FORM_INTERVALS ? mode == TEXT_ASCII ? " x" : " ×" : "");
    return true;
}

static enum role_name look(void *arg, const struct frame *f, uint32_t row, int column, enum role_name look)
{
    (void)arg;
    (void)column;
    return frame_cell(f, row, H_OLD)->i ? LOOK_STALE : look;
}

/* "‼ 1 critical  ! 2 warning  · 8 fine", of what has a limit. */
static bool head(struct made_context *c, struct canvas *canvas)
{
    static const enum role_name looks[LEVEL_COUNT_] = {LOOK_OK, LOOK_TEXT, LOOK_UNKNOWN, LOOK_WARN, LOOK_CRIT};
    static const enum level order[] = {LEVEL_CRIT, LEVEL_WARN, LEVEL_UNKNOWN, LEVEL_FINE};
    const struct frame *f = table_sheet(c->table);
    unsigned counts[LEVEL_COUNT_] = {0}, old = 0;
    char text[64];
    int at = 1;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (frame_cell(f, row, H_OLD)->i)
            old++;
        else
            counts[frame_cell(f, row, H_RANK)->i]++;
    for (int i = 0; i < 4; i++) {
        enum level level = order[i];
        if (!counts[level])
            continue;
        snprintf(text, sizeof(text), "%s %u %s  ", glyphs[level], counts[level], level_word(level));
        at += canvas_text(canvas, 0, at, -1, looks[level], text);
    }
    snprintf(text, sizeof(text), "= %u stale", old);
    if (old)
        canvas_text(canvas, 0, at, -1, LOOK_STALE, text);
    return true;
}

static bool handle(struct made_context *c, const struct view_scene *scene, int request, uint32_t row)
{
    const struct frame *f = table_sheet(c->table);
    if (request != REQ_ENTER)
        return false;
    table_hold(c->table);
    return ui_open(scene->ui, health_pages[frame_cell(f, row, H_PAGE)->i], (int)frame_cell(f, row, H_TARGET)->i, NULL,
                   NULL), true;
}

static const char *const shown[] = {"value", "now", "verdict", "age", "rule", "from", NULL};

static const struct made_page page = {
    .schema = &health_schema,
    .table = {.columns = shown, .tail_least = 33, .text_least = 33, .empty = "Nothing is known of it yet.", .mark = mark,
              .cell = cell, .look = look},
    .make = make,
    .head = head,
    .handle = handle,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return made_page_open(&page, scene);
}

static const char *const reads[] = {"server", "sessions", "replication", "queues", "bouncer_pools", "app_pools", NULL};
static const char *const also[] = {"statements", "statement_texts", "statement_kinds", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view health_view = {
    .name = "health",
    .title = "health",
    .help = "How the target is, a value a line: its verdict, the rule that gives it, and what the value was made of. Rates "
            "and averages are of the last interval, never of a lifetime; what did not happen has no average. ‼ is "
            "critical, ! a warning, ? unknown, · fine, = of before. Enter opens the page that shows more.",
    .reads = reads,
    .also = also,
    .keys = keys,
    .open = open_page,
    MADE_PAGE_METHODS,
};
