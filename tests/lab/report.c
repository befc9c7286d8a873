/* What the lab says about itself: one line a fact, as the header of lab_client tells. */
#include "tests/lab/lab.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void report_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static const struct row {
    const char *keyword; /* target: what a console would watch; role: the same by somebody else */
    const char *name;
    enum server_id server;
    const char *database;
    const char *user;
    bool tcp;
} rows[] = {
    {"target", "primary", SERVER_PRIMARY, "shop", "postgres", false},
    {"target", "standby", SERVER_STANDBY, "shop", "postgres", false},
    {"target", "pooler", SERVER_POOLER, "pgbouncer", "monitor", false},
    {"target", "tasks", SERVER_PRIMARY, "tasks", "postgres", false},
    {"role", "primary_monitor", SERVER_PRIMARY, "shop", "monitor", false},
    {"role", "primary_plain", SERVER_PRIMARY, "shop", "plain", false},
    {"role", "primary_app", SERVER_PRIMARY, "shop", "app", false},
    {"role", "primary_limited", SERVER_PRIMARY, "shop", "limited", false},
    {"role", "primary_password", SERVER_PRIMARY, "shop", "secret", false},
    {"role", "primary_tcp", SERVER_PRIMARY, "shop", "postgres", true},
    {"role", "standby_monitor", SERVER_STANDBY, "shop", "monitor", false},
    {"role", "standby_plain", SERVER_STANDBY, "shop", "plain", false},
    {"role", "standby_tcp", SERVER_STANDBY, "shop", "postgres", true},
    {"role", "tasks_monitor", SERVER_PRIMARY, "tasks", "monitor", false},
    {"role", "tasks_plain", SERVER_PRIMARY, "tasks", "plain", false},
    {"role", "tasks_worker", SERVER_PRIMARY, "tasks", "worker", false},
    {"role", "small", SERVER_PRIMARY, "small", "plain", false},
    {"role", "pooler_admin", SERVER_POOLER, "pgbouncer", "postgres", false},
    {"role", "pooler_tcp", SERVER_POOLER, "pgbouncer", "monitor", true},
    {"role", "pooled", SERVER_POOLER, "shop", "app", false},
};

void report_progress(struct lab *lab, const char *words)
{
    report_line("progress %d/%d %s", lab->step, LAB_STEPS, words);
    keeper_poll(&lab->keeper, -1, 0);
}

void report_targets(const struct lab *lab)
{
    const char *dir = lab->keeper.dir;
    for (const struct row *r = rows; r < rows + COUNT_OF(rows); r++) {
        const struct server *s = &lab->servers[r->server];
        if (!s->wanted || (r->tcp && lab->wishes.no_tcp))
            continue;
        if (r->tcp)
            report_line("%s %s host=127.0.0.1 port=%d dbname=%s user=%s passfile=%s/pgpass", r->keyword,
                        r->name, s->port, r->database, r->user, dir);
        else
            report_line("%s %s host=%s port=%d dbname=%s user=%s", r->keyword, r->name, dir, s->port,
                        r->database, r->user);
    }
}

void report_pids(const struct lab *lab)
{
    report_line("pid keeper keeper %d", (int)lab->keeper.pid);
    for (const struct server *s = lab->servers; s < lab->servers + SERVER_COUNT; s++) {
        if (!s->wanted)
            continue;
        report_line("pid %s %s %d", s == &lab->servers[SERVER_POOLER] ? "pgbouncer" : "postmaster", s->name,
                    s->pid > 0 ? (int)s->pid : -1);
        report_line("log %s %s", s->name, s->log);
    }
}
