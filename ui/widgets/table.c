/* The table's life: it takes sheets, keeps its selection and its window through every change of rows and
 * order, and does what a key asks for. */
#include "ui/widgets/table_inside.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ui/widgets/cell.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICE_US (6 * US_PER_S)

struct table *table_new(const struct table_form *form, const struct schema *schema, void *arg)
{
    struct table *t = mem_new(sizeof(*t));
    int nkeys = schema_keys(schema);
    t->form = form;
    t->schema = schema;
    /* Without keys all rows are alike and told apart by their number: one column then stands for none. */
    t->keys = (struct schema){schema->name, (uint16_t)(nkeys ? nkeys : 1), schema->columns};
    t->arg = arg;
    t->sort = form->sort ? schema_find(schema, form->sort) : -1;
    t->descending = form->descending;
    t->branch = form->branch ? schema_find(schema, form->branch) : -1;
    t->branch_drawn = t->branch;
    t->reason = form->reason ? schema_find(schema, form->reason) : -1;
    t->row = NO_PLACE;
    t->follow = true;
    t->first_line = -1;
    table_set_columns(t);
    return t;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    frame_unref(t->sheet);
    frame_unref(t->rates);
    row_index_free(&t->index);
    row_order_free(&t->order);
    row_keys_clear(&t->marks);
    free(t->since_us);
    filter_free(t->filter);
    filter_free(t->search);
    free(t->filter_text);
    free(t->search_text);
    free(t->filter_before);
    frame_unref(t->selected);
    frame_unref(t->last_mark);
    buf_free(&t->scratch);
    free(t);
}

const struct frame *table_sheet(const struct table *t)
{
    return t->sheet;
}

void table_say(struct table *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->notice, sizeof(t->notice), format, args);
    va_end(args);
    t->notice_us = t->now_us;
}

const char *table_notice(const struct table *t, int64_t now_us)
{
    return t->notice[0] && now_us - t->notice_us < NOTICE_US ? t->notice : "";
}

/* ---- selection ---- */

static void select_row(struct table *t, uint32_t row)
{
    frame_unref(t->selected);
    t->selected = NULL;
    t->row = row;
    if (row == NO_PLACE)
        return;
    t->selected = row_key_frame(&t->keys, t->sheet, row);
    t->selected_hash = t->index.hash[row];
    t->selected_twin = row_index_twin(&t->index, t->sheet, row);
}

bool table_selected(const struct table *t, uint32_t *row)
{
    if (row)
        *row = t->row;
    return t->row != NO_PLACE;
}

uint32_t table_place(const struct table *t)
{
    return t->row == NO_PLACE ? NO_PLACE : t->order.place[t->row];
}

/* The window follows its row: at the same line of the screen where it can, but never away from the top
 * without need. */
static void move_window(struct table *t, uint32_t old_place)
{
    uint32_t place = table_place(t), lines = t->lines > 0 ? (uint32_t)t->lines : 1;
    if (place == NO_PLACE || !t->follow)
        return;
    if (t->top > 0 && old_place != NO_PLACE && old_place >= t->top && old_place - t->top < lines)
        t->top = place > old_place - t->top ? place - (old_place - t->top) : 0;
    if (place < t->top)
        t->top = place;
    else if (place >= t->top + lines)
        t->top = place - lines + 1;
}

/* What the rows were before a change. The sheet may be the one of now. */
struct before {
    const struct frame *sheet;
    const struct row_index *index;
    const struct row_order *order;
    uint32_t place;
};

static uint32_t find_again(const struct table *t, const struct before *was, uint32_t old_row)
{
    if (was->sheet == t->sheet)
        return old_row;
    return row_index_find(&t->index, t->sheet, was->sheet, old_row, was->index->hash[old_row],
                          row_index_twin(was->index, was->sheet, old_row));
}

static bool is_shown(const struct table *t, uint32_t row)
{
    return row != NO_PLACE && t->order.place[row] != NO_PLACE;
}

/* The nearest row of before that is still shown: first below, then above. */
static uint32_t neighbour(const struct table *t, const struct before *was)
{
    if (was->place != NO_PLACE) {
        for (uint32_t i = was->place + 1; i < was->order->n; i++) {
            uint32_t row = find_again(t, was, was->order->rows[i]);
            if (is_shown(t, row))
                return row;
        }
        for (uint32_t i = was->place; i-- > 0;) {
            uint32_t row = find_again(t, was, was->order->rows[i]);
            if (is_shown(t, row))
                return row;
        }
    }
    return t->order.n > 0 ? t->order.rows[0] : NO_PLACE;
}

/* "pid 4711", from the first key column, for a sentence. */
static void name_of(struct table *t, const struct frame *key, char *out, size_t size)
{
    struct cell_print print = {TEXT_ASCII, 0, 24};
    buf_clear(&t->scratch);
    buf_printf(&t->scratch, "%s ", key->schema->columns[0].heading);
    cell_short(&t->scratch, key, 0, 0, &print);
    text_copy(out, size, t->scratch.data, t->scratch.len, TEXT_ASCII);
}

