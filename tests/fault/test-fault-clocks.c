/* Clocks that jump: the wall clock by a day, the one that counts suspend by an hour, and those of a machine that has
 * been up for longer than 2^32 milliseconds. Rates and ages stay right, and nobody is asked in a storm. */
#include "tests/fault/fault.h"
#include "tests/fault/faulty.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/given.h"
#include "tests/pty/visit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define HOUR_US 3600000000LL
#define DAY_US  (24 * HOUR_US)
#define WATCH_MS (fault_full() ? 6000 : 4500)  /* two intervals at least */

static struct lab *lab;

/* ---- what the screen says ---- */

/* Behind a word of the page; NaN: it is not there. */
static double number_after(struct pty *p, const char *word)
{
    const char *at = strstr(pty_text(p), word);
    char *end;
    if (!at)
        return NAN;
    at += strlen(word);
    at += strspn(at, " ");
    double value = strtod(at, &end);
    return end == at ? NAN : *end == 'k' ? value * 1000 : value;
}

struct rates {
    double least, most;     /* of the transactions a second that the page shows */
    size_t questions;
};

static struct rates watch(struct pty *p, const struct hostile *h)
{
    struct rates r = {.least = INFINITY, .most = -INFINITY};
    size_t before = hostile_count(h, "bind");
    for (int64_t end = pty_now_us() + WATCH_MS * 1000LL; pty_now_us() < end;) {
        pty_settle(p, 100);
        double tps = number_after(p, " tps ");
        if (!isnan(tps)) {
            r.least = fmin(r.least, tps);
            r.most = fmax(r.most, tps);
        }
    }
    r.questions = hostile_count(h, "bind") - before;
    return r;
}

/* ---- jumps ---- */

static const struct jump {
    const char *what;
    int64_t wall_us, boot_us;
    bool dip;                   /* the rate of the time slept is small, and right */
} jumps[] = {
    {"the wall clock a day ahead", DAY_US, 0, false},
    {"the wall clock a day behind", -DAY_US, 0, false},
    {"the wall clock set right", 0, 0, false},
    {"an hour of suspend", HOUR_US, HOUR_US, true},
    {"another one", 2 * HOUR_US, 2 * HOUR_US, true},
};

static void judge(const struct jump *j, const struct rates *calm, const struct rates *then)
{
    char words[80];
    snprintf(words, sizeof(words), "%s: highest rate to the one before", j->what);
    fault_most("F15", words, then->most / calm->most, 3, "");
    snprintf(words, sizeof(words), "%s: no rate below zero", j->what);
    fault_true("F15", words, then->least >= 0 && (j->dip || then->least > calm->least / 10));
    snprintf(words, sizeof(words), "%s: questions to those before", j->what);
    fault_most("F15", words, (double)then->questions / (double)calm->questions, 2.5, "");
}

static void clocks_that_jump(void **state)
{
    char conninfo[300];
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "healthy", "--behind", lab_conninfo(lab, "primary"),
                                                            "--password", "secret", NULL});
    struct faulty *f = faulty_new("pgvigil*");
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){conninfo, NULL},
        .env = (const char *const[]){faulty_preload(), faulty_setting(f), NULL}});
    assert_true(console_wait_fresh(p, PATIENCE));
    pty_settle(p, 5000);
    struct rates calm = watch(p, h);
    fault_true("F15", "a rate and questions before", calm.most > 0 && calm.questions > 0);
    for (size_t i = 0; i < COUNT_OF(jumps); i++) {
        f->wall_us = jumps[i].wall_us;
        f->boot_us = jumps[i].boot_us;
        size_t sessions = hostile_count(h, "startup");
        struct rates then = watch(p, h);
        judge(&jumps[i], &calm, &then);
        fault_true("F15", "fresh", console_wait_fresh(p, PATIENCE));
        fault_most("F15", "new sessions, as what was asked an hour ago is late",
                   (double)(hostile_count(h, "startup") - sessions), jumps[i].dip, "");
    }
    visit_leave(p);
    faulty_end(f);
    hostile_stop(h);
}

/* ---- ages ---- */

/* The start of a session, on its page, with how long ago that was. */
static void ages_by_the_servers_clock(void **state)
{
    (void)state;
    static const int64_t wrong[] = {0, DAY_US, -DAY_US};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct faulty *f = faulty_new("pgvigil*");
        f->wall_us = wrong[i];
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){"--page", "sessions", lab_conninfo(lab, "primary"), NULL}, .rows = 60,
            .env = (const char *const[]){faulty_preload(), faulty_setting(f), NULL}});
        assert_true(console_wait_fresh(p, PATIENCE));
        assert_true(pty_wait_regex(p, "pid +user", PATIENCE));
        pty_send(p, "j<Enter>");
        fault_true("F15", "the age of a session is one of seconds or minutes",
                   pty_wait_regex(p, "started +[-0-9]+ [:0-9]+ UTC \\([0-9.]+ s ago\\)|started.*\\([0-9]?[0-9]:[0-9][0-9] ago\\)",
                                  PATIENCE));
        visit_leave(p);
        faulty_end(f);
    }
}

/* ---- a long time ---- */

#define LONG_UP "unshare -UrT --monotonic 4300000 --boottime 4300000"

static void up_for_longer_than_32_bits(void **state)
{
    char command[9000];
    const char *port = strstr(lab_conninfo(lab, "primary_tcp"), "port=");
    (void)state;
    if (system(LONG_UP " true 2>/dev/null") != 0) {
        fault_left_out("F15", "time-namespaces", "no clock can be so old");
        return;
    }
    assert_non_null(port);
    snprintf(command, sizeof(command), "exec " LONG_UP " %s 'host=127.0.0.1 port=%d user=secret password=%s dbname=shop'",
             console_program(), atoi(port + 5), lab_password(lab));
    struct pty *p = pty_start(&(struct pty_start){.argv = (const char *const[]){"sh", "-c", command, NULL},
                                                  .env = (const char *const[]){"HOME=/nonexistent", NULL}});
    fault_true("F15", "up for 50 days: fresh", console_wait_data(p, PATIENCE) && console_wait_fresh(p, PATIENCE));
    pty_settle(p, 5000);
    double tps = number_after(p, " tps ");
    fault_true("F15", "up for 50 days: a rate", tps > 0 && tps < 5000);
    fault_keys("F15", p);
    visit_leave(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(clocks_that_jump),
        FAULT(ages_by_the_servers_clock),
        FAULT(up_for_longer_than_32_bits),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", "--load", "light", NULL});
}
