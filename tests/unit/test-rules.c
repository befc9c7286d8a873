/* Every rule: what raises it, in which words and at which level, what clears it, and that it neither flickers at its
 * limit nor judges what is not known. */
#include "tests/unit/rule-world.h"

#include "base/mem.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT "|backend_start=1|backend_type=client backend"
#define HOLDER "pid=4711|user=billing|state=idle in transaction|xact_age_s=724" CLIENT "\n"
#define WAITER(pid, by, age) "pid=" #pid "|user=web|state=active|blocked_by=" #by "|query_age_s=" #age "|wait_s=" #age CLIENT "\n"
#define STARTUP "pid=812|backend_type=startup|backend_start=1|wait="     /* replays on a standby */
#define POOL "database=shop|user=app|pool_mode=transaction|maxwait_us=0|sv_tested=0|sv_login=0"
#define SLOT "kind=slot|id=0|slot_type=physical|name=standby_2|replay_lsn=100|retained_bytes=222298112"
#define QUEUE "definition=orchestrator|queue=triage|schema=public"

/* Rules that one answer is enough for. */
struct row {
    const char *rule;
    int target;
    const char *topic, *bad;
    enum level level;
    const char *words;
    const char *fine;
    const char *filter, *advice;        /* NULL: none of its own */
};

