/* Which columns are shown, in what order, and where each one stands on a screen of a given width. */
#include "ui/widgets/table_inside.h"

#include "base/format.h"

#include <assert.h>
#include <string.h>

enum {
    TEXT_WIDTH = 16,        /* of text that does not say what it wants */
    TEXT_LEAST = 10,        /* text gives way down to this, before a column is left out */
    LAST_TEXT_LEAST = 12,   /* the last text column takes what is left, but this at least, */
    LAST_TEXT_PART = 6,     /* or this part of the screen; */
    LAST_TEXT_PART_LARGE = 5,
    LARGE_FROM = 120,       /* this one from here on */
    LAST_TEXT_FAIR = 40,    /* before others get more than they want, it gets this */
    WIDE_MOST = 200,
    SILENT = 1000,          /* more than any priority */
    NARROW_BELOW = 60,
    FROZEN_LEAST = 6        /* of the frozen column, where all else would have no place */
};

static void add(struct table *t, int column, bool shown)
{
    t->columns[t->ncolumns++] = (struct table_column){.column = column, .shown = shown};
}

static bool listed(const struct table *t, int column)
{
    for (int i = 0; i < t->ncolumns; i++)
        if (t->columns[i].column == column)
            return true;
    return false;
}

void table_set_columns(struct table *t)
{
    const char *const *names = t->form->columns;
    for (int i = 0; names && names[i]; i++) {
        int column = schema_find(t->schema, names[i]);
        if (column >= 0)
            add(t, column, true);
    }
    for (int i = 0; i < t->schema->ncolumns; i++)
        if (t->schema->columns[i].role != ROLE_EPOCH && !listed(t, i))
            add(t, i, !names && t->schema->columns[i].priority < 100);
    assert(t->ncolumns > 0);
    t->columns[0].shown = true;
}

int table_columns(const struct table *t)
{
    return t->ncolumns;
}

int table_column_at(const struct table *t, int place)
{
    return t->columns[place].column;
}

bool table_column_shown(const struct table *t, int place)
{
    return t->columns[place].shown;
}

void table_column_show(struct table *t, int place, bool shown)
{
    if (place > 0 && place < t->ncolumns)
        t->columns[place].shown = shown;
}

void table_column_move(struct table *t, int place, int step)
{
    int to = place + step;
    if (place < 1 || place >= t->ncolumns || to < 1 || to >= t->ncolumns)
        return;
    struct table_column moved = t->columns[place];
    t->columns[place] = t->columns[to];
    t->columns[to] = moved;
}

int table_columns_left_out(const struct table *t)
{
    return t->left_out;
}

void table_wide(struct table *t, bool wide)
{
    t->wide = wide;
}

bool table_is_wide(const struct table *t)
{
    return t->wide;
}

static int count_shown(const struct table *t)
{
    int n = 0;
    for (int i = 0; i < t->ncolumns; i++)
        n += t->columns[i].shown;
    return n;
}

void table_scroll(struct table *t, int step)
{
    int most = count_shown(t) - 2;
    t->scroll += step;
    if (t->scroll > most)
        t->scroll = most;
    if (t->scroll < 0)
        t->scroll = 0;
}

/* ---- widths ---- */

static const struct column *column_of(const struct table *t, const struct table_column *c)
{
    return &t->schema->columns[c->column];
}

/* By what is printed in it; see base/format.h. */
static int type_width(const struct column *c)
{
    static const int by_unit[UNIT_COUNT_] = {FORMAT_WIDTH_COUNT, FORMAT_WIDTH_COUNT, FORMAT_WIDTH_BYTES,
                                             FORMAT_WIDTH_DURATION, FORMAT_WIDTH_PERCENT, FORMAT_WIDTH_COUNT};
    if (c->type == TYPE_TEXT)
        return TEXT_WIDTH;
    if (c->type == TYPE_BOOL)
        return 3;
    if (c->type == TYPE_TIME)
        return 9;
    if (c->role == ROLE_COUNTER)
        return c->unit == UNIT_BYTES || c->unit == UNIT_SECONDS ? FORMAT_WIDTH_BYTES_RATE : FORMAT_WIDTH_RATE;
    return c->unit == UNIT_NONE ? 1 : by_unit[c->unit];
}

static int heading_width(const struct table *t, const struct table_column *c)
{
    return canvas_width(column_of(t, c)->heading, 64) + (c->column == t->sort ? 1 : 0);
}

static bool is_text(const struct table *t, const struct table_column *c)
{
    return column_of(t, c)->type == TYPE_TEXT;
}

