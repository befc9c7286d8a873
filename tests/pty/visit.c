/* Visits of the console, and the server's word on them. */
#include "tests/pty/visit.h"

#include "base/mem.h"
#include "tests/pty/audit.h"
#include "tests/pty/console.h"

#include <libpq-fe.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define OURS " from pg_stat_activity where application_name like 'pgvigil%'"

struct pty *visit_conninfo(const char *conninfo, int rows, int cols)
{
    struct pty *p = console_start(
        &(struct console_start){.args = (const char *const[]){conninfo, NULL}, .rows = rows, .cols = cols});
    if (!console_wait_data(p, PATIENCE))
        fail_msg("no data from %s", conninfo);
    return p;
}

struct pty *visit(const struct lab *lab, const char *name)
{
    return visit_conninfo(lab_conninfo(lab, name), 0, 0);
}

void visit_page(struct pty *p, const char *name)
{
    char keys[60];
    snprintf(keys, sizeof(keys), ":%s<Enter>", name);
    pty_send(p, keys);
    pty_settle(p, 50);
}

struct pty *visit_sessions(const struct lab *lab)
{
    struct pty *p = visit(lab, "primary");
    visit_page(p, "sessions");
    assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
    return p;
}

int visit_leave(struct pty *p)
{
    int status = -1;
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, &status));
    assert_true(pty_restored(p));
    pty_free(p);
    return status;
}

double visit_leave_ms(struct pty *p)
{
    int64_t start = pty_now_us();
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, NULL));
    double took = (double)(pty_now_us() - start) / 1000;
    assert_true(pty_restored(p));
    pty_free(p);
    return took;
}

void visit_audit(struct pty *p, const char *term, bool ascii)
{
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    if (!audit_bytes(&(struct audit_rules){.term = term, .ascii_only = ascii}, bytes, n)) {
        pty_print(p, "not clean");
        fail();
    }
}

/* ---- the server's word ---- */

static PGconn *witness(const char *conninfo)
{
    const char *const keywords[] = {"dbname", "connect_timeout", NULL}, *const values[] = {conninfo, "5",
                                                                                           NULL};
    PGconn *c = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(c) == CONNECTION_OK)
        return c;
    PQfinish(c);
    return NULL;
}

double witness_number(const char *conninfo, const char *sql)
{
    PGconn *c = witness(conninfo);
    PGresult *r = c ? PQexec(c, sql) : NULL;
    double value = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0) ? atof(PQgetvalue(r, 0, 0)) : NAN;
    if (r && PQresultStatus(r) != PGRES_TUPLES_OK)
        fprintf(stderr, "%s: %s", sql, PQresultErrorMessage(r));
    PQclear(r);
    PQfinish(c);
    return value;
}

bool witness_do(const char *conninfo, const char *sql)
{
    PGconn *c = witness(conninfo);
    PGresult *r = c ? PQexec(c, sql) : NULL;
    bool done = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!done)
        fprintf(stderr, "%s: %s", sql, r ? PQresultErrorMessage(r) : "no connection\n");
    PQclear(r);
    PQfinish(c);
    return done;
}

int witness_sessions(const char *conninfo)
{
    double n = witness_number(conninfo, "select count(*)" OURS);
    return isnan(n) ? -1 : (int)n;
}

int witness_signal(const char *conninfo, int sig)
{
    PGconn *c = witness(conninfo);
    PGresult *r = PQexec(c, "select pid" OURS);
    int n = PQntuples(r);
    for (int i = 0; i < n; i++)
        kill(atoi(PQgetvalue(r, i, 0)), sig);
    PQclear(r);
    PQfinish(c);
    return n;
}

bool witness_wait_sessions(const char *conninfo, int n, struct pty *p, int ms)
{
    int64_t end = pty_now_us() + ms * 1000LL;
    while (witness_sessions(conninfo) > n) {
        if (pty_now_us() > end)
            return false;
        if (p)
            pty_settle(p, 50);
    }
    return true;
}

/* ---- its log ---- */

long log_end(const char *path)
{
    FILE *f = fopen(path, "r");
    long end = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
    if (f)
        fclose(f);
    return end;
}

int log_count(const char *path, long from, const char *text)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    int n = 0;
    if (!f)
        return -1;
    if (fseek(f, from, SEEK_SET) == 0)
        while (fgets(line, sizeof(line), f))
            n += strstr(line, text) != NULL;
    fclose(f);
    return n;
}

int visit_run(const char *command, const char *conninfo, char *out, size_t size)
{
    char line[8192];
    snprintf(line, sizeof(line), "'%s/pgvigil' %s -w '%s' 2>&1", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".", command,
             conninfo);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    int status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}
