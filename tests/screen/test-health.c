/* The page of health: every value with its verdict, in good days, in bad ones, and when little is known. */
#include "base/attr.h"
#include "base/clock.h"
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

/* An answer of the server with these transactions a second; NaN: there is none to compare with. */
static void publish_server(struct scene *s, double commits, double rollbacks, int64_t cost_us)
{
    int topic = store_find_topic(s->store, "server");
    scene_publish(s, 0, "server", 2.4);
    const struct frame *before = store_sight(s->store, 0, topic, s->now_us).good;
    struct frame_builder *now = frame_build(before->schema);
    frame_build_copy(now, before, 0);
    struct frame *rated = NULL, *f = frame_seal(now, &(struct frame_head){.taken_us = before->taken_us + 2 * US_PER_S,
                                                                          .cost_us = cost_us});
    if (commits >= 0) {
        const struct schema *rates = store_topic(s->store, topic)->rates_schema;
        struct frame_builder *b = frame_build(rates);
        frame_build_row(b);
        frame_build_real(b, schema_find(rates, "xact_commit"), commits);
        frame_build_real(b, schema_find(rates, "xact_rollback"), rollbacks);
        rated = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = f->taken_us});
        rated->over_us = f->taken_us - before->taken_us;
    }
    store_publish(s->store, 0, topic, f, rated, NULL);
}

static struct scene *scene_of(int rows, int columns, enum text_mode mode)
{
    return scene_new(views, rows, columns, mode, "health");
}

static void set_guard(struct scene *s, const char *topic, enum breaker_state state, double since_s)
{
    store_set_guard(s->store, 0, store_find_topic(s->store, topic),
                    &(struct guard_state){.guarded = true, .state = state,
                                          .since_us = s->now_us - (int64_t)(since_s * US_PER_S)});
    scene_publish(s, 0, "sessions", 0.4);       /* a page is drawn again when an answer comes */
}

static void publish_all(struct scene *s)
{
    publish_server(s, 1200, 4, 1200);
    scene_publish(s, 0, "sessions", 0.4);
    scene_publish(s, 0, "replication", 0.4);
    scene_publish(s, 0, "queues", 0.4);
    scene_publish(s, 0, "statement_kinds", 0.4);
    scene_publish(s, 3, "bouncer_pools", 0.4);
    set_guard(s, "statements", BREAKER_CLOSED, 100);
    set_guard(s, "tables", BREAKER_CLOSED, 100);
}

static void health_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of(scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        publish_all(s);
        scene_golden_of(s, "health", scene_sizes[i].name);
        scene_free(s);
    }
}

/* The line that begins with a name, behind its mark, without doubled blanks. */
static void expect_line(struct scene *s, const char *name, const char *want)
{
    char line[400], wanted[400];
    size_t n = 0;
    snprintf(wanted, sizeof(wanted), "%s ", name);
    const char *at = scene_text(s);
    while ((at = strstr(at, wanted)) != NULL && strncmp(at - 2, "  ", 2) != 0 && strncmp(at - 3, "· ", 3) != 0 &&
           strncmp(at - 2, "! ", 2) != 0 && strncmp(at - 2, "? ", 2) != 0 && strncmp(at - 2, "= ", 2) != 0 &&
           strncmp(at - 4, "‼ ", 4) != 0)
        at++;
    if (!at)
        fail_msg("no line of %s:\n%s", name, scene_text(s));
    for (; *at && *at != '\n' && n < sizeof(line) - 1; at++)
        if (*at != ' ' || (n > 0 && line[n - 1] != ' '))
            line[n++] = *at;
    line[n] = '\0';
    if (strncmp(line, want, strlen(want)) != 0)
        fail_msg("\"%s\", not \"%s\"", line, want);
}

