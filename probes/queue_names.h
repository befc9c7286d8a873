/* Hash -> queue name, see struct queue_names in probes/queue_plan.h. */
#ifndef PROBES_QUEUE_NAMES_H
#define PROBES_QUEUE_NAMES_H

#include "model/frame.h"
#include "probes/queue_plan.h"

struct queue_name {
    const char *name;
    bool dead; /* another queue's dead letter queue */
};

/* Takes in an answer in queue_names_schema; what it says of a hash replaces what was known. */
void queue_names_learn(struct queue_names *names, const char *definition, const struct frame *answer);
/* False: nobody said. The name is valid until the next learning. */
bool queue_names_find(const struct queue_names *names, const char *definition, const char *hash,
                      struct queue_name *out);

#endif
