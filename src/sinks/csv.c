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

/* Probes have notes of their own, on each row. */
static void put_heading(const struct schema *s, struct buf *out)
{
    buf_puts(out, "probe,target,taken,status,answer_note");
    for (int i = 0; i < s->ncolumns; i++)
        if (s->columns[i].role != ROLE_EPOCH)
            buf_printf(out, ",%s", s->columns[i].name);
    buf_puts(out, "\r\n");
}

/* Without a frame the gap stands for it. */
static void put_start(const struct report *r, const struct report_gap *gap, int target, int k, struct buf *out)
{
    char taken[40] = "";
    const struct frame *f = report_frame(r, target, k);
    const char *name = store_target(r->store, target)->name;
    struct buf note = {0};
    if (f)
        clock_iso8601(f->wall_us, taken, sizeof(taken));
    buf_printf(out, "%s,", store_topic(r->store, r->topics[k])->name);
    put_quoted(out, name, strlen(name), r->mode);
    buf_printf(out, ",%s,%s,", taken, frame_status_word(f ? f->status : gap->status));
    if (report_note(r, target, k, gap, &note))
        put_quoted(out, buf_text(&note), note.len, r->mode);
    buf_free(&note);
}

/* A line for an answer that has no rows because it was none. */
static void put_empty(const struct schema *s, struct buf *out)
{
    for (int i = 0; i < s->ncolumns; i++)
        if (s->columns[i].role != ROLE_EPOCH)
            buf_putc(out, ',');
    buf_puts(out, "\r\n");
}

static void put_rows(const struct report *r, const struct frame *f, int target, int k, struct buf *out)
{
    for (uint32_t row = 0; row < f->nrows; row++) {
        put_start(r, NULL, target, k, out);
        for (int i = 0; i < f->schema->ncolumns; i++) {
            if (f->schema->columns[i].role == ROLE_EPOCH)
                continue;
            buf_putc(out, ',');
            put_cell(out, f, row, i, r->mode);
        }
        buf_puts(out, "\r\n");
    }
}

/* Without rows the words stand alone. */
static bool is_worth_a_line(const struct report *r, const struct frame *f, int target, int k)
{
    struct buf grant = {0};
    bool worth = f->nrows == 0 && (f->status != FRAME_OK || report_grant(r, target, k, &grant));
    buf_free(&grant);
    return worth;
}

/* The columns are the same for all targets: those of the first frame, else of the probe. */
static const struct schema *schema_of(const struct report *r, int k)
{
    const struct frame *f = NULL;
    for (int i = 0; i < store_targets(r->store) && (!f || f->nrows == 0); i++)
        f = report_frame(r, i, k) ? report_frame(r, i, k) : f;
    return f && f->nrows > 0 ? f->schema : store_topic(r->store, r->topics[k])->schema;
}

void report_csv(const struct report *r, struct buf *out)
{
    for (int k = 0; k < r->ntopics; k++) {
        const struct schema *schema = schema_of(r, k);
        buf_puts(out, k > 0 ? "\r\n" : "");
        put_heading(schema, out);
        for (int i = 0; i < store_targets(r->store); i++) {
            const struct frame *f = report_frame(r, i, k);
            struct report_gap gap = {FRAME_OK, ""};
            if (f)
                put_rows(r, f, i, k, out);
            if (f ? is_worth_a_line(r, f, i, k) : report_gap(r, i, k, &gap)) {
                put_start(r, &gap, i, k, out);
                put_empty(schema, out);
            }
        }
    }
}
