/* A canvas as lines of text: for tests, :save-display, and colour without a screen. */
#include "ui/canvas.h"

#include <string.h>

/* Cells in use: trailing blanks that look like nothing are left off. */
static int line_end(const struct canvas *c, int row, bool colour)
{
    const struct canvas_cell *line = &c->cells[(size_t)row * (size_t)c->columns];
    int end = c->columns;
    while (end > 0 && strcmp(line[end - 1].utf8, " ") == 0 &&
           (!colour || (line[end - 1].look == LOOK_TEXT && line[end - 1].attrs == 0)))
        end--;
    return end;
}

void canvas_dump(const struct canvas *c, struct buf *out)
{
    for (int row = 0; row < c->rows; row++) {
        int end = line_end(c, row, false);
        for (int x = 0; x < end; x++)
            buf_puts(out, c->cells[(size_t)row * (size_t)c->columns + (size_t)x].utf8);
        buf_putc(out, '\n');
    }
}

static void add_colour(struct buf *out, const struct colour *colour, int depth, bool background)
{
    int c = depth >= 256 ? colour->c256 : colour->c16;
    int base = background ? 40 : 30;
    if (c < 0)
        return;
    if (depth >= 256)
        buf_printf(out, ";%d;5;%d", base + 8, c);
    else
        buf_printf(out, ";%d", c < 8 ? base + c : base + 60 + c - 8);
}

static void add_style(struct buf *out, const struct theme *theme, const struct canvas_cell *cell, int depth)
{
    static const char codes[] = {'1', '2', '7', '4', '3'};
    const struct style *style = &theme->looks[cell->look];
    unsigned attrs = cell->attrs | (depth > 0 ? style->attrs : style->mono_attrs);
    buf_puts(out, "\033[0");
    for (unsigned i = 0; i < sizeof(codes); i++)
        if (attrs & 1u << i)
            buf_printf(out, ";%c", codes[i]);
    if (depth > 0) {
        add_colour(out, &style->fg, depth, false);
        add_colour(out, &style->bg, depth, true);
    }
    buf_putc(out, 'm');
}

void canvas_dump_sgr(const struct canvas *c, const struct theme *theme, int depth, struct buf *out)
{
    for (int row = 0; row < c->rows; row++) {
        int end = line_end(c, row, true), look = -1, attrs = -1;
        for (int x = 0; x < end; x++) {
            const struct canvas_cell *cell = &c->cells[(size_t)row * (size_t)c->columns + (size_t)x];
            if (cell->look != look || cell->attrs != attrs)
                add_style(out, theme, cell, depth);
            look = cell->look;
            attrs = cell->attrs;
            buf_puts(out, cell->utf8);
        }
        buf_puts(out, end > 0 ? "\033[0m\n" : "\n");
    }
}
