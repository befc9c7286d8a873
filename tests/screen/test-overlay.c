/* What lies on top of a page: palette, lists, the copy menu, passwords. */
#include "tests/screen/pages.h"

#include <errno.h>
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

/* ---- palette ---- */

static const struct wish_row {
    const char *typed, *expected;
} wish_rows[] = {
    {"sessions", "› sessions"},
    {"ses", "› sessions"},
    {"sessions @standby-1 /state:active age>1s", "filter [state:active age>1s]"},
    {"sessions @stand", "standby-1 · STANDBY"},
    {"@pooler", "pooler · PGBOUNCER"},
    {"row 17", "argument [17]"},
    {"row 17 idle", "filter [idle] argument [17]"},
    {"row seventeen", "filter [seventeen] argument []"},
    {"sessions @standby-1 state:active age>1s", "filter [state:active age>1s]"},
    {"sessions state:active @standby-1", "standby-1 · STANDBY"},
    {"sessions db:app /x y", "filter [db:app x y]"},
    {"sessions 4711", "filter [4711] argument []"},
    {"sessions 50%", "A filter has no % here."},
    {"filter state:active age>1s", "filter [state:active age>1s]"},
    {"standby-1", "standby-1 · STANDBY"},
    {"stand", "standby-1 · STANDBY"},
    {"pool", "pooler · PGBOUNCER"},
    {"standby-1 idle", "filter [idle] argument []"},
    {"pause now", ":pause takes nothing after it."},
    {"q now", ":q takes nothing after it."},
    {"save-display /nonexistent/a b", "not saved in /nonexistent/a b"},
    {"/idle", "filter [idle]"},
    {"interval 5", "sampled every 5 s"},
    {"interval 500ms", "sampled every 0.5 s"},
    {"interval soon", "An interval is a number of seconds"},
    {"interval 1e99", "between 0.1 and 3600 seconds"},
    {"interval nan", "between 0.1 and 3600 seconds"},
    {"interval", ":interval needs a SECONDS after it."},
    {"sessions @nowhere", "There is no server \"nowhere\""},
    {"target standby-1", "standby-1 · STANDBY"},
    {"qqq", "There is no page, server or command \"qqq\""},
    {"theme dark", "There are no other themes here."},
    {"pause", "PAUSED"},
    {"messages", "› messages"},
    {"help", "› help"},
    {"save-display /nonexistent/x", "No such file or directory"},
    {"save-display /dev/null", "not saved"},
};

static void the_palette_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wish_rows); i++) {
        struct scene *s = pages_start(24, 100);
        scene_keys(s, ":");
        scene_type(s, wish_rows[i].typed);
        scene_keys(s, "Enter");
        scene_expect(s, wish_rows[i].expected);
        pages_end(s);
    }
}

static void the_palette_quits(void **state)
{
    (void)state;
    static const char *const words[] = {"q", "quit"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct scene *s = pages_start(24, 80);
        scene_keys(s, ":");
        scene_type(s, words[i]);
        scene_keys(s, "Enter");
        assert_int_equal(s->status, 0);
        pages_end(s);
    }
}

static void tab_completes_and_up_remembers(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_keys(s, ":");
    scene_type(s, "ses");
    scene_keys(s, "Tab");
    scene_expect(s, ":sessions");
    scene_type(s, " @st");
    scene_keys(s, "Tab");
    scene_expect(s, ":sessions @standby-1");
    scene_keys(s, "Enter : Up");
    scene_expect(s, ":sessions @standby-1");
    scene_keys(s, "Down Esc");
    scene_expect(s, "standby-1 › sessions");
    pages_end(s);
}

static void servers_are_found_by_name(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 100);
    scene_keys(s, ":");
    scene_type(s, "stan");
    scene_expect(s, "▸@standby-1         Server: STANDBY  PG 15.20  app@10.0.0.5:5432/shop");
    scene_keys(s, "Tab");
    scene_expect(s, ":@standby-1");
    scene_keys(s, "Enter");
    scene_expect(s, "standby-1 · STANDBY");
    scene_keys(s, ":");
    scene_type(s, "pay");
    scene_expect(s, "@pay-1             Server: not connected yet  mon@pay-1.example:5432/pay");
    pages_end(s);
}

static void the_screen_is_saved(void **state)
{
    (void)state;
    char dir[] = "/tmp/display-XXXXXX", path[64], command[96], text[256] = "";
    struct scene *s = pages_start(24, 80);
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/screen", dir);
    snprintf(command, sizeof(command), "save-display %s", path);
    store_set_unwritten(s->store, 1, &(struct unwritten){.error = ENOSPC});
    for (int i = 0; i < 2; i++) {
        scene_keys(s, ":");
        scene_type(s, command);
        scene_keys(s, "Enter");
        scene_expect(s, i ? "File exists" : "The screen is in");
        assert_int_equal(store_target(s->store, 1)->unwritten.error, 0);
        scene_keys(s, "j");
    }
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof(text), in));
    fclose(in);
    assert_non_null(strstr(text, "primary · PRIMARY"));
    unlink(path);
    rmdir(dir);
    pages_end(s);
}

/* ---- lists, copying, passwords ---- */

static int chosen = -1, ticks;

static void on_chosen(void *arg, struct ui *ui, int item)
{
    (void)arg;
    (void)ui;
    chosen = item;
}

