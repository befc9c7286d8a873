/* The console's own troubles: its terminal goes, signals rain, workers go mad, and the system has nothing
 * left. */
#include "base/compat.h"
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/given.h"
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

/* ---- F16, F17 ---- */

static void a_terminal_that_is_gone(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    pty_settle(p, 500);
    double cpu = proc_cpu_ms(pty_pid(p));
    int64_t start = pty_now_us();
    pty_hangup(p);
    while (proc_alive(proc_of(pty_pid(p))) && fault_since_ms(start) < PATIENCE)
        usleep(5000);
    fault_most("F16", "gone after its terminal", fault_since_ms(start), 1000, "ms");
    fault_most("F16", "CPU that it took for that", proc_cpu_ms(pty_pid(p)) - cpu, 100, "ms");
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

/* With job control, as a person starts it. *console is its process. */
static struct pty *under_a_shell(struct proc *console)
{
    char command[5000];
    struct pty *p = pty_start(&(struct pty_start){
        .argv = (const char *const[]){"bash", "--norc", "--noprofile", "-i", NULL},
        .env = (const char *const[]){"PS1=ready$ ", "HISTFILE=", "HOME=/nonexistent", NULL}});
    assert_true(pty_wait(p, "ready$", PATIENCE));
    snprintf(command, sizeof(command), "clear; %s \"%s\"\r", console_program(), lab_conninfo(lab, "primary"));
    pty_write(p, command, strlen(command));
    assert_true(console_wait_data(p, PATIENCE));
    assert_true(proc_descendants(pty_pid(p), console, 1) >= 1);
    return p;
}

static void send_both(struct pty *p, struct proc console, int first, int second)
{
    kill(console.pid, first);
    pty_pump(p, 5);
    kill(console.pid, second);
    pty_pump(p, 5);
}

/* Woken in the background it must not touch the terminal, which is the shell's then; and an end is an end there
 * too. */
static void stopped_and_ended_under_a_shell(void **state)
{
    (void)state;
    static const int ends[] = {SIGHUP, SIGTERM, SIGINT};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct proc console;
        struct pty *p = under_a_shell(&console);
        for (int k = 0; k < 30; k++)
            send_both(p, console, SIGTSTP, SIGCONT);
        pty_send(p, "\rfg\r");
        fault_true("F16", "fresh after thirty TSTP and CONT, and fg", console_wait_fresh(p, PATIENCE));
        fault_keys("F16", p);
        kill(console.pid, SIGTSTP);
        fault_true("F16", "the shell has its terminal when it is stopped",
                   pty_wait(p, "Stopped", PATIENCE) && !pty_mode(p, 1049));
        int64_t start = pty_now_us();
        send_both(p, console, ends[i], SIGCONT);
        while (proc_alive(console) && fault_since_ms(start) < PATIENCE)
            pty_pump(p, 5);
        fault_most("F16", "ended while it is stopped", fault_since_ms(start), 1000, "ms");
        pty_send(p, "\recho sti''ll here\r");
        fault_true("F16", "and the shell's terminal is as before",
                   pty_wait(p, "still here", PATIENCE) && !pty_mode(p, 1049) && pty_cursor_shown(p));
        pty_free(p);
    }
}

/* Those that end nothing, and come when they like. */
static void a_rain_that_goes_on(void **state)
{
    (void)state;
    static const int all[] = {SIGWINCH, SIGCONT, SIGCHLD, SIGPIPE, SIGURG, SIGXFSZ, SIGWINCH};
    int seconds = fault_full() ? 30 : 2;
    struct pty *p = visit(lab, "primary");
    double cpu = proc_cpu_ms(pty_pid(p));
    int64_t start = pty_now_us();
    for (int i = 0; fault_since_ms(start) < seconds * 1000; i++) {
        pty_signal(p, all[(size_t)i % COUNT_OF(all)]);
        pty_pump(p, 1);
    }
    fault_most("F16", "CPU while signals rain", (proc_cpu_ms(pty_pid(p)) - cpu) / (seconds * 10),
               times_are_mild() ? 100 : 50, "%");
    fault_true("F16", "and fresh", console_wait_fresh(p, PATIENCE));
    fault_keys("F16", p);
    fault_true("F16", "and q leaves", visit_leave(p) == 0);
}

/* libtinfo itself loses memory when it does not know a terminal. */
static void terminals_that_nobody_knows(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=no-such-terminal", "TERM=", "TERM", "TERM=dumb", "TERM=../../etc/passwd"};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        int status = -1;
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
            .env = (const char *const[]){terms[i], "ASAN_OPTIONS=detect_leaks=0", NULL}});
        bool left = pty_wait_exit(p, PATIENCE, &status);
        fault_true("F18", terms[i], left && WIFEXITED(status) && WEXITSTATUS(status) == 2 &&
                   pty_find(p, "pgvigil report", NULL, NULL) && pty_restored(p));
        pty_free(p);
    }
}

