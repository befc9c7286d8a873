# A screen test draws pages without a terminal and compares them with golden/*.txt: see scene.h.
check_LIBRARIES += libscene.a
libscene_a_SOURCES = \
	tests/screen/engine.c tests/screen/engine.h \
	tests/screen/scene.c tests/screen/scene.h
screen_ldadd = libscene.a libui.a libscene.a libprobes.a libmodel.a libbase.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/screen/test-canvas
TESTS += tests/screen/test-canvas
tests_screen_test_canvas_SOURCES = tests/screen/test-canvas.c
tests_screen_test_canvas_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-keymap
TESTS += tests/screen/test-keymap
tests_screen_test_keymap_SOURCES = tests/screen/test-keymap.c
tests_screen_test_keymap_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-line
TESTS += tests/screen/test-line
tests_screen_test_line_SOURCES = tests/screen/test-line.c
tests_screen_test_line_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-ui
TESTS += tests/screen/test-ui
tests_screen_test_ui_SOURCES = tests/screen/test-ui.c tests/screen/pages.c tests/screen/pages.h
tests_screen_test_ui_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-overlay
TESTS += tests/screen/test-overlay
tests_screen_test_overlay_SOURCES = tests/screen/test-overlay.c tests/screen/pages.c tests/screen/pages.h
tests_screen_test_overlay_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-keys
TESTS += tests/screen/test-keys
tests_screen_test_keys_SOURCES = tests/screen/test-keys.c tests/unit/random.h
tests_screen_test_keys_LDADD = $(screen_ldadd)

EXTRA_DIST += \
	tests/screen/frames/sessions.tsv \
	tests/screen/golden/down-120x40-ascii.txt \
	tests/screen/golden/down-120x40.txt \
	tests/screen/golden/down-20x5-ascii.txt \
	tests/screen/golden/down-20x5.txt \
	tests/screen/golden/down-40x12-ascii.txt \
	tests/screen/golden/down-40x12.txt \
	tests/screen/golden/down-80x24-ascii.txt \
	tests/screen/golden/down-80x24.txt \
	tests/screen/golden/header-120x40-ascii.txt \
	tests/screen/golden/header-120x40.txt \
	tests/screen/golden/header-20x5-ascii.txt \
	tests/screen/golden/header-20x5.txt \
	tests/screen/golden/header-40x12-ascii.txt \
	tests/screen/golden/header-40x12.txt \
	tests/screen/golden/header-80x24-ascii.txt \
	tests/screen/golden/header-80x24.txt \
	tests/screen/golden/help-120x40-ascii.txt \
	tests/screen/golden/help-120x40.txt \
	tests/screen/golden/help-20x5-ascii.txt \
	tests/screen/golden/help-20x5.txt \
	tests/screen/golden/help-40x12-ascii.txt \
	tests/screen/golden/help-40x12.txt \
	tests/screen/golden/help-80x24-ascii.txt \
	tests/screen/golden/help-80x24.txt \
	tests/screen/golden/message-120x40-ascii.txt \
	tests/screen/golden/message-120x40.txt \
	tests/screen/golden/message-20x5-ascii.txt \
	tests/screen/golden/message-20x5.txt \
	tests/screen/golden/message-40x12-ascii.txt \
	tests/screen/golden/message-40x12.txt \
	tests/screen/golden/message-80x24-ascii.txt \
	tests/screen/golden/message-80x24.txt \
	tests/screen/golden/messages-120x40-ascii.txt \
	tests/screen/golden/messages-120x40.txt \
	tests/screen/golden/messages-20x5-ascii.txt \
	tests/screen/golden/messages-20x5.txt \
	tests/screen/golden/messages-40x12-ascii.txt \
	tests/screen/golden/messages-40x12.txt \
	tests/screen/golden/messages-80x24-ascii.txt \
	tests/screen/golden/messages-80x24.txt \
	tests/screen/golden/palette-120x40-ascii.txt \
	tests/screen/golden/palette-120x40.txt \
	tests/screen/golden/palette-20x5-ascii.txt \
	tests/screen/golden/palette-20x5.txt \
	tests/screen/golden/palette-40x12-ascii.txt \
	tests/screen/golden/palette-40x12.txt \
	tests/screen/golden/palette-80x24-ascii.txt \
	tests/screen/golden/palette-80x24.txt \
	tests/screen/golden/password-120x40-ascii.txt \
	tests/screen/golden/password-120x40.txt \
	tests/screen/golden/password-20x5-ascii.txt \
	tests/screen/golden/password-20x5.txt \
	tests/screen/golden/password-40x12-ascii.txt \
	tests/screen/golden/password-40x12.txt \
	tests/screen/golden/password-80x24-ascii.txt \
	tests/screen/golden/password-80x24.txt \
	tests/screen/golden/paused-120x40-ascii.txt \
	tests/screen/golden/paused-120x40.txt \
	tests/screen/golden/paused-20x5-ascii.txt \
	tests/screen/golden/paused-20x5.txt \
	tests/screen/golden/paused-40x12-ascii.txt \
	tests/screen/golden/paused-40x12.txt \
	tests/screen/golden/paused-80x24-ascii.txt \
	tests/screen/golden/paused-80x24.txt \
	tests/screen/golden/prompt-120x40-ascii.txt \
	tests/screen/golden/prompt-120x40.txt \
	tests/screen/golden/prompt-20x5-ascii.txt \
	tests/screen/golden/prompt-20x5.txt \
	tests/screen/golden/prompt-40x12-ascii.txt \
	tests/screen/golden/prompt-40x12.txt \
	tests/screen/golden/prompt-80x24-ascii.txt \
	tests/screen/golden/prompt-80x24.txt

check_PROGRAMS += tests/screen/console
tests_screen_console_SOURCES = tests/screen/console.c
tests_screen_console_LDADD = libui.a libengine.a libwire.a libmodel.a libbase.a $(CURSES_LIBS) $(EVENT_LIBS) -lm

check_PROGRAMS += tests/screen/test-terminal
TESTS += tests/screen/test-terminal
tests_screen_test_terminal_SOURCES = tests/screen/test-terminal.c tests/screen/session.c tests/screen/session.h
tests_screen_test_terminal_LDADD = $(CMOCKA_LIBS) $(VTERM_LIBS) -lutil
