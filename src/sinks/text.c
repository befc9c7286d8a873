/* The report for people's eyes, and for mail: aligned columns, every value with its unit. */
#include "sinks/report.h"

#include "base/clock.h"
#include "base/format.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define CELL_COLUMNS 60     /* a text is cut here, but for the last column where there is no terminal to fit it to */

/* Whole words for whom they are meant: notes get lines of their own, below the table. */
static bool is_note(const struct column *c)
{
    return c->type == TYPE_TEXT && strcmp(c->name, "note") == 0;
}

static bool is_shown(const struct column *c)
{
    return c->role != ROLE_EPOCH && !is_note(c);
}

/* The last column, when it is text: what it holds may be as long as it is. */
static bool is_open(const struct report *r, const struct schema *s, int column)
{
    int last = s->ncolumns - 1;
    while (last > 0 && !is_shown(&s->columns[last]))
        last--;
    return r->columns == 0 && column == last && s->columns[column].type == TYPE_TEXT;
}

static void put_cell(struct buf *out, const struct report *r, const struct frame *f, uint32_t row, int column)
{
    enum text_mode mode = r->mode;
    const struct cell *c = frame_cell(f, row, column);
    const struct column *col = &f->schema->columns[column];
    char number[FORMAT_ROOM], time[40];
    double v = frame_number(f, row, column);
    if (!c->known) {
        buf_puts(out, format_unknown(number, mode));
    } else if (col->type == TYPE_TEXT) {
        text_cut(out, f->text + c->t.at, c->t.len, is_open(r, f->schema, column) ? SIZE_MAX : CELL_COLUMNS, mode);
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
                      : col->unit == UNIT_SECONDS  ? format_latency(number, v, mode)
                      : col->unit == UNIT_FRACTION ? format_percent(number, v, mode)
                                                   : format_count(number, v, mode));
    }
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

static void measure(const struct report *r, const struct frame *f, size_t *widths)
{
    struct buf cell = {0};
    for (int i = 0; i < f->schema->ncolumns; i++) {
        widths[i] = strlen(f->schema->columns[i].heading);
        for (uint32_t row = 0; row < f->nrows && !is_open(r, f->schema, i); row++) {
            buf_clear(&cell);
            put_cell(&cell, r, f, row, i);
            size_t n = text_columns(cell.data, cell.len, r->mode);
            widths[i] = n > widths[i] ? n : widths[i];
        }
    }
    buf_free(&cell);
}

static void put_row(struct buf *out, const struct report *r, const struct frame *f, uint32_t row, const size_t *widths)
{
    struct buf cell = {0};
    buf_puts(out, "  ");
    for (int i = 0; i < f->schema->ncolumns; i++) {
        if (!is_shown(&f->schema->columns[i]))
            continue;
        buf_clear(&cell);
        put_cell(&cell, r, f, row, i);
        put_aligned(out, buf_text(&cell), widths[i], is_number(&f->schema->columns[i]), r->mode);
    }
    end_line(out);
    buf_free(&cell);
}

static void put_table(struct buf *out, const struct report *r, const struct frame *f)
{
    size_t *widths = mem_array(f->schema->ncolumns, sizeof(*widths));
    measure(r, f, widths);
    buf_puts(out, "  ");
    for (int i = 0; i < f->schema->ncolumns; i++)
        if (is_shown(&f->schema->columns[i]))
            put_aligned(out, f->schema->columns[i].heading, widths[i], is_number(&f->schema->columns[i]), r->mode);
    end_line(out);
    for (uint32_t row = 0; row < f->nrows; row++)
        put_row(out, r, f, row, widths);
    free(widths);
}

/* ---- what is said below a table ---- */

/* One paragraph; hostile text. */
static void put_words(struct buf *out, const struct report *r, const struct buf *words)
{
    struct buf line = {0};
    size_t columns, width = r->columns > 20 ? (size_t)r->columns - 4 : SIZE_MAX;
    struct text_wrap wrap = text_wrap(buf_text(words), words->len, width, r->mode);
    for (const char *indent = "  "; text_wrap_next(&wrap, &line, &columns); indent = "    ")
        buf_printf(out, "%s%s\n", indent, buf_text(&line));
    buf_free(&line);
}

static bool same_text(struct frame_text a, struct frame_text b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

/* How many rows from this one on say the same; 0: an earlier one has said it. */
static unsigned count_same(const struct frame *f, uint32_t row, int column)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < f->nrows; i++) {
        bool same = same_text(frame_text(f, i, column), frame_text(f, row, column));
        if (same && i < row)
            return 0;
        n += same;
    }
    return n;
}