static const struct row rows[] = {
    {"blocked", ONE, "sessions", HOLDER WAITER(1, 4711, 3), LEVEL_WARN,
     "1 session waits behind pid 4711 (billing, idle in transaction 12:04)", HOLDER,
     "pid=4711|blocked_by!=null",
     "It runs nothing: its application has not ended its transaction. Ask its owner, or end pid 4711; 1 goes on then."},
    {"blocked", ONE, "sessions", HOLDER WAITER(1, 4711, 3) WAITER(2, 1, 2) WAITER(3, 1, 2) WAITER(4, 1, 2) WAITER(5, 1, 2),
     LEVEL_CRIT, "5 sessions wait behind pid 4711 (billing, idle in transaction 12:04)", HOLDER,
     "pid=4711|blocked_by!=null",
     "It runs nothing: its application has not ended its transaction. Ask its owner, or end pid 4711; 5 go on then."},
    {"blocked", ONE, "sessions", "pid=9|state=active|backend_type=autovacuum worker|xact_age_s=70|backend_start=1\n"
     WAITER(1, 9, 3), LEVEL_WARN, "1 session waits behind pid 9 (autovacuum worker, active 1:10)", NULL,
     "pid=9|blocked_by!=null", "It still runs: see what it does; when pid 9 is cancelled, 1 goes on."},
    {"blocked", ONE, "sessions", "pid=9|user=app|state=idle" CLIENT "\n" WAITER(1, 9, 3) WAITER(2, 9, 3), LEVEL_WARN,
     "2 sessions wait behind pid 9 (app, idle)", NULL, "pid=9|blocked_by!=null",
     "It runs nothing and is in no transaction: what it holds is an advisory lock of its session. Ask its owner, or end "
     "pid 9; 2 go on then."},
    {"blocked", ONE, "sessions", WAITER(1, 0, 3) WAITER(2, 0 1, 2), LEVEL_WARN,
     "2 sessions wait behind a prepared transaction that nobody has finished", NULL, "blocked_by!=null",
     "Find it in pg_prepared_xacts, ask who prepared it, then COMMIT PREPARED or ROLLBACK PREPARED it."},

    {"blocked", TWO, "sessions", STARTUP "Activity:RecoveryWalStream\n" WAITER(1, 812, 3) WAITER(2, 1, 2), LEVEL_WARN,
     "2 sessions wait behind replay: it holds a lock that a transaction on the primary took",
     STARTUP "Activity:RecoveryWalStream", "pid=812|blocked_by!=null",
     "Find it on the primary, where pg_locks shows its AccessExclusiveLock: they go on when it has committed or rolled back "
     "and that is replayed. If none has it there any more, replay is late or paused. Leave the startup process alone: the "
     "standby goes down with it."},
    {"blocked", TWO, "sessions", STARTUP "Lock:relation\n" WAITER(1, 812, 3), LEVEL_WARN,
     "1 session waits behind replay, which waits itself for a session here", NULL, "pid=812|blocked_by!=null",
     "Look for the oldest transaction on this standby, and ask its owner; max_standby_streaming_delay says how long replay "
     "waits for it."},

    {"old_transaction", TWO, "sessions", "pid=7|user=app|state=active|xact_age_s=400|xmin_age=12" CLIENT, LEVEL_WARN,
     "pid 7 (app, active 6:40) keeps its transaction open; if hot_standby_feedback is on, vacuum on its primary cannot clean "
     "what died in the last 12 transactions", NULL, "pid=7", NULL},
    {"old_transaction", ONE, "sessions", "pid=7|user=app|state=idle in transaction|xact_age_s=400|xmin_age=1200000" CLIENT,
     LEVEL_WARN,
     "pid 7 (app, idle in transaction 6:40) keeps its transaction open; vacuum cannot clean what died in the last 1.2 M "
     "transactions", "pid=7|user=app|state=idle|xact_age_s=200" CLIENT, "pid=7", NULL},
    {"old_transaction", ONE, "sessions", "pid=7|user=app|state=active|xact_age_s=1800" CLIENT, LEVEL_CRIT,
     "pid 7 (app, active 30:00) keeps its transaction open", "pid=7|user=app|state=active" CLIENT, "pid=7", NULL},

    {"old_transaction", ONE, "sessions", "pid=8|user=app|state=active|xact_age_s=400" CLIENT "\n"
     "pid=9|user=app|state=active|xact_age_s=500|blocked_by=8|query_age_s=0.1" CLIENT "\n"
     "pid=7|user=app|state=active|xact_age_s=301" CLIENT, LEVEL_WARN, "pid 7 (app, active 5:01) keeps its transaction open",
     NULL, "pid=7", NULL},

    {"stuck_tasks", ONE, "queues", QUEUE "|stuck=1|stuck_s=370|running=1|ready=5", LEVEL_WARN,
     "1 task stuck, worker gone or slow: orchestrator triage, running for 6:10; nothing else runs",
     QUEUE "|stuck=0|running=1|ready=5", "definition=orchestrator queue=triage", NULL},
    {"stuck_tasks", ONE, "queues", "definition=a b|queue=c\"d|stuck=1", LEVEL_WARN,
     "1 task stuck, worker gone or slow: a b c\"d", NULL, "definition=\"a b\"", NULL},
    {"stuck_tasks", ONE, "queues", QUEUE "|stuck=3|stuck_s=370|running=16|ready=5|capped=1", LEVEL_WARN,
     "at least 3 tasks stuck, worker gone or slow: orchestrator triage, the oldest running for 6:10", NULL,
     "definition=orchestrator queue=triage", NULL},
    {"queue_depth", ONE, "queues", QUEUE "|ready=12000|oldest_s=61", LEVEL_WARN,
     "orchestrator triage: 12,000 tasks wait, the oldest for 1:01", QUEUE "|ready=8999", "definition=orchestrator queue=triage", NULL},
    {"queue_rights", ONE, "queues", QUEUE "|note=no SELECT: GRANT SELECT ON public.tasks TO mon\n"
     "definition=rad|queue=a|schema=public|note=no SELECT: GRANT SELECT ON public.a TO mon", LEVEL_UNKNOWN,
     "task queues may not be read: orchestrator, rad", QUEUE "|ready=1", "note~GRANT",
     "no SELECT: GRANT SELECT ON public.tasks TO mon. The page has one for each of the others."},

    {"pooler_waits", POOLER, "bouncer_pools", POOL "|cl_waiting=12|maxwait=3|sv_active=20|sv_idle=0|sv_used=0", LEVEL_WARN,
     "12 clients wait for pool shop/app, the first for 3.0 s: all its 20 server connections are in use",
     POOL "|cl_waiting=0|maxwait=0|sv_active=20|sv_idle=0|sv_used=0", NULL, NULL},
    {"pooler_waits", POOLER, "bouncer_pools", POOL "|cl_waiting=1|maxwait=12|sv_active=0|sv_idle=0|sv_used=0", LEVEL_CRIT,
     "1 client waits for pool shop/app, for 12 s: it has no server connection; is all of PgBouncer paused, or the server "
     "away?", NULL, NULL, NULL},
    {"pooler_waits", POOLER, "bouncer_pools", POOL "|cl_waiting=2|maxwait=3|sv_active=0|sv_idle=1|sv_used=2", LEVEL_WARN,
     "2 clients wait for pool shop/app, the first for 3.0 s, although server connections are idle: it may be paused",
     NULL, NULL, NULL},
    {"pooler_waits", POOLER, "bouncer_pools", "database=shop|user=app|cl_waiting=2|maxwait=3", LEVEL_WARN,
     "2 clients wait for pool shop/app, the first for 3.0 s", NULL, NULL, NULL},

    {"app_pool", APP, "app_pools", "pool=primary|open=0|in_use=0|idle=0|max_open=10", LEVEL_CRIT,
     "pool primary: no connection is open", "pool=primary|open=1|in_use=0|idle=1|max_open=10", NULL, NULL},
    {"app_pool", APP, "app_pools", "pool=primary|open=10|in_use=10|idle=0|max_open=10", LEVEL_WARN,
     "pool primary: all 10 in use", "pool=primary|open=10|in_use=9|idle=1|max_open=10", NULL, NULL},

    {"pooler_closed", POOLER, "bouncer_databases", "name=shop|paused=1|disabled=0", LEVEL_WARN,
     "PAUSED: database shop answers no client until RESUME", "name=shop|paused=0|disabled=0", NULL, NULL},
    {"pooler_closed", POOLER, "bouncer_databases", "name=shop|paused=0|disabled=1", LEVEL_WARN,
     "DISABLED: database shop lets no new client in until ENABLE", "name=shop|paused=0|disabled=0", NULL, NULL},

    {"archiving", ONE, "server", "database=d|archive_failed_age_s=41", LEVEL_CRIT,
     "WAL is not archived: the last attempt failed 41 s ago", "database=d|archive_failed_age_s=60|archived_age_s=2", NULL, NULL},
    {"archiving", ONE, "server", "database=d|archive_failed_age_s=41|archived_age_s=7200", LEVEL_CRIT,
     "WAL is not archived: the last attempt failed 41 s ago, the last that went well was 2 h 00 ago", NULL, NULL, NULL},
    {"checksums", ONE, "server", "database=d|checksum_failures=1", LEVEL_CRIT, "1 page has a wrong checksum",
     "database=d|checksum_failures=0", NULL, NULL},
    {"checksums", ONE, "server", "database=d|checksum_failures=1200", LEVEL_CRIT, "1,200 pages have a wrong checksum",
     NULL, NULL, NULL},

    {"standby_lost", ONE, "replication", SLOT "|active=0", LEVEL_WARN,
     "standby lost: nobody uses slot standby_2, which keeps 212 MB of WAL", SLOT "|active=1", "kind=slot", NULL},
    {"standby_lost", ONE, "replication", SLOT "|active=1|wal_status=unreserved", LEVEL_CRIT,
     "slot standby_2 is about to be lost: its WAL goes with the next checkpoint", SLOT "|active=1|wal_status=reserved",
     "kind=slot", NULL},
    {"standby_lost", ONE, "replication", SLOT "|active=0|wal_status=unreserved", LEVEL_CRIT,
     "standby lost: nobody uses slot standby_2, and its WAL goes with the next checkpoint", NULL, "kind=slot", NULL},
    {"standby_lost", ONE, "replication", "kind=slot|id=0|slot_type=logical|name=sub|active=0|wal_status=lost", LEVEL_CRIT,
     "subscriber lost: slot sub has no WAL any more: who used it must be built anew", NULL, "kind=slot", NULL},
    {"standby_lost", TWO, "replication", "kind=receiver|name=no receiver|id=0|sent_lsn=900|replay_lsn=800", LEVEL_WARN,
     "receives nothing: it has no connection to its primary",
     "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=900|message_age_s=1", NULL,
     "Look at primary_conninfo, and at the log of this standby for why its receiver ended."},

    {"lag", TWO, "replication", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=800|message_age_s=1|replay_age_s=41",
     LEVEL_WARN, "lags 41 s (an estimate)", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=900|message_age_s=1",
     NULL, NULL},
    {"lag", TWO, "replication",
     "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=800|message_age_s=1|replay_age_s=400|paused=1", LEVEL_CRIT,
     "lags 6:40: its replay is paused", NULL, NULL, NULL},
    {"lag", TWO, "replication", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=900|message_age_s=95", LEVEL_WARN,
     "one has been silent for 1:35: how far it is behind is not known", NULL, NULL, NULL},
};

