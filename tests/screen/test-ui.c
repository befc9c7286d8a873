/* The controller: the lines around a page, going places, time, messages, mouse; drawn without a terminal. */
#include "tests/screen/pages.h"

#include "base/mem.h"
#include "tests/unit/random.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- golden screens ---- */

static const struct size {
    int rows, columns;
    enum text_mode mode;
    const char *name;
} sizes[] = {
    {24, 80, TEXT_UTF8, "80x24"},        {40, 120, TEXT_UTF8, "120x40"},
    {12, 40, TEXT_UTF8, "40x12"},        {5, 20, TEXT_UTF8, "20x5"},
    {24, 80, TEXT_ASCII, "80x24-ascii"}, {40, 120, TEXT_ASCII, "120x40-ascii"},
    {12, 40, TEXT_ASCII, "40x12-ascii"}, {5, 20, TEXT_ASCII, "20x5-ascii"},
};

static void golden(struct scene *s, const char *what, const struct size *size)
{
    char name[64];
    snprintf(name, sizeof(name), "%s-%s", what, size->name);
    scene_golden(s, name);
}

static void all_furniture(const struct size *size)
{
    struct scene *s = scene_new(pages, size->rows, size->columns, size->mode, NULL);
    scene_publish(s, 0, "sessions", 0.4);
    scene_keys(s, "2");
    golden(s, "header", size);
    scene_keys(s, "?");
    golden(s, "help", size);
    scene_keys(s, "/");
    scene_type(s, "sampl");
    golden(s, "prompt", size);
    scene_keys(s, "Enter Esc Esc :");
    scene_type(s, "se");
    golden(s, "palette", size);
    scene_keys(s, "Esc Space");
    scene_wait(s, 14);
    golden(s, "paused", size);
    scene_keys(s, "Space");
    store_say(s->store, SCENE_WALL, SEV_WARN, 2,
              "could not connect: timeout expired after 3 s at pay-1.example:5432");
    store_say(s->store, SCENE_WALL, SEV_CRIT, 0,
              "the \033]0;watcher\a was killed: it had not answered for 3 s");
    golden(s, "message", size);
    scene_keys(s, "L");
    golden(s, "messages", size);
    scene_keys(s, "1 } }");
    golden(s, "down", size);
    scene_link(s, 2, LINK_PASSWORD, 1, "");
    golden(s, "password", size);
    pages_end(s);
}

static void furniture_looks_as_drawn(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        all_furniture(&sizes[i]);
}

/* ---- going places ---- */

static void enter_esc_and_q_walk_the_stack(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 Enter");
    scene_expect(s, "primary › sessions › 4711");
    scene_expect(s, "argument [4711]");
    scene_keys(s, "Esc");
    scene_expect_not(s, "4711");
    scene_keys(s, "q");
    scene_expect_not(s, "sessions ─");
    scene_keys(s, "Esc Esc");
    assert_int_equal(s->status, -1);
    scene_keys(s, "q");
    assert_int_equal(s->status, 0);
    pages_end(s);
}

static void history_goes_back_and_forth(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 Enter [");
    scene_expect_not(s, "4711");
    scene_expect(s, "› sessions");
    scene_keys(s, "[");
    scene_expect_not(s, "› sessions");
    scene_keys(s, "[");
    scene_expect(s, "There is nothing before this.");
    scene_keys(s, "] ]");
    scene_expect(s, "› 4711");
    scene_keys(s, "]");
    scene_expect(s, "There is nothing after this.");
    pages_end(s);
}

static void a_page_keeps_its_state(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 j j j 1 2");
    scene_expect(s, "requests 3");
    scene_keys(s, "Tab");
    scene_expect(s, "4 servers");
    scene_keys(s, "S-Tab");
    scene_expect(s, "requests 3");
    pages_end(s);
}

static void other_targets_show_the_same_page(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 }");
    scene_expect(s, "standby-1 · STANDBY");
    scene_expect(s, "› sessions");
    assert_int_equal(wishes_made()->shown_target, 1);
    assert_int_equal(wishes_made()->nshown, 1);
    scene_keys(s, "Enter }");
    scene_expect_not(s, "4711");
    scene_expect(s, "not connected for 14 s, next try in 3 s: timeout expired");
    pages_end(s);
}

