/* Every probe, in the order of the manual. Adding one: its file, a line here, one in table.c, one in local.mk. */
#ifndef PROBES_LIST_H
#define PROBES_LIST_H

#include "spec/probe.h"

extern const struct probe probe_instance;
extern const struct probe probe_eyesight;
extern const struct probe probe_server;
extern const struct probe probe_sessions;
extern const struct probe probe_pools;
extern const struct probe probe_bouncer_pools;
extern const struct probe probe_bouncer_databases;
extern const struct probe probe_bouncer_stats;
extern const struct probe probe_bouncer_clients;
extern const struct probe probe_bouncer_servers;
extern const struct probe probe_bouncer_lists;
extern const struct probe probe_app_pools;
extern const struct probe probe_replication;
extern const struct probe probe_statements;
extern const struct probe probe_statement_texts;
extern const struct probe probe_statement_kinds;
extern const struct probe probe_table_ranks;
extern const struct probe probe_tables;
extern const struct probe probe_table_sizes;

extern const struct probe *const probe_table[];     /* ends with NULL */

#endif