static void each_verdict_is_at_its_limit(void **state)
{
    (void)state;
    static const struct {
        double commits, rollbacks;
        int64_t cost_us;
        const char *name, *want;
    } cases[] = {
        {1200, 4, 500000, "ping", "ping 500 ms fine 0.4 s warning > 500 ms, critical > 1 s"},
        {1200, 4, 500100, "ping", "ping 500 ms warning"},
        {1200, 4, 1000100, "ping", "ping 1.0 s critical"},
        {95, 5, 1000, "error rate", "error rate 5.0 % warning 0.4 s warning >= 5 %, of 20 or more 10 of 200 transactions"},
        {95.5, 4.5, 1000, "error rate", "error rate 4.5 % fine"},
        {0, 9, 1000, "error rate", "error rate 100 % unknown 0.4 s warning >= 5 %, of 20 or more 18 of 18 transactions: a low sample"},
        {0, 0, 1000, "error rate", "error rate – unknown 0.4 s warning >= 5 %, of 20 or more none ended"},
        {-1, 0, 1000, "error rate", "error rate – unknown 0.4 s warning >= 5 %, of 20 or more there is no interval yet"},
        {-1, 0, 1000, "transactions", "transactions – no limit 0.4 s – there is no interval yet"},
        {10, 2, 1000, "errors", "errors 2.0/s no limit 0.4 s – 4 rolled back in 2.0 s"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene *s = scene_of(40, 160, TEXT_UTF8);
        publish_server(s, cases[i].commits, cases[i].rollbacks, cases[i].cost_us);
        expect_line(s, cases[i].name, cases[i].want);
        scene_free(s);
    }
}

static void a_breaker_is_judged_by_its_time(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    expect_line(s, "breakers", "breakers – unknown");
    set_guard(s, "statements", BREAKER_CLOSED, 1000);
    set_guard(s, "tables", BREAKER_CLOSED, 1000);
    expect_line(s, "breakers", "breakers – fine – warning open, critical open > 60 s 2 of 2 closed");
    set_guard(s, "tables", BREAKER_OPEN, 60);
    expect_line(s, "breakers", "breakers 1:00 warning – warning open, critical open > 60 s tables open, 1 of 2 closed");
    set_guard(s, "tables", BREAKER_OPEN, 61);
    expect_line(s, "breakers", "breakers 1:01 critical");
    set_guard(s, "tables", BREAKER_HALF_OPEN, 61);
    expect_line(s, "breakers", "breakers 1:01 warning");
    scene_free(s);
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    scene_publish(s, 0, "statement_kinds", 10.4);
    scene_publish(s, 0, "statement_kinds", 0.4);
    expect_line(s, "queries", "queries 76.5/s no limit 0.4 s – 765 calls in 10.0 s");
    expect_line(s, "latency", "latency 25.4 ms no limit");
    expect_line(s, "SELECT", "SELECT 42.5/s no limit 0.4 s – mean 4.00 ms, 62.0 % of the time, 2 statements");
    expect_line(s, "DELETE", "DELETE 0.0/s no limit 0.4 s – none ran, of those whose text is known");
    expect_line(s, "  unknown", "unknown 0.5/s no limit 0.4 s – mean 2.7 s, 9.4 % of the time, 1 statement");
    scene_refuse(s, 0, "statement_kinds", FRAME_ABSENT, "the extension is not there");
    expect_line(s, "queries", "queries 76.5/s stale");
    scene_free(s);
}

static void what_is_old_is_not_fine(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    publish_all(s);
    scene_wait(s, 12);
    expect_line(s, "connections", "connections 66.7 % stale");
    expect_line(s, "sample age", "sample age 6.2 × warning – stale > 3 intervals");
    scene_link(s, 0, LINK_WAITING, 3, "Connection refused");
    expect_line(s, "ping", "ping – critical – warning > 500 ms, critical > 1 s no connection for 3 s: Connection refused");
    scene_expect(s, "‼ 1 critical");
    scene_free(s);
}

static void nothing_known_is_unknown(void **state)
{
    (void)state;
    static const char *const names[] = {"ping", "sample age", "connections", "slow queries", "error rate", "queries", "lag",
                                        "stuck tasks", "pool wait", "pool idle", "breakers"};
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char want[60];
        snprintf(want, sizeof(want), "%s – unknown", names[i]);
        expect_line(s, names[i], want);
    }
    scene_expect_not(s, "fine");
    scene_free(s);
}

