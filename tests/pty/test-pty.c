/* The pty library against programs whose behaviour is known. */
#include "tests/pty/proc.h"
#include "tests/pty/pty.h"

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

static struct pty *shell(const char *script, const char *const *env)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    return pty_start(&(struct pty_start){.argv = argv, .env = env});
}

static struct pty *puppet_in(int rows, int cols, const char *const *env)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/pty/puppet", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    const char *argv[] = {path, NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv, .rows = rows, .cols = cols, .env = env});
    assert_true(pty_wait(p, "ready", PATIENCE));
    return p;
}

static struct pty *puppet(void)
{
    return puppet_in(24, 80, NULL);
}

static int exit_code(struct pty *p)
{
    int status = -1;
    assert_true(pty_wait_exit(p, PATIENCE, &status));
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void text_and_exit_status_arrive(void **state)
{
    (void)state;
    struct pty *p = shell("printf 'one\\n  two \\303\\251\\n'; exit 5", NULL);
    assert_int_equal(exit_code(p), 5);
    assert_string_equal(pty_row(p, 0), "one");
    assert_string_equal(pty_row(p, 1), "  two \xc3\xa9");
    assert_string_equal(pty_row(p, 2), "");
    assert_int_equal(strncmp(pty_text(p), "one\n  two \xc3\xa9\n\n", 14), 0);
    size_t n;
    const char *raw = pty_bytes(p, 0, &n);
    assert_int_equal(n, strlen("one\r\n  two \xc3\xa9\r\n"));
    assert_memory_equal(raw, "one\r\n", 5);
    pty_free(p);
}

static void a_missing_program_says_so(void **state)
{
    (void)state;
    const char *argv[] = {"/nonexistent/program", NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv});
    assert_int_equal(exit_code(p), 127);
    assert_true(pty_find(p, "cannot start /nonexistent/program", NULL, NULL));
    pty_free(p);
}

static void the_environment_is_changed(void **state)
{
    (void)state;
    setenv("PTY_TEST_GONE", "yes", 1);
    const char *env[] = {"TERM=vt100", "PTY_TEST_NEW=a=b", "PTY_TEST_GONE", NULL};
    struct pty *p = shell(
        "echo \"[$TERM][$PTY_TEST_NEW][$PTY_TEST_GONE][$LINES]\"; stty size; ls /proc/self/fd | wc -l", env);
    assert_int_equal(exit_code(p), 0);
    assert_string_equal(pty_row(p, 0), "[vt100][a=b][][]");
    assert_string_equal(pty_row(p, 1), "24 80");
    assert_int_equal(atoi(pty_row(p, 2)), 4);       /* 0, 1, 2 and the folder itself: nothing of ours leaks */
    pty_free(p);
}

static void cells_have_colours_and_attributes(void **state)
{
    (void)state;
    struct pty *p = puppet();
    struct pty_cell red = pty_cell(p, 2, 20), blue = pty_cell(p, 3, 23), mark = pty_cell(p, 2, 0);
    assert_string_equal(red.text, "r");
    assert_int_equal(red.fg, 1);
    assert_int_equal(red.bg, PTY_COLOUR_DEFAULT);
    assert_true(red.bold && !red.reverse && !red.underline);
    assert_int_equal(blue.bg, 21);
    assert_true(blue.underline && !blue.bold);
    assert_true(mark.reverse && mark.bold);
    assert_false(pty_cell(p, 3, 0).reverse);
    assert_string_equal(pty_cell(p, 500, 500).text, " ");
    pty_free(p);
}

static void wide_and_combined_characters_keep_their_columns(void **state)
{
    (void)state;
    struct pty *p = puppet();
    int row, col;
    assert_true(pty_find(p, "[\xe4\xb8\xad\xe6\x96\x87][e\xcc\x81]", &row, &col));
    assert_int_equal(row, 4);
    assert_int_equal(col, 20);
    assert_int_equal(pty_cell(p, 4, 21).width, 2);
    assert_string_equal(pty_cell(p, 4, 27).text, "e\xcc\x81");
    assert_true(pty_find(p, "][e", &row, &col));
    assert_int_equal(col, 25);
    pty_free(p);
}

