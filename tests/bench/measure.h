/* What is measured of one console. NAN: it could not be, and the table shows a dash. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include "tests/bench/tools.h"
#include "tests/lab/lab_client.h"

#include <stddef.h>

struct bench {
    struct lab *lab;
    struct place where;
    int seconds;            /* of a steady run; 30 by default, BENCH_SECONDS */
    int starts, recoveries; /* how often: 20, 5 */
    int keys;               /* 200 */
};

struct steady {
    double bytes_80x24, bytes_200x60;   /* median in 2 s */
    double rss_mb, anon_mb;             /* the tool and its children together, at the end */
    double client_ms;                   /* their CPU time in a minute; they live through the run */
    double server_ms, statements;       /* in a minute: see measure_steady */
    double sessions;                    /* connections made in a minute */
};

struct latency {
    double healthy_p50, healthy_p99;    /* ms */
    double frozen_p50, frozen_p99;      /* ms; NAN: no key was followed by anything */
    double quit_frozen;                                         /* ms; NAN: it did not end in 3 s */
};

bool bench_prepare(const struct bench *b);      /* roles, pg_stat_statements; false: says why */

double measure_start(const struct bench *b, const struct tool *t);      /* ms, median, to the first data */

/* The server's time is execution and planning of the tool's own statements by pg_stat_statements (track =
 * all, track_planning, top level, so that nothing is counted twice), told apart by role. /proc/PID/stat of
 * the backend would miss what is most expensive in a tool that connects anew at each refresh: its backend is
 * gone before anybody looks, and its clock ticks are 10 ms. What pg_stat_statements does not see are parsing
 * and connecting (about 3 ms a connection): hence connections are counted too. */
struct steady measure_steady(const struct bench *b, const struct tool *t);

struct latency measure_latency(const struct bench *b, const struct tool *t);

/* ms, median, from the moment when the server takes a connection again after kill -9 until a session that
 * began at that moment is on the screen. NAN: not in 10 s, or the tool had ended. */
double measure_recovery(const struct bench *b, const struct tool *t);

#endif
