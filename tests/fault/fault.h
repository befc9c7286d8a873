/* What the tests of faults share. They come in two sizes: the quick one in every run of the tests, and all of
 * it by `make check-faults`. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include "tests/pty/pty.h"

#include <stddef.h>

bool fault_full(void); /* $FAULTS is "full" */

/* A test, and whether it is in the full size alone. *state is arg, for a test that is run for each row of a table. */
struct fault_test {
    const char *name;
    void (*run)(void **state);
    bool full_only;
    void *arg;
};
#define FAULT(run)      {#run, run, false, NULL}
#define FAULT_FULL(run) {#run, run, true, NULL}

/* Runs those of this size, or those that a pattern given as argument fits. The exit status. */
int fault_run(int argc, char **argv, const struct fault_test *tests, size_t n, int (*setup)(void **state),
              int (*teardown)(void **state));

/* The same with a lab that the tests share: *lab is there while they run. lab_args as for lab_start. */
struct lab;
int fault_run_lab(int argc, char **argv, const struct fault_test *tests, size_t n, struct lab **lab,
                  const char *const *lab_args);

/* One line for each promise kept or not: the fault, its figure and what it may be at most. Fails the test
 * when it is more, or NaN. */
void fault_most(const char *fault, const char *what, double figure, double most, const char *unit);
void fault_true(const char *fault, const char *what, bool kept);
/* A fault that this machine, or this build, cannot be given: fails the test unless $FAULTS_LEFT_OUT is "meant" or
 * names what is missing, in a list with commas: "namespaces", "time-namespaces", "allocator". */
void fault_left_out(const char *fault, const char *missing, const char *why);
/* Keys that turn pages are painted, and soon: 20 of them. */
void fault_keys(const char *fault, struct pty *p);
double fault_since_ms(int64_t start_us);
/* Reads all of them for so long. */
void fault_settle_all(struct pty *const *all, size_t n, int ms);

/* A folder in /tmp with a copy of the program and its watcher, which everybody may read; and away with it. */
void fault_build_tree(char *dir, size_t size);
void fault_remove_tree(const char *dir);

#endif
