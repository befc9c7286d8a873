/* The planner with what only some definitions have: expansion, names, slow sources, optional tables,
 * functions. */
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

static struct frame *expansion(const char *const *tables, const char *const *queues, size_t n,
                               bool second_closed)
{
    struct frame_builder *b = frame_build(&queue_expand_schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        text(b, 0, tables[i]);
        text(b, 1, queues[i]);
        frame_build_int(b, 2, 500 + (int64_t)i);
        frame_build_int(b, 3, 1);
        frame_build_int(b, 4, !(second_closed && i == 1));
        frame_build_int(b, 5, 0);
        text(b, 7, "monitor");
    }
    return seal(b, FRAME_OK, NULL);
}

static struct frame *some_names(void)
{
    static const char *const hashes[] = {"1buPSdlPil", "HWpwuIDm9m"}, *const names[] = {"orders",
                                                                                        "orders-dead"};
    struct frame_builder *b = frame_build(&queue_names_schema);
    for (int i = 0; i < 2; i++) {
        frame_build_row(b);
        text(b, 0, hashes[i]);
        text(b, 1, names[i]);
        frame_build_int(b, 2, i);
    }
    return seal(b, FRAME_OK, NULL);
}

static void hashes_get_names_and_dead_queues_are_dead(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    static const char *const tables[] = {"items_1buPSdlPil_0", "items_1buPSdlPil_1", "items_HWpwuIDm9m_0",
                                         "items_F3g60QnuwJ_0"};
    static const char *const queues[] = {"1buPSdlPil", "1buPSdlPil", "HWpwuIDm9m", "F3g60QnuwJ"};
    const struct table found[] = {
        {"q", "items_1buPSdlPil_0", 0, "r", 1, true, true, false, 1, ITEMS},
        {"q", "items_1buPSdlPil_1", 0, "r", 1, true, true, false, 1, ITEMS},
        {"q", "queues", -1, "r", 1, true, true, false, 1,
         "name\nlease_timeout_ns\nexpire_timeout_ns\ndead_queue\npartition_info"},
    };
    const struct count answer[] = {
        {"1buPSdlPil", "ready", 6, 30, true},     {"1buPSdlPil", "scheduled", 2, -15, false},
        {"1buPSdlPil", "running", 2, -40, false}, {"HWpwuIDm9m", "ready", 3, 900, false},
        {"F3g60QnuwJ", "ready", 1, -1, false},    {"1buPSdlPil", "#in", 100, NONE, false},
        {"1buPSdlPil", "#out", 90, NONE, false},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    free(ask(w, "queues: names of querator in q", some_names()));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, 4, false)));
    char *sql = ask(w, "queues: depth of querator in q", counts(answer, COUNT_OF(answer)));
    assert_non_null(strstr(sql, "from \"q\".\"items_1buPSdlPil_1\" j"));
    assert_non_null(strstr(sql, "pg_stat_get_tuples_inserted"));
    free(sql);
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "querator", "orders", "ready", 6);
    check(f, "querator", "orders", "dead", 0);
    check(f, "querator", "orders", "capped", 1);
    check(f, "querator", "orders", "enqueued", 100);
    check(f, "querator", "orders", "completed", 90);
    check_age(f, "querator", "orders", "next_s", 15);
    check_age(f, "querator", "orders", "running_s", NONE); /* a lease's end, ahead */
    check(f, "querator", "orders-dead", "ready", 0);
    check(f, "querator", "orders-dead", "dead", 3);
    check_age(f, "querator", "orders-dead", "oldest_s", NONE);
    check(f, "querator", "F3g60QnuwJ", "dead", UNKNOWN); /* nobody said its name */
    check_age(f, "querator", "F3g60QnuwJ", "oldest_s", 0);
    frame_unref(f);
    char *stuck;
    assert_true(queue_plan_stuck(w->plan, "querator", "q", "orders", &stuck));
    assert_non_null(strstr(stuck, "items_1buPSdlPil_1"));
    assert_null(strstr(stuck, "items_HWpwuIDm9m_0"));
    free(stuck);
    assert_false(queue_plan_stuck(w->plan, "querator", "q", "nobody", &stuck));
    world_free(w);
}

