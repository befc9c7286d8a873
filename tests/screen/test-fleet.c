/* The pages of all servers: the fleet, and the topology of its clusters. */
#include "base/attr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/lag.h"
#include "tests/screen/scene.h"
#include "ui/views/list.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is found of a target, and nothing else. LEVEL_FINE: nothing at all. */
static void find(struct scene *s, int target, enum level level, const char *words)
{
    struct verdict *v = store_verdict_book(s->store);
    struct judgement j = {.level = level};
    s->now_us += 11 * US_PER_S;     /* a finding changes no more often */
    ui_set_time(s->ui, s->now_us, s->wall_us += 11 * US_PER_S);
    verdict_begin(v, 0, target);
    buf_puts(&j.words, words);
    if (level != LEVEL_FINE)
        verdict_say(v, &j, (struct steadiness){1, 1}, s->now_us);
    verdict_end(v, (struct steadiness){1, 1}, s->now_us);
    store_judged(s->store, target);
    buf_free(&j.words);
}

/* Commits a second for five minutes, with a gap. */
static void publish_past(struct scene *s, int target, double most)
{
    int topic = store_find_topic(s->store, "server");
    for (int i = 150; i >= 0; i--)
        if (i < 60 || i > 90)
            store_add_point(s->store, target, topic, "commits", 0, s->now_us - i * 2 * US_PER_S, most * (150 - i) / 150);
}

static void publish_server(struct scene *s, int target, double tps)
{
    int topic = store_find_topic(s->store, "server");
    scene_publish(s, target, "server", 0.4);
    const struct frame *f = store_sight(s->store, target, topic, s->now_us).good;
    const struct schema *rates = store_topic(s->store, topic)->rates_schema;
    struct frame_builder *b = frame_build(rates);
    frame_build_row(b);
    frame_build_real(b, schema_find(rates, "xact_commit"), tps);
    frame_build_real(b, schema_find(rates, "xact_rollback"), 0);
    struct frame *rated = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = f->taken_us});
    store_publish(s->store, target, topic, frame_ref(f), rated, NULL);
}

static void publish_all(struct scene *s)
{
    publish_past(s, 0, 1200);
    publish_past(s, 1, 300);
    publish_server(s, 0, 1204);
    publish_server(s, 1, 310);
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_publish(s, 1, "sessions", 0.4);
    scene_publish(s, 0, "replication", 0.4);
    scene_publish(s, 1, "replication-standby", 0.4);
    scene_publish(s, 0, "queues", 0.4);
    scene_publish(s, 3, "bouncer_pools", 0.4);
}

static struct scene *scene_of(const char *page, int rows, int columns, enum text_mode mode)
{
    static const struct rule_info rule = {"anything", "Something is found.", "Do something.", NULL};
    struct scene *s = scene_new(views, rows, columns, mode, page);
    store_add_rule(s->store, &rule);
    find(s, 0, LEVEL_WARN, "30 sessions wait behind pid 4711 (billing, idle in transaction 12:04)");
    find(s, 2, LEVEL_CRIT, "cannot be reached for 14 s: timeout expired");
    publish_all(s);
    return s;
}

/* Another target, like one that is there but for what is said. */
static int add_target(struct scene *s, const char *name, const char *group, int like, bool standby, int64_t days)
{
    int target = store_add_target(s->store, name, group, NULL);
    const struct facts *of = &store_target(s->store, like)->facts;
    struct facts f = {.known = true, .kind = of->kind, .standby = standby, .monitor = true, .version = of->version,
                      .system_id = of->system_id, .started_us = SCENE_WALL - days * 86400 * US_PER_S};
    f.version_text = mem_string(of->version_text);
    f.host = mem_string(name);
    f.port = mem_string("5432");
    store_set_facts(s->store, target, &f);
    scene_link(s, target, LINK_UP, 60, NULL);
    for (int topic = 0; topic < store_topics(s->store); topic++)
        store_set_timing(s->store, target, topic,
                         &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = 250 * US_PER_MS});
    return target;
}

