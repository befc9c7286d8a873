/* Servers that freeze, die, start, are full, change their role or their mind about ours. */
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
#define OUR_PID   "select pid from pg_stat_activity where application_name like 'pgvigil%'"

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--load", "light", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static const char *primary(void)
{
    return lab_conninfo(lab, "primary");
}

static pid_t watcher_of(struct pty *p)
{
    struct proc family[8];
    return proc_descendants(pty_pid(p), family, COUNT_OF(family)) > 0 ? family[0].pid : -1;
}

/* ---- F1, F2, F3: frozen and killed ---- */

static void a_frozen_backend(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pid_t before = watcher_of(p), now;
    pty_settle(p, 1000);
    int64_t start = pty_now_us();
    fault_most("F1", "backends stopped", 1 - witness_signal(primary(), SIGSTOP), 0, "missed");
    assert_true(pty_wait_regex(p, "STALE|down|connecting|not connected", PATIENCE));
    fault_most("F1", "the page says so", fault_since_ms(start), 5000, "ms");
    start = pty_now_us();
    while ((now = watcher_of(p)) == before || now < 0) {
        pty_pump(p, 10);
        if (fault_since_ms(start) > PATIENCE)
            break;
    }
    fault_most("F1", "a new watcher after the deadline", fault_since_ms(start), 2000, "ms");
    assert_true(console_wait_fresh(p, PATIENCE));
    fault_most("F1", "sessions of ours", witness_sessions(primary()), 2, "");
    witness_signal(primary(), SIGCONT);
    start = pty_now_us();
    bool one = witness_wait_sessions(primary(), 1, p, 3000);
    fault_most("F1", "one session again after CONT", one ? fault_since_ms(start) : 1e9, 3000, "ms");
    fault_keys("F1", p);
    visit_leave(p);
}

static void a_frozen_postmaster(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pid_t postmaster = lab_pid_of(lab, "primary");
    assert_int_equal(witness_signal(primary(), 0), 1);
    kill(postmaster, SIGSTOP);
    pty_settle(p, 5000);
    fault_true("F2", "the session that is there goes on", console_wait_fresh(p, 2000));
    fault_keys("F2", p);
    struct pty *second = console_on(primary());
    assert_true(pty_wait_regex(second, "connecting|not connected", PATIENCE));
    fault_keys("F2", second);
    fault_most("F2", "q leaves while it cannot connect", visit_leave_ms(second), 600, "ms");
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
    fault_most("F3", "fresh in a new session after pg_terminate_backend", fault_since_ms(start), 3000, "ms");
    fault_most("F3", "errors of ours in the log", log_count(lab_log(lab, "primary"), from, "pgvigil ERROR"),
               0, "");
    visit_leave(p);
}

/* The watcher's attempts are counted where they arrive. Full jitter below a second is half a second on
 * average. */
static void a_server_that_is_starting(void **state)
{
    (void)state;
    struct hostile *h = hostile_mode("starting");
    struct pty *p = console_on(hostile_conninfo(h));
    int seconds = fault_full() ? 30 : 6;
    pty_settle(p, 3000);
    size_t before = hostile_count(h, "startup");
    pty_settle(p, seconds * 1000);
    double rate = (double)(hostile_count(h, "startup") - before) / seconds;
    fault_most("F3", "attempts at a server that answers 57P03", rate, 3, "a second");
    fault_true("F3", "and the page says why", pty_find(p, "starting up", NULL, NULL));
    fault_keys("F3", p);
    visit_leave(p);
    hostile_stop(h);
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
    int seconds = fault_full() ? 31 : 11;
    assert_true(pty_wait_regex(late, "too many|remaining connection slots", PATIENCE));
    int64_t start = pty_now_us();
    while (fault_since_ms(start) < seconds * 1000) {
        pty_settle(kept, 50);
        pty_settle(late, 50);
    }
    fault_most("F9", "attempts where there is no slot", log_count(log, from, refusal), 2 + seconds / 5.0, "");
    fault_true("F9", "the session that is there goes on", console_wait_fresh(kept, 2000));
    fault_keys("F9", late);
    while (n > 0)
        PQfinish(all[--n]);
    fault_true("F9", "and connects when there is one", console_wait_fresh(late, 12000));
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
    if (fault_full())
        judge_full("primary_monitor", "remaining connection slots", SLOTS_MAX);
}

/* ---- F10: rights taken away ---- */

