/* F12: PgBouncer stopped, killed and restarted, paused, reloaded, and with a database that is killed or disabled: seen
 * from its admin console, and from a target behind it. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INTERVAL_MS 2000
#define STALE_MS    (INTERVAL_MS + 2000 + 200)  /* and a deadline; the rest is for drawing and for looking */
#define R2_MS       1500

static struct lab *lab;

/* ---- the admin's hand ---- */

static void admin(const char *command)
{
    PGconn *c = PQconnectdb(lab_conninfo(lab, "pooler_admin"));
    PGresult *r = PQexec(c, command);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", command, PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

/* Clients of the database that we watch through the pooler: all of them are ours. */
static int clients(void)
{
    PGconn *c = PQconnectdb(lab_conninfo(lab, "pooler_admin"));
    PGresult *r = PQexec(c, "SHOW CLIENTS");
    int n = 0, database = PQfnumber(r, "database");
    for (int i = 0; i < PQntuples(r); i++)
        n += strcmp(PQgetvalue(r, i, database), "shop") == 0;
    PQclear(r);
    PQfinish(c);
    return n;
}

static int logins(long from)
{
    return log_count(lab_log(lab, "pooler"), from, "login attempt: db=shop user=app");
}

/* ---- what the screens say ---- */

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

static struct pty *console_page(void)
{
    struct pty *p = console_on(lab_conninfo(lab, "pooler"));
    assert_true(pty_wait_regex(p, "PGBOUNCER.* age ", PATIENCE));
    assert_true(pty_wait(p, "none paused or disabled", PATIENCE));
    return p;
}

static void a_pooler_that_comes_and_goes(void **state)
{
    (void)state;
    static const char *const bad[] = {"stop pooler", "kill9 pooler"}, *const good[] = {"cont pooler",
                                                                                       "restart pooler"};
    struct pty *p = console_on(lab_conninfo(lab, "pooler"));
    for (size_t i = fault_full() ? 0 : 1; i < COUNT_OF(bad); i++) {
        assert_true(pty_wait_regex(p, "PGBOUNCER.* age ", PATIENCE));
        int64_t start = pty_now_us();
        assert_true(lab_command(lab, bad[i]));
        bool said = pty_wait_regex(p, "STALE|down|connecting|not connected", PATIENCE);
        double took = fault_since_ms(start);
        fault_keys("F12", p);
        assert_true(lab_command(lab, good[i]));
        fault_most("F12", bad[i], said ? took : 1e9, STALE_MS, "ms");
        start = pty_now_us();
        fault_true("F12", "back again", pty_wait_regex(p, "PGBOUNCER.* age ", PATIENCE));
        fault_most("F12", good[i], fault_since_ms(start), R2_MS, "ms");
    }
    visit_leave(p);
}

static void a_restart_with_clients(void **state)
{
    (void)state;
    struct pty *all[] = {console_page(), visit(lab, "pooled")};
    assert_true(lab_command(lab, "restart pooler"));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        int64_t start = pty_now_us();
        fault_true("F12", i ? "fresh through the restarted pooler" : "fresh at the restarted console",
                   i ? console_wait_fresh(all[i], PATIENCE) : pty_wait_regex(all[i], "PGBOUNCER.*age", PATIENCE));
        fault_most("F12", "which takes", fault_since_ms(start), R2_MS, "ms");
        visit_leave(all[i]);
    }
}

/* Our question waits in the pooler, and then the session that is tried instead: there must be no third. */
static void a_database_that_is_paused(void **state)
{
    (void)state;
    struct pty *admins = console_page(), *behind = visit(lab, "pooled"), *all[] = {admins, behind};
    pty_settle(behind, 1000);
    admin("PAUSE shop");
    fault_most("F12", "the finding says PAUSED", wait_ms(admins, "PAUSED: database shop", PATIENCE),
               2 * INTERVAL_MS + 500, "ms");
    fault_true("F12", "and the console still answers", pty_wait_regex(admins, "PGBOUNCER.* age ", 100));
    fault_most("F12", "who waits behind it says why", wait_ms(behind, "pooler.*paused", PATIENCE), STALE_MS, "ms");
    struct pty *late = console_on(lab_conninfo(lab, "pooled"));
    fault_most("F12", "and so does who comes later", wait_ms(late, "pooler.*paused", 2 * PATIENCE), STALE_MS, "ms");
    int most = 0;
    for (int64_t start = pty_now_us(); fault_since_ms(start) < (fault_full() ? 8000 : 2500);) {
        int n = clients();
        most = n > most ? n : most;
        fault_settle_all(all, 2, 200);
    }
    fault_most("F12", "our clients of the paused database, two consoles", most, 4, "");
    fault_true("F12", "none paused is not said meanwhile", !pty_find(admins, "none paused", NULL, NULL));
    fault_keys("F12", behind);
    admin("RESUME shop");
    fault_most("F12", "fresh after RESUME", fresh_ms(behind), R2_MS, "ms");
    fault_most("F12", "and who came late", fresh_ms(late), R2_MS, "ms");
    fault_true("F12", "the page says that nothing is paused", pty_wait(admins, "none paused or disabled", 3000));
    if (fault_full())       /* a finding changes once in ten seconds */
        fault_true("F12", "and so do the findings", pty_wait_gone(admins, "PAUSED", 12000));
    fault_most("F12", "clients that are left over", clients(), 2, "");
    visit_leave(admins);
    visit_leave(behind);
    visit_leave(late);
}

