/* Random numbers for property tests: SplitMix64 (https://prng.di.unimi.it/splitmix64.c). The seed is SEED of
 * the environment or a fixed one, and is printed, so that a failure can be had again. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

static inline struct random random_start(const char *what)
{
    const char *given = getenv("SEED");
    struct random r = {given ? strtoull(given, NULL, 10) : 20260711};
    printf("%s: SEED=%llu\n", what, (unsigned long long)r.state);
    return r;
}

static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

/* 0 <= x < 1. */
static inline double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) * 0x1p-53;
}

#endif
