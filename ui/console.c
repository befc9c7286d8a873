/* The console at work. Whatever happens only leaves a mark; the picture is made once, at the end of a turn.
 */
#include "ui/console.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ui/tty.h"

#include <signal.h>
#include <stdlib.h>

enum {
    EVENTS_A_TURN = 256,
    RETRY_US = 10 * US_PER_MS,              /* while the terminal takes nothing */
    RESIZE_US = 30 * US_PER_MS,             /* a window that is being dragged is drawn no more often */
    AWAY_US = 100 * US_PER_MS               /* in the background, before it stops again */
};

struct console {
    struct engine *engine;
    struct terminal *terminal;
    struct ui *ui;
    struct engine_timer *second, *soon, *stop;
    bool resized, unsent;                   /* unsent: the canvas is newer than the terminal */
    bool away;                              /* in the background: the terminal is the shell's */
    bool stopping, ended;                   /* asked to stop, or to end, which is stronger */
    int64_t resized_us;
    bool (*find_theme)(void *arg, const char *name, struct theme *out, struct err *err);
    void *arg;
};

static void end(struct console *c, int status)
{
    c->ended = true;
    engine_stop(c->engine, status);
}

/* ---- what the controller asks of the terminal ---- */

static void host_quit(void *arg, int status)
{
    end(arg, status);
}

static void host_redraw(void *arg)
{
    struct console *c = arg;
    terminal_spoil(c->terminal);
    c->unsent = true;
}

static void host_suspend(void *arg)
{
    struct console *c = arg;
    c->stopping = true;
}

static bool host_mouse(void *arg, bool on)
{
    struct console *c = arg;
    return terminal_mouse(c->terminal, on);
}

static bool host_copy(void *arg, const char *bytes, size_t len, char *words, size_t size)
{
    struct console *c = arg;
    return terminal_copy(c->terminal, bytes, len, words, size);
}

static bool host_theme(void *arg, const char *name, struct theme *out, struct err *err)
{
    struct console *c = arg;
    return c->find_theme(c->arg, name, out, err);
}

/* ---- the loop's calls ---- */

static void set_time(struct console *c)
{
    ui_set_time(c->ui, engine_now_us(c->engine), clock_wall_us());
}

static void take_event(struct console *c, const struct event *event)
{
    switch (event->kind) {
    case EVENT_KEY: ui_key(c->ui, event->key); return;
    case EVENT_MOUSE: ui_mouse(c->ui, event->button, event->row, event->column); return;
    case EVENT_PASTE: ui_paste(c->ui, event->bytes, event->len); return;
    case EVENT_GONE: end(c, 128 + SIGHUP); return;
    }
}

static void on_input(void *arg)
{
    struct console *c = arg;
    struct event event;
    if (tty_in_background())
        return;
    set_time(c);
    for (int i = 0; terminal_read(c->terminal, &event, engine_now_us(c->engine)); i++) {
        take_event(c, &event);
        if (event.kind == EVENT_GONE)
            return;
        if (i == EVENTS_A_TURN) {
            engine_timer_set(c->soon, 0);
            return;
        }
    }
}

/* Woken in the background, it must stop again, as who reads a terminal there is stopped. What is pending comes first:
 * it may be our end. */
static bool is_away(struct console *c)
{
    bool away = tty_in_background();
    if (away == c->away)
        return away;
    c->away = away;
    if (away) {
        engine_unwatch_fd(c->engine, terminal_about(c->terminal)->input);
        engine_timer_set(c->stop, AWAY_US);
    } else {
        engine_timer_stop(c->stop);
        if (!engine_watch_fd(c->engine, terminal_about(c->terminal)->input, on_input, c))
            end(c, 128 + SIGHUP);
        terminal_resume(c->terminal);
        c->resized = c->unsent = true;
    }
    return away;
}

static void on_away(void *arg)
{
    struct console *c = arg;
    if (tty_hung_up())
        end(c, 128 + SIGHUP);
    else
        c->stopping = tty_in_background();
    engine_timer_set(c->stop, AWAY_US);
}

/* Stopped once for all the signals that came; the loop would call for each of them. */
static void stop_if_asked(struct console *c)
{
    if (!c->stopping)
        return;
    c->stopping = false;
    terminal_suspend(c->terminal);
    c->resized = c->unsent = true;
}

/* True when the size is settled for this turn. */
static bool resize(struct console *c)
{
    int64_t now = engine_now_us(c->engine);
    int rows, columns;
    if (!c->resized)
        return true;
    if (now - c->resized_us < RESIZE_US) {
        engine_timer_set(c->soon, RESIZE_US - (now - c->resized_us));
        return false;
    }
    c->resized = false;
    c->resized_us = now;
    if (terminal_resize(c->terminal, &rows, &columns))
        ui_resize(c->ui, rows, columns);
    return true;
}

