/* What many servers cost, how the screen bears them, and how it comes back to all of them at once. The full size has a
 * hundred servers, the short one twenty with bars in proportion. */
#include "tests/pty/bars.h"

#include "base/compat.h"
#include "tests/pty/console.h"
#include "tests/pty/many.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define WARM_MS 12000 /* until every question of the background was asked */

/* Nobody is connecting any more, and nothing is wrong with anybody. */
static bool all_there(struct pty *p, int n, int ms)
{
    char words[60];
    snprintf(words, sizeof(words), "fleet %d servers, [0-9]+ groups *$", n);
    return pty_wait_regex(p, words, ms);
}

static struct pty *visit_fleet(struct bars *b, struct many *m)
{
    const char *const args[] = {"--config", many_config(m, b->targets), NULL};
    int64_t start = pty_now_us();
    struct pty *p = console_start(&(struct console_start){.args = args});
    if (!all_there(p, b->targets, 30000))
        fail_msg("not all of %d servers were reached", b->targets);
    bar_time(b, (double)(pty_byte_us(p) - start) / 1000, 5000, "start until all of %d servers are reached", b->targets);
    return p;
}

static void judge_cost(struct bars *b, struct pty *p)
{
    pty_settle(p, WARM_MS);
    struct many_cost c = many_watch(p, b->full ? 60 : 15);
    printf("%d servers: CPU %.2f %%, of it the screen %.2f %%; screen %.1f MB, a watcher %.2f MB, the largest %.2f MB\n",
           b->targets, 100 * c.cpu, 100 * c.screen_cpu, c.screen_kb / 1024, c.worker_kb / 1024, c.worker_most_kb / 1024);
    bar_true(b, c.workers == b->targets, "one watcher for each server");
    if (!LIMITS_FIT)
        return; /* sanitizers have time and memory of their own */
    bar_most(b, 100 * c.cpu, 0.1 * b->targets, "% of a core", "all processes, %d servers", b->targets);
    bar_most(b, c.screen_kb, (8 + b->targets) * 1024.0, "kB", "anonymous memory of the screen, %d servers", b->targets);
    bar_most(b, c.worker_most_kb, 2 * 1024, "kB", "anonymous memory of the largest of %d watchers", c.workers);
}

static const char *const moves[] = {"j", "j", "j", "k", "k", "k"};
static const char *const turns[] = {"<Tab>", "<Tab>", "<S-Tab>"};

/* From the fleet to the server below the first heading. */
static void open_first(struct pty *p)
{
    pty_send(p, "<Home>j<Enter>");
    if (!pty_wait_regex(p, "^ s001 · PRIMARY", PATIENCE))
        fail_msg("the first server was not opened");
}

static double judge_keys(struct bars *b, struct pty *p, const char *const *keys, size_t nkeys, const char *what)
{
    struct console_times t = console_time_keys(p, keys, nkeys, (size_t)b->keys, 1000, what);
    bar_time(b, t.p99_ms, 50, "key to painted screen, %s of %d servers, p99", what, b->targets);
    bar_most(b, (double)t.lost, 0, "keys", "keys without an answer, %s of %d servers", what, b->targets);
    return t.max_ms;
}

/* The slowest of all keys, where no storm of starting watchers may take both cores for a moment. */
static void judge_every_key(struct bars *b, struct pty *p, const char *const *keys, size_t nkeys, const char *what)
{
    bar_time(b, judge_keys(b, p, keys, nkeys, what), 100, "key to painted screen, %s of %d servers, max", what, b->targets);
}

/* Of one server, which its own statistics tell: how often it was asked for its sessions. */
static double times_asked(const struct many *m, int i)
{
    char conninfo[600];
    return witness_number(many_conninfo(m, i, "postgres", conninfo, sizeof(conninfo)),
                          "select coalesce(sum(s.calls), 0) from pg_stat_statements s join pg_database d on d.oid = s.dbid"
                          " join pg_roles r on r.oid = s.userid where r.rolname = 'monitor'"
                          " and d.datname = current_database() and s.query like '%pg_stat_activity%'");
}

