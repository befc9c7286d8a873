noinst_LIBRARIES += libprobes.a
libprobes_a_SOURCES = \
	probes/bouncer_clients.c \
	probes/bouncer_databases.c \
	probes/bouncer_lists.c \
	probes/bouncer_pools.c \
	probes/bouncer_servers.c \
	probes/bouncer_stats.c \
	probes/pools.c \
	probes/replication.c \
	probes/server.c \
	probes/sessions.c \
	probes/statement_texts.c \
	probes/statements.c \
	probes/table_ranks.c \
	probes/table_sizes.c \
	probes/tables.c \
	probes/list.h \
	probes/table.c
