/* The page of sessions under keys: the selection stays on its session, filters narrow, nothing is lost. */
#include "base/attr.h"
#include "base/clock.h"
#include "tests/screen/scene.h"
#include "ui/keymap.h"
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

/* The line of the screen that has the cursor: the selected row. */
static const char *selected_line(struct scene *s)
{
    static char line[512];
    const char *at = scene_text(s);
    int row = ui_canvas(s->ui)->cursor_row;
    assert_true(row >= 0);
    for (int i = 0; i < row; i++)
        at = strchr(at, '\n') + 1;
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void assert_selected(struct scene *s, const char *pid)
{
    if (!strstr(selected_line(s), pid))
        fail_msg("%s is not selected:\n%s", pid, scene_text(s));
}

static void the_selection_stays_on_its_session(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    assert_selected(s, "4711");
    scene_keys(s, "Down Down Down Down");
    assert_selected(s, "5190");
    scene_keys(s, "I");
    assert_selected(s, "5190");
    scene_keys(s, ">");
    assert_selected(s, "5190");
    scene_publish(s, 0, "sessions-later", 0.1);     /* 4711 and 5140 are gone, 6000 is new */
    assert_selected(s, "5190");
    scene_expect(s, " +  6000");
    scene_expect_not(s, "4711 billing");
    scene_free(s);
}

static void a_session_that_ends_is_said(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_keys(s, "Down Down Down");
    assert_selected(s, "5140");
    scene_publish(s, 0, "sessions-later", 0.1);
    assert_selected(s, "5190");
    scene_expect(s, "pid 5140 is gone; this is its neighbour");
    scene_keys(s, "Up");
    scene_expect_not(s, "is gone");
    scene_free(s);
}

static void a_detail_page_stays_on_its_session(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 100, TEXT_UTF8);
    scene_keys(s, "Enter");
    scene_expect(s, "update orders set state = 'paid' where id = 17");
    scene_expect(s, "billing-7");
    scene_publish(s, 0, "sessions-later", 0);
    scene_text(s);
    scene_wait(s, 12);
    scene_expect(s, "= gone since 12 s: these are the last values that were seen");
    scene_expect(s, "update orders set state");
    scene_keys(s, "Esc");
    scene_expect(s, "↓age");
    scene_free(s);
}

static void filters_narrow_and_clear(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    scene_keys(s, "/");
    scene_type(s, "state:active age>4m");
    scene_expect_not(s, "5202");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: state:active age>4m");
    scene_expect(s, "6/13");
    scene_keys(s, "/ C-u");
    scene_type(s, "nosuchthing");
    scene_keys(s, "Enter");
    scene_expect(s, "The filter hides all 13 rows. Esc clears it.");
    scene_keys(s, "Esc");
    scene_expect(s, "13 rows");
    scene_expect(s, "4711");
    scene_free(s);
}

static void a_filter_given_up_brings_the_old_one_back(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    scene_keys(s, "/");
    scene_type(s, "web");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: web");
    scene_keys(s, "/");
    scene_type(s, "nosuchthing");
    scene_keys(s, "Esc");
    scene_expect(s, "filter: web  ");
    scene_free(s);
}

static void what_is_wrong_filters_nothing(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    scene_keys(s, "/");
    scene_type(s, "nosuch:1");
    scene_expect(s, "There is no column \"nosuch\" here.");
    scene_expect(s, "13 rows");
    scene_keys(s, "Enter C-u");
    scene_type(s, "web");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: web  ");
    scene_keys(s, "/ C-u");
    scene_type(s, "blocks>5%");
    scene_expect(s, "filter: web  ");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: web  ");
    scene_keys(s, "Esc");
    scene_expect(s, "filter: web  ");
    scene_keys(s, ":");
    scene_type(s, "sessions nosuch:1");
    scene_keys(s, "Enter");
    scene_expect(s, "There is no column \"nosuch\" here.");
    scene_expect(s, "filter: web  ");
    scene_free(s);
}