/* ---- the fleet ---- */

static void the_fleet_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of("fleet", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        scene_golden_of(s, "fleet", scene_sizes[i].name);
        scene_free(s);
    }
}

/* Where the reason has no column it stands over cells that say nothing, or that there is none. */
static void a_marked_row_says_why(void **state)
{
    (void)state;
    static const struct rule_info rule = {"anything", "Something is found.", "Do something.", NULL};
    struct scene *s = scene_new(views, 12, 40, TEXT_UTF8, "fleet");
    store_add_rule(s->store, &rule);
    find(s, 0, LEVEL_WARN, "3 tasks stuck, worker gone or slow");
    find(s, 1, LEVEL_WARN, "lags 41 s; and grows");
    publish_server(s, 0, 10);
    publish_server(s, 1, 10);
    scene_expect(s, " ! primary   primary     10 3 tasks st…\n");
    scene_expect(s, " ! standby-1 standby ");
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_expect(s, " ! primary   primary       –      ≥3\n");
    scene_free(s);
}

static void groups_fold(void **state)
{
    (void)state;
    struct scene *s = scene_of("fleet", 24, 120, TEXT_UTF8);
    scene_expect(s, "fleet 4 servers, 2 groups");
    scene_keys(s, "G z");
    scene_expect(s, "▸   ▸ shop");
    scene_expect(s, "3 servers  1 !");
    scene_expect_not(s, "standby-1");
    scene_expect(s, "pay-1");
    scene_keys(s, "/");
    scene_type(s, "standby-1");
    scene_keys(s, "Enter");
    scene_expect(s, "standby-1 ");
    scene_keys(s, "Esc");
    scene_expect_not(s, "standby-1");
    scene_keys(s, "G Enter");       /* on the heading */
    scene_expect(s, "standby-1");
    scene_keys(s, "Z");
    scene_expect(s, "2 rows");
    scene_keys(s, "Z");
    scene_expect(s, "6 rows");
    scene_free(s);
}

/* Esc comes back to the same server, wherever it stands by now. */
static void a_server_and_back(void **state)
{
    (void)state;
    struct scene *s = scene_of("fleet", 24, 120, TEXT_UTF8);
    scene_keys(s, "G");
    scene_expect(s, "▸ · standby-1");
    scene_keys(s, "Enter");
    scene_expect(s, "fleet › standby-1 › overview");
    find(s, 1, LEVEL_CRIT, "lags 412 s and grows");
    scene_keys(s, "Esc");
    scene_expect(s, "▸ ‼ standby-1");
    scene_expect(s, "2 ‼");
    scene_keys(s, "1 2 0");
    scene_expect(s, "▸ ‼ standby-1");
    scene_keys(s, "0");
    scene_expect(s, "This is the fleet.");
    scene_keys(s, "q");
    assert_int_equal(s->status, 0);
    scene_free(s);
}

static void worst_first_then_by_name(void **state)
{
    (void)state;
    struct scene *s = scene_of("fleet", 24, 120, TEXT_UTF8);
    const char *pay = strstr(scene_text(s), "pay-1"), *primary = strstr(scene_text(s), "  primary ");
    assert_true(pay && primary && pay < primary);
    find(s, 2, LEVEL_FINE, "");
    scene_link(s, 2, LINK_CONNECTING, 1, "");
    find(s, 0, LEVEL_CRIT, "97 of 100 connections");
    const char *text = scene_text(s);
    assert_true(strstr(text, "  primary ") < strstr(text, "pay-1"));
    scene_keys(s, "s");
    scene_type(s, "tps");
    scene_keys(s, "Enter");
    scene_expect(s, "↓tps");
    scene_free(s);
}

