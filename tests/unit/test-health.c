/* Health thresholds: the vectors. */
#include "base/attr.h"
#include "model/health.h"
#include "tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A number out of "open=5,idle=4"; there must be one. */
static double input(const char *inputs, const char *name)
{
    char key[32];
    int len = snprintf(key, sizeof(key), "%s=", name);
    for (const char *at = inputs; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, key, (size_t)len) == 0)
            return strtod(at + len, NULL);
    fail_msg("there is no %s in %s", name, inputs);
    return NAN;
}

static enum health_verdict judge_simple(const char *metric, const char *value)
{
    double x = strcmp(value, "timeout") == 0   ? INFINITY
               : strcmp(value, "unknown") == 0 ? NAN
               : strcmp(value, "-") == 0       ? NAN
                                               : strtod(value, NULL);
    for (int i = 0; i < HEALTH_METRIC_COUNT_; i++)
        if (strcmp(health_metric_name((enum health_metric)i), metric) == 0)
            return health_judge((enum health_metric)i, x);
    fail_msg("there is no metric %s", metric);
    return HEALTH_UNKNOWN;
}

static enum health_verdict judge(const char *metric, const char *in, const char *value)
{
    if (strcmp(metric, "idle_pct") == 0)
        return health_pool_idle((uint32_t)input(in, "open"), (uint32_t)input(in, "idle"));
    if (strcmp(metric, "pool_wait_avg_ms") == 0)
        return health_pool_wait(strtod(value, NULL), *in == '-' ? 1 : (uint64_t)input(in, "dcount"));
    if (strcmp(metric, "pool_exhausted") == 0)
        return health_pool_exhausted((uint32_t)input(in, "in_use"), (uint32_t)input(in, "max"),
                                     (uint32_t)input(in, "waiting"));
    if (strcmp(metric, "breaker_halfopen") == 0)
        return health_breaker_half_open();
    if (strcmp(metric, "error_rate") == 0)
        return health_error_rate((uint64_t)input(in, "err"), (uint64_t)input(in, "n"));
    return judge_simple(metric, value);
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("health.tsv");
    for (size_t i = 0; i < t.nrows; i++) {
        const char *verdict = health_verdict_word(
            judge(tsv_text(&t, i, "metric"), tsv_text(&t, i, "inputs"), tsv_text(&t, i, "value")));
        if (strcmp(verdict, tsv_text(&t, i, "expect")) != 0)
            fail_msg("row %zu: %s of %s is %s", i + 1, tsv_text(&t, i, "metric"), tsv_text(&t, i, "value"),
                     verdict);
    }
    tsv_free(&t);
}

static void unknown_is_never_ok(void **state)
{
    (void)state;
    for (int i = 0; i < HEALTH_METRIC_COUNT_; i++) {
        assert_int_not_equal(health_judge((enum health_metric)i, NAN), HEALTH_OK);
        assert_true(strlen(health_metric_rule((enum health_metric)i)) > 5);
    }
    assert_int_equal(health_pool_wait(NAN, 3), HEALTH_UNKNOWN);
    assert_int_equal(health_pool_exhausted(3, 0, 0), HEALTH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(unknown_is_never_ok),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
