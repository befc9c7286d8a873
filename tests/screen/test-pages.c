/* The pages of probes and the overview, drawn from recorded frames. */
#include "base/attr.h"
#include "base/clock.h"
#include "tests/screen/scene.h"
#include "tests/unit/random.h"
#include "ui/views/list.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scene *scene_of(const char *page, int rows, int columns, enum text_mode mode)
{
    struct scene *s = scene_new(views, rows, columns, mode, page);
    scene_publish(s, 0, "sessions-mixed", 0.4);
    return s;
}

/* A past with a gap in it, for the sparklines. */
static void publish_past(struct scene *s)
{
    int topic = store_find_topic(s->store, "sessions");
    for (int i = 150; i >= 0; i -= i == 90 ? 30 : 1) {
        int64_t at = s->now_us - i * 2 * US_PER_S;
        store_add_point(s->store, 0, topic, "total", 0, at, 10 + (150 - i) / 10);
        store_add_point(s->store, 0, topic, "blocked", 0, at, i > 30 ? 0 : 3);
        store_add_point(s->store, 0, topic, "oldest_xact", 0, at, 731 - i * 2);
    }
}

static void sessions_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of("sessions", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        scene_golden_of(s, "sessions", scene_sizes[i].name);
        scene_keys(s, "Down Enter");
        scene_golden_of(s, "session", scene_sizes[i].name);
        scene_free(s);
    }
}

/* Counters a second: those of the frame's own values, divided, so that they differ. */
static void publish_server(struct scene *s)
{
    int topic = store_find_topic(s->store, "server");
    scene_publish(s, 0, "server", 0.4);
    const struct frame *f = store_sight(s->store, 0, topic, s->now_us).good;
    const struct schema *rates = store_topic(s->store, topic)->rates_schema;
    struct frame_builder *b = frame_build(rates);
    frame_build_row(b);
    for (int i = 0; i < rates->ncolumns; i++)
        frame_build_real(b, i, frame_number(f, 0, schema_find(f->schema, rates->columns[i].name)) / 1000);
    struct frame *rated = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = f->taken_us});
    store_publish(s->store, 0, topic, frame_ref(f), rated, NULL);
}

static void a_page_a_probe(void **state)
{
    (void)state;
    static const struct {
        const char *page;
        int target;
        const char *want, *beside;      /* a line of it; what else has been answered, so long ago */
        double beside_s;
    } cases[] = {
        {"pools", 0, "▸ ! web-1"},
        {"replication", 0, "! standby-2"},
        {"bouncer_pools", 3, "▸ ! shop"},
        {"bouncer_clients", 3, "▸ ! web"},
        {"tables", 0, "▸ ! orders", "table_ranks", 35},
        {"server", 0, " commits  "},
        {"queues", 0, "▸ ! orchestrator  consumer_triage "},
        {"statements", 0, "1 without text", "statement_texts", 15},
        {"replication-standby", 1, "receiver"},
        {"bouncer_stats", 3, "55.6/s"},
        {"bouncer_databases", 3, "▸   shop"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t sizes = strcmp(cases[i].page, "queues") == 0 ? COUNT_OF(scene_sizes) : 3;
        for (size_t k = 0; k < sizes; k++) {
            const char *dash = strchr(cases[i].page, '-'), *page = dash ? "replication" : cases[i].page;
            struct scene *s = scene_new(views, scene_sizes[k].rows, scene_sizes[k].columns, scene_sizes[k].mode, page);
            for (int t = 0; t < cases[i].target; t++)
                scene_keys(s, "}");
            scene_publish(s, cases[i].target, cases[i].page, 0.4);
            if (cases[i].beside)
                scene_publish(s, cases[i].target, cases[i].beside, cases[i].beside_s);
            if (k == 1)
                scene_expect(s, cases[i].want);
            scene_golden_of(s, cases[i].page, scene_sizes[k].name);
            scene_free(s);
        }
    }
}

static void the_server_page_tells_of_breakers(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 60, 200, TEXT_UTF8, "server");
    int topic = store_find_topic(s->store, "statements");
    scene_publish(s, 0, "server", 0.4);
    scene_expect_not(s, "circuit breakers");
    store_set_guard(s->store, 0, topic, &(struct guard_state){.guarded = true, .state = BREAKER_OPEN, .failures = 5,
                                                              .trips = 2, .since_us = s->now_us - 4 * US_PER_S,
                                                              .until_us = s->now_us + 26 * US_PER_S});
    for (int i = 0; i < 2; i++)
        store_add_guard_step(s->store, 0, topic, &(struct guard_step){
            .at_us = s->now_us - (i ? 4 : 90) * US_PER_S, .from = i ? BREAKER_HALF_OPEN : BREAKER_CLOSED,
            .to = BREAKER_OPEN, .why = "what was tried failed: timeout"});
    scene_publish(s, 0, "server", 0.4);
    scene_expect(s, "statements       open for 4 s, 5 failures in a row, opened 2 times, tried again in 26 s");
    scene_expect(s, "4 s ago from half open to open: what was tried failed: timeout");
    scene_expect(s, "1:30 ago from closed to open: what was tried failed: timeout");
    scene_free(s);
}

