/* A pty, a small shell with job control, and a terminal of memory. */
#include "tests/screen/session.h"

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
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

static const char *const usual[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL};

double session_now(void)
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

struct session *session_start_with(const char *const *environment, int rows, int columns)
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

struct session *session_start(void)
{
    return session_start_with(usual, 24, 80);
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

size_t session_listen(struct session *s, double seconds)
{
    char bytes[4096];
    size_t sum = 0;
    for (double end = session_now() + seconds, left; (left = end - session_now()) > 0;) {
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

void session_expect(struct session *s, const char *part)
{
    for (double end = session_now() + 5; !shows(s, part);) {
        if (session_now() > end)
            fail_msg("\"%s\" does not appear", part);
        session_listen(s, 0.02);
    }
}

void session_type(struct session *s, const char *bytes)
{
    assert_int_equal(write(s->master, bytes, strlen(bytes)), strlen(bytes));
}

int session_reported(struct session *s, char kind)
{
    char c = 0;
    int value = 0;
    for (double end = session_now() + 5; session_now() < end;) {
        struct pollfd p = {.fd = s->report, .events = POLLIN};
        if (poll(&p, 1, 0) != 1) {
            session_listen(s, 0.01);
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

pid_t session_ready(struct session *s)
{
    pid_t job = session_reported(s, 'P');
    session_expect(s, "requests 0");
    return job;
}

void session_expect_restored(struct session *s)
{
    struct termios after = {0};
    char tail[sizeof(s->tail) + 1];
    session_listen(s, 0.05);
    assert_int_equal(tcgetattr(s->slave, &after), 0);
    assert_memory_equal(&after, &s->before, sizeof(after));
    memcpy(tail, s->tail, s->ntail);
    for (size_t i = 0; i <= s->ntail; i++)
        tail[i] = i == s->ntail ? '\0' : tail[i] ? tail[i] : ' ';
    assert_non_null(strstr(tail, "\033[?1049l"));
    assert_non_null(strstr(tail, "\033[?2004l"));
    assert_true(strstr(tail, "\033[?1006;1000l") || strstr(tail, "\033[?1006l"));
}

void session_end(struct session *s)
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
