# All but main, which the manual's generator and the tests use too.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES = \
	src/assemble.c src/assemble.h \
	src/cmd-check.c \
	src/cmd-common.c \
	src/cmd-config.c \
	src/cmd-demo.c \
	src/cmd-doctor.c \
	src/cmd-names.c \
	src/cmd-look.c \
	src/cmd-options.c \
	src/cmd-probes.c \
	src/cmd-report.c \
	src/cmd-table.c \
	src/cmd-watch.c \
	src/cmd.h
cmd_ldadd = libcmd.a libui.a libengine.a libsinks.a librules.a libprobes.a libconf.a libwire.a libmodel.a libbase.a \
	$(CURSES_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) -lm

bin_PROGRAMS += pgvigil
pgvigil_SOURCES = src/main.c
pgvigil_LDADD = $(cmd_ldadd)

# In a build tree the program finds its data beside itself.
all-local: data/themes data/queues
data/themes:
	$(AM_V_at)$(MKDIR_P) data && ln -sfn $(abs_top_srcdir)/themes $@
data/queues:
	$(AM_V_at)$(MKDIR_P) data && ln -sfn $(abs_top_srcdir)/probes/queues $@
clean-local:
	rm -rf data
.PHONY: all-local clean-local
