/* The report for people's eyes, and for mail: aligned columns, every value with its unit. */
#include "sinks/report.h"

#include "base/clock.h"
#include "base/format.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define CELL_COLUMNS 60     /* a query is cut here: the JSON report has all of it */

static void put_cell(struct buf *out, const struct frame *f, uint32_t row, int column, enum text_mode mode)
{
    const struct cell *c = frame_cell(f, row, column);
    const struct column *col = &f->schema->columns[column];
    char number[FORMAT_ROOM], time[40];
    double v = frame_number(f, row, column);
    if (!c->known) {
        buf_puts(out, format_unknown(number, mode));
    } else if (col->type == TYPE_TEXT) {
        text_cut(out, f->text + c->t.at, c->t.len, CELL_COLUMNS, mode);
    } else if (col->type == TYPE_TIME) {
        clock_iso8601(c->i, time, sizeof(time));
        buf_printf(out, "%.19sZ", time);
    } else if (col->type == TYPE_BOOL) {
        buf_puts(out, c->i ? "yes" : "no");
    } else if (col->type == TYPE_LSN) {
        buf_puts(out, format_lsn(number, (uint64_t)c->i));
    } else if (col->unit == UNIT_NONE && col->type == TYPE_INT) {
        buf_printf(out, "%lld", (long long)c->i);
    } else if (col->unit == UNIT_NONE) {
        buf_printf(out, "%g", v);
    } else {
        buf_puts(out, col->unit == UNIT_BYTES      ? format_bytes(number, v, mode)
                      : col->unit == UNIT_SECONDS  ? format_duration(number, v, mode)
                      : col->unit == UNIT_FRACTION ? format_percent(number, v, mode)
                                                   : format_count(number, v, mode));
    }
}

static bool is_shown(const struct column *c)
{
    return c->role != ROLE_EPOCH;
}

static bool is_number(const struct column *c)
{
    return c->type != TYPE_TEXT && c->type != TYPE_TIME;
}

static void pad(struct buf *out, size_t have, size_t want)
{
    for (; have < want; have++)
        buf_putc(out, ' ');
}

static void put_aligned(struct buf *out, const char *text, size_t width, bool right, enum text_mode mode)
{
    size_t have = text_columns(text, strlen(text), mode);
    if (right)
        pad(out, have, width);
    buf_puts(out, text);
    if (!right)
        pad(out, have, width);
    buf_puts(out, "  ");
}

static void end_line(struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    buf_putc(out, '\n');
}

static void measure(const struct frame *f, size_t *widths, enum text_mode mode)
{
    struct buf cell = {0};
    for (int i = 0; i < f->schema->ncolumns; i++) {
        widths[i] = strlen(f->schema->columns[i].heading);
        for (uint32_t row = 0; row < f->nrows; row++) {
            buf_clear(&cell);
            put_cell(&cell, f, row, i, mode);
            size_t n = text_columns(cell.data, cell.len, mode);
            widths[i] = n > widths[i] ? n : widths[i];
        }
    }
    buf_free(&cell);
}

static void put_table(struct buf *out, const struct frame *f, enum text_mode mode)
{
    size_t *widths = mem_array(f->schema->ncolumns, sizeof(*widths));
    struct buf cell = {0};
    measure(f, widths, mode);
    buf_puts(out, "  ");
    for (int i = 0; i < f->schema->ncolumns; i++)
        if (is_shown(&f->schema->columns[i]))
            put_aligned(out, f->schema->columns[i].heading, widths[i], is_number(&f->schema->columns[i]), mode);
    end_line(out);
    for (uint32_t row = 0; row < f->nrows; row++) {
        buf_puts(out, "  ");
        for (int i = 0; i < f->schema->ncolumns; i++) {
            if (!is_shown(&f->schema->columns[i]))
                continue;
            buf_clear(&cell);
            put_cell(&cell, f, row, i, mode);
            put_aligned(out, buf_text(&cell), widths[i], is_number(&f->schema->columns[i]), mode);
        }
        end_line(out);
    }
    buf_free(&cell);
    free(widths);
}

static void put_frame(const struct report *r, int target, int k, struct buf *out)
{
    const struct topic *t = store_topic(r->store, r->topics[k]);
    const struct frame *f = report_frame(r, target, r->topics[k]);
    struct report_gap gap;
    if (!report_gap(r, target, k, &gap) && !f)
        return;
    buf_printf(out, "\n%s", t->title);
    if (!f) {
        buf_printf(out, ": %s, ", frame_status_word(gap.status));
        text_safe_string(out, gap.note, r->mode);
        buf_putc(out, '\n');
        return;
    }
    if (f->status != FRAME_OK)
        buf_printf(out, ": %s", frame_status_word(f->status));
    else if (f->nfound > f->nrows)
        buf_printf(out, ": %u of %u rows", f->nrows, f->nfound);
    else
        buf_printf(out, ": %u %s", f->nrows, f->nrows == 1 ? "row" : "rows");
    if (f->note) {
        buf_puts(out, ", ");
        text_safe_string(out, f->note, r->mode);
    }
    buf_putc(out, '\n');
    if (f->nrows > 0)
        put_table(out, f, r->mode);
}

static void put_head(const struct report *r, const struct target *t, struct buf *out)
{
    text_safe_string(out, t->name, r->mode);
    buf_puts(out, "  ");
    text_safe_string(out, t->where, r->mode);
    if (t->facts.known) {
        buf_printf(out, "  %s ", t->facts.kind == TARGET_POOLER ? "PgBouncer" : "PostgreSQL");
        text_safe_string(out, t->facts.version_text, r->mode);
        if (t->facts.kind == TARGET_SERVER)
            buf_puts(out, t->facts.standby ? "  standby" : "  primary");
    } else {
        buf_printf(out, "  %s: ", link_state_word(t->link.state));
        text_safe_string(out, t->link.words, r->mode);
    }
    buf_putc(out, '\n');
}

void report_text(const struct report *r, struct buf *out)
{
    char taken[40];
    clock_iso8601(r->wall_us, taken, sizeof(taken));
    buf_printf(out, "pgvigil report, %s\n", taken);
    for (int i = 0; i < store_targets(r->store); i++) {
        buf_putc(out, '\n');
        put_head(r, store_target(r->store, i), out);
        for (int k = 0; k < r->ntopics; k++)
            put_frame(r, i, k, out);
    }
}
