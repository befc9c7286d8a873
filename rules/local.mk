noinst_LIBRARIES += librules.a
librules_a_SOURCES = \
	rules/app.c \
	rules/blocked.c \
	rules/link.c \
	rules/list.h \
	rules/own.c \
	rules/place.c \
	rules/pooler.c \
	rules/primary.c \
	rules/queues.c \
	rules/replication.c \
	rules/say.c rules/say.h \
	rules/server.c \
	rules/sessions.c \
	rules/table.c