static void repeated_characters_are_spelt_out(void **state)
{
    (void)state;
    struct pty *p = shell("printf 'a=\\033[39b|\\n\\303\\251\\033[2b\\033[1mx\\033[b'", NULL);
    assert_int_equal(exit_code(p), 0);
    assert_int_equal(strspn(pty_row(p, 0) + 1, "="), 40);
    assert_int_equal(pty_row(p, 0)[41], '|');
    assert_string_equal(pty_row(p, 1), "\xc3\xa9\xc3\xa9\xc3\xa9xx");
    assert_true(pty_cell(p, 1, 4).bold);
    pty_free(p);
}

static const struct {
    const char *send, *said;
} keys[] = {
    {"x", "key x"},
    {"<Up>", "key KEY_UP"},
    {"<Home>", "key KEY_HOME"},
    {"<End>", "key KEY_END"},
    {"<PgUp>", "KEY_PPAGE"},
    {"<PgDn>", "KEY_NPAGE"},
    {"<Del>", "key KEY_DC"},
    {"<Ins>", "key KEY_IC"},
    {"<F1>", "key KEY_F(1)"},
    {"<F5>", "key KEY_F(5)"},
    {"<F12>", "key KEY_F(12)"},
    {"<BS>", "key KEY_BACKSPACE"},
    {"<Enter>", "key ^J"},
    {"<Tab>", "key ^I"},
    {"<S-Tab>", "key KEY_BTAB"},
    {"<C-f>", "key ^F"},
    {"<Esc>", "key ^["},
    {"<Space>", "key"},
    {"<lt>", "key <"},
    {"<Left>", "key KEY_LEFT"},
    {"<M-x>", "key x"},
    {"<Right>", "key KEY_RIGHT"},
    {"<C-r>", "key ^R"},
};

static void named_keys_are_what_curses_reads(void **state)
{
    (void)state;
    struct pty *p = puppet();
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        pty_send(p, "y");
        assert_true(pty_wait(p, "key y", PATIENCE));
        pty_send(p, keys[i].send);
        assert_true(pty_wait(p, keys[i].said, PATIENCE));
    }
    pty_send(p, "<Down><Down>jj<Up>");
    assert_true(pty_wait(p, "key KEY_UP", PATIENCE));
    int row, col;
    pty_cursor(p, &row, &col);
    assert_int_equal(row, 2 + 3);
    assert_int_equal(col, 0);
    pty_free(p);
}

static void the_mouse_points(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=xterm-256color", "TERM=xterm-1006"};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        const char *env[] = {terms[i], NULL};
        struct pty *p = puppet_in(24, 80, env);
        pty_send(p, "<Click:9,4>");
        assert_true(pty_wait_regex(p, "^mouse [0-9a-f]+ at 9,4$", PATIENCE));
        assert_true(pty_cell(p, 9, 0).reverse);
        pty_send(p, "<WheelDown:3,3>");
        assert_true(pty_wait_regex(p, "^mouse [0-9a-f]+ at 3,3$", PATIENCE));
        assert_true(pty_cell(p, 10, 0).reverse);
        pty_free(p);
    }
}

static void a_mouse_nobody_asked_for_is_silent(void **state)
{
    (void)state;
    struct pty *p =
        shell("stty raw -echo; echo go; dd bs=1 count=1 2>/dev/null | od -An -c; stty sane", NULL);
    assert_true(pty_wait(p, "go", PATIENCE));
    pty_send(p, "<Click:1,1><Paste></Paste><Focus>z");
    assert_true(pty_wait_regex(p, "^ *z$", PATIENCE));
    pty_free(p);
}

static void paste_is_bracketed_when_asked_for(void **state)
{
    (void)state;
    struct pty *p = shell("stty raw -echo; printf '\\033[?2004hgo'; head -c 13 | od -An -c; stty sane", NULL);
    assert_true(pty_wait(p, "go", PATIENCE));
    pty_send(p, "<Paste>q</Paste>");
    assert_true(pty_wait(p, "033   [   2   0   0   ~   q 033   [   2   0   1   ~", PATIENCE));
    pty_free(p);
}

static void resizing_reaches_the_program(void **state)
{
    (void)state;
    static const int sizes[][2] = {{30, 100}, {5, 20}, {60, 200}, {24, 80}};
    struct pty *p = puppet();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char want[40];
        snprintf(want, sizeof(want), "puppet %dx%d", sizes[i][1], sizes[i][0]);
        pty_resize(p, sizes[i][0], sizes[i][1]);
        assert_true(pty_wait(p, want, PATIENCE));
        int rows, cols;
        pty_size(p, &rows, &cols);
        assert_int_equal(rows, sizes[i][0]);
        assert_int_equal(cols, sizes[i][1]);
    }
    pty_free(p);
}

