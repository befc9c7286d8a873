/* The shape of the clusters, found anew when something has changed that it depends on, but not with every answer. */
#include "engine/parts.h"

#include "base/clock.h"

#include <string.h>

#define SHAPE_US (US_PER_S / 2)     /* between two times; who looks once has no time to wait */

static bool shapes(const struct store *s, int topic)
{
    const char *name = store_topic(s, topic)->name;
    return strcmp(name, "server") == 0 || strcmp(name, "replication") == 0;
}

static void something_changed(void *arg, enum change change, int target, int topic)
{
    struct engine *e = arg;
    const struct link *l = target >= 0 ? &store_target(e->store, target)->link : NULL;
    if (change == CHANGE_LINK && l && l->state == LINK_UP && l->since_us == e->now_us)
        e->shaped_us = e->now_us - SHAPE_US;        /* who has just come may be whom others follow: now, not soon */
    if (change == CHANGE_LINK || (change == CHANGE_FRAME && shapes(e->store, topic)))
        e->reshaped = true;
}

static void look(struct engine *e)
{
    e->shape = shape_look(e->store, e->now_us);
    shape_remember(e->store, &e->shape, e->now_us);
}

void shape_start(struct engine *e)
{
    look(e);
    store_listen(e->store, something_changed, e);
}

void shape_stop(struct engine *e)
{
    cluster_shape_free(&e->shape);
}

const struct cluster_shape *engine_shape(struct engine *e)
{
    if (!e->reshaped || (!e->hurry && e->now_us - e->shaped_us < SHAPE_US))
        return &e->shape;
    cluster_shape_free(&e->shape);
    look(e);
    e->shaped_us = e->now_us;
    e->reshaped = false;
    return &e->shape;
}
