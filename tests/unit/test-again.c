/* What is asked again after an error, and when: a conflict, something that went away and came back, a pooler that gives
 * up. */
#include "tests/unit/engine-world.h"

#include "base/attr.h"
#include "base/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* Dropped and created anew between two looks it has the same name and version. What is gone is an error in the server's
 * log once: after it, the facts are looked at first. */
static void what_came_back_is_found_too(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    world.extension = true;
    world.oid = 1;
    live(e, 65 * US_PER_S, SERVER_PRIMARY);
    assert_int_equal(status_of(e, 1), FRAME_OK);
    struct told told = {0};
    for (bool asked = false; !asked; answer_all(&told, SERVER_PRIMARY)) {
        pass(e, 100 * US_PER_MS);
        asked = e->pilots[0].asking == 1;
        if (asked)
            world.error = (struct frame_head){.status = FRAME_ABSENT, .sqlstate = "42P01", .note = "gone"};
    }
    world.error = (struct frame_head){0};
    world.oid = 2;
    pass(e, 0);
    assert_int_equal(status_of(e, 1), FRAME_ABSENT);
    assert_true(live(e, 3 * US_PER_S, SERVER_PRIMARY).learns >= 1);
    assert_int_equal(status_of(e, 1), FRAME_OK);
    world.extension = false;
    live(e, 20 * US_PER_S, SERVER_PRIMARY);
    assert_int_equal(status_of(e, 1), FRAME_ABSENT);
    end(e);
}

/* At first soon, then with the next tick; the session stays. */
static void a_conflict_is_tried_again_soon(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    engine_set_interval(e, 60);
    live(e, 10 * US_PER_S, SERVER_STANDBY);
    world.error = (struct frame_head){.status = FRAME_FAILED, .sqlstate = "40001", .note = "conflict with recovery"};
    assert_in_range(live(e, 60 * US_PER_S, SERVER_STANDBY).questions, 4, 4);
    world.error = (struct frame_head){0};
    assert_int_equal(live(e, 60 * US_PER_S, SERVER_STANDBY).questions, 1);
    assert_int_equal(world.spawned, 1);
    end(e);
}

/* PgBouncer lets us in and gives the first question up: that is no refusal, and it may go well in five seconds. */
static void a_pooler_that_gives_up_is_asked_slowly(void **state)
{
    (void)state;
    struct engine *e = begin(true);
    for (int ms = 0; ms < 60000; ms += 20) {
        pass(e, 20 * US_PER_MS);
        if (e->pilots[0].state != PILOT_CONNECTING || world.far < 0)
            continue;
        struct buf b = {0};
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);   /* no session that would linger */
        say_phase(WIRE_PREPARE, fd);
        close(fd);
        size_t mark = wire_begin(&b, WIRE_REFUSED);
        wire_put_string(&b, "08P01");
        wire_put_string(&b, "query_wait_timeout");
        wire_end(&b, mark);
        say(&b);
        pass(e, 0);
        hang_up();
    }
    assert_in_range(world.spawned, 11, 13);
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_back_is_found_too),
        cmocka_unit_test(a_conflict_is_tried_again_soon),
        cmocka_unit_test(a_pooler_that_gives_up_is_asked_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
