# The instruments that look at a program from outside: a pty with a screen, an audit of its bytes.
check_LIBRARIES += libpty.a
libpty_a_SOURCES = \
	tests/pty/audit.c tests/pty/audit.h \
	tests/pty/console.c tests/pty/console.h \
	tests/pty/given.c tests/pty/given.h \
	tests/pty/keys.c \
	tests/pty/proc.c tests/pty/proc.h \
	tests/pty/pty.c tests/pty/pty.h tests/pty/state.h \
	tests/pty/screen.c \
	tests/pty/stream.c \
	tests/pty/utf8.c tests/pty/utf8.h
libpty_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS) $(CURSES_CFLAGS)
pty_ldadd = libpty.a libbase.a $(VTERM_LIBS) $(CURSES_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/pty/puppet tests/pty/test-pty tests/pty/test-audit
TESTS += tests/pty/test-pty tests/pty/test-audit
tests_pty_puppet_SOURCES = tests/pty/puppet.c
tests_pty_puppet_CFLAGS = $(AM_CFLAGS) $(CURSES_CFLAGS)
tests_pty_puppet_LDADD = $(CURSES_LIBS)
tests_pty_test_pty_SOURCES = tests/pty/test-pty.c
tests_pty_test_pty_LDADD = $(pty_ldadd)
tests_pty_test_audit_SOURCES = tests/pty/test-audit.c
tests_pty_test_audit_LDADD = $(pty_ldadd)

# The console's own.
check_LIBRARIES += libvisit.a
libvisit_a_SOURCES = tests/pty/many.c tests/pty/many.h tests/pty/visit.c tests/pty/visit.h
libvisit_a_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
visit_ldadd = libvisit.a libhostile.a liblab.a $(pty_ldadd) $(PQ_LIBS)

console_tests = tests/pty/test-console tests/pty/test-console-ends tests/pty/test-console-servers \
	tests/pty/test-console-bars tests/pty/test-incidents
check_PROGRAMS += $(console_tests)
TESTS += $(console_tests)
tests_pty_test_console_SOURCES = tests/pty/test-console.c
tests_pty_test_console_LDADD = $(visit_ldadd)
tests_pty_test_console_ends_SOURCES = tests/pty/test-console-ends.c
tests_pty_test_console_ends_LDADD = $(visit_ldadd)
tests_pty_test_console_servers_SOURCES = tests/pty/test-console-servers.c
tests_pty_test_console_servers_LDADD = $(visit_ldadd)
tests_pty_test_incidents_SOURCES = tests/pty/test-incidents.c
tests_pty_test_incidents_LDADD = $(visit_ldadd)
tests_pty_test_console_bars_SOURCES = \
	tests/fault/network.c tests/fault/network.h \
	tests/pty/bars-cost.c \
	tests/pty/bars-fleet.c \
	tests/pty/bars-keys.c \
	tests/pty/bars-sessions.c \
	tests/pty/bars-time.c \
	tests/pty/bars.h \
	tests/pty/test-console-bars.c
tests_pty_test_console_bars_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_pty_test_console_bars_LDADD = $(visit_ldadd)

# The promises with the numbers as promised, in about twenty minutes. Without --full it is a short size of them.
bars: all tests/pty/test-console-bars
	BUILDDIR='$(abs_top_builddir)' tests/pty/test-console-bars --full
.PHONY: bars
