/* The screen as text and cells. */
#include "tests/pty/state.h"
#include "tests/pty/utf8.h"

#include <string.h>

#define SECOND_HALF ((uint32_t)-1)  /* libvterm's mark for the right half of a wide character */

static size_t cell_text(const VTermScreenCell *cell, char *out)
{
    size_t n = 0;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        n += (size_t)utf8_put(cell->chars[i], out + n);
    if (!n)
        out[n++] = ' ';
    out[n] = '\0';
    return n;
}

/* Appends the text of a row, without the blanks at its end. */
static void add_row(struct pty *p, int row, struct buf *out)
{
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    size_t start = out->len, end = out->len;
    for (int col = 0; col < cols; col++) {
        VTermScreenCell cell;
        char text[32];
        if (!vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell) || cell.chars[0] == SECOND_HALF)
            continue;
        buf_add(out, text, cell_text(&cell, text));
        if (strcmp(text, " ") != 0)
            end = out->len;
    }
    out->len = end < start ? start : end;
    if (out->data)
        out->data[out->len] = '\0';
}

const char *pty_row(struct pty *p, int row)
{
    buf_clear(&p->row);
    add_row(p, row, &p->row);
    return buf_text(&p->row);
}

const char *pty_text(struct pty *p)
{
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    buf_clear(&p->text);
    for (int row = 0; row < rows; row++) {
        add_row(p, row, &p->text);
        buf_putc(&p->text, '\n');
    }
    return buf_text(&p->text);
}

/* The column of the character that starts n bytes into the row's text. */
static int column_of(struct pty *p, int row, size_t n)
{
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    size_t seen = 0;
    for (int col = 0; col < cols; col++) {
        VTermScreenCell cell;
        char text[32];
        if (!vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell) || cell.chars[0] == SECOND_HALF)
            continue;
        if (seen >= n)
            return col;
        seen += cell_text(&cell, text);
    }
    return cols;
}

bool pty_find(struct pty *p, const char *text, int *row, int *col)
{
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    for (int r = 0; r < rows; r++) {
        const char *line = pty_row(p, r), *at = strstr(line, text);
        if (!at)
            continue;
        if (row)
            *row = r;
        if (col)
            *col = column_of(p, r, (size_t)(at - line));
        return true;
    }
    return false;
}

void pty_print(struct pty *p, const char *why)
{
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    VTermPos cursor;
    vterm_state_get_cursorpos(p->state, &cursor);
    fprintf(stderr, "pty: %s; %dx%d, cursor %d,%d %s, %zu bytes came%s%s\n", why, cols, rows, cursor.row,
            cursor.col, p->cursor_shown ? "shown" : "hidden", p->raw.len, p->eof ? ", closed" : "",
            p->exited ? ", exited" : "");
    for (int row = 0; row < rows; row++)
        fprintf(stderr, "%3d|%s\n", row, pty_row(p, row));
}

void pty_size(struct pty *p, int *rows, int *cols)
{
    vterm_get_size(p->vt, rows, cols);
}

void pty_cursor(struct pty *p, int *row, int *col)
{
    VTermPos cursor;
    vterm_state_get_cursorpos(p->state, &cursor);
    *row = cursor.row;
    *col = cursor.col;
}

bool pty_cursor_shown(struct pty *p)
{
    return p->cursor_shown;
}

static int colour_of(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return PTY_COLOUR_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return PTY_COLOUR_RGB | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

struct pty_cell pty_cell(struct pty *p, int row, int col)
{
    struct pty_cell out = {.text = " ", .width = 1, .fg = PTY_COLOUR_DEFAULT, .bg = PTY_COLOUR_DEFAULT};
    VTermScreenCell cell;
    if (!vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell))
        return out;
    if (cell.chars[0] != SECOND_HALF)
        cell_text(&cell, out.text);
    out.width = cell.width;
    out.fg = colour_of(&cell.fg);
    out.bg = colour_of(&cell.bg);
    out.bold = cell.attrs.bold;
    out.reverse = cell.attrs.reverse;
    out.underline = cell.attrs.underline != VTERM_UNDERLINE_OFF;
    out.italic = cell.attrs.italic;
    out.blink = cell.attrs.blink;
    return out;
}
