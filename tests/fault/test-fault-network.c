/* Networks that swallow everything, names that nobody looks up, and servers that misuse the protocol. */
#include "base/compat.h"
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
#include "tests/fault/network.h"
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

static struct lab *lab;
static bool network;

static int start_lab(void **state)
{
    (void)state;
    network = network_enter();
    lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static bool have_network(const char *fault)
{
    if (!network)
        fault_left_out(fault, "namespaces", "the network cannot be made to fail");
    return network;
}

static void an_established_black_hole(void **state)
{
    (void)state;
    if (!have_network("F4"))
        return;
    struct pty *p = visit_conninfo(lab_conninfo(lab, "primary_tcp"), 0, 0);
    pty_settle(p, 1000);
    assert_true(network_drop(true));
    int64_t start = pty_now_us();
    bool said = pty_wait_regex(p, "STALE|down|connecting|not connected", 8000);
    double took = fault_since_ms(start);
    fault_keys("F4", p);
    struct pty *late = console_on(lab_conninfo(lab, "primary_tcp"));
    start = pty_now_us();
    bool failed = pty_wait_regex(late, "no connection within|timeout|timed out|down", 6000);
    double failed_ms = fault_since_ms(start);
    fault_keys("F5", late);
    double left_ms = visit_leave_ms(late);
    assert_true(network_drop(false));
    fault_most("F4", "the page says so", said ? took : 1e9, 4000, "ms");
    fault_most("F5", "SYN dropped: the page says so", failed ? failed_ms : 1e9, 2200, "ms");
    fault_most("F5", "q leaves", left_ms, 200, "ms");
    start = pty_now_us();
    fault_true("F4", "fresh when the network is back", console_wait_fresh(p, 8000));
    fault_most("F4", "which takes", fault_since_ms(start), 1500, "ms");
    visit_leave(p);
    if (fault_full())   /* the network's own patience: seconds until TCP tries again */
        fault_true("F4", "no session stays", witness_wait_sessions(lab_conninfo(lab, "primary"), 0, NULL, 6000));
}

static void names_that_nobody_looks_up(void **state)
{
    (void)state;
    if (!have_network("F6"))
        return;
    assert_true(network_silent_names());
    int64_t start = pty_now_us();
    struct pty *p = console_on("host=db1.example dbname=shop user=x");
    pty_settle(p, 500);
    fault_keys("F6", p);
    bool said = pty_wait_regex(p, "name could not be looked up|could not translate", PATIENCE);
    fault_most("F6", "the watcher is cut, and the page says why", said ? fault_since_ms(start) : 1e9, 2000 + 200,
               "ms");
    fault_most("F6", "q leaves", visit_leave_ms(p), 200, "ms");
}

/* ---- F7, F8 ---- */

/* What becomes of the session: it ends with its watcher; it goes on, as a flood has an end and then comes the
 * answer, if that comes in time; or it goes on with a question that failed, as the protocol is in step again. */
enum outcome { ENDS, ANSWERS, FAILS };

static const struct misbehaviour {
    const char *mode;
    bool quick;
    enum outcome outcome;
    const char *count;      /* of the mode; NULL: its own */
    int most_mb;            /* of the watcher; 0: its limit */
} misbehaviours[] = {
    {"half-rst", true, ENDS},
    {"half-fin", false, ENDS},
    {"close", false, ENDS},
    {"garbage", true, ENDS},
    {"drip-answer", false, ENDS},
    {"freeze", false, ENDS},
    {"half-hold", false, ENDS},
    {"big-row", true, ENDS},
    {"copy-three", false, ENDS},
    {"endless-results", true, ENDS},
    {"endless-rows", false, ENDS},
    {"notice-flood", false, ANSWERS},
    {"notify-flood", false, ANSWERS},
    {"notify-flood", true, ANSWERS, "50000", 32},       /* 12 MB an answer: they must not pile up */
    {"parameter-storm", false, ANSWERS},
    {"copy-loop", false, ENDS},
    {"endless-complete", false, ENDS},
    {"bad-length", false, ENDS},
    {"bad-cell-length", false, FAILS},
    {"no-ready", false, ENDS},
    {"big-row-announced", false, ENDS},
};

static long watcher_peak_kb(struct pty *p)
{
    struct proc family[8];
    long most = 0;
    size_t n = proc_descendants(pty_pid(p), family, 8);
    for (size_t i = 0; i < n; i++) {
        long kb = proc_memory_kb(family[i].pid, "VmHWM");
        most = kb > most ? kb : most;
    }
    return most;
}

/* The words of one line of a mode. */
static const char *of(const char *mode, const char *what)
{
    static char words[100];
    snprintf(words, sizeof(words), "%s: %s", mode, what);
    return words;
}

#define FLOOD_MS (fault_full() ? 6000 : 1500) /* some questions, each with a second of messages before its answer */

/* Until a new watcher has come; of a session that goes on, for a while. The most memory that a watcher had. */
static long endure(struct pty *p, struct hostile *h, const struct misbehaviour *m)
{
    size_t connections = hostile_count(h, "startup"), questions = hostile_count(h, "bind");
    long peak = watcher_peak_kb(p);
    hostile_sick(h);
    int64_t start = pty_now_us();
    while (hostile_count(h, "startup") == connections &&
           fault_since_ms(start) < (m->outcome == ENDS ? 2 * PATIENCE : FLOOD_MS)) {
        pty_settle(p, 10);
        peak = fmax((double)peak, (double)watcher_peak_kb(p));
    }
    double took = hostile_gap_ms(h, "bind", "startup", connections);
    if (m->outcome == ENDS || !isnan(took))
        fault_most("F8", of(m->mode, "a new watcher after the question"), took, 2000 + 1000, "ms");
    else
        fault_true("F8", of(m->mode, "the session goes on"), hostile_count(h, "bind") > questions + 2);
    return peak;
}

/* Well until it has answered, then bad, then well again: a new watcher is there a second after the deadline of the
 * question, no process grows without bounds, and the data come back. */
static void a_server_that_misuses_the_protocol(void **state)
{
    const struct misbehaviour *m = *state;
    char conninfo[300];
    struct hostile *h = hostile_start((const char *const[]){
        "--mode", m->mode, "--count", m->count ? m->count : "0", "--healthy", "--behind",
        lab_conninfo(lab, "primary"), "--password", "secret", NULL});
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
    struct pty *p = visit_conninfo(conninfo, 0, 0);
    long peak = endure(p, h, m);
    if (m->outcome == FAILS)
        fault_true("F8", of(m->mode, "the page says that it failed"), pty_wait(p, "failed", 2000));
    fault_keys("F8", p);
    long screen = proc_memory_kb(pty_pid(p), "VmHWM");
    if (LIMITS_FIT)
        fault_most("F8", of(m->mode, "the watcher's memory"), (double)peak / 1024, m->most_mb ? m->most_mb : 256,
                   "MB");
    fault_most("F8", of(m->mode, "the screen's memory"), (double)screen / 1024, LIMITS_FIT ? 9 : 64, "MB");
    hostile_healthy(h);
    fault_true("F8", of(m->mode, "fresh when it is well again"), console_wait_fresh(p, 2 * PATIENCE));
    visit_leave(p);
    hostile_stop(h);
}

int main(int argc, char **argv)
{
    struct fault_test tests[COUNT_OF(misbehaviours) + 2];
    size_t n = 0;
    tests[n++] = (struct fault_test)FAULT(an_established_black_hole);
    for (const struct misbehaviour *m = misbehaviours; m < misbehaviours + COUNT_OF(misbehaviours); m++)
        tests[n++] = (struct fault_test){m->mode, a_server_that_misuses_the_protocol, !m->quick, (void *)m};
    tests[n++] = (struct fault_test)FAULT(names_that_nobody_looks_up);
    return fault_run(argc, argv, tests, n, start_lab, stop_lab);
}
