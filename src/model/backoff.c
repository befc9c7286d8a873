/* Waiting between attempts. */
#include "model/backoff.h"

#include <math.h>

const struct backoff backoff_visible_first = {BACKOFF_FULL, 800, 800, 1};
const struct backoff backoff_visible = {BACKOFF_EQUAL, 1333, 1333, 1};
const struct backoff backoff_background = {BACKOFF_FULL, 2000, 10000, 2};
const struct backoff backoff_refused = {BACKOFF_FULL, 100, 60000, 2};

double backoff_ms(const struct backoff *b, unsigned attempt, double previous_ms, double u)
{
    /* pow() may be infinite; fmin() makes the cap of it. */
    double limit = fmin(b->cap_ms, b->base_ms * pow(b->factor, attempt));
    switch (b->strategy) {
    case BACKOFF_FULL:
        return u * limit;
    case BACKOFF_EQUAL:
        return limit / 2 + u * limit / 2;
    case BACKOFF_NONE:
        return limit;
    case BACKOFF_PM50:
        return limit * (0.5 + u);
    case BACKOFF_DECORRELATED:
        return fmin(b->cap_ms, b->base_ms + u * (3 * previous_ms - b->base_ms));
    }
    return limit;
}