/* ---- each row ---- */

static void answer_for(const struct row *r, const char *answer, double seconds)
{
    for (double s = 0; s < seconds; s += 2) {
        world_answer(r->target, r->topic, answer);
        world_pass(2);
    }
    world_answer(r->target, r->topic, answer);
}

static void each_is_raised_and_cleared(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *r = &rows[i];
        world_begin();
        world_expect(r->rule, r->target, LEVEL_FINE, NULL);
        world_answer(r->target, r->topic, r->bad);
        world_expect(r->rule, r->target, r->level, r->words);
        const struct finding *f = world_finding(r->rule, r->target);
        assert_string_equal(f->filter, r->filter ? r->filter : "");
        assert_string_equal(f->advice, r->advice ? r->advice : "");
        answer_for(r, r->fine, 8);
        assert_non_null(world_finding(r->rule, r->target));     /* for ten seconds nothing changes */
        answer_for(r, r->fine, 6);
        world_expect(r->rule, r->target, LEVEL_FINE, NULL);
        world_end();
    }
}

/* What is not known any more stays as it was, and is marked; it says nothing of its own. */
static void old_evidence_is_held(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *r = &rows[i];
        for (int how = 0; how < 3; how++) {
            world_begin();
            world_answer(r->target, r->topic, r->bad);
            assert_false(world_finding(r->rule, r->target)->held);
            if (how > 0)
                world_fail(r->target, r->topic, how == 1 ? FRAME_LOST : FRAME_TIMEOUT, "gone");
            world_pass(60);
            world_expect(r->rule, r->target, r->level, r->words);
            assert_true(world_finding(r->rule, r->target)->held);
            world_answer(r->target, r->topic, r->bad);
            assert_false(world_finding(r->rule, r->target)->held);
            answer_for(r, r->fine, 14);
            world_expect(r->rule, r->target, LEVEL_FINE, NULL);
            world_end();
        }
    }
}

