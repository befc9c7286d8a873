/* Draws the table: headings, the rows in the window, the signs at the left, or why there is nothing. */
#include "ui/widgets/table_inside.h"

#include "base/clock.h"
#include "base/format.h"
#include "ui/widgets/cell.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ADDED_US (4 * US_PER_S)
#define REASON_LEAST 7          /* columns that are worth some words */
#define MEASURE_MOST 80         /* columns of text that are measured; more is never wanted at once */

enum { AT_SELECTED, AT_MARKED, AT_STATUS };

struct painter {
    struct table *t;
    struct canvas *c;
    const struct table_look *look;
    struct cell_print print;
    const char *needle;         /* what to highlight, lower case ASCII; "" for nothing */
};

/* ---- one cell ---- */

static void add_branch(struct table *t, uint32_t place)
{
    int from = t->form->branch_from > 0 ? t->form->branch_from : 1;
    int depth = t->order.depth[place] - from;
    if (depth < 0)
        return;
    for (int i = 0; i < depth && i < 7; i++)
        buf_putc(&t->scratch, ' ');
    buf_puts(&t->scratch, "↳ ");
}

/* As it is drawn, so that it is measured right. */
static void spell(struct painter *p)
{
    struct buf own = {0};
    if (p->c->glyphs != GLYPHS_ASCII)
        return;
    canvas_spell(p->c, &own, buf_text(&p->t->scratch));
    buf_free(&p->t->scratch);
    p->t->scratch = own;
}

/* The cell's text into scratch. */
static enum role_name print_cell(struct painter *p, uint32_t place, int column)
{
    struct table *t = p->t;
    uint32_t row = t->order.rows[place];
    buf_clear(&t->scratch);
    if (column == t->branch_drawn && t->order.depth[place] > 0)
        add_branch(t, place);
    enum role_name look = LOOK_TEXT;
    if (!t->form->cell || !t->form->cell(t->arg, t->sheet, row, column, p->print.mode, &t->scratch))
        look = cell_short(&t->scratch, t->sheet, row, column, &p->print);
    spell(p);
    return look;
}

static void highlight(struct painter *p, int line, int column, int width)
{
    const char *text = buf_text(&p->t->scratch);
    size_t needle = strlen(p->needle);
    if (needle == 0)
        return;
    for (const char *at = text; *at; at++) {
        if (strncasecmp(at, p->needle, needle) != 0)
            continue;
        int from = (int)text_columns(text, (size_t)(at - text), p->print.mode);
        int columns = (int)text_columns(at, needle, p->print.mode);
        if (from + columns <= width)
            canvas_look(p->c, line, column + from, columns, LOOK_MATCH);
        return;
    }
}

/* Returns the column behind it; 0: it says nothing, or no more than that there is none. */
static int draw_cell(struct painter *p, int line, uint32_t place, const struct table_column *c,
                     enum role_name row_look)
{
    const struct table_form *form = p->t->form;
    const struct column *is = &p->t->schema->columns[c->column];
    uint32_t row = p->t->order.rows[place];
    p->print.most = is->type == TYPE_TEXT ? c->width : 0;
    enum role_name look = print_cell(p, place, c->column);
    bool none = look == LOOK_NULL || frame_number(p->t->sheet, row, c->column) == 0;
    int used = none ? 0 : canvas_width(buf_text(&p->t->scratch), c->width);
    if (row_look != LOOK_TEXT)
        look = row_look;
    if (form->look)
        look = form->look(p->t->arg, p->t->sheet, row, c->column, look);
    if (cell_at_right(is)) {        /* a number that is cut is another one: none is better */
        bool fits = canvas_width(buf_text(&p->t->scratch), c->width + 1) <= c->width;
        canvas_right(p->c, line, c->at, c->width, look, fits ? buf_text(&p->t->scratch) : "…");
    } else {
        canvas_text(p->c, line, c->at, c->width, look, buf_text(&p->t->scratch));
    }
    if (form->draw)
        form->draw(p->t->arg, p->t->sheet, row, c->column, p->c, (struct rect){line, c->at, 1, c->width}, look);
    if (!cell_at_right(is) && !p->look->stale)
        highlight(p, line, c->at, c->width);
    return used == 0 ? 0 : c->at + (cell_at_right(is) ? c->width : used);
}

/* Why the row is marked, behind its last word, where the column that says it has no place. */
static void draw_reason(struct painter *p, int line, uint32_t place, int at, enum role_name look)
{
    struct table *t = p->t;
    int room = p->c->clip.columns - at;
    for (int i = 0; i < t->ncolumns; i++)
        if (t->columns[i].column == t->reason && t->columns[i].width > 0)
            return;
    if (t->reason < 0 || room < REASON_LEAST || !frame_cell(t->sheet, t->order.rows[place], t->reason)->known)
        return;
    p->print.most = 0;
    print_cell(p, place, t->reason);
    if (t->scratch.len == 0)
        return;
    char *rest = strchr(t->scratch.data, ';');
    if (rest && canvas_width(buf_text(&t->scratch), room + 1) > room)
        *rest = '\0';
    canvas_fill(p->c, line, at, 1, room, look, " ");
    at += canvas_width(t->scratch.data, room) < room;      /* set off, where it fits all the same */
    canvas_text(p->c, line, at, -1, look, t->scratch.data);
}

