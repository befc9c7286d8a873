/* A program in a pseudo-terminal: starting it, reading it, waiting for it, ending it. */
#include "tests/pty/pty.h"

#include "base/mem.h"
#include "tests/pty/proc.h"
#include "tests/pty/state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <utmp.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DESCENDANTS_MAX 256
#define WRITE_PATIENCE_MS 2000

int64_t pty_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static NORETURN void give_up(const char *what)
{
    fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* ---- what libvterm tells us ---- */

static void on_output(const char *bytes, size_t n, void *user)
{
    struct pty *p = user;
    buf_add(&p->reply, bytes, n);
}

static int note_change(struct pty *p)
{
    p->changes++;
    p->changed_us = p->byte_us;
    return 1;
}

static int on_damage(VTermRect rect, void *user)
{
    (void)rect;
    return note_change(user);
}

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct pty *p = user;
    (void)visible;
    return pos.row != old.row || pos.col != old.col ? note_change(p) : 1;
}

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
    struct pty *p = user;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        p->cursor_shown = value->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {
    .damage = on_damage,
    .movecursor = on_cursor,
    .settermprop = on_property,
};

static void open_screen(struct pty *p, int rows, int cols)
{
    p->vt = vterm_new(rows, cols);
    vterm_set_utf8(p->vt, 1);
    vterm_output_set_callback(p->vt, on_output, p);
    p->state = vterm_obtain_state(p->vt);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    p->cursor_shown = true;
    vterm_screen_reset(p->screen, 1);
}

/* ---- starting ---- */

static void child_environment(const char *const *env)
{
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LINES");
    unsetenv("COLUMNS");
    for (; env && *env; env++) {
        const char *equals = strchr(*env, '=');
        if (!equals) {
            unsetenv(*env);
            continue;
        }
        char *name = mem_bytes(*env, (size_t)(equals - *env));
        setenv(name, equals + 1, 1);
        free(name);
    }
}

static NORETURN void run_child(const struct pty_start *how, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    close_range(3, ~0U, 0);
    if (how->cwd && chdir(how->cwd) < 0) {
        fprintf(stderr, "pty: cannot enter %s: %s\n", how->cwd, strerror(errno));
        _exit(127);
    }
    child_environment(how->env);
    execvp(how->argv[0], (char *const *)how->argv);
    fprintf(stderr, "pty: cannot start %s: %s\n", how->argv[0], strerror(errno));
    _exit(127);
}

struct pty *pty_start(const struct pty_start *how)
{
    struct pty *p = mem_new(sizeof(*p));
    struct winsize size = {.ws_row = (unsigned short)(how->rows ? how->rows : 24),
                           .ws_col = (unsigned short)(how->cols ? how->cols : 80)};
    pid_t parent = getpid();
    int slave;
    fflush(NULL);
    if (openpty(&p->master, &slave, NULL, NULL, &size) < 0)
        give_up("cannot open a pseudo-terminal");
    fcntl(p->master, F_SETFD, FD_CLOEXEC);
    /* Before there is a child, which may change the settings at once. */
    snprintf(p->stty_at_start, sizeof(p->stty_at_start), "%s", pty_stty(p));
    p->pid = fork();
    if (p->pid < 0)
        give_up("cannot start a process");
    if (p->pid == 0) {
        login_tty(slave);
        if (proc_let_look())
            run_child(how, parent);
        _exit(126);
    }
    close(slave);
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    open_screen(p, size.ws_row, size.ws_col);
    if (how->log && !(p->log = fopen(how->log, "we")))
        give_up(how->log);
    return p;
}

/* ---- reading ---- */

