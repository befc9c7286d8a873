/* The pages, in the order in which the palette offers them. */
#include "ui/views/list.h"

const struct view *const views[] = {
    &overview_view,
    &fleet_view,
    &topology_view,
    &sessions_view,
    &pools_view,
    &replication_view,
    &queues_view,
    &statements_view,
    &tables_view,
    &server_view,
    &health_view,
    &bouncer_clients_view,
    &bouncer_pools_view,
    &bouncer_servers_view,
    &bouncer_databases_view,
    &bouncer_stats_view,
    &bouncer_lists_view,
    &app_pools_view,
    &why_view,
    &help_view,
    &messages_view,
    NULL,
};
