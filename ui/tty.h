/* What there is to know and to set about the terminal without curses. */
#ifndef UI_TTY_H
#define UI_TTY_H

#include "base/err.h"

#include <stdbool.h>
#include <termios.h>

enum { TTY_ROWS_MOST = 500, TTY_COLUMNS_MOST = 1000 };     /* a window size is only a number that somebody sent */

/* False, with a sentence, when stdin or stdout is no terminal or TERM cannot place a cursor. */
bool tty_check(struct err *err) MUST_CHECK;
/* No echo, no lines, no signals from keys, no flow control, nothing done to output. */
void tty_make_raw(struct termios *modes);
void tty_size(int *rows, int *columns);         /* 24x80 when it does not say; never beyond the most */
bool tty_hung_up(void);                         /* stdin can be read, but nothing comes: its end */
bool tty_is_plain(void);                        /* TERM is a console or a VT: our own glyphs may be missing */
bool tty_marks_paste(void);                     /* TERM is a kind that knows bracketed paste */

#endif
