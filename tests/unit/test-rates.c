/* Rates of frames: where there is none, and that generated frames agree with a slow reading. */
#include "base/attr.h"
#include "base/clock.h"
#include "base/compat.h"
#include "model/rates.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

enum { NAME, DB, CALLS, STATE, TIME, WAL, SINCE };

static const struct column columns[] = {
    {"name", "name", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Name."},
    {"db", "db", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Database."},
    {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Calls."},
    {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "State."},
    {"time", "time", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 0, "Time."},
    {"wal", "wal", TYPE_LSN, ROLE_COUNTER, UNIT_BYTES, 0, 0, "Position."},
    {"since", "since", TYPE_TIME, ROLE_EPOCH, UNIT_NONE, 0, 0, "Start."},
};
static const struct schema schema = {"statements", COUNT_OF(columns), columns};

struct row {
    const char *name;  /* NULL: unknown */
    int64_t db, calls; /* calls -1: unknown */
    double time;       /* NaN: unknown */
    int64_t wal, since;
};

static struct frame *make(int64_t taken_us, uint64_t epoch, enum frame_status status, const struct row *rows,
                          size_t n)
{
    struct frame_builder *b = frame_build(&schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        if (rows[i].name)
            frame_build_text(b, NAME, rows[i].name, strlen(rows[i].name));
        frame_build_int(b, DB, rows[i].db);
        if (rows[i].calls >= 0)
            frame_build_int(b, CALLS, rows[i].calls);
        frame_build_real(b, TIME, rows[i].time);
        frame_build_int(b, WAL, rows[i].wal);
        frame_build_int(b, SINCE, rows[i].since);
    }
    return frame_seal(
        b, &(struct frame_head){.status = status, .taken_us = taken_us, .epoch = epoch, .nfound = 99});
}

static bool unknown_row(const struct frame *rates, uint32_t row)
{
    for (int i = 0; i < 3; i++)
        if (!isnan(frame_number(rates, row, i)))
            return false;
    return true;
}

static void the_schema_holds_the_counters(void **state)
{
    (void)state;
    struct schema *rates = rates_schema(&schema);
    assert_int_equal(rates->ncolumns, 3);
    assert_string_equal(rates->columns[0].name, "calls");
    assert_string_equal(rates->columns[2].name, "wal");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rates->columns[i].type, TYPE_REAL);
        assert_int_equal(rates->columns[i].role, ROLE_GAUGE);
    }
    assert_int_equal(rates->columns[2].unit, UNIT_BYTES);
    schema_free(rates);
    const struct schema no_counters = {"none", 2, columns};
    assert_null(rates_schema(&no_counters));
}

static void rates_follow_the_keys(void **state)
{
    (void)state;
    static const struct row then[] = {
        {"a", 1, 10, 1.5, 100, 7}, {"b", 1, 20, 2, 0, 7},    {"shrunk", 1, 30, 5, 0, 7},
        {"anew", 1, 40, 6, 0, 7},  {"gone", 1, 50, 7, 0, 7}, {"null", 1, -1, 8, 0, 7},
        {NULL, 1, 60, 9, 0, 7},    {"twice", 1, 1, 1, 0, 7}, {"twice", 1, 2, 2, 0, 7},
        {"high", 1, 1, 1, -16, 7},
    };
    static const struct row now[] = {
        {"b", 1, 24, 2, 8, 7},      {"a", 1, 30, 2.5, 300, 7}, {"a", 2, 99, 9, 9, 7},
        {"shrunk", 1, 35, 4, 9, 7}, {"anew", 1, 90, 60, 9, 8}, {"new", 1, 5, 5, 5, 7},
        {"null", 1, 5, 10, 2, 7},   {NULL, 1, 70, 10, 9, 7},   {"twice", 1, 5, 5, 5, 7},
        {"high", 1, 1, 1, -8, 7},
    };
    struct schema *schema_of_rates = rates_schema(&schema);
    struct frame *f = make(10 * S, 5, FRAME_OK, then, COUNT_OF(then)),
                 *g = make(12 * S, 5, FRAME_OK, now, COUNT_OF(now));
    struct frame *rates = rates_frame(schema_of_rates, g, f);
    assert_int_equal(rates->nrows, COUNT_OF(now));
    assert_int_equal(rates->nfound, 99);
    assert_int_equal(rates->taken_us, 12 * S);
    assert_true(frame_number(rates, 0, 0) == 2 && frame_number(rates, 0, 1) == 0 &&
                frame_number(rates, 0, 2) == 4);
    assert_true(frame_number(rates, 1, 0) == 10 && frame_number(rates, 1, 1) == 0.5);
    for (uint32_t row = 2; row < 6; row++)
        assert_true(unknown_row(rates, row));
    assert_true(isnan(frame_number(rates, 6, 0)) && frame_number(rates, 6, 1) == 1);
    assert_true(unknown_row(rates, 7));
    assert_true(unknown_row(rates, 8));
    assert_true(frame_number(rates, 9, 2) == 4);
    frame_unref(f);
    frame_unref(g);
    frame_unref(rates);
    schema_free(schema_of_rates);
}

static void frames_that_do_not_compare_give_no_rates(void **state)
{
    (void)state;
    static const struct row then = {"a", 1, 10, 1, 1, 7}, now = {"a", 1, 20, 2, 2, 7};
    static const struct {
        int64_t t0, t1;
        uint64_t epoch0, epoch1;
        enum frame_status status0;
        bool rate;
    } rows[] = {
        {1, 2, 5, 5, FRAME_OK, true},  {1, 2, 5, 6, FRAME_OK, false}, {1, 2, 0, 0, FRAME_OK, false},
        {2, 2, 5, 5, FRAME_OK, false}, {3, 2, 5, 5, FRAME_OK, false}, {1, 2, 5, 5, FRAME_TIMEOUT, false},
    };
    struct schema *s = rates_schema(&schema);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame *f =
            make(rows[i].t0 * S, rows[i].epoch0, rows[i].status0, &then, rows[i].status0 == FRAME_OK);
        struct frame *g = make(rows[i].t1 * S, rows[i].epoch1, FRAME_OK, &now, 1);
        struct frame *rates = rates_frame(s, g, f), *first = rates_frame(s, g, NULL);
        assert_int_equal(rates->nrows, 1);
        assert_int_equal(unknown_row(rates, 0), !rows[i].rate);
        assert_true(unknown_row(first, 0));
        frame_unref(f);
        frame_unref(g);
        frame_unref(rates);
        frame_unref(first);
    }
    struct frame *lost = make(2 * S, 5, FRAME_LOST, NULL, 0), *rates = rates_frame(s, lost, NULL);
    assert_int_equal(rates->status, FRAME_LOST);
    assert_int_equal(rates->nrows, 0);
    frame_unref(lost);
    frame_unref(rates);
    schema_free(s);
}

