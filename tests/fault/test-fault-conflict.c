/* F11: sessions of ours that conflict with the replay of the WAL on a standby: a database that is dropped on the primary,
 * a question that is cancelled, and a server that sends 40001 as an ERROR and as the end of a session. */
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
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
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define R2_MS 1500

static struct lab *lab;

static const char *primary(void)
{
    return lab_conninfo(lab, "primary");
}

static const char *standby(void)
{
    return lab_conninfo(lab, "standby");
}

static double wait_ms(struct pty *p, const char *regex, int ms)
{
    int64_t start = pty_now_us();
    return pty_wait_regex(p, regex, ms) ? fault_since_ms(start) : 1e9;
}

static double fresh_ms(struct pty *p)
{
    int64_t start = pty_now_us();
    return console_wait_fresh(p, 2 * PATIENCE) ? fault_since_ms(start) : 1e9;
}

/* Waits until the standby has replayed what the primary has written. */
static void catch_up(struct pty *p)
{
    char sql[120];
    double at = witness_number(primary(), "select pg_current_wal_lsn() - '0/0'");
    snprintf(sql, sizeof(sql), "select pg_last_wal_replay_lsn() - '0/0' >= %.0f", at);
    for (int64_t start = pty_now_us(); fault_since_ms(start) < PATIENCE; pty_settle(p, 20)) {
        PGconn *c = PQconnectdb(standby());
        PGresult *r = PQexec(c, sql);
        bool done = PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] == 't';
        PQclear(r);
        PQfinish(c);
        if (done)
            return;
    }
    fail_msg("the standby does not follow");
}

/* Replay ends even an idle session, without asking how patient it should be. */
static void a_database_that_replay_drops(void **state)
{
    (void)state;
    char conninfo[300];
    snprintf(conninfo, sizeof(conninfo), "%s dbname=conflict", standby());
    assert_true(witness_do(primary(), "create database conflict"));
    struct pty *p = console_start(
        &(struct console_start){.args = (const char *const[]){conninfo, NULL}, .rows = 24, .cols = 140});
    assert_true(console_wait_data(p, 2 * PATIENCE));    /* the standby may not have it yet */
    pty_settle(p, 1000);
    long from = log_end(lab_log(lab, "standby"));
    assert_true(witness_do(primary(), "drop database conflict"));
    fault_most("F11", "the database is dropped, the page says", wait_ms(p, "\"conflict\" does not exist", PATIENCE), 2000,
               "ms");
    fault_most("F11", "sessions that replay has ended",
               1 - log_count(lab_log(lab, "standby"), from, "pgvigil FATAL:  terminating connection due to conflict"), 0,
               "missed");
    pty_send(p, ":messages<Enter>");
    fault_true("F11", "the messages say why the session ended",
               pty_wait(p, "connection lost: terminating connection due to conflict with recovery", 2000));
    pty_send(p, "<Esc>");
    pty_settle(p, fault_full() ? 10000 : 1000);
    fault_most("F11", "attempts meanwhile, fewer and fewer",
               log_count(lab_log(lab, "standby"), from, "FATAL:  database \"conflict\" does not exist"), 12, "");
    assert_true(witness_do(primary(), "create database conflict"));
    catch_up(p);
    pty_send(p, "<C-r>");
    fault_most("F11", "fresh when it is there again, after Ctrl-R", fresh_ms(p), R2_MS, "ms");
    fault_keys("F11", p);
    visit_leave(p);
    assert_true(witness_do(primary(), "drop database conflict"));
}

/* ---- a question that is cancelled ---- */

/* The backend of ours is stopped; true when that was in the middle of a question that locks pg_class. */
static bool stopped_in_question(PGconn *witness, pid_t pid)
{
    char sql[200];
    snprintf(sql, sizeof(sql), "select count(*) from pg_locks where pid = %d and relation = 'pg_class'::regclass"
                               " and granted", (int)pid);
    kill(pid, SIGSTOP);
    PGresult *r = PQexec(witness, sql);
    bool in = PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] != '0';
    PQclear(r);
    if (!in)
        kill(pid, SIGCONT);
    return in;
}

static bool catch_in_question(struct pty *p, PGconn *witness, pid_t pid)
{
    for (int64_t start = pty_now_us(); fault_since_ms(start) < 20000;) {
        pty_send(p, "<C-r>");
        pty_pump(p, rand() % 20);
        if (stopped_in_question(witness, pid))
            return true;
        pty_pump(p, 5);
    }
    return false;
}