static void what_is_old_is_said_to_be(void **state)
{
    (void)state;
    struct scene *s = scene_of("fleet", 24, 120, TEXT_UTF8);
    find(s, 0, LEVEL_FINE, "");
    scene_expect(s, "=1,204");
    scene_expect(s, "= primary");
    scene_golden_of(s, "fleet-stale", "120x40");
    scene_link(s, 0, LINK_WAITING, 3, "Connection refused");
    scene_expect_not(s, "1,204");
    scene_expect(s, "? primary    =primary");
    scene_expect(s, "not connected for 3 s");
    scene_free(s);
}

static void a_database_of_a_server_stands_below_it(void **state)
{
    (void)state;
    struct scene *s = scene_of("fleet", 24, 120, TEXT_UTF8);
    int tasks = add_target(s, "a-tasks", "shop", 0, false, 12);
    add_target(s, "elsewhere", "pay", 0, false, 12);
    find(s, tasks, LEVEL_CRIT, "orders: 3 tasks stuck");
    scene_expect(s, "fleet 4 servers, 2 groups");
    scene_expect(s, "‼ ↳ a-tasks  database");
    scene_expect(s, "· elsewhere  primary");
    scene_expect(s, "3 servers  1 ‼");
    scene_free(s);
}

static void without_groups_there_are_no_headings(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "fleet");
    scene_keys(s, "z Z Enter");     /* the first row is a heading */
    scene_expect(s, "▸ pay");
    scene_free(s);
}

/* Printed for people; the bound only catches what has become another algorithm. */
static void a_hundred_servers_are_quick(void **state)
{
    (void)state;
    enum { TARGETS = 100, TIMES = 50 };
    static const char *const pages[] = {"fleet", "topology"};
    for (size_t k = 0; k < COUNT_OF(pages); k++) {
        struct scene *s = scene_of(pages[k], 60, 200, TEXT_UTF8);
        for (int i = 4; i < TARGETS; i++) {
            char name[24], group[24];
            snprintf(name, sizeof(name), "server-%d", i);
            snprintf(group, sizeof(group), "group-%d", i % 10);
            add_target(s, name, group, 0, i % 3 != 0, 20 + i);
            scene_publish(s, i, "sessions", 0.4);
            scene_publish(s, i, i % 3 ? "replication-standby" : "replication", 0.4);
            publish_server(s, i, i);
        }
        scene_text(s);
        int64_t start = clock_boot_us();
        for (int i = 0; i < TIMES; i++) {
            ui_key(s->ui, 'j');
            ui_draw(s->ui);
        }
        double each = (double)(clock_boot_us() - start) / US_PER_MS / TIMES;
        print_message("%d targets on the page %s at 200x60: key to picture %.2f ms\n", TARGETS, pages[k], each);
        assert_true(each < 100);
        scene_free(s);
    }
}

static bool draws_after_loss(struct scene *s, int target)
{
    struct link link = store_target(s->store, target)->link;
    link.state = link.state == LINK_UP ? LINK_WAITING : LINK_UP;
    store_set_link(s->store, target, &link);
    store_say(s->store, s->wall_us, SEV_WARN, target, link.state == LINK_UP ? "back again" : "connection lost");
    return ui_draw(s->ui);
}

/* A common outage would have the screen drawn for each of a hundred servers, and keys would wait for that. */
static void servers_that_come_and_go_are_drawn_together(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    ui_draw(s->ui);
    assert_true(draws_after_loss(s, 0) && draws_after_loss(s, 1));  /* of a few each is drawn at once */
    for (int i = 4; i < 20; i++) {
        char name[24];
        snprintf(name, sizeof(name), "server-%d", i);
        add_target(s, name, "many", 0, false, 20 + i);
    }
    scene_text(s);
    assert_true(draws_after_loss(s, 0));        /* the one on the page */
    assert_false(draws_after_loss(s, 5) || draws_after_loss(s, 6));
    ui_set_time(s->ui, s->now_us += 500 * US_PER_MS, s->wall_us += 500 * US_PER_MS);
    assert_true(ui_draw(s->ui));
    assert_false(ui_draw(s->ui));
    scene_free(s);
}

