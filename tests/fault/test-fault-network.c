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
        fault_true(fault, "not tested: no namespaces (PGVIGIL_NO_NAMESPACES excuses)", network_excused());
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
    fault_most("F4", "the page says so", said ? took : 1e9, 5000, "ms");
    fault_most("F5", "SYN dropped: the page says so", failed ? failed_ms : 1e9, 3200, "ms");
    fault_most("F5", "q leaves", left_ms, 600, "ms");
    start = pty_now_us();
    fault_true("F4", "fresh when the network is back", console_wait_fresh(p, 8000));
    fault_most("F4", "which takes", fault_since_ms(start), 5000, "ms");
    visit_leave(p);
    fault_true("F4", "no session stays", witness_wait_sessions(lab_conninfo(lab, "primary"), 0, NULL, 6000));
}

static void names_that_nobody_looks_up(void **state)
{
    (void)state;
    if (!have_network("F6"))
        return;
    assert_true(network_silent_names());
    struct pty *p = console_on("host=db1.example dbname=shop user=x");
    pty_settle(p, 500);
    fault_keys("F6", p);
    int64_t start = pty_now_us();
    bool said = pty_wait_regex(p, "name could not be looked up|could not translate", PATIENCE);
    fault_most("F6", "the page says that the name is not found", said ? fault_since_ms(start) : 1e9, 4000,
               "ms");
    fault_most("F6", "q leaves", visit_leave_ms(p), 600, "ms");
}

/* ---- F7, F8 ---- */

static const struct misbehaviour {
    const char *mode;
    bool quick;
} misbehaviours[] = {
    {"half-rst", true},      {"half-fin", false},
    {"close", false},        {"garbage", true},
    {"drip-answer", false},  {"freeze", true},
    {"half-hold", false},    {"big-row", true},
    {"copy-three", false},   {"endless-results", true},
    {"endless-rows", false}, {"notice-flood", false},
    {"notify-flood", false}, {"parameter-storm", false},
    {"copy-loop", true},     {"endless-complete", false},
    {"bad-length", false},   {"bad-cell-length", false},
    {"no-ready", false},     {"big-row-announced", false},
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

/* Well until it has answered, then bad, then well again: a new watcher is there soon, no process grows
 * without bounds, and the data come back. */
static void judge_misbehaviour(const char *mode)
{
    char what[100], conninfo[300];
    struct hostile *h = hostile_start((const char *const[]){
        "--mode", mode, "--healthy", "--behind", lab_conninfo(lab, "primary"), "--password", "secret", NULL});
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
    struct pty *p = visit_conninfo(conninfo, 0, 0);
    size_t before = hostile_count(h, "startup");
    long peak = 0, screen = 0;
    hostile_sick(h);
    int64_t start = pty_now_us();
    while (hostile_count(h, "startup") == before && fault_since_ms(start) < 9000) {
        pty_settle(p, 20);
        peak = fmax((double)peak, (double)watcher_peak_kb(p));
    }
    snprintf(what, sizeof(what), "%s: a new watcher connects", mode);
    fault_most("F8", what, fault_since_ms(start), 2000 + 2000 + 2000, "ms");
    fault_keys("F8", p);
    screen = proc_memory_kb(pty_pid(p), "VmHWM");
    snprintf(what, sizeof(what), "%s: the watcher's memory", mode);
    if (LIMITS_FIT)
        fault_most("F8", what, (double)peak / 1024, 256, "MB");
    snprintf(what, sizeof(what), "%s: the screen's memory", mode);
    fault_most("F8", what, (double)screen / 1024, 64, "MB");
    hostile_healthy(h);
    snprintf(what, sizeof(what), "%s: fresh when it is well again", mode);
    fault_true("F8", what, console_wait_fresh(p, 2 * PATIENCE));
    visit_leave(p);
    hostile_stop(h);
}

static void servers_that_misuse_the_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(misbehaviours); i++)
        if (fault_full() || misbehaviours[i].quick)
            judge_misbehaviour(misbehaviours[i].mode);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_established_black_hole),
        cmocka_unit_test(servers_that_misuse_the_protocol),
        cmocka_unit_test(names_that_nobody_looks_up),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
