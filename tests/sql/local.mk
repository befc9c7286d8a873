# The servers of versions 12 to 18 are fetched with npm, so they are no part of make check.
EXTRA_DIST += \
	tests/sql/check-servers \
	tests/sql/fetch-servers \
	tests/sql/servers.txt \
	tests/sql/try-server

check-servers: all $(check_PROGRAMS)
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(srcdir)/tests/sql/check-servers $(SERVERS)

.PHONY: check-servers