static bool read_all(struct pty *p)
{
    char bytes[16384];
    bool any = false;
    while (!p->eof && p->master >= 0) {
        ssize_t n = read(p->master, bytes, sizeof(bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {           /* EIO: nobody holds the other side any more */
            p->eof = true;
            break;
        }
        any = true;
        p->byte_us = pty_now_us();
        buf_add(&p->raw, bytes, (size_t)n);
        if (p->log)
            fwrite(bytes, 1, (size_t)n, p->log);
        stream_feed(p, bytes, (size_t)n);
    }
    if (any)
        vterm_screen_flush_damage(p->screen);
    return any;
}

void pty_flush(struct pty *p)
{
    int64_t end = pty_now_us() + WRITE_PATIENCE_MS * 1000LL;
    while (p->reply.len && p->master >= 0 && !p->eof && pty_now_us() < end) {
        ssize_t n = write(p->master, p->reply.data, p->reply.len);
        if (n > 0) {
            buf_drop(&p->reply, (size_t)n);
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
        struct pollfd fd = {p->master, POLLIN | POLLOUT, 0};
        poll(&fd, 1, 50);
        read_all(p);
    }
    buf_clear(&p->reply);
}

bool pty_pump(struct pty *p, int ms)
{
    if (p->eof || p->master < 0)
        return false;
    struct pollfd fd = {p->master, POLLIN, 0};
    if (poll(&fd, 1, ms < 0 ? 0 : ms) <= 0)
        return false;
    bool any = read_all(p);
    if (p->reply.len)
        pty_flush(p);
    return any;
}

static void nap(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static int left_ms(int64_t end_us)
{
    int64_t left = (end_us - pty_now_us() + 999) / 1000;
    return left < 0 ? 0 : (int)left;
}

bool pty_settle(struct pty *p, int ms)
{
    int64_t end = pty_now_us() + ms * 1000LL;
    bool any = false;
    do {
        any = pty_pump(p, left_ms(end)) || any;
        if (p->eof)
            nap(left_ms(end));
    } while (left_ms(end));
    return any;
}

/* ---- waiting ---- */

static bool wait_for(struct pty *p, bool (*done)(struct pty *, const void *), const void *arg, int ms)
{
    int64_t end = pty_now_us() + ms * 1000LL;
    pty_pump(p, 0);
    while (!done(p, arg)) {
        if (!left_ms(end) || p->eof)
            return false;
        pty_pump(p, left_ms(end));
    }
    return true;
}

static bool told(struct pty *p, bool came, const char *what, const char *subject, int ms)
{
    if (!came) {
        char why[300];
        snprintf(why, sizeof(why), "waited %d ms for %s %s", ms, what, subject);
        pty_print(p, why);
    }
    return came;
}

static bool shows(struct pty *p, const void *text)
{
    return pty_find(p, text, NULL, NULL);
}

static bool shows_not(struct pty *p, const void *text)
{
    return !pty_find(p, text, NULL, NULL);
}

static bool matches(struct pty *p, const void *regex)
{
    return regexec(regex, pty_text(p), 0, NULL, 0) == 0;
}

bool pty_wait(struct pty *p, const char *text, int ms)
{
    return told(p, wait_for(p, shows, text, ms), "the text", text, ms);
}

bool pty_wait_gone(struct pty *p, const char *text, int ms)
{
    return told(p, wait_for(p, shows_not, text, ms), "the end of", text, ms);
}

bool pty_wait_regex(struct pty *p, const char *regex, int ms)
{
    regex_t compiled;
    if (regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
        fprintf(stderr, "pty: not a regular expression: %s\n", regex);
        exit(99);
    }
    bool came = wait_for(p, matches, &compiled, ms);
    regfree(&compiled);
    return told(p, came, "a match of", regex, ms);
}

bool pty_wait_quiet(struct pty *p, int quiet_ms, int ms)
{
    int64_t end = pty_now_us() + ms * 1000LL, since = pty_now_us();
    for (;;) {
        if (pty_pump(p, quiet_ms) && !p->eof)
            since = p->byte_us;
        else if (p->eof || pty_now_us() - since >= quiet_ms * 1000LL)
            return true;
        if (!left_ms(end))
            return told(p, false, "silence", "", ms);
    }
}

bool pty_running(struct pty *p)
{
    if (!p->exited && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
        p->exited = true;
    return !p->exited;
}

bool pty_wait_exit(struct pty *p, int ms, int *status)
{
    int64_t end = pty_now_us() + ms * 1000LL;
    while (pty_running(p) && left_ms(end)) {
        pty_pump(p, 1);
        if (p->eof || p->master < 0)
            nap(1);
    }
    if (p->exited)
        pty_settle(p, p->eof ? 0 : 20);     /* its last words may still be on their way */
    if (p->exited && status)
        *status = p->status;
    return told(p, p->exited, "the program", "to end", ms);
}

/* ---- what came ---- */

size_t pty_mark(struct pty *p)
{
    return p->raw.len;
}

const char *pty_bytes(struct pty *p, size_t mark, size_t *n)
{
    *n = mark < p->raw.len ? p->raw.len - mark : 0;
    return *n ? p->raw.data + mark : "";
}

int64_t pty_byte_us(struct pty *p)
{
    return p->byte_us;
}

struct pty_paint pty_press(struct pty *p, const char *keys, int quiet_ms, int timeout_ms)
{
    pty_pump(p, 0);
    struct pty_paint paint = {.first_ms = -1, .paint_ms = -1};
    uint64_t changes = p->changes;
    size_t mark = p->raw.len;
    int64_t start = pty_now_us(), end = start + timeout_ms * 1000LL;
    pty_send(p, keys);
    while (left_ms(end) && !p->eof) {
        bool came = pty_pump(p, paint.painted ? quiet_ms : left_ms(end));
        if (came && paint.first_ms < 0)
            paint.first_ms = (double)(p->byte_us - start) / 1000.0;
        if (!came && paint.painted)
            break;
        paint.painted = p->changes != changes;
    }
    if (paint.painted)
        paint.paint_ms = (double)(p->changed_us - start) / 1000.0;
    paint.bytes = p->raw.len - mark;
    return paint;
}

/* ---- the terminal and the process ---- */

void pty_resize(struct pty *p, int rows, int cols)
{
    pty_pump(p, 0);
    vterm_set_size(p->vt, rows, cols);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    if (p->master >= 0)
        ioctl(p->master, TIOCSWINSZ, &size);
}

/* Asking the master for the settings tells those of the program's side, also after the program's end. */
const char *pty_stty(struct pty *p)
{
    struct termios t;
    if (p->master < 0 || tcgetattr(p->master, &t) < 0)
        return "gone";
    int n = snprintf(p->stty, sizeof(p->stty), "%x:%x:%x:%x", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
    for (int i = 0; i < NCCS; i++)
        n += snprintf(p->stty + n, sizeof(p->stty) - (size_t)n, ":%x", t.c_cc[i]);
    return p->stty;
}

const char *pty_stty_at_start(struct pty *p)
{
    return p->stty_at_start;
}

bool pty_mode(struct pty *p, int mode)
{
    for (size_t i = 0; i < p->stream.nmodes; i++)
        if (p->stream.modes[i].mode == mode)
            return p->stream.modes[i].on;
    return mode == 25 || mode == 7;     /* on in a new terminal */
}

bool pty_restored(struct pty *p)
{
    static const int off[] = {1, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1034, 1047, 1049, 2004, 2026};
    bool good = true;
    for (size_t i = 0; i < COUNT_OF(off); i++)
        if (pty_mode(p, off[i])) {
            fprintf(stderr, "pty: mode %d was left on\n", off[i]);
            good = false;
        }
    if (!p->cursor_shown || !pty_mode(p, 25)) {
        fprintf(stderr, "pty: the cursor was left invisible\n");
        good = false;
    }
    if (strcmp(pty_stty(p), p->stty_at_start) != 0) {
        fprintf(stderr, "pty: settings were left changed:\n  start %s\n  now   %s\n", p->stty_at_start,
                pty_stty(p));
        good = false;
    }
    return good;
}

void pty_hangup(struct pty *p)
{
    if (p->master >= 0)
        close(p->master);
    p->master = -1;
}

pid_t pty_pid(struct pty *p)
{
    return p->pid;
}

void pty_signal(struct pty *p, int sig)
{
    if (pty_running(p))
        kill(p->pid, sig);
}

static void end_program(struct pty *p)
{
    struct proc family[DESCENDANTS_MAX];
    size_t n = p->exited ? 0 : proc_descendants(p->pid, family, COUNT_OF(family));
    if (pty_running(p)) {
        kill(p->pid, SIGKILL);
        waitpid(p->pid, &p->status, 0);
    }
    for (size_t i = 0; i < n; i++)
        if (proc_alive(family[i]))
            kill(family[i].pid, SIGKILL);
}

void pty_free(struct pty *p)
{
    if (!p)
        return;
    end_program(p);
    pty_hangup(p);
    vterm_free(p->vt);
    if (p->log)
        fclose(p->log);
    buf_free(&p->raw);
    buf_free(&p->reply);
    buf_free(&p->row);
    buf_free(&p->text);
    free(p);
}
