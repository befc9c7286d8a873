/* Draws one row as a page of lines, of which the canvas shows a window. */
#include "ui/widgets/detail.h"

#include "base/mem.h"
#include "ui/keymap.h"
#include "ui/widgets/cell.h"
#include "ui/widgets/words.h"

#include <stdlib.h>
#include <string.h>

enum { HEADING_WIDTH = 16, VALUE_WIDTH = 28, HELP_LEAST = 30 };

struct detail {
    struct frame *row;          /* one row: the last that was seen */
    const struct frame *sheet;  /* compared, not read: which one was taken last */
    uint64_t hash;
    int64_t gone_us;            /* boot time of the first answer without the row; 0: it is there */
    int whole;
    int top, lines, total;      /* of the last drawing */
};

static struct frame *one_row(const struct frame *sheet, uint32_t row)
{
    struct frame_builder *b = frame_build(sheet->schema);
    frame_build_copy(b, sheet, row);
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = sheet->taken_us,
                                              .wall_us = sheet->wall_us});
}

struct detail *detail_new(const struct frame *sheet, uint32_t row, int whole)
{
    struct detail *d = mem_new(sizeof(*d));
    d->row = one_row(sheet, row);
    d->sheet = frame_ref(sheet);
    d->hash = frame_key_hash(sheet, row);
    d->whole = whole;
    return d;
}

void detail_free(struct detail *d)
{
    if (!d)
        return;
    frame_unref(d->row);
    frame_unref(d->sheet);
    free(d);
}

void detail_take(struct detail *d, const struct frame *sheet)
{
    if (sheet == d->sheet)
        return;
    frame_unref(d->sheet);
    d->sheet = frame_ref(sheet);
    for (uint32_t row = 0; row < sheet->nrows; row++) {
        if (!frame_same_key(d->row, 0, sheet, row))
            continue;
        frame_unref(d->row);
        d->row = one_row(sheet, row);
        d->gone_us = 0;
        return;
    }
    if (d->gone_us == 0)
        d->gone_us = sheet->taken_us;
}

bool detail_gone(const struct detail *d)
{
    return d->gone_us != 0;
}

const struct frame *detail_row(const struct detail *d)
{
    return d->row;
}

/* ---- drawing ---- */

struct pen {
    struct canvas *c;
    int line;               /* of the whole page; minus top it is the canvas's */
    int top;
    bool stale;
    struct cell_print print;
    struct buf scratch;
};

static void put(struct pen *p, int column, int width, enum role_name look, const char *safe)
{
    int row = p->line - p->top;
    if (row >= 0 && row < p->c->clip.rows && column < p->c->clip.columns)
        canvas_text(p->c, row, column, width, p->stale ? LOOK_STALE : look, safe);
}

/* Text wrapped from this line on, in a column of the page. Returns the lines used; the pen stays. */
static int put_wrapped(struct pen *p, int column, enum role_name look, const char *bytes, size_t len)
{
    struct buf line = {0};
    size_t columns;
    int width = p->c->clip.columns - column, first = p->line;
    struct text_wrap wrap = text_wrap(bytes, len, width > 2 ? (size_t)width : 2, p->c->mode);
    for (; text_wrap_next(&wrap, &line, &columns); p->line++)
        put(p, column, -1, look, buf_text(&line));
    int used = p->line - first;
    p->line = first;
    buf_free(&line);
    return used;
}

static void draw_whole(struct pen *p, const struct detail *d, const struct detail_look *look)
{
    const struct column *is = &d->row->schema->columns[d->whole];
    struct frame_text t = frame_text(d->row, 0, d->whole);
    put(p, 0, -1, LOOK_TITLE, is->heading);
    p->line++;
    if (frame_cell(d->row, 0, d->whole)->known)
        p->line += put_wrapped(p, 2, LOOK_TEXT, t.bytes, t.len);
    else if (buf_clear(&p->scratch), look->cell && look->cell(look->cell_arg, d->row, 0, d->whole, p->c->mode, &p->scratch))
        p->line += put_wrapped(p, 2, LOOK_TEXT, buf_text(&p->scratch), p->scratch.len);
    else
        put(p, 2, -1, LOOK_NULL, "unknown"), p->line++;
    p->line++;
}

