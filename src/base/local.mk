noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/attr.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/compat.h \
	src/base/err.c src/base/err.h \
	src/base/format.c src/base/format.h \
	src/base/hash.h \
	src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/suggest.c src/base/suggest.h \
	src/base/text.c src/base/text.h
