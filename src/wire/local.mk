noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	src/wire/frames.c src/wire/frames.h \
	src/wire/peer.c src/wire/peer.h \
	src/wire/wire.c src/wire/wire.h
