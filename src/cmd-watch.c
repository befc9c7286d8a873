/* pgvigil, without the name of a front end: the console. */
#include "cmd.h"

#include "ui/console.h"
#include "ui/views/list.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { OPT_ASCII = 256, OPT_UTF8, OPT_COLOR, OPT_NO_MOUSE, OPT_BRAILLE, OPT_PAGE };

struct watch {
    struct setup setup;
    struct terminal_setup terminal;
    const char *page;
};

static bool parse_color(struct terminal_setup *t, const char *word, struct err *err)
{
    static const char *const words[] = {"auto", "never", "always"};
    for (int i = 0; i < (int)COUNT_OF(words); i++)
        if (!word || strcmp(word, words[i]) == 0) {
            t->colour = word ? (enum colour_choice)i : COLOUR_ALWAYS;
            return true;
        }
    return err_set(err, "--color takes auto, never or always, not \"%s\".", word);
}

static bool take(struct watch *w, int c, const char *value, struct err *err)
{
    switch (c) {
    case OPT_ASCII:
        w->terminal.text = TEXT_FORCE_ASCII;
        return true;
    case OPT_UTF8:
        w->terminal.text = TEXT_FORCE_UTF8;
        return true;
    case OPT_COLOR:
        return parse_color(&w->terminal, value, err);
    case OPT_NO_MOUSE:
        w->terminal.mouse = false;
        return true;
    case OPT_BRAILLE:
        w->terminal.braille = true;
        return true;
    case OPT_PAGE:
        w->page = value;
        return true;
    default:
        return setup_option(&w->setup, c, value, err);
    }
}

static bool parse(struct watch *w, int argc, char **argv, struct err *err)
{
    static const struct option own[] = {{"ascii", no_argument, NULL, OPT_ASCII},
                                        {"utf8", no_argument, NULL, OPT_UTF8},
                                        {"color", optional_argument, NULL, OPT_COLOR},
                                        {"no-mouse", no_argument, NULL, OPT_NO_MOUSE},
                                        {"braille", no_argument, NULL, OPT_BRAILLE},
                                        {"page", required_argument, NULL, OPT_PAGE}};
    struct option all[OPTIONS_MAX];
    merge_options(all, own, COUNT_OF(own));
    for (int c; (c = getopt_long(argc, argv, COMMON_SHORT, all, NULL)) != -1;)
        if (!take(w, c, optarg, err))
            return err->text[0] ? false : err_set(err, "pgvigil --help lists the options.");
    return setup_arguments(&w->setup, argc - optind, argv + optind, err);
}

int watch_setup(const struct setup *s, const struct terminal_setup *terminal_setup, const char *page)
{
    static const struct terminal_setup plain = {.mouse = true};
    struct err err = {0};
    struct engine *engine = NULL;
    struct terminal *terminal = NULL;
    int status = EXIT_USAGE, watcher = find_worker("pgvigil-watch", &err);
    if (watcher >= 0 && (terminal = terminal_open(terminal_setup ? terminal_setup : &plain, &err)) != NULL &&
        (engine = setup_engine(s, watcher, false, &err)) != NULL)
        status = console_run(&(struct console_setup){.engine = engine, .terminal = terminal, .views = views,
                                                     .page = page, .target = 0}, &err);
    terminal_close(terminal);
    if (err.text[0])
        complain(status, "%s", err.text);
    engine_free(engine);
    if (watcher >= 0)
        close(watcher);
    return status;
}

static int run_watch(int argc, char **argv)
{
    struct watch w = {.terminal = {.mouse = true}};
    struct err err = {0};
    int status = parse(&w, argc, argv, &err) ? watch_setup(&w.setup, &w.terminal, w.page)
                                             : complain(EXIT_USAGE, "%s", err.text);
    setup_free(&w.setup);
    return status;
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "[CONNINFO]...",
    .summary = "the console (also without the word \"watch\")",
    .run = run_watch,
};