static void a_small_screen_says_what_is_wrong_too(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 12, 40, TEXT_UTF8);
    scene_keys(s, "/");
    scene_type(s, "nosuch:1");
    scene_expect(s, "There is no column \"nosuch\" here. Text …\n");
    scene_free(s);
}

static void a_long_filter_leaves_room_for_the_rest(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_keys(s, "/");
    scene_type(s, "state:active|state:idle|user:web|user:billing|application:nothing|age>1h");
    scene_keys(s, "Enter");
    scene_expect(s, "…  12/13  +5 cols  ↓age");
    scene_free(s);
}

/* By a column that is drawn, and the arrow is over it. */
static void the_order_is_always_in_sight(void **state)
{
    (void)state;
    static const int widths[] = {40, 80, 120};
    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        struct scene *s = scene_of("sessions", 24, widths[i], TEXT_UTF8);
        for (int step = 0; step < 30; step++) {
            const char *at = scene_text(s);
            scene_keys(s, step < 15 ? ">" : "<");
            at = scene_text(s);
            for (int row = 0; row < 3; row++)
                at = strchr(at, '\n') + 1;
            const char *arrow = strstr(at, "↓");
            if (!arrow || arrow > strchr(at, '\n'))
                fail_msg("no column has the arrow:\n%s", scene_text(s));
        }
        scene_free(s);
    }
}

static void sorting_by_a_hidden_column_shows_it(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_keys(s, "s");
    scene_type(s, "queryid");
    scene_keys(s, "Enter");
    scene_expect(s, "↓query");
    scene_free(s);
}

static void the_list_of_columns_explains_itself(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_keys(s, "c");
    scene_golden(s, "columns-80x24");
    scene_keys(s, "Space");
    scene_expect(s, "The first column is always shown: it tells the rows apart.");
    ui_resize(s->ui, 5, 20);
    scene_keys(s, "Down");
    scene_golden(s, "columns-20x5");
    scene_free(s);
}

/* Words behind a page are its argument or its filter, never a title. */
static void the_palette_filters_pages(void **state)
{
    (void)state;
    static const struct { const char *typed, *wanted; } rows[] = {
        {"sessions state:active", "filter: state:active"},
        {"sessions 5190", "primary › 5190"},
        {"sessions 999999", "There is no row 999999."},
        {"server standby-1", "standby-1 › server"},
        {"server nothing", "The page server has no rows to filter: \"nothing\" was left out."},
        {"overview idle", "The page overview has no rows to filter: \"idle\" was left out."},
        {"filter state:active", "filter: state:active"},
        {"search metabase", "/search"},
        {"messages nothing", "filter: nothing"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct scene *s = scene_of("sessions", 24, 100, TEXT_UTF8);
        scene_keys(s, ":");
        scene_type(s, rows[i].typed);
        scene_keys(s, "Enter");
        if (rows[i].wanted[0] == '/')
            assert_selected(s, "5190");
        else
            scene_expect(s, rows[i].wanted);
        scene_free(s);
    }
}

static void type_command(struct scene *s, const char *command)
{
    scene_keys(s, ":");
    scene_type(s, command);
    scene_keys(s, "Enter");
}

/* The horizon of the overview may be an autovacuum worker: whoever asks for it is not told that it has ended. */
static void a_hidden_session_is_shown_to_who_asks_for_it(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    scene_expect_not(s, "  802 ");
    type_command(s, "sessions 803");
    assert_selected(s, "803");
    scene_expect(s, "Row 803 was hidden; those like it are shown now.");
    scene_keys(s, "q");
    scene_keys(s, "I");     /* the page without an argument keeps what it hid */
    scene_expect_not(s, "  802 ");
    scene_free(s);
}

/* The page was there before, and had gone to another row: Enter would open that. */
static void what_is_asked_for_again_is_chosen_again(void **state)
{
    (void)state;
    struct scene *s = scene_of("overview", 24, 100, TEXT_UTF8);
    type_command(s, "sessions 4711");
    assert_selected(s, "4711");
    scene_keys(s, "j");
    assert_selected(s, "5120");
    type_command(s, "sessions 4711");
    assert_selected(s, "4711");
    scene_keys(s, "j q");
    type_command(s, "sessions 4711");
    assert_selected(s, "4711");
    scene_keys(s, "Enter");
    scene_expect(s, "update orders set state = 'paid' where id = 17");
    scene_keys(s, "Esc j q [");
    assert_selected(s, "5120");         /* back is as it was left */
    scene_publish(s, 0, "sessions-later", 0.1);
    scene_keys(s, "q");
    type_command(s, "sessions 4711");
    scene_expect(s, "There is no row 4711.");
    scene_free(s);
}

static void the_filter_of_a_finding_stays_with_it(void **state)
{
    (void)state;
    struct scene *s = scene_of("overview", 24, 100, TEXT_UTF8);
    while (!strstr(selected_line(s), "blocked"))
        scene_keys(s, "Down");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: blocks>0|blocked_by!=null");
    scene_keys(s, "q 2");
    scene_expect(s, "13 rows");
    scene_keys(s, "/");
    scene_type(s, "web");
    scene_keys(s, "Enter q 2");
    scene_expect(s, "filter: web");     /* one of the user's own stays */
    scene_free(s);
}

static void a_filter_from_the_palette_leaves_a_row_in_full(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 100, TEXT_UTF8);
    scene_keys(s, "Enter :");
    scene_type(s, "sessions state:active");
    scene_keys(s, "Enter");
    scene_expect(s, "filter: state:active");
    scene_free(s);
}