static void judge_refused(const char *change, const char *words)
{
    char conninfo[600];
    const char *log = lab_log(lab, "primary");
    assert_true(witness_do(primary(), "create role f10 login in role pg_monitor"));
    snprintf(conninfo, sizeof(conninfo), "%s user=f10", primary());
    struct pty *p = visit_conninfo(conninfo, 0, 0);
    assert_true(witness_do(primary(), change));
    pty_settle(p, 3000);
    fault_true("F10", "the session lives on", console_wait_fresh(p, 3000));
    long from = log_end(log);
    assert_true(witness_do(primary(), "select pg_terminate_backend(pid) from pg_stat_activity"
                                      " where application_name like 'pgvigil%'"));
    fault_true("F10", words, pty_wait_regex(p, words, PATIENCE));
    pty_settle(p, fault_full() ? 25000 : 3000);
    fault_most("F10", change, log_count(log, from, "FATAL:  role \"f10\""), 1, "attempts");
    fault_keys("F10", p);
    visit_leave(p);
    assert_true(witness_do(primary(), "drop role if exists f10"));
}

static void a_role_that_may_not_log_in_any_more(void **state)
{
    (void)state;
    judge_refused("alter role f10 nologin", "not permitted to log in");
}

static void a_role_that_is_dropped(void **state)
{
    (void)state;
    if (fault_full())
        judge_refused("drop role f10", "does not exist");
}

/* Facts are looked at again once a minute. */
static void rights_revoked(void **state)
{
    (void)state;
    char conninfo[600];
    if (!fault_full())
        return;
    assert_true(witness_do(primary(), "create role f10m login in role pg_monitor"));
    snprintf(conninfo, sizeof(conninfo), "%s user=f10m", primary());
    struct pty *p = visit_conninfo(conninfo, 30, 140);
    visit_page(p, "sessions");
    assert_true(witness_do(primary(), "revoke pg_monitor from f10m"));
    int64_t start = pty_now_us();
    bool said = pty_wait_regex(p, "GRANT", 75000);
    fault_most("F10", "the page says which GRANT is missing", said ? fault_since_ms(start) / 1000 : 1e9, 70,
               "s");
    visit_leave(p);
    assert_true(witness_do(primary(), "drop role f10m"));
}

/* ---- PgBouncer ---- */

static void a_pooler_that_comes_and_goes(void **state)
{
    (void)state;
    static const char *const bad[] = {"stop pooler", "kill9 pooler"}, *const good[] = {"cont pooler",
                                                                                       "restart pooler"};
    struct pty *p = console_on(lab_conninfo(lab, "pooler"));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_true(pty_wait_regex(p, "PGBOUNCER.*age <", PATIENCE));
        assert_true(lab_command(lab, bad[i]));
        int64_t start = pty_now_us();
        bool said = pty_wait_regex(p, "STALE|down|connecting|not connected", PATIENCE);
        double took = fault_since_ms(start);
        fault_keys("F12", p);
        assert_true(lab_command(lab, good[i]));
        fault_most("F12", bad[i], said ? took : 1e9, 5000, "ms");
        start = pty_now_us();
        fault_true("F12", "back again", pty_wait_regex(p, "PGBOUNCER.*age <", PATIENCE));
        fault_most("F12", good[i], fault_since_ms(start), 3000, "ms");
    }
    visit_leave(p);
}

/* ---- F11: promoted. The last one: the lab has two primaries then. ---- */

static void a_standby_that_is_promoted(void **state)
{
    (void)state;
    const char *log = lab_log(lab, "standby");
    struct pty *p = visit(lab, "standby"), *lag = visit(lab, "standby");
    visit_page(lag, "replication");
    assert_true(pty_wait(p, "STANDBY", PATIENCE));
    assert_true(console_wait_fresh(p, PATIENCE));
    long from = log_end(log);
    assert_true(lab_command(lab, "promote standby"));
    int64_t start = pty_now_us();
    bool said = pty_wait(p, "PRIMARY", 6000);
    fault_most("F11", "the header says PRIMARY", said ? fault_since_ms(start) : 1e9, 2500, "ms");
    fault_true("F11", "on the page of replication too", pty_wait(lag, "PRIMARY", 1000));
    pty_settle(lag, fault_full() ? 65000 : 4000);
    pty_settle(p, 100);
    fault_most("F11", "errors in its log", log_count(log, from, "pgvigil ERROR"), 0, "");
    fault_true("F11", "fresh", console_wait_fresh(p, 3000));
    visit_leave(p);
    visit_leave(lag);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_backend),
        cmocka_unit_test(a_frozen_postmaster),
        cmocka_unit_test(a_killed_backend),
        cmocka_unit_test(a_server_that_is_starting),
        cmocka_unit_test(no_slot_for_the_role),
        cmocka_unit_test(no_slot_at_all),
        cmocka_unit_test(a_role_that_may_not_log_in_any_more),
        cmocka_unit_test(a_role_that_is_dropped),
        cmocka_unit_test(rights_revoked),
        cmocka_unit_test(a_pooler_that_comes_and_goes),
        cmocka_unit_test(a_standby_that_is_promoted),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
