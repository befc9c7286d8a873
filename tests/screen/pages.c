/* Pages for tests. */
#include "tests/screen/pages.h"

#include "ui/views/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct view_state {
    int requests, last;
    int clicks, row, column;
    bool twice, filtered;
    char filter[64], argument[64];
};

static int opened;

static struct view_state *plain_open(const struct view_scene *scene)
{
    struct view_state *s = test_calloc(1, sizeof(*s));
    opened++;
    snprintf(s->filter, sizeof(s->filter), "%s", scene->filter ? scene->filter : "");
    snprintf(s->argument, sizeof(s->argument), "%s", scene->argument ? scene->argument : "");
    s->filtered = s->filter[0];
    return s;
}

static void plain_close(struct view_state *s)
{
    opened--;
    test_free(s);
}

static void plain_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    canvas_textf(c, 0, 0, -1, LOOK_TEXT, "body %dx%d target %d requests %d last %d", canvas_rows(c),
                 canvas_columns(c), scene->target, s->requests, s->last);
    canvas_textf(c, 1, 0, -1, LOOK_TEXT, "filter [%s] argument [%s]", s->filtered ? s->filter : "",
                 s->argument);
    canvas_cursor(c, 0, 0);
}

static void filter_typed(void *arg, struct ui *ui, const char *text)
{
    struct view_state *s = arg;
    (void)ui;
    snprintf(s->filter, sizeof(s->filter), "%s", text ? text : "");
    s->filtered = s->filter[0];
}

static bool filter_fits(void *arg, const char *text, struct err *err)
{
    (void)arg;
    return strchr(text, '%') ? err_set(err, "A filter has no %% here.") : true;
}

static bool plain_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    if (request == REQ_BACK && s->filtered) {
        s->filtered = false;
        return true;
    }
    if (request == REQ_FILTER) {
        ui_ask(scene->ui,
               &(struct ui_prompt){.label = "filter", .done = filter_typed, .check = filter_fits, .arg = s});
        return true;
    }
    if (request != REQ_DOWN && request != REQ_VIEW && request != REQ_ENTER)
        return false;
    s->requests++;
    s->last = request;
    if (request == REQ_ENTER)
        ui_open(scene->ui, "row", -1, "4711", NULL);
    return true;
}

static bool plain_click(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    (void)scene;
    s->clicks++;
    s->row = row;
    s->column = column;
    s->twice = twice;
    s->last = 100 * row + column + (twice ? 10000 : 0);
    return true;
}

static void plain_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    (void)s;
    (void)scene;
    buf_puts(out, "filter: state:active   12/340   ↓age");
}

static const char *plain_disabled(struct view_state *s, const struct view_scene *scene, int request)
{
    (void)s;
    (void)scene;
    if (request == REQ_SORT)
        return "Nothing can be sorted here.";
    return request == REQ_COLUMNS ? "" : NULL;
}

static const struct key_row plain_keys[] = {
    {REQ_VIEW, "blockers", GROUP_PAGE, "b", "blockers", "Shows only sessions that hold others up."},
    {0},
};
static const char *const plain_reads[] = {"sessions", NULL};

#define PLAIN \
    .open = plain_open, .close = plain_close, .draw = plain_draw, .handle = plain_handle, .click = plain_click
static const struct view home_view = {.name = "overview",
                                      .title = "overview",
                                      .help = "What matters first.",
                                      .digit = '1',
                                      .reads = plain_reads,
                                      PLAIN};
static const struct view plain_view = {
    .name = "sessions", .title = "sessions", .help = "Who is connected and what each one does.", .digit = '2',
    .reads = plain_reads, .keys = plain_keys, .status = plain_status, .disabled = plain_disabled, PLAIN};
static const struct view row_view = {
    .name = "row", .title = "row", .help = "One row.", .argument = "NUMBER", .reads = plain_reads, PLAIN};
static const struct view all_view = {.name = "fleet",
                                       .title = "fleet",
                                       .help = "All servers.",
                                       .digit = '9',
                                       .fleet = true,
                                       .reads = plain_reads,
                                       PLAIN};
const struct view *const pages[] = {&home_view, &plain_view,    &row_view, &all_view,
                                    &help_view, &messages_view, NULL};

struct scene *pages_start(int rows, int columns)
{
    struct scene *s = scene_new(pages, rows, columns, TEXT_UTF8, NULL);
    scene_publish(s, 0, "sessions", 0.4);
    scene_publish(s, 1, "sessions", 0.4);
    return s;
}

void pages_end(struct scene *s)
{
    scene_free(s);
    assert_int_equal(opened, 0);
}