static void requests_reach_the_page_or_give_a_reason(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 b");
    scene_expect(s, "requests 1 last 1000");
    scene_keys(s, "s");
    scene_expect(s, "Nothing can be sorted here.");
    scene_keys(s, "c");
    scene_expect(s, "This means nothing on this page");
    scene_keys(s, "X");
    scene_expect(s, "The key X means nothing here");
    scene_keys(s, "3");
    scene_expect(s, "No page has this number.");
    scene_wait(s, 5);
    scene_expect_not(s, "No page has this number.");
    pages_end(s);
}

/* ---- time ---- */

static void pausing_stops_everything(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "Space");
    assert_true(wishes_made()->paused);
    scene_wait(s, 75);
    scene_expect(s, "PAUSED 1:15");
    scene_keys(s, "Space");
    assert_false(wishes_made()->paused);
    scene_expect_not(s, "PAUSED");
    pages_end(s);
}

static void plus_and_minus_change_the_interval(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "+");
    assert_true(wishes_made()->interval == 3);
    scene_keys(s, "- -");
    assert_true(wishes_made()->interval == 1);
    for (int i = 0; i < 20; i++)
        scene_keys(s, "-");
    assert_true(wishes_made()->interval == 0.2);
    scene_keys(s, "C-r");
    assert_int_equal(wishes_made()->samples, 1);
    pages_end(s);
}

static void old_data_is_called_stale(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_expect(s, "<3 s");
    scene_wait(s, 1.5);
    scene_expect(s, "<3 s");
    scene_wait(s, 12);
    scene_expect(s, "STALE 13 s");
    scene_publish(s, 0, "sessions", 0);
    scene_expect_not(s, "STALE");
    pages_end(s);
}

static void retries_do_not_reset_the_time_of_loss(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_link(s, 0, LINK_WAITING, 0, "refused");
    for (int i = 0; i < 5; i++) {
        scene_wait(s, 2);
        scene_link(s, 0, LINK_CONNECTING, 0, "");
        scene_wait(s, 1);
        scene_link(s, 0, LINK_WAITING, 0, "refused");
    }
    scene_expect(s, "down 15 s");
    scene_expect(s, "not connected for 15 s, next try in 3 s: refused");
    scene_link(s, 0, LINK_UP, 0, "");
    scene_expect_not(s, "not connected");
    scene_link(s, 0, LINK_WAITING, 0, "refused");
    scene_expect(s, "down 0 s");
    pages_end(s);
}

/* As many lines as it needs: a reason that is cut off tells nobody what to do. */
static void why_there_is_no_connection_is_told_in_full(void **state)
{
    (void)state;
    static const char words[] = "/var/run/postgresql/.s.PGSQL.5432: No such file or directory: start it, or name another";
    struct scene *s = pages_start(24, 80);
    scene_link(s, 0, LINK_WAITING, 3, words);
    scene_expect(s, "/.s.PGSQL.5432: No\n  such file or directory: start it, or name another\n");
    scene_expect(s, "body 19x80");
    ui_resize(s->ui, 12, 40);
    scene_expect(s, "\n  s: /var/run/postgresql/.s.PGSQL.5432:\n  No such file or directory: start it,\n  or name another\n");
    ui_resize(s->ui, 9, 40);
    scene_expect(s, "…\n");
    scene_link(s, 0, LINK_UP, 0, "");
    scene_expect_not(s, "No such file");
    pages_end(s);
}

