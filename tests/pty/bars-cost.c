/* What the console costs: bytes to the terminal, memory, and the server's time. */
#include "tests/pty/bars.h"

#include "base/compat.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FAMILY_MAX 16

/* ---- bytes ---- */

static void settle_all(struct pty **all, size_t n, int ms)
{
    for (int64_t end = pty_now_us() + ms * 1000LL; pty_now_us() < end;)
        for (size_t i = 0; i < n; i++)
            pty_settle(all[i], 20);
}

static const struct {
    int rows, cols;
    double most;
} sizes[] = {{24, 80, 400}, {60, 200, 2000}};

/* All sizes at once; a refresh is what comes in 2 s. */
static void write_under(struct bars *b, const char *load)
{
    struct pty *all[COUNT_OF(sizes)];
    double bytes[COUNT_OF(sizes)][64];
    size_t mark[COUNT_OF(sizes)], n, refreshes = (size_t)b->refreshes;
    assert_true(refreshes <= COUNT_OF(bytes[0]));
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        all[i] = visit_conninfo(lab_conninfo(b->lab, "primary"), sizes[i].rows, sizes[i].cols);
    settle_all(all, COUNT_OF(sizes), 2500);
    for (size_t k = 0; k < refreshes; k++) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            mark[i] = pty_mark(all[i]);
        settle_all(all, COUNT_OF(sizes), 2000);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            pty_bytes(all[i], mark[i], &n);
            bytes[i][k] = (double)n;
        }
    }
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        bar_most(b, sample_quantile(bytes[i], refreshes, 0.5), sizes[i].most, "bytes",
                 "per refresh at %dx%d, median, %s load", sizes[i].cols, sizes[i].rows, load);
        visit_leave(all[i]);
    }
}

/* The demo's load has more to say, and at its worst a queue of sessions behind a lock. */
void bytes_written(void **state)
{
    struct bars *b = *state;
    write_under(b, "light");
    if (!b->full)
        return;
    assert_true(lab_command(b->lab, "load demo"));
    write_under(b, "the demo's");
    assert_true(lab_command(b->lab, "block 60"));
    write_under(b, "a blocked");
    assert_true(lab_command(b->lab, "unblock"));
    assert_true(lab_command(b->lab, "load light"));
}

/* A server whose every answer is the same, and pages whose every word is: not one byte in several refreshes. The
 * overview is such a page once its sparklines are full, after the five minutes that they show. */
#define FULL_MS 310000

void nothing_new_writes_nothing(void **state)
{
    static const char *const pages[] = {"sessions", "pools", "overview"};
    struct bars *b = *state;
    struct pty *all[COUNT_OF(pages)];
    size_t mark[COUNT_OF(pages)], n, npages = b->full ? COUNT_OF(pages) : 2;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "healthy", "--lifetime", "600", NULL});
    for (size_t i = 0; i < npages; i++) {
        all[i] = visit_conninfo(hostile_conninfo(h), 0, 0);
        visit_page(all[i], pages[i]);
    }
    settle_all(all, npages, b->full ? FULL_MS : 6000);
    for (size_t i = 0; i < npages; i++)
        mark[i] = pty_mark(all[i]);
    settle_all(all, npages, b->full ? 35000 : 5000); /* in the full size a column of a sparkline is over meanwhile */
    for (size_t i = 0; i < npages; i++) {
        pty_bytes(all[i], mark[i], &n);
        bar_most(b, (double)n, 0, "bytes", "%s, when nothing changed", pages[i]);
        visit_leave(all[i]);
    }
    hostile_stop(h);
}

/* ---- memory ---- */

struct family {
    double screen_kb, idle_kb, peak_kb; /* of the watcher: what it has mostly, and at most */
};

static struct family watch_family(struct pty *p, int seconds)
{
    double all[2000];
    struct family f = {0};
    struct proc family[FAMILY_MAX];
    size_t n = 0;
    for (int64_t end = pty_now_us() + seconds * 1000000LL; pty_now_us() < end && n < COUNT_OF(all);) {
        pty_settle(p, 200);
        if (proc_descendants(pty_pid(p), family, FAMILY_MAX) > 0)
            all[n++] = (double)proc_memory_kb(family[0].pid, "RssAnon");
        f.screen_kb = fmax(f.screen_kb, (double)proc_memory_kb(pty_pid(p), "RssAnon"));
    }
    f.peak_kb = sample_quantile(all, n, 1);
    f.idle_kb = sample_quantile(all, n, 0.5);
    return f;
}

