/* "Did you mean": the name nearest to a mistyped one. Offer it every name that would have been right:
 *
 *     struct suggest s = suggest_start(wrong);
 *     for (...)
 *         suggest_offer(&s, name);
 *     if (s.best) ...
 *
 * Distance counts letters put in, left out, changed or swapped with a neighbour, whatever their case;
 * ASCII. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_LENGTH_MAX = 48 };       /* of names that are looked at */

struct suggest {
    const char *wrong;
    const char *best;       /* NULL while nothing is near enough; borrowed from suggest_offer */
    unsigned distance;
};

struct suggest suggest_start(const char *wrong);
void suggest_offer(struct suggest *s, const char *name);

/* The number of such changes between two names of at most SUGGEST_LENGTH_MAX bytes. */
unsigned suggest_distance(const char *a, const char *b);

#endif