static void what_a_role_may_not_see_is_said(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    struct facts f = {.known = true, .kind = TARGET_SERVER, .version = 150000, .user = strdup("app")};
    store_set_facts(s->store, 0, &f);
    scene_publish(s, 0, "statement_kinds", 0.4);
    scene_publish(s, 0, "sessions-plain", 0.4);
    expect_line(s, "queries", "queries 76.5/s no limit 0.4 s – of this role alone: ");
    expect_line(s, "slow queries", "slow queries – unknown 0.4 s warning > 1 s 2 sessions are not visible");
    scene_free(s);
}

/* Of a group, of the pooler itself, and of an application. */
static void pools_are_those_of_the_group(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 200, TEXT_UTF8);
    scene_publish(s, 3, "bouncer_pools", 0.4);
    expect_line(s, "pool wait", "pool wait 4.2 s warning 0.4 s warning >= 1 s, critical >= 10 s shop/web of pooler: 7 wait now");
    scene_expect_not(s, "pool in use");
    scene_keys(s, "{");
    expect_line(s, "pool wait", "pool wait 4.2 s warning");
    scene_expect_not(s, "connections ");
    struct facts f = {.known = true, .kind = TARGET_APP, .version_text = strdup("JSON")};
    int target = store_add_target(s->store, "shop-api", "shop", "prod");
    store_set_application(s->store, target, "billing-api");
    store_set_facts(s->store, target, &f);
    store_set_link(s->store, target, &(struct link){.state = LINK_UP, .since_us = s->now_us, .connects = 1});
    store_set_timing(s->store, target, store_find_topic(s->store, "app_pools"),
                     &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = US_PER_S});
    scene_publish(s, target, "app_pools", 0.4);
    scene_keys(s, "}");
    scene_expect(s, "shop-api › health");
    expect_line(s, "pool in use", "pool in use 100 % critical 0.4 s warning full, critical with waits primary of shop-api: "
                                  "10 in use of 10 that are open, at most 10");
    expect_line(s, "pool wait", "pool wait 700 ms warning 0.4 s warning > 500 ms on average primary of shop-api: 7.0 waits/s");
    expect_line(s, "pool idle", "pool idle 91.7 % warning");
    scene_keys(s, "}");
    scene_expect(s, "primary › health");
    expect_line(s, "pool in use", "pool in use 100 % critical");
    scene_keys(s, "} }");
    expect_line(s, "pool wait", "pool wait – unknown – warning >= 1 s, critical >= 10 s no pooler and no application of its group");
    scene_free(s);
}

/* Before a line that begins with these words stands the sign of this level, and no other. */
static void expect_sign(struct scene *s, enum level level, const char *words)
{
    static const char *const signs[] = {"! ", "‼ "};
    char sign[80];
    scene_expect(s, words);
    for (int i = 0; i < 2; i++) {
        snprintf(sign, sizeof(sign), "%s%s", signs[i], words);
        if (level == (i ? LEVEL_CRIT : LEVEL_WARN))
            scene_expect(s, sign);
        else
            scene_expect_not(s, sign);
    }
}

/* One value has one limit, and it is the configured one on every page. */
static void every_page_judges_by_the_same_limit(void **state)
{
    (void)state;
    static const struct {
        enum limit_name limit;
        int target;
        const char *frame, *page, *row, *overview, *health, *judged;
    } values[] = {
        {LIMIT_POOL_WAIT, 3, "bouncer_pools", "bouncer_pools", "shop ", "waiting ", "pool wait", "pool wait 4.2 s"},
        {LIMIT_REPLICATION_LAG, 0, "replication", "replication", "standby-2 ", "replicas ", "lag", "lag 41.0 s"},
    };
    static const struct {
        double warn, crit;
        enum level level;
    } limits[] = {{1000, 2000, LEVEL_FINE}, {4.2, 1000, LEVEL_WARN}, {1, 4.2, LEVEL_CRIT}, {NAN, NAN, LEVEL_FINE}};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(limits); k++) {
            const char *const pages[] = {"health", values[i].page, "overview"};
            for (size_t p = 0; p < COUNT_OF(pages); p++) {
                struct scene *s = scene_new(views, 40, 200, TEXT_UTF8, values[i].target ? NULL : pages[p]);
                char jump[40], judged[80];
                store_set_limit(s->store, values[i].target, values[i].limit, (struct limit){limits[k].warn, limits[k].crit});
                scene_publish(s, values[i].target, values[i].frame, 0.4);
                if (values[i].target) {
                    snprintf(jump, sizeof(jump), "%s @pooler", pages[p]);
                    scene_keys(s, ":");
                    scene_type(s, jump);
                    scene_keys(s, "Enter");
                }
                snprintf(judged, sizeof(judged), "%s %s", values[i].judged, level_word(limits[k].level));
                if (p == 0)
                    expect_line(s, values[i].health, judged);
                else
                    expect_sign(s, limits[k].level, p == 1 ? values[i].row : values[i].overview);
                scene_free(s);
            }
        }
}

