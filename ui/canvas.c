/* A screenful of cells. All text, safe or not, goes through base/text.h letter by letter on its way into a
 * cell, so that a slip elsewhere cannot reach the terminal. */
#include "ui/canvas.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Our own glyphs, one column each, and what stands for them where the font is not to be trusted: what would say
 * something else as one letter has several. Sorted. */
static const struct stand_in {
    uint32_t code;
    char ascii[6];
} stand_ins[] = {
    {0x00b1, "~"}, {0x00b5, "u"}, {0x00b7, "."}, {0x00d7, "x"}, {0x03a3, "S"}, {0x2013, "-"}, {0x2014, "-"},
    {0x2022, "*"}, {0x2026, "~"}, {0x203a, ">"}, {0x203c, "#"}, {0x2190, "<"}, {0x2191, "^"}, {0x2192, ">"},
    {0x2193, "v"}, {0x21b3, "`"}, {0x221e, "never"}, {0x2264, "<="}, {0x2265, ">="}, {0x23ce, "<"}, {0x2423, "_"},
    {0x2500, "-"}, {0x2502, "|"}, {0x250c, "+"}, {0x2510, "+"}, {0x2514, "`"}, {0x2518, "+"}, {0x251c, "|"},
    {0x2524, "|"}, {0x252c, "+"}, {0x2534, "+"}, {0x253c, "+"}, {0x2581, "."}, {0x2582, ":"}, {0x2583, "-"},
    {0x2584, "="}, {0x2585, "+"}, {0x2586, "*"}, {0x2587, "*"}, {0x2588, "#"}, {0x258f, "|"}, {0x2591, "."},
    {0x2592, ":"}, {0x2593, "#"}, {0x25aa, "*"}, {0x25b2, "^"}, {0x25b4, "^"}, {0x25b8, ">"}, {0x25bc, "v"},
    {0x25be, "v"}, {0x25c2, "<"}, {0x25cf, "*"}, {0x2713, "x"},
};

