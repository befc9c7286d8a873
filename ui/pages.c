/* The stack of pages, their states, and the way back. */
#include "ui/inside.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Times on a page of one target are by its own clock. */
static int64_t wall_of(const struct ui *ui, int target)
{
    int64_t ahead_us = target >= 0 ? store_target(ui->store, target)->facts.clock_us : 0;
    return ahead_us ? ui->now_us + ahead_us : ui->wall_us;
}

struct view_scene pages_scene(struct ui *ui, const struct page *page)
{
    return (struct view_scene){
        .ui = ui,
        .store = ui->store,
        .engine = ui->engine,
        .target = page->target,
        .now_us = ui->now_us,
        .wall_us = wall_of(ui, page->target),
        .argument = page->argument,
    };
}

const struct view *pages_find(const struct ui *ui, const char *name)
{
    for (int i = 0; ui->views[i]; i++)
        if (strcmp(ui->views[i]->name, name) == 0)
            return ui->views[i];
    return NULL;
}

/* ---- numbers ---- */

static enum view_kind kind_of(const struct ui *ui, int target)
{
    return view_kind_of(target >= 0 ? store_target(ui->store, target) : NULL);
}

static bool fits(const struct view *view, enum view_kind kind)
{
    return view->kind == VIEW_ANY || view->kind == kind;
}

static int number_by_name(struct ui *ui, enum view_kind kind, const char *const *names, int nnames)
{
    int n = 0, own = 0;
    for (int i = 0; i < nnames && n < NUMBERED_MAX; i++) {
        const struct view *view = pages_find(ui, names[i]);
        if (!view || !fits(view, kind))
            continue;
        ui->numbered[kind][n++] = view;
        own += view->kind != VIEW_ANY;
    }
    return own;
}

/* A user who orders the pages of servers alone leaves those of poolers as they were. */
void pages_number(struct ui *ui, const char *const *names, int nnames)
{
    for (enum view_kind kind = VIEW_SERVER; kind < VIEW_KIND_COUNT_; kind++) {
        const struct view **to = ui->numbered[kind];
        if (number_by_name(ui, kind, names, nnames) > 0)
            continue;
        memset(to, 0, sizeof(ui->numbered[kind]));
        for (int i = 0; ui->views[i]; i++)
            if (ui->views[i]->digit && fits(ui->views[i], kind))
                to[ui->views[i]->digit - '1'] = ui->views[i];
    }
}

/* '1' to '9' for a target of this kind; 0: it has no number. */
static int number_of(const struct ui *ui, enum view_kind kind, const struct view *view)
{
    for (int i = 0; i < NUMBERED_MAX; i++)
        if (ui->numbered[kind][i] == view)
            return '1' + i;
    return 0;
}

int ui_page_number(const struct ui *ui, const struct view *view)
{
    int number = 0;
    for (enum view_kind kind = VIEW_SERVER; kind < VIEW_KIND_COUNT_ && !number; kind++)
        number = number_of(ui, kind, view);
    return number;
}

const struct view *pages_digit(const struct ui *ui, int digit)
{
    return ui->numbered[kind_of(ui, ui->target)][digit - '1'];
}

const struct view *pages_instead(const struct ui *ui, const struct view *view, int target)
{
    enum view_kind kind = kind_of(ui, target);
    if (fits(view, kind) || target < 0 || !store_target(ui->store, target)->facts.known)
        return NULL;
    int number = view->kind == VIEW_ANY ? 0 : number_of(ui, view->kind, view);
    const struct view *same = number ? ui->numbered[kind][number - '1'] : NULL;
    return same ? same : ui->views[0];
}

/* ---- states ---- */

static void open_state(struct ui *ui, struct page *page, const char *filter)
{
    struct view_scene scene = pages_scene(ui, page);
    scene.filter = filter;
    page->state = page->view->open ? page->view->open(&scene) : NULL;
}

static void close_state(struct page *page)
{
    if (page->view->close && page->state)
        page->view->close(page->state);
    page->state = NULL;
}

static void free_page(struct page *page)
{
    close_state(page);
    free(page->argument);
    free(page);
}

static bool on_stack(const struct ui *ui, const struct page *page)
{
    for (int i = 0; i < ui->depth; i++)
        if (ui->stack[i] == page)
            return true;
    return false;
}

/* Throws out the page that was used longest ago and is not on the stack. */
static void make_room(struct ui *ui)
{
    int oldest = -1;
    for (int i = 0; i < ui->npool; i++)
        if (!on_stack(ui, ui->pool[i]) && (oldest < 0 || ui->pool[i]->used < ui->pool[oldest]->used))
            oldest = i;
    if (ui->npool < POOL_MAX || oldest < 0)
        return;
    free_page(ui->pool[oldest]);
    ui->pool[oldest] = ui->pool[--ui->npool];
}

