/* The console on a real pty: what it writes, read through libvterm; every way in and every way out. */
#include "tests/screen/session.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- ways out ---- */

static const struct way {
    const char *name, *keys;
    int signo, status;
} ways[] = {
    {"q", "q", 0, 0},
    {"Q", "Q", 0, 0},
    {"control C", "\003", 0, 0},
    {":quit", ":quit\r", 0, 0},
    {"SIGTERM", NULL, SIGTERM, 128 + SIGTERM},
    {"SIGHUP", NULL, SIGHUP, 128 + SIGHUP},
    {"SIGINT", NULL, SIGINT, 128 + SIGINT},
    {"crash", "!", 0, 1000 + SIGSEGV},
    {"abort", NULL, SIGABRT, 1000 + SIGABRT},
    {"SIGQUIT", NULL, SIGQUIT, 1000 + SIGQUIT},
};

static void every_way_out_restores_the_terminal(void **state)
{
    (void)state;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct session *s = session_start();
        pid_t job = session_ready(s);
        if (ways[i].keys)
            session_type(s, ways[i].keys);
        else
            kill(job, ways[i].signo);
        int status = session_reported(s, 'E');
        if (status != ways[i].status)
            fail_msg("%s: status %d", ways[i].name, status);
        session_expect_restored(s);
        session_end(s);
    }
}

static void a_vanished_terminal_ends_the_program_at_once(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    double then = session_now();
    close(s->slave);
    close(s->master);
    s->master = open("/dev/null", O_RDONLY);
    s->slave = open("/dev/null", O_RDONLY);
    int status = session_reported(s, 'E');
    assert_true(status == 128 + SIGHUP || status == 1000 + SIGHUP);
    assert_true(session_now() - then < 1);
    session_end(s);
}

static void suspending_gives_back_and_takes_again(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    session_type(s, "jj");
    session_expect(s, "requests 2");
    for (int i = 0; i < 2; i++) {
        session_type(s, "\032");
        session_reported(s, 'S');
        session_expect_restored(s);
        struct winsize size = {.ws_row = 20, .ws_col = (unsigned short)(70 + i)};
        ioctl(s->master, TIOCSWINSZ, &size);
        vterm_set_size(s->vt, 20, 70 + i);
        assert_int_equal(write(s->order, "C", 1), 1);
        session_expect(s, i ? "size 71x20 requests 2" : "size 70x20 requests 2");
    }
    session_type(s, "q");
    assert_int_equal(session_reported(s, 'E'), 0);
    session_expect_restored(s);
    session_end(s);
}

/* ---- ways in ---- */

static void no_key_is_lost(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    for (int i = 0; i < 2000; i++) {
        session_type(s, i % 2 ? "j" : "\033OB");
        if (i % 7 == 0)
            session_listen(s, 0.001);
    }
    session_expect(s, "requests 2000");
    session_end(s);
}

static void keys_wait_for_a_terminal_that_takes_nothing(void **state)
{
    (void)state;
    struct session *s = session_start();
    pid_t job = session_ready(s);
    for (int i = 0; i < 600; i++) {
        struct winsize size = {.ws_row = (unsigned short)(20 + i % 2 * 20), .ws_col = 200};
        ioctl(s->master, TIOCSWINSZ, &size);        /* much to draw, and nobody reads it */
        session_type(s, "j");
        usleep(2000);
    }
    vterm_set_size(s->vt, 40, 200);
    session_expect(s, "size 200x40 requests 600");
    for (int i = 0; i < 200; i++) {
        struct winsize size = {.ws_row = (unsigned short)(20 + i % 2 * 20), .ws_col = 200};
        ioctl(s->master, TIOCSWINSZ, &size);
        usleep(2000);
    }
    double then = session_now();
    kill(job, SIGTERM);                             /* a blocked write would not notice */
    struct pollfd p = {.fd = s->report, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 2000), 1);
    assert_true(session_now() - then < 1);
    assert_int_equal(session_reported(s, 'E'), 128 + SIGTERM);
    session_end(s);
}

static void pasted_keys_are_text(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    session_type(s, "\033[200~qQ\003jj\r\033[201~");
    session_expect(s, "Pasted text was dropped");
    session_type(s, "j");
    session_expect(s, "requests 1");
    session_type(s, ":\033[200~abc\nd\033[201~");
    session_expect(s, ":abc d");
    session_type(s, "\033");
    session_end(s);
}

static void the_mouse_clicks_and_lets_go(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    session_type(s, "\033[<0;3;6M\033[<0;3;6m");
    session_expect(s, "clicks 1");
    session_type(s, "\033[<65;3;6M");
    session_expect(s, "requests 3");
    session_type(s, "M");
    session_expect(s, "The mouse is the terminal's");
    session_listen(s, 0.05);
    assert_non_null(memmem(s->tail, s->ntail, "1000l", 5));
    session_end(s);
}

