/* What all front ends do before they do anything of their own: whom to watch, and by which worker. */
#include "assemble.h"
#include "cmd.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/url.h"
#include "rules/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int complain(int status, const char *format, ...)
{
    char text[1024];
    struct buf safe = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_safe_string(&safe, text, text_locale_mode());
    fprintf(stderr, "pgvigil: %s\n", buf_text(&safe));
    buf_free(&safe);
    return status;
}

/* One for all hosts, or a list with one for each; an empty one is the default. */
static bool valid_ports(const char *text)
{
    for (;; text++) {
        char *end = (char *)text;
        long n = *text == ',' || *text == '\0' ? 1 : *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : 0;
        if (n < 1 || n > 65535 || (*end != ',' && *end != '\0'))
            return false;
        text = end;
        if (*text == '\0')
            return true;
    }
}

bool setup_option(struct setup *s, int id, char *value, struct err *err)
{
    char **field = id == 'h' ? &s->host : id == 'p' ? &s->port : id == 'U' ? &s->user : id == 'd' ? &s->database : NULL;
    s->no_password |= id == 'w';
    if (id == OPT_CONFIG)
        s->config_path = value;
    if (!field)
        return true;
    if (id == 'p' && !valid_ports(value))
        return err_set(err, "--port takes a number from 1 to 65535, not \"%s\".", value);
    free(*field);
    *field = mem_string(value);
    if (id == 'd')
        mem_wipe(value, strlen(value));     /* a password in it would show in ps */
    return true;
}

static char *unique_name(const struct setup *s, char *name)
{
    char *base = mem_string(name);
    for (int again = 2; again <= TARGETS_MAX; again++) {
        bool taken = false;
        for (int i = 0; i < s->ntargets; i++)
            taken |= s->targets[i].name && strcmp(s->targets[i].name, name) == 0;
        if (!taken)
            break;
        struct buf b = {0};
        buf_printf(&b, "%s-%d", base, again);
        free(name);
        name = buf_take(&b);
    }
    free(base);
    return name;
}

void setup_add(struct setup *s, const char *name, const char *conninfo, const char *group, const char *environment)
{
    s->targets = mem_resize(s->targets, (size_t)s->ntargets + 1, sizeof(*s->targets));
    s->targets[s->ntargets] = (struct engine_target){
        .name = name ? unique_name(s, mem_string(name)) : NULL, .conninfo = mem_string(conninfo), .group = mem_string(group),
        .environment = mem_string(environment)};
    s->from = mem_resize(s->from, (size_t)s->ntargets + 1, sizeof(*s->from));
    s->from[s->ntargets++] = NULL;
}

/* app+http://host:port/path: the letters before the + keep it apart from a database's URI. */
static const char *app_url(const char *argument)
{
    return strncmp(argument, "app+", 4) == 0 ? argument + 4 : NULL;
}

/* What the user says of probes, there or everywhere. */
static void choose_probes(struct engine_target *t, const struct probe_choice *probes, size_t n)
{
    struct engine_choice *choices = mem_array(n, sizeof(*choices));
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct engine_choice){probes[i].probe, !probes[i].on, probes[i].interval_s};
    t->choices = choices;
    t->nchoices = (int)n;
}

static void add_target(struct setup *s, const char *conninfo)
{
    const char *url = app_url(conninfo);
    setup_add(s, NULL, url ? url : conninfo, NULL, NULL);
    s->targets[s->ntargets - 1].app = url != NULL;
    struct engine_target *t = &s->targets[s->ntargets - 1];
    if (!t->app) {
        t->host = mem_string(s->host);
        t->port = mem_string(s->port);
        t->user = mem_string(s->user);
    }
    t->interval_s = s->assembly->config.interval_s;
    t->background_s = s->assembly->config.background_s;
    choose_probes(t, s->assembly->config.probes, s->assembly->config.nprobes);
}

static void print_faults(const struct conf_errors *errors)
{
    struct buf out = {0};
    conf_errors_print(errors, &out);
    fputs(buf_text(&out), stderr);
    buf_free(&out);
}

/* Out of sight, and out of the environment of whatever is started from here on: it goes to watchers by their pipe. */
static char *take_password(void)
{
    char *value = getenv("PGPASSWORD"), *secret = mem_secret(value);
    if (value)
        mem_wipe(value, strlen(value));
    unsetenv("PGPASSWORD");
    return secret;
}

bool setup_assemble(struct setup *s)
{
    struct conf_errors errors = {0};
    s->password = take_password();
    s->assembly = mem_new(sizeof(*s->assembly));
    bool ok = assemble(s->assembly, s->config_path, &errors);
    print_faults(ok ? &s->assembly->queue_faults : &errors);
    if (ok && s->assembly->queue_faults.n > 0)
        complain(0, "Queue definitions with a fault are left out; all else goes on.");
    conf_errors_free(&errors);
    return ok;
}

/* A conninfo in which every character of the value is itself. */
static char *service_conninfo(const char *service)
{
    struct buf b = {0};
    buf_puts(&b, "service='");
    for (; *service; service++) {
        if (*service == '\'' || *service == '\\')
            buf_putc(&b, '\\');
        buf_putc(&b, *service);
    }
    buf_putc(&b, '\'');
    return buf_take(&b);
}

