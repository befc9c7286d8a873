/* The controller: what it owns, what it listens to, and the drawing at the end of a turn. */
#include "ui/inside.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ui/theme.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_US     (500 * US_PER_MS)   /* between two drawings of many servers, whose answers come all the time */
#define TOGETHER_US (100 * US_PER_MS)   /* a question that takes longer is not waited for */

static bool is_read(const struct ui *ui, int topic)
{
    for (int i = ui->depth - 1; i >= 0; i--)
        if (pages_read(ui, ui->stack[i]->view, topic))
            return true;
    return false;
}

/* The same words again are counted on the messages page; the line at the bottom has better things to show. What the
 * banner of this page says already is not said twice, and of another server its name comes first. */
static void show_message(struct ui *ui)
{
    const struct message *m = store_message(ui->store, 0);
    if (!m || m->severity == SEV_INFO || m->repeats > 0)
        return;
    if (m->target < 0) {
        toast_say(ui, m->severity, m->text);
        return;
    }
    const struct target *t = store_target(ui->store, m->target);
    if (m->target == ui_top(ui)->target && t->link.state != LINK_UP)
        return;
    struct buf text = {0};
    if (m->target != ui_top(ui)->target)
        buf_printf(&text, "%s: ", t->name);
    buf_puts(&text, m->text);
    toast_say(ui, m->severity, buf_text(&text));
    ui->toast.target = m->target;
    buf_free(&text);
}

/* Nobody needs to read why a server was lost that is back. */
static void forget_message(struct ui *ui, int target)
{
    if (ui->toast.text[0] && ui->toast.target == target && store_target(ui->store, target)->link.state == LINK_UP)
        ui->toast = (struct toast){.target = -1};
}

/* A hundred servers that come and go would have the screen drawn all the time, and keys would wait for it. What is
 * said of another server than the one on the page waits for what else comes; pgvigil's own words (-1) do not. */
static void mark(struct ui *ui, int target)
{
    if (target >= 0 && target != ui_top(ui)->target && store_targets(ui->store) > FLEET_FAST)
        ui->later = true;
    else
        ui->dirty = true;
}

static void hear_message(struct ui *ui, int target)
{
    bool dirty = ui->dirty;
    if (!ui->saying)
        show_message(ui);
    ui->dirty = dirty;
    mark(ui, target);
}

static void on_change(void *arg, enum change change, int target, int topic)
{
    struct ui *ui = arg;
    bool here = ui_top(ui)->target < 0 || ui_top(ui)->target == target;
    switch (change) {
    case CHANGE_FRAME:
        if (here && topic >= 0 && is_read(ui, topic))
            ui->soon = true;
        return;
    case CHANGE_TIMING:
        return;
    case CHANGE_MESSAGE:
        hear_message(ui, target);
        return;
    case CHANGE_LINK:
        forget_message(ui, target);
        mark(ui, target);
        return;
    case CHANGE_VERDICT:
        if (here)
            mark(ui, target);
    }
}

static bool open_first(struct ui *ui, const struct ui_setup *setup, struct err *err)
{
    const struct view *view = setup->page ? pages_find(ui, setup->page) : ui->views[0];
    if (!view)
        return err_set(err, "There is no page \"%s\": \"pgvigil --help\" lists them.", setup->page);
    ui->target = setup->target < store_targets(ui->store) ? setup->target : -1;
    if (ui->target < 0 && store_targets(ui->store) > 0)
        ui->target = 0;
    const struct view *first = view->fleet && pages_home(ui) ? pages_home(ui) : ui->views[0];
    pages_push(ui, first, setup->target, NULL, NULL);
    if (view != first)
        pages_push(ui, view, ui->target, NULL, NULL);
    return true;
}

struct keymap *ui_keys(const struct view *const *views)
{
    struct keymap *m = keymap_new();
    for (int i = 0; views[i]; i++)
        keymap_add(m, views[i]->name, views[i]->keys);
    return m;
}

struct ui *ui_new(const struct ui_setup *setup, struct err *err)
{
    struct ui *ui = mem_new(sizeof(*ui));
    ui->store = setup->store;
    ui->engine = setup->engine;
    ui->views = setup->views;
    ui->host = setup->host;
    ui->keymap = setup->keymap ? setup->keymap : ui_keys(setup->views);
    ui->mouse = setup->mouse;
    ui->dirty = true;
    ui->click_row = -1;
    if (setup->theme)
        ui->theme = *setup->theme;
    else
        theme_builtin(&ui->theme);
    ui->canvas = canvas_new(24, 80, setup->mode);
    ui->canvas->glyphs = setup->mode == TEXT_ASCII ? GLYPHS_ASCII : setup->glyphs;
    pages_number(ui, setup->order, setup->norder);
    if (!keymap_check(ui->keymap, NULL, err) || !open_first(ui, setup, err)) {
        ui_free(ui);
        return NULL;
    }
    store_listen(ui->store, on_change, ui);
    return ui;
}

