/* Rules that look at several servers of a cluster: two primaries, who was left behind, who lost whom. */
#include "tests/unit/rule-world.h"

#include "base/mem.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void two_primaries_are_told_on_both(void **state)
{
    (void)state;
    world_begin();
    world.role[TWO] = SERVER_PRIMARY;
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 1, true);
    for (int s = 0; s < 3; s++) {
        world_answer(ONE, "server", "database=d|timeline=1");
        world_answer(TWO, "server", "database=e|timeline=2");
        world_pass(1);
    }
    world_expect("split_brain", ONE, LEVEL_FINE, NULL);         /* two databases of one server */
    world_facts(TWO, 9, 2, true);
    world_answer(ONE, "replication", "kind=sender|name=x|id=7|state=streaming\nkind=sender|name=y|id=8|state=backup");
    world_answer(TWO, "replication", NULL);
    world_pass(2);
    world_expect("split_brain", ONE, LEVEL_CRIT,
                 "split brain: one (timeline 1) and two (timeline 2) both take writes");
    assert_string_equal(world_finding("split_brain", ONE)->advice,
                        "Decide which one is to stay: one was a primary when it was seen first, and sends to 1 standby; two "
                        "was a primary when it was seen first, and sends to no standby. Stop writes to the other one at once; "
                        "then pg_rewind it, or build it anew. If one is a copy that is meant to go its own way, put the two "
                        "into different groups.");
    world_expect("split_brain", TWO, LEVEL_CRIT,
                 "split brain: two (timeline 2) and one (timeline 1) both take writes");
    world_link(TWO, LINK_WAITING, "", "timeout");
    for (int s = 0; s < 20; s++) {
        world_answer(ONE, "server", "database=d|timeline=1");
        world_pass(1);
    }
    assert_true(world_finding("split_brain", ONE)->held);       /* it may still take writes */
    assert_true(world_finding("split_brain", TWO)->held);
    world_link(TWO, LINK_UP, "", "");
    world.role[TWO] = SERVER_STANDBY;
    for (int s = 0; s < 4; s++) {
        world_answer(ONE, "server", "database=d|timeline=2");
        world_answer(TWO, "server", "database=e|timeline=2");
        world_pass(1);
    }
    world_expect("split_brain", ONE, LEVEL_FINE, NULL);
    world_expect("split_brain", TWO, LEVEL_FINE, NULL);
    world_end();
}

static void reach(int target, int64_t started_us)
{
    struct facts f = {.known = true, .kind = TARGET_SERVER, .monitor = true, .version = 150000, .system_id = 9,
                      .started_us = started_us, .host = mem_string("vip"), .port = mem_string("5432")};
    store_set_facts(world.store, target, &f);
    world_link(target, LINK_UP, "", "");
}

/* Two databases behind one address: after a failover one of them is still asked of the old server. */
static void two_servers_behind_one_address_are_told(void **state)
{
    (void)state;
    world_begin();
    world.role[TWO] = SERVER_PRIMARY;
    reach(ONE, 1);
    reach(TWO, 1);
    world_answer(ONE, "server", "database=d|timeline=1");
    world_answer(TWO, "server", "database=e|timeline=1");
    world_pass(2);
    world_answer(ONE, "server", "database=d|timeline=1");
    reach(TWO, 2);
    for (int s = 0; s < 3; s++) {
        world_pass(1);
        world_answer(TWO, "server", "database=e|timeline=2");
    }
    world_expect("split_brain", ONE, LEVEL_FINE, NULL);         /* it may be that the other one has not noticed yet */
    for (int s = 0; s < 3; s++) {
        world_answer(ONE, "server", "database=d|timeline=1");
        world_pass(1);
    }
    world_expect("split_brain", ONE, LEVEL_CRIT, "split brain: one (timeline 1) and two (timeline 2) both take writes");
    world_link(ONE, LINK_WAITING, "", "timeout");
    reach(ONE, 2);
    world_answer(ONE, "server", "database=d|timeline=2");
    world_pass(12);
    world_expect("split_brain", ONE, LEVEL_FINE, NULL);
    world_end();
}

#define RECEIVES "kind=receiver|name=x|id=5|sent_lsn=900|replay_lsn=900|message_age_s=1|sender="
#define NO_RECEIVER "kind=receiver|name=no receiver|id=0|sent_lsn=900|replay_lsn=900"

