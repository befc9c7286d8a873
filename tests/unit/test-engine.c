/* What the engine does with watchers that come and go, in virtual time: no watcher is a process here, the test
 * holds the far end of its pipe. */
#include "tests/unit/engine-world.h"

#include "base/clock.h"
#include "base/mem.h"

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

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
};
static const struct schema schema = {"one", COUNT_OF(columns), columns};
static const struct column wide_columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct schema wide_schema = {"wide", COUNT_OF(wide_columns), wide_columns};

static bool said(struct engine *e, const char *words)
{
    for (unsigned i = 0; store_message(e->store, i); i++)
        if (strstr(store_message(e->store, i)->text, words))
            return true;
    return false;
}

/* A server that lets us in and ends the session at once must not be asked twenty times a second. */
static void a_flapping_server_is_left_alone_more_and_more(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    for (int ms = 0; ms < 60000; ms += 5) {
        pass(e, 5 * US_PER_MS);
        if (e->pilots[0].state == PILOT_UP)
            hang_up();
    }
    assert_in_range(world.spawned, 20, 180);    /* full jitter below 1 s: 120, give or take */
    end(e);
}

static void a_steady_connection_is_had_back_at_once(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    engine_show(e, 0, NULL, 0);
    for (int i = 0; i < 20; i++) {
        live(e, 1 * US_PER_S, SERVER_PRIMARY);
        hang_up();
    }
    live(e, 20 * US_PER_S, SERVER_PRIMARY);
    unsigned before = world.spawned;
    hang_up();
    pass(e, 0);
    pass(e, 2001 * US_PER_MS);
    assert_int_equal(world.spawned, before + 1);
    end(e);
}

/* No such database, a pooler's refusal: nothing that a second attempt a second later would mend. */
static void what_will_not_mend_is_tried_less_and_less(void **state)
{
    (void)state;
    struct engine *e = begin(true);
    for (int ms = 0; ms < 600000; ms += 20) {
        pass(e, 20 * US_PER_MS);
        if (e->pilots[0].state != PILOT_CONNECTING || world.far < 0)
            continue;
        struct buf b = {0};
        size_t mark = wire_begin(&b, WIRE_REFUSED);
        wire_put_string(&b, "3D000");
        wire_put_string(&b, "database \"x\" does not exist");
        wire_end(&b, mark);
        say(&b);
        pass(e, 0);
        hang_up();
    }
    assert_in_range(world.spawned, 5, 80);
    end(e);
}

static void a_shorter_interval_counts_at_once(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    live(e, 1 * US_PER_S, SERVER_PRIMARY);
    engine_set_interval(e, 3600);
    live(e, 10 * US_PER_S, SERVER_PRIMARY);
    engine_set_interval(e, 1);
    assert_true(live(e, 3 * US_PER_S, SERVER_PRIMARY).questions >= 2);
    end(e);
}

static int64_t rated_over_us(struct engine *e)
{
    return store_sight(e->store, 0, 0, world.now_us).rates->over_us;
}

/* An hour's average is not what the page calls the last interval; the next answer, which has rates, comes soon. */
static void a_page_that_comes_back_has_no_rates_of_its_absence(void **state)
{
    (void)state;
    const int topics[] = {0, 1};
    struct engine *e = begin(false);
    engine_set_interval(e, 30);
    live(e, 100 * US_PER_S, SERVER_PRIMARY);
    assert_true(rated_over_us(e) == 30 * US_PER_S);
    engine_show(e, 0, NULL, 0);
    assert_int_equal(live(e, 3600 * US_PER_S, SERVER_PRIMARY).questions, 0);
    engine_show(e, 0, topics, 2);
    live(e, 200 * US_PER_MS, SERVER_PRIMARY);
    assert_true(rated_over_us(e) == 0);
    live(e, 2200 * US_PER_MS, SERVER_PRIMARY);
    assert_in_range(rated_over_us(e), 1900 * US_PER_MS, 2200 * US_PER_MS);
    live(e, 60 * US_PER_S, SERVER_PRIMARY);
    assert_true(rated_over_us(e) == 30 * US_PER_S);
    engine_show(e, 0, NULL, 0);                         /* one that was hidden for a moment goes on */
    live(e, 50 * US_PER_S, SERVER_PRIMARY);
    engine_show(e, 0, topics, 2);
    live(e, 200 * US_PER_MS, SERVER_PRIMARY);
    assert_true(rated_over_us(e) > 30 * US_PER_S);
    end(e);
}