static const char *stand_in(uint32_t code)
{
    size_t low = 0, high = COUNT_OF(stand_ins);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (stand_ins[middle].code == code)
            return stand_ins[middle].ascii;
        if (stand_ins[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The next letter of text that the program wrote. Our own glyphs are known to be one column, whatever the
 * locale. */
static bool next_own(const struct canvas *c, struct text_iter *it, struct text_glyph *glyph)
{
    uint32_t code;
    bool pending = it->pending_at < it->pending_len;
    size_t len = pending ? 0 : text_decode(it->at, (size_t)(it->end - it->at), &code);
    const char *ascii = len > 1 ? stand_in(code) : NULL;
    if (ascii) {
        bool plain = c->glyphs == GLYPHS_ASCII;
        glyph->len = plain ? 1 : (uint8_t)len;
        memcpy(glyph->bytes, plain ? ascii : it->at, glyph->len);
        glyph->bytes[glyph->len] = '\0';
        glyph->columns = 1;
        it->at += len;
        it->pending_at = 0;
        it->pending_len = plain ? (uint8_t)(strlen(ascii) - 1) : 0;
        memcpy(it->pending, ascii + 1, it->pending_len);
        return true;
    }
    if (!text_next(it, glyph))
        return false;
    if (c->mode == TEXT_ASCII && glyph->len > 1)
        *glyph = (struct text_glyph){.bytes = {(unsigned char)glyph->bytes[0] < 0x80 ? glyph->bytes[0] : '?'},
                                     .len = 1, .columns = 1};
    return true;
}

void canvas_spell(const struct canvas *c, struct buf *out, const char *safe)
{
    struct text_iter it = text_iter(safe, strlen(safe), TEXT_UTF8);
    struct text_glyph glyph;
    if (c->glyphs != GLYPHS_ASCII)
        buf_puts(out, safe);
    else
        while (next_own(c, &it, &glyph))
            buf_add(out, glyph.bytes, glyph.len);
}

struct canvas *canvas_new(int rows, int columns, enum text_mode mode)
{
    struct canvas *c = mem_new(sizeof(*c));
    c->mode = mode;
    c->glyphs = mode == TEXT_ASCII ? GLYPHS_ASCII : GLYPHS_BLOCKS;
    canvas_resize(c, rows, columns);
    return c;
}

void canvas_free(struct canvas *c)
{
    if (c)
        free(c->cells);
    free(c);
}

void canvas_resize(struct canvas *c, int rows, int columns)
{
    c->rows = rows < 1 ? 1 : rows;
    c->columns = columns < 1 ? 1 : columns;
    free(c->cells);
    c->cells = mem_array((size_t)c->rows * (size_t)c->columns, sizeof(*c->cells));
    canvas_clear(c);
}

static struct canvas_cell *cell_at(const struct canvas *c, int row, int column)
{
    return &c->cells[(size_t)row * (size_t)c->columns + (size_t)column];
}

static void set_blank(struct canvas_cell *cell)
{
    memcpy(cell->utf8, " ", 2);
    cell->columns = 1;
}

void canvas_clear(struct canvas *c)
{
    c->clip = (struct rect){0, 0, c->rows, c->columns};
    c->cursor_row = c->cursor_column = -1;
    for (int i = 0; i < c->rows * c->columns; i++)
        c->cells[i] = (struct canvas_cell){.utf8 = " ", .columns = 1, .look = LOOK_TEXT};
}

static int between(int n, int low, int high)
{
    return n < low ? low : n > high ? high : n;
}

struct rect canvas_clip(struct canvas *c, struct rect r)
{
    struct rect old = c->clip;
    int top = between(r.row, 0, old.rows), left = between(r.column, 0, old.columns);
    int bottom = between(r.row + r.rows, top, old.rows),
        right = between(r.column + r.columns, left, old.columns);
    c->clip = (struct rect){old.row + top, old.column + left, bottom - top, right - left};
    return old;
}

void canvas_unclip(struct canvas *c, struct rect old)
{
    c->clip = old;
}

/* Half of a wide letter is not a letter: when one half is overwritten the other becomes blank. */
static void break_wide(struct canvas *c, int row, int column)
{
    struct canvas_cell *cell = cell_at(c, row, column);
    if (cell->columns == 0 && column > 0)
        set_blank(cell - 1);
    if (cell->columns == 2 && column + 1 < c->columns)
        set_blank(cell + 1);
}

static void put_cell(struct canvas *c, int row, int column, const struct text_glyph *glyph,
                     enum role_name look)
{
    struct canvas_cell *cell = cell_at(c, row, column);
    break_wide(c, row, column);
    memcpy(cell->utf8, glyph->bytes, (size_t)glyph->len + 1);
    cell->columns = glyph->columns;
    cell->look = (uint8_t)look;
    cell->attrs = 0;
    if (glyph->columns == 2) {
        break_wide(c, row, column + 1);
        cell[1] = (struct canvas_cell){.look = (uint8_t)look};
    }
}

/* Row and column count from the clip's corner. A wide letter that is cut by an edge of the clip becomes
 * blanks. */
static void put(struct canvas *c, int row, int column, const struct text_glyph *glyph, enum role_name look)
{
    static const struct text_glyph blank = {" ", 1, 1};
    if (row < 0 || row >= c->clip.rows)
        return;
    bool first = column >= 0 && column < c->clip.columns;
    bool second = glyph->columns == 2 && column + 1 >= 0 && column + 1 < c->clip.columns;
    if (glyph->columns == 2 && !(first && second)) {
        if (first)
            put_cell(c, c->clip.row + row, c->clip.column + column, &blank, look);
        if (second)
            put_cell(c, c->clip.row + row, c->clip.column + column + 1, &blank, look);
    } else if (first) {
        put_cell(c, c->clip.row + row, c->clip.column + column, glyph, look);
    }
}

static const char ellipsis[] = "…";

typedef bool next_letter(const struct canvas *c, struct text_iter *it, struct text_glyph *glyph);

static bool next_raw(const struct canvas *c, struct text_iter *it, struct text_glyph *glyph)
{
    (void)c;
    return text_next(it, glyph);
}

/* Columns of the text, counting no further than `most` + 1. */
static int measure(const struct canvas *c, struct text_iter it, next_letter *next, int most)
{
    struct text_glyph glyph;
    int used = 0;
    while (used <= most && next(c, &it, &glyph))
        used += glyph.columns;
    return used;
}

static int draw(struct canvas *c, int row, int column, int width, enum role_name look, struct text_iter it,
                next_letter *next)
{
    struct text_glyph glyph;
    int room = c->clip.columns - column;
    if (width >= 0 && width < room)
        room = width;
    if (room <= 0 || row < 0 || row >= c->clip.rows)
        return 0;
    bool cut = measure(c, it, next, room) > room;
    int limit = cut ? room - 1 : room, used = 0;
    struct text_iter ahead = it;
    while (next(c, &ahead, &glyph) && used + glyph.columns <= limit) {
        put(c, row, column + used, &glyph, look);
        used += glyph.columns;
    }
    if (cut) {
        struct text_iter dots = text_iter(ellipsis, sizeof(ellipsis) - 1, TEXT_UTF8);
        if (next_own(c, &dots, &glyph))
            put(c, row, column + used, &glyph, look);
        used++;
    }
    return used;
}

int canvas_text(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe)
{
    return draw(c, row, column, width, look, text_iter(safe, strlen(safe), TEXT_UTF8), next_own);
}

/* A sentence of one long word is cut as any text. */
int canvas_words(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe)
{
    char text[512];
    int room = width < 0 || width > c->clip.columns - column ? c->clip.columns - column : width;
    if (room < 4 || canvas_width(safe, room + 1) <= room || strlen(safe) >= sizeof(text) - sizeof(ellipsis))
        return canvas_text(c, row, column, width, look, safe);
    size_t fits = 0;
    for (const char *at = strchr(safe, ' '); at; at = strchr(at + 1, ' ')) {
        snprintf(text, sizeof(text), "%.*s", (int)(at - safe), safe);
        if (canvas_width(text, room + 1) > room - 2)
            break;
        fits = (size_t)(at - safe);
    }
    if (fits == 0)
        return canvas_text(c, row, column, width, look, safe);
    snprintf(text, sizeof(text), "%.*s %s", (int)fits, safe, ellipsis);
    return canvas_text(c, row, column, room, look, text);
}

int canvas_textf(struct canvas *c, int row, int column, int width, enum role_name look, const char *format,
                 ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return canvas_text(c, row, column, width, look, text);
}

int canvas_width(const char *safe, int most)
{
    static const struct canvas any = {.mode = TEXT_UTF8, .glyphs = GLYPHS_BLOCKS};
    int used = measure(&any, text_iter(safe, strlen(safe), TEXT_UTF8), next_own, most);
    return used < most ? used : most;
}

void canvas_right(struct canvas *c, int row, int column, int width, enum role_name look, const char *safe)
{
    int used = canvas_width(safe, width);
    canvas_text(c, row, column + width - used, used, look, safe);
}

int canvas_raw(struct canvas *c, int row, int column, int width, enum role_name look, const char *bytes,
               size_t len)
{
    return draw(c, row, column, width, look, text_iter(bytes, len, c->mode), next_raw);
}

enum { UNIT_MOST = 4 };       /* columns of "kB/s", "xids" */

static bool begins_number(const char *bytes)
{
    return (bytes[0] >= '0' && bytes[0] <= '9') || strchr("<>~", bytes[0]) || strcmp(bytes, "≥") == 0;
}

/* The next word: its first column and the one after its last. False at the end. */
static bool next_word(struct text_iter *it, int *start, int *end, bool *number)
{
    struct text_glyph glyph;
    int at = *end;
    bool inside = false;
    while (text_next(it, &glyph)) {
        bool blank = glyph.bytes[0] == ' ';
        if (blank && inside) {
            *end = at;
            return true;
        }
        if (!blank && !inside) {
            *start = at;
            *number = begins_number(glyph.bytes);
            inside = true;
        }
        at += glyph.columns;
    }
    *end = at;
    return inside;
}

/* The columns that may be drawn of a text that must be cut at `limit`: a number and the unit behind it go together. */
static int before_number(struct text_iter it, int limit)
{
    int start = 0, end = 0, from = 0;
    bool number = false, before = false;
    while (next_word(&it, &start, &end, &number)) {
        bool unit = before && !number && end - start <= UNIT_MOST;
        if (end > limit)
            return number ? start : unit ? from : limit;
        before = number;
        from = start;
        end++;          /* the blank that ended it */
    }
    return limit;
}

int canvas_sentence(struct canvas *c, int row, int column, int width, enum role_name look, const char *bytes, size_t len)
{
    struct text_iter it = text_iter(bytes, len, c->mode);
    int room = c->clip.columns - column;
    if (width >= 0 && width < room)
        room = width;
    if (room > 1 && measure(c, it, next_raw, room) > room) {
        int whole = before_number(it, room - 1);
        room = whole > 1 && whole < room - 1 ? whole : room;
    }
    return draw(c, row, column, room, look, it, next_raw);
}

void canvas_fill(struct canvas *c, int row, int column, int rows, int columns, enum role_name look,
                 const char *glyph)
{
    struct text_iter it = text_iter(glyph, strlen(glyph), TEXT_UTF8);
    struct text_glyph letter;
    if (!next_own(c, &it, &letter) || letter.columns != 1)
        letter = (struct text_glyph){"?", 1, 1};
    int last_row = between(row + rows, 0, c->clip.rows),
        last_column = between(column + columns, 0, c->clip.columns);
    for (int r = row < 0 ? 0 : row; r < last_row; r++)
        for (int x = column < 0 ? 0 : column; x < last_column; x++)
            put(c, r, x, &letter, look);
}

void canvas_look(struct canvas *c, int row, int column, int columns, enum role_name look)
{
    int last = between(column + columns, 0, c->clip.columns);
    if (row < 0 || row >= c->clip.rows)
        return;
    for (int x = column < 0 ? 0 : column; x < last; x++)
        cell_at(c, c->clip.row + row, c->clip.column + x)->look = (uint8_t)look;
}

void canvas_attrs(struct canvas *c, int row, int column, int columns, uint8_t attrs)
{
    int last = between(column + columns, 0, c->clip.columns);
    if (row < 0 || row >= c->clip.rows)
        return;
    for (int x = column < 0 ? 0 : column; x < last; x++)
        cell_at(c, c->clip.row + row, c->clip.column + x)->attrs |= attrs;
}

void canvas_cursor(struct canvas *c, int row, int column)
{
    bool inside = row >= 0 && row < c->clip.rows && column >= 0 && column < c->clip.columns;
    c->cursor_row = inside ? c->clip.row + row : -1;
    c->cursor_column = inside ? c->clip.column + column : -1;
}

void canvas_box(struct canvas *c, struct rect r, enum role_name look, const char *title)
{
    int bottom = r.row + r.rows - 1, right = r.column + r.columns - 1;
    if (r.rows < 2 || r.columns < 2)
        return;
    canvas_fill(c, r.row, r.column, r.rows, r.columns, LOOK_TEXT, " ");
    canvas_fill(c, r.row, r.column, 1, r.columns, look, "─");
    canvas_fill(c, bottom, r.column, 1, r.columns, look, "─");
    canvas_fill(c, r.row, r.column, r.rows, 1, look, "│");
    canvas_fill(c, r.row, right, r.rows, 1, look, "│");
    canvas_fill(c, r.row, r.column, 1, 1, look, "┌");
    canvas_fill(c, r.row, right, 1, 1, look, "┐");
    canvas_fill(c, bottom, r.column, 1, 1, look, "└");
    canvas_fill(c, bottom, right, 1, 1, look, "┘");
    if (title && r.columns > 6) {
        int used = canvas_text(c, r.row, r.column + 3, r.columns - 6, LOOK_TITLE, title);
        canvas_text(c, r.row, r.column + 2, 1, look, " ");
        canvas_text(c, r.row, r.column + 3 + used, 1, look, " ");
    }
}

/* ---- what a terminal needs to be told ---- */

#define JOIN_MOST 8     /* blanks; more are skipped by moving the cursor */

/* How many plain blanks lie from the cell on, in steps of 1 or -1; -1: more than are worth joining. */
static int blanks(const struct canvas_cell *cells, int columns, int column, int step, const bool *plain)
{
    for (int n = 0; n <= JOIN_MOST; n++, column += step) {
        if (column < 0 || column >= columns)
            return -1;
        const struct canvas_cell *cell = &cells[column];
        if (strcmp(cell->utf8, " ") != 0 || cell->attrs || !plain[cell->look])
            return n;
    }
    return -1;
}

enum role_name canvas_joined_look(const struct canvas *c, int row, int column, const bool plain[LOOK_COUNT_])
{
    const struct canvas_cell *cells = &c->cells[(size_t)row * (size_t)c->columns];
    enum role_name own = cells[column].look;
    int left = blanks(cells, c->columns, column, -1, plain), right = blanks(cells, c->columns, column, 1, plain);
    if (left <= 0 || right <= 0 || left + right > JOIN_MOST + 1)
        return own;
    const struct canvas_cell *before = &cells[column - left], *after = &cells[column + right];
    bool same = before->look == after->look && before->attrs == 0 && after->attrs == 0;
    return same && plain[before->look] ? (enum role_name)before->look : own;
}
