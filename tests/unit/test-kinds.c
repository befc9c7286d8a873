/* Kinds of statements: by their texts, learned from answers as they come, and what each kind did in an interval. */
#include "base/attr.h"
#include "base/buf.h"
#include "model/statement_kind.h"
#include "probes/list.h"
#include "tests/unit/random.h"
#include "tests/unit/rule-world.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    enum statement_kind kind;
} texts[] = {
    {"SELECT 1", STATEMENT_SELECT},
    {"select * from t", STATEMENT_SELECT},
    {"  \n\tSELECT 1", STATEMENT_SELECT},
    {"(SELECT 1) UNION (SELECT 2)", STATEMENT_SELECT},
    {"( (select 1))", STATEMENT_SELECT},
    {"VALUES ($1)", STATEMENT_SELECT},
    {"TABLE t", STATEMENT_SELECT},
    {"INSERT INTO t VALUES ($1)", STATEMENT_INSERT},
    {"insert", STATEMENT_INSERT},
    {"UPDATE t SET a = $1", STATEMENT_UPDATE},
    {"DELETE FROM t", STATEMENT_DELETE},
    {"MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", STATEMENT_OTHER},
    {"COPY t TO STDOUT", STATEMENT_OTHER},
    {"BEGIN", STATEMENT_OTHER},
    {"EXPLAIN SELECT 1", STATEMENT_OTHER},
    {"CALL update()", STATEMENT_OTHER},
    {"DECLARE c CURSOR FOR SELECT 1", STATEMENT_OTHER},
    {"selection", STATEMENT_OTHER},
    {"-- update\nSELECT 1", STATEMENT_SELECT},
    {"/* app:web */ UPDATE t SET a = 1", STATEMENT_UPDATE},
    {"/* a /* nested */ DELETE */ INSERT INTO t DEFAULT VALUES", STATEMENT_INSERT},
    {"/* one */ -- two\n /* three */ (SELECT 1)", STATEMENT_SELECT},
    {"SELECT/**/1", STATEMENT_SELECT},
    /* a verb inside does not count */
    {"WITH x AS (SELECT 1) SELECT * FROM x", STATEMENT_SELECT},
    {"with recursive x(a) as (select 1 union all select a from x) select * from x", STATEMENT_SELECT},
    {"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", STATEMENT_SELECT},
    {"WITH o AS (INSERT INTO a VALUES ($1) RETURNING id) INSERT INTO b SELECT id FROM o", STATEMENT_INSERT},
    {"WITH x AS (SELECT 1) UPDATE t SET a = 1", STATEMENT_UPDATE},
    {"WITH x AS NOT MATERIALIZED (SELECT 1), y AS (UPDATE t SET a = 1 RETURNING a) DELETE FROM t", STATEMENT_DELETE},
    {"WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE", STATEMENT_OTHER},
    {"WITH x AS (SELECT 1) VALUES (1)", STATEMENT_SELECT},
    {"(WITH x AS (SELECT 1) SELECT * FROM x)", STATEMENT_SELECT},
    {"/* c */ WITH x AS (SELECT 1) DELETE FROM t", STATEMENT_DELETE},
    /* names that are verbs */
    {"WITH update AS (SELECT 1) SELECT * FROM update", STATEMENT_SELECT},
    {"WITH a AS (SELECT 1), delete AS (SELECT 2) INSERT INTO t SELECT 1", STATEMENT_INSERT},
    {"WITH RECURSIVE insert(a) AS (SELECT 1) SELECT 1", STATEMENT_SELECT},
    {"WITH \"delete\" AS (SELECT 1) UPDATE t SET a = 1", STATEMENT_UPDATE},
    /* verbs and parentheses in quotes */
    {"WITH x AS (SELECT ') DELETE FROM t') SELECT 1", STATEMENT_SELECT},
    {"WITH x AS (SELECT 'it''s) UPDATE') DELETE FROM t", STATEMENT_DELETE},
    {"WITH x AS (SELECT E'\\') DELETE ') SELECT 1", STATEMENT_SELECT},
    {"WITH x AS (SELECT '\\') DELETE FROM t", STATEMENT_DELETE},
    {"WITH x AS (SELECT $q$) DELETE $q$) SELECT 1", STATEMENT_SELECT},
    {"WITH x AS (SELECT $$ ) $$, $1) DELETE FROM t", STATEMENT_DELETE},
    {"WITH x AS (SELECT 1 -- ) DELETE\n) SELECT 1", STATEMENT_SELECT},
    {"WITH x AS (SELECT 1 /* ) DELETE */) SELECT 1", STATEMENT_SELECT},
    {"WITH x AS (SELECT a$b FROM t) UPDATE t SET a$b = 1", STATEMENT_UPDATE},
    /* what does not tell */
    {"", STATEMENT_UNKNOWN},
    {"  ((", STATEMENT_UNKNOWN},
    {"/* never closed", STATEMENT_UNKNOWN},
    {"-- alone", STATEMENT_UNKNOWN},
    {"<insufficient privilege>", STATEMENT_UNKNOWN},
    {"; SELECT 1", STATEMENT_UNKNOWN},
    {"WITH x AS (SELECT 1", STATEMENT_UNKNOWN},
    {"WITH x AS (SELECT 'cut here", STATEMENT_UNKNOWN},
    {"WITH", STATEMENT_UNKNOWN},
    {"\xff\xfe", STATEMENT_UNKNOWN},
};

