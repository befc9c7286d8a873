# A unit test is one file and one program: tests/unit/test-NAME.c. Vectors are read from $(VECTORS).
unit_ldadd = libmodel.a libbase.a $(CMOCKA_LIBS) -lm
unit_tsv = tests/unit/tsv.c tests/unit/tsv.h tests/unit/random.h
AM_TESTS_ENVIRONMENT = \
	VECTORS='$(abs_top_srcdir)/tests/vectors'; export VECTORS; \
	SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR;

check_PROGRAMS += tests/unit/test-frame
TESTS += tests/unit/test-frame
tests_unit_test_frame_SOURCES = tests/unit/test-frame.c
tests_unit_test_frame_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-wire
TESTS += tests/unit/test-wire
tests_unit_test_wire_SOURCES = tests/unit/test-wire.c
tests_unit_test_wire_LDADD = libwire.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-text
TESTS += tests/unit/test-text
tests_unit_test_text_SOURCES = tests/unit/test-text.c $(unit_tsv)
tests_unit_test_text_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-decode
TESTS += tests/unit/test-decode
tests_unit_test_decode_SOURCES = tests/unit/test-decode.c
tests_unit_test_decode_LDADD = libpg.a libwire.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-truth
TESTS += tests/unit/test-truth
tests_unit_test_truth_SOURCES = tests/unit/test-truth.c tests/unit/random.h
tests_unit_test_truth_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_truth_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-refusal
TESTS += tests/unit/test-refusal
tests_unit_test_refusal_SOURCES = tests/unit/test-refusal.c
tests_unit_test_refusal_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_unit_test_refusal_LDADD = libpg.a libwire.a $(unit_ldadd) $(PQ_LIBS)

check_PROGRAMS += tests/unit/test-elsewhere
TESTS += tests/unit/test-elsewhere
tests_unit_test_elsewhere_SOURCES = tests/unit/test-elsewhere.c
tests_unit_test_elsewhere_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_unit_test_elsewhere_LDADD = libpg.a libwire.a $(unit_ldadd) $(PQ_LIBS)

check_PROGRAMS += tests/unit/test-grant
TESTS += tests/unit/test-grant
tests_unit_test_grant_SOURCES = tests/unit/test-grant.c tests/unit/random.h
tests_unit_test_grant_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/test-format
TESTS += tests/unit/test-format
tests_unit_test_format_SOURCES = tests/unit/test-format.c $(unit_tsv)
tests_unit_test_format_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-series
TESTS += tests/unit/test-series
tests_unit_test_series_SOURCES = tests/unit/test-series.c $(unit_tsv)
tests_unit_test_series_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-backoff
TESTS += tests/unit/test-backoff
tests_unit_test_backoff_SOURCES = tests/unit/test-backoff.c $(unit_tsv)
tests_unit_test_backoff_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-breaker
TESTS += tests/unit/test-breaker
tests_unit_test_breaker_SOURCES = tests/unit/test-breaker.c $(unit_tsv)
tests_unit_test_breaker_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-health
TESTS += tests/unit/test-health
tests_unit_test_health_SOURCES = tests/unit/test-health.c $(unit_tsv)
tests_unit_test_health_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-lag
TESTS += tests/unit/test-lag
tests_unit_test_lag_SOURCES = tests/unit/test-lag.c $(unit_tsv)
tests_unit_test_lag_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-rate
TESTS += tests/unit/test-rate
tests_unit_test_rate_SOURCES = tests/unit/test-rate.c $(unit_tsv)
tests_unit_test_rate_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-route
TESTS += tests/unit/test-route
tests_unit_test_route_SOURCES = tests/unit/test-route.c $(unit_tsv)
tests_unit_test_route_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-sqlstate
TESTS += tests/unit/test-sqlstate
tests_unit_test_sqlstate_SOURCES = tests/unit/test-sqlstate.c $(unit_tsv)
tests_unit_test_sqlstate_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-filter
TESTS += tests/unit/test-filter
tests_unit_test_filter_SOURCES = tests/unit/test-filter.c $(unit_tsv)
tests_unit_test_filter_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-quantity
TESTS += tests/unit/test-quantity
tests_unit_test_quantity_SOURCES = tests/unit/test-quantity.c $(unit_tsv)
tests_unit_test_quantity_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-rates
TESTS += tests/unit/test-rates
tests_unit_test_rates_SOURCES = tests/unit/test-rates.c $(unit_tsv)
tests_unit_test_rates_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-suggest
TESTS += tests/unit/test-suggest
tests_unit_test_suggest_SOURCES = tests/unit/test-suggest.c $(unit_tsv)
tests_unit_test_suggest_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-table
TESTS += tests/unit/test-table
tests_unit_test_table_SOURCES = tests/unit/test-table.c tests/unit/random.h
tests_unit_test_table_LDADD = libui.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-table-cursor
TESTS += tests/unit/test-table-cursor
tests_unit_test_table_cursor_SOURCES = tests/unit/test-table-cursor.c
tests_unit_test_table_cursor_LDADD = libui.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-widgets
TESTS += tests/unit/test-widgets
tests_unit_test_widgets_SOURCES = tests/unit/test-widgets.c tests/unit/random.h
tests_unit_test_widgets_LDADD = libui.a $(unit_ldadd)

