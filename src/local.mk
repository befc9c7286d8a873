bin_PROGRAMS += pgvigil
pgvigil_SOURCES = \
	src/cmd-common.c \
	src/cmd-probes.c \
	src/cmd-report.c \
	src/cmd.h \
	src/main.c
pgvigil_LDADD = libengine.a libsinks.a libprobes.a libwire.a libmodel.a libbase.a \
	$(EVENT_LIBS) $(JANSSON_LIBS) -lm
