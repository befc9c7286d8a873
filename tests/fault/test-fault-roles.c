/* F10, F9: a role that is locked out or loses its rights while it is connected, and when it comes again. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lab *lab;

static const char *primary(void)
{
    return lab_conninfo(lab, "primary");
}

/* By TCP, where this lab asks for passwords. */
static void conninfo_of(const char *role, char *out, size_t size)
{
    const char *tcp = lab_conninfo(lab, "primary_tcp"), *port = strstr(tcp, "port=");
    snprintf(out, size, "host=127.0.0.1 port=%d dbname=shop user=%s password=right", atoi(port + 5), role);
}

static void end_our_sessions(void)
{
    assert_true(witness_do(primary(), "select pg_terminate_backend(pid) from pg_stat_activity"
                                      " where application_name like 'pgvigil%'"));
}

/* ---- locked out ---- */

static const struct lockout {
    const char *role, *change, *words;
} lockouts[] = {
    {"f10_nologin", "alter role f10_nologin nologin", "role \"f10_nologin\" is not permitted to log in"},
    {"f10_dropped", "drop role f10_dropped", "password authentication failed for user \"f10_dropped\""},
    {"f10_expired", "alter role f10_expired valid until '2020-01-01'",
     "password authentication failed for user \"f10_expired\""},
    {"f10_changed", "alter role f10_changed password 'another'",
     "password authentication failed for user \"f10_changed\""},
};
enum { N = COUNT_OF(lockouts) };

static void connect_all(struct pty **all)
{
    char conninfo[300], sql[200];
    for (int i = 0; i < N; i++) {
        snprintf(sql, sizeof(sql), "create role %s login password 'right' in role pg_monitor", lockouts[i].role);
        assert_true(witness_do(primary(), sql));
        conninfo_of(lockouts[i].role, conninfo, sizeof(conninfo));
        all[i] = visit_conninfo(conninfo, 24, 140);
    }
}

/* How many attempts each of them made since then. */
static void judge_attempts(const char *when, long from, int attempts)
{
    char what[100], refusal[120];
    for (int i = 0; i < N; i++) {
        snprintf(what, sizeof(what), "%s: attempts %s", lockouts[i].role, when);
        snprintf(refusal, sizeof(refusal), "FATAL:  %s", lockouts[i].words);
        int n = log_count(lab_log(lab, "primary"), from, refusal);
        fault_most("F10", what, n, attempts, "");
        fault_true("F10", "and no less", n == attempts);
    }
}

/* F9, in the same minute: all that this role may have is taken. */
enum { SLOTS_OF_LIMITED = 3 };

static struct pty *kept_out(PGconn **held)
{
    for (int i = 0; i < SLOTS_OF_LIMITED; i++) {
        held[i] = PQconnectdb(lab_conninfo(lab, "primary_limited"));
        assert_int_equal(PQstatus(held[i]), CONNECTION_OK);
    }
    struct pty *p = console_on(lab_conninfo(lab, "primary_limited"));
    assert_true(pty_wait(p, "too many connections for role", PATIENCE));
    return p;
}

static void judge_kept_out(struct pty *p, PGconn **held, long from)
{
    int n = log_count(lab_log(lab, "primary"), from, "too many connections for role");
    fault_most("F9", "attempts in a minute where there is no slot", n, 12, "");
    fault_true("F9", "and not none", n > 5);
    for (int i = 0; i < SLOTS_OF_LIMITED; i++)
        PQfinish(held[i]);
    fault_true("F9", "and connects when there is one", console_wait_fresh(p, 5000 + 1500));
    visit_leave(p);
}

/* All at once, as each waits a minute between two attempts. */
static void locked_out(void **state)
{
    (void)state;
    struct pty *all[N + 1];
    PGconn *held[SLOTS_OF_LIMITED];
    int n = N + fault_full();
    connect_all(all);
    if (fault_full())
        all[N] = kept_out(held);
    for (int i = 0; i < N; i++)
        assert_true(witness_do(primary(), lockouts[i].change));
    fault_settle_all(all, N, 2500);
    fault_most("F10", "sessions that go on all the same",
               N - witness_number(primary(), "select count(*) from pg_stat_activity where application_name like"
                                             " 'pgvigil%' and clock_timestamp() - query_start < '2.2 s'"),
               0, "missed");
    long from = log_end(lab_log(lab, "primary"));
    end_our_sessions();
    for (int i = 0; i < N; i++)
        fault_true("F10", lockouts[i].change, pty_wait(all[i], lockouts[i].words, PATIENCE));
    fault_settle_all(all, n, fault_full() ? 58000 : 2000);
    judge_attempts("in a minute", from, 1);
    if (fault_full()) {
        judge_kept_out(all[N], held, from);
        fault_settle_all(all, N, 4000);
        judge_attempts("after it", from, 2);
    }
    for (int i = 0; i < N; i++) {
        fault_keys("F10", all[i]);
        visit_leave(all[i]);
    }
}