static void free_copies(struct ui *ui)
{
    for (int i = 0; i < ui->copies.n; i++) {
        free((char *)ui->copies.items[i].name);
        free((char *)ui->copies.items[i].bytes);
    }
    free(ui->copies.items);
    ui->copies = (struct copies){0};
}

void ui_free(struct ui *ui)
{
    if (!ui)
        return;
    store_unlisten(ui->store, on_change, ui);       /* a watcher's last words come after us */
    if (ui->overlay == OVERLAY_PICKER)
        picker_end(&ui->picker);
    line_wipe(&ui->prompt.line);
    pages_free(ui);
    free_copies(ui);
    for (int i = 0; i < PROMPT_HISTORIES; i++)
        line_history_free(&ui->histories[i].lines);
    keymap_free(ui->keymap);
    canvas_free(ui->canvas);
    free(ui->asked.since_us);
    free(ui);
}

/* ---- drawing ---- */

static struct layout lay_out(const struct ui *ui, int rows, int columns)
{
    const struct page *top = ui_top(ui);
    bool down = top->target >= 0 && store_target(ui->store, top->target)->link.state != LINK_UP;
    struct layout l = {-1, -1, -1, 0, -1, {0, 0, rows, columns}};
    int at = 0;
    l.header = at++;
    if (rows >= 10)
        l.crumbs = at++;
    if (rows >= 7 && (down || (ui->paused && rows >= 10))) {
        l.banner = at;
        at += l.banner_rows = banner_rows(ui, rows, columns);
    }
    if (rows >= 3)
        l.bottom = --rows;
    l.body = (struct rect){at, 0, rows > at ? rows - at : 0, columns};
    return l;
}

/* A page of servers opened on a pooler, and the like: what it would be, and what there is instead. */
static void draw_wrong_kind(struct ui *ui, const struct page *page)
{
    const struct view *instead = pages_instead(ui, page->view, page->target);
    static const char *const many[VIEW_KIND_COUNT_] = {
        [VIEW_SERVER] = "PostgreSQL servers", [VIEW_POOLER] = "PgBouncer", [VIEW_APP] = "applications"};
    static const char *const one[VIEW_KIND_COUNT_] = {
        [VIEW_SERVER] = "a PostgreSQL server", [VIEW_POOLER] = "a PgBouncer", [VIEW_APP] = "an application"};
    enum view_kind kind = view_kind_of(store_target(ui->store, page->target));
    struct buf text = {0}, line = {0};
    size_t columns;
    int row = 0, width = canvas_columns(ui->canvas);
    buf_printf(&text, "? The page %s is of %s, and this is %s. Press %c for %s, or : for all pages.", page->view->title,
               many[page->view->kind], one[kind],
               ui_page_number(ui, instead) ? ui_page_number(ui, instead) : ':', instead->title);
    struct text_wrap wrap = text_wrap(buf_text(&text), text.len, width > 3 ? (size_t)width - 2 : 1, ui->canvas->mode);
    while (row < canvas_rows(ui->canvas) && text_wrap_next(&wrap, &line, &columns))
        canvas_text(ui->canvas, row++, 1, -1, LOOK_UNKNOWN, buf_text(&line));
    buf_free(&text);
    buf_free(&line);
}

static void draw_body(struct ui *ui)
{
    struct page *top = ui_top(ui);
    struct view_scene scene = pages_scene(ui, top);
    struct rect old = canvas_clip(ui->canvas, ui->layout.body);
    if (ui->layout.body.rows > 0 && pages_instead(ui, top->view, top->target))
        draw_wrong_kind(ui, top);
    else if (ui->layout.body.rows > 0)
        top->view->draw(top->state, &scene, ui->canvas);
    if (ui->overlay == OVERLAY_PICKER) {
        canvas_cursor(ui->canvas, -1, -1);
        picker_draw(&ui->picker, ui->canvas);
    }
    canvas_unclip(ui->canvas, old);
}

/* Answers of one refresh come one after the other: they are drawn as one picture. */
static bool more_comes(const struct ui *ui)
{
    int target = ui_top(ui)->target;
    if (target < 0)
        return store_targets(ui->store) > FLEET_FAST && ui->now_us - ui->drawn_us < SOON_US;
    for (int topic = 0; topic < store_topics(ui->store); topic++) {
        int64_t waiting_us = store_sight(ui->store, target, topic, ui->now_us).waiting_us;
        if (waiting_us >= 0 && waiting_us < TOGETHER_US && is_read(ui, topic))
            return true;
    }
    return false;
}

