/* The rows of the overview of an application: its connection pools, all together. */
#include "ui/views/overview.h"

#include "base/format.h"
#include "model/health.h"

#include <math.h>
#include <stdio.h>

/* NaN: no pool says it. */
static double sum(const struct frame *values, const char *column)
{
    double all = NAN;
    int at = values ? schema_find(values->schema, column) : -1;
    for (uint32_t row = 0; at >= 0 && row < values->nrows; row++) {
        double n = frame_number(values, row, at);
        all = isnan(n) ? all : isnan(all) ? n : all + n;
    }
    return all;
}

static double number(const struct frame *f, uint32_t row, const char *column)
{
    int at = schema_find(f->schema, column);
    return at >= 0 && frame_cell(f, row, at)->known ? frame_number(f, row, at) : 0;
}

static void add_name(struct buf *out, const struct frame *f, uint32_t row)
{
    struct frame_text t = frame_text(f, row, schema_find(f->schema, "pool"));
    buf_puts(out, out->len ? "  " : "");
    buf_add(out, t.bytes, t.len);
}

/* "primary 10 of 10  replica-1 2 of 10" */
static void fill_in_use(const struct overview_input *in, struct overview_line *line)
{
    const struct frame *f = in->frame;
    char text[FORMAT_ROOM];
    double most = 0;
    bool limited = f->nrows > 0;
    line->mark = ROW_PLAIN;
    for (uint32_t row = 0; row < f->nrows; row++) {
        double max = number(f, row, "max_open"), used = number(f, row, "in_use");
        limited = limited && max > 0;
        most += max;
        bool waits = in->rates && frame_named_number(in->rates, row, "wait_count") > 0;
        bool none = health_judge(HEALTH_OPEN_CONNS, frame_named_number(f, row, "open")) == HEALTH_CRIT;
        enum health_verdict full = none ? HEALTH_CRIT : health_pool_exhausted((uint32_t)used, (uint32_t)max, waits);
        if (full != HEALTH_OK && line->mark != ROW_CRIT)
            line->mark = full == HEALTH_CRIT ? ROW_CRIT : ROW_WARN;
        add_name(&line->words, f, row);
        buf_printf(&line->words, " %s", format_count(text, used, in->mode));
        if (max > 0)
            buf_printf(&line->words, " of %s", format_count(text, max, in->mode));
    }
    line->top = limited ? most : 0;
    snprintf(line->value, sizeof(line->value), "%s", format_count(text, sum(f, "in_use"), in->mode));
    if (limited && isfinite(sum(f, "in_use")))
        snprintf(line->value, sizeof(line->value), "%.0f of %.0f", sum(f, "in_use"), most);
}

static void fill_waiting(const struct overview_input *in, struct overview_line *line)
{
    char text[FORMAT_ROOM];
    double waits = sum(in->rates, "wait_count"), spent = sum(in->rates, "wait_duration_s");
    double average = waits > 0 ? spent / waits : NAN;
    snprintf(line->value, sizeof(line->value), "%s", format_rate(text, waits, in->mode));
    line->mark = waits > 0 && health_pool_wait(average * 1e3, 1) == HEALTH_WARN ? ROW_WARN : ROW_PLAIN;
    if (isfinite(average))
        overview_add(&line->words, "average wait", format_duration(text, average, in->mode));
    else if (waits >= 0)
        buf_puts(&line->words, "nobody had to wait for a connection");
}

static void fill_idle(const struct overview_input *in, struct overview_line *line)
{
    const struct frame *f = in->frame;
    char text[FORMAT_ROOM];
    double open = sum(f, "open"), idle = sum(f, "idle");
    line->mark = ROW_PLAIN;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (health_pool_idle((uint32_t)number(f, row, "open"), (uint32_t)number(f, row, "idle")) == HEALTH_WARN)
            line->mark = ROW_WARN;
    snprintf(line->value, sizeof(line->value), "%s", format_percent(text, open > 0 ? idle / open : NAN, in->mode));
    overview_add(&line->words, "idle", format_count(text, idle, in->mode));
    overview_add(&line->words, "open", format_count(text, open, in->mode));
}

const struct overview_row overview_app_rows[] = {
    {"in use", false, "app_pools", "in_use", UNIT_COUNT, false, 5, "app_pools", NULL, fill_in_use},
    {"waiting", false, "app_pools", "waits", UNIT_COUNT, true, 1, "app_pools", NULL, fill_waiting},
    {"idle", false, "app_pools", "idle", UNIT_COUNT, false, 5, "app_pools", NULL, fill_idle},
    {.label = NULL},
};
