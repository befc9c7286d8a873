/* What comes in: keys, clicks, pasted text; and the requests that are not a page's own business. */
#include "ui/inside.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- leaving, pausing, refreshing ---- */

void input_leave(struct ui *ui, int status)
{
    if (ui->host.quit)
        ui->host.quit(ui->host.arg, status);
}

static void pause_or_go_on(struct ui *ui)
{
    ui->paused = !ui->paused;
    ui->paused_us = ui->now_us;
    intent_pause(ui->engine, ui->paused);
}

static void change_interval(struct ui *ui, bool slower)
{
    static const double steps[] = {0.2, 0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120, 300};
    double now = intent_interval(ui->engine), to = now;
    int n = (int)COUNT_OF(steps);
    if (slower)
        for (int i = n - 1; i >= 0; i--)
            to = steps[i] > now * 1.001 ? steps[i] : to;
    else
        for (int i = 0; i < n; i++)
            to = steps[i] < now * 0.999 ? steps[i] : to;
    intent_set_interval(ui->engine, to);
    ui_say(ui, SEV_INFO, "What is on the screen is sampled every %g s.", to);
}

static void refresh(struct ui *ui)
{
    int target = ui_top(ui)->target >= 0 ? ui_top(ui)->target : ui->target;
    if (target < 0)
        return;
    const struct link *link = &store_target(ui->store, target)->link;
    if (link->state == LINK_PASSWORD)
        prompt_password_again(ui, target);
    else
        intent_refresh(ui->engine, target, link->state == LINK_UP);
}

static void step_target(struct ui *ui, int step)
{
    int n = store_targets(ui->store);
    if (n > 0)
        pages_target(ui, (ui->target + step + n) % n);
}

static void toggle_mouse(struct ui *ui)
{
    if (ui->host.mouse)
        ui->mouse = ui->host.mouse(ui->host.arg, !ui->mouse);
    ui_say(ui, SEV_INFO,
           ui->mouse ? "The mouse is pgvigil's again." : "The mouse is the terminal's: select text at will.");
}

static void interrupt(struct ui *ui)
{
    if (ui->depth == 1)
        input_leave(ui, 0);
    else
        ui_say(ui, SEV_INFO, "q closes this page, Q leaves the program.");
}

/* ---- requests ---- */

/* Those that mean the same on every page. */
static bool handle_everywhere(struct ui *ui, int request)
{
    switch (request) {
    case REQ_QUIT_ALL: input_leave(ui, 0); return true;
    case REQ_INTERRUPT: interrupt(ui); return true;
    case REQ_PAUSE: pause_or_go_on(ui); return true;
    case REQ_FASTER: change_interval(ui, false); return true;
    case REQ_SLOWER: change_interval(ui, true); return true;
    case REQ_PALETTE: palette_open(ui); return true;
    case REQ_MOUSE: toggle_mouse(ui); return true;
    case REQ_REDRAW:
        if (ui->host.redraw)
            ui->host.redraw(ui->host.arg);
        return true;
    case REQ_SUSPEND:
        if (ui->host.suspend)
            ui->host.suspend(ui->host.arg);
        return true;
    default:
        return false;
    }
}

static void open_once(struct ui *ui, const char *name)
{
    if (strcmp(ui_top(ui)->view->name, name) != 0)
        ui_open(ui, name, ui_top(ui)->target, NULL, NULL);
    else
        toast_say(ui, SEV_INFO, "This page is open already: Esc goes back.");
}

static void close_page(struct ui *ui)
{
    if (ui->depth > 1)
        ui_close(ui);
    else
        input_leave(ui, 0);
}

static void go_back(struct ui *ui)
{
    if (ui->depth > 1)
        ui_close(ui);
    else
        toast_say(ui, SEV_INFO, "This is the first page: q leaves the program.");
}

static void say_meaningless(struct ui *ui)
{
    toast_say(ui, SEV_INFO, "This means nothing on this page: ? shows what does.");
}