static void searching_hides_nothing(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    scene_keys(s, "\\");
    scene_type(s, "metabase");
    scene_keys(s, "Enter");
    scene_expect(s, "13 rows");
    assert_selected(s, "5190");
    scene_keys(s, "n");
    assert_selected(s, "5191");
    scene_keys(s, "N N");
    assert_selected(s, "5192");
    scene_free(s);
}

static void switches_show_and_hide(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 30, 120, TEXT_UTF8);
    scene_expect(s, "5202");
    scene_expect_not(s, "  802 ");
    scene_keys(s, "b");
    scene_expect(s, "  802 ");
    scene_keys(s, "i");
    scene_expect_not(s, " 5202 ");
    scene_expect(s, "idle 1 hidden (i)");
    scene_free(s);
}

/* As pgvigil.yaml may have it. */
static void what_is_hidden_names_the_key_that_shows_it(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    struct keymap *keys = (struct keymap *)ui_keymap(s->ui);
    scene_expect(s, "hidden (b)");
    assert_true(keymap_bind(keys, "background", (const char *const[]){"x"}, 1, &err));
    scene_publish(s, 0, "sessions-mixed", 0.1);
    scene_expect(s, "hidden (x)");
    scene_keys(s, "x");
    scene_expect(s, "  802 ");
    assert_true(keymap_bind(keys, "background", NULL, 0, &err));
    scene_keys(s, "x");
    scene_expect(s, "The key x means nothing here");
    scene_free(s);
}

static void columns_scroll_and_hide(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_expect(s, "+5 cols");
    scene_keys(s, "Right Right Right");
    scene_expect(s, "4711");
    scene_expect_not(s, "user");
    scene_expect(s, "client");
    scene_keys(s, "Left Left Left w");
    scene_expect(s, "application");
    scene_golden(s, "sessions-wide-80x24");
    scene_free(s);
}

static void enter_on_the_overview_opens_the_proof(void **state)
{
    (void)state;
    struct scene *s = scene_of("overview", 24, 100, TEXT_UTF8);
    while (!strstr(selected_line(s), "blocked"))
        scene_keys(s, "Down");
    scene_keys(s, "Enter");
    scene_expect(s, "sessions");
    scene_expect(s, "filter: blocks>0|blocked_by!=null");
    scene_expect(s, "4/13");
    scene_free(s);
}

