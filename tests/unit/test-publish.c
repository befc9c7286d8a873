/* What becomes of an answer: points of graphs, and what is made from it. The engine without a watcher, in virtual
 * time. */
#include "engine/parts.h"

#include "base/clock.h"
#include "model/series.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct column counted_columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"value", "value", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Value."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct schema counted_schema = {"three", COUNT_OF(counted_columns), counted_columns};
static const struct metric metrics[] = {
    {"rows", UNIT_COUNT, FOLD_COUNT, NULL}, {"sum", UNIT_COUNT, FOLD_SUM, "value"},
    {.name = "sparse", .unit = UNIT_COUNT, .fold = FOLD_SUM, .column = "value", .sparse = true},
    {"most", UNIT_COUNT, FOLD_MAX, "value"},
    {NULL},
};
static const struct probe counted = {.name = "three", .title = "three", .help = "Three.", .schema = &counted_schema,
                                     .kind = TARGET_SERVER, .sql = sql, .metrics = metrics, .grant = "GRANT it"};

static const struct column made_columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
};
static const struct schema made_schema = {"four", COUNT_OF(made_columns), made_columns};

/* Made from the other: its rows, without what they count. */
static struct frame *make(const struct frame *f, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&made_schema);
    assert_ptr_equal(probe_answer(c, "three"), f);
    for (uint32_t row = 0; row < f->nrows; row++) {
        frame_build_row(b);
        frame_build_int(b, 0, frame_cell(f, row, 0)->i);
    }
    return frame_seal_as(b, f, 0);
}

static const struct probe made = {.name = "four", .title = "four", .help = "Four.", .schema = &made_schema,
                                  .kind = TARGET_SERVER, .of = "three", .make = make, .background = true};

static const struct column tally_columns[] = {
    {"tally", "tally", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Counted."},
};
static const struct schema tally_schema = {"five", COUNT_OF(tally_columns), tally_columns};
static const struct probe tally = {.name = "five", .title = "five", .help = "Five.", .schema = &tally_schema,
                                   .kind = TARGET_SERVER, .sql = sql};

static const struct probe *const probes[] = {&counted, &made, &tally, NULL};
enum { COUNTED, MADE, TALLY };

static int64_t now_us;

static int64_t virtual_clock(void)
{
    return now_us;
}

static bool no_watcher(struct pilot *p)
{
    (void)p;
    return false;
}

static struct engine *begin(void)
{
    const int topics[] = {COUNTED};
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    now_us = 1000 * US_PER_S;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    e->clock = virtual_clock;
    e->spawn = no_watcher;
    engine_tick(e);
    engine_show(e, 0, topics, 1);
    return e;
}

static double last_point(struct engine *e, const char *metric)
{
    const struct series *s = store_series(e->store, 0, COUNTED, metric, 0);
    return s ? series_last(s) : -1;
}

static void publish_counted(struct engine *e, bool all_known)
{
    struct frame_builder *b = frame_build(&counted_schema);
    for (int i = 0; i < 3; i++) {
        frame_build_row(b);
        frame_build_int(b, 0, i);
        if (all_known || i != 1)
            frame_build_int(b, 1, 10 + i);
    }
    publish_frame(&e->pilots[0], COUNTED, frame_seal(b, &(struct frame_head){.taken_us = now_us}));
    now_us += US_PER_S;
}

/* A sum of what a role may see, or a count of it, is not the sum or the count. */
static void a_part_is_not_taken_for_the_whole(void **state)
{
    (void)state;
    for (int monitor = 0; monitor < 2; monitor++) {
        struct engine *e = begin();
        struct facts facts = {.known = true, .kind = TARGET_SERVER, .version = 150000, .monitor = monitor};
        store_set_facts(e->store, 0, &facts);
        publish_counted(e, true);
        assert_true(last_point(e, "sum") == 33);
        assert_true(monitor ? last_point(e, "rows") == 3 : isnan(last_point(e, "rows")));
        publish_counted(e, false);
        assert_true(isnan(last_point(e, "sum")));
        assert_false(isnan(last_point(e, "sparse")));
        assert_true(last_point(e, "most") == 12);
        engine_free(e);
    }
}

/* A server's processes tell their counts once a second at most: what comes sooner after another answer, as after a stop
 * or a burst of keys, would show a whole second's work as that of a moment. */
static void rates_are_of_a_second_or_more(void **state)
{
    (void)state;
    static const struct { int64_t ms, count; double rate, over_s; } answers[] = {
        {0, 100, NAN, 0},
        {400, 900, NAN, 0},             /* nothing is a second old */
        {2000, 1100, 125, 1.6},
        {2200, 1260, 200, 1.8},         /* counted from the second one */
        {3000, 1500, 400, 1},
        {3100, 1540, 400, 1.1},
        {35000, 4730, 100, 31.9},       /* three intervals of what is not on the screen, and a deadline */
        {67100, 9000, NAN, 0},          /* of a time in which nobody looked */
        {69100, 9200, 100, 2},
    };
    struct engine *e = begin();
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct frame_builder *b = frame_build(&tally_schema);
        now_us = (1000 * US_PER_S) + answers[i].ms * US_PER_MS;
        frame_build_row(b);
        frame_build_int(b, 0, answers[i].count);
        publish_frame(&e->pilots[0], TALLY, frame_seal(b, &(struct frame_head){.taken_us = now_us, .epoch = 1}));
        struct sight s = store_sight(e->store, 0, TALLY, now_us);
        assert_true(s.rates->over_us == (int64_t)(answers[i].over_s * US_PER_S));
        assert_true(isnan(answers[i].rate) ? !frame_cell(s.rates, 0, 0)->known
                                           : fabs(frame_number(s.rates, 0, 0) - answers[i].rate) < 0.001);
    }
    engine_free(e);
}

/* It comes with what it is made from, as often, and fails with it. */
static void what_is_made_comes_with_its_source(void **state)
{
    (void)state;
    struct engine *e = begin();
    struct facts facts = {.known = true, .kind = TARGET_SERVER, .version = 150000, .monitor = true};
    struct pilot *p = &e->pilots[0];
    store_set_facts(e->store, 0, &facts);
    publish_counted(e, true);
    struct sight from = store_sight(e->store, 0, COUNTED, now_us), s = store_sight(e->store, 0, MADE, now_us);
    assert_non_null(s.good);
    assert_int_equal(s.good->nrows, from.good->nrows);
    assert_int_equal(s.good->taken_us, from.good->taken_us);
    p->ticks[COUNTED].doublings = 2;
    schedule_retime(p);
    from = store_sight(e->store, 0, COUNTED, now_us);
    s = store_sight(e->store, 0, MADE, now_us);
    assert_true(from.interval_us > 0);
    assert_int_equal(s.interval_us, from.interval_us);
    assert_int_equal(p->ticks[MADE].asked_us, 0);      /* in the background as it is, nobody is asked for it */
    publish_timeout(p, COUNTED, "late");
    s = store_sight(e->store, 0, MADE, now_us);
    assert_int_equal(s.newest->status, FRAME_TIMEOUT);
    assert_string_equal(s.newest->note, "late");
    assert_true(engine_concerns(e, 0, MADE));
    p->ticks[COUNTED].off = true;
    assert_false(engine_concerns(e, 0, MADE));
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_not_taken_for_the_whole),
        cmocka_unit_test(rates_are_of_a_second_or_more),
        cmocka_unit_test(what_is_made_comes_with_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
