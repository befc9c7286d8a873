/* The sampler's process: one prepared question every 10 ms until its parent hangs up. */
#include "tests/sql/sampler.h"

#include "base/clock.h"
#include "tests/sql/faults.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIDS_MAX 64

struct waiting {
    int pid;
    int64_t question;       /* the server's time at which its statement began: the next one waits anew */
    int64_t since_us;       /* 0: does not wait */
};

static const char question[] =
    "SELECT a.pid, EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted),"
    " (1000000 * coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0))::int8,"
    " (1000000 * coalesce(extract(epoch FROM a.query_start), 0))::int8"
    " FROM pg_stat_activity a WHERE a.application_name = 'pgvigil'";

static void take_pid(struct waiting *all, int pid, int64_t asked, bool waits, int64_t now, struct samples *s)
{
    int i = 0;
    while (i < PIDS_MAX - 1 && all[i].pid != pid && all[i].pid != 0)
        i++;
    all[i].pid = pid;
    if (!waits) {
        all[i].since_us = 0;
    } else if (all[i].since_us == 0 || all[i].question != asked) {
        all[i].since_us = now;
        all[i].question = asked;
    } else if (now - all[i].since_us > s->wait_us) {
        s->wait_us = now - all[i].since_us;
    }
}

static void look(PGconn *conn, struct waiting *all, struct samples *s)
{
    PGresult *r = PQexecPrepared(conn, "look", 0, NULL, NULL, NULL, 0);
    int64_t now = clock_boot_us();
    if (PQresultStatus(r) != PGRES_TUPLES_OK) {
        fprintf(stderr, "The sampler cannot look: %s\n", PQerrorMessage(conn));
        _exit(1);
    }
    s->looks++;
    s->seen += PQntuples(r) > 0;
    for (int i = 0; i < PQntuples(r); i++) {
        int64_t transaction = strtoll(PQgetvalue(r, i, 2), NULL, 10);
        take_pid(all, atoi(PQgetvalue(r, i, 0)), strtoll(PQgetvalue(r, i, 3), NULL, 10), PQgetvalue(r, i, 1)[0] == 't', now, s);
        s->transaction_us = transaction > s->transaction_us ? transaction : s->transaction_us;
    }
    PQclear(r);
}

static _Noreturn void run(const char *conninfo, int out, int stop)
{
    static struct waiting all[PIDS_MAX];
    struct samples s = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd p = {.fd = stop, .events = POLLIN};
    PGconn *conn = need_connection(conninfo, NULL, "postgres", "sampler");
    PQclear(PQprepare(conn, "look", question, 0, NULL));
    int64_t last = clock_boot_us();
    do {
        look(conn, all, &s);
        int64_t now = clock_boot_us();
        s.gap_us = now - last > s.gap_us ? now - last : s.gap_us;
        last = now;
    } while (poll(&p, 1, 10) == 0);
    PQfinish(conn);
    if (write(out, &s, sizeof(s)) != sizeof(s))
        _exit(1);
    _exit(0);
}

struct sampler sampler_start(const char *conninfo)
{
    int out[2], stop[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(stop, O_CLOEXEC) != 0)
        abort();
    fflush(stdout);
    struct sampler s = {.pid = fork(), .pipe = out[0], .stop = stop[1]};
    if (s.pid == 0) {
        close(stop[1]);
        run(conninfo, out[1], stop[0]);
    }
    close(out[1]);
    close(stop[0]);
    return s;
}

struct samples sampler_stop(struct sampler *s)
{
    struct samples samples = {0};
    if (write(s->stop, "", 1) != 1)     /* closing it would not do: a later sampler has a copy */
        abort();
    close(s->stop);
    if (read(s->pipe, &samples, sizeof(samples)) != sizeof(samples))
        samples = (struct samples){0};
    close(s->pipe);
    waitpid(s->pid, NULL, 0);
    return samples;
}
