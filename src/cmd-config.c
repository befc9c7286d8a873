/* pgvigil config: looks at the configuration without connecting to anything. */
#include "assemble.h"
#include "cmd.h"

#include "base/buf.h"
#include "base/suggest.h"

#include <stdio.h>
#include <string.h>

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

static int check(struct assembly *a, bool ok, struct conf_errors *errors)
{
    struct keymap *keys = assembly_keys(a, errors);
    struct theme theme;
    struct err err = {0};
    bool themed = !a->config.theme || assembly_theme(a, a->config.theme, &theme, &err);
    keymap_free(keys);
    if (!themed)
        conf_error(errors, a->config.file ? a->config.file : "pgvigil", (struct mark){0, 0}, "%s", err.text);
    if (!ok || !keys || !themed || a->queue_faults.n > 0)
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

static int do_verb(const char *verb, struct assembly *a, bool ok, struct conf_errors *errors)
{
    if (strcmp(verb, "check") == 0)
        return check(a, ok, errors);
    if (strcmp(verb, "show") == 0)
        return show(a, ok, errors);
    return strcmp(verb, "init") == 0 ? init(a) : unknown_verb(verb);
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
    struct assembly a;
    struct conf_errors errors = {0};
    bool ok = assemble(&a, path, &errors);
    status = do_verb(verb, &a, ok, &errors);
    conf_errors_free(&errors);
    assembly_free(&a);
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
             "and lists every fault with its place. show prints every setting with its value and where that came "
             "from. init prints a file with all settings and their defaults, each with its help.",
    .options = options,
    .run = run_config,
};
