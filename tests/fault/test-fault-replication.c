/* F11: the lag of a standby whose replay is paused or whose receiver is frozen, a failover, and the old primary
 * that comes back. Lag that is not known is never shown as none. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <ctype.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lab *lab;

/* The page of replication, wide enough for the lag's columns. second: watched too, not shown; or NULL. */
static struct pty *lag_page(const char *first, const char *second)
{
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"--page=overview", lab_conninfo(lab, first),
                                      second ? lab_conninfo(lab, second) : NULL, NULL},
        .cols = 180});
    assert_true(console_wait_data(p, PATIENCE));
    visit_page(p, "replication");
    return p;
}

struct shown {
    bool row;                           /* there is one of that kind */
    char lag[16], condition[600];       /* as shown: "0.0" of "0.0 s", or "–"; and the whole row */
};

/* What the first row of a kind says: its kind, the state, and the lag. */
static struct shown look(struct pty *p, const char *kind)
{
    struct shown s = {0};
    int row;
    char blank[20];
    snprintf(blank, sizeof(blank), " %s  ", kind);
    if (!pty_find(p, blank, &row, NULL))
        return s;
    snprintf(s.condition, sizeof(s.condition), "%s", pty_row(p, row));
    s.row = sscanf(strstr(s.condition, blank), " %*s %*s %15s", s.lag) == 1;
    return s;
}

static bool is_none(const struct shown *s)
{
    return isdigit((unsigned char)s->lag[0]) && !strchr(s->lag, ':') && strtod(s->lag, NULL) == 0;
}

/* For so long: not a single picture without that row, or with a lag of 0 in it. */
static void never_none(const char *what, struct pty *p, const char *kind, int ms)
{
    int looks = 0, wrong = 0;
    for (int64_t start = pty_now_us(); fault_since_ms(start) < ms; looks++) {
        pty_settle(p, 100);
        struct shown s = look(p, kind);
        if ((!s.row || is_none(&s)) && wrong++ == 0)
            pty_print(p, what);
    }
    assert_true(looks > 0);
    fault_most("F11", what, wrong, 0, "pictures");
}

static void a_paused_standby(void **state)
{
    (void)state;
    const char *standby = lab_conninfo(lab, "standby");
    struct pty *both = lag_page("standby", "primary"), *alone = lag_page("standby", NULL);
    assert_true(witness_do(standby, "select pg_wal_replay_pause()"));
    struct pty *all[] = {both, alone};
    fault_true("F11", "the page says that replay is paused", pty_wait(both, "paused", 3000));
    fault_settle_all(all, 2, fault_full() ? 12000 : 2500);     /* the primary is asked each 10 s when not shown */
    if (fault_full())
        never_none("paused: lag of none with the primary watched", both, "receiver", 4000);
    never_none("paused: lag of none without", alone, "receiver", fault_full() ? 3000 : 500);
    assert_true(witness_do(standby, "select pg_wal_replay_resume()"));
    fault_true("F11", "and that it streams again", pty_wait_regex(alone, "receiver .*streaming .*streaming", 3000));
    visit_leave(both);
    visit_leave(alone);
}

/* Frozen, it still says that it streams, and what it received is all replayed: from the standby alone nobody can
 * tell it from an idle primary until it has been silent for longer than a keepalive. */
static void a_frozen_receiver(void **state)
{
    (void)state;
    struct pty *primary = lag_page("primary", NULL), *both = lag_page("standby", "primary");
    struct pty *alone = lag_page("standby", NULL), *all[] = {primary, both, alone};
    pid_t receiver = (pid_t)witness_number(lab_conninfo(lab, "standby"), "select pid from pg_stat_wal_receiver");
    assert_true(receiver > 0);
    assert_int_equal(kill(receiver, SIGSTOP), 0);
    fault_settle_all(all, 3, 4500);
    never_none("receiver frozen: lag of none on the primary's page", primary, "sender", 1500);
    fault_settle_all(all, 3, 7000);
    never_none("the same on the standby's, with the primary watched", both, "receiver", 20000);
    bool said = pty_wait(alone, "receiver_stale", 5000);
    struct shown s = look(alone, "receiver");
    fault_true("F11", "without it: receiver_stale after 30 s", said && s.row);
    fault_true("F11", "and the lag is unknown", strcmp(s.lag, "–") == 0 && strstr(s.condition, "unknown"));
    fault_true("F11", "and is marked", strstr(s.condition, "!") != NULL);
    assert_int_equal(kill(receiver, SIGCONT), 0);
    fault_true("F11", "streams again after CONT",
               pty_wait_regex(alone, "receiver +streaming +0\\.[0-9] s .* streaming", 5000));
    for (size_t i = 0; i < COUNT_OF(all); i++)
        visit_leave(all[i]);
}

