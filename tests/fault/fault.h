/* What the tests of faults share. They come in two sizes: the quick one in every run of the tests, and all of
 * it by `make check-faults`. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include "tests/pty/pty.h"

bool fault_full(void); /* $FAULTS is "full" */
/* One line for each promise kept or not: the fault, its figure and what it may be at most. Fails the test
 * when it is more, or NaN. */
void fault_most(const char *fault, const char *what, double figure, double most, const char *unit);
void fault_true(const char *fault, const char *what, bool kept);
/* Keys that turn pages are painted, and soon: 20 of them. */
void fault_keys(const char *fault, struct pty *p);
double fault_since_ms(int64_t start_us);

#endif
