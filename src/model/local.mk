noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/backoff.c src/model/backoff.h \
	src/model/breaker.c src/model/breaker.h \
	src/model/filter.c src/model/filter.h \
	src/model/frame.c src/model/frame.h \
	src/model/health.c src/model/health.h \
	src/model/lag.c src/model/lag.h \
	src/model/match.c src/model/match.h \
	src/model/quantity.c src/model/quantity.h \
	src/model/rate.c src/model/rate.h \
	src/model/rates.c src/model/rates.h \
	src/model/route.c src/model/route.h \
	src/model/schema.c src/model/schema.h \
	src/model/series.c src/model/series.h \
	src/model/sqlstate.c src/model/sqlstate.h \
	src/model/term.c src/model/term.h
