# Fuzzing. `make check` replays the corpora of all targets; configured with --enable-fuzzers (clang) there is a
# libFuzzer program too: FUZZ=text tests/fuzz/fuzz ...
# A new target is one line here, one in tests/fuzz/list.h, its file and its folder of inputs.
fuzz_sources = \
	tests/fuzz/fuzz.h tests/fuzz/list.h tests/fuzz/targets.c \
	tests/fuzz/fuzz-app.c \
	tests/fuzz/fuzz-config.c \
	tests/fuzz/fuzz-filter.c \
	tests/fuzz/fuzz-quantity.c \
	tests/fuzz/fuzz-queues.c \
	tests/fuzz/fuzz-text.c
fuzz_ldadd = libapp.a libprobes.a libconf.a libmodel.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay
TESTS += tests/fuzz/replay
tests_fuzz_replay_SOURCES = tests/fuzz/replay.c tests/unit/random.h $(fuzz_sources)
tests_fuzz_replay_LDADD = $(fuzz_ldadd)

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz
tests_fuzz_fuzz_SOURCES = tests/fuzz/libfuzzer.c $(fuzz_sources)
tests_fuzz_fuzz_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

EXTRA_DIST += tests/fuzz/corpus