/* ---- one row ---- */

static enum row_mark mark_of(const struct painter *p, uint32_t row)
{
    const struct table_form *form = p->t->form;
    return form->mark ? form->mark(p->t->arg, p->t->sheet, row) : ROW_PLAIN;
}

static enum role_name look_of(const struct painter *p, enum row_mark mark)
{
    static const enum role_name looks[] = {
        [ROW_PLAIN] = LOOK_TEXT, [ROW_DIM] = LOOK_LABEL, [ROW_WARN] = LOOK_WARN,
        [ROW_CRIT] = LOOK_CRIT, [ROW_UNKNOWN] = LOOK_UNKNOWN, [ROW_FINE] = LOOK_TEXT,
        [ROW_STALE] = LOOK_STALE, [ROW_HEADING] = LOOK_TITLE};
    return p->look->stale ? LOOK_STALE : looks[mark];
}

static void draw_status(struct painter *p, int line, enum row_mark mark)
{
    static const char *const glyphs[] = {
        [ROW_PLAIN] = " ", [ROW_DIM] = "·", [ROW_WARN] = "!", [ROW_CRIT] = "‼", [ROW_UNKNOWN] = "?",
        [ROW_FINE] = "·", [ROW_STALE] = "=", [ROW_HEADING] = " "};
    canvas_text(p->c, line, AT_STATUS, 1, look_of(p, mark), p->look->stale ? "=" : glyphs[mark]);
}

static void draw_mark(struct painter *p, int line, uint32_t row)
{
    int64_t since = p->t->since_us[row];
    if (table_marked(p->t, row))
        canvas_text(p->c, line, AT_MARKED, 1, LOOK_MARK, "*");
    else if (!p->look->stale && since > 0 && p->look->now_us - since < ADDED_US)
        canvas_text(p->c, line, AT_MARKED, 1, LOOK_ADDED, "+");
}

static void draw_row(struct painter *p, int line, uint32_t place)
{
    struct table *t = p->t;
    uint32_t row = t->order.rows[place];
    enum row_mark mark = mark_of(p, row);
    enum role_name look = look_of(p, mark);
    int end = 0;
    for (int i = 0; i < t->ncolumns; i++) {
        int behind = t->columns[i].width > 0 ? draw_cell(p, line, place, &t->columns[i], look) : 0;
        end = behind > end ? behind : end;
    }
    if (mark == ROW_CRIT || mark == ROW_WARN || mark == ROW_UNKNOWN || mark == ROW_HEADING)
        draw_reason(p, line, place, end + 1, look);
    draw_mark(p, line, row);
    if (row == t->row && !p->look->unselected) {
        canvas_look(p->c, line, 0, p->c->clip.columns, LOOK_CURSOR);
        canvas_text(p->c, line, AT_SELECTED, 1, LOOK_CURSOR, "▸");
        canvas_cursor(p->c, line, AT_SELECTED);
    } else if (table_marked(t, row) && !p->look->stale) {
        canvas_look(p->c, line, TABLE_GUTTER, p->c->clip.columns - TABLE_GUTTER, LOOK_MARK);
    }
    draw_status(p, line, mark);
}

/* ---- headings ---- */

static void draw_headings(struct painter *p)
{
    struct table *t = p->t;
    for (int i = 0; i < t->ncolumns; i++) {
        const struct table_column *c = &t->columns[i];
        const struct column *is = &t->schema->columns[c->column];
        if (c->width == 0)
            continue;
        buf_clear(&t->scratch);
        if (c->column == t->sort)
            buf_puts(&t->scratch, t->descending ? "↓" : "↑");
        buf_puts(&t->scratch, is->heading);
        if (cell_at_right(is))
            canvas_right(p->c, 0, c->at, c->width, LOOK_TITLE, buf_text(&t->scratch));
        else
            canvas_text(p->c, 0, c->at, c->width, LOOK_TITLE, buf_text(&t->scratch));
        if (c->column == t->sort)
            canvas_attrs(p->c, 0, c->at, c->width, ATTR_BOLD);
    }
}

/* ---- all of it ---- */

static bool is_known(const struct frame *f, int column)
{
    bool known = f->nrows == 0;
    for (uint32_t row = 0; row < f->nrows && !known; row++)
        known = frame_cell(f, row, column)->known;
    return known;
}

/* Columns grow to what is on the screen, and never shrink while the page is open. Nor do they go because nothing is
 * known any more. */
static void measure(struct painter *p)
{
    struct table *t = p->t;
    p->print.most = MEASURE_MOST;
    for (int k = 0; k < t->ncolumns; k++)
        t->columns[k].says = t->columns[k].says || (t->columns[k].shown && is_known(t->sheet, t->columns[k].column));
    for (uint32_t i = 0; i < (uint32_t)t->lines && t->top + i < t->order.n; i++) {
        for (int k = 0; k < t->ncolumns; k++) {
            struct table_column *c = &t->columns[k];
            if (!c->shown || c->seen >= MEASURE_MOST)
                continue;
            enum role_name look = print_cell(p, t->top + i, c->column);
            int width = canvas_width(buf_text(&t->scratch), MEASURE_MOST);
            c->says = c->says || (look != LOOK_NULL && width > 0);
            if (width > c->seen)
                c->seen = width;
        }
    }
}

