/* Servers that freeze, die, start, are full or locked. */
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS_MAX 900
#define STALE_MS  (2000 + 2000 + 200)   /* an interval and a deadline; the rest is for drawing and for looking */
#define OUR_PID   "select pid from pg_stat_activity where application_name like 'pgvigil%'"

static struct lab *lab;

static const char *primary(void)
{
    return lab_conninfo(lab, "primary");
}

static pid_t watcher_of(struct pty *p)
{
    struct proc family[8];
    return proc_descendants(pty_pid(p), family, COUNT_OF(family)) > 0 ? family[0].pid : -1;
}

/* On a session of its own; NULL: a new one. */
static PGconn *do_on(PGconn *c, const char *sql)
{
    if (!c)
        c = PQconnectdb(primary());
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(r);
    return c;
}

/* ---- F1, F2, F3: frozen and killed ---- */

static void a_frozen_backend(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pid_t before = watcher_of(p), now;
    pty_settle(p, 200);
    int64_t start = pty_now_us();
    fault_most("F1", "backends stopped", 1 - witness_signal(primary(), SIGSTOP), 0, "missed");
    assert_true(pty_wait_regex(p, "STALE|down|connecting|not connected", PATIENCE));
    fault_most("F1", "the page says so", fault_since_ms(start), STALE_MS, "ms");
    start = pty_now_us();
    while ((now = watcher_of(p)) == before || now < 0) {
        pty_pump(p, 10);
        if (fault_since_ms(start) > PATIENCE)
            break;
    }
    fault_most("F1", "a new watcher after the deadline", fault_since_ms(start), 1000, "ms");
    assert_true(console_wait_fresh(p, PATIENCE));
    fault_most("F1", "sessions of ours", witness_sessions(primary()), 2, "");
    witness_signal(primary(), SIGCONT);
    start = pty_now_us();
    bool one = witness_wait_sessions(primary(), 1, p, 3000);
    fault_most("F1", "one session again after CONT", one ? fault_since_ms(start) : 1e9, 2000, "ms");
    fault_keys("F1", p);
    visit_leave(p);
}

static void a_frozen_postmaster(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pid_t postmaster = lab_pid_of(lab, "primary");
    assert_int_equal(witness_signal(primary(), 0), 1);
    PGconn *there = do_on(NULL, "SET statement_timeout = 0");
    kill(postmaster, SIGSTOP);
    pty_settle(p, fault_full() ? 5000 : 2500);
    PGresult *asked = PQexec(there, "select count(*) from pg_stat_activity where application_name like 'pgvigil%'"
                                    " and clock_timestamp() - query_start < '2.2 s'");
    fault_true("F2", "the session that is there goes on",
               strcmp(PQgetvalue(asked, 0, 0), "1") == 0 && console_wait_fresh(p, 2000));
    PQclear(asked);
    PQfinish(there);
    fault_keys("F2", p);
    struct pty *second = console_on(primary());
    assert_true(pty_wait_regex(second, "connecting|not connected", PATIENCE));
    fault_keys("F2", second);
    fault_most("F2", "q leaves while it cannot connect", visit_leave_ms(second), 200, "ms");
    kill(postmaster, SIGCONT);
    fault_true("F2", "fresh after CONT", console_wait_fresh(p, PATIENCE));
    visit_leave(p);
}

static void a_killed_backend(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    long from = log_end(lab_log(lab, "primary"));
    pty_settle(p, 500);
    double before = witness_number(primary(), OUR_PID), now = before;
    assert_true(witness_do(primary(), "select pg_terminate_backend(pid) from pg_stat_activity"
                                      " where application_name like 'pgvigil%'"));
    int64_t start = pty_now_us();
    while (!(now > 0 && now != before) && fault_since_ms(start) < PATIENCE) {
        pty_settle(p, 20);
        now = witness_number(primary(), OUR_PID);
    }
    assert_true(console_wait_fresh(p, PATIENCE));
    fault_most("F3", "fresh in a new session after pg_terminate_backend", fault_since_ms(start), 1500, "ms");
    fault_most("F3", "errors of ours in the log", log_count(lab_log(lab, "primary"), from, "pgvigil ERROR"),
               0, "");
    visit_leave(p);
}