/* ---- a right less ---- */

static struct pty *with_rights(const char *role)
{
    char conninfo[300], sql[200];
    snprintf(sql, sizeof(sql), "create role %s login password 'right' in role pg_monitor", role);
    assert_true(witness_do(primary(), sql));
    conninfo_of(role, conninfo, sizeof(conninfo));
    struct pty *p = visit_conninfo(conninfo, 30, 160);
    visit_page(p, "sessions");
    assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
    assert_false(pty_find(p, "GRANT", NULL, NULL));
    return p;
}

static void judge_words(struct pty *p, const char *role)
{
    static const struct {
        const char *page, *grant;
    } pages[] = {
        {"sessions", "pg_monitor"},
        {"pools", "pg_monitor"},
        {"replication", "pg_monitor"},
        {"statements", "pg_read_all_stats"},
    };
    char words[200], what[100];
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        visit_page(p, pages[i].page);
        snprintf(words, sizeof(words), "partly hidden; to see all: GRANT %s TO %s", pages[i].grant, role);
        snprintf(what, sizeof(what), "the page %s says which GRANT is missing", pages[i].page);
        fault_true("F10", what, pty_wait(p, words, 3000));
    }
}

static void rights_revoked_while_away(void **state)
{
    (void)state;
    struct pty *p = with_rights("f10_away");
    assert_true(witness_do(primary(), "revoke pg_monitor from f10_away"));
    end_our_sessions();
    assert_true(console_wait_lost(p, PATIENCE));
    assert_true(console_wait_fresh(p, PATIENCE));
    judge_words(p, "f10_away");
    assert_true(witness_do(primary(), "grant pg_monitor to f10_away"));
    end_our_sessions();
    fault_true("F10", "and nothing is missing when it is granted again", pty_wait_gone(p, "GRANT", PATIENCE));
    visit_leave(p);
}

/* The most that one question of a role is named under an error of the log. */
static int same_errors(const char *role, long from)
{
    static char seen[50][2000];
    int times[50] = {0}, n = 0, most = 0;
    char line[4096], mark[80];
    FILE *f = fopen(lab_log(lab, "primary"), "r");
    assert_non_null(f);
    snprintf(mark, sizeof(mark), "%s@shop pgvigil STATEMENT:", role);
    fseek(f, from, SEEK_SET);
    while (fgets(line, sizeof(line), f)) {
        const char *at = strstr(line, mark);
        int i = 0;
        if (!at)
            continue;
        while (i < n && strncmp(seen[i], at, sizeof(seen[i]) - 1) != 0)
            i++;
        assert_true(i < 50);
        if (i == n)
            snprintf(seen[n++], sizeof(seen[0]), "%s", at);
        most = ++times[i] > most ? times[i] : most;
    }
    fclose(f);
    return most;
}

/* Facts are looked at again once a minute; what was refused is not asked for again because of that. With the grant
 * of everybody on a view one probe is refused for good. */
static void rights_revoked_live(void **state)
{
    (void)state;
    static const char *const pages[] = {"overview", "sessions",   "pools",  "replication",
                                        "queues",   "statements", "tables", "server"};
    struct pty *p = with_rights("f10_live");
    long from = log_end(lab_log(lab, "primary"));
    assert_true(witness_do(primary(), "revoke pg_monitor from f10_live"));
    assert_true(witness_do(primary(), "revoke select on pg_stat_database from public"));
    int64_t start = pty_now_us();
    double said = 1e9;
    for (size_t i = 0; fault_since_ms(start) < 80000; i++) {
        visit_page(p, pages[i % COUNT_OF(pages)]);
        pty_settle(p, 2500);
        if (said > 1e8 && pty_find(p, "GRANT pg_monitor TO f10_live", NULL, NULL))
            said = fault_since_ms(start);
    }
    fault_most("F10", "a page says which GRANT is missing", said / 1000, 60 + 10, "s");
    judge_words(p, "f10_live");
    int errors = same_errors("f10_live", from);
    assert_true(witness_do(primary(), "grant select on pg_stat_database to public"));
    fault_true("F10", "a probe is refused", errors > 0);
    fault_most("F10", "its errors in the log", errors, 1, "");
    visit_leave(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(locked_out),
        FAULT(rights_revoked_while_away),
        FAULT_FULL(rights_revoked_live),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