static bool same_picture(struct pty *p, struct pty *fresh)
{
    char text[24 * 400];
    snprintf(text, sizeof(text), "%s", pty_text(p));
    return strcmp(text, pty_text(fresh)) == 0;
}

/* The server's every answer is the same, so that two screens can be. */
static void a_storm_of_sizes(void **state)
{
    (void)state;
    unsigned seed = (unsigned)getpid();
    int seconds = fault_full() ? 10 : 1;
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
    for (start = pty_now_us(); !same_picture(p, fresh) && fault_since_ms(start) < PATIENCE;)
        fault_settle_all((struct pty *[]){p, fresh}, 2, 100);
    if (!same_picture(p, fresh)) {
        pty_print(p, "after the storm");
        pty_print(fresh, "a fresh one");
    }
    fault_true("F17", "after a thousand sizes a second: as a fresh screen", same_picture(p, fresh));
    fault_most("F17", "CPU of the screen meanwhile", cpu, times_are_mild() ? 100 : 50, "%");
    visit_leave(p);
    visit_leave(fresh);
    hostile_stop(h);
}

/* ---- F21, F22: workers and screen ---- */

static void a_watcher_that_is_killed(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    for (int i = 0; i < (fault_full() ? 5 : 3); i++) {
        struct proc family[8];
        assert_int_equal(proc_descendants(pty_pid(p), family, COUNT_OF(family)), 1);
        kill(family[0].pid, SIGKILL);
        int64_t start = pty_now_us();
        assert_true(proc_wait_gone(family, 1, 1000));
        pty_settle(p, 200);
        assert_true(console_wait_fresh(p, PATIENCE));
        fault_most("F21", "fresh after kill -9 of the watcher", fault_since_ms(start), 1500, "ms");
        fault_true("F21", "one session", witness_wait_sessions(lab_conninfo(lab, "primary"), 1, p, 2000));
    }
    visit_leave(p);
}

/* In which the watcher is another. */
static void build_tree(char *dir, size_t size)
{
    char command[9000];
    const char *build = getenv("BUILDDIR") ? getenv("BUILDDIR") : ".";
    fault_build_tree(dir, size);
    snprintf(command, sizeof(command), "cp '%s/tests/fault/fake-watch' %s/pgvigil-watch", build, dir);
    assert_int_equal(system(command), 0);
}

static void watchers_that_went_mad(void **state)
{
    (void)state;
    static const char *const manners[] = {"garbage", "greeting", "descriptors", "words", "silent", "exit", "chatter"};
    struct pty *all[COUNT_OF(manners)];
    char dir[64], program[100], setting[60];
    build_tree(dir, sizeof(dir));
    snprintf(program, sizeof(program), "%s/pgvigil", dir);
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        snprintf(setting, sizeof(setting), "FAKE_WATCH=%s", manners[i]);
        all[i] = pty_start(&(struct pty_start){.argv = (const char *const[]){program, "host=nowhere", NULL},
                                               .env = (const char *const[]){setting, "HOME=/nonexistent", NULL}});
    }
    fault_settle_all(all, COUNT_OF(all), fault_full() ? 8000 : 1500);
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        fault_true("F21", manners[i], pty_wait_regex(all[i], "not connected|connecting", PATIENCE));
        fault_keys("F21", all[i]);
        pty_send(all[i], ":messages<Enter>");
        pty_settle(all[i], 100);
        fault_most("F21", "its descriptors", proc_fds(pty_pid(all[i])), 40, "");
        visit_audit(all[i], "xterm-256color", false);
        fault_true("F21", "and q leaves", visit_leave(all[i]) == 0);
    }
    fault_remove_tree(dir);
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
    fault_most("F22", "which takes", fault_since_ms(start), times_are_mild() ? 500 : 100, "ms");
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

#define NOTHING_LEFT "PRIMARY|no process could be started|see the messages|Too many open files|pgvigil: "

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
        snprintf(what, sizeof(what), "%d descriptors: a page or a sentence", n);
        fault_true("F20", what, pty_wait_regex(p, NOTHING_LEFT, PATIENCE));
        pty_settle(p, fault_full() ? 700 : 100);
        if (pty_running(p))
            pty_send(p, "Q");
        bool left = pty_wait_exit(p, PATIENCE, &status);
        fault_true("F20", "and q leaves, or it has left by itself", left && WIFEXITED(status));
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
    fault_remove_tree(dir);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_terminal_that_is_gone),
        FAULT(a_keyboard_that_has_ended),
        FAULT(signals_that_rain),
        FAULT(stopped_and_woken_again_and_again),
        FAULT(stopped_and_ended_under_a_shell),
        FAULT(a_rain_that_goes_on),
        FAULT(terminals_that_nobody_knows),
        FAULT(a_storm_of_sizes),
        FAULT(a_watcher_that_is_killed),
        FAULT(watchers_that_went_mad),
        FAULT(the_screen_is_killed),
        FAULT(no_descriptors),
        FAULT(no_processes),
    };
    proc_will_look(true);
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab, (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
