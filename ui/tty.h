/* What there is to know and to set about the terminal without curses. */
#ifndef UI_TTY_H
#define UI_TTY_H

#include "base/err.h"
#include "ui/canvas.h"

#include <stdbool.h>
#include <termios.h>

enum { TTY_ROWS_MOST = 500, TTY_COLUMNS_MOST = 1000 }; /* a window size is only a number that somebody sent */

/* False, with a sentence, when stdin or stdout is no terminal or TERM is not set. */
bool tty_check(struct err *err) MUST_CHECK;
/* The sentence for a TERM that curses does not know, or that cannot place a cursor. Always false. */
bool tty_refuse(bool known, struct err *err);
/* No echo, no lines, no signals from keys, no flow control, nothing done to output. */
void tty_make_raw(struct termios *modes);
void tty_size(int *rows, int *columns);         /* 24x80 when it does not say; never beyond the most */
bool tty_hung_up(void);                         /* stdin can be read, but nothing comes: its end */
bool tty_in_background(void);                   /* another process group has the terminal, a shell's perhaps */
void tty_stop(void);                            /* stops our process group, until SIGCONT */
/* Which of our own glyphs TERM's font can be trusted with: on a console or a VT none, unless the user vouches
 * for it. */
enum glyphs tty_glyphs(enum text_mode mode, bool braille, bool vouched);
/* False on the Linux console: there curses would look for a daemon, gpm, whose fd nobody here watches. */
bool tty_sends_mouse(void);
bool tty_marks_paste(void);                     /* TERM is a kind that knows bracketed paste */

#endif
