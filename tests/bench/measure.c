/* Measurements from outside: the pty, /proc, the server's own statistics. */
#include "tests/bench/measure.h"

#include "base/mem.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"

#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAMILY_MAX  32
#define INTERVAL_MS 2000
#define QUIET_MS    30      /* tools that ask the server before they paint come in two steps */
#define KEY_PATIENCE 1000
#define FROZEN_KEYS 20      /* of tools that follow no key; each costs KEY_PATIENCE */

/* ---- the server ---- */

static PGconn *superuser(const struct bench *b)
{
    PGconn *c = PQconnectdb(b->where.conninfo);
    if (PQstatus(c) != CONNECTION_OK)
        fprintf(stderr, "bench: %s", PQerrorMessage(c));
    return c;
}

static bool run(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    bool good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!good)
        fprintf(stderr, "bench: %s: %s", sql, PQresultErrorMessage(r));
    PQclear(r);
    return good;
}

static bool make_role(PGconn *c, const char *name, const char *rights)
{
    char sql[200];
    snprintf(sql, sizeof(sql), "create role %s login %s", name, rights);
    return run(c, sql);
}

bool bench_prepare(const struct bench *b)
{
    PGconn *c = superuser(b);
    bool good = run(c, "create extension if not exists pg_stat_statements") &&
                run(c, "alter system set pg_stat_statements.track = 'all'") &&
                run(c, "alter system set pg_stat_statements.track_planning = on") &&
                run(c, "select pg_reload_conf()");
    for (size_t i = 0; good && i < TOOLS; i++)
        good = make_role(c, tools[i].role, "in role pg_monitor");
    for (int i = 0; good && i < b->recoveries * TOOLS; i++) {
        char name[20];
        snprintf(name, sizeof(name), "zulu%d", i);
        good = make_role(c, name, "");
    }
    PQfinish(c);
    return good;
}

struct account {
    double ms, statements, sessions;
};

static double number(PGconn *c, const char *sql, const char *param)
{
    PGresult *r = PQexecParams(c, sql, param ? 1 : 0, NULL, &param, NULL, NULL, 0);
    double value = PQntuples(r) == 1 ? atof(PQgetvalue(r, 0, 0)) : NAN;
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        fprintf(stderr, "bench: %s", PQresultErrorMessage(r));
    PQclear(r);
    return value;
}

static struct account account_of(PGconn *c, const char *role)
{
#define OF_ROLE \
    " from pg_stat_statements s join pg_roles r on r.oid = s.userid where s.toplevel and r.rolname = $1"
    return (struct account){
        number(c, "select coalesce(sum(total_exec_time + total_plan_time), 0)" OF_ROLE, role),
        number(c, "select coalesce(sum(calls), 0)" OF_ROLE, role),
        number(c, "select sum(sessions) from pg_stat_database", NULL),
    };
}

/* ---- start ---- */

double measure_start(const struct bench *b, const struct tool *t)
{
    double *took = mem_array((size_t)b->starts, sizeof(*took));
    size_t n = 0;
    for (int i = 0; i < b->starts; i++) {
        struct pty *p = tool_ready(t, &b->where, 24, 80, &took[n]);
        n += p != NULL;
        pty_free(p);
    }
    double median = n ? sample_quantile(took, n, 0.5) : NAN;
    free(took);
    return median;
}

/* ---- the steady run ---- */

static double family_sum(pid_t pid, double (*of)(pid_t))
{
    struct proc family[FAMILY_MAX];
    size_t n = proc_descendants(pid, family, FAMILY_MAX);
    double sum = of(pid);
    for (size_t i = 0; i < n; i++)
        sum += fmax(of(family[i].pid), 0);
    return sum;
}

static double anon_mb(pid_t pid)
{
    return (double)proc_memory_kb(pid, "RssAnon") / 1024;
}

static double rss_mb(pid_t pid)
{
    return (double)proc_memory_kb(pid, "VmRSS") / 1024;
}

static double bytes_per_refresh(struct pty *p, int seconds)
{
    size_t n = (size_t)seconds * 1000 / INTERVAL_MS;
    double *bytes = mem_array(n, sizeof(*bytes));
    for (size_t i = 0; i < n; i++) {
        size_t mark = pty_mark(p), came;
        pty_settle(p, INTERVAL_MS);
        pty_bytes(p, mark, &came);
        bytes[i] = (double)came;
    }
    double median = sample_quantile(bytes, n, 0.5);
    free(bytes);
    return median;
}

struct steady measure_steady(const struct bench *b, const struct tool *t)
{
    struct steady s = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct pty *p = tool_ready(t, &b->where, 24, 80, NULL);
    if (!p)
        return s;
    pty_settle(p, 2 * INTERVAL_MS);
    PGconn *c = superuser(b);
    struct account before = account_of(c, t->role);
    double cpu = family_sum(pty_pid(p), proc_cpu_ms), minute = 60.0 / b->seconds;
    s.bytes_80x24 = bytes_per_refresh(p, b->seconds);
    struct account after = account_of(c, t->role);
    s.client_ms = (family_sum(pty_pid(p), proc_cpu_ms) - cpu) * minute;
    s.anon_mb = family_sum(pty_pid(p), anon_mb);
    s.rss_mb = family_sum(pty_pid(p), rss_mb);
    s.server_ms = (after.ms - before.ms) * minute;
    s.statements = (after.statements - before.statements) * minute;
    s.sessions = (after.sessions - before.sessions) * minute;
    PQfinish(c);
    pty_free(p);
    p = tool_ready(t, &b->where, 60, 200, NULL);
    if (p) {
        pty_settle(p, 2 * INTERVAL_MS);
        s.bytes_200x60 = bytes_per_refresh(p, b->seconds / 2 < 4 ? 4 : b->seconds / 2);
    }
    pty_free(p);
    return s;
}

