/* A small curses program with the needs of a console, for testing the instruments that look at one: a list
 * with a selection, mouse, paste, resize, colours, wide characters, children, memory, and several ways to
 * end. */
#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#define ITEMS  40
#define MEMORY (20 << 20)

static struct termios saved;
static const char leave[] = "\x1b[?1049l\x1b[?25h\x1b[0m\x1b[?1l\x1b>\x1b[?1000l\x1b[?1006l\x1b[?2004l";

/* Signal: the disposition is back to the default by then (SA_RESETHAND). */
static void on_crash(int sig)
{
    ssize_t n = write(STDOUT_FILENO, leave, sizeof(leave) - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    raise(n < 0 ? SIGKILL : sig);
}

/* putp() has a buffer of its own, which stdout's and curses' output would overtake. */
static void paste_mode(char onoff)
{
    printf("\x1b[?2004%c", onoff);
    fflush(stdout);
}

static void draw(int selected, const char *said)
{
    erase();
    mvprintw(0, 0, "puppet %dx%d", COLS, LINES);
    for (int i = 0; i < ITEMS && i + 2 < LINES - 1; i++) {
        attrset(i == selected ? A_REVERSE | A_BOLD : A_NORMAL);
        mvprintw(i + 2, 0, "item %02d", i);
    }
    attrset(COLOR_PAIR(1) | A_BOLD);
    mvaddstr(2, 20, "red");
    attrset(COLOR_PAIR(2) | A_UNDERLINE);
    mvaddstr(3, 20, "on blue");
    attrset(A_NORMAL);
    mvaddstr(4, 20, "[\xe4\xb8\xad\xe6\x96\x87][e\xcc\x81]");
    mvhline(5, 20, '=', COLS > 40 ? COLS - 40 : 1);
    mvaddstr(LINES - 1, 0, said);
    move(selected + 2, 0);
    refresh();
}

static void child_that_sleeps(void)
{
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
}

static void take_memory(void)
{
    static char *volatile kept;
    kept = malloc(MEMORY);
    if (kept)
        memset(kept, 1, MEMORY);
}

static void on_mouse(int *selected, char *said, size_t size)
{
    MEVENT e;
    if (getmouse(&e) != OK)
        return;
    snprintf(said, size, "mouse %lx at %d,%d", (unsigned long)e.bstate, e.y, e.x);
    if (e.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) && e.y >= 2 && e.y < ITEMS + 2)
        *selected = e.y - 2;
    if (e.bstate & BUTTON4_PRESSED && *selected > 0)
        --*selected;
    if (e.bstate & BUTTON5_PRESSED && *selected < ITEMS - 1)
        ++*selected;
}

static void hide_and_leave_at_once(void)
{
    curs_set(0);
    refresh();
    _exit(3);
}

static void on_resize(int sig)
{
    (void)sig;
}

/* SIGWINCH is let in here alone, so that none is lost between looking at the size and waiting for a key. */
static int next_key(void)
{
    nodelay(stdscr, TRUE);
    for (;;) {
        int key = getch();
        struct winsize size;
        if (key != ERR)
            return key;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && (size.ws_row != LINES || size.ws_col != COLS)) {
            resizeterm(size.ws_row, size.ws_col);
            return KEY_RESIZE;
        }
        sigset_t none;
        sigemptyset(&none);
        ppoll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, NULL, &none);
    }
}

/* False: leave. */
static bool obey(int key, int *selected, char *said, size_t size)
{
    snprintf(said, size, "key %s", keyname(key));
    if ((key == 'j' || key == KEY_DOWN) && *selected < ITEMS - 1)
        ++*selected;
    else if ((key == 'k' || key == KEY_UP) && *selected > 0)
        --*selected;
    else if (key == KEY_MOUSE)
        on_mouse(selected, said, size);
    else if (key == 'f')
        child_that_sleeps();
    else if (key == 'm')
        take_memory();
    else if (key == 'h')
        curs_set(0);
    else if (key == 's')
        napms(300);
    else if (key == 'e')
        snprintf(said, size, "\xe2\x80\xae reversed");
    else if (key == 'X')
        abort();
    else if (key == 'Z')
        hide_and_leave_at_once();
    return key != 'q';
}

int main(void)
{
    setlocale(LC_ALL, "");
    tcgetattr(STDIN_FILENO, &saved);
    sigset_t winch;
    sigemptyset(&winch);
    sigaddset(&winch, SIGWINCH);
    sigprocmask(SIG_BLOCK, &winch, NULL);
    sigaction(SIGWINCH, &(struct sigaction){.sa_handler = on_resize}, NULL);
    if (!newterm(NULL, stdout, stdin))
        return 2;
    sigaction(SIGABRT, &(struct sigaction){.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND}, NULL);
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    set_escdelay(25);
    start_color();
    use_default_colors();
    init_pair(1, COLOR_RED, -1);
    init_pair(2, -1, 21);
    mousemask(ALL_MOUSE_EVENTS, NULL);
    mouseinterval(0);
    paste_mode('h');

    int selected = 0;
    char said[80] = "ready";
    do
        draw(selected, said);
    while (obey(next_key(), &selected, said, sizeof(said)));
    paste_mode('l');
    endwin();
    return 7;
}