static void a_text_tells_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *exact = malloc(strlen(texts[i].text));    /* no byte behind it: sanitizers see a read too far */
        memcpy(exact, texts[i].text, strlen(texts[i].text));
        enum statement_kind kind = statement_kind(exact, strlen(texts[i].text));
        free(exact);
        if (kind != texts[i].kind)
            fail_msg("%s: %s, not %s", texts[i].text, statement_kind_word(kind), statement_kind_word(texts[i].kind));
    }
}

/* Wherever it is cut, the kind is the right one or unknown; a first word that is cut is another word. */
static void a_cut_text_does_not_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t len = 0; len < strlen(texts[i].text) && texts[i].kind != STATEMENT_OTHER; len++) {
            enum statement_kind kind = statement_kind(texts[i].text, len);
            if (kind != texts[i].kind && kind != STATEMENT_UNKNOWN && kind != STATEMENT_OTHER)
                fail_msg("%.*s: %s", (int)len, texts[i].text, statement_kind_word(kind));
        }
}

/* Whatever comes, it ends, and reads no further than the text is long. */
static void any_bytes_are_read_to_their_end_alone(void **state)
{
    (void)state;
    static const char *const parts[] = {"WITH ", "SELECT ", "update", "(", ")", ",", "'", "\"", "$", "$$", "$a$", "/*", "*/", "--",
                                        "\n", "E'", "\\", " ", "x", "\xff", "SET ", "$1"};
    struct random r = random_start("kinds");
    for (int i = 0; i < 100000; i++) {
        struct buf text = {0};
        for (uint32_t n = random_below(&r, 12); n > 0; n--)
            buf_puts(&text, parts[random_below(&r, COUNT_OF(parts))]);
        char *exact = malloc(text.len);
        memcpy(exact, buf_text(&text), text.len);
        assert_in_range(statement_kind(exact, text.len), 0, STATEMENT_KIND_COUNT_ - 1);
        free(exact);
        buf_free(&text);
    }
}

/* ---- as answers come ---- */

static double shown(const char *kind, const char *column)
{
    struct sight s = store_sight(world.store, ONE, store_find_topic(world.store, "statement_kinds"),
                                 world.engine->now_us);
    const struct frame *f = s.derived;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        struct frame_text t = frame_text(f, row, 0);
        if (t.len == strlen(kind) && memcmp(t.bytes, kind, t.len) == 0)
            return frame_number(f, row, schema_find(f->schema, column));
    }
    return -1;
}

static void expect(const char *kind, const char *column, double want)
{
    double got = shown(kind, column);
    if (isnan(want) ? !isnan(got) : !(fabs(got - want) < 1e-9))
        fail_msg("%s %s is %g, not %g", kind, column, got, want);
}

#define ROW "user_id=1|database_id=1|toplevel=1|query_id="