static void a_closed_partition_is_said(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    static const char *const tables[] = {"items_1buPSdlPil_0", "items_1buPSdlPil_1"}, *const queues[] = {
                                                                                          "1buPSdlPil",
                                                                                          "1buPSdlPil"};
    const struct table found[] = {{"q", "items_1buPSdlPil_0", 0, "r", 1, true, true, false, 1, ITEMS}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, 2, true)));
    char *sql = ask(w, "queues: depth of querator in q", counts(NULL, 0));
    assert_null(strstr(sql, "items_1buPSdlPil_1"));
    free(sql);
    struct frame *f = finish(w);
    assert_string_equal(
        note(f, "querator", "1buPSdlPil"),
        "no SELECT on q.\"items_1buPSdlPil_1\": GRANT SELECT ON q.\"items_1buPSdlPil_1\" TO monitor");
    check(f, "querator", "1buPSdlPil", "ready", 0);
    frame_unref(f);
    world_free(w);
}

static void many_partitions_are_asked_in_chunks(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {{"q", "items_aaaaaaaaaa_0", 0, "r", 1, true, true, false, 1, ITEMS}};
    enum { N = 150 };
    char names[N][32];
    const char *tables[N], *queues[N];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof(names[i]), "items_aaaaaaaaaa_%d", i);
        tables[i] = names[i];
        queues[i] = "aaaaaaaaaa";
    }
    const struct count five = {"aaaaaaaaaa", "ready", 5, 10, false};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, 1)));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, N, false)));
    for (int i = 0; i < 3; i++)
        free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    struct frame *f = finish(w);
    check(f, "querator", "aaaaaaaaaa", "ready", 15);
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    free(ask(w, "queues: depth of querator in q", trouble(&queue_depth_schema, FRAME_FAILED, "deadlock")));
    free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    f = finish(w);
    check(f, "querator", "aaaaaaaaaa", "ready", UNKNOWN); /* part of a sum is no sum */
    frame_unref(f);
    world_free(w);
}

#define PGBOSS(extra)                                                                                  \
    {"pgboss", "version", -1, "r", 1, true, true, false, 1, "version"},                                \
        {"pgboss", "queue", -1, "r", 2, true, true, false, 1, "name\npolicy\ndead_letter"},            \
    {                                                                                                  \
        "pgboss", "job", -1, "p", 3, true, true, false, 900,                                           \
            "id\nname\nstate\nretry_limit\nretry_count\nstart_after\nstarted_on\nsingleton_key\nkeep_" \
            "until\ncompleted_on" extra                                                                \
    }

static void slow_sources_have_a_lane_and_an_age(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {PGBOSS("\nexpire_in\nexpire_seconds\nblocked")};
    const struct count fast = {"mail", "ready", 5, 10, false};
    const struct count slow[] = {{"mail", "running", 2, 30, false}, {"mail", "stuck", 1, 3000, false}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    char *sql = ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1));
    assert_non_null(strstr(sql, "j.state<'active' and not j.blocked")); /* the last variant that fits */
    assert_null(strstr(sql, "state='active'"));
    free(sql);
    sql = ask(w, "queues: slow depth of pgboss in pgboss", counts(slow, 2));
    assert_non_null(strstr(sql, "j.started_on + j.expire_seconds*interval '1 s' + interval '60 s' < now()"));
    free(sql);
    ask_finished(w, "queues: finished of pgboss in pgboss", 3, -1);
    struct frame *f = finish(w);
    check(f, "pgboss", "mail", "running", 2);
    check(f, "pgboss", "mail", "stuck", 1);
    frame_unref(f);
    for (int i = 1; i < 10; i++) {
        begin(w);
        free(ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1)));
        f = finish(w);
        check(f, "pgboss", "mail", "running", 2);
        check_age(f, "pgboss", "mail", "slow_age_s",
                  (double)w->now_us / 1e6); /* these answers say "taken at 0" */
        frame_unref(f);
    }
    begin(w);
    free(ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1)));
    free(ask(w, "queues: slow depth of pgboss in pgboss", trouble(&queue_depth_schema, FRAME_TIMEOUT, NULL)));
    f = finish(w);
    check(f, "pgboss", "mail", "ready", 5);
    check(f, "pgboss", "mail", "running", UNKNOWN);
    check(f, "pgboss", "mail", "stuck", UNKNOWN);
    check(f, "pgboss", "mail", "other", UNKNOWN);
    frame_unref(f);
    world_free(w);
}

