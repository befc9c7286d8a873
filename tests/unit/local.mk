# A unit test is one file and one program: tests/unit/test-NAME.c. Vectors are read from $(VECTORS).
unit_ldadd = libmodel.a libbase.a $(CMOCKA_LIBS) -lm
unit_tsv = tests/unit/tsv.c tests/unit/tsv.h tests/unit/random.h
AM_TESTS_ENVIRONMENT = \
	VECTORS='$(abs_top_srcdir)/tests/vectors'; export VECTORS; \
	SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR;

check_PROGRAMS += tests/unit/test-frame
TESTS += tests/unit/test-frame
tests_unit_test_frame_SOURCES = tests/unit/test-frame.c
tests_unit_test_frame_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-wire
TESTS += tests/unit/test-wire
tests_unit_test_wire_SOURCES = tests/unit/test-wire.c
tests_unit_test_wire_LDADD = libwire.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-text
TESTS += tests/unit/test-text
tests_unit_test_text_SOURCES = tests/unit/test-text.c $(unit_tsv)
tests_unit_test_text_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-decode
TESTS += tests/unit/test-decode
tests_unit_test_decode_SOURCES = tests/unit/test-decode.c
tests_unit_test_decode_LDADD = libpg.a libwire.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-truth
TESTS += tests/unit/test-truth
tests_unit_test_truth_SOURCES = tests/unit/test-truth.c tests/unit/random.h
tests_unit_test_truth_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_truth_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)
