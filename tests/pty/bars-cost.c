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

static void few_bytes(struct bars *b, int rows, int cols, double most)
{
    double bytes[64];
    struct pty *p = visit_conninfo(lab_conninfo(b->lab, "primary"), rows, cols);
    assert_true(b->refreshes <= (int)COUNT_OF(bytes));
    pty_settle(p, 4000);
    for (int i = 0; i < b->refreshes; i++) {
        size_t mark = pty_mark(p), n;
        pty_settle(p, 2000);
        pty_bytes(p, mark, &n);
        bytes[i] = (double)n;
    }
    bar_most(b, sample_quantile(bytes, (size_t)b->refreshes, 0.5), most, "bytes",
             "per refresh at %dx%d, median", cols, rows);
    visit_leave(p);
}

void bytes_written(void **state)
{
    struct bars *b = *state;
    assert_true(lab_command(b->lab, "load demo"));
    few_bytes(b, 24, 80, 400);
    few_bytes(b, 60, 200, 2000);
    assert_true(lab_command(b->lab, "load light"));
}

/* A server whose every answer is the same, and pages whose every word is: not one byte in several refreshes.
 */
void nothing_new_writes_nothing(void **state)
{
    static const char *const pages[] = {"overview", "sessions", "pools"};
    struct bars *b = *state;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "healthy", NULL});
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        size_t n;
        struct pty *p = visit_conninfo(hostile_conninfo(h), 0, 0);
        visit_page(p, pages[i]);
        pty_settle(p, 9000);
        size_t mark = pty_mark(p);
        pty_settle(p, 6000);
        const char *bytes = pty_bytes(p, mark, &n);
        bar_most(b, (double)n, 0, "bytes", "%s, when nothing changed", pages[i]);
        if (n)
            fprintf(stderr, "%.*s\n", (int)n, bytes);
        visit_leave(p);
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
        struct family f = watch_family(p, b->full ? i < 2 ? 180 : 20 : 2);
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

#define PREPARE                                                                          \
    "create extension if not exists pg_stat_statements;"                                 \
    " alter system set pg_stat_statements.track_planning = on; select pg_reload_conf();" \
    " create role bars login in role pg_monitor"
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
    assert_true(witness_do(lab_conninfo(lab, "primary"), PREPARE));
}

void server_time(void **state)
{
    struct bars *b = *state;
    int seconds = b->full ? 60 : 8;
    prepare(b->lab);
    struct pty *p = visit_as_bars(b->lab, "overview");
    pty_settle(p, 4000);
    double before = of_us(b->lab, SERVER_MS);
    pty_settle(p, seconds * 1000);
    double ms = (of_us(b->lab, SERVER_MS) - before) * 60 / seconds;
    bar_time(b, ms, 200, "server time a minute, overview, %d sessions", b->sessions);
    visit_leave(p);
}

/* Statements of a tick are those that came with each one; what is dearer comes seldom. */
static void judge_page(struct bars *b, const char *const *lab_args, const char *page, int seconds,
                       const char *tick, double most_ms, const char *what)
{
    char sql[300];
    struct lab *lab = lab_start(lab_args);
    assert_non_null(lab);
    prepare(lab);
    struct pty *p = visit_as_bars(lab, page);
    pty_settle(p, 3000);
    assert_true(witness_do(lab_conninfo(lab, "primary"), "select pg_stat_statements_reset(r.oid, 0, 0)"
                                                         " from pg_roles r where r.rolname = 'bars'"));
    pty_settle(p, seconds * 1000);
    snprintf(sql, sizeof(sql), "sum(mean_exec_time + mean_plan_time) filter (where %s)", tick);
    double ms = of_us(lab, sql);
    bar_true(b, ms > 0, "the tick was seen");
    bar_most(b, ms, most_ms, "ms", "server time of a tick, %s", what);
    snprintf(sql, sizeof(sql), "sum(temp_blks_written) filter (where %s)", tick);
    bar_most(b, of_us(lab, sql), 0, "blocks", "temporary blocks written in a tick, %s", what);
    bar_most(b, of_us(lab, "max(calls) filter (where mean_exec_time > 30)"), 1 + seconds / 60, "times",
             "anything above 30 ms in %d s, %s", seconds, what);
    pty_free(p);
    lab_stop(lab);
}

void many_tables(void **state)
{
    struct bars *b = *state;
    const char *const args[] = {"--no-standby", "--no-pooler", "--tables", b->full ? "20000" : "1000", NULL};
    judge_page(b, args, "tables", b->full ? 75 : 8,
               b->full ? "calls > 10 and query ~ 'pg_class'" : "calls > 2 and query ~ 'pg_class'", 15,
               b->full ? "20,000 tables" : "1,000 tables");
}

void many_statements(void **state)
{
    struct bars *b = *state;
    const char *const args[] = {"--no-standby", "--no-pooler", "--statements", b->full ? "5000" : "300",
                                NULL};
    judge_page(b, args, "statements", b->full ? 75 : 14,
               "query ~ 'pg_stat_statements\\(\\$?[0-9a-z]+\\) s LEFT JOIN'", 10,
               b->full ? "5,000 statements of 21 MB" : "300 statements");
}
