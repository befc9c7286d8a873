/* Rules that need more than one answer: links, other servers, the past, rights; and causes that speak for symptoms. */
#include "tests/unit/rule-world.h"

#include "base/buf.h"
#include "rules/list.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT "|backend_start=1|backend_type=client backend"

/* ---- the link ---- */

static void what_is_down_is_told_once(void **state)
{
    (void)state;
    static const struct {
        enum link_state link;
        const char *sqlstate, *words, *rule;
        enum level level;
        const char *said, *advice;
    } all[] = {
        {LINK_WAITING, "", "timeout expired", "unreachable", LEVEL_CRIT, "cannot be reached for 2.0 s: timeout expired", ""},
        {LINK_CONNECTING, "", "", "unreachable", LEVEL_CRIT, "cannot be reached for 2.0 s", ""},
        {LINK_WAITING, "28P01", "no password fits", "refused", LEVEL_CRIT, "refuses us for 2.0 s: no password fits",
         "The password is missing, wrong or expired: mend it in ~/.pgpass or the service, or press Ctrl-R to type it."},
        {LINK_WAITING, "53300", "sorry, too many clients already", "refused", LEVEL_CRIT,
         "refuses us for 2.0 s: sorry, too many clients already",
         "The connection slots are taken: all of the server's or, where it names a role or a database, those of its "
         "CONNECTION LIMIT. A superuser still gets in by the reserved ones: end idle sessions, and look for the application "
         "that opened them."},
        {LINK_WAITING, "08P01", "not allowed: do this", "refused", LEVEL_CRIT, "refuses us for 2.0 s: not allowed: do this",
         "Its console is for those whom pgbouncer.ini names under stats_users or admin_users; after a change it wants a "
         "RELOAD."},
        {LINK_WAITING, "08P01", "query_wait_timeout", "refused", LEVEL_CRIT, "refuses us for 2.0 s: query_wait_timeout",
         "A pooler in between gave up: is it paused, is its pool too small, does it reach the server?"},
        {LINK_PASSWORD, "", "", "refused", LEVEL_UNKNOWN, "wants a password for 2.0 s",
         "Press Ctrl-R to type it, or put it into ~/.pgpass."},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const struct finding *list[64];
        world_begin();
        world_facts(ONE, 1, 1, false);
        world_answer(ONE, "sessions", "pid=7|user=app|state=active|xact_age_s=400" CLIENT);
        world_answer(ONE, "server", "database=d|checksum_failures=1");
        world_answer(TWO, "server", "database=d|checksum_failures=1");
        world_fail(ONE, "statements", FRAME_DENIED, "no");
        world_pass(1);
        assert_int_equal(verdict_list(store_verdict(world.store), ONE, false, list, 64), 4);
        world_link(ONE, all[i].link, all[i].sqlstate, all[i].words);
        world_fail(ONE, "sessions", FRAME_LOST, "gone");
        world_fail(ONE, "server", FRAME_LOST, "gone");
        world_pass(2);
        assert_int_equal(verdict_list(store_verdict(world.store), ONE, false, list, 64), 1);
        world_expect(all[i].rule, ONE, all[i].level, all[i].said);
        assert_string_equal(list[0]->words, all[i].said);
        assert_string_equal(list[0]->advice, all[i].advice);
        assert_true(verdict_list(store_verdict(world.store), ONE, true, list, 64) > 1);
        assert_int_equal(verdict_list(store_verdict(world.store), TWO, false, list, 64), 1);    /* another server's */
        world_pass(12);
        world_link(ONE, LINK_UP, "", "");
        world_pass(2);
        world_expect(all[i].rule, ONE, LEVEL_FINE, NULL);
        assert_true(verdict_list(store_verdict(world.store), ONE, false, list, 64) >= 2);
        world_end();
    }
}

static void a_first_attempt_is_no_news(void **state)
{
    (void)state;
    struct link l = {.state = LINK_CONNECTING};
    world_begin();
    store_set_link(world.store, ONE, &l);
    world_pass(20);
    world_expect("unreachable", ONE, LEVEL_FINE, NULL);
    world_end();
}

static void a_session_of_ours_that_hangs_is_told(void **state)
{
    (void)state;
    struct link l = {.state = LINK_UP, .lingering = 1};
    world_begin();
    store_set_link(world.store, ONE, &l);
    world_pass(2);
    world_expect("lingering", ONE, LEVEL_FINE, NULL);
    world_pass(1);
    world_expect("lingering", ONE, LEVEL_WARN, "a session of ours was given up and hangs on the server");
    l.lingering = 2;
    store_set_link(world.store, ONE, &l);
    world_pass(1);
    world_expect("lingering", ONE, LEVEL_WARN, "a session of ours was given up and hangs on the server, and a second one");
    world_link(ONE, LINK_UP, "", "");
    world_pass(12);
    world_expect("lingering", ONE, LEVEL_FINE, NULL);
    world_end();
}

