/* PgBouncer's own numbers: SHOW LISTS. */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"list", "list", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 0, "What is counted."},
    {"items", "items", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "How many there are."},
};

static const struct schema schema = {"bouncer_lists", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SHOW LISTS"}, {0, NULL}};

const struct probe probe_bouncer_lists = {
    .name = "bouncer_lists",
    .title = "PgBouncer lists",
    .help = "How many of everything PgBouncer holds (SHOW LISTS).",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .background_s = 30,
};
