/* All servers at once. */
#include "ui/fleet.h"

#include "base/mem.h"
#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

struct fleet_state fleet_state(const struct store *s, int target)
{
    const struct link *link = &store_target(s, target)->link;
    struct fleet_state state = {.level = LEVEL_FINE};
    const struct finding *list[1];
    if (verdict_list(store_verdict(s), target, false, list, 1) > 0) {
        state.worst = list[0];
        state.level = list[0]->level;
    }
    if (link->state != LINK_UP && state.level < LEVEL_UNKNOWN)
        state = (struct fleet_state){.level = link->state == LINK_PASSWORD ? LEVEL_WARN : LEVEL_UNKNOWN};
    return state;
}

int fleet_server(const struct store *s, int target)
{
    for (int i = 0; i < target; i++)
        if (shape_same_server(s, i, target))
            return i;
    return target;
}

static bool same_group(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool first_of_group(const struct store *s, int target)
{
    for (int i = 0; i < target; i++)
        if (same_group(store_target(s, i)->group, store_target(s, target)->group))
            return false;
    return true;
}

struct fleet_counts fleet_count(const struct store *s)
{
    struct fleet_counts counts = {0};
    int n = store_targets(s);
    enum level *levels = mem_array((size_t)n + 1, sizeof(*levels));
    bool *is_server = mem_array((size_t)n + 1, sizeof(*is_server));
    for (int i = 0; i < n; i++) {
        int first = fleet_server(s, i);
        enum level level = fleet_state(s, i).level;
        levels[first] = level > levels[first] ? level : levels[first];
        is_server[first] = true;
        counts.groups += first_of_group(s, i);
    }
    for (int i = 0; i < n; i++) {
        counts.servers += is_server[i];
        counts.levels[levels[i]] += is_server[i];
    }
    free(levels);
    free(is_server);
    return counts;
}