static void optional_tables_and_shared_counters(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {
        {"public", "jobs", -1, "r", 9, true, true, false, 1, LARAVEL},
        {"public", "failed_jobs", -1, "r", 10, true, false, false, 1,
         "id\nuuid\nconnection\nqueue\npayload\nexception\nfailed_at"},
        {"two", "jobs", -1, "r", 11, true, true, false, 1, LARAVEL},
    };
    const struct count answer[] = {
        {"mail", "ready", 5, 10, false}, {"", "#in", 40, NONE, false}, {"", "#reset", 3, NONE, false}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    char *sql = ask(w, "queues: depth of laravel in public", counts(answer, COUNT_OF(answer)));
    assert_null(strstr(sql, "failed_jobs"));
    free(sql);
    free(ask(w, "queues: depth of laravel in two", counts(NULL, 0)));
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "laravel", "mail", "failed", UNKNOWN);
    check(f, "laravel", "mail", "enqueued", UNKNOWN);
    check(f, "laravel", "(all)", "enqueued", 40);
    check(f, "laravel", "(all)", "ready", UNKNOWN);
    check(f, "laravel", "(all)", "stats_reset", 3);
    assert_non_null(strstr(note(f, "laravel", "mail"), "GRANT SELECT ON public.failed_jobs TO monitor"));
    assert_string_equal(frame_text(f, 2, QUEUE_SCHEMA).bytes, "two");
    assert_int_equal(frame_cell(f, 2, QUEUE_STATES + STATE_READY)->i, 0);
    assert_true(frame_cell(f, 2, QUEUE_STATES + STATE_READY)->known);
    frame_unref(f);
    world_free(w);
}

static void functions_are_part_of_a_match(void **state)
{
    (void)state;
    static const char *const functions[] = {"read", "set_vt", "archive"};
    for (size_t n = 0; n <= 3; n++) {
        struct world *w = world_new(NULL);
        struct table found[4] = {{"pgmq", "meta", -1, "r", 9, true, true, false, 1,
                                  "queue_name\nis_partitioned\nis_unlogged\ncreated_at"}};
        for (size_t i = 0; i < n; i++)
            found[1 + i] = (struct table){"pgmq", functions[i], -1, "F", 0, false, false, false, 0, NULL};
        begin(w);
        free(ask(w, "queues: catalogue", catalogue(found, 1 + n)));
        if (n == 3) {
            static const char *const table[] = {"q_a"}, *const queue[] = {"A"};
            free(ask(w, "queues: tables of pgmq in pgmq", expansion(table, queue, 1, false)));
            char *sql = ask(w, "queues: depth of pgmq in pgmq", counts(NULL, 0));
            assert_non_null(strstr(sql, "c.relname in ('q_A_msg_id_seq', lower('q_A_msg_id_seq'))"));
            free(sql);
        }
        struct frame *f = finish(w);
        assert_int_equal(f->status, n == 3 ? FRAME_OK : FRAME_ABSENT);
        frame_unref(f);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_get_names_and_dead_queues_are_dead),
        cmocka_unit_test(a_closed_partition_is_said),
        cmocka_unit_test(many_partitions_are_asked_in_chunks),
        cmocka_unit_test(slow_sources_have_a_lane_and_an_age),
        cmocka_unit_test(optional_tables_and_shared_counters),
        cmocka_unit_test(functions_are_part_of_a_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