static void publish_sizes(struct scene *s, int from, bool fallback)
{
    int topic = store_find_topic(s->store, "table_sizes");
    struct frame *f = frame_seal(frame_build(store_topic(s->store, topic)->schema),
                                 &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us - 12 * US_PER_S});
    f->from = from;
    f->fallback = fallback;
    store_publish(s->store, 0, topic, f, NULL, NULL);
}

static void who_told_the_exact_sizes_is_said(void **state)
{
    (void)state;
    struct scene *s = scene_of("tables", 24, 80, TEXT_UTF8);
    scene_publish(s, 0, "tables", 0.4);
    publish_sizes(s, 0, false);
    scene_expect(s, "exact sizes 12 s ago\n");
    publish_sizes(s, 2, false);
    scene_expect(s, "exact sizes 12 s ago from standby-1\n");
    publish_sizes(s, 0, true);
    scene_expect(s, "exact sizes 12 s ago, no standby fit\n");
    scene_free(s);
}

static void texts_that_cannot_be_read_are_said(void **state)
{
    (void)state;
    struct scene *s = scene_of("statements", 24, 120, TEXT_UTF8);
    scene_publish(s, 0, "statements", 0.4);
    scene_publish(s, 0, "statement_texts", 15);
    scene_expect(s, "1 without text: texts follow ");
    scene_refuse(s, 0, "statement_texts", FRAME_TIMEOUT, "canceling statement due to statement timeout");
    scene_expect(s, "1 without text: too many to read in time, again ");
    scene_free(s);
}

/* As the table shows it: what has no text yet, and what is too short for a tenth of a second. */
static void a_statement_is_told_in_full(void **state)
{
    (void)state;
    struct scene *s = scene_of("statements", 24, 80, TEXT_UTF8);
    scene_publish(s, 0, "statements", 0.4);
    scene_keys(s, "Enter");
    scene_expect(s, "query\n  (no text yet)\n");
    scene_keys(s, "Esc Down Enter");
    scene_expect(s, "query\n  WITH o AS ");
    scene_expect(s, "0.0 s (21.9 ms)");
    scene_free(s);
}

static void overview_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of("overview", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        publish_past(s);
        scene_golden_of(s, "overview", scene_sizes[i].name);
        publish_server(s);
        scene_publish(s, 0, "replication", 0.4);
        scene_golden_of(s, "overview-full", scene_sizes[i].name);
        scene_free(s);
    }
}

/* Everything that a large screen has room for, and what other kinds of servers show in the same place. */
static void overviews_of_all_kinds(void **state)
{
    (void)state;
    static const char *const all[] = {"replication", "queues", "statements", "statement_texts", "pools"};
    static const char *const pooler[] = {"bouncer_pools", "bouncer_stats", "bouncer_databases"};
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_of("overview", scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode);
        publish_past(s);
        publish_server(s);
        for (size_t k = 0; k < COUNT_OF(all); k++)
            scene_publish(s, 0, all[k], 0.4);
        scene_golden_of(s, "overview-all", scene_sizes[i].name);
        scene_publish(s, 1, "replication-standby", 0.4);
        scene_keys(s, "}");
        scene_expect_not(s, "replicas");
        scene_golden_of(s, "overview-standby", scene_sizes[i].name);
        for (size_t k = 0; k < COUNT_OF(pooler); k++)
            scene_publish(s, 3, pooler[k], 0.4);
        scene_keys(s, "{ {");
        scene_expect(s, "waiting");
        scene_golden_of(s, "overview-pooler", scene_sizes[i].name);
        scene_free(s);
    }
}

