/* Counter rates: the vectors, and that no rate is ever negative. */
#include "base/attr.h"
#include "model/rate.h"
#include "random.h"
#include "tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const kinds[] = {"u64", "xid32", "lsn"};
static const char *const flags[] = {"-", "RESET", "GAP", "PARSE_ERROR", "OVERFLOW"};

static uint64_t hash(const char *text, size_t len)
{
    uint64_t h = 7;
    for (size_t i = 0; i < len; i++)
        h = h * 31 + (unsigned char)text[i];
    return h;
}

/* Tokens: "A" is stats_reset and postmaster start, "A.sys1" has a system too, "since1" is a row's stats_since. */
static struct rate_epoch read_epoch(const char *token)
{
    struct rate_epoch e = {0};
    const char *dot = strchr(token, '.');
    if (strncmp(token, "since", 5) == 0)
        e.row = hash(token, strlen(token));
    else
        e.stats = hash(token, dot ? (size_t)(dot - token) : strlen(token));
    if (dot)
        e.system = hash(dot, strlen(dot));
    return e;
}

static struct rate_sample read_sample(const struct tsv *t, size_t row, enum rate_kind kind, const char *time,
                                      const char *value, const char *epoch)
{
    struct rate_sample s = {.time_us = (int64_t)(tsv_number(t, row, time) * 1e6),
                            .epoch = read_epoch(tsv_text(t, row, epoch))};
    const char *text = tsv_text(t, row, value);
    rate_read(&s, kind, strcmp(text, "NULL") == 0 ? NULL : text);
    return s;
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("rate.tsv");
    for (size_t i = 0; i < t.nrows; i++) {
        enum rate_kind kind = (enum rate_kind)tsv_word(tsv_text(&t, i, "kind"), kinds, COUNT_OF(kinds));
        struct rate_sample before, now = read_sample(&t, i, kind, "t1_mono", "v1", "epoch1");
        bool first = tsv_none(&t, i, "t0_mono");
        if (!first)
            before = read_sample(&t, i, kind, "t0_mono", "v0", "epoch0");
        struct rate rate = rate_between(kind, first ? NULL : &before, &now, 60000000);
        const char *name = tsv_text(&t, i, "case"), *expected = tsv_text(&t, i, "expect_per_s");
        if (strcmp(flags[rate.flag], tsv_text(&t, i, "flag")) != 0)
            fail_msg("%s: flag %s", name, flags[rate.flag]);
        if (strcmp(expected, "NULL") == 0)
            assert_true(isnan(rate.per_s));
        else if (!(fabs(rate.per_s / tsv_number(&t, i, "expect_per_s") - 1) < 0.01))
            fail_msg("%s: %g", name, rate.per_s);
    }
    tsv_free(&t);
}

static void values_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        enum rate_kind kind;
        const char *text;
        bool known;
        enum rate_flag unread;
        uint64_t value;
    } rows[] = {
        {RATE_U64, "18446744073709551615", true, RATE_PLAIN, UINT64_MAX},
        {RATE_U64, "18446744073709551616", false, RATE_OVERFLOW, 0},
        {RATE_U64, "-1", false, RATE_PARSE_ERROR, 0},
        {RATE_U64, " 1", false, RATE_PARSE_ERROR, 0},
        {RATE_U64, "1 ", false, RATE_PARSE_ERROR, 0},
        {RATE_U64, "", false, RATE_PARSE_ERROR, 0},
        {RATE_U64, NULL, false, RATE_PLAIN, 0},
        {RATE_XID32, "4294967296", false, RATE_OVERFLOW, 0},
        {RATE_LSN, "16/B374D848", true, RATE_PLAIN, 0x16b374d848},
        {RATE_LSN, "16", false, RATE_PARSE_ERROR, 0},
        {RATE_LSN, "16/", false, RATE_PARSE_ERROR, 0},
        {RATE_LSN, "16/x", false, RATE_PARSE_ERROR, 0},
        {RATE_LSN, "0/100000000", false, RATE_OVERFLOW, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rate_sample s = {0};
        rate_read(&s, rows[i].kind, rows[i].text);
        assert_int_equal(s.known, rows[i].known);
        assert_int_equal(s.unread, rows[i].unread);
        assert_true(s.value == rows[i].value);
    }
}

static void a_rate_is_never_negative(void **state)
{
    (void)state;
    struct random r = random_start("rates");
    int rates = 0;
    for (int i = 0; i < 200000; i++) {
        struct rate_sample before = {
            (int64_t)random_below(&r, 100), true, 0, random_next(&r) >> (i % 60), {0}};
        struct rate_sample now = {(int64_t)random_below(&r, 100), true, 0, random_next(&r) >> (i % 60), {0}};
        now.epoch.stats = random_below(&r, 4) == 0;
        enum rate_kind kind = random_below(&r, 3);
        struct rate rate = rate_between(kind, &before, &now, 0);
        assert_true(isnan(rate.per_s) || rate.per_s >= 0);
        assert_true(isnan(rate.per_s) || (now.epoch.stats == 0 && now.time_us > before.time_us));
        rates += !isnan(rate.per_s);
    }
    assert_true(rates > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(values_are_read_strictly),
        cmocka_unit_test(a_rate_is_never_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
