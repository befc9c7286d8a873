/* A program in a real pseudo-terminal, and the screen that a person would see, read cell by cell through
 * libvterm. For tests and benchmarks. Rows and columns count from 0. Every wait has a deadline in
 * milliseconds; a wait that fails prints the screen and what it waited for on stderr. Strings that are
 * returned belong to the pty and last until the next call of the same function, or of any that reads the
 * terminal. Times are CLOCK_MONOTONIC. One thread. */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pty;

struct pty_start {
    const char *const *argv;    /* ends with NULL; argv[0] is looked up in PATH when it has no slash */
    int rows, cols;             /* 0: 24 and 80 */
    const char *const *env;     /* ends with NULL: "NAME=value" sets, "NAME" removes; NULL: no change. TERM is
                                   xterm-256color and LC_ALL C.UTF-8 before, LINES and COLUMNS are not set */
    const char *cwd;            /* NULL: the test's own */
    const char *log;            /* file that gets every byte the program writes; NULL: none */
};

/* Never returns NULL: a test that has no pty ends here with a message. A program that cannot be started exits
 * with 127 and says why on its screen. It gets SIGKILL when the test dies. */
struct pty *pty_start(const struct pty_start *how);
void pty_free(struct pty *p);   /* kills the program and its descendants, and reaps it; NULL is allowed */

/* Reading. Nothing is read between calls: a program whose terminal nobody reads blocks, as on a bad line. */
bool pty_pump(struct pty *p, int ms);       /* waits for output and takes all there is; false: none came */
bool pty_settle(struct pty *p, int ms);     /* pumps for the whole time; true: something came */

/* Keys: plain text, and names in angle brackets: <Enter> <Esc> <Tab> <S-Tab> <Space> <BS> <Del> <Ins> <Up>
 * <Down> <Left> <Right> <Home> <End> <PgUp> <PgDn> <F1>..<F12> <C-x> <M-x> <lt>; <Click:ROW,COL>
 * <RightClick:R,C> <Press:R,C> <Release:R,C> <WheelUp:R,C> <WheelDown:R,C>; <Paste> and </Paste> around
 * pasted text; <Focus> <Blur>. Keys and mouse are coded as the modes that the program has set ask for; a
 * mouse that the program did not ask for, sends nothing. An unknown name ends the test. */
void pty_send(struct pty *p, const char *keys);
void pty_write(struct pty *p, const void *bytes, size_t n);     /* as they are */

/* The screen, in UTF-8, wide characters once, no blanks at the end of a row. */
const char *pty_row(struct pty *p, int row);
const char *pty_text(struct pty *p);                /* all rows, each ending with a newline */
bool pty_find(struct pty *p, const char *text, int *row, int *col); /* the first; row, col may be NULL */
void pty_print(struct pty *p, const char *why);     /* the screen on stderr */
void pty_size(struct pty *p, int *rows, int *cols);
void pty_cursor(struct pty *p, int *row, int *col);
bool pty_cursor_shown(struct pty *p);

enum { PTY_COLOUR_DEFAULT = -1, PTY_COLOUR_RGB = 0x1000000 };   /* else 0..255, or RGB | 0xrrggbb */

struct pty_cell {
    char text[32];              /* UTF-8 with its combining marks; a blank is " " */
    int width;                  /* 1 or 2 */
    int fg, bg;
    bool bold, reverse, underline, italic, blink;   /* dim is not known to libvterm */
};
struct pty_cell pty_cell(struct pty *p, int row, int col);

/* Waiting; true when it came in time. */
bool pty_wait(struct pty *p, const char *text, int ms) MUST_CHECK;
bool pty_wait_regex(struct pty *p, const char *regex, int ms) MUST_CHECK;   /* POSIX extended, by rows */
bool pty_wait_gone(struct pty *p, const char *text, int ms) MUST_CHECK;
bool pty_wait_quiet(struct pty *p, int quiet_ms, int ms) MUST_CHECK;        /* no byte for quiet_ms */
bool pty_wait_exit(struct pty *p, int ms, int *status) MUST_CHECK;  /* as from waitpid; may be NULL */
bool pty_running(struct pty *p);

/* What came. */
size_t pty_mark(struct pty *p);                                 /* bytes received so far, without reading */
const char *pty_bytes(struct pty *p, size_t mark, size_t *n);   /* raw, from a mark on */
int64_t pty_byte_us(struct pty *p);                             /* when the last byte came; 0: never */
int64_t pty_now_us(void);

struct pty_paint {
    bool painted;               /* the screen or its cursor changed at all */
    double first_ms;            /* from the key to the first byte; < 0: none */
    double paint_ms;            /* from the key to the last change before quiet_ms of silence; < 0: none */
    size_t bytes;
};
/* Sends keys and watches how long the screen takes to follow. */
struct pty_paint pty_press(struct pty *p, const char *keys, int quiet_ms, int timeout_ms);

/* The terminal itself. */
void pty_resize(struct pty *p, int rows, int cols);
bool pty_mode(struct pty *p, int mode);     /* DEC private mode as last set: 1049 other screen, 25 cursor.. */
const char *pty_stty(struct pty *p);        /* the terminal's settings as text, for comparing: `stty -g` */
const char *pty_stty_at_start(struct pty *p);
bool pty_restored(struct pty *p);   /* settings as at the start, modes off, cursor on; prints what is not */
void pty_hangup(struct pty *p);     /* the terminal is gone, as when an SSH connection breaks */

/* The process. */
pid_t pty_pid(struct pty *p);
void pty_signal(struct pty *p, int sig);

#endif
