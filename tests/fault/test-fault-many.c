/* F23: several consoles at once on one server. Each has sessions and a picture of its own, what becomes of one is
 * nothing to the other, and none leaves anything behind. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define OLDEST "select pid from pg_stat_activity where application_name like 'pgvigil%' order by backend_start"
#define NEWEST OLDEST " desc"

static struct lab *lab;

static const char *primary(void)
{
    return lab_conninfo(lab, "primary");
}

static void each_has_its_own_picture(void **state)
{
    (void)state;
    struct pty *a = visit(lab, "primary"), *b = visit(lab, "primary"), *all[] = {a, b};
    visit_page(a, "sessions");
    visit_page(b, "tables");
    fault_settle_all(all, 2, 2500);
    fault_true("F23", "each has its own page", pty_find(a, "› sessions", NULL, NULL) && pty_find(b, "› tables", NULL, NULL) &&
                                                   !pty_find(a, "› tables", NULL, NULL));
    fault_most("F23", "sessions of two consoles", witness_sessions(primary()), 2, "");
    fault_true("F23", "both fresh", console_wait_fresh(a, 2000) && console_wait_fresh(b, 2000));
    fault_keys("F23", a);
    fault_keys("F23", b);
    visit_leave(a);
    visit_leave(b);
}

/* The session that one of them has given up is no matter of the other's. */
static void one_whose_backend_is_frozen(void **state)
{
    (void)state;
    struct pty *a = visit(lab, "primary");
    double hers = witness_number(primary(), OLDEST);
    struct pty *b = visit(lab, "primary"), *all[] = {a, b};
    double his = witness_number(primary(), NEWEST), most = 0;
    bool fresh = true, told = false;
    char sql[300];
    assert_true(hers > 0 && his > 0 && hers != his);
    fault_settle_all(all, 2, 500);
    kill((pid_t)hers, SIGSTOP);
    for (int64_t start = pty_now_us(); fault_since_ms(start) < (fault_full() ? 15000 : 6000);) {
        fault_settle_all(all, 2, 200);
        double n = witness_sessions(primary());
        most = n > most ? n : most;
        fresh = fresh && !pty_find(b, "STALE", NULL, NULL) && !pty_find(b, "not connected", NULL, NULL);
        told = told || pty_find(b, "session of ours", NULL, NULL);
    }
    fault_most("F23", "sessions while one backend is frozen", most, 3, "");
    fault_true("F23", "the other console is fresh all the time", fresh);
    snprintf(sql, sizeof(sql), "select count(*) from pg_stat_activity where pid = %.0f and query_start > now() - interval"
                               " '3 s'", his);
    fault_true("F23", "in the same session", witness_number(primary(), sql) == 1);
    fault_true("F23", "and does not call the frozen one its own", !told);
    fault_true("F23", "whose console is fresh too", console_wait_fresh(a, 2000));
    kill((pid_t)hers, SIGCONT);
    fault_true("F23", "two sessions after CONT", witness_wait_sessions(primary(), 2, a, 2000));
    visit_leave(a);
    visit_leave(b);
}

/* Killed while they connect, learn or ask. */
static void twenty_that_are_killed(void **state)
{
    (void)state;
    enum { N = 20 };
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < (fault_full() ? 3 : 1); round++) {
        struct pty *all[N];
        struct proc family[N][8];
        size_t members[N];
        double most = 0;
        for (int i = 0; i < N; i++) {
            all[i] = console_on(primary());
            pty_pump(all[i], rand() % 100);
        }
        for (int i = 0; i < N; i++) {
            double n = witness_sessions(primary());
            most = n > most ? n : most;
            pty_pump(all[i], rand() % 100);
            members[i] = proc_descendants(pty_pid(all[i]), family[i], COUNT_OF(family[i]));
            pty_signal(all[i], SIGKILL);
            assert_true(pty_wait_exit(all[i], 1000, NULL));
        }
        int64_t start = pty_now_us();
        fault_most("F23", "sessions of twenty consoles", most, N, "");
        fault_true("F23", "0 sessions after twenty kill -9", witness_wait_sessions(primary(), 0, all[0], 3000));
        fault_most("F23", "which takes", fault_since_ms(start), 3000, "ms");
        bool gone = true;
        for (int i = 0; i < N; i++) {
            gone = proc_wait_gone(family[i], members[i], 1000) && gone;
            pty_free(all[i]);
        }
        fault_true("F23", "and 0 processes", gone);
    }
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(each_has_its_own_picture),
        FAULT(one_whose_backend_is_frozen),
        FAULT(twenty_that_are_killed),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
