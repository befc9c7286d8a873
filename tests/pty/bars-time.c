/* How soon the first data come, how soon a page says that they are old, and how soon a server is back. */
#include "tests/pty/bars.h"

#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 2000
#define WORST_MS    20000

/* A page that shows data, and the interval of what it shows. Queues cost more than a twentieth of 2 s on a
 * small machine, are asked for less often then, and the page says so. */
struct shown {
    const char *name;
    int interval_ms;
};
static const struct shown pages[] = {
    {"overview", 2000}, {"sessions", 2000}, {"pools", 2000},  {"replication", 2000},
    {"queues", 8000},   {"tables", 2000},   {"server", 2000}, {"statements", 10000},
};
static const struct shown pooler_pages[] = {
    {"bouncer_pools", 2000},   {"bouncer_databases", 2000}, {"bouncer_stats", 2000},
    {"bouncer_clients", 2000}, {"bouncer_servers", 2000},   {"bouncer_lists", 2000},
};

static bool says_so(struct pty *p, const regex_t *old)
{
    return regexec(old, pty_text(p), 0, NULL, 0) == 0;
}

/* ms until each of them says that what it shows is old; WORST_MS: never. */
static void time_words(struct pty **all, size_t n, double *took)
{
    regex_t old;
    int64_t start = pty_now_us();
    size_t waiting = n;
    assert_int_equal(regcomp(&old, "(down|connecting) [0-9<]|STALE [0-9]|not connected for", REG_EXTENDED),
                     0);
    for (size_t i = 0; i < n; i++)
        took[i] = -1;
    while (waiting && pty_now_us() - start < WORST_MS * 1000LL)
        for (size_t i = 0; i < n; i++) {
            pty_pump(all[i], 1);
            if (took[i] >= 0 || !says_so(all[i], &old))
                continue;
            took[i] = (double)(pty_now_us() - start) / 1000;
            waiting--;
        }
    for (size_t i = 0; i < n; i++)
        took[i] = took[i] < 0 ? WORST_MS : took[i];
    regfree(&old);
}

/* A console on each page, all at once; then the server is stopped. */
static void freeze_pages(struct bars *b, const char *server, const struct shown *all, size_t n)
{
    struct pty *consoles[16];
    double took[16];
    char command[40];
    assert_true(n <= COUNT_OF(consoles));
    for (size_t i = 0; i < n; i++) {
        consoles[i] = console_on(lab_conninfo(b->lab, server));
        if (!pty_wait_regex(consoles[i], "PG [0-9]|PGBOUNCER", PATIENCE))
            fail_msg("the %s has no data", server);
        visit_page(consoles[i], all[i].name);
    }
    for (size_t i = 0; i < n; i++) {
        pty_settle(consoles[i], 300);
        if (!pty_wait_regex(consoles[i], "  age <?[0-9]", PATIENCE))
            fail_msg("page %s has no fresh data", all[i].name);
    }
    snprintf(command, sizeof(command), "stop %s", server);
    assert_true(lab_command(b->lab, command));
    time_words(consoles, n, took);
    for (size_t i = 0; i < n; i++) {
        bar_most(b, took[i], all[i].interval_ms + DEADLINE_MS + 300 * b->slack, "ms",
                 "%s says that it is old", all[i].name);
        struct pty_paint turn = pty_press(consoles[i], "<Tab>", 3, 1000);
        bar_time(b, turn.painted ? turn.paint_ms : WORST_MS, 50, "%s is turned meanwhile", all[i].name);
    }
    snprintf(command, sizeof(command), "cont %s", server);
    assert_true(lab_command(b->lab, command));
    for (size_t i = 0; i < n; i++)
        visit_leave(consoles[i]);
}

void pages_say_so(void **state)
{
    struct bars *b = *state;
    freeze_pages(b, "primary", pages, COUNT_OF(pages) - (b->full ? 0 : 1));
}

void pooler_pages_say_so(void **state)
{
    freeze_pages(*state, "pooler", pooler_pages, COUNT_OF(pooler_pages));
}

void first_data(void **state)
{
    struct bars *b = *state;
    double took[64];
    assert_true(lab_command(b->lab, "load off") && b->starts <= (int)COUNT_OF(took));
    for (int i = 0; i < b->starts; i++) {
        int64_t start = pty_now_us();
        struct pty *p = visit(b->lab, "primary");
        took[i] = (double)(pty_byte_us(p) - start) / 1000;
        pty_free(p);
    }
    bar_time(b, sample_quantile(took, (size_t)b->starts, 0.95), 60, "start to first data, p95");
    assert_true(lab_command(b->lab, "load light"));
}

/* ---- recovery ---- */

/* Tells when the server takes a connection again. */
static pid_t watch_for_the_server(const struct lab *lab, int out)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    PGconn *c = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    do {
        PQfinish(c);
        usleep(2000);
        c = PQconnectdb(lab_conninfo(lab, "primary"));
    } while (PQstatus(c) != CONNECTION_OK);
    int64_t now = pty_now_us();
    _exit(write(out, &now, sizeof(now)) != sizeof(now));
}

/* The lab answers when it is done; the screen must be read all the while. */
static pid_t restart_meanwhile(struct lab *lab)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(!lab_command(lab, "restart primary"));
    return pid;
}

/* ms from the moment when the server takes connections again until nothing on the page is old. */
static double recover(const struct bars *b, struct pty *p)
{
    int ends[2], status = -1;
    int64_t up = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t watcher = watch_for_the_server(b->lab, ends[1]), restart = restart_meanwhile(b->lab);
    assert_true(console_wait_fresh(p, WORST_MS));
    int64_t came = pty_byte_us(p);
    assert_int_equal(waitpid(restart, &status, 0), restart);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], &up, sizeof(up)), sizeof(up));
    waitpid(watcher, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    return came > up ? (double)(came - up) / 1000 : 0;
}

void recovery(void **state)
{
    struct bars *b = *state;
    double took[64];
    struct pty *p = visit(b->lab, "primary");
    assert_true(b->recoveries <= (int)COUNT_OF(took));
    for (int i = 0; i < b->recoveries; i++) {
        assert_true(console_wait_fresh(p, PATIENCE));
        assert_true(lab_command(b->lab, "kill9 primary"));
        assert_true(console_wait_lost(p, PATIENCE));
        pty_settle(p, 500 + 300 * (i % 5));
        took[i] = recover(b, p);
    }
    size_t n = (size_t)b->recoveries;
    bar_time(b, sample_quantile(took, n, 0.5), 600, "fresh data after kill -9, median");
    bar_time(b, sample_quantile(took, n, 0.99), 1500, "fresh data after kill -9, p99");
    visit_leave(p);
    assert_true(lab_command(b->lab, "load light"));
}
