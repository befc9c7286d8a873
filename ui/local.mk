noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURSES_CFLAGS)
libui_a_SOURCES = \
	ui/canvas.c ui/canvas.h \
	ui/dump.c \
	ui/keymap.c ui/keymap.h \
	ui/ui.h \
	ui/view.h
