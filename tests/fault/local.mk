# A PostgreSQL server that misbehaves as it is told.
check_LIBRARIES += libhostile.a
EXTRA_DIST += tests/fault/README.md
libhostile_a_SOURCES = tests/fault/hostile.c tests/fault/hostile.h

fault_tests = tests/fault/test-hostile tests/fault/test-hostile-modes tests/fault/test-report \
	tests/fault/test-watch
check_PROGRAMS += tests/fault/hostile-server $(fault_tests)
TESTS += $(fault_tests)
tests_fault_hostile_server_SOURCES = \
	tests/fault/answer.c tests/fault/answer.h \
	tests/fault/guess.c \
	tests/fault/hostile-server.c \
	tests/fault/link.c tests/fault/link.h \
	tests/fault/login.c \
	tests/fault/modes.c tests/fault/modes.h \
	tests/fault/script.c tests/fault/script.h \
	tests/fault/serve.c tests/fault/session.h \
	tests/fault/spoil.c \
	tests/fault/upstream.c
tests_fault_hostile_server_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(CRYPTO_CFLAGS)
tests_fault_hostile_server_LDADD = libbase.a $(PQ_LIBS) $(CRYPTO_LIBS)
tests_fault_test_hostile_SOURCES = tests/fault/test-hostile.c tests/fault/client.c tests/fault/client.h
tests_fault_test_hostile_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_hostile_LDADD = libhostile.a libbase.a $(PQ_LIBS) $(CMOCKA_LIBS)
tests_fault_test_report_SOURCES = tests/fault/test-report.c
tests_fault_test_report_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fault_test_report_LDADD = libhostile.a $(pty_ldadd) $(JANSSON_LIBS)
tests_fault_test_hostile_modes_SOURCES = tests/fault/test-hostile-modes.c tests/fault/client.c tests/fault/client.h
tests_fault_test_hostile_modes_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_hostile_modes_LDADD = $(tests_fault_test_hostile_LDADD)
tests_fault_test_watch_SOURCES = tests/fault/test-watch.c
tests_fault_test_watch_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_watch_LDADD = liblab.a libwire.a libmodel.a libbase.a $(PQ_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/fault/test-doctor
TESTS += tests/fault/test-doctor
tests_fault_test_doctor_SOURCES = tests/fault/test-doctor.c
tests_fault_test_doctor_LDADD = $(fakeapp_ldadd) $(visit_ldadd)
check_PROGRAMS += tests/fault/test-check
TESTS += tests/fault/test-check
tests_fault_test_check_SOURCES = tests/fault/test-check.c
tests_fault_test_check_LDADD = $(visit_ldadd)
# An application with its pools, and the fetcher that reads them.
check_LIBRARIES += libfakeapp.a
libfakeapp_a_SOURCES = tests/fault/app.c tests/fault/app.h
libfakeapp_a_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
fakeapp_ldadd = libfakeapp.a $(CRYPTO_LIBS)
check_PROGRAMS += tests/fault/test-fetch
TESTS += tests/fault/test-fetch
tests_fault_test_fetch_SOURCES = tests/fault/test-fetch.c tests/fault/certificate.c tests/fault/certificate.h
tests_fault_test_fetch_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
tests_fault_test_fetch_LDADD = $(fakeapp_ldadd) libprobes.a libwire.a libmodel.a libbase.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/fault/test-goodbye
TESTS += tests/fault/test-goodbye
tests_fault_test_goodbye_SOURCES = tests/fault/test-goodbye.c
tests_fault_test_goodbye_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_goodbye_LDADD = liblab.a libbase.a $(CMOCKA_LIBS) $(PQ_LIBS)

# Faults in the real program, each with its figure. In every run a quick size; `make check-faults` has all of them.
real_fault_tests = tests/fault/test-fault-servers tests/fault/test-fault-roles tests/fault/test-fault-replication \
	tests/fault/test-fault-shape tests/fault/test-fault-network tests/fault/test-fault-console \
	tests/fault/test-passwords tests/fault/test-app tests/fault/test-tls tests/fault/test-loot tests/fault/test-secrets \
	tests/fault/test-fault-conflict tests/fault/test-fault-ddl tests/fault/test-fault-many tests/fault/test-fault-pooler \
	tests/fault/test-fault-routing
# Those of the console's own side.
real_fault_tests += tests/fault/test-fault-calls tests/fault/test-fault-clocks tests/fault/test-fault-disk \
	tests/fault/test-fault-leaks
fault_helpers = tests/fault/fake-watch tests/fault/faulty.so tests/fault/hostile-server
check_PROGRAMS += tests/fault/fake-watch tests/fault/faulty.so $(real_fault_tests)
TESTS += $(real_fault_tests)
faulty_client = tests/fault/faulty_client.c tests/fault/faulty.h
fault_common = tests/fault/fault.c tests/fault/fault.h
# A library, without sanitizers of its own: the program that it is loaded into has them.
tests_fault_faulty_so_SOURCES = tests/fault/faulty.c tests/fault/faulty.h
tests_fault_faulty_so_CFLAGS = $(WARN_CFLAGS) -std=gnu11 -fPIC -fno-builtin
tests_fault_faulty_so_LDFLAGS = -shared
tests_fault_fake_watch_SOURCES = tests/fault/fake-watch.c
tests_fault_test_fault_servers_SOURCES = tests/fault/test-fault-servers.c $(fault_common)
tests_fault_test_fault_servers_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_fault_servers_LDADD = $(visit_ldadd)
tests_fault_test_fault_roles_SOURCES = tests/fault/test-fault-roles.c $(fault_common)
tests_fault_test_fault_roles_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_fault_roles_LDADD = $(visit_ldadd)
tests_fault_test_fault_replication_SOURCES = tests/fault/test-fault-replication.c $(fault_common)
tests_fault_test_fault_replication_LDADD = $(visit_ldadd)
tests_fault_test_fault_shape_SOURCES = tests/fault/test-fault-shape.c $(fault_common)
tests_fault_test_fault_shape_LDADD = $(visit_ldadd)
tests_fault_test_fault_routing_SOURCES = tests/fault/test-fault-routing.c $(fault_common)
tests_fault_test_fault_routing_LDADD = $(visit_ldadd)
tests_fault_test_fault_ddl_SOURCES = tests/fault/test-fault-ddl.c $(fault_common)
tests_fault_test_fault_ddl_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_fault_ddl_LDADD = $(visit_ldadd)
tests_fault_test_fault_pooler_SOURCES = tests/fault/test-fault-pooler.c $(fault_common)
tests_fault_test_fault_pooler_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_fault_pooler_LDADD = $(visit_ldadd)
tests_fault_test_fault_conflict_SOURCES = tests/fault/test-fault-conflict.c $(fault_common)
tests_fault_test_fault_conflict_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_fault_conflict_LDADD = $(visit_ldadd)
tests_fault_test_fault_many_SOURCES = tests/fault/test-fault-many.c $(fault_common)
tests_fault_test_fault_many_LDADD = $(visit_ldadd)
tests_fault_test_fault_network_SOURCES = tests/fault/test-fault-network.c tests/fault/network.c tests/fault/network.h \
	$(fault_common)
tests_fault_test_fault_network_LDADD = $(visit_ldadd)
tests_fault_test_fault_console_SOURCES = tests/fault/test-fault-console.c $(fault_common)
tests_fault_test_fault_console_LDADD = $(visit_ldadd)
tests_fault_test_fault_calls_SOURCES = tests/fault/test-fault-calls.c $(faulty_client) $(fault_common)
tests_fault_test_fault_calls_LDADD = $(visit_ldadd)
tests_fault_test_fault_clocks_SOURCES = tests/fault/test-fault-clocks.c $(faulty_client) $(fault_common)
tests_fault_test_fault_clocks_LDADD = $(visit_ldadd)
tests_fault_test_fault_disk_SOURCES = tests/fault/test-fault-disk.c $(fault_common)
tests_fault_test_fault_disk_LDADD = $(visit_ldadd)
tests_fault_test_fault_leaks_SOURCES = tests/fault/test-fault-leaks.c $(fault_common)
tests_fault_test_fault_leaks_LDADD = libwire.a libmodel.a $(visit_ldadd)
tests_fault_test_passwords_SOURCES = tests/fault/test-passwords.c $(fault_common)
tests_fault_test_passwords_LDADD = $(visit_ldadd)
tests_fault_test_tls_SOURCES = tests/fault/test-tls.c tests/fault/certificate.c tests/fault/certificate.h \
	tests/fault/network.c tests/fault/network.h $(fault_common)
tests_fault_test_tls_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
tests_fault_test_tls_LDADD = $(visit_ldadd) $(CRYPTO_LIBS)
tests_fault_test_loot_SOURCES = tests/fault/test-loot.c $(fault_common)
tests_fault_test_loot_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_loot_LDADD = libmodel.a $(visit_ldadd)
tests_fault_test_secrets_SOURCES = tests/fault/test-secrets.c $(fault_common)
tests_fault_test_secrets_LDADD = $(visit_ldadd)
tests_fault_test_app_SOURCES = tests/fault/test-app.c $(fault_common)
tests_fault_test_app_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_fault_test_app_LDADD = $(fakeapp_ldadd) $(visit_ldadd)

check-faults: all $(real_fault_tests) $(fault_helpers)
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(srcdir)/tests/fault/run-faults $(real_fault_tests)
# For who runs them in parts, and where check-faults follows.
list-tests:
	@for t in $(TESTS); do echo $$t; done
list-but-faults:
	@for t in $(TESTS); do case ' $(real_fault_tests) ' in *" $$t "*) ;; *) echo $$t ;; esac; done
.PHONY: check-faults list-tests list-but-faults
EXTRA_DIST += tests/fault/run-faults
