/* Nothing false is ever shown. The whole engine runs in virtual time against a watcher that, by a seed, drops,
 * delays, denies, cuts or garbles what it says; after every step each cell that the store gives is compared with
 * what was true at the moment that its age names.
 *
 * The fake server's truth is its clock: at boot time T every row holds T. So a value, its age and the time now
 * must agree, and a fresh value may not be older than interval + deadline. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define RUNS  10000
#define STEPS 40

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"truth", "truth", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Boot time at which it was true."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "The same in words."},
};
static const struct schema schema = {"truth", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct probe probe = {.name = "truth", .title = "truth", .help = "Truth.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = sql};
static const struct probe *const probes[] = {&probe, NULL};

/* What the test pretends: the time, and the far end of the newest watcher's pipe. */
static struct {
    int64_t now_us;
    int far;                    /* -1: no watcher lives */
    struct wire_stream in;
    struct buf late;            /* said, but held back */
    unsigned fresh, stale, failing;
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
    buf_clear(&world.late);
}

static void far_says(const struct buf *b)
{
    if (world.far >= 0 && b->len > 0)
        assert_true(send(world.far, b->data, b->len, MSG_NOSIGNAL | MSG_DONTWAIT) >= -1);
}

static bool virtual_spawn(struct pilot *p)
{
    int ends[2];
    hang_up();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    world.far = ends[1];
    pilot_attach(p, ends[0]);
    struct buf b = {0};
    struct facts facts = {.kind = TARGET_SERVER, .version = 150000, .system_id = 1, .started_us = 1};
    wire_open(&b);
    wire_put_facts(&b, &facts);
    far_says(&b);
    buf_free(&b);
    return true;
}

/* A true answer to the question; the watcher's own stamp may lie. */
static void put_answer(struct buf *out, unsigned id, struct random *r)
{
    struct wire_frame w;
    char words[32];
    bool denied = random_below(r, 12) == 0;
    wire_frame_begin(&w, out, id, &schema);
    for (int row = 0; row < 3 && !denied; row++) {
        int n = snprintf(words, sizeof(words), "%lld", (long long)world.now_us);
        wire_frame_row(&w);
        wire_frame_int(&w, row);
        wire_frame_int(&w, world.now_us);
        wire_frame_text(&w, words, (size_t)n);
    }
    int64_t stamp = random_below(r, 4) ? world.now_us : (int64_t)random_next(r);
    wire_frame_end(&w, &(struct frame_head){.status = denied ? FRAME_DENIED : FRAME_OK, .taken_us = stamp,
                                            .note = denied ? "permission denied" : NULL,
                                            .sqlstate = denied ? "42501" : NULL});
}

/* Reads the newest question, if there is one. */
static bool next_question(unsigned *id)
{
    char bytes[8192];
    struct wire_message m;
    bool asked = false;
    ssize_t n;
    while (world.far >= 0 && (n = recv(world.far, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        wire_feed(&world.in, bytes, (size_t)n);
    while (wire_next(&world.in, &m)) {
        struct question q;
        if (m.type != WIRE_ASK)
            continue;
        assert_true(wire_get_question(&m, &q));
        *id = q.id;
        asked = true;
        free(q.sql);
        free(q.parameter);
    }
    return asked;
}

static void misbehave(struct random *r)
{
    unsigned id;
    if (!next_question(&id))
        return;
    struct buf b = {0};
    put_answer(&b, id, r);
    switch (random_below(r, 8)) {
    case 0:                                             /* dropped */
        break;
    case 1:                                             /* delayed: comes with a later step, if anyone lives then */
        buf_clear(&world.late);
        buf_add(&world.late, b.data, b.len);
        break;
    case 2:                                             /* cut: half of it, and then the end */
        b.len = 1 + random_below(r, (uint32_t)b.len - 1);
        far_says(&b);
        hang_up();
        break;
    case 3:                                             /* garbled */
        b.data[random_below(r, (uint32_t)b.len)] ^= (char)(1 + random_below(r, 255));
        far_says(&b);
        break;
    default:
        far_says(&b);
    }
    buf_free(&b);
}

/* What the store gives must be what was true at the time that its age names. */
static void compare(struct engine *e)
{
    struct sight s = store_sight(e->store, 0, 0, world.now_us);
    world.fresh += s.state == SIGHT_FRESH;
    world.stale += s.state == SIGHT_STALE;
    world.failing += s.state == SIGHT_FAILING;
    if (s.state == SIGHT_FRESH)
        assert_true(s.age_us <= s.interval_us + s.deadline_us);
    if (s.state == SIGHT_FAILING) {
        assert_non_null(s.newest);
        assert_non_null(s.newest->note);
    }
    for (uint32_t row = 0; s.good && row < s.good->nrows; row++) {
        if (!frame_cell(s.good, row, 1)->known)
            continue;
        int64_t truth = frame_cell(s.good, row, 1)->i;
        assert_true(truth <= world.now_us);
        /* The age may say older than it is, by what the question took; never younger. */
        assert_true(s.age_us >= world.now_us - truth);
        assert_true(s.age_us <= world.now_us - truth + s.deadline_us);
    }
}

static void one_run(uint64_t seed)
{
    struct random r = {seed};
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    world.now_us = 1000 * US_PER_S;
    world.far = -1;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    e->clock = virtual_clock;
    e->spawn = virtual_spawn;
    engine_tick(e);
    const int topic = 0;
    engine_show(e, 0, &topic, 1);
    for (int step = 0; step < STEPS; step++) {
        struct pilot *p = &e->pilots[0];
        world.now_us += (int64_t)random_below(&r, 1500) * US_PER_MS;
        engine_tick(e);
        if (random_below(&r, 40) == 0)
            hang_up();
        if (world.late.len > 0 && random_below(&r, 2)) {
            far_says(&world.late);
            buf_clear(&world.late);
        }
        misbehave(&r);
        if (p->fd >= 0)
            pilot_hear(p);
        schedule_next(p);
        compare(e);
        world.now_us += (int64_t)random_below(&r, 300) * US_PER_MS;
        compare(e);
    }
    hang_up();
    engine_free(e);
}

static void no_value_without_its_true_age_and_status(void **state)
{
    (void)state;
    uint64_t seed = random_start("truth").state;
    for (uint64_t run = 0; run < RUNS; run++)
        one_run(seed + run);
    print_message("fresh %u, stale %u, failing %u\n", world.fresh, world.stale, world.failing);
    assert_true(world.fresh > RUNS && world.stale > RUNS / 10 && world.failing > RUNS);
    buf_free(&world.late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_value_without_its_true_age_and_status)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
