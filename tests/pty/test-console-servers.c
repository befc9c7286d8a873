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

static void hostile_text_stays_text(void **state)
{
    (void)state;
    static const char *const modes[] = {"hostile-text", "hostile-names",  "hostile-notices",
                                        "error",        "error-storm",    "wrong-types",
                                        "odd-version",  "parameter-flood"};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct hostile *h = hostile_start((const char *const[]){"--mode", modes[i], "--after", "2", NULL});
        struct pty *p = console_on(hostile_conninfo(h));
        pty_settle(p, 500);
        for (char page = '1'; page <= '9'; page++) {
            pty_send(p, (char[]){page, '\0'});
            pty_settle(p, 150);
        }
        pty_send(p, ":sessions<Enter>");
        pty_settle(p, 300);
        pty_send(p, "<Enter>");
        pty_settle(p, 200);
        pty_send(p, "L");
        pty_settle(p, 200);
        pty_send(p, "Q");
        assert_true(pty_wait_exit(p, PATIENCE, NULL));
        visit_audit(p, "xterm-256color", false);
        pty_free(p);
        hostile_stop(h);
    }
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
        cmocka_unit_test(no_server_freezes_the_screen),
        cmocka_unit_test(a_frozen_server_is_said_to_be_stale_and_comes_back),
        cmocka_unit_test(a_killed_server_comes_back_by_itself),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
