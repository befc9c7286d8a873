/* Good frames of the past, of all targets and topics together, as many as a budget of bytes holds. */
#ifndef MODEL_PAST_H
#define MODEL_PAST_H

#include "model/frame.h"

#define PAST_RATE_US 1000000LL      /* between two answers that a rate is counted from, at least */

/* target -1: it was let go. */
struct past_frame {
    int target, topic;
    const struct frame *frame;
};

/* A ring of n frames from `first` on, oldest first. Start with a budget and zeros; end with past_clear. */
struct past {
    struct past_frame *list;
    size_t room, first, n, bytes, budget;
};

/* Refers to f too. The oldest frames make room for it; what is larger than the budget is not kept. Of the same target and
 * topic the `least` before it stay, and those that the rate of the next one may be counted from. */
void past_keep(struct past *p, int target, int topic, const struct frame *f, unsigned least);
/* back = 0 is the newest. NULL: not so many. Borrowed. */
const struct frame *past_find(const struct past *p, int target, int topic, unsigned back);
void past_forget(struct past *p, int target);     /* all of that target */
void past_clear(struct past *p);

#endif