static void questions_to_the_terminal_are_answered(void **state)
{
    (void)state;
    struct pty *p =
        shell("stty raw -echo; printf '\\033[3;5H\\033[6n'; head -c 6 | od -An -c; stty sane", NULL);
    assert_true(pty_wait(p, "033   [   3   ;   5   R", PATIENCE));
    pty_free(p);
}

static void a_clean_leave_restores_the_terminal(void **state)
{
    (void)state;
    struct pty *p = puppet();
    assert_true(pty_mode(p, 1049));
    assert_true(pty_mode(p, 1000));
    assert_true(pty_mode(p, 2004));
    assert_string_not_equal(pty_stty(p), pty_stty_at_start(p));
    pty_send(p, "h");
    assert_true(pty_wait(p, "key h", PATIENCE));
    assert_false(pty_cursor_shown(p));
    pty_send(p, "q");
    assert_int_equal(exit_code(p), 7);
    assert_true(pty_restored(p));
    assert_false(pty_find(p, "item", NULL, NULL));      /* the first screen is back */
    pty_free(p);
}

static void a_crash_is_seen_with_its_signal(void **state)
{
    (void)state;
    struct pty *p = puppet();
    int status;
    pty_send(p, "X");
    assert_true(pty_wait_exit(p, PATIENCE, &status));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_true(pty_restored(p));
    pty_free(p);
}

static void a_terminal_left_in_disorder_is_noticed(void **state)
{
    (void)state;
    struct pty *p = puppet();
    pty_send(p, "Z");
    assert_int_equal(exit_code(p), 3);
    assert_true(pty_mode(p, 1049));
    assert_false(pty_mode(p, 25));
    assert_false(pty_cursor_shown(p));
    assert_false(pty_restored(p));
    pty_free(p);
}

static void waiting_ends_at_its_deadline(void **state)
{
    (void)state;
    struct pty *p = puppet();
    int64_t start = pty_now_us();
    assert_false(pty_wait(p, "never", 100));
    assert_false(pty_wait_regex(p, "n[e]ver", 100));
    assert_false(pty_wait_gone(p, "puppet", 100));
    assert_false(pty_wait_exit(p, 100, NULL));
    int64_t took = pty_now_us() - start;
    assert_true(took >= 400000 && took < 2000000);
    pty_free(p);
    p = shell("while :; do echo x; sleep 0.01; done", NULL);
    assert_true(pty_wait(p, "x", PATIENCE));
    assert_false(pty_wait_quiet(p, 500, 200));
    pty_free(p);
}

static void quiet_is_quiet(void **state)
{
    (void)state;
    struct pty *p = puppet();
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    size_t mark = pty_mark(p), n;
    assert_false(pty_settle(p, 100));
    pty_bytes(p, mark, &n);
    assert_int_equal(n, 0);
    pty_free(p);
}

static void paint_is_timed(void **state)
{
    (void)state;
    struct pty *p = puppet();
    for (int i = 0; i < 20; i++) {
        struct pty_paint paint = pty_press(p, i % 2 ? "k" : "j", 5, PATIENCE);
        assert_true(paint.painted);
        assert_true(paint.first_ms >= 0 && paint.first_ms <= paint.paint_ms);
        assert_true(paint.bytes > 0 && paint.bytes < 400);
    }
    struct pty_paint slow = pty_press(p, "s", 5, PATIENCE);
    assert_true(slow.paint_ms >= 300 && slow.paint_ms < 1500);
    pty_signal(p, SIGSTOP);
    struct pty_paint frozen = pty_press(p, "j", 5, 200);
    assert_false(frozen.painted);
    assert_true(frozen.first_ms < 0 && frozen.paint_ms < 0);
    pty_signal(p, SIGCONT);
    assert_true(pty_wait(p, "key j", PATIENCE));
    pty_free(p);
}