/* All of it: SHOW DATABASES says nothing of this, but clients wait and there is no server connection. */
static void all_is_paused(void **state)
{
    (void)state;
    struct pty *admins = console_page(), *behind = visit(lab, "pooled");
    admin("PAUSE");
    fault_true("F12", "clients wait for no reason but PAUSE", pty_wait_regex(admins, "client.* wait", 2 * PATIENCE));
    fault_most("F12", "who waits behind it says why", wait_ms(behind, "pooler.*paused", PATIENCE), STALE_MS, "ms");
    admin("RESUME");
    fault_most("F12", "fresh after RESUME", fresh_ms(behind), R2_MS, "ms");
    visit_leave(admins);
    visit_leave(behind);
}

static void a_reload(void **state)
{
    (void)state;
    struct pty *admins = console_page(), *behind = visit(lab, "pooled"), *all[] = {admins, behind};
    long from = log_end(lab_log(lab, "pooler"));
    for (int i = 0; i < 10; i++) {
        admin("RELOAD");
        fault_settle_all(all, 2, 200);
    }
    fault_settle_all(all, 2, 2000);
    fault_most("F12", "sessions lost by ten RELOADs", logins(from), 0, "");
    fault_true("F12", "and all is fresh", console_wait_fresh(behind, 2000) &&
                                              pty_wait_regex(admins, "PGBOUNCER.* age ", 2000));
    visit_leave(admins);
    visit_leave(behind);
}

/* 08P01 in a question is a slow retry: one in five seconds. */
static void a_wait_that_is_too_long(void **state)
{
    (void)state;
    int seconds = fault_full() ? 16 : 2;
    struct pty *p = visit(lab, "pooled");
    admin("SET query_wait_timeout = 1");
    admin("PAUSE shop");
    fault_most("F12", "query_wait_timeout is said", wait_ms(p, "query_wait_timeout", PATIENCE), STALE_MS, "ms");
    long from = log_end(lab_log(lab, "pooler"));
    pty_settle(p, seconds * 1000);
    fault_most("F12", "attempts after it, one in 5 s", logins(from), 1 + seconds / 5, "");
    admin("SET query_wait_timeout = 120");
    admin("RESUME shop");
    pty_send(p, fault_full() ? "" : "<C-r>");
    fault_most("F12", "fresh after RESUME", fresh_ms(p), (fault_full() ? 5000 : 0) + R2_MS, "ms");
    visit_leave(p);
}

/* A connection to the server that KILL cuts off counts as one that failed: PgBouncer tries the next one, for whomever,
 * server_login_retry later. */
static void a_database_that_is_killed(void **state)
{
    (void)state;
    struct pty *admins = console_page(), *behind = visit(lab, "pooled");
    admin("SET server_login_retry = 1");
    admin("KILL shop");
    fault_most("F12", "lost by KILL, the page says", wait_ms(behind, "not connected|down", PATIENCE), STALE_MS, "ms");
    fault_most("F12", "the finding says PAUSED", wait_ms(admins, "PAUSED: database shop", PATIENCE),
               2 * INTERVAL_MS + 500, "ms");
    pty_settle(behind, 1000);
    admin("RESUME shop");
    fault_most("F12", "fresh after RESUME", fresh_ms(behind), 1000 + R2_MS, "ms");
    visit_leave(admins);
    visit_leave(behind);
}

/* Who is in stays in; who comes is told, and asks less and less often. */
static void a_database_that_is_disabled(void **state)
{
    (void)state;
    struct pty *admins = console_page(), *behind = visit(lab, "pooled");
    admin("DISABLE shop");
    fault_most("F12", "the finding says DISABLED", wait_ms(admins, "DISABLED: database shop", PATIENCE),
               2 * INTERVAL_MS + 500, "ms");
    pty_settle(behind, 2500);
    fault_true("F12", "the session that is there goes on", console_wait_fresh(behind, 100));
    struct pty *late = console_on(lab_conninfo(lab, "pooled"));
    fault_true("F12", "a new one is told why", pty_wait(late, "database \"shop\" is disabled", PATIENCE));
    fault_keys("F12", late);
    admin("ENABLE shop");
    pty_send(late, "<C-r>");
    fault_most("F12", "fresh after ENABLE and Ctrl-R", fresh_ms(late), R2_MS, "ms");
    visit_leave(admins);
    visit_leave(behind);
    visit_leave(late);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_pooler_that_comes_and_goes), FAULT(a_restart_with_clients),
        FAULT(a_database_that_is_paused),    FAULT_FULL(all_is_paused),
        FAULT_FULL(a_reload),                FAULT(a_wait_that_is_too_long),
        FAULT_FULL(a_database_that_is_killed), FAULT_FULL(a_database_that_is_disabled),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", NULL});
}