/* The lab has two primaries then. */
static void a_failover(void **state)
{
    (void)state;
    const char *log = lab_log(lab, "standby");
    struct pty *lag = lag_page("standby", "primary"), *old = lag_page("primary", NULL), *p = visit(lab, "standby");
    assert_true(pty_wait(p, "STANDBY", PATIENCE));
    assert_true(lab_command(lab, "kill9 primary"));
    assert_true(console_wait_lost(old, PATIENCE));
    long from = log_end(log);
    pty_settle(lag, 2500);
    never_none("primary dead: lag of none on the standby's page", lag, "receiver", fault_full() ? 4000 : 1000);
    assert_true(lab_command(lab, "promote standby"));
    int64_t start = pty_now_us();
    bool said = pty_wait(p, "PRIMARY", PATIENCE);
    fault_most("F11", "the header says PRIMARY", said ? fault_since_ms(start) : 1e9, 2000, "ms");
    fault_true("F11", "and so it does on the page of replication", pty_wait(lag, "PRIMARY", 2000));
    fault_true("F11", "where no lag is left", pty_wait_gone(lag, " receiver ", 2000));
    fault_true("F11", "nor on the overview", pty_wait_gone(p, "   lag  ", 2000));
    assert_true(lab_command(lab, "restart primary"));
    start = pty_now_us();
    fault_true("F11", "the old primary is back", console_wait_fresh(old, PATIENCE));
    fault_most("F11", "which takes", fault_since_ms(start), 1500, "ms");
    struct shown s = look(old, "sender");
    fault_true("F11", "a primary that sends to nobody", !s.row && pty_find(old, "PRIMARY", NULL, NULL));
    pty_settle(lag, fault_full() ? 10000 : 500);
    pty_settle(p, 100);
    fault_most("F11", "errors in the log of the new one", log_count(log, from, "pgvigil ERROR"), 0, "");
    fault_true("F11", "fresh", console_wait_fresh(p, 3000));
    visit_leave(p);
    visit_leave(lag);
    visit_leave(old);
}

/* ---- the old primary as a standby of the new one ---- */

static struct pty *group_page(const char *page)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/group.yaml", lab_dir(lab));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "format: 1\ntargets:\n- name: alpha\n  conninfo: %s\n  group: shop\n- name: beta\n  conninfo: %s\n"
               "  group: shop\n", lab_conninfo(lab, "primary"), lab_conninfo(lab, "standby"));
    assert_int_equal(fclose(f), 0);
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"--config", path, "--page", page, NULL}, .cols = 180});
    return p;
}

static double wait_ms(struct pty *p, const char *regex, int ms)
{
    int64_t start = pty_now_us();
    return pty_wait_regex(p, regex, ms) ? fault_since_ms(start) : 1e9;
}

/* Of a standby whose replay has stopped: what is shown lies between the truth of one interval ago and that of now. */
static void judge_lag(struct pty *p, const char *standby)
{
    int wrong = 0;
    for (int i = 0; i < 10; i++) {
        double before = witness_number(standby, "select extract(epoch from clock_timestamp()"
                                                " - pg_last_xact_replay_timestamp())");
        pty_settle(p, 300);
        struct shown s = look(p, "receiver");
        double lag = strtod(s.lag, NULL);
        if ((!s.row || lag < before - 4 || lag > before + 1.5) && wrong++ == 0) {
            print_message("the truth is %.1f s\n", before);
            pty_print(p, "lag that is wrong");
        }
    }
    fault_most("F11", "lag of the new standby, pictures that are wrong", wrong, 0, "");
}

static void the_old_primary_follows_the_new_one(void **state)
{
    (void)state;
    const char *alpha = lab_conninfo(lab, "primary"), *beta = lab_conninfo(lab, "standby");
    if (witness_number(beta, "select pg_is_in_recovery()::int") == 1)
        assert_true(lab_command(lab, "promote standby"));
    struct pty *tree = group_page("topology"), *own = group_page("overview"), *all[] = {tree, own};
    assert_true(pty_wait_regex(own, "alpha · PRIMARY", PATIENCE));
    fault_true("F11", "two primaries of one cluster are told", pty_wait(own, "split brain: alpha", 12000));
    assert_true(lab_command(lab, "rejoin primary"));
    long from = log_end(lab_log(lab, "primary"));
    fault_most("F11", "the old primary is shown as a standby", wait_ms(own, "alpha · STANDBY", PATIENCE), 2000 + 1500, "ms");
    fault_most("F11", "and in its place of the topology", wait_ms(tree, "alpha +standby +[0-9]+ +streaming", 15000),
               10000 + 1500, "ms");
    fault_true("F11", "below the new primary", pty_wait_regex(tree, "cluster of beta", 3000) &&
                                                   pty_wait_regex(tree, "beta +primary", 100));
    fault_true("F11", "and nobody speaks of a split brain any more", pty_wait_gone(own, "split brain", 15000));
    visit_page(own, "replication");
    fault_true("F11", "it streams, and its lag is exact", pty_wait_regex(own, "receiver +streaming +[01]\\.[0-9] s .* exact", 12000));
    assert_true(witness_do(alpha, "select pg_wal_replay_pause()"));
    fault_settle_all(all, 2, fault_full() ? 12000 : 7000);
    judge_lag(own, alpha);
    assert_true(witness_do(alpha, "select pg_wal_replay_resume()"));
    fault_true("F11", "none is left when it goes on", pty_wait_regex(own, "receiver +streaming +[01]\\.[0-9] s ", 12000));
    fault_most("F11", "errors in the log of the new standby", log_count(lab_log(lab, "primary"), from, "pgvigil ERROR"),
               0, "");
    visit_leave(tree);
    visit_leave(own);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_paused_standby),
        FAULT_FULL(a_frozen_receiver),
        FAULT(a_failover),
        FAULT_FULL(the_old_primary_follows_the_new_one),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--load", "light", "--no-pooler", NULL});
}
