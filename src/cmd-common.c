/* What all front ends do before they do anything of their own: whom to watch, and by which worker. */
#include "cmd.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "probes/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAST_BYTES (2u << 20)

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

/* A host, a database, or what else tells one target from another; safe to show, never a secret. */
static char *name_from(const char *conninfo)
{
    const char *at = strstr(conninfo, "://");
    const char *end;
    if (at) {
        at += 3;
        size_t authority = strcspn(at, "/?");
        const char *host = memchr(at, '@', authority);
        at = host ? host + 1 : at;
        end = at + strcspn(at, "/?,");
    } else if ((at = strstr(conninfo, "service=")) != NULL || (at = strstr(conninfo, "host=")) != NULL ||
               (at = strstr(conninfo, "dbname=")) != NULL) {
        at = strchr(at, '=') + 1;
        end = at + strcspn(at, " ,'");
    } else {
        at = strchr(conninfo, '=') ? "" : conninfo;
        end = at + strlen(at);
    }
    const char *slash = memrchr(at, '/', (size_t)(end - at));
    at = slash ? slash + 1 : at;
    if (at == end)
        return mem_string("local");
    char *name = mem_bytes(at, (size_t)(end - at));
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:", *c))
            *c = '_';
    return name;
}

static char *unique_name(const struct setup *s, char *name)
{
    char *base = mem_string(name);
    for (int again = 2; again <= TARGETS_MAX; again++) {
        bool taken = false;
        for (int i = 0; i < s->ntargets; i++)
            taken |= strcmp(s->targets[i].name, name) == 0;
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
        .name = unique_name(s, mem_string(name)), .conninfo = mem_string(conninfo), .group = mem_string(group),
        .environment = mem_string(environment), .interval_s = s->interval_s};
    s->ntargets++;
}

static void add_target(struct setup *s, const char *conninfo)
{
    char *name = name_from(s->host && !strchr(conninfo, '=') && !strstr(conninfo, "://") ? s->host : conninfo);
    setup_add(s, name, conninfo, NULL, NULL);
    free(name);
    struct engine_target *t = &s->targets[s->ntargets - 1];
    t->host = mem_string(s->host);
    t->port = mem_string(s->port);
    t->user = mem_string(s->user);
}

bool setup_arguments(struct setup *s, int argc, char **argv, struct err *err)
{
    if (argc > TARGETS_MAX)
        return err_set(err, "There are %d targets on the command line; %d is the most.", argc, TARGETS_MAX);
    if (argc > 0 && s->database)
        return err_set(err, "--dbname is there for want of an argument, and there is one as well: leave one of them out.");
    if (argc == 0)
        add_target(s, s->database ? s->database : "");
    for (int i = 0; i < argc; i++) {
        add_target(s, argv[i]);
        mem_wipe(argv[i], strlen(argv[i]));     /* as above */
    }
    return true;
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
    }
    free(s->targets);
    free(s->host);
    free(s->port);
    free(s->user);
    if (s->database)
        mem_wipe(s->database, strlen(s->database));
    free(s->database);
    *s = (struct setup){0};
}

int find_worker(const char *name, struct err *err)
{
    char self[PATH_MAX];
    struct buf path = {0};
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    int fd = -1;
    if (n > 0) {
        self[n] = '\0';
        *strrchr(self, '/') = '\0';
        buf_printf(&path, "%s/%s", self, name);
        fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) {
        buf_clear(&path);
        buf_printf(&path, PKGLIBEXECDIR "/%s", name);
        fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        err_set(err, "The worker program %s cannot be opened: %s. Is pgvigil installed whole?", buf_text(&path),
                strerror(errno));
    buf_free(&path);
    return fd;
}

struct engine *setup_engine(const struct setup *s, int watcher_fd, bool hurry, struct err *err)
{
    return engine_new(&(struct engine_setup){.probes = probe_table, .targets = s->targets, .ntargets = s->ntargets,
                                             .watcher_fd = watcher_fd, .past_bytes = PAST_BYTES, .hurry = hurry,
                                             .no_password = s->no_password}, err);
}
