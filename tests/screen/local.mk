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

check_PROGRAMS += tests/screen/test-header
TESTS += tests/screen/test-header
tests_screen_test_header_SOURCES = tests/screen/test-header.c tests/screen/pages.c tests/screen/pages.h
tests_screen_test_header_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-overlay
TESTS += tests/screen/test-overlay
tests_screen_test_overlay_SOURCES = tests/screen/test-overlay.c tests/screen/pages.c tests/screen/pages.h
tests_screen_test_overlay_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-keys
TESTS += tests/screen/test-keys
tests_screen_test_keys_SOURCES = tests/screen/test-keys.c tests/unit/random.h
tests_screen_test_keys_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-health
TESTS += tests/screen/test-health
tests_screen_test_health_SOURCES = tests/screen/test-health.c
tests_screen_test_health_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-overview
TESTS += tests/screen/test-overview
tests_screen_test_overview_SOURCES = tests/screen/test-overview.c
tests_screen_test_overview_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-fleet
TESTS += tests/screen/test-fleet
tests_screen_test_fleet_SOURCES = tests/screen/test-fleet.c
tests_screen_test_fleet_LDADD = $(screen_ldadd)

EXTRA_DIST += \
	tests/screen/frames/sessions.tsv \
	tests/screen/golden/columns-80x24.txt \
	tests/screen/golden/columns-20x5.txt \
	tests/screen/golden/down-120x40-ascii.txt \
	tests/screen/golden/down-120x40.txt \
	tests/screen/golden/down-20x5-ascii.txt \
	tests/screen/golden/down-20x5.txt \
	tests/screen/golden/down-40x12-ascii.txt \
	tests/screen/golden/down-40x12.txt \
	tests/screen/golden/down-80x24-ascii.txt \
	tests/screen/golden/down-80x24.txt \
	tests/screen/golden/fleet-120x40-ascii.txt \
	tests/screen/golden/fleet-120x40.txt \
	tests/screen/golden/fleet-200x60.txt \
	tests/screen/golden/fleet-20x5.txt \
	tests/screen/golden/fleet-40x12-ascii.txt \
	tests/screen/golden/fleet-40x12.txt \
	tests/screen/golden/fleet-80x24-ascii.txt \
	tests/screen/golden/fleet-80x24.txt \
	tests/screen/golden/fleet-stale-120x40.txt \
	tests/screen/golden/health-120x40-ascii.txt \
	tests/screen/golden/health-120x40.txt \
	tests/screen/golden/health-200x60.txt \
	tests/screen/golden/health-20x5.txt \
	tests/screen/golden/health-40x12-ascii.txt \
	tests/screen/golden/health-40x12.txt \
	tests/screen/golden/health-80x24-ascii.txt \
	tests/screen/golden/health-80x24.txt \
	tests/screen/golden/topology-120x40-ascii.txt \
	tests/screen/golden/topology-120x40.txt \
	tests/screen/golden/topology-200x60.txt \
	tests/screen/golden/topology-20x5.txt \
	tests/screen/golden/topology-40x12-ascii.txt \
	tests/screen/golden/topology-40x12.txt \
	tests/screen/golden/topology-80x24-ascii.txt \
	tests/screen/golden/topology-80x24.txt \
	tests/screen/golden/topology-front-120x40.txt \
	tests/screen/golden/topology-front-40x12.txt \
	tests/screen/golden/topology-front-80x24.txt \
	tests/screen/golden/topology-split-120x40.txt \
	tests/screen/golden/topology-split-80x24.txt \
	tests/screen/golden/unverified-20x5.txt \
	tests/screen/golden/unverified-stale-20x5.txt \
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

check_PROGRAMS += tests/screen/test-pages
TESTS += tests/screen/test-pages
tests_screen_test_pages_SOURCES = tests/screen/test-pages.c tests/unit/random.h
tests_screen_test_pages_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-answers
TESTS += tests/screen/test-answers
tests_screen_test_answers_SOURCES = tests/screen/test-answers.c
tests_screen_test_answers_LDADD = $(screen_ldadd)

