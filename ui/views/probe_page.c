/* The page of any probe: takes answers from the store, shows them as a table, opens one row in full. */
#include "ui/views/probe_page.h"

#include "base/mem.h"
#include "ui/ui.h"
#include "ui/widgets/copy.h"
#include "ui/widgets/detail.h"
#include "ui/widgets/words.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_FROM = 7 };     /* rows of the body from which on the sums have a place */

struct view_state {
    const struct probe_page *page;
    struct page_context context;
    int topic;                          /* in the store, -1: nobody answers it here */
    struct sheet *sheet;
    struct table *table;
    struct detail *detail;              /* NULL: the table is shown */
    const struct frame *base, *rates;   /* what the table's sheet was made from */
    bool unreadable;                    /* the newest answer had other columns */
    char *argument;                     /* the key to select, until an answer has come; NULL: none */
    int first_row;                      /* of the table in the body */
    int64_t now_us;                     /* of the last drawing */
    bool head_drawn;
    bool part;                          /* of another page */
};

static bool uses_derived(const struct probe_page *page, const struct topic *topic)
{
    return topic->derived_schema && !page->raw;
}

void page_find_names(const char *const *names, const struct schema *schema, int *at)
{
    for (int i = 0; names && names[i]; i++) {
        assert(i < PAGE_NAMES_MAX);
        at[i] = schema_find(schema, names[i]);
    }
}

struct limit page_limit(const struct page_context *context, enum limit_name name)
{
    return store_limit(context->store, context->target->id, name);
}

/* The rates are of the answer itself; they fit what was derived from it when that has the same columns and
 * rows. */
static const struct schema *rates_of(const struct probe_page *page, const struct topic *topic)
{
    bool same = !uses_derived(page, topic) || schema_same(topic->derived_schema, topic->schema);
    return same ? topic->rates_schema : NULL;
}

/* What the page is made of, once the topic is known. */
static void set_up(struct view_state *s, const struct view_scene *scene)
{
    struct err err;
    const struct topic *topic = store_topic(scene->store, s->topic);
    bool derived = uses_derived(s->page, topic);
    const struct schema *base = derived ? topic->derived_schema : topic->schema;
    s->sheet = sheet_new(base, rates_of(s->page, topic), s->page->extras, &s->context);
    page_find_names(s->page->names, base, s->context.base_at);
    page_find_names(s->page->names, sheet_schema(s->sheet), s->context.at);
    s->table = table_new(&s->page->table, sheet_schema(s->sheet), &s->context);
    if (scene->filter && !s->page->single && !table_filter(s->table, scene->filter, &err) && scene->ui)
        ui_say(scene->ui, SEV_WARN, "%s", err.text);
}

struct view_state *probe_page_open(const struct probe_page *page, const struct view_scene *scene)
{
    struct view_state *s = mem_new(sizeof(*s));
    s->page = page;
    s->context.switches = page->switches;
    s->context.store = scene->store;
    s->context.now_us = scene->now_us;
    s->topic = store_find_topic(scene->store, page->topic);
    s->argument = mem_string(scene->argument);
    if (s->topic >= 0)
        set_up(s, scene);
    return s;
}

void probe_page_close(struct view_state *s)
{
    detail_free(s->detail);
    table_free(s->table);
    sheet_free(s->sheet);
    frame_unref(s->base);
    frame_unref(s->rates);
    free(s->argument);
    free(s);
}

/* ---- answers ---- */

/* The row of the sheet whose key is the argument; UINT32_MAX: none. */
static uint32_t find_argument(const struct view_state *s)
{
    char *end;
    errno = 0;
    long long key = strtoll(s->argument, &end, 10);
    bool number = errno == 0 && end != s->argument && *end == '\0' &&
                  sheet_schema(s->sheet)->columns[0].type != TYPE_TEXT;
    return number ? table_find(s->table, 0, key) : UINT32_MAX;
}

/* Turns the switch that hides a row, if one does. */
static bool select_hidden(struct view_state *s, uint32_t row)
{
    for (int i = 0; i < s->page->nswitches; i++) {
        for (int turn = 0; turn < 2; turn++) {      /* and back */
            s->context.switches ^= 1u << i;
            table_rearrange(s->table);
            if (turn == 0 && table_select_row(s->table, row))
                return true;
        }
    }
    return false;
}

/* ":sessions 4711" selects that row, and shows what it hides otherwise: who asks for it knows that it is there. */
static void select_argument(struct view_state *s, const struct view_scene *scene)
{
    if (!s->argument)
        return;
    uint32_t row = find_argument(s);
    bool there = row != UINT32_MAX, shown = there && table_select_row(s->table, row);
    bool unhidden = there && !shown && select_hidden(s, row);
    if (!there && scene->ui)
        ui_say(scene->ui, SEV_INFO, "There is no row %s.", s->argument);
    else if (!shown && scene->ui)
        ui_say(scene->ui, SEV_INFO, unhidden ? "Row %s was hidden; those like it are shown now." : "Row %s is hidden here.",
               s->argument);
    free(s->argument);
    s->argument = NULL;
}