/* ONE was the primary, TWO was promoted, THREE stands by; all are told for some seconds what they are on. */
static void tell_timelines(const char *one, const char *two, const char *three, const char *receiver)
{
    for (int s = 0; s < 12; s++) {
        if (one)
            world_answer(ONE, "server", one);
        world_answer(TWO, "server", two);
        world_answer(THREE, "server", three);
        world_answer(THREE, "replication", receiver);
        world_pass(1);
    }
}

static void begin_cluster(void)
{
    world_begin();
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 2, true);
    world_facts(THREE, 9, 3, true);
}

static void a_standby_that_stays_behind_a_fork_is_told(void **state)
{
    (void)state;
    begin_cluster();
    world.role[TWO] = SERVER_PRIMARY;
    tell_timelines("database=d|timeline=2", "database=d|timeline=3|wal_lsn=500", "database=d|timeline=2|wal_lsn=500",
                   RECEIVES "nobody:1");
    world_expect("timeline", THREE, LEVEL_WARN, "three is still on timeline 2, while its primary two is on 3");
    world_expect("timeline", ONE, LEVEL_FINE, NULL);
    world_expect("timeline", TWO, LEVEL_FINE, NULL);
    tell_timelines("database=d|timeline=2", "database=d|timeline=3|wal_lsn=900", "database=d|wal_lsn=500", NO_RECEIVER);
    world_expect("timeline", THREE, LEVEL_WARN,
                 "three received timeline 2 last and receives nothing now, while its primary two is on 3");
    assert_false(world_finding("timeline", THREE)->held);
    world_link(TWO, LINK_WAITING, "", "timeout");
    world.role[ONE] = SERVER_STANDBY;
    world_answer(ONE, "server", "database=d|timeline=2");
    world_pass(5);
    assert_true(world_finding("timeline", THREE)->held);
    world_link(TWO, LINK_UP, "", "");
    tell_timelines("database=d|timeline=3", "database=d|timeline=3|wal_lsn=900", "database=d|timeline=3", RECEIVES "x:1");
    world_expect("timeline", THREE, LEVEL_FINE, NULL);
    world_end();
}

/* Both still write, and the standby went on with the old one: beyond the fork nothing of it is in the new one's past. */
static void a_standby_beyond_the_fork_has_diverged(void **state)
{
    (void)state;
    begin_cluster();
    world_answer(TWO, "server", "database=d|timeline=1|wal_lsn=400");
    world_pass(1);
    world.role[TWO] = SERVER_PRIMARY;
    tell_timelines("database=d|timeline=1", "database=d|timeline=2|wal_lsn=500", "database=d|timeline=1|wal_lsn=450",
                   RECEIVES "nobody:1");
    world_expect("timeline", THREE, LEVEL_WARN, "three is still on timeline 1, while its primary two is on 2");
    world_answer(ONE, "replication", "kind=sender|name=three|id=7|state=streaming|replay_lsn=700");
    tell_timelines("database=d|timeline=1", "database=d|timeline=2|wal_lsn=900", "database=d|timeline=1|wal_lsn=700",
                   RECEIVES "one:5432");
    world_expect("timeline", THREE, LEVEL_FINE, NULL);      /* it follows one of the two, and nobody knows which is to stay */
    world_expect("split_brain", TWO, LEVEL_CRIT, "split brain: two (timeline 2) and one (timeline 1) both take writes");
    assert_true(strstr(world_finding("split_brain", TWO)->advice, "two has been one for 24 s, and sends to no standby"));
    assert_true(strstr(world_finding("split_brain", TWO)->advice, "and sends to 1 standby"));
    world_link(ONE, LINK_WAITING, "", "timeout");
    tell_timelines(NULL, "database=d|timeline=2|wal_lsn=900", "database=d|timeline=1|wal_lsn=480", RECEIVES "one:5432");
    world_expect("timeline", THREE, LEVEL_WARN,
                 "three is still on timeline 1 and follows one, while the primary two is on 2");
    tell_timelines(NULL, "database=d|timeline=2|wal_lsn=900", "database=d|timeline=1|wal_lsn=700", RECEIVES "one:5432");
    world_expect("timeline", THREE, LEVEL_CRIT, "three has diverged from two: on timeline 1 it went past the point where "
                 "timeline 2 began, and cannot follow");
    assert_string_equal(world_finding("timeline", THREE)->advice, "What it has beyond the fork is in no other server's past: "
                        "pg_rewind it to two, or build it anew.");
    world_end();
}

static void begin_cluster_in(const char *one, const char *two, const char *three)
{
    world_begin_in(one, two, three);
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 2, true);
    world_facts(THREE, 9, 3, true);
}

