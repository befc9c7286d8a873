/* The rate of one counter between two samples. Where no honest rate exists there is none (NaN): it is never
 * negative, and never made from two lives of a counter. */
#ifndef MODEL_RATE_H
#define MODEL_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum rate_kind {
    RATE_U64,       /* a 64-bit counter */
    RATE_XID32,     /* a 32-bit counter that wraps */
    RATE_LSN        /* a position in the WAL */
};

enum rate_flag {
    RATE_PLAIN,
    RATE_RESET,         /* the counter started anew */
    RATE_GAP,           /* there is a rate, over a long pause that ought to be marked */
    RATE_PARSE_ERROR,   /* the newer value could not be read; to be counted */
    RATE_OVERFLOW       /* the newer value does not fit into 64 bits */
};

/* Two samples compare only if all three are equal. The timeline is no part of it: promotion resets
 * nothing. */
struct rate_epoch {
    uint64_t system;    /* the system identifier: another server */
    uint64_t stats;     /* stats_reset and postmaster start: the same server's statistics, started anew */
    uint64_t row;       /* the row's own, as stats_since of pg_stat_statements: evicted and come back */
};

struct rate_sample {
    int64_t time_us;            /* of the boot clock, which counts suspend */
    bool known;                 /* false: NULL or unreadable */
    enum rate_flag unread;      /* why not: RATE_PARSE_ERROR, RATE_OVERFLOW, or RATE_PLAIN for NULL */
    uint64_t value;
    struct rate_epoch epoch;
};

struct rate {
    double per_s;       /* NaN: none */
    enum rate_flag flag;
};

/* before: NULL when there is none. A pause longer than gap_us is flagged; 0: none is. */
struct rate rate_between(enum rate_kind kind, const struct rate_sample *before, const struct rate_sample *now,
                         int64_t gap_us);

/* Reads a value as the server prints it ("124", "0/50022E0") into known, unread and value. NULL is SQL's. */
void rate_read(struct rate_sample *sample, enum rate_kind kind, const char *text);

#endif