bool ui_draw(struct ui *ui)
{
    ui->dirty |= (ui->soon && !more_comes(ui)) || (ui->later && ui->now_us - ui->drawn_us >= SOON_US);
    if (ui->toast.text[0] && ui->toast.until_us && ui->now_us >= ui->toast.until_us) {
        ui->toast = (struct toast){.target = -1};
        ui->dirty = true;
    }
    if (!ui->dirty && ui->now_us - ui->drawn_us < US_PER_S)
        return false;
    prompt_password(ui);
    canvas_clear(ui->canvas);
    ui->layout = lay_out(ui, ui->canvas->rows, ui->canvas->columns);
    draw_body(ui);
    header_draw(ui, ui->canvas);
    bottom_draw(ui, ui->canvas);
    ui->dirty = ui->soon = ui->later = false;
    ui->drawn_us = ui->now_us;
    return true;
}

const struct canvas *ui_canvas(const struct ui *ui)
{
    return ui->canvas;
}

const struct theme *ui_theme(const struct ui *ui)
{
    return &ui->theme;
}

void ui_set_time(struct ui *ui, int64_t now_us, int64_t wall_us)
{
    ui->now_us = now_us;
    ui->wall_us = wall_us;
}

void ui_resize(struct ui *ui, int rows, int columns)
{
    canvas_resize(ui->canvas, rows, columns);
    pages_show(ui);
    ui->dirty = true;
}

void ui_dirty(struct ui *ui)
{
    ui->dirty = true;
}

/* ---- for views ---- */

void ui_say(struct ui *ui, enum severity severity, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ui->saying = true;
    store_say(ui->store, ui->wall_us, severity, -1, text);
    ui->saying = false;
    toast_say(ui, severity, text);
}

bool ui_open(struct ui *ui, const char *page, int target, const char *argument, const char *filter)
{
    const struct view *view = pages_find(ui, page);
    if (!view) {
        ui_say(ui, SEV_WARN, "There is no page \"%s\".", page);
        return false;
    }
    pages_push(ui, view, target >= 0 ? target : ui->target, argument, filter);
    ui_top(ui)->lent = filter != NULL;
    return true;
}

void ui_close(struct ui *ui)
{
    pages_pop_to(ui, ui->depth - 1);
}

void ui_choose(struct ui *ui, const struct ui_pick *pick)
{
    overlay_close(ui);
    picker_start(&ui->picker, pick);
    ui->pick = *pick;
    ui->overlay = OVERLAY_PICKER;
    ui->dirty = true;
}

static void copy_now(struct ui *ui, const struct ui_copy *item)
{
    char words[256] = "This terminal offers no way to copy.";
    bool sent = ui->host.copy && ui->host.copy(ui->host.arg, item->bytes, item->len, words, sizeof(words));
    ui_say(ui, sent ? SEV_INFO : SEV_WARN, "%s", words);
}

static void copy_chosen(void *arg, struct ui *ui, int item)
{
    (void)arg;
    if (item < ui->copies.n)
        copy_now(ui, &ui->copies.items[item]);
}

void ui_copy(struct ui *ui, const struct ui_copy *items, int nitems)
{
    struct ui_item choice[16] = {{0}};
    if (nitems == 1)
        copy_now(ui, &items[0]);
    if (nitems <= 1)
        return;
    free_copies(ui);
    ui->copies.n = nitems > 16 ? 16 : nitems;
    ui->copies.items = mem_array((size_t)ui->copies.n, sizeof(*items));
    for (int i = 0; i < ui->copies.n; i++) {
        ui->copies.items[i] = (struct ui_copy){mem_string(items[i].name),
                                               mem_bytes(items[i].bytes, items[i].len), items[i].len};
        choice[i].text = ui->copies.items[i].name;
    }
    ui_choose(ui, &(struct ui_pick){
                      .title = "copy", .items = choice, .nitems = ui->copies.n, .chosen = copy_chosen});
}

bool ui_paused(const struct ui *ui)
{
    return ui->paused;
}

bool ui_covered(const struct ui *ui)
{
    return ui->overlay != OVERLAY_NONE;
}

const struct keymap *ui_keymap(const struct ui *ui)
{
    return ui->keymap;
}

const struct view *const *ui_views(const struct ui *ui)
{
    return ui->views;
}

const struct view *ui_view_below(const struct ui *ui)
{
    return ui->stack[ui->depth > 1 ? ui->depth - 2 : 0]->view;
}
