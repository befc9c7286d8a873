/* A screenful of cells in memory. Pages draw on it; curses.c copies it to the terminal, tests read it as
 * text. Nothing can be drawn outside of it, nor outside of the current clip. All text that comes here has
 * been made safe (base/text.h); a canvas draws '?' for what is not.
 *
 * Pages draw their own glyphs as UTF-8 ("▸", "│", "▅"): where the terminal cannot show them, a canvas draws
 * the ASCII sign that stands for each. */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "base/buf.h"
#include "base/text.h"
#include "spec/theme.h"

#include <stdbool.h>
#include <stdint.h>

/* What the terminal's font can be trusted with. ASCII: none of our own glyphs; server text may be UTF-8 all
 * the same. */
enum glyphs { GLYPHS_ASCII, GLYPHS_BLOCKS, GLYPHS_BRAILLE };

struct rect {
    int row, column, rows, columns;
};

struct canvas_cell {
    char utf8[16];          /* a base character and at most two combining ones, zero-terminated; "" for the
                               right half of a wide one */
    uint8_t columns;        /* 1, 2, or 0 for the right half of a wide one */
    uint8_t look;           /* enum role_name of spec/theme.h */
    uint8_t attrs;          /* bits of enum attribute, on top of the look's own */
};

struct canvas {
    int rows, columns;
    enum text_mode mode;            /* TEXT_ASCII: no cell holds anything but ASCII */
    struct canvas_cell *cells;      /* rows * columns */
    int cursor_row, cursor_column;  /* where the hardware cursor rests; -1: nowhere, hidden */
    enum glyphs glyphs;             /* canvas_new: ASCII in TEXT_ASCII, else blocks */
    struct rect clip;
};

struct canvas *canvas_new(int rows, int columns, enum text_mode mode);      /* at least 1x1 */
void canvas_free(struct canvas *c);
void canvas_resize(struct canvas *c, int rows, int columns);    /* content is lost, clip is all */
void canvas_clear(struct canvas *c);                            /* blanks, LOOK_TEXT; no cursor */

/* The size of the clip: what a page has to draw on. c->rows and c->columns are the whole screen's. */
static inline int canvas_rows(const struct canvas *c)
{
    return c->clip.rows;
}

static inline int canvas_columns(const struct canvas *c)
{
    return c->clip.columns;
}

/* Narrows the clip to r within the current one; returns the old clip, to be given back to canvas_unclip. */
struct rect canvas_clip(struct canvas *c, struct rect r);
void canvas_unclip(struct canvas *c, struct rect old);

/* Coordinates are relative to the clip and may lie outside of it, also to the left. Text is cut at `width`
 * columns with an ellipsis (width < 0: to the edge of the clip). They return the columns used. */
int canvas_text(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe);
int canvas_textf(struct canvas *c, int row, int column, int width, enum role_name look, const char *format,
                 ...) PRINTF_LIKE(6, 7);
/* The same, cut between words where it can be: for sentences. */
int canvas_words(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe);
/* Right-aligned in width. */
void canvas_right(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe);
/* Makes raw server text safe first. Long text costs no more than what is shown of it. */
int canvas_raw(struct canvas *c, int row, int column, int width, enum role_name look, const char *bytes,
               size_t len);
/* The same for a sentence: where it must be cut, no number is cut in two, nor loses its unit. */
int canvas_sentence(struct canvas *c, int row, int column, int width, enum role_name look, const char *bytes, size_t len);
void canvas_fill(struct canvas *c, int row, int column, int rows, int columns, enum role_name look,
                 const char *glyph);
/* Lays a look or attributes over what is drawn already. */
void canvas_look(struct canvas *c, int row, int column, int columns, enum role_name look);
void canvas_attrs(struct canvas *c, int row, int column, int columns, uint8_t attrs);
void canvas_cursor(struct canvas *c, int row, int column);
/* A frame of lines around the rectangle, its inside blanked; title in the upper line, NULL for none. */
void canvas_box(struct canvas *c, struct rect r, enum role_name look, const char *title);

/* Appends safe text with our own glyphs as they are drawn here: for what is measured or wrapped, as ">=" has a column
 * more than what it stands for. */
void canvas_spell(const struct canvas *c, struct buf *out, const char *safe);
/* Columns that safe text takes, counting at most `most`. */
int canvas_width(const char *safe, int most);

/* A look that shows as nothing on a blank (plain[look]: no ground of its own) may be any such. The look of the cell,
 * but that of the words around it where they have one and the same: then a terminal that gets them need not be told
 * of two colours more. Whole screen's row and column. */
enum role_name canvas_joined_look(const struct canvas *c, int row, int column, const bool plain[LOOK_COUNT_]);

/* The screen as lines of text without trailing blanks, for tests and saved displays. */
void canvas_dump(const struct canvas *c, struct buf *out);
/* The same with SGR colour for --color=always, by theme and depth (0 mono, 16, 256). */
void canvas_dump_sgr(const struct canvas *c, const struct theme *theme, int depth, struct buf *out);

#endif
