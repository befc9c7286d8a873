/* What the overview says of the queues. */
#include "ui/views/overview.h"

#include "base/format.h"
#include "ui/views/probe_page.h"
#include "ui/views/queues.h"

#include <math.h>
#include <stdio.h>

/* The sum of what is known of a column; NaN when nothing is. */
static double sum(const struct frame *f, int column)
{
    double all = NAN;
    for (uint32_t row = 0; f && column >= 0 && row < f->nrows; row++) {
        double n = frame_number(f, row, column);
        if (!isnan(n))
            all = isnan(all) ? n : all + n;
    }
    return all;
}

/* Why the first one that has a note could not be counted. */
static void add_note(struct buf *out, const struct frame *f, int column)
{
    for (uint32_t row = 0; column >= 0 && out->len == 0 && row < f->nrows; row++)
        overview_add_text(out, f, row, column);
}

/* "orchestrator never drains", or "drains in 3:14, orchestrator last". */
static void add_drains(struct buf *out, const struct frame *f, uint32_t row, int column, double drains,
                       enum text_mode mode)
{
    char text[FORMAT_ROOM];
    if (isinf(drains))
        buf_puts(out, out->len ? "  " : "");
    else
        overview_add(out, "drains in", format_duration(text, drains, mode));
    buf_puts(out, isinf(drains) ? "" : ", ");
    overview_add_text(out, f, row, column);
    buf_puts(out, isinf(drains) ? " never drains" : " last");
}

/* What is wrong first: little room cuts what is last. */
void overview_fill_queues(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    char text[FORMAT_ROOM];
    const struct frame *f = in->frame;
    page_find_names(queue_names, f->schema, at);
    uint32_t slowest = 0;
    double ready = sum(f, at[Q_READY]), stuck = sum(f, at[Q_STUCK]), oldest = NAN;
    double drains = queue_last_drains(at, f, in->rates, &slowest);
    for (uint32_t row = 0; row < f->nrows; row++) {
        double age = at[Q_OLDEST] >= 0 ? frame_number(f, row, at[Q_OLDEST]) : NAN;
        oldest = isnan(oldest) || age > oldest ? age : oldest;
        enum row_mark mark = queue_mark(at, in->store, in->target->id, f, row);
        if (mark == ROW_UNKNOWN && line->mark == ROW_PLAIN)
            line->mark = mark;
        overview_mark(line, mark);
    }
    if (f->nrows == 0)
        snprintf(line->value, sizeof(line->value), "none");
    else
        snprintf(line->value, sizeof(line->value), "%s", format_count(text, ready, in->mode));
    if (isnan(ready)) {
        add_note(&line->words, f, at[Q_NOTE]);
        return;
    }
    if (stuck > 0)
        overview_add(&line->words, "stuck", format_count(text, stuck, in->mode));
    if (sum(f, at[Q_DEAD]) > 0)
        overview_add(&line->words, "dead", format_count(text, sum(f, at[Q_DEAD]), in->mode));
    if (isinf(drains))
        add_drains(&line->words, f, slowest, at[Q_DEFINITION], drains, in->mode);
    if (!isnan(oldest))
        overview_add(&line->words, "oldest", format_duration(text, oldest, in->mode));
    if (isfinite(drains))
        add_drains(&line->words, f, slowest, at[Q_DEFINITION], drains, in->mode);
    overview_add(&line->words, "running", format_count(text, sum(f, at[Q_RUNNING]), in->mode));
}
