/* How soon keys are painted: on a healthy server, a frozen one, one that the network swallows, and hostile
 * ones. */
#include "tests/pty/bars.h"

#include "tests/fault/hostile.h"
#include "tests/fault/network.h"
#include "tests/pty/console.h"
#include "tests/pty/given.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Every key changes something: the selection goes down and up again; pages come and go. */
static const char *const moves[] = {"j", "j", "j", "k", "k", "k"};
static const char *const pages[] = {"<Tab>", "<Tab>", "<S-Tab>"};

static struct console_times press(struct pty *p, const char *const *keys, size_t nkeys, int n,
                                  const char *what)
{
    return console_time_keys(p, keys, nkeys, (size_t)n, 1000, what);
}

/* The bar of a sick server: p99, no key lost, and Q leaves. Takes p. */
static void judge_sick(struct bars *b, struct pty *p, struct console_times t, const char *what)
{
    bar_time(b, t.p99_ms, 50, "key to painted screen, %s, p99", what);
    bar_most(b, (double)t.lost, 0, "keys", "keys without an answer, %s", what);
    bar_time(b, visit_leave_ms(p), 200, "q leaves, %s", what);
}

void keys_healthy(void **state)
{
    struct bars *b = *state;
    struct pty *p = visit_sessions(b->lab);
    struct console_times t = press(p, moves, COUNT_OF(moves), b->keys, "healthy");
    bar_time(b, t.p99_ms, 20, "key to painted screen, healthy, p99");
    bar_most(b, (double)t.lost, 0, "keys", "keys without an answer, healthy");
    bar_time(b, visit_leave_ms(p), 200, "q leaves, healthy");
}

void keys_frozen(void **state)
{
    struct bars *b = *state;
    struct pty *p = visit_sessions(b->lab), *turning = visit(b->lab, "primary");
    assert_true(lab_command(b->lab, "stop primary"));
    struct console_times t = press(p, moves, COUNT_OF(moves), b->keys, "frozen");
    struct console_times turns = press(turning, pages, COUNT_OF(pages), b->keys, "frozen, pages");
    bar_time(b, t.max_ms, 100, "key to painted screen, frozen, max");
    judge_sick(b, p, t, "frozen");
    judge_sick(b, turning, turns, "frozen, pages");
    assert_true(lab_command(b->lab, "cont primary"));
}

void keys_black_hole(void **state)
{
    struct bars *b = *state;
    if (!b->network) {
        bar_true(b, missing_is_meant("namespaces"), "key to painted screen, black-holed: no namespaces");
        return;
    }
    struct pty *p = visit_conninfo(lab_conninfo(b->lab, "primary_tcp"), 0, 0);
    assert_true(network_drop(true));
    struct console_times t = press(p, pages, COUNT_OF(pages), b->keys, "black-holed");
    judge_sick(b, p, t, "black-holed");
    assert_true(network_drop(false));
}

static const char *const all_modes[] = {"freeze",    "scram-forever", "big-row",      "notice-flood",
                                        "silent",    "black-hole",    "drip-answer",  "endless-rows",
                                        "copy-loop", "notify-flood",  "hostile-text", "endless-results"};
#define SHORT_MODES 4

/* Healthy until it has answered, then bad. Rows may change their order under the cursor, so that it meets an
 * end where a move paints nothing: pages are turned instead. */
void keys_hostile(void **state)
{
    struct bars *b = *state;
    for (size_t i = 0; i < (b->full ? COUNT_OF(all_modes) : SHORT_MODES); i++) {
        struct hostile *h = hostile_start((const char *const[]){"--mode", all_modes[i], "--healthy",
                                                                "--behind", lab_conninfo(b->lab, "primary"),
                                                                "--password", "secret", NULL});
        char conninfo[300];
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
        struct pty *p = visit_conninfo(conninfo, 0, 0);
        hostile_sick(h);
        struct console_times t = press(p, pages, COUNT_OF(pages), b->hostile_keys, all_modes[i]);
        judge_sick(b, p, t, all_modes[i]);
        hostile_stop(h);
    }
}
