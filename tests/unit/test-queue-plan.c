/* The planner: which questions follow from a made-up catalogue, and what the answers come to. */
#include "queue-world.h"

#include "base/mem.h"
#include "probes/queue_match.h"
#include "probes/queue_sql.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_table_of_columns_is_right(void **state)
{
    (void)state;
    static const char *const words[] = QUEUE_STATE_WORDS;
    assert_int_equal(schema_keys(&queues_schema), 3);
    for (int i = 0; i < STATE_COUNT_; i++)
        assert_string_equal(queues_schema.columns[QUEUE_STATES + i].name, words[i]);
    for (int i = 0; i < QUEUE_WIDTH_; i++) {
        const struct column *c = &queues_schema.columns[i];
        assert_true(c->name && strlen(c->heading) <= 12 && c->help[strlen(c->help) - 1] == '.');
        assert_int_equal(schema_find(&queues_schema, c->name), i);
    }
}

static void one_catalogue_question_serves_all(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct buf sql = {0};
    queue_catalogue_sql(&sql, &w->data.defs);
    assert_non_null(strstr(sql.data, "'good_jobs'"));
    assert_non_null(strstr(sql.data, "relname ~ '^items_[0-9A-Za-z]{10,12}_[0-9]+$'"));
    assert_non_null(strstr(sql.data, "'Worker'"));
    assert_non_null(strstr(sql.data, "p.proname = any(array['archive','read','set_vt']::name[])"));
    assert_non_null(strstr(sql.data, "'blocked'")); /* a variant's column */
    buf_free(&sql);
    world_free(w);
}

static void an_empty_database_is_absent(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(NULL, 0)));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_ABSENT);
    assert_string_equal(f->note, "This database holds none of the 19 task queues that are defined.");
    frame_unref(f);
    world_free(w);
}

static void a_missing_column_is_no_match(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {
        {"public", "tasks", -1, "r", 1, true, true, false, 5, "task_id\nstatus\nskill_names"},
        {"public", "a2a_tasks", 0, "r", 2, true, true, false, 5, RAD}, /* as a pattern, not by name */
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_ABSENT);
    frame_unref(f);
    world_free(w);
}

static void unknown_is_not_zero(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {{"public", "tasks", -1, "r", 16400, true, true, false, 200, ORCHESTRATOR}};
    const struct count answer[] = {
        {"triage", "ready", 12, 370, false}, {"triage", "running", 3, 900, false},
        {"triage", "stuck", 2, 900, false},  {"template", "exhausted", 1, 50, false},
        {"template", NULL, 4, NONE, false},  {"", "#dead", 77, NONE, false},
        {"", "#reset", 123, NONE, false},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    char *sql = ask(w, "queues: depth of orchestrator in public", counts(answer, COUNT_OF(answer)));
    assert_non_null(strstr(sql, "from \"public\".tasks j"));
    assert_non_null(strstr(sql, "j.started_at < now()-interval '10 min'"));
    assert_non_null(strstr(sql, "limit 100001"));
    assert_null(strstr(sql, "'finished'"));
    free(sql);
    ask_finished(w, "queues: finished of orchestrator in public", 2, 1000);
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_OK);
    assert_int_equal(f->nrows, 3);
    check(f, "orchestrator", "(all)", "failed", 1000);
    check(f, "orchestrator", "(all)", "done", 1001);
    check(f, "orchestrator", "(all)", "estimated", 1);
    check(f, "orchestrator", "(all)", "ready", UNKNOWN);
    check(f, "orchestrator", "triage", "failed", UNKNOWN);
    check(f, "orchestrator", "triage", "estimated", UNKNOWN);
    check(f, "orchestrator", "triage", "ready", 12);
    check(f, "orchestrator", "triage", "exhausted", 0);
    check(f, "orchestrator", "triage", "stuck", 2);
    check(f, "orchestrator", "triage", "retrying", UNKNOWN);
    check(f, "orchestrator", "triage", "done", UNKNOWN);
    check(f, "orchestrator", "triage", "dead", UNKNOWN);
    check(f, "orchestrator", "triage", "dead_tuples", 77);
    check(f, "orchestrator", "triage", "rows_estimate", 200);
    check(f, "orchestrator", "template", "ready", 0);
    check(f, "orchestrator", "template", "other", 4);
    check_age(f, "orchestrator", "triage", "oldest_s", 370);
    check_age(f, "orchestrator", "triage", "stuck_s", 900);
    check_age(f, "orchestrator", "template", "oldest_s", NONE);
    assert_int_equal(f->cost_us, 40);
    frame_unref(f);
    /* Drained, it stays, at zero; the catalogue is not asked again. */
    begin(w);
    free(ask(w, "queues: depth of orchestrator in public", counts(NULL, 0)));
    f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "orchestrator", "triage", "ready", 0);
    check(f, "orchestrator", "triage", "stuck", 0);
    frame_unref(f);
    /* Not counted: unknown, and why. */
    begin(w);
    free(ask(w, "queues: depth of orchestrator in public",
             trouble(&queue_depth_schema, FRAME_TIMEOUT, "250 ms were not enough")));
    f = finish(w);
    check(f, "orchestrator", "triage", "ready", UNKNOWN);
    check(f, "orchestrator", "triage", "other", UNKNOWN);
    assert_string_equal(note(f, "orchestrator", "triage"), "not counted in time: 250 ms were not enough");
    frame_unref(f);
    world_free(w);
}

