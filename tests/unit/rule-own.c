/* Rules of what we cannot see, and of our own troubles. */
#include "tests/unit/rule-world.h"

#include "base/attr.h"
#include "base/mem.h"
#include "tests/unit/test-rules.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CLIENT "|backend_start=1|backend_type=client backend"

static void a_role_without_rights_is_told_what_it_lacks(void **state)
{
    (void)state;
    world_begin();
    world_facts(ONE, 1, 1, false);
    world_pass(1);
    world_expect("rights", ONE, LEVEL_UNKNOWN, "half blind: role Mon\"itor sees only its own sessions");
    assert_string_equal(world_finding("rights", ONE)->advice,
                        "A superuser can run: GRANT pg_monitor TO \"Mon\"\"itor\"");
    world_fail(ONE, "statements", FRAME_DENIED, "GRANT it");
    world_pass(1);
    world_expect("denied", ONE, LEVEL_UNKNOWN, "statements may not be read: GRANT it");
    world_facts(ONE, 1, 1, true);
    world_answer(ONE, "statements", NULL);
    world_pass(12);
    world_expect("rights", ONE, LEVEL_FINE, NULL);
    world_expect("denied", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* A standby takes nothing that writes; settings of its own it takes. */
static void a_standby_is_mended_on_its_primary(void **state)
{
    (void)state;
    static const char rows[] = "database=d|statements_installed=1|statements_created=0";
    world_begin();
    world_facts(TWO, 2, 1, false);
    world_pass(1);
    assert_string_equal(world_finding("rights", TWO)->advice,
                        "A superuser can run, on its primary: GRANT pg_monitor TO \"Mon\"\"itor\"");
    world_answer(TWO, "eyesight", rows);
    assert_string_equal(world_finding("statistics_off", TWO)->advice,
                        "A superuser can run, on its primary: CREATE EXTENSION pg_stat_statements;");
    world_facts(TWO, 1, 2, false);      /* of the same cluster as ONE */
    world_pass(1);
    world_answer(TWO, "eyesight", rows);
    assert_string_equal(world_finding("rights", TWO)->advice,
                        "A superuser can run, on its primary one: GRANT pg_monitor TO \"Mon\"\"itor\"");
    assert_string_equal(world_finding("statistics_off", TWO)->advice,
                        "A superuser can run, on its primary one: CREATE EXTENSION pg_stat_statements;");
    world_answer(TWO, "sessions", "pid=812|backend_type=startup|backend_start=1\npid=1|blocked_by=812|query_age_s=3|wait_s=3" CLIENT);
    world_expect("blocked", TWO, LEVEL_WARN,
                 "1 session waits behind replay: it holds a lock that a transaction on one took");
    world_answer(TWO, "eyesight", "database=d|track_counts=0");
    assert_string_equal(world_finding("statistics_off", TWO)->advice,
                        "A superuser can run: ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();");
    world_end();
}

static void a_server_that_keeps_no_statistics_is_told(void **state)
{
    (void)state;
    static const char fine[] = "database=d|track_activities=1|track_counts=1|compute_query_id=auto|statements_preloaded=1|"
                               "statements_installed=1|statements_created=1";
    static const struct {
        const char *rows, *words, *advice;
        enum level level;
    } all[] = {
        {"database=d|track_activities=0", "track_activities is off: nobody sees what sessions do",
         "A superuser can run: ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();", LEVEL_UNKNOWN},
        {"database=d|track_counts=0", "track_counts is off: there are no statistics of tables, and autovacuum does not run",
         "A superuser can run: ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();", LEVEL_UNKNOWN},
        {"database=d|compute_query_id=off", "compute_query_id is off: pg_stat_statements counts nothing",
         "A superuser can run: ALTER SYSTEM SET compute_query_id = auto; SELECT pg_reload_conf();", LEVEL_NOTE},
        {"database=d|statements_installed=1|statements_created=0", "pg_stat_statements is not created in this database",
         "A superuser can run: CREATE EXTENSION pg_stat_statements;", LEVEL_NOTE},
        {"database=d|statements_installed=0|statements_created=0",
         "pg_stat_statements is not installed: it comes with PostgreSQL's contrib package", "", LEVEL_NOTE},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const struct finding *list[4];
        world_begin();
        world_answer(ONE, "eyesight", fine);
        world_expect("statistics_off", ONE, LEVEL_FINE, NULL);
        world_answer(ONE, "eyesight", all[i].rows);
        world_expect("statistics_off", ONE, all[i].level, all[i].words);
        assert_string_equal(world_finding("statistics_off", ONE)->advice, all[i].advice);
        assert_int_equal(verdict_list(store_verdict(world.store), ONE, true, list, 4), 1);
        world_answer_for(12, ONE, "eyesight", fine);
        world_expect("statistics_off", ONE, LEVEL_FINE, NULL);
        world_end();
    }
}

static void a_watcher_that_is_ended_again_and_again_is_told(void **state)
{
    (void)state;
    world_begin();
    struct pilot *p = &world.engine->pilots[ONE];
    for (int i = 0; i < 4; i++) {
        p->state = PILOT_UP;
        p->asking = store_find_topic(world.store, "tables");
        pilot_end(p, "the server did not answer within 2 s");
        p->retry_us = INT64_MAX;
        struct link up = store_target(world.store, ONE)->link;
        up.state = LINK_UP;
        store_set_link(world.store, ONE, &up);
        world_pass(20);
        if (i < 2)
            world_expect("watcher_ended", ONE, LEVEL_FINE, NULL);
    }
    world_expect("watcher_ended", ONE, LEVEL_WARN, "our watcher had to be ended 3 times in the last 1:00, 4 times in all: "
                 "tables, the server did not answer within 2 s");
    world_pass(541);
    world_expect("watcher_ended", ONE, LEVEL_FINE, NULL);
    p->state = PILOT_CONNECTING;        /* who did not let us in is told otherwise */
    pilot_end(p, "no connection within 2 s");
    assert_int_equal(store_target(world.store, ONE)->link.ended, 4);
    world_end();
}

static void a_disk_of_ours_that_takes_nothing_is_told(void **state)
{
    (void)state;
    world_begin();
    for (int how = 0; how < 2; how++) {
        struct unwritten u = {.error = ENOSPC, .at_us = engine_now_us(world.engine), .path = "/full/screen"};
        store_set_unwritten(world.store, ONE, &u);
        world_pass(1);
        world_expect("no_writes", ONE, LEVEL_WARN, "No space left on device on this machine: /full/screen was not written");
        world_expect("no_writes", TWO, LEVEL_FINE, NULL);
        u.error = how ? u.error : 0;        /* a later one was written; or nothing more, for ten minutes */
        store_set_unwritten(world.store, ONE, &u);
        world_pass(how ? 590 : 12);
        world_expect("no_writes", ONE, how ? LEVEL_WARN : LEVEL_FINE,
                     how ? "No space left on device on this machine: /full/screen was not written" : NULL);
        world_pass(12);
        world_expect("no_writes", ONE, LEVEL_FINE, NULL);
    }
    world_end();
}

static void a_dear_question_is_told(void **state)
{
    (void)state;
    world_begin();
    int topic = store_find_topic(world.store, "table_sizes");
    world_answer(ONE, "table_sizes", NULL);
    store_set_timing(world.store, ONE, topic, &(struct timing){.interval_us = 40000000, .cost_us = 812000,
                                                                    .slowed = true});
    world_pass(2);
    world_expect("dear", ONE, LEVEL_FINE, NULL);
    world_pass(1);
    world_expect("dear", ONE, LEVEL_NOTE,
                 "exact table sizes: 812 ms on average is more than its share of the interval; asked every 40 s instead");
    store_set_timing(world.store, ONE, topic, &(struct timing){.interval_us = 40000000});
    world_pass(12);
    world_expect("dear", ONE, LEVEL_FINE, NULL);
    world_end();
}

static void a_question_that_is_left_alone_is_told(void **state)
{
    (void)state;
    world_begin();
    int topic = store_find_topic(world.store, "statements");
    int64_t now_us = engine_now_us(world.engine);
    struct guard_state g = {.guarded = true, .state = BREAKER_OPEN, .failures = 5, .since_us = now_us,
                            .until_us = now_us + 31500000};
    store_set_guard(world.store, ONE, topic, &g);
    world_pass(1);
    world_expect("breaker_open", ONE, LEVEL_WARN, "statements failed 5 times in a row: left alone, tried again in 31 s");
    world_pass(62);
    world_expect("breaker_open", ONE, LEVEL_CRIT, "statements failed 5 times in a row: tried again now");
    g.state = BREAKER_CLOSED;
    store_set_guard(world.store, ONE, topic, &g);
    world_pass(12);
    world_expect("breaker_open", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* Before the others have been tried one of them may be its primary, where they are judged. */
static void tasks_of_a_standby_wait_for_its_primary(void **state)
{
    (void)state;
    static const char stuck[] = "definition=orchestrator|queue=triage|stuck=1|stuck_s=370|running=4";
    world_begin();
    store_set_facts(world.store, ONE, &(struct facts){0});
    store_set_link(world.store, ONE, &(struct link){.state = LINK_CONNECTING});
    world_facts(TWO, 1, 1, true);
    world_answer(TWO, "queues", stuck);
    world_expect("stuck_tasks", TWO, LEVEL_FINE, NULL);
    world_facts(ONE, 1, 2, true);
    world_link(ONE, LINK_UP, "", "");
    world_answer(TWO, "queues", stuck);         /* at the same moment */
    world_expect("stuck_tasks", TWO, LEVEL_FINE, NULL);
    world_link(ONE, LINK_WAITING, "", "refused");
    world_pass(1);
    world_answer(TWO, "queues", stuck);
    world_expect("stuck_tasks", TWO, LEVEL_WARN, "1 task stuck, worker gone or slow: orchestrator triage, running for 6:10");
    world_end();
}

/* Its primary is watched in another database: nobody else sees these. */
static void tasks_of_another_database_are_judged(void **state)
{
    (void)state;
    static const char stuck[] = "definition=orchestrator|queue=triage|stuck=1|stuck_s=370|running=4";
    world_begin();
    world_facts(TWO, 1, 1, true);
    struct facts f = {.known = true, .kind = TARGET_SERVER, .monitor = true, .version = 150000, .system_id = 1,
                      .started_us = 2, .database = mem_string("shop")};
    store_set_facts(world.store, ONE, &f);
    world_pass(1);
    world_answer(TWO, "queues", stuck);
    world_expect("stuck_tasks", TWO, LEVEL_WARN, "1 task stuck, worker gone or slow: orchestrator triage, running for 6:10");
    world_end();
}

int test_rule_own(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_without_rights_is_told_what_it_lacks),
        cmocka_unit_test(a_standby_is_mended_on_its_primary),
        cmocka_unit_test(tasks_of_a_standby_wait_for_its_primary),
        cmocka_unit_test(tasks_of_another_database_are_judged),
        cmocka_unit_test(a_server_that_keeps_no_statistics_is_told),
        cmocka_unit_test(a_watcher_that_is_ended_again_and_again_is_told),
        cmocka_unit_test(a_disk_of_ours_that_takes_nothing_is_told),
        cmocka_unit_test(a_dear_question_is_told),
        cmocka_unit_test(a_question_that_is_left_alone_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
