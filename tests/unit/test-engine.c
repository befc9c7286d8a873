/* What the engine does with watchers that come and go, in virtual time: no watcher is a process here, the test
 * holds the far end of its pipe. */
#include "engine/parts.h"

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
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct probe plain = {.name = "one", .title = "one", .help = "One.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = sql};
static const struct probe extended = {.name = "two", .title = "two", .help = "Two.", .schema = &schema,
                                      .kind = TARGET_SERVER, .sql = sql, .needs = NEED_STATEMENTS, .share = 0.005};
static const struct column wide_columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct schema wide_schema = {"wide", COUNT_OF(wide_columns), wide_columns};
static const struct probe *const probes[] = {&plain, &extended, NULL};

static struct {
    int64_t now_us;
    int far;                    /* our end of the newest watcher's pipe; -1: none */
    struct wire_stream in;
    unsigned spawned;
    bool mute;                  /* new watchers say nothing by themselves */
    bool extension, standby, monitor;   /* facts of the server */
} world;

static int64_t virtual_clock(void)
{
    return world.now_us;
}

static void hang_up(void)
{
    if (world.far >= 0)
        close(world.far);
    world.far = -1;
    wire_stream_free(&world.in);
}

static void say(struct buf *b)
{
    assert_int_equal(send(world.far, b->data, b->len, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

static void say_facts(struct buf *b)
{
    struct facts f = {.kind = TARGET_SERVER, .version = 150000, .system_id = 1, .standby = world.standby,
                      .monitor = world.monitor};
    if (world.extension)
        f.extensions[f.nextensions++] = (struct extension){(char *)"pg_stat_statements", (char *)"public", 11000};
    wire_put_facts(b, &f);
}

static bool virtual_spawn(struct pilot *p)
{
    int ends[2];
    struct buf b = {0};
    hang_up();
    world.spawned++;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    world.far = ends[1];
    pilot_attach(p, ends[0]);
    wire_open(&b);
    if (!world.mute)
        say_facts(&b);
    say(&b);
    return true;
}

static struct engine *begin(bool mute)
{
    const int topics[] = {0, 1};
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    world.now_us = 1000 * US_PER_S;
    world.far = -1;
    world.spawned = 0;
    world.mute = mute;
    world.extension = world.standby = world.monitor = false;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    e->clock = virtual_clock;
    e->spawn = virtual_spawn;
    engine_tick(e);
    engine_show(e, 0, topics, 2);
    return e;
}

static void end(struct engine *e)
{
    hang_up();
    engine_free(e);
}

/* Lets time go by as the loop would, without a word from the watcher unless there is one. */
static void pass(struct engine *e, int64_t us)
{
    struct pilot *p = &e->pilots[0];
    world.now_us += us;
    engine_tick(e);
    for (int i = 0; i < 3 && p->fd >= 0; i++)
        pilot_hear(p);          /* a message with a descriptor is read by itself */
    schedule_next(p);
}

/* What the watcher has been told since: the number of questions and of wishes to learn; answers each. */
struct told {
    unsigned questions, learns;
};

static void answer_all(struct told *told, enum server_role role)
{
    char bytes[65536];
    struct wire_message m;
    struct buf b = {0};
    ssize_t n;
    while ((n = recv(world.far, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        wire_feed(&world.in, bytes, (size_t)n);
    while (wire_next(&world.in, &m)) {
        struct question q;
        if (m.type == WIRE_LEARN) {
            told->learns++;
            say_facts(&b);
        } else if (m.type == WIRE_ASK && wire_get_question(&m, &q)) {
            struct wire_frame w;
            told->questions++;
            wire_frame_begin(&w, &b, q.id, &schema);
            wire_frame_end(&w, &(struct frame_head){.status = FRAME_OK, .taken_us = world.now_us,
                                                    .server_role = role});
            free(q.sql);
            free(q.parameter);
        }
    }
    if (b.len > 0)
        say(&b);
}

static struct told live(struct engine *e, int64_t us, enum server_role role)
{
    struct told told = {0};
    for (int64_t gone = 0; gone < us; gone += 100 * US_PER_MS) {
        pass(e, 100 * US_PER_MS);
        if (world.far >= 0)
            answer_all(&told, role);
    }
    return told;
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

static enum frame_status status_of(struct engine *e, int topic)
{
    const struct frame *f = store_sight(e->store, 0, topic, world.now_us).newest;
    assert_non_null(f);
    return f->status;
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

static void send_fd(struct buf *b, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec io = {b->data, b->len};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room,
                       .msg_controllen = sizeof(control.room)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    assert_int_equal(sendmsg(world.far, &m, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

static void say_phase(enum wire_phase phase, int fd)
{
    struct buf b = {0};
    size_t mark = wire_begin(&b, WIRE_PHASE);
    wire_put_uint(&b, phase);
    wire_end(&b, mark);
    send_fd(&b, fd);
}

static void each_address_has_its_own_time(void **state)
{
    (void)state;
    struct engine *e = begin(true);
    pass(e, 0);
    for (unsigned i = 1; i < ADDRESSES_MAX + 5; i++) {
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (e->pilots[0].state == PILOT_CONNECTING)
            say_phase(WIRE_CONNECT, s);
        close(s);
        pass(e, 1500 * US_PER_MS);
        assert_int_equal(e->pilots[0].state == PILOT_CONNECTING, i <= ADDRESSES_MAX);
        if (e->pilots[0].state != PILOT_CONNECTING)
            break;
    }
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

static bool said(struct engine *e, const char *words)
{
    for (unsigned i = 0; store_message(e->store, i); i++)
        if (strstr(store_message(e->store, i)->text, words))
            return true;
    return false;
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
        cmocka_unit_test(what_was_absent_is_found_when_it_comes),
        cmocka_unit_test(a_promotion_is_learned_from_the_next_answer),
        cmocka_unit_test(facts_have_a_deadline_too),
        cmocka_unit_test(a_dear_question_does_not_end_every_watcher),
        cmocka_unit_test(each_address_has_its_own_time),
        cmocka_unit_test(a_plain_file_is_no_session),
        cmocka_unit_test(an_answer_that_waited_for_us_is_not_late),
        cmocka_unit_test(last_words_are_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