# Room conf, and the queue planner, which works from what conf read.
conf_ldadd = libprobes.a libconf.a libmodel.a libbase.a $(YAML_LIBS) $(CMOCKA_LIBS) -lm

conf_tests = tests/unit/test-yaml tests/unit/test-config tests/unit/test-queues tests/unit/test-queue-plan \
	tests/unit/test-queue-kinds tests/unit/test-theme
check_PROGRAMS += $(conf_tests)
TESTS += $(conf_tests)
tests_unit_test_yaml_SOURCES = tests/unit/test-yaml.c
tests_unit_test_yaml_LDADD = $(conf_ldadd)
tests_unit_test_config_SOURCES = tests/unit/test-config.c
tests_unit_test_config_LDADD = $(conf_ldadd)
tests_unit_test_queues_SOURCES = tests/unit/test-queues.c
tests_unit_test_queues_LDADD = $(conf_ldadd)
queue_world = tests/unit/queue-world.c tests/unit/queue-world.h
tests_unit_test_queue_plan_SOURCES = tests/unit/test-queue-plan.c $(queue_world)
tests_unit_test_queue_kinds_SOURCES = tests/unit/test-queue-kinds.c $(queue_world)
tests_unit_test_queue_kinds_LDADD = $(conf_ldadd)
tests_unit_test_queue_plan_LDADD = $(conf_ldadd)
tests_unit_test_theme_SOURCES = tests/unit/test-theme.c
tests_unit_test_theme_LDADD = $(conf_ldadd)

check_PROGRAMS += tests/unit/test-queue-flow
TESTS += tests/unit/test-queue-flow
tests_unit_test_queue_flow_SOURCES = tests/unit/test-queue-flow.c tests/unit/random.h
tests_unit_test_queue_flow_LDADD = libprobes.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-verdict
TESTS += tests/unit/test-verdict
tests_unit_test_verdict_SOURCES = tests/unit/test-verdict.c tests/unit/random.h
tests_unit_test_verdict_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/test-rules
TESTS += tests/unit/test-rules
tests_unit_test_rules_SOURCES = \
	tests/unit/rule-blocked.c \
	tests/unit/rule-causes.c \
	tests/unit/rule-lag.c \
	tests/unit/rule-own.c \
	tests/unit/rule-past.c \
	tests/unit/rule-place.c \
	tests/unit/rule-shape.c \
	tests/unit/rule-pools.c \
	tests/unit/rule-world.c tests/unit/rule-world.h \
	tests/unit/test-rules.c tests/unit/test-rules.h
