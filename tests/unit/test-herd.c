/* A hundred servers that are lost in one moment, of one console or of a hundred, in virtual time: how many attempts come
 * in a tenth of a second, and how soon all are back. No watcher is a process here. */
#include "engine/parts.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { HERD = 100, ATTEMPTS_MAX = 20000, TOGETHER_MOST = 25, DOWN_S = 20 };

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
};
static const struct schema schema = {"one", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SELECT 1"}, {0, NULL}};
static const struct probe never = {.name = "one", .title = "one", .help = "One.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = sql};
static const struct probe *const probes[] = {&never, NULL};

static struct {
    int64_t now_us;
    bool up;
    int far[HERD];
    int64_t attempts[ATTEMPTS_MAX];
    size_t n;
} world;

static int64_t virtual_clock(void)
{
    return world.now_us;
}

static void hang_up(int target)
{
    if (world.far[target] >= 0)
        close(world.far[target]);
    world.far[target] = -1;
}

/* A server that is up lets its watcher in at once; one that is down ends it. */
static bool virtual_spawn(struct pilot *p)
{
    int ends[2];
    assert_true(world.n < ATTEMPTS_MAX);
    world.attempts[world.n++] = world.now_us;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    hang_up(p->target);
    world.far[p->target] = ends[1];
    pilot_attach(p, ends[0]);
    struct buf b = {0};
    struct facts facts = {.kind = TARGET_SERVER, .version = 150000, .system_id = 1 + (uint64_t)p->target};
    wire_open(&b);
    if (world.up)
        wire_put_facts(&b, &facts);
    assert_int_equal(send(ends[1], b.data, b.len, MSG_NOSIGNAL), b.len);
    buf_free(&b);
    if (!world.up)
        shutdown(ends[1], SHUT_WR);
    return true;
}

static struct engine *begin(uint64_t seed, int shown)
{
    struct engine_target targets[HERD];
    char names[HERD][8];
    struct err err;
    world.now_us = 1000 * US_PER_S;
    world.n = 0;
    world.up = true;
    for (int i = 0; i < HERD; i++) {
        snprintf(names[i], sizeof(names[i]), "s%d", i);
        targets[i] = (struct engine_target){.name = names[i], .conninfo = ""};
        world.far[i] = -1;
    }
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = targets, .ntargets = HERD,
                                                         .watcher_fd = -1}, &err);
    assert_non_null(e);
    e->clock = virtual_clock;
    e->spawn = virtual_spawn;
    e->seed = seed * 0x9e3779b97f4a7c15ULL;
    for (int i = 0; i < shown; i++)
        e->pilots[i].shown = true;
    return e;
}

static void end(struct engine *e)
{
    for (int i = 0; i < HERD; i++)
        hang_up(i);
    engine_free(e);
}

/* Who is up has nothing to say and nothing to do. */
static void pass(struct engine *e, int64_t us)
{
    for (int64_t gone = 0; gone < us; gone += US_PER_MS) {
        world.now_us += US_PER_MS;
        engine_tick(e);
        for (int i = 0; i < HERD; i++) {
            struct pilot *p = &e->pilots[i];
            if (p->state == PILOT_UP)
                continue;
            schedule_next(p);
            if (p->fd >= 0)
                pilot_hear(p);
        }
    }
}

static void lose_all(struct engine *e)
{
    world.up = false;
    for (int i = 0; i < HERD; i++) {
        hang_up(i);
        pilot_hear(&e->pilots[i]);
    }
    world.n = 0;
}

static int count_up(const struct engine *e)
{
    int n = 0;
    for (int i = 0; i < HERD; i++)
        n += e->pilots[i].state == PILOT_UP;
    return n;
}

/* Most attempts in any tenth of a second. */
static int peak(void)
{
    int most = 0;
    for (size_t i = 0, first = 0; i < world.n; i++) {
        while (world.attempts[i] - world.attempts[first] >= 100 * US_PER_MS)
            first++;
        most = (int)(i - first + 1) > most ? (int)(i - first + 1) : most;
    }
    return most;
}

/* Nobody else's jitter is needed for that: watchers start one after the other. */
static void one_console_starts_without_a_rush(void **state)
{
    (void)state;
    struct engine *e = begin(1, 1);
    pass(e, US_PER_S);
    assert_int_equal(count_up(e), HERD);
    assert_int_equal(world.n, HERD);
    assert_in_range(peak(), 15, TOGETHER_MOST);
    end(e);
}

static void one_console_comes_back_without_a_rush(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct engine *e = begin(seed, 1);
        pass(e, US_PER_S);
        lose_all(e);
        pass(e, DOWN_S * US_PER_S);
        world.up = true;
        pass(e, 1600 * US_PER_MS);
        assert_int_equal(e->pilots[0].state, PILOT_UP);
        pass(e, 8600 * US_PER_MS);
        assert_int_equal(count_up(e), HERD);
        assert_in_range(peak(), 1, TOGETHER_MOST);
        assert_in_range(world.n, HERD, 12 * HERD);
        end(e);
    }
}

/* All of them have it on the screen, and none knows of the others. It is chance: of many times a few may be worse. */
static void a_hundred_consoles_come_back_without_a_rush(void **state)
{
    enum { TIMES = 20, WORSE = 1, WORST = 30 };
    int worse = 0, soon = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= TIMES; seed++) {
        struct engine *e = begin(seed, HERD);
        pass(e, US_PER_S);
        lose_all(e);
        pass(e, DOWN_S * US_PER_S);
        world.up = true;
        pass(e, 600 * US_PER_MS);
        soon += count_up(e);
        pass(e, 901 * US_PER_MS);
        assert_int_equal(count_up(e), HERD);
        assert_in_range(peak(), 1, WORST);
        worse += peak() > TOGETHER_MOST;
        end(e);
    }
    assert_in_range(worse, 0, WORSE);
    assert_in_range(soon, TIMES * HERD / 2, TIMES * HERD);
}

static bool warned(const struct engine *e)
{
    const struct message *m = store_message(e->store, 0);
    return m && m->severity == SEV_WARN && strstr(m->text, "ulimit -n");
}

/* What the shell gives is raised as far as it may be. The last test: a hard limit is not raised again. */
static void descriptors_are_asked_for(void **state)
{
    struct rlimit limit;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_max > 600);
    limit.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct engine *e = begin(1, 1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_cur >= 5 * HERD && limit.rlim_cur <= limit.rlim_max);
    assert_false(warned(e));
    end(e);
    limit.rlim_cur = limit.rlim_max = 300;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    e = begin(1, 1);
    assert_true(warned(e));
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_console_starts_without_a_rush),
        cmocka_unit_test(one_console_comes_back_without_a_rush),
        cmocka_unit_test(a_hundred_consoles_come_back_without_a_rush),
        cmocka_unit_test(descriptors_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
