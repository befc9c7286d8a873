/* Health thresholds as one table, and the few that need more than one number. */
#include "model/health.h"

#include <math.h>

/* The worse limit first; a value is judged by the first that it passes. */
struct limit {
    enum { NEVER, ABOVE, FROM, BELOW } kind;
    double value;
    enum health_verdict verdict;
};

static const struct metric {
    const char *name;
    struct limit worse, bad;
    enum health_verdict otherwise, unknown;
    const char *rule;
} metrics[HEALTH_METRIC_COUNT_] = {
    [HEALTH_PING_MS] = {"ping_ms", {ABOVE, 1000, HEALTH_CRIT}, {ABOVE, 500, HEALTH_WARN}, HEALTH_OK,
                        HEALTH_UNKNOWN, "warning > 500 ms, critical > 1 s"},
    [HEALTH_QUERY_MS] = {"query_ms", {FROM, 3000, HEALTH_CRIT}, {NEVER}, HEALTH_OK,
                         HEALTH_UNKNOWN, "critical without answer in 3 s"},
    [HEALTH_OPEN_CONNS] = {"open_conns", {BELOW, 1, HEALTH_CRIT}, {NEVER}, HEALTH_OK,
                           HEALTH_UNKNOWN, "critical without an open connection"},
    [HEALTH_BREAKER_OPEN_S] = {"breaker_open_s", {ABOVE, 60, HEALTH_CRIT}, {NEVER}, HEALTH_WARN,
                               HEALTH_WARN, "warning open, critical open > 60 s"},
    [HEALTH_REPL_LAG_S] = {"repl_lag_s", {NEVER}, {ABOVE, 30, HEALTH_WARN}, HEALTH_OK,
                           HEALTH_WARN, "warning > 30 s, or unknown"},
    [HEALTH_SLOW_QUERY_MS] = {"slow_query_ms", {NEVER}, {ABOVE, 1000, HEALTH_SLOW}, HEALTH_OK,
                              HEALTH_UNKNOWN, "slow > 1 s"},
    [HEALTH_TASK_STARTED_AGE_S] = {"task_started_age_s", {NEVER}, {ABOVE, 600, HEALTH_STUCK}, HEALTH_OK,
                                   HEALTH_UNKNOWN, "stuck when started > 10 min ago"},
    [HEALTH_SAMPLE_AGE_INTERVALS] = {"sample_age_intervals", {NEVER}, {ABOVE, 3, HEALTH_STALE}, HEALTH_OK,
                                     HEALTH_UNKNOWN, "stale > 3 intervals"},
};

static int passes(const struct limit *limit, double value)
{
    switch (limit->kind) {
    case ABOVE:
        return value > limit->value;
    case FROM:
        return value >= limit->value;
    case BELOW:
        return value < limit->value;
    case NEVER:
        break;
    }
    return 0;
}

enum health_verdict health_judge(enum health_metric metric, double value)
{
    const struct metric *m = &metrics[metric];
    if (isnan(value))
        return m->unknown;
    if (passes(&m->worse, value))
        return m->worse.verdict;
    return passes(&m->bad, value) ? m->bad.verdict : m->otherwise;
}

const char *health_metric_name(enum health_metric metric)
{
    return metrics[metric].name;
}

const char *health_metric_rule(enum health_metric metric)
{
    return metrics[metric].rule;
}

enum health_verdict health_pool_idle(uint32_t open, uint32_t idle)
{
    return open >= 5 && (uint64_t)idle * 100 > (uint64_t)open * 80 ? HEALTH_WARN : HEALTH_OK;
}

enum health_verdict health_pool_wait(double average_ms, uint64_t waits)
{
    if (waits == 0)
        return HEALTH_OK;
    if (isnan(average_ms))
        return HEALTH_UNKNOWN;
    return average_ms > 500 ? HEALTH_WARN : HEALTH_OK;
}

enum health_verdict health_pool_exhausted(uint32_t in_use, uint32_t max, uint32_t waiting)
{
    if (max == 0 || in_use < max)
        return HEALTH_OK;
    return waiting ? HEALTH_CRIT : HEALTH_WARN;
}

enum health_verdict health_breaker_half_open(void)
{
    return HEALTH_WARN;
}

enum health_verdict health_error_rate(uint64_t failed, uint64_t requests)
{
    if (requests == 0)
        return HEALTH_UNKNOWN;
    if (requests < 20)
        return HEALTH_LOWSAMPLE;
    return (double)failed / (double)requests >= 0.05 ? HEALTH_UNHEALTHY : HEALTH_HEALTHY;
}

bool health_archiving_fails(double archived_s, double failed_s)
{
    return failed_s >= 0 && failed_s < 86400 && !(archived_s <= failed_s);
}

const char *health_verdict_word(enum health_verdict verdict)
{
    static const char *const words[HEALTH_VERDICT_COUNT_] = {
        "OK", "WARN", "CRIT", "UNKNOWN", "HEALTHY", "UNHEALTHY", "LOWSAMPLE", "SLOW", "STUCK", "STALE",
    };
    return words[verdict];
}
