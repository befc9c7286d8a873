/* A client as a watcher is one: libpq in a process of its own. */
#include "tests/fault/client.h"

#include "base/buf.h"

#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESULTS_MAX 8

static const char preamble[] =
    "set application_name = 'a;b'; set lock_timeout = 100; select set_config('x', 'y', false)";
const char question[] =
    "select pid, query_start::timestamptz as started, query, 1.5::float8 as age from x";

static void count_notice(void *arg, const PGresult *r)
{
    (void)r;
    ++*(long *)arg;
}

PGconn *connect_verbosely(const char *conninfo)
{
    PGconn *c = PQconnectStart(conninfo);
    PQsetErrorVerbosity(c, PQERRORS_VERBOSE);
    PostgresPollingStatusType s = PGRES_POLLING_WRITING;
    while (s == PGRES_POLLING_READING || s == PGRES_POLLING_WRITING) {
        struct pollfd fd = {PQsocket(c), s == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0};
        poll(&fd, 1, -1);
        s = PQconnectPoll(c);
    }
    return c;
}

static void report_result(PGresult *r, struct buf *out)
{
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    buf_printf(out, " %s %dx%d", PQresStatus(PQresultStatus(r)) + 6, PQntuples(r), PQnfields(r));
    if (code || PQresultStatus(r) == PGRES_FATAL_ERROR)
        buf_printf(out, " [%s] %s", code ? code : "", PQresultErrorMessage(r));
    if (PQntuples(r) == 1 && PQnfields(r) && PQgetlength(r, 0, PQnfields(r) - 1) > 1000)
        buf_printf(out, " %d bytes", PQgetlength(r, 0, PQnfields(r) - 1));
    PQclear(r);
}

static void report_question(PGconn *c, struct buf *out)
{
    if (!PQsendQueryPrepared(c, "q", 0, NULL, NULL, NULL, 0))
        buf_printf(out, " cannot send: %s", PQerrorMessage(c));
    PGresult *r;
    int n = 0;
    for (; n < RESULTS_MAX && (r = PQgetResult(c)); n++)
        report_result(r, out);
    buf_printf(out, n == RESULTS_MAX ? " too many results;" : ";");
}

/* What a client sees: "connected; 1x4.." or the reason why not. */
static void client(const char *conninfo, struct buf *out)
{
    long notices = 0, notifications = 0;
    PGconn *c = connect_verbosely(conninfo);
    PQsetNoticeReceiver(c, count_notice, &notices);
    if (PQstatus(c) != CONNECTION_OK) {
        buf_printf(out, "failed: %s", PQerrorMessage(c));
        return;
    }
    buf_printf(out, "connected %d;", PQserverVersion(c));
    PGresult *r = PQexec(c, preamble);
    report_result(r, out);
    PQclear(PQprepare(c, "q", question, 0, NULL));
    for (int i = 0; i < 2; i++)
        report_question(c, out);
    for (PGnotify *n; (n = PQnotifies(c)); PQfreemem(n))
        notifications++;
    buf_printf(out, " notices %ld notifications %ld", notices, notifications);
}

/* Runs the client in a process; the report is "hung" when it is not done at the deadline. */
char *run_client(const char *conninfo, int deadline_ms)
{
    int ends[2];
    fflush(NULL);
    pid_t pid = pipe(ends) < 0 ? -1 : fork();
    if (pid < 0) {
        perror("client");
        exit(99);
    }
    if (pid == 0) {
        struct buf out = {0};
        client(conninfo, &out);
        ssize_t n = write(ends[1], buf_text(&out), out.len > 4000 ? 4000 : out.len);
        _exit(n < 0);
    }
    close(ends[1]);
    struct pollfd fd = {ends[0], POLLIN, 0};
    char *report = calloc(1, 4096);
    if (poll(&fd, 1, deadline_ms) <= 0)
        strcpy(report, "hung");
    else if (read(ends[0], report, 4095) <= 0)
        strcpy(report, "died");
    close(ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return report;
}

bool matches(const char *text, const char *regex)
{
    regex_t compiled;
    if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB)) {
        fprintf(stderr, "client: not a regular expression: %s\n", regex);
        exit(99);
    }
    bool yes = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return yes;
}
