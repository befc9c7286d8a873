# All but main, which the manual's generator and the tests use too.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES = \
	src/cmd-common.c \
	src/cmd-demo.c \
	src/cmd-options.c \
	src/cmd-probes.c \
	src/cmd-report.c \
	src/cmd-table.c \
	src/cmd-watch.c \
	src/cmd.h
cmd_ldadd = libcmd.a libui.a libengine.a libsinks.a libprobes.a libconf.a libwire.a libmodel.a libbase.a \
	$(CURSES_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) -lm

bin_PROGRAMS += pgvigil
pgvigil_SOURCES = src/main.c
pgvigil_LDADD = $(cmd_ldadd)
