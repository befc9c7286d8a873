EXTRA_DIST += \
	src/spec/keymap.h \
	src/spec/option.h \
	src/spec/plan.h \
	src/spec/probe.h \
	src/spec/queue.h \
	src/spec/rule.h \
	src/spec/theme.h
