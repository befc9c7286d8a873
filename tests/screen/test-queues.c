/* The page of queues and its line on the overview: what moves, and when a queue will be empty. */
#include "base/attr.h"
#include "base/clock.h"
#include "model/rates.h"
#include "tests/screen/scene.h"
#include "ui/views/list.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- queues, whose definitions make the topic: here a store with the columns that the page names ---- */

enum { DEFINITION, QUEUE, READY, RUNNING, STUCK, OLDEST, ENQUEUED, COMPLETED, CAPPED, NOTE, QUEUE_COLUMNS };

static const struct column queue_columns[] = {
    [DEFINITION] = {"definition", "system", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 14, 0, "System."},
    [QUEUE] = {"queue", "queue", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 0, "Queue."},
    [READY] = {"ready", "ready", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Ready."},
    [RUNNING] = {"running", "run", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1, "Running."},
    [STUCK] = {"stuck", "stuck", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1, "Stuck."},
    [OLDEST] = {"oldest_s", "oldest", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 1, "Oldest."},
    [ENQUEUED] = {"enqueued", "in", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 2, "In."},
    [COMPLETED] = {"completed", "out", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 2, "Out."},
    [CAPPED] = {"capped", "capped", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 8, "Capped."},
    [NOTE] = {"note", "note", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 30, 1, "Note."},
};
static const struct schema queue_schema = {"queues", QUEUE_COLUMNS, queue_columns};

static void add_queue(struct frame_builder *b, const char *system, const char *queue, int ready, int stuck, int in,
                      int out)
{
    frame_build_row(b);
    frame_build_text(b, DEFINITION, system, strlen(system));
    frame_build_text(b, QUEUE, queue, strlen(queue));
    frame_build_int(b, READY, ready);
    frame_build_int(b, RUNNING, 16);
    frame_build_int(b, STUCK, stuck);
    frame_build_real(b, OLDEST, 370);
    frame_build_int(b, ENQUEUED, in);
    frame_build_int(b, COMPLETED, out);
    frame_build_int(b, CAPPED, ready == 18000);
}

static struct frame *queue_frame(int times, int64_t taken_us, int triage, int triage_out)
{
    static const char note[] = "no SELECT on a2a_tasks: GRANT SELECT ON public.a2a_tasks TO mon";
    struct frame_builder *b = frame_build(&queue_schema);
    add_queue(b, "orchestrator", "triage", triage, 2, 41 * times, triage_out * times);
    add_queue(b, "orchestrator", "template", 12, 0, 4 * times, 8 * times);
    add_queue(b, "querator", "orders", 18000, 0, 880 * times, 912 * times);
    frame_build_row(b);
    frame_build_text(b, DEFINITION, "rad", 3);
    frame_build_text(b, QUEUE, "a2a", 3);
    frame_build_text(b, NOTE, note, strlen(note));
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = taken_us, .epoch = 1});
}

static void draw_view(const struct view *view, struct store *store, struct canvas *c)
{
    struct view_scene scene = {.store = store, .target = 0, .now_us = SCENE_NOW, .wall_us = SCENE_WALL};
    struct view_state *state = view->open(&scene);
    canvas_clear(c);
    view->draw(state, &scene, c);
    view->close(state);
}

static void assert_drawn(const struct canvas *c, const char *part)
{
    struct buf text = {0};
    canvas_dump(c, &text);
    if (!strstr(buf_text(&text), part))
        fail_msg("\"%s\" is not there:\n%s", part, buf_text(&text));
    buf_free(&text);
}

/* When all will be empty is not known while of one system it is not. */
static void what_drains_is_all_or_unknown(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 40, 120, TEXT_UTF8, "overview");
    scene_publish(s, 0, "queues-half", 0.4);
    scene_expect(s, "queues    166");
    scene_expect_not(s, "drains in");
    scene_publish(s, 0, "queues", 0.4);
    scene_expect(s, "stuck 17  dead 21  orchestrator never drains  oldest 3 h 06  running 43");
    scene_free(s);
    s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    scene_publish(s, 0, "queues", 0.4);
    scene_expect(s, "stuck 17  dead 21  orchestrator never drains…");
    scene_free(s);
}

/* What could not be counted says why, and what to grant, in the width of the screen. */
static void what_is_not_counted_says_why_in_full(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "queues");
    scene_publish(s, 0, "queues-denied", 0.4);
    scene_expect(s, "? rad: no SELECT on public.a2a_tasks: GRANT SELECT ON public.a2a_tasks TO mon");
    scene_keys(s, "1");
    scene_expect(s, "? queues    –                     no SELECT on public.a2a_tasks");
    scene_free(s);
}

static void publish_queues(struct store *store, const struct schema *rates, int triage, int triage_out)
{
    struct frame *before = queue_frame(1, SCENE_NOW - 10 * US_PER_S, triage, triage_out);
    struct frame *now = queue_frame(2, SCENE_NOW, triage, triage_out);
    store_publish(store, 0, 0, now, rates_frame(rates, now, before), NULL);
    frame_unref(before);
}

