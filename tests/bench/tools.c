/* How each console is started, and by what one sees that it works. */
#include "tests/bench/tools.h"

#include "tests/pty/console.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 10000

const struct tool tools[TOOLS] = {
    {"pgvigil", "bench_pgvigil", "(PRIMARY|STANDBY).*PG [0-9]+", ":sessions<Enter>", {"2", "1"}, "Q"},
    {"pg_activity", "bench_activity", "PostgreSQL [0-9]+(.|\n)*RUNNING QUERIES", "", {"2", "1"}, "q"},
    {"pg_top", "bench_top", "[0-9]+ processes:(.|\n)*PID USERNAME", "", {"i", "i"}, "q"},
};

struct place place_of(const char *conninfo)
{
    struct place where = {0};
    char *why = NULL;
    PQconninfoOption *all = PQconninfoParse(conninfo, &why);
    snprintf(where.conninfo, sizeof(where.conninfo), "%s", conninfo);
    for (PQconninfoOption *o = all; o && o->keyword; o++) {
        if (!o->val)
            continue;
        if (strcmp(o->keyword, "host") == 0)
            snprintf(where.host, sizeof(where.host), "%s", o->val);
        if (strcmp(o->keyword, "port") == 0)
            snprintf(where.port, sizeof(where.port), "%s", o->val);
        if (strcmp(o->keyword, "dbname") == 0)
            snprintf(where.dbname, sizeof(where.dbname), "%s", o->val);
    }
    PQconninfoFree(all);
    PQfreemem(why);
    return where;
}

bool tool_installed(const struct tool *t)
{
    if (t == &tools[0])
        return access(console_program(), X_OK) == 0;
    char path[300];
    snprintf(path, sizeof(path), "/usr/bin/%s", t->name);
    return access(path, X_OK) == 0;
}

struct pty *tool_start(const struct tool *t, const struct place *where, int rows, int cols)
{
    char conninfo[600];
    snprintf(conninfo, sizeof(conninfo), "host=%s port=%s dbname=%s user=%s", where->host, where->port,
             where->dbname, t->role);
    if (t == &tools[0])
        return console_start(&(struct console_start){
            .args = (const char *const[]){conninfo, NULL}, .rows = rows, .cols = cols});
    const char *const activity[] = {t->name, "--refresh", "2", conninfo, NULL};
    const char *const top[] = {t->name, "-s", "2", "-h", where->host, "-p", where->port, "-U", t->role, "-d",
                               where->dbname, NULL};
    return pty_start(&(struct pty_start){
        .argv = strcmp(t->name, "pg_top") == 0 ? top : activity, .rows = rows, .cols = cols});
}

struct pty *tool_ready(const struct tool *t, const struct place *where, int rows, int cols, double *took_ms)
{
    int64_t start = pty_now_us();
    struct pty *p = tool_start(t, where, rows, cols);
    if (!pty_wait_regex(p, t->data, PATIENCE)) {
        pty_free(p);
        return NULL;
    }
    if (took_ms)
        *took_ms = (double)(pty_byte_us(p) - start) / 1000;
    return p;
}
