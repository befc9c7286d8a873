noinst_LIBRARIES += libconf.a
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
libconf_a_SOURCES = \
	src/conf/arena.c src/conf/arena.h \
	src/conf/config.c src/conf/config.h \
	src/conf/config_keys.c src/conf/config_keys.h \
	src/conf/config_show.c \
	src/conf/conninfo.c src/conf/conninfo.h \
	src/conf/errors.c src/conf/errors.h \
	src/conf/file.c src/conf/file.h \
	src/conf/options.c src/conf/options.h \
	src/conf/queue_parts.c src/conf/queue_parts.h \
	src/conf/queue_sql.c src/conf/queue_sql.h \
	src/conf/queues.c src/conf/queues.h \
	src/conf/scalar.c src/conf/scalar.h \
	src/conf/url.c src/conf/url.h \
	src/conf/theme.c src/conf/theme.h \
	src/conf/utf8.c src/conf/utf8.h \
	src/conf/yaml.c src/conf/yaml.h
