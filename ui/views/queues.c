/* The page of queues: how deep each is, how old, whether it moves, and what is stuck. */
#include "ui/views/queues.h"

#include "base/format.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

#include <math.h>
#include <string.h>

#define BACKLOG_LEAST_S 30      /* a queue that is worked off as it fills always has a little in it */

const char *const queue_names[] = {
    [Q_READY] = "ready",     [Q_RUNNING] = "running",
    [Q_STUCK] = "stuck",     [Q_OLDEST] = "oldest_s",
    [Q_IN] = "enqueued",
    [Q_DONE_RATE] = "done_rate", [Q_CAPPED] = "capped",
    [Q_NOTE] = "note",       [Q_DRAINS] = "drains_s",
    [Q_DEFINITION] = "definition", [Q_SCHEMA] = "schema",   [Q_DEAD] = "dead",
    [Q_IN_RATE] = "in_rate", NULL,
};

static double number(const struct frame *f, uint32_t row, int column)
{
    return f && column >= 0 ? frame_number(f, row, column) : NAN;
}

enum row_mark queue_mark(const int *at, const struct store *s, int target, const struct frame *f, uint32_t row)
{
    double ready = number(f, row, at[Q_READY]);
    bool note = at[Q_NOTE] >= 0 && frame_cell(f, row, at[Q_NOTE])->known;
    enum row_mark stuck = page_mark(store_limit(s, target, LIMIT_STUCK_TASKS), number(f, row, at[Q_STUCK]));
    enum row_mark depth = page_mark(store_limit(s, target, LIMIT_QUEUE_DEPTH), ready);
    if (stuck == ROW_CRIT || depth == ROW_CRIT)
        return ROW_CRIT;
    if (stuck == ROW_WARN || depth == ROW_WARN)
        return ROW_WARN;
    return note && isnan(ready) ? ROW_UNKNOWN : ROW_PLAIN;
}

double queue_drains(double ready, double in, double out)
{
    if (isnan(ready) || isnan(in) || isnan(out))
        return NAN;
    if (ready <= 0)
        return NAN;
    return out > in ? ready / (out - in) : INFINITY;
}

/* ---- the table ---- */

static double rate(const struct frame *rates, uint32_t row, const char *name)
{
    return rates ? number(rates, row, schema_find(rates->schema, name)) : NAN;
}

static bool same_text(const struct frame *f, uint32_t a, uint32_t b, int column)
{
    if (column < 0)
        return true;
    struct frame_text x = frame_text(f, a, column), y = frame_text(f, b, column);
    return x.len == y.len && memcmp(x.bytes, y.bytes, x.len) == 0;
}

/* By a counter where there is one. */
static double out_of(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    double out = rate(rates, row, "completed");
    return isnan(out) ? number(f, row, at[Q_DONE_RATE]) : out;
}

static bool same_system(const int *at, const struct frame *f, uint32_t a, uint32_t b)
{
    return same_text(f, a, b, at[Q_DEFINITION]) && same_text(f, a, b, at[Q_SCHEMA]);
}

/* The first row of the row's system, and the one behind its last: they stand together. */
static void find_system(const int *at, const struct frame *f, uint32_t row, uint32_t *from, uint32_t *to)
{
    for (*from = row; *from > 0 && same_system(at, f, *from - 1, row); --*from)
        ;
    for (*to = row + 1; *to < f->nrows && same_system(at, f, *to, row); ++*to)
        ;
}

/* Over the time that out_of speaks of: what came in within a moment is no match for what went in a minute. */
static double in_of(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    double in = isnan(rate(rates, row, "completed")) ? number(f, row, at[Q_IN_RATE]) : NAN;
    return isnan(in) ? rate(rates, row, queue_names[Q_IN]) : in;
}

static bool flows(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    return !isnan(in_of(at, f, rates, row)) && !isnan(out_of(at, f, rates, row));
}

/* What flows for a system as a whole, in the row "(all)", empties those of its queues that have no flow of their own. */
static double emptied_by(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    double ready = number(f, row, at[Q_READY]);
    uint32_t from, to;
    if (!isnan(ready) || !flows(at, f, rates, row))
        return ready;
    find_system(at, f, row, &from, &to);
    for (uint32_t i = from; i < to; i++) {
        double n = flows(at, f, rates, i) ? NAN : number(f, i, at[Q_READY]);
        ready = isnan(n) ? ready : isnan(ready) ? n : ready + n;
    }
    return ready;
}

double queue_row_drains(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    return queue_drains(emptied_by(at, f, rates, row), in_of(at, f, rates, row), out_of(at, f, rates, row));
}

/* Whether what flows is known for the row's system as a whole; *to is the row behind its last. */
static bool system_flows(const int *at, const struct frame *f, const struct frame *rates, uint32_t row, uint32_t *to)
{
    uint32_t from;
    bool known = false;
    find_system(at, f, row, &from, to);
    for (uint32_t i = from; i < *to; i++)
        known = known || (flows(at, f, rates, i) && isnan(number(f, i, at[Q_READY])));
    return known;
}

/* Seconds of work that wait; where none is done, as long as it has waited. */
static double backlog(const int *at, const struct frame *f, const struct frame *rates, uint32_t row)
{
    double out = out_of(at, f, rates, row), oldest = number(f, row, at[Q_OLDEST]);
    return out > 0 ? emptied_by(at, f, rates, row) / out : isnan(oldest) ? INFINITY : oldest;
}

