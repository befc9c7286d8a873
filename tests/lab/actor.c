/* The workload's cast, and how an actor's process goes on from turn to turn through every restart of its
 * server. */
#include "tests/lab/actor.h"

#include "base/clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

const struct actor actors[] = {
    {"web-1", "shop", "app", false, LOAD_LIGHT, act_web},
    {"web-2", "shop", "app", false, LOAD_LIGHT, act_web},
    {"web-3", "shop", "app", false, LOAD_DEMO, act_web},
    {"web-4", "shop", "app", true, LOAD_DEMO, act_web},
    {"web-5", "shop", "app", true, LOAD_DEMO, act_web},
    {"web-6", "shop", "app", true, LOAD_DEMO, act_web},
    {"billing", "shop", "billing", false, LOAD_DEMO, act_billing},
    {"metabase", "shop", "metabase", false, LOAD_DEMO, act_report},
    {"cron", "shop", "cron", false, LOAD_LIGHT, act_cron},
    {"admin-tool", "shop", "app", false, LOAD_DEMO, act_forget},
    {"deploy", "shop", "app", false, LOAD_DEMO, act_deploy},
    {"orchestrator-api", "tasks", "worker", false, LOAD_LIGHT, act_task_producer},
    {"build-1", "tasks", "worker", false, LOAD_LIGHT, act_task_worker},
    {"build-2", "tasks", "worker", false, LOAD_DEMO, act_task_worker},
    {"build-3", "tasks", "worker", true, LOAD_DEMO, act_task_worker},
    {"radgateway", "tasks", "worker", false, LOAD_LIGHT, act_gateway},
    {"querator-1", "tasks", "worker", false, LOAD_LIGHT, act_querator},
    {"querator-2", "tasks", "worker", false, LOAD_DEMO, act_querator},
    {"janitor", "tasks", "cron", false, LOAD_LIGHT, act_janitor},
    {"mailer-api", "shop", "worker", false, LOAD_DEMO, act_task_producer},
    {"mailer-1", "shop", "worker", false, LOAD_DEMO, act_task_worker},
    {"mailer-2", "shop", "worker", false, LOAD_DEMO, act_task_worker},
    {"mailer-janitor", "shop", "cron", false, LOAD_DEMO, act_task_janitor},
    {ACTOR_SESSIONS, "shop", "app", false, LOAD_OFF, act_hold_sessions},
    {ACTOR_BLOCK, "shop", "app", false, LOAD_OFF, act_block_once},
};
const size_t nactors = COUNT_OF(actors);

/* splitmix64, public domain, by Sebastiano Vigna. */
static uint64_t next_random(struct stage *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

long stage_pick(struct stage *s, long n)
{
    return (long)(next_random(s) % (uint64_t)n);
}

double stage_between(struct stage *s, double low, double high)
{
    return low + (high - low) * (double)(next_random(s) >> 11) / 9007199254740992.0;
}

double stage_wave(const struct stage *s, double period)
{
    double t = (double)clock_boot_us() / (double)US_PER_S;
    double slow = sin(t * 2 * M_PI / period),
           quick = sin(t * 2 * M_PI / (period / 6.3) + (double)s->actor->name[0]);
    return 1 + 0.5 * slow + 0.2 * quick;
}

void stage_pause(double seconds)
{
    struct timespec ts = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    while (nanosleep(&ts, &ts) != 0)
        ;
}

PGconn *stage_connect(const struct stage *s, const char *user, const char *name)
{
    const char *const names[] = {"host", "port", "dbname", "user", "connect_timeout", "application_name",
                                 NULL};
    const char *const values[] = {
        s->dir, s->actor->pooled ? s->pooler_port : s->primary_port, s->actor->database, user, "5", name,
        NULL};
    return PQconnectdbParams(names, values, 0);
}

bool stage_run(struct stage *s, const char *format, ...)
{
    char sql[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    PGresult *res = PQexec(s->conn, sql);
    ExecStatusType status = PQresultStatus(res);
    bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!done)
        fprintf(stderr, "%s: %s", s->actor->name, PQerrorMessage(s->conn));
    PQclear(res);
    return done;
}

bool stage_ask(struct stage *s, char *out, size_t size, const char *sql)
{
    PGresult *res = PQexec(s->conn, sql);
    bool found = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0 && !PQgetisnull(res, 0, 0);
    snprintf(out, size, "%s", found ? PQgetvalue(res, 0, 0) : "");
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        fprintf(stderr, "%s: %s", s->actor->name, PQerrorMessage(s->conn));
    PQclear(res);
    return found;
}

static bool look_after_connection(struct stage *s)
{
    if (s->conn == NULL)
        s->conn = stage_connect(s, s->actor->user, s->actor->name);
    else if (PQstatus(s->conn) != CONNECTION_OK)
        PQreset(s->conn);
    else if (PQtransactionStatus(s->conn) != PQTRANS_IDLE)
        PQclear(PQexec(s->conn, "ROLLBACK"));
    return PQstatus(s->conn) == CONNECTION_OK;
}

int actor_main(int argc, char **argv)
{
    struct stage s = {0};
    for (size_t i = 0; argc == 6 && i < nactors; i++) {
        if (strcmp(actors[i].name, argv[0]) == 0)
            s.actor = &actors[i];
    }
    if (s.actor == NULL)
        return 2;
    prctl(PR_SET_NAME, s.actor->name);
    s.dir = argv[1];
    s.primary_port = argv[2];
    s.pooler_port = argv[3];
    s.rate = atof(argv[4]) / 100;
    s.number = atoi(argv[5]);
    s.random = (uint64_t)clock_wall_us() ^ ((uint64_t)getpid() << 32);
    for (double rest = 0; rest >= 0; stage_pause(rest > 0 ? rest : 0)) {
        if (!look_after_connection(&s)) {
            rest = stage_between(&s, 0.2, 0.6);
            continue;
        }
        rest = s.actor->act(&s);
        s.turn++;
    }
    PQfinish(s.conn);
    return 0;
}
