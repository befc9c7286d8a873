/* The consoles that are measured side by side, each as a role of its own so that the server can tell them
 * apart. */
#ifndef TESTS_BENCH_TOOLS_H
#define TESTS_BENCH_TOOLS_H

#include "tests/pty/pty.h"

#include <stdbool.h>

struct place {                  /* the server, as every tool can be told it */
    char host[256], port[16], dbname[64];
    char conninfo[512];         /* as the superuser of the lab */
};

struct tool {
    const char *name;           /* of the program, and of the column */
    const char *role;           /* whom it logs in as */
    const char *data;           /* regular expression: on the screen when there are data */
    const char *settle;         /* keys to reach the page with the sessions; "" when it is the first */
    const char *keys[2];        /* each repaints the page */
    const char *quit;
};

#define TOOLS 3
extern const struct tool tools[TOOLS];

struct place place_of(const char *conninfo);
bool tool_installed(const struct tool *t);
struct pty *tool_start(const struct tool *t, const struct place *where, int rows, int cols); /* every 2 s */
/* Starts it and waits for data; NULL when none came in 10 s. took_ms: from the start, may be NULL. */
struct pty *tool_ready(const struct tool *t, const struct place *where, int rows, int cols, double *took_ms);

#endif
