/* The page of the server as a whole: one row, every number with its meaning. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"

static const struct probe_page page = {.topic = "server", .single = true};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"server", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view server_view = {
    .name = "server",
    .title = "server",
    .help = "The server as a whole: role, age, room for connections, and what all databases did together, "
            "per second.",
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