static void repeated_messages_are_only_counted(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    for (int i = 0; i < 3; i++) {
        store_say(s->store, s->wall_us, SEV_WARN, 0, "cannot connect");
        scene_text(s);
        if (i == 0)
            scene_expect(s, "! cannot connect");
        scene_keys(s, "j");
        scene_expect_not(s, "cannot connect");
    }
    scene_keys(s, "L");
    scene_expect(s, "(3 times) cannot connect");
    pages_end(s);
}

static void nothing_is_drawn_when_nothing_happens(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    char *before = test_malloc(8192);
    snprintf(before, 8192, "%s", scene_text(s));
    scene_wait(s, 0.5);
    assert_false(ui_draw(s->ui));
    scene_wait(s, 0.6);
    assert_true(ui_draw(s->ui));
    assert_string_equal(before, scene_text(s));
    test_free(before);
    pages_end(s);
}

static void a_promotion_shows_with_the_next_answer(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "}");
    scene_expect(s, "· STANDBY");
    ((struct facts *)&store_target(s->store, 1)->facts)->standby = false;
    scene_publish(s, 1, "sessions", 0);
    scene_expect(s, "· PRIMARY");
    pages_end(s);
}

/* ---- messages, mouse, paste ---- */

static void errors_stay_until_a_key(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    store_say(s->store, s->wall_us, SEV_CRIT, 0, "it broke");
    store_say(s->store, s->wall_us, SEV_WARN, 0, "it creaks");
    scene_wait(s, 60);
    scene_expect(s, "‼ it broke");
    scene_expect(s, "+1 more: L");
    scene_keys(s, "j");
    scene_expect_not(s, "it broke");
    scene_keys(s, "L");
    scene_expect(s, "it broke");
    scene_expect(s, "it creaks");
    scene_keys(s, "/");
    scene_type(s, "creak");
    scene_keys(s, "Enter");
    scene_expect_not(s, "it broke");
    scene_keys(s, "Esc");
    scene_expect(s, "it broke");
    pages_end(s);
}

/* A message names its server unless that is the one on the screen; there the banner speaks already. It goes when the
 * server is back. */
static void messages_say_whose_they_are(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    store_say(s->store, s->wall_us, SEV_WARN, 1, "connection lost: cable");
    scene_expect(s, "! standby-1: connection lost: cable");
    scene_link(s, 1, LINK_UP, 0, "");
    scene_expect_not(s, "cable");
    scene_link(s, 0, LINK_WAITING, 1, "no route");
    store_say(s->store, s->wall_us, SEV_WARN, 0, "connection lost: no route");
    scene_expect_not(s, "! connection lost");
    scene_expect(s, "not connected for 1 s");
    pages_end(s);
}

static void clicks_find_their_place(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 Enter");
    scene_text(s);
    ui_mouse(s->ui, MOUSE_CLICK, 5, 7);
    scene_expect(s, "last 307");
    ui_mouse(s->ui, MOUSE_CLICK, 5, 9);
    scene_expect(s, "last 10309");
    ui_mouse(s->ui, MOUSE_CLICK, 1, 12);        /* the crumb "sessions" */
    scene_expect_not(s, "4711");
    ui_mouse(s->ui, MOUSE_WHEEL_DOWN, 5, 5);
    scene_expect(s, "requests 4");
    const char *help = strstr(scene_text(s), "? help");
    assert_non_null(help);
    while (help > scene_text(s) && help[-1] != '\n')
        help--;
    int column = 0;
    for (const char *at = help; strncmp(at, "? help", 6) != 0; at++)
        column += (*at & 0xc0) != 0x80;
    ui_mouse(s->ui, MOUSE_CLICK, 23, column);
    scene_expect(s, "› help");
    pages_end(s);
}

static void pasted_text_is_never_keys(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    ui_paste(s->ui, "qQ:quit\r", 8);
    assert_int_equal(s->status, -1);
    scene_expect(s, "Pasted text was dropped");
    scene_keys(s, ":");
    ui_paste(s->ui, "sess\nions", 9);
    scene_expect(s, ":sess ions");
    assert_int_equal(s->status, -1);
    pages_end(s);
}