/* Replay may cancel this question as well; 0: there is none. */
static pid_t our_session(void)
{
    double pid = NAN;
    for (int64_t start = pty_now_us(); isnan(pid) && fault_since_ms(start) < PATIENCE;)
        pid = witness_number(standby(), "select pid from pg_stat_activity where application_name like 'pgvigil%'");
    return isnan(pid) ? 0 : (pid_t)pid;
}

static void a_question_that_replay_cancels(void **state)
{
    (void)state;
    assert_true(witness_do(standby(), "alter system set max_standby_streaming_delay = 0"));
    assert_true(witness_do(standby(), "select pg_reload_conf()"));
    struct pty *p = visit(lab, "standby");
    visit_page(p, "tables");
    assert_true(console_wait_fresh(p, PATIENCE));
    PGconn *witness = PQconnectdb(standby());
    long from = log_end(lab_log(lab, "standby"));
    int wanted = fault_full() ? 5 : 1, cancelled = 0, lost = 0;
    double slowest = 0;
    for (int i = 0; i < 4 * wanted && cancelled < wanted; i++) {       /* one at its very end is not cancelled any more */
        pid_t pid = our_session();
        assert_true(pid > 0);
        assert_true(catch_in_question(p, witness, pid));
        int64_t start = pty_now_us();
        assert_true(witness_do(primary(), "vacuum full pg_class"));
        usleep(300000);
        kill(pid, SIGCONT);
        bool late = fault_since_ms(start) > 1500;       /* then it is our own deadline that has ended the session */
        double took = fresh_ms(p);
        lost += !late && our_session() != pid;
        slowest = took > slowest ? took : slowest;
        cancelled = log_count(lab_log(lab, "standby"), from, "pgvigil ERROR:  canceling statement due to conflict");
    }
    fault_most("F11", "questions cancelled by replay", wanted - cancelled, 0, "missed");
    fault_most("F11", "fresh afterwards, slowest", slowest, R2_MS, "ms");
    /* One that was between two messages of a question is ended by the server itself. */
    lost -= log_count(lab_log(lab, "standby"), from, "pgvigil FATAL:  terminating connection due to conflict");
    fault_most("F11", "sessions that it cost", lost, 0, "");
    PQfinish(witness);
    visit_leave(p);
    assert_true(witness_do(standby(), "alter system reset max_standby_streaming_delay"));
    assert_true(witness_do(standby(), "select pg_reload_conf()"));
}

/* ---- the same from a server that does it again and again ---- */

/* An ERROR leaves the session where it is, and its questions are tried again soon; a FATAL ends it. Neither for ever. */
static const struct again {
    const char *mode, *what, *says;
    double sessions_a_second;       /* that it may cost */
    int fresh_ms;
} errors = {"error", "ERROR 40001: the page says so", "failed|failing|ERROR|STALE", 0, 2000 + 500},
  ends = {"fatal", "FATAL 40001: the page says why", "terminating connection due to", 3, R2_MS};

static void a_conflict_again_and_again(void **state)
{
    const struct again *a = *state;
    struct hostile *h =
        hostile_start((const char *const[]){"--mode", a->mode, "--sqlstate", "40001", "--healthy", NULL});
    struct pty *p = visit_conninfo(hostile_conninfo(h), 0, 0);
    size_t sessions = hostile_count(h, "startup");
    int seconds = fault_full() ? 10 : 3;
    hostile_sick(h);
    fault_most("F11", a->what, wait_ms(p, a->says, PATIENCE), 2500, "ms");
    pty_settle(p, seconds * 1000);
    fault_most("F11", "sessions that it costs", (double)(hostile_count(h, "startup") - sessions) / seconds,
               a->sessions_a_second, "a second");
    fault_keys("F11", p);
    hostile_healthy(h);
    fault_most("F11", "fresh when the conflict is over", fresh_ms(p), a->fresh_ms, "ms");
    visit_leave(p);
    hostile_stop(h);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_database_that_replay_drops),
        FAULT(a_question_that_replay_cancels),
        {"errors_of_serialization", a_conflict_again_and_again, false, (void *)&errors},
        {"sessions_that_end_in_conflict", a_conflict_again_and_again, false, (void *)&ends},
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab, (const char *const[]){"--no-pooler", NULL});
}
