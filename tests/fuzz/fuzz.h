/* The fuzz targets. Each is one function that takes any bytes and must neither crash nor break a promise; it
 * aborts when one is broken. To add one: write tests/fuzz/fuzz-NAME.c with FUZZ_TARGET(NAME), put its inputs
 * into tests/fuzz/corpus/NAME/, and add one line to each of tests/fuzz/list.h and tests/fuzz/local.mk. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_TARGET(name) void fuzz_##name(const uint8_t *bytes, size_t len)

/* As assert(), but always on. */
#define FUZZ_CHECK(what)                                                                                    \
    do {                                                                                                    \
        if (!(what)) {                                                                                      \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what);                              \
            abort();                                                                                        \
        }                                                                                                   \
    } while (0)

struct fuzz_target {
    const char *name;
    void (*run)(const uint8_t *bytes, size_t len);
};

/* Ends with a NULL name. */
extern const struct fuzz_target fuzz_targets[];

#define X(name) FUZZ_TARGET(name);
#include "list.h"
#undef X

#endif
