/* The console's promises in numbers, measured from outside. They come in two sizes: a short one, in every run
 * of the tests, with exact counts and generous times, and the full one, `make bars`, with the numbers as
 * promised. */
#ifndef TESTS_BARS_H
#define TESTS_BARS_H

#include "tests/lab/lab_client.h"

#include <stdbool.h>

struct bars {
    bool full;
    double slack;           /* what times may be multiplied with: 1 in the full size */
    int keys, hostile_keys; /* pressed one after the other */
    int starts, recoveries;
    int refreshes; /* of 2 s */
    int sessions;  /* other people's, on the server */
    int targets;   /* of many servers at once */
    struct lab *lab;
    bool network;    /* it can be made to swallow everything */
    unsigned failed; /* bars of the test that runs */
};

/* Prints one bar with its figure and judges it; the test goes on, and fails at its end. False: not passed. */
bool bar_most(struct bars *b, double figure, double most, const char *unit, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
bool bar_time(struct bars *b, double ms, double most_ms, const char *format, ...)
    __attribute__((format(printf, 4, 5))); /* most_ms times the slack */
bool bar_true(struct bars *b, bool good, const char *what);

typedef void bar_test(void **state); /* *state is the struct bars */

/* bars-keys.c */
bar_test keys_healthy, keys_frozen, keys_black_hole, keys_hostile;
/* bars-time.c */
bar_test pages_say_so, pooler_pages_say_so, first_data, recovery;
/* bars-sessions.c */
bar_test our_sessions, no_session_stays, locks_and_transactions;
/* bars-cost.c */
bar_test bytes_written, nothing_new_writes_nothing, server_time, memory_used, many_tables, many_statements;
/* bars-fleet.c */
bar_test many_servers;

#endif
