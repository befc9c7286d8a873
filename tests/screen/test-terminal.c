/* The console on a real pty: what it writes, read through libvterm; every way in and every way out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
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
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include <cmocka.h>

struct session {
    pid_t pid;                  /* of a small shell that runs the console in a job of its own */
    int master, slave;
    int report;                 /* the shell says: 'S' it stopped, 'E' and a status: it ended */
    int order;                  /* told 'C': go on */
    VTerm *vt;
    VTermScreen *screen;
    struct termios before;
    size_t bytes;               /* read since the start */
    char tail[4096];            /* the last ones */
    size_t ntail;
};

static const char *const usual[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs the console as a shell would: its own process group, in the foreground. */
static void be_shell(int report, int order, const char *const *environment)
{
    char program[512];
    signal(SIGTTOU, SIG_IGN);
    snprintf(program, sizeof(program), "%s/tests/screen/console", getenv("BUILDDIR"));
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(0, getpid());
        signal(SIGTTOU, SIG_DFL);
        close(report);
        close(order);
        execle(program, "console", (char *)NULL, environment);
        _exit(126);
    }
    setpgid(job, job);
    signal(SIGHUP, SIG_IGN);
    dprintf(report, "P%d ", (int)job);
    for (int status; waitpid(job, &status, WUNTRACED) == job;) {
        char c;
        if (!WIFSTOPPED(status)) {
            dprintf(report, "E%d ", WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
            break;
        }
        tcsetpgrp(0, getpgrp());
        dprintf(report, "S");
        if (read(order, &c, 1) != 1)
            break;
        tcsetpgrp(0, job);
        kill(-job, SIGCONT);
    }
    _exit(0);
}

static struct session *start_with(const char *const *environment, int rows, int columns)
{
    struct session *s = test_calloc(1, sizeof(*s));
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    int report[2], order[2];
    assert_int_equal(openpty(&s->master, &s->slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(s->slave, &s->before), 0);
    assert_int_equal(pipe(report) + pipe(order), 0);
    s->pid = fork();
    if (s->pid == 0) {
        close(s->master);
        close(report[0]);
        close(order[1]);
        login_tty(s->slave);
        be_shell(report[1], order[0], environment);
    }
    close(report[1]);
    close(order[0]);
    s->report = report[0];
    s->order = order[1];
    s->vt = vterm_new(rows, columns);
    vterm_set_utf8(s->vt, 1);
    s->screen = vterm_obtain_screen(s->vt);
    vterm_screen_enable_altscreen(s->screen, 1);
    vterm_screen_reset(s->screen, 1);
    return s;
}

static struct session *start(void)
{
    return start_with(usual, 24, 80);
}

static void keep_tail(struct session *s, const char *bytes, size_t n)
{
    if (n > sizeof(s->tail) / 2) {
        bytes += n - sizeof(s->tail) / 2;
        n = sizeof(s->tail) / 2;
    }
    if (s->ntail + n > sizeof(s->tail)) {
        memmove(s->tail, s->tail + sizeof(s->tail) / 2, s->ntail - sizeof(s->tail) / 2);
        s->ntail -= sizeof(s->tail) / 2;
    }
    memcpy(s->tail + s->ntail, bytes, n);
    s->ntail += n;
}

/* Reads for that long; returns the bytes that came. */
static size_t listen_for(struct session *s, double seconds)
{
    char bytes[4096];
    size_t sum = 0;
    for (double end = now() + seconds, left; (left = end - now()) > 0;) {
        struct pollfd p = {.fd = s->master, .events = POLLIN};
        if (poll(&p, 1, (int)(left * 1000) + 1) != 1)
            break;
        ssize_t n = read(s->master, bytes, sizeof(bytes));
        if (n <= 0)
            break;
        vterm_input_write(s->vt, bytes, (size_t)n);
        keep_tail(s, bytes, (size_t)n);
        sum += (size_t)n;
    }
    s->bytes += sum;
    return sum;
}

static void row_text(struct session *s, int row, char out[1024])
{
    int rows, columns;
    vterm_get_size(s->vt, &rows, &columns);
    VTermRect rect = {row, row + 1, 0, columns};
    size_t n = vterm_screen_get_text(s->screen, out, 1023, rect);
    out[n] = '\0';
}

static bool shows(struct session *s, const char *part)
{
    int rows, columns;
    char text[1024];
    vterm_get_size(s->vt, &rows, &columns);
    for (int row = 0; row < rows; row++) {
        row_text(s, row, text);
        if (strstr(text, part))
            return true;
    }
    return false;
}

static void expect(struct session *s, const char *part)
{
    for (double end = now() + 5; !shows(s, part);) {
        if (now() > end)
            fail_msg("\"%s\" does not appear", part);
        listen_for(s, 0.02);
    }
}

static void type(struct session *s, const char *bytes)
{
    assert_int_equal(write(s->master, bytes, strlen(bytes)), strlen(bytes));
}

/* A word of the shell's report, within five seconds. The terminal is read meanwhile. */
static int reported(struct session *s, char kind)
{
    char c = 0;
    int value = 0;
    for (double end = now() + 5; now() < end;) {
        struct pollfd p = {.fd = s->report, .events = POLLIN};
        if (poll(&p, 1, 0) != 1) {
            listen_for(s, 0.01);
            continue;
        }
        if (read(s->report, &c, 1) != 1)
            break;
        if (c >= '0' && c <= '9')
            value = value * 10 + c - '0';
        else if (c == ' ' && kind != 'S')
            return value;
        else if (c == kind && kind == 'S')
            return 0;
    }
    fail_msg("the shell does not report %c", kind);
    return -1;
}

static pid_t ready(struct session *s)
{
    pid_t job = reported(s, 'P');
    expect(s, "requests 0");
    return job;
}

static void expect_restored(struct session *s)
{
    struct termios after = {0};
    char tail[sizeof(s->tail) + 1];
    listen_for(s, 0.05);
    assert_int_equal(tcgetattr(s->slave, &after), 0);
    assert_memory_equal(&after, &s->before, sizeof(after));
    memcpy(tail, s->tail, s->ntail);
    for (size_t i = 0; i <= s->ntail; i++)
        tail[i] = i == s->ntail ? '\0' : tail[i] ? tail[i] : ' ';
    assert_non_null(strstr(tail, "\033[?1049l"));
    assert_non_null(strstr(tail, "\033[?2004l"));
    assert_true(strstr(tail, "\033[?1006;1000l") || strstr(tail, "\033[?1006l"));
}

static void end(struct session *s)
{
    int status;
    close(s->order);
    close(s->master);
    close(s->slave);
    close(s->report);
    waitpid(s->pid, &status, 0);
    vterm_free(s->vt);
    test_free(s);
}

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
        struct session *s = start();
        pid_t job = ready(s);
        if (ways[i].keys)
            type(s, ways[i].keys);
        else
            kill(job, ways[i].signo);
        int status = reported(s, 'E');
        if (status != ways[i].status)
            fail_msg("%s: status %d", ways[i].name, status);
        expect_restored(s);
        end(s);
    }
}

