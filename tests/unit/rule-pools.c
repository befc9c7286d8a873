/* Rules of connection pools that take more than one answer to be raised. */
#include "tests/unit/rule-world.h"

#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Over 80 %, of five or more, for a while: a pool breathes. */
static void a_pool_that_only_sleeps_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *topic, *at_limit, *over, *words;
        int target;
    } all[] = {
        {"pooler_idle", "bouncer_pools", "database=shop|user=app|sv_active=2|sv_idle=5|sv_used=3|sv_tested=0|maxwait=0|maxwait_us=0",
         "database=shop|user=app|sv_active=1|sv_idle=5|sv_used=3|sv_tested=0|maxwait=0|maxwait_us=0",
         "pool shop/app: 8 of its 9 server connections are idle, over 80 %", POOLER},
        {"app_idle", "app_pools", "pool=primary|open=10|in_use=2|idle=8|max_open=20",
         "pool=primary|open=10|in_use=1|idle=9|max_open=20", "pool primary: 9 of its 10 connections are idle, over 80 %", APP},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        world_begin();
        for (int s = 0; s < 10; s++)
            world_answer(all[i].target, all[i].topic, all[i].at_limit);
        world_expect(all[i].rule, all[i].target, LEVEL_FINE, NULL);
        for (int s = 0; s < 5; s++) {
            world_expect(all[i].rule, all[i].target, LEVEL_FINE, NULL);
            world_answer(all[i].target, all[i].topic, all[i].over);
        }
        world_expect(all[i].rule, all[i].target, LEVEL_WARN, all[i].words);
        world_pass(11);
        for (int s = 0; s < 2; s++)
            world_answer(all[i].target, all[i].topic, all[i].at_limit);
        world_expect(all[i].rule, all[i].target, LEVEL_FINE, NULL);
        world_end();
    }
}

int test_rule_pools(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_that_only_sleeps_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
