/* Every page. One line each, in the order of table.c. */
#ifndef UI_VIEWS_LIST_H
#define UI_VIEWS_LIST_H

#include "ui/view.h"

extern const struct view help_view;
extern const struct view messages_view;
extern const struct view why_view;
extern const struct view overview_view;
extern const struct view fleet_view;
extern const struct view topology_view;
extern const struct view sessions_view;
extern const struct view pools_view;
extern const struct view replication_view;
extern const struct view queues_view;
extern const struct view statements_view;
extern const struct view tables_view;
extern const struct view server_view;
extern const struct view health_view;
extern const struct view bouncer_clients_view;
extern const struct view bouncer_pools_view;
extern const struct view bouncer_servers_view;
extern const struct view bouncer_databases_view;
extern const struct view bouncer_stats_view;
extern const struct view bouncer_lists_view;
extern const struct view app_pools_view;

/* Ends with NULL; the first one is where one starts. */
extern const struct view *const views[];

#endif
