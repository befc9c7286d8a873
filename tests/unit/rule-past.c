/* What rules know of before: it must outlive the answers that told it, however large those of other topics are. */
#include "tests/unit/rule-world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FROM(name, address, pid) \
    "kind=sender|name=" name "|id=" #pid "|client=" address "|state=streaming|replay_lsn=100"
#define STANDBY(name, pid) FROM(name, "10.0.0.7", pid)
#define UNNAMED(address, pid) FROM("walreceiver", address, pid)

/* ---- standbys without a slot ---- */

/* Only what was seen before tells. A backup that is over, and a copy of one table, are no loss. */
static void a_standby_without_a_slot_is_missed(void **state)
{
    (void)state;
    static const char all[] = STANDBY("s1", 1) "\n" STANDBY("s2", 2) "\n"
        "kind=sender|name=pg_basebackup|id=3|state=backup\n" STANDBY("pg_basebackup", 13) "\n"
        "kind=sender|name=tool|id=14|state=startup\n" STANDBY("pg_16384_sync_16390_7", 4) "\n" STANDBY("s3", 5) "|slot=s3";
    world_begin();
    world_answer(ONE, "replication", all);
    world_pass(2);
    world_answer(ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 9));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);        /* another process, and the same standby */
    world_pass(2);
    world_answer(ONE, "replication", STANDBY("s1", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: s2 has received nothing for 2.0 s");
    world_answer_for(16, ONE, "replication", STANDBY("s1", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: s2 has received nothing for 18 s");
    world_answer_for(4, ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 11));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* A role without rights does not see what a sender is for: to it a base backup looks as a standby does. */
static void a_backup_that_is_over_is_not_missed_by_a_plain_role(void **state)
{
    (void)state;
    world_begin();
    world_facts(ONE, 1, 1, false);
    world_answer(ONE, "replication", "kind=sender|name=nightly|id=1");
    world_pass(2);
    world_answer(ONE, "replication", "kind=self|name=one");
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* Nobody mends it by waiting: it goes when it is back. After a day it is no news. */
static void a_standby_stays_missed_until_it_is_back(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 2));
    world_pass(2);
    world_answer_for(400, ONE, "replication", STANDBY("s1", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: s2 has received nothing for 6:42");
    world_answer_for(3600, ONE, "replication", STANDBY("s1", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: s2 has received nothing for 1 h 06");
    world_pass(86400);
    world_answer(ONE, "replication", STANDBY("s1", 1));
    world_expect("standby_lost", ONE, LEVEL_NOTE, "standby lost: s2 has received nothing for 25 h 06");
    world_answer(ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 3));
    world_pass(12);
    world_answer(ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 3));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* At another address under its name, by a new process while the old one lingers, or with a slot: it is there. */
static void a_standby_that_came_otherwise_is_not_missed(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.8", 2));
    world_pass(200);
    world_answer(ONE, "replication", UNNAMED("10.0.0.7", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: walreceiver has received nothing for 3:20");
    world_answer_for(14, ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.9", 3));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_answer_for(60, ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.9", 3) "\n" UNNAMED("10.0.0.9", 4));
    world_answer_for(14, ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.9", 4));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_answer_for(14, ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.9", 5) "|slot=s");
    world_answer_for(14, ONE, "replication", UNNAMED("10.0.0.7", 1));
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);        /* the slot tells of it now */
    world_end();
}

/* Two of one machine, and one of them goes. */
static void one_of_two_alike_is_missed(void **state)
{
    (void)state;
    world_begin();
    world_answer_for(130, ONE, "replication", UNNAMED("10.0.0.7", 1) "\n" UNNAMED("10.0.0.7", 2));
    world_pass(2);
    world_answer(ONE, "replication", UNNAMED("10.0.0.7", 1));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: walreceiver has received nothing for 2.0 s");
    world_end();
}

/* After a switchover they follow the other one; and so does one that went over from a standby to the primary. */
static void a_standby_that_went_over_is_not_missed(void **state)
{
    (void)state;
    world_begin();
    world_facts(ONE, 9, 1, true);
    world_facts(TWO, 9, 2, true);
    world_answer(ONE, "replication", STANDBY("s1", 1));
    world_answer(TWO, "replication", STANDBY("s2", 1));
    world_pass(2);
    world_answer(ONE, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 2));
    world_answer(TWO, "replication", NULL);
    world_expect("standby_lost", TWO, LEVEL_FINE, NULL);
    world.role[ONE] = SERVER_STANDBY;
    world_answer(ONE, "replication", NULL);
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* ---- slots ---- */

#define SLOT(type, name, active, status) \
    "kind=slot|id=0|slot_type=" type "|name=" name "|active=" #active "|replay_lsn=5|retained_bytes=16777216|wal_status=" status

/* Failover tools keep a slot for each of the others on all servers, for the day of a promotion. */
static void what_never_was_used_is_not_lost(void **state)
{
    (void)state;
    world_begin();
    world_answer(ONE, "replication", "kind=slot|id=0|slot_type=physical|name=new|active=0|retained_bytes=0");
    world_expect("standby_lost", ONE, LEVEL_FINE, NULL);
    world_answer(TWO, "replication", SLOT("logical", "kept", 0, "reserved") "\n" SLOT("physical", "patroni", 0, "reserved"));
    world_expect("standby_lost", TWO, LEVEL_FINE, NULL);
    world_answer(ONE, "replication", SLOT("physical", "patroni", 0, "reserved"));
    world_expect("standby_lost", ONE, LEVEL_WARN, "standby lost: nobody uses slot patroni, which keeps 16 MB of WAL");
    world_end();
}

/* On a standby one that was in use, and one that keeps much. */
static void what_a_standby_lost_is_told(void **state)
{
    (void)state;
    world_begin();
    world_answer(TWO, "replication", SLOT("physical", "c", 1, "reserved"));
    world_pass(2);
    world_answer(TWO, "replication", SLOT("physical", "c", 0, "reserved"));
    world_expect("standby_lost", TWO, LEVEL_WARN, "standby lost: nobody uses slot c, which keeps 16 MB of WAL");
    world_end();
    world_begin();
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "replication", SLOT("physical", "c", 1, "reserved"));
    world.role[TWO] = SERVER_STANDBY;
    world_answer(TWO, "replication", SLOT("physical", "c", 0, "reserved"));
    world_expect("standby_lost", TWO, LEVEL_FINE, NULL);        /* it was in use while this one was the primary */
    world_answer(TWO, "replication", SLOT("physical", "c", 0, "extended"));
    world_expect("standby_lost", TWO, LEVEL_WARN, "standby lost: nobody uses slot c, which keeps 16 MB of WAL");
    world_end();
    world_begin();
    world_answer(TWO, "replication", SLOT("physical", "c", 0, "lost"));
    world_expect("standby_lost", TWO, LEVEL_CRIT,
                 "standby lost: slot c has no WAL any more: who used it must be built anew");
    world_end();
}

/* ---- beside large answers ---- */

static void add_sessions(struct buf *rows, int n)
{
    static const char query[] = "SELECT o.id, o.state, sum(l.price * l.amount) AS total FROM orders o JOIN lines l ON l.order_id "
                                "= o.id WHERE o.customer_id = 4711 AND o.state IN ('new', 'paid') GROUP BY o.id, o.state";
    for (int i = 0; i < n; i++)
        buf_printf(rows, "pid=%d|user=shop|backend_type=client backend|state=idle|query=%s\n", 1000 + i, query);
}

/* A minute with 300 sessions, asked each 2 s; as much again of other topics and servers comes in between as a hundred
 * servers answer. */
static void answer_much(int others)
{
    struct buf rows = {0};
    add_sessions(&rows, 300);
    for (int s = 0; s < 60; s += 2) {
        world_answer(TWO, "sessions", buf_text(&rows));
        size_t bytes = store_sight(world.store, TWO, store_find_topic(world.store, "sessions"), 0).good->bytes;
        assert_true(bytes > 100000);
        for (int i = 0; i < others; i++)
            world_answer(i % 2 ? THREE : ONE, "sessions", buf_text(&rows));
        world_pass(2);
    }
    buf_free(&rows);
}

static void large_answers_push_out_no_finding(int others)
{
    world_begin();
    for (int i = ONE; i <= THREE; i++)
        if (i != POOLER)
            world_facts(i, 9, i + 1, true);
    world_answer(THREE, "server", "database=d|timeline=1|wal_lsn=700");
    world_answer(TWO, "server", "database=d|timeline=1|wal_lsn=500");
    world_answer(TWO, "replication", STANDBY("s1", 1) "\n" STANDBY("s2", 2));
    world_pass(2);
    world.role[TWO] = SERVER_PRIMARY;
    world_link(ONE, LINK_WAITING, "", "timeout");
    world_answer(TWO, "server", "database=d|timeline=2|wal_lsn=501");
    world_answer(TWO, "replication", STANDBY("s1", 1));
    for (int s = 0; s < 2; s++) {
        answer_much(others);
        world_answer(THREE, "server", "database=d|timeline=1|wal_lsn=700");
        world_answer(TWO, "server", "database=d|timeline=2|wal_lsn=9000");
        world_answer(TWO, "replication", STANDBY("s1", 1));
        world_pass(2);
    }
    world_answer(TWO, "server", "database=d|timeline=2|wal_lsn=9000");
    world_expect("standby_lost", TWO, LEVEL_WARN, "standby lost: s2 has received nothing for 2:04");
    world_expect("role_changed", TWO, LEVEL_WARN,
                 "was promoted: it has been a primary for 2:04; one was it before, and is out of reach");
    world_expect("timeline", THREE, LEVEL_CRIT, "three has diverged from two: on timeline 1 it went past the point where "
                 "timeline 2 began, and cannot follow");
    world_end();
}

static void many_sessions_push_out_no_finding(void **state)
{
    (void)state;
    large_answers_push_out_no_finding(0);
}

static void many_servers_push_out_no_finding(void **state)
{
    (void)state;
    large_answers_push_out_no_finding(100);
}

/* The question is old, and the wait is not: that is known from the first answer in which it waits. */
static void how_long_one_waits_is_known_beside_many_sessions(void **state)
{
    (void)state;
    struct buf before = {0}, now = {0};
    add_sessions(&before, 8000);
    buf_puts(&before, "pid=10|user=a|state=active|xact_age_s=2|backend_type=client backend\n");
    buf_puts(&now, buf_text(&before));
    buf_puts(&before, "pid=11|user=c|query_age_s=600|backend_type=client backend");
    buf_puts(&now, "pid=11|user=c|blocked_by=10|query_age_s=600|backend_type=client backend");
    world_begin();
    world_version(ONE, 130000);         /* which does not say since when somebody waits */
    world_answer(ONE, "sessions", buf_text(&before));
    world_pass(2);
    for (int s = 0; s <= 12; s += 2) {
        world_answer(ONE, "sessions", buf_text(&now));
        const struct finding *f = world_finding("blocked", ONE);
        assert_int_equal(f ? f->level : LEVEL_FINE, s < 2 ? LEVEL_FINE : s < 12 ? LEVEL_WARN : LEVEL_CRIT);
        world_pass(2);
    }
    world_end();
    buf_free(&before);
    buf_free(&now);
}

int test_rule_past(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_standby_without_a_slot_is_missed),
        cmocka_unit_test(a_backup_that_is_over_is_not_missed_by_a_plain_role),
        cmocka_unit_test(a_standby_stays_missed_until_it_is_back),
        cmocka_unit_test(a_standby_that_came_otherwise_is_not_missed),
        cmocka_unit_test(one_of_two_alike_is_missed),
        cmocka_unit_test(a_standby_that_went_over_is_not_missed),
        cmocka_unit_test(what_never_was_used_is_not_lost),
        cmocka_unit_test(what_a_standby_lost_is_told),
        cmocka_unit_test(many_sessions_push_out_no_finding),
        cmocka_unit_test(many_servers_push_out_no_finding),
        cmocka_unit_test(how_long_one_waits_is_known_beside_many_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
