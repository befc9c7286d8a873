/* The probes that are built in. */
#include "probes/list.h"

const struct probe *const probe_table[] = {
    &probe_instance,
    &probe_eyesight,
    &probe_server,
    &probe_sessions,
    &probe_pools,
    &probe_bouncer_databases,   /* asked before the pools: whether they are paused is why their clients wait */
    &probe_bouncer_pools,
    &probe_bouncer_stats,
    &probe_bouncer_clients,
    &probe_bouncer_servers,
    &probe_bouncer_lists,
    &probe_app_pools,
    &probe_replication,
    &probe_statements,
    &probe_statement_texts,
    &probe_statement_kinds,
    &probe_table_ranks,
    &probe_tables,
    &probe_table_sizes,
    NULL,
};
