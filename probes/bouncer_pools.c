/* PgBouncer's pools: SHOW POOLS, columns read by name, for they change from 1.8 to 1.25. Documentation of
 * PgBouncer, "Admin console". */
#include "base/attr.h"
#include "probes/list.h"

static const struct column columns[] = {
    {"database", "database", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0, "Database as PgBouncer names it."},
    {"user", "user", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 12, 5, "Role."},
    {"cl_active", "cl active", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 5,
     "Clients linked to a server connection, or idle without a question."},
    {"cl_waiting", "cl waiting", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 2,
     "Clients that have asked and got no server connection yet."},
    {"cl_active_cancel_req", "cl cancels", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 60,
     "Cancel requests that were sent on (from 1.18 on)."},
    {"cl_waiting_cancel_req", "cancels wait", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 61,
     "Cancel requests not sent on yet (from 1.18 on)."},
    {"cl_cancel_req", "cancels", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 62,
     "Cancel requests not sent on yet (before 1.18)."},
    {"sv_active", "sv active", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 6,
     "Server connections linked to a client."},
    {"sv_active_cancel", "sv cancel", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 63,
     "Server connections that carry a cancel request."},
    {"sv_being_canceled", "sv cancelled", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 64,
     "Servers that a cancel request is on its way to."},
    {"sv_idle", "sv idle", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
     "Server connections that can be used at once."},
    {"sv_used", "sv used", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 20,
     "Server connections that must be checked before they are used again."},
    {"sv_tested", "sv tested", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 30, "Server connections being checked."},
    {"sv_login", "sv login", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 12,
     "Server connections that are logging in."},
    {"maxwait_s", "max wait", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 3,
     "How long the first client in the queue has waited."},
    {"pool_mode", "mode", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 11, 25, "session, transaction or statement."},
    {"maxwait", "", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 99, "Whole seconds of the wait."},
    {"maxwait_us", "", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 99, "Microseconds of the wait."},
};

enum { MAXWAIT_S = 14, MAXWAIT = 16, MAXWAIT_US };

static const struct schema schema = {"bouncer_pools", COUNT_OF(columns), columns};
static const struct probe_sql sql[] = {{0, "SHOW POOLS"}, {0, NULL}};

/* The same rows with the wait in one number. */
static struct frame *derive(const struct frame *now, const struct frame *before,
                            const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    (void)before;
    (void)c;
    for (uint32_t i = 0; i < now->nrows; i++) {
        double us = frame_cell(now, i, MAXWAIT_US)->known ? frame_number(now, i, MAXWAIT_US) : 0;
        frame_build_copy(b, now, i);
        frame_build_real(b, MAXWAIT_S, frame_number(now, i, MAXWAIT) + us / 1e6);
    }
    return frame_seal_as(b, now, now->nfound);
}

static const struct metric metrics[] = {
    {"waiting", UNIT_COUNT, FOLD_SUM, "cl_waiting", false, true},
    {"active", UNIT_COUNT, FOLD_SUM, "sv_active", false, true},
    {"maxwait", UNIT_SECONDS, FOLD_MAX, "maxwait_s", false, true},
    {NULL},
};

const struct probe probe_bouncer_pools = {
    .name = "bouncer_pools",
    .title = "PgBouncer pools",
    .help = "Clients and server connections of each pool, and how long clients wait (SHOW POOLS).",
    .schema = &schema,
    .kind = TARGET_POOLER,
    .simple = true,
    .sql = sql,
    .metrics = metrics,
    .derived_schema = &schema,
    .derive = derive,
    .background = true,
};
