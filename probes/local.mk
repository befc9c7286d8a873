noinst_LIBRARIES += libprobes.a
libprobes_a_SOURCES = \
	probes/app_pools.c \
	probes/bouncer_clients.c \
	probes/bouncer_connection.h \
	probes/bouncer_databases.c \
	probes/bouncer_lists.c \
	probes/bouncer_pools.c \
	probes/bouncer_servers.c \
	probes/bouncer_stats.c \
	probes/eyesight.c \
	probes/instance.c \
	probes/pools.c \
	probes/replication.c \
	probes/server.c \
	probes/queue_flow.c probes/queue_flow.h \
	probes/queue_learn.c \
	probes/queue_match.c probes/queue_match.h \
	probes/queue_merge.c \
	probes/queue_locks.c \
	probes/queue_names.c probes/queue_names.h \
	probes/queue_plan.c probes/queue_plan.h \
	probes/queue_schema.c \
	probes/queue_sql.c probes/queue_sql.h \
	probes/queue_state.h \
	probes/queues.c \
	probes/sessions.c \
	probes/statement_kinds.c probes/statement_kinds.h \
	probes/statement_look.c probes/statement_look.h \
	probes/statement_texts.c \
	probes/statements.c \
	probes/table_ranks.c \
	probes/table_sizes.c \
	probes/tables.c \
	probes/list.h probes/locked.h \
	probes/table.c

queuesdir = $(pkgdatadir)/queues
dist_queues_DATA = \
	probes/queues/dbos.yaml \
	probes/queues/delayed_job.yaml \
	probes/queues/django_q.yaml \
	probes/queues/django_tasks.yaml \
	probes/queues/good_job.yaml \
	probes/queues/graphile.yaml \
	probes/queues/hatchet.yaml \
	probes/queues/laravel.yaml \
	probes/queues/oban.yaml \
	probes/queues/orchestrator.yaml \
	probes/queues/pgboss.yaml \
	probes/queues/pgmq.yaml \
	probes/queues/pgqueuer.yaml \
	probes/queues/procrastinate.yaml \
	probes/queues/que.yaml \
	probes/queues/querator.yaml \
	probes/queues/radgateway.yaml \
	probes/queues/river.yaml \
	probes/queues/solid_queue.yaml
