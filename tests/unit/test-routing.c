/* Heavy questions of a primary go to its standbys: in turn, to those that are fit, and home when none is. */
#include "tests/unit/random.h"
#include "tests/unit/route-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SETTLED 30      /* seconds until every standby has been seen twice */

#define UNTIL(condition)                                                                                      \
    do {                                                                                                      \
        int steps_ = 4000;                                                                                    \
        while (!(condition) && --steps_ > 0)                                                                  \
            world_run(0.05);                                                                                  \
        assert_true(steps_ > 0);                                                                              \
    } while (0)

static enum replica_state state_of(int server)
{
    return store_target(world.engine->store, server)->replica;
}

/* The newest answer that stands under the primary's name. */
static const struct frame *newest(void)
{
    const struct frame *f = world_sight(0, HEAVY).newest;
    assert_non_null(f);
    return f;
}

static void assert_from(int server)
{
    assert_int_equal(newest()->status, FRAME_OK);
    assert_int_equal(newest()->from, server ? server + 1 : 0);
}

static void assert_fell_back(void)
{
    assert_from(0);
    assert_true(newest()->fallback);
}

static void standbys_take_turns(void **state)
{
    (void)state;
    world_begin(4);
    world_run(6);
    assert_fell_back();                     /* nobody is known well enough yet */
    world_run(SETTLED);
    world_forget();
    world_run(505);
    unsigned b = world_asked(1, HEAVY), c = world_asked(2, HEAVY), d = world_asked(3, HEAVY);
    assert_int_equal(b + c + d, 101);
    assert_true(b >= 33 && c >= 33 && d >= 33);
    assert_int_equal(world_asked(0, HEAVY), 0);
    assert_true(newest()->from > 1);
    assert_false(newest()->fallback);
    assert_int_equal(newest()->server_role, SERVER_UNKNOWN);    /* else the primary would be taken for a standby */
    assert_true(newest()->epoch == world_sight(0, LIGHT).newest->epoch);    /* what else it says goes with it */
    assert_int_equal(world_sight(0, HEAVY).state, SIGHT_FRESH);
    assert_int_equal(world_sight(0, HEAVY).skipped, 0);
    for (int i = 1; i < 4; i++)
        assert_int_equal(world_sight(i, HEAVY).state, SIGHT_NONE);      /* it is not their own sample */
    world_end();
}

/* What must see the primary is asked of nobody else, whatever the standbys are. */
static void other_questions_never_move(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    world_forget();
    world_run(100);
    assert_int_equal(world_asked(0, LIGHT), 10);
    assert_int_equal(world_asked(1, LIGHT), 10);
    assert_int_equal(world_sight(0, LIGHT).newest->from, 0);
    assert_false(world_sight(0, LIGHT).newest->fallback);
    world_end();
}

static void who_lags_is_out_until_it_has_caught_up(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    assert_int_equal(state_of(1), REPLICA_IN);
    world.servers[1].replayed_us = world.now_us;
    world_run(20);
    assert_int_equal(state_of(1), REPLICA_IN);
    world_run(40);
    assert_int_equal(state_of(1), REPLICA_OUT_LAG);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 0);
    assert_int_equal(world_asked(2, HEAVY), 10);
    world.servers[1].replayed_us = 0;
    world_run(10);
    assert_int_equal(state_of(1), REPLICA_OUT_LAG);     /* one good answer */
    world_run(10);
    assert_int_equal(state_of(1), REPLICA_IN);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 5);
    world_end();
}

static void none_is_fit(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    world.servers[1].silent_receiver = world.servers[2].silent_receiver = true;
    world_run(20);
    assert_int_equal(state_of(1), REPLICA_OUT_LAG);
    assert_int_equal(state_of(2), REPLICA_OUT_LAG);
    assert_fell_back();
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(0, HEAVY), 10);
    assert_int_equal(world_asked(1, HEAVY) + world_asked(2, HEAVY), 0);
    world_end();
}

/* The sample is not lost: the primary gives it in the same second. */
static void a_standby_that_dies_with_the_question(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    assert_from(1);
    world.servers[1].dies = world.servers[1].refuses = true;
    int64_t before = newest()->taken_us;
    world_run(6);
    assert_false(world.servers[1].dies);
    assert_true(newest()->taken_us > before);
    assert_fell_back();
    assert_int_equal(state_of(1), REPLICA_OUT_DOWN);
    assert_int_equal(world_sight(0, HEAVY).guard.failures, 0);
    assert_int_equal(world_sight(1, HEAVY).guard.failures, 1);
    world.servers[1].refuses = false;
    world_run(60);
    assert_int_equal(state_of(1), REPLICA_IN);
    assert_from(1);
    world_end();
}

