/* The console's own troubles: its terminal goes, signals rain, workers go mad, and the system has nothing
 * left. */
#include "base/compat.h"
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

/* ---- F16, F17 ---- */

static void a_terminal_that_is_gone(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pty_settle(p, 500);
    int64_t start = pty_now_us();
    pty_hangup(p);
    while (proc_alive(proc_of(pty_pid(p))) && fault_since_ms(start) < PATIENCE)
        usleep(5000);
    fault_most("F16", "gone after its terminal", fault_since_ms(start), 1000, "ms");
    fault_true("F16", "reaped", pty_wait_exit(p, 1000, NULL));
    fault_true("F16", "no session stays", witness_wait_sessions(lab_conninfo(lab, "primary"), 0, NULL, 3000));
    pty_free(p);
}

/* No keyboard: it may say so or show its data, but must not turn in circles. */
static void a_keyboard_that_has_ended(void **state)
{
    (void)state;
    char command[5000];
    snprintf(command, sizeof(command), "exec %s '%s' </dev/null", console_program(),
             lab_conninfo(lab, "primary"));
    struct pty *p = pty_start(&(struct pty_start){.argv = (const char *const[]){"sh", "-c", command, NULL}});
    bool ended = pty_settle(p, 1000) && !pty_running(p);
    if (!ended)
        fault_most("F16", "CPU without a keyboard, of the second second", proc_cpu_ms(pty_pid(p)), 300, "ms");
    else
        fault_true("F16", "without a keyboard it ends with a sentence", pty_mark(p) > 10);
    pty_free(p);
}

static void signals_that_rain(void **state)
{
    (void)state;
    static const int all[] = {SIGTERM, SIGHUP, SIGINT, SIGTERM, SIGINT};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct pty *p = visit(lab, "primary");
        int status = -1;
        int64_t start = pty_now_us();
        for (int k = 0; k < 50; k++)
            pty_signal(p, all[(i + (size_t)k) % COUNT_OF(all)]);
        assert_true(pty_wait_exit(p, PATIENCE, &status));
        fault_most("F16", "ends under fifty signals", fault_since_ms(start), 1000, "ms");
        fault_true("F16", "with the exit status of one of them",
                   WIFEXITED(status) && WEXITSTATUS(status) > 128);
        fault_true("F16", "the terminal as before", pty_restored(p));
        pty_free(p);
    }
}

static void stopped_and_woken_again_and_again(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    for (int i = 0; i < 30; i++) {
        pty_signal(p, SIGSTOP);
        pty_pump(p, 5);
        pty_signal(p, SIGCONT);
        pty_pump(p, 5);
    }
    fault_true("F16", "fresh after thirty STOP and CONT", console_wait_fresh(p, PATIENCE));
    fault_keys("F16", p);
    visit_leave(p);
}

static void compare_frames(struct pty *p, struct pty *fresh)
{
    char text[24][400];
    for (int row = 0; row < 24; row++)
        snprintf(text[row], sizeof(text[row]), "%s", pty_row(p, row));
    for (int row = 0; row < 24; row++)
        assert_string_equal(text[row], pty_row(fresh, row));
}

/* The server's every answer is the same, so that two screens can be. */
static void a_storm_of_sizes(void **state)
{
    (void)state;
    unsigned seed = (unsigned)getpid();
    int seconds = fault_full() ? 10 : 2;
    struct hostile *h = hostile_mode("healthy");
    struct pty *p = visit_conninfo(hostile_conninfo(h), 0, 0);
    visit_page(p, "sessions");
    print_message("seed %u\n", seed);
    srand(seed);
    double cpu = proc_cpu_ms(pty_pid(p));
    int64_t start = pty_now_us();
    for (int i = 0; fault_since_ms(start) < seconds * 1000; i++) {
        while (fault_since_ms(start) < i)
            pty_pump(p, 0);
        pty_resize(p, 1 + rand() % 200, 1 + rand() % 500);
    }
    cpu = (proc_cpu_ms(pty_pid(p)) - cpu) / (seconds * 10);
    pty_resize(p, 24, 80);
    struct pty *fresh = visit_conninfo(hostile_conninfo(h), 0, 0);
    visit_page(fresh, "sessions");
    pty_settle(p, 2500);
    pty_settle(fresh, 2500);
    compare_frames(p, fresh);
    fault_true("F17", "after a thousand sizes a second: as a fresh screen", pty_running(p));
    fault_most("F17", "CPU of the screen meanwhile", cpu, LIMITS_FIT ? 75 : 100, "%");
    visit_leave(p);
    visit_leave(fresh);
    hostile_stop(h);
}

/* ---- F21, F22: workers and screen ---- */

static void a_watcher_that_is_killed(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    for (int i = 0; i < 5; i++) {
        struct proc family[8];
        assert_int_equal(proc_descendants(pty_pid(p), family, COUNT_OF(family)), 1);
        kill(family[0].pid, SIGKILL);
        int64_t start = pty_now_us();
        assert_true(proc_wait_gone(family, 1, 1000));
        pty_settle(p, 200);
        assert_true(console_wait_fresh(p, PATIENCE));
        fault_most("F21", "fresh after kill -9 of the watcher", fault_since_ms(start), 3000, "ms");
        fault_true("F21", "one session", witness_wait_sessions(lab_conninfo(lab, "primary"), 1, p, 2000));
    }
    visit_leave(p);
}

