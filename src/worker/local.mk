pkglibexec_PROGRAMS += pgvigil-watch
pgvigil_watch_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
pgvigil_watch_SOURCES = \
	src/worker/pipe.c src/worker/pipe.h \
	src/worker/watch.c
pgvigil_watch_LDADD = libpg.a libwire.a libmodel.a libbase.a $(PQ_LIBS) -lm