/* A fifth target, which is an application: others' tests count on four. */
static void add_application(struct scene *s)
{
    struct facts f = {.known = true, .kind = TARGET_APP, .version_text = strdup("JSON")};
    int target = store_add_target(s->store, "shop-api", "shop", "prod");
    struct link up = {.state = LINK_UP, .since_us = s->now_us, .connects = 1};
    store_set_application(s->store, target, "billing-api");
    store_set_where(s->store, target, "http://10.0.0.9:8080/metrics/database");
    store_set_facts(s->store, target, &f);
    store_set_link(s->store, target, &up);
    for (int topic = 0; topic < store_topics(s->store); topic++)
        store_set_timing(s->store, target, topic,
                         &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = 250 * US_PER_MS});
    scene_publish(s, target, "app_pools", 0.4);
    scene_keys(s, "{");
}

static void applications_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scene_sizes); i++) {
        struct scene *s = scene_new(views, scene_sizes[i].rows, scene_sizes[i].columns, scene_sizes[i].mode, "overview");
        add_application(s);
        scene_golden_of(s, "overview-app", scene_sizes[i].name);
        scene_keys(s, "2");
        scene_golden_of(s, "app_pools", scene_sizes[i].name);
        scene_free(s);
    }
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    add_application(s);
    scene_expect(s, "shop-api · APP");
    scene_keys(s, ":");
    scene_type(s, "sessions");
    scene_keys(s, "Enter");
    scene_expect(s, "? The page sessions is of PostgreSQL servers, and this is an application.");
    scene_free(s);
}

/* The digits lead to the pages of the kind of target that is looked at. */
static void numbers_fit_the_target(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    scene_keys(s, "2");
    scene_expect(s, "primary › sessions");
    scene_keys(s, "{");
    scene_expect(s, "pooler › clients of PgBouncer");
    scene_keys(s, "3");
    scene_expect(s, "pooler › pools of PgBouncer");
    scene_keys(s, "}");
    scene_expect(s, "primary › pools");
    scene_keys(s, "{ :");
    scene_type(s, "sessions");
    scene_keys(s, "Enter");
    scene_expect(s, "? The page sessions is of PostgreSQL servers, and this is a PgBouncer. Press 2");
    scene_free(s);
}

/* Every cell of the body that shows a value is in the look of stale, and every row has its sign. */
static void assert_stale(struct scene *s, int from, int to)
{
    const struct canvas *c = ui_canvas(s->ui);
    for (int row = from; row < to; row++)
        for (int column = 0; column < c->columns; column++) {
            const struct canvas_cell *cell = &c->cells[row * c->columns + column];
            if (strcmp(cell->utf8, " ") != 0 && cell->look != LOOK_STALE && cell->look != LOOK_CURSOR &&
                cell->look != LOOK_TITLE)
                fail_msg("row %d, column %d looks fresh:\n%s", row, column, scene_text(s));
        }
}

static void nothing_stale_looks_fresh(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_wait(s, 12);
    scene_expect(s, "= STALE: these rows are 12 s old");
    scene_expect(s, "  = 5120");
    scene_expect_not(s, "‼");
    assert_stale(s, 2, 18);
    scene_golden_of(s, "sessions-stale", "80x24");
    scene_refuse(s, 0, "sessions", FRAME_TIMEOUT, "canceling statement due to statement timeout");
    scene_expect(s, "= NOT FRESH: these rows are 12 s old; timeout: canceling statement");
    scene_publish(s, 0, "sessions-mixed", 0.1);
    scene_expect_not(s, "STALE");
    scene_expect(s, "‼");
    scene_keys(s, "1");
    scene_wait(s, 12);
    scene_expect(s, "= blocked");
    assert_stale(s, 3, 6);
    scene_free(s);
}

