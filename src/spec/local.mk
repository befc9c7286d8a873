EXTRA_DIST += \
	src/spec/probe.h