static void a_slow_answer_is_told_when_it_happens_twice(void **state)
{
    (void)state;
    world_begin();
    world.cost_us = 742000;
    world_answer(ONE, "server", "database=d");
    world_expect("slow_to_answer", ONE, LEVEL_FINE, NULL);
    world_pass(2);
    world_answer(ONE, "server", "database=d");
    world_expect("slow_to_answer", ONE, LEVEL_WARN,
                 "is slow to answer: 742 ms for a question that costs it next to nothing");
    world.cost_us = 1500000;
    world_answer_for(12, ONE, "server", "database=d");
    assert_int_equal(world_finding("slow_to_answer", ONE)->level, LEVEL_CRIT);
    world.cost_us = 460000;             /* not yet below nine tenths */
    world_answer_for(14, ONE, "server", "database=d");
    assert_int_equal(world_finding("slow_to_answer", ONE)->level, LEVEL_WARN);
    world.cost_us = 440000;
    world_answer_for(14, ONE, "server", "database=d");
    world_expect("slow_to_answer", ONE, LEVEL_FINE, NULL);
    world_end();
}

/* Each 2 s. */
static void fail_for(double seconds, const char *topic, enum frame_status status, const char *sqlstate, const char *note)
{
    for (double s = 0; s <= seconds; s += 2) {
        if (sqlstate)
            world_error(ONE, topic, sqlstate, note);
        else
            world_fail(ONE, topic, status, note);
        world_pass(2);
    }
}

static void what_is_not_answered_is_not_fine(void **state)
{
    (void)state;
    static const char late[] = "canceling statement due to statement timeout";
    static const struct {
        const char *topic, *sqlstate, *note;
        enum frame_status status;
        enum level level, at_once;      /* when it was never answered, and when one answer of many failed */
    } all[] = {
        {"server", NULL, late, FRAME_TIMEOUT, LEVEL_CRIT, LEVEL_FINE},
        {"sessions", NULL, late, FRAME_TIMEOUT, LEVEL_WARN, LEVEL_FINE},
        {"sessions", "53200", "out of memory", FRAME_FAILED, LEVEL_WARN, LEVEL_FINE},
        {"sessions", "XX001", "invalid page in block 7", FRAME_FAILED, LEVEL_CRIT, LEVEL_CRIT},
        {"server", "58030", "could not read block 7", FRAME_FAILED, LEVEL_CRIT, LEVEL_CRIT},
        {"server", "58P01", "could not open file", FRAME_FAILED, LEVEL_CRIT, LEVEL_CRIT},
        {"tables", "XX001", "invalid page in block 7", FRAME_FAILED, LEVEL_CRIT, LEVEL_CRIT},
        {"tables", "53200", "out of memory", FRAME_FAILED, LEVEL_FINE, LEVEL_FINE},
        {"tables", "58P01", "could not access file", FRAME_FAILED, LEVEL_FINE, LEVEL_FINE},
        {"sessions", NULL, "GRANT it", FRAME_DENIED, LEVEL_FINE, LEVEL_FINE},
        {"sessions", NULL, "no such thing", FRAME_ABSENT, LEVEL_FINE, LEVEL_FINE},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        char words[200];
        world_begin();
        fail_for(0, all[i].topic, all[i].status, all[i].sqlstate, all[i].note);
        snprintf(words, sizeof(words), "%s: no answer: %s", all[i].topic, all[i].note);
        world_expect("no_answer", ONE, all[i].level, all[i].level == LEVEL_FINE ? NULL : words);
        world_answer_for(14, ONE, all[i].topic, NULL);
        world_expect("no_answer", ONE, LEVEL_FINE, NULL);
        world_answer_for(12, ONE, all[i].topic, NULL);
        world_pass(2);
        fail_for(0, all[i].topic, all[i].status, all[i].sqlstate, all[i].note);
        snprintf(words, sizeof(words), "%s: no answer for 4.0 s: %s", all[i].topic, all[i].note);
        world_expect("no_answer", ONE, all[i].at_once, all[i].at_once == LEVEL_FINE ? NULL : words);
        fail_for(20, all[i].topic, all[i].status, all[i].sqlstate, all[i].note);
        snprintf(words, sizeof(words), "%s: no answer for 26 s: %s", all[i].topic, all[i].note);
        world_expect("no_answer", ONE, all[i].level, all[i].level == LEVEL_FINE ? NULL : words);
        world_end();
    }
}

