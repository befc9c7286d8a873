/* The circuit breaker that stands before a dear probe, as the engine uses it. */
#include "engine/parts.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
};
static const struct schema schema = {"dear", 1, columns};
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct probe dear = {.name = "dear", .title = "dear", .help = "Dear.", .schema = &schema,
                                  .kind = TARGET_SERVER, .sql = sql, .dear = true};
static const struct probe cheap = {.name = "cheap", .title = "cheap", .help = "Cheap.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = sql};
static const struct probe rare = {.name = "rare", .title = "rare", .help = "Rare.", .schema = &schema,
                                  .kind = TARGET_SERVER, .sql = sql, .dear = true, .interval_s = 60};
static const struct probe *const probes[] = {&dear, &cheap, &rare, NULL};

enum { DEAR, CHEAP, RARE };

static struct engine *begin(void)
{
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    return e;
}

static struct guard_state seen(const struct engine *e)
{
    return store_sight(e->store, 0, DEAR, e->now_us).guard;
}

static void answer(struct engine *e, enum frame_status status, const char *sqlstate)
{
    struct frame *f = frame_seal(frame_build(&schema), &(struct frame_head){.status = status, .sqlstate = sqlstate});
    guard_answered(&e->pilots[0], DEAR, f);
    frame_unref(f);
}

static void fail_times(struct engine *e, int n)
{
    for (int i = 0; i < n; i++) {
        assert_true(guard_lets(&e->pilots[0], DEAR));
        answer(e, FRAME_TIMEOUT, NULL);
        e->now_us += US_PER_S;
    }
}

static void five_failures_open_it_and_two_successes_close_it(void **state)
{
    (void)state;
    struct engine *e = begin();
    fail_times(e, 4);
    assert_int_equal(seen(e).state, BREAKER_CLOSED);
    assert_int_equal(seen(e).failures, 4);
    fail_times(e, 1);
    assert_int_equal(seen(e).state, BREAKER_OPEN);
    assert_int_equal(seen(e).trips, 1);
    assert_int_equal(seen(e).failures, 5);
    assert_false(guard_lets(&e->pilots[0], DEAR));
    assert_true(guard_lets(&e->pilots[0], CHEAP));
    e->now_us = seen(e).until_us + 1;
    for (int i = 0; i < 2; i++) {
        assert_true(guard_lets(&e->pilots[0], DEAR));
        assert_int_equal(seen(e).state, BREAKER_HALF_OPEN);
        answer(e, FRAME_OK, NULL);
    }
    assert_int_equal(seen(e).state, BREAKER_CLOSED);
    assert_int_equal(seen(e).failures, 0);
    engine_free(e);
}

/* Asked once a minute it fails once a minute; and it is left alone for longer than that. */
static void what_is_asked_seldom_opens_it_too(void **state)
{
    (void)state;
    struct engine *e = begin();
    struct pilot *p = &e->pilots[0];
    for (int i = 0; i < 5; i++) {
        struct frame *f = frame_seal(frame_build(&schema), &(struct frame_head){.status = FRAME_TIMEOUT, .sqlstate = "57014"});
        assert_false(guard_is_open(p, RARE));
        e->now_us += 60 * US_PER_S;
        assert_true(guard_lets(p, RARE));
        guard_answered(p, RARE, f);
        frame_unref(f);
    }
    assert_int_equal(store_sight(e->store, 0, RARE, e->now_us).guard.failures, 5);
    assert_true(guard_is_open(p, RARE));
    e->now_us += 60 * US_PER_S;
    assert_false(guard_lets(p, RARE));
    e->now_us += 60 * US_PER_S + 1;
    assert_true(guard_lets(p, RARE));
    engine_free(e);
}

static void expect_step(const struct engine *e, unsigned back, enum breaker_state from, enum breaker_state to,
                        const char *why)
{
    const struct guard_step *step = store_guard_step(e->store, 0, DEAR, back);
    assert_non_null(step);
    assert_int_equal(step->from, from);
    assert_int_equal(step->to, to);
    assert_string_equal(step->why, why);
}

/* From when to when, from what to what, and why; the newest eight. */
static void its_changes_are_remembered(void **state)
{
    (void)state;
    struct engine *e = begin();
    struct pilot *p = &e->pilots[0];
    assert_null(store_guard_step(e->store, 0, DEAR, 0));
    fail_times(e, 4);
    assert_true(guard_lets(p, DEAR));
    answer(e, FRAME_FAILED, "57014");
    expect_step(e, 0, BREAKER_CLOSED, BREAKER_OPEN, "5 failures in a row, the last: failed (57014)");
    assert_int_equal(store_guard_step(e->store, 0, DEAR, 0)->at_us, e->now_us);
    e->now_us = seen(e).until_us + 1;
    assert_true(guard_lets(p, DEAR));
    answer(e, FRAME_TIMEOUT, NULL);
    expect_step(e, 1, BREAKER_OPEN, BREAKER_HALF_OPEN, "its time was over");
    expect_step(e, 0, BREAKER_HALF_OPEN, BREAKER_OPEN, "what was tried failed: timeout");
    guard_reachable(p);
    expect_step(e, 0, BREAKER_OPEN, BREAKER_HALF_OPEN, "connected again");
    for (int i = 0; i < 2; i++) {
        assert_true(guard_lets(p, DEAR));
        answer(e, FRAME_OK, NULL);
    }
    expect_step(e, 0, BREAKER_HALF_OPEN, BREAKER_CLOSED, "what was tried went well");
    expect_step(e, 4, BREAKER_CLOSED, BREAKER_OPEN, "5 failures in a row, the last: failed (57014)");
    assert_null(store_guard_step(e->store, 0, DEAR, 5));
    for (int i = 0; i < 4; i++) {
        fail_times(e, i == 0 ? 5 : 1);
        guard_reachable(p);
    }
    expect_step(e, GUARD_STEPS - 1, BREAKER_CLOSED, BREAKER_OPEN, "5 failures in a row, the last: timeout");
    assert_null(store_guard_step(e->store, 0, DEAR, GUARD_STEPS));
    engine_free(e);
}

static void what_says_nothing_of_the_server_does_not_count(void **state)
{
    (void)state;
    struct engine *e = begin();
    for (int i = 0; i < 20; i++) {
        assert_true(guard_lets(&e->pilots[0], DEAR));
        answer(e, FRAME_ABSENT, NULL);
    }
    assert_int_equal(seen(e).state, BREAKER_CLOSED);
    assert_false(seen(e).failures);
    engine_free(e);
}

/* The server is there again: what failed because it was not is tried at once. What itself cost us the connection is
 * left alone. */
static void a_new_connection_tries_what_was_not_its_cause(void **state)
{
    (void)state;
    struct engine *e = begin();
    fail_times(e, 5);
    guard_reachable(&e->pilots[0]);
    assert_int_equal(seen(e).state, BREAKER_HALF_OPEN);
    assert_true(guard_lets(&e->pilots[0], DEAR));
    guard_lost(&e->pilots[0], DEAR);
    assert_int_equal(seen(e).state, BREAKER_OPEN);
    assert_int_equal(seen(e).trips, 2);
    guard_reachable(&e->pilots[0]);
    assert_int_equal(seen(e).state, BREAKER_OPEN);
    guard_reachable(&e->pilots[0]);     /* a later one, for another reason */
    assert_int_equal(seen(e).state, BREAKER_HALF_OPEN);
    engine_free(e);
}

static void a_lost_ticket_does_not_lock_it(void **state)
{
    (void)state;
    struct engine *e = begin();
    fail_times(e, 5);
    e->now_us = seen(e).until_us + 1;
    assert_true(guard_lets(&e->pilots[0], DEAR));
    assert_true(guard_lets(&e->pilots[0], DEAR));
    assert_false(guard_lets(&e->pilots[0], DEAR));      /* two try */
    e->now_us += 31 * US_PER_S;                         /* and are never heard of again */
    assert_false(guard_lets(&e->pilots[0], DEAR));
    assert_int_equal(seen(e).state, BREAKER_OPEN);
    expect_step(e, 0, BREAKER_HALF_OPEN, BREAKER_OPEN, "what was tried was never answered");
    e->now_us = seen(e).until_us + 1;
    assert_true(guard_lets(&e->pilots[0], DEAR));
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_failures_open_it_and_two_successes_close_it),
        cmocka_unit_test(what_is_asked_seldom_opens_it_too),
        cmocka_unit_test(its_changes_are_remembered),
        cmocka_unit_test(what_says_nothing_of_the_server_does_not_count),
        cmocka_unit_test(a_new_connection_tries_what_was_not_its_cause),
        cmocka_unit_test(a_lost_ticket_does_not_lock_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