/* A picture that the terminal does not take is not queued: the next one is made when it does. */
static void on_turn(void *arg)
{
    struct console *c = arg;
    if (c->ended)
        return;
    stop_if_asked(c);
    if (is_away(c))
        return;
    bool free = terminal_flush(c->terminal);
    if (terminal_gone(c->terminal)) {
        end(c, 128 + SIGHUP);
        return;
    }
    if (!free) {
        engine_timer_set(c->soon, RETRY_US);
        return;
    }
    if (!resize(c))
        return;
    set_time(c);
    if (!ui_draw(c->ui) && !c->unsent)
        return;
    c->unsent = false;
    terminal_show(c->terminal, ui_canvas(c->ui), ui_theme(c->ui));
    if (!terminal_flush(c->terminal))
        engine_timer_set(c->soon, RETRY_US);
}

static void on_soon(void *arg)
{
    on_input(arg);      /* what is left over from a long turn; the drawing comes by itself */
}

static void on_second(void *arg)
{
    struct console *c = arg;
    engine_timer_set(c->second, US_PER_S);
}

static void on_resize(void *arg)
{
    struct console *c = arg;
    c->resized = true;
}

static void on_continue(void *arg)
{
    struct console *c = arg;
    terminal_resume(c->terminal);
    c->resized = c->unsent = true;
}

static void on_hup(void *arg)
{
    end(arg, 128 + SIGHUP);
}

static void on_int(void *arg)
{
    end(arg, 128 + SIGINT);
}

static void on_term(void *arg)
{
    end(arg, 128 + SIGTERM);
}

/* ---- beginning and end ---- */

static struct ui *make_ui(struct console *c, const struct console_setup *setup, struct err *err)
{
    struct ui *ui = ui_new(&(struct ui_setup){
        .store = engine_store(c->engine),
        .engine = c->engine,
        .views = setup->views,
        .keymap = setup->keymap,
        .theme = setup->theme,
        .mode = terminal_about(c->terminal)->mode,
        .glyphs = terminal_about(c->terminal)->glyphs,
        .mouse = terminal_about(c->terminal)->mouse,
        .page = setup->page,
        .order = setup->order,
        .norder = setup->norder,
        .target = setup->target,
        .host = {
            .arg = c,
            .quit = host_quit,
            .suspend = host_suspend,
            .redraw = host_redraw,
            .mouse = host_mouse,
            .copy = host_copy,
            .theme = setup->find_theme ? host_theme : NULL,
            .theme_names = setup->theme_names,
        },
    }, err);
    int rows, columns;
    terminal_size(c->terminal, &rows, &columns);
    if (ui)
        ui_resize(ui, rows, columns);
    return ui;
}

static void join_loop(struct console *c)
{
    static const struct {
        int signo;
        engine_call *fn;
    } signals[] = {
        {SIGWINCH, on_resize}, {SIGTSTP, host_suspend}, {SIGCONT, on_continue},
        {SIGHUP, on_hup},      {SIGINT, on_int},   {SIGTERM, on_term},
    };
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        engine_on_signal(c->engine, signals[i].signo, signals[i].fn, c);
    c->second = engine_timer_new(c->engine, on_second, c);
    c->soon = engine_timer_new(c->engine, on_soon, c);
    c->stop = engine_timer_new(c->engine, on_away, c);
    engine_timer_set(c->second, US_PER_S);
    engine_each_turn(c->engine, on_turn, c);
}

int console_run(const struct console_setup *setup, struct err *err)
{
    struct console c = {
        .engine = setup->engine,
        .terminal = setup->terminal,
        .find_theme = setup->find_theme,
        .arg = setup->arg,
        .resized = true,
    };
    c.ui = make_ui(&c, setup, err);
    if (!c.ui)
        return 2;
    join_loop(&c);
    if (!engine_watch_fd(c.engine, terminal_about(c.terminal)->input, on_input, &c)) {
        err_set(err, "Keys cannot be read from this standard input.");
        ui_free(c.ui);
        return 2;
    }
    on_turn(&c);
    int status = engine_run(c.engine);
    engine_unwatch_fd(c.engine, terminal_about(c.terminal)->input);
    engine_each_turn(c.engine, NULL, NULL);
    engine_timer_free(c.second);
    engine_timer_free(c.soon);
    engine_timer_free(c.stop);
    ui_free(c.ui);
    return status;
}
