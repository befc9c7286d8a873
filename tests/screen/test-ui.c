/* The controller: the lines around a page, prompts, palette, lists, help, messages; drawn without a terminal. */
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
#include <unistd.h>

#include <cmocka.h>

/* ---- pages of the tests' own, with nothing but what they are asked ---- */

struct view_state {
    int requests, last;
    int clicks, row, column;
    bool twice, filtered;
    char filter[64], argument[64];
};

static int opened;

static struct view_state *plain_open(const struct view_scene *scene)
{
    struct view_state *s = test_calloc(1, sizeof(*s));
    opened++;
    snprintf(s->filter, sizeof(s->filter), "%s", scene->filter ? scene->filter : "");
    snprintf(s->argument, sizeof(s->argument), "%s", scene->argument ? scene->argument : "");
    s->filtered = s->filter[0];
    return s;
}

static void plain_close(struct view_state *s)
{
    opened--;
    test_free(s);
}

static void plain_draw(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    canvas_textf(c, 0, 0, -1, LOOK_TEXT, "body %dx%d target %d requests %d last %d", canvas_rows(c), canvas_columns(c),
                 scene->target, s->requests, s->last);
    canvas_textf(c, 1, 0, -1, LOOK_TEXT, "filter [%s] argument [%s]", s->filtered ? s->filter : "", s->argument);
    canvas_cursor(c, 0, 0);
}

static bool plain_handle(struct view_state *s, const struct view_scene *scene, int request)
{
    if (request == REQ_BACK && s->filtered) {
        s->filtered = false;
        return true;
    }
    if (request != REQ_DOWN && request != REQ_VIEW && request != REQ_ENTER)
        return false;
    s->requests++;
    s->last = request;
    if (request == REQ_ENTER)
        ui_open(scene->ui, "row", -1, "4711", NULL);
    return true;
}

static bool plain_click(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    (void)scene;
    s->clicks++;
    s->row = row;
    s->column = column;
    s->twice = twice;
    s->last = 100 * row + column + (twice ? 10000 : 0);
    return true;
}

static void plain_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    (void)s;
    (void)scene;
    buf_puts(out, "filter: state:active   12/340   ↓age");
}

static const char *plain_disabled(struct view_state *s, const struct view_scene *scene, int request)
{
    (void)s;
    (void)scene;
    if (request == REQ_SORT)
        return "Nothing can be sorted here.";
    return request == REQ_COLUMNS ? "" : NULL;
}

static const struct key_row plain_keys[] = {
    {REQ_VIEW, "blockers", GROUP_PAGE, "b", "blockers", "Shows only sessions that hold others up."},
    {0},
};
static const char *const plain_reads[] = {"sessions", NULL};

#define PLAIN .open = plain_open, .close = plain_close, .draw = plain_draw, .handle = plain_handle, .click = plain_click
static const struct view home_view = {.name = "overview", .title = "overview", .help = "What matters first.", .digit = '1',
                                      .reads = plain_reads, PLAIN};
static const struct view plain_view = {
    .name = "sessions", .title = "sessions", .help = "Who is connected and what each one does.", .digit = '2',
    .reads = plain_reads, .keys = plain_keys, .status = plain_status, .disabled = plain_disabled, PLAIN};
static const struct view row_view = {.name = "row", .title = "row", .help = "One row.", .reads = plain_reads, PLAIN};
static const struct view fleet_view = {.name = "fleet", .title = "fleet", .help = "All servers.", .digit = '9',
                                       .fleet = true, .reads = plain_reads, PLAIN};
static const struct view *const pages[] = {&home_view, &plain_view, &row_view, &fleet_view, &help_view, &messages_view,
                                           NULL};

static struct scene *start(int rows, int columns)
{
    struct scene *s = scene_new(pages, rows, columns, TEXT_UTF8, NULL);
    scene_publish(s, 0, "sessions", 0.4);
    scene_publish(s, 1, "sessions", 0.4);
    return s;
}

static void end(struct scene *s)
{
    scene_free(s);
    assert_int_equal(opened, 0);
}

/* ---- golden screens ---- */

static const struct size {
    int rows, columns;
    enum text_mode mode;
    const char *name;
} sizes[] = {
    {24, 80, TEXT_UTF8, "80x24"},        {40, 120, TEXT_UTF8, "120x40"},       {12, 40, TEXT_UTF8, "40x12"},
    {5, 20, TEXT_UTF8, "20x5"},          {24, 80, TEXT_ASCII, "80x24-ascii"},  {40, 120, TEXT_ASCII, "120x40-ascii"},
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
    store_say(s->store, SCENE_WALL, SEV_WARN, 2, "could not connect: timeout expired after 3 s at pay-1.example:5432");
    store_say(s->store, SCENE_WALL, SEV_CRIT, 0, "the \033]0;watcher\a was killed: it had not answered for 3 s");
    golden(s, "message", size);
    scene_keys(s, "L");
    golden(s, "messages", size);
    scene_keys(s, "1 } }");
    golden(s, "down", size);
    scene_link(s, 2, LINK_PASSWORD, 1, "");
    golden(s, "password", size);
    end(s);
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
    struct scene *s = start(24, 80);
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
    end(s);
}