static void add_configured(struct setup *s, const struct config_target *t)
{
    const struct config *c = &s->assembly->config;
    char *conninfo = t->service ? service_conninfo(t->service) : mem_string(t->url ? t->url : t->conninfo);
    setup_add(s, t->name, conninfo, t->group, t->environment);
    mem_wipe(conninfo, strlen(conninfo));
    free(conninfo);
    struct engine_target *e = &s->targets[s->ntargets - 1];
    s->from[s->ntargets - 1] = t;
    choose_probes(e, t->probes, t->nprobes);
    e->app = t->url != NULL;
    e->ca = mem_string(t->ca);
    e->application = mem_string(t->application);
    e->interval_s = t->interval_s > 0 ? t->interval_s : c->interval_s;
    e->background_s = t->background_s > 0 ? t->background_s : c->background_s;
}

/* Targets of this name or group; false: there are none. */
static bool add_by_name(struct setup *s, const char *name)
{
    const struct config *c = &s->assembly->config;
    bool found = false;
    for (size_t i = 0; i < c->ntargets; i++)
        if (!name || strcmp(c->targets[i].name, name) == 0 ||
            (c->targets[i].group && strcmp(c->targets[i].group, name) == 0)) {
            add_configured(s, &c->targets[i]);
            found = true;
        }
    return found;
}

static bool open_fetcher(struct setup *s, struct err *err)
{
    for (int i = 0; i < s->ntargets && s->fetcher_fd == 0; i++)
        if (s->targets[i].app)
            s->fetcher_fd = find_worker("pgvigil-fetch", err);
    return s->fetcher_fd >= 0;
}

bool setup_arguments(struct setup *s, int argc, char **argv, struct err *err)
{
    bool beside = s->database || s->host || s->port || s->user;
    if (argc > TARGETS_MAX)
        return err_set(err, "There are %d targets on the command line; %d is the most.", argc, TARGETS_MAX);
    if (argc > 0 && s->database)
        return err_set(err, "--dbname is there for want of an argument, and there is one as well: leave one of them out.");
    if (argc == 0 && (beside || !add_by_name(s, NULL)))
        add_target(s, s->database ? s->database : "");
    for (int i = 0; i < argc; i++) {
        if (app_url(argv[i]) && !url_check(app_url(argv[i]), err))
            return false;
        if (beside || !add_by_name(s, argv[i]))
            add_target(s, argv[i]);
        mem_wipe(argv[i], strlen(argv[i]));     /* as above */
    }
    setup_name(s);
    return open_fetcher(s, err);
}

void setup_free(struct setup *s)
{
    for (int i = 0; i < s->ntargets; i++) {
        char *conninfo = (char *)s->targets[i].conninfo;
        mem_wipe(conninfo, strlen(conninfo));
        free(conninfo);
        free((char *)s->targets[i].name);
        free((char *)s->targets[i].host);
        free((char *)s->targets[i].port);
        free((char *)s->targets[i].user);
        free((char *)s->targets[i].group);
        free((char *)s->targets[i].environment);
        free((char *)s->targets[i].ca);
        free((char *)s->targets[i].application);
        free((struct engine_choice *)s->targets[i].choices);
    }
    free(s->targets);
    free(s->from);
    free(s->host);
    free(s->port);
    free(s->user);
    if (s->database)
        mem_wipe(s->database, strlen(s->database));
    free(s->database);
    if (s->assembly)
        assembly_free(s->assembly);
    free(s->assembly);
    mem_forget(s->password);
    if (s->fetcher_fd > 0)
        close(s->fetcher_fd);
    *s = (struct setup){0};
}

int find_worker(const char *name, struct err *err)
{
    char installed[PATH_MAX];
    snprintf(installed, sizeof(installed), PKGLIBEXECDIR "/%s", name);
    char *path = our_file(name, installed);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        err_set(err, "The worker program %s cannot be opened: %s. Is pgvigil installed whole?", path, strerror(errno));
    free(path);
    return fd;
}

/* What stood on stderr is hidden once the screen is open. */
static void say_faults(const struct conf_errors *faults, struct store *store)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct conf_error *e = &faults->list[i];
        struct buf b = {0};
        buf_printf(&b, "a queue definition is left out: %s:%u: %s", e->file, e->at.line, e->sentence);
        store_say(store, clock_wall_us(), SEV_WARN, -1, buf_text(&b));
        buf_free(&b);
    }
}

struct engine *setup_engine(const struct setup *s, int watcher_fd, bool hurry, struct err *err)
{
    struct engine *e = engine_new(&(struct engine_setup){
        .probes = s->assembly->probes, .rules = rule_table, .targets = s->targets, .ntargets = s->ntargets,
        .watcher_fd = watcher_fd, .fetcher_fd = s->fetcher_fd, .past_bytes = PAST_BYTES(s->ntargets), .hurry = hurry,
        .judge = s->judge, .password = s->password, .no_password = s->no_password}, err);
    if (e) {
        assembly_judging(s->assembly, engine_store(e), s->from);
        say_faults(&s->assembly->queue_faults, engine_store(e));
    }
    return e;
}