check_PROGRAMS += tests/screen/test-queues
TESTS += tests/screen/test-queues
tests_screen_test_queues_SOURCES = tests/screen/test-queues.c
tests_screen_test_queues_LDADD = $(screen_ldadd)
check_PROGRAMS += tests/screen/test-hints
TESTS += tests/screen/test-hints
tests_screen_test_hints_SOURCES = tests/screen/test-hints.c
tests_screen_test_hints_LDADD = $(screen_ldadd)
check_PROGRAMS += tests/screen/test-sessions
TESTS += tests/screen/test-sessions
tests_screen_test_sessions_SOURCES = tests/screen/test-sessions.c
tests_screen_test_sessions_LDADD = $(screen_ldadd)
EXTRA_DIST += \
	tests/screen/frames/bouncer_clients.tsv \
	tests/screen/frames/app_pools.tsv \
	tests/screen/frames/bouncer_pools.tsv \
	tests/screen/frames/pools.tsv \
	tests/screen/frames/replication.tsv \
	tests/screen/frames/server.tsv \
	tests/screen/frames/sessions-later.tsv \
	tests/screen/frames/sessions-mixed.tsv \
	tests/screen/frames/sessions-plain.tsv \
	tests/screen/frames/sessions-replay.tsv \
	tests/screen/frames/tables.tsv \
	tests/screen/golden/bouncer_clients-120x40.txt \
	tests/screen/golden/bouncer_clients-40x12.txt \
	tests/screen/golden/bouncer_clients-80x24.txt \
	tests/screen/golden/overview-app-80x24.txt \
	tests/screen/golden/overview-app-120x40.txt \
	tests/screen/golden/overview-app-40x12.txt \
	tests/screen/golden/overview-app-80x24-ascii.txt \
	tests/screen/golden/overview-app-120x40-ascii.txt \
	tests/screen/golden/overview-app-40x12-ascii.txt \
	tests/screen/golden/overview-app-200x60.txt \
	tests/screen/golden/overview-app-20x5.txt \
	tests/screen/golden/app_pools-80x24.txt \
	tests/screen/golden/app_pools-120x40.txt \
	tests/screen/golden/app_pools-40x12.txt \
	tests/screen/golden/app_pools-80x24-ascii.txt \
	tests/screen/golden/app_pools-120x40-ascii.txt \
	tests/screen/golden/app_pools-40x12-ascii.txt \
	tests/screen/golden/app_pools-200x60.txt \
	tests/screen/golden/app_pools-20x5.txt \
	tests/screen/golden/bouncer_pools-120x40.txt \
	tests/screen/golden/bouncer_pools-40x12.txt \
	tests/screen/golden/bouncer_pools-80x24.txt \
	tests/screen/golden/overview-120x40-ascii.txt \
	tests/screen/golden/overview-120x40.txt \
	tests/screen/golden/overview-200x60.txt \
	tests/screen/golden/overview-20x5.txt \
	tests/screen/golden/overview-40x12-ascii.txt \
	tests/screen/golden/overview-40x12.txt \
	tests/screen/golden/overview-80x24-ascii.txt \
	tests/screen/golden/overview-80x24.txt \
	tests/screen/golden/overview-full-120x40-ascii.txt \
	tests/screen/golden/overview-full-120x40.txt \
	tests/screen/golden/overview-full-200x60.txt \
	tests/screen/golden/overview-full-20x5.txt \
	tests/screen/golden/overview-full-40x12-ascii.txt \
	tests/screen/golden/overview-full-40x12.txt \
	tests/screen/golden/overview-full-80x24-ascii.txt \
	tests/screen/golden/overview-full-80x24.txt \
	tests/screen/golden/overview-down-80x24.txt \
	tests/screen/golden/overview-lost-80x24.txt \
	tests/screen/golden/pools-120x40.txt \
	tests/screen/golden/pools-40x12.txt \
	tests/screen/golden/pools-80x24.txt \
	tests/screen/golden/replication-120x40.txt \
	tests/screen/golden/replication-40x12.txt \
	tests/screen/golden/replication-80x24.txt \
	tests/screen/golden/server-120x40.txt \
	tests/screen/golden/server-40x12.txt \
	tests/screen/golden/server-80x24.txt \
	tests/screen/golden/session-120x40-ascii.txt \
	tests/screen/golden/session-120x40.txt \
	tests/screen/golden/session-200x60.txt \
	tests/screen/golden/session-20x5.txt \
	tests/screen/golden/session-40x12-ascii.txt \
	tests/screen/golden/session-40x12.txt \
	tests/screen/golden/session-80x24-ascii.txt \
	tests/screen/golden/session-80x24.txt \
	tests/screen/golden/sessions-120x40-ascii.txt \
	tests/screen/golden/sessions-120x40.txt \
	tests/screen/golden/sessions-200x60.txt \
	tests/screen/golden/sessions-20x5.txt \
	tests/screen/golden/sessions-40x12-ascii.txt \
	tests/screen/golden/sessions-40x12.txt \
	tests/screen/golden/sessions-80x24-ascii.txt \
	tests/screen/golden/sessions-80x24.txt \
	tests/screen/golden/sessions-stale-80x24.txt \
	tests/screen/golden/sessions-wide-80x24.txt \
	tests/screen/golden/tables-120x40.txt \
	tests/screen/golden/tables-40x12.txt \
	tests/screen/golden/tables-80x24.txt \
	tests/screen/frames/bouncer_databases.tsv \
	tests/screen/frames/bouncer_stats.tsv \
	tests/screen/frames/queues-denied.tsv \
	tests/screen/frames/queues-grow.tsv \
	tests/screen/frames/queues-half.tsv \
	tests/screen/frames/queues.tsv \
	tests/screen/frames/replication-standby.tsv \
	tests/screen/frames/statement_kinds.tsv \
	tests/screen/frames/statement_texts.tsv \
	tests/screen/frames/statements.tsv \
	tests/screen/frames/table_ranks.tsv \
	tests/screen/golden/bouncer_databases-120x40.txt \
	tests/screen/golden/bouncer_databases-40x12.txt \
	tests/screen/golden/bouncer_databases-80x24.txt \
	tests/screen/golden/bouncer_stats-120x40.txt \
	tests/screen/golden/bouncer_stats-40x12.txt \
	tests/screen/golden/bouncer_stats-80x24.txt \
	tests/screen/golden/overview-all-120x40-ascii.txt \
	tests/screen/golden/overview-all-120x40.txt \
	tests/screen/golden/overview-all-200x60.txt \
	tests/screen/golden/overview-all-20x5.txt \
	tests/screen/golden/overview-all-40x12-ascii.txt \
	tests/screen/golden/overview-all-40x12.txt \
	tests/screen/golden/overview-all-80x24-ascii.txt \
	tests/screen/golden/overview-all-80x24.txt \
	tests/screen/golden/overview-pooler-120x40-ascii.txt \
	tests/screen/golden/overview-pooler-120x40.txt \
	tests/screen/golden/overview-pooler-200x60.txt \
	tests/screen/golden/overview-pooler-20x5.txt \
	tests/screen/golden/overview-pooler-40x12-ascii.txt \
	tests/screen/golden/overview-pooler-40x12.txt \
	tests/screen/golden/overview-pooler-80x24-ascii.txt \
	tests/screen/golden/overview-pooler-80x24.txt \
	tests/screen/golden/overview-standby-120x40-ascii.txt \
	tests/screen/golden/overview-standby-120x40.txt \
	tests/screen/golden/overview-standby-200x60.txt \
	tests/screen/golden/overview-standby-20x5.txt \
	tests/screen/golden/overview-standby-40x12-ascii.txt \
	tests/screen/golden/overview-standby-40x12.txt \
	tests/screen/golden/overview-standby-80x24-ascii.txt \
	tests/screen/golden/overview-standby-80x24.txt \
	tests/screen/golden/queues-120x40-ascii.txt \
	tests/screen/golden/queues-120x40.txt \
	tests/screen/golden/queues-200x60.txt \
	tests/screen/golden/queues-20x5.txt \
	tests/screen/golden/queues-40x12-ascii.txt \
	tests/screen/golden/queues-80x24-ascii.txt \
	tests/screen/golden/queues-40x12.txt \
	tests/screen/golden/queues-80x24.txt \
	tests/screen/golden/replication-standby-120x40.txt \
	tests/screen/golden/replication-standby-40x12.txt \
	tests/screen/golden/replication-standby-80x24.txt \
	tests/screen/golden/statements-120x40.txt \
	tests/screen/golden/statements-40x12.txt \
	tests/screen/golden/statements-80x24.txt

check_PROGRAMS += tests/screen/test-findings
TESTS += tests/screen/test-findings
tests_screen_test_findings_SOURCES = tests/screen/test-findings.c
tests_screen_test_findings_LDADD = libscene.a libui.a libscene.a librules.a libprobes.a libmodel.a libbase.a \
	$(CMOCKA_LIBS) -lm
EXTRA_DIST += \
	tests/screen/golden/found-overview-80x24.txt \
	tests/screen/golden/found-overview-120x40.txt \
	tests/screen/golden/found-overview-200x60.txt \
	tests/screen/golden/found-overview-40x12.txt \
	tests/screen/golden/found-overview-80x24-ascii.txt \
	tests/screen/golden/found-overview-40x12-ascii.txt \
	tests/screen/golden/found-why-80x24.txt \
	tests/screen/golden/found-why-120x40.txt \
	tests/screen/golden/found-why-200x60.txt \
	tests/screen/golden/found-why-40x12.txt \
	tests/screen/golden/found-why-80x24-ascii.txt \
	tests/screen/golden/found-why-40x12-ascii.txt