static void each_kind_has_what_it_did_in_the_interval(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "statements", ROW "1|calls=1000|exec_s=500\n" ROW "2|calls=10|exec_s=1\n" ROW "3|calls=5|exec_s=1");
    assert_true(shown("SELECT", "calls_per_s") == -1);      /* there is no interval yet */
    world_answer(ONE, "statement_texts", "user_id=1|database_id=1|query_id=1|query=SELECT 1\n"
                                         "user_id=1|database_id=1|query_id=2|head=INSERT");
    world_pass(10);
    world_answer(ONE, "statements", ROW "1|calls=1020|exec_s=501\n" ROW "2|calls=20|exec_s=4\n" ROW "3|calls=6|exec_s=5");
    expect("SELECT", "calls_per_s", 2);
    expect("SELECT", "mean_s", 0.05);
    expect("SELECT", "share", 0.125);
    expect("INSERT", "calls_per_s", 1);
    expect("INSERT", "share", 0.375);
    expect("INSERT", "statements", 1);
    expect("UPDATE", "calls_per_s", 0);
    expect("UPDATE", "mean_s", NAN);
    expect("other", "calls_per_s", 0);
    expect("unknown", "calls_per_s", 0.1);      /* not read yet: never among the others */
    expect("unknown", "share", 0.5);
    world_end();
}

static void what_was_learned_stays(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "statement_texts", "user_id=1|database_id=1|query_id=2|head=DELETE\n"
                                         "user_id=1|database_id=1|query_id=3|head=UPDATE");
    world_answer(ONE, "statements", ROW "2|calls=10|exec_s=1\n" ROW "3|calls=10|exec_s=1");
    world_answer(ONE, "statement_texts", "user_id=1|database_id=1|query_id=4|head=");
    world_pass(10);
    world_answer(ONE, "statements", ROW "2|calls=20|exec_s=1.5\n" ROW "4|calls=1|exec_s=1");
    expect("DELETE", "calls_per_s", 1);
    const struct frame *known = store_sight(world.store, ONE, store_find_topic(world.store, "statement_kinds"), 0).good;
    assert_int_equal(known->nrows, 1);          /* 3 is not counted any more, and the text of 4 is lost */
    world_pass(10);
    world_answer(ONE, "statements", ROW "2|calls=20|exec_s=1.5\n" ROW "4|calls=1|exec_s=1");
    expect("DELETE", "calls_per_s", 0);
    expect("DELETE", "mean_s", NAN);            /* nothing by nothing */
    expect("DELETE", "share", NAN);
    world_end();
}

static void what_runs_inside_does_not_count_twice(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "statement_texts", "user_id=1|database_id=1|query_id=2|head=SELECT");
    for (int i = 1; i <= 2; i++) {
        char rows[200];
        snprintf(rows, sizeof(rows), "user_id=1|database_id=1|query_id=2|toplevel=1|calls=%d|exec_s=%d\n"
                 "user_id=1|database_id=1|query_id=2|toplevel=0|calls=%d|exec_s=%d", i * 10, i, i * 1000, i);
        world_answer(ONE, "statements", rows);
        world_pass(10);
    }
    expect("SELECT", "calls_per_s", 1);
    expect("SELECT", "mean_s", 0.1);
    world_end();
}

/* There is no interval: the sums since the counters began, and the texts come after the statements. */
static void one_look_has_the_sums(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "statements", ROW "1|calls=30|exec_s=6\n" ROW "2|calls=10|exec_s=2");
    world_answer(ONE, "statement_texts", "user_id=1|database_id=1|query_id=1|query=/* c */ DELETE FROM t");
    struct probe_context c = {.store = world.store, .target = ONE, .one_look = true};
    const struct frame *f = store_sight(world.store, ONE, store_find_topic(world.store, "statement_kinds"), 0).good;
    struct frame *look = probe_statement_kinds.look(f, &c);
    assert_int_equal(look->nrows, STATEMENT_KIND_COUNT_);
    assert_memory_equal(frame_text(look, 3, 0).bytes, "DELETE", 6);
    assert_true(frame_number(look, 3, schema_find(look->schema, "calls")) == 30);
    assert_true(frame_number(look, 3, schema_find(look->schema, "share")) == 0.75);
    assert_memory_equal(frame_text(look, 5, 0).bytes, "unknown", 7);
    assert_true(frame_number(look, 5, schema_find(look->schema, "mean_s")) == 0.2);
    assert_true(isnan(frame_number(look, 0, schema_find(look->schema, "mean_s"))));
    frame_unref(look);
    world_end();
}

