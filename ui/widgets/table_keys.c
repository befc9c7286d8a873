/* What keys do to a table: moving, sorting, prompts for filter and search, lists of columns. */
#include "ui/widgets/table_inside.h"

#include "base/mem.h"
#include "ui/ui.h"
#include "ui/widgets/cell.h"
#include "ui/widgets/copy.h"

#include <stdlib.h>

/* ---- filter and search ---- */

/* The filter works while it is typed. Giving up brings the old one back, and so does what is wrong so far: half of a
 * filter is another one, that nobody asked for. */
static void filter_live(void *arg, struct ui *ui, const char *text)
{
    struct table *t = arg;
    struct err err;
    if (!table_filter(t, text, &err) && !table_filter(t, t->filter_before, &err))
        ui_say(ui, SEV_WARN, "%s", err.text);
    ui_dirty(ui);
}

static void filter_done(void *arg, struct ui *ui, const char *text)
{
    struct table *t = arg;
    struct err err;
    if (!table_filter(t, text ? text : t->filter_before, &err))
        ui_say(ui, SEV_WARN, "%s", err.text);
    free(t->filter_before);
    t->filter_before = NULL;
    ui_dirty(ui);
}

static bool filter_check(void *arg, const char *text, struct err *err)
{
    struct table *t = arg;
    if (text[0] == '\0')
        return true;
    struct filter *f = filter_compile(text, t->schema, err);
    filter_free(f);
    return f != NULL;
}

static void ask_filter(struct table *t, struct ui *ui)
{
    free(t->filter_before);
    t->filter_before = mem_string(t->filter_text);
    ui_ask(ui, &(struct ui_prompt){.label = "filter",
                                   .history = "filter",
                                   .text = t->filter_text,
                                   .done = filter_done,
                                   .live = filter_live,
                                   .check = filter_check,
                                   .arg = t});
}

static void search_done(void *arg, struct ui *ui, const char *text)
{
    struct table *t = arg;
    struct err err;
    if (text && !table_search(t, text, &err))
        ui_say(ui, SEV_WARN, "%s", err.text);
    ui_dirty(ui);
}

static void ask_search(struct table *t, struct ui *ui)
{
    ui_ask(ui, &(struct ui_prompt){.label = "search", .history = "filter", .text = NULL, .done = search_done,
                                   .check = filter_check, .arg = t});
}

static void search_again(struct table *t, struct ui *ui, int step)
{
    if (!t->search)
        ui_say(ui, SEV_INFO, "There is nothing to look for yet: \\ asks for it.");
    else if (!table_search_step(t, step))
        ui_say(ui, SEV_INFO, "No row matches.");
}

/* ---- lists ---- */

static struct ui_item item_of(const struct table *t, int place)
{
    const struct column *is = &t->schema->columns[t->columns[place].column];
    return (struct ui_item){.text = is->heading, .help = is->help};
}

static void sort_chosen(void *arg, struct ui *ui, int item)
{
    struct table *t = arg;
    int column = t->columns[item].column;
    table_column_show(t, item, true);   /* an order that nobody sees explains nothing */
    table_sort(t, column, cell_at_right(&t->schema->columns[column]));
    ui_dirty(ui);
}

static void choose_sort(struct table *t, struct ui *ui)
{
    struct ui_item items[SCHEMA_COLUMNS_MAX];
    for (int i = 0; i < t->ncolumns; i++) {
        items[i] = item_of(t, i);
        items[i].on = t->columns[i].column == t->sort;
    }
    ui_choose(ui, &(struct ui_pick){.title = "sort by", .items = items, .nitems = t->ncolumns,
                                    .chosen = sort_chosen, .arg = t});
}

static void column_ticked(void *arg, struct ui *ui, int item, bool on)
{
    struct table *t = arg;
    table_column_show(t, item, on);
    ui_dirty(ui);
}

static void choose_columns(struct table *t, struct ui *ui)
{
    struct ui_item items[SCHEMA_COLUMNS_MAX];
    for (int i = 0; i < t->ncolumns; i++) {
        items[i] = item_of(t, i);
        items[i].on = t->columns[i].shown;
        items[i].fixed = i == 0;
    }
    ui_choose(ui, &(struct ui_pick){.title = "columns", .items = items, .nitems = t->ncolumns, .many = true,
                                    .fixed = "The first column is always shown: it tells the rows apart.",
                                    .ticked = column_ticked, .arg = t});
}

/* The frozen column is always worth copying, the others when they hold text. */
static void copy(struct table *t, struct ui *ui)
{
    int columns[SCHEMA_COLUMNS_MAX], n = 0;
    if (t->row == NO_PLACE) {
        ui_say(ui, SEV_INFO, "There is no row to copy.");
        return;
    }
    for (int i = 0; i < t->ncolumns; i++)
        if (t->columns[i].shown)
            columns[n++] = t->columns[i].column;
    copy_row(ui, t->sheet, t->row, columns, n);
}

/* ---- requests ---- */

static bool moves(struct table *t, int request)
{
    int page = t->lines > 1 ? t->lines - 1 : 1, half = page > 1 ? page / 2 : 1;
    switch (request) {
    case REQ_UP:
        table_move(t, -1);
        return true;
    case REQ_DOWN:
        table_move(t, 1);
        return true;
    case REQ_PAGE_UP:
        table_move(t, -page);
        return true;
    case REQ_PAGE_DOWN:
        table_move(t, page);
        return true;
    case REQ_HALF_UP:
        table_move(t, -half);
        return true;
    case REQ_HALF_DOWN:
        table_move(t, half);
        return true;
    case REQ_TOP:
        table_move_to(t, 0);
        return true;
    case REQ_END:
        table_move_to(t, NO_PLACE);
        return true;
    case REQ_LEFT:
        table_scroll(t, -1);
        return true;
    case REQ_RIGHT:
        table_scroll(t, 1);
        return true;
    default:
        return false;
    }
}

static bool changes(struct table *t, int request)
{
    switch (request) {
    case REQ_SORT_LEFT:
        table_sort_step(t, -1);
        return true;
    case REQ_SORT_RIGHT:
        table_sort_step(t, 1);
        return true;
    case REQ_INVERT:
        table_invert(t);
        return true;
    case REQ_WIDE:
        table_wide(t, !t->wide);
        return true;
    case REQ_MARK:
        table_mark(t);
        table_move(t, 1);
        return true;
    case REQ_MARK_RANGE:
        table_mark_range(t);
        return true;
    case REQ_MARK_NONE:
        table_mark_none(t);
        return true;
    case REQ_FOLLOW:
        table_follow(t, !t->follow);
        return true;
    default:
        return false;
    }
}

bool table_handle(struct table *t, struct ui *ui, int request)
{
    if (moves(t, request) || changes(t, request))
        return true;
    switch (request) {
    case REQ_FILTER:
        ask_filter(t, ui);
        return true;
    case REQ_SEARCH:
        ask_search(t, ui);
        return true;
    case REQ_SEARCH_NEXT:
        search_again(t, ui, 1);
        return true;
    case REQ_SEARCH_PREV:
        search_again(t, ui, -1);
        return true;
    case REQ_SORT:
        choose_sort(t, ui);
        return true;
    case REQ_COLUMNS:
        choose_columns(t, ui);
        return true;
    case REQ_COPY:
        copy(t, ui);
        return true;
    default:
        return false;
    }
}
