# `make bench` measures pgvigil beside pg_activity and pg_top on a lab of its own, in about ten minutes.
# BENCH_SECONDS, BENCH_STARTS, BENCH_KEYS, BENCH_RECOVERIES and BENCH_SESSIONS make it shorter or longer.
EXTRA_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/measure.c tests/bench/measure.h \
	tests/bench/tools.c tests/bench/tools.h
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_bench_bench_LDADD = liblab.a $(pty_ldadd) $(PQ_LIBS)

# And how it grows with the number of its servers, BENCH_TARGETS ("1 10 50 100"), in another seven.
EXTRA_PROGRAMS += tests/bench/growth
tests_bench_growth_SOURCES = tests/bench/growth.c
tests_bench_growth_LDADD = $(visit_ldadd)

bench: all tests/bench/bench tests/bench/growth
	BUILDDIR='$(abs_top_builddir)' tests/bench/bench
	BUILDDIR='$(abs_top_builddir)' tests/bench/growth

# `make soak` runs the console for SOAK_MINUTES (60) and judges what its processes take meanwhile.
EXTRA_PROGRAMS += tests/bench/soak
tests_bench_soak_SOURCES = tests/bench/soak.c
tests_bench_soak_LDADD = liblab.a $(pty_ldadd)

soak: all tests/bench/soak
	BUILDDIR='$(abs_top_builddir)' tests/bench/soak
.PHONY: soak
