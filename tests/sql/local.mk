# matrix asks every probe on real servers; on the installed PostgreSQL it is part of make check. The servers of versions
# 12 to 18 are fetched with npm, so they are not. costs measures what each probe costs the server.
EXTRA_DIST += \
	tests/sql/check-servers \
	tests/sql/fetch-servers \
	tests/sql/servers.txt \
	tests/sql/try-server

sql_ldadd = liblab.a libui.a libprobes.a libconf.a libengine.a libpg.a libwire.a libmodel.a libbase.a $(PQ_LIBS) \
	$(EVENT_LIBS) $(YAML_LIBS) -lm

check_PROGRAMS += tests/sql/matrix
TESTS += tests/sql/matrix
tests_sql_matrix_SOURCES = \
	tests/sql/faults.c tests/sql/faults.h \
	tests/sql/inquiry.c tests/sql/inquiry.h \
	tests/sql/matrix.c tests/sql/matrix.h \
	tests/sql/matrix-grants.c \
	tests/sql/matrix-locks.c \
	tests/sql/matrix-session.c \
	tests/sql/sampler.c tests/sql/sampler.h \
	tests/sql/scene.c tests/sql/scene.h \
	tests/sql/table.c tests/sql/table.h
tests_sql_matrix_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS)
tests_sql_matrix_LDADD = $(sql_ldadd)

check_PROGRAMS += tests/sql/costs
TESTS += tests/sql/costs
tests_sql_costs_SOURCES = \
	tests/sql/costs.c \
	tests/sql/faults.c tests/sql/faults.h \
	tests/sql/inquiry.c tests/sql/inquiry.h \
	tests/sql/table.c tests/sql/table.h
tests_sql_costs_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS)
tests_sql_costs_LDADD = $(sql_ldadd)

bench: bench-costs
bench-costs: all tests/sql/costs
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' tests/sql/costs

check-servers: all $(check_PROGRAMS)
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(srcdir)/tests/sql/check-servers $(SERVERS)

.PHONY: bench-costs check-servers
# On a private server that each test starts for itself.
check_PROGRAMS += tests/sql/test-queues
tests_sql_test_queues_SOURCES = tests/sql/test-queues.c
tests_sql_test_queues_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_sql_test_queues_LDADD = libprobes.a libconf.a libpg.a libwire.a libmodel.a libbase.a \
	$(PQ_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS) -lm
dist_check_SCRIPTS = tests/sql/run-queues tests/sql/with-server
TESTS += tests/sql/run-queues
EXTRA_DIST += tests/sql/queues.sql
