noinst_LIBRARIES += libengine.a
libengine_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
libengine_a_SOURCES = \
	src/engine/answered.c \
	src/engine/attend.c \
	src/engine/engine.c src/engine/engine.h \
	src/engine/guard.c \
	src/engine/judge.c \
	src/engine/linger.c \
	src/engine/parts.h \
	src/engine/publish.c \
	src/engine/routing.c \
	src/engine/schedule.c \
	src/engine/shape.c \
	src/engine/supervise.c \
	src/engine/variant.c src/engine/variant.h
