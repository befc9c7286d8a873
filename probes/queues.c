/* Queues: task queues kept in PostgreSQL, recognised and counted by definitions in YAML. What it asks is
 * planned anew for each server (probes/queue_plan.h).
 *
 * Costs: one look at the catalogue a minute, then one statement for each queue system; rows that are finished
 * are never read, and counting stops at a limit. */
#include "probes/queue_plan.h"
#include "spec/probe.h"

static const struct metric metrics[] = {
    {"ready", UNIT_COUNT, FOLD_SUM, "ready", false, false, NULL, NULL, true},
    {"running", UNIT_COUNT, FOLD_SUM, "running", false, false, NULL, NULL, true},
    {"stuck", UNIT_COUNT, FOLD_SUM, "stuck", false, false, NULL, NULL, true},
    {"oldest", UNIT_SECONDS, FOLD_MAX, "oldest_s", false, false, NULL, NULL},
    {"ready_of", UNIT_COUNT, FOLD_FIRST, "ready", false, true, NULL, NULL},
    {NULL},
};

struct probe queues_probe(const struct queue_plan_data *data)
{
    return (struct probe){
        .name = "queues",
        .dear = true,
        .title = "queues",
        .help = "Task queues by definition, schema and queue: depth by state, the oldest, what is stuck. "
                "Costs one statement "
                "for each queue system and one look at the catalogue a minute; finished rows are not read.",
        .schema = &queues_schema,
        .kind = TARGET_SERVER,
        .max_rows = FRAME_ROWS_DEFAULT,
        .background = true,
        .metrics = metrics,
        .plan = &queues_plan,
        .plan_data = data,
    };
}
