/* The console without any server: one page that draws nothing but its size and what it was asked. For tests
 * of the terminal, and to try keys by hand. An argument "crash" makes the key "!" a null pointer. */
#include "ui/console.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct view_state {
    int requests, clicks;
};

static struct view_state *bare_open(const struct view_scene *scene)
{
    (void)scene;
    return calloc(1, sizeof(struct view_state));
}

static void bare_close(struct view_state *s)
{
    free(s);
}

static void bare_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    (void)scene;
    canvas_textf(c, 0, 0, -1, LOOK_TEXT, "size %dx%d requests %d clicks %d", c->columns, c->rows, s->requests,
                 s->clicks);
    canvas_text(c, 1, 0, -1, LOOK_CRIT, "‼ é 日本 ▅");
    canvas_cursor(c, 1, 0);
}

static bool bare_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    (void)scene;
    if (request == REQ_VIEW)
        raise(SIGSEGV);
    s->requests += request == REQ_DOWN;
    return request == REQ_DOWN;
}

static bool bare_click(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    (void)scene;
    (void)row;
    (void)column;
    (void)twice;
    s->clicks++;
    return true;
}

static const struct key_row bare_keys[] = {
    {REQ_VIEW, "crash", GROUP_PAGE, "!", NULL, "Crashes."},
    {0},
};
static const struct view bare_view = {.name = "bare",
                                      .title = "bare",
                                      .help = "Nothing.",
                                      .digit = '1',
                                      .keys = bare_keys,
                                      .open = bare_open,
                                      .close = bare_close,
                                      .draw = bare_draw,
                                      .handle = bare_handle,
                                      .click = bare_click};
static const struct view *const pages[] = {&bare_view, NULL};

int main(void)
{
    static const struct probe *const no_probes[] = {NULL};
    struct err err = {{0}};
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN);
    struct terminal *terminal = terminal_open(&(struct terminal_setup){.mouse = true}, &err);
    if (!terminal) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    int watcher = open("/bin/false", O_RDONLY | O_CLOEXEC);
    struct engine *engine =
        engine_new(&(struct engine_setup){.probes = no_probes, .watcher_fd = watcher}, &err);
    int status = 1;
    if (engine)
        status = console_run(
            &(struct console_setup){.engine = engine, .terminal = terminal, .views = pages, .target = -1},
            &err);
    terminal_close(terminal);
    if (err.text[0])
        fprintf(stderr, "%s\n", err.text);
    engine_free(engine);
    close(watcher);
    return status;
}
