/* The report as CSV (RFC 4180): plain numbers in base units, nothing for what is unknown. */
#include "sinks/report.h"

#include "base/clock.h"
#include "base/format.h"

#include <string.h>

static void put_quoted(struct buf *out, const char *bytes, size_t len, enum text_mode mode)
{
    struct buf safe = {0};
    text_safe(&safe, bytes, len, mode);
    buf_putc(out, '"');
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, safe.data[i]);
    }
    buf_putc(out, '"');
    buf_free(&safe);
}

static void put_cell(struct buf *out, const struct frame *f, uint32_t row, int column, enum text_mode mode)
{
    const struct cell *c = frame_cell(f, row, column);
    char text[40];
    if (!c->known)
        return;
    switch (f->schema->columns[column].type) {
    case TYPE_TEXT:
        put_quoted(out, f->text + c->t.at, c->t.len, mode);
        break;
    case TYPE_REAL:
        buf_printf(out, "%.12g", c->d);
        break;
    case TYPE_TIME:
        clock_iso8601(c->i, text, sizeof(text));
        buf_puts(out, text);
        break;
    case TYPE_LSN:
        buf_puts(out, format_lsn(text, (uint64_t)c->i));
        break;
    case TYPE_BOOL:
        buf_puts(out, c->i ? "true" : "false");
        break;
    default:
        buf_printf(out, "%lld", (long long)c->i);
    }
}

static void put_heading(const struct schema *s, struct buf *out)
{
    buf_puts(out, "probe,target,taken,status,note");
    for (int i = 0; i < s->ncolumns; i++)
        if (s->columns[i].role != ROLE_EPOCH)
            buf_printf(out, ",%s", s->columns[i].name);
    buf_puts(out, "\r\n");
}

/* Without a frame the gap stands for it. */
static void put_start(const struct report *r, const struct frame *f, const struct report_gap *gap, int target,
                      const char *probe, struct buf *out)
{
    char taken[40] = "";
    const char *name = store_target(r->store, target)->name, *note = f ? f->note : gap->note;
    if (f)
        clock_iso8601(f->wall_us, taken, sizeof(taken));
    buf_printf(out, "%s,", probe);
    put_quoted(out, name, strlen(name), r->mode);
    buf_printf(out, ",%s,%s,", taken, frame_status_word(f ? f->status : gap->status));
    if (note)
        put_quoted(out, note, strlen(note), r->mode);
}

/* A line for an answer that has no rows because it was none. */
static void put_empty(const struct schema *s, struct buf *out)
{
    for (int i = 0; i < s->ncolumns; i++)
        if (s->columns[i].role != ROLE_EPOCH)
            buf_putc(out, ',');
    buf_puts(out, "\r\n");
}

static void put_rows(const struct report *r, const struct frame *f, int target, const char *probe, struct buf *out)
{
    for (uint32_t row = 0; row < f->nrows; row++) {
        put_start(r, f, NULL, target, probe, out);
        for (int i = 0; i < f->schema->ncolumns; i++) {
            if (f->schema->columns[i].role == ROLE_EPOCH)
                continue;
            buf_putc(out, ',');
            put_cell(out, f, row, i, r->mode);
        }
        buf_puts(out, "\r\n");
    }
    if (f->nrows > 0 || f->status == FRAME_OK)
        return;
    put_start(r, f, NULL, target, probe, out);
    put_empty(f->schema, out);
}

void report_csv(const struct report *r, struct buf *out)
{
    for (int k = 0; k < r->ntopics; k++) {
        const struct topic *t = store_topic(r->store, r->topics[k]);
        if (k > 0)
            buf_puts(out, "\r\n");
        put_heading(t->schema, out);
        for (int i = 0; i < store_targets(r->store); i++) {
            const struct frame *f = report_frame(r, i, r->topics[k]);
            struct report_gap gap;
            if (f) {
                put_rows(r, f, i, t->name, out);
            } else if (report_gap(r, i, k, &gap)) {
                put_start(r, NULL, &gap, i, t->name, out);
                put_empty(t->schema, out);
            }
        }
    }
}
