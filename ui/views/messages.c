/* All messages since the start, newest first, each whole. */
#include "base/clock.h"
#include "base/mem.h"
#include "ui/ui.h"
#include "ui/views/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct view_state {
    int top;                /* first line in sight */
    int lines, rows;        /* as drawn last */
    char *filter;           /* NULL: none */
};

static struct view_state *messages_open(const struct view_scene *scene)
{
    struct view_state *s = mem_new(sizeof(*s));
    s->filter = mem_string(scene->filter);
    return s;
}

static void messages_close(struct view_state *s)
{
    free(s->filter);
    free(s);
}

static void add_head(const struct view_scene *scene, const struct message *m, const struct canvas *c,
                     struct buf *out)
{
    static const char *const glyphs[SEV_COUNT_] = {"·", "!", "‼"};
    char clock[16] = "";
    time_t seconds = (time_t)(m->wall_us / US_PER_S);
    struct tm tm;
    if (localtime_r(&seconds, &tm))
        strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
    buf_printf(out, "%s %s ", glyphs[m->severity], clock);
    if (m->target >= 0) {
        text_safe_string(out, store_target(scene->store, m->target)->name, c->mode);
        buf_puts(out, ": ");
    }
    if (m->repeats > 0)
        buf_printf(out, "(%u times) ", m->repeats + 1);
}

/* The first line starts with the head, the others are indented below the words. Returns the next free line.
 */
static int draw_message(const struct view_scene *scene, const struct message *m, struct canvas *c, int line)
{
    static const enum role_name looks[SEV_COUNT_] = {LOOK_TEXT, LOOK_WARN, LOOK_CRIT};
    struct buf head = {0}, part = {0};
    size_t used;
    add_head(scene, m, c, &head);
    int indent = canvas_columns(c) >= 60 ? 11 : 2;
    int columns = canvas_columns(c) - indent - 1,
        first = canvas_text(c, line, 0, -1, looks[m->severity], buf_text(&head));
    if (first > columns / 2 && ++line)
        first = indent;
    struct buf whole = {0};
    for (int i = indent; i < first; i++)
        buf_putc(&whole, ' ');
    buf_puts(&whole, m->text);
    struct text_wrap w = text_wrap(whole.data, whole.len, (size_t)(columns < 8 ? 8 : columns), c->mode);
    for (bool begin = true; text_wrap_next(&w, &part, &used); begin = false) {
        size_t skip = begin ? strspn(buf_text(&part), " ") : 0;
        canvas_text(c, line++, indent + (int)skip, -1, looks[m->severity], buf_text(&part) + skip);
    }
    buf_free(&whole);
    buf_free(&part);
    buf_free(&head);
    return line;
}

static void messages_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    const struct message *m;
    int line = -s->top;
    for (unsigned i = 0; (m = store_message(scene->store, i)); i++)
        if (!s->filter || strcasestr(m->text, s->filter))
            line = draw_message(scene, m, c, line);
    s->lines = line + s->top;
    s->rows = canvas_rows(c);
    if (s->lines == 0)
        canvas_text(c, 0, 0, -1, LOOK_LABEL,
                    s->filter ? "No message fits the filter." : "Nothing has been said yet.");
    canvas_cursor(c, 0, 0);
}

static void filter_typed(void *arg, struct ui *ui, const char *text)
{
    struct view_state *s = arg;
    (void)ui;
    free(s->filter);
    s->filter = text && text[0] ? mem_string(text) : NULL;
    s->top = 0;
}

static void scroll(struct view_state *s, int by)
{
    int last = s->lines - s->rows;
    s->top += by;
    s->top = s->top > last ? last : s->top;
    s->top = s->top < 0 ? 0 : s->top;
}

static bool messages_handle(struct view_state *s, const struct view_scene *scene, int request)
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
    case REQ_FILTER: case REQ_SEARCH:
        ui_ask(scene->ui, &(struct ui_prompt){.label = "filter", .history = "messages", .text = s->filter,
                                              .done = filter_typed, .live = filter_typed, .arg = s});
        return true;
    case REQ_BACK:
        if (!s->filter)
            return false;
        filter_typed(s, scene->ui, NULL);
        return true;
    default: return false;
    }
}

static void messages_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    if (s->filter)
        buf_printf(out, "filter: %s\t", s->filter);
    buf_printf(out, "%u since the start", store_messages_total(scene->store));
}

const struct view messages_view = {
    .name = "messages",
    .title = "messages",
    .help = "Everything that was said on the message line since the start, newest first.",
    .open = messages_open,
    .close = messages_close,
    .draw = messages_draw,
    .handle = messages_handle,
    .status = messages_status,
    .disabled = view_no_table,
};