/* The first server is open: it is asked every 2 s, and the others every 10 s. */
static void judge_intervals(struct bars *b, struct many *m, struct pty *p)
{
    int seconds = b->full ? 60 : 20;
    double before[MANY_MOST], visible, most = 0, least = INFINITY;
    for (int i = 0; i < b->targets; i++)
        before[i] = times_asked(m, i);
    pty_settle(p, seconds * 1000);
    visible = times_asked(m, 0) - before[0];
    for (int i = 1; i < b->targets; i++) {
        double n = times_asked(m, i) - before[i];
        most = fmax(most, n);
        least = fmin(least, n);
    }
    bar_true(b, visible >= 0.8 * seconds / 2, "the server on the screen is asked every 2 s");
    bar_true(b, least >= 0.5 * seconds / 10, "every other one is asked too");
    bar_most(b, most, seconds / 10 + 2, "times", "how often another one of %d is asked in %d s", b->targets, seconds);
}

/* Every page of every server has been on the screen: what was learned there stays. */
static void judge_walk(struct bars *b, struct pty *p)
{
    static const char *const pages[] = {"1", "2", "3", "4", "5", "6", "7", "}"};
    for (int i = 0; i < b->targets; i++)
        for (size_t k = 0; k < COUNT_OF(pages); k++) {
            pty_send(p, pages[k]);
            pty_settle(p, b->full ? 100 : 50);
        }
    bar_true(b, pty_wait_regex(p, "^ s001 · PRIMARY", PATIENCE), "a walk over all servers comes back to the first");
    if (LIMITS_FIT)
        bar_most(b, (double)proc_memory_kb(pty_pid(p), "RssAnon"), (8 + b->targets) * 1024.0, "kB",
                 "anonymous memory of the screen after it, %d servers", b->targets);
}

/* All are away, the one on the screen among them, and come back in the same moment. */
static void judge_herd(struct bars *b, struct many *m, struct pty *p)
{
    int down_s = b->full ? 20 : 5;
    many_cut(m);
    pty_settle(p, 2000); /* all of them try for the first time */
    bar_true(b, console_wait_lost(p, PATIENCE), "it is said that the server is away");
    judge_keys(b, p, turns, COUNT_OF(turns), "one, all away");
    pty_send(p, "0");
    judge_keys(b, p, moves, COUNT_OF(moves), "the fleet, all away");
    open_first(p);
    pty_settle(p, (down_s - 2) * 1000);
    many_mend(m);
    pty_settle(p, 11000);
    struct many_herd h = many_herd(m, b->targets);
    printf("%d servers away for %d s: %d attempts, at most %d in 100 ms; back after %.2f s, the last after %.2f s\n",
           b->targets, down_s, h.attempts, h.peak, h.first_s, h.last_s);
    bar_most(b, h.peak, 25, "attempts", "at once, in 100 ms, %d servers away for %d s", b->targets, down_s);
    bar_most(b, h.attempts, b->targets * (2.0 + down_s), "attempts", "in all");
    bar_time(b, 1000 * h.first_s, 1600, "back on the server on the screen");
    bar_most(b, h.last_s, 10.5, "s", "back on the last of %d servers", b->targets);
    bar_true(b, console_wait_fresh(p, PATIENCE), "and its page is fresh");
    pty_send(p, "0");
    bar_true(b, all_there(p, b->targets, 20000), "and so is the fleet");
}

void many_servers(void **state)
{
    struct bars *b = *state;
    struct many *m = many_start(b->targets);
    assert_non_null(m);
    struct pty *p = visit_fleet(b, m);
    judge_cost(b, p);
    judge_every_key(b, p, moves, COUNT_OF(moves), "the fleet");
    open_first(p);
    judge_intervals(b, m, p);
    judge_every_key(b, p, turns, COUNT_OF(turns), "one");
    judge_walk(b, p);
    judge_herd(b, m, p);
    bar_time(b, visit_leave_ms(p), 200, "q leaves, %d servers", b->targets);
    many_stop(m);
}