/* ---- keys ---- */

/* How long keys take, in ms; a key that nothing followed counts as KEY_PATIENCE. Gives up when none of the
 * first FROZEN_KEYS was followed: returns 0 values. */
static size_t time_keys(struct pty *p, const struct tool *t, int n, double *took)
{
    int painted = 0;
    for (int i = 0; i < n; i++) {
        struct pty_paint paint = pty_press(p, t->keys[i % 2], QUIET_MS, KEY_PATIENCE);
        took[i] = paint.painted ? paint.paint_ms : KEY_PATIENCE;
        painted += paint.painted;
        if (i + 1 == FROZEN_KEYS && !painted)
            return 0;
    }
    return (size_t)n;
}

static double time_quit(struct pty *p, const struct tool *t)
{
    int64_t start = pty_now_us();
    pty_send(p, t->quit);
    return pty_wait_exit(p, 3000, NULL) ? (double)(pty_now_us() - start) / 1000 : NAN;
}

struct latency measure_latency(const struct bench *b, const struct tool *t)
{
    struct latency l = {NAN, NAN, NAN, NAN, NAN};
    struct pty *p = tool_ready(t, &b->where, 24, 80, NULL);
    if (!p)
        return l;
    double *took = mem_array((size_t)b->keys, sizeof(*took));
    pty_settle(p, INTERVAL_MS);
    size_t n = time_keys(p, t, b->keys, took);
    if (n) {
        l.healthy_p50 = sample_quantile(took, n, 0.5);
        l.healthy_p99 = sample_quantile(took, n, 0.99);
    }
    if (lab_command(b->lab, "stop primary")) {
        pty_settle(p, INTERVAL_MS + 500);   /* into its next question */
        n = time_keys(p, t, b->keys, took);
        if (n) {
            l.frozen_p50 = sample_quantile(took, n, 0.5);
            l.frozen_p99 = sample_quantile(took, n, 0.99);
        }
        l.quit_frozen = time_quit(p, t);
        lab_command(b->lab, "cont primary");
    }
    free(took);
    pty_free(p);
    return l;
}

/* ---- recovery ---- */

/* Connects as the role until the server takes it, says when that was, and runs a long query. */
static NORETURN void beacon(const struct place *where, const char *role, int out)
{
    char conninfo[600];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(conninfo, sizeof(conninfo), "host=%s port=%s dbname=%s user=%s", where->host, where->port,
             where->dbname, role);
    PGconn *c = NULL;
    do {
        PQfinish(c);
        poll(NULL, 0, 2);
        c = PQconnectdb(conninfo);
    } while (PQstatus(c) != CONNECTION_OK);
    int64_t now = pty_now_us();
    if (PQsendQuery(c, "select pg_sleep(60)") && write(out, &now, sizeof(now)) == sizeof(now))
        pause();
    _exit(1);
}

/* The lab answers when the server is up again; the screen must be read all the while. */
static pid_t restart_meanwhile(struct lab *lab)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(!lab_command(lab, "restart primary"));
    return pid;
}

static double recover_once(const struct bench *b, struct pty *p, const char *role)
{
    int ends[2];
    fflush(NULL);
    if (!lab_command(b->lab, "kill9 primary") || pipe(ends) < 0)
        return NAN;
    pty_settle(p, 1000 + rand() % 1000);
    pid_t lamp = fork();
    if (lamp == 0)
        beacon(&b->where, role, ends[1]);
    pid_t restart = restart_meanwhile(b->lab);
    bool shown = pty_wait(p, role, 10000);
    int64_t came = pty_byte_us(p), up = 0;
    waitpid(restart, NULL, 0);
    struct pollfd fd = {ends[0], POLLIN, 0};
    if (poll(&fd, 1, 10000) != 1 || read(ends[0], &up, sizeof(up)) != sizeof(up))
        shown = false;
    kill(lamp, SIGKILL);
    waitpid(lamp, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    return shown ? (double)(came - up) / 1000 : NAN;
}

double measure_recovery(const struct bench *b, const struct tool *t)
{
    double *took = mem_array((size_t)b->recoveries, sizeof(*took));
    size_t n = 0;
    for (int i = 0; i < b->recoveries; i++) {
        char role[20];
        snprintf(role, sizeof(role), "zulu%d", (int)(t - tools) * b->recoveries + i);
        struct pty *p = tool_ready(t, &b->where, 60, 200, NULL);
        if (!p)
            continue;
        pty_send(p, t->settle);
        pty_settle(p, INTERVAL_MS);
        took[n] = recover_once(b, p, role);
        n += !isnan(took[n]);
        pty_free(p);
    }
    double median = n ? sample_quantile(took, n, 0.5) : NAN;
    free(took);
    return median;
}
