# The instruments that look at a program from outside: a pty with a screen, an audit of its bytes.
check_LIBRARIES += libpty.a
libpty_a_SOURCES = \
	tests/pty/audit.c tests/pty/audit.h \
	tests/pty/console.c tests/pty/console.h \
	tests/pty/keys.c \
	tests/pty/proc.c tests/pty/proc.h \
	tests/pty/pty.c tests/pty/pty.h tests/pty/state.h \
	tests/pty/screen.c \
	tests/pty/stream.c \
	tests/pty/utf8.c tests/pty/utf8.h
libpty_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS) $(CURSES_CFLAGS)
pty_ldadd = libpty.a libbase.a $(VTERM_LIBS) $(CURSES_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/pty/puppet tests/pty/test-pty tests/pty/test-audit
TESTS += tests/pty/test-pty tests/pty/test-audit tests/pty/test-console
tests_pty_puppet_SOURCES = tests/pty/puppet.c
tests_pty_puppet_CFLAGS = $(AM_CFLAGS) $(CURSES_CFLAGS)
tests_pty_puppet_LDADD = $(CURSES_LIBS)
tests_pty_test_pty_SOURCES = tests/pty/test-pty.c
tests_pty_test_pty_LDADD = $(pty_ldadd)
tests_pty_test_audit_SOURCES = tests/pty/test-audit.c
tests_pty_test_audit_LDADD = $(pty_ldadd)

# The console's own; the bars take minutes: `make tests/pty/test-console-bars` and run it.
check_PROGRAMS += tests/pty/test-console
EXTRA_PROGRAMS += tests/pty/test-console-bars
tests_pty_test_console_SOURCES = tests/pty/test-console.c
tests_pty_test_console_LDADD = libhostile.a liblab.a $(pty_ldadd)
tests_pty_test_console_bars_SOURCES = tests/pty/test-console-bars.c
tests_pty_test_console_bars_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_pty_test_console_bars_LDADD = libhostile.a liblab.a $(pty_ldadd) $(PQ_LIBS)
