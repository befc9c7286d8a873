/* What pages of all servers and the header have in common: which targets are one server, and how each of them is. */
#ifndef UI_FLEET_H
#define UI_FLEET_H

#include "model/store.h"

/* How a target is: the worst that is shown of it, and why. A target that nobody has reached yet is unknown. */
struct fleet_state {
    enum level level;
    const struct finding *worst;    /* NULL: nothing is found; borrowed until the next judgement */
};

struct fleet_state fleet_state(const struct store *s, int target);

/* The first target that is the same server: itself, when that is it. */
int fleet_server(const struct store *s, int target);

struct fleet_counts {
    int servers, groups;
    int levels[LEVEL_COUNT_];       /* servers, by the worst of their targets */
};

struct fleet_counts fleet_count(const struct store *s);

#endif