static void a_vanished_terminal_ends_the_program_at_once(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    double then = now();
    close(s->slave);
    close(s->master);
    s->master = open("/dev/null", O_RDONLY);
    s->slave = open("/dev/null", O_RDONLY);
    int status = reported(s, 'E');
    assert_true(status == 128 + SIGHUP || status == 1000 + SIGHUP);
    assert_true(now() - then < 1);
    end(s);
}

static void suspending_gives_back_and_takes_again(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    type(s, "jj");
    expect(s, "requests 2");
    for (int i = 0; i < 2; i++) {
        type(s, "\032");
        reported(s, 'S');
        expect_restored(s);
        struct winsize size = {.ws_row = 20, .ws_col = (unsigned short)(70 + i)};
        ioctl(s->master, TIOCSWINSZ, &size);
        vterm_set_size(s->vt, 20, 70 + i);
        assert_int_equal(write(s->order, "C", 1), 1);
        expect(s, i ? "size 71x20 requests 2" : "size 70x20 requests 2");
    }
    type(s, "q");
    assert_int_equal(reported(s, 'E'), 0);
    expect_restored(s);
    end(s);
}

/* ---- ways in ---- */

static void no_key_is_lost(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    for (int i = 0; i < 2000; i++) {
        type(s, i % 2 ? "j" : "\033OB");
        if (i % 7 == 0)
            listen_for(s, 0.001);
    }
    expect(s, "requests 2000");
    end(s);
}

static void keys_wait_for_a_terminal_that_takes_nothing(void **state)
{
    (void)state;
    struct session *s = start();
    pid_t job = ready(s);
    for (int i = 0; i < 600; i++) {
        struct winsize size = {.ws_row = (unsigned short)(20 + i % 2 * 20), .ws_col = 200};
        ioctl(s->master, TIOCSWINSZ, &size);        /* much to draw, and nobody reads it */
        type(s, "j");
        usleep(2000);
    }
    vterm_set_size(s->vt, 40, 200);
    expect(s, "size 200x40 requests 600");
    for (int i = 0; i < 200; i++) {
        struct winsize size = {.ws_row = (unsigned short)(20 + i % 2 * 20), .ws_col = 200};
        ioctl(s->master, TIOCSWINSZ, &size);
        usleep(2000);
    }
    double then = now();
    kill(job, SIGTERM);                             /* a blocked write would not notice */
    struct pollfd p = {.fd = s->report, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 2000), 1);
    assert_true(now() - then < 1);
    assert_int_equal(reported(s, 'E'), 128 + SIGTERM);
    end(s);
}

