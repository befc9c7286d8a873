/* Replication lag: the vectors, and the ring behind the seconds. */
#include "base/attr.h"
#include "model/lag.h"
#include "random.h"
#include "tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define S 1000000LL

enum { NOW_S = 1000, REPLAYED_S = 17 };

static bool is(const struct tsv *t, size_t row, const char *column, const char *text)
{
    return strcmp(tsv_text(t, row, column), text) == 0;
}

static struct lag_lsn read_lsn(const struct tsv *t, size_t row, const char *column)
{
    if (tsv_none(t, row, column) || is(t, row, column, "NULL"))
        return (struct lag_lsn){0};
    return (struct lag_lsn){true, tsv_lsn(tsv_text(t, row, column))};
}

/* A primary that passed the replayed position REPLAYED_S ago, and reached its own as long ago as the row says. */
static void fill_ring(struct lag_ring *ring, uint64_t replay, uint64_t lsn, double age_s)
{
    uint64_t start = replay > 1 << 20 ? replay - (1 << 20) : 0;
    lag_ring_push(ring, (NOW_S - 60) * S, start < lsn ? start : lsn);
    if (lsn > replay) {
        lag_ring_push(ring, (NOW_S - 40) * S, replay);
        lag_ring_push(ring, (NOW_S - REPLAYED_S) * S, replay + 1);
    }
    lag_ring_push(ring, NOW_S * S - (int64_t)(age_s * 1e6), lsn);
}

static void check_row(const struct tsv *t, size_t i)
{
    struct lag_sample s = {
        .in_recovery = is(t, i, "in_recovery", "t"),
        .receiver = is(t, i, "receiver", "streaming"),
        .paused = is(t, i, "paused", "t"),
        .receive = read_lsn(t, i, "receive_lsn"),
        .replay = read_lsn(t, i, "replay_lsn"),
        .message_age_s = tsv_number(t, i, "last_msg_age_s"),
        .replay_age_s = tsv_number(t, i, "xact_replay_age_s"),
        .replay_lag_s = NAN,
        .silence_limit_s = tsv_number(t, i, "silence_limit_s"),
        .primary_limit_s = 4,
        .now_us = NOW_S * S,
    };
    struct lag_ring *ring = lag_ring_new(8);
    struct lag_lsn primary = read_lsn(t, i, "primary_lsn");
    if (primary.known && s.replay.known)
        fill_ring(ring, s.replay.lsn, primary.lsn, tsv_number(t, i, "primary_age_s"));
    s.primary = primary.known ? ring : NULL;
    struct lag lag = lag_of(&s);

    const char *name = tsv_text(t, i, "case"), *confidence = tsv_text(t, i, "confidence");
    if (strcasecmp(lag_state_word(lag.state), tsv_text(t, i, "state")) != 0)
        fail_msg("%s: state %s", name, lag_state_word(lag.state));
    if (strcasecmp(lag_confidence_word(lag.confidence), *confidence == '-' ? "none" : confidence) != 0)
        fail_msg("%s: confidence %s", name, lag_confidence_word(lag.confidence));
    assert_int_equal(lag.bytes_known, !tsv_none(t, i, "expect_bytes"));
    if (lag.bytes_known)
        assert_int_equal(lag.bytes, (uint64_t)tsv_number(t, i, "expect_bytes"));
    double expected = is(t, i, "expect_s", "ring") ? REPLAYED_S : tsv_number(t, i, "expect_s");
    if (isnan(expected) ? !isnan(lag.seconds) : !(fabs(lag.seconds - expected) < 1e-6))
        fail_msg("%s: %g s, not %g", name, lag.seconds, expected);
    if (strstr(tsv_text(t, i, "note"), "WARN"))
        assert_true(lag_state_warns(lag.state));
    lag_ring_free(ring);
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("lag.tsv");
    for (size_t i = 0; i < t.nrows; i++)
        check_row(&t, i);
    tsv_free(&t);
}

static void an_old_primary_sample_is_not_used(void **state)
{
    (void)state;
    struct lag_ring *ring = lag_ring_new(4);
    lag_ring_push(ring, 0, 100);
    struct lag_sample s = {.in_recovery = true,
                           .receiver = true,
                           .receive = {true, 50},
                           .replay = {true, 50},
                           .message_age_s = 1,
                           .silence_limit_s = 30,
                           .replay_age_s = 9,
                           .replay_lag_s = NAN,
                           .primary = ring,
                           .primary_limit_s = 4,
                           .now_us = 4 * S};
    assert_int_equal(lag_of(&s).confidence, LAG_BOUND);
    assert_true(lag_of(&s).at_least);
    s.now_us = 4 * S + 1;
    assert_int_equal(lag_of(&s).confidence, LAG_ESTIMATE);
    assert_true(lag_of(&s).seconds == 0);
    s.message_age_s = NAN;
    assert_int_equal(lag_of(&s).confidence, LAG_UNKNOWN);
    assert_true(isnan(lag_of(&s).seconds));
    s.replay.lsn = 40;
    assert_true(lag_of(&s).seconds == 9);
    lag_ring_free(ring);
}