/* Frozen, it costs its own deadline and not the sample. */
static void a_standby_that_freezes_with_the_question(void **state)
{
    (void)state;
    struct fake *b = &world.servers[1];
    world_begin(2);
    world_run(1);
    engine_show_also(world.engine, 1, (const int[]){HEAVY}, 1);
    world_run(SETTLED);
    world_show(0, HEAVY);
    b->takes_us = US_PER_S;
    UNTIL(world.engine->pilots[1].errand.sent && b->busy);
    assert_true(world_sight(0, HEAVY).waiting_us >= 0);     /* the page says that it waits */
    assert_true(world_sight(1, HEAVY).waiting_us < 0);
    b->frozen = b->mute = true;
    int64_t asked = world.now_us;
    UNTIL(!newest()->from);
    assert_in_range(world.now_us - asked, 1 * US_PER_S, QUESTION_DEADLINE_US + 200 * US_PER_MS);
    assert_fell_back();
    assert_int_equal(world_sight(1, HEAVY).newest->status, FRAME_LOST);     /* nothing of its own was late */
    world_run(10);
    assert_int_equal(state_of(1), REPLICA_OUT_DOWN);
    assert_int_equal(world_sight(0, HEAVY).state, SIGHT_FRESH);
    world_end();
}

/* That we ended its watcher was a time-out of ours, the first: it is suspect and no more. */
static void one_time_out_is_forgiven(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world.servers[1].chokes = true;
    UNTIL(!world.servers[1].chokes);
    world_run(2.5);
    assert_fell_back();
    assert_int_equal(state_of(1), REPLICA_IN);
    world_run(5);
    assert_from(1);
    world_end();
}

static void who_is_on_probation_is_out_by_any_failure(void **state)
{
    (void)state;
    world_begin(2);
    UNTIL(state_of(1) == REPLICA_PROBATION);
    world_hang_up(1);
    world_run(1);
    assert_int_equal(state_of(1), REPLICA_OUT_DOWN);
    world_end();
}

/* Busy all the time with what is on the screen, it does not keep the primary's page waiting. */
static void a_standby_that_finds_no_time(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world.servers[1].others_take_us = 600 * US_PER_MS;
    engine_set_interval(world.engine, 0.5);
    engine_show_also(world.engine, 1, (const int[]){LIGHT, LAG}, 2);
    UNTIL(world.engine->pilots[1].errand.of);
    int64_t since = world.now_us;
    world_forget();
    UNTIL(world_asked(1, HEAVY) == 1);
    assert_in_range(world.now_us - since, 600 * US_PER_MS, QUESTION_DEADLINE_US + 700 * US_PER_MS);
    world_run(0.1);
    assert_from(1);
    assert_int_equal(world.engine->pilots[1].state, PILOT_UP);
    world_end();
}

/* A key press, or a short interval: what is on its way is not asked for a second time, of anybody. */
static void what_is_on_its_way_is_not_asked_again(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    for (int i = 1; i < 3; i++)
        world.servers[i].takes_us = US_PER_S;
    world_forget();
    UNTIL(world.servers[1].asked[HEAVY] + world.servers[2].asked[HEAVY] > 0);
    world_forget();
    engine_sample_now(world.engine, 0);
    world_run(0.5);
    assert_int_equal(world_asked(0, HEAVY) + world_asked(1, HEAVY) + world_asked(2, HEAVY), 0);
    world_run(1);
    assert_int_equal(world_asked(1, HEAVY) + world_asked(2, HEAVY), 1);
    world_end();
}

/* Two targets are one primary: one standby serves both, one after the other. */
static void two_ask_for_the_same_standby(void **state)
{
    (void)state;
    world_begin(3);
    world.servers[1].standby = false;
    world.servers[1].same_as = 0;
    world.servers[2].takes_us = US_PER_S;
    world_run(1);
    engine_show_also(world.engine, 1, (const int[]){HEAVY}, 1);
    world_run(SETTLED);
    world_forget();
    engine_sample_now(world.engine, 0);
    engine_sample_now(world.engine, 1);
    world_run(3);
    assert_int_equal(world_asked(2, HEAVY), 2);
    world_run(50);
    assert_int_equal(world_asked(0, HEAVY) + world_asked(1, HEAVY), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_sight(i, HEAVY).newest->from, 3);
        assert_int_equal(world_sight(i, HEAVY).state, SIGHT_FRESH);
    }
    world_end();
}