static void a_page_without_an_answer_says_why(void **state)
{
    (void)state;
    static const struct {
        enum frame_status status;
        const char *note, *want;
    } cases[] = {
        {FRAME_DENIED, "permission denied for view pg_stat_activity", "GRANT pg_monitor TO app;"},
        {FRAME_TIMEOUT, "no answer within 250 ms", "? No answer in time: no answer within 250 ms"},
        {FRAME_LOST, "server closed the connection",
         "? The connection is lost: server closed the connection"},
        {FRAME_ABSENT, "needs PostgreSQL 99", "? This server does not have it: needs PostgreSQL 99"},
        {FRAME_FAILED, "syntax error\x1b[2J", "? The server could not answer: syntax error\\x1b[2J"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "sessions");
        scene_expect(s, "Not asked yet.");
        scene_refuse(s, 0, "sessions", cases[i].status, cases[i].note);
        scene_expect(s, cases[i].want);
        scene_keys(s, "1");
        if (cases[i].status == FRAME_ABSENT)    /* of what a server does not have there is no row */
            scene_expect_not(s, "  sessions  ");
        else
            scene_expect(s, "? sessions  ?");
        scene_free(s);
    }
}

static void a_server_out_of_reach_says_so(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    scene_keys(s, "} }");
    scene_expect(s, "? sessions  ?");
    scene_expect(s, "no connection");
    scene_golden_of(s, "overview-lost", "80x24");
    scene_keys(s, "2");
    scene_expect(s, "No connection: timeout expired");
    scene_expect(s, "Tried again in 3 s; Ctrl-R tries at once.");
    scene_free(s);
}

/* The banner says once what is wrong; the rows keep what was known last, in the look of what is old, and no row comes
 * up that was not there before. */
static void a_lost_server_keeps_its_last_words(void **state)
{
    (void)state;
    static const char *const topics[] = {"sessions", "server", "replication"};
    struct scene *s = scene_of("overview", 24, 80, TEXT_UTF8);
    publish_past(s);
    publish_server(s);
    scene_publish(s, 0, "replication", 0.4);
    scene_expect(s, "behind 4711 billing");
    for (size_t i = 0; i < COUNT_OF(topics); i++)
        scene_refuse(s, 0, topics[i], FRAME_LOST, "server closed the connection");
    scene_link(s, 0, LINK_WAITING, 3, "Connection refused");
    scene_expect(s, "not connected for 3 s");
    scene_expect(s, "behind 4711 billing");
    scene_expect(s, "1,208/s               rollback 0.3 %");
    scene_expect_not(s, "  lag  ");
    assert_stale(s, 3, 9);
    scene_golden_of(s, "overview-down", "80x24");
    scene_link(s, 0, LINK_UP, 0, "");
    scene_expect(s, "1,208/s               lost: server closed the connection");
    scene_free(s);
}

static void every_page_draws_without_its_topic(void **state)
{
    (void)state;
    for (int i = 0; views[i]; i++) {
        for (size_t k = 0; k < COUNT_OF(scene_sizes); k++) {
            struct scene *s =
                scene_new(views, scene_sizes[k].rows, scene_sizes[k].columns, scene_sizes[k].mode, views[i]->name);
            assert_true(strlen(scene_text(s)) > 0);
            scene_keys(s, "Enter Down Up G g I m v / a Enter Esc");
            assert_true(strlen(scene_text(s)) > 0);
            scene_free(s);
        }
    }
}

/* Any keys, any size, answers that come and go: it never stops, and never leaves its canvas (which asserts).
 */
