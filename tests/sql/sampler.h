/* Looks at a server every 10 ms from a process of its own: what do sessions named pgvigil wait for, and how long? */
#ifndef TESTS_SQL_SAMPLER_H
#define TESTS_SQL_SAMPLER_H

#include <stdint.h>
#include <sys/types.h>

struct sampler {
    pid_t pid;
    int pipe;               /* its words come here when the other end is closed */
    int stop;
};

struct samples {
    int64_t wait_us;        /* longest time that one of them stood ungranted in pg_locks */
    int64_t transaction_us; /* longest transaction */
    int64_t gap_us;         /* longest time between two looks */
    uint32_t looks;
    uint32_t seen;          /* of which a session of ours was there */
};

/* conninfo of a superuser. */
struct sampler sampler_start(const char *conninfo);
struct samples sampler_stop(struct sampler *s);

#endif