/* ---- the topology ---- */

static void set_timeline(struct scene *s, int target, int64_t timeline, enum server_role role, int64_t lsn)
{
    int topic = store_find_topic(s->store, "server");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    frame_build_int(b, schema_find(schema, "timeline"), timeline);
    frame_build_int(b, schema_find(schema, "wal_lsn"), lsn);
    store_publish(s->store, target, topic,
                  frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us, .server_role = role}),
                  NULL, NULL);
}

static void the_topology_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of("topology", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        store_set_replica(s->store, 1, REPLICA_IN);
        scene_golden_of(s, "topology", scene_sizes[i].name);
        scene_free(s);
    }
}

/* Its own row, in the words of the model. */
static void set_lag(struct scene *s, int target, double lag, bool at_least, enum lag_state state)
{
    int topic = store_find_topic(s->store, "replication");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    frame_build_text(b, schema_find(schema, "kind"), "receiver", 8);
    frame_build_text(b, schema_find(schema, "name"), "primary", 7);
    frame_build_text(b, schema_find(schema, "sender"), "primary:5432", 12);
    frame_build_int(b, schema_find(schema, "id"), 7);
    frame_build_int(b, schema_find(schema, "lag_bytes"), 20 << 20);
    frame_build_real(b, schema_find(schema, "lag_s"), lag);
    frame_build_int(b, schema_find(schema, "lag_at_least"), at_least);
    frame_build_text(b, schema_find(schema, "lag_state"), lag_state_word(state), strlen(lag_state_word(state)));
    store_publish(s->store, target, topic, frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us,
                                                                              .server_role = SERVER_STANDBY}), NULL, NULL);
}

static void an_edge_says_how_sure_it_is(void **state)
{
    (void)state;
    struct scene *s = scene_of("topology", 30, 200, TEXT_UTF8);
    set_lag(s, 1, NAN, false, LAG_RECEIVER_STALE);
    scene_expect(s, "its receiver has heard nothing for a while");
    set_lag(s, 1, 12, true, LAG_STREAMING);
    scene_expect(s, "or more");
    scene_expect_not(s, "has heard nothing");
    set_lag(s, 1, NAN, true, LAG_STREAMING);
    scene_expect(s, "far behind, for a time that is not known yet");
    scene_free(s);
    static const char *const pages[] = {"replication", "overview", "fleet"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        s = scene_of(pages[i], 30, 160, TEXT_UTF8);
        scene_keys(s, i < 2 ? "}" : "");
        set_lag(s, 1, 12, true, LAG_STREAMING);
        scene_expect(s, "≥12.0 s");
        scene_free(s);
    }
}

static void two_primaries_and_who_stayed_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scene *s = scene_of("topology", scene_sizes[i].rows, scene_sizes[i].columns, TEXT_UTF8);
        int other = add_target(s, "other", "shop", 0, false, 3);
        set_timeline(s, 0, 1, SERVER_PRIMARY, 1000);
        set_timeline(s, 1, 1, SERVER_STANDBY, 900);
        set_timeline(s, other, 2, SERVER_PRIMARY, 800);
        scene_expect(s, "‼ SPLIT BRAIN: primary (timeline 1) and other (timeline 2) take writes");
        scene_expect(s, "SPLIT BRAIN with other");
        scene_expect_not(s, "DIVERGED");        /* it follows one of the two */
        scene_golden_of(s, "topology-split", scene_sizes[i].name);
        scene_link(s, 0, LINK_WAITING, 14, "timeout expired");
        scene_expect_not(s, "SPLIT BRAIN");
        scene_expect(s, "‼ standby-1: DIVERGED: on timeline 1 beyond the fork, and other on 2: it cann");
        scene_expect(s, "was the primary");
        set_timeline(s, 1, 1, SERVER_STANDBY, 800);     /* as far as the fork: it may follow yet */
        scene_expect_not(s, "DIVERGED");
        scene_expect(s, "! standby-1");
        scene_expect(s, "left behind on timeline 1, ");
        scene_free(s);
    }
}