static void put_notes(struct buf *out, const struct report *r, const struct frame *f)
{
    int column = schema_find(f->schema, "note");
    struct buf words = {0};
    for (uint32_t row = 0; column >= 0 && is_note(&f->schema->columns[column]) && row < f->nrows; row++) {
        struct frame_text note = frame_text(f, row, column);
        unsigned n = note.len > 0 ? count_same(f, row, column) : 0;
        if (n == 0)
            continue;
        buf_clear(&words);
        for (int i = 0; i < f->schema->ncolumns; i++)
            if (f->schema->columns[i].role == ROLE_KEY && f->schema->columns[i].type == TYPE_TEXT &&
                frame_text(f, row, i).len > 0)
                buf_printf(&words, "%s%s", words.len ? " " : "", frame_text(f, row, i).bytes);
        if (n > 1)
            buf_printf(&words, " and %u more", n - 1);
        buf_puts(&words, words.len ? ": " : "");
        buf_add(&words, note.bytes, note.len);
        put_words(out, r, &words);
    }
    buf_free(&words);
}

static void put_grant(struct buf *out, const struct report *r, int target, int k)
{
    struct buf grant = {0};
    if (report_grant(r, target, k, &grant)) {
        buf_puts(out, "  ? ");
        text_safe(out, buf_text(&grant), grant.len, r->mode);
        buf_putc(out, '\n');
    }
    buf_free(&grant);
}

/* ---- an answer ---- */

static void put_count(struct buf *out, const struct frame *f)
{
    if (f->status != FRAME_OK)
        buf_printf(out, ": %s", frame_status_word(f->status));
    else if (f->nfound > f->nrows)
        buf_printf(out, ": %u of %u rows", f->nrows, f->nfound);
    else
        buf_printf(out, ": %u %s", f->nrows, f->nrows == 1 ? "row" : "rows");
}

static const char *lost_note(const struct report *r, int target, int k)
{
    const struct frame *f = report_frame(r, target, k);
    struct report_gap gap;
    if (f)
        return f->status != FRAME_LOST ? NULL : f->note ? f->note : "";
    return report_gap(r, target, k, &gap) && gap.status == FRAME_LOST ? gap.note : NULL;
}

/* Nothing as long as all is well with it. */
static void put_breaker(const struct report *r, int target, int topic, struct buf *out)
{
    struct guard_state g = store_sight(r->store, target, topic, r->now_us).guard;
    const struct guard_step *step;
    char ago[FORMAT_ROOM];
    if (g.failures > 0 || g.state != BREAKER_CLOSED || g.trips > 0)
        buf_printf(out, "  its circuit breaker is %s: %u failure%s in a row, opened %u time%s\n", breaker_state_word(g.state),
                   g.failures, g.failures == 1 ? "" : "s", g.trips, g.trips == 1 ? "" : "s");
    for (unsigned i = 0; (step = store_guard_step(r->store, target, topic, i)) != NULL; i++)
        buf_printf(out, "    %s ago from %s to %s: %s\n",
                   format_duration(ago, (double)(r->now_us - step->at_us) / 1e6, r->mode), breaker_state_word(step->from),
                   breaker_state_word(step->to), step->why);
}

static void put_source(struct buf *out, const struct report *r, const struct frame *f)
{
    struct buf words = {0};
    if (report_source(r, f, &words)) {
        buf_puts(out, ", ");
        text_safe_string(out, buf_text(&words), r->mode);
    }
    buf_free(&words);
}

static void put_frame(const struct report *r, int target, int k, struct buf *out)
{
    const struct frame *f = report_frame(r, target, k);
    struct report_gap gap;
    if ((!report_gap(r, target, k, &gap) && !f) || lost_note(r, target, k))
        return;
    buf_printf(out, "\n%s", store_topic(r->store, r->topics[k])->title);
    if (f) {
        put_count(out, f);
        put_source(out, r, f);
    } else {
        buf_printf(out, ": %s", frame_status_word(gap.status));
    }
    if (!f || f->note) {
        buf_puts(out, ", ");
        text_safe_string(out, f ? f->note : gap.note, r->mode);
    }
    buf_putc(out, '\n');
    put_grant(out, r, target, k);
    put_breaker(r, target, r->topics[k], out);
    if (!f || f->nrows == 0)
        return;
    put_table(out, r, f);
    put_notes(out, r, f);
}

/* Why the connection is gone is said once, not under each heading. */
static void put_lost(const struct report *r, int target, struct buf *out)
{
    const char *why = NULL;
    for (int k = 0; k < r->ntopics; k++) {
        const char *note = lost_note(r, target, k);
        if (note)
            buf_printf(out, "%s%s", why ? ", " : "\n", store_topic(r->store, r->topics[k])->title);
        why = why ? why : note;
    }
    if (!why)
        return;
    buf_printf(out, ": %s, ", frame_status_word(FRAME_LOST));
    text_safe_string(out, why, r->mode);
    buf_putc(out, '\n');
}

static void put_head(const struct report *r, const struct target *t, struct buf *out)
{
    text_safe_string(out, t->name, r->mode);
    buf_puts(out, "  ");
    text_safe_string(out, t->where, r->mode);
    if (t->facts.known) {
        buf_printf(out, "  %s ", target_kind_word(t->facts.kind));
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
        if (store_target(r->store, i)->facts.known)     /* else the head has said why */
            put_lost(r, i, out);
        for (int k = 0; k < r->ntopics; k++)
            put_frame(r, i, k, out);
    }
}
