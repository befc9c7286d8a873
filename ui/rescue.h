/* The terminal given back on the ways out that nobody planned: a crash, an abort, exit() from deep inside.
 * The one file with mutable globals, because a signal handler has nothing else to hold on to. */
#ifndef UI_RESCUE_H
#define UI_RESCUE_H

#include <stddef.h>
#include <termios.h>

/* From now on SEGV, BUS, ILL, FPE, ABRT, QUIT, TERM, INT, HUP and exit() write `bytes` (at most 512) to fd,
 * set the modes and then do what they always do. Loops that want TERM, INT and HUP for themselves take them
 * after this. */
void rescue_arm(int fd, const struct termios *modes, const char *bytes, size_t len);
void rescue_disarm(void);       /* the terminal has been given back already */

#endif