static void keep_window(struct table *t)
{
    uint32_t lines = (uint32_t)t->lines, place = table_place(t);
    if (t->follow && place != NO_PLACE && lines > 0) {
        if (place < t->top)
            t->top = place;
        else if (place >= t->top + lines)
            t->top = place - lines + 1;
    }
    if (t->order.n <= lines)
        t->top = 0;
    else if (t->top > t->order.n - lines)
        t->top = t->order.n - lines;
}

static void set_needle(struct painter *p, char *out, size_t size)
{
    const char *text = p->t->search_text ? p->t->search_text : "";
    snprintf(out, size, "%s", strpbrk(text, " |!~:<>=") || text[0] == '-' ? "" : text);
    p->needle = out;
}

/* Why there are no rows, in words. */
static void draw_empty(struct painter *p)
{
    struct table *t = p->t;
    char all[FORMAT_ROOM], text[160];
    if (t->filter && t->total == 1)
        snprintf(text, sizeof(text), "The filter hides the only row. Esc clears it.");
    else if (t->filter && t->total > 0)
        snprintf(text, sizeof(text), "The filter hides all %s rows. Esc clears it.",
                 format_whole(all, t->total));
    else if (t->sheet->nrows > 0 && !t->form->empty)
        snprintf(text, sizeof(text), "No rows but %s that the page hides: ? says which keys show them.",
                 format_whole(all, t->sheet->nrows));
    else
        snprintf(text, sizeof(text), "%s",
                 t->form->empty ? t->form->empty : "No rows: the server has none of these now.");
    canvas_text(p->c, t->first_line, TABLE_GUTTER, -1, p->look->stale ? LOOK_STALE : LOOK_LABEL, text);
}

void table_draw(struct table *t, struct canvas *c, const struct table_look *look)
{
    char needle[64];
    struct painter p = {t, c, look, {c->mode, look->wall_us, 0}, ""};
    int rows = c->clip.rows;
    t->now_us = look->now_us;
    t->first_line = rows > 2 ? 1 : 0;
    t->lines = rows - t->first_line;
    t->drawn_columns = c->clip.columns;
    if (rows < 1 || c->clip.columns < 1 || !t->sheet)
        return;
    set_needle(&p, needle, sizeof(needle));
    keep_window(t);
    measure(&p);
    table_layout(t, c->clip.columns);
    if (t->first_line > 0)
        draw_headings(&p);
    if (t->order.n == 0)
        draw_empty(&p);
    for (int i = 0; i < t->lines && t->top + (uint32_t)i < t->order.n; i++)
        draw_row(&p, t->first_line + i, t->top + (uint32_t)i);
}

enum table_spot table_click(struct table *t, int row, int column)
{
    if (t->first_line < 0 || row < 0 || column < 0)
        return SPOT_NONE;
    if (row >= t->first_line) {
        uint32_t place = t->top + (uint32_t)(row - t->first_line);
        if (row - t->first_line >= t->lines || place >= t->order.n)
            return SPOT_NONE;
        table_move_to(t, place);
        return SPOT_ROW;
    }
    for (int i = 0; i < t->ncolumns; i++) {
        const struct table_column *c = &t->columns[i];
        if (c->width > 0 && column >= c->at && column < c->at + c->width) {
            table_sort(t, c->column,
                       c->column == t->sort ? !t->descending : cell_at_right(&t->schema->columns[c->column]));
            return SPOT_HEADING;
        }
    }
    return SPOT_NONE;
}

/* ---- the status line ---- */

static void add_counts(const struct table *t, struct buf *out)
{
    char shown[FORMAT_ROOM], total[FORMAT_ROOM];
    format_whole(shown, t->order.n);
    format_whole(total, t->total);
    if (t->filter)
        buf_printf(out, "%s/%s", shown, total);
    else
        buf_printf(out, "%s", shown);
    if (t->sheet && t->sheet->nfound > t->sheet->nrows)
        buf_printf(out, " of %s", format_whole(total, t->sheet->nfound));
    else if (!t->filter)
        buf_puts(out, t->order.n == 1 ? " row" : " rows");
}

void table_status(const struct table *t, struct buf *out)
{
    if (t->filter_text) {
        buf_puts(out, "filter: ");
        text_safe_string(out, t->filter_text, TEXT_UTF8);
        buf_puts(out, "\t");
    }
    add_counts(t, out);
    if (t->left_out > 0)
        buf_printf(out, "  +%d col%s", t->left_out, t->left_out == 1 ? "" : "s");
    if (t->marks.n > 0)
        buf_printf(out, "  %u marked", t->marks.n);
    if (!t->follow)
        buf_puts(out, "  not following");
    if (t->sort >= 0)
        buf_printf(out, "  %s%s", t->descending ? "↓" : "↑", t->schema->columns[t->sort].heading);
}