static void storms_of_sizes_end_in_the_right_picture(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    for (int i = 0; i < 300; i++) {
        struct winsize size = {.ws_row = (unsigned short)(1 + i * 7 % 60),
                               .ws_col = (unsigned short)(1 + i * 13 % 230)};
        ioctl(s->master, TIOCSWINSZ, &size);
        session_listen(s, 0.001);
    }
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    ioctl(s->master, TIOCSWINSZ, &size);
    vterm_set_size(s->vt, 30, 100);
    session_type(s, "\014");
    session_expect(s, "size 100x30");
    session_end(s);
}

/* ---- quiet, colours, letters ---- */

static void nothing_new_costs_nothing(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    session_listen(s, 0.3);
    assert_int_equal(session_listen(s, 2.5), 0);
    session_type(s, "j");
    size_t bytes = session_listen(s, 0.3);
    if (bytes == 0 || bytes > 40)
        fail_msg("one changed digit cost %zu bytes", bytes);
    session_end(s);
}

static void flags_of_the_terminal_stay(void **state)
{
    (void)state;
    struct session *s = session_start();
    session_ready(s);
    assert_int_equal(fcntl(s->slave, F_GETFL) & O_NONBLOCK, 0);
    session_end(s);
}

static void the_cursor_is_on_the_row(void **state)
{
    (void)state;
    VTermPos at;
    struct session *s = session_start();
    session_ready(s);
    session_listen(s, 0.1);
    vterm_state_get_cursorpos(vterm_obtain_state(s->vt), &at);
    assert_int_equal(at.row, 3);
    assert_int_equal(at.col, 0);
    session_end(s);
}

static const struct kind {
    const char *environment[4];
    const char *shown;
    const char *never, *once;       /* bytes; NULL: whatever */
} kinds[] = {
    {{"TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", NULL, "38;5;"},
    {{"TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1", NULL}, "‼ é 日本 ▅", "38;5;", NULL},
    {{"TERM=xterm-256color", "LC_ALL=C", NULL}, "# <U+00E9>", "\xe2", NULL},
    {{"TERM=linux", "LC_ALL=C.UTF-8", NULL}, "# é 日本 +", "38;5;", "\033[31m"},
    {{"TERM=screen", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", "38;5;", NULL},
    {{"TERM=tmux-256color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", NULL, "38;5;"},
    {{"TERM=vt100", "LC_ALL=C", NULL}, "# <U+00E9>", "\033[31m", NULL},
    {{"TERM=xterm-16color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", "38;5;", "\033[91m"},
};

static void each_terminal_gets_what_it_can_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct session *s = session_start_with(kinds[i].environment, 24, 80);
        const char *name = kinds[i].environment[0];
        session_ready(s);
        session_expect(s, kinds[i].shown);
        session_listen(s, 0.1);
        if (kinds[i].never && memmem(s->tail, s->ntail, kinds[i].never, strlen(kinds[i].never)))
            fail_msg("%s: sends what it must not", name);
        if (kinds[i].once && !memmem(s->tail, s->ntail, kinds[i].once, strlen(kinds[i].once)))
            fail_msg("%s: does not send %s", name, kinds[i].once + (kinds[i].once[0] == '\033'));
        if (memmem(s->tail, s->ntail, "\033]4;", 4))
            fail_msg("%s: changes the palette", name);
        session_type(s, "q");
        assert_int_equal(session_reported(s, 'E'), 0);
        session_end(s);
    }
}

/* curses keeps what it allocated for a terminal that it then refused. */
#define LEAKS "ASAN_OPTIONS=detect_leaks=0"

static const struct refusal {
    const char *environment[3];
    const char *sentence;
} refusals[] = {
    {{LEAKS, NULL}, "TERM is not set"},
    {{"TERM=", LEAKS, NULL}, "TERM is not set"},
    {{"TERM=dumb", LEAKS, NULL}, "cannot place its cursor"},
    {{"TERM=no-such-thing", LEAKS, NULL}, "\"no-such-thing\" is not known here"},
    {{"TERM=evil\033]0;x\a", LEAKS, NULL}, "is not known here"},
};

static void useless_terminals_are_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct session *s = session_start_with(refusals[i].environment, 24, 200);
        session_reported(s, 'P');
        assert_int_equal(session_reported(s, 'E'), 2);
        session_expect(s, refusals[i].sentence);
        session_expect(s, "pgvigil report");
        assert_null(memmem(s->tail, s->ntail, "\033]0", 3));
        session_end(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_out_restores_the_terminal),
        cmocka_unit_test(a_vanished_terminal_ends_the_program_at_once),
        cmocka_unit_test(suspending_gives_back_and_takes_again),
        cmocka_unit_test(no_key_is_lost),
        cmocka_unit_test(keys_wait_for_a_terminal_that_takes_nothing),
        cmocka_unit_test(pasted_keys_are_text),
        cmocka_unit_test(the_mouse_clicks_and_lets_go),
        cmocka_unit_test(storms_of_sizes_end_in_the_right_picture),
        cmocka_unit_test(nothing_new_costs_nothing),
        cmocka_unit_test(flags_of_the_terminal_stay),
        cmocka_unit_test(the_cursor_is_on_the_row),
        cmocka_unit_test(each_terminal_gets_what_it_can_show),
        cmocka_unit_test(useless_terminals_are_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