static void say_moved(struct table *t, bool hidden)
{
    char name[64];
    if (!t->touched || !t->selected)
        return;
    name_of(t, t->selected, name, sizeof(name));
    table_say(t, "%s is %s%s", name, hidden ? "hidden now" : "gone",
              t->order.n > 0 ? "; this is its neighbour" : "");
    t->touched = false;
}

/* Puts the selection back on its row, or on a neighbour when the row is not shown any more. */
static void settle(struct table *t, const struct before *was)
{
    uint32_t row = NO_PLACE;
    if (t->selected)
        row = row_index_find(&t->index, t->sheet, t->selected, 0, t->selected_hash, t->selected_twin);
    bool there = row != NO_PLACE;
    if (!t->moved && !t->frozen && t->order.n > 0) {
        row = t->order.rows[0];
    } else if (!is_shown(t, row)) {
        row = neighbour(t, was);
        say_moved(t, there);
    }
    if (row == NO_PLACE && t->selected)
        t->row = NO_PLACE;      /* an empty table remembers whom it looks for */
    else
        select_row(t, row);
    move_window(t, was->place);
}

void table_rearrange(struct table *t)
{
    if (!t->sheet)
        return;
    struct row_order old = t->order;
    struct before was = {t->sheet, &t->index, &old, t->row == NO_PLACE ? NO_PLACE : old.place[t->row]};
    table_arrange(t, &t->order);
    settle(t, &was);
    row_order_free(&old);
}

void table_freeze(struct table *t, bool frozen)
{
    bool thaws = t->frozen && !frozen;
    t->frozen = frozen;
    if (thaws)
        table_rearrange(t);
}

void table_hold(struct table *t)
{
    t->moved = true;
}

/* ---- sheets ---- */

static int64_t *first_seen(const struct table *t, const struct row_index *now, const struct frame *sheet,
                           int64_t now_us)
{
    int64_t *since = mem_array(sheet->nrows + 1, sizeof(*since));
    bool before = t->sheet && t->sheet->nrows > 0;    /* after an empty answer all would be new */
    for (uint32_t row = 0; before && row < sheet->nrows; row++) {
        uint64_t hash = now->hash[row];
        if (!row_index_knows(&t->index, hash)) {
            since[row] = now_us;
            continue;
        }
        uint32_t old = row_index_find(&t->index, t->sheet, sheet, row, hash, 0);
        since[row] = old == NO_PLACE ? now_us : t->since_us[old];
    }
    return since;
}

void table_take(struct table *t, const struct frame *sheet, const struct frame *rates, int64_t now_us)
{
    t->now_us = now_us;
    if (sheet == t->sheet)
        return;
    assert(sheet->schema == t->schema);
    const struct frame *old_sheet = t->sheet;
    struct row_index old_index = t->index, index;
    struct row_order old_order = t->order;
    int64_t *old_since = t->since_us, *since;
    struct before was = {old_sheet, &old_index, &old_order, table_place(t)};
    row_index_make(&index, sheet);
    since = first_seen(t, &index, sheet, now_us);
    t->sheet = frame_ref(sheet);
    frame_unref(t->rates);
    t->rates = frame_ref(rates);
    t->index = index;
    t->since_us = since;
    table_arrange(t, &t->order);
    if (t->frozen && old_sheet)
        table_keep_places(t, old_sheet, &old_index, &old_order);
    settle(t, &was);
    frame_unref(old_sheet);
    row_index_free(&old_index);
    row_order_free(&old_order);
    free(old_since);
}

/* ---- order, filter, search ---- */

void table_sort(struct table *t, int column, bool descending)
{
    t->sort = column;
    t->descending = descending;
    table_rearrange(t);
}

int table_sort_column(const struct table *t)
{
    return t->sort;
}

void table_invert(struct table *t)
{
    table_sort(t, t->sort, !t->descending);
}

void table_sort_step(struct table *t, int step)
{
    int at = -1;
    for (int i = 0; i < t->ncolumns; i++)
        if (t->columns[i].column == t->sort)
            at = i;
    for (int i = 0; i < t->ncolumns; i++) {
        at = (at + step + t->ncolumns) % t->ncolumns;
        if (t->drawn_columns > 0 ? t->columns[at].width > 0 : t->columns[at].shown)
            break;
    }
    table_sort(t, t->columns[at].column, t->descending);
}

/* Replaces a filter; false leaves the old one. */
static bool replace_filter(struct table *t, struct filter **filter, char **kept, const char *text,
                           struct err *err)
{
    struct filter *made = NULL;
    if (text && text[0]) {
        made = filter_compile(text, t->schema, err);
        if (!made)
            return false;
    }
    if (made && filter_is_empty(made)) {
        filter_free(made);
        made = NULL;
    }
    filter_free(*filter);
    free(*kept);
    *filter = made;
    *kept = made ? mem_string(text) : NULL;
    return true;
}

