/* pgvigil config: looks at the configuration without connecting to anything. */
#include "assemble.h"
#include "cmd.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static int print_faults(const struct conf_errors *errors)
{
    struct buf out = {0};
    conf_errors_print(errors, &out);
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
    if (!ok || !keys || !themed)
        return print_faults(errors);
    printf("%s: fine: %zu targets, %zu queue definitions\n", a->config.file ? a->config.file : "no file, all defaults",
           a->config.ntargets, a->queue_data.defs.n);
    return EXIT_OK;
}

static int show(const struct assembly *a, bool ok, const struct conf_errors *errors)
{
    struct buf out = {0};
    if (!ok)
        return print_faults(errors);
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

static int run_config(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "check", *path = argc > 2 ? argv[2] : NULL;
    struct assembly a;
    struct conf_errors errors = {0};
    bool ok = assemble(&a, path, &errors);
    int status = strcmp(verb, "check") == 0  ? check(&a, ok, &errors)
                 : strcmp(verb, "show") == 0 ? show(&a, ok, &errors)
                 : strcmp(verb, "init") == 0 ? init(&a)
                                             : complain(EXIT_USAGE, "config takes check, show or init, not \"%s\".", verb);
    conf_errors_free(&errors);
    assembly_free(&a);
    return status;
}

const struct command command_config = {
    .name = "config",
    .arguments = "check|show|init [FILE]",
    .summary = "check the configuration, show all of it, or print one to begin with",
    .run = run_config,
};