static void on_ticked(void *arg, struct ui *ui, int item, bool on)
{
    (void)arg;
    (void)ui;
    ticks += on ? 1 << item : -(1 << item);
}

static const struct ui_item items[] = {
    {"pid", "Process id.", true, true},
    {"user", NULL, true, false},
    {"state", NULL, false, false},
    {"query", "Text.", false, false},
};

static void lists_choose_one(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    ui_choose(s->ui, &(struct ui_pick){.title = "sort by", .items = items, .nitems = 4, .chosen = on_chosen});
    scene_expect(s, "─ sort by ─");
    scene_keys(s, "Down Down Enter");
    assert_int_equal(chosen, 3);
    scene_expect_not(s, "sort by");
    ui_choose(s->ui, &(struct ui_pick){.title = "sort by", .items = items, .nitems = 4, .chosen = on_chosen});
    scene_type(s, "us");
    scene_keys(s, "Enter");
    assert_int_equal(chosen, 1);
    chosen = -1;
    ui_choose(s->ui, &(struct ui_pick){.title = "sort by", .items = items, .nitems = 4, .chosen = on_chosen});
    scene_type(s, "zzz");
    scene_expect(s, "nothing fits");
    scene_keys(s, "Enter");
    assert_int_equal(chosen, -1);
    pages_end(s);
}

static void lists_tick_several(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    ticks = 0;
    ui_choose(s->ui, &(struct ui_pick){.title = "columns", .items = items, .nitems = 4, .many = true,
                                       .ticked = on_ticked});
    scene_keys(s, "Space Down Space Down Space Down Space Up Space");
    scene_expect(s, "[x] pid");
    scene_expect(s, "[ ] user");
    scene_expect(s, "[x] query");
    scene_keys(s, "Esc");
    assert_int_equal(ticks, -2 + 8);
    pages_end(s);
}

static void lists_tell_their_keys(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    struct ui_pick pick = {.title = "columns", .items = items, .nitems = 4, .many = true, .ticked = on_ticked,
                           .fixed = "It stays."};
    ui_choose(s->ui, &pick);
    scene_expect(s, " ↑↓ move  ␣ show/hide  ⏎ done  type to find  Esc close");
    scene_expect_not(s, "? help");
    scene_keys(s, "Space");
    scene_expect(s, "· It stays.");
    scene_keys(s, "Down");
    scene_expect(s, "⏎ done");
    pick.many = false;
    ui_choose(s->ui, &pick);
    scene_expect(s, " ↑↓ move  ⏎ choose  type to find  Esc close");
    scene_keys(s, "Esc");
    scene_expect(s, "? help");
    pages_end(s);
}

static void copying_asks_what_and_says_where_to(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    const struct ui_copy copies[] = {{"cell", "4711", 4}, {"query", "select 1", 8}};
    ui_copy(s->ui, copies, 1);
    assert_string_equal(s->copied, "4711");
    scene_expect(s, "4 bytes sent to the terminal.");
    ui_copy(s->ui, copies, 2);
    scene_keys(s, "Down Enter");
    assert_string_equal(s->copied, "select 1");
    pages_end(s);
}

static void passwords_are_asked_for_once(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    scene_link(s, 2, LINK_PASSWORD, 0, "");
    scene_expect(s, "password for pay-1: ");
    scene_type(s, "s3cret q");
    scene_expect_not(s, "s3cret");
    scene_keys(s, "Enter");
    assert_string_equal(wishes_made()->password, "s3cret q");
    assert_int_equal(wishes_made()->password_target, 2);
    scene_wait(s, 2);
    scene_expect_not(s, "password for");
    scene_wait(s, 1);
    scene_link(s, 2, LINK_PASSWORD, 0, "refused");
    scene_expect(s, "password for pay-1: ");
    scene_keys(s, "Esc");
    assert_string_equal(wishes_made()->password, "(none)");
    scene_wait(s, 5);
    scene_expect_not(s, "password for");
    scene_keys(s, "} } C-r");
    scene_expect(s, "password for pay-1: ");
    pages_end(s);
}

static void the_last_of_many_is_asked_for_too(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    char name[16];
    for (int i = store_targets(s->store); i < 70; i++) {
        snprintf(name, sizeof(name), "db-%d", i);
        store_add_target(s->store, name, NULL, NULL);
    }
    scene_link(s, 69, LINK_PASSWORD, 0, "");
    scene_expect(s, "password for db-69: ");
    scene_keys(s, "Esc");
    assert_int_equal(wishes_made()->password_target, 69);
    scene_keys(s, "{ C-r");
    scene_expect(s, "password for db-69: ");
    scene_type(s, "s3cret");
    scene_keys(s, "Enter");
    assert_string_equal(wishes_made()->password, "s3cret");
    pages_end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_palette_runs),
        cmocka_unit_test(the_palette_quits),
        cmocka_unit_test(tab_completes_and_up_remembers),
        cmocka_unit_test(servers_are_found_by_name),
        cmocka_unit_test(the_screen_is_saved),
        cmocka_unit_test(lists_choose_one),
        cmocka_unit_test(lists_tick_several),
        cmocka_unit_test(lists_tell_their_keys),
        cmocka_unit_test(copying_asks_what_and_says_where_to),
        cmocka_unit_test(passwords_are_asked_for_once),
        cmocka_unit_test(the_last_of_many_is_asked_for_too),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
