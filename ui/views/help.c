/* What every key does on the page below, made from the key tables; a filter finds one by key, name or words.
 */
#include "base/mem.h"
#include "ui/ui.h"
#include "ui/views/list.h"

#include <stdlib.h>
#include <string.h>

struct view_state {
    int top;            /* first line in sight */
    int lines, rows;    /* as drawn last */
    char *filter;       /* NULL: none */
};

/* Draws lines from `top` on and counts all of them. */
struct pen {
    struct canvas *c;
    int line, top;
};

static struct view_state *help_open(const struct view_scene *scene)
{
    struct view_state *s = mem_new(sizeof(*s));
    s->filter = mem_string(scene->filter);
    return s;
}

static void help_close(struct view_state *s)
{
    free(s->filter);
    free(s);
}

static int next_row(struct pen *pen)
{
    return pen->line++ - pen->top;
}

static void paragraph(struct pen *pen, enum role_name look, int indent, const char *text)
{
    struct buf line = {0}, own = {0};
    size_t used;
    int columns = canvas_columns(pen->c) - indent - 1;
    canvas_spell(pen->c, &own, text);
    struct text_wrap w = text_wrap(buf_text(&own), own.len, (size_t)(columns < 8 ? 8 : columns), pen->c->mode);
    while (text_wrap_next(&w, &line, &used))
        canvas_text(pen->c, next_row(pen), indent, -1, look, buf_text(&line));
    buf_free(&line);
    buf_free(&own);
}

static bool fits(const struct view_state *s, const struct key_row *row, const char *keys)
{
    return !s->filter || strcasestr(row->help, s->filter) || strcasestr(row->name, s->filter) ||
           strcasestr(keys, s->filter) || (row->hint && strcasestr(row->hint, s->filter));
}

static void draw_key(struct pen *pen, const struct key_row *row, const char *keys, const char *why)
{
    bool narrow = canvas_columns(pen->c) < 60;
    enum role_name look = why ? LOOK_DISABLED : LOOK_TEXT;
    int at = next_row(pen);
    canvas_text(pen->c, at, 1, narrow ? 10 : 14, why ? LOOK_DISABLED : LOOK_KEY, keys[0] ? keys : "–");
    if (narrow) {
        canvas_text(pen->c, at, 12, -1, look, row->name);
    } else {
        pen->line--;
        paragraph(pen, look, 16, row->help);
    }
    if (why && why[0])
        paragraph(pen, LOOK_WARN, narrow ? 3 : 18, why);
}

static void draw_group(struct pen *pen, const struct view_state *s, struct ui *ui, enum key_group group)
{
    const struct key_row *row;
    const char *page = ui_view_below(ui)->name;
    bool titled = false;
    struct buf keys = {0};
    for (int i = 0; (row = keymap_each(ui_keymap(ui), page, i)); i++) {
        buf_clear(&keys);
        keymap_keys_text(ui_keymap(ui), page, row->request, 0, &keys);
        const char *why = ui_disabled(ui, row->request);
        if (row->group != group || !fits(s, row, buf_text(&keys)) || (why && !why[0]))
            continue;
        if (!titled) {
            next_row(pen);
            canvas_text(pen->c, next_row(pen), 0, -1, LOOK_TITLE, key_group_title(group));
        }
        titled = true;
        draw_key(pen, row, buf_text(&keys), why);
    }
    buf_free(&keys);
}

static void draw_pages(struct pen *pen, const struct view_state *s, struct ui *ui)
{
    if (s->filter)
        return;
    next_row(pen);
    canvas_text(pen->c, next_row(pen), 0, -1, LOOK_TITLE, "Pages");
    for (const struct view *const *v = ui_views(ui); *v; v++) {
        int at = next_row(pen);
        char digit[2] = {(char)ui_page_number(ui, *v), '\0'};
        canvas_text(pen->c, at, 1, 1, LOOK_KEY, digit);
        canvas_textf(pen->c, at, 3, 20, LOOK_KEY, ":%s", (*v)->name);
        bool beside = canvas_columns(pen->c) >= 60;
        pen->line -= beside;
        paragraph(pen, LOOK_TEXT, beside ? 23 : 3, (*v)->help);
    }
}

