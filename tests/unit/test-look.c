/* What a report shows of one look: the order, the cap, and the texts that belong to it. */
#include "base/attr.h"
#include "base/buf.h"
#include "probes/list.h"
#include "probes/statement_look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void set_text(struct frame_builder *b, const struct schema *s, const char *column, const char *text)
{
    if (text)
        frame_build_text(b, schema_find(s, column), text, strlen(text));
}

static int64_t number(const struct frame *f, uint32_t row, const char *column)
{
    return frame_cell(f, row, schema_find(f->schema, column))->i;
}

/* ---- sessions ---- */

static void add_session(struct frame_builder *b, int64_t pid, const char *state, double query_age, double xact_age,
                        double state_age)
{
    const struct schema *s = probe_sessions.schema;
    frame_build_row(b);
    frame_build_int(b, schema_find(s, "pid"), pid);
    set_text(b, s, "state", state);
    frame_build_real(b, schema_find(s, "query_age_s"), query_age);
    frame_build_real(b, schema_find(s, "xact_age_s"), xact_age);
    frame_build_real(b, schema_find(s, "state_age_s"), state_age);
}

static void who_works_comes_first_and_the_oldest_of_them(void **state)
{
    (void)state;
    static const int64_t order[] = {4, 2, 6, 3, 5, 1};
    struct frame_builder *b = frame_build(probe_sessions.schema);
    add_session(b, 1, NULL, 900, 900, 900);
    add_session(b, 2, "active", 3, 3, 3);
    add_session(b, 3, "idle in transaction (aborted)", 100, 20, 5);
    add_session(b, 4, "active", 50, 1, 1);
    add_session(b, 5, "idle", 1, 0, 800);
    add_session(b, 6, "idle in transaction", 1, 30, 1);
    struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK});
    struct frame *look = probe_sessions.look(f, &(struct probe_context){0});
    assert_int_equal(look->nrows, COUNT_OF(order));
    for (uint32_t i = 0; i < look->nrows; i++)
        assert_int_equal(number(look, i, "pid"), order[i]);
    frame_unref(look);
    frame_unref(f);
}

/* ---- statements ---- */

#define STATEMENTS 70       /* the one with id n has cost n % 7 * 100 + n seconds */

static double cost(int id)
{
    return id % 7 * 100 + id;
}

static struct store *with_statements(void)
{
    struct store *s = store_new(1 << 20);
    const struct schema *schema = probe_statements.schema;
    struct frame_builder *b = frame_build(schema);
    store_add_target(s, "a", NULL, NULL);
    store_add_topic(s, &(struct topic){.name = "statements", .schema = schema});
    store_add_topic(s, &(struct topic){.name = "statement_texts", .schema = probe_statement_texts.schema});
    for (int id = 1; id <= STATEMENTS; id++) {
        frame_build_row(b);
        frame_build_int(b, schema_find(schema, "query_id"), id);
        frame_build_int(b, schema_find(schema, "calls"), 10);
        frame_build_real(b, schema_find(schema, "exec_s"), cost(id));
    }
    store_publish(s, 0, 0, frame_seal(b, &(struct frame_head){.status = FRAME_OK}), NULL, NULL);
    return s;
}

static void publish_text(struct store *s, int64_t id, const char *text)
{
    const struct schema *schema = probe_statement_texts.schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    frame_build_int(b, schema_find(schema, "query_id"), id);
    set_text(b, schema, "query", text);
    store_publish(s, 0, 1, frame_seal(b, &(struct frame_head){.status = FRAME_OK}), NULL, NULL);
}

static void the_dearest_statements_are_shown(void **state)
{
    (void)state;
    struct store *s = with_statements();
    struct probe_context c = {.store = s, .one_look = true};
    publish_text(s, 69, "SELECT dear");
    struct frame *look = probe_statements.look(store_sight(s, 0, 0, 0).good, &c);
    assert_int_equal(look->nrows, STATEMENT_LOOK_MAX);
    assert_int_equal(look->nfound, STATEMENTS);
    int exec = schema_find(look->schema, "exec_s"), query = schema_find(look->schema, "query");
    for (uint32_t i = 1; i < look->nrows; i++)
        assert_true(frame_number(look, i - 1, exec) > frame_number(look, i, exec));
    assert_int_equal(number(look, 0, "query_id"), 69);
    assert_true(frame_number(look, 0, schema_find(look->schema, "mean_s")) == cost(69) / 10);
    assert_string_equal(frame_text(look, 0, query).bytes, "SELECT dear");
    assert_false(frame_cell(look, 1, query)->known);
    frame_unref(look);
    store_free(s);
}

/* After one look nothing is known to be busy, and yet there is something to ask. */
static void the_texts_of_the_dearest_are_asked_for(void **state)
{
    (void)state;
    struct store *s = with_statements();
    struct probe_context c = {.store = s, .one_look = true};
    struct buf out = {0};
    assert_true(probe_statement_texts.parameter(&c, &out));
    assert_memory_equal(out.data, "{69,62,", 7);
    unsigned ids = 1;
    for (const char *at = buf_text(&out); (at = strchr(at, ',')) != NULL; at++)
        ids++;
    assert_int_equal(ids, STATEMENTS);      /* of those that are not shown the kind */
    buf_clear(&out);
    c.one_look = false;
    assert_false(probe_statement_texts.parameter(&c, &out));
    buf_free(&out);
    store_free(s);
}

/* A report of one probe alone asks what that probe's question is made of. */
static void what_reads_others_has_them_beside_it(void **state)
{
    (void)state;
    for (int i = 0; probe_table[i]; i++) {
        const char *beside = probe_table[i]->beside;
        bool known = false;
        for (int k = 0; probe_table[k]; k++)
            known |= beside && strcmp(probe_table[k]->name, beside) == 0;
        assert_true(probe_table[i]->parameter ? known : !beside || known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_works_comes_first_and_the_oldest_of_them),
        cmocka_unit_test(the_dearest_statements_are_shown),
        cmocka_unit_test(the_texts_of_the_dearest_are_asked_for),
        cmocka_unit_test(what_reads_others_has_them_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