/* Slow until it was not answered at all: one of them speaks. After a reconnect the first answers are waited for. */
static void no_answer_speaks_for_a_slow_one(void **state)
{
    (void)state;
    world_begin();
    world.cost_us = 1500000;
    world_answer_for(4, ONE, "server", "database=d");
    assert_false(world_finding("slow_to_answer", ONE)->swallowed);
    fail_for(20, "server", FRAME_TIMEOUT, NULL, "late");
    assert_true(world_finding("slow_to_answer", ONE)->swallowed);
    world_link(ONE, LINK_WAITING, "", "timeout expired");
    world_answer(ONE, "sessions", NULL);
    world_fail(ONE, "sessions", FRAME_LOST, "gone");
    world_pass(60);
    world_expect("no_answer", ONE, LEVEL_FINE, NULL);
    world_link(ONE, LINK_UP, "", "");
    world_answer(ONE, "server", "database=d");
    world_pass(3);
    world_expect("no_answer", ONE, LEVEL_FINE, NULL);
    world_pass(4);
    world_expect("no_answer", ONE, LEVEL_WARN, "sessions: no answer for 1:07: gone");
    world_end();
}

/* ---- sessions ---- */

static void add_clients(struct buf *out, int n, const char *user, const char *application, const char *state)
{
    for (int i = 0; i < n; i++)
        buf_printf(out, "pid=%zu|user=%s|database=d|application=%s|state=%s" CLIENT "\n", out->len + 1, user, application,
                   state);
}

static void connections_are_counted_against_those_for_all(void **state)
{
    (void)state;
    struct buf busy = {0}, hidden = {0}, few = {0};
    add_clients(&busy, 60, "app", "billing-7", "idle");
    add_clients(&busy, 18, "web", "web-1", "active");
    add_clients(&few, 70, "app", "billing-7", "idle");
    for (int i = 0; i < 96; i++)
        buf_printf(&hidden, "pid=%d|user=app|database=d|application=a\n", i + 1);
    buf_puts(&hidden, "pid=900\npid=901");      /* the server's own have neither user nor database */
    world_begin();
    world_answer(ONE, "server", "database=d|max_connections=100|reserved=3");
    world_answer(ONE, "sessions", buf_text(&busy));
    world_expect("connections", ONE, LEVEL_WARN, "78 of 97 connections are taken: 60 are billing-7 (app), 60 of them idle");
    for (int s = 0; s < 7; s++) {
        world_pass(2);
        world_answer(ONE, "server", "database=d|max_connections=100|reserved=3");
        world_answer(ONE, "sessions", buf_text(&few));
    }
    assert_non_null(world_finding("connections", ONE));         /* 72 % */
    for (int s = 0; s < 7; s++) {
        world_pass(2);
        world_answer(ONE, "server", "database=d|max_connections=104|reserved=3");
        world_answer(ONE, "sessions", buf_text(&few));
    }
    world_expect("connections", ONE, LEVEL_FINE, NULL);
    world_answer(ONE, "sessions", buf_text(&hidden));           /* as a role without rights sees them */
    world_expect("connections", ONE, LEVEL_CRIT, "96 of 101 connections are taken: 96 are a (app)");
    world_end();
    buf_free(&busy);
    buf_free(&hidden);
    buf_free(&few);
}

/* ---- the server ---- */

static void transactions_fail_of_late(void **state)
{
    (void)state;
    struct buf rows = {0};
    long commits = 1000000, rollbacks = 500;
    world_begin();
    for (int s = 0; s < 30; s++) {
        bool bad = s >= 2 && s < 12, few = s == 12 || s == 13;
        commits += few ? 5 : 88;
        rollbacks += few ? 5 : bad ? 12 : 1;
        buf_clear(&rows);
        buf_printf(&rows, "database=d|xact_commit=%ld|xact_rollback=%ld", commits, rollbacks);
        world_answer(ONE, "server", buf_text(&rows));
        if (s < 3)
            world_expect("error_rate", ONE, LEVEL_FINE, NULL);
        else if (s < 12)
            world_expect("error_rate", ONE, LEVEL_WARN, "12.0 % of the transactions are rolled back: 12 of 100 in 2.0 s");
        world_pass(2);
    }
    world_expect("error_rate", ONE, LEVEL_FINE, NULL);
    world_end();
    buf_free(&rows);
}

static void a_change_of_role_is_news_for_five_minutes(void **state)
{
    (void)state;
    world_begin();
    world_answer(TWO, "server", "database=d");
    world_pass(2);
    world.role[TWO] = SERVER_PRIMARY;
    world_answer(TWO, "server", "database=d");
    world_expect("role_changed", TWO, LEVEL_WARN, "was promoted: it has been a primary for 0.0 s");
    world_answer_for(12, TWO, "server", "database=d");
    world_expect("role_changed", TWO, LEVEL_WARN, "was promoted: it has been a primary for 12 s");
    world_answer_for(320, TWO, "server", "database=d");
    world_expect("role_changed", TWO, LEVEL_FINE, NULL);
    world.role[TWO] = SERVER_STANDBY;
    world_answer(TWO, "server", "database=d");
    world_pass(2);
    world_answer(TWO, "server", "database=d");
    world_expect("role_changed", TWO, LEVEL_WARN, "was a primary: it has been a standby for 2.0 s");
    world_end();
}