/* At the first look the ring holds answers of a moment ago. What it cannot know is not zero, and not exact. */
static void what_the_ring_cannot_know_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t bytes;
        double reach_s, replay_lag_s, replay_age_s, message_age_s;
        bool received;          /* and not replayed yet */
        double seconds;
        bool at_least;
        enum lag_confidence confidence;
    } cases[] = {
        {"the sender knows", 50ULL << 30, 0, 21600, NAN, 1, true, 21600, false, LAG_ESTIMATE},
        {"the standby knows", 50ULL << 30, 0, NAN, 21600, 1, true, 21600, false, LAG_ESTIMATE},
        {"a sender that began just now", 50ULL << 30, 0, 3, NAN, 1, true, NAN, true, LAG_UNKNOWN},
        {"nobody knows, far", 50ULL << 30, 0, NAN, NAN, 1, true, NAN, true, LAG_UNKNOWN},
        {"nobody knows, far for a while", 50ULL << 30, 250, NAN, NAN, 1, true, 250, true, LAG_BOUND},
        {"nobody knows, near", 8192, 0, NAN, NAN, 1, true, 0, true, LAG_BOUND},
        {"a busy standby", 8192, 0, 0.003, NAN, 1, true, 0.003, false, LAG_ESTIMATE},
        {"the ring knows more", 1 << 20, 40, 30, NAN, 1, true, 40, true, LAG_BOUND},
        {"not received yet, after a quiet time", 8192, 0, NAN, 3600, 1, false, 0, true, LAG_BOUND},
        {"silent: its last word is old", 20 << 20, 0, 0.2, NAN, 95, true, 0, true, LAG_BOUND},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lag_ring *ring = lag_ring_new(4);
        uint64_t replay = 1 << 20, primary = replay + cases[i].bytes;
        lag_ring_push(ring, 1000 * S - (int64_t)(cases[i].reach_s * S), primary);
        lag_ring_push(ring, 1000 * S, primary);
        struct lag_sample s = {.in_recovery = true, .receiver = true,
                               .receive = {true, cases[i].received ? primary : replay}, .replay = {true, replay},
                               .message_age_s = cases[i].message_age_s, .replay_age_s = cases[i].replay_age_s,
                               .replay_lag_s = cases[i].replay_lag_s, .silence_limit_s = 30, .primary = ring,
                               .primary_limit_s = 4, .now_us = 1000 * S};
        struct lag lag = lag_of(&s);
        bool same = isnan(cases[i].seconds) ? isnan(lag.seconds) : fabs(lag.seconds - cases[i].seconds) < 1e-6;
        if (!same || lag.at_least != cases[i].at_least || lag.confidence != cases[i].confidence)
            fail_msg("%s: %g s, at least %d, %s", cases[i].name, lag.seconds, lag.at_least, lag_confidence_word(lag.confidence));
        assert_int_equal(lag.bytes, cases[i].bytes);
        lag_ring_free(ring);
    }
}

static void the_silence_limit_has_a_floor(void **state)
{
    (void)state;
    assert_true(lag_silence_limit_s(2) == 30);
    assert_true(lag_silence_limit_s(60) == 120);
}

static void the_ring_forgets_and_starts_anew(void **state)
{
    (void)state;
    struct lag_ring *ring = lag_ring_new(3);
    int64_t at;
    uint64_t lsn;
    bool at_least;
    assert_false(lag_ring_newest(ring, &at, &lsn));
    assert_true(lag_ring_age(ring, 5, 10 * S, &at_least) == 0);
    for (int i = 0; i < 10; i++)
        lag_ring_push(ring, i * S, (uint64_t)i * 100);
    assert_true(lag_ring_age(ring, 850, 10 * S, &at_least) == 1);
    assert_false(at_least);
    assert_true(lag_ring_age(ring, 100, 10 * S, &at_least) == 3);
    assert_true(at_least);
    for (int i = 10; i < 20; i++)
        lag_ring_push(ring, i * S, 900);
    assert_true(lag_ring_newest(ring, &at, &lsn));
    assert_int_equal(at, 19 * S);
    assert_true(lag_ring_age(ring, 850, 20 * S, NULL) == 11);
    lag_ring_push(ring, 20 * S, 7);
    assert_true(lag_ring_age(ring, 850, 20 * S, NULL) == 0);
    assert_true(lag_ring_age(ring, 3, 21 * S, &at_least) == 1);
    assert_true(at_least);
    lag_ring_push(ring, 2 * S, 8);
    assert_true(lag_ring_newest(ring, &at, &lsn));
    assert_int_equal(lsn, 7);
    lag_ring_free(ring);
}

/* Truth is kept in a plain array; the ring must agree, and never say less than nothing. */
static void the_ring_agrees_with_a_slow_search(void **state)
{
    (void)state;
    struct random r = random_start("lag ring");
    for (int round = 0; round < 2000; round++) {
        struct lag_ring *ring = lag_ring_new(128);
        uint64_t lsn[100], at = 0;
        int n = 1 + (int)random_below(&r, 99);
        for (int i = 0; i < n; i++) {
            at += random_below(&r, 3) ? random_below(&r, 1000) : 0;
            lsn[i] = at;
            lag_ring_push(ring, i * S, at);
        }
        uint64_t replay = random_below(&r, (uint32_t)at + 100);
        int oldest = 0;
        while (oldest < n && lsn[oldest] <= replay)
            oldest++;
        double expected = oldest < n ? n - oldest : 0;
        assert_true(lag_ring_age(ring, replay, n * S, NULL) == expected);
        lag_ring_free(ring);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(an_old_primary_sample_is_not_used),
        cmocka_unit_test(what_the_ring_cannot_know_is_said),
        cmocka_unit_test(the_silence_limit_has_a_floor),
        cmocka_unit_test(the_ring_forgets_and_starts_anew),
        cmocka_unit_test(the_ring_agrees_with_a_slow_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