static void publish_databases(struct scene *s, int pooler, const char *second_host)
{
    static const char *const names[] = {"pgbouncer", "shop", "reports"};
    int topic = store_find_topic(s->store, "bouncer_databases");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *host = i == 2 ? second_host : "10.0.0.5";
        frame_build_row(b);
        frame_build_text(b, schema_find(schema, "name"), names[i], strlen(names[i]));
        if (i > 0)
            frame_build_text(b, schema_find(schema, "host"), host, strlen(host));
        frame_build_int(b, schema_find(schema, "port"), i > 0 ? 5432 : 6432);
    }
    struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us});
    store_publish(s->store, pooler, topic, f, NULL, NULL);
}

static int add_application(struct scene *s, const char *name, const char *group, const char *application)
{
    int target = store_add_target(s->store, name, group, NULL);
    struct facts f = {.known = true, .kind = TARGET_APP};
    store_set_facts(s->store, target, &f);
    store_set_application(s->store, target, application);
    scene_link(s, target, LINK_UP, 60, NULL);
    return target;
}

/* Below the server that they use, by addresses and by sessions; the others apart, with what is not known. */
static void what_stands_in_front_is_below_its_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct scene *s = scene_of("topology", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        scene_publish(s, 0, "sessions", 0.4);
        publish_databases(s, 3, "db9");
        add_application(s, "shop-api", "shop", "billing-7");
        add_application(s, "idler", "shop", "nobody");
        add_application(s, "loner", NULL, "x");
        scene_golden_of(s, "topology-front", scene_sizes[i].name);
        scene_free(s);
    }
    struct scene *s = scene_of("topology", 30, 200, TEXT_UTF8);
    publish_databases(s, 3, "10.0.0.5");
    scene_expect(s, "↳ pooler");
    scene_expect(s, "serves shop, reports");
    publish_databases(s, 3, "db9");
    scene_expect(s, "serves shop; reports is at db9:5432, which is no address that is watched");
    scene_keys(s, "/");
    scene_type(s, "pooler");
    scene_keys(s, "Enter Down Down Enter");
    scene_expect(s, "pooler › overview");
    scene_free(s);
}

static void the_topology_leads_to_replication(void **state)
{
    (void)state;
    struct scene *s = scene_of("topology", 24, 120, TEXT_UTF8);
    scene_expect(s, "fleet › topology");
    scene_keys(s, "Enter");
    scene_expect(s, "This is a cluster");
    scene_keys(s, "Down Down Enter");
    scene_expect(s, "fleet › topology › standby-1 › replication");
    scene_keys(s, "Esc Down Enter");     /* one that only its sender shows */
    scene_expect(s, "fleet › topology › primary › replication");
    scene_free(s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fleet_at_every_size),
        cmocka_unit_test(a_marked_row_says_why),
        cmocka_unit_test(groups_fold),
        cmocka_unit_test(a_server_and_back),
        cmocka_unit_test(worst_first_then_by_name),
        cmocka_unit_test(what_is_old_is_said_to_be),
        cmocka_unit_test(a_database_of_a_server_stands_below_it),
        cmocka_unit_test(without_groups_there_are_no_headings),
        cmocka_unit_test(a_hundred_servers_are_quick),
        cmocka_unit_test(servers_that_come_and_go_are_drawn_together),
        cmocka_unit_test(the_topology_at_every_size),
        cmocka_unit_test(an_edge_says_how_sure_it_is),
        cmocka_unit_test(two_primaries_and_who_stayed_behind),
        cmocka_unit_test(what_stands_in_front_is_below_its_server),
        cmocka_unit_test(the_topology_leads_to_replication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