enum { GENERATED = 60 };

static void generate(struct random *r, struct row *rows, size_t n)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", NULL};
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct row){names[random_below(r, COUNT_OF(names))],
                               random_below(r, 6),
                               (int64_t)random_below(r, 100) - 5,
                               random_below(r, 10) ? random_below(r, 100) : NAN,
                               random_below(r, 1000),
                               7 + (random_below(r, 20) == 0)};
}

static bool same_key(const struct row *a, const struct row *b)
{
    return a->name && b->name && strcmp(a->name, b->name) == 0 && a->db == b->db;
}

/* The row's only partner in both frames, or NULL. */
static const struct row *partner(const struct row *now, const struct row *then, size_t n)
{
    const struct row *found = NULL;
    for (size_t i = 0; i < n; i++)
        if (same_key(now, &then[i])) {
            if (found)
                return NULL;
            found = &then[i];
        }
    return found;
}

static double difference(int64_t now, int64_t then)
{
    return now < 0 || then < 0 ? NAN : (double)(now - then);
}

static void generated_frames_agree_with_a_slow_reading(void **state)
{
    (void)state;
    struct random r = random_start("rates of frames");
    struct schema *s = rates_schema(&schema);
    int known = 0;
    for (int round = 0; round < 3000; round++) {
        struct row then[GENERATED], now[GENERATED];
        size_t nthen = random_below(&r, GENERATED), nnow = random_below(&r, GENERATED);
        generate(&r, then, nthen);
        generate(&r, now, nnow);
        struct frame *f = make(0, 3, FRAME_OK, then, nthen), *g = make(4 * S, 3, FRAME_OK, now, nnow);
        struct frame *rates = rates_frame(s, g, f);
        for (uint32_t i = 0; i < nnow; i++) {
            const struct row *old = partner(&now[i], then, nthen);
            bool again = false;
            for (uint32_t k = 0; k < i; k++)
                again |= same_key(&now[i], &now[k]);
            if (!old || again || old->since != now[i].since) {
                assert_true(unknown_row(rates, i));
                continue;
            }
            double grown[] = {difference(now[i].calls, old->calls), now[i].time - old->time,
                              (double)(now[i].wal - old->wal)};
            bool back = grown[0] < 0 || grown[1] < 0 || grown[2] < 0;
            for (int k = 0; k < 3; k++) {
                double rate = frame_number(rates, i, k);
                assert_true(back || isnan(grown[k]) ? isnan(rate) : rate == grown[k] / 4);
                known += !isnan(rate);
            }
        }
        frame_unref(f);
        frame_unref(g);
        frame_unref(rates);
    }
    assert_true(known > 1000);
    schema_free(s);
}

static struct frame *big_frame(int64_t taken_us, int64_t add)
{
    struct frame_builder *b = frame_build(&schema);
    for (int i = 0; i < 5000; i++) {
        char name[32];
        int len = snprintf(name, sizeof(name), "public.table_number_%d", i * 7919 % 5000);
        frame_build_row(b);
        frame_build_text(b, NAME, name, (size_t)len);
        frame_build_int(b, DB, 16384);
        frame_build_int(b, CALLS, i * 7919 % 5000 * 10 + add);
        frame_build_real(b, TIME, 1);
        frame_build_int(b, WAL, 5);
    }
    return frame_seal(b, &(struct frame_head){.taken_us = taken_us, .epoch = 3});
}

/* The best of some tries, because the machine may be busy. */
static void five_thousand_rows_are_quick(void **state)
{
    (void)state;
    struct schema *s = rates_schema(&schema);
    struct frame *f = big_frame(0, 0), *g = big_frame(2 * S, 8);
    int64_t best = INT64_MAX;
    for (int i = 0; i < 20; i++) {
        int64_t start = clock_boot_us();
        struct frame *rates = rates_frame(s, g, f);
        int64_t took = clock_boot_us() - start;
        best = took < best ? took : best;
        for (uint32_t row = 0; row < rates->nrows; row++)
            assert_true(frame_number(rates, row, 0) == 4);
        frame_unref(rates);
    }
    printf("5,000 rows: %lld us\n", (long long)best);
    assert_true(best < (LIMITS_FIT ? 5000 : 50000));
    frame_unref(f);
    frame_unref(g);
    schema_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_holds_the_counters),
        cmocka_unit_test(rates_follow_the_keys),
        cmocka_unit_test(frames_that_do_not_compare_give_no_rates),
        cmocka_unit_test(generated_frames_agree_with_a_slow_reading),
        cmocka_unit_test(five_thousand_rows_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
