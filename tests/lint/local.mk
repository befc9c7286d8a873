# Each lint is a script of its own; self-test shows that they bite.
TESTS += \
	tests/lint/layers \
	tests/lint/lengths \
	tests/lint/links \
	tests/lint/lists \
	tests/lint/manuals \
	tests/lint/self-test \
	tests/lint/style \
	tests/lint/words
EXTRA_DIST += \
	tests/lint/common.sh \
	tests/lint/installed \
	tests/lint/long.txt \
	tests/lint/layers \
	tests/lint/lengths \
	tests/lint/links \
	tests/lint/lists \
	tests/lint/manuals \
	tests/lint/self-test \
	tests/lint/style \
	tests/lint/words

# What was installed works where it is; make distcheck runs it too.
installcheck-local:
	INSTALLED_BIN='$(DESTDIR)$(bindir)' INSTALLED_LIBEXEC='$(DESTDIR)$(pkglibexecdir)' \
	INSTALLED_DATA='$(DESTDIR)$(pkgdatadir)' INSTALLED_MAN='$(DESTDIR)$(mandir)' \
	INSTALLED_DOC='$(DESTDIR)$(docdir)' INSTALLED_VERSION='$(PACKAGE_VERSION)' $(srcdir)/tests/lint/installed
.PHONY: installcheck-local
