/* The console under test: the real pgvigil in a pty, with a home of its own and none of the caller's
 * settings. */
#ifndef TESTS_CONSOLE_H
#define TESTS_CONSOLE_H

#include "tests/pty/pty.h"

struct console_start {
    const char *const *args;    /* options and connection strings, ends with NULL */
    int rows, cols;             /* 0: 24 and 80 */
    const char *const *env;     /* as in struct pty_start, after the console's own changes */
};

struct pty *console_start(const struct console_start *how);
struct pty *console_on(const char *conninfo);               /* 80x24, waits for nothing */
const char *console_program(void);                          /* $PGVIGIL, else $BUILDDIR/pgvigil */

/* What the first screen with data of a server shows: the words that the header has when facts are known. */
bool console_wait_data(struct pty *p, int ms) MUST_CHECK;
bool console_wait_lost(struct pty *p, int ms) MUST_CHECK;   /* it says that there is no connection */
bool console_wait_fresh(struct pty *p,
                        int ms) MUST_CHECK; /* data, and nothing on the page that is old or lost */

/* Keys that change the screen one by one, timed. Prints "what: n keys, p50 .. p99 .. max ..". Keys that
 * painted nothing within timeout_ms count as timeout_ms. */
struct console_times {
    double p50_ms, p99_ms, max_ms;
    size_t lost;                /* keys that nothing followed */
};
struct console_times console_time_keys(struct pty *p, const char *const *keys, size_t nkeys, size_t n,
                                       int timeout_ms, const char *what);

/* Order statistics; sorts the values. p in 0..1; the nearest rank. 0 of nothing. */
double sample_quantile(double *values, size_t n, double p);

#endif
