/* How many sessions of ours a server has, how long their transactions are, and how long they wait for locks.
 */
#include "tests/pty/bars.h"

#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PIDS_MAX 8

static PGconn *open_witness(const struct bars *b, const char *name)
{
    PGconn *c = PQconnectdb(lab_conninfo(b->lab, name));
    if (PQstatus(c) != CONNECTION_OK)
        fail_msg("no witness: %s", PQerrorMessage(c));
    return c;
}

/* One row of numbers. */
static void ask_row(PGconn *c, const char *sql, double *out, int n)
{
    PGresult *r = PQexec(c, sql);
    if (PQntuples(r) != 1 || PQnfields(r) != n)
        fail_msg("%s: %s", sql, PQresultErrorMessage(r));
    for (int i = 0; i < n; i++)
        out[i] = atof(PQgetvalue(r, 0, i));
    PQclear(r);
}

/* Stops each backend of ours that is not stopped yet; how many there are. */
static int stop_ours(PGconn *c, int *stopped, int *nstopped)
{
    PGresult *r = PQexec(c, "select pid from pg_stat_activity where application_name like 'pgvigil%'");
    int n = PQntuples(r);
    for (int i = 0; i < n; i++) {
        int pid = atoi(PQgetvalue(r, i, 0));
        bool known = false;
        for (int k = 0; k < *nstopped; k++)
            known |= stopped[k] == pid;
        if (known || *nstopped == PIDS_MAX)
            continue;
        stopped[(*nstopped)++] = pid;
        kill(pid, SIGSTOP);
    }
    PQclear(r);
    return n;
}

/* Every backend of ours is stopped as soon as it appears, for the time of twenty deadlines. The most that
 * were there at once. */
static int most_while_stopped(struct bars *b, struct pty *p, int seconds)
{
    PGconn *c = open_witness(b, "primary");
    int stopped[PIDS_MAX], nstopped = 0, most = 0;
    for (int64_t end = pty_now_us() + seconds * 1000000LL; pty_now_us() < end; pty_settle(p, 20)) {
        int n = stop_ours(c, stopped, &nstopped);
        most = n > most ? n : most;
    }
    PQfinish(c);
    return most;
}

enum way { BY_CONT, BY_KEY, BY_KILL };

static void end_stopped(struct bars *b, enum way way)
{
    static const char *const words[] = {"after CONT", "after q", "after kill -9 of the console"};
    const char *conninfo = lab_conninfo(b->lab, "primary");
    struct pty *p = visit(b->lab, "primary");
    pty_settle(p, 1000);
    bar_most(b, witness_sessions(conninfo), 1, "sessions", "of ours, steady");
    int most = most_while_stopped(b, p, b->full ? 44 : 5);
    bar_most(b, most, 2, "sessions", "of ours, each one stopped as it appears");
    if (way == BY_KEY)
        bar_time(b, visit_leave_ms(p), 200, "q leaves, all our backends stopped");
    if (way == BY_KILL)
        pty_free(p);
    witness_signal(conninfo, SIGCONT);
    int left = way == BY_CONT ? 1 : 0;
    bool gone = witness_wait_sessions(conninfo, left, way == BY_CONT ? p : NULL, 3000);
    bar_most(b, gone ? left : witness_sessions(conninfo), left, "sessions", "of ours 3 s %s", words[way]);
    if (way != BY_CONT)
        return;
    assert_true(console_wait_fresh(p, PATIENCE));
    bar_most(b, witness_sessions(conninfo), 1, "sessions", "of ours, well again");
    visit_leave(p);
}

void our_sessions(void **state)
{
    struct bars *b = *state;
    for (enum way way = BY_CONT; way <= (b->full ? BY_KILL : BY_CONT); way++)
        end_stopped(b, way);
}

void no_session_stays(void **state)
{
    struct bars *b = *state;
    const char *conninfo = lab_conninfo(b->lab, "primary");
    for (int killed = 0; killed < 2; killed++) {
        struct pty *p = visit(b->lab, "primary");
        if (killed)
            pty_signal(p, SIGKILL);
        else
            pty_send(p, "Q");
        assert_true(pty_wait_exit(p, PATIENCE, NULL));
        bool gone = witness_wait_sessions(conninfo, 0, NULL, 3000);
        bar_most(b, gone ? 0 : witness_sessions(conninfo), 0, "sessions", "of ours 3 s after %s",
                 killed ? "kill -9" : "q");
        pty_free(p);
    }
}

/* ---- locks ---- */

/* All tables are held, and an ALTER waits for one: every question that wants a lock would wait. */
static void hold_everything(PGconn *holder, PGconn *waiter)
{
    static const char *const begin[] = {
        "begin",
        "do $$ declare t regclass; begin for t in select c.oid from pg_class c join pg_namespace n on n.oid ="
        " c.relnamespace where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' loop "
        "execute"
        " format('lock table %s in access exclusive mode', t); end loop; end $$",
    };
    for (size_t i = 0; i < COUNT_OF(begin); i++) {
        PGresult *r = PQexec(holder, begin[i]);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            fail_msg("%s", PQresultErrorMessage(r));
        PQclear(r);
    }
    assert_int_equal(
        PQsendQuery(waiter, "do $$ declare t regclass; begin select c.oid into t from pg_class c join"
                            " pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname"
                            " !~ '^(pg_|information_schema)' order by 1 limit 1; execute format("
                            "'alter table %s set (fillfactor = 90)', t); end $$"),
        1);
}

/* [0] oldest transaction of ours, s; [1] longest wait for a lock, s; [2] sessions of ours */
#define LOOK                                                                                        \
    "select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0),"                \
    " coalesce(max(extract(epoch from clock_timestamp() - l.waitstart)), 0), count(distinct a.pid)" \
    " from pg_stat_activity a left join pg_locks l on l.pid = a.pid and not l.granted"              \
    " where a.application_name like 'pgvigil%'"

static void walk_under_locks(struct bars *b, const char *database)
{
    double now[3], most[3] = {0};
    struct pty *p = visit(b->lab, database);
    PGconn *holder = open_witness(b, database), *waiter = open_witness(b, database),
           *witness = open_witness(b, database);
    hold_everything(holder, waiter);
    int64_t start = pty_now_us(), turned = start, looks = 0;
    while (pty_now_us() - start < (b->full ? 60 : 4) * 1000000LL) {
        ask_row(witness, LOOK, now, 3);
        for (int i = 0; i < 3; i++)
            most[i] = fmax(most[i], now[i]);
        looks++;
        if (pty_now_us() - turned > 700000) {
            pty_send(p, "<Tab>");
            turned = pty_now_us();
        }
        pty_settle(p, 8);
    }
    printf("%s: %lld looks under locks\n", database, (long long)looks);
    bar_most(b, most[0], 2, "s", "our longest transaction, all of %s locked", database);
    bar_time(b, most[1] * 1000, 150, "our longest wait for a lock, all of %s locked", database);
    bar_most(b, most[2], 1, "sessions", "of ours, all of %s locked", database);
    visit_page(p, "overview");
    bar_true(b, console_wait_fresh(p, PATIENCE), "the overview is fresh under locks");
    PQfinish(holder);
    PQfinish(waiter);
    PQfinish(witness);
    visit_leave(p);
}

void locks_and_transactions(void **state)
{
    struct bars *b = *state;
    assert_true(lab_command(b->lab, "load off"));
    walk_under_locks(b, "primary");
    walk_under_locks(b, "tasks");
    assert_true(lab_command(b->lab, "load light"));
}
