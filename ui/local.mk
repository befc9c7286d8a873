noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURSES_CFLAGS)
libui_a_SOURCES = \
	ui/bottom.c \
	ui/canvas.c ui/canvas.h \
	ui/clipboard.c ui/clipboard.h \
	ui/console.c ui/console.h \
	ui/curses.c ui/curses.h \
	ui/dump.c \
	ui/fuzzy.c ui/fuzzy.h \
	ui/header.c \
	ui/input.c \
	ui/inside.h \
	ui/intent.c ui/intent.h \
	ui/keymap.c ui/keymap.h \
	ui/line.c ui/line.h \
	ui/outlet.c ui/outlet.h \
	ui/pages.c \
	ui/palette.c \
	ui/picker.c ui/picker.h \
	ui/prompt.c \
	ui/rescue.c ui/rescue.h \
	ui/theme.c ui/theme.h \
	ui/tty.c ui/tty.h \
	ui/ui.c ui/ui.h \
	ui/view.h \
	ui/views/help.c \
	ui/views/list.h \
	ui/views/messages.c \
	ui/views/table.c