static void it_fails_as_its_source_does(void **state)
{
    (void)state;
    world_begin();
    world_fail(ONE, "statements", FRAME_ABSENT, "it is not there");
    struct sight s = store_sight(world.store, ONE, store_find_topic(world.store, "statement_kinds"), 0);
    assert_non_null(s.newest);
    assert_int_equal(s.newest->status, FRAME_ABSENT);
    assert_string_equal(s.newest->note, "it is not there");
    world_end();
}

/* ---- what is asked ---- */

static unsigned ask(struct buf *out)
{
    struct probe_context c = {.store = world.store, .target = ONE, .now_us = world.engine->now_us};
    buf_clear(out);
    if (!probe_statement_texts.parameter(&c, out))
        return 0;
    unsigned n = 1;
    for (const char *at = buf_text(out); (at = strchr(at, ',')) != NULL; at++)
        n++;
    return n;
}

static void answer_many(int first, int n, int calls)
{
    struct buf rows = {0};
    for (int i = 0; i < n; i++)
        buf_printf(&rows, "%s" ROW "%d|calls=%d|exec_s=%d", i ? "\n" : "", first + i, i < 3 ? 1 : calls, i < 3 ? 1 : calls);
    world_answer(ONE, "statements", buf_text(&rows));
    buf_free(&rows);
}

/* The text of what is shown is asked each time, a kind once, and of many not all at once; what ran goes first. */
static void a_kind_is_asked_once(void **state)
{
    (void)state;
    struct buf out = {0}, learned = {0};
    world_begin();
    answer_many(1, 1400, 10);
    assert_int_equal(ask(&out), 0);
    world_pass(10);
    answer_many(1, 1400, 20);
    assert_int_equal(ask(&out), 50 + 1000);
    assert_null(strstr(buf_text(&out), ",2,"));         /* did not run, and there is no room for it */
    for (int id = 4; id <= 1400; id++)
        buf_printf(&learned, "%suser_id=1|database_id=1|query_id=%d|head=SELECT", id > 4 ? "\n" : "", id);
    world_answer(ONE, "statement_texts", buf_text(&learned));
    world_pass(10);
    answer_many(1, 1400, 30);
    assert_int_equal(ask(&out), 50 + 3);
    assert_non_null(strstr(buf_text(&out), ",1,"));
    assert_non_null(strstr(buf_text(&out), ",2,"));
    buf_free(&learned);
    buf_free(&out);
    world_end();
}

static void the_dearest_are_learned_first(void **state)
{
    (void)state;
    struct buf out = {0}, rows = {0};
    world_begin();
    for (int when = 0; when < 2; when++) {
        buf_clear(&rows);
        for (int id = 1; id <= 3000; id++)
            buf_printf(&rows, "%s" ROW "%d|calls=%d|exec_s=%d", id > 1 ? "\n" : "", id, 10 + when, when * id);
        world_answer(ONE, "statements", buf_text(&rows));
        world_pass(10);
    }
    assert_int_equal(ask(&out), 50 + 1000);
    assert_memory_equal(buf_text(&out), "{3000,2999,", 11);
    assert_non_null(strstr(buf_text(&out), ",2001}"));      /* the shown ones are among them */
    buf_free(&rows);
    buf_free(&out);
    world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_tells_its_kind),
        cmocka_unit_test(a_cut_text_does_not_lie),
        cmocka_unit_test(any_bytes_are_read_to_their_end_alone),
        cmocka_unit_test(each_kind_has_what_it_did_in_the_interval),
        cmocka_unit_test(what_was_learned_stays),
        cmocka_unit_test(what_runs_inside_does_not_count_twice),
        cmocka_unit_test(one_look_has_the_sums),
        cmocka_unit_test(it_fails_as_its_source_does),
        cmocka_unit_test(a_kind_is_asked_once),
        cmocka_unit_test(the_dearest_are_learned_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
