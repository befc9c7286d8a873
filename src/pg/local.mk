noinst_LIBRARIES += libpg.a
libpg_a_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
libpg_a_SOURCES = \
	src/pg/ask.c src/pg/ask.h \
	src/pg/connect.c src/pg/connect.h \
	src/pg/conninfo.c \
	src/pg/decode.c src/pg/decode.h \
	src/pg/elsewhere.c \
	src/pg/session.c src/pg/session.h \
	src/pg/trust.c