static void history_goes_back_and_forth(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

static void a_page_keeps_its_state(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "2 j j j 1 2");
    scene_expect(s, "requests 3");
    scene_keys(s, "Tab");
    scene_expect(s, "4 servers");
    scene_keys(s, "S-Tab");
    scene_expect(s, "requests 3");
    end(s);
}

static void other_targets_show_the_same_page(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "2 }");
    scene_expect(s, "standby-1 · STANDBY");
    scene_expect(s, "› sessions");
    assert_int_equal(wishes_made()->shown_target, 1);
    assert_int_equal(wishes_made()->nshown, 1);
    scene_keys(s, "Enter }");
    scene_expect_not(s, "4711");
    scene_expect(s, "not connected for 14 s, next try in 3 s: timeout expired");
    end(s);
}

static void requests_reach_the_page_or_give_a_reason(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

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
    {"/idle", "filter [idle]"},
    {"interval 5", "sampled every 5 s"},
    {"interval 500ms", "sampled every 0.5 s"},
    {"interval soon", "An interval is a number of seconds"},
    {"interval 1e99", "between 0.1 and 3600 seconds"},
    {"interval nan", "between 0.1 and 3600 seconds"},
    {"interval", ":interval needs a SECONDS after it."},
    {"sessions @nowhere", "There is no server \"nowhere\""},
    {"target standby-1", "standby-1 · STANDBY"},
    {"qqq", "There is no page or command \"qqq\""},
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
        struct scene *s = start(24, 100);
        scene_keys(s, ":");
        scene_type(s, wish_rows[i].typed);
        scene_keys(s, "Enter");
        scene_expect(s, wish_rows[i].expected);
        end(s);
    }
}

static void the_palette_quits(void **state)
{
    (void)state;
    static const char *const words[] = {"q", "quit"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct scene *s = start(24, 80);
        scene_keys(s, ":");
        scene_type(s, words[i]);
        scene_keys(s, "Enter");
        assert_int_equal(s->status, 0);
        end(s);
    }
}

static void tab_completes_and_up_remembers(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

static void the_screen_is_saved(void **state)
{
    (void)state;
    char dir[] = "/tmp/display-XXXXXX", path[64], command[96], text[256] = "";
    struct scene *s = start(24, 80);
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/screen", dir);
    snprintf(command, sizeof(command), "save-display %s", path);
    for (int i = 0; i < 2; i++) {
        scene_keys(s, ":");
        scene_type(s, command);
        scene_keys(s, "Enter");
        scene_expect(s, i ? "File exists" : "The screen is in");
        scene_keys(s, "j");
    }
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof(text), in));
    fclose(in);
    assert_non_null(strstr(text, "primary · PRIMARY"));
    unlink(path);
    rmdir(dir);
    end(s);
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
    {"pid", "Process id.", true, true}, {"user", NULL, true, false}, {"state", NULL, false, false}, {"query", "Text.", false, false},
};

static void lists_choose_one(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

static void lists_tick_several(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    ticks = 0;
    ui_choose(s->ui, &(struct ui_pick){.title = "columns", .items = items, .nitems = 4, .many = true,
                                       .ticked = on_ticked});
    scene_keys(s, "Space Down Space Down Space Down Space Up Space");
    scene_expect(s, "[x] pid");
    scene_expect(s, "[ ] user");
    scene_expect(s, "[x] query");
    scene_keys(s, "Esc");
    assert_int_equal(ticks, -2 + 8);
    end(s);
}

static void copying_asks_what_and_says_where_to(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    const struct ui_copy copies[] = {{"cell", "4711", 4}, {"query", "select 1", 8}};
    ui_copy(s->ui, copies, 1);
    assert_string_equal(s->copied, "4711");
    scene_expect(s, "4 bytes sent to the terminal.");
    ui_copy(s->ui, copies, 2);
    scene_keys(s, "Down Enter");
    assert_string_equal(s->copied, "select 1");
    end(s);
}

static void passwords_are_asked_for_once(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

/* ---- time ---- */

static void pausing_stops_everything(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "Space");
    assert_true(wishes_made()->paused);
    scene_wait(s, 75);
    scene_expect(s, "PAUSED 1:15");
    scene_keys(s, "Space");
    assert_false(wishes_made()->paused);
    scene_expect_not(s, "PAUSED");
    end(s);
}

static void plus_and_minus_change_the_interval(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "+");
    assert_true(wishes_made()->interval == 3);
    scene_keys(s, "- -");
    assert_true(wishes_made()->interval == 1);
    for (int i = 0; i < 20; i++)
        scene_keys(s, "-");
    assert_true(wishes_made()->interval == 0.2);
    scene_keys(s, "C-r");
    assert_int_equal(wishes_made()->samples, 1);
    end(s);
}

