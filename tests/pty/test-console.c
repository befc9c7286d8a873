/* The console as a person meets it: the real program, in a real terminal, on real servers and on hostile
 * ones. */
#include "tests/fault/hostile.h"
#include "tests/lab/lab_client.h"
#include "tests/pty/audit.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"

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

#define PATIENCE 5000

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

static struct pty *on_primary(void)
{
    struct pty *p = console_on(lab_conninfo(lab, "primary"));
    assert_true(console_wait_data(p, PATIENCE));
    return p;
}

static struct pty *on_sessions(void)
{
    struct pty *p = on_primary();
    pty_send(p, ":sessions<Enter>");
    assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
    return p;
}

static int leave(struct pty *p)
{
    int status = -1;
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, &status));
    assert_true(pty_restored(p));
    pty_free(p);
    return status;
}

static void assert_clean(struct pty *p, const struct audit_rules *rules)
{
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    if (!audit_bytes(rules, bytes, n)) {
        pty_print(p, "not clean");
        fail();
    }
}

/* ---- pages and keys ---- */

static void the_first_screen_has_data(void **state)
{
    (void)state;
    struct pty *p = on_primary();
    assert_true(pty_find(p, "PRIMARY", NULL, NULL));
    assert_true(pty_mode(p, 1049));
    assert_int_equal(leave(p), 0);
}

static void pages_are_reached_by_name_number_and_tab(void **state)
{
    (void)state;
    static const char *const ways[] = {":sessions<Enter>", "2", "<Tab>"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct pty *p = on_primary();
        pty_send(p, ways[i]);
        assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
        assert_int_equal(leave(p), 0);
    }
}

static void escape_goes_back_and_never_quits(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "?");
    assert_true(pty_wait(p, "Moving", PATIENCE));
    pty_send(p, "<Esc>");
    assert_true(pty_wait_gone(p, "Moving", PATIENCE));
    for (int i = 0; i < 5; i++) {
        pty_send(p, "<Esc>");
        pty_settle(p, 60);
    }
    assert_true(pty_running(p));
    assert_true(pty_find(p, "PRIMARY", NULL, NULL));
    assert_int_equal(leave(p), 0);
}

static void q_leaves_from_the_first_page(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    int status;
    pty_send(p, "q");
    pty_settle(p, 200);
    assert_true(pty_running(p));
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, 1000, &status));
    assert_int_equal(status, 0);
    assert_true(pty_restored(p));
    pty_free(p);
}

static void a_filter_narrows_and_is_cleared(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "/nobody-is-called-this<Enter>");
    assert_true(pty_wait_regex(p, "(^|[^0-9])0/[0-9]+", PATIENCE));
    pty_send(p, "<Esc>");
    assert_true(pty_wait_gone(p, "0/", PATIENCE));
    assert_int_equal(leave(p), 0);
}

static int cursor_row(struct pty *p)
{
    int row, col;
    pty_cursor(p, &row, &col);
    return row;
}

static void the_cursor_sits_on_the_selected_row(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "<Home>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    int first = cursor_row(p);
    assert_true(pty_cursor_shown(p));
    pty_send(p, "jj");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 2);
    pty_send(p, "<Up>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 1);
    assert_int_equal(leave(p), 0);
}

static void the_mouse_selects_and_can_be_given_back(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "<Home>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    int first = cursor_row(p);
    char click[40];
    snprintf(click, sizeof(click), "<Click:%d,10>", first + 4);
    pty_send(p, click);
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 4);
    assert_true(pty_mode(p, 1000) || pty_mode(p, 1002));
    pty_send(p, "M");
    pty_settle(p, 200);
    assert_false(pty_mode(p, 1000) || pty_mode(p, 1002));
    assert_int_equal(leave(p), 0);
}

static void pause_stops_the_bytes(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "<Space>");
    assert_true(pty_wait_regex(p, "[Pp][Aa][Uu][Ss][Ee]", PATIENCE));
    assert_true(pty_wait_quiet(p, 300, PATIENCE));
    size_t mark = pty_mark(p), n;
    pty_settle(p, 500);
    pty_bytes(p, mark, &n);
    assert_in_range(n, 0, 64);      /* no more than a clock */
    assert_int_equal(leave(p), 0);
}

static void a_paste_is_no_command(void **state)
{
    (void)state;
    struct pty *p = on_sessions();
    pty_send(p, "<Paste>qQq:q<Enter>y<C-c></Paste>");
    pty_settle(p, 500);
    assert_true(pty_running(p));
    assert_int_equal(leave(p), 0);
}

