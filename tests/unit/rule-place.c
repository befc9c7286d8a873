/* Targets that are elsewhere than they were, or another server: names stay, what was measured is not mixed. */
#include "tests/unit/rule-world.h"

#include "base/clock.h"
#include "model/lag.h"
#include "model/series.h"
#include "tests/unit/test-rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int far = -1;        /* our end of the newest watcher's pipe */
static struct facts next;   /* that it says */

static bool spawn(struct pilot *p)
{
    int ends[2];
    struct buf b = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    far = ends[1];
    pilot_attach(p, ends[0]);
    wire_open(&b);
    wire_put_facts(&b, &next);
    assert_int_equal(send(far, b.data, b.len, MSG_NOSIGNAL), b.len);
    buf_free(&b);
    return true;
}

/* The watcher of a target ends, and the next one reaches this server. */
static void come(int target, const char *host, uint64_t system_id, int64_t started_us)
{
    struct pilot *p = &world.engine->pilots[target];
    world.engine->spawn = spawn;
    next = (struct facts){.kind = TARGET_SERVER, .version = 150000, .system_id = system_id, .started_us = started_us,
                          .monitor = true, .host = (char *)host, .port = (char *)"5432"};
    if (far >= 0) {
        close(far);
        pilot_hear(p);
        p->retry_us = 0;
    }
    pilot_connect(p);
    pilot_hear(p);
    assert_int_equal(p->state, PILOT_UP);
}

static void finish(void)
{
    close(far);
    far = -1;
    world_end();
}

static bool is_remembered(void)
{
    int topic = store_find_topic(world.store, "server");
    int64_t at_us;
    uint64_t lsn;
    bool past = store_past(world.store, ONE, topic, 0) != NULL;
    bool now = store_sight(world.store, ONE, topic, engine_now_us(world.engine)).good != NULL;
    bool line = store_series(world.store, ONE, topic, "backends", 0) != NULL;
    bool position = lag_ring_newest(world.engine->pilots[ONE].positions, &at_us, &lsn);
    assert_true(past == now && now == line && line == position);
    return past;
}

static void a_target_that_moved_is_told(void **state)
{
    (void)state;
    world_begin();
    come(ONE, "one", 1, 1);
    world_answer(ONE, "server", "database=d|backends=3|wal_lsn=5");
    world_answer(TWO, "server", "database=d|backends=3");
    come(ONE, "one", 1, 2);             /* a restart */
    assert_true(is_remembered());
    world_pass(2);
    world_expect("moved", ONE, LEVEL_FINE, NULL);
    come(ONE, "two", 1, 3);
    assert_false(is_remembered());
    assert_non_null(store_past(world.store, TWO, store_find_topic(world.store, "server"), 0));
    world_pass(2);
    world_expect("moved", ONE, LEVEL_WARN, "one is on two:5432 now, not on one:5432");
    world_expect("another_server", ONE, LEVEL_FINE, NULL);
    world_pass(301);
    world_expect("moved", ONE, LEVEL_NOTE, "one is on two:5432 now, not on one:5432");
    world_pass(60);
    world_expect("moved", ONE, LEVEL_NOTE, "one is on two:5432 now, not on one:5432");
    come(ONE, "one", 1, 2);
    world_pass(2);
    world_expect("moved", ONE, LEVEL_FINE, NULL);
    finish();
}

static void another_server_at_its_address_is_told(void **state)
{
    (void)state;
    world_begin();
    come(ONE, "one", 1, 1);
    world_answer(ONE, "server", "database=d|backends=3|wal_lsn=5");
    world_pass(2);
    come(ONE, "one", 7123, 2);
    assert_false(is_remembered());
    world_pass(2);
    world_expect("another_server", ONE, LEVEL_WARN,
                 "another server answers at one:5432: its system identifier is 7123, and was 1");
    world_expect("moved", ONE, LEVEL_FINE, NULL);
    world_pass(3601);
    world_expect("another_server", ONE, LEVEL_NOTE,
                 "another server answers at one:5432: its system identifier is 7123, and was 1");
    finish();
}

/* What was found of the server before is no matter of this one, which may not let us see whether it is so there. */
static void what_was_found_before_is_not_shown_of_another_server(void **state)
{
    (void)state;
    static const char blocked[] = "pid=10|user=a|state=active|xact_age_s=2|backend_type=client backend|blocks=1\n"
                                  "pid=11|user=c|blocked_by=10|query_age_s=60|wait_s=60|backend_type=client backend";
    world_begin();
    come(ONE, "one", 1, 1);
    world_answer(ONE, "sessions", blocked);
    world_answer(TWO, "sessions", blocked);
    world_expect("blocked", ONE, LEVEL_CRIT, "1 session waits behind pid 10 (a, active 2.0 s)");
    come(ONE, "one", 1, 2);             /* a restart */
    assert_non_null(world_finding("blocked", ONE));
    come(ONE, "one", 7123, 3);
    world_expect("blocked", ONE, LEVEL_FINE, NULL);
    assert_non_null(world_finding("blocked", TWO));
    world_fail(ONE, "sessions", FRAME_DENIED, "no");
    world_pass(2);
    world_expect("blocked", ONE, LEVEL_FINE, NULL);
    world_expect("another_server", ONE, LEVEL_WARN,
                 "another server answers at one:5432: its system identifier is 7123, and was 1");
    world_answer(ONE, "sessions", blocked);
    world_expect("blocked", ONE, LEVEL_CRIT, "1 session waits behind pid 10 (a, active 2.0 s)");
    finish();
}

int test_rule_place(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_that_moved_is_told),
        cmocka_unit_test(another_server_at_its_address_is_told),
        cmocka_unit_test(what_was_found_before_is_not_shown_of_another_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