/* An hour has 1,800 samples at 2 s; at 0.1 s they pass in three minutes. Every page is seen. */
void memory_used(void **state)
{
    static const char *const pages[] = {"overview", "sessions", "pools", "queues", "statements", "tables"};
    struct bars *b = *state;
    struct family most = {0};
    struct pty *p = visit_conninfo(lab_conninfo(b->lab, "primary"), 60, 200);
    pty_send(p, ":interval 0.1<Enter>");
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        visit_page(p, pages[i]);
        struct family f = watch_family(p, b->full ? i < 2 ? 180 : 20 : 1);
        printf("%s: screen %.0f kB, watcher %.0f kB, at most %.0f kB\n", pages[i], f.screen_kb, f.idle_kb,
               f.peak_kb);
        most.screen_kb = fmax(most.screen_kb, f.screen_kb);
        most.peak_kb = fmax(most.peak_kb, f.peak_kb);
        most.idle_kb = i == 0 ? f.idle_kb : most.idle_kb;
    }
    visit_leave(p);
    if (!LIMITS_FIT)
        return; /* sanitizers have memory of their own */
    bar_most(b, most.screen_kb, 8 * 1024, "kB", "anonymous memory of the screen, %d sessions", b->sessions);
    bar_most(b, most.peak_kb, 4 * 1024, "kB", "anonymous memory of the watcher at its peak");
    bar_most(b, most.idle_kb, 2 * 1024, "kB", "anonymous memory of the watcher on the overview");
}

/* ---- the server's time ---- */

#define OF_US \
    " from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname = 'bars' and s.toplevel"

static double of_us(const struct lab *lab, const char *what)
{
    char sql[600];
    snprintf(sql, sizeof(sql), "select coalesce(%s, 0)" OF_US, what);
    return witness_number(lab_conninfo(lab, "primary"), sql);
}

#define SERVER_MS "sum(total_exec_time + total_plan_time)"

static struct pty *visit_as_bars(const struct lab *lab, const char *page)
{
    char conninfo[600];
    snprintf(conninfo, sizeof(conninfo), "%s user=bars", lab_conninfo(lab, "primary"));
    struct pty *p = visit_conninfo(conninfo, 0, 0);
    visit_page(p, page);
    return p;
}

static void prepare(const struct lab *lab)
{
    static const char *const steps[] = {
        "alter system set pg_stat_statements.track_planning = on",
        "select pg_reload_conf()",
        "drop role if exists bars",
        "create role bars login in role pg_monitor",
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        assert_true(witness_do(lab_conninfo(lab, "primary"), steps[i]));
}

void server_time(void **state)
{
    struct bars *b = *state;
    int seconds = b->full ? 60 : 6;
    prepare(b->lab);
    struct pty *p = visit_as_bars(b->lab, "overview");
    pty_settle(p, 3000);
    double before = of_us(b->lab, SERVER_MS);
    pty_settle(p, seconds * 1000);
    double ms = (of_us(b->lab, SERVER_MS) - before) * 60 / seconds;
    bar_time(b, ms, 200, "server time a minute, overview, %d sessions", b->sessions);
    visit_leave(p);
}

/* A page whose questions may be dear, on a server that makes them so. */
struct heavy {
    const char *const *lab; /* of the full size; the short one makes do with the lab that is there */
    const char *page, *what;
    const char *tick; /* which statements come with each tick */
    double most_ms;   /* of the server, for one tick */
    int seconds;      /* in the short size */
};

static void judge_heavy(struct bars *b, const struct heavy *h)
{
    char sql[300];
    int seconds = b->full ? 75 : h->seconds;
    struct lab *lab = b->full ? lab_start(h->lab) : b->lab;
    assert_non_null(lab);
    prepare(lab);
    struct pty *p = visit_as_bars(lab, h->page);
    pty_settle(p, 500);
    assert_true(witness_do(lab_conninfo(lab, "primary"), "select pg_stat_statements_reset(r.oid, 0, 0)"
                                                         " from pg_roles r where r.rolname = 'bars'"));
    pty_settle(p, seconds * 1000);
    snprintf(sql, sizeof(sql), "sum(mean_exec_time + mean_plan_time) filter (where %s)", h->tick);
    double ms = of_us(lab, sql);
    bar_true(b, ms > 0, "the tick was seen");
    bar_time(b, ms, h->most_ms, "server time of a tick, %s", h->what);
    snprintf(sql, sizeof(sql), "sum(temp_blks_written) filter (where %s)", h->tick);
    bar_most(b, of_us(lab, sql), 0, "blocks", "temporary blocks written in a tick, %s", h->what);
    bar_most(b, of_us(lab, "max(calls) filter (where mean_exec_time > 30)"), 1 + seconds / 60, "times",
             "anything above 30 ms in %d s, %s", seconds, h->what);
    visit_leave(p);
    if (b->full)
        lab_stop(lab);
}

void many_tables(void **state)
{
    static const char *const lab[] = {"--no-standby", "--no-pooler", "--tables", "20000", NULL};
    judge_heavy(*state,
                &(struct heavy){lab, "tables", "20,000 tables", "calls > 1 and query ~ 'pg_class'", 15, 6});
}

void many_statements(void **state)
{
    static const char *const lab[] = {"--no-standby", "--no-pooler", "--statements", "5000", NULL};
    judge_heavy(*state,
                &(struct heavy){lab, "statements", "5,000 statements of 21 MB",
                                "query ~ 'exec_s.*pg_stat_statements'", 10, 5});
}
