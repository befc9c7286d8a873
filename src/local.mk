bin_PROGRAMS += pgvigil
pgvigil_SOURCES = \
	src/cmd-common.c \
	src/cmd-demo.c \
	src/cmd-probes.c \
	src/cmd-report.c \
	src/cmd-watch.c \
	src/cmd.h \
	src/main.c
pgvigil_LDADD = libui.a libengine.a libsinks.a libprobes.a libwire.a libmodel.a libbase.a \
	$(CURSES_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) -lm