static void old_data_is_called_stale(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_expect(s, "<3 s");
    scene_wait(s, 1.5);
    scene_expect(s, "<3 s");
    scene_wait(s, 12);
    scene_expect(s, "STALE 13 s");
    scene_publish(s, 0, "sessions", 0);
    scene_expect_not(s, "STALE");
    end(s);
}

static void nothing_is_drawn_when_nothing_happens(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    char *before = test_malloc(8192);
    snprintf(before, 8192, "%s", scene_text(s));
    scene_wait(s, 0.5);
    assert_false(ui_draw(s->ui));
    scene_wait(s, 0.6);
    assert_true(ui_draw(s->ui));
    assert_string_equal(before, scene_text(s));
    test_free(before);
    end(s);
}

static void a_promotion_shows_with_the_next_answer(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "}");
    scene_expect(s, "· STANDBY");
    ((struct facts *)&store_target(s->store, 1)->facts)->standby = false;
    scene_publish(s, 1, "sessions", 0);
    scene_expect(s, "· PRIMARY");
    end(s);
}

/* ---- messages, mouse, paste ---- */

static void errors_stay_until_a_key(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    store_say(s->store, s->wall_us, SEV_CRIT, 0, "it broke");
    store_say(s->store, s->wall_us, SEV_WARN, 0, "it creaks");
    scene_wait(s, 60);
    scene_expect(s, "‼ it broke");
    scene_expect(s, "+1 L");
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
    end(s);
}

static void clicks_find_their_place(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

static void pasted_text_is_never_keys(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    ui_paste(s->ui, "qQ:quit\r", 8);
    assert_int_equal(s->status, -1);
    scene_expect(s, "Pasted text was dropped");
    scene_keys(s, ":");
    ui_paste(s->ui, "sess\nions", 9);
    scene_expect(s, ":sess ions");
    assert_int_equal(s->status, -1);
    end(s);
}

static void help_finds_keys(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
    scene_keys(s, "2 ?");
    scene_expect(s, "Shows only sessions that hold others up.");
    scene_keys(s, "/");
    scene_type(s, "C-z");
    scene_keys(s, "Enter");
    scene_expect(s, "fg wakes it up");
    scene_expect_not(s, "Shows only sessions");
    scene_keys(s, "Esc G ?");
    scene_expect(s, "requests 0");
    end(s);
}

static void typing_never_leaks_into_pages(void **state)
{
    (void)state;
    struct scene *s = start(24, 80);
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
    end(s);
}

static void wrong_starts_get_a_sentence(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct store *store = scene_store();
    struct keymap *m = ui_keys(pages);
    assert_null(ui_new(&(struct ui_setup){.store = store, .views = pages, .page = "sesions"}, &err));
    assert_non_null(strstr(err.text, "There is no page \"sesions\""));
    assert_true(keymap_bind(m, NULL, "sort", (const char *const[]){"j"}, 1, &err));
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
        cmocka_unit_test(the_palette_runs),
        cmocka_unit_test(the_palette_quits),
        cmocka_unit_test(tab_completes_and_up_remembers),
        cmocka_unit_test(the_screen_is_saved),
        cmocka_unit_test(lists_choose_one),
        cmocka_unit_test(lists_tick_several),
        cmocka_unit_test(copying_asks_what_and_says_where_to),
        cmocka_unit_test(passwords_are_asked_for_once),
        cmocka_unit_test(pausing_stops_everything),
        cmocka_unit_test(plus_and_minus_change_the_interval),
        cmocka_unit_test(old_data_is_called_stale),
        cmocka_unit_test(nothing_is_drawn_when_nothing_happens),
        cmocka_unit_test(a_promotion_shows_with_the_next_answer),
        cmocka_unit_test(errors_stay_until_a_key),
        cmocka_unit_test(clicks_find_their_place),
        cmocka_unit_test(pasted_text_is_never_keys),
        cmocka_unit_test(help_finds_keys),
        cmocka_unit_test(typing_never_leaks_into_pages),
        cmocka_unit_test(wrong_starts_get_a_sentence),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