static void a_password_is_asked_for_without_echo(void **state)
{
    (void)state;
    struct pty *p = console_on(lab_conninfo(lab, "primary_password"));
    assert_true(pty_wait_regex(p, "[Pp]assword", PATIENCE));
    pty_send(p, lab_password(lab));
    pty_settle(p, 200);
    assert_false(pty_find(p, lab_password(lab), NULL, NULL));
    pty_send(p, "<Enter>");
    assert_true(console_wait_data(p, PATIENCE));
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    assert_null(memmem(bytes, n, lab_password(lab), strlen(lab_password(lab))));
    assert_int_equal(leave(p), 0);
}

/* ---- ways out ---- */

static const struct {
    int signal, exit_code;
} ways_out[] = {{SIGTERM, 143}, {SIGINT, 130}, {SIGHUP, 129}};

static void signals_restore_the_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways_out); i++) {
        struct pty *p = on_primary();
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
        struct pty *p = on_primary();
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
        struct pty *p = on_primary();
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
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
            .env = (const char *const[]){term, locale, NULL}});
        assert_true(console_wait_data(p, PATIENCE));
        for (char page = '1'; page <= '9'; page++) {
            pty_send(p, (char[]){page, '\0'});
            pty_settle(p, 100);
        }
        pty_send(p, "Q");
        assert_true(pty_wait_exit(p, PATIENCE, NULL));
        assert_clean(p, &(struct audit_rules){.term = all[i].term, .ascii_only = all[i].ascii});
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
    assert_int_equal(leave(p), 0);
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
        assert_true(pty_find(p, "report", NULL, NULL));     /* what works there */
        pty_free(p);
    }
}

static void resizing_never_hurts(void **state)
{
    (void)state;
    unsigned seed = (unsigned)getpid();
    print_message("seed %u\n", seed);
    srand(seed);
    struct pty *p = on_sessions();
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
    assert_clean(p, &(struct audit_rules){.term = "xterm-256color"});
    assert_int_equal(leave(p), 0);
}

/* ---- servers that misbehave ---- */

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
        assert_clean(p, &(struct audit_rules){.term = "xterm-256color"});
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
    static const char *const keys[] = {"?", "<Tab>"};     /* Escape would wait for the rest of a sequence */
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct hostile *h = hostile_mode(modes[i]);
        char conninfo[300];     /* with a password, or a prompt would take the keys */
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
        struct pty *p = console_on(conninfo);
        assert_true(pty_wait_quiet(p, 100, PATIENCE));
        struct console_times t = console_time_keys(p, keys, COUNT_OF(keys), 60, 1000, modes[i]);
        assert_int_equal(t.lost, 0);
        assert_true(t.max_ms < 200);        /* the bar itself, over 2,000 keys, is test-console-bars' */
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
    struct pty *p = on_primary();
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_true(lab_command(lab, "stop primary"));
    bool said = console_wait_lost(p, 2000 + 2000 + 1000);
    assert_true(lab_command(lab, "cont primary"));
    assert_true(said);
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_int_equal(leave(p), 0);
}

static void a_killed_server_comes_back_by_itself(void **state)
{
    (void)state;
    struct pty *p = on_primary();
    assert_true(lab_command(lab, "kill9 primary"));
    assert_true(console_wait_lost(p, PATIENCE));
    assert_true(lab_command(lab, "restart primary"));
    assert_true(console_wait_fresh(p, PATIENCE));
    assert_int_equal(leave(p), 0);
}

/* An argument chooses tests by name, with * and ?. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_screen_has_data),
        cmocka_unit_test(pages_are_reached_by_name_number_and_tab),
        cmocka_unit_test(escape_goes_back_and_never_quits),
        cmocka_unit_test(q_leaves_from_the_first_page),
        cmocka_unit_test(a_filter_narrows_and_is_cleared),
        cmocka_unit_test(the_cursor_sits_on_the_selected_row),
        cmocka_unit_test(the_mouse_selects_and_can_be_given_back),
        cmocka_unit_test(pause_stops_the_bytes),
        cmocka_unit_test(a_paste_is_no_command),
        cmocka_unit_test(a_password_is_asked_for_without_echo),
        cmocka_unit_test(signals_restore_the_terminal),
        cmocka_unit_test(a_crash_restores_the_terminal),
        cmocka_unit_test(nothing_outlives_the_screen),
        cmocka_unit_test(suspending_and_waking_works),
        cmocka_unit_test(every_terminal_is_served_cleanly),
        cmocka_unit_test(no_color_means_none),
        cmocka_unit_test(an_impossible_terminal_is_refused_in_words),
        cmocka_unit_test(resizing_never_hurts),
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(no_server_freezes_the_screen),
        cmocka_unit_test(a_frozen_server_is_said_to_be_stale_and_comes_back),
        cmocka_unit_test(a_killed_server_comes_back_by_itself),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