static void pasted_keys_are_text(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    type(s, "\033[200~qQ\003jj\r\033[201~");
    expect(s, "Pasted text was dropped");
    type(s, "j");
    expect(s, "requests 1");
    type(s, ":\033[200~abc\nd\033[201~");
    expect(s, ":abc d");
    type(s, "\033");
    end(s);
}

static void the_mouse_clicks_and_lets_go(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    type(s, "\033[<0;3;6M\033[<0;3;6m");
    expect(s, "clicks 1");
    type(s, "\033[<65;3;6M");
    expect(s, "requests 3");
    type(s, "M");
    expect(s, "The mouse is the terminal's");
    listen_for(s, 0.05);
    assert_non_null(memmem(s->tail, s->ntail, "1000l", 5));
    end(s);
}

static void storms_of_sizes_end_in_the_right_picture(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    for (int i = 0; i < 300; i++) {
        struct winsize size = {.ws_row = (unsigned short)(1 + i * 7 % 60), .ws_col = (unsigned short)(1 + i * 13 % 230)};
        ioctl(s->master, TIOCSWINSZ, &size);
        listen_for(s, 0.001);
    }
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    ioctl(s->master, TIOCSWINSZ, &size);
    vterm_set_size(s->vt, 30, 100);
    type(s, "\014");
    expect(s, "size 100x30");
    end(s);
}

/* ---- quiet, colours, letters ---- */

static void nothing_new_costs_nothing(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    listen_for(s, 0.3);
    assert_int_equal(listen_for(s, 2.5), 0);
    type(s, "j");
    size_t bytes = listen_for(s, 0.3);
    if (bytes == 0 || bytes > 40)
        fail_msg("one changed digit cost %zu bytes", bytes);
    end(s);
}

static void flags_of_the_terminal_stay(void **state)
{
    (void)state;
    struct session *s = start();
    ready(s);
    assert_int_equal(fcntl(s->slave, F_GETFL) & O_NONBLOCK, 0);
    end(s);
}

static void the_cursor_is_on_the_row(void **state)
{
    (void)state;
    VTermPos at;
    struct session *s = start();
    ready(s);
    listen_for(s, 0.1);
    vterm_state_get_cursorpos(vterm_obtain_state(s->vt), &at);
    assert_int_equal(at.row, 3);
    assert_int_equal(at.col, 0);
    end(s);
}

static const struct kind {
    const char *environment[4];
    const char *shown;
    const char *never, *once;       /* bytes; NULL: whatever */
} kinds[] = {
    {{"TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", NULL, "38;5;"},
    {{"TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1", NULL}, "‼ é 日本 ▅", "38;5;", NULL},
    {{"TERM=xterm-256color", "LC_ALL=C", NULL}, "# <U+00E9>", "\xe2", NULL},
    {{"TERM=linux", "LC_ALL=C.UTF-8", NULL}, "# é 日本 +", "38;5;", "\033[1m\033[31m"},
    {{"TERM=screen", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", "38;5;", NULL},
    {{"TERM=tmux-256color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", NULL, "38;5;"},
    {{"TERM=vt100", "LC_ALL=C", NULL}, "# <U+00E9>", "\033[3", NULL},
    {{"TERM=xterm-16color", "LC_ALL=C.UTF-8", NULL}, "‼ é 日本 ▅", "38;5;", "\033[91m"},
};

static void each_terminal_gets_what_it_can_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct session *s = start_with(kinds[i].environment, 24, 80);
        const char *name = kinds[i].environment[0];
        ready(s);
        expect(s, kinds[i].shown);
        listen_for(s, 0.1);
        if (kinds[i].never && memmem(s->tail, s->ntail, kinds[i].never, strlen(kinds[i].never)))
            fail_msg("%s: sends what it must not", name);
        if (kinds[i].once && !memmem(s->tail, s->ntail, kinds[i].once, strlen(kinds[i].once)))
            fail_msg("%s: does not send %s", name, kinds[i].once + (kinds[i].once[0] == '\033'));
        if (memmem(s->tail, s->ntail, "\033]4;", 4))
            fail_msg("%s: changes the palette", name);
        type(s, "q");
        assert_int_equal(reported(s, 'E'), 0);
        end(s);
    }
}

static const struct refusal {
    const char *environment[2];
    const char *sentence;
} refusals[] = {
    {{"LC_ALL=C", NULL}, "TERM is not set"},
    {{"TERM=", NULL}, "TERM is not set"},
    {{"TERM=dumb", NULL}, "cannot place its cursor"},
    {{"TERM=no-such-thing", NULL}, "\"no-such-thing\" is not known here"},
    {{"TERM=evil\033]0;x\a", NULL}, "is not known here"},
};

static void useless_terminals_are_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct session *s = start_with(refusals[i].environment, 24, 200);
        reported(s, 'P');
        assert_int_equal(reported(s, 'E'), 2);
        expect(s, refusals[i].sentence);
        expect(s, "pgvigil report");
        assert_null(memmem(s->tail, s->ntail, "\033]0", 3));
        end(s);
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