/* As the rule has it: a standby's tasks are judged on its primary, when that is there. */
static void tasks_are_judged_on_the_primary(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 160, TEXT_UTF8);
    for (int target = 0; target < 2; target++)
        scene_publish(s, target, "queues", 0.4);
    expect_line(s, "stuck tasks", "stuck tasks 17 warning");
    scene_keys(s, "}");
    expect_line(s, "stuck tasks", "stuck tasks 17 no limit 0.4 s judged on primary, whose tasks they are");
    scene_link(s, 0, LINK_WAITING, 3, "Connection refused");
    expect_line(s, "stuck tasks", "stuck tasks 17 warning");
    scene_free(s);
}

static void set_slot(struct scene *s, int target, bool active)
{
    int topic = store_find_topic(s->store, "replication");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    frame_build_text(b, schema_find(schema, "kind"), "slot", 4);
    frame_build_text(b, schema_find(schema, "name"), "cascade", 7);
    frame_build_int(b, schema_find(schema, "id"), 0);
    frame_build_int(b, schema_find(schema, "active"), active);
    store_publish(s->store, target, topic, frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us,
                                                                              .server_role = SERVER_STANDBY}), NULL, NULL);
}

/* Marked as the rule judges it: one that a standby keeps for a promotion is fine, and one that was left is not. */
static void a_slot_that_was_left_is_marked_on_each_page(void **state)
{
    (void)state;
    static const char *const pages[] = {"replication", "topology"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct scene *s = scene_new(views, 30, 160, TEXT_UTF8, pages[i]);
        scene_keys(s, i == 0 ? "}" : "");
        set_slot(s, 1, false);
        scene_expect(s, "cascade");
        scene_expect_not(s, "! cascade");
        set_slot(s, 1, true);
        set_slot(s, 1, false);
        scene_expect(s, i == 0 ? "! cascade" : "no standby uses it");
        scene_free(s);
    }
}

static void a_deep_queue_is_marked(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 40, 200, TEXT_UTF8, "queues");
    scene_publish(s, 0, "queues", 0.4);
    store_set_limit(s->store, 0, LIMIT_STUCK_TASKS, (struct limit){NAN, NAN});
    scene_publish(s, 0, "queues", 0.4);
    scene_expect_not(s, "! ");
    store_set_limit(s->store, 0, LIMIT_QUEUE_DEPTH, (struct limit){1, NAN});
    scene_publish(s, 0, "queues", 0.4);
    scene_expect(s, "! ");
    scene_free(s);
}

static void enter_shows_more(void **state)
{
    (void)state;
    struct scene *s = scene_of(40, 120, TEXT_UTF8);
    publish_all(s);
    scene_keys(s, "Down Enter");
    scene_expect(s, "› sessions");
    scene_keys(s, "Esc");
    scene_expect(s, "› health");
    scene_free(s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_at_every_size),
        cmocka_unit_test(each_verdict_is_at_its_limit),
        cmocka_unit_test(a_breaker_is_judged_by_its_time),
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(what_is_old_is_not_fine),
        cmocka_unit_test(nothing_known_is_unknown),
        cmocka_unit_test(what_a_role_may_not_see_is_said),
        cmocka_unit_test(pools_are_those_of_the_group),
        cmocka_unit_test(every_page_judges_by_the_same_limit),
        cmocka_unit_test(tasks_are_judged_on_the_primary),
        cmocka_unit_test(a_slot_that_was_left_is_marked_on_each_page),
        cmocka_unit_test(a_deep_queue_is_marked),
        cmocka_unit_test(enter_shows_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
