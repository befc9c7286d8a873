/* Prints values for people, by the column table. */
#include "ui/widgets/cell.h"

#include "base/clock.h"
#include "base/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

static enum role_name unknown(struct buf *out, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_unknown(text, mode));
    return LOOK_NULL;
}

/* Times are in UTC, as in JSON and in most servers' logs, and say so. False: no calendar goes that far. */
static bool split_time(int64_t us, struct tm *tm)
{
    time_t seconds = (time_t)(us / US_PER_S);
    return gmtime_r(&seconds, tm) != NULL && tm->tm_year > -1900 && tm->tm_year < 8100;
}

static void short_time(struct buf *out, int64_t us, int64_t wall_us)
{
    struct tm tm;
    if (!split_time(us, &tm))
        buf_puts(out, "?");
    else if (us / (86400 * US_PER_S) == wall_us / (86400 * US_PER_S))
        buf_printf(out, "%02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);
    else
        buf_printf(out, "%02d-%02d %02d:%02dZ", tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static void long_time(struct buf *out, int64_t us)
{
    struct tm tm;
    if (split_time(us, &tm))
        buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                   tm.tm_hour, tm.tm_min, tm.tm_sec);
    else
        buf_puts(out, "?");
}

/* A counter's cell holds its rate. */
static const char *print_rate(char *text, double value, enum unit unit, enum text_mode mode)
{
    char part[FORMAT_ROOM];
    switch (unit) {
    case UNIT_BYTES:
        return format_bytes_rate(text, value, mode);
    case UNIT_SECONDS:
        snprintf(text, FORMAT_ROOM, "%s/s", format_latency(part, value, mode));
        return text;
    default:
        return format_rate(text, value, mode);
    }
}

static const char *print_number(char *text, double value, const struct column *column, enum text_mode mode)
{
    if (column->role == ROLE_COUNTER)
        return print_rate(text, value, column->unit, mode);
    switch (column->unit) {
    case UNIT_BYTES:
        return format_bytes(text, value, mode);
    case UNIT_SECONDS:
        return format_duration(text, value, mode);
    case UNIT_FRACTION:
        return format_percent(text, value, mode);
    case UNIT_NONE:
        snprintf(text, FORMAT_ROOM, "%.6g", value);
        return text;
    default:
        return format_count(text, value, mode);
    }
}

static void print_text(struct buf *out, const struct frame *f, uint32_t row, int column,
                       const struct cell_print *print)
{
    struct frame_text t = frame_text(f, row, column);
    if (print->most > 0)
        text_cut(out, t.bytes, t.len, (size_t)print->most, print->mode);
    else
        text_safe(out, t.bytes, t.len, print->mode);
}

enum role_name cell_short(struct buf *out, const struct frame *f, uint32_t row, int column,
                          const struct cell_print *print)
{
    const struct column *is = &f->schema->columns[column];
    const struct cell *c = frame_cell(f, row, column);
    char text[FORMAT_ROOM];
    if (!c->known)
        return unknown(out, print->mode);
    if (is->type == TYPE_TEXT) {
        print_text(out, f, row, column, print);
        return LOOK_TEXT;
    }
    if (is->type == TYPE_TIME)
        short_time(out, c->i, print->wall_us);
    else if (is->type == TYPE_LSN)
        buf_puts(out, format_lsn(text, (uint64_t)c->i));
    else if (is->type == TYPE_BOOL)
        buf_puts(out, c->i ? "yes" : "no");
    else if (is->type == TYPE_INT && is->unit == UNIT_NONE && is->role != ROLE_COUNTER)
        buf_printf(out, "%" PRId64, c->i);
    else
        buf_puts(out, print_number(text, frame_number(f, row, column), is, print->mode));
    bool quiet = is->unit != UNIT_NONE && frame_number(f, row, column) == 0;
    return quiet ? LOOK_LABEL : LOOK_TEXT;
}

/* What the short form leaves out. */
static void add_exact(struct buf *out, const struct column *is, const struct cell *c, double value,
                      int64_t wall_us, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    if (isinf(value))
        return;
    if (is->type == TYPE_TIME) {
        if (wall_us > c->i)
            buf_printf(out, " (%s ago)", format_duration(text, (double)(wall_us - c->i) / US_PER_S, mode));
    } else if (is->role == ROLE_COUNTER || is->type == TYPE_BOOL || is->type == TYPE_LSN ||
               is->unit == UNIT_NONE) {
        return;
    } else if (is->unit == UNIT_BYTES && fabs(value) >= 1024 && fabs(value) < 9e18) {
        buf_printf(out, " (%s bytes)", format_whole(text, (int64_t)value));
    } else if (is->unit == UNIT_SECONDS && fabs(value) >= 1000 && fabs(value) < 9e18) {
        buf_printf(out, " (%s s)", format_whole(text, (int64_t)value));
    } else if (is->unit == UNIT_SECONDS && value > 0 && value < 0.0995) {
        buf_printf(out, " (%s)", format_latency(text, value, mode));
    } else if (is->unit == UNIT_SECONDS && fabs(value) >= 60) {
        buf_printf(out, " (%.1f s)", value);
    } else if (is->type == TYPE_INT && (value >= 100000 || value <= -100000)) {
        buf_printf(out, " (%s)", format_whole(text, c->i));
    }
}

enum role_name cell_long(struct buf *out, const struct frame *f, uint32_t row, int column,
                         const struct cell_print *print)
{
    const struct column *is = &f->schema->columns[column];
    const struct cell *c = frame_cell(f, row, column);
    struct cell_print all = {print->mode, print->wall_us, 0};
    if (!c->known || is->type == TYPE_TEXT)
        return cell_short(out, f, row, column, &all);
    if (is->type == TYPE_TIME)
        long_time(out, c->i);
    else
        cell_short(out, f, row, column, &all);
    add_exact(out, is, c, frame_number(f, row, column), print->wall_us, print->mode);
    return LOOK_TEXT;
}

bool cell_at_right(const struct column *column)
{
    return column->type != TYPE_TEXT && column->type != TYPE_BOOL;
}

const char *cell_unit(const struct column *column)
{
    static const char *const units[UNIT_COUNT_] = {"", "", "bytes", "seconds", "percent", "transactions"};
    static const char *const rates[UNIT_COUNT_] = {"per second",       "per second",
                                                   "bytes per second", "seconds per second",
                                                   "per second",       "transactions per second"};
    if (column->type == TYPE_LSN)
        return "";
    return column->role == ROLE_COUNTER ? rates[column->unit] : units[column->unit];
}
