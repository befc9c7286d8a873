/* Who follows a primary: the lag of a standby that is on the screen is as new as its own answers, and its group may be
 * another one. */
#include "tests/unit/route-world.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SETTLED 30      /* seconds until all have been asked what there is */

static void a_primary_is_asked_as_often_as_its_standby_that_is_shown(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world_forget();
    world_run(40);
    assert_int_equal(world_asked(0, LAG), 4);
    world_show(1, LAG);
    world_run(40);
    assert_in_range(world_asked(0, LAG), 20, 21);
    world_show(1, LIGHT);
    world_run(10);
    world_forget();
    world_run(40);
    assert_int_equal(world_asked(0, LAG), 4);
    world_end();
}

/* Longest that a receiver which is frozen is shown with no lag, wherever between two samples it froze. */
static void a_frozen_receiver_is_not_shown_as_none(void **state)
{
    (void)state;
    int64_t longest = 0;
    for (int k = 0; k < 40; k++) {
        world_begin(2);
        world_show(1, LAG);
        world_run(SETTLED + 0.27 * k);
        assert_true(world_lag(1) == 0);
        world.servers[1].replayed_us = world.now_us;
        int64_t frozen = world.now_us;
        while (world_lag(1) == 0)
            world_run(0.05);
        longest = world.now_us - frozen > longest ? world.now_us - frozen : longest;
        world_end();
    }
    print_message("shown as 0 for at most %.2f s\n", (double)longest / US_PER_S);
    assert_true(longest <= 4 * US_PER_S + 200 * US_PER_MS);
}

/* In another data centre: its lag is that behind its primary, and it is asked, if something tells whom it follows. */
static void a_standby_in_another_group_follows(void **state)
{
    (void)state;
    world_begin_in(3, (const char *[SERVERS_MAX]){"shop-eu", "shop-dr", "shop-lab"});
    world.servers[2].sender = "10.0.0.1:5432";
    world_run(SETTLED);
    assert_true(world_lag(1) == 0 && world_lag(2) == 0);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 10);
    assert_int_equal(world_asked(2, HEAVY), 0);     /* who knows whose standby this is */
    world_show(1, LAG);
    world_run(40);
    assert_in_range(world_asked(0, LAG), 20, 30);
    world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_primary_is_asked_as_often_as_its_standby_that_is_shown),
        cmocka_unit_test(a_frozen_receiver_is_not_shown_as_none),
        cmocka_unit_test(a_standby_in_another_group_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
