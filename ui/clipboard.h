/* The way to the user's clipboard: through tmux when we run inside it, else through the terminal (OSC 52).
 * Neither tells whether it worked, so nobody here says "copied". */
#ifndef UI_CLIPBOARD_H
#define UI_CLIPBOARD_H

#include "base/buf.h"

#include <stdbool.h>

/* Appends to `out` what the terminal is to be sent, if anything, and says in words what was done, or why
 * nothing was. */
bool clipboard_send(const char *bytes, size_t len, struct buf *out, char *words, size_t size);

#endif