static void what_a_server_has_not_is_not_held(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *r = &rows[i];
        world_begin();
        world_answer(r->target, r->topic, r->bad);
        for (int s = 0; s < 14; s++) {
            world_fail(r->target, r->topic, FRAME_ABSENT, "no such thing");
            world_pass(1);
        }
        world_expect(r->rule, r->target, LEVEL_FINE, NULL);
        world_end();
    }
}

static void what_is_unknown_is_not_fine(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *topic, *bad, *unknown;
        int target;
    } all[] = {
        {"stuck_tasks", "queues", QUEUE "|stuck=1", QUEUE, ONE},
        {"queue_depth", "queues", QUEUE "|ready=12000", QUEUE, ONE},
        {"lag", "replication", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=800|message_age_s=1|replay_age_s=41",
         "kind=receiver|name=one|id=5|message_age_s=1", TWO},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        world_begin();
        world_answer(all[i].target, all[i].topic, all[i].unknown);
        world_expect(all[i].rule, all[i].target, LEVEL_FINE, NULL);
        world_answer(all[i].target, all[i].topic, all[i].bad);
        for (int s = 0; s < 20; s++) {
            world_pass(2);
            world_answer(all[i].target, all[i].topic, all[i].unknown);
        }
        assert_non_null(world_finding(all[i].rule, all[i].target));
        assert_true(world_finding(all[i].rule, all[i].target)->held);
        world_end();
    }
}

/* ---- limits ---- */

