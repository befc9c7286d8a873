# The servers of versions 12 to 18 are fetched with npm, so they are no part of make check.
EXTRA_DIST += \
	tests/sql/check-servers \
	tests/sql/fetch-servers \
	tests/sql/servers.txt \
	tests/sql/try-server

check-servers: all $(check_PROGRAMS)
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(srcdir)/tests/sql/check-servers $(SERVERS)

.PHONY: check-servers
# On a private server that each test starts for itself.
check_PROGRAMS += tests/sql/test-queues
tests_sql_test_queues_SOURCES = tests/sql/test-queues.c
tests_sql_test_queues_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_sql_test_queues_LDADD = libprobes.a libconf.a libpg.a libwire.a libmodel.a libbase.a \
	$(PQ_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS) -lm
dist_check_SCRIPTS = tests/sql/run-queues tests/sql/with-server
TESTS += tests/sql/run-queues
EXTRA_DIST += tests/sql/queues.sql