/* Those that a page may have handled first. */
static void handle_common(struct ui *ui, int request)
{
    switch (request) {
    case REQ_QUIT: close_page(ui); break;
    case REQ_BACK: go_back(ui); break;
    case REQ_HELP: open_once(ui, "help"); break;
    case REQ_MESSAGES: open_once(ui, "messages"); break;
    case REQ_FLEET: pages_jump(ui, pages_home(ui), -1, NULL, NULL); break;
    case REQ_PAGE_NEXT: pages_step(ui, 1); break;
    case REQ_PAGE_PREV: pages_step(ui, -1); break;
    case REQ_HISTORY_BACK: pages_history(ui, -1); break;
    case REQ_HISTORY_FORWARD: pages_history(ui, 1); break;
    case REQ_TARGET_PREV: step_target(ui, -1); break;
    case REQ_TARGET_NEXT: step_target(ui, 1); break;
    case REQ_REFRESH: refresh(ui); break;
    default:
        if (request >= REQ_PAGE_1 && request <= REQ_PAGE_9)
            pages_jump(ui, pages_digit(ui, '1' + request - REQ_PAGE_1), ui->target, NULL, NULL);
        else
            say_meaningless(ui);
    }
}

/* Reasons that have nothing to do with the page. */
static const char *disabled_here(const struct ui *ui, int request)
{
    switch (request) {
    case REQ_HISTORY_BACK:
        return pages_can_walk(ui, -1) ? NULL : "There is nothing before this.";
    case REQ_HISTORY_FORWARD:
        return pages_can_walk(ui, 1) ? NULL : "There is nothing after this.";
    case REQ_TARGET_NEXT: case REQ_TARGET_PREV:
        return store_targets(ui->store) > 1 ? NULL : "Only one server is watched.";
    case REQ_MOUSE:
        return ui->host.mouse ? NULL
                              : "This terminal has no mouse, or it was turned off when the program started.";
    case REQ_FLEET:
        return !pages_home(ui) ? "" : ui_top(ui)->view->home ? "This is the fleet." : NULL;
    case REQ_REFRESH:
        return ui->target >= 0 ? NULL : "No server is watched.";
    default:
        if (request >= REQ_PAGE_1 && request <= REQ_PAGE_9 && !pages_digit(ui, '1' + request - REQ_PAGE_1))
            return "No page has this number.";
        return NULL;
    }
}

const char *input_disabled(struct ui *ui, const struct page *page, int request)
{
    struct view_scene scene = pages_scene(ui, page);
    const char *why = disabled_here(ui, request);
    if (why)
        return why;
    if (pages_instead(ui, page->view, page->target))    /* a sentence is drawn, no page */
        return request >= REQ_VIEW || request == REQ_ENTER || view_wants_rows(&scene, request) ? "" : NULL;
    return page->view->disabled ? page->view->disabled(page->state, &scene, request) : NULL;
}

const char *ui_disabled(const struct ui *ui, int request)
{
    const struct page *page = ui_top(ui);
    if (strcmp(page->view->name, "help") == 0 && ui->depth > 1)
        page = ui->stack[ui->depth - 2];
    return input_disabled((struct ui *)ui, page, request);
}

void input_request(struct ui *ui, int request)
{
    struct page *top = ui_top(ui);
    struct view_scene scene = pages_scene(ui, top);
    const char *why = input_disabled(ui, top, request);
    if (why && request != REQ_BACK) {
        why[0] ? toast_say(ui, SEV_INFO, why) : say_meaningless(ui);
        return;
    }
    if (handle_everywhere(ui, request))
        return;
    top->lent = top->lent && request != REQ_FILTER;     /* what is typed there is the user's own */
    if (!top->view->handle || !top->view->handle(top->state, &scene, request))
        handle_common(ui, request);
}

/* ---- the list on top ---- */

static void answer_pick(struct ui *ui, enum picker_answer answer, int item)
{
    struct ui_pick pick = ui->pick;
    if (answer == PICKER_TICKED && pick.ticked)
        pick.ticked(pick.arg, ui, item, ui->picker.items[item].on);
    if (answer == PICKER_FIXED)
        toast_say(ui, SEV_INFO, pick.fixed ? pick.fixed : "This one cannot be changed.");
    if (answer == PICKER_CLOSED || answer == PICKER_CHOSEN)
        overlay_close(ui);
    if (answer == PICKER_CHOSEN && pick.chosen)
        pick.chosen(pick.arg, ui, item);
}