static void a_limit_is_left_at_nine_tenths(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *topic, *form;
        int target;
        double limit;
        enum level level;
    } all[] = {
        {"blocked", "sessions", HOLDER "pid=1|blocked_by=4711|query_age_s=7200|wait_s=%.3f" CLIENT, ONE, 1, LEVEL_WARN},
        {"blocked", "sessions", HOLDER "pid=1|blocked_by=4711|query_age_s=7200|wait_s=%.3f" CLIENT, ONE, 10, LEVEL_CRIT},
        {"old_transaction", "sessions", "pid=7|user=app|state=active|xact_age_s=%.3f" CLIENT, ONE, 300, LEVEL_WARN},
        {"old_transaction", "sessions", "pid=7|user=app|state=active|xact_age_s=%.3f" CLIENT, ONE, 1800, LEVEL_CRIT},
        {"queue_depth", "queues", QUEUE "|ready=%.0f", ONE, 10000, LEVEL_WARN},
        {"lag", "replication", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=800|message_age_s=1|replay_age_s=%.3f",
         TWO, 30, LEVEL_WARN},
        {"lag", "replication", "kind=receiver|name=one|id=5|sent_lsn=900|replay_lsn=800|message_age_s=1|replay_age_s=%.3f",
         TWO, 300, LEVEL_CRIT},
        {"pooler_waits", "bouncer_pools", "database=shop|user=app|cl_waiting=2|maxwait=0|maxwait_us=%.0f", POOLER, 10e6,
         LEVEL_CRIT},
    };
    static const struct {
        double part;
        bool reached;
    } steps[] = {{0.99, false}, {1, true}, {0.91, true}, {0.89, false}, {0.95, false}};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        world_begin();
        for (size_t k = 0; k < COUNT_OF(steps); k++) {
            char rows_text[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(rows_text, sizeof(rows_text), all[i].form, all[i].limit * steps[k].part);
#pragma GCC diagnostic pop
            for (int s = 0; s < 7; s++) {
                world_answer(all[i].target, all[i].topic, rows_text);
                world_pass(2);
            }
            const struct finding *f = world_finding(all[i].rule, all[i].target);
            if ((f && f->level >= all[i].level) != steps[k].reached)
                fail_msg("%s at %g of %g: %s", all[i].rule, steps[k].part, all[i].limit, f ? level_word(f->level) : "fine");
        }
        world_end();
    }
}

/* ---- what stands for something else ---- */

/* Why it ended tells more than that there is no session now. */
static void a_session_that_was_ended_is_not_called_refused(void **state)
{
    (void)state;
    struct link l = {.state = LINK_WAITING, .failures = 1, .lost = true, .sqlstate = "40001",
                     .words = "terminating connection due to conflict with recovery"};
    world_begin();
    store_set_link(world.store, TWO, &l);
    world_pass(1);
    world_expect("refused", TWO, LEVEL_CRIT,
                 "has ended our session: terminating connection due to conflict with recovery");
    assert_non_null(strstr(world_finding("refused", TWO)->advice, "max_standby_streaming_delay"));
    world_end();
}

/* The database that is paused speaks for its pools; those of others are judged as ever. */
static void a_paused_database_speaks_for_its_pools(void **state)
{
    (void)state;
    static const char pools[] = "database=shop|user=app|cl_waiting=2|maxwait=12|sv_active=0|sv_idle=0|sv_used=0\n"
                                "database=shop|user=cron|cl_waiting=1|maxwait=4|sv_active=0|sv_idle=0|sv_used=0\n"
                                "database=tasks|user=worker|cl_waiting=3|maxwait=5|sv_active=5|sv_idle=0|sv_used=0|sv_tested=0";
    static const char closed[] = "name=shop|paused=1|disabled=0\nname=tasks|paused=0|disabled=0";
    world_begin();
    world_answer(POOLER, "bouncer_databases", closed);
    world_answer(POOLER, "bouncer_pools", pools);
    for (int i = 0; i < 7; i++) {
        world_pass(2);
        world_answer(POOLER, "bouncer_databases", closed);
    }
    world_expect("pooler_closed", POOLER, LEVEL_CRIT, "PAUSED: database shop: 3 clients wait, the first for 12 s");
    world_expect("pooler_waits", POOLER, LEVEL_WARN,
                 "3 clients wait for pool tasks/worker, the first for 5.0 s: all its 5 server connections are in use");
    world_end();
}

