/* What whoever runs the tests says about the machine: what it cannot give is meant, and its times are no measure. */
#ifndef TESTS_GIVEN_H
#define TESTS_GIVEN_H

#include <stdbool.h>

/* $FAULTS_LEFT_OUT is "meant", or names this in its list with commas: "namespaces", "time-namespaces", "allocator".
 * Who finds it missing and not meant must fail. */
bool missing_is_meant(const char *missing);

/* Times are judged mildly: in a sanitizer's build, and where $PGVIGIL_TIMES is "mild" as tests share the cores. */
bool times_are_mild(void);

#endif