/* Of a standby: nobody is told the pid of its startup process, as one that could be ended. */
static void replay_at_the_root_is_no_session(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 100, TEXT_UTF8, "overview");
    scene_publish(s, 0, "sessions-replay", 0.4);
    scene_expect(s, "behind replay of its primary's locks");
    scene_expect_not(s, "behind 812");
    scene_free(s);
}

static void a_click_selects_and_sorts(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_text(s);
    ui_mouse(s->ui, MOUSE_CLICK, 7, 10);
    assert_selected(s, "5140");
    ui_mouse(s->ui, MOUSE_CLICK, 3, 6);
    scene_expect(s, "↓pid");
    assert_selected(s, "5140");
    ui_mouse(s->ui, MOUSE_CLICK, 3, 6);
    scene_expect(s, "↑pid");
    assert_selected(s, "5140");
    scene_free(s);
}

static void copying_gives_the_whole_query(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 80, TEXT_UTF8);
    scene_keys(s, "Down y");
    scene_expect(s, "copy");
    scene_type(s, "query");
    scene_keys(s, "Enter");
    assert_string_equal(s->copied, "alter table orders add column note text");
    scene_free(s);
}

/* What may not be seen is not nothing; processes of the server's own are no clients. */
static void hidden_sessions_are_no_zero(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 120, TEXT_UTF8, "overview");
    scene_publish(s, 0, "sessions-plain", 0.4);
    scene_expect(s, "? sessions  3 ");
    scene_expect(s, "not visible 2: GRANT pg_monitor TO app");
    scene_expect(s, "? blocked   ?          ");
    scene_expect(s, "? oldest    ?          ");
    scene_expect(s, "? slow      ?          ");
    scene_expect(s, "not known: 2 sessions are not visible to this role");
    scene_expect_not(s, "no transaction");
    scene_keys(s, "2");
    scene_expect(s, "sessions 3 ");
    scene_expect(s, "background 2");
    scene_free(s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_sessions_are_no_zero),
        cmocka_unit_test(the_selection_stays_on_its_session),
        cmocka_unit_test(a_session_that_ends_is_said),
        cmocka_unit_test(a_detail_page_stays_on_its_session),
        cmocka_unit_test(filters_narrow_and_clear),
        cmocka_unit_test(a_filter_given_up_brings_the_old_one_back),
        cmocka_unit_test(what_is_wrong_filters_nothing),
        cmocka_unit_test(a_small_screen_says_what_is_wrong_too),
        cmocka_unit_test(a_long_filter_leaves_room_for_the_rest),
        cmocka_unit_test(the_order_is_always_in_sight),
        cmocka_unit_test(sorting_by_a_hidden_column_shows_it),
        cmocka_unit_test(the_list_of_columns_explains_itself),
        cmocka_unit_test(the_palette_filters_pages),
        cmocka_unit_test(a_hidden_session_is_shown_to_who_asks_for_it),
        cmocka_unit_test(what_is_asked_for_again_is_chosen_again),
        cmocka_unit_test(the_filter_of_a_finding_stays_with_it),
        cmocka_unit_test(a_filter_from_the_palette_leaves_a_row_in_full),
        cmocka_unit_test(searching_hides_nothing),
        cmocka_unit_test(switches_show_and_hide),
        cmocka_unit_test(what_is_hidden_names_the_key_that_shows_it),
        cmocka_unit_test(columns_scroll_and_hide),
        cmocka_unit_test(enter_on_the_overview_opens_the_proof),
        cmocka_unit_test(replay_at_the_root_is_no_session),
        cmocka_unit_test(a_click_selects_and_sorts),
        cmocka_unit_test(copying_gives_the_whole_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