/* Anything at all, pasted on every page: no page is opened or left, nothing is asked of a server, nobody goes. */
static void ten_thousand_pasted_bytes_do_nothing(void **state)
{
    (void)state;
    static const char *const keys[] = {"1", "2", "3", "?"};
    struct scene *s = pages_start(24, 80);
    struct random r = random_start("paste");
    for (size_t page = 0; page < COUNT_OF(keys); page++) {
        scene_keys(s, keys[page]);
        ui_paste(s->ui, "x", 1);
        char *before = mem_string(scene_text(s));
        for (int i = 0; i < 10000;) {
            char bytes[64];
            size_t n = 1 + random_below(&r, sizeof(bytes));
            for (size_t k = 0; k < n; k++)
                bytes[k] = (char)random_below(&r, 256);
            ui_paste(s->ui, bytes, n);
            i += (int)n;
        }
        assert_int_equal(s->status, -1);
        assert_string_equal(scene_text(s), before);
        free(before);
    }
    pages_end(s);
}

static void help_finds_keys(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, "2 ?");
    scene_expect(s, "Shows only sessions that hold others up.");
    scene_keys(s, "/");
    scene_type(s, "C-z");
    scene_keys(s, "Enter");
    scene_expect(s, "fg wakes it up");
    scene_expect_not(s, "Shows only sessions");
    scene_keys(s, "Esc G ?");
    scene_expect(s, "requests 0");
    pages_end(s);
}

static void typing_never_leaks_into_pages(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, ":");
    scene_type(s, "qQj 12");
    scene_expect(s, ":qQj 12");
    scene_keys(s, "C-c");
    assert_int_equal(s->status, -1);
    scene_keys(s, "C-z");
    assert_int_equal(s->suspends, 1);
    scene_keys(s, "C-l C-c");
    assert_int_equal(s->redraws, 1);
    assert_int_equal(s->status, 0);
    pages_end(s);
}

static void wrong_starts_get_a_sentence(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct store *store = scene_store();
    struct keymap *m = ui_keys(pages);
    assert_null(ui_new(&(struct ui_setup){.store = store, .views = pages, .page = "sesions"}, &err));
    assert_non_null(strstr(err.text, "There is no page \"sesions\""));
    assert_true(keymap_bind(m, "sort", (const char *const[]){"j"}, 1, &err));
    assert_null(ui_new(&(struct ui_setup){.store = store, .views = pages, .keymap = m}, &err));
    assert_non_null(strstr(err.text, "The key j means both"));
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(furniture_looks_as_drawn),
        cmocka_unit_test(enter_esc_and_q_walk_the_stack),
        cmocka_unit_test(history_goes_back_and_forth),
        cmocka_unit_test(a_page_keeps_its_state),
        cmocka_unit_test(other_targets_show_the_same_page),
        cmocka_unit_test(requests_reach_the_page_or_give_a_reason),
        cmocka_unit_test(pausing_stops_everything),
        cmocka_unit_test(plus_and_minus_change_the_interval),
        cmocka_unit_test(old_data_is_called_stale),
        cmocka_unit_test(retries_do_not_reset_the_time_of_loss),
        cmocka_unit_test(why_there_is_no_connection_is_told_in_full),
        cmocka_unit_test(repeated_messages_are_only_counted),
        cmocka_unit_test(nothing_is_drawn_when_nothing_happens),
        cmocka_unit_test(a_promotion_shows_with_the_next_answer),
        cmocka_unit_test(errors_stay_until_a_key),
        cmocka_unit_test(messages_say_whose_they_are),
        cmocka_unit_test(clicks_find_their_place),
        cmocka_unit_test(pasted_text_is_never_keys),
        cmocka_unit_test(ten_thousand_pasted_bytes_do_nothing),
        cmocka_unit_test(help_finds_keys),
        cmocka_unit_test(typing_never_leaks_into_pages),
        cmocka_unit_test(wrong_starts_get_a_sentence),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