/* What one system has to spare empties no other. */
static void queues_say_when_they_are_empty(void **state)
{
    (void)state;
    struct store *store = store_new(1 << 20);
    struct canvas *c = canvas_new(20, 120, TEXT_UTF8);
    struct schema *rates = rates_schema(&queue_schema);
    int target = store_add_target(store, "primary", NULL, NULL);
    int topic = store_add_topic(store, &(struct topic){.name = "queues", .schema = &queue_schema, .rates_schema = rates});
    store_set_timing(store, target, topic, &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = US_PER_S});
    publish_queues(store, rates, 1204, 32);
    draw_view(&queues_view, store, c);
    assert_drawn(c, " ! orchestrator  triage      1,204      16       2     6:10     4.1/s     3.2/s        ∞");
    assert_drawn(c, "   orchestrator  template       12      16       0     6:10     0.4/s     0.8/s   30.0 s");
    assert_drawn(c, "≥18,000");
    assert_drawn(c, " ? rad           a2a");
    assert_drawn(c, "no SELECT on a2a_tasks");
    draw_view(&overview_view, store, c);
    assert_drawn(c, "! queues    19,216");
    assert_drawn(c, "stuck 2  orchestrator never drains  oldest 6:10  running 48");
    publish_queues(store, rates, 1204, 61);
    draw_view(&overview_view, store, c);
    assert_drawn(c, "stuck 2  oldest 6:10  drains in 1 h 33, querator last  running 48");
    publish_queues(store, rates, 7, 41);        /* as many come as go, and it is hardly two seconds' work */
    draw_view(&overview_view, store, c);
    assert_drawn(c, "stuck 2  oldest 6:10  running 48");
    canvas_free(c);
    store_free(store);
    schema_free(rates);
}

/* A queue that does not shrink is the last to be empty: to sorting, to filters, and in full. */
static void never_is_more_than_any_time(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 40, 120, TEXT_UTF8, "queues");
    scene_publish(s, 0, "queues-grow", 0.4);
    scene_expect(s, "∞");
    scene_expect(s, "3.0/s     3.2/s    10:34");    /* in a minute, not the 9.0/s of a moment */
    scene_keys(s, "s");
    scene_type(s, "drains");
    scene_keys(s, "Enter");
    scene_expect(s, "▸ ! querator      orders");
    scene_keys(s, "/");
    scene_type(s, "drains>1h");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: drains>1h");
    scene_expect(s, "2/12");
    scene_keys(s, "y Enter");
    assert_non_null(strstr(s->copied, "\t∞\t"));
    scene_keys(s, "Enter G");
    scene_expect(s, "drains          ∞  ");
    scene_keys(s, "Esc Esc /");
    scene_type(s, "out>3");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: out>3  4/12");     /* by a counter or not: what the page shows */
    scene_free(s);
}

/* No letter of ASCII stands for ∞ or ≥, and the words that explain them are no bytes. */
static void ascii_says_never_and_at_least(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 40, 120, TEXT_ASCII, "queues");
    scene_publish(s, 0, "queues-grow", 0.4);
    scene_expect(s, ">=18,000");
    scene_expect(s, "  never\n");
    scene_keys(s, "Down Down");
    scene_keys(s, "Enter G");
    scene_expect(s, "drains          never  ");
    scene_expect(s, "like that; never when");
    scene_keys(s, "Esc ?");
    scene_expect_not(s, "\\x");
    scene_free(s);
    s = scene_new(views, 24, 80, TEXT_ASCII, "overview");
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_expect(s, "# blocked   >=3");
    scene_free(s);
}

/* What is dead or failed is seen before columns of which nothing is known. */
static void dead_rows_are_seen(void **state)
{
    (void)state;
    static const int columns[] = {80, 120, 200};
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        struct scene *s = scene_new(views, 40, columns[i], TEXT_UTF8, "queues");
        scene_publish(s, 0, "queues", 0.4);
        scene_expect(s, " dead ");
        scene_expect(s, " failed ");
        scene_expect(s, " drains");
        scene_expect(s, " 21 ");
        if (columns[i] < 200)
            scene_expect_not(s, " note");
        scene_free(s);
    }
}

/* Our own signs are spelt out there, on every page. */
static void no_help_has_bytes_in_it(void **state)
{
    (void)state;
    for (int i = 0; views[i]; i++) {
        struct scene *s = scene_new(views, 400, 120, TEXT_ASCII, views[i]->name);
        scene_keys(s, "?");
        scene_expect(s, views[i]->title);
        scene_expect_not(s, "\\x");
        scene_free(s);
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_drains_is_all_or_unknown),
        cmocka_unit_test(what_is_not_counted_says_why_in_full),
        cmocka_unit_test(never_is_more_than_any_time),
        cmocka_unit_test(ascii_says_never_and_at_least),
        cmocka_unit_test(no_help_has_bytes_in_it),
        cmocka_unit_test(dead_rows_are_seen),
        cmocka_unit_test(queues_say_when_they_are_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
