/* The console on servers that misbehave: it is never frozen, never fooled, and comes back by itself. */
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--sessions", "20", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static const char *const pages[] = {
    "overview",        "sessions",          "pools",         "replication",
    "queues",          "statements",        "tables",        "server",
    "bouncer_pools",   "bouncer_databases", "bouncer_stats", "bouncer_clients",
    "bouncer_servers", "bouncer_lists",     "messages",      "help",
    "health",
};

static void send_all(struct pty **all, size_t n, const char *keys, int ms)
{
    for (size_t i = 0; i < n; i++)
        pty_send(all[i], keys);
    for (int64_t end = pty_now_us() + ms * 1000LL; pty_now_us() < end;)
        for (size_t i = 0; i < n; i++)
            pty_settle(all[i], 5);
}

/* Every page, the details of a row, and a filter; all consoles at once. */
static void see_everything(struct pty **all, size_t n, int ms)
{
    char keys[60];
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        snprintf(keys, sizeof(keys), ":%s<Enter>", pages[i]);
        send_all(all, n, keys, ms);
        send_all(all, n, "<Enter>", 60);
        send_all(all, n, "<Esc>", 60);
        send_all(all, n, "/\\x1b<Enter>", 60);
        send_all(all, n, "<Esc>", 60);
    }
    for (size_t i = 0; i < n; i++) {
        pty_send(all[i], "Q");
        assert_true(pty_wait_exit(all[i], PATIENCE, NULL));
        visit_audit(all[i], "xterm-256color", false);
        pty_free(all[i]);
    }
}

static const char *const hostile_modes[] = {"hostile-text", "hostile-names",  "hostile-notices",
                                            "error",        "error-storm",    "wrong-types",
                                            "odd-version",  "parameter-flood"};

/* Behind a real server, so that every answer has its right columns and every page its rows. */
static void hostile_text_stays_text(void **state)
{
    (void)state;
    struct hostile *servers[COUNT_OF(hostile_modes)];
    struct pty *all[COUNT_OF(hostile_modes)];
    for (size_t i = 0; i < COUNT_OF(hostile_modes); i++) {
        char conninfo[300];
        servers[i] =
            hostile_start((const char *const[]){"--mode", hostile_modes[i], "--after", "2", "--behind",
                                                lab_conninfo(lab, "primary"), "--password", "secret", NULL});
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(servers[i]));
        all[i] = console_on(conninfo);
    }
    send_all(all, COUNT_OF(all), "1", 1000);
    see_everything(all, COUNT_OF(all), 500);
    for (size_t i = 0; i < COUNT_OF(hostile_modes); i++)
        hostile_stop(servers[i]);
}

/* Names, queries and settings that a real server keeps: of a table, an index, a column, a role, a database,
 * an application, a statement and a queue. */
static const char *const hostile_sql[] = {
    "create schema \"\x1b]52;c;aGk=\a\"",
    "create table \"\x1b]52;c;aGk=\a\".\"t\xe2\x80\xae\x1b[31m\xc2\x9b\" (\"c\x7f\b\" int primary key)",
    "insert into \"\x1b]52;c;aGk=\a\".\"t\xe2\x80\xae\x1b[31m\xc2\x9b\" values (1)",
    "create role \"r\x1b[2J\xe2\x81\xa6\" login in role pg_monitor",
    "select 1 as \"\x1b[6n\xef\xbb\xbf\xf3\xa0\x81\x81\"",
    "analyze",
};

static void hostile_names_stay_text(void **state)
{
    (void)state;
    char conninfo[600];
    const char *primary = lab_conninfo(lab, "primary");
    for (size_t i = 0; i < COUNT_OF(hostile_sql); i++)
        assert_true(witness_do(primary, hostile_sql[i]));
    snprintf(conninfo, sizeof(conninfo), "%s user='r\x1b[2J\xe2\x81\xa6'", primary);
    struct pty *p = console_start(
        &(struct console_start){.args = (const char *const[]){conninfo, NULL}, .rows = 60, .cols = 200});
    assert_true(console_wait_data(p, PATIENCE));
    see_everything(&p, 1, 500);
}

/* Every mode: keys are answered and q leaves, whatever the server does. */
static void no_server_freezes_the_screen(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "silent",       "black-hole",       "drip",
        "login-hold",   "stalled-auth",     "scram-forever",
        "freeze",       "half-hold",        "big-row-announced",
        "big-row",      "endless-rows",     "copy-out",
        "copy-loop",    "endless-complete", "endless-results",
        "notice-flood", "notify-flood",     "parameter-storm",
        "refuse",       "accept-garbage",
    };
    static const char *const keys[] = {"?", "<Tab>"}; /* Escape would wait for the rest of a sequence */
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct hostile *h = hostile_mode(modes[i]);
        char conninfo[300]; /* with a password, or a prompt would take the keys */
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
        struct pty *p = console_on(conninfo);
        assert_true(pty_wait_quiet(p, 100, PATIENCE));
        struct console_times t = console_time_keys(p, keys, COUNT_OF(keys), 60, 1000, modes[i]);
        assert_int_equal(t.lost, 0);
        assert_true(t.max_ms < 200); /* the bar itself, over 2,000 keys, is test-console-bars' */
        int status;
        int64_t start = pty_now_us();
        pty_send(p, "Q");
        assert_true(pty_wait_exit(p, 1000, &status));
        assert_true(pty_now_us() - start < 200000);
        assert_true(pty_restored(p));
        pty_free(p);
        hostile_stop(h);
    }
}

static void a_frozen_server_is_said_to_be_stale_and_comes_back(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_true(lab_command(lab, "stop primary"));
    bool said = console_wait_lost(p, 2000 + 2000 + 1000);
    assert_true(lab_command(lab, "cont primary"));
    assert_true(said);
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_int_equal(visit_leave(p), 0);
}

static void a_killed_server_comes_back_by_itself(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    assert_true(lab_command(lab, "kill9 primary"));
    assert_true(console_wait_lost(p, PATIENCE));
    assert_true(lab_command(lab, "restart primary"));
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_int_equal(visit_leave(p), 0);
}

/* An argument chooses tests by name, with * and ?. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(no_server_freezes_the_screen),
        cmocka_unit_test(a_frozen_server_is_said_to_be_stale_and_comes_back),
        cmocka_unit_test(a_killed_server_comes_back_by_itself),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