static void open_detail(struct view_state *s)
{
    uint32_t row;
    const struct frame *sheet = s->table ? table_sheet(s->table) : NULL;
    if (!sheet || !table_selected(s->table, &row))
        return;
    table_hold(s->table);
    int whole = s->page->whole ? schema_find(sheet->schema, s->page->whole) : -1;
    s->detail = detail_new(sheet, row, whole);
}

static void take(struct view_state *s, const struct view_scene *scene, const struct sight *sight)
{
    const struct topic *topic = store_topic(scene->store, s->topic);
    const struct frame *base = uses_derived(s->page, topic) && sight->derived ? sight->derived : sight->good;
    const struct frame *rates = rates_of(s->page, topic) ? sight->rates : NULL;
    if (s->table && (!scene->ui || !ui_covered(scene->ui)))
        table_freeze(s->table, false);
    if (!base || (base == s->base && rates == s->rates))
        return;
    s->context.target = scene->target >= 0 ? store_target(scene->store, scene->target) : NULL;
    struct frame *made = sheet_make(s->sheet, base, rates);
    s->unreadable = made == NULL;
    if (!made)
        return;
    table_freeze(s->table, scene->ui && ui_covered(scene->ui));
    const struct frame *old_base = s->base, *old_rates = s->rates;
    s->base = frame_ref(base);
    s->rates = frame_ref(rates);
    table_take(s->table, made, rates, scene->now_us);
    select_argument(s, scene);
    if (s->detail)
        detail_take(s->detail, made);
    else if (s->page->single)
        open_detail(s);
    frame_unref(old_base);      /* only now: the table looked for its rows in the old sheet */
    frame_unref(old_rates);
    frame_unref(made);
}

/* A key may come before the first drawing. */
static void take_first(struct view_state *s, const struct view_scene *scene)
{
    if (!s->table || table_sheet(s->table) || scene->target < 0)
        return;
    struct sight sight = store_sight(scene->store, scene->target, s->topic, scene->now_us);
    take(s, scene, &sight);
}

static void look_around(struct view_state *s, const struct view_scene *scene, const struct canvas *c)
{
    s->now_us = s->context.now_us = scene->now_us;
    s->context.mode = c->mode;
    s->context.ui = scene->ui;
    s->context.target = scene->target >= 0 ? store_target(scene->store, scene->target) : NULL;
}

/* ---- drawing ---- */

static void draw_head(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    const char *notice = table_notice(s->table, scene->now_us);
    if (notice[0])
        canvas_text(c, 0, 1, -1, LOOK_MESSAGE, notice);
    else
        s->page->head(&s->context, table_sheet(s->table), c);
}

static struct rect rows_from(const struct canvas *c, int row)
{
    return (struct rect){row, 0, c->clip.rows - row, c->clip.columns};
}

/* The line of sums and the banner; returns the first row that is left. */
static int draw_above(struct view_state *s, const struct view_scene *scene, const struct sight_words *words,
                      struct canvas *c)
{
    int row = 0;
    s->head_drawn = s->page->head && !s->part && !s->detail && c->clip.rows >= HEAD_FROM;
    if (s->head_drawn) {
        struct rect old = canvas_clip(c, (struct rect){row++, 0, 1, c->clip.columns});
        draw_head(s, scene, c);
        if (words->stale)
            canvas_look(c, 0, 0, c->clip.columns, LOOK_STALE);
        canvas_unclip(c, old);
    }
    if (words->banner.len > 0 && c->clip.rows > 1)
        canvas_text(c, row++, 1, -1, words->look, buf_text(&words->banner));
    return row;
}

static void draw_rows(struct view_state *s, const struct view_scene *scene, const struct sight_words *words,
                      struct canvas *c)
{
    s->first_row = draw_above(s, scene, words, c);
    struct rect old = canvas_clip(c, rows_from(c, s->first_row));
    if (s->detail)
        detail_draw(s->detail, c, &(struct detail_look){scene->now_us, scene->wall_us, words->stale, s->page->whole_row,
                                                         &s->context, s->page->table.cell, &s->context});
    else
        table_draw(s->table, c,
                   &(struct table_look){scene->now_us, scene->wall_us, words->stale, s->part});
    canvas_unclip(c, old);
}

void probe_page_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    struct sight_words words;
    look_around(s, scene, c);
    if (s->topic < 0 || scene->target < 0) {
        canvas_text(c, 0, 1, -1, LOOK_UNKNOWN, "? Nothing here answers what this page would show.");
        return;
    }
    struct sight sight = store_sight(scene->store, scene->target, s->topic, scene->now_us);
    take(s, scene, &sight);
    words_of_sight(&words, &sight, store_topic(scene->store, s->topic), s->context.target, scene->now_us,
                   c->mode);
    if (s->unreadable)
        canvas_text(c, 0, 1, -1, LOOK_UNKNOWN, "? The answer has other columns than this page knows.");
    else if (words.rows && table_sheet(s->table))
        draw_rows(s, scene, &words, c);
    else
        words_draw_body(&words, c, 0);
    words_free(&words);
}

