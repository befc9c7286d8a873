/* A list to choose from, drawn as a box in the middle of the page. On a screen too small for a box it takes
 * all. */
#include "ui/picker.h"

#include "base/mem.h"
#include "ui/fuzzy.h"

#include <stdlib.h>
#include <string.h>

/* Sorts by fit, keeping the given order among equals. */
static void narrow(struct picker *p)
{
    int *scores = mem_array((size_t)p->nitems + 1, sizeof(*scores));
    p->nshown = p->at = p->top = 0;
    for (int i = 0; i < p->nitems; i++) {
        int score = fuzzy_score(p->narrow.text, p->items[i].text), to = p->nshown;
        if (score < 0)
            continue;
        for (; to > 0 && scores[to - 1] < score; to--) {
            scores[to] = scores[to - 1];
            p->shown[to] = p->shown[to - 1];
        }
        scores[to] = score;
        p->shown[to] = i;
        p->nshown++;
    }
    free(scores);
}

void picker_start(struct picker *p, const struct ui_pick *pick)
{
    *p = (struct picker){.title = mem_string(pick->title), .nitems = pick->nitems, .many = pick->many};
    p->items = mem_array((size_t)pick->nitems + 1, sizeof(*p->items));
    p->shown = mem_array((size_t)pick->nitems + 1, sizeof(*p->shown));
    for (int i = 0; i < pick->nitems; i++)
        p->items[i] = (struct picker_item){mem_string(pick->items[i].text), mem_string(pick->items[i].help),
                                           pick->items[i].on, pick->items[i].fixed};
    narrow(p);
    for (int i = 0; i < pick->nitems && !p->many; i++)
        if (pick->items[i].on)
            p->at = i;
}

void picker_end(struct picker *p)
{
    for (int i = 0; i < p->nitems; i++) {
        free(p->items[i].text);
        free(p->items[i].help);
    }
    free(p->items);
    free(p->shown);
    free(p->title);
    *p = (struct picker){0};
}

void picker_move(struct picker *p, int by)
{
    int last = p->nshown - 1, to = p->at + by;
    p->at = to > last ? last : to;
    if (p->at < 0)
        p->at = 0;
}

static enum picker_answer tick(struct picker *p, int *item)
{
    struct picker_item *it = &p->items[p->shown[p->at]];
    *item = p->shown[p->at];
    if (it->fixed)
        return PICKER_FIXED;
    it->on = !it->on;
    return PICKER_TICKED;
}

static enum picker_answer choose(struct picker *p, int *item)
{
    if (p->many || p->nshown == 0)
        return PICKER_CLOSED;
    *item = p->shown[p->at];
    return PICKER_CHOSEN;
}

/* Keys that move, whatever else may be bound to letters: those are for typing here. */
static int step(uint32_t key, int request, int page)
{
    if (key >= 0x20 && key < K_SPECIAL_)
        return 0;
    switch (request) {
    case REQ_UP: return -1;
    case REQ_DOWN: return 1;
    case REQ_PAGE_UP: case REQ_HALF_UP: return -page;
    case REQ_PAGE_DOWN: case REQ_HALF_DOWN: return page;
    default: return 0;
    }
}

enum picker_answer picker_key(struct picker *p, uint32_t key, int request, int *item)
{
    int by = step(key, request, p->place.rows > 3 ? p->place.rows - 3 : 1);
    if (key == K_ESCAPE || key == 3)
        return PICKER_CLOSED;
    if (key == K_ENTER)
        return choose(p, item);
    if (key == K_SPACE && p->many)
        return p->nshown > 0 ? tick(p, item) : PICKER_GOES_ON;
    if (by)
        picker_move(p, by);
    else if ((key == K_HOME || key == K_END) && p->narrow.len == 0)
        picker_move(p, key == K_HOME ? -p->nitems : p->nitems);
    else if (line_key(&p->narrow, key))
        narrow(p);
    return PICKER_GOES_ON;
}

enum picker_answer picker_click(struct picker *p, int row, int column, bool twice, int *item)
{
    int at = p->top + row - p->place.row;
    bool inside = row >= p->place.row && row < p->place.row + p->place.rows && column >= p->place.column &&
                  column < p->place.column + p->place.columns;
    if (!inside || at >= p->nshown)
        return PICKER_GOES_ON;
    p->at = at;
    if (p->many)
        return tick(p, item);
    return twice ? choose(p, item) : PICKER_GOES_ON;
}

void picker_paste(struct picker *p, const char *bytes, size_t len)
{
    if (line_insert(&p->narrow, bytes, len))
        narrow(p);
}

/* Columns that the list wants, its frame included. */
static int widest(struct picker *p)
{
    int text = 0, help = 0, title = canvas_width(p->title, 60) + 8;
    for (int i = 0; i < p->nitems; i++) {
        int one = canvas_width(p->items[i].text, 60), two = p->items[i].help ? canvas_width(p->items[i].help, 200) : 0;
        text = one > text ? one : text;
        help = two > help ? two : help;
    }
    p->help_at = text + (p->many ? 8 : 4);
    int all = p->help_at + (help ? help + 1 : 0) + 2;
    return all > title ? all : title;
}

static void draw_item(const struct picker *p, struct canvas *c, int row, int index)
{
    const struct picker_item *it = &p->items[p->shown[index]];
    bool current = index == p->at;
    enum role_name look = current ? LOOK_CURSOR : LOOK_TEXT;
    int columns = canvas_columns(c), x = 2;
    canvas_fill(c, row, 0, 1, columns, look, " ");
    canvas_text(c, row, 0, 1, look, current ? "▸" : " ");
    if (p->many)
        x += canvas_text(c, row, x, -1, it->fixed ? LOOK_DISABLED : look, it->on ? "[x] " : "[ ] ");
    canvas_text(c, row, x, columns - x, look, it->text);
    if (it->help && columns - p->help_at > 8)
        canvas_words(c, row, p->help_at, columns - p->help_at - 1, current ? look : LOOK_LABEL, it->help);
    if (current)
        canvas_cursor(c, row, 0);
}

static void draw_items(struct picker *p, struct canvas *c)
{
    int rows = canvas_rows(c);
    if (p->at < p->top)
        p->top = p->at;
    if (p->at >= p->top + rows)
        p->top = p->at - rows + 1;
    for (int i = 0; i < rows && p->top + i < p->nshown; i++)
        draw_item(p, c, i, p->top + i);
    if (p->nshown == 0)
        canvas_text(c, 0, 1, -1, LOOK_LABEL, "nothing fits");
}

void picker_draw(struct picker *p, struct canvas *c)
{
    int rows = p->nitems + 2, columns = widest(p), room = canvas_rows(c), wide = canvas_columns(c);
    bool boxed = room >= 5 && wide >= 12;
    rows = rows > room ? room : rows;
    columns = columns > wide ? wide : columns;
    struct rect r = {(room - rows) / 2, (wide - columns) / 2, rows, columns};
    if (!boxed)
        r = (struct rect){0, 0, room, wide};
    canvas_fill(c, r.row, r.column, r.rows, r.columns, LOOK_TEXT, " ");
    if (boxed) {
        canvas_box(c, r, LOOK_BORDER, p->title);
        if (p->narrow.len)
            canvas_textf(c, r.row + r.rows - 1, r.column + 2, r.columns - 4, LOOK_INPUT, " %s ",
                         p->narrow.text);
        r = (struct rect){r.row + 1, r.column + 1, r.rows - 2, r.columns - 2};
    }
    struct rect old = canvas_clip(c, r);
    p->place = c->clip;
    draw_items(p, c);
    canvas_unclip(c, old);
}
