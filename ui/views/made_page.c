/* A page over rows of its own making. */
#include "ui/views/made_page.h"

#include "base/mem.h"
#include "ui/ui.h"

#include <stdlib.h>

struct view_state {
    const struct made_page *page;
    struct made_context context;
    int first_row;              /* of the table in the body */
};

enum { HEAD_FROM = 7 };         /* rows of the body from which on the head has a place */

struct view_state *made_page_open(const struct made_page *page, const struct view_scene *scene)
{
    struct view_state *s = mem_new(sizeof(*s));
    struct err err;
    s->page = page;
    s->context.store = scene->store;
    s->context.target = scene->target;
    s->context.own = page->start ? page->start() : NULL;
    s->context.table = table_new(&page->table, page->schema, &s->context);
    if (scene->filter && !table_filter(s->context.table, scene->filter, &err) && scene->ui)
        ui_say(scene->ui, SEV_WARN, "%s", err.text);
    return s;
}

void made_page_close(struct view_state *s)
{
    table_free(s->context.table);
    if (s->page->end)
        s->page->end(s->context.own);
    free(s);
}

/* Rows are made anew for each drawing: what is known of a hundred servers is little, and any of it may have changed. */
static void take(struct view_state *s, const struct view_scene *scene)
{
    s->context.now_us = scene->now_us;
    s->context.target = scene->target;
    struct frame *made = s->page->make(&s->context);
    table_freeze(s->context.table, scene->ui && ui_covered(scene->ui));
    table_take(s->context.table, made, NULL, scene->now_us);
    frame_unref(made);
}

/* A key may come before the first drawing. */
static void take_first(struct view_state *s, const struct view_scene *scene)
{
    if (!table_sheet(s->context.table))
        take(s, scene);
}

void made_page_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    take(s, scene);
    s->first_row = 0;
    if (s->page->head && c->clip.rows >= HEAD_FROM) {
        struct rect line = canvas_clip(c, (struct rect){0, 0, 1, c->clip.columns});
        s->first_row = s->page->head(&s->context, c);
        canvas_unclip(c, line);
    }
    struct rect old =
        canvas_clip(c, (struct rect){s->first_row, 0, c->clip.rows - s->first_row, c->clip.columns});
    table_draw(s->context.table, c, &(struct table_look){scene->now_us, scene->wall_us, false, false});
    canvas_unclip(c, old);
}

static void move_column(struct table *t, int step)
{
    for (int i = 0; i < table_columns(t); i++)
        if (table_column_at(t, i) == table_sort_column(t)) {
            table_column_move(t, i, step);
            return;
        }
}

static bool clear_filter(struct table *t)
{
    struct err err;
    if (table_filter_text(t)[0])
        return table_filter(t, NULL, &err);
    return table_search_text(t)[0] && table_search(t, NULL, &err);
}

bool made_page_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    struct table *t = s->context.table;
    uint32_t row;
    take_first(s, scene);
    bool own = request == REQ_ENTER || (request >= REQ_VIEW && request < REQ_COLUMN_LEFT);
    if (own)
        return table_selected(t, &row) && s->page->handle(&s->context, scene, request, row);
    switch (request) {
    case REQ_BACK:
        return clear_filter(t);
    case REQ_COLUMN_LEFT:
        move_column(t, -1);
        return true;
    case REQ_COLUMN_RIGHT:
        move_column(t, 1);
        return true;
    default:
        return table_handle(t, scene->ui, request);
    }
}

bool made_page_click(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    uint32_t at;
    take_first(s, scene);
    enum table_spot spot = table_click(s->context.table, row - s->first_row, column);
    if (spot == SPOT_ROW && twice && table_selected(s->context.table, &at))
        s->page->handle(&s->context, scene, REQ_ENTER, at);
    return spot != SPOT_NONE;
}

void made_page_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    const char *notice = table_notice(s->context.table, scene->now_us);
    if (notice[0])
        buf_puts(out, notice);
    else if (table_sheet(s->context.table))
        table_status(s->context.table, out);
}

const char *made_page_disabled(struct view_state *s, const struct view_scene *scene, int request)
{
    struct table *t = s->context.table;
    take_first(s, scene);
    switch (request) {
    case REQ_ENTER: case REQ_MARK: case REQ_MARK_RANGE: case REQ_COPY:
        return table_selected(t, NULL) ? NULL : "There is no row.";
    case REQ_MARK_NONE:
        return table_marks(t) > 0 ? NULL : "Nothing is marked.";
    case REQ_SEARCH_NEXT: case REQ_SEARCH_PREV:
        return table_search_text(t)[0] ? NULL : "There is nothing to look for yet: \\ asks for it.";
    default:
        if (request >= REQ_VIEW && request < REQ_COLUMN_LEFT && !table_selected(t, NULL))
            return "There is no row.";
        return NULL;
    }
}
