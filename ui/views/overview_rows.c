/* What each row of the overview says. Thresholds: connections 80 and 95 %, transactions 300 and 1,800 s (as pgmon
 * and pganalyze publish them). */
#include "ui/views/overview.h"

#include "base/format.h"
#include "ui/views/sessions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_ROW UINT32_MAX

double overview_number(const struct overview_input *in, const char *topic, const char *column)
{
    int t = store_find_topic(in->store, topic);
    if (t < 0 || !in->target)
        return NAN;
    const struct frame *f = store_sight(in->store, in->target->id, t, in->now_us).good;
    int at = f ? schema_find(f->schema, column) : -1;
    return at >= 0 && f->nrows > 0 ? frame_number(f, 0, at) : NAN;
}

/* ---- sessions ---- */

static void find_columns(const struct overview_input *in, int *at)
{
    page_find_names(session_names, in->frame->schema, at);
}

/* The client's row with the largest number in a column; background processes count when all is true. */
static uint32_t largest(const struct frame *f, const int *at, int column, bool all)
{
    uint32_t best = NO_ROW;
    for (uint32_t row = 0; column >= 0 && row < f->nrows; row++) {
        double n = frame_number(f, row, column);
        if (isnan(n) || (!all && session_kind(at, f, row) == SESSION_BACKGROUND))
            continue;
        if (best == NO_ROW || n > frame_number(f, best, column))
            best = row;
    }
    return best;
}

static void add_text(struct buf *out, const struct frame *f, uint32_t row, int column)
{
    if (column < 0)
        return;
    struct frame_text t = frame_text(f, row, column);
    buf_add(out, t.bytes, t.len);
}

static void add_duration(struct buf *out, double seconds, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_duration(text, seconds, mode));
}

/* "4711 billing" */
static void add_session(struct buf *out, const struct frame *f, uint32_t row, const int *at)
{
    buf_printf(out, "%lld ", (long long)frame_cell(f, row, at[S_PID])->i);
    add_text(out, f, row, at[S_USER]);
}

static void add_sum(struct buf *out, const char *word, unsigned n)
{
    buf_printf(out, "%s%s %u", out->len ? "  " : "", word, n);
}

static enum row_mark by_limit(double value, double warn, double crit)
{
    return value >= crit ? ROW_CRIT : value >= warn ? ROW_WARN : ROW_PLAIN;
}

static void fill_sessions(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    find_columns(in, at);
    struct session_sums sums = session_count(at, in->frame);
    double most = overview_number(in, "server", "max_connections");
    snprintf(line->value, sizeof(line->value), "%u", sums.clients);
    if (most > 0) {
        snprintf(line->value, sizeof(line->value), "%u of %.0f", sums.clients, most);
        line->top = most;
        line->mark = by_limit(sums.clients / most, 0.8, 0.95);
    }
    add_sum(&line->words, "active", sums.kinds[SESSION_ACTIVE]);
    add_sum(&line->words, "idle", sums.kinds[SESSION_IDLE]);
    add_sum(&line->words, "in tx", sums.kinds[SESSION_IN_TX]);
    add_sum(&line->words, "waiting", sums.waiting);
    if (sums.kinds[SESSION_HIDDEN] > 0) {
        add_sum(&line->words, "not visible", sums.kinds[SESSION_HIDDEN]);
        line->mark = line->mark == ROW_PLAIN ? ROW_UNKNOWN : line->mark;
    }
}

static void fill_blocked(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    const struct frame *f = in->frame;
    find_columns(in, at);
    struct session_sums sums = session_count(at, f);
    uint32_t root = largest(f, at, at[S_BLOCKS], true);
    snprintf(line->value, sizeof(line->value), "%u", sums.waiting);
    if (sums.waiting == 0)
        return;
    line->mark = ROW_CRIT;
    if (root == NO_ROW || !(frame_number(f, root, at[S_BLOCKS]) > 0))
        return;
    buf_puts(&line->words, "behind ");
    add_session(&line->words, f, root, at);
    buf_puts(&line->words, ", ");
    add_text(&line->words, f, root, at[S_STATE]);
    double age = at[S_XACT_AGE] >= 0 ? frame_number(f, root, at[S_XACT_AGE]) : NAN;
    if (!isnan(age)) {
        buf_putc(&line->words, ' ');
        add_duration(&line->words, age, in->mode);
    }
}

static void fill_oldest(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    char text[FORMAT_ROOM];
    const struct frame *f = in->frame;
    find_columns(in, at);
    uint32_t oldest = largest(f, at, at[S_XACT_AGE], false), holder = largest(f, at, at[S_XMIN_AGE], true);
    if (oldest == NO_ROW) {
        snprintf(line->value, sizeof(line->value), "none");
        buf_puts(&line->words, "no open transaction");
        return;
    }
    double age = frame_number(f, oldest, at[S_XACT_AGE]);
    snprintf(line->value, sizeof(line->value), "tx %s", format_duration(text, age, in->mode));
    line->mark = by_limit(age, 300, 1800);
    add_session(&line->words, f, oldest, at);
    if (holder == NO_ROW)
        return;
    buf_printf(&line->words, "  horizon held by %lld, %s xids", (long long)frame_cell(f, holder, at[S_PID])->i,
               format_count(text, frame_number(f, holder, at[S_XMIN_AGE]), in->mode));
}

static void fill_slow(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    const struct frame *f = in->frame;
    unsigned slow = 0;
    uint32_t worst = NO_ROW;
    find_columns(in, at);
    for (uint32_t row = 0; at[S_QUERY_AGE] >= 0 && row < f->nrows; row++) {
        double age = frame_number(f, row, at[S_QUERY_AGE]);
        if (session_kind(at, f, row) != SESSION_ACTIVE || !(age > 1))
            continue;
        slow++;
        if (worst == NO_ROW || age > frame_number(f, worst, at[S_QUERY_AGE]))
            worst = row;
    }
    snprintf(line->value, sizeof(line->value), "%u > 1 s", slow);
    if (worst == NO_ROW)
        return;
    buf_puts(&line->words, "worst ");
    add_duration(&line->words, frame_number(f, worst, at[S_QUERY_AGE]), in->mode);
    buf_puts(&line->words, "  ");
    add_text(&line->words, f, worst, at[S_QUERY]);
}

const struct overview_row overview_rows[] = {
    {"sessions", "sessions", "total", "sessions", NULL, fill_sessions},
    {"blocked", "sessions", "blocked", "sessions", "blocks>0|blocked_by!=null", fill_blocked},
    {"oldest", "sessions", "oldest_xact", "sessions", "xact_age_s>0", fill_oldest},
    {"slow", "sessions", NULL, "sessions", "state=active query_age_s>1s", fill_slow},
    {.label = NULL},
};