/* ---- standbys ---- */

/* Against our own memory of the primary's positions: exact, with its trend; and two of one name are two. */
static void lag_of_each_standby_is_told(void **state)
{
    (void)state;
    struct buf rows = {0};
    const struct finding *list[8];
    world_begin();
    for (int s = 0; s <= 40; s += 2) {
        buf_clear(&rows);
        buf_printf(&rows, "kind=self|name=primary|id=0|wal_lsn=%d\n", 1048576 * (100 + s));
        for (int i = 0; i < 2; i++)
            buf_printf(&rows, "kind=sender|name=walreceiver|id=%d|client=10.0.0.%d|state=streaming|flush_lsn=%d|replay_lsn=%d"
                       "|message_age_s=1\n", 70 + i, 7 + i, 1048576 * (100 + s), 1048576 * 100 + i);
        world_answer(ONE, "server", "database=d");
        world_answer(ONE, "replication", buf_text(&rows));
        world_pass(2);
    }
    world_expect("lag", ONE, LEVEL_WARN, "walreceiver lags 38 s and grows, 40 MB behind");
    assert_int_equal(verdict_list(store_verdict(world.store), ONE, false, list, 8), 2);
    world_end();
    buf_free(&rows);
}

/* ---- an application, and the server that it uses ---- */

/* On both; the server's own finding opens what the sessions of the application do. */
static void an_exhausted_pool_is_told_on_its_server_too(void **state)
{
    (void)state;
    static const char busy[] = "pid=5|application=the api|state=idle in transaction|state_age_s=41" CLIENT "\n"
                               "pid=6|application=the api|state=idle in transaction|state_age_s=3" CLIENT "\n"
                               "pid=7|application=other|state=active" CLIENT;
    static const char full[] = "pool=primary|in_use=10|max_open=10|open=10|idle=0|wait_count=%d|wait_duration_s=1";
    static const char words[] = "pool primary: all 10 in use, 3 wait; on one: 2 idle in transaction 41 s";
    char rows[200];
    world_begin();
    for (int waits = 1; waits <= 4; waits += 3) {
        snprintf(rows, sizeof(rows), full, waits);
        world_answer(ONE, "sessions", busy);
        world_answer(TWO, "sessions", busy);        /* not of its group */
        world_answer(APP, "app_pools", rows);
        world_pass(1);
    }
    world_expect("app_pool", APP, LEVEL_WARN, words);
    world_expect("pool_of_app", ONE, LEVEL_WARN,
                 "api: pool primary: all 10 in use, 3 wait; on one: 2 idle in transaction 41 s");
    assert_string_equal(world_finding("pool_of_app", ONE)->filter, "application=\"the api\"");
    world_expect("pool_of_app", TWO, LEVEL_FINE, NULL);
    world_fail(APP, "app_pools", FRAME_LOST, "gone");
    world_pass(12);
    assert_true(world_finding("pool_of_app", ONE)->held);
    for (int s = 0; s < 14; s++) {
        world_answer(ONE, "sessions", busy);
        world_answer(APP, "app_pools", "pool=primary|in_use=2|max_open=10|open=5|idle=3|wait_count=4|wait_duration_s=9");
        world_pass(1);
    }
    world_expect("app_pool", APP, LEVEL_FINE, NULL);
    world_expect("pool_of_app", ONE, LEVEL_FINE, NULL);
    world_end();
}

static void no_rule_is_left_out(void **state)
{
    (void)state;
    int missed = 0;
    for (int i = 0; rule_table[i]; i++)
        if (!world_has_raised(rule_table[i]->is.name)) {
            print_error("no test raises the rule %s\n", rule_table[i]->is.name);
            missed++;
        }
    assert_int_equal(missed, 0);
}

int test_rule_causes(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_down_is_told_once),
        cmocka_unit_test(a_first_attempt_is_no_news),
        cmocka_unit_test(a_session_of_ours_that_hangs_is_told),
        cmocka_unit_test(a_slow_answer_is_told_when_it_happens_twice),
        cmocka_unit_test(what_is_not_answered_is_not_fine),
        cmocka_unit_test(no_answer_speaks_for_a_slow_one),
        cmocka_unit_test(connections_are_counted_against_those_for_all),
        cmocka_unit_test(transactions_fail_of_late),
        cmocka_unit_test(a_change_of_role_is_news_for_five_minutes),
        cmocka_unit_test(lag_of_each_standby_is_told),
        cmocka_unit_test(an_exhausted_pool_is_told_on_its_server_too),
        cmocka_unit_test(no_rule_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
