/* Words of the tests of faults. */
#include "tests/fault/fault.h"

#include "base/mem.h"
#include "tests/lab/lab_client.h"
#include "tests/pty/console.h"
#include "tests/pty/given.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned kept, broken, left_out;

bool fault_full(void)
{
    const char *size = getenv("FAULTS");
    return size && strcmp(size, "full") == 0;
}

int fault_run(int argc, char **argv, const struct fault_test *tests, size_t n, int (*setup)(void **state),
              int (*teardown)(void **state))
{
    struct CMUnitTest *chosen = mem_array(n, sizeof(*chosen));
    size_t count = 0;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    for (size_t i = 0; i < n; i++)
        if (fault_full() || !tests[i].full_only)
            chosen[count++] = (struct CMUnitTest){.name = tests[i].name, .test_func = tests[i].run,
                                                  .initial_state = tests[i].arg};
    int failed = _cmocka_run_group_tests(program_invocation_short_name, chosen, count, setup, teardown);
    free(chosen);
    printf("%u promises kept, %u broken, %u left out\n", kept, broken, left_out);
    return failed;
}

/* cmocka hands a fixture nothing. */
static struct {
    struct lab **lab;
    const char *const *args;
} shared;

static int start_lab(void **state)
{
    (void)state;
    *shared.lab = lab_start(shared.args);
    return *shared.lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(*shared.lab);
    return 0;
}

int fault_run_lab(int argc, char **argv, const struct fault_test *tests, size_t n, struct lab **lab,
                  const char *const *lab_args)
{
    shared.lab = lab;
    shared.args = lab_args;
    return fault_run(argc, argv, tests, n, start_lab, stop_lab);
}

static void count(const char *fault, const char *what, bool good)
{
    fflush(stdout);
    kept += good;
    broken += !good;
    if (!good)
        fail_msg("%s: %s", fault, what);
}

void fault_most(const char *fault, const char *what, double figure, double most, const char *unit)
{
    bool good = figure <= most;
    printf("%-4s %-58s %8.4g %s (at most %g)  %s\n", fault, what, figure, unit, most, good ? "pass" : "FAIL");
    count(fault, what, good);
}

void fault_true(const char *fault, const char *what, bool good)
{
    printf("%-4s %-58s %s\n", fault, what, good ? "pass" : "FAIL");
    count(fault, what, good);
}

void fault_left_out(const char *fault, const char *missing, const char *why)
{
    bool meant = missing_is_meant(missing);
    printf("%-4s not tried for want of %s: %s  %s\n", fault, missing, why, meant ? "left out" : "FAIL");
    fflush(stdout);
    left_out += meant;
    broken += !meant;
    if (!meant)
        fail_msg("%s: not tried for want of %s; FAULTS_LEFT_OUT=%s says that it is meant", fault, missing, missing);
}

void fault_keys(const char *fault, struct pty *p)
{
    static const char *const keys[] = {"<Tab>", "<Tab>", "<S-Tab>"};
    struct console_times t = console_time_keys(p, keys, 3, 20, 1000, fault);
    fault_most(fault, "key to painted screen, slowest of 20", t.max_ms, times_are_mild() ? 500 : 100, "ms");
}

double fault_since_ms(int64_t start_us)
{
    return (double)(pty_now_us() - start_us) / 1000;
}

void fault_settle_all(struct pty *const *all, size_t n, int ms)
{
    for (int64_t end = pty_now_us() + ms * 1000LL; pty_now_us() < end;)
        for (size_t i = 0; i < n; i++)
            pty_settle(all[i], 5);
}

void fault_build_tree(char *dir, size_t size)
{
    char command[12000];
    const char *build = getenv("BUILDDIR") ? getenv("BUILDDIR") : ".";
    snprintf(dir, size, "/tmp/fault-tree-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(command, sizeof(command), "chmod 755 %s && cp '%s' %s/pgvigil && cp '%s/pgvigil-watch' %s/ &&"
             " ln -s \"$(realpath '%s')/data\" %s/data", dir, console_program(), dir, build, dir, build, dir);
    assert_int_equal(system(command), 0);
}

void fault_remove_tree(const char *dir)
{
    char command[200];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}