void input_pick_key(struct ui *ui, uint32_t key, int request)
{
    int item = 0;
    enum picker_answer answer = picker_key(&ui->picker, key, request, &item);
    answer_pick(ui, answer, item);
}

void input_pick_click(struct ui *ui, int row, int column, bool twice)
{
    int item = 0;
    enum picker_answer answer = picker_click(&ui->picker, row, column, twice, &item);
    answer_pick(ui, answer, item);
}

/* ---- keys, clicks, paste ---- */

static void unknown_key(struct ui *ui, uint32_t key)
{
    char name[16], words[80];
    keymap_key_text(key, name);
    snprintf(words, sizeof(words), "The key %s means nothing here: ? shows what does.", name);
    toast_say(ui, SEV_INFO, words);
}

void ui_key(struct ui *ui, uint32_t key)
{
    int request = keymap_request(ui->keymap, ui_top(ui)->view->name, key);
    ui->dirty = true;
    ui->click_row = -1;
    if (ui->toast.drawn)
        ui->toast = (struct toast){.target = -1};
    if (request == REQ_SUSPEND && key < 0x20)
        input_request(ui, request);         /* also while typing */
    else if (ui->overlay == OVERLAY_PROMPT || ui->overlay == OVERLAY_PALETTE)
        prompt_key(ui, key);
    else if (ui->overlay == OVERLAY_PICKER)
        input_pick_key(ui, key, request);
    else if (request != REQ_NONE)
        input_request(ui, request);
    else
        unknown_key(ui, key);
}

static const struct span *find_span(const struct spans *spans, int row, int column)
{
    for (int i = 0; i < spans->n; i++) {
        const struct span *s = &spans->list[i];
        if (s->row == row && column >= s->column && column < s->column + s->columns)
            return s;
    }
    return NULL;
}

/* The first click on a row selects, the next one on the same row opens. */
static bool is_second(struct ui *ui, int row)
{
    bool twice = row == ui->click_row;
    ui->click_row = twice ? -1 : row;
    return twice;
}

static void click_body(struct ui *ui, int row, int column)
{
    struct page *top = ui_top(ui);
    struct view_scene scene = pages_scene(ui, top);
    bool twice = is_second(ui, row);
    row -= ui->layout.body.row;
    if (row >= 0 && row < ui->layout.body.rows && top->view->click)
        top->view->click(top->state, &scene, row, column, twice);
}

static void click(struct ui *ui, int row, int column)
{
    const struct span *hint = find_span(&ui->hints, row, column),
                      *crumb = find_span(&ui->crumbs, row, column);
    if (ui->overlay == OVERLAY_PICKER)
        input_pick_click(ui, row, column, is_second(ui, row));
    else if (ui->overlay != OVERLAY_NONE)
        return;
    else if (hint)
        input_request(ui, hint->what);
    else if (crumb)
        pages_pop_to(ui, crumb->what);
    else
        click_body(ui, row, column);
}

void ui_mouse(struct ui *ui, enum mouse_button button, int row, int column)
{
    bool wheel = button == MOUSE_WHEEL_UP || button == MOUSE_WHEEL_DOWN;
    ui->dirty = true;
    if (wheel && ui->overlay == OVERLAY_PICKER)
        picker_move(&ui->picker, button == MOUSE_WHEEL_UP ? -1 : 1);
    for (int i = 0; wheel && ui->overlay == OVERLAY_NONE && i < 3; i++)
        input_request(ui, button == MOUSE_WHEEL_UP ? REQ_UP : REQ_DOWN);
    if (!wheel)
        click(ui, row, column);
}

/* Pasted text is text: where none is asked for it is dropped, never taken for keys. */
void ui_paste(struct ui *ui, const char *bytes, size_t len)
{
    ui->dirty = true;
    if (ui->overlay == OVERLAY_PROMPT || ui->overlay == OVERLAY_PALETTE)
        prompt_paste(ui, bytes, len);
    else if (ui->overlay == OVERLAY_PICKER)
        picker_paste(&ui->picker, bytes, len);
    else
        toast_say(ui, SEV_INFO, "Pasted text was dropped: press / or : first.");
}