static void random_keys_and_answers_do_no_harm(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "Up",    "Down", "PgUp", "PgDn", "g", "G", "h", "l", "I", "<",   ">", "m", "v", "w", "F", "n",    "N",
        "Enter", "Esc",  "i",    "b",    "(", ")", "1", "2", "3", "Tab", "[", "]", "s", "c", "y", "Space"};
    static const char *const files[] = {"sessions-mixed", "sessions-later", "sessions"};
    struct random r = random_start(__func__);
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    for (int i = 0; i < 4000; i++) {
        scene_keys(s, keys[random_below(&r, COUNT_OF(keys))]);
        switch (random_below(&r, 40)) {
        case 0:
            ui_resize(s->ui, 1 + (int)random_below(&r, 60), 1 + (int)random_below(&r, 220));
            break;
        case 1:
            scene_publish(s, 0, files[random_below(&r, COUNT_OF(files))], 0);
            break;
        case 2:
            scene_wait(s, random_unit(&r) * 5);
            break;
        case 3:
            scene_refuse(s, 0, "sessions", FRAME_LOST, "cut");
            break;
        case 4:
            ui_mouse(s->ui, MOUSE_CLICK, (int)random_below(&r, 60), (int)random_below(&r, 220));
            break;
        case 5:
            store_forget(s->store, 0);      /* another server answers */
            break;
        }
        const struct canvas *c = ui_canvas(s->ui);
        assert_true(c->cursor_row < c->rows && c->cursor_column < c->columns);
    }
    scene_free(s);
}

static void publish_many(struct scene *s, uint32_t rows)
{
    int topic = store_find_topic(s->store, "sessions");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct random r = {rows};
    struct frame_builder *b = frame_build(schema);
    char query[1200];
    memset(query, 'q', sizeof(query));
    for (uint32_t i = 0; i < rows; i++) {
        frame_build_row(b);
        frame_build_int(b, schema_find(schema, "pid"), 1000 + i);
        frame_build_int(b, schema_find(schema, "backend_start"), i);
        frame_build_text(b, schema_find(schema, "user"), "web", 3);
        frame_build_text(b, schema_find(schema, "backend_type"), "client backend", 14);
        frame_build_text(b, schema_find(schema, "state"), "active", 6);
        frame_build_real(b, schema_find(schema, "query_age_s"), random_unit(&r) * 1000);
        frame_build_text(b, schema_find(schema, "query"), query, 200 + random_below(&r, 1000));
    }
    store_publish(s->store, 0, topic,
                  frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us}), NULL, NULL);
}

/* Printed for people; the bound only catches what has become another algorithm. */
static void five_thousand_sessions_are_quick(void **state)
{
    (void)state;
    enum { TIMES = 50 };
    struct scene *s = scene_of("sessions", 60, 200, TEXT_UTF8);
    publish_many(s, 5000);
    int64_t start = clock_boot_us();
    scene_text(s);
    double first = (double)(clock_boot_us() - start) / US_PER_MS;
    start = clock_boot_us();
    for (int i = 0; i < TIMES; i++) {
        ui_key(s->ui, 'j');
        ui_draw(s->ui);
    }
    double each = (double)(clock_boot_us() - start) / US_PER_MS / TIMES;
    print_message("5,000 sessions at 200x60: new answer %.2f ms, key to picture %.2f ms\n", first, each);
    assert_true(first < 500 && each < 100);
    scene_free(s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_at_every_size),
        cmocka_unit_test(the_server_page_tells_of_breakers),
        cmocka_unit_test(who_told_the_exact_sizes_is_said),
        cmocka_unit_test(texts_that_cannot_be_read_are_said),
        cmocka_unit_test(a_statement_is_told_in_full),
        cmocka_unit_test(overview_at_every_size),
        cmocka_unit_test(overviews_of_all_kinds),
        cmocka_unit_test(applications_at_every_size),
        cmocka_unit_test(numbers_fit_the_target),
        cmocka_unit_test(a_page_a_probe),
        cmocka_unit_test(nothing_stale_looks_fresh),
        cmocka_unit_test(a_lost_server_keeps_its_last_words),
        cmocka_unit_test(a_page_without_an_answer_says_why),
        cmocka_unit_test(a_server_out_of_reach_says_so),
        cmocka_unit_test(every_page_draws_without_its_topic),
        cmocka_unit_test(random_keys_and_answers_do_no_harm),
        cmocka_unit_test(five_thousand_sessions_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