/* Heading, value, and at the right or below what it means. */
static void draw_column(struct pen *p, const struct detail *d, int column)
{
    const struct column *is = &d->row->schema->columns[column];
    int width = p->c->clip.columns, help_at = HEADING_WIDTH + VALUE_WIDTH, value_lines = 1, help_lines = 1;
    bool beside = width >= help_at + HELP_LEAST;
    put(p, 0, HEADING_WIDTH - 1, LOOK_LABEL, is->heading);
    buf_clear(&p->scratch);
    enum role_name look = cell_long(&p->scratch, d->row, 0, column, &p->print);
    int columns = canvas_width(buf_text(&p->scratch), width);
    if (columns <= (beside ? VALUE_WIDTH - 2 : width - HEADING_WIDTH)) {
        put(p, HEADING_WIDTH, -1, look, buf_text(&p->scratch));
    } else {
        struct frame_text t = is->type == TYPE_TEXT
                                  ? frame_text(d->row, 0, column)
                                  : (struct frame_text){p->scratch.data, (uint32_t)p->scratch.len};
        value_lines = put_wrapped(p, HEADING_WIDTH, look, t.bytes, t.len);
        beside = false;
    }
    if (!beside)
        p->line += value_lines;
    buf_clear(&p->scratch);
    buf_puts(&p->scratch, is->help);
    if (cell_unit(is)[0])
        buf_printf(&p->scratch, " (%s)", cell_unit(is));
    struct buf help = {0};
    canvas_spell(p->c, &help, buf_text(&p->scratch));
    help_lines = put_wrapped(p, beside ? help_at : 4, LOOK_HINT, help.data, help.len);
    buf_free(&help);
    p->line += help_lines;
}

static void draw_head(struct pen *p, const struct detail *d, const struct detail_look *look)
{
    if (d->gone_us == 0)
        return;
    buf_clear(&p->scratch);
    buf_puts(&p->scratch, "= gone since ");
    words_age(&p->scratch, look->now_us - d->gone_us, p->c->mode);
    buf_puts(&p->scratch, ": these are the last values that were seen");
    put(p, 0, -1, LOOK_STALE, buf_text(&p->scratch));
    p->line += 2;
}

static void draw_all(struct pen *p, const struct detail *d, const struct detail_look *look)
{
    draw_head(p, d, look);
    if (d->whole >= 0)
        draw_whole(p, d, look);
    for (int i = 0; i < d->row->schema->ncolumns; i++)
        if (i != d->whole)
            draw_column(p, d, i);
}

/* Returns how many lines there are in all. */
static int draw_from(struct pen *p, const struct detail *d, const struct detail_look *look)
{
    if (look->own)
        return look->own(look->arg, d->row, p->c, p->top, p->stale);
    draw_all(p, d, look);
    return p->line;
}

void detail_draw(struct detail *d, struct canvas *c, const struct detail_look *look)
{
    struct pen p = {.c = c, .top = d->top, .stale = look->stale || d->gone_us != 0,
                    .print = {c->mode, look->wall_us, 0}};
    d->lines = c->clip.rows;
    d->total = draw_from(&p, d, look);
    int most = d->total > d->lines ? d->total - d->lines : 0;
    if (d->top > most) {        /* it grew shorter, or was scrolled too far: once more from the right place */
        d->top = most;
        canvas_fill(c, 0, 0, c->clip.rows, c->clip.columns, LOOK_TEXT, " ");
        p.top = most;
        p.line = 0;
        draw_from(&p, d, look);
    }
    buf_free(&p.scratch);
    if (c->clip.rows > 0)
        canvas_cursor(c, 0, 0);
}

bool detail_handle(struct detail *d, int request)
{
    int page = d->lines > 1 ? d->lines - 1 : 1;
    switch (request) {
    case REQ_UP:
        d->top--;
        break;
    case REQ_DOWN:
        d->top++;
        break;
    case REQ_PAGE_UP:
        d->top -= page;
        break;
    case REQ_PAGE_DOWN:
        d->top += page;
        break;
    case REQ_HALF_UP:
        d->top -= page / 2;
        break;
    case REQ_HALF_DOWN:
        d->top += page / 2;
        break;
    case REQ_TOP:
        d->top = 0;
        break;
    case REQ_END:
        d->top = d->total;
        break;
    default:
        return false;
    }
    if (d->top > d->total - d->lines)
        d->top = d->total - d->lines;
    if (d->top < 0)
        d->top = 0;
    return true;
}

bool detail_scrolls(const struct detail *d)
{
    return d->total > d->lines;
}

void detail_status(const struct detail *d, struct buf *out)
{
    int last = d->top + d->lines < d->total ? d->top + d->lines : d->total;
    if (d->gone_us)
        buf_puts(out, "gone  ");
    buf_printf(out, "lines %d-%d of %d", d->total ? d->top + 1 : 0, last, d->total);
}