static void what_may_not_be_read_says_the_grant(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {
        {"My App", "a2a_tasks", -1, "r", 1, false, false, false, 993, RAD},
        {"g", "_private_jobs", -1, "r", 2, true, true, true, -1,
         "id\njob_queue_id\ntask_id\nrun_at\nattempts\nmax_attempts\nlocked_at\nlocked_by\nis_"
         "available\nkey"},
        {"g", "_private_job_queues", -1, "r", 3, true, true, true, 0,
         "id\nqueue_name\nlocked_at\nis_available"},
        {"g", "_private_tasks", -1, "r", 4, true, true, false, 0, "id\nidentifier"},
        {"public", "a2a_tasks", -1, "r", 5, true, false, false, 10, RAD},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    assert_string_equal(
        note(f, "graphile", "(all)"),
        "g._private_jobs hides its rows by row security: connect as its owner or as a role with BYPASSRLS; "
        "g._private_job_queues hides its rows by row security: connect as its owner or as a role with "
        "BYPASSRLS");
    assert_string_equal(frame_text(f, 1, QUEUE_NOTE).bytes,
                        "no SELECT on \"My App\".a2a_tasks: GRANT USAGE ON SCHEMA \"My App\" TO monitor; "
                        "GRANT SELECT ON \"My App\".a2a_tasks TO monitor");
    assert_string_equal(frame_text(f, 2, QUEUE_NOTE).bytes,
                        "no SELECT on public.a2a_tasks: GRANT SELECT ON public.a2a_tasks TO monitor");
    check(f, "radgateway", "(all)", "ready", UNKNOWN);
    check(f, "radgateway", "(all)", "rows_estimate", 993);
    frame_unref(f);
    world_free(w);
    w = world_new(NULL);
    begin(w);
    struct frame *of_standby = catalogue(tables + 4, 1);
    of_standby->server_role = SERVER_STANDBY;
    free(ask(w, "queues: catalogue", of_standby));
    f = finish(w);
    assert_string_equal(note(f, "radgateway", "(all)"), "no SELECT on public.a2a_tasks; on its primary: GRANT SELECT ON "
                                                        "public.a2a_tasks TO monitor");
    frame_unref(f);
    world_free(w);
}

static void a_lost_session_loses_the_sample_only(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {{"public", "tasks", -1, "r", 1, true, true, false, 2, ORCHESTRATOR}};
    begin(w);
    free(ask(w, "queues: catalogue", trouble(&queue_catalogue_schema, FRAME_TIMEOUT, "late")));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_TIMEOUT);
    assert_string_equal(f->note, "late");
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    free(ask(w, "queues: depth of orchestrator in public", trouble(&queue_depth_schema, FRAME_LOST, "gone")));
    f = finish(w);
    assert_int_equal(f->status, FRAME_LOST);
    assert_int_equal(f->nrows, 0);
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    free(ask(w, "queues: depth of orchestrator in public", counts(NULL, 0)));
    ask_finished(w, "queues: finished of orchestrator in public", 2, 0);
    f = finish(w);
    assert_int_equal(f->status, FRAME_OK);
    check(f, "orchestrator", "(all)", "ready", 0);
    frame_unref(f);
    world_free(w);
}

/* ---- what is locked, and what goes ---- */

static struct frame *refused(const char *sqlstate, const char *words)
{
    return frame_seal(frame_build(&queue_depth_schema),
                      &(struct frame_head){.status = FRAME_TIMEOUT, .sqlstate = sqlstate, .note = words, .epoch = 7});
}

static struct frame *locks(const char *schema, const char *name)
{
    struct frame_builder *b = frame_build(&queue_locks_schema);
    if (name) {
        frame_build_row(b);
        text(b, 0, schema);
        text(b, 1, name);
    }
    return seal(b, FRAME_OK, NULL);
}