static void a_promoted_one_gets_nothing(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    world.servers[1].turns = true;
    UNTIL(!world.servers[1].turns);
    world_run(0.3);
    assert_fell_back();                     /* the answer of a second primary is not taken */
    assert_int_equal(state_of(1), REPLICA_OUT_ROLE);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 0);
    assert_int_equal(world_asked(2, HEAVY), 0);     /* whom does it follow? */
    assert_int_equal(world_asked(0, HEAVY), 10);
    world.servers[1].standby = true;
    world_run(60);
    assert_int_equal(state_of(1), REPLICA_IN);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 5);
    world_end();
}

static void another_database_cluster_or_group_gets_nothing(void **state)
{
    (void)state;
    world_begin_in(5, (const char *[SERVERS_MAX]){"prod", "prod", "prod", "staging", "staging"});
    world.servers[1].database = "tasks";
    world.servers[2].system_id = 8;
    world.servers[3].standby = false;       /* a copy keeps its identifier, and so does its standby */
    world.servers[3].timeline = world.servers[4].timeline = 2;
    world_run(SETTLED + 50);
    for (int i = 1; i < 5; i++)
        assert_int_equal(world_asked(i, HEAVY), 0);
    assert_from(0);
    assert_false(newest()->fallback);       /* there is nobody who should have answered */
    world_end();
}

/* After a failover it goes on replaying what no other server has: near, but of another past. */
static void one_that_stayed_behind_gets_nothing(void **state)
{
    (void)state;
    world_begin(3);
    world.servers[0].timeline = world.servers[2].timeline = 2;
    world_run(SETTLED);
    assert_int_equal(state_of(1), REPLICA_IN);
    world_forget();
    world_run(50);
    assert_int_equal(world_asked(1, HEAVY), 0);
    assert_int_equal(world_asked(2, HEAVY), 10);
    world_end();
}

static void alone_nothing_changes(void **state)
{
    (void)state;
    world_begin(1);
    world_run(50);
    assert_from(0);
    assert_false(newest()->fallback);
    assert_int_equal(state_of(0), REPLICA_UNKNOWN);
    assert_int_equal(world_asked(0, HEAVY), 10);
    world_end();
}

/* A conflict with recovery, a time-out: the primary answers each time, and the third time-out in a row is the last. */
static void a_standby_that_fails(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world.servers[1].sqlstate = "40001";
    world_run(15);
    assert_fell_back();
    assert_int_equal(state_of(1), REPLICA_IN);
    world.servers[1].sqlstate = "42501";
    world_run(10);
    world_forget();
    world_run(100);
    assert_int_equal(world_asked(1, HEAVY), 0);     /* what it may not see is not asked for again and again */
    assert_fell_back();
    world_end();
}

/* The breaker and the price are those of the server that bore it; how often it is asked is the sample's own affair. */
static void the_bearer_pays(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world.servers[1].takes_us = 900 * US_PER_MS;
    world_run(120);
    assert_from(1);
    assert_true(world_sight(0, HEAVY).slowed);
    assert_true(world.engine->pilots[0].ticks[HEAVY].cost_us < 10 * US_PER_MS);
    assert_true(world.engine->pilots[1].ticks[HEAVY].cost_us > 500 * US_PER_MS);
    assert_int_equal(world.engine->pilots[1].ticks[HEAVY].doublings, 0);
    world_end();
}

static void a_breaker_that_is_open_lets_nothing_out(void **state)
{
    (void)state;
    world_begin(3);
    world_run(SETTLED);
    world.servers[1].sqlstate = "53200";
    UNTIL(world_sight(1, HEAVY).guard.state == BREAKER_OPEN);
    assert_int_equal(world_sight(0, HEAVY).guard.state, BREAKER_CLOSED);
    world_run(1);
    world_forget();
    world_run(20);
    assert_int_equal(world_asked(0, HEAVY), 0);
    assert_int_equal(world_asked(1, HEAVY), 0);
    assert_int_equal(world_asked(2, HEAVY), 4);
    world.servers[1].sqlstate = NULL;
    world_run(40);
    assert_true(world_asked(1, HEAVY) > 0);
    world_end();
}

