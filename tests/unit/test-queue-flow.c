/* What a queue finishes per second, where only its depth and its inserts are known. */
#include "probes/queue_flow.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S 1000000LL

static double tell(struct queue_flow *f, int64_t s, int64_t enqueued, int64_t depth)
{
    double in, done = queue_flow_done(f, &(struct queue_level){s * S, enqueued, depth, 0}, &in);
    assert_int_equal(isnan(in), isnan(done));
    return done;
}

static void it_takes_ten_seconds_to_know(void **state)
{
    (void)state;
    struct queue_flow f = {0};
    assert_true(isnan(tell(&f, 100, 1000, 50)));
    assert_true(isnan(tell(&f, 108, 1024, 66)));
    assert_float_equal(tell(&f, 110, 1030, 50), 3, 1e-6);
    double in, done = queue_flow_done(&f, &(struct queue_level){112 * S, 1048, 62, 0}, &in);
    assert_float_equal(in, 4, 1e-6);            /* since 100, as the other */
    assert_float_equal(done, 3, 1e-6);
}

static void it_speaks_of_the_last_minute(void **state)
{
    (void)state;
    struct queue_flow f = {0};
    double done = NAN;
    for (int64_t s = 0; s <= 300; s += 2)       /* 5/s come, 5/s go; after 200 s none go */
        done = tell(&f, s, 5 * s, s < 200 ? 40 : 40 + 5 * (s - 200));
    assert_float_equal(done, 0, 1e-6);
    done = tell(&f, 700, 3500, 540);            /* a long silence: since the sample before */
    assert_float_equal(done, 2000.0 / 400, 1e-6);
}

static void a_reset_starts_anew(void **state)
{
    (void)state;
    struct queue_flow f = {0};
    tell(&f, 0, 1000, 5);
    assert_false(isnan(tell(&f, 20, 1100, 5)));
    assert_true(isnan(tell(&f, 22, 3, 5)));     /* the counter went back */
    assert_true(isnan(tell(&f, 24, 13, 5)));
    struct queue_level later = {60 * S, 100, 5, 77};
    double in;
    assert_true(isnan(queue_flow_done(&f, &later, &in)));    /* the statistics were reset */
}

static void rows_that_come_back_are_no_rate(void **state)
{
    (void)state;
    struct queue_flow f = {0};
    tell(&f, 0, 1000, 5);
    assert_float_equal(tell(&f, 20, 1002, 9), 0, 1e-6);        /* the counter is a little behind */
    assert_true(isnan(tell(&f, 22, 1002, 60)));
}

/* Whatever comes, it is a rate or unknown. */
static void never_negative(void **state)
{
    (void)state;
    struct random r = random_start("flow");
    for (int run = 0; run < 2000; run++) {
        struct queue_flow f = {0};
        int64_t s = 0, in = 0;
        for (int i = 0; i < 100; i++) {
            s += (int64_t)random_below(&r, 30);
            in += (int64_t)random_below(&r, 100) - 5;
            double done = tell(&f, s, in, (int64_t)random_below(&r, 1000));
            assert_true(isnan(done) || (done >= 0 && isfinite(done)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_ten_seconds_to_know), cmocka_unit_test(it_speaks_of_the_last_minute),
        cmocka_unit_test(a_reset_starts_anew),          cmocka_unit_test(rows_that_come_back_are_no_rate),
        cmocka_unit_test(never_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
