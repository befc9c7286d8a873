noinst_LIBRARIES += libprobes.a
libprobes_a_SOURCES = \
	probes/list.h \
	probes/sessions.c \
	probes/table.c
