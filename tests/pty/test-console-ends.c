/* The ways out of the console, and the terminals that it is at home in. */
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
    lab = lab_start((const char *const[]){"--sessions", "20", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

/* ---- ways out ---- */

static const struct {
    int signal, exit_code;
} ways_out[] = {{SIGTERM, 143}, {SIGINT, 130}, {SIGHUP, 129}};

static void signals_restore_the_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways_out); i++) {
        struct pty *p = visit(lab, "primary");
        int status;
        pty_signal(p, ways_out[i].signal);
        assert_true(pty_wait_exit(p, 1000, &status));
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ways_out[i].exit_code);
        assert_true(pty_restored(p));
        pty_free(p);
    }
}

static void a_crash_restores_the_terminal(void **state)
{
    (void)state;
    static const int crashes[] = {SIGABRT, SIGSEGV, SIGBUS};
    for (size_t i = 0; i < COUNT_OF(crashes); i++) {
        struct pty *p = visit(lab, "primary");
        int status;
        pty_signal(p, crashes[i]);
        assert_true(pty_wait_exit(p, PATIENCE, &status));
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == crashes[i]);
        assert_true(pty_restored(p));
        pty_free(p);
    }
}

static void nothing_outlives_the_screen(void **state)
{
    (void)state;
    for (int hang_up = 0; hang_up < 2; hang_up++) {
        struct pty *p = visit(lab, "primary");
        struct proc family[16];
        size_t n = proc_descendants(pty_pid(p), family, COUNT_OF(family));
        assert_true(n >= 1);
        if (hang_up)
            pty_hangup(p);
        else
            pty_signal(p, SIGKILL);
        assert_true(pty_wait_exit(p, 1000, NULL));
        assert_true(proc_wait_gone(family, n, 500));
        pty_free(p);
    }
}

static void suspending_and_waking_works(void **state)
{
    (void)state;
    const char *argv[] = {"bash", "--norc", "--noprofile", "-i", NULL};
    const char *env[] = {"PS1=$ ", "HISTFILE=", NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv, .env = env});
    assert_true(pty_wait(p, "$", PATIENCE));
    char command[5000];
    snprintf(command, sizeof(command), "%s \"%s\"\r", console_program(), lab_conninfo(lab, "primary"));
    pty_write(p, command, strlen(command));
    assert_true(console_wait_data(p, PATIENCE));
    assert_true(pty_wait_quiet(p, 100, PATIENCE));
    pty_send(p, "<C-z>");
    assert_true(pty_wait(p, "Stopped", PATIENCE));
    assert_false(pty_mode(p, 1049));
    pty_resize(p, 30, 100);
    pty_send(p, "fg<Enter>");
    assert_true(console_wait_data(p, PATIENCE));
    assert_true(pty_mode(p, 1049));
    pty_send(p, "Q");
    assert_true(pty_wait(p, "$", PATIENCE));
    pty_free(p);
}

/* ---- terminals ---- */

static void every_terminal_is_served_cleanly(void **state)
{
    (void)state;
    static const struct {
        const char *term, *locale;
        bool ascii;
    } all[] = {
        {"xterm-256color", "C.UTF-8", false},
        {"screen", "C.UTF-8", false},
        {"tmux-256color", "C.UTF-8", false},
        {"linux", "C.UTF-8", false},
        {"vt100", "C.UTF-8", false},
        {"xterm-256color", "C", true},
        {"vt100", "C", true},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char term[64], locale[64];
        snprintf(term, sizeof(term), "TERM=%s", all[i].term);
        snprintf(locale, sizeof(locale), "LC_ALL=%s", all[i].locale);
        struct pty *p = console_start(
            &(struct console_start){.args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
                                    .env = (const char *const[]){term, locale, NULL}});
        assert_true(console_wait_data(p, PATIENCE));
        for (char page = '1'; page <= '9'; page++) {
            pty_send(p, (char[]){page, '\0'});
            pty_settle(p, 100);
        }
        pty_send(p, "Q");
        assert_true(pty_wait_exit(p, PATIENCE, NULL));
        visit_audit(p, all[i].term, all[i].ascii);
        pty_free(p);
    }
}

static void no_color_means_none(void **state)
{
    (void)state;
    struct pty *p = console_start(
        &(struct console_start){.args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
                                .env = (const char *const[]){"NO_COLOR=1", NULL}});
    assert_true(console_wait_data(p, PATIENCE));
    for (int row = 0; row < 24; row++)
        for (int col = 0; col < 80; col++) {
            struct pty_cell c = pty_cell(p, row, col);
            assert_int_equal(c.fg, PTY_COLOUR_DEFAULT);
            assert_int_equal(c.bg, PTY_COLOUR_DEFAULT);
        }
    assert_int_equal(visit_leave(p), 0);
}

/* libtinfo itself leaks when it does not know a terminal. */
static void an_impossible_terminal_is_refused_in_words(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=dumb", "TERM=no-such-terminal", "TERM="};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
            .env = (const char *const[]){terms[i], "ASAN_OPTIONS=detect_leaks=0", NULL}});
        int status;
        assert_true(pty_wait_exit(p, PATIENCE, &status));
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
        assert_true(pty_find(p, "report", NULL, NULL)); /* what works there */
        pty_free(p);
    }
}

static void resizing_never_hurts(void **state)
{
    (void)state;
    unsigned seed = (unsigned)getpid();
    print_message("seed %u\n", seed);
    srand(seed);
    struct pty *p = visit_sessions(lab);
    for (int i = 0; i < 1000; i++) {
        pty_resize(p, 1 + rand() % 200, 1 + rand() % 500);
        pty_pump(p, 0);
    }
    static const int sizes[][2] = {{1, 1}, {3, 10}, {5, 20}, {12, 40}, {200, 500}, {60, 200}, {24, 80}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        pty_resize(p, sizes[i][0], sizes[i][1]);
        pty_settle(p, 150);
        assert_true(pty_running(p));
    }
    assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
    visit_audit(p, "xterm-256color", false);
    assert_int_equal(visit_leave(p), 0);
}

/* An argument chooses tests by name, with * and ?. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_restore_the_terminal),
        cmocka_unit_test(a_crash_restores_the_terminal),
        cmocka_unit_test(nothing_outlives_the_screen),
        cmocka_unit_test(suspending_and_waking_works),
        cmocka_unit_test(every_terminal_is_served_cleanly),
        cmocka_unit_test(no_color_means_none),
        cmocka_unit_test(an_impossible_terminal_is_refused_in_words),
        cmocka_unit_test(resizing_never_hurts),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