/* A tree of its own, in which the watcher is another. */
static void build_tree(char *dir, size_t size)
{
    char command[9000];
    const char *build = getenv("BUILDDIR") ? getenv("BUILDDIR") : ".";
    snprintf(dir, size, "/tmp/fake-watch-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(command, sizeof(command),
             "chmod 755 %s && cp '%s' %s/pgvigil && cp '%s/tests/fault/fake-watch' %s/pgvigil-watch &&"
             " ln -s \"$(realpath '%s')/data\" %s/data",
             dir, console_program(), dir, build, dir, build, dir);
    assert_int_equal(system(command), 0);
}

static void remove_tree(const char *dir)
{
    char command[200];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void watchers_that_went_mad(void **state)
{
    (void)state;
    static const char *const manners[] = {"garbage", "greeting", "descriptors", "words", "silent", "exit"};
    char dir[64], program[100], setting[60];
    build_tree(dir, sizeof(dir));
    snprintf(program, sizeof(program), "%s/pgvigil", dir);
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        snprintf(setting, sizeof(setting), "FAKE_WATCH=%s", manners[i]);
        struct pty *p =
            pty_start(&(struct pty_start){.argv = (const char *const[]){program, "host=nowhere", NULL},
                                          .env = (const char *const[]){setting, "HOME=/nonexistent", NULL}});
        fault_true("F21", manners[i],
                   pty_wait_regex(p, "not connected|connecting", PATIENCE) &&
                       pty_wait_quiet(p, 20, PATIENCE));
        pty_settle(p, fault_full() ? 8000 : 1500);
        fault_keys("F21", p);
        pty_send(p, ":messages<Enter>");
        pty_settle(p, 100);
        fault_most("F21", "its descriptors", proc_fds(pty_pid(p)), 40, "");
        visit_audit(p, "xterm-256color", false);
        visit_leave(p);
    }
    remove_tree(dir);
}

static void the_screen_is_killed(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    struct proc family[8];
    size_t n = proc_descendants(pty_pid(p), family, COUNT_OF(family));
    fault_true("F22", "a watcher is there", n == 1);
    int64_t start = pty_now_us();
    pty_signal(p, SIGKILL);
    assert_true(pty_wait_exit(p, 1000, NULL));
    fault_true("F22", "and gone after kill -9 of the screen", proc_wait_gone(family, n, 1000));
    fault_most("F22", "which takes", fault_since_ms(start), 500, "ms");
    fault_true("F22", "no session after 3 s",
               witness_wait_sessions(lab_conninfo(lab, "primary"), 0, NULL, 3000));
    pty_free(p);
}

/* ---- nothing left ---- */

static struct pty *limited(const char *limit)
{
    char command[9000];
    snprintf(command, sizeof(command), "%s; exec %s '%s'", limit, console_program(),
             lab_conninfo(lab, "primary"));
    return pty_start(&(struct pty_start){.argv = (const char *const[]){"bash", "-c", command, NULL},
                                         .env = (const char *const[]){"HOME=/nonexistent", NULL}});
}

/* Whatever the number: it runs, or says in a sentence why not. */
static void no_descriptors(void **state)
{
    (void)state;
    const int least = LIMITS_FIT ? 5 : 8;   /* a sanitizer needs some for its own words */
    for (int n = 16; n >= least; n--) {
        char limit[40], what[60];
        int status = 0;
        snprintf(limit, sizeof(limit), "ulimit -n %d", n);
        struct pty *p = limited(limit);
        pty_settle(p, 700);
        snprintf(what, sizeof(what), "%d descriptors: a page or a sentence", n);
        bool words = pty_find(p, pty_running(p) ? "PRIMARY" : "pgvigil: ", NULL, NULL) ||
                     pty_find(p, "no process could be started", NULL, NULL) ||
                     pty_find(p, "see the messages", NULL, NULL) ||
                     pty_find(p, "Too many open files", NULL, NULL);
        bool crashed = !pty_running(p) && pty_wait_exit(p, 1, &status) && WIFSIGNALED(status);
        if (crashed || !words)
            pty_print(p, what);
        fault_true("F20", what, words && !crashed);
        if (pty_running(p)) {
            pty_send(p, "Q");
            fault_true("F20", "and q leaves", pty_wait_exit(p, PATIENCE, NULL));
        }
        pty_free(p);
    }
}

/* Root has no limit on its processes, so that somebody else must try. */
static void no_processes(void **state)
{
    (void)state;
    char command[9000], dir[64];
    build_tree(dir, sizeof(dir));
    snprintf(command, sizeof(command), "%s bash -c \"ulimit -u 1; exec %s/pgvigil host=nowhere\"",
             geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "", dir);
    struct pty *p = pty_start(&(struct pty_start){.argv = (const char *const[]){"bash", "-c", command, NULL},
                                                  .env = (const char *const[]){"HOME=/nonexistent", NULL}});
    fault_true("F20", "no process: a sentence", pty_wait(p, "no process could be started", PATIENCE));
    fault_keys("F20", p);
    pty_send(p, "Q");
    fault_true("F20", "and q leaves", pty_wait_exit(p, PATIENCE, NULL));
    pty_free(p);
    remove_tree(dir);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_that_is_gone), cmocka_unit_test(a_keyboard_that_has_ended),
        cmocka_unit_test(signals_that_rain),       cmocka_unit_test(stopped_and_woken_again_and_again),
        cmocka_unit_test(a_storm_of_sizes),        cmocka_unit_test(a_watcher_that_is_killed),
        cmocka_unit_test(watchers_that_went_mad),  cmocka_unit_test(the_screen_is_killed),
        cmocka_unit_test(no_descriptors),          cmocka_unit_test(no_processes),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
