/* Backoff: the vectors, and that the jitter is spread as it should be. */
#include "base/attr.h"
#include "model/backoff.h"
#include "random.h"
#include "tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const strategies[] = {"full", "equal", "none", "pm50", "decorr"};

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("backoff.tsv");
    for (size_t i = 0; i < t.nrows; i++) {
        struct backoff b = {
            (enum backoff_strategy)tsv_word(tsv_text(&t, i, "strategy"), strategies, COUNT_OF(strategies)),
            100, 10000, 2};
        unsigned attempt = tsv_none(&t, i, "attempt") ? 0 : (unsigned)tsv_number(&t, i, "attempt");
        double ms = backoff_ms(&b, attempt, tsv_number(&t, i, "prev_ms"), tsv_number(&t, i, "u"));
        if (fabs(ms - tsv_number(&t, i, "expect_ms")) > 0.001)
            fail_msg("row %zu: %s gave %f", i + 1, tsv_text(&t, i, "strategy"), ms);
    }
    tsv_free(&t);
}

static void jitter_stays_in_its_bounds(void **state)
{
    (void)state;
    struct random r = random_start("jitter");
    struct backoff full = {BACKOFF_FULL, 100, 10000, 2}, equal = full;
    equal.strategy = BACKOFF_EQUAL;
    double sum_full = 0, sum_equal = 0;
    enum { ROUNDS = 200000 };
    for (int i = 0; i < ROUNDS; i++) {
        double one = backoff_ms(&full, 5, 0, random_unit(&r)),
               two = backoff_ms(&equal, 5, 0, random_unit(&r));
        assert_true(one >= 0 && one <= 3200 && two >= 1600 && two <= 3200);
        sum_full += one;
        sum_equal += two;
        unsigned attempt = random_below(&r, UINT32_MAX);
        assert_true(backoff_ms(&backoff_visible, attempt, 0, random_unit(&r)) <= 1500);
        assert_true(backoff_ms(&backoff_background, attempt, 0, random_unit(&r)) <= 10000);
    }
    assert_true(fabs(sum_full / ROUNDS / 1600 - 1) < 0.01);
    assert_true(fabs(sum_equal / ROUNDS / 2400 - 1) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(jitter_stays_in_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