/* Text gets what was seen of it, up to what it wants; a number is never cut, nor is the frozen column. */
static int wanted(const struct table *t, const struct table_column *c)
{
    const struct column *is = column_of(t, c);
    int heading = heading_width(t, c), most = is->width ? is->width : type_width(is), width = c->seen;
    bool frozen = c == &t->columns[0];
    if (!is_text(t, c))
        width = width > type_width(is) ? width : type_width(is);
    else if (!frozen && !t->wide && width > most)
        width = most;
    return width > heading ? width : heading;
}

/* What a column must have to be shown at all. */
static int least(const struct table *t, const struct table_column *c, bool last, int columns)
{
    int want = wanted(t, c), heading = heading_width(t, c);
    int most = t->form->text_least > 0 && columns >= LARGE_FROM ? t->form->text_least : TEXT_LEAST;
    if (last) {
        most = columns / (columns < LARGE_FROM ? LAST_TEXT_PART : LAST_TEXT_PART_LARGE);
        most = most > LAST_TEXT_LEAST ? most : LAST_TEXT_LEAST;
        most = t->form->tail_least > 0 ? t->form->tail_least : most;
        want = c->seen > heading ? c->seen : heading;
    }
    if (!is_text(t, c) || c == &t->columns[0] || want <= most)
        return want;
    return most > heading ? most : heading;
}

/* The last shown column, when it is text: it takes what the others leave. */
static struct table_column *taker(struct table *t)
{
    struct table_column *last = NULL;
    for (int i = 1; i < t->ncolumns; i++)
        if (t->columns[i].shown)
            last = &t->columns[i];
    return last && is_text(t, last) ? last : NULL;
}

static int total_width(const struct table *t, int gap)
{
    int total = TABLE_GUTTER;
    for (int i = 0; i < t->ncolumns; i++)
        if (t->columns[i].width > 0)
            total += t->columns[i].width + gap;
    return total - gap;
}

/* Nobody understands an order by a column that is not there. One of which nothing is known is worth no place. */
static int leaves_at(const struct table *t, const struct table_column *c)
{
    bool silent = !c->says && column_of(t, c)->role != ROLE_COUNTER;    /* whose rate comes with the next answer */
    if (c->column == t->reason && t->drawn_columns < NARROW_BELOW)
        return SILENT - 1;
    return c->column == t->sort ? 0 : column_of(t, c)->priority + (silent ? SILENT : 0);
}

/* The column that leaves first: the highest priority number, of equal ones the last. */
static struct table_column *first_to_leave(struct table *t)
{
    struct table_column *leaves = NULL;
    for (int i = 1; i < t->ncolumns; i++) {
        struct table_column *c = &t->columns[i];
        if (c->width > 0 && (!leaves || leaves_at(t, c) >= leaves_at(t, leaves)))
            leaves = c;
    }
    return leaves;
}

/* Of what was left out, the one that should have stayed longest and fits all the same. */
static struct table_column *first_to_return(struct table *t, int room)
{
    struct table_column *returns = NULL;
    for (int i = 1; i < t->ncolumns; i++) {
        struct table_column *c = &t->columns[i];
        if (!c->shown || c->width > 0 || wanted(t, c) > room)
            continue;
        if (!returns || leaves_at(t, c) < leaves_at(t, returns))
            returns = c;
    }
    return returns;
}

static int count_laid_out(const struct table *t)
{
    int n = 0;
    for (int i = 0; i < t->ncolumns; i++)
        n += t->columns[i].width > 0;
    return n;
}

static void drop_by_priority(struct table *t, int columns, int gap)
{
    struct table_column *c;
    while (total_width(t, gap) > columns && (c = first_to_leave(t))) {
        c->width = 0;
        t->left_out++;
    }
    /* On the smallest screens a narrow column is better than an empty place. */
    while (count_laid_out(t) < 3 && (c = first_to_return(t, columns - total_width(t, gap) - gap))) {
        c->width = wanted(t, c);
        t->left_out--;
    }
}

/* Names alone say nothing of what they name: the frozen one is cut for the one that should have stayed longest. */
static bool make_room(struct table *t, int columns, int gap)
{
    struct table_column *first = &t->columns[0], *best = NULL;
    int room = columns - TABLE_GUTTER - FROZEN_LEAST - gap, width = 0;
    for (int i = 1; i < t->ncolumns && is_text(t, first) && count_laid_out(t) == 1; i++) {
        struct table_column *c = &t->columns[i];
        int needs = c->seen > heading_width(t, c) ? c->seen : heading_width(t, c);
        if (!c->shown || needs > room || (best && leaves_at(t, c) >= leaves_at(t, best)))
            continue;
        best = c;
        width = needs;
    }
    if (!best)
        return false;
    best->width = width;
    first->width = columns - TABLE_GUTTER - gap - width;
    t->left_out--;
    return true;
}