/* kill -9 of one backend: the postmaster ends all others too, and starts anew. */
static void a_crashed_backend(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    assert_int_equal(witness_signal(primary(), SIGKILL), 1);
    int64_t start = pty_now_us();
    while (!(witness_number(primary(), "select 1") == 1) && fault_since_ms(start) < 2 * PATIENCE)
        pty_settle(p, 10);
    start = pty_now_us();
    while (witness_sessions(primary()) < 1 && fault_since_ms(start) < PATIENCE)
        pty_settle(p, 10);
    assert_true(console_wait_fresh(p, PATIENCE));
    fault_most("F3", "fresh when the server is back from its crash", fault_since_ms(start), 1500, "ms");
    fault_keys("F3", p);
    visit_leave(p);
}

/* The attempts are counted where they arrive. One a second for each console is what a server should have to bear,
 * but it must be back on the screen after 0.6 s in the median and 1.5 s at worst, and a herd of consoles must not
 * come at once: waits of a second with full jitter do all that, and their mean is half of one. So it is two a
 * second. Over two minutes the figure strays by 0.1; in the quick size, over sixteen seconds, by 0.3. */
static void servers_that_are_starting(void **state)
{
    (void)state;
    enum { N = 8 };
    struct hostile *h[N];
    struct pty *p[N];
    size_t attempts = 0;
    int seconds = fault_full() ? 15 : 2;
    for (int i = 0; i < N; i++) {
        h[i] = hostile_mode("starting");
        p[i] = console_on(hostile_conninfo(h[i]));
    }
    fault_settle_all(p, N, 2000);   /* until they wait for a second */
    for (int i = 0; i < N; i++)
        attempts -= hostile_count(h[i], "startup");
    fault_settle_all(p, N, seconds * 1000);
    for (int i = 0; i < N; i++)
        attempts += hostile_count(h[i], "startup");
    fault_most("F3", "attempts at a server that answers 57P03", (double)attempts / (N * seconds),
               fault_full() ? 2.3 : 3, "a second");
    fault_true("F3", "and the page says why", pty_find(p[0], "starting up", NULL, NULL));
    fault_keys("F3", p[0]);
    for (int i = 0; i < N; i++) {
        visit_leave(p[i]);
        hostile_stop(h[i]);
    }
}

/* ---- F9: full ---- */

static size_t fill(const char *conninfo, PGconn **all, size_t max)
{
    size_t n = 0;
    while (n < max) {
        PGconn *c = PQconnectdb(conninfo);
        if (PQstatus(c) != CONNECTION_OK) {
            PQfinish(c);
            break;
        }
        all[n++] = c;
    }
    return n;
}

static void judge_full(const char *who, const char *refusal, size_t most)
{
    PGconn *all[SLOTS_MAX];
    const char *log = lab_log(lab, "primary");
    struct pty *kept = visit(lab, who);
    size_t n = fill(lab_conninfo(lab, who), all, most);
    long from = log_end(log);
    struct pty *late = console_on(lab_conninfo(lab, who));
    int seconds = fault_full() ? 16 : 2;
    assert_true(pty_wait_regex(late, "too many|remaining connection slots", PATIENCE));
    fault_settle_all((struct pty *[]){kept, late}, 2, seconds * 1000);
    fault_most("F9", "attempts where there is no slot, one in 5 s", log_count(log, from, refusal), 1 + seconds / 5,
               "");
    fault_true("F9", "the session that is there goes on", console_wait_fresh(kept, 2000));
    fault_keys("F9", late);
    while (n > 0)
        PQfinish(all[--n]);
    pty_send(late, fault_full() ? "" : "<C-r>");
    fault_true("F9", "and connects when there is one", console_wait_fresh(late, fault_full() ? 5000 + 1500 : 1500));
    visit_leave(kept);
    visit_leave(late);
}

static void no_slot_for_the_role(void **state)
{
    (void)state;
    judge_full("primary_limited", "too many connections for role", 10);
}

static void no_slot_at_all(void **state)
{
    (void)state;
    judge_full("primary_monitor", "remaining connection slots", SLOTS_MAX);
}

/* ---- a table under an exclusive lock ---- */