static void draw_signs(struct pen *pen, const struct view_state *s)
{
    if (s->filter)
        return;
    next_row(pen);
    canvas_text(pen->c, next_row(pen), 0, -1, LOOK_TITLE, "Signs");
    paragraph(pen, LOOK_TEXT, 1,
              "‼ is critical, ! a warning, ? what nobody knows, = what is stale, and · what is fine, worth knowing or our own. "
              "+ came in the last 4 s, * is marked by hand, and – is not known to the server or hidden from us.");
}

static void draw_top_line(struct pen *pen, const struct view_state *s)
{
    if (s->filter)
        return;
    next_row(pen);
    canvas_text(pen->c, next_row(pen), 0, -1, LOOK_TITLE, "The line at the top");
    paragraph(pen, LOOK_TEXT, 1,
              "Name, role, version and address of the server; its environment; VIEW: nothing can be changed from "
              "here; and the age of what the page shows.");
    paragraph(pen, LOOK_TEXT, 1,
              "age <4 s: no answer that the page is made of is older than 4 s, which is the interval and the time that a "
              "server has to answer. It is a bound, and no age. Where answers come less often it is the age itself; a "
              "table of the overview that comes less often than the rest has its own in its title. STALE 12 s: the oldest "
              "is 12 s old, and what is old is drawn with = and in another colour.");
}

static void help_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    struct pen pen = {c, 0, s->top};
    const struct view *below = ui_view_below(scene->ui);
    s->rows = canvas_rows(c);
    if (!s->filter) {
        canvas_text(c, next_row(&pen), 0, -1, LOOK_TITLE, below->title);
        paragraph(&pen, LOOK_TEXT, 1, below->help);
    }
    draw_group(&pen, s, scene->ui, GROUP_PAGE);
    for (int group = 0; group < GROUP_PAGE; group++)
        draw_group(&pen, s, scene->ui, (enum key_group)group);
    draw_signs(&pen, s);
    draw_top_line(&pen, s);
    draw_pages(&pen, s, scene->ui);
    s->lines = pen.line;
    if (s->filter && pen.line == 0)
        canvas_text(c, 0, 0, -1, LOOK_LABEL, "No key fits the filter; Esc clears it.");
    canvas_cursor(c, 0, 0);
}

static void set_filter(struct view_state *s, const char *text)
{
    free(s->filter);
    s->filter = text && text[0] ? mem_string(text) : NULL;
    s->top = 0;
}

static void filter_typed(void *arg, struct ui *ui, const char *text)
{
    (void)ui;
    set_filter(arg, text);
}

static void ask_filter(struct view_state *s, struct ui *ui)
{
    ui_ask(ui, &(struct ui_prompt){.label = "find a key", .history = "help", .text = s->filter,
                                   .done = filter_typed, .live = filter_typed, .arg = s});
}

static void scroll(struct view_state *s, int by)
{
    int last = s->lines - s->rows;
    s->top += by;
    s->top = s->top > last ? last : s->top;
    s->top = s->top < 0 ? 0 : s->top;
}

static bool help_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    switch (request) {
    case REQ_UP: scroll(s, -1); return true;
    case REQ_DOWN: scroll(s, 1); return true;
    case REQ_PAGE_UP: scroll(s, -s->rows); return true;
    case REQ_PAGE_DOWN: scroll(s, s->rows); return true;
    case REQ_HALF_UP: scroll(s, -s->rows / 2); return true;
    case REQ_HALF_DOWN: scroll(s, s->rows / 2); return true;
    case REQ_TOP: s->top = 0; return true;
    case REQ_END: scroll(s, s->lines); return true;
    case REQ_FILTER: case REQ_SEARCH: ask_filter(s, scene->ui); return true;
    case REQ_HELP: ui_close(scene->ui); return true;
    case REQ_BACK:
        if (!s->filter)
            return false;
        set_filter(s, NULL);
        return true;
    default: return false;
    }
}

static void help_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    (void)scene;
    if (s->filter)
        buf_printf(out, "filter: %s", s->filter);
    else if (s->lines > s->rows && s->rows > 0)
        buf_printf(out, "%d %%", (s->top + s->rows) * 100 / s->lines);
}

const struct view help_view = {
    .name = "help",
    .title = "help",
    .help = "What every key does here, and why some do nothing now.",
    .open = help_open,
    .close = help_close,
    .draw = help_draw,
    .handle = help_handle,
    .status = help_status,
    .disabled = view_no_table,
};
