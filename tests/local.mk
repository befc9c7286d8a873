include tests/unit/local.mk
include tests/screen/local.mk
include tests/sql/local.mk
include tests/pty/local.mk
include tests/fault/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
include tests/bench/local.mk
include tests/lab/local.mk

EXTRA_DIST += \
	tests/vectors/README.md \
	tests/vectors/backoff.tsv \
	tests/vectors/breaker.tsv \
	tests/vectors/health.tsv \
	tests/vectors/lag.tsv \
	tests/vectors/rate.tsv \
	tests/vectors/replica_state.tsv \
	tests/vectors/retry_sqlstate.tsv \
	tests/vectors/router.tsv \
	tests/vectors/sanitize.tsv