static void what_was_absent_is_found_when_it_comes(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    live(e, 5 * US_PER_S, SERVER_PRIMARY);
    assert_int_equal(status_of(e, 1), FRAME_ABSENT);
    world.extension = true;
    assert_int_equal(live(e, 65 * US_PER_S, SERVER_PRIMARY).learns, 1);
    assert_int_equal(status_of(e, 1), FRAME_OK);
    assert_int_equal(world.spawned, 1);
    end(e);
}

static void a_promotion_is_learned_from_the_next_answer(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    world.standby = true;
    live(e, 5 * US_PER_S, SERVER_STANDBY);
    assert_true(store_target(e->store, 0)->facts.standby);
    world.standby = false;
    assert_int_equal(live(e, 3 * US_PER_S, SERVER_PRIMARY).learns, 1);
    assert_false(store_target(e->store, 0)->facts.standby);
    end(e);
}

/* An answer that is an error tells no role; the facts do. */
static void another_role_is_learned_from_the_facts(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    live(e, 5 * US_PER_S, SERVER_UNKNOWN);
    assert_int_equal(e->pilots[0].role, SERVER_PRIMARY);
    world.standby = true;
    assert_int_equal(live(e, 65 * US_PER_S, SERVER_UNKNOWN).learns, 1);
    assert_int_equal(e->pilots[0].role, SERVER_STANDBY);
    assert_true(said(e, "it is a standby now"));
    end(e);
}

/* One that does not come back with its facts is as late as one that does not answer. */
static void facts_have_a_deadline_too(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    live(e, 61 * US_PER_S, SERVER_PRIMARY);
    e->pilots[0].learn_us = 0;
    pass(e, 0);
    assert_true(e->pilots[0].learning);
    pass(e, QUESTION_DEADLINE_US + 1);
    assert_int_equal(e->pilots[0].state, PILOT_WAITING);
    end(e);
}

/* What reads gigabytes for its answer cannot be interrupted: asked at every start, it would end all watchers. */
static void a_dear_question_does_not_end_every_watcher(void **state)
{
    (void)state;
    struct told told = {0};
    struct engine *e = begin(false);
    struct pilot *p = &e->pilots[0];
    struct frame *f = frame_seal(frame_build(&schema), &(struct frame_head){.cost_us = 20 * US_PER_MS});
    schedule_answered(p, 0, f);
    schedule_answered(p, 1, f);
    assert_true(schedule_interval_us(p, 0) == 2 * US_PER_S && schedule_interval_us(p, 1) == 4 * US_PER_S);
    world.extension = true;
    hang_up();
    for (int i = 0; i < 1200; i++) {
        pass(e, 100 * US_PER_MS);
        if (p->state == PILOT_UP && p->asking != 1)
            answer_all(&told, SERVER_PRIMARY);
    }
    assert_in_range(world.spawned, 3, 8);
    frame_unref(f);
    end(e);
}

static void answer_times(struct engine *e, int n, int64_t cost_us)
{
    struct pilot *p = &e->pilots[0];
    struct frame *f = frame_seal(frame_build(&schema), &(struct frame_head){.cost_us = cost_us});
    for (int i = 0; i < n; i++) {
        p->ticks[0].asked_us = e->now_us;
        p->ticks[0].due_us = e->now_us + schedule_interval_us(p, 0);
        schedule_answered(p, 0, f);
        e->now_us += schedule_interval_us(p, 0);
    }
    frame_unref(f);
}

/* The load is over, and the page shows it soon. What is dear each few minutes stays slow. */
static void a_slow_spell_is_over_with_two_quick_answers(void **state)
{
    (void)state;
    struct engine *e = begin(false);
    struct pilot *p = &e->pilots[0];
    answer_times(e, 20, 5 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) == 2 * US_PER_S);
    answer_times(e, 12, 1500 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) >= 16 * US_PER_S);
    answer_times(e, 1, 5 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) >= 16 * US_PER_S);
    assert_true(p->ticks[0].due_us - p->ticks[0].asked_us == 2 * US_PER_S);     /* one is no proof, the next one is */
    answer_times(e, 1, 5 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) == 2 * US_PER_S);
    answer_times(e, 12, 1500 * US_PER_MS);
    answer_times(e, 2, 5 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) >= 8 * US_PER_S);
    e->now_us += 600 * US_PER_S;
    answer_times(e, 2, 1500 * US_PER_MS);
    answer_times(e, 2, 5 * US_PER_MS);
    assert_true(schedule_interval_us(p, 0) == 2 * US_PER_S);
    end(e);
}

