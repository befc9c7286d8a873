# The lab: pgvigil-lab runs private clusters for `pgvigil demo` and for the tests, which use it by liblab.a.
pkglibexec_PROGRAMS += pgvigil-lab
pgvigil_lab_SOURCES = \
	tests/lab/actor.c tests/lab/actor.h \
	tests/lab/actors.c \
	tests/lab/cluster.c \
	tests/lab/db.c \
	tests/lab/keeper.c tests/lab/keeper.h \
	tests/lab/keeping.c tests/lab/keeping.h \
	tests/lab/lab.h \
	tests/lab/load-block.c \
	tests/lab/load-queues.c \
	tests/lab/load-shop.c \
	tests/lab/main.c \
	tests/lab/options.c tests/lab/options.h \
	tests/lab/pooler.c \
	tests/lab/procs.c tests/lab/procs.h \
	tests/lab/report.c \
	tests/lab/seed.c tests/lab/seed.h \
	tests/lab/serve.c \
	tests/lab/server.c \
	tests/lab/tree.c tests/lab/tree.h
nodist_pgvigil_lab_SOURCES = tests/lab/seed-files.c
pgvigil_lab_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
pgvigil_lab_LDADD = libbase.a $(PQ_LIBS) -lm

lab_sql = \
	tests/lab/roles.sql \
	tests/lab/shop.sql \
	tests/lab/orchestrator.sql \
	tests/lab/radgateway.sql \
	tests/lab/querator.sql
EXTRA_DIST += tests/lab/seed.awk $(lab_sql)
CLEANFILES += tests/lab/seed-files.c

tests/lab/seed-files.c: tests/lab/seed.awk $(lab_sql)
	$(AM_V_GEN)$(MKDIR_P) tests/lab && cd $(srcdir) && \
	$(AWK) -f tests/lab/seed.awk $(lab_sql) >$(abs_builddir)/tests/lab/seed-files.tmp && \
	mv $(abs_builddir)/tests/lab/seed-files.tmp $(abs_builddir)/tests/lab/seed-files.c

check_LIBRARIES += liblab.a
liblab_a_SOURCES = tests/lab/lab_client.c tests/lab/lab_client.h

lab_tests = tests/lab/test-lab tests/lab/test-lab-ends
check_PROGRAMS += $(lab_tests)
TESTS += $(lab_tests)
tests_lab_test_lab_SOURCES = tests/lab/test-lab.c
tests_lab_test_lab_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_lab_test_lab_LDADD = liblab.a libbase.a $(CMOCKA_LIBS) $(PQ_LIBS)
tests_lab_test_lab_ends_SOURCES = tests/lab/test-lab-ends.c tests/lab/procs.c
tests_lab_test_lab_ends_LDADD = liblab.a libbase.a $(CMOCKA_LIBS)
