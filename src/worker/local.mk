pkglibexec_PROGRAMS += pgvigil-watch pgvigil-fetch
pgvigil_watch_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
pgvigil_watch_SOURCES = \
	src/worker/pipe.c src/worker/pipe.h \
	src/worker/watch.c
pgvigil_watch_LDADD = libpg.a libwire.a libmodel.a libbase.a $(PQ_LIBS) -lm

# What an application says, apart from how it is fetched: fuzzers and tests read it too.
noinst_LIBRARIES += libapp.a
libapp_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libapp_a_SOURCES = \
	src/worker/app.c src/worker/app.h \
	src/worker/app_json.c \
	src/worker/app_prometheus.c
pgvigil_fetch_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
pgvigil_fetch_SOURCES = \
	src/worker/fetch.c \
	src/worker/pipe.c src/worker/pipe.h
pgvigil_fetch_LDADD = libapp.a libwire.a libmodel.a libbase.a $(CURL_LIBS) $(JANSSON_LIBS) -lm