bool table_filter(struct table *t, const char *text, struct err *err)
{
    if (!replace_filter(t, &t->filter, &t->filter_text, text, err))
        return false;
    table_rearrange(t);
    return true;
}

const char *table_filter_text(const struct table *t)
{
    return t->filter_text ? t->filter_text : "";
}

const char *table_search_text(const struct table *t)
{
    return t->search_text ? t->search_text : "";
}

/* The first match from a place on, around the end. */
static bool search_from(struct table *t, uint32_t place, int step)
{
    uint32_t n = t->order.n;
    for (uint32_t i = 0; t->search && i < n; i++) {
        if (filter_match(t->search, t->sheet, t->order.rows[place], t->rates)) {
            table_move_to(t, place);
            return true;
        }
        place = (place + n + (uint32_t)step) % n;
    }
    return false;
}

bool table_search(struct table *t, const char *text, struct err *err)
{
    if (!replace_filter(t, &t->search, &t->search_text, text, err))
        return false;
    if (t->search && t->order.n > 0 && !search_from(t, table_place(t), 1))
        table_say(t, "no row matches; n and N will go on looking");
    return true;
}

bool table_search_step(struct table *t, int step)
{
    uint32_t n = t->order.n;
    return n > 0 && search_from(t, (table_place(t) + n + (uint32_t)step) % n, step);
}

uint32_t table_shown(const struct table *t)
{
    return t->order.n;
}

uint32_t table_total(const struct table *t)
{
    return t->total;
}

uint32_t table_row_at(const struct table *t, uint32_t place)
{
    assert(place < t->order.n);
    return t->order.rows[place];
}

/* ---- moving and marking ---- */

void table_move_to(struct table *t, uint32_t place)
{
    if (t->order.n == 0)
        return;
    if (place >= t->order.n)
        place = t->order.n - 1;
    bool followed = t->follow;
    t->touched = t->moved = true;
    t->notice[0] = '\0';
    select_row(t, t->order.rows[place]);
    t->follow = true;
    move_window(t, NO_PLACE);
    t->follow = followed;
}

void table_move(struct table *t, int64_t by)
{
    int64_t to = (t->row == NO_PLACE ? 0 : (int64_t)table_place(t)) + by;
    table_move_to(t, to < 0 ? 0 : to > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)to);
}

uint32_t table_find(const struct table *t, int column, int64_t value)
{
    for (uint32_t row = 0; t->sheet && row < t->sheet->nrows; row++) {
        const struct cell *c = frame_cell(t->sheet, row, column);
        if (c->known && c->i == value)
            return row;
    }
    return NO_PLACE;
}

bool table_select_row(struct table *t, uint32_t row)
{
    if (!is_shown(t, row))
        return false;
    table_move_to(t, t->order.place[row]);
    return true;
}

int table_lines(const struct table *t)
{
    return t->lines;
}

void table_follow(struct table *t, bool follow)
{
    t->follow = follow;
    move_window(t, NO_PLACE);
}

bool table_follows(const struct table *t)
{
    return t->follow;
}

bool table_marked(const struct table *t, uint32_t row)
{
    return row_keys_has(&t->marks, t->sheet, row, t->index.hash[row]);
}

uint32_t table_marks(const struct table *t)
{
    return t->marks.n;
}

void table_mark(struct table *t)
{
    if (t->row == NO_PLACE || schema_keys(t->schema) == 0)
        return;
    uint64_t hash = t->index.hash[t->row];
    if (table_marked(t, t->row)) {
        row_keys_remove(&t->marks, t->sheet, t->row, hash);
        return;
    }
    row_keys_add(&t->marks, &t->keys, t->sheet, t->row, hash);
    frame_unref(t->last_mark);
    t->last_mark = row_key_frame(&t->keys, t->sheet, t->row);
    t->last_mark_hash = hash;
}

void table_mark_range(struct table *t)
{
    if (t->row == NO_PLACE || schema_keys(t->schema) == 0)
        return;
    uint32_t from =
        t->last_mark ? row_index_find(&t->index, t->sheet, t->last_mark, 0, t->last_mark_hash, 0) : NO_PLACE;
    if (!is_shown(t, from)) {
        table_say(t, "the range begins at a marked row: press m there first");
        return;
    }
    uint32_t a = t->order.place[from], b = table_place(t);
    for (uint32_t i = a < b ? a : b; i <= (a < b ? b : a); i++)
        row_keys_add(&t->marks, &t->keys, t->sheet, t->order.rows[i], t->index.hash[t->order.rows[i]]);
}

void table_mark_none(struct table *t)
{
    row_keys_clear(&t->marks);
    frame_unref(t->last_mark);
    t->last_mark = NULL;
}
