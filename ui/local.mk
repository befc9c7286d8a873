EXTRA_DIST += \
	src/spec/theme.h \
	ui/canvas.h \
	ui/view.h
