/* What the overview and the fleet say of answers as servers give them, with what is derived from those. */
#include "base/attr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "probes/list.h"
#include "tests/screen/scene.h"
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

static const struct probe *probe_of(const char *name)
{
    int i = 0;
    while (strcmp(probe_table[i]->name, name) != 0)
        i++;
    return probe_table[i];
}

/* One row, "wait=3 user=app", and all that its probe derives from it. */
static void answer(struct scene *s, int target, const char *topic, const char *row)
{
    const struct probe *p = probe_of(topic);
    struct frame_builder *b = frame_build(p->schema);
    char *text = mem_string(row), *next;
    frame_build_row(b);
    for (char *cell = strtok_r(text, " ", &next); cell; cell = strtok_r(NULL, " ", &next)) {
        char *value = strchr(cell, '=');
        *value++ = '\0';
        int column = schema_find(p->schema, cell);
        assert_true(column >= 0);
        if (p->schema->columns[column].type == TYPE_TEXT)
            frame_build_text(b, column, value, strlen(value));
        else if (p->schema->columns[column].type == TYPE_REAL)
            frame_build_real(b, column, strtod(value, NULL));
        else
            frame_build_int(b, column, strtoll(value, NULL, 10));
    }
    free(text);
    struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us, .wall_us = s->wall_us});
    struct probe_context context = {.facts = &store_target(s->store, target)->facts, .now_us = s->now_us, .interval_s = 2,
                                    .store = s->store, .target = target};
    struct frame *derived = p->derive ? p->derive(f, NULL, &context) : NULL;
    store_publish(s->store, target, store_find_topic(s->store, topic), f, NULL, derived);
}

/* The last failure is of the last minute for as long as it fails: the last success tells since when. */
static void archiving_that_fails_says_what_went_well_last(void **state)
{
    (void)state;
    static const struct {
        const char *row, *words;
        bool fails;
    } cases[] = {
        {"database=d archived_age_s=259200 archive_failed_age_s=41", "‼ wal       – archiving fails, last good 3 d ago", true},
        {"database=d archive_failed_age_s=41", "‼ wal       – archiving fails, nothing went well yet", true},
        {"database=d archived_age_s=9 archive_failed_age_s=41", "archived 9.0 s ago", false},
        /* archiving is off, since it failed long ago */
        {"database=d archived_age_s=8640000 archive_failed_age_s=7776000", "archived 100 d ago", false},
        {"database=d archive_failed_age_s=7776000", "wal ", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene *s = scene_new(views, 24, 120, TEXT_UTF8, "overview");
        char line[200];
        answer(s, 0, "server", cases[i].row);
        const char *at = strstr(scene_text(s), "wal  "), *words = strstr(cases[i].words, "archiv");
        assert_non_null(at);
        snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
        if (words && !strstr(line, words))
            fail_msg("%s: %s", cases[i].row, line);
        if ((strstr(line, "fails") != NULL) != cases[i].fails)
            fail_msg("%s: %s", cases[i].row, line);
        if (cases[i].fails)
            scene_expect(s, "‼ wal");
        else
            scene_expect_not(s, "‼ wal");
        scene_free(s);
    }
}

/* PgBouncer tells the wait in two columns; what people see is made of both. */
static void the_fleet_shows_the_longest_wait_of_a_pooler(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 160, TEXT_UTF8, "fleet");
    answer(s, 3, "bouncer_pools", "database=shop user=web cl_active=20 cl_waiting=7 maxwait=4 maxwait_us=200000");
    scene_expect(s, "4.2 s");
    scene_free(s);
}

static void go(struct scene *s, const char *where)
{
    scene_keys(s, ":");
    scene_type(s, where);
    scene_keys(s, "Enter");
}

/* Critical is what makes somebody wait, as for the rules. */
static void what_is_closed_or_full_is_a_warning(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 160, TEXT_UTF8, "overview");
    struct facts f = {.known = true, .kind = TARGET_APP, .version_text = mem_string("JSON")};
    int app = store_add_target(s->store, "shop-api", "shop", "prod");
    store_set_application(s->store, app, "billing-api");
    store_set_facts(s->store, app, &f);
    store_set_link(s->store, app, &(struct link){.state = LINK_UP, .since_us = s->now_us, .connects = 1});
    store_set_timing(s->store, app, store_find_topic(s->store, "app_pools"),
                     &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = US_PER_S});
    answer(s, app, "app_pools", "pool=primary open=10 in_use=10 idle=0 max_open=10");
    go(s, "overview @shop-api");
    scene_expect(s, "! in use");
    go(s, "app_pools @shop-api");
    scene_expect(s, "! primary");
    answer(s, app, "app_pools", "pool=primary open=0 in_use=0 idle=0 max_open=10");
    scene_expect(s, "‼ primary");
    scene_publish(s, app, "app_pools", 0.4);        /* somebody waits */
    scene_expect(s, "‼ primary");
    answer(s, 3, "bouncer_databases", "name=shop paused=1 max_connections=40 current_connections=3");
    go(s, "overview @pooler");
    scene_expect(s, "! databases");
    go(s, "bouncer_databases @pooler");
    scene_expect(s, "! shop");
    scene_free(s);
}

/* The header's age is that of what comes with every interval. */
static void statements_on_a_large_screen_say_their_age(void **state)
{
    (void)state;
    static const struct timing slow = {.interval_us = 10 * US_PER_S, .deadline_us = 2 * US_PER_S};
    struct scene *s = scene_new(views, 60, 200, TEXT_UTF8, "overview");
    store_set_timing(s->store, 0, store_find_topic(s->store, "statements"), &slow);
    scene_publish(s, 0, "sessions", 0.4);
    scene_publish(s, 0, "pools", 0.4);
    scene_publish(s, 0, "statements", 9);
    scene_expect(s, "age <3 s");
    scene_expect(s, " statements by time, last interval, 9 s ago\n");
    scene_expect(s, " connections by application\n");
    scene_wait(s, 4);       /* nothing comes any more */
    scene_expect(s, " statements by time, last interval, 13 s ago\n");
    scene_expect(s, " connections by application, 4 s ago\n");
    scene_free(s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archiving_that_fails_says_what_went_well_last),
        cmocka_unit_test(the_fleet_shows_the_longest_wait_of_a_pooler),
        cmocka_unit_test(what_is_closed_or_full_is_a_warning),
        cmocka_unit_test(statements_on_a_large_screen_say_their_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