void probe_page_part(struct view_state *s)
{
    s->part = true;
}

int probe_page_rows(struct view_state *s, const struct view_scene *scene)
{
    if (s->topic < 0 || scene->target < 0)
        return -1;
    struct sight sight = store_sight(scene->store, scene->target, s->topic, scene->now_us);
    s->context.target = store_target(scene->store, scene->target);
    take(s, scene, &sight);
    return sight.good && !s->unreadable && table_sheet(s->table) ? (int)table_shown(s->table) : -1;
}

/* ---- keys ---- */

static void close_detail(struct view_state *s)
{
    detail_free(s->detail);
    s->detail = NULL;
}

static bool handle_detail(struct view_state *s, const struct view_scene *scene, int request)
{
    if (!s->page->single && (request == REQ_BACK || request == REQ_QUIT || request == REQ_ENTER)) {
        close_detail(s);
        return true;
    }
    if (request == REQ_COPY) {
        const struct frame *row = detail_row(s->detail);
        int columns[SCHEMA_COLUMNS_MAX], n = 0;
        for (; n < row->schema->ncolumns; n++)
            columns[n] = n;
        copy_row(scene->ui, row, 0, columns, n);
        return true;
    }
    return detail_handle(s->detail, request);
}

static bool clear_filter(struct view_state *s)
{
    struct err err;
    if (table_filter_text(s->table)[0])
        return table_filter(s->table, NULL, &err);
    if (table_search_text(s->table)[0])
        return table_search(s->table, NULL, &err);
    return false;
}

static void move_column(struct view_state *s, int step)
{
    for (int i = 0; i < table_columns(s->table); i++) {
        if (table_column_at(s->table, i) == table_sort_column(s->table)) {
            table_column_move(s->table, i, step);
            return;
        }
    }
}

bool probe_page_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    if (!s->table)
        return false;
    take_first(s, scene);
    if (s->detail)
        return handle_detail(s, scene, request);
    if (request >= REQ_VIEW && request < REQ_VIEW + s->page->nswitches) {
        s->context.switches ^= 1u << (request - REQ_VIEW);
        table_rearrange(s->table);
        return true;
    }
    switch (request) {
    case REQ_ENTER:
        open_detail(s);
        return true;
    case REQ_BACK:
        return clear_filter(s);
    case REQ_COLUMN_LEFT:
        move_column(s, -1);
        return true;
    case REQ_COLUMN_RIGHT:
        move_column(s, 1);
        return true;
    default:
        return table_handle(s->table, scene->ui, request);
    }
}

bool probe_page_click(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    (void)scene;
    if (!s->table || !table_sheet(s->table) || s->detail)
        return false;
    enum table_spot spot = table_click(s->table, row - s->first_row, column);
    if (spot == SPOT_ROW && twice)
        open_detail(s);
    return spot != SPOT_NONE;
}

void probe_page_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    if (!s->table || !table_sheet(s->table))
        return;
    const char *notice = s->head_drawn ? "" : table_notice(s->table, scene->now_us);
    if (s->detail)
        detail_status(s->detail, out);
    else if (notice[0])
        buf_puts(out, notice);
    else
        table_status(s->table, out);
}

static const char *disabled_in_detail(const struct view_state *s, const struct view_scene *scene, int request)
{
    const char *why = s->page->single ? "" : "This is one row in full: Esc goes back to the table.";
    if (request == REQ_ENTER)
        return s->page->single ? why : NULL;
    if (request == REQ_COPY)
        return s->detail ? NULL : "There is no row.";
    return request >= REQ_VIEW || view_wants_rows(scene, request) ? why : NULL;
}

/* In full a row has no list's hints: reasons are for those who press such a key all the same. */
const char *probe_page_hint(struct view_state *s, const struct view_scene *scene, int request)
{
    if (!s->detail)
        return NULL;
    switch (request) {
    case REQ_UP:
        return detail_scrolls(s->detail) ? "up" : "";
    case REQ_DOWN:
        return detail_scrolls(s->detail) ? "down" : "";
    case REQ_COPY:
        return "copy";
    case REQ_ENTER:
        return "";
    default:
        return disabled_in_detail(s, scene, request) ? "" : NULL;
    }
}

const char *probe_page_disabled(struct view_state *s, const struct view_scene *scene, int request)
{
    take_first(s, scene);
    if (s->detail || s->page->single)
        return disabled_in_detail(s, scene, request);
    bool row = s->table && table_selected(s->table, NULL);
    switch (request) {
    case REQ_ENTER: case REQ_MARK: case REQ_MARK_RANGE: case REQ_COPY:
        return row ? NULL : "There is no row.";
    case REQ_MARK_NONE:
        return s->table && table_marks(s->table) > 0 ? NULL : "Nothing is marked.";
    case REQ_SEARCH_NEXT: case REQ_SEARCH_PREV:
        return s->table && table_search_text(s->table)[0]
                   ? NULL
                   : "There is nothing to look for yet: \\ asks for it.";
    default:
        return NULL;
    }
}
