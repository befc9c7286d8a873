noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURSES_CFLAGS)
libui_a_SOURCES = \
	ui/bottom.c \
	ui/canvas.c ui/canvas.h \
	ui/dump.c \
	ui/fuzzy.c ui/fuzzy.h \
	ui/header.c \
	ui/input.c \
	ui/inside.h \
	ui/intent.c ui/intent.h \
	ui/keymap.c ui/keymap.h \
	ui/line.c ui/line.h \
	ui/pages.c \
	ui/palette.c \
	ui/picker.c ui/picker.h \
	ui/prompt.c \
	ui/theme.c ui/theme.h \
	ui/ui.c ui/ui.h \
	ui/view.h \
	ui/views/help.c \
	ui/views/list.h \
	ui/views/messages.c \
	ui/views/table.c
