/* The console's test program on a real pty, in a job of a small shell, its output read through libvterm. */
#ifndef TESTS_SCREEN_SESSION_H
#define TESTS_SCREEN_SESSION_H

#include <stddef.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

struct session {
    pid_t pid;                  /* of a small shell that runs the console in a job of its own */
    int master, slave;
    int report;                 /* the shell says: 'S' it stopped, 'E' and a status: it ended */
    int order;                  /* told 'C': go on */
    VTerm *vt;
    VTermScreen *screen;
    struct termios before;
    size_t bytes;               /* read since the start */
    char tail[4096];            /* the last ones */
    size_t ntail;
};

double session_now(void);       /* seconds */
struct session *session_start(void);            /* xterm-256color, UTF-8, 80x24 */
struct session *session_start_with(const char *const *environment, int rows, int columns);
/* Reads for that long; returns the bytes that came. */
size_t session_listen(struct session *s, double seconds);
/* Waits up to five seconds for a text in one line of the screen. */
void session_expect(struct session *s, const char *part);
void session_type(struct session *s, const char *bytes);
/* A word of the shell's report, within five seconds: 'P' the job's pid, 'S' it stopped, 'E' its status, which
 * is 1000 + the signal's number if one ended it. The terminal is read meanwhile. */
int session_reported(struct session *s, char kind);
pid_t session_ready(struct session *s);         /* the first picture is there; returns the job */
/* The terminal's modes are what they were, the other screen is left, mouse and marked paste are off. */
void session_expect_restored(struct session *s);
void session_end(struct session *s);

#endif
