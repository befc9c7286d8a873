/* pgvigil config: looks at the configuration without connecting to anything. */
#include "assemble.h"
#include "cmd.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/suggest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_US (6 * US_PER_S)      /* for all watchers together: one may hang in a folder that is not there */

/* more: those of the queue definitions; NULL: none. */
static int print_faults(const struct conf_errors *errors, const struct conf_errors *more)
{
    struct buf out = {0};
    conf_errors_print(errors, &out);
    if (more)
        conf_errors_print(more, &out);
    fputs(buf_text(&out), stderr);
    buf_free(&out);
    return EXIT_USAGE;
}

static const char *file_of(const struct assembly *a)
{
    return a->config.file ? a->config.file : "pgvigil";
}

static void check_theme(struct assembly *a, const char *name, struct mark at, struct conf_errors *errors)
{
    struct theme theme;
    struct err err = {0};
    if (!assembly_theme(a, name, &theme, &err))
        conf_error(errors, file_of(a), at, "%s", err.text);
}

static void check_themes(struct assembly *a, struct conf_errors *errors)
{
    for (size_t i = 0; i < a->config.nthemes; i++)
        check_theme(a, a->config.themes[i].name, a->config.themes[i].at, errors);
    if (a->config.nthemes == 0 && a->config.theme)
        check_theme(a, a->config.theme, (struct mark){0, 0}, errors);
}

/* ---- conninfos: a watcher knows libpq, and says what that thinks of them ---- */

static void time_is_up(void *arg)
{
    engine_stop(arg, 0);
}

static void look(void *arg)
{
    const struct store *store = engine_store(arg);
    for (int i = 0; i < store_targets(store); i++)
        if (store_target(store, i)->link.state != LINK_WAITING)
            return;
    engine_stop(arg, 0);
}

static void list_senseless(const struct assembly *a, const struct store *store, struct conf_errors *errors)
{
    for (int i = 0; i < store_targets(store); i++) {
        const struct link *link = &store_target(store, i)->link;
        if (link->judged && !link->senseless)
            continue;
        conf_error(errors, file_of(a), a->config.targets[i].reach, "This %s %s: %s.",
                   a->config.targets[i].url ? "url" : "conninfo", link->judged ? "makes no sense" : "could not be judged",
                   link->words[0] ? link->words : "there was no answer");
    }
}

static bool check_conninfos(struct setup *s, struct conf_errors *errors, struct err *err)
{
    int watcher = find_worker("pgvigil-watch", err);
    struct engine *e = watcher >= 0 ? setup_engine(s, watcher, true, err) : NULL;
    if (e) {
        struct engine_timer *patience = engine_timer_new(e, time_is_up, e);
        engine_timer_set(patience, PATIENCE_US);
        engine_each_turn(e, look, e);
        engine_run(e);
        list_senseless(s->assembly, engine_store(e), errors);
        engine_timer_free(patience);
        engine_free(e);
    }
    if (watcher >= 0)
        close(watcher);
    return e != NULL;
}

/* ---- what the front end does ---- */

static int check(struct setup *s, struct conf_errors *errors)
{
    struct assembly *a = s->assembly;
    struct keymap *keys = assembly_keys(a, errors);
    struct err err = {0};
    keymap_free(keys);
    check_themes(a, errors);
    if (a->config.ntargets > 0 && (!setup_arguments(s, 0, NULL, &err) || !check_conninfos(s, errors, &err)))
        return complain(EXIT_TROUBLE, "%s", err.text);
    conf_errors_sort(errors);
    if (errors->n > 0 || a->queue_faults.n > 0)
        return print_faults(errors, &a->queue_faults);
    printf("%s: fine: %zu targets, %zu queue definitions\n", a->config.file ? a->config.file : "no file, all defaults",
           a->config.ntargets, a->queue_data.defs.n);
    return EXIT_OK;
}

static int show(const struct assembly *a, bool ok, const struct conf_errors *errors)
{
    struct buf out = {0};
    if (!ok)
        return print_faults(errors, NULL);
    config_show(&a->config, &out);
    fputs(buf_text(&out), stdout);
    buf_free(&out);
    return EXIT_OK;
}

static int init(const struct assembly *a)
{
    struct buf out = {0};
    config_init(&a->form, &out);
    fputs(buf_text(&out), stdout);
    buf_free(&out);
    return EXIT_OK;
}

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    (void)option;
    (void)err;
    *(const char **)arg = value;
    return true;
}

static const char *const verbs[] = {"check", "show", "init"};

static int unknown_verb(const char *verb)
{
    struct suggest near = suggest_start(verb);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        suggest_offer(&near, verbs[i]);
    if (near.best)
        return complain(EXIT_USAGE, "There is no \"pgvigil config %s\"; did you mean \"pgvigil config %s\"?", verb,
                        near.best);
    return complain(EXIT_USAGE, "pgvigil config takes check, show or init, not \"%s\".", verb);
}

static int do_verb(const char *verb, struct setup *s, bool ok, struct conf_errors *errors)
{
    if (strcmp(verb, "check") == 0)
        return check(s, errors);
    if (strcmp(verb, "show") == 0)
        return show(s->assembly, ok, errors);
    return strcmp(verb, "init") == 0 ? init(s->assembly) : unknown_verb(verb);
}

static int run_config(int argc, char **argv)
{
    const char *path = NULL;
    int status;
    if (!command_line_read(&command_config, &argc, &argv, take, &path, &status))
        return status;
    if (argc > 2)
        return complain(EXIT_USAGE, "pgvigil config takes one file, and \"%s\" is one too many.", argv[2]);
    const char *verb = argc > 0 ? argv[0] : "check";
    path = argc > 1 ? argv[1] : path;
    struct setup setup = {.judge = true, .assembly = mem_new(sizeof(*setup.assembly))};
    struct conf_errors errors = {0};
    bool ok = assemble(setup.assembly, path, &errors);
    status = do_verb(verb, &setup, ok, &errors);
    conf_errors_free(&errors);
    setup_free(&setup);
    return status;
}

static const struct command_option options[] = {
    {OPT_CONFIG, "config", "FILE", "Look at this file instead of the one in the usual places."},
    {.name = NULL},
};

const struct command command_config = {
    .name = "config",
    .arguments = "[check|show|init] [FILE]",
    .summary = "Check the configuration, show all of it, or print one to begin with.",
    .about = "Without a word it does check, which reads the configuration, the queue definitions, the theme and the keys, "
             "asks libpq what it makes of each conninfo, and lists every fault with its place; it connects to nothing. "
             "show prints every setting with its value and where that came from. init prints a file with all settings "
             "and their defaults, each with its help.",
    .options = options,
    .run = run_config,
};