/* Every page but that of tables, and the server's word on us: one session, which never waits for a lock. */
static void judge_others(struct pty *p, int ms)
{
    static const char *const pages[] = {"overview", "sessions", "pools", "queues", "statements", "server", "tables"};
    double waits = 0, most = 0, n;
    bool fresh = true;
    int64_t start = pty_now_us();
    for (size_t i = 0; fault_since_ms(start) < ms; i++) {
        visit_page(p, pages[i % COUNT_OF(pages)]);
        for (int64_t at = pty_now_us(); fault_since_ms(at) < 1000; pty_settle(p, 40)) {
            waits += witness_number(primary(), "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                                               " where not l.granted and a.application_name like 'pgvigil%'"
                                               " and clock_timestamp() - l.waitstart > '150 ms'");
            n = witness_sessions(primary());
            most = n > most ? n : most;
        }
        fresh = fresh && console_wait_fresh(p, 1000);
    }
    fault_true("locks", "all other pages are fresh", fresh);
    fault_most("locks", "waits of ours longer than 150 ms", waits, 0, "");
    fault_most("locks", "sessions of ours", most, 1, "");
}

/* Tables of queues are counted, which waits too: once. */
static void a_queue_that_is_locked(void **state)
{
    (void)state;
    const char *tasks = lab_conninfo(lab, "tasks"), *log = lab_log(lab, "primary");
    struct pty *p = visit_conninfo(tasks, 30, 200);
    visit_page(p, "queues");
    assert_true(pty_wait_regex(p, "orchestrator +consumer_triage +[0-9]", PATIENCE));
    PGconn *holder = PQconnectdb(tasks);
    do_on(do_on(holder, "BEGIN"), "LOCK TABLE orchestrator.tasks IN ACCESS EXCLUSIVE MODE");
    long from = log_end(log);
    fault_true("locks", "a queue that is locked is said to be", pty_wait_regex(p, "orchestrator.*locked", 2 * PATIENCE));
    fault_true("locks", "and the others are counted", pty_wait_regex(p, "radgateway +planner +[0-9]", 2500));
    pty_settle(p, fault_full() ? 20000 : 5000);
    fault_most("locks", "errors of ours in the log", log_count(log, from, "pgvigil ERROR"), 1, "");
    fault_true("locks", "and the page is fresh", console_wait_fresh(p, 1000));
    PQfinish(holder);
    fault_true("locks", "counted again when it is released",
               pty_wait_regex(p, "orchestrator +consumer_triage +[0-9]", 2 * PATIENCE));
    visit_leave(p);
}

/* Held by one session, and waited for by another: a size function would wait behind both. */
static void a_table_that_is_locked(void **state)
{
    (void)state;
    struct pty *p = visit_conninfo(primary(), 40, 200);
    visit_page(p, "tables");
    assert_true(pty_wait_regex(p, "customers .* no *$", PATIENCE));
    assert_true(pty_wait_regex(p, "products .* no *$", PATIENCE));
    PGconn *holder = do_on(do_on(NULL, "BEGIN"), "LOCK TABLE shop.customers IN ACCESS EXCLUSIVE MODE");
    PGconn *reader = do_on(do_on(NULL, "BEGIN"), "SELECT count(*) FROM shop.products");
    PGconn *waiter = do_on(NULL, "SET lock_timeout = 0");
    assert_int_equal(PQsendQuery(waiter, "BEGIN; ALTER TABLE shop.products ADD COLUMN note text"), 1);
    int64_t start = pty_now_us();
    bool held = pty_wait_regex(p, "! customers .* yes *$", PATIENCE);
    fault_most("locks", "locked, the page says", held ? fault_since_ms(start) : 1e9, 2000 + 500, "ms");
    fault_true("locks", "and so where the lock is only waited for",
               pty_wait_regex(p, "! products .* yes *$", 2500));
    judge_others(p, fault_full() ? 65000 : 3000);
    PQfinish(waiter);
    PQfinish(reader);
    PQfinish(holder);
    visit_page(p, "tables");
    fault_true("locks", "and no longer when it is released", pty_wait_regex(p, "customers .* no *$", 2500));
    visit_leave(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_frozen_backend),     FAULT(a_frozen_postmaster),    FAULT(a_killed_backend),
        FAULT(a_crashed_backend),    FAULT(servers_that_are_starting), FAULT(no_slot_for_the_role),
        FAULT_FULL(no_slot_at_all),  FAULT(a_table_that_is_locked), FAULT(a_queue_that_is_locked),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--load", "light", "--no-standby", "--no-pooler", NULL});
}
