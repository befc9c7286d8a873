/* Who stands in whose way, directly or behind others: of sessions that wait for locks. Who waits in a queue waits for all
 * that are before him, so that what is told grows with the square of the waiters; sets of rows are as bits. */
#ifndef MODEL_WAITS_H
#define MODEL_WAITS_H

#include "model/frame.h"

struct waits {
    uint32_t n;             /* rows that are looked at */
    size_t words;           /* of a set of rows */
    uint64_t *ahead;        /* of each row the set of those directly in its way */
    struct waits_span {
        uint32_t from, to;  /* words of it that are not empty are among these */
    } *spans;
    bool *prepared;         /* of each row: so is a prepared transaction, which is no row */
    uint64_t *seen;         /* of the last climb */
    uint32_t *reached;      /* of the last climb: rows */
};

/* From a column with pids, and one with the pids that a row waits for, which is text; 0 is a prepared transaction. Ends
 * with waits_free. */
void waits_find(struct waits *w, const struct frame *f, int pid, int blocked_by);
/* How many stand in the way of a row, each once, also where they wait for each other; they are in `reached`. prepared:
 * whether a prepared transaction does. */
uint32_t waits_climb(struct waits *w, uint32_t row, bool *prepared);
void waits_free(struct waits *w);

#endif
