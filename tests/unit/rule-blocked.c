/* Who is blocked, behind whom, and for how long. */
#include "tests/unit/rule-world.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT "|backend_start=1|backend_type=client backend"

/* Two chains: what waits behind the one is no matter of the other. */
static void each_root_has_its_own_waiters(void **state)
{
    (void)state;
    static const char rows[] =
        "pid=10|user=a|state=idle in transaction|xact_age_s=60" CLIENT "\n"
        "pid=20|user=b|state=active|xact_age_s=2" CLIENT "\n"
        "pid=11|user=c|blocked_by=10|wait_s=9.5" CLIENT "\n"
        "pid=12|user=c|blocked_by=11 10|wait_s=12" CLIENT "\n"
        "pid=21|user=c|blocked_by=20|wait_s=0.3" CLIENT;
    const struct finding *list[8];
    world_begin();
    world_answer(ONE, "sessions", rows);
    assert_int_equal(verdict_list(store_verdict(world.store), ONE, false, list, 8), 1);
    world_expect("blocked", ONE, LEVEL_CRIT, "2 sessions wait behind pid 10 (a, idle in transaction 1:00)");
    world_end();
}

/* A question that has run for long and meets a lock just now has not waited for long. */
static void an_old_question_has_not_waited_all_its_life(void **state)
{
    (void)state;
    static const char before[] = "pid=10|user=a|state=active|xact_age_s=2" CLIENT "\npid=11|user=c|query_age_s=600" CLIENT;
    static const char now[] =
        "pid=10|user=a|state=active|xact_age_s=2" CLIENT "\npid=11|user=c|blocked_by=10|query_age_s=600" CLIENT;
    world_begin();
    world_version(ONE, 130000);         /* which does not say since when somebody waits */
    world_answer(ONE, "sessions", before);
    world_pass(2);
    world_answer(ONE, "sessions", now);
    world_expect("blocked", ONE, LEVEL_FINE, NULL);
    world_pass(2);
    world_answer(ONE, "sessions", now);
    world_expect("blocked", ONE, LEVEL_WARN, "1 session waits behind pid 10 (a, active 2.0 s)");
    world_answer_for(8, ONE, "sessions", now);
    assert_int_equal(world_finding("blocked", ONE)->level, LEVEL_WARN);
    world_answer_for(4, ONE, "sessions", now);
    assert_int_equal(world_finding("blocked", ONE)->level, LEVEL_CRIT);
    world_end();
}

/* At the first look, as check has one alone, nobody knows since when an old question waits. */
static void a_wait_that_is_not_known_is_no_long_one(void **state)
{
    (void)state;
    static const char batch[] = "pid=10|user=a|state=active|xact_age_s=2" CLIENT
                                "\npid=11|user=c|blocked_by=10|query_age_s=7200" CLIENT;
    static const char told[] = "pid=10|user=a|state=active|xact_age_s=2" CLIENT
                               "\npid=11|user=c|blocked_by=10|query_age_s=7200|wait_s=%g" CLIENT;
    static const struct {
        double wait;
        enum level level;
    } all[] = {{0.001, LEVEL_FINE}, {1, LEVEL_WARN}, {10, LEVEL_CRIT}};
    char rows[300];
    world_begin();
    world_answer(ONE, "sessions", batch);       /* it has just begun to wait, or just ended */
    world_expect("blocked", ONE, LEVEL_FINE, NULL);
    world_end();
    world_begin();
    world_version(ONE, 130000);         /* which does not say since when somebody waits */
    world_answer(ONE, "sessions", batch);
    world_expect("blocked", ONE, LEVEL_WARN,
                 "1 session waits behind pid 10 (a, active 2.0 s); since when is not known yet");
    world_pass(2);
    world_answer(ONE, "sessions", batch);
    world_expect("blocked", ONE, LEVEL_WARN, "1 session waits behind pid 10 (a, active 2.0 s)");
    world_end();
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        world_begin();
        snprintf(rows, sizeof(rows), told, all[i].wait);
        world_answer(ONE, "sessions", rows);
        world_expect("blocked", ONE, all[i].level,
                     all[i].level == LEVEL_FINE ? NULL : "1 session waits behind pid 10 (a, active 2.0 s)");
        world_end();
    }
}

/* Who waits for one lock waits for all that are before it in the queue: the blockers grow with the square of those who
 * wait, and looking at them must not grow with more. */
static void a_long_queue_is_judged_at_once(void **state)
{
    (void)state;
    enum { WAITERS = 1000 };
    struct buf rows = {0};
    buf_puts(&rows, "pid=1|user=a|state=idle in transaction|xact_age_s=60" CLIENT);
    for (int i = 0; i < WAITERS; i++) {
        buf_printf(&rows, "\npid=%d|user=c|wait_s=%d" CLIENT "|blocked_by=1", 10000 + i, WAITERS - i);
        for (int before = 0; before < i; before++)
            buf_printf(&rows, " %d", 10000 + before);
    }
    world_begin();
    int64_t began_us = clock_boot_us();
    world_answer(ONE, "sessions", buf_text(&rows));
    assert_in_range(clock_boot_us() - began_us, 0, 2 * US_PER_S);
    world_expect("blocked", ONE, LEVEL_CRIT, "1,000 sessions wait behind pid 1 (a, idle in transaction 1:00)");
    world_end();
    buf_free(&rows);
}

/* A watcher that has gone mad may send more rows than were asked for. */
static void more_rows_than_there_can_be_cost_no_more(void **state)
{
    (void)state;
    struct buf rows = {0};
    buf_puts(&rows, "pid=1|user=a|state=active|xact_age_s=60" CLIENT "\npid=2|user=b|wait_s=12|blocked_by=1" CLIENT);
    for (int i = 0; i < 30000; i++)
        buf_printf(&rows, "\npid=%d|wait_s=12|blocked_by=%d", 10 + i, 9 + i);
    world_begin();
    int64_t began_us = clock_boot_us();
    world_answer(ONE, "sessions", buf_text(&rows));
    assert_in_range(clock_boot_us() - began_us, 0, 20 * US_PER_S);
    world_expect("blocked", ONE, LEVEL_CRIT, "1 session waits behind pid 1 (a, active 1:00)");
    world_end();
    buf_free(&rows);
}

int test_rule_blocked(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_root_has_its_own_waiters),
        cmocka_unit_test(an_old_question_has_not_waited_all_its_life),
        cmocka_unit_test(a_wait_that_is_not_known_is_no_long_one),
        cmocka_unit_test(a_long_queue_is_judged_at_once),
        cmocka_unit_test(more_rows_than_there_can_be_cost_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
