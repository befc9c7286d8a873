/* The overview where there is little room: no number is cut, and the worst rows are seen first. */
#include "base/attr.h"
#include "base/clock.h"
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

static void publish_sessions(struct scene *s, unsigned clients)
{
    int topic = store_find_topic(s->store, "sessions");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    for (unsigned i = 0; i < clients; i++) {
        frame_build_row(b);
        frame_build_int(b, schema_find(schema, "pid"), 1000 + i);
        frame_build_text(b, schema_find(schema, "user"), "web", 3);
        frame_build_text(b, schema_find(schema, "backend_type"), "client backend", 14);
        frame_build_text(b, schema_find(schema, "state"), "idle", 4);
    }
    store_publish(s->store, 0, topic,
                  frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us}), NULL, NULL);
}

static void publish_most(struct scene *s, int most)
{
    int topic = store_find_topic(s->store, "server");
    const struct schema *schema = store_topic(s->store, topic)->schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    frame_build_int(b, schema_find(schema, "max_connections"), most);
    frame_build_int(b, schema_find(schema, "reserved"), 3);
    store_publish(s->store, 0, topic,
                  frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = s->now_us}), NULL, NULL);
}

/* "1200 of 4…" reads as 1200 of 4. */
static void no_number_is_cut(void **state)
{
    (void)state;
    static const struct {
        int rows, columns;
        unsigned clients;
        int most;
        const char *want;
    } cases[] = {
        {24, 80, 250, 2000, "  sessions  250 of 1997   "}, {24, 80, 1200, 5000, "  sessions  1200 of 4997   "},
        {60, 200, 1200, 5000, "  sessions  1200 of 4997   "}, {12, 40, 1200, 1300, " sessions  1200/1297  "},
        {5, 20, 250, 260, " sessions 250/257\n"}, {5, 20, 1200, 1300, " sessions 1200\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene *s = scene_new(views, cases[i].rows, cases[i].columns, TEXT_UTF8, "overview");
        publish_most(s, cases[i].most);
        publish_sessions(s, cases[i].clients);
        scene_keys(s, "Down Up");
        scene_expect(s, cases[i].want);
        scene_free(s);
    }
}

static void publish_all(struct scene *s)
{
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_publish(s, 0, "server", 0.4);
    scene_publish(s, 0, "replication", 0.4);
}

/* On the smallest screen what is critical is there, and what is not there is counted and within reach. */
static void the_worst_is_seen_first(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 5, 20, TEXT_UTF8, "overview");
    publish_all(s);
    scene_expect(s, "▸‼ sessions  11 of 9\n ‼ blocked   ≥3\n ‼ slots     2    +4\n");
    scene_keys(s, "Down Down Down");
    scene_expect(s, " ‼ blocked   ≥3\n ‼ slots     2\n▸! oldest");
    scene_expect(s, "‼ slots     2\n▸! oldest ≥12:11  +4\n");
    scene_keys(s, "G");
    scene_expect(s, "▸? slow ≥5 > 1 s  +4\n");
    scene_keys(s, "g");
    scene_expect(s, "▸‼ sessions");
    scene_free(s);
}

/* Of a server that is down all rows are of before. */
static void no_row_goes_silently(void **state)
{
    (void)state;
    static const char *const topics[] = {"sessions", "server", "replication"};
    struct scene *s = scene_new(views, 12, 40, TEXT_UTF8, "overview");
    publish_all(s);
    for (size_t i = 0; i < COUNT_OF(topics); i++)
        scene_refuse(s, 0, topics[i], FRAME_LOST, "server closed the connection");
    scene_link(s, 0, LINK_WAITING, 3, "Connection refused");
    scene_expect(s, "   +3 more\n");
    scene_expect_not(s, "= wal");
    scene_keys(s, "G");
    scene_expect(s, "▸= wal");
    scene_expect(s, "   +3 more\n");
    scene_free(s);
}

static void no_number_of_a_table_is_cut(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 12, 7, TEXT_UTF8, "sessions");
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_expect(s, "  ‼   …\n");
    scene_expect_not(s, "47");
    scene_free(s);
}

/* Down to one cell, wherever the selection is: the cursor is on the screen. */
static void every_small_size_is_drawn(void **state)
{
    (void)state;
    static const char *const pages[] = {"overview", "queues", "topology", "fleet", "health"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct scene *s = scene_new(views, 24, 80, TEXT_ASCII, pages[i]);
        publish_all(s);
        scene_publish(s, 0, "queues", 0.4);
        for (int rows = 1; rows < 16; rows++)
            for (int columns = 1; columns < 70; columns++) {
                ui_resize(s->ui, rows, columns);
                scene_keys(s, columns % 3 ? "Down" : columns % 2 ? "G" : "g");
                const struct canvas *c = ui_canvas(s->ui);
                assert_true(c->cursor_row < rows && c->cursor_column < columns);
            }
        scene_free(s);
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_number_is_cut),
        cmocka_unit_test(no_number_of_a_table_is_cut),
        cmocka_unit_test(every_small_size_is_drawn),
        cmocka_unit_test(the_worst_is_seen_first),
        cmocka_unit_test(no_row_goes_silently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