/* Widens a column to a width, as far as the rest goes. */
static void widen(struct table_column *c, int to, int *rest)
{
    int more = to - c->width;
    if (c->width == 0 || more <= 0)
        return;
    more = more > *rest ? *rest : more;
    c->width += more;
    *rest -= more;
}

/* The text column that is furthest from what it wants (or from all that was seen of it). */
static struct table_column *neediest(struct table *t, const struct table_column *last, bool all)
{
    struct table_column *found = NULL;
    int most = 0;
    for (int i = 0; i < t->ncolumns; i++) {
        struct table_column *c = &t->columns[i];
        int lacks = (all ? c->seen : wanted(t, c)) - c->width;
        if (c->width > 0 && c != last && is_text(t, c) && lacks > most) {
            found = c;
            most = lacks;
        }
    }
    return found;
}

/* What is left goes, cell by cell, to the text that gave way; then a fair part to the last column, then to
 * text that is cut all the same, then to the last column again. */
static void share_rest(struct table *t, struct table_column *last, int columns, int gap)
{
    int rest = columns - total_width(t, gap);
    struct table_column *c;
    while (rest > 0 && (c = neediest(t, last, false)))
        widen(c, c->width + 1, &rest);
    if (last)
        widen(last, last->seen < LAST_TEXT_FAIR ? last->seen : LAST_TEXT_FAIR, &rest);
    while (rest > 0 && (c = neediest(t, last, true)))
        widen(c, c->width + 1, &rest);
    if (last)
        widen(last, last->width + rest, &rest);
}

static void set_places(struct table *t, int gap)
{
    int at = TABLE_GUTTER;
    for (int i = 0; i < t->ncolumns; i++) {
        t->columns[i].at = at;
        if (t->columns[i].width > 0)
            at += t->columns[i].width + gap;
    }
}

/* Scrolled or wide: columns from the scroll on, as far as they reach; text is cut at the edge. */
static void lay_out_wide(struct table *t, int columns, int gap)
{
    int skip = t->scroll, at = TABLE_GUTTER + t->columns[0].width + gap;
    bool full = false;
    for (int i = 1; i < t->ncolumns; i++) {
        struct table_column *c = &t->columns[i];
        if (c->width == 0)
            continue;
        full = full || (skip == 0 && at + (is_text(t, c) ? heading_width(t, c) : c->width) > columns);
        if (full || skip > 0) {
            c->width = 0;
            t->left_out++;
            skip -= skip > 0;
            continue;
        }
        if (c->width > columns - at)
            c->width = columns - at;
        at += c->width + gap;
    }
}

/* The column of the branches, or the first text that is there instead. */
static int branch_column(const struct table *t)
{
    int text = -1;
    for (int i = 0; i < t->ncolumns; i++) {
        const struct table_column *c = &t->columns[i];
        if (c->width > 0 && c->column == t->branch)
            return t->branch;
        if (c->width > 0 && text < 0 && is_text(t, c))
            text = c->column;
    }
    return t->branch < 0 ? -1 : text;
}

void table_layout(struct table *t, int columns)
{
    int gap = columns >= 100 || t->wide ? 2 : 1;
    bool cramped = false;
    struct table_column *last = taker(t);
    t->left_out = 0;
    for (int i = 0; i < t->ncolumns; i++) {
        struct table_column *c = &t->columns[i];
        c->width = !c->shown ? 0 : t->wide || t->scroll > 0 ? wanted(t, c) : least(t, c, c == last, columns);
        if (c->width > WIDE_MOST)
            c->width = WIDE_MOST;
    }
    if (t->columns[0].width > columns - TABLE_GUTTER)
        t->columns[0].width = columns > TABLE_GUTTER ? columns - TABLE_GUTTER : 1;
    if (t->wide || t->scroll > 0)
        lay_out_wide(t, columns, gap);
    else {
        drop_by_priority(t, columns, gap);
        cramped = make_room(t, columns, gap);
    }
    share_rest(t, last, columns, gap);
    set_places(t, gap);
    t->branch_drawn = cramped && t->branch == t->columns[0].column ? -1 : branch_column(t);
}