static void descendants_and_memory_are_seen(void **state)
{
    (void)state;
    struct pty *p = puppet();
    struct proc family[8];
    assert_int_equal(proc_descendants(pty_pid(p), family, COUNT_OF(family)), 0);
    long before = proc_memory_kb(pty_pid(p), "RssAnon");
    assert_true(before > 0);
    pty_send(p, "fm");
    assert_true(pty_wait(p, "key m", PATIENCE));
    assert_int_equal(proc_descendants(pty_pid(p), family, COUNT_OF(family)), 1);
    assert_true(proc_alive(family[0]));
    assert_true(proc_memory_kb(pty_pid(p), "RssAnon") >= before + 20000);
    assert_true(proc_cpu_ms(pty_pid(p)) >= 0);
    assert_true(proc_fds(pty_pid(p)) >= 3);
    char command[200];
    assert_non_null(strstr(proc_command(pty_pid(p), command, sizeof(command)), "puppet"));
    struct proc self = proc_of(pty_pid(p));
    assert_true(proc_alive(self));
    pty_free(p);
    assert_true(proc_wait_gone(family, 1, PATIENCE));
    assert_false(proc_alive(self));
    assert_int_equal(proc_memory_kb(self.pid, "RssAnon"), -1);
}

static void a_hang_up_ends_the_program(void **state)
{
    (void)state;
    struct pty *p = puppet();
    pty_hangup(p);
    int status;
    assert_true(pty_wait_exit(p, PATIENCE, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
    pty_free(p);
}

static void every_byte_is_logged(void **state)
{
    (void)state;
    char path[] = "/tmp/pty-log-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    const char *argv[] = {"sh", "-c", "printf 'a\\033[1mb'", NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv, .log = path});
    assert_int_equal(exit_code(p), 0);
    pty_free(p);
    char bytes[16];
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 6);
    assert_memory_equal(bytes, "a\x1b[1mb", 6);
    close(fd);
    unlink(path);
}

static void suspending_under_a_shell_works(void **state)
{
    (void)state;
    const char *argv[] = {"bash", "--norc", "--noprofile", "-i", NULL};
    const char *env[] = {"PS1=$ ", "HISTFILE=", NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv, .env = env});
    assert_true(pty_wait(p, "$", PATIENCE));
    char start[200];
    snprintf(start, sizeof(start), "%s/tests/pty/puppet\r", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    pty_write(p, start, strlen(start));
    assert_true(pty_wait(p, "ready", PATIENCE));
    assert_true(
        pty_wait_quiet(p, 100, PATIENCE)); /* bash may still be handing the terminal over, and lose a ^Z */
    pty_send(p, "<C-z>");
    assert_true(pty_wait(p, "Stopped", PATIENCE));
    assert_false(pty_mode(p, 1049));
    struct proc family[4];
    assert_int_equal(proc_descendants(pty_pid(p), family, COUNT_OF(family)), 1);
    assert_int_equal(proc_state(family[0].pid), 'T');
    pty_send(p, "fg<Enter>");
    assert_true(pty_wait(p, "item 00", PATIENCE));
    assert_true(pty_mode(p, 1049));
    pty_free(p);
    assert_true(proc_wait_gone(family, 1, PATIENCE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_exit_status_arrive),
        cmocka_unit_test(a_missing_program_says_so),
        cmocka_unit_test(the_environment_is_changed),
        cmocka_unit_test(cells_have_colours_and_attributes),
        cmocka_unit_test(wide_and_combined_characters_keep_their_columns),
        cmocka_unit_test(repeated_characters_are_spelt_out),
        cmocka_unit_test(named_keys_are_what_curses_reads),
        cmocka_unit_test(the_mouse_points),
        cmocka_unit_test(a_mouse_nobody_asked_for_is_silent),
        cmocka_unit_test(paste_is_bracketed_when_asked_for),
        cmocka_unit_test(resizing_reaches_the_program),
        cmocka_unit_test(questions_to_the_terminal_are_answered),
        cmocka_unit_test(a_clean_leave_restores_the_terminal),
        cmocka_unit_test(a_crash_is_seen_with_its_signal),
        cmocka_unit_test(a_terminal_left_in_disorder_is_noticed),
        cmocka_unit_test(waiting_ends_at_its_deadline),
        cmocka_unit_test(quiet_is_quiet),
        cmocka_unit_test(paint_is_timed),
        cmocka_unit_test(descendants_and_memory_are_seen),
        cmocka_unit_test(a_hang_up_ends_the_program),
        cmocka_unit_test(every_byte_is_logged),
        cmocka_unit_test(suspending_under_a_shell_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