#define COPY_ADVICE "A copy has applications of its own, and was promoted on purpose: see on the sessions page of both where " \
                    "yours write. two was a primary when it was seen first, and sends to "

/* Staging was restored from a backup of production, and promoted: it keeps its identifier, and has the higher timeline. */
static void a_copy_in_another_group_is_no_split_brain(void **state)
{
    (void)state;
    begin_cluster_in("prod", "staging", "prod");
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(ONE, "replication", "kind=sender|name=three|id=7|state=streaming|replay_lsn=700");
    world_answer(TWO, "replication", NULL);
    tell_timelines("database=d|timeline=1|wal_lsn=700", "database=d|timeline=2|wal_lsn=500", "database=d|timeline=1|wal_lsn=700",
                   RECEIVES "one:5432");
    for (int i = ONE; i <= THREE; i++) {
        world_expect("split_brain", i, LEVEL_FINE, NULL);
        world_expect("timeline", i, LEVEL_FINE, NULL);
        world_expect("standby_lost", i, LEVEL_FINE, NULL);
    }
    world_expect("copy", TWO, LEVEL_NOTE, "has the identifier of one (timeline 1), on timeline 2: a copy of it, or a split brain");
    assert_string_equal(world_finding("copy", TWO)->advice, COPY_ADVICE "no standby; one was a primary when it was seen first, "
                        "and sends to 1 standby. If it is none, it is a split brain: decide which one is to stay. Stop writes to "
                        "the other one at once; then pg_rewind it, or build it anew. If it is one, switch this rule off there.");
    world_expect("copy", ONE, LEVEL_FINE, NULL);
    world_expect("copy", THREE, LEVEL_FINE, NULL);
    world_link(ONE, LINK_WAITING, "", "timeout");
    world_pass(5);
    assert_true(world_finding("copy", TWO)->held);
    world_end();
}

/* With a standby of its own, which receives from an address that says nothing. */
static void a_copy_has_its_own_standby(void **state)
{
    (void)state;
    begin_cluster_in("prod", "staging", "staging");
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(ONE, "replication", "kind=sender|name=other|id=7|state=streaming|replay_lsn=700");
    world_answer(TWO, "replication", "kind=sender|name=walreceiver|id=7|state=streaming|replay_lsn=500");
    tell_timelines("database=d|timeline=5|wal_lsn=700", "database=d|timeline=2|wal_lsn=500", "database=d|timeline=2|wal_lsn=500",
                   RECEIVES "10.0.0.1:5432");
    assert_int_equal(engine_shape(world.engine)->nodes[THREE].follows, TWO);
    assert_int_equal(engine_shape(world.engine)->nclusters, 2);
    for (int i = ONE; i <= THREE; i++) {
        world_expect("split_brain", i, LEVEL_FINE, NULL);
        world_expect("timeline", i, LEVEL_FINE, NULL);
        world_expect("standby_lost", i, LEVEL_FINE, NULL);
        world_expect("copy", i, i == ONE ? LEVEL_NOTE : LEVEL_FINE, i == ONE ? "has the identifier of two (timeline 2), on "
                     "timeline 5: a copy of it, or a split brain" : NULL);
    }
    world_end();
}

/* Groups by data centre: the standby in the other one belongs to the cluster, and so it does when it is promoted. */
static void a_standby_in_another_group_is_promoted(void **state)
{
    (void)state;
    begin_cluster_in("shop-eu", "shop-dr", "shop-eu");
    for (int s = 0; s < 4; s++) {
        world_answer(ONE, "replication", "kind=sender|name=walreceiver|id=7|state=streaming\nkind=sender|name=three|id=8|state=streaming");
        world_answer(TWO, "replication", RECEIVES "10.0.0.1:5432");
        tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=1|wal_lsn=900", "database=d|timeline=1|wal_lsn=900",
                       RECEIVES "one:5432");
    }
    assert_int_equal(engine_shape(world.engine)->nodes[TWO].follows, ONE);
    assert_int_equal(cluster_source(engine_shape(world.engine), TWO), ONE);
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "replication", NULL);
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=2|wal_lsn=950", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world_expect("split_brain", ONE, LEVEL_CRIT, "split brain: one (timeline 1) and two (timeline 2) both take writes");
    world_expect("split_brain", TWO, LEVEL_CRIT, "split brain: two (timeline 2) and one (timeline 1) both take writes");
    assert_true(strstr(world_finding("split_brain", TWO)->advice, "as it is in another group, pgvigil takes it for that when it "
                                                                  "is started anew."));
    world_expect("copy", TWO, LEVEL_FINE, NULL);
    world_end();
    begin_cluster_in("shop-eu", "shop-dr", "shop-eu");      /* started anew, nobody knows what it was */
    world.role[TWO] = SERVER_PRIMARY;
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=2|wal_lsn=950", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world_expect("split_brain", TWO, LEVEL_FINE, NULL);
    world_expect("copy", TWO, LEVEL_NOTE, "has the identifier of one (timeline 1), on timeline 2: a copy of it, or a split brain");
    world_expect("copy", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* It stood by in another cluster, and was then made anew from production's backup. */
static void a_copy_that_was_a_standby_elsewhere_is_a_copy(void **state)
{
    (void)state;
    begin_cluster_in("prod", "staging", "prod");
    world_facts(TWO, 8, 2, true);
    world_answer(TWO, "replication", RECEIVES "10.0.0.7:5432");
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=1|wal_lsn=900", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world_link(TWO, LINK_WAITING, "", "refused");
    world_pass(1);
    world_facts(TWO, 9, 4, true);
    world_link(TWO, LINK_UP, "", "");
    world_pass(1);
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "replication", NULL);
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=2|wal_lsn=500", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world_expect("split_brain", TWO, LEVEL_FINE, NULL);
    assert_non_null(world_finding("copy", TWO));
    world_end();
}