/* Once it has met a lock it looks first, so that the server's log hears of it once. */
static void a_locked_queue_is_not_counted(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {{"public", "tasks", -1, "r", 16400, true, true, false, 200, ORCHESTRATOR}};
    const struct count answer[] = {{"triage", "ready", 12, 370, false}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    free(ask(w, "queues: depth of orchestrator in public", counts(answer, 1)));
    ask_finished(w, "queues: finished of orchestrator in public", 2, 1000);
    frame_unref(finish(w));
    begin(w);
    free(ask(w, "queues: depth of orchestrator in public", refused("55P03", "canceling statement due to lock timeout")));
    frame_unref(finish(w));
    for (int i = 0; i < 5; i++) {
        begin(w);
        char *sql = ask(w, "queues: locks", locks("public", "tasks"));
        assert_non_null(strstr(sql, "AccessExclusiveLock"));
        free(sql);
        struct frame *f = finish(w);
        check(f, "orchestrator", "triage", "ready", UNKNOWN);
        assert_non_null(strstr(note(f, "orchestrator", "triage"), "locked"));
        frame_unref(f);
    }
    begin(w);
    free(ask(w, "queues: locks", locks("elsewhere", "tasks")));
    free(ask(w, "queues: depth of orchestrator in public", counts(answer, 1)));
    struct frame *f = finish(w);
    check(f, "orchestrator", "triage", "ready", 12);
    frame_unref(f);
    w->now_us += 300 * 1000000LL;
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    free(ask(w, "queues: depth of orchestrator in public", counts(answer, 1)));
    frame_unref(finish(w));
    world_free(w);
}

static struct frame *expanded(const char *const *names, size_t n)
{
    struct frame_builder *b = frame_build(&queue_expand_schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        text(b, 0, names[i]);
        text(b, 1, "1buPSdlPil");
        frame_build_int(b, 2, (int64_t)i + 1);
        frame_build_int(b, 3, 1);
        frame_build_int(b, 4, 1);
        frame_build_int(b, 5, 0);
        frame_build_int(b, 6, 10);
    }
    return seal(b, FRAME_OK, NULL);
}

/* A partition that went away was an error in the log; after it they are looked up right before each count. */
static void partitions_that_come_and_go_are_looked_up(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const char *const names[] = {"items_1buPSdlPil_0", "items_1buPSdlPil_1"};
    const struct table tables[] = {{"q", names[0], 0, "r", 1, true, true, false, 10, ITEMS},
                                   {"q", names[1], 0, "r", 2, true, true, false, 10, ITEMS}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 2)));
    free(ask(w, "queues: tables of querator in q", expanded(names, 2)));
    free(ask(w, "queues: depth of querator in q", counts(NULL, 0)));
    frame_unref(finish(w));
    begin(w);
    free(ask(w, "queues: depth of querator in q", refused("42P01", "relation \"items_1buPSdlPil_1\" does not exist")));
    frame_unref(finish(w));
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    for (int i = 0; i < 5; i++) {
        free(ask(w, "queues: tables of querator in q", expanded(names, 1)));
        char *sql = ask(w, "queues: depth of querator in q", counts(NULL, 0));
        assert_null(strstr(sql, names[1]));
        free(sql);
        frame_unref(finish(w));
        begin(w);
    }
    world_free(w);
}

static void a_zone_of_its_own_is_used(void **state)
{
    (void)state;
    struct world *w = world_new("format: 1\nqueues:\n- id: radgateway\n  tz: Europe/Berlin\n");
    const struct table tables[] = {{"public", "a2a_tasks", -1, "r", 1, true, true, false, 2, RAD}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    char *sql = ask(w, "queues: depth of radgateway in public", counts(NULL, 0));
    assert_non_null(strstr(sql, "j.expires_at < (now() at time zone 'Europe/Berlin')"));
    assert_non_null(strstr(sql, "(j.updated_at\n)::timestamp at time zone 'Europe/Berlin'"));
    free(sql);
    ask_finished(w, "queues: finished of radgateway in public", 3, 5);
    frame_unref(finish(w));
    world_free(w);
}

static void names_are_quoted_whatever_they_are(void **state)
{
    (void)state;
    struct buf out = {0};
    sql_identifier(&out, "a\"b'c\\");
    sql_literal(&out, "a\"b'c");
    sql_literal(&out, "a\\'; drop");
    assert_string_equal(out.data, "\"a\"\"b'c\\\""
                                  "'a\"b''c'"
                                  " E'a\\\\''; drop'");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_columns_is_right),
        cmocka_unit_test(one_catalogue_question_serves_all),
        cmocka_unit_test(an_empty_database_is_absent),
        cmocka_unit_test(a_missing_column_is_no_match),
        cmocka_unit_test(unknown_is_not_zero),
        cmocka_unit_test(what_may_not_be_read_says_the_grant),
        cmocka_unit_test(a_lost_session_loses_the_sample_only),
        cmocka_unit_test(a_locked_queue_is_not_counted),
        cmocka_unit_test(partitions_that_come_and_go_are_looked_up),
        cmocka_unit_test(a_zone_of_its_own_is_used),
        cmocka_unit_test(names_are_quoted_whatever_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
