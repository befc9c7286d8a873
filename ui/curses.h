/* The terminal: keys in, a canvas out. The only file with <curses.h> is curses.c.
 *
 * curses writes into memory, and an outlet passes the bytes on as the terminal takes them. So neither drawing
 * nor leaving ever waits for a slow line: while a picture is still on its way no other is made, and keys are
 * read all the same. */
#ifndef UI_CURSES_H
#define UI_CURSES_H

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/ui.h"

#include <stdbool.h>
#include <stddef.h>

struct terminal;

enum colour_choice {
    COLOUR_AUTO,        /* what the terminal can do, unless NO_COLOR is set */
    COLOUR_NEVER,
    COLOUR_ALWAYS       /* what the terminal can do, whatever NO_COLOR says */
};

enum text_choice {
    TEXT_BY_LOCALE,
    TEXT_FORCE_ASCII,
    TEXT_FORCE_UTF8 /* our own glyphs also where TERM makes one doubt the font; letters still go by the locale
                     */
};

struct terminal_setup {
    enum colour_choice colour;
    enum text_choice text;
    bool mouse;
    bool braille;       /* graphs in braille, where the font is trusted at all */
};

/* Takes over stdin and stdout. NULL when they are no terminal or TERM is of no use; err says what to do
 * instead. The program's status is then 2. Call setlocale() first. */
struct terminal *terminal_open(const struct terminal_setup *setup, struct err *err) MUST_CHECK;
void terminal_close(struct terminal *t);        /* gives the terminal back; NULL is fine */

struct terminal_about {
    enum text_mode mode;
    enum glyphs glyphs;
    int colours;        /* 0 (mono), 8, 16, 256 or 16777216 */
    int input;          /* the fd to watch for reading */
    bool mouse;         /* on now */
};
const struct terminal_about *terminal_about(const struct terminal *t);

enum event_kind { EVENT_KEY, EVENT_MOUSE, EVENT_PASTE, EVENT_GONE };

struct event {
    enum event_kind kind;
    uint32_t key;
    enum mouse_button button;
    int row, column;
    const char *bytes;          /* EVENT_PASTE: until the next call */
    size_t len;
};

/* The next event that has come in. false: none for now. EVENT_GONE: there is nobody at the other end any
 * more. */
bool terminal_read(struct terminal *t, struct event *event, int64_t now_us);

/* Asks the terminal for its size; true when it is another one than before. */
bool terminal_resize(struct terminal *t, int *rows, int *columns);
void terminal_size(const struct terminal *t, int *rows, int *columns);

/* Makes the picture and starts to send it. false: the one before is still on its way, try again later. */
bool terminal_show(struct terminal *t, const struct canvas *c, const struct theme *theme);
/* Sends on what waits. true: nothing waits. */
bool terminal_flush(struct terminal *t);
bool terminal_gone(const struct terminal *t);
uint64_t terminal_bytes(const struct terminal *t);      /* sent since the start */

void terminal_spoil(struct terminal *t);            /* the next picture is sent whole */
bool terminal_mouse(struct terminal *t, bool on);   /* returns whether it is on */
bool terminal_copy(struct terminal *t, const char *bytes, size_t len, char *words, size_t size);
/* Gives the terminal back, stops the process (the shell says "Stopped"), and takes it again after fg. Woken in the
 * background it leaves the terminal alone; it must not be read or drawn on then. */
void terminal_suspend(struct terminal *t);
void terminal_resume(struct terminal *t);           /* after a SIGCONT that was not ours */

#endif
