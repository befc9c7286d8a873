noinst_LIBRARIES += libsinks.a
libsinks_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libsinks_a_SOURCES = \
	src/sinks/csv.c \
	src/sinks/json.c \
	src/sinks/report.c src/sinks/report.h \
	src/sinks/text.c
