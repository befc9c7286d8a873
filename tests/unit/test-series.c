/* Series: the ring forgets the oldest, and buckets agree with a slow reading, microsecond by microsecond. */
#include "base/attr.h"
#include "model/series.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

static void an_hour_fits_into_16_kb(void **state)
{
    (void)state;
    struct series *s = series_new(SERIES_HOUR);
    assert_true(series_bytes(s) <= 512);        /* a hundred servers have thousands of them */
    int64_t at;
    for (int i = 0; i < 5000; i++)
        series_push(s, i * 2 * S, i);
    assert_int_equal(series_count(s), SERIES_HOUR);
    assert_true(series_at(s, 0, &at) == 5000 - SERIES_HOUR);
    assert_int_equal(at, (5000 - SERIES_HOUR) * 2 * S);
    assert_true(series_last(s) == 4999);
    assert_true(series_bytes(s) <= 16 * 1024);
    series_free(s);
    series_free(NULL);
}

static void time_only_goes_forward(void **state)
{
    (void)state;
    struct series *s = series_new(3);
    int64_t at;
    assert_true(isnan(series_last(s)));
    series_push(s, 5 * S, 1);
    series_push(s, 4 * S, 2);
    assert_int_equal(series_count(s), 1);
    series_push(s, 5 * S, 3);
    assert_int_equal(series_count(s), 1);
    assert_true(series_last(s) == 3);
    series_push(s, 6 * S, INFINITY);
    assert_true(isnan(series_last(s)));
    series_push(s, 6 * S + 100 * 86400 * S, 7);
    assert_int_equal(series_count(s), 1);
    assert_true(series_at(s, 0, &at) == 7);
    series_free(s);
}

static void gaps_are_gaps(void **state)
{
    (void)state;
    static const struct {
        int64_t at;
        double value;
    } samples[] = {{0, 1}, {2, 5}, {4, 3}, {6, NAN}, {12, 8}};
    static const double expected_max[] = {1, 5, 3, NAN, NAN, NAN, 8};
    static const double expected_average[] = {1, 5, 3, NAN, NAN, NAN, 8};
    struct series *s = series_new(10);
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        series_push(s, samples[i].at * S, samples[i].value);
    double most[7], average[7];
    series_buckets(s, 14 * S - 1, 14 * S, 3 * S, most, 7, SERIES_MAX);
    series_buckets(s, 14 * S - 1, 14 * S, 3 * S, average, 7, SERIES_AVERAGE);
    for (int i = 0; i < 7; i++) {
        assert_true(isnan(expected_max[i]) ? isnan(most[i]) : most[i] == expected_max[i]);
        assert_true(isnan(expected_average[i]) ? isnan(average[i]) : average[i] == expected_average[i]);
    }
    series_buckets(s, 12 * S, 2 * S, 3 * S, most, 1, SERIES_AVERAGE);
    assert_true(most[0] == 8);
    series_buckets(s, 6 * S - 1, 6 * S, 3 * S, average, 1, SERIES_AVERAGE);
    assert_true(fabs(average[0] - 3) < 1e-6);
    series_buckets(s, 100 * S, 10 * S, 3 * S, most, 7, SERIES_MAX);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(most[i]));
    series_free(s);
}

struct model {
    int n;
    int64_t at[64];
    float value[64];
};

/* Looks at each millisecond of the span by itself; times are whole milliseconds in the test below. */
static double slow_bucket(const struct model *m, int64_t from_ms, int64_t to_ms, int64_t hold_ms,
                          enum series_fold fold)
{
    double sum = 0, most = NAN;
    int n = 0;
    for (int64_t ms = from_ms + 1; ms <= to_ms; ms++) {
        int i = m->n - 1;
        while (i >= 0 && m->at[i] >= ms)
            i--;
        if (i < 0 || ms > m->at[i] + hold_ms || isnan(m->value[i]))
            continue;
        n++;
        sum += m->value[i];
        if (isnan(most) || m->value[i] > most)
            most = m->value[i];
    }
    return fold == SERIES_MAX ? most : n ? sum / n : NAN;
}