static bool same_argument(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct page *find_page(struct ui *ui, const struct view *view, int target, const char *argument)
{
    for (int i = 0; i < ui->npool; i++) {
        struct page *p = ui->pool[i];
        if (p->view == view && p->target == target && same_argument(p->argument, argument))
            return p;
    }
    return NULL;
}

/* anew: a row that was asked for is chosen again, whatever was chosen since. */
static struct page *get_page(struct ui *ui, const struct view *view, int target, const char *argument,
                             const char *filter, bool anew)
{
    if (view->fleet)
        target = -1;
    struct page *page = find_page(ui, view, target, argument);
    if (!page) {
        make_room(ui);
        page = mem_new(sizeof(*page));
        *page = (struct page){.view = view, .target = target, .argument = mem_string(argument)};
        ui->pool[ui->npool++] = page;
        open_state(ui, page, filter);
    } else if (filter || (anew && (argument || page->lent))) {
        close_state(page);
        open_state(ui, page, filter);
        page->lent = false;
    }
    page->used = ++ui->uses;
    return page;
}

/* ---- history ---- */

static void clear_trail(struct trail *t)
{
    for (int i = 0; i < t->n; i++)
        free(t->places[i].argument);
    t->n = 0;
}

static bool is_trail(const struct ui *ui, const struct trail *t)
{
    bool same = t->n == ui->depth;
    for (int i = 0; same && i < t->n; i++)
        same = t->places[i].view == ui->stack[i]->view && t->places[i].target == ui->stack[i]->target &&
               same_argument(t->places[i].argument, ui->stack[i]->argument);
    return same;
}

static void remember(struct ui *ui)
{
    if (ui->nhistory > 0 && is_trail(ui, &ui->history[ui->history_at]))
        return;
    int to = ui->nhistory > 0 ? ui->history_at + 1 : 0;
    for (int i = to; i < ui->nhistory; i++)
        clear_trail(&ui->history[i]);
    if (to == HISTORY_MAX) {
        clear_trail(&ui->history[0]);
        memmove(ui->history, ui->history + 1, sizeof(ui->history[0]) * (HISTORY_MAX - 1));
        to--;
    }
    struct trail *t = &ui->history[to];
    t->n = ui->depth;
    for (int i = 0; i < ui->depth; i++)
        t->places[i] =
            (struct place){ui->stack[i]->view, ui->stack[i]->target, mem_string(ui->stack[i]->argument)};
    ui->history_at = to;
    ui->nhistory = to + 1;
}

/* ---- going places ---- */

static int find_topics(const struct ui *ui, const char *const *names, int *topics, int n)
{
    for (int i = 0; names && names[i] && n < TOPICS_MOST; i++) {
        int topic = store_find_topic(ui->store, names[i]);
        if (topic >= 0)
            topics[n++] = topic;
    }
    return n;
}

static bool is_wide(const struct ui *ui)
{
    return ui->canvas->rows >= VIEW_WIDE_ROWS && ui->canvas->columns >= VIEW_WIDE_COLUMNS;
}

bool pages_read(const struct ui *ui, const struct view *view, int topic)
{
    int topics[TOPICS_MOST], n = find_topics(ui, view->reads, topics, 0);
    n = find_topics(ui, view->also, topics, n);
    n = is_wide(ui) ? find_topics(ui, view->wide, topics, n) : n;
    for (int i = 0; i < n; i++)
        if (topics[i] == topic)
            return true;
    return false;
}

static void add_reads(struct ui *ui, const struct page *page, int target, bool first)
{
    int topics[TOPICS_MOST], n = find_topics(ui, page->view->reads, topics, 0);
    n = find_topics(ui, page->view->also, topics, n);
    n = is_wide(ui) ? find_topics(ui, page->view->wide, topics, n) : n;
    if (first)
        intent_show(ui->engine, target, topics, n);
    else
        intent_show_also(ui->engine, target, topics, n);
}

/* What an application's sessions do explains its pools: the servers of its group are asked for them as often. */
static void add_servers(struct ui *ui, const struct target *app)
{
    int sessions = store_find_topic(ui->store, "sessions");
    for (int i = 0; app->application && app->group && sessions >= 0 && i < store_targets(ui->store); i++) {
        const struct target *t = store_target(ui->store, i);
        if (!t->application && t->group && strcmp(t->group, app->group) == 0)
            intent_show_also(ui->engine, i, &sessions, 1);
    }
}

/* What is in sight is asked every two seconds: of many servers that would cost more than it tells. A page of all of them
 * then shows what the background brings.
 *
 * A page that reads nothing (help, messages) leaves in place what the page below it reads. */
void pages_show(struct ui *ui)
{
    int at = ui->depth - 1;
    while (at > 0 && !ui->stack[at]->view->reads)
        at--;
    const struct page *page = ui->stack[at];
    if (page->target >= 0) {
        add_reads(ui, page, page->target, true);
        add_servers(ui, store_target(ui->store, page->target));
        return;
    }
    int n = store_targets(ui->store);
    if (n > FLEET_FAST)
        intent_show(ui->engine, 0, NULL, 0);
    for (int t = 0; t < n && n <= FLEET_FAST; t++)
        add_reads(ui, page, t, t == 0);
}

static void arrived(struct ui *ui)
{
    struct page *page = ui_top(ui);
    page->used = ++ui->uses;
    if (page->target >= 0)
        ui->target = page->target;
    ui->click_row = -1;
    pages_show(ui);
    ui_dirty(ui);
}

static void put_on_top(struct ui *ui, struct page *page)
{
    for (int i = 0; i < ui->depth; i++)
        if (ui->stack[i] == page)
            ui->depth = i;
    if (ui->depth == DEPTH_MAX) {
        memmove(ui->stack + 1, ui->stack + 2, sizeof(ui->stack[0]) * (DEPTH_MAX - 2));
        ui->depth--;
    }
    ui->stack[ui->depth++] = page;
}

bool pages_push(struct ui *ui, const struct view *view, int target, const char *argument, const char *filter)
{
    overlay_close(ui);
    put_on_top(ui, get_page(ui, view, target, argument, filter, true));
    arrived(ui);
    remember(ui);
    return true;
}

const struct view *pages_home(const struct ui *ui)
{
    for (int i = 0; ui->views[i]; i++)
        if (ui->views[i]->home)
            return ui->views[i];
    return NULL;
}

void pages_jump(struct ui *ui, const struct view *view, int target, const char *argument, const char *filter)
{
    if (ui_page_number(ui, view) || view == ui->stack[0]->view || view->home) {
        overlay_close(ui);
        ui->depth = view == ui->stack[0]->view || view->home ? 0 : 1;
    }
    pages_push(ui, view, target, argument, filter);
}

void pages_pop_to(struct ui *ui, int depth)
{
    overlay_close(ui);
    if (depth < 1 || depth >= ui->depth)
        return;
    ui->depth = depth;
    arrived(ui);
    remember(ui);
}

/* The numbered page nearest below the top, so that Tab works from a detail page too. */
static int digit_now(const struct ui *ui)
{
    for (int i = ui->depth - 1; i >= 0; i--) {
        int number = number_of(ui, kind_of(ui, ui->target), ui->stack[i]->view);
        if (number)
            return number;
    }
    return '0';
}

void pages_step(struct ui *ui, int step)
{
    int digit = digit_now(ui);
    for (int i = 0; i < 9; i++) {
        digit += step;
        digit = digit > '9' ? '1' : digit < '1' ? '9' : digit;
        const struct view *view = pages_digit(ui, digit);
        if (view) {
            pages_jump(ui, view, ui->target, NULL, NULL);
            return;
        }
    }
}

void pages_target(struct ui *ui, int target)
{
    const struct page *top = ui_top(ui);
    const struct view *view = top->view->fleet ? ui->stack[0]->view : top->view;
    ui->target = target;
    if (view->fleet)
        view = pages_digit(ui, '1') && !pages_digit(ui, '1')->fleet ? pages_digit(ui, '1') : NULL;
    if (view && top->argument && ui->depth > 1)
        view = ui->stack[ui->depth - 2]->view;  /* a row of one server is not a row of another */
    if (!view)
        return;
    if (pages_instead(ui, view, target))
        view = pages_instead(ui, view, target);
    if (ui_page_number(ui, view) || view == ui->stack[0]->view) {
        overlay_close(ui);
        if (!ui->stack[0]->view->fleet)
            ui->stack[0] = get_page(ui, ui->stack[0]->view, target, NULL, NULL, false);
        pages_jump(ui, view, target, NULL, NULL);
        return;
    }
    overlay_close(ui);
    ui->depth = ui->depth > 1 ? ui->depth - 1 : 1;
    pages_push(ui, view, target, NULL, NULL);
}

bool pages_can_walk(const struct ui *ui, int step)
{
    int to = ui->history_at + step;
    return to >= 0 && to < ui->nhistory;
}

void pages_history(struct ui *ui, int step)
{
    if (!pages_can_walk(ui, step))
        return;
    overlay_close(ui);
    ui->history_at += step;
    const struct trail *t = &ui->history[ui->history_at];
    ui->depth = 0;
    for (int i = 0; i < t->n; i++) {
        ui->stack[ui->depth] =
            get_page(ui, t->places[i].view, t->places[i].target, t->places[i].argument, NULL, false);
        ui->depth++;
    }
    arrived(ui);
}

void pages_free(struct ui *ui)
{
    ui->depth = 0;
    for (int i = 0; i < ui->npool; i++)
        free_page(ui->pool[i]);
    for (int i = 0; i < ui->nhistory; i++)
        clear_trail(&ui->history[i]);
}