/* ---- what the user says ---- */

static void a_rule_that_is_off_is_not_judged(void **state)
{
    (void)state;
    world_begin();
    for (int i = 0; i < store_rules(world.store); i++)
        store_choose_rule(world.store, -1, i, strcmp(store_rule(world.store, i)->name, "blocked") == 0, "call us");
    world_answer(ONE, "sessions", HOLDER WAITER(1, 4711, 3));
    world_pass(3);
    world_expect("blocked", ONE, LEVEL_FINE, NULL);
    world_answer(ONE, "server", "database=d|checksum_failures=1");
    assert_string_equal(store_runbook(world.store, ONE, world_finding("checksums", ONE)->rule), "call us");
    world_end();
}

/* Over what holds for all of them. */
static void each_target_may_have_limits_and_rules_of_its_own(void **state)
{
    (void)state;
    static const char old[] = "pid=7|user=app|state=active|xact_age_s=400" CLIENT;
    world_begin();
    int rule = 0;
    while (strcmp(store_rule(world.store, rule)->name, "blocked") != 0)
        rule++;
    store_set_limit(world.store, -1, LIMIT_TRANSACTION_AGE, (struct limit){500, 600});
    store_set_limit(world.store, TWO, LIMIT_TRANSACTION_AGE, (struct limit){100, 300});
    store_choose_rule(world.store, -1, rule, false, "for all");
    store_choose_rule(world.store, TWO, rule, true, "for two");
    for (int target = ONE; target <= TWO; target++) {
        world_answer(target, "sessions", old);
        world_pass(1);
    }
    world_expect("old_transaction", ONE, LEVEL_FINE, NULL);
    assert_int_equal(world_finding("old_transaction", TWO)->level, LEVEL_CRIT);
    for (int target = ONE; target <= TWO; target++)
        world_answer(target, "sessions", HOLDER WAITER(1, 4711, 3));
    assert_non_null(world_finding("blocked", ONE));
    world_expect("blocked", TWO, LEVEL_FINE, NULL);
    assert_string_equal(store_runbook(world.store, ONE, rule), "for all");
    assert_string_equal(store_runbook(world.store, TWO, rule), "for two");
    assert_true(store_limit(world.store, TWO, LIMIT_SLOW_QUERY).warn == store_limit(world.store, ONE, LIMIT_SLOW_QUERY).warn);
    world_end();
}

/* A line that is not to be trusted. */
static void too_much_trust_is_told(void **state)
{
    (void)state;
    static const struct {
        enum trust trust;
        enum level level;
        const char *words;
    } cases[] = {
        {TRUST_LOCAL, LEVEL_FINE, NULL},
        {TRUST_UNVERIFIED, LEVEL_NOTE, "unverified: the line is encrypted, but somebody may stand between"},
        {TRUST_CLEAR, LEVEL_WARN, "CLEAR TEXT: who listens on the way there reads all, perhaps the password too"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        world_begin();
        struct facts f = {.known = true, .kind = TARGET_SERVER, .monitor = true, .trust = cases[i].trust, .version = 150020};
        store_set_facts(world.store, ONE, &f);
        world_pass(1);
        world_expect("unverified", ONE, cases[i].level, cases[i].words);
        world_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_raised_and_cleared),
        cmocka_unit_test(too_much_trust_is_told),
        cmocka_unit_test(old_evidence_is_held),
        cmocka_unit_test(what_a_server_has_not_is_not_held),
        cmocka_unit_test(what_is_unknown_is_not_fine),
        cmocka_unit_test(a_limit_is_left_at_nine_tenths),
        cmocka_unit_test(a_session_that_was_ended_is_not_called_refused),
        cmocka_unit_test(a_paused_database_speaks_for_its_pools),
        cmocka_unit_test(a_rule_that_is_off_is_not_judged),
        cmocka_unit_test(each_target_may_have_limits_and_rules_of_its_own),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += test_rule_blocked() + test_rule_lag() + test_rule_own() + test_rule_past() + test_rule_place() +
              test_rule_pools() + test_rule_shape();
    return failed + test_rule_causes();
}