static void fill_both(struct random *r, struct series *s, struct model *m)
{
    int64_t at = random_below(r, 50);
    m->n = 0;
    for (int i = 0, n = (int)random_below(r, 60); i < n; i++) {
        float value = random_below(r, 5) == 0 ? NAN : (float)random_below(r, 1000);
        series_push(s, at * 1000, value);
        m->at[m->n] = at;
        m->value[m->n++] = value;
        at += 1 + random_below(r, 40);
    }
}

static void buckets_agree_with_a_slow_reading(void **state)
{
    (void)state;
    struct random r = random_start("buckets");
    int known = 0, gaps = 0;
    for (int round = 0; round < 3000; round++) {
        struct series *s = series_new(64);
        struct model m;
        fill_both(&r, s, &m);
        size_t n = 1 + random_below(&r, 30);
        int64_t width = 1 + random_below(&r, 30), span = width * (int64_t)n,
                now = span + random_below(&r, 1500);
        int64_t hold = 1 + random_below(&r, 60);
        enum series_fold fold = random_below(&r, 2) ? SERIES_MAX : SERIES_AVERAGE;
        double out[30];
        /* A sample covers whole milliseconds from its own on, and a bucket ends with its edge: one microsecond
         * back, the two grids are the same. */
        series_buckets(s, now * 1000 - 1, span * 1000, hold * 1000, out, n, fold);
        for (size_t k = 0; k < n; k++) {
            int64_t from = now - span + (int64_t)k * width;
            double expected = slow_bucket(&m, from, from + width, hold, fold);
            if (isnan(expected) != isnan(out[k]) || fabs(expected - out[k]) > 1e-6 * fabs(expected))
                fail_msg("round %d bucket %zu: %g, not %g", round, k, out[k], expected);
            isnan(expected) ? gaps++ : known++;
        }
        series_free(s);
    }
    assert_true(known > 5000 && gaps > 5000);
}

static void every_sample_is_in_some_bucket(void **state)
{
    (void)state;
    struct random r = random_start("no sample is lost");
    for (int round = 0; round < 3000; round++) {
        struct series *s = series_new(64);
        struct model m;
        fill_both(&r, s, &m);
        double out[37], most = NAN, expected = NAN;
        int64_t now = 1000 + random_below(&r, 3000), span = 1 + random_below(&r, 3000);
        series_buckets(s, now * 1000, span * 1000, 1, out, COUNT_OF(out), SERIES_MAX);
        for (int i = 0; i < m.n; i++)
            if (m.at[i] > now - span && m.at[i] <= now)
                expected = fmax(expected, (double)m.value[i]);
        for (size_t k = 0; k < COUNT_OF(out); k++)
            most = fmax(most, out[k]);
        assert_true(isnan(expected) ? isnan(most) : most == expected);
        series_free(s);
    }
}

static void slope_is_per_second(void **state)
{
    (void)state;
    struct series *s = series_new(100);
    assert_true(isnan(series_slope(s, 100 * S, 60 * S)));
    for (int i = 0; i < 60; i++)
        series_push(s, i * 2 * S, i % 7 == 3 ? NAN : 1000 + 3.0 * i);
    assert_true(fabs(series_slope(s, 120 * S, 60 * S) - 1.5) < 1e-6);
    assert_true(isnan(series_slope(s, 170 * S, 60 * S)));
    series_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_fits_into_16_kb),
        cmocka_unit_test(time_only_goes_forward),
        cmocka_unit_test(gaps_are_gaps),
        cmocka_unit_test(buckets_agree_with_a_slow_reading),
        cmocka_unit_test(every_sample_is_in_some_bucket),
        cmocka_unit_test(slope_is_per_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
