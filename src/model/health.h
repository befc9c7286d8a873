/* Health thresholds: a value, the verdict on it, and the rule in words, to be printed with it.
 * A value at its limit is still fine (strict), but for the error rate and the query time-out. Unknown is
 * never OK. Values of pools and error rates are of the time since the sample before, not of a lifetime:
 * lifetime averages never recover. */
#ifndef MODEL_HEALTH_H
#define MODEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum health_verdict {
    HEALTH_OK,
    HEALTH_WARN,
    HEALTH_CRIT,
    HEALTH_UNKNOWN,
    HEALTH_HEALTHY,         /* the error rate's words */
    HEALTH_UNHEALTHY,
    HEALTH_LOWSAMPLE,       /* too few requests to judge */
    HEALTH_SLOW,
    HEALTH_STUCK,
    HEALTH_STALE,
    HEALTH_VERDICT_COUNT_
};

/* One value against its limits. The name ends in the value's unit. */
enum health_metric {
    HEALTH_PING_MS,                 /* INFINITY: no answer in time */
    HEALTH_QUERY_MS,
    HEALTH_OPEN_CONNS,
    HEALTH_BREAKER_OPEN_S,          /* how long it has been open */
    HEALTH_REPL_LAG_S,
    HEALTH_SLOW_QUERY_MS,
    HEALTH_TASK_STARTED_AGE_S,
    HEALTH_SAMPLE_AGE_INTERVALS,    /* age divided by the interval */
    HEALTH_METRIC_COUNT_
};

/* NaN: unknown. */
enum health_verdict health_judge(enum health_metric metric, double value);
const char *health_metric_name(enum health_metric metric);      /* "ping_ms" */
const char *health_metric_rule(enum health_metric metric);      /* "warning > 500 ms, ..." */

/* Idle connections of a pool: over 80 % is a warning, but not in a pool of fewer than 5. */
enum health_verdict health_pool_idle(uint32_t open, uint32_t idle);
/* The average of `waits` waits since the sample before: over 500 ms is a warning. */
enum health_verdict health_pool_wait(double average_ms, uint64_t waits);
/* All connections in use is a warning; with clients that wait it is critical. max 0: no limit. */
enum health_verdict health_pool_exhausted(uint32_t in_use, uint32_t max, uint32_t waiting);
enum health_verdict health_breaker_half_open(void);
/* 5 % or more of the requests failed: unhealthy. Fewer than 20 requests: HEALTH_LOWSAMPLE; none: unknown. */
enum health_verdict health_error_rate(uint64_t failed, uint64_t requests);
/* By the ages of what was archived last and of what failed last; NaN: there is none. The server tries again each minute:
 * without an attempt for a day archiving is off. */
bool health_archiving_fails(double archived_s, double failed_s);

const char *health_verdict_word(enum health_verdict verdict);   /* "OK", "WARN", ... */

#endif