static void each_address_has_its_own_time(void **state)
{
    (void)state;
    struct engine *e = begin(true);
    pass(e, 0);
    for (unsigned i = 1; i < ADDRESSES_MAX + 5; i++) {
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        say_phase(WIRE_CONNECT, s);
        close(s);
        pass(e, 1500 * US_PER_MS);
        assert_int_equal(e->pilots[0].state, PILOT_CONNECTING);
        assert_int_equal(world.spawned, i <= ADDRESSES_MAX ? 1 : 2);    /* who was that long about it need not wait */
        if (world.spawned == 2)
            break;
    }
    assert_int_equal(world.spawned, 2);
    /* And what the first one came to stays known during the second. */
    assert_string_equal(store_target(e->store, 0)->link.words, "no connection within 2 s");
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    say_phase(WIRE_CONNECT, s);
    close(s);
    pass(e, 0);
    assert_string_equal(store_target(e->store, 0)->link.words, "no connection within 2 s");
    end(e);
}

/* What cannot be watched is no session: it must not take one of the two places for ever. */
static void a_plain_file_is_no_session(void **state)
{
    (void)state;
    struct engine *e = begin(true);
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 100 && e->pilots[0].state != PILOT_CONNECTING; k++)
            pass(e, 100 * US_PER_MS);
        assert_int_equal(e->pilots[0].state, PILOT_CONNECTING);
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        say_phase(WIRE_CONNECT, i % 2 ? fd : file);
        close(fd);
        close(file);
        pass(e, 0);
        hang_up();
        pass(e, 0);
        assert_int_equal(pilot_lingering(&e->pilots[0]), 0);
    }
    end(e);
}

/* Stopped for ten seconds in the middle of a large answer, which waits in the pipe. */
static void an_answer_that_waited_for_us_is_not_late(void **state)
{
    (void)state;
    static char text[150000];
    struct engine *e = begin(false);
    struct pilot *p = &e->pilots[0];
    pass(e, 0);
    assert_true(p->asking == 0);
    struct buf b = {0};
    struct wire_frame w;
    p->answer = &wide_schema;
    memset(text, 'x', sizeof(text));
    wire_frame_begin(&w, &b, p->question, &wide_schema);
    wire_frame_row(&w);
    wire_frame_int(&w, 1);
    wire_frame_text(&w, text, sizeof(text));
    wire_frame_end(&w, &(struct frame_head){.status = FRAME_OK, .taken_us = world.now_us});
    say(&b);
    pass(e, 10 * US_PER_S);
    assert_int_equal(p->state, PILOT_UP);
    assert_int_equal(world.spawned, 1);
    end(e);
}

static void ignore(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

/* "error while loading shared libraries" and then the end of the pipe, in one turn of the loop. */
static void last_words_are_heard(void **state)
{
    (void)state;
    static const char words[] = "libpq.so.5: cannot open shared object file\n";
    struct engine *e = begin(false);
    struct pilot *p = &e->pilots[0];
    int err[2];
    pass(e, 0);
    assert_int_equal(pipe2(err, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(write(err[1], words, sizeof(words) - 1), sizeof(words) - 1);
    close(err[1]);
    p->err_fd = err[0];
    p->err_readable = event_new(e->base, err[0], EV_READ | EV_PERSIST, ignore, p);
    hang_up();
    pass(e, 0);
    assert_true(said(e, "cannot open shared object file"));
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flapping_server_is_left_alone_more_and_more),
        cmocka_unit_test(a_steady_connection_is_had_back_at_once),
        cmocka_unit_test(what_will_not_mend_is_tried_less_and_less),
        cmocka_unit_test(a_shorter_interval_counts_at_once),
        cmocka_unit_test(a_page_that_comes_back_has_no_rates_of_its_absence),
        cmocka_unit_test(what_was_absent_is_found_when_it_comes),
        cmocka_unit_test(a_promotion_is_learned_from_the_next_answer),
        cmocka_unit_test(another_role_is_learned_from_the_facts),
        cmocka_unit_test(facts_have_a_deadline_too),
        cmocka_unit_test(a_dear_question_does_not_end_every_watcher),
        cmocka_unit_test(a_slow_spell_is_over_with_two_quick_answers),
        cmocka_unit_test(each_address_has_its_own_time),
        cmocka_unit_test(a_plain_file_is_no_session),
        cmocka_unit_test(an_answer_that_waited_for_us_is_not_late),
        cmocka_unit_test(last_words_are_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