double queue_last_drains(const int *at, const struct frame *f, const struct frame *rates, uint32_t *row)
{
    double last = NAN, longest = 0;
    bool dark = false, known = false;
    uint32_t never = 0, system_end = 0;
    for (uint32_t i = 0; i < f->nrows; i++) {
        double drains = queue_row_drains(at, f, rates, i);
        if (i == system_end)
            known = system_flows(at, f, rates, i, &system_end);
        bool waits = !known && number(f, i, at[Q_READY]) > 0;     /* and nobody knows how fast it goes */
        dark = dark || (waits && !flows(at, f, rates, i)) || isinf(drains);
        if (isinf(drains) && backlog(at, f, rates, i) > longest) {
            longest = backlog(at, f, rates, i);
            never = i;
        } else if (isfinite(drains) && !(drains <= last)) {
            last = drains;
            *row = i;
        }
    }
    if (longest < BACKLOG_LEAST_S)
        return dark ? NAN : last;
    *row = never;
    return INFINITY;
}

static void fill_in(void *arg, struct frame_builder *b, int column, const struct frame *f, const struct frame *rates,
                    uint32_t row)
{
    frame_build_real(b, column, in_of(((struct page_context *)arg)->base_at, f, rates, row));
}

static void fill_out(void *arg, struct frame_builder *b, int column, const struct frame *f,
                     const struct frame *rates, uint32_t row)
{
    frame_build_real(b, column, out_of(((struct page_context *)arg)->base_at, f, rates, row));
}

static void fill_drains(void *arg, struct frame_builder *b, int column, const struct frame *f,
                        const struct frame *rates, uint32_t row)
{
    double drains = queue_row_drains(((struct page_context *)arg)->base_at, f, rates, row);
    if (isinf(drains))
        frame_build_never(b, column);
    else
        frame_build_real(b, column, drains);
}

static const struct sheet_extra extras[] = {
    {{"in", "in", TYPE_REAL, ROLE_COUNTER, UNIT_COUNT, 0, 3,
      "Rows that came in; over the last minute where nothing counts those that went."}, fill_in},
    {{"out", "out", TYPE_REAL, ROLE_COUNTER, UNIT_COUNT, 0, 2,
      "Rows that were taken out; where nothing counts them, what came in less what the queue grew by in the last "
      "minute."}, fill_out},
    {{"drains_s", "drains", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 1,
      "Time until it is empty when it goes on like that; ∞ when it does not shrink, which is more than any time."}, fill_drains},
    {{NULL}, NULL},
};

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const struct page_context *context = arg;
    return queue_mark(context->at, context->store, context->target->id, f, row);
}

/* A count that stopped at its limit is at least that. */
static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode,
                 struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    char text[FORMAT_ROOM];
    double value = number(f, row, column);
    if (column == at[Q_READY] && value > 0 && number(f, row, at[Q_CAPPED]) > 0) {
        buf_printf(out, "≥%s", format_count(text, value, mode));
        return true;
    }
    return false;
}

static bool begins_system(const int *at, const struct frame *f, uint32_t row)
{
    return row == 0 || !same_system(at, f, row - 1, row);
}

/* "3 systems, 7 queues", and why the first one that could not be counted was not, in full width. */
static void head(const struct page_context *context, const struct frame *f, struct canvas *c)
{
    const int *at = context->at;
    struct buf text = {0}, why = {0};
    unsigned systems = 0, queues = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        struct frame_text note = at[Q_NOTE] < 0 ? (struct frame_text){"", 0} : frame_text(f, row, at[Q_NOTE]);
        bool counted = !isnan(number(f, row, at[Q_READY]));
        systems += begins_system(at, f, row);
        queues += counted;
        if (counted || note.len == 0 || why.len > 0)
            continue;
        struct frame_text name = frame_text(f, row, at[Q_DEFINITION]);
        buf_puts(&why, "? ");
        buf_add(&why, name.bytes, name.len);
        buf_puts(&why, ": ");
        buf_add(&why, note.bytes, note.len);
    }
    buf_printf(&text, "%u system%s, %u queue%s  ", systems, systems == 1 ? "" : "s", queues, queues == 1 ? "" : "s");
    int used = why.len > 0 && queues == 0 ? 0 : canvas_text(c, 0, 1, -1, LOOK_LABEL, buf_text(&text));
    canvas_sentence(c, 0, 1 + used, -1, LOOK_UNKNOWN, buf_text(&why), why.len);
    buf_free(&text);
    buf_free(&why);
}

static const char *const shown[] = {"definition", "queue",    "ready",     "scheduled", "retrying", "running",
                                    "stuck",      "dead",     "failed",    "exhausted", "expired",  "waiting",
                                    "oldest_s",   "in",       "out",       "drains_s",  "note",     NULL};

static const struct probe_page page = {
    .topic = "queues",
    .names = queue_names,
    .table = {.columns = shown, .sort = "ready", .descending = true, .tail_least = 10, .text_least = 16, .reason = "note",
              .mark = mark, .cell = cell,
              .empty = "No rows: no definition fits a table of this database."},
    .extras = extras,
    .head = head,
    .whole = "note",
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"queues", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view queues_view = {
    .name = "queues",
    .title = "queues",
    .help = "Task queues by definition: how many rows are ready, run and are stuck, how fast they come and "
            "go, and when a queue will be empty. ! has stuck rows, or 10,000 that wait (unless configured otherwise), ? could "
            "not be counted: the note says why.",
    .digit = '5',
    .kind = VIEW_SERVER,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
