/* What is asked again after an error, and when: a conflict, something that went away and came back, a pooler that gives
 * up. */
#include "tests/unit/engine-world.h"

#include "base/attr.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* ---- sessions that hang ---- */

struct hung {
    struct sockaddr_in place;
    int listener;           /* takes sessions, says nothing, closes none */
};

static struct hung hang_one(void)
{
    struct hung h = {.place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(h.place);
    h.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(h.listener, (struct sockaddr *)&h.place, len), 0);
    assert_int_equal(listen(h.listener, 16), 0);
    assert_int_equal(getsockname(h.listener, (struct sockaddr *)&h.place, &len), 0);
    return h;
}

/* The attempt under way comes to a session there, and to nothing more. */
static void fall_into(struct engine *e, const struct hung *h)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(s, (const struct sockaddr *)&h->place, sizeof(h->place)), 0);
    assert_int_equal(e->pilots[0].state, PILOT_CONNECTING);
    say_phase(WIRE_AUTHENTICATE, s);
    close(s);
    pass(e, 0);
    hang_up();
    pass(e, 0);
}

static void await_attempt(struct engine *e)
{
    for (int i = 0; i < 100 && e->pilots[0].state != PILOT_CONNECTING; i++)
        pass(e, 100 * US_PER_MS);
    assert_int_equal(e->pilots[0].state, PILOT_CONNECTING);
}

static struct engine *begin_with_two_hung(const struct hung *h)
{
    struct engine *e = begin(true);
    for (int i = 0; i < 2; i++) {
        await_attempt(e);
        fall_into(e, h);
    }
    assert_int_equal(pilot_lingering(&e->pilots[0]), 2);
    return e;
}

static void there_is_a_third_at_the_users_word_alone(void **state)
{
    (void)state;
    struct hung h = hang_one();
    struct engine *e = begin_with_two_hung(&h);
    struct pilot *p = &e->pilots[0];
    assert_int_equal(p->state, PILOT_WAITING);
    assert_non_null(strstr(store_target(e->store, 0)->link.words, "there will be no third"));
    engine_reconnect(e, 0);
    assert_int_equal(p->state, PILOT_CONNECTING);
    assert_false(p->looking);
    assert_int_equal(pilot_lingering(p), 0);
    assert_non_null(strstr(store_message(e->store, 0)->text, "a third is tried, as you asked"));
    close(h.listener);
    end(e);
}

/* What the newest watcher is to keep away from; the caller frees. */
static char *told_peers(void)
{
    char bytes[4096], *told[7] = {0};
    struct wire_message m;
    ssize_t n = recv(world.far, bytes, sizeof(bytes), MSG_DONTWAIT);
    wire_feed(&world.in, bytes, n > 0 ? (size_t)n : 0);
    assert_true(wire_next(&world.in, &m) && m.type == WIRE_START);
    struct wire_body b = wire_body(&m);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        told[i] = wire_string(&b);
    assert_true(wire_done(&b));
    for (size_t i = 0; i + 1 < COUNT_OF(told); i++)
        free(told[i]);
    return told[COUNT_OF(told) - 1];
}

static void refuse(const char *words)
{
    struct buf b = {0};
    size_t mark = wire_begin(&b, WIRE_REFUSED);
    wire_put_string(&b, NULL);
    wire_put_string(&b, words);
    wire_end(&b, mark);
    say(&b);
}

/* A name leads to another server after a failover, and the old one may hang for hours: it is looked up now and then. */
static void a_name_may_lead_elsewhere(void **state)
{
    (void)state;
    char expected[2 * PEER_BYTES], *peers;
    struct hung old = hang_one(), other = hang_one();
    struct engine *e = begin_with_two_hung(&old);
    struct pilot *p = &e->pilots[0];
    unsigned before = world.spawned, failures = p->failures;
    snprintf(expected, sizeof(expected), "127.0.0.1 %d\n127.0.0.1 %d\n", ntohs(old.place.sin_port),
             ntohs(old.place.sin_port));
    for (int i = 0; i < 600; i++) {         /* a minute in which it leads where it led */
        pass(e, 100 * US_PER_MS);
        assert_int_equal(store_target(e->store, 0)->link.state, LINK_WAITING);
        if (p->state != PILOT_CONNECTING)
            continue;
        peers = told_peers();
        assert_string_equal(peers, expected);
        free(peers);
        refuse("two sessions of ours are open there");
        pass(e, 0);
    }
    assert_in_range(world.spawned - before, 10, 12);
    assert_int_equal(p->failures, failures);
    assert_non_null(strstr(store_target(e->store, 0)->link.words, "there will be no third"));
    await_attempt(e);
    fall_into(e, &other);                   /* then it leads to one that hangs too: that one has room for a second */
    assert_int_equal(pilot_lingering(p), 3);
    assert_null(strstr(store_target(e->store, 0)->link.words, "there will be no third"));
    await_attempt(e);
    fall_into(e, &other);
    assert_int_equal(pilot_lingering(p), 4);
    before = world.spawned;
    pass(e, 3600 * US_PER_S);
    assert_int_equal(world.spawned, before);
    close(old.listener);
    close(other.listener);
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_back_is_found_too),
        cmocka_unit_test(a_conflict_is_tried_again_soon),
        cmocka_unit_test(a_pooler_that_gives_up_is_asked_slowly),
        cmocka_unit_test(there_is_a_third_at_the_users_word_alone),
        cmocka_unit_test(a_name_may_lead_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