/* The primary goes while its standby works for it: the answer comes too late for anybody, and nothing is stuck. */
static void a_primary_that_dies_meanwhile(void **state)
{
    (void)state;
    world_begin(2);
    world_run(SETTLED);
    world.servers[1].takes_us = US_PER_S;
    UNTIL(world.engine->pilots[1].errand.sent);
    int64_t before = world_sight(0, HEAVY).good->taken_us;
    world_hang_up(0);
    world.servers[0].refuses = true;
    world_run(5);
    assert_int_equal(newest()->status, FRAME_LOST);
    assert_true(world_sight(0, HEAVY).good->taken_us == before);
    assert_null(world.engine->pilots[1].errand.of);
    world.servers[0].refuses = false;
    world_run(30);
    assert_from(1);
    world_end();
}

/* Whatever comes and goes: never two questions on one connection (the servers look), no sample lost for long. */
static void in_any_weather(void **state)
{
    (void)state;
    struct random r = random_start("routing");
    unsigned moved = 0, stayed = 0;
    for (int run = 0; run < 60; run++) {
        world_begin(2 + (int)random_below(&r, SERVERS_MAX - 1));
        world_run(SETTLED);
        for (int step = 0; step < 40; step++) {
            struct fake *s = &world.servers[1 + random_below(&r, (uint32_t)world.n - 1)];
            uint32_t what = random_below(&r, 10);
            s->refuses = what == 0;
            s->frozen = what == 1;
            s->dies = what == 2;
            s->turns = what == 3;
            s->sqlstate = what == 4 ? "40001" : NULL;
            s->silent_receiver = what == 5;
            s->takes_us = (int64_t)random_below(&r, 2500) * US_PER_MS;
            s->mute = what == 6;
            s->standby = s->standby || what > 6;
            if (what == 0 || what == 6)
                world_hang_up((int)(s - world.servers));
            world_run(random_unit(&r) * 12);
            struct sight seen = world_sight(0, HEAVY);
            assert_non_null(seen.good);
            assert_true(seen.age_us <= seen.interval_us + 3 * QUESTION_DEADLINE_US);
            moved += seen.good->from > 0;
            stayed += seen.good->fallback;
        }
        world_end();
    }
    print_message("from a standby %u, fell back %u\n", moved, stayed);
    assert_true(moved > 300 && stayed > 300);
}

/* A report looks once: a standby that was seen once, and is fine, must do. */
static void one_look_trusts_sooner(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        world_begin(2);
        world.engine->hurry = true;
        world.servers[1].silent_receiver = silent;
        world_show(0, LIGHT);
        world_run(0.1);
        world_show(0, HEAVY);
        UNTIL(world_sight(0, HEAVY).newest);
        assert_true(world.now_us < 1001 * US_PER_S);
        assert_int_equal(newest()->from, silent ? 0 : 2);
        assert_int_equal(newest()->fallback, silent);
        world_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standbys_take_turns),
        cmocka_unit_test(other_questions_never_move),
        cmocka_unit_test(who_lags_is_out_until_it_has_caught_up),
        cmocka_unit_test(none_is_fit),
        cmocka_unit_test(a_standby_that_dies_with_the_question),
        cmocka_unit_test(a_standby_that_freezes_with_the_question),
        cmocka_unit_test(one_time_out_is_forgiven),
        cmocka_unit_test(who_is_on_probation_is_out_by_any_failure),
        cmocka_unit_test(a_standby_that_finds_no_time),
        cmocka_unit_test(what_is_on_its_way_is_not_asked_again),
        cmocka_unit_test(two_ask_for_the_same_standby),
        cmocka_unit_test(a_promoted_one_gets_nothing),
        cmocka_unit_test(another_database_cluster_or_group_gets_nothing),
        cmocka_unit_test(one_that_stayed_behind_gets_nothing),
        cmocka_unit_test(alone_nothing_changes),
        cmocka_unit_test(a_standby_that_fails),
        cmocka_unit_test(the_bearer_pays),
        cmocka_unit_test(a_breaker_that_is_open_lets_nothing_out),
        cmocka_unit_test(a_primary_that_dies_meanwhile),
        cmocka_unit_test(in_any_weather),
        cmocka_unit_test(one_look_trusts_sooner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
