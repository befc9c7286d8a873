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
	tests/lint/long.txt \
	tests/lint/layers \
	tests/lint/lengths \
	tests/lint/links \
	tests/lint/lists \
	tests/lint/manuals \
	tests/lint/self-test \
	tests/lint/style \
	tests/lint/words