/* While it is being restored a copy is in recovery too, but receives nothing; nor did it ever. */
static void a_copy_that_was_seen_in_recovery_is_a_copy(void **state)
{
    (void)state;
    begin_cluster_in("prod", "staging", "prod");
    world_answer(TWO, "replication", "kind=receiver|name=no receiver|id=0|replay_lsn=400");
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|wal_lsn=400", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "replication", NULL);
    tell_timelines("database=d|timeline=1|wal_lsn=900", "database=d|timeline=2|wal_lsn=500", "database=d|timeline=1|wal_lsn=900",
                   RECEIVES "one:5432");
    world_expect("split_brain", TWO, LEVEL_FINE, NULL);
    world_expect("copy", TWO, LEVEL_NOTE, "has the identifier of one (timeline 1), on timeline 2: a copy of it, or a split brain");
    world_end();
}

/* Who was promoted, and of whom it took over; who lost its standby, and which one that may be. */
static void a_failover_names_both_servers(void **state)
{
    (void)state;
    static const char slot[] = "kind=slot|id=0|slot_type=physical|name=s|active=0|replay_lsn=100|retained_bytes=0";
    begin_cluster();
    tell_timelines("database=d|timeline=1", "database=d|timeline=1", "database=d|timeline=1", NO_RECEIVER);
    world_expect("standby_lost", THREE, LEVEL_WARN, "receives nothing: it has no connection to its primary one");
    world_answer(ONE, "replication", slot);
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: nobody uses slot s; three receives nothing");
    world_link(THREE, LINK_WAITING, "", "timeout");
    world_pass(1);
    world_answer(ONE, "replication", slot);
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: nobody uses slot s; three is out of reach");
    world_link(THREE, LINK_UP, "", "");
    world_link(ONE, LINK_WAITING, "", "timeout");
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "server", "database=d|timeline=2");
    world_pass(2);
    world_answer(TWO, "server", "database=d|timeline=2");
    world_expect("role_changed", TWO, LEVEL_WARN,
                 "was promoted: it has been a primary for 2.0 s; one was it before, and is out of reach");
    world_link(ONE, LINK_UP, "", "");
    world.role[ONE] = SERVER_STANDBY;
    world_answer(ONE, "server", "database=d|timeline=2");
    world_pass(2);
    world_answer(ONE, "server", "database=d|timeline=2");
    world_expect("role_changed", ONE, LEVEL_WARN, "was a primary: it has been a standby for 2.0 s; two is the primary now");
    world_end();
}

int test_rule_shape(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_primaries_are_told_on_both),
        cmocka_unit_test(two_servers_behind_one_address_are_told),
        cmocka_unit_test(a_standby_that_stays_behind_a_fork_is_told),
        cmocka_unit_test(a_standby_beyond_the_fork_has_diverged),
        cmocka_unit_test(a_copy_in_another_group_is_no_split_brain),
        cmocka_unit_test(a_copy_has_its_own_standby),
        cmocka_unit_test(a_standby_in_another_group_is_promoted),
        cmocka_unit_test(a_copy_that_was_a_standby_elsewhere_is_a_copy),
        cmocka_unit_test(a_copy_that_was_seen_in_recovery_is_a_copy),
        cmocka_unit_test(a_failover_names_both_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
