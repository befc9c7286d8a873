/* How far standbys are behind at the first look, when only the servers know how long it has been so; and by whose limit. */
#include "tests/unit/rule-world.h"

#include "model/series.h"
#include "tests/unit/test-rules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FAR    "10000000000"        /* about 10 GB */
#define SELF   "kind=self|name=primary|id=0|wal_lsn=" FAR "\n"
#define SENDER "kind=sender|name=two|id=7|client=two|state=streaming|message_age_s=1"

static double line(int target, const char *name)
{
    const struct series *s = store_series(world.store, target, store_find_topic(world.store, "replication"), name, 0);
    return s ? series_last(s) : NAN;
}

static void one_look_tells_a_standby_hours_behind(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "replication", SELF SENDER "|flush_lsn=" FAR "|replay_lsn=1000|replay_lag_s=21600");
    world_expect("lag", ONE, LEVEL_CRIT, "two lags 6 h 00, 9.3 GB behind (an estimate)");
    assert_true(line(ONE, "lag") == 21600);
    world_end();
}

/* Of a standby whose primary is watched as well, by its own row. */
static void a_primary_beside_it_does_not_hide_it(void **state)
{
    (void)state;
    world_begin();
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 2, true);
    world_answer(ONE, "server", "database=d");
    world_answer(TWO, "server", "database=d");
    world_answer(ONE, "replication", SELF);
    world_pass(1);
    world_answer(TWO, "replication", "kind=receiver|name=one|id=5|sender=one:5432|sent_lsn=" FAR "|replay_lsn=1000"
                 "|message_age_s=1|replay_age_s=21600");
    world_expect("lag", TWO, LEVEL_CRIT, "lags 6 h 00, 9.3 GB behind (an estimate)");
    world_end();
}

/* Many bytes and no honest time are not fine, and no number. Few bytes are every busy standby's. */
static void what_is_at_least_is_not_judged_as_if_it_were_all(void **state)
{
    (void)state;
    static const char *const bad[] = {"|flush_lsn=" FAR "|replay_lsn=1000", "|flush_lsn=" FAR "|replay_lsn=1000|replay_lag_s=2"};
    for (int i = 0; i < 2; i++) {
        char rows[300];
        world_begin();
        snprintf(rows, sizeof(rows), SELF SENDER "%s", bad[i]);
        world_answer(ONE, "replication", rows);
        world_expect("lag", ONE, LEVEL_WARN, "two is 9.3 GB behind, for a time that is not known yet");
        assert_true(isnan(line(ONE, "lag")));
        assert_true(line(ONE, "behind") > 9e9);
        world_end();
    }
    world_begin();
    world_answer(ONE, "replication", SELF SENDER "|flush_lsn=" FAR "|replay_lsn=9999990000");
    world_expect("lag", ONE, LEVEL_FINE, NULL);
    assert_true(isnan(line(ONE, "lag")));
    world_answer_for(40, ONE, "replication", SELF SENDER "|flush_lsn=" FAR "|replay_lsn=9999990000");
    world_expect("lag", ONE, LEVEL_WARN, "two lags at least 40 s, 9.8 kB behind");
    world_end();
}

static void a_silent_receiver_is_not_fine_at_the_first_look(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "replication", SELF "kind=sender|name=two|id=7|state=streaming|message_age_s=95|flush_lsn=9999990000"
                 "|replay_lsn=9999990000|replay_lag_s=0.1");
    world_expect("lag", ONE, LEVEL_WARN, "two has been silent for 1:35: how far it is behind is not known");
    world_end();
}

/* A standby that is meant to be behind says so with its own limit, to its primary's row of it as well. */
static void a_delayed_standby_is_judged_by_its_own_limit(void **state)
{
    (void)state;
    static const char rows[] = SELF SENDER "|flush_lsn=" FAR "|replay_lsn=1000|replay_lag_s=3600";
    static const char both[] = SELF SENDER "|flush_lsn=" FAR "|replay_lsn=1000|replay_lag_s=3600\n"
                               "kind=sender|name=other|id=8|client=other|state=streaming|message_age_s=1|flush_lsn=" FAR
                               "|replay_lsn=1000|replay_lag_s=3600";
    world_begin();
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 2, true);
    world_answer(ONE, "server", "database=d");
    world_answer(TWO, "server", "database=d");
    store_set_limit(world.store, TWO, LIMIT_REPLICATION_LAG, (struct limit){7200, 9000});
    for (int i = 0; i < 2; i++) {
        world_answer(TWO, "replication", "kind=receiver|name=one|id=5|sender=one:5432|sent_lsn=" FAR "|replay_lsn=1000"
                     "|message_age_s=1|replay_age_s=3600");
        world_answer(ONE, "replication", rows);
        world_pass(2);
    }
    world_expect("lag", TWO, LEVEL_FINE, NULL);
    world_expect("lag", ONE, LEVEL_FINE, NULL);
    world_answer(ONE, "replication", both);
    world_expect("lag", ONE, LEVEL_CRIT, "other lags 1 h 00, 9.3 GB behind (an estimate)");
    world_end();
}

/* Who wants no finding of lag at all gets none by bytes either. */
static void no_limit_is_silence(void **state)
{
    (void)state;
    world_begin();
    store_set_limit(world.store, ONE, LIMIT_REPLICATION_LAG, (struct limit){NAN, NAN});
    world_answer(ONE, "replication", SELF SENDER "|flush_lsn=" FAR "|replay_lsn=1000");
    world_expect("lag", ONE, LEVEL_FINE, NULL);
    world_end();
}

int test_rule_lag(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_look_tells_a_standby_hours_behind),
        cmocka_unit_test(a_primary_beside_it_does_not_hide_it),
        cmocka_unit_test(what_is_at_least_is_not_judged_as_if_it_were_all),
        cmocka_unit_test(a_silent_receiver_is_not_fine_at_the_first_look),
        cmocka_unit_test(a_delayed_standby_is_judged_by_its_own_limit),
        cmocka_unit_test(no_limit_is_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
