/* Replica states and the router: the vectors, and that reads stay even. */
#include "base/attr.h"
#include "model/route.h"
#include "random.h"
#include "tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const states[] = {"UNKNOWN", "PROBATION", "IN", "OUT_LAG", "OUT_DOWN", "OUT_ROLE"};
static const char *const events[] = {"probe_ok", "probe_fail", "probe_timeout", "conn_lost",
                                     "refused",  "57P0x",      "sample_old"};

/* Lags for which a condition of the vectors holds; returns how many. */
static size_t lags_of(const char *condition, double out[3])
{
    double low, high;
    if (sscanf(condition, "%lf..%lf", &low, &high) == 2)
        return out[0] = nextafter(low, 1e9), out[1] = high, 2;
    if (sscanf(condition, "<=%lf", &high) == 1)
        return out[0] = 0, out[1] = high, 2;
    if (sscanf(condition, ">%lf", &low) == 1)
        return out[0] = nextafter(low, 1e9), out[1] = 1e9, 2;
    if (strcmp(condition, "any") == 0)
        return out[0] = 0, out[1] = 1e9, out[2] = NAN, 3;
    return out[0] = NAN, 1;
}

static void replica_vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("replica_state.tsv");
    for (size_t i = 0; i < t.nrows; i++) {
        enum replica_event event =
            (enum replica_event)tsv_word(tsv_text(&t, i, "event"), events, COUNT_OF(events));
        bool in_recovery = strcmp(tsv_text(&t, i, "in_recovery"), "t") == 0;
        int from = tsv_word(tsv_text(&t, i, "from"), states, COUNT_OF(states)),
            times = (int)tsv_number(&t, i, "times");
        double lags[3];
        size_t nlags = lags_of(tsv_text(&t, i, "lag_s"), lags);
        for (size_t k = 0; k < nlags; k++) {
            struct replica r = {.state = (enum replica_state)from};
            for (int n = 1; n < times; n++)
                assert_int_equal(replica_tell(&r, event, in_recovery, lags[k]), from);
            const char *to = replica_state_word(replica_tell(&r, event, in_recovery, lags[k]));
            if (strcmp(to, tsv_text(&t, i, "to")) != 0)
                fail_msg("row %zu: %s", i + 1, to);
        }
    }
    tsv_free(&t);
}

static void a_run_must_not_be_broken(void **state)
{
    (void)state;
    struct replica r = {.state = REPLICA_IN};
    replica_tell(&r, REPLICA_PROBE_TIMEOUT, false, NAN);
    replica_tell(&r, REPLICA_PROBE_TIMEOUT, false, NAN);
    replica_tell(&r, REPLICA_PROBE_OK, true, 1);
    replica_tell(&r, REPLICA_PROBE_TIMEOUT, false, NAN);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_TIMEOUT, false, NAN), REPLICA_IN);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_TIMEOUT, false, NAN), REPLICA_OUT_DOWN);
    replica_tell(&r, REPLICA_PROBE_OK, true, 1);
    replica_tell(&r, REPLICA_REFUSED, false, NAN);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_OK, true, 1), REPLICA_OUT_DOWN);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_OK, true, 30), REPLICA_IN);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_OK, true, 31), REPLICA_OUT_LAG);
    replica_tell(&r, REPLICA_PROBE_OK, true, 10);
    replica_tell(&r, REPLICA_PROBE_OK, true, 11);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_OK, true, 10), REPLICA_OUT_LAG);
    assert_int_equal(replica_tell(&r, REPLICA_PROBE_OK, true, 10), REPLICA_IN);
}

static const char *pick_word(int pick, char out[8])
{
    if (pick == ROUTE_PRIMARY || pick == ROUTE_NOHOST)
        return pick == ROUTE_PRIMARY ? "primary" : "E_NOHOST";
    snprintf(out, 8, "r%d", pick);
    return out;
}

static void router_vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("router.tsv");
    struct route r;
    for (size_t i = 0; i < t.nrows; i++) {
        if (strcmp(tsv_text(&t, i, "step"), "0") == 0)
            route_start(&r, (uint32_t)tsv_number(&t, i, "replicas"));
        const char *op = tsv_text(&t, i, "op"), *expected = tsv_text(&t, i, "expect");
        char word[8];
        if (strcmp(op, "read") == 0)
            assert_string_equal(pick_word(route_read(&r), word), expected);
        else if (strcmp(op, "write") == 0)
            assert_string_equal(pick_word(route_write(&r), word), expected);
        else if (strncmp(op, "primary_", 8) == 0)
            r.primary_up = strcmp(op, "primary_up") == 0;
        else
            r.in[(int)tsv_number(&t, i, "arg")] = strcmp(op, "up") == 0;
    }
    tsv_free(&t);
}

static void reads_stay_even_while_the_set_is_stable(void **state)
{
    (void)state;
    struct random r = random_start("router");
    for (int round = 0; round < 5000; round++) {
        struct route route;
        uint32_t n = 1 + random_below(&r, 10);
        route_start(&route, n);
        route.next = random_below(&r, n);
        unsigned reads[10] = {0}, most = 0, least = UINT32_MAX;
        bool any = false;
        for (uint32_t k = 0; k < n; k++)
            any |= route.in[k] = random_below(&r, 3) > 0;
        for (uint32_t k = 0, times = random_below(&r, 100); k < times; k++) {
            int pick = route_read(&route);
            assert_int_equal(pick >= 0, any);
            if (pick >= 0)
                reads[pick]++;
        }
        for (uint32_t k = 0; k < n; k++) {
            if (!route.in[k]) {
                assert_int_equal(reads[k], 0);
                continue;
            }
            most = reads[k] > most ? reads[k] : most;
            least = reads[k] < least ? reads[k] : least;
        }
        assert_true(!any || most - least <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replica_vectors_hold),
        cmocka_unit_test(a_run_must_not_be_broken),
        cmocka_unit_test(router_vectors_hold),
        cmocka_unit_test(reads_stay_even_while_the_set_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
