/* What the parts of the pty library share; tests include pty.h. */
#ifndef TESTS_PTY_STATE_H
#define TESTS_PTY_STATE_H

#include "base/buf.h"
#include "tests/pty/pty.h"

#include <stdio.h>
#include <vterm.h>

#define MODES_MAX 64

/* Between the program and libvterm: remembers DEC private modes and spells out REP (CSI n b), which
 * libvterm 0.1 does not know and ncurses uses. */
struct stream {
    int state;                  /* 0 text, 1 after ESC, 2 in a CSI sequence */
    char csi[128];              /* the sequence so far, with its ESC [ */
    size_t ncsi;
    char last[8];               /* the last character printed */
    size_t nlast;
    struct {
        int mode;
        bool on;
    } modes[MODES_MAX];
    size_t nmodes;
};

struct pty {
    int master;                 /* -1: hung up */
    pid_t pid;
    bool exited;
    int status;                 /* as from waitpid, when exited */
    bool eof;                   /* the program's side is closed, all was read */
    VTerm *vt;
    VTermScreen *screen;
    VTermState *state;
    struct stream stream;
    bool cursor_shown;
    uint64_t changes;           /* of cells or cursor */
    int64_t changed_us, byte_us;
    struct buf raw;             /* all that came */
    struct buf reply;           /* keys and answers to the program, not yet written */
    struct buf row, text;       /* what pty_row and pty_text returned */
    char stty[512], stty_at_start[512];
    FILE *log;
};

void stream_feed(struct pty *p, const char *bytes, size_t n);
void pty_flush(struct pty *p);  /* writes p->reply; reads meanwhile so that neither side waits for ever */

#endif