tests_unit_test_rules_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_rules_LDADD = librules.a libprobes.a libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-kinds
TESTS += tests/unit/test-kinds
tests_unit_test_kinds_SOURCES = \
	tests/unit/rule-world.c tests/unit/rule-world.h \
	tests/unit/random.h tests/unit/test-kinds.c
tests_unit_test_kinds_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_kinds_LDADD = librules.a libprobes.a libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-cluster
TESTS += tests/unit/test-cluster
tests_unit_test_cluster_SOURCES = tests/unit/test-cluster.c
tests_unit_test_cluster_LDADD = libprobes.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-look
TESTS += tests/unit/test-look
tests_unit_test_look_SOURCES = tests/unit/test-look.c
tests_unit_test_look_LDADD = libprobes.a $(unit_ldadd)

check_PROGRAMS += tests/unit/test-variant
TESTS += tests/unit/test-variant
tests_unit_test_variant_SOURCES = tests/unit/test-variant.c
tests_unit_test_variant_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_variant_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-store
TESTS += tests/unit/test-store
tests_unit_test_store_SOURCES = tests/unit/test-store.c
tests_unit_test_store_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test-engine tests/unit/test-again
TESTS += tests/unit/test-engine tests/unit/test-again
tests_unit_test_engine_SOURCES = tests/unit/test-engine.c tests/unit/engine-world.c tests/unit/engine-world.h
tests_unit_test_again_SOURCES = tests/unit/test-again.c tests/unit/engine-world.c tests/unit/engine-world.h
tests_unit_test_again_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_again_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)
tests_unit_test_engine_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_engine_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-publish
TESTS += tests/unit/test-publish
tests_unit_test_publish_SOURCES = tests/unit/test-publish.c
tests_unit_test_publish_CFLAGS = $(tests_unit_test_engine_CFLAGS)
tests_unit_test_publish_LDADD = $(tests_unit_test_engine_LDADD)

check_PROGRAMS += tests/unit/test-herd
TESTS += tests/unit/test-herd
tests_unit_test_herd_SOURCES = tests/unit/test-herd.c
tests_unit_test_herd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_herd_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

route_tests = tests/unit/test-routing tests/unit/test-follow
check_PROGRAMS += $(route_tests)
TESTS += $(route_tests)
route_world = tests/unit/route-world.c tests/unit/route-world.h
route_ldadd = libprobes.a libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)
tests_unit_test_routing_SOURCES = tests/unit/test-routing.c tests/unit/random.h $(route_world)
tests_unit_test_routing_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_routing_LDADD = $(route_ldadd)
tests_unit_test_follow_SOURCES = tests/unit/test-follow.c $(route_world)
tests_unit_test_follow_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_follow_LDADD = $(route_ldadd)

check_PROGRAMS += tests/unit/test-guard
TESTS += tests/unit/test-guard
tests_unit_test_guard_SOURCES = tests/unit/test-guard.c
tests_unit_test_guard_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_guard_LDADD = libengine.a libwire.a $(unit_ldadd) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test-sinks
TESTS += tests/unit/test-sinks
tests_unit_test_sinks_SOURCES = tests/unit/test-sinks.c
tests_unit_test_sinks_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_sinks_LDADD = libsinks.a $(unit_ldadd) $(JANSSON_LIBS)

check_PROGRAMS += tests/unit/test-manuals tests/unit/test-command-line
TESTS += tests/unit/test-manuals tests/unit/test-command-line
tests_unit_test_manuals_SOURCES = tests/unit/test-manuals.c
tests_unit_test_manuals_LDADD = $(cmd_ldadd) $(CMOCKA_LIBS)
tests_unit_test_command_line_SOURCES = tests/unit/test-command-line.c
tests_unit_test_command_line_LDADD = $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-app
TESTS += tests/unit/test-app
tests_unit_test_app_SOURCES = tests/unit/test-app.c
tests_unit_test_app_LDADD = libapp.a $(unit_ldadd) $(JANSSON_LIBS)
