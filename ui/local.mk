noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURSES_CFLAGS)
libui_a_SOURCES = \
	ui/banner.c \
	ui/bottom.c \
	ui/canvas.c ui/canvas.h \
	ui/clipboard.c ui/clipboard.h \
	ui/console.c ui/console.h \
	ui/curses.c ui/curses.h \
	ui/dump.c \
	ui/fleet.c ui/fleet.h \
	ui/fuzzy.c ui/fuzzy.h \
	ui/header.c \
	ui/input.c \
	ui/inside.h \
	ui/intent.c ui/intent.h \
	ui/keymap.c ui/keymap.h \
	ui/line.c ui/line.h \
	ui/outlet.c ui/outlet.h \
	ui/pages.c \
	ui/paste.c ui/paste.h \
	ui/palette.c \
	ui/picker.c ui/picker.h \
	ui/prompt.c \
	ui/rescue.c ui/rescue.h \
	ui/theme.c ui/theme.h \
	ui/tty.c ui/tty.h \
	ui/ui.c ui/ui.h \
	ui/view.c ui/view.h \
	ui/views/app.c \
	ui/views/bouncer.c \
	ui/views/fleet.c ui/views/fleet.h \
	ui/views/fleet_rows.c \
	ui/views/health.c ui/views/health.h \
	ui/views/health_pools.c \
	ui/views/health_rows.c \
	ui/views/health_work.c \
	ui/views/help.c \
	ui/views/list.h \
	ui/views/made_page.c ui/views/made_page.h \
	ui/views/messages.c \
	ui/views/overview.c ui/views/overview.h \
	ui/views/overview_app.c \
	ui/views/overview_parts.c ui/views/overview_pooler.c ui/views/overview_queues.c ui/views/overview_rows.c \
	ui/views/overview_seen.c ui/views/overview_seen.h \
	ui/views/pools.c \
	ui/views/probe_page.c ui/views/probe_page.h \
	ui/views/queues.c ui/views/queues.h \
	ui/views/replication.c ui/views/replication.h \
	ui/views/server.c \
	ui/views/sessions.c ui/views/sessions.h \
	ui/views/statements.c \
	ui/views/table.c \
	ui/views/tables.c \
	ui/views/topology.c ui/views/topology.h \
	ui/views/topology_front.c \
	ui/views/topology_rows.c ui/views/topology_rows.h \
	ui/views/verdict.c ui/views/verdict.h \
	ui/views/why.c \
	ui/widgets/cell.c ui/widgets/cell.h \
	ui/widgets/copy.c ui/widgets/copy.h \
	ui/widgets/detail.c ui/widgets/detail.h \
	ui/widgets/sheet.c ui/widgets/sheet.h \
	ui/widgets/spark.c ui/widgets/spark.h \
	ui/widgets/table.c ui/widgets/table.h \
	ui/widgets/table_columns.c \
	ui/widgets/table_draw.c \
	ui/widgets/table_inside.h \
	ui/widgets/table_keys.c \
	ui/widgets/table_order.c \
	ui/widgets/table_rows.c \
	ui/widgets/words.c ui/widgets/words.h
