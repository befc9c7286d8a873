/* The terminal below curses: is it one, how large, in which modes, and is anybody still there. */
#include "ui/tty.h"

#include "base/text.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char advice[] = "\"pgvigil report\" prints the same without a screen";

bool tty_check(struct err *err)
{
    const char *term = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, "The console needs a terminal on standard input and output; %s.", advice);
    return (term && term[0]) ||
           err_set(err, "TERM is not set: say what the terminal is, as in TERM=xterm-256color; %s.", advice);
}

bool tty_refuse(bool known, struct err *err)
{
    char name[64];
    const char *term = getenv("TERM");
    text_copy(name, sizeof(name), term, strlen(term), TEXT_ASCII);
    if (!known)
        return err_set(err,
                       "The terminal \"%s\" is not known here: try TERM=xterm-256color or TERM=vt100; %s.",
                       name, advice);
    return err_set(err, "The terminal \"%s\" cannot place its cursor, so nothing can be drawn on it; %s.",
                   name, advice);
}

void tty_make_raw(struct termios *modes)
{
    modes->c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    modes->c_oflag &= ~(tcflag_t)OPOST;
    modes->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    modes->c_cc[VMIN] = 1;
    modes->c_cc[VTIME] = 0;
}

static int within(int n, int otherwise, int most)
{
    return n < 1 ? otherwise : n > most ? most : n;
}

void tty_size(int *rows, int *columns)
{
    struct winsize size = {0};
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    *rows = within(size.ws_row, 24, TTY_ROWS_MOST);
    *columns = within(size.ws_col, 80, TTY_COLUMNS_MOST);
}

bool tty_hung_up(void)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    int bytes = 0;
    if (poll(&p, 1, 0) != 1)
        return false;
    return (p.revents & (POLLHUP | POLLERR | POLLNVAL)) || ioctl(STDIN_FILENO, FIONREAD, &bytes) != 0 ||
           bytes == 0;
}

bool tty_in_background(void)
{
    pid_t owner = tcgetpgrp(STDIN_FILENO);
    return owner > 0 && owner != getpgrp();
}

void tty_stop(void)
{
    struct sigaction before, plain = {.sa_handler = SIG_DFL};
    sigaction(SIGTSTP, &plain, &before);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &before, NULL);
}

enum glyphs tty_glyphs(enum text_mode mode, bool braille, bool vouched)
{
    const char *term = getenv("TERM");
    bool plain = strcmp(term, "linux") == 0 || strncmp(term, "vt", 2) == 0 || strcmp(term, "ansi") == 0;
    if (mode == TEXT_ASCII || (plain && !vouched))
        return GLYPHS_ASCII;
    return braille ? GLYPHS_BRAILLE : GLYPHS_BLOCKS;
}

bool tty_sends_mouse(void)
{
    return strncmp(getenv("TERM"), "linux", 5) != 0;
}

bool tty_marks_paste(void)
{
    static const char *const kinds[] = {"xterm", "screen", "tmux", "rxvt", "alacritty",
                                        "foot",  "kitty",  "st-",  "vte"};
    const char *term = getenv("TERM");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strncmp(term, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}
