/* Small drawings: graphs, values, sheets, the words for answers that are not there, and the detail page. */
#include "base/attr.h"
#include "base/clock.h"
#include "model/rates.h"
#include "tests/unit/random.h"
#include "ui/keymap.h"
#include "ui/widgets/cell.h"
#include "ui/widgets/detail.h"
#include "ui/widgets/sheet.h"
#include "ui/widgets/spark.h"
#include "ui/widgets/words.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The first row of a canvas as text. */
static void assert_row(struct canvas *c, int row, const char *want)
{
    struct buf out = {0};
    canvas_dump(c, &out);
    const char *at = buf_text(&out);
    for (int i = 0; i < row && at; i++)
        at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
    assert_non_null(at);
    char line[1024];
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
    assert_string_equal(line, want);
    buf_free(&out);
}

/* ---- graphs ---- */

static void a_gap_is_never_a_zero(void **state)
{
    (void)state;
    static const double values[] = {NAN, 0, 1, 2, 4, 8, NAN, 8};
    static const struct {
        enum glyphs glyphs;
        const char *want;
    } cases[] = {
        {GLYPHS_ASCII, "? .:=#?#"},
        {GLYPHS_BLOCKS, "·▁▂▃▅█·█"},
        {GLYPHS_BRAILLE, "····⢀⣤⣾⢸"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct canvas *c = canvas_new(1, 8, TEXT_UTF8);
        c->glyphs = cases[i].glyphs;
        double top = spark_values(c, 0, 0, 8, values, COUNT_OF(values), 0, LOOK_GRAPH);
        assert_true(top == 8);
        assert_row(c, 0, cases[i].want);
        canvas_free(c);
    }
}

static void a_sparkline_shows_the_newest_at_the_right(void **state)
{
    (void)state;
    struct series *s = series_new(100);
    struct canvas *c = canvas_new(1, 10, TEXT_UTF8);
    for (int i = 0; i < 5; i++)
        series_push(s, i * US_PER_S, i);
    struct spark spark = {.series = s, .now_us = 4 * US_PER_S, .span_us = 10 * US_PER_S, .hold_us = 1500000,
                          .look = LOOK_GRAPH, .unit = UNIT_COUNT};
    assert_true(spark_draw(c, 0, 0, 10, &spark) == 5);      /* a round number, that seldom moves */
    spark.top = 4;
    assert_true(spark_draw(c, 0, 0, 10, &spark) == 4);
    assert_row(c, 0, "·····▁▃▅▇█");
    spark.now_us = 8 * US_PER_S;        /* nothing came for four seconds: a gap, not the last value */
    canvas_clear(c);
    spark_draw(c, 0, 0, 10, &spark);
    assert_row(c, 0, "·▁▃▅▇███··");
    spark.series = NULL;
    assert_true(isnan(spark_draw(c, 0, 0, 10, &spark)));
    assert_row(c, 0, "··········");
    canvas_free(c);
    series_free(s);
}

static void scales_are_round(void **state)
{
    (void)state;
    static const struct {
        double value, want;
        enum unit unit;
    } cases[] = {
        {0, 0, UNIT_COUNT},        {1, 1, UNIT_COUNT},         {2.1, 3, UNIT_COUNT},      {4, 5, UNIT_COUNT},
        {5.5, 10, UNIT_COUNT},     {274, 300, UNIT_COUNT},     {0.004, 0.005, UNIT_COUNT}, {1001, 2000, UNIT_COUNT},
        {1000, 1024, UNIT_BYTES},  {1024, 1024, UNIT_BYTES},   {1025, 2048, UNIT_BYTES},  {0.7, 1, UNIT_SECONDS},
        {11, 30, UNIT_SECONDS},    {61, 120, UNIT_SECONDS},    {3601, 5000, UNIT_SECONDS}, {0.02, 0.02, UNIT_SECONDS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double got = spark_round(cases[i].value, cases[i].unit);
        if (fabs(got - cases[i].want) > 1e-9)
            fail_msg("%g rounds to %g, not to %g", cases[i].value, got, cases[i].want);
    }
    assert_true(spark_round(NAN, UNIT_COUNT) == 0);
}

static void bars_show_their_limits(void **state)
{
    (void)state;
    static const struct {
        double used, limit;
        const char *want;
        enum role_name look;
    } cases[] = {
        {0, 100, "░░░░░░░░││", LOOK_BORDER},
        {0.1, 100, "█░░░░░░░││", LOOK_GRAPH},
        {50, 100, "█████░░░││", LOOK_GRAPH},
        {80, 100, "████████││", LOOK_WARN},
        {97, 100, "█████████│", LOOK_CRIT},
        {120, 100, "█████████>", LOOK_CRIT},
        {NAN, 100, "··········", LOOK_UNKNOWN},
        {5, 0, "··········", LOOK_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct canvas *c = canvas_new(1, 10, TEXT_UTF8);
        bar_draw(c, 0, 0, 10, cases[i].used, cases[i].limit, 0.8, 0.95);
        assert_row(c, 0, cases[i].want);
        assert_int_equal(c->cells[0].look, cases[i].look);
        canvas_free(c);
    }
}

static void graphs_stay_inside(void **state)
{
    (void)state;
    struct random r = random_start(__func__);
    for (int i = 0; i < 3000; i++) {
        struct canvas *c = canvas_new(3, 40, TEXT_UTF8);
        double values[60];
        int n = (int)random_below(&r, 60);
        c->glyphs = (enum glyphs)random_below(&r, 3);
        for (int k = 0; k < n; k++)
            values[k] = random_below(&r, 4) ? (random_unit(&r) - 0.2) * pow(10, random_below(&r, 30)) : NAN;
        canvas_fill(c, 0, 0, 3, 40, LOOK_TEXT, "x");
        struct rect old = canvas_clip(c, (struct rect){1, 5, 1, 30});
        int columns = (int)random_below(&r, 31);
        spark_values(c, 0, 0, columns, values, n, random_below(&r, 2) ? random_unit(&r) * 100 : 0,
                     LOOK_GRAPH);
        bar_draw(c, 0, 0, (int)random_below(&r, 31), random_unit(&r) * 3, random_unit(&r), 0.5, 0.9);
        canvas_unclip(c, old);
        for (int column = 0; column < 40; column++) {
            assert_string_equal(c->cells[column].utf8, "x");
            assert_string_equal(c->cells[80 + column].utf8, "x");
            assert_true((column >= 5 && column < 35) || strcmp(c->cells[40 + column].utf8, "x") == 0);
        }
        canvas_free(c);
    }
}

/* ---- sheets and cells ---- */

enum { PID, WHEN, NAME, CALLS, BYTES, RESET, BASE_COLUMNS };

static const struct column base_columns[] = {
    [PID] = {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Process id."},
    [WHEN] = {"started", "started", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 0, "Start."},
    [NAME] = {"name", "name", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Name."},
    [CALLS] = {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Calls."},
    [BYTES] = {"read", "read", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 0, "Bytes read."},
    [RESET] = {"reset", "reset", TYPE_TIME, ROLE_EPOCH, UNIT_NONE, 0, 0, "Reset."},
};
static const struct schema base_schema = {"things", BASE_COLUMNS, base_columns};

static void fill_double(void *arg, struct frame_builder *b, int column, const struct frame *f,
                        const struct frame *rates, uint32_t row)
{
    assert_ptr_equal(arg, &base_schema);
    assert_true(!rates || rates->nrows == f->nrows);
    frame_build_int(b, column, 2 * frame_cell(f, row, PID)->i);
}

static const struct sheet_extra extras[] = {
    {{"twice", "twice", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Twice the pid."}, fill_double},
    {{NULL}, NULL},
};

static struct frame *base_frame(int64_t pid, int64_t calls, int64_t at_us)
{
    struct frame_builder *b = frame_build(&base_schema);
    frame_build_row(b);
    frame_build_int(b, PID, pid);
    frame_build_int(b, WHEN, 86400 * US_PER_S);
    frame_build_text(b, NAME, "a\x1b[31m\nb", 8);
    frame_build_int(b, CALLS, calls);
    frame_build_int(b, RESET, 5);
    return frame_seal(b,
                      &(struct frame_head){.status = FRAME_OK, .taken_us = at_us, .epoch = 7, .nfound = 12});
}

static void a_sheet_joins_answer_rates_and_extras(void **state)
{
    (void)state;
    struct schema *rates = rates_schema(&base_schema);
    struct sheet *sheet = sheet_new(&base_schema, rates, extras, (void *)&base_schema);
    struct frame *before = base_frame(4711, 100, US_PER_S), *now = base_frame(4711, 150, 3 * US_PER_S);
    struct frame *rated = rates_frame(rates, now, before);
    struct frame *f = sheet_make(sheet, now, rated), *unrated = sheet_make(sheet, now, NULL);
    const struct schema *s = sheet_schema(sheet);
    assert_int_equal(schema_find(s, "reset"), -1);
    assert_int_equal(f->nfound, 12);
    assert_int_equal(frame_cell(f, 0, schema_find(s, "pid"))->i, 4711);
    assert_true(frame_number(f, 0, schema_find(s, "calls")) == 25);
    assert_true(isnan(frame_number(unrated, 0, schema_find(s, "calls"))));
    assert_true(frame_number(f, 0, schema_find(s, "calls_total")) == 150);
    assert_false(frame_cell(f, 0, schema_find(s, "read"))->known);
    assert_true(frame_number(f, 0, schema_find(s, "twice")) == 9422);
    assert_true(frame_key_hash(f, 0) == frame_key_hash(now, 0));
    static const struct schema other = {"others", 1, base_columns};
    struct frame *wrong = frame_seal(frame_build(&other), &(struct frame_head){.status = FRAME_OK});
    assert_null(sheet_make(sheet, wrong, NULL));
    frame_unref(wrong);
    frame_unref(before);
    frame_unref(now);
    frame_unref(rated);
    frame_unref(f);
    frame_unref(unrated);
    sheet_free(sheet);
    schema_free(rates);
}

static void values_have_units(void **state)
{
    (void)state;
    static const struct {
        struct column column;
        double value;
        const char *brief, *full;
    } cases[] = {
        {{"a", "a", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "."}, 4711, "4711", "4711"},
        {{"a", "a", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "."}, 1204, "1,204", "1,204"},
        {{"a", "a", TYPE_INT, ROLE_GAUGE, UNIT_XIDS, 0, 0, "."}, 1200000, "1.2 M", "1.2 M (1,200,000)"},
        {{"a", "a", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 0, "."},
         222298112,
         "212 MB",
         "212 MB (222,298,112 bytes)"},
        {{"a", "a", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "."}, 724.25, "12:04", "12:04 (724.2 s)"},
        {{"a", "a", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 0, "."}, 0.5, "50.0 %", "50.0 %"},
        {{"a", "a", TYPE_REAL, ROLE_COUNTER, UNIT_COUNT, 0, 0, "."}, 88, "88.0/s", "88.0/s"},
        {{"a", "a", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "."}, 1, "yes", "yes"},
        {{"a", "a", TYPE_LSN, ROLE_GAUGE, UNIT_NONE, 0, 0, "."}, 0x16B374D848, "16/B374D848", "16/B374D848"},
        {{"a", "a", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 0, "."},
         3600e6,
         "01:00:00Z",
         "1970-01-01 01:00:00 UTC (1 h 00 ago)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct schema schema = {"x", 1, &cases[i].column};
        struct frame_builder *b = frame_build(&schema);
        struct buf out = {0};
        struct cell_print print = {TEXT_UTF8, 7200 * US_PER_S, 0};
        frame_build_row(b);
        if (cases[i].column.type == TYPE_REAL)
            frame_build_real(b, 0, cases[i].value);
        else
            frame_build_int(b, 0, (int64_t)cases[i].value);
        frame_build_row(b);
        struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK});
        cell_short(&out, f, 0, 0, &print);
        assert_string_equal(buf_text(&out), cases[i].brief);
        buf_clear(&out);
        cell_long(&out, f, 0, 0, &print);
        assert_string_equal(buf_text(&out), cases[i].full);
        buf_clear(&out);
        assert_int_equal(cell_short(&out, f, 1, 0, &print), LOOK_NULL);
        assert_string_equal(buf_text(&out), "–");
        buf_free(&out);
        frame_unref(f);
    }
}

/* ---- words ---- */

static void grants_are_quoted_and_safe(void **state)
{
    (void)state;
    static const struct {
        const char *role, *want;
    } cases[] = {
        {"mon", "GRANT pg_monitor TO mon"},
        {"app_2", "GRANT pg_monitor TO app_2"},
        {"Mon", "GRANT pg_monitor TO \"Mon\""},
        {"a\"b; drop", "GRANT pg_monitor TO \"a\"\"b; drop\""},
        {"\x1b[31mx", "GRANT pg_monitor TO \"\\x1b[31mx\""},
        {"", "GRANT pg_monitor TO \"\""},
        {NULL, "GRANT pg_monitor TO your_role"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = {0};
        struct facts facts = {.user = (char *)cases[i].role};
        words_grant(&out, "GRANT pg_monitor TO {role}", cases[i].role ? &facts : NULL, TEXT_UTF8);
        assert_string_equal(buf_text(&out), cases[i].want);
        buf_free(&out);
    }
}

static void grants_name_the_extensions_schema(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *want;
    } cases[] = {
        {"public", "GRANT pg_read_all_stats TO mon"},
        {"stats", "GRANT pg_read_all_stats TO mon; GRANT USAGE ON SCHEMA stats TO mon"},
        {"St\"", "GRANT pg_read_all_stats TO mon; GRANT USAGE ON SCHEMA \"St\"\"\" TO mon"},
        {NULL, "GRANT pg_read_all_stats TO mon"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = {0};
        struct facts facts = {.user = (char *)"mon", .nextensions = cases[i].schema != NULL};
        facts.extensions[0] = (struct extension){(char *)"pg_stat_statements", (char *)cases[i].schema, 11000};
        words_grant(&out, "GRANT pg_read_all_stats TO {role}; GRANT USAGE ON SCHEMA {statements} TO {role}", &facts,
                    TEXT_UTF8);
        assert_string_equal(buf_text(&out), cases[i].want);
        buf_free(&out);
    }
}

static struct frame *failed(enum frame_status status, const char *sqlstate, const char *note)
{
    return frame_seal(frame_build(&base_schema),
                      &(struct frame_head){.status = status, .sqlstate = sqlstate, .note = note});
}

static void every_state_has_its_words(void **state)
{
    (void)state;
    struct frame *good = base_frame(1, 1, 1);
    struct target target = {.name = (char *)"t", .link = {.state = LINK_UP},
                            .facts = {.known = true, .monitor = true, .user = (char *)"mon"}};
    static const struct topic topic = {.name = "things", .grant = "GRANT pg_monitor TO {role}"};
    const struct {
        enum sight_state state;
        const struct frame *good;
        enum frame_status status;       /* of the newest, when it is not good */
        const char *sqlstate, *note;
        int64_t age_us, waiting_us;
        const char *banner, *body;
    } cases[] = {
        {SIGHT_NONE, NULL, FRAME_OK, NULL, NULL, -1, -1, "", "Not asked yet.\n"},
        {SIGHT_NONE, NULL, FRAME_OK, NULL, NULL, -1, 3500000, "",
         "Waiting for the first answer: 3 s of 5 s at most.\n"},
        {SIGHT_FRESH, good, FRAME_OK, NULL, NULL, 400000, -1, "", ""},
        {SIGHT_STALE, good, FRAME_OK, NULL, NULL, 12400000, 11000000,
         "= STALE: these rows are 12 s old; no answer for 11 s", ""},
        {SIGHT_FAILING, good, FRAME_FAILED, "57014", "canceling\x1b[2J statement", 9000000, -1,
         "= NOT FRESH: these rows are 9 s old; failed: canceling\\x1b[2J statement (57014)", ""},
        {SIGHT_FAILING, NULL, FRAME_DENIED, "42501", "permission denied for view x", -1, -1, "",
         "? Denied: permission denied for view x (42501)\nTo see it, a superuser can run:\n"
         "    GRANT pg_monitor TO mon;\n"},
        {SIGHT_FAILING, NULL, FRAME_ABSENT, NULL, "extension pg_stat_statements", -1, -1, "",
         "? This server does not have it: extension pg_stat_statements\n"},
        {SIGHT_FAILING, NULL, FRAME_TIMEOUT, NULL, NULL, -1, -1, "",
         "? No answer in time: no reason was given\n"},
        {SIGHT_FAILING, NULL, FRAME_LOST, NULL, "cut", -1, -1, "", "? The connection is lost: cut\n"},
        {SIGHT_FAILING, NULL, FRAME_FAILED, "XX000", "oops", -1, -1, "",
         "? The server could not answer: oops (XX000)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct frame *bad =
            cases[i].status == FRAME_OK ? NULL : failed(cases[i].status, cases[i].sqlstate, cases[i].note);
        struct sight sight = {.state = cases[i].state,
                              .good = cases[i].good,
                              .newest = bad ? bad : cases[i].good,
                              .age_us = cases[i].age_us,
                              .waiting_us = cases[i].waiting_us,
                              .deadline_us = 5 * US_PER_S};
        struct sight_words words;
        words_of_sight(&words, &sight, &topic, &target, 0, TEXT_UTF8);
        assert_string_equal(buf_text(&words.banner), cases[i].banner);
        assert_string_equal(buf_text(&words.body), cases[i].body);
        assert_int_equal(words.rows, cases[i].good != NULL);
        assert_int_equal(words.stale, cases[i].good && cases[i].state != SIGHT_FRESH);
        words_free(&words);
        frame_unref(bad);
    }
    frame_unref(good);
}

static void a_plain_role_is_told_what_it_lacks(void **state)
{
    (void)state;
    struct frame *good = base_frame(1, 1, 1);
    struct target target = {.link = {.state = LINK_UP}, .facts = {.known = true, .kind = TARGET_SERVER, .user = (char *)"mon"}};
    static const struct topic topic = {.name = "things", .grant = "GRANT pg_monitor TO {role}"};
    struct sight sight = {.state = SIGHT_FRESH, .good = good, .newest = good, .waiting_us = -1};
    struct sight_words words;
    words_of_sight(&words, &sight, &topic, &target, 0, TEXT_UTF8);
    assert_string_equal(buf_text(&words.banner), "? partly hidden; to see all: GRANT pg_monitor TO mon");
    words_free(&words);
    target.facts.standby = true;
    words_of_sight(&words, &sight, &topic, &target, 0, TEXT_UTF8);
    assert_string_equal(buf_text(&words.banner), "? partly hidden; to see all, on its primary: GRANT pg_monitor TO mon");
    words_free(&words);
    struct frame *bad = failed(FRAME_DENIED, "42501", "no");
    sight = (struct sight){.state = SIGHT_FAILING, .newest = bad, .waiting_us = -1};
    words_of_sight(&words, &sight, &topic, &target, 0, TEXT_UTF8);
    assert_string_equal(buf_text(&words.body), "? Denied: no (42501)\nTo see it, a superuser can run, on its primary:\n"
                                               "    GRANT pg_monitor TO mon;\n");
    words_free(&words);
    frame_unref(bad);
    frame_unref(good);
}

/* ---- detail ---- */

static void a_detail_follows_its_row_and_says_when_it_is_gone(void **state)
{
    (void)state;
    struct frame *first = base_frame(4711, 1, US_PER_S), *second = base_frame(4711, 2, 2 * US_PER_S);
    struct frame *other = base_frame(9, 3, 5 * US_PER_S);
    struct canvas *c = canvas_new(20, 100, TEXT_UTF8);
    struct detail *d = detail_new(first, 0, NAME);
    struct detail_look look = {17 * US_PER_S, 86460 * US_PER_S, false};
    detail_draw(d, c, &look);
    assert_row(c, 0, "name");
    assert_row(c, 1, "  a\\x1b[31m");
    assert_row(c, 2, "  b");
    assert_row(c, 4, "pid             4711                        Process id.");
    assert_row(c, 5, "started         1970-01-02 00:00:00 UTC (1:00 ago)");
    detail_take(d, second);
    assert_int_equal(frame_cell(detail_row(d), 0, CALLS)->i, 2);
    detail_take(d, other);
    assert_true(detail_gone(d));
    canvas_clear(c);
    detail_draw(d, c, &look);
    assert_row(c, 0, "= gone since 12 s: these are the last values that were seen");
    for (int i = 0; i < c->rows * c->columns; i++)
        assert_true(strcmp(c->cells[i].utf8, " ") == 0 || c->cells[i].look == LOOK_STALE);
    detail_take(d, second);     /* a poller that missed it once */
    assert_false(detail_gone(d));
    canvas_free(c);
    detail_free(d);
    frame_unref(first);
    frame_unref(second);
    frame_unref(other);
}

static void a_detail_scrolls_to_its_end_and_no_further(void **state)
{
    (void)state;
    struct frame *f = base_frame(4711, 1, US_PER_S);
    struct canvas *c = canvas_new(4, 40, TEXT_ASCII);
    struct detail *d = detail_new(f, 0, NAME);
    struct detail_look look = {0};
    struct buf status = {0};
    detail_draw(d, c, &look);
    assert_true(detail_handle(d, REQ_END));
    for (int i = 0; i < 5; i++)
        detail_handle(d, REQ_DOWN);
    canvas_clear(c);
    detail_draw(d, c, &look);
    assert_row(c, 3, "    Reset.");
    detail_status(d, &status);
    assert_string_equal(buf_text(&status), "lines 11-14 of 14");
    assert_true(detail_handle(d, REQ_TOP));
    canvas_clear(c);
    detail_draw(d, c, &look);
    assert_row(c, 0, "name");
    assert_false(detail_handle(d, REQ_SORT));
    buf_free(&status);
    canvas_free(c);
    detail_free(d);
    frame_unref(f);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_never_a_zero),
        cmocka_unit_test(a_sparkline_shows_the_newest_at_the_right),
        cmocka_unit_test(scales_are_round),
        cmocka_unit_test(bars_show_their_limits),
        cmocka_unit_test(graphs_stay_inside),
        cmocka_unit_test(a_sheet_joins_answer_rates_and_extras),
        cmocka_unit_test(values_have_units),
        cmocka_unit_test(grants_are_quoted_and_safe), cmocka_unit_test(grants_name_the_extensions_schema),
        cmocka_unit_test(every_state_has_its_words),
        cmocka_unit_test(a_plain_role_is_told_what_it_lacks),
        cmocka_unit_test(a_detail_follows_its_row_and_says_when_it_is_gone),
        cmocka_unit_test(a_detail_scrolls_to_its_end_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
