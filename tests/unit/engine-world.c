/* The engine with a watcher that is the test itself. */
#include "tests/unit/engine-world.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"count", "count", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Counted."},
};
static const struct schema schema = {"one", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct probe plain = {.name = "one", .title = "one", .help = "One.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = sql};
static const struct probe extended = {.name = "two", .title = "two", .help = "Two.", .schema = &schema,
                                      .kind = TARGET_SERVER, .sql = sql, .needs = NEED_STATEMENTS, .share = 0.005};
static const struct probe *const probes[] = {&plain, &extended, NULL};

struct engine_world world;

static int64_t virtual_clock(void)
{
    return world.now_us;
}

void hang_up(void)
{
    if (world.far >= 0)
        close(world.far);
    world.far = -1;
    wire_stream_free(&world.in);
}

void say(struct buf *b)
{
    assert_int_equal(send(world.far, b->data, b->len, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

static void say_facts(struct buf *b)
{
    struct facts f = {.kind = TARGET_SERVER, .version = 150000, .system_id = 1, .standby = world.standby,
                      .monitor = world.monitor};
    if (world.extension)
        f.extensions[f.nextensions++] = (struct extension){(char *)"pg_stat_statements", (char *)"public", 11000,
                                                          world.oid};
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

struct engine *begin(bool mute)
{
    const int topics[] = {0, 1};
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    world.now_us = 1000 * US_PER_S;
    world.far = -1;
    world.spawned = 0;
    world.mute = mute;
    world.extension = world.standby = world.monitor = false;
    world.error = (struct frame_head){0};
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    e->clock = virtual_clock;
    e->spawn = virtual_spawn;
    engine_tick(e);
    engine_show(e, 0, topics, 2);
    return e;
}

void end(struct engine *e)
{
    hang_up();
    engine_free(e);
}

void pass(struct engine *e, int64_t us)
{
    struct pilot *p = &e->pilots[0];
    world.now_us += us;
    engine_tick(e);
    for (int i = 0; i < 3 && p->fd >= 0; i++)
        pilot_hear(p);          /* a message with a descriptor is read by itself */
    schedule_next(p);
}

void answer_all(struct told *told, enum server_role role)
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
            struct frame_head head = world.error;
            head.taken_us = world.now_us;
            head.server_role = role;
            wire_frame_end(&w, &head);
            free(q.sql);
            free(q.parameter);
        }
    }
    if (b.len > 0)
        say(&b);
}

struct told live(struct engine *e, int64_t us, enum server_role role)
{
    struct told told = {0};
    for (int64_t gone = 0; gone < us; gone += 100 * US_PER_MS) {
        pass(e, 100 * US_PER_MS);
        if (world.far >= 0)
            answer_all(&told, role);
    }
    return told;
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

void say_phase(enum wire_phase phase, int fd)
{
    struct buf b = {0};
    size_t mark = wire_begin(&b, WIRE_PHASE);
    wire_put_uint(&b, phase);
    wire_end(&b, mark);
    send_fd(&b, fd);
}

enum frame_status status_of(struct engine *e, int topic)
{
    const struct frame *f = store_sight(e->store, 0, topic, world.now_us).newest;
    assert_non_null(f);
    return f->status;
}
